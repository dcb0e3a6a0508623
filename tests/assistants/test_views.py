"""Naming assistants, and acting in a principal's name through the browser."""

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select

from app.assistants.models import Assistantship
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.forms import filled
from app.events.models import Audience, Event
from app.invitations import invitees
from app.mail.models import MailMessage
from app.questions.models import AnswerSheet
from app.registration import queries
from app.registration import services as registrations
from app.registration.models import Registration, Substitutes
from app.substitutions.models import Substitution
from tests import cast as the_cast
from tests.factories.questions import ask as question
from tests.factories.questions import publish
from tests.factories.registration import make_open_event, register
from tests.factories.substitutions import ask as ask_instead
from tests.factories.substitutions import make_assistant


def words(answer) -> str:
    page = answer.get_data(as_text=True)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.split("<main", 1)[1])).split())


@pytest.fixture
def petra(app: Flask) -> str:
    with app.app_context():
        return the_cast.load().people["petra"].ref


def settle(app: Flask, **values) -> str:
    """Tom acts for Petra; the ref of an event that is open to both."""
    with app.app_context():
        cast = the_cast.load()
        event = make_open_event(**{"capacity": 2, "title": "Spring gathering", **values})
        make_assistant(cast.people["petra"], cast.people["tom"])
        return event.ref


def entries(app: Flask, *actions: str) -> list[tuple[str, str, str | None]]:
    with app.app_context():
        found = select(AuditEntry.action, AuditEntry.actor_name, AuditEntry.on_behalf_of).order_by(AuditEntry.seq)
        return [tuple(each) for each in db.session.execute(found.where(AuditEntry.action.in_(actions)))]


def test_somebody_names_an_assistant_and_ends_it_at_once(app: Flask, as_) -> None:
    browser = as_("petra")
    page = browser.get("/my/assistants?q=okafor")
    assert "Tom Okafor, Executive Office" in words(page)
    assert "Rita Sommer" not in words(page)
    with app.app_context():
        tom = the_cast.load().people["tom"].ref
    answer = browser.post("/my/assistants?q=nobody", {"assistant": tom, "from_on": "", "to_on": "2000-01-01"})
    assert answer.status_code == 422
    assert "This day has passed already." in words(answer)
    assert "Tom Okafor, Executive Office" in words(answer), "the choice is still there"
    assert browser.post("/my/assistants", {"assistant": "0" * 16}).status_code == 422
    assert browser.post("/my/assistants", {"assistant": tom}).location.endswith("/my/assistants")
    assert "Tom Okafor is an assistant now." in words(browser.get("/my/assistants"))
    assert "Petra Lindqvist" in words(as_("tom").get("/my/principals"))
    with app.app_context():
        ref = db.session.scalars(select(Assistantship.ref)).one()
    assert as_("mei").post(f"/assistantships/{ref}/ending").status_code == 404
    assert browser.post(f"/assistantships/{ref}/ending").status_code == 303
    assert "You act for nobody" in words(as_("tom").get("/my/principals"))


def test_who_keeps_the_directory_names_assistants_on_the_page_of_a_person(app: Flask, as_, petra: str) -> None:
    with app.app_context():
        tom = the_cast.load().people["tom"].ref
    url = f"/people/{petra}/assistants"
    assert url in as_("olaf").get(f"/people/{petra}").get_data(as_text=True)
    assert as_("mei").get(url).status_code == 403
    assert as_("aude").get(url).status_code == 200
    assert as_("aude").post(url, {"assistant": tom}).status_code == 403
    assert as_("ada").post(url, {"assistant": tom}).status_code == 303
    assert "Tom Okafor" in words(as_("petra").get("/my/assistants"))


def test_an_assistant_answers_registers_withdraws_and_sends_somebody_in_the_principals_name(
    app: Flask, as_, petra: str
) -> None:
    event = settle(app, sessions=1, places=5)
    tom, here = as_("tom"), f"/my/principals/{petra}/events/{event}"
    assert "Spring gathering" in words(tom.get("/my/principals"))
    with app.app_context():
        found = db.session.scalars(select(Event).where(Event.ref == event)).one()
        session = queries.list_limited_sessions(found)[0].session
        chosen, title = session.ref, session.title
    assert tom.post(f"{here}/registration", {"sessions": chosen, "note": "Arrives late"}).location.endswith(here)
    page = words(tom.get(here))
    assert title in page
    assert "Arrives late" in page
    assert tom.get(f"{here}/registration").status_code == 302
    with app.app_context():
        mei = the_cast.load().people["mei"].ref
    assert "Mei Zhao" in words(tom.get(f"{here}/substitution"))
    assert tom.post(f"{here}/substitution", {"person": mei, "reason": "Ill"}).location.endswith(here)
    assert "Mei Zhao is asked to come instead" in words(tom.get(here))
    assert tom.post(f"{here}/substitution/taking-back").status_code == 303
    assert tom.post(f"{here}/withdrawal", {"version": "1", "reason": "Ill"}).location.endswith("/my/principals")
    assert entries(
        app, "registration.made", "substitution.asked", "substitution.taken_back", "registration.withdrawn"
    ) == [
        ("registration.made", "Tom Okafor", "Petra Lindqvist"),
        ("substitution.asked", "Tom Okafor", "Petra Lindqvist"),
        ("substitution.taken_back", "Tom Okafor", "Petra Lindqvist"),
        ("registration.withdrawn", "Tom Okafor", "Petra Lindqvist"),
    ]
    assert "Tom Okafor for Petra Lindqvist" in words(as_("olaf").get(f"/events/{event}/log"))


