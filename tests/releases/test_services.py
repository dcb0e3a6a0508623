from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select

from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.core.roles import SYSTEM
from app.events.models import Status
from app.mail.delivery import compose
from app.programme import services as programme
from app.registration import services as registration
from app.releases import queries, services
from app.releases.diff import diff
from app.releases.errors import HasClashes, LookAgain, NothingChanged, NotPublished
from app.releases.models import ProgrammeRelease
from app.releases.notices import Writer
from tests.cast import Cast
from tests.factories import make_event, make_item, make_person, make_room, make_session, make_team
from tests.factories.releases import entries_in, mails_of, make_release

HOUR = timedelta(hours=1)
NINE = datetime(2027, 1, 14, 1, 0, tzinfo=UTC)  # in Shanghai


@pytest.fixture(autouse=True)
def _in_december() -> Iterator[None]:
    with clock.at(datetime(2026, 12, 1, 4, tzinfo=UTC)):
        yield


def make_gathering(**more):
    return make_event(starts_on=date(2027, 1, 14), title="Strategy days", venue="Grand hall", **more)


def at(hours: float) -> dict[str, datetime]:
    """So many hours after nine, for half an hour."""
    return {"starts_at": NINE + hours * HOUR, "ends_at": NINE + hours * HOUR + HOUR / 2}


def register(event, *people) -> None:
    registration.open_registration(event, actor=SYSTEM)
    for each in people:
        registration.register_person(event, each, actor=SYSTEM)


def test_a_release_tells_exactly_what_was_moved_cancelled_and_added_since_the_one_before(cast: Cast) -> None:
    with unit_of_work():
        event = make_gathering()
        items = [make_item(event, title=f"Item {n}", **at(n)) for n in range(1, 6)]
        make_release(event)
    with unit_of_work():
        for each in items[:2]:
            programme.move_item(each, actor=cast.olaf, version=None, starts_at=each.starts_at + 20 * HOUR, room=None)
        programme.cancel_item(items[2], actor=cast.olaf)
        programme.add_item(event, actor=cast.olaf, title="A late guest", **at(7))
        second = make_release(event, actor=cast.olaf, name="The night before", message="Sorry for the late word.")
    assert second.changes["counts"] == {"new": 1, "moved": 2, "cancelled": 1}
    assert second.number == event.release_number == 2
    assert len(second.digest) == 64
    changes = diff(queries.find_release(event, 1).content, second.content)
    assert sorted((each.kind, each.display_title) for each in changes) == [
        ("cancelled", "Item 3"), ("moved", "Item 1"), ("moved", "Item 2"), ("new", "A late guest")
    ]  # fmt: skip
    row = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "programme.released")).all()[-1]
    assert (row.actor_id, row.details["number"], row.details["changes"]) == (
        cast.olaf.id, 2, {"new": 1, "moved": 2, "cancelled": 1}
    )  # fmt: skip


def test_a_speaker_s_calendar_follows_the_releases_with_one_uid_and_a_sequence_that_rises_for_time_and_place_only(
    cast: Cast,
) -> None:
    petra = cast.people["petra"]

    def released() -> tuple[str, dict]:
        with unit_of_work():
            make_release(event)
        ((method, entry),) = entries_in(mails_of(event)[-1])
        return method, entry

    with unit_of_work():
        event = make_gathering()
        room = make_room(event, name="Hall A")
        item = make_item(event, title="The plan", room=room, speakers=[petra], **at(0))
    told = [released()]
    with unit_of_work():
        programme.move_item(item, actor=cast.olaf, version=None, starts_at=NINE + HOUR, room=room)
    told.append(released())
    with unit_of_work():
        programme.change_item(item, actor=cast.olaf, version=None, title="The bold plan")
    told.append(released())
    with unit_of_work():
        programme.move_item(item, actor=cast.olaf, version=None, starts_at=NINE + HOUR, room=None)
    told.append(released())
    with unit_of_work():
        programme.cancel_item(item, actor=cast.olaf)
    told.append(released())

    assert {str(entry["UID"]) for _method, entry in told} == {f"item-{item.ref}-{petra.ref}@hufu.invalid"}
    assert [(method, int(entry["SEQUENCE"]), str(entry["STATUS"])) for method, entry in told] == [
        ("REQUEST", 0, "CONFIRMED"),
        ("REQUEST", 1, "CONFIRMED"),
        ("REQUEST", 1, "CONFIRMED"),
        ("REQUEST", 2, "CONFIRMED"),
        ("CANCEL", 3, "CANCELLED"),
    ]
    assert [str(entry["SUMMARY"]) for _method, entry in told[1:3]] == ["The plan", "The bold plan"]
    assert told[1][1]["DTSTART"].dt.isoformat() == "2027-01-14T10:00:00+08:00"
    assert "Hall A" in told[0][1]["LOCATION"]
    assert "Hall A" not in told[3][1]["LOCATION"]
    mail = mails_of(event)[0]
    calendar = Calendar.from_ical(mail.attachments[0].content)
    assert [str(each["TZID"]) for each in calendar.walk("VTIMEZONE")] == ["Asia/Shanghai"]
    parts = [(part.get_content_type(), part.get_param("method")) for part in compose(mail).walk()]
    assert parts.count(("text/calendar", "REQUEST")) == 2  # beside the text, and as a file


