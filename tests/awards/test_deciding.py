"""From scores to the stage: the quorum, who may decide, the ways out, the certificate and the trophy."""

import io
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import func, select

from app.awards import papers, queries, services
from app.awards.errors import (
    AwardIsOver,
    ChosenByTheJury,
    ConferredAlready,
    CueMissing,
    DecidesForOthers,
    DecisionUnexplained,
    NamedAlready,
    NotYetConferred,
    TooManyWinners,
    WrongDay,
)
from app.awards.models import Award, AwardEnd
from app.core import clock, jobs
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.core.roles import SYSTEM
from app.custody import queries as changes
from app.custody import services as custody
from app.files.models import StoredFile
from app.mail.models import MailMessage
from app.nominations import services as nominations
from app.nominations.errors import CategoryIsDecided, TooFewScores
from app.nominations.models import Nomination, NominationState
from app.search.models import SearchEntry
from app.signing import keeping
from app.signing.models import IssuedDocument
from app.signing.printed import head_of
from app.signing.queries import Finding, check
from tests.cast import Cast, load
from tests.factories import make_event, make_team
from tests.factories.nominations import make_category, make_nomination, make_scored, put_before_jury
from tests.factories.rites import make_award

DAY = date(2026, 1, 15)
ABROAD = services.Outside("Frieda Weber", "弗里达·韦伯", "Weber GmbH")


def decided(cast: Cast, *nominees: Any, **values: Any) -> list[Award]:
    """The first of the nominees won."""
    made = make_scored(cast, make_event(), *nominees, scores=[9, 5, 4][: len(nominees)], **values)
    return services.decide(made[0].category, made[:1], actor=cast.olaf)


def test_guard_decided_needs_a_quorum_of_unconflicted_jurors(cast: Cast) -> None:
    people = cast.people
    with unit_of_work():
        category = make_category(make_event(), jurors=[people["sven"], people["tom"], people["petra"]], quorum=2)
        nomination = put_before_jury(make_nomination(category, people["mei"], by=cast.dora))
        nominations.score(nomination, actor=cast.sven, score=9)
    with pytest.raises(TooFewScores), unit_of_work():  # Petra stands near Mei: she is no second juror
        services.decide(category, [nomination], actor=cast.olaf)
    assert (db.session.scalar(select(func.count(Award.id))), category.decided_at) == (0, None)
    with unit_of_work():
        nominations.score(nomination, actor=cast.tom, score=8)
    with unit_of_work():
        people["tom"].department = people["mei"].department  # near by now: his score no longer counts
    with pytest.raises(TooFewScores), unit_of_work():
        services.decide(category, [nomination], actor=cast.olaf)
    with unit_of_work():
        people["tom"].department = None
    assert nomination.state == NominationState.SCORED


def test_the_decision_prepares_an_award_in_silence_and_ends_the_judging(cast: Cast) -> None:
    with unit_of_work():
        (award,) = decided(cast, cast.people["mei"], ABROAD, title="Best save", title_local="最佳守护")
    nomination = award.nomination
    assert nomination is not None
    assert (award.title, award.title_local, award.recipients[0].person) == ("Best save", "最佳守护", cast.people["mei"])
    assert (award.decided_by_name, award.is_conferred, award.document) == ("Olaf Brandt", False, None)
    assert [each.state for each in nomination.category.nominations] == [NominationState.WON, NominationState.NOT_WON]
    for act in (
        lambda: nominations.score(nomination, actor=cast.sven, score=1),
        lambda: nominations.edit_category(nomination.category, actor=cast.olaf, quorum=1),
        lambda: nominations.add_juror(nomination.category, cast.people["rita"], actor=cast.olaf),
        lambda: services.decide(nomination.category, [nomination], actor=cast.olaf),
    ):
        with pytest.raises(CategoryIsDecided), unit_of_work():
            act()
    assert db.session.scalar(select(func.count(Award.id))) == 1


@pytest.mark.parametrize("name", ["petra", "sven", "li_wei", "ada", "aude", "dora"])
def test_only_those_who_record_decide(cast: Cast, name: str) -> None:
    with unit_of_work():
        (nomination,) = make_scored(cast, make_event(), cast.people["mei"])
    with pytest.raises(Forbidden), unit_of_work():
        services.decide(nomination.category, [nomination], actor=cast.accounts[name])


