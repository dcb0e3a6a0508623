"""Acts on the charter of a campaign: the tasks of its combat map, and its risk points."""

from typing import Any

from app.campaigns import policy
from app.campaigns.errors import NotPossibleNow
from app.campaigns.models import Campaign, CampaignState, MapTask, RiskPoint
from app.campaigns.services.campaigns import hold
from app.core import audit
from app.core.db import db, edit
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor

# While it is fought the map changes; from the review on it stays as it was fought.
CHARTED = (CampaignState.PROPOSED, CampaignState.ASSESSED, CampaignState.RUNNING)


def add_task(campaign: Campaign, *, actor: Actor, name: str, **values: Any) -> MapTask:
    """Put a task on the combat map. It may have no person yet, and the campaign does not start until it has one."""
    _held(campaign, actor)
    task = MapTask(campaign=campaign, name=name, **values)
    db.session.add(task)
    db.session.flush()
    audit.record(actor, "campaign.task_added", task, campaign=campaign)
    return task


def edit_task(task: MapTask, *, actor: Actor, version: int | None = None, **values: Any) -> MapTask:
    _held(task.campaign, actor)
    db.session.refresh(task)
    changes = edit(task, version=version, **values)
    if changes:
        audit.record(actor, "campaign.task_changed", task, campaign=task.campaign, fields=sorted(changes))
    return task


def remove_task(task: MapTask, *, actor: Actor) -> None:
    _held(task.campaign, actor)
    audit.record(actor, "campaign.task_removed", task, campaign=task.campaign)
    db.session.delete(task)
    db.session.flush()


def add_risk(campaign: Campaign, *, actor: Actor, name: str, **values: Any) -> RiskPoint:
    """Say what may go wrong, what is done then, and who watches it."""
    _held(campaign, actor)
    risk = RiskPoint(campaign=campaign, name=name, **values)
    db.session.add(risk)
    db.session.flush()
    audit.record(actor, "campaign.risk_added", risk, campaign=campaign)
    return risk


def edit_risk(risk: RiskPoint, *, actor: Actor, version: int | None = None, **values: Any) -> RiskPoint:
    _held(risk.campaign, actor)
    db.session.refresh(risk)
    changes = edit(risk, version=version, **values)
    if changes:
        audit.record(actor, "campaign.risk_changed", risk, campaign=risk.campaign, fields=sorted(changes))
    return risk


def remove_risk(risk: RiskPoint, *, actor: Actor) -> None:
    _held(risk.campaign, actor)
    audit.record(actor, "campaign.risk_removed", risk, campaign=risk.campaign)
    db.session.delete(risk)
    db.session.flush()


def _held(campaign: Campaign, actor: Actor) -> None:
    require(policy.may_chart(actor, campaign))
    hold(campaign)
    if campaign.state not in CHARTED:
        raise NotPossibleNow(_("This campaign has been fought. Its map and its risks stay as they were."))
