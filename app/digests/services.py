"""One mail a day at most to each person: what is asked, by when, what changed, and the reminders.

Each minute's run asks in which zones it is day and who has not been served. The mail, the row that keeps it at one and
the rows that say what was urged are one unit of work per person: a run that is killed or doubled does nothing twice and
leaves nobody out.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.calendars.working_days import is_day_off
from app.core import audit, clock
from app.core.db import db, edit, unit_of_work
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.jobs import every_minute
from app.core.roles import SYSTEM, Actor
from app.digests import policy, queries
from app.digests.asking import Asked, list_asked
from app.digests.models import Digest, DigestRound, Urge, UrgeKind, UrgingPlan
from app.digests.urging import Line, lines_about
from app.events.models import Event
from app.mail.services import Recipient, queue_mail
from app.people.models import Person
from app.requirements.history import DEEDS
from app.requirements.models import Assignment
from app.requirements.services.telling import account_of

MORNING, EVENING = time(8), time(20)  # at the place of the gathering; a round that was missed is made until the evening
FARTHEST = 60  # working days
FIRST_NEWS = timedelta(days=3)  # whoever was never written to hears of no older changes
SILENT_DEEDS = ("assignment.proposed", "assignment.changed", "assignment.escalated", "assignment.handed_over")
LOOKED_BACK = timedelta(days=7)  # a change that no mail told of for longer is no news
NEWS = tuple(each for each in DEEDS if each.startswith("assignment.") and each not in SILENT_DEEDS)
ESCALATIONS = (UrgeKind.HEAD, UrgeKind.SUPERVISOR, UrgeKind.STRANDED)


@dataclass(frozen=True)
class Change:
    """What somebody else did to an assignment since the last mail."""

    assignment: Assignment
    action: str
    by: str

    @property
    def words(self) -> str:
        return str(DEEDS[self.action])

    @property
    def path(self) -> str:
        return f"/events/{self.assignment.event.ref}/assignments/{self.assignment.ref}"


@dataclass(frozen=True)
class Told:
    """What a mail holds, the most urgent first."""

    urges: Sequence[Line]
    asked: Sequence[Line]
    news: Sequence[Change]
    also: Sequence[Asked] = ()  # what is no assignment
    has_new: bool = False  # among `also`

    @property
    def is_worth_a_mail(self) -> bool:
        return bool(self.urges or self.news or self.has_new or any(each.is_new for each in self.asked))

    @property
    def owed(self) -> int:
        """How many things something is asked about; one may be late and to be accepted at once."""
        return len({each.assignment.id for each in (*self.urges, *self.asked)}) + len(self.also)

    @property
    def number(self) -> int:
        return len(self.urges) + len(self.asked) + len(self.news) + len(self.also)


# --- what people decide -------------------------------------------------------------------------------------------


def set_plan(
    event: Event,
    *,
    actor: Actor,
    version: int | None,
    days_before: int,
    repeat_after: int,
    head_after: int,
    supervisor_after: int,
) -> UrgingPlan:
    """When somebody is reminded, in working days. The supervisor is told no sooner than the head of the department."""
    require(policy.may_urge(actor, event))
    values = {
        "days_before": days_before, "repeat_after": repeat_after, "head_after": head_after,
        "supervisor_after": supervisor_after,
    }  # fmt: skip
    for name, days in values.items():
        if not 0 < days <= FARTHEST:
            raise Refused(_("Please give a number of days from 1 to %(most)s.", most=FARTHEST), field=name)
    if supervisor_after < head_after:
        raise Refused(_("The head of the department hears of it first, or on the same day."), field="supervisor_after")
    db.session.execute(select(Event.id).where(Event.id == event.id).with_for_update())
    plan = queries.find_plan(event)
    if plan is None:
        plan = UrgingPlan(event=event, **values)
        db.session.add(plan)
        changes = {name: [None, each] for name, each in values.items()}
    else:
        changes = edit(plan, version=version, **values)
    if changes:
        audit.record(actor, "event.urging_planned", plan, scope=event, changed=changes)
    return plan


def want_news(person: Person, wanted: bool, *, actor: Actor) -> None:
    """Whether the daily mail also tells what changed. What is asked of somebody comes in any case."""
    require(actor.id is not None and person.account_id == actor.id)
    if edit(person, version=None, wants_news=wanted):
        audit.record(actor, "person.news_wanted", person, wanted=wanted)


# --- the round ----------------------------------------------------------------------------------------------------


@every_minute
def send_digests() -> None:
    """In every zone where the working day has begun: each person's mail, if there is something to say."""
    now = clock.now()
    also = list_asked(now)
    known_zones = sorted({*queries.list_zones(), *(each.zone for each in also)})
    zones = [each for each in known_zones if _is_time(each, now)]
    days = {zone: now.astimezone(ZoneInfo(zone)).date() for zone in zones}
    open_zones = {zone: day for zone, day in days.items() if not queries.has_round(zone, day)}
    if not open_zones:
        return
    for person_id, (on, about) in sorted(_to_serve(open_zones, now, also).items()):
        with unit_of_work():
            serve(person_id, on, now, about)
    with unit_of_work():
        for zone, day in sorted(open_zones.items()):
            if not queries.has_round(zone, day):
                db.session.add(DigestRound(zone=zone, on=day))


