"""What a loaded demo holds."""

from collections import Counter
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import func, select

from app.accounts.models import Account
from app.accounts.passwords import check
from app.accounts.queries import list_demo_accounts
from app.core import audit, clock
from app.core.db import db
from app.core.roles import Role
from app.decisions.models import Decision
from app.demo import loader
from app.demo.notes import NOTES
from app.demo.qinglan_speeches import paragraphs
from app.demo.world import read
from app.documents.render import render_pdf
from app.events.models import Event, EventSeries, Status
from app.files.services import read as read_file
from app.mail.models import MailMessage, MailState
from app.minutes.models import Acknowledgement, Minutes, MinutesState
from app.people.models import Clearance, Department, Organization, Person
from app.pledges import deed
from app.pledges.models import Pledge, PledgeState, PledgeVerdict
from app.programme.clashes import Code
from app.programme.models import AgendaSpeaker, Consent, Session
from app.registration import places
from app.registration.models import PlaceCounter, Registration, RegistrationPlan, State
from app.releases import services as releases
from app.releases.models import ProgrammeRelease
from app.requirements.models import Assignment, AssignmentState, Requirement, RequirementState
from app.signing.canonical import fingerprint
from app.signing.models import IssuedDocument
from app.speakers import queries as speakers
from app.speakers.models import SpeakerProfile
from app.speeches.models import Passage, Speech
from tests.cast import Cast
from tests.conftest import build
from tests.factories.demo import Loaded, load_into

# Made anew wherever the demo is loaded: secrets, and what is made from them.
SECRET = {
    "account": {"password_hash"},
    "invitation": {"token_hash"},
    "registration": {"door_code"},
    "agenda_speaker": {"secret_hash"},
    "issued_document": {"code", "audit_head"},
    "mail_message": {"message_id", "text", "calendar"},
    "approval": {"token_hash"},
    "substitution": {"token_hash"},
    "audit_entry": {"hash", "previous"},
    "audit_head": {"hash"},
    "certificate": {"pem", "key", "serial", "fingerprint"},
    "revocation_list": {"der"},
    "document_revision": {"pdf_hash", "certificate", "audit_head"},
    "stored_file": {"sha256", "size"},
    "signature": {"statement", "statement_hash", "salt"},
    "stage": {"screen_token_hash"},
}
SECRET_IN_THE_LOG = {"code", "pdf_hash", "statement_hash", "serial", "fingerprint"}


def dump(folder: Path) -> dict[str, list[dict[Any, Any]]]:
    """Every row of every table but what is secret."""
    app = build(folder)
    with app.app_context(), db.engine.connect() as connection:
        found = {}
        for table in db.metadata.sorted_tables:
            rows = connection.execute(select(table).order_by(*table.primary_key)).mappings()
            hidden = SECRET.get(table.name, set())
            found[table.name] = [{name: _open(row[name]) for name in row if name not in hidden} for row in rows]
        db.engine.dispose()
    return found


def _open(value: Any) -> Any:
    """What is secret also stands in the log."""
    return (
        {name: each for name, each in value.items() if name not in SECRET_IN_THE_LOG}
        if isinstance(value, dict)
        else value
    )


