"""Points: of sessions and meals, once a day, in and out, for those who chose it, with walk-ins, and what phones bring later."""

import threading
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.core.roles import SYSTEM
from app.door import points, queries, services
from app.door.errors import NoWalkIns
from app.door.models import CheckIn, Outcome, Point, PointKind, RefusedScan, Repeat
from app.editions.queries import numbers_of
from app.events.models import Event
from app.home.export import export_event
from app.registration import services as registration
from app.registration.errors import NoPlaceLeft
from app.registration.models import EndedCode, Registration
from app.registration.queries import find_own
from tests.cast import Cast
from tests.door.test_services import give_door
from tests.factories.registration import make_open_event, make_people, register


def make_point(event: Event, kind: str = PointKind.MEAL, **values: object) -> Point:
    with unit_of_work():
        return points.make_point(event, actor=SYSTEM, **{"kind": kind, "name": "Lunch", **values})  # type: ignore[arg-type]


def scan(point: Point, code: str | Registration, actor: object = SYSTEM, **more: object) -> services.Answer:
    with unit_of_work():
        return services.admit(point, code, actor, **more)  # type: ignore[arg-type]


def arrival(event: Event) -> Point:
    with unit_of_work():
        return services.arrival_of(event)


def test_a_meal_is_given_once_a_day_in_the_zone_of_the_event(cast: Cast) -> None:
    event = make_open_event(starts_on=date(2031, 3, 5), ends_on=date(2031, 3, 7), time_zone="Asia/Shanghai")
    mine = register(event, cast.people["petra"])
    lunch = make_point(event, repeat=Repeat.DAILY)
    noon = datetime(2031, 3, 5, 4, tzinfo=UTC)
    said = []
    # 15:59 UTC is one minute before midnight in Shanghai, 16:00 the next day there.
    for moment in (
        noon,
        noon + timedelta(hours=11, minutes=59),
        noon + timedelta(hours=12),
        noon + timedelta(hours=24),
    ):
        with clock.at(moment):
            said.append(scan(lunch, mine.door_code).outcome)
    assert said == ["admitted", "already", "admitted", "already"]
    assert queries.counts_by_point(event)[lunch.id].people == 1
    assert queries.count_present(event).present == 0  # a meal is no arrival


def test_in_and_out_take_turns_and_the_page_knows_who_is_inside(cast: Cast) -> None:
    event = make_open_event()
    mine, other = register(event, cast.people["petra"]), register(event, cast.people["tom"])
    hall = make_point(event, PointKind.OTHER, counts_out=True)
    scan(hall, other.door_code)
    turns = [scan(hall, mine.door_code, direction=way) for way in ("in", "in", "out", "out", "in")]
    assert [each.outcome for each in turns] == ["admitted", "already", "admitted", "already", "admitted"]
    assert turns[1].check_in is turns[0].check_in
    assert turns[3].check_in is turns[2].check_in
    assert queries.counts_by_point(event)[hall.id] == queries.PointCount(people=2, inside=2)
    with unit_of_work():
        services.undo(turns[4].check_in, actor=cast.olaf, reason="Turned round")  # type: ignore[arg-type]
    assert queries.counts_by_point(event)[hall.id] == queries.PointCount(people=2, inside=1)
    assert scan(hall, mine.door_code).outcome == "admitted"
    plain = make_point(event)
    assert scan(plain, mine.door_code, direction="out").direction == "in"  # nobody is counted out here


def test_as_often_as_they_come_counts_each_pass_and_people_once(cast: Cast) -> None:
    event = make_open_event()
    mine = register(event, cast.people["petra"])
    coffee = make_point(event, repeat=Repeat.MANY)
    assert [scan(coffee, mine.door_code).outcome for _each in range(3)] == ["admitted"] * 3
    assert queries.counts_by_point(event)[coffee.id].people == 1
    assert len(queries.passes_of(event)) == 3


def test_a_session_may_be_for_those_only_who_chose_it(cast: Cast) -> None:
    event = make_open_event(sessions=1)
    session = registration.queries.list_limited_sessions(event)[0].session
    chose, not_chose = register(event, cast.people["petra"], [session]), register(event, cast.people["tom"])
    strict = make_point(event, PointKind.SESSION, name=None, session=session, chosen_only=True)
    loose = make_point(event, PointKind.SESSION, name="Side door", session=session)
    assert strict.name == session.title
    assert [scan(strict, each.door_code).outcome for each in (chose, not_chose)] == ["admitted", "not_chosen"]
    assert scan(loose, not_chose.door_code).outcome == "admitted"


