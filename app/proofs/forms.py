"""What a browser may send about proofs."""

import re
from typing import Any

from wtforms import HiddenField

from app.core.forms import HufuForm, LineField
from app.core.i18n import _l

REF = re.compile(r"[0-9a-z]{16}", re.ASCII)


class RefField(HiddenField):
    """The ref of what the page itself has put there. Anything else, which no database needs to be asked for, is nothing."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        self.data = self.data if REF.fullmatch(self.data or "") else ""


class PasskeyForm(HufuForm):
    name = LineField(
        _l("Name of the device"),
        required=True,
        most=100,
        description=_l("For example: my phone, or the key on my ring."),
    )
    challenge = RefField()
    credential = HiddenField()


class CodeForm(HufuForm):
    code = LineField(
        _l("The six digits that it shows now"),
        required=True,
        most=12,
        render_kw={"inputmode": "numeric", "autocomplete": "one-time-code"},
    )
