"""What a browser may send to printing."""

from typing import Any

from wtforms import BooleanField, FloatField, IntegerField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from app.badges.layouts import FIELD_LABELS, FIELDS, SHEET_LABELS, Layout
from app.badges.models import BadgeKind
from app.core.forms import HufuForm, LineField, TextField, options
from app.core.i18n import LANGUAGES, _, _l, _lp

CARD_ONLY = (
    "width", "height", "sheet", "columns", "rows", "left", "top", "gap_x", "gap_y", "start", "marks", "folded", "largest",
    "floor",
)  # fmt: skip


class Shown(SelectMultipleField):
    """Check boxes for the fields that stand on the card."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _limits(least: float, most: float) -> list[Any]:
    words = _l("Please give a number from %(least)s to %(most)s.", least=f"{least:g}", most=f"{most:g}")
    return [InputRequired(words), NumberRange(least, most, message=words)]


class MeasureField(FloatField):
    """A length or a size, with a point or a comma."""

    def __init__(self, label: Any, least: float, most: float, **more: Any) -> None:
        super().__init__(label, validators=_limits(least, most), **more)

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        try:
            self.data = round(float(str(valuelist[0]).strip().replace(",", ".")), 2) if valuelist else None
        except ValueError:
            raise ValueError(_("This is not a number.")) from None

    def _value(self) -> str:
        return (
            (self.raw_data[0] if self.raw_data else f"{self.data:g}") if self.raw_data or self.data is not None else ""
        )


class CountField(IntegerField):
    def __init__(self, label: Any, least: int, most: int, **more: Any) -> None:
        super().__init__(label, validators=_limits(least, most), **more)


class LayoutForm(HufuForm):
    """How one kind of card looks. A kind shows only the fields that mean something to it."""

    language = SelectField(_l("Language of the words on it"), choices=options(LANGUAGES))
    shown = Shown(_l("What stands on it"))
    line = TextField(_l("A text of your own"), most=400)
    signed_by = LineField(_l("Under the line for the signature"), most=200)
    width = MeasureField(_l("Width in mm"), 20, 297)
    height = MeasureField(_l("Height in mm"), 15, 297)
    folded = BooleanField(_l("Folded: both sides bear the text, one of them upside down"))
    largest = MeasureField(_l("Largest size of the name in points"), 8, 300)
    floor = MeasureField(_l("Smallest size of the name in points"), 5, 200)
    sheet = SelectField(_lp("print", "Sheet"), choices=options(SHEET_LABELS))
    columns = CountField(_l("Cards side by side"), 1, 10)
    rows = CountField(_l("Cards above each other"), 1, 20)
    left = MeasureField(_l("Margin at the left in mm"), 0, 100)
    top = MeasureField(_l("Margin at the top in mm"), 0, 100)
    gap_x = MeasureField(_l("Gap between columns in mm"), 0, 50)
    gap_y = MeasureField(_l("Gap between rows in mm"), 0, 50)
    start = CountField(_l("Places of the first sheet that are used already"), 0, 199)
    marks = BooleanField(_l("Marks where to cut and to fold"))

    def __init__(self, layout: Layout, version: int | None) -> None:
        super().__init__(data=layout.stored())
        self.layout = layout
        self.shown.choices = options({name: FIELD_LABELS[name] for name in FIELDS[layout.kind]})
        if layout.kind == BadgeKind.CERTIFICATE:
            for name in CARD_ONLY:
                del self[name]
        else:
            del self.signed_by
        if not self.is_submitted():
            self.version.data = str(version or "")

    def chosen(self) -> dict[str, Any]:
        values = self.values()
        return {**values, "shown": tuple(values["shown"] or ()), "line": values["line"] or "", **self._signed(values)}

    @staticmethod
    def _signed(values: dict[str, Any]) -> dict[str, str]:
        return {"signed_by": values["signed_by"] or ""} if "signed_by" in values else {}


class PrintForm(HufuForm):
    """The last step before the printer. Whom it is about stands in the address."""

    first = CountField(_l("First table"), 1, 9999, default=1)
    last = CountField(_l("Last table"), 1, 9999, default=10)
    start = CountField(_l("Places of the first sheet that are used already"), 0, 199)

    def __init__(self, layout: Layout) -> None:
        super().__init__(data={"start": layout.start, "first": 1, "last": 10})
        if layout.kind != BadgeKind.TABLE:
            del self.first, self.last
        if layout.per_sheet == 1:
            del self.start
