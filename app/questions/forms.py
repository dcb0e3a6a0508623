"""What a browser may send about questions: the answers themselves, and what the builder asks."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from wtforms import BooleanField, Field, FieldList, Form, FormField, HiddenField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # pyrefly: ignore[missing-module-attribute] — newer than the stubs
from wtforms.validators import StopValidation
from wtforms.widgets import DateInput, EmailInput, NumberInput, TelInput, TextArea, TextInput, TimeInput

from app.core.errors import Refused
from app.core.forms import DayField, HufuForm, LineField, TextField, UploadField, WallTimeField, options
from app.core.i18n import _, _l, _lp, ngettext, pgettext
from app.core.text import fold, one_line, tidy
from app.questions import conditions, phases
from app.questions import schema as schemas
from app.questions.errors import TooLate
from app.questions.phases import PHASE_LABELS, READER_LABELS, Phase
from app.questions.schema import KIND_LABELS, Kind, Known, Question
from app.registration.forms import CapacityField, Choices

FEW = 8  # so many choices stand open; more are a list to open
BLANK_CHOICES, BLANK_CONDITIONS, MOST_CONDITIONS = 4, 2, 8


class AnswerLine(StringField):
    """Whatever was typed, cleaned; the schema judges it."""

    def __init__(self, label: str, *, kind: str, **more: Any) -> None:
        widget = {
            Kind.NUMBER: NumberInput(step="any"), Kind.DATE: DateInput(), Kind.TIME: TimeInput(),
            Kind.PHONE: TelInput(), Kind.EMAIL: EmailInput(), Kind.LONG_TEXT: TextArea(),
        }.get(Kind(kind), TextInput())  # fmt: skip
        self.kind = kind
        super().__init__(label, widget=widget, **more)

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist:
            clean = tidy if self.kind == Kind.LONG_TEXT else one_line
            self.data = clean(str(valuelist[0]))


class Asking:
    """Mixed into a form by `asking`: fields for the questions of one version, what they say, and what is wrong."""

    schema: Mapping[str, Any] = {}
    number: int = 0
    known: Known = Known()
    kept: Mapping[str, Mapping[str, str]] = {}  # files given before: refs and names by question
    lost: list[tuple[str, str]] = []  # what was typed to questions that are no more, or are locked
    is_too_late = False
    clean: dict[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in schemas.questions_of(self.schema):
            if question.get("required"):
                self.question_fields(question)[0].flags.required = True

    def words(self, thing: Mapping[str, Any], name: str = "label") -> str:
        return schemas.words(thing, name)

    def question_fields(self, question: Question) -> list[Field]:
        names = (f"q_{question['key']}", f"w_{question['key']}")
        return [self._fields[name] for name in names if name in self._fields]  # type: ignore[attr-defined]

    def raw(self) -> dict[str, Any]:
        """What was typed, by question, for `schema.validate`. A file that stays is named by its ref."""
        said: dict[str, Any] = {}
        for question in schemas.questions_of(self.schema):
            fields = self.question_fields(question)
            value = fields[0].data
            if question["kind"] in schemas.HEALTH:
                value = {"choices": value or [], "text": fields[1].data or ""}
            elif question["kind"] in schemas.FILES:
                value = schemas.NEW_FILE if value else self._kept_ref(question)
            said[question["key"]] = value
        return said

    def _kept_ref(self, question: Question) -> str | None:
        return next(iter(self.kept.get(question["key"], {})), None)

    def uploads(self) -> dict[str, Any]:
        """The files that came along, to be read from their beginning however often the act is tried."""
        found = {}
        for question in schemas.questions_of(self.schema):
            upload = self.question_fields(question)[0].data if question["kind"] in schemas.FILES else None
            if upload:
                upload.stream.seek(0)
                found[question["key"]] = (upload.stream, upload.filename or "")
        return found

    def show(self, values: Mapping[str, Any]) -> None:
        """Fill the fields with answers as they are kept."""
        for question in schemas.questions_of(self.schema):
            fields, value = self.question_fields(question), values.get(question["key"])
            if question["kind"] in schemas.FILES:
                continue
            if question["kind"] in schemas.HEALTH:
                kept = value if isinstance(value, Mapping) else {}
                fields[0].data, fields[1].data = list(kept.get("choices") or []), kept.get("text") or ""
            elif question["kind"] == Kind.CONSENT:
                fields[0].data = value == schemas.consent_to(question)
            elif question["kind"] == Kind.YES_NO:
                fields[0].data = {True: "yes", False: "no"}.get(value, "") if isinstance(value, bool) else ""
            elif question["kind"] in (Kind.SEVERAL, Kind.NIGHTS):
                fields[0].data = [each for each in conditions.parts_of(value) if each in schemas.choices_of(question)]
            else:
                fields[0].data = "" if value is None or isinstance(value, list | dict) else str(value)

    def validate(self, extra_validators: Any = None) -> bool:
        super().validate(extra_validators)  # type: ignore[misc]
        if self.is_too_late:
            self.refuse(  # type: ignore[attr-defined]
                TooLate(_("The time to answer some of these questions has passed. What you typed there stands above."))
            )
        self.clean, errors = schemas.validate(self.schema, self.raw(), self.known)
        hidden = {each["key"] for each in schemas.questions_of(self.schema)} - schemas.visible(self.schema, self.clean)
        for question in schemas.questions_of(self.schema):
            for each in self.question_fields(question):
                if question["key"] in hidden:
                    each.errors = []
                elif question["key"] in errors and each is self.question_fields(question)[0] and not each.errors:
                    each.errors = [errors[question["key"]]]
        return not self.errors and not self.is_too_late  # type: ignore[attr-defined]

    def opened_number(self) -> int | None:
        """The version of the questions that the page was opened with."""
        raw = str(self.form_number.data or "")  # type: ignore[attr-defined]
        return int(raw) if raw.isdecimal() and len(raw) < 10 else None

    def tell_changed(self, before: Mapping[str, Any], typed: Mapping[str, list[str]]) -> None:
        """The questions are others than those that were answered: everything typed is shown again, nothing is sent."""
        now = {each["key"] for each in schemas.questions_of(self.schema)}
        gone = [each for each in schemas.questions_of(before) if each["key"] not in now]
        lost = []
        for question in gone:
            labels = schemas.choices_of(question)
            said = [*typed.get(f"q_{question['key']}", ()), *typed.get(f"w_{question['key']}", ())]
            words = [labels.get(each, each) for each in map(one_line, said) if each]
            if words:
                lost.append((schemas.words(question), ", ".join(words)))
        self.lost = lost
        self.form_number.data = str(self.number)  # type: ignore[attr-defined]
        self.refuse(  # type: ignore[attr-defined]
            _Changed(
                _(
                    "The questions changed while you were answering. Please look through them once more and send them again."
                )
            )
        )

    def sections(self) -> list[tuple[Mapping[str, Any], list[tuple[Question, list[Field]]]]]:
        """The sections with their questions, each with its fields."""
        return [
            (section, [(each, self.question_fields(each)) for each in section["questions"]])
            for section in schemas.sections_of(self.schema)
            if section["questions"]
        ]

    @property
    def conditions_json(self) -> str:
        """What the page needs to show and hide questions as they are answered; empty where nothing depends."""
        asked = schemas.questions_of(self.schema)
        if not any(each.get("show_if") for each in asked):
            return ""
        return json.dumps([{name: each.get(name) for name in ("key", "kind", "show_if")} for each in asked])

    @property
    def has_files(self) -> bool:
        return any(each["kind"] in schemas.FILES for each in schemas.questions_of(self.schema))


class _Changed(Refused):
    status = 409


def asking(
    base: type[HufuForm],
    schema: Mapping[str, Any],
    number: int,
    *,
    choosable: Known | None = None,
    left: Mapping[str, int | None] | None = None,
    held: Iterable[str] = (),
) -> Any:
    """`base` with the fields of these questions: a class. `left` are the places of options, `held` the person's own."""
    fields: dict[str, Any] = {"form_number": HiddenField(default=str(number)), "schema": schema, "number": number}
    for question in schemas.questions_of(schema):
        fields |= _fields_of(question, choosable or Known(), left or {}, set(held))
    return type(base)(base.__name__, (Asking, base), fields)


