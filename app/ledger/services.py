"""Making checkpoints: the head of the log, signed by a key that whoever holds the database does not have."""

import json
from datetime import timedelta

from sqlalchemy import select

from app.core import clock
from app.core.audit import AuditEntry, AuditHead
from app.core.db import after_commit, db, unit_of_work
from app.core.jobs import every_minute
from app.ledger import keys, queries, signed
from app.ledger.models import Checkpoint

ROWS = 1000  # no more than that without a checkpoint, nor a day
LASTS = timedelta(days=1)


def make_checkpoint() -> Checkpoint:
    """Sign the log as it stands, inside the present unit of work, whose own rows come after it. Where nothing was
    written since the last one, that one is given."""
    found = db.session.execute(select(AuditHead.seq, AuditHead.hash).with_for_update()).one_or_none()
    seq, head = (found.seq, found.hash) if found else (0, "0" * 64)
    last = queries.find_last()
    if last is not None and last.seq >= seq:
        return last
    since = last.seq + 1 if last else 1
    rows = select(AuditEntry.hash).where(AuditEntry.seq >= since, AuditEntry.seq <= seq).order_by(AuditEntry.seq)
    key = keys.signing_key()
    facts = {
        "seq": seq, "since": since, "head": head, "tree": signed.tree_root(db.session.scalars(rows).all()),
    }  # fmt: skip
    now = clock.now()
    signature = key.sign(signed.statement(**facts, made_at=now.isoformat())).hex()
    checkpoint = Checkpoint(
        **facts, made_at=now, key_id=signed.key_id(keys.public_of(key)), signature=signature
    )  # fmt: skip
    db.session.add(checkpoint)
    db.session.flush()
    line = json.dumps(queries.told(checkpoint))
    after_commit(f"checkpoint:{seq}", lambda: _note(line))
    return checkpoint


def _note(line: str) -> None:
    """A copy outside the database, so that a checkpoint cannot be taken away in it unnoticed."""
    with (keys.folder() / keys.NOTES).open("a") as file:
        file.write(line + "\n")


@every_minute
def make_due_checkpoint() -> None:
    """After a thousand rows, and after a day in which anything was written."""
    last = queries.find_last()
    seq = db.session.scalar(select(AuditHead.seq)) or 0
    waiting = seq - (last.seq if last else 0)
    if waiting >= ROWS or (waiting and (last is None or clock.now() - last.made_at >= LASTS)):
        with unit_of_work():
            make_checkpoint()
