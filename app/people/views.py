"""The directory: people, departments, teams, and taking them over from tables."""

from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import proof
from app.core import clock
from app.core.errors import Refused, require
from app.core.forms import filled, press
from app.core.i18n import _
from app.core.paging import Page, asked_page
from app.core.text import one_line
from app.people import importing, policy, queries, services
from app.people.forms import (
    TEAM_ROLE_LABELS,
    AccountLinkForm,
    ClearanceForm,
    DepartmentForm,
    LastDayForm,
    MemberForm,
    NewPersonForm,
    PersonForm,
    PositionChangeForm,
    PositionForm,
    RenameForm,
    TeamForm,
    UploadForm,
)
from app.people.models import CLEARANCE_LABELS, Clearance, Department, Import, Person, Team
from app.people.queries import Branch, PeopleFilter
from app.sheets.errors import SheetRefused
from app.sheets.mapping import column_number
from app.sheets.reading import read_table
from app.sheets.writing import CSV_TYPE, XLSX_TYPE, write_csv, write_xlsx

blueprint = Blueprint("people", __name__)


def may_keep() -> bool:
    return policy.may_keep_directory(current_user)


def find_person(ref: str) -> Person:
    require(policy.may_see_directory(current_user))
    return queries.find_person(ref) or abort(404)


def find_department(ref: str) -> Department:
    require(policy.may_see_directory(current_user))
    return queries.find_department(ref) or abort(404)


def find_team(ref: str) -> Team:
    require(policy.may_see_directory(current_user))
    return queries.find_team(ref) or abort(404)


# --- the list -----------------------------------------------------------------------------------------------------


def asked_people(branches: dict[str, Branch]) -> PeopleFilter:
    branch = branches.get(request.args.get("department", ""))
    return PeopleFilter(
        words=one_line(request.args.get("q", ""))[:100],
        departments=branch.ids() if branch else (),
        left=request.args.get("state") == "left",
    )


@blueprint.route("/people")
def list_people() -> ResponseReturnValue:
    require(policy.may_see_directory(current_user))
    roots, branches = queries.department_tree()
    asked = asked_people(branches)
    page, per_page = asked_page(request.args)
    return render_template(
        "people/list.html",
        asked=asked,
        people=queries.list_people(asked, page=page, per_page=per_page),
        roots=roots,
        branch=branches.get(request.args.get("department", "")),
        latest=queries.latest_position,
        today=clock.today(),
        may_keep=may_keep(),
        may_export=policy.may_read_private(current_user),
        may_administer=policy.may_link_account(current_user),
    )


@blueprint.route("/people.<any(csv,xlsx):kind>")
def export_people(kind: str) -> ResponseReturnValue:
    require(policy.may_read_private(current_user))
    if (page := proof.missing()) is not None:
        return page
    _roots, branches = queries.department_tree()
    people = queries.list_for_export(asked_people(branches))
    fields = importing.fields_of(importing.PEOPLE, current_user)
    columns = [str(label) for label in fields.values()]
    rows = ([person_row(each)[name] for name in fields] for each in people)
    return sheet(kind, "people", _("People"), columns, rows)


def person_row(person: Person) -> dict[str, Any]:
    held = queries.latest_position(person)
    department, manager = person.department, person.manager
    return {
        "employee_no": person.employee_no,
        "name": person.name,
        "name_local": person.name_local,
        "email": person.email,
        "phone": person.phone,
        "language": person.language,
        "department": (department.code or department.name) if department else None,
        "title": held.title if held else None,
        "title_local": held.title_local if held else None,
        "since": held.from_on if held else None,
        "manager": (manager.employee_no or manager.email or manager.name) if manager else None,
        "left_on": person.left_on,
        "clearance": str(CLEARANCE_LABELS[Clearance(person.clearance)]),
    }


@blueprint.route("/departments.<any(csv,xlsx):kind>")
def export_departments(kind: str) -> ResponseReturnValue:
    require(policy.may_read_private(current_user))
    if (page := proof.missing()) is not None:
        return page
    _roots, branches = queries.department_tree()
    columns = [str(label) for label in importing.FIELDS[importing.DEPARTMENTS].values()]
    rows = (department_row(branch.department) for branch in branches.values())
    return sheet(kind, "departments", _("Departments"), columns, rows)


