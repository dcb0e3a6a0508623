"""Questions about categories, nominations, jurors and scores."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.core.db import db
from app.core.roles import Actor
from app.events import queries as events
from app.events.models import Event
from app.nominations import policy
from app.nominations.models import (
    JUDGED,
    TO_SCORE,
    Category,
    Conflict,
    Juror,
    JurorScore,
    Nomination,
    NominationState,
    Recusal,
)
from app.people.models import Person, Team, TeamMember
from app.people.queries import person_of


def _whole_category(categories: Select[Category]) -> Select[Category]:
    return categories.options(
        joinedload(Category.event), selectinload(Category.jurors).joinedload(Juror.person)
    ).order_by(Category.position, Category.id)


def list_categories(event: Event) -> Sequence[Category]:
    return db.session.scalars(_whole_category(select(Category).where(Category.event_id == event.id))).all()


def find_category(event: Event, ref: str) -> Category | None:
    return db.session.scalar(
        _whole_category(select(Category).where(Category.event_id == event.id, Category.ref == ref))
    )


def find_juror(category: Category, ref: str) -> Juror | None:
    return next((each for each in category.jurors if each.ref == ref), None)


def next_position(event: Event) -> int:
    last = db.session.scalar(select(func.max(Category.position)).where(Category.event_id == event.id))
    return (last or 0) + 1


def visible(actor: Actor, event: Event) -> ColumnElement[bool]:
    """Own proposals; for jurors what is on the short list; for those who prepare the ceremony whatever was submitted."""
    own = Nomination.proposed_by_id == actor.id if actor.id is not None else false()
    if policy.sees_all(actor, event):
        return or_(own, Nomination.state != NominationState.DRAFT)
    person = person_of(actor)
    if person is None:
        return own
    judged = select(Juror.category_id).where(Juror.person_id == person.id)
    return or_(own, and_(Nomination.state.in_(JUDGED), Nomination.category_id.in_(judged)))


def _whole(nominations: Select[Nomination]) -> Select[Nomination]:
    return nominations.options(
        joinedload(Nomination.category).joinedload(Category.event),
        joinedload(Nomination.person),
        joinedload(Nomination.team).selectinload(Team.members).joinedload(TeamMember.person),
        selectinload(Nomination.evidence),
        selectinload(Nomination.scores),
    )


def list_visible(actor: Actor, event: Event, category: Category | None = None) -> Sequence[Nomination]:
    """In the order in which they were written, which says nothing about their chances."""
    mine = select(Nomination).join(Category).where(Category.event_id == event.id, visible(actor, event))
    if category is not None:
        mine = mine.where(Nomination.category_id == category.id)
    return db.session.scalars(_whole(mine).order_by(Nomination.id)).unique().all()


def find_visible(actor: Actor, event: Event, ref: str) -> Nomination | None:
    mine = (
        select(Nomination)
        .join(Category)
        .where(Category.event_id == event.id, Nomination.ref == ref, visible(actor, event))
    )
    return db.session.scalars(_whole(mine)).unique().one_or_none()


def list_judged(category: Category) -> Sequence[Nomination]:
    """The short list, with everything that deciding needs."""
    mine = select(Nomination).where(Nomination.category_id == category.id, Nomination.state.in_(JUDGED))
    return db.session.scalars(_whole(mine).order_by(Nomination.id)).unique().all()


def has_same(nomination: Nomination) -> bool:
    """Whether the same nominee stands in this category already, by another proposal that was submitted."""
    same = select(Nomination.id).where(
        Nomination.category_id == nomination.category_id,
        Nomination.id != nomination.id,
        Nomination.state != NominationState.DRAFT,
    )
    if nomination.person_id is not None:
        same = same.where(Nomination.person_id == nomination.person_id)
    elif nomination.team_id is not None:
        same = same.where(Nomination.team_id == nomination.team_id)
    else:
        same = same.where(func.lower(Nomination.outside_name) == (nomination.outside_name or "").lower())
    return db.session.scalar(same.limit(1)) is not None


def conflict_of(person: Person, nomination: Nomination) -> Conflict | None:
    """Why this person keeps out of judging it, as things stand now."""
    if person.account_id is not None and person.account_id == nomination.proposed_by_id:
        return Conflict.PROPOSED
    if nomination.person is not None:
        return _conflict_with(person, nomination.person)
    if nomination.team is None:
        return None
    members = [each.person for each in nomination.team.members]
    if any(each.id == person.id for each in members):
        return Conflict.OWN_TEAM
    found = [_conflict_with(person, each) for each in members]
    return next((each for each in found if each is not None), None)


def _conflict_with(person: Person, nominee: Person) -> Conflict | None:
    if person.id == nominee.id:
        return Conflict.ONESELF
    if person.department_id is not None and person.department_id == nominee.department_id:
        return Conflict.DEPARTMENT
    if nominee.manager_id == person.id or person.manager_id == nominee.id:
        return Conflict.LINE
    return None


def list_recusals(nominations: Iterable[Nomination]) -> dict[tuple[int, int], Recusal]:
    """Who keeps out of what, by juror and nomination."""
    ids = [each.id for each in nominations]
    found = db.session.scalars(select(Recusal).where(Recusal.nomination_id.in_(ids)).order_by(Recusal.id))
    return {(each.juror_id, each.nomination_id): each for each in found}


def score_of(juror: Juror, nomination: Nomination) -> JurorScore | None:
    return next((each for each in nomination.scores if each.juror_id == juror.id), None)


@dataclass(frozen=True)
class Standing:
    """What the jury thinks of one nomination: only scores of jurors who do not keep out are counted."""

    nomination: Nomination
    scores: tuple[tuple[Juror, JurorScore], ...]
    waiting: tuple[Juror, ...]
    kept_out: tuple[Juror, ...]
    quorum: int

    @property
    def count(self) -> int:
        return len(self.scores)

    @property
    def has_quorum(self) -> bool:
        return self.count >= self.quorum

    @property
    def mean(self) -> Decimal | None:
        if not self.scores:
            return None
        return Decimal(sum(score.score for _juror, score in self.scores)) / len(self.scores)


def list_standings(category: Category) -> list[Standing]:
    """The short list by what the jury gave, the best first; equal ones in the order in which they were proposed."""
    nominations = list_judged(category)
    recusals = list_recusals(nominations)
    found = [_standing(category, each, recusals) for each in nominations]
    return sorted(found, key=lambda each: (each.mean is None, -(each.mean or 0), each.nomination.id))


def _standing(category: Category, nomination: Nomination, recusals: dict[tuple[int, int], Recusal]) -> Standing:
    free, kept_out = [], []
    for juror in category.jurors:
        near = (juror.id, nomination.id) in recusals or conflict_of(juror.person, nomination) is not None
        (kept_out if near else free).append(juror)
    given = {each.juror_id: each for each in nomination.scores}
    return Standing(
        nomination,
        scores=tuple((juror, given[juror.id]) for juror in free if juror.id in given),
        waiting=tuple(juror for juror in free if juror.id not in given),
        kept_out=tuple(kept_out),
        quorum=category.quorum,
    )


@dataclass(frozen=True)
class ToScore:
    category: Category
    number: int


def list_to_score(person: Person, actor: Actor) -> list[ToScore]:
    return [ToScore(category, number) for category, number in db.session.execute(select_to_score(person, actor))]


def select_to_score(person: Person, actor: Actor) -> Select[Category, int]:
    """In which categories a juror still has nominations to score, and how many, of the events that they see."""
    given = select(JurorScore.nomination_id).where(JurorScore.juror_id == Juror.id)
    out = select(Recusal.nomination_id).where(Recusal.juror_id == Juror.id)
    return (
        select(Category, func.count(Nomination.id))
        .join(Juror, Juror.category_id == Category.id)
        .join(Nomination, Nomination.category_id == Category.id)
        .where(
            Juror.person_id == person.id, Category.decided_at.is_(None), Nomination.state.in_(TO_SCORE),
            Category.event_id.in_(events.select_visible_ids(actor)),
            Nomination.id.not_in(given), Nomination.id.not_in(out),
        )
        .group_by(Category.id)
        .order_by(Category.id)
    )  # fmt: skip


def count_of(event: Event) -> dict[int, int]:
    """How many were submitted, by category; for those who prepare the ceremony."""
    rows = db.session.execute(
        select(Nomination.category_id, func.count(Nomination.id))
        .join(Category)
        .where(Category.event_id == event.id, Nomination.state != NominationState.DRAFT)
        .group_by(Nomination.category_id)
    )
    return {category_id: number for category_id, number in rows}
