"""What every form shares: safe text, refusals beside the field, one effect per press, nothing typed is lost."""

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from flask import abort, flash, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response
from wtforms import (
    DateField,
    DateTimeLocalField,
    Field,
    FieldList,
    HiddenField,
    PasswordField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # pyrefly: ignore[missing-module-attribute] — newer than the stubs
from wtforms.i18n import get_translations as wtforms_words
from wtforms.validators import InputRequired, Length, Optional, StopValidation

from app.core import intents
from app.core.config import settings_now
from app.core.db import unit_of_work
from app.core.errors import Busy, Refused, Stale
from app.core.i18n import _, _l, is_chinese
from app.core.logs import log, request_id
from app.core.text import one_line, tidy

Value = TypeVar("Value")


def filled(value: Value | None) -> Value:
    """The value of a required field that has passed its checks; says to the type checker that it is there."""
    assert value is not None
    return value


class LineField(StringField):
    """One line of text, kept in NFC without control and reordering signs. Empty becomes None where optional."""

    def __init__(self, label: Any = None, *, required: bool = False, most: int = 200, **more: Any) -> None:
        checks = list(more.pop("validators", ()))
        limit = Length(max=most, message=_l("Please keep this to %(max)d characters."))
        first = InputRequired(_l("Please fill this in.")) if required else Optional()
        super().__init__(label, validators=[first, limit, *checks], **more)
        self.required = required
        self.render_kw = {"maxlength": most, **(more.get("render_kw") or {})}

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        if valuelist:
            self.data = self.clean(self.data or "") or (None if not self.required else "")

    def clean(self, text: str) -> str:
        return one_line(text)

    def pre_validate(self, form: Any) -> None:
        if self.required and not self.data:
            raise StopValidation(_("Please fill this in."))


class TextField(TextAreaField):
    """Several lines of text, cleaned likewise."""

    def __init__(self, label: Any = None, *, required: bool = False, most: int = 20_000, **more: Any) -> None:
        checks = list(more.pop("validators", ()))
        limit = Length(max=most, message=_l("Please keep this to %(max)d characters."))
        first = InputRequired(_l("Please fill this in.")) if required else Optional()
        super().__init__(label, validators=[first, limit, *checks], **more)
        self.required = required

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        if valuelist:
            self.data = tidy(self.data or "").strip() or (None if not self.required else "")

    def pre_validate(self, form: Any) -> None:
        if self.required and not self.data:
            raise StopValidation(_("Please fill this in."))


class UploadField(FileField):
    """A file, up to what HUFU_UPLOAD_MB allows; refused beside the field, so that what was typed around it stays."""

    def pre_validate(self, form: Any) -> None:
        most = settings_now().upload_mb
        if self.data is None:
            return
        size = self.data.stream.seek(0, os.SEEK_END)
        self.data.stream.seek(0)
        if size > most * 1024 * 1024:
            raise StopValidation(_("This file is larger than %(max)d MB. Please give a smaller one.", max=most))


def options(labels: Mapping[Any, Any], *, nothing: Any = None) -> list[SelectChoice]:
    """The choices of a select from {value: label}; `nothing` is the label of an empty first choice."""
    first = [SelectChoice("", nothing)] if nothing is not None else []
    return first + [SelectChoice(str(value), label) for value, label in labels.items()]


def record_options(records: Iterable[Any], *, nothing: Any = None) -> list[SelectChoice]:
    """The choices of a select among records: their refs and display names."""
    return options({each.ref: each.display_name for each in records}, nothing=nothing)


class DayField(DateField):
    def __init__(self, label: Any = None, *, required: bool = False, **more: Any) -> None:
        checks = list(more.pop("validators", ()))
        first = InputRequired(_l("Please choose a day.")) if required else Optional()
        super().__init__(label, validators=[first, *checks], **more)

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("This is not a day of the calendar. Write it as 2027-01-14.")) from None
        if self.data is not None and not 1900 <= self.data.year <= 2200:
            raise ValueError(_("Please choose a day between the years 1900 and 2200."))


