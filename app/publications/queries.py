"""Questions about releases. Every read begins with what this person may see."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.core.db import db
from app.core.roles import Actor, Role, holds
from app.events import queries as events
from app.events.models import Audience, Event, Status
from app.publications import policy
from app.publications.models import Release, ReleaseState


def open_to_all() -> ColumnElement[bool]:
    """The condition under which anybody may read a release; needs a join with its event."""
    return and_(
        Release.is_public,
        Release.published_at.is_not(None) | (Release.state == ReleaseState.PUBLISHED),
        Event.audience.in_((Audience.PUBLIC, Audience.INTERNAL)),
        Event.status != Status.DRAFT,
    )


def list_releases(actor: Actor, event: Event) -> Sequence[Release]:
    """The releases of an event that the actor, who may see the event, may read. A visitor sees the public ones."""
    mine = select(Release).join(Event).where(Release.event_id == event.id)
    if not actor.is_authenticated:
        mine = mine.where(open_to_all(), Release.state == ReleaseState.PUBLISHED)
    elif not (policy.may_write(actor, event) or holds(actor, Role.AUDITOR, scope=event.id)):
        mine = mine.where(Release.state == ReleaseState.PUBLISHED)
    return db.session.scalars(mine.order_by(Release.released_on.desc(), Release.id.desc())).all()


def find_release(actor: Actor, event: Event, ref: str) -> Release | None:
    """A release of this event that the actor, who may see the event, may read. A withdrawn one still says so."""
    mine = select(Release).join(Event).where(Release.event_id == event.id, Release.ref == ref)
    if not actor.is_authenticated:
        mine = mine.where(open_to_all())
    release = db.session.scalar(mine.options(joinedload(Release.event), selectinload(Release.closing)))
    return release if release is not None and policy.may_see(actor, release) else None


def find_open_release(ref: str) -> Release | None:
    """A release that anybody may read, whatever they may see of its event."""
    return db.session.scalar(
        select(Release)
        .join(Event)
        .where(Release.ref == ref, open_to_all())
        .options(joinedload(Release.event).joinedload(Event.host), selectinload(Release.closing))
    )


def select_news() -> Select[Release]:
    """All public releases, the newest first."""
    return (
        select(Release)
        .join(Event)
        .where(open_to_all(), Release.state == ReleaseState.PUBLISHED)
        .options(joinedload(Release.event).joinedload(Event.host))
        .order_by(Release.released_on.desc(), Release.id.desc())
    )


def select_for(actor: Actor) -> Select[Release]:
    """What the actor may read of all events: the public releases, and those of the events that they may see."""
    if not actor.is_authenticated:
        return select_news()
    return (
        select(Release)
        .join(Event)
        .where(Release.state == ReleaseState.PUBLISHED, or_(open_to_all(), events.visible(actor)))
        .options(joinedload(Release.event).joinedload(Event.host))
        .order_by(Release.released_on.desc(), Release.id.desc())
    )
