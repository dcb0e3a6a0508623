"""Pledges: a signed commitment. Its text cannot change once it is open for signature."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.campaigns.models import Campaign
from app.consents.models import Consent
from app.core.db import Edited, Kept, Model
from app.core.i18n import _, _l, _lp, in_language
from app.delegations.models import Delegation
from app.events.models import Event
from app.files.models import StoredFile
from app.people.models import Person, Team
from app.requirements.models import Assignment
from app.signing.models import IssuedDocument


class PledgeState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    IN_FORCE = "in_force"
    REFUSED = "refused"
    VOID = "void"
    SUPERSEDED = "superseded"
    ASSESSED = "assessed"
    APPEALED = "appealed"


PLEDGE_STATE_LABELS = {
    PledgeState.DRAFT: _l("Draft"),
    PledgeState.OPEN: _l("Open for signature"),
    PledgeState.IN_FORCE: _l("In force"),
    PledgeState.REFUSED: _l("Refused"),
    PledgeState.VOID: _l("Void"),
    PledgeState.SUPERSEDED: _l("Superseded"),
    PledgeState.ASSESSED: _l("Assessed"),
    PledgeState.APPEALED: _l("Under appeal"),
}


class PledgeVerdict(StrEnum):
    KEPT = "kept"
    PARTLY_KEPT = "partly_kept"
    MISSED = "missed"
    RELEASED = "released"


PLEDGE_VERDICT_LABELS = {
    PledgeVerdict.KEPT: _l("Kept"),
    PledgeVerdict.PARTLY_KEPT: _l("Partly kept"),
    PledgeVerdict.MISSED: _l("Missed"),
    PledgeVerdict.RELEASED: _l("Released"),
}


class SlotRole(StrEnum):
    PLEDGER = "pledger"
    WITNESS = "witness"
    COUNTERSIGNER = "countersigner"


SLOT_ROLE_LABELS = {
    SlotRole.PLEDGER: _l("Pledger"),
    SlotRole.WITNESS: _l("Witness"),
    SlotRole.COUNTERSIGNER: _l("Countersigner"),
}


class ObjectiveKind(StrEnum):
    """Only what was committed to is kept or missed; an aspiration never counts."""

    COMMITTED = "committed"
    ASPIRATIONAL = "aspirational"


OBJECTIVE_KIND_LABELS = {
    ObjectiveKind.COMMITTED: _lp("target", "Committed"),
    ObjectiveKind.ASPIRATIONAL: _lp("target", "Aspirational"),
}


class PledgeTemplate(Edited, Model):
    """The house's wording of a kind of pledge, in both languages; a pledge made from it takes its words with it."""

    __tablename__ = "pledge_template"

    name: Mapped[str] = mapped_column(String(200))
    name_local: Mapped[str | None] = mapped_column(String(200))
    clauses: Mapped[list[dict[str, str]]] = mapped_column(default=list)  # heading, text, heading_local, text_local
    reward: Mapped[str | None]
    reward_local: Mapped[str | None]
    penalty: Mapped[str | None]
    penalty_local: Mapped[str | None]
    roles: Mapped[list[str]] = mapped_column(default=list)  # in the order of signing, where that matters
    is_ordered: Mapped[bool] = mapped_column(default=False)
    evidence_months: Mapped[int | None]  # evidence of signatures is kept so long after the end; None is until by hand
    retired_at: Mapped[datetime | None]

    @property
    def label(self) -> str:
        return self.name

    @property
    def display_name(self) -> str:
        return in_language(self.name_local, self.name)


class PledgeRound(Edited, Model):
    """A year's signing under one title, such as "2023 Military Order"."""

    __tablename__ = "pledge_round"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    year: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    title_local: Mapped[str | None] = mapped_column(String(200))

    event: Mapped[Event] = relationship()

    @property
    def label(self) -> str:
        return self.title

    @property
    def display_title(self) -> str:
        return in_language(self.title_local, self.title)


