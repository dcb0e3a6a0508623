"""Minutes as printed paper: what is frozen at sign-off, and what templates/documents/minutes.typ takes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.certificates.printed import checks
from app.core import clock
from app.core.i18n import _, force_locale, format_day, format_moment, pgettext
from app.documents import shapes
from app.documents.fonts import missing_glyphs
from app.documents.labels import minutes_labels
from app.documents.markdown import Block, to_typst_blocks
from app.documents.render import render_pdf
from app.minutes.extracts import Text, find_extract, read
from app.minutes.models import LISTS, Minutes, MinutesVersion, Tradition
from app.people.models import CLEARANCE_LABELS, Clearance
from app.signing import keeping
from app.signing.models import IssuedDocument
from app.signing.printed import address_of


def content_of(text: Text, **signed: Any) -> dict[str, Any]:
    """The canonical facts of one reader's text. Everything on the paper comes out of it, so that it prints again."""
    version, minutes = text.version, text.version.minutes
    event = minutes.event
    levels = [int(each.section.clearance) for each in text.parts]
    with force_locale(minutes.language):
        content = {
            "format": "hufu-minutes-2",
            "language": minutes.language,
            **text.says,
            "clearance": int(max((*levels, *(each.clearance for each in text.files)), default=0)),
            "number": minutes.label if minutes.number else minutes.earlier_number or "",
            "edition": version.number,
            "layout": str(minutes.tradition),
            "paper_heading": (minutes.template.paper_heading if minutes.template else None) or "",
            "levels": levels,
            "gathering": event.display_title,
            "session": minutes.session.display_title,
            "organization": event.host.display_name if event.host else "",
            "recorder": minutes.recorder.display_name if minutes.recorder else "",
            "change_note": text.change_note,
            "is_editorial": version.is_editorial,
            "zone": event.time_zone,
        }
    return {**content, **signed}


PDF_TYPE = "application/pdf"
LONG = 60_000  # signs: about thirty pages, which are rather waited for on a page of their own


@dataclass(frozen=True)
class Paper:
    """What one reader takes along of a version: the frozen content with its document, or a draft without one."""

    content: dict[str, Any]
    document: IssuedDocument | None

    @property
    def length(self) -> int:
        return sum(len(each["text"]) for each in sections_of(self.content))


def paper_for(version: MinutesVersion, clearance: int) -> Paper | None:
    """None for whom an approved version holds nothing."""
    extract = find_extract(version, clearance)
    if extract is not None:
        return Paper(extract.document.content, extract.document)
    if version.frozen_at is not None:
        return None
    return Paper(content_of(read(version, clearance)), None)


def _name(document: IssuedDocument) -> str:
    return f"{document.content['number']} v{document.edition}.pdf"


@keeping.draws("minutes", name=_name)
def draw(document: IssuedDocument) -> bytes:
    return render(document.content, document=document)


def classification_of(content: dict[str, Any]) -> str:
    return str(CLEARANCE_LABELS[Clearance(content.get("clearance", Clearance.INTERNAL))])


def classifications_of(content: dict[str, Any]) -> list[str]:
    """What stands beside the heading of each section: its level, where the paper holds several."""
    levels = content.get("levels", [])
    if len(set(levels)) < 2:
        return [""] * len(sections_of(content))
    return [str(CLEARANCE_LABELS[Clearance(each)]) for each in levels]


def attachments_of(content: dict[str, Any]) -> list[Block]:
    """The files that go with the text of this reader, as a list."""
    titles = [each["title"] for each in content.get("attachments", [])]
    items = [
        {"type": "item", "children": [{"type": "paragraph", "inline": [{"type": "text", "text": title}]}]}
        for title in titles
    ]
    return [{"type": "list", "ordered": True, "start": 1, "children": items}] if items else []


def number_words(content: dict[str, Any]) -> str:
    return _("No. %(number)s", number=content["number"]) if content["number"] else ""


def issued_on(content: dict[str, Any]) -> date | None:
    """The day of the sign-off, where the gathering was."""
    if not content.get("approved_at"):
        return None
    return datetime.fromisoformat(content["approved_at"]).astimezone(ZoneInfo(content["zone"])).date()


def issued_day(content: dict[str, Any]) -> str:
    day = issued_on(content)
    return format_day(day) if day else ""


def issued_words(content: dict[str, Any]) -> str:
    day = issued_day(content)
    return _("Issued %(day)s", day=day) if day else ""


