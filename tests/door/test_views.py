"""The pages of the door."""

import csv
import io
import re
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.services import grant_role
from app.core.db import db, unit_of_work
from app.core.roles import SYSTEM, Role
from app.door import services
from app.events.models import Event
from app.registration.models import Registration
from tests import cast as the_cast
from tests.factories.registration import make_open_event, make_people, register


@dataclass(frozen=True)
class Door:
    """An event with Dora at its door and Petra expected: plain words, so that no app context stays open."""

    event: str
    mine: str
    code: str

    def url(self, path: str) -> str:
        return f"/events/{self.event}/{path}"


@pytest.fixture
def door(app: Flask) -> Door:
    with app.app_context():
        cast = the_cast.load()
        event = make_open_event()
        with unit_of_work():
            grant_role(cast.dora, Role.DOOR, actor=SYSTEM, scope=event.id, event=event)
        mine = register(event, cast.people["petra"])
        return Door(event.ref, mine.ref, mine.door_code)


def let_in(app: Flask, door: Door, code: str | None = None) -> str:
    """Dora checks somebody in; the ref of the check-in."""
    with app.app_context():
        event = db.session.scalars(select(Event).where(Event.ref == door.event)).one()
        with unit_of_work():
            answer = services.check_in_by_code(event, code or door.code, actor=the_cast.load().dora)
        assert answer.check_in is not None
        return answer.check_in.ref


WHO = ("ada", "olaf", "sara", "sven", "li_wei", "dora", "petra", "rita", "aude", "xaver")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("door", {"olaf", "dora"}),
        ("door/count", {"olaf", "dora"}),
        ("door/present", {"olaf", "dora", "sara", "aude"}),
        ("door/present.csv", {"olaf", "dora", "sara", "aude"}),
        ("door/present.xlsx", {"olaf", "dora", "sara", "aude"}),
    ],
)
def test_who_may_open_what(door: Door, as_: Any, path: str, allowed: set[str]) -> None:
    got = {who: as_(who).get(door.url(path)).status_code for who in WHO}
    assert got == {who: 200 if who in allowed else 403 for who in WHO}
    assert as_("nobody").get(door.url(path)).status_code == 302


def test_who_may_check_in_and_undo(app: Flask, door: Door, as_: Any) -> None:
    check_in = let_in(app, door)
    for who in ("petra", "sara", "rita", "aude", "xaver"):
        visitor = as_(who)
        for path in ("door", f"door/{door.mine}", f"door/check-ins/{check_in}/undoing"):
            assert visitor.post(door.url(path), {"code": door.code}).status_code == 403, (who, path)
    with app.app_context():
        other = make_open_event().ref
    olaf = as_("olaf")
    assert olaf.post(f"/events/{other}/door/{door.mine}").status_code == 404
    assert olaf.post(f"/events/{other}/door/check-ins/{check_in}/undoing").status_code == 404


def test_scanning_shows_a_large_answer(door: Door, as_: Any) -> None:
    dora = as_("dora")
    answer = dora.post(door.url("door"), {"code": door.code})
    assert answer.status_code == 303
    page = dora.get(answer.location).get_data(as_text=True)
    assert 'class="door-result kept"' in page
    assert "Welcome: checked in" in page
    again = dora.post(door.url("door"), {"code": door.code})
    page = dora.get(again.location).get_data(as_text=True)
    assert 'class="door-result risk"' in page
    assert "let in by Dora Lin" in page
    unknown = dora.post(door.url("door"), {"code": "0000-0000-0000-0000"})
    page = dora.get(unknown.location).get_data(as_text=True)
    assert 'class="door-result late"' in page
    assert dora.get(door.url("door/count")).get_json() == {"present": 1, "expected": 1}


