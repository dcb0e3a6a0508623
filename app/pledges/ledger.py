"""The ledger of promises: of each team what it pledged, what became of it, and the rate where there are cases enough.

Teams stand in the order of their names: the ledger tells, it never ranks.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload

from app.core.db import db
from app.core.roles import Actor
from app.events import queries as events
from app.events.models import Event
from app.figures.numbers import Gathering, Period, Promise, Score, kept_promise_rate
from app.figures.queries import gatherings_within
from app.people.models import Team
from app.pledges.figures import ENDED, promise_of, seen_before
from app.pledges.models import Pledge, PledgeState
from app.pledges.queries import names_actor, whole


@dataclass(frozen=True)
class Line:
    """One pledge of a team, with what the rate sees of it once it has ended."""

    pledge: Pledge
    promise: Promise | None

    @property
    def outcome(self) -> str:
        """The column it stands in: a fate, or the state of what has none."""
        return str(self.promise.fate) if self.promise is not None else self.pledge.state

    def is_of(self, period: Period) -> bool:
        """What has ended belongs to the day on which that was said; what has not, to every period."""
        return self.promise is None or self.promise.on in period


@dataclass
class Account:
    """The lines of one team."""

    team: Team
    lines: list[Line] = field(default_factory=list)

    @cached_property
    def counts(self) -> Counter[str]:
        return Counter(each.outcome for each in self.lines)

    @cached_property
    def rate(self) -> Score:
        return kept_promise_rate(each.promise for each in self.lines if each.promise is not None)

    @property
    def under_appeal(self) -> int:
        return sum(each.pledge.state == PledgeState.APPEALED for each in self.lines)


def list_accounts(actor: Actor, *, team: Team | None = None) -> list[Account]:
    """The account of each team, or of one, as far as the actor sees its pledges."""
    pledges = list_pledges(actor, team=team)
    gatherings = gatherings_within(Event.id.in_({each.event_id for each in pledges})) if pledges else {}
    found: dict[int, Account] = {team.id: Account(team)} if team is not None else {}
    for pledge in pledges:
        if pledge.team is not None:
            account = found.setdefault(pledge.team.id, Account(pledge.team))
            account.lines.append(line_of(pledge, gatherings))
    return sorted(found.values(), key=lambda each: (each.team.display_name, each.team.id))


def in_period(accounts: Sequence[Account], period: Period) -> list[Account]:
    """The same of what was said in the period, and of what has not ended; teams of which nothing is left are not told."""
    kept = [Account(each.team, [line for line in each.lines if line.is_of(period)]) for each in accounts]
    return [each for each in kept if each.lines]


def line_of(pledge: Pledge, gatherings: dict[int, Gathering]) -> Line:
    """One that was void before it was in force has no fate: nobody had given a word."""
    ended = pledge.in_force_at is not None and pledge.state in ENDED
    return Line(pledge, promise_of(pledge, gatherings[pledge.event_id]) if ended else None)


def list_pledges(actor: Actor, *, team: Team | None = None) -> Sequence[Pledge]:
    """The pledges of teams that were ever opened, by number: refused and recalled ones with the others."""
    seen = or_(Pledge.in_force_at.is_not(None), seen_before(actor), names_actor(actor))
    found = (
        select(Pledge)
        .join(Pledge.event)
        .where(
            and_(Pledge.team_id.is_not(None), Pledge.opened_at.is_not(None), seen),
            Event.id.in_(events.select_visible_ids(actor)),
            Event.is_rehearsal.is_(False),
        )
        .options(joinedload(Pledge.document))
        .order_by(Pledge.label)
    )
    if team is not None:
        found = found.where(Pledge.team_id == team.id)
    return db.session.scalars(whole(found)).all()


def years_of(accounts: Sequence[Account]) -> list[int]:
    """The years in which something was said, the newest first."""
    said = {line.promise.on.year for each in accounts for line in each.lines if line.promise is not None}
    return sorted(said, reverse=True)
