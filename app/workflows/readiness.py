"""What an event still lacks before people see it: events know no programme, and programmes no registration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, bindparam, exists, select

from app.accounts.models import RoleGrant
from app.calendars.working_days import day_off
from app.carryovers.queries import count_undecided
from app.core import clock
from app.core.db import db
from app.core.i18n import _, format_day, listed, ngettext
from app.core.roles import Actor, Role
from app.editions.models import PlannedDeliverable
from app.events.models import Audience, Event
from app.programme import queries as programme
from app.programme.clashes import Level
from app.programme.models import ITEM_KIND_LABELS, AgendaItem, ItemKind, Session
from app.programme.wording import sentence
from app.registration.models import PlaceCounter, RegistrationPlan
from app.speakers import queries as speakers
from app.speakers.models import DELIVERABLE_LABELS, Deliverable, DeliverableKind

TOLD = 3  # of several things of one kind, so many are named


@dataclass(frozen=True)
class Finding:
    """`url` leads to the very field that mends it. A blocker keeps the event from being published."""

    code: str
    level: Level
    text: str
    url: str

    @property
    def is_error(self) -> bool:
        return self.level == Level.ERROR

    def as_json(self, base_url: str) -> dict[str, str]:
        return {
            "code": str(self.code),
            "level": "blocker" if self.is_error else str(self.level),
            "text": self.text,
            "url": base_url + self.url,
        }


class Found(NamedTuple):
    """Findings by how much they matter. What is good to know needs nobody's hand."""

    blockers: list[Finding]
    warnings: list[Finding]
    remarks: list[Finding]


def by_level(findings: Sequence[Finding]) -> Found:
    return Found(*([each for each in findings if each.level == level] for level in Level))


@dataclass(frozen=True)
class Gate:
    """What is known of places and roles, read in one statement."""

    plan: RegistrationPlan | None
    counters: Sequence[PlaceCounter]
    has_organizer: bool
    has_plan: bool  # of what speakers are to bring in

    def capacity_of(self, session: Session | None) -> int | None:
        wanted = session.id if session else None
        places = (each for each in self.counters if each.option is None and each.session_id == wanted)
        return next((each.capacity for each in places), None)


def load_gate(event: Event) -> Gate:
    rows = db.session.execute(_gate(), {"event_id": event.id}).all()
    return Gate(
        plan=rows[0][1],
        counters=[row[2] for row in rows if row[2] is not None],
        has_organizer=bool(rows[0][3]),
        has_plan=bool(rows[0][4]),
    )


@cache
def _gate() -> Select[*tuple[Any, ...]]:
    event_id = bindparam("event_id", type_=Integer)
    organizer = exists().where(RoleGrant.event_id == event_id, RoleGrant.role == Role.ORGANIZER)
    plan = exists().where(PlannedDeliverable.event_id == event_id)
    return (
        select(Event.id, RegistrationPlan, PlaceCounter, organizer, plan)
        .outerjoin(RegistrationPlan, RegistrationPlan.event_id == Event.id)
        .outerjoin(PlaceCounter, PlaceCounter.event_id == Event.id)
        .where(Event.id == event_id)
        .order_by(PlaceCounter.id)
    )


def look_at(event: Event, actor: Actor) -> list[Finding]:
    """`find_findings` of an event of which nothing is read yet."""
    return find_findings(event, actor, programme.list_sessions(event), programme.list_items(event, actor))


def find_findings(
    event: Event, actor: Actor, sessions: Sequence[Session], items: Sequence[AgendaItem]
) -> list[Finding]:
    """Blockers first, then warnings. `sessions` and `items` are all of the event's own."""
    base, gate = f"/events/{event.ref}", load_gate(event)
    found = _of_clashes(event, actor, base, sessions, items, gate)
    found += _of_event(event, base, gate)
    found += _of_programme(base, sessions, items)
    found += _of_registration(event, base, gate, sessions, clock.now())
    found += _of_plan(event, base, items) if gate.has_plan else []
    found += _of_earlier_editions(event, base) if event.previous_id is not None else []
    return sorted(found, key=lambda each: not each.is_error)


def _blocker(code: str, text: str, url: str) -> Finding:
    return Finding(code, Level.ERROR, text, url)


def _warning(code: str, text: str, url: str) -> Finding:
    return Finding(code, Level.WARNING, text, url)


