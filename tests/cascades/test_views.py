"""The pages of spreading, as members of the cast find them."""

import re
from contextlib import contextmanager

import pytest
from sqlalchemy import select

from app.cascades import services
from app.core.db import db, unit_of_work
from app.requirements import services as requirements
from app.requirements.models import Assignment, Contributor, Requirement, Support
from tests import cast as the_cast
from tests.factories import make_department, make_person
from tests.factories.requirements import confirmed_requirement, in_days, make_assignment


@pytest.fixture
def stage(app):
    """`with stage() as cast:` stores what is told inside, in an app context of its own."""

    @contextmanager
    def telling():
        with app.app_context(), unit_of_work():
            cast = the_cast.load()
            cast.people["mei"].department.head = cast.people["mei"]
            yield cast

    return telling


def page_of(record) -> str:
    noun = "assignments" if isinstance(record, Assignment) else "requirements"
    return f"/events/{record.event.ref}/{noun}/{record.ref}"


def test_a_requirement_is_split_in_one_page(stage, app, as_):
    with stage() as cast:
        whole = confirmed_requirement(cast)
        page, works = f"{page_of(whole)}/split", cast.people["mei"].department.ref
    sven = as_("sven")
    assert "Split into parts" in sven.get(page.removesuffix("/split")).get_data(as_text=True)
    more = sven.post(
        page, {"parts-0-heading": "Research", "more": "1", **{f"parts-{n}-heading_local": "" for n in range(5)}}
    )
    text = more.get_data(as_text=True)
    assert (more.status_code, text.count('class="fieldset part-row"')) == (200, 8)
    assert 'value="Research"' in text
    wrong = sven.post(page, {"parts-0-heading": "Research", "parts-1-department_ref": works})
    assert (wrong.status_code, "Please say what this part asks." in wrong.get_data(as_text=True)) == (422, True)
    good = sven.post(
        page, {"parts-0-heading": "Research", "parts-2-heading": "Supply", "parts-2-department_ref": works}
    )
    assert good.status_code == 303
    with app.app_context():
        parts = db.session.scalars(select(Requirement).where(Requirement.parent_id.is_not(None))).all()
        assert [(each.display_number, each.heading, each.tracking) for each in parts] == [
            ("1a", "Research", None), ("1b", "Supply", "assigned"),
        ]  # fmt: skip
    assert as_("petra").get(page).status_code == 403


def test_many_departments_are_looked_at_before_they_are_asked(stage, app, as_):
    with stage() as cast:
        requirement = confirmed_requirement(cast)
        page = f"{page_of(requirement)}/assignments/by-department"
        works = cast.people["mei"].department
        crew = make_department(name="Furnace crew", parent=works, organization=works.organization)
        cast.people["rita"].department = crew
        make_department(name="Old crew", parent=works, organization=works.organization, valid_to=in_days(-2))
        works_ref, crew_ref, rita = works.ref, crew.ref, cast.people["rita"].ref
        sent = {"departments": works.ref, "with_below": "y", "deliverable": "A plan", "criteria": "On paper",
                "due_on": in_days(9).isoformat(), "verifier_ref": cast.people["tom"].ref}  # fmt: skip
    sven = as_("sven")
    assert "Furnace crew" in sven.get(page).get_data(as_text=True)
    empty = sven.post(page, {"step": "look", "deliverable": "Kept"})
    assert (empty.status_code, "Kept" in empty.get_data(as_text=True)) == (422, True)
    looked = sven.post(page, {**sent, "step": "look"})
    text = looked.get_data(as_text=True)
    assert looked.status_code == 200
    assert "This department has no head. Choose who answers for it." in text
    assert "Old crew" not in text  # what is dissolved is not chosen with the departments above it
    assert 'value="hand_over"' not in text  # as long as one cannot be
    chosen = {**sent, "departments": [works_ref, crew_ref], "with_below": ""}
    refused = sven.post(page, {**chosen, "step": "hand_over"})
    assert (refused.status_code, "Nothing was made." in refused.get_data(as_text=True)) == (422, True)
    mended = sven.post(page, {**chosen, f"who-{crew_ref}": rita, "step": "look"}).get_data(as_text=True)
    assert mended.count("can be handed over") == 2
    assert sven.post(page, {**chosen, f"who-{crew_ref}": rita, "step": "hand_over"}).status_code == 303
    with app.app_context():
        made = db.session.scalars(select(Assignment).order_by(Assignment.id)).all()
        assert [(each.responsible.name, each.state) for each in made] == [
            ("Mei Zhao", "assigned"), ("Rita Sommer", "assigned"),
        ]  # fmt: skip
    assert as_("petra").get(page).status_code == 403


