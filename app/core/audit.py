"""What was done, by whom, to what, and why: append-only rows, each holding the hash of the one before.

Tamper-evident, not tamper-proof: a changed or missing row is found at its place; a rewritten tail is found against a
head that stands outside, on every document that was issued.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import rfc8785
from sqlalchemy import DDL, Index, RowMapping, event, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core import clock
from app.core.db import Base, Model, before_commit, db
from app.core.logs import request_id
from app.core.roles import Actor
from app.core.text import tidy


class AuditEntry(Model):
    """One deed. `scope` is the ref of the event it belongs to."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index(None, "scope", "seq"), Index(None, "subject_type", "subject_ref"))

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    actor_id: Mapped[int | None]
    actor_name: Mapped[str]
    on_behalf_of: Mapped[str | None]
    action: Mapped[str] = mapped_column(index=True)
    subject_type: Mapped[str]
    subject_ref: Mapped[str]
    subject_label: Mapped[str]
    scope: Mapped[str | None]
    reason: Mapped[str | None]
    details: Mapped[dict[str, Any]]
    request_id: Mapped[str | None]
    previous: Mapped[str]
    hash: Mapped[str]


class AuditHead(Model):
    """The newest row's number and hash. Its row lock, taken last, puts all writers of the log in one line."""

    __tablename__ = "audit_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[str]


# Every act runs these, so they are made once, and ask the tables rather than records that nobody keeps.
HEADS, ENTRY = (Base.metadata.tables[each] for each in ("audit_head", "audit_entry"))
HEAD = select(HEADS.c.seq, HEADS.c.hash).with_for_update()
FIRST_HEAD = insert(HEADS).values(id=1)
MOVE_HEAD = update(HEADS).where(HEADS.c.id == 1)
ENTRIES = insert(ENTRY)

# What is written stays: a second fence behind the chain, here for a database made without migrations.
REFUSE = "audit_entry is append-only"
FENCES = {
    "sqlite": (
        f"CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry BEGIN SELECT RAISE(ABORT, '{REFUSE}'); END",
        f"CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry BEGIN SELECT RAISE(ABORT, '{REFUSE}'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION audit_entry_stays() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSE}'; END $$",
        "CREATE TRIGGER audit_entry_no_change BEFORE UPDATE OR DELETE ON audit_entry "
        "FOR EACH ROW EXECUTE FUNCTION audit_entry_stays()",
        "CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_stays()",
    ),
}
for _dialect, _fences in FENCES.items():
    for _fence in _fences:
        event.listen(ENTRY, "after_create", DDL(_fence).execute_if(dialect=_dialect))

START = "0" * 64
HASHED = (
    "seq",
    "at",
    "recorded_at",
    "actor_id",
    "actor_name",
    "on_behalf_of",
    "action",
    "subject_type",
    "subject_ref",
    "subject_label",
    "scope",
    "reason",
    "details",
    "request_id",
    "previous",
)


def record(
    actor: Actor,
    action: str,
    subject: Any,
    *,
    scope: Any = None,
    reason: str | None = None,
    on_behalf_of: str | None = None,
    **details: Any,
) -> None:
    """Remember a deed, in the words `noun.done` (`registration.withdrawn`).

    The row is written as the last write before the commit. `subject` is a record with a `ref`; `scope` the event it
    belongs to, by default the subject's own `event`. `details` must fit into JSON; keep names of people out of them.
    An actor who acts in somebody's name says so itself.
    """
    scope = scope if scope is not None else getattr(subject, "event", None)
    waiting = db.session.info.setdefault("audit", [])
    waiting.append(
        {
            "at": clock.now(),
            "actor_id": actor.id,
            "actor_name": actor.name,
            "on_behalf_of": on_behalf_of or getattr(actor, "on_behalf_of", None),
            "action": action,
            "subject": subject,
            "scope": scope,
            "reason": None if reason is None else tidy(reason),
            "details": {name: _keepable(value) for name, value in details.items()},
        }
    )
    before_commit("audit", _append)


def _keepable(value: Any) -> Any:
    if isinstance(value, str):
        return tidy(value)
    if isinstance(value, list | tuple | set):
        return [_keepable(each) for each in value]
    if isinstance(value, dict):
        return {str(name): _keepable(each) for name, each in value.items()}
    if value is None or isinstance(value, bool | int):
        return value
    return getattr(value, "ref", None) or str(value)


def write_waiting() -> None:
    """Write the rows now instead of before the commit, for many acts told in one unit of work.

    It takes the head's lock early and keeps it: not for acts beside which others work.
    """
    db.session.flush()
    _append(db.session())


