"""What can be done with the directory. Whoever leaves stays as a named historic actor: nothing here deletes a person."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.accounts.models import Account
from app.core import audit
from app.core.db import db, edit
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.core.text import fold
from app.people import policy, queries
from app.people.errors import AlreadyThere, NotInOrder, StillNeeded
from app.people.models import Clearance, Department, Organization, Person, Position, Team, TeamMember
from app.search.services import drop, put

DAY = timedelta(days=1)
MEMBER_ROLES = ("commander", "deputy", "member")


# --- organizations ------------------------------------------------------------------------------------------------


def add_organization(*, name: str, actor: Actor, name_local: str | None = None, is_own: bool = False) -> Organization:
    """A company. There is one that is our own."""
    require(policy.may_keep_directory(actor))
    if is_own and queries.own_organization() is not None:
        raise AlreadyThere(_("This installation already has its company."), field="name")
    organization = Organization(name=name, name_local=name_local, is_own=is_own)
    db.session.add(organization)
    db.session.flush()
    audit.record(actor, "organization.added", organization)
    return organization


def change_organization(organization: Organization, *, actor: Actor, version: int | None = None, **values: Any) -> None:
    """Its names."""
    require(policy.may_keep_directory(actor))
    changes = edit(organization, version=version, **values)
    audit.record(actor, "organization.changed", organization, changed=changes)


# --- departments --------------------------------------------------------------------------------------------------


def add_department(
    *,
    name: str,
    actor: Actor,
    code: str | None = None,
    name_local: str | None = None,
    parent: Department | None = None,
    head: Person | None = None,
    organization: Organization | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Department:
    """A department of our own company unless told otherwise. Days that are not known stay None."""
    require(policy.may_keep_directory(actor))
    _check_days(valid_from, valid_to, field="valid_to")
    _check_code_is_free(code)
    department = Department(
        name=name,
        code=code or None,
        name_local=name_local,
        parent=parent,
        organization=organization or queries.own_organization(),
        valid_from=valid_from,
        valid_to=valid_to,
    )
    db.session.add(department)
    _store(_("There is already a department with this code."), field="code")
    department.head = head
    db.session.flush()
    audit.record(actor, "department.added", department)
    return department


def change_department(department: Department, *, actor: Actor, version: int | None = None, **values: Any) -> None:
    """Put right what is wrong. A new name from a day on is `rename_department`, which keeps the old one."""
    require(policy.may_keep_directory(actor))
    if values.get("code", department.code) != department.code:
        _check_code_is_free(values["code"])
    _check_days(
        values.get("valid_from", department.valid_from), values.get("valid_to", department.valid_to), field="valid_to"
    )
    above = values.get("parent")
    while above is not None:
        if above.id == department.id:
            raise NotInOrder(_("A department cannot stand below itself."), field="parent")
        above = above.parent
    changes = edit(department, version=version, **values)
    _store(_("There is already a department with this code."), field="code")
    audit.record(actor, "department.changed", department, changed=changes)


def rename_department(
    department: Department, *, name: str, on: date, actor: Actor, name_local: str | None = None
) -> Department:
    """A reorganisation: the old name ends the day before, and a successor takes over code, head, people and places.

    Positions held before keep the department under its old name.
    """
    require(policy.may_keep_directory(actor))
    _check_days(department.valid_from, on - DAY, field="on")
    code, department.code = department.code, None
    department.valid_to = on - DAY
    department.version += 1
    db.session.flush()
    successor = Department(
        name=name,
        name_local=name_local,
        code=code,
        parent=department.parent,
        organization=department.organization,
        valid_from=on,
    )
    db.session.add(successor)
    db.session.flush()
    successor.head = department.head
    for person in db.session.scalars(
        select(Person).where(Person.department_id == department.id, Person.left_on.is_(None))
    ):
        person.department = successor
    for below in db.session.scalars(select(Department).where(Department.parent_id == department.id)):
        below.parent = successor
    db.session.flush()
    audit.record(actor, "department.renamed", successor, before=department, on=on.isoformat())
    return successor


def dissolve_department(department: Department, *, on: date, actor: Actor) -> None:
    """`on` is its last day. It stays in the tree as what it was; nobody may still work in it."""
    require(policy.may_keep_directory(actor))
    _check_days(department.valid_from, on, field="on")
    working = db.session.scalar(
        select(func.count(Person.id)).where(Person.department_id == department.id, Person.left_on.is_(None))
    )
    if working:
        raise StillNeeded(_("People still work in this department. Give them another one first."), field="on")
    below = select(Department.id).where(Department.parent_id == department.id, Department.valid_to.is_(None))
    if db.session.scalar(below.limit(1)) is not None:
        raise StillNeeded(_("Other departments stand below this one. Move or dissolve them first."), field="on")
    changes = edit(department, version=None, valid_to=on)
    audit.record(actor, "department.dissolved", department, changed=changes)


def _check_code_is_free(code: str | None) -> None:
    if code and db.session.scalar(select(Department.id).where(Department.code == code)) is not None:
        raise AlreadyThere(_("There is already a department with this code."), field="code")


# --- people -------------------------------------------------------------------------------------------------------


def add_person(
    *,
    name: str,
    actor: Actor,
    name_local: str | None = None,
    email: str | None = None,
    employee_no: str | None = None,
    phone: str | None = None,
    language: str = "en",
    organization: Organization | None = None,
    department: Department | None = None,
    manager: Person | None = None,
    account: Account | None = None,
    left_on: date | None = None,
) -> Person:
    """Somebody whom the company knows; of our own company unless told otherwise."""
    require(policy.may_keep_directory(actor))
    _check_is_free(email=email, employee_no=employee_no)
    person = Person(
        name=name,
        name_local=name_local,
        name_key=queries.name_key(name, name_local),
        email=email or None,
        email_key=fold(email) if email else None,
        employee_no=employee_no or None,
        phone=phone,
        language=language,
        organization=organization or queries.own_organization(),
        department=department,
        manager=manager,
        account_id=account.id if account else None,
        left_on=left_on,
    )
    db.session.add(person)
    _store(_("Somebody else has this address or number."), field="email")
    _make_findable(person)
    audit.record(actor, "person.added", person)
    return person


def change_person(person: Person, *, actor: Actor, version: int | None = None, **values: Any) -> None:
    """Names, addresses, department, manager. Positions have their own acts."""
    require(policy.may_keep_directory(actor) and "clearance" not in values)
    _check_is_free(
        email=values.get("email") if "email" in values and fold(values["email"] or "") != person.email_key else None,
        employee_no=values.get("employee_no") if values.get("employee_no") != person.employee_no else None,
    )
    above = values.get("manager")
    while above is not None:
        if above.id == person.id:
            raise NotInOrder(_("Nobody can be their own manager, also not by way of others."), field="manager")
        above = above.manager
    changes = edit(person, version=version, **values)
    person.name_key = queries.name_key(person.name, person.name_local)
    person.email_key = fold(person.email) if person.email else None
    _store(_("Somebody else has this address or number."), field="email")
    _make_findable(person)
    audit.record(actor, "person.changed", person, changed=sorted(changes))


def set_clearance(person: Person, clearance: Clearance, *, actor: Actor, version: int | None = None) -> None:
    """Say up to which level somebody reads minutes. What they may read changes at once, in earlier minutes too."""
    require(policy.may_set_clearance(actor))
    changes = edit(person, version=version, clearance=int(clearance))
    if changes:
        audit.record(actor, "person.clearance_set", person, changed=changes)


def leave(person: Person, *, on: date, actor: Actor) -> None:
    """`on` is the last day. Open positions end; what the person did stays under their name."""
    require(policy.may_keep_directory(actor))
    if person.left_on is not None:
        raise NotInOrder(_("This person has left already."), field="on")
    for position in person.positions:
        if position.to_on is None or position.to_on > on:
            _check_days(position.from_on, on, field="on")
            position.to_on = on
            position.version += 1
    changes = edit(person, version=None, left_on=on)
    drop("person", person.ref)
    audit.record(actor, "person.left", person, changed=changes)


def come_back(person: Person, *, actor: Actor) -> None:
    """The person works here again; positions are given anew."""
    require(policy.may_keep_directory(actor))
    changes = edit(person, version=None, left_on=None)
    _make_findable(person)
    audit.record(actor, "person.came_back", person, changed=changes)


def link_account(person: Person, account: Account | None, *, actor: Actor) -> None:
    """Say whose account it is; None takes the link away."""
    require(policy.may_link_account(actor))
    if account is not None:
        other = queries.person_of(account)
        if other is not None and other.id != person.id:
            raise AlreadyThere(_("This account belongs to %(name)s already.", name=other.display_name), field="account")
    changes = edit(person, version=None, account_id=account.id if account else None)
    audit.record(actor, "person.account_linked", person, account=account, changed=bool(changes))


def _check_is_free(*, email: str | None, employee_no: str | None) -> None:
    if email and queries.find_person_by_email(email) is not None:
        raise AlreadyThere(_("Somebody in the directory has this address already."), field="email")
    if employee_no and db.session.scalar(select(Person.id).where(Person.employee_no == employee_no)) is not None:
        raise AlreadyThere(_("Somebody in the directory has this number already."), field="employee_no")


def _make_findable(person: Person) -> None:
    """Own people who are still here are found by everybody who is signed in."""
    if person.left_on is not None or person.organization is None or not person.organization.is_own:
        drop("person", person.ref)
        return
    titles = [f"{each.title} {each.title_local or ''}" for each in person.positions if each.to_on is None]
    department = person.department
    where = f"{department.name} {department.name_local or ''}" if department else ""
    put(
        "person",
        person.ref,
        url=f"/people/{person.ref}",
        title=person.name,
        body="\n".join([person.name_local or "", *titles, where]),
        event_id=None,
    )


# --- positions ----------------------------------------------------------------------------------------------------


def give_position(
    person: Person,
    *,
    title: str,
    actor: Actor,
    title_local: str | None = None,
    department: Department | None = None,
    organization: Organization | None = None,
    from_on: date | None = None,
    to_on: date | None = None,
    beside: bool = False,
) -> Position:
    """A title from a day on. Positions still held end the day before, unless the new one is held `beside` them.

    When the new one has no known beginning or is already over, nothing else is closed.
    """
    require(policy.may_keep_directory(actor))
    _check_days(from_on, to_on, field="to_on")
    if from_on is not None and to_on is None and not beside:
        for held in person.positions:
            if held.to_on is None or held.to_on >= from_on:
                if held.from_on is not None and held.from_on >= from_on:
                    raise NotInOrder(
                        _("“%(title)s” begins later than that.", title=held.display_title), field="from_on"
                    )
                held.to_on = from_on - DAY
                held.version += 1
    position = Position(
        person=person,
        title=title,
        title_local=title_local,
        department_id=department.id if department else None,
        organization_id=organization.id if organization else person.organization_id,
        from_on=from_on,
        to_on=to_on,
    )
    db.session.add(position)
    if department is not None and to_on is None:
        person.department = department
    db.session.flush()
    db.session.expire(person, ["positions"])
    _make_findable(person)
    audit.record(actor, "position.given", person, title=title, from_on=str(from_on or ""), to_on=str(to_on or ""))
    return position


def change_position(position: Position, *, actor: Actor, version: int | None = None, **values: Any) -> None:
    """Put a title or its days right. What was frozen elsewhere (speeches, signatures) stays as it was."""
    require(policy.may_keep_directory(actor))
    _check_days(values.get("from_on", position.from_on), values.get("to_on", position.to_on), field="to_on")
    changes = edit(position, version=version, **values)
    db.session.flush()
    _make_findable(position.person)
    audit.record(actor, "position.changed", position.person, changed=changes)


# --- teams --------------------------------------------------------------------------------------------------------


def add_team(
    *,
    name: str,
    actor: Actor,
    name_local: str | None = None,
    organization: Organization | None = None,
    year: int | None = None,
    place: str | None = None,
) -> Team:
    require(policy.may_keep_directory(actor))
    team = Team(
        name=name,
        name_local=name_local,
        organization=organization or queries.own_organization(),
        year=year,
        place=place,
    )
    db.session.add(team)
    db.session.flush()
    audit.record(actor, "team.added", team)
    return team


def change_team(team: Team, *, actor: Actor, version: int | None = None, **values: Any) -> None:
    require(policy.may_keep_directory(actor))
    changes = edit(team, version=version, **values)
    audit.record(actor, "team.changed", team, changed=changes)


def add_member(team: Team, person: Person, *, actor: Actor, role: str = "member") -> TeamMember:
    """Put somebody into a team, or give a member another part (commander, deputy, member)."""
    require(policy.may_keep_directory(actor))
    if role not in MEMBER_ROLES:
        raise NotInOrder(_("There is no such part in a team."), field="role")
    member = next((each for each in team.members if each.person_id == person.id), None)
    if member is None:
        member = TeamMember(team=team, person=person, role=role)
        db.session.add(member)
        audit.record(actor, "team.member_added", team, person=person, role=role)
    elif member.role != role:
        member.role = role
        audit.record(actor, "team.member_changed", team, person=person, role=role)
    db.session.flush()
    return member


def remove_member(member: TeamMember, *, actor: Actor) -> None:
    require(policy.may_keep_directory(actor))
    audit.record(actor, "team.member_removed", member.team, person=member.person, role=member.role)
    member.team.members.remove(member)
    db.session.flush()


# --- together -----------------------------------------------------------------------------------------------------


def _check_days(first: date | None, last: date | None, *, field: str) -> None:
    if first is not None and last is not None and last < first:
        raise NotInOrder(_("This ends before it begins."), field=field)


def _store(sentence: str, *, field: str) -> None:
    """What two people enter at once is caught by the database; to them it is the same refusal."""
    try:
        db.session.flush()
    except IntegrityError as error:
        raise AlreadyThere(sentence, field=field) from error
