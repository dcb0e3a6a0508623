"""Questions about pledges. Every read begins with what this person may see."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import Account, RoleGrant
from app.campaigns.models import Campaign
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db
from app.core.roles import Actor, Role
from app.delegations import queries as delegations
from app.delegations.models import Delegation
from app.events import queries as events
from app.events.models import Event
from app.people.models import Person, Team
from app.people.queries import person_of
from app.pledges import deed, policy
from app.pledges.models import (
    Pledge,
    PledgeRound,
    PledgeState,
    PledgeTemplate,
    PledgeVerdict,
    Signature,
    SignatureSlot,
    SlotRole,
)
from app.requirements.models import Assignment, AssignmentState, Requirement

NEAR = timedelta(days=8)
ALMOST_A_YEAR = timedelta(days=364)
ENDED = (PledgeState.ASSESSED, PledgeState.REFUSED, PledgeState.SUPERSEDED, PledgeState.VOID)
AT_ONCE = 200


def visible(actor: Actor, event: Event) -> ColumnElement[bool]:
    """`policy.may_see` as a condition."""
    if policy.sees_all(actor, event):
        return Pledge.id.is_not(None)
    return or_(
        Pledge.in_force_at.is_not(None),
        and_(Pledge.opened_at.is_not(None), or_(names_actor(actor), _is_deputy(actor, event), _was_signed_by(actor))),
    )


def names_actor(actor: Actor) -> ColumnElement[bool]:
    """Whether somebody stands among the signatories."""
    mine = select(SignatureSlot.pledge_id).join(Person).where(Person.account_id == actor.id)
    return Pledge.id.in_(mine)


def _is_deputy(actor: Actor, event: Event) -> ColumnElement[bool]:
    """Whether somebody may sign today in the place of one who stands among the signatories."""
    principals = delegations.select_principal_ids(actor, event, clock.today(event.time_zone))
    return Pledge.id.in_(select(SignatureSlot.pledge_id).where(SignatureSlot.person_id.in_(principals)))


def _was_signed_by(actor: Actor) -> ColumnElement[bool]:
    """Whether somebody's signature is in it: a deputy goes on seeing it when the delegation is over."""
    signed = select(SignatureSlot.pledge_id).join(Signature).join(Signature.person)
    return Pledge.id.in_(signed.where(Person.account_id == actor.id))


def decliner_of(pledge: Pledge) -> str | None:
    """Who declined as the deputy of a signatory, as the log holds it; None where nobody did, or the signatory did."""
    if pledge.state != PledgeState.REFUSED:
        return None
    refs = [slot.ref for slot in pledge.slots if slot.refused_at is not None]
    declined = select(AuditEntry.actor_name).where(
        AuditEntry.action == "pledge.declined", AuditEntry.subject_ref.in_(refs), AuditEntry.on_behalf_of.is_not(None)
    )
    return db.session.scalar(declined.limit(1))


def whole(pledges: Select[Pledge]) -> Select[Pledge]:
    """With everything that a row or a page shows, in three statements."""
    slots = selectinload(Pledge.slots)
    return pledges.options(
        joinedload(Pledge.event),
        joinedload(Pledge.round),
        joinedload(Pledge.team),
        joinedload(Pledge.campaign),
        slots.joinedload(SignatureSlot.person),
        slots.joinedload(SignatureSlot.signature),
    )


def list_visible(
    actor: Actor, event: Event, *, state: str | None = None, round_: PledgeRound | None = None,
    campaign: Campaign | None = None,
) -> Sequence[Pledge]:  # fmt: skip
    """The pledges of an event that the actor may see, by round and number."""
    pledges = select(Pledge).where(Pledge.event_id == event.id, visible(actor, event))
    if state:
        pledges = pledges.where(Pledge.state == state)
    if round_ is not None:
        pledges = pledges.where(Pledge.round_id == round_.id)
    if campaign is not None:
        pledges = pledges.where(Pledge.campaign_id == campaign.id)
    return db.session.scalars(whole(pledges).order_by(Pledge.round_id, Pledge.label)).all()


def find_visible(actor: Actor, event: Event, ref: str) -> Pledge | None:
    found = select(Pledge).where(Pledge.event_id == event.id, Pledge.ref == ref, visible(actor, event))
    return db.session.scalar(whole(found).options(joinedload(Pledge.document), joinedload(Pledge.replaces)))


