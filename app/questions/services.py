"""What can be done with questions: build and publish a form, answer it, ask for a change, decide about one."""

import io
from collections.abc import Callable, Collection, Mapping
from copy import deepcopy
from typing import Any, BinaryIO

from sqlalchemy import select

from app.core import audit, clock
from app.core.db import db, edit, new_ref
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import Actor
from app.events.models import Event
from app.events.policy import is_open_to_change
from app.files import services as files
from app.mail.services import queue_mail
from app.people.models import Person
from app.programme.models import Session
from app.questions import phases, policy, queries
from app.questions import schema as schemas
from app.questions.checking import check
from app.questions.errors import Decided, FormChanged, NotAnswered, OptionFull, Problem, TooLate
from app.questions.models import AnswerFile, AnswerSheet, ChangeRequest, FormVersion, QuestionForm, RequestState
from app.questions.schema import HEALTH, NEW_FILE, Kind
from app.registration import places, telling
from app.registration import services as registrations
from app.registration.models import GONE, Registration
from app.registration.policy import in_whose_name, may_organize
from app.registration.queries import find_plan
from app.speakers.errors import FileRefused
from app.speakers.pictures import cleaned

Uploads = Mapping[str, tuple[BinaryIO, str]]  # by the key of the question: the content and its name
MEGABYTE = 1024 * 1024
MOST_MEGABYTES = {Kind.FILE: 10, Kind.PHOTO: 8}
PICTURES = (".jpg", ".jpeg", ".png")


# --- building -----------------------------------------------------------------------------------------------------


def _form_of(event: Event) -> QuestionForm:
    """The form as it is edited, made with the first question."""
    db.session.execute(select(Event.id).where(Event.id == event.id).with_for_update())
    form = queries.find_form(event)
    if form is None:
        form = QuestionForm(event=event, schema={"sections": []}, number=0)
        db.session.add(form)
        db.session.flush()
    return form


def _rebuild(
    event: Event, actor: Actor, version: int | None, change: Callable[[dict[str, Any]], None], **told: Any
) -> QuestionForm:
    """One change of the form, stored only when the form still holds together."""
    require(policy.may_build(actor, event))
    if not is_open_to_change(event):
        raise Refused(_("The event is cancelled."))
    form = _form_of(event)
    edit(form, version=version)  # a stale page is told so first, whatever it brings
    schema = deepcopy(form.schema)
    change(schema)
    check(schema)
    if edit(form, version=None, schema=schema):
        audit.record(actor, "form.changed", form, **told)
    return form


def replace_schema(
    event: Event, schema: Mapping[str, Any], *, actor: Actor, version: int | None = None
) -> QuestionForm:
    """The whole form at once: from a copy, a template or a file."""

    def change(now: dict[str, Any]) -> None:
        now.clear()
        now.update(deepcopy(dict(schema)))

    return _rebuild(event, actor, version, change, deed="replaced")


def _place(items: list[dict[str, Any]], key: str) -> int:
    at = next((number for number, each in enumerate(items) if each["key"] == key), None)
    if at is None:
        raise Problem(_("This is no longer part of the form."))
    return at


def _new_key(taken: Collection[str], stem: str) -> str:
    number = 1
    while f"{stem}{number}" in taken:
        number += 1
    return f"{stem}{number}"


def add_section(event: Event, *, actor: Actor, title: str, title_local: str | None = None) -> str:
    """Returns the key of the new section, which stands last."""
    made: list[str] = []

    def change(schema: dict[str, Any]) -> None:
        key = _new_key([each["key"] for each in schema["sections"]], "section_")
        schema["sections"].append({"key": key, "title": title, "title_local": title_local, "questions": []})
        made.append(key)

    _rebuild(event, actor, None, change, deed="section added", section=title)
    return made[0]


def change_section(
    event: Event, key: str, *, actor: Actor, version: int | None, title: str, title_local: str | None
) -> QuestionForm:
    def change(schema: dict[str, Any]) -> None:
        section = schema["sections"][_place(schema["sections"], key)]
        section["title"], section["title_local"] = title, title_local

    return _rebuild(event, actor, version, change, deed="section changed", section=key)


