"""Questions about who is to be told what about which assignment."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import joinedload

from app.accounts.models import Account, RoleGrant
from app.core.audit import AuditEntry
from app.core.db import db
from app.core.roles import NOBODY, Role
from app.digests.models import Digest, DigestRound, Urge, UrgingPlan
from app.events.models import Event
from app.events.queries import visible
from app.extensions import queries as extensions
from app.extensions.models import Extension, ExtensionState
from app.negotiations import queries as negotiations
from app.negotiations.models import CounterProposal
from app.people.models import Department, Person
from app.requirements.flags import stranded
from app.requirements.models import UNDER_WAY, Assignment, AssignmentState, Requirement

IN_HANDS = (AssignmentState.ASSIGNED, AssignmentState.NEGOTIATING, *UNDER_WAY, AssignmentState.SUBMITTED)
# Those, and what waits for a decision of whoever gave it: closed, or handed over anew.
TOLD_OF = (*IN_HANDS, AssignmentState.VERIFIED, AssignmentState.DECLINED)
TO_BE_DECIDED = (AssignmentState.NEGOTIATING, AssignmentState.VERIFIED, AssignmentState.DECLINED)
LONGEST_MEMORY = timedelta(days=370)  # an older urge says nothing about today


@dataclass(frozen=True)
class Known:
    """What decides whom to tell, read once for all the assignments looked at."""

    plans: dict[int, UrgingPlan]  # by event
    supervisors: dict[int, Sequence[Person]]  # by event
    leaders: dict[int, Sequence[Person]]  # by event
    urged_on: dict[tuple[int, int, str], date]  # assignment, person, kind: the last day
    proposals: dict[int, CounterProposal]  # by assignment: what waits for the other side
    requests: dict[int, Extension]  # by assignment: more time that was asked for


def find_plan(event: Event) -> UrgingPlan | None:
    return db.session.scalar(select(UrgingPlan).where(UrgingPlan.event_id == event.id))


def default_plan() -> UrgingPlan:
    """What holds where nobody has planned anything; not stored."""
    columns = ("days_before", "repeat_after", "head_after", "supervisor_after")
    return UrgingPlan(**{name: UrgingPlan.__table__.c[name].default.arg for name in columns})


def list_zones() -> Sequence[str]:
    """The zones of the gatherings whose assignments are in somebody's hands or wait for a decision."""
    return db.session.scalars(
        select(Event.time_zone)
        .join(Requirement, Requirement.event_id == Event.id)
        .join(Assignment)
        .where(Assignment.state.in_(TOLD_OF))
        .distinct()
        .order_by(Event.time_zone)
    ).all()


def has_round(zone: str, on: date) -> bool:
    return db.session.scalar(select(DigestRound.id).where(DigestRound.zone == zone, DigestRound.on == on)) is not None


def select_told_of() -> Select[Assignment]:
    """What somebody has to do or decide something about, of gatherings that are no rehearsal."""
    return (
        select(Assignment)
        .join(Assignment.requirement)
        .join(Requirement.event)
        .where(Assignment.state.in_(TOLD_OF), Event.is_rehearsal.is_(False))
        .options(
            joinedload(Assignment.requirement).joinedload(Requirement.event),
            joinedload(Assignment.responsible).options(
                joinedload(Person.manager), joinedload(Person.department).joinedload(Department.head)
            ),
            joinedload(Assignment.verifier),
            joinedload(Assignment.parent).joinedload(Assignment.responsible),
            joinedload(Assignment.department).joinedload(Department.head),
        )
        .order_by(Assignment.due_on, Assignment.id)
    )


def list_told_of() -> Sequence[Assignment]:
    return db.session.scalars(select_told_of()).all()


def list_for(person: Person, about: Collection[int] = ()) -> Sequence[Assignment]:
    """What is in this person's hands, to carry or to verify, and those others, read anew."""
    mine = or_(Assignment.responsible_id == person.id, Assignment.verifier_id == person.id, Assignment.id.in_(about))
    found = select_told_of().where(mine, _seen_by(person))
    return db.session.scalars(found.execution_options(populate_existing=True)).all()


def list_concerning(person: Person, day: date) -> Sequence[Assignment]:
    """What the next mail to this person may be about: their own, what is late or stranded under them or their eyes, and
    what waits for their decision."""
    theirs = or_(Department.head_id == person.id, Person.manager_id == person.id)
    under = or_(
        Assignment.department_id.in_(select(Department.id).where(Department.head_id == person.id)),
        Assignment.responsible_id.in_(select(Person.id).outerjoin(Person.department).where(theirs)),
    )
    watching = (Role.SUPERVISOR, Role.ORGANIZER)
    held = select(RoleGrant.role, RoleGrant.event_id).where(RoleGrant.account_id == person.account_id)
    grants = db.session.execute(held.where(RoleGrant.role.in_((*watching, Role.PRESIDING_LEADER)))).all()
    watched = _within({scope for role, scope in grants if role in watching})
    deciding = or_(
        _within({scope for _role, scope in grants}), Assignment.parent.has(Assignment.responsible_id == person.id)
    )
    asked = select(Extension.assignment_id).where(Extension.state == ExtensionState.ASKED)
    waiting = or_(Assignment.state.in_(TO_BE_DECIDED), Assignment.id.in_(asked))
    trouble = or_(Assignment.due_on < day, stranded(day), Assignment.verifier.has(Person.left_on < day))
    mine = or_(
        Assignment.responsible_id == person.id, Assignment.verifier_id == person.id,
        and_(trouble, or_(under, watched)), and_(waiting, deciding),
    )  # fmt: skip
    return db.session.scalars(select_told_of().where(mine, _seen_by(person))).all()


