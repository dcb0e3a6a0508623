"""When a question is asked, until when, by whom it is answered, and who reads the answer. Knows no table.

A question may have `when` (a Phase; with registering unless said), `until` (a moment, after which the answer changes by
request only), `staff` (true: the organizer fills it in), and `seen_by` (roles that read the answer besides the
organizer; unless said, all who read answers).
"""

from collections.abc import Collection, Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from app.core.i18n import _l, _lp, listed
from app.core.roles import ROLE_LABELS, Role
from app.events.models import Event
from app.questions import conditions
from app.questions.schema import Question, Schema, questions_of, sections_of
from app.registration.models import Registration, State


class Phase(StrEnum):
    REGISTERING = "registering"
    ACCEPTED = "accepted"
    BEFORE = "before"
    DOOR = "door"
    AFTER = "after"


PHASE_LABELS = {
    Phase.REGISTERING: _l("When registering"),
    Phase.ACCEPTED: _l("As soon as there is a place"),
    Phase.BEFORE: _l("In the last two weeks before the event"),
    Phase.DOOR: _l("On the days of the event, at the door"),
    Phase.AFTER: _lp("question", "After the event"),
}
ORDER = list(Phase)
WEEKS_BEFORE = timedelta(weeks=2)
READERS = (Role.AUDITOR, Role.SECRETARY, Role.SUPERVISOR, Role.DOOR)  # whom a question can name besides the organizer
READER_LABELS = {role: ROLE_LABELS[role] for role in READERS}


def phase_of(question: Question) -> Phase:
    return Phase(question.get("when") or Phase.REGISTERING)


def until_of(question: Question) -> datetime | None:
    """The deadline of the question's own."""
    text = question.get("until")
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def is_over(question: Question, now: datetime) -> bool:
    until = until_of(question)
    return until is not None and until <= now


def has_begun(question: Question, event: Event, registration: Registration | None, now: datetime) -> bool:
    """Whether the question is asked by now of somebody who registers (no registration yet) or has."""
    phase = phase_of(question)
    if phase == Phase.REGISTERING:
        return True
    if registration is None or registration.state != State.CONFIRMED:
        return False
    today = now.astimezone(ZoneInfo(event.time_zone)).date()
    if phase == Phase.BEFORE:
        return today >= event.starts_on - WEEKS_BEFORE
    if phase == Phase.DOOR:
        return today >= event.starts_on
    return phase == Phase.ACCEPTED or event.has_ended_at(now)


def asked_of_person(schema: Schema, event: Event, registration: Registration | None, now: datetime) -> set[str]:
    """The keys of what the person, or whoever acts for them, is asked by now; also what is locked since."""
    return {
        each["key"]
        for each in questions_of(schema)
        if not each.get("staff") and has_begun(each, event, registration, now)
    }


def locked(schema: Schema, now: datetime, *, late: bool, ended: bool) -> set[str]:
    """The keys whose answers change by request only. `late`: the deadline of the whole form has passed, which holds for
    what is asked when registering and has no deadline of its own. After the event only what is asked then is open."""
    found = set()
    for each in questions_of(schema):
        by_plan = late and phase_of(each) == Phase.REGISTERING and until_of(each) is None
        if by_plan or is_over(each, now) or (ended and phase_of(each) != Phase.AFTER):
            found.add(each["key"])
    return found


def may_see(question: Question, roles: Collection[str]) -> bool:
    """Whether a reader of answers with these roles, who is no organizer, reads this one."""
    named = question.get("seen_by")
    return bool(set(named) & set(roles)) if named else Role.AUDITOR in roles


def readers_of(question: Question) -> str:
    """Who reads the answer besides the organizer, in words."""
    return listed(str(READER_LABELS[Role(each)]) for each in question.get("seen_by") or ())


def narrowed(schema: Schema, keys: Collection[str], kept: Mapping[str, Any]) -> dict[str, Any]:
    """The form with these questions alone. What is shown by an answer to another is settled by the answers kept."""
    sections = []
    for section in sections_of(schema):
        asked = []
        for each in section["questions"]:
            shown = _settled(each.get("show_if"), keys, kept) if each["key"] in keys else False
            if shown is not False:
                asked.append({**each, "show_if": None if shown is True else shown})
        sections.append({**section, "questions": asked})
    return {"sections": sections}


def _settled(expression: Any, keys: Collection[str], kept: Mapping[str, Any]) -> Any:
    """A condition as far as the answers to come decide it: True, False, or what is left of it."""
    if not expression:
        return True
    if "not" in expression:
        inner = _settled(expression["not"], keys, kept)
        return not inner if isinstance(inner, bool) else {"not": inner}
    for join, decides in (("and", False), ("or", True)):
        if join in expression:
            parts = [_settled(each, keys, kept) for each in expression[join]]
            if decides in parts:
                return decides
            left = [each for each in parts if not isinstance(each, bool)]
            return {join: left} if left else not decides
    return expression if expression["question"] in keys else conditions.is_met(expression, kept)


def moved(schema: Schema, by: timedelta) -> dict[str, Any]:
    """The form for another time: its deadlines and nights move along."""
    made = deepcopy(dict(schema))
    for question in questions_of(made):
        mine: Any = question  # our own copy
        until = until_of(question)
        if until is not None:
            mine["until"] = (until + by).isoformat()
        for name in ("first_on", "last_on"):
            if mine.get(name):
                mine[name] = (datetime.fromisoformat(mine[name]) + by).date().isoformat()
    return made
