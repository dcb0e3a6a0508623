"""Who may hand over, carry, verify and close. Nobody verifies or closes their own, whatever else they may do."""

from app.core.roles import Actor, Role, holds
from app.events import policy as events
from app.events.models import Event
from app.events.queries import find_visible
from app.people.models import Person
from app.programme.models import Session
from app.requirements.models import Assignment, AssignmentState, Requirement
from app.speeches import policy as speeches

# Who follows the work of others in an event; the door staff does not.
FOLLOWING = (
    Role.ADMINISTRATOR,
    Role.AUDITOR,
    Role.ORGANIZER,
    Role.SECRETARY,
    Role.SUPERVISOR,
    Role.PRESIDING_LEADER,
)


def is_account_of(actor: Actor, person: Person | None) -> bool:
    return person is not None and actor.id is not None and person.account_id == actor.id


def may_record(actor: Actor, event: Event) -> bool:
    return events.may_record(actor, event)


def may_supervise(actor: Actor, event: Event) -> bool:
    return events.may_supervise(actor, event)


def may_resolve(actor: Actor, event: Event) -> bool:
    return may_record(actor, event) or may_supervise(actor, event)


def may_withdraw(actor: Actor, requirement: Requirement) -> bool:
    """The speaker, or the presiding leader."""
    return speeches.may_take_back(actor, requirement.speech)


def may_reword(actor: Actor, requirement: Requirement) -> bool:
    """After the confirmation: the speaker, or whom they have named; nobody else puts words into a mouth."""
    return speeches.speaks_for(actor, requirement.speech)


def may_name_session(actor: Actor, session: Session) -> bool:
    return find_visible(actor, session.event.ref) is not None


def may_carry(actor: Actor, assignment: Assignment) -> bool:
    """Accept, hand back, report, give evidence, submit: the responsible person, and nobody for them."""
    return is_account_of(actor, assignment.responsible)


def may_verify(actor: Actor, assignment: Assignment) -> bool:
    return is_account_of(actor, assignment.verifier) and not may_carry(actor, assignment)


def may_close(actor: Actor, assignment: Assignment) -> bool:
    leads = events.may_preside(actor, assignment.event) or may_supervise(actor, assignment.event)
    return leads and not may_carry(actor, assignment)


def may_cancel(actor: Actor, assignment: Assignment) -> bool:
    """The leader; the supervisor while nobody has been asked yet, or when it was handed back."""
    if may_carry(actor, assignment):
        return False
    if assignment.state in (AssignmentState.PROPOSED, AssignmentState.DECLINED) and may_supervise(
        actor, assignment.event
    ):
        return True
    return events.may_preside(actor, assignment.event)


def may_follow(actor: Actor, assignment: Assignment) -> bool:
    """See reports and evidence: those concerned, the responsible person's manager, and who follows the event."""
    concerned = (assignment.responsible, assignment.verifier, assignment.responsible.manager)
    return any(is_account_of(actor, person) for person in concerned) or holds(
        actor, *FOLLOWING, scope=assignment.event.id
    )


def may_read_history(actor: Actor, event: Event) -> bool:
    return holds(actor, *FOLLOWING, scope=event.id)
