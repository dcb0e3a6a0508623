"""What the door sends."""

from app.core.forms import HufuForm, LineField
from app.core.i18n import _l


class CodeForm(HufuForm):
    code = LineField(_l("Admission code"), required=True, most=100)
