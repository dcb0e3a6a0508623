"""The way of an assignment: each event from each state is allowed, or refused with a sentence and changes nothing."""

from typing import Any

import pytest
from sqlalchemy import func, inspect, select

from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Refused
from app.extensions import services as extensions
from app.mail.models import MailMessage
from app.negotiations import queries as negotiation
from app.negotiations import services as negotiations
from app.requirements import services
from app.requirements.models import Assignment
from tests.cast import Cast
from tests.factories.requirements import in_days, make_assignment

REACHED = ("proposed", "assigned", "accepted", "in_progress", "submitted", "verified", "closed")
STATES = (*REACHED, "negotiating", "declined", "cancelled")
OPEN = ("proposed", "assigned", "negotiating", "accepted", "in_progress", "submitted", "verified", "declined")
IN_HANDS = tuple(each for each in OPEN if each not in ("proposed", "declined"))


def offered(assignment: Assignment, **other: Any) -> dict[str, Any]:
    return {**negotiations.terms_of(assignment), "deliverable": "Three plans on paper", **other}


def agree(cast: Cast, assignment: Assignment) -> Any:
    """Sven takes Petra's proposal: the newest one, whether or not it still waits."""
    made = negotiation.list_of(assignment)
    if not made:
        raise Refused("Nothing was proposed.")  # there is no address to press
    return negotiations.agree(made[-1], actor=cast.sven)


def grant(cast: Cast, assignment: Assignment) -> Any:
    return extensions.grant(
        extensions.ask(assignment, actor=cast.petra, new_due_on=in_days(60), reason="More plans."), actor=cast.sven
    )


# event: (what is done, {from: to}); from every other state it is refused.
EVENTS: dict[str, tuple[Any, dict[str, str]]] = {
    "hand over": (
        lambda c, a: services.hand_over(a, actor=c.sven), {"proposed": "assigned", "declined": "assigned"},
    ),
    "accept": (lambda c, a: services.accept(a, actor=c.petra), {"assigned": "accepted"}),
    "counter-propose": (
        lambda c, a: negotiations.propose_otherwise(a, actor=c.petra, **offered(a)), {"assigned": "negotiating"},
    ),
    "agree": (agree, {"negotiating": "accepted"}),
    "decide": (lambda c, a: negotiations.decide(a, actor=c.li_wei, **offered(a)), {"negotiating": "assigned"}),
    "decline": (lambda c, a: services.hand_back(a, actor=c.petra, reason="No people."), {"assigned": "declined"}),
    "report": (
        lambda c, a: services.report(a, actor=c.petra, text="Begun.", confidence=5),
        {"accepted": "in_progress", "in_progress": "in_progress"},
    ),
    "submit evidence": (
        lambda c, a: (
            services.add_link(a, actor=c.petra, url="https://a.example/b", described_as="All of it"),
            services.submit(a, actor=c.petra),
        ),
        {"accepted": "submitted", "in_progress": "submitted"},
    ),
    "accept the evidence": (lambda c, a: services.verify(a, actor=c.tom), {"submitted": "verified"}),
    "return the evidence": (
        lambda c, a: services.send_back(a, actor=c.tom, reason="Only four."), {"submitted": "in_progress"},
    ),
    "close": (lambda c, a: services.close_assignment(a, actor=c.li_wei, quality="good"), {"verified": "closed"}),
    "extend": (grant, {each: each for each in IN_HANDS}),
    "transfer": (
        lambda c, a: services.transfer(a, actor=c.sven, to=c.people["rita"], reason="She knows the plants."),
        {each: "assigned" for each in OPEN if each != "proposed"},
    ),
    "cancel": (
        lambda c, a: services.cancel_assignment(a, actor=c.li_wei, reason="Not now."), dict.fromkeys(OPEN, "cancelled"),
    ),
}  # fmt: skip


def brought_to(cast: Cast, state: str) -> Assignment:
    if state in REACHED:
        return make_assignment(cast, state)
    assignment = make_assignment(cast, "assigned")
    EVENTS[{"negotiating": "counter-propose", "declined": "decline", "cancelled": "cancel"}[state]][0](cast, assignment)
    return assignment


def everything_about(assignment: Assignment) -> tuple[Any, ...]:
    """The record as it is stored, with how much was logged and mailed."""
    db.session.rollback()
    db.session.refresh(assignment)
    stored = {each.key: getattr(assignment, each.key) for each in inspect(Assignment).column_attrs}
    return stored, *(db.session.scalar(select(func.count()).select_from(each)) for each in (AuditEntry, MailMessage))


@pytest.mark.parametrize("event", EVENTS)
def test_each_event_fits_its_states_and_is_refused_from_all_others(cast, event):
    """Rule 38: where it is allowed, the log has a row of it; where it is refused, nothing is written at all."""
    act, ways = EVENTS[event]
    for state in STATES:
        with unit_of_work():
            assignment = brought_to(cast, state)
        before = everything_about(assignment)
        if state not in ways:
            with pytest.raises(Refused), unit_of_work():
                act(cast, assignment)
            assert everything_about(assignment) == before, f"{event} from {state}"
            continue
        with unit_of_work():
            act(cast, assignment)
        assert assignment.state == ways[state], f"{event} from {state}"
        stored, rows, _mails = everything_about(assignment)
        assert rows > before[1], f"{event} from {state} left no row in the log"
        assert stored["original_due_on"] == before[0]["original_due_on"]


def test_rule_38_what_cannot_be_logged_is_not_done(cast, monkeypatch):
    with unit_of_work():
        assignment = make_assignment(cast, "assigned")
    before = everything_about(assignment)

    def broken(*_args: object, **_more: object) -> None:
        raise OSError("the log is gone")

    monkeypatch.setattr("app.requirements.services.answering.audit.record", broken)
    with pytest.raises(OSError, match="the log is gone"), unit_of_work():
        services.accept(assignment, actor=cast.petra)
    assert everything_about(assignment) == before


def test_rule_35_what_happened_and_when_it_was_recorded_are_two_days(cast):
    """The work counts from the day of the evidence, however late it is verified and closed."""
    with unit_of_work():
        assignment = make_assignment(cast, "submitted", due_on=in_days(5))
    with clock.at(clock.now().replace(microsecond=0) + (in_days(40) - in_days(0))), unit_of_work():
        services.verify(assignment, actor=cast.tom)
        services.close_assignment(assignment, actor=cast.li_wei, quality="good")
    assert assignment.finished_on <= in_days(1)
    assert assignment.closed_at is not None
    assert assignment.closed_at.date() > in_days(38)
    assert not assignment.was_closed_late()
