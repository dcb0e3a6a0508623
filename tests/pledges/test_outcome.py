"""Void, new versions and assessment."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts import services as accounts
from app.calendars.working_days import is_day_off
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden
from app.core.jobs import run_now
from app.core.roles import SYSTEM, Role
from app.mail.models import MailMessage
from app.pledges import queries, services
from app.pledges.errors import (
    AppealedAlready,
    DeadlinePassed,
    EvidenceMissing,
    NotPossibleNow,
    NotReady,
    ScoreMissing,
)
from app.pledges.models import Pledge, PledgeEvidence, PledgeState
from app.requirements.errors import NotALink
from app.search.models import SearchEntry
from app.signing import queries as signing
from tests.cast import Cast, load
from tests.factories import make_event, make_team
from tests.factories.pledges import make_draft, make_in_force, make_open, make_trio, sign_by

REASON = "The gate was moved."
SEEN = "The meter of the hall, read on the last day."


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


def open_newer(pledge: Pledge, cast: Cast, **values: Any) -> Pledge:
    """A new version of it, open for signature."""
    newer = services.draft_new_edition(pledge, actor=cast.olaf)
    services.edit_pledge(newer, actor=cast.olaf, **values)
    return services.open_pledge(newer, actor=cast.olaf)


def test_guard_an_older_version_is_superseded_when_the_newer_is_in_force_and_not_before(
    pledge: Pledge, cast: Cast
) -> None:
    with unit_of_work():
        newer = open_newer(pledge, cast, text="We give more.")
        sign_by(newer, cast, "petra", "tom")
    assert (pledge.state, newer.state) == (PledgeState.IN_FORCE, PledgeState.OPEN)
    assert newer.content["replaces"] == pledge.label
    with unit_of_work():
        sign_by(newer, cast, "li_wei")
    assert (pledge.state, newer.state) == (PledgeState.SUPERSEDED, PledgeState.IN_FORCE)
    assert pledge.superseded_at is not None
    assert signing.check(pledge.document.code).finding == signing.Finding.OLDER
    assert [each.label for each in queries.list_visible(cast.rita, pledge.event)] == [pledge.label, newer.label]
    mails = db.session.scalars(select(MailMessage.subject).where(MailMessage.kind == "pledge_superseded")).all()
    assert mails == [f"Replaced: {pledge.title}"] * 3


def test_guard_what_was_due_is_assessed_before_a_newer_version_takes_its_place(pledge: Pledge, cast: Cast) -> None:
    with unit_of_work():
        newer = open_newer(pledge, cast, deadline=clock.today() + timedelta(days=300))
        sign_by(newer, cast, "petra", "tom")
    with after_the_deadline():
        with pytest.raises(DeadlinePassed), unit_of_work():
            sign_by(newer, cast, "li_wei")
        db.session.refresh(newer)
        assert (newer.state, pledge.state) == (PledgeState.OPEN, PledgeState.IN_FORCE)
        with unit_of_work():
            services.assess(pledge, actor=cast.olaf, verdict="missed", reason="No.", evidence=SEEN)
        with unit_of_work():
            sign_by(newer, cast, "li_wei")
    assert (newer.state, pledge.state, pledge.verdict) == (PledgeState.IN_FORCE, PledgeState.ASSESSED, "missed")


def test_after_the_deadline_nothing_takes_it_out_of_the_count(pledge: Pledge, cast: Cast) -> None:
    with after_the_deadline():
        for act in (
            lambda: services.void(pledge, actor=cast.olaf, reason=REASON),
            lambda: services.release(pledge, actor=cast.li_wei, reason=REASON),
            lambda: services.draft_new_edition(pledge, actor=cast.olaf),
        ):
            with pytest.raises(DeadlinePassed), unit_of_work():
                act()
        db.session.refresh(pledge)
        assert (pledge.state, pledge.verdict) == (PledgeState.IN_FORCE, None)


def test_an_open_one_is_recalled_and_one_that_is_open_has_no_newer_version(cast: Cast) -> None:
    with unit_of_work():
        pledge = make_trio(make_event(), cast)
    with pytest.raises(NotPossibleNow), unit_of_work():
        services.draft_new_edition(pledge, actor=cast.olaf)
    with unit_of_work():
        services.void(pledge, actor=cast.olaf, reason=REASON)
    last = db.session.scalar(
        select(AuditEntry.action).where(AuditEntry.subject_ref == pledge.ref).order_by(AuditEntry.seq.desc())
    )
    assert (pledge.state, last) == (PledgeState.VOID, "pledge.recalled")


@pytest.mark.parametrize(("verdict", "score"), [("kept", None), ("partly_kept", 40), ("missed", None)])
def test_what_became_of_it_is_said_after_the_deadline_with_a_reason(
    pledge: Pledge, cast: Cast, verdict: str, score: int | None
) -> None:
    with pytest.raises(NotPossibleNow), unit_of_work():
        services.assess(pledge, actor=cast.li_wei, verdict=verdict, reason="Too early.", score=score, evidence=SEEN)
    db.session.refresh(pledge)
    assert pledge.verdict is None
    with after_the_deadline(), unit_of_work():
        services.assess(pledge, actor=cast.li_wei, verdict=verdict, reason="Counted twice.", score=score, evidence=SEEN)
    assert (pledge.state, pledge.verdict, pledge.verdict_reason) == (PledgeState.ASSESSED, verdict, "Counted twice.")
    assert pledge.assessed_by_name == "Li Wei"
    assert db.session.scalar(select(func.count()).where(MailMessage.kind == "pledge_assessed")) == 3


@pytest.mark.parametrize("score", [None, -1, 101])
def test_what_was_partly_kept_is_said_with_how_much_of_it(pledge: Pledge, cast: Cast, score: int | None) -> None:
    with pytest.raises(ScoreMissing) as caught, after_the_deadline(), unit_of_work():
        services.assess(
            pledge, actor=cast.li_wei, verdict="partly_kept", reason="Half of it.", score=score, evidence=SEEN
        )
    assert caught.value.field == "score"
    db.session.refresh(pledge)
    assert (pledge.verdict, pledge.score) == (None, None)
    with after_the_deadline(), unit_of_work():
        services.assess(pledge, actor=cast.li_wei, verdict="partly_kept", reason="Half of it.", score=50, evidence=SEEN)
    assert (pledge.score, pledge.verdict_label) == (50, "Partly kept, 50 of 100")
    mail = db.session.scalar(select(MailMessage.text).where(MailMessage.kind == "pledge_assessed").limit(1))
    assert "Partly kept, 50 of 100" in mail


def test_what_was_kept_or_missed_has_no_score_whatever_is_sent(pledge: Pledge, cast: Cast) -> None:
    with after_the_deadline(), unit_of_work():
        services.assess(pledge, actor=cast.li_wei, verdict="missed", reason="No.", score=90, evidence=SEEN)
    assert (pledge.verdict, pledge.score) == ("missed", None)


def test_the_page_asks_for_the_score_beside_its_field_and_loses_nothing(app: Flask, as_: Any) -> None:
    with app.app_context(), unit_of_work():
        pledge = make_in_force(make_event(), load(), deadline=clock.today() + timedelta(days=10))
        url = f"/events/{pledge.event.ref}/pledges/{pledge.ref}"
    with after_the_deadline():
        li_wei = as_("li_wei")
        for wrong in ("", "101", "-1", "half", "99999999999999999999"):
            refused = li_wei.post(
                f"{url}/assess",
                {"verdict": "partly_kept", "reason": "Half of what was said.", "score": wrong, "evidence": SEEN},
            )
            assert refused.status_code == 422, wrong
            assert "Half of what was said." in refused.text
        sent = {"verdict": "partly_kept", "reason": "Half of what was said.", "score": "50", "evidence": SEEN}
        assert li_wei.post(f"{url}/assess", sent).status_code == 303
        assert "Partly kept, 50 of 100" in li_wei.get(url).text


def test_it_is_assessed_once(pledge: Pledge, cast: Cast) -> None:
    with after_the_deadline(), unit_of_work():
        services.assess(pledge, actor=cast.olaf, verdict="kept", reason="Counted.", evidence=SEEN)
    with pytest.raises(NotPossibleNow), after_the_deadline(), unit_of_work():
        services.assess(pledge, actor=cast.li_wei, verdict="missed", reason="No.", evidence=SEEN)
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
            services.assess(pledge, actor=cast.accounts[name], verdict="kept", reason="So it seems.", evidence=SEEN)


def test_guard_only_the_countersigner_gives_the_word_back(cast: Cast) -> None:
    with unit_of_work():
        people = {cast.people["petra"]: "pledger", cast.people["tom"]: "witness", cast.people["mei"]: "countersigner"}
        pledge = make_open(make_event(), people, deadline=clock.today() + timedelta(days=10))
        sign_by(pledge, cast, "petra", "tom", "mei")
    for name in ("tom", "petra", "olaf", "li_wei", "ada"):
        with pytest.raises(Forbidden), unit_of_work():
            services.assess(pledge, actor=cast.accounts[name], verdict="released", reason=REASON)
    with pytest.raises(Forbidden), after_the_deadline(), unit_of_work():
        services.assess(pledge, actor=cast.mei, verdict="kept", reason="It looks good.", evidence=SEEN)
    with unit_of_work():
        services.assess(pledge, actor=cast.mei, verdict="released", reason=REASON)
    assert (pledge.verdict, pledge.verdict_reason) == ("released", REASON)
    with pytest.raises(NotPossibleNow), unit_of_work():
        services.appeal(pledge, actor=cast.petra, reason="I did keep it.")


def test_where_nobody_accepted_it_the_presiding_leader_gives_it_back(cast: Cast) -> None:
    with unit_of_work():
        people = {cast.people["petra"]: "pledger", cast.people["tom"]: "witness"}
        pledge = make_open(make_event(), people)
        sign_by(pledge, cast, "petra", "tom")
    for name in ("olaf", "petra"):
        with pytest.raises(Forbidden), unit_of_work():
            services.release(pledge, actor=cast.accounts[name], reason=REASON)
    with unit_of_work():
        services.release(pledge, actor=cast.li_wei, reason=REASON)
    assert pledge.verdict == "released"


# --- evidence -----------------------------------------------------------------------------------------------------


def test_guard_a_verdict_rests_on_evidence(pledge: Pledge, cast: Cast) -> None:
    with pytest.raises(EvidenceMissing) as caught, after_the_deadline(), unit_of_work():
        services.assess(pledge, actor=cast.olaf, verdict="kept", reason="I think so.")
    assert caught.value.field == "evidence"
    db.session.refresh(pledge)
    assert pledge.verdict is None
    with unit_of_work():
        services.add_evidence(
            pledge, actor=cast.petra, words="Report of the laboratory", figure="85 %", url="https://lab.example/7",
            file=(BytesIO(b"%PDF-1.7 report"), "report.pdf"),
        )  # fmt: skip
    with after_the_deadline(), unit_of_work():
        services.assess(pledge, actor=cast.olaf, verdict="kept", reason="As measured.")
    piece = db.session.scalars(select(PledgeEvidence)).one()
    assert (piece.words, piece.figure, piece.url, piece.file.name) == (
        "Report of the laboratory", "85 %", "https://lab.example/7", "report.pdf",
    )  # fmt: skip
    assert (pledge.verdict, piece.by_name) == ("kept", "Petra Lindqvist")
    with pytest.raises(NotPossibleNow), unit_of_work():
        services.add_evidence(pledge, actor=cast.petra, words="Too late")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "lab.example", "https://", "https://a b.example", "https://x@y"]
)
def test_evidence_is_brought_by_those_concerned_and_a_link_is_one(pledge: Pledge, cast: Cast, url: str) -> None:
    for name in ("rita", "sven", "ada", "aude"):
        with pytest.raises(Forbidden), unit_of_work():
            services.add_evidence(pledge, actor=cast.accounts[name], words=SEEN)
    with pytest.raises(NotALink) as caught, unit_of_work():
        services.add_evidence(pledge, actor=cast.petra, words=SEEN, url=url)
    assert caught.value.field == "url"
    assert db.session.scalar(select(func.count(PledgeEvidence.id))) == 0


# --- the appeal ---------------------------------------------------------------------------------------------------


def missed(pledge: Pledge, cast: Cast) -> None:
    services.assess(pledge, actor=cast.olaf, verdict="missed", reason="The figure is 60 %.", evidence=SEEN)


def test_an_appeal_is_made_once_and_decided_by_somebody_else_than_who_assessed(pledge: Pledge, cast: Cast) -> None:
    with after_the_deadline(), unit_of_work():
        missed(pledge, cast)
    for name in ("tom", "li_wei", "olaf", "rita"):
        with pytest.raises(Forbidden), unit_of_work():
            services.appeal(pledge, actor=cast.accounts[name], reason="For her.")
    with unit_of_work():
        services.appeal(pledge, actor=cast.petra, reason="The meter was broken.")
    assert (pledge.state, pledge.verdict, pledge.appealed_by_name) == (
        PledgeState.APPEALED,
        "missed",
        "Petra Lindqvist",
    )
    assert queries.list_to_assess(cast.li_wei, clock.now()) == [pledge]
    assert queries.list_to_assess(cast.olaf, clock.now()) == []
    for name in ("olaf", "petra", "tom"):
        with pytest.raises(Forbidden), unit_of_work():
            services.decide_appeal(pledge, actor=cast.accounts[name], verdict="kept", reason="It was broken.")
    with pytest.raises(DeadlinePassed), unit_of_work():
        services.decide_appeal(pledge, actor=cast.li_wei, verdict="released", reason="It was broken.")
    with unit_of_work():
        services.decide_appeal(pledge, actor=cast.li_wei, verdict="partly_kept", score=70, reason="It was broken.")
    assert (pledge.state, pledge.verdict, pledge.score) == (PledgeState.ASSESSED, "partly_kept", 70)
    assert (pledge.first_verdict, pledge.first_verdict_reason) == ("missed", "The figure is 60 %.")
    assert (pledge.assessed_by_name, pledge.appeal_decided_by_name) == ("Olaf Brandt", "Li Wei")
    with pytest.raises(AppealedAlready), unit_of_work():
        services.appeal(pledge, actor=cast.petra, reason="All of it was kept.")
    kinds = db.session.execute(select(MailMessage.kind, func.count()).group_by(MailMessage.kind)).all()
    assert {kind: number for kind, number in kinds if "appeal" in kind} == {
        "pledge_appealed": 3,
        "pledge_appeal_decided": 3,
    }


# --- what time does -----------------------------------------------------------------------------------------------


def test_what_is_not_signed_by_all_expires_after_the_last_day_for_it(cast: Cast) -> None:
    with unit_of_work():
        pledge = make_trio(make_event(), cast, sign_by=clock.today() + timedelta(days=9))
        sign_by(pledge, cast, "petra")
    with clock.at(clock.now() + timedelta(days=8)):
        run_now("end_unsigned_pledges")
        assert pledge.state == PledgeState.OPEN
    with clock.at(clock.now() + timedelta(days=11)):
        run_now("end_unsigned_pledges")
        run_now("end_unsigned_pledges")
    db.session.refresh(pledge)
    assert pledge.state == PledgeState.VOID
    assert pledge.void_reason.startswith("Not everybody had signed it by ")
    expired = db.session.scalars(select(AuditEntry.actor_name).where(AuditEntry.action == "pledge.expired")).all()
    assert expired == ["Hufu"]
    with pytest.raises(NotPossibleNow), unit_of_work():
        sign_by(pledge, cast, "tom")


def test_whoever_has_not_decided_is_reminded_once_at_each_of_the_days(cast: Cast) -> None:
    with unit_of_work():
        pledge = make_trio(make_event(), cast, sign_by=clock.today("Asia/Shanghai") + timedelta(days=10))
        sign_by(pledge, cast, "petra")
    told = []
    for days in range(11):
        with clock.at(clock.now() + timedelta(days=days)):
            run_now("remind_signatories")
            run_now("remind_signatories")
        told.append(db.session.scalar(select(func.count()).where(MailMessage.kind == "pledge_reminder")))
    assert told == [0, 0, 0, 2, 2, 2, 2, 2, 4, 4, 6]
    names = set(db.session.scalars(select(MailMessage.to_name).where(MailMessage.kind == "pledge_reminder")))
    assert names == {"Tom Okafor", "Li Wei"}
    assert pledge.state == PledgeState.OPEN


def test_the_last_day_to_sign_lies_ahead_and_before_the_deadline(cast: Cast) -> None:
    today = clock.today("Asia/Shanghai")
    with unit_of_work():
        event = make_event()
        with pytest.raises(NotReady) as caught:
            make_draft(event, deadline=today, sign_by=today + timedelta(days=1))
        assert caught.value.field == "sign_by"
        pledge = make_draft(event, sign_by=today - timedelta(days=1))
        services.add_slot(pledge, cast.people["petra"], "pledger", actor=cast.olaf)
    with pytest.raises(NotReady), unit_of_work():
        services.open_pledge(pledge, actor=cast.olaf)


def test_the_day_after_the_deadline_or_the_anniversary_asks_for_the_assessment(pledge: Pledge, cast: Cast) -> None:
    with unit_of_work():
        endless = make_in_force(pledge.event, cast)
    now = clock.now()
    for days, due in {9: [], 12: [pledge], 360: [pledge], 368: [pledge, endless]}.items():
        assert queries.list_to_assess(cast.li_wei, now + timedelta(days=days)) == due, days
        assert queries.list_to_assess(cast.petra, now + timedelta(days=days)) == []


def test_the_home_page_and_the_own_list_ask_whoever_may_judge(app: Flask, as_: Any) -> None:
    with app.app_context(), unit_of_work():
        pledge = make_in_force(make_event(), load(), title="Loss", deadline=clock.today() + timedelta(days=10))
        url = f"/events/{pledge.event.ref}/pledges/{pledge.ref}/assess"
    assert url not in as_("li_wei").get("/").text
    with after_the_deadline():
        for name, is_asked in {"li_wei": True, "olaf": True, "petra": False, "sara": False}.items():
            assert (url in as_(name).get("/").text) == is_asked, name
            assert ("Waiting for your verdict" in as_(name).get("/my/pledges").text) == is_asked, name


def test_the_daily_mail_asks_for_verdicts_and_for_decisions_about_appeals(pledge: Pledge, cast: Cast) -> None:
    deadline = pledge.deadline
    assert deadline is not None
    mornings = working_mornings(deadline, pledge.event.time_zone)
    for _day in range(2):
        with clock.at(next(mornings)):
            run_now("send_digests")
            run_now("send_digests")
    (first,) = mails_of_the_day("Li Wei")
    assert f"{pledge.label} {pledge.title}" in first
    assert "Please say what became of it." in first
    assert f"/events/{pledge.event.ref}/pledges/{pledge.ref}" in first
    assert [mails_of_the_day(name) for name in ("Petra Lindqvist", "Olaf Brandt")] == [[], []]
    moment = next(mornings)
    with clock.at(moment), unit_of_work():
        missed(pledge, cast)
        services.appeal(pledge, actor=cast.petra, reason="The meter was broken.")
    with clock.at(next(mornings)):
        run_now("send_digests")
    assert "Somebody appeals against the verdict." in mails_of_the_day("Li Wei")[-1]


def working_mornings(after: date, zone: str) -> Iterator[datetime]:
    """Nine o'clock of the working days after a day."""
    for number in range(1, 60):
        day = after + timedelta(days=number)
        if not is_day_off(day, zone):
            yield datetime.combine(day, time(9), ZoneInfo(zone)).astimezone(UTC)


