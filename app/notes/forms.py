"""What a browser may send about live notes."""

from datetime import UTC, datetime

from wtforms import HiddenField, SelectField
from wtforms.validators import InputRequired, Optional, Regexp

from app.core.forms import DayField, HufuForm, LineField, TextField, options
from app.core.i18n import _l, _lp
from app.people.models import CLEARANCE_LABELS
from app.requirements.forms import criteria_in_bounds

LONGEST = 5_000


class NoteForm(HufuForm):
    """One line, Enter, next. `entry` is the browser's own name for it, `noted` when it was typed, in milliseconds."""

    item_ref = SelectField(_l("Agenda item"), choices=options({}, nothing=_l("None of them")))
    line = LineField(_lp("live note", "What is noted"), required=True, most=LONGEST)
    clearance = SelectField(_lp("classification", "Who may read it"), coerce=int, choices=options(CLEARANCE_LABELS))
    entry = HiddenField(validators=[Optional(), Regexp(r"^[0-9a-f-]{8,36}\Z")])
    noted = HiddenField()

    @property
    def noted_at(self) -> datetime | None:
        raw = str(self.noted.data or "")
        return (
            datetime.fromtimestamp(int(raw) / 1000, UTC)
            if raw.isascii() and raw.isdecimal() and len(raw) < 14
            else None
        )

    def sentence(self) -> str:
        """Why the line was not taken, in one sentence."""
        said = self.refusal or " ".join(str(each) for found in self.errors.values() for each in found)
        return str(said)


class ActionForm(HufuForm):
    """Who does what by when, and who says that it is done."""

    text = TextField(_lp("decision", "What was decided"), required=True, most=LONGEST)
    responsible_ref = SelectField(
        _l("Responsible person"),
        validators=[InputRequired(_l("Please choose a person."))],
        description=_l("Exactly one person answers for it, never a department."),
    )
    deliverable = TextField(_l("What is to be delivered"), required=True, most=2000)
    criteria = TextField(
        _l("Accepted when"), required=True, most=4000, description=_l("One criterion a line. Each will need evidence.")
    )
    due_on = DayField(_l("Due on"), required=True)
    verifier_ref = SelectField(
        _l("Verified by"),
        validators=[InputRequired(_l("Please choose a person."))],
        description=_l("Somebody else, who does not report to the responsible person."),
    )

    def validate_criteria(self, field: TextField) -> None:
        criteria_in_bounds(self, field)
