"""What a browser may send about invitations."""

from typing import Any

from wtforms import IntegerField, RadioField, SelectField
from wtforms.validators import InputRequired, NumberRange, Optional

from app.core.forms import DayField, HufuForm, LineField, options
from app.core.i18n import _l
from app.invitations.reminders import FARTHEST
from app.invitations.services import Reply
from app.registration.models import EXCUSE_LABELS, Answer

ANSWERS = {
    Answer.YES: _l("Yes, I come"),
    Answer.NO: _l("No, I cannot come"),
    Answer.MAYBE: _l("Maybe: I will know later"),
    Answer.DELEGATED: _l("I send somebody else"),
}


class AnswerForm(HufuForm):
    answer = RadioField(
        _l("Do you come?"), choices=options(ANSWERS), validators=[InputRequired(_l("Please choose an answer."))]
    )
    excuse = SelectField(
        _l("If not: why, if you want to tell it"),
        choices=options(EXCUSE_LABELS, nothing=_l("Not told")),
        validators=[Optional()],
    )
    maybe_until = DayField(_l("If maybe: until when you know"))
    colleague = LineField(_l("If somebody else: the e-mail address of your colleague"), most=254)
    reason = LineField(_l("In your own words"), most=500)

    def offer(self, answers: list[Answer], chosen: Any) -> None:
        """Only what can be answered now, with an answer chosen already if it is one of these."""
        self.answer.choices = options({each: ANSWERS[each] for each in answers})
        if not self.is_submitted():
            self.answer.data = chosen if chosen in answers else None

    @property
    def reply(self) -> Reply:
        return Reply(
            answer=Answer(self.answer.data),
            reason=self.reason.data,
            excuse=self.excuse.data or None,
            maybe_until=self.maybe_until.data,
            colleague=self.colleague.data,
        )


class ConfirmAgainForm(HufuForm):
    answer = RadioField(
        _l("Do you come at the new time?"),
        choices=options({"yes": _l("Yes, I come"), "no": _l("No, I give my place back")}),
        validators=[InputRequired(_l("Please choose an answer."))],
    )
    reason = LineField(_l("In your own words"), most=500)


def _days(label: Any) -> IntegerField:
    limits = NumberRange(1, FARTHEST, message=_l("Please give a number of days from 1 to 90."))
    return IntegerField(label, validators=[Optional(), limits])


class RemindersForm(HufuForm):
    first = _days(_l("First reminder, days before"))
    second = _days(_l("Second reminder, days before"))
    third = _days(_l("Third reminder, days before"))
