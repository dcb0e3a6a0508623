"""The URLs of spreading: parts, many departments, one's own people, those who help."""

from collections.abc import Iterator, Sequence

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms.fields.choices import SelectChoice  # pyrefly: ignore[missing-module-attribute] — newer than the stubs

from app.cascades import services
from app.cascades.forms import MOST_ROWS, ROWS_AT_FIRST, HandOnForm, HelpForm, ManyForm, SplitForm
from app.cascades.services import Part, Row
from app.core import clock
from app.core.errors import require
from app.core.forms import filled, press, record_options
from app.core.i18n import _, ngettext
from app.people import queries as people
from app.people.models import Department, Person
from app.people.queries import Branch
from app.requirements import pages, policy
from app.requirements.models import Assignment
from app.requirements.pages import ASSIGNMENT, REQUIREMENT

blueprint = Blueprint("cascades", __name__)

MORE_ROWS = 3


# --- into parts ---------------------------------------------------------------------------------------------------


@blueprint.route(f"{REQUIREMENT}/split", methods=["GET", "POST"])
def split(event_ref: str, requirement_ref: str) -> ResponseReturnValue:
    requirement = pages.open_requirement(event_ref, requirement_ref)
    event = requirement.event
    require(services.may_split(current_user, requirement))
    form = SplitForm()
    departments = {each.ref: each for each in people.list_choosable_departments()}
    offered = record_options(departments.values(), nothing=_("not decided yet"))
    if not form.is_submitted() or "more" in request.form:
        form.add_rows(MORE_ROWS if form.is_submitted() else ROWS_AT_FIRST)
    form.offer(offered)
    if "more" not in request.form and form.validate_on_submit():
        parts = [
            Part(filled(row.heading.data), row.heading_local.data, departments.get(row.department_ref.data))
            for row in form.filled_rows()
        ]
        answer = form.attempt(
            lambda: services.split(requirement, parts, actor=current_user),
            then=pages.page_of(requirement),
            said=lambda made: ngettext("One part is recorded.", "%(num)s parts are recorded.", len(made)),
        )
        if answer is not None:
            return answer
    return render_template(
        "cascades/split.html", form=form, event=event, requirement=requirement, may_more=len(form.parts) < MOST_ROWS
    ), form.status


# --- to many departments ------------------------------------------------------------------------------------------


@blueprint.route(f"{REQUIREMENT}/assignments/by-department", methods=["GET", "POST"])
def assign_departments(event_ref: str, requirement_ref: str) -> ResponseReturnValue:
    """`step` says what a press wants: look (the preview), edit (back to the form), prepare, or hand_over at once."""
    requirement = pages.open_requirement(event_ref, requirement_ref)
    event = requirement.event
    require(policy.may_supervise(current_user, event))
    form = ManyForm()
    roots, branches = people.department_tree()
    form.departments.choices = record_options(each.department for each in branches.values())
    choosable = list(people.list_choosable_people())
    form.verifier_ref.choices = record_options(choosable, nothing=_("Choose a person"))
    step = request.form.get("step", "")
    rows: list[Row] = []
    verifier: Person | None = None
    if step != "edit" and form.validate_on_submit():
        verifier = people.find_person(form.verifier_ref.data) or abort(404)
        chosen = _chosen_rows(_wanted(form, roots, branches), branches, choosable)
        rows = services.look_ahead(requirement, chosen, verifier=verifier)
        if step in ("prepare", "hand_over"):
            answer = form.attempt(
                lambda: services.assign_departments(
                    requirement, chosen, actor=current_user, verifier=verifier, at_once=step == "hand_over",
                    **form.values("departments", "with_below", "verifier_ref"),
                ),
                then=pages.page_of(requirement),
                said=lambda made: _said_of_many(len(made), handed_over=step == "hand_over"),
            )  # fmt: skip
            if answer is not None:
                return answer
    if rows:
        return render_template(
            "cascades/look.html", form=form, event=event, requirement=requirement, rows=rows,
            verifier=verifier, offered=_offered(rows, branches, choosable),
        ), form.status  # fmt: skip
    return render_template(
        "cascades/many.html", form=form, event=event, requirement=requirement, roots=roots,
        today=clock.today(event.time_zone), picked=set(form.departments.data or []),
    ), form.status  # fmt: skip


def _said_of_many(number: int, *, handed_over: bool) -> str:
    if handed_over:
        return ngettext("It is handed over to one person.", "It is handed over to %(num)s people.", number)
    return ngettext("One assignment is prepared.", "%(num)s assignments are prepared.", number)


def _wanted(form: ManyForm, roots: Sequence[Branch], branches: dict[str, Branch]) -> list[Department]:
    """Those chosen, with those below them that exist today where that is wished; each once, in the order of the tree."""
    picked = {branches[ref].department.id for ref in form.departments.data or []}
    if form.with_below.data:
        today = clock.today()
        chosen = [branches[ref] for ref in form.departments.data or []]
        below = {number for branch in chosen for number in branch.ids()}
        gone = {b.department.id for b in branches.values() if not b.department.exists_on(today)}
        picked |= below - gone
    return [each for each in _in_order(roots) if each.id in picked]


def _in_order(found: Sequence[Branch]) -> Iterator[Department]:
    """As the tree is read: a department before those below it."""
    for branch in found:
        yield branch.department
        yield from _in_order(branch.below)


