"""What a browser may send about assistants."""

from collections.abc import Iterable
from typing import Any

from wtforms import RadioField
from wtforms.validators import InputRequired, StopValidation

from app.core.forms import DayField, HufuForm, options
from app.core.i18n import _, _l
from app.people.models import Person
from app.people.queries import find_person


class ColleagueField(RadioField):
    """One of the people that were found. Whoever was found before and is chosen still stays."""

    def __init__(self, label: Any, **more: Any) -> None:
        super().__init__(
            label, choices=[], validate_choice=False, validators=[InputRequired(_l("Please choose a person."))], **more
        )

    def pre_validate(self, form: Any) -> None:
        if self.data and self.person is None:
            raise StopValidation(_("Please choose a person."))

    @property
    def person(self) -> Person | None:
        return find_person(self.data) if self.data else None

    def offer(self, people: Iterable[Person]) -> None:
        self.choices = options({each.ref: named(each) for each in people})


def named(person: Person) -> str:
    """A colleague as a choice: two of the same name are told apart by their department."""
    if person.department is None:
        return person.display_name
    return _("%(name)s, %(department)s", name=person.display_name, department=person.department.display_name)


class AssistantForm(HufuForm):
    assistant = ColleagueField(_l("Who acts for you"))
    from_on = DayField(_l("From"))
    to_on = DayField(_l("Until"))
