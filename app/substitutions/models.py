"""A person with a place sends another instead."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Model
from app.core.i18n import _lp
from app.events.models import Event
from app.people.models import Person
from app.registration.models import Registration


class SubstitutionState(StrEnum):
    ASKED = "asked"  # the substitute has not answered
    ACCEPTED = "accepted"  # by the substitute; the line manager has not agreed yet
    DONE = "done"
    DECLINED = "declined"  # by the substitute
    REFUSED = "refused"  # by the line manager
    TAKEN_BACK = "taken_back"


SUBSTITUTION_LABELS = {
    SubstitutionState.ASKED: _lp("substitution", "Asked"),
    SubstitutionState.ACCEPTED: _lp("substitution", "Accepted, waits for approval"),
    SubstitutionState.DONE: _lp("substitution", "Done"),
    SubstitutionState.DECLINED: _lp("substitution", "Declined"),
    SubstitutionState.REFUSED: _lp("substitution", "Not approved"),
    SubstitutionState.TAKEN_BACK: _lp("substitution", "Taken back"),
}


class Substitution(Edited, Model):
    """`from_person` asks `to_person` to come instead. Until it is done the place stays where it was."""

    __tablename__ = "substitution"
    __table_args__ = (
        Index(
            "uq_substitution_standing",
            "registration_id",
            unique=True,
            sqlite_where=text("state IN ('asked', 'accepted')"),
            postgresql_where=text("state IN ('asked', 'accepted')"),
        ),
    )

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    to_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    state: Mapped[str] = mapped_column(String(12), default=SubstitutionState.ASKED)
    reason: Mapped[str | None]
    comment: Mapped[str | None]  # of whoever declined or refused
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)  # of the link in the substitute's mail
    answered_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship()
    registration: Mapped[Registration] = relationship()
    to_person: Mapped[Person] = relationship(foreign_keys=[to_person_id])
    approver: Mapped[Person | None] = relationship(foreign_keys=[approver_id])

    @property
    def label(self) -> str:
        return self.state
