"""Who may write, sign off, read and confirm minutes. Nobody approves what they recorded or wrote."""

from app.core.roles import Actor, Role, holds
from app.events import policy as events
from app.events.models import Event
from app.minutes.models import Acknowledgement, Minutes, MinutesState, MinutesVersion, Reviewer
from app.people.models import Clearance
from app.people.queries import person_of

# Those who may see a text before it is published, from its first line or from the review on.
FROM_DRAFT = (Role.SECRETARY, Role.ORGANIZER, Role.PRESIDING_LEADER, Role.AUDITOR)
FROM_REVIEW = (*FROM_DRAFT, Role.SUPERVISOR)


def may_record(actor: Actor, event: Event) -> bool:
    return events.may_record(actor, event)


def clearance_of(actor: Actor, event: Event) -> int:
    """Up to which level the actor reads the minutes of a gathering (rule 26): those who record or preside there and the
    auditor all of them, everybody else as the directory says, and who is not signed in what is public."""
    given = given_clearance(actor, event)
    return clearance_anywhere(actor) if given is None else given


def given_clearance(actor: Actor, event: Event) -> int | None:
    """What follows from the part that somebody has there, without asking the directory; None where the directory says."""
    if holds(actor, *FROM_DRAFT, scope=event.id):
        return Clearance.SECRET
    return None if actor.is_authenticated else Clearance.PUBLIC


def clearance_anywhere(actor: Actor) -> int:
    """What the directory says, without any role in a gathering."""
    if not actor.is_authenticated:
        return Clearance.PUBLIC
    person = person_of(actor)
    return person.clearance if person is not None else Clearance.INTERNAL


def usual_clearance(event: Event) -> int:
    """What a new section is classified as until somebody says otherwise."""
    return events.usual_clearance(event)


def may_see(actor: Actor, minutes: Minutes) -> bool:
    """Whether the page exists for the actor, who may see the event. `visible` in queries says the same in SQL."""
    theirs = minutes.was_published and minutes.least_clearance <= clearance_of(actor, minutes.event)
    return theirs or may_see_version(actor, minutes, minutes.newest)


def may_see_version(actor: Actor, minutes: Minutes, version: MinutesVersion) -> bool:
    if version.is_published and minutes.state != MinutesState.WITHDRAWN:
        return reads_some_of(actor, version)
    if holds(actor, *FROM_DRAFT, scope=minutes.event_id):
        return True
    early = version.stage == MinutesState.DRAFT
    supervises = not early and holds(actor, *FROM_REVIEW, scope=minutes.event_id)
    if supervises and reads_some_of(actor, version):
        return True
    return not early and minutes.state != MinutesState.WITHDRAWN and is_asked(actor, minutes, version)


def reads_some_of(actor: Actor, version: MinutesVersion) -> bool:
    """Whether any section of a text is theirs to read; who reads none of it does not learn of it."""
    least = min((each.clearance for each in version.sections), default=Clearance.PUBLIC)
    return least <= clearance_of(actor, version.minutes.event)


def is_asked(actor: Actor, minutes: Minutes, version: MinutesVersion, *, still: bool = False) -> bool:
    """Whether the actor was asked to review this text, and reads some of it; `still`: in a round that is open."""
    if actor.id is None or version.in_review_at is None or version.is_published:
        return False
    rounds = [each for each in version.rounds if each.is_open or not still]
    if not any(each.person.account_id == actor.id for round_ in rounds for each in round_.reviewers):
        return False
    return reads_some_of(actor, version)


def may_comment(actor: Actor, minutes: Minutes) -> bool:
    """Those who may see the text in review by their role, and who is asked to; an auditor only reads."""
    roles = [role for role in FROM_REVIEW if role is not Role.AUDITOR]
    if holds(actor, *roles, scope=minutes.event_id):
        return True
    return not holds(actor, Role.AUDITOR) and is_asked(actor, minutes, minutes.newest, still=True)


def may_answer(actor: Actor, asked: Reviewer | None) -> bool:
    """Only for oneself, and only when asked; an auditor writes nothing."""
    own = asked is not None and actor.id is not None and asked.person.account_id == actor.id
    return own and not holds(actor, Role.AUDITOR)


def may_send_back(actor: Actor, minutes: Minutes) -> bool:
    """Whoever would sign off, and those who record, who want to go on writing by themselves."""
    return may_record(actor, minutes.event) or events.may_preside(actor, minutes.event)


def may_let_stand(actor: Actor, minutes: Minutes) -> bool:
    """Say why a finding of the checks may stand."""
    return may_record(actor, minutes.event) or events.may_preside(actor, minutes.event)


def may_see_findings(actor: Actor, minutes: Minutes) -> bool:
    """Findings tell of every section, so they are for those who read all of them."""
    return may_let_stand(actor, minutes) or holds(actor, Role.AUDITOR, scope=minutes.event_id)


def has_written(actor: Actor, minutes: Minutes, version: MinutesVersion) -> bool:
    """Whether the actor recorded the session or wrote any of this text."""
    recorder = minutes.recorder
    return actor.id is not None and (
        actor.id == minutes.recorder_account_id
        or (recorder is not None and recorder.account_id == actor.id)
        or getattr(actor, "ref", None) in version.writers
    )


def may_approve(actor: Actor, minutes: Minutes) -> bool:
    """The presiding leader, who is neither the recorder nor a writer (rule 27)."""
    return events.may_preside(actor, minutes.event) and not has_written(actor, minutes, minutes.newest)


def may_withdraw(actor: Actor, minutes: Minutes) -> bool:
    return may_record(actor, minutes.event) or events.may_preside(actor, minutes.event)


def may_acknowledge(actor: Actor, asked: Acknowledgement | None) -> bool:
    """Only one's own, and only when asked; an auditor writes nothing."""
    own = asked is not None and not asked.is_copy and actor.id is not None and asked.person.account_id == actor.id
    return own and not holds(actor, Role.AUDITOR)


def may_see_readers(actor: Actor, minutes: Minutes) -> bool:
    """The whole board of who has read (rule 29): those who record; the auditor reads everything."""
    return may_record(actor, minutes.event) or holds(actor, Role.AUDITOR, scope=minutes.event_id)


def may_compare(actor: Actor, minutes: Minutes) -> bool:
    """See how the text stands to its records, which tells of every section: those who record or preside, the auditor."""
    event = minutes.event
    return (
        may_record(actor, event)
        or events.may_preside(actor, event)
        or holds(actor, Role.AUDITOR, scope=minutes.event_id)
    )


def may_keep_templates(actor: Actor) -> bool:
    """Whoever organizes, records or administers anywhere: templates are the house's."""
    return holds(actor, Role.ORGANIZER, Role.SECRETARY, Role.ADMINISTRATOR)
