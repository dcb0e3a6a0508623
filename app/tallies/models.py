"""Tallies: delegated authority cast for a campaign in two halves. The left goes to the commander, the right stays."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.campaigns.models import Campaign
from app.core.db import Edited, Kept, Model
from app.core.i18n import _, _l, _lp, in_language, pgettext
from app.events.models import Event
from app.people.models import Person


class TallyState(StrEnum):
    """Matching of the halves has no place yet: it would be an act on an active tally that changes no state."""

    CAST = "cast"
    CONFERRED = "conferred"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    RETURNED = "returned"
    RETIRED = "retired"
    BROKEN = "broken"


TALLY_STATE_LABELS = {
    TallyState.CAST: _lp("tally", "Cast"),
    TallyState.CONFERRED: _lp("tally", "Conferred"),
    TallyState.ACTIVE: _lp("tally", "Active"),
    TallyState.SUSPENDED: _lp("tally", "Suspended"),
    TallyState.RETURNED: _lp("tally", "Returned"),
    TallyState.RETIRED: _lp("tally", "Retired"),
    TallyState.BROKEN: _lp("tally", "Broken"),
}


STATE_KINDS = {
    TallyState.CAST: "none",
    TallyState.CONFERRED: "live",
    TallyState.ACTIVE: "kept",
    TallyState.SUSPENDED: "risk",
    TallyState.RETURNED: "none",
    TallyState.RETIRED: "none",
    TallyState.BROKEN: "late",
}

# It lends authority, or will: what comes after it has ended for good.
LIVE_STATES = (TallyState.CAST, TallyState.CONFERRED, TallyState.ACTIVE, TallyState.SUSPENDED)
HELD_STATES = (TallyState.CONFERRED, TallyState.ACTIVE, TallyState.SUSPENDED)


class End(StrEnum):
    """What the system itself writes as the reason of an end, to be told in each reader's language."""

    CAMPAIGN_CONCLUDED = "campaign_concluded"
    VALIDITY_OVER = "validity_over"
    GIVEN_BACK = "given_back"


END_LABELS = {
    End.CAMPAIGN_CONCLUDED: _l("Its campaign is concluded."),
    End.VALIDITY_OVER: _l("Its last day has passed."),
    End.GIVEN_BACK: _l("The left half was given back."),
}


class Side(StrEnum):
    LEFT = "left"
    RIGHT = "right"


SIDE_LABELS = {Side.LEFT: _l("Left half"), Side.RIGHT: _l("Right half")}


class Tally(Edited, Model):
    """Numbered within its year (`HF-2027-001`). A lost half breaks both; it is cast anew under another number."""

    __tablename__ = "tally"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    ceremony_id: Mapped[int | None] = mapped_column(ForeignKey("ceremony.id", ondelete="SET NULL"))
    label: Mapped[str] = mapped_column(String(20), unique=True)
    inscription: Mapped[str] = mapped_column(String(200))
    inscription_local: Mapped[str | None] = mapped_column(String(200))
    scope: Mapped[str]  # what its holder may order
    scope_local: Mapped[str | None]
    threshold: Mapped[str | None]  # from which size on the leader must agree
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    state: Mapped[str] = mapped_column(String(10), default=TallyState.CAST)
    conferred_at: Mapped[datetime | None]
    conferred_by_name: Mapped[str | None] = mapped_column(String(200))
    conferred_outside: Mapped[str | None]  # why outside a ceremony
    cue_ref: Mapped[str | None] = mapped_column(String(16))
    state_reason: Mapped[str | None]  # of a suspension, a return, a loss
    settled_at: Mapped[datetime | None]  # returned, retired or broken
    recast_of_id: Mapped[int | None] = mapped_column(ForeignKey("tally.id", ondelete="SET NULL"))

    event: Mapped[Event] = relationship()
    campaign: Mapped[Campaign] = relationship()
    recast_of: Mapped["Tally | None"] = relationship(remote_side="Tally.id")
    halves: Mapped[list["TallyHalf"]] = relationship(
        back_populates="tally", cascade="all, delete-orphan", order_by="TallyHalf.side"
    )

    @property
    def display_inscription(self) -> str:
        return in_language(self.inscription_local, self.inscription)

    @property
    def display_scope(self) -> str:
        return in_language(self.scope_local, self.scope)

    @property
    def state_label(self) -> str:
        return str(TALLY_STATE_LABELS[TallyState(self.state)])

    @property
    def state_kind(self) -> str:
        """The colour of its state."""
        return STATE_KINDS[TallyState(self.state)]

    @property
    def display_reason(self) -> str:
        return str(END_LABELS.get(self.state_reason, self.state_reason or ""))  # type: ignore[call-overload]

    @property
    def is_conferred(self) -> bool:
        return self.conferred_at is not None

    @property
    def is_live(self) -> bool:
        return self.state in LIVE_STATES

    @property
    def left(self) -> "TallyHalf":
        return next(each for each in self.halves if each.side == Side.LEFT)

    @property
    def right(self) -> "TallyHalf":
        return next(each for each in self.halves if each.side == Side.RIGHT)


class TallyHalf(Kept, Model):
    """One physical half. `commitment` is kept free for halves that prove themselves."""

    __tablename__ = "tally_half"
    __table_args__ = (UniqueConstraint("tally_id", "side"),)

    tally_id: Mapped[int] = mapped_column(ForeignKey("tally.id", ondelete="CASCADE"))
    side: Mapped[str] = mapped_column(String(5))
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)  # nobody: the office
    holder_title: Mapped[str | None] = mapped_column(String(200))  # frozen when it was handed over
    commitment: Mapped[str | None] = mapped_column(String(64))
    lost_at: Mapped[datetime | None]

    tally: Mapped[Tally] = relationship(back_populates="halves")
    holder: Mapped[Person | None] = relationship()

    @property
    def event(self) -> Event:
        return self.tally.event

    @property
    def label(self) -> str:
        return f"{self.tally.label} {self.side}"

    @property
    def display_name(self) -> str:
        return f"{self.tally.label} · {self.side_label}"

    @property
    def display_title(self) -> str:
        """The position of its holder, as it was when they took it."""
        return in_language(self.holder.local_title(self.holder_title) if self.holder else None, self.holder_title)

    @property
    def side_label(self) -> str:
        return str(SIDE_LABELS[Side(self.side)])

    @property
    def kept_by(self) -> str:
        """Who has it now, in words."""
        if self.lost_at is not None:
            return pgettext("tally", "lost")
        return self.holder.display_name if self.holder else _("the office")

    @property
    def other(self) -> "TallyHalf":
        return self.tally.right if self.side == Side.LEFT else self.tally.left
