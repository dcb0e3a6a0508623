"""What the gate learned for options, approval, offers, groups and substitutes, on SQLite and on PostgreSQL."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import clock
from app.core.db import db, new_ref, unit_of_work
from app.core.errors import Refused
from app.core.roles import SYSTEM, Nobody
from app.events.models import Event
from app.people.models import Person
from app.programme.models import Session
from app.registration import offers, places, queries, services
from app.registration.errors import (
    AlreadyRegistered,
    NoPlaceLeft,
    NotRegistered,
    OfferEnded,
    RegistrationClosed,
)
from app.registration.models import GONE, EndedCode, PlaceCounter, Registration, RegistrationPlan
from tests.factories.registration import make_open_event, make_people, register
from tests.registration.invariants import assert_sound, count_mails
from tests.registration.test_places import STEPS, at_once

VEGAN, FISH = "dinner/vegan", "dinner/fish"
GUEST = Nobody()  # somebody who is no organizer, for acts behind their door


def limit(event: Event, option: str, number: int | None) -> list[Registration]:
    with unit_of_work():
        return services.set_capacity(event, None, number, actor=SYSTEM, option=option, name=option.title())


def plan(event: Event, **values: Any) -> None:
    with unit_of_work():
        found = db.session.scalars(select(RegistrationPlan).where(RegistrationPlan.event_id == event.id)).one()
        for name, value in values.items():
            setattr(found, name, value)


def enter(event: Event, person: Person, **more: Any) -> Registration:
    with unit_of_work():
        return services.enter(event, person, actor=more.pop("actor", SYSTEM), **more)


def withdraw(registration: Registration) -> list[Registration]:
    with unit_of_work():
        return services.withdraw(registration, actor=SYSTEM)


def taken(event: Event) -> dict[str, tuple[int, int]]:
    """Held and asked for, by what it is; the event is the empty name."""
    counters = db.session.scalars(select(PlaceCounter).where(PlaceCounter.event_id == event.id))
    return {
        each.option or (each.session.title if each.session else ""): (each.taken, each.waiting) for each in counters
    }


def sessions_of(event: Event) -> list[Session]:
    return [each.session for each in queries.list_sessions_with_places(event)]


# --- options ------------------------------------------------------------------------------------------------------


def test_an_option_is_a_resource_taken_with_the_event_or_not_at_all(either_app: Flask) -> None:
    with either_app.app_context():
        event = make_open_event(capacity=5)
        limit(event, VEGAN, 1)
        limit(event, FISH, 0)
        one, two, three = make_people(3)
        assert enter(event, one, options=[VEGAN]).state == "confirmed"
        waits = enter(event, two, options=[VEGAN, "dinner/anything"])
        with pytest.raises(NoPlaceLeft) as refused:
            enter(event, three, options=[FISH], may_wait=False)
        assert str(refused.value) == "There is no place left in “Dinner/Fish”."
        assert taken(event) == {"": (1, 1), VEGAN: (1, 1), FISH: (0, 0)}
        assert queries.standing_of(event, None).taken == 1
        assert limit(event, VEGAN, 2) == [waits]
        assert queries.list_chosen_options(waits) == [VEGAN]
        assert [(each.key, each.name, each.left) for each in queries.list_options_with_places(event)] == [
            (VEGAN, "Dinner/Vegan", 0),
            (FISH, "Dinner/Fish", 0),
        ]
        assert_sound(event)


def test_who_is_passed_by_is_told_for_what(either_app: Flask) -> None:
    with either_app.app_context():
        event = make_open_event(capacity=1, sessions=1, places=0)
        limit(event, VEGAN, 0)
        held, picky, hungry, easy = make_people(4)
        first = register(event, held)
        picky_one = enter(event, picky, sessions=sessions_of(event))
        hungry_one = enter(event, hungry, options=[VEGAN])
        last = register(event, easy)
        assert withdraw(first) == [last]
        assert [queries.why_skipped(event, each) for each in (picky_one, hungry_one, last)] == [
            f"No place was free in “{sessions_of(event)[0].title}”.",
            "No place was free in “Dinner/Vegan”.",
            "",
        ]
        with unit_of_work():
            services.set_capacity(event, None, 3, actor=SYSTEM)
        assert limit(event, VEGAN, 1) == [hungry_one]
        assert queries.why_skipped(event, hungry_one) == ""


def test_a_change_of_choice_is_whole_or_nothing_and_names_what_is_full(either_app: Flask) -> None:
    with either_app.app_context():
        event = make_open_event(capacity=5, sessions=2, places=1)
        limit(event, VEGAN, 1)
        first, second = sessions_of(event)
        one, two, three = make_people(3)
        mine = enter(event, one, sessions=[first])
        other = enter(event, two, sessions=[second], options=[VEGAN])
        waits = enter(event, three, sessions=[first])
        with pytest.raises(NoPlaceLeft) as refused, unit_of_work():
            services.change_choices(mine, actor=SYSTEM, add=[second, VEGAN], drop=[first])
        assert str(refused.value) == f"There is no place left in “{second.title}”."
        assert queries.list_chosen_sessions(mine) == [first]
        assert_sound(event)
        with unit_of_work():
            assert services.change_choices(other, actor=SYSTEM, drop=[second, VEGAN]) == []
        with unit_of_work():
            assert services.change_choices(mine, actor=SYSTEM, add=[second, VEGAN], drop=[first]) == [waits]
        assert (queries.list_chosen_sessions(mine), queries.list_chosen_options(mine)) == ([second], [VEGAN])
        assert (waits.state, count_mails(event, "registration_promoted")) == ("confirmed", 1)
        assert_sound(event)


def test_one_who_waits_moves_up_by_asking_for_less(either_app: Flask) -> None:
    with either_app.app_context():
        event = make_open_event(capacity=5, sessions=1, places=0)
        waits = enter(event, make_people(1)[0], sessions=sessions_of(event))
        assert waits.state == "waiting"
        with unit_of_work():
            assert services.change_choices(waits, actor=SYSTEM, drop=sessions_of(event)) == [waits]
        assert waits.state == "confirmed"
        with unit_of_work():
            services.withdraw(waits, actor=SYSTEM)
        with pytest.raises(NotRegistered), unit_of_work():
            services.change_choices(waits, actor=SYSTEM, add=sessions_of(event))
        assert_sound(event)


# --- groups -------------------------------------------------------------------------------------------------------


def test_five_for_three_places_are_all_refused_or_three_are_in_and_two_wait(either_app: Flask) -> None:
    """T8."""
    with either_app.app_context():
        event = make_open_event(capacity=3)
        entries = [services.Entry(each) for each in make_people(5)]
        with pytest.raises(NoPlaceLeft) as refused, unit_of_work():
            services.register_many(event, entries, actor=SYSTEM)
        assert str(refused.value) == "There is room for 3 of these 5 people. Nobody was registered."
        assert db.session.scalars(select(Registration)).all() == []
        assert count_mails(event) == 0
        assert_sound(event)
        with unit_of_work():
            placed = services.register_many(event, entries, actor=SYSTEM, as_fits=True)
        assert [each.registration.state for each in placed if each.registration] == [
            *["confirmed"] * 3,
            *["waiting"] * 2,
        ]
        assert_sound(event, full=True)
        assert count_mails(event) == 3


def test_without_a_waiting_list_who_does_not_fit_is_left_out_with_the_reason(either_app: Flask) -> None:
    with either_app.app_context():
        event = make_open_event(capacity=2, has_waiting_list=False)
        people = make_people(4)
        withdrawn = register(event, people[3])
        withdraw(withdrawn)
        register(event, people[0])
        entries = [services.Entry(each) for each in people]
        with pytest.raises(AlreadyRegistered), unit_of_work():
            services.register_many(event, entries, actor=SYSTEM)
        code = withdrawn.door_code
        with unit_of_work():
            placed = services.register_many(event, entries, actor=SYSTEM, as_fits=True)
        assert [type(each.refusal).__name__ for each in placed] == [
            "AlreadyRegistered", "NoneType", "NoPlaceLeft", "NoPlaceLeft",
        ]  # fmt: skip
        db.session.expire_all()
        assert (withdrawn.state, withdrawn.door_code) == ("withdrawn", code)
        assert_sound(event, full=True)


# --- substitutes --------------------------------------------------------------------------------------------------


def test_a_place_that_changes_hands_is_never_free(either_app: Flask) -> None:
    """I7: no counter moves, nobody moves up, and every place has one holder."""
    with either_app.app_context():
        event = make_open_event(capacity=1, sessions=1, places=1)
        limit(event, VEGAN, 1)
        one, two, three = make_people(3)
        old = enter(event, one, sessions=sessions_of(event), options=[VEGAN])
        waits = register(event, three)
        before = taken(event)
        with unit_of_work():
            new = Registration(ref=new_ref(), event=event, person=two, door_code="new", calendar_sequence=0)
            places.hand_over(old, new, now=clock.now())
        assert (old.state, new.state, waits.state) == ("replaced", "confirmed", "waiting")
        assert taken(event) == before
        assert (queries.list_chosen_sessions(new), queries.list_chosen_options(new)) == (sessions_of(event), [VEGAN])
        assert queries.list_chosen_sessions(old) == []
        assert new.joined_at == old.joined_at
        assert_sound(event, full=True)
        for giver, taker, error in (
            (old, new, NotRegistered),
            (waits, new, NotRegistered),
            (new, waits, AlreadyRegistered),
        ):
            with pytest.raises(error), unit_of_work():
                places.hand_over(giver, taker, now=clock.now())
        assert_sound(event, full=True)


# --- codes --------------------------------------------------------------------------------------------------------


def test_every_code_that_ends_is_remembered(either_app: Flask) -> None:
    with either_app.app_context():
        event = make_open_event(capacity=1)
        one, two = make_people(2)
        mine, waits = register(event, one), register(event, two)
        first = mine.door_code
        with unit_of_work():
            services.renew_code(mine, actor=SYSTEM)
        second = mine.door_code
        assert second != first
        with pytest.raises(NotRegistered), unit_of_work():
            services.renew_code(waits, actor=SYSTEM)
        with unit_of_work():
            services.withdraw(waits, actor=SYSTEM)
        withdraw(mine)
        back = register(event, one)
        assert back.door_code not in (first, second)
        ended = db.session.scalars(select(EndedCode).order_by(EndedCode.id)).all()
        assert [(each.code, each.person_id) for each in ended] == [(first, one.id), (second, one.id)]


# --- offers -------------------------------------------------------------------------------------------------------


def offered(hours: int = 24) -> tuple[Event, list[Registration]]:
    """An event of one place: the first has withdrawn, the second has the offer, the third waits."""
    event = make_open_event(capacity=1)
    plan(event, offer_hours=hours)
    made = [register(event, each) for each in make_people(3)]
    withdraw(made[0])
    return event, made


def test_an_offer_holds_the_place_until_it_is_taken(either_app: Flask) -> None:
    with either_app.app_context():
        event, (_gone, second, third) = offered()
        assert (second.state, third.state) == ("offered", "waiting")
        assert second.offer_until is not None
        assert count_mails(event, "registration_offered") == 1
        assert_sound(event, full=True)
        with unit_of_work():
            offers.accept(second, actor=SYSTEM)
        assert (second.state, second.offer_until, third.state) == ("confirmed", None, "waiting")
        with pytest.raises(OfferEnded) as refused, unit_of_work():
            offers.accept(second, actor=SYSTEM)
        assert str(refused.value) == "You have taken this place already."
        assert count_mails(event) == 2
        assert_sound(event, full=True)


def test_an_offer_ends_in_the_very_second_that_was_told(either_app: Flask) -> None:
    """T7: taken a moment before, refused from the moment on; and the place goes to the next once."""
    with either_app.app_context():
        event, (_gone, second, third) = offered()
        until = second.offer_until
        assert until is not None
        with clock.at(until), pytest.raises(OfferEnded) as refused, unit_of_work():
            offers.accept(second, actor=SYSTEM)
        assert str(refused.value) == "This offer has ended: the place goes to the next of the list."
        assert_sound(event, full=True)
        with clock.at(until - timedelta(microseconds=1)):
            with unit_of_work():
                assert list(offers.expire(event)) == []
            assert second.state == "offered"
        with clock.at(until):
            for expected in ([second], []):
                with unit_of_work():
                    assert list(offers.expire(event)) == expected
            with pytest.raises(OfferEnded), unit_of_work():
                offers.accept(second, actor=SYSTEM)
        assert (second.state, third.state) == ("withdrawn", "offered")
        assert third.offer_until == until + timedelta(hours=24)
        assert queries.why_skipped(event, second) == "The offer of a place was not taken in time."
        assert count_mails(event, "registration_offer_ended") == 1
        assert_sound(event, full=True)


def test_an_offer_that_was_declined_never_comes_back(either_app: Flask) -> None:
    with either_app.app_context():
        event, (_gone, second, third) = offered()
        token = offers.link_of(second)
        with unit_of_work():
            offers.answer_by_link(token, says_yes=False, reason="A clash")
        assert (second.state, third.state) == ("withdrawn", "offered")
        assert queries.why_skipped(event, second) == "The offer of a place was declined."
        with pytest.raises(OfferEnded), unit_of_work():
            offers.answer_by_link(token, says_yes=True)
        back = register(event, second.person)
        assert back.state == "waiting"
        with unit_of_work():
            services.set_capacity(event, None, 2, actor=SYSTEM)
        assert back.state == "offered"
        for dead in (token, token[:-1], back.ref, "", "x" * 500):
            with pytest.raises(OfferEnded), unit_of_work():
                offers.answer_by_link(dead, says_yes=True)
        with unit_of_work():
            assert offers.answer_by_link(offers.link_of(back), says_yes=True).state == "confirmed"
        assert_sound(event, full=True)


def test_nothing_is_offered_into_the_event_itself(either_app: Flask) -> None:
    with either_app.app_context():
        event = make_open_event(capacity=1)
        plan(event, offer_hours=10_000)
        one, two, three = [register(event, each) for each in make_people(3)]
        withdraw(one)
        assert two.offer_until is not None
        assert event.day_at(two.offer_until) == event.starts_on
        with clock.at(two.offer_until):
            with unit_of_work():
                offers.expire(event)
            assert (three.state, three.offer_until) == ("confirmed", None)


# --- approval -----------------------------------------------------------------------------------------------------


def test_who_asks_for_approval_holds_the_place_or_not_as_the_plan_says(either_app: Flask) -> None:
    with either_app.app_context():
        event = make_open_event(capacity=1)
        plan(event, approver="organizer")
        one, two, three = make_people(3)
        first = enter(event, one, actor=GUEST)
        second = enter(event, two, actor=GUEST)
        assert (first.state, second.state) == ("pending", "pending")
        assert taken(event) == {"": (1, 0)}
        assert count_mails(event, "registration_pending") == 2
        assert_sound(event)
        with unit_of_work():
            assert services.withdraw(first, actor=SYSTEM) == []
        assert taken(event) == {"": (1, 0)}  # the next to be approved holds it now
        assert second.state == "pending"
        assert_sound(event)
        with unit_of_work():
            services.withdraw(second, actor=SYSTEM)
        plan(event, pending_holds=False)
        assert enter(event, three, actor=GUEST).state == "pending"
        assert taken(event) == {"": (0, 0)}
        assert enter(event, one, actor=SYSTEM).state == "confirmed"
        assert_sound(event, full=True)


def test_without_places_and_without_a_waiting_list_nobody_is_asked_for_approval(either_app: Flask) -> None:
    with either_app.app_context():
        event = make_open_event(capacity=0, has_waiting_list=False)
        plan(event, approver="manager", pending_holds=False)
        with pytest.raises(NoPlaceLeft):
            enter(event, make_people(1)[0], actor=GUEST)
        assert_sound(event)


# --- when ---------------------------------------------------------------------------------------------------------


def test_registration_opens_at_its_moment_and_not_before(either_app: Flask) -> None:
    with either_app.app_context():
        event = make_open_event(capacity=5)
        opens = clock.now() + timedelta(days=1)
        plan(event, opens_at=opens)
        one, two, three = make_people(3)
        with pytest.raises(RegistrationClosed) as refused:
            enter(event, one, actor=GUEST)
        assert str(refused.value).startswith("Registration opens on ")
        assert str(queries.standing_of(event, one).why_not) == str(refused.value)
        assert enter(event, two).state == "confirmed"
        assert enter(event, three, actor=GUEST, means="walk_in").state == "confirmed"
        with clock.at(opens):
            assert enter(event, one, actor=GUEST).state == "confirmed"


# --- many at once -------------------------------------------------------------------------------------------------


def test_resources_wanted_in_opposite_orders_lock_nobody_out(either_app: Flask) -> None:
    """T3: the event, two sessions and an option, by threads that name them forwards and backwards, all or nothing."""
    with either_app.app_context():
        event = make_open_event(capacity=6, sessions=2, places=3)
        limit(event, VEGAN, 2)
        plan(event, offer_hours=24)
        event_id, ids = event.id, [each.id for each in make_people(8)]

    def steps(number: int) -> Callable[[], int]:
        choose = random.Random(number)

        def once(mine: Event, person: Person) -> None:
            wanted: list[Session | str] = [*sessions_of(mine), VEGAN][:: 1 if number % 2 else -1]
            kept = queries.find_own(mine, person)
            with unit_of_work():
                if kept is None or kept.state in GONE:
                    services.enter(
                        mine, person, actor=SYSTEM, options=[each for each in wanted if isinstance(each, str)],
                        sessions=[each for each in wanted if isinstance(each, Session)],
                    )  # fmt: skip
                elif kept.state == "offered" and choose.random() < 0.5:
                    offers.accept(kept, actor=SYSTEM)
                elif choose.random() < 0.5:
                    services.change_choices(kept, actor=SYSTEM, add=wanted[:1], drop=wanted[1:])
                else:
                    services.withdraw(kept, actor=SYSTEM)

        def act() -> int:
            done = 0
            mine = db.session.get_one(Event, event_id)
            for _step in range(STEPS):
                try:
                    once(mine, db.session.get_one(Person, choose.choice(ids)))
                    done += 1
                except Refused:
                    pass
            return done

        return act

    done = at_once(either_app, *map(steps, range(3)))
    assert all(isinstance(each, int) and each > STEPS / 3 for each in done), done
    with either_app.app_context():
        assert_sound(db.session.get_one(Event, event_id))


def test_places_added_while_others_register_go_to_the_list_first(either_app: Flask) -> None:
    """T5 with I5: who was in line when the hall grew has a place before anybody who came later."""
    with either_app.app_context():
        event = make_open_event(capacity=2)
        early = [register(event, each) for each in make_people(6)]
        event_id, line, late = event.id, [each.id for each in early[2:]], [each.id for each in make_people(6)]

    def grow() -> int:
        mine = db.session.get_one(Event, event_id)
        for capacity in (3, 4, 6):
            with unit_of_work():
                services.set_capacity(mine, None, capacity, actor=SYSTEM)
        return 1

    def come() -> int:
        mine = db.session.get_one(Event, event_id)
        return sum(register(mine, db.session.get_one(Person, each)).state == "confirmed" for each in late)

    assert at_once(either_app, grow, come) == [1, 0]
    with either_app.app_context():
        states = select(Registration.state).where(Registration.id.in_(line))
        assert db.session.scalars(states).all() == ["confirmed"] * 4
        assert_sound(db.session.get_one(Event, event_id), full=True)
