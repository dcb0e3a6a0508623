"""Forms of the pledges."""

from collections.abc import Iterable, Sequence
from typing import Any

from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
)
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.core.forms import DayField, HufuForm, LineField, TextField, UploadField, options, record_options
from app.core.i18n import LANGUAGES, _l, _lp
from app.events.models import Event
from app.people.models import Person
from app.people.queries import list_choosable_teams
from app.pledges import queries
from app.pledges.models import (
    OBJECTIVE_KIND_LABELS,
    PLEDGE_VERDICT_LABELS,
    SLOT_ROLE_LABELS,
    ObjectiveKind,
    Pledge,
    PledgeTemplate,
    PledgeVerdict,
    SlotRole,
)
from app.pledges.services.templates import Words

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
    metric = LineField(_l("What is measured"), most=120)
    start = LineField(_lp("target value", "From"), most=60)
    goal = LineField(_lp("target value", "To"), most=60)
    unit = LineField(_l("Unit"), most=30)
    by = LineField(_lp("document", "By"), most=60)
    kind = SelectField(_lp("target", "Kind"), choices=options(OBJECTIVE_KIND_LABELS), default=ObjectiveKind.COMMITTED)


FIELD_OF_KEY = {
    "target": "target", "metric": "metric", "from": "start", "to": "goal", "unit": "unit", "by": "by", "kind": "kind",
}  # fmt: skip


class PledgeForm(HufuForm):
    title = LineField(_l("Title"), required=True)
    language = SelectField(_l("Language of the text"), choices=options(LANGUAGES), default="en")
    text = TextField(_l("Text"), description=_l("What is promised, in full sentences. Markdown may be used."))
    target_rows = FieldList(FormField(TargetForm), label=_l("Targets"), max_entries=MOST_TARGETS)
    deadline = DayField(_l("Deadline"))
    sign_by = DayField(
        _l("To be signed by"),
        description=_l("Until the end of this day, at the place of the event. What is not signed by all then is void."),
    )
    reward = TextField(_l("If the pledge is kept"), most=4000)
    penalty = TextField(_l("If the pledge is missed"), most=4000)
    round_ref = SelectField(_l("Round"))
    team_ref = SelectField(_l("Team"))
    campaign_ref = SelectField(_l("Campaign"))
    assignment_ref = SelectField(_l("Requirement"), default="")
    template_ref = HiddenField()

    def __init__(self, event: Event, pledge: Pledge | None = None, template: PledgeTemplate | None = None) -> None:
        super().__init__(obj=pledge, data=_rows(pledge))
        # What may be named, by ref; the present one stays even if it would not be
        self.rounds = _by_ref(queries.list_rounds(event), pledge and pledge.round)
        self.teams = _by_ref(list_choosable_teams(), pledge and pledge.team)
        self.campaigns = _by_ref(queries.list_campaigns(event), pledge and pledge.campaign)
        self.assignments = _by_ref(queries.list_assignments(event), pledge and pledge.assignment)
        self.templates = _by_ref(queries.list_templates(), pledge and pledge.template)
        self.round_ref.choices = options({r: each.display_title for r, each in self.rounds.items()}, nothing=_l("None"))
        self.team_ref.choices = record_options(self.teams.values(), nothing=_l("None"))
        self.campaign_ref.choices = record_options(self.campaigns.values(), nothing=_l("None"))
        told = {ref: f"{each.label} {each.requirement.display_heading}" for ref, each in self.assignments.items()}
        self.assignment_ref.choices = options(told, nothing=_l("None"))
        if self.is_submitted():
            return
        if pledge is not None:
            self.round_ref.data = pledge.round.ref if pledge.round else ""
            self.team_ref.data = pledge.team.ref if pledge.team else ""
            self.campaign_ref.data = pledge.campaign.ref if pledge.campaign else ""
            self.assignment_ref.data = pledge.assignment.ref if pledge.assignment else ""
            template = pledge.template
        self.template_ref.data = template.ref if template is not None else ""
        while len(self.target_rows) < _rows_wanted(pledge):
            self.target_rows.append_entry()

    def lay_in(self, words: Words) -> None:
        """Begin with the words of a template."""
        self.text.data, self.reward.data, self.penalty.data = words["text"], words["reward"], words["penalty"]

    def act_values(self) -> dict[str, Any]:
        """What draft_pledge takes."""
        return {**self.edit_values(), "template": self.templates.get(self.template_ref.data or "")}

    def edit_values(self) -> dict[str, Any]:
        """What edit_pledge takes."""
        return {
            **self.values("target_rows", "round_ref", "team_ref", "campaign_ref", "assignment_ref", "template_ref"),
            "targets": [row for row in map(_target, self.target_rows.data) if row],
            "round": self.rounds.get(self.round_ref.data),
            "team": self.teams.get(self.team_ref.data),
            "campaign": self.campaigns.get(self.campaign_ref.data),
            "assignment": self.assignments.get(self.assignment_ref.data),
        }


def _rows(pledge: Pledge | None) -> dict[str, Any]:
    if pledge is None:
        return {}
    rows = [{field: each.get(key) or "" for key, field in FIELD_OF_KEY.items()} for each in pledge.targets]
    return {"target_rows": [{**row, "kind": row["kind"] or ObjectiveKind.COMMITTED} for row in rows]}


def _rows_wanted(pledge: Pledge | None) -> int:
    return min(len(pledge.targets) + SPARE_ROWS if pledge else SPARE_ROWS + 1, MOST_TARGETS)


def _target(row: dict[str, Any]) -> dict[str, str]:
    """A row as it is kept; nothing of one in which only its kind is chosen."""
    words = {key: row[field] or "" for key, field in FIELD_OF_KEY.items()}
    return words if any(word for key, word in words.items() if key != "kind") else {}