def _is_time(zone: str, now: datetime) -> bool:
    here = now.astimezone(ZoneInfo(zone))
    return MORNING <= here.time() < EVENING and not is_day_off(here.date(), zone)


def _to_serve(zones: dict[str, date], now: datetime, also: Sequence[Asked]) -> dict[int, tuple[date, set[int]]]:
    """Who may have a mail in these zones, of which day, and about which assignments. All is asked anew under the lock."""
    assignments = queries.list_told_of()
    known = queries.known_about(assignments, now)
    since = queries.last_told_at(_concerned(assignments, known) | {each.person.id for each in also})
    days: dict[int, date] = {}
    about: dict[int, set[int]] = defaultdict(set)
    for assignment in assignments:
        day = zones.get(assignment.event.time_zone)
        for line in lines_about(assignment, known, now, since):
            about[line.person.id].add(assignment.id)
            if day is not None and line.is_new:
                days[line.person.id] = day
    for asked in also:
        if asked.zone in zones and asked.is_new_since(since.get(asked.person.id)):
            days[asked.person.id] = zones[asked.zone]
    for assignment in queries.list_touched(now - LOOKED_BACK):
        day = zones.get(assignment.event.time_zone)
        if day is not None:
            days.update({each: day for each in (assignment.responsible_id, assignment.verifier_id)})
    served = queries.list_served(set(zones.values()))
    return {person: (on, about[person]) for person, on in days.items() if (person, on) not in served}


def _concerned(assignments: Sequence[Assignment], known: queries.Known) -> set[int]:
    """Everybody of whom something may be asked about these assignments."""
    own = {each.responsible_id for each in assignments} | {each.verifier_id for each in assignments}
    heads = {each.parent.responsible_id for each in assignments if each.parent is not None}
    over = {person.id for people in (known.supervisors, known.leaders) for each in people.values() for person in each}
    return own | heads | over


def serve(person_id: int, on: date, now: datetime, about: Collection[int] = ()) -> Digest | None:
    """One person's mail of one day; None when it was written before or there is nothing to say.

    `about` names the assignments of others that the person is to be told about; their own are found in any case.
    """
    person = db.session.scalar(select(Person).where(Person.id == person_id).with_for_update())
    if person is None or (person.left_on is not None and person.left_on < on) or queries.find_digest(person, on):
        return None
    told, to = told_to(person, now, queries.list_for(person, about)), recipient(person)
    if not told.is_worth_a_mail or not to.address:
        return None
    digest = Digest(person_id=person.id, on=on, lines=told.number)
    db.session.add(digest)
    for line in told.urges:
        db.session.add(Urge(assignment_id=line.assignment.id, person_id=person.id, kind=line.kind, on=line.day))
        if line.kind in ESCALATIONS:
            audit.record(SYSTEM, "assignment.escalated", line.assignment, kind=line.kind, to=person.ref)
    db.session.flush()
    audit.record(SYSTEM, "digest.sent", digest, lines=told.number)
    queue_mail(to, "digests/mail/digest", kind="digest", dedupe_key=f"digest:{person.ref}:{on}", told=told)
    return digest


def told_to(person: Person, now: datetime, assignments: Sequence[Assignment]) -> Told:
    """What the next mail to this person would hold about these assignments."""
    last = queries.last_told_at([person.id]).get(person.id)
    since = {person.id: last} if last else {}
    known = queries.known_about(assignments, now)
    lines = [each for one in assignments for each in lines_about(one, known, now, since) if each.person.id == person.id]
    lines.sort(key=lambda each: each.rank)
    urges = [each for each in lines if each.is_urge]
    urged = {each.assignment.id for each in urges}
    asked = [each for each in lines if not each.is_urge and not (each.kind == "carry" and each.assignment.id in urged)]
    also = [each for each in list_asked(now) if each.person.id == person.id]
    has_new = any(each.is_new_since(last) for each in also)
    return Told(urges, asked, list(_news_of(person, last, now)), also, has_new)


def _news_of(person: Person, last: datetime | None, now: datetime) -> Iterable[Change]:
    if not person.wants_news:
        return []
    newest: dict[tuple[int, str], Change] = {}
    for entry, assignment in queries.list_changes(person, NEWS, last or now - FIRST_NEWS):
        newest[assignment.id, entry.action] = Change(assignment, entry.action, entry.actor_name)
    return newest.values()


def recipient(person: Person) -> Recipient:
    """In the language and to the address that the account says, if there is one."""
    account = account_of(person)
    language = (account.language if account else None) or person.language
    name = (person.name_local if language.startswith("zh") else None) or person.name
    return Recipient(name, account.email if account else person.email, language)


def next_morning(zone: str, now: datetime) -> datetime:
    """When the next mail would leave: eight o'clock of the next working day there."""
    here = now.astimezone(ZoneInfo(zone))
    day = here.date() if here.time() < MORNING else here.date() + timedelta(days=1)
    while is_day_off(day, zone):
        day += timedelta(days=1)
    return datetime.combine(day, MORNING, ZoneInfo(zone)).astimezone(UTC)
