"""The hall's screen: only committed facts, nothing of refusals, skipped cues and secrets; cheap to ask."""

import io
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.ceremonies.photographs import add_photograph
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden
from app.core.roles import SYSTEM
from app.pledges import services as pledges
from app.shows.blocks import add_signing_block, add_tally_block
from app.shows.errors import NotOfThisEvent
from app.shows.models import CueKind
from app.stage import services
from app.stage.errors import NotOn
from app.stage.models import Stage
from tests.cast import Cast, load
from tests.factories import make_event
from tests.factories.campaigns import make_campaign
from tests.factories.pledges import make_trio, sign_by
from tests.factories.rites import make_award, make_ceremony
from tests.factories.shows import make_cue, make_show
from tests.factories.signing import slot_of
from tests.factories.speakers import make_png
from tests.factories.stages import begin, press, screen_path
from tests.factories.tallies import make_tally


@pytest.fixture
def hall(cast: Cast, app: Flask) -> tuple[Stage, str, FlaskClient]:
    """An evening that is on, its screen's address, and the computer behind the projector."""
    with unit_of_work():
        stage = begin(make_show(make_event(), title="The evening"))
        path = screen_path(stage)
    return stage, f"{path}/picture", app.test_client()


def elsewhere(ask: Callable[[], Any]) -> Any:
    """As another thread of the server answers: it has a connection of its own."""
    with ThreadPoolExecutor(1) as other:
        return other.submit(ask).result(30)


def read(hall: tuple[Stage, str, FlaskClient], **query: str) -> str:
    return hall[2].get(hall[1], query_string=query).get_data(as_text=True)


def call(stage: Stage, **values: Any) -> Any:
    with unit_of_work():
        cue = make_cue(stage.show, **values)
        press(stage, cue, "called")
    return cue


def test_each_kind_of_cue_has_its_picture(hall: Any) -> None:
    stage, _path, _client = hall
    assert 'data-kind="holding"' in read(hall)
    for kind in CueKind:
        call(stage, kind=kind, title=f"A {kind} comes", script="Word by word.", on_stage="Petra\nTom")
        page = read(hall)
        if kind in ("walk_in", "reset"):
            assert 'data-kind="holding"' in page
        elif kind in ("reveal", "conferral"):
            assert f"A {kind} comes" not in page
            assert "Petra" not in page
        else:
            assert f"A {kind} comes" in page
            assert "<li>Petra</li><li>Tom</li>" in page
            assert ("Word by word." in page) is (kind in ("statement", "oath")), kind


def test_between_two_signatures_the_hall_sees_the_board_and_no_direction_for_the_stage(hall: Any, cast: Cast) -> None:
    stage, _path, _client = hall
    with unit_of_work():
        pledge = make_trio(stage.event, cast, title="Less scrap")
        made = add_signing_block(stage.show, actor=cast.olaf, pledges=[pledge])
    shown = []
    for cue in made:
        with unit_of_work():
            press(stage, cue, "called")
        page = read(hall)
        shown.append(re.search(r'data-kind="(\w+)"', page)[1])
        assert not any(each in page for each in ("handed", "exchanged", "is called", "hall&#39;s left", "own left"))
    assert shown == ["title", "words", "title", *["board"] * 5, "photograph", "photograph", "holding"]
    with unit_of_work():
        press(stage, made[2], "corrected", on_stage="Pétra, Kiln master")
        press(stage, made[2], "called")
    page = read(hall)
    assert 'class="eyebrow">Less scrap<' in page
    assert ">Pétra, Kiln master</h1>" in page
    with unit_of_work():
        sign_by(pledge, cast, "petra", "tom", "li_wei")
        press(stage, made[7], "called")
    assert f"Seal number {pledge.document.code}" in read(hall)


def test_before_its_conferral_the_hall_reads_of_a_tally_that_it_is_conferred_and_no_direction(
    hall: Any, cast: Cast
) -> None:
    stage, _path, _client = hall
    with unit_of_work():
        tally = make_tally(make_campaign(stage.event), inscription="Left and right")
        made = add_tally_block(stage.show, actor=cast.olaf, tally=tally)
    for cue in made:
        with unit_of_work():
            press(stage, cue, "called")
        page = read(hall)
        if cue.kind in ("reading", "tally", "conferral", "other"):
            assert ">Conferral of a tally</h1>" in page, cue.title
        assert "Left and right" not in page
        assert 'class="hall-picture tally"' not in page, "the mark of the house is drawn by that name"