def _append(session: Session) -> None:
    waiting = session.info.pop("audit", [])
    if not waiting:
        return
    found = session.execute(HEAD).one_or_none()
    seq, newest = (found.seq, found.hash) if found else (0, START)
    rows = []
    for each in waiting:
        subject, scope = each.pop("subject"), each.pop("scope")
        row = {
            **each,
            "seq": seq + 1,
            "recorded_at": clock.now(),
            "subject_type": type(subject).__name__,
            "subject_ref": getattr(subject, "ref", ""),
            "subject_label": tidy(str(getattr(subject, "label", "") or ""))[:200],
            "scope": getattr(scope, "ref", None),
            "request_id": request_id(),
            "previous": newest,
        }
        seq, newest = seq + 1, digest(row)
        row["hash"] = newest
        rows.append(row)
    session.execute(MOVE_HEAD if found else FIRST_HEAD, {"seq": seq, "hash": newest})
    session.execute(ENTRIES, rows)


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop("audit", None)


def digest(row: dict[str, Any]) -> str:
    """SHA-256 over the row's canonical JSON (RFC 8785); moments as ISO 8601 in UTC."""
    shown = {name: row[name].isoformat() if isinstance(row[name], datetime) else row[name] for name in HASHED}
    return hashlib.sha256(rfc8785.dumps(shown)).hexdigest()


@dataclass(frozen=True)
class Verdict:
    """What a walk along the chain found. `broken_at` names the first row that does not fit."""

    rows: int
    head: str
    broken_at: int | None = None
    why: str = ""


def verify(against: str | None = None, watch: Callable[[int, str], None] | None = None) -> Verdict:
    """Walk the whole chain. `against` is a head printed outside (at least 12 hex digits): it must be among the rows.
    `watch` is told the number and the hash of each row that fits.

    Raises ValueError when `against` is no such head.
    """
    wanted = None if against is None else printed(against)
    begun = db.session.execute(select(AuditHead.seq, AuditHead.hash)).one_or_none()
    previous, expected, seen, begun_at = START, 1, wanted is None or START.startswith(wanted), START
    for row in _rows():
        why = "the row cannot be read" if row is None else _trouble(row, expected, previous)
        if row is None or why:
            return Verdict(expected - 1, previous, expected, why)
        previous, expected = row["hash"], expected + 1
        if watch is not None:
            watch(row["seq"], previous)
        begun_at = previous if begun and row["seq"] == begun.seq else begun_at
        seen = seen or (wanted is not None and previous.startswith(wanted))
    # Others may have written meanwhile, so the head is asked for before and after.
    now = db.session.execute(select(AuditHead.seq, AuditHead.hash)).one_or_none()
    if (begun.hash if begun else START) != begun_at:
        return Verdict(expected - 1, previous, expected, "rows are missing at the end")
    if expected > 1 and (now is None or now.seq < expected - 1 or (now.seq == expected - 1 and now.hash != previous)):
        return Verdict(expected - 1, previous, expected - 1, "the last row was not written by Hufu")
    if not seen:
        return Verdict(expected - 1, previous, expected, "the given head is not in the log")
    return Verdict(expected - 1, previous)


def printed(head: str) -> str:
    """A head as it stands on paper, in groups or whole, as its hexadecimal digits. Raises ValueError."""
    digits = re.sub(r"[\s·:-]", "", head).lower()
    if not re.fullmatch("[0-9a-f]{12,64}", digits):
        raise ValueError("a head is at least 12 hexadecimal digits")
    return digits


def _rows() -> Iterator[RowMapping | None]:
    """The rows in their order, read a thousand at a time; None for one whose values the columns cannot hold."""
    last, step = -(2**31), 1000
    while True:
        page = select(AuditEntry.__table__).where(AuditEntry.seq > last).order_by(AuditEntry.seq).limit(step)
        try:
            rows = db.session.execute(page).mappings().all()
        except (ValueError, TypeError):
            if step == 1:
                yield None
                return
            step = 1  # one of these: singly it is found
            continue
        yield from rows
        if len(rows) < step:
            return
        last = rows[-1]["seq"]


def _trouble(row: RowMapping, expected: int, previous: str) -> str:
    if row["seq"] != expected:
        return "a row is missing"
    if row["previous"] != previous:
        return "the row does not continue the one before"
    try:
        return "" if digest(dict(row)) == row["hash"] else "the row was changed"
    except (ValueError, TypeError):
        return "the row was changed"


def head() -> str:
    """The newest row's hash, for print on documents."""
    found = db.session.scalar(select(AuditHead.hash))
    return found or START
