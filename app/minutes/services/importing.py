"""Minutes of before: read in from a paper into a draft, which a person accepts or throws away."""

from sqlalchemy import delete

from app.core import audit, clock
from app.core.db import db, new_ref
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.files import services as files
from app.minutes import policy, queries
from app.minutes.errors import AlreadyThere, WrongStage
from app.minutes.importing import ReadPaper
from app.minutes.models import LISTS, Minutes, MinutesVersion, Section, Tradition
from app.minutes.services.stages import locked, with_writer
from app.people.models import Clearance
from app.programme.models import Session

CHINESE = "zh_Hans_CN"


def read_in(
    session: Session, paper: ReadPaper, *, actor: Actor, language: str = "en", title: str | None = None,
    earlier_number: str | None = None, clearance: int | None = None,
) -> Minutes:  # fmt: skip
    """Begin the minutes of a session with what a paper says, all of it classified alike. The paper itself is kept.

    Nobody reviews or signs the text before somebody has accepted it (`accept_paper`). Who recorded then is not known.
    """
    event = session.event
    require(policy.may_record(actor, event))
    language = CHINESE if language.startswith("zh") else "en"
    if queries.find_of_session(session, language) is not None:
        raise AlreadyThere(_("This session has minutes in this language already."), field="session_ref")
    level = policy.usual_clearance(event) if clearance is None else Clearance(clearance)
    minutes = Minutes(
        event=event, session=session, language=language, title=(title or paper.title)[:200],
        tradition=Tradition.SUMMARY if language == CHINESE else Tradition.ASSEMBLY,
        earlier_number=(earlier_number or paper.number or None), recorder_account_id=actor.id,
    )  # fmt: skip
    kept = files.store(paper.data, paper.name, paper.media_type, actor=actor)
    version = MinutesVersion(
        minutes=minutes, number=1, attendance={name: list(people) for name, people in paper.attendance.items()},
        lists_by_hand=list(LISTS),
        writers=with_writer([], actor), source_file=kept,
    )  # fmt: skip
    version.sections = [
        Section(origin=new_ref(), position=number, heading=each.heading, source=each.text, clearance=level)
        for number, each in enumerate(paper.sections, 1)
    ]
    db.session.add_all([minutes, version])
    db.session.flush()
    audit.record(
        actor, "minutes.read_in", minutes, session=session, language=language, sections=len(version.sections),
        sha256=kept.sha256,
    )  # fmt: skip
    return minutes


def accept_paper(minutes: Minutes, *, actor: Actor) -> None:
    """Say that the paper was read in rightly. From then on the text is a draft like any other."""
    require(policy.may_record(actor, minutes.event))
    newest = _unaccepted(minutes)
    newest.accepted_at = clock.now()
    newest.writers = with_writer(newest.writers, actor)
    newest.version += 1
    audit.record(actor, "minutes.paper_accepted", minutes, version=newest.number)


def discard_paper(minutes: Minutes, *, actor: Actor) -> None:
    """Throw away what was read in and nobody accepted, with its file: it never was a record."""
    require(policy.may_record(actor, minutes.event))
    newest = _unaccepted(minutes)
    kept = [each.file for each in minutes.attachments] + ([newest.source_file] if newest.source_file else [])
    session = minutes.session
    db.session.execute(delete(Minutes).where(Minutes.id == minutes.id))
    db.session.expire_all()
    for file in kept:
        files.drop(file)
    audit.record(actor, "minutes.paper_discarded", session)


def _unaccepted(minutes: Minutes) -> MinutesVersion:
    newest = locked(minutes)
    if not newest.needs_acceptance or minutes.number is not None or len(minutes.versions) > 1:
        raise WrongStage(_("This text does not wait to be accepted."))
    return newest