def test_rule_32_who_stands_near_a_nominee_does_not_decide(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        own, *_more = make_scored(cast, event, cast.people["mei"])
        own.proposed_by_id = cast.olaf.id
        category = make_category(event, jurors=[cast.people["petra"]])
        sara = put_before_jury(make_nomination(category, cast.people["sara"], by=cast.dora))
        nominations.score(sara, actor=cast.petra, score=8)
    with pytest.raises(DecidesForOthers), unit_of_work():
        services.decide(own.category, [own], actor=cast.olaf)
    with pytest.raises(DecidesForOthers), unit_of_work():
        services.decide(sara.category, [sara], actor=cast.sara)
    with unit_of_work():
        services.decide(own.category, [own], actor=cast.sara)
        services.decide(sara.category, [sara], actor=cast.olaf)


def test_rule_32_a_juror_who_keeps_out_learns_no_scores_by_preparing_the_evening(app: Flask, as_: Any) -> None:
    with app.app_context(), unit_of_work():
        cast = load()
        (made,) = make_scored(cast, make_event(), cast.people["mei"])
        nominations.add_juror(made.category, cast.people["olaf"], actor=cast.sara)
        url = f"/events/{made.event.ref}/nominations/categories/{made.category.ref}/decision"
        ref = made.ref
    assert "8.00" in as_("olaf").get(url).text
    with app.app_context(), unit_of_work():
        made = db.session.scalars(select(Nomination)).one()
        nominations.recuse(made, actor=load().olaf, reason="We are related.")
    assert ("8.00" in as_("olaf").get(url).text, "8.00" in as_("sara").get(url).text) == (False, True)
    assert as_("olaf").post(url, {"winners": ref}).status_code == 422
    assert as_("sara").post(url, {"winners": ref}).status_code == 303


def test_others_than_the_first_by_score_need_a_reason_and_not_more_win_than_may(cast: Cast) -> None:
    with unit_of_work():
        first, second, third = make_scored(
            cast, make_event(), cast.people["mei"], ABROAD, make_team(), scores=[9, 8, 8], winners_most=2
        )
        stranger = make_scored(cast, first.event, cast.people["mei"])[0]
    category = first.category
    for winners in ([], [first, second, third]):
        with pytest.raises(TooManyWinners), unit_of_work():
            services.decide(category, winners, actor=cast.olaf)
    with pytest.raises(Refused), unit_of_work():
        services.decide(category, [stranger], actor=cast.olaf)
    with pytest.raises(DecisionUnexplained), unit_of_work():
        services.decide(category, [second, third], actor=cast.olaf)
    with unit_of_work():
        awards = services.decide(category, [second, third], actor=cast.olaf, reason="Mei asked us not to.")
    assert (len(awards), category.decision_reason) == (2, "Mei asked us not to.")
    assert [each.outside_name for each in awards[0].recipients] == ["Frieda Weber"]


def test_whom_the_jury_chose_nobody_swaps_for_somebody_else(cast: Cast) -> None:
    with unit_of_work():
        (award,) = decided(cast, cast.people["mei"])
    for act in (
        lambda: services.add_recipient(award, cast.people["petra"], actor=cast.olaf),
        lambda: services.remove_recipient(award.recipients[0], actor=cast.olaf),
        lambda: services.edit_award(award, actor=cast.olaf, recipients_known="not_stated"),
    ):
        with pytest.raises(ChosenByTheJury), unit_of_work():
            act()
    assert [each.person for each in award.recipients] == [cast.people["mei"]]


def test_the_pages_of_a_decided_award_ask_for_its_citation_and_for_no_other_recipient(app: Flask, as_: Any) -> None:
    with app.app_context(), unit_of_work():
        cast = load()
        (award,) = decided(cast, cast.people["mei"], title="Best save")
        url, version = f"/events/{award.event.ref}/awards/{award.ref}", str(award.version)
    olaf = as_("olaf")
    assert "/recipients" not in olaf.get(url).text
    assert "recipients_known" not in olaf.get(f"{url}/edit").text
    sent = {"title": "Best save", "citation": "For the night.", "version": version, "ceremony_ref": ""}
    assert olaf.post(f"{url}/edit", sent).status_code == 303
    page = olaf.get(url).text
    assert ("For the night." in page, "Mei Zhao" in page) == (True, True)


def test_nothing_is_conferred_on_a_day_to_come(cast: Cast, app: Flask, as_: Any) -> None:
    with unit_of_work():
        (award,) = decided(cast, cast.people["mei"])
    today = clock.today(award.event.time_zone)
    with pytest.raises(WrongDay), unit_of_work():
        services.confer(award, actor=cast.olaf, on=today + timedelta(days=1), outside="Early.")
    assert award.conferred_on is None
    assert (
        f'value="{today.isoformat()}"' in as_("olaf").get(f"/events/{award.event.ref}/awards/{award.ref}/confer").text
    )


def test_equal_scores_need_no_reason(cast: Cast) -> None:
    with unit_of_work():
        first, second = make_scored(cast, make_event(), cast.people["mei"], ABROAD, scores=[8, 8])
        services.decide(first.category, [second], actor=cast.olaf)


def test_guard_conferred_needs_a_fired_cue_or_the_word_outside_a_ceremony(cast: Cast) -> None:
    with unit_of_work():
        (told,) = decided(cast, cast.people["mei"])
        (fired,) = decided(cast, cast.people["mei"])
    with pytest.raises(CueMissing), unit_of_work():
        services.confer(told, actor=cast.olaf, on=DAY)
    assert told.conferred_on is None
    with unit_of_work():
        services.confer(told, actor=cast.olaf, on=DAY, outside="She was abroad; handed over at her desk.")
        services.confer(fired, actor=SYSTEM, on=DAY, cue_ref="c" * 16)
    assert (told.conferred_outside, told.cue_ref) == ("She was abroad; handed over at her desk.", None)
    assert (fired.conferred_outside, fired.cue_ref) == (None, "c" * 16)
    assert all(each.nomination.category.revealed_at for each in (told, fired))


def test_with_the_conferral_come_the_certificate_its_check_and_a_mail(cast: Cast) -> None:
    with unit_of_work():
        cast.people["mei"].positions[0].title_local = "厂长"
        (award,) = decided(cast, cast.people["mei"], title="Best save", title_local="最佳守护")
        award.citation, award.citation_local = "For the night of 3 March.", "为三月三日之夜。"
    assert db.session.scalar(select(func.count(IssuedDocument.id))) == 0
    with unit_of_work():
        services.confer(award, actor=cast.olaf, on=DAY, by=cast.people["li_wei"], cue_ref="c" * 16)
    document = award.document
    assert document is not None
    assert document.content["recipients"][0]["position"] == "Head of works"
    assert (document.content["conferred_by"]["name"], check(document.code).finding) == ("Li Wei", Finding.COMPLETE)
    (mail,) = db.session.scalars(select(MailMessage).where(MailMessage.kind == "award.conferred"))
    assert document.code in mail.text
    jobs.run_now("keep_missing_papers")
    stored = db.session.get(StoredFile, document.file_id)
    assert stored is not None
    paper = keeping.read(document)
    assert paper == papers.draw(document)
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages)
    assert ("赵梅" in words, "为三月三日之夜。" in words, document.code in words) == (True, True, True)
    assert ("厂长" in words, "Head of works" in words) == (True, False)
    assert head_of(document) in words  # an anchor of the log that is outside the house
    assert check(document.code, file_hash=stored.sha256).file_checked


