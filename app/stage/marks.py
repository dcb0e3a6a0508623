"""What the operator marks at the console. A mark is never refused for its time: what happened has happened."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.core import audit, clock
from app.core.db import db, edit
from app.core.i18n import _
from app.core.roles import Actor
from app.shows.models import Cue, CueStatus
from app.stage import queries
from app.stage.errors import NotOn, OtherShow
from app.stage.models import CueMark, MarkKind, Stage
from app.stage.services import change_picture, hold

KEPT_FOR = timedelta(hours=12)  # how long a console may keep a mark before its moment is no longer believed
CORRECTABLE = ("title", "title_local", "on_stage", "pronunciation")


def mark(
    stage: Stage,
    cue: Cue,
    *,
    actor: Actor,
    entry: str,
    kind: MarkKind | str,
    at: datetime | None = None,
    run: str | None = None,
    values: dict[str, Any] | None = None,
) -> CueMark:
    """Take a mark, once: an `entry` that is known already has no second effect.

    `at` is when it was pressed; a console without a line keeps it and sends it later. `run` names the evening or the
    rehearsal that the console saw. Of a late mark the times are kept, but the screen stays where later marks left it.
    """
    hold(stage, actor)
    before = queries.find_mark(stage, entry)
    if before is not None:
        return before
    _refuse_stray(stage, cue, run)
    now = clock.now()
    at = now if at is None else min(now, max(at, now - KEPT_FOR))
    kind = MarkKind(kind)
    db.session.execute(select(Cue.id).where(Cue.show_id == stage.show_id).with_for_update())
    cues = list(queries.list_cues_plainly(stage.show, anew=True))
    kept = dict(values or {})
    if kind == MarkKind.CORRECTED:
        kept = _correct(stage, cue, kept)
    elif kind == MarkKind.CALLED:
        _call(stage, cue, cues, at)
    elif kind == MarkKind.DONE:
        _finish(stage, cue, at)
    elif kind == MarkKind.SKIPPED:
        _skip(stage, cue, kept.get("reason"))
    else:
        _take_back(stage, cue, cues)
    if stage.is_rehearsal:
        kept["rehearsal"] = True
    made = CueMark(
        stage_id=stage.id, cue=cue, entry=entry, kind=kind, at=at, values=kept, by_id=actor.id, by_name=actor.name
    )
    db.session.add(made)
    db.session.flush()
    # Names stay out of the log: what is corrected may be a winner's, before the moment.
    audit.record(actor, f"cue.{kind}", cue, at=at.isoformat(), rehearsal=stage.is_rehearsal)
    return made


def _refuse_stray(stage: Stage, cue: Cue, run: str | None) -> None:
    if cue.show_id != stage.show_id:
        raise OtherShow(_("This cue stands in another run of show."))
    if stage.began_at is None:
        raise NotOn(_("Neither the evening nor a rehearsal is on."))
    if run is not None and run != stage.run:
        raise NotOn(_("This was marked in another rehearsal or on another evening."))


def _call(stage: Stage, cue: Cue, cues: list[Cue], at: datetime) -> None:
    """It runs from now on; what ran before is over by that. The hall sees it, unless later marks went on."""
    later = min(
        (each.began_at for each in cues if each is not cue and each.began_at and each.began_at > at), default=None
    )
    cue.began_at, cue.skip_reason = at, None
    cue.status, cue.ended_at = (_over(stage, cue), later) if later else (CueStatus.CALLED, None)
    for each in cues:
        if each is not cue and each.status == CueStatus.CALLED and each.began_at and each.began_at <= at:
            each.status, each.ended_at = _over(stage, each), each.ended_at or at
    if later or stage.ended_at is not None:
        return
    queries.drop_open_reveals(stage, clock.now(), besides=cue)
    stage.cue, stage.is_blank = (None if cue.is_withheld else cue), False
    change_picture(stage)


def _finish(stage: Stage, cue: Cue, at: datetime) -> None:
    if cue.ended_at is None or at < cue.ended_at or cue.status == CueStatus.SKIPPED:
        cue.status, cue.ended_at = _over(stage, cue), at


def _over(stage: Stage, cue: Cue) -> CueStatus:
    """What only its words can tell is told when it is done, and that a rehearsal never is."""
    is_telling = stage.is_rehearsal and cue.award_id is None and cue.is_secret
    return CueStatus.CALLED if is_telling else CueStatus.DONE


def _skip(stage: Stage, cue: Cue, reason: str | None) -> None:
    """Silently: the reason stays at the console, and the hall sees at most that the screen rests."""
    cue.status, cue.skip_reason, cue.ended_at = CueStatus.SKIPPED, reason, None
    if stage.cue_id == cue.id:
        stage.cue = None
        change_picture(stage)


def _take_back(stage: Stage, cue: Cue, cues: list[Cue]) -> None:
    """As if it had not been called; what its call had ended goes on, and is what the hall sees again."""
    began = cue.began_at
    cue.status, cue.began_at, cue.ended_at, cue.skip_reason = CueStatus.PLANNED, None, None, None
    before = [each for each in cues if each is not cue and each.began_at and each.status != CueStatus.SKIPPED]
    last = max(before, key=lambda each: (each.began_at, each.position), default=None)
    if last is not None and began is not None and last.ended_at == began:
        last.status, last.ended_at = CueStatus.CALLED, None
    if stage.cue_id == cue.id:
        stage.cue = last if last is not None and not last.is_withheld else None
        change_picture(stage)


def _correct(stage: Stage, cue: Cue, values: dict[str, Any]) -> dict[str, Any]:
    """Another spelling, here and on the screen. Returns what changed, before and after."""
    given = {name: values[name] for name in CORRECTABLE if name in values}
    if not given.get("title", cue.title):
        given.pop("title")
    changes: dict[str, Any] = edit(cue, version=None, **given)
    if "names" in values and cue.award_id is not None:
        changes["names"] = values["names"] or None
    if changes and stage.cue_id == cue.id:
        change_picture(stage)
    return changes
