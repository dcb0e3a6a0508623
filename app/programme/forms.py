"""What a browser may send about programmes. Times are wall-clock times in the event's zone; records are refs."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired, Length

from app.core.errors import Refused, Stale
from app.core.forms import DayField, HufuForm, LineField, TextField, WallTimeField, options
from app.core.i18n import _, _l, _lp, format_moment
from app.events.forms import NumberField
from app.programme.models import COLOUR_LABELS, ITEM_KIND_LABELS, SESSION_KIND_LABELS, Colour

MOST_SPEAKERS = 100


class RecordForm(HufuForm):
    """Of a stale page: moments are told in the event's zone, and speakers by name."""

    def show_stored(self, refusal: Refused, stored: Mapping[str, tuple[Any, str]]) -> None:
        """`stored`: field name → (value as the form would hold it, the same for reading)."""
        if not isinstance(refusal, Stale):
            return
        for name, (value, words) in stored.items():
            field = self._fields[name]
            self.theirs.pop(name, None)
            if hasattr(field, "theirs"):
                del field.theirs
            if value != field.data:
                self.theirs[name] = field.theirs = words or "–"  # type: ignore[attr-defined]  # read by the field macro


class ChoiceField(SelectField):
    """One of several, or none of them; not sent is none."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist or [""])


class RoomForm(HufuForm):
    name = LineField(_lp("thing", "Name"), required=True, most=100)
    name_local = LineField(_l("Name in Chinese"), most=100)
    seats = NumberField(_l("Seats"))
    building = LineField(
        _l("Building"), most=100, description=_l("Written alike for all rooms under one roof. From one to another takes time.")
    )  # fmt: skip


class GiveWayForm(HufuForm):
    """Where what is in a room, or on a track, goes when that is removed."""

    to = ChoiceField(_l("Move it to"))


class TrackForm(HufuForm):
    name = LineField(_lp("thing", "Name"), required=True, most=100)
    name_local = LineField(_l("Name in Chinese"), most=100)
    colour = RadioField(_l("Colour"), choices=options(COLOUR_LABELS), default=Colour.BRONZE)


class WindowForm(HufuForm):
    who = SelectField(_l("Who or where"), validators=[InputRequired(_l("Please choose somebody or a room."))])
    kind = RadioField(
        _l("What is known"),
        choices=options({"busy": _l("Cannot be had then"), "free": _l("Can be had then, and at no other time")}),
        default="busy",
    )
    starts_at = WallTimeField(_l("From"), required=True)
    ends_at = WallTimeField(_l("Until"), required=True)
    note = LineField(_l("Why"))


class StopForm(HufuForm):
    at = WallTimeField(_l("Moment"), required=True)
    person = ChoiceField(_l("Whom it binds"))
    reason = LineField(_l("Reason"), required=True)
    reason_local = LineField(_l("Reason in Chinese"))


class SessionForm(RecordForm):
    title = LineField(_l("Title"), required=True)
    title_local = LineField(_l("Title in Chinese"))
    kind = SelectField(_l("Kind"), choices=options(SESSION_KIND_LABELS))
    covers_year = NumberField(_l("Year it is about"))
    chair = SelectField(_l("Chair"))
    day = DayField(_l("Day"), description=_l("Leave it empty while it is not known."))
    starts_at = WallTimeField(_l("Begins"))
    ends_at = WallTimeField(_l("Ends"))
    room = SelectField(_l("Room"))
    theme = LineField(_l("Theme"), most=300)
    theme_local = LineField(_l("Theme in Chinese"), most=300)
    purpose = TextField(_l("Purpose"), most=4000)
    purpose_local = TextField(_l("Purpose in Chinese"), most=4000)

    def refuse(self, refusal: Refused) -> None:
        super().refuse(refusal)
        if isinstance(refusal, Stale):
            theirs: Any = refusal.theirs
            self.show_stored(refusal, _when(theirs))


class ItemForm(RecordForm):
    title = LineField(_l("Title"), required=True)
    title_local = LineField(_l("Title in Chinese"))
    kind = SelectField(_l("Kind"), choices=options(ITEM_KIND_LABELS))
    session = SelectField(_l("Session"))
    starts_at = WallTimeField(_l("Begins"), description=_l("Leave it empty while it is not known."))
    ends_at = WallTimeField(_l("Ends"))
    minutes = NumberField(_l("Minutes"), description=_l("How long it will take, while it has no time."))
    room = SelectField(_l("Room"))
    expected = NumberField(_l("Expected people"), description=_l("Decides whether the room is large enough."))
    track = ChoiceField(_l("Track"))
    speakers = SelectMultipleField(
        _l("Speakers"),
        validators=[Length(max=MOST_SPEAKERS, message=_l("Please choose at most %(max)d."))],
        description=_l("People and teams. Hold Ctrl or ⌘ to choose several."),
        render_kw={"size": 8, "data-chooser": True, "data-narrow": _l("Find a person or a team")},
    )
    needed = SelectMultipleField(
        _l("Has to be there"),
        validators=[Length(max=MOST_SPEAKERS, message=_l("Please choose at most %(max)d."))],
        description=_l("Without them it cannot go on, though they do not speak."),
        render_kw={"size": 5, "data-chooser": True, "data-narrow": _l("Find a person")},
    )
    summary = TextField(_l("Summary"), most=4000)
    summary_local = TextField(_l("Summary in Chinese"), most=4000)
    is_internal = BooleanField(
        _l("Internal"), description=_l("Set-up, rehearsal: seen only by those who plan, keep the record or the door.")
    )

    def refuse(self, refusal: Refused) -> None:
        super().refuse(refusal)
        if isinstance(refusal, Stale):
            theirs: Any = refusal.theirs
            speakers = [(each.person or each.team) for each in theirs.speakers]
            names = ", ".join(each.display_name for each in speakers)
            needed = [each.person for each in theirs.needed]
            refs, typed = [each.ref for each in needed], self.needed.data or []
            told = {
                **_when(theirs),
                "speakers": ([each.ref for each in speakers], names),
                "needed": (typed if set(refs) == set(typed) else refs, ", ".join(each.display_name for each in needed)),
            }
            self.show_stored(refusal, told)


class BreakForm(HufuForm):
    """A break before an item. What may be stale is the item, which has no field here."""

    minutes = NumberField(_l("Minutes"))

    def refuse(self, refusal: Refused) -> None:
        super().refuse(refusal)
        if isinstance(refusal, Stale):
            item: Any = refusal.theirs
            self.theirs = {}
            if hasattr(self.minutes, "theirs"):
                del self.minutes.theirs
            self.refusal = _(
                "Somebody has changed this item since you saw it. It begins now: %(time)s. Sending it again puts the break there.",
                time=format_moment(item.starts_at, item.event.time_zone) or _("no time stated"),
            )  # fmt: skip


class MoveForm(RecordForm):
    """Another time, another room; the same length unless another is given."""

    starts_at = WallTimeField(_l("Begins"), description=_l("Leave it empty to take the item off the timetable."))
    minutes = NumberField(_l("Minutes"), description=_l("Leave it empty and the item keeps its length."))
    room = SelectField(_l("Room"))

    def refuse(self, refusal: Refused) -> None:
        super().refuse(refusal)
        if isinstance(refusal, Stale):
            theirs: Any = refusal.theirs
            minutes = length_in_minutes(theirs)
            when = _when(theirs)["starts_at"]
            self.show_stored(refusal, {"starts_at": when, "minutes": (minutes, str(minutes or ""))})


def length_in_minutes(item: Any) -> int | None:
    """How long an item takes, or will take once it has a time."""
    if item.starts_at is None or item.ends_at is None:
        return item.minutes
    return round((item.ends_at - item.starts_at).total_seconds() / 60)


def _when(record: Any) -> dict[str, tuple[Any, str]]:
    zone = record.event.time_zone
    moments = {name: getattr(record, name) for name in ("starts_at", "ends_at")}
    return {
        name: (moment and moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None), format_moment(moment, zone))
        for name, moment in moments.items()
    }