def find_slot(pledge: Pledge, ref: str) -> SignatureSlot | None:
    return next((slot for slot in pledge.slots if slot.ref == ref), None)


def find_successor(pledge: Pledge) -> Pledge | None:
    """The edition that took the place of a void one."""
    return db.session.scalar(select(Pledge).where(Pledge.replaces_id == pledge.id))


def list_rounds(event: Event) -> Sequence[PledgeRound]:
    return db.session.scalars(
        select(PledgeRound).where(PledgeRound.event_id == event.id).order_by(PledgeRound.year, PledgeRound.id)
    ).all()


def find_round(event: Event, ref: str) -> PledgeRound | None:
    return db.session.scalar(select(PledgeRound).where(PledgeRound.event_id == event.id, PledgeRound.ref == ref))


def list_templates(*, put_away: bool = False) -> Sequence[PledgeTemplate]:
    where = PledgeTemplate.retired_at.is_not(None) if put_away else PledgeTemplate.retired_at.is_(None)
    return db.session.scalars(select(PledgeTemplate).where(where).order_by(PledgeTemplate.name)).all()


def find_template(ref: str) -> PledgeTemplate | None:
    return db.session.scalar(select(PledgeTemplate).where(PledgeTemplate.ref == ref))


def list_assignments(event: Event) -> Sequence[Assignment]:
    """What a pledge of this event may belong to: what is in somebody's hands."""
    found = (
        select(Assignment)
        .join(Assignment.requirement)
        .where(Requirement.event_id == event.id, Assignment.state.not_in((AssignmentState.CANCELLED,)))
        .options(joinedload(Assignment.requirement), joinedload(Assignment.responsible))
        .order_by(Assignment.label, Assignment.id)
    )
    return db.session.scalars(found).all()


def list_campaigns(event: Event) -> Sequence[Campaign]:
    mine = select(Campaign).where(Campaign.event_id == event.id)
    return db.session.scalars(mine.order_by(Campaign.year, Campaign.ordinal, Campaign.id)).all()


def newest_number(year: int) -> int:
    """The highest number given so far in a year's labels (`PL-2027-003`, `PL-2027-003-v2`)."""
    labels = db.session.scalars(select(Pledge.label).where(Pledge.label.like(f"PL-{year}-%"))).all()
    numbers = [label.split("-")[2] for label in labels]
    return max((int(number) for number in numbers if number.isdecimal()), default=0)


def count_slots(pledge: Pledge) -> tuple[int, int]:
    """How many have signed, and how many have to. Asked of the database, not of what was loaded before the lock."""
    signed = select(func.count(Signature.id)).join(SignatureSlot).where(SignatureSlot.pledge_id == pledge.id)
    slots = select(func.count(SignatureSlot.id)).where(SignatureSlot.pledge_id == pledge.id)
    return db.session.scalar(signed) or 0, db.session.scalar(slots) or 0


def has_signed(slot: SignatureSlot) -> bool:
    return db.session.scalar(select(Signature.id).where(Signature.slot_id == slot.id)) is not None


def needs_of(actor: Actor) -> Sequence[SignatureSlot]:
    """Where the actor is asked to sign, in their own place or today as the deputy of somebody else, and nobody has
    signed or declined, in gatherings that they see; with `slot.pledge.event` loaded."""
    person = person_of(actor)
    if person is None:
        return []
    whole = (joinedload(SignatureSlot.pledge).joinedload(Pledge.event), joinedload(SignatureSlot.person))
    found = db.session.scalars(select_asked_of(actor, person).options(*whole)).all()
    for_others = [slot for slot in found if slot.person_id != person.id]
    shut = set(for_others) - set(_open_to_deputy(for_others, person) if for_others else [])
    return [slot for slot in found if slot not in shut]


