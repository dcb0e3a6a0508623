"""What can be done with invitations: remind, revoke, answer. Whom to ask, and asking them, is in invitees.py."""

from app.core import audit, clock
from app.core.db import edit
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import Actor, Nobody
from app.events.models import Event, Status
from app.people.models import Person
from app.registration import policy, queries, services, telling
from app.registration.errors import LinkEnded, NobodyToInvite, RegistrationClosed
from app.registration.models import GONE, Invitation
from app.signing import tokens


class LinkHolder(Nobody):
    """Whoever came by the link of an invitation: acts in the name of the invited person, and holds no role."""

    is_authenticated = False

    def __init__(self, person: Person) -> None:
        self.name = person.name


def remind_silent(event: Event, *, actor: Actor) -> list[Invitation]:
    """Ask those again who have not answered. Their earlier link ends; the new one takes its place."""
    require(policy.may_organize(actor, event))
    check_can_invite(event)
    silent = list(queries.list_silent(event))
    if not silent:
        raise NobodyToInvite(_("Everybody has answered."))
    for invitation in silent:
        send_link(invitation, event, None)
        audit.record(actor, "invitation.reminded", invitation, scope=event)
    return silent


def check_can_invite(event: Event) -> None:
    """Refuses while the invited could not answer."""
    now = clock.now()
    plan = queries.find_plan(event)
    if event.status != Status.PUBLISHED:
        raise Refused(_("Publish the event first: invited people could not open it yet."))
    if event.has_ended_at(now):
        raise Refused(_("The event is over."))
    if plan is None or not plan.takes_registrations_at(now):
        raise RegistrationClosed(_("Open registration first: invited people could not answer yet."))


def send_link(invitation: Invitation, event: Event, message: str | None) -> None:
    """A mail with a new link; an earlier one ends."""
    token, invitation.token_hash = tokens.new_token()
    invitation.sent_at = clock.now()
    telling.tell_invited(invitation, event, token, message)


def revoke(invitation: Invitation, *, actor: Actor, reason: str | None = None) -> None:
    """Take an invitation back: the link ends. Somebody who registered already keeps the place until withdrawn."""
    require(policy.may_organize(actor, invitation.event))
    if invitation.revoked_at is not None:
        raise LinkEnded(_("This invitation was taken back already."))
    edit(invitation, version=None, revoked_at=clock.now(), token_hash=None)
    services.remove_part(invitation.event, invitation.person, "invited")
    audit.record(actor, "invitation.revoked", invitation, reason=reason)


def answer_by_link(token: str, *, says_yes: bool, reason: str | None = None) -> Invitation:
    """Answer in the name of the invited person; the link alone proves it, and opens nothing else (AN15)."""
    invitation = queries.find_by_token(token, clock.now())
    if invitation is None:
        raise LinkEnded(_("This link has ended. Sign in, or ask the organizer for a new invitation."))
    _answer(invitation, says_yes=says_yes, reason=reason, actor=LinkHolder(invitation.person), means="link")
    return invitation


def decline(invitation: Invitation, *, actor: Actor, reason: str | None = None) -> None:
    """Say no to an invitation, signed in; gives a place back if there is one."""
    require(policy.may_act_for(actor, invitation.event, invitation.person))
    _answer(invitation, says_yes=False, reason=reason, actor=actor, means="page")


def _answer(invitation: Invitation, *, says_yes: bool, reason: str | None, actor: Actor, means: str) -> None:
    event, person = invitation.event, invitation.person
    mine = queries.find_own(event, person)
    holds = mine is not None and mine.state not in GONE
    if says_yes and not holds:
        services.enter(event, person, actor=actor, means=means)
    elif not says_yes and holds and mine is not None:
        services.leave(mine, actor=actor, reason=reason, means=means)
    edit(
        invitation, version=None, answer="yes" if says_yes else "no", answered_at=clock.now(),
        reason=None if says_yes else reason,
    )  # fmt: skip
    audit.record(
        actor, "invitation.answered", invitation, scope=event, reason=reason,
        answer="yes" if says_yes else "no", means=means,
    )  # fmt: skip
