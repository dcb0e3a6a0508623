"""What the pledges contribute to the numbers: what became of them, and whom they asked to sign."""

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import selectinload

from app.accounts.models import RoleGrant
from app.core.db import db
from app.core.roles import Actor, Role, holds
from app.events.models import Event
from app.figures.numbers import Fate, Gathering, Promise, Request, RequestKind
from app.figures.queries import day_of
from app.people.models import Person
from app.pledges.models import Pledge, PledgeState, SignatureSlot, SlotRole

# Who sees a pledge before it is in force, as `policy.sees_all`.
BEFORE = (Role.SECRETARY, Role.ORGANIZER, Role.PRESIDING_LEADER, Role.AUDITOR, Role.ADMINISTRATOR)
ENDED = (PledgeState.ASSESSED, PledgeState.APPEALED, PledgeState.SUPERSEDED, PledgeState.VOID)


def list_promises(within: ColumnElement[bool], gatherings: dict[int, Gathering]) -> list[Promise]:
    """Every pledge of these events that was assessed, replaced, or declared void after it had been in force; by label."""
    ended = (
        select(Pledge)
        .join(Event, Event.id == Pledge.event_id)
        .where(within, Pledge.in_force_at.is_not(None), Pledge.state.in_(ENDED))
        .options(selectinload(Pledge.slots).joinedload(SignatureSlot.person))
        .order_by(Pledge.label)
    )
    return [promise_of(each, gatherings[each.event_id]) for each in db.session.scalars(ended)]


def promise_of(pledge: Pledge, event: Gathering) -> Promise:
    givers = [slot.person.display_name for slot in pledge.slots if slot.role == SlotRole.PLEDGER]
    # Nothing changes a void pledge any more: its last change is the day on which it was declared so.
    said_at = pledge.assessed_at or pledge.superseded_at or pledge.changed_at
    return Promise(
        ref=pledge.ref,
        label=pledge.label,
        title=pledge.title,
        event=event,
        givers=", ".join(givers),
        fate=fate_of(pledge),
        score=pledge.score,
        on=day_of(said_at, event),
    )


def fate_of(pledge: Pledge) -> Fate:
    """An appeal changes nothing until it is decided: the verdict that it is about stands."""
    if pledge.state in (PledgeState.SUPERSEDED, PledgeState.VOID):
        return Fate(pledge.state)
    return Fate(pledge.verdict or Fate.VOID)


def signatures_asked(
    actor: Actor, within: ColumnElement[bool], gatherings: dict[int, Gathering], since: datetime
) -> list[Request]:
    """Whom a pledge that was opened since then asked to sign; of those not in force yet only what the actor may see."""
    asked = (
        select(
            Pledge.ref, Pledge.label, Pledge.title, Pledge.event_id, Pledge.opened_at,
            Person.ref.label("person_ref"), Person.name, Person.name_local,
        )
        .join(SignatureSlot, SignatureSlot.pledge_id == Pledge.id)
        .join(Person, Person.id == SignatureSlot.person_id)
        .join(Event, Event.id == Pledge.event_id)
        .where(within, Pledge.opened_at >= since, or_(Pledge.in_force_at.is_not(None), seen_before(actor)))
    )  # fmt: skip
    return [
        Request(
            kind=RequestKind.PLEDGE,
            person_ref=row.person_ref,
            person=row.name,
            person_local=row.name_local,
            event=gatherings[row.event_id],
            about=f"{row.label} {row.title}",
            path=f"/events/{gatherings[row.event_id].ref}/pledges/{row.ref}",
            on=day_of(row.opened_at, gatherings[row.event_id]),
        )
        for row in db.session.execute(asked)
    ]


def seen_before(actor: Actor) -> ColumnElement[bool]:
    """Of which events somebody sees a pledge that is not in force yet, without being named in it."""
    if holds(actor, *BEFORE):
        return true()
    granted = select(RoleGrant.event_id).where(RoleGrant.account_id == actor.id, RoleGrant.role.in_(BEFORE))
    return Event.id.in_(granted)
