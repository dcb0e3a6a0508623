"""Questions about the form of an event and what was answered."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from app.core import clock
from app.core.db import db
from app.core.paging import Page, escape_like
from app.core.roles import Actor
from app.core.text import fold
from app.events.models import Event, Status
from app.people.models import Department, Organization, Person
from app.people.policy import may_see_directory
from app.people.queries import list_choosable_departments, list_choosable_people
from app.questions import conditions, phases, policy
from app.questions import schema as schemas
from app.questions.models import AnswerFile, AnswerSheet, ChangeRequest, FormVersion, QuestionForm, RequestState
from app.questions.schema import Known, Question
from app.registration.models import GONE, PlaceCounter, Registration, Reservation

LOOKS_BACK = timedelta(days=30)  # so long one is reminded of what is asked after an event
NO_SECTIONS: dict[str, Any] = {"sections": []}


def find_form(event: Event) -> QuestionForm | None:
    return db.session.scalar(select(QuestionForm).where(QuestionForm.event_id == event.id))


def find_published(event: Event) -> FormVersion | None:
    """The version that people answer now; None while nothing is asked."""
    return db.session.scalar(
        select(FormVersion).where(FormVersion.event_id == event.id).order_by(FormVersion.number.desc()).limit(1)
    )


def find_version(event: Event, number: int) -> FormVersion | None:
    return db.session.scalar(select(FormVersion).where(FormVersion.event_id == event.id, FormVersion.number == number))


def list_versions(event: Event) -> Sequence[FormVersion]:
    """All, the newest first."""
    return db.session.scalars(
        select(FormVersion).where(FormVersion.event_id == event.id).order_by(FormVersion.number.desc())
    ).all()


def sheet_of(registration: Registration) -> AnswerSheet | None:
    """What a registration has answered, with the version of the form that it answered.

    Whoever withdrew and came back is asked anew: what they said before counts no more.
    """
    sheet = find_sheet(registration)
    return sheet if sheet is not None and sheet.answered_at >= registration.joined_at else None


def find_sheet(registration: Registration) -> AnswerSheet | None:
    """The same, also from before a return."""
    return db.session.scalar(
        select(AnswerSheet)
        .where(AnswerSheet.registration_id == registration.id)
        .options(joinedload(AnswerSheet.form))
        .execution_options(populate_existing=True)
    )


@dataclass(frozen=True)
class Asked:
    """How one registration stands to the form: what is asked now, what is answered, and what is open."""

    version: FormVersion
    sheet: AnswerSheet | None
    open: list[Question]
    request: ChangeRequest | None = None

    @property
    def values(self) -> dict[str, Any]:
        return self.sheet.values if self.sheet is not None else {}


def asked_of(registration: Registration) -> Asked | None:
    """None where nothing is asked. Three statements."""
    version = find_published(registration.event)
    if version is None:
        return None
    sheet = sheet_of(registration)
    return Asked(version, sheet, list_open(version, sheet, registration), find_open_request(registration))


def list_open(version: FormVersion, sheet: AnswerSheet | None, registration: Registration) -> list[Question]:
    """The questions still to answer: all that were never shown to the person, and those that must be answered.

    What is asked later is not among them, nor what is locked.
    """
    event, now = registration.event, clock.now()
    asked = phases.asked_of_person(version.schema, event, registration, now)
    asked -= phases.locked(version.schema, now, late=False, ended=event.has_ended_at(now))
    values = sheet.values if sheet is not None else {}
    shown = schemas.visible(version.schema, values)
    seen = shown_in(sheet) if sheet is not None else set()
    return [
        each
        for each in schemas.questions_of(version.schema)
        if each["key"] in shown & asked
        and not schemas.is_answered(each, values.get(each["key"]))
        and (each.get("required") or each["key"] not in seen)
    ]


def shown_in(sheet: AnswerSheet) -> set[str]:
    """What the person was asked so far."""
    if sheet.shown is not None:
        return set(sheet.shown)
    questions = schemas.questions_of(sheet.form.schema)
    return {each["key"] for each in questions if phases.phase_of(each) == phases.Phase.REGISTERING}


def list_unanswered(person: Person, now: datetime) -> list[tuple[Event, int]]:
    """Gatherings to come in which the person is registered and has questions open, and how many. One statement."""
    given, every = aliased(FormVersion), aliased(FormVersion)
    newest = select(func.max(every.number)).where(every.event_id == Event.id).correlate(Event).scalar_subquery()
    rows = db.session.execute(
        select(Event, FormVersion, Registration, AnswerSheet, given)
        .select_from(Registration)
        .join(Event, Event.id == Registration.event_id)
        .join(FormVersion, and_(FormVersion.event_id == Event.id, FormVersion.number == newest))
        .outerjoin(
            AnswerSheet,
            and_(AnswerSheet.registration_id == Registration.id, AnswerSheet.answered_at >= Registration.joined_at),
        )
        .outerjoin(given, given.id == AnswerSheet.form_id)
        .where(
            Registration.person_id == person.id,
            Registration.state.not_in(GONE),
            Event.status == Status.PUBLISHED,
            Event.ends_on >= now.date() - LOOKS_BACK,
        )
        .order_by(Event.starts_on)
    )
    counted = [(event, len(list_open(version, sheet, mine))) for event, version, mine, sheet, _given in rows]
    return [(event, number) for event, number in counted if number]


def count_wanted(seen: ColumnElement[bool]) -> list[tuple[Event, int]]:
    """Gatherings in which changes of answers wait for a decision, and how many."""
    rows = db.session.execute(
        select(Event, func.count(ChangeRequest.id))
        .join(ChangeRequest, ChangeRequest.event_id == Event.id)
        .where(ChangeRequest.state == RequestState.OPEN, Event.status == Status.PUBLISHED, seen)
        .group_by(Event.id)
        .order_by(Event.starts_on)
    )
    return [(event, number) for event, number in rows]


# --- what answers refer to ----------------------------------------------------------------------------------------


def known_to(
    actor: Actor, schema: Mapping[str, Any], raw: Mapping[str, Any], registration: Registration | None = None
) -> Known:
    """Which of the refs in these raw answers the actor may give: people and departments of the directory, own files."""
    kinds: dict[str, list[str]] = {}
    for each in schemas.questions_of(schema):
        value = raw.get(each["key"])
        if isinstance(value, str) and value:
            kinds.setdefault(each["kind"], []).append(value)
    people = departments = {}
    if kinds.get("person") and may_see_directory(actor):
        people = {each.ref: each.display_name for each in _find_choosable(kinds["person"])}
    if kinds.get("department") and may_see_directory(actor):
        found = select(Department).where(Department.ref.in_(kinds["department"]), Department.valid_to.is_(None))
        departments = {each.ref: each.display_name for each in db.session.scalars(found)}
    files = files_of([registration.id]).get(registration.id, {}) if registration and has_files(schema) else {}
    return Known(people, departments, {key: {each.ref: each.file.name for each in kept} for key, kept in files.items()})


def _find_choosable(refs: Collection[str]) -> Sequence[Person]:
    """The same people as in the chooser, of these refs."""
    return db.session.scalars(
        select(Person)
        .outerjoin(Organization, Organization.id == Person.organization_id)
        .where(Person.ref.in_(refs), Person.left_on.is_(None), Organization.is_own)
    ).all()


def choosable(actor: Actor, schema: Mapping[str, Any]) -> Known:
    """Everybody and every department that can be chosen, where the form asks for them."""
    kinds = {each["kind"] for each in schemas.questions_of(schema)}
    if not may_see_directory(actor):
        return Known()
    people = list_choosable_people() if "person" in kinds else []
    departments = list_choosable_departments() if "department" in kinds else []
    return Known(
        {each.ref: each.display_name for each in people}, {each.ref: each.display_name for each in departments}
    )


def told_of(
    answers: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]], registration_ids: Iterable[int] = ()
) -> Known:
    """The names of all that kept answers refer to, whoever has left since: (schema, values) of each. Three statements."""
    refs: dict[str, set[str]] = {"person": set(), "department": set()}
    with_files = False
    for schema, values in answers:
        for each in schemas.questions_of(schema):
            with_files = with_files or each["kind"] in schemas.FILES
            if each["kind"] in refs and isinstance(values.get(each["key"]), str):
                refs[each["kind"]].add(values[each["key"]])
    people = departments = {}
    if refs["person"]:
        found = db.session.scalars(select(Person).where(Person.ref.in_(refs["person"])))
        people = {each.ref: each.display_name for each in found}
    if refs["department"]:
        chosen = db.session.scalars(select(Department).where(Department.ref.in_(refs["department"])))
        departments = {each.ref: each.display_name for each in chosen}
    files: dict[str, dict[str, str]] = {}
    for by_key in files_of(registration_ids).values() if with_files else ():
        for key, kept in by_key.items():
            files.setdefault(key, {}).update({each.ref: each.file.name for each in kept})
    return Known(people, departments, files)


def has_files(schema: Mapping[str, Any]) -> bool:
    return any(each["kind"] in schemas.FILES for each in schemas.questions_of(schema))


def files_of(registration_ids: Iterable[int]) -> dict[int, dict[str, list[AnswerFile]]]:
    """Files by registration and question."""
    found: dict[int, dict[str, list[AnswerFile]]] = {}
    asked = select(AnswerFile).where(AnswerFile.registration_id.in_(list(registration_ids)))
    for each in db.session.scalars(asked.options(joinedload(AnswerFile.file))):
        found.setdefault(each.registration_id, {}).setdefault(each.key, []).append(each)
    return found


def find_file(registration: Registration, ref: str) -> AnswerFile | None:
    return db.session.scalar(
        select(AnswerFile)
        .where(AnswerFile.registration_id == registration.id, AnswerFile.ref == ref)
        .options(joinedload(AnswerFile.file))
    )


# --- places of options --------------------------------------------------------------------------------------------


def places_left(event: Event) -> dict[str, int | None]:
    """How many places each option has left, by its key; None without a limit."""
    found = (
        select(PlaceCounter)
        .where(PlaceCounter.event_id == event.id, PlaceCounter.option.is_not(None))
        .execution_options(populate_existing=True)
    )
    return {each.option or "": each.left for each in db.session.scalars(found)}


def held_options(registration: Registration | None) -> set[str]:
    """The options whose places the registration holds or waits for."""
    if registration is None or registration.id is None:
        return set()
    held = (
        select(PlaceCounter.option)
        .join(Reservation, Reservation.counter_id == PlaceCounter.id)
        .where(Reservation.registration_id == registration.id, PlaceCounter.option.is_not(None))
    )
    return {each for each in db.session.scalars(held) if each}


# --- the organizer's list -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AnswerView:
    """What the address of the list asks for."""

    question: str = ""
    choice: str = ""
    words: str = ""
    page: int = 1
    per_page: int = 50


@dataclass
class Row:
    """A registration with its answers, told in the words of the version that was answered."""

    registration: Registration
    sheet: AnswerSheet | None
    cells: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)  # refs, by question
    open: int = 0


@dataclass(frozen=True)
class Total:
    """How many people chose what."""

    question: Question
    choices: list[tuple[str, str, int]]  # key, label, number


@dataclass(frozen=True)
class Answers:
    columns: list[Question]
    totals: list[Total]
    page: Page[Row]
    people: int
    answered: int
    is_asked: bool  # whether there is a form to answer


Sees = Callable[[Question], bool]


def sees_of(actor: Actor, event: Event) -> Sees:
    """Which questions somebody reads the answers to: the organizer all, others those that name a role of theirs.

    Where nobody is named it is the auditor, who reads everything but health.
    """
    if policy.may_read_health(actor, event):
        return lambda _question: True
    roles = policy.reading_roles(actor, event)
    return lambda each: (
        phases.may_see(each, roles) and (bool(each.get("seen_by")) or each["kind"] not in schemas.HEALTH)
    )


def may_read(actor: Actor, event: Event) -> bool:
    """The list of answers: the organizer, the auditor, and whoever has a role that a question names."""
    if policy.may_read_answers(actor, event):
        return True
    roles = policy.reading_roles(actor, event)
    version = find_published(event) if roles else None
    return version is not None and any(
        phases.may_see(each, roles) for each in schemas.questions_of(version.schema) if each.get("seen_by")
    )


NO_ANSWER = "-"  # in an address, for those who have not said


def list_answers(event: Event, view: AnswerView, *, sees: Sees, all_rows: bool = False) -> Answers:
    """The list with its columns and totals, in at most nine statements whatever its length."""
    versions = {each.id: each for each in list_versions(event)}
    everybody = _read_everybody(event)
    columns = _columns(versions, everybody, sees)
    chosen = [each for each in everybody if _fits(each, view, columns)]
    if view.words:
        wanted = _named(event, view.words)
        chosen = [each for each in chosen if each.id in wanted]
    size = max(1, len(chosen)) if all_rows else view.per_page
    number = min(view.page, max(1, -(-len(chosen) // size)))
    rows = _rows(chosen[(number - 1) * size : number * size], versions, columns)
    return Answers(
        columns, _totals(columns, everybody, versions), Page(rows, number, size, len(chosen)),
        len(everybody), sum(each.values is not None for each in everybody),
        bool(versions),
    )  # fmt: skip


@dataclass(frozen=True)
class _Light:
    """As much of a registration as totals and filters need."""

    id: int
    form_id: int | None
    values: dict[str, Any] | None


def _read_everybody(event: Event) -> list[_Light]:
    found = (
        select(
            Registration.id, AnswerSheet.form_id, AnswerSheet.values,
            (AnswerSheet.answered_at >= Registration.joined_at).label("counts"),
        )
        .outerjoin(AnswerSheet, AnswerSheet.registration_id == Registration.id)
        .join(Person, Person.id == Registration.person_id)
        .where(Registration.event_id == event.id, Registration.state.not_in(GONE))
        .order_by(Person.name, Registration.id)
    )  # fmt: skip
    return [
        _Light(row.id, row.form_id if row.counts else None, row.values if row.counts else None)
        for row in db.session.execute(found)
    ]


def _columns(versions: Mapping[int, FormVersion], everybody: Iterable[_Light], sees: Sees) -> list[Question]:
    """The questions of the newest version, then those that only earlier ones asked and somebody answered."""
    answered = {key for each in everybody for key in each.values or ()}
    columns: dict[str, Question] = {}
    for number, version in enumerate(versions.values()):
        for each in schemas.questions_of(version.schema):
            if each["key"] not in columns and (number == 0 or each["key"] in answered):
                columns[each["key"]] = each
    return [each for each in columns.values() if sees(each)]


def _fits(row: _Light, view: AnswerView, columns: Iterable[Question]) -> bool:
    asked = next((each for each in columns if each["key"] == view.question), None)
    if asked is None:
        return True
    parts = conditions.parts_of((row.values or {}).get(asked["key"]))
    if view.choice == NO_ANSWER:
        return not parts
    return any(key_of(asked, each) == view.choice for each in parts) if view.choice else bool(parts)


def key_of(question: Question, part: Any) -> str:
    """A part of an answer as addresses name it."""
    if question["kind"] == schemas.Kind.YES_NO:
        return "yes" if part is True else "no"
    return str(part)


def _named(event: Event, words: str) -> set[int]:
    found = select(Registration.id).join(Person, Person.id == Registration.person_id)
    for word in fold(words).split():
        like = f"%{escape_like(word)}%"
        found = found.where(or_(Person.name_key.like(like, escape="\\"), Person.email_key.like(like, escape="\\")))
    return set(db.session.scalars(found.where(Registration.event_id == event.id)))


def _totals(
    columns: Iterable[Question], everybody: Sequence[_Light], versions: Mapping[int, FormVersion]
) -> list[Total]:
    totals = []
    for question in columns:
        if question["kind"] not in schemas.COUNTED:
            continue
        counts: dict[str, int] = {}
        silent = 0
        for row in everybody:
            parts = conditions.parts_of((row.values or {}).get(question["key"]))
            silent += not parts
            for each in parts:
                key = key_of(question, each)
                counts[key] = counts.get(key, 0) + 1
        labels = _every_label(question, versions)
        known = [(key, label, counts.get(key, 0)) for key, label in labels.items() if counts.get(key) or key in schemas.choices_of(question)]  # fmt: skip
        totals.append(Total(question, [*known, (NO_ANSWER, "", silent)]))
    return totals


def _every_label(question: Question, versions: Mapping[int, FormVersion]) -> dict[str, str]:
    """The choices of a question, those of earlier versions too."""
    labels = dict(schemas.choices_of(question))
    for version in versions.values():
        before = schemas.find_question(version.schema, question["key"])
        if before is not None and before["kind"] == question["kind"]:
            labels = {**schemas.choices_of(before), **labels}
    return {**{key: labels[key] for key in schemas.choices_of(question)}, **labels}


def _rows(shown: Sequence[_Light], versions: Mapping[int, FormVersion], columns: Sequence[Question]) -> list[Row]:
    ids = [each.id for each in shown]
    people = joinedload(Registration.person).joinedload(Person.department)
    found: dict[int, Registration] = {}
    sheets: dict[int, AnswerSheet] = {}
    for at in range(0, len(ids), 5000):  # as many as fit into one statement
        some = ids[at : at + 5000]
        for each in db.session.scalars(select(Registration).where(Registration.id.in_(some)).options(people)):
            found[each.id] = each
        for sheet in db.session.scalars(select(AnswerSheet).where(AnswerSheet.registration_id.in_(some))):
            sheets[sheet.registration_id] = sheet
    light = [(versions[each.form_id].schema, each.values) for each in shown if each.form_id and each.values]
    known = told_of(light, ids)
    newest = next(iter(versions.values()), None)
    rows = []
    for each in shown:
        row = Row(found[each.id], sheets.get(each.id) if each.values is not None else None)
        schema = versions[each.form_id].schema if each.form_id else NO_SECTIONS
        asked = {one["key"]: one for one in schemas.questions_of(schema)}
        for column in columns:
            question, value = asked.get(column["key"], column), (each.values or {}).get(column["key"])
            row.cells[column["key"]] = schemas.told(question, value, known)
            if question["kind"] in schemas.FILES and value:
                row.files[column["key"]] = str(value)
        row.open = len(list_open(newest, row.sheet, row.registration)) if newest is not None else 0
        rows.append(row)
    return rows


# --- changes that somebody asks for -------------------------------------------------------------------------------


def find_open_request(registration: Registration) -> ChangeRequest | None:
    return db.session.scalar(
        select(ChangeRequest)
        .where(ChangeRequest.registration_id == registration.id, ChangeRequest.state == RequestState.OPEN)
        .options(joinedload(ChangeRequest.form))
    )


def find_last_request(registration: Registration) -> ChangeRequest | None:
    return db.session.scalar(
        select(ChangeRequest)
        .where(ChangeRequest.registration_id == registration.id)
        .order_by(ChangeRequest.id.desc())
        .limit(1)
    )


def find_request(event: Event, ref: str) -> ChangeRequest | None:
    return db.session.scalar(
        select(ChangeRequest)
        .where(ChangeRequest.event_id == event.id, ChangeRequest.ref == ref)
        .options(joinedload(ChangeRequest.registration).joinedload(Registration.person), joinedload(ChangeRequest.form))
    )


def list_requests(event: Event, state: str) -> Sequence[ChangeRequest]:
    """The oldest first while they are open, the newest first afterwards."""
    order = ChangeRequest.id if state == RequestState.OPEN else ChangeRequest.id.desc()
    return db.session.scalars(
        select(ChangeRequest)
        .where(ChangeRequest.event_id == event.id, ChangeRequest.state == state)
        .order_by(order)
        .options(joinedload(ChangeRequest.registration).joinedload(Registration.person), joinedload(ChangeRequest.form))
    ).all()


def count_requests(event: Event) -> dict[str, int]:
    counted = select(ChangeRequest.state, func.count()).where(ChangeRequest.event_id == event.id)
    return {state: number for state, number in db.session.execute(counted.group_by(ChangeRequest.state))}
