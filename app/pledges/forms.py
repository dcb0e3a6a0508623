"""Forms of the pledges."""

from collections.abc import Iterable, Sequence
from typing import Any

from wtforms import FieldList, Form, FormField, HiddenField, IntegerField, PasswordField, SelectField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.core.forms import DayField, HufuForm, LineField, TextField, options, record_options
from app.core.i18n import LANGUAGES, _l, _lp
from app.events.models import Event
from app.people.models import Person
from app.people.queries import list_choosable_teams
from app.pledges import queries
from app.pledges.models import PLEDGE_VERDICT_LABELS, SLOT_ROLE_LABELS, Pledge, PledgeVerdict

MOST_TARGETS = 12
SPARE_ROWS = 2


class RoundForm(HufuForm):
    title = LineField(_l("Title"), required=True, description=_l("For example: Pledges of 2027"))
    title_local = LineField(_l("Chinese title"))
    year = IntegerField(
        _l("Year"),
        validators=[
            InputRequired(_l("Please fill this in.")),
            NumberRange(1900, 2200, _l("Please choose a year between 1900 and 2200.")),
        ],
    )


class TargetForm(Form):
    """One row of the table. Figures are words: “61 %” and “4 a year” are both targets."""

    target = LineField(_l("Target"))
    start = LineField(_lp("target value", "From"), most=60)
    goal = LineField(_lp("target value", "To"), most=60)
    by = LineField(_lp("document", "By"), most=60)


class PledgeForm(HufuForm):
    title = LineField(_l("Title"), required=True)
    language = SelectField(_l("Language of the text"), choices=options(LANGUAGES), default="en")
    text = TextField(_l("Text"), description=_l("What is promised, in full sentences. Markdown may be used."))
    target_rows = FieldList(FormField(TargetForm), label=_l("Targets"), max_entries=MOST_TARGETS)
    deadline = DayField(_l("Deadline"))
    reward = TextField(_l("If the pledge is kept"), most=4000)
    penalty = TextField(_l("If the pledge is missed"), most=4000)
    round_ref = SelectField(_l("Round"))
    team_ref = SelectField(_l("Team"))
    campaign_ref = SelectField(_l("Campaign"))

    def __init__(self, event: Event, pledge: Pledge | None = None) -> None:
        super().__init__(obj=pledge, data=_rows(pledge))
        # `rounds`, `teams` and `campaigns` are what may be named, by ref; the present one stays even if it would not be
        self.rounds = _by_ref(queries.list_rounds(event), pledge and pledge.round)
        self.teams = _by_ref(list_choosable_teams(), pledge and pledge.team)
        self.campaigns = _by_ref(queries.list_campaigns(event), pledge and pledge.campaign)
        self.round_ref.choices = options({r: each.display_title for r, each in self.rounds.items()}, nothing=_l("None"))
        self.team_ref.choices = record_options(self.teams.values(), nothing=_l("None"))
        self.campaign_ref.choices = record_options(self.campaigns.values(), nothing=_l("None"))
        if pledge is not None and not self.is_submitted():
            self.round_ref.data = pledge.round.ref if pledge.round else ""
            self.team_ref.data = pledge.team.ref if pledge.team else ""
            self.campaign_ref.data = pledge.campaign.ref if pledge.campaign else ""
        while not self.is_submitted() and len(self.target_rows) < _rows_wanted(pledge):
            self.target_rows.append_entry()

    def act_values(self) -> dict[str, Any]:
        """What draft_pledge and edit_pledge take."""
        return {
            **self.values("target_rows", "round_ref", "team_ref", "campaign_ref"),
            "targets": [row for row in map(_target, self.target_rows.data) if any(row.values())],
            "round": self.rounds.get(self.round_ref.data),
            "team": self.teams.get(self.team_ref.data),
            "campaign": self.campaigns.get(self.campaign_ref.data),
        }


def _rows(pledge: Pledge | None) -> dict[str, Any]:
    if pledge is None:
        return {}
    names = {"target": "target", "start": "from", "goal": "to", "by": "by"}
    return {"target_rows": [{name: each.get(key, "") for name, key in names.items()} for each in pledge.targets]}


def _rows_wanted(pledge: Pledge | None) -> int:
    return min(len(pledge.targets) + SPARE_ROWS if pledge else SPARE_ROWS + 1, MOST_TARGETS)


def _target(row: dict[str, Any]) -> dict[str, str]:
    words = {"target": row["target"], "from": row["start"], "to": row["goal"], "by": row["by"]}
    return {key: value or "" for key, value in words.items()}


def _by_ref(records: Iterable[Any], present: Any) -> dict[str, Any]:
    return {each.ref: each for each in [*records, *([present] if present else [])]}


class SlotForm(HufuForm):
    person_ref = SelectField(_l("Person"))
    role = SelectField(_l("Role"), choices=options(SLOT_ROLE_LABELS))

    def __init__(self, people: Sequence[Person]) -> None:
        super().__init__()
        self.people = {each.ref: each for each in people}
        self.person_ref.choices = record_options(people)


class SignForm(HufuForm):
    content_hash = HiddenField()
    password = PasswordField(
        _l("Your password, once more"),
        validators=[
            InputRequired(_l("Please give your password: it is what proves that it is you who signs.")),
            Length(max=1000, message=_l("Please keep this to %(max)d characters.")),
        ],
        render_kw={"autocomplete": "current-password"},
    )


class DeclineForm(HufuForm):
    reason = TextField(_l("Reason, if you wish to give one"), most=2000)


class VoidForm(HufuForm):
    reason = TextField(_l("Reason"), required=True, most=2000)


class AssessForm(HufuForm):
    verdict = SelectField(_l("What became of it"))
    score = IntegerField(
        _l("How much of it was kept, of 100"),
        validators=[Optional(), NumberRange(0, 100, _l("Please give a number from 0 to 100."))],
        description=_l("Only of a pledge that was partly kept."),
    )
    reason = TextField(_l("Reason"), required=True, most=4000)

    def __init__(self, verdicts: Sequence[PledgeVerdict]) -> None:
        super().__init__()
        self.verdict.choices = options({each: PLEDGE_VERDICT_LABELS[each] for each in verdicts})
        if PledgeVerdict.PARTLY_KEPT not in verdicts:
            del self.score
