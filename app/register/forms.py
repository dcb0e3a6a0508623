"""What a browser may send about the register."""

from wtforms import HiddenField

from app.core.forms import HufuForm, LineField
from app.core.i18n import _l
from app.register.language import MOST_SIGNS


class ViewForm(HufuForm):
    """`event_ref` says of which register the view is: empty means that of all gatherings."""

    name = LineField(_l("Name"), required=True, most=100, description=_l("As it stands in your list. Only you see it."))
    query = LineField(_l("Search"), required=True, most=MOST_SIGNS)
    event_ref = HiddenField()
