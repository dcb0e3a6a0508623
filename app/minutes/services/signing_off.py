"""The sign-off, which freezes and numbers a text; what changes it afterwards: an amendment, a withdrawal."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.core import audit, clock
from app.core.db import db
from app.core.errors import Refused, Stale, require
from app.core.i18n import _, _l, force_locale, ngettext
from app.core.jobs import later
from app.core.roles import Actor
from app.documents.errors import GlyphsMissing
from app.minutes import bound, checks, extracts, library, paper, policy
from app.minutes.errors import CommentsOpen, FindingsStand, WrongStage
from app.minutes.models import LISTS, Extract, Minutes, MinutesState, MinutesVersion, Section
from app.minutes.services.reviewing import end_rounds
from app.minutes.services.stages import expect, locked, with_writer
from app.people.queries import person_of
from app.signing import services as signing

LOCK = 7_301  # any number that nobody else takes


def approve(minutes: Minutes, *, actor: Actor, version: int | None = None) -> MinutesVersion:
    """Sign the text off: it is frozen, numbered by year and serial without gaps, and issued as a document.

    `version` is the counter of the text that the leader read: another one is Stale. Never by the recorder or a writer.
    """
    require(policy.may_approve(actor, minutes))
    newest = locked(minutes)
    require(policy.may_approve(actor, minutes))  # whoever wrote meanwhile does not sign
    expect(minutes, newest, MinutesState.IN_REVIEW)
    if version is not None and version != newest.version:
        raise Stale(_l("The text was changed while you were reading. Please read it again."), theirs=newest)
    if newest.needs_acceptance:
        raise WrongStage(
            _("This text was read in from a paper. Somebody has to say first that it was read in rightly.")
        )
    _refuse_findings(newest)
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
    end_rounds(newest)
    freeze(newest, signed, now)
    minutes.approved_at, minutes.approved_by_name = now, signed["approved_by"]
    if not minutes.was_published:
        minutes.state = MinutesState.APPROVED
    audit.record(
        actor, "minutes.approved", minutes, version=newest.number, number=minutes.label, hash=newest.content_hash
    )
    for each in newest.extracts:
        later("keep_paper", document_ref=each.document.ref)
    return newest


def _refuse_findings(newest: MinutesVersion) -> None:
    """Nothing is signed off that the checks object to, unless somebody let it stand and said why."""
    standing = [each for each in checks.findings(newest) if each.overridden is None]
    if any(each.check == "comment_open" for each in standing):
        raise CommentsOpen(_("Comments are still open. Have them dealt with before the sign-off."))
    if standing:
        raise FindingsStand(
            ngettext(
                "The checks found %(num)s thing that nobody has mended or let stand: %(first)s",
                "The checks found %(num)s things that nobody has mended or let stand, such as: %(first)s",
                len(standing),
                first=standing[0].sentence,
            )
        )


def freeze(newest: MinutesVersion, signed: dict[str, Any], now: datetime) -> None:
    """Put the sentences of the records in place for good, and issue one paper for each level that reads more."""
    minutes = newest.minutes
    for part in extracts.parts_of(minutes, newest.sections):
        part.section.text, part.section.bindings = part.text, part.bindings
    newest.attendance, newest.lists_by_hand = bound.people(newest), list(LISTS)  # read once, for all levels
    newest.extracts = [
        _issued(extracts.read(newest, clearance), signed, first=number == 0)
        for number, clearance in enumerate(extracts.levels(newest))
    ]
    newest.content_hash = newest.extracts[-1].document.content_hash
    newest.frozen_at = now
    newest.version += 1


def _issued(text: extracts.Text, signed: dict[str, Any], *, first: bool) -> Extract:
    minutes, version = text.version.minutes, text.version
    document = signing.issue(
        "minutes", title=minutes.label, subject_ref=minutes.ref, edition=version.number,
        content=paper.content_of(text, **signed), supersede=first,
    )  # fmt: skip
    return Extract(clearance=text.clearance, text_hash=text.text_hash, document=document)


def _next_number(year: int) -> int:
    """The next serial of the year. Two who sign at once wait for each other, so that there is no gap and no twin."""
    if db.engine.dialect.name == "postgresql":  # SQLite has one writer anyway
        db.session.execute(select(func.pg_advisory_xact_lock(LOCK)))
    return (db.session.scalar(select(func.max(Minutes.number)).where(Minutes.year == year)) or 0) + 1


def amend(minutes: Minutes, *, actor: Actor, change_note: str, editorial: bool = False) -> MinutesVersion:
    """Begin a new version of an approved text; the one in force stays readable until the new one is published.

    `editorial` keeps earlier confirmations of reading valid: spelling and form, never what was decided.
    """
    require(policy.may_record(actor, minutes.event))
    newest = locked(minutes)
    if minutes.state == MinutesState.WITHDRAWN or newest.frozen_at is None:
        raise WrongStage(_("There is a text under work already, or nothing that was approved."))
    if not change_note.strip():
        raise Refused(_("Say what changes, so that readers know where to look."), field="change_note")
    version = MinutesVersion(
        minutes=minutes, number=newest.number + 1, attendance=dict(newest.attendance), lists_by_hand=list(LISTS), change_note=change_note,
        is_editorial=editorial, writers=with_writer(newest.writers, actor),
    )  # fmt: skip
    version.sections = [_again(each) for each in newest.sections]
    db.session.add(version)
    if not minutes.was_published:
        minutes.state = MinutesState.DRAFT
    db.session.flush()
    audit.record(actor, "minutes.amended", minutes, version=version.number, editorial=editorial)
    return version


def _again(section: Section) -> Section:
    return Section(
        origin=section.origin, position=section.position, key=section.key, heading=section.heading,
        clearance=section.clearance, source=section.source,
    )  # fmt: skip


def withdraw(minutes: Minutes, *, actor: Actor, reason: str) -> None:
    """Take the minutes out of force. The page stays and says why; the text is read by those who record alone."""
    require(policy.may_withdraw(actor, minutes))
    locked(minutes)
    if minutes.state == MinutesState.WITHDRAWN:
        raise WrongStage(_("These minutes were withdrawn already."))
    if not reason.strip():
        raise Refused(_("Give the reason; it stands on the page that remains."), field="reason")
    for each in minutes.versions:
        end_rounds(each)
    minutes.state, minutes.withdrawn_reason = MinutesState.WITHDRAWN, reason
    minutes.version += 1
    library.take_out(minutes)
    signing.withdraw(minutes.ref)
    audit.record(actor, "minutes.withdrawn", minutes, reason=reason)
