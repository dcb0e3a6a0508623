"""What can be done with ceremonies: placing them in the programme, and telling what happened."""

from typing import Any

from sqlalchemy import select

from app.ceremonies import policy, queries
from app.ceremonies.errors import EventIsCancelled, ItemTaken, NotOfThisEvent
from app.ceremonies.models import Ceremony, CeremonyKind
from app.core import audit
from app.core.db import db, edit
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.events import policy as event_policy
from app.events.models import Event
from app.pledges.models import PledgeRound
from app.programme.models import AgendaItem, Session
from app.search import services as search


def add_ceremony(
    event: Event,
    *,
    actor: Actor,
    kind: CeremonyKind | str,
    title: str,
    title_local: str | None = None,
    session: Session | None = None,
    item: AgendaItem | None = None,
    place_in_programme: str | None = None,
    round: PledgeRound | None = None,
    account_of: str | None = None,
    account_of_local: str | None = None,
) -> Ceremony:
    """Place a ceremony. `place_in_programme` is opening or closing where no agenda item says it better."""
    require(policy.may_record(actor, event))
    if not event_policy.is_open_to_change(event):
        raise EventIsCancelled(_("This event is cancelled; no new ceremony is held in it."))
    _belongs(event, session, item, round)
    if item is not None and queries.is_item_taken(item):
        raise ItemTaken(_("Another ceremony stands at this place of the agenda."), field="item_ref")
    ceremony = Ceremony(
        event=event, kind=CeremonyKind(kind), title=title, title_local=title_local, session=session, item=item,
        place_in_programme=place_in_programme or None, round=round, account_of=account_of, account_of_local=account_of_local,
        position=queries.next_position(event),
    )  # fmt: skip
    db.session.add(ceremony)
    db.session.flush()
    audit.record(actor, "ceremony.added", ceremony, kind=ceremony.kind)
    index_ceremony(ceremony)
    return ceremony


def edit_ceremony(
    ceremony: Ceremony,
    *,
    actor: Actor,
    session: Session | None = None,
    item: AgendaItem | None = None,
    round: PledgeRound | None = None,
    version: int | None = None,
    **values: Any,
) -> Ceremony:
    require(policy.may_record(actor, ceremony.event))
    db.session.execute(select(Ceremony.id).where(Ceremony.id == ceremony.id).with_for_update())
    db.session.refresh(ceremony)
    _belongs(ceremony.event, session, item, round)
    if item is not None and queries.is_item_taken(item, besides=ceremony):
        raise ItemTaken(_("Another ceremony stands at this place of the agenda."), field="item_ref")
    changes = edit(ceremony, version=version, session=session, item=item, round=round, **values)
    if changes:
        audit.record(actor, "ceremony.changed", ceremony, fields=sorted(changes))
        index_ceremony(ceremony)
    return ceremony


def index_ceremony(ceremony: Ceremony) -> None:
    parts = [ceremony.title_local, ceremony.account_of, ceremony.account_of_local]
    search.put(
        "ceremony",
        ceremony.ref,
        url=f"/events/{ceremony.event.ref}/ceremonies/{ceremony.ref}",
        title=ceremony.title,
        body="\n".join(part for part in parts if part),
        event_id=ceremony.event_id,
        on=ceremony.event.starts_on,
    )


def _belongs(event: Event, session: Session | None, item: AgendaItem | None, round_: PledgeRound | None) -> None:
    if session is not None and session.event_id != event.id:
        raise NotOfThisEvent(_("This session belongs to another event."), field="session_ref")
    if item is not None and item.event_id != event.id:
        raise NotOfThisEvent(_("This agenda item belongs to another event."), field="item_ref")
    if round_ is not None and round_.event_id != event.id:
        raise NotOfThisEvent(_("This round belongs to another event."), field="round_ref")
