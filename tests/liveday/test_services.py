"""Begin, finish, take back, put off: what is refused, what follows, what is remembered."""

from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.liveday import queries, services
from app.liveday.errors import BreaksSomething, NothingLeft, NotToday, SomebodyWasFaster
from app.programme import services as programme
from app.programme.models import AgendaItem, HardStop
from tests.factories import make_item
from tests.factories.liveday import Day, at, make_day


@pytest.fixture
def day(cast) -> Day:
    with unit_of_work():
        return make_day(cast.people["petra"])


@contextmanager
def time(moment: str):
    with clock.at(at(moment)), unit_of_work():
        yield


def clock_of(moment) -> str:
    return (moment + timedelta(hours=8)).strftime("%H:%M") if moment else "-"


def stands(day: Day) -> dict[str, str]:
    """For each item: began, finished, expected from and to."""
    db.session.expire_all()
    return {
        name: " ".join(clock_of(m) for m in (i.began_at, i.finished_at, i.expected_start, i.expected_end))
        for name, i in day.items.items()
    }


def refused(act: Callable[[], object], moment: str, kind: type[Exception]) -> str:
    """The sentence with which an act is refused; it has changed nothing."""
    before = db.session.execute(select(AgendaItem.__table__)).all()
    entries = db.session.scalar(select(func.count()).select_from(AuditEntry))
    with pytest.raises(kind) as error, time(moment):
        act()
    db.session.expire_all()
    assert db.session.execute(select(AgendaItem.__table__)).all() == before
    assert db.session.scalar(select(func.count()).select_from(AuditEntry)) == entries
    return str(error.value)


def test_a_day_is_begun_finished_and_foreseen(day: Day, cast) -> None:
    version = day.event.programme_version
    with time("9:05"):
        services.begin_item(day.report, actor=cast.olaf, version=day.report.version)
    assert stands(day) == {
        "report": "09:05 - - 10:05",
        "tea": "- - 10:05 -",
        "review": "- - - -",
        "signing": "- - - -",
        "lotus_talk": "- - - -",
    }
    with time("10:30"):  # the secretary keeps the record; Petra is wanted in the other room, too
        services.finish_item(day.report, actor=cast.sara, version=day.report.version)
    assert stands(day) == {
        "report": "09:05 10:30 - -",
        "tea": "- - 10:30 10:35",
        "review": "- - 10:35 11:35",
        "signing": "- - 11:35 12:15",
        "lotus_talk": "- - 10:30 11:10",
    }
    with time("10:40"):  # the break is passed over
        services.begin_item(day.review, actor=cast.olaf, version=day.review.version)
    with time("11:15"):  # starting the next finishes what runs
        services.begin_item(day.signing, actor=cast.olaf, version=day.signing.version)
    assert stands(day) == {
        "report": "09:05 10:30 - -",
        "tea": "- - - -",
        "review": "10:40 11:15 - -",
        "signing": "11:15 - - 11:55",
        "lotus_talk": "- - 10:30 11:10",
    }
    assert day.event.programme_version == version + 4
    said = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq)).all()
    assert said[-5:] == ["item.begun", "item.finished", "item.begun", "item.finished", "item.begun"]


def test_start_and_finish_are_taken_back_on_the_day(day: Day, cast) -> None:
    with time("9:00"):
        services.begin_item(day.report, actor=cast.olaf, version=None)
    with time("10:10"):
        services.begin_item(day.tea, actor=cast.olaf, version=None)
    words = refused(lambda: services.take_back_end(day.report, actor=cast.olaf, version=None), "10:11", Refused)
    assert words == "“Tea” has begun since. Take that back first."
    with time("10:12"):
        services.take_back_beginning(day.tea, actor=cast.olaf, version=None)
        services.take_back_end(day.report, actor=cast.olaf, version=None)
    assert stands(day)["report"] == "09:00 - - 10:12"
    refused(lambda: services.take_back_end(day.report, actor=cast.olaf, version=None), "10:13", SomebodyWasFaster)
    refused(lambda: services.take_back_beginning(day.tea, actor=cast.olaf, version=None), "10:13", SomebodyWasFaster)
    with time("10:14"):
        services.finish_item(day.report, actor=cast.olaf, version=None)
    db.session.expire_all()
    with clock.at(at("10:14") + timedelta(days=1)), pytest.raises(NotToday), unit_of_work():
        services.take_back_end(day.report, actor=cast.olaf, version=None)


