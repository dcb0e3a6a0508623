"""What somebody does with their own address, and that it was read."""

from app.core import audit, clock
from app.core.db import db
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import Actor
from app.diary import queries
from app.diary.models import CalendarFeed


def make_feed(*, actor: Actor) -> CalendarFeed:
    """An address of one's own; after an end a new one, as the old one stays dead."""
    feed = _own(actor)
    if feed is not None and feed.ended_at is None:
        raise Refused(_("You have an address already."))
    if feed is None:
        assert actor.id is not None
        feed = CalendarFeed(account_id=actor.id)
        db.session.add(feed)
        db.session.flush()
    else:
        feed.ended_at, feed.read_at = None, None
        feed.turn += 1
    audit.record(actor, "feed.made", feed)
    return feed


def renew_feed(*, actor: Actor) -> CalendarFeed:
    """Another address; whoever knows the old one reads nothing from now on."""
    feed = _running(actor)
    feed.turn += 1
    feed.read_at = None
    audit.record(actor, "feed.renewed", feed)
    return feed


def end_feed(*, actor: Actor) -> None:
    feed = _running(actor)
    feed.ended_at = clock.now()
    audit.record(actor, "feed.ended", feed)


def note_read(feed: CalendarFeed) -> None:
    """Nobody's deed: a calendar program has asked. What it says is when, so that a forgotten one is noticed."""
    feed.read_at = clock.now()


def _own(actor: Actor) -> CalendarFeed | None:
    """With the row locked, so that of two renewals at once the second one counts too."""
    require(actor.id is not None)
    return queries.find_feed(actor, for_change=True)


def _running(actor: Actor) -> CalendarFeed:
    feed = _own(actor)
    if feed is None or feed.ended_at is not None:
        raise Refused(_("You have no address yet."))
    return feed
