"""Beginning minutes from what was recorded, and drafting them again."""

from app.core import audit
from app.core.db import db
from app.core.errors import require
from app.core.i18n import _, force_locale
from app.core.roles import Actor
from app.minutes import drafting, policy, queries
from app.minutes.errors import AlreadyThere
from app.minutes.models import Minutes, MinutesVersion
from app.minutes.records import gather
from app.minutes.services.stages import with_writer
from app.minutes.services.writing import Lists, lists_of, sections_of, write
from app.people.models import Person
from app.people.queries import person_of
from app.programme.models import Session

CHINESE = "zh_Hans_CN"


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
    version = MinutesVersion(minutes=minutes, number=1, attendance=lists_of(lists), writers=with_writer([], actor))
    version.sections = sections_of(text or drafted, policy.usual_clearance(event))
    db.session.add_all([minutes, version])
    db.session.flush()
    audit.record(actor, "minutes.drafted", minutes, session=session, language=language)
    return minutes


def redraft(minutes: Minutes, *, actor: Actor, version: int | None = None) -> None:
    """Throw the text under work away and draft it again from what is recorded now."""
    drafted, lists = draft_again(minutes)
    write(minutes, actor=actor, text=drafted, attendance=lists, version=version)


def draft_again(minutes: Minutes) -> tuple[str, dict[str, list[str]]]:
    """The text and the lists that a draft from the present records would have."""
    with force_locale(minutes.language):
        records = gather(minutes.session, minutes.recorder)
        return drafting.to_markdown(records), records.attendance
