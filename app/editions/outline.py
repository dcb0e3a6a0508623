"""The shape of a gathering without its days: rooms, tracks, the programme by relative day and time on the wall.

A template is an outline in a file, a clone an outline with people: both are read by `outline_of` and made into a
gathering by `app.editions.building`. Days count from 1, the first day. Years that belong to the first day's stand as
{year}, {last_year} and {next_year}, so that they move along. What has its default is left out.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.core.db import db
from app.core.relative import RelativeDate
from app.door.models import Point, PointKind, Repeat
from app.editions.asking import told_form
from app.editions.models import PlannedDeliverable
from app.events.models import Event
from app.programme.models import AgendaItem, HardStop, Room, Session, Track, Window
from app.questions.models import QuestionForm
from app.registration.models import Approver, PlaceCounter, RegistrationPlan, Substitutes
from app.speakers.models import Deliverable

# How registration works, with what is usual and not told; and what a door point says by being told at all.
RULES = {
    "offer_hours": 0, "approver": Approver.NOBODY, "approval_days": 3, "pending_holds": True, "reconfirm_hours": 48,
    "substitutes": Substitutes.DEPARTMENT, "substitutes_approved": False,
}  # fmt: skip
POINT_FLAGS = ("counts_out", "chosen_only", "takes_walk_ins")
PLACEHOLDERS = {"year": 0, "last_year": -1, "next_year": 1}
Outline = dict[str, Any]


# --- words --------------------------------------------------------------------------------------------------------


def with_placeholders(text: str, year: int) -> str:
    """The text with the years around `year` as placeholders; braces of its own are doubled."""
    text = text.replace("{", "{{").replace("}", "}}")
    for name, more in PLACEHOLDERS.items():
        text = re.sub(rf"(?<!\d){year + more}(?!\d)", "{" + name + "}", text)
    return text


def with_years(text: str, year: int) -> str:
    """The other way round, for a first day in `year`."""

    def told(found: re.Match[str]) -> str:
        sign = found.group()
        return sign[0] if len(sign) == 2 else str(year + PLACEHOLDERS[sign[1:-1]])

    return re.sub(r"\{\{|\}\}|\{(?:last_year|next_year|year)\}", told, text)


def unknown_placeholders(text: str) -> list[str]:
    """Single braces that mean nothing here."""
    rest = re.sub(r"\{\{|\}\}|\{(?:last_year|next_year|year)\}", "", text)
    return re.findall(r"\{[^{}]*\}?|\}", rest)


# --- reading a gathering ------------------------------------------------------------------------------------------


def outline_of(event: Event, *, people: bool = False) -> Outline:
    """Everything that shapes the event, in a constant number of statements. `people` adds who chairs, speaks and owes
    what, by their keys: for a clone, which never leaves the database."""
    return _Reading(event, people).whole()


class _Reading:
    def __init__(self, event: Event, people: bool) -> None:
        self.event, self.people = event, people
        self.year = event.starts_on.year
        self.rooms = self._all(Room, Room.id)
        self.tracks = self._all(Track, Track.position, Track.id)
        self.room_names = {each.id: each.name for each in self.rooms}
        self.track_names = {each.id: each.name for each in self.tracks}

    def whole(self) -> Outline:
        event = self.event
        sessions = self._all(Session, Session.position, Session.id)
        items = self._items()
        plan, counters = self._gate()
        return slim(
            {
                "kind": event.kind,
                "audience": event.audience,
                "days": (event.ends_on - event.starts_on).days + 1,
                "title": self._words(event, "title"),
                "description": self._words(event, "description"),
                "rooms": [self._room(each) for each in self.rooms],
                "tracks": [self._track(each) for each in self.tracks],
                "sessions": [
                    self._session(each, [one for one in items if one.session_id == each.id], counters)
                    for each in sessions
                ],
                "items": [self._item(each) for each in items if each.session_id is None],
                "hard_stops": [self._stop(each) for each in self._all(HardStop, HardStop.at, HardStop.id)
                               if each.person_id is None],
                "availability": [self._window(each) for each in self._all(Window, Window.starts_at, Window.id)
                                 if each.room_id is not None],
                "registration": self._registration(plan, counters),
                "deliverables": self._deliverables(items),
                "form": self._form(),
                "points": self._points(sessions),
            }
        )  # fmt: skip

    def _all(self, model: Any, *order: Any) -> Sequence[Any]:
        return db.session.scalars(select(model).where(model.event_id == self.event.id).order_by(*order)).all()

    def _items(self) -> Sequence[AgendaItem]:
        """Cancelled items are no part of the shape."""
        return db.session.scalars(
            select(AgendaItem)
            .where(AgendaItem.event_id == self.event.id, AgendaItem.cancelled_at.is_(None))
            .options(selectinload(AgendaItem.speakers), selectinload(AgendaItem.needed))
            .order_by(AgendaItem.position, AgendaItem.id)
        ).all()  # fmt: skip

    def _gate(self) -> tuple[RegistrationPlan | None, Mapping[int | None, PlaceCounter]]:
        plan = db.session.scalar(select(RegistrationPlan).where(RegistrationPlan.event_id == self.event.id))
        return plan, {each.session_id: each for each in self._all(PlaceCounter, PlaceCounter.id) if each.option is None}

    def _words(self, record: Any, name: str) -> dict[str, str]:
        en, zh = getattr(record, name), getattr(record, f"{name}_local")
        return slim({"en": en and with_placeholders(en, self.year), "zh": zh and with_placeholders(zh, self.year)})

    def _room(self, room: Room) -> dict[str, Any]:
        return slim({"name": self._words(room, "name"), "seats": room.seats, "building": room.building})

    def _track(self, track: Track) -> dict[str, Any]:
        return {"name": self._words(track, "name"), "colour": track.colour}

    def _when(self, starts_at: datetime | None, ends_at: datetime | None) -> dict[str, Any]:
        if starts_at is None:
            return {}
        begins = self._relative(starts_at)
        told: dict[str, Any] = {"day": begins.days + 1, "starts": clock_words(begins.at)}
        if ends_at is not None:
            ends = self._relative(ends_at)
            told["ends"] = clock_words(ends.at)
            if ends.days != begins.days:
                told["ends_day"] = ends.days + 1
        return told

    def _relative(self, moment: datetime) -> RelativeDate:
        return RelativeDate.of(moment, self.event.starts_on, self.event.time_zone)

    def _session(
        self, session: Session, items: Sequence[AgendaItem], counters: Mapping[int | None, PlaceCounter]
    ) -> dict[str, Any]:
        counter = counters.get(session.id)
        told = {
            "title": self._words(session, "title"),
            "kind": session.kind,
            "about_year": None if session.covers_year is None else session.covers_year - self.year,
            "theme": self._words(session, "theme"),
            "purpose": self._words(session, "purpose"),
            "room": self._called(self.room_names, session.room_id),
            "capacity": counter.capacity if counter else None,
            "items": [self._item(each) for each in items],
            **(self._when(session.starts_at, session.ends_at) or self._day(session.day)),
        }
        if self.people:
            told |= {"chair": session.chair_id, "counted": counter is not None}
        return slim(told, keep=("about_year",))

    def _day(self, day: date | None) -> dict[str, Any]:
        return {} if day is None else {"day": (day - self.event.starts_on).days + 1}

    def _item(self, item: AgendaItem) -> dict[str, Any]:
        told = {
            "title": self._words(item, "title"),
            "kind": item.kind,
            "summary": self._words(item, "summary"),
            "room": self._called(self.room_names, item.room_id),
            "track": self._called(self.track_names, item.track_id),
            "expected": item.expected,
            "minutes": item.minutes,
            "internal": item.is_internal,
            **self._when(item.starts_at, item.ends_at),
        }
        if self.people:
            told["speakers"] = [{"person": each.person_id, "team": each.team_id} for each in item.speakers]
            told["needed"] = [each.person_id for each in item.needed]
            told["owed"] = [
                {"person": each.person_id, "kind": each.kind, "days_before": each.days_before, "note": each.note}
                for each in self._owed.get(item.id, [])
            ]
        return slim(told)

    def _called(self, names: Mapping[int, str], key: int | None) -> str | None:
        """A room or a track by its name, which no other one here has."""
        return with_placeholders(names[key], self.year) if key is not None else None

    def _stop(self, stop: HardStop) -> dict[str, Any]:
        at = self._relative(stop.at)
        return {"day": at.days + 1, "at": clock_words(at.at), "reason": self._words(stop, "reason")}

    def _window(self, window: Window) -> dict[str, Any]:
        note = window.note and with_placeholders(window.note, self.year)
        told = {"room": self._called(self.room_names, window.room_id), "free": window.is_free, "note": note}
        return slim({**told, **self._when(window.starts_at, window.ends_at)}, keep=("free",))

    def _registration(
        self, plan: RegistrationPlan | None, counters: Mapping[int | None, PlaceCounter]
    ) -> dict[str, Any] | None:
        if plan is None:
            return None
        own = counters.get(None)
        told: dict[str, Any] = {
            "open": plan.is_open,
            "capacity": own.capacity if own else None,
            "waiting_list": plan.has_waiting_list,
            "invited_only": plan.invited_only,
        }
        if plan.closes_at is not None:
            closes = self._relative(plan.closes_at)
            told |= {"closes_days_before": -closes.days, "closes_at": clock_words(closes.at)}
        for name, moment in (("opens", plan.opens_at), ("changes", plan.changes_until)):
            if moment is not None:
                relative = self._relative(moment)
                told[name] = {"days_before": -relative.days, "at": clock_words(relative.at)}
        rules = {name: getattr(plan, name) for name, usual in RULES.items() if getattr(plan, name) != usual}
        return slim(told | rules, keep=("open", "waiting_list", "closes_days_before", *rules))

    def _form(self) -> dict[str, Any] | None:
        form = db.session.scalar(select(QuestionForm).where(QuestionForm.event_id == self.event.id))
        if form is None or not form.schema.get("sections"):
            return None
        return told_form(form.schema, self.event, with_placeholders)

    def _points(self, sessions: Sequence[Session]) -> list[dict[str, Any]]:
        """Where people are let in; a session by its number among the sessions."""
        numbers = {each.id: number for number, each in enumerate(sessions, 1)}
        told = []
        for each in self._all(Point, Point.position, Point.id):
            if each.closed_at is None:
                is_arrival = each.kind == PointKind.ARRIVAL
                told.append(
                    slim(
                        {
                            "kind": each.kind,
                            "name": None if is_arrival else self._words(each, "name"),
                            "session": numbers.get(each.session_id or 0),
                            "repeat": each.repeat if each.repeat != Repeat.ONCE else None,
                            **{name: getattr(each, name) for name in POINT_FLAGS},
                        }
                    )
                )
        return told

    @cached_property
    def _owed(self) -> dict[int, list[Deliverable]]:
        found: dict[int, list[Deliverable]] = {}
        owed = select(Deliverable).join(AgendaItem).where(AgendaItem.event_id == self.event.id)
        for each in db.session.scalars(owed.order_by(Deliverable.id)):
            found.setdefault(each.item_id, []).append(each)
        return found

    def _deliverables(self, items: Sequence[AgendaItem]) -> list[dict[str, Any]]:
        """The plan; in a template also what the speakers of one kind of item owe in fact."""
        plan = {
            (each.item_kind, each.kind): each.days_before
            for each in self._all(PlannedDeliverable, PlannedDeliverable.id)
        }
        if not self.people:
            for item in items:
                for each in self._owed.get(item.id, []):
                    plan.setdefault((item.kind, each.kind), each.days_before)
        return [{"item_kind": item_kind, "kind": kind, "days_before": days} for (item_kind, kind), days in plan.items()]


def slim(told: Mapping[str, Any], keep: Sequence[str] = ()) -> dict[str, Any]:
    """Without what is empty; `keep` names what is told also when it is zero or false."""
    return {
        name: value
        for name, value in told.items()
        if not (value is None or value is False or value in ("", [], {})) or (name in keep and value is not None)
    }


def clock_words(at: time) -> str:
    return f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"