def department_row(department: Department) -> list[Any]:
    parent, head = department.parent, department.head
    return [
        department.code,
        department.name,
        department.name_local,
        (parent.code or parent.name) if parent else None,
        (head.employee_no or head.email or head.name) if head else None,
        department.valid_from,
        department.valid_to,
    ]


def sheet(kind: str, name: str, title: str, columns: list[str], rows: Any) -> Response:
    body = write_csv(columns, rows) if kind == "csv" else write_xlsx(columns, rows, title=title)
    response = Response(body, content_type=CSV_TYPE if kind == "csv" else XLSX_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


# --- a person -----------------------------------------------------------------------------------------------------


@blueprint.route("/people/<ref:person_ref>")
def show_person(person_ref: str) -> ResponseReturnValue:
    person = find_person(person_ref)
    return render_template(
        "people/person.html",
        person=person,
        departments=queries.department_names(each.department_id for each in person.positions),
        memberships=queries.list_memberships(person),
        reports=queries.list_reports(person),
        team_roles=TEAM_ROLE_LABELS,
        today=clock.today(),
        may_keep=may_keep(),
        may_read_private=policy.may_read_private(current_user),
        may_link=policy.may_link_account(current_user),
        may_set_clearance=policy.may_set_clearance(current_user),
        clearance=CLEARANCE_LABELS[Clearance(person.clearance)]
        if policy.may_see_clearance(current_user, person)
        else None,
        account=queries.account_of(person) if policy.may_link_account(current_user) else None,
    )


def offer_places(form: PersonForm, person: Person | None = None) -> None:
    form.department.offer(
        queries.list_choosable_departments(), nothing=_("not stated"), chosen=person.department if person else None
    )
    form.manager.offer(
        [each for each in queries.list_choosable_people() if person is None or each.id != person.id],
        nothing=_("nobody"),
        chosen=person.manager if person else None,
    )


@blueprint.route("/people/new", methods=["GET", "POST"])
def add_person() -> ResponseReturnValue:
    require(policy.may_keep_directory(current_user))
    form = NewPersonForm()
    offer_places(form)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: enter_person(form), lambda person: url_for("people.show_person", person_ref=person.ref), _("Added.")
        )
        if answer is not None:
            return answer
    return render_template("people/person_form.html", form=form, person=None), form.status


def enter_person(form: NewPersonForm) -> Person:
    person = services.add_person(actor=current_user, **form.values("title", "title_local", "from_on"))
    if form.title.data:
        services.give_position(
            person,
            title=form.title.data,
            title_local=form.title_local.data,
            department=form.department.record,
            from_on=form.from_on.data,
            actor=current_user,
        )
    return person


@blueprint.route("/people/<ref:person_ref>/edit", methods=["GET", "POST"])
def edit_person(person_ref: str) -> ResponseReturnValue:
    person = find_person(person_ref)
    require(policy.may_keep_directory(current_user))
    form = PersonForm(obj=person)
    offer_places(form, person)
    form.show(department=person.department, manager=person.manager)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.change_person(person, actor=current_user, version=form.opened_version, **form.values()),
            url_for("people.show_person", person_ref=person.ref),
            _("Saved."),
        )
        if answer is not None:
            return answer
    return render_template("people/person_form.html", form=form, person=person), form.status


@blueprint.route("/people/<ref:person_ref>/positions/new", methods=["GET", "POST"])
def give_position(person_ref: str) -> ResponseReturnValue:
    person = find_person(person_ref)
    require(policy.may_keep_directory(current_user))
    form = PositionForm()
    form.department.offer(queries.list_choosable_departments(), nothing=_("not stated"), chosen=person.department)
    form.show(department=person.department)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.give_position(person, actor=current_user, **form.values()),
            url_for("people.show_person", person_ref=person.ref),
            _("The new position is entered; the one before ends the day before."),
        )
        if answer is not None:
            return answer
    return render_template("people/position_form.html", form=form, person=person, position=None), form.status


@blueprint.route("/people/<ref:person_ref>/positions/<ref:position_ref>", methods=["GET", "POST"])
def edit_position(person_ref: str, position_ref: str) -> ResponseReturnValue:
    person = find_person(person_ref)
    require(policy.may_keep_directory(current_user))
    position = queries.find_position(person, position_ref) or abort(404)
    form = PositionChangeForm(obj=position)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.change_position(
                position, actor=current_user, version=form.opened_version, **form.values()
            ),
            url_for("people.show_person", person_ref=person.ref),
            _("Saved."),
        )
        if answer is not None:
            return answer
    return render_template("people/position_form.html", form=form, person=person, position=position), form.status


