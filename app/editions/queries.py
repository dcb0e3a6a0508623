"""Questions about templates, and about what became of each edition."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from app.core.db import db
from app.core.roles import Actor
from app.door.queries import count_arrived
from app.editions.models import EventTemplate
from app.editions.template import Template, shipped
from app.events import policy
from app.events.models import Event
from app.minutes.models import Minutes, MinutesState
from app.minutes.queries import visible as visible_minutes
from app.programme.models import Session
from app.registration.models import Registration, State
from app.requirements.models import Requirement


def find_template(key: str) -> Template | None:
    """One that comes with Hufu by its key, or an edition that the company keeps by its ref."""
    if key in shipped():
        return shipped()[key]
    kept = db.session.scalar(select(EventTemplate).where(EventTemplate.ref == key))
    return Template(kept.content) if kept is not None else None


def list_kept() -> Sequence[EventTemplate]:
    """The newest edition of each name that the company keeps."""
    newest = select(func.max(EventTemplate.id)).group_by(EventTemplate.name)
    return db.session.scalars(
        select(EventTemplate).where(EventTemplate.id.in_(newest)).order_by(EventTemplate.name)
    ).all()


def list_template_editions(name: str) -> Sequence[EventTemplate]:
    """All editions of a name, the newest first."""
    return db.session.scalars(
        select(EventTemplate).where(EventTemplate.name == name).order_by(EventTemplate.edition.desc())
    ).all()


def list_clonable(actor: Actor, events: Sequence[Event]) -> list[Event]:
    return [each for each in events if policy.may_plan(actor, each)]


@dataclass(frozen=True)
class Numbers:
    """What there is of one edition; None where the reader may not know."""

    sessions: int
    requirements: int
    minutes: int
    registered: int | None
    came: int | None


def numbers_of(events: Sequence[Event], actor: Actor) -> dict[int, Numbers]:
    """Of each of the events, in as many statements as there are numbers."""
    ids = [each.id for each in events]

    def count(model: Any, *conditions: Any) -> dict[int, int]:
        counted = select(model.event_id, func.count(model.id)).where(model.event_id.in_(ids), *conditions)
        return {event_id: number for event_id, number in db.session.execute(counted.group_by(model.event_id))}

    sessions = count(Session)
    requirements = count(Requirement, Requirement.parent_id.is_(None))
    minutes = count(Minutes, Minutes.state == MinutesState.PUBLISHED, visible_minutes(actor))
    registered = count(Registration, Registration.state == State.CONFIRMED)
    came = count_arrived(ids)
    planned = {each.id for each in list_clonable(actor, events)}
    return {
        each: Numbers(
            sessions.get(each, 0),
            requirements.get(each, 0),
            minutes.get(each, 0),
            registered.get(each, 0) if each in planned else None,
            came.get(each, 0) if each in planned else None,
        )
        for each in ids
    }


@dataclass(frozen=True)
class Neighbours:
    """An edition among those before and after it, for one line: at most two on each side."""

    before: Sequence[Event]
    event: Event
    after: Sequence[Event]
    more: int

    @property
    def row(self) -> Sequence[Event]:
        return [*self.before, self.event, *self.after]

    def label_of(self, event: Event) -> str | date:
        """The year, where that tells it from the others; else its day."""
        years = [year_of(each) for each in self.row]
        return str(year_of(event)) if years.count(year_of(event)) == 1 else event.starts_on


def year_of(edition: Event) -> int:
    """The one that its title names, since the gathering of a year may be held in the December before; else its day's."""
    named = re.findall(r"(?<!\d)(?:19|20|21)\d\d(?!\d)", edition.title)
    return int(named[0]) if len(named) == 1 else edition.starts_on.year


def neighbours_of(event: Event, editions: Sequence[Event]) -> Neighbours | None:
    """`editions` in the order of their days; None where there is nothing beside the event."""
    if len(editions) < 2 or event not in editions:
        return None
    at = editions.index(event)
    before, after = editions[max(0, at - 2) : at], editions[at + 1 : at + 3]
    return Neighbours(before, event, after, len(editions) - len(before) - len(after) - 1)