def count(model: Any, *where: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0


def test_two_loads_on_the_same_day_give_the_same_records(loaded_demo: Loaded, tmp_path: Path) -> None:
    again = load_into(tmp_path / "again", loaded_demo.at)
    first, second = dump(loaded_demo.folder), dump(again.folder)
    assert {name: len(rows) for name, rows in first.items()} == {name: len(rows) for name, rows in second.items()}
    assert [name for name in first if first[name] != second[name]] == []


@pytest.mark.usefixtures("inside")
def test_the_log_of_the_told_past_is_whole_and_in_order() -> None:
    verdict = audit.verify()
    assert (verdict.broken_at, verdict.rows > 2000) == (None, True)
    moments = db.session.scalars(select(audit.AuditEntry.at).order_by(audit.AuditEntry.seq)).all()
    assert list(moments) == sorted(moments)
    heads = set(db.session.scalars(select(audit.AuditEntry.hash)))
    assert set(db.session.scalars(select(IssuedDocument.audit_head))) <= heads


def test_nothing_told_lies_in_the_future(inside: Flask, loaded_demo: Loaded) -> None:
    for told in (audit.AuditEntry.at, Registration.joined_at):
        assert max(db.session.scalars(select(told))) <= loaded_demo.at


@pytest.mark.usefixtures("inside")
def test_it_is_not_loaded_twice() -> None:
    before = count(Account)
    with pytest.raises(loader.CannotLoad, match="loaded already"):
        loader.load()
    assert count(Account) == before


def test_a_database_that_holds_real_data_is_refused(cast: Cast) -> None:
    before = count(Account), count(Event), count(audit.AuditEntry)
    with pytest.raises(loader.CannotLoad, match="holds real data"):
        loader.load()
    assert (count(Account), count(Event), count(audit.AuditEntry)) == before


# --- people


@pytest.mark.usefixtures("inside")
def test_120_people_work_in_9_departments() -> None:
    own = db.session.scalars(select(Organization).where(Organization.is_own)).one()
    assert own.name == "Qinglan Materials"
    assert count(Person, Person.organization_id == own.id) == 120
    assert count(Department, Department.valid_to.is_(None)) == 9


@pytest.mark.usefixtures("inside")
def test_the_people_of_the_real_gathering_are_not_ours_and_have_no_account() -> None:
    (president,) = db.session.scalars(select(Person).join(Organization).where(Organization.is_own.is_(False)))
    assert (president.name, president.account_id, president.email) == ("Li Changdong", None, None)
    assert count(Account, Account.name == "Li Changdong") == 0


@pytest.mark.usefixtures("inside")
def test_each_role_has_a_demo_account() -> None:
    shown = list_demo_accounts()
    assert [each.email for each in shown if not each.demo_note] == []
    assert [each.email.split("@")[0] for each in shown] == list(NOTES)
    everywhere = {Role(grant.role) for each in shown for grant in each.grants if grant.event_id is None}
    assert everywhere == {
        Role.ADMINISTRATOR, Role.ORGANIZER, Role.SECRETARY, Role.SUPERVISOR, Role.PRESIDING_LEADER, Role.AUDITOR,
    }  # fmt: skip
    here = {(each.email.split("@")[0], grant.role) for each in shown for grant in each.grants if grant.event_id}
    assert {("dora", "door"), ("olaf", "organizer"), ("sara", "organizer")} <= here


@pytest.mark.usefixtures("inside")
def test_only_those_who_play_a_part_can_sign_in() -> None:
    check(loader.PASSWORD)
    assert count(Account, Account.password_hash.is_not(None)) == len(NOTES)
    assert count(Account, Account.is_demo.is_(False)) == 0


@pytest.mark.parametrize("name", sorted(NOTES))
def test_a_demo_account_opens_the_home_page(of_the_demo: Any, name: str) -> None:
    assert of_the_demo(name).get("/").status_code == 200


# --- gatherings


def upcoming() -> Event:
    return db.session.scalars(
        select(Event).where(Event.title.like("Annual Gathering%"), Event.status == "published")
    ).one()


@pytest.mark.usefixtures("inside")
def test_the_upcoming_gathering_is_open_with_exactly_three_places_left() -> None:
    event = upcoming()
    plan = db.session.scalars(select(RegistrationPlan).where(RegistrationPlan.event_id == event.id)).one()
    own, visit, *workshops = db.session.scalars(
        select(PlaceCounter).where(PlaceCounter.event_id == event.id).order_by(PlaceCounter.id)
    ).all()
    assert plan.takes_registrations_at(clock.now())
    assert (own.capacity, own.taken, own.left) == (60, 57, 3)
    assert (visit.capacity, visit.taken) == (24, 21)
    assert [(each.option, each.capacity, each.taken) for each in workshops] == [
        ("workshop/night", 40, 10), ("workshop/ledger", 30, 8), ("workshop/clinic", 20, 7),
    ]  # fmt: skip
    assert event.previous is not None
    assert event.previous.previous is not None


@pytest.mark.usefixtures("inside")
def test_the_counters_say_what_their_rows_say() -> None:
    assert places.reconcile() == []
    assert Counter(db.session.scalars(select(Registration.state))) == {
        State.CONFIRMED: 240, State.WAITING: 2, State.PENDING: 2,
    }  # fmt: skip


@pytest.mark.usefixtures("inside")
def test_gatherings_stand_in_every_status() -> None:
    assert set(db.session.scalars(select(Event.status))) == set(Status)
    assert set(db.session.scalars(select(Event.audience))) == {"public", "internal", "restricted"}


def test_mail_of_the_demo_never_leaves(inside: Flask, loaded_demo: Loaded) -> None:
    mails = db.session.scalars(select(MailMessage)).all()
    assert {each.state for each in mails} == {MailState.UNDELIVERED}
    assert min(each.created_at for each in mails) >= loaded_demo.at - timedelta(days=7)


# --- the programme


@pytest.mark.usefixtures("inside")
def test_two_changes_of_the_upcoming_programme_are_not_released_and_one_refusal_stands_in_their_way() -> None:
    event = upcoming()
    olaf = db.session.scalars(select(Account).where(Account.email == "olaf@qinglan.example")).one()
    first = db.session.scalars(select(ProgrammeRelease)).one()
    assert (first.event, first.number, first.name, first.reason) == (event, 1, "First version", None)
    draft = releases.draft(event, actor=olaf)
    assert draft.plan.counts == {"moved": 1, "changed": 1}
    assert [(each.code, each.who and each.who.name) for each in draft.errors] == [
        (Code.UNCONFIRMED_SPEAKER, "Wu Xiulan")
    ]


@pytest.mark.usefixtures("inside")
def test_speakers_of_what_lies_ahead_were_asked_and_nearly_all_agreed() -> None:
    said = {
        event.title.split(":")[0].rstrip("0123456789 "): Counter(speakers.standing_of(each) for each in parts)
        for event in db.session.scalars(select(Event).where(Event.status == Status.PUBLISHED))
        if (parts := speakers.list_parts(event))
    }
    assert said == {
        "Annual Gathering": {"accepted": 31, "again": 1, "asked": 1, "declined": 1},
        "Kiln Seven day": {"accepted": 12},
        "Neighbours' evening": {"accepted": 8},
    }
    (refused,) = db.session.scalars(select(AgendaSpeaker).where(AgendaSpeaker.consent == Consent.DECLINED))
    assert refused.answer_note
    for profile in db.session.scalars(select(SpeakerProfile)):
        assert profile.bio
        assert profile.bio_local
    assert count(SpeakerProfile) == 4


@pytest.mark.usefixtures("inside")
def test_slides_of_five_speeches_are_accepted_sent_back_or_missing_and_can_be_opened() -> None:
    owed = speakers.list_deliverables(upcoming())
    assert Counter(each.review for each in owed) == {"accepted": 2, "returned": 1, "missing": 2}
    files = [version.file for each in owed for version in each.versions]
    assert [each.media_type for each in files] == ["application/pdf"] * 3
    assert [len(PdfReader(BytesIO(read_file(each))).pages) for each in files] == [3, 2, 2]


@pytest.mark.usefixtures("inside")
def test_the_annual_gatherings_are_editions_of_one_series_and_nothing_else_is() -> None:
    (series,) = db.session.scalars(select(EventSeries))
    assert (series.title, series.title_local) == ("Annual Gathering", "年度大会")
    linked = db.session.scalars(select(Event).where(Event.series_id.is_not(None)).order_by(Event.starts_on)).all()
    assert [each.title[:-4] for each in linked] == ["Annual Gathering "] * 3
    assert all(each.source_id is None for each in linked)


# --- what was said, and what came of it


@pytest.mark.usefixtures("inside")
def test_a_speech_is_kept_whole() -> None:
    for told in read("qinglan_speeches")["speeches"]:
        speech = db.session.scalars(
            select(Speech).join(Session).where(Speech.title == told["title"], Speech.announced_count.is_not(None))
        ).one()
        assert len(speech.passages) == len(told["text"].split("\n\n"))
        assert speech.confirmed_at is not None
        assert sum(len(demands) for _kind, _text, demands in paragraphs(told)) == len(told["requirements"])
        kept = select(Requirement).where(Requirement.speech_id == speech.id)
        assert [each.heading for each in db.session.scalars(kept.order_by(Requirement.number))] == [
            each["heading"] for each in told["requirements"]
        ]


@pytest.mark.usefixtures("inside")
def test_requirements_came_to_stand_where_the_data_say() -> None:
    """By the acts alone; the one that the data leave unconfirmed was confirmed with its speech."""
    for told in read("qinglan_speeches")["speeches"]:
        for each in told["requirements"]:
            found = db.session.scalars(
                select(Requirement)
                .join(Speech)
                .where(Speech.title == told["title"], Requirement.number == each["number"])
            ).one()
            expected = "confirmed" if each["state"] == "stated" else each["state"]
            assert (told["key"], found.number, str(found.state)) == (told["key"], each["number"], expected)
    assert set(db.session.scalars(select(Requirement.state))) >= {
        RequirementState.STATED, RequirementState.CONFIRMED, RequirementState.ASSIGNED, RequirementState.PERIODIC,
        RequirementState.RECORDED, RequirementState.CLOSED,
    }  # fmt: skip


@pytest.mark.usefixtures("inside")
def test_assignments_stand_in_every_state_and_each_as_the_data_say() -> None:
    kept = {each.deliverable: each for each in db.session.scalars(select(Assignment))}
    told = read("qinglan_assignments")["assignments"]
    assert len(kept) == len(told)
    for each in told:
        found = kept[each["deliverable"]]
        assert (each["key"], found.state) == (each["key"], each["state"])
        assert len(found.reports) == len(each["reports"])
        assert len(found.evidence) == len(each["evidence"])
        assert [verdict.is_accepted for verdict in found.verdicts] == [one["accepted"] for one in each["verdicts"]]
    assert {each.state for each in kept.values()} == set(AssignmentState)
    today = clock.today("Asia/Shanghai")
    assert any(each.is_late_on(today) for each in kept.values())
    assert any(each.is_silent_at(clock.now()) for each in kept.values())


@pytest.mark.usefixtures("inside")
def test_labels_are_numbered_by_year_without_a_gap() -> None:
    for model in (Requirement, Assignment, Pledge):
        by_year: dict[str, list[int]] = {}
        for label in db.session.scalars(select(model.label)):
            _prefix, year, number = label.split("-")
            by_year.setdefault(year, []).append(int(number))
        for numbers in by_year.values():
            assert sorted(numbers) == list(range(1, len(numbers) + 1))


# --- pledges, minutes


@pytest.mark.usefixtures("inside")
def test_pledges_were_kept_and_missed_and_their_signatures_hold() -> None:
    pledges = db.session.scalars(select(Pledge)).all()
    assert {each.verdict for each in pledges if each.verdict} == set(PledgeVerdict)
    assert {each.state for each in pledges} == {
        PledgeState.DRAFT, PledgeState.OPEN, PledgeState.IN_FORCE, PledgeState.ASSESSED,
    }  # fmt: skip
    for each in pledges:
        if each.content is not None:
            assert fingerprint(each.content) == each.content_hash
        signed = [slot.signature for slot in each.slots if slot.signature]
        assert all(fingerprint(one.statement) == one.statement_hash for one in signed)
        assert (each.document is not None) == (each.opened_at is not None)
        assert (each.in_force_at is not None) == (bool(each.slots) and len(signed) == len(each.slots))


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize("title", ["Half a Percent", "七号窑军令状"])
def test_a_pledge_with_a_reward_can_be_printed_in_both_languages(title: str) -> None:
    pledge = db.session.scalars(select(Pledge).where(Pledge.title == title)).one()
    assert pledge.reward
    assert pledge.document is not None
    paper, language = deed.paper_of(pledge.document)
    assert render_pdf("pledge", paper, lang=language).startswith(b"%PDF-")


@pytest.mark.usefixtures("inside")
def test_minutes_are_published_in_both_languages_and_read_by_some() -> None:
    minutes = db.session.scalars(select(Minutes)).all()
    assert Counter(each.state for each in minutes) == {
        MinutesState.PUBLISHED: 22, MinutesState.APPROVED: 1, MinutesState.IN_REVIEW: 1,
    }  # fmt: skip
    assert Counter(each.language for each in minutes if each.state == MinutesState.PUBLISHED) == {
        "en": 11, "zh_Hans_CN": 11,
    }  # fmt: skip
    asked = sum(len(each["distribution"]) for each in read("qinglan_minutes")["minutes"])
    months = read("qinglan_months")["months"]
    asked += 2 * sum(len({*each["present"], *each["excused"], "rita"}) for each in months)
    assert count(Acknowledgement) == asked
    assert 0 < count(Acknowledgement, Acknowledgement.read_at.is_not(None)) < asked
    assert Counter(len(each.versions) for each in minutes) == {1: 22, 2: 2}


@pytest.mark.usefixtures("inside")
def test_monthly_minutes_say_their_decisions_and_keep_some_from_most() -> None:
    found = db.session.scalars(
        select(Minutes).join(Event, Event.id == Minutes.event_id).where(Event.title.like("Monthly meeting:%"))
    ).all()
    assert len(found) == 18
    for each in found:
        sections = each.newest.sections
        assert not any("{{" in section.text for section in sections)
        bound = [one["kind"] for section in sections for one in section.bindings]
        assert bound.count("decision") == len(decisions_of(each))
        assert "item" in bound
        assert {section.clearance for section in sections} in (
            {Clearance.INTERNAL}, {Clearance.INTERNAL, Clearance.RESTRICTED},
        )  # fmt: skip
    assert sum(len(each.newest.extracts) == 2 for each in found) == 8


def decisions_of(minutes: Minutes) -> list[Decision]:
    return list(db.session.scalars(select(Decision).where(Decision.session_id == minutes.session_id)))


@pytest.mark.usefixtures("inside")
def test_verbatim_words_of_the_real_speeches_are_withheld() -> None:
    real = select(Event.id).where(Event.source_id.is_not(None))
    withheld = select(Passage).join(Speech).where(Speech.event_id.in_(real))
    passages = db.session.scalars(withheld).all()
    assert len(passages) == 12
    assert {each.verbatim for each in passages} == {None}
    assert [each for each in passages if each.span_start is None] == []
