"""Questions about the console and the hall's screen."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from sqlalchemy import Row as Found
from sqlalchemy import Select, String, bindparam, func, select, update
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app.awards.models import Award, Recipient
from app.campaigns.models import Campaign
from app.core.db import db
from app.events.models import Event
from app.pledges.models import Pledge, Signature, SignatureSlot
from app.shows.models import Cue, CueKind, CueStatus, Show
from app.shows.rows import Row, given_by, row_of, seen
from app.shows.slips import Outlook
from app.signing import tokens
from app.stage.models import CueMark, MarkKind, Reveal, Stage
from app.tallies.models import Tally


def find_show(event: Event, ref: str) -> Show | None:
    return db.session.scalar(
        select(Show).where(Show.event_id == event.id, Show.ref == ref).options(joinedload(Show.event))
    )


def find_stage(show: Show) -> Stage | None:
    return db.session.scalar(select(Stage).where(Stage.show_id == show.id))


def find_cue(show: Show, ref: str) -> Cue | None:
    return db.session.scalar(_shown(select(Cue).where(Cue.show_id == show.id, Cue.ref == ref)))


def find_cue_with_all(cue_id: int | None) -> Cue | None:
    if cue_id is None:
        return None
    return db.session.scalar(_shown(select(Cue).where(Cue.id == cue_id)).execution_options(populate_existing=True))


def list_cues(show: Show) -> Sequence[Cue]:
    """The table with all that the console shows of it, in as many statements whatever its length."""
    return db.session.scalars(_shown(select(Cue).where(Cue.show_id == show.id)).order_by(Cue.position, Cue.id)).all()


def list_cues_plainly(show: Show, *, anew: bool = False) -> Sequence[Cue]:
    cues = select(Cue).where(Cue.show_id == show.id).order_by(Cue.position, Cue.id)
    return db.session.scalars(cues.options(joinedload(Cue.pledge)).execution_options(populate_existing=anew)).all()


def _shown(cues: Select[Cue]) -> Select[Cue]:
    slots = selectinload(Cue.pledge).selectinload(Pledge.slots)
    recipients = selectinload(Cue.award).selectinload(Award.recipients)
    campaign = selectinload(Cue.tally).joinedload(Tally.campaign)
    return cues.options(
        joinedload(Cue.show).joinedload(Show.event),
        joinedload(Cue.owner),
        slots.joinedload(SignatureSlot.person),
        slots.joinedload(SignatureSlot.signature),
        selectinload(Cue.award).joinedload(Award.category),
        recipients.joinedload(Recipient.person),
        recipients.joinedload(Recipient.team),
        campaign.joinedload(Campaign.commander),
    )


def find_mark(stage: Stage, entry: str) -> CueMark | None:
    return db.session.scalar(select(CueMark).where(CueMark.stage_id == stage.id, CueMark.entry == entry))


def list_marks(stage: Stage) -> Sequence[CueMark]:
    """Everything that was marked, the newest first."""
    marks = select(CueMark).where(CueMark.stage_id == stage.id).options(joinedload(CueMark.cue))
    return db.session.scalars(marks.order_by(CueMark.at.desc(), CueMark.id.desc())).all()


def spelling_of(cue: Cue) -> str | None:
    """The winner's name as the operator has written it for the screen, where the directory's was wrong."""
    marks = select(CueMark.values).where(CueMark.cue_id == cue.id, CueMark.kind == MarkKind.CORRECTED)
    given = db.session.scalars(marks.order_by(CueMark.id)).all()
    return next((each["names"] for each in reversed(given) if "names" in each), None)


def find_reveal(stage: Stage, ref: str) -> Reveal | None:
    return db.session.scalar(select(Reveal).where(Reveal.stage_id == stage.id, Reveal.ref == ref))


def find_open_reveal(stage: Stage, now: datetime) -> Reveal | None:
    """What waits for the second operator; one at most."""
    asked = select(Reveal).where(
        Reveal.stage_id == stage.id, Reveal.confirmed_at.is_(None), Reveal.dropped_at.is_(None)
    )
    newest = db.session.scalar(asked.order_by(Reveal.id.desc()).limit(1))
    return newest if newest is not None and newest.is_open_at(now) else None


def drop_open_reveals(stage: Stage, now: datetime, besides: Cue | None = None) -> None:
    asked = (Reveal.stage_id == stage.id, Reveal.confirmed_at.is_(None), Reveal.dropped_at.is_(None))
    others = () if besides is None else (Reveal.cue_id != besides.id,)
    db.session.execute(update(Reveal).where(*asked, *others).values(dropped_at=now))


def was_revealed(stage: Stage, cue: Cue) -> bool:
    """Whether two operators have said it, on this evening or in this rehearsal."""
    if stage.began_at is None:
        return False
    found = select(Reveal.id).where(
        Reveal.stage_id == stage.id, Reveal.cue_id == cue.id, Reveal.confirmed_at >= stage.began_at
    )
    return db.session.scalar(found.limit(1)) is not None


def list_revealed(stage: Stage) -> set[int]:
    """The ids of the cues that two operators have let the hall see."""
    if stage.began_at is None:
        return set()
    found = select(Reveal.cue_id).where(Reveal.stage_id == stage.id, Reveal.confirmed_at >= stage.began_at)
    return set(db.session.scalars(found))


def is_called_for(slot: SignatureSlot, cue_ref: str) -> bool:
    """Whether this cue calls for this signature and has been called, on the evening itself: it is given on stage."""
    found = (
        select(Cue.id)
        .join(Stage, Stage.show_id == Cue.show_id)
        .where(
            Cue.ref == cue_ref,
            Cue.pledge_id == slot.pledge_id,
            Cue.kind == CueKind.SIGNING,
            Cue.began_at.is_not(None),
            Stage.is_rehearsal.is_(False),
        )
    )
    return db.session.scalar(found.limit(1)) is not None


# --- what the hall's screen asks for ------------------------------------------------------------------------------


def pulse_of(token: str) -> Found | None:
    """All that tells whether the picture has changed, in one statement; None where the link is none.

    Nothing of it moves when somebody declines.
    """
    return db.session.execute(_pulse(), {"token_hash": tokens.digest(token)}).one_or_none()


@cache
def _pulse() -> Select:
    """Made once: to build it costs ten times as much as to run it."""
    signed = (
        select(func.count(Signature.id))
        .join(SignatureSlot, SignatureSlot.id == Signature.slot_id)
        .where(SignatureSlot.pledge_id == Cue.pledge_id)
        .correlate(Cue)
        .scalar_subquery()
    )
    return (
        select(
            Stage.id, Stage.ref, Stage.picture, Stage.is_blank, Stage.is_rehearsal, Stage.cue_id, Stage.began_at,
            Stage.ended_at, Event.version.label("event_version"), Show.version.label("show_version"),
            signed.label("signed"), Pledge.in_force_at, Pledge.document_id, Award.conferred_on, Award.end, Tally.state,
            Tally.conferred_at,
        )
        .join(Show, Show.id == Stage.show_id)
        .join(Event, Event.id == Show.event_id)
        .outerjoin(Cue, Cue.id == Stage.cue_id)
        .outerjoin(Pledge, Pledge.id == Cue.pledge_id)
        .outerjoin(Award, Award.id == Cue.award_id)
        .outerjoin(Tally, Tally.id == Cue.tally_id)
        .where(Stage.screen_token_hash == bindparam("token_hash", type_=String))
    )  # fmt: skip


def find_of_token(token: str) -> Stage | None:
    found = select(Stage).join(Stage.show).join(Show.event).where(Stage.screen_token_hash == tokens.digest(token))
    return db.session.scalar(found.options(contains_eager(Stage.show).contains_eager(Show.event)))


# --- what the console shows ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One row of the console: the cue, and when it is to be expected as things go."""

    cue: Cue
    row: Row
    expected_at: datetime | None
    late: int  # minutes after its planned time
    is_on_screen: bool
    is_next: bool
    is_secret: bool  # it waits for two operators

    @property
    def waits_for_tally(self) -> bool:
        tally, hands_over = self.cue.tally, self.cue.kind in (CueKind.TALLY, CueKind.CONFERRAL)
        return hands_over and tally is not None and tally.conferred_at is None


