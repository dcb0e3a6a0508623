"""What can be done with many at once: choose, look, apply in one act, take the whole act back."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete

from app.batches import policy, queries
from app.batches.errors import BatchRefused
from app.batches.models import Batch, BatchKind, BatchMember
from app.batches.verdicts import GOOD, Plan, RowPlan, Verdict, guess, make_plan
from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import require
from app.core.i18n import _, ngettext, pgettext
from app.core.roles import Actor
from app.core.text import one_line, tidy
from app.events.models import Event
from app.people.models import Person
from app.programme.models import Session
from app.registration import places
from app.registration import queries as registrations
from app.registration import services as gate
from app.registration.models import GONE
from app.registration.services import Entry, Placed
from app.sheets import mapping
from app.sheets.reading import Table

MOST_ROWS = 2000
MOST_IN_GROUP = 500
UNDO = timedelta(hours=24)
UNDONE = "undone"  # how a registration ended that a batch had made


def open_group(
    event: Event,
    *,
    actor: Actor,
    people: Collection[Person] = (),
    lines: Sequence[str] = (),
    sessions: Collection[Session] = (),
    name: str | None = None,
) -> Batch:
    """Keep a choice of people for its dry run. A line is a number, an address or a name, as pasted."""
    require(policy.may_register_groups(actor, event, leads=queries.is_head(actor, event.starts_on)))
    _check_plan(event)
    chosen = [{"person": each.ref} for each in people]
    typed = [{"line": each} for line in lines if (each := tidy(line).strip()[:300])]
    if not chosen and not typed:
        raise BatchRefused(_("Choose somebody, or paste a list of people."), field="lines")
    if len(chosen) + len(typed) > MOST_IN_GROUP:
        raise BatchRefused(_("A group has at most %(most)d people. For more, import a table.", most=MOST_IN_GROUP))
    wanted = [each.ref for each in sessions]
    rows = [{"row": number, "sessions": wanted, **each} for number, each in enumerate([*chosen, *typed], start=1)]
    made = _open(event, BatchKind.GROUP, name or pgettext("batch", "Group"), actor)
    made.rows = rows
    db.session.flush()
    audit.record(actor, "batch.opened", made, scope=event, kind=made.kind, rows=len(rows))
    return made


def open_table(event: Event, file_name: str, table: Table, *, actor: Actor) -> Batch:
    """Keep an uploaded table for its dry run."""
    require(policy.may_register_tables(actor, event))
    _check_plan(event)
    if not table.rows:
        raise BatchRefused(_("This table has a heading but no rows."), field="file")
    if len(table.rows) > MOST_ROWS:
        raise BatchRefused(_("This table has more than %(most)s rows. Please split it.", most=MOST_ROWS), field="file")
    columns = [one_line(each)[:200] for each in table.columns]
    known = guess(columns)
    made = _open(event, BatchKind.TABLE, file_name, actor)
    made.columns, made.mapping = columns, known
    made.rows = [
        {"row": row.number, **{str(at): tidy(cell).strip()[:1000] for at, cell in enumerate(row.cells) if cell.strip()}}
        for row in table.rows
    ]
    db.session.flush()
    audit.record(actor, "batch.opened", made, scope=event, kind=made.kind, rows=len(table.rows))
    return made


def _open(event: Event, kind: BatchKind, name: str, actor: Actor) -> Batch:
    """A new batch; what the same person left unfinished for this event is dropped."""
    db.session.execute(
        delete(Batch).where(Batch.event_id == event.id, Batch.by_id == actor.id, Batch.applied_at.is_(None))
    )
    made = Batch(event=event, kind=kind, name=one_line(name)[:200], by_id=actor.id, by_name=actor.name)
    made.columns, made.mapping, made.rows = [], {}, []
    db.session.add(made)
    return made


def _check_plan(event: Event) -> None:
    if registrations.find_plan(event) is None:
        raise BatchRefused(_("Registration is not set up yet."))


def choose_columns(batch: Batch, columns: dict[str, int | None], *, actor: Actor) -> None:
    """Correct the guess. The headings are remembered for the next table."""
    require(policy.may_work_on(actor, batch))
    _refuse_applied(batch)
    batch.mapping = mapping.chosen(columns, batch.columns)
    audit.record(actor, "batch.columns_chosen", batch, scope=batch.event)


def drop(batch: Batch, *, actor: Actor) -> None:
    """Throw a dry run away; nobody was registered."""
    require(policy.may_work_on(actor, batch))
    _refuse_applied(batch)
    audit.record(actor, "batch.dropped", batch, scope=batch.event)
    db.session.delete(batch)


def _refuse_applied(batch: Batch) -> None:
    if batch.applied_at is not None:
        raise BatchRefused(_("This was done already."))


def apply(batch: Batch, *, digest: str, actor: Actor, as_fits: bool = False) -> list[Placed]:
    """Register all rows in this one transaction, through the gate: every row, or none at all.

    With `as_fits` the rows that can be registered, as many as there is room for in their order; the others wait in
    line, or without a waiting list are left out. `digest` is that of the dry run which was looked at.
    """
    event = batch.event
    require(policy.may_work_on(actor, batch) and _may_still(batch, actor))
    _refuse_applied(batch)
    plan = make_plan(batch, actor=actor)
    if plan.digest != digest:
        raise BatchRefused(_("Something has changed since this dry run. Look at the new one below."))
    if not plan.good:
        raise BatchRefused(_("There is nobody to register."))
    if plan.bad and not as_fits:
        raise BatchRefused(_rows_words(plan.bad))
    entries = [Entry(row.person, sessions=row.sessions, note=row.note) for row in plan.good if row.person is not None]
    placed = gate.enter_many(event, entries, actor=actor, as_fits=as_fits, means=means_of(batch))
    made = [each.registration for each in placed if each.registration is not None]
    if not made:
        raise BatchRefused(_("Nobody of these could be registered: %(why)s", why=_first_refusal(placed)))
    db.session.add_all(
        BatchMember(batch_id=batch.id, registration_id=each.id, made_version=each.version) for each in made
    )
    batch.rows = _results(plan, placed)
    batch.applied_at, batch.as_fits = clock.now(), as_fits
    states = [str(each.state) for each in made]
    audit.record(
        actor, "batch.applied", batch, scope=event, kind=batch.kind, as_fits=as_fits, left_out=len(plan.rows) - len(made),
        made={each: states.count(each) for each in sorted(set(states))},
    )  # fmt: skip
    return placed


def _may_still(batch: Batch, actor: Actor) -> bool:
    if batch.kind == BatchKind.TABLE:
        return policy.may_register_tables(actor, batch.event)
    return policy.may_register_groups(actor, batch.event, leads=queries.is_head(actor, batch.event.starts_on))


def means_of(batch: Batch) -> str:
    return "import" if batch.kind == BatchKind.TABLE else "group"


def _rows_words(bad: Sequence[RowPlan]) -> str:
    """The rows that stand against registering all of them, by their numbers."""
    numbers = ", ".join(str(row.number) for row in bad[:20]) + (" …" if len(bad) > 20 else "")
    return ngettext(
        "Row %(rows)s cannot be registered, so nobody was. Mend it in the file, or leave it out.",
        "Rows %(rows)s cannot be registered, so nobody was. Mend them in the file, or leave them out.",
        len(bad),
        rows=numbers,
    )


def _first_refusal(placed: Sequence[Placed]) -> str:
    return next((str(each.refusal.sentence) for each in placed if each.refusal is not None), "")


def _results(plan: Plan, placed: Sequence[Placed]) -> list[dict[str, object]]:
    """What is kept of the rows: numbers, people and verdicts; the cells go."""
    by_person = {each.entry.person.id: each for each in placed}
    kept: list[dict[str, object]] = []
    for row in plan.rows:
        result: dict[str, object] = {"row": row.number, "verdict": str(row.verdict)}
        if row.person is not None:
            result["person"] = row.person.ref
        done = by_person.get(row.person.id) if row.person is not None and row.verdict in GOOD else None
        if done is not None and done.registration is not None:
            result["verdict"] = str(done.registration.state)
        elif done is not None:
            result |= {"verdict": str(Verdict.FULL), "why": str(done.refusal.sentence if done.refusal else "")}
        kept.append(result)
    return kept


# --- taking it back -----------------------------------------------------------------------------------------------


def may_be_undone_at(batch: Batch, now: datetime) -> bool:
    """Applied less than a day ago, not taken back yet, and the event is not over."""
    return (
        batch.applied_at is not None
        and batch.undone_at is None
        and now < batch.applied_at + UNDO
        and not batch.event.has_ended_at(now)
    )


def is_untouched(member: BatchMember) -> bool:
    """Whether nobody changed the registration since the batch made it."""
    return member.registration.version == member.made_version and member.registration.state not in GONE


def undo(batch: Batch, *, actor: Actor) -> tuple[int, list[BatchMember]]:
    """Withdraw what the batch has registered and nobody changed since, through the gate, with a mail to each.

    Returns how many were withdrawn, and the members that stay because somebody has changed them.
    """
    require(policy.may_work_on(actor, batch))
    if batch.applied_at is None:
        raise BatchRefused(_("This was not applied yet: there is nothing to take back."))
    if batch.undone_at is not None:
        raise BatchRefused(_("This was taken back already."))
    if not may_be_undone_at(batch, clock.now()):
        raise BatchRefused(_("This can be taken back within 24 hours only. Withdraw people one by one now."))
    places.lock(batch.event)
    members = queries.list_members_of(batch)
    untouched = [each for each in members if is_untouched(each)]
    kept = [each for each in members if not is_untouched(each) and each.registration.state not in GONE]
    gate.leave_many(batch.event, [each.registration for each in untouched], actor=actor, means=UNDONE)
    _put_answers_back(batch, [each.registration.person_id for each in untouched])
    batch.undone_at = clock.now()
    audit.record(
        actor, "batch.undone", batch, scope=batch.event, withdrawn=len(untouched),
        kept=[each.registration.ref for each in kept],
    )  # fmt: skip
    return len(untouched), kept


def _put_answers_back(batch: Batch, people: Sequence[int]) -> None:
    """Whoever was invited stands where they stood: nobody has answered by being in a list."""
    for invitation in queries.list_invitations_of(batch.event, people):
        own = [
            each for each in invitation.answers if each.means != means_of(batch) or each.created_at < batch.created_at
        ]
        for each in invitation.answers:
            if each not in own:
                db.session.delete(each)
        last = own[-1] if own else None
        edit(
            invitation, version=None, answer=last.answer if last else None, answered_at=last.created_at if last else None,
            reason=last.reason if last else None, maybe_until=last.maybe_until if last else None,
        )  # fmt: skip
