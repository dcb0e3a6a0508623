"""What an operator does on the day: begin, finish, take that back, put off. Readers see it at once, released or not."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import Refused, require
from app.core.i18n import _, format_time, ngettext
from app.core.roles import Actor
from app.events.models import Event, Status
from app.liveday import policy, queries
from app.liveday.errors import BreaksSomething, NothingLeft, NotToday, SomebodyWasFaster
from app.liveday.forecast import MINUTE, Phase, forecast
from app.programme.models import AgendaItem, AgendaSpeaker

FARTHEST = 240  # minutes


def begin_item(item: AgendaItem, *, actor: Actor, version: int | None) -> None:
    """It runs from now on. What the plan has before it in the same room, and still runs, is finished by that."""
    event = item.event
    items = _opened(event, actor)
    now = clock.now()
    _check_today(item, event, now)
    if item.began_at is not None:
        raise SomebodyWasFaster(_("“%(title)s” began at %(time)s already.", title=item.display_title, time=format_time(item.began_at, event.time_zone)))  # fmt: skip
    _check_version(item, version)
    for other in _running_before(item, items):
        edit(other, version=None, finished_at=now)
        audit.record(actor, "item.finished", other, by_the_next=True)
    edit(item, version=None, began_at=now)
    _foresee(event, items, now)
    audit.record(actor, "item.begun", item)


def finish_item(item: AgendaItem, *, actor: Actor, version: int | None) -> None:
    event = item.event
    items = _opened(event, actor)
    now = clock.now()
    if item.began_at is None:
        raise Refused(_("“%(title)s” has not begun.", title=item.display_title))
    if item.finished_at is not None:
        raise SomebodyWasFaster(_("“%(title)s” was finished at %(time)s already.", title=item.display_title, time=format_time(item.finished_at, event.time_zone)))  # fmt: skip
    _check_version(item, version)
    edit(item, version=None, finished_at=now)
    _foresee(event, items, now)
    audit.record(actor, "item.finished", item)


def take_back_beginning(item: AgendaItem, *, actor: Actor, version: int | None) -> None:
    """As if start had not been pressed. What the start had finished stays so, until that is taken back too."""
    event = item.event
    items = _opened(event, actor)
    now = clock.now()
    _check_today(item, event, now)
    if item.began_at is None or item.finished_at is not None:
        raise SomebodyWasFaster(_("“%(title)s” is not running any more.", title=item.display_title))
    _check_version(item, version)
    edit(item, version=None, began_at=None)
    _foresee(event, items, now)
    audit.record(actor, "item.beginning_taken_back", item)


def take_back_end(item: AgendaItem, *, actor: Actor, version: int | None) -> None:
    """It goes on, unless something else runs in its room by now."""
    event = item.event
    items = _opened(event, actor)
    now = clock.now()
    _check_today(item, event, now)
    if item.finished_at is None:
        raise SomebodyWasFaster(_("“%(title)s” is not finished any more.", title=item.display_title))
    _check_version(item, version)
    since = [each for each in items if each.began_at is not None and item in _before(each, items)]
    if since:
        raise Refused(_("“%(title)s” has begun since. Take that back first.", title=since[-1].display_title))
    edit(item, version=None, finished_at=None)
    _foresee(event, items, now)
    audit.record(actor, "item.end_taken_back", item)


def put_off_rest(
    event: Event,
    *,
    actor: Actor,
    minutes: int,
    row: str | None = None,
    cut: bool = False,
    programme_version: int | None = None,
    reason: str | None = None,
) -> int:
    """What has not begun today, in one room or (None) in all, so many minutes later; negative: back towards the plan.

    `cut` shortens it so that hard stops hold. Where something breaks that must not, a reason is needed, which is kept.
    `programme_version` is the programme as the preview showed it. Returns how many items move.
    """
    items = _opened(event, actor)
    if programme_version is not None and programme_version + 1 != event.programme_version:
        raise SomebodyWasFaster(
            _("Somebody changed the programme while you were looking. This is what would follow now: look again.")
        )
    now = clock.now()
    if not minutes or abs(minutes) > FARTHEST:
        raise Refused(_("Please give between 1 and %(most)s minutes.", most=FARTHEST), field="minutes")
    ahead = outlook_for(event, actor, items, now=now, minutes=minutes, row=row, cut=cut)
    if not ahead.changes:
        raise NothingLeft(_("Nothing of today would move by that."))
    if ahead.grave and not reason:
        raise BreaksSomething(
            ngettext(
                "One thing breaks that must not. Say why it has to be, or choose fewer minutes.",
                "%(num)s things break that must not. Say why it has to be, or choose fewer minutes.",
                ahead.grave,
            ),
            field="reason",
        )
    by_key = {each.ref: each for each in items}
    for piece in ahead.pieces:
        item = by_key[piece.key]
        item.put_off = piece.put_off // MINUTE or None
        item.cut_to = None if piece.cut_to is None else piece.cut_to // MINUTE
    _foresee(event, items, now)
    audit.record(
        actor,
        "programme.put_off",
        event,
        reason=reason,
        minutes=minutes,
        items={each.item.ref: [each.before.starts_at.isoformat(), each.after.starts_at.isoformat()] for each in ahead.changes},
        broken=ahead.codes,
    )  # fmt: skip
    return len(ahead.changes)


def return_to_plan(event: Event, *, actor: Actor, row: str | None = None) -> None:
    """What was put off or cut today, and has not begun, stands as planned again; what really is late stays late."""
    items = _opened(event, actor)
    now = clock.now()
    mine = [
        each
        for each in items
        if row in (None, queries.row_of(each))
        and each.began_at is None
        and (each.put_off or each.cut_to)
        and queries.is_of_today(each, event, now)
    ]
    if not mine:
        raise NothingLeft(_("Nothing of today is put off."))
    for item in mine:
        item.put_off = item.cut_to = None
    _foresee(event, items, now)
    audit.record(actor, "programme.returned_to_plan", event, items=[each.ref for each in mine])


def outlook_for(
    event: Event,
    actor: Actor,
    items: Sequence[AgendaItem],
    *,
    now: datetime,
    minutes: int,
    row: str | None = None,
    cut: bool = False,
) -> queries.Outlook:
    """What putting off would do. Reads only."""
    return queries.outlook(
        event,
        items,
        queries.list_stops(event),
        lambda moved: queries.clashes_among(event, actor, moved),
        now=now,
        minutes=minutes,
        row=row,
        cut=cut,
    )


# --- what each act begins and ends with ---------------------------------------------------------------------------


def _opened(event: Event, actor: Actor) -> Sequence[AgendaItem]:
    """May I, and is it possible? The event's row is the lock; the items are read again behind it."""
    require(policy.may_operate(actor, event))
    if event.status != Status.PUBLISHED and not event.is_rehearsal:
        raise NotToday(_("Only a published event has a live day."))
    db.session.execute(
        update(Event)
        .where(Event.id == event.id)
        .values(programme_version=Event.programme_version + 1, changed_at=Event.changed_at)
        .execution_options(synchronize_session=False)
    )
    db.session.expire(event, ["programme_version"])
    return (
        db.session.scalars(
            select(AgendaItem)
            .where(AgendaItem.event_id == event.id)
            .options(
                joinedload(AgendaItem.room),
                joinedload(AgendaItem.session),
                joinedload(AgendaItem.speakers).joinedload(AgendaSpeaker.person),
                joinedload(AgendaItem.speakers).joinedload(AgendaSpeaker.team),
            )
            .order_by(AgendaItem.starts_at.is_(None), AgendaItem.starts_at, AgendaItem.position, AgendaItem.id)
            .execution_options(populate_existing=True)
        )
        .unique()
        .all()
    )


