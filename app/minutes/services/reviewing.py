"""Asking people to read a draft until a day, their comments and proposed wordings, and what becomes of those."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import select

from app.core import audit, clock
from app.core.db import db, unit_of_work
from app.core.errors import Refused, require
from app.core.i18n import _, listed
from app.core.jobs import every_minute
from app.core.roles import SYSTEM, Actor
from app.minutes import bound, extracts, paragraphs, policy, proposals, queries, reviews
from app.minutes.errors import MayNotSee, NotAsked, NothingWritten, ParagraphGone, RoundIsOpen, WrongStage
from app.minutes.models import (
    CommentState,
    Minutes,
    MinutesState,
    MinutesVersion,
    ReviewAnswer,
    ReviewComment,
    Reviewer,
    ReviewRound,
)
from app.minutes.services.stages import expect, locked, mail, writable
from app.minutes.services.writing import write_section
from app.people.models import Person
from app.people.queries import person_of

LONGEST = 60  # days that a review may take


# --- a round ------------------------------------------------------------------------------------------------------


def send_to_review(
    minutes: Minutes, *, actor: Actor, reviewers: Iterable[Person] = (), due_on: date | None = None,
    silence_agrees: bool = True, note: str | None = None,
) -> ReviewRound:  # fmt: skip
    """Show the draft to those who hold a role here, and ask the reviewers for corrections until the end of a day.

    The presiding leader is asked to sign off once everybody has answered or that day is over: at once without reviewers.
    """
    require(policy.may_record(actor, minutes.event))
    newest = locked(minutes)
    expect(minutes, newest, MinutesState.DRAFT)
    if not newest.whole.strip():
        raise NothingWritten(_("There is nothing to review yet: the text is empty."))
    if newest.needs_acceptance:
        raise WrongStage(_("This text was read in from a paper. Say first that it was read in rightly."))
    chosen = _choose(minutes, reviewers, due_on)
    newest.in_review_at = clock.now()
    if not minutes.was_published:
        minutes.state = MinutesState.IN_REVIEW
    opened = _open(newest, chosen, due_on, actor=actor, silence_agrees=silence_agrees, note=note)
    audit.record(
        actor, "minutes.sent_to_review", minutes, version=newest.number, round=opened.number, asked=len(chosen),
        due_on=due_on.isoformat() if due_on else None, silence_agrees=silence_agrees,
    )  # fmt: skip
    if not chosen:
        _ask_for_sign_off(minutes, actor)
    return opened


def ask_again(
    minutes: Minutes, *, actor: Actor, reviewers: Iterable[Person], due_on: date | None,
    silence_agrees: bool = True, note: str | None = None,
) -> ReviewRound:  # fmt: skip
    """A further round about a text that is in review and whose last round is over."""
    require(policy.may_record(actor, minutes.event))
    newest = locked(minutes)
    expect(minutes, newest, MinutesState.IN_REVIEW)
    running = reviews.open_round(newest)
    if running is not None and running.reviewers:
        raise RoundIsOpen(_("Reviewers were asked already and still have time. A further round begins after this one."))
    chosen = _choose(minutes, reviewers, due_on)
    if not chosen:
        raise Refused(_("Choose at least one person."), field="reviewers")
    if running is not None:
        running.closed_at = clock.now()
    opened = _open(newest, chosen, due_on, actor=actor, silence_agrees=silence_agrees, note=note)
    audit.record(
        actor, "minutes.asked_again", minutes, version=newest.number, round=opened.number, asked=len(chosen),
        due_on=due_on.isoformat() if due_on else None, silence_agrees=silence_agrees,
    )  # fmt: skip
    return opened


def _choose(minutes: Minutes, reviewers: Iterable[Person], due_on: date | None) -> list[Person]:
    """Without doubles. Refuses whoever could not read it, and a day that is missing, past or too far off."""
    chosen = list({each.id: each for each in reviewers}.values())
    able = {each.id for each in reviews.list_reviewers(minutes)} if chosen else set()
    unable = [each for each in chosen if each.id not in able]
    if unable:
        raise MayNotSee(
            _(
                "These people cannot be asked: %(names)s. They may not see this gathering, read nothing of this text "
                "at their clearance, or recorded it themselves.",
                names=listed(each.display_name for each in unable[:5]),
            ),
            field="reviewers",
        )
    if chosen and due_on is None:
        raise Refused(_("Say until which day the reviewers have time."), field="due_on")
    today = minutes.event.day_at(clock.now())
    if due_on is not None and not today <= due_on <= today + timedelta(days=LONGEST):
        raise Refused(_("Choose a day from today on, at most %(days)s days ahead.", days=LONGEST), field="due_on")
    return chosen


def _open(
    newest: MinutesVersion, chosen: list[Person], due_on: date | None, *, actor: Actor, silence_agrees: bool,
    note: str | None,
) -> ReviewRound:  # fmt: skip
    now = clock.now()
    opened = ReviewRound(
        number=len(newest.rounds) + 1, due_on=due_on if chosen else None, silence_agrees=silence_agrees,
        note=note or None, opened_by_name=actor.name, opened_at=now, closed_at=None if chosen else now,
    )  # fmt: skip
    opened.reviewers = [Reviewer(person=each) for each in chosen]
    newest.rounds.append(opened)
    db.session.flush()
    for each in chosen:
        mail(each, "minutes/mail/asked", newest.minutes, round=opened, version=newest)
    return opened


def _ask_for_sign_off(minutes: Minutes, actor: Actor) -> None:
    for leader in queries.list_leaders(minutes.event):
        if leader.account_id != actor.id:
            mail(leader, "minutes/mail/review", minutes)


def answer(minutes: Minutes, *, actor: Actor, agrees: bool) -> Reviewer:
    """Say as a reviewer that one is done: one agrees, or one's comments are all that is to be corrected."""
    newest = locked(minutes)
    mine = reviews.asked_as(person_of(actor), newest)
    require(policy.may_answer(actor, mine))
    assert mine is not None
    expect(minutes, newest, MinutesState.IN_REVIEW)
    if agrees and reviews.has_comments_of(mine, open_only=True):
        raise NotAsked(
            _("Comments of yours are still open. Say that these are your corrections, or agree once they are answered.")
        )
    if not agrees and not reviews.has_comments_of(mine):
        raise NotAsked(_("You have not asked for a correction yet. Write a comment first, or agree to the text."))
    mine.answer = ReviewAnswer.AGREED if agrees else ReviewAnswer.CORRECTIONS
    mine.answered_at = clock.now()
    db.session.flush()
    audit.record(actor, "minutes.reviewed", mine, version=newest.number, answer=mine.answer)
    if not mine.round.silent:
        _close(mine.round, actor)
    return mine


