"""When a question is asked, until when, by whom it is answered, and who reads the answer."""

import re
from datetime import date, datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.services import grant_role
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.forms import filled
from app.core.roles import SYSTEM, Role
from app.events.models import Event
from app.questions import phases, queries, services
from app.questions.errors import Problem, TooLate
from app.registration import queries as registrations
from app.registration.models import Registration
from tests import cast as the_cast
from tests.cast import Cast
from tests.factories.questions import ask, form_of, publish
from tests.factories.registration import make_open_event, register

FIRST = date(2027, 6, 14)


def at(day: int, hour: int = 12, month: int = 6):
    """A wall-clock time at the event."""
    return clock.at(datetime(2027, month, day, hour, tzinfo=ZoneInfo("Asia/Shanghai")))


def make_event_of_june(**values) -> Event:
    with at(1, month=5):
        return make_open_event(starts_on=FIRST, ends_on=FIRST + timedelta(days=1), time_zone="Asia/Shanghai", **values)


EACH = [
    ask("diet_word", required=True),
    ask("hotel", when="accepted", until="2027-06-01T00:00:00+00:00"),
    ask("flight", when="before", required=True),
    ask("parking", when="door"),
    ask("verdict", when="after"),
    ask("room", staff=True),
]


def open_keys(mine: Registration) -> list[str]:
    db.session.rollback()
    return [each["key"] for each in filled(queries.asked_of(mine)).open]


def answer(mine: Registration, actor, **values):
    with unit_of_work():
        return services.answer(mine, actor=actor, values=values)


def test_each_question_is_asked_in_its_own_time_and_what_was_answered_before_stays(cast: Cast) -> None:
    event = make_event_of_june()
    with at(2, month=5):
        publish(event, *EACH)
        with unit_of_work():
            mine = services.register(
                event, cast.people["petra"], actor=cast.petra, values={"diet_word": "all", "flight": "CZ 1"}
            )
        assert filled(queries.sheet_of(mine)).values == {"diet_word": "all"}, "a flight is not asked for yet"
        assert open_keys(mine) == ["hotel"]
        answer(mine, cast.petra, diet_word="all", hotel="")
        assert open_keys(mine) == []
    with at(31, month=5):
        assert open_keys(mine) == ["flight"]
        answer(mine, cast.petra, diet_word="all", hotel="Two nights", flight="CZ 3101")
    with at(2):
        with pytest.raises(TooLate, match="“Hotel” has passed"):
            answer(mine, cast.petra, diet_word="all", hotel="One night", flight="CZ 3101")
        answer(mine, cast.petra, diet_word="no pork", flight="CZ 3102")
        assert filled(queries.sheet_of(mine)).values["hotel"] == "Two nights", "what is locked stays"
        with unit_of_work():
            request = services.ask_change(
                mine,
                actor=cast.petra,
                reason="Ill",
                values={"diet_word": "no pork", "hotel": "None", "flight": "CZ 3102"},
            )
        assert request.wanted == {"hotel": ["Two nights", "None"]}
        with unit_of_work():
            services.accept_change(request, actor=cast.olaf)
        answer(mine, cast.olaf, diet_word="no pork", hotel="One night", flight="CZ 3102", room="1207")
    with at(14):
        assert open_keys(mine) == ["parking"]
    with at(20):
        assert open_keys(mine) == ["verdict"]
        answer(mine, cast.petra, verdict="Good")
        assert open_keys(mine) == []
        with pytest.raises(TooLate):
            answer(mine, cast.petra, verdict="Good", flight="CZ 9")
    assert filled(queries.sheet_of(mine)).values == {
        "diet_word": "no pork", "hotel": "One night", "flight": "CZ 3102", "room": "1207", "verdict": "Good",
    }  # fmt: skip


def test_who_waits_is_not_asked_for_what_comes_with_a_place(cast: Cast) -> None:
    event = make_event_of_june(capacity=1)
    with at(2, month=5):
        publish(event, ask("hotel", when="accepted"))
        register(event, cast.people["tom"])
        mine = register(event, cast.people["petra"])
        assert (mine.state, open_keys(mine)) == ("waiting", [])


def test_what_is_shown_by_an_earlier_answer_is_settled_by_it(cast: Cast) -> None:
    event = make_event_of_june()
    shown = {"question": "bus", "is": "=", "value": True}
    with at(2, month=5):
        publish(event, ask("bus", "yes_no"), ask("stop", when="before", required=True, show_if=shown))
        with unit_of_work():
            yes = services.register(event, cast.people["petra"], actor=cast.petra, values={"bus": "yes"})
            no = services.register(event, cast.people["tom"], actor=cast.tom, values={"bus": "no"})
    with at(10):
        assert (open_keys(yes), open_keys(no)) == (["stop"], [])
        schema = filled(queries.find_published(event)).schema
        for values, keys in (({"bus": True}, ["stop"]), ({"bus": False}, []), ({}, [])):
            left = phases.narrowed(schema, {"stop"}, values)
            assert [each["key"] for each in left["sections"][0]["questions"]] == keys
        either = {
            "or": [{"question": "bus", "is": "=", "value": True}, {"not": {"question": "stop", "is": "answered"}}]
        }
        wide = form_of(ask("bus", "yes_no"), ask("stop"), ask("seat", show_if=either))
        left = phases.narrowed(wide, {"stop", "seat"}, {"bus": False})["sections"][0]["questions"][1]
        assert left["show_if"] == {"or": [{"not": {"question": "stop", "is": "answered"}}]}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"when": "yesterday"}, "choose when"),
        ({"until": "soon"}, "not a time"),
        ({"until": "2027-01-01T00:00:00"}, "not a time"),
        ({"seen_by": ["member"]}, "who reads"),
        ({"seen_by": "auditor"}, "who reads"),
        ({"staff": "maybe"}, "yes or no"),
        ({"show_if": {"question": "verdict", "is": "answered"}}, "asked later"),
    ],
    ids=lambda each: str(each)[:24],
)
def test_a_form_whose_times_do_not_hold_together_is_refused(cast: Cast, wrong: dict, said: str) -> None:
    event = make_event_of_june()
    with pytest.raises(Problem, match=said), unit_of_work():
        services.replace_schema(event, form_of(ask("verdict", when="after"), ask("hotel", **wrong)), actor=cast.olaf)
    assert queries.find_form(event) is None


