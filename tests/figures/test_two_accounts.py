"""Whatever is done in whatever order: nothing that is done after a date raises the on-time figures, and the log alone
tells the same numbers as the page."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.accounts.models import Account
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.core.roles import SYSTEM
from app.extensions import services as extensions
from app.extensions.models import Extension, ExtensionState
from app.figures import numbers, queries
from app.figures.numbers import Against
from app.negotiations import services as negotiations
from app.negotiations.models import CounterProposal, ProposalState
from app.people.models import Person
from app.requirements import services
from app.requirements.models import Assignment
from tests.cast import Cast
from tests.factories import make_event, make_session
from tests.factories.requirements import confirmed_requirement, make_assignment, record_speech
from tests.figures import from_the_log

BEGUN = datetime(2027, 1, 11, 3, 0, tzinfo=UTC)  # eleven in Shanghai: five steps of six hours cross midnight there
DUE = 6  # days later
BEARERS = ("petra", "rita", "xaver")


class Play:
    """One event with three assignments and everything that can be done to them, by whoever may."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        with clock.at(BEGUN), unit_of_work():
            self.event = make_event(starts_on=BEGUN.date())
            speech = record_speech(cast, event=self.event, session=make_session(self.event))
            self.requirement = confirmed_requirement(cast, speech)
            due = BEGUN.date() + timedelta(days=DUE)
            self.assignments = [
                make_assignment(cast, state, self.requirement, due_on=due + timedelta(days=n))
                for n, state in enumerate(("assigned", "in_progress", "submitted"))
            ]

    def bearer(self, assignment: Assignment) -> Account:
        found = db.session.get(Account, assignment.responsible.account_id)
        assert found is not None
        return found

    def do(self, act: str, assignment: Assignment, days: int) -> None:
        acts: dict[str, Callable[[], object]] = {
            "accept": lambda: services.accept(assignment, actor=self.bearer(assignment)),
            "hand back": lambda: services.hand_back(assignment, actor=self.bearer(assignment), reason="No."),
            "hand over": lambda: services.hand_over(assignment, actor=self.cast.sven),
            "re-date": lambda: self.re_date(assignment, days),
            "counter": lambda: self.counter(assignment, days),
            "agree": lambda: negotiations.agree(self.open_proposal(assignment), actor=self.cast.sven),
            "decide": lambda: self.decide(assignment, days),
            "report": lambda: services.report(
                assignment, actor=self.bearer(assignment), text="It goes on.", confidence=7
            ),
            "submit": lambda: self.submit(assignment),
            "return": lambda: services.send_back(assignment, actor=self.cast.tom, reason="Not enough."),
            "verify": lambda: services.verify(assignment, actor=self.cast.tom),
            "close": lambda: services.close_assignment(assignment, actor=self.cast.li_wei, quality="good"),
            "cancel": lambda: services.cancel_assignment(assignment, actor=self.cast.li_wei, reason="Enough."),
            "withdraw": lambda: services.withdraw_requirement(
                self.requirement, actor=self.cast.li_wei, reason="It was a slip."
            ),
            "ask": lambda: extensions.ask(
                assignment, actor=self.bearer(assignment), new_due_on=self.in_days(days), reason="It takes longer."
            ),
            "grant": lambda: extensions.grant(self.open_request(assignment), actor=self.cast.sven),
            "refuse": lambda: extensions.refuse(self.open_request(assignment), actor=self.cast.sven, reason="No."),
            "transfer": lambda: services.transfer(
                assignment, actor=self.cast.sven, to=self.somebody_else(assignment), reason="Moved."
            ),
        }
        acts[act]()

    def in_days(self, days: int):
        return clock.today(self.event.time_zone) + timedelta(days=days)

    def somebody_else(self, assignment: Assignment) -> Person:
        others = [self.cast.people[name] for name in BEARERS if self.cast.people[name] is not assignment.responsible]
        return others[assignment.version % len(others)]

    def submit(self, assignment: Assignment) -> None:
        bearer = self.bearer(assignment)
        services.add_link(assignment, actor=bearer, url="https://wiki.hufu.example/plans", described_as="The plans")
        services.submit(assignment, actor=bearer)

    def re_date(self, assignment: Assignment, days: int) -> None:
        services.edit_assignment(
            assignment, actor=self.cast.sven, responsible=assignment.responsible, verifier=assignment.verifier,
            deliverable=assignment.deliverable, criteria=assignment.criteria, due_on=self.in_days(days),
        )  # fmt: skip

    def counter(self, assignment: Assignment, days: int) -> None:
        negotiations.propose_otherwise(
            assignment, actor=self.bearer(assignment), deliverable="Three plans", criteria="Three plans",
            due_on=self.in_days(days),
        )  # fmt: skip

    def decide(self, assignment: Assignment, days: int) -> None:
        negotiations.decide(
            assignment, actor=self.cast.li_wei, deliverable="Four plans", criteria="Four plans",
            due_on=self.in_days(days),
        )  # fmt: skip

    def open_request(self, assignment: Assignment) -> Extension:
        found = db.session.scalar(
            select(Extension).where(Extension.assignment_id == assignment.id, Extension.state == ExtensionState.ASKED)
        )
        if found is None:
            raise Refused("Nobody has asked.")
        return found

    def open_proposal(self, assignment: Assignment) -> CounterProposal:
        found = db.session.scalar(
            select(CounterProposal).where(
                CounterProposal.assignment_id == assignment.id, CounterProposal.state == ProposalState.OPEN
            )
        )
        if found is None:
            raise Refused("Nothing is proposed.")
        return found

    def pair(self) -> dict[str, tuple[set[str], set[str]]]:
        cases = queries.cases_of(SYSTEM, event=self.event)
        return {
            str(each): (
                {case.label for case in numbers.on_time(cases, each)},
                {case.label for case in numbers.missed(cases, each)},
            )
            for each in Against
        }