@blueprint.route("/people/<ref:person_ref>/leave", methods=["GET", "POST"])
def leave(person_ref: str) -> ResponseReturnValue:
    person = find_person(person_ref)
    require(policy.may_keep_directory(current_user))
    form = LastDayForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.leave(person, on=filled(form.on.data), actor=current_user),
            url_for("people.show_person", person_ref=person.ref),
            _("Entered. What they did stays under their name."),
        )
        if answer is not None:
            return answer
    return render_template("people/leave.html", form=form, person=person), form.status


@blueprint.route("/people/<ref:person_ref>/back", methods=["POST"])
def come_back(person_ref: str) -> ResponseReturnValue:
    person = find_person(person_ref)
    require(policy.may_keep_directory(current_user))
    return press(
        lambda: services.come_back(person, actor=current_user),
        url_for("people.show_person", person_ref=person.ref),
        _("Back in the directory."),
    )


@blueprint.route("/people/<ref:person_ref>/account", methods=["GET", "POST"])
def link_account(person_ref: str) -> ResponseReturnValue:
    person = find_person(person_ref)
    require(policy.may_link_account(current_user))
    if (page := proof.missing()) is not None:
        return page
    form = AccountLinkForm()
    account = queries.account_of(person)
    form.account.offer(queries.list_accounts_without_person(), nothing=_("no account"), chosen=account)
    form.show(account=account)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.link_account(person, form.account.record, actor=current_user),
            url_for("people.show_person", person_ref=person.ref),
            _("Saved."),
        )
        if answer is not None:
            return answer
    return render_template("people/account.html", form=form, person=person), form.status


@blueprint.route("/people/<ref:person_ref>/clearance", methods=["GET", "POST"])
def set_clearance(person_ref: str) -> ResponseReturnValue:
    """Up to which level somebody reads minutes."""
    person = find_person(person_ref)
    require(policy.may_set_clearance(current_user))
    if (page := proof.missing()) is not None:
        return page
    form = ClearanceForm(obj=person)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.set_clearance(
                person, Clearance(form.clearance.data), actor=current_user, version=form.opened_version
            ),
            url_for("people.show_person", person_ref=person.ref),
            _("Saved. It holds at once, for earlier minutes too."),
        )
        if answer is not None:
            return answer
    return render_template("people/clearance.html", form=form, person=person), form.status


# --- departments --------------------------------------------------------------------------------------------------


@blueprint.route("/departments")
def list_departments() -> ResponseReturnValue:
    require(policy.may_see_directory(current_user))
    roots, branches = queries.department_tree()
    return render_template(
        "people/departments.html",
        roots=roots,
        number=len(branches),
        today=clock.today(),
        may_keep=may_keep(),
        may_export=policy.may_read_private(current_user),
    )


@blueprint.route("/departments/<ref:department_ref>")
def show_department(department_ref: str) -> ResponseReturnValue:
    department = find_department(department_ref)
    _roots, branches = queries.department_tree()
    return render_template(
        "people/department.html",
        department=department,
        branch=branches.get(department.ref),
        people=queries.list_department_people(department),
        latest=queries.latest_position,
        today=clock.today(),
        may_keep=may_keep(),
    )


def offer_above(form: DepartmentForm, department: Department | None = None) -> None:
    form.parent.offer(
        [each for each in queries.list_choosable_departments() if department is None or each.id != department.id],
        nothing=_("nothing: it stands at the top"),
        chosen=department.parent if department else None,
    )
    form.head.offer(
        queries.list_choosable_people(), nothing=_("nobody"), chosen=department.head if department else None
    )


@blueprint.route("/departments/new", methods=["GET", "POST"])
def add_department() -> ResponseReturnValue:
    require(policy.may_keep_directory(current_user))
    form = DepartmentForm()
    offer_above(form)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_department(actor=current_user, **form.values()),
            lambda made: url_for("people.show_department", department_ref=made.ref),
            _("Added."),
        )
        if answer is not None:
            return answer
    return render_template("people/department_form.html", form=form, department=None), form.status


