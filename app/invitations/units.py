"""The tree of departments as the response board walks it: one statement, whatever its size."""

from dataclasses import dataclass, field

from sqlalchemy import select

from app.core.db import db
from app.people.models import Department, Person


@dataclass(frozen=True)
class Unit:
    """A department at its depth in the tree."""

    id: int
    ref: str
    name: str
    name_local: str | None
    depth: int


@dataclass(frozen=True)
class Units:
    """Departments in the order of the tree; `headed` are those of one head, with everything below them."""

    ordered: list[Unit] = field(default_factory=list)
    below: dict[int, frozenset[int]] = field(default_factory=dict)  # the department itself is among them
    headed: frozenset[int] = frozenset()

    def find(self, ref: str) -> Unit | None:
        return next((each for each in self.ordered if each.ref == ref), None)


def read_units(person: Person | None) -> Units:
    """All departments, and which of them `person` heads. A department that has ended still holds who is left in it."""
    rows = db.session.execute(
        select(
            Department.id, Department.ref, Department.name, Department.name_local, Department.parent_id,
            Department.head_id,
        ).order_by(Department.code, Department.name, Department.id)
    ).all()  # fmt: skip
    children: dict[int | None, list] = {}
    known = {row.id for row in rows}
    for row in rows:
        children.setdefault(row.parent_id if row.parent_id in known else None, []).append(row)
    ordered: list[Unit] = []
    below: dict[int, frozenset[int]] = {}

    def walk(row, depth: int, seen: frozenset[int]) -> frozenset[int]:
        ordered.append(Unit(row.id, row.ref, row.name, row.name_local, depth))
        inside = {row.id}
        for child in children.get(row.id, ()):
            if child.id not in seen:  # a ring in imported data ends here
                inside |= walk(child, depth + 1, seen | {child.id})
        below[row.id] = frozenset(inside)
        return below[row.id]

    for row in children.get(None, ()):
        walk(row, 0, frozenset({row.id}))
    own = [row.id for row in rows if person is not None and row.head_id == person.id]
    headed = frozenset().union(*(below.get(each, frozenset({each})) for each in own)) if own else frozenset()
    return Units(ordered, below, headed)
