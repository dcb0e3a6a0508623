"""The gatherings of the fictional company: programme, invitations, registration, the door."""

from datetime import date, datetime, timedelta
from typing import Any

from app.core.roles import Role
from app.demo.dates import moment
from app.demo.story import Thread
from app.demo.world import World, read
from app.door import services as door
from app.events import services as events
from app.invitations import invitees
from app.invitations import services as invitations
from app.people.models import Person
from app.programme import services as programme
from app.registration import services as registration
from app.registration.queries import find_invitation, find_plan

Told = dict[str, Any]

# Days before the first day: when an event is drafted, published, when registration opens and closes.
USUAL = {"drafted": 70, "published": 60, "opened": 50, "closed": 2}
# Days before today, for what lies ahead or is on today.
AHEAD = {
    "annual-3": {"drafted": 75, "published": 60, "opened": 50},
    "kiln-day": {"drafted": 20, "published": 18, "opened": 15, "closed": 1},
    "town-hall": {"drafted": 25, "published": 20, "opened": 15},
    "supplier-day": {"drafted": 40, "published": 35, "opened": 30, "closed": 7, "cancelled": 6},
    "apprentices": {"drafted": 8},
}
INVITED = ("annual-1", "annual-2", "annual-3", "review-mid")
DEPUTY = "shenlan"  # the vice president presides where she chairs
REMINDED = timedelta(days=2)  # so long ago those who have not answered were asked again
DOOR_OPENS = 45  # minutes before the first item


def find_event(key: str) -> Told:
    return next(each for each in read("qinglan_events")["events"] if each["key"] == key)


def find_session(key: str) -> tuple[Told, Told]:
    """A session of the data file, with its event."""
    return next(
        (event, session)
        for event in read("qinglan_events")["events"]
        for session in event["sessions"]
        if session["key"] == key
    )


def end_of_session(world: World, key: str, clock_time: str | None = None) -> datetime:
    """When a session ends, or another time of its day."""
    event, session = find_session(key)
    day = world.calendar.day(event["starts"]) + timedelta(days=session["day"] - 1)
    return moment(day, clock_time or session["ends"])


def tell(world: World) -> None:
    file = read("qinglan_events")
    for told in file["events"]:
        Gathering(world, told, file["door_staff"], organizers_of(file["organizers"], told["key"])).tell()


def organizers_of(named: dict[str, list[str]], event: str) -> list[str]:
    return named.get(event, named["*"])