def _close(round_: ReviewRound, actor: Actor) -> None:
    """The round is over: whoever recorded is told how it went, and the leader that the text waits for the sign-off."""
    now, minutes = clock.now(), round_.minutes_version.minutes
    for each in round_.silent:
        if reviews.has_comments_of(each):
            each.answer, each.answered_at = ReviewAnswer.CORRECTIONS, now
    round_.closed_at = now
    db.session.flush()
    audit.record(actor, "minutes.review_closed", round_, round=round_.number, silent=len(round_.silent))
    if minutes.recorder is not None and minutes.recorder.account_id != actor.id:
        mail(minutes.recorder, "minutes/mail/reviewed", minutes, round=round_, version=round_.minutes_version)
    _ask_for_sign_off(minutes, actor)


@every_minute
def close_reviews() -> None:
    """Each round closes itself when its last day is over at the place of the gathering."""
    for ref in reviews.select_rounds_due():
        with unit_of_work():
            close_when_due(ref, clock.now())


def close_when_due(round_ref: str, now: datetime) -> None:
    """Close one round, unless somebody has done so, or given more time, in this very moment."""
    round_ = db.session.scalar(select(ReviewRound).where(ReviewRound.ref == round_ref))
    if round_ is None:
        return
    minutes = round_.minutes_version.minutes
    newest = locked(minutes)
    db.session.refresh(round_)
    if not round_.is_open or not round_.is_over_at(now):
        return
    if minutes.state == MinutesState.WITHDRAWN or newest.stage != MinutesState.IN_REVIEW:
        round_.closed_at = now
        return
    _close(round_, SYSTEM)


def end_rounds(newest: MinutesVersion) -> None:
    """Nobody is asked any more: the text was signed off, sent back or withdrawn."""
    for each in newest.rounds:
        if each.is_open:
            each.closed_at = clock.now()


def send_back(minutes: Minutes, *, actor: Actor, reason: str) -> None:
    """Make a draft of a text in review again, and say why. The comments stay."""
    require(policy.may_send_back(actor, minutes))
    newest = locked(minutes)
    expect(minutes, newest, MinutesState.IN_REVIEW)
    if not reason.strip():
        raise Refused(_("Say what has to be done before the text can be reviewed again."), field="reason")
    end_rounds(newest)
    last = newest.rounds[-1] if newest.rounds else _open(newest, [], None, actor=actor, silence_agrees=True, note=None)
    last.returned_by_name, last.returned_reason = actor.name, reason
    newest.in_review_at = None
    if not minutes.was_published:
        minutes.state = MinutesState.DRAFT
    db.session.flush()
    audit.record(actor, "minutes.sent_back", minutes, version=newest.number)
    if minutes.recorder is not None and minutes.recorder.account_id != actor.id:
        mail(minutes.recorder, "minutes/mail/returned", minutes, by=actor.name)


