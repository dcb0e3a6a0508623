"""The questions on a page: the form of whoever answers, and whether what came back is in order."""

from typing import Any

from flask import abort, request
from flask_login import current_user

from app.core.forms import HufuForm
from app.events.models import Event
from app.questions import queries
from app.questions import schema as schemas
from app.questions.forms import asking
from app.questions.models import FormVersion
from app.registration.models import Registration


def answering_form(
    base: type[HufuForm], event: Event, version: FormVersion, registration: Registration | None = None
) -> Any:
    """A form of this base with the questions of a version, for one registration or a new one."""
    limited = any(schemas.limited(version.schema))
    shape = asking(
        base,
        version.schema,
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