class Pledge(Edited, Model):
    """One commitment. `content` is the frozen canonical data; its hash is what every signature means."""

    __tablename__ = "pledge"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    round_id: Mapped[int | None] = mapped_column(ForeignKey("pledge_round.id", ondelete="SET NULL"), index=True)
    label: Mapped[str] = mapped_column(String(20), unique=True)  # PL-2027-003
    title: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(20), default="en")
    text: Mapped[str | None]
    targets: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # target, metric, from, to, unit, by, kind
    deadline: Mapped[date | None]
    reward: Mapped[str | None]
    penalty: Mapped[str | None]
    wording_checked_at: Mapped[datetime | None]  # reward and penalty seen by HR or legal
    wording_checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    wording_note: Mapped[str | None]  # what they said
    template_id: Mapped[int | None] = mapped_column(ForeignKey("pledge_template.id", ondelete="SET NULL"))
    is_ordered: Mapped[bool] = mapped_column(default=False)  # signed in the order of the places, else in any
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id", ondelete="SET NULL"))
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignment.id", ondelete="SET NULL"))
    state: Mapped[str] = mapped_column(String(10), default=PledgeState.DRAFT)
    edition: Mapped[int] = mapped_column(default=1)
    content: Mapped[dict[str, Any] | None]
    content_hash: Mapped[str | None] = mapped_column(String(64))
    opened_at: Mapped[datetime | None]
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))  # hears of refusals
    sign_by: Mapped[date | None]  # not signed by all until the end of this day it expires
    in_force_at: Mapped[datetime | None]
    superseded_at: Mapped[datetime | None]
    void_reason: Mapped[str | None]
    verdict: Mapped[str | None] = mapped_column(String(12))
    score: Mapped[int | None]  # of what was partly kept: how much of it, of 100
    verdict_reason: Mapped[str | None]
    assessed_at: Mapped[datetime | None]
    assessed_by_name: Mapped[str | None] = mapped_column(String(200))
    assessed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    appealed_at: Mapped[datetime | None]  # once; the first verdict is kept beside what came of it
    appeal_reason: Mapped[str | None]
    appealed_by_name: Mapped[str | None] = mapped_column(String(200))
    appeal_decided_at: Mapped[datetime | None]
    appeal_decided_by_name: Mapped[str | None] = mapped_column(String(200))
    first_verdict: Mapped[str | None] = mapped_column(String(12))
    first_score: Mapped[int | None]
    first_verdict_reason: Mapped[str | None]
    document_id: Mapped[int | None] = mapped_column(ForeignKey("issued_document.id", ondelete="SET NULL"))
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("pledge.id", ondelete="SET NULL"))  # an earlier edition

    event: Mapped[Event] = relationship()
    round: Mapped[PledgeRound | None] = relationship()
    team: Mapped[Team | None] = relationship()
    template: Mapped[PledgeTemplate | None] = relationship()
    campaign: Mapped[Campaign | None] = relationship()
    assignment: Mapped[Assignment | None] = relationship()
    document: Mapped[IssuedDocument | None] = relationship()
    replaces: Mapped["Pledge | None"] = relationship(remote_side="Pledge.id")
    slots: Mapped[list["SignatureSlot"]] = relationship(
        back_populates="pledge", order_by="SignatureSlot.position", cascade="all, delete-orphan"
    )

    evidence: Mapped[list["PledgeEvidence"]] = relationship(
        back_populates="pledge", order_by="PledgeEvidence.id", cascade="all, delete-orphan"
    )

    @property
    def is_frozen(self) -> bool:
        return self.content is not None

    @property
    def state_label(self) -> str:
        return str(PLEDGE_STATE_LABELS[PledgeState(self.state)])

    @property
    def verdict_label(self) -> str:
        if self.verdict == PledgeVerdict.PARTLY_KEPT and self.score is not None:
            return _("Partly kept, %(score)s of 100", score=self.score)
        return str(PLEDGE_VERDICT_LABELS[PledgeVerdict(self.verdict)]) if self.verdict else ""

    @property
    def signed_count(self) -> int:
        return sum(slot.is_signed for slot in self.slots)


