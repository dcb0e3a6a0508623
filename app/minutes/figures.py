"""What the minutes contribute to the numbers: whose acknowledgement holds, and who was asked for one.

Names stay on the board of readers, which few may see (rule 29); here one learns of each document only how many.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import Account, RoleGrant
from app.core.db import db
from app.core.roles import Actor, Role, spread
from app.events.models import Event
from app.figures.numbers import Gathering, Readership, Request, RequestKind
from app.figures.queries import day_of
from app.minutes import policy
from app.minutes.confirmations import Standing, standing
from app.minutes.models import Acknowledgement, Extract, Minutes, MinutesState, MinutesVersion
from app.minutes.queries import visible
from app.people.models import Clearance, Person
from app.signing.models import IssuedDocument


def list_readerships(actor: Actor, within: ColumnElement[bool], gatherings: dict[int, Gathering]) -> list[Readership]:
    """Everybody of whom a confirmation is wanted for the minutes in force that the actor may see, and whether theirs holds:
    as the board of readers says it, in the same few statements for many documents."""
    in_force = Minutes.state == MinutesState.PUBLISHED
    asked = _asked(Acknowledgement).where(within, in_force, visible(actor)).options(joinedload(Acknowledgement.person))
    rows = db.session.scalars(asked).all()
    documents = (
        select(Minutes)
        .where(Minutes.id.in_({row.minutes_id for row in rows}))
        .options(
            joinedload(Minutes.session),
            selectinload(Minutes.versions)
            .selectinload(MinutesVersion.extracts)
            .joinedload(Extract.document)
            .load_only(IssuedDocument.content_hash),
        )
        .order_by(Minutes.year.desc(), Minutes.number.desc(), Minutes.id.desc())
    )
    by_id = {each.id: each for each in db.session.scalars(documents)}
    place = {key: number for number, key in enumerate(by_id)}
    read_all = _who_reads_all()
    found = []
    for row in sorted(rows, key=lambda each: place[each.minutes_id]):
        document = by_id[row.minutes_id]
        stands = standing(row, document, _clearance(row.person, document.event_id, read_all))
        if stands not in (Standing.NOTHING, Standing.COPY):
            found.append(
                Readership(
                    ref=document.ref,
                    label=document.label,
                    title=document.title,
                    event=gatherings[document.event_id],
                    has_read=stands == Standing.CONFIRMED,
                )
            )
    return found


def _who_reads_all() -> set[tuple[int, int | None]]:
    """Accounts whose role lets them read minutes whole, each with the event of the role, or None for all of them."""
    granted = select(RoleGrant.account_id, RoleGrant.role, RoleGrant.event_id).join(
        Account, Account.id == RoleGrant.account_id
    )
    return {
        (account, event_id)
        for account, role, event_id in db.session.execute(granted.where(Account.disabled_at.is_(None)))
        if spread({Role(role)}).intersection(policy.FROM_DRAFT)
    }


def _clearance(person: Person, event_id: int, read_all: set[tuple[int, int | None]]) -> int:
    """As `readers.clearances_of`."""
    account = person.account_id
    whole = account is not None and ((account, None) in read_all or (account, event_id) in read_all)
    return Clearance.SECRET if whole else person.clearance


def acknowledgements_asked(
    actor: Actor, within: ColumnElement[bool], gatherings: dict[int, Gathering], since: datetime
) -> list[Request]:
    """Whom minutes that the actor may see asked since then to confirm that they were read."""
    asked = _asked(
        Minutes.ref, Minutes.title, Minutes.event_id, Acknowledgement.asked_at,
        Person.ref.label("person_ref"), Person.name, Person.name_local,
    ).join(Person, Person.id == Acknowledgement.person_id)  # fmt: skip
    return [
        Request(
            kind=RequestKind.ACKNOWLEDGE,
            person_ref=row.person_ref,
            person=row.name,
            person_local=row.name_local,
            event=gatherings[row.event_id],
            about=row.title,
            path=f"/events/{gatherings[row.event_id].ref}/minutes/{row.ref}",
            on=day_of(row.asked_at, gatherings[row.event_id]),
        )
        for row in db.session.execute(asked.where(within, Acknowledgement.asked_at >= since, visible(actor)))
    ]


def _asked(*columns: Any) -> Select[*tuple[Any, ...]]:
    """Those who were asked to confirm, with the minutes and their gathering."""
    return (
        select(*columns)
        .join(Minutes, Minutes.id == Acknowledgement.minutes_id)
        .join(Event, Event.id == Minutes.event_id)
        .where(Acknowledgement.is_copy.is_(False))
    )
