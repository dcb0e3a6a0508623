"""Forms of the campaigns."""

from collections.abc import Iterable, Sequence
from typing import Any

from wtforms import BooleanField, IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange, Optional

from app.campaigns.models import (
    CAMPAIGN_STATE_LABELS,
    OUTCOME_LABELS,
    SUPPORT_PRIORITY_LABELS,
    Campaign,
    MapTask,
    Review,
    RiskPoint,
)
from app.campaigns.services import CAUSE, DIMENSIONS, EXPERIENCE, RECORDED_AS
from app.core.forms import DayField, HufuForm, LineField, TextField, options, record_options
from app.core.i18n import _l, _lp
from app.people.models import Department, Person, Team
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
    metric = LineField(
        _l("What is measured"), most=120, description=_l("For example: scrap at the furnace, in per cent")
    )
    baseline = LineField(_lp("target value", "From"), most=60)
    target = LineField(_lp("target value", "To"), most=60)
    commander_ref = SelectField(_l("Commander"))
    deputy_ref = SelectField(_l("Deputy"), default="")
    team_ref = SelectField(_l("Team"))
    starts_on = DayField(_l("First day"))
    ends_on = DayField(_l("Last day"))
    needs_tally = BooleanField(
        _l("It needs a tally"), description=_l("It can then start only when a tally was conferred on its commander.")
    )

    def __init__(
        self, people: Sequence[Person], teams: Sequence[Team], campaign: Campaign | None = None, **more: Any
    ) -> None:
        super().__init__(obj=campaign, **more)
        self.people = by_ref(people, campaign and campaign.commander)
        self.teams = by_ref(teams, campaign and campaign.team)
        self.people |= by_ref((), campaign and campaign.deputy)
        self.commander_ref.choices = record_options(self.people.values(), nothing=_l("Nobody yet"))
        self.deputy_ref.choices = record_options(self.people.values(), nothing=_l("Nobody yet"))
        self.team_ref.choices = record_options(self.teams.values(), nothing=_l("None yet"))
        if campaign is not None and not self.is_submitted():
            self.commander_ref.data = campaign.commander.ref if campaign.commander else ""
            self.deputy_ref.data = campaign.deputy.ref if campaign.deputy else ""
            self.team_ref.data = campaign.team.ref if campaign.team else ""

    def act_values(self) -> dict[str, Any]:
        """What add_campaign and edit_campaign take."""
        return {
            **self.values("commander_ref", "deputy_ref", "team_ref"),
            "commander": self.people.get(self.commander_ref.data),
            "deputy": self.people.get(self.deputy_ref.data),
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


class TaskForm(HufuForm):
    name = LineField(_l("Task"), required=True)
    phase = LineField(_l("Phase"), most=120)
    deliverable = TextField(_l("What will be there at the end"), most=2000)
    department_ref = SelectField(_l("Department"))
    responsible_ref = SelectField(_l("Person who answers for it"))
    due_on = DayField(_l("Due on"))

    def __init__(
        self, people: Sequence[Person], departments: Sequence[Department], task: MapTask | None = None
    ) -> None:
        super().__init__(obj=task)
        self.people = by_ref(people, task and task.responsible)
        self.departments = by_ref(departments, task and task.department)
        self.department_ref.choices = record_options(self.departments.values(), nothing=_l("None yet"))
        self.responsible_ref.choices = record_options(self.people.values(), nothing=_l("Nobody yet"))
        if task is not None and not self.is_submitted():
            self.department_ref.data = task.department.ref if task.department else ""
            self.responsible_ref.data = task.responsible.ref if task.responsible else ""

    def act_values(self) -> dict[str, Any]:
        """What add_task and edit_task take."""
        return {
            **self.values("department_ref", "responsible_ref"),
            "department": self.departments.get(self.department_ref.data),
            "responsible": self.people.get(self.responsible_ref.data),
        }


class RiskForm(HufuForm):
    name = LineField(_l("What may go wrong"), required=True)
    response = TextField(_l("What is done then"), most=2000)
    owner_ref = SelectField(_l("Who watches it"))

    def __init__(self, people: Sequence[Person], risk: RiskPoint | None = None) -> None:
        super().__init__(obj=risk)
        self.people = by_ref(people, risk and risk.owner)
        self.owner_ref.choices = record_options(self.people.values(), nothing=_l("Nobody yet"))
        if risk is not None and not self.is_submitted():
            self.owner_ref.data = risk.owner.ref if risk.owner else ""

    def act_values(self) -> dict[str, Any]:
        """What add_risk and edit_risk take."""
        return {**self.values("owner_ref"), "owner": self.people.get(self.owner_ref.data)}


class SupportForm(HufuForm):
    to_department_ref = SelectField(
        _l("Department that is asked"), validators=[InputRequired(_l("Please choose a department."))]
    )
    what = TextField(_l("What is needed"), required=True, most=4000)
    needed_by = DayField(_l("Needed by"), required=True)
    priority = SelectField(_l("Priority"), choices=options(SUPPORT_PRIORITY_LABELS))

    def __init__(self, departments: Sequence[Department]) -> None:
        super().__init__()
        self.departments = by_ref(departments)
        self.to_department_ref.choices = record_options(departments, nothing=_l("Please choose"))

    def act_values(self) -> dict[str, Any]:
        """What ask_support takes."""
        return {**self.values("to_department_ref"), "to_department": self.departments[self.to_department_ref.data]}


class PromiseForm(HufuForm):
    committed_for = DayField(_l("Promised for"), required=True)


class ReasonForm(HufuForm):
    reason = TextField(_l("Why"), required=True, most=2000)


class DecisionForm(HufuForm):
    insists = SelectField(
        _l("What holds"),
        choices=options(
            {"yes": _l("The department delivers"), "no": _l("The refusal stands, the campaign goes without")}
        ),
    )
    reason = TextField(_l("Why"), required=True, most=2000)


def session_choices(sessions: dict[str, Session]) -> Any:
    return options({ref: each.display_title for ref, each in sessions.items()}, nothing=_l("None"))
