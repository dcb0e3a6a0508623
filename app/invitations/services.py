"""What can be done with invitations: answer, hand on, remind, revoke. Whom to ask, and asking them, is in invitees.py."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import Refused, require
from app.core.i18n import _, format_day
from app.core.roles import NOBODY, Actor
from app.events.models import Event, Status
from app.invitations import policy as board_policy
from app.invitations import queries as invited
from app.invitations import telling as told
from app.invitations.errors import NobodyToRemind, NobodyToSend, NotNow
from app.invitations.units import Unit, Units
from app.people.models import Person
from app.registration import answering, places, policy, queries, services, telling
from app.registration.errors import LinkEnded, RegistrationClosed
from app.registration.links import LinkHolder
from app.registration.models import GONE, Answer, Invitation, Registration, RegistrationPlan
from app.signing import tokens

PAUSE = timedelta(days=1)  # between two reminders to the same person, for whichever events


@dataclass(frozen=True)
class Reply:
    """What somebody answers. `colleague` are the words by which they name whom they send: an address or a number."""

    answer: Answer
    reason: str | None = None
    excuse: str | None = None
    maybe_until: date | None = None
    colleague: str | None = None


# --- sending ------------------------------------------------------------------------------------------------------


def remind_silent(event: Event, *, actor: Actor) -> list[Invitation]:
    """Ask those again who have not answered. Their earlier link ends; the new one takes its place."""
    require(policy.may_organize(actor, event))
    check_can_invite(event)
    return _remind(event, list(queries.list_silent(event)), actor)


def nudge(event: Event, unit: Unit, *, units: Units, actor: Actor) -> list[Invitation]:
    """Ask the silent of a department and those below it again: for its head, who is named in the mail."""
    require(board_policy.may_nudge(actor, event, units, unit.id))
    check_can_invite(event)
    inside = units.below[unit.id]
    silent = [each for each in queries.list_silent(event) if each.person.department_id in inside]
    return _remind(event, silent, actor)


def _remind(event: Event, silent: list[Invitation], actor: Actor) -> list[Invitation]:
    now = clock.now()
    if not silent:
        raise NobodyToRemind(_("Everybody has answered."))
    still = set(db.session.scalars(invited.lock_silent(event)))  # two who remind at once write once
    rested = invited.rested_people([each.person_id for each in silent], now - PAUSE)
    due = [each for each in silent if each.person_id in rested and each.id in still]
    if not due:
        raise NobodyToRemind(_("Whoever has not answered was reminded within the last day."))
    for invitation in due:
        told.tell_reminded(invitation.person, [renew_link(invitation, now)], by=actor.name)
        audit.record(actor, "invitation.reminded", invitation, scope=event)
    return due


def renew_link(invitation: Invitation, now: datetime) -> tuple[Invitation, str]:
    """A new link in the place of the former, for a reminder."""
    token, invitation.token_hash = tokens.new_token()
    invitation.reminded_at = now
    invitation.reminders += 1
    return invitation, token


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
    invitation.reminded_at = None
    telling.tell_invited(invitation, event, token, message, invitation.instead_of)


def revoke(invitation: Invitation, *, actor: Actor, reason: str | None = None) -> None:
    """Take an invitation back: the link ends. Somebody who registered already keeps the place until withdrawn."""
    require(policy.may_organize(actor, invitation.event))
    _revoke(invitation, actor=actor, reason=reason)


def _revoke(invitation: Invitation, *, actor: Actor, reason: str | None) -> None:
    if invitation.revoked_at is not None:
        raise LinkEnded(_("This invitation was taken back already."))
    edit(invitation, version=None, revoked_at=clock.now(), token_hash=None)
    services.remove_part(invitation.event, invitation.person, "invited")
    audit.record(actor, "invitation.revoked", invitation, reason=reason)


# --- answering ----------------------------------------------------------------------------------------------------


def answer_by_link(token: str, reply: Reply, *, visitor: Actor = NOBODY) -> Invitation:
    """Answer in the name of the invited person; the link alone proves it, and opens nothing else (AN15).

    A visitor who is signed in as somebody else does not answer for them, unless they may: an assistant, the organizer.
    """
    invitation = queries.find_by_token(token, clock.now())
    if invitation is None:
        raise LinkEnded(_("This link has ended. Sign in, or ask the organizer for a new invitation."))
    require(may_use_link(invitation, visitor))
    secret = invitation.token_hash
    _lock(invitation)
    if invitation.token_hash != secret:
        raise LinkEnded(_("This link has ended. Sign in, or ask the organizer for a new invitation."))
    _answer(invitation, reply, actor=LinkHolder(invitation.person), means="link")
    return invitation


def may_use_link(invitation: Invitation, visitor: Actor) -> bool:
    """A stranger to the house may; who is known as somebody else may only if they act for the invited person."""
    return not visitor.is_authenticated or policy.may_act_for(visitor, invitation.event, invitation.person)


def answer(invitation: Invitation, reply: Reply, *, actor: Actor) -> Invitation:
    """Answer signed in: for oneself, or for somebody one may act for."""
    require(policy.may_act_for(actor, invitation.event, invitation.person))
    _lock(invitation)
    actor = policy.in_whose_name(actor, invitation.event, invitation.person)
    _answer(invitation, reply, actor=actor, means="page")
    return invitation


def decline(invitation: Invitation, *, actor: Actor, reason: str | None = None) -> None:
    """Say no to an invitation, signed in; gives a place back if there is one."""
    answer(invitation, Reply(Answer.NO, reason=reason), actor=actor)


def delegate(invitation: Invitation, colleague: Person, *, actor: Actor, reason: str | None = None) -> Invitation:
    """Hand the invitation on to a colleague, who is asked in turn. Returns the colleague's invitation.

    For somebody who is asked and has no place. Whom one may send is what the event's plan says of substitutes.
    """
    require(policy.may_act_for(actor, invitation.event, invitation.person))
    _lock(invitation)
    actor = policy.in_whose_name(actor, invitation.event, invitation.person)
    return _hand_on(invitation, colleague, actor=actor, means="page", reason=reason)


def _lock(invitation: Invitation) -> None:
    """Two answers at once wait for each other: first at the places of the event, as every act on them does."""
    places.lock(invitation.event)
    again = select(Invitation).where(Invitation.id == invitation.id).with_for_update()
    db.session.scalars(again.execution_options(populate_existing=True)).one()
    if invitation.revoked_at is not None:
        raise LinkEnded(_("This invitation was taken back already."))


def _answer(invitation: Invitation, reply: Reply, *, actor: Actor, means: str) -> None:
    if reply.answer == Answer.DELEGATED:
        colleague = _named(invitation, reply.colleague)
        _hand_on(invitation, colleague, actor=actor, means=means, reason=reply.reason)
        return
    now, event, person = clock.now(), invitation.event, invitation.person
    mine = queries.find_own(event, person)
    holds = mine is not None and mine.state not in GONE
    until = None
    if reply.answer == Answer.MAYBE:
        until = _check_maybe(event, reply.maybe_until, now)
    if reply.answer != Answer.NO:
        _call_back(invitation, actor)
    told_no = reply.answer == Answer.NO
    excuse = reply.excuse if told_no else None
    reason = reply.reason if told_no else None
    is_new = answering.keep_answer(
        invitation, reply.answer, actor=actor, means=means, now=now, reason=reason, excuse=excuse, maybe_until=until
    )
    if reply.answer == Answer.YES and not holds:
        services.enter(event, person, actor=actor, means=means)
    elif reply.answer != Answer.YES and holds and mine is not None:
        services.leave(mine, actor=actor, reason=reason, means=means)
    if is_new:
        audit.record(
            actor, "invitation.answered", invitation, scope=event, reason=reason, answer=str(reply.answer), means=means,
            excuse=excuse, until=until.isoformat() if until else None,
        )  # fmt: skip


def last_maybe(event: Event, plan: RegistrationPlan | None) -> date:
    """Until when somebody can remain undecided: the day on which registration closes, else the day before the event."""
    if plan is not None and plan.closes_at is not None:
        closes = plan.closes_at.astimezone(ZoneInfo(event.time_zone)).date()
        return min(closes, event.starts_on - timedelta(days=1))
    return event.starts_on - timedelta(days=1)


def _check_maybe(event: Event, until: date | None, now: datetime) -> date:
    plan = queries.find_plan(event)
    _check_open(event, plan, now)
    last = last_maybe(event, plan)
    if last <= event.day_at(now):
        raise NotNow(_("It is too late to remain undecided. Please say yes or no."), field="answer")
    if until is None:
        raise NotNow(_("Please say until when you know."), field="maybe_until")
    if not event.day_at(now) < until <= last:
        raise NotNow(_("Please choose a day from tomorrow until %(day)s.", day=format_day(last)), field="maybe_until")
    return until


def _check_open(event: Event, plan: RegistrationPlan | None, now: datetime) -> None:
    why_not = queries.why_closed(event, plan, now, invited=True)
    if why_not:
        raise RegistrationClosed(why_not)


def _named(invitation: Invitation, words: str | None) -> Person:
    """The colleague meant. Whoever cannot be sent is not told apart from whom there is not: a link is no directory."""
    plan = queries.find_plan(invitation.event)
    _check_open(invitation.event, plan, clock.now())
    if not words:
        raise NobodyToSend(_("Please name the colleague whom you send."), field="colleague")
    colleague = invited.find_colleague(invitation.event, plan, invitation.person, words)
    if colleague is None:
        raise NobodyToSend(
            _("There is no colleague by this address whom you could send to this event."), field="colleague"
        )
    return colleague


def _hand_on(invitation: Invitation, colleague: Person, *, actor: Actor, means: str, reason: str | None) -> Invitation:
    event, person, now = invitation.event, invitation.person, clock.now()
    plan = queries.find_plan(event)
    _check_open(event, plan, now)
    mine = queries.find_own(event, person)
    if mine is not None and mine.state not in GONE:
        raise NotNow(_("You have a place already. Hand it over on the page of your registration."), field="answer")
    if not invited.may_be_sent(event, plan, person, colleague):
        raise NobodyToSend(
            _("There is no colleague by this address whom you could send to this event."), field="colleague"
        )
    theirs = invited.find_any(event, colleague)
    if theirs is not None and theirs.revoked_at is None:
        if theirs.instead_of_id == person.id:  # the same said twice
            return theirs
        raise NobodyToSend(_("%(name)s is invited already.", name=colleague.display_name), field="colleague")
    if queries.find_own(event, colleague) is not None and colleague.id in queries.list_registered_ids(event):
        raise NobodyToSend(_("%(name)s is registered already.", name=colleague.display_name), field="colleague")
    _call_back(invitation, actor)
    answering.keep_answer(invitation, Answer.DELEGATED, actor=actor, means=means, now=now, reason=reason)
    handed = theirs or Invitation(event=event, person=colleague, reminders=0)
    db.session.add(handed)
    begin_anew(handed)
    handed.via, handed.instead_of = "instead", person
    services.add_part(event, colleague, "invited")
    db.session.flush()
    send_link(handed, event, reason)
    audit.record(actor, "invitation.handed_on", invitation, scope=event, reason=reason, means=means, to=handed.ref)
    audit.record(actor, "invitation.sent", handed, scope=event, via=handed.via)
    return handed


def begin_anew(invitation: Invitation) -> None:
    """Somebody is asked again who was asked before and whose invitation was taken back: as if for the first time."""
    invitation.answer = invitation.answered_at = invitation.reason = invitation.excuse = invitation.maybe_until = None
    invitation.revoked_at = invitation.reminded_at = invitation.instead_of_id = None
    invitation.reminders = 0
    if invitation.id is not None:
        invitation.version += 1


def _call_back(invitation: Invitation, actor: Actor) -> None:
    """Whoever handed an invitation on and answers anew takes it back, unless the colleague comes already."""
    if invitation.answer != Answer.DELEGATED:
        return
    event = invitation.event
    handed = invited.find_handed_on(event, invitation.person)
    if handed is None:
        return
    theirs = queries.find_own(event, handed.person)
    if theirs is not None and theirs.state not in GONE:
        raise NotNow(_("%(name)s comes in your place already.", name=handed.person.display_name), field="answer")
    _revoke(handed, actor=actor, reason=None)
    told.tell_called_back(handed, invitation.person)


# --- after a change of time ---------------------------------------------------------------------------------------


def confirm_again(registration: Registration, *, actor: Actor, means: str = "page") -> Registration:
    """Say that one comes at the new time as well; the place stays."""
    event, person = registration.event, registration.person
    if means != "link":
        require(policy.may_act_for(actor, event, person))
        actor = policy.in_whose_name(actor, event, person)
    places.lock(event)
    db.session.refresh(registration)
    if registration.state in GONE:
        raise NotNow(_("There is no place any more: it was given back. Register again if you come after all."))
    if registration.reconfirm_until is None:
        return registration
    edit(registration, version=None, reconfirm_until=None)
    audit.record(actor, "registration.reconfirmed", registration, scope=event, means=means)
    return registration


def answer_again_by_link(
    token: str, *, says_yes: bool, reason: str | None = None, visitor: Actor = NOBODY
) -> Registration:
    """The link in the mail about a new time: come all the same, or give the place back."""
    registration = invited.find_by_reconfirm_link(token, clock.now())
    if registration is None:
        raise LinkEnded(_("This link has ended. Sign in, or ask the organizer."))
    person = registration.person
    require(not visitor.is_authenticated or policy.may_act_for(visitor, registration.event, person))
    holder = LinkHolder(person)
    if says_yes:
        return confirm_again(registration, actor=holder, means="link")
    if registration.state in GONE:
        return registration
    services.leave(registration, actor=holder, reason=reason, means="link")
    return registration
