"""The gate: app/registration/places.py, on SQLite and on PostgreSQL."""

import ast
import os
import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import create_engine, exc, select, update
from sqlalchemy import event as sa_event

from app.core import clock
from app.core.config import ROOT, BadSetting
from app.core.db import assert_isolation, db, unit_of_work
from app.core.errors import Refused
from app.core.roles import SYSTEM
from app.events.models import Event
from app.people.models import Person
from app.programme.models import Session
from app.registration import places, queries, services
from app.registration.errors import BelowUse, NoPlaceLeft
from app.registration.models import PlaceCounter, Registration, State
from tests.factories.registration import make_open_event, make_people, register
from tests.registration.invariants import assert_sound, count_mails, count_rows

STEPS = int(os.environ.get("HUFU_TEST_STEPS", "20"))  # of each thread


def sessions_of(event: Event) -> list[Session]:
    return [each.session for each in queries.list_sessions_with_places(event)]


def withdraw(registration: Registration) -> list[Registration]:
    with unit_of_work():
        return services.withdraw(registration, actor=SYSTEM, reason="ill")


def set_capacity(
    event: Event, capacity: int | None, *, session: Session | None = None, reason: str | None = None
) -> list[Registration]:
    with unit_of_work():
        return services.set_capacity(event, session, capacity, actor=SYSTEM, reason=reason)


# --- the rules ----------------------------------------------------------------------------------------------------


def test_a_full_event_takes_nobody_but_lets_them_wait(either_app: Flask) -> None:
    with either_app.app_context():
        event = make_open_event(capacity=1)
        one, two = [register(event, each) for each in make_people(2)]
        assert (one.state, two.state) == ("confirmed", "waiting")
        assert_sound(event, full=True)


def test_without_a_waiting_list_a_full_event_refuses_and_changes_nothing(either_app: Flask) -> None:
    with either_app.app_context():
        event = make_open_event(capacity=0, has_waiting_list=False)
        with pytest.raises(NoPlaceLeft):
            register(event, make_people(1)[0])
        assert_sound(event)
        assert db.session.scalars(select(Registration)).all() == []


def test_an_event_and_its_sessions_are_taken_together_or_not_at_all(either_app: Flask) -> None:
    with either_app.app_context():
        event = make_open_event(capacity=5, sessions=2, places=1)
        first, second = sessions_of(event)
        one, two, three = make_people(3)
        assert register(event, one, [first]).state == "confirmed"
        assert register(event, two, [first, second]).state == "waiting"
        assert register(event, three, [second]).state == "confirmed"
        taken = {each.session_id: each.taken for each in db.session.scalars(select(PlaceCounter))}
        assert taken == {None: 2, first.id: 1, second.id: 1}
        assert_sound(event)


def test_a_withdrawal_moves_up_the_first_of_the_list_in_the_same_transaction(either_app: Flask) -> None:
    with either_app.app_context():
        event = make_open_event(capacity=2)
        made = [register(event, each) for each in make_people(5)]
        assert withdraw(made[0]) == [made[2]]
        assert withdraw(made[1]) == [made[3]]
        assert [each.state for each in made] == ["withdrawn", "withdrawn", "confirmed", "confirmed", "waiting"]
        assert count_mails(event, "registration_promoted") == 2
        assert_sound(event, full=True)


def test_the_list_is_ordered_by_priority_then_by_joining_then_by_number(either_app: Flask) -> None:
    with either_app.app_context():
        event = make_open_event(capacity=0)
        people = make_people(4)
        with clock.at(datetime(2026, 1, 1, tzinfo=UTC)):
            late, later = register(event, people[0]), register(event, people[1])
        with clock.at(datetime(2025, 1, 1, tzinfo=UTC)):
            early, guest = register(event, people[2]), register(event, people[3])
        with unit_of_work():
            guest.priority = -1
        assert [queries.position_of(each) for each in (guest, early, late, later)] == [1, 2, 3, 4]
        assert set_capacity(event, 3) == [guest, early, late]
        assert_sound(event, full=True)


