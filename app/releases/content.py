"""A programme as plain JSON values, and what reads like the records they were taken from.

The shape, version 1. Texts are as they were typed, `…_local` is the second language, moments are ISO 8601 in UTC, days
ISO 8601, and what is not known is null:

    {"shape": 1,
     "event": {"title", "title_local", "city", "city_local", "venue", "venue_local", "starts_on", "ends_on",
               "time_zone", "sequence"},
     "sessions": [{"ref", "position", "title", "title_local", "kind", "covers_year", "theme", "theme_local", "purpose",
                   "purpose_local", "chair": person, "room": room, "day", "starts_at", "ends_at", "sequence",
                   "changed_at"}],
     "items": [{"ref", "session": its ref, "position", "kind", "title", "title_local", "summary", "summary_local",
                "room": room, "track": track, "starts_at", "ends_at", "is_internal", "cancelled_at",
                "speakers": [person or team], "needed": [person], "sequence", "changed_at"}]}

    room   {"ref", "name", "name_local"}
    track  {"ref", "name", "name_local", "colour"}
    person {"person": its ref, "name", "name_local"}
    team   {"team": its ref, "name", "name_local"}

Sessions and items stand in the order of the programme. Names of rooms and people are told at each place, so that a
release can be read without anything else.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from app.core.i18n import in_language
from app.core.text import initials
from app.events.models import Event
from app.people.models import Person
from app.programme.models import AgendaItem, AgendaSpeaker, Room, Session, Track
from app.signing.canonical import fingerprint

SHAPE = 1

Content = dict[str, Any]


def freeze(event: Event, sessions: Sequence[Session], items: Sequence[AgendaItem], *, needed: bool = True) -> Content:
    """Everything that the programme tells, in its order. Internal items too: whoever reads decides what is shown.

    Without `needed` nobody is asked who has to be there: for counting what differs from items that are loaded already.
    """
    return {
        "shape": SHAPE,
        "event": {
            "title": event.title,
            "title_local": event.title_local,
            "city": event.city,
            "city_local": event.city_local,
            "venue": event.venue,
            "venue_local": event.venue_local,
            "starts_on": event.starts_on.isoformat(),
            "ends_on": event.ends_on.isoformat(),
            "time_zone": event.time_zone,
            "sequence": event.calendar_sequence,
        },
        "sessions": [_session(each) for each in sessions],
        "items": [_item(each, needed) for each in items],
    }


def digest(content: Content) -> str:
    """SHA-256 of the canonical JSON (RFC 8785)."""
    return fingerprint(content)


def _session(session: Session) -> Content:
    return {
        "ref": session.ref,
        "position": session.position,
        "title": session.title,
        "title_local": session.title_local,
        "kind": str(session.kind),
        "covers_year": session.covers_year,
        "theme": session.theme,
        "theme_local": session.theme_local,
        "purpose": session.purpose,
        "purpose_local": session.purpose_local,
        "chair": _person(session.chair) if session.chair else None,
        "room": _named(session.room),
        "day": session.day.isoformat() if session.day else None,
        "starts_at": _iso(session.starts_at),
        "ends_at": _iso(session.ends_at),
        "sequence": session.calendar_sequence,
        "changed_at": _iso(session.changed_at),
    }


def _item(item: AgendaItem, needed: bool) -> Content:
    return {
        "ref": item.ref,
        "session": item.session.ref if item.session else None,
        "position": item.position,
        "kind": str(item.kind),
        "title": item.title,
        "title_local": item.title_local,
        "summary": item.summary,
        "summary_local": item.summary_local,
        "room": _named(item.room),
        "track": {**_told(item.track), "colour": str(item.track.colour)} if item.track else None,
        "starts_at": _iso(item.starts_at),
        "ends_at": _iso(item.ends_at),
        "is_internal": item.is_internal,
        "cancelled_at": _iso(item.cancelled_at),
        "speakers": [_speaker(each) for each in item.speakers],
        "needed": [_person(each.person) for each in sorted(item.needed, key=lambda each: each.id)] if needed else [],
        "sequence": item.calendar_sequence,
        "changed_at": _iso(item.changed_at),
    }


def _speaker(speaker: AgendaSpeaker) -> Content:
    if speaker.person is not None:
        return _person(speaker.person)
    assert speaker.team is not None
    return {"team": speaker.team.ref, "name": speaker.team.name, "name_local": speaker.team.name_local}


def _person(person: Person) -> Content:
    return {"person": person.ref, "name": person.name, "name_local": person.name_local}


def _named(record: Room | None) -> Content | None:
    return _told(record) if record is not None else None


def _told(record: Room | Track) -> Content:
    return {"ref": record.ref, "name": record.name, "name_local": record.name_local}


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None


# --- what reads like the records ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FrozenName:
    """A room or a team. `id` is the ref, which is the same for everything that is frozen."""

    ref: str
    name: str
    name_local: str | None

    @property
    def id(self) -> str:
        return self.ref

    @property
    def label(self) -> str:
        return self.name

    @property
    def display_name(self) -> str:
        return in_language(self.name_local, self.name)


@dataclass(frozen=True, slots=True)
class FrozenTrack(FrozenName):
    colour: str = "grey"


@dataclass(frozen=True, slots=True)
class FrozenPerson(FrozenName):
    """Called as then; `account_id` is today's."""

    account_id: int | None = None

    @property
    def initials(self) -> str:
        return initials(self.name)


