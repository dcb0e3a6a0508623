"""Asking for corrections, and answering them."""

from app.core import audit, clock
from app.core.db import db
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.minutes import policy, queries
from app.minutes.errors import NothingWritten
from app.minutes.models import CommentState, Minutes, MinutesState, ReviewComment
from app.minutes.services.stages import expect, locked, mail
from app.people.queries import person_of


def send_to_review(minutes: Minutes, *, actor: Actor) -> None:
    """Show the draft to those who hold a role here, and ask the presiding leader to sign it off."""
    require(policy.may_record(actor, minutes.event))
    newest = locked(minutes)
    expect(minutes, newest, MinutesState.DRAFT)
    if not newest.whole.strip():
        raise NothingWritten(_("There is nothing to review yet: the text is empty."))
    newest.in_review_at = clock.now()
    if not minutes.was_published:
        minutes.state = MinutesState.IN_REVIEW
    audit.record(actor, "minutes.sent_to_review", minutes, version=newest.number)
    for leader in queries.list_leaders(minutes.event):
        if leader.account_id != actor.id:
            mail(leader, "minutes/mail/review", minutes)


def comment(minutes: Minutes, *, actor: Actor, text: str) -> ReviewComment:
    """Ask for a correction while the text is in review."""
    require(policy.may_comment(actor, minutes))
    newest = locked(minutes)
    expect(minutes, newest, MinutesState.IN_REVIEW)
    said = ReviewComment(minutes=minutes, by_name=actor.name, by_person_id=_person_id(actor), text=text)
    db.session.add(said)
    db.session.flush()
    audit.record(actor, "minutes.commented", said)
    return said


def _person_id(actor: Actor) -> int | None:
    person = person_of(actor)
    return person.id if person else None


def resolve(said: ReviewComment, *, actor: Actor) -> None:
    """Say that a comment was dealt with. Doing it twice changes nothing."""
    require(policy.may_record(actor, said.event))
    if said.resolved_at is None:
        said.state, said.resolved_at, said.resolved_by_name = CommentState.DONE, clock.now(), actor.name
        audit.record(actor, "minutes.comment_resolved", said)
