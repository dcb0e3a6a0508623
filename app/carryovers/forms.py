"""What a browser may send about what is still open."""

from wtforms import SelectField, SelectMultipleField

from app.core.forms import HufuForm, LineField
from app.core.i18n import _l


class DecisionForm(HufuForm):
    """Which rows, and what becomes of them; which of the buttons was pressed is read beside it."""

    chosen = SelectMultipleField(_l("Chosen rows"), validate_choice=False)
    session = SelectField(_l("Session that treats it"))
    reason = LineField(_l("Why it is left out"), most=1000)