def select_asked_of(actor: Actor, person: Person) -> Select[SignatureSlot]:
    """Open signatures of this person, and of whoever named them as deputy; whether they may sign there is asked after."""
    given_to_me = select(Delegation.principal_id).where(
        Delegation.deputy_id == person.id, Delegation.revoked_at.is_(None)
    )
    return (
        select(SignatureSlot)
        .join(Pledge)
        .outerjoin(Signature, Signature.slot_id == SignatureSlot.id)
        .where(
            or_(SignatureSlot.person_id == person.id, SignatureSlot.person_id.in_(given_to_me)),
            SignatureSlot.refused_at.is_(None),
            Signature.id.is_(None),
            Pledge.state == PledgeState.OPEN,
            Pledge.event_id.in_(events.select_visible_ids(actor)),
        )
        .order_by(Pledge.opened_at, SignatureSlot.id)
    )


def _open_to_deputy(slots: Sequence[SignatureSlot], person: Person) -> list[SignatureSlot]:
    """Those in which the delegation counts now and the deputy has no other role (rule 21)."""
    if person.left_on is not None:
        return []
    held, now = delegations.list_of_deputy(person), clock.now()
    other = (
        select(SignatureSlot.pledge_id)
        .outerjoin(Signature, Signature.slot_id == SignatureSlot.id)
        .where(
            SignatureSlot.pledge_id.in_({slot.pledge_id for slot in slots}),
            or_(SignatureSlot.person_id == person.id, Signature.person_id == person.id),
        )
    )
    taken = set(db.session.scalars(other))
    return [
        slot
        for slot in slots
        if slot.pledge_id not in taken
        and any(each.principal_id == slot.person_id and each.counts_in(slot.pledge.event, now) for each in held)
    ]


def list_to_be_signed(now: datetime) -> Sequence[Pledge]:
    """What is open with a last day to sign that is near or past, of gatherings that are no rehearsal."""
    near = (now + NEAR).date()
    found = (
        select(Pledge)
        .join(Pledge.event)
        .where(Pledge.state == PledgeState.OPEN, Pledge.sign_by <= near, Event.is_rehearsal.is_(False))
    )
    return db.session.scalars(whole(found).order_by(Pledge.sign_by, Pledge.id)).all()


def list_old_evidence(now: datetime) -> Sequence[Signature]:
    """Whose evidence was kept as long after the end of the pledge as its template says."""
    limits = db.session.execute(
        select(PledgeTemplate.id, PledgeTemplate.evidence_months).where(PledgeTemplate.evidence_months.is_not(None))
    )
    # What has ended changes no more: its last change is the end.
    over = [
        and_(Pledge.template_id == key, Pledge.changed_at <= months_before(now, months))
        for key, months in limits
        if months
    ]
    if not over:
        return []
    found = (
        select(Signature)
        .join(SignatureSlot, SignatureSlot.id == Signature.slot_id)
        .join(Pledge)
        .where(Signature.salt.is_not(None), Pledge.state.in_(ENDED), or_(*over))
    )
    return db.session.scalars(found.order_by(Signature.id).limit(AT_ONCE)).all()


def months_before(moment: datetime, months: int) -> datetime:
    """The same day so many months earlier, or the last one of a shorter month."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))


def list_due(now: datetime, *conditions: ColumnElement[bool]) -> list[Pledge]:
    """What is in force and whose assessment the day has brought, the earliest first."""
    found = (
        select(Pledge)
        .join(Pledge.event)
        .where(
            Pledge.state == PledgeState.IN_FORCE,
            or_(
                Pledge.deadline <= now.date(),
                and_(Pledge.deadline.is_(None), Pledge.in_force_at <= now - ALMOST_A_YEAR),
            ),
            Event.is_rehearsal.is_(False),
            *conditions,
        )
    )
    brought = {each: deed.assessed_from(each) for each in db.session.scalars(whole(found))}
    due = [(day, each) for each, day in brought.items() if day is not None and day <= each.event.day_at(now)]
    return [each for _day, each in sorted(due, key=lambda pair: (pair[0], pair[1].label))]


def list_to_assess(actor: Actor, now: datetime) -> list[Pledge]:
    """Which pledges wait for this person's verdict, or for their decision about an appeal."""
    seen = Event.id.in_(events.select_visible_ids(actor))
    due = [each for each in list_due(now, seen) if policy.may_assess(actor, each)]
    return [*(each for each in list_appealed(seen) if policy.may_decide_appeal(actor, each)), *due]


