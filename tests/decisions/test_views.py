"""The pages of what a session decided: recorded, put right, handed out; unknown to whoever does not follow the session."""

from collections.abc import Callable
from datetime import timedelta

from flask import Flask

from app.core import clock
from app.core.db import db, unit_of_work
from app.decisions import services
from app.decisions.models import Announcement, Decision
from app.people.models import Clearance
from app.requirements.models import Assignment
from tests.cast import load
from tests.conftest import Visitor
from tests.factories import make_event, make_session
from tests.factories.decisions import make_decision

As = Callable[[str], Visitor]


class Place:
    """A session with an ordinary decision, a secret one, and an announcement; and the addresses of their pages."""

    def __init__(self, app: Flask) -> None:
        with app.app_context():
            cast = load()
            with unit_of_work():
                session = make_session(make_event(status="published"), chair=cast.people["li_wei"])
                decision = make_decision(cast, session)
                secret = make_decision(cast, session, text="Sell the canary works.", clearance=Clearance.SECRET)
                said = services.announce(session, actor=cast.sara, text="The gate closes at six.")
            self.session = f"/events/{session.event.ref}/sessions/{session.ref}"
            self.list = f"{self.session}/decisions"
            self.decision, self.secret = f"{self.list}/{decision.ref}", f"{self.list}/{secret.ref}"
            self.announcement = f"{self.session}/announcements/{said.ref}"
            self.people = {name: person.ref for name, person in cast.people.items()}
            db.session.rollback()

    @property
    def pages(self) -> list[str]:
        return [
            f"{self.list}/new", self.decision, f"{self.decision}/withdrawal", f"{self.decision}/assignments/new",
            f"{self.session}/announcements/new", self.announcement,
        ]  # fmt: skip


def test_who_reaches_the_pages(app: Flask, as_: As) -> None:
    place = Place(app)
    for names, reads, writes in (
        (("petra", "rita", "dora"), 404, 404),
        (("sven", "li_wei", "aude"), 200, 403),
        (("sara", "olaf"), 200, 200),
    ):
        for name in names:
            visitor = as_(name)
            assert visitor.get(place.list).status_code == reads, name
            assert [visitor.get(page).status_code for page in place.pages] == [writes] * 6, name
            if writes != 200:
                assert visitor.post(f"{place.announcement}/withdrawal", {}).status_code == writes, name


def test_a_supervisor_meets_no_decision_above_their_clearance(app: Flask, as_: As) -> None:
    place, sven = Place(app), as_("sven")
    assert "canary" not in sven.get(place.list).text
    assert [sven.get(f"{place.secret}{tail}").status_code for tail in ("", "/withdrawal", "/assignments/new")] == [
        404
    ] * 3
    assert "canary" in as_("sara").get(place.list).text


def test_what_belongs_to_another_session_is_not_there(app: Flask, as_: As) -> None:
    place, other = Place(app), Place(app)
    ref = other.decision.rpartition("/")[2]
    assert as_("sara").get(f"{place.list}/{ref}").status_code == 404


def test_a_decision_is_recorded_put_right_and_withdrawn_from_its_pages(app: Flask, as_: As) -> None:
    place, sara = Place(app), as_("sara")
    given = {
        "text": "Weigh it twice.", "mover_ref": place.people["mei"], "means": "vote", "votes_for": "7", "votes_against": "",
        "abstained": "2", "is_carried": "y", "clearance": "1",
    }  # fmt: skip
    assert sara.post(f"{place.list}/new", given).status_code == 303
    with app.app_context():
        made = db.session.query(Decision).filter_by(number=3).one()
        assert (made.text, made.mover_name, made.votes_for, made.votes_against, made.abstained) == (
            "Weigh it twice.", "Mei Zhao", 7, None, 2,
        )  # fmt: skip
        url = f"{place.list}/{made.ref}"
    page = sara.get(url).text
    assert 'value="7"' in page
    changed = {**given, "text": "Weigh it once.", "mover_name": "Herr Vogt", "version": "1"}
    assert sara.post(url, changed).status_code == 303
    stale = sara.post(url, {**changed, "text": "Mine"})
    assert stale.status_code == 409
    assert "Weigh it once." in stale.text
    assert "Mine" in stale.text
    refused = sara.post(f"{url}/withdrawal", {"reason": " ", "version": "2"})
    assert refused.status_code == 422
    assert sara.post(f"{url}/withdrawal", {"reason": "Nobody seconded it.", "version": "2"}).status_code == 303
    assert "Nobody seconded it." in sara.get(place.list).text
    with app.app_context():
        again = db.session.query(Decision).filter_by(number=3).one()
        assert (again.text, again.mover_name, again.withdrawn_at is None) == ("Weigh it once.", "Herr Vogt", False)


