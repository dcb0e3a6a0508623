"""Giving the right to sign in one's place, and taking it back."""

from datetime import date
from typing import BinaryIO

from app.core import audit, clock
from app.core.db import db
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import Actor
from app.delegations import policy
from app.delegations.errors import NotAPair, PaperMissing
from app.delegations.models import Delegation
from app.events.models import Audience, Event
from app.events.services import add_part
from app.files import services as files
from app.mail.services import Recipient, queue_mail
from app.people.models import Person


def grant(
    principal: Person,
    deputy: Person,
    *,
    actor: Actor,
    reason: str,
    from_on: date,
    to_on: date,
    event: Event | None = None,
    paper: tuple[BinaryIO, str] | None = None,
) -> Delegation:
    """Let the deputy sign in the principal's place. Given by the principal, or entered by the organizer of the event from
    the `paper` (content and name) that the principal has signed; then the principal is told."""
    by_principal = policy.is_self(actor, principal)
    require(by_principal or (event is not None and policy.may_enter(actor, event)))
    upload = files.checked(*paper) if paper is not None else None
    if principal.id == deputy.id:
        raise NotAPair(_("Nobody is their own deputy."), field="deputy_ref")
    if not by_principal and policy.is_self(actor, deputy):
        raise NotAPair(_("You cannot enter a delegation to yourself. Somebody else has to."), field="deputy_ref")
    if deputy.left_on is not None:
        raise NotAPair(_("%(name)s has left the company.", name=deputy.display_name), field="deputy_ref")
    if to_on < from_on:
        raise Refused(_("The last day lies before the first."), field="to_on")
    if to_on < clock.today(event.time_zone if event else "UTC"):
        raise Refused(_("The last day is over already."), field="to_on")
    if not by_principal and paper is None:
        raise PaperMissing(_("Attach the paper on which %(name)s gave it.", name=principal.display_name), field="file")
    stored = files.store(*upload, actor=actor) if upload is not None else None
    delegation = Delegation(
        principal=principal, deputy=deputy, event=event, reason=reason, from_on=from_on, to_on=to_on, file=stored,
        granted_by_id=actor.id, granted_at=clock.now(),
    )  # fmt: skip
    db.session.add(delegation)
    db.session.flush()
    if event is not None and event.audience == Audience.RESTRICTED and policy.may_enter(actor, event):
        add_part(event, deputy, "guest", actor=actor)  # who may sign there has to see what
    audit.record(
        actor, "delegation.granted", delegation, scope=event, principal=principal, deputy=deputy,
        from_on=from_on.isoformat(), to_on=to_on.isoformat(), paper=stored.sha256 if stored else None,
    )  # fmt: skip
    _tell(delegation, "granted", [deputy] if by_principal else [deputy, principal])
    return delegation


def revoke(delegation: Delegation, *, actor: Actor) -> None:
    """From now on the deputy signs nothing in that place. What was signed stays signed."""
    require(policy.may_revoke(actor, delegation))
    if delegation.revoked_at is not None:
        return
    delegation.revoked_at = clock.now()
    delegation.version += 1
    audit.record(actor, "delegation.revoked", delegation, scope=delegation.event)
    both = (delegation.principal, delegation.deputy)
    _tell(delegation, "revoked", [each for each in both if not policy.is_self(actor, each)])


def _tell(delegation: Delegation, what: str, people: list[Person]) -> None:
    for person in people:
        queue_mail(
            Recipient(person.display_name, person.email, person.language),
            f"delegations/mail/{what}",
            kind=f"delegation_{what}",
            scope=delegation.event.ref if delegation.event else None,
            delegation=delegation,
            event=delegation.event,
        )
