"""Everybody's own calendar: what stands in it, who can read it, and how it ends."""

import re
from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
import time_machine
from sqlalchemy import select

from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.diary.models import CalendarFeed
from app.diary.secrets import token_of
from app.events.models import Event, Participation
from app.people.models import Person
from app.programme.models import AgendaItem, Consent
from app.registration.models import Invitation, Registration, State
from app.releases.content import digest, freeze
from app.releases.models import ProgrammeRelease
from app.releases.queries import working
from app.speakers.calendar import uid_of
from tests import cast as the_cast
from tests.factories import make_event, make_item, make_part, make_room, make_session, save

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
DAY = date(2027, 1, 14)


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def petra(as_):
    return as_("petra")


def address(visitor) -> str:
    """The path of the address that the page shows."""
    page = visitor.get("/my/calendar").get_data(as_text=True)
    return re.search(r'value="http://localhost:8000(/feeds/[^"?]+)"', page).group(1)


@pytest.fixture
def feed(petra) -> str:
    assert petra.post("/my/calendar").status_code == 303
    return address(petra)


def entries_of(visitor, url: str) -> dict[str, icalendar.Event]:
    answer = visitor.get(url)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = icalendar.Calendar.from_ical(answer.get_data())
    return {str(each["UID"]): each for each in calendar.events}


def change(app, act) -> None:
    with app.app_context(), unit_of_work():
        act(the_cast.load())


@pytest.fixture
def stories(app) -> dict[str, str]:
    """Petra has a place, waits, is asked, has left, speaks, has said no, chairs; and one event has nothing of hers."""
    with app.app_context(), unit_of_work():
        cast = the_cast.load()
        petra = cast.people["petra"]
        made = {name: make_event(title=name, starts_on=DAY, ends_on=DAY + timedelta(days=1)) for name in
                ("place", "waits", "asked", "left", "speaks", "chairs", "nothing", "called-off", "tried")}  # fmt: skip
        refs = {}
        for n, (name, state) in enumerate(
            (("place", State.CONFIRMED), ("waits", State.WAITING), ("left", State.WITHDRAWN),
             ("called-off", State.CONFIRMED), ("tried", State.CONFIRMED))
        ):  # fmt: skip
            refs[name] = save(
                Registration(event=made[name], person=petra, state=state, joined_at=NOW, door_code=f"D{n}")
            ).ref
        made["called-off"].status, made["tried"].is_rehearsal = "cancelled", True
        refs["asked"] = save(Invitation(event=made["asked"], person=petra, via="person", sent_at=NOW)).ref
        save(Invitation(event=made["place"], person=petra, via="person", sent_at=NOW))
        hall = make_room(made["speaks"], name="Great Hall")
        starts = datetime(2027, 1, 14, 2, tzinfo=UTC)
        item = make_item(made["speaks"], title="My talk", room=hall, starts_at=starts, ends_at=starts + timedelta(minutes=40), speakers=[petra])  # fmt: skip
        declined = make_item(made["speaks"], title="Not mine", starts_at=starts, ends_at=None, speakers=[petra])
        declined.speakers[0].consent = Consent.DECLINED
        hidden = make_item(
            made["speaks"], title="Set-up", starts_at=starts, ends_at=None, speakers=[petra], is_internal=True
        )
        assert hidden
        make_item(made["speaks"], title="Another's", starts_at=starts, ends_at=None, speakers=[cast.people["mei"]])
        make_part(made["speaks"], petra, "speaker")
        session = make_session(made["chairs"], title="My session", chair=petra, starts_at=starts, ends_at=starts + timedelta(hours=2), day=DAY)  # fmt: skip
        loose = make_session(made["chairs"], title="Without a time", chair=petra)
        of_it = make_item(made["chairs"], title="In my chair", session=loose, starts_at=starts, ends_at=None)
        refs |= {"item": item.ref, "session": session.ref, "of_it": of_it.ref, "person": petra.ref}
        return refs | {f"event-{name}": event.ref for name, event in made.items()}


