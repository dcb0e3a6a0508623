"""Forms of the awards and tallies."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms import IntegerField, SelectField
from wtforms.validators import NumberRange, Optional

from app.awards.models import AWARD_KIND_LABELS, Award, RecipientsKnown
from app.core.forms import DayField, HufuForm, LineField, TextField, options, record_options
from app.core.i18n import _l
from app.people.models import Person, Team

KNOWN = {
    RecipientsKnown.NAMED: _l("By name: people and teams"),
    RecipientsKnown.COUNTED: _l("Only how many"),
    RecipientsKnown.NOT_STATED: _l("Not stated"),
}


class AwardForm(HufuForm):
    kind = SelectField(_l("Kind"), choices=options(AWARD_KIND_LABELS))
    title = LineField(_l("Title"), required=True)
    title_local = LineField(_l("Chinese title"))
    citation = TextField(_l("Citation"), most=4000, description=_l("The words that are read when it is conferred."))
    citation_local = TextField(_l("Citation in Chinese"), most=4000)
    recipients_known = SelectField(_l("Who receives it is known"), choices=options(KNOWN))
    recipients_count = IntegerField(
        _l("How many receive it"),
        validators=[Optional(), NumberRange(1, 100_000, _l("Please give a number between 1 and 100,000."))],
    )
    ceremony_ref = SelectField(_l("Ceremony"))

    def __init__(self, ceremonies: Sequence[Any], award: Award | None = None) -> None:
        super().__init__(obj=award)
        self.ceremonies = {each.ref: each for each in ceremonies}
        titles = {ref: each.display_title for ref, each in self.ceremonies.items()}
        self.ceremony_ref.choices = options(titles, nothing=_l("None"))
        if award is not None and not self.is_submitted():
            here = [each.ref for each in ceremonies if each.id == award.ceremony_id]
            self.ceremony_ref.data = here[0] if here else ""

    def act_values(self) -> dict[str, Any]:
        """What add_award and edit_award take."""
        return {**self.values("ceremony_ref"), "ceremony": self.ceremonies.get(self.ceremony_ref.data)}


class RecipientForm(HufuForm):
    who = SelectField(_l("Person or team"))

    def __init__(self, people: Sequence[Person], teams: Sequence[Team]) -> None:
        super().__init__()
        self.records: dict[str, Person | Team] = {each.ref: each for each in [*teams, *people]}
        self.who.choices = record_options(self.records.values())


class ConferForm(HufuForm):
    on = DayField(_l("Day"), required=True)
    by_ref = SelectField(_l("By whom"))

    def __init__(self, people: Sequence[Person], day: date) -> None:
        super().__init__(data={"on": day})
        self.people = {each.ref: each for each in people}
        self.by_ref.choices = record_options(people, nothing=_l("Not stated"))
