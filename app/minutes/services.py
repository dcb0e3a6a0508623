"""What can be done with minutes: drafted, written, reviewed, signed off, published, confirmed, amended, withdrawn."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import Refused, Stale, require
from app.core.i18n import _, _l, force_locale, listed, ngettext
from app.core.jobs import later
from app.core.roles import Actor
from app.documents.errors import GlyphsMissing
from app.documents.markdown import plain_text
from app.mail.services import Recipient, queue_mail
from app.minutes import drafting, paper, policy, queries
from app.minutes.errors import (
    AlreadyThere,
    CommentsOpen,
    MayNotSee,
    NewerVersion,
    NothingWritten,
    RemindedToday,
    TextIsFixed,
    WrongStage,
)
from app.minutes.models import Acknowledgement, Minutes, MinutesState, MinutesVersion, ReviewComment
from app.minutes.records import gather
from app.people.models import Department, Person
from app.people.queries import person_of
from app.programme.models import Session
from app.search import services as search
from app.signing import services as signing

LOCK = 7_301  # any number that nobody else takes
Lists = Mapping[str, Sequence[str]]
CHINESE = "zh_Hans_CN"


# --- writing ------------------------------------------------------------------------------------------------------


def draft_minutes(
    session: Session, *, actor: Actor, language: str = "en", title: str | None = None, text: str | None = None,
    attendance: Lists | None = None, recorder: Person | None = None,
) -> Minutes:  # fmt: skip
    """Begin the minutes of one session from its records, in English or Chinese.

    What is given (`title`, Markdown `text`, `attendance` with the lists present, excused and in_attendance of names)
    stands instead of the draft. `recorder` is by default the actor's person.
    """
    event = session.event
    require(policy.may_record(actor, event))
    language = CHINESE if language.startswith("zh") else "en"
    if queries.find_of_session(session, language) is not None:
        raise AlreadyThere(_("This session has minutes in this language already."), field="session_ref")
    recorder = recorder or person_of(actor)
    with force_locale(language):
        records = gather(session, recorder)
        drafted, named = drafting.to_markdown(records), drafting.title_of(records.session)
    minutes = Minutes(
        event=event, session=session, language=language, title=(title or named)[:200], recorder=recorder,
        recorder_account_id=actor.id,
    )  # fmt: skip
    lists = records.attendance if attendance is None else attendance
    version = MinutesVersion(
        minutes=minutes, number=1, text=text or drafted, attendance=_lists(lists), writers=_with([], actor)
    )
    db.session.add_all([minutes, version])
    db.session.flush()
    audit.record(actor, "minutes.drafted", minutes, session=session, language=language)
    return minutes


def write(
    minutes: Minutes, *, actor: Actor, text: str, attendance: Lists | None = None, title: str | None = None,
    version: int | None = None,
) -> None:  # fmt: skip
    """Change the text under work. `version` is the counter of the text that the page was opened on: else Stale.

    The title is settled with the number; the text keeps who wrote it, since nobody approves their own words.
    """
    require(policy.may_record(actor, minutes.event))
    newest = _locked(minutes)
    if minutes.state == MinutesState.WITHDRAWN or newest.frozen_at is not None:
        raise TextIsFixed(_("This text is approved and does not change any more. Make a new version instead."))
    values: dict[str, Any] = {"text": text}
    if attendance is not None:
        values["attendance"] = _lists(attendance)
    changed = set(edit(newest, version=version, **values))
    if title and minutes.number is None and title != minutes.title:
        minutes.title = title[:200]
        newest.version += 0 if changed else 1
        changed.add("title")
    if not changed:
        return
    newest.writers = _with(newest.writers, actor)
    audit.record(actor, "minutes.written", minutes, version=newest.number, fields=sorted(changed), length=len(text))


def redraft(minutes: Minutes, *, actor: Actor, version: int | None = None) -> None:
    """Throw the text under work away and draft it again from what is recorded now."""
    drafted, lists = draft_again(minutes)
    write(minutes, actor=actor, text=drafted, attendance=lists, version=version)


def draft_again(minutes: Minutes) -> tuple[str, dict[str, list[str]]]:
    """The text and the lists that a draft from the present records would have."""
    with force_locale(minutes.language):
        records = gather(minutes.session, minutes.recorder)
        return drafting.to_markdown(records), records.attendance


def _lists(attendance: Lists) -> dict[str, list[str]]:
    return {name: [each for each in attendance.get(name, []) if each.strip()] for name in paper.LISTS}


def _with(writers: list[str], actor: Actor) -> list[str]:
    own = getattr(actor, "ref", None)
    return [*writers, own] if own and own not in writers else list(writers)


def _locked(minutes: Minutes) -> MinutesVersion:
    """The newest text, read again while nobody else may change these minutes."""
    db.session.refresh(minutes, with_for_update=True)
    db.session.refresh(minutes, ["versions"])
    newest = minutes.newest
    db.session.refresh(newest)
    return newest


# --- review and sign-off ------------------------------------------------------------------------------------------


def send_to_review(minutes: Minutes, *, actor: Actor) -> None:
    """Show the draft to those who hold a role here, and ask the presiding leader to sign it off."""
    require(policy.may_record(actor, minutes.event))
    newest = _locked(minutes)
    _expect(minutes, newest, MinutesState.DRAFT)
    if not newest.text.strip():
        raise NothingWritten(_("There is nothing to review yet: the text is empty."))
    newest.in_review_at = clock.now()
    if not minutes.was_published:
        minutes.state = MinutesState.IN_REVIEW
    audit.record(actor, "minutes.sent_to_review", minutes, version=newest.number)
    for leader in queries.list_leaders(minutes.event):
        if leader.account_id != actor.id:
            _mail(leader, "minutes/mail/review", minutes)


def comment(minutes: Minutes, *, actor: Actor, text: str) -> ReviewComment:
    """Ask for a correction while the text is in review."""
    require(policy.may_comment(actor, minutes))
    newest = _locked(minutes)
    _expect(minutes, newest, MinutesState.IN_REVIEW)
    said = ReviewComment(minutes=minutes, by_name=actor.name, text=text)
    db.session.add(said)
    db.session.flush()
    audit.record(actor, "minutes.commented", said)
    return said


def resolve(said: ReviewComment, *, actor: Actor) -> None:
    """Say that a comment was dealt with. Doing it twice changes nothing."""
    require(policy.may_record(actor, said.event))
    if said.resolved_at is None:
        said.resolved_at = clock.now()
        audit.record(actor, "minutes.comment_resolved", said)


def approve(minutes: Minutes, *, actor: Actor, version: int | None = None) -> MinutesVersion:
    """Sign the text off: it is frozen, numbered by year and serial without gaps, and issued as a document.

    `version` is the counter of the text that the leader read: another one is Stale. Never by the recorder or a writer.
    """
    require(policy.may_approve(actor, minutes))
    newest = _locked(minutes)
    require(policy.may_approve(actor, minutes))  # whoever wrote meanwhile does not sign
    _expect(minutes, newest, MinutesState.IN_REVIEW)
    if version is not None and version != newest.version:
        raise Stale(_l("The text was changed while you were reading. Please read it again."), theirs=newest)
    if queries.count_open_comments(minutes):
        raise CommentsOpen(_("Comments are still open. Have them dealt with before the sign-off."))
    missing = paper.unprintable(minutes, newest)
    if missing:
        raise GlyphsMissing(missing)
    now = clock.now()
    if minutes.number is None:
        year = minutes.event.day_at(now).year
        minutes.year, minutes.number = year, _next_number(year)
    leader = person_of(actor)
    position = leader.position_on(minutes.event.day_at(now)) if leader else None
    with force_locale(minutes.language):
        signed = {
            "approved_by": leader.display_name if leader else actor.name,
            "approved_position": position.display_title if position else "",
            "approved_at": now.isoformat(),
        }
    content = paper.content_of(minutes, newest, **signed)
    document = signing.issue(
        "minutes", title=minutes.title, subject_ref=minutes.ref, edition=newest.number, content=content
    )
    newest.frozen_at, newest.document, newest.content_hash = now, document, document.content_hash
    newest.version += 1
    minutes.approved_at, minutes.approved_by_name = now, signed["approved_by"]
    if not minutes.was_published:
        minutes.state = MinutesState.APPROVED
    audit.record(
        actor, "minutes.approved", minutes, version=newest.number, number=minutes.label, hash=newest.content_hash
    )
    later("issue_minutes_pdf", document_ref=document.ref)
    return newest


def _next_number(year: int) -> int:
    """The next serial of the year. Two who sign at once wait for each other, so that there is no gap and no twin."""
    if db.engine.dialect.name == "postgresql":  # SQLite has one writer anyway
        db.session.execute(select(func.pg_advisory_xact_lock(LOCK)))
    return (db.session.scalar(select(func.max(Minutes.number)).where(Minutes.year == year)) or 0) + 1


def _expect(minutes: Minutes, newest: MinutesVersion, stage: MinutesState) -> None:
    if minutes.state == MinutesState.WITHDRAWN or newest.stage != stage:
        sentences = {
            MinutesState.DRAFT: _("Only a draft can be sent to review."),
            MinutesState.IN_REVIEW: _("This is possible only while the text is in review."),
            MinutesState.APPROVED: _("Only an approved text can be published."),
            MinutesState.PUBLISHED: _("This is possible only with published minutes."),
        }
        raise WrongStage(sentences[stage])


# --- publishing and reading ---------------------------------------------------------------------------------------


def publish(
    minutes: Minutes, *, actor: Actor, participants: bool = True, departments: Iterable[Department] = (),
    people: Iterable[Person] = (),
) -> Sequence[Person]:  # fmt: skip
    """Let everybody who may see the event read the approved text, and ask the chosen to confirm reading.

    `participants` means everybody with a place or a part. Returns those who were asked. Who confirmed an earlier
    version is asked again, unless the change was editorial.
    """
    require(policy.may_record(actor, minutes.event))
    newest = _locked(minutes)
    _expect(minutes, newest, MinutesState.APPROVED)
    asked = _chosen(minutes, participants=participants, departments=departments, people=people)
    outside = queries.list_without_access(minutes.event, asked)
    if outside:
        raise MayNotSee(
            ngettext(
                "%(num)s of those chosen may not see this gathering (%(names)s). Invite them, or leave them out.",
                "%(num)s of those chosen may not see this gathering (%(names)s). Invite them, or leave them out.",
                len(outside),
                names=listed(each.display_name for each in outside[:5]),
            ),
            field="people",
        )
    now = clock.now()
    newest.published_at, minutes.current = now, newest
    minutes.published_at, minutes.state = minutes.published_at or now, MinutesState.PUBLISHED
    db.session.flush()
    _index(minutes)
    told = _ask(minutes, asked)
    audit.record(actor, "minutes.published", minutes, version=newest.number, asked=len(asked))
    for person in told:
        _mail(person, "minutes/mail/published", minutes)
    return asked


def _chosen(
    minutes: Minutes, *, participants: bool, departments: Iterable[Department], people: Iterable[Person]
) -> list[Person]:
    """Without doubles, in a stable order; who was asked for an earlier version stays asked."""
    chosen = list(queries.list_participants(minutes.event)) if participants else []
    chosen += [*queries.list_members(departments), *people]
    chosen += [each.person for each in queries.list_readers(minutes)]
    return list({each.id: each for each in chosen}.values())


def _ask(minutes: Minutes, people: Sequence[Person]) -> list[Person]:
    """The rows of those asked; gives those back for whom there is something to read now."""
    now = clock.now()
    before = {each.person_id: each for each in queries.list_readers(minutes)}
    to_tell = []
    for person in people:
        row = before.get(person.id)
        if row is None:
            db.session.add(Acknowledgement(minutes=minutes, person=person, asked_at=now))
        elif queries.counts(row, minutes):
            continue
        else:
            row.asked_at = now
        to_tell.append(person)
    db.session.flush()
    return to_tell


def acknowledge(minutes: Minutes, *, actor: Actor, version_hash: str | None = None) -> Acknowledgement:
    """Confirm for oneself that the text in force was read. `version_hash` is that of the text on the page."""
    asked = queries.find_reader(minutes, person_of(actor))
    require(policy.may_acknowledge(actor, asked))
    assert asked is not None
    _locked(minutes)
    current = minutes.current
    if minutes.state != MinutesState.PUBLISHED or current is None:
        raise WrongStage(_("These minutes are not in force, so there is nothing to confirm."))
    if version_hash is not None and version_hash != current.content_hash:
        raise NewerVersion(_("A newer version was published meanwhile. Please read that one and confirm it."))
    if asked.version_id != current.id:
        asked.version, asked.version_hash, asked.read_at = current, current.content_hash, clock.now()
        audit.record(actor, "minutes.acknowledged", asked, version=current.number, hash=current.content_hash)
    return asked


def remind(minutes: Minutes, *, actor: Actor) -> int:
    """Write to those who have not confirmed, at most once a day each. Gives how many mails were queued."""
    require(policy.may_record(actor, minutes.event))
    newest = _locked(minutes)
    if minutes.state != MinutesState.PUBLISHED:
        _expect(minutes, newest, MinutesState.PUBLISHED)
    day = minutes.event.day_at(clock.now())
    silent = [each.person for each in queries.list_readers(minutes) if not queries.counts(each, minutes)]
    queued = [
        _mail(each, "minutes/mail/reminder", minutes, dedupe_key=f"minutes-reminder:{minutes.ref}:{each.ref}:{day}")
        for each in silent
    ]
    count = sum(1 for each in queued if each)
    if not count:
        raise RemindedToday(_("Nobody is to be reminded: all have confirmed, or were reminded today already."))
    audit.record(actor, "minutes.readers_reminded", minutes, count=count)
    return count


# --- changing what is in force ------------------------------------------------------------------------------------


def amend(minutes: Minutes, *, actor: Actor, change_note: str, editorial: bool = False) -> MinutesVersion:
    """Begin a new version of an approved text; the one in force stays readable until the new one is published.

    `editorial` keeps earlier confirmations of reading valid: spelling and form, never what was decided.
    """
    require(policy.may_record(actor, minutes.event))
    newest = _locked(minutes)
    if minutes.state == MinutesState.WITHDRAWN or newest.frozen_at is None:
        raise WrongStage(_("There is a text under work already, or nothing that was approved."))
    if not change_note.strip():
        raise Refused(_("Say what changes, so that readers know where to look."), field="change_note")
    version = MinutesVersion(
        minutes=minutes, number=newest.number + 1, text=newest.text, attendance=dict(newest.attendance),
        change_note=change_note, is_editorial=editorial, writers=_with(newest.writers, actor),
    )  # fmt: skip
    db.session.add(version)
    if not minutes.was_published:
        minutes.state = MinutesState.DRAFT
    db.session.flush()
    audit.record(actor, "minutes.amended", minutes, version=version.number, editorial=editorial)
    return version


def withdraw(minutes: Minutes, *, actor: Actor, reason: str) -> None:
    """Take the minutes out of force. The page stays and says why; the text is read by those who record alone."""
    require(policy.may_withdraw(actor, minutes))
    _locked(minutes)
    if minutes.state == MinutesState.WITHDRAWN:
        raise WrongStage(_("These minutes were withdrawn already."))
    if not reason.strip():
        raise Refused(_("Give the reason; it stands on the page that remains."), field="reason")
    minutes.state, minutes.withdrawn_reason = MinutesState.WITHDRAWN, reason
    minutes.version += 1
    search.drop("minutes", minutes.ref)
    signing.withdraw(minutes.ref)
    audit.record(actor, "minutes.withdrawn", minutes, reason=reason)


def _index(minutes: Minutes) -> None:
    """Found by the words of the text, and by the session's title in both languages."""
    assert minutes.current is not None
    session = minutes.session
    words = [plain_text(minutes.current.text), session.title, session.title_local or "", minutes.label]
    search.put(
        "minutes",
        minutes.ref,
        url=f"/events/{minutes.event.ref}/minutes/{minutes.ref}",
        title=minutes.title,
        body="\n".join(word for word in words if word),
        event_id=minutes.event_id,
        on=session.day or minutes.event.starts_on,
    )


def _mail(person: Person, template: str, minutes: Minutes, *, dedupe_key: str | None = None) -> object:
    return queue_mail(
        Recipient(person.name, person.email, person.language),
        template,
        kind="minutes_" + template.rpartition("/")[2],
        scope=minutes.event.ref,
        dedupe_key=dedupe_key,
        minutes=minutes,
        event=minutes.event,
    )