def test_a_feed_tells_everything_that_is_mine_and_nothing_else(petra, as_, feed, stories) -> None:
    stranger = as_("nobody")
    found = entries_of(stranger, feed)
    person = stories["person"]
    assert {uid: (str(e["SUMMARY"]), str(e["STATUS"])) for uid, e in found.items()} == {
        f"registration-{stories['place']}@hufu.invalid": ("place", "CONFIRMED"),
        f"registration-{stories['waits']}@hufu.invalid": ("waits", "TENTATIVE"),
        f"registration-{stories['called-off']}@hufu.invalid": ("called-off", "CANCELLED"),
        f"invitation-{stories['asked']}@hufu.invalid": ("asked", "TENTATIVE"),
        f"item-{stories['item']}-{person}@hufu.invalid": ("My talk", "CONFIRMED"),
        f"session-{stories['session']}-{person}@hufu.invalid": ("My session", "CONFIRMED"),
        f"item-{stories['of_it']}-{person}@hufu.invalid": ("In my chair", "CONFIRMED"),
    }
    talk = found[f"item-{stories['item']}-{person}@hufu.invalid"]
    assert talk["DTSTART"].dt.isoformat() == "2027-01-14T10:00:00+08:00"
    assert talk["DTEND"].dt.isoformat() == "2027-01-14T10:40:00+08:00"
    assert (str(talk["LOCATION"]), str(talk["DESCRIPTION"]), talk["SEQUENCE"]) == ("Great Hall, Foshan", "speaks", 0)
    place = found[f"registration-{stories['place']}@hufu.invalid"]
    assert (place["DTSTART"].dt, place["DTEND"].dt) == (DAY, DAY + timedelta(days=2))
    calendar = icalendar.Calendar.from_ical(stranger.get(feed).get_data())
    assert [str(each["TZID"]) for each in calendar.walk("VTIMEZONE")] == ["Asia/Shanghai"]


def test_the_uids_are_those_of_the_invitations_by_mail(app, stories) -> None:
    with app.app_context():
        item = db.session.scalar(select(AgendaItem).where(AgendaItem.ref == stories["item"]))
        person = db.session.scalar(select(Person).where(Person.ref == stories["person"]))
        assert uid_of(item, person) == f"item-{stories['item']}-{stories['person']}@hufu.invalid"


def test_a_feed_of_all_events_tells_what_one_may_see(app, petra, as_, feed, stories) -> None:
    def restrict(cast) -> None:
        event = db.session.scalar(select(Event).where(Event.ref == stories["event-nothing"]))
        event.audience = "restricted"

    change(app, restrict)
    titles = {str(each["SUMMARY"]) for each in entries_of(as_("nobody"), f"{feed}?all=1").values()}
    assert titles == {"place", "waits", "asked", "left", "speaks", "chairs", "called-off", "tried"}


def test_a_restricted_event_leaves_the_feed_with_the_right_to_see_it(app, as_, feed, stories) -> None:
    def restrict(cast) -> None:
        event = db.session.scalar(select(Event).where(Event.ref == stories["event-speaks"]))
        event.audience = "restricted"

    uid = f"item-{stories['item']}-{stories['person']}@hufu.invalid"
    change(app, restrict)
    assert uid in entries_of(as_("nobody"), feed)
    change(app, lambda cast: db.session.delete(db.session.scalar(select(Participation))))
    assert uid not in entries_of(as_("nobody"), feed)


def test_after_a_release_the_feed_tells_the_released_times(app, as_, feed, stories) -> None:
    def release_and_move(cast) -> None:
        item = db.session.scalar(select(AgendaItem).where(AgendaItem.ref == stories["item"]))
        event = item.event
        content = freeze(event, *working(event))
        save(ProgrammeRelease(event=event, number=1, name="One", content=content, changes={}, digest=digest(content)))
        event.release_number = 1
        item.starts_at += timedelta(hours=3)
        item.ends_at += timedelta(hours=3)
        item.title = "Renamed"

    before = entries_of(as_("nobody"), feed)
    change(app, release_and_move)
    after = entries_of(as_("nobody"), feed)
    uid = f"item-{stories['item']}-{stories['person']}@hufu.invalid"
    assert after.keys() == before.keys()
    assert after[uid].to_ical() == before[uid].to_ical()


def test_a_feed_needs_no_cookie_sets_none_and_is_kept_by_nobody(app, petra, as_, feed) -> None:
    for visitor in (as_("nobody"), petra):
        answer = visitor.client.get(feed)
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["X-Robots-Tag"] == "noindex"
        same = visitor.client.get(feed, headers={"If-None-Match": answer.headers["ETag"]})
        assert (same.status_code, same.data) == (304, b"")