def test_an_award_told_afterwards_gets_its_certificate_when_it_is_asked_for(cast: Cast) -> None:
    with unit_of_work():
        told = make_award(make_event(), recipients=[make_team(), ABROAD])
        counted = make_award(told.event, recipients_known="counted", recipients_count=11)
    with pytest.raises(NotYetConferred), unit_of_work():
        services.issue_certificate(told, actor=cast.olaf)
    with unit_of_work():
        for each in (told, counted):
            services.confer(each, actor=cast.olaf, on=DAY)
    assert (told.document, counted.document) == (None, None)
    with unit_of_work():
        document = services.issue_certificate(told, actor=cast.olaf)
    with unit_of_work():
        assert services.issue_certificate(told, actor=cast.olaf) is document
    with pytest.raises(Refused), unit_of_work():
        services.issue_certificate(counted, actor=cast.olaf)
    assert [each["organization"] for each in document.content["recipients"]] == [None, "Weber GmbH"]


def test_somebody_from_outside_receives_once_and_is_found(cast: Cast) -> None:
    with unit_of_work():
        award = make_award(make_event(), recipients=[ABROAD])
    with pytest.raises(NamedAlready), unit_of_work():
        services.add_recipient(award, services.Outside("FRIEDA WEBER"), actor=cast.olaf)
    with unit_of_work():
        services.confer(award, actor=cast.olaf, on=DAY)
    (entry,) = db.session.scalars(select(SearchEntry).where(SearchEntry.kind == "award"))
    assert "弗里达·韦伯" in entry.body


