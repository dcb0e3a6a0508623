"""Who may propose, judge and see. `visible` in queries says in SQL what `may_see` says.

Who prepares the ceremony runs the categories; jurors are named per category. Scores and results are told to nobody else
before the conferral (rule 31), and nobody judges where they stand near (rule 32).
"""

from collections.abc import Iterable

from app.core.roles import SYSTEM, Actor, Role, holds
from app.events import policy as events
from app.events.models import Event
from app.nominations.models import Category, Juror, Nomination, NominationState
from app.people.queries import person_of


def may_run(actor: Actor, event: Event) -> bool:
    """Categories, eligibility, the short list and the jury."""
    return events.may_record(actor, event)


def sees_all(actor: Actor, event: Event) -> bool:
    """Everything but other people's drafts."""
    return may_run(actor, event) or holds(actor, Role.AUDITOR)


def may_propose(actor: Actor, event: Event) -> bool:
    """Everybody who is signed in and sees the event; the auditor writes nothing."""
    return actor is SYSTEM or (actor.is_authenticated and not holds(actor, Role.AUDITOR, scope=event.id))


def is_own(actor: Actor, nomination: Nomination) -> bool:
    """Whether the actor proposed it."""
    return actor.id is not None and nomination.proposed_by_id == actor.id


def may_write(actor: Actor, nomination: Nomination) -> bool:
    return actor is SYSTEM or is_own(actor, nomination)


def juror_of(actor: Actor, category: Category) -> Juror | None:
    person = person_of(actor)
    return next((each for each in category.jurors if person is not None and each.person_id == person.id), None)


def may_see(actor: Actor, nomination: Nomination) -> bool:
    if is_own(actor, nomination):
        return True
    if nomination.state == NominationState.DRAFT:
        return False
    return sees_all(actor, nomination.event) or (
        nomination.is_judged and juror_of(actor, nomination.category) is not None
    )


def is_near(actor: Actor, nomination: Nomination, kept_out: Iterable[Juror]) -> bool:
    """Whether the actor proposed it, is its nominee, belongs to its team or keeps out of it as a juror: they learn no
    score and decide nothing."""
    if is_own(actor, nomination):
        return True
    person = person_of(actor)
    if person is None:
        return False
    team = nomination.team
    members = [each.person_id for each in team.members] if team is not None else []
    return person.id in (nomination.person_id, *members, *(each.person_id for each in kept_out))


def told_state(actor: Actor, nomination: Nomination) -> NominationState:
    """Where it stands, as far as the actor may know: whoever proposed it or judges learns the rest with everybody."""
    state = NominationState(nomination.state)
    told = nomination.category.revealed_at is not None or sees_all(actor, nomination.event)
    return NominationState.SHORTLISTED if nomination.is_judged and not told else state
