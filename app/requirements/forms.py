"""What a browser may send about requirements and assignments."""

from typing import Any

from wtforms import SelectField, SelectMultipleField
from wtforms.validators import InputRequired, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from app.core.config import settings_now
from app.core.forms import DayField, HufuForm, LineField, TextField, UploadField, options
from app.core.i18n import _, _l
from app.requirements.models import QUALITY_LABELS, REQUIREMENT_KIND_LABELS, TRACKING_LABELS
from app.requirements.periods import LONGEST, SHORTEST
from app.speeches.forms import SmallNumberField

MOST_CRITERIA, LONGEST_CRITERION = 12, 300


def criteria_in_bounds(_form: Any, field: TextField) -> None:
    """Not more criteria than one can keep in view, each on a line that can be read."""
    lines = [line for line in (field.data or "").splitlines() if line.strip()]
    if len(lines) > MOST_CRITERIA:
        raise ValidationError(_("Please keep this to %(most)s criteria.", most=MOST_CRITERIA))
    if any(len(line) > LONGEST_CRITERION for line in lines):
        raise ValidationError(_("Please keep each line to %(most)s characters.", most=LONGEST_CRITERION))


class TrackingForm(HufuForm):
    tracking = SelectField(_l("How it is followed"), choices=options(TRACKING_LABELS))
    review_months = SmallNumberField(
        _l("Months between two reviews"),
        SHORTEST,
        LONGEST,
        description=_l("Of what is reviewed. When they have passed without a review, it says so."),
    )


class ReviewForm(HufuForm):
    reviewed_on = DayField(_l("Reviewed on"), required=True)
    session_ref = SelectField(_l("In the session"), coerce=str.strip, validators=[Optional()])
    finding = TextField(
        _l("How it is lived"),
        required=True,
        most=4000,
        description=_l("What was found, good or bad, in a few sentences."),
    )


class RewordingForm(HufuForm):
    heading = LineField(_l("Heading"), required=True)
    heading_local = LineField(_l("Heading in Chinese"))
    verbatim = TextField(_l("Wording"), most=5000, description=_l("Empty where it is withheld; then summarise it."))
    summary = TextField(_l("Summary"), most=2000)
    summary_local = TextField(_l("Summary in Chinese"), most=2000)
    reason = TextField(_l("Why it is worded differently"), required=True, most=2000)


class ResolutionForm(HufuForm):
    department_ref = SelectField(_l("Department meant"), validators=[InputRequired(_l("Please choose a department."))])


class ReasonForm(HufuForm):
    reason = TextField(_l("Reason"), required=True, most=2000)


class RemarkForm(HufuForm):
    reason = TextField(_l("What you looked at"), most=2000)


class ClosingForm(HufuForm):
    """Whether it was on time is computed; how good it is, a person says."""

    quality = SelectField(
        _l("How good it is"),
        choices=options(QUALITY_LABELS, nothing=_l("Please choose")),
        validators=[InputRequired(_l("Please say how good it is."))],
    )
    note = TextField(_l("Closing note"), most=2000)


class TransferForm(HufuForm):
    responsible_ref = SelectField(
        _l("New responsible person"), validators=[InputRequired(_l("Please choose a person."))]
    )
    department_ref = SelectField(
        _l("Department"), coerce=str.strip, validators=[Optional()], description=_l("Empty: the person's own.")
    )
    verifier_ref = SelectField(
        _l("Verified by"),
        validators=[InputRequired(_l("Please choose a person."))],
        description=_l("Somebody else, who does not report to the responsible person."),
    )
    reason = TextField(_l("Reason"), required=True, most=2000)


class VerifierForm(HufuForm):
    verifier_ref = SelectField(_l("New verifier"), validators=[InputRequired(_l("Please choose a person."))])
    reason = TextField(_l("Reason"), required=True, most=2000)


class PartForm(HufuForm):
    """A part of a requirement: 2a, 2b."""

    sub = LineField(_l("Letter"), most=4, description=_l("Empty: the next one."))
    heading = LineField(_l("Heading"), required=True)
    heading_local = LineField(_l("Heading in Chinese"))
    kind = SelectField(_l("Kind"), choices=options(REQUIREMENT_KIND_LABELS))
    verbatim = TextField(_l("Wording"), most=5000, description=_l("Copied from the passage, where it is not withheld."))
    summary = TextField(_l("Summary"), most=2000)
    summary_local = TextField(_l("Summary in Chinese"), most=2000)
    addressee = LineField(_l("Addressed to"), description=_l("In the words used."))

    def validate_sub(self, field: LineField) -> None:
        if field.data and not field.data.isalnum():
            raise ValidationError(_("Please use letters only."))


