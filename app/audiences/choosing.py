"""Who of the people meant is left out of a mail, and why."""

from collections.abc import Collection, Iterable
from datetime import date
from enum import StrEnum
from typing import Protocol

from app.core.i18n import _l


class LeftOut(StrEnum):
    LEFT = "left"
    REGISTERED = "registered"
    DECLINED = "declined"
    INVITED = "invited"
    NO_ADDRESS = "no_address"


LEFT_OUT_LABELS = {
    LeftOut.LEFT: _l("has left the company"),
    LeftOut.REGISTERED: _l("is registered already"),
    LeftOut.DECLINED: _l("has said no"),
    LeftOut.INVITED: _l("is invited already"),
    LeftOut.NO_ADDRESS: _l("has no e-mail address"),
}

LEFT_OUT_HEADS = {
    LeftOut.LEFT: _l("Left the company"),
    LeftOut.REGISTERED: _l("Registered already"),
    LeftOut.DECLINED: _l("Said no"),
    LeftOut.INVITED: _l("Invited already"),
    LeftOut.NO_ADDRESS: _l("Without an e-mail address"),
}  # over the number, or the names, of several


class Asked(Protocol):
    """A Person, or a row that tells as much of one."""

    @property
    def id(self) -> int: ...
    @property
    def email(self) -> str | None: ...
    @property
    def left_on(self) -> date | None: ...


def left_out(
    people: Iterable[Asked],
    *,
    on: date,
    registered: Collection[int] = (),
    declined: Collection[int] = (),
    invited: Collection[int] = (),
) -> dict[int, LeftOut]:
    """Why each of these who cannot be written to is left out, by the id of the person; the others are not in it.

    `registered`, `declined` and `invited` are ids of people who are left out for that; give those that matter to
    the mail in question.
    """
    found = {}
    for person in people:
        if person.left_on is not None and person.left_on < on:
            found[person.id] = LeftOut.LEFT
        elif person.id in registered:
            found[person.id] = LeftOut.REGISTERED
        elif person.id in declined:
            found[person.id] = LeftOut.DECLINED
        elif person.id in invited:
            found[person.id] = LeftOut.INVITED
        elif not person.email:
            found[person.id] = LeftOut.NO_ADDRESS
    return found