def _fields_of(question: Question, choosable: Known, left: Mapping[str, int | None], held: set[str]) -> dict[str, Any]:
    kind, key, label = question["kind"], f"q_{question['key']}", schemas.words(question)
    more = {"description": schemas.words(question, "help"), "render_kw": {}}
    choices = schemas.choices_of(question)
    if kind in schemas.FILES:
        field = UploadField(label, **{**more, "render_kw": {"accept": _accepted(kind)}})
    elif kind in (Kind.SEVERAL, Kind.NIGHTS, *schemas.HEALTH):
        field = Choices(label, choices=_offered(question, choices, left, held), validate_choice=False, **more)
    elif kind == Kind.CONSENT:
        field = BooleanField(label, **more)
    elif kind in (Kind.CHOICE, Kind.YES_NO):
        offered = _offered(question, choices, left, held)
        some = [] if question.get("required") else [SelectChoice("", _("No answer"))]
        if len(offered) <= FEW:
            field = RadioField(label, choices=[*some, *offered], validate_choice=False, **more)
        else:
            first = [SelectChoice("", _("Please choose"))]
            field = SelectField(label, choices=[*first, *offered], validate_choice=False, **more)
    elif kind in (Kind.PERSON, Kind.DEPARTMENT):
        known = choosable.people if kind == Kind.PERSON else choosable.departments
        field = SelectField(label, choices=options(known, nothing=pgettext("question", "Nobody") if kind == Kind.PERSON else pgettext("question", "None")), validate_choice=False, **more)  # fmt: skip
    else:
        field = AnswerLine(label, kind=kind, **more)
    found = {key: field}
    if kind in schemas.HEALTH:
        words = _l("What else the kitchen should know") if kind == Kind.DIET else _l("What else would help you")
        found[f"w_{question['key']}"] = AnswerLine(words, kind=Kind.TEXT)
    return found


