"""A day that is on: three talks and a break in the hall, and one talk in the other room with somebody from the hall."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.events.models import Event
from app.people.models import Person
from app.programme.models import AgendaItem, Room
from tests.factories import make_event, make_item, make_room, on

DAY = on(2027, 1, 14)


def at(clock: str) -> datetime:
    """A moment of that day, as the clocks in Shanghai tell it."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2027, 1, 13 if hour < 8 else 14, (hour - 8) % 24, minute, tzinfo=UTC)


@dataclass
class Day:
    event: Event
    hall: Room
    lotus: Room
    items: dict[str, AgendaItem]

    def __getattr__(self, name: str) -> AgendaItem:
        try:
            return self.items[name]
        except KeyError:
            raise AttributeError(name) from None


def make_day(speaker: Person | None = None, **values: Any) -> Day:
    event = make_event(starts_on=DAY, **values)
    hall, lotus = make_room(event, name="Great Hall"), make_room(event, name="Lotus Room")
    items = {}
    for name, title, room, start, end, kind in (
        ("report", "The year's report", hall, "9:00", "10:00", "speech"),
        ("tea", "Tea", hall, "10:00", "10:20", "break"),
        ("review", "Review", hall, "10:20", "11:20", "review"),
        ("signing", "Signing", hall, "11:20", "12:00", "ceremony"),
        ("lotus_talk", "Strategy in small", lotus, "10:20", "11:00", "speech"),
    ):
        people = [speaker] if speaker is not None and name in ("report", "lotus_talk") else []
        items[name] = make_item(
            event, title=title, room=room, starts_at=at(start), ends_at=at(end), kind=kind, speakers=people
        )
    return Day(event, hall, lotus, items)
