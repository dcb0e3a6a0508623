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
from app.minutes.models import Minutes, MinutesVersion
from app.signing.models import IssuedDocument


def content_of(minutes: Minutes, version: MinutesVersion, **signed: Any) -> dict[str, Any]:
    """The canonical facts of one version. Everything on the paper comes out of it, so that it can be printed again."""
    event = minutes.event
    with force_locale(minutes.language):
        content = {
            "format": "hufu-minutes-1",
            "language": minutes.language,
            "title": minutes.title,
            "number": minutes.label if minutes.number else "",
            "edition": version.number,
            "gathering": event.display_title,
            "session": minutes.session.display_title,
            "organization": event.host.display_name if event.host else "",
            "recorder": minutes.recorder.display_name if minutes.recorder else "",
            "attendance": {name: list(version.attendance.get(name, [])) for name in LISTS},
            "text": version.text,
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
    return missing_glyphs(minutes.title + version.text + names)


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
        "classification": _("Internal"),
        "labels": minutes_labels(),
        "issue_number": _("No. %(number)s", number=content["number"]) if content["number"] else "",
        "overview": [
            {"label": pgettext("minutes", "Gathering"), "value": content["gathering"]},
            {"label": pgettext("minutes", "Session"), "value": content["session"]},
            {"label": pgettext("minutes", "Recorder"), "value": content["recorder"] or _("not stated")},
        ],
        "attendance": [{"label": labels[name], "names": content["attendance"][name]} for name in LISTS],
        "sections": [{"heading": "", "blocks": to_typst_blocks(content["text"])}],
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


def pdf_of(minutes: Minutes, version: MinutesVersion) -> bytes:
    """The kept PDF where the job has made it; else the same bytes, made now."""
    document = version.document
    if document is None:
        return render(content_of(minutes, version), document=None)
    stored = db.session.get(StoredFile, document.file_id) if document.file_id else None
    if stored is not None:
        return files.read(stored)
    return render(document.content, document=document)
