"""What can be done with a gathering. Acts that also tell the registered are in workflows/."""

import re
from datetime import date
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import select

from app.accounts import services as accounts
from app.accounts.models import Account, RoleGrant
from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import Actor, Role
from app.core.text import one_line
from app.events import policy
from app.events.errors import (
    AlreadyNamed,
    EndsBeforeStart,
    NoAccount,
    PreviousEditionLoop,
    ReasonMissing,
    TooLong,
    UnknownZone,
    WrongStatus,
)
from app.events.models import Audience, Event, EventSeries, Kind, ParticipantGroup, Participation, Status
from app.people.models import Organization, Person
from app.search import services as search

MOST_DAYS = 60


def create_event(
    *,
    title: str,
    starts_on: date,
    ends_on: date | None = None,
    time_zone: str,
    actor: Actor,
    kind: str = Kind.ANNUAL_GATHERING,
    audience: str = Audience.INTERNAL,
    city: str | None = None,
    host: Organization | None = None,
    previous: Event | None = None,
    **more: Any,
) -> Event:
    """A new draft; one day long when no last day is given. Its maker becomes its organizer.

    `more`: title_local, city_local, venue, venue_local, description, description_local, source_id, series, made_from.
    """
    require(policy.may_create(actor))
    ends_on = ends_on or starts_on
    _check_days(starts_on, ends_on)
    _check_zone(time_zone)
    event = Event(
        title=title,
        kind=Kind(kind),
        starts_on=starts_on,
        ends_on=ends_on,
        time_zone=time_zone,
        audience=Audience(audience),
        city=city,
        host=host,
        previous=previous,
        status=Status.DRAFT,
        **more,
    )
    db.session.add(event)
    db.session.flush()
    _join_series(event, actor)
    _keep_organizer(event, actor)
    audit.record(actor, "event.created", event, kind=event.kind, audience=event.audience)
    return event


def change_event(event: Event, *, actor: Actor, version: int | None, **values: Any) -> None:
    """Change what is told of the gathering. `host` and `previous` are records; a new time or place reaches calendars."""
    require(policy.may_plan(actor, event))
    _refuse_unless_open(event)
    _check_days(values.get("starts_on", event.starts_on), values.get("ends_on", event.ends_on))
    _check_zone(values.get("time_zone", event.time_zone))
    if "previous" in values:
        _check_previous(event, values["previous"])
    changes = edit(event, version=version, **values)
    if not changes:
        return
    if "previous" in changes:
        _join_series(event, actor)
    if changes.keys() & {"starts_on", "ends_on", "time_zone", "city", "venue"}:
        event.calendar_sequence += 1
    if event.audience == Audience.RESTRICTED:
        _keep_organizer(event, actor)
    db.session.flush()
    index_event(event)
    audit.record(actor, "event.changed", event, changes=changes)


def name_host(event: Event, organization: Organization | None, *, actor: Actor) -> None:
    """Which organisation invites."""
    change_event(event, actor=actor, version=None, host=organization)


def publish_event(event: Event, *, actor: Actor) -> None:
    """From now on its audience sees it. What the programme still lacks is checked by workflows/publish_event.py."""
    require(policy.may_plan(actor, event))
    if event.status != Status.DRAFT:
        raise WrongStatus(_("Only a draft can be published."))
    event.published_at = clock.now()
    _move(event, Status.PUBLISHED)
    index_event(event)
    audit.record(actor, "event.published", event, audience=event.audience)


def conclude_event(event: Event, *, actor: Actor) -> None:
    """The gathering is over; its record may still be put right."""
    require(policy.may_plan(actor, event))
    now = clock.now()
    if event.status != Status.PUBLISHED:
        raise WrongStatus(_("Only a published event can be concluded."))
    if not event.has_begun_at(now):
        raise WrongStatus(_("It has not begun yet. An event that will not take place is cancelled instead."))
    event.concluded_at = now
    _move(event, Status.CONCLUDED)
    audit.record(actor, "event.concluded", event)


