"""Questions about a review: who was asked and has answered, and the comments as far as one reader may meet them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core import clock
from app.core.db import db
from app.minutes import queries
from app.minutes.models import (
    CommentState,
    Minutes,
    MinutesState,
    MinutesVersion,
    ReviewComment,
    Reviewer,
    ReviewRound,
    Section,
)
from app.people.models import Person
from app.people.queries import list_choosable_people


def open_round(version: MinutesVersion) -> ReviewRound | None:
    return next((each for each in reversed(version.rounds) if each.is_open), None)


def returned(version: MinutesVersion) -> ReviewRound | None:
    """The round in which a draft that is not in review again was sent back, with the reason."""
    last = version.rounds[-1] if version.rounds else None
    return last if last is not None and last.returned_reason and version.stage == MinutesState.DRAFT else None


def asked_as(person: Person | None, version: MinutesVersion) -> Reviewer | None:
    """The person's place in the round that is open."""
    round_ = open_round(version)
    if round_ is None or person is None:
        return None
    return next((each for each in round_.reviewers if each.person_id == person.id), None)


def section_of(said: ReviewComment, version: MinutesVersion) -> Section | None:
    """Where a comment stands in this text, if that section is still there."""
    if said.section_origin is None:
        return None
    return next((each for each in version.sections if each.origin == said.section_origin), None)


def level_of(said: ReviewComment, version: MinutesVersion) -> int:
    """From which clearance on a comment is met: its own, or that of its section where it was raised since."""
    section = section_of(said, version)
    return max(said.clearance, section.clearance) if section is not None else said.clearance


def list_comments(minutes: Minutes, clearance: int) -> list[ReviewComment]:
    """What was asked to correct, the oldest first, as far as somebody of this clearance may know of it."""
    mine = select(ReviewComment).where(ReviewComment.minutes_id == minutes.id, ReviewComment.clearance <= clearance)
    said = db.session.scalars(mine.order_by(ReviewComment.created_at, ReviewComment.id)).all()
    return [each for each in said if level_of(each, minutes.newest) <= clearance]


def find_comment(minutes: Minutes, ref: str, clearance: int) -> ReviewComment | None:
    said = db.session.scalar(
        select(ReviewComment).where(ReviewComment.minutes_id == minutes.id, ReviewComment.ref == ref)
    )
    return said if said is not None and level_of(said, minutes.newest) <= clearance else None


def has_comments_of(reviewer: Reviewer, *, open_only: bool = False) -> bool:
    """Whether a reviewer asked for corrections in this round."""
    mine = select(ReviewComment.id).where(
        ReviewComment.round_id == reviewer.round_id, ReviewComment.by_person_id == reviewer.person_id
    )
    if open_only:
        mine = mine.where(ReviewComment.state == CommentState.OPEN)
    return db.session.scalar(mine.limit(1)) is not None


def list_reviewers(minutes: Minutes) -> Sequence[Person]:
    """Whom one can ask to review: our people who may see the gathering and read something of the text."""
    least = min((each.clearance for each in minutes.newest.sections), default=0)
    people = [each for each in list_choosable_people() if each.clearance >= least and each.id != minutes.recorder_id]
    outside = {each.id for each in queries.list_without_access(minutes.event, people)}
    return [each for each in people if each.id not in outside]


def select_rounds_due() -> Sequence[str]:
    """The rounds whose last day has passed at the place of the gathering."""
    now = clock.now()
    rows = db.session.scalars(
        select(ReviewRound)
        .where(ReviewRound.closed_at.is_(None), ReviewRound.due_on.is_not(None), ReviewRound.due_on <= now.date())
        .options(joinedload(ReviewRound.minutes_version).joinedload(MinutesVersion.minutes).joinedload(Minutes.event))
        .order_by(ReviewRound.id)
    ).all()
    return [each.ref for each in rows if each.is_over_at(now)]