def test_every_reason_why_somebody_is_not_let_in_is_told_apart(cast: Cast) -> None:
    event = make_open_event(capacity=1)
    mine = register(event, cast.people["petra"])
    waits = register(event, cast.people["tom"])
    with unit_of_work():
        registration.withdraw(mine, actor=cast.petra)
    old = mine.door_code
    register(event, cast.people["petra"])  # behind Tom, who has moved up; a new code
    door = arrival(event)
    with unit_of_work():
        db.session.add(
            EndedCode(
                event=event, person=cast.people["mei"], code="AAAA-AAAA-AAAA-AAAA", replaced_by=cast.people["rita"]
            )
        )
    said = {
        "old": scan(door, old), "waits": scan(door, mine.door_code), "moved up": scan(door, waits.door_code),
        "replaced": scan(door, "aaaa aaaa aaaa aaaa"), "never": scan(door, "BBBB-BBBB-BBBB-BBBB"),
    }  # fmt: skip
    assert {name: str(each.outcome) for name, each in said.items()} == {
        "old": "replaced", "waits": "waiting", "moved up": "admitted", "replaced": "replaced", "never": "unknown",
    }  # fmt: skip
    assert said["old"].instead is None
    assert said["replaced"].instead == cast.people["rita"]
    for state, outcome in (("pending", "not_approved"), ("refused", "not_approved"), ("offered", "waiting")):
        with unit_of_work():
            mine.state = state
        assert scan(door, mine.door_code).outcome == outcome
    with unit_of_work():
        points.close_point(door, actor=cast.olaf)
    assert scan(door, waits.door_code).outcome == "closed"
    assert db.session.scalar(select(func.count(CheckIn.id))) == 1


