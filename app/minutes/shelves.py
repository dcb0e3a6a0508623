"""The library: what is in force and may be read, by year, session, body, person, subject and words.

Nothing is counted or offered as a choice that the reader would not find. Constant statements, however much there is.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, aliased, joinedload

from app.accounts.models import RoleGrant
from app.core.db import db
from app.core.i18n import in_language
from app.core.paging import Page, paged
from app.core.roles import Actor, holds
from app.events import queries as events
from app.events.models import Event, EventSeries
from app.minutes import policy
from app.minutes.models import Extract, Mention, Minutes, MinutesState, Reading
from app.minutes.queries import clearance_sql
from app.people.models import Clearance, Organization, Person
from app.programme.models import SESSION_KIND_LABELS, Session
from app.search import queries as search
from app.search.models import SearchEntry
from app.search.places import Place, places

MOST_CHOICES = 500
MOST_PLACES = 3
LANGUAGES = {"en": "English", "zh_Hans_CN": "简体中文"}  # each in its own words


@dataclass(frozen=True)
class Question:
    """What somebody looks for. Empty means all; each value is a key of the page's address."""

    words: str = ""
    year: str = ""
    kind: str = ""
    series: str = ""
    host: str = ""
    event: str = ""
    person: str = ""
    subject: str = ""
    language: str = ""
    changed: str = ""

    @property
    def narrows(self) -> bool:
        return any(vars(self).values())


@dataclass(frozen=True)
class Choice:
    """One value of a filter, and how many minutes there are with it and all else that was chosen."""

    key: str
    label: str
    count: int


@dataclass(frozen=True)
class Found:
    """Minutes of the library; where in them the words stand; whether they say something new since they were read."""

    minutes: Minutes
    places: Sequence[Place] = ()
    has_changed: bool = False


@dataclass(frozen=True)
class Library:
    rows: Page[Any]
    found: list[Found]
    choices: dict[str, list[Choice]] = field(default_factory=dict)


def clearance_here(actor: Actor, event_id: InstrumentedAttribute[Any]) -> ColumnElement[int]:
    """What `policy.clearance_of` says, for the event of each row."""
    if not actor.is_authenticated:
        return literal(int(Clearance.PUBLIC))
    if actor.id is None or holds(actor, *policy.FROM_DRAFT):
        return literal(int(Clearance.SECRET))
    granted = select(RoleGrant.event_id).where(
        RoleGrant.account_id == actor.id, RoleGrant.role.in_(policy.FROM_DRAFT), RoleGrant.event_id.is_not(None)
    )
    return case((event_id.in_(granted), int(Clearance.SECRET)), else_=clearance_sql(actor))


def in_force(actor: Actor) -> ColumnElement[bool]:
    """The condition under which minutes stand in the actor's library."""
    theirs = Minutes.least_clearance <= clearance_here(actor, Minutes.event_id)
    return and_(Minutes.state == MinutesState.PUBLISHED, events.visible(actor), theirs)


def look(actor: Actor, asked: Question, *, page: int, per_page: int) -> Library:
    """The page of the library that answers a question, with what else could be chosen."""
    rows, places_of = (
        _by_words(actor, asked, page, per_page) if asked.words else _in_order(actor, asked, page, per_page)
    )
    changed = _changed_among(actor, [each.id for each in rows.rows])
    found = [Found(each, places_of.get(each.ref, ()), each.id in changed) for each in rows.rows]
    return Library(rows, found, _choices(actor, asked))


# --- which ones ---------------------------------------------------------------------------------------------------


def _conditions(actor: Actor, asked: Question) -> dict[str, ColumnElement[bool]]:
    """What each filter demands, by its name. The statement joins Event and Session."""
    demands: dict[str, Callable[[str], ColumnElement[bool]]] = {
        "year": lambda key: Minutes.year == (int(key) if key.isascii() and key.isdecimal() and len(key) == 4 else -1),
        "kind": lambda key: Session.kind == key,
        "series": lambda key: Event.series_id == _id_of(EventSeries, key),
        "host": lambda key: Event.host_id == _id_of(Organization, key),
        "event": lambda key: Event.ref == key,
        "person": lambda key: _mentions(actor, "person", key),
        "subject": lambda key: _mentions(actor, "subject", key),
        "language": lambda key: Minutes.language == key,
        "changed": lambda _key: _has_changed(actor),
    }
    return {name: demand(getattr(asked, name)) for name, demand in demands.items() if getattr(asked, name)}