@blueprint.route("/departments/<ref:department_ref>/edit", methods=["GET", "POST"])
def edit_department(department_ref: str) -> ResponseReturnValue:
    department = find_department(department_ref)
    require(policy.may_keep_directory(current_user))
    form = DepartmentForm(obj=department)
    offer_above(form, department)
    form.show(parent=department.parent, head=department.head)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.change_department(
                department, actor=current_user, version=form.opened_version, **form.values()
            ),
            url_for("people.show_department", department_ref=department.ref),
            _("Saved."),
        )
        if answer is not None:
            return answer
    return render_template("people/department_form.html", form=form, department=department), form.status


@blueprint.route("/departments/<ref:department_ref>/rename", methods=["GET", "POST"])
def rename_department(department_ref: str) -> ResponseReturnValue:
    department = find_department(department_ref)
    require(policy.may_keep_directory(current_user))
    form = RenameForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.rename_department(
                department,
                name=filled(form.name.data),
                name_local=form.name_local.data,
                on=filled(form.on.data),
                actor=current_user,
            ),
            lambda made: url_for("people.show_department", department_ref=made.ref),
            _("The department has its new name; the old one stays for what happened before."),
        )
        if answer is not None:
            return answer
    return render_template("people/rename.html", form=form, department=department), form.status


@blueprint.route("/departments/<ref:department_ref>/dissolve", methods=["GET", "POST"])
def dissolve_department(department_ref: str) -> ResponseReturnValue:
    department = find_department(department_ref)
    require(policy.may_keep_directory(current_user))
    form = LastDayForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.dissolve_department(department, on=filled(form.on.data), actor=current_user),
            url_for("people.show_department", department_ref=department.ref),
            _("Entered. The department stays in the tree as what it was."),
        )
        if answer is not None:
            return answer
    return render_template("people/dissolve.html", form=form, department=department), form.status


# --- teams --------------------------------------------------------------------------------------------------------


@blueprint.route("/teams")
def list_teams() -> ResponseReturnValue:
    require(policy.may_see_directory(current_user))
    return render_template("people/teams.html", teams=queries.list_teams(), may_keep=may_keep())


@blueprint.route("/teams/<ref:team_ref>")
def show_team(team_ref: str) -> ResponseReturnValue:
    return team_page(find_team(team_ref))


def team_page(team: Team, form: MemberForm | None = None) -> ResponseReturnValue:
    keeps = may_keep() and team.organization is not None and team.organization.is_own
    if keeps and form is None:
        form = offered_members(MemberForm(formdata=None))
    return render_template(
        "people/team.html", team=team, form=form, roles=TEAM_ROLE_LABELS, may_keep=may_keep()
    ), form.status if form else 200


def offered_members(form: MemberForm) -> MemberForm:
    form.person.offer(queries.list_choosable_people(), nothing=_("choose somebody"))
    return form


@blueprint.route("/teams/new", methods=["GET", "POST"])
def add_team() -> ResponseReturnValue:
    require(policy.may_keep_directory(current_user))
    form = TeamForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_team(actor=current_user, **form.values()),
            lambda team: url_for("people.show_team", team_ref=team.ref),
            _("Added."),
        )
        if answer is not None:
            return answer
    return render_template("people/team_form.html", form=form, team=None), form.status


@blueprint.route("/teams/<ref:team_ref>/edit", methods=["GET", "POST"])
def edit_team(team_ref: str) -> ResponseReturnValue:
    team = find_team(team_ref)
    require(policy.may_keep_directory(current_user))
    form = TeamForm(obj=team)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.change_team(team, actor=current_user, version=form.opened_version, **form.values()),
            url_for("people.show_team", team_ref=team.ref),
            _("Saved."),
        )
        if answer is not None:
            return answer
    return render_template("people/team_form.html", form=form, team=team), form.status


@blueprint.route("/teams/<ref:team_ref>/members", methods=["POST"])
def add_member(team_ref: str) -> ResponseReturnValue:
    team = find_team(team_ref)
    require(policy.may_keep_directory(current_user))
    form = offered_members(MemberForm())
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: put_into(team, form), url_for("people.show_team", team_ref=team.ref), _("Entered.")
        )
        if answer is not None:
            return answer
    return team_page(team, form)


