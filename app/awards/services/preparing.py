"""Preparing an award in silence: until it is conferred nobody but those who record here learns of it."""

from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import select

from app.awards import policy
from app.awards.errors import (
    AwardIsOver,
    ChosenByTheJury,
    ConferredAlready,
    EventIsCancelled,
    NamedAlready,
    NotOfThisEvent,
    RecipientsMissing,
)
from app.awards.models import Award, AwardKind, Recipient, RecipientsKnown
from app.core import audit
from app.core.db import db, edit
from app.core.errors import require
from app.core.i18n import _, in_language
from app.core.roles import Actor
from app.events import policy as event_policy
from app.events.models import Event
from app.nominations.services.proposing import Outside, nominee_columns
from app.people.models import Person, Team


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
    recipients: Sequence[Person | Team | Outside] = (),
    ceremony: Ceremony | None = None,
) -> Award:
    """Prepare an award or a tally. Until it is conferred nobody but those who record here learns of it."""
    require(policy.may_record(actor, event))
    if not event_policy.is_open_to_change(event):
        raise EventIsCancelled(_("This event is cancelled; nothing new is conferred in it."))
    belongs(event, ceremony)
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
    hold_unconferred(award)
    belongs(award.event, ceremony)
    if values.get("recipients_known", award.recipients_known) != award.recipients_known:
        _hold_unchosen(award)
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


def add_recipient(award: Award, who: Person | Team | Outside, *, actor: Actor) -> Recipient:
    require(policy.may_record(actor, award.event))
    hold_unconferred(award)
    _hold_unchosen(award)
    return name_recipient(award, who, actor=actor)


def name_recipient(award: Award, who: Person | Team | Outside, *, actor: Actor) -> Recipient:
    """Part of the acts that prepare or decide an award, which have asked whether they may."""
    if award.recipients_known != RecipientsKnown.NAMED:
        raise RecipientsMissing(_("The recipients of this one are not named. Change that first."))
    if isinstance(who, Outside):
        taken = any((each.outside_name or "").lower() == who.name.lower() for each in award.recipients)
    else:
        taken = any(who in (each.person, each.team) for each in award.recipients)
    if taken:
        name = in_language(who.name_local, who.name)
        raise NamedAlready(_("%(name)s receives it already.", name=name), field="who")
    recipient = Recipient(award=award, **nominee_columns(who))
    db.session.add(recipient)
    award.version += 1
    db.session.flush()
    audit.record(actor, "award.recipient_named", award)  # not who: the log is read by more people (rule 31)
    return recipient


def remove_recipient(recipient: Recipient, *, actor: Actor) -> None:
    award = recipient.award
    require(policy.may_record(actor, award.event))
    hold_unconferred(award)
    _hold_unchosen(award)
    audit.record(actor, "award.recipient_removed", award)
    award.recipients.remove(recipient)
    award.version += 1
    db.session.flush()


def _hold_unchosen(award: Award) -> None:
    if award.decided_at is not None:
        raise ChosenByTheJury(
            _("The jury chose who receives it. To give it to somebody else withdraw it, and decide the category anew.")
        )


def hold_unconferred(award: Award) -> None:
    """The row lock that puts two acts on one award in line; refuses what was conferred or ended meanwhile."""
    db.session.execute(select(Award.id).where(Award.id == award.id).with_for_update())
    db.session.refresh(award)
    db.session.expire(award, ["recipients"])
    if award.is_conferred:
        raise ConferredAlready(_("This was conferred. What was conferred does not change any more."))
    if award.end is not None:
        raise AwardIsOver(_("This award was withdrawn or declined. It is not conferred any more."))


def belongs(event: Event, ceremony: Ceremony | None) -> None:
    if ceremony is not None and ceremony.event_id != event.id:
        raise NotOfThisEvent(_("This ceremony belongs to another event."), field="ceremony_ref")