def test_withdrawn_or_declined_before_the_conferral_somebody_else_may_win(cast: Cast) -> None:
    with unit_of_work():
        (first,) = decided(cast, cast.people["mei"], ABROAD)
    category = first.category
    assert category is not None
    with pytest.raises(Refused), unit_of_work():
        services.withdraw(first, actor=cast.olaf, reason="")
    with unit_of_work():
        services.decline(first, actor=cast.olaf, reason="She does not want it.")
    winner, runner_up = category.nominations
    assert (first.end, category.decided_at is not None) == (AwardEnd.DECLINED, True)
    assert (winner.state, runner_up.state) == (NominationState.NOT_WON, NominationState.SCORED)
    for act in (
        lambda: services.confer(first, actor=cast.olaf, on=DAY, outside="Anyway."),
        lambda: services.withdraw(first, actor=cast.olaf, reason="Twice."),
        lambda: services.add_recipient(first, ABROAD, actor=cast.olaf),
    ):
        with pytest.raises(AwardIsOver), unit_of_work():
            act()
    with unit_of_work():
        (second,) = services.decide(category, [runner_up], actor=cast.olaf)
        services.confer(second, actor=cast.olaf, on=DAY, outside="By post.")
    assert list(queries.list_visible(cast.petra, first.event)) == [second]
    assert category.revealed_at is not None


def test_a_place_that_fell_free_is_given_by_the_scores_there_are_and_nothing_is_told_before(cast: Cast) -> None:
    with unit_of_work():
        made = make_scored(
            cast, make_event(), cast.people["mei"], ABROAD, make_team(), cast.people["petra"], scores=[9, 8, 7, 6],
            winners_most=2,
        )  # fmt: skip
        late = make_nomination(made[0].category, services.Outside("Late Comer"), by=cast.dora)
        nominations.find_eligible(late, actor=SYSTEM, eligible=True)
        dropped, standing = services.decide(made[0].category, made[:2], actor=cast.olaf)
    category = made[0].category
    with unit_of_work():
        services.decline(dropped, actor=cast.olaf, reason="She does not want it.")
        services.confer(standing, actor=cast.olaf, on=DAY, outside="By post.")
    assert category.revealed_at is None
    for act in (
        lambda: nominations.score(made[2], actor=cast.sven, score=1),
        lambda: nominations.recuse(made[3], actor=cast.sven, reason="We are related."),
        lambda: nominations.shortlist(late, actor=SYSTEM),
        lambda: nominations.add_juror(category, cast.people["rita"], actor=cast.olaf),
    ):
        with pytest.raises(CategoryIsDecided), unit_of_work():
            act()
    with unit_of_work():  # Tom stands near by now: his score of Petra does not count, and nobody can give another
        cast.people["tom"].department = cast.people["petra"].department
    with pytest.raises(DecisionUnexplained), unit_of_work():
        services.decide(category, [made[3]], actor=cast.olaf)
    with pytest.raises(TooManyWinners), unit_of_work():
        services.decide(category, made[2:], actor=cast.olaf, reason="Both.")
    with unit_of_work():
        (award,) = services.decide(category, [made[3]], actor=cast.olaf, reason="The team asked us not to.")
    assert [each.state for each in made] == ["not_won", "won", "not_won", "won"]
    with pytest.raises(CategoryIsDecided), unit_of_work():
        services.decide(category, [made[2]], actor=cast.olaf)
    with unit_of_work():
        services.confer(award, actor=cast.olaf, on=DAY, outside="By post.")
    assert category.revealed_at is not None


