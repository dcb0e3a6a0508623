"""What can be done about who holds a thing: handing over, giving back, telling a loss, and confirming it (rule 33)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import BinaryIO

from sqlalchemy import select

from app.core import audit, clock
from app.core.db import db
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.custody import policy, queries
from app.custody.errors import (
    ConditionMissing,
    NotPossibleNow,
    NotTheHolder,
    OneForBoth,
    ReasonMissing,
    ReceiptMissing,
    SamePerson,
    WaitsForConfirmation,
    WrongDay,
)
from app.custody.models import CustodyEvent, CustodyKind, Party
from app.custody.queries import Holding
from app.events.models import Event
from app.files import services as files
from app.files.models import StoredFile
from app.mail.services import Recipient, queue_mail
from app.people.models import Person
from app.people.queries import account_of
from app.speakers import pictures

history, holder_now = queries.history, queries.holder_now
CLOCKS_APART = timedelta(minutes=5)


def hand_over(
    event: Event,
    object_kind: str,
    object_ref: str,
    *,
    actor: Actor,
    named: str,
    named_local: str | None = None,
    giver: Person | None = None,
    taker: Person | None = None,
    at: datetime | None = None,
    place: str | None = None,
    condition: str | None = None,
    photo: StoredFile | None = None,
    kind: CustodyKind | str = CustodyKind.HANDOVER,
) -> CustodyEvent:
    """Record that a thing went from one to the other; nobody on a side means the office.

    Whoever records it confirms their own side by it. It counts when the other party has confirmed it too. A return
    needs a word on the condition. Kept for good is what its holder takes from the office for good; it can still be
    given back. `named` is what the thing is called in the record, for good.
    """
    require(policy.may_hand_over(actor, event, giver))
    kind = CustodyKind(kind)
    now = clock.now()
    at = at or now
    _hold(event)
    if kind is CustodyKind.LOSS:
        raise ValueError("a loss is told by report_loss")
    holding = queries.holder_now(object_kind, object_ref)
    if holding.for_good and kind is not CustodyKind.RETURN:
        raise NotPossibleNow(_("It stays with its holder for good. It can only be given back."), field="taker_ref")
    _refuse_if_odd(holding, taker if kind is CustodyKind.KEPT else giver, at, now)
    if giver is taker:
        raise SamePerson(_("Choose two different sides: who gives it and who takes it."), field="taker_ref")
    if queries.find_open(object_kind, object_ref) is not None:
        raise WaitsForConfirmation(
            _("Its last change of hands waits for a confirmation. Confirm it or take it back first.")
        )
    if kind is CustodyKind.RETURN and not condition:
        raise ConditionMissing(_("Say in which condition it is given back."), field="condition")
    custody = CustodyEvent(
        event=event, object_kind=object_kind, object_ref=object_ref, object_name=named, object_name_local=named_local,
        kind=kind, giver=giver, taker=taker, from_name=giver.name if giver else None, to_name=taker.name if taker else None,
        at=at, place=place, condition=condition, photo=photo, by_id=actor.id,
    )  # fmt: skip
    own = _own_side(custody, actor)
    if own is not None:
        _mark(custody, own, actor, now)
    db.session.add(custody)
    db.session.flush()
    audit.record(
        actor, "custody.recorded", custody, kind=kind, object=object_ref, giver=giver, taker=taker, at=at.isoformat()
    )
    _tell(custody, "asked", _parties(custody, unconfirmed=True))
    return custody


def report_loss(
    event: Event,
    object_kind: str,
    object_ref: str,
    *,
    actor: Actor,
    named: str,
    named_local: str | None = None,
    reason: str | None,
    at: datetime | None = None,
    place: str | None = None,
) -> CustodyEvent:
    """Say that a thing is lost: whoever holds it, or who records for the office. It counts at once."""
    _hold(event)
    holding = queries.holder_now(object_kind, object_ref)
    require(policy.may_hand_over(actor, event, holding.person))
    if holding.is_lost:
        raise NotPossibleNow(_("It is told as lost already."))
    if not reason:
        raise ReasonMissing(_("Say how it was lost, as far as it is known."), field="reason")
    now = clock.now()
    at = at or now
    if at > now + CLOCKS_APART:
        raise WrongDay(_("This lies in the future."), field="at")
    for each in queries.history(object_kind, object_ref):
        if each.is_open:  # what was under way cannot be finished any more
            each.withdrawn_at, each.withdrawn_reason = now, reason
            audit.record(actor, "custody.withdrawn", each, reason=reason)
    giver = holding.person
    custody = CustodyEvent(
        event=event, object_kind=object_kind, object_ref=object_ref, object_name=named, object_name_local=named_local,
        kind=CustodyKind.LOSS, giver=giver, from_name=giver.name if giver else None, at=at, place=place, condition=reason,
        from_confirmed_at=now, from_confirmed_by_id=actor.id, by_id=actor.id,
    )  # fmt: skip
    db.session.add(custody)
    db.session.flush()
    audit.record(actor, "custody.lost", custody, reason=reason, object=object_ref, giver=giver)
    return custody


def confirm(custody: CustodyEvent, *, actor: Actor, photo: StoredFile | None = None) -> CustodyEvent:
    """Say that it was so, for the side that the actor stands for. With the other's word the thing has changed hands.

    For somebody who cannot sign in the office confirms, with a picture of the receipt that they signed.
    """
    sides = [each for each in Party if policy.may_confirm(actor, custody, each)]
    require(bool(sides))
    _refresh(custody)
    waiting = [each for each in sides if custody.confirmed_at(each) is None]
    if not custody.is_open or not waiting:
        raise NotPossibleNow(_("There is nothing to confirm here any more."))
    party = waiting[0]
    _refuse_one_for_both(custody, party, actor)
    person = custody.person_of(party)
    if photo is not None:
        custody.photo = photo
    if person is not None and not policy.can_sign_in(person) and custody.photo is None:
        raise ReceiptMissing(
            _("%(name)s cannot sign in. Add a picture of the receipt that they signed.", name=person.display_name),
            field="file",
        )
    _mark(custody, party, actor, clock.now())
    db.session.flush()
    audit.record(
        actor, "custody.confirmed", custody, party=party, object=custody.object_ref,
        on_behalf_of=person.name if person is not None and not policy.can_sign_in(person) else None,
    )  # fmt: skip
    if custody.is_confirmed:
        _tell(custody, "confirmed", _parties(custody))
    return custody


def withdraw(custody: CustodyEvent, *, actor: Actor, reason: str | None) -> CustodyEvent:
    """Take back what was recorded wrongly, or say that it was not so. What both confirmed stays; a loss may be undone."""
    require(policy.may_withdraw(actor, custody))
    _refresh(custody)
    if custody.withdrawn_at is not None or custody.is_confirmed:
        raise NotPossibleNow(
            _("Both have confirmed this, or it was taken back. Record the next change of hands instead.")
        )
    if not reason:
        raise ReasonMissing(_("Please say why."), field="reason")
    custody.withdrawn_at, custody.withdrawn_reason = clock.now(), reason
    db.session.flush()
    audit.record(actor, "custody.withdrawn", custody, reason=reason, object=custody.object_ref)
    _tell(custody, "withdrawn", _parties(custody), reason)
    return custody


def keep_photo(stream: BinaryIO, *, actor: Actor) -> StoredFile:
    """Keep an uploaded picture of the thing or of a receipt, without what the camera wrote beside it."""
    data = pictures.cleaned(stream.read())
    is_png = data.startswith(pictures.PNG)
    return files.store(
        data, "custody.png" if is_png else "custody.jpg", "image/png" if is_png else "image/jpeg", actor=actor
    )


def _refuse_if_odd(holding: Holding, holder: Person | None, at: datetime, now: datetime) -> None:
    if holding.is_lost:
        raise NotPossibleNow(_("It is lost. What is found again is told by taking the loss back."))
    if holding.person is not holder:
        where = holding.person.display_name if holding.person else _("the office")
        raise NotTheHolder(
            _("It is with %(name)s now; only from there it can be handed on.", name=where), field="giver_ref"
        )
    if at > now + CLOCKS_APART:
        raise WrongDay(_("This lies in the future."), field="at")
    if holding.since is not None and at < holding.since.replace(second=0, microsecond=0):  # people tell minutes
        raise WrongDay(_("At that time it had not come to where it is given from."), field="at")


def _own_side(custody: CustodyEvent, actor: Actor) -> Party | None:
    """The side for which whoever records it speaks: their own as a person first, then the office's."""
    for party in Party:
        if policy.is_person(actor, custody.person_of(party)):
            return party
    if policy.may_record(actor, custody.event):
        return next((each for each in Party if custody.person_of(each) is None), None)
    return None


