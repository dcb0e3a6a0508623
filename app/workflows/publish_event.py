"""Publish an event once nothing in it is impossible."""

from collections.abc import Sequence

from app.core.errors import Refused, require
from app.core.i18n import ngettext
from app.core.roles import Actor
from app.events import policy
from app.events import services as events
from app.events.models import Event
from app.requirements import services as requirements
from app.workflows.readiness import Finding, look_at


class NotReady(Refused):
    """Something cannot happen as it is written. `blockers` are all of it, not only the first."""

    status = 409

    def __init__(self, blockers: Sequence[Finding]) -> None:
        what = " ".join(each.text for each in blockers)
        super().__init__(
            ngettext(
                "This cannot be published yet, for one reason. %(what)s",
                "This cannot be published yet, for %(num)s reasons. %(what)s",
                len(blockers),
                what=what,
            )
        )
        self.blockers = blockers


def publish_when_ready(event: Event, *, actor: Actor) -> None:
    """Refuses with NotReady while the readiness list holds a blocker; warnings do not stop it."""
    require(policy.may_plan(actor, event))
    blockers = [each for each in look_at(event, actor) if each.is_error]
    if blockers:
        raise NotReady(blockers)
    events.publish_event(event, actor=actor)
    requirements.index_event(event)  # speeches that were recorded while it was a draft
