"""Admission cards to print: what the document template takes."""

from collections.abc import Iterable

from app.core.i18n import _, format_days
from app.documents.labels import admission_labels
from app.documents.shapes import Admission, AdmissionCard, Fact
from app.events.models import Event
from app.registration.models import Registration


def admission(event: Event, registrations: Iterable[Registration]) -> Admission:
    """One card a registration, in the language of now."""
    facts: list[Fact] = [{"label": _("When"), "value": format_days(event.starts_on, event.ends_on)}]
    if event.display_place:
        facts.append({"label": _("Where"), "value": event.display_place})
    return Admission(
        document={
            "title": _("Admission to %(title)s", title=event.display_title),
            "dated": event.starts_on.isoformat(),
        },
        organization=event.host.display_name if event.host else "",
        classification="",
        labels=admission_labels(),
        event=event.display_title,
        event_facts=facts,
        cards=[_card(event, each) for each in registrations],
    )


def _card(event: Event, registration: Registration) -> AdmissionCard:
    position = registration.person.position_on(event.starts_on)
    return AdmissionCard(
        name=registration.person.display_name,
        position=position.display_title if position else "",
        role=_("Participant"),
        facts=[],
        qr=registration.door_code,
        reference=registration.door_code,
        note=_("For you alone. It is valid once, and no longer when you withdraw."),
    )
