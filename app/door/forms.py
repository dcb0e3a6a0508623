"""What the door sends."""

from wtforms import BooleanField, SelectField

from app.core.forms import HufuForm, LineField, WallTimeField, options
from app.core.i18n import _l, _lp
from app.door.models import POINT_LABELS, PROFILE_LABELS, REPEAT_LABELS, PointKind


class CodeForm(HufuForm):
    code = LineField(_l("Admission code"), required=True, most=100)


class PointForm(HufuForm):
    kind = SelectField(
        _l("What for"), choices=options({k: v for k, v in POINT_LABELS.items() if k != PointKind.ARRIVAL})
    )
    session = SelectField(_l("Session"))
    name = LineField(_lp("thing", "Name"))
    name_local = LineField(_l("Name in Chinese"))
    repeat = SelectField(_l("How often one person passes"), choices=options(REPEAT_LABELS))
    counts_out = BooleanField(_l("Scan people on their way out too"))
    chosen_only = BooleanField(_l("Only people with a place in this session"))
    takes_walk_ins = BooleanField(_l("Let in people of the company who have not registered, while there are places"))


class DeviceForm(HufuForm):
    name = LineField(_lp("thing", "Name"), required=True)
    profile = SelectField(_l("What it may do"), choices=options(PROFILE_LABELS))
    point = SelectField(_lp("door", "Point"))
    expires_at = WallTimeField(_l("Until"), required=True)


class UndoForm(HufuForm):
    reason = LineField(_l("Reason"), required=True, most=500)


class PairForm(HufuForm):
    code = LineField(_l("Pairing code"), required=True, most=40)
