"""Forms of the campaigns."""

from collections.abc import Iterable, Sequence
from typing import Any

from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange, Optional

from app.campaigns.models import CAMPAIGN_STATE_LABELS, OUTCOME_LABELS, Campaign, Review
from app.campaigns.services import CAUSE, DIMENSIONS, EXPERIENCE, RECORDED_AS
from app.core.forms import DayField, HufuForm, LineField, TextField, options, record_options
from app.core.i18n import _l
from app.people.models import Person, Team
from app.programme.models import Session

YEARS = NumberRange(1900, 2200, _l("Please choose a year between 1900 and 2200."))
NUMBERS = NumberRange(1, 99, _l("Please give a number between 1 and 99."))
FINDING_LABELS = {CAUSE: _l("Cause of failure"), EXPERIENCE: _l("Experience of success")}
DIMENSION_LABELS = {
    "clarity": _l("Clarity of the objective"),
    "resources": _l("Resources"),
    "map": _l("Combat map"),
    "risk": _l("Risks seen"),
    "team": _l("Team"),
}
SCORES = {1: "1", 2: "2", 3: "3", 4: "4", 5: "5"}


def by_ref(records: Iterable[Any], present: Any = None) -> dict[str, Any]:
    """What may be chosen, by ref; the present one stays even if it would not be offered any more."""
    return {each.ref: each for each in [*records, *([present] if present else [])]}


class CampaignForm(HufuForm):
    year = IntegerField(_l("Year"), validators=[InputRequired(_l("Please fill this in.")), YEARS])
    ordinal = IntegerField(
        _l("Number within the year"), validators=[InputRequired(_l("Please fill this in.")), NUMBERS]
    )
    of_total = IntegerField(_l("Of how many"), validators=[Optional(), NUMBERS])
    name = LineField(_l("Name"), description=_l("May stay empty: it is then shown by its number until it has a name."))
    name_local = LineField(_l("Chinese name"))
    objective = TextField(_l("Objective"), most=4000)
    objective_local = TextField(_l("Objective in Chinese"), most=4000)
    commander_ref = SelectField(_l("Commander"))
    team_ref = SelectField(_l("Team"))
    starts_on = DayField(_l("First day"))
    ends_on = DayField(_l("Last day"))

    def __init__(
        self, people: Sequence[Person], teams: Sequence[Team], campaign: Campaign | None = None, **more: Any
    ) -> None:
        super().__init__(obj=campaign, **more)
        self.people = by_ref(people, campaign and campaign.commander)
        self.teams = by_ref(teams, campaign and campaign.team)
        self.commander_ref.choices = record_options(self.people.values(), nothing=_l("Nobody yet"))
        self.team_ref.choices = record_options(self.teams.values(), nothing=_l("None yet"))
        if campaign is not None and not self.is_submitted():
            self.commander_ref.data = campaign.commander.ref if campaign.commander else ""
            self.team_ref.data = campaign.team.ref if campaign.team else ""

    def act_values(self) -> dict[str, Any]:
        """What add_campaign and edit_campaign take."""
        return {
            **self.values("commander_ref", "team_ref"),
            "commander": self.people.get(self.commander_ref.data),
            "team": self.teams.get(self.team_ref.data),
        }


class NewCampaignForm(CampaignForm):
    state = SelectField(
        _l("How it stands"), choices=options({each: CAMPAIGN_STATE_LABELS[each] for each in RECORDED_AS})
    )


def score_field(label: Any) -> SelectField:
    return SelectField(label, choices=options(SCORES, nothing=_l("Please choose")))


class AssessForm(HufuForm):
    assessor_ref = SelectField(_l("Assessed by"))
    clarity = score_field(DIMENSION_LABELS["clarity"])
    resources = score_field(DIMENSION_LABELS["resources"])
    map = score_field(DIMENSION_LABELS["map"])
    risk = score_field(DIMENSION_LABELS["risk"])
    team = score_field(DIMENSION_LABELS["team"])
    verdict = TextField(_l("Verdict"), most=4000)
    verdict_local = TextField(_l("Verdict in Chinese"), most=4000)
    session_ref = SelectField(_l("In which session"))

    def __init__(self, people: Sequence[Person], sessions: Sequence[Session]) -> None:
        super().__init__()
        self.people, self.sessions = by_ref(people), by_ref(sessions)
        self.assessor_ref.choices = record_options(people, nothing=_l("Please choose"))
        self.session_ref.choices = session_choices(self.sessions)

    def act_values(self) -> dict[str, Any]:
        """What assess_campaign takes."""
        return {
            **self.values("assessor_ref", "session_ref", *DIMENSIONS),
            **{name: int(self[name].data) if self[name].data else None for name in DIMENSIONS},
            "assessor": self.people.get(self.assessor_ref.data),
            "session": self.sessions.get(self.session_ref.data),
        }


class ReviewForm(HufuForm):
    session_ref = SelectField(_l("In which session"))
    intended = TextField(_l("What was intended"), most=8000)
    intended_local = TextField(_l("What was intended, in Chinese"), most=8000)
    actual = TextField(_l("What came of it"), most=8000)
    actual_local = TextField(_l("What came of it, in Chinese"), most=8000)
    company_view = TextField(_l("From the company's point of view"), most=8000)
    company_view_local = TextField(_l("From the company's point of view, in Chinese"), most=8000)

    def __init__(self, sessions: Sequence[Session], review: Review | None) -> None:
        super().__init__(obj=review)
        self.sessions = by_ref(sessions, review and review.session)
        self.session_ref.choices = session_choices(self.sessions)
        if review is not None and not self.is_submitted():
            self.session_ref.data = review.session.ref if review.session else ""

    def act_values(self) -> dict[str, Any]:
        """What add_review and edit_review take."""
        return {**self.values("session_ref"), "session": self.sessions.get(self.session_ref.data)}


class FindingForm(HufuForm):
    kind = SelectField(_l("Kind"), choices=options(FINDING_LABELS))
    text = TextField(_l("Finding"), required=True, most=4000)
    text_local = TextField(_l("Finding in Chinese"), most=4000)


class ConcludeForm(HufuForm):
    outcome = SelectField(_l("Outcome"), choices=options(OUTCOME_LABELS))
    no_cause_because = TextField(_l("No cause of failure was found, because…"), most=2000)
    no_success_because = TextField(_l("No experience of success was found, because…"), most=2000)


def session_choices(sessions: dict[str, Session]) -> Any:
    return options({ref: each.display_title for ref, each in sessions.items()}, nothing=_l("None"))
