"""When the cues are to be expected, what runs over a hard stop, and what could be cut: by the programme's own engine."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.liveday.forecast import MINUTE, Expected, Phase, Piece, Stop, forecast, shortened
from app.shows.models import Cue, CueKind, CueStatus, Show

ROW = "stage"


@dataclass(frozen=True, slots=True)
class HardEnd:
    """A moment that nothing before it may run over: a cue with a fixed start, a hard stop of the programme, the end."""

    at: datetime
    words: str
    cue: Cue | None = None  # that begins then
    person: str | None = None  # whom alone it concerns
    is_of_all: bool = False  # the end of the whole table


@dataclass(frozen=True, slots=True)
class Overrun:
    end: HardEnd
    minutes: int
    cuts: list[Cue]  # what could be left out, the longest first
    is_enough: bool  # whether leaving them all out would bring it back


@dataclass(frozen=True, slots=True)
class Outlook:
    """By the cue's id: when it is to be expected. A skipped cue, or one passed over, is not in it."""

    expected: dict[int, Expected]
    overruns: list[Overrun]

    def late(self, cue: Cue) -> int:
        """Whole minutes after the planned start; 0 for what is not expected any more."""
        found = self.expected.get(cue.id)
        return 0 if found is None else max(0, (found.starts_at - cue.starts_at) // MINUTE)

    def is_moved(self, cue: Cue) -> bool:
        found = self.expected.get(cue.id)
        return found is not None and abs(found.starts_at - cue.starts_at) >= MINUTE


def planned(show: Show, cues: Sequence[Cue]) -> list[datetime]:
    """The planned start of each: after the one before, or at its own fixed time."""
    starts, at = [], show.starts_at
    for cue in cues:
        at = cue.fixed_at or at
        starts.append(at)
        at += cue.minutes * MINUTE
    return starts


def outlook(show: Show, cues: Sequence[Cue], now: datetime, ends: Iterable[HardEnd]) -> Outlook:
    """`ends` are the hard stops besides those which the table itself holds."""
    others = list(ends)
    pieces = _pieces(show, cues, others)
    found = forecast(pieces.values(), now)
    expected = {cue_id: found[piece.key] for cue_id, piece in pieces.items() if piece.key in found}
    overruns = [over for end in [*own_ends(show, cues), *others] if (over := _over(end, cues, expected)) is not None]
    return Outlook(expected, sorted(overruns, key=lambda each: each.end.at))


def own_ends(show: Show, cues: Iterable[Cue]) -> list[HardEnd]:
    """Of the table itself: cues with a fixed start that have not begun, and its end."""
    fixed = [
        HardEnd(each.fixed_at, each.display_title, cue=each)
        for each in cues
        if each.fixed_at is not None and each.status == CueStatus.PLANNED and each.began_at is None
    ]
    return fixed + ([HardEnd(show.ends_at, show.display_title, is_of_all=True)] if show.ends_at else [])


def shorter(show: Show, cues: Sequence[Cue], now: datetime, ends: Iterable[HardEnd]) -> dict[int, int]:
    """The minutes of what would have to become shorter, by the cue's id: breaks first, then all in proportion."""
    others = list(ends)
    pieces = _pieces(show, cues, others)
    all_ends = [*own_ends(show, cues), *others]
    stops = [Stop(str(number), end.at, end.person) for number, end in enumerate(all_ends) if end.at > now]
    cut = {each.key: each for each in shortened(list(pieces.values()), now, stops)}
    return {
        cue_id: length // MINUTE
        for cue_id, piece in pieces.items()
        if (length := cut[piece.key].cut_to) is not None and length < piece.length
    }


def _pieces(show: Show, cues: Sequence[Cue], ends: Sequence[HardEnd]) -> dict[int, Piece]:
    """The cues as the engine knows items. What the plan itself lets run over a hard stop would be the planners' business
    to it. So such a row is planned as early as it would have to be, and put off to where the table really has it."""
    going = [each for each in cues if each.status != CueStatus.SKIPPED]
    latest = show.ends_at
    pieces: dict[int, Piece] = {}
    for number, cue in reversed(list(enumerate(going))):
        length = cue.minutes * MINUTE
        by = min([each for each in (latest, *_stops_of(cue, ends)) if each is not None], default=None)
        start = cue.starts_at if by is None or cue.fixed_at is not None else min(cue.starts_at, by - length)
        until = start + length if by is None else min(start + length, max(by, start))
        pieces[cue.id] = Piece(
            key=f"{number:05d}",  # what begins at the same minute keeps its order
            row=ROW,
            day=show.starts_at.astimezone(UTC).date(),  # one evening is one day, also after midnight
            starts_at=start,
            ends_at=until,
            people=_people(cue),
            is_break=cue.kind == CueKind.BREAK,
            put_off=cue.starts_at - start,
            cut_to=length if until < start + length else None,
            began_at=cue.began_at,
            finished_at=cue.ended_at,
        )
        latest = start
    return pieces


def _stops_of(cue: Cue, ends: Sequence[HardEnd]) -> list[datetime]:
    """Those before which the plan lets it begin."""
    return [end.at for end in ends if end.at > cue.starts_at and (end.person is None or end.person in _people(cue))]


def _people(cue: Cue) -> frozenset[str]:
    people = [cue.owner, cue.slot.person if cue.slot else None]
    return frozenset(each.ref for each in people if each is not None)


def _over(end: HardEnd, cues: Sequence[Cue], expected: dict[int, Expected]) -> Overrun | None:
    before = [each for each in _before(end, cues) if each.id in expected]
    last = max((expected[each.id].ends_at for each in before), default=end.at)
    if last <= end.at:
        return None
    minutes = -(-(last - end.at) // MINUTE)
    cuts = [each for each in before if each.can_be_cut and expected[each.id].phase == Phase.AHEAD]
    cuts.sort(key=lambda each: (-each.minutes, each.position))
    return Overrun(end, minutes, cuts, sum(each.minutes for each in cuts) >= minutes)


def _before(end: HardEnd, cues: Sequence[Cue]) -> Sequence[Cue]:
    """What has to be over by then: all before a cue with a fixed start, all of the table before its end, and before
    another hard stop what the plan lets begin earlier."""
    if end.cue is not None:
        return cues[: cues.index(end.cue)]
    if end.is_of_all:
        return cues
    return [each for each in cues if each.starts_at < end.at and (end.person is None or end.person in _people(each))]


def late_by(show: Show, outlook_: Outlook, cues: Sequence[Cue]) -> timedelta:
    """How much later than planned the evening is to be expected to end; nothing when it is in time."""
    ahead = [each for each in cues if each.id in outlook_.expected]
    if not ahead:
        return timedelta(0)
    last = ahead[-1]
    return max(timedelta(0), outlook_.expected[last.id].ends_at - last.planned_end)
