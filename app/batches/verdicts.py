"""The dry run of a group or a table: what would become of each row."""

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.batches import queries
from app.batches.models import Batch, BatchKind
from app.core.i18n import _, _l, _lp
from app.core.roles import Actor
from app.core.text import fold
from app.people.directory import Directory, still_here
from app.people.models import Person
from app.programme.models import Session
from app.registration.policy import may_organize
from app.registration.queries import SessionPlaces, list_limited_sessions, standing_of
from app.sheets import mapping

FIELDS = {
    "employee_no": _l("Employee number"),
    "email": _l("E-mail address"),
    "name": _lp("person", "Name"),
    "sessions": _l("Sessions"),
    "note": _l("A word to the organizer"),
}
# What the columns are called in the files of others, folded and without signs between the words.
ALSO_CALLED = {
    "employee_no": "employee no|employee number|employee id|staff id|staff number|number|id|工号|员工编号|员工号|编号",
    "email": "e mail|email|mail|e mail address|email address|邮箱|电子邮件|电子邮箱|邮件地址|邮箱地址|电子邮件地址",
    "name": "name|full name|person|participant|attendee|姓名|名字|参会人|参会人员|中文名|中文姓名|name and e mail",
    "sessions": "sessions|session|专题会|场次|分会场|参加专题会",
    "note": "note|notes|remark|remarks|comment|a word to the organizer|备注|留言|说明",
}
LONGEST_NOTE = 500


class Verdict(StrEnum):
    FITS = "fits"
    NO_ADDRESS = "no_address"  # registered all the same: the card is printed or handed over
    FULL = "full"
    REGISTERED = "registered"
    UNKNOWN = "unknown"
    SEVERAL = "several"
    LEFT = "left"
    SESSION = "session"
    TWICE = "twice"
    NOT_YOURS = "not_yours"
    TOO_LONG = "too_long"


VERDICT_LABELS = {
    Verdict.FITS: _lp("verdict", "Will be registered"),
    Verdict.NO_ADDRESS: _lp("verdict", "Will be registered, without a mail"),
    Verdict.FULL: _lp("verdict", "No place left"),
    Verdict.REGISTERED: _lp("verdict", "Registered already"),
    Verdict.UNKNOWN: _lp("verdict", "Unknown person"),
    Verdict.SEVERAL: _lp("verdict", "Several people fit"),
    Verdict.LEFT: _lp("verdict", "Has left the company"),
    Verdict.SESSION: _lp("verdict", "Unknown session"),
    Verdict.TWICE: _lp("verdict", "Named twice"),
    Verdict.NOT_YOURS: _lp("verdict", "Not one of your people"),
    Verdict.TOO_LONG: _lp("verdict", "Text too long"),
}
GOOD = (Verdict.FITS, Verdict.NO_ADDRESS, Verdict.FULL)  # the gate is asked
NOTHING = (Verdict.REGISTERED, Verdict.TWICE)  # nothing is left to do


@dataclass
class RowPlan:
    """One row. `number` is the row's in the file, or the line's of the group."""

    number: int
    words: str  # as it stands in the row
    person: Person | None = None
    verdict: Verdict = Verdict.FITS
    sentence: str = ""
    sessions: list[Session] = field(default_factory=list)
    note: str | None = None

    def becomes(self, verdict: Verdict, sentence: str = "") -> None:
        self.verdict, self.sentence = verdict, sentence

    @property
    def label(self) -> str:
        return self.person.display_name if self.person is not None else self.words


@dataclass
class Plan:
    """All rows. `left` are the places of the event that were free when this was made; None is no limit."""

    rows: list[RowPlan]
    left: int | None
    has_waiting_list: bool

    @property
    def good(self) -> list[RowPlan]:
        return [row for row in self.rows if row.verdict in GOOD]

    @property
    def bad(self) -> list[RowPlan]:
        return [row for row in self.rows if row.verdict not in GOOD and row.verdict not in NOTHING]

    @property
    def full(self) -> list[RowPlan]:
        return [row for row in self.rows if row.verdict == Verdict.FULL]

    @property
    def counts(self) -> dict[str, int]:
        return {each: sum(row.verdict == each for row in self.rows) for each in VERDICT_LABELS}

    @property
    def digest(self) -> str:
        """Changes when other people would be registered. Places come and go; about them the gate decides."""
        told = [
            (row.number, row.person.ref if row.person else "", [each.ref for each in row.sessions])
            if row.verdict in GOOD
            else (row.number, str(row.verdict))
            for row in self.rows
        ]
        return hashlib.sha256(repr(told).encode("utf-8", "replace")).hexdigest()[:32]


def guess(columns: Sequence[str]) -> dict[str, int]:
    """What the columns are: as they were mapped the last time, else from their headings."""
    found = queries.remembered_columns(columns)
    called = {name: f"{ALSO_CALLED[name]}|{mapping.bare(str(label))}" for name, label in FIELDS.items()}
    for name, at in mapping.guess(called, columns).items():
        if name not in found and at not in found.values():
            found[name] = at
    return found


def make_plan(batch: Batch, *, actor: Actor) -> Plan:
    """What would happen now. Reads the directory in a handful of statements, whatever the number of rows."""
    event = batch.event
    directory = Directory()
    judge = Judge(
        directory,
        registered=queries.list_registered_people(event),
        allowed=None if may_organize(actor, event) else queries.own_people(actor, event).keys(),
        sessions=list_limited_sessions(event),
    )
    by_ref = {each.ref: each for each in directory.people}
    rows = [judge.row(batch, cells, by_ref) for cells in batch.rows]
    standing = standing_of(event, None)
    plan = Plan(rows, standing.left, standing.plan is not None and standing.plan.has_waiting_list)
    share_places(plan, judge.places)
    return plan


