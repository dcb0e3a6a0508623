"""Asking, answering, bringing in, judging, reminding: as acts."""

from datetime import timedelta
from typing import Any

import icalendar
import pytest
from sqlalchemy import select

from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.events import queries as events
from app.events.models import Event, Status
from app.mail.models import MailMessage
from app.programme.models import AgendaItem, AgendaSpeaker, Consent
from app.releases import services as releases
from app.speakers import queries, services
from app.speakers.errors import FileRefused, IllegalStep, LinkEnded, NobodyToAsk, OwnWork
from app.speakers.models import Deliverable, DeliverableKind
from app.speakers.steps import CONSENT, REVIEW, Handling, Step, next_consent, next_review
from tests.cast import Cast
from tests.factories import make_event, make_item, make_person, make_room, make_team
from tests.factories.speakers import (
    PDF,
    mails_of,
    make_deliverable,
    make_jpeg,
    make_png,
    make_version,
    part_of,
    token_in,
    upload,
)


@pytest.fixture
def event(cast: Cast) -> Event:
    with unit_of_work():
        return make_event()


def make_speech(event: Event, *speakers: Any, **values: Any) -> AgendaItem:
    with unit_of_work():
        return make_item(event, kind="speech", speakers=list(speakers), **values)


def ask(event: Event, cast: Cast, part: AgendaSpeaker | None = None, **more: Any) -> services.Asking:
    with unit_of_work():
        return services.ask(event, actor=cast.olaf, part=part, **more)


def log() -> list[tuple[str, str]]:
    rows = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action.startswith("speaker.")).order_by(AuditEntry.seq)
    )
    return [(each.action, each.actor_name) for each in rows]


def sent_calendars(event: Event) -> list[tuple[str, str, int]]:
    """(method, uid, sequence) of each message that went out, in order."""
    found = []
    for mail in db.session.scalars(
        select(MailMessage)
        .where(MailMessage.scope == event.ref, MailMessage.calendar.is_not(None))
        .order_by(MailMessage.id)
    ):
        calendar = icalendar.Calendar.from_ical(mail.calendar or b"")
        entry = calendar.walk("VEVENT")[0]
        assert str(calendar["METHOD"]) == mail.calendar_method
        found.append((mail.calendar_method or "", str(entry["UID"]), int(entry["SEQUENCE"])))
    return found


# --- the tables ---------------------------------------------------------------------------------------------------


def test_the_table_of_consent_is_all_there_is(cast: Cast, event: Event) -> None:
    """Every pair of state and step: what is in the table leads on, everything else is refused as a conflict."""
    item = make_speech(event, cast.people["petra"])
    part = item.speakers[0]
    for consent in Consent:
        for step in Step:
            part.consent = consent
            part.agreed_start, part.agreed_end = item.starts_at, item.ends_at
            if (consent, step) in CONSENT:
                assert next_consent(part, step) == CONSENT[consent, step]
            else:
                with pytest.raises(IllegalStep) as refused:
                    next_consent(part, step)
                assert refused.value.status == 409
    assert (Consent.ACCEPTED, Step.ASK) not in CONSENT
    part.consent, part.agreed_start = Consent.ACCEPTED, item.starts_at - timedelta(hours=1)
    assert next_consent(part, Step.ASK) == Consent.ASKED
    db.session.rollback()


def test_the_table_of_reviews_is_all_there_is(cast: Cast, event: Event) -> None:
    deliverable = Deliverable(kind="slides")
    for review in ("missing", "submitted", "accepted", "returned"):
        for handling in Handling:
            deliverable.review = review
            if (review, handling) in REVIEW:
                assert next_review(deliverable, handling) == REVIEW[review, handling]
            else:
                with pytest.raises(IllegalStep):
                    next_review(deliverable, handling)


# --- asking -------------------------------------------------------------------------------------------------------


