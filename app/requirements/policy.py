"""Who may hand over, carry, verify and close. Nobody verifies or closes their own, whatever else they may do."""

from app.assistants.acting import ActingFor
from app.assistants.queries import acts_for
from app.core.roles import Actor, Role, holds
from app.events import policy as events
from app.events.models import Event
from app.events.queries import find_visible
from app.people import queries as people
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


def may_answer(actor: Actor, assignment: Assignment) -> bool:
    """Accept, hand back, propose otherwise, ask for time: the responsible person, or a recorded assistant of theirs.

    An auditor writes nothing in another's name.
    """
    return may_carry(actor, assignment) or _stands_in(actor, assignment)


def in_whose_name(actor: Actor, assignment: Assignment) -> Actor:
    """The actor as the log names them, once `may_answer` has said yes: an assistant becomes "A for B"."""
    return actor if may_carry(actor, assignment) else ActingFor(actor, assignment.responsible)


def may_settle(actor: Actor, assignment: Assignment) -> bool:
    """Agree to another date or wording, grant time, transfer: whoever may hand over, or the leader; never their own."""
    leads = events.may_preside(actor, assignment.event) or may_hand_over(actor, assignment)
    return leads and not may_answer(actor, assignment)


def may_decide(actor: Actor, assignment: Assignment) -> bool:
    """End a negotiation by saying what holds: the leader, never about their own."""
    return events.may_preside(actor, assignment.event) and not may_answer(actor, assignment)


def _stands_in(actor: Actor, assignment: Assignment) -> bool:
    principal = assignment.responsible
    return principal.has_assistants and not holds(actor, Role.AUDITOR) and acts_for(actor, principal)


def may_report(actor: Actor, assignment: Assignment) -> bool:
    """The responsible person; and on their own part the contributors and the people of supporting departments."""
    if may_carry(actor, assignment) or any(is_account_of(actor, each.person) for each in assignment.contributors):
        return True
    return _is_in_support(actor, assignment)


def _is_in_support(actor: Actor, assignment: Assignment) -> bool:
    helping = {each.department_id for each in assignment.support}
    person = people.person_of(actor) if helping else None
    place = person.department if person is not None and person.left_on is None else None
    while place is not None and place.id not in helping:
        place = place.parent
    return place is not None


def may_hand_on(actor: Actor, assignment: Assignment) -> bool:
    """A head who answers for it hands parts of it to their own people."""
    return may_carry(actor, assignment) and people.is_head(assignment.responsible)


def may_hand_over(actor: Actor, assignment: Assignment) -> bool:
    """The supervisor; what a head hands on, also the head."""
    return may_supervise(actor, assignment.event) or has_handed_on(actor, assignment)


def has_handed_on(actor: Actor, assignment: Assignment) -> bool:
    """Whether it is a part of what the actor answers for."""
    return assignment.parent is not None and is_account_of(actor, assignment.parent.responsible)


def may_set_cadence(actor: Actor, assignment: Assignment) -> bool:
    """How often somebody reports is for whoever follows them to say, never for themselves."""
    return may_hand_over(actor, assignment) and not may_carry(actor, assignment)


def may_add_help(actor: Actor, assignment: Assignment) -> bool:
    """Name supporting departments and contributors: the supervisor, and the responsible person whom they help."""
    return may_hand_over(actor, assignment) or may_carry(actor, assignment)


def may_verify(actor: Actor, assignment: Assignment) -> bool:
    return is_account_of(actor, assignment.verifier) and not may_carry(actor, assignment)


def may_close(actor: Actor, assignment: Assignment) -> bool:
    """The leader and the supervisor; a part, also the head who handed it on."""
    leads = events.may_preside(actor, assignment.event) or may_supervise(actor, assignment.event)
    return (leads or has_handed_on(actor, assignment)) and not may_carry(actor, assignment)


def may_cancel(actor: Actor, assignment: Assignment) -> bool:
    """The leader, and of a part the head who handed it on; the supervisor while nobody has been asked yet, or when it was
    handed back."""
    if may_carry(actor, assignment):
        return False
    if has_handed_on(actor, assignment):
        return True
    if assignment.state in (AssignmentState.PROPOSED, AssignmentState.DECLINED) and may_supervise(
        actor, assignment.event
    ):
        return True
    return events.may_preside(actor, assignment.event)


def may_follow(actor: Actor, assignment: Assignment) -> bool:
    """See reports and evidence: those concerned, also with a part of it, the responsible person's manager, whoever handed
    it on, and who follows the event."""
    concerned = (assignment.responsible, assignment.verifier, assignment.responsible.manager)
    if any(is_account_of(actor, person) for person in concerned) or _stands_in(actor, assignment):
        return True
    if holds(actor, *FOLLOWING, scope=assignment.event.id) or has_handed_on(actor, assignment):
        return True
    return may_report(actor, assignment)


def may_read_history(actor: Actor, event: Event) -> bool:
    return holds(actor, *FOLLOWING, scope=event.id)
