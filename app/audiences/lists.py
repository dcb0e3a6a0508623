"""Lists that people paste or upload: line by line, whom each means, or why it means nobody."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from app.audiences.errors import ListRefused
from app.core.i18n import _, _l
from app.core.text import one_line
from app.people.directory import Directory, still_here
from app.people.importing import PEOPLE, guess
from app.people.models import Person
from app.sheets.reading import Table

MOST_LINES = 5000
CELLS = ("employee_no", "email", "name", "name_local")  # of a table with a heading, these tell who is meant


class Fit(StrEnum):
    FOUND = "found"
    SEVERAL = "several"
    UNKNOWN = "unknown"
    NO_ADDRESS = "no_address"
    LEFT = "left"
    AGAIN = "again"


FIT_LABELS = {
    Fit.FOUND: _l("Found"),
    Fit.SEVERAL: _l("Several fit"),
    Fit.UNKNOWN: _l("Not found"),
    Fit.NO_ADDRESS: _l("Has no e-mail address"),
    Fit.LEFT: _l("Has left the company"),
    Fit.AGAIN: _l("Named before"),
}


@dataclass
class ReadLine:
    """One line with its number in the text and what became of it; `people` are all whom it may mean."""

    number: int
    text: str
    fit: Fit
    people: Sequence[Person] = ()


@dataclass
class ReadList:
    lines: list[ReadLine] = field(default_factory=list)

    @property
    def people(self) -> list[Person]:
        """Whom the list adds. Somebody without an address is on it, and is shown as left out until there is one."""
        return [each.people[0] for each in self.lines if each.fit in (Fit.FOUND, Fit.NO_ADDRESS)]

    @property
    def bad(self) -> list[ReadLine]:
        """The lines that need a look."""
        return [each for each in self.lines if each.fit not in (Fit.FOUND, Fit.AGAIN)]

    def count(self, fit: str) -> int:
        return sum(each.fit == fit for each in self.lines)

    @property
    def digest(self) -> str:
        """Changes when the text, or the directory, has changed so that the list means others."""
        told = [(each.number, each.fit.value, [person.ref for person in each.people]) for each in self.lines]
        return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


def read_list(text: str, *, on: date) -> ReadList:
    """Whom a text means, line by line, matched by employee number, then address, then a name that only one has.

    Two statements, whatever its length. A first line of headings, as a spreadsheet copies it, is passed over.
    """
    lines = [
        (number, one_line(line.replace("\t", " \t "))[:500], line) for number, line in enumerate(text.split("\n"), 1)
    ]
    lines = [each for each in lines if each[1]]
    if len(lines) > MOST_LINES:
        raise ListRefused(_("This list has more than %(most)s lines. Please split it.", most=MOST_LINES), field="text")
    directory = Directory()
    found = ReadList()
    named: set[int] = set()
    for at, (number, shown, line) in enumerate(lines):
        people = directory.in_line(line[:2000])
        if at == 0 and not people and is_heading(line):
            continue
        read = _judge(number, shown, people, on)
        if len(read.people) == 1:
            if read.people[0].id in named:
                read.fit = Fit.AGAIN
            named.add(read.people[0].id)
        found.lines.append(read)
    return found


def _judge(number: int, shown: str, people: Sequence[Person], on: date) -> ReadLine:
    here = still_here(people, on)
    if not people:
        return ReadLine(number, shown, Fit.UNKNOWN)
    if not here:
        return ReadLine(number, shown, Fit.LEFT, people)
    if len(here) > 1:
        return ReadLine(number, shown, Fit.SEVERAL, here)
    return ReadLine(number, shown, Fit.FOUND if here[0].email else Fit.NO_ADDRESS, here)


def is_heading(line: str) -> bool:
    """Whether these are the headings of columns: more than one of them known, or the only one."""
    cells = [cell for cell in line.replace(";", "\t").replace(",", "\t").split("\t") if cell.strip()]
    known = guess(PEOPLE, cells)
    return bool(known) and (len(known) > 1 or len(cells) == 1)


def text_of(table: Table) -> str:
    """A table as a text that can be looked at and mended: each row on the line of its number in the file.

    Of a table whose headings tell which column holds what, only the number, the address and the names are taken.
    """
    known = guess(PEOPLE, table.columns)
    chosen = [known[name] for name in CELLS if name in known] or list(range(len(table.columns)))
    lines = {1: "\t".join(_cell(table.columns[at]) for at in chosen)}
    for row in table.rows:
        lines[row.number] = "\t".join(_cell(row.cells[at]) for at in chosen)
    return "\n".join(lines.get(number, "") for number in range(1, max(lines) + 1))


def _cell(text: str) -> str:
    return one_line(text)
