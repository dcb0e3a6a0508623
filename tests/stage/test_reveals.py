"""A winner is shown by two operators, and by nothing less; a tally is conferred by its cue."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.awards.models import Award
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden
from app.shows import queries as shows
from app.shows.models import Cue, CueStatus
from app.stage import pictures, queries, reveals, services
from app.stage.errors import AskedNoMore, NothingToConfer, NothingToReveal, NotOn, SecondNeeded
from app.stage.models import CueMark, Stage
from tests.cast import Cast
from tests.factories import make_event
from tests.factories.rites import make_award
from tests.factories.shows import make_cue, make_show
from tests.factories.stages import begin, press


def evening(cast: Cast, *, rehearsal: bool = False) -> tuple[Stage, Cue, Award]:
    with unit_of_work():
        event = make_event()
        show = make_show(event)
        award = make_award(event, title="Kiln prize", recipients=[cast.people["tom"]])
        cue = make_cue(show, kind="reveal", title="Tom comes up", on_stage="Tom", award=award)
        make_cue(show)
        stage = begin(show, rehearsal=rehearsal)
    return stage, cue, award


def seen(stage: Stage) -> str:
    return str(pictures.picture_of(stage))


def test_one_operator_alone_reveals_nothing(cast: Cast) -> None:
    stage, cue, award = evening(cast)
    with unit_of_work():
        press(stage, cue, "called")
        asked = reveals.ask_reveal(stage, cue, actor=cast.olaf)
    with pytest.raises(SecondNeeded), unit_of_work():
        reveals.confirm_reveal(asked, actor=cast.olaf)
    with pytest.raises(AskedNoMore), unit_of_work():
        reveals.ask_reveal(stage, cue, actor=cast.sara)
    assert not award.is_conferred
    assert "Tom" not in seen(stage)
    assert "Kiln prize" not in seen(stage)


def test_the_second_operator_confers_it_by_its_cue_and_the_hall_sees_it(cast: Cast) -> None:
    stage, cue, award = evening(cast)
    with unit_of_work():
        asked = reveals.ask_reveal(stage, cue, actor=cast.olaf)
    picture = stage.picture
    with unit_of_work():
        reveals.confirm_reveal(asked, actor=cast.sara)
    assert (award.is_conferred, award.cue_ref) == (True, cue.ref)
    assert (asked.asked_by_name, asked.confirmed_by_name) == (cast.olaf.name, cast.sara.name)
    assert (cue.status, stage.cue, stage.picture) == (CueStatus.CALLED, cue, picture + 1)
    shown = pictures.picture_of(stage)
    assert (shown.kind, shown.title, shown.names) == ("winner", "Kiln prize", [cast.people["tom"].display_name])
    with pytest.raises(AskedNoMore), unit_of_work():
        reveals.confirm_reveal(asked, actor=cast.sara)
    with pytest.raises(NothingToReveal), unit_of_work():
        reveals.ask_reveal(stage, cue, actor=cast.olaf)
    assert db.session.scalar(select(func.count(CueMark.id))) == 1


def test_a_request_ends_when_it_is_taken_back_when_the_evening_goes_on_and_after_ten_minutes(cast: Cast) -> None:
    stage, cue, award = evening(cast)
    other = next(each for each in stage.show.cues if each is not cue)
    with unit_of_work():
        dropped = reveals.ask_reveal(stage, cue, actor=cast.olaf)
        reveals.drop_reveal(dropped, actor=cast.olaf)
    with unit_of_work():
        passed = reveals.ask_reveal(stage, cue, actor=cast.olaf)
    with unit_of_work():
        press(stage, other, "called")
    with unit_of_work():
        old = reveals.ask_reveal(stage, cue, actor=cast.olaf)
    for asked, later in ((dropped, 0), (passed, 0), (old, 10)):
        moment = clock.now() + timedelta(minutes=later)
        with clock.at(moment), pytest.raises(AskedNoMore), unit_of_work():
            reveals.confirm_reveal(asked, actor=cast.sara)
    assert not award.is_conferred


def test_only_who_may_confer_may_reveal_and_only_while_it_is_on(cast: Cast) -> None:
    stage, cue, _award = evening(cast)
    for name in ("ada", "petra", "li_wei", "aude", "sven"):
        with pytest.raises(Forbidden), unit_of_work():
            reveals.ask_reveal(stage, cue, actor=cast.accounts[name])
    with unit_of_work():
        asked = reveals.ask_reveal(stage, cue, actor=cast.olaf)
    for name in ("ada", "petra", "li_wei", "aude"):
        with pytest.raises(Forbidden), unit_of_work():
            reveals.confirm_reveal(asked, actor=cast.accounts[name])
    with unit_of_work():
        services.end(stage, actor=cast.olaf)
    with pytest.raises(AskedNoMore), unit_of_work():
        reveals.confirm_reveal(asked, actor=cast.sara)
    with pytest.raises(NotOn), unit_of_work():
        reveals.ask_reveal(stage, cue, actor=cast.olaf)


def test_a_rehearsed_reveal_confers_nothing_and_names_nobody(cast: Cast) -> None:
    stage, cue, award = evening(cast, rehearsal=True)
    with unit_of_work():
        asked = reveals.ask_reveal(stage, cue, actor=cast.olaf)
    with unit_of_work():
        reveals.confirm_reveal(asked, actor=cast.sara)
    assert not award.is_conferred
    shown = pictures.picture_of(stage)
    assert (shown.kind, shown.note, shown.is_rehearsal) == ("title", "Here the winner appears.", True)
    assert "Tom" not in str(shown)
    with unit_of_work():
        services.end(stage, actor=cast.olaf)
        begin(stage.show)
        press(stage, cue, "called")
    assert "Tom" not in seen(stage)
    assert "Here the winner" not in seen(stage)


def test_a_reveal_whose_words_alone_tell_the_winner_needs_two_as_well(cast: Cast) -> None:
    with unit_of_work():
        show = make_show(make_event())
        cue = make_cue(show, kind="reveal", title="The prize goes to Rita", on_stage="Rita")
        stage = begin(show)
        press(stage, cue, "called")
    assert "Rita" not in seen(stage)
    with unit_of_work():
        asked = reveals.ask_reveal(stage, cue, actor=cast.olaf)
        reveals.confirm_reveal(asked, actor=cast.sara)
    shown = pictures.picture_of(stage)
    assert (shown.kind, shown.title, shown.names) == ("winner", "The prize goes to Rita", ["Rita"])


def test_an_award_that_was_withdrawn_or_revoked_is_not_shown(cast: Cast) -> None:
    stage, cue, award = evening(cast)
    with unit_of_work():
        asked = reveals.ask_reveal(stage, cue, actor=cast.olaf)
        reveals.confirm_reveal(asked, actor=cast.sara)
    with unit_of_work():
        award.end = "revoked"
    assert "Tom" not in seen(stage)
    stage, cue, award = evening(cast)
    with unit_of_work():
        award.end = "withdrawn"
    with pytest.raises(NothingToReveal), unit_of_work():
        reveals.ask_reveal(stage, cue, actor=cast.olaf)


def test_the_spelling_of_a_winner_is_corrected_for_the_screen_alone(cast: Cast) -> None:
    stage, cue, _award = evening(cast)
    with unit_of_work():
        press(stage, cue, "corrected", names="Tóm Ashcroft")
    assert "Tóm" not in seen(stage)
    with unit_of_work():
        asked = reveals.ask_reveal(stage, cue, actor=cast.olaf)
        reveals.confirm_reveal(asked, actor=cast.sara)
    assert pictures.picture_of(stage).names == ["Tóm Ashcroft"]
    assert cast.people["tom"].name != "Tóm Ashcroft"


def test_a_tally_is_read_once_it_is_conferred_by_its_cue(cast: Cast) -> None:
    from tests.factories.campaigns import make_campaign
    from tests.factories.tallies import make_tally

    with unit_of_work():
        event = make_event()
        show = make_show(event)
        campaign = make_campaign(event, commander=cast.people["tom"])
        tally = make_tally(campaign)
        cue = make_cue(show, kind="tally", title="The tally of the kiln", tally=tally)
        plain = make_cue(show, kind="tally", title="No tally here")
        make_cue(show, kind="conferral", tally=tally)
        make_cue(show, kind="statement", tally=tally)
        stage = begin(show)
        press(stage, cue, "called")
    cues = queries.list_cues(show)
    lines = queries.lines_of(stage, cues, shows.find_outlook(show, cues, clock.now()), names=False, revealed=())
    assert [each.waits_for_tally for each in lines] == [True, False, True, False]
    before = pictures.picture_of(stage)
    assert (before.kind, before.title) == ("title", "Conferral of a tally"), (
        "titles of rows are for those behind the stage"
    )
    assert tally.inscription not in str(before)
    with pytest.raises(NothingToConfer), unit_of_work():
        reveals.confer_tally(stage, plain, actor=cast.olaf)
    with unit_of_work():
        reveals.confer_tally(stage, cue, actor=cast.olaf)
    assert (tally.conferred_at is not None, tally.cue_ref) == (True, cue.ref)
    with unit_of_work():
        custody = make_cue(show, kind="other", title="They confirm the custody", tally=tally)
        press(stage, custody, "called")
    after = pictures.picture_of(stage)
    assert (after.kind, after.title, after.number) == ("tally", tally.inscription, tally.label)
    assert cast.people["tom"].display_name in after.names
    with pytest.raises(NothingToConfer), unit_of_work():
        reveals.confer_tally(stage, cue, actor=cast.olaf)
