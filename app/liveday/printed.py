"""What runs and what is next, as it is printed for readers, kept in this process for as long as it holds.

Hundreds of phones and the screens of the rooms ask for the same few rows every ten seconds. A print is used for all
who see the same, until an act on the programme, and ten seconds at most.
"""

from collections.abc import Callable
from datetime import datetime

from flask import current_app
from markupsafe import Markup

from app.core.i18n import language_tag
from app.core.roles import Actor
from app.events.models import Event
from app.liveday import queries
from app.programme import policy
from app.programme import queries as programme
from app.programme.calendar import Shelf, etag_of
from app.releases import queries as releases

SECONDS = 10
SHELF = Shelf(200)


def now_rows(template: str, event: Event, actor: Actor, now: datetime, *, room: str, still: bool = False) -> Markup:
    """`room` is the ref of one room, as the address gives it, or empty; a ref that nothing has is all rooms."""
    working = releases.sees_working(actor, event)
    held = (event.ref, event.version, event.programme_version, event.release_number, event.status)
    seen = (working, policy.may_see_internal(actor, event), language_tag())
    etag = etag_of(template, *held, *seen, room[:16], still, int(now.timestamp()) // SECONDS)
    body = SHELF.find(etag, _maker(template, event, actor, now, room, still, working))
    return Markup(body.decode())  # noqa: S704  # our own template


def screen(event: Event, actor: Actor, now: datetime, *, room: str, still: bool = False) -> str:
    """The whole page for the screen of a room, without what the frame would count for somebody who walks about in it."""
    return current_app.jinja_env.get_template("programme/screen.html").render(
        event=event,
        rows=now_rows("programme/board.html", event, actor, now, room=room, still=still),
        theme="dark",
        demo_banner=current_app.extensions.get("hufu_demo", False),
    )


def _maker(
    template: str, event: Event, actor: Actor, now: datetime, room: str, still: bool, working: bool
) -> Callable[[], bytes]:
    def make() -> bytes:
        told = releases.told(event, actor)
        rooms = programme.list_rooms(event) if working else told.rooms
        chosen = next((each for each in rooms if each.ref == room), None)
        context = {
            "event": event,
            "now": now,
            "rooms": rooms,
            "room": chosen,
            "still": still,
            "at": queries.moment_of(event, told.items, now, chosen.ref if chosen else None),
        }
        return current_app.jinja_env.get_template(template).render(context).encode()

    return make
