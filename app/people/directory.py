"""Finding the person that somebody else's table or list means: by number, address or name."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from app.core.db import db
from app.core.text import fold, one_line
from app.people import queries
from app.people.models import Person

BETWEEN = re.compile(r"[\t;,<>，；、（）()|]+")


class Directory:
    """Everybody of the company, also those who have left, read in two statements whatever is looked for."""

    def __init__(self, *options: Any) -> None:
        own = queries.own_organization()
        mine = select(Person).where(Person.organization_id == (own.id if own else None)).order_by(Person.id)
        self.people = db.session.scalars(mine.options(*options)).all()
        self.by_number = {person.employee_no: person for person in self.people if person.employee_no}
        self.by_email = {person.email_key: person for person in self.people if person.email_key}
        self.by_name: dict[str, list[Person]] = {}
        for person in self.people:
            for name in {fold(person.name), fold(person.name_local or "")} - {""}:
                self.by_name.setdefault(name, []).append(person)

    def named(self, word: str) -> list[Person]:
        """Whom one word means: a number, an address, or a name that several may have."""
        exact = self.by_number.get(word) or self.by_email.get(fold(word))
        return [exact] if exact else self.by_name.get(fold(word), [])

    def meant(self, *, number: str = "", email: str = "", name: str = "") -> list[Person]:
        """Whom several cells mean together. A name counts only where neither a number nor an address is given."""
        if not number and not email:
            return self.by_name.get(fold(name), [])
        exact = [self.by_number.get(number), self.by_email.get(fold(email))]
        return list({person.id: person for person in exact if person is not None}.values())

    def in_line(self, line: str) -> list[Person]:
        """Whom a pasted line means: `Li Wei`, `Li Wei <li.wei@…>`, `10234; Li Wei`, cells of a spreadsheet.

        A number and an address of two people mean both: somebody has to say which one.
        """
        whole = self.named(one_line(line))
        if whole:
            return whole
        words = [one_line(part) for part in BETWEEN.split(line)]
        exact = [self.by_number.get(word) or self.by_email.get(fold(word)) for word in words if word]
        known = {person.id: person for person in exact if person is not None}
        if known:
            return list(known.values())
        return next((found for word in words if word and (found := self.by_name.get(fold(word), []))), [])


def still_here(people: Sequence[Person], on: date) -> list[Person]:
    """Those who have not left by a day."""
    return [each for each in people if each.left_on is None or each.left_on >= on]
