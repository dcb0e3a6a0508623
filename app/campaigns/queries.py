"""Questions about campaigns. What may be read follows from the event in which a campaign was set."""

from collections.abc import Sequence

from sqlalchemy import Select, and_, func, or_, select, true
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import Account, RoleGrant
from app.campaigns.models import (
    Assessment,
    Campaign,
    CampaignState,
    EventCampaign,
    Finding,
    MapTask,
    Review,
    RiskPoint,
    SupportRequest,
    SupportState,
)
from app.core.db import db
from app.core.roles import Actor, Role, holds
from app.events import queries as events
from app.events.models import Event
from app.people.models import Department, Person, Team, TeamMember
from app.programme.models import Session


def _shown(campaigns: Select[Campaign]) -> Select[Campaign]:
    return campaigns.options(
        joinedload(Campaign.event), joinedload(Campaign.commander), joinedload(Campaign.team)
    ).order_by(Campaign.year.desc(), Campaign.ordinal, Campaign.id)


def list_campaigns(event: Event) -> Sequence[Campaign]:
    """Those that were set in this event."""
    return db.session.scalars(_shown(select(Campaign).where(Campaign.event_id == event.id))).all()


def list_treated(event: Event) -> Sequence[EventCampaign]:
    """Campaigns of other events that a session of this one reviewed or assessed."""
    treated = (
        select(EventCampaign)
        .join(Session)
        .join(Campaign, Campaign.id == EventCampaign.campaign_id)
        .where(Session.event_id == event.id, Campaign.event_id != event.id)
        .options(
            joinedload(EventCampaign.session),
            joinedload(EventCampaign.campaign).joinedload(Campaign.event),
            joinedload(EventCampaign.campaign).joinedload(Campaign.commander),
            joinedload(EventCampaign.campaign).joinedload(Campaign.team),
        )
    )
    return db.session.scalars(treated.order_by(EventCampaign.id)).all()


def list_treated_visible(actor: Actor, event: Event) -> list[EventCampaign]:
    seen = set(db.session.scalars(events.select_visible_ids(actor)))
    return [each for each in list_treated(event) if each.campaign.event_id in seen]


def list_visible(actor: Actor, year: int | None = None) -> Sequence[Campaign]:
    """The campaigns of all events that the actor sees, of one year or of all."""
    campaigns = select(Campaign).where(Campaign.event_id.in_(events.select_visible_ids(actor)))
    if year is not None:
        campaigns = campaigns.where(Campaign.year == year)
    return db.session.scalars(_shown(campaigns)).all()


def count_by_year(actor: Actor) -> list[tuple[int, int]]:
    """The years that have visible campaigns, the newest first, with how many."""
    rows = db.session.execute(
        select(Campaign.year, func.count())
        .where(Campaign.event_id.in_(events.select_visible_ids(actor)))
        .group_by(Campaign.year)
        .order_by(Campaign.year.desc())
    )
    return [(year, number) for year, number in rows]


def find_campaign(event: Event, ref: str) -> Campaign | None:
    """A campaign of this event with its assessments, reviews and findings."""
    found = select(Campaign).where(Campaign.event_id == event.id, Campaign.ref == ref)
    return db.session.scalar(
        found.options(
            joinedload(Campaign.event),
            joinedload(Campaign.commander),
            joinedload(Campaign.deputy),
            joinedload(Campaign.team),
            selectinload(Campaign.tasks).options(joinedload(MapTask.department), joinedload(MapTask.responsible)),
            selectinload(Campaign.risks).joinedload(RiskPoint.owner),
            selectinload(Campaign.assessments).joinedload(Assessment.assessor),
            selectinload(Campaign.assessments).joinedload(Assessment.session),
            selectinload(Campaign.reviews).joinedload(Review.session),
            selectinload(Campaign.reviews).selectinload(Review.findings),
        )
    )


def find_finding(campaign: Campaign, ref: str) -> Finding | None:
    return next((each for review in campaign.reviews for each in review.findings if each.ref == ref), None)


def list_sessions_about(campaign: Campaign) -> Sequence[EventCampaign]:
    """The sessions that reviewed or assessed it, of whichever event."""
    about = select(EventCampaign).where(EventCampaign.campaign_id == campaign.id)
    return db.session.scalars(
        about.options(joinedload(EventCampaign.session).joinedload(Session.event)).order_by(EventCampaign.id)
    ).all()


def list_team(team: Team) -> Sequence[TeamMember]:
    members = select(TeamMember).join(Person).where(TeamMember.team_id == team.id)
    return db.session.scalars(members.options(joinedload(TeamMember.person)).order_by(Person.name)).all()


def is_in_team(person: Person, campaign: Campaign) -> bool:
    """Whether the person commands the campaign or belongs to its team."""
    if person.id in (campaign.commander_id, campaign.deputy_id):
        return True
    member = select(TeamMember.id).where(TeamMember.person_id == person.id, TeamMember.team_id == campaign.team_id)
    return campaign.team_id is not None and db.session.scalar(member) is not None


