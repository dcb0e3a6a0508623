"""Who gets minutes, up to which level each of them reads, and who has confirmed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import contains_eager

from app.accounts.models import Account, RoleGrant
from app.audiences import meanings
from app.audiences.meanings import Meaning
from app.audiences.models import PersonGroup
from app.audiences.queries import people_of, resolve_all
from app.core import clock
from app.core.db import db
from app.core.i18n import in_language
from app.events.models import Event
from app.minutes import extracts, policy, queries
from app.minutes.confirmations import Standing, standing
from app.minutes.models import Acknowledgement, Minutes, MinutesVersion
from app.people.directory import still_here
from app.people.models import Clearance, Department, Person

PARTICIPANTS = "participants"


@dataclass(frozen=True)
class Addressees:
    """For whom minutes are: named people, whole departments with those below them, saved groups, whoever took part."""

    participants: bool = False
    departments: Sequence[Department] = ()
    groups: Sequence[PersonGroup] = ()
    people: Sequence[Person] = ()

    @property
    def meanings(self) -> list[Meaning]:
        return [
            *([Meaning(PARTICIPANTS)] if self.participants else []),
            *map(meanings.of_department, self.departments),
            *map(meanings.of_group, self.groups),
            *map(meanings.of_person, self.people),
        ]

    def found(self, event: Event) -> list[Person]:
        """Everybody who is meant and still here, each of them once. At most four statements."""
        lines = [each for each in self.meanings if each.kind != PARTICIPANTS]
        ids = {person for line in resolve_all(lines, on=clock.today()) for person in line} if lines else set()
        chosen = [*(queries.list_participants(event) if self.participants else []), *people_of(ids)]
        return still_here(list({each.id: each for each in chosen}.values()), clock.today())


def kept(main: Addressees, copies: Addressees) -> list[dict[str, Any]]:
    """The lines of a distribution as they are kept with the minutes."""
    return [
        {
            "kind": each.kind,
            "ref": each.value.get("ref"),
            "said": each.said,
            "said_local": each.said_local,
            "copy": copy,
        }
        for copy, those in ((False, main), (True, copies))
        for each in those.meanings
    ]


def lines_of(minutes: Minutes, *, copies: bool) -> list[Mapping[str, Any]]:
    return [each for each in minutes.distribution if bool(each.get("copy")) is copies]


def said(line: Mapping[str, Any]) -> str:
    return in_language(line.get("said_local"), line.get("said") or "")


# --- up to which level ---------------------------------------------------------------------------------------------


def clearances_of(event: Event, people: Iterable[Person]) -> dict[int, int]:
    """Up to which level each person reads the minutes of a gathering: `policy.clearance_of` for many, in one statement."""
    people = list(people)
    accounts = [each.account_id for each in people if each.account_id]
    whole = set(db.session.scalars(_reads_all(event).where(RoleGrant.account_id.in_(accounts))) if accounts else ())
    return {each.id: Clearance.SECRET if each.account_id in whole else each.clearance for each in people}


def _reads_all(event: Event) -> Select[int]:
    """The accounts that read everything there because of a role (`policy.given_clearance`)."""
    return (
        select(RoleGrant.account_id)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(
            RoleGrant.role.in_(policy.FROM_DRAFT),
            or_(RoleGrant.event_id.is_(None), RoleGrant.event_id == event.id),
            Account.disabled_at.is_(None),
        )
    )


# --- who has read --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reader:
    """One line of the board."""

    row: Acknowledgement
    standing: Standing

    @property
    def person(self) -> Person:
        return self.row.person

    @property
    def is_silent(self) -> bool:
        return self.standing in (Standing.OPEN, Standing.EARLIER)


@dataclass(frozen=True)
class Board:
    """Who was asked and who has confirmed; those who have not come first."""

    rows: list[Reader] = field(default_factory=list)

    @property
    def asked(self) -> list[Reader]:
        return [each for each in self.rows if each.standing is not Standing.COPY]

    @property
    def copies(self) -> list[Reader]:
        return [each for each in self.rows if each.standing is Standing.COPY]

    @property
    def silent(self) -> list[Reader]:
        return [each for each in self.rows if each.is_silent]

    @property
    def confirmed(self) -> int:
        return sum(each.standing is Standing.CONFIRMED for each in self.rows)

    @property
    def due(self) -> int:
        """Of how many a confirmation is wanted: not of those for whom there is nothing."""
        return self.confirmed + len(self.silent)


ORDER = list(Standing)


def board_of(minutes: Minutes, *, of_manager: Person | None = None) -> Board:
    """All readers, or those who report to somebody. One statement."""
    whole = _reads_all(minutes.event).where(RoleGrant.account_id == Person.account_id).exists()
    rows = db.session.execute(queries.select_readers(minutes, of_manager=of_manager).add_columns(whole)).all()
    told = [
        Reader(row, standing(row, minutes, Clearance.SECRET if reads_all else row.person.clearance))
        for row, reads_all in rows
    ]
    return Board(sorted(told, key=lambda each: ORDER.index(each.standing)))


def own_part(
    minutes: Minutes, person: Person | None, board: Board | None
) -> tuple[Acknowledgement | None, bool]:  # fmt: skip
    """Somebody's own line among the readers, and whether people who report to them are there. One statement, or none."""
    if person is None or not minutes.was_published:
        return None, False
    if board is not None:
        rows = [each.row for each in board.rows]
    else:
        rows = db.session.scalars(
            select(Acknowledgement)
            .join(Person, Person.id == Acknowledgement.person_id)
            .where(
                Acknowledgement.minutes_id == minutes.id, or_(Person.id == person.id, Person.manager_id == person.id)
            )
            .options(contains_eager(Acknowledgement.person))
        ).all()
    own = next((each for each in rows if each.person_id == person.id), None)
    return own, any(each.person.manager_id == person.id for each in rows)


def has_changed_for(minutes: Minutes, before: MinutesVersion | None, clearance: int) -> bool:
    """Whether the text in force says something else to a reader of this clearance than the one in force before."""
    assert minutes.current is not None
    now = extracts.find_extract(minutes.current, clearance)
    then = extracts.find_extract(before, clearance) if before is not None else None
    return (now and now.text_hash) != (then and then.text_hash)
