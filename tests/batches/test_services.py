"""Many at once: one transaction, one gate, all of them or none, and back again within a day."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.batches import services
from app.batches.errors import BatchRefused
from app.batches.models import Batch
from app.batches.verdicts import make_plan
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden
from app.events.models import Event
from app.invitations import invitees
from app.mail.models import MailMessage
from app.registration import queries as registrations
from app.registration import services as gate
from app.registration.errors import NoPlaceLeft
from app.registration.models import Registration
from app.sheets.reading import Row, Table
from tests.cast import Cast
from tests.factories.registration import make_open_event, make_people, register
from tests.registration.invariants import assert_sound


def states(event: Event) -> dict[str, int]:
    db.session.rollback()
    rows = db.session.execute(
        select(Registration.state, func.count()).where(Registration.event_id == event.id).group_by(Registration.state)
    )
    return {state: number for state, number in rows}


def table(*lines: tuple[str, ...], columns: tuple[str, ...] = ("Name",)) -> Table:
    return Table(columns, tuple(Row(number, line) for number, line in enumerate(lines, start=2)))


def open_lines(event: Event, cast: Cast, *lines: str, actor: str = "olaf") -> Batch:
    with unit_of_work():
        return services.open_group(event, actor=cast.accounts[actor], lines=lines)


def apply(batch: Batch, cast: Cast, *, as_fits: bool = False, actor: str = "olaf"):
    digest = make_plan(batch, actor=cast.accounts[actor]).digest
    with unit_of_work():
        return services.apply(batch, digest=digest, as_fits=as_fits, actor=cast.accounts[actor])


def test_a_group_of_five_with_three_places_is_nobody_or_three_and_two_who_wait(cast: Cast) -> None:
    """T8."""
    event = make_open_event(capacity=3)
    batch = open_lines(event, cast, "Petra Lindqvist", "tom@hufu.example", "赵梅", "Rita Sommer", "Xaver Huber")
    with pytest.raises(NoPlaceLeft, match="room for 3 of these 5 people. Nobody was registered"):
        apply(batch, cast)
    assert states(event) == {}
    assert db.session.scalar(select(func.count(MailMessage.id))) == 0
    apply(batch, cast, as_fits=True)
    assert states(event) == {"confirmed": 3, "waiting": 2}
    assert_sound(event, full=True)
    mails = db.session.execute(select(MailMessage.kind, MailMessage.to_address).order_by(MailMessage.id)).all()
    assert [tuple(each) for each in mails] == [
        ("registration_confirmed", "petra@hufu.example"), ("registration_confirmed", "tom@hufu.example"),
        ("registration_confirmed", "mei@hufu.example"), ("registration_waiting", "rita@hufu.example"),
        ("registration_waiting", "xaver@hufu.example"),
    ]  # fmt: skip
    codes = db.session.scalars(select(Registration.door_code)).all()
    assert len(set(codes)) == 5


def test_everybody_of_a_group_that_fits_is_registered_in_one_transaction(cast: Cast) -> None:
    event = make_open_event(capacity=5)
    batch = open_lines(event, cast, "Petra Lindqvist", "Tom Okafor")
    apply(batch, cast)
    assert states(event) == {"confirmed": 2}
    acts = db.session.scalars(select(AuditEntry.action).where(AuditEntry.scope == event.ref).order_by(AuditEntry.seq))
    assert list(acts)[-4:] == ["batch.opened", "registration.made", "registration.made", "batch.applied"]
    assert "Petra" not in str(batch.rows)
    with pytest.raises(BatchRefused, match="done already"):
        apply(batch, cast)


def test_each_row_has_its_verdict(cast: Cast) -> None:
    event = make_open_event(capacity=3, sessions=1, places=1)
    (session,) = registrations.list_limited_sessions(event)
    twins = make_people(2)
    with unit_of_work():
        for each in twins:
            each.name, each.name_key = "Ann Berg", "ann berg"
        cast.people["rita"].left_on = event.starts_on - timedelta(days=1)
        cast.people["xaver"].email = None
    register(event, cast.people["tom"])
    title = session.session.title
    with unit_of_work():
        batch = services.open_table(
            event, "list.csv",
            table(
                ("Petra Lindqvist", title, "vegan"), ("Tom Okafor", "", ""), ("Somebody Unknown", "", ""), ("Ann Berg", "", ""),
                ("Rita Sommer", "", ""), ("Mei Zhao", "Yoga", ""), ("Xaver Huber", "", ""), ("petra lindqvist", "", ""),
                ("Sven Lund", title, ""), ("Sara Novák", "", "x" * 501), ("", title, ""), ("Dora Lin", "", ""),
                columns=("Name", "Session", "备注"),
            ),
            actor=cast.olaf,
        )  # fmt: skip
    assert batch.mapping == {"name": 0, "sessions": 1, "note": 2}
    plan = make_plan(batch, actor=cast.olaf)
    assert [(row.number, str(row.verdict)) for row in plan.rows] == [
        (2, "fits"), (3, "registered"), (4, "unknown"), (5, "several"), (6, "left"), (7, "session"), (8, "no_address"),
        (9, "twice"), (10, "full"), (11, "too_long"), (12, "unknown"), (13, "full"),
    ]  # fmt: skip
    with pytest.raises(BatchRefused, match="Rows 4, 5, 6, 7, 11, 12 cannot be registered, so nobody was"):
        apply(batch, cast)
    assert states(event) == {"confirmed": 1}
    apply(batch, cast, as_fits=True)
    assert states(event) == {"confirmed": 3, "waiting": 2}
    verdicts = {row["row"]: row["verdict"] for row in batch.rows}
    assert verdicts == {
        2: "confirmed", 3: "registered", 4: "unknown", 5: "several", 6: "left", 7: "session", 8: "confirmed",
        9: "twice", 10: "waiting", 11: "too_long", 12: "unknown", 13: "waiting",
    }  # fmt: skip
    mine = registrations.find_own(event, cast.people["petra"])
    assert mine is not None
    assert mine.note == "vegan"
    assert [each.title for each in registrations.list_chosen_sessions(mine)] == [title]


def test_a_good_row_after_a_bad_one_about_the_same_person_counts(cast: Cast) -> None:
    event = make_open_event()
    columns = ("Name", "Session")
    rows = table(("Petra Lindqvist", "Yoga"), ("Petra Lindqvist", ""), ("Petra Lindqvist", ""), columns=columns)
    with unit_of_work():
        batch = services.open_table(event, "a.csv", rows, actor=cast.olaf)
    plan = make_plan(batch, actor=cast.olaf)
    assert [str(row.verdict) for row in plan.rows] == ["session", "fits", "twice"]
    assert plan.rows[2].sentence == "Row 3 is about the same person."


def test_what_a_heading_was_chosen_for_is_remembered(cast: Cast) -> None:
    event = make_open_event()
    columns = ("Wer", "Bemerkung", "Name")
    with unit_of_work():
        batch = services.open_table(
            event, "a.csv", table(("Petra Lindqvist", "", "x"), columns=columns), actor=cast.olaf
        )
    assert batch.mapping == {"name": 2}
    with unit_of_work():
        services.choose_columns(batch, {"name": 0, "note": 1}, actor=cast.olaf)
    other = make_open_event()
    with unit_of_work():
        again = services.open_table(
            other, "b.csv", table(("Petra Lindqvist", "", "x"), columns=columns), actor=cast.olaf
        )
        moved = services.open_table(
            other, "c.csv", table(("7", "Petra Lindqvist"), columns=("工号", "Wer")), actor=cast.ada
        )
    assert again.mapping == {"name": 0, "note": 1}
    assert moved.mapping == {"name": 1, "employee_no": 0}


def test_a_dry_run_that_no_longer_holds_is_looked_at_again(cast: Cast) -> None:
    event = make_open_event()
    batch = open_lines(event, cast, "Petra Lindqvist", "Tom Okafor")
    digest = make_plan(batch, actor=cast.olaf).digest
    register(event, cast.people["tom"])
    with pytest.raises(BatchRefused, match="changed since this dry run"), unit_of_work():
        services.apply(batch, digest=digest, actor=cast.olaf)
    assert states(event) == {"confirmed": 1}


def test_the_head_of_a_department_registers_their_own_people_only(cast: Cast) -> None:
    event = make_open_event()
    with unit_of_work():
        cast.people["petra"].department.head = cast.people["mei"]
    batch = open_lines(event, cast, "Petra Lindqvist", "Xaver Huber", "Tom Okafor", actor="mei")
    plan = make_plan(batch, actor=cast.mei)
    assert [str(row.verdict) for row in plan.rows] == ["fits", "fits", "not_yours"]
    with pytest.raises(BatchRefused, match="Row 3 cannot be registered"):
        apply(batch, cast, actor="mei")
    apply(batch, cast, actor="mei", as_fits=True)
    assert states(event) == {"confirmed": 2}
    with pytest.raises(Forbidden), unit_of_work():
        services.open_group(event, actor=cast.petra, lines=["Xaver Huber"])
    with pytest.raises(Forbidden), unit_of_work():
        services.open_table(event, "a.csv", table(("Petra Lindqvist",)), actor=cast.mei)


def test_a_closed_registration_is_closed_for_heads_and_not_for_organizers(cast: Cast) -> None:
    event = make_open_event()
    with unit_of_work():
        cast.people["petra"].department.head = cast.people["mei"]
        gate.close_registration(registrations.find_plan(event), actor=cast.olaf)
    batch = open_lines(event, cast, "Petra Lindqvist", actor="mei")
    with pytest.raises(BatchRefused, match="Nobody of these could be registered: .*closed"):
        apply(batch, cast, actor="mei", as_fits=True)
    apply(open_lines(event, cast, "Petra Lindqvist"), cast)
    assert states(event) == {"confirmed": 1}


def test_within_a_day_everything_that_nobody_changed_is_taken_back(cast: Cast) -> None:
    event = make_open_event(capacity=3)
    with unit_of_work():
        invitees.send_invitations(event, actor=cast.olaf, people=[cast.people["tom"]])
    batch = open_lines(event, cast, "Petra Lindqvist", "Tom Okafor", "Mei Zhao", "Rita Sommer")
    apply(batch, cast, as_fits=True)
    outsider = register(event, cast.people["sven"])
    petra = registrations.find_own(event, cast.people["petra"])
    assert petra is not None
    assert outsider.state == "waiting"
    with unit_of_work():
        petra.note = "I bring the drawings"
        petra.version += 1
    with clock.at(clock.now() + timedelta(hours=23)), unit_of_work():
        number, kept = services.undo(batch, actor=cast.olaf)
    assert (number, [each.registration.person.name for each in kept]) == (3, ["Petra Lindqvist"])
    assert states(event) == {"confirmed": 2, "withdrawn": 3}
    assert_sound(event)
    assert outsider.state == "confirmed"
    promoted = db.session.scalars(
        select(MailMessage.to_address).where(MailMessage.kind == "registration_promoted")
    ).all()
    assert promoted == ["sven@hufu.example"], "nobody of the batch is given a place only to lose it"
    invitation = registrations.find_invitation(event, cast.people["tom"])
    assert invitation is not None
    assert (invitation.answer, invitation.answered_at) == (None, None), "nobody declines by being taken off a list"
    with pytest.raises(BatchRefused, match="taken back already"), unit_of_work():
        services.undo(batch, actor=cast.olaf)


def test_after_a_day_nothing_is_taken_back(cast: Cast) -> None:
    event = make_open_event()
    batch = open_lines(event, cast, "Petra Lindqvist")
    with pytest.raises(BatchRefused, match="not applied yet"), unit_of_work():
        services.undo(batch, actor=cast.olaf)
    apply(batch, cast)
    with (
        clock.at(clock.now() + timedelta(hours=25)),
        pytest.raises(BatchRefused, match="within 24 hours"),
        unit_of_work(),
    ):
        services.undo(batch, actor=cast.olaf)
    assert states(event) == {"confirmed": 1}


@pytest.mark.parametrize(
    ("rows", "sentence"), [(0, "heading but no rows"), (2001, "more than 2000 rows")], ids=["empty", "long"]
)
def test_a_table_of_nothing_or_of_too_much_is_refused(cast: Cast, rows: int, sentence: str) -> None:
    event = make_open_event()
    with pytest.raises(BatchRefused, match=sentence), unit_of_work():
        services.open_table(event, "a.csv", table(*[("x",)] * rows), actor=cast.olaf)
    with pytest.raises(BatchRefused, match="Choose somebody"):
        open_lines(event, cast, "  ", "")
    assert db.session.scalar(select(func.count(Batch.id))) == 0


def test_three_bad_rows_of_two_thousand_are_named_and_a_dry_run_asks_as_much_as_for_one(
    cast: Cast, count_statements
) -> None:
    event = make_open_event()
    people = make_people(1997)
    lines = [(each.name,) for each in people]
    for at in (10, 1000, 1999):
        lines.insert(at, (f"Nobody {at}",))
    with unit_of_work():
        batch = services.open_table(event, "all.csv", table(*lines), actor=cast.olaf)
    with count_statements() as said:
        plan = make_plan(batch, actor=cast.olaf)
    assert len(said) <= 8
    assert [row.number for row in plan.bad] == [12, 1002, 2001]
    with pytest.raises(BatchRefused, match="Rows 12, 1002, 2001 cannot be registered"):
        apply(batch, cast)
    assert states(event) == {}


def test_taking_back_asks_as_much_for_many_as_for_few_and_each_who_waits_moves_up_once(
    cast: Cast, count_statements
) -> None:
    asked = []
    for number in (3, 60):
        event = make_open_event(capacity=number, sessions=1, places=number)
        people = make_people(number)
        batch = open_lines(event, cast, *(each.email for each in people))
        apply(batch, cast)
        register(event, cast.people["sven"])
        with count_statements() as said, unit_of_work():
            assert services.undo(batch, actor=cast.olaf) == (number, [])
        asked.append(len(said))
        assert states(event) == {"confirmed": 1, "withdrawn": number}
        assert_sound(event)
        kinds = db.session.execute(
            select(MailMessage.kind, func.count())
            .where(
                MailMessage.scope == event.ref,
                MailMessage.kind.in_(["registration_withdrawn", "registration_promoted"]),
            )
            .group_by(MailMessage.kind)
        )
        assert {kind: count for kind, count in kinds} == {
            "registration_withdrawn": number, "registration_promoted": 1,
        }  # fmt: skip
        told = select(func.count()).where(AuditEntry.scope == event.ref, AuditEntry.action == "registration.withdrawn")
        assert db.session.scalar(told) == number
    assert asked[1] <= asked[0] + 2, "a long IN or INSERT is cut into pieces"