def is_chartered(campaign: Campaign) -> bool:
    """Whether it is ready to be fought, or being fought: assessed, with an objective, one who commands, and an owner for
    each task on its map."""
    if campaign.state in (CampaignState.RUNNING, CampaignState.IN_REVIEW):
        return True
    return (
        campaign.state == CampaignState.ASSESSED
        and campaign.commander_id is not None
        and bool(campaign.objective or campaign.objective_local)
        and all(each.responsible_id is not None for each in campaign.tasks)
    )


def is_place_taken(event: Event, year: int, ordinal: int, besides: Campaign | None = None) -> bool:
    other = select(Campaign.id).where(Campaign.event_id == event.id, Campaign.year == year, Campaign.ordinal == ordinal)
    if besides is not None:
        other = other.where(Campaign.id != besides.id)
    return db.session.scalar(other.limit(1)) is not None


def next_ordinal(event: Event, year: int) -> int:
    last = select(func.max(Campaign.ordinal)).where(Campaign.event_id == event.id, Campaign.year == year)
    return (db.session.scalar(last) or 0) + 1


def list_of_person(actor: Actor, person: Person) -> Sequence[Campaign]:
    """Visible campaigns that the person commands, or whose team they belong to."""
    teams = select(TeamMember.team_id).where(TeamMember.person_id == person.id)
    mine = select(Campaign).where(
        or_(Campaign.commander_id == person.id, Campaign.team_id.in_(teams)),
        Campaign.event_id.in_(events.select_visible_ids(actor)),
    )
    return db.session.scalars(_shown(mine)).all()


def find_task(campaign: Campaign, ref: str) -> MapTask | None:
    return next((each for each in campaign.tasks if each.ref == ref), None)


def find_risk(campaign: Campaign, ref: str) -> RiskPoint | None:
    return next((each for each in campaign.risks if each.ref == ref), None)


# --- support ------------------------------------------------------------------------------------------------------


def _whole(requests: Select[SupportRequest]) -> Select[SupportRequest]:
    return requests.options(
        joinedload(SupportRequest.campaign).options(joinedload(Campaign.event), joinedload(Campaign.commander)),
        joinedload(SupportRequest.to_department).joinedload(Department.head),
        joinedload(SupportRequest.asked_by),
    ).order_by(SupportRequest.needed_by, SupportRequest.id)


def list_support(campaign: Campaign) -> Sequence[SupportRequest]:
    """What the campaign asked for, by the day on which it is needed."""
    return db.session.scalars(_whole(select(SupportRequest).where(SupportRequest.campaign_id == campaign.id))).all()


def find_support(campaign: Campaign, ref: str) -> SupportRequest | None:
    mine = select(SupportRequest).where(SupportRequest.campaign_id == campaign.id, SupportRequest.ref == ref)
    return db.session.scalar(_whole(mine))


def list_support_waiting(actor: Actor, person: Person) -> Sequence[SupportRequest]:
    """What waits for this person: an answer or a delivery of the department that they head, a delivery to confirm, a refusal
    to decide. Only of gatherings that they see."""
    heads = Department.head_id == person.id
    leads = select(RoleGrant.event_id).where(RoleGrant.account_id == actor.id, RoleGrant.role == Role.PRESIDING_LEADER)
    theirs = or_(
        and_(SupportRequest.state.in_((SupportState.ASKED, SupportState.ACKNOWLEDGED)), heads),
        and_(
            SupportRequest.state == SupportState.DELIVERED,
            or_(Campaign.commander_id == person.id, Campaign.deputy_id == person.id),
        ),
        and_(
            SupportRequest.state == SupportState.REFUSED,
            true() if holds(actor, Role.PRESIDING_LEADER) else Campaign.event_id.in_(leads),
        ),
    )
    waiting = (
        select(SupportRequest)
        .join(Campaign, Campaign.id == SupportRequest.campaign_id)
        .join(Event, Event.id == Campaign.event_id)
        .join(Department, Department.id == SupportRequest.to_department_id)
        .where(theirs, events.visible(actor))
    )
    return db.session.scalars(_whole(waiting)).all()


def list_leaders(event: Event) -> Sequence[Person]:
    """Those who preside over this event: named for it, else over all."""
    holders = (
        select(Person, RoleGrant.event_id)
        .join(Account, Account.id == Person.account_id)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(
            RoleGrant.role == Role.PRESIDING_LEADER,
            or_(RoleGrant.event_id == event.id, RoleGrant.event_id.is_(None)),
            Account.disabled_at.is_(None), Person.left_on.is_(None),
        )
        .order_by(Person.id)
    )  # fmt: skip
    rows = db.session.execute(holders).all()
    named = [person for person, scope in rows if scope is not None]
    return named or [person for person, _scope in rows]
