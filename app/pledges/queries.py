"""Questions about pledges. Every read begins with what this person may see."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.campaigns.models import Campaign
from app.core.db import db
from app.core.roles import Actor
from app.events import queries as events
from app.events.models import Event
from app.people.models import Person, Team
from app.pledges import policy
from app.pledges.models import (
    Pledge,
    PledgeRound,
    PledgeState,
    PledgeVerdict,
    Signature,
    SignatureSlot,
    SlotRole,
)


def visible(actor: Actor, event: Event) -> ColumnElement[bool]:
    """`policy.may_see` as a condition."""
    if policy.sees_all(actor, event):
        return Pledge.id.is_not(None)
    return or_(Pledge.in_force_at.is_not(None), and_(Pledge.opened_at.is_not(None), _names(actor)))


def _names(actor: Actor) -> ColumnElement[bool]:
    mine = select(SignatureSlot.pledge_id).join(Person).where(Person.account_id == actor.id)
    return Pledge.id.in_(mine)


def _whole(pledges: Select[Pledge]) -> Select[Pledge]:
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
    return db.session.scalars(_whole(pledges).order_by(Pledge.round_id, Pledge.label)).all()


def find_visible(actor: Actor, event: Event, ref: str) -> Pledge | None:
    found = select(Pledge).where(Pledge.event_id == event.id, Pledge.ref == ref, visible(actor, event))
    return db.session.scalar(_whole(found).options(joinedload(Pledge.document), joinedload(Pledge.replaces)))


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


def needs_of(person: Person | None) -> Sequence[SignatureSlot]:
    """Where this person is asked to sign and has neither signed nor declined, with `slot.pledge.event` loaded."""
    if person is None:
        return []
    asked = (
        select(SignatureSlot)
        .join(Pledge)
        .outerjoin(Signature, Signature.slot_id == SignatureSlot.id)
        .where(
            SignatureSlot.person_id == person.id,
            SignatureSlot.refused_at.is_(None),
            Signature.id.is_(None),
            Pledge.state == PledgeState.OPEN,
        )
        .options(joinedload(SignatureSlot.pledge).joinedload(Pledge.event))
    )
    return db.session.scalars(asked.order_by(Pledge.opened_at, SignatureSlot.id)).all()


def list_of_person(person: Person | None) -> Sequence[Pledge]:
    """Every pledge in which this person has a role, the newest first; drafts are nobody's business yet."""
    if person is None:
        return []
    mine = select(SignatureSlot.pledge_id).where(SignatureSlot.person_id == person.id)
    pledges = select(Pledge).where(Pledge.id.in_(mine), Pledge.opened_at.is_not(None))
    return db.session.scalars(_whole(pledges).order_by(Pledge.opened_at.desc(), Pledge.id.desc())).all()


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
        name = verdict if state == PledgeState.ASSESSED and verdict else state
        counts[name] = counts.get(name, 0) + number
    names = [*(str(each) for each in PledgeVerdict), "in_force", "open"]
    return Standing(**{name: counts.get(name, 0) for name in names})
