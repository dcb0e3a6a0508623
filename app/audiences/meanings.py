"""Whom a line of a list can mean: the ways to say it, before it is kept with an event."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from app.audiences.models import PersonGroup, RuleKind
from app.people.models import Department, Person, Team


@dataclass(frozen=True)
class Meaning:
    """What a line says, kept or not: an InviteeRule has the same `kind` and `value`."""

    kind: str
    value: dict[str, Any] = field(default_factory=dict)
    said: str = ""
    said_local: str | None = None


def of_person(person: Person) -> Meaning:
    return Meaning(RuleKind.PERSON, {"ref": person.ref}, person.name, person.name_local)


def of_department(department: Department, *, below: bool = True) -> Meaning:
    value = {"ref": department.ref, "below": below}
    return Meaning(RuleKind.DEPARTMENT, value, department.name, department.name_local)


def of_position(title: str, title_local: str | None = None) -> Meaning:
    """Everybody who holds this title, in whichever department."""
    return Meaning(RuleKind.POSITION, {"title": title}, title, title_local)


def of_team(team: Team) -> Meaning:
    return Meaning(RuleKind.TEAM, {"ref": team.ref}, team.name, team.name_local)


def of_group(group: PersonGroup) -> Meaning:
    return Meaning(RuleKind.GROUP, {"ref": group.ref}, group.name, group.name_local)


def of_list(name: str, people: Collection[Person], name_local: str | None = None) -> Meaning:
    return Meaning(RuleKind.LIST, {"file": name, "people": [each.ref for each in people]}, name[:300], name_local)
