"""A place changes hands: old code dead, new one alive, the counters untouched, both calendars told."""

import pytest
from sqlalchemy import select

from app.core import audit
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.core.roles import SYSTEM
from app.events.models import Participation
from app.mail.models import MailMessage
from app.questions import services as questions
from app.questions.queries import held_options, sheet_of
from app.registration import handing_over, queries, services
from app.registration.errors import AlreadyRegistered, NotRegistered
from app.registration.models import EndedCode, PlaceCounter, Registration, State
from tests.cast import Cast
from tests.factories.questions import ask, publish
from tests.factories.registration import make_open_event, register


def counters(event) -> list[tuple[int, int]]:
    db.session.expire_all()
    rows = select(PlaceCounter).where(PlaceCounter.event_id == event.id).order_by(PlaceCounter.id)
    return [(each.taken, each.waiting) for each in db.session.scalars(rows)]


def part_roles(event, person) -> list[str]:
    return list(
        db.session.scalars(
            select(Participation.role).where(Participation.event_id == event.id, Participation.person_id == person.id)
        )
    )


def test_a_substitute_takes_over_place_and_sessions_and_nobody_moves_up(cast: Cast) -> None:
    event = make_open_event(capacity=1, sessions=2)
    session = queries.list_limited_sessions(event)[0].session
    petra = register(event, cast.people["petra"], [session])
    waiting = register(event, cast.people["rita"])
    code, before = petra.door_code, counters(event)
    with unit_of_work():
        tom = handing_over.substitute(petra, cast.people["tom"], actor=cast.olaf, reason="Ill")
    assert counters(event) == before
    assert (petra.state, tom.state, waiting.state) == (State.REPLACED, State.CONFIRMED, State.WAITING)
    assert (tom.instead_of.name, tom.note, tom.priority) == ("Petra Lindqvist", None, petra.priority)
    assert queries.list_chosen_sessions(tom) == [session]
    assert queries.list_chosen_sessions(petra) == []
    ended = db.session.scalars(select(EndedCode)).one()
    assert (ended.code, ended.person.name, ended.replaced_by.name) == (code, "Petra Lindqvist", "Tom Okafor")
    assert tom.door_code != code
    assert part_roles(event, cast.people["petra"]) == []
    assert part_roles(event, cast.people["tom"]) == ["registered"]


def test_both_calendars_are_told_and_the_log_says_who_did_it(cast: Cast) -> None:
    event = make_open_event(capacity=3)
    petra = register(event, cast.people["petra"])
    with unit_of_work():
        handing_over.substitute(petra, cast.people["tom"], actor=cast.petra)
    cancel, request = db.session.scalars(
        select(MailMessage)
        .where(MailMessage.kind.in_(("registration_replaced", "registration_instead")))
        .order_by("id")
    )
    assert (cancel.to_address, cancel.calendar_method) == ("petra@hufu.example", "CANCEL")
    assert (request.to_address, request.calendar_method) == ("tom@hufu.example", "REQUEST")
    uid = f"UID:registration-{petra.ref}@hufu.invalid"
    assert uid in cancel.calendar.decode().replace("\r\n ", "")
    assert "SEQUENCE:1" in cancel.calendar.decode()
    assert request.subject == f"You come instead of Petra Lindqvist: {event.title}"
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "registration.substituted")).one()
    assert (entry.actor_name, entry.on_behalf_of, entry.details["means"]) == ("Petra Lindqvist", None, "page")
    assert audit.verify().broken_at is None


def test_a_place_goes_on_in_a_chain_and_comes_back_with_new_codes(cast: Cast) -> None:
    event = make_open_event(capacity=1)
    petra, tom = cast.people["petra"], cast.people["tom"]
    first = register(event, petra)
    codes = [first.door_code]
    with unit_of_work():
        second = handing_over.substitute(first, tom, actor=SYSTEM)
    codes.append(second.door_code)
    with unit_of_work():
        third = handing_over.substitute(second, cast.people["rita"], actor=SYSTEM)
    codes.append(third.door_code)
    with unit_of_work():
        back = handing_over.substitute(third, petra, actor=SYSTEM)
    codes.append(back.door_code)
    assert back.id == first.id
    assert (back.state, back.instead_of.name) == (State.CONFIRMED, "Rita Sommer")
    assert len(set(codes)) == 4
    ended = db.session.execute(select(EndedCode.code, EndedCode.replaced_by_id).order_by(EndedCode.id)).all()
    assert [tuple(each) for each in ended] == [
        (codes[0], tom.id), (codes[1], cast.people["rita"].id), (codes[2], petra.id),
    ]  # fmt: skip
    assert [queries.find_by_code(event, each) is not None for each in codes] == [False, True, True, True]
    assert counters(event) == [(1, 0)]


def test_who_cannot_give_or_take_a_place_is_refused_in_words_and_nothing_changes(cast: Cast) -> None:
    event = make_open_event(capacity=1)
    petra = register(event, cast.people["petra"])
    rita = register(event, cast.people["rita"])
    before = counters(event)
    for registration, to_person, actor, error, sentence in (
        (petra, cast.people["rita"], SYSTEM, AlreadyRegistered, "Rita Sommer is registered already."),
        (petra, cast.people["petra"], SYSTEM, Refused, "Please choose somebody else."),
        (rita, cast.people["tom"], SYSTEM, NotRegistered, "Rita Sommer has no place to hand over."),
        (petra, cast.people["tom"], cast.xaver, Forbidden, None),
        (petra, cast.people["tom"], cast.aude, Forbidden, None),
    ):
        with pytest.raises(error) as refused, unit_of_work():
            handing_over.substitute(registration, to_person, actor=actor)
        assert sentence is None or str(refused.value.sentence) == sentence
    assert counters(event) == before
    assert db.session.scalars(select(Registration.state).order_by(Registration.id)).all() == ["confirmed", "waiting"]
    with unit_of_work():
        services.withdraw(petra, actor=cast.petra)
    with pytest.raises(NotRegistered), unit_of_work():
        handing_over.substitute(petra, cast.people["tom"], actor=cast.petra)


def test_the_options_of_the_form_go_along_and_the_answers_do_not(cast: Cast) -> None:
    event = make_open_event(capacity=2)
    publish(event, ask("dinner", "choice", choices=[("vegan", 1), "other"]), ask("eats", "text"))
    with unit_of_work():
        petra = questions.register(
            event, cast.people["petra"], actor=cast.petra, values={"dinner": "vegan", "eats": "No nuts"}
        )
    before = counters(event)
    with unit_of_work():
        mei = handing_over.substitute(petra, cast.people["mei"], actor=cast.petra)
    assert counters(event) == before == [(1, 0), (1, 0)]
    assert held_options(mei) == {"dinner/vegan"}
    assert held_options(petra) == set()
    assert sheet_of(mei) is None, "what somebody eats is personal, and asked anew"
    with unit_of_work():
        questions.answer(mei, actor=cast.mei, values={"dinner": "other", "eats": None})
    assert counters(event) == [(1, 0), (0, 0)]