def test_a_head_hands_on_in_the_browser_and_the_page_shows_what_is_below(stage, app, as_):
    with stage() as cast:
        assignment = make_assignment(cast, "assigned", responsible=cast.people["mei"])
        requirements.accept(assignment, actor=cast.mei)
        page, whole, petra = page_of(assignment), page_of(assignment.requirement), cast.people["petra"].ref
    mei = as_("mei")
    assert "Hand a part on" in mei.get(page).get_data(as_text=True)
    form = mei.get(f"{page}/parts/new").get_data(as_text=True)
    assert re.findall(r'value="(\w{16})"', form).count(petra) == 1
    assert "Olaf" not in form.split("<main", 1)[1]
    late = mei.post(f"{page}/parts/new", {
        "responsible_refs": petra, "deliverable": "A drawing", "criteria": "Drawn", "due_on": in_days(40).isoformat(),
    })  # fmt: skip
    assert (late.status_code, "cannot be due later" in late.get_data(as_text=True)) == (422, True)
    sent = mei.post(f"{page}/parts/new", {
        "responsible_refs": petra, "deliverable": "A drawing", "criteria": "Drawn", "due_on": in_days(9).isoformat(),
    })  # fmt: skip
    assert sent.status_code == 303
    text = mei.get(page).get_data(as_text=True)
    assert "Handed on" in text
    assert "A drawing" in text
    assert "Taken together" in mei.get(whole).get_data(as_text=True)
    with app.app_context():
        part = db.session.scalar(select(Assignment).where(Assignment.parent_id.is_not(None)))
        below = page_of(part)
    assert "Part of" in as_("petra").get(below).get_data(as_text=True)
    assert as_("petra").get(f"{page}/parts/new").status_code == 403


def test_help_is_arranged_and_taken_away(stage, app, as_):
    with stage() as cast:
        assignment = make_assignment(cast, "accepted")
        page = page_of(assignment)
        purchasing, xaver = make_department(name="Purchasing").ref, cast.people["xaver"].ref
    sven, petra = as_("sven"), as_("petra")
    assert "Leading department" not in petra.get(f"{page}/help").get_data(as_text=True)
    assert petra.post(f"{page}/help", {"person_ref": xaver}).status_code == 303
    version = re.search(r'name="version"[^>]*value="(\d+)"', sven.get(f"{page}/help").get_data(as_text=True)).group(1)
    assert sven.post(f"{page}/help", {"department_ref": purchasing, "version": version}).status_code == 303
    again = sven.post(f"{page}/help", {"person_ref": xaver, "version": version})
    assert "helps already" in again.get_data(as_text=True)
    told = as_("xaver").get(page).get_data(as_text=True)
    assert "Report on your part" in told
    assert "Purchasing" in told
    assert as_("rita").get(f"{page}/help").status_code == 403
    with app.app_context():
        helping = db.session.scalar(select(Support)).ref
        person = db.session.scalar(select(Contributor)).ref
    assert sven.post(f"{page}/help/departments/{helping}/removal").status_code == 303
    assert petra.post(f"{page}/help/people/{person}/removal").status_code == 303
    assert sven.post(f"{page}/help/people/{helping}/removal").status_code == 404
    with app.app_context():
        assert db.session.scalars(select(Support)).all() + db.session.scalars(select(Contributor)).all() == []


def test_pages_ask_as_much_for_one_part_as_for_thirty(stage, app, as_, count_statements):
    with stage() as cast:
        whole = make_assignment(cast, "assigned", responsible=cast.people["mei"])
        requirements.accept(whole, actor=cast.mei)
        number, tom = whole.id, cast.people["tom"].ref
        pages = (page_of(whole), page_of(whole.requirement), f"{page_of(whole)}/parts/new",
                 f"{page_of(whole.requirement)}/assignments/by-department")  # fmt: skip
    sven, asked, places = as_("sven"), [], []
    sven.get(pages[0])
    token = sven.token()
    for more in (1, 29):
        with app.app_context(), unit_of_work():
            places += widened(db.session.get_one(Assignment, number), the_cast.load(), more)
        counts = []
        for page in pages:
            with count_statements() as said:
                assert sven.get(page).status_code == 200
            counts.append(len(said))
        sent = {"departments": places, "deliverable": "x", "criteria": "y", "due_on": in_days(5).isoformat(),
                "verifier_ref": tom, "step": "look", "csrf_token": token, "intent": "x"}  # fmt: skip
        with count_statements() as said:
            assert sven.client.post(pages[3], data=sent).status_code == 200
        asked.append([*counts, len(said)])
    assert asked[0] == asked[1]
    assert max(asked[1]) <= 18


def widened(whole: Assignment, cast, number: int) -> list[str]:
    """So many parts more of the whole, each at risk in a department of its own, and of its requirement; the departments."""
    places = [make_department(organization=whole.department.organization) for _each in range(number)]
    for place in places:
        db.session.add(Assignment(
            requirement=whole.requirement, parent=whole, label=f"AS-X-{place.id}", state="accepted", confidence=3,
            responsible=make_person(department=whole.department), verifier=cast.people["mei"], deliverable="x",
            criteria="y", department=place, original_due_on=in_days(5), due_on=in_days(5),
        ))  # fmt: skip
    services.split(whole.requirement, [services.Part("A part")] * min(number, 25), actor=cast.sven)
    return [each.ref for each in places]