def _chosen_rows(
    departments: Sequence[Department], branches: dict[str, Branch], choosable: Sequence[Person]
) -> list[tuple[Department, Person | None]]:
    """Who answers for each: as chosen on the preview, else the head."""
    rows: list[tuple[Department, Person | None]] = []
    for department in departments:
        said = request.form.get(f"who-{department.ref}")
        if said is None:
            rows.append((department, department.head))
            continue
        offered = _people_of(branches[department.ref], choosable)
        rows.append((department, next((each for each in offered if each.ref == said), None)))
    return rows


def _people_of(branch: Branch, choosable: Sequence[Person]) -> list[Person]:
    """Who can answer for a department: its head, then those who work in it or below it."""
    head, places = branch.department.head, set(branch.ids())
    return ([head] if head else []) + [each for each in choosable if each.department_id in places and each is not head]


def _offered(
    rows: Sequence[Row], branches: dict[str, Branch], choosable: Sequence[Person]
) -> dict[str, list[SelectChoice]]:
    return {
        row.department.ref: record_options(
            _people_of(branches[row.department.ref], choosable), nothing=_("Choose a person")
        )
        for row in rows
    }


# --- to one's own people ------------------------------------------------------------------------------------------


@blueprint.route(f"{ASSIGNMENT}/parts/new", methods=["GET", "POST"])
def hand_on(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    assignment = pages.open_assignment(event_ref, assignment_ref)
    event = assignment.event
    require(policy.may_hand_on(current_user, assignment) or policy.may_supervise(current_user, event))
    own = {each.ref: each for each in people.list_people_under(assignment.responsible)}
    form = HandOnForm(obj=assignment)
    form.responsible_refs.choices = record_options(own.values())
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.hand_on(
                assignment,
                [own[ref] for ref in form.responsible_refs.data or []],
                actor=current_user,
                **form.values("responsible_refs"),
            ),
            then=pages.page_of(assignment),
            said=lambda made: _said_of_many(len(made), handed_over=True),
        )
        if answer is not None:
            return answer
    return render_template(
        "cascades/hand_on.html", form=form, event=event, assignment=assignment, requirement=assignment.requirement,
        own=own,
    ), form.status  # fmt: skip


# --- those who help -----------------------------------------------------------------------------------------------


@blueprint.route(f"{ASSIGNMENT}/help", methods=["GET", "POST"])
def arrange_help(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    assignment = pages.open_assignment(event_ref, assignment_ref)
    event = assignment.event
    require(policy.may_add_help(current_user, assignment))
    departments = {each.ref: each for each in people.list_choosable_departments()}
    if assignment.department is not None:
        departments.setdefault(assignment.department.ref, assignment.department)
    persons = {each.ref: each for each in people.list_choosable_people()}
    form = HelpForm(obj=assignment)
    form.lead_ref.choices = record_options(departments.values())
    form.department_ref.choices = record_options(departments.values(), nothing=_("Nobody more"))
    form.person_ref.choices = record_options(persons.values(), nothing=_("Nobody more"))
    if not policy.may_supervise(current_user, event):
        del form.lead_ref
    elif not form.is_submitted():
        form.lead_ref.data = assignment.department.ref if assignment.department else ""

    def act() -> Assignment:
        if "lead_ref" in form and form.lead_ref.data:
            services.set_lead(
                assignment, departments[form.lead_ref.data], actor=current_user, version=form.opened_version
            )
        if form.department_ref.data:
            services.add_support(assignment, departments[form.department_ref.data], actor=current_user)
        if form.person_ref.data:
            services.add_contributor(assignment, persons[form.person_ref.data], actor=current_user)
        return assignment

    if form.validate_on_submit():
        answer = form.attempt(act, then=_page_of_help(assignment), said=_("It is arranged who helps."))
        if answer is not None:
            return answer
    return render_template(
        "cascades/help.html", form=form, event=event, assignment=assignment, requirement=assignment.requirement
    ), form.status


@blueprint.route(f"{ASSIGNMENT}/help/departments/<ref:support_ref>/removal", methods=["POST"])
def remove_support(event_ref: str, assignment_ref: str, support_ref: str) -> ResponseReturnValue:
    assignment = pages.open_assignment(event_ref, assignment_ref)
    require(policy.may_add_help(current_user, assignment))
    helping = next((each for each in assignment.support if each.ref == support_ref), None) or abort(404)
    return press(
        lambda: services.remove_support(helping, actor=current_user),
        _page_of_help(assignment),
        _("%(name)s does not help any more.", name=helping.department.display_name),
    )


@blueprint.route(f"{ASSIGNMENT}/help/people/<ref:contributor_ref>/removal", methods=["POST"])
def remove_contributor(event_ref: str, assignment_ref: str, contributor_ref: str) -> ResponseReturnValue:
    assignment = pages.open_assignment(event_ref, assignment_ref)
    require(policy.may_add_help(current_user, assignment))
    helping = next((each for each in assignment.contributors if each.ref == contributor_ref), None) or abort(404)
    return press(
        lambda: services.remove_contributor(helping, actor=current_user),
        _page_of_help(assignment),
        _("%(name)s does not help any more.", name=helping.person.display_name),
    )


def _page_of_help(assignment: Assignment) -> str:
    return url_for("cascades.arrange_help", event_ref=assignment.event.ref, assignment_ref=assignment.ref)
