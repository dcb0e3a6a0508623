"""Sending somebody else through the browser: the one who sends, the one who is asked, who agrees, the organizer."""

import re
from datetime import timedelta
from html import unescape

from flask import Flask
from sqlalchemy import select

from app.core import clock
from app.core.db import db, unit_of_work
from app.events.models import Event
from app.registration import queries
from app.registration.models import Registration, RegistrationPlan
from app.substitutions.models import Substitution
from tests import cast as the_cast
from tests.factories.registration import make_open_event, register
from tests.factories.substitutions import ask, token_in_mail


def words(answer) -> str:
    page = answer.get_data(as_text=True)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.split("<main", 1)[1])).split())


def settle(app: Flask, *, asked: str | None = None, **plan) -> tuple[str, str]:
    """Petra has the only place of an event; the refs of the event and, if somebody is asked, of the question."""
    with app.app_context():
        cast = the_cast.load()
        event = make_open_event(capacity=1, title="Spring gathering")
        with unit_of_work():
            found = db.session.scalars(select(RegistrationPlan).where(RegistrationPlan.event_id == event.id)).one()
            for name, value in plan.items():
                setattr(found, name, value)
        mine = register(event, cast.people["petra"])
        question = ask(mine, cast.people[asked]) if asked else None
        return event.ref, question.ref if question else ""


def link(app: Flask, name: str) -> str:
    with app.app_context():
        return f"/instead/{token_in_mail(f'{name}@hufu.example')}"


def holders(app: Flask, event_ref: str) -> list[str]:
    with app.app_context():
        event = db.session.scalars(select(Event).where(Event.ref == event_ref)).one()
        return [each.name for each in queries.list_rows(event, queries.ListView(state="confirmed", sort="name"))]


def states(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(Substitution.state).order_by(Substitution.id)))


def test_somebody_sends_a_colleague_who_says_yes_by_the_link(app: Flask, as_) -> None:
    event, _none = settle(app)
    petra, here = as_("petra"), f"/events/{event}/registration/mine"
    assert f"{here}/substitution" in petra.get(here).get_data(as_text=True)
    with app.app_context():
        mei = the_cast.load().people["mei"].ref
    page = petra.get(f"{here}/substitution?q=zhao")
    assert "Mei Zhao, Works" in words(page)
    assert "Xaver Huber" not in words(page)
    sent = {"person": mei, "reason": "Ill", "intent": "one-press-of-petra"}
    assert petra.post(f"{here}/substitution", sent).location.endswith(here)
    assert petra.post(f"{here}/substitution", sent).location.endswith(here), "a second press leads where the first led"
    assert states(app) == ["asked"]
    assert "Mei Zhao is asked to come instead and has not answered yet." in words(petra.get(here))
    assert petra.get(f"{here}/substitution").status_code == 302

    url, stranger = link(app, "mei"), as_("nobody")
    for _look in range(2):  # a mail scanner's look changes nothing
        assert "Do you come instead of Petra Lindqvist?" in words(stranger.get(url))
    assert states(app) == ["asked"]
    assert stranger.get(url).headers["Referrer-Policy"] == "no-referrer"
    assert stranger.post(url, {}).status_code == 422
    yes = {"answer": "yes", "intent": "one-press-of-mei"}
    assert stranger.post(url, yes).status_code == 303
    assert stranger.post(url, yes).status_code == 303
    assert (states(app), holders(app, event)) == (["done"], ["Mei Zhao"])
    assert "You have the place of Petra Lindqvist." in words(stranger.get(url))
    late = stranger.post(url, {"answer": "no"})
    assert late.status_code == 410
    assert "Mei Zhao comes instead of Petra Lindqvist; this is settled." in words(late)
    assert "You have a place" in words(as_("mei").get(here))
    assert petra.get(here).status_code == 302
    assert petra.get(f"{here}/card.pdf").status_code == 404


def test_a_link_is_for_one_person_while_there_is_something_to_answer(app: Flask, as_) -> None:
    event, _question = settle(app, asked="mei")
    url = link(app, "mei")
    for verb in ("get", "post"):
        refused = getattr(as_("tom"), verb)(url)
        assert refused.status_code == 403
        assert "This link is for somebody else" in words(refused)
    assert as_("nobody").get("/instead/wrong").status_code == 404
    assert as_("mei").post(url, {"answer": "no", "comment": "On leave"}).status_code == 303
    assert "You said that you cannot come. Petra Lindqvist knows." in words(as_("mei").get(url))
    assert (states(app), holders(app, event)) == (["declined"], ["Petra Lindqvist"])
    with app.app_context(), unit_of_work():
        over = db.session.scalars(select(Event).where(Event.ref == event)).one()
        over.starts_on = over.ends_on = clock.today() - timedelta(days=9)
    ended = as_("nobody").get(url)
    assert ended.status_code == 404
    assert "This link has ended" in words(ended)
    assert as_("nobody").post(url, {"answer": "yes"}).status_code == 404