def words(answer) -> str:
    page = answer.get_data(as_text=True)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.split("<main", 1)[1])).split())


def test_a_role_that_a_question_names_reads_that_answer_and_no_other(app: Flask, as_) -> None:
    with app.app_context():
        cast = the_cast.load()
        event = make_open_event()
        publish(event, ask("lunch", seen_by=["door"]), ask("hotel"))
        with unit_of_work():
            services.register(event, cast.people["petra"], actor=cast.petra, values={"lunch": "Fish", "hotel": "Two"})
        with unit_of_work():
            grant_role(cast.dora, Role.DOOR, actor=SYSTEM, scope=event.id, event=event)
        url = f"/events/{event.ref}/answers"
        told = db.session.scalars(select(AuditEntry.details).where(AuditEntry.action == "answers.given")).one()
        assert (told["changed"], told["changed_unseen"]) == ({"hotel": [None, "Two"]}, ["lunch"])
    assert "Fish" in words(as_("olaf").get(url))
    door = words(as_("dora").get(url))
    assert "Fish" in door
    assert "Hotel" not in door
    assert "Two" not in as_("dora").get(f"{url}.csv").get_data(as_text=True)
    auditor = words(as_("aude").get(url))
    assert "Two" in auditor
    assert "Fish" not in auditor
    assert as_("petra").get(url).status_code == 403


def test_the_builder_sets_the_phase_and_the_page_shows_what_is_open_now(app: Flask, as_) -> None:
    with app.app_context():
        cast = the_cast.load()
        event = make_open_event()
        ref = event.ref
        register(event, cast.people["petra"])
    olaf, form = as_("olaf"), f"/events/{ref}/form"
    sent = {
        "kind": "text",
        "title": "Hotel",
        "when": "accepted",
        "until": "2199-01-01T18:00",
        "seen_by": "door",
        "key": "hotel",
    }
    assert olaf.post(f"{form}/questions/new", {**sent, "until": "no time"}).status_code == 422
    assert olaf.post(f"{form}/questions/new", sent).status_code == 303
    assert (
        olaf.post(f"{form}/questions/new", {"kind": "text", "title": "Room", "staff": "1", "key": "room"}).status_code
        == 303
    )
    built = words(olaf.get(form))
    assert "As soon as there is a place" in built
    assert "read by Door staff" in built
    edit = olaf.get(f"{form}/questions/hotel").get_data(as_text=True)
    assert 'value="2199-01-01T18:00"' in edit
    assert olaf.post(f"{form}/publication", {"version": "3"}).status_code == 303
    petra, mine = as_("petra"), f"/events/{ref}/registration/mine"
    assert "1 question is open." in words(petra.get(mine))
    page = petra.get(f"{mine}/answers").get_data(as_text=True)
    assert "q_hotel" in page
    assert "q_room" not in page
    assert petra.post(f"{mine}/answers", {"form_number": "1", "q_hotel": "Two nights"}).status_code == 303
    with app.app_context(), unit_of_work():
        event = db.session.scalars(select(Event).where(Event.ref == ref)).one()
        stored = filled(queries.find_published(event))
        sections = stored.schema["sections"]
        asked = [
            {**each, "until": "2020-01-01T00:00:00+00:00"} if each["key"] == "hotel" else each
            for each in sections[0]["questions"]
        ]
        asked.append(ask("bus", when="accepted"))
        stored.schema = {"sections": [{**sections[0], "questions": asked}]}
    assert "The time for these has passed Hotel Two nights" in words(petra.get(f"{mine}/answers"))
    late = petra.post(
        f"{mine}/answers", {"form_number": "1", "version": "1", "q_hotel": "Five nights", "q_bus": "Early"}
    )
    assert late.status_code == 422
    assert "Five nights" in words(late)
    assert 'value="Early"' in late.get_data(as_text=True)
    change = petra.get(f"{mine}/answers?change=1").get_data(as_text=True)
    assert "q_hotel" in change
    wanted = {"form_number": "1", "version": "1", "q_hotel": "One night", "reason": "Shorter"}
    assert petra.post(f"{mine}/answers?change=1", wanted).status_code == 303
    with app.app_context():
        event = db.session.scalars(select(Event).where(Event.ref == ref)).one()
        assert queries.list_requests(event, "open")[0].wanted == {"hotel": ["Two nights", "One night"]}
        assert registrations.find_plan(event) is not None
