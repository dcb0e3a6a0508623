"""T16: any sequence of acts keeps I1 to I7, and who moves up is who stood first.

HUFU_TEST_EXAMPLES=500 pytest tests/registration/test_invariants.py --timeout 3600     the long run
"""

import os
from collections import Counter

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from app.core.db import db, unit_of_work
from app.core.errors import Refused
from app.core.roles import SYSTEM
from app.mail.models import MailMessage
from app.people.models import Person
from app.programme.models import Session
from app.registration import queries, services
from app.registration.models import PlaceCounter, Registration, State
from tests.factories.registration import make_open_event, make_people
from tests.registration.invariants import assert_sound

EXAMPLES = int(os.environ.get("HUFU_TEST_EXAMPLES", "8"))

PEOPLE = 6
SESSIONS = 2
ITSELF = -1  # the event among its sessions: whoever comes needs it
CHOICES = st.sets(st.integers(0, SESSIONS - 1))
ACTS = ("newcomer", "newcomer", "newcomer", "withdraw", "withdraw", "resize", "again")
SIZES = [(places, reason) for places in (0, 1, 2, 3, None) for reason in ("", "The hall is smaller.")]


class Gate(RuleBasedStateMachine):
    """Beside the real gate stands the simplest one that can be thought of: lists in memory."""

    app: Flask
    people: list[int]
    addresses: list[str]

    def __init__(self) -> None:
        super().__init__()
        self.context = self.app.app_context()
        self.context.push()

    def teardown(self) -> None:
        db.session.remove()
        self.context.pop()

    @initialize(capacity=st.integers(0, 3), places=st.integers(0, 2), waits=st.sampled_from([True, True, False]))
    def open(self, capacity: int, places: int, waits: bool) -> None:
        self.event = make_open_event(capacity=capacity, sessions=SESSIONS, places=places, has_waiting_list=waits)
        wanted = select(Session.id).where(Session.event_id == self.event.id).order_by(Session.position)
        self.sessions = list(db.session.scalars(wanted))
        self.capacity: dict[int, int | None] = {ITSELF: capacity, **dict.fromkeys(range(SESSIONS), places)}
        self.waits = waits
        self.inside: list[int] = []
        self.line: list[int] = []
        self.chosen: dict[int, set[int]] = {}
        self.told: Counter[tuple[str, str]] = Counter()

    def person(self, number: int) -> Person:
        return db.session.get_one(Person, self.people[number])

    def session(self, number: int) -> Session:
        return db.session.get_one(Session, self.sessions[number])

    def taken(self, place: int) -> int:
        return sum(place in self.chosen[each] for each in self.inside)

    def is_room_for(self, wanted: set[int]) -> bool:
        limits = {each: self.capacity[each] for each in wanted}
        return all(limit is None or self.taken(each) < limit for each, limit in limits.items())

    def tell(self, number: int, what: str) -> None:
        self.told[self.addresses[number], f"registration_{what}"] += 1

    def fill(self) -> None:
        for each in list(self.line):
            if self.is_room_for(self.chosen[each]):
                self.line.remove(each)
                self.inside.append(each)
                self.tell(each, "promoted")

    # One rule, since Hypothesis leaves some of several rules out of a run: without withdrawals nobody ever moves up.
    @rule(act=st.sampled_from(ACTS), pick=st.integers(0, PEOPLE - 1), chosen=CHOICES, size=st.sampled_from(SIZES))
    def act(self, act: str, pick: int, chosen: set[int], size: tuple[int | None, str]) -> None:
        if act == "newcomer":
            self.newcomer(pick, chosen)
        elif act == "again":
            self.register(pick, set())
        elif act == "resize":
            self.resize(pick % (SESSIONS + 1) - 1, *size)
        elif self.inside or self.line:
            self.withdraw(pick)

    def newcomer(self, pick: int, chosen: set[int]) -> None:
        outside = [each for each in range(PEOPLE) if each not in self.inside + self.line]
        self.register(outside[pick % len(outside)] if outside else pick, chosen)

    def register(self, number: int, chosen: set[int]) -> None:
        wanted = {ITSELF, *chosen}
        expected = None
        if number not in self.inside + self.line:
            expected = State.CONFIRMED if self.is_room_for(wanted) else State.WAITING if self.waits else None
        try:
            with unit_of_work():
                sessions = [self.session(each) for each in chosen]
                made = services.register_person(self.event, self.person(number), actor=SYSTEM, sessions=sessions)
        except Refused:
            assert expected is None
            return
        assert made.state == expected
        self.chosen[number] = wanted
        (self.inside if expected == State.CONFIRMED else self.line).append(number)
        self.tell(number, str(made.state))

    def withdraw(self, pick: int) -> None:
        here = self.inside + self.line
        number = here[pick % len(here)]
        mine = queries.find_own(self.event, self.person(number))
        assert mine is not None
        with unit_of_work():
            services.withdraw(mine, actor=SYSTEM)
        (self.inside if number in self.inside else self.line).remove(number)
        self.tell(number, "withdrawn")
        self.fill()

    def resize(self, place: int, capacity: int | None, reason: str) -> None:
        too_small = capacity is not None and capacity < self.taken(place) and not reason
        try:
            with unit_of_work():
                session = None if place == ITSELF else self.session(place)
                services.set_capacity(self.event, session, capacity, actor=SYSTEM, reason=reason)
        except Refused:
            assert too_small
            return
        assert not too_small or capacity == self.capacity[place]
        self.capacity[place] = capacity
        self.fill()

    @invariant()
    def the_same_people_are_in_and_wait_in_the_same_order(self) -> None:
        assert_sound(self.event)
        counters = db.session.scalars(select(PlaceCounter).where(PlaceCounter.event_id == self.event.id))
        stored = {
            self.sessions.index(each.session_id) if each.session_id else ITSELF: (
                each.capacity,
                each.taken,
                each.waiting,
            )
            for each in counters
        }
        assert stored == {
            place: (capacity, self.taken(place), sum(place in self.chosen[each] for each in self.line))
            for place, capacity in self.capacity.items()
        }
        rows = db.session.scalars(select(Registration).where(Registration.event_id == self.event.id)).all()
        mine = {self.people.index(each.person_id): each for each in rows}
        places: dict[str, list[int]] = {}
        for number in sorted(mine):
            places.setdefault(mine[number].state, []).append(number)
        assert places.get("confirmed", []) == sorted(self.inside)
        assert places.get("waiting", []) == sorted(self.line)
        assert [queries.position_of(mine[each]) for each in self.line] == list(range(1, len(self.line) + 1))

    @invariant()
    def everybody_was_told_once_what_happened_to_them(self) -> None:
        sent = (
            select(MailMessage.to_address, MailMessage.kind, func.count())
            .where(MailMessage.scope == self.event.ref)
            .group_by(MailMessage.to_address, MailMessage.kind)
        )
        assert {(address, kind): number for address, kind, number in db.session.execute(sent)} == self.told


def test_any_sequence_of_acts_keeps_the_places_right(either_app: Flask) -> None:
    with either_app.app_context():
        people = make_people(PEOPLE)
        known = {"people": [each.id for each in people], "addresses": [each.email for each in people]}
    machine = type("Machine", (Gate,), {"app": either_app, **known})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=16, deadline=None, database=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