# --- comments -----------------------------------------------------------------------------------------------------


def comment(
    minutes: Minutes, *, actor: Actor, text: str, section_origin: str | None = None, quoted: str | None = None,
    number: int | None = None, proposed: str | None = None,
) -> ReviewComment:  # fmt: skip
    """Ask for a correction while the text is in review: in general, of a section, or of one paragraph of it.

    `quoted` is the paragraph as it was read and `number` its number; `proposed` what should stand in its place. Raises
    ParagraphGone when it does not read so any more.
    """
    require(policy.may_comment(actor, minutes))
    newest = locked(minutes)
    require(policy.may_comment(actor, minutes))  # the round may have closed while we waited
    expect(minutes, newest, MinutesState.IN_REVIEW)
    proposed = (proposed or "").strip("\n") or None
    if quoted and proposed in (quoted, proposals.bare(quoted)):
        proposed = None
    if not text.strip() and not proposed:
        raise Refused(_("Say what should be corrected, or propose another wording."), field="text")
    if proposed and bound.MARK.search(proposed):
        raise Refused(
            _("Please write it out in words: marks of records are put in by the secretary."), field="proposed"
        )
    read = extracts.read(newest, policy.clearance_of(actor, minutes.event))
    level = max((each.section.clearance for each in read.parts), default=0)
    if section_origin is not None:
        part = next((each for each in read.parts if each.anchor == section_origin), None)
        if part is None or (quoted is not None and quoted not in paragraphs.split(part.text)):
            raise ParagraphGone(
                _(
                    "This paragraph was changed or taken out while you were writing. What you wrote is still here: look "
                    "at the text as it stands now, and send it again without the paragraph if it still holds."
                )
            )
        level = part.section.clearance
    person = person_of(actor)
    last = newest.rounds[-1] if newest.rounds else None
    said = ReviewComment(
        minutes=minutes, by_name=actor.name, by_person_id=person.id if person else None, text=text,
        section_origin=section_origin, paragraph=number, quoted=quoted, proposed=proposed, clearance=level,
        round_id=last.id if last else None,
    )  # fmt: skip
    db.session.add(said)
    db.session.flush()
    audit.record(actor, "minutes.commented", said, proposed=proposed is not None)
    return said


def accept(said: ReviewComment, *, actor: Actor) -> None:
    """Put the proposed wording in the place of its paragraph. Raises ParagraphGone when that reads otherwise by now."""
    minutes = said.minutes
    require(policy.may_record(actor, minutes.event))
    newest = writable(minutes)
    _still_open(said)
    section = reviews.section_of(said, newest)
    if said.proposed is None or said.quoted is None:
        raise Refused(
            _("No wording was proposed for a paragraph. Change the text by hand, and say that it is dealt with.")
        )
    if section is None:
        raise proposals.gone()
    source = proposals.applied(minutes, section, quoted=said.quoted, number=said.paragraph, proposed=said.proposed)
    write_section(section, actor=actor, source=source)
    _settle(said, actor, CommentState.ACCEPTED)
    audit.record(actor, "minutes.proposal_accepted", said)


def resolve(said: ReviewComment, *, actor: Actor) -> None:
    """Say that a comment was dealt with. Doing it twice changes nothing."""
    require(policy.may_record(actor, said.event))
    locked(said.minutes)
    db.session.refresh(said)
    if said.is_open:
        _settle(said, actor, CommentState.DONE)
        audit.record(actor, "minutes.comment_resolved", said)


def decline(said: ReviewComment, *, actor: Actor, reason: str) -> None:
    """Leave the text as it is, and tell whoever commented why."""
    minutes = said.minutes
    require(policy.may_record(actor, minutes.event))
    writable(minutes)
    _still_open(said)
    if not reason.strip():
        raise Refused(_("Say why the text stays as it is. Whoever commented reads it."), field="reason")
    _settle(said, actor, CommentState.DECLINED, reason)
    audit.record(actor, "minutes.comment_declined", said)
    author = db.session.get(Person, said.by_person_id) if said.by_person_id else None
    if author is not None and author.account_id != actor.id:
        mail(author, "minutes/mail/declined", minutes, version=minutes.newest)


def _still_open(said: ReviewComment) -> None:
    db.session.refresh(said)
    if not said.is_open:
        raise WrongStage(_("This comment was answered already, by %(name)s.", name=said.resolved_by_name))


def _settle(said: ReviewComment, actor: Actor, state: CommentState, words: str | None = None) -> None:
    said.state, said.answer, said.resolved_at, said.resolved_by_name = state, words, clock.now(), actor.name
    said.version += 1