def test_all_who_were_not_asked_yet_get_one_mail_each_and_the_others_are_told_why_not(cast: Cast, event: Event) -> None:
    petra, tom = cast.people["petra"], cast.people["tom"]
    with unit_of_work():
        mute = make_person(name="Mute", email=None, email_key=None)
        gone = make_person(name="Gone", left_on=event.starts_on - timedelta(days=1))
        team = make_team(name="Works")
    first = make_speech(event, petra, mute, title="Steel")
    second = make_speech(event, petra, tom, gone, title="Glass")
    with unit_of_work():
        second.speakers.append(AgendaSpeaker(team=team, position=4))
        make_item(event, title="Off", speakers=[tom], cancelled_at=clock.now())
        part_of(second, tom).consent = Consent.DECLINED
    asking = ask(event, cast, message="It would be an honour.")
    assert [(person.name, [each.item.title for each in parts]) for person, parts in asking.asked] == [
        ("Petra Lindqvist", ["Steel", "Glass"])
    ]
    assert sorted((each.display_name, why) for each, why in asking.left_out) == [
        ("Gone", "has left the company"), ("Mute", "has no e-mail address"), ("Works", "is a team: ask its people"),
    ]  # fmt: skip
    (mail,) = mails_of(event, "speaker_asked")
    assert mail.to_address == "petra@hufu.example"
    assert mail.holds_secret
    assert mail.text.count("/speaking/") == 2
    assert "It would be an honour." in mail.text
    assert [part_of(each, petra).consent for each in (first, second)] == ["asked", "asked"]
    assert part_of(second, tom).consent == "declined"
    stored = [each.secret_hash for each in (part_of(first, petra), part_of(second, petra))]
    assert all(each and each not in mail.text for each in stored)
    with pytest.raises(NobodyToAsk):
        ask(event, cast)


def test_who_declined_is_asked_again_and_who_accepted_is_not(cast: Cast, event: Event) -> None:
    item = make_speech(event, cast.people["petra"])
    part = item.speakers[0]
    ask(event, cast)
    first = token_in(mails_of(event, "speaker_asked")[0])
    ask(event, cast, part)
    mail = mails_of(event, "speaker_asked")[1]
    assert mail.subject.startswith("Please confirm again")
    with pytest.raises(LinkEnded), unit_of_work():
        services.answer_by_link(first, says_yes=True)
    with unit_of_work():
        services.answer_by_link(token_in(mail), says_yes=True)
    with pytest.raises(IllegalStep):
        ask(event, cast, part)
    assert part.consent == "accepted"


def test_nobody_is_asked_by_others_nor_for_what_is_over(cast: Cast, event: Event) -> None:
    make_speech(event, cast.people["petra"])
    for stranger in (cast.petra, cast.sara, cast.aude):
        with pytest.raises(Forbidden), unit_of_work():
            services.ask(event, actor=stranger)
    with unit_of_work():
        event.starts_on = event.ends_on = clock.today() - timedelta(days=3)
    with pytest.raises(Refused, match="over"):
        ask(event, cast)
    with unit_of_work():
        event.status = Status.CANCELLED
    with pytest.raises(Refused, match="cancelled"):
        ask(event, cast)
    assert mails_of(event, "speaker_asked") == []


# --- answering ----------------------------------------------------------------------------------------------------


