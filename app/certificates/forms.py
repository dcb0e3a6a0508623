"""What the pages of the certificate authority may send."""

from app.core.forms import HufuForm, LineField
from app.core.i18n import _l


class RevokeForm(HufuForm):
    reason = LineField(_l("Reason"), required=True, most=200)