def remove_section(event: Event, key: str, *, actor: Actor) -> QuestionForm:
    """With its questions; refused while a question elsewhere is shown by an answer to one of them."""

    def change(schema: dict[str, Any]) -> None:
        schema["sections"].pop(_place(schema["sections"], key))

    return _rebuild(event, actor, None, change, deed="section removed", section=key)


def move_section(event: Event, key: str, *, actor: Actor, up: bool) -> QuestionForm:
    def change(schema: dict[str, Any]) -> None:
        at = _place(schema["sections"], key)
        to = max(0, min(len(schema["sections"]) - 1, at + (-1 if up else 1)))
        schema["sections"].insert(to, schema["sections"].pop(at))

    return _rebuild(event, actor, None, change, deed="section moved", section=key, up=up)


def add_question(event: Event, section: str, question: Mapping[str, Any], *, actor: Actor) -> str:
    """At the end of a section; without one, of a first section that has no title. Returns the question's key."""
    made: list[str] = []

    def change(schema: dict[str, Any]) -> None:
        if not schema["sections"]:
            schema["sections"].append({"key": "section_1", "title": "", "title_local": None, "questions": []})
        at = _place(schema["sections"], section) if section else 0
        key = question.get("key") or _new_key([each["key"] for each in schemas.questions_of(schema)], "question_")
        schema["sections"][at]["questions"].append({**question, "key": key})
        made.append(key)

    _rebuild(event, actor, None, change, deed="question added", question=question.get("label"))
    return made[0]


def change_question(
    event: Event, key: str, section: str, question: Mapping[str, Any], *, actor: Actor, version: int | None
) -> QuestionForm:
    """Another wording, other choices, another section. The key stays: answers are kept under it."""

    def change(schema: dict[str, Any]) -> None:
        home, at = _find(schema, key)
        new = {**question, "key": key}
        if "terms_version" in home["questions"][at]:
            new["terms_version"] = home["questions"][at]["terms_version"]
        if not section or section == home["key"]:
            home["questions"][at] = new
            return
        home["questions"].pop(at)
        schema["sections"][_place(schema["sections"], section)]["questions"].append(new)

    return _rebuild(event, actor, version, change, deed="question changed", question=key)


def _find(schema: Mapping[str, Any], key: str) -> tuple[dict[str, Any], int]:
    for section in schema["sections"]:
        for at, each in enumerate(section["questions"]):
            if each["key"] == key:
                return section, at
    raise Problem(_("This is no longer part of the form."))


def remove_question(event: Event, key: str, *, actor: Actor) -> QuestionForm:
    """Old answers keep it. Refused while another question is shown by an answer to it."""

    def change(schema: dict[str, Any]) -> None:
        section, at = _find(schema, key)
        section["questions"].pop(at)

    return _rebuild(event, actor, None, change, deed="question removed", question=key)


def move_question(event: Event, key: str, *, actor: Actor, up: bool) -> QuestionForm:
    """One place up or down, at the end of its section into the next one."""

    def change(schema: dict[str, Any]) -> None:
        section, at = _find(schema, key)
        to = at + (-1 if up else 1)
        question = section["questions"].pop(at)
        if 0 <= to <= len(section["questions"]):
            section["questions"].insert(to, question)
            return
        here = _place(schema["sections"], section["key"])
        next_to = here + (-1 if up else 1)
        if not 0 <= next_to < len(schema["sections"]):
            section["questions"].insert(at, question)
        elif up:
            schema["sections"][next_to]["questions"].append(question)
        else:
            schema["sections"][next_to]["questions"].insert(0, question)

    return _rebuild(event, actor, None, change, deed="question moved", question=key, up=up)


