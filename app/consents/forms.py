"""What a browser may send about the consent."""

from wtforms import HiddenField

from app.core.forms import HufuForm, TextField
from app.core.i18n import _l


class GiveForm(HufuForm):
    text_hash = HiddenField()
    next = HiddenField()


class TextForm(HufuForm):
    text = TextField(_l("Words in English"), required=True, description=_l("Markdown may be used."))
    text_local = TextField(_l("Words in Chinese"), required=True)
