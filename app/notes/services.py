"""Taking notes while a session runs, putting them right, and making records of those that are marked."""

from datetime import date, datetime, timedelta

from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.decisions import services as decisions
from app.events.policy import usual_clearance
from app.notes import lines, policy, queries
from app.notes.errors import IsRecorded, NothingNoted, NotOfThisSession, WasRemoved
from app.notes.models import Note, NoteKind
from app.people.models import Person
from app.programme.models import AgendaItem, Session
from app.requirements.models import Assignment
from app.speeches.holding import hold

OLDEST = timedelta(days=7)  # a line from before that was typed by a clock that is wrong


def take_note(
    session: Session, *, actor: Actor, typed: str, entry: str, item: AgendaItem | None = None,
    clearance: int | None = None, noted_at: datetime | None = None,
) -> Note:  # fmt: skip
    """Keep one line. `entry` is the name that the browser gave it: sent twice, it is kept once.

    A line marked as a decision is recorded as one, by consensus; how it was really taken is put right on its page. A
    line marked as an action waits until somebody says who verifies it.
    """
    require(policy.may_note(actor, session.event))
    hold(session)
    before = queries.find_entry(session, entry)
    if before is not None:
        return before
    _fits(session, item)
    now = clock.now()
    told = noted_at if noted_at is not None and now - OLDEST < noted_at <= now else now
    line = lines.read(typed, session.event.day_at(told))
    if not line.words:
        raise NothingNoted(_("Write down what is to be noted."), field="line")
    level = usual_clearance(session.event) if clearance is None else clearance
    person, words = _understood(line)
    note = Note(
        event=session.event, session=session, item=item, entry=entry, kind=line.kind, text=words, clearance=level,
        person=person, due_on=line.due, noted_at=told, by_name=actor.name,
    )  # fmt: skip
    if line.kind == NoteKind.DECISION:
        note.decision = decisions.record_decision(
            session, actor=actor, text=words, item=item, clearance=level, decided_at=told
        )
    db.session.add(note)
    db.session.flush()
    audit.record(actor, "note.taken", note, kind=line.kind)
    return note


def _fits(session: Session, item: AgendaItem | None) -> None:
    if item is not None and (item.event_id != session.event_id or item.session_id not in (None, session.id)):
        raise NotOfThisSession(_("This agenda item belongs to another session."), field="item_ref")


def _understood(line: lines.Line) -> tuple[Person | None, str]:
    found = queries.find_named(line.names)
    if found is None:
        return None, line.words
    person, name = found
    return person, lines.without(line.words, name) or line.words


def change_note(
    note: Note, *, actor: Actor, typed: str, item: AgendaItem | None = None, clearance: int | None = None,
    version: int | None = None,
) -> None:  # fmt: skip
    """Put a line right. The words of a recorded decision change with it; what is recorded stays what it is."""
    require(policy.may_note(actor, note.event))
    hold(note)
    _is_there(note)
    _fits(note.session, item)
    line = lines.read(typed, note.event.day_at(note.noted_at))
    if not line.words:
        raise NothingNoted(_("Write down what is to be noted."), field="line")
    recorded = note.decision_id is not None or note.assignment_id is not None
    if recorded and line.kind != note.kind:
        raise IsRecorded(_("This line is recorded already. Put the record right first, or withdraw it."), field="line")
    level = note.clearance if clearance is None else clearance
    person, words = _understood(line)
    if note.decision is not None and note.kind == NoteKind.DECISION and note.decision.withdrawn_at is None:
        decisions.change_decision(note.decision, actor=actor, text=words, item=item, clearance=level)
    changes = edit(
        note, version=version, kind=line.kind, text=words, item=item, clearance=level, person=person, due_on=line.due
    )
    if line.kind == NoteKind.DECISION and note.decision is None:
        note.decision = decisions.record_decision(
            note.session, actor=actor, text=words, item=item, clearance=level, decided_at=note.noted_at
        )
    if changes:
        audit.record(actor, "note.changed", note, fields=sorted(changes))


def remove_note(note: Note, *, actor: Actor) -> None:
    """Take a line away. A record that was made of it stays. Doing it twice changes nothing."""
    require(policy.may_note(actor, note.event))
    hold(note)
    if note.removed_at is None:
        edit(note, version=None, removed_at=clock.now())
        audit.record(actor, "note.removed", note)


def put_note_back(note: Note, *, actor: Actor) -> None:
    require(policy.may_note(actor, note.event))
    hold(note)
    if note.removed_at is not None:
        edit(note, version=None, removed_at=None)
        audit.record(actor, "note.put_back", note)


def hand_out(
    note: Note, *, actor: Actor, responsible: Person, verifier: Person, deliverable: str, criteria: str, due_on: date
) -> Assignment:
    """Make an assignment of an action: the decision that it follows from is recorded with it."""
    require(policy.may_note(actor, note.event))
    hold(note.session)
    hold(note)
    _is_there(note)
    if note.assignment_id is not None:
        raise IsRecorded(_("This action was handed out already."))
    decision = note.decision or decisions.record_decision(
        note.session, actor=actor, text=note.text, item=note.item, clearance=note.clearance, decided_at=note.noted_at
    )
    assignment = decisions.hand_out(
        decision, actor=actor, responsible=responsible, verifier=verifier, deliverable=deliverable,
        criteria=criteria, due_on=due_on,
    )  # fmt: skip
    note.decision, note.assignment = decision, assignment
    edit(note, version=None, kind=NoteKind.ACTION, person=responsible, due_on=due_on)
    audit.record(actor, "note.handed_out", note, assignment=assignment)
    return assignment


def _is_there(note: Note) -> None:
    if note.removed_at is not None:
        raise WasRemoved(_("This line was taken away meanwhile. Put it back first."))


def mark_compiled(notes: list[Note], minutes_ref: str) -> None:
    """Their words stand in these minutes now. Called by whoever put them there."""
    for each in notes:
        each.compiled_into = [*each.compiled_into, minutes_ref]
