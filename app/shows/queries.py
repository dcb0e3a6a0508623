"""Questions about runs of show. Every reading of words goes through `rows_for`, which masks what is under embargo."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, or_, select, union
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import RoleGrant
from app.awards.models import Award, Recipient
from app.core.db import db
from app.core.i18n import _
from app.core.roles import Actor, Role
from app.events.models import Event, Participation
from app.liveday import queries as liveday
from app.nominations.models import Category
from app.people.models import Person
from app.pledges.models import Pledge, PledgeRound, PledgeState, SignatureSlot
from app.shows import policy, precedence
from app.shows.models import Cue, Show, ShowVersion
from app.shows.rows import Row, Sight, given_by, row_of, seen, thawed
from app.shows.slips import HardEnd, Outlook, outlook
from app.tallies.models import Tally


def list_shows(event: Event) -> Sequence[Show]:
    return db.session.scalars(
        select(Show)
        .where(Show.event_id == event.id)
        .options(joinedload(Show.session), joinedload(Show.event))
        .order_by(Show.starts_at, Show.id)
    ).all()


def list_readable(actor: Actor, event: Event) -> Sequence[Show]:
    """All for those who plan, run or oversee; for others those that are published and name them as an owner."""
    if policy.may_read(actor, event):
        return list_shows(event)
    owned = select(Cue.show_id).join(Person, Person.id == Cue.owner_id).where(Person.account_id == actor.id)
    mine = select(Show).where(Show.event_id == event.id, Show.number > 0, Show.id.in_(owned))
    return db.session.scalars(mine.options(joinedload(Show.event)).order_by(Show.starts_at, Show.id)).all()


def find_show(event: Event, ref: str) -> Show | None:
    return db.session.scalar(
        select(Show)
        .where(Show.event_id == event.id, Show.ref == ref)
        .options(joinedload(Show.session), joinedload(Show.event))
    )


def find_readable(actor: Actor, event: Event, ref: str) -> Show | None:
    """None also where the table is somebody else's business."""
    show = find_show(event, ref)
    if show is None or policy.may_read(actor, event):
        return show
    return show if show.number > 0 and is_owner(actor, show) else None


def is_owner(actor: Actor, show: Show) -> bool:
    """Whether a cue of the table is theirs: they read the newest version that was given out."""
    owned = select(Cue.id).join(Person, Person.id == Cue.owner_id).where(Cue.show_id == show.id)
    return db.session.scalar(owned.where(Person.account_id == actor.id).limit(1)) is not None


def list_cues(show: Show) -> Sequence[Cue]:
    """With everything that a row shows, in two statements whatever their number."""
    recipients = joinedload(Cue.award).selectinload(Award.recipients)
    return db.session.scalars(
        select(Cue)
        .where(Cue.show_id == show.id)
        .options(
            joinedload(Cue.owner),
            joinedload(Cue.pledge),
            joinedload(Cue.slot).joinedload(SignatureSlot.person),
            joinedload(Cue.slot).joinedload(SignatureSlot.signature),
            joinedload(Cue.tally),
            joinedload(Cue.award).joinedload(Award.category),
            recipients.joinedload(Recipient.person),
            recipients.joinedload(Recipient.team),
        )
        .order_by(Cue.position, Cue.id)
    ).all()


def find_cue(show: Show, ref: str) -> Cue | None:
    return db.session.scalar(
        select(Cue)
        .where(Cue.show_id == show.id, Cue.ref == ref)
        .options(joinedload(Cue.owner), joinedload(Cue.award), joinedload(Cue.slot), joinedload(Cue.tally))
    )


def list_versions(show: Show) -> Sequence[ShowVersion]:
    return db.session.scalars(
        select(ShowVersion).where(ShowVersion.show_id == show.id).order_by(ShowVersion.number.desc())
    ).all()


def find_version(show: Show, number: int) -> ShowVersion | None:
    return db.session.scalar(select(ShowVersion).where(ShowVersion.show_id == show.id, ShowVersion.number == number))


# --- as one reader may see it -------------------------------------------------------------------------------------


def sight_of(actor: Actor, event: Event, cues: Sequence[Cue]) -> Sight:
    return Sight(sees_all=True) if policy.sees_names(actor, event) else given_by(cues)


def sight_of_paper(event: Event) -> Sight:
    """For what is handed round: nobody's own right counts, only what was conferred."""
    given = select(Award.ref).where(Award.event_id == event.id, Award.conferred_on.is_not(None))
    return Sight(given=frozenset(db.session.scalars(given)))


def rows_for(cues: Sequence[Cue], sight: Sight) -> list[Row]:
    return seen([row_of(each) for each in cues], sight)


def rows_of_version(version: ShowVersion, sight: Sight) -> list[Row]:
    return seen([thawed(each) for each in version.rows], sight)


# --- time ---------------------------------------------------------------------------------------------------------