def mails_of_the_day(name: str) -> list[str]:
    found = select(MailMessage.text).where(MailMessage.kind == "digest", MailMessage.to_name == name)
    return list(db.session.scalars(found.order_by(MailMessage.id)))


def test_standing_counts_and_never_ranks(cast: Cast) -> None:
    petra = cast.people["petra"]
    with unit_of_work():
        event, team = make_event(), make_team()
        make_draft(event, team=team)
        for verdict in ("kept", "kept", "missed", "partly_kept", "released"):
            each = make_in_force(event, cast, team=team)
            score = 50 if verdict == "partly_kept" else None
            who = cast.li_wei if verdict == "released" else cast.olaf
            services.assess(each, actor=who, verdict=verdict, reason="Counted.", score=score, evidence=SEEN)
        make_in_force(event, cast, team=team)
        make_trio(event, cast)
        hidden = make_in_force(make_event(audience="restricted"), cast, team=team)
        services.assess(hidden, actor=SYSTEM, verdict="missed", reason="Counted.", evidence=SEEN)
    mine = queries.standing_of_team(team, cast.rita)
    assert (mine.kept, mine.partly_kept, mine.missed, mine.released, mine.in_force) == (2, 1, 1, 1, 1)
    own = queries.standing_of_person(petra, cast.petra)
    assert (own.kept, own.missed, own.open, own.total) == (2, 2, 1, 8)
    assert queries.standing_of_person(cast.people["tom"], cast.tom).total == 0
