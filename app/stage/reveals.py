"""What may not happen by one slip of a finger: a winner is shown when one operator asks and another confirms."""

from datetime import datetime
from typing import Protocol

from app.awards import services as awards
from app.core import audit, clock
from app.core.db import db
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.shows.models import Cue
from app.stage import policy, queries
from app.stage.errors import AskedNoMore, NothingToConfer, NothingToReveal, NotOn, OtherShow, SecondNeeded
from app.stage.marks import mark
from app.stage.models import MarkKind, Reveal, Stage
from app.stage.services import hold
from app.tallies import services as tallies


class Ceremony(Protocol):
    """What is asked of a ceremony here; the feature itself stands above this one."""

    @property
    def id(self) -> int: ...
    @property
    def event_id(self) -> int: ...


def ask_reveal(stage: Stage, cue: Cue, *, actor: Actor) -> Reveal:
    """Ask for the winner to be shown. Nothing is shown by that."""
    hold(stage, actor)
    require(policy.may_reveal(actor, stage.event))
    now = clock.now()
    _refuse_unless_here(stage, cue)
    _refuse_unless_waiting(stage, cue)
    if queries.find_open_reveal(stage, now) is not None:
        raise AskedNoMore(_("A reveal is asked for already. Confirm it, or take it back first."))
    asked = Reveal(stage=stage, cue=cue, asked_by_id=actor.id, asked_by_name=actor.name)
    db.session.add(asked)
    db.session.flush()
    audit.record(actor, "reveal.asked", asked)
    return asked


def confirm_reveal(reveal: Reveal, *, actor: Actor, ceremony: Ceremony | None = None) -> Reveal:
    """The second pair of eyes. The award is conferred by this cue, and the hall sees it: in that order, in one act."""
    stage = reveal.stage
    hold(stage, actor)
    require(policy.may_reveal(actor, stage.event))
    db.session.refresh(reveal)
    now = clock.now()
    _refuse_ended(reveal, now)
    if reveal.asked_by_id == actor.id:
        raise SecondNeeded(_("You have asked for it yourself. Somebody else has to confirm."))
    cue = reveal.cue
    _refuse_unless_here(stage, cue)
    _refuse_unless_waiting(stage, cue)
    if cue.award is not None and not stage.is_rehearsal:
        day = clock.today(stage.event.time_zone)
        awards.confer(cue.award, actor=actor, on=day, cue_ref=cue.ref, ceremony=ceremony)
    reveal.confirmed_by_id, reveal.confirmed_by_name, reveal.confirmed_at = actor.id, actor.name, now
    audit.record(actor, "reveal.confirmed", reveal, rehearsal=stage.is_rehearsal)
    mark(stage, cue, actor=actor, entry=f"reveal-{reveal.ref}", kind=MarkKind.CALLED)
    return reveal


def drop_reveal(reveal: Reveal, *, actor: Actor) -> None:
    hold(reveal.stage, actor)
    db.session.refresh(reveal)
    now = clock.now()
    _refuse_ended(reveal, now)
    reveal.dropped_at = now
    audit.record(actor, "reveal.dropped", reveal)


def confer_tally(stage: Stage, cue: Cue, *, actor: Actor, ceremony: Ceremony | None = None) -> None:
    """The halves are in the hands of those whom they belong to: said by the cue, and from now on the hall may read it."""
    hold(stage, actor)
    _refuse_unless_here(stage, cue)
    if cue.tally is None:
        raise NothingToConfer(_("No tally belongs to this cue."))
    db.session.refresh(cue.tally)
    if cue.tally.conferred_at is not None:
        raise NothingToConfer(_("This tally was conferred already."))
    if not stage.is_rehearsal:
        tallies.confer(cue.tally, actor=actor, cue_ref=cue.ref, ceremony=ceremony)
    mark(stage, cue, actor=actor, entry=f"tally-{cue.tally.ref}-{stage.run}", kind=MarkKind.CALLED)


def _refuse_ended(reveal: Reveal, now: datetime) -> None:
    if not reveal.is_open_at(now):
        raise AskedNoMore(_("This is not asked for any more."))


def _refuse_unless_here(stage: Stage, cue: Cue) -> None:
    if cue.show_id != stage.show_id:
        raise OtherShow(_("This cue stands in another run of show."))
    if not stage.is_on:
        raise NotOn(_("Neither the evening nor a rehearsal is on."))


def _refuse_unless_waiting(stage: Stage, cue: Cue) -> None:
    if not cue.is_secret:
        raise NothingToReveal(_("No award belongs to this cue."))
    if cue.award is None:
        if queries.was_revealed(stage, cue):
            raise NothingToReveal(_("This was revealed already. Call the cue to show it."))
        return
    db.session.refresh(cue.award)
    if cue.award.is_conferred:
        raise NothingToReveal(_("This award was conferred already. Call the cue to show it."))
    if cue.award.end is not None:
        raise NothingToReveal(_("This award was withdrawn or declined."))
