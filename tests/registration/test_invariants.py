"""T16: any sequence of acts keeps I1 to I7, and who moves up is who stood first."""

from typing import Any

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from app.core.db import db, unit_of_work
from app.core.errors import Refused
from app.core.roles import SYSTEM
from app.people.models import Person
from app.registration import queries, services
from app.registration.models import PlaceCounter, State
from tests.factories.registration import make_open_event, make_people
from tests.registration.invariants import assert_sound

PEOPLE = 6


class Gate(RuleBasedStateMachine):
    """Beside the real gate stands the simplest one that can be thought of: lists in memory."""

    app: Flask
    people: list[int]

    def __init__(self) -> None:
        super().__init__()
        self.context = self.app.app_context()
        self.context.push()

    def teardown(self) -> None:
        db.session.remove()
        self.context.pop()

    @initialize(capacity=st.integers(0, 3), waits=st.booleans())
    def open(self, capacity: int, waits: bool) -> None:
        self.event = make_open_event(capacity=capacity, has_waiting_list=waits)
        self.capacity: int | None = capacity
        self.waits = waits
        self.inside: list[int] = []
        self.line: list[int] = []

    def person(self, number: int) -> Person:
        return db.session.get_one(Person, self.people[number])

    def fill(self) -> None:
        while self.line and (self.capacity is None or len(self.inside) < self.capacity):
            self.inside.append(self.line.pop(0))

    @rule(number=st.integers(0, PEOPLE - 1))
    def register(self, number: int) -> None:
        free = self.capacity is None or len(self.inside) < self.capacity
        expected = None
        if number not in self.inside + self.line:
            expected = State.CONFIRMED if free else State.WAITING if self.waits else None
        try:
            with unit_of_work():
                made = services.register_person(self.event, self.person(number), actor=SYSTEM)
        except Refused:
            assert expected is None
            return
        assert made.state == expected
        (self.inside if expected == State.CONFIRMED else self.line).append(number)

    @rule(number=st.integers(0, PEOPLE - 1))
    def withdraw(self, number: int) -> None:
        mine = queries.find_own(self.event, self.person(number))
        if mine is None or number not in self.inside + self.line:
            return
        with unit_of_work():
            services.withdraw(mine, actor=SYSTEM)
        (self.inside if number in self.inside else self.line).remove(number)
        self.fill()

    @rule(capacity=st.none() | st.integers(0, 4), reason=st.sampled_from(["", "The hall is smaller."]))
    def resize(self, capacity: int | None, reason: str) -> None:
        too_small = capacity is not None and capacity < len(self.inside) and not reason
        try:
            with unit_of_work():
                services.set_capacity(self.event, None, capacity, actor=SYSTEM, reason=reason)
        except Refused:
            assert too_small
            return
        assert not too_small or capacity == self.capacity
        self.capacity = capacity
        self.fill()

    @invariant()
    def the_same_people_are_in_and_wait_in_the_same_order(self) -> None:
        assert_sound(self.event)
        counter = db.session.query(PlaceCounter).filter_by(event_id=self.event.id).one()
        assert (counter.capacity, counter.taken, counter.waiting) == (self.capacity, len(self.inside), len(self.line))
        places: dict[Any, list[int]] = {}
        for number, person_id in enumerate(self.people):
            mine = queries.find_own(self.event, db.session.get_one(Person, person_id))
            places.setdefault(mine.state if mine else None, []).append(number)
        assert places.get("confirmed", []) == sorted(self.inside)
        assert places.get("waiting", []) == sorted(self.line)
        line = [queries.find_own(self.event, self.person(number)) for number in self.line]
        assert [queries.position_of(each) for each in line if each] == list(range(1, len(line) + 1))


def test_any_sequence_of_acts_keeps_the_places_right(either_app: Flask) -> None:
    with either_app.app_context():
        ids = [each.id for each in make_people(PEOPLE)]
    machine = type("Machine", (Gate,), {"app": either_app, "people": ids})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12, stateful_step_count=14, deadline=None, database=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
