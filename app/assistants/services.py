"""What can be done with assistants: name one from a day to a day, and end it at once."""

from datetime import date

from sqlalchemy import select

from app.assistants import policy, queries
from app.assistants.errors import AlreadyEnded, CannotAssist
from app.assistants.models import Assistantship
from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import Actor
from app.mail.services import Recipient, queue_mail
from app.people.models import Person


def name_assistant(
    principal: Person,
    assistant: Person,
    *,
    actor: Actor,
    from_on: date | None = None,
    to_on: date | None = None,
) -> Assistantship:
    """Let `assistant` answer, register and change registrations in the principal's name, from a day to a day.

    Without days it holds at once and until it is ended.
    """
    require(policy.may_name(actor, principal))
    db.session.execute(select(Person.id).where(Person.id == principal.id).with_for_update())
    _check(principal, assistant, from_on, to_on)
    made = Assistantship(principal=principal, assistant=assistant, from_on=from_on, to_on=to_on, by_id=actor.id)
    db.session.add(made)
    principal.has_assistants = True
    audit.record(actor, "assistant.named", made, principal=principal, from_on=from_on, to_on=to_on)
    _tell(made, actor, "named")
    db.session.flush()
    return made


def _check(principal: Person, assistant: Person, from_on: date | None, to_on: date | None) -> None:
    today = queries.today()
    if assistant.id == principal.id:
        raise CannotAssist(_("Please choose somebody else."), field="assistant")
    for each in (principal, assistant):
        if each.left_on is not None and each.left_on < today:
            raise CannotAssist(_("%(name)s has left the company.", name=each.display_name), field="assistant")
    if assistant.account_id is None:
        raise CannotAssist(
            _("%(name)s has no account, and so cannot act for anybody.", name=assistant.display_name),
            field="assistant",
        )
    if to_on is not None and from_on is not None and to_on < from_on:
        raise Refused(_("The last day lies before the first."), field="to_on")
    if to_on is not None and to_on < today:
        raise Refused(_("This day has passed already."), field="to_on")
    if queries.find_clashing(principal, assistant, from_on=from_on, to_on=to_on) is not None:
        raise CannotAssist(
            _("%(name)s is an assistant in these days already.", name=assistant.display_name), field="assistant"
        )


def end(assistantship: Assistantship, *, actor: Actor) -> None:
    """From this moment it opens nothing; what was done stays as it is."""
    require(policy.may_end(actor, assistantship))
    db.session.execute(select(Person.id).where(Person.id == assistantship.principal_id).with_for_update())
    db.session.refresh(assistantship)
    if assistantship.ended_at is not None:
        raise AlreadyEnded(_("This has ended already."))
    edit(assistantship, version=None, ended_at=clock.now())
    audit.record(actor, "assistant.ended", assistantship, principal=assistantship.principal)
    _tell(assistantship, actor, "ended")


def _tell(assistantship: Assistantship, actor: Actor, what: str) -> None:
    """To both, except to whoever did it."""
    for each, other in (("assistant", "principal"), ("principal", "assistant")):
        person: Person = getattr(assistantship, each)
        if not policy.is_self(actor, person):
            queue_mail(
                Recipient(name=person.display_name, address=person.email, language=person.language),
                f"assistants/mail/{each}_{what}",
                kind=f"assistant_{what}",
                assistantship=assistantship,
                other=getattr(assistantship, other),
            )
