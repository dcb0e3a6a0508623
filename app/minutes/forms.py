"""What a browser may send about minutes."""

import hashlib
from typing import Any

from flask_wtf.file import FileRequired
from wtforms import BooleanField, HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import Optional

from app.core.forms import DayField, HufuForm, LineField, TextField, UploadField, options
from app.core.i18n import _l, _lp
from app.minutes.models import OUTCOME_LABELS
from app.people.models import CLEARANCE_LABELS

MOST = 100_000
LANGUAGES = {"en": "English", "zh_Hans_CN": "简体中文"}


class DraftForm(HufuForm):
    session_ref = SelectField(_lp("minutes", "Session"))
    language = SelectField(_l("Language"), choices=options(LANGUAGES))
    template_ref = SelectField(
        _lp("template", "Template"), validators=[Optional()],
        choices=options({}, nothing=_lp("template", "The usual one for this kind of session")),
    )  # fmt: skip


class HeadsForm(HufuForm):
    """What stands over the text. The lists hold a name on each line; `shown` says how they read when the page was made,
    so that one that nobody touched is not taken for one written by hand when the record has moved on meanwhile."""

    shown = HiddenField()
    title = LineField(_lp("minutes", "Title"), required=True)
    present = TextField(_lp("minutes", "Present"), most=20_000, description=_l("One name on each line."))
    excused = TextField(_lp("minutes", "Excused"), most=20_000, description=_l("One name on each line."))
    in_attendance = TextField(_lp("minutes", "In attendance"), most=20_000, description=_l("One name on each line."))

    def __init__(self, *sent: Any, **given: Any) -> None:
        super().__init__(*sent, **given)
        if sent == (None,) or not self.is_submitted():  # it is shown, not read
            self.shown.data = " ".join(self._prints().values())

    @property
    def attendance(self) -> dict[str, list[str]]:
        """The lists that were changed on the page."""
        shown = (self.shown.data or "").split()
        return {name: names for name, names in self._lists().items() if self._prints()[name] not in shown}

    def _lists(self) -> dict[str, list[str]]:
        lists = {"present": self.present, "excused": self.excused, "in_attendance": self.in_attendance}
        return {
            name: [line.strip() for line in (field.data or "").splitlines() if line.strip()]
            for name, field in lists.items()
        }

    def _prints(self) -> dict[str, str]:
        """What tells a list from any other, in few signs."""
        return {
            name: hashlib.sha256("\n".join([name, *names]).encode()).hexdigest()[:16]
            for name, names in self._lists().items()
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
    """`place` names the section, or the paragraph as it was read; empty: the text as a whole."""

    text = TextField(_l("What should be corrected?"), most=5_000)
    proposed = TextField(_l("Proposed wording"), most=20_000)
    place = HiddenField()


class DeclineForm(HufuForm):
    reason = TextField(_l("Why the text stays as it is"), required=True, most=2_000)


class RoundForm(HufuForm):
    """Whom to ask, until when, and what it means when somebody says nothing."""

    reviewers = SelectMultipleField(_l("Reviewers"))
    due_on = DayField(_l("Until the end of"))
    silence = RadioField(
        _l("Whoever says nothing until then"),
        choices=options(
            {"agrees": _l("agrees to the text"), "nothing": _l("has not agreed: whoever signs off is told")}
        ),
        default="agrees",
    )
    note = TextField(_l("A word to the reviewers"), most=2_000)


class ReturnForm(HufuForm):
    reason = TextField(
        _l("What has to be done first"), required=True, most=2_000, description=_l("It stands over the draft.")
    )


class LetStandForm(HufuForm):
    """Findings of the checks that are no obstacle; `keys` are the boxes beside them."""

    keys = SelectMultipleField(_l("What may stand"), validate_choice=False)
    reason = TextField(_l("Why it may stand"), required=True, most=2_000)


class ProposalForm(HufuForm):
    """Earlier minutes for the agenda of a session."""

    minutes_ref = SelectField(_lp("document", "Minutes"))
    session_ref = SelectField(_lp("minutes", "Session"))


class OutcomeForm(HufuForm):
    outcome = RadioField(_l("What the session did"), choices=options(OUTCOME_LABELS))
    corrections = TextField(
        _l("What the session corrected"), most=5_000, description=_l("It becomes the reason of a new version.")
    )


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
