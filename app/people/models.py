"""The directory. Departments and positions carry their validity: a reorganisation rewrites no history."""

from datetime import date, datetime
from enum import IntEnum
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Kept, Model
from app.core.i18n import _lp, in_language
from app.core.text import initials


class Clearance(IntEnum):
    """How confidential a text is, and up to which level somebody may read. Public needs no account."""

    PUBLIC = 0
    INTERNAL = 1
    RESTRICTED = 2
    SECRET = 3


CLEARANCE_LABELS = {
    Clearance.PUBLIC: _lp("classification", "Public"),
    Clearance.INTERNAL: _lp("classification", "Internal"),
    Clearance.RESTRICTED: _lp("classification", "Restricted"),
    Clearance.SECRET: _lp("classification", "Secret"),
}


class Organization(Edited, Model):
    """A company. `is_own` is the one that this installation belongs to."""

    __tablename__ = "organization"

    name: Mapped[str] = mapped_column(String(200))
    name_local: Mapped[str | None] = mapped_column(String(200))
    is_own: Mapped[bool] = mapped_column(default=False)

    @property
    def label(self) -> str:
        return self.name

    @property
    def display_name(self) -> str:
        return in_language(self.name_local, self.name)


class Department(Edited, Model):
    __tablename__ = "department"

    code: Mapped[str | None] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    name_local: Mapped[str | None] = mapped_column(String(200))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    head_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", use_alter=True))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]

    parent: Mapped["Department | None"] = relationship(remote_side="Department.id")
    organization: Mapped[Organization | None] = relationship()
    head: Mapped["Person | None"] = relationship(foreign_keys=[head_id], post_update=True)

    @property
    def label(self) -> str:
        return self.name

    @property
    def display_name(self) -> str:
        return in_language(self.name_local, self.name)

    def exists_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


class Person(Edited, Model):
    """Somebody whom the company knows, with an account or without. Never deleted: `left_on` says that they left."""

    __tablename__ = "person"

    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), unique=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), index=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    employee_no: Mapped[str | None] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    name_local: Mapped[str | None] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(500), index=True)  # folded names and pinyin, for finding
    email: Mapped[str | None] = mapped_column(String(254))
    email_key: Mapped[str | None] = mapped_column(String(254), unique=True)
    phone: Mapped[str | None] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(20), default="en")
    left_on: Mapped[date | None]
    wants_news: Mapped[bool] = mapped_column(default=True)  # in the daily mail; what is asked comes all the same
    has_assistants: Mapped[bool] = mapped_column(default=False)  # ever had: others are told without asking for them
    clearance: Mapped[int] = mapped_column(default=Clearance.INTERNAL)  # up to which level this person reads minutes

    organization: Mapped[Organization | None] = relationship()
    department: Mapped[Department | None] = relationship(foreign_keys=[department_id])
    manager: Mapped["Person | None"] = relationship(remote_side="Person.id")
    positions: Mapped[list["Position"]] = relationship(back_populates="person", order_by="Position.from_on")

    @property
    def label(self) -> str:
        return self.name

    @property
    def display_name(self) -> str:
        return in_language(self.name_local, self.name)

    @property
    def initials(self) -> str:
        return initials(self.name)

    def position_on(self, day: date) -> "Position | None":
        """The newest position held on that day. Loads the positions: not for lists."""
        held = [each for each in self.positions if each.is_held_on(day)]
        return held[-1] if held else None

    def local_title(self, title: str | None) -> str | None:
        """A title that was frozen, in the local language, where a position of theirs says it in both. Not for lists."""
        return next((each.title_local for each in self.positions if each.title == title), None)


class Position(Edited, Model):
    """A title held from a day to a day; None on either side means not known or still."""

    __tablename__ = "position"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    title_local: Mapped[str | None] = mapped_column(String(200))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]

    person: Mapped[Person] = relationship(back_populates="positions")

    @property
    def label(self) -> str:
        return self.title

    @property
    def display_title(self) -> str:
        return in_language(self.title_local, self.title)

    def is_held_on(self, day: date) -> bool:
        return (self.from_on is None or self.from_on <= day) and (self.to_on is None or day <= self.to_on)


class Team(Edited, Model):
    __tablename__ = "team"

    name: Mapped[str] = mapped_column(String(200))
    name_local: Mapped[str | None] = mapped_column(String(200))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), index=True)
    year: Mapped[int | None]
    place: Mapped[str | None] = mapped_column(String(100))  # a place that its name carries

    organization: Mapped[Organization | None] = relationship()
    members: Mapped[list["TeamMember"]] = relationship(back_populates="team", cascade="all, delete-orphan")

    @property
    def label(self) -> str:
        return self.name

    @property
    def display_name(self) -> str:
        return in_language(self.name_local, self.name)


class TeamMember(Kept, Model):
    __tablename__ = "team_member"
    __table_args__ = (UniqueConstraint("team_id", "person_id"),)

    team_id: Mapped[int] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str] = mapped_column(String(20), default="member")  # commander, deputy, member

    team: Mapped[Team] = relationship(back_populates="members")
    person: Mapped[Person] = relationship()

    @property
    def label(self) -> str:
        return self.role


class Import(Kept, Model):
    """A table of people or departments, read once: its dry run stays until it is applied or dropped."""

    __tablename__ = "directory_import"

    kind: Mapped[str] = mapped_column(String(20))  # people, departments
    file_name: Mapped[str] = mapped_column(String(200))
    columns: Mapped[list[str]]  # the headings as they stood in the file
    mapping: Mapped[dict[str, Any]]  # our field: number of the column it is read from
    rows: Mapped[list[dict[str, str]]]  # {"row": its number in the file, "0": first cell, …}; emptied once applied
    by_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    applied_at: Mapped[datetime | None]

    @property
    def label(self) -> str:
        return self.file_name
