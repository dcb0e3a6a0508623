"""Saved groups of people, and the rules by which an event chooses whom it invites."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Kept, Model
from app.core.i18n import _lp, in_language
from app.events.models import Event
from app.people.models import Person


class RuleKind(StrEnum):
    PERSON = "person"
    DEPARTMENT = "department"
    POSITION = "position"
    TEAM = "team"
    GROUP = "group"
    LIST = "list"


RULE_LABELS = {
    RuleKind.PERSON: _lp("audience", "Person"),
    RuleKind.DEPARTMENT: _lp("audience", "Department"),
    RuleKind.POSITION: _lp("audience", "Position"),
    RuleKind.TEAM: _lp("audience", "Team"),
    RuleKind.GROUP: _lp("audience", "Group"),
    RuleKind.LIST: _lp("audience", "List"),
}


class PersonGroup(Edited, Model):
    """People whom the office invites together again and again."""

    __tablename__ = "person_group"

    name: Mapped[str] = mapped_column(String(200), unique=True)
    name_local: Mapped[str | None] = mapped_column(String(200))
    note: Mapped[str | None]

    members: Mapped[list["GroupMember"]] = relationship(
        back_populates="group", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def label(self) -> str:
        return self.name

    @property
    def display_name(self) -> str:
        return in_language(self.name_local, self.name)


class GroupMember(Kept, Model):
    __tablename__ = "group_member"
    __table_args__ = (UniqueConstraint("group_id", "person_id"),)

    group_id: Mapped[int] = mapped_column(ForeignKey("person_group.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)

    group: Mapped[PersonGroup] = relationship(back_populates="members")
    person: Mapped[Person] = relationship()

    @property
    def label(self) -> str:
        return self.person.name


class InviteeRule(Edited, Model):
    """One line of an event's invitee list. Whom it means is asked anew each time, until its mails are sent.

    `value` names what is meant: {"ref": …, "below": true} of a department, {"ref": …} of a person, a team or a group,
    {"title": …} of a position, {"file": name, "people": [refs]} of a pasted or uploaded list. `members` are the refs of
    the people it meant when it was last sent: who joins later is shown as new.
    """

    __tablename__ = "invitee_rule"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    value: Mapped[dict[str, Any]]
    said: Mapped[str] = mapped_column(String(300))  # what people read: the name of the department, of the list
    said_local: Mapped[str | None] = mapped_column(String(300))
    sent_at: Mapped[datetime | None]
    members: Mapped[list[str]] = mapped_column(default=list)

    event: Mapped[Event] = relationship()

    @property
    def label(self) -> str:
        return self.said

    @property
    def display_name(self) -> str:
        return in_language(self.said_local, self.said)
