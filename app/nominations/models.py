"""Nominations: categories with criteria, who is proposed and why, jurors with their scores and recusals."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Kept, Model
from app.core.i18n import _l, _lp, in_language
from app.events.models import Event
from app.files.models import StoredFile
from app.people.models import Person, Team


class NomineeKind(StrEnum):
    PERSON = "person"
    TEAM = "team"
    OUTSIDE = "outside"
    ANY = "any"


NOMINEE_KIND_LABELS = {
    NomineeKind.PERSON: _lp("nominee", "A person"),
    NomineeKind.TEAM: _lp("nominee", "A team"),
    NomineeKind.OUTSIDE: _lp("nominee", "Somebody outside the company"),
    NomineeKind.ANY: _lp("nominee", "Anybody"),
}


class NominationState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    ELIGIBLE = "eligible"
    INELIGIBLE = "ineligible"
    SHORTLISTED = "shortlisted"
    SCORED = "scored"
    WON = "won"
    NOT_WON = "not_won"


NOMINATION_STATE_LABELS = {
    NominationState.DRAFT: _lp("nomination", "Draft"),
    NominationState.SUBMITTED: _lp("nomination", "Submitted"),
    NominationState.ELIGIBLE: _lp("nomination", "Eligible"),
    NominationState.INELIGIBLE: _lp("nomination", "Not eligible"),
    NominationState.SHORTLISTED: _lp("nomination", "Shortlisted"),
    NominationState.SCORED: _lp("nomination", "Scored"),
    NominationState.WON: _lp("nomination", "Won"),
    NominationState.NOT_WON: _lp("nomination", "Not won"),
}


# What the jury sees. Outside the office the last three are told as shortlisted until the award is conferred.
JUDGED = (NominationState.SHORTLISTED, NominationState.SCORED, NominationState.WON, NominationState.NOT_WON)
TO_SCORE = (NominationState.SHORTLISTED, NominationState.SCORED)


class Conflict(StrEnum):
    """Why a juror keeps out of a nomination without being asked (rule 32)."""

    PROPOSED = "proposed"
    ONESELF = "oneself"
    OWN_TEAM = "own_team"
    DEPARTMENT = "department"
    LINE = "line"


CONFLICT_LABELS = {
    Conflict.PROPOSED: _l("you proposed it"),
    Conflict.ONESELF: _l("you are the nominee"),
    Conflict.OWN_TEAM: _l("you belong to the nominated team"),
    Conflict.DEPARTMENT: _l("you work in the same department"),
    Conflict.LINE: _l("you lead the nominee, or are led by them"),
}


class Category(Edited, Model):
    """What is awarded, to whom, by which criteria. `winners_most` awards at most; `quorum` unconflicted jurors decide."""

    __tablename__ = "award_category"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=1)
    title: Mapped[str] = mapped_column(String(200))
    title_local: Mapped[str | None] = mapped_column(String(200))
    nominee: Mapped[str] = mapped_column(String(8), default=NomineeKind.ANY)
    criteria: Mapped[str | None]
    criteria_local: Mapped[str | None]
    eligibility: Mapped[str | None]
    eligibility_local: Mapped[str | None]
    winners_most: Mapped[int] = mapped_column(default=1)
    quorum: Mapped[int] = mapped_column(default=1)
    opens_on: Mapped[date | None]
    closes_on: Mapped[date | None]
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]  # why otherwise than by the scores; told to nobody before the conferral
    revealed_at: Mapped[datetime | None]  # when its last award was conferred: what was decided may be told

    event: Mapped[Event] = relationship()
    nominations: Mapped[list["Nomination"]] = relationship(back_populates="category", order_by="Nomination.id")
    jurors: Mapped[list["Juror"]] = relationship(
        back_populates="category", order_by="Juror.id", cascade="all, delete-orphan"
    )

    @property
    def label(self) -> str:
        return self.title

    @property
    def display_title(self) -> str:
        return in_language(self.title_local, self.title)

    @property
    def display_criteria(self) -> str:
        return in_language(self.criteria_local, self.criteria)

    @property
    def display_eligibility(self) -> str:
        return in_language(self.eligibility_local, self.eligibility)

    def is_open_on(self, day: date) -> bool:
        """Whether proposals are taken that day."""
        begun = self.opens_on is None or self.opens_on <= day
        return begun and (self.closes_on is None or day <= self.closes_on) and self.decided_at is None

    def takes(self, nominee: NomineeKind | str) -> bool:
        return self.nominee in (NomineeKind.ANY, nominee)


class Nomination(Edited, Model):
    """One proposal: exactly one of a person, a team, or a name from outside."""

    __tablename__ = "nomination"
    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN person_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN team_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN outside_name IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_nominee",
        ),
    )

    category_id: Mapped[int] = mapped_column(ForeignKey("award_category.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    outside_name: Mapped[str | None] = mapped_column(String(200))
    outside_name_local: Mapped[str | None] = mapped_column(String(200))
    outside_organization: Mapped[str | None] = mapped_column(String(200))
    reason: Mapped[str]
    state: Mapped[str] = mapped_column(String(12), default=NominationState.DRAFT)
    state_reason: Mapped[str | None]  # why not eligible
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    submitted_at: Mapped[datetime | None]

    category: Mapped[Category] = relationship(back_populates="nominations")
    person: Mapped[Person | None] = relationship()
    team: Mapped[Team | None] = relationship()
    evidence: Mapped[list["NominationEvidence"]] = relationship(
        back_populates="nomination", order_by="NominationEvidence.id", cascade="all, delete-orphan"
    )
    scores: Mapped[list["JurorScore"]] = relationship(
        back_populates="nomination", order_by="JurorScore.id", cascade="all, delete-orphan"
    )

    @property
    def event(self) -> Event:
        return self.category.event

    @property
    def label(self) -> str:
        return self.category.title

    @property
    def display_name(self) -> str:
        inside = self.person or self.team
        return inside.display_name if inside else in_language(self.outside_name_local, self.outside_name)

    @property
    def nominee(self) -> NomineeKind:
        if self.person_id is not None or self.person is not None:
            return NomineeKind.PERSON
        inside = self.team_id is not None or self.team is not None
        return NomineeKind.TEAM if inside else NomineeKind.OUTSIDE

    @property
    def is_judged(self) -> bool:
        """Whether the jury sees it."""
        return self.state in JUDGED


class NominationEvidence(Kept, Model):
    """What speaks for a nominee: a file, a link or a few words."""

    __tablename__ = "nomination_evidence"

    nomination_id: Mapped[int] = mapped_column(ForeignKey("nomination.id", ondelete="CASCADE"), index=True)
    words: Mapped[str]
    url: Mapped[str | None] = mapped_column(String(2000))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))

    nomination: Mapped[Nomination] = relationship(back_populates="evidence")
    file: Mapped[StoredFile | None] = relationship()

    @property
    def event(self) -> Event:
        return self.nomination.event

    @property
    def label(self) -> str:
        return self.words


class Juror(Kept, Model):
    __tablename__ = "juror"
    __table_args__ = (UniqueConstraint("category_id", "person_id"),)

    category_id: Mapped[int] = mapped_column(ForeignKey("award_category.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)

    category: Mapped[Category] = relationship(back_populates="jurors")
    person: Mapped[Person] = relationship()

    @property
    def event(self) -> Event:
        return self.category.event

    @property
    def label(self) -> str:
        return self.person.name


class Recusal(Kept, Model):
    """A juror who keeps out of one nomination, by themselves or because they proposed it or stand near (rule 32)."""

    __tablename__ = "recusal"
    __table_args__ = (UniqueConstraint("juror_id", "nomination_id"),)

    juror_id: Mapped[int] = mapped_column(ForeignKey("juror.id", ondelete="CASCADE"))
    nomination_id: Mapped[int] = mapped_column(ForeignKey("nomination.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str]  # in the juror's own words; a Conflict when it is automatic
    is_automatic: Mapped[bool] = mapped_column(default=False)

    juror: Mapped[Juror] = relationship()
    nomination: Mapped[Nomination] = relationship()

    @property
    def event(self) -> Event:
        return self.nomination.event

    @property
    def label(self) -> str:
        return self.reason


class JurorScore(Edited, Model):
    """What one juror gives one nomination: 0 to 10."""

    __tablename__ = "juror_score"
    __table_args__ = (
        UniqueConstraint("juror_id", "nomination_id"),
        CheckConstraint("score BETWEEN 0 AND 10", name="score_in_range"),
    )

    juror_id: Mapped[int] = mapped_column(ForeignKey("juror.id", ondelete="CASCADE"))
    nomination_id: Mapped[int] = mapped_column(ForeignKey("nomination.id", ondelete="CASCADE"), index=True)
    score: Mapped[int]
    comment: Mapped[str | None]

    juror: Mapped[Juror] = relationship()
    nomination: Mapped[Nomination] = relationship(back_populates="scores")

    @property
    def event(self) -> Event:
        return self.nomination.event

    @property
    def label(self) -> str:
        return self.nomination.category.title