def publish(event: Event, *, actor: Actor, version: int | None = None, reason: str | None = None) -> FormVersion:
    """Freeze the form: people answer this version from now on, and old answers keep theirs.

    Choices with places get their counters at the gate; whoever has chosen them before holds such a place at once.
    Fewer places than are taken need a reason.
    """
    require(policy.may_build(actor, event))
    if not is_open_to_change(event):
        raise Refused(_("The event is cancelled."))
    form = _form_of(event)
    has_gate = find_plan(event) is not None
    if has_gate:
        places.lock(event)  # nobody answers the one version while the other is made
    elif any(schemas.limited(form.schema)):
        raise Refused(_("Set up registration first: the form has choices with places."))
    before = queries.find_published(event)
    if not schemas.questions_of(form.schema) and before is None:
        raise Refused(_("There is no question yet."))
    if before is not None and before.schema == form.schema:
        raise Refused(_("Nothing has changed since version %(number)d.", number=before.number))
    check(form.schema)
    schema = _stamped(form.schema, before.schema if before else {})
    edit(form, version=version, schema=schema, number=form.number + 1)
    made = FormVersion(event=event, number=form.number, schema=deepcopy(schema), by_id=actor.id)
    db.session.add(made)
    db.session.flush()
    if has_gate:
        _open_options(event, before.schema if before else {}, schema, actor=actor, reason=reason)
    audit.record(
        actor, "form.published", made, scope=event, number=made.number, reason=reason,
        questions=len(schemas.questions_of(schema)),
    )  # fmt: skip
    return made


