"""Questions about live notes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app.core.db import db
from app.core.text import fold
from app.notes.models import Note, NoteKind
from app.people.models import Organization, Person
from app.programme.models import AgendaItem, Session


def list_notes(session: Session, *, removed: bool = False) -> Sequence[Note]:
    """In the order in which they were typed."""
    mine = select(Note).where(Note.session_id == session.id)
    mine = mine.where(Note.removed_at.is_not(None) if removed else Note.removed_at.is_(None))
    return db.session.scalars(
        mine.options(joinedload(Note.person), joinedload(Note.decision), joinedload(Note.item)).order_by(
            Note.noted_at, Note.id
        )
    ).all()


def find_note(session: Session, ref: str) -> Note | None:
    return db.session.scalar(select(Note).where(Note.session_id == session.id, Note.ref == ref))


def find_entry(session: Session, entry: str) -> Note | None:
    return db.session.scalar(select(Note).where(Note.session_id == session.id, Note.entry == entry))


@dataclass(frozen=True)
class Page:
    """What was noted of one agenda item; without an item what belongs to none."""

    item: AgendaItem | None
    notes: list[Note] = field(default_factory=list)


def by_item(items: Sequence[AgendaItem], notes: Iterable[Note]) -> list[Page]:
    """In the order of business, what belongs to no item at the end."""
    pages = {each.id: Page(each) for each in items}
    rest = Page(None)
    for each in notes:
        (pages.get(each.item_id or 0) or rest).notes.append(each)
    return [*pages.values(), rest]


def list_pending(session: Session, minutes_ref: str) -> list[Note]:
    """What stands in these minutes not yet."""
    return [each for each in list_notes(session) if minutes_ref not in each.compiled_into]


def count_pending(session: Session, minutes_ref: str) -> int:
    rows = db.session.scalars(
        select(Note.compiled_into).where(Note.session_id == session.id, Note.removed_at.is_(None))
    )
    return sum(1 for each in rows if minutes_ref not in each)


def is_open_action(note: Note) -> bool:
    """An action that nobody was given yet."""
    return note.kind == NoteKind.ACTION and note.assignment_id is None


def find_named(names: Sequence[str]) -> tuple[Person, str] | None:
    """The person behind the longest of the readings, and that reading. Two of the same name: nobody."""
    if not names:
        return None
    wanted = {fold(each) for each in names}
    found = [
        each
        for each in db.session.scalars(
            _here().where(or_(*(Person.name_key.contains(each, autoescape=True) for each in wanted)))
        )
        if {fold(each.name), fold(each.name_local or "")} & wanted
    ]
    for reading in sorted(names, key=len, reverse=True):
        matching = [each for each in found if fold(reading) in (fold(each.name), fold(each.name_local or ""))]
        if matching:
            return (matching[0], reading) if len(matching) == 1 else None
    return None


def complete(asked: str, most: int = 8) -> Sequence[Person]:
    """Own people whose name has this in it: by either name, also without accents; who begins so comes first."""
    key = fold(asked)
    if not key:
        return []
    found = db.session.scalars(
        _here()
        .where(Person.name_key.contains(key, autoescape=True))
        .options(joinedload(Person.department))
        .order_by(Person.name)
        .limit(60)
    ).all()
    return sorted(found, key=lambda each: not each.name_key.startswith(key))[:most]


def _here():
    """Own people who are still here."""
    return (
        select(Person)
        .outerjoin(Organization, Organization.id == Person.organization_id)
        .where(Person.left_on.is_(None), Organization.is_own)
    )
