"""What can be done with minutes, step by step, and what is refused. A refusal changes nothing."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app.core import clock, jobs
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused, Stale
from app.core.roles import Role
from app.events.models import Audience
from app.mail.models import MailMessage
from app.minutes import queries, services
from app.minutes.errors import (
    AlreadyThere,
    CommentsOpen,
    MayNotSee,
    NewerVersion,
    NothingWritten,
    RemindedToday,
    TextIsFixed,
    WrongStage,
)
from app.minutes.models import Acknowledgement, Minutes, MinutesState, ReviewComment
from app.search.models import SearchEntry
from app.signing.canonical import fingerprint
from app.signing.queries import Finding, check
from tests.cast import Cast, load
from tests.factories import make_department, make_event, make_part, make_person, make_session
from tests.factories.minutes import make_approved, make_draft, make_in_review, make_published, put_in_review


def refused(kind: type[BaseException], act: Callable[[], object], minutes: Minutes) -> None:
    """The act is refused, and the minutes are as they were."""
    before = told(minutes)
    with pytest.raises(kind), unit_of_work():
        act()
    assert told(minutes) == before


def told(minutes: Minutes) -> list[object]:
    return [
        (minutes.state, minutes.year, minutes.number, minutes.current_id, minutes.withdrawn_reason),
        [(each.number, each.whole, each.frozen_at, each.content_hash, each.stage) for each in minutes.versions],
        db.session.query(ReviewComment).count(),
        [(each.person_id, each.version_id) for each in db.session.query(Acknowledgement).order_by(Acknowledgement.id)],
        db.session.query(SearchEntry).count(),
        db.session.query(MailMessage).count(),
        db.session.query(AuditEntry).count(),
    ]


def mails(template: str) -> list[str]:
    sent = db.session.query(MailMessage).filter_by(kind=template).order_by(MailMessage.id)
    return [each.to_address.split("@")[0] for each in sent]


def found(words: str) -> int:
    return db.session.query(SearchEntry).filter(SearchEntry.kind == "minutes", SearchEntry.body.contains(words)).count()


# --- drafting and writing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["petra", "ada", "sven", "li_wei", "aude", "xaver", "dora"])
def test_only_those_who_record_draft_and_write(cast: Cast, name: str) -> None:
    with unit_of_work():
        minutes = make_draft(cast)
        other = make_session(make_event())
    actor = getattr(cast, name)
    refused(Forbidden, lambda: services.draft_minutes(other, actor=actor), minutes)
    refused(Forbidden, lambda: services.write(minutes, actor=actor, text="x"), minutes)
    refused(Forbidden, lambda: services.send_to_review(minutes, actor=actor), minutes)
    refused(Forbidden, lambda: services.redraft(minutes, actor=actor), minutes)


def test_a_session_has_one_set_of_minutes_in_each_language(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_draft(cast)
    refused(AlreadyThere, lambda: services.draft_minutes(minutes.session, actor=cast.olaf), minutes)
    with unit_of_work():
        chinese = services.draft_minutes(minutes.session, actor=cast.olaf, language="zh")
    assert chinese.language == "zh_Hans_CN"
    with unit_of_work():
        services.withdraw(minutes, actor=cast.sara, reason="Begun too early.")
        again = services.draft_minutes(minutes.session, actor=cast.sara)
    assert again.state == MinutesState.DRAFT


def test_of_two_who_save_the_second_is_told_and_loses_nothing(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_draft(cast)
    opened = minutes.newest.version
    with unit_of_work():
        services.write(minutes, actor=cast.sara, text="Sara's words", version=opened)
    refused(Stale, lambda: services.write(minutes, actor=cast.olaf, text="Olaf's", version=opened), minutes)
    assert minutes.newest.whole == "Sara's words"
    with unit_of_work():
        services.write(minutes, actor=cast.olaf, text="Olaf's words", version=opened + 1)
    assert minutes.newest.version == opened + 2
    assert minutes.newest.writers == [cast.sara.ref, cast.olaf.ref]


def test_the_log_holds_no_word_of_a_draft(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_draft(cast, text="hidden-first", title="hidden-title")
        services.write(minutes, actor=cast.sara, text="hidden-second", attendance={"present": ["hidden-name"]})
    kept = [f"{each.subject_label} {each.details}" for each in db.session.query(AuditEntry)]
    assert [each for each in kept if "hidden" in each] == []


def test_drafting_again_replaces_the_text_by_the_records(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_draft(cast, text="By hand.")
        services.redraft(minutes, actor=cast.sara, version=1)
    assert minutes.newest.whole.startswith("## Opening")


# --- review and sign-off ------------------------------------------------------------------------------------------


def test_the_review_begins_and_the_leader_is_told(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_in_review(cast)
    assert (minutes.state, minutes.newest.stage) == (MinutesState.IN_REVIEW, MinutesState.IN_REVIEW)
    assert mails("minutes_review") == ["li.wei"]
    refused(WrongStage, lambda: services.send_to_review(minutes, actor=cast.sara), minutes)


def test_an_empty_text_is_not_reviewed(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_draft(cast)
        services.write(minutes, actor=cast.sara, text=" ")
    refused(NothingWritten, lambda: services.send_to_review(minutes, actor=cast.sara), minutes)


@pytest.mark.parametrize("name", ["petra", "ada", "aude", "xaver", "dora"])
def test_only_those_who_may_see_it_comment(cast: Cast, name: str) -> None:
    with unit_of_work():
        minutes = make_in_review(cast)
    refused(Forbidden, lambda: services.comment(minutes, actor=getattr(cast, name), text="x"), minutes)


def test_an_open_comment_keeps_from_signing_off(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_in_review(cast)
        said = services.comment(minutes, actor=cast.sven, text="Fifty minutes.")
    refused(CommentsOpen, lambda: services.approve(minutes, actor=cast.li_wei), minutes)
    refused(Forbidden, lambda: services.resolve(said, actor=cast.sven), minutes)
    with unit_of_work():
        services.resolve(said, actor=cast.sara)
        services.approve(minutes, actor=cast.li_wei)
    assert minutes.state == MinutesState.APPROVED


def test_nobody_comments_on_a_draft_or_on_what_is_approved(cast: Cast) -> None:
    with unit_of_work():
        draft, approved = make_draft(cast), make_approved(cast)
    for minutes in (draft, approved):
        refused(WrongStage, lambda m=minutes: services.comment(m, actor=cast.sara, text="x"), minutes)


@pytest.mark.parametrize("name", ["sara", "olaf", "sven", "petra", "ada", "aude"])
def test_only_the_presiding_leader_signs_off(cast: Cast, name: str) -> None:
    with unit_of_work():
        minutes = make_in_review(cast)
    refused(Forbidden, lambda: services.approve(minutes, actor=getattr(cast, name)), minutes)


def preside(cast: Cast, name: str) -> None:
    from app.accounts import services as accounts
    from app.core.roles import SYSTEM

    accounts.grant_role(getattr(cast, name), Role.PRESIDING_LEADER, actor=SYSTEM)


def test_the_recorder_never_signs_off_whatever_their_role(cast: Cast) -> None:
    with unit_of_work():
        preside(cast, "sara")
        minutes = make_in_review(cast)
    refused(Forbidden, lambda: services.approve(minutes, actor=cast.sara), minutes)


def test_whoever_wrote_a_word_never_signs_off(cast: Cast) -> None:
    with unit_of_work():
        preside(cast, "olaf")
        minutes = make_draft(cast)
        services.write(minutes, actor=cast.olaf, text="One word more.")
        put_in_review(cast, minutes)
    refused(Forbidden, lambda: services.approve(minutes, actor=cast.olaf), minutes)


def test_the_person_named_as_recorder_never_signs_off(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_in_review(cast, recorder=cast.people["li_wei"])
    refused(Forbidden, lambda: services.approve(minutes, actor=cast.li_wei), minutes)


def test_who_wrote_an_earlier_version_does_not_sign_off_a_later_one(cast: Cast) -> None:
    with unit_of_work():
        preside(cast, "olaf")
        minutes = make_draft(cast)
        services.write(minutes, actor=cast.olaf, text="One word more.")
        put_in_review(cast, minutes)
        services.approve(minutes, actor=cast.li_wei)
        services.publish(minutes, actor=cast.sara)
        services.amend(minutes, actor=cast.sara, change_note="One word less.")
        put_in_review(cast, minutes)
    refused(Forbidden, lambda: services.approve(minutes, actor=cast.olaf), minutes)


def test_a_draft_is_not_signed_off_and_nothing_twice(cast: Cast) -> None:
    with unit_of_work():
        draft, approved = make_draft(cast), make_approved(cast)
    for minutes in (draft, approved):
        refused(WrongStage, lambda m=minutes: services.approve(m, actor=cast.li_wei), minutes)


def test_the_leader_signs_the_text_that_was_shown(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_in_review(cast)
    shown = minutes.newest.version
    with unit_of_work():
        services.write(minutes, actor=cast.sara, text="Other words.")
    refused(Stale, lambda: services.approve(minutes, actor=cast.li_wei, version=shown), minutes)


def test_what_cannot_be_printed_is_not_signed_off(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_in_review(cast, text="A picture: \U0001f9ff")
    refused(Refused, lambda: services.approve(minutes, actor=cast.li_wei), minutes)


def test_the_sign_off_freezes_numbers_and_issues(cast: Cast) -> None:
    with clock.at(datetime(2027, 12, 31, 20, tzinfo=UTC)), unit_of_work():
        minutes = make_approved(cast)  # already the next year in Shanghai
    version = minutes.newest
    assert minutes.label == "2028-01"
    assert (minutes.approved_by_name, version.stage) == ("Li Wei", MinutesState.APPROVED)
    document = version.extracts[-1].document
    assert document is not None
    assert document.content["sections"][0]["text"] == "Nothing was left out."
    assert version.content_hash == document.content_hash == fingerprint(document.content)
    assert check(document.code).finding == Finding.COMPLETE
    assert minutes.current_id is None


def test_numbers_run_without_gaps_and_begin_again_each_year(cast: Cast) -> None:
    labels = []
    for year in (2027, 2027, 2028, 2027):
        with clock.at(datetime(year, 6, 1, tzinfo=UTC)), unit_of_work():
            labels.append(make_approved(cast).label)
    assert labels == ["2027-01", "2027-02", "2028-01", "2027-03"]


def test_a_refused_sign_off_uses_no_number(cast: Cast) -> None:
    with unit_of_work():
        first, second = make_in_review(cast), make_in_review(cast)

    def approve_and_fail() -> None:
        with unit_of_work():
            services.approve(first, actor=cast.li_wei)
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        approve_and_fail()
    with unit_of_work():
        services.approve(second, actor=cast.li_wei)
    assert second.number == 1


def approve_all_at_once(app: Flask, number: int) -> list[int | None]:
    """That many sign-offs, each in a thread of its own, begun together; the numbers that were given."""
    with app.app_context():
        with unit_of_work():
            refs = [make_in_review(load()).ref for _each in range(number)]
        db.session.remove()
    barrier, troubles = threading.Barrier(number), []

    def sign(ref: str) -> None:
        with app.app_context():
            try:
                barrier.wait(timeout=20)
                with unit_of_work():
                    minutes = db.session.query(Minutes).filter_by(ref=ref).one()
                    services.approve(minutes, actor=load().li_wei)
            except Exception as trouble:
                troubles.append(trouble)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=sign, args=(ref,)) for ref in refs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert troubles == []
    with app.app_context():
        given = [number for (number,) in db.session.query(Minutes.number)]
        db.session.remove()
    return given


def test_two_who_sign_at_once_get_neighbouring_numbers(either_app: Flask) -> None:
    assert sorted(approve_all_at_once(either_app, 4)) == [1, 2, 3, 4]


def test_eight_editors_at_once_lose_no_sentence(either_app: Flask) -> None:
    """Each reads, adds one sentence and saves, until it was taken (R6)."""
    with either_app.app_context():
        with unit_of_work():
            minutes = make_draft(load(), text="Start.")
        ref, first = minutes.ref, minutes.newest.version
        db.session.remove()
    assert add_sentences(either_app, ref, editors=8, saves=4) == ([], True, first + 32)


def add_sentences(app: Flask, ref: str, *, editors: int, saves: int) -> tuple[list[str], bool, int]:
    troubles: list[str] = []
    stale = threading.Event()

    def work(editor: int) -> None:
        with app.app_context():
            for number in range(saves):
                for _try in range(400):
                    minutes = db.session.query(Minutes).filter_by(ref=ref).one()
                    text, version = minutes.newest.whole, minutes.newest.version
                    try:
                        with unit_of_work():
                            mine = f"{text}\nSentence {editor}/{number}."
                            services.write(minutes, actor=load().sara, text=mine, version=version)
                        break
                    except Stale:
                        stale.set()
                    except Exception as trouble:
                        troubles.append(repr(trouble))
                        return
                else:
                    troubles.append("never taken")
            db.session.remove()

    threads = [threading.Thread(target=work, args=(each,)) for each in range(editors)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=90)
    with app.app_context():
        newest = db.session.query(Minutes).filter_by(ref=ref).one().newest
        lost = [f"{e}/{n}" for e in range(editors) for n in range(saves) if f"Sentence {e}/{n}." not in newest.whole]
        version = newest.version
        db.session.remove()
    return troubles + lost, stale.is_set(), version


# --- publishing and reading ---------------------------------------------------------------------------------------


def test_publishing_asks_tells_and_makes_findable(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        make_part(event, cast.people["tom"], "registered")
        make_part(event, cast.people["xaver"], "invited")
        works = cast.people["mei"].department
        minutes = make_approved(cast, session=make_session(event, title_local="战略会"), text="Of kilns. 关于窑炉。")
    assert found("kilns") == 0
    with unit_of_work():
        asked = services.publish(
            minutes, actor=cast.sara, departments=[works], people=[cast.people["rita"], cast.people["mei"]]
        )
    assert sorted(each.name for each in asked) == [
        "Mei Zhao",
        "Petra Lindqvist",
        "Rita Sommer",
        "Tom Okafor",
        "Xaver Huber",
    ]
    assert sorted(mails("minutes_published")) == ["mei", "petra", "rita", "tom", "xaver"]
    assert (minutes.state, minutes.current) == (MinutesState.PUBLISHED, minutes.newest)
    assert (found("kilns"), found("窑炉"), found("战略会")) == (1, 1, 1)


def test_members_of_departments_below_are_asked_too(cast: Cast) -> None:
    with unit_of_work():
        top = make_department()
        make_person(name="Deep Down", department=make_department(parent_id=top.id))
        minutes = make_approved(cast)
        asked = services.publish(minutes, actor=cast.sara, departments=[top], participants=False)
    assert [each.name for each in asked] == ["Deep Down"]


def test_people_who_may_not_see_the_gathering_are_not_asked(cast: Cast) -> None:
    with unit_of_work():
        event = make_event(audience=Audience.RESTRICTED)
        make_part(event, cast.people["petra"])
        minutes = make_approved(cast, session=make_session(event))
    everybody = [cast.people["petra"], cast.people["rita"]]
    refused(MayNotSee, lambda: services.publish(minutes, actor=cast.sara, people=everybody), minutes)
    with unit_of_work():
        services.publish(minutes, actor=cast.sara, people=[cast.people["petra"], cast.people["aude"]])
    assert minutes.state == MinutesState.PUBLISHED


@pytest.mark.parametrize("make", [make_draft, make_in_review, make_published])
def test_only_an_approved_text_is_published(cast: Cast, make: Callable[..., Minutes]) -> None:
    with unit_of_work():
        minutes = make(cast)
    refused(WrongStage, lambda: services.publish(minutes, actor=cast.sara), minutes)
    refused(Forbidden, lambda: services.publish(minutes, actor=cast.petra), minutes)


def test_a_reader_confirms_for_themselves_once(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_published(cast, readers=("petra", "rita"))
        current = minutes.current
        services.acknowledge(minutes, actor=cast.petra, version_hash=current.content_hash)
    rows = {each.person_id: each for each in queries.list_readers(minutes)}
    petra, rita = rows[cast.people["petra"].id], rows[cast.people["rita"].id]
    assert (petra.version_hash, queries.counts(petra, minutes)) == (current.content_hash, True)
    assert (rita.version_id, queries.counts(rita, minutes)) == (None, False)
    first = petra.read_at
    with clock.at(clock.now() + timedelta(days=1)), unit_of_work():
        services.acknowledge(minutes, actor=cast.petra)
    assert petra.read_at == first
    assert db.session.query(AuditEntry).filter_by(action="minutes.acknowledged").count() == 1


def test_who_was_not_asked_and_an_auditor_confirm_nothing(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_published(cast, readers=("aude",))
    refused(Forbidden, lambda: services.acknowledge(minutes, actor=cast.tom), minutes)
    refused(Forbidden, lambda: services.acknowledge(minutes, actor=cast.aude), minutes)


def test_an_older_text_is_not_confirmed(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_published(cast, readers=("rita",))
        old = minutes.current.content_hash
        next_version(cast, minutes)
    refused(NewerVersion, lambda: services.acknowledge(minutes, actor=cast.rita, version_hash=old), minutes)


def next_version(cast: Cast, minutes: Minutes, *, editorial: bool = False, publish: bool = True) -> None:
    services.amend(minutes, actor=cast.sara, change_note="The figure was wrong.", editorial=editorial)
    services.write(minutes, actor=cast.sara, text=minutes.newest.whole + " More.")
    put_in_review(cast, minutes)
    services.approve(minutes, actor=cast.li_wei)
    if publish:
        services.publish(minutes, actor=cast.sara, participants=False)


def test_those_who_are_silent_are_reminded_once_a_day(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_published(cast, readers=("petra", "rita"))
        services.acknowledge(minutes, actor=cast.petra)
        assert services.remind(minutes, actor=cast.sara) == 1
    assert mails("minutes_reminder") == ["rita"]
    refused(RemindedToday, lambda: services.remind(minutes, actor=cast.sara), minutes)
    with clock.at(clock.now() + timedelta(days=1, minutes=1)), unit_of_work():
        services.remind(minutes, actor=cast.olaf)
    assert mails("minutes_reminder") == ["rita", "rita"]
    refused(Forbidden, lambda: services.remind(minutes, actor=cast.petra), minutes)


# --- changing what is in force ------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [make_approved, make_published])
def test_an_approved_text_cannot_be_edited(cast: Cast, make: Callable[..., Minutes]) -> None:
    with unit_of_work():
        minutes = make(cast)
    refused(TextIsFixed, lambda: services.write(minutes, actor=cast.sara, text="x"), minutes)
    refused(TextIsFixed, lambda: services.redraft(minutes, actor=cast.sara), minutes)


def test_an_amendment_is_approved_again_and_leaves_the_text_in_force(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_published(cast, text="Two per cent.")
        first = minutes.current
        next_version(cast, minutes, publish=False)
    assert (minutes.current, minutes.newest.stage) == (first, MinutesState.APPROVED)
    assert found("More.") == 0
    with unit_of_work():
        services.publish(minutes, actor=cast.sara)
    assert (minutes.current.number, minutes.label.endswith("-01")) == (2, True)
    assert [each.whole for each in minutes.versions] == ["Two per cent.", "Two per cent. More."]
    assert (found("More."), first.is_published) == (1, True)
    assert check(first.extracts[-1].document.code).finding == Finding.OLDER


def test_a_new_version_asks_the_readers_of_the_old_one_again(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_published(cast, readers=("petra", "rita"))
        services.acknowledge(minutes, actor=cast.petra)
        next_version(cast, minutes)
    assert [queries.counts(each, minutes) for each in queries.list_readers(minutes)] == [False, False]
    assert sorted(mails("minutes_published")) == ["petra", "petra", "rita", "rita"]


def test_an_editorial_change_keeps_what_was_confirmed(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_published(cast, readers=("petra", "rita"))
        services.acknowledge(minutes, actor=cast.petra)
        next_version(cast, minutes, editorial=True)
    assert [queries.counts(each, minutes) for each in queries.list_readers(minutes)] == [True, False]
    assert sorted(mails("minutes_published")) == ["petra", "rita", "rita"]
    with unit_of_work():
        next_version(cast, minutes)
    assert [queries.counts(each, minutes) for each in queries.list_readers(minutes)] == [False, False]


def test_a_confirmation_of_other_words_does_not_count(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_published(cast, readers=("petra",))
        row = services.acknowledge(minutes, actor=cast.petra)
        row.version_hash = "0" * 64
    assert queries.counts(row, minutes) is False


def test_one_text_is_under_work_at_a_time_and_a_change_has_its_reason(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_published(cast)
    refused(Refused, lambda: services.amend(minutes, actor=cast.sara, change_note=" "), minutes)
    refused(Forbidden, lambda: services.amend(minutes, actor=cast.li_wei, change_note="x"), minutes)
    with unit_of_work():
        services.amend(minutes, actor=cast.sara, change_note="x")
    refused(WrongStage, lambda: services.amend(minutes, actor=cast.sara, change_note="y"), minutes)


def test_the_title_is_settled_with_the_number(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_published(cast)
        services.amend(minutes, actor=cast.sara, change_note="x")
        services.write(minutes, actor=cast.sara, text="Other.", title="A title that leaks")
    assert minutes.title == "Minutes of the year"


def test_withdrawn_minutes_are_out_of_force_everywhere(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_published(cast, readers=("rita",), text="Of kilns.")
        services.withdraw(minutes, actor=cast.li_wei, reason="A name was wrong.")
    assert (minutes.state, minutes.withdrawn_reason, found("kilns")) == ("withdrawn", "A name was wrong.", 0)
    assert check(minutes.versions[0].extracts[-1].document.code).finding == Finding.WITHDRAWN
    for act in (
        lambda: services.withdraw(minutes, actor=cast.sara, reason="Again."),
        lambda: services.acknowledge(minutes, actor=cast.rita),
        lambda: services.amend(minutes, actor=cast.sara, change_note="x"),
        lambda: services.remind(minutes, actor=cast.sara),
    ):
        refused(WrongStage, act, minutes)


def test_a_withdrawal_has_its_reason_and_its_right(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_published(cast)
    refused(Refused, lambda: services.withdraw(minutes, actor=cast.sara, reason=" "), minutes)
    for name in ("petra", "sven", "aude", "ada"):
        refused(Forbidden, lambda n=name: services.withdraw(minutes, actor=getattr(cast, n), reason="x"), minutes)


# --- what waits for somebody, and the paper -----------------------------------------------------------------------


def kinds(cast: Cast, name: str) -> list[str]:
    return [each.kind for each in queries.needs_of(cast.people[name])]


def test_everybody_is_shown_what_waits_for_them(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_in_review(cast)
    assert (kinds(cast, "li_wei"), kinds(cast, "sara"), kinds(cast, "petra")) == (["sign_off"], [], [])
    with unit_of_work():
        said = services.comment(minutes, actor=cast.sven, text="x")
    assert (kinds(cast, "li_wei"), kinds(cast, "sara"), kinds(cast, "sven")) == ([], ["answer"], [])
    with unit_of_work():
        services.resolve(said, actor=cast.sara)
        services.approve(minutes, actor=cast.li_wei)
    assert (kinds(cast, "li_wei"), kinds(cast, "sara")) == ([], ["publish"])
    with unit_of_work():
        services.publish(minutes, actor=cast.sara, people=[cast.people["petra"]])
    assert (kinds(cast, "sara"), kinds(cast, "petra")) == ([], ["read"])
    with unit_of_work():
        services.acknowledge(minutes, actor=cast.petra)
    assert kinds(cast, "petra") == []


def test_the_paper_is_made_once_and_kept(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_approved(cast)
    document = minutes.newest.extracts[-1].document
    from app.minutes import paper

    before = paper.pdf_of(minutes.newest, 3)
    jobs.run_now("keep_paper", document_ref=document.ref)
    jobs.run_now("keep_paper", document_ref=document.ref)
    assert document.pdf_hash is not None
    assert paper.pdf_of(minutes.newest, 3) == before
    assert check(document.code, file_hash=document.pdf_hash).finding == Finding.COMPLETE
