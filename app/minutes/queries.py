"""Questions about minutes. Every read begins with what this person may see."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from app.accounts.models import Account, RoleGrant
from app.core.db import db
from app.core.roles import Actor, Role, holds
from app.door.queries import select_arrived
from app.events import queries as events
from app.events.models import Event, Participation, Status
from app.events.roles import HERE
from app.minutes import policy
from app.minutes.confirmations import Standing, standing
from app.minutes.models import (
    Acknowledgement,
    Attachment,
    Extract,
    Minutes,
    MinutesState,
    MinutesVersion,
    ReviewComment,
    Reviewer,
    ReviewRound,
    Section,
)
from app.people.models import Clearance, Person
from app.programme.models import Session
from app.registration.models import Registration, State
from app.requirements.models import Assignment, AssignmentState, Requirement


def visible(actor: Actor) -> ColumnElement[bool]:
    """The condition under which minutes of an event that is seen are seen themselves; as `policy.may_see`."""
    granted = select(RoleGrant.event_id).where(RoleGrant.account_id == actor.id)
    in_review = select(MinutesVersion.id).where(
        MinutesVersion.minutes_id == Minutes.id,
        MinutesVersion.in_review_at.is_not(None),
        or_(MinutesVersion.published_at.is_(None), Minutes.state == MinutesState.WITHDRAWN),
        _some_section(actor).exists(),
    )
    theirs = Minutes.least_clearance <= clearance_sql(actor)
    conditions: list[ColumnElement[bool]] = [and_(Minutes.published_at.is_not(None), theirs)]
    if holds(actor, *policy.FROM_DRAFT):
        conditions.append(Minutes.id.is_not(None))
    elif actor.is_authenticated:
        conditions.append(Minutes.event_id.in_(granted.where(RoleGrant.role.in_(policy.FROM_DRAFT))))
        early: ColumnElement[bool] = in_review.exists()
        if not holds(actor, Role.SUPERVISOR):
            early = and_(early, Minutes.event_id.in_(granted.where(RoleGrant.role.in_(policy.FROM_REVIEW))))
        conditions.append(early)
        conditions.append(_asked_to_review(actor))
    return or_(*conditions)


def _asked_to_review(actor: Actor) -> ColumnElement[bool]:
    """As `policy.is_asked`: the reviewers of a text that is not published yet, who may read some of it."""
    mine = (
        select(MinutesVersion.id)
        .join(ReviewRound, ReviewRound.version_id == MinutesVersion.id)
        .join(Reviewer, Reviewer.round_id == ReviewRound.id)
        .join(Person, Person.id == Reviewer.person_id)
        .where(
            MinutesVersion.minutes_id == Minutes.id,
            MinutesVersion.in_review_at.is_not(None),
            MinutesVersion.published_at.is_(None),
            Person.account_id == actor.id,
            Minutes.state != MinutesState.WITHDRAWN,
            _some_section(actor).exists(),
        )
    )
    return mine.exists()


def _some_section(actor: Actor) -> Select[int]:
    """As `policy.reads_some_of`."""
    return select(Section.id).where(Section.version_id == MinutesVersion.id, Section.clearance <= clearance_sql(actor))


def clearance_sql(actor: Actor) -> ColumnElement[int]:
    """What `policy.clearance_anywhere` says, inside a statement."""
    if not actor.is_authenticated:
        return literal(int(Clearance.PUBLIC))
    if actor.id is None:
        return literal(int(Clearance.SECRET))
    own = select(Person.clearance).where(Person.account_id == actor.id).scalar_subquery()
    return func.coalesce(own, int(Clearance.INTERNAL))


def list_minutes(actor: Actor, event: Event) -> Sequence[Minutes]:
    """The minutes of one event that the actor may see, by session."""
    mine = (
        select(Minutes)
        .join(Session)
        .where(Minutes.event_id == event.id, visible(actor))
        .options(joinedload(Minutes.session), joinedload(Minutes.recorder), selectinload(Minutes.versions))
        .order_by(Session.day, Session.position, Minutes.year, Minutes.number, Minutes.id)
    )
    return db.session.scalars(mine).all()


def find_minutes(actor: Actor, event: Event, ref: str) -> Minutes | None:
    found = db.session.scalars(
        select(Minutes)
        .where(Minutes.event_id == event.id, Minutes.ref == ref)
        .options(
            joinedload(Minutes.attachments).joinedload(Attachment.file),
            joinedload(Minutes.event),
            joinedload(Minutes.session),
            joinedload(Minutes.recorder),
            selectinload(Minutes.versions).options(
                selectinload(MinutesVersion.sections),
                selectinload(MinutesVersion.extracts).joinedload(Extract.document),
            ),
        )
    )
    minutes = found.unique().one_or_none()
    return minutes if minutes is not None and policy.may_see(actor, minutes) else None


def find_version(actor: Actor, minutes: Minutes, ref: str) -> MinutesVersion | None:
    version = next((each for each in minutes.versions if each.ref == ref), None)
    return version if version is not None and policy.may_see_version(actor, minutes, version) else None


def seen_versions(actor: Actor, minutes: Minutes) -> list[MinutesVersion]:
    return [each for each in minutes.versions if policy.may_see_version(actor, minutes, each)]


def version_for(actor: Actor, minutes: Minutes) -> MinutesVersion | None:
    """What the page shows: the published text, or for those who may see it the one under work. None: withdrawn."""
    if minutes.state == MinutesState.WITHDRAWN:
        return None
    if minutes.current_id is not None:
        return next((each for each in minutes.versions if each.id == minutes.current_id), minutes.newest)
    return minutes.newest if policy.may_see_version(actor, minutes, minutes.newest) else None


def find_of_session(session: Session, language: str) -> Minutes | None:
    """The minutes of a session in one language that were not withdrawn."""
    return db.session.scalar(
        select(Minutes).where(
            Minutes.session_id == session.id, Minutes.language == language, Minutes.state != MinutesState.WITHDRAWN
        )
    )


# --- who has read -------------------------------------------------------------------------------------------------


def list_readers(minutes: Minutes) -> Sequence[Acknowledgement]:
    """Those who got the minutes, by name."""
    return db.session.scalars(select_readers(minutes)).all()


def select_readers(minutes: Minutes, *, of_manager: Person | None = None) -> Select[Acknowledgement]:
    """Those who got the minutes, by name; only those who report to `of_manager`, if one is given."""
    asked = (
        select(Acknowledgement)
        .join(Person, Person.id == Acknowledgement.person_id)
        .where(Acknowledgement.minutes_id == minutes.id)
        .options(joinedload(Acknowledgement.person).joinedload(Person.department), joinedload(Acknowledgement.version))
        .order_by(Person.name, Person.id)
    )
    if of_manager is not None:
        asked = asked.where(Person.manager_id == of_manager.id)
    return asked


def find_reader(minutes: Minutes, person: Person | None) -> Acknowledgement | None:
    if person is None:
        return None
    return db.session.scalar(
        select(Acknowledgement)
        .where(Acknowledgement.minutes_id == minutes.id, Acknowledgement.person_id == person.id)
        .options(joinedload(Acknowledgement.person))
    )


def has_reports_among_readers(minutes: Minutes, person: Person | None) -> bool:
    if person is None:
        return False
    mine = select(Acknowledgement.id).join(Person, Person.id == Acknowledgement.person_id)
    asked = mine.where(Acknowledgement.minutes_id == minutes.id, Person.manager_id == person.id)
    return db.session.scalar(asked.limit(1)) is not None


def counts(asked: Acknowledgement, minutes: Minutes, clearance: int | None = None) -> bool:
    """Whether nothing more is wanted of a reader of this clearance; by default the one that they had when they read."""
    if clearance is None:
        clearance = Clearance.INTERNAL if asked.clearance is None else asked.clearance
    return standing(asked, minutes, clearance) in (Standing.CONFIRMED, Standing.NOTHING)


def list_participants(event: Event) -> Sequence[Person]:
    """Whoever took part: a place, a named part, or seen at the door."""
    ids = (
        select(Registration.person_id)
        .where(Registration.event_id == event.id, Registration.state == State.CONFIRMED)
        .union(
            select(Participation.person_id).where(Participation.event_id == event.id, Participation.role != "invited"),
            select_arrived(event),
        )
    )
    here = select(Person).where(Person.id.in_(ids), Person.left_on.is_(None))
    return db.session.scalars(here.order_by(Person.name)).all()


def list_without_access(event: Event, people: Sequence[Person]) -> list[Person]:
    """Those among the people who could not open a page of this event."""
    if event.is_open_to_all_accounts:
        return []
    part = select(Participation.person_id).where(Participation.event_id == event.id)
    wide = (Role.ADMINISTRATOR, Role.AUDITOR)
    role = (
        select(Person.id)
        .join(RoleGrant, RoleGrant.account_id == Person.account_id)
        .where(
            or_(
                and_(RoleGrant.event_id == event.id, RoleGrant.role.in_(HERE)),
                and_(RoleGrant.event_id.is_(None), RoleGrant.role.in_(wide)),
            )
        )
    )
    inside = set(db.session.scalars(part.union(role)))
    return [each for each in people if each.id not in inside]


def list_leaders(event: Event) -> Sequence[Person]:
    """The people who may sign off in this event."""
    granted = (
        select(RoleGrant.account_id)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(
            RoleGrant.role == Role.PRESIDING_LEADER,
            or_(RoleGrant.event_id.is_(None), RoleGrant.event_id == event.id),
            Account.disabled_at.is_(None),
        )
    )
    return db.session.scalars(select(Person).where(Person.account_id.in_(granted)).order_by(Person.name)).all()


# --- what waits for somebody --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Need:
    """Minutes that wait for one person: `kind` is read, review, sign_off, answer (open comments) or publish."""

    kind: str
    minutes: Minutes

    @property
    def url(self) -> str:
        path = f"/events/{self.minutes.event.ref}/minutes/{self.minutes.ref}"
        work = f"/versions/{self.minutes.newest.ref}"
        return path + {"sign_off": "/approval", "publish": "/publication", "review": work}.get(self.kind, "")


def needs_of(person: Person) -> list[Need]:
    """What waits for this person, in at most five statements: to read, to sign off, to answer comments, to publish."""
    account = db.session.get(Account, person.account_id) if person.account_id else None
    if account is None:
        return []
    return [*_to_read(person, account), *_in_the_works(account)]


def _to_read(person: Person, account: Account) -> list[Need]:
    asked = db.session.scalars(
        select(Acknowledgement)
        .join(Minutes)
        .join(Event, Event.id == Minutes.event_id)
        .where(
            Acknowledgement.person_id == person.id,
            Acknowledgement.is_copy.is_(False),
            Minutes.state == MinutesState.PUBLISHED,
            events.visible(account),
            visible(account),
        )
        .options(
            joinedload(Acknowledgement.minutes).joinedload(Minutes.event),
            joinedload(Acknowledgement.minutes).selectinload(Minutes.versions),
            joinedload(Acknowledgement.person),
        )
        .order_by(Acknowledgement.asked_at)
    ).all()
    return [
        Need("read", each.minutes)
        for each in asked
        if policy.may_acknowledge(account, each)
        and not counts(each, each.minutes, policy.clearance_of(account, each.minutes.event))
    ]


def _in_the_works(account: Account) -> list[Need]:
    newest, later_one = aliased(MinutesVersion), aliased(MinutesVersion)
    after = select(later_one.id).where(later_one.minutes_id == Minutes.id, later_one.number > newest.number)
    unpublished = db.session.scalars(
        select(Minutes)
        .join(newest, newest.minutes_id == Minutes.id)
        .join(Event, Event.id == Minutes.event_id)
        .where(
            ~after.exists(),
            newest.in_review_at.is_not(None),
            newest.published_at.is_(None),
            Minutes.state != MinutesState.WITHDRAWN,
            Event.status != Status.CANCELLED,
            events.visible(account),
            visible(account),
        )
        .options(
            joinedload(Minutes.event),
            joinedload(Minutes.recorder),
            selectinload(Minutes.versions),
        )
        .order_by(Minutes.changed_at)
    ).all()
    commented = set(
        db.session.scalars(select(ReviewComment.minutes_id).where(ReviewComment.resolved_at.is_(None))).all()
        if unpublished
        else ()
    )
    needs = []
    rounds = _rounds_of(unpublished)
    for each in unpublished:
        stage = each.newest.stage
        running = rounds.get(each.newest.id)
        if running is not None and account.id in {one.person.account_id for one in running.silent}:
            needs.append(Need("review", each))
        if stage == MinutesState.IN_REVIEW and each.id in commented:
            if policy.may_record(account, each.event):
                needs.append(Need("answer", each))
        elif stage == MinutesState.IN_REVIEW and running is not None:
            continue
        elif stage == MinutesState.IN_REVIEW and policy.may_approve(account, each):
            needs.append(Need("sign_off", each))
        elif stage == MinutesState.APPROVED and each.recorder_account_id == account.id:
            needs.append(Need("publish", each))
    return needs


def _rounds_of(unpublished: Sequence[Minutes]) -> dict[int, ReviewRound]:
    """The round that is open, of each newest text that is with reviewers who have time left."""
    newest = [each.newest.id for each in unpublished]
    if not newest:
        return {}
    running = select(ReviewRound).where(ReviewRound.version_id.in_(newest), ReviewRound.closed_at.is_(None))
    return {each.version_id: each for each in db.session.scalars(running)}


# --- the records of a session -------------------------------------------------------------------------------------

HANDED_OUT = (AssignmentState.PROPOSED, AssignmentState.DECLINED, AssignmentState.CANCELLED)


def list_assignments(session: Session, requirements: Sequence[Requirement]) -> Sequence[Assignment]:
    """What was handed out of what was said in the session."""
    return db.session.scalars(
        select(Assignment)
        .where(Assignment.requirement_id.in_([each.id for each in requirements]), Assignment.state.not_in(HANDED_OUT))
        .options(joinedload(Assignment.responsible), joinedload(Assignment.requirement))
        .order_by(Assignment.id)
    ).all()