def test_one_who_waits_for_a_full_session_lets_those_pass_who_do_not_need_it(either_app: Flask) -> None:
    with either_app.app_context():
        event = make_open_event(capacity=1, sessions=1, places=0)
        session = sessions_of(event)[0]
        holder, picky, easy = make_people(3)
        held = register(event, holder)
        waits = register(event, picky, [session])
        other = register(event, easy)
        assert withdraw(held) == [other]
        assert waits.state == "waiting"
        assert set_capacity(event, 2) == []
        assert set_capacity(event, 1, session=session) == [waits]
        assert_sound(event, full=True)


def test_someone_who_comes_back_stands_at_the_end_with_a_new_code(either_app: Flask) -> None:
    with either_app.app_context():
        event = make_open_event(capacity=1)
        one, two, three = make_people(3)
        mine, second, third = register(event, one), register(event, two), register(event, three)
        code, ref = mine.door_code, mine.ref
        withdraw(mine)
        back = register(event, one)
        assert (back.ref, back.state, queries.position_of(back)) == (ref, "waiting", 2)
        assert back.door_code != code
        assert queries.find_by_code(event, code) is None
        withdraw(second)
        assert (third.state, back.state) == ("confirmed", "waiting")
        assert_sound(event, full=True)


def test_more_places_go_to_the_waiting_list_first(either_app: Flask) -> None:
    with either_app.app_context():
        event = make_open_event(capacity=1)
        made = [register(event, each) for each in make_people(4)]
        assert set_capacity(event, 3) == made[1:3]
        assert set_capacity(event, None) == [made[3]]
        assert_sound(event)


def test_fewer_places_than_are_taken_need_a_reason_and_take_nobodys_place(either_app: Flask) -> None:
    with either_app.app_context():
        event = make_open_event(capacity=3)
        made = [register(event, each) for each in make_people(4)]
        with pytest.raises(BelowUse) as refused:
            set_capacity(event, 1)
        assert str(refused.value) == (
            "3 places are taken already. With a reason you can go below; nobody loses a place."
        )
        assert set_capacity(event, 1, reason="The hall is smaller.") == []
        counter = db.session.scalars(select(PlaceCounter)).one()
        assert (counter.capacity, counter.taken, counter.allowed_over, counter.over) == (1, 3, 2, 2)
        assert_sound(event)
        assert withdraw(made[0]) == []
        assert withdraw(made[1]) == []
        assert made[3].state == "waiting"
        assert_sound(event, full=True)
        assert withdraw(made[2]) == [made[3]]
        assert_sound(event, full=True)


def test_promoting_again_promotes_nobody_twice(either_app: Flask) -> None:
    with either_app.app_context():
        event = make_open_event(capacity=1)
        one, two = [register(event, each) for each in make_people(2)]
        withdraw(one)
        with unit_of_work():
            assert services.promote_waiting(event, actor=SYSTEM) == []
        assert count_mails(event, "registration_promoted") == 1
        assert two.state == "confirmed"


def test_a_counter_that_lies_is_found(either_app: Flask) -> None:
    with either_app.app_context():
        event = make_open_event(capacity=5)
        register(event, make_people(1)[0])
        with unit_of_work():
            db.session.execute(update(PlaceCounter).values(taken=3))
        found = places.reconcile(event)
        assert [(each.counter.taken, each.held, each.asked) for each in found] == [(3, 1, 0)]


def test_the_database_itself_refuses_a_counter_above_its_capacity(either_app: Flask) -> None:
    with either_app.app_context():
        make_open_event(capacity=1)
        with pytest.raises(exc.IntegrityError), unit_of_work():
            db.session.execute(update(PlaceCounter).values(taken=2))


# --- two at once --------------------------------------------------------------------------------------------------


