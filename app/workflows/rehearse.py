"""Try an event out: its mails wait in the outbox and its registrations are marked, until one act takes both away."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, func, select

from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import Actor
from app.door.models import CheckIn, RefusedScan
from app.events import policy
from app.events.errors import WrongStatus
from app.events.models import Event, Status
from app.mail import queries as outbox
from app.mail import services as mail
from app.mail.models import MailHold, MailMessage
from app.registration import rehearsal, telling
from app.registration.models import GONE, Registration, State


@dataclass(frozen=True)
class Effect:
    """What the end of a rehearsal takes away."""

    confirmed: int
    waiting: int
    withdrawn: int
    check_ins: int
    mails: Sequence[MailMessage]

    @property
    def registrations(self) -> int:
        return self.confirmed + self.waiting + self.withdrawn


def effect_of_end(event: Event) -> Effect:
    """Counted as it stands now; the act itself counts again."""
    hold = outbox.find_hold(event.ref)
    states = Counter(each.state for each in rehearsal.list_rehearsed(event))
    came = select(func.count(CheckIn.id)).where(*_at_the_door(CheckIn, event, hold)) if hold else None
    return Effect(
        confirmed=states[State.CONFIRMED],
        waiting=sum(number for state, number in states.items() if state not in (State.CONFIRMED, *GONE)),
        withdrawn=sum(states[each] for each in GONE),
        check_ins=db.session.scalar(came) or 0 if came is not None else 0,
        mails=outbox.list_held(event.ref),
    )


def begin_rehearsal(event: Event, *, actor: Actor) -> None:
    """From now on no mail of this event leaves, and whoever registers is marked. What was before stays as it is."""
    require(policy.may_plan(actor, event))
    if event.is_rehearsal:
        raise WrongStatus(_("This event is being rehearsed already."))
    if event.status not in (Status.DRAFT, Status.PUBLISHED) or event.has_ended_at(clock.now()):
        raise WrongStatus(_("This event is over: there is nothing to rehearse."))
    edit(event, version=None, is_rehearsal=True)
    mail.hold_back(event.ref)
    audit.record(actor, "rehearsal.begun", event)


def end_rehearsal(event: Event, *, actor: Actor, let_go: Collection[MailMessage] = ()) -> Effect:
    """Take away everything that was marked; of the held mails only the chosen ones leave. Nothing else is touched.

    Somebody who waited in earnest and gets a place that the rehearsal had taken is told for real.
    """
    require(policy.may_plan(actor, event))
    hold = outbox.find_hold(event.ref)
    if not event.is_rehearsal or hold is None:
        raise Refused(_("This event is not being rehearsed."))
    effect, now = effect_of_end(event), clock.now()
    for model in (RefusedScan, CheckIn):
        db.session.execute(
            delete(model).where(*_at_the_door(model, event, hold)).execution_options(synchronize_session=False)
        )
    promoted = rehearsal.remove_rehearsed(event, since=hold.created_at, now=now)
    gone = mail.let_go(event.ref, let_go)
    edit(event, version=None, is_rehearsal=False)
    db.session.flush()
    audit.record(
        actor, "rehearsal.ended", event, registrations=effect.registrations, check_ins=effect.check_ins, mails_gone=gone,
        mails_sent=len(effect.mails) - gone,
    )  # fmt: skip
    for each in promoted:
        audit.record(actor, "registration.promoted", each, scope=event)
        telling.tell_promoted(each, event)
    return effect


def _at_the_door(
    model: type[CheckIn] | type[RefusedScan], event: Event, hold: MailHold
) -> tuple[ColumnElement[bool], ...]:
    """Passes and refused scans of the marked people, since the rehearsal began."""
    marked = select(Registration.person_id).where(Registration.event_id == event.id, Registration.is_rehearsal)
    return model.event_id == event.id, model.person_id.in_(marked), model.created_at >= hold.created_at
