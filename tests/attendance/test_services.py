"""The record of attendance: derived, corrected, ticked back from paper, and by the room's code."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.attendance import queries, roomcode, services
from app.attendance.errors import CodeEnded, NotExpected, NothingTicked
from app.attendance.models import Mark, MarkStatus
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.door.models import CheckIn
from app.door.services import arrival_of
from app.people.models import Person
from app.programme.models import AgendaItem
from app.registration import services as registration
from app.registration.models import Registration
from tests.factories.liveday import at, make_day
from tests.factories.registration import register


@pytest.fixture
def day(cast):
    """A published day of 9:00 to 12:00 with Petra, Tom and Mei expected, all at 8:00."""
    with clock.at(at("8:00")):
        with unit_of_work():
            made = make_day()
            made.event.status = "published"
            registration.open_registration(made.event, actor=cast.ada)
        for name in ("petra", "tom", "mei"):
            register(made.event, cast.people[name])
    return made


def let_in(event, person: Person, moment: str, direction: str = "in") -> CheckIn:
    with clock.at(at(moment)), unit_of_work():
        check_in = CheckIn(
            event=event, point=arrival_of(event), person=person, at=at(moment), by_name="Dora", means="code",
            direction=direction, slot=f"{direction}{moment}",
        )  # fmt: skip
        db.session.add(check_in)
    return check_in


def told(event, moment: str) -> dict[str, tuple[str | None, int | None]]:
    with clock.at(at(moment)):
        found = queries.record(event)
    (span,) = found.spans
    return {each.person.name.split()[0]: (each.cells[span.key].status, each.cells[span.key].minutes)
            for each in found.people}  # fmt: skip


def test_the_record_follows_the_door_and_the_answers(cast, day) -> None:
    event, people = day.event, cast.people
    let_in(event, people["petra"], "8:45")
    let_in(event, people["tom"], "9:30")
    with clock.at(at("8:50")), unit_of_work():
        mine = db.session.scalars(select(Registration).where(Registration.person_id == people["mei"].id)).one()
        registration.withdraw(mine, actor=cast.olaf, reason="Ill")
    names = {key: people[key].name.split()[0] for key in ("petra", "tom", "mei")}
    assert told(event, "10:00") == {
        names["petra"]: ("present", None), names["tom"]: ("late", 30), names["mei"]: ("excused", None),
    }  # fmt: skip


def test_who_is_not_seen_is_absent_only_when_it_is_over_and_who_waits_is_not_missed(cast, day) -> None:
    event = day.event
    with clock.at(at("8:10")), unit_of_work():
        registration.set_capacity(event, None, 3, actor=cast.ada)
        registration.register_person(event, cast.people["rita"], actor=cast.ada)
    assert set(told(event, "11:00").values()) == {(None, None)}
    after = told(event, "12:10")
    assert set(after.values()) == {("absent", None)}
    assert cast.people["rita"].name.split()[0] not in after


def test_a_correction_needs_a_right_and_a_reason_and_can_be_taken_back(cast, day) -> None:
    event, petra = day.event, cast.people["petra"]
    with clock.at(at("12:30")):
        (span,) = queries.list_spans(event)
        with pytest.raises(Forbidden), unit_of_work():
            services.correct(event, petra, span, MarkStatus.REMOTE, actor=cast.petra, reason="By telephone")
        with pytest.raises(Refused, match="say why"), unit_of_work():
            services.correct(event, petra, span, MarkStatus.REMOTE, actor=cast.olaf, reason="  ")
        with unit_of_work():
            mark = services.correct(event, petra, span, MarkStatus.REMOTE, actor=cast.olaf, reason="By telephone")
            services.correct(event, petra, span, MarkStatus.LATE, actor=cast.olaf, reason="Joined at ten", minutes=60)
        first = petra.name.split()[0]
        assert told(event, "12:30")[first] == ("late", 60)
        assert db.session.scalars(select(Mark)).all() == [mark]
        entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
        assert (entry.action, entry.details["status"], entry.reason) == (
            "attendance.marked", ["remote", "late"], "Joined at ten",
        )  # fmt: skip
        with unit_of_work():
            services.take_back(mark, actor=cast.olaf)
        assert told(event, "12:30")[first] == ("absent", None)


def test_nobody_has_attended_an_event_that_has_not_begun(cast, day) -> None:
    with clock.at(at("8:00") - timedelta(days=1)):
        (span,) = queries.list_spans(day.event)
        with pytest.raises(Refused, match="has not begun"), unit_of_work():
            services.correct(day.event, cast.people["tom"], span, MarkStatus.ABSENT, actor=cast.olaf, reason="x")


def test_signed_lines_are_ticked_back_by_number_and_leave_the_late_as_late(cast, day) -> None:
    event = day.event
    let_in(event, cast.people["tom"], "9:30")
    with clock.at(at("12:30")):
        (span,) = queries.list_spans(event)
        with unit_of_work():
            sheet = services.print_sheet(event, span, actor=cast.olaf)
        assert (sheet.number, len(sheet.people)) == (1, 3)
        for wrong in ("4", "0", "9999"):
            with pytest.raises(Refused, match="is not on this sheet"), unit_of_work():
                services.tick(sheet, services.lines_in(wrong), actor=cast.olaf)
        with pytest.raises(NothingTicked), unit_of_work():
            services.tick(sheet, [], actor=cast.olaf)
        assert db.session.scalars(select(Mark)).all() == []
        tom = sheet.people.index(cast.people["tom"].ref) + 1
        petra = sheet.people.index(cast.people["petra"].ref) + 1
        for _twice in range(2):
            with unit_of_work():
                services.tick(sheet, [tom, petra], actor=cast.olaf)
        assert [(each.person_id, each.source, each.evidence) for each in db.session.scalars(select(Mark))] == [
            (cast.people["petra"].id, "sheet", f"1/{petra}")
        ]
    statuses = told(event, "12:30")
    assert statuses[cast.people["tom"].name.split()[0]] == ("late", 30)
    assert statuses[cast.people["petra"].name.split()[0]] == ("present", None)


@pytest.mark.parametrize(
    ("typed", "lines"),
    [("1-3, 5", [1, 2, 3, 5]), ("7 7、8", [7, 8]), ("", []), ("3–4", [3, 4])],
)
def test_numbers_of_lines_are_read_as_people_type_them(typed: str, lines: list[int]) -> None:
    assert services.lines_in(typed) == lines


@pytest.mark.parametrize("typed", ["a", "3-1", "1-999999", "1-2-3", "-4", "²"])
def test_odd_numbers_of_lines_are_refused(typed: str) -> None:
    with pytest.raises(Refused):
        services.lines_in(typed)


def test_the_rooms_code_holds_for_a_minute_and_only_in_its_room(cast, day) -> None:
    with unit_of_work():
        point = arrival_of(day.event)
    code = roomcode.code_at(point, at("9:00"))
    assert roomcode.is_code(point, code.lower(), at("9:00") + timedelta(seconds=59))
    assert not roomcode.is_code(point, code, at("9:00") + timedelta(seconds=61))
    assert not roomcode.is_code(point, code[:-1], at("9:00"))
    with unit_of_work():
        other = arrival_of(make_day().event)
    assert not roomcode.is_code(other, code, at("9:00"))


def test_who_scanned_the_rooms_code_is_present_once(cast, day) -> None:
    event = day.event
    with clock.at(at("8:50")):
        with unit_of_work():
            point = arrival_of(event)
        ticket = roomcode.ticket_for(point, cast.petra.id, clock.now())
        with unit_of_work():
            first = services.check_oneself_in(event, point, ticket, actor=cast.petra)
        with unit_of_work():
            assert services.check_oneself_in(event, point, ticket, actor=cast.petra).id == first.id
        assert (first.means, first.person_id) == ("self", cast.people["petra"].id)
        for odd in ("", "x" * 400, roomcode.ticket_for(point, cast.petra.id, at("8:44"))):
            with pytest.raises(CodeEnded), unit_of_work():
                services.check_oneself_in(event, point, odd, actor=cast.petra)
        with pytest.raises(CodeEnded), unit_of_work():
            services.check_oneself_in(event, point, ticket, actor=cast.tom)  # somebody else's
        with pytest.raises(NotExpected), unit_of_work():
            services.check_oneself_in(
                event, point, roomcode.ticket_for(point, cast.rita.id, clock.now()), actor=cast.rita
            )
    with clock.at(at("13:00")), pytest.raises(Refused, match="not on now"), unit_of_work():
        services.check_oneself_in(event, point, roomcode.ticket_for(point, cast.tom.id, clock.now()), actor=cast.tom)
    assert told(event, "12:30")[cast.people["petra"].name.split()[0]] == ("present", None)


def test_cancelled_items_count_for_nothing(cast, day) -> None:
    with unit_of_work():
        for each in db.session.scalars(select(AgendaItem)):
            each.cancelled_at = at("7:00")
    spans = queries.list_spans(day.event)
    assert [each.key for each in spans] == [  # nominal hours: nothing is on
        "2027-01-14/am", "2027-01-14/pm", "2027-01-15/am", "2027-01-15/pm",
    ]  # fmt: skip
