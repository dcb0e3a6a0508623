"""T16: any sequence of acts keeps I1 to I7, and who moves up is who stood first.

HUFU_TEST_EXAMPLES=500 pytest tests/registration/test_invariants.py --timeout 3600     the long run
"""

import os
import random
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

from app.approvals import services as approvals
from app.core import clock
from app.core.db import db, new_ref, unit_of_work
from app.core.errors import Refused
from app.core.roles import NOBODY, SYSTEM
from app.mail.models import MailMessage
from app.people.models import Person
from app.programme.models import Session
from app.registration import asking, offers, places, queries, services
from app.registration.models import PlaceCounter, Registration, RegistrationPlan, State
from tests.factories.registration import make_open_event, make_people
from tests.registration.invariants import assert_sound

EXAMPLES = int(os.environ.get("HUFU_TEST_EXAMPLES", "6"))
WALK = int(os.environ.get("HUFU_TEST_STEPS", "60"))

PEOPLE = 7
BEFORE = 5  # are here from the beginning, the last of them asks for approval: else hardly anybody ever moves up
SESSIONS = 2
OPTION = SESSIONS  # a choice of the form with places of its own, numbered after the sessions
VEGAN = "dinner/vegan"
ITSELF = -1  # the event among its sessions: whoever comes needs it
CHOICES = st.sets(st.integers(0, OPTION))
ACTS = (
    *["newcomer"] * 2, *["asks"] * 2, *["withdraw"] * 4, *["resize"] * 2, "again", *["decide"] * 2, *["answer"] * 2,
    "expire", "substitute", "change",
)  # fmt: skip
SIZES = [(places, reason) for places in (0, 1, 2, 3, None) for reason in ("", "The hall is smaller.")]
HOURS = 24


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

    @initialize(
        capacity=st.integers(0, 3), places=st.integers(0, 2), waits=st.sampled_from([True, True, False]),
        offers=st.booleans(), holds=st.booleans(), first=st.lists(CHOICES, min_size=BEFORE, max_size=BEFORE),
    )  # fmt: skip
    def open(self, capacity: int, places: int, waits: bool, offers: bool, holds: bool, first: list[set[int]]) -> None:
        self.event = make_open_event(capacity=capacity, sessions=SESSIONS, places=places, has_waiting_list=waits)
        with unit_of_work():
            services.set_capacity(self.event, None, places, actor=SYSTEM, option=VEGAN, name="Vegan")
            found = select(RegistrationPlan).where(RegistrationPlan.event_id == self.event.id)
            plan = db.session.scalars(found).one()
            plan.offer_hours, plan.approver, plan.pending_holds = HOURS if offers else 0, "organizer", holds
        wanted = select(Session.id).where(Session.event_id == self.event.id).order_by(Session.position)
        self.sessions = list(db.session.scalars(wanted))
        self.capacity: dict[int, int | None] = {ITSELF: capacity, **dict.fromkeys(range(OPTION + 1), places)}
        self.waits, self.offers, self.holds = waits, offers, holds
        self.stands: dict[int, State] = {}  # who is here, and how
        self.held: set[int] = set()  # who has the places
        self.joined: dict[int, int] = {}
        self.chosen: dict[int, set[int]] = {}
        self.told: Counter[tuple[str, str]] = Counter()
        self.turn = 0
        self.done: set[str] = set()  # what nobody is told of by mail
        for number, chosen in enumerate(first):
            self.register(number, chosen, asks=number == BEFORE - 1)

    def person(self, number: int) -> Person:
        return db.session.get_one(Person, self.people[number])

    def mine(self, number: int) -> Registration:
        mine = queries.find_own(self.event, self.person(number))
        assert mine is not None
        return mine

    def choices(self, chosen: set[int]) -> list[Session | str]:
        return [
            VEGAN if each == OPTION else db.session.get_one(Session, self.sessions[each]) for each in sorted(chosen)
        ]

    def here(self, *states: State) -> list[int]:
        return sorted(each for each, state in self.stands.items() if not states or state in states)

    def line(self) -> list[int]:
        return sorted(self.here(State.WAITING), key=self.joined.__getitem__)

    def taken(self, place: int) -> int:
        return sum(place in self.chosen[each] for each in self.held)

    def is_room_for(self, wanted: set[int]) -> bool:
        limits = {each: self.capacity[each] for each in wanted}
        return all(limit is None or self.taken(each) < limit for each, limit in limits.items())

    def tell(self, number: int, what: str) -> None:
        self.told[self.addresses[number], f"registration_{what}"] += 1

    def fill(self) -> None:
        to_hold = [each for each in self.here(State.PENDING) if self.holds and each not in self.held]
        for each in sorted([*self.line(), *to_hold], key=self.joined.__getitem__):
            if not self.is_room_for(self.chosen[each]):
                continue
            self.held.add(each)
            if self.stands[each] == State.WAITING:
                self.stands[each] = State.OFFERED if self.offers else State.CONFIRMED
                self.tell(each, "offered" if self.offers else "promoted")

    def leave(self, number: int) -> None:
        del self.stands[number]
        if number in self.held:
            self.held.remove(number)
            self.fill()

    # One rule, since Hypothesis leaves some of several rules out of a run: without withdrawals nobody ever moves up.
    @rule(
        act=st.sampled_from(ACTS), pick=st.integers(0, PEOPLE - 1), chosen=CHOICES, size=st.sampled_from(SIZES),
        yes=st.booleans(),
    )  # fmt: skip
    def act(self, act: str, pick: int, chosen: set[int], size: tuple[int | None, str], yes: bool) -> None:
        here, pending, offered = self.here(), self.here(State.PENDING), self.here(State.OFFERED)
        if act in ("newcomer", "asks"):
            outside = self.outside()
            self.register(outside[pick % len(outside)] if outside else pick, chosen, asks=act == "asks")
        elif act == "again":
            self.register(pick, set(), asks=False)
        elif act == "resize":
            self.resize(pick % (OPTION + 2) - 1, *size)
        elif act == "withdraw" and here:
            leaving = sorted(self.held) or here
            self.withdraw(leaving[pick % len(leaving)])
        elif act == "decide" and pending:
            self.decide(pending[pick % len(pending)], yes)
        elif act == "answer" and offered:
            self.answer(offered[pick % len(offered)], yes)
        elif act == "expire" and offered:
            self.expire(offered[pick % len(offered)])
        elif act == "substitute" and here and self.outside():
            self.substitute(here[pick % len(here)], self.outside()[-1])
        elif act == "change" and here:
            self.change(here[pick % len(here)], chosen)

    def outside(self) -> list[int]:
        return [each for each in range(PEOPLE) if each not in self.stands]

    def register(self, number: int, chosen: set[int], *, asks: bool) -> None:
        wanted = {ITSELF, *chosen}
        expected = None
        if number not in self.stands and (self.waits or self.is_room_for(wanted)):
            expected = State.CONFIRMED if self.is_room_for(wanted) else State.WAITING
            expected = State.PENDING if asks else expected
        try:
            with unit_of_work():
                made = services.enter(
                    self.event, self.person(number), actor=NOBODY if asks else SYSTEM,
                    sessions=[each for each in self.choices(chosen) if isinstance(each, Session)],
                    options=[each for each in self.choices(chosen) if isinstance(each, str)],
                )  # fmt: skip
        except Refused:
            assert expected is None
            return
        assert expected is not None
        assert made.state == expected
        if self.is_room_for(wanted) and (not asks or self.holds):
            self.held.add(number)
        self.turn += 1
        self.chosen[number], self.stands[number], self.joined[number] = wanted, expected, self.turn
        self.tell(number, str(expected))

    def withdraw(self, number: int) -> None:
        with unit_of_work():
            services.withdraw(self.mine(number), actor=SYSTEM)
        self.tell(number, "withdrawn")
        self.leave(number)

    def decide(self, number: int, yes: bool) -> None:
        fits = number in self.held or self.is_room_for(self.chosen[number])
        try:
            with unit_of_work():
                asked = asking.find_open(self.mine(number))
                assert asked is not None
                approvals.decide(asked, actor=SYSTEM, approves=yes)
        except Refused:
            assert yes
            assert not fits
            assert not self.waits
            return
        if not yes:
            self.tell(number, "refused")
            self.leave(number)
            return
        if fits:
            self.held.add(number)
        self.stands[number] = State.CONFIRMED if fits else State.WAITING
        self.tell(number, str(self.stands[number]))

    def answer(self, number: int, yes: bool) -> None:
        with unit_of_work():
            (offers.accept if yes else offers.decline)(self.mine(number), actor=SYSTEM)
        if yes:
            self.stands[number] = State.CONFIRMED
            self.tell(number, "confirmed")
        else:
            self.tell(number, "withdrawn")
            self.leave(number)

    def expire(self, number: int) -> None:
        until = self.mine(number).offer_until
        assert until is not None
        with clock.at(until), unit_of_work():
            over = [self.people.index(each.person_id) for each in offers.expire(self.event)]
        assert number in over
        for each in over:
            self.tell(each, "offer_ended")
            self.leave(each)

    def substitute(self, giver: int, taker: int) -> None:
        """I7: the place changes hands, and none comes free."""
        try:
            with unit_of_work():
                old, new = self.mine(giver), queries.find_own(self.event, self.person(taker))
                if new is None:
                    new = Registration(event=self.event, person=self.person(taker), calendar_sequence=0)
                new.door_code = new_ref()
                places.hand_over(old, new, now=clock.now())
        except Refused:
            assert self.stands[giver] != State.CONFIRMED
            return
        assert self.stands.pop(giver) == State.CONFIRMED
        self.done.add("handed over")
        self.held.remove(giver)
        self.held.add(taker)
        self.stands[taker], self.chosen[taker], self.joined[taker] = State.CONFIRMED, self.chosen[giver], 0

    def change(self, number: int, chosen: set[int]) -> None:
        before, wanted = self.chosen[number], {ITSELF, *chosen}
        add, drop = wanted - before, before - wanted
        fits = number not in self.held or self.is_room_for(add)
        try:
            with unit_of_work():
                services.change_choices(
                    self.mine(number), actor=SYSTEM, add=self.choices(add), drop=self.choices(drop)
                )  # fmt: skip
        except Refused:
            assert not fits
            return
        assert fits
        self.done.add("changed")
        self.chosen[number] = wanted
        if drop:
            self.fill()

    def resize(self, place: int, capacity: int | None, reason: str) -> None:
        too_small = capacity is not None and capacity < self.taken(place) and not reason
        try:
            with unit_of_work():
                session = db.session.get_one(Session, self.sessions[place]) if place in range(SESSIONS) else None
                services.set_capacity(
                    self.event,
                    session,
                    capacity,
                    actor=SYSTEM,
                    reason=reason,
                    option=VEGAN if place == OPTION else None,
                )
        except Refused:
            assert too_small
            return
        assert not too_small or capacity == self.capacity[place]
        grows = capacity != self.capacity[place]
        self.capacity[place] = capacity
        if grows:
            self.fill()

    @invariant()
    def the_same_people_are_in_and_wait_in_the_same_order(self) -> None:
        assert_sound(self.event)
        counters = db.session.scalars(select(PlaceCounter).where(PlaceCounter.event_id == self.event.id))
        stored = {
            self.number_of(each): (each.capacity, each.taken, each.waiting)
            for each in counters
        }  # fmt: skip
        assert stored == {
            place: (capacity, self.taken(place), sum(place in self.chosen[each] for each in self.line()))
            for place, capacity in self.capacity.items()
        }
        rows = db.session.scalars(select(Registration).where(Registration.event_id == self.event.id)).all()
        mine = {self.people.index(each.person_id): each for each in rows}
        gone = (State.WITHDRAWN, State.REPLACED, State.REFUSED)
        assert {number: each.state for number, each in mine.items() if each.state not in gone} == self.stands
        line = self.line()
        assert [queries.position_of(mine[each]) for each in line] == list(range(1, len(line) + 1))

    def number_of(self, counter: PlaceCounter) -> int:
        if counter.option:
            return OPTION
        return self.sessions.index(counter.session_id) if counter.session_id else ITSELF

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


