"""What a browser may send about an evening's table. Times are wall-clock times in the event's zone; records are refs."""

from collections.abc import Mapping
from typing import Any

from flask_wtf.file import FileRequired
from wtforms import BooleanField, SelectField, SelectMultipleField
from wtforms.validators import Optional

from app.core.forms import HufuForm, LineField, TextField, UploadField, WallTimeField, options
from app.core.i18n import _l, _lp
from app.events.forms import NumberField
from app.events.models import Event
from app.people.forms import RecordField
from app.shows.models import CUE_KIND_LABELS, PRECEDENCE_LABELS, Cue, CueKind, Precedence, Show


class WordedField(RecordField):
    """A choice among records that need more words than their name."""

    def offer_in_words(self, records: Mapping[Any, str], *, nothing: Any) -> None:
        self.offer(records, nothing=nothing)
        self.choices = options({each.ref: words for each, words in records.items()}, nothing=nothing)


class ShowForm(HufuForm):
    title = LineField(_l("Title"), required=True)
    title_local = LineField(_l("Title in Chinese"))
    session_ref = RecordField(_l("Session"))
    starts_at = WallTimeField(_lp("show", "Begins"), required=True)
    ends_at = WallTimeField(_l("Has to be over by"))
    precedence = SelectField(
        _l("Who ranks higher"), choices=options(PRECEDENCE_LABELS), default=Precedence.OWN_LEFT_FIRST
    )
    source_ref = WordedField(_l("Copy the rows of"))

    def show_record(self, show: Show) -> None:
        """What stands in the fields before anything was sent."""
        if self.is_submitted():
            return
        self.starts_at.show(show.starts_at, show.event.time_zone)
        self.ends_at.show(show.ends_at, show.event.time_zone)
        self.session_ref.data = show.session.ref if show.session else ""

    def act_values(self, event: Event) -> dict[str, Any]:
        zone = event.time_zone
        values = self.values("session_ref", "source_ref", "starts_at", "ends_at")
        moments = {"starts_at": self.starts_at.moment(zone), "ends_at": self.ends_at.moment(zone)}
        return {**values, **moments, "session": self.session_ref.record}


class CueForm(HufuForm):
    title = LineField(_l("Cue"), required=True)
    title_local = LineField(_l("Cue in Chinese"))
    kind = SelectField(_lp("cue", "Kind"), choices=options(CUE_KIND_LABELS), default=CueKind.OTHER)
    block = NumberField(_l("Block"))
    minutes = NumberField(_l("Minutes"), default=1)
    fixed_at = WallTimeField(_l("Fixed start"))
    can_be_cut = BooleanField(_l("Can be cut when time is short"))
    on_stage = TextField(_l("On stage"), most=2000)
    stage_position = LineField(_lp("cue", "Position"))
    pronunciation = LineField(_l("How the name is said"))
    reason = LineField(_l("Why not by precedence"), most=500)
    script = TextField(_lp("cue", "Script"))
    script_local = TextField(_lp("cue", "Script in Chinese"))
    sound = TextField(_lp("cue", "Sound"), most=2000)
    light = TextField(_lp("cue", "Light"), most=2000)
    screen = TextField(_lp("cue", "Screen"), most=2000)
    props = TextField(_l("Props"), most=2000)
    owner_ref = RecordField(_lp("cue", "Owner"))
    owner_name = LineField(_l("Owner who is not listed"))
    about = WordedField(_l("Stands for"))

    def show_record(self, cue: Cue, about: Any) -> None:
        """What stands in the fields before anything was sent; `about` is the record that the cue stands for."""
        if self.is_submitted():
            return
        self.fixed_at.show(cue.fixed_at, cue.event.time_zone)
        self.owner_ref.data = cue.owner.ref if cue.owner else ""
        self.about.data = about.ref if about is not None else ""

    def act_values(self, event: Event) -> dict[str, Any]:
        values = self.values("owner_ref", "about", "fixed_at", "reason", "block")
        if self.block.data:
            values["block"] = self.block.data
        linked = self.about.record
        links = {name: linked if _is(linked, name) else None for name in TABLES}
        if links["slot"] is not None:
            links["pledge"] = links["slot"].pledge
        fixed = self.fixed_at.moment(event.time_zone)
        return {**values, **links, "fixed_at": fixed, "owner": self.owner_ref.record}


TABLES = {"award": "award", "tally": "tally", "slot": "signature_slot", "pledge": "pledge", "ceremony": "ceremony"}


def _is(record: Any, name: str) -> bool:
    return record is not None and record.__tablename__ == TABLES[name]


class PublishForm(HufuForm):
    note = TextField(_l("What is different"), most=1000)


class ImportForm(HufuForm):
    file = UploadField(_l("Table"), validators=[FileRequired(_l("Please choose a file."))])


class SigningBlockForm(HufuForm):
    pledges = SelectMultipleField(_l("Pledges"), choices=[], validators=[Optional()])
    reason = LineField(_l("Why in another order"), most=500)


class TallyBlockForm(HufuForm):
    tally_ref = RecordField(_l("Tally"))


class AwardBlockForm(HufuForm):
    award_ref = RecordField(_l("Award"))
    presenters_on_stage = BooleanField(_l("The presenters sit on stage already"))
