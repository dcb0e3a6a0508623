"""What readers see of a programme that was released: the release, on every page, in every feed, and nothing else."""

from datetime import timedelta

import pytest
from flask import Flask

from app.core import clock
from app.core.db import unit_of_work
from app.core.roles import SYSTEM
from app.events.models import Audience
from app.programme import services as programme
from app.registration import services as registration
from app.releases import queries
from tests.cast import load
from tests.factories import make_event, make_item, make_room, make_session
from tests.factories.releases import make_release

SECRET = "unreleased"
FREE = {"event_ref", "session_ref", "item_ref", "room_ref", "number", "speaker_ref", "person_ref"}


@pytest.fixture
def refs(app: Flask) -> dict[str, str]:
    """A gathering of today, released, and then everything in it changed: each new word says that it is secret."""
    with app.app_context():
        cast = load()
        now = clock.now()
        petra, tom = cast.people["petra"], cast.people["tom"]
        with unit_of_work():
            day = now.date()
            event = make_event(
                title="Open day", audience=Audience.PUBLIC, starts_on=day, ends_on=day + timedelta(days=2)
            )
            hall = make_room(event, name="Great hall")
            session = make_session(
                event, title="Morning session", chair=tom, room=hall, starts_at=now, ends_at=now + timedelta(hours=8),
                day=day,
            )  # fmt: skip
            times = {"starts_at": now - timedelta(minutes=5), "ends_at": now + timedelta(hours=3)}
            item = make_item(event, title="Opening words", session=session, room=hall, speakers=[petra], **times)
            gone = make_item(event, title="Second part", session=session, room=hall, **times)
            inner = make_item(event, title="inner things", is_internal=True, **times)
            registration.open_registration(event, actor=SYSTEM)
            registration.set_capacity(event, session, 5, actor=SYSTEM)
            registration.register_person(event, petra, actor=SYSTEM, sessions=[session])
            programme.index_session(session)
            programme.index_item(item)
            make_release(event, reason="The hall is wide")
        with unit_of_work():
            change = {"actor": cast.olaf, "version": None}
            later = now + timedelta(days=1)
            programme.change_room(hall, **change, name=f"{SECRET} hall")
            programme.change_session(
                session, **change, title=f"{SECRET} session", title_local=f"{SECRET} session", theme=f"{SECRET} theme",
                purpose=f"{SECRET} purpose",
            )  # fmt: skip
            programme.change_item(
                item, **change, title=f"{SECRET} words", summary=f"{SECRET} summary", speakers=[tom],
                starts_at=later.replace(hour=3, minute=47), ends_at=later.replace(hour=4, minute=53),
            )  # fmt: skip
            programme.cancel_item(gone, actor=cast.olaf)
            programme.change_item(inner, **change, title=f"{SECRET} inner things")
            programme.add_item(event, actor=cast.olaf, title=f"{SECRET} item", session=session, room=hall, **times)
            programme.add_session(event, actor=cast.olaf, title=f"{SECRET} evening", chair=petra)
        return {
            "event_ref": event.ref, "session_ref": session.ref, "item_ref": item.ref, "room_ref": hall.ref, "number": "1",
            "speaker_ref": petra.ref, "person_ref": petra.ref,
        }  # fmt: skip


@pytest.mark.parametrize("name", ["nobody", "petra", "rita"])  # a stranger, a speaker with a place, one without
def test_nothing_that_is_not_released_is_seen_on_any_page_or_in_any_feed(app, as_, refs, name: str) -> None:
    visitor = as_(name)
    seen = {}
    with app.test_request_context():
        urls = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            if "GET" in (rule.methods or ()) and rule.arguments <= FREE and rule.endpoint != "static":
                seen[rule.endpoint] = urls.build(rule.endpoint, {each: refs[each] for each in rule.arguments})
    seen["mine"] = f"/events/{refs['event_ref']}/programme?mine=1"
    seen["hall"] = f"/events/{refs['event_ref']}/now?screen=1"
    seen["found"] = f"/search?q={SECRET}"
    seen["same"] = f"/events/{refs['event_ref']}/releases/compare?from=1&to=working"
    leaks = []
    for endpoint, url in seen.items():
        for language in ("en", "zh-CN"):
            text = visitor.get(url, headers={"Accept-Language": language}).get_data().decode(errors="replace")
            # The search page repeats what was asked for, without what follows it in our texts.
            leaks += [
                (endpoint, secret) for secret in (f"{SECRET} ", "03:47", "T0347", "inner things") if secret in text
            ]
    assert sorted(set(leaks)) == []
    page = visitor.get(seen["programme.show"]).get_data(as_text=True)
    assert "Opening words" in page
    assert "Great hall" in page
    assert "Second part" in page
    if name != "nobody":
        assert "<mark>Opening</mark> words" in visitor.get("/search?q=opening").get_data(as_text=True)


def test_planners_see_what_they_work_on_and_how_much_of_it_is_not_released(as_, refs) -> None:
    page = as_("olaf").get(f"/events/{refs['event_ref']}/programme").get_data(as_text=True)
    assert f"{SECRET} words" in page
    assert "changes are not released" in page


def test_what_happens_on_the_day_is_told_at_once(app, refs) -> None:
    with app.app_context():
        cast = load()
        event = queries.programme.events.find_visible(cast.olaf, refs["event_ref"])
        moment = clock.now()
        with unit_of_work():
            item = queries.programme.find_item(event, cast.olaf, refs["item_ref"])
            item.began_at, item.expected_end = moment, moment + timedelta(hours=1)
        told = {each.ref: each for each in queries.told(event, cast.petra).items}[refs["item_ref"]]
        assert (told.title, told.began_at, told.expected_end) == ("Opening words", moment, moment + timedelta(hours=1))
        assert [each.person.account_id for each in told.speakers] == [cast.petra.id]


@pytest.mark.parametrize("name", ["nobody", "petra"])
def test_a_released_programme_asks_no_more_than_eight_questions(as_, refs, count_statements, name: str) -> None:
    visitor = as_(name)
    for path in ("", "/programme", "/programme?mine=1"):
        visitor.get(f"/events/{refs['event_ref']}/people")  # not the first request of this browser
        with count_statements() as said:
            assert visitor.get(f"/events/{refs['event_ref']}{path}").status_code == 200
        assert len(said) <= 8, "\n".join(said)


def test_home_tells_of_the_release_and_not_of_what_is_worked_on(as_, refs) -> None:
    page = as_("rita").get("/").get_data(as_text=True)
    assert "The programme is released" in page
    assert "The programme has changed" not in page
    assert "An item of the programme is cancelled" not in page
