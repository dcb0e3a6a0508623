"""The cards and certificates as the document templates take them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from app.badges.layouts import Layout
from app.badges.models import BadgeKind
from app.badges.placeholders import fill
from app.badges.queries import Card, surroundings
from app.certificates.printed import checks
from app.core import clock
from app.core.i18n import _, force_locale, format_day, pgettext
from app.documents.labels import certificate_labels, frame_labels
from app.documents.render import measure, render_pdf, render_picture, unprintable
from app.documents.shapes import Cards, Certificate, Certificates, PrintedCard
from app.events.models import Event
from app.registration.models import Registration
from app.signing import keeping
from app.signing.models import IssuedDocument

PATIENCE = 120  # seconds for a thousand cards on a busy machine; a job waits for them, or a browser for a few
TITLES = {
    BadgeKind.BADGE: lambda event: _("Badges of %(event)s", event=event),
    BadgeKind.TENT: lambda event: _("Tent cards of %(event)s", event=event),
    BadgeKind.TABLE: lambda event: _("Table numbers of %(event)s", event=event),
    BadgeKind.CERTIFICATE: lambda event: _("Certificates of attendance of %(event)s", event=event),
}


def drawable(text: str) -> str:
    """Without the signs of which no font has a picture, such as those of the event's title: it is read elsewhere too.
    Names of people are never cut so; they are told and left out."""
    missing = unprintable(text)
    return "".join(sign for sign in text if sign not in missing)


def table_card(event: Event, layout: Layout, number: str) -> Card:
    """The card of one table, in the language in force."""
    around = surroundings(event)
    return Card(
        registration_id=0, ref="", label=number, name="", other="", lines=(), line=fill(layout.line, around),
        event=around["event"] if layout.shows("event") else "",
        organization=around["organization"] if layout.shows("organization") else "", code="", number=number,
    )  # fmt: skip


def table_cards(event: Event, layout: Layout, numbers: Sequence[str]) -> list[Card]:
    with force_locale(layout.language):
        return [table_card(event, layout, each) for each in numbers]


def draw_pdf(event: Event, layout: Layout, cards: Sequence[Card], *, start: int = 0) -> bytes:
    """The sheets. Raises a refusal when they cannot be made."""
    return render_pdf(*_paper(event, layout, cards, start), lang=layout.language, patience=PATIENCE)


def draw_picture(event: Event, layout: Layout, cards: Sequence[Card], *, start: int = 0) -> bytes:
    """The first sheet as PNG."""
    first = cards[: max(1, layout.per_sheet - start)]
    return render_picture(*_paper(event, layout, first, start), lang=layout.language)


def tell(event: Event, layout: Layout, cards: Sequence[Card]) -> list[dict[str, Any]]:
    """How each card or certificate comes out: which texts had to go below their smallest size."""
    return measure(*_paper(event, layout, cards, 0), lang=layout.language, patience=PATIENCE)


def _paper(event: Event, layout: Layout, cards: Sequence[Card], start: int) -> tuple[str, Any]:
    with force_locale(layout.language):
        if layout.kind == BadgeKind.CERTIFICATE:
            return "certificate", certificates([each.document for each in cards if each.document is not None])
        return "card", _cards(event, layout, cards, start)


def _cards(event: Event, layout: Layout, cards: Sequence[Card], start: int) -> Cards:
    return Cards(
        document={"title": drawable(TITLES[layout.kind](event.display_title)), "dated": event.starts_on.isoformat()},
        organization="",
        classification="",
        labels=frame_labels(),
        layout=layout.as_shape(start),
        cards=[
            PrintedCard(
                event=drawable(each.event), organization=drawable(each.organization), name=each.name, other=each.other,
                lines=list(each.lines), line=each.line, qr=each.code, number=each.number,
            )
            for each in cards
        ],
    )  # fmt: skip


# --- certificates ---------------------------------------------------------------------------------------------------


def certificate_content(
    registration: Registration, layout: Layout, half_days: Sequence[str], today: date
) -> dict[str, Any]:
    """The canonical facts of one certificate. `half_days` are keys such as `2027-01-12/am`."""
    event, person = registration.event, registration.person
    with force_locale(layout.language):
        around = surroundings(event)
        held = person.position_on(event.starts_on)
        name = person.display_name
        other = next((each for each in (person.name, person.name_local) if each and each != name), "")
        parts = [half_day_words(each) for each in half_days]
        values = {
            "name": name, "other_name": other, "position": held.display_title if held else "",
            "department": person.department.display_name if person.department else "",
            "half_days": str(len(parts)), **around,
        }  # fmt: skip
        return {
            "format": "hufu-certificate-1",
            "language": layout.language,
            "registration": registration.ref,
            "name": name,
            "other": other if layout.shows("other") else "",
            "position": values["position"] if layout.shows("position") else "",
            "organization": around["organization"],
            "event": around["event"],
            "days": around["days"],
            "place": around["place"],
            "words": fill(layout.line, values) if layout.line else usual_words(around),
            "half_days": list(half_days),
            "parts": parts if layout.shows("half_days") else [],
            "signed_by": layout.signed_by or around["organization"],
            "issued_on": today.isoformat(),
        }


def usual_words(around: dict[str, str]) -> str:
    if around["place"]:
        return _("has attended %(event)s, %(days)s, %(place)s.", **{k: around[k] for k in ("event", "days", "place")})
    return _("has attended %(event)s, %(days)s.", event=around["event"], days=around["days"])


def half_day_words(key: str) -> str:
    day = date.fromisoformat(key[:10])
    if key.endswith("am"):
        return _("%(day)s, morning", day=format_day(day))
    if key.endswith("pm"):
        return _("%(day)s, afternoon", day=format_day(day))
    return format_day(day)


def certificates(documents: Sequence[IssuedDocument]) -> Certificates:
    """In the language in force; everything else comes from what was frozen."""
    one = documents[0].content
    title = pgettext("document", "Certificate of attendance")
    return Certificates(
        document={"title": f"{title}: {one['event']}", "dated": one["issued_on"]},
        organization=one["organization"],
        classification="",
        labels=certificate_labels(),
        certificates=[_certificate(each) for each in documents],
    )


def _certificate(document: IssuedDocument) -> Certificate:
    content = document.content
    return Certificate(
        name=content["name"], other=content["other"], position=content["position"], words=content["words"],
        parts=content["parts"], signed_by=content["signed_by"],
        dated=format_day(date.fromisoformat(content["issued_on"])), code=document.code,
        verification=checks(document, _("Anyone can check this certificate by its code, without an account:")),
    )  # fmt: skip


@keeping.draws(BadgeKind.CERTIFICATE)
def draw_certificate(document: IssuedDocument) -> bytes:
    """One certificate as a file of its own: the same document gives the same bytes."""
    language = document.content["language"]
    with force_locale(language):
        return render_pdf("certificate", certificates([document]), lang=language)


def sample_cards(event: Event, layout: Layout) -> list[Card]:
    """Made-up people for the picture of a layout, while nobody has registered yet."""
    if layout.kind == BadgeKind.TABLE:
        return table_cards(event, layout, ["1", "2"])
    with force_locale(layout.language):
        around = surroundings(event)
        made = []
        for name, local in (("Li Wei", "李伟"), ("Ekaterina Aleksandrovna Vozdvizhenskaya-Morozova", "")):
            large, small = (local or name, name if local else "") if layout.language.startswith("zh") else (name, local)
            position = pgettext("person", "Position")
            department = _("Department")
            values = {"name": large, "other_name": small, "position": position, "department": department, **around}
            lines = [(layout.shows("position"), position), (layout.shows("department"), department)]
            made.append(
                Card(
                    registration_id=0, ref="", label=name, name=large, other=small if layout.shows("other") else "",
                    lines=tuple(words for shown, words in lines if shown), line=fill(layout.line, values),
                    event=around["event"] if layout.shows("event") else "",
                    organization=around["organization"] if layout.shows("organization") else "",
                    code="0000-0000-0000-0000-0000-0000-0000" if layout.shows("qr") else "",
                )
            )  # fmt: skip
        return made


def sample_certificate(event: Event, layout: Layout) -> IssuedDocument:
    """A certificate that nobody holds, for the picture of the layout. It is not stored."""
    with force_locale(layout.language):
        around = surroundings(event)
        keys = [f"{event.starts_on.isoformat()}/{half}" for half in ("am", "pm")]
        parts = [half_day_words(each) for each in keys]
        values = {
            "name": "Li Wei", "other_name": "李伟", "position": pgettext("person", "Position"),
            "department": _("Department"), "half_days": str(len(parts)), **around,
        }  # fmt: skip
        content = {
            "language": layout.language, "name": "李伟" if layout.language.startswith("zh") else "Li Wei",
            "other": ("Li Wei" if layout.language.startswith("zh") else "李伟") if layout.shows("other") else "",
            "position": values["position"] if layout.shows("position") else "", "organization": around["organization"],
            "event": around["event"], "words": fill(layout.line, values) if layout.line else usual_words(around),
            "parts": parts if layout.shows("half_days") else [], "signed_by": layout.signed_by or around["organization"],
            "issued_on": clock.today(event.time_zone).isoformat(),
        }  # fmt: skip
    return IssuedDocument(code="0000-0000-0000-0000", content=content, content_hash="0" * 64, audit_head="0" * 64)
