"""What can be done with invitations: send, remind, revoke, answer."""

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import select

from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import Actor, Nobody
from app.events.models import Event, Participation, Status
from app.people.models import Department, Person
from app.registration import policy, queries, services, telling
from app.registration.errors import LinkEnded, NobodyToInvite, RegistrationClosed
from app.registration.models import GONE, Invitation
from app.signing import tokens

MOST_AT_ONCE = 2000


class LinkHolder(Nobody):
    """Whoever came by the link of an invitation: acts in the name of the invited person, and holds no role."""

    is_authenticated = False

    def __init__(self, person: Person) -> None:
        self.name = person.name


@dataclass
class Choice:
    """Who would be asked, each with the reason why they are on the list, and who would not, each with why not."""

    invited: list[tuple[Person, str]] = field(default_factory=list)
    left_out: list[tuple[Person, str]] = field(default_factory=list)


def choose(
    event: Event, *, people: Collection[Person] = (), departments: Collection[Department] = (), below: bool = True
) -> Choice:
    """Who is meant by a choice of people and departments, as the directory stands now. Everybody at most once."""
    wanted: dict[int, tuple[Person, str]] = {each.id: (each, "person") for each in people}
    for person, department in queries.list_members(departments, below=below, on=event.starts_on):
        wanted.setdefault(person.id, (person, department.name))
    asked = queries.list_invited_ids(event)
    registered = queries.list_registered_ids(event)
    choice = Choice()
    for person, via in sorted(wanted.values(), key=lambda each: each[0].name):
        why_not = _why_not(event, person, asked, registered)
        if why_not:
            choice.left_out.append((person, why_not))
        else:
            choice.invited.append((person, via))
    return choice


def _why_not(event: Event, person: Person, asked: Collection[int], registered: Collection[int]) -> str:
    if person.left_on is not None and person.left_on < event.starts_on:
        return _("has left the company")
    if person.id in registered:
        return _("is registered already")
    if person.id in asked:
        return _("is invited already")
    if not person.email:
        return _("has no e-mail address")
    return ""


def send_invitations(
    event: Event,
    *,
    actor: Actor,
    people: Collection[Person] = (),
    departments: Collection[Department] = (),
    below: bool = True,
    message: str | None = None,
) -> list[Invitation]:
    """Ask everybody of this choice who can be asked, each by a mail with a link of their own.

    Who belongs to a department is settled now: who joins it later is not invited.
    """
    require(policy.may_organize(actor, event))
    _check_can_invite(event)
    choice = choose(event, people=people, departments=departments, below=below)
    if not choice.invited:
        raise NobodyToInvite(_("There is nobody to invite in this choice."))
    if len(choice.invited) > MOST_AT_ONCE:
        raise NobodyToInvite(_("Please invite at most %(number)d people at once.", number=MOST_AT_ONCE))
    earlier = queries.invitations_by_person(event)
    parts = set(
        db.session.scalars(
            select(Participation.person_id).where(Participation.event_id == event.id, Participation.role == "invited")
        )
    )
    sent = []
    for person, via in choice.invited:
        invitation = earlier.get(person.id)
        if invitation is None:
            invitation = Invitation(event=event, person=person)
            db.session.add(invitation)
        else:
            invitation.version += 1
        invitation.via = via[:200]
        invitation.revoked_at = invitation.answer = invitation.answered_at = invitation.reason = None
        if person.id not in parts:
            db.session.add(Participation(event=event, person=person, role="invited"))
        sent.append(invitation)
    db.session.flush()
    for invitation in sent:
        _send(invitation, event, message)
        audit.record(actor, "invitation.sent", invitation, scope=event, via=invitation.via)
    return sent


def remind_silent(event: Event, *, actor: Actor) -> list[Invitation]:
    """Ask those again who have not answered. Their earlier link ends; the new one takes its place."""
    require(policy.may_organize(actor, event))
    _check_can_invite(event)
    silent = list(queries.list_silent(event))
    if not silent:
        raise NobodyToInvite(_("Everybody has answered."))
    for invitation in silent:
        _send(invitation, event, None)
        audit.record(actor, "invitation.reminded", invitation, scope=event)
    return silent


def _check_can_invite(event: Event) -> None:
    now = clock.now()
    plan = queries.find_plan(event)
    if event.status != Status.PUBLISHED:
        raise Refused(_("Publish the event first: invited people could not open it yet."))
    if event.has_ended_at(now):
        raise Refused(_("The event is over."))
    if plan is None or not plan.takes_registrations_at(now):
        raise RegistrationClosed(_("Open registration first: invited people could not answer yet."))


def _send(invitation: Invitation, event: Event, message: str | None) -> None:
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