def _within(scopes: set[int | None]) -> ColumnElement[bool]:
    """Of these events; None among them means of all."""
    return true() if None in scopes else Event.id.in_(scopes)


def _seen_by(person: Person) -> ColumnElement[bool]:
    """Nobody is written to about a gathering that they may not open; without an account that is any but a public one."""
    account = db.session.get(Account, person.account_id) if person.account_id is not None else None
    return visible(account or NOBODY)


def known_about(assignments: Sequence[Assignment], now: datetime) -> Known:
    events, ids = {each.event.id for each in assignments}, [each.id for each in assignments]
    plans = db.session.scalars(select(UrgingPlan).where(UrgingPlan.event_id.in_(events)))
    newest = (
        select(Urge.assignment_id, Urge.person_id, Urge.kind, func.max(Urge.on))
        .where(Urge.assignment_id.in_(ids), Urge.on > now.date() - LONGEST_MEMORY)
        .group_by(Urge.assignment_id, Urge.person_id, Urge.kind)
    )
    urged = {(assignment, person, kind): on for assignment, person, kind, on in db.session.execute(newest)}
    holders = _holders(events)
    return Known(
        {each.event_id: each for each in plans},
        _by_event(holders, events, Role.SUPERVISOR, Role.ORGANIZER),
        _by_event(holders, events, Role.PRESIDING_LEADER),
        urged,
        negotiations.open_of(ids),
        extensions.open_of(ids),
    )


def _holders(events: Collection[int]) -> dict[tuple[str, int | None], list[Person]]:
    """Who supervises, organizes or presides, by role and event; None is every event. Nobody who left."""
    roles = (Role.SUPERVISOR, Role.ORGANIZER, Role.PRESIDING_LEADER)
    rows = db.session.execute(
        select(Person, RoleGrant.role, RoleGrant.event_id)
        .join(Account, Account.id == Person.account_id)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(
            RoleGrant.role.in_(roles), or_(RoleGrant.event_id.is_(None), RoleGrant.event_id.in_(events)),
            Account.disabled_at.is_(None), Person.left_on.is_(None),
        )
        .order_by(Person.id)
    ).all()  # fmt: skip
    found: dict[tuple[str, int | None], list[Person]] = defaultdict(list)
    for person, role, event_id in rows:
        found[role, event_id].append(person)
    return found


def _by_event(
    holders: dict[tuple[str, int | None], list[Person]], events: Collection[int], *roles: Role
) -> dict[int, Sequence[Person]]:
    """Those named for the event; else those of all events; else the same of the next role."""

    def of(event_id: int) -> Sequence[Person]:
        wanted = [(role, scope) for role in roles for scope in (event_id, None)]
        return next((holders[each] for each in wanted if holders.get(each)), [])

    return {each: of(each) for each in events}


# --- what was said and done already -------------------------------------------------------------------------------


def find_digest(person: Person, on: date) -> Digest | None:
    return db.session.scalar(select(Digest).where(Digest.person_id == person.id, Digest.on == on))


def list_served(on: Collection[date]) -> set[tuple[int, date]]:
    """Who has had the mail of which of these days."""
    served = select(Digest.person_id, Digest.on).where(Digest.on.in_(on))
    return {(person, day) for person, day in db.session.execute(served)}


def last_told_at(people: Collection[int]) -> dict[int, datetime]:
    """When each of them was last written to."""
    newest = select(Digest.person_id, func.max(Digest.created_at)).where(Digest.person_id.in_(people))
    return {person: at for person, at in db.session.execute(newest.group_by(Digest.person_id))}


def list_touched(since: datetime) -> Sequence[Assignment]:
    """What changed since then, whatever became of it: its people may have news."""
    touched = (
        select(Assignment)
        .join(Assignment.requirement)
        .join(Requirement.event)
        .where(Assignment.changed_at > since, Assignment.handed_over_at.is_not(None), Event.is_rehearsal.is_(False))
        .options(joinedload(Assignment.requirement).joinedload(Requirement.event))
    )
    return db.session.scalars(touched).all()


def list_changes(person: Person, actions: Collection[str], since: datetime) -> list[tuple[AuditEntry, Assignment]]:
    """What others did to the assignments that this person carries or verifies, oldest first."""
    found = (
        select(AuditEntry, Assignment)
        .join(Assignment, Assignment.ref == AuditEntry.subject_ref)
        .join(Assignment.requirement)
        .join(Requirement.event)
        .where(
            AuditEntry.subject_type == "Assignment", AuditEntry.action.in_(actions), AuditEntry.at > since,
            or_(AuditEntry.actor_id.is_(None), AuditEntry.actor_id != (person.account_id or 0)),
            or_(Assignment.responsible_id == person.id, Assignment.verifier_id == person.id),
            Assignment.handed_over_at.is_not(None), Event.is_rehearsal.is_(False), _seen_by(person),
        )
        .options(joinedload(Assignment.requirement).joinedload(Requirement.event))
        .order_by(AuditEntry.seq)
    )  # fmt: skip
    return [(entry, assignment) for entry, assignment in db.session.execute(found).all()]