def _accepted(kind: str) -> str:
    return ".jpg,.jpeg,.png" if kind == Kind.PHOTO else ".pdf,.jpg,.jpeg,.png,.docx,.xlsx,.pptx,.txt,.csv"


def _offered(
    question: Question, choices: Mapping[str, str], left: Mapping[str, int | None], held: set[str]
) -> list[SelectChoice]:
    """The choices, each with what is left of it; what is full can be chosen by nobody who does not have it."""
    offered = []
    for key, label in choices.items():
        option = f"{question['key']}/{key}"
        number = left.get(option)
        if number is None or option in held:
            offered.append(SelectChoice(key, label))
        elif number == 0:
            offered.append(SelectChoice(key, _("%(choice)s (full)", choice=label), {"disabled": True}))
        else:
            places = ngettext("%(num)d place left", "%(num)d places left", number)
            offered.append(SelectChoice(key, _("%(choice)s (%(places)s)", choice=label, places=places)))
    return offered


class AnswersForm(HufuForm):
    """Answering by itself; after the deadline with the reason for a change."""

    reason = LineField(_l("Why do you need this change?"), most=500)


class DecideForm(HufuForm):
    comment = LineField(_l("A word to the person"), most=500)


class PublishForm(HufuForm):
    reason = LineField(_l("Reason, if fewer places than are taken"), most=500)


# --- the builder --------------------------------------------------------------------------------------------------


class SectionForm(HufuForm):
    title = LineField(_l("Title in English"), required=True, most=schemas.LONGEST_LABEL)
    title_local = LineField(_l("Title in Chinese"), most=schemas.LONGEST_LABEL)


class ChoiceRow(Form):
    key = HiddenField()
    position = CapacityField(_lp("question", "Order"))
    title = LineField(_l("Choice in English"), most=schemas.LONGEST_LABEL)
    title_local = LineField(_l("Choice in Chinese"), most=schemas.LONGEST_LABEL)
    places = CapacityField(_lp("registration", "Places"))


WORD_LABELS = {
    "=": _l("is"),
    "not =": _l("is not"),
    "in": _l("is one of"),
    "<": _l("is less than"),
    ">": _l("is more than"),
    "answered": _l("is answered"),
    "not answered": _l("is not answered"),
}


class ConditionRow(Form):
    question = SelectField(_lp("condition", "Question"), validate_choice=False)
    word = SelectField(_lp("condition", "Says"), choices=options(WORD_LABELS), default="=", validate_choice=False)
    value = LineField(_lp("condition", "Answer"), most=500)


class NumberLine(LineField):
    """A number that may be left out."""

    number: int | float | None = None

    def pre_validate(self, form: Any) -> None:
        try:
            self.number = schemas.read_number(self.data)
        except ValueError as error:
            self.number = None
            raise StopValidation(str(error)) from None


