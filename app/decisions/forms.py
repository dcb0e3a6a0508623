"""What a browser may send about decisions and announcements."""

from wtforms import BooleanField, SelectField
from wtforms.validators import InputRequired, Optional

from app.core.forms import DayField, HufuForm, LineField, TextField, options
from app.core.i18n import _l, _lp
from app.decisions.models import MEANS_LABELS, Means
from app.people.models import CLEARANCE_LABELS
from app.requirements.forms import criteria_in_bounds
from app.speeches.forms import SmallNumberField

LONGEST = 5_000
MOST_VOTES = 9_999


class DecisionForm(HufuForm):
    text = TextField(
        _lp("decision", "What was decided"), required=True, most=LONGEST,
        description=_l("In the words in which it was put: what is done, not what was said about it."),
    )  # fmt: skip
    text_local = TextField(_lp("decision", "The same in Chinese"), most=LONGEST)
    item_ref = SelectField(_l("Agenda item"), choices=options({}, nothing=_l("None of them")), validators=[Optional()])
    mover_ref = SelectField(
        _lp("decision", "Moved by"), choices=options({}, nothing=_l("Not stated")), validators=[Optional()]
    )
    mover_name = LineField(
        _lp("decision", "Moved by somebody who is not listed"), description=_l("The name as it is to stand.")
    )
    means = SelectField(
        _lp("decision", "How it was decided"), choices=options(MEANS_LABELS), default=Means.CONSENSUS.value
    )
    votes_for = SmallNumberField(_lp("votes", "For"), 0, MOST_VOTES)
    votes_against = SmallNumberField(_lp("votes", "Against"), 0, MOST_VOTES)
    abstained = SmallNumberField(_lp("votes", "Abstaining"), 0, MOST_VOTES)
    is_carried = BooleanField(
        _lp("decision", "It was carried"), default=True, description=_l("Take the tick away where the motion was lost.")
    )
    clearance = SelectField(
        _lp("classification", "Who may read it"), coerce=int, choices=options(CLEARANCE_LABELS),
        description=_l("In the minutes it stands in a section of this classification."),
    )  # fmt: skip


class WithdrawDecisionForm(HufuForm):
    reason = TextField(_l("Reason"), required=True, most=2_000)


class HandOutForm(HufuForm):
    """Who does what by when, and who says that it is done."""

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


class AnnouncementForm(HufuForm):
    text = TextField(_lp("announcement", "What was announced"), required=True, most=LONGEST)
    text_local = TextField(_lp("decision", "The same in Chinese"), most=LONGEST)
    by_ref = SelectField(
        _lp("announcement", "Announced by"), choices=options({}, nothing=_l("Not stated")), validators=[Optional()]
    )
    by_name = LineField(
        _lp("announcement", "Announced by somebody who is not listed"), description=_l("The name as it is to stand.")
    )
    clearance = SelectField(
        _lp("classification", "Who may read it"), coerce=int, choices=options(CLEARANCE_LABELS),
        description=_l("In the minutes it stands in a section of this classification."),
    )  # fmt: skip
