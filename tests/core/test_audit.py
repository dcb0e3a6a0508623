"""The log: one chain, and every way of breaking it is found."""

import random
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.core import audit
from app.core.audit import AuditEntry, record, verify
from app.core.db import db, unit_of_work
from app.core.errors import Refused
from app.core.roles import SYSTEM
from tests.factories import make_event, make_team
from tests.tampering import change_by_hand

ROWS = 30


@pytest.fixture
def log(cast) -> Callable[[str], None]:
    """A log of thirty further rows; gives a way to change the table behind its back."""
    with unit_of_work():
        event = make_event(title="年会")
    for number in range(ROWS // 3):
        with unit_of_work():
            for part in range(3):
                record(
                    cast.olaf,
                    "event.changed",
                    event,
                    reason=f"第{number}次",
                    number=number,
                    part=part,
                    words=["战略", None, True],
                )

    def change(statement: str) -> None:
        db.session.rollback()
        change_by_hand(db.engine.url.database, statement)

    return change


def rows() -> list[AuditEntry]:
    return list(db.session.query(AuditEntry).order_by(AuditEntry.seq))


def test_a_whole_log_is_whole(log) -> None:
    verdict = verify()
    entries = rows()
    assert (verdict.broken_at, verdict.rows, verdict.head) == (None, entries[-1].seq, entries[-1].hash)
    assert [each.seq for each in entries] == list(range(1, len(entries) + 1))
    assert verdict.head == audit.head()


def test_each_row_continues_the_one_before(log) -> None:
    entries = rows()
    assert entries[0].previous == "0" * 64
    assert [each.previous for each in entries[1:]] == [each.hash for each in entries[:-1]]


COLUMNS = (
    "at", "recorded_at", "actor_id", "actor_name", "on_behalf_of", "action", "subject_type", "subject_ref", "subject_label",
    "scope", "reason", "details", "request_id", "previous", "hash",
)  # fmt: skip


@pytest.mark.parametrize("column", COLUMNS)
def test_one_changed_value_is_found_at_its_row(log, column: str) -> None:
    seq = random.choice(rows()).seq
    new = {"at": "'2001-01-01 00:00:00.000000'", "recorded_at": "'2001-01-01 00:00:00.000000'", "actor_id": "77",
           "details": "'{\"number\": 1}'"}.get(column, "'x'")  # fmt: skip
    log(f"UPDATE audit_entry SET {column} = {new} WHERE seq = {seq}")
    assert verify().broken_at == seq


@pytest.mark.parametrize("details", ["not json", "[1e999]", '{"n": 1.5}', '{"n": 123456789012345678901}'])
def test_values_that_no_column_can_hold_are_found_and_not_an_error(log, details: str) -> None:
    log(f"UPDATE audit_entry SET details = '{details}' WHERE seq = 9")
    assert verify().broken_at == 9


def test_a_moment_that_is_none_is_found_and_not_an_error(log) -> None:
    log("UPDATE audit_entry SET at = 'yesterday' WHERE seq = 9")
    assert verify().broken_at == 9


@pytest.mark.parametrize("attempt", range(5))
def test_a_removed_row_is_found_at_its_place(log, attempt: int) -> None:
    seq = random.choice(rows()[:-1]).seq
    log(f"DELETE FROM audit_entry WHERE seq = {seq}")
    verdict = verify()
    assert (verdict.broken_at, verdict.why) == (seq, "a row is missing")


@pytest.mark.parametrize("attempt", range(5))
def test_two_swapped_rows_are_found(log, attempt: int) -> None:
    first, second = sorted(each.seq for each in random.sample(rows(), 2))
    log(f"UPDATE audit_entry SET seq = -1 WHERE seq = {first}")
    log(f"UPDATE audit_entry SET seq = {first} WHERE seq = {second}")
    log(f"UPDATE audit_entry SET seq = {second} WHERE seq = -1")
    assert verify().broken_at == first


def test_an_appended_row_is_found_even_when_it_continues_the_chain(log) -> None:
    last = rows()[-1]
    forged = {name: getattr(last, name) for name in audit.HASHED} | {
        "seq": last.seq + 1,
        "previous": last.hash,
        "action": "x",
    }
    log(
        "INSERT INTO audit_entry SELECT seq + 1, at, recorded_at, actor_id, actor_name, on_behalf_of, 'x', subject_type, "
        f"subject_ref, subject_label, scope, reason, details, request_id, hash, '{audit.digest(forged)}' FROM audit_entry "
        f"WHERE seq = {last.seq}"
    )
    verdict = verify()
    assert (verdict.broken_at, verdict.why) == (last.seq + 1, "the last row was not written by Hufu")


@pytest.mark.parametrize("cut", [1, 2, 17])
def test_a_cut_tail_is_found(log, cut: int) -> None:
    last = rows()[-1].seq
    log(f"DELETE FROM audit_entry WHERE seq > {last - cut}")
    verdict = verify()
    assert (verdict.broken_at, verdict.why) == (last - cut + 1, "rows are missing at the end")


def test_a_tail_that_is_cut_with_its_head_is_found_against_a_head_outside(log) -> None:
    entries = rows()
    outside, kept = entries[-1].hash, entries[-5]
    log(f"DELETE FROM audit_entry WHERE seq > {kept.seq}")
    log(f"UPDATE audit_head SET seq = {kept.seq}, hash = '{kept.hash}'")
    assert verify().broken_at is None  # nothing inside can tell
    assert verify(against=outside).why == "the given head is not in the log"
    assert verify(against=entries[3].hash).broken_at is None


def test_a_row_before_the_first_is_found(log) -> None:
    log("UPDATE audit_entry SET seq = 0 WHERE seq = 1")
    assert verify().broken_at == 1


def test_a_log_without_its_head_is_broken(log) -> None:
    log("DELETE FROM audit_head")
    assert verify().broken_at == rows()[-1].seq


def test_an_emptied_log_is_found(log) -> None:
    log("DELETE FROM audit_entry")
    assert verify().why == "rows are missing at the end"


def test_a_head_is_given_as_it_is_printed(log) -> None:
    some = rows()[7].hash
    printed = f"{some[:4]} {some[4:8]} · {some[8:12]} {some[12:16]}".upper()
    assert verify(against=printed).broken_at is None
    assert verify(against="f" * 64).why == "the given head is not in the log"


@pytest.mark.parametrize("head", ["", "a", "0123456789a", "not a head at all", "g" * 12, "0" * 65])
def test_what_is_no_head_is_not_taken_for_one(log, head: str) -> None:
    with pytest.raises(ValueError):
        verify(against=head)


def test_a_refused_act_leaves_no_row(log, cast) -> None:
    before = len(rows())
    with pytest.raises(Refused), unit_of_work():  # noqa: PT012 - a unit is left by its exception
        record(cast.olaf, "team.made", make_team())
        raise Refused("no")
    with unit_of_work():
        make_team()
    assert len(rows()) == before


def test_a_row_holds_who_did_what_where_and_why(cast) -> None:
    with unit_of_work():
        event = make_event(title="Gathering")
        record(
            cast.olaf,
            "event.published",
            event,
            scope=event,
            reason="it is\x00 time\ud800",
            seats=3,
            share=0.5,
            who=cast.people["tom"],
        )
    row = rows()[-1]
    assert (row.actor_id, row.actor_name, row.action) == (cast.olaf.id, "Olaf Brandt", "event.published")
    assert (row.subject_type, row.subject_ref, row.subject_label, row.scope) == (
        "Event",
        event.ref,
        "Gathering",
        event.ref,
    )
    assert (row.reason, row.details) == ("it is time", {"seats": 3, "share": "0.5", "who": cast.people["tom"].ref})
    assert verify().broken_at is None


def test_rows_written_early_stand_in_the_same_chain(cast) -> None:
    with unit_of_work():
        event = make_event()
        record(SYSTEM, "a.b", event)
        audit.write_waiting()
        record(SYSTEM, "c.d", event)
    assert [each.action for each in rows()[-2:]] == ["a.b", "c.d"]
    assert verify().broken_at is None


@pytest.mark.postgres
def test_the_chain_is_whole_on_postgresql_too(postgres_app: Flask) -> None:
    with postgres_app.app_context():
        with unit_of_work():
            event = make_event(title="年会")
            record(SYSTEM, "event.made", event, reason="战略", n=1)
        assert verify().broken_at is None
        db.session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
        db.session.execute(audit.AuditEntry.__table__.update().where(AuditEntry.seq == 3).values(reason="x"))
        assert verify().broken_at == 3
        db.session.rollback()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET reason = 'x' WHERE seq = 1",
        "DELETE FROM audit_entry WHERE seq = 1",
        "TRUNCATE audit_entry",
    ],
)
def test_no_row_of_the_log_is_changed_or_taken_away(either_app: Flask, statement: str) -> None:
    with either_app.app_context():
        with unit_of_work():
            record(SYSTEM, "event.made", make_event())
        if statement.startswith("TRUNCATE") and db.engine.dialect.name == "sqlite":
            statement = "DELETE FROM audit_entry"
        with pytest.raises(DBAPIError, match="audit_entry is append-only"):
            db.session.execute(text(statement))
        db.session.rollback()
        assert verify().broken_at is None