class AskForm(HufuForm):
    """One question with everything that its kind may need; what is of another kind is left out of the schema."""

    section = SelectField(_lp("question", "Section"), validate_choice=False)
    kind = SelectField(_l("Kind of answer"), choices=options(KIND_LABELS))
    title = LineField(_l("Question in English"), required=True, most=schemas.LONGEST_LABEL)
    title_local = LineField(_l("Question in Chinese"), most=schemas.LONGEST_LABEL)
    hint = LineField(_l("Help in English"), most=schemas.LONGEST_HELP)
    hint_local = LineField(_l("Help in Chinese"), most=schemas.LONGEST_HELP)
    needed = BooleanField(_l("Must be answered"))
    when = SelectField(_lp("question", "When it is asked"), choices=options(PHASE_LABELS), default=Phase.REGISTERING)
    until = WallTimeField(_l("Answers can be changed until"))
    staff = BooleanField(_l("The organizer fills this in"))
    seen_by = Choices(_l("Who reads the answer, besides the organizer"), choices=options(READER_LABELS))
    key = LineField(_l("Short name, for exports and imports"), most=40)
    choices = FieldList(FormField(ChoiceRow), _l("Choices"))
    least = NumberLine(_l("Smallest number"), most=20)
    most = NumberLine(_l("Largest number"), most=20)
    first_on = DayField(_l("First night"))
    last_on = DayField(_l("Last night"))
    terms = TextField(_l("Text in English"), most=schemas.LONGEST_TERMS)
    terms_local = TextField(_l("Text in Chinese"), most=schemas.LONGEST_TERMS)
    joined = RadioField(
        _l("Show the question if"),
        choices=options({"and": _l("all of these hold"), "or": _l("one of these holds")}),
        default="and",
        validate_choice=False,
    )
    conditions = FieldList(FormField(ConditionRow), _lp("question", "Conditions"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = "UTC"
        self.said: dict[str, str] = {}
        self.before: list[Question] = []
        self.kept_condition: Any = None

    def prepare(self, schema: Mapping[str, Any], key: str | None) -> None:
        """The sections and the questions before this one, for the choosers; blank rows for what is to come."""
        sections = schemas.sections_of(schema)
        self.section.choices = options(
            {each["key"]: schemas.words(each, "title") or _("Without a title") for each in sections}
        )
        every = schemas.questions_of(schema)
        at = next((number for number, each in enumerate(every) if each["key"] == key), len(every))
        self.before = every[:at]
        for _row in range(BLANK_CHOICES if not self.is_submitted() else 0):
            self.choices.append_entry()
        for _row in range(BLANK_CONDITIONS if not self.is_submitted() else 0):
            self.conditions.append_entry()
        offered = options({each["key"]: schemas.words(each) for each in self.before}, nothing="–")
        for row in self.conditions.entries:
            row.form.question.choices = offered

    def show(self, question: Question, section: str, schema: Mapping[str, Any]) -> None:
        """The question as it stands, before `prepare` adds blank rows."""
        self.section.data, self.kind.data, self.key.data = section, question["kind"], question["key"]
        self.title.data, self.title_local.data = question["label"], question.get("label_local")
        self.hint.data, self.hint_local.data = question.get("help"), question.get("help_local")
        self.needed.data = bool(question.get("required"))
        self.when.data, self.staff.data = phases.phase_of(question), bool(question.get("staff"))
        self.until.show(phases.until_of(question), self.zone)
        self.seen_by.data = list(question.get("seen_by") or [])
        for number, each in enumerate(question.get("choices") or (), 1):
            self.choices.append_entry(
                {"key": each["key"], "position": number, "title": each["label"], "title_local": each.get("label_local"), "places": each.get("places")}
            )  # fmt: skip
        for name in ("least", "most"):
            self[name].data = None if question.get(name) is None else str(question[name])
        if question["kind"] == Kind.NIGHTS:
            self.first_on.data, self.last_on.data = (schemas.day_of(question[name]) for name in ("first_on", "last_on"))
        self.terms.data, self.terms_local.data = question.get("terms"), question.get("terms_local")
        rows = rows_of(question.get("show_if"))
        if rows is not None:
            self.joined.data, found = rows
            for key, word, value in found:
                self.conditions.append_entry(
                    {"question": key, "word": word, "value": _typed(value, schemas.find_question(schema, key))}
                )

    def refuse(self, refusal: Refused) -> None:
        """Sentences about the choices or the conditions stand beside them."""
        super().refuse(refusal)
        if refusal.field in ("choices", "conditions"):
            self.said[refusal.field], self.refusal = str(refusal.sentence), None
            self._status = refusal.status

    @property
    def errors(self) -> dict[str, Any]:
        return {**super().errors, **{name: [sentence] for name, sentence in getattr(self, "said", {}).items()}}

    def question(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """The question of the schema that was typed. Raises Problem where a condition cannot be read."""
        kind = self.kind.data
        made: dict[str, Any] = {
            "key": self.key.data, "kind": kind, "label": self.title.data, "label_local": self.title_local.data,
            "help": self.hint.data, "help_local": self.hint_local.data, "required": self.needed.data,
        }  # fmt: skip
        if kind in schemas.WITH_CHOICES:
            made["choices"] = self._choices()
        elif kind == Kind.NUMBER:
            made |= {"least": self.least.number, "most": self.most.number}
        elif kind == Kind.NIGHTS:
            made |= {name: self[name].data.isoformat() if self[name].data else None for name in ("first_on", "last_on")}
        elif kind == Kind.CONSENT:
            made |= {"terms": self.terms.data, "terms_local": self.terms_local.data}
        made |= self._phase()
        condition = self._condition(schema)
        if condition:
            made["show_if"] = condition
        return made

    def _phase(self) -> dict[str, Any]:
        """What differs from a question that is asked when registering, without a deadline, for all who read answers."""
        made: dict[str, Any] = {}
        if self.when.data != Phase.REGISTERING:
            made["when"] = self.when.data
        until = self.until.moment(self.zone)
        if until is not None:
            made["until"] = until.isoformat()
        if self.staff.data:
            made["staff"] = True
        if self.seen_by.data:
            made["seen_by"] = list(self.seen_by.data)
        return made

    def _choices(self) -> list[dict[str, Any]]:
        rows = [each.form for each in self.choices.entries if each.form.title.data]
        order = {id(row): (row.position.data if row.position.data is not None else 10**9) for row in rows}
        rows.sort(key=lambda row: order[id(row)])
        taken = {row.key.data for row in rows if row.key.data}
        made, number = [], 0
        for row in rows:
            key = row.key.data
            while not key:
                number += 1
                key = f"choice_{number}" if f"choice_{number}" not in taken else ""
            taken.add(key)
            made.append(
                {"key": key, "label": row.title.data, "label_local": row.title_local.data, "places": row.places.data}
            )
        return made

    def _condition(self, schema: Mapping[str, Any]) -> dict[str, Any] | None:
        found = []
        for entry in self.conditions.entries:
            row = entry.form
            if row.question.data:
                found.append(_expression(row.question.data, row.word.data, row.value.data, schema))
        if not found:
            return self.kept_condition
        return found[0] if len(found) == 1 else {"or" if self.joined.data == "or" else "and": found}


def rows_of(expression: Any) -> tuple[str, list[tuple[str, str, Any]]] | None:
    """A condition as rows of the builder; None when it is more than they can show."""
    if not expression:
        return "and", []
    join = next((each for each in ("and", "or") if each in expression), "and")
    rows = []
    for each in expression.get(join, [expression]):
        inner = each.get("not", each)
        word = f"not {inner.get('is')}" if "not" in each else inner.get("is")
        if "question" not in inner or word not in WORD_LABELS:
            return None
        rows.append((inner["question"], word, inner.get("value")))
    return (join, rows) if len(rows) <= MOST_CONDITIONS else None


def _typed(value: Any, asked: Question | None) -> str:
    """A value of a condition as it is typed: a choice in its words, where they are its own."""
    if isinstance(value, list):
        return ", ".join(_typed(each, asked) for each in value)
    if isinstance(value, bool):
        return str(schemas.YES_NO["yes" if value else "no"])
    if asked is not None and asked["kind"] in schemas.WITH_CHOICES and isinstance(value, str):
        label = schemas.choices_of(asked).get(value, value)
        return value if "," in label or "，" in label else label
    return "" if value is None else str(value)


def _expression(key: str, word: str, typed: str | None, schema: Mapping[str, Any]) -> dict[str, Any]:
    asked = schemas.find_question(schema, key)
    plain = word.removeprefix("not ")
    made: dict[str, Any] = {"question": key, "is": plain}
    if plain == "in":
        made["value"] = [
            _value(asked, each.strip()) for each in (typed or "").replace("，", ",").split(",") if each.strip()
        ]
    elif plain != "answered":
        made["value"] = _value(asked, typed or "")
    return {"not": made} if word.startswith("not ") else made


def _value(asked: Question | None, typed: str) -> Any:
    """What was typed, as answers are kept: a choice by its key, a number as one. What is none is left to the check."""
    kind = asked["kind"] if asked is not None else ""
    if asked is not None and kind == Kind.NUMBER:
        try:
            return schemas.read_number(typed)
        except ValueError:
            return typed
    if asked is not None and kind == Kind.YES_NO:
        try:
            return schemas.read_yes_no(typed)
        except ValueError:
            return typed
    if asked is not None and kind in schemas.COUNTED:
        for each in asked.get("choices") or ():
            if fold(typed) in (fold(each["key"]), fold(each["label"]), fold(each.get("label_local") or "")):
                return each["key"]
        labels = schemas.choices_of(asked)
        return next((name for name, label in labels.items() if fold(typed) == fold(str(label))), typed)
    return typed