def test_a_yes_puts_the_item_into_the_calendar_and_a_later_no_takes_it_out(cast: Cast, event: Event) -> None:
    petra = cast.people["petra"]
    with unit_of_work():
        room = make_room(event, name="Main hall")
    item = make_speech(event, petra, title="Steel", room=room, calendar_sequence=2)
    part = item.speakers[0]
    ask(event, cast)
    with unit_of_work():
        services.answer_by_link(token_in(mails_of(event, "speaker_asked")[0]), says_yes=True, note="Gladly")
    assert (part.consent, part.answer_note, part.is_confirmed) == ("accepted", "Gladly", True)
    entry = icalendar.Calendar.from_ical(mails_of(event, "speaker_accepted")[0].calendar).walk("VEVENT")[0]
    assert entry["DTSTART"].dt == item.starts_at
    assert "Main hall" in str(entry["LOCATION"])
    assert "petra@hufu.example" in str(entry["ATTENDEE"])
    with unit_of_work():
        services.answer(part, actor=cast.petra, says_yes=False, note="I am ill")
    ask(event, cast, part)
    with unit_of_work():
        services.answer(part, actor=cast.petra, says_yes=True)
    uid = f"item-{item.ref}-{petra.ref}@hufu.invalid"
    assert sent_calendars(event) == [("REQUEST", uid, 2), ("CANCEL", uid, 3), ("REQUEST", uid, 3)]
    assert log() == [
        ("speaker.asked", "Olaf Brandt"), ("speaker.accepted", "Petra Lindqvist"), ("speaker.declined", "Petra Lindqvist"),
        ("speaker.asked", "Olaf Brandt"), ("speaker.accepted", "Petra Lindqvist"),
    ]  # fmt: skip


def test_an_item_without_a_time_is_accepted_without_a_calendar(cast: Cast, event: Event) -> None:
    item = make_speech(event, cast.people["petra"], starts_at=None, ends_at=None)
    ask(event, cast)
    with unit_of_work():
        services.answer(item.speakers[0], actor=cast.petra, says_yes=True)
    assert item.speakers[0].is_confirmed
    assert sent_calendars(event) == []


def test_a_no_is_seen_by_the_organizers_at_once_and_cannot_be_said_twice(cast: Cast, event: Event) -> None:
    item = make_speech(event, cast.people["petra"], cast.people["tom"])
    part = part_of(item, cast.people["petra"])
    ask(event, cast)
    seen = events.visible(cast.olaf)
    assert queries.list_refusals(clock.now(), seen) == []
    with unit_of_work():
        services.answer(part, actor=cast.petra, says_yes=False)
    assert queries.list_refusals(clock.now(), seen) == [(event, 1)]
    with pytest.raises(IllegalStep, match="declined already"), unit_of_work():
        services.answer(part, actor=cast.petra, says_yes=False)
    with pytest.raises(IllegalStep, match="declined already"), unit_of_work():
        services.answer(part, actor=cast.petra, says_yes=True)


def test_a_link_answers_once_for_its_person_until_the_event_is_over(cast: Cast, event: Event) -> None:
    item = make_speech(event, cast.people["petra"])
    ask(event, cast)
    token = token_in(mails_of(event, "speaker_asked")[0])
    with pytest.raises(LinkEnded), unit_of_work():
        services.answer_by_link(token + "x", says_yes=True)
    with unit_of_work():
        services.answer_by_link(token, says_yes=True)
    with pytest.raises(IllegalStep, match="used already"), unit_of_work():
        services.answer_by_link(token, says_yes=False)
    with unit_of_work():
        item.cancelled_at = clock.now()
    with pytest.raises(LinkEnded) as ended, unit_of_work():
        services.answer_by_link(token, says_yes=False)
    assert ended.value.status == 410
    assert item.speakers[0].consent == "accepted"


def test_only_the_speaker_and_the_organizers_answer_and_the_log_says_for_whom(cast: Cast, event: Event) -> None:
    part = make_speech(event, cast.people["petra"]).speakers[0]
    ask(event, cast)
    for other in (cast.tom, cast.sara, cast.mei):
        with pytest.raises(Forbidden), unit_of_work():
            services.answer(part, actor=other, says_yes=True)
    with unit_of_work():
        services.answer(part, actor=cast.olaf, says_yes=True, note="By telephone")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "speaker.accepted")).one()
    assert (entry.actor_name, entry.on_behalf_of, entry.reason) == ("Olaf Brandt", "Petra Lindqvist", "By telephone")


