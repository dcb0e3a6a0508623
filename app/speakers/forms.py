"""What a browser may send about speakers."""

from typing import Any

from flask_wtf.file import FileRequired
from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired, StopValidation

from app.core.forms import HufuForm, LineField, TextField, UploadField, WallTimeField, options
from app.core.i18n import _, _l, _lp
from app.events.forms import NumberField
from app.programme.models import ITEM_KIND_LABELS
from app.speakers.models import DELIVERABLE_LABELS


class AskForm(HufuForm):
    message = TextField(_l("A few words of your own"), most=2000)


class AnswerForm(HufuForm):
    answer = RadioField(
        _l("Will you speak?"),
        choices=options({"yes": _l("Yes, I speak"), "no": _l("No, I cannot")}),
        validators=[InputRequired(_l("Please answer with yes or no."))],
    )
    note = LineField(_l("A word to the organizers, if you like"), most=500)


def _sent(field: UploadField) -> Any:
    """The upload, if there is one. Without a file browsers send an empty part."""
    return field.data if field.data is not None and getattr(field.data, "filename", "") else None


class ProfileForm(HufuForm):
    bio = TextField(_l("About the speaker"), most=3000)
    bio_local = TextField(_l("About the speaker, in Chinese"), most=3000)
    # Not called `photo`: the form would take the stored file of that name for an upload.
    picture = UploadField(
        _l("Photo"), description=_l("JPEG or PNG, at most 5 MB. Where and when it was taken is removed.")
    )

    @property
    def upload(self) -> Any:
        return _sent(self.picture)


class LeadField(NumberField):
    """How many days before; it has to be given."""

    def pre_validate(self, form: Any) -> None:
        if self.data is None and not self.errors:
            raise StopValidation(_("Please give a whole number."))


class DeliverableForm(HufuForm):
    part = SelectField(_l("Who, in which item"))
    kind = SelectField(_l("What"), choices=options(DELIVERABLE_LABELS))
    days_before = LeadField(_l("Days before the item"), default=7)
    note = LineField(_l("What matters about it"), most=500)


class DeliverableSettingsForm(HufuForm):
    days_before = LeadField(_l("Days before the item"))
    note = LineField(_l("What matters about it"), most=500)


class ExpectForm(HufuForm):
    item_kind = SelectField(_l("Of the speakers of"), choices=options(ITEM_KIND_LABELS, nothing=_l("all items")))
    kind = SelectField(_l("What"), choices=options(DELIVERABLE_LABELS))
    days_before = LeadField(_l("Days before the item"), default=7)


class FileForm(HufuForm):
    file = UploadField(_l("File"), validators=[FileRequired(_l("Please choose a file."))])
    note = LineField(_l("A word about this version"), most=500)


class JudgeForm(HufuForm):
    verdict = RadioField(
        _l("Verdict"),
        choices=options({"accept": _lp("deliverable", "Accept"), "return": _l("Send back")}),
        validators=[InputRequired(_l("Please choose one."))],
    )
    words = TextField(_l("Words for the speaker"), most=1000)


class AbsenceForm(HufuForm):
    starts_at = WallTimeField(_l("From"), required=True)
    ends_at = WallTimeField(_l("Until"), required=True)
    note = LineField(_l("Why, if you like"), most=200)
