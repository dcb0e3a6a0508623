"""What the numbers are made of, read in few statements whatever there is: plain rows, no records."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.core import clock
from app.core.db import db
from app.core.i18n import in_language
from app.core.roles import Actor
from app.events.models import Event
from app.extensions.models import Extension, ExtensionState
from app.figures.numbers import Case, Directive, Gathering, Judgement, Request, RequestKind, Unit
from app.figures.policy import followed
from app.negotiations.models import CounterProposal
from app.people.models import Department, Person
from app.requirements import flags
from app.requirements.models import (
    Addressee,
    Assignment,
    AssignmentState,
    Requirement,
    RequirementKind,
    RequirementState,
    Transfer,
    Verdict,
)
from app.speeches.models import Speech

PROVEN = (AssignmentState.SUBMITTED, AssignmentState.VERIFIED, AssignmentState.CLOSED)
UNCONFIRMED = (RequirementState.STATED, RequirementState.WITHDRAWN)


@dataclass(frozen=True)
class Figures:
    """All that the numbers of one gathering, or of every one that somebody follows, are counted from."""

    cases: list[Case]
    directives: list[Directive]
    judgements: list[Judgement]

    def of_unit(self, ref: str) -> "Figures":
        """The same of one department: of the assignments that it leads, and the directives that are aimed at it."""
        cases = [each for each in self.cases if _ref(each.unit) == ref]
        ids = {each.id for each in cases}
        return Figures(
            cases,
            [each for each in self.directives if ref in each.units],
            [each for each in self.judgements if each.case_id in ids],
        )

    @property
    def units(self) -> list[Unit | None]:
        """The departments that lead an assignment, by name; None last, for those that no department leads."""
        found = {_ref(each.unit): each.unit for each in self.cases}
        return sorted(found.values(), key=lambda each: (each is None, each.name if each else ""))


def _ref(unit: Unit | None) -> str:
    return unit.ref if unit else ""


def figures_of(actor: Actor, *, event: Event | None = None) -> Figures:
    """Of one event, or of all whose work the actor follows."""
    within = Event.id == event.id if event is not None else followed(actor)
    gatherings = gatherings_within(within)
    units = _units()
    return Figures(
        _cases(within, gatherings, units),
        _directives(within, gatherings, units),
        _judgements(within, gatherings),
    )


def cases_of(actor: Actor, *, event: Event | None = None) -> list[Case]:
    """The assignments alone."""
    within = Event.id == event.id if event is not None else followed(actor)
    return _cases(within, gatherings_within(within), _units())


def cases_within(within: ColumnElement[bool]) -> list[Case]:
    """The assignments of the events under a condition, whoever asks: for what is frozen without a viewer."""
    return _cases(within, gatherings_within(within), _units())


def gatherings_within(within: ColumnElement[bool]) -> dict[int, Gathering]:
    """The events under a condition, by id, as the numbers see them."""
    rows = db.session.execute(
        select(Event.id, Event.ref, Event.title, Event.title_local, Event.time_zone).where(within)
    )
    today: dict[str, date] = {}
    found = {}
    for key, ref, title, title_local, zone in rows:
        if zone not in today:
            today[zone] = clock.today(zone)
        found[key] = Gathering(ref, title, title_local, zone, today[zone])
    return found


def _units() -> dict[int, Unit]:
    today = clock.today()
    rows = db.session.execute(
        select(Department.id, Department.ref, Department.name, Department.name_local, Department.valid_to)
    )
    return {key: Unit(ref, name, local, until is not None and until < today) for key, ref, name, local, until in rows}


def _cases(within: ColumnElement[bool], gatherings: dict[int, Gathering], units: dict[int, Unit]) -> list[Case]:
    zones = {each.zone: ZoneInfo(each.zone) for each in gatherings.values()}

    def day(moment: datetime | None, event: Gathering) -> date | None:
        return moment.astimezone(zones[event.zone]).date() if moment is not None else None

    found = []
    for row in db.session.execute(_select_cases(within)):
        event = gatherings[row.event_id]
        proven_on = day(row.submitted_at or row.closed_at, event) if row.state in PROVEN else None
        is_done_in_time = proven_on is not None and proven_on <= row.due_on
        waits = row.asked_until is not None and not is_done_in_time
        answers = [each for each in (row.accepted_at, row.countered_at) if each is not None]
        found.append(
            Case(
                id=row.id,
                ref=row.ref,
                label=row.label,
                requirement_ref=row.requirement_ref,
                heading=row.heading,
                heading_local=row.heading_local,
                event=event,
                unit=units.get(row.department_id),
                responsible=row.name,
                responsible_local=row.name_local,
                state=row.state,
                original_on=row.original_due_on,
                due_on=row.due_on,
                agreed_on=max(row.due_on, row.asked_until) if waits else row.due_on,
                handed_over_at=row.handed_over_at,
                accepted_at=row.accepted_at,
                answered_at=min(answers, default=None),
                proven_on=proven_on,
                closed_on=day(row.closed_at, event) if row.state == AssignmentState.CLOSED else None,
                cancelled_on=day(row.cancelled_at, event) if row.state == AssignmentState.CANCELLED else None,
                carried=row.carry_count,
                is_silent=bool(row.is_silent),
            )
        )
    return found


def _select_cases(within: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """One row for each assignment, with the extension that was asked for in time and waits, if there is one."""
    countered = (
        select(func.min(CounterProposal.created_at))
        .where(
            CounterProposal.assignment_id == Assignment.id,
            CounterProposal.by_responsible,
            CounterProposal.created_at >= Assignment.handed_over_at,
        )
        .correlate(Assignment)
        .scalar_subquery()
    )
    waiting = and_(
        Extension.assignment_id == Assignment.id,
        Extension.state == ExtensionState.ASKED,
        Extension.asked_on <= Extension.was_due_on,
    )
    return (
        select(
            Assignment.id, Assignment.ref, Assignment.label, Assignment.state, Assignment.department_id,
            Assignment.original_due_on, Assignment.due_on, Assignment.handed_over_at, Assignment.accepted_at,
            Assignment.submitted_at, Assignment.closed_at, Assignment.cancelled_at, Assignment.carry_count,
            Requirement.event_id, Requirement.ref.label("requirement_ref"), Requirement.heading,
            Requirement.heading_local, Person.name, Person.name_local, Extension.new_due_on.label("asked_until"),
            countered.label("countered_at"), flags.silent(clock.now()).label("is_silent"),
        )
        .join(Requirement, Requirement.id == Assignment.requirement_id)
        .join(Event, Event.id == Requirement.event_id)
        .join(Person, Person.id == Assignment.responsible_id)
        .outerjoin(Extension, waiting)
        .where(within)
        .order_by(Assignment.due_on, Assignment.id)
    )  # fmt: skip


def _directives(
    within: ColumnElement[bool], gatherings: dict[int, Gathering], units: dict[int, Unit]
) -> list[Directive]:
    part = aliased(Requirement)
    covered = exists().where(
        Assignment.requirement_id == Requirement.id,
        Assignment.accepted_at.is_not(None),
        Assignment.state.not_in((AssignmentState.CANCELLED, AssignmentState.DECLINED)),
    )
    rows = db.session.execute(
        select(
            Requirement.id, Requirement.ref, Requirement.label, Requirement.heading, Requirement.heading_local,
            Requirement.event_id, Speech.confirmed_at, covered.label("is_covered"),
        )
        .join(Event, Event.id == Requirement.event_id)
        .join(Speech, Speech.id == Requirement.speech_id)
        .where(
            within,
            Requirement.state.not_in(UNCONFIRMED),
            or_(Requirement.kind == RequirementKind.DIRECTIVE, Requirement.second_kind == RequirementKind.DIRECTIVE),
            ~exists().where(part.parent_id == Requirement.id),
        )
        .order_by(Requirement.label)
    ).all()  # fmt: skip
    aimed = _aimed(within, units)
    return [
        Directive(
            ref=row.ref,
            label=row.label,
            heading=row.heading,
            heading_local=row.heading_local,
            event=gatherings[row.event_id],
            confirmed_on=_local(row.confirmed_at, gatherings[row.event_id]),
            units=frozenset(aimed.get(row.id, ())),
            is_covered=row.is_covered,
        )
        for row in rows
    ]


def _aimed(within: ColumnElement[bool], units: dict[int, Unit]) -> dict[int, set[str]]:
    """The departments that each requirement is aimed at."""
    found: dict[int, set[str]] = defaultdict(set)
    rows = db.session.execute(
        select(Addressee.requirement_id, Addressee.department_id)
        .join(Requirement, Requirement.id == Addressee.requirement_id)
        .join(Event, Event.id == Requirement.event_id)
        .where(within)
    )
    for requirement_id, department_id in rows:
        if department_id is not None:
            found[requirement_id].add(units[department_id].ref)
    return found


def _judgements(within: ColumnElement[bool], gatherings: dict[int, Gathering]) -> list[Judgement]:
    rows = db.session.execute(
        select(Verdict.assignment_id, Verdict.created_at, Verdict.is_accepted, Requirement.event_id)
        .join(Assignment, Assignment.id == Verdict.assignment_id)
        .join(Requirement, Requirement.id == Assignment.requirement_id)
        .join(Event, Event.id == Requirement.event_id)
        .where(within)
    )
    found = []
    for assignment_id, at, is_accepted, event_id in rows:
        on = _local(at, gatherings[event_id])
        assert on is not None
        found.append(Judgement(assignment_id, on, not is_accepted))
    return found


def assignments_asked(within: ColumnElement[bool], gatherings: dict[int, Gathering], since: datetime) -> list[Request]:
    """Assignments that were given to somebody since then: handed over, or transferred to them."""
    first = aliased(Transfer)
    earlier = select(first.id).where(
        first.assignment_id == Transfer.assignment_id, first.created_at >= Assignment.handed_over_at,
        first.id < Transfer.id,
    )  # fmt: skip
    away = and_(
        Transfer.assignment_id == Assignment.id, Transfer.created_at >= Assignment.handed_over_at, ~earlier.exists()
    )
    giver, taker = aliased(Person), aliased(Person)  # who had it before it was transferred, and who has had it since
    given = (
        select(
            Assignment.ref, Assignment.label, Requirement.event_id, Requirement.heading, Requirement.heading_local,
            func.coalesce(giver.ref, Person.ref).label("person_ref"), func.coalesce(giver.name, Person.name).label("name"),
            case((giver.id.is_not(None), giver.name_local), else_=Person.name_local).label("name_local"),
            Assignment.handed_over_at.label("at"),
        )
        .join(Requirement, Requirement.id == Assignment.requirement_id)
        .join(Event, Event.id == Requirement.event_id)
        .join(Person, Person.id == Assignment.responsible_id)
        .outerjoin(Transfer, away)
        .outerjoin(giver, giver.id == Transfer.from_id)
        .where(within, Assignment.handed_over_at >= since)
    )  # fmt: skip
    moved = (
        select(
            Assignment.ref, Assignment.label, Requirement.event_id, Requirement.heading, Requirement.heading_local,
            taker.ref.label("person_ref"), taker.name, taker.name_local, Transfer.created_at.label("at"),
        )
        .join(Requirement, Requirement.id == Assignment.requirement_id)
        .join(Event, Event.id == Requirement.event_id)
        .join(Transfer, Transfer.assignment_id == Assignment.id)
        .join(taker, taker.id == Transfer.to_id)
        .where(within, Transfer.created_at >= since)
    )  # fmt: skip
    return [
        Request(
            kind=RequestKind.ASSIGNMENT,
            person_ref=row.person_ref,
            person=row.name,
            person_local=row.name_local,
            event=gatherings[row.event_id],
            about=f"{row.label} {in_language(row.heading_local, row.heading)}",
            path=f"/events/{gatherings[row.event_id].ref}/assignments/{row.ref}",
            on=day_of(row.at, gatherings[row.event_id]),
        )
        for row in (*db.session.execute(given), *db.session.execute(moved))
    ]


def day_of(moment: datetime, event: Gathering) -> date:
    """The day of a moment at the place of the gathering."""
    return moment.astimezone(ZoneInfo(event.zone)).date()


def _local(moment: datetime | None, event: Gathering) -> date | None:
    return day_of(moment, event) if moment is not None else None
