"""What can be done: ask somebody to come instead, answer, agree, take it back; or send somebody directly.

Until all have said yes nothing changes: the place stays where it was, with the code that it has.
"""

from collections.abc import Sequence

from app.assistants.acting import ActingFor
from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.events.models import Event
from app.people.models import Person
from app.questions.services import ask_anew
from app.registration import handing_over, places, queries
from app.registration.leaving import on_leaving
from app.registration.links import LinkHolder
from app.registration.models import Registration, Substitutes
from app.registration.policy import in_whose_name, is_own, may_act_for, may_organize
from app.signing import tokens
from app.substitutions import policy, telling
from app.substitutions.errors import AskedAlready, NoLongerAsked, NotAllowed
from app.substitutions.models import Substitution, SubstitutionState
from app.substitutions.queries import STANDING, find_standing, list_standing, rule_of


def ask(registration: Registration, to_person: Person, *, actor: Actor, reason: str | None = None) -> Substitution:
    """Ask somebody to come instead, by a mail with a link of their own. The place is kept meanwhile."""
    event, person = registration.event, registration.person
    require(may_act_for(actor, event, person))
    actor = in_whose_name(actor, event, person)
    handing_over.check_event(event, clock.now())
    places.lock(event)
    db.session.refresh(registration)
    handing_over.check_holds(registration)
    _check_rule(registration, to_person)
    handing_over.check_can_come(registration, to_person, queries.find_own(event, to_person))
    if not to_person.email:
        raise NotAllowed(_("%(name)s has no e-mail address.", name=to_person.display_name), field="person")
    if find_standing(registration) is not None:
        raise AskedAlready(_("Somebody is asked already. Take that back first."))
    token, token_hash = tokens.new_token()
    asked = Substitution(
        event=event, registration=registration, to_person=to_person, approver=_approver(event, person),
        state=SubstitutionState.ASKED, reason=reason, by_id=actor.id, token_hash=token_hash,
    )  # fmt: skip
    db.session.add(asked)
    audit.record(actor, "substitution.asked", asked, scope=event, reason=reason, person=to_person)
    telling.tell_asked(asked, token)
    db.session.flush()
    return asked


def _check_rule(registration: Registration, to_person: Person) -> None:
    rule = rule_of(registration.event)
    if rule == Substitutes.NOBODY:
        raise NotAllowed(_("Nobody can be sent instead to this event."))
    home = registration.person.department_id
    if rule == Substitutes.DEPARTMENT and (home is None or to_person.department_id != home):
        raise NotAllowed(_("Only somebody of the same department can come instead."), field="person")
    if to_person.organization is None or not to_person.organization.is_own:
        raise NotAllowed(_("Only a colleague can come instead."), field="person")


def _approver(event: Event, person: Person) -> Person | None:
    plan = queries.find_plan(event)
    return person.manager if plan is not None and plan.substitutes_approved else None


def accept(substitution: Substitution, *, actor: Actor) -> Substitution:
    """Say yes, signed in. Where nobody else has to agree the place changes hands at once."""
    require(policy.may_answer(actor, substitution))
    return _accept(substitution, _as_told(actor, substitution), means="page")


def _as_told(actor: Actor, substitution: Substitution) -> Actor:
    """Whoever answers, as the log names them: an assistant of the one who is asked becomes "A for B"."""
    if isinstance(actor, ActingFor) or is_own(actor, substitution.to_person):
        return actor
    return ActingFor(actor, substitution.to_person)


def accept_by_link(token: str, substitution: Substitution) -> Substitution:
    """Say yes with the link in the mail, which alone proves it and opens nothing else."""
    _check_link(token, substitution)
    return _accept(substitution, LinkHolder(substitution.to_person), means="link")


def _accept(substitution: Substitution, actor: Actor, *, means: str) -> Substitution:
    now = clock.now()
    _settle(substitution, SubstitutionState.ASKED)
    registration, event = substitution.registration, substitution.event
    handing_over.check_event(event, now)
    handing_over.check_holds(registration)
    handing_over.check_can_come(registration, substitution.to_person, queries.find_own(event, substitution.to_person))
    if _needs_agreement(substitution):
        edit(substitution, version=None, state=SubstitutionState.ACCEPTED, answered_at=now)
        audit.record(actor, "substitution.accepted", substitution, scope=event, means=means)
        telling.tell_approver(substitution)
        telling.tell_waits(substitution)
        return substitution
    edit(substitution, version=None, answered_at=now)
    audit.record(actor, "substitution.accepted", substitution, scope=event, means=means)
    _hand_over(substitution, actor)
    return substitution


def _needs_agreement(substitution: Substitution) -> bool:
    """The plan decides as it is now; a line manager who comes in person has agreed."""
    plan = queries.find_plan(substitution.event)
    if plan is None or not plan.substitutes_approved:
        return False
    return substitution.approver_id is None or substitution.approver_id != substitution.to_person_id


