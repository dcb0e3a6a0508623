"""What the campaigns contribute to the numbers: how ready they are, and whether support came in time."""

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import selectinload

from app.campaigns.models import Assessment, Campaign, CampaignState, SupportRequest, SupportState
from app.core.db import db
from app.events.models import Event
from app.figures.numbers import Charter, Check, Gathering, Support
from app.figures.queries import day_of
from app.people.models import Department

BEFORE_THE_END = (CampaignState.PROPOSED, CampaignState.ASSESSED, CampaignState.RUNNING)
HEARD = (SupportState.ASKED, SupportState.ACKNOWLEDGED, SupportState.DELIVERED, SupportState.CONFIRMED)
SCORES = ("clarity", "resources", "map", "risk", "team")


def passed_by(campaign: Campaign, *, has_support: bool) -> frozenset[Check]:
    """The charter checks that what is recorded of a campaign passes.

    An assessment counts when all five dimensions have a score by somebody. A map without a task owns nothing, so it
    passes none of the three checks about it. Backstage departments are named by what they were asked for.
    """
    tasks, risks = campaign.tasks, campaign.risks
    told = {
        Check.OBJECTIVE: bool(campaign.objective or campaign.objective_local),
        Check.MEASURE: all((campaign.metric, campaign.baseline, campaign.target)),
        Check.COMMANDER: campaign.commander_id is not None,
        Check.DEPUTY: campaign.deputy_id is not None,
        Check.DAYS: campaign.starts_on is not None and campaign.ends_on is not None,
        Check.ASSESSED: any(_is_whole(each) for each in campaign.assessments),
        Check.MAP: bool(tasks),
        Check.OWNED: bool(tasks) and all(each.responsible_id is not None for each in tasks),
        Check.WHOLE: bool(tasks) and all(each.is_whole for each in tasks),
        Check.RISKS: bool(risks) and all(each.owner_id is not None for each in risks),
        Check.SUPPORT: has_support,
    }
    return frozenset(check for check, passes in told.items() if passes)


def _is_whole(assessment: Assessment) -> bool:
    return assessment.assessor_id is not None and all(getattr(assessment, name) is not None for name in SCORES)


def list_charters(within: ColumnElement[bool], gatherings: dict[int, Gathering]) -> list[Charter]:
    """Every campaign of these events that is before its review, by year and number; what only a document tells of is not
    judged by what the document leaves out."""
    asked = exists().where(and_(SupportRequest.campaign_id == Campaign.id, SupportRequest.state.in_(HEARD)))
    campaigns = (
        select(Campaign, asked.label("has_support"))
        .join(Event, Event.id == Campaign.event_id)
        .where(within, Campaign.state.in_(BEFORE_THE_END), Event.source_id.is_(None))
        .options(
            selectinload(Campaign.tasks), selectinload(Campaign.risks), selectinload(Campaign.assessments)
        )
        .order_by(Campaign.year.desc(), Campaign.ordinal, Campaign.id)
    )  # fmt: skip
    return [
        Charter(each.ref, each.display_name, gatherings[each.event_id], passed_by(each, has_support=bool(has_support)))
        for each, has_support in db.session.execute(campaigns)
    ]


def list_support(within: ColumnElement[bool], gatherings: dict[int, Gathering]) -> list[Support]:
    """What was asked of departments, by the day on which it is needed."""
    rows = db.session.execute(
        select(
            SupportRequest.ref, Campaign.ref.label("campaign_ref"), Campaign.event_id, SupportRequest.what,
            SupportRequest.state, SupportRequest.needed_by, SupportRequest.delivered_at, SupportRequest.ended_at,
            Department.name, Department.name_local,
        )
        .join(Campaign, Campaign.id == SupportRequest.campaign_id)
        .join(Event, Event.id == Campaign.event_id)
        .join(Department, Department.id == SupportRequest.to_department_id)
        .where(within)
        .order_by(SupportRequest.needed_by, SupportRequest.id)
    )  # fmt: skip
    return [
        Support(
            ref=row.ref,
            campaign_ref=row.campaign_ref,
            what=row.what,
            event=(event := gatherings[row.event_id]),
            department=row.name,
            department_local=row.name_local,
            state=row.state,
            needed_by=row.needed_by,
            delivered_on=day_of(row.delivered_at, event) if row.delivered_at else None,
            ended_on=day_of(row.ended_at, event) if row.ended_at else None,
        )
        for row in rows
    ]
