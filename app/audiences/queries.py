"""Questions about lists of people. Whom a line means is asked anew each time, in few statements whatever their number."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from sqlalchemy import Select, String, cast, func, literal, or_, select, union_all
from sqlalchemy.orm import joinedload

from app.audiences.models import GroupMember, InviteeRule, PersonGroup, RuleKind
from app.core.db import db
from app.events.models import Event
from app.people.models import Department, Organization, Person, Position, Team, TeamMember

MOST_NAMED = 10_000  # more values than that in one statement are too many for a database


class Meant(Protocol):
    """An InviteeRule, or a Meaning that is not kept yet."""

    @property
    def kind(self) -> str: ...
    @property
    def value(self) -> Mapping[str, Any]: ...


def resolve(rule: Meant, *, on: date) -> Sequence[Person]:
    """The people whom a line means on a day, by name."""
    [ids] = resolve_all([rule], on=on)
    return people_of(ids)


def people_of(ids: Iterable[int]) -> Sequence[Person]:
    """These people by name, with their departments."""
    wanted = set(ids)
    if not wanted:
        return []
    found = select(Person).options(joinedload(Person.department)).order_by(Person.name, Person.id)
    if len(wanted) <= MOST_NAMED:
        found = found.where(Person.id.in_(wanted))
    return [each for each in db.session.scalars(found) if each.id in wanted]


def resolve_all(rules: Sequence[Meant], *, on: date) -> list[set[int]]:
    """The ids of the people whom each line means on a day, in at most two statements.

    Who has left by then belongs to no department and holds no position; a person, a team, a saved group or a list
    still names them, so that they can be shown as left out.
    """
    known = _known(rules, on)
    return [{person for key in _keys(each) for person in known.get(key, ())} for each in rules]


def _keys(rule: Meant) -> Iterable[tuple[str, str]]:
    value = rule.value
    match rule.kind:
        case RuleKind.DEPARTMENT:
            yield ("deep" if value.get("below") else "flat", str(value.get("ref")))
        case RuleKind.POSITION:
            yield (RuleKind.POSITION, str(value.get("title")))
        case RuleKind.LIST:
            yield from ((RuleKind.PERSON, str(ref)) for ref in value.get("people", ()))
        case _:
            yield (rule.kind, str(value.get("ref")))


def _known(rules: Sequence[Meant], on: date) -> dict[tuple[str, str], set[int]]:
    wanted: dict[str, set[str]] = {}
    for rule in rules:
        for kind, name in _keys(rule):
            wanted.setdefault(kind, set()).add(name)
    flat, deep = wanted.get("flat", set()), wanted.get("deep", set())
    meaning = _departments(flat, deep) if flat or deep else {}
    asked = _asked(wanted, meaning, on)
    known: dict[tuple[str, str], set[int]] = {}
    rows: Iterable[Any] = db.session.execute(union_all(*asked)) if asked else ()
    for kind, name, person in rows:
        keys = meaning[int(name)] if kind == RuleKind.DEPARTMENT else [(kind, name)]
        for key in keys:
            known.setdefault(key, set()).add(person)
    return known


def _asked(wanted: Mapping[str, set[str]], meaning: Mapping[int, Any], on: date) -> list[Select[Any]]:
    """One select of (kind, name, person) for each kind of line that there is."""
    here = or_(Person.left_on.is_(None), Person.left_on >= on)
    asked: list[Select[Any]] = []
    if meaning:
        members = select(_said(RuleKind.DEPARTMENT), cast(Person.department_id, String), Person.id)
        asked.append(members.where(Person.department_id.in_(meaning), here))
    if titles := wanted.get(RuleKind.POSITION):
        held = select(_said(RuleKind.POSITION), Position.title, Person.id).join(Person, Person.id == Position.person_id)
        since = or_(Position.from_on.is_(None), Position.from_on <= on)
        until = or_(Position.to_on.is_(None), Position.to_on >= on)
        asked.append(held.where(Position.title.in_(titles), since, until, here))
    if teams := wanted.get(RuleKind.TEAM):
        team = select(_said(RuleKind.TEAM), Team.ref, TeamMember.person_id).join(
            TeamMember, TeamMember.team_id == Team.id
        )
        asked.append(team.where(Team.ref.in_(teams)))
    if groups := wanted.get(RuleKind.GROUP):
        group = select(_said(RuleKind.GROUP), PersonGroup.ref, GroupMember.person_id)
        group = group.join(GroupMember, GroupMember.group_id == PersonGroup.id)
        asked.append(group.where(PersonGroup.ref.in_(groups)))
    if refs := wanted.get(RuleKind.PERSON):
        people = select(_said(RuleKind.PERSON), Person.ref, Person.id)
        asked.append(people.where(Person.ref.in_(refs)) if len(refs) <= MOST_NAMED else people)
    return asked


def _said(kind: str) -> Any:
    return literal(str(kind), String).label("kind")


def _departments(flat: set[str], deep: set[str]) -> dict[int, list[tuple[str, str]]]:
    """For each department the lines that mean its people: its own, and those of the ones above it."""
    refs: dict[int, str] = {}
    above: dict[int, int | None] = {}
    for key, ref, parent in db.session.execute(select(Department.id, Department.ref, Department.parent_id)):
        refs[key], above[key] = ref, parent
    meaning: dict[int, list[tuple[str, str]]] = {}
    for key, ref in refs.items():
        keys = [("flat", ref)] if ref in flat else []
        each: int | None = key
        passed: set[int] = set()
        while each is not None and each in refs and each not in passed:
            passed.add(each)
            if refs[each] in deep:
                keys.append(("deep", refs[each]))
            each = above[each]
        if keys:
            meaning[key] = keys
    return meaning


# --- an event's list ----------------------------------------------------------------------------------------------


def list_rules(event: Event) -> Sequence[InviteeRule]:
    """The lines of an event's list, in the order in which they were added."""
    return db.session.scalars(
        select(InviteeRule).where(InviteeRule.event_id == event.id).order_by(InviteeRule.id)
    ).all()