def test_a_guessed_a_foreign_a_renewed_and_an_ended_address_are_nothing(app, petra, as_, feed, stories) -> None:
    stranger = as_("nobody")
    ref, _dash, secret = feed.removeprefix("/feeds/").removesuffix(".ics").partition("-")
    xaver = as_("xaver")
    xaver.post("/my/calendar")
    other = address(xaver).removeprefix("/feeds/").removesuffix(".ics").partition("-")
    wrong = (
        f"{ref}-{'0' * 40}", f"{ref}-{secret[:-1]}", f"{ref}-{secret}0", ref, f"{ref}-", f"-{secret}", "x", "é" * 40,
        f"{ref}-{other[2]}", f"{other[0]}-{secret}", f"{ref}-{secret.upper()}",
    )  # fmt: skip
    for token in wrong:
        answer = stranger.get(f"/feeds/{token}.ics")
        assert (answer.status_code, answer.data) == (404, b""), token
    assert not [uid for uid in entries_of(stranger, address(xaver)) if stories["person"] in uid]
    assert stranger.get(feed).status_code == 200
    assert petra.post("/my/calendar/renewal").status_code == 303
    new = address(petra)
    assert (new == feed, stranger.get(feed).status_code, stranger.get(new).status_code) == (False, 404, 200)
    assert petra.post("/my/calendar/end").status_code == 303
    assert stranger.get(new).status_code == 404
    assert "Make my address" in petra.get("/my/calendar").get_data(as_text=True)
    petra.post("/my/calendar")
    assert address(petra) not in (feed, new)
    assert [stranger.get(each).status_code for each in (feed, new, address(petra))] == [404, 404, 200]
    with app.app_context():
        said = db.session.scalars(
            select(AuditEntry.action).where(AuditEntry.action.like("feed.%")).order_by(AuditEntry.seq)
        )
        assert list(said) == ["feed.made", "feed.made", "feed.renewed", "feed.ended", "feed.made"]


def test_whoever_has_left_or_is_locked_out_reads_nothing(app, as_, feed) -> None:
    stranger = as_("nobody")

    def leave(day):
        return lambda cast: setattr(cast.people["petra"], "left_on", day)

    change(app, leave(date(2026, 11, 23)))
    assert stranger.get(feed).status_code == 200
    change(app, leave(date(2026, 11, 22)))
    assert stranger.get(feed).status_code == 404
    change(app, leave(None))
    change(app, lambda cast: setattr(cast.petra, "disabled_at", NOW))
    assert stranger.get(feed).status_code == 404


def test_when_it_was_read_is_noted_to_the_hour(app, petra, as_, feed) -> None:
    def read_at():
        with app.app_context():
            return db.session.scalar(select(CalendarFeed.read_at))

    assert "Not yet" in petra.get("/my/calendar").get_data(as_text=True)
    stranger = as_("nobody")
    for minutes, noted in ((0, 0), (30, 0), (61, 61)):
        with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
            stranger.get(feed)
            assert read_at() == NOW + timedelta(minutes=noted)
    assert "Sun 22 Nov 2026, 13:01" in petra.get("/my/calendar").get_data(as_text=True)


def test_the_secret_is_not_in_the_database_and_depends_on_the_key(app, feed) -> None:
    secret = feed.partition("-")[2].removesuffix(".ics")
    with app.app_context():
        row = db.session.scalar(select(CalendarFeed))
        assert secret not in repr(db.session.execute(select(CalendarFeed.__table__)).all())
        assert token_of(row).endswith(secret)
        app.extensions["hufu_settings"] = type(app.extensions["hufu_settings"])(secret_key="u" * 40)
        assert not token_of(row).endswith(secret)


def test_a_feed_asks_the_same_for_one_event_and_for_thirty(app, as_, feed, stories, count_statements) -> None:
    stranger = as_("nobody")

    def asked() -> int:
        with count_statements() as said:
            stranger.get(feed)
        return len(said)

    stranger.get(feed)
    few = asked()

    def more(cast) -> None:
        for n in range(30):
            event = make_event(starts_on=DAY)
            make_item(event, speakers=[cast.people["petra"]], room=make_room(event))
            make_session(event, chair=cast.people["petra"], starts_at=NOW, room=make_room(event))
            save(Registration(event=event, person=cast.people["petra"], state=State.CONFIRMED, joined_at=clock.now(), door_code=f"E{n}"))  # fmt: skip
            if n % 2:
                content = freeze(event, *working(event))
                event.release_number = 1
                make_part(event, cast.people["petra"], "speaker")
                save(ProgrammeRelease(event=event, number=1, name="One", content=content, changes={}, digest=digest(content)))  # fmt: skip

    change(app, more)
    assert few <= 8
    assert asked() <= few + 1  # the refusals of speakers, once there is a release