def test_an_assistant_declines_an_invitation_to_a_restricted_event_and_sees_no_more_of_it(
    app: Flask, as_, petra: str
) -> None:
    event = settle(app, audience=Audience.RESTRICTED)
    tom, here = as_("tom"), f"/my/principals/{petra}/events/{event}"
    assert tom.get(here).status_code == 404, "the principal is not asked, and so does not know of it"
    with app.app_context():
        cast = the_cast.load()
        found = db.session.scalars(select(Event).where(Event.ref == event)).one()
        with unit_of_work():
            invitees.send_invitations(found, actor=cast.olaf, people=[cast.people["petra"]])
    assert "Answer an invitation for Petra Lindqvist" in words(tom.get("/"))
    assert "Petra Lindqvist is invited and has not answered yet." in words(tom.get(here))
    assert tom.get(f"/events/{event}").status_code == 404
    assert tom.post(f"{here}/invitation", {"answer": "no", "reason": "On leave"}).location.endswith(here)
    assert entries(app, "invitation.answered") == [("invitation.answered", "Tom Okafor", "Petra Lindqvist")]
    assert "Answer an invitation for Petra Lindqvist" not in words(tom.get("/"))


def test_an_assistant_answers_the_form_with_the_registration_and_changes_the_answers(
    app: Flask, as_, petra: str
) -> None:
    event = settle(app, audience=Audience.RESTRICTED)
    with app.app_context():
        found = db.session.scalars(select(Event).where(Event.ref == event)).one()
        publish(found, question("hotel", "text", required=True))
        with unit_of_work():
            registrations.add_part(found, the_cast.load().people["petra"], "invited")
    tom, here = as_("tom"), f"/my/principals/{petra}/events/{event}"
    sent = {"form_number": "1", "q_hotel": ""}
    assert tom.post(f"{here}/registration", sent).status_code == 422
    assert tom.post(f"{here}/registration", {**sent, "q_hotel": "Two nights"}).location.endswith(here)
    page = tom.get(f"{here}/answers")
    assert 'value="Two nights"' in page.get_data(as_text=True)
    version = re.search(r'name="version"[^>]*value="(\d+)"', page.get_data(as_text=True))
    assert version
    changed = {**sent, "q_hotel": "One night", "version": version.group(1)}
    assert tom.post(f"{here}/answers", changed).location.endswith(here)
    with app.app_context():
        assert db.session.scalars(select(AnswerSheet.values)).one() == {"hotel": "One night"}
    told = entries(app, "registration.made", "answers.given", "answers.changed")
    assert {each[1:] for each in told} == {("Tom Okafor", "Petra Lindqvist")}
    assert len(told) == 3
    assert tom.get(f"/events/{event}").status_code == 404


