"""Whatever is done in whatever order after a deadline: neither the original nor the agreed date moves (rules 2 and 8)."""

import random
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest

from app.core import clock
from app.core.db import db, edit, unit_of_work
from app.core.errors import Forbidden, Refused
from app.extensions import queries as time_asked
from app.extensions import services as extensions
from app.negotiations import queries as negotiation
from app.negotiations import services as negotiations
from app.requirements import services
from app.requirements.models import Assignment
from tests.cast import Cast
from tests.factories.requirements import make_assignment

STEPS = 20
WALKS = 6
CARRIERS = ("petra", "rita", "xaver")


class Walk:
    """One assignment and everything that anybody may try with it, at random, one step a day."""

    def __init__(self, cast: Cast, assignment: Assignment, seed: int) -> None:
        self.cast, self.assignment, self.chance = cast, assignment, random.Random(seed)
        self.acts = [
            self.ask, self.grant, self.refuse, self.transfer, self.accept, self.hand_back, self.change, self.counter,
            self.agree, self.decide, self.report, self.prove, self.send_back, self.verify, self.force,
        ]  # fmt: skip

    @property
    def carrier(self) -> Any:
        return next(each for name, each in self.cast.accounts.items()
                    if self.cast.people[name] is self.assignment.responsible)  # fmt: skip

    def some_day(self) -> date:
        return clock.today() + timedelta(days=self.chance.randint(-40, 60))

    def terms(self) -> dict[str, Any]:
        said = negotiations.terms_of(self.assignment)
        return {**said, "deliverable": f"Version {self.chance.random()}", "due_on": self.chance.choice((said["due_on"], self.some_day()))}  # fmt: skip

    def ask(self) -> None:
        extensions.ask(self.assignment, actor=self.carrier, new_due_on=self.some_day(), reason="x")

    def grant(self) -> None:
        for each in time_asked.list_of(self.assignment):
            extensions.grant(each, actor=self.cast.sven)

    def refuse(self) -> None:
        for each in time_asked.list_of(self.assignment):
            extensions.refuse(each, actor=self.cast.li_wei, reason="x")

    def transfer(self) -> None:
        to = self.cast.people[self.chance.choice(CARRIERS)]
        services.transfer(self.assignment, actor=self.cast.sven, to=to, reason="x")

    def accept(self) -> None:
        services.accept(self.assignment, actor=self.carrier)

    def hand_back(self) -> None:
        services.hand_back(self.assignment, actor=self.carrier, reason="x")

    def change(self) -> None:
        if self.assignment.accepted_at is None:
            return  # nobody has promised anything yet: what comes back may be asked anew
        services.edit_assignment(
            self.assignment, actor=self.cast.sven, responsible=self.assignment.responsible,
            verifier=self.assignment.verifier, deliverable="x", criteria="y", due_on=self.some_day(),
        )  # fmt: skip

    def counter(self) -> None:
        actor = self.chance.choice((self.carrier, self.cast.sven))
        negotiations.propose_otherwise(self.assignment, actor=actor, **self.terms())

    def agree(self) -> None:
        for each in negotiation.list_of(self.assignment):
            negotiations.agree(each, actor=self.cast.sven if each.by_responsible else self.carrier)

    def decide(self) -> None:
        negotiations.decide(self.assignment, actor=self.cast.li_wei, **self.terms())

    def report(self) -> None:
        services.report(self.assignment, actor=self.carrier, text="x", confidence=5)

    def prove(self) -> None:
        services.add_link(self.assignment, actor=self.carrier, url="https://a.example", described_as="x")
        services.submit(self.assignment, actor=self.carrier)

    def send_back(self) -> None:
        services.send_back(self.assignment, actor=self.cast.tom, reason="x")

    def verify(self) -> None:
        services.verify(self.assignment, actor=self.cast.tom)

    def force(self) -> None:
        if self.assignment.accepted_at is not None:
            edit(self.assignment, version=None, original_due_on=self.some_day())

    def step(self) -> str:
        act = self.chance.choice(self.acts)
        with suppress(Refused, Forbidden), unit_of_work():
            act()
        return act.__name__


@pytest.mark.parametrize("state", ["assigned", "accepted"])
def test_no_order_of_acts_after_a_deadline_moves_a_date_or_makes_it_look_on_time(cast, state):
    begun = clock.now()
    for seed in range(WALKS):
        with clock.at(begun), unit_of_work():
            assignment = make_assignment(cast, state, due_on=clock.today() + timedelta(days=1))
        dates = assignment.original_due_on, assignment.due_on
        walk, way = Walk(cast, assignment, seed), []
        for day in range(STEPS):
            with clock.at(begun + timedelta(days=3 + day)):
                way.append(walk.step())
                db.session.refresh(assignment)
                assert (assignment.original_due_on, assignment.due_on) == dates, (seed, way)
        with clock.at(begun + timedelta(days=90)):
            with suppress(Refused, Forbidden), unit_of_work():
                ender = services.close_assignment if assignment.state == "verified" else services.cancel_assignment
                ended = {"quality": "good"} if ender is services.close_assignment else {"reason": "x"}
                ender(assignment, actor=cast.li_wei, **ended)
            assert (assignment.original_due_on, assignment.due_on) == dates, (seed, way)
            assert assignment.state != "closed" or assignment.was_closed_late(), (seed, way)


def test_no_order_of_acts_before_the_deadline_moves_the_original_date_once_it_is_accepted(cast):
    begun = clock.now()
    for seed in range(WALKS):
        with clock.at(begun), unit_of_work():
            assignment = make_assignment(cast, "accepted", due_on=clock.today() + timedelta(days=200))
        original = assignment.original_due_on
        walk, way = Walk(cast, assignment, 1_000 + seed), []
        for day in range(STEPS):
            with clock.at(begun + timedelta(days=day)):
                way.append(walk.step())
                db.session.refresh(assignment)
                assert assignment.original_due_on == original, (seed, way)
                assert assignment.due_on >= original, (seed, way)