def list_appealed(*conditions: ColumnElement[bool]) -> Sequence[Pledge]:
    """Whose verdicts wait for a second look, the oldest appeal first."""
    found = (
        select(Pledge)
        .join(Pledge.event)
        .where(Pledge.state == PledgeState.APPEALED, Event.is_rehearsal.is_(False), *conditions)
    )
    return db.session.scalars(whole(found).order_by(Pledge.appealed_at, Pledge.id)).all()


def list_assessing_people(pledge: Pledge) -> Sequence[Person]:
    accounts = [each.id for each in list_assessors(pledge)]
    return db.session.scalars(select(Person).where(Person.account_id.in_(accounts)).order_by(Person.id)).all()


def list_assessors(pledge: Pledge) -> list[Account]:
    """Who is asked for the verdict: the presiding leaders of the event, else its organizers, else those of all events;
    never whoever gave the word."""
    roles = (Role.PRESIDING_LEADER, Role.ORGANIZER)
    rows = db.session.execute(
        select(Account, RoleGrant.role, RoleGrant.event_id)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(
            RoleGrant.role.in_(roles), or_(RoleGrant.event_id.is_(None), RoleGrant.event_id == pledge.event_id),
            Account.disabled_at.is_(None),
        )
        .order_by(Account.id)
    ).all()  # fmt: skip
    for scope in (pledge.event_id, None):
        for wanted in roles:
            named = [who for who, role, event_id in rows if (role, event_id) == (wanted, scope)]
            able = [each for each in named if not policy.has_given(each, pledge) and each.id != pledge.assessed_by_id]
            if able:
                return list(dict.fromkeys(able))
    return []


def list_of_person(person: Person | None) -> Sequence[Pledge]:
    """Every pledge in which this person has a role, the newest first; drafts are nobody's business yet."""
    if person is None:
        return []
    mine = select(SignatureSlot.pledge_id).where(SignatureSlot.person_id == person.id)
    pledges = select(Pledge).where(Pledge.id.in_(mine), Pledge.opened_at.is_not(None))
    return db.session.scalars(whole(pledges).order_by(Pledge.opened_at.desc(), Pledge.id.desc())).all()


def visible_event_ids(actor: Actor) -> set[int]:
    return set(db.session.scalars(events.select_visible_ids(actor)))


@dataclass(frozen=True)
class Standing:
    """Counts, never a rate and never a rank. Open are those that can still be signed."""

    kept: int = 0
    partly_kept: int = 0
    missed: int = 0
    released: int = 0
    in_force: int = 0
    open: int = 0
    refused: int = 0
    superseded: int = 0

    @property
    def total(self) -> int:
        return self.kept + self.partly_kept + self.missed + self.released + self.in_force + self.open


def standing_of_team(team: Team, actor: Actor) -> Standing:
    """What became of a team's pledges, as far as the actor sees their events and they came into force."""
    return _standing(actor, Pledge.team_id == team.id, Pledge.in_force_at.is_not(None))


def standing_of_person(person: Person, actor: Actor) -> Standing:
    """What became of the pledges that this person gave."""
    given = select(SignatureSlot.pledge_id).where(
        SignatureSlot.person_id == person.id, SignatureSlot.role == SlotRole.PLEDGER
    )
    return _standing(actor, Pledge.id.in_(given))


def standing_of_pledges(pledges: Sequence[Pledge]) -> Standing:
    """The same of pledges that are loaded already."""
    return _counted([(each.state, each.verdict, 1) for each in pledges])


def _standing(actor: Actor, *conditions: ColumnElement[bool]) -> Standing:
    rows = db.session.execute(
        select(Pledge.state, Pledge.verdict, func.count())
        .where(*conditions, Pledge.event_id.in_(events.select_visible_ids(actor)))
        .group_by(Pledge.state, Pledge.verdict)
    )
    return _counted([tuple(row) for row in rows])


def _counted(rows: Sequence[tuple[str, str | None, int]]) -> Standing:
    counts: dict[str, int] = {}
    for state, verdict, number in rows:
        name = verdict if state in (PledgeState.ASSESSED, PledgeState.APPEALED) and verdict else state
        counts[name] = counts.get(name, 0) + number
    names = [*(str(each) for each in PledgeVerdict), "in_force", "open", "refused", "superseded"]
    return Standing(**{name: counts.get(name, 0) for name in names})