def test_the_photographs_of_the_ceremony_stand_on_the_screen_as_they_come_in(hall: Any, cast: Cast) -> None:
    stage, path, client = hall
    with unit_of_work():
        ceremony, other = make_ceremony(stage.event), make_ceremony(make_event())
    call(stage, kind="photograph", title="All together", ceremony=ceremony)
    assert "<img" not in read(hall)
    with unit_of_work():
        add_photograph(ceremony, io.BytesIO(make_png(4)), "one.png", actor=cast.sara, caption="They sign")
    (first,) = re.findall(r'<img src="([^"]+)" alt="They sign"', read(hall))
    assert client.get(first).mimetype == "image/png"
    with unit_of_work():
        add_photograph(ceremony, io.BytesIO(make_png(5)), "two.png", actor=cast.sara, caption="They cheer")
    assert 'alt="They cheer"' in read(hall)
    assert client.get(first).status_code == 404
    with pytest.raises(NotOfThisEvent), unit_of_work():
        make_cue(stage.show, ceremony=other)
    call(stage, kind="speech")
    assert client.get(path).status_code == 200
    assert "<img" not in read(hall)


def test_signed_appears_only_after_the_commit(hall: Any, cast: Cast) -> None:
    stage, path, client = hall
    with unit_of_work():
        pledge = make_trio(stage.event, cast, title="Less scrap")
    call(stage, kind="signing", pledge=pledge, slot=pledge.slots[0])
    before = client.get(path)
    assert before.get_data(as_text=True).count("</svg>signed") == 0
    tag = before.headers["ETag"]
    asked = {"If-None-Match": tag}
    with pytest.raises(Forbidden), unit_of_work():
        sign_by(pledge, cast, "petra")
        db.session.flush()
        assert elsewhere(lambda: client.get(path, headers=asked)).status_code == 304, "written, and not committed yet"
        raise Forbidden  # the act fails at its very end: what it wrote is taken back
    assert elsewhere(lambda: client.get(path, headers=asked)).status_code == 304
    with unit_of_work():
        sign_by(pledge, cast, "petra")
    after = client.get(path, headers={"If-None-Match": tag})
    assert (after.status_code, after.get_data(as_text=True).count("</svg>signed")) == (200, 1)
    with unit_of_work():
        sign_by(pledge, cast, "tom", "li_wei")
    page = read(hall)
    assert page.count("</svg>signed") == 3
    assert "in force" in page


def test_a_press_at_the_console_signs_nothing(hall: Any, cast: Cast) -> None:
    stage, _path, _client = hall
    with unit_of_work():
        pledge = make_trio(stage.event, cast)
    cue = call(stage, kind="signing", pledge=pledge)
    with unit_of_work():
        press(stage, cue, "done")
    assert "</svg>signed" not in read(hall)
    assert "Petra" in read(hall)


def test_nobody_sees_that_somebody_declined(hall: Any, cast: Cast) -> None:
    stage, path, client = hall
    with unit_of_work():
        pledge = make_trio(stage.event, cast)
        sign_by(pledge, cast, "tom")
    cue = call(stage, kind="signing", pledge=pledge)
    before = client.get(path)
    slot = next(each for each in pledge.slots if each.person_id == cast.people["petra"].id)
    with unit_of_work():
        pledges.decline(slot, actor=cast.petra, reason="Not enough people")
    after = client.get(path)
    assert after.get_data() == before.get_data()
    assert after.headers["ETag"] == before.headers["ETag"]
    with unit_of_work():
        press(stage, cue, "skipped", reason="She declined")
    page = read(hall)
    assert 'data-kind="holding"' in page
    assert "declined" not in page.lower()


def test_skipped_cues_and_secret_names_never_reach_the_screen(hall: Any, cast: Cast) -> None:
    stage, path, client = hall
    with unit_of_work():
        award = make_award(stage.event, title="Prize for Tomtom", recipients=[cast.people["tom"]])
        skipped = make_cue(stage.show, title="Never comes")
    call(stage, kind="speech", title="A speech")
    tag = client.get(path).headers["ETag"]
    with unit_of_work():
        press(stage, skipped, "skipped", reason="late")
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    call(stage, kind="reveal", title="Tom wins", on_stage="Tom", script="Tom!", screen="Tom", award=award)
    page = client.get(path)
    assert "Tom" not in page.get_data(as_text=True)
    assert "Tom" not in str(page.headers)


