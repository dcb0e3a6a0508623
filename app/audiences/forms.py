"""What a browser may send about lists of people."""

from wtforms import HiddenField

from app.core.forms import HufuForm, LineField, TextField, UploadField
from app.core.i18n import _l

MOST_SIGNS = 500_000


class LineForm(HufuForm):
    """Puts the line that was looked at onto the list."""


class RemoveLineForm(HufuForm):
    pass


class ListForm(HufuForm):
    """A pasted or uploaded list. `seen` is the digest of what was shown of it: only that is taken."""

    name = LineField(_l("Name of the list"))
    text = TextField(_l("The list"), most=MOST_SIGNS)
    file = UploadField(_l("Or a table"))
    seen = HiddenField()


class SendForm(HufuForm):
    message = TextField(_l("A word to those invited"), most=2000)
    preview_for = LineField()
    seen = HiddenField()


class GroupForm(HufuForm):
    name = LineField(_l("Name"), required=True)
    name_local = LineField(_l("Chinese name"))
    note = TextField(_l("What it is for"), most=2000)
