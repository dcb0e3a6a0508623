"""Requirements and assignments for tests, through the acts themselves."""

from datetime import date, timedelta
from typing import Any

from app.core import clock
from app.core.roles import SYSTEM
from app.requirements import services
from app.requirements.models import Assignment, AssignmentState, Requirement
from app.speeches import services as speeches
from app.speeches.models import Speech
from tests.cast import Cast
from tests.factories import make_event, make_session

UP_TO = ("proposed", "assigned", "accepted", "in_progress", "submitted", "verified", "closed")


def record_speech(cast: Cast, **values: Any) -> Speech:
    """A speech of Li Wei's, written down by Sara, without passages."""
    event = values.pop("event", None) or make_event()
    session = values.pop("session", None) or make_session(event)
    given = {"speaker": cast.people["li_wei"], "title": "Where we stand"}
    return speeches.add_speech(event, session=session, actor=cast.sara, **{**given, **values})


def record_requirement(cast: Cast, speech: Speech | None = None, **values: Any) -> Requirement:
    """A directive with its passage, not confirmed yet."""
    speech = speech or record_speech(cast)
    words = values.pop("verbatim", "The institutes bring me five plans that can be produced.")
    passage = speeches.add_passage(speech, actor=cast.sara, kind="directive", verbatim=words)
    given = {"heading": "Five plans that can be produced", "kind": "directive", "passage": passage, "verbatim": words}
    return services.add_requirement(speech, actor=cast.sara, **{**given, **values})


def confirmed_requirement(cast: Cast, speech: Speech | None = None, *, tracking: str = "assigned", **values: Any):
    """Confirmed by Li Wei, and set to be assigned by Sven."""
    requirement = record_requirement(cast, speech, **values)
    services.confirm_speech(requirement.speech, actor=cast.li_wei)
    if tracking:
        services.set_tracking(requirement, tracking, actor=cast.sven)
    return requirement


def make_assignment(
    cast: Cast, state: str = "proposed", requirement: Requirement | None = None, **values: Any
) -> Assignment:
    """Petra's, verified by Tom, due in 30 days, brought up to a state by the acts of those who may."""
    requirement = requirement or confirmed_requirement(cast)
    given = {
        "responsible": cast.people["petra"],
        "verifier": cast.people["tom"],
        "deliverable": "Five plans on paper",
        "criteria": "Five plans\nEach names what stands in the way",
        "due_on": clock.today() + timedelta(days=30),
    }
    assignment = services.propose_assignment(requirement, actor=cast.sven, **{**given, **values})
    petra = cast.accounts["petra"]
    steps = {
        "assigned": lambda: services.hand_over(assignment, actor=cast.sven),
        "accepted": lambda: services.accept(assignment, actor=petra),
        "in_progress": lambda: services.report(assignment, actor=petra, text="Two of five are drawn.", confidence=8),
        "submitted": lambda: (
            services.add_link(assignment, actor=petra, url="https://wiki.hufu.example/plans", described_as="The plans"),
            services.submit(assignment, actor=petra),
        ),
        "verified": lambda: services.verify(assignment, actor=cast.tom),
        "closed": lambda: services.close_assignment(assignment, actor=cast.li_wei, quality="good"),
    }
    for step in UP_TO[1 : UP_TO.index(state) + 1]:
        steps[step]()
    assert assignment.state == AssignmentState(state)
    return assignment


def in_days(days: int) -> date:
    return clock.today() + timedelta(days=days)


__all__ = ["SYSTEM", "confirmed_requirement", "in_days", "make_assignment", "record_requirement", "record_speech"]