def at_once(app: Flask, *acts: Callable[[], object]) -> list[object]:
    """Run the acts in threads that begin together, each with a connection of its own."""
    start, answers = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number: int, act: Callable[[], object]) -> None:
        with app.app_context():
            start.wait(10)
            answers[number] = act()  # type: ignore[call-overload]
            db.session.remove()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30 + STEPS)
    return answers


def test_two_who_both_saw_the_last_place_free_do_not_both_get_it(either_app: Flask) -> None:
    """T1: they meet after having looked."""
    with either_app.app_context():
        event = make_open_event(capacity=1)
        event_id, ids = event.id, [each.id for each in make_people(2)]
        ref = event.ref
    looked = threading.Barrier(2)

    def go(person_id: int) -> Callable[[], str]:
        def act() -> str:
            mine = db.session.scalars(select(Event).where(Event.ref == ref)).one()
            standing = queries.standing_of(mine, None)
            assert standing.left == 1
            db.session.rollback()
            looked.wait(10)
            return str(register(mine, db.session.get_one(Person, person_id)).state)

        return act

    assert sorted(at_once(either_app, *map(go, ids))) == ["confirmed", "waiting"]  # type: ignore[type-var]
    with either_app.app_context():
        assert_sound(db.session.get_one(Event, event_id), full=True)


def test_the_second_waits_until_the_first_has_committed(either_app: Flask) -> None:
    """T1 again: they meet between taking the place and the commit."""
    with either_app.app_context():
        event = make_open_event(capacity=1)
        event_id, ids = event.id, [each.id for each in make_people(2)]
    taken, order = threading.Event(), []

    def first() -> str:
        with unit_of_work():
            mine = db.session.get_one(Event, event_id)
            made = services.register_person(mine, db.session.get_one(Person, ids[0]), actor=SYSTEM)
            taken.set()
            threading.Event().wait(0.3)
            order.append("first")
        return str(made.state)

    def second() -> str:
        taken.wait(10)
        mine = db.session.get_one(Event, event_id)
        made = register(mine, db.session.get_one(Person, ids[1]))
        order.append("second")
        return str(made.state)

    assert at_once(either_app, first, second) == ["confirmed", "waiting"]
    assert order == ["first", "second"]


def test_one_person_in_two_windows_registers_once(either_app: Flask) -> None:
    with either_app.app_context():
        event = make_open_event(capacity=5)
        event_id, person_id = event.id, make_people(1)[0].id

    def go() -> str:
        try:
            mine = db.session.get_one(Event, event_id)
            return str(register(mine, db.session.get_one(Person, person_id)).state)
        except Refused as refusal:
            return type(refusal).__name__

    assert sorted(at_once(either_app, go, go)) == ["AlreadyRegistered", "confirmed"]  # type: ignore[type-var]
    with either_app.app_context():
        event = db.session.get_one(Event, event_id)
        assert_sound(event)
        assert count_rows(event, State.CONFIRMED) == 1
        assert count_mails(event) == 1


@pytest.mark.parametrize("seed", [1, 2])
def test_cancelling_registering_and_resizing_at_once_breaks_nothing(either_app: Flask, seed: int) -> None:
    """T4 and T5: random steps in three threads; `make bench` takes ten thousand."""
    with either_app.app_context():
        event = make_open_event(capacity=4, sessions=2, places=2)
        event_id, ids = event.id, [each.id for each in make_people(8)]

    def steps(number: int) -> Callable[[], int]:
        choose = random.Random(f"{seed} {number}")

        def act() -> int:
            mine = db.session.get_one(Event, event_id)
            for _step in range(STEPS):
                person = db.session.get_one(Person, choose.choice(ids))
                kind = choose.random()
                try:
                    if kind < 0.55:
                        chosen = [each for each in sessions_of(mine) if choose.random() < 0.4]
                        register(mine, person, chosen)
                    elif kind < 0.9:
                        held = queries.find_own(mine, person)
                        if held is not None:
                            withdraw(held)
                    else:
                        set_capacity(mine, choose.choice([2, 4, 6]), reason="as it comes")
                except Refused:
                    pass
            return 1

        return act

    assert at_once(either_app, *map(steps, range(3))) == [1, 1, 1]
    with either_app.app_context():
        assert_sound(db.session.get_one(Event, event_id))


