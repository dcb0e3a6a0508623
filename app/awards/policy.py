"""Who may record awards, and who sees them before they are conferred. `visible` in queries says the same in SQL."""

from app.awards.models import Award, RecipientsKnown
from app.core.roles import Actor, Role, holds
from app.events import policy as events
from app.events.models import Event
from app.nominations.models import Category
from app.people.queries import person_of


def may_record(actor: Actor, event: Event) -> bool:
    return events.may_record(actor, event)


def sees_undecided(actor: Actor, event: Event) -> bool:
    """Until the moment of conferral only those who prepare it know, and the auditor (rule 31)."""
    return may_record(actor, event) or holds(actor, Role.AUDITOR)


def is_to_decide(category: Category, before_jury: int) -> bool:
    """A category is decided once; again only while somebody before the jury can have a place that fell free."""
    return category.decided_at is None or before_jury > 0


def may_see(actor: Actor, award: Award) -> bool:
    return award.is_conferred or sees_undecided(actor, award.event)


def may_revoke(actor: Actor, event: Event) -> bool:
    """Take back what was conferred: who records there, and the presiding leader."""
    return may_record(actor, event) or events.may_preside(actor, event)


def may_decline(actor: Actor, award: Award) -> bool:
    """The office writes down a no before the conferral; afterwards also the one person who received it says so."""
    return may_record(actor, award.event) or (award.is_conferred and is_sole_recipient(actor, award))


def is_sole_recipient(actor: Actor, award: Award) -> bool:
    person = person_of(actor)
    named = award.recipients_known == RecipientsKnown.NAMED
    return named and person is not None and [each.person_id for each in award.recipients] == [person.id]
