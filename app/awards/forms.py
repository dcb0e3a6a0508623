"""Forms of the awards and tallies."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms import IntegerField, SelectField, SelectMultipleField
from wtforms.validators import NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.awards.models import Award, RecipientsKnown
from app.core.forms import DayField, HufuForm, LineField, TextField, options, record_options
from app.core.i18n import _, _l
from app.nominations.models import Nomination
from app.people.models import Person, Team

KNOWN = {
    RecipientsKnown.NAMED: _l("By name: people and teams"),
    RecipientsKnown.COUNTED: _l("Only how many"),
    RecipientsKnown.NOT_STATED: _l("Not stated"),
}


class AwardForm(HufuForm):
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
        """What add_award and edit_award take; a tally has pages of its own."""
        return {**self.values("ceremony_ref"), "ceremony": self.ceremonies.get(self.ceremony_ref.data)}


class RecipientForm(HufuForm):
    who = SelectField(_l("Person or team"))

    def __init__(self, people: Sequence[Person], teams: Sequence[Team]) -> None:
        super().__init__()
        self.records: dict[str, Person | Team] = {each.ref: each for each in [*teams, *people]}
        self.who.choices = record_options(self.records.values())


class OutsideForm(HufuForm):
    """Somebody outside the company, known by name only."""

    outside_name = LineField(_l("Name"), required=True)
    outside_name_local = LineField(_l("Chinese name"))
    outside_organization = LineField(_l("Where they belong"))


class ConferForm(HufuForm):
    on = DayField(_l("Day"), required=True)
    by_ref = SelectField(_l("By whom"))
    outside = TextField(
        _l("Why outside the run of show"),
        required=True,
        most=1000,
        description=_l("On stage an award is conferred by its cue. Here you say what happened instead."),
    )

    def __init__(self, people: Sequence[Person], day: date) -> None:
        super().__init__(data={"on": day})
        self.people = {each.ref: each for each in people}
        self.by_ref.choices = record_options(people, nothing=_l("Not stated"))


class DecisionForm(HufuForm):
    winners = SelectMultipleField(
        _l("Winners"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(), validators=[Optional()]
    )
    reason = TextField(
        _l("Reason"),
        most=2000,
        description=_l("Needed when others than the first by score are chosen. It is kept with the decision."),
    )

    def __init__(self, nominations: Sequence[Nomination]) -> None:
        super().__init__()
        self.records = {each.ref: each for each in nominations}
        self.winners.choices = record_options(nominations)

    @property
    def chosen(self) -> list[Nomination]:
        return [self.records[ref] for ref in self.winners.data or [] if ref in self.records]


class EndForm(HufuForm):
    reason = TextField(_l("Reason"), required=True, most=2000)


class TrophyForm(HufuForm):
    """To somebody, back to the office, or left for good with whoever holds it: that is said by the office alone."""

    STAYS = "stays"
    taker_ref = SelectField(_l("To whom"))
    place = LineField(_l("Where"))
    condition = TextField(_l("Condition"), most=1000, description=_l("Needed when it is given back."))

    def __init__(self, people: Sequence[Person], holder: Person | None = None) -> None:
        super().__init__()
        self.people = {each.ref: each for each in people}
        self.taker_ref.choices = record_options(people, nothing=_l("Back to the office"))
        if holder is not None:
            stays = _("It stays with %(name)s for good", name=holder.display_name)
            self.taker_ref.choices.insert(1, (self.STAYS, stays))

    @property
    def stays(self) -> bool:
        return self.taker_ref.data == self.STAYS
