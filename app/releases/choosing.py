"""The sessions to choose from when one registers, as readers know them: what was not released is not offered."""

from collections.abc import Sequence
from dataclasses import replace

from app.events.models import Event
from app.programme.models import Session
from app.registration.queries import SessionPlaces, list_limited_sessions
from app.releases.queries import told_sessions


def offered(event: Event) -> list[SessionPlaces]:
    limited = list_limited_sessions(event)
    told = {each.ref: each for each in as_told(event, [each.session for each in limited])}
    return [replace(each, session=told[each.session.ref]) for each in limited if each.session.ref in told]


def as_told(event: Event, sessions: Sequence[Session]) -> Sequence[Session]:
    if not sessions or not event.release_number:
        return sessions
    told = {each.ref: each for each in told_sessions(event)}
    return [told[each.ref] for each in sessions if each.ref in told]
