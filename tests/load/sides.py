"""What is measured: each side says how it is started, what its pages are called, and how a person registers.

A further side is one class with the same members, entered in SIDES.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sqlalchemy import func, select

from tests.load import floor
from tests.load.browser import Browser, Form, read_form
from tests.load.product import Product
from tests.load.standing import Standing


class Side(Protocol):
    name: str

    def prepare(self, database: str, folder: Path, capacities: Sequence[int]) -> None:
        """Fill an empty database: one event for each capacity; the first has 60 items and 500 registrations."""
        ...

    def command(self, port: int, workers: int) -> list[str]:
        """How the server is started; told by `environment` as well."""
        ...

    @property
    def environment(self) -> dict[str, str]: ...

    def pages(self) -> dict[str, list[str]]:
        """Name of a measurement to the addresses it asks for in turn. `BENCH_PAGES` are compared."""
        ...

    def browser(self, port: int, person: int) -> Browser:
        """Signed in as that person, 0 being one who may see everything, the others ordinary members. Not measured."""
        ...

    def open_form(self, browser: Browser, event: int) -> Form:
        """The form by which one registers for the event with that index in `capacities`."""
        ...

    leaves: bool  # whether people can withdraw there

    def leave_form(self, browser: Browser, event: int) -> Form:
        """The form by which somebody who is registered withdraws."""
        ...

    def standing(self, event: int) -> Standing: ...


BENCH_PAGES = ("event home", "home, first", "programme", "calendar, first", "calendar, again", "registrations")
FOR_ORGANIZERS = ("registrations",)


@dataclass
class Floor:
    gate: str = "guarded"
    name: str = "floor"
    leaves: bool = False
    database: str = ""
    events: list[int] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)

    def prepare(self, database: str, folder: Path, capacities: Sequence[int]) -> None:
        self.database = database
        self.events = floor.fill(database, events=capacities)

    def command(self, port: int, workers: int) -> list[str]:
        given = ["--database", self.database, "--port", str(port), "--workers", str(workers), "--gate", self.gate]
        return [sys.executable, "-m", "tests.load.floor", *given]

    def pages(self) -> dict[str, list[str]]:
        first = self.events[0]
        return {
            "event home": [f"/events/{first}"],
            "home, first": [f"/events/{each}" for each in self.events],
            "programme": [f"/events/{first}/programme"],
            "calendar, first": [f"/events/{each}/programme.ics" for each in self.events],
            "calendar, again": [f"/events/{first}/programme.ics"],
            "registrations": [f"/events/{first}/registrations"],
        }

    def browser(self, port: int, person: int) -> Browser:
        return Browser(port, cookies={"visit": floor.visit_of(person or 1)})

    def open_form(self, browser: Browser, event: int) -> Form:
        return read_form(browser.get(f"/events/{self.events[event]}/register"))

    def leave_form(self, browser: Browser, event: int) -> Form:
        raise LookupError("nobody leaves the floor")

    def standing(self, event: int) -> Standing:
        make = floor.open_database(self.database)
        with make() as session:
            states = select(floor.Registration.state, func.count()).group_by(floor.Registration.state)
            count = {
                state: number
                for state, number in session.execute(states.where(floor.Registration.event_id == self.events[event]))
            }
            counted = session.scalar(select(floor.Event.taken).where(floor.Event.id == self.events[event])) or 0
        make.kw["bind"].dispose()
        return Standing(counted, count.get("confirmed", 0), count.get("waiting", 0))


SIDES: dict[str, Side] = {"floor": Floor(), "hufu": Product()}