def test_another_time_is_to_be_confirmed_again_other_words_or_another_room_are_not(cast: Cast, event: Event) -> None:
    item = make_speech(event, cast.people["petra"])
    part = item.speakers[0]
    ask(event, cast)
    with unit_of_work():
        services.answer(part, actor=cast.petra, says_yes=True)
    with unit_of_work():
        item.title, item.room = "Another title", make_room(event)
    assert part.is_confirmed
    with unit_of_work():
        item.ends_at += timedelta(minutes=15)
    assert (queries.standing_of(part), part.is_confirmed) == ("again", False)
    with unit_of_work():  # moved back by the planner: nothing is to be asked
        item.ends_at -= timedelta(minutes=15)
    assert part.is_confirmed
    with unit_of_work():
        item.starts_at += timedelta(minutes=5)
    assert [person.name for person, _parts in ask(event, cast).asked] == ["Petra Lindqvist"]
    assert part.consent == "asked"


# --- what is owed -------------------------------------------------------------------------------------------------


def test_what_is_due_moves_with_its_item(cast: Cast, event: Event) -> None:
    item = make_speech(event, cast.people["petra"])
    with unit_of_work():
        services.add_deliverable(item.speakers[0], actor=cast.olaf, kind="slides", days_before=7)
    (deliverable,) = queries.list_deliverables(event)
    assert queries.due_on(deliverable) == event.starts_on - timedelta(days=7)
    with unit_of_work():
        # 23:30 in Shanghai, which is the same day there and the afternoon in UTC
        item.starts_at += timedelta(days=1, hours=14, minutes=30)
        item.ends_at += timedelta(days=1, hours=14, minutes=30)
    assert queries.due_on(deliverable) == event.starts_on - timedelta(days=6)
    with unit_of_work():
        item.starts_at = item.ends_at = None
    assert queries.due_on(deliverable) == event.starts_on - timedelta(days=7)
    with pytest.raises(Refused, match="already"), unit_of_work():
        services.add_deliverable(item.speakers[0], actor=cast.olaf, kind="slides", days_before=3)
    with pytest.raises(Refused, match="0 to 365"), unit_of_work():
        services.change_deliverable(
            deliverable, actor=cast.olaf, version=deliverable.version, days_before=400, note=None
        )


def test_every_speech_needs_slides_in_one_act_which_doubles_nothing(cast: Cast, event: Event) -> None:
    petra, tom = cast.people["petra"], cast.people["tom"]
    first = make_speech(event, petra, tom)
    make_speech(event, petra)
    with unit_of_work():
        make_item(event, kind="break", speakers=[petra])
        make_deliverable(first, petra, days_before=2)
        part_of(first, tom).consent = Consent.DECLINED
    with unit_of_work():
        assert services.expect_of_all(event, actor=cast.olaf, item_kind="speech", kind="slides", days_before=7) == 1
    assert sorted(each.days_before for each in queries.list_deliverables(event)) == [2, 7]
    with pytest.raises(NobodyToAsk), unit_of_work():
        services.expect_of_all(event, actor=cast.olaf, item_kind="speech", kind="slides", days_before=7)


def bring(deliverable: Deliverable, actor: Any, data: bytes = PDF, name: str = "slides.pdf") -> None:
    with unit_of_work():
        stream, name = upload(data, name)
        services.bring_in(deliverable, actor=actor, stream=stream, name=name)


def test_versions_are_kept_and_judged_by_somebody_else(cast: Cast, event: Event) -> None:
    petra = cast.people["petra"]
    item = make_speech(event, petra)
    with unit_of_work():
        deliverable = make_deliverable(item, petra)
    with pytest.raises(IllegalStep), unit_of_work():
        services.judge(deliverable, actor=cast.olaf, version=None, accepts=True)
    bring(deliverable, cast.petra)
    with pytest.raises(Refused, match="still missing"), unit_of_work():
        services.judge(deliverable, actor=cast.sara, version=None, accepts=False)
    with unit_of_work():
        services.judge(deliverable, actor=cast.sara, version=None, accepts=False, words="The figures of May.")
    assert "The figures of May." in mails_of(event, "deliverable_returned")[0].text
    bring(deliverable, cast.petra, name="slides new.pdf")
    with unit_of_work():
        services.judge(deliverable, actor=cast.olaf, version=None, accepts=True)
    assert [(each.number, each.is_accepted) for each in deliverable.versions] == [(1, False), (2, True)]
    assert deliverable.review == "accepted"
    with pytest.raises(IllegalStep, match="judged already"), unit_of_work():
        services.judge(deliverable, actor=cast.olaf, version=None, accepts=True)
    with pytest.raises(Forbidden), unit_of_work():
        services.judge(deliverable, actor=cast.tom, version=None, accepts=True)
    with pytest.raises(Forbidden):
        bring(deliverable, cast.tom)
    with pytest.raises(IllegalStep, match="stays"), unit_of_work():
        services.remove_deliverable(deliverable, actor=cast.olaf)