EVERYTHING = {
    "confirmed", "promoted", "offered", "offer_ended", "pending", "refused", "waiting", "withdrawn", "handed over",
    "changed",
}  # fmt: skip


def test_a_long_walk_meets_everything_that_can_happen(either_app: Flask) -> None:
    """The same machine by chance alone: Hypothesis shrinks well, but hardly ever comes so far as to an expired offer."""
    with either_app.app_context():
        people = make_people(PEOPLE)
        known = {"people": [each.id for each in people], "addresses": [each.email for each in people]}
    choose = random.Random(1)

    def chosen() -> set[int]:
        return {each for each in range(OPTION + 1) if choose.random() < 0.25}

    machine = type("Machine", (Gate,), {"app": either_app, **known})()
    happened: set[str] = set()
    try:
        for offers in (True, False):
            machine.open(
                capacity=2,
                places=1,
                waits=True,
                offers=offers,
                holds=offers,
                first=[chosen() for _ in range(BEFORE)],
            )
            for _step in range(WALK):
                machine.act(
                    choose.choice(ACTS), choose.randrange(PEOPLE), chosen(), choose.choice(SIZES), choose.random() < 0.6
                )
                machine.the_same_people_are_in_and_wait_in_the_same_order()
            machine.everybody_was_told_once_what_happened_to_them()
            happened |= {kind.removeprefix("registration_") for _address, kind in machine.told} | machine.done
    finally:
        machine.teardown()
    assert happened == EVERYTHING
