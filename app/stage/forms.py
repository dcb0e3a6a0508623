"""What a browser may send from the console."""

from datetime import datetime, timedelta
from typing import Any

from wtforms import Field, HiddenField, SelectField
from wtforms.validators import Optional, Regexp

from app.core import clock
from app.core.forms import HufuForm, LineField, TextField, options
from app.core.i18n import _l
from app.shows.models import Cue
from app.stage.marks import CORRECTABLE, KEPT_FOR
from app.stage.models import MarkKind

KINDS = {
    MarkKind.CALLED: _l("Call"),
    MarkKind.DONE: _l("Done"),
    MarkKind.SKIPPED: _l("Skip silently"),
    MarkKind.BACK: _l("Take back"),
    MarkKind.CORRECTED: _l("Correct"),
}


class MarkForm(HufuForm):
    """`entry` is the browser's own name for the mark, `at` when it was pressed and `sent` when it was sent, both in
    milliseconds by the browser's own clock: only the time between the two counts.
    """

    kind = SelectField(_l("What happened"), choices=options(KINDS))
    reason = LineField(_l("Reason, for the console only"), most=300)
    title = LineField(_l("Title"))
    title_local = LineField(_l("Chinese title"))
    on_stage = TextField(_l("On stage"), most=2000)
    pronunciation = LineField(_l("Pronunciation"))
    names = TextField(_l("Winners as the screen writes them"), most=2000)
    entry = HiddenField(validators=[Optional(), Regexp(r"^[0-9a-f-]{8,36}\Z")])
    run = HiddenField(validators=[Optional(), Regexp(r"^[0-9]{1,12}\Z")])
    at = HiddenField()
    sent = HiddenField()

    @property
    def marked_at(self) -> datetime | None:
        at, sent = _milliseconds(self.at), _milliseconds(self.sent)
        if at is None or sent is None:
            return None
        return clock.now() - min(KEPT_FOR, timedelta(milliseconds=max(0, sent - at)))

    def mark_values(self) -> dict[str, Any]:
        """What belongs to this kind of mark; of a correction only the fields that were sent."""
        if self.kind.data == MarkKind.SKIPPED:
            return {"reason": self.reason.data}
        if self.kind.data != MarkKind.CORRECTED:
            return {}
        return {name: self[name].data for name in (*CORRECTABLE, "names") if self[name].raw_data}

    def fill(self, cue: Cue, *, names: str | None) -> None:
        """What stands there now, to be corrected."""
        for name in CORRECTABLE:
            self[name].data = getattr(cue, name)
        self.names.data = names

    def sentence(self) -> str:
        """Why it was not taken, in one sentence."""
        said = self.refusal or " ".join(str(each) for found in self.errors.values() for each in found)
        return str(said)


def _milliseconds(field: Field) -> int | None:
    raw = str(field.data or "")
    return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 15 else None
