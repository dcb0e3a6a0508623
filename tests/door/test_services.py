"""The door: who is let in, once; and what can be undone."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.services import grant_role
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.core.roles import SYSTEM, Role
from app.door import queries, services
from app.door.errors import DoorClosed, TooLateToUndo
from app.door.models import CheckIn
from app.events.models import Event
from app.registration import services as registration
from app.registration.models import Registration
from tests.cast import Cast
from tests.factories.registration import make_open_event, make_people, register


def give_door(cast: Cast, event: Event, who: str = "dora") -> None:
    with unit_of_work():
        grant_role(cast.accounts[who], Role.DOOR, actor=SYSTEM, scope=event.id, event=event)


def scan(event: Event, code: str, actor: object) -> services.Answer:
    with unit_of_work():
        return services.check_in_by_code(event, code, actor=actor)  # type: ignore[arg-type]


def test_a_code_admits_once_and_then_names_who_was_first(cast: Cast) -> None:
    event = make_open_event()
    mine = register(event, cast.people["petra"])
    give_door(cast, event)
    first = scan(event, mine.door_code, cast.dora)
    again = scan(event, mine.door_code.lower().replace("-", " "), cast.olaf)
    assert (first.outcome, again.outcome) == ("admitted", "already")
    assert again.check_in == first.check_in
    assert (again.check_in.by_name, again.check_in.means) == ("Dora Lin", "code")  # type: ignore[union-attr]
    assert db.session.scalar(select(func.count(CheckIn.id))) == 1
    assert queries.count_present(event) == queries.Count(present=1, expected=1)


def test_the_same_code_at_ten_scanners_admits_once_and_says_already_nine_times(either_app: Flask) -> None:
    """T14."""
    with either_app.app_context():
        event = make_open_event()
        mine = register(event, make_people(1)[0])
        event_id, code = event.id, mine.door_code
    start, said = threading.Barrier(10), []

    def scanner() -> None:
        with either_app.app_context():
            start.wait(20)
            answer = scan(db.session.get_one(Event, event_id), code, SYSTEM)
            assert answer.check_in is not None
            said.append((str(answer.outcome), answer.check_in.id))
            db.session.remove()

    threads = [threading.Thread(target=scanner) for _each in range(10)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert Counter(outcome for outcome, _id in said) == {"admitted": 1, "already": 9}
    assert len({check_in for _outcome, check_in in said}) == 1


def test_whoever_has_no_place_is_not_let_in(cast: Cast) -> None:
    event, other = make_open_event(capacity=1), make_open_event()
    held, waits = register(event, cast.people["petra"]), register(event, cast.people["tom"])
    elsewhere = register(other, cast.people["mei"])
    assert scan(event, waits.door_code, cast.olaf).outcome == "waiting"
    with unit_of_work():
        registration.withdraw(held, actor=cast.petra)
    assert scan(event, held.door_code, cast.olaf).outcome == "withdrawn"
    assert scan(event, elsewhere.door_code, cast.olaf).outcome == "unknown"
    for nonsense in ("", "7Q2M", "' OR 1=1 --", "x" * 5000, "零" * 16):
        assert scan(event, nonsense, cast.olaf).outcome == "unknown"
    assert db.session.scalars(select(CheckIn)).all() == []


def test_only_door_staff_of_this_event_and_its_organizer_check_in(cast: Cast) -> None:
    event, other = make_open_event(), make_open_event()
    mine = register(event, cast.people["petra"])
    give_door(cast, other)
    for who in ("dora", "petra", "sara", "aude", "rita", "xaver"):
        with pytest.raises(Forbidden):
            scan(event, mine.door_code, cast.accounts[who])
    assert db.session.scalars(select(CheckIn)).all() == []
    give_door(cast, event)
    assert scan(event, mine.door_code, cast.dora).outcome == "admitted"


def test_nobody_is_let_in_to_a_cancelled_event(cast: Cast) -> None:
    event = make_open_event()
    mine = register(event, cast.people["petra"])
    with unit_of_work():
        event.status = "cancelled"
    with pytest.raises(DoorClosed):
        scan(event, mine.door_code, cast.olaf)


def test_undoing_keeps_the_history_and_lets_in_anew(cast: Cast) -> None:
    event = make_open_event()
    mine = register(event, cast.people["petra"])
    give_door(cast, event)
    first = scan(event, mine.door_code, cast.dora).check_in
    assert first is not None
    with unit_of_work():
        services.undo(first, actor=cast.dora)
    with pytest.raises(Refused), unit_of_work():
        services.undo(first, actor=cast.dora)
    assert scan(event, mine.door_code, cast.dora).outcome == "admitted"
    assert db.session.scalar(select(func.count(CheckIn.id))) == 2
    actions = db.session.scalars(
        select(AuditEntry.action).where(AuditEntry.action.startswith("door.")).order_by(AuditEntry.seq)
    ).all()
    assert actions == ["door.admitted", "door.undone", "door.admitted"]


def test_after_a_quarter_of_an_hour_only_the_organizer_undoes(cast: Cast) -> None:
    event = make_open_event()
    mine = register(event, cast.people["petra"])
    give_door(cast, event)
    give_door(cast, event, "tom")
    check_in = scan(event, mine.door_code, cast.dora).check_in
    assert check_in is not None
    with pytest.raises(TooLateToUndo), unit_of_work():
        services.undo(check_in, actor=cast.tom)
    with clock.at(clock.now() + timedelta(minutes=16)):
        with pytest.raises(TooLateToUndo), unit_of_work():
            services.undo(check_in, actor=cast.dora)
        with pytest.raises(TooLateToUndo), unit_of_work():
            services.undo(check_in, actor=cast.olaf)
        with unit_of_work():
            services.undo(check_in, actor=cast.olaf, reason="The wrong Petra")
    assert (check_in.undo_reason, check_in.undone_by_id) == ("The wrong Petra", cast.olaf.id)
    assert queries.count_present(event).present == 0


def test_people_are_found_by_any_part_of_their_name(cast: Cast) -> None:
    event = make_open_event()
    for who in ("petra", "mei", "tom"):
        register(event, cast.people[who])
    assert [each.name for each in queries.search_expected(event, "lind")] == ["Petra Lindqvist"]
    assert [each.name for each in queries.search_expected(event, "ZHAO mei")] == ["Mei Zhao"]
    assert [each.name for each in queries.search_expected(event, "赵梅")] == ["Mei Zhao"]
    assert queries.search_expected(event, "xaver") == []
    assert queries.search_expected(event, "%") == []
    assert queries.search_expected(event, "  ") == []


def test_a_name_checks_in_like_a_code(cast: Cast) -> None:
    event, other = make_open_event(), make_open_event()
    mine, elsewhere = register(event, cast.people["petra"]), register(other, cast.people["tom"])
    with unit_of_work():
        assert services.check_in_by_name(event, mine, actor=cast.olaf).outcome == "admitted"
    with unit_of_work():
        assert services.check_in_by_name(event, elsewhere, actor=cast.olaf).outcome == "unknown"
    assert [each.person_id for each in db.session.scalars(select(CheckIn))] == [mine.person_id]
    assert isinstance(mine, Registration)
