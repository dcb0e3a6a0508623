"""Void, new versions and assessment."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts import services as accounts
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden
from app.core.roles import SYSTEM, Role
from app.mail.models import MailMessage
from app.pledges import queries, services
from app.pledges.errors import NotPossibleNow, ScoreMissing
from app.pledges.models import Pledge, PledgeState
from app.search.models import SearchEntry
from app.signing import queries as signing
from tests.cast import Cast, load
from tests.factories import make_event, make_team
from tests.factories.pledges import make_draft, make_in_force, make_open, make_trio, sign_by

REASON = "The gate was moved."


@pytest.fixture
def pledge(cast: Cast) -> Pledge:
    """In force, due in ten days."""
    with unit_of_work():
        return make_in_force(make_event(), cast, deadline=clock.today() + timedelta(days=10))


def after_the_deadline():
    return clock.at(clock.now() + timedelta(days=12))


def test_a_void_pledge_stays_readable_with_its_reason_and_its_document_is_withdrawn(pledge: Pledge, cast: Cast) -> None:
    with unit_of_work():
        services.void(pledge, actor=cast.olaf, reason=REASON)
    assert (pledge.state, pledge.void_reason) == (PledgeState.VOID, REASON)
    assert signing.check(pledge.document.code).finding == signing.Finding.WITHDRAWN
    assert queries.find_visible(cast.rita, pledge.event, pledge.ref) is pledge
    assert db.session.scalar(select(SearchEntry).where(SearchEntry.kind == "pledge")) is None
    mails = db.session.scalars(select(MailMessage).where(MailMessage.kind == "pledge_void")).all()
    assert len(mails) == 3
    assert all(REASON in each.text for each in mails)


def test_an_open_pledge_can_be_void_and_then_nobody_signs_it(cast: Cast) -> None:
    with unit_of_work():
        pledge = make_trio(make_event(), cast)
    with unit_of_work():
        services.void(pledge, actor=cast.li_wei, reason=REASON)
    with pytest.raises(NotPossibleNow), unit_of_work():
        sign_by(pledge, cast, "petra")


def test_only_organizer_and_presiding_leader_declare_void(pledge: Pledge, cast: Cast) -> None:
    for name in ("petra", "tom", "sara", "sven", "ada", "aude"):
        with pytest.raises(Forbidden), unit_of_work():
            services.void(pledge, actor=cast.accounts[name], reason=REASON)
    db.session.refresh(pledge)
    assert pledge.state == PledgeState.IN_FORCE


def test_a_new_version_takes_words_and_people_over_and_no_signature(pledge: Pledge, cast: Cast) -> None:
    with pytest.raises(NotPossibleNow), unit_of_work():
        services.draft_new_edition(pledge, actor=cast.olaf)
    with unit_of_work():
        services.void(pledge, actor=cast.olaf, reason=REASON)
    with unit_of_work():
        newer = services.draft_new_edition(pledge, actor=cast.olaf)
    assert (newer.label, newer.edition, newer.state) == (f"{pledge.label}-v2", 2, PledgeState.DRAFT)
    assert (newer.text, newer.content_hash, newer.replaces) == (pledge.text, None, pledge)
    assert [(each.person, each.role, each.signature) for each in newer.slots] == [
        (each.person, each.role, None) for each in pledge.slots
    ]
    assert all(each.signature for each in pledge.slots)
    with pytest.raises(NotPossibleNow), unit_of_work():
        services.draft_new_edition(pledge, actor=cast.olaf)


@pytest.mark.parametrize(("verdict", "score"), [("kept", None), ("partly_kept", 40), ("missed", None)])
def test_what_became_of_it_is_said_after_the_deadline_with_a_reason(
    pledge: Pledge, cast: Cast, verdict: str, score: int | None
) -> None:
    with pytest.raises(NotPossibleNow), unit_of_work():
        services.assess(pledge, actor=cast.li_wei, verdict=verdict, reason="Too early.", score=score)
    db.session.refresh(pledge)
    assert pledge.verdict is None
    with after_the_deadline(), unit_of_work():
        services.assess(pledge, actor=cast.li_wei, verdict=verdict, reason="Counted twice.", score=score)
    assert (pledge.state, pledge.verdict, pledge.verdict_reason) == (PledgeState.ASSESSED, verdict, "Counted twice.")
    assert pledge.assessed_by_name == "Li Wei"
    assert db.session.scalar(select(func.count()).where(MailMessage.kind == "pledge_assessed")) == 3


@pytest.mark.parametrize("score", [None, -1, 101])
def test_what_was_partly_kept_is_said_with_how_much_of_it(pledge: Pledge, cast: Cast, score: int | None) -> None:
    with pytest.raises(ScoreMissing) as caught, after_the_deadline(), unit_of_work():
        services.assess(pledge, actor=cast.li_wei, verdict="partly_kept", reason="Half of it.", score=score)
    assert caught.value.field == "score"
    db.session.refresh(pledge)
    assert (pledge.verdict, pledge.score) == (None, None)
    with after_the_deadline(), unit_of_work():
        services.assess(pledge, actor=cast.li_wei, verdict="partly_kept", reason="Half of it.", score=50)
    assert (pledge.score, pledge.verdict_label) == (50, "Partly kept, 50 of 100")
    mail = db.session.scalar(select(MailMessage.text).where(MailMessage.kind == "pledge_assessed").limit(1))
    assert "Partly kept, 50 of 100" in mail


def test_what_was_kept_or_missed_has_no_score_whatever_is_sent(pledge: Pledge, cast: Cast) -> None:
    with after_the_deadline(), unit_of_work():
        services.assess(pledge, actor=cast.li_wei, verdict="missed", reason="No.", score=90)
    assert (pledge.verdict, pledge.score) == ("missed", None)


def test_the_page_asks_for_the_score_beside_its_field_and_loses_nothing(app: Flask, as_: Any) -> None:
    with app.app_context(), unit_of_work():
        pledge = make_in_force(make_event(), load(), deadline=clock.today() + timedelta(days=10))
        url = f"/events/{pledge.event.ref}/pledges/{pledge.ref}"
    with after_the_deadline():
        li_wei = as_("li_wei")
        for wrong in ("", "101", "-1", "half", "99999999999999999999"):
            refused = li_wei.post(
                f"{url}/assess", {"verdict": "partly_kept", "reason": "Half of what was said.", "score": wrong}
            )
            assert refused.status_code == 422, wrong
            assert "Half of what was said." in refused.text
        sent = {"verdict": "partly_kept", "reason": "Half of what was said.", "score": "50"}
        assert li_wei.post(f"{url}/assess", sent).status_code == 303
        assert "Partly kept, 50 of 100" in li_wei.get(url).text


def test_it_is_assessed_once(pledge: Pledge, cast: Cast) -> None:
    with after_the_deadline(), unit_of_work():
        services.assess(pledge, actor=cast.olaf, verdict="kept", reason="Counted.")
    with pytest.raises(NotPossibleNow), after_the_deadline(), unit_of_work():
        services.assess(pledge, actor=cast.li_wei, verdict="missed", reason="No.")
    with pytest.raises(NotPossibleNow), unit_of_work():
        services.void(pledge, actor=cast.olaf, reason=REASON)
    db.session.refresh(pledge)
    assert pledge.verdict == "kept"


def test_a_pledger_never_judges_the_own_word_not_even_as_organizer(pledge: Pledge, cast: Cast) -> None:
    with unit_of_work():
        accounts.grant_role(cast.petra, Role.ORGANIZER, actor=SYSTEM)
    for verdict in ("kept", "released"):
        with pytest.raises(Forbidden), after_the_deadline(), unit_of_work():
            services.assess(pledge, actor=cast.petra, verdict=verdict, reason="I say so.")
    db.session.refresh(pledge)
    assert pledge.verdict is None


def test_others_do_not_assess(pledge: Pledge, cast: Cast) -> None:
    for name in ("tom", "sara", "sven", "ada", "aude", "rita"):
        with pytest.raises(Forbidden), after_the_deadline(), unit_of_work():
            services.assess(pledge, actor=cast.accounts[name], verdict="kept", reason="So it seems.")


def test_the_countersigner_may_give_the_word_back_at_any_time_and_the_witness_not(cast: Cast) -> None:
    with unit_of_work():
        people = {cast.people["petra"]: "pledger", cast.people["tom"]: "witness", cast.people["mei"]: "countersigner"}
        pledge = make_open(make_event(), people, deadline=clock.today() + timedelta(days=10))
        sign_by(pledge, cast, "petra", "tom", "mei")
    with pytest.raises(Forbidden), unit_of_work():
        services.assess(pledge, actor=cast.tom, verdict="released", reason=REASON)
    with pytest.raises(Forbidden), after_the_deadline(), unit_of_work():
        services.assess(pledge, actor=cast.mei, verdict="kept", reason="It looks good.")
    with unit_of_work():
        services.assess(pledge, actor=cast.mei, verdict="released", reason=REASON)
    assert pledge.verdict == "released"


def test_standing_counts_and_never_ranks(cast: Cast) -> None:
    petra = cast.people["petra"]
    with unit_of_work():
        event, team = make_event(), make_team()
        make_draft(event, team=team)
        for verdict in ("kept", "kept", "missed", "partly_kept", "released"):
            each = make_in_force(event, cast, team=team)
            score = 50 if verdict == "partly_kept" else None
            services.assess(each, actor=cast.olaf, verdict=verdict, reason="Counted.", score=score)
        make_in_force(event, cast, team=team)
        make_trio(event, cast)
        hidden = make_in_force(make_event(audience="restricted"), cast, team=team)
        services.assess(hidden, actor=SYSTEM, verdict="missed", reason="Counted.")
    mine = queries.standing_of_team(team, cast.rita)
    assert (mine.kept, mine.partly_kept, mine.missed, mine.released, mine.in_force) == (2, 1, 1, 1, 1)
    own = queries.standing_of_person(petra, cast.petra)
    assert (own.kept, own.missed, own.open, own.total) == (2, 2, 1, 8)
    assert queries.standing_of_person(cast.people["tom"], cast.tom).total == 0
