"""What a form may change: its own fields of its own records, once (AZ4, AZ6, R7). Generic over every form that somebody sees."""

import re
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.core import clock, housekeeping
from app.core.db import db
from tests.architecture.driving import REF, Drive, Form

# What the hidden fields of a form steer; the rest of its own names is left as the page gave it.
OWN = {"csrf_token", "intent", "version"}
# Random at each sending, or computed from what is.
MOVES = (
    "token_hash", "password_hash", "door_code", "code", "content_hash", "mail_message.message_id", "mail_message.text",
    "intent.key", "intent.body", "audit_entry.details", "audit_entry.hash", "audit_entry.previous", "request_id", "recorded_at",
    "time_code.secret", "proof_challenge.digest", "proof_challenge.values", "certificate.pem", "certificate.key",
    "certificate.serial", "certificate.fingerprint", "revocation_list.der", "document_revision.pdf_hash",
    "document_revision.certificate", "document_revision.audit_head", "issued_document.pdf_hash", "issued_document.audit_head",
    "stored_file.sha256", "stored_file.size", "signature.statement", "signature.statement_hash", "signature.salt",
    "stage.screen_token_hash", "cue_mark.entry",
)  # fmt: skip


def every_column() -> set[str]:
    """The names of all columns of all tables, and some that systems of this kind have had."""
    own = {column.name for table in db.metadata.sorted_tables for column in table.columns}
    return (
        own
        | {name.removesuffix("_id") for name in own}
        | {"is_admin", "approved", "points", "owner_id", "roles", "_method"}
    )


def forged(form: Form) -> dict[str, str]:
    """A value for every column of the database that the form has no field for."""
    return {name: "1" for name in sorted(every_column()) if name not in form.fields and name not in OWN}


def test_a_form_takes_only_its_own_fields_and_has_its_effect_once(drive: Drive) -> None:
    """AZ6 and R7. Each form is sent; again as it was; and, on the world as it was before, with every column forged in.

    The second sending leads where the first one led and changes nothing; the forged one leaves the very rows of the
    plain one.
    """
    worked = 0
    for number, form in enumerate(drive.forms):
        sent = form.filled()
        with drive.still():
            first = drive.send(form, sent, intent=f"once-{number}")
            once, kept = drive.rows(*MOVES), drive.rows()
            if first.status_code == 303:
                again = drive.send(form, sent, intent=f"once-{number}")
                changed = [name for name, rows in drive.rows().items() if rows != kept[name]]
                assert not changed, f"{form}: sent twice, done twice: {changed}"
                assert (again.status_code, again.location) == (303, first.location), f"{form}: the second answer"
                worked += 1
        drive.walk.restore()
        if first.status_code != 303:
            continue  # refused as it stands: the state of the record forbids it
        with drive.still():
            more = drive.send(form, {**forged(form), **sent}, intent=f"once-{number}")
            assert more.status_code == first.status_code, f"{form}: {more.status_code} with forged fields"
            changed = [name for name, rows in drive.rows(*MOVES).items() if rows != once[name]]
            assert not changed, f"{form}: a forged field had an effect: {changed}"
        drive.walk.restore()
    assert worked >= 85, f"only {worked} of {len(drive.forms)} forms could be carried out"


def test_a_form_sent_again_after_a_day_and_a_cleaning_has_no_second_effect(drive: Drive) -> None:
    """R7: the browser that comes back with the form of yesterday is led to where it led then."""
    form = next(form for form in drive.forms if form.action.endswith("/rooms"))
    start = drive.moment
    with clock.at(start):
        first = drive.send(form, form.filled(), intent="yesterday")
        assert first.status_code == 303
        rows = drive.rows()["room"]
    for hours in (8, 16, 24):  # the person looks in now and then, so that their sign-in lives on
        with clock.at(start + timedelta(hours=hours)), drive.walk.app.app_context():
            assert drive.walk.clients[form.member].get("/").status_code == 200
            housekeeping.forget_old_intents()
            db.session.remove()
    with clock.at(start + timedelta(hours=25)):
        again = drive.send(form, form.filled(), intent="yesterday")
    assert (again.status_code, again.location) == (303, first.location)
    assert drive.rows()["room"] == rows
    drive.walk.restore()


def tables_of_refs() -> dict[str, str]:
    """ref → table, of every record."""
    found = {}
    for table in db.metadata.sorted_tables:
        if "ref" in table.columns:
            found |= dict.fromkeys(db.session.scalars(select(table.c.ref)), table.name)
    return found


def of_events() -> set[str]:
    """The tables whose records belong to one event, and the events themselves."""
    return {"event"} | {table.name for table in db.metadata.sorted_tables if "event_id" in table.columns}


def choices_of_records(form: Form, tables: dict[str, str]) -> dict[str, str]:
    """The fields of a form that take a record of an event, with the table of that record."""
    found = {}
    for name in form.fields:
        kinds = {tables[value] for value in form.options.get(name, ()) if value in tables}
        stem = re.sub(r"_ref$|s$", "", name)
        named = {"item": "agenda_item", "round": "pledge_round"}.get(stem, stem)
        kind = next(iter(kinds), named)
        taken = form.fields[name] in ("select", "hidden") or kinds  # a box may only say yes to "rooms"
        if kind in set(tables.values()) and taken:
            found[name] = kind
    return found


def test_a_record_of_another_event_cannot_be_chosen(drive: Drive) -> None:
    """AZ4 in bodies: the ref of event B's record in a field of event A's form, by one who sees both and one who does not."""
    with drive.walk.app.app_context():
        tables, events = tables_of_refs(), of_events()
        db.session.remove()
    foreign = {tables[ref]: ref for ref in drive.walk.scenes["b"].values() if ref in tables}
    before, tried = drive.rows(*MOVES), set()
    counter = drive.counter()
    for form in drive.forms:
        for name, table in choices_of_records(form, tables).items():
            if table not in events or table not in foreign:
                continue
            of_an_event = (
                form.action.startswith("/events/") and name != "previous"
            )  # elsewhere whoever sees both may choose
            for member in {form.member, "ada" if of_an_event else form.member}:
                data: dict[str, Any] = {**form.filled(), name: foreign[table]}
                answer = drive.send(form, data, intent=f"foreign-{len(tried)}", member=member)
                where = f"{member} {form.action}: {name} = a {table} of another event"
                assert answer.status_code in (403, 404, 422), f"{where}: {answer.status_code}"
                if answer.status_code == 422:
                    assert f'id="{name}-wrong"' in answer.get_data(as_text=True), f"{where}: no sentence beside it"
                if counter.moved():
                    assert drive.rows(*MOVES) == before, f"{where}: something was stored"
                tried.add((REF.sub("", form.action), name))
    counter.close()
    assert len(tried) >= 20, sorted(tried)
