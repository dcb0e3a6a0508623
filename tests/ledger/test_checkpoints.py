"""Heads signed by a key outside the database: what a rewriting of the whole log cannot make good."""

import hashlib
import json
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, insert, select, text
from sqlalchemy.exc import ProgrammingError

from app.core import audit, clock, jobs
from app.core.audit import AuditEntry, record
from app.core.config import ROOT
from app.core.db import db, unit_of_work
from app.core.roles import SYSTEM
from app.ledger import keys, queries, services, signed
from app.ledger.models import Checkpoint
from tests.conftest import build
from tests.factories import make_event
from tests.tampering import change_by_hand


def write(count: int) -> None:
    with unit_of_work():
        event = make_event()
        for number in range(count):
            record(SYSTEM, "event.changed", event, number=number)


def check() -> Checkpoint:
    with unit_of_work():
        return services.make_checkpoint()


def by_hand(*statements: str) -> None:
    db.session.rollback()
    change_by_hand(db.engine.url.database, *statements)


def rewrite_from(seq: int, reason: str = "nothing happened") -> None:
    """As somebody with the whole database would: change a row, and make every hash after it fit, the head too."""
    rows = [dict(each) for each in db.session.execute(select(AuditEntry.__table__).order_by(AuditEntry.seq)).mappings()]
    statements, previous = [], rows[seq - 2]["hash"] if seq > 1 else audit.START
    for row in rows[seq - 1 :]:
        row |= {"previous": previous} | ({"reason": reason} if row["seq"] == seq else {})
        previous = row["hash"] = audit.digest(row)
        statements.append(
            f"UPDATE audit_entry SET reason = {_quoted(row['reason'])}, previous = '{row['previous']}', "
            f"hash = '{row['hash']}' WHERE seq = {row['seq']}"
        )
    by_hand(*statements, f"UPDATE audit_head SET hash = '{previous}'")


def _quoted(value: str | None) -> str:
    return "NULL" if value is None else f"'{value}'"


def test_a_checkpoint_signs_the_head_and_is_noted_outside_the_database(cast) -> None:
    write(5)
    made = check()
    assert (made.head, made.since) == (audit.head(), 1)
    told = queries.told(made)
    assert signed.is_signed(told, keys.known_keys()[made.key_id])
    assert [json.loads(line) for line in (keys.folder() / keys.NOTES).read_text().splitlines()] == [told]
    assert (keys.folder() / "signing.pem").stat().st_mode & 0o777 == 0o600
    assert "PRIVATE" not in str(db.session.execute(text("SELECT * FROM checkpoint")).all())


def test_nothing_new_makes_no_further_checkpoint(cast) -> None:
    write(2)
    assert check() is check()
    write(1)
    first, second = queries.list_checkpoints()[::-1] + [check()]
    assert (second.since, second.seq) == (first.seq + 1, audit_seq())


def audit_seq() -> int:
    return db.session.scalar(select(AuditEntry.seq).order_by(AuditEntry.seq.desc()).limit(1)) or 0


@pytest.mark.parametrize("field", ["seq", "since", "head", "tree", "made_at", "signature"])
def test_a_changed_checkpoint_is_not_signed(cast, field: str) -> None:
    write(1)
    told: dict[str, Any] = queries.told(check())
    key = keys.known_keys()[told["key_id"]]
    assert signed.is_signed(told, key)
    other = told[field] + 1 if isinstance(told[field], int) else told[field].replace("0", "1").replace("2", "3")
    assert not signed.is_signed(told | {field: other}, key)
    assert not signed.is_signed({name: value for name, value in told.items() if name != field}, key)
    assert not signed.is_signed(told, b"x" * 32)


def test_a_checkpoint_is_due_after_a_thousand_rows_or_a_day(cast, monkeypatch: pytest.MonkeyPatch) -> None:
    write(1)
    jobs.run_now("make_due_checkpoint")
    assert len(queries.list_checkpoints()) == 1
    write(3)
    jobs.run_now("make_due_checkpoint")
    assert len(queries.list_checkpoints()) == 1
    with clock.at(clock.now() + timedelta(days=1, seconds=1)):
        jobs.run_now("make_due_checkpoint")
        assert len(queries.list_checkpoints()) == 2
        jobs.run_now("make_due_checkpoint")
        assert len(queries.list_checkpoints()) == 2
        monkeypatch.setattr(services, "ROWS", 3)
        write(3)
        jobs.run_now("make_due_checkpoint")
    assert len(queries.list_checkpoints()) == 3


def test_a_whole_log_names_the_last_anchor_that_holds(cast) -> None:
    write(3)
    made = check()
    write(2)
    found = queries.examine()
    assert (found.is_whole, found.rows, found.holds) == (True, made.seq + 2, queries.Anchor(made.seq, "", made.made_at))
    printed = {audit.head(): ("PL-2027-001", clock.now())}
    found = queries.examine(anchors=printed)
    assert found.holds is not None
    assert (found.holds.seq, found.holds.name) == (made.seq + 2, "PL-2027-001")


def test_database_row_edited_by_sql_is_named_with_the_last_anchor_that_holds(cast) -> None:
    write(3)
    first = check()
    write(5)
    check()
    by_hand(f"UPDATE audit_entry SET reason = 'x' WHERE seq = {first.seq + 2}")
    found = queries.examine()
    assert (found.broken_at, found.why) == (first.seq + 2, "the row was changed")
    assert found.holds is not None
    assert found.holds.seq == first.seq