def list_hard_ends(show: Show) -> list[HardEnd]:
    """The programme's hard stops that fall into this evening."""
    last = max([show.starts_at, *([show.ends_at] if show.ends_at else [])])
    return [
        HardEnd(each.at, each.display_reason, person=each.person.ref if each.person else None)
        for each in liveday.list_stops(show.event)
        if show.starts_at < each.at and (each.at - last).total_seconds() < 24 * 3600
    ]


def find_outlook(show: Show, cues: Sequence[Cue], now: datetime) -> Outlook:
    """When each cue is to be expected, and what runs over. One statement besides the cues."""
    return outlook(show, cues, now, list_hard_ends(show))


# --- what a block is made of --------------------------------------------------------------------------------------


def list_rounds(event: Event) -> Sequence[PledgeRound]:
    return db.session.scalars(
        select(PledgeRound).where(PledgeRound.event_id == event.id).order_by(PledgeRound.year, PledgeRound.id)
    ).all()


def list_pledges_to_sign(event: Event, round_: PledgeRound | None = None) -> Sequence[Pledge]:
    """What could be signed on stage: not refused, not withdrawn; what is in force already is shown and not signed."""
    states = (PledgeState.DRAFT, PledgeState.OPEN)
    pledges = select(Pledge).where(Pledge.event_id == event.id, Pledge.state.in_(states))
    if round_ is not None:
        pledges = pledges.where(Pledge.round_id == round_.id)
    slots = selectinload(Pledge.slots)
    return db.session.scalars(
        pledges.options(
            slots.joinedload(SignatureSlot.person).selectinload(Person.positions),
            slots.joinedload(SignatureSlot.signature),
        )
        .order_by(Pledge.label)
        .execution_options(populate_existing=True)
    ).all()


def list_tallies(event: Event) -> Sequence[Tally]:
    return db.session.scalars(
        select(Tally)
        .where(Tally.event_id == event.id, Tally.settled_at.is_(None))
        .options(joinedload(Tally.campaign))
        .order_by(Tally.label)
    ).all()


def list_awards_to_give(event: Event) -> Sequence[Award]:
    """Those that are neither conferred nor ended."""
    return db.session.scalars(
        select(Award)
        .where(Award.event_id == event.id, Award.conferred_on.is_(None), Award.end.is_(None))
        .options(joinedload(Award.category))
        .outerjoin(Category, Category.id == Award.category_id)
        .order_by(Category.position, Award.id)
    ).all()


def in_rank(event: Event, people: Sequence[Person]) -> list[Person]:
    """By rank: who presides, then who has fewer people above them, then who has more below; equals as they came."""
    by_id = {each.id: each for each in people}
    told = select(Participation.person_id).where(
        Participation.event_id == event.id, Participation.role == Role.PRESIDING_LEADER
    )
    granted = (
        select(Person.id)
        .join(RoleGrant, RoleGrant.account_id == Person.account_id)
        .where(
            RoleGrant.role == Role.PRESIDING_LEADER, or_(RoleGrant.event_id.is_(None), RoleGrant.event_id == event.id)
        )
    )
    presiding = frozenset(db.session.scalars(union(told, granted)))
    managers = {person: manager for person, manager in db.session.execute(select(Person.id, Person.manager_id))}
    return [by_id[each] for each in precedence.in_rank(list(by_id), presiding=presiding, managers=managers)]


def count_cues(event: Event) -> dict[int, int]:
    counted = (
        select(Cue.show_id, func.count(Cue.id))
        .join(Show, Show.id == Cue.show_id)
        .where(Show.event_id == event.id)
        .group_by(Cue.show_id)
    )
    return dict(db.session.execute(counted).all())


def list_sources(visible: Select[int]) -> Sequence[Show]:
    """The tables of these events, the newest first, to copy rows from."""
    return db.session.scalars(
        select(Show)
        .where(Show.event_id.in_(visible))
        .options(joinedload(Show.event))
        .order_by(Show.starts_at.desc(), Show.id.desc())
        .limit(50)
    ).all()


def list_linkable(actor: Actor, event: Event) -> list[Award | Tally | Pledge | SignatureSlot]:
    """What a cue can stand for. Awards that are not conferred are among them for those alone who may know them."""
    awards = list_awards_to_give(event) if policy.sees_names(actor, event) else []
    pledges = list_pledges_to_sign(event)
    slots = [slot for pledge in pledges for slot in pledge.slots]
    return [*awards, *list_tallies(event), *pledges, *slots]


def linked_words(record: Award | Tally | Pledge | SignatureSlot) -> str:
    if isinstance(record, Award):
        return _("Award: %(title)s", title=record.display_title)
    if isinstance(record, Tally):
        return _("Tally: %(label)s", label=record.label)
    if isinstance(record, Pledge):
        return _("Pledge: %(label)s", label=record.label)
    return _("Signature: %(label)s, %(name)s", label=record.pledge.label, name=record.person.display_name)