ACTS = (
    "accept", "hand back", "hand over", "re-date", "counter", "agree", "decide", "report", "submit", "return", "verify",
    "close", "cancel", "withdraw", "ask", "grant", "refuse", "transfer",
)  # fmt: skip
ALWAYS = ("ask", "grant", "refuse", "transfer", "cancel", "withdraw")  # the last of them end it, so they come seldom
LIKELY = {
    "proposed": ("hand over", "hand over", "re-date"),
    "assigned": ("accept", "accept", "counter", "hand back"),
    "negotiating": ("agree", "agree", "decide"),
    "accepted": ("report", "submit", "submit", "ask", "ask", "grant", "refuse"),
    "in_progress": ("submit", "submit", "ask", "ask", "grant", "refuse"),
    "submitted": ("verify", "verify", "return", "ask", "grant"),
    "verified": ("close",),
    "declined": ("hand over", "re-date", "re-date"),
}
STEPS = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 2), st.integers(0, 59), st.integers(0, 9)), min_size=20, max_size=30
)


def act_for(state: str, number: int) -> str:
    """Mostly what fits the state; sometimes what can come at any time, and sometimes anything at all."""
    if number >= 58:
        return ACTS[number % len(ACTS)]
    if number >= 48:
        return ALWAYS[(number - 48) % len(ALWAYS)] if number < 54 else ALWAYS[number % 4]
    fitting = LIKELY.get(state, ACTS)
    return fitting[number % len(fitting)]


