"""Making the working version what an old release told, through the programme's own acts."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from app.core.db import db
from app.core.roles import Actor
from app.events.models import Event
from app.people.models import Person, Team
from app.programme import services as programme
from app.programme.models import AgendaItem, NeededPerson, Room, Session, Track
from app.releases import queries
from app.releases.content import Content, freeze, moment
from app.releases.diff import differing, people_in

ITEM_TEXTS = ("kind", "title", "title_local", "summary", "summary_local", "is_internal")
SESSION_TEXTS = ("kind", "title", "title_local", "covers_year", "theme", "theme_local", "purpose", "purpose_local")


def restore(event: Event, content: Content, *, actor: Actor) -> None:
    """Sessions and items get back what they were told to be; what was removed comes back under its own ref.

    What the content does not know is cancelled, and so stays for whoever works on it.
    """
    sessions, items = queries.working(event)
    now = freeze(event, sessions, items)
    stored = {each["ref"]: each for name in ("sessions", "items") for each in now[name]}
    known = _Known(event, content, actor)
    by_ref: dict[str, Session] = {each.ref: each for each in sessions}
    for told in content["sessions"]:
        by_ref[told["ref"]] = _session(event, by_ref.get(told["ref"]), told, stored.get(told["ref"]), known, actor)
    items_by_ref = {each.ref: each for each in items}
    for told in content["items"]:
        item = items_by_ref.get(told["ref"])
        _item(event, item, told, stored.get(told["ref"]), by_ref.get(told["session"] or ""), known, actor)
    kept = {each["ref"] for each in content["items"]}
    for item in items:
        if item.ref not in kept and item.cancelled_at is None:
            programme.cancel_item(item, actor=actor)


class _Known:
    """The records behind what a content names. Rooms and tracks that are gone are made again, by their names."""

    def __init__(self, event: Event, content: Content, actor: Actor) -> None:
        self._event, self._actor = event, actor
        speakers = [each for item in content["items"] for each in item["speakers"]]
        people = {ref for name in ("sessions", "items") for each in content[name] for ref in _people(each)}
        teams = {each["team"] for each in speakers if "team" in each}
        self.who: dict[str, Person | Team] = {
            each.ref: each for each in db.session.scalars(select(Person).where(Person.ref.in_(people)))
        }
        self.who |= {each.ref: each for each in db.session.scalars(select(Team).where(Team.ref.in_(teams)))}
        self.rooms = _by_name(db.session.scalars(select(Room).where(Room.event_id == event.id)))
        self.tracks = _by_name(db.session.scalars(select(Track).where(Track.event_id == event.id)))

    def person(self, told: Mapping[str, Any] | None) -> Person | None:
        found = self.who.get(told["person"]) if told else None
        return found if isinstance(found, Person) else None

    def speakers(self, told: Iterable[Mapping[str, Any]]) -> list[Person | Team]:
        refs = [each.get("person") or each["team"] for each in told]
        return [self.who[ref] for ref in refs if ref in self.who]

    def room(self, told: Mapping[str, Any] | None) -> Room | None:
        if told is None:
            return None
        if told["name"] not in self.rooms:
            names = {"name": told["name"], "name_local": told["name_local"]}
            self.rooms[told["name"]] = programme.add_room(self._event, actor=self._actor, **names)
        return self.rooms[told["name"]]

    def track(self, told: Mapping[str, Any] | None) -> Track | None:
        if told is None:
            return None
        if told["name"] not in self.tracks:
            track = Track(
                event=self._event,
                position=len(self.tracks) + 1,
                name=told["name"],
                name_local=told["name_local"],
                colour=told["colour"],
            )
            db.session.add(track)
            self.tracks[track.name] = track
        return self.tracks[told["name"]]


def _session(
    event: Event, session: Session | None, told: Content, stored: Content | None, known: _Known, actor: Actor
) -> Session:
    values: dict[str, Any] = {
        **{name: told[name] for name in SESSION_TEXTS},
        "chair": known.person(told["chair"]),
        "room": known.room(told["room"]),
        "day": date.fromisoformat(told["day"]) if told["day"] else None,
        "starts_at": moment(told["starts_at"]),
        "ends_at": moment(told["ends_at"]),
    }
    if session is None:
        session = programme.add_session(event, actor=actor, **values)
        session.ref = told["ref"]
    elif stored is not None and differing(stored, told, "session"):
        programme.change_session(session, actor=actor, version=None, **values)
    session.position = told["position"]
    return session


def _item(
    event: Event,
    item: AgendaItem | None,
    told: Content,
    stored: Content | None,
    session: Session | None,
    known: _Known,
    actor: Actor,
) -> None:
    values: dict[str, Any] = {
        **{name: told[name] for name in ITEM_TEXTS},
        "session": session,
        "room": known.room(told["room"]),
        "starts_at": moment(told["starts_at"]),
        "ends_at": moment(told["ends_at"]),
        "speakers": known.speakers(told["speakers"]),
    }
    if item is None:
        item = programme.add_item(event, actor=actor, **values)
        item.ref = told["ref"]
        programme.index_item(item)
    elif stored is not None and differing(stored, told):
        programme.change_item(item, actor=actor, version=None, **values)
    item.track = known.track(told["track"])
    item.position = told["position"]
    if {each.person.ref for each in item.needed} != people_in(told, "needed"):
        item.needed = _needed(item, told, known)
    if bool(item.cancelled_at) and not told["cancelled_at"]:
        programme.restore_item(item, actor=actor)
    elif told["cancelled_at"] and item.cancelled_at is None:
        programme.cancel_item(item, actor=actor)


def _needed(item: AgendaItem, told: Content, known: _Known) -> list[NeededPerson]:
    there = {each.person.ref: each for each in item.needed}
    refs = [each["person"] for each in told["needed"]]
    return [
        there.get(ref) or NeededPerson(person=person)
        for ref in refs
        if isinstance(person := known.who.get(ref), Person)
    ]


def _people(told: Content) -> set[str]:
    return people_in(told, "speakers", "needed", "chair")


def _by_name(records: Iterable[Any]) -> dict[str, Any]:
    return {each.name: each for each in records}