def test_revoked_stays_listed_with_its_reason_and_the_certificate_is_void(cast: Cast) -> None:
    with unit_of_work():
        (award,) = decided(cast, cast.people["mei"])
    with pytest.raises(NotYetConferred), unit_of_work():
        services.revoke(award, actor=cast.olaf, reason="Too early.")
    with unit_of_work():
        services.confer(award, actor=cast.olaf, on=DAY, cue_ref="c" * 16)
    for name in ("petra", "mei", "sven", "ada", "aude"):
        with pytest.raises(Forbidden), unit_of_work():
            services.revoke(award, actor=cast.accounts[name], reason="No.")
    with pytest.raises(ConferredAlready), unit_of_work():
        services.withdraw(award, actor=cast.olaf, reason="Too late.")
    with unit_of_work():
        services.revoke(award, actor=cast.li_wei, reason="The figures were wrong.")
    assert (award.end, award.end_reason, award.stands) == (AwardEnd.REVOKED, "The figures were wrong.", False)
    assert list(queries.list_visible(cast.petra, award.event)) == [award]
    assert list(queries.list_of_person(cast.people["mei"], cast.petra)) == []
    assert award.document is not None
    assert check(award.document.code).finding == Finding.WITHDRAWN
    assert db.session.scalar(select(func.count(SearchEntry.id)).where(SearchEntry.kind == "award")) == 0


STANDS = ("prepared", "decided", "conferred", "withdrawn", "declined", "declined after", "revoked")
ACTS: dict[str, tuple[set[str], Any]] = {
    "edit": (
        {"prepared", "decided"},
        lambda award, cast: services.edit_award(award, actor=cast.olaf, citation="Well."),
    ),
    "name": ({"prepared"}, lambda award, cast: services.add_recipient(award, ABROAD, actor=cast.olaf)),
    "confer": (
        {"prepared", "decided"},
        lambda award, cast: services.confer(award, actor=cast.olaf, on=DAY, outside="By post."),
    ),
    "withdraw": (
        {"prepared", "decided"},
        lambda award, cast: services.withdraw(award, actor=cast.olaf, reason="Not now."),
    ),
    "decline": (
        {"prepared", "decided", "conferred"},
        lambda award, cast: services.decline(award, actor=cast.olaf, reason="Not wanted."),
    ),
    "revoke": ({"conferred"}, lambda award, cast: services.revoke(award, actor=cast.olaf, reason="Wrong.")),
    "certify": ({"conferred"}, lambda award, cast: services.issue_certificate(award, actor=cast.olaf)),
    "hand over": (
        {"conferred", "declined after", "revoked"},  # what lies with somebody has to come back
        lambda award, cast: services.hand_over(award, actor=cast.olaf, taker=cast.people["tom"]),
    ),
}


def standing(where: str, cast: Cast) -> Award:
    if where == "prepared":
        return make_award(make_event(), recipients=[cast.people["mei"]])
    (award,) = decided(cast, cast.people["mei"])
    if where in ("conferred", "declined after", "revoked"):
        services.confer(award, actor=cast.olaf, on=DAY, cue_ref="c" * 16)
    if where == "withdrawn":
        services.withdraw(award, actor=cast.olaf, reason="Not now.")
    if where.startswith("declined"):
        services.decline(award, actor=cast.olaf, reason="Not wanted.")
    if where == "revoked":
        services.revoke(award, actor=cast.olaf, reason="Wrong.")
    return award


@pytest.mark.parametrize("act", ACTS)
def test_each_act_on_an_award_leads_on_from_where_it_may_alone(act: str, cast: Cast) -> None:
    possible, do = ACTS[act]
    refused = set()
    for where in STANDS:
        with unit_of_work():
            award = standing(where, cast)
        before = (award.conferred_on, award.end, award.citation, len(award.recipients), award.document)
        try:
            with unit_of_work():
                do(award, cast)
        except Refused:
            refused.add(where)
            db.session.refresh(award)
            assert (award.conferred_on, award.end, award.citation, len(award.recipients), award.document) == before
    assert refused == set(STANDS) - possible


