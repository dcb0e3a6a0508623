"""What a browser may send about speeches."""

import re
from typing import Any

from wtforms import HiddenField, IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange, Optional, Regexp, ValidationError

from app.core.forms import HufuForm, LineField, TextField, WallTimeField, options
from app.core.i18n import _, _l, _lp
from app.core.text import one_line
from app.speeches.lines import INDENT
from app.speeches.models import PASSAGE_KIND_LABELS, Passage, PassageKind, Speech

LANGUAGE_LABELS = {"en": _l("English"), "zh": _l("Chinese")}
LONGEST_WORDS, MOST_LINES, LONGEST_TOPIC = 200, 12, 40
LONGEST_LINE = 5000


class SmallNumberField(IntegerField):
    """A whole number within limits. What cannot be one is refused before it is turned into one."""

    def __init__(self, label: Any, least: int, most: int, *, required: bool = False, **more: Any) -> None:
        self.sentence = _l("Please give a number from %(least)s to %(most)s.", least=least, most=most)
        first = InputRequired(self.sentence) if required else Optional()
        super().__init__(label, validators=[first, NumberRange(least, most, self.sentence)], **more)

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        raw = str(valuelist[0]).strip() if valuelist else ""
        if raw and not (raw.isascii() and raw.isdecimal() and len(raw) < 5):
            raise ValueError(str(self.sentence))
        self.data = int(raw) if raw else None


class SpeechForm(HufuForm):
    title = LineField(_l("Title"), required=True)
    title_local = LineField(_l("Title in Chinese"))
    session_ref = SelectField(_l("Session"), validators=[InputRequired(_l("Please choose a session."))])
    item_ref = SelectField(_l("Agenda item"), validators=[Optional()])
    speaker_ref = SelectField(
        _l("Speaker"),
        validators=[InputRequired(_l("Please choose who spoke."))],
        description=_l("Name and position are kept as the directory has them for that day."),
    )
    held = WallTimeField(_l("Held at"), description=_l("In the event's zone. Empty: when the agenda item began."))
    language = SelectField(_l("Language spoken"), choices=options(LANGUAGE_LABELS))
    announced_count = SmallNumberField(
        _l("Requirements announced"),
        0,
        99,
        description=_l("If the speaker said how many would come."),
    )
    announced_words = LineField(
        _l("The word used"), most=60, description=_l("Such as “seven”, or “several” where it is no number.")
    )
    audience = LineField(_lp("speech", "Addressed to"))
    audience_local = LineField(_l("Addressed to, in Chinese"))


class PassageForm(HufuForm):
    """A passage, and the requirement in it."""

    verbatim = TextField(
        _l("Wording"), description=_l("Word for word. Leave it empty where the wording is withheld; then summarise it.")
    )
    translation = TextField(_l("Translation"), description=_l("Beside the wording, which stays the original."))
    summary = TextField(_l("Summary"), most=2000)
    summary_local = TextField(_l("Summary in Chinese"), most=2000)
    number = SmallNumberField(_l("Number"), 1, 99)
    heading = LineField(_l("Heading"), description=_l("By which people will call it."))
    heading_local = LineField(_l("Heading in Chinese"))
    demand = TextField(
        _l("The demand itself"),
        most=5000,
        description=_l("Copied from the wording above. Empty: the whole passage is the demand."),
    )
    second_kind = SelectField(_l("At the same time"), validators=[Optional()])
    addressees = TextField(
        _l("Addressed to"),
        most=3000,
        description=_l("In the words used, one a line; the Chinese words may follow after a bar: Institutes | 研究院"),
    )
    topics = LineField(_l("Topics"), description=_l("Separated by commas."))

    def validate_addressees(self, field: TextField) -> None:
        lines = self.addressee_lines()
        if len(lines) > MOST_LINES:
            raise ValidationError(_("Please name at most %(most)s addressees.", most=MOST_LINES))
        if any(len(part or "") > LONGEST_WORDS for line in lines for part in line):
            raise ValidationError(_("Please keep each line to %(most)s characters.", most=LONGEST_WORDS))

    def validate_topics(self, field: LineField) -> None:
        if any(len(topic) > LONGEST_TOPIC for topic in self.topic_list()):
            raise ValidationError(_("Please keep each topic to %(most)s characters.", most=LONGEST_TOPIC))

    def addressee_lines(self) -> list[tuple[str, str | None]]:
        """The words of each addressee, and the Chinese ones if there are any."""
        lines = (line.partition("|") for line in (self.addressees.data or "").splitlines())
        return [
            (words.strip() or local.strip(), local.strip() or None) for words, _bar, local in lines if words.strip()
        ]

    def topic_list(self) -> list[str]:
        return [topic.strip() for topic in re.split(r"[,，、;；]", self.topics.data or "") if topic.strip()]

    def values(self, *without: str) -> dict[str, Any]:
        return {**super().values("addressees", "topics", *without), "topics": self.topic_list()}