class AssignmentForm(HufuForm):
    responsible_ref = SelectField(
        _l("Responsible person"),
        validators=[InputRequired(_l("Please choose a person."))],
        description=_l("Exactly one person answers for it, never a department."),
    )
    department_ref = SelectField(
        _l("Department"), coerce=str.strip, validators=[Optional()], description=_l("Empty: the person's own.")
    )
    deliverable = TextField(_l("What is to be delivered"), required=True, most=2000)
    criteria = TextField(
        _l("Accepted when"), required=True, most=4000, description=_l("One criterion a line. Each will need evidence.")
    )
    due_on = DayField(
        _l("Due on"), required=True, description=_l("It does not change any more once the person has accepted.")
    )
    verifier_ref = SelectField(
        _l("Verified by"),
        validators=[InputRequired(_l("Please choose a person."))],
        description=_l("Somebody else, who does not report to the responsible person."),
    )

    def validate_criteria(self, field: TextField) -> None:
        criteria_in_bounds(self, field)


class ReportForm(HufuForm):
    text = TextField(_l("How it goes"), required=True, most=4000)
    confidence = SmallNumberField(
        _l("How sure you are of the due date"),
        1,
        10,
        required=True,
        description=_l("From 1, it will hardly be met, to 10, certain. This is not how much is done."),
    )
    percent = SmallNumberField(
        _l("How much is done"), 0, 100, description=_l("In percent. Empty: it cannot be told in percent.")
    )
    blocked_by = LineField(_l("What stands in the way"), most=500, description=_l("Empty: nothing."))
    help_needed = LineField(_l("What help is needed"), most=500, description=_l("Empty: none."))

    def is_of_a_part(self) -> None:
        """For those who help: how sure the due date is, only the responsible person says."""
        del self.confidence


class CadenceForm(HufuForm):
    cadence_days = SmallNumberField(
        _l("Days between two reports"),
        1,
        366,
        required=True,
        description=_l("When nothing is heard for longer, it counts as silent. It is counted from the last report."),
    )


class OpenPartsForm(HufuForm):
    reason = TextField(_l("Why it is done without them"), required=True, most=2000)


class EvidenceForm(HufuForm):
    """One of a link, a file, a figure and a piece that was given before."""

    described_as = LineField(
        _l("What it is"),
        most=300,
        description=_l("Such as: acceptance report of line 2. Empty for something given before."),
    )
    url = LineField(_l("A link"), most=2000, description=_l("An address that begins with http:// or https://."))
    file = UploadField(_l("or a file"), description=_l("A PDF, a picture, a text or an office document."))
    figure = LineField(_l("or a figure"), most=200, description=_l("The number, and what it counts: 43.1 t of 42 t."))
    earlier_ref = SelectField(
        _l("or something given before"),
        coerce=str.strip,
        validators=[Optional()],
        description=_l("It is not uploaded again."),
    )
    criteria = SelectMultipleField(
        _l("It proves"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(), validators=[Optional()],
        description=_l("Nothing chosen: all of them."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        most = settings_now().upload_mb
        self.file.render_kw = {
            "data-most-mb": most,
            "data-too-large": _("This file is larger than %(max)d MB. Please give a smaller one.", max=most),
        }

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        given = [each for each in (self.url.data, self.upload, self.figure.data, self.earlier_ref.data) if each]
        if not self.file.errors and len(given) != 1:
            said = _("Please give one of these: a link, a file, a figure, or something given before.")
            self.url.errors = [*self.url.errors, said]
            good = False
        if not self.described_as.data and not self.earlier_ref.data:
            self.described_as.errors = [*self.described_as.errors, _("Please fill this in.")]
            good = False
        return good

    @property
    def upload(self) -> Any:
        """The file that was sent; a browser sends an empty one when none was chosen."""
        sent = self.file.data
        return sent if sent is not None and getattr(sent, "filename", "") else None