def test_an_assistant_takes_a_place_comes_at_the_new_time_chooses_sessions_and_comes_instead_in_the_principals_name(
    app: Flask, as_, petra: str
) -> None:
    event = settle(app, capacity=1, sessions=2, places=5)
    with app.app_context():
        cast = the_cast.load()
        found = db.session.scalars(select(Event).where(Event.ref == event)).one()
        with unit_of_work():
            plan = filled(queries.find_plan(found))
            plan.offer_hours, plan.substitutes = 24, Substitutes.ANYBODY
        first = register(found, cast.people["mei"])
        register(found, cast.people["petra"])
        with unit_of_work():
            registrations.withdraw(first, actor=cast.mei)
        other = make_open_event(title="Autumn gathering")
        with unit_of_work():
            filled(queries.find_plan(other)).substitutes = Substitutes.ANYBODY
        question_ref = ask_instead(register(other, cast.people["mei"]), cast.people["petra"]).ref
        told = db.session.scalars(select(MailMessage.text).where(MailMessage.kind == "substitution_asked_for")).one()
        assert "/instead/" not in told, "the assistant signs in"
    tom, here = as_("tom"), f"/my/principals/{petra}/events/{event}"
    page = tom.get(here).get_data(as_text=True)
    version = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert version
    assert "A place is kept for Petra Lindqvist until" in words(tom.get(here))
    assert tom.post(f"{here}/place", {"version": version.group(1)}).status_code == 303
    with app.app_context(), unit_of_work():
        found = db.session.scalars(select(Event).where(Event.ref == event)).one()
        mine = queries.find_own(found, the_cast.load().people["petra"])
        mine.reconfirm_until = clock.now() + timedelta(days=1)
        sessions = [each.session.ref for each in queries.list_limited_sessions(found)]
    assert "Petra Lindqvist comes all the same" in words(tom.get(here))
    assert tom.post(f"{here}/new-time").status_code == 303
    assert "comes all the same" not in words(tom.get(here))
    form = tom.get(f"{here}/sessions").get_data(as_text=True)
    version = re.search(r'name="version"[^>]*value="(\d+)"', form)
    assert version
    assert tom.post(f"{here}/sessions", {"version": version.group(1), "sessions": sessions[1]}).location.endswith(here)
    asked = f"/my/principals/{petra}/substitutions/{question_ref}"
    assert "Does Petra Lindqvist come instead of Mei Zhao?" in words(tom.get("/my/principals"))
    assert as_("rita").get(asked).status_code == 404
    assert tom.get(f"/my/substitutions/{question_ref}").status_code == 404, "that page is Petra's own"
    assert "Does Petra Lindqvist come instead of Mei Zhao?" in words(tom.get(asked))
    assert tom.post(asked, {"answer": "yes"}).status_code == 303
    assert "Petra Lindqvist has the place of Mei Zhao." in words(tom.get(asked))
    actions = (
        "registration.offer_accepted",
        "registration.reconfirmed",
        "registration.changed",
        "substitution.accepted",
    )
    assert entries(app, *actions) == [(each, "Tom Okafor", "Petra Lindqvist") for each in actions]


def test_no_door_opens_before_the_first_day_after_the_last_or_once_it_is_ended(app: Flask, as_, petra: str) -> None:
    event = settle(app)
    with app.app_context():
        cast = the_cast.load()
        register(db.session.scalars(select(Event).where(Event.ref == event)).one(), cast.people["petra"])
    here = f"/my/principals/{petra}/events/{event}"
    tom, mei = as_("tom"), as_("mei")
    today = clock.today("Asia/Shanghai")  # the company zone of the tests
    doors = [
        ("get", here), ("get", f"{here}/answers"), ("post", f"{here}/answers"), ("get", f"{here}/registration"), ("post", f"{here}/registration"), ("get", f"{here}/invitation"),
        ("post", f"{here}/invitation"), ("get", f"{here}/withdrawal"), ("post", f"{here}/withdrawal"),
        ("post", f"{here}/place"), ("post", f"{here}/new-time"), ("get", f"{here}/sessions"), ("post", f"{here}/sessions"),
        ("get", f"{here}/substitution"), ("post", f"{here}/substitution"), ("post", f"{here}/substitution/taking-back"),
    ]  # fmt: skip
    assert tom.get(here).status_code == 200
    for days in (
        {"from_on": today + timedelta(days=1), "to_on": None, "ended_at": None},
        {"from_on": None, "to_on": today - timedelta(days=1), "ended_at": None},
        {"from_on": None, "to_on": None, "ended_at": clock.now()},
    ):
        with app.app_context(), unit_of_work():
            one = db.session.scalars(select(Assistantship)).one()
            for name, value in days.items():
                setattr(one, name, value)
        assert "Spring gathering" not in words(tom.get("/my/principals"))
        for browser in (tom, mei):
            assert [getattr(browser, verb)(url).status_code for verb, url in doors] == [404] * len(doors)
    with app.app_context():
        assert db.session.scalars(select(Registration.state)).all() == ["confirmed"]
        assert db.session.scalars(select(Substitution)).all() == []


def test_the_page_of_principals_asks_as_much_for_many_as_for_one(app: Flask, as_, count_statements) -> None:
    settle(app)
    tom = as_("tom")
    tom.get("/my/principals")
    with count_statements() as first:
        tom.get("/my/principals")
    with app.app_context():
        cast = the_cast.load()
        for name in ("mei", "rita", "sara"):
            make_assistant(cast.people[name], cast.people["tom"])
            register(make_open_event(), cast.people[name])
    with count_statements() as second:
        assert "Rita Sommer" in words(tom.get("/my/principals"))
    assert len(second) == len(first)
    assert len(first) <= 12
