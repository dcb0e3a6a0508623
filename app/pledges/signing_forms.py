"""What a browser may send from the signing room."""

import json
from collections.abc import Sequence

from wtforms import BooleanField, HiddenField, PasswordField, RadioField
from wtforms.validators import Length, Optional

from app.core.forms import HufuForm, LineField, TextField, options
from app.core.i18n import _l
from app.proofs.forms import RefField
from app.proofs.models import Means

MEANS = {
    Means.PASSKEY: _l("Passkey, the strongest"),
    Means.TIME_CODE: _l("Code of my app, weaker"),
    Means.PASSWORD: _l("Password, the weakest"),
}
MOST_STROKES, MOST_POINTS, MOST_BYTES = 100, 4000, 60_000
Strokes = tuple[tuple[int, ...], ...]


class SignForm(HufuForm):
    content_hash = HiddenField()
    place = HiddenField()
    cue = RefField()
    means = RadioField(_l("How do you prove that it is you?"), validate_choice=False)
    password = PasswordField(
        _l("Your password, once more"),
        validators=[Optional(), Length(max=1000, message=_l("Please keep this to %(max)d characters."))],
        render_kw={"autocomplete": "current-password"},
    )
    code = LineField(
        _l("The six digits of your app"),
        most=12,
        render_kw={"inputmode": "numeric", "autocomplete": "one-time-code"},
    )
    mark_text = LineField(
        _l("Your name, typed as you would write it"), most=100, description=_l("An addition that may stay empty.")
    )
    strokes = HiddenField()
    prints_mark = BooleanField(_l("Print what I drew in my field of the paper, for everybody who sees it"))
    challenge = RefField()
    assertion = HiddenField()

    def __init__(self, possible: Sequence[Means], **more: object) -> None:
        super().__init__(**more)
        self.possible = list(possible)
        self.means.choices = options({each: MEANS[each] for each in possible})
        if not self.is_submitted() or not self.means.data:
            # Without a script no passkey can be held out: the page chooses it where it can.
            plain = [each for each in possible if each != Means.PASSKEY]
            self.means.data = str(plain[0]) if plain else ""

    @property
    def chosen(self) -> Means | None:
        return next((each for each in self.possible if each == self.means.data), None)

    def given(self) -> dict[str, str]:
        """What proves the signatory, by the names that judging knows."""
        names = ("password", "code", "challenge", "assertion")
        return {name: self._fields[name].data or "" for name in names}

    def drawn(self) -> Strokes:
        return strokes_of(self.strokes.data or "")


def strokes_of(raw: str) -> Strokes:
    """The strokes of a drawn mark: of each its x and y by turns, in thousandths. Anything else is no mark."""
    if len(raw) > MOST_BYTES:
        return ()
    try:
        told = json.loads(raw or "[]")
    except (ValueError, RecursionError):
        return ()
    if not isinstance(told, list) or len(told) > MOST_STROKES:
        return ()
    if not all(isinstance(stroke, list) and stroke and len(stroke) % 2 == 0 for stroke in told):
        return ()
    if sum(map(len, told)) > MOST_POINTS:
        return ()
    if not all(type(each) is int and 0 <= each <= 1000 for stroke in told for each in stroke):
        return ()
    return tuple(tuple(stroke) for stroke in told)


class ReadForm(HufuForm):
    """The button at the end of the text."""

    place = HiddenField()
    cue = HiddenField()


class DeclineForm(HufuForm):
    place = HiddenField()
    reason = TextField(_l("Reason, if you wish to give one"), most=2000)


class EraseForm(HufuForm):
    reason = TextField(_l("Reason"), required=True, most=2000)