def test_the_same_press_twice_checks_in_once_and_answers_the_same(door: Door, as_: Any) -> None:
    dora = as_("dora")
    sent = {"code": door.code, "intent": "one-press-of-one-button"}
    answers = [dora.post(door.url("door"), sent) for _each in range(2)]
    assert [each.status_code for each in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert "told=admitted" in answers[0].location


def test_an_empty_code_is_refused_beside_the_field(door: Door, as_: Any) -> None:
    dora = as_("dora")
    for code in ("", "   ", "x" * 101):
        answer = dora.post(door.url("door"), {"code": code})
        assert answer.status_code == 422
        assert 'id="code-wrong"' in answer.get_data(as_text=True)


def test_hostile_words_in_the_address_do_no_harm(door: Door, as_: Any) -> None:
    dora = as_("dora")
    for query in (
        "q=<script>alert(1)</script>",
        "q=%00%E2%80%AE%25_",
        "told=admitted&person=../../x",
        f"told=admitted&person={door.mine}",
        "told=nonsense",
        "told=admitted&person=%00%ED%A0%80",
        f"told=already&person={door.mine}",
    ):
        page = dora.get(door.url(f"door?{query}"))
        assert page.status_code == 200
        assert "<script>alert" not in page.get_data(as_text=True)
        assert "Welcome" not in page.get_data(as_text=True)


def test_door_staff_see_a_name_a_state_and_a_time_and_nothing_else(app: Flask, door: Door, as_: Any) -> None:
    """AZ13."""
    let_in(app, door)
    with app.app_context(), unit_of_work():
        db.session.scalars(select(Registration)).one().note = "Allergic to nuts"
    dora = as_("dora")
    for path in ("door?q=petra", f"door?told=already&person={door.mine}", "door/present", "door/present.csv"):
        text = dora.get(door.url(path)).get_data(as_text=True)
        assert "Petra Lindqvist" in text
        for secret in ("petra@hufu.example", "Allergic", "Works", "Project lead", door.code):
            assert secret not in text, (path, secret)
    assert as_("olaf").get(door.url("door/present.csv")).get_data(as_text=True).count("Works") == 1


def test_undo_stands_beside_the_answer(door: Door, as_: Any) -> None:
    dora = as_("dora")
    page = dora.get(dora.post(door.url(f"door/{door.mine}")).location).get_data(as_text=True)
    action = re.search(r'action="(/events/\w+/door/check-ins/\w+/undoing)"', page)
    assert action is not None
    assert dora.post(action.group(1)).status_code == 303
    assert dora.get(door.url("door/count")).get_json()["present"] == 0


def test_the_list_is_exported_without_formulas(app: Flask, door: Door, as_: Any) -> None:
    with app.app_context():
        event = db.session.scalars(select(Event).where(Event.ref == door.event)).one()
        with unit_of_work():
            tom = the_cast.load().people["tom"]
            tom.name, tom.name_key = "=HYPERLINK(1)", "tom"
        code = register(event, tom).door_code
    let_in(app, door, code)
    body = as_("olaf").get(door.url("door/present.csv?q=tom")).get_data(as_text=True).lstrip("\ufeff")
    rows = list(csv.reader(io.StringIO(body)))
    assert rows[0] == ["Name", "Department", "Came at", "Let in by"]
    assert [rows[1][0], rows[1][3]] == ["'=HYPERLINK(1)", "Dora Lin"]
    assert len(rows) == 2


def test_the_lists_cost_the_same_for_one_and_for_thirty(
    app: Flask, door: Door, as_: Any, count_statements: Any
) -> None:
    let_in(app, door)
    olaf = as_("olaf")
    counts = []
    for more in (0, 29):
        with app.app_context():
            event = db.session.scalars(select(Event).where(Event.ref == door.event)).one()
            codes = [register(event, person).door_code for person in make_people(more)]
        for code in codes:
            let_in(app, door, code)
        for path in ("door/present", "door", "door?q=person"):
            with count_statements() as said:
                assert olaf.get(door.url(path)).status_code == 200
            counts.append(len(said))
    assert counts[:3] == counts[3:]
    assert max(counts) <= 10


def test_the_organizer_takes_back_what_others_did_and_says_why(app: Flask, door: Door, as_: Any) -> None:
    check_in, olaf = let_in(app, door), as_("olaf")
    url = door.url(f"door/check-ins/{check_in}/taking-back")
    assert [as_(who).get(url).status_code for who in ("dora", "sara", "aude", "ada")] == [403] * 4
    assert olaf.post(door.url(f"door/check-ins/{check_in}/undoing"), {"reason": "forged"}).status_code == 303
    assert olaf.get(door.url("door/count")).get_json()["present"] == 1  # the button alone does not do
    assert url in olaf.get(door.url("door/present")).get_data(as_text=True)
    assert olaf.post(url, {"reason": " "}).status_code == 422
    assert olaf.post(url, {"reason": "Somebody else's card"}).status_code == 303
    assert olaf.get(door.url("door/count")).get_json()["present"] == 0
