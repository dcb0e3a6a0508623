"""Questions about tallies. Before its conferral one is seen by those who prepare it; afterwards by all who see the event."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import RoleGrant
from app.campaigns.models import Campaign, CampaignState
from app.core.db import db
from app.core.roles import Actor, Role, holds
from app.events import queries as events
from app.events.models import Event
from app.people.models import Person
from app.signing.models import IssuedDocument
from app.tallies import policy
from app.tallies.models import LIVE_STATES, Tally, TallyHalf, TallyState

PREPARING = (Role.ORGANIZER, Role.SECRETARY, Role.PRESIDING_LEADER)


def visible(actor: Actor, event: Event) -> ColumnElement[bool]:
    return true() if policy.sees_cast(actor, event) else Tally.conferred_at.is_not(None)


def visible_anywhere(actor: Actor) -> ColumnElement[bool]:
    """The same over all events at once."""
    conferred = Tally.conferred_at.is_not(None)
    if holds(actor, Role.AUDITOR, *PREPARING):
        own: ColumnElement[bool] = true()
    elif actor.id is None:
        own = false()
    else:
        given = select(RoleGrant.event_id).where(RoleGrant.account_id == actor.id, RoleGrant.role.in_(PREPARING))
        own = Tally.event_id.in_(given)
    return and_(Tally.event_id.in_(events.select_visible_ids(actor)), or_(conferred, own))


def _whole(tallies: Select[Tally]) -> Select[Tally]:
    return tallies.options(
        joinedload(Tally.event),
        joinedload(Tally.campaign).joinedload(Campaign.commander),
        joinedload(Tally.campaign).joinedload(Campaign.event),
        joinedload(Tally.recast_of),
        selectinload(Tally.halves).joinedload(TallyHalf.holder),
    )


def list_visible(
    actor: Actor, event: Event, *, ceremony: Any = None, campaign: Campaign | None = None, words: str = ""
) -> Sequence[Tally]:
    """The tallies of an event, or of one of its ceremonies or campaigns, by number."""
    found = select(Tally).where(Tally.event_id == event.id, visible(actor, event))
    if ceremony is not None:
        found = found.where(Tally.ceremony_id == ceremony.id)
    if campaign is not None:
        found = found.where(Tally.campaign_id == campaign.id)
    return _listed(found, words, "")


def list_anywhere(actor: Actor, *, words: str = "", state: str = "") -> Sequence[Tally]:
    """The register of holders over all events that the actor sees."""
    return _listed(select(Tally).where(visible_anywhere(actor)), words, state)


def _listed(found: Select[Tally], words: str, state: str) -> Sequence[Tally]:
    for word in words.split()[:8]:
        holder = select(TallyHalf.tally_id).join(Person, Person.id == TallyHalf.holder_id)
        campaign = select(Campaign.id).where(_has(word, Campaign.name, Campaign.name_local))
        found = found.where(
            or_(
                _has(word, Tally.label, Tally.inscription, Tally.inscription_local),
                Tally.campaign_id.in_(campaign),
                Tally.id.in_(holder.where(_has(word, Person.name, Person.name_local))),
            )
        )
    if state:
        found = found.where(Tally.state == state)
    return db.session.scalars(_whole(found).order_by(Tally.label.desc(), Tally.id)).all()


def _has(word: str, *columns: Any) -> ColumnElement[bool]:
    return or_(*(each.icontains(word, autoescape=True) for each in columns))


def find_visible(actor: Actor, event: Event, ref: str) -> Tally | None:
    found = select(Tally).where(Tally.event_id == event.id, Tally.ref == ref, visible(actor, event))
    return db.session.scalar(_whole(found))


def find_half(ref: str) -> TallyHalf | None:
    half = select(TallyHalf).where(TallyHalf.ref == ref).options(joinedload(TallyHalf.tally).joinedload(Tally.event))
    return db.session.scalar(half)


def half_of(tally: Tally, side: str) -> TallyHalf | None:
    return next((each for each in tally.halves if each.side == side), None)


def find_live(campaign: Campaign) -> Tally | None:
    """The tally of a campaign that has not ended: cast, conferred, active or suspended."""
    own = select(Tally).where(Tally.campaign_id == campaign.id, Tally.state.in_(LIVE_STATES))
    return db.session.scalar(own.order_by(Tally.id.desc()).limit(1))


def has_authority(campaign: Campaign) -> bool:
    """Whether a tally was conferred for it and was not suspended since: what a campaign that needs one waits for."""
    own = select(Tally.id).where(
        Tally.campaign_id == campaign.id, Tally.state.in_((TallyState.CONFERRED, TallyState.ACTIVE))
    )
    return db.session.scalar(own.limit(1)) is not None


def find_recast(tally: Tally) -> Tally | None:
    """The one that was cast instead of this broken one."""
    return db.session.scalar(select(Tally).where(Tally.recast_of_id == tally.id).limit(1))


def newest_number(year: int) -> int:
    """The highest number of the year."""
    like = f"HF-{year}-"
    labels = db.session.scalars(select(Tally.label).where(Tally.label.startswith(like, autoescape=True)))
    return max((int(each.removeprefix(like)) for each in labels), default=0)


def list_to_settle(today: date) -> Sequence[Tally]:
    """Those for which the day may have come: to begin, or to end with their campaign or their last day. A day either way
    for the zones; the act itself looks at the calendar of the place."""
    found = (
        select(Tally)
        .join(Campaign, Campaign.id == Tally.campaign_id)
        .where(
            or_(
                and_(
                    Tally.state.in_(LIVE_STATES),
                    or_(Campaign.state == CampaignState.CONCLUDED, Tally.valid_to <= today),
                ),
                and_(
                    Tally.state == TallyState.CONFERRED,
                    Tally.valid_from <= today + timedelta(days=1),
                    Campaign.state != CampaignState.PROPOSED,
                ),
            )
        )
        .order_by(Tally.id)
    )
    return db.session.scalars(_whole(found)).all()


def list_owed_by(person: Person) -> Sequence[TallyHalf]:
    owed = select_owed_by(person).options(joinedload(TallyHalf.tally).joinedload(Tally.event))
    return db.session.scalars(owed.order_by(TallyHalf.id)).all()


def select_owed_by(person: Person) -> Select[TallyHalf]:
    """Halves that this person still has of tallies that have ended: they are to be given back. A returned one's right half
    may stay where it is."""
    return (
        select(TallyHalf)
        .join(Tally, Tally.id == TallyHalf.tally_id)
        .where(TallyHalf.holder_id == person.id, Tally.state.in_((TallyState.RETIRED, TallyState.BROKEN)))
    )


def find_document(tally: Tally) -> IssuedDocument | None:
    """Its certificate; the newest edition."""
    own = select(IssuedDocument).where(IssuedDocument.kind == "tally", IssuedDocument.subject_ref == tally.ref)
    return db.session.scalar(own.order_by(IssuedDocument.id.desc()).limit(1))
