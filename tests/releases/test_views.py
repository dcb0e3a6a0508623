import re
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from app.core.db import unit_of_work
from app.core.roles import SYSTEM
from app.events.models import Audience, Status
from app.events.queries import find_visible
from app.programme import services as programme
from tests.cast import load
from tests.factories import make_event, make_item, make_room
from tests.factories.releases import mails_of, make_release

NINE = datetime(2027, 1, 14, 1, tzinfo=UTC)


@pytest.fixture
def made(app: Flask) -> dict[str, str]:
    """A public gathering, released once; since then one item was moved and an internal one was retitled."""
    with app.app_context():
        cast = load()
        with unit_of_work():
            event = make_event(title="Open day", audience=Audience.PUBLIC, starts_on=date(2027, 1, 14))
            hall = make_room(event, name="Great hall")
            times = {"starts_at": NINE, "ends_at": NINE + timedelta(hours=1)}
            item = make_item(event, title="Opening words", room=hall, speakers=[cast.people["petra"]], **times)
            inner = make_item(event, title="Setting up", is_internal=True, **times)
            make_release(event, actor=cast.olaf, name="First version")
        with unit_of_work():
            later = NINE + timedelta(hours=4)
            programme.move_item(item, actor=cast.olaf, version=None, starts_at=later, room=hall)
            programme.change_item(inner, actor=cast.olaf, version=None, title="Setting up early")
        return {"event": event.ref, "base": f"/events/{event.ref}", "item": item.ref}


def page_of(visitor, url: str) -> str:
    answer = visitor.get(url)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def seen_in(page: str) -> str:
    found = re.search(r'name="seen"[^>]*value="([^"]+)"', page)
    assert found
    return found.group(1)


def test_a_planner_sees_what_would_be_told_word_for_word_and_tells_it(app, as_, made) -> None:
    olaf = as_("olaf")
    assert "2 changes are not released" in page_of(olaf, f"{made['base']}/programme")
    new = page_of(olaf, f"{made['base']}/releases/new")
    assert "Setting up early" in new
    assert "The mail to Petra Lindqvist" in new
    assert "When: Thu 14 Jan 2027, 09:00–10:00 → Thu 14 Jan 2027, 13:00–14:00" in new
    looked = olaf.post(
        f"{made['base']}/releases/new",
        {"name": "Second", "message": "It rains.", "seen": seen_in(new), "look": "1"},
    ).get_data(as_text=True)
    assert "It rains." in looked.split("<pre")[1]
    with app.app_context():
        assert len(mails_of(load_event(made))) == 1  # looking has told nobody
    answer = olaf.post(
        f"{made['base']}/releases/new", {"name": "Second", "message": "It rains.", "seen": seen_in(looked)}
    )
    assert answer.headers["Location"] == f"{made['base']}/releases/2"
    with app.app_context():
        assert [each.subject for each in mails_of(load_event(made))][1:] == ["The programme has changed: Open day"]
    shown = page_of(olaf, f"{made['base']}/releases/2")
    for words in ("It rains.", "Setting up early", "Opening words", "People told", "Fingerprint"):
        assert words in shown
    outbox = page_of(olaf, f"{made['base']}/mail")
    mail = re.search(rf"{made['base']}/mail/\w{{16}}", outbox)
    assert mail
    assert "text/calendar; method=REQUEST" in page_of(olaf, mail.group())


def load_event(made):
    return find_visible(SYSTEM, made["event"])


def test_two_who_preview_at_once_tell_it_once_and_the_second_reads_what_the_first_has_told(as_, made) -> None:
    olaf, ada = as_("olaf"), as_("ada")
    url = f"{made['base']}/releases/new"
    first, second = page_of(olaf, url), page_of(ada, url)
    assert olaf.post(url, {"name": "Second", "seen": seen_in(first)}).status_code == 303
    answer = ada.post(url, {"name": "Mine", "seen": seen_in(second)})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Meanwhile Olaf Brandt made release 2, “Second”." in text
    assert "Nothing has changed since release 2, “Second”." in text
    again = ada.post(url, {"name": "Mine", "seen": seen_in(text)})
    assert again.status_code == 409
    assert ada.get(f"{made['base']}/releases/3").status_code == 404


@pytest.mark.parametrize("name", ["nobody", "petra"])
def test_readers_see_what_was_told_and_what_changed_and_nothing_of_how(as_, made, name: str) -> None:
    olaf, visitor = as_("olaf"), as_(name)
    new = page_of(olaf, f"{made['base']}/releases/new")
    olaf.post(f"{made['base']}/releases/new", {"name": "Second", "seen": seen_in(new)})
    pages = [page_of(visitor, f"{made['base']}/releases{each}") for each in ("", "/1", "/2", "/compare?from=1&to=2")]
    for page in pages:
        for hidden in ("Setting up", "People told", "Olaf", "releases/new", "/again"):
            assert hidden not in page
    assert visitor.get(f"{made['base']}/releases/compare?from=1&to=working").status_code == 404
    assert visitor.get(f"{made['base']}/releases/compare?from=x&to=9").status_code == 404


def test_an_old_release_is_made_again_from_its_page(as_, made) -> None:
    olaf = as_("olaf")
    new = page_of(olaf, f"{made['base']}/releases/new")
    olaf.post(f"{made['base']}/releases/new", {"name": "Second", "seen": seen_in(new)})
    form = page_of(olaf, f"{made['base']}/releases/1/again")
    assert "As release 1: First version" in form
    answer = olaf.post(f"{made['base']}/releases/1/again", {"name": "Back to the first"})
    assert answer.headers["Location"] == f"{made['base']}/releases/3"
    programme_page = page_of(as_("nobody"), f"{made['base']}/programme")
    assert "09:00" in programme_page
    assert "13:00" not in programme_page


def test_a_draft_says_that_it_is_published_first(app, as_, made) -> None:
    with app.app_context(), unit_of_work():
        draft = make_event(status=Status.DRAFT)
        make_item(draft)
        ref = draft.ref
    olaf = as_("olaf")
    new = page_of(olaf, f"/events/{ref}/releases/new")
    assert "Publish the event first" in new
    answer = olaf.post(f"/events/{ref}/releases/new", {"name": "First", "seen": seen_in(new)})
    assert answer.status_code == 409


@pytest.mark.parametrize("path", ["", "/2", "/compare?from=1&to=2", "/new"])
def test_pages_of_releases_ask_the_same_few_questions_for_one_item_and_for_thirty(
    app, as_, made, count_statements, path: str
) -> None:
    asked = []
    for number in (1, 30):
        with app.app_context(), unit_of_work():
            event = load_event(made)
            hall = make_room(event)
            for n in range(number):
                times = {
                    "starts_at": NINE + timedelta(hours=10, minutes=n),
                    "ends_at": NINE + timedelta(hours=10, minutes=n + 1),
                }
                make_item(event, room=hall, speakers=[load().people["tom"]], **times)
            make_release(event, name=f"With {number}", reason="It is a trial")
        olaf = as_("olaf")
        olaf.get(f"{made['base']}/people")
        with count_statements() as said:
            assert olaf.get(f"{made['base']}/releases{path}").status_code == 200
        asked.append(len(said))
    assert asked[0] == asked[1]
    assert asked[1] <= (20 if path == "/new" else 10), asked