def _by_ref(records: Iterable[Any], present: Any) -> dict[str, Any]:
    return {each.ref: each for each in [*records, *([present] if present else [])]}


MOST_CLAUSES = 20
SPARE_CLAUSES = 2


class ClauseForm(Form):
    heading = LineField(_l("Heading"))
    heading_local = LineField(_l("Chinese heading"))
    text = TextField(_l("Text"), most=4000)
    text_local = TextField(_l("Chinese text"), most=4000)


class TemplateForm(HufuForm):
    name = LineField(_l("Name"), required=True)
    name_local = LineField(_l("Chinese name"))
    clauses = FieldList(FormField(ClauseForm), label=_l("Clauses"), max_entries=MOST_CLAUSES)
    reward = TextField(_l("If the pledge is kept"), most=4000)
    reward_local = TextField(_l("If the pledge is kept, in Chinese"), most=4000)
    penalty = TextField(_l("If the pledge is missed"), most=4000)
    penalty_local = TextField(_l("If the pledge is missed, in Chinese"), most=4000)
    roles = SelectMultipleField(
        _l("Who has to sign"),
        choices=options(SLOT_ROLE_LABELS),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[Optional()],
        default=[SlotRole.PLEDGER, SlotRole.WITNESS, SlotRole.COUNTERSIGNER],
    )
    is_ordered = BooleanField(
        _l("They sign in this order"), description=_l("Without it everybody signs when they come to it.")
    )
    evidence_months = IntegerField(
        _l("Months for which evidence of the signatures is kept"),
        validators=[Optional(), NumberRange(1, 1200, _l("Please give a number of months from 1 to 1200."))],
        description=_l(
            "Address, browser and drawn mark, counted from the day on which a pledge has ended: assessed, refused, "
            "superseded or void. Empty: until somebody erases them. It counts for every pledge made with this template."
        ),
    )

    def __init__(self, template: PledgeTemplate | None = None) -> None:
        super().__init__(obj=template)
        known = len(template.clauses) if template else 1
        while not self.is_submitted() and len(self.clauses) < min(known + SPARE_CLAUSES, MOST_CLAUSES):
            self.clauses.append_entry()

    def act_values(self) -> dict[str, Any]:
        rows = [{key: value or "" for key, value in row.items()} for row in self.clauses.data]
        return {**self.values("clauses"), "clauses": [row for row in rows if any(row.values())]}


class ManyForm(HufuForm):
    """What the pledges of a year share; the rows of the teams are read by the page."""

    template_ref = SelectField(_l("Template"))
    language = SelectField(_l("Language of the text"), choices=options(LANGUAGES), default="en")
    deadline = DayField(_l("Deadline"))
    sign_by = DayField(_l("To be signed by"))
    witness_ref = SelectField(_l("Witness"))
    countersigner_ref = SelectField(_l("Countersigner"))

    def __init__(self, people: Sequence[Person]) -> None:
        super().__init__()
        self.templates = _by_ref(queries.list_templates(), None)
        self.people = _by_ref(people, None)
        self.template_ref.choices = record_options(self.templates.values())
        self.witness_ref.choices = record_options(people, nothing=_lp("pledge", "Nobody"))
        self.countersigner_ref.choices = record_options(people, nothing=_lp("pledge", "Nobody"))


class SlotForm(HufuForm):
    person_ref = SelectField(_l("Person"))
    role = SelectField(_l("Role"), choices=options(SLOT_ROLE_LABELS))

    def __init__(self, people: Sequence[Person]) -> None:
        super().__init__()
        self.people = {each.ref: each for each in people}
        self.person_ref.choices = record_options(people)


class VoidForm(HufuForm):
    reason = TextField(_l("Reason"), required=True, most=2000)


class AssessForm(HufuForm):
    verdict = SelectField(_l("What became of it"))
    score = IntegerField(
        _l("How much of it was kept, of 100"),
        validators=[Optional(), NumberRange(0, 100, _l("Please give a number from 0 to 100."))],
        description=_l("Only of a pledge that was partly kept."),
    )
    evidence = TextField(
        _l("What this rests on"),
        most=2000,
        description=_l("What was measured or seen, by whom. It is kept with the evidence that was brought before."),
    )
    reason = TextField(_l("Reason"), required=True, most=4000)

    def __init__(self, verdicts: Sequence[PledgeVerdict]) -> None:
        super().__init__()
        self.verdict.choices = options({each: PLEDGE_VERDICT_LABELS[each] for each in verdicts})


class ReasonForm(HufuForm):
    """Of an act whose only word is why."""

    reason = TextField(_l("Reason"), required=True, most=4000)


class EvidenceForm(HufuForm):
    words = LineField(_l("What it is"), required=True, most=500, description=_l("Such as: report of the laboratory."))
    figure = LineField(_l("A figure"), most=60, description=_l("The number, and what it counts: 85 % of 61 %."))
    url = LineField(_l("A link"), most=2000, description=_l("An address that begins with http:// or https://."))
    file = UploadField(_l("A file"), description=_l("A PDF, a picture, a text or an office document."))

    @property
    def upload(self) -> Any:
        """The stream and the name of what was sent; a browser sends an empty file when none was chosen."""
        sent = self.file.data
        return (sent.stream, sent.filename) if sent and sent.filename else None


class WordingForm(HufuForm):
    note = TextField(
        _l("Who read it, and what they said"),
        required=True,
        most=2000,
        description=_l("Such as: Legal, Ms Tan, 3 March: no fine, no deduction from wages."),
    )