class Gathering:
    """One event of the data file."""

    def __init__(self, world: World, told: Told, door_staff: list[str], organizers: list[str]) -> None:
        self.world = world
        self.told = told
        self.key: str = told["key"]
        self.door_staff = door_staff
        self.organizers = organizers
        self.first = world.calendar.day(told["starts"])
        self.days = AHEAD.get(self.key, USUAL)
        self.counted_from = world.calendar.today if self.key in AHEAD else self.first

    def tell(self) -> None:
        thread = self.world.story.thread()
        thread.tell(self.at("drafted", "09:00"), self.draft)
        if self.told["status"] == "draft":
            return
        thread.tell(self.at("published", "10:00"), self.publish)
        if self.told["registration"]:
            self.tell_registration(thread)
        if self.told["status"] == "concluded":
            last = self.first + timedelta(days=self.told["days"] - 1)
            thread.tell(moment(last, "20:00"), self.conclude)
        if self.told["status"] == "cancelled":
            thread.tell(self.at("cancelled", "11:30"), self.cancel)

    def at(self, step: str, clock_time: str) -> Any:
        return moment(self.counted_from - timedelta(days=self.days[step]), clock_time)

    @property
    def organizer(self) -> Any:
        return self.world.organizer(self.key)

    @property
    def event(self) -> Any:
        return self.world.events[self.key]

    # --- the gathering and its programme

    def draft(self) -> None:
        world, told = self.world, self.told
        restricted = told["audience"] == "restricted"
        # Only an organizer or the administrator makes an event; the board's is made for its secretary.
        maker = world.accounts["ada"] if restricted else self.organizer
        world.events[self.key] = event = events.create_event(
            actor=maker,
            kind=told["kind"],
            audience=told["audience"],
            starts_on=self.first,
            ends_on=self.first + timedelta(days=told["days"] - 1),
            time_zone="Asia/Shanghai",
            host=world.organization,
            previous=world.events[told["previous"]] if told["previous"] else None,
            **world.both(told, "title", "city", "venue", "description"),
        )
        for key in self.organizers:
            if key != "olaf" or restricted:
                events.give_role(event, world.accounts[key], Role.ORGANIZER, actor=maker)
        if restricted:
            own = next(grant for grant in maker.grants if grant.event_id == event.id)
            events.withdraw_role(event, own, actor=maker)
        else:
            for key in self.door_staff:
                events.give_role(event, world.accounts[key], Role.DOOR, actor=maker)
        if any(each["chair"] == DEPUTY for each in told["sessions"]):
            events.give_role(event, world.accounts[DEPUTY], Role.PRESIDING_LEADER, actor=maker)
        self._programme()
        for key in told.get("participants", []):
            role = "presiding_leader" if key == "liwei" else "guest"
            events.add_part(event, world.people[key], role, actor=self.organizer)

    def _programme(self) -> None:
        world, told, event, actor = self.world, self.told, self.event, self.organizer
        for each in told["rooms"]:
            world.rooms[self.key, each["key"]] = programme.add_room(
                event, actor=actor, seats=each["seats"], building=each.get("building"), **world.both(each, "name")
            )
        for each in told.get("tracks", []):
            world.tracks[self.key, each["key"]] = programme.add_track(
                event, actor=actor, colour=each["colour"], **world.both(each, "name")
            )
        for each in told["sessions"]:
            world.sessions[each["key"]] = programme.add_session(
                event,
                actor=actor,
                kind=each["kind"],
                covers_year=world.calendar.year(each["covers_year"]),
                chair=world.people[each["chair"]],
                room=world.rooms[self.key, each["room"]],
                starts_at=moment(self.day(each), each["starts"]),
                ends_at=moment(self.day(each), each["ends"]),
                **world.both(each, "title", "theme", "purpose"),
            )
        for each in told["items"]:
            starts_at = moment(self.day(each), each["starts"])
            world.items[each["key"]] = programme.add_item(
                event,
                actor=actor,
                kind=each["kind"],
                session=world.sessions[each["session"]] if each["session"] else None,
                room=world.rooms[self.key, each["room"]],
                track=world.tracks[self.key, each["track"]] if "track" in each else None,
                expected=each.get("expected"),
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=each["minutes"]),
                is_internal=each.get("internal", False),
                speakers=[world.speaker(key) for key in each["speakers"]],
                **world.both(each, "title", "summary"),
            )

    def day(self, each: Told) -> date:
        """`day` counts from 1 on the first day; 0 and below lie before it."""
        return self.first + timedelta(days=each["day"] - 1)

    def publish(self) -> None:
        events.publish_event(self.event, actor=self.organizer)

    def conclude(self) -> None:
        events.conclude_event(self.event, actor=self.organizer)

    def cancel(self) -> None:
        events.cancel_event(self.event, actor=self.organizer, reason=self.told["cancel_reason"])

    # --- who comes

    def tell_registration(self, thread: Thread) -> None:
        told, world = self.told["registration"], self.world
        thread.tell(self.at("opened", "10:00"), self.open_registration)
        opened = self.counted_from - timedelta(days=self.days["opened"])
        if self.key in INVITED:
            thread.tell(self.at("opened", "11:00"), self.invite)
        coming = list(told["registered"])
        closed = self.days.get("closed")
        last = self.counted_from - timedelta(days=closed) if closed else world.calendar.today
        last -= timedelta(days=1)
        window = max(1, (last - opened).days - 1)
        for number, key in enumerate(coming):
            day = opened + timedelta(days=1 + number * window // len(coming))
            thread.tell(_spread(day, number), lambda key=key: self.register(key))
        for number, key in enumerate(told.get("waiting", [])):
            thread.tell(_spread(last, number), lambda key=key: self.register(key))
        for number, each in enumerate(told["declined"]):
            at = _spread(opened + timedelta(days=2 + number), number)
            world.story.tell(at, lambda each=each: self.decline(each))
        if told.get("unanswered"):
            world.story.tell(moment(world.calendar.today - REMINDED, "14:00"), self.remind)
        if not told["open"]:
            thread.tell(self.at("closed", "18:00"), self.close_registration)
        self._tell_door(told)

    def open_registration(self) -> None:
        told = self.told["registration"]
        closes = told.get("closes")
        registration.open_registration(
            self.event,
            actor=self.organizer,
            capacity=told["capacity"],
            closes_at=moment(self.day(closes), closes["time"]) if closes else None,
            has_waiting_list=told.get("waiting_list", True),
            invited_only=told.get("invited_only", False),
        )
        for each in self.told["sessions"]:
            if each["capacity"]:
                registration.set_capacity(
                    self.event, self.world.sessions[each["key"]], each["capacity"], actor=self.organizer
                )

    def invite(self) -> None:
        told = self.told["registration"]
        keys = [*told["registered"], *(each["person"] for each in told["declined"]), *told.get("unanswered", [])]
        invitees.send_invitations(self.event, actor=self.organizer, people=[self.world.people[key] for key in keys])

    def register(self, key: str) -> None:
        told = self.told["registration"]
        chosen = [self.world.sessions[session] for session, people in told.get("sessions", {}).items() if key in people]
        self.world.registrations[self.key, key] = registration.register_person(
            self.event,
            self.world.people[key],
            actor=self._acts_for(key),
            sessions=chosen,
            note=self.world.calendar.text(told.get("notes", {}).get(key)),
        )

    def _acts_for(self, key: str) -> Any:
        """Everybody registers by themselves; the auditor writes nothing and is put on the list by the organizer."""
        return self.organizer if key == "aude" else self.world.accounts[key]

    def decline(self, each: Told) -> None:
        person: Person = self.world.people[each["person"]]
        invitation = find_invitation(self.event, person)
        if invitation is None:
            raise LookupError(f"{each['person']} was not invited to {self.key}")
        invitations.decline(invitation, actor=self.world.accounts[each["person"]], reason=each["reason"])

    def remind(self) -> None:
        invitations.remind_silent(self.event, actor=self.organizer)

    def close_registration(self) -> None:
        plan = find_plan(self.event)
        if plan is not None:
            registration.close_registration(plan, actor=self.organizer)

    def _tell_door(self, told: Told) -> None:
        came = told["registered"] if told.get("attended") == "all" else told.get("attended", [])
        first = min((each for each in self.told["items"] if each["day"] == 1), key=lambda each: each["starts"])
        opens = moment(self.first, first["starts"]) - timedelta(minutes=DOOR_OPENS)
        thread = self.world.story.thread()
        for number, key in enumerate(came):
            at = opens + timedelta(seconds=number * DOOR_OPENS * 60 // len(came))
            thread.tell(at, lambda key=key, number=number: self.check_in(key, number))

    def check_in(self, key: str, number: int) -> None:
        """Most show their code; every fifth has left it at home."""
        found = self.world.registrations[self.key, key]
        actor = self.world.accounts["dora"]
        if number % 5 == 4:
            door.check_in_by_name(self.event, found, actor=actor)
        else:
            door.check_in_by_code(self.event, found.door_code, actor=actor)


def _spread(day: date, number: int) -> Any:
    """A time of day between nine and five that differs from one person to the next."""
    minutes = 540 + (number * 97) % 480
    return moment(day, f"{minutes // 60:02}:{minutes % 60:02}")