def share_places(plan: Plan, sessions: Collection[SessionPlaces]) -> None:
    """Say which rows would find no place, in the order in which they stand. Shown only: the gate decides."""
    left = plan.left
    left_in = {each.session.id: each.left for each in sessions}
    for row in plan.good:
        wanted = [left_in.get(each.id) for each in row.sessions]
        if left == 0:
            row.becomes(Verdict.FULL, _("All places are taken."))
        elif 0 in wanted:
            row.becomes(Verdict.FULL, _("“%(session)s” is full.", session=row.sessions[wanted.index(0)].display_title))
        else:
            left = left - 1 if left is not None else None
            for each in row.sessions:
                free = left_in.get(each.id)
                left_in[each.id] = free - 1 if free is not None else None


class Judge:
    """What is known about the people and the sessions, while the rows of one batch are looked at."""

    def __init__(
        self,
        directory: Directory,
        *,
        registered: Collection[int],
        allowed: Collection[int] | None,
        sessions: Sequence[SessionPlaces],
    ) -> None:
        self.directory, self.registered, self.allowed, self.places = directory, registered, allowed, sessions
        self.sessions: dict[str, Session] = {}
        for each in sessions:
            for word in (each.session.ref, each.session.title, each.session.title_local):
                if word:
                    self.sessions.setdefault(fold(word), each.session)
        self.seen: dict[int, int] = {}

    def row(self, batch: Batch, cells: dict[str, Any], by_ref: dict[str, Person]) -> RowPlan:
        number = int(cells["row"])
        if batch.kind == BatchKind.TABLE:
            return self.of_table(number, batch, cells)
        if "person" in cells:
            person = by_ref.get(cells["person"])
            plan = RowPlan(number, person.name if person else "", person)
        else:
            plan = RowPlan(number, cells["line"])
            self.find(plan, self.directory.in_line(plan.words), batch)
        plan.note = cells.get("note")
        self.choose_sessions(plan, cells.get("sessions", []))
        return self.judged(plan, batch)

    def of_table(self, number: int, batch: Batch, cells: dict[str, Any]) -> RowPlan:
        read = {name: str(cells.get(str(at), "")).strip() for name, at in batch.mapping.items()}
        who = {name: read.get(name, "") for name in ("employee_no", "email", "name")}
        plan = RowPlan(number, " · ".join(each for each in who.values() if each)[:120])
        if not any(who.values()):
            plan.becomes(Verdict.UNKNOWN, _("There is neither a number nor an address nor a name."))
            return plan
        self.find(
            plan, self.directory.meant(number=who["employee_no"], email=who["email"], name=who["name"]), batch,
            exact=bool(who["employee_no"] or who["email"]),
        )  # fmt: skip
        note = read.get("note", "")
        if len(note) > LONGEST_NOTE:
            plan.becomes(
                Verdict.TOO_LONG, _("The word to the organizer may have %(most)d characters.", most=LONGEST_NOTE)
            )
        plan.note = note or None
        self.choose_sessions(plan, self.split(read.get("sessions", "")))
        return self.judged(plan, batch)

    def find(self, plan: RowPlan, people: Sequence[Person], batch: Batch, *, exact: bool = False) -> None:
        here = still_here(people, batch.event.starts_on)
        found = here if len(here) == 1 else people
        if len(found) == 1:
            plan.person = found[0]
        elif found and exact:
            plan.becomes(Verdict.SEVERAL, _("The number and the address belong to two different people."))
        elif found:
            plan.becomes(Verdict.SEVERAL, _("Several people have this name. Give a number or an address too."))
        else:
            plan.becomes(Verdict.UNKNOWN, _("The directory knows nobody like this."))

    def split(self, cell: str) -> list[str]:
        """The titles in one cell; a title may hold a comma itself."""
        if not cell or fold(cell) in self.sessions:
            return [cell] if cell else []
        parts = re.split(r"[;；、|\n]", cell)
        known = all(fold(part) in self.sessions for part in parts if part.strip())
        return [part.strip() for part in (parts if known else re.split(r"[;；、|\n,，]", cell)) if part.strip()]

    def choose_sessions(self, plan: RowPlan, titles: Sequence[str]) -> None:
        for title in titles:
            session = self.sessions.get(fold(title))
            if session is None:
                plan.becomes(
                    Verdict.SESSION, _("No session with places of its own is called “%(title)s”.", title=title[:80])
                )
                return
            if session not in plan.sessions:
                plan.sessions.append(session)

    def judged(self, plan: RowPlan, batch: Batch) -> RowPlan:
        """The rest, for a row that names one person: what stands against registering them."""
        person = plan.person
        if person is None:
            if plan.verdict in GOOD:
                plan.becomes(Verdict.UNKNOWN, _("The directory knows nobody like this."))
            return plan
        if self.allowed is not None and person.id not in self.allowed:
            plan.becomes(Verdict.NOT_YOURS, _("You register the people of the departments that you lead."))
        elif person.id in self.seen:
            plan.becomes(Verdict.TWICE, _("Row %(row)s is about the same person.", row=self.seen[person.id]))
        elif person.left_on is not None and person.left_on < batch.event.starts_on:
            plan.becomes(Verdict.LEFT)
        elif person.id in self.registered:
            plan.becomes(Verdict.REGISTERED)
        elif plan.verdict == Verdict.FITS and not person.email:
            plan.becomes(Verdict.NO_ADDRESS, _("The directory knows no address: hand the code over on paper."))
        if plan.verdict in GOOD or plan.verdict == Verdict.REGISTERED:
            self.seen.setdefault(person.id, plan.number)
        return plan
