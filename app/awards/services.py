"""What can be done with awards and tallies: preparing them in silence, and conferring them."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol

from sqlalchemy import select

from app.awards import policy
from app.awards.errors import ConferredAlready, EventIsCancelled, NamedAlready, NotOfThisEvent, RecipientsMissing
from app.awards.models import Award, AwardKind, Recipient, RecipientsKnown
from app.core import audit
from app.core.db import db, edit
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.events import policy as event_policy
from app.events.models import Event
from app.people.models import Person, Team
from app.search import services as search


class Ceremony(Protocol):
    """What is asked of a ceremony here; the feature itself stands above this one."""

    @property
    def id(self) -> int: ...
    @property
    def event_id(self) -> int: ...


def add_award(
    event: Event,
    *,
    actor: Actor,
    kind: AwardKind | str,
    title: str,
    title_local: str | None = None,
    citation: str | None = None,
    citation_local: str | None = None,
    recipients_known: RecipientsKnown | str = RecipientsKnown.NAMED,
    recipients_count: int | None = None,
    recipients: Sequence[Person | Team] = (),
    ceremony: Ceremony | None = None,
) -> Award:
    """Prepare an award or a tally. Until it is conferred nobody but those who record here learns of it."""
    require(policy.may_record(actor, event))
    if not event_policy.is_open_to_change(event):
        raise EventIsCancelled(_("This event is cancelled; nothing new is conferred in it."))
    _belongs(event, ceremony)
    award = Award(
        event=event, kind=AwardKind(kind), title=title, title_local=title_local, citation=citation,
        citation_local=citation_local, recipients_known=RecipientsKnown(recipients_known),
        recipients_count=recipients_count, ceremony_id=ceremony.id if ceremony else None,
    )  # fmt: skip
    _settle_count(award)
    db.session.add(award)
    db.session.flush()
    audit.record(actor, "award.prepared", award, kind=award.kind)
    for each in recipients:
        add_recipient(award, each, actor=actor)
    return award


def edit_award(
    award: Award, *, actor: Actor, ceremony: Ceremony | None = None, version: int | None = None, **values: Any
) -> Award:
    """Change what is prepared. What was conferred stays as it was."""
    require(policy.may_record(actor, award.event))
    _hold_undecided(award)
    _belongs(award.event, ceremony)
    changes = edit(award, version=version, ceremony_id=ceremony.id if ceremony else None, **values)
    _settle_count(award)
    if award.recipients_known != RecipientsKnown.NAMED:
        award.recipients.clear()
    if changes:
        audit.record(actor, "award.changed", award, fields=sorted(changes))
    return award


def _settle_count(award: Award) -> None:
    """The number belongs to recipients of whom only the number is known."""
    if award.recipients_known != RecipientsKnown.COUNTED:
        award.recipients_count = None
    elif not award.recipients_count or award.recipients_count < 1:
        raise RecipientsMissing(_("Say how many receive it."), field="recipients_count")


def add_recipient(award: Award, who: Person | Team, *, actor: Actor) -> Recipient:
    require(policy.may_record(actor, award.event))
    _hold_undecided(award)
    if award.recipients_known != RecipientsKnown.NAMED:
        raise RecipientsMissing(_("The recipients of this one are not named. Change that first."))
    if any(who in (each.person, each.team) for each in award.recipients):
        raise NamedAlready(_("%(name)s receives it already.", name=who.display_name), field="who")
    person = who if isinstance(who, Person) else None
    recipient = Recipient(award=award, person=person, team=None if person else who)
    db.session.add(recipient)
    award.version += 1
    db.session.flush()
    audit.record(actor, "award.recipient_named", award, recipient=who)
    return recipient


def remove_recipient(recipient: Recipient, *, actor: Actor) -> None:
    award = recipient.award
    require(policy.may_record(actor, award.event))
    _hold_undecided(award)
    audit.record(actor, "award.recipient_removed", award, recipient=recipient.person or recipient.team)
    award.recipients.remove(recipient)
    award.version += 1
    db.session.flush()


def confer(award: Award, *, actor: Actor, on: date, by: Person | None = None) -> Award:
    """Say that it was given: from now on everybody who sees the event knows. Positions are kept as of that day."""
    require(policy.may_record(actor, award.event))
    _hold_undecided(award)
    if award.recipients_known == RecipientsKnown.NAMED and not award.recipients:
        raise RecipientsMissing(_("Name who receives it first, or say that this is not stated."))
    for recipient in award.recipients:
        held = recipient.person.position_on(on) if recipient.person else None
        recipient.position_title = held.title if held else None
    award.conferred_on, award.conferred_by = on, by
    award.version += 1
    db.session.flush()
    audit.record(actor, "award.conferred", award, on=on.isoformat(), recipients=len(award.recipients))
    index_award(award)
    return award


def index_award(award: Award) -> None:
    """Only what is conferred can be found."""
    if not award.is_conferred:
        search.drop("award", award.ref)
        return
    parts = [award.title_local, award.citation, award.citation_local]
    for each in award.recipients:
        who = each.person or each.team
        parts += [who.name, who.name_local] if who else []
    search.put(
        "award",
        award.ref,
        url=f"/events/{award.event.ref}/awards/{award.ref}",
        title=award.title,
        body="\n".join(part for part in parts if part),
        event_id=award.event_id,
        on=award.conferred_on,
    )


def _hold_undecided(award: Award) -> None:
    db.session.execute(select(Award.id).where(Award.id == award.id).with_for_update())
    db.session.refresh(award)
    db.session.expire(award, ["recipients"])
    if award.is_conferred:
        raise ConferredAlready(_("This was conferred. What was conferred does not change any more."))


def _belongs(event: Event, ceremony: Ceremony | None) -> None:
    if ceremony is not None and ceremony.event_id != event.id:
        raise NotOfThisEvent(_("This ceremony belongs to another event."), field="ceremony_ref")
