"""What a browser may send about mailings."""

from collections.abc import Iterable

from wtforms import HiddenField, SelectMultipleField

from app.core.forms import HufuForm, LineField, TextField, WallTimeField, options
from app.core.i18n import _l
from app.mailings.models import Mailing
from app.mailings.queries import STANDING_LABELS
from app.people.models import Department, Person
from app.registration.forms import Choices


class MailingForm(HufuForm):
    subject = LineField(_l("Subject"), required=True)
    text = TextField(_l("Text"), required=True)
    subject_local = LineField(_l("Subject in Chinese"))
    text_local = TextField(_l("Text in Chinese"))
    standing = Choices(_l("For whom"), choices=options(STANDING_LABELS))
    departments = SelectMultipleField(_l("And everybody of these departments"), choices=[])
    people = TextField(_l("And these people"), most=50_000)

    def offer(self, departments: Iterable[Department]) -> None:
        self.departments.choices = options({each.ref: each.display_name for each in departments})

    def show(self, mailing: Mailing, people: Iterable[Person]) -> None:
        """Fill the audience of a stored mailing in; the people as lines that are found again."""
        self.standing.data = list(mailing.audience.get("standing", ()))
        self.departments.data = list(mailing.audience.get("departments", ()))
        self.people.data = "\n".join(each.email or each.employee_no or each.name for each in people)


class SendForm(HufuForm):
    at = WallTimeField(_l("Send at"))
    digest = HiddenField()