def _refuse_one_for_both(custody: CustodyEvent, party: Party, actor: Actor) -> None:
    other = custody.to_confirmed_by_id if party is Party.GIVER else custody.from_confirmed_by_id
    if actor.id is not None and other == actor.id:
        raise OneForBoth(_("You confirmed the other side. Somebody else confirms this one."))


def _mark(custody: CustodyEvent, party: Party, actor: Actor, now: datetime) -> None:
    if party is Party.GIVER:
        custody.from_confirmed_at, custody.from_confirmed_by_id = now, actor.id
    else:
        custody.to_confirmed_at, custody.to_confirmed_by_id = now, actor.id


def _hold(event: Event) -> None:
    """Things of one event change hands one after the other."""
    db.session.execute(select(Event.id).where(Event.id == event.id).with_for_update())


def _refresh(custody: CustodyEvent) -> None:
    db.session.execute(select(CustodyEvent.id).where(CustodyEvent.id == custody.id).with_for_update())
    db.session.refresh(custody)


def _parties(custody: CustodyEvent, *, unconfirmed: bool = False) -> Iterator[Person]:
    for party in Party:
        person = custody.person_of(party)
        if person is not None and not (unconfirmed and custody.confirmed_at(party) is not None):
            yield person


def _tell(custody: CustodyEvent, news: str, people: Iterator[Person], reason: str | None = None) -> None:
    for person in people:
        account = account_of(person)
        if account is None or not policy.can_sign_in(person):  # nobody could open the page
            continue
        language = account.language or person.language
        name = (person.name_local if language.startswith("zh") else None) or person.name
        queue_mail(
            Recipient(name, account.email, language), "custody/mail/custody", kind=f"custody.{news}",
            scope=custody.event.ref, custody=custody, news=news, reason=reason,
        )  # fmt: skip
