"""Minutes as printed paper: what is frozen at sign-off, and what templates/documents/minutes.typ takes of it."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.core import clock
from app.core.config import settings_now
from app.core.db import db
from app.core.i18n import _, force_locale, format_day, format_moment, pgettext
from app.documents import shapes
from app.documents.fonts import missing_glyphs
from app.documents.labels import minutes_labels
from app.documents.markdown import to_typst_blocks
from app.documents.render import render_pdf
from app.files import services as files
from app.files.models import StoredFile
from app.minutes.extracts import Text, find_extract, read
from app.minutes.models import Minutes, MinutesVersion
from app.people.models import CLEARANCE_LABELS, Clearance
from app.signing.models import IssuedDocument


def content_of(text: Text, **signed: Any) -> dict[str, Any]:
    """The canonical facts of one reader's text. Everything on the paper comes out of it, so that it prints again."""
    version, minutes = text.version, text.version.minutes
    event = minutes.event
    with force_locale(minutes.language):
        content = {
            "format": "hufu-minutes-2",
            "language": minutes.language,
            **text.says,
            "clearance": max((each.section.clearance for each in text.parts), default=0),
            "number": minutes.label if minutes.number else minutes.earlier_number or "",
            "edition": version.number,
            "gathering": event.display_title,
            "session": minutes.session.display_title,
            "organization": event.host.display_name if event.host else "",
            "recorder": minutes.recorder.display_name if minutes.recorder else "",
            "change_note": version.change_note,
            "is_editorial": version.is_editorial,
            "zone": event.time_zone,
        }
    return {**content, **signed}


LISTS = ("present", "excused", "in_attendance")


def list_labels() -> dict[str, str]:
    """The three lists of people, as they are headed."""
    return {
        "present": pgettext("minutes", "Present"),
        "excused": pgettext("minutes", "Excused"),
        "in_attendance": pgettext("minutes", "In attendance"),
    }


def unprintable(minutes: Minutes, version: MinutesVersion) -> list[str]:
    """The characters of the text for which the fonts of the paper have no picture."""
    names = "".join(name for each in LISTS for name in version.attendance.get(each, []))
    return missing_glyphs(minutes.title + version.whole + names)


def render(content: dict[str, Any], *, document: IssuedDocument | None) -> bytes:
    """The PDF of a frozen content; without a document it is marked as not approved. Raises DocumentFailed."""
    language = content["language"]
    with force_locale(language):
        return render_pdf("minutes", _shape(content, document), lang=language)


def _shape(content: dict[str, Any], document: IssuedDocument | None) -> shapes.Minutes:
    zone = content["zone"]
    approved_at = datetime.fromisoformat(content["approved_at"]) if content.get("approved_at") else None
    signed = format_moment(approved_at, zone)
    day = approved_at.astimezone(ZoneInfo(zone)).date() if approved_at else None
    labels = list_labels()
    shape: shapes.Minutes = {
        "document": {"title": content["title"], "dated": (day or clock.today(zone)).isoformat()},
        "organization": content["organization"],
        "classification": str(CLEARANCE_LABELS[Clearance(content.get("clearance", Clearance.INTERNAL))]),
        "labels": minutes_labels(),
        "issue_number": _("No. %(number)s", number=content["number"]) if content["number"] else "",
        "overview": [
            {"label": pgettext("minutes", "Gathering"), "value": content["gathering"]},
            {"label": pgettext("minutes", "Session"), "value": content["session"]},
            {"label": pgettext("minutes", "Recorder"), "value": content["recorder"] or _("not stated")},
        ],
        "attendance": [{"label": labels[name], "names": content["attendance"][name]} for name in LISTS],
        "sections": [
            {"heading": each["heading"], "blocks": to_typst_blocks(each["text"])} for each in _sections(content)
        ],
        "decisions": [],
        "sign_off": [],
        "distribution": [],
        "verification": None,
    }
    if day is not None:
        shape["dated_words"] = _("Issued %(day)s", day=format_day(day))
    if content["edition"] > 1:
        shape["overview"].append({"label": pgettext("minutes", "Version"), "value": str(content["edition"])})
        if content["change_note"]:
            shape["overview"].append({"label": pgettext("minutes", "Changed"), "value": content["change_note"]})
    if document is None:
        shape["state_note"] = _("Draft, not approved")
        return shape
    shape["sign_off"] = [
        {
            "role": pgettext("minutes", "Presiding leader"),
            "name": content["approved_by"],
            "position": content["approved_position"],
            "signed_at": f"{signed} ({zone})",
        }
    ]
    address = f"{settings_now().base_url.rstrip('/')}/verify/{document.code}"
    shape["verification"] = {
        "sentence": _("Anyone can check this paper at %(address)s, without an account.", address=address),
        "fingerprint": document.content_hash,
        "qr": address,
    }
    return shape


def _sections(content: dict[str, Any]) -> list[dict[str, str]]:
    """Papers of before there were sections hold one text."""
    return content["sections"] if "sections" in content else [{"heading": "", "text": content["text"]}]


def pdf_of(version: MinutesVersion, clearance: int) -> bytes:
    """What somebody of this clearance reads: the kept PDF where the job has made it, else the same bytes, made now."""
    extract = find_extract(version, clearance)
    if extract is None:
        return render(content_of(read(version, clearance)), document=None)
    document = extract.document
    stored = db.session.get(StoredFile, document.file_id) if document.file_id else None
    if stored is not None:
        return files.read(stored)
    return render(document.content, document=document)
