"""Questions about requirements and assignments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from app.core import clock
from app.core.db import db
from app.core.roles import Actor
from app.core.text import fold
from app.events.models import Event
from app.events.queries import visible
from app.people.models import Department, Person
from app.programme.models import Session
from app.requirements import flags
from app.requirements.models import (
    DONE,
    UNDER_WAY,
    Addressee,
    Assignment,
    AssignmentState,
    Contributor,
    Evidence,
    PrincipleReview,
    Report,
    Requirement,
    Support,
    Wording,
)
from app.speeches.models import Passage, Speech

SOON = timedelta(days=14)
LETTERS = "abcdefghijklmnopqrstuvwxyz"  # of the parts of a requirement
MOST_PIECES = 200  # of earlier evidence, to choose from


# --- while capturing ----------------------------------------------------------------------------------------------


def list_of_speech(speech: Speech) -> Sequence[Requirement]:
    mine = select(Requirement).where(Requirement.speech_id == speech.id)
    mine = mine.options(selectinload(Requirement.children), *_with_assignments())
    return db.session.scalars(mine.order_by(Requirement.number, Requirement.sub)).unique().all()


def list_of_passage(passage: Passage) -> Sequence[Requirement]:
    """The requirements in a passage, parts before the wholes that they belong to."""
    mine = select(Requirement).where(Requirement.passage_id == passage.id)
    return db.session.scalars(mine.order_by(Requirement.parent_id.is_(None), Requirement.id)).all()


def find_captured(passage: Passage) -> Requirement | None:
    """The one whole requirement of a passage, or the one part that is all of it; None where it cannot be told."""
    found = list_of_passage(passage)
    wholes = [each for each in found if each.parent_id is None]
    captured = wholes or found
    return captured[0] if len(captured) == 1 else None


def list_speeches_of(event: Event) -> Sequence[Speech]:
    return db.session.scalars(select(Speech).where(Speech.event_id == event.id).order_by(Speech.position)).all()


def count_recorded(speech: Speech) -> int:
    """How many whole requirements a speech has; parts and exhortations do not count."""
    mine = select(func.count(Requirement.id)).where(Requirement.speech_id == speech.id, Requirement.parent_id.is_(None))
    return db.session.scalar(mine) or 0


def count_by_speech(event: Event) -> dict[int, int]:
    """How many whole requirements each speech of an event has, by the speech's id."""
    rows = db.session.execute(
        select(Requirement.speech_id, func.count(Requirement.id))
        .where(Requirement.event_id == event.id, Requirement.parent_id.is_(None))
        .group_by(Requirement.speech_id)
    )
    return {speech_id: number for speech_id, number in rows}


def next_number(speech: Speech) -> int:
    last = db.session.scalar(select(func.max(Requirement.number)).where(Requirement.speech_id == speech.id))
    return (last or 0) + 1


def next_sub(parent: Requirement) -> str:
    """The letter of the next part: a, b, c …; empty when all are taken."""
    taken = set(db.session.scalars(select(Requirement.sub).where(Requirement.parent_id == parent.id)))
    return next((letter for letter in LETTERS if letter not in taken), "")


def find_line(speech: Speech, line_id: str) -> Passage | None:
    """What was captured under this name before."""
    return db.session.scalar(select(Passage).where(Passage.speech_id == speech.id, Passage.line_id == line_id))


def find_whole(speech: Speech, number: int | None = None) -> Requirement | None:
    """The whole requirement of this number; without one, the last in the order of the speech."""
    mine = (
        select(Requirement)
        .outerjoin(Passage, Passage.id == Requirement.passage_id)
        .where(Requirement.speech_id == speech.id, Requirement.parent_id.is_(None))
        .order_by(Passage.position.desc().nulls_last(), Requirement.number.desc())
        .limit(1)
    )
    return db.session.scalar(mine if number is None else mine.where(Requirement.number == number))


def is_number_taken(speech: Speech, number: int, sub: str) -> bool:
    mine = select(Requirement.id).where(
        Requirement.speech_id == speech.id, Requirement.number == number, Requirement.sub == sub
    )
    return db.session.scalar(mine.limit(1)) is not None


def find_department_named(words: str) -> Department | None:
    """The one department that is called exactly so, in either language."""
    named = or_(func.lower(Department.name) == fold(words), Department.name_local == words)
    found = db.session.scalars(select(Department).where(named, Department.valid_to.is_(None)).limit(2)).all()
    return found[0] if len(found) == 1 else None


