"""The rows of a programme as they are printed, kept in this process until something in them changes.

Most visits only read, and most readers see the same rows. A print is used again for the same language and the same
sight, until an act on the programme or the event, until a release, until the next item begins or ends, and a minute at
most, so that a person's new name follows soon. Whoever speaks sees their own items marked, and so gets rows of their own.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from markupsafe import Markup

from app.core.i18n import language_tag
from app.core.roles import Actor
from app.events.models import Event
from app.programme import policy, queries
from app.programme.models import AgendaItem, Session
from app.provenance.queries import note

KEPT = 300
LONGEST = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Print:
    html: Markup
    since: datetime
    until: datetime
    speakers: frozenset[int]  # accounts

    def serves(self, actor: Actor, now: datetime) -> bool:
        return self.since <= now < self.until and actor.id not in self.speakers


_prints: OrderedDict[tuple[object, ...], Print] = OrderedDict()


def rows(
    template: str,
    event: Event,
    actor: Actor,
    now: datetime,
    *,
    told: Callable[[], tuple[Sequence[Session], Sequence[AgendaItem]]],
    working: bool,
) -> Markup:
    """The programme by day, by `template`. `told` gives its sessions and items, and is asked only when no print serves.

    `working` says that this is the version that is worked on, which others may not see. Not for pages with acts and
    clashes, nor for events whose values have notes.
    """
    internal = policy.may_see_internal(actor, event)
    versions = (event.version, event.programme_version, event.release_number, working)
    key = (template, event.ref, *versions, language_tag(), internal)
    kept = _prints.get(key)
    if kept is not None and kept.serves(actor, now):
        return kept.html
    sessions, items = told()
    html = draw(template, event, actor, now, sessions, items)
    speakers = {each.person.account_id for item in items for each in item.speakers if each.person is not None}
    print_ = Print(html, now, _until(items, now), frozenset(each for each in speakers if each is not None))
    if print_.serves(actor, now):
        _prints[key] = print_
        _prints.move_to_end(key)
        while len(_prints) > KEPT:
            _prints.popitem(last=False)
    return html


def draw(
    template: str,
    event: Event,
    actor: Actor,
    now: datetime,
    sessions: Sequence[Session],
    items: Sequence[AgendaItem],
    **more: object,
) -> Markup:
    """The rows anew. The frame's own context is left out: it would be asked for twice."""
    context = {
        "event": event,
        "now": now,
        "days": queries.by_day(event, sessions, items),
        "is_mine": lambda item: queries.is_mine(item, actor),
        "plans": False,
        "clashing": (),
        "notes": {},
        "note": note,
        **more,
    }
    return Markup(current_app.jinja_env.get_template(template).render(context))  # noqa: S704  # our own template


def _until(items: Sequence[AgendaItem], now: datetime) -> datetime:
    """The next moment at which the mark of what is on now moves, a minute from now at most."""
    edges = (moment for item in items for moment in (item.starts_at, item.ends_at))
    return min([now + LONGEST, *(moment for moment in edges if moment is not None and moment > now)])