def cancel_event(event: Event, *, actor: Actor, reason: str | None) -> None:
    """It will not take place. Telling those who were to come is the part of workflows/cancel_event.py."""
    require(policy.may_plan(actor, event))
    now = clock.now()
    if event.status not in (Status.DRAFT, Status.PUBLISHED):
        raise WrongStatus(_("This event is over: there is nothing to cancel."))
    reason = one_line(reason or "")
    if not reason:
        raise ReasonMissing(_("Please say why. Everybody who planned to come reads this."), field="reason")
    event.cancelled_at, event.cancel_reason = now, reason
    event.calendar_sequence += 1
    if event.published_at is None:
        search.drop("event", event.ref)
    _move(event, Status.CANCELLED)
    audit.record(actor, "event.cancelled", event, reason=reason)


def add_part(
    event: Event,
    person: Person,
    role: str,
    *,
    actor: Actor,
    position_title: str | None = None,
    position_title_local: str | None = None,
) -> Participation:
    """Name a person's part: presiding_leader, speaker, guest (invited and registered are written by registration).

    The position is kept as it is on the first day, unless it is given. Asking twice gives what is there.
    """
    require(policy.may_name_people(actor, event))
    _refuse_unless_open(event)
    part = db.session.scalar(
        select(Participation).where(
            Participation.event_id == event.id, Participation.person_id == person.id, Participation.role == role
        )
    )
    if part is not None:
        return part
    position = person.position_on(event.starts_on)
    if position_title is None and position is not None:
        position_title, position_title_local = position.title, position.title_local
    part = Participation(
        event=event,
        person=person,
        role=role,
        position_title=position_title,
        position_title_local=position_title_local,
    )
    db.session.add(part)
    db.session.flush()
    audit.record(actor, "participation.added", part, role=role, person=person)
    return part


def name_person(event: Event, person: Person, role: str, *, actor: Actor, **more: Any) -> Participation:
    """`add_part` for a page: says so when the person has this part already."""
    there = select(Participation.id).where(
        Participation.event_id == event.id, Participation.person_id == person.id, Participation.role == role
    )
    require(policy.may_name_people(actor, event))
    if db.session.scalar(there) is not None:
        raise AlreadyNamed(_("%(name)s has this part already.", name=person.display_name), field="person")
    return add_part(event, person, role, actor=actor, **more)


def remove_part(part: Participation, *, actor: Actor) -> None:
    """Take a named part back. A restricted event closes to the person again."""
    require(policy.may_take_out(actor, part.event, part))
    _refuse_unless_open(part.event)
    audit.record(actor, "participation.removed", part, scope=part.event, role=part.role, person=part.person)
    db.session.delete(part)
    db.session.flush()


def add_group(
    event: Event,
    category: str,
    *,
    actor: Actor,
    category_local: str | None = None,
    headcount: int | None = None,
) -> ParticipantGroup:
    """People who come without being named; no head-count means that it is not stated."""
    require(policy.may_name_people(actor, event))
    _refuse_unless_open(event)
    _check_headcount(headcount)
    group = ParticipantGroup(event=event, category=category, category_local=category_local, headcount=headcount)
    db.session.add(group)
    db.session.flush()
    audit.record(actor, "group.added", group, headcount=headcount)
    return group


def change_group(
    group: ParticipantGroup, *, actor: Actor, category: str, category_local: str | None, headcount: int | None
) -> None:
    require(policy.may_name_people(actor, group.event))
    _refuse_unless_open(group.event)
    _check_headcount(headcount)
    before = {"category": group.category, "headcount": group.headcount}
    group.category, group.category_local, group.headcount = category, category_local, headcount
    db.session.flush()
    audit.record(actor, "group.changed", group, before=before, headcount=headcount)


def remove_group(group: ParticipantGroup, *, actor: Actor) -> None:
    require(policy.may_name_people(actor, group.event))
    _refuse_unless_open(group.event)
    audit.record(actor, "group.removed", group, scope=group.event)
    db.session.delete(group)
    db.session.flush()


def give_role(event: Event, account: Account | None, role: str, *, actor: Actor) -> RoleGrant:
    """A role for this event alone. It opens the event to its holder, also a restricted one."""
    require(policy.may_give_roles(actor, event))
    if account is None or not account.is_active:
        raise NoAccount(_("This person cannot sign in, and so cannot hold a role here."), field="person")
    return accounts.grant_role(account, Role(role), actor=actor, scope=event.id, event=event)