def test_blank_rest_and_show_again(hall: Any, cast: Cast) -> None:
    stage, _path, _client = hall
    cue = call(stage, kind="speech", title="A speech")
    with unit_of_work():
        services.blank(stage, actor=cast.olaf)
    assert 'data-kind="blank"' in read(hall)
    assert "A speech" not in read(hall)
    with unit_of_work():
        services.rest(stage, actor=cast.olaf)
    assert 'data-kind="holding"' in read(hall)
    with unit_of_work():
        services.show_again(stage, cue, actor=cast.olaf)
    assert "A speech" in read(hall)
    with unit_of_work():
        services.end(stage, actor=cast.olaf)
    assert 'data-kind="holding"' in read(hall)


@pytest.mark.parametrize("end", ["declined", "void"])
def test_a_declined_or_void_pledge_is_not_put_before_the_hall_again(hall: Any, cast: Cast, end: str) -> None:
    stage, _path, _client = hall
    with unit_of_work():
        pledge = make_trio(stage.event, cast, title="Less scrap")
    cue = call(stage, kind="signing", pledge=pledge, title="They sign")
    with unit_of_work():
        services.rest(stage, actor=cast.olaf)
        if end == "declined":
            pledges.decline(slot_of(pledge, cast, "petra"), actor=cast.petra)
        else:
            pledges.void(pledge, actor=cast.olaf, reason="A mistake.")
    before = stage.picture
    with pytest.raises(NotOn), unit_of_work():
        services.show_again(stage, cue, actor=cast.olaf)
    assert (stage.cue, stage.picture) == (None, before)
    assert 'data-kind="holding"' in read(hall)
    assert "Less scrap" not in read(hall)


def test_the_screen_speaks_the_language_of_its_link(hall: Any, cast: Cast) -> None:
    stage, _path, _client = hall
    with unit_of_work():
        pledge = make_trio(stage.event, cast)
        sign_by(pledge, cast, "petra")
    call(stage, kind="signing", pledge=pledge, title="Signing", title_local="签署")
    assert "已签署" in read(hall, language="zh_Hans_CN")
    assert "已签署" not in read(hall)
    assert read(hall, language="xx") == read(hall)


def test_asking_costs_one_statement_and_no_body(hall: Any, cast: Cast, count_statements: Callable[[], Any]) -> None:
    stage, path, client = hall
    with unit_of_work():
        pledge = make_trio(stage.event, cast)
        sign_by(pledge, cast, "petra")
    call(stage, kind="signing", pledge=pledge)
    tag = client.get(path).headers["ETag"]
    with count_statements() as said:
        answer = client.get(path, headers={"If-None-Match": tag})
    assert (answer.status_code, len(said), answer.get_data()) == (304, 1, b"")
    with count_statements() as said:
        assert client.get(path).status_code == 200  # another screen: the picture is there already
    assert len(said) == 1


def test_a_link_ends_with_the_next_one(hall: Any, cast: Cast, app: Flask) -> None:
    stage, path, client = hall
    page = path.removesuffix("/picture")
    assert client.get(page).status_code == 200
    with unit_of_work():
        services.make_link(stage.show, actor=SYSTEM)
    assert [client.get(each).status_code for each in (page, path)] == [404, 404]
    for wrong in (
        "/screen/x",
        "/screen/" + "a" * 400,
        "/screen/x/picture",
        "/screen/%00",
        "/screen/x/photographs/" + "a" * 16,
    ):
        assert client.get(wrong).status_code == 404, wrong
    with unit_of_work():
        services.end_link(stage, actor=SYSTEM)
    assert stage.screen_token_hash is None
    assert load() is not None


def test_the_address_of_the_screen_is_not_in_the_database_and_not_told_on(hall: Any) -> None:
    stage, path, client = hall
    token = path.split("/")[2]
    assert token not in str(vars(stage))
    answer = client.get(path.removesuffix("/picture"))
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in client.get(path).headers
