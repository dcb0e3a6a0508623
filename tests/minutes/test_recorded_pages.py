"""The page on which a text stands beside its records, and the badge that leads there."""

from collections.abc import Callable

from flask import Flask

from app.core.db import db, unit_of_work
from app.decisions import services as decisions
from app.decisions.models import Decision
from app.minutes import services
from app.minutes.models import Minutes
from app.people.models import Clearance
from tests.cast import load
from tests.conftest import Visitor
from tests.factories import make_event, make_session
from tests.factories.minutes import put_in_review

As = Callable[[str], Visitor]


class Place:
    """Drafted minutes of a session with one decision; `publish` signs them off and publishes them."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context():
            cast = load()
            with unit_of_work():
                session = make_session(make_event(status="published"), chair=cast.people["li_wei"])
                decisions.record_decision(session, actor=cast.sara, text="Each shift counts.")
                minutes = services.draft_minutes(session, actor=cast.sara)
            self.url = f"/events/{minutes.event.ref}/minutes/{minutes.ref}"
            db.session.rollback()

    def do(self, act: Callable[..., object]) -> None:
        with self.app.app_context():
            with unit_of_work():
                act(load(), db.session.query(Minutes).one())
            db.session.rollback()

    def publish(self) -> None:
        def act(cast, minutes) -> None:
            put_in_review(cast, minutes)
            services.approve(minutes, actor=cast.li_wei)
            services.publish(minutes, actor=cast.sara, participants=False)

        self.do(act)

    def change(self, text: str) -> None:
        self.do(
            lambda cast, _minutes: decisions.change_decision(
                db.session.query(Decision).one(), actor=cast.sara, text=text
            )
        )


def test_a_draft_follows_its_record_on_the_page_and_afterwards_a_badge_leads_to_the_mismatch(
    app: Flask, as_: As
) -> None:
    place, sara = Place(app), as_("sara")
    assert "The text agrees with the records." in sara.get(place.url).text
    place.change("Each shift weighs.")
    assert "Each shift weighs." in sara.get(place.url).text
    place.publish()
    place.change("Each shift guesses.")
    page = sara.get(place.url).text
    assert "Each shift weighs." in page
    assert "Each shift guesses." not in page
    assert "1 sentence no longer says what is recorded." in page
    records = sara.get(f"{place.url}/records").text
    assert "<del>It was decided by consensus: Each shift weighs.</del>" in records
    assert "<ins>It was decided by consensus: Each shift guesses.</ins>" in records
    assert f"{place.url}/amendment" in records


def test_free_text_is_marked_as_such_until_the_sign_off(app: Flask, as_: As) -> None:
    place, sara = Place(app), as_("sara")
    assert "free text" not in sara.get(place.url).text

    def write(cast, minutes) -> None:
        section = next(each for each in minutes.newest.sections if each.key == "decisions")
        services.write_section(section, actor=cast.sara, source=f"Nobody objected.\n\n{section.source}")

    place.do(write)
    page = sara.get(place.url).text
    assert page.count("free text") == 1
    before, _mark, _after = page.partition("free text")
    assert before.rindex("Nobody objected.") > before.rindex("<h2>Motions and decisions")
    place.publish()
    assert "free text" not in sara.get(place.url).text


def test_readers_meet_neither_badge_nor_page(app: Flask, as_: As) -> None:
    place = Place(app)
    place.publish()
    place.change("Each shift guesses.")
    for name in ("rita", "petra", "sven"):
        visitor = as_(name)
        assert "what is recorded" not in visitor.get(place.url).text
        assert visitor.get(f"{place.url}/records").status_code == 403
    for name in ("li_wei", "aude"):
        visitor = as_(name)
        assert visitor.get(f"{place.url}/records").status_code == 200
        for tail in ("taken-over", "lists", "told"):
            assert visitor.post(f"{place.url}/records/{tail}", {}).status_code == 403
    assert as_("nobody").get(f"{place.url}/records").status_code == 302


def test_an_amendment_takes_a_changed_record_over_with_one_press(app: Flask, as_: As) -> None:
    place, sara = Place(app), as_("sara")
    place.publish()
    place.change("Each shift guesses.")
    place.do(lambda cast, minutes: services.amend(minutes, actor=cast.sara, change_note="What was decided."))
    page = sara.get(f"{place.url}/records").text
    mark = page.partition('name="mark" value="')[2].partition('"')[0]
    assert mark.startswith("decision ")
    assert sara.post(f"{place.url}/records/taken-over", {"mark": mark}).status_code == 303
    assert "The text agrees with the records" in sara.get(f"{place.url}/records").text


def test_what_is_not_told_is_put_in_with_one_press(app: Flask, as_: As) -> None:
    place, sara = Place(app), as_("sara")
    place.do(
        lambda cast, minutes: decisions.record_decision(
            minutes.session, actor=cast.sara, text="Sell the canary works.", clearance=Clearance.SECRET
        )
    )
    assert "1 difference from the records" in sara.get(place.url).text
    page = sara.get(f"{place.url}/records").text
    assert "Sell the canary works." in page
    mark = page.partition('name="mark" value="')[2].partition('"')[0]
    assert sara.post(f"{place.url}/records/told", {"mark": mark}).status_code == 303
    for wrong in ("", "x", mark, "decision " + "0" * 16, "chair", "decision \x00"):
        assert sara.post(f"{place.url}/records/told", {"mark": wrong}).status_code == 303
    assert "The text agrees with the records" in sara.get(f"{place.url}/records").text
    with app.app_context():
        told = [each for each in db.session.query(Minutes).one().newest.sections if each.key == "decisions"]
        assert [each.clearance for each in told] == [Clearance.INTERNAL, Clearance.SECRET]
