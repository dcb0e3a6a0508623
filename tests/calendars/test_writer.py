from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from app.calendars.entries import Attendee, CalendarEntry, Organizer
from app.calendars.writer import calendar_file, invitation, invitation_content_type

STAMP = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
OLAF = Organizer(email="olaf@example.org", name="Olaf")
PETRA = Attendee(email="petra@example.org", name="Petra")
HOSTILE = 'Plan\r\nATTENDEE:mailto:x@evil.example\nBEGIN:VALARM\rX:1;a,b\\c"\u2028X-A:1\x85X-B:1\x0bX-C:1\x00\ud800'


def session(**changes: object) -> CalendarEntry:
    values = {
        "uid": "k3v9@hufu",
        "summary": "战略会议",
        "stamped_at": STAMP,
        "starts_at": datetime(2026, 12, 1, 1, 0, tzinfo=UTC),
        "ends_at": datetime(2026, 12, 1, 4, 0, tzinfo=UTC),
        "zone": "Asia/Shanghai",
    }
    return CalendarEntry(**{**values, **changes})


def properties(body: bytes) -> list[tuple[str, str]]:
    """A reader of its own: unfolds, splits at the first colon outside quotes, undoes TEXT escapes."""
    assert body.endswith(b"\r\n")
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert b"\r" not in body.replace(b"\r\n", b"")
    for line in body.split(b"\r\n"):
        assert len(line) <= 75
        line.decode("utf-8")  # a fold inside a character would raise
    lines = body.decode("utf-8").replace("\r\n ", "").split("\r\n")[:-1]
    assert "\r\n".join(lines).splitlines() == lines
    return [split(line) for line in lines]


def split(line: str) -> tuple[str, str]:
    quoted = False
    for at, sign in enumerate(line):
        quoted ^= sign == '"'
        if sign == ":" and not quoted:
            return line[:at], line[at + 1 :]
    raise AssertionError(line)


def unescaped(text: str) -> str:
    out, signs = [], iter(text)
    for sign in signs:
        out.append({"n": "\n", "N": "\n"}.get(following := next(signs), following) if sign == "\\" else sign)
    return "".join(out)


def names_of(body: bytes) -> list[str]:
    return [name.split(";")[0] for name, _ in properties(body)]


