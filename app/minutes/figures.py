"""What the minutes contribute to the numbers: whose acknowledgement holds, and who was asked for one.

Names stay on the board of readers, which few may see (rule 29); here one learns of each document only how many.
"""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import joinedload, selectinload

from app.core.db import db
from app.core.roles import Actor
from app.events.models import Event
from app.figures.numbers import Gathering, Readership, Request, RequestKind
from app.figures.queries import day_of
from app.minutes.models import Acknowledgement, Extract, Minutes, MinutesState, MinutesVersion
from app.minutes.queries import counts, visible
from app.people.models import Person
from app.signing.models import IssuedDocument


def list_readerships(actor: Actor, within: ColumnElement[bool], gatherings: dict[int, Gathering]) -> list[Readership]:
    """Everybody on the distribution list of the minutes in force that the actor may see, those with a copy for
    information left out; and whether their acknowledgement holds, as `queries.counts` says it of each."""
    in_force = Minutes.state == MinutesState.PUBLISHED
    asked = _asked(Acknowledgement.minutes_id, Acknowledgement.version_id, Acknowledgement.version_hash,
                   Acknowledgement.text_hash, Acknowledgement.clearance)  # fmt: skip
    rows = db.session.execute(asked.where(within, in_force, visible(actor))).all()
    documents = (
        select(Minutes)
        .where(Minutes.id.in_({row.minutes_id for row in rows}))
        .options(
            joinedload(Minutes.session),
            selectinload(Minutes.versions)
            .selectinload(MinutesVersion.extracts)
            .joinedload(Extract.document)
            .load_only(IssuedDocument.content_hash),
        )
        .order_by(Minutes.year.desc(), Minutes.number.desc(), Minutes.id.desc())
    )
    by_id = {each.id: each for each in db.session.scalars(documents)}
    place = {key: number for number, key in enumerate(by_id)}
    return [
        Readership(
            ref=by_id[row.minutes_id].ref,
            label=by_id[row.minutes_id].label,
            title=by_id[row.minutes_id].title,
            event=gatherings[by_id[row.minutes_id].event_id],
            has_read=counts(cast(Acknowledgement, row), by_id[row.minutes_id]),
        )
        for row in sorted(rows, key=lambda each: place[each.minutes_id])
    ]


def acknowledgements_asked(
    actor: Actor, within: ColumnElement[bool], gatherings: dict[int, Gathering], since: datetime
) -> list[Request]:
    """Whom minutes that the actor may see asked since then to confirm that they were read."""
    asked = _asked(
        Minutes.ref, Minutes.title, Minutes.event_id, Acknowledgement.asked_at,
        Person.ref.label("person_ref"), Person.name, Person.name_local,
    ).join(Person, Person.id == Acknowledgement.person_id)  # fmt: skip
    return [
        Request(
            kind=RequestKind.ACKNOWLEDGE,
            person_ref=row.person_ref,
            person=row.name,
            person_local=row.name_local,
            event=gatherings[row.event_id],
            about=row.title,
            path=f"/events/{gatherings[row.event_id].ref}/minutes/{row.ref}",
            on=day_of(row.asked_at, gatherings[row.event_id]),
        )
        for row in db.session.execute(asked.where(within, Acknowledgement.asked_at >= since, visible(actor)))
    ]


def _asked(*columns: Any) -> Select[*tuple[Any, ...]]:
    """Those who were asked to confirm, with the minutes and their gathering."""
    return (
        select(*columns)
        .join(Minutes, Minutes.id == Acknowledgement.minutes_id)
        .join(Event, Event.id == Minutes.event_id)
        .where(Acknowledgement.is_copy.is_(False))
    )