def test_whoever_received_it_alone_may_decline_it(cast: Cast) -> None:
    with unit_of_work():
        alone = make_award(make_event(), recipients=[cast.people["mei"]])
        shared = make_award(alone.event, recipients=[cast.people["mei"], cast.people["tom"]])
    with pytest.raises(Forbidden), unit_of_work():
        services.decline(alone, actor=cast.mei, reason="Before it is conferred I know nothing of it.")
    with unit_of_work():
        for each in (alone, shared):
            services.confer(each, actor=cast.olaf, on=DAY)
    for award, name in ((alone, "petra"), (shared, "mei")):
        with pytest.raises(Forbidden), unit_of_work():
            services.decline(award, actor=cast.accounts[name], reason="No.")
    with unit_of_work():
        services.decline(alone, actor=cast.mei, reason="It was the shift, not me.")
    assert (alone.end, shared.end) == (AwardEnd.DECLINED, None)


def test_rule_33_the_trophy_changes_hands_when_both_have_confirmed_it(cast: Cast) -> None:
    with unit_of_work():
        award = make_award(make_event(), recipients=[cast.people["mei"]])
    with pytest.raises(NotYetConferred), unit_of_work():
        services.hand_over(award, actor=cast.olaf, taker=cast.people["mei"])
    with unit_of_work():
        services.confer(award, actor=cast.olaf, on=DAY)
        change = services.hand_over(award, actor=cast.olaf, taker=cast.people["mei"], place="On stage")
    assert custody.holder_now("award", award.ref).person is None
    with unit_of_work():
        custody.confirm(change, actor=cast.mei)
    assert custody.holder_now("award", award.ref).person == cast.people["mei"]
    with pytest.raises(Refused), unit_of_work():  # a return needs a word on the condition
        services.hand_over(award, actor=cast.mei, taker=None)
    with pytest.raises(Forbidden), unit_of_work():
        services.hand_over(award, actor=cast.petra, taker=None, condition="Fine")


def test_a_trophy_is_left_with_its_holder_for_good_by_the_office_through_the_pages(app: Flask, as_: Any) -> None:
    with app.app_context(), unit_of_work():
        cast = load()
        mei = cast.people["mei"]
        award = make_award(make_event(), title="Kiln prize", recipients=[mei])
        services.confer(award, actor=cast.olaf, on=DAY)
        url, ref = f"/events/{award.event.ref}/awards/{award.ref}", award.ref
        person, other = mei.ref, cast.people["tom"].ref
    olaf, winner = as_("olaf"), as_("mei")
    assert "stays with" not in olaf.get(url).text  # it is with the office
    assert olaf.post(f"{url}/trophy", {"taker_ref": "stays"}).status_code == 422
    for taker, told in ((person, "It is with Mei Zhao."), ("stays", "It stays with Mei Zhao for good.")):
        assert olaf.post(f"{url}/trophy", {"taker_ref": taker}).status_code == 303
        with app.app_context():
            waiting = changes.find_open("award", ref)
            assert waiting is not None
            change = f"/custody/{waiting.ref}"
        page = olaf.get(url).text
        assert (told in page, 'name="taker_ref"' in page) == (False, False)  # what waits is confirmed first
        stale = olaf.post(f"{url}/trophy", {"taker_ref": other})
        assert (stale.status_code, "waits for a confirmation" in stale.text) == (422, True)
        assert winner.post(f"{change}/confirm").status_code == 303
        assert told in olaf.get(url).text
        assert "for good" not in winner.get(url).text or taker == "stays"  # only the office leaves it
    assert olaf.post(f"{url}/trophy", {"taker_ref": other}).status_code == 422
    assert winner.post(f"{url}/trophy", {"taker_ref": "", "condition": "Fine"}).status_code == 303