class WallTimeField(DateTimeLocalField):
    """A wall-clock time in the event's zone; `moment(zone)` gives the moment, or refuses one that the zone skips."""

    def __init__(self, label: Any = None, *, required: bool = False, **more: Any) -> None:
        checks = list(more.pop("validators", ()))
        first = InputRequired(_l("Please choose a day and a time.")) if required else Optional()
        super().__init__(
            label, format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], validators=[first, *checks], **more
        )

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("This is not a time. Write it as 2027-01-14T09:00.")) from None
        if self.data is not None and not 1900 <= self.data.year <= 2200:
            raise ValueError(_("Please choose a day between the years 1900 and 2200."))

    def show(self, moment: datetime | None, zone: str) -> None:
        """Fill the field with a stored moment, told in the zone."""
        self.data = None if moment is None else moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)

    def moment(self, zone: str) -> datetime | None:
        return None if self.data is None else at_wall_time(self.data, zone, field=self.short_name)


def at_wall_time(wall: datetime, zone: str, *, field: str | None = None) -> datetime:
    """The moment of a wall-clock time. Refuses a time that a clock change skips or doubles."""
    there = wall.replace(tzinfo=ZoneInfo(zone))
    moment = there.astimezone(UTC)
    if moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != wall:
        raise Refused(_("The clocks change then: this time does not exist in %(zone)s.", zone=zone), field=field)
    if there.replace(fold=1).utcoffset() != there.utcoffset():
        raise Refused(
            _("The clocks go back then: this time comes twice in %(zone)s. Choose one before or after it.", zone=zone),
            field=field,
        )
    return moment


@cache
def own_words(language: str) -> Any:
    """What WTForms itself says: read from its files once, where Flask-WTF would read them with each form."""
    return wtforms_words([language])


class HufuForm(FlaskForm):
    """The base of every form. `theirs` holds what is stored now when somebody else changed the record meanwhile."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, form: Any) -> Any:
            return own_words("zh" if is_chinese() else "en")

    intent = HiddenField()
    version = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refusal: str | None = None
        self.theirs: dict[str, Any] = {}
        self._status = 200
        if not self.is_submitted() or not self.intent.data:
            self.intent.data = intents.new_intent()
        record = kwargs.get("obj")
        if not self.is_submitted() and record is not None:
            self.version.data = str(getattr(record, "version", "") or "")

    def validate_on_submit(self, extra_validators: Any = None) -> bool:
        """Whether it was sent and is in order. One that was carried out before leads there again, as a second press may
        find that its own choice is no longer to be had."""
        good = super().validate_on_submit(extra_validators)
        if not good and self.is_submitted():
            led = self.led_before()
            if led is not None:
                abort(led)
        return good

    def led_before(self) -> Response | None:
        """The way to where this very press led when it was carried out."""
        before = intents.find(self._intent_key())
        return redirect(before.location, 303) if before is not None and before.body == self._body() else None

    @property
    def status(self) -> int:
        """The status of the page that shows this form: 200 fresh, 422 with mistakes, 409 when stale, 503 when busy."""
        return 422 if self.errors and self._status == 200 else self._status

    @property
    def opened_version(self) -> int | None:
        """The version that the page was opened on, for `edit(record, version=…)`."""
        raw = str(self.version.data or "")
        return int(raw) if raw.isdecimal() and len(raw) < 10 else -1

    def values(self, *without: str) -> dict[str, Any]:
        """The form's own fields as keyword arguments for an act."""
        skipped = {"intent", "version", "csrf_token", "submit", *without}
        return {name: field.data for name, field in self._fields.items() if name not in skipped}

    def refuse(self, refusal: Refused) -> None:
        """Say a refusal beside the field that mends it, or above the form."""
        self._status = refusal.status
        field: Field | None = self._fields.get(refusal.field) if refusal.field else None
        if field is not None and not isinstance(field, FieldList | HiddenField):
            field.errors = [*field.errors, refusal.sentence]
        else:
            self.refusal = str(refusal.sentence)
        if isinstance(refusal, Stale):
            self.version.data = str(getattr(refusal.theirs, "version", ""))
            for name in set(self.values()).intersection(dir(type(refusal.theirs))):
                each, stored = self._fields[name], getattr(refusal.theirs, name)
                if not is_same(stored, each.data):
                    self.theirs[name] = each.theirs = told(stored, each)  # type: ignore[attr-defined]  # the field macro reads it

    def attempt(
        self,
        act: Callable[[], Any],
        then: str | Callable[[Any], str],
        said: Any = None,
    ) -> ResponseReturnValue | None:
        """Carry out `act` in one unit of work and answer with the redirect to `then`; None when it was refused.

        A second press of the same form, also a simultaneous one, leads to where the first one led and does nothing.
        """
        key, body = self._intent_key(), self._body()
        result, location = None, "/"
        try:
            with unit_of_work():
                before = intents.claim(key, body, "/" if callable(then) else then)
                if before is not None:
                    return self._again(before, body)
                result = act()
                location = then(result) if callable(then) else then
                if callable(then):
                    intents.lead_to(key, location)
        except Refused as refusal:
            self.refuse(refusal)
            return None
        except Busy as busy:
            log.warning("busy", request_id=request_id(), error=type(busy.__cause__ or busy).__name__)
            self._status = 503
            self.refusal = _("The database is taken for a moment. Nothing you typed is lost: please send it again.")
            return None
        if said is not None:
            flash(str(said(result) if callable(said) else said), "done")
        return redirect(location, 303)

    def _again(self, before: intents.Intent, body: str) -> ResponseReturnValue | None:
        if before.body == body:
            return redirect(before.location, 303)
        self.intent.data = intents.new_intent()
        self.refuse(
            Refused(_("This form was already sent with other content. Look at the result before you send it again."))
        )
        return None

    def _intent_key(self) -> str:
        return intents.key_of(str(self.intent.data), current_user.id, session.get("csrf_token", ""))

    def _body(self) -> str:
        # Secrets stay out: a quick hash of a form that holds a password would let the password be guessed from it.
        out = {
            "csrf_token",
            "intent",
            *(name for name, each in self._fields.items() if isinstance(each, PasswordField)),
        }
        sent = sorted((k, v) for k, v in request.form.items(multi=True) if k not in out)
        sent += sorted((k, fingerprint_of(file)) for k, file in request.files.items(multi=True))
        return hashlib.sha256(repr((request.path, sent)).encode()).hexdigest()


