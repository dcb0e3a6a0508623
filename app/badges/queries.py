"""Who gets a card, what stands on it, and who has to get a new one. A fixed number of statements for any crowd."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from app.badges.layouts import Layout, read_layout
from app.badges.models import BadgeKind, BadgeLayout, Printed, PrintRun
from app.badges.placeholders import fill
from app.core.db import db
from app.core.i18n import _lp, force_locale, format_days, in_language, reader
from app.core.text import fold
from app.documents.render import unprintable
from app.events.models import Event
from app.people.models import Department, Person, Position
from app.registration.models import Registration, State
from app.signing.models import IssuedDocument


class Need(StrEnum):
    """Why a card has to be printed; in the order in which they are looked at."""

    NEW = "new"
    SUBSTITUTE = "substitute"
    NAME = "name"
    CODE = "code"
    TEXT = "text"
    LAYOUT = "layout"


NEED_LABELS = {
    Need.NEW: _lp("print", "New"),
    Need.SUBSTITUTE: _lp("print", "Comes instead of somebody"),
    Need.NAME: _lp("print", "Name changed"),
    Need.CODE: _lp("print", "Code renewed"),
    Need.TEXT: _lp("print", "Text changed"),
    Need.LAYOUT: _lp("print", "Layout changed"),
}


@dataclass(frozen=True, slots=True)
class Card:
    """What stands on the card of one person, and what was printed for them before."""

    registration_id: int
    ref: str
    label: str  # how the person is called on our own pages
    name: str
    other: str
    lines: tuple[str, ...]
    line: str
    event: str
    organization: str
    code: str
    instead_of: str = ""
    has_place: bool = True
    digest: str = ""
    prints: int = 0
    printed_at: datetime | None = None
    need: Need | None = None
    document: IssuedDocument | None = None
    number: str = ""  # of a table; then there is no person

    @property
    def text(self) -> str:
        return " ".join((self.name, self.other, *self.lines, self.line))


@dataclass(frozen=True)
class Standing:
    """All cards of one kind: those with a place, and those that were printed and hold no place any more."""

    layout: Layout
    cards: list[Card] = field(default_factory=list)
    void: list[Card] = field(default_factory=list)

    @property
    def needed(self) -> list[Card]:
        return [each for each in self.cards if each.need is not None]

    def counts(self) -> dict[Need, int]:
        """How many need printing, by the reason."""
        found = [each.need for each in self.cards if each.need is not None]
        return {need: found.count(need) for need in Need if need in found}


def find_record(event: Event, kind: BadgeKind) -> BadgeLayout | None:
    return db.session.scalar(select(BadgeLayout).where(BadgeLayout.event_id == event.id, BadgeLayout.kind == kind))


def layout_of(event: Event, kind: BadgeKind, record: BadgeLayout | None = None) -> Layout:
    """The settings as they are stored, or the usual ones; a Chinese gathering prints Chinese words unless told otherwise."""
    record = record or find_record(event, kind)
    language = "zh_Hans_CN" if event.title_local else "en"
    return read_layout(kind, record.settings if record is not None else None, language=language)


def standing_of(event: Event, kind: BadgeKind, layout: Layout | None = None) -> Standing:
    """Everybody with a place and what they need. Four statements."""
    layout = layout or layout_of(event, kind)
    if kind == BadgeKind.TABLE:
        return Standing(layout)
    cards = _certificates(event, layout) if kind == BadgeKind.CERTIFICATE else _people(event, layout)
    prints = _prints(event, kind)
    told = [_with_prints(each, layout, prints.get(each.registration_id, [])) for each in cards]
    return Standing(
        layout, [each for each in told if each.has_place], [each for each in told if not each.has_place and each.prints]
    )


def choose(standing: Standing, who: str, refs: Iterable[str] = ()) -> list[Card]:
    """`all`, `needed`, or those with these refs of registrations; the order of the list stays."""
    if who == "all":
        return standing.cards
    if who == "needed":
        return standing.needed
    wanted = set(refs)
    return [each for each in standing.cards if each.ref in wanted]


def unprintable_of(cards: Iterable[Card]) -> dict[str, list[str]]:
    """By the ref of the registration, the characters of the card of which no font has a picture."""
    texts = {each.ref: each.text for each in cards}
    missing = unprintable("".join(dict.fromkeys("".join(texts.values()))))
    found = {ref: [sign for sign in missing if sign in text] for ref, text in texts.items()}
    return {ref: signs for ref, signs in found.items() if signs}


def filtered(cards: Sequence[Card], words: str) -> list[Card]:
    parts = fold(words).split()[:5]
    return [each for each in cards if all(part in fold(f"{each.label} {each.name} {each.other}") for part in parts)]


# --- the people ---------------------------------------------------------------------------------------------------


def _people(event: Event, layout: Layout) -> list[Card]:
    kind = layout.kind
    instead = aliased(Person)
    printed = select(Printed.id).where(Printed.registration_id == Registration.id, Printed.kind == kind).exists()
    rows = db.session.execute(
        select(
            Registration.id, Registration.ref, Registration.state, Registration.door_code, Person.id.label("person_id"),
            Person.name, Person.name_local, Department.name.label("department"),
            Department.name_local.label("department_local"), instead.name.label("instead"),
            instead.name_local.label("instead_local"),
        )
        .join(Person, Person.id == Registration.person_id)
        .outerjoin(Department, Department.id == Person.department_id)
        .outerjoin(instead, instead.id == Registration.instead_of_id)
        .where(Registration.event_id == event.id, or_(Registration.state == State.CONFIRMED, printed))
        .order_by(Person.name_key, Registration.id)
    ).all()  # fmt: skip
    positions = _positions(event)
    labels = [in_language(row.name_local, row.name) for row in rows]
    instead_of = [in_language(row.instead_local, row.instead) for row in rows]
    with force_locale(layout.language):
        around = surroundings(event)
        return [
            _card(row, layout, around, positions.get(row.person_id), label, other)
            for row, label, other in zip(rows, labels, instead_of, strict=True)
        ]


def _card(
    row: Any, layout: Layout, around: Mapping[str, str], held: tuple[str, str | None] | None, label: str, instead: str
) -> Card:
    """In the language of the layout, which is in force."""
    chinese = reader().is_chinese
    name, other = (row.name_local, row.name) if chinese and row.name_local else (row.name, row.name_local or "")
    position = in_language(held[1], held[0]) if held else ""
    department = in_language(row.department_local, row.department)
    values = {"name": name, "other_name": other, "position": position, "department": department, **around}
    lines = [(layout.shows("position"), position), (layout.shows("department"), department)]
    return Card(
        registration_id=row.id, ref=row.ref, label=label, name=name, other=other if layout.shows("other") else "",
        lines=tuple(words for shown, words in lines if shown and words), line=fill(layout.line, values),
        event=around["event"] if layout.shows("event") else "",
        organization=around["organization"] if layout.shows("organization") else "",
        code=row.door_code if layout.shows("qr") else "", instead_of=instead, has_place=row.state == State.CONFIRMED,
    )  # fmt: skip


def surroundings(event: Event) -> dict[str, str]:
    """What is the same on all cards, in the language in force."""
    return {
        "event": event.display_title,
        "days": format_days(event.starts_on, event.ends_on),
        "place": event.display_place,
        "organization": event.host.display_name if event.host else "",
    }


def _positions(event: Event) -> dict[int, tuple[str, str | None]]:
    """The title that each registered person holds on the first day, the newest of several."""
    day = event.starts_on
    rows = db.session.execute(
        select(Position.person_id, Position.title, Position.title_local)
        .join(Registration, and_(Registration.person_id == Position.person_id, Registration.event_id == event.id))
        .where(
            or_(Position.from_on.is_(None), Position.from_on <= day),
            or_(Position.to_on.is_(None), Position.to_on >= day),
        )
        .order_by(Position.from_on.is_not(None), Position.from_on, Position.id)
    )
    return {person_id: (title, local) for person_id, title, local in rows}


# --- certificates: what was issued ---------------------------------------------------------------------------------


def _certificates(event: Event, layout: Layout) -> list[Card]:
    """The certificates that are in force, each with what was frozen when it was issued."""
    rows = db.session.execute(
        select(Registration.id, Registration.ref, Person.name, Person.name_local, IssuedDocument)
        .join(Person, Person.id == Registration.person_id)
        .join(IssuedDocument, IssuedDocument.subject_ref == Registration.ref)
        .where(
            Registration.event_id == event.id,
            IssuedDocument.kind == BadgeKind.CERTIFICATE,
            IssuedDocument.superseded_at.is_(None),
            IssuedDocument.withdrawn_at.is_(None),
        )
        .order_by(Person.name_key, Registration.id)
    )
    return [
        Card(
            registration_id=row_id, ref=ref, label=in_language(local, name), name=document.content["name"],
            other=document.content["other"], lines=(document.content["position"], document.content_hash), line="",
            event="", organization="", code=document.code, document=document,
        )
        for row_id, ref, name, local, document in rows
    ]  # fmt: skip


def find_certificate(registration: Registration) -> IssuedDocument | None:
    """The certificate of attendance that is in force for this registration."""
    return db.session.scalar(
        select(IssuedDocument).where(
            IssuedDocument.subject_ref == registration.ref,
            IssuedDocument.kind == BadgeKind.CERTIFICATE,
            IssuedDocument.superseded_at.is_(None),
            IssuedDocument.withdrawn_at.is_(None),
        )
    )


# --- what was printed -----------------------------------------------------------------------------------------------


def _prints(event: Event, kind: BadgeKind) -> dict[int, list[tuple[str, datetime]]]:
    rows = db.session.execute(
        select(Printed.registration_id, Printed.digest, Printed.created_at)
        .where(Printed.event_id == event.id, Printed.kind == kind)
        .order_by(Printed.id)
    )
    found: dict[int, list[tuple[str, datetime]]] = {}
    for registration_id, digest, at in rows:
        found.setdefault(registration_id, []).append((digest, at))
    return found


def _with_prints(card: Card, layout: Layout, prints: list[tuple[str, datetime]]) -> Card:
    digest = digest_of(card, layout)
    before, at = prints[-1] if prints else ("", None)
    need = _need(card, digest, before) if card.has_place else None
    return replace(card, digest=digest, prints=len(prints), printed_at=at, need=need)


def digest_of(card: Card, layout: Layout) -> str:
    """Four parts, so that the page can say what has changed; a hidden field changes nothing."""
    texts = (*card.lines, card.line, card.event, card.organization)
    # What is issued is frozen with its layout.
    around = "" if card.document is not None else layout.digest()
    return _short(card.name, card.other) + _short(*texts) + _short(card.code) + (around or _short())


def _short(*words: str) -> str:
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()[:16]


def _need(card: Card, now: str, before: str) -> Need | None:
    if not before:
        return Need.SUBSTITUTE if card.instead_of else Need.NEW
    changed = [now[at : at + 16] != before[at : at + 16] for at in range(0, 64, 16)]
    for need, differs in zip((Need.NAME, Need.TEXT, Need.CODE, Need.LAYOUT), changed, strict=True):
        if differs:
            return need
    return None


def list_runs(event: Event, most: int = 8) -> Sequence[PrintRun]:
    return db.session.scalars(
        select(PrintRun).where(PrintRun.event_id == event.id).order_by(PrintRun.id.desc()).limit(most)
    ).all()


def find_run(event: Event, ref: str) -> PrintRun | None:
    return db.session.scalar(select(PrintRun).where(PrintRun.event_id == event.id, PrintRun.ref == ref))
