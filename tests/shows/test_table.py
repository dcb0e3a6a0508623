"""The table of an evening: rows, numbers, starts in step, versions."""

from datetime import timedelta

import pytest

from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused, Stale
from app.core.i18n import force_locale
from app.events.models import Status
from app.shows import queries, services
from app.shows.errors import CueHasBegun, EventIsCancelled, NeedsReason, NothingChanged, NotOfThisEvent
from app.shows.models import Cue, Show
from tests.cast import Cast
from tests.factories import make_event, make_person, make_session
from tests.factories.rites import make_award
from tests.factories.shows import make_cue, make_show, minutes


def table(show: Show) -> list[tuple[str, str, int]]:
    """Number, title and minutes after the beginning."""
    db.session.expire(show, ["cues"])
    return [(each.number, each.title, (each.starts_at - show.starts_at) // timedelta(minutes=1)) for each in show.cues]


def test_those_who_record_the_event_plan_its_evening(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        start = make_show(event).starts_at
    for name in ("petra", "li_wei", "ada", "sven", "aude", "dora"):
        with pytest.raises(Forbidden), unit_of_work():
            services.add_show(event, actor=cast.accounts[name], title="Mine", starts_at=start)
    with unit_of_work():
        show = services.add_show(event, actor=cast.sara, title="Evening", starts_at=start)
        services.add_cue(show, actor=cast.olaf, title="Doors")
    assert [each.title for each in show.cues] == ["Doors"]


def test_numbers_go_by_block_and_starts_follow_each_other(cast: Cast) -> None:
    with unit_of_work():
        show = make_show(make_event())
        first = make_cue(show, title="Doors", minutes=10)
        make_cue(show, title="Welcome", minutes=5)
        make_cue(show, title="Signing", block=2, minutes=20)
        make_cue(show, title="Anthem", after=first, minutes=3)
    assert table(show) == [("101", "Doors", 0), ("102", "Anthem", 10), ("103", "Welcome", 13), ("201", "Signing", 18)]


def test_a_fixed_start_holds_whatever_stands_before_it(cast: Cast) -> None:
    with unit_of_work():
        show = make_show(make_event())
        make_cue(show, title="Dinner", minutes=60)
        make_cue(show, title="Awards", minutes=30, fixed_at=show.starts_at + minutes(45))
        make_cue(show, title="End", minutes=1)
    assert [each[2] for each in table(show)] == [0, 45, 75]
    with unit_of_work():
        services.edit_show(show, actor=cast.olaf, starts_at=show.starts_at - minutes(10))
    assert [each[2] for each in table(show)] == [0, 55, 85]


def test_a_row_moves_over_the_edge_of_its_block_and_back(cast: Cast) -> None:
    with unit_of_work():
        show = make_show(make_event())
        make_cue(show, title="A")
        make_cue(show, title="B")
        mover = make_cue(show, title="C", block=2)
    with unit_of_work():
        services.move_cue(mover, actor=cast.olaf)
    assert table(show) == [("101", "A", 0), ("102", "B", 5), ("103", "C", 10)]
    with unit_of_work():
        services.move_cue(mover, actor=cast.olaf)
    assert [each[1] for each in table(show)] == ["A", "C", "B"]
    with unit_of_work():
        services.edit_cue(mover, actor=cast.olaf, block=3, minutes=7)
    assert table(show) == [("101", "A", 0), ("102", "B", 5), ("301", "C", 10)]
    with pytest.raises(Refused), unit_of_work():
        services.move_cue(mover, actor=cast.olaf, down=True)


def test_what_was_given_out_keeps_its_numbers_until_they_are_made_anew(cast: Cast) -> None:
    with unit_of_work():
        show = make_show(make_event())
        first = make_cue(show, title="A")
        make_cue(show, title="B")
        make_cue(show, title="C", block=2)
    with unit_of_work():
        services.publish(show, actor=cast.olaf)
    with unit_of_work():
        new = services.add_cue(show, actor=cast.olaf, title="A2", after=first)
        services.add_cue(show, actor=cast.olaf, title="A3", after=new)
        services.add_cue(show, actor=cast.olaf, title="B2", block=1)
    assert [each[:2] for each in table(show)] == [("101", "A"), ("101a", "A2"), ("101b", "A3"), ("102", "B"), ("103", "B2"), ("201", "C")]  # fmt: skip
    with unit_of_work():
        services.remove_cue(new, actor=cast.olaf)
        services.renumber(show, actor=cast.olaf)
    assert [each[0] for each in table(show)] == ["101", "102", "103", "104", "201"]


def test_a_version_is_frozen_and_needs_a_difference_and_a_note(cast: Cast) -> None:
    with unit_of_work():
        show = make_show(make_event())
    with pytest.raises(Refused), unit_of_work():
        services.publish(show, actor=cast.olaf)
    with unit_of_work():
        cue = make_cue(show, title="Doors", sound="Music low")
        first = services.publish(show, actor=cast.olaf)
    assert (first.number, show.number, first.published_by_name) == (1, 1, cast.olaf.name)
    with pytest.raises(NothingChanged), unit_of_work():
        services.publish(show, actor=cast.olaf, note="The same")
    with unit_of_work():
        services.edit_cue(cue, actor=cast.olaf, sound="Music off")
    with pytest.raises(NeedsReason), unit_of_work():
        services.publish(show, actor=cast.olaf)
    with unit_of_work():
        services.publish(show, actor=cast.olaf, note="Silence at the doors")
    sight = queries.sight_of_paper(show.event)
    sounds = [queries.rows_of_version(each, sight)[0].sound for each in queries.list_versions(show)]
    assert sounds == ["Music off", "Music low"]
    with pytest.raises(Refused), unit_of_work():
        services.remove_show(show, actor=cast.olaf)


def test_what_was_called_stays_in_its_table(cast: Cast) -> None:
    with unit_of_work():
        show = make_show(make_event())
        cue, other = make_cue(show), make_cue(show)
        cue.began_at, cue.status = show.starts_at, "called"
    acts = (
        lambda: services.remove_cue(cue, actor=cast.olaf),
        lambda: services.move_cue(cue, actor=cast.olaf, down=True),
        lambda: services.move_cue(other, actor=cast.olaf),
        lambda: services.edit_cue(cue, actor=cast.olaf, minutes=9),
        lambda: services.renumber(show, actor=cast.olaf),
    )
    for act in acts:
        with pytest.raises(CueHasBegun), unit_of_work():
            act()
    with unit_of_work():
        services.edit_cue(cue, actor=cast.olaf, title="Put right")
    assert db.session.get(Cue, cue.id).title == "Put right"


def test_a_tick_of_the_rehearsal_goes_when_the_words_change(cast: Cast) -> None:
    with unit_of_work():
        show = make_show(make_event())
        cue = make_cue(show, on_stage="Mei Zhao", pronunciation="may jow")
    with pytest.raises(Forbidden), unit_of_work():
        services.rehearse(cue, actor=cast.petra)
    with unit_of_work():
        services.rehearse(cue, actor=cast.ada)
    assert cue.rehearsed_by_name == cast.ada.name
    with unit_of_work():
        services.edit_cue(cue, actor=cast.olaf, light="Spot left")
    assert cue.rehearsed_at is not None
    with unit_of_work():
        services.edit_cue(cue, actor=cast.olaf, pronunciation="may jaow")
    assert cue.rehearsed_at is None


def test_what_belongs_elsewhere_and_a_stale_page_are_refused(cast: Cast) -> None:
    with unit_of_work():
        event, other = make_event(), make_event()
        show, foreign = make_show(event), make_award(other)
        cue = make_cue(show)
        cancelled = make_event(status=Status.CANCELLED)
    start = show.starts_at
    with pytest.raises(NotOfThisEvent), unit_of_work():
        services.edit_cue(cue, actor=cast.olaf, award=foreign)
    with pytest.raises(NotOfThisEvent), unit_of_work():
        services.edit_show(show, actor=cast.olaf, session=make_session(other))
    with pytest.raises(EventIsCancelled), unit_of_work():
        services.add_show(cancelled, actor=cast.olaf, title="Late", starts_at=start)
    with pytest.raises(Refused), unit_of_work():
        services.edit_show(show, actor=cast.olaf, ends_at=start)
    opened_on = cue.version
    with unit_of_work():
        services.edit_cue(cue, actor=cast.olaf, version=opened_on, title="One")
    with pytest.raises(Stale), unit_of_work():
        services.edit_cue(cue, actor=cast.sara, version=opened_on, title="Two")
    assert cue.title == "One"


def test_a_version_is_kept_in_no_readers_language(cast: Cast) -> None:
    with unit_of_work():
        show = make_show(make_event())
        make_cue(show, title="Doors", owner=make_person(name="Ma Lan", name_local="马兰"))
        services.publish(show, actor=cast.olaf)
    with force_locale("zh_Hans_CN"), pytest.raises(NothingChanged), unit_of_work():
        services.publish(show, actor=cast.olaf, note="Nothing but another reader")
    sight = queries.sight_of_paper(show.event)
    row = queries.rows_of_version(queries.list_versions(show)[0], sight)[0]
    with force_locale("zh_Hans_CN"):
        assert row.display_owner == "马兰"
    assert row.display_owner == "Ma Lan"
