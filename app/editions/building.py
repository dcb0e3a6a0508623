"""Making a gathering from an outline: everything at once, and word for word what could not be taken over as it was.

Each record has its ref from the beginning, so that the same act gives the same refs in whatever order it is stored.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from app.core import clock
from app.core.db import db, new_ref
from app.core.i18n import _, format_day, in_language, ngettext
from app.core.relative import Landing, RelativeDate
from app.core.roles import Actor
from app.door.models import POINT_LABELS, Point, PointKind, Repeat
from app.editions.asking import form_for
from app.editions.models import PlannedDeliverable
from app.editions.outline import POINT_FLAGS, RULES, Outline, with_years
from app.events.models import Event, Participation
from app.people.models import Person
from app.programme import services as programme
from app.programme.models import AgendaItem, AgendaSpeaker, HardStop, NeededPerson, Room, Session, Track, Window
from app.questions import services as questions
from app.questions.errors import Problem
from app.registration import places
from app.registration import services as registration
from app.speakers.models import Deliverable

MOST_TOLD = 20


@dataclass(frozen=True)
class Parts:
    """Which parts of an outline are taken over."""

    texts: bool = True
    agenda: bool = True
    rooms: bool = True
    tracks: bool = True
    speakers: bool = True
    registration: bool = True
    deliverables: bool = True
    roles: bool = True

    @property
    def names(self) -> list[str]:
        return [each.name for each in fields(self) if getattr(self, each.name)]


@dataclass
class Told:
    """What did not come over as it was, one sentence each."""

    sentences: list[str] = field(default_factory=list)

    def add(self, sentence: str) -> None:
        if sentence not in self.sentences:
            self.sentences.append(sentence)

    @property
    def some(self) -> list[str]:
        more = len(self.sentences) - MOST_TOLD
        if more <= 0:
            return self.sentences
        last = ngettext("… and one more.", "… and %(num)s more.", more)
        return [*self.sentences[:MOST_TOLD], last]


# --- when ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Span:
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    minutes: int | None = None  # how long it lasts, where it has lost its time


def time_of(words: str) -> time:
    return time.fromisoformat(words)


def place_in_time(told: Mapping[str, Any], starts_on: date, zone: str, title: str, notes: Told) -> Span:
    """When something of an outline takes place if its gathering begins on that day.

    A time that the clocks skip is told and left open, with the length kept; of one that comes twice the first is taken.
    """
    if "starts" not in told:
        return Span()
    begins = RelativeDate(told["day"] - 1, time_of(told["starts"]))
    if "ends" not in told:
        return land(begins, None, starts_on, zone, title, notes)
    return land(
        begins, RelativeDate(told.get("ends_day", told["day"]) - 1, time_of(told["ends"])), starts_on, zone, title, notes
    )  # fmt: skip


def land(begins: RelativeDate, ends: RelativeDate | None, starts_on: date, zone: str, title: str, notes: Told) -> Span:
    length = ends.wall(starts_on) - begins.wall(starts_on) if ends else None
    landings = [each.landing(starts_on, zone) for each in (begins, ends) if each is not None]
    wall = begins.wall(starts_on)
    words = {"title": title, "day": format_day(wall.date()), "time": f"{wall:%H:%M}", "zone": zone}
    if Landing.NEVER in landings:
        notes.add(
            _("“%(title)s” has no time now: on %(day)s the clocks of %(zone)s skip the hour it would need.", **words)
        )
        return Span(minutes=_minutes(length))
    if Landing.TWICE in landings:
        notes.add(
            _(
                "“%(title)s”, %(day)s, %(time)s: the clocks of %(zone)s go back then, and this hour comes twice. The "
                "first one is taken.",
                **words,
            )
        )
    starts_at = begins.moment(starts_on, zone)
    ends_at = ends.moment(starts_on, zone) if ends else None
    if ends_at is not None and length is not None and ends_at <= starts_at:
        ends_at = starts_at + length
    return Span(starts_at, ends_at)


def _minutes(length: timedelta | None) -> int | None:
    return max(1, int(length.total_seconds() // 60)) if length else None


@dataclass(frozen=True)
class Foreseen:
    """Something of the programme on its new day, without a time where the clocks leave none."""

    title: str
    span: Span
    is_session: bool


def foresee(outline: Outline, starts_on: date, zone: str) -> tuple[list[Foreseen], Told]:
    """What would fall when, if the gathering began on that day: for a preview, which makes nothing."""
    rows, notes = [], Told()

    def look(told: Mapping[str, Any], *, is_session: bool) -> None:
        title = with_years(in_language(told["title"].get("zh"), told["title"].get("en")), starts_on.year)
        if "starts" in told:
            rows.append(Foreseen(title, place_in_time(told, starts_on, zone, title, notes), is_session))

    for session in outline.get("sessions", []):
        look(session, is_session=True)
        for each in session.get("items", []):
            look(each, is_session=False)
    for each in outline.get("items", []):
        look(each, is_session=False)
    never = datetime.max.replace(tzinfo=UTC)
    return sorted(rows, key=lambda row: (row.span.starts_at or never, not row.is_session)), notes


# --- making -------------------------------------------------------------------------------------------------------


def fill(event: Event, outline: Outline, parts: Parts, *, actor: Actor) -> Told:
    """Give a new event what the outline holds. Its days, its zone and its place stand already."""
    building = _Building(event, outline, parts, actor)
    building.make()
    return building.notes


class _Building:
    def __init__(self, event: Event, outline: Outline, parts: Parts, actor: Actor) -> None:
        self.event, self.outline, self.parts, self.actor = event, outline, parts, actor
        self.year, self.zone = event.starts_on.year, event.time_zone
        self.notes = Told()
        self.rooms: dict[str, Room] = {}
        self.tracks: dict[str, Track] = {}
        self.sessions: list[tuple[Session, dict[str, Any]]] = []
        self.items: list[AgendaItem] = []
        self.people = self._find_people()

    def make(self) -> None:
        parts, outline, event = self.parts, self.outline, self.event
        if parts.texts:
            event.description = self._words(outline, "description")
            event.description_local = self._words(outline, "description", "zh")
        if parts.rooms:
            self._make_rooms()
        if parts.tracks:
            self._make_tracks()
        if parts.agenda:
            self._make_agenda()
        if parts.deliverables:
            db.session.add_all(
                PlannedDeliverable(ref=new_ref(), event=event, **each) for each in outline.get("deliverables", [])
            )
        db.session.flush()
        for session, _told in self.sessions:
            programme.index_session(session)
        for item in self.items:
            programme.index_item(item)
        if parts.registration:
            self._make_registration()
            self._make_points()

    # --- words and people

    def _words(self, told: Mapping[str, Any], name: str, language: str = "en") -> str | None:
        text = told.get(name, {}).get(language)
        return with_years(text, self.year) if text else None

    def _pair(self, told: Mapping[str, Any], name: str) -> dict[str, str | None]:
        return {name: self._words(told, name), f"{name}_local": self._words(told, name, "zh")}

    def _title(self, told: Mapping[str, Any], name: str = "title") -> dict[str, str | None]:
        """What must not be empty: the other language stands in."""
        pair = self._pair(told, name)
        pair[name] = pair[name] or pair[f"{name}_local"]
        return pair

    def _find_people(self) -> dict[int, Person]:
        """Those whom the outline names and who are still there; the others are told by name."""
        if not (self.parts.agenda and self.parts.speakers):
            return {}
        named = {key for key in _people_in(self.outline) if key is not None}
        found = db.session.scalars(select(Person).where(Person.id.in_(named))).all() if named else []
        for each in found:
            if each.left_on is not None and each.left_on < self.event.starts_on:
                self.notes.add(_("%(name)s has left the company and is not named again.", name=each.display_name))
        return {each.id: each for each in found if each.left_on is None or each.left_on >= self.event.starts_on}

    # --- rooms, tracks, programme

    def _make_rooms(self) -> None:
        for told in self.outline.get("rooms", []):
            room = Room(ref=new_ref(), event=self.event, seats=told.get("seats"), building=told.get("building"),
                        **self._title(told, "name"))  # fmt: skip
            self.rooms[room.name] = room
        db.session.add_all(self.rooms.values())
        for told in self.outline.get("availability", []):
            room = self._room(told)
            span = place_in_time(told, self.event.starts_on, self.zone, told["room"], self.notes)
            if room is not None and span.starts_at and span.ends_at:
                note = told.get("note")
                db.session.add(
                    Window(ref=new_ref(), event=self.event, room=room, starts_at=span.starts_at, ends_at=span.ends_at,
                           is_free=told["free"], note=with_years(note, self.year) if note else None)
                )  # fmt: skip

    def _make_tracks(self) -> None:
        for position, told in enumerate(self.outline.get("tracks", []), 1):
            track = Track(
                ref=new_ref(), event=self.event, position=position, colour=told["colour"], **self._title(told, "name")
            )
            self.tracks[track.name] = track
        db.session.add_all(self.tracks.values())

    def _make_agenda(self) -> None:
        for position, told in enumerate(self.outline.get("sessions", []), 1):
            self._make_session(position, told)
        for told in self.outline.get("items", []):
            self._make_item(told, None)
        for told in self.outline.get("hard_stops", []):
            reason = self._title(told, "reason")
            at = RelativeDate(told["day"] - 1, time_of(told["at"]))
            span = land(at, None, self.event.starts_on, self.zone, reason["reason"] or "", self.notes)
            if span.starts_at is not None:
                db.session.add(HardStop(ref=new_ref(), event=self.event, at=span.starts_at, **reason))
        db.session.flush()
        self._open_to_speakers()

    def _make_session(self, position: int, told: dict[str, Any]) -> None:
        title = self._title(told)
        span = place_in_time(told, self.event.starts_on, self.zone, title["title"] or "", self.notes)
        day = told.get("day")
        about = told.get("about_year")
        session = Session(
            ref=new_ref(),
            event=self.event,
            position=position,
            kind=told["kind"],
            covers_year=None if about is None else self.year + about,
            chair=self.people.get(told.get("chair", 0)),
            room=self._room(told),
            day=None if day is None else self.event.starts_on + timedelta(days=day - 1),
            starts_at=span.starts_at,
            ends_at=span.ends_at,
            **title,
            **self._pair(told, "theme"),
            **self._pair(told, "purpose"),
        )
        db.session.add(session)
        self.sessions.append((session, told))
        for each in told.get("items", []):
            self._make_item(each, session)

    def _make_item(self, told: dict[str, Any], session: Session | None) -> None:
        title = self._title(told)
        span = place_in_time(told, self.event.starts_on, self.zone, title["title"] or "", self.notes)
        track = told.get("track")
        item = AgendaItem(
            ref=new_ref(),
            event=self.event,
            session=session,
            position=len(self.items) + 1,
            kind=told["kind"],
            room=self._room(told),
            track=self.tracks.get(with_years(track, self.year)) if track else None,
            starts_at=span.starts_at,
            ends_at=span.ends_at,
            minutes=span.minutes or told.get("minutes"),
            expected=told.get("expected"),
            is_internal=told.get("internal", False),
            **title,
            **self._pair(told, "summary"),
        )
        item.speakers = self._speakers(told)
        item.needed = [
            NeededPerson(ref=new_ref(), person=self.people[key]) for key in told.get("needed", []) if key in self.people
        ]
        db.session.add(item)
        self.items.append(item)
        if self.parts.deliverables:
            db.session.add_all(
                Deliverable(ref=new_ref(), item=item, person=self.people[each["person"]], kind=each["kind"],
                            days_before=each["days_before"], note=each["note"])
                for each in told.get("owed", []) if each["person"] in self.people
            )  # fmt: skip

    def _speakers(self, told: Mapping[str, Any]) -> list[AgendaSpeaker]:
        """Named again, and asked again: what they said last time is no answer for this one."""
        if not self.parts.speakers:
            return []
        kept = [each for each in told.get("speakers", []) if each["team"] or each["person"] in self.people]
        return [
            AgendaSpeaker(
                ref=new_ref(), person=self.people.get(each["person"]), team_id=each["team"], position=position
            )
            for position, each in enumerate(kept, 1)
        ]

    def _room(self, told: Mapping[str, Any]) -> Room | None:
        name = told.get("room")
        return self.rooms.get(with_years(name, self.year)) if name else None

    def _open_to_speakers(self) -> None:
        """A part in the programme opens a restricted event."""
        speaking = [each.person for item in self.items for each in item.speakers]
        chairing = [session.chair for session, _told in self.sessions]
        for person in dict.fromkeys(each for each in (*speaking, *chairing) if each is not None):
            position = person.position_on(self.event.starts_on)
            db.session.add(
                Participation(
                    ref=new_ref(), event=self.event, person=person, role="speaker",
                    position_title=position.title if position else None,
                    position_title_local=position.title_local if position else None,
                )
            )  # fmt: skip

    # --- registration

    def _make_registration(self) -> None:
        told = self.outline.get("registration")
        if told is not None:
            closes_at = self._closes_at(told)
            is_open = told["open"]
            if is_open and (
                (closes_at is not None and closes_at <= clock.now()) or self.event.has_ended_at(clock.now())
            ):
                self.notes.add(_("Registration is set up and stays closed: its time would have passed already."))
                is_open = False
            registration.arrange(
                self.event, actor=self.actor, version=None, is_open=is_open, capacity=told.get("capacity"),
                closes_at=closes_at, has_waiting_list=told["waiting_list"], invited_only=told.get("invited_only", False),
                **self._rules(told, closes_at),
            )  # fmt: skip
            self._make_form()
        for session, each in self.sessions:
            if each.get("capacity") is not None and told is not None:
                registration.set_capacity(self.event, session, each["capacity"], actor=self.actor)
            elif each.get("counted"):
                places.open_counter(self.event, session)

    def _rules(self, told: Mapping[str, Any], closes_at: datetime | None) -> dict[str, Any]:
        rules: dict[str, Any] = {name: told[name] for name in RULES if name in told}
        for name, column in (("opens", "opens_at"), ("changes", "changes_until")):
            if name in told:
                before = RelativeDate(-told[name]["days_before"], time_of(told[name]["at"]))
                rules[column] = before.moment(self.event.starts_on, self.zone)
        if closes_at is not None and rules.get("opens_at") is not None and closes_at <= rules["opens_at"]:
            del rules["opens_at"]
            self.notes.add(_("When registration opens was left out: it would lie after its close."))
        return rules

    def _make_form(self) -> None:
        """The form as a draft: it is published when somebody has looked at it."""
        told = self.outline.get("form")
        if told is None:
            return
        try:
            questions.replace_schema(self.event, form_for(told, self.event, with_years), actor=self.actor)
        except Problem as problem:
            self.notes.add(_("The questions of the form are left out: %(why)s", why=problem.sentence))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
            self.notes.add(_("The questions of the form are left out: they cannot be read."))

    def _make_points(self) -> None:
        for position, told in enumerate(self.outline.get("points", [])):
            number = told.get("session", 0)
            session = self.sessions[number - 1][0] if 0 < number <= len(self.sessions) else None
            kind, names = told["kind"], self._title(told, "name")
            if kind == PointKind.SESSION and session is None:
                continue  # its session was not taken over
            if kind == PointKind.ARRIVAL:
                names = {"name": "Arrival", "name_local": None}
            elif not names["name"]:
                names = {
                    "name": session.title[:200] if session else str(POINT_LABELS[PointKind(kind)]),
                    "name_local": None,
                }
            db.session.add(
                Point(
                    ref=new_ref(), event=self.event, kind=kind, session=session, position=position,
                    repeat=told.get("repeat", Repeat.ONCE), **names,
                    **{name: told.get(name, False) for name in POINT_FLAGS},
                )
            )  # fmt: skip
        db.session.flush()

    def _closes_at(self, told: Mapping[str, Any]) -> datetime | None:
        if "closes_at" not in told:
            return None
        closes = RelativeDate(-told["closes_days_before"], time_of(told["closes_at"]))
        if closes.landing(self.event.starts_on, self.zone) == Landing.NEVER:
            wall = closes.wall(self.event.starts_on)
            self.notes.add(
                _("Registration closes when the clocks jump: %(time)s does not exist on %(day)s in %(zone)s.",
                  time=f"{wall:%H:%M}", day=format_day(wall.date()), zone=self.zone)
            )  # fmt: skip
        return closes.moment(self.event.starts_on, self.zone)


def _people_in(outline: Outline) -> Iterable[int | None]:
    sessions = outline.get("sessions", [])
    for session in sessions:
        yield session.get("chair")
    for item in (*outline.get("items", []), *(each for session in sessions for each in session.get("items", []))):
        yield from (each["person"] for each in item.get("speakers", []))
        yield from item.get("needed", [])
        yield from (each["person"] for each in item.get("owed", []))