# --- one of them --------------------------------------------------------------------------------------------------


def find(event: Event, ref: str) -> Requirement | None:
    mine = select(Requirement).where(Requirement.event_id == event.id, Requirement.ref == ref)
    return db.session.scalar(
        mine.options(
            joinedload(Requirement.speech).joinedload(Speech.speaker),
            joinedload(Requirement.passage),
            joinedload(Requirement.parent),
            selectinload(Requirement.children).options(*_with_assignments()),
            *_with_assignments(),
        )
    )


def list_editions(requirement: Requirement) -> Sequence[Wording]:
    """The editions of its wording, the first one first; empty before it is confirmed."""
    mine = select(Wording).where(Wording.requirement_id == requirement.id).order_by(Wording.edition)
    return db.session.scalars(mine).all()


def list_reviews(requirement: Requirement) -> Sequence[PrincipleReview]:
    """How the principle was found to be lived, the newest first. What is no principle costs no statement."""
    if requirement.reviewed_on is None:
        return []
    mine = select(PrincipleReview).where(PrincipleReview.requirement_id == requirement.id)
    newest = mine.order_by(PrincipleReview.reviewed_on.desc(), PrincipleReview.id.desc())
    return db.session.scalars(newest.options(joinedload(PrincipleReview.session).joinedload(Session.event))).all()


def list_reviewing_sessions(actor: Actor, requirement: Requirement) -> Sequence[Session]:
    """The sessions that may have looked at a principle again: from its own gathering on, the newest first."""
    mine = (
        select(Session)
        .join(Event)
        .where(visible(actor), Event.starts_on >= requirement.event.starts_on)
        .order_by(Event.starts_on.desc(), Session.position, Session.id)
        .options(joinedload(Session.event))
        .limit(MOST_PIECES)
    )
    return db.session.scalars(mine).all()


def find_addressee(requirement: Requirement, ref: str) -> Addressee | None:
    return db.session.scalar(select(Addressee).where(Addressee.requirement_id == requirement.id, Addressee.ref == ref))


def find_assignment(event: Event, ref: str) -> Assignment | None:
    mine = select(Assignment).join(Requirement).where(Requirement.event_id == event.id, Assignment.ref == ref)
    return db.session.scalar(
        mine.options(
            joinedload(Assignment.requirement).joinedload(Requirement.speech),
            joinedload(Assignment.responsible).joinedload(Person.manager),
            joinedload(Assignment.verifier),
            joinedload(Assignment.department),
            joinedload(Assignment.parent).joinedload(Assignment.responsible),
            selectinload(Assignment.contributors).joinedload(Contributor.person),
            selectinload(Assignment.support).joinedload(Support.department),
            selectinload(Assignment.reports),
            selectinload(Assignment.evidence).joinedload(Evidence.file),
            selectinload(Assignment.verdicts),
        )
    )


def last_report_by(assignment: Assignment, actor: Actor) -> Report | None:
    """The newest that the actor said: of the responsible person one with a confidence, of those who help one without."""
    own = [each for each in assignment.reports if each.by_name == actor.name]
    return own[-1] if own else None


def list_own_evidence(actor: Actor) -> Sequence[Evidence]:
    """What the actor has given as evidence for anything in their hands, each piece once, the newest first (rule 13)."""
    mine = (
        select(Evidence)
        .join(Evidence.assignment)
        .join(Requirement)
        .join(Event)
        .join(Person, Person.id == Assignment.responsible_id)
        .where(Person.account_id == actor.id, visible(actor))
        .options(joinedload(Evidence.file), joinedload(Evidence.assignment))
        .order_by(Evidence.id.desc())
        .limit(MOST_PIECES)
    )
    once: dict[tuple[str, str], Evidence] = {}
    for piece in db.session.scalars(mine):
        proof = piece.file.sha256 if piece.file else piece.url or piece.figure or ""
        once.setdefault((proof, piece.described_as), piece)
    return list(once.values())


def list_open_parts(assignment: Assignment) -> Sequence[Assignment]:
    """What was handed on below it and is neither proven nor ended."""
    ended = (*DONE, AssignmentState.VERIFIED)
    mine = select(Assignment).where(Assignment.parent_id == assignment.id, Assignment.state.not_in(ended))
    return db.session.scalars(mine.order_by(Assignment.due_on, Assignment.id)).all()


# --- what is computed ---------------------------------------------------------------------------------------------


def is_late(today: date) -> ColumnElement[bool]:
    """What `Assignment.is_late_on` says of one, in SQL."""
    return flags.late(today)