def decline(substitution: Substitution, *, actor: Actor, comment: str | None = None) -> None:
    """Say no: everything stays as it was."""
    require(policy.may_answer(actor, substitution))
    _decline(substitution, _as_told(actor, substitution), comment, means="page")


def decline_by_link(token: str, substitution: Substitution, *, comment: str | None = None) -> None:
    _check_link(token, substitution)
    _decline(substitution, LinkHolder(substitution.to_person), comment, means="link")


def _decline(substitution: Substitution, actor: Actor, comment: str | None, *, means: str) -> None:
    _settle(substitution, SubstitutionState.ASKED)
    edit(substitution, version=None, state=SubstitutionState.DECLINED, comment=comment, answered_at=clock.now())
    audit.record(actor, "substitution.declined", substitution, reason=comment, means=means)
    telling.tell_ended(substitution, "declined")


def agree(substitution: Substitution, *, actor: Actor) -> Substitution:
    """The line manager, or an organizer, lets it happen: the place changes hands now."""
    require(policy.may_agree(actor, substitution))
    _settle(substitution, SubstitutionState.ACCEPTED)
    audit.record(actor, "substitution.approved", substitution)
    _hand_over(substitution, actor)
    return substitution


def refuse(substitution: Substitution, *, actor: Actor, comment: str | None = None) -> None:
    """The line manager, or an organizer, does not let it happen: everything stays as it was."""
    require(policy.may_agree(actor, substitution))
    _settle(substitution, SubstitutionState.ACCEPTED)
    edit(substitution, version=None, state=SubstitutionState.REFUSED, comment=comment)
    audit.record(actor, "substitution.refused", substitution, reason=comment)
    telling.tell_ended(substitution, "refused")
    telling.tell_not_needed(substitution, substitution.to_person)


def take_back(substitution: Substitution, *, actor: Actor) -> None:
    """Come oneself after all, while nothing is settled yet."""
    require(policy.may_ask(actor, substitution))
    actor = in_whose_name(actor, substitution.event, substitution.registration.person)
    _settle(substitution, *STANDING)
    _end(substitution, actor)


def send(registration: Registration, to_person: Person, *, actor: Actor, reason: str | None = None) -> Registration:
    """The organizer sends somebody directly, without asking; the rule of the plan does not bind them."""
    require(may_organize(actor, registration.event))
    done = handing_over.substitute(registration, to_person, actor=actor, reason=reason)
    ask_anew(done)
    now = clock.now()
    db.session.add(
        Substitution(
            event=registration.event, registration=registration, to_person=to_person, state=SubstitutionState.DONE,
            reason=reason, by_id=actor.id, answered_at=now, done_at=now,
        )
    )  # fmt: skip
    return done


def _hand_over(substitution: Substitution, actor: Actor) -> None:
    edit(substitution, version=None, state=SubstitutionState.DONE, done_at=clock.now())
    db.session.flush()  # no longer open: what leaves a place does not end it
    done = handing_over.hand_over(
        substitution.registration, substitution.to_person, actor=actor, reason=substitution.reason, means="substitute"
    )
    ask_anew(done)


def _settle(substitution: Substitution, *states: SubstitutionState) -> None:
    """Take the lock of the places, and refuse unless the question still stands as it did."""
    places.lock(substitution.event)
    db.session.refresh(substitution)
    db.session.refresh(substitution.registration)
    if substitution.state not in states:
        raise NoLongerAsked(why_over(substitution))


def why_over(substitution: Substitution) -> str:
    """In words, why there is nothing to answer any more."""
    name, other = substitution.registration.person.display_name, substitution.to_person.display_name
    words = {
        SubstitutionState.ASKED: _("%(name)s has not answered yet.", name=other),
        SubstitutionState.ACCEPTED: _("%(name)s has said yes already; somebody has to agree.", name=other),
        SubstitutionState.DONE: _("%(other)s comes instead of %(name)s; this is settled.", other=other, name=name),
        SubstitutionState.DECLINED: _("%(name)s has declined.", name=other),
        SubstitutionState.REFUSED: _(
            "It was not approved that %(other)s comes instead of %(name)s.", other=other, name=name
        ),
        SubstitutionState.TAKEN_BACK: _("This question was taken back: %(name)s sends nobody.", name=name),
    }
    return words[SubstitutionState(substitution.state)]


def _check_link(token: str, substitution: Substitution) -> None:
    if substitution.token_hash is None or not tokens.is_token(token[:200], substitution.token_hash):
        raise NoLongerAsked(_("This link has ended."))


def _end(substitution: Substitution, actor: Actor) -> None:
    was = substitution.state
    edit(substitution, version=None, state=SubstitutionState.TAKEN_BACK)
    audit.record(actor, "substitution.taken_back", substitution)
    approver = substitution.approver if was == SubstitutionState.ACCEPTED else None
    telling.tell_not_needed(substitution, substitution.to_person, approver)


@on_leaving
def _lapse(registrations: Sequence[Registration], actor: Actor) -> None:
    """Whoever gives the place up, or hands it on in another way, asks nobody any more."""
    for standing in list_standing(registrations):
        _end(standing, actor)
