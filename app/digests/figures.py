"""What the daily mail contributes to the numbers: the reminders that people got."""

from datetime import date

from sqlalchemy import ColumnElement, select

from app.core.db import db
from app.core.i18n import in_language
from app.digests.models import Urge
from app.events.models import Event
from app.figures.numbers import Gathering, Request, RequestKind
from app.people.models import Person
from app.requirements.models import Assignment, Requirement


def reminders_sent(within: ColumnElement[bool], gatherings: dict[int, Gathering], since: date) -> list[Request]:
    """Each reminder of a daily mail since a day, to whomever it went: also to heads and supervisors."""
    sent = (
        select(
            Assignment.ref, Assignment.label, Requirement.event_id, Requirement.heading, Requirement.heading_local,
            Person.ref.label("person_ref"), Person.name, Person.name_local, Urge.on,
        )
        .join(Assignment, Assignment.id == Urge.assignment_id)
        .join(Requirement, Requirement.id == Assignment.requirement_id)
        .join(Event, Event.id == Requirement.event_id)
        .join(Person, Person.id == Urge.person_id)
        .where(within, Urge.on >= since)
    )  # fmt: skip
    return [
        Request(
            kind=RequestKind.REMINDER,
            person_ref=row.person_ref,
            person=row.name,
            person_local=row.name_local,
            event=gatherings[row.event_id],
            about=f"{row.label} {in_language(row.heading_local, row.heading)}",
            path=f"/events/{gatherings[row.event_id].ref}/assignments/{row.ref}",
            on=row.on,
        )
        for row in db.session.execute(sent)
    ]
