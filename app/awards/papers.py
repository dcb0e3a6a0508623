"""The certificate of an award: frozen with the conferral, printed with a code by which anybody can check it."""

from datetime import date
from typing import Any

from app.awards.models import Award, Recipient
from app.certificates.printed import checks
from app.core.i18n import _, force_locale, format_day, pgettext
from app.documents.labels import frame_labels
from app.documents.render import render_pdf, unprintable
from app.people.queries import own_organization
from app.signing import keeping
from app.signing.models import IssuedDocument

KIND = "award"
Content = dict[str, Any]


def content_of(award: Award) -> Content:
    """The canonical facts, in both languages as far as they are known."""
    event = award.event
    organization = event.host or own_organization()
    by = award.conferred_by
    held = by.position_on(award.conferred_on) if by is not None and award.conferred_on is not None else None
    return {
        "format": "hufu-award-1",
        "language": "zh_Hans_CN" if award.title_local else "en",
        "award": award.ref,
        "title": award.title,
        "title_local": award.title_local,
        "citation": award.citation,
        "citation_local": award.citation_local,
        "recipients": [_recipient(each) for each in award.recipients],
        "organization": {"name": organization.name, "name_local": organization.name_local} if organization else None,
        "event": {"ref": event.ref, "title": event.title, "title_local": event.title_local},
        "place": event.city,
        "place_local": event.city_local,
        "conferred_on": award.conferred_on.isoformat() if award.conferred_on else None,
        "conferred_by": {
            "name": by.name,
            "name_local": by.name_local,
            "position": held.title if held else None,
            "position_local": held.title_local if held else None,
        }
        if by is not None
        else None,
    }


def _recipient(each: Recipient) -> Content:
    name, name_local = each.both_names
    record = each.person or each.team
    return {
        "ref": record.ref if record else None,
        "name": name,
        "name_local": name_local,
        "position": each.position_title,
        "position_local": each.position_title_local,
        "organization": each.outside_organization,
    }


def paper_of(document: IssuedDocument) -> dict[str, Any]:
    """What templates/documents/award.typ takes. The same document always gives the same paper."""
    content = document.content
    with force_locale(content["language"]):
        return _paper(document, content)


def _paper(document: IssuedDocument, content: Content) -> dict[str, Any]:
    chinese = content["language"] != "en"

    def own(of: Content, name: str) -> str:
        return (of.get(f"{name}_local") if chinese else None) or of.get(name) or ""

    def other(of: Content, name: str) -> str:
        return next((each for each in (of.get(name), of.get(f"{name}_local")) if each and each != own(of, name)), "")

    by = content["conferred_by"] or {}
    day = format_day(date.fromisoformat(content["conferred_on"])) if content["conferred_on"] else ""
    event, place = _drawable(own(content["event"], "title")), own(content, "place")
    return {
        "document": {"title": own(content, "title"), "dated": document.issued_at.date().isoformat()},
        "organization": own(content["organization"] or {}, "name"),
        "classification": "",
        "labels": {**frame_labels(), "certificate": pgettext("document", "Certificate of award")},
        "title": own(content, "title"),
        "title_other": other(content, "title"),
        "citation": own(content, "citation"),
        "recipients": [
            {
                "name": own(each, "name"),
                "other": other(each, "name"),
                "position": own(each, "position"),
                "organization": each["organization"] or "",
            }
            for each in content["recipients"]
        ],
        "words": _("conferred at %(event)s, %(place)s, %(day)s", event=event, place=place, day=day)
        if place
        else _("conferred at %(event)s, %(day)s", event=event, day=day),
        "signed_by": own(by, "name") or own(content["organization"] or {}, "name"),
        "signed_as": own(by, "position"),
        "dated": day,
        "code": document.code,
        "verification": checks(document, _("Anyone can check this certificate by its code, without an account:")),
    }


def _drawable(text: str) -> str:
    """The event's title without signs of which no font has a picture; names of people are never cut so."""
    missing = unprintable(text)
    return "".join(sign for sign in text if sign not in missing)


@keeping.draws(KIND)
def draw(document: IssuedDocument) -> bytes:
    return render_pdf("award", paper_of(document), lang=document.content["language"])