class CaptureForm(PassageForm):
    kind = SelectField(_l("Kind"), choices=options(PASSAGE_KIND_LABELS))


class SpokenLineField(LineField):
    """One line, of which an indent at its beginning is kept: it makes a part of the one before."""

    def clean(self, text: str) -> str:
        words = one_line(text)
        return ("  " if words and INDENT.match(text) else "") + words


class CaptureLineForm(HufuForm):
    """A line as it is typed while somebody speaks. `line_id` is named by the browser, so that it is kept once."""

    line = SpokenLineField(_l("What is said"), required=True, most=LONGEST_LINE)
    kind = SelectField(_l("Kind"), choices=options(PASSAGE_KIND_LABELS), default=PassageKind.DIRECTIVE)
    line_id = HiddenField(validators=[Optional(), Regexp(r"^[0-9a-f-]{8,36}\Z")])

    def sentence(self) -> str:
        """Why it was refused."""
        errors = [str(error) for field in self for error in field.errors]
        return self.refusal or (errors[0] if errors else _("That did not work. Please try again."))


class MendLineForm(HufuForm):
    """A captured line, put right in its place."""

    verbatim = TextField(_l("Wording"))
    kind = SelectField(_l("Kind"), choices=options(PASSAGE_KIND_LABELS))
    number = SmallNumberField(_l("Number"), 1, 99)
    heading = LineField(_l("Heading"), description=_l("Empty: the beginning of the words."))


class DelegateForm(HufuForm):
    delegate_ref = SelectField(_l("May confirm for the speaker"), validators=[Optional()])


class TranslationForm(HufuForm):
    """One field for each passage, beside its original. `for_speech` makes the form of one speech."""

    translation_language = SelectField(_l("Translated into"), validators=[Optional()])

    @classmethod
    def for_speech(cls, speech: Speech) -> "TranslationForm":
        own = {field_of(each): TextField(str(each.position), default=each.translation) for each in speech.passages}
        return type("TranslationOfSpeech", (cls,), own)(obj=speech)

    def translations(self, speech: Speech) -> dict[str, str | None]:
        return {each.ref: self[field_of(each)].data for each in speech.passages}


def field_of(passage: Passage) -> str:
    return f"t_{passage.ref}"


class ConfirmationForm(HufuForm):
    override_reason = TextField(
        _l("Why another number is right"),
        most=1000,
        description=_l("Only where another number of requirements was announced than is recorded."),
    )


class StatementForm(HufuForm):
    team_ref = SelectField(_l("Team"), validators=[InputRequired(_l("Please choose a team."))])
    session_ref = SelectField(_l("Session"), validators=[Optional()])
    speaker_ref = SelectField(_l("Spoken by"), validators=[Optional()])
    occasion = LineField(_l("Occasion"))
    occasion_local = LineField(_l("Occasion in Chinese"))
    verbatim = TextField(_l("Wording"), description=_l("Word for word. Empty where it is withheld; then summarise it."))
    summary = TextField(_l("Summary"), most=2000)
    summary_local = TextField(_l("Summary in Chinese"), most=2000)
