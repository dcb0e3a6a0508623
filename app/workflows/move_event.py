"""Change what is told of an event; when its first day moves, what is told from that day moves with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from app.core import audit
from app.core.db import db, edit
from app.core.relative import RelativeDate
from app.core.roles import Actor
from app.editions.building import Span, Told, land
from app.events.models import Event
from app.programme import queries as programme
from app.programme import services
from app.programme.models import AgendaItem, HardStop, Session
from app.registration import queries as registration
from app.workflows.change_event import change_event


@dataclass(frozen=True)
class Changed:
    """How many people are told of it by mail, and what lost its time because the clocks skip it."""

    told: int
    lost: Sequence[str]


def change_and_move(event: Event, *, actor: Actor, version: int | None, moves_along: bool, **values: Any) -> Changed:
    """`change_event`; with `moves_along` the programme and the end of registration move by as many days as the first
    day does, at the same hours on the wall. What is known of people and rooms on certain days stays on those days.
    """
    first_day = event.starts_on
    told = change_event(event, actor=actor, version=version, **values)
    if not moves_along or event.starts_on == first_day:
        return Changed(told, ())
    moving = _Moving(event, first_day, actor)
    moving.move()
    return Changed(told, moving.notes.some)


class _Moving:
    def __init__(self, event: Event, first_day: date, actor: Actor) -> None:
        self.event, self.first_day, self.actor = event, first_day, actor
        self.notes = Told()

    def move(self) -> None:
        event = self.event
        sessions = programme.list_sessions(event)
        items = db.session.scalars(select(AgendaItem).where(AgendaItem.event_id == event.id)).all()
        for session in sessions:
            self._move_session(session)
        for item in items:
            if item.starts_at is not None:
                span = self._moved(item)
                services.change_item(
                    item, actor=self.actor, version=None, starts_at=span.starts_at, ends_at=span.ends_at,
                    minutes=span.minutes or item.minutes,
                )  # fmt: skip
        for stop in db.session.scalars(
            select(HardStop).where(HardStop.event_id == event.id, HardStop.person_id.is_(None))
        ):
            edit(stop, version=None, at=self._relative(stop.at).moment(event.starts_on, event.time_zone))
        plan = registration.find_plan(event)
        if plan is not None:
            told = {name: getattr(plan, name) for name in ("opens_at", "closes_at", "changes_until")}
            moved = {
                name: self._relative(each).moment(event.starts_on, event.time_zone)
                for name, each in told.items()
                if each
            }
            edit(plan, version=None, **moved)
        db.session.flush()
        audit.record(self.actor, "event.moved", event, days=self._days, sessions=len(sessions), items=len(items))

    @property
    def _days(self) -> int:
        return (self.event.starts_on - self.first_day).days

    def _move_session(self, session: Session) -> None:
        if session.starts_at is not None:
            span = self._moved(session)
            day = None if span.starts_at else session.day and session.day + timedelta(days=self._days)
            values = {"day": day} if day else {}
            services.change_session(
                session, actor=self.actor, version=None, starts_at=span.starts_at, ends_at=span.ends_at, **values
            )
        elif session.day is not None:
            day = session.day + timedelta(days=self._days)
            services.change_session(session, actor=self.actor, version=None, day=day)

    def _moved(self, record: Session | AgendaItem) -> Span:
        assert record.starts_at is not None
        ends = self._relative(record.ends_at) if record.ends_at else None
        return land(
            self._relative(record.starts_at), ends, self.event.starts_on, self.event.time_zone, record.display_title,
            self.notes,
        )  # fmt: skip

    def _relative(self, moment: Any) -> RelativeDate:
        return RelativeDate.of(moment, self.first_day, self.event.time_zone)
