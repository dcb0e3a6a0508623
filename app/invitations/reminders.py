"""Reminders that go by themselves: to the silent at the days of the plan, to the undecided on their day.

What is due follows from the plan, the clock and when somebody was last written to, so that a run that was missed,
killed or repeated does what is left to do and nothing twice.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select

from app.core import audit, clock
from app.core.db import db, edit, unit_of_work
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.jobs import every_minute
from app.core.roles import SYSTEM, Actor
from app.events.models import Event, Status
from app.invitations import queries, services, telling
from app.registration import places, policy
from app.registration import services as registration
from app.registration.models import Answer, Invitation, Registration, RegistrationPlan, ReminderPlan, State
from app.registration.queries import find_invitation

MORNING, EVENING = time(7), time(20)  # between them it is not quiet
FARTHEST = 90
AT_ONCE = 25  # people in one unit of work


@dataclass(frozen=True)
class Step:
    """One reminder of a plan."""

    days: int
    at: datetime


def set_plan(
    event: Event, *, actor: Actor, version: int | None, first: int | None, second: int | None, third: int | None
) -> ReminderPlan:
    """On which days before registration closes the silent are reminded."""
    require(policy.may_organize(actor, event))
    given = [each for each in (first, second, third) if each is not None]
    if any(not 0 < each <= FARTHEST for each in given):
        raise Refused(_("Please give a number of days from 1 to %(most)d.", most=FARTHEST), field="first")
    values = {"first": first, "second": second, "third": third}
    db.session.execute(select(Event.id).where(Event.id == event.id).with_for_update())
    plan = queries.find_reminder_plan(event)
    if plan is None:
        plan = ReminderPlan(event=event, **values)
        db.session.add(plan)
        changes = {name: [None, each] for name, each in values.items() if each is not None}
    else:
        changes = edit(plan, version=version, **values)
    if changes:
        audit.record(actor, "invitation.reminders_planned", plan, scope=event, changed=changes)
    return plan


def deadline_of(event: Event, plan: RegistrationPlan | None) -> datetime:
    """Until when an answer counts: the closing of registration, else the first day of the event."""
    if plan is not None and plan.closes_at is not None:
        return plan.closes_at
    return _morning(event, event.starts_on, time(0))


def steps_of(event: Event, plan: RegistrationPlan | None, reminder_plan: ReminderPlan | None) -> list[Step]:
    """The reminders in the order in which they come, each in the morning of its day in the zone of the event."""
    last = deadline_of(event, plan).astimezone(ZoneInfo(event.time_zone)).date()
    days = reminder_plan.steps if reminder_plan is not None else []
    return [Step(each, _morning(event, last - timedelta(days=each))) for each in days]


def list_silent(event: Event, *, most: int | None = None) -> Sequence[Invitation]:
    """To whom the next reminder would go if nobody answered meanwhile, by name."""
    silent = queries.select_silent([event.id]).where(Invitation.answer.is_(None))
    return db.session.scalars(silent.limit(most)).all()


def count_silent(event: Event) -> int:
    silent = queries.select_silent([event.id]).where(Invitation.answer.is_(None))
    ids = silent.order_by(None).with_only_columns(Invitation.id).subquery()
    return db.session.scalar(select(func.count()).select_from(ids)) or 0


def is_quiet(event: Event, now: datetime) -> bool:
    """Whether it is evening, night or early morning in the zone of the event."""
    return not MORNING <= now.astimezone(ZoneInfo(event.time_zone)).time() < EVENING


def _morning(event: Event, day: date, at: time = MORNING) -> datetime:
    return datetime.combine(day, at, ZoneInfo(event.time_zone)).astimezone(UTC)


# --- by themselves ------------------------------------------------------------------------------------------------


@every_minute
def remind_by_plan() -> None:
    """One mail to each who is due, with everything that they have not answered, and to nobody twice a day."""
    now = clock.now()
    events = _open_events(now)
    due = sorted({each.person_id for each in _due(events, now)})
    for start in range(0, len(due), AT_ONCE):
        with unit_of_work():
            _remind_some(due[start : start + AT_ONCE], now)


@dataclass(frozen=True)
class _Open:
    """An event whose invited may be written to at this hour, and since when its newest reminder is due."""

    event: Event
    step_at: datetime | None
    day: date


def _open_events(now: datetime) -> list[_Open]:
    rows = db.session.execute(
        select(Event, RegistrationPlan, ReminderPlan)
        .join(RegistrationPlan, RegistrationPlan.event_id == Event.id)
        .outerjoin(ReminderPlan, ReminderPlan.event_id == Event.id)
        .where(
            Event.status == Status.PUBLISHED,
            Event.is_rehearsal.is_(False),
            Event.source_id.is_(None),
            Event.starts_on >= now.date() - timedelta(days=1),
            RegistrationPlan.is_open,
        )
        .order_by(Event.starts_on, Event.id)
    ).all()
    found = []
    for event, plan, reminder_plan in rows:
        if not plan.takes_registrations_at(now) or now >= deadline_of(event, plan) or is_quiet(event, now):
            continue
        passed = [step.at for step in steps_of(event, plan, reminder_plan) if step.at <= now]
        found.append(_Open(event, max(passed, default=None), event.day_at(now)))
    return found


def _due(events: Sequence[_Open], now: datetime, people: Collection[int] | None = None) -> list[Invitation]:
    """Invitations about which somebody is to be written to now."""
    wanted = []
    for each in events:
        undecided = and_(
            Invitation.answer == Answer.MAYBE,
            Invitation.maybe_until <= each.day,
            or_(Invitation.reminded_at.is_(None), Invitation.reminded_at < Invitation.answered_at),
        )
        due = undecided
        if each.step_at is not None:
            silent = and_(
                Invitation.answer.is_(None),
                Invitation.sent_at < each.step_at,
                Invitation.sent_at <= now - services.PAUSE,
                or_(Invitation.reminded_at.is_(None), Invitation.reminded_at < each.step_at),
            )
            due = or_(undecided, silent)
        wanted.append(and_(Invitation.event_id == each.event.id, due))
    if not wanted:
        return []
    found = queries.select_silent([each.event.id for each in events]).where(or_(*wanted))
    if people is not None:
        found = found.where(Invitation.person_id.in_(people)).with_for_update(of=Invitation)
    invitations = db.session.scalars(found.execution_options(populate_existing=people is not None)).all()
    rested = queries.rested_people([each.person_id for each in invitations], now - services.PAUSE)
    return [each for each in invitations if each.person_id in rested]


def _remind_some(people: Sequence[int], now: datetime) -> None:
    """What is due is asked anew under the lock: whoever has answered meanwhile is left in peace."""
    due = sorted(_due(_open_events(now), now, people), key=lambda each: each.person_id)
    for _person, theirs in groupby(due, key=lambda each: each.person_id):
        asked = [services.renew_link(each, now) for each in theirs]
        telling.tell_reminded(asked[0][0].person, asked)
        for invitation, _token in asked:
            audit.record(SYSTEM, "invitation.reminded", invitation, scope=invitation.event, by_plan=True)


@every_minute
def give_back_unconfirmed() -> None:
    """Whoever did not confirm the new time in due time loses the place, and the waiting list moves up."""
    now = clock.now()
    for ref in _lapsed(now):
        with unit_of_work():
            give_back(ref, now)


def _lapsed(now: datetime) -> list[str]:
    rows = db.session.execute(
        select(Registration.ref, Event)
        .join(Event, Event.id == Registration.event_id)
        .where(
            Registration.state == State.CONFIRMED,
            Registration.reconfirm_until <= now,
            Event.status == Status.PUBLISHED,
        )
        .order_by(Registration.event_id, Registration.id)
    ).all()
    return [ref for ref, event in rows if not event.has_ended_at(now)]


def give_back(registration_ref: str, now: datetime) -> None:
    """The place of one person, unless they confirmed in this very moment."""
    mine = db.session.scalar(select(Registration).where(Registration.ref == registration_ref))
    if mine is None or mine.event.status != Status.PUBLISHED or mine.event.has_ended_at(now):
        return
    places.lock(mine.event)
    db.session.refresh(mine)
    until = mine.reconfirm_until
    if mine.state != State.CONFIRMED or until is None or until > now:
        return
    registration.leave(mine, actor=SYSTEM, reason=None, means="unconfirmed")
    mine.reconfirm_until = until  # by this the organizer finds whoever let it pass
    invitation = find_invitation(mine.event, mine.person)
    if invitation is not None:
        edit(invitation, version=None, answer=None, answered_at=None, reason=None)
