"""Whether the log is whole, from where on it is not, and which anchor still holds."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.core import audit
from app.core.audit import AuditEntry
from app.core.db import db
from app.ledger import keys, signed
from app.ledger.models import Checkpoint

REWRITTEN = "the rows since were written anew: a signed head is another"
CUT = "rows are missing at the end: a signed head lies behind it"
FOREIGN = "a document that was issued carries a head that is not in the log"
LOST = "the given head is not in the log"


@dataclass(frozen=True)
class Anchor:
    """Something that holds the head of the log outside of it: a checkpoint, or a document that was issued."""

    seq: int
    name: str  # of the document; empty for a checkpoint
    made_at: datetime | None


@dataclass(frozen=True)
class Integrity:
    """What a walk along the log found. Rows up to that of `holds` are bound by it; later ones only by the chain.

    `broken_at` is the first row that does not fit; after a rewriting, or where a head from paper is not found, the first
    after the last anchor that holds.
    """

    rows: int
    head: str
    broken_at: int | None
    why: str
    holds: Anchor | None
    checkpoints: int
    unsigned: Sequence[int] = ()  # checkpoints whose signature is not ours
    lost: Sequence[str] = ()  # documents whose head is not in the log

    @property
    def is_whole(self) -> bool:
        return self.broken_at is None and not self.unsigned


def find_last() -> Checkpoint | None:
    return db.session.scalar(select(Checkpoint).order_by(Checkpoint.seq.desc()).limit(1))


def find_covering(seq: int) -> Checkpoint | None:
    """The first checkpoint that signs this row."""
    return db.session.scalar(select(Checkpoint).where(Checkpoint.seq >= seq).order_by(Checkpoint.seq).limit(1))


def list_checkpoints(limit: int = 100) -> Sequence[Checkpoint]:
    """The newest first."""
    return db.session.scalars(select(Checkpoint).order_by(Checkpoint.seq.desc()).limit(limit)).all()


def told(checkpoint: Checkpoint) -> dict[str, Any]:
    """As it is signed, noted and given away."""
    return {
        "seq": checkpoint.seq, "since": checkpoint.since, "head": checkpoint.head, "tree": checkpoint.tree,
        "made_at": checkpoint.made_at.isoformat(), "key_id": checkpoint.key_id, "signature": checkpoint.signature,
    }  # fmt: skip


def proof_of(entry: Mapping[str, Any]) -> dict[str, Any] | None:
    """How a row of the log is shown to belong to it, without its neighbours' words; None before the next checkpoint."""
    checkpoint = find_covering(entry["seq"])
    if checkpoint is None:
        return None
    rows = (
        select(AuditEntry.hash)
        .where(AuditEntry.seq >= checkpoint.since, AuditEntry.seq <= checkpoint.seq)
        .order_by(AuditEntry.seq)
    )
    leaves = db.session.scalars(rows).all()
    return {"checkpoint": checkpoint.seq, "path": signed.proof_of(leaves, entry["seq"] - checkpoint.since)}


def list_signed() -> list[dict[str, Any]]:
    """The checkpoints of the database and those that were noted outside of it."""
    found = {each.seq: told(each) for each in db.session.scalars(select(Checkpoint)).all()}
    for noted in _noted():
        found[noted["seq"]] = noted  # what stands outside is believed
    return [found[seq] for seq in sorted(found)]


def _noted() -> list[dict[str, Any]]:
    path = keys.folder() / keys.NOTES
    if not path.exists():
        return []
    found = []
    for line in path.read_text().splitlines():
        try:
            each = json.loads(line)
            found.append({**each, "seq": int(each["seq"])})
        except (ValueError, KeyError, TypeError):  # half a line, from a machine that went down
            continue
    return found


def examine(against: str | None = None, anchors: Mapping[str, tuple[str, datetime | None]] | None = None) -> Integrity:
    """Walk the whole log, with the checkpoints and the heads that issued documents carry (`anchors`: head → its name and
    when). `against` is a head that somebody holds on paper.

    Raises ValueError when `against` is no head.
    """
    known, ours = list_signed(), keys.known_keys()
    good = {each["seq"]: each for each in known if signed.is_signed(each, ours.get(each.get("key_id", ""), b""))}
    held: list[Anchor] = []
    other: list[int] = []
    missing = {head: anchor for head, anchor in (anchors or {}).items() if head != audit.START}

    def watch(seq: int, head: str) -> None:
        if seq in good:
            made_at = datetime.fromisoformat(good[seq]["made_at"])
            held.append(Anchor(seq, "", made_at)) if good[seq]["head"] == head else other.append(seq)
        if head in missing:
            held.append(Anchor(seq, *missing.pop(head)))

    verdict = audit.verify(against=against, watch=watch)
    # What lies behind a signed head that does not fit is bound to nothing that we trust.
    sound = [each for each in held if not other or each.seq < other[0]]
    broken_at, why = verdict.broken_at, verdict.why
    if broken_at is None or why == LOST:
        first = sound[-1].seq + 1 if sound else 1
        if other:
            broken_at, why = first, REWRITTEN
        elif any(seq > verdict.rows for seq in good):
            broken_at, why = verdict.rows + 1, CUT
        elif missing and broken_at is None:
            broken_at, why = first, FOREIGN
        elif why == LOST:
            broken_at = first
    return Integrity(
        rows=verdict.rows, head=verdict.head, broken_at=broken_at, why=why, holds=sound[-1] if sound else None,
        checkpoints=len(good), unsigned=[each["seq"] for each in known if each["seq"] not in good],
        lost=[name for name, _made_at in missing.values()] if verdict.broken_at is None or verdict.why == LOST else (),
    )  # fmt: skip
