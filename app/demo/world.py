"""Who and what the data files name by their keys, as records."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from app.accounts.models import Account
from app.awards.models import Award
from app.campaigns.models import Campaign
from app.ceremonies.models import Ceremony
from app.demo.dates import Calendar, moment
from app.demo.story import Story
from app.events.models import Event
from app.extensions.models import Extension
from app.minutes.models import Minutes
from app.people.models import Department, Organization, Person, Team
from app.pledges.models import Pledge, PledgeRound
from app.programme.models import AgendaItem, Room, Session, Track
from app.publications.models import Release
from app.registration.models import Registration
from app.requirements.models import Assignment, Requirement
from app.speeches.models import Speech

BEGINNING = timedelta(days=800)  # that long ago the company began to use the system

DATA = Path(__file__).parent / "data"


@cache
def read(name: str) -> dict[str, Any]:
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


@dataclass
class World:
    """Filled while the story happens; each part finds here what an earlier one made."""

    calendar: Calendar
    story: Story
    organization: Organization = field(init=False)
    accounts: dict[str, Account] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    departments: dict[str, Department] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    rooms: dict[tuple[str, str], Room] = field(default_factory=dict)
    tracks: dict[tuple[str, str], Track] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    items: dict[str, AgendaItem] = field(default_factory=dict)
    registrations: dict[tuple[str, str], Registration] = field(default_factory=dict)
    speeches: dict[str, Speech] = field(default_factory=dict)
    requirements: dict[str, Requirement] = field(default_factory=dict)
    assignments: dict[str, Assignment] = field(default_factory=dict)
    extensions: dict[str, Extension] = field(default_factory=dict)
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    rounds: dict[str, PledgeRound] = field(default_factory=dict)
    pledges: dict[str, Pledge] = field(default_factory=dict)
    ceremonies: dict[str, Ceremony] = field(default_factory=dict)
    awards: dict[str, Award] = field(default_factory=dict)
    minutes: dict[str, Minutes] = field(default_factory=dict)
    releases: dict[str, Release] = field(default_factory=dict)

    @property
    def beginning(self) -> datetime:
        return moment(self.calendar.today - BEGINNING, "08:00")

    def text(self, told: dict[str, Any], name: str) -> str | None:
        return self.calendar.text(told.get(name))

    def both(self, told: dict[str, Any], *names: str, into: dict[str, str] | None = None) -> dict[str, Any]:
        """Each name and its Chinese twin, as our records call them: `title` and `title_local`.

        `into` renames: {"account": "account_of"}.
        """
        found = {}
        for name in names:
            ours = (into or {}).get(name, name)
            found[ours], found[f"{ours}_local"] = self.text(told, name), self.text(told, f"{name}_zh")
        return found

    def speaker(self, key: str) -> Person | Team:
        return self.teams[key.removeprefix("team:")] if key.startswith("team:") else self.people[key]

    def organizer(self, event: str) -> Account:
        """The board's gathering is the secretary's; the others are Olaf's."""
        return self.accounts["sara" if event == "board-month" else "olaf"]

    def secretary(self, event: str) -> Account:
        return self.accounts["sara"]

    def supervisor(self, event: str) -> Account:
        """Who follows up; at the board the secretary herself, since nobody else of the office sees it."""
        return self.accounts["sara" if event == "board-month" else "sven"]


def language(code: str) -> str:
    return "zh_Hans_CN" if code == "zh" else code