@dataclass(frozen=True, slots=True)
class FrozenSpeaker:
    person: FrozenPerson | None
    team: FrozenName | None

    @property
    def display_name(self) -> str:
        return (self.person or self.team).display_name  # type: ignore[union-attr]


@dataclass(frozen=True, slots=True)
class FrozenNeed:
    person: FrozenPerson


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenSession:
    event: Event
    ref: str
    position: int
    title: str
    title_local: str | None
    kind: str
    covers_year: int | None
    theme: str | None
    theme_local: str | None
    purpose: str | None
    purpose_local: str | None
    chair: FrozenPerson | None
    room: FrozenName | None
    day: date | None
    starts_at: datetime | None
    ends_at: datetime | None
    calendar_sequence: int
    changed_at: datetime

    @property
    def id(self) -> str:
        return self.ref

    @property
    def event_id(self) -> int:
        return self.event.id

    @property
    def room_id(self) -> str | None:
        return self.room.ref if self.room else None

    @property
    def label(self) -> str:
        return self.title

    @property
    def display_title(self) -> str:
        return in_language(self.title_local, self.title)

    @property
    def display_theme(self) -> str:
        return in_language(self.theme_local, self.theme)

    @property
    def display_purpose(self) -> str:
        return in_language(self.purpose_local, self.purpose)


@dataclass(frozen=True, slots=True)
class Live:
    """What really happens on the day. It is told at once, whatever was released."""

    began_at: datetime | None = None
    finished_at: datetime | None = None
    expected_start: datetime | None = None
    expected_end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenItem:
    event: Event
    ref: str
    session: FrozenSession | None
    position: int
    kind: str
    title: str
    title_local: str | None
    summary: str | None
    summary_local: str | None
    room: FrozenName | None
    track: FrozenTrack | None
    starts_at: datetime | None
    ends_at: datetime | None
    is_internal: bool
    cancelled_at: datetime | None
    speakers: list[FrozenSpeaker]
    needed: list[FrozenNeed]
    calendar_sequence: int
    changed_at: datetime
    live: Live = field(default_factory=Live)

    @property
    def id(self) -> str:
        return self.ref

    @property
    def event_id(self) -> int:
        return self.event.id

    @property
    def session_id(self) -> str | None:
        return self.session.ref if self.session else None

    @property
    def room_id(self) -> str | None:
        return self.room.ref if self.room else None

    @property
    def track_id(self) -> str | None:
        return self.track.ref if self.track else None

    @property
    def label(self) -> str:
        return self.title

    @property
    def display_title(self) -> str:
        return in_language(self.title_local, self.title)

    @property
    def display_summary(self) -> str:
        return in_language(self.summary_local, self.summary)

    @property
    def began_at(self) -> datetime | None:
        return self.live.began_at

    @property
    def finished_at(self) -> datetime | None:
        return self.live.finished_at

    @property
    def expected_start(self) -> datetime | None:
        return self.live.expected_start

    @property
    def expected_end(self) -> datetime | None:
        return self.live.expected_end

    def is_on_at(self, now: datetime) -> bool:
        return self.starts_at is not None and self.ends_at is not None and self.starts_at <= now < self.ends_at


