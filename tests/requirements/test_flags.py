"""Late, stranded, blocked, silent, at risk: computed, several at once, and the same for an object and in SQL."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.db import db, unit_of_work
from app.requirements import flags, services, standing
from app.requirements.flags import Flag, flags_of
from app.requirements.models import Assignment, AssignmentState
from tests.factories import make_department, make_person
from tests.factories.requirements import confirmed_requirement, in_days, make_assignment

NOW = datetime(2027, 5, 3, 4, 0, tzinfo=UTC)  # noon in Shanghai
TODAY = date(2027, 5, 3)


def around(*days: int | None) -> list[date | None]:
    return [None if each is None else TODAY + timedelta(days=each) for each in days]


def generated(cast, dice: random.Random, number: int) -> list[Assignment]:
    """Assignments of every kind that a database may hold, the edges of each rule among them."""
    requirement = confirmed_requirement(cast)
    departments = [None, *(make_department(valid_to=day) for day in around(None, -1, 0, 1))]
    people = [make_person(left_on=day) for day in around(None, None, -1, 0)]
    made = []
    for each in range(number):
        heard = dice.choice([None, NOW - timedelta(days=dice.randrange(40))])
        assignment = Assignment(
            requirement=requirement, label=f"AS-GEN-{each}", responsible=dice.choice(people),
            verifier=cast.people["tom"], department=dice.choice(departments), deliverable="x", criteria="y",
            original_due_on=TODAY, due_on=dice.choice(around(-400, -1, 0, 1, 6, 7, 8, 90)),
            state=dice.choice(list(AssignmentState)), confidence=dice.choice([None, 1, 4, 5, 10]),
            percent=dice.choice([None, 0, 49, 50, 100]), blocked_by=dice.choice([None, "", "No crane"]),
            last_report_at=heard, silent_from=dice.choice([None, NOW - timedelta(seconds=1), NOW, NOW + timedelta(1)]),
        )  # fmt: skip
        db.session.add(assignment)
        made.append(assignment)
    db.session.flush()
    return made


def test_each_flag_says_the_same_of_an_object_and_in_sql(cast):
    with unit_of_work():
        made = generated(cast, random.Random(11), 400)  # noqa: S311 - cases, no secrets
    held = {each.id: flags_of(each, NOW) for each in made}
    for flag in Flag:
        found = set(db.session.scalars(select(Assignment.id).where(flags.where(flag, NOW, TODAY))))
        assert found == {number for number, of_it in held.items() if flag in of_it}, flag
        assert 0 < len(found) < len(made), flag  # the cases tell something of each
    assert max(len(of_it) for of_it in held.values()) >= 4  # several at once


def test_the_worst_of_several_flags_comes_first_and_all_of_them_stand_in_words(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "accepted", due_on=in_days(3))
        services.report(
            assignment, actor=cast.petra, text="The crane is missing.", confidence=3, percent=10, blocked_by="No crane"
        )
        assignment.responsible.department.valid_to = in_days(4)
    later = clock.now() + timedelta(days=60)
    assert flags_of(assignment, clock.now()) == (Flag.BLOCKED, Flag.AT_RISK)
    assert flags_of(assignment, later) == (Flag.LATE, Flag.STRANDED, Flag.BLOCKED, Flag.SILENT)
    told = standing.of_assignment(assignment, later)
    assert [each.words for each in told.marks] == ["Department is dissolved", "Blocked"]
    assert "days late, silent since" in told.words
    assert told.all_words.endswith("; Department is dissolved; Blocked")
    assert assignment.state == AssignmentState.IN_PROGRESS  # no flag is ever a state


def test_rule_11_a_report_older_than_the_cadence_makes_it_silent_before_it_is_late(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "in_progress", due_on=in_days(60))
        services.set_cadence(assignment, actor=cast.sven, days=14)
    heard = assignment.last_report_at
    assert flags_of(assignment, heard + timedelta(days=14)) == ()
    told = standing.of_assignment(assignment, heard + timedelta(days=14, seconds=1))
    assert flags_of(assignment, heard + timedelta(days=14, seconds=1)) == (Flag.SILENT,)
    assert (told.kind, told.words.split(" ")[0]) == ("risk", "Silent")
    with unit_of_work():
        services.report(assignment, actor=cast.petra, text="Three are drawn.", confidence=8)
    assert assignment.silent_from == assignment.last_report_at + timedelta(days=14)


@pytest.mark.parametrize(
    ("confidence", "percent", "days", "expected"),
    [(4, 90, 60, True), (5, 0, 60, False), (9, 49, 7, True), (9, 49, 8, False), (9, 50, 7, False), (9, None, 3, False)],
)
def test_at_risk_is_a_low_confidence_or_half_undone_with_a_week_left(cast, confidence, percent, days, expected):
    with unit_of_work():
        assignment = make_assignment(cast, "accepted", due_on=clock.today("Asia/Shanghai") + timedelta(days=days))
        services.report(assignment, actor=cast.petra, text="So far.", confidence=confidence, percent=percent)
    assert (Flag.AT_RISK in flags_of(assignment, clock.now())) is expected