def find_rule(event: Event, ref: str) -> InviteeRule | None:
    return db.session.scalar(select(InviteeRule).where(InviteeRule.event_id == event.id, InviteeRule.ref == ref))


def list_titles(on: date) -> list[tuple[str, str | None, int]]:
    """The titles held in our own company on a day, each with its Chinese one and how many hold it."""
    since = or_(Position.from_on.is_(None), Position.from_on <= on)
    until = or_(Position.to_on.is_(None), Position.to_on >= on)
    held = (
        select(Position.title, func.max(Position.title_local), func.count(Person.id.distinct()))
        .join(Person, Person.id == Position.person_id)
        .join(Organization, Organization.id == Person.organization_id)
        .where(Organization.is_own, or_(Person.left_on.is_(None), Person.left_on >= on), since, until)
        .group_by(Position.title)
        .order_by(Position.title)
    )
    return [(title, local, number) for title, local, number in db.session.execute(held)]


# --- saved groups -------------------------------------------------------------------------------------------------


def list_groups() -> Sequence[PersonGroup]:
    return db.session.scalars(select(PersonGroup).order_by(PersonGroup.name)).all()


def count_members() -> dict[int, int]:
    """How many people each saved group holds."""
    counted = select(GroupMember.group_id, func.count(GroupMember.id)).group_by(GroupMember.group_id)
    return {group: number for group, number in db.session.execute(counted)}


def find_group(ref: str) -> PersonGroup | None:
    return db.session.scalar(select(PersonGroup).where(PersonGroup.ref == ref))


def find_group_named(name: str) -> PersonGroup | None:
    return db.session.scalar(select(PersonGroup).where(func.lower(PersonGroup.name) == name.lower()))


def list_members(group: PersonGroup) -> Sequence[GroupMember]:
    """By name, with the people and their departments."""
    return db.session.scalars(
        select(GroupMember)
        .join(Person, Person.id == GroupMember.person_id)
        .where(GroupMember.group_id == group.id)
        .options(joinedload(GroupMember.person).joinedload(Person.department))
        .order_by(Person.name, Person.id)
    ).all()


def find_member(group: PersonGroup, ref: str) -> GroupMember | None:
    return db.session.scalar(
        select(GroupMember)
        .where(GroupMember.group_id == group.id, GroupMember.ref == ref)
        .options(joinedload(GroupMember.person))
    )


def list_lines_of_group(group: PersonGroup) -> list[InviteeRule]:
    """The lines of events that name this group."""
    lines = select(InviteeRule).where(InviteeRule.kind == RuleKind.GROUP).options(joinedload(InviteeRule.event))
    return [each for each in db.session.scalars(lines) if each.value.get("ref") == group.ref]
