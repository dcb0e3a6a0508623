"""What the timetable of 300 items in 12 rooms costs, as a multiple of a bare page, list and move of the same rows.

    python -m tests.load.timetable

Processor time of both in one process and in turns, printed, not asserted: the page, what the grid asks for, and one move.
The bare side is Flask, Jinja and SQLAlchemy alone: it looks up the visitor, checks the version, writes one row.
"""

import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from flask import Flask, abort, g, jsonify, render_template, request
from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload, scoped_session, selectinload

from tests.load.floor import NOW, Event, Item, Sitting, Visit, fill, open_database, visit_of

ROOMS, EACH = 12, 25
ROUNDS = 40


def bare(url: str) -> tuple[Flask, int, int]:
    """The app, an event with as many items as the product's, and one of them."""
    fill(url)
    make = open_database(url)
    with make.begin() as session:
        event = Event(
            title="Arranged", place="Foshan", description="", begins_at=NOW, ends_at=NOW, changed_at=NOW, capacity=1
        )
        for room in range(ROOMS):
            sitting = Sitting(title=f"Session {room}", room=f"Room {room}", chair="Person 1", begins_at=NOW)
            sitting.items = [
                Item(
                    speaker_id=1 + (room * 8 + n) % 100, title=f"Item {n} about something", kind=f"Track {room % 6}",
                    description="", begins_at=NOW + timedelta(minutes=30 * n), ends_at=NOW + timedelta(minutes=30 * n + 30),
                )
                for n in range(EACH)
            ]  # fmt: skip
            event.sessions.append(sitting)
        session.add(event)
        session.flush()
        refs = event.id, event.sessions[0].items[0].id
    app = Flask(__name__, template_folder=str(Path(__file__).parent / "templates"))
    session = scoped_session(make)

    @app.teardown_appcontext
    def give_back(_error: BaseException | None) -> None:
        session.remove()

    @app.before_request
    def know_the_visitor() -> None:
        mine = select(Visit).where(Visit.token == request.cookies["visit"]).options(joinedload(Visit.person))
        g.person = session.scalars(mine).one().person

    def sittings(event_id: int) -> list[Sitting]:
        with_items = selectinload(Sitting.items).joinedload(Item.speaker)
        return list(session.scalars(select(Sitting).where(Sitting.event_id == event_id).options(with_items)))

    def told(item: Item, sitting: Sitting) -> dict[str, Any]:
        return {
            "ref": item.id, "version": 1, "title": item.title, "kind": item.kind, "kind_label": item.kind, "minutes": None,
            "starts_at": f"{item.begins_at:%Y-%m-%dT%H:%M}", "ends_at": f"{item.ends_at:%Y-%m-%dT%H:%M}",
            "room": sitting.id, "session": sitting.id, "track": {"name": item.kind, "colour": "blue"},
            "speakers": item.speaker.name, "cancelled": False, "internal": False,
        }  # fmt: skip

    @app.get("/events/<int:event_id>/timetable")
    def page(event_id: int) -> str:
        event = session.get(Event, event_id) or abort(404)
        return render_template("timetable.html", event=event, sessions=sittings(event_id), token="t" * 40)

    @app.get("/events/<int:event_id>/timetable/state")
    def state(event_id: int) -> Any:
        return jsonify(items=[told(item, sitting) for sitting in sittings(event_id) for item in sitting.items])

    @app.patch("/events/<int:event_id>/timetable/items/<int:item_id>")
    def move(event_id: int, item_id: int) -> Any:
        _write(session, item_id, request.json["minutes"])
        item = session.get(Item, item_id) or abort(404)
        return jsonify(item=told(item, session.get(Sitting, item.sitting_id)))  # type: ignore[arg-type]

    return app, *refs


def _write(session: scoped_session[Session], item_id: int, minutes: int) -> None:
    session.rollback()
    session.connection(execution_options={"writes": True})
    start = NOW + timedelta(minutes=minutes)
    session.execute(
        update(Item).where(Item.id == item_id).values(begins_at=start, ends_at=start + timedelta(minutes=30))
    )
    session.commit()


def product(folder: Path) -> tuple[Any, str, str, str, str]:
    """A signed-in organizer's client, the address of the timetable, an item, its room, and the proof of origin."""
    from app.core.db import db, unit_of_work
    from app.programme.models import Track
    from tests import cast
    from tests.conftest import PASSWORD, Visitor, build
    from tests.factories import make_event, make_item, make_person, make_room, make_session, save

    app = build(folder)
    with app.app_context():
        db.create_all()
        with unit_of_work():
            cast.settle()
            event = make_event(title="Arranged")
            people = [make_person() for _ in range(100)]
            tracks = [save(Track(event=event, name=f"Track {n}", colour="blue")) for n in range(6)]
            for n in range(ROOMS):
                room, session = make_room(event, name=f"Room {n}", seats=60), make_session(event)
                for k in range(EACH):
                    first = make_item(event, room=room, session=session, title=f"Item {k} about something", track=tracks[n % 6],
                                      speakers=[people[(n * 8 + k) % 100]])  # fmt: skip
                    first.starts_at += timedelta(minutes=30 * k)
                    first.ends_at = first.starts_at + timedelta(minutes=30)
        refs = f"/events/{event.ref}/timetable", first.ref, room.ref
        db.session.remove()
    visitor = Visitor(app.test_client())
    assert visitor.post("/sign-in", {"email": "olaf@hufu.example", "password": PASSWORD}).status_code == 303
    return visitor.client, *refs, visitor.token()


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        floor, event, one = bare(f"sqlite:///{folder / 'floor.db'}")
        plain = floor.test_client()
        plain.set_cookie("visit", visit_of(1))
        ours, url, item, room, proof = product(folder / "instance")
        day = ours.get(f"{url}/state").get_json()["items"][0]["starts_at"][:10]
        version = 1

        def ours_moves(turn: int) -> Any:
            nonlocal version
            body = {"version": version, "starts_at": f"{day}T{turn % 12 + 7:02}:00", "ends_at": None, "room": room}
            answer = ours.patch(f"{url}/items/{item}", json=body, headers={"X-CSRFToken": proof})
            version = answer.get_json()["item"]["version"]
            return answer

        base = f"/events/{event}/timetable"
        pairs: dict[str, tuple[Callable[[int], Any], Callable[[int], Any]]] = {
            "page": (lambda _turn: plain.get(base), lambda _turn: ours.get(url)),
            "what the grid asks": (lambda _turn: plain.get(f"{base}/state"), lambda _turn: ours.get(f"{url}/state")),
            "a move": (lambda turn: plain.patch(f"{base}/items/{one}", json={"minutes": 5 * turn}), ours_moves),
        }
        for what, (floors, products) in pairs.items():
            told = {"floor": measure(floors), "hufu": measure(products)}
            ratio = told["hufu"][0] / told["floor"][0]
            sides = ", ".join(f"{side} {ms:.1f} ms and {size / 1000:.0f} kB" for side, (ms, size) in told.items())
            print(f"{what:20} {ratio:5.2f} times the floor ({sides})")


def measure(ask: Callable[[int], Any]) -> tuple[float, int]:
    """Milliseconds of processor time, the median; bytes of an answer."""
    taken, size = [], 0
    for turn in range(ROUNDS + 3):
        before = time.process_time()
        answer = ask(turn)
        size = len(answer.get_data())
        if turn >= 3:  # the first ones compile templates and statements
            taken.append(1000 * (time.process_time() - before))
        assert answer.status_code == 200, answer.status_code
    return median(taken), size


if __name__ == "__main__":
    main()
