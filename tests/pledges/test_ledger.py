"""The ledger of kept promises: counted once as defined, and improved by nothing that is done after a deadline."""

import random
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.figures.numbers import Period
from app.people.models import Team
from app.pledges import ledger, queries, services
from app.pledges.models import Pledge, PledgeState
from tests.cast import Cast, load
from tests.factories import make_event, make_team
from tests.factories.pledges import make_draft, make_in_force, make_trio, sign_by

SEEN = "The meter of the hall."
FATES = [("kept", None), ("kept", None), ("partly_kept", 50), ("missed", None), ("missed", None)]


def judge(pledge: Pledge, cast: Cast, verdict: str, score: int | None = None) -> None:
    services.assess(pledge, actor=cast.olaf, verdict=verdict, score=score, reason="Counted.", evidence=SEEN)


def account_of(team: Team, cast: Cast, who: str = "rita") -> ledger.Account:
    (account,) = ledger.list_accounts(cast.accounts[who], team=team)
    return account


def test_the_rate_is_of_what_was_assessed_and_the_others_are_listed(cast: Cast) -> None:
    with unit_of_work():
        event, team = make_event(), make_team(name="Clear Water")
        for verdict, score in FATES:
            judge(make_in_force(event, cast, team=team), cast, verdict, score)
        services.release(make_in_force(event, cast, team=team), actor=cast.li_wei, reason="The gate was moved.")
        services.void(make_in_force(event, cast, team=team), actor=cast.olaf, reason="Written twice.")
        older = make_in_force(event, cast, team=team)
        newer = services.open_pledge(services.draft_new_edition(older, actor=cast.olaf), actor=cast.olaf)
        sign_by(newer, cast, "petra", "tom", "li_wei")
        make_draft(event, team=team)
    account = account_of(team, cast)
    assert (account.rate.points, account.rate.whole, account.rate.percent) == (250, 5, 50)
    assert dict(account.counts) == {
        "kept": 2, "partly_kept": 1, "missed": 2, "released": 1, "void": 1, "superseded": 1, "in_force": 1,
    }  # fmt: skip


def test_of_fewer_than_five_there_is_no_percentage(cast: Cast) -> None:
    with unit_of_work():
        event, team = make_event(), make_team()
        for _each in range(4):
            judge(make_in_force(event, cast, team=team), cast, "kept")
    account = account_of(team, cast)
    assert (account.rate.points, account.rate.percent) == (400, None)


def test_refused_ones_are_listed_for_whoever_may_see_them(cast: Cast) -> None:
    with unit_of_work():
        event, team = make_event(), make_team()
        pledge = make_trio(event, cast, team=team)
        slot = next(each for each in pledge.slots if each.role == "witness")
        services.decline(slot, actor=cast.tom, reason="I was not there.")
    for who in ("olaf", "aude", "petra", "tom"):
        assert account_of(team, cast, who).counts == {"refused": 1}, who
    assert account_of(team, cast).counts == {}
    assert account_of(team, cast, "olaf").rate.whole == 0


def test_a_verdict_under_appeal_counts_until_it_is_decided(cast: Cast) -> None:
    with unit_of_work():
        event, team = make_event(), make_team()
        pledges = [make_in_force(event, cast, team=team) for _each in range(5)]
        for each in pledges[:4]:
            judge(each, cast, "kept")
        judge(pledges[4], cast, "missed")
        services.appeal(pledges[4], actor=cast.petra, reason="The meter was broken.")
    account = account_of(team, cast)
    assert (account.rate.percent, account.under_appeal, account.counts["missed"]) == (80, 1, 1)
    with unit_of_work():
        services.decide_appeal(pledges[4], actor=cast.li_wei, verdict="kept", reason="It was broken.")
    assert account_of(team, cast).rate.percent == 100
    own = queries.standing_of_team(team, cast.rita)
    assert (own.kept, own.missed) == (5, 0)


def test_a_period_holds_what_was_said_in_it_and_what_has_not_ended(cast: Cast) -> None:
    with unit_of_work():
        event, team = make_event(), make_team()
        with clock.at(clock.now() - timedelta(days=800)):
            judge(make_in_force(event, cast, team=team), cast, "missed")
        judge(make_in_force(event, cast, team=team), cast, "kept")
        make_in_force(event, cast, team=team)
    accounts = ledger.list_accounts(cast.rita)
    this, then = ledger.years_of(accounts)
    (now,) = ledger.in_period(accounts, Period.of_year(this))
    (before,) = ledger.in_period(accounts, Period.of_year(then))
    assert dict(now.counts) == {"kept": 1, "in_force": 1}
    assert dict(before.counts) == {"missed": 1, "in_force": 1}


# --- nothing done after a deadline raises the rate ----------------------------------------------------------------

TRUTH = {0: ("kept", None), 1: ("missed", None), 2: ("partly_kept", 30), 3: ("missed", None), 4: ("kept", None)}


