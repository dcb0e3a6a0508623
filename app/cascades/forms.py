"""What a browser may send about parts, departments and helpers."""

from typing import Any

from wtforms import BooleanField, FieldList, Form, FormField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from app.core.forms import DayField, HufuForm, LineField, TextField
from app.core.i18n import _, _l
from app.requirements.forms import criteria_in_bounds

ROWS_AT_FIRST, MOST_ROWS = 5, 26


class PartRow(Form):
    heading = LineField(_l("What the part asks"))
    heading_local = LineField(_l("In Chinese"))
    department_ref = SelectField(_l("Addressed to"), coerce=str.strip, validators=[Optional()])

    @property
    def is_empty(self) -> bool:
        return not (self.heading.data or self.heading_local.data or self.department_ref.data)

    def validate_department_ref(self, _field: SelectField) -> None:
        if not self.heading.data:
            raise ValidationError(_("Please say what this part asks."))


class SplitForm(HufuForm):
    parts = FieldList(
        FormField(PartRow), max_entries=MOST_ROWS
    )  # `min_entries` reads rows twice where some are left out

    def add_rows(self, number: int) -> None:
        for _each in range(min(number, MOST_ROWS - len(self.parts))):
            self.parts.append_entry()

    def offer(self, departments: Any) -> None:
        for row in self.parts:
            row.form.department_ref.choices = departments

    def filled_rows(self) -> list[PartRow]:
        return [row.form for row in self.parts if not row.form.is_empty]


class ManyForm(HufuForm):
    """The same to many departments: first what, then to whom, looked at before it is made."""

    departments = SelectMultipleField(
        _l("Departments"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(),
        validators=[InputRequired(_l("Please choose at least one department."))],
    )  # fmt: skip
    with_below = BooleanField(_l("Also the departments below those chosen"))
    deliverable = TextField(_l("What is to be delivered"), required=True, most=2000)
    criteria = TextField(
        _l("Accepted when"), required=True, most=4000, description=_l("One criterion a line. Each will need evidence."),
        validators=[criteria_in_bounds],
    )  # fmt: skip
    due_on = DayField(
        _l("Due on"), required=True, description=_l("It does not change any more once the person has accepted.")
    )
    verifier_ref = SelectField(
        _l("Verified by"),
        validators=[InputRequired(_l("Please choose a person."))],
        description=_l("Somebody else, who does not report to the responsible person."),
    )


class HandOnForm(HufuForm):
    responsible_refs = SelectMultipleField(
        _l("To whom"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(),
        validators=[InputRequired(_l("Please choose at least one person."))],
        description=_l("Each gets an assignment of their own."),
    )  # fmt: skip
    deliverable = TextField(_l("What is to be delivered"), required=True, most=2000)
    criteria = TextField(
        _l("Accepted when"), required=True, most=4000, description=_l("One criterion a line. Each will need evidence."),
        validators=[criteria_in_bounds],
    )  # fmt: skip
    due_on = DayField(_l("Due on"), required=True)


class HelpForm(HufuForm):
    lead_ref = SelectField(_l("Leading department"), coerce=str.strip, validators=[Optional()])
    department_ref = SelectField(_l("A department that helps"), coerce=str.strip, validators=[Optional()])
    person_ref = SelectField(
        _l("A person who works on it"), coerce=str.strip, validators=[Optional()],
        description=_l("They are told, and may report on their part."),
    )  # fmt: skip
