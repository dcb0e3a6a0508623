"""Live notes become a part of the text, and what is marked in a text as a decision or an action becomes a record."""

from collections.abc import Sequence
from datetime import date

from app.core import audit
from app.core.errors import require
from app.core.i18n import _, force_locale, pgettext
from app.core.roles import NOBODY, Actor
from app.decisions import services as decisions
from app.minutes import bound, policy
from app.minutes.errors import MarkGone, NothingWritten
from app.minutes.marked import Marked, find_marked, replaced
from app.minutes.models import Minutes, Section
from app.minutes.phrases import plain
from app.minutes.services.stages import writable
from app.minutes.services.writing import add_section, free_of, minutes_of, write_section
from app.notes import queries as notes
from app.notes import services as note_services
from app.notes.models import Note
from app.people.models import Person
from app.programme import queries as programme
from app.requirements.models import Assignment

KEY = "notes"  # of the sections that hold what was noted


def compile_notes(minutes: Minutes, *, actor: Actor) -> int:
    """Put what was noted and does not stand in the text yet into it, in the order of business. Gives how many lines.

    There is one section for each classification, so that nobody reads a line that is not meant for them. What was
    recorded of a line stands there by its mark, and follows the record; a record that the text tells already is not
    told twice.
    """
    require(policy.may_record(actor, minutes.event))
    newest = writable(minutes)
    pending = notes.list_pending(minutes.session, minutes.ref)
    if not pending:
        raise NothingWritten(_("All live notes stand in the text already."))
    items = programme.list_items(minutes.event, NOBODY, session=minutes.session)
    told = {mark for each in newest.sections for mark in bound.marks_in(each.source)}
    fresh = [each for each in pending if _record_of(each) not in told]
    for level in sorted({each.clearance for each in fresh}):
        mine = [each for each in fresh if each.clearance == level]
        with force_locale(minutes.language):
            heading, words = pgettext("minutes", "Course of the session"), _told(notes.by_item(items, mine))
        section = next((each for each in newest.sections if each.key == KEY and each.clearance == level), None)
        if section is None:
            add_section(minutes, actor=actor, heading=heading, source=words, clearance=level, key=KEY)
        else:
            free_of([section], actor)
            write_section(section, actor=actor, source=f"{section.source}\n\n{words}".strip())
    note_services.mark_compiled(pending, minutes.ref)
    audit.record(actor, "minutes.notes_compiled", minutes, count=len(pending))
    return len(pending)


def _told(pages: Sequence[notes.Page]) -> str:
    parts = []
    for page in pages:
        if not page.notes:
            continue
        if page.item is not None:
            parts.append(f"### {plain(page.item.display_title)}")
        parts.append("\n".join(f"- {_line(each)}" for each in page.notes))
    return "\n\n".join(parts)


def _record_of(note: Note) -> bound.Key | None:
    """The record that was made of a line, as a mark names it."""
    if note.assignment is not None:
        return "assignment", note.assignment.ref
    if note.decision is not None and note.decision.withdrawn_at is None:
        return "decision", note.decision.ref
    return None


def _line(note: Note) -> str:
    record = _record_of(note)
    if record is not None:
        return "{{" + bound.name_of(record) + "}}"
    if notes.is_open_action(note):
        return "!action " + " ".join(_action_words(note))
    return plain(note.text)


def _action_words(note: Note) -> list[str]:
    words = [f"@{note.person.name}"] if note.person else []
    return [*words, *([note.due_on.isoformat()] if note.due_on else []), note.text]


# --- what is marked in a text -------------------------------------------------------------------------------------


def record_decision(section: Section, *, actor: Actor, key: str) -> None:
    """Make a record of a line that is marked as a decision; the mark of the record stands in its place."""
    marked = _found(section, actor, key)
    decision = decisions.record_decision(
        section.minutes.session, actor=actor, text=marked.words, clearance=section.clearance
    )
    _replace(section, marked, f"{{{{decision {decision.ref}}}}}", actor)


def hand_out_marked(
    section: Section, *, actor: Actor, key: str, text: str, responsible: Person, verifier: Person, deliverable: str,
    criteria: str, due_on: date,
) -> Assignment:  # fmt: skip
    """Make a decision and its assignment of a line that is marked as an action."""
    marked = _found(section, actor, key)
    decision = decisions.record_decision(section.minutes.session, actor=actor, text=text, clearance=section.clearance)
    assignment = decisions.hand_out(
        decision, actor=actor, responsible=responsible, verifier=verifier, deliverable=deliverable, criteria=criteria,
        due_on=due_on,
    )  # fmt: skip
    _replace(section, marked, f"{{{{assignment {assignment.ref}}}}}", actor)
    return assignment


def _found(section: Section, actor: Actor, key: str) -> Marked:
    minutes = minutes_of(section)
    require(policy.may_record(actor, minutes.event))
    newest = writable(minutes)
    free_of([section], actor)
    marked = find_marked(section.source, key) if section in newest.sections else None
    if marked is None:
        raise MarkGone(_("This line was changed meanwhile. Look at the text again."))
    return marked


def _replace(section: Section, marked: Marked, mark: str, actor: Actor) -> None:
    write_section(section, actor=actor, source=replaced(section.source, marked, mark))
