"""What the acts on minutes share: the text under a lock, where it must stand, who wrote it, whom a mail reaches."""

from typing import Any

from sqlalchemy import select

from app.core.db import db
from app.core.i18n import _
from app.core.roles import Actor
from app.mail.services import Recipient, queue_mail
from app.minutes import extracts
from app.minutes.errors import TextIsFixed, WrongStage
from app.minutes.models import Minutes, MinutesState, MinutesVersion, Section
from app.people.models import Person


def locked(minutes: Minutes) -> MinutesVersion:
    """The newest text, read again while nobody else may change these minutes."""
    db.session.refresh(minutes, with_for_update=True)
    db.session.refresh(minutes, ["versions"])
    newest = minutes.newest
    db.session.refresh(newest)
    fresh = select(Section).where(Section.version_id == newest.id).execution_options(populate_existing=True)
    db.session.scalars(fresh).all()
    db.session.refresh(newest, ["sections"])
    return newest


def writable(minutes: Minutes) -> MinutesVersion:
    """The newest text under the lock, which must not be frozen. Raises TextIsFixed."""
    newest = locked(minutes)
    if minutes.state == MinutesState.WITHDRAWN or newest.frozen_at is not None:
        raise TextIsFixed(_("This text is approved and does not change any more. Make a new version instead."))
    return newest


def expect(minutes: Minutes, newest: MinutesVersion, stage: MinutesState) -> None:
    if minutes.state == MinutesState.WITHDRAWN or newest.stage != stage:
        sentences = {
            MinutesState.DRAFT: _("Only a draft can be sent to review."),
            MinutesState.IN_REVIEW: _("This is possible only while the text is in review."),
            MinutesState.APPROVED: _("Only an approved text can be published."),
            MinutesState.PUBLISHED: _("This is possible only with published minutes."),
        }
        raise WrongStage(sentences[stage])


def touched(newest: MinutesVersion, actor: Actor) -> None:
    """Note that the actor wrote: nobody signs their own words. The counter rises: whoever reads it to sign is told."""
    newest.writers = with_writer(newest.writers, actor)
    newest.version += 1


def with_writer(writers: list[str], actor: Actor) -> list[str]:
    own = getattr(actor, "ref", None)
    return [*writers, own] if own and own not in writers else list(writers)


def mail(person: Person, template: str, minutes: Minutes, *, dedupe_key: str | None = None, **more: Any) -> object:
    return queue_mail(
        Recipient(person.name, person.email, person.language),
        template,
        kind="minutes_" + template.rpartition("/")[2],
        scope=minutes.event.ref,
        dedupe_key=dedupe_key,
        least_clearance=extracts.levels(minutes.newest)[-1],  # what it says of the work may tell of any section
        minutes=minutes,
        event=minutes.event,
        **more,
    )