def test_nobody_judges_their_own(cast: Cast, event: Event) -> None:
    olaf = cast.people["olaf"]
    item = make_speech(event, olaf)
    with unit_of_work():
        deliverable = make_deliverable(item, olaf)
    bring(deliverable, cast.olaf)
    with pytest.raises(OwnWork), unit_of_work():
        services.judge(deliverable, actor=cast.olaf, version=None, accepts=True)
    assert deliverable.review == "submitted"


@pytest.mark.parametrize(
    ("kind", "data", "name", "why"),
    [
        ("slides", PDF, "slides.docx", "one of: PPTX, PDF"),
        ("slides", b"<html>", "slides.pdf", "not what its name says"),
        ("slides", b"", "slides.pdf", "empty"),
        ("script", PDF + b"x" * (10 * 1024 * 1024), "script.pdf", "larger than 10 MB"),
        ("video", PDF, "film.mp4", "not what its name says"),
        ("photo", b"\xff\xd8\xff\xe0", "me.jpg", "cannot be read"),
        ("photo", make_png(50_000, 50_000), "me.png", "2500 million pixels"),
    ],
)
def test_a_file_that_is_not_what_it_has_to_be_is_refused(
    cast: Cast, event: Event, kind: str, data: bytes, name: str, why: str
) -> None:
    petra = cast.people["petra"]
    item = make_speech(event, petra)
    with unit_of_work():
        deliverable = make_deliverable(item, petra, kind=DeliverableKind(kind))
    with pytest.raises(Refused, match=why) as refused:
        bring(deliverable, cast.petra, data, name)
    assert refused.value.field == "file"
    assert (deliverable.review, deliverable.versions) == ("missing", [])


def test_a_photo_loses_what_the_camera_noted_and_stays_upright() -> None:
    from app.speakers.pictures import cleaned

    secret = b"31.2304 N 121.4737 E"
    picture = cleaned(make_jpeg(note=secret, way_up=6))
    assert secret not in picture
    assert b"trailer" not in picture
    assert picture.endswith(b"\xff\xd9")
    assert b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06" in picture  # orientation 6
    assert b"Exif" not in cleaned(make_jpeg(note=secret))
    assert secret not in cleaned(make_png(note=secret.decode()))
    assert cleaned(make_png()) == make_png()
    for broken in (make_jpeg()[:-20], make_png()[:-6], b"\x89PNG\r\n\x1a\n", b"GIF89a"):
        with pytest.raises(FileRefused):
            cleaned(broken)


# --- reminding ----------------------------------------------------------------------------------------------------


