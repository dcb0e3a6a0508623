"""The pages of releases: the public ones tell nothing else of their gathering."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.core.db import db, unit_of_work
from app.events.models import Audience, Status
from app.provenance.services import add_note, add_source
from app.publications import services
from app.publications.models import Release, ReleaseState
from tests.cast import load
from tests.conftest import Visitor
from tests.factories import make_event, make_part
from tests.factories.minutes import make_release

As = Callable[[str], Visitor]
SECRET = "The quiet gathering of the board"


class Place:
    def __init__(self, release: Release) -> None:
        self.ref, self.event = release.ref, release.event.ref
        self.list = f"/events/{self.event}/publications"
        self.url, self.news = f"{self.list}/{self.ref}", f"/news/{self.ref}"


def stored(
    app: Flask, *, audience: str = Audience.INTERNAL, event: dict[str, Any] | None = None, **values: Any
) -> Place:
    with app.app_context():
        with unit_of_work():
            place = Place(
                make_release(load().olaf, make_event(title=SECRET, audience=audience, **(event or {})), **values)
            )
        db.session.rollback()
    return place


def test_a_public_release_of_an_internal_gathering_tells_nothing_of_it(app: Flask, as_: As) -> None:
    place = stored(app, is_public=True, body="We met and **it was good**.")
    stranger = as_("nobody")
    page = stranger.get(place.news)
    assert page.status_code == 200
    assert "<strong>it was good</strong>" in page.text
    assert SECRET not in page.text
    assert place.event not in page.text
    assert "Good news" in stranger.get("/news").text
    assert place.event not in stranger.get("/news").text
    assert stranger.get(place.list).status_code == 404
    assert stranger.get(place.url).location == place.news
    assert stranger.get(f"/events/{'0' * 16}/publications/{place.ref}").status_code == 404


def test_an_internal_release_is_for_those_who_may_see_the_gathering(app: Flask, as_: As) -> None:
    place = stored(app, is_public=False)
    stranger = as_("nobody")
    for url in (place.news, place.url, place.list):
        assert stranger.get(url).status_code == 404
    assert "Good news" not in stranger.get("/news").text
    assert as_("xaver").get(place.url).status_code == 200
    assert "Good news" in as_("xaver").get("/news").text


def test_the_page_of_a_public_gathering_shows_strangers_the_public_releases_only(app: Flask, as_: As) -> None:
    with app.app_context():
        with unit_of_work():
            event = make_event(audience=Audience.PUBLIC)
            place = Place(make_release(load().olaf, event, title="For all", is_public=True))
            inside = Place(make_release(load().olaf, event, title="For us"))
        db.session.rollback()
    page = as_("nobody").get(place.list).text
    assert "For all" in page
    assert "For us" not in page
    assert re.search(r'Publications<span class="num small">(\d+)</span>', page).group(1) == "1"
    assert as_("nobody").get(place.url).status_code == 200
    assert as_("nobody").get(inside.url).status_code == 404
    assert "For us" in as_("petra").get(place.list).text


@pytest.mark.parametrize("closed", [{"audience": Audience.RESTRICTED}, {"status": Status.DRAFT}])
def test_a_gathering_closed_afterwards_closes_its_releases(app: Flask, as_: As, closed: dict[str, str]) -> None:
    place = stored(app, is_public=True)
    with app.app_context(), unit_of_work():
        release = db.session.query(Release).filter_by(ref=place.ref).one()
        for name, value in closed.items():
            setattr(release.event, name, value)
    for url in (place.news, place.url):
        assert as_("nobody").get(url).status_code == 404
    assert "Good news" not in as_("nobody").get("/news").text


def test_a_restricted_gathering_shows_its_releases_to_its_people(app: Flask, as_: As) -> None:
    place = stored(app, audience=Audience.RESTRICTED)
    with app.app_context(), unit_of_work():
        make_part(db.session.query(Release).filter_by(ref=place.ref).one().event, load().people["petra"])
    assert as_("petra").get(place.url).status_code == 200
    for url in (place.url, place.list, place.news):
        assert as_("xaver").get(url).status_code == 404


@pytest.mark.parametrize("name", ["petra", "xaver", "sven", "nobody"])
def test_a_draft_does_not_exist_for_others(app: Flask, as_: As, name: str) -> None:
    place = stored(app, audience=Audience.PUBLIC, is_public=True, publish=False, title="Too early")
    visitor = as_(name)
    for url in (place.url, place.news):
        assert visitor.get(url).status_code == 404
    for url in (place.list, "/news", f"/events/{place.event}"):
        assert "Too early" not in visitor.get(url).text
    refused = {visitor.post(f"{place.url}/{tail}", {"title": "x"}).status_code for tail in ("text", "publication")}
    assert refused == ({401} if name == "nobody" else {404})


def test_readers_change_nothing(app: Flask, as_: As) -> None:
    place = stored(app)
    for name in ("petra", "rita", "aude"):
        visitor = as_(name)
        for tail in ("text", "publication", "withdrawal"):
            answer = visitor.post(f"{place.url}/{tail}", {"title": "x", "reason": "x"})
            assert answer.status_code == 403, (name, tail)
        assert visitor.get(f"{place.list}/new").status_code == 403


def test_a_release_is_written_and_published_from_the_pages(app: Flask, as_: As) -> None:
    with app.app_context(), unit_of_work():
        ref = make_event().ref
    olaf = as_("olaf")
    made = olaf.post(f"/events/{ref}/publications/new", {"title": "First frost", "body": "It came.", "is_public": "y"})
    assert made.status_code == 303
    page = olaf.post(f"{made.location}/text", {"title": "First frost", "body": "**It** came.", "preview": "1"})
    assert "<strong>It</strong> came." in page.text
    assert olaf.post(f"{made.location}/publication").status_code == 303
    assert "First frost" in as_("nobody").get("/news").text
    refused = olaf.post(f"/events/{ref}/publications/new", {"title": " ", "body": "It came again."})
    assert refused.status_code == 422
    assert "It came again." in refused.text


def test_a_stale_page_shows_both_texts(app: Flask, as_: As) -> None:
    place = stored(app, publish=False)
    olaf, sara = as_("olaf"), as_("sara")
    assert sara.post(f"{place.url}/text", {"title": "Ours", "version": "1"}).status_code == 303
    answer = olaf.post(f"{place.url}/text", {"title": "Mine", "body": "My words.", "version": "1"})
    assert answer.status_code == 409
    assert "Ours" in answer.text
    assert "My words." in answer.text


def test_a_withdrawn_release_says_why_and_shows_no_text(app: Flask, as_: As) -> None:
    place = stored(app, is_public=True, body="The customer Brick and Sons is glad.")
    with app.app_context(), unit_of_work():
        release = db.session.query(Release).filter_by(ref=place.ref).one()
        services.withdraw_release(release, actor=load().olaf, reason="It named a customer.")
    for visitor, url in ((as_("nobody"), place.news), (as_("petra"), place.url), (as_("olaf"), place.url)):
        page = visitor.get(url)
        assert page.status_code == 410
        assert "It named a customer." in page.text
        assert "Brick and Sons" not in page.text
    assert "Good news" not in as_("nobody").get("/news").text


def test_a_withheld_text_is_told_in_our_words_with_its_place_in_the_source(app: Flask, as_: As) -> None:
    with app.app_context():
        with unit_of_work():
            event = make_event(audience=Audience.PUBLIC)
            remarks = [{"fact": "F1", "text": "The last line is furniture.", "text_local": "最后一行是页脚。"}]
            source = add_source(
                title="Press release",
                sha256="ab" * 32,
                length=4673,
                language="en",
                is_translation="likely",
                remarks=remarks,
            )
            event.source_id = source.id
            release = make_release(load().olaf, event, body=None, summary="A gathering took place.", is_public=True)
            services.add_closing(release, actor=load().olaf, summary="Onward with care.", span=(4289, 4421))
            add_note(source, release, "released_at", "unknown", scope=event.ref)
            place = Place(release)
        db.session.rollback()
    for url in (place.url, place.news):
        page = as_("nobody").get(url).text
        for words in (
            "A gathering took place.", "Onward with care.", "characters 4289 to 4421", "ab" * 32, "likely",
            "The last line is furniture.", "not stated in the source",
        ):  # fmt: skip
            assert words in page, words


def test_hostile_text_is_text(app: Flask, as_: As) -> None:
    hostile = "<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1))"
    place = stored(app, is_public=True, title=hostile, body=hostile)
    pages = [as_("nobody").get(url).text for url in (place.news, "/news")]
    pages += [as_("olaf").get(url).text for url in (place.url, place.list, f"{place.url}/text")]
    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert 'href="javascript' not in page


@pytest.mark.parametrize("name", ["nobody", "petra"])
def test_lists_ask_the_same_number_of_questions_for_one_and_for_many(
    app: Flask, as_: As, count_statements, name
) -> None:
    visitor = as_(name)
    counted = []
    for number in (1, 30):
        with app.app_context():
            with unit_of_work():
                event = make_event(audience=Audience.PUBLIC)
                for _each in range(number):
                    make_release(load().olaf, event, is_public=True)
                ref = event.ref
            db.session.rollback()
        with count_statements() as listing:
            assert visitor.get(f"/events/{ref}/publications").status_code == 200
        with count_statements() as news:
            assert visitor.get("/news?per_page=100").status_code == 200
        counted.append((len(listing), len(news)))
    assert counted[0] == counted[1]
    assert max(counted[0]) <= 10


def test_states_are_stored(app: Flask) -> None:
    place = stored(app)
    with app.app_context():
        assert db.session.query(Release).filter_by(ref=place.ref).one().state == ReleaseState.PUBLISHED
