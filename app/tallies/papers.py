"""The certificate of a tally and its two cards: what is frozen at the conferral, and the paper that is made of it."""

from datetime import date, datetime
from typing import Any

from app.certificates.printed import checks
from app.core.i18n import _, force_locale, format_day, format_days, in_language, pgettext
from app.core.text import tidy
from app.documents.labels import frame_labels
from app.documents.render import render_pdf, unprintable
from app.documents.shapes import Fact, TallyCard, TallyPaper
from app.people.models import Person
from app.people.queries import account_of, own_organization
from app.signing import keeping
from app.signing.models import IssuedDocument
from app.signing.printed import address_of
from app.tallies.models import SIDE_LABELS, Side, Tally

FORM = "hufu-tally-1"
MISSING = "〓"  # stands in Chinese print for a character that the type case lacks


def content_of(tally: Tally, *, by: Person | None) -> dict[str, Any]:
    """Every name in both languages, days in ISO 8601. Positions are those of the day (rule 6)."""
    event, campaign, commander = tally.event, tally.campaign, tally.campaign.commander
    own = event.host or own_organization()
    at: datetime | None = tally.conferred_at
    day = event.day_at(at) if at else event.starts_on
    account = account_of(commander) if commander else None
    language = (account.language if account else None) or (commander.language if commander else "en")
    return {
        "form": FORM,
        "language": language,
        "number": tally.label,
        "organization": _names(own.name, own.name_local) if own else None,
        "event": {**_names(event.title, event.title_local), "ref": event.ref},
        "campaign": {**_names(campaign.label, campaign.name_local), "ref": campaign.ref, "year": campaign.year},
        "inscription": tally.inscription,
        "inscription_local": tally.inscription_local,
        "scope": tally.scope,
        "scope_local": tally.scope_local,
        "threshold": tally.threshold,
        "valid_from": tally.valid_from.isoformat(),
        "valid_to": tally.valid_to.isoformat(),
        "commander": _person(commander, day),
        "conferred_by": _person(by, day),
        "conferred_on": day.isoformat(),
        "outside": tally.conferred_outside,
        "halves": {str(each.side): each.ref for each in tally.halves},
    }


def _names(name: str, name_local: str | None) -> dict[str, str | None]:
    return {"name": name, "name_local": name_local}


def _person(person: Person | None, day: date) -> dict[str, str | None] | None:
    if person is None:
        return None
    held = person.position_on(day)
    return {
        **_names(person.name, person.name_local),
        "title": held.title if held else None,
        "title_local": held.title_local if held else None,
    }


@keeping.draws("tally", name=keeping.named_by_number)
def draw(document: IssuedDocument) -> bytes:
    """The certificate with its cards, from the frozen content alone: the same document gives the same bytes."""
    content = document.content
    language = content["language"]
    with force_locale(language):
        return render_pdf("tally", _paper(document, content), lang=language)


def _paper(document: IssuedDocument, content: dict[str, Any]) -> TallyPaper:
    address = address_of(document)
    commander, leader = content["commander"], content["conferred_by"]
    campaign = _word(content["campaign"], "name")
    valid = format_days(date.fromisoformat(content["valid_from"]), date.fromisoformat(content["valid_to"]))
    on = format_day(date.fromisoformat(content["conferred_on"]))
    inscription = _word(content, "inscription")
    facts: list[Fact] = [
        {"label": pgettext("tally", "Valid"), "value": valid},
        {"label": pgettext("tally", "May order"), "value": _word(content, "scope")},
    ]
    if content["threshold"]:
        facts.append({"label": pgettext("tally", "Threshold"), "value": _drawable(content["threshold"])})
    return {
        "document": {
            "title": _("Tally %(number)s", number=content["number"]), "dated": content["conferred_on"],
        },
        "organization": _word(content["organization"], "name"),
        "classification": "",
        "labels": {**frame_labels(), "tally": pgettext("document", "Tally")},
        "number": content["number"],
        "inscription": inscription,
        "words": _("lends authority for the campaign %(campaign)s to", campaign=campaign),
        "name": _word(commander, "name"),
        "position": _word(commander, "title"),
        "facts": facts,
        "conferred": _("Conferred on %(day)s", day=on),
        "conferred_by": _word(leader, "name"),
        "code": document.code,
        "verification": checks(document, _("Whether it still holds, anyone can ask by its code, without an account:")),
        "cards_heading": _("The two halves, to cut out"),
        "cards": [_card(side, content, address, campaign, inscription, valid) for side in Side],
    }  # fmt: skip


def _card(side: Side, content: dict[str, Any], address: str, campaign: str, inscription: str, valid: str) -> TallyCard:
    holder = _word(content["commander"] if side is Side.LEFT else content["conferred_by"], "name")
    return {
        "side": str(SIDE_LABELS[side]),
        "keeper": _("kept by the commander") if side is Side.LEFT else _("kept by the leader"),
        "number": content["number"],
        "inscription": inscription,
        "campaign": campaign,
        "holder": holder,
        "valid": valid,
        "qr": address,
    }


def _word(told: dict[str, Any] | None, name: str) -> str:
    return _drawable(in_language(told.get(f"{name}_local"), told.get(name)) or "") if told else ""


def _drawable(text: str) -> str:
    """Signs of which no font has a picture stand as a blank type; the page shows them all."""
    missing = unprintable(text)
    return "".join(MISSING if sign in missing else sign for sign in tidy(text))
