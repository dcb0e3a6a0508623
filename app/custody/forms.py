"""Forms of the changes of hands."""

from app.core.forms import HufuForm, TextField, UploadField
from app.core.i18n import _l


class ConfirmForm(HufuForm):
    file = UploadField(_l("Photograph, or the receipt that was signed"), render_kw={"accept": "image/png,image/jpeg"})


class WithdrawForm(HufuForm):
    reason = TextField(_l("Why it does not hold"), required=True, most=2000)
