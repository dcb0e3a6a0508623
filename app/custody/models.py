"""Custody of physical things: the two halves of a tally, a trophy. A change of hands counts when both have confirmed it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Kept, Model
from app.core.i18n import _, _lp, in_language, pgettext
from app.events.models import Event
from app.files.models import StoredFile
from app.people.models import Person


class CustodyKind(StrEnum):
    HANDOVER = "handover"
    RETURN = "return"
    LOSS = "loss"
    KEPT = "kept"


CUSTODY_KIND_LABELS = {
    CustodyKind.HANDOVER: _lp("custody", "Handed over"),
    CustodyKind.RETURN: _lp("custody", "Given back"),
    CustodyKind.LOSS: _lp("custody", "Lost"),
    CustodyKind.KEPT: _lp("custody", "Kept for good"),
}


class Party(StrEnum):
    """The two who were there: who gave, and who took."""

    GIVER = "giver"
    TAKER = "taker"


TALLY_HALF, AWARD = "tally_half", "award"  # what may change hands


class CustodyEvent(Kept, Model):
    """One change of hands of the thing `object_kind`, `object_ref`. Nobody on a side means the office itself.

    `at` is when it happened, `created_at` when it was recorded (rule 35). A loss has one side only.
    What is kept for good goes from the office, which asks for it no more, to whoever holds it.
    """

    __tablename__ = "custody_event"
    __table_args__ = (Index(None, "object_kind", "object_ref"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    object_kind: Mapped[str] = mapped_column(String(12))  # tally_half, award
    object_ref: Mapped[str] = mapped_column(String(16))
    object_name: Mapped[str] = mapped_column(String(300))  # frozen
    object_name_local: Mapped[str | None] = mapped_column(String(300))
    kind: Mapped[str] = mapped_column(String(8), default=CustodyKind.HANDOVER)
    from_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    to_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    from_name: Mapped[str | None] = mapped_column(String(200))  # frozen
    to_name: Mapped[str | None] = mapped_column(String(200))
    at: Mapped[datetime]
    place: Mapped[str | None] = mapped_column(String(200))
    condition: Mapped[str | None]
    photo_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    from_confirmed_at: Mapped[datetime | None]
    from_confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    to_confirmed_at: Mapped[datetime | None]
    to_confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str | None]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))

    event: Mapped[Event] = relationship()
    giver: Mapped[Person | None] = relationship(foreign_keys=[from_id])
    taker: Mapped[Person | None] = relationship(foreign_keys=[to_id])
    photo: Mapped[StoredFile | None] = relationship()

    @property
    def label(self) -> str:
        return self.object_name

    @property
    def display_object(self) -> str:
        return in_language(self.object_name_local, self.object_name)

    @property
    def kind_label(self) -> str:
        return str(CUSTODY_KIND_LABELS[CustodyKind(self.kind)])

    @property
    def is_confirmed(self) -> bool:
        return self.from_confirmed_at is not None and self.to_confirmed_at is not None

    @property
    def is_settled(self) -> bool:
        """Whether it counts: both have confirmed it. A loss is told by one."""
        return self.withdrawn_at is None and (self.is_confirmed or self.kind == CustodyKind.LOSS)

    @property
    def is_open(self) -> bool:
        """Whether somebody has still to confirm it."""
        return self.withdrawn_at is None and not self.is_settled

    def confirmed_at(self, party: Party) -> datetime | None:
        return self.from_confirmed_at if party is Party.GIVER else self.to_confirmed_at

    def person_of(self, party: Party) -> Person | None:
        return self.giver if party is Party.GIVER else self.taker

    def name_of(self, party: str) -> str:
        """Who stands on a side, `giver` or `taker`; without a person it is the office."""
        person = self.person_of(Party(party))
        return person.display_name if person is not None else _("the office")

    @property
    def standing(self) -> tuple[str, str]:
        """How it stands: a word, and its colour."""
        if self.withdrawn_at is not None:
            return pgettext("custody", "Taken back"), "none"
        if self.kind == CustodyKind.LOSS:
            return pgettext("custody", "Lost"), "late"
        if self.is_confirmed:
            return _("Confirmed by both"), "kept"
        missing = [self.name_of(each) for each in Party if self.confirmed_at(each) is None]
        return (_("Waits for %(name)s", name=missing[0]) if len(missing) == 1 else _("Waits for both")), "live"
