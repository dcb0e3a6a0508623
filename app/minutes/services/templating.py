"""The templates of the house: with which sections minutes begin, and the Word file that they are written into."""

from collections.abc import Sequence
from typing import Any, BinaryIO

from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import Actor
from app.documents.errors import DocumentFailed
from app.documents.word_writer import WordPaper
from app.files import services as files
from app.files.models import StoredFile
from app.minutes import drafting, policy
from app.minutes.models import MinutesTemplate, Tradition
from app.people.models import Clearance
from app.programme.models import SessionKind

MOST_SECTIONS = 40
LANGUAGES = ("en", "zh_Hans_CN")
Outline = Sequence[dict[str, Any]]


def add_template(
    *, actor: Actor, name: str, language: str, tradition: str, outline: Outline, session_kind: str | None = None,
    paper_heading: str | None = None, word: tuple[BinaryIO, str] | None = None,
) -> MinutesTemplate:  # fmt: skip
    """Keep a template for a kind of session; without a kind it is that of the house. `word` is a file and its name."""
    require(policy.may_keep_templates(actor))
    template = MinutesTemplate(
        **_fitting(
            name=name, language=language, tradition=tradition, outline=outline, session_kind=session_kind,
            paper_heading=paper_heading,
        ),
        docx=_word(word, actor) if word else None,
    )  # fmt: skip
    db.session.add(template)
    db.session.flush()
    audit.record(actor, "minutes_template.added", template, language=language, kind=session_kind)
    return template


def change_template(
    template: MinutesTemplate, *, actor: Actor, version: int | None = None, word: tuple[BinaryIO, str] | None = None,
    without_word: bool = False, **values: Any,
) -> MinutesTemplate:  # fmt: skip
    """Minutes that were begun with it stay as they are; the Word file is taken when they are written out."""
    require(policy.may_keep_templates(actor))
    fresh = _fitting(**values)
    if word:
        fresh["docx"] = _word(word, actor)
    elif without_word:
        fresh["docx"] = None
    changes = edit(template, version=version, **fresh)
    if changes:
        audit.record(actor, "minutes_template.changed", template, fields=sorted(changes))
    return template


def put_away(template: MinutesTemplate, *, actor: Actor) -> None:
    """Nothing is begun with it any more. Doing it twice changes nothing."""
    require(policy.may_keep_templates(actor))
    if template.archived_at is None:
        edit(template, version=None, archived_at=clock.now())
        audit.record(actor, "minutes_template.put_away", template)


def take_out(template: MinutesTemplate, *, actor: Actor) -> None:
    """Use it again."""
    require(policy.may_keep_templates(actor))
    if template.archived_at is not None:
        edit(template, version=None, archived_at=None)
        audit.record(actor, "minutes_template.taken_out", template)


def _fitting(
    *, name: str, language: str, tradition: str, outline: Outline, session_kind: str | None = None,
    paper_heading: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The values of a template, once they fit each other."""
    if not name.strip():
        raise Refused(_("Please fill this in."), field="name")
    sections = [_section(each) for each in outline if any(each.get(part) for part in ("key", "heading", "source"))]
    if not sections:
        raise Refused(_("Name at least one section."), field="rows")
    if len(sections) > MOST_SECTIONS:
        raise Refused(_("A template has %(max)s sections at most.", max=MOST_SECTIONS), field="rows")
    keys = [each["key"] for each in sections if each["key"]]
    if len(keys) != len(set(keys)):
        raise Refused(_("The same records are drafted in two sections. Choose one of them."), field="rows")
    return {
        "name": name.strip()[:200],
        "language": language if language in LANGUAGES else "en",
        "tradition": Tradition(tradition),
        "outline": sections,
        "session_kind": SessionKind(session_kind) if session_kind else None,
        "paper_heading": (paper_heading or "").strip()[:200] or None,
    }


def _section(given: dict[str, Any]) -> dict[str, Any]:
    key, level = given.get("key") or "", given.get("level")
    heading = (given.get("heading") or "").strip()
    if key not in (*drafting.KEYS, ""):
        raise Refused(_("There are no such records to draft from."), field="rows")
    if not heading:
        raise Refused(_("Each section needs a heading."), field="rows")
    return {
        "key": key,
        "heading": heading[: drafting.LONGEST_HEADING],
        "level": None if level in (None, "") else int(Clearance(int(level))),
        "source": (given.get("source") or "").strip("\n"),
    }


def _word(word: tuple[BinaryIO, str], actor: Actor) -> StoredFile:
    """Keep the Word file, once it can be written into."""
    stream, name = word
    if not name.lower().endswith(".docx"):
        raise Refused(_("Please give a Word document (.docx)."), field="word")
    data = stream.read()
    stream.seek(0)
    try:
        WordPaper(data)
    except DocumentFailed as failure:
        raise Refused(failure.sentence, field="word") from failure
    try:
        return files.store_upload(stream, name, actor=actor)
    except Refused as refused:
        raise Refused(refused.sentence, field="word") from refused