# --- what is said to the database ---------------------------------------------------------------------------------


def test_a_place_is_taken_in_a_transaction_that_locks_from_its_beginning(either_app: Flask) -> None:
    """T13: BEGIN IMMEDIATE on SQLite; on PostgreSQL READ COMMITTED and a lock before the guarded update."""
    said: list[str] = []
    with either_app.app_context():
        event, person = make_open_event(capacity=1), make_people(1)[0]
        engine = db.engine

        def listen(_c: object, _cursor: object, statement: str, *_more: object) -> None:
            said.append(" ".join(statement.split()))

        sa_event.listen(engine, "before_cursor_execute", listen)
        try:
            register(event, person)
        finally:
            sa_event.remove(engine, "before_cursor_execute", listen)
        isolation = db.session.connection().get_isolation_level()
        db.session.rollback()
    guard = next(each for each in said if each.startswith("UPDATE place_counter"))
    assert "place_counter.taken + " in guard.split("WHERE")[1]
    assert "place_counter.capacity IS NULL OR" in guard
    if engine.dialect.name == "sqlite":
        assert "BEGIN IMMEDIATE" in said[: said.index(guard)]
    else:
        assert isolation == "READ COMMITTED"
        # the event's row, which stands still: who waits for a row that changes is overtaken by newcomers
        assert any(each.endswith("FOR NO KEY UPDATE OF event") for each in said[: said.index(guard)])


@pytest.mark.postgres
def test_a_start_with_another_isolation_level_is_refused(postgres_url: str) -> None:
    engine = create_engine(postgres_url, isolation_level="REPEATABLE READ")
    with engine.connect() as connection, pytest.raises(BadSetting):
        assert_isolation(connection)
    engine.dispose()


# --- who may write the gate's tables ------------------------------------------------------------------------------

TABLES = {"PlaceCounter", "Reservation"}
NAMES = {"place_counter", "reservation"}
OWN_FIELDS = {"taken", "allowed_over", "is_held"}


def writes(tree: ast.AST) -> list[str]:
    """Places in a module that make, change or delete rows of the gate's tables."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            first = node.args[0] if node.args else None
            if name in TABLES or (name in ("insert", "update", "delete") and getattr(first, "id", "") in TABLES):
                found.append(f"{name} in line {node.lineno}")
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            fields = {each.attr for each in targets if isinstance(each, ast.Attribute)}
            found += [f"{each} in line {node.lineno}" for each in fields & OWN_FIELDS]
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and node.slice.value in NAMES:
            found.append(f"the table itself in line {node.lineno}")
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = node.value.lower()
            if any(f"{verb} {table}" in words for verb in ("insert into", "update", "delete from")
                   for table in ("place_counter", "reservation ")):  # fmt: skip
                found.append(f"SQL in line {node.lineno}")
    return found


def test_no_code_outside_the_gate_writes_its_tables() -> None:
    """T17."""
    gate = ROOT / "app" / "registration" / "places.py"
    modules = [each for each in (ROOT / "app").rglob("*.py") if "migrations" not in each.parts]
    assert gate in modules
    assert writes(ast.parse(gate.read_text())) != []
    found = {str(each.relative_to(ROOT)): writes(ast.parse(each.read_text())) for each in modules if each != gate}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_the_search_for_writers_sees_each_kind_of_them() -> None:
    culprits = ("PlaceCounter(taken=1)", "metadata.tables['reservation']", "db.execute(update(Reservation))", "counter.taken += 1", "x.is_held = True",
                "text('DELETE FROM place_counter')")  # fmt: skip
    for each in culprits:
        assert len(writes(ast.parse(each))) == 1, each