def test_a_moment_is_told_in_its_zone_with_the_zones_rules():
    body = calendar_file([session()], name="年度会议")
    calendar = Calendar.from_ical(body)
    event = calendar.events[0]
    assert event.start == datetime(2026, 12, 1, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert event.end == datetime(2026, 12, 1, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert ("DTSTART;TZID=Asia/Shanghai", "20261201T090000") in properties(body)
    assert [zone.tz_name for zone in calendar.timezones] == ["Asia/Shanghai"]
    assert calendar.get_missing_tzids() == set()
    assert str(calendar["X-WR-CALNAME"]) == "年度会议"
    assert event["DTSTAMP"].dt == STAMP


def test_every_zone_is_told_once_and_utc_never():
    entries = [session(zone=zone) for zone in ("Europe/Berlin", "Asia/Shanghai", "UTC", "Europe/Berlin")]
    body = calendar_file(entries, name="")
    assert [value for name, value in properties(body) if name == "TZID"] == ["Europe/Berlin", "Asia/Shanghai"]
    assert ("DTSTART", "20261201T010000Z") in properties(body)


def test_summer_time_is_right_on_both_sides_of_the_change():
    hours = [datetime(2026, 3, 29, 0, 30, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)]
    body = calendar_file([session(starts_at=hour, ends_at=None, zone="Europe/Berlin") for hour in hours], name="")
    assert [event.start for event in Calendar.from_ical(body).events] == hours
    assert "DAYLIGHT" in [value for name, value in properties(body) if name == "BEGIN"]


def test_the_last_hour_of_a_year_keeps_its_zone():
    late = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    body = calendar_file([session(starts_at=late, ends_at=None)], name="")
    calendar = Calendar.from_ical(body)
    assert calendar.events[0].start == late
    rules_begin = calendar.timezones[0].standard[0].DTSTART
    assert rules_begin < datetime(2026, 12, 31)


def test_whole_days_end_on_the_day_after():
    entry = session(starts_at=None, ends_at=None, starts_on=date(2026, 12, 1), ends_on=date(2026, 12, 2))
    body = calendar_file([entry], name="")
    assert ("DTSTART;VALUE=DATE", "20261201") in properties(body)
    assert ("DTEND;VALUE=DATE", "20261203") in properties(body)
    assert Calendar.from_ical(body).timezones == []


def test_an_empty_calendar_is_a_calendar():
    assert names_of(calendar_file([], name="")) == ["BEGIN", "PRODID", "VERSION", "CALSCALE", "END"]


@pytest.mark.parametrize("field", ["uid", "summary", "location", "description", "url"])
def test_hostile_text_adds_no_property(field):
    plain = session(location="x", description="x", url="https://example.org/x")
    assert names_of(calendar_file([plain], name="n")) == names_of(
        calendar_file([session(**{"location": "x", "description": "x", "url": "https://x/", field: HOSTILE})], name="n")
    )


def test_hostile_names_add_no_property_and_no_parameter():
    def told(name: str) -> list[str]:
        invited = Attendee(email=PETRA.email, name=name)
        body = invitation(
            session(), method="REQUEST", organizer=Organizer(email=OLAF.email, name=name), attendee=invited, sequence=0
        )
        return names_of(body)

    assert told(HOSTILE) == told("Petra")
    body = calendar_file([session()], name=HOSTILE)
    assert names_of(body) == names_of(calendar_file([session()], name="n"))


@pytest.mark.parametrize("email", ["", "petra", "a@b\r\nX:1", "a b@c.d", "a@b,c@d", '"a"@b'])
def test_what_is_no_address_is_refused(email):
    with pytest.raises(ValueError, match="not an e-mail address"):
        invitation(session(), method="REQUEST", organizer=OLAF, attendee=Attendee(email=email), sequence=0)


@pytest.mark.parametrize(
    "text", ["a;b,c", "\\\\server\\Notes\\new", "line\nline", "战略" * 60, '"quoted": 1', "👩‍👩‍👧" * 30]
)
def test_text_comes_back_as_it_was(text):
    body = calendar_file([session(description=text)], name="")
    assert dict((name, unescaped(value)) for name, value in properties(body))["DESCRIPTION"] == text


@settings(deadline=None)
@given(text=st.text(max_size=300))
def test_any_text_is_one_property(text):
    body = calendar_file([session(summary=text, description=text, location="x")], name=text or "n")
    expected = names_of(calendar_file([session(description=text and "x", location="x")], name="n"))
    assert names_of(body) == expected
    Calendar.from_ical(body)


def test_three_messages_are_one_entry_that_moves_and_goes():
    def message(method, sequence, start):
        body = invitation(session(starts_at=start), method=method, organizer=OLAF, attendee=PETRA, sequence=sequence)
        calendar = Calendar.from_ical(body)
        return calendar, calendar.events[0]

    start = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
    later = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
    messages = [message("REQUEST", 0, start), message("REQUEST", 1, later), message("CANCEL", 2, later)]
    assert [str(calendar["METHOD"]) for calendar, _ in messages] == ["REQUEST", "REQUEST", "CANCEL"]
    assert [str(event["UID"]) for _, event in messages] == ["k3v9@hufu"] * 3
    assert [event["SEQUENCE"] for _, event in messages] == [0, 1, 2]
    assert [str(event["STATUS"]) for _, event in messages] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert all("DTSTAMP" in event for _, event in messages)


def test_an_invitation_names_both_sides_and_asks_for_an_answer():
    event = Calendar.from_ical(
        invitation(session(), method="REQUEST", organizer=OLAF, attendee=PETRA, sequence=0)
    ).events[0]
    assert str(event["ORGANIZER"]) == "mailto:olaf@example.org"
    assert str(event["ATTENDEE"]) == "mailto:petra@example.org"
    asked = {key: str(value) for key, value in event["ATTENDEE"].params.items()}
    assert asked == {
        "CN": "Petra",
        "CUTYPE": "INDIVIDUAL",
        "ROLE": "REQ-PARTICIPANT",
        "PARTSTAT": "NEEDS-ACTION",
        "RSVP": "TRUE",
    }
    assert invitation_content_type("REQUEST") == "text/calendar; method=REQUEST; charset=utf-8"


def test_who_has_registered_is_not_asked_again():
    registered = Attendee(email=PETRA.email, participation="ACCEPTED", answer_wanted=False)
    body = invitation(session(), method="REQUEST", organizer=OLAF, attendee=registered, sequence=0)
    params = Calendar.from_ical(body).events[0]["ATTENDEE"].params
    assert (params["PARTSTAT"], params["RSVP"]) == ("ACCEPTED", "FALSE")


@pytest.mark.parametrize("name", ["Petra", "李伟" * 40, HOSTILE.replace("\ud800", "")])
def test_what_messages_share_is_written_once_and_their_own_lines_stand_where_they_belong(name):
    told = session(
        organizer=OLAF, sequence=3, summary=HOSTILE, description="END:VEVENT\nUID:-\nDTSTAMP:19700101T000000Z"
    )
    for uid in ("registration-1@hufu", "registration-2@hufu"):
        attendee = Attendee(email="petra@example.org", name=name)
        whole = calendar_file(
            [replace(told, uid=uid, stamped_at=STAMP, attendees=(attendee,))], name="", method="REQUEST"
        )
        entry = replace(told, uid=uid, organizer=None, sequence=0)
        assert invitation(entry, method="REQUEST", organizer=OLAF, attendee=attendee, sequence=3) == whole


def test_an_unknown_zone_is_refused():
    for zone in ("Mars/Olympus", "Asia", "../etc/passwd"):
        with pytest.raises(ValueError):
            calendar_file([session(zone=zone)], name="")