def _stamped(schema: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Each consent with the version of its text: a new one whenever the words have changed since they were published."""
    stamped = deepcopy(dict(schema))
    for question in schemas.questions_of(stamped):
        if question["kind"] != Kind.CONSENT:
            continue
        old = schemas.find_question(before, question["key"])
        same = old is not None and all(old.get(each) == question.get(each) for each in ("terms", "terms_local"))
        last = int(old.get("terms_version") or 0) if old is not None else int(question.get("terms_version") or 0)
        question["terms_version"] = last if same else last + 1  # type: ignore[index]  # our own copy
    return stamped


def _open_options(
    event: Event, before: Mapping[str, Any], schema: Mapping[str, Any], *, actor: Actor, reason: str | None
) -> None:
    """The counters of the choices as this version limits them; a limit that is gone lets everybody in."""
    had = {option for option, _question, _choice in schemas.limited(before)}
    now = {option: (question, choice) for option, question, choice in schemas.limited(schema)}
    for option, (question, choice) in now.items():
        name = {
            "name": f"{question['label']}: {choice['label']}"[:200],
            "name_local": f"{_chinese(question)}：{_chinese(choice)}"[:200],
        }
        if option not in had:
            registrations.set_capacity(event, None, None, actor=actor, option=option, **name)
            _adopt(event, option)
        registrations.set_capacity(event, None, choice["places"], actor=actor, reason=reason, option=option, **name)
    for option in sorted(had - set(now)):
        registrations.set_capacity(event, None, None, actor=actor, option=option)


def _chinese(thing: Mapping[str, Any]) -> str:
    """The Chinese words, else the others."""
    return thing.get("label_local") or thing["label"]


def _adopt(event: Event, option: str) -> None:
    """Whoever chose an option before it was limited has a place in it."""
    key, choice = option.split("/")
    found = (
        select(Registration, AnswerSheet.values)
        .join(AnswerSheet, AnswerSheet.registration_id == Registration.id)
        .where(
            Registration.event_id == event.id,
            Registration.state.not_in(GONE),
            AnswerSheet.answered_at >= Registration.joined_at,
        )
        .order_by(Registration.id)
    )
    now = clock.now()
    chosen = [row[0] for row in db.session.execute(found) if choice in _list(row[1].get(key))]
    if chosen:
        counters = places.lock(event)
        for each in chosen:
            places.change(each, counters, add=[option], now=now)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


# --- answering ----------------------------------------------------------------------------------------------------


def register(
    event: Event,
    person: Person,
    *,
    actor: Actor,
    sessions: Collection[Session] = (),
    values: Mapping[str, Any] | None = None,
    uploads: Uploads | None = None,
    note: str | None = None,
    form_number: int | None = None,
    **more: Any,
) -> Registration:
    """`register_person` with the answers to the form, in the same unit of work: both, or neither.

    `form_number` is the version that was shown. Choices with places are taken together with the place in the event.
    `more` goes to `register_person`.
    """
    require(policy.may_answer_for(actor, event, person))
    places.lock(event)
    version = queries.find_published(event)
    if version is None:
        return registrations.register_person(event, person, actor=actor, sessions=sessions, note=note, **more)
    writable = _writable(version, event, None, actor, late=False)
    clean = _checked(version, values or {}, actor, None, uploads or {}, form_number, writable)
    options = schemas.options_of(version.schema, clean)
    _refuse_full(event, version.schema, options)
    registration = registrations.register_person(
        event, person, actor=actor, sessions=sessions, options=options, note=note, **more
    )
    db.session.flush()
    clean = _keep_files(registration, version, clean, uploads or {}, actor)
    _write_sheet(registration, version, clean, actor, asked=writable)
    return registration


def _checked(
    version: FormVersion,
    values: Mapping[str, Any],
    actor: Actor,
    registration: Registration | None,
    uploads: Uploads,
    form_number: int | None,
    asked: Collection[str],
) -> dict[str, Any]:
    """The answers as they are kept, or the refusal of the first that is wrong. What is not `asked` stays as it is."""
    if form_number is not None and form_number != version.number:
        raise FormChanged(
            _("The questions changed while you were answering. Please look through them once more and send them again.")
        )
    raw = {**values, **dict.fromkeys(uploads, NEW_FILE)}
    known = queries.known_to(actor, version.schema, raw, registration)
    if registration is not None:
        known = _with_kept(known, version, raw, registration)
    sheet = queries.sheet_of(registration) if registration is not None else None
    clean, errors = schemas.validate(version.schema, raw, known, asked=asked, kept=sheet.values if sheet else None)
    for key, sentence in errors.items():
        raise NotAnswered(sentence, field=f"q_{key}")
    return clean


def _writable(
    version: FormVersion, event: Event, registration: Registration | None, actor: Actor, *, late: bool
) -> set[str]:
    """The keys of what the actor may answer now: the organizer everything, others what is asked and not locked."""
    now = clock.now()
    if registration is not None and may_organize(actor, event):
        ended = event.has_ended_at(now)
        return {
            each["key"]
            for each in schemas.questions_of(version.schema)
            if not ended or phases.phase_of(each) == phases.Phase.AFTER
        }
    asked = phases.asked_of_person(version.schema, event, registration, now)
    return asked - phases.locked(version.schema, now, late=late, ended=event.has_ended_at(now))


def writable(registration: Registration, version: FormVersion, actor: Actor, sheet: AnswerSheet | None) -> set[str]:
    """What `answer` takes from this actor now, by the keys of the questions."""
    late = sheet is not None and is_late(registration)
    return _writable(version, registration.event, registration, actor, late=late)


def _with_kept(
    known: schemas.Known, version: FormVersion, raw: Mapping[str, Any], registration: Registration
) -> schemas.Known:
    """An answer that stands already stays possible: somebody who was named may have left the company since."""
    sheet = queries.sheet_of(registration)
    same = {key: value for key, value in (sheet.values if sheet else {}).items() if raw.get(key) == value}
    kept = queries.told_of([(version.schema, same)])
    return schemas.Known({**kept.people, **known.people}, {**kept.departments, **known.departments}, known.files)


def _refuse_full(event: Event, schema: Mapping[str, Any], options: Collection[str]) -> None:
    """Say beside the question which choice is full. The gate decides; here its places are locked and then read."""
    if not options:
        return
    places.lock(event)
    left = queries.places_left(event)
    for option, question, choice in schemas.limited(schema):
        if option in options and left.get(option) == 0:
            raise OptionFull(
                _("“%(choice)s” is full. Please choose something else.", choice=schemas.words(choice)),
                field=f"q_{question['key']}",
            )


def _keep_files(
    registration: Registration, version: FormVersion, clean: dict[str, Any], uploads: Uploads, actor: Actor
) -> dict[str, Any]:
    """Store what came with these answers; the answer is the ref of the file."""
    kept = dict(clean)
    for question in schemas.questions_of(version.schema):
        key = question["key"]
        if kept.get(key) != NEW_FILE or question["kind"] not in schemas.FILES:
            continue
        stream, name = uploads[key]
        file = AnswerFile(
            ref=new_ref(), registration=registration, key=key, file=_store(question["kind"], stream, name, actor, key)
        )
        db.session.add(file)
        kept[key] = file.ref
    return kept


def _store(kind: str, stream: BinaryIO, name: str, actor: Actor, key: str) -> Any:
    most = MOST_MEGABYTES[Kind(kind)]
    data = stream.read(most * MEGABYTE + 1)
    if len(data) > most * MEGABYTE:
        raise NotAnswered(_("This file is larger than %(most)d MB.", most=most), field=f"q_{key}")
    try:
        if kind == Kind.PHOTO:
            if not name.lower().endswith(PICTURES):
                raise FileRefused(_("This has to be one of: %(types)s.", types="JPG, JPEG, PNG"))
            data = cleaned(data) if data else data
        return files.store_upload(io.BytesIO(data), name, actor=actor)
    except Refused as refusal:
        raise NotAnswered(refusal.sentence, field=f"q_{key}") from refusal


def _write_sheet(
    registration: Registration,
    version: FormVersion,
    values: dict[str, Any],
    actor: Actor,
    *,
    opened: int | None = None,
    reason: str | None = None,
    action: str = "answers.given",
    asked: Collection[str] = (),
) -> AnswerSheet:
    """Keep these answers; `asked` are the keys that were shown for them."""
    now = clock.now()
    sheet = queries.find_sheet(registration)
    before: dict[str, Any] = {}
    shown = sorted(
        set(asked) | (queries.shown_in(sheet) if sheet and sheet.answered_at >= registration.joined_at else set())
    )
    if sheet is None:
        sheet = AnswerSheet(registration=registration, form=version, values=values, shown=shown, answered_at=now)
        db.session.add(sheet)
        changed = True
    else:
        if sheet.answered_at >= registration.joined_at:
            before = sheet.values
        changed = bool(edit(sheet, version=opened, values=values, form_id=version.id))
        sheet.form, sheet.shown, sheet.answered_at = version, shown, now
    if changed:
        told, hidden = _differences(version, before, values)
        audit.record(
            in_whose_name(actor, registration.event, registration.person), action, registration,
            scope=registration.event, reason=reason, form=version.number, changed=told, changed_unseen=hidden,
        )  # fmt: skip
    db.session.flush()
    return sheet


def _differences(
    version: FormVersion, before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[dict[str, list[Any]], list[str]]:
    """What changed, before and after; of health, and of what only some may read, the log says only that it changed."""
    keys = [key for key in dict.fromkeys([*before, *after]) if before.get(key) != after.get(key)]
    hidden = [each for each in schemas.questions_of(version.schema) if each["kind"] in HEALTH or each.get("seen_by")]
    health = {each["key"] for each in hidden}
    return {key: [before.get(key), after.get(key)] for key in keys if key not in health}, [
        k for k in keys if k in health
    ]


def is_late(registration: Registration) -> bool:
    """Whether answers change by request only."""
    plan = find_plan(registration.event)
    return plan is not None and plan.changes_until is not None and plan.changes_until <= clock.now()


def answer(
    registration: Registration,
    *,
    actor: Actor,
    values: Mapping[str, Any],
    uploads: Uploads | None = None,
    form_number: int | None = None,
    version: int | None = None,
) -> AnswerSheet:
    """Answer, or answer otherwise: freely until the plan's deadline, and at any time as the organizer.

    The first answers of somebody are taken after the deadline too: they change nothing that was planned with.
    """
    event, person = registration.event, registration.person
    require(policy.may_answer_for(actor, event, person))
    places.lock(event)  # two pages of one person come one after the other
    asked = _published(event)
    sheet = queries.sheet_of(registration)
    open_now = writable(registration, asked, actor, sheet)
    _check_stands(registration, may_be_over=bool(open_now))
    if not open_now and schemas.questions_of(asked.schema):
        raise TooLate(_("The time to change answers has passed. You can ask the organizer for a change."))
    _refuse_locked(asked, values, sheet, open_now, registration)
    clean = _checked(asked, values, actor, registration, uploads or {}, form_number, open_now)
    _move_options(registration, asked.schema, clean, actor)
    clean = _keep_files(registration, asked, clean, uploads or {}, actor)
    shown = open_now & phases.asked_of_person(asked.schema, event, registration, clock.now())
    sheet = _write_sheet(registration, asked, clean, actor, opened=version, asked=shown)
    _drop_files(registration, sheet)
    return sheet


def _refuse_locked(
    version: FormVersion,
    values: Mapping[str, Any],
    sheet: AnswerSheet | None,
    open_now: Collection[str],
    registration: Registration,
) -> None:
    """An answer that came just after its deadline is not lost without a word."""
    begun = phases.asked_of_person(version.schema, registration.event, registration, clock.now())
    kept = sheet.values if sheet is not None else {}
    for question in schemas.questions_of(version.schema):
        key = question["key"]
        if key in begun and key not in open_now and values.get(key) and values[key] != kept.get(key):
            raise TooLate(
                _(
                    "The time to answer “%(label)s” has passed. Ask the organizer for a change.",
                    label=schemas.words(question),
                )
            )


def _check_stands(registration: Registration, *, may_be_over: bool = False) -> None:
    if registration.state in GONE:
        raise Refused(_("%(name)s is not registered.", name=registration.person.display_name))
    if not may_be_over and registration.event.has_ended_at(clock.now()):
        raise Refused(_("The event is over."))


def _published(event: Event) -> FormVersion:
    version = queries.find_published(event)
    if version is None:
        raise Refused(_("There is nothing to answer for this event."))
    return version


def _move_options(
    registration: Registration, schema: Mapping[str, Any], values: Mapping[str, Any], actor: Actor
) -> None:
    """Take the places of what is chosen now, give back those of what was chosen before; all or none."""
    wanted, held = schemas.options_of(schema, values), queries.held_options(registration)
    if wanted == held:
        return
    event = registration.event
    _refuse_full(event, schema, wanted - held)
    registrations.change_choices(
        registration, actor=actor, add=sorted(wanted - held), drop=sorted(held - wanted), means="answers"
    )


def _drop_files(registration: Registration, sheet: AnswerSheet) -> None:
    """Files that no answer holds any more, and no open request."""
    request = queries.find_open_request(registration)
    used = {value for value in sheet.values.values() if isinstance(value, str)}
    used |= {pair[1] for pair in (request.wanted.values() if request else ()) if isinstance(pair[1], str)}
    for by_key in queries.files_of([registration.id]).values():
        for kept in by_key.values():
            for each in kept:
                if each.ref not in used:
                    db.session.delete(each)


def ask_anew(registration: Registration) -> None:
    """Forget what the same person answered before: whoever comes in another's place is asked anew."""
    sheet, request = queries.sheet_of(registration), queries.find_open_request(registration)
    kept = queries.files_of([registration.id]).get(registration.id, {})
    for each in (sheet, request, *(one for them in kept.values() for one in them)):
        if each is not None:
            db.session.delete(each)
    db.session.flush()


# --- changes after the deadline -----------------------------------------------------------------------------------


def ask_change(
    registration: Registration,
    *,
    actor: Actor,
    values: Mapping[str, Any],
    reason: str,
    uploads: Uploads | None = None,
    form_number: int | None = None,
) -> ChangeRequest:
    """What somebody wants otherwise after the deadline; the organizer decides. One request is open at a time."""
    event = registration.event
    require(policy.may_answer_for(actor, event, registration.person))
    _check_stands(registration)
    asked = _published(event)
    places.lock(event)
    if queries.find_open_request(registration) is not None:
        raise Refused(_("You have asked for a change already. Take it back first, then ask for another."))
    if not reason:
        raise Refused(_("Please fill this in."), field="reason")
    begun = phases.asked_of_person(asked.schema, event, registration, clock.now())
    clean = _checked(asked, values, actor, registration, uploads or {}, form_number, begun)
    sheet = queries.sheet_of(registration)
    before = sheet.values if sheet is not None else {}
    clean = _keep_files(registration, asked, clean, uploads or {}, actor)
    wanted = {
        key: [before.get(key), clean.get(key)]
        for key in dict.fromkeys([*before, *clean])
        if before.get(key) != clean.get(key)
    }
    if not wanted:
        raise Refused(_("Nothing is different from what you answered."))
    request = ChangeRequest(
        event=event, registration=registration, form=asked, wanted=wanted, reason=reason, state=RequestState.OPEN,
        by_id=actor.id,
    )  # fmt: skip
    db.session.add(request)
    db.session.flush()
    told, hidden = _differences(asked, before, clean)
    audit.record(
        in_whose_name(actor, event, registration.person), "answers.change_asked", request, reason=reason, changed=told,
        changed_unseen=hidden,
    )  # fmt: skip
    return request


def _close(request: ChangeRequest, state: RequestState, actor: Actor, comment: str | None, version: int | None) -> None:
    db.session.refresh(request)
    if request.state != RequestState.OPEN:
        raise Decided(_("Somebody was faster: this is decided already."))
    edit(
        request, version=version, state=state, comment=comment, decided_at=clock.now(), decided_by_id=actor.id,
        decided_by_name=actor.name,
    )  # fmt: skip


def accept_change(
    request: ChangeRequest, *, actor: Actor, comment: str | None = None, version: int | None = None
) -> AnswerSheet:
    """The change becomes the answer; places of options move through the gate, and nothing happens when one is full."""
    registration, event = request.registration, request.event
    require(policy.may_build(actor, event))
    places.lock(event)
    _close(request, RequestState.ACCEPTED, actor, comment, version)
    _check_stands(registration)
    sheet = queries.sheet_of(registration)
    if sheet is not None and sheet.form.number > request.form.number:
        raise FormChanged(_("The form has changed since, and so have the answers. Refuse this, and let them ask anew."))
    values = dict(sheet.values) if sheet is not None else {}
    for key, (_before, after) in request.wanted.items():
        values.pop(key, None)
        if after is not None:
            values[key] = after
    shown = schemas.visible(request.form.schema, values)
    values = {key: value for key, value in values.items() if key in shown}
    _move_options(registration, request.form.schema, values, actor)
    sheet = _write_sheet(
        registration, request.form, values, actor, reason=request.reason, action="answers.change_accepted"
    )
    _drop_files(registration, sheet)
    _tell_decided(request, "change_accepted")
    return sheet


def refuse_change(request: ChangeRequest, *, actor: Actor, comment: str | None, version: int | None = None) -> None:
    """Everything stays as it was answered; the person reads the word that goes with it."""
    require(policy.may_build(actor, request.event))
    if not comment:
        raise Refused(_("Please say why, in a word to the person."), field="comment")
    places.lock(request.event)
    _close(request, RequestState.REFUSED, actor, comment, version)
    _forget_files(request)
    audit.record(actor, "answers.change_refused", request, reason=comment)
    _tell_decided(request, "change_refused")


def take_change_back(request: ChangeRequest, *, actor: Actor) -> None:
    require(policy.may_answer_for(actor, request.event, request.registration.person))
    places.lock(request.event)
    _close(request, RequestState.TAKEN_BACK, actor, None, None)
    _forget_files(request)
    who = in_whose_name(actor, request.event, request.registration.person)
    audit.record(who, "answers.change_taken_back", request)


def _forget_files(request: ChangeRequest) -> None:
    sheet = queries.find_sheet(request.registration)
    db.session.flush()
    if sheet is not None:
        _drop_files(request.registration, sheet)


def _tell_decided(request: ChangeRequest, template: str) -> None:
    queue_mail(
        telling.recipient(request.registration.person),
        f"questions/mail/{template}",
        kind=f"answers_{template}",
        scope=request.event.ref,
        event=request.event,
        comment=request.comment,
    )