def evasions(pledge: Pledge, cast: Cast) -> dict[str, Any]:
    """Everything that somebody might try so that what was not kept does not count."""
    later = clock.today() + timedelta(days=300)
    return {
        "release": lambda: services.release(pledge, actor=cast.li_wei, reason="It was hard."),
        "release by assessing": lambda: services.assess(
            pledge, actor=cast.li_wei, verdict="released", reason="It was hard.", evidence=SEEN
        ),
        "void": lambda: services.void(pledge, actor=cast.olaf, reason="Nobody remembers it."),
        "a new version": lambda: services.draft_new_edition(pledge, actor=cast.olaf),
        "another deadline": lambda: services.edit_pledge(pledge, actor=cast.olaf, deadline=later),
        "another team": lambda: services.edit_pledge(pledge, actor=cast.olaf, team=None),
        "a lower target": lambda: services.edit_pledge(pledge, actor=cast.olaf, targets=[]),
        "the own verdict": lambda: services.assess(
            pledge, actor=cast.petra, verdict="kept", reason="I say so.", evidence=SEEN
        ),
        "a late refusal": lambda: services.decline(pledge.slots[0], actor=cast.petra, reason="I never meant it."),
        "the last signature of a newer one": lambda: _finish_newer(pledge, cast),
        "another pledge": lambda: make_in_force(pledge.event, cast, team=pledge.team),
        "an appeal": lambda: services.appeal(pledge, actor=cast.petra, reason="It was nearly kept."),
        "the own appeal decided": lambda: services.decide_appeal(
            pledge, actor=cast.petra, verdict="kept", reason="I say so."
        ),
        "the same decides": lambda: services.decide_appeal(pledge, actor=cast.olaf, verdict="kept", reason="Rather."),
        "released upon appeal": lambda: services.decide_appeal(
            pledge, actor=cast.li_wei, verdict="released", reason="It was hard."
        ),
    }


def _finish_newer(pledge: Pledge, cast: Cast) -> None:
    newer = queries.find_successor(pledge)
    if newer is not None and newer.state == PledgeState.OPEN:
        sign_by(newer, cast, "li_wei")


@pytest.mark.parametrize("seed", range(6))
def test_rule_8_nothing_that_is_done_after_a_deadline_raises_the_rate(cast: Cast, seed: int) -> None:
    """Any walk of acts after the deadline, before and after honest assessments, ends at the honest rate or below it."""
    chance = random.Random(seed)
    with unit_of_work():
        event, team = make_event(), make_team()
        deadline = clock.today() + timedelta(days=10)
        pledges = [make_in_force(event, cast, team=team, deadline=deadline) for _each in TRUTH]
        newer = services.draft_new_edition(pledges[1], actor=cast.olaf)
        services.edit_pledge(newer, actor=cast.olaf, deadline=deadline + timedelta(days=300))
        services.open_pledge(newer, actor=cast.olaf)
        sign_by(newer, cast, "petra", "tom")
    honest = 100 + 0 + 30 + 0 + 100
    waiting = list(TRUTH)
    with clock.at(clock.now() + timedelta(days=12)):
        for _step in range(40):
            chosen = chance.choice(pledges)
            name = chance.choice(list(evasions(chosen, cast)))
            try:
                with unit_of_work():
                    evasions(chosen, cast)[name]()
            except (Refused, Forbidden):
                db.session.expire_all()
            if waiting and chance.random() < 0.2:
                assess(waiting.pop(chance.randrange(len(waiting))), pledges, cast)
            rate = account_of(team, cast).rate
            assert rate.points <= honest - sum(_points(each) for each in waiting), name
            assert rate.whole == len(TRUTH) - len(waiting), name
        while waiting:
            assess(waiting.pop(), pledges, cast)
        rate = account_of(team, cast).rate
    assert (rate.points, rate.whole, rate.percent) == (honest, 5, 46)


def assess(which: int, pledges: list[Pledge], cast: Cast) -> None:
    verdict, score = TRUTH[which]
    with unit_of_work():
        judge(pledges[which], cast, verdict, score)


def _points(which: int) -> int:
    verdict, score = TRUTH[which]
    return {"kept": 100, "missed": 0}.get(verdict, score or 0)


# --- pages --------------------------------------------------------------------------------------------------------


def test_the_pages_tell_rate_counts_and_lists_and_never_a_rank(app: Flask, as_: Any, count_statements: Any) -> None:
    with app.app_context(), unit_of_work():
        cast = load()
        event = make_event()
        team, other = make_team(name="Zebra"), make_team(name="Ant")
        for verdict, score in FATES:
            judge(make_in_force(event, cast, team=team, title=f"Word {verdict}"), cast, verdict, score)
        judge(make_in_force(event, cast, team=other), cast, "kept")
        ref = team.ref
    rita = as_("rita")
    page = rita.get("/pledges/ledger").text
    assert page.index("Ant") < page.index("Zebra")
    assert "50%" in page
    assert "2.5 of 5" in page
    assert "1 of 1, too few for a rate" in page
    mine = rita.get(f"/teams/{ref}/pledges").text
    assert mine.count("Word kept") == 2
    assert f"/teams/{ref}/pledges" in rita.get(f"/teams/{ref}").text
    for kind in ("csv", "xlsx"):
        assert rita.get(f"/pledges/ledger.{kind}").status_code == 200
    assert rita.get("/pledges/ledger?year=99999999999999").status_code == 200
    assert rita.get(f"/teams/{'x' * 16}/pledges").status_code == 404
    assert as_("nobody").get("/pledges/ledger").status_code == 302
    with count_statements() as few:
        rita.get("/pledges/ledger")
    with app.app_context(), unit_of_work():
        cast = load()
        for number in range(8):
            judge(make_in_force(make_event(), cast, team=make_team(name=f"Team {number}")), cast, "kept")
    with count_statements() as many:
        rita.get("/pledges/ledger")
    assert len(many) == len(few) <= 12
