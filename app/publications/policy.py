"""Who may write and who may read releases."""

from app.core.roles import Actor, Role, holds
from app.events import policy as events
from app.events.models import Audience, Event
from app.publications.models import Release, ReleaseState


def may_write(actor: Actor, event: Event) -> bool:
    return events.may_record(actor, event) or events.may_plan(actor, event)


def may_publish(actor: Actor, event: Event) -> bool:
    """What goes out is the organizer's word."""
    return events.may_plan(actor, event)


def may_see(actor: Actor, release: Release) -> bool:
    """Whether the release exists for an actor who may see its event. A draft is for those who write, and the auditor."""
    if release.published_at is not None or release.state == ReleaseState.PUBLISHED:
        return True
    return may_write(actor, release.event) or holds(actor, Role.AUDITOR, scope=release.event_id)


def may_be_public(event: Event) -> bool:
    """A gathering that is restricted, or not published itself, tells nothing to the public."""
    return event.audience in (Audience.PUBLIC, Audience.INTERNAL) and not event.is_draft
