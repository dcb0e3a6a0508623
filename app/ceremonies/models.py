"""Ceremonies: the moment at which pledges are signed, tallies and awards conferred."""

from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Model
from app.core.i18n import _l, in_language
from app.events.models import Event
from app.files.models import StoredFile
from app.pledges.models import PledgeRound
from app.programme.models import AgendaItem, Session


class CeremonyKind(StrEnum):
    PLEDGE_SIGNING = "pledge_signing"
    TALLY_CONFERRAL = "tally_conferral"
    AWARDING = "awarding"


CEREMONY_KIND_LABELS = {
    CeremonyKind.PLEDGE_SIGNING: _l("Signing of pledges"),
    CeremonyKind.TALLY_CONFERRAL: _l("Conferral of tallies"),
    CeremonyKind.AWARDING: _l("Awarding"),
}


class Ceremony(Edited, Model):
    __tablename__ = "ceremony"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id", ondelete="SET NULL"), index=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_item.id", ondelete="SET NULL"), unique=True)
    round_id: Mapped[int | None] = mapped_column(ForeignKey("pledge_round.id", ondelete="SET NULL"))
    position: Mapped[int] = mapped_column(default=1)
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(200))
    title_local: Mapped[str | None] = mapped_column(String(200))
    place_in_programme: Mapped[str | None] = mapped_column(String(20))  # opening, closing
    account_of: Mapped[str | None]  # what happened, in a few sentences
    account_of_local: Mapped[str | None]

    event: Mapped[Event] = relationship()
    session: Mapped[Session | None] = relationship()
    item: Mapped[AgendaItem | None] = relationship()
    round: Mapped[PledgeRound | None] = relationship()

    @property
    def display_account(self) -> str:
        return in_language(self.account_of_local, self.account_of)

    @property
    def label(self) -> str:
        return self.title

    @property
    def display_title(self) -> str:
        return in_language(self.title_local, self.title)


class Photograph(Edited, Model):
    """A picture of the ceremony, for those who see it."""

    __tablename__ = "ceremony_photograph"

    ceremony_id: Mapped[int] = mapped_column(ForeignKey("ceremony.id", ondelete="CASCADE"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    position: Mapped[int] = mapped_column(default=1)
    caption: Mapped[str | None] = mapped_column(String(300))
    caption_local: Mapped[str | None] = mapped_column(String(300))

    ceremony: Mapped[Ceremony] = relationship()
    file: Mapped[StoredFile] = relationship()

    @property
    def event(self) -> Event:
        return self.ceremony.event

    @property
    def label(self) -> str:
        return self.caption or self.file.name

    @property
    def display_caption(self) -> str:
        return in_language(self.caption_local, self.caption)
