"""What a question of the register means in SQL.

What is asked of assignments has to hold for one and the same assignment: `is:late owner:me` finds what is late in my
hands, not what is mine and late in another's. What must not hold (`-owner:me`) holds for no assignment at all.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, not_, or_, select
from sqlalchemy.orm import aliased

from app.core.paging import escape_like
from app.core.roles import Actor
from app.core.text import fold
from app.events.models import Event
from app.people.models import Department, Person
from app.register.language import ME, Term, days_of
from app.requirements import flags, periods
from app.requirements.models import (
    DONE,
    UNDER_WAY,
    Addressee,
    Assignment,
    AssignmentState,
    Requirement,
    RequirementKind,
    RequirementState,
    Tracking,
)
from app.speeches.models import Speech

Condition = ColumnElement[bool]
IN_STATE = {
    "proposed": AssignmentState.PROPOSED,
    "waiting": AssignmentState.ASSIGNED,
    "negotiating": AssignmentState.NEGOTIATING,
    "submitted": AssignmentState.SUBMITTED,
    "verified": AssignmentState.VERIFIED,
    "handed-back": AssignmentState.DECLINED,
}
ENDED = (RequirementState.CLOSED, RequirementState.WITHDRAWN)
KINDS = {
    "directive": RequirementKind.DIRECTIVE,
    "principle": RequirementKind.PRINCIPLE,
    "method": RequirementKind.METHOD_RULE,
}


@dataclass(frozen=True)
class Asking:
    """Who asks, and when it is there."""

    actor: Actor
    now: datetime
    today: date


def conditions_of(terms: Sequence[Term], asking: Asking) -> list[Condition]:
    """What a requirement has to be like; all of it."""
    of_one = [each for each in terms if _is_of_assignment(each)]
    together = [_of_assignment(each, asking) for each in of_one if not each.is_not]
    conditions: list[Condition] = []
    for term in terms:
        if term.key == "dept":
            conditions += _of_department(term, together)
        elif not _is_of_assignment(term):
            holds = _of_requirement(term, asking)
            conditions.append(not_(holds) if term.is_not else holds)
        elif term.is_not:
            conditions.append(not_(Requirement.assignments.any(_of_assignment(term, asking))))
    if together:
        conditions.append(Requirement.assignments.any(and_(*together)))
    return conditions


def _of_department(term: Term, together: list[Condition]) -> list[Condition]:
    """The department leads or is addressed; beside other words about an assignment, it leads that very one."""
    leads = Assignment.department_id.in_(_departments(term.value))
    if term.is_not:
        return [not_(Requirement.assignments.any(leads)), not_(_is_addressed(term.value))]
    if together:
        together.append(leads)
        return []
    return [or_(Requirement.assignments.any(leads), _is_addressed(term.value))]


def _is_addressed(words: str) -> Condition:
    return Requirement.addressees.any(Addressee.department_id.in_(_departments(words)))


def _departments(words: str):
    """The departments of this code, or of a name with these words, with all below them."""
    like = f"%{escape_like(fold(words))}%"
    named = select(Department.id).where(
        or_(
            func.lower(Department.code) == fold(words),
            func.lower(Department.name).like(like, escape="\\"),
            Department.name_local.like(f"%{escape_like(words)}%", escape="\\"),
        )
    )
    tree = named.cte(recursive=True)
    below = aliased(Department)
    tree = tree.union(select(below.id).where(below.parent_id == tree.c.id))
    return select(tree.c.id)


# --- of one assignment --------------------------------------------------------------------------------------------

FLAGS = {
    "late": flags.Flag.LATE,
    "silent": flags.Flag.SILENT,
    "blocked": flags.Flag.BLOCKED,
    "risk": flags.Flag.AT_RISK,
    "stranded": flags.Flag.STRANDED,
}
OF_ASSIGNMENT = {"owner", "verifier", "due", "carry", "silent"}
STATES_OF_ASSIGNMENT = {*FLAGS, *IN_STATE, "carried"}


def _is_of_assignment(term: Term) -> bool:
    return term.key in OF_ASSIGNMENT or (term.key == "is" and term.value in STATES_OF_ASSIGNMENT)


def _of_assignment(term: Term, asking: Asking) -> Condition:
    if term.key == "is":
        if term.value in FLAGS:
            return flags.where(FLAGS[term.value], asking.now, asking.today)
        if term.value == "carried":
            return and_(Assignment.carry_count > 0, Assignment.state.not_in(DONE))
        return Assignment.state == IN_STATE[term.value]
    makers: dict[str, Callable[[], Condition]] = {
        "owner": lambda: Assignment.responsible.has(_is_person(term.value, asking)),
        "verifier": lambda: Assignment.verifier.has(_is_person(term.value, asking)),
        "due": lambda: and_(_is_due(term, asking.today), Assignment.state != AssignmentState.CANCELLED),
        "carry": lambda: _compared(Assignment.carry_count, term.sign, int(term.value)),
        "silent": lambda: _is_silent(term, asking.now),
    }
    return makers[term.key]()


def _is_person(words: str, asking: Asking) -> Condition:
    if words in ME:
        return Person.account_id == asking.actor.id
    return and_(*(Person.name_key.like(f"%{escape_like(word)}%", escape="\\") for word in fold(words).split()))


def _is_due(term: Term, today: date) -> Condition:
    span = days_of(term.value, today)
    assert span is not None  # the question was checked when it was read
    first, last = span
    day = Assignment.due_on
    return {
        "<": day < first, "<=": day <= last, ">": day > last, ">=": day >= first, "=": day.between(first, last),
    }[term.sign]  # fmt: skip


def _is_silent(term: Term, now: datetime) -> Condition:
    """Under way, and nothing heard for so many days; without a sign, for at least so many."""
    heard = func.coalesce(Assignment.last_report_at, Assignment.accepted_at)
    moment = now - timedelta(days=int(term.value))
    sign = {
        "<": heard > moment,
        "<=": heard >= moment,
        ">": heard < moment,
        ">=": heard <= moment,
        "=": heard <= moment,
    }
    return and_(Assignment.state.in_(UNDER_WAY), sign[term.sign])


def _compared(column, sign: str, number: int) -> Condition:
    return {
        "<": column < number, "<=": column <= number, ">": column > number, ">=": column >= number,
        "=": column == number,
    }[sign]  # fmt: skip


# --- of the requirement -------------------------------------------------------------------------------------------


def _of_requirement(term: Term, asking: Asking) -> Condition:
    makers: dict[str, Callable[[], Condition]] = {
        "": lambda: _holds_words(term.value),
        "is": lambda: _is_in_state(term.value, asking),
        "from": lambda: _is_from(term.value),
        "kind": lambda: _is_kind(KINDS[term.value]),
        "topic": lambda: _has_topic(term.value),
        "event": lambda: _is_at(term.value),
        "year": lambda: _is_of_year(term),
    }
    return makers[term.key]()


def _holds_words(words: str) -> Condition:
    columns = (
        Requirement.label, Requirement.heading, Requirement.heading_local, Requirement.verbatim, Requirement.summary,
        Requirement.summary_local, Requirement.audience, Requirement.audience_local,
    )  # fmt: skip
    given = Requirement.assignments.any(Assignment.label.icontains(words, autoescape=True))
    return or_(*(_contains(column, words) for column in columns), given)


def _contains(column, words: str) -> Condition:
    """Never NULL, so that its opposite is true where the column is empty."""
    return func.coalesce(column, "").icontains(words, autoescape=True)


def _is_in_state(state: str, asking: Asking) -> Condition:
    if state == "open":
        return Requirement.state.not_in(ENDED)
    if state == "confirmed":
        return Requirement.state != RequirementState.STATED
    if state == "unassigned":
        asked = Requirement.assignments.any(
            Assignment.state.not_in((AssignmentState.CANCELLED, AssignmentState.DECLINED, AssignmentState.PROPOSED))
        )
        followed = or_(Requirement.tracking.is_(None), Requirement.tracking == Tracking.ASSIGNED)
        # The parts of a whole that is given part by part are what waits, not the whole.
        part = aliased(Requirement)
        return and_(
            Requirement.state.not_in(ENDED), followed, not_(asked),
            not_(exists(select(part.id).where(part.parent_id == Requirement.id))),
        )  # fmt: skip
    if state == "unreviewed":
        return periods.unreviewed(asking.today)
    return Requirement.state == RequirementState(state)


def _is_from(words: str) -> Condition:
    speaker = and_(*(Person.name_key.like(f"%{escape_like(word)}%", escape="\\") for word in fold(words).split()))
    return Requirement.speech.has(
        or_(
            _contains(Speech.title, words),
            _contains(Speech.title_local, words),
            _contains(Speech.speaker_name, words),
            Speech.speaker.has(speaker),
        )
    )


def _is_kind(kind: RequirementKind) -> Condition:
    return or_(Requirement.kind == kind, func.coalesce(Requirement.second_kind, "") == kind)


def _has_topic(words: str) -> Condition:
    """Topics are kept as JSON, which may spell other signs than ASCII in its own way."""
    kept = func.lower(cast(Requirement.topics, String))
    ways = {words.casefold(), json.dumps(words.casefold())[1:-1]}
    return or_(*(kept.like(f"%{escape_like(way)}%", escape="\\") for way in sorted(ways)))


def _is_at(words: str) -> Condition:
    return Requirement.event.has(or_(_contains(Event.title, words), _contains(Event.title_local, words)))


def _is_of_year(term: Term) -> Condition:
    first, last = date(max(1, int(term.value)), 1, 1), date(max(1, int(term.value)), 12, 31)
    day = Event.starts_on
    return Requirement.event.has(
        {"<": day < first, "<=": day <= last, ">": day > last, ">=": day >= first, "=": day.between(first, last)}[
            term.sign
        ]
    )
