"""From one requirement to many hands, and back: nothing half made, and no late part hidden."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.services import grant_role
from app.cascades import queries, services
from app.cascades.errors import HelpsAlready, NothingChosen, RowsRefused
from app.cascades.services import Part
from app.core import audit, clock
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden
from app.core.roles import SYSTEM, Role
from app.events.models import Audience, Status
from app.events.queries import find_visible
from app.mail.models import MailMessage
from app.requirements import services as requirements
from app.requirements import standing
from app.requirements.errors import PartsOpen, PartTooLate, WrongMoment, WrongPerson
from app.requirements.flags import Flag
from app.requirements.history import list_deeds
from app.requirements.models import Assignment, AssignmentState, Requirement
from tests.factories import make_department, make_event, make_part, make_person
from tests.factories.requirements import confirmed_requirement, in_days, make_assignment, record_requirement


def told(kind: str) -> list[str]:
    found = select(MailMessage.to_address).where(MailMessage.kind == f"assignment.{kind}").order_by(MailMessage.id)
    return list(db.session.scalars(found))


@pytest.fixture
def works(cast):
    """Mei heads the works, in which Petra and Xaver work; a furnace crew below it has Rita."""
    with unit_of_work():
        place = cast.people["mei"].department
        place.head = cast.people["mei"]
        crew = make_department(name="Furnace crew", parent=place)
        cast.people["rita"].department = crew
    return place


@pytest.fixture
def meis(cast, works):
    """What Mei answers for, accepted, due in 30 days, verified by Tom."""
    with unit_of_work():
        assignment = make_assignment(cast, "assigned", responsible=cast.people["mei"])
        requirements.accept(assignment, actor=cast.mei)
    return assignment


# --- parts --------------------------------------------------------------------------------------------------------


def test_a_requirement_is_split_into_parts_while_it_is_recorded_and_after_it_is_confirmed(cast, works):
    with unit_of_work():
        stated = record_requirement(cast)
        first = services.split(stated, [Part("Research"), Part("Supply", department=works)], actor=cast.sara)
        confirmed = confirmed_requirement(cast)
        words = confirmed.verbatim
        second = services.split(confirmed, [Part("Research"), Part("Supply", "供应", works)], actor=cast.sven)
    assert [each.display_number for each in first] == ["1a", "1b"]
    assert [each.state for each in first] == ["stated", "stated"]
    assert [each.addressees[0].department for each in first[1:]] == [works]
    assert [(each.state, each.tracking) for each in second] == [("confirmed", None), ("confirmed", "assigned")]
    assert confirmed.verbatim == words
    with unit_of_work():
        requirements.reword(second[1], actor=cast.li_wei, reason="Both furnaces.", heading="Supply of both furnaces",
                            summary="Coke and ore for both.")  # fmt: skip
    assert [[(each.edition, each.heading, each.by_name) for each in part.wordings] for part in second] == [
        [(1, "Research", cast.sven.name)],
        [(1, "Supply", cast.sven.name), (2, "Supply of both furnaces", cast.li_wei.name)],
    ]
    with unit_of_work():
        made = make_assignment(cast, "assigned", second[1])
    assert (made.requirement.state, confirmed.state) == ("assigned", "assigned")


def test_who_may_not_split_and_what_cannot_be_split_stays_whole(cast):
    with unit_of_work():
        whole = confirmed_requirement(cast)
        part = services.split(whole, [Part("Research")], actor=cast.sven)[0]
    for actor, what, parts, refusal in (
        (cast.sara, whole, [Part("x")], Forbidden),  # the wording is confirmed: recording is over
        (cast.petra, whole, [Part("x")], Forbidden),
        (cast.sven, part, [Part("x")], Forbidden),  # a part has no parts
        (cast.sven, whole, [], NothingChosen),
        (cast.sven, whole, [Part("x")] * 26, NothingChosen),
    ):
        with pytest.raises(refusal), unit_of_work():
            services.split(what, parts, actor=actor)
    with unit_of_work():
        requirements.withdraw_requirement(whole, actor=cast.li_wei, reason="No longer.")
    with pytest.raises(WrongMoment), unit_of_work():
        services.split(whole, [Part("x")], actor=cast.sven)
    assert len(db.session.scalars(select(Requirement)).all()) == 2


# --- many departments ---------------------------------------------------------------------------------------------


def the_same(cast, **more):
    given = {"actor": cast.sven, "verifier": cast.people["tom"], "deliverable": "A plan", "criteria": "On paper"}
    return {**given, "due_on": in_days(20), **more}


def test_each_department_gets_its_own_in_one_act_and_each_head_is_told(cast, works):
    with unit_of_work():
        requirement = confirmed_requirement(cast)
        office = cast.people["olaf"].department
        chosen = [(works, cast.people["mei"]), (office, cast.people["olaf"])]
        made = services.assign_departments(requirement, chosen, at_once=True, **the_same(cast))
    assert [(each.department, each.responsible.name, each.state) for each in made] == [
        (works, "Mei Zhao", "assigned"), (office, "Olaf Brandt", "assigned"),
    ]  # fmt: skip
    assert told("handed_over") == ["mei@hufu.example", "olaf@hufu.example"]


def test_prepared_ones_are_told_to_nobody_yet(cast, works):
    with unit_of_work():
        made = services.assign_departments(confirmed_requirement(cast), [(works, cast.people["mei"])], **the_same(cast))
    assert ([each.state for each in made], told("handed_over")) == (["proposed"], [])


def test_what_cannot_be_stands_beside_its_row_and_then_none_is_made(cast, works):
    with unit_of_work():
        requirement = confirmed_requirement(cast)
        given = make_assignment(cast, "proposed", requirement).department
        rows = [
            (make_department(name="Ours"), cast.people["mei"]),
            (make_department(name="Headless"), None),
            (make_department(name="Silent"), make_person(name="No Account")),
            (make_department(name="Own judge"), cast.people["tom"]),
            (make_department(name="Gone", valid_to=in_days(-3)), cast.people["mei"]),
            (given, cast.people["mei"]),
        ]
    with unit_of_work():
        seen = services.look_ahead(requirement, rows, verifier=cast.people["tom"])
    assert [each.obstacle for each in seen] == [
        None,
        "This department has no head. Choose who answers for it.",
        "No Account has no account, or may not see this event, and could not answer.",
        "Somebody else than the responsible person has to verify.",
        "This department is dissolved.",
        "This department has an open assignment of this requirement already.",
    ]
    with pytest.raises(RowsRefused, match="Headless: This department has no head"), unit_of_work():
        services.assign_departments(requirement, rows[:2], at_once=True, **the_same(cast))
    assert len(db.session.scalars(select(Assignment)).all()) == 1
    assert told("handed_over") == []
    with pytest.raises(NothingChosen), unit_of_work():
        services.assign_departments(requirement, [], **the_same(cast))
    with pytest.raises(Forbidden), unit_of_work():
        services.assign_departments(requirement, rows[:1], **the_same(cast, actor=cast.mei))


@pytest.mark.parametrize("audience", list(Audience))
@pytest.mark.parametrize("status", [Status.DRAFT, Status.PUBLISHED])
def test_whether_somebody_can_be_reached_is_the_same_for_many_as_for_one(cast, audience, status):
    with unit_of_work():
        event = make_event(audience=audience, status=status)
        make_part(event, cast.people["petra"])
        grant_role(cast.dora, Role.DOOR, event=event, actor=SYSTEM)
        cast.rita.disabled_at = clock.now()
        everybody = [*cast.people.values(), make_person()]
    found = queries.list_reachable(event, everybody)
    for handle, person in cast.people.items():
        account = cast.accounts[handle]
        alone = account.is_active and find_visible(account, event.ref) is not None
        assert (person.id in found) is alone, handle


# --- one's own people ---------------------------------------------------------------------------------------------


def on(cast, **more):
    given = {"actor": cast.mei, "deliverable": "A drawing", "criteria": "Drawn", "due_on": in_days(20)}
    return {**given, **more}


def test_a_head_hands_on_to_their_own_people_and_verifies_their_part(cast, meis):
    with unit_of_work():
        made = services.hand_on(meis, [cast.people["petra"], cast.people["rita"]], **on(cast))
    assert [(each.parent, each.verifier.name, each.state) for each in made] == [(meis, "Mei Zhao", "assigned")] * 2
    assert told("handed_over")[1:] == ["petra@hufu.example", "rita@hufu.example"]
    part = made[0]
    with unit_of_work():
        requirements.accept(part, actor=cast.petra)
        requirements.add_figure(part, actor=cast.petra, figure="1 drawing", described_as="Line 2")
        requirements.submit(part, actor=cast.petra)
        requirements.verify(part, actor=cast.mei)
        requirements.close_assignment(part, actor=cast.mei, quality="good")
    assert (part.state, meis.requirement.state) == ("closed", "assigned")


@pytest.mark.parametrize(
    ("who", "more", "refusal", "field"),
    [("olaf", {}, WrongPerson, "responsible_ref"), ("mei", {}, WrongPerson, "verifier_ref"),
     ("petra", {"due_on": 31}, PartTooLate, "due_on"), ("petra", {"verifier": "tom"}, WrongPerson, "verifier_ref")],
)  # fmt: skip
def test_a_head_hands_on_within_bounds_only(cast, meis, who, more, refusal, field):
    if "due_on" in more:
        more = {"due_on": in_days(more["due_on"])}
    if "verifier" in more:
        more = {"verifier": cast.people[more["verifier"]]}
    with pytest.raises(refusal) as refused, unit_of_work():
        services.hand_on(meis, [cast.people["xaver"], cast.people[who]], **on(cast, **more))
    assert refused.value.field == field
    assert db.session.scalars(select(Assignment)).all() == [meis]  # nor the first of the two


def test_only_a_head_who_accepted_it_hands_it_on(cast, works, meis):
    with unit_of_work():
        petras = make_assignment(cast, "accepted", meis.requirement)  # she heads nothing
        waiting = make_assignment(cast, "assigned", meis.requirement, responsible=cast.people["mei"])
    with pytest.raises(Forbidden), unit_of_work():
        services.hand_on(petras, [cast.people["xaver"]], **on(cast, actor=cast.petra))
    with pytest.raises(Forbidden), unit_of_work():
        services.hand_on(meis, [cast.people["xaver"]], **on(cast, actor=cast.petra))
    with pytest.raises(WrongMoment), unit_of_work():
        services.hand_on(waiting, [cast.people["xaver"]], **on(cast))
    with pytest.raises(Forbidden), unit_of_work():  # a head proposes nothing but parts of their own
        requirements.propose_assignment(
            meis.requirement, responsible=cast.people["xaver"], verifier=cast.people["mei"], **on(cast)
        )


def test_a_whole_is_not_submitted_over_an_open_part_unless_a_reason_is_kept(cast, meis):
    with unit_of_work():
        part = services.hand_on(meis, [cast.people["petra"]], **on(cast))[0]
        requirements.add_figure(meis, actor=cast.mei, figure="5 plans", described_as="All")
    with pytest.raises(PartsOpen, match=f"{part.label} of Petra Lindqvist is still open"), unit_of_work():
        requirements.submit(meis, actor=cast.mei)
    assert meis.state == "accepted"
    with unit_of_work():
        requirements.submit(meis, actor=cast.mei, reason="It is not needed any more.")
    entry = db.session.scalar(select(audit.AuditEntry).where(audit.AuditEntry.action == "assignment.submitted"))
    assert (meis.state, entry.reason) == ("submitted", "It is not needed any more.")


def test_a_proven_or_ended_part_holds_up_nothing(cast, meis):
    with unit_of_work():
        first, second = services.hand_on(meis, [cast.people["petra"], cast.people["xaver"]], **on(cast))
        requirements.accept(first, actor=cast.petra)
        requirements.add_figure(first, actor=cast.petra, figure="1 drawing", described_as="Line 2")
        requirements.submit(first, actor=cast.petra)
        requirements.verify(first, actor=cast.mei)
        requirements.cancel_assignment(second, actor=cast.mei, reason="Not needed.")
        requirements.add_figure(meis, actor=cast.mei, figure="5 plans", described_as="All")
        requirements.submit(meis, actor=cast.mei)
    assert meis.state == "submitted"


def test_what_was_handed_on_ends_with_the_whole_and_everybody_asked_is_told(cast, meis):
    with unit_of_work():
        part = services.hand_on(meis, [cast.people["petra"]], **on(cast))[0]
        requirements.cancel_assignment(meis, actor=cast.li_wei, reason="The market has changed.")
    assert (part.state, part.cancel_reason) == ("cancelled", "The market has changed.")
    assert told("withdrawn") == ["mei@hufu.example", "petra@hufu.example"]


# --- rolled up ----------------------------------------------------------------------------------------------------


def test_a_late_part_three_levels_down_is_hidden_by_nothing_above_it(cast, works):
    with unit_of_work():
        whole = confirmed_requirement(cast)
        part = services.split(whole, [Part("Supply", department=works)], actor=cast.sven)[0]
        top = make_assignment(cast, "assigned", part, responsible=cast.people["mei"], due_on=in_days(90))
        requirements.accept(top, actor=cast.mei)
        middle = services.hand_on(top, [cast.people["rita"]], **on(cast, due_on=in_days(60)))[0]
        requirements.accept(middle, actor=cast.rita)
        works_crew = cast.people["rita"].department
        works_crew.head = cast.people["rita"]
        cast.people["xaver"].department = works_crew
        low = services.hand_on(middle, [cast.people["xaver"]], **on(cast, actor=cast.rita, due_on=in_days(5)))[0]
        requirements.accept(low, actor=cast.xaver)
    later = clock.now() + timedelta(days=10)
    below = queries.list_below(top)
    assert [(each.assignment, each.depth) for each in below] == [(middle, 1), (low, 2)]
    for found in (queries.roll_up((each.assignment for each in below), later),
                  queries.roll_up(queries.list_under(whole), later)):  # fmt: skip
        assert (found.worst, found.worst_of) == (Flag.LATE, low)
        assert found.flags[Flag.LATE] == 1
    assert queries.roll_up(queries.list_under(whole), later).by_state == [(AssignmentState.ACCEPTED, 3)]
    assert standing.of_requirement(whole, later).is_late
    assert standing.of_requirement(part, later).is_late
    with unit_of_work():
        requirements.cancel_assignment(low, actor=cast.rita, reason="Not needed.")
    assert queries.roll_up(queries.list_under(whole), later).worst is None


def test_what_hangs_below_costs_the_same_for_one_and_for_thirty(cast, meis, count_statements):
    counts = []
    for number in (1, 29):
        with unit_of_work():
            for each in range(number):
                person = make_person(name=f"Hand {each}", department=meis.department)
                db.session.add(
                    Assignment(
                        requirement=meis.requirement, parent=meis, label=f"AS-X-{number}-{each}", responsible=person,
                        verifier=cast.people["mei"], deliverable="x", criteria="y", state="accepted",
                        department=make_department(), original_due_on=in_days(5), due_on=in_days(5),
                    )
                )  # fmt: skip
        for ask in (lambda: [each.assignment for each in queries.list_below(meis)],
                    lambda: queries.list_under(meis.requirement)):  # fmt: skip
            assert meis.requirement.event.ref
            with count_statements() as said:
                queries.roll_up(ask(), clock.now())
            counts.append(len(said))
    assert counts == [1, 1, 1, 1]


# --- those who help -----------------------------------------------------------------------------------------------


def test_departments_and_people_are_named_to_help_and_are_told(cast, meis):
    with unit_of_work():
        purchasing = make_department(name="Purchasing", head=cast.people["tom"])
        helping = services.add_support(meis, purchasing, actor=cast.sven)
        person = services.add_contributor(meis, cast.people["petra"], actor=cast.mei)
    assert (told("supporting"), told("contributing")) == (["tom@hufu.example"], ["petra@hufu.example"])
    for act, again in ((services.add_support, purchasing), (services.add_support, meis.department),
                       (services.add_contributor, cast.people["petra"]), (services.add_contributor, cast.people["mei"])):  # fmt: skip
        with pytest.raises(HelpsAlready), unit_of_work():
            act(meis, again, actor=cast.sven)
    with pytest.raises(WrongPerson), unit_of_work():
        services.add_contributor(meis, make_person(name="No Account"), actor=cast.sven)
    with pytest.raises(Forbidden), unit_of_work():
        services.add_contributor(meis, cast.people["rita"], actor=cast.petra)
    with unit_of_work():
        requirements.report(meis, actor=cast.petra, text="My part.")
        services.remove_contributor(person, actor=cast.mei)
        services.remove_support(helping, actor=cast.sven)
    db.session.expire_all()
    assert (meis.support, meis.contributors, [each.text for each in meis.reports]) == ([], [], ["My part."])
    assert [each.words for each in list_deeds([meis])][:5] == [
        "A department helps no more", "Somebody helps no more", "Reported on a part of it",
        "Somebody was named to help", "A department was named to help",
    ]  # fmt: skip


def test_a_helping_department_that_leads_helps_no_more(cast, meis):
    with unit_of_work():
        purchasing = make_department(name="Purchasing")
        services.add_support(meis, purchasing, actor=cast.sven)
        services.set_lead(meis, purchasing, actor=cast.sven)
    assert (meis.department, meis.support) == (purchasing, [])
    with pytest.raises(Forbidden), unit_of_work():
        services.set_lead(meis, cast.people["mei"].department, actor=cast.mei)
    with unit_of_work():
        requirements.cancel_assignment(meis, actor=cast.li_wei, reason="No longer.")
    with pytest.raises(WrongMoment), unit_of_work():
        services.add_support(meis, make_department(), actor=cast.sven)