def names(people: Sequence[str]) -> str:
    return pgettext("between names", ", ").join(people) or pgettext("document", "none")


def overview_of(content: dict[str, Any]) -> list[shapes.Fact]:
    """The facts at the head of the paper, in the language in force."""
    facts: list[shapes.Fact] = [
        {"label": pgettext("minutes", "Gathering"), "value": content["gathering"]},
        {"label": pgettext("minutes", "Session"), "value": content["session"]},
        {"label": pgettext("minutes", "Recorder"), "value": content["recorder"] or _("not stated")},
    ]
    if content["edition"] > 1:
        facts.append({"label": pgettext("minutes", "Version"), "value": str(content["edition"])})
        if content["change_note"]:
            facts.append({"label": pgettext("minutes", "Changed"), "value": content["change_note"]})
    return facts


def sign_off_of(content: dict[str, Any]) -> shapes.SignOff:
    approved_at = datetime.fromisoformat(content["approved_at"])
    return {
        "role": pgettext("minutes", "Presiding leader"),
        "name": content["approved_by"],
        "position": content["approved_position"],
        "signed_at": f"{format_moment(approved_at, content['zone'])} ({content['zone']})",
    }


def how_to_check(document: IssuedDocument) -> str:
    return _("Anyone can check this paper at %(address)s, without an account.", address=address_of(document))


def list_labels() -> dict[str, str]:
    """The three lists of people, as they are headed."""
    return {
        "present": pgettext("minutes", "Present"),
        "excused": pgettext("minutes", "Excused"),
        "in_attendance": pgettext("minutes", "In attendance"),
    }


def unprintable(minutes: Minutes, version: MinutesVersion) -> list[str]:
    """The characters of the text for which the fonts of the paper have no picture."""
    text = read(version, Clearance.SECRET)
    return missing_glyphs(
        minutes.title + text.markdown + "".join(name for names in text.people.values() for name in names)
    )


def render(content: dict[str, Any], *, document: IssuedDocument | None) -> bytes:
    """The PDF of a frozen content; without a document it is marked as not approved. Raises DocumentFailed."""
    language = content["language"]
    with force_locale(language):
        return render_pdf("minutes", _shape(content, document), lang=language)


def _shape(content: dict[str, Any], document: IssuedDocument | None) -> shapes.Minutes:
    day = issued_on(content)
    labels = list_labels()
    shape: shapes.Minutes = {
        "document": {"title": content["title"], "dated": (day or clock.today(content["zone"])).isoformat()},
        "organization": content["organization"],
        "classification": classification_of(content),
        "labels": minutes_labels(),
        "layout": "summary" if content.get("layout") == Tradition.SUMMARY else "assembly",
        "paper_heading": content.get("paper_heading", ""),
        "issue_number": number_words(content),
        "overview": overview_of(content),
        "attendance": [{"label": labels[name], "names": content["attendance"][name]} for name in LISTS],
        "sections": [
            {"heading": each["heading"], "blocks": to_typst_blocks(each["text"]), "classification": level}
            for each, level in zip(sections_of(content), classifications_of(content), strict=True)
        ],
        "decisions": [],
        "sign_off": [],
        "distribution": [],
        "verification": None,
    }
    if attached := attachments_of(content):
        shape["sections"].append({"heading": pgettext("minutes", "Attachments"), "blocks": attached})
    if day is not None:
        shape["dated_words"] = issued_words(content)
    if document is None:
        shape["state_note"] = _("Draft, not approved")
        return shape
    shape["sign_off"] = [sign_off_of(content)]
    shape["verification"] = checks(document, how_to_check(document))
    return shape


def sections_of(content: dict[str, Any]) -> list[dict[str, str]]:
    """Papers of before there were sections hold one text."""
    return content["sections"] if "sections" in content else [{"heading": "", "text": content["text"]}]


def pdf_of(version: MinutesVersion, clearance: int) -> bytes:
    """What somebody of this clearance reads."""
    sheet = paper_for(version, clearance)
    assert sheet is not None, "whoever reaches a version reads something of it"
    return pdf_for(sheet)


def pdf_for(sheet: Paper) -> bytes:
    """The kept PDF where the job has made it, else the same bytes, made now."""
    return keeping.read(sheet.document) if sheet.document is not None else render(sheet.content, document=None)
