"""Questions about releases, and the one door through which readers see a programme."""

from collections.abc import Sequence
from typing import NamedTuple, cast

from sqlalchemy import Integer, func, literal, null, select, union_all
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import joinedload, load_only, selectinload

from app.core.db import UTCDateTime, db
from app.core.roles import Actor
from app.events.models import Event
from app.people.models import Person
from app.programme import policy as programme_policy
from app.programme import queries as programme
from app.programme.models import AgendaItem, AgendaSpeaker, NeededPerson, Room, Session
from app.releases.content import Content, Live, freeze, person_refs, thaw
from app.releases.diff import diff
from app.releases.models import ProgrammeRelease


class Told(NamedTuple):
    """The programme as one person sees it: records of the working version, or frozen things that read like them.

    Frozen ones have the attributes of the records, without their keys: `id` is the `ref`. Compare refs.
    """

    sessions: Sequence[Session]
    items: Sequence[AgendaItem]

    @property
    def rooms(self) -> list[Room]:
        """Where something takes place, by name."""
        rooms = {each.room.ref: each.room for each in (*self.sessions, *self.items) if each.room is not None}
        return sorted(rooms.values(), key=lambda room: room.name)

    def session(self, ref: str) -> Session | None:
        return next((each for each in self.sessions if each.ref == ref), None)

    def items_of(self, session: Session) -> list[AgendaItem]:
        return [each for each in self.items if each.session is not None and each.session.ref == session.ref]


def sees_working(actor: Actor, event: Event) -> bool:
    """Whether this person sees the version that is worked on: planners, and everybody before the first release."""
    return event.release_number == 0 or programme_policy.may_change(actor, event)


def told(event: Event, actor: Actor) -> Told:
    """What the actor may see of the programme: readers the newest release, planners the working version.

    What happens on the day itself (began, finished, expected) is laid over the release as it stands now. Two statements
    each way.
    """
    if sees_working(actor, event):
        return Told(programme.list_sessions(event), programme.list_items(event, actor))
    return thawed(event, newest(event), internal=programme_policy.may_see_internal(actor, event))


def thawed(event: Event, release: ProgrammeRelease | None, *, internal: bool) -> Told:
    """A release as it is shown, with what is known of the day itself. One statement."""
    if release is None:
        return Told([], [])
    live, accounts = _today(event, release.content)
    sessions, items = thaw(release.content, event, accounts=accounts, live=live, internal=internal)
    return Told(cast("list[Session]", sessions), cast("list[AgendaItem]", items))


def find_told_session(event: Event, actor: Actor, ref: str) -> Session | None:
    """A session as the actor is told of it; None also while it has not been released."""
    if sees_working(actor, event):
        return programme.find_session(event, ref)
    return next((each for each in told_sessions(event) if each.ref == ref), None)


def told_sessions(event: Event) -> Sequence[Session]:
    """The sessions as readers are told of them. One statement."""
    release = newest(event)
    if release is None:
        return programme.list_sessions(event)
    sessions, _items = thaw({**release.content, "items": []}, event)
    return cast("list[Session]", sessions)


def _today(event: Event, content: Content) -> tuple[dict[str, Live], dict[str, int | None]]:
    """What really happens, by the refs of items, and who signs in as whom, by the refs of people. One statement."""
    nothing = sql_cast(null(), UTCDateTime())
    items = select(
        literal("item"), AgendaItem.ref, AgendaItem.began_at, AgendaItem.finished_at,
        AgendaItem.expected_start, AgendaItem.expected_end, sql_cast(null(), Integer),
    ).where(AgendaItem.event_id == event.id)  # fmt: skip
    people = select(literal("person"), Person.ref, nothing, nothing, nothing, nothing, Person.account_id)
    people = people.where(Person.ref.in_(person_refs(content)))
    live: dict[str, Live] = {}
    accounts: dict[str, int | None] = {}
    for kind, ref, began_at, finished_at, start, end, account_id in db.session.execute(union_all(items, people)):
        if kind == "person":
            accounts[ref] = account_id
        elif began_at or finished_at or start or end:
            live[ref] = Live(began_at, finished_at, start, end)
    return live, accounts


# --- releases -----------------------------------------------------------------------------------------------------

SHORT = (
    ProgrammeRelease.ref, ProgrammeRelease.number, ProgrammeRelease.name, ProgrammeRelease.message,
    ProgrammeRelease.changes, ProgrammeRelease.told, ProgrammeRelease.by_id, ProgrammeRelease.created_at,
    ProgrammeRelease.event_id, ProgrammeRelease.reason, ProgrammeRelease.digest,
)  # fmt: skip


def newest(event: Event) -> ProgrammeRelease | None:
    return find_release(event, event.release_number)


def find_release(event: Event, number: int) -> ProgrammeRelease | None:
    return db.session.scalar(
        select(ProgrammeRelease).where(ProgrammeRelease.event_id == event.id, ProgrammeRelease.number == number)
    )


def list_releases(event: Event) -> Sequence[ProgrammeRelease]:
    """The newest first, without their contents."""
    return db.session.scalars(
        select(ProgrammeRelease)
        .where(ProgrammeRelease.event_id == event.id)
        .options(load_only(*SHORT), joinedload(ProgrammeRelease.by))
        .order_by(ProgrammeRelease.number.desc())
    ).all()


def count_releases(event: Event) -> int:
    return db.session.scalar(select(func.count()).where(ProgrammeRelease.event_id == event.id)) or 0


def working(event: Event) -> tuple[Sequence[Session], Sequence[AgendaItem]]:
    """The whole working version, with everything that a release keeps. Three statements whatever its size."""
    sessions = programme.list_sessions(event)
    items = db.session.scalars(
        select(AgendaItem)
        .where(AgendaItem.event_id == event.id)
        .options(
            joinedload(AgendaItem.room),
            joinedload(AgendaItem.track),
            joinedload(AgendaItem.session),
            joinedload(AgendaItem.speakers).joinedload(AgendaSpeaker.person),
            joinedload(AgendaItem.speakers).joinedload(AgendaSpeaker.team),
            selectinload(AgendaItem.needed).joinedload(NeededPerson.person),
        )
        .order_by(AgendaItem.starts_at.is_(None), AgendaItem.starts_at, AgendaItem.position, AgendaItem.id)
    )
    return sessions, items.unique().all()


def working_content(event: Event) -> Content:
    return freeze(event, *working(event))


def count_unreleased(event: Event, sessions: Sequence[Session], items: Sequence[AgendaItem]) -> int:
    """How many changes of the working version nobody has been told of, who has to be there apart. One statement."""
    release = newest(event)
    if release is None:
        return 0
    before = {**release.content, "items": [{**each, "needed": []} for each in release.content["items"]]}
    return len(diff(before, freeze(event, sessions, items, needed=False)))
