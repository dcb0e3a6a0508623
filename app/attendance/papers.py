"""The sign-in sheet as data for the typesetter, in the language of now."""

from collections.abc import Sequence

from app.attendance.models import SignInSheet
from app.attendance.spans import Span
from app.core.i18n import _, format_span, pgettext
from app.documents.labels import list_labels
from app.documents.shapes import Fact, ListDocument
from app.events.models import Event
from app.people.models import Person


def sheet(event: Event, made: SignInSheet, span: Span | None, people: Sequence[Person | None]) -> ListDocument:
    """A numbered line for everybody, with room to sign."""
    facts: list[Fact] = [{"label": _("Sheet"), "value": str(made.number)}]
    if span is not None:
        facts.append({"label": _("When"), "value": span.name})
        facts.append({"label": _("Time"), "value": format_span(span.starts_at, span.ends_at, event.time_zone)})
    if event.display_place:
        facts.append({"label": _("Where"), "value": event.display_place})
    return ListDocument(
        document={"title": _("Sign-in sheet"), "dated": made.created_at.date().isoformat()},
        organization=event.host.display_name if event.host else "",
        classification=_("For internal use"),
        labels=list_labels(),
        subtitle=event.display_title,
        facts=facts,
        columns=[
            {"label": pgettext("document", "No."), "align": "right"},
            {"label": pgettext("person", "Name"), "width": 2},
            {"label": _("Department"), "width": 2},
            {"label": pgettext("document", "Signature"), "width": 3},
        ],
        rows=[_line(number, each) for number, each in enumerate(people, 1)],
        note=_("Whoever signs was present. The office enters the numbers of the signed lines."),
        landscape=False,
        verification=None,
    )


def _line(number: int, person: Person | None) -> list[str]:
    if person is None:
        return [str(number), "", "", ""]
    return [
        str(number),
        person.display_name,
        person.department.display_name if person.department else "",
        "\u00a0\n\u00a0",
    ]
