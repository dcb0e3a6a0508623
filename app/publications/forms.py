"""What a browser may send about releases."""

from wtforms import BooleanField

from app.core.forms import DayField, HufuForm, LineField, TextField
from app.core.i18n import _l

MOST = 50_000


class ReleaseForm(HufuForm):
    title = LineField(_l("Title"), required=True, most=300)
    title_local = LineField(_l("Title in Chinese"), most=300)
    released_on = DayField(_l("Date"), description=_l("Empty: the day of publication."))
    is_public = BooleanField(_l("Public: everybody may read it, without signing in"))
    body = TextField(_l("Text"), most=MOST)
    body_local = TextField(_l("Text in Chinese"), most=MOST)


class WithdrawalForm(HufuForm):
    reason = TextField(
        _l("Reason"), required=True, most=2_000, description=_l("Readers see it on the page that remains.")
    )