def fingerprint_of(file: FileStorage) -> str:
    """The hash of an upload, which is left as if it had not been read."""
    digest = hashlib.file_digest(file.stream, "sha256").hexdigest()  # pyrefly: ignore[bad-argument-type]
    file.stream.seek(0)
    return f"{file.filename}\0{digest}"


def is_same(stored: Any, typed: Any) -> bool:
    """Whether a stored value is the typed one; records are typed by their refs, and empty is empty."""
    return (getattr(stored, "ref", stored) or None) == (typed or None)


def told(stored: Any, field: Field) -> Any:
    """A stored value as a person reads it: the label of a choice, the name of a record."""
    key = str(getattr(stored, "ref", "" if stored is None else stored))
    for choice in getattr(field, "choices", None) or []:
        value, label, *_more = choice
        if str(value) == key:
            return label
    return getattr(stored, "display_name", None) or getattr(stored, "label", None) or stored


class PressForm(HufuForm):
    """A button without fields."""


def led_before() -> Response | None:
    """For a press whose page says that nothing is there, or no longer theirs: it may be what the press itself has done."""
    if request.method != "POST" or not request.form.get("intent"):
        return None
    return PressForm().led_before()


def press(
    act: Callable[[], Any], then: str | Callable[[Any], str], said: Any = None, *, refused: str | None = None
) -> ResponseReturnValue:
    """Answer to a one-button form: carry out the act once, or say why not and go back to `refused` (or `then`)."""
    form = PressForm()
    back = refused or (then if isinstance(then, str) else request.path)
    if form.validate_on_submit():
        answer = form.attempt(act, then, said)
        if answer is not None:
            return answer
        if form.status == 503:
            raise Busy
    flash(form.refusal or _("That did not work. Please try again."), "refused")
    return redirect(back, 303)