def test_of_two_operators_one_is_faster_and_the_other_is_told(day: Day, cast) -> None:
    seen = day.report.version
    with time("9:00"):
        services.begin_item(day.report, actor=cast.olaf, version=seen)
    begin = lambda: services.begin_item(day.report, actor=cast.sara, version=seen)  # noqa: E731
    assert refused(begin, "9:01", SomebodyWasFaster) == "“The year's report” began at 09:00 already."
    stale = lambda: services.finish_item(day.report, actor=cast.sara, version=seen)  # noqa: E731
    assert refused(stale, "9:01", SomebodyWasFaster).startswith("“The year's report” was changed a moment ago.")
    with time("10:00"):
        services.finish_item(day.report, actor=cast.olaf, version=day.report.version)
    again = lambda: services.finish_item(day.report, actor=cast.sara, version=day.report.version)  # noqa: E731
    assert refused(again, "10:01", SomebodyWasFaster) == "“The year's report” was finished at 10:00 already."
    never = lambda: services.finish_item(day.review, actor=cast.sara, version=None)  # noqa: E731
    assert refused(never, "10:01", Refused) == "“Review” has not begun."


def test_only_operators_act_and_only_on_a_day_that_is_on(day: Day, cast) -> None:
    for name in ("petra", "dora", "rita", "aude", "sven", "li_wei", "xaver"):
        actor = getattr(cast, name)
        refused(lambda a=actor: services.begin_item(day.report, actor=a, version=None), "9:00", Forbidden)
        refused(lambda a=actor: services.put_off_rest(day.event, actor=a, minutes=5), "9:00", Forbidden)
        refused(lambda a=actor: services.return_to_plan(day.event, actor=a), "9:00", Forbidden)
    db.session.expire_all()
    with clock.at(at("9:00") - timedelta(days=1)), pytest.raises(NotToday), unit_of_work():
        services.begin_item(day.report, actor=cast.olaf, version=None)
    with unit_of_work():
        day.review.cancelled_at = clock.now()
    refused(lambda: services.begin_item(day.review, actor=cast.olaf, version=None), "10:00", NotToday)
    with unit_of_work():
        day.event.status = "draft"
    refused(lambda: services.begin_item(day.report, actor=cast.olaf, version=None), "9:00", NotToday)


def test_putting_off_tells_what_breaks_and_asks_why_before_it_breaks_a_hard_stop(day: Day, cast) -> None:
    with unit_of_work():
        db.session.add(HardStop(event=day.event, at=at("12:10"), reason="The hall closes"))
    with time("8:50"):
        moved = services.put_off_rest(day.event, actor=cast.olaf, minutes=10, row=day.hall.ref)
    assert moved == 4
    assert stands(day) == {
        "report": "- - 09:10 10:10",
        "tea": "- - 10:10 10:30",
        "review": "- - 10:30 11:30",
        "signing": "- - 11:30 12:10",
        "lotus_talk": "- - - -",
    }


def test_minutes_are_checked_and_the_plan_can_be_returned_to(day: Day, cast) -> None:
    for minutes in (0, 241, -241):
        refused(lambda m=minutes: services.put_off_rest(day.event, actor=cast.olaf, minutes=m), "8:50", Refused)
    refused(lambda: services.put_off_rest(day.event, actor=cast.olaf, minutes=-5), "8:50", NothingLeft)
    refused(lambda: services.return_to_plan(day.event, actor=cast.olaf), "8:50", NothingLeft)
    refused(
        lambda: services.put_off_rest(
            day.event, actor=cast.olaf, minutes=5, programme_version=day.event.programme_version - 1
        ),
        "8:50",
        SomebodyWasFaster,
    )
    with time("8:50"):
        services.put_off_rest(day.event, actor=cast.olaf, minutes=30, programme_version=day.event.programme_version)
    assert stands(day)["signing"] == "- - 11:50 12:30"
    with time("8:51"):
        services.put_off_rest(day.event, actor=cast.olaf, minutes=-10, row=day.hall.ref)
    assert stands(day)["signing"] == "- - 11:40 12:20"
    assert stands(day)["lotus_talk"] == "- - 10:50 11:30"
    with time("8:52"):
        services.return_to_plan(day.event, actor=cast.olaf)
    assert set(stands(day).values()) == {"- - - -"}


