"""What is awarded, to whom and by which criteria, and who judges."""

from typing import Any

from sqlalchemy import select

from app.core import audit
from app.core.db import db, edit
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import Actor
from app.events.models import Audience, Event
from app.events.policy import is_open_to_change
from app.events.services import add_part
from app.mail.services import Recipient, queue_mail
from app.nominations import policy, queries
from app.nominations.errors import CategoryIsDecided, NominatedAlready
from app.nominations.models import Category, Juror, JurorScore, Nomination
from app.nominations.services.jury import hold_undecided, settle_recusals
from app.people.models import Person

MOST = 100_000


def add_category(event: Event, *, actor: Actor, title: str, **values: Any) -> Category:
    """A category of awards; see the model for what else it may say."""
    require(policy.may_run(actor, event))
    if not is_open_to_change(event):
        raise Refused(_("This event is cancelled; nothing new is conferred in it."))
    _check(values)
    category = Category(event=event, position=queries.next_position(event), title=title, **values)
    db.session.add(category)
    db.session.flush()
    audit.record(actor, "category.added", category)
    return category


def edit_category(category: Category, *, actor: Actor, version: int | None = None, **values: Any) -> Category:
    require(policy.may_run(actor, category.event))
    hold_undecided(category)
    _check(values)
    changes = edit(category, version=version, **values)
    if changes:
        audit.record(actor, "category.changed", category, fields=sorted(changes))
    return category


def _check(values: dict[str, Any]) -> None:
    opens, closes = values.get("opens_on"), values.get("closes_on")
    if opens and closes and closes < opens:
        raise Refused(_("Proposals cannot end before they begin."), field="closes_on")


def drop_category(category: Category, *, actor: Actor) -> None:
    """Only where nobody has proposed anybody yet, not even in a draft."""
    require(policy.may_run(actor, category.event))
    hold_undecided(category)
    if db.session.scalar(select(Nomination.id).where(Nomination.category_id == category.id).limit(1)) is not None:
        raise Refused(_("Somebody has written a proposal already. This category stays."))
    audit.record(actor, "category.removed", category)
    db.session.delete(category)
    db.session.flush()


def add_juror(category: Category, person: Person, *, actor: Actor) -> Juror:
    """Name a juror. From what they proposed or stand near they are kept out at once."""
    require(policy.may_run(actor, category.event))
    hold_undecided(category)
    if any(each.person_id == person.id for each in category.jurors):
        raise NominatedAlready(_("%(name)s is a juror already.", name=person.display_name), field="person_ref")
    if category.event.audience == Audience.RESTRICTED:
        add_part(category.event, person, "guest", actor=actor)  # whoever judges reads of it
    juror = Juror(category=category, person=person)
    db.session.add(juror)
    db.session.flush()
    audit.record(actor, "juror.named", juror)
    settle_recusals(category)
    queue_mail(
        Recipient(person.name, person.email, person.language), "nominations/mail/juror", kind="juror",
        scope=category.event.ref, event=category.event, category=category,
    )  # fmt: skip
    return juror


def remove_juror(juror: Juror, *, actor: Actor) -> None:
    """While nothing is scored: what a juror gave is not made to vanish."""
    category = juror.category
    require(policy.may_run(actor, category.event))
    hold_undecided(category)
    if db.session.scalar(select(JurorScore.id).where(JurorScore.juror_id == juror.id).limit(1)) is not None:
        raise CategoryIsDecided(_("This juror has scored already. Whoever has judged stays in the jury."))
    audit.record(actor, "juror.removed", juror)
    category.jurors.remove(juror)
    db.session.flush()
    settle_recusals(category)