def test_whoever_leaves_an_item_and_comes_back_has_it_taken_out_and_put_in_again_with_a_higher_sequence(
    cast: Cast,
) -> None:
    petra, tom = cast.people["petra"], cast.people["tom"]
    told = []
    with unit_of_work():
        event = make_gathering()
        item = make_item(event, title="The plan", speakers=[petra], **at(0))
        make_release(event)
    for speakers in ([tom], [petra, tom]):
        with unit_of_work():
            programme.change_item(item, actor=cast.olaf, version=None, speakers=speakers)
            make_release(event)
        told.append({each.to_name: [(m, int(e["SEQUENCE"])) for m, e in entries_in(each)] for each in mails_of(event)})
    assert told[0] == {petra.name: [("CANCEL", 1)], tom.name: [("REQUEST", 0)]}
    assert told[1] == {petra.name: [("REQUEST", 2)], tom.name: []}


def test_each_person_gets_one_mail_with_everything_that_concerns_them(cast: Cast) -> None:
    petra, tom, mei, rita = (cast.people[each] for each in ("petra", "tom", "mei", "rita"))
    with unit_of_work():
        event = make_gathering()
        closed = make_session(event, title="Closed workshop")
        first = make_item(event, title="The plan", speakers=[petra], room=make_room(event, name="Hall A"), **at(0))
        second = make_item(event, title="The numbers", speakers=[petra], **at(1))
        workshop = make_item(event, title="Workshop", session=closed, **at(2))
        setting_up = make_item(event, title="Setting up", is_internal=True, speakers=[tom], **at(3))
        silent = make_person(name="Silent Sam", email=None, email_key=None)
        register(event, petra, mei, rita, silent)
        registration.set_capacity(event, closed, 5, actor=SYSTEM)
        registration.register_person(event, cast.people["sara"], sessions=[closed], actor=SYSTEM)
        make_release(event)
    before = len(mails_of(event))
    with unit_of_work():
        programme.move_item(first, actor=cast.olaf, version=None, starts_at=NINE + 4 * HOUR, room=first.room)
        programme.change_item(second, actor=cast.olaf, version=None, title="The true numbers")
        programme.move_item(workshop, actor=cast.olaf, version=None, starts_at=NINE + 5 * HOUR, room=None)
        programme.move_item(setting_up, actor=cast.olaf, version=None, starts_at=NINE + 6 * HOUR, room=None)
        release = make_release(event, name="Evening")
    mails = {each.to_name: each for each in mails_of(event)[before:]}
    assert set(mails) == {"Petra Lindqvist", "Tom Okafor", "Mei Zhao", "Rita Sommer", "Sara Novák"}
    assert release.told == 5
    hers = mails["Petra Lindqvist"].text
    assert hers.count("Moved: “The plan”") == 1
    assert "When: Thu 14 Jan 2027, 09:00–09:30 → Thu 14 Jan 2027, 13:00–13:30" in hers
    assert "(Asia/Shanghai)" in hers
    assert "Title: The numbers → The true numbers" in hers
    assert len(entries_in(mails["Petra Lindqvist"])) == 2
    assert mails["Petra Lindqvist"].calendar is None  # two entries: a file each, none of them beside the text
    assert "Moved: “The plan”" in mails["Mei Zhao"].text
    for hidden in ("Setting up", "Workshop", "true numbers"):
        assert hidden not in mails["Mei Zhao"].text
    assert "Moved: “Workshop”" in mails["Sara Novák"].text
    assert "Moved: “Setting up”" in mails["Tom Okafor"].text
    assert "The plan" not in mails["Tom Okafor"].text


def test_the_preview_names_who_is_told_word_for_word_and_who_is_not_with_the_reason(cast: Cast) -> None:
    petra = cast.people["petra"]
    with unit_of_work():
        event = make_gathering()
        item = make_item(event, title="The plan", speakers=[petra], **at(0))
        programme.change_item(item, actor=SYSTEM, version=None, speakers=[petra, make_team(name="North")])
        register(event, make_person(name="Silent Sam", email=None, email_key=None))
    draft = services.draft(event, actor=cast.olaf)
    assert [each.person for each in draft.plan.notices] == [petra]
    assert sorted(draft.plan.left_out) == [
        ("North", "a team has no mail address of its own"), ("Silent Sam", "no mail address is known")
    ]  # fmt: skip
    subject, text = Writer(draft.plan, number=draft.number, name="First", message="Welcome.").preview(
        draft.plan.notices[0]
    )
    with unit_of_work():
        make_release(event, actor=cast.olaf, name="First", message="Welcome.")
    (mail,) = mails_of(event)
    assert (mail.subject, mail.text) == (subject, text + "\n")
    assert subject == "The programme is there: Strategy days"


