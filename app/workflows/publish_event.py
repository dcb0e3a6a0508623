"""Publish an event once nothing in its programme is impossible."""

from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import Actor
from app.events import policy
from app.events import services as events
from app.events.models import Event
from app.programme import queries as programme
from app.registration import queries as registration
from app.requirements import services as requirements
from app.workflows.readiness import find_findings


class NotReady(Refused):
    """Something in the programme cannot happen as it is written."""

    status = 409


def publish_when_ready(event: Event, *, actor: Actor) -> None:
    """Refuses with NotReady while the readiness list holds an error; warnings do not stop it."""
    require(policy.may_plan(actor, event))
    findings = find_findings(
        event,
        actor,
        programme.list_sessions(event),
        programme.list_items(event, actor),
        registration.find_plan(event),
    )
    errors = [each for each in findings if each.is_error]
    if errors:
        raise NotReady(_("This cannot be published yet. %(why)s", why=errors[0].text))
    events.publish_event(event, actor=actor)
    requirements.index_event(event)  # speeches that were recorded while it was a draft