def withdraw_role(event: Event, grant: RoleGrant, *, actor: Actor) -> None:
    """Take a role back. Whoever takes the last one of their own from a restricted event is kept from doing so."""
    require(policy.may_give_roles(actor, event) and grant.event_id == event.id)
    if grant.role == Role.ORGANIZER and event.audience == Audience.RESTRICTED and _is_last_organizer(event):
        raise Refused(_("A restricted event needs an organizer who can see it. Give the role to another one first."))
    accounts.withdraw_role(grant, actor=actor, event=event)


def index_event(event: Event) -> None:
    """What the search finds. Drafts are not found; who finds the others is decided by the event's audience."""
    if event.is_draft:
        return
    told = (event.title_local, event.city, event.city_local, event.venue, event.venue_local)
    body = "\n".join(part for part in (*told, event.description, event.description_local) if part)
    search.put(
        "event",
        event.ref,
        url=f"/events/{event.ref}",
        title=event.title,
        body=body,
        event_id=event.id,
        on=event.starts_on,
    )


def _move(event: Event, status: Status) -> None:
    event.status = status
    event.version += 1
    db.session.flush()


def _refuse_unless_open(event: Event) -> None:
    if not policy.is_open_to_change(event):
        raise WrongStatus(_("This event was cancelled and stays as it was."))


def _check_days(starts_on: date, ends_on: date) -> None:
    if ends_on < starts_on:
        raise EndsBeforeStart(_("The last day cannot lie before the first."), field="ends_on")
    if (ends_on - starts_on).days >= MOST_DAYS:
        raise TooLong(_("An event lasts at most %(days)s days. Is the year right?", days=MOST_DAYS), field="ends_on")


def _check_zone(zone: str) -> None:
    if zone not in known_zones():
        raise UnknownZone(_("This time zone is not known. Write it as Asia/Shanghai."), field="time_zone")


def _check_previous(event: Event, previous: Event | None) -> None:
    """Walk back along the editions: the chain must not come round to this one."""
    for _step in range(100):
        if previous is None:
            return
        if previous.id == event.id:
            raise PreviousEditionLoop(_("An event cannot come before itself."), field="previous")
        previous = previous.previous


def _join_series(event: Event, actor: Actor) -> None:
    """An edition belongs to the series of the one before; the second one begins it, and names it after the first."""
    previous = event.previous
    if previous is None or (event.series is not None and event.series is previous.series):
        return
    if previous.series is None and policy.may_plan(actor, previous):
        previous.series = event.series or EventSeries(
            title=without_year(previous.title),
            title_local=without_year(previous.title_local) if previous.title_local else None,
        )
    event.series = previous.series or event.series
    db.session.flush()


def without_year(title: str) -> str:
    """What a gathering is called every year."""
    bare = re.sub(r"\s*(?<!\d)(?:19|20|21)\d\d(?!\d)\s*(?:年(?!度))?\s*", " ", title)
    return " ".join(bare.split()) or title


def _check_headcount(headcount: int | None) -> None:
    if headcount is not None and not 0 <= headcount <= 1_000_000:
        raise Refused(_("Please give a number between 0 and 1,000,000, or leave it empty."), field="headcount")


def _is_last_organizer(event: Event) -> bool:
    organizers = select(RoleGrant.id).where(RoleGrant.event_id == event.id, RoleGrant.role == Role.ORGANIZER)
    return len(db.session.scalars(organizers.limit(2)).all()) < 2


def _keep_organizer(event: Event, actor: Actor) -> None:
    """Whoever shapes an event must not lose sight of it, also when it is restricted."""
    account = db.session.get(Account, actor.id) if actor.id is not None else None
    if account is None or Role.ORGANIZER in {grant.role for grant in account.grants if grant.event_id == event.id}:
        return
    accounts.grant_role(account, Role.ORGANIZER, actor=actor, scope=event.id, event=event)


@cache
def known_zones() -> frozenset[str]:
    return frozenset(available_timezones()) - {"localtime", "Factory"}