def test_chain_rewritten_by_sql_is_found_by_a_checkpoint(cast) -> None:
    write(3)
    first = check()
    write(5)
    second = check()
    write(5)
    rewrite_from(first.seq + 2)
    assert audit.verify().broken_at is None  # the chain itself is whole
    found = queries.examine()
    assert (found.broken_at, found.why) == (first.seq + 1, queries.REWRITTEN)
    assert found.holds is not None
    assert found.holds.seq == first.seq
    by_hand(f"DELETE FROM checkpoint WHERE seq = {second.seq}")  # taken away: the note outside remains
    assert queries.examine().why == queries.REWRITTEN


def test_chain_rewritten_by_sql_is_found_by_an_anchor_in_an_issued_pdf(cast) -> None:
    write(4)
    printed = audit.head()
    write(4)
    rewrite_from(2)
    assert queries.examine().broken_at is None  # nothing inside can tell
    told = queries.examine(against=printed[:16])
    assert (told.why, told.broken_at, told.holds) == (queries.LOST, 1, None)
    found = queries.examine(anchors={printed: ("PL-2027-001", None)})
    assert (found.broken_at, found.why, list(found.lost)) == (1, queries.FOREIGN, ["PL-2027-001"])


def test_a_forged_checkpoint_is_told(cast) -> None:
    write(4)
    check()
    write(2)
    db.session.execute(
        insert(Checkpoint).values(
            seq=audit_seq(), since=1, head=audit.head(), tree="0" * 64, made_at=clock.now(), key_id="0" * 64,
            signature="0" * 128,
        )
    )  # fmt: skip
    db.session.commit()
    found = queries.examine()
    assert (found.is_whole, found.broken_at, list(found.unsigned)) == (False, None, [audit_seq()])


def test_a_tail_cut_with_its_head_is_found_by_a_checkpoint(cast) -> None:
    write(6)
    check()
    kept = db.session.get(AuditEntry, 3)
    assert kept is not None
    by_hand("DELETE FROM audit_entry WHERE seq > 3", f"UPDATE audit_head SET seq = 3, hash = '{kept.hash}'")
    found = queries.examine()
    assert (found.broken_at, found.why) == (4, queries.CUT)


def test_one_row_is_shown_without_its_neighbours(cast) -> None:
    write(9)
    made = check()
    for row in db.session.execute(select(AuditEntry.__table__)).mappings():
        proof = queries.proof_of(row)
        assert proof is not None
        assert proof["checkpoint"] == made.seq
        place, size = row["seq"] - made.since, made.seq - made.since + 1
        assert signed.leads_to(row["hash"], place, size, proof["path"], made.tree)
        assert not signed.leads_to(hashlib.sha256(b"x").hexdigest(), place, size, proof["path"], made.tree)
    write(1)
    newest = db.session.execute(select(AuditEntry.__table__).order_by(AuditEntry.seq.desc()).limit(1)).mappings().one()
    assert queries.proof_of(newest) is None


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 64, 65])
def test_a_proof_fits_its_own_row_alone(size: int) -> None:
    leaves = [hashlib.sha256(str(each).encode()).hexdigest() for each in range(size)]
    root = signed.tree_root(leaves)
    for at in range(size):
        proof = signed.proof_of(leaves, at)
        assert signed.leads_to(leaves[at], at, size, proof, root)
        assert not signed.leads_to(leaves[at], (at + 1) % size, size, proof, root) or size == 1
        assert not signed.leads_to(random.Random(at).randbytes(32).hex(), at, size, proof, root)
        assert not signed.leads_to(leaves[at], at, size, [*proof, root], root)
        assert not signed.leads_to(leaves[at], at, size + 1, proof, "0" * 64)
    assert not signed.leads_to("zz", 0, 1, [], root)


@pytest.mark.postgres
def test_checkpoints_on_postgresql_too(postgres_app: Flask) -> None:
    with postgres_app.app_context():
        write(4)
        check()
        assert queries.examine().is_whole


@pytest.mark.postgres
def test_the_role_of_the_guide_serves_and_changes_no_row_of_the_log(postgres_url: str, tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "operating.md").read_text()
    granted = [line.strip() for line in guide.splitlines() if "hufu_serves" in line and line.startswith("    ")]
    owner = create_engine(postgres_url)
    with owner.begin() as connection:
        for line in granted:
            connection.execute(text(line))
    app = build(tmp_path / "instance", database_url=postgres_url.replace("hufu@", "hufu_serves@"))
    with app.app_context():
        write(3)
        check()
        for forbidden in (
            "UPDATE audit_entry SET reason = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry",
            "ALTER TABLE audit_entry DISABLE TRIGGER USER",
        ):  # fmt: skip
            with pytest.raises(ProgrammingError, match="permission denied|must be owner"):
                db.session.execute(text(forbidden))
            db.session.rollback()
        assert queries.examine().is_whole
        db.session.remove()
        db.engine.dispose()
    with owner.begin() as connection:
        connection.execute(text("DROP OWNED BY hufu_serves"))
        connection.execute(text("DROP ROLE hufu_serves"))
    owner.dispose()
