"""Forms of the tallies."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from wtforms import SelectField

from app.campaigns.models import Campaign
from app.core.forms import DayField, HufuForm, LineField, TextField, UploadField, WallTimeField, options, record_options
from app.core.i18n import _l
from app.people.models import Person
from app.tallies.models import Tally


class TallyForm(HufuForm):
    campaign_ref = SelectField(_l("Campaign"))
    inscription = LineField(_l("Inscription"), required=True, description=_l("The words that stand on both halves."))
    inscription_local = LineField(_l("Inscription in Chinese"))
    scope = TextField(_l("What its holder may order"), required=True, most=1200)
    scope_local = TextField(_l("What its holder may order, in Chinese"), most=1200)
    threshold = LineField(
        _l("From which size on the leader must agree"), description=_l("For example: 50 people, or 200,000 yuan")
    )
    valid_from = DayField(_l("First day"), required=True)
    valid_to = DayField(_l("Last day"), required=True)
    ceremony_ref = SelectField(_l("Ceremony at which it is conferred"))

    def __init__(
        self, campaigns: Sequence[Campaign], ceremonies: Sequence[Any], tally: Tally | None = None, **more: Any
    ) -> None:
        super().__init__(obj=tally, **more)
        self.campaigns = {each.ref: each for each in campaigns}
        self.ceremonies = {each.ref: each for each in ceremonies}
        self.campaign_ref.choices = record_options(self.campaigns.values())
        titles = {ref: each.display_title for ref, each in self.ceremonies.items()}
        self.ceremony_ref.choices = options(titles, nothing=_l("None"))
        if tally is not None:
            del self.campaign_ref
            if not self.is_submitted():
                here = [each.ref for each in ceremonies if each.id == tally.ceremony_id]
                self.ceremony_ref.data = here[0] if here else ""

    def act_values(self) -> dict[str, Any]:
        """What cast and edit_tally take, but for the campaign."""
        return {**self.values("campaign_ref", "ceremony_ref"), "ceremony": self.ceremonies.get(self.ceremony_ref.data)}


class ConferForm(HufuForm):
    """Conferring outside a ceremony. On stage the cue does it."""

    outside = TextField(_l("Why it is not conferred by its cue in a ceremony"), required=True, most=1000)
    by_ref = SelectField(_l("Conferred by"), description=_l("Who confers it keeps the right half."))
    on = DayField(_l("Day"), required=True)

    def __init__(self, leaders: Sequence[Person], day: date) -> None:
        super().__init__(data={"on": day})
        self.leaders = {each.ref: each for each in leaders}
        self.by_ref.choices = record_options(leaders, nothing=_l("Not stated"))


class ReasonForm(HufuForm):
    reason = TextField(_l("Reason"), required=True, most=2000)


class LossForm(HufuForm):
    reason = TextField(_l("What happened, as far as it is known"), required=True, most=2000)
    place = LineField(_l("Place"))
    at = WallTimeField(_l("When it happened"), required=True)

    def __init__(self, now: datetime, zone: str) -> None:
        super().__init__()
        if not self.is_submitted():
            self.at.show(now.replace(second=0, microsecond=0), zone)


class HandOnForm(HufuForm):
    taker_ref = SelectField(_l("Who takes it"))
    at = WallTimeField(_l("When it happened"), required=True)
    place = LineField(_l("Place"))
    condition = TextField(_l("Condition"), most=1000)
    file = UploadField(_l("Photograph"), render_kw={"accept": "image/png,image/jpeg"})

    def __init__(self, takers: Sequence[Person], now: datetime, zone: str) -> None:
        super().__init__()
        self.takers = {each.ref: each for each in takers}
        self.taker_ref.choices = record_options(takers, nothing=_l("The office"))
        if not self.is_submitted():
            self.at.show(now.replace(second=0, microsecond=0), zone)


class ReturnForm(HufuForm):
    condition = TextField(_l("In which condition it is given back"), required=True, most=1000)
    at = WallTimeField(_l("When it happened"), required=True)
    place = LineField(_l("Place"))
    file = UploadField(_l("Photograph"), render_kw={"accept": "image/png,image/jpeg"})

    def __init__(self, now: datetime, zone: str) -> None:
        super().__init__()
        if not self.is_submitted():
            self.at.show(now.replace(second=0, microsecond=0), zone)