def _id_of(model: type[EventSeries] | type[Organization], ref: str) -> ColumnElement[int]:
    return select(model.id).where(model.ref == ref).scalar_subquery()


def _mentions(actor: Actor, kind: str, key: str) -> ColumnElement[bool]:
    theirs = Mention.clearance <= clearance_here(actor, Minutes.event_id)
    return (
        select(Mention.id)
        .where(Mention.minutes_id == Minutes.id, Mention.kind == kind, Mention.key == key, theirs)
        .correlate(Minutes)
        .exists()
    )


def _select(actor: Actor, asked: Question) -> Select[Any]:
    return (
        select(Minutes)
        .join(Event, Event.id == Minutes.event_id)
        .join(Session, Session.id == Minutes.session_id)
        .where(in_force(actor), *_conditions(actor, asked).values())
    )


def _in_order(
    actor: Actor, asked: Question, page: int, per_page: int
) -> tuple[Page[Minutes], Mapping[str, Sequence[Place]]]:  # fmt: skip
    """The newest first."""
    newest = (
        _select(actor, asked)
        .options(joinedload(Minutes.event), joinedload(Minutes.session))
        .order_by(Minutes.year.desc(), Minutes.number.desc(), Minutes.published_at.desc(), Minutes.id.desc())
    )
    return paged(newest, page=page, per_page=per_page), {}


