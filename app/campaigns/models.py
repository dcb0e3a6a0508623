"""Campaigns: a strategic effort with a commander, an objective, an assessment before and a review after."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Kept, Model
from app.core.i18n import _, _l, _lp, in_language
from app.events.models import Event
from app.people.models import Department, Person, Team
from app.programme.models import Session


class Outcome(StrEnum):
    WON = "won"
    PARTLY_WON = "partly_won"
    LOST = "lost"
    CALLED_OFF = "called_off"


OUTCOME_LABELS = {
    Outcome.WON: _l("Won"),
    Outcome.PARTLY_WON: _l("Partly won"),
    Outcome.LOST: _l("Lost"),
    Outcome.CALLED_OFF: _l("Called off"),
}


class CampaignState(StrEnum):
    PROPOSED = "proposed"
    ASSESSED = "assessed"
    RUNNING = "running"
    IN_REVIEW = "in_review"
    CONCLUDED = "concluded"


CAMPAIGN_STATE_LABELS = {
    CampaignState.PROPOSED: _lp("campaign", "Proposed"),
    CampaignState.ASSESSED: _l("Assessed"),
    CampaignState.RUNNING: _lp("campaign", "Running"),
    CampaignState.IN_REVIEW: _l("In review"),
    CampaignState.CONCLUDED: _l("Concluded"),
}


class Campaign(Edited, Model):
    """Without a name it is shown as "2022 tough battle 3 of 7" until somebody names it; its links stay."""

    __tablename__ = "campaign"
    __table_args__ = (Index(None, "year", "ordinal"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)  # where it was set
    year: Mapped[int]
    ordinal: Mapped[int]
    of_total: Mapped[int | None]
    name: Mapped[str | None] = mapped_column(String(200))
    name_local: Mapped[str | None] = mapped_column(String(200))
    objective: Mapped[str | None]
    objective_local: Mapped[str | None]
    metric: Mapped[str | None] = mapped_column(String(120))  # what is counted, and from which figure to which
    baseline: Mapped[str | None] = mapped_column(String(60))
    target: Mapped[str | None] = mapped_column(String(60))
    commander_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(10), default=CampaignState.PROPOSED)
    outcome: Mapped[str | None] = mapped_column(String(12))
    needs_tally: Mapped[bool] = mapped_column(default=False)  # it starts when its tally is conferred

    event: Mapped[Event] = relationship()
    commander: Mapped[Person | None] = relationship(foreign_keys=[commander_id])
    deputy: Mapped[Person | None] = relationship(foreign_keys=[deputy_id])
    team: Mapped[Team | None] = relationship()
    assessments: Mapped[list["Assessment"]] = relationship(back_populates="campaign", order_by="Assessment.id")
    reviews: Mapped[list["Review"]] = relationship(back_populates="campaign", order_by="Review.id")
    tasks: Mapped[list["MapTask"]] = relationship(
        back_populates="campaign", order_by="MapTask.due_on, MapTask.id", cascade="all, delete-orphan"
    )
    risks: Mapped[list["RiskPoint"]] = relationship(
        back_populates="campaign", order_by="RiskPoint.id", cascade="all, delete-orphan"
    )

    @property
    def label(self) -> str:
        return self.name or f"{self.year} / {self.ordinal}"

    @property
    def display_name(self) -> str:
        if self.name or self.name_local:
            return in_language(self.name_local, self.name)
        if self.of_total:
            return _(
                "%(year)s tough battle %(n)s of %(total)s, not named",
                year=self.year,
                n=self.ordinal,
                total=self.of_total,
            )
        return _("%(year)s tough battle %(n)s, not named", year=self.year, n=self.ordinal)


class Assessment(Kept, Model):
    """A judgement before the campaign starts (ex ante); its scores are 1–5 and may be unknown."""

    __tablename__ = "assessment"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id", ondelete="SET NULL"))
    assessor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    clarity: Mapped[int | None]
    resources: Mapped[int | None]
    map: Mapped[int | None]
    risk: Mapped[int | None]
    team: Mapped[int | None]
    verdict: Mapped[str | None]
    verdict_local: Mapped[str | None]

    campaign: Mapped[Campaign] = relationship(back_populates="assessments")
    session: Mapped[Session | None] = relationship()
    assessor: Mapped[Person | None] = relationship()

    @property
    def event(self) -> Event:
        return self.campaign.event

    @property
    def label(self) -> str:
        return self.campaign.label

    @property
    def display_verdict(self) -> str:
        return in_language(self.verdict_local, self.verdict)


class Review(Edited, Model):
    """What was intended, what came of it, and why (ex post)."""

    __tablename__ = "campaign_review"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id", ondelete="SET NULL"))
    intended: Mapped[str | None]
    intended_local: Mapped[str | None]
    actual: Mapped[str | None]
    actual_local: Mapped[str | None]
    company_view: Mapped[str | None]
    company_view_local: Mapped[str | None]
    no_cause_because: Mapped[str | None]  # why no cause of failure was found (rule 17)
    no_success_because: Mapped[str | None]
    concluded_at: Mapped[datetime | None]

    campaign: Mapped[Campaign] = relationship(back_populates="reviews")
    session: Mapped[Session | None] = relationship()
    findings: Mapped[list["Finding"]] = relationship(
        back_populates="review", order_by="Finding.id", cascade="all, delete-orphan"
    )

    @property
    def event(self) -> Event:
        return self.campaign.event

    @property
    def label(self) -> str:
        return self.campaign.label


class Finding(Kept, Model):
    __tablename__ = "finding"
    __table_args__ = (CheckConstraint("kind IN ('cause_of_failure', 'experience_of_success')", name="kind"),)

    review_id: Mapped[int] = mapped_column(ForeignKey("campaign_review.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(24))
    text: Mapped[str]
    text_local: Mapped[str | None]

    review: Mapped[Review] = relationship(back_populates="findings")

    @property
    def display_text(self) -> str:
        return in_language(self.text_local, self.text)


class EventCampaign(Kept, Model):
    """That a session reviewed or assessed a campaign which was set at another event."""

    __tablename__ = "session_campaign"

    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), index=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(10))  # reviewed, assessed

    session: Mapped[Session] = relationship()
    campaign: Mapped[Campaign] = relationship()


class MapTask(Edited, Model):
    """A task on the combat map. Without a person it is not owned by anybody, and the campaign does not start (rule 14)."""

    __tablename__ = "map_task"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    phase: Mapped[str | None] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(200))
    deliverable: Mapped[str | None]
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    responsible_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    due_on: Mapped[date | None]

    campaign: Mapped[Campaign] = relationship(back_populates="tasks")
    department: Mapped[Department | None] = relationship()
    responsible: Mapped[Person | None] = relationship()

    @property
    def event(self) -> Event:
        return self.campaign.event

    @property
    def label(self) -> str:
        return self.name

    @property
    def is_whole(self) -> bool:
        """Department, person, day and deliverable are said (rule 15)."""
        return None not in (self.department_id, self.responsible_id, self.due_on) and bool(self.deliverable)


class RiskPoint(Edited, Model):
    """What may go wrong, what is done when it does, and who watches it."""

    __tablename__ = "risk_point"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    response: Mapped[str | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    campaign: Mapped[Campaign] = relationship(back_populates="risks")
    owner: Mapped[Person | None] = relationship()

    @property
    def event(self) -> Event:
        return self.campaign.event

    @property
    def label(self) -> str:
        return self.name


class SupportState(StrEnum):
    ASKED = "asked"
    ACKNOWLEDGED = "acknowledged"
    DELIVERED = "delivered"
    CONFIRMED = "confirmed"
    REFUSED = "refused"  # waits for the leader: a refusal is never the end
    WITHDRAWN = "withdrawn"  # by whoever asked, or the leader let the refusal stand


SUPPORT_STATE_LABELS = {
    SupportState.ASKED: _lp("support", "Waits for an answer"),
    SupportState.ACKNOWLEDGED: _lp("support", "Promised"),
    SupportState.DELIVERED: _lp("support", "Delivered"),
    SupportState.CONFIRMED: _lp("support", "Delivery confirmed"),
    SupportState.REFUSED: _lp("support", "Refused, the leader decides"),
    SupportState.WITHDRAWN: _lp("support", "Not needed any more"),
}


class SupportPriority(StrEnum):
    NORMAL = "normal"
    URGENT = "urgent"


SUPPORT_PRIORITY_LABELS = {
    SupportPriority.NORMAL: _lp("support", "Normal"),
    SupportPriority.URGENT: _lp("support", "Urgent"),
}


class SupportRequest(Edited, Model):
    """What those who fight a campaign need from a department behind them, and by when. `needed_by` does not change: who
    needs it on another day takes it back and asks anew."""

    __tablename__ = "support_request"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    to_department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    asked_by_name: Mapped[str] = mapped_column(String(200))
    what: Mapped[str]
    needed_by: Mapped[date] = mapped_column(index=True)
    priority: Mapped[str] = mapped_column(String(10), default=SupportPriority.NORMAL)
    state: Mapped[str] = mapped_column(String(12), default=SupportState.ASKED, index=True)
    acknowledged_at: Mapped[datetime | None]
    committed_for: Mapped[date | None]  # the day that the department named
    delivered_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    confirmed_by_name: Mapped[str | None] = mapped_column(String(200))
    refusal: Mapped[str | None]
    escalated_at: Mapped[datetime | None]  # to the presiding leader, with the refusal
    ended_at: Mapped[datetime | None]  # taken back, or the refusal stands: after the day it counts as not delivered
    decision: Mapped[str | None]  # of the leader, about the newest refusal
    decided_at: Mapped[datetime | None]
    decided_by_name: Mapped[str | None] = mapped_column(String(200))

    campaign: Mapped[Campaign] = relationship()
    to_department: Mapped[Department] = relationship()
    asked_by: Mapped[Person | None] = relationship()

    @property
    def event(self) -> Event:
        return self.campaign.event

    @property
    def label(self) -> str:
        return f"{self.campaign.label}: {self.to_department.name}"

    @property
    def is_open(self) -> bool:
        """Not delivered, and still needed."""
        return self.state in (SupportState.ASKED, SupportState.ACKNOWLEDGED, SupportState.REFUSED)

    def is_overdue_on(self, day: date) -> bool:
        return self.is_open and self.needed_by < day