# --- clashes ------------------------------------------------------------------------------------------------------

FIELDS: Mapping[str, str] = {
    "room_overlap": "room",
    "room_unavailable": "room",
    "room_too_small": "room",
    "speaker_overlap": "speakers",
    "speaker_unavailable": "speakers",
    "unconfirmed_speaker": "speakers",
    "chair_overlap": "chair",
}


def _of_clashes(
    event: Event, actor: Actor, base: str, sessions: Sequence[Session], items: Sequence[AgendaItem], gate: Gate
) -> list[Finding]:
    urls = {each.ref: f"{base}/sessions/{each.ref}/settings" for each in sessions}
    of_items = {each.ref: f"{base}/items/{each.ref}" for each in items}
    found = []
    crowd, missing = gate.capacity_of(None), speakers.missing_of(event)
    for clash in programme.clashes_in(event, actor, sessions, items, missing=missing, crowd=crowd):
        page = of_items.get(clash.first.key) or urls.get(clash.first.key) or f"{base}/programme"
        field = FIELDS.get(str(clash.code), "starts_at")
        if clash.first.key in urls and field == "speakers":
            field = "chair"
        url = page if page.endswith("/programme") else f"{page}#{field}"
        found.append(Finding(str(clash.code), clash.level, sentence(clash, event.time_zone), url))
    return found


# --- the event itself ---------------------------------------------------------------------------------------------


def _of_event(event: Event, base: str, gate: Gate) -> list[Finding]:
    found = []
    settings = f"{base}/settings"
    if event.is_rehearsal:
        found.append(_of_rehearsal(event, base))
    if not gate.has_organizer:
        text = _("Nobody is named as its organizer: give the role to whoever answers for it.")
        found.append(_warning("no_organizer", text, f"{base}/roles/new#person"))
    if event.has_begun_at(clock.now()):
        text = _("Its first day has come already: %(day)s.", day=format_day(event.starts_on))
        found.append(_warning("begun_already", text, f"{settings}#starts_on"))
    off = day_off(event.starts_on, event.time_zone)
    if off:
        text = _("It begins on a day off: %(day)s, %(why)s.", day=format_day(event.starts_on), why=off)
        found.append(_warning("day_off", text, f"{settings}#starts_on"))
    if not event.city and not event.venue:
        text = _("The place is missing: people will not know where to go.")
        found.append(_warning("no_place", text, f"{settings}#city"))
    if not event.description and not event.description_local:
        text = _("Nothing says what it is about.")
        found.append(_warning("no_description", text, f"{settings}#description"))
    if not event.title_local and event.host is not None and event.host.name_local:
        text = _("The title is missing in Chinese; %(house)s works in both languages.", house=event.host.display_name)
        found.append(_warning("no_chinese_title", text, f"{settings}#title_local"))
    return found


def _of_rehearsal(event: Event, base: str) -> Finding:
    """Registering and the door need a published event, so a rehearsal may be published: for those who rehearse."""
    if event.audience == Audience.RESTRICTED:
        text = _("It is being rehearsed: no mail leaves, and registrations will be removed at the end.")
        return _warning("rehearsal", text, f"{base}/rehearsal")
    text = _(
        "It is being rehearsed, and its audience is more than those who rehearse: they would register in earnest, hear "
        "nothing and lose their places. Restrict the audience, or end the rehearsal."
    )
    return _blocker("rehearsal", text, f"{base}/rehearsal")


# --- the programme ------------------------------------------------------------------------------------------------


def _of_programme(base: str, sessions: Sequence[Session], items: Sequence[AgendaItem]) -> list[Finding]:
    found = []
    if not sessions:
        found.append(_warning("no_session", _("There is no session yet."), f"{base}/sessions/new#title"))
    if not items:
        found.append(_warning("no_item", _("The programme is empty."), f"{base}/items/new#title"))
    chairless = [each for each in sessions if each.chair_id is None]
    if chairless:
        text = ngettext(
            "One session has no chair: %(titles)s.", "%(num)s sessions have no chair: %(titles)s.", len(chairless),
            titles=_some(chairless),
        )  # fmt: skip
        found.append(_warning("no_chair", text, f"{base}/sessions/{chairless[0].ref}/settings#chair"))
    timeless = [each for each in items if each.starts_at is None and each.cancelled_at is None]
    if timeless:
        text = ngettext(
            "One item has no time yet: %(titles)s.", "%(num)s items have no time yet: %(titles)s.", len(timeless),
            titles=_some(timeless),
        )  # fmt: skip
        found.append(_warning("no_time", text, f"{base}/items/{timeless[0].ref}#starts_at"))
    return found