def test_what_cannot_take_place_is_released_only_with_a_reason_that_is_kept(cast: Cast) -> None:
    with unit_of_work():
        event = make_gathering()
        room = make_room(event)
        make_item(event, room=room, **at(0))
        make_item(event, room=room, **at(0))
    with pytest.raises(HasClashes) as refused, unit_of_work():
        services.release(event, actor=cast.olaf, name="First")
    assert refused.value.field == "reason"
    db.session.refresh(event)
    assert event.release_number == 0
    assert db.session.scalars(select(ProgrammeRelease)).all() == []
    with unit_of_work():
        made = services.release(event, actor=cast.olaf, name="First", reason="The wall between is open")
    row = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "programme.released")).one()
    assert made.reason == row.reason == "The wall between is open"


def test_drafts_strangers_and_programmes_that_everybody_knows_are_refused(cast: Cast) -> None:
    with unit_of_work():
        event = make_gathering()
        make_item(event, **at(0))
        draft = make_gathering(status=Status.DRAFT)
        off = make_gathering(status=Status.CANCELLED)
    for actor in (cast.petra, cast.aude, cast.sara):
        with pytest.raises(Forbidden), unit_of_work():
            services.release(event, actor=actor, name="Mine")
    for each in (draft, off):
        with pytest.raises(NotPublished), unit_of_work():
            services.release(each, actor=cast.olaf, name="First")
    with pytest.raises(Refused, match="name"), unit_of_work():
        services.release(event, actor=cast.olaf, name=" ")
    seen = services.draft(event, actor=cast.olaf).seen
    with unit_of_work():
        services.release(event, actor=cast.olaf, name="First", seen=seen)
    with pytest.raises(LookAgain, match="Meanwhile Olaf Brandt made release 1, “First”"), unit_of_work():
        services.release(event, actor=cast.ada, name="First", seen=seen)
    with pytest.raises(NothingChanged, match="since release 1, “First”"), unit_of_work():
        services.release(event, actor=cast.ada, name="Again")
    db.session.refresh(event)
    assert event.release_number == 1


def test_a_concluded_programme_is_put_right_without_telling_anybody(cast: Cast) -> None:
    with unit_of_work():
        event = make_gathering()
        item = make_item(event, speakers=[cast.people["petra"]], **at(0))
        make_release(event)
        event.status = Status.CONCLUDED
        programme.change_item(item, actor=cast.olaf, version=None, title="As it was", **at(2))
        again = make_release(event)
    assert (again.number, again.told, len(mails_of(event))) == (2, 0, 1)


def test_an_old_release_is_told_again_under_a_new_number(cast: Cast) -> None:
    petra, tom = cast.people["petra"], cast.people["tom"]
    with unit_of_work():
        event = make_gathering()
        hall, side = make_room(event, name="Hall A"), make_room(event, name="Side room")
        session = make_session(event, title="Morning", chair=tom)
        plan = make_item(
            event, title="The plan", summary="All of it.", session=session, room=hall, speakers=[petra], **at(0)
        )
        setting_up = make_item(event, title="Setting up", is_internal=True, **at(3))
        lunch = make_item(event, title="Lunch", kind="break", room=side, **at(4))
        first = make_release(event)
    kept = setting_up.ref
    with unit_of_work():
        programme.change_item(
            plan, actor=cast.olaf, version=None, title="Another plan", summary=None, room=side, speakers=[tom], **at(1)
        )
        programme.change_session(session, actor=cast.olaf, version=None, title="Late morning", chair=petra)
        programme.remove_item(setting_up, actor=cast.olaf)
        programme.cancel_item(lunch, actor=cast.olaf)
        programme.remove_room(hall, actor=cast.olaf)
        extra = programme.add_item(event, actor=cast.olaf, title="Extra", **at(6))
        make_release(event)
    with unit_of_work():
        third = services.release_again(event, queries.find_release(event, 1), actor=cast.olaf)
    assert (third.number, third.name) == (3, "As release 1: As told")
    assert (
        diff(first.content, {**third.content, "items": [i for i in third.content["items"] if i["ref"] != extra.ref]})
        == []
    )
    db.session.refresh(extra)
    assert extra.cancelled_at is not None
    assert [each.ref for each in queries.working(event)[1] if each.title == "Setting up"] == [kept]
    assert third.changes["counts"] == {"new": 1, "moved": 1, "cancelled": 1, "restored": 1, "changed": 1}
    with pytest.raises(NothingChanged), unit_of_work():
        services.release_again(event, queries.find_release(event, 1), actor=cast.olaf)