def is_silent() -> ColumnElement[bool]:
    """What `Assignment.is_silent_at` says of one, in SQL (rule 11)."""
    return flags.silent(clock.now())


def _with_assignments():
    return (
        selectinload(Requirement.addressees).joinedload(Addressee.department),
        selectinload(Requirement.assignments).options(
            joinedload(Assignment.responsible), joinedload(Assignment.department)
        ),
    )


def _with_parts():
    """The parts of a whole, since what is late in them is late in it."""
    given = selectinload(Requirement.assignments)
    return selectinload(Requirement.children).options(
        given.joinedload(Assignment.responsible), given.joinedload(Assignment.department)
    )


# --- what waits for somebody --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Need:
    """Something that waits for one person: `kind` is accept, report or verify."""

    kind: str
    assignment: Assignment


def needs_of(person: Person) -> list[Need]:
    """What waits for this person, most urgent first: to accept, to verify, and to report where the date comes near,
    has passed, or nothing was heard for 30 days."""
    now, today = clock.now(), clock.today()
    shown = (AssignmentState.ASSIGNED, AssignmentState.SUBMITTED, *UNDER_WAY)
    mine = select(Assignment).where(
        or_(Assignment.responsible_id == person.id, Assignment.verifier_id == person.id), Assignment.state.in_(shown)
    )
    found = db.session.scalars(mine.options(*_told_about()).order_by(Assignment.due_on, Assignment.id)).all()
    needs = []
    for each in found:
        if each.state == AssignmentState.SUBMITTED:
            kind = "verify" if each.verifier_id == person.id else ""
        elif each.responsible_id != person.id:
            kind = ""
        elif each.state == AssignmentState.ASSIGNED:
            kind = "accept"
        else:
            kind = "report" if each.is_silent_at(now) or each.due_on <= today + SOON else ""
        if kind:
            needs.append(Need(kind, each))
    return needs


def open_for(event: Event) -> Sequence[Assignment]:
    """The assignments of an event that are handed over and not ended, by due date."""
    unasked = (AssignmentState.PROPOSED, AssignmentState.DECLINED)
    mine = (
        select(Assignment)
        .join(Requirement)
        .where(Requirement.event_id == event.id, Assignment.state.not_in((*DONE, *unasked)))
    )
    return db.session.scalars(mine.options(*_told_about()).order_by(Assignment.due_on, Assignment.id)).all()


def list_stranded(event: Event | None = None) -> Sequence[Assignment]:
    """What must be transferred before the next circular (rule 40), of one event or of all: the responsible person has
    left, or the department is dissolved. Why it is, says `Assignment.why_stranded_on`."""
    mine = select(Assignment).join(Requirement).where(flags.stranded(clock.today(event.time_zone if event else "UTC")))
    if event is not None:
        mine = mine.where(Requirement.event_id == event.id)
    return db.session.scalars(mine.options(*_told_about()).order_by(Assignment.due_on, Assignment.id)).all()


def list_mine(actor: Actor) -> Sequence[Assignment]:
    """Everything that was handed over to the actor, or that the actor verifies, in events that they may see."""
    responsible, verifier = aliased(Person), aliased(Person)
    mine = (
        select(Assignment)
        .join(Assignment.requirement)
        .join(Event)
        .join(responsible, Assignment.responsible_id == responsible.id)
        .join(verifier, Assignment.verifier_id == verifier.id)
        .where(
            or_(responsible.account_id == actor.id, verifier.account_id == actor.id),
            Assignment.handed_over_at.is_not(None),
            visible(actor),
        )
    )
    return db.session.scalars(mine.options(*_told_about()).order_by(Assignment.due_on, Assignment.id)).all()


def last_reports(assignments: Sequence[Assignment]) -> dict[int, Report]:
    """The newest report of each, by the assignment's id, in one statement."""
    newest = (
        select(func.max(Report.id))
        .where(Report.assignment_id.in_([each.id for each in assignments]))
        .group_by(Report.assignment_id)
    )
    found = db.session.scalars(select(Report).where(Report.id.in_(newest)))
    return {each.assignment_id: each for each in found}


def _told_about():
    requirement = joinedload(Assignment.requirement)
    return (
        requirement.joinedload(Requirement.event),
        requirement.joinedload(Requirement.speech).joinedload(Speech.speaker),
        joinedload(Assignment.responsible),
        joinedload(Assignment.verifier),
        joinedload(Assignment.department),
    )