def put_into(team: Team, form: MemberForm) -> None:
    if form.person.record is None:
        raise Refused(_("Please choose somebody."), field="person")
    services.add_member(team, form.person.record, role=form.role.data, actor=current_user)


@blueprint.route("/teams/<ref:team_ref>/members/<ref:member_ref>/remove", methods=["POST"])
def remove_member(team_ref: str, member_ref: str) -> ResponseReturnValue:
    team = find_team(team_ref)
    require(policy.may_keep_directory(current_user))
    member = queries.find_member(team, member_ref) or abort(404)
    return press(
        lambda: services.remove_member(member, actor=current_user),
        url_for("people.show_team", team_ref=team.ref),
        _("Taken out of the team."),
    )


# --- import -------------------------------------------------------------------------------------------------------


@blueprint.route("/people/import", methods=["GET", "POST"])
def upload() -> ResponseReturnValue:
    require(policy.may_keep_directory(current_user))
    form = UploadForm()
    if not form.is_submitted():
        form.kind.data = request.args.get("kind", importing.PEOPLE)
    if form.validate_on_submit():
        file = form.file.data
        try:
            table = read_table(file.filename, file.read())  # outside the unit of work: reading takes its time
            answer = form.attempt(
                lambda: importing.open_import(form.kind.data, file.filename, table, actor=current_user),
                lambda opened: url_for("people.show_import", import_ref=opened.ref),
            )
            if answer is not None:
                return answer
        except SheetRefused as refusal:
            form.refuse(Refused(refusal.sentence, field="file"))
    return render_template("people/upload.html", form=form, fields=importing.all_fields_of(current_user)), form.status


def find_import(ref: str) -> Import:
    require(policy.may_keep_directory(current_user))
    return queries.find_import(current_user, ref) or abort(404)


@blueprint.route("/people/imports/<ref:import_ref>")
def show_import(import_ref: str) -> ResponseReturnValue:
    return import_page(find_import(import_ref))


def import_page(opened: Import) -> ResponseReturnValue:
    plan = importing.make_plan(opened, actor=current_user)
    verdict = request.args.get("verdict", "")
    rows = [row for row in plan.rows if not verdict or row.verdict == verdict]
    number, per_page = asked_page(request.args)
    number = min(number, max(1, -(-len(rows) // per_page)))
    shown = Page(rows[(number - 1) * per_page : number * per_page], number, per_page, len(rows))
    return render_template(
        "people/import.html",
        opened=opened,
        plan=plan,
        rows=shown,
        verdict=verdict,
        fields=importing.fields_of(opened.kind, current_user),
        verdicts=importing.VERDICT_LABELS,
    )


@blueprint.route("/people/imports/<ref:import_ref>/columns", methods=["POST"])
def choose_columns(import_ref: str) -> ResponseReturnValue:
    opened = find_import(import_ref)
    chosen = {
        name: column_number(request.form.get(name, "")) for name in importing.fields_of(opened.kind, current_user)
    }
    return press(
        lambda: importing.choose_columns(opened, chosen, actor=current_user),
        url_for("people.show_import", import_ref=opened.ref),
        _("The columns are chosen. The dry run below follows them."),
    )


@blueprint.route("/people/imports/<ref:import_ref>/apply", methods=["POST"])
def apply_import(import_ref: str) -> ResponseReturnValue:
    opened = find_import(import_ref)
    there = "people.list_departments" if opened.kind == importing.DEPARTMENTS else "people.list_people"
    return press(
        lambda: importing.apply_import(
            opened,
            digest=request.form.get("digest", ""),
            leave_out_errors=request.form.get("leave_out_errors") == "yes",
            actor=current_user,
        ),
        lambda _counts: url_for(there),
        lambda counts: _("Applied: %(new)s new, %(changed)s changed.", new=counts["new"], changed=counts["changed"]),
        refused=url_for("people.show_import", import_ref=opened.ref),
    )


@blueprint.route("/people/imports/<ref:import_ref>/drop", methods=["POST"])
def drop_import(import_ref: str) -> ResponseReturnValue:
    opened = find_import(import_ref)
    return press(
        lambda: importing.drop_import(opened, actor=current_user),
        url_for("people.upload"),
        _("The import is dropped. Nothing was changed."),
    )
