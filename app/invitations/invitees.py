"""Whom an event invites, and asking them."""

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import select

from app.core import audit
from app.core.db import db
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.events.models import Event, Participation
from app.invitations import services
from app.people.models import Department, Person
from app.registration import policy, queries
from app.registration.errors import NobodyToInvite
from app.registration.models import Invitation

MOST_AT_ONCE = 2000


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
    services.check_can_invite(event)
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
        services.send_link(invitation, event, message)
        audit.record(actor, "invitation.sent", invitation, scope=event, via=invitation.via)
    return sent
