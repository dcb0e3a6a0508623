"""Pledges: a signed commitment. Its text cannot change once it is open for signature."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.campaigns.models import Campaign
from app.core.db import Edited, Kept, Model
from app.core.i18n import _, _l, in_language
from app.events.models import Event
from app.people.models import Person, Team
from app.signing.models import IssuedDocument


class PledgeState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    IN_FORCE = "in_force"
    REFUSED = "refused"
    VOID = "void"
    ASSESSED = "assessed"


PLEDGE_STATE_LABELS = {
    PledgeState.DRAFT: _l("Draft"),
    PledgeState.OPEN: _l("Open for signature"),
    PledgeState.IN_FORCE: _l("In force"),
    PledgeState.REFUSED: _l("Refused"),
    PledgeState.VOID: _l("Void"),
    PledgeState.ASSESSED: _l("Assessed"),
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
    targets: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # target, from, to, by
    deadline: Mapped[date | None]
    reward: Mapped[str | None]
    penalty: Mapped[str | None]
    wording_checked_at: Mapped[datetime | None]  # reward and penalty seen by HR or legal
    wording_checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id", ondelete="SET NULL"))
    state: Mapped[str] = mapped_column(String(10), default=PledgeState.DRAFT)
    edition: Mapped[int] = mapped_column(default=1)
    content: Mapped[dict[str, Any] | None]
    content_hash: Mapped[str | None] = mapped_column(String(64))
    opened_at: Mapped[datetime | None]
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))  # hears of refusals
    in_force_at: Mapped[datetime | None]
    void_reason: Mapped[str | None]
    verdict: Mapped[str | None] = mapped_column(String(12))
    score: Mapped[int | None]  # of what was partly kept: how much of it, of 100
    verdict_reason: Mapped[str | None]
    assessed_at: Mapped[datetime | None]
    assessed_by_name: Mapped[str | None] = mapped_column(String(200))
    document_id: Mapped[int | None] = mapped_column(ForeignKey("issued_document.id", ondelete="SET NULL"))
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("pledge.id", ondelete="SET NULL"))  # a void edition

    event: Mapped[Event] = relationship()
    round: Mapped[PledgeRound | None] = relationship()
    team: Mapped[Team | None] = relationship()
    campaign: Mapped[Campaign | None] = relationship()
    document: Mapped[IssuedDocument | None] = relationship()
    replaces: Mapped["Pledge | None"] = relationship(remote_side="Pledge.id")
    slots: Mapped[list["SignatureSlot"]] = relationship(
        back_populates="pledge", order_by="SignatureSlot.position", cascade="all, delete-orphan"
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
        return self.role

    @property
    def role_label(self) -> str:
        return str(SLOT_ROLE_LABELS[SlotRole(self.role)])

    @property
    def is_signed(self) -> bool:
        return self.signature is not None


class Signature(Kept, Model):
    """The record of one signing: the statement that was signed and how the person proved who they are."""

    __tablename__ = "signature"

    slot_id: Mapped[int] = mapped_column(ForeignKey("signature_slot.id", ondelete="CASCADE"), unique=True)
    statement: Mapped[dict[str, Any]]
    statement_hash: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime]
    means: Mapped[str] = mapped_column(String(20))  # password
    address: Mapped[str | None] = mapped_column(String(60))
    browser: Mapped[str | None] = mapped_column(String(200))

    slot: Mapped[SignatureSlot] = relationship(back_populates="signature")

    @property
    def event(self) -> Event:
        return self.slot.pledge.event

    @property
    def label(self) -> str:
        return self.slot.role
