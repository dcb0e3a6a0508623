"""What every page inside an event begins with."""

from flask import abort, g
from flask_login import current_user

from app.events import queries
from app.events.models import Event


def open_event(ref: str) -> Event:
    """The event of this page, if the visitor may see it; else 404. The frame reads it from `g.event`."""
    event = queries.find_visible(current_user, ref)
    if event is None:
        abort(404)
    g.event = event
    return event