WRONG = (
    ({"text": ""}, "Please fill this in."),
    ({"votes_for": "3"}, "There are numbers only where a vote was taken."),
    ({"means": "vote", "votes_for": "1", "votes_against": "2"}, "More were against it than for it."),
    ({"means": "vote", "votes_for": "9" * 30}, "Please give a number from 0 to 9999."),
    ({"means": "acclamation"}, "Not a valid choice."),
    ({"clearance": "7"}, "Not a valid choice."),
    ({"mover_ref": "0" * 16}, "Not a valid choice."),
)


def test_what_does_not_fit_is_said_beside_its_field_and_nothing_is_lost(app: Flask, as_: As) -> None:
    place, sara = Place(app), as_("sara")
    for values, sentence in WRONG:
        given = {"text": "Kept words", "means": "consensus", "is_carried": "y", "clearance": "1", **values}
        answer = sara.post(f"{place.list}/new", given)
        assert answer.status_code == 422, values
        assert sentence in answer.text, values
        assert given["text"] in answer.text
    with app.app_context():
        assert db.session.query(Decision).count() == 2


def test_a_decision_is_handed_out_from_its_page(app: Flask, as_: As) -> None:
    place = Place(app)
    due = clock.today() + timedelta(days=20)
    given = {
        "responsible_ref": place.people["petra"], "verifier_ref": place.people["tom"], "deliverable": "A form for it",
        "criteria": "One page", "due_on": due.isoformat(),
    }  # fmt: skip
    sara = as_("sara")
    assert "the supervisor hands it over" in sara.get(f"{place.decision}/assignments/new").text
    same = sara.post(f"{place.decision}/assignments/new", {**given, "verifier_ref": place.people["petra"]})
    assert same.status_code == 422
    assert "A form for it" in same.text
    assert sara.post(f"{place.decision}/assignments/new", given).status_code == 303
    assert "Petra Lindqvist: A form for it" in sara.get(place.list).text
    secret = as_("olaf").get(f"{place.secret}/assignments/new").text
    assert "Its words do not go among the requirements" in secret
    with app.app_context():
        assert db.session.query(Assignment).one().original_due_on == due


def test_an_announcement_is_recorded_put_right_and_taken_back(app: Flask, as_: As) -> None:
    place, sara = Place(app), as_("sara")
    given = {"text": "Tea is free.", "by_ref": place.people["li_wei"], "clearance": "0"}
    assert sara.post(f"{place.session}/announcements/new", given).status_code == 303
    assert (
        sara.post(
            place.announcement, {"text": "The gate closes at seven.", "clearance": "1", "version": "1"}
        ).status_code
        == 303
    )
    page = sara.get(place.list).text
    assert "Tea is free." in page
    assert "The gate closes at seven." in page
    assert sara.post(f"{place.announcement}/withdrawal", {}).status_code == 303
    assert "The gate closes at seven." not in sara.get(place.list).text
    with app.app_context():
        assert db.session.query(Announcement).filter_by(by_name="Li Wei").one().clearance == Clearance.PUBLIC


def test_hostile_words_are_words(app: Flask, as_: As) -> None:
    place, sara = Place(app), as_("sara")
    hostile = "<script>alert(1)</script>"
    given = {"text": hostile, "mover_name": hostile, "means": "consensus", "is_carried": "y", "clearance": "1"}
    assert sara.post(f"{place.list}/new", given).status_code == 303
    page = sara.get(place.list).text
    assert hostile not in page
    assert "&lt;script&gt;" in page


def test_the_list_asks_the_same_number_of_questions_for_one_and_for_thirty(
    app: Flask, as_: As, count_statements
) -> None:
    place, sara = Place(app), as_("sara")

    def statements() -> int:
        with count_statements() as said:
            assert sara.get(place.list).status_code == 200
        return len(said)

    statements()
    few = statements()
    with app.app_context(), unit_of_work():
        cast = load()
        session = db.session.query(Decision).first().session
        for number in range(30):
            decision = make_decision(cast, session, text=f"Matter {number}", mover=cast.people["mei"])
            services.hand_out(
                decision, actor=cast.sara, responsible=cast.people["petra"], verifier=cast.people["tom"],
                deliverable="x", criteria="y", due_on=clock.today() + timedelta(days=9),
            )  # fmt: skip
    assert statements() <= few + 1  # the assignments themselves, once
    assert few <= 14
