"""A part of what somebody answers for, given to somebody else: what it must fit into."""

from datetime import date

from app.core.i18n import _, format_day
from app.core.roles import Actor
from app.people import queries as people
from app.people.models import Person
from app.requirements import policy
from app.requirements.errors import PartTooLate, WrongMoment, WrongPerson
from app.requirements.models import UNDER_WAY, Assignment


def fits_into(parent: Assignment, responsible: Person, verifier: Person, due_on: date, *, actor: Actor) -> None:
    """A part is due no later than the whole; a head gives it to their own people only, and verifies it themselves."""
    if parent.state not in UNDER_WAY:
        raise WrongMoment(_("Only what is accepted and under way can be handed on."))
    if due_on > parent.due_on:
        raise PartTooLate(
            _("The whole is due on %(day)s. A part of it cannot be due later.", day=format_day(parent.due_on)),
            field="due_on",
        )
    if responsible is parent.responsible:
        raise WrongPerson(
            _("%(name)s answers for the whole already.", name=responsible.display_name), field="responsible_ref"
        )
    if policy.may_supervise(actor, parent.event):
        return
    if responsible not in people.list_people_under(parent.responsible):
        raise WrongPerson(
            _("%(name)s does not work in a department of yours.", name=responsible.display_name),
            field="responsible_ref",
        )
    if verifier is not parent.responsible:
        raise WrongPerson(_("What you hand on you verify yourself."), field="verifier_ref")