def _check_today(item: AgendaItem, event: Event, now: datetime) -> None:
    if item.cancelled_at is not None:
        raise NotToday(_("“%(title)s” is cancelled.", title=item.display_title))
    if not queries.is_of_today(item, event, now):
        raise NotToday(_("“%(title)s” does not stand on today's programme.", title=item.display_title))


def _check_version(item: AgendaItem, version: int | None) -> None:
    if version is not None and version != item.version:
        raise SomebodyWasFaster(
            _(
                "“%(title)s” was changed a moment ago. Look at it as it stands now, and press again.",
                title=item.display_title,
            )
        )


def _before(item: AgendaItem, items: Sequence[AgendaItem]) -> list[AgendaItem]:
    """What the plan lets end before the item begins, in the same room on the same day."""
    mine = queries.piece_of(item, item.event)
    there = {each.key: each for each in queries.pieces_of(item.event, items)}
    return [
        each
        for each in items
        if (other := there.get(each.ref)) is not None
        and each is not item
        and (other.row, other.day) == (mine.row, mine.day)
        and other.until <= mine.starts_at
    ]


def _running_before(item: AgendaItem, items: Sequence[AgendaItem]) -> list[AgendaItem]:
    return [each for each in _before(item, items) if each.began_at is not None and each.finished_at is None]


def _foresee(event: Event, items: Sequence[AgendaItem], now: datetime) -> None:
    """Write down what is to be expected of today's items; nothing where that is the plan. Their version stays: the
    operator of another room has not been overtaken by it.
    """
    today = [each for each in items if queries.is_of_today(each, event, now)]
    expected = forecast(queries.pieces_of(event, today), now)
    for item in today:
        found = expected.get(item.ref)
        open_ = found is not None and found.phase != Phase.FINISHED
        begins = found.starts_at if found is not None and found.phase == Phase.AHEAD else None
        ends = found.ends_at if found is not None and open_ and item.ends_at is not None else None
        item.expected_start = begins if _differs(begins, item.starts_at) else None
        item.expected_end = ends if _differs(ends, item.ends_at) else None
    db.session.flush()


def _differs(expected: datetime | None, planned: datetime | None) -> bool:
    return expected is not None and planned is not None and abs(expected - planned) >= MINUTE
