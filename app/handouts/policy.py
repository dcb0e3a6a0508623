"""Who may print what. A programme may be printed by whoever reads it; this is about what goes beyond it."""

from app.core.roles import Actor
from app.events.models import Event
from app.people.models import Person
from app.programme import policy as programme
from app.speakers import policy as speakers


def may_choose_version(actor: Actor, event: Event) -> bool:
    """The working version beside the released one."""
    return programme.may_change(actor, event)


def may_print_internal(actor: Actor, event: Event) -> bool:
    return programme.may_see_internal(actor, event)


def may_print_sheets(actor: Actor, event: Event) -> bool:
    """Of all speakers, with their addresses and what they owe."""
    return speakers.may_see_list(actor, event)


def may_print_sheet_of(actor: Actor, event: Event, person: Person) -> bool:
    return may_print_sheets(actor, event) or speakers.is_own(actor, person)