def test_the_reminder_reaches_exactly_those_who_miss_something(cast: Cast, event: Event) -> None:
    petra, tom, mei, li_wei = (cast.people[each] for each in ("petra", "tom", "mei", "li_wei"))
    with unit_of_work():
        mute = make_person(name="Mute", email=None, email_key=None)
    item = make_speech(event, petra, tom, mei, li_wei, mute, title="Steel")
    other = make_speech(event, petra, title="Glass")
    with unit_of_work():
        missing = make_deliverable(item, petra)
        returned = make_deliverable(other, petra, review="returned")
        make_deliverable(item, petra, kind="photo")
        make_version(make_deliverable(item, tom))  # brought in
        make_deliverable(item, mei, review="accepted")
        make_deliverable(item, li_wei)
        part_of(item, li_wei).consent = Consent.DECLINED
        make_deliverable(item, mute)
        make_deliverable(make_item(event, speakers=[petra], cancelled_at=clock.now()), petra)
        make_deliverable(make_item(event), tom)  # no longer speaks there
        elsewhere = make_event()
        make_deliverable(make_item(elsewhere, speakers=[petra]), petra)
    with unit_of_work():
        done = services.remind(event, actor=cast.olaf, kind="slides")
    assert [(person.name, set(each)) for person, each in done.reminded] == [("Petra Lindqvist", {missing, returned})]
    assert [(each.person.name, why) for each, why in done.left_out] == [("Mute", "has no e-mail address")]
    (mail,) = mails_of(event, "deliverables_missing")
    assert mail.to_address == "petra@hufu.example"
    assert mail.text.count("/deliverables/") == 2
    again = services.choose_missing(event)
    assert [(person.name, [each.kind for each in owed]) for person, owed in again.reminded] == [
        ("Petra Lindqvist", ["photo"])
    ]
    assert sorted(why for _each, why in again.left_out) == ["has no e-mail address", "was reminded today", "was reminded today"]  # fmt: skip
    with clock.at(clock.now() + timedelta(days=1)):
        assert [len(owed) for _person, owed in services.choose_missing(event).reminded] == [3]
    with pytest.raises(NobodyToAsk), unit_of_work():
        services.remind(event, actor=cast.olaf, kind="script")
    with pytest.raises(Forbidden), unit_of_work():
        services.remind(event, actor=cast.sara)


def test_what_is_missing_becomes_a_clash_when_its_day_has_come(cast: Cast, event: Event) -> None:
    petra = cast.people["petra"]
    item = make_speech(event, petra)
    with unit_of_work():
        make_deliverable(item, petra, days_before=7)
    assert queries.missing_of(event) == {}
    assert item.starts_at is not None
    with clock.at(item.starts_at - timedelta(days=7)):
        (named,) = queries.missing_of(event)[item.ref]
    assert (named.key, named.name) == (petra.ref, "Slides of Petra Lindqvist")


# --- availability -------------------------------------------------------------------------------------------------


def test_a_speaker_tells_when_they_cannot_come_for_themselves_alone(cast: Cast, event: Event) -> None:
    item = make_speech(event, cast.people["petra"])
    assert item.starts_at is not None
    span = {"starts_at": item.starts_at, "ends_at": item.starts_at + timedelta(hours=2)}
    with unit_of_work():
        window = services.tell_absence(event, cast.people["petra"], actor=cast.petra, note="Flight", **span)
    assert (window.is_free, window.person, window.room) == (False, cast.people["petra"], None)
    with pytest.raises(Forbidden), unit_of_work():
        services.tell_absence(event, cast.people["petra"], actor=cast.tom, **span)
    with pytest.raises(Refused, match="after the start"), unit_of_work():
        services.tell_absence(
            event, cast.people["petra"], actor=cast.petra, starts_at=span["ends_at"], ends_at=span["starts_at"]
        )
    with pytest.raises(Refused, match="outside"), unit_of_work():
        far = {name: each + timedelta(days=30) for name, each in span.items()}
        services.tell_absence(event, cast.people["petra"], actor=cast.petra, **far)
    with unit_of_work():
        services.take_absence_back(window, actor=cast.petra)
    assert queries.list_absences(event, cast.people["petra"]) == []


def test_what_was_due_and_is_missing_stands_in_the_draft_of_a_release(cast: Cast, event: Event) -> None:
    petra = cast.people["petra"]
    item = make_speech(event, petra)
    with unit_of_work():
        make_deliverable(item, petra, days_before=60)
    clashes = releases.draft(event, actor=cast.olaf).clashes
    assert [str(clash.code) for clash in clashes if clash.who and "Slides" in clash.who.name] == ["missing_deliverable"]