def _some(records: Sequence[Session | AgendaItem]) -> str:
    names = [_("“%(title)s”", title=each.display_title) for each in records[:TOLD]]
    more = len(records) - TOLD
    return listed([*names, ngettext("one other", "%(num)s others", more)] if more > 0 else names)


def _of_plan(event: Event, base: str, items: Sequence[AgendaItem]) -> list[Finding]:
    """A template plans what speakers are to bring in before anybody is named; later it has to be expected of them."""
    owed = {
        tuple(row)
        for row in db.session.execute(
            select(Deliverable.item_id, Deliverable.person_id, Deliverable.kind)
            .join(AgendaItem, AgendaItem.id == Deliverable.item_id)
            .where(AgendaItem.event_id == event.id)
        )
    }
    found = []
    for plan in db.session.scalars(select(PlannedDeliverable).where(PlannedDeliverable.event_id == event.id)):
        speaking = [
            (item.id, each.person_id, plan.kind)
            for item in items
            if item.kind == plan.item_kind and item.cancelled_at is None
            for each in item.speakers
            if each.person_id is not None
        ]
        lacking = sum(1 for each in speaking if each not in owed)
        if lacking:
            text = ngettext(
                "The plan for “%(item)s”: “%(what)s”, %(days)s days before. It is not expected of one speaker yet.",
                "The plan for “%(item)s”: “%(what)s”, %(days)s days before. It is not expected of %(num)s speakers yet.",
                lacking, item=ITEM_KIND_LABELS[ItemKind(plan.item_kind)],
                what=DELIVERABLE_LABELS[DeliverableKind(plan.kind)], days=plan.days_before,
            )  # fmt: skip
            asked = f"item_kind={plan.item_kind}&kind={plan.kind}&days_before={plan.days_before}"
            found.append(_warning("deliverable_not_expected", text, f"{base}/deliverables/everybody?{asked}#kind"))
    return found


def _of_earlier_editions(event: Event, base: str) -> list[Finding]:
    """What was asked at the last editions and is not done must not vanish between two sessions."""
    number = 0 if event.has_ended_at(clock.now()) else count_undecided(event)
    if not number:
        return []
    text = ngettext(
        "One thing of the last editions is still open, and nobody has decided whether this one treats it.",
        "%(num)s things of the last editions are still open, and nobody has decided whether this one treats them.",
        number,
    )
    return [_warning("carry_over", text, f"{base}/carry-over")]


# --- registration -------------------------------------------------------------------------------------------------


def _of_registration(event: Event, base: str, gate: Gate, sessions: Sequence[Session], now: datetime) -> list[Finding]:
    url, plan = f"{base}/registration/settings", gate.plan
    found = []
    if plan is None:
        text = _("Nobody can register yet: registration has not been opened.")
        found.append(_warning("no_registration", text, f"{url}#is_open"))
    elif not plan.is_open:
        text = _("Registration is set up and closed: nobody can register when the event is published.")
        found.append(_warning("registration_closed", text, f"{url}#is_open"))
    elif plan.closes_at is not None and plan.closes_at <= now:
        text = _("The time to register has passed already.")
        found.append(_warning("registration_over", text, f"{url}#closes_at"))
    seats = [each.room.seats for each in sessions if each.room is not None and each.room.seats]
    places = gate.capacity_of(None)
    if places is not None and seats and places > max(seats):
        text = _(
            "There are %(places)s places, and the largest room has %(seats)s seats.", places=places, seats=max(seats)
        )
        found.append(_warning("capacity_over_room", text, f"{url}#capacity"))
    for each in sessions:
        places = gate.capacity_of(each)
        if places is not None and each.room is not None and each.room.seats and places > each.room.seats:
            text = _(
                "“%(session)s” has %(places)s places, and its room %(seats)s seats.", session=each.display_title,
                places=places, seats=each.room.seats,
            )  # fmt: skip
            found.append(_warning("capacity_over_room", text, f"{base}/registration/sessions/{each.ref}#capacity"))
    return found
