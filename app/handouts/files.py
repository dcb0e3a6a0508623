"""The programme as files that other programs open: workbook, Word document, JSON."""

import io
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from app.core.i18n import _, is_chinese, phrased
from app.documents.word_writer import number_pages
from app.handouts import papers
from app.handouts.queries import Edition
from app.programme.models import ITEM_KIND_LABELS, AgendaItem, ItemKind, Session
from app.sheets.text import writable
from app.sheets.writing import Cell, write_xlsx

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

JSON_TYPE = "application/json"
FORMAT, VERSION = "hufu-programme", 1


# --- workbook -----------------------------------------------------------------------------------------------------


def workbook(edition: Edition) -> bytes:
    """A row an item, in the order of the programme; clocks as they show at the place. No text becomes a formula."""
    columns = (
        _("Day"), _("Begins"), _("Ends"), _("Time zone"), _("Room"), _("Session"), _("Item"), _("Kind"), _("Track"),
        _("Speakers"), _("Summary"), _("Remarks"), _("Version"),
    )  # fmt: skip
    return write_xlsx(columns, _rows(edition), title=_("Programme"))


def _rows(edition: Edition) -> Iterator[list[Cell]]:
    zone, words = ZoneInfo(edition.event.time_zone), papers.edition_words(edition)
    for day in edition.days:
        for sitting in day.sittings:
            for item in sitting.items:
                yield [
                    day.day,
                    item.starts_at.astimezone(zone) if item.starts_at else None,
                    item.ends_at.astimezone(zone) if item.ends_at else None,
                    edition.event.time_zone,
                    item.room.display_name if item.room else None,
                    item.session.display_title if item.session else None,
                    item.display_title,
                    str(ITEM_KIND_LABELS[ItemKind(item.kind)]),
                    item.track.display_name if item.track else None,
                    papers.speakers_of(item),
                    item.display_summary,
                    _remarks(item),
                    words,
                ]


def _remarks(item: AgendaItem) -> str:
    return phrased(
        (_("cancelled") if item.cancelled_at is not None else None, _("internal") if item.is_internal else None)
    )


# --- Word ---------------------------------------------------------------------------------------------------------


def word_document(edition: Edition) -> bytes:
    """The booklet to write on in: headings, a table a sitting, pages numbered, the header on each page."""
    from docx import Document

    paper = papers.booklet(edition)
    document = Document()
    _set_up(document, paper["document"]["title"], edition)
    section = document.sections[0]
    section.header.paragraphs[0].text = _plain(f"{paper['organization']}\t\t{paper['classification']}")
    number_pages(section.footer.paragraphs[0])
    document.add_heading(_plain(paper["event"]), level=0)
    for fact in paper["facts"]:
        document.add_paragraph(_plain(_("%(label)s: %(value)s", **fact)))
    document.add_paragraph(_plain(paper["edition"]))
    if not paper["days"]:
        document.add_paragraph(_plain(paper["labels"]["empty"]))
    for day in paper["days"]:
        document.add_heading(_plain(day["title"]), level=1)
        document.add_paragraph(_plain(paper["labels"]["times_in"]))
        for sitting in day["sittings"]:
            if sitting["title"]:
                document.add_heading(_plain(sitting["title"]), level=2)
            if sitting["facts"]:
                document.add_paragraph(_plain(sitting["facts"]))
            _table(document, sitting["items"])
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _plain(text: str) -> str:
    """Signs that XML cannot hold are left out."""
    return writable(text)


def _set_up(document: "WordDocument", title: str, edition: Edition) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    core = document.core_properties
    core.title, core.author, core.comments = _plain(title)[:255], "Hufu", ""
    core.language = "zh-CN" if is_chinese() else "en-GB"
    core.created = core.modified = datetime.combine(edition.dated, datetime.min.time())
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    normal: Any = document.styles["Normal"]
    normal.font.size = Pt(10.5)
    # Chinese signs come in a Chinese font where there is one; without this Word takes a Japanese one.
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "SimSun")


def _table(document: "WordDocument", items: Iterable[Any]) -> None:
    from docx.shared import Mm

    rows = list(items)
    if not rows:
        return
    table = document.add_table(rows=0, cols=3)
    table.style = "Table Grid"
    table.autofit = False
    for item in rows:
        time, what, where = table.add_row().cells
        for cell, width in ((time, 30), (what, 90), (where, 40)):
            cell.width = Mm(width)
        time.text = _plain(item["time"])
        title = what.paragraphs[0].add_run(_plain(item["title"]))
        title.bold = True
        title.font.strike = bool(item["cancelled"]) or None
        notes = phrased((item["cancelled"], item["note"]))
        if notes:
            what.paragraphs[0].add_run(f" ({_plain(notes)})")
        for line in (item["speakers"], item["summary"]):
            if line:
                what.add_paragraph(_plain(line))
        where.text = _plain("\n".join(part for part in (item["room"], item["track"]) if part))


# --- JSON ---------------------------------------------------------------------------------------------------------


def as_json(edition: Edition) -> bytes:
    """The shape that docs/export.md tells: for other programs, so without a language of its own."""
    event = edition.event
    shape = {
        "format": FORMAT,
        "format_version": VERSION,
        "release": None
        if edition.is_working
        else {"number": edition.number, "name": edition.name, "released_at": _iso(edition.released_at)},
        "event": {
            name: getattr(event, name)
            for name in (
                "ref", "title", "title_local", "audience", "time_zone", "city", "city_local", "venue", "venue_local",
            )
        }
        | {"starts_on": event.starts_on.isoformat(), "ends_on": event.ends_on.isoformat()},
        "sessions": [_session(each) for each in edition.sessions],
        "items": [_item(each) for day in edition.days for sitting in day.sittings for each in sitting.items],
    }  # fmt: skip
    return (json.dumps(shape, ensure_ascii=False, indent=1) + "\n").encode()


def _session(session: Session) -> dict[str, Any]:
    names = ("ref", "title", "title_local", "kind", "covers_year", "theme", "theme_local", "purpose", "purpose_local")
    return {name: getattr(session, name) for name in names} | {
        "day": session.day.isoformat() if session.day else None,
        "starts_at": _iso(session.starts_at),
        "ends_at": _iso(session.ends_at),
        "room": _named(session.room),
        "chair": _named(session.chair),
    }


def _item(item: AgendaItem) -> dict[str, Any]:
    names = ("ref", "kind", "title", "title_local", "summary", "summary_local", "is_internal")
    return {name: getattr(item, name) for name in names} | {
        "session": item.session.ref if item.session else None,
        "starts_at": _iso(item.starts_at),
        "ends_at": _iso(item.ends_at),
        "room": _named(item.room),
        "track": _named(item.track) and {**_named(item.track), "colour": item.track.colour},  # type: ignore[dict-item, union-attr]
        "speakers": [_named(each.person or each.team) for each in item.speakers],
        "cancelled": item.cancelled_at is not None,
    }


def _named(record: Any) -> dict[str, Any] | None:
    if record is None:
        return None
    return {"ref": record.ref, "name": record.name, "name_local": record.name_local}


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None
