"""Asking for long work, telling how far it is, keeping what came of it for a day."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Busy, Refused, require
from app.core.i18n import _, force_locale, is_chinese
from app.core.jobs import every_minute, later
from app.core.logs import log
from app.core.roles import SYSTEM, Actor
from app.files import services as files
from app.progress import queries
from app.progress.models import Progress

KEPT = timedelta(days=1)
LOST = timedelta(minutes=10)  # by then a job that has not ended never will
MOST_AT_ONCE = 5

Tell = Callable[[int, str], None]


@dataclass(frozen=True)
class Made:
    """What a long job gives back."""

    data: bytes
    name: str
    media_type: str


def begin(
    key: str, job: str, *, actor: Actor, title: str, then: str, total: int = 1, **arguments: Any
) -> Progress:  # fmt: skip
    """Have `job` run with `progress_ref=…` after the answer. What is made already, or under way, is not made again.

    The job hands its work to `carry_out`. `then` is the path that is waiting for what comes of it, which is asked for
    by the same key.
    """
    require(actor.id is not None)
    found = queries.find_by_key(actor, key)
    if found is not None and (found.is_under_way or found.file_id is not None):
        return found
    if found is not None:
        db.session.delete(found)
        db.session.flush()
    running = select(Progress.id).where(Progress.account_id == actor.id, Progress.finished_at.is_(None))
    if len(db.session.scalars(running.limit(MOST_AT_ONCE)).all()) == MOST_AT_ONCE:
        raise Refused(_("Other files are being made for you. Please wait until one of them is ready."))
    made = Progress(
        account_id=actor.id, key=key, job=job, arguments=arguments, title=title[:300], then=then[:500],
        language="zh_Hans_CN" if is_chinese() else "en", total=max(total, 1), step=_("Waiting for its turn"),
    )  # fmt: skip
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError:  # a second press came first
        other = queries.find_by_key(actor, key)
        if other is None:
            raise
        return other
    later(job, progress_ref=made.ref)
    return made


def carry_out(progress_ref: str, work: Callable[[Progress, Tell], Made]) -> None:
    """Do the work of a long job and keep what it gives. `tell(done, step)` says how far it is.

    Running twice makes nothing twice. A refusal is told to who waits, in their language; so is a failure, whose cause
    goes to the log.
    """
    mine = select(Progress).where(Progress.ref == progress_ref)
    progress = db.session.scalar(mine)
    if progress is None or not progress.is_under_way:
        return

    def tell(done: int, step: str) -> None:
        with unit_of_work():
            progress.done, progress.step = min(done, progress.total), step

    with force_locale(progress.language):
        try:
            made = work(progress, tell)
        except Busy:
            raise
        except Refused as refusal:
            _end(progress, failure=str(refusal.sentence))
        except Exception:
            log.error("long work failed", job=progress.job, exc_info=True)
            _end(progress, failure=_("This could not be made. Please try again or tell the administrator."))
        else:
            _end(progress, made=made)


def _end(progress: Progress, *, made: Made | None = None, failure: str | None = None) -> None:
    with unit_of_work():
        if made is not None:
            progress.file = files.store(made.data, made.name, made.media_type, actor=SYSTEM)
            progress.done = progress.total
        progress.failure, progress.finished_at = failure, clock.now()


@every_minute
def sweep_progress() -> None:
    """Say of work that was lost with its process that it was, and forget what is a day old, with its file."""
    now = clock.now()
    lost = Progress.finished_at.is_(None) & (Progress.created_at < now - LOST)
    old = select(Progress).where(lost | (Progress.created_at < now - KEPT)).limit(100)
    if not db.session.scalars(old).first():
        return
    with unit_of_work():
        for each in db.session.scalars(old):
            if each.created_at >= now - KEPT:
                with force_locale(each.language):
                    each.failure = _("This could not be made. Please try again or tell the administrator.")
                each.finished_at = now
                continue
            file = each.file
            db.session.delete(each)
            db.session.flush()
            if file is not None:
                files.drop(file)
