"""Several at once, on both databases: the last place of a choice goes to one, and one person's two pages are one answer."""

import threading
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Refused
from app.core.roles import SYSTEM
from app.events.models import Event
from app.people.models import Person
from app.questions import queries, services
from app.questions.models import AnswerSheet, ChangeRequest
from app.registration import places
from app.registration.models import PlaceCounter, Registration
from tests.factories.questions import ask, publish
from tests.factories.registration import make_open_event, make_people, register

MANY = 5


def at_once(app: Flask, acts: list[Callable[[], Any]]) -> list[str]:
    """All of them behind one barrier; what each said: done, or the name of its refusal."""
    start, said = threading.Barrier(len(acts)), []

    def run(act: Callable[[], Any]) -> None:
        with app.app_context():
            start.wait(20)
            try:
                with unit_of_work():
                    act()
                said.append("done")
            except Refused as refusal:
                said.append(type(refusal).__name__)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    return sorted(said)


def test_the_last_place_of_a_choice_goes_to_one_and_two_pages_are_one_sheet(either_app: Flask) -> None:
    with either_app.app_context():
        event = make_open_event(capacity=20)
        publish(event, ask("dinner", "choice", choices=[("vegan", 1), ("meat", 9)]))
        event_id, people = event.id, [each.id for each in make_people(MANY)]
        last = register(event, make_people(1)[0]).id
        db.session.remove()

    def enrol(person_id: int) -> Callable[[], Any]:
        return lambda: services.register(
            db.session.get_one(Event, event_id), db.session.get_one(Person, person_id), actor=SYSTEM,
            values={"dinner": "vegan"},
        )  # fmt: skip

    def answer() -> Any:
        return services.answer(db.session.get_one(Registration, last), actor=SYSTEM, values={"dinner": "meat"})

    def wish() -> Any:
        mine = db.session.get_one(Registration, last)
        return services.ask_change(mine, actor=SYSTEM, values={"dinner": "vegan"}, reason="Because")

    assert at_once(either_app, [enrol(each) for each in people]) == ["OptionFull"] * (MANY - 1) + ["done"]
    assert at_once(either_app, [answer] * MANY) == ["done"] * MANY
    assert at_once(either_app, [wish] * MANY) == ["Refused"] * (MANY - 1) + ["done"]
    with either_app.app_context():
        event = db.session.get_one(Event, event_id)
        taken = {row.option: row.taken for row in db.session.execute(select(PlaceCounter.option, PlaceCounter.taken))}
        assert taken == {None: 2, "dinner/vegan": 1, "dinner/meat": 1}
        assert places.reconcile(event) == []
        assert db.session.scalar(select(func.count(AnswerSheet.id))) == 2
        asked = db.session.scalars(select(ChangeRequest)).one().id
        db.session.remove()

    def decide(accept: bool) -> Callable[[], Any]:
        def act() -> Any:
            found = db.session.get_one(ChangeRequest, asked)
            decision = services.accept_change if accept else services.refuse_change
            return decision(found, actor=SYSTEM, comment="So be it", version=found.version)

        return act

    with either_app.app_context(), unit_of_work():  # so that there is room for what is wanted
        event = db.session.get_one(Event, event_id)
        vegan = next(each for each in db.session.scalars(select(AnswerSheet)) if each.values["dinner"] == "vegan")
        services.answer(vegan.registration, actor=SYSTEM, values={"dinner": "meat"})
    said = at_once(either_app, [decide(True), decide(False), decide(True)])
    assert said.count("done") == 1, said
    with either_app.app_context():
        event = db.session.get_one(Event, event_id)
        assert places.reconcile(event) == []
        answers = queries.list_answers(event, queries.AnswerView(), sees=lambda _question: True)
        assert sum(number for _key, _label, number in answers.totals[0].choices) == 2
        assert queries.count_wanted(Event.id == event_id) == []
        person = db.session.get_one(Person, people[0])
        assert queries.list_unanswered(person, clock.now()) == []
        named = queries.list_answers(
            event, queries.AnswerView(words=person.name), sees=lambda each: each["kind"] != "diet"
        )
        assert named.page.total <= 1