def test_the_manager_agrees_signed_in_once_the_colleague_has_said_yes(app: Flask, as_) -> None:
    event, question = settle(app, asked="tom", substitutes="anybody", substitutes_approved=True)
    url = f"/my/substitutions/{question}"
    mei, tom = as_("mei"), as_("tom")
    assert mei.get(url).status_code == 404, "nothing to agree to yet"
    for stranger in ("rita", "petra", "ada"):
        assert as_(stranger).get(url).status_code == 404
        assert as_(stranger).post(url, {"answer": "yes"}).status_code == 404
    assert "Come instead of Petra Lindqvist?" in words(tom.get("/"))
    assert tom.post(url, {"answer": "yes"}).location.endswith(url)
    assert "Somebody has to agree first" in words(tom.get(url))
    assert holders(app, event) == ["Petra Lindqvist"]
    assert "Agree that Tom Okafor comes instead of Petra Lindqvist?" in words(mei.get("/"))
    assert "Tom Okafor instead of Petra Lindqvist?" in words(mei.get(url))
    assert mei.post(url, {"answer": "yes"}).location.endswith(url)
    assert (states(app), holders(app, event)) == (["done"], ["Tom Okafor"])
    assert mei.post(url, {"answer": "no"}).status_code == 410


def test_an_organizer_sees_all_questions_agrees_and_sends_directly(app: Flask, as_) -> None:
    event, question = settle(app, asked="tom", substitutes="anybody", substitutes_approved=True)
    other, foreign = settle(app, asked="sara", substitutes="anybody", substitutes_approved=True)
    olaf, there = as_("olaf"), f"/events/{event}/substitutions"
    assert as_("petra").get(there).status_code == 403
    assert "Asked" in words(olaf.get(there))
    assert olaf.post(f"{there}/{foreign}/approval").status_code == 404
    assert olaf.post(f"{there}/{question}/approval").status_code == 303
    assert "Tom Okafor has not answered yet." in words(olaf.get(there))
    as_("tom").post(f"/my/substitutions/{question}", {"answer": "yes"})
    assert as_("petra").post(f"{there}/{question}/approval").status_code == 403
    assert olaf.post(f"{there}/{question}/approval").status_code == 303
    assert holders(app, event) == ["Tom Okafor"]

    with app.app_context():
        mine = db.session.scalars(
            select(Registration).join(Event).where(Event.ref == event, Registration.state == "confirmed")
        ).one()
        foreign_registration = db.session.scalars(
            select(Registration.ref).join(Event).where(Event.ref == other, Registration.state == "confirmed")
        ).one()
        send, rita = f"/events/{event}/registrations/{mine.ref}/substitution", the_cast.load().people["rita"].ref
    assert as_("tom").get(send).status_code == 403
    assert olaf.get(f"/events/{event}/registrations/{foreign_registration}/substitution").status_code == 404
    assert "Rita Sommer" in words(olaf.get(f"{send}?q=rita"))
    assert olaf.post(send, {"person": rita}).status_code == 422
    assert olaf.post(send, {"person": rita, "reason": "By telephone"}).status_code == 303
    assert holders(app, event) == ["Rita Sommer"]
    again = olaf.post(send, {"person": rita, "reason": "By telephone"})
    assert again.status_code == 422
    assert "Tom Okafor has no place to hand over." in words(again)


def test_taking_back_and_withdrawing_end_the_question_for_the_one_who_is_asked(app: Flask, as_) -> None:
    event, _question = settle(app, asked="mei")
    petra, here = as_("petra"), f"/events/{event}/registration/mine"
    assert as_("tom").post(f"{here}/substitution/taking-back").status_code == 404
    press = {"intent": "one-press-of-petra"}
    assert petra.post(f"{here}/substitution/taking-back", press).status_code == 303
    assert petra.post(f"{here}/substitution/taking-back", press).status_code == 303
    assert "This question was taken back: Petra Lindqvist sends nobody." in words(as_("mei").get(link(app, "mei")))
    with app.app_context():
        mei = the_cast.load().people["mei"].ref
    petra.post(f"{here}/substitution", {"person": mei})
    petra.post(f"{here}/withdrawal", {"version": "1"})
    assert states(app) == ["taken_back", "taken_back"]
    answered = as_("mei").post(link(app, "mei"), {"answer": "yes"})
    assert answered.status_code == 410
    assert holders(app, event) == []


def test_the_lists_ask_as_much_for_thirty_as_for_one(app: Flask, as_, count_statements) -> None:
    event, _question = settle(app, asked="mei")
    olaf, there = as_("olaf"), f"/events/{event}/substitutions"
    olaf.get(there)
    with count_statements() as first:
        olaf.get(there)
    with app.app_context():
        mine = db.session.scalars(select(Registration)).one()
        mei = the_cast.load().people["mei"]
        with unit_of_work():
            db.session.add_all(
                Substitution(event=mine.event, registration=mine, to_person=mei, state="declined")
                for _each in range(30)
            )
    with count_statements() as second:
        olaf.get(there)
    assert len(second) == len(first) <= 12
