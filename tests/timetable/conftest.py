"""A gathering in Berlin over the change of the clocks, and browsers that speak JSON."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.core.db import unit_of_work
from app.programme.models import Track
from tests.conftest import Visitor
from tests.factories import make_event, make_item, make_room, make_session, save


@dataclass
class Arranged:
    """The refs of one gathering: two rooms, a placed item, one that waits."""

    url: str
    hall: str
    kiln: str
    opening: str
    waiting: str
    session: str


def on(hour: int, minute: int = 0) -> datetime:
    """On the 14th of January 2027 in Shanghai, eight hours ahead of UTC."""
    return datetime(2027, 1, 14, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@pytest.fixture
def arranged(app) -> Arranged:
    with app.app_context(), unit_of_work():
        event = make_event(starts_on=date(2027, 1, 14))
        hall, kiln = make_room(event, name="Great Hall"), make_room(event, name="Kiln Room")
        session = make_session(event, title="Morning", room=hall, starts_at=on(9), ends_at=on(12))
        track = save(Track(event=event, name="Craft", colour="blue"))
        opening = make_item(
            event, title="Opening", room=hall, session=session, track=track, starts_at=on(9), ends_at=on(9, 30)
        )
        waiting = make_item(event, title="Workshop", starts_at=None, ends_at=None, minutes=45)
        return Arranged(f"/events/{event.ref}/timetable", hall.ref, kiln.ref, opening.ref, waiting.ref, session.ref)


class Grid:
    """Somebody's grid: asks and sends JSON with the proof of origin."""

    def __init__(self, visitor: Visitor, url: str) -> None:
        self.visitor, self.url, self.proof = visitor, url, visitor.token()

    def state(self, **headers: str) -> Any:
        return self.visitor.get(f"{self.url}/state", headers=headers)

    def item(self, ref: str) -> dict[str, Any]:
        return next(each for each in self.state().get_json()["items"] if each["ref"] == ref)

    def send(self, path: str, body: Any, method: str = "POST") -> Any:
        more = {"data": body, "content_type": "application/json"} if isinstance(body, bytes) else {"json": body}
        headers = {"X-CSRFToken": self.proof}
        return self.visitor.client.open(f"{self.url}/{path}", method=method, headers=headers, **more)

    def patch(self, ref: str, body: Any) -> Any:
        return self.send(f"items/{ref}", body, "PATCH")

    def move(self, ref: str, start: str | None, end: str | None, room: str | None, **more: Any) -> Any:
        """Based on what is stored now, unless a version is given."""
        place = {"starts_at": start and f"2027-01-14T{start}", "ends_at": end and f"2027-01-14T{end}", "room": room}
        version = more.pop("version", None) or self.item(ref)["version"]
        return self.patch(ref, {"version": version, **place, **more})

    def take(self, which: str) -> Any:
        """Press undo or redo, with the step that the state names."""
        return self.send(which, {"step": self.state().get_json()[which]["step"]})


@pytest.fixture
def grid(as_, arranged) -> Callable[..., Grid]:
    def open_grid(name: str = "olaf", url: str | None = None) -> Grid:
        return Grid(as_(name), url or arranged.url)

    return open_grid


@pytest.fixture
def second_organizer(app) -> None:
    """Sara may arrange everywhere, too."""
    from app.accounts.models import RoleGrant
    from app.core.roles import Role
    from tests.cast import load

    with app.app_context(), unit_of_work():
        save(RoleGrant(account=load().accounts["sara"], role=Role.ORGANIZER))
