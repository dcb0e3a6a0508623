"""What a browser may send about minutes."""

from typing import Any

from flask_wtf.file import FileRequired
from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField

from app.core.forms import HufuForm, LineField, TextField, UploadField, options
from app.core.i18n import _l, _lp
from app.people.models import CLEARANCE_LABELS

MOST = 100_000
LANGUAGES = {"en": "English", "zh_Hans_CN": "简体中文"}


class DraftForm(HufuForm):
    session_ref = SelectField(_lp("minutes", "Session"))
    language = SelectField(_l("Language"), choices=options(LANGUAGES))


class HeadsForm(HufuForm):
    """What stands over the text. The lists hold a name on each line."""

    title = LineField(_lp("minutes", "Title"), required=True)
    present = TextField(_lp("minutes", "Present"), most=20_000, description=_l("One name on each line."))
    excused = TextField(_lp("minutes", "Excused"), most=20_000, description=_l("One name on each line."))
    in_attendance = TextField(_lp("minutes", "In attendance"), most=20_000, description=_l("One name on each line."))

    @property
    def attendance(self) -> dict[str, list[str]]:
        lists = {"present": self.present, "excused": self.excused, "in_attendance": self.in_attendance}
        return {
            name: [line.strip() for line in (field.data or "").splitlines() if line.strip()]
            for name, field in lists.items()
        }


class SectionForm(HufuForm):
    heading = LineField(_lp("minutes", "Heading"))
    clearance = SelectField(_lp("classification", "Who may read it"), coerce=int, choices=options(CLEARANCE_LABELS))
    source = TextField(_lp("minutes", "Text"), most=MOST)
    after = SelectField(_lp("section", "Where"), choices=options({}, nothing=_l("At the end")), validate_choice=False)


class SplitForm(HufuForm):
    at = SelectField(_l("The new section begins with"), coerce=int)
    heading = LineField(_l("Heading of the new section"))


class CommentForm(HufuForm):
    text = TextField(_l("What should be corrected?"), required=True, most=5_000)


class ApprovalForm(HufuForm):
    """The text itself is what is signed: its counter travels in `version`."""


class PublicationForm(HufuForm):
    participants = BooleanField(_l("Everybody who took part, or has a place"), default=True)
    departments = SelectMultipleField(_l("Whole departments"))
    groups = SelectMultipleField(_l("Saved groups"))
    people = SelectMultipleField(_l("Further people"))
    copy_departments = SelectMultipleField(_l("Whole departments"))
    copy_groups = SelectMultipleField(_l("Saved groups"))
    copy_people = SelectMultipleField(_l("People"))


class AttachmentForm(HufuForm):
    file = UploadField(_l("File"), validators=[FileRequired(_l("Please choose a file."))])
    title = LineField(_lp("attachment", "Title"), description=_l("Without one the name of the file is shown."))
    section = SelectField(_lp("minutes", "Goes with"))
    clearance = SelectField(_lp("classification", "Who may read it"), coerce=int, choices=options(CLEARANCE_LABELS))


class AmendmentForm(HufuForm):
    change_note = TextField(_l("What changes, and why"), required=True, most=2_000)
    editorial = BooleanField(
        _l("Only spelling and form: who has confirmed the version in force need not read again"),
    )


class WithdrawalForm(HufuForm):
    reason = TextField(_l("Reason"), required=True, most=2_000, description=_l("It stands on the page that remains."))


class AcknowledgementForm(HufuForm):
    """Bound to the text that is on the page."""

    version_hash = HiddenField()


def multiple(field: SelectMultipleField, found: dict[str, Any]) -> list[Any]:
    """The records behind the chosen refs."""
    return [found[ref] for ref in field.data or [] if ref in found]
