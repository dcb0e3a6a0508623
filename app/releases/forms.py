"""What a browser may send about releases."""

from wtforms import HiddenField, SelectField

from app.core.forms import HufuForm, LineField, TextField
from app.core.i18n import _l, _lp
from app.releases.services import MOST_SIGNS, Seen


class ReleaseForm(HufuForm):
    name = LineField(
        _lp("thing", "Name"),
        required=True,
        most=MOST_SIGNS,
        description=_l("By which people speak of it, such as: First version."),
    )
    message = TextField(
        _l("A word to everybody who is told"), most=2000, description=_l("It stands above the changes in each mail.")
    )
    reason = LineField(_l("Why it is released although something cannot take place so"), most=500)
    person = SelectField(_l("Whose mail to show"), validate_choice=False)
    seen = HiddenField()

    def show_seen(self, seen: Seen) -> None:
        self.seen.data = f"{seen.number}.{seen.programme_version}"

    @property
    def was_seen(self) -> Seen:
        """What the page was made from; something that nothing matches where that was not sent as it was."""
        number, _dot, version = str(self.seen.data or "").partition(".")
        return Seen(*(int(each) if each.isdecimal() and len(each) < 10 else -1 for each in (number, version)))


class AgainForm(HufuForm):
    """An old release, told again."""

    name = LineField(_lp("thing", "Name"), required=True, most=MOST_SIGNS)
    message = TextField(_l("A word to everybody who is told"), most=2000)
    reason = LineField(_l("Why it is released although something cannot take place so"), most=500)