def test_the_way_of_an_award_from_the_category_to_the_certificate_through_the_pages(app: Flask, as_: Any) -> None:
    with app.app_context(), unit_of_work():
        event = make_event()
        url, people = f"/events/{event.ref}", {name: each.ref for name, each in load().people.items()}
    olaf, dora, sven, tom = as_("olaf"), as_("dora"), as_("sven"), as_("tom")
    sent = {
        "title": "Best save",
        "nominee": "any",
        "winners_most": "1",
        "quorum": "2",
        "criteria": "What was **saved**.",
    }
    answer = olaf.post(f"{url}/nominations/categories/new", sent)
    assert answer.status_code == 303, answer.text
    category = answer.headers["Location"]
    for name in ("sven", "tom"):
        assert olaf.post(f"{category}/jurors", {"person_ref": people[name]}).status_code == 303
    both = {"who": people["mei"], "outside_name": "Frieda", "reason": "Night shift."}
    refused = dora.post(f"{category}/propose", both)
    assert (refused.status_code, "only one" in refused.text, "Night shift." in refused.text) == (422, True, True)
    nomination = dora.post(f"{category}/propose", {"who": people["mei"], "reason": "Night shift."}).headers["Location"]
    bad = dora.post(f"{nomination}/evidence", {"words": "Log", "url": "javascript:alert(1)"})
    assert (bad.status_code, "begins with http" in bad.text) == (422, True)
    assert dora.post(f"{nomination}/evidence", {"words": "Log", "url": "https://x.example/"}).status_code == 303
    assert sven.get(nomination).status_code == olaf.get(nomination).status_code == 404
    assert dora.post(f"{nomination}/submission").status_code == 303
    unsaid = olaf.post(f"{nomination}/eligibility", {"reason": "Hm."})
    assert (unsaid.status_code, "Please choose one." in unsaid.text, "Hm." in unsaid.text) == (422, True, True)
    assert olaf.post(f"{nomination}/eligibility", {"verdict": "yes"}).status_code == 303
    assert dora.post(f"{nomination}/shortlist").status_code == 403
    assert olaf.post(f"{nomination}/shortlist").status_code == 303
    assert "Judge nominations" in sven.get("/").text
    for juror, points in ((sven, "9"), (tom, "6")):
        assert juror.post(f"{nomination}/score", {"score": "11"}).status_code == 422
        page = juror.get(nomination).text
        assert 'name="score"' in page
        assert juror.post(f"{nomination}/score", {"score": points}).status_code == 303
    assert "you gave 9" in sven.get(category).text
    assert ("Tom Okafor" in sven.get(category).text, "you gave 6" in sven.get(category).text) == (True, False)
    for visitor in (sven, tom, dora, as_("li_wei"), as_("ada")):
        assert visitor.get(f"{category}/decision").status_code == 403
    assert "7.50" in as_("aude").get(f"{category}/decision").text
    assert as_("aude").post(f"{category}/decision", {"winners": nomination[-16:]}).status_code == 403
    assert olaf.post(f"{category}/decision", {"winners": nomination[-16:]}).status_code == 303
    with app.app_context():
        (award,) = db.session.scalars(select(Award))
        page = f"{url}/awards/{award.ref}"
    assert dora.get(page).status_code == 404
    assert olaf.post(f"{page}/confer", {"on": "2026-01-15", "by_ref": "", "outside": ""}).status_code == 422
    assert olaf.post(f"{page}/confer", {"on": "2026-01-15", "by_ref": "", "outside": "At her desk."}).status_code == 303
    paper = dora.get(f"{page}/certificate.pdf")
    assert (paper.status_code, paper.data[:5]) == (200, b"%PDF-")
    assert "Won" in dora.get(nomination).text
    assert "Mei Zhao" in dora.get(category).text
    assert olaf.post(f"{page}/trophy", {"taker_ref": people["mei"], "place": "Hall"}).status_code == 303
    assert "Waits for Mei Zhao" in as_("mei").get(page).text
    assert olaf.post(f"{page}/revoke", {"reason": "The log was forged."}).status_code == 303
    assert "The log was forged." in dora.get(page).text


def test_lists_of_nominations_take_the_same_statements_for_one_and_for_thirty(
    app: Flask, as_: Any, count_statements: Any
) -> None:
    with app.app_context(), unit_of_work():
        category = make_category(make_event(), jurors=[load().people["sven"]])
        url = f"/events/{category.event.ref}/nominations"
        pages = (url, f"{url}/categories/{category.ref}", f"{url}/categories/{category.ref}/decision")
    olaf = as_("olaf")

    def fill(times: int) -> None:
        with app.app_context(), unit_of_work():
            made = db.session.get(type(category), category.id)
            for _n in range(times):
                put_before_jury(make_nomination(made, make_team(), by=load().accounts["dora"]))
                make_category(made.event)

    fill(1)
    few = []
    for page in pages:
        with count_statements() as said:
            assert olaf.get(page).status_code == 200
        few.append(len(said))
    fill(29)
    for page, before in zip(pages, few, strict=True):
        with count_statements() as said:
            assert olaf.get(page).status_code == 200
        assert len(said) == before <= 16, (page, before, len(said))