def lines_of(
    stage: Stage | None, cues: Sequence[Cue], outlook: Outlook, *, names: bool, revealed: Collection[int]
) -> list[Line]:
    """`names`: whether whoever looks knows the winners before their moment; else such rows are masked."""
    following = _next_of(cues)
    rows = seen([row_of(each) for each in cues], replace(given_by(cues), sees_all=names))
    shown = stage.cue_id if stage is not None and stage.is_on and not stage.is_blank else None
    lines = []
    for cue, row in zip(cues, rows, strict=True):
        expected = outlook.expected.get(cue.id)
        at = cue.began_at or (expected.starts_at if expected else None)
        late = round((at - cue.starts_at).total_seconds() / 60) if at and cue.status != CueStatus.SKIPPED else 0
        waits = cue.is_secret and (
            cue.award.conferred_on is None and cue.award.end is None if cue.award else cue.id not in revealed
        )
        lines.append(Line(cue, row, at, late, cue.id == shown, cue is following, waits))
    return lines


def _next_of(cues: Sequence[Cue]) -> Cue | None:
    """What comes after the cue that was called last; what was passed over without a mark does not."""
    called = [at for at, each in enumerate(cues) if each.began_at is not None]
    last = max(called, key=lambda at: (cues[at].began_at, at), default=-1)
    ahead = [each for each in cues[last + 1 :] if each.status == CueStatus.PLANNED]
    return ahead[0] if ahead else None