def test_a_hard_stop_is_kept_by_shortening_or_run_over_with_a_reason(day: Day, cast) -> None:
    with unit_of_work():
        db.session.add(HardStop(event=day.event, at=at("12:00"), reason="The hall closes"))
    act = lambda **more: services.put_off_rest(day.event, actor=cast.olaf, minutes=20, row=day.hall.ref, **more)  # noqa: E731
    assert refused(act, "8:50", BreaksSomething).startswith("One thing breaks that must not.")
    with clock.at(at("8:50")):
        items = queries.list_working(day.event, cast.olaf)
        ahead = services.outlook_for(day.event, cast.olaf, items, now=clock.now(), minutes=20, row=day.hall.ref)
        assert (ahead.codes, ahead.can_cut) == (["ends_after_hard_stop"], True)
        assert [(each.stop.reason, each.minutes) for each in ahead.overruns] == [("The hall closes", 20)]
    with time("8:50"):
        act(cut=True)
    assert stands(day)["signing"].endswith("12:00") or day.signing.expected_end is None
    with time("8:51"):
        services.return_to_plan(day.event, actor=cast.olaf)
        act(reason="The guests are stuck in the snow")
    assert stands(day)["signing"] == "- - 11:40 12:20"
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert (entry.action, entry.reason, entry.details["broken"]) == (
        "programme.put_off",
        "The guests are stuck in the snow",
        ["ends_after_hard_stop"],
    )


def test_by_the_plan_now_is_what_runs_and_next_is_what_begins_first(day: Day, cast) -> None:
    items = queries.list_working(day.event, cast.olaf)
    titles = {each.title: name for name, each in day.items.items()}

    def told(moment: str, room: str | None = None) -> tuple[list[str], list[str]]:
        seen = queries.moment_of(day.event, items, at(moment), room)
        return [titles[each.item.title] for each in seen.running], [titles[each.item.title] for each in seen.following]

    assert told("8:59") == ([], ["report"])
    assert told("9:00") == (["report"], ["tea"])
    assert told("10:19") == (["tea"], ["lotus_talk", "review"])
    assert told("10:20") == (["lotus_talk", "review"], ["signing"])
    assert told("10:20", day.hall.ref) == (["review"], ["signing"])
    assert told("12:00") == ([], [])


def test_yesterday_is_over_by_the_morning_and_tomorrow_is_next(day: Day, cast) -> None:
    """What was never finished does not run for ever, and what was never begun is not waited for."""
    with time("9:00"):
        services.begin_item(day.report, actor=cast.olaf, version=None)
        tomorrow = make_item(
            day.event,
            title="Tomorrow",
            room=day.hall,
            starts_at=at("9:00") + timedelta(days=1),
            ends_at=at("10:00") + timedelta(days=1),
        )
    items = queries.list_working(day.event, cast.olaf)
    evening = queries.moment_of(day.event, items, at("23:00"), day.hall.ref)
    assert [each.item.title for each in evening.running] == ["The year's report"]
    assert [each.item.title for each in evening.following] == ["Tea"]
    morning = queries.moment_of(day.event, items, at("8:00") + timedelta(days=1), day.hall.ref)
    assert (morning.running, [each.item for each in morning.following]) == ([], [tomorrow])


def test_a_new_plan_voids_what_was_expected_of_the_old_one(day: Day, cast) -> None:
    with time("8:50"):
        services.put_off_rest(day.event, actor=cast.olaf, minutes=30, row=day.hall.ref)
    with time("8:55"):
        programme.change_item(day.review, actor=cast.olaf, version=None, title="Another name")
        programme.change_item(day.signing, actor=cast.olaf, version=None, starts_at=at("14:00"), ends_at=at("15:00"))
    assert (stands(day)["review"], stands(day)["signing"]) == ("- - 10:50 11:50", "- - - -")
    assert (day.review.put_off, day.signing.put_off) == (30, None)