def test_no_act_after_a_date_raises_the_on_time_figures_and_the_log_tells_the_same_numbers(cast):
    done: Counter[str] = Counter()

    @settings(
        max_examples=8, deadline=None, derandomize=True, database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )  # fmt: skip
    @given(STEPS)
    def plays(steps: list[tuple[int, int, int, int]]) -> None:
        play = Play(cast)
        now = BEGUN
        for hours, which, number, days in steps:
            now += timedelta(hours=6 * hours)
            with clock.at(now):
                act = act_for(play.assignments[which].state, number)
                before = play.pair()
                try:
                    with unit_of_work():
                        play.do(act, play.assignments[which], days)
                    done[act] += 1
                except (Refused, Forbidden):
                    continue
                finally:
                    db.session.expire_all()
                after = play.pair()
                for half in Against:
                    assert after[half][0] <= before[half][0], f"{act} made something on time ({half})"
                    assert after[half][1] >= before[half][1], f"{act} made a miss vanish ({half})"
        with clock.at(now):
            told = queries.figures_of(SYSTEM, event=play.event)
            log = from_the_log.read(play.event.ref, play.event.time_zone, now)
            assert play.pair() == log.pair()
            assert numbers.response_hours(told.cases) == log.response_hours()
            rate = numbers.return_rate(told.judgements)
            assert (rate.part, rate.whole) == log.returns()

    plays()
    assert len(done) > 12, "too little was played"


def test_rule_8_corner_by_corner(cast):
    """What each act before and after the date does to the pair; the log says the same after each."""
    play = Play(cast)
    waiting, working, handed_in = play.assignments  # due on days 6, 7 and 8
    agreed, strict = Against.AGREED, Against.STRICT

    def do(day: int, act: str, assignment: Assignment, days: int = 0) -> None:
        with clock.at(BEGUN + timedelta(days=day)):
            with unit_of_work():
                play.do(act, assignment, days)
            db.session.expire_all()

    def told(day: int) -> dict[Against, tuple[str, str]]:
        """Who was on time and who was not, as the letters of three names."""
        now = BEGUN + timedelta(days=day)
        letters = {waiting.label: "w", working.label: "k", handed_in.label: "h"}
        with clock.at(now):
            pair = play.pair()
            assert pair == from_the_log.read(play.event.ref, play.event.time_zone, now).pair()
        return {
            half: tuple("".join(sorted(letters[label] for label in pair[half][n])) for n in (0, 1)) for half in Against
        }  # type: ignore[return-value]

    do(6, "ask", working, 10)  # in time: until day 16
    assert told(7) == {agreed: ("", ""), strict: ("", "")}
    assert told(8) == {agreed: ("", ""), strict: ("", "k")}  # it waits: as agreed it is not due, strictly it is
    assert told(9) == {agreed: ("h", ""), strict: ("h", "k")}  # handed in on the first day, not judged yet
    do(9, "return", handed_in)
    assert told(9) == {agreed: ("", "h"), strict: ("", "hk")}
    do(10, "submit", handed_in)
    do(10, "verify", handed_in)
    do(10, "close", handed_in)
    assert told(10) == {agreed: ("", "h"), strict: ("", "hk")}  # what came after the date came too late
    do(10, "grant", working)
    assert told(10) == {agreed: ("", "h"), strict: ("", "hk")}
    do(11, "submit", working)
    assert told(17) == {agreed: ("k", "h"), strict: ("", "hk")}
    do(17, "transfer", working)
    assert told(17) == {
        agreed: ("", "hk"),
        strict: ("", "hk"),
    }  # the dates stay, and the new person has handed in nothing
    do(17, "ask", working, 30)  # too late
    do(17, "grant", working)
    assert told(17) == {agreed: ("", "hk"), strict: ("", "hk")}
    do(17, "cancel", working)
    assert told(18) == {agreed: ("", "hk"), strict: ("", "hk")}  # no cancellation after the date raises anything
    do(18, "accept", waiting)
    assert told(18) == {agreed: ("", "hkw"), strict: ("", "hkw")}


def test_what_is_done_on_its_very_date_is_on_time_and_what_is_cancelled_on_it_is_due_no_more(cast):
    play = Play(cast)
    with clock.at(BEGUN + timedelta(days=6)), unit_of_work():
        play.do("accept", play.assignments[0], 0)
        play.do("submit", play.assignments[0], 0)
    with clock.at(BEGUN + timedelta(days=7)), unit_of_work():
        play.do("cancel", play.assignments[1], 0)  # on its very day
    with clock.at(BEGUN + timedelta(days=9)):
        assert play.pair()["strict"] == ({play.assignments[0].label, play.assignments[2].label}, set())