def test_ten_scanners_at_a_counted_door_let_in_once(either_app: Flask) -> None:
    """T14 for a point where in and out take turns, and for scans that carry the phone's own number."""
    with either_app.app_context():
        event = make_open_event()
        mine = register(event, make_people(1)[0])
        point_id = make_point(event, counts_out=True, repeat=Repeat.DAILY).id
        code = mine.door_code
    start, said = threading.Barrier(10), []

    def scanner(number: int) -> None:
        with either_app.app_context():
            start.wait(20)
            point = db.session.get_one(Point, point_id)
            answer = scan(point, code, scan_id="the-same-scan" if number < 5 else f"another-{number:04}")
            said.append((str(answer.outcome), answer.check_in.id if answer.check_in else None))
            db.session.remove()

    threads = [threading.Thread(target=scanner, args=(number,)) for number in range(10)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    with either_app.app_context():
        stands = db.session.scalars(select(CheckIn)).one()
        # The five that were one scan are answered alike; the others name whoever was first.
        alike = 5 if stands.scan_id == "the-same-scan" else 1
        assert Counter(outcome for outcome, _id in said) == {"admitted": alike, "already": 10 - alike}
        assert {check_in for _outcome, check_in in said} == {stands.id}


def test_a_scan_sent_again_has_one_effect_and_the_same_answer(cast: Cast) -> None:
    event, elsewhere = make_open_event(), make_open_event()
    mine = register(event, cast.people["petra"])
    door, number = arrival(event), str(uuid4())
    answers = [scan(door, mine.door_code, scan_id=number, was_offline=late) for late in (False, True, True)]
    assert [each.outcome for each in answers] == ["admitted"] * 3
    assert len({each.check_in.id for each in answers if each.check_in}) == 1
    with pytest.raises(Refused):
        scan(arrival(elsewhere), mine.door_code, scan_id=number)
    assert db.session.scalar(select(func.count(CheckIn.id))) == 1
    assert db.session.scalar(select(func.count(RefusedScan.id))) == 0


def test_what_phones_let_in_without_a_line_is_judged_later_and_reported(cast: Cast) -> None:
    event = make_open_event()
    mine = register(event, cast.people["petra"])
    door, now = arrival(event), clock.now()
    first = scan(door, mine.door_code, scan_id="phone-one-1", at=now - timedelta(minutes=9), was_offline=True)
    for _again in range(2):
        second = scan(door, mine.door_code, scan_id="phone-two-1", at=now - timedelta(minutes=8), was_offline=True)
        assert (second.outcome, second.check_in) == (Outcome.ALREADY, first.check_in)
    scan(door, "BBBB-BBBB-BBBB-BBBB", scan_id="phone-two-2", was_offline=True)
    online = scan(door, mine.door_code, scan_id="phone-two-3")
    assert online.outcome == "already"  # somebody stood there and heard it: nothing to report
    assert [(each.outcome, each.first, each.at) for each in queries.list_refused(event)][1:] == [
        ("already", first.check_in, now - timedelta(minutes=8))
    ]
    assert first.check_in is not None
    assert first.check_in.at == now - timedelta(minutes=9)
    with unit_of_work():
        points.close_point(door, actor=cast.olaf)
        event.status = "cancelled"
    assert scan(door, mine.door_code, scan_id="phone-two-4", was_offline=True).outcome == "closed"
    assert len(queries.list_refused(event)) == 3


def test_a_scan_from_before_the_closing_still_counts_but_none_from_last_month(cast: Cast) -> None:
    event = make_open_event()
    mine, other = register(event, cast.people["petra"]), register(event, cast.people["tom"])
    door = arrival(event)
    with unit_of_work():
        points.close_point(door, actor=cast.olaf)
    now = clock.now()
    early = scan(door, mine.door_code, scan_id="kept-since-1", at=now - timedelta(hours=1), was_offline=True)
    ancient = scan(door, other.door_code, scan_id="kept-since-2", at=now - timedelta(days=40), was_offline=True)
    assert (early.outcome, ancient.outcome) == ("admitted", "admitted")
    assert ancient.check_in is not None
    assert ancient.check_in.at >= now - timedelta(days=7, minutes=1)
    future = scan(door, mine.door_code, scan_id="kept-since-3", at=now + timedelta(days=1))
    assert future.outcome == "closed"


def test_walk_ins_go_through_the_gate_and_only_where_they_are_taken(cast: Cast) -> None:
    event = make_open_event(capacity=1)
    give_door(cast, event)
    with unit_of_work():
        registration.close_registration(registration.queries.find_plan(event), actor=SYSTEM)  # type: ignore[arg-type]
    door = arrival(event)
    with pytest.raises(NoWalkIns), unit_of_work():
        services.admit_walk_in(door, cast.people["petra"], cast.dora)
    with unit_of_work():
        points.change_point(door, actor=cast.olaf, version=None, takes_walk_ins=True)
    for _twice in range(2):
        with unit_of_work():
            answer = services.admit_walk_in(door, cast.people["petra"], cast.dora, scan_id="walk-in-one")
        assert answer.outcome == "admitted"
    assert answer.check_in is not None
    assert answer.check_in.means == "walk_in"
    with pytest.raises(NoPlaceLeft), unit_of_work():
        services.admit_walk_in(door, cast.people["tom"], cast.dora)
    assert find_own(event, cast.people["tom"]) is None
    assert [each.person_id for each in db.session.scalars(select(CheckIn))] == [cast.people["petra"].id]
    with pytest.raises(Forbidden), unit_of_work():
        services.admit_walk_in(door, cast.people["mei"], cast.tom)


def test_points_are_the_organizers_and_there_is_one_of_arrival(cast: Cast) -> None:
    event, other = make_open_event(sessions=1), make_open_event(sessions=1)
    give_door(cast, event)
    foreign = registration.queries.list_limited_sessions(other)[0].session
    with pytest.raises(Forbidden), unit_of_work():
        points.make_point(event, actor=cast.dora, kind=PointKind.MEAL, name="Lunch")
    for wrong in (
        {"kind": PointKind.ARRIVAL, "name": "Second"}, {"kind": PointKind.MEAL, "name": None},
        {"kind": PointKind.SESSION, "name": "Hall"}, {"kind": PointKind.SESSION, "name": "Hall", "session": foreign},
    ):  # fmt: skip
        with pytest.raises(Refused), unit_of_work():
            points.make_point(event, actor=cast.olaf, **wrong)  # type: ignore[arg-type]
    assert queries.list_points(event) == []
    lunch = make_point(event)
    assert [each.kind for each in queries.list_points(event)] == ["arrival", "meal"]
    with unit_of_work():
        points.change_point(lunch, actor=cast.olaf, version=lunch.version, name="Dinner", repeat=Repeat.DAILY)
    assert (lunch.name, lunch.repeat, lunch.kind) == ("Dinner", "daily", "meal")


def test_whoever_arrives_on_each_of_two_days_has_come_once(cast: Cast) -> None:
    """What is told of an event counts people who came, at the point of arrival, however often they passed."""
    event = make_open_event(starts_on=date(2031, 3, 5), ends_on=date(2031, 3, 6), time_zone="UTC")
    petra, tom = register(event, cast.people["petra"]), register(event, cast.people["tom"])
    door, lunch = arrival(event), make_point(event, repeat=Repeat.MANY)
    with unit_of_work():
        points.change_point(door, actor=cast.olaf, version=None, repeat=Repeat.DAILY, counts_out=True)
    for day in (5, 6):
        with clock.at(datetime(2031, 3, day, 9, tzinfo=UTC)):
            scan(door, petra.door_code)
            scan(door, petra.door_code, direction="out")
            scan(lunch, tom.door_code)
    assert queries.count_present(event) == queries.Count(present=1, expected=2)
    assert queries.list_present_ids(event) == {cast.people["petra"].id}
    assert queries.count_arrived([event.id]) == {event.id: 1}
    assert export_event(event)["event"]["attendance_count"] == 1
    assert numbers_of([event], cast.ada)[event.id].came == 1
    assert [(each.kind, each.direction) for each in queries.passes_of(event)] == [
        ("arrival", "in"), ("arrival", "out"), ("meal", "in"),
    ] * 2  # fmt: skip