def thaw(
    content: Content,
    event: Event,
    *,
    accounts: Mapping[str, int | None] | None = None,
    live: Mapping[str, Live] | None = None,
    internal: bool = True,
) -> tuple[list[FrozenSession], list[FrozenItem]]:
    """Sessions and items that read like the records. `accounts` by the refs of people, `live` by those of items.

    Raises ValueError for a shape that is not known.
    """
    if content["shape"] != SHAPE:
        raise ValueError("this programme is written in a shape that is not known")
    known, facts = accounts or {}, live or {}
    sessions = [_thawed_session(each, event, known) for each in content["sessions"]]
    by_ref = {each.ref: each for each in sessions}
    items = [
        _thawed_item(each, event, by_ref, known, facts.get(each["ref"]) or Live())
        for each in content["items"]
        if internal or not each["is_internal"]
    ]
    return sessions, items


def person_refs(content: Content) -> set[str]:
    """Everybody who speaks, chairs or has to be there."""
    chairs = (each["chair"] for each in content["sessions"])
    others = (who for each in content["items"] for who in (*each["speakers"], *each["needed"]))
    return {each["person"] for each in (*chairs, *others) if each and "person" in each}


def for_readers(content: Content) -> Content:
    """Without what is seen by those who plan only: internal items, and who has to be there without speaking."""
    return {**content, "items": [{**each, "needed": []} for each in content["items"] if not each["is_internal"]]}


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _thawed_session(told: Content, event: Event, accounts: Mapping[str, int | None]) -> FrozenSession:
    plain = ("ref", "position", "title", "title_local", "kind", "covers_year", "theme", "theme_local")
    return FrozenSession(
        event=event,
        **{name: told[name] for name in (*plain, "purpose", "purpose_local")},
        chair=_thawed_person(told["chair"], accounts) if told["chair"] else None,
        room=_thawed_name(told["room"]),
        day=date.fromisoformat(told["day"]) if told["day"] else None,
        starts_at=moment(told["starts_at"]),
        ends_at=moment(told["ends_at"]),
        calendar_sequence=told["sequence"],
        changed_at=datetime.fromisoformat(told["changed_at"]),
    )


def _thawed_item(
    told: Content,
    event: Event,
    sessions: Mapping[str, FrozenSession],
    accounts: Mapping[str, int | None],
    live: Live,
) -> FrozenItem:
    plain = ("ref", "position", "kind", "title", "title_local", "summary", "summary_local", "is_internal")
    track = told["track"]
    return FrozenItem(
        event=event,
        **{name: told[name] for name in plain},
        session=sessions.get(told["session"] or ""),
        room=_thawed_name(told["room"]),
        track=FrozenTrack(track["ref"], track["name"], track["name_local"], track["colour"]) if track else None,
        starts_at=moment(told["starts_at"]),
        ends_at=moment(told["ends_at"]),
        cancelled_at=moment(told["cancelled_at"]),
        speakers=list(_thawed_speakers(told["speakers"], accounts)),
        needed=[FrozenNeed(_thawed_person(each, accounts)) for each in told["needed"]],
        calendar_sequence=told["sequence"],
        changed_at=datetime.fromisoformat(told["changed_at"]),
        live=live,
    )


def _thawed_speakers(told: Sequence[Content], accounts: Mapping[str, int | None]) -> Iterable[FrozenSpeaker]:
    for each in told:
        if "person" in each:
            yield FrozenSpeaker(_thawed_person(each, accounts), None)
        else:
            yield FrozenSpeaker(None, FrozenName(each["team"], each["name"], each["name_local"]))


def _thawed_person(told: Content, accounts: Mapping[str, int | None]) -> FrozenPerson:
    return FrozenPerson(told["person"], told["name"], told["name_local"], accounts.get(told["person"]))


def _thawed_name(told: Content | None) -> FrozenName | None:
    return FrozenName(told["ref"], told["name"], told["name_local"]) if told else None
