"""Marks of the console: what is called runs, times are actual, nothing counts twice, late marks take nothing back."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden
from app.shows.models import Cue, CueStatus, Show
from app.stage import marks, queries, services
from app.stage.errors import NotOn, OtherShow
from app.stage.models import CueMark, Stage
from tests.cast import Cast
from tests.factories import make_event
from tests.factories.pledges import make_trio
from tests.factories.shows import make_cue, make_show
from tests.factories.stages import begin, press


def evening(number: int = 3, *, rehearsal: bool = False) -> tuple[Stage, list[Cue]]:
    with unit_of_work():
        show = make_show(make_event())
        cues = [make_cue(show) for _each in range(number)]
        stage = begin(show, rehearsal=rehearsal)
    return stage, cues


def test_what_is_called_runs_and_what_ran_before_is_over(cast: Cast) -> None:
    stage, (first, second, _third) = evening()
    picture = stage.picture
    at = clock.now()
    with unit_of_work():
        press(stage, first, "called", at - timedelta(minutes=3))
    with unit_of_work():
        press(stage, second, "called", at)
    assert (first.status, first.began_at, first.ended_at) == (CueStatus.DONE, at - timedelta(minutes=3), at)
    assert (second.status, second.began_at, second.ended_at) == (CueStatus.CALLED, at, None)
    assert (stage.cue, stage.picture) == (second, picture + 2)
    with unit_of_work():
        press(stage, second, "done")
    assert second.status == CueStatus.DONE
    assert second.ended_at is not None
    assert stage.cue is second, "the hall goes on seeing what is over until something else is called"


def test_a_mark_that_is_sent_twice_counts_once(cast: Cast) -> None:
    stage, (first, _second, _third) = evening()
    for _each in range(2):
        with unit_of_work():
            marks.mark(stage, first, actor=cast.sara, entry="one", kind="called")
    picture = stage.picture
    with unit_of_work():
        marks.mark(stage, first, actor=cast.sara, entry="one", kind="skipped", values={"reason": "late copy"})
    assert db.session.scalar(select(func.count(CueMark.id))) == 1
    assert (first.status, stage.picture) == (CueStatus.CALLED, picture)
    assert db.session.scalar(select(func.count(AuditEntry.seq)).where(AuditEntry.action == "cue.called")) == 1


def test_a_late_mark_keeps_its_time_and_leaves_the_screen_to_later_ones(cast: Cast) -> None:
    stage, (first, second, _third) = evening()
    now = clock.now()
    with unit_of_work():
        press(stage, second, "called", now)
    picture = stage.picture
    with unit_of_work():
        press(stage, first, "called", now - timedelta(minutes=9))  # kept by a console that had no line
    assert (first.status, first.began_at, first.ended_at) == (CueStatus.DONE, now - timedelta(minutes=9), now)
    assert (second.status, stage.cue, stage.picture) == (CueStatus.CALLED, second, picture)


def test_a_mark_of_another_rehearsal_or_table_is_refused(cast: Cast) -> None:
    stage, cues = evening()
    _other, (foreign, *_more) = evening()
    with pytest.raises(OtherShow), unit_of_work():
        press(stage, foreign, "called")
    with pytest.raises(NotOn), unit_of_work():
        marks.mark(stage, cues[0], actor=cast.sara, entry="old", kind="called", run="1")
    with unit_of_work():
        show = make_show(make_event())
        cue = make_cue(show)
        resting = services.make_link(show, actor=cast.olaf)
    with pytest.raises(NotOn), unit_of_work():
        press(resting, cue, "called")


def test_who_may_not_call_is_refused(cast: Cast) -> None:
    stage, (first, _second, _third) = evening()
    for name in ("petra", "li_wei", "sven", "aude", "dora"):
        with pytest.raises(Forbidden), unit_of_work():
            marks.mark(stage, first, actor=cast.accounts[name], entry=name, kind="called")
        with pytest.raises(Forbidden), unit_of_work():
            services.blank(stage, actor=cast.accounts[name])
        with pytest.raises(Forbidden), unit_of_work():
            services.begin(stage.show, actor=cast.accounts[name])


def test_skipping_is_silent_and_its_reason_stays_at_the_console(cast: Cast) -> None:
    stage, (first, second, third) = evening()
    with unit_of_work():
        press(stage, first, "called")
    picture = stage.picture
    with unit_of_work():
        press(stage, second, "skipped", reason="Has left the hall")
    assert (second.status, second.skip_reason) == (CueStatus.SKIPPED, "Has left the hall")
    assert (stage.picture, stage.cue) == (picture, first), "the hall has not noticed"
    with unit_of_work():
        press(stage, first, "skipped")
    assert stage.cue is None, "what is skipped while it is seen gives way to the holding picture"
    with unit_of_work():
        press(stage, third, "called")
        press(stage, second, "called")
    assert (second.status, second.skip_reason) == (CueStatus.CALLED, None)


def test_taking_back_brings_what_was_before(cast: Cast) -> None:
    stage, (first, second, _third) = evening()
    now = clock.now()
    with unit_of_work():
        press(stage, first, "called", now - timedelta(minutes=2))
    with unit_of_work():
        press(stage, second, "called", now)
    with unit_of_work():
        press(stage, second, "back")
    assert (second.status, second.began_at, second.ended_at) == (CueStatus.PLANNED, None, None)
    assert (first.status, first.ended_at, stage.cue) == (CueStatus.CALLED, None, first)
    with unit_of_work():
        press(stage, first, "back")
    assert (first.status, stage.cue) == (CueStatus.PLANNED, None)


def test_a_corrected_name_stands_on_the_screen_and_not_in_the_log(cast: Cast) -> None:
    stage, (first, second, _third) = evening()
    with unit_of_work():
        press(stage, first, "called")
    picture = stage.picture
    with unit_of_work():
        press(stage, first, "corrected", on_stage="Siân Müller", pronunciation="SHAHN")
        press(stage, second, "corrected", title="Another title")
    assert (first.on_stage, first.pronunciation, second.title) == ("Siân Müller", "SHAHN", "Another title")
    assert stage.picture == picture + 1, "only what is seen changes the picture"
    kept = db.session.scalars(select(CueMark).where(CueMark.kind == "corrected").order_by(CueMark.id)).all()
    assert kept[0].values["on_stage"] == [None, "Siân Müller"]
    logged = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "cue.corrected")).all()
    assert "Siân" not in str([each.details for each in logged])


def test_of_a_declined_pledge_nothing_is_shown(cast: Cast) -> None:
    from app.pledges import services as pledges

    with unit_of_work():
        event = make_event()
        show = make_show(event)
        pledge = make_trio(event, cast)
        cue = make_cue(show, kind="signing", pledge=pledge)
        stage = begin(show)
    slot = next(each for each in pledge.slots if each.person_id == cast.people["petra"].id)
    with unit_of_work():
        pledges.decline(slot, actor=cast.petra, reason="Not enough people")
    with unit_of_work():
        press(stage, cue, "called")
    assert cue.status == CueStatus.CALLED
    assert stage.cue is None


def test_a_rehearsal_leaves_no_trace_in_the_table(cast: Cast) -> None:
    stage, (first, second, third) = evening(rehearsal=True)
    run = stage.run
    with unit_of_work():
        press(stage, first, "called")
        press(stage, second, "called")
        press(stage, third, "skipped", reason="no time")
    with unit_of_work():
        services.end(stage, actor=cast.olaf)
    for cue in (first, second, third):
        assert (cue.status, cue.began_at, cue.ended_at, cue.skip_reason) == (CueStatus.PLANNED, None, None, None)
    assert (stage.cue, stage.began_at, stage.is_rehearsal) == (None, None, False)
    assert {each.values["rehearsal"] for each in queries.list_marks(stage)} == {True}
    with clock.at(clock.now() + timedelta(seconds=5)), unit_of_work():
        services.begin(stage.show, actor=cast.olaf)
    with pytest.raises(NotOn), unit_of_work():  # a console that slept through the rehearsal's end
        marks.mark(stage, first, actor=cast.sara, entry="slept", kind="called", run=run)


def test_an_evening_that_was_ended_too_early_goes_on(cast: Cast) -> None:
    stage, (first, second, _third) = evening()
    run = stage.run
    with unit_of_work():
        press(stage, first, "called")
    with unit_of_work():
        services.end(stage, actor=cast.olaf)
    assert (stage.is_on, stage.cue, first.status) == (False, None, CueStatus.CALLED)
    with unit_of_work():  # what a console had kept arrives: the times count, the screen rests
        press(stage, second, "called", clock.now() - timedelta(seconds=1))
    assert (second.began_at is not None, stage.cue) == (True, None)
    with pytest.raises(NotOn), unit_of_work():
        services.blank(stage, actor=cast.olaf)
    with unit_of_work():
        services.begin(stage.show, actor=cast.olaf)
    assert (stage.is_on, stage.run) == (True, run)
    with pytest.raises(NotOn), unit_of_work():
        services.begin(stage.show, actor=cast.olaf)


def test_what_is_to_come_is_expected_later_when_we_are_late(cast: Cast) -> None:
    from app.shows import queries as shows

    with unit_of_work():
        show: Show = make_show(make_event())
        cues = [make_cue(show, minutes=10) for _each in range(3)]
        begin(show)
    late = show.starts_at + timedelta(minutes=7)
    with clock.at(late), unit_of_work():
        press(queries.find_stage(show), cues[0], "called", late)  # type: ignore[arg-type]
    with clock.at(late + timedelta(minutes=1)):
        table = queries.list_cues(show)
        outlook = shows.find_outlook(show, table, clock.now())
        lines = queries.lines_of(queries.find_stage(show), table, outlook, names=True, revealed=())
    assert [each.late for each in lines] == [7, 7, 7]
    assert [each.is_next for each in lines] == [False, True, False]
    assert [each.is_on_screen for each in lines] == [True, False, False]


def test_signed_on_stage_is_what_its_cue_called_for(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        show = make_show(event)
        pledge, other = make_trio(event, cast), make_trio(event, cast)
        cue, reading = make_cue(show, kind="signing", pledge=pledge), make_cue(show, kind="reading", pledge=pledge)
        stage = begin(show, rehearsal=True)
        press(stage, cue, "called")
    assert not queries.is_called_for(pledge.slots[0], cue.ref), "in a rehearsal nothing is signed on stage"
    with unit_of_work():
        services.end(stage, actor=cast.olaf)
        begin(show)
    assert not queries.is_called_for(pledge.slots[0], cue.ref), "not called yet"
    with unit_of_work():
        press(stage, reading, "called")
        press(stage, cue, "called")
    assert queries.is_called_for(pledge.slots[0], cue.ref)
    for slot, ref in ((other.slots[0], cue.ref), (pledge.slots[0], reading.ref), (pledge.slots[0], "0" * 16)):
        assert not queries.is_called_for(slot, ref)
