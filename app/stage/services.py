"""The evening as a whole: beginning and ending it, and what the hall's screen is told apart from the cues."""

from typing import Any

from sqlalchemy import select, update

from app.core import audit, clock
from app.core.db import db
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.shows.models import Cue, CueStatus, Show
from app.signing import tokens
from app.stage import links, policy, queries
from app.stage.errors import NotOn, OtherShow
from app.stage.models import Stage


def begin(show: Show, *, actor: Actor, rehearsal: bool = False) -> Stage:
    """From now on cues are called. A rehearsal confers nothing, and its marks are taken away when it ends."""
    stage = _stage_of(show, actor)
    if stage.is_on:
        raise NotOn(_("It has begun already."))
    stage.began_at = stage.began_at if stage.ended_at and not rehearsal and not stage.is_rehearsal else clock.now()
    stage.ended_at, stage.is_rehearsal = None, rehearsal
    stage.cue, stage.is_blank = None, False
    change_picture(stage)
    audit.record(actor, "stage.rehearsal_begun" if rehearsal else "stage.begun", stage)
    return stage


def end(stage: Stage, *, actor: Actor) -> None:
    """The evening is over, and the screen rests. After a rehearsal the table is as it was before."""
    hold(stage, actor)
    _refuse_unless_on(stage)
    was_rehearsal = stage.is_rehearsal
    if was_rehearsal:
        for cue in queries.list_cues_plainly(stage.show):
            cue.status, cue.began_at, cue.ended_at, cue.skip_reason = CueStatus.PLANNED, None, None, None
        stage.began_at, stage.is_rehearsal = None, False
    else:
        stage.ended_at = clock.now()
    queries.drop_open_reveals(stage, clock.now())
    stage.cue, stage.is_blank = None, False
    change_picture(stage)
    audit.record(actor, "stage.rehearsal_ended" if was_rehearsal else "stage.ended", stage)


# --- the screen ---------------------------------------------------------------------------------------------------


def make_link(show: Show, *, actor: Actor) -> Stage:
    """An address that opens the hall's picture without signing in. A link that was given out before ends."""
    stage = _stage_of(show, actor)
    stage.screen_turn += 1
    stage.screen_token_hash = tokens.digest(links.token_of(stage))
    audit.record(actor, "stage.link_made", stage)
    return stage


def end_link(stage: Stage, *, actor: Actor) -> None:
    hold(stage, actor)
    stage.screen_token_hash = None
    audit.record(actor, "stage.link_ended", stage)


def blank(stage: Stage, *, actor: Actor) -> None:
    """Nothing at all on the screen, at once."""
    _set_screen(stage, actor, "stage.blanked", is_blank=True)


def rest(stage: Stage, *, actor: Actor) -> None:
    """The holding picture: the gathering's name."""
    _set_screen(stage, actor, "stage.rested", cue=None, is_blank=False)


def show_again(stage: Stage, cue: Cue, *, actor: Actor) -> None:
    """The picture of a cue that was called before. Nothing else is marked by that."""
    if cue.show_id != stage.show_id:
        raise OtherShow(_("This cue stands in another run of show."))
    db.session.refresh(cue)
    if cue.status not in (CueStatus.CALLED, CueStatus.DONE):
        raise NotOn(_("This cue has not been called. Call it first."), field="cue")
    if cue.is_withheld:
        raise NotOn(_("This pledge was declined or declared void: the hall sees nothing of it."), field="cue")
    _set_screen(stage, actor, "stage.shown_again", cue=cue, is_blank=False)


def _set_screen(stage: Stage, actor: Actor, action: str, **values: Any) -> None:
    hold(stage, actor)
    _refuse_unless_on(stage)
    for name, value in values.items():
        setattr(stage, name, value)
    change_picture(stage)
    audit.record(actor, action, stage, cue=stage.cue)


# --- what each act begins and ends with ---------------------------------------------------------------------------


def hold(stage: Stage, actor: Actor) -> None:
    """May I? And behind the lock everything is read anew: two operators press at once."""
    require(policy.may_call(actor, stage.event))
    db.session.execute(select(Stage.id).where(Stage.id == stage.id).with_for_update())
    db.session.refresh(stage)


def redraw_ceremony(ceremony_id: int) -> None:
    """Its photographs are others now: a screen that shows them asks anew."""
    showing = Stage.cue_id.in_(select(Cue.id).where(Cue.ceremony_id == ceremony_id))
    db.session.execute(update(Stage).where(showing).values(picture=Stage.picture + 1))


def change_picture(stage: Stage) -> None:
    stage.picture += 1
    stage.version += 1
    db.session.flush()


def _refuse_unless_on(stage: Stage) -> None:
    if not stage.is_on:
        raise NotOn(_("Neither the evening nor a rehearsal is on."))


def _stage_of(show: Show, actor: Actor) -> Stage:
    require(policy.may_call(actor, show.event))
    db.session.execute(select(Show.id).where(Show.id == show.id).with_for_update())
    stage = queries.find_stage(show)
    if stage is None:
        stage = Stage(show=show)
        db.session.add(stage)
        db.session.flush()
    return stage