def _by_words(
    actor: Actor, asked: Question, page: int, per_page: int
) -> tuple[Page[Minutes], Mapping[str, Sequence[Place]]]:  # fmt: skip
    """Those that hold the words, best first, and the paragraphs in which they stand."""
    entries, total = search.find(asked.words, **_within(actor, asked), page=page, per_page=per_page)
    refs = [each.subject_ref for each in entries]
    loaded = (
        select(Minutes).where(Minutes.ref.in_(refs)).options(joinedload(Minutes.event), joinedload(Minutes.session))
    )
    by_ref = {each.ref: each for each in db.session.scalars(loaded)}
    told = {each.subject_ref: places(each, asked.words, most=MOST_PLACES) for each in entries}
    page = min(page, max(1, -(-total // per_page)))
    return Page([by_ref[each] for each in refs], page, per_page, total), told


def _within(actor: Actor, asked: Question) -> dict[str, Any]:
    """Where the words are looked for."""
    chosen = _select(actor, asked).with_only_columns(Minutes.ref)
    return {
        "visible_events": events.select_visible_ids(actor),
        "clearance": clearance_here(actor, SearchEntry.event_id),
        "kinds": ["minutes"],
        "only": SearchEntry.subject_ref.in_(chosen),
        "everybodys": False,
    }


# --- what is new to whom ------------------------------------------------------------------------------------------


def _has_changed(actor: Actor) -> ColumnElement[bool]:
    """The actor saw an earlier version, and what it said to them is not what the one in force says."""
    seen = (
        select(Reading.id)
        .where(
            Reading.minutes_id == Minutes.id,
            Reading.account_id == actor.id,
            Reading.version_id != Minutes.current_id,
            _said_to(actor, Reading.version_id) != _said_to(actor, Minutes.current_id),
        )
        .correlate(Minutes)
    )
    return seen.exists()


def _said_to(actor: Actor, version_id: InstrumentedAttribute[Any]) -> ColumnElement[str]:
    """The fingerprint of what a version says to the actor."""
    extract = aliased(Extract)
    return (
        select(extract.text_hash)
        .where(extract.version_id == version_id, extract.clearance <= clearance_here(actor, Minutes.event_id))
        .order_by(extract.clearance.desc())
        .limit(1)
        .correlate(Minutes, Reading)
        .scalar_subquery()
    )


def _changed_among(actor: Actor, ids: Sequence[int]) -> set[int]:
    if actor.id is None or not ids:
        return set()
    return set(db.session.scalars(select(Minutes.id).where(Minutes.id.in_(ids), _has_changed(actor))))


# --- what can be chosen -------------------------------------------------------------------------------------------

BY_COUNT = ("kind", "series", "host", "event", "language")


def _choices(actor: Actor, asked: Question) -> dict[str, list[Choice]]:
    """For each filter its values and their numbers, given all the other filters. Three statements."""
    demands = _conditions(actor, asked)
    if asked.words and (matching := search.select_subjects(asked.words, **_within(actor, Question()))) is not None:
        demands["words"] = Minutes.ref.in_(matching)
    columns = {
        "year": Minutes.year, "kind": Session.kind, "series": EventSeries.ref, "host": Organization.ref,
        "event": Event.ref, "language": Minutes.language,
    }  # fmt: skip
    outside = [demand for name, demand in demands.items() if name not in columns]
    rows = db.session.execute(
        select(
            *columns.values(), EventSeries.title, EventSeries.title_local, Organization.name, Organization.name_local,
            Event.title, Event.title_local, func.count(),
        )
        .select_from(Minutes)
        .join(Event, Event.id == Minutes.event_id)
        .join(Session, Session.id == Minutes.session_id)
        .outerjoin(EventSeries, EventSeries.id == Event.series_id)
        .outerjoin(Organization, Organization.id == Event.host_id)
        .where(in_force(actor), *outside)
        .group_by(
            *columns.values(), EventSeries.title, EventSeries.title_local, Organization.name, Organization.name_local,
            Event.title, Event.title_local,
        )
    ).all()  # fmt: skip
    told = [_told(row, list(columns)) for row in rows]
    choices = {name: _counted(told, asked, name) for name in columns}
    choices["year"].sort(key=lambda each: each.key, reverse=True)
    for name in BY_COUNT:
        choices[name].sort(key=lambda each: (-each.count, each.label))
    for name in ("person", "subject"):
        choices[name] = _mentioned(actor, name, [demand for other, demand in demands.items() if other != name])
    return choices


@dataclass(frozen=True)
class _Told:
    """A group of minutes that are alike: the key and the label of each filter, and how many there are."""

    keys: dict[str, str]
    labels: dict[str, str]
    count: int


def _told(row: Any, names: Sequence[str]) -> _Told:
    keys = {name: "" if value is None else str(value) for name, value in zip(names, row, strict=False)}
    series, series_local, host, host_local, event, event_local, count = row[len(names) :]
    labels = dict(keys)
    labels["kind"] = next(
        (str(label) for kind, label in SESSION_KIND_LABELS.items() if kind == keys["kind"]), keys["kind"]
    )
    labels["series"] = in_language(series_local, series or "")
    labels["host"] = in_language(host_local, host or "")
    labels["event"] = in_language(event_local, event)
    labels["language"] = LANGUAGES.get(keys["language"], keys["language"])
    return _Told(keys, labels, count)


def _counted(told: Iterable[_Told], asked: Question, name: str) -> list[Choice]:
    others = {key: wanted for key in (*BY_COUNT, "year") if key != name and (wanted := getattr(asked, key))}
    counts: dict[str, int] = {}
    labels: dict[str, str] = {}
    for each in told:
        key = each.keys[name]
        if key and all(each.keys[other] == wanted for other, wanted in others.items()):
            counts[key] = counts.get(key, 0) + each.count
            labels[key] = each.labels[name]
    return [Choice(key, labels[key], count) for key, count in counts.items()]


def _mentioned(actor: Actor, kind: str, demands: Sequence[ColumnElement[bool]]) -> list[Choice]:
    """People or subjects of the minutes chosen, by how often."""
    words: Any = func.min(Mention.words)
    counted = (
        select(Mention.key, words, func.count())
        .join(Minutes, Minutes.id == Mention.minutes_id)
        .join(Event, Event.id == Minutes.event_id)
        .join(Session, Session.id == Minutes.session_id)
        .where(
            Mention.kind == kind,
            Mention.clearance <= clearance_here(actor, Minutes.event_id),
            in_force(actor),
            *demands,
        )
        .group_by(Mention.key)
        .order_by(func.count().desc(), words)
        .limit(MOST_CHOICES)
    )
    if kind == "person":
        bearer = aliased(Person)  # what may be seen is found by way of the actor's own person
        counted = counted.add_columns(bearer.name_local).join(bearer, bearer.ref == Mention.key)
        rows = db.session.execute(counted.group_by(bearer.name_local)).all()
        return [Choice(key, in_language(local, name), count) for key, name, count, local in rows]
    return [Choice(key, label, count) for key, label, count in db.session.execute(counted)]
