"""Forms of categories, nominations and juries."""

from collections.abc import Sequence
from typing import Any

from wtforms import IntegerField, RadioField, SelectField
from wtforms.validators import InputRequired, NumberRange

from app.core.config import settings_now
from app.core.forms import DayField, HufuForm, LineField, TextField, UploadField, options, record_options
from app.core.i18n import _, _l
from app.nominations.models import NOMINEE_KIND_LABELS, Category, JurorScore, Nomination, NomineeKind
from app.nominations.services import Outside
from app.people.models import Person, Team


class CategoryForm(HufuForm):
    title = LineField(_l("Title"), required=True)
    title_local = LineField(_l("Chinese title"))
    nominee = SelectField(_l("Who can be proposed"), choices=options(NOMINEE_KIND_LABELS))
    criteria = TextField(_l("Criteria"), most=4000, description=_l("What the jury looks at."))
    criteria_local = TextField(_l("Criteria in Chinese"), most=4000)
    eligibility = TextField(_l("Who is eligible"), most=4000, description=_l("Such as: with us since January."))
    eligibility_local = TextField(_l("Who is eligible, in Chinese"), most=4000)
    opens_on = DayField(_l("Proposals from"))
    closes_on = DayField(_l("Proposals until"))
    winners_most = IntegerField(
        _l("Winners at most"),
        default=1,
        validators=[InputRequired(_l("Please fill this in.")), NumberRange(1, 100, _l("A number from 1 to 100."))],
    )
    quorum = IntegerField(
        _l("Jurors who must have scored each nomination"),
        default=2,
        validators=[InputRequired(_l("Please fill this in.")), NumberRange(1, 100, _l("A number from 1 to 100."))],
        description=_l("Those who keep out are not counted. With fewer scores nothing can be decided."),
    )


class NominationForm(HufuForm):
    """One of a person or team of ours, and a name from outside; as the category allows."""

    who = SelectField(_l("Person or team"))
    outside_name = LineField(_l("or somebody outside the company"))
    outside_name_local = LineField(_l("Their Chinese name"))
    outside_organization = LineField(_l("Where they belong"))
    reason = TextField(
        _l("Why"), required=True, most=4000, description=_l("What they did, and what came of it. The jury reads this.")
    )

    def __init__(
        self,
        category: Category,
        people: Sequence[Person],
        teams: Sequence[Team],
        nomination: Nomination | None = None,
    ) -> None:
        super().__init__(obj=nomination)
        if not category.takes(NomineeKind.TEAM):
            teams = ()
        if not category.takes(NomineeKind.PERSON):
            people = ()
        self.records: dict[str, Person | Team] = {each.ref: each for each in [*teams, *people]}
        self.who.choices = record_options(
            self.records.values(),
            nothing=_("Nobody of ours") if category.nominee == NomineeKind.ANY else _("Choose one"),
        )
        if category.nominee != NomineeKind.ANY:
            self.who.label.text = NOMINEE_KIND_LABELS[NomineeKind(category.nominee)]
        if nomination is not None and not self.is_submitted():
            inside = nomination.person or nomination.team
            self.who.data = inside.ref if inside else ""
        if category.nominee == NomineeKind.OUTSIDE:
            del self.who
        elif not category.takes(NomineeKind.OUTSIDE):
            del self.outside_name, self.outside_name_local, self.outside_organization

    @property
    def nominee(self) -> Person | Team | Outside | None:
        """Who was named; nobody when nobody or two were."""
        who = self._fields.get("who")
        inside = self.records.get(who.data) if who is not None else None
        name = self._told("outside_name")
        if name and inside is None:
            return Outside(name, self._told("outside_name_local"), self._told("outside_organization"))
        return None if name else inside

    def _told(self, name: str) -> str | None:
        found = self._fields.get(name)
        return found.data if found is not None else None


class EvidenceForm(HufuForm):
    words = LineField(
        _l("What it is"), required=True, most=300, description=_l("Such as: the shift book of March, page 12.")
    )
    url = LineField(_l("A link"), most=2000, description=_l("An address that begins with http:// or https://."))
    file = UploadField(_l("or a file"), description=_l("A PDF, a picture, a text or an office document."))

    def __init__(self) -> None:
        super().__init__()
        most = settings_now().upload_mb
        self.file.render_kw = {
            "data-most-mb": most,
            "data-too-large": _("This file is larger than %(max)d MB. Please give a smaller one.", max=most),
        }

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if self.url.data and self.upload:
            self.url.errors = [*self.url.errors, _("Please give a link or a file, not both.")]
            return False
        return good

    @property
    def upload(self) -> Any:
        """The file that was sent; a browser sends an empty one when none was chosen."""
        sent = self.file.data
        return sent if sent is not None and getattr(sent, "filename", "") else None


class EligibilityForm(HufuForm):
    verdict = RadioField(
        _l("Is it eligible?"),
        choices=options({"yes": _l("Eligible"), "no": _l("Not eligible")}),
        validators=[InputRequired(_l("Please choose one."))],
    )
    reason = TextField(_l("Reason"), most=2000, description=_l("Needed for a no; whoever proposed it reads this."))


class JurorForm(HufuForm):
    person_ref = SelectField(_l("Juror"))

    def __init__(self, people: Sequence[Person]) -> None:
        super().__init__()
        self.people = {each.ref: each for each in people}
        self.person_ref.choices = record_options(people)


class ScoreForm(HufuForm):
    score = IntegerField(
        _l("Score"),
        validators=[
            InputRequired(_l("A score is a whole number from 0 to 10.")),
            NumberRange(0, 10, _l("A score is a whole number from 0 to 10.")),
        ],
        description=_l("0 to 10. No other juror sees it."),
    )
    comment = TextField(_l("Comment"), most=2000)

    def __init__(self, given: JurorScore | None) -> None:
        super().__init__(obj=given)


class RecusalForm(HufuForm):
    reason = LineField(
        _l("Why you keep out"), required=True, most=300, description=_l("Such as: we are related. It cannot be undone.")
    )
