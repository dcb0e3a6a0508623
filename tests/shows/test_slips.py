"""Slips: what is to be expected, which hard stops are run over, what could be cut, and cutting in proportion."""

from datetime import timedelta

import pytest

from app.core import clock
from app.core.db import unit_of_work
from app.liveday.forecast import Phase
from app.programme.models import HardStop
from app.shows import queries, services
from app.shows.errors import NothingToShorten
from app.shows.models import Cue, Show
from app.shows.slips import Outlook
from tests.cast import Cast
from tests.factories import make_event, save
from tests.factories.shows import make_cue, make_show, minutes


def look(show: Show, after: int) -> tuple[list[Cue], Outlook]:
    cues = list(queries.list_cues(show))
    return cues, queries.find_outlook(show, cues, show.starts_at + minutes(after))


def starts(show: Show, cues: list[Cue], outlook: Outlook) -> list[int | None]:
    """Expected starts in minutes after the beginning; None for what is not expected any more."""
    return [
        (outlook.expected[each.id].starts_at - show.starts_at) // timedelta(minutes=1) if each.id in outlook.expected else None
        for each in cues
    ]  # fmt: skip


def run(cue: Cue, began: int, ended: int | None = None) -> None:
    cue.began_at = cue.show.starts_at + minutes(began)
    cue.ended_at = None if ended is None else cue.show.starts_at + minutes(ended)
    cue.status = "called" if ended is None else "done"


def test_a_slip_moves_what_follows_and_a_break_gives_way(cast: Cast) -> None:
    with unit_of_work():
        show = make_show(make_event())
        first = make_cue(show, minutes=10)
        make_cue(show, minutes=10)
        make_cue(show, minutes=20, kind="break")
        make_cue(show, minutes=10)
        run(first, 0, 22)
    cues, outlook = look(show, 22)
    assert starts(show, cues, outlook) == [0, 22, 32, 40]
    assert outlook.expected[cues[0].id].phase == Phase.FINISHED
    assert [outlook.late(each) for each in cues] == [0, 12, 12, 0]
    assert outlook.overruns == []


def test_a_hard_stop_that_is_run_over_names_what_could_be_cut(cast: Cast) -> None:
    with unit_of_work():
        show = make_show(make_event())
        first = make_cue(show, minutes=10)
        make_cue(show, minutes=10)
        film = make_cue(show, title="Film", minutes=6, can_be_cut=True)
        song = make_cue(show, title="Song", minutes=3, can_be_cut=True)
        make_cue(show, title="On air", minutes=10, fixed_at=show.starts_at + minutes(30))
        run(first, 0, 18)
    cues, outlook = look(show, 18)
    assert starts(show, cues, outlook) == [0, 18, 28, 34, 37]
    (over,) = outlook.overruns
    assert (over.end.words, over.minutes, over.cuts, over.is_enough) == ("On air", 7, [film, song], True)
    with unit_of_work():
        film.status = "skipped"
    cues, outlook = look(show, 18)
    assert starts(show, cues, outlook) == [0, 18, None, 28, 31]
    assert [(each.minutes, each.cuts, each.is_enough) for each in outlook.overruns] == [(1, [song], True)]


def test_a_plan_that_does_not_fit_is_told_before_the_evening(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        show = make_show(event)
        services.edit_show(show, actor=cast.olaf, ends_at=show.starts_at + minutes(60))
        make_cue(show, minutes=30)
        make_cue(show, minutes=10)
        make_cue(show, title="On air", minutes=25, fixed_at=show.starts_at + minutes(35))
        save(HardStop(event=event, at=show.starts_at + minutes(50), reason="The hall's band leaves"))
    _cues, outlook = look(show, -600)
    told = [(each.end.words, each.minutes, each.is_enough) for each in outlook.overruns]
    assert told == [("On air", 5, False), ("The hall's band leaves", 15, False), (show.title, 5, False)]


def test_a_stop_of_one_person_concerns_their_own_cues_only(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        show = make_show(event)
        make_cue(show, minutes=20, owner=cast.people["li_wei"])
        make_cue(show, minutes=60)
        save(
            HardStop(event=event, at=show.starts_at + minutes(25), reason="Li Wei leaves", person=cast.people["li_wei"])
        )
        save(HardStop(event=event, at=show.starts_at + timedelta(days=3), reason="Another day"))
    assert look(show, -5)[1].overruns == []
    with unit_of_work():
        run(queries.list_cues(show)[0], 9)
    _cues, outlook = look(show, 10)
    assert [(each.end.words, each.minutes) for each in outlook.overruns] == [("Li Wei leaves", 4)]


def test_cues_that_begin_in_one_minute_keep_their_order(cast: Cast) -> None:
    with unit_of_work():
        show = make_show(make_event())
        for number in range(6):
            make_cue(show, title=str(number), minutes=0)
        make_cue(show, title="End", minutes=5)
    cues, outlook = look(show, 0)
    with unit_of_work():
        run(cues[0], 3, 3)
    cues, outlook = look(show, 3)
    assert starts(show, cues, outlook) == [3, 3, 3, 3, 3, 3, 3]


def test_shortening_takes_from_breaks_first_and_then_in_proportion(cast: Cast) -> None:
    with unit_of_work():
        show = make_show(make_event())
        make_cue(show, minutes=10)
        rest = make_cue(show, minutes=20, kind="break")
        speech = make_cue(show, minutes=20)
        make_cue(show, title="On air", fixed_at=show.starts_at + minutes(40))
    with clock.at(show.starts_at - minutes(60)), unit_of_work():
        assert services.shorten(show, actor=cast.olaf) == 1
    assert (rest.minutes, speech.minutes) == (10, 20)
    with pytest.raises(NothingToShorten), clock.at(show.starts_at - minutes(60)), unit_of_work():
        services.shorten(show, actor=cast.olaf)
    with unit_of_work():
        services.edit_cue(queries.list_cues(show)[0], actor=cast.olaf, minutes=20)
    with clock.at(show.starts_at - minutes(60)), unit_of_work():
        services.shorten(show, actor=cast.olaf)
    assert [each.minutes for each in queries.list_cues(show)] == [17, 5, 18, 5]