class SignatureSlot(Kept, Model):
    """Who has to sign, in which role. One person holds at most one role in one pledge (rule 21)."""

    __tablename__ = "signature_slot"
    __table_args__ = (UniqueConstraint("pledge_id", "person_id"),)

    pledge_id: Mapped[int] = mapped_column(ForeignKey("pledge.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str] = mapped_column(String(14))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))  # frozen when the pledge is opened
    position_title: Mapped[str | None] = mapped_column(String(200))
    first_opened_at: Mapped[datetime | None]
    reached_end_at: Mapped[datetime | None]  # of the text, in the browser session below (rule 23)
    reached_end_in: Mapped[str | None] = mapped_column(String(16))
    seconds_read: Mapped[int] = mapped_column(default=0)  # recorded, never a threshold
    copy_sent_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]
    refuse_reason: Mapped[str | None]

    pledge: Mapped[Pledge] = relationship(back_populates="slots")
    person: Mapped[Person] = relationship()
    signature: Mapped["Signature | None"] = relationship(back_populates="slot")

    @property
    def event(self) -> Event:
        return self.pledge.event

    @property
    def label(self) -> str:
        return f"{self.pledge.label} {self.role}"

    @property
    def role_label(self) -> str:
        return str(SLOT_ROLE_LABELS[SlotRole(self.role)])

    @property
    def is_signed(self) -> bool:
        return self.signature is not None


class Signature(Kept, Model):
    """The record of one signing: the statement that was signed and how the person proved who they are.

    `evidence` (address, browser, assertion …) may be erased after its time: the statement holds commitments to it,
    HMAC of `salt` and value, so that what is left still verifies.
    """

    __tablename__ = "signature"

    slot_id: Mapped[int] = mapped_column(ForeignKey("signature_slot.id", ondelete="CASCADE"), unique=True)
    statement: Mapped[dict[str, Any]]
    statement_hash: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime]
    means: Mapped[str] = mapped_column(String(20))  # passkey, time_code, password
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # who signed: the deputy, where there is one
    delegation_id: Mapped[int | None] = mapped_column(ForeignKey("delegation.id"))
    consent_id: Mapped[int | None] = mapped_column(ForeignKey("consent.id"))
    address: Mapped[str | None] = mapped_column(String(60))
    browser: Mapped[str | None] = mapped_column(String(200))
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)
    salt: Mapped[str | None] = mapped_column(String(64))
    mark_text: Mapped[str | None] = mapped_column(String(200))  # a typed or drawn mark, as an addition
    mark_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    cue_ref: Mapped[str | None] = mapped_column(String(16))  # signed on stage

    person: Mapped[Person | None] = relationship()
    delegation: Mapped[Delegation | None] = relationship()
    consent: Mapped[Consent | None] = relationship()
    slot: Mapped[SignatureSlot] = relationship(back_populates="signature")

    @property
    def event(self) -> Event:
        return self.slot.pledge.event

    @property
    def label(self) -> str:
        return self.slot.role


class PledgeEvidence(Kept, Model):
    """What the verdict rests on: a file, a link or a figure."""

    __tablename__ = "pledge_evidence"

    pledge_id: Mapped[int] = mapped_column(ForeignKey("pledge.id", ondelete="CASCADE"), index=True)
    words: Mapped[str]
    figure: Mapped[str | None] = mapped_column(String(60))
    url: Mapped[str | None] = mapped_column(String(2000))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    by_name: Mapped[str] = mapped_column(String(200))

    pledge: Mapped[Pledge] = relationship(back_populates="evidence")
    file: Mapped[StoredFile | None] = relationship()

    @property
    def event(self) -> Event:
        return self.pledge.event

    @property
    def label(self) -> str:
        return self.words
