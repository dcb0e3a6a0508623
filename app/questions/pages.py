"""The questions on a page: the form of whoever answers, and whether what came back is in order."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core import clock
from app.core.forms import HufuForm
from app.core.i18n import _
from app.core.roles import Actor
from app.core.text import one_line
from app.events.models import Event
from app.people.models import Person
from app.questions import phases, queries, services
from app.questions import schema as schemas
from app.questions.forms import AnswersForm, asking
from app.questions.models import ChangeRequest, FormVersion
from app.registration.models import Registration
from app.registration.policy import may_organize


def answering_form(
    base: type[HufuForm],
    event: Event,
    version: FormVersion,
    registration: Registration | None = None,
    *,
    keys: Collection[str] | None = None,
    kept: Mapping[str, Any] | None = None,
) -> Any:
    """A form of this base with the questions of a version, for one registration or a new one.

    With `keys` these questions alone, others by the answers that are `kept`; else what is asked when registering.
    """
    limited = any(schemas.limited(version.schema))
    if keys is None:  # somebody registers
        now = clock.now()
        keys = phases.asked_of_person(version.schema, event, None, now)
        keys -= phases.locked(version.schema, now, late=False, ended=False)
    shape = asking(
        base,
        phases.narrowed(version.schema, keys, kept or {}),
        version.number,
        choosable=queries.choosable(current_user, version.schema),
        left=queries.places_left(event) if limited else None,
        held=queries.held_options(registration) if limited else (),
    )
    return shape()


def ready(form: Any, event: Event, registration: Registration | None = None) -> bool:
    """Whether a sent form is in order, and its questions are still those that are asked."""
    opened = form.opened_number()
    if opened != form.number:
        before = queries.find_version(event, opened) if opened is not None else None
        led = form.led_before()
        if led is not None:
            abort(led)
        form.tell_changed(before.schema if before else {}, dict(request.form.lists()))
        return False
    values = {}
    if registration is not None:
        sheet = queries.sheet_of(registration)
        values = sheet.values if sheet is not None else {}
    raw = form.raw()
    known = queries.known_to(current_user, form.schema, raw, registration)
    kept = queries.told_of([(form.schema, {key: each for key, each in values.items() if raw.get(key) == each})])
    form.known = schemas.Known({**kept.people, **known.people}, {**kept.departments, **known.departments}, known.files)
    return form.validate_on_submit()


def answer_page(
    event: Event, registration: Registration, then: str, *, actor: Actor, principal: Person | None = None
) -> ResponseReturnValue:
    """The answers of a registration, to be given or changed; the same for oneself, the organizer and an assistant.

    With `principal` an assistant acts, who may not see the event itself: the page stands outside its frame.
    """
    asked = queries.asked_of(registration)
    if asked is None:
        abort(404)
    may_decide = may_organize(actor, event)
    open_now = services.writable(registration, asked.version, actor, asked.sheet)
    begun = phases.asked_of_person(asked.version.schema, event, registration, clock.now())
    # What is locked changes by request: on a page of its own, or on this one where nothing else is left to answer.
    locked = set() if may_decide else begun - open_now
    late = bool(locked) and (not open_now or "change" in request.args) and not event.has_ended_at(clock.now())
    keys = begun if late else open_now
    form = answering_form(AnswersForm, event, asked.version, registration, keys=keys, kept=asked.values)
    form.kept = _kept_files(registration, asked)
    if not form.is_submitted():
        form.show(asked.values)
        form.version.data = str(asked.sheet.version) if asked.sheet is not None else ""
    if late and asked.request is not None:
        led = form.led_before() if form.is_submitted() else None
        if led is not None:
            return led
        return _waiting_page(event, registration, asked, then, principal)
    answer = None
    if form.is_submitted() and not late:
        _tell_locked(form, asked.version, locked)
    if form.is_submitted() and ready(form, event, registration):
        answer = _send(form, registration, asked, then, late, actor)
    if answer is not None:
        return answer
    page = render_template(
        "questions/answer.html", event=event, registration=registration, form=form, asked=asked, late=late, back=then,
        schemas=schemas, own=registration.person.account_id == actor.id, may_decide=may_decide, principal=principal,
        layout=_layout(principal), locked=[] if late else locked_rows(asked, locked),
        can_ask=bool(locked) and not event.has_ended_at(clock.now()),
    )  # fmt: skip
    return page, form.status


def _tell_locked(form: Any, version: FormVersion, locked: Collection[str]) -> None:
    """The page was opened before a deadline and sent after it: say so, and show what was typed there."""
    over = [each for each in schemas.questions_of(version.schema) if each["key"] in locked]
    sent = [(schemas.words(each), request.form.getlist(f"q_{each['key']}")) for each in over]
    form.lost = [(label, ", ".join(map(one_line, typed))) for label, typed in sent if any(typed)]
    form.is_too_late = bool(form.lost)


def locked_rows(asked: queries.Asked, locked: Collection[str]) -> list[dict[str, str]]:
    """The questions that can only be changed by request, with their answers."""
    shown = schemas.visible(asked.version.schema, asked.values)
    questions = [each for each in schemas.questions_of(asked.version.schema) if each["key"] in shown & set(locked)]
    known = queries.told_of([(asked.version.schema, asked.values)])
    return [
        {"label": schemas.words(each), "answer": schemas.told(each, asked.values.get(each["key"]), known)}
        for each in questions
    ]


def _send(form: Any, registration: Registration, asked: queries.Asked, then: str, late: bool, actor: Actor) -> Any:
    number = form.opened_number()
    if late:
        return form.attempt(
            lambda: services.ask_change(
                registration, actor=actor, values=form.raw(), uploads=form.uploads(),
                reason=form.reason.data or "", form_number=number,
            ),
            then=then,
            said=_("The organizer is asked. You get a mail with the decision."),
        )  # fmt: skip
    return form.attempt(
        lambda: services.answer(
            registration, actor=actor, values=form.raw(), uploads=form.uploads(), form_number=number,
            version=form.opened_version if asked.sheet is not None else None,
        ),
        then=then,
        said=_("Your answers are kept.") if registration.person.account_id == actor.id else _("The answers are kept."),
    )  # fmt: skip


def _kept_files(registration: Registration, asked: queries.Asked) -> dict[str, dict[str, str]]:
    """The files that stand in the answers, by question: ref and name."""
    if not queries.has_files(asked.version.schema):
        return {}
    found = queries.files_of([registration.id]).get(registration.id, {})
    return {
        key: {each.ref: each.file.name for each in kept if each.ref == asked.values.get(key)}
        for key, kept in found.items()
    }


def _waiting_page(
    event: Event, registration: Registration, asked: queries.Asked, back: str, principal: Person | None
) -> ResponseReturnValue:
    assert asked.request is not None
    rows = change_rows(asked.request, registration)
    page = render_template(
        "questions/waiting.html", event=event, registration=registration, request_=asked.request, rows=rows,
        back=back, principal=principal, layout=_layout(principal),
    )  # fmt: skip
    return page, 422 if request.method == "POST" else 200


def _layout(principal: Person | None) -> str:
    return "layouts/base.html" if principal is not None else "layouts/event.html"


def change_rows(asked: ChangeRequest, registration: Registration) -> list[dict[str, str]]:
    """What a request changes: the question, what is answered now, what is wanted."""
    sheet = queries.sheet_of(registration)
    now = sheet.values if sheet is not None else {}
    old = sheet.form.schema if sheet is not None else {}
    after = {key: pair[1] for key, pair in asked.wanted.items()}
    known = queries.told_of([(asked.form.schema, after), (old, now)], [registration.id])
    rows = []
    for question in _questions_of(asked.form.schema, old, asked.wanted):
        key = question["key"]
        before = schemas.find_question(old, key) or question
        rows.append(
            {
                "label": schemas.words(question),
                "before": schemas.told(before, now.get(key), known),
                "after": schemas.told(question, after.get(key), known),
            }
        )
    return rows


def _questions_of(schema: Any, old: Any, keys: Any) -> Sequence[schemas.Question]:
    found = (schemas.find_question(schema, key) or schemas.find_question(old, key) for key in keys)
    return [each for each in found if each is not None]
