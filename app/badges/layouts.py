"""What a layout says: how large, on which sheet, with which fields. Stored as JSON, read with the defaults of its kind."""

import hashlib
import json
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any

from app.badges.models import BadgeKind
from app.core.errors import Refused
from app.core.i18n import _, _l, _lp
from app.documents.shapes import CardLayout


class Sheet(StrEnum):
    SINGLE = "single"
    A4 = "a4"
    A4_LANDSCAPE = "a4_landscape"


SHEET_LABELS = {
    Sheet.SINGLE: _lp("print", "One card a page"),
    Sheet.A4: _lp("print", "A4, several cards a sheet"),
    Sheet.A4_LANDSCAPE: _lp("print", "A4 landscape, several cards a sheet"),
}
PAGES = {Sheet.A4: (210.0, 297.0), Sheet.A4_LANDSCAPE: (297.0, 210.0)}
MARK_SPACE = 7.0  # around a single card, for the marks where to cut

FIELD_LABELS = {
    "other": _l("Name in the other letters"),
    "position": _l("Position"),
    "department": _l("Department"),
    "event": _l("Event"),
    "organization": _l("Organization"),
    "qr": _l("Admission code as a picture to scan"),
    "half_days": _l("The half-days that were attended"),
}
FIELDS = {
    BadgeKind.BADGE: ("other", "position", "department", "event", "organization", "qr"),
    BadgeKind.TENT: ("other", "position", "department", "event", "organization", "qr"),
    BadgeKind.TABLE: ("event", "organization"),
    BadgeKind.CERTIFICATE: ("other", "position", "half_days"),
}
OF_A_PERSON = ("name", "other_name", "position", "department", "event", "days", "place")
OF_A_TABLE = ("event", "days", "place")
PLACEHOLDERS = {
    BadgeKind.BADGE: OF_A_PERSON,
    BadgeKind.TENT: OF_A_PERSON,
    BadgeKind.TABLE: OF_A_TABLE,
    BadgeKind.CERTIFICATE: (*OF_A_PERSON, "half_days"),
}


@dataclass(frozen=True)
class Layout:
    """Measures in millimetres, sizes of the name in points. Of a folded card, `height` is that of one face."""

    kind: BadgeKind
    width: float = 90.0
    height: float = 54.0
    sheet: str = Sheet.A4
    columns: int = 2
    rows: int = 5
    left: float = 15.0
    top: float = 13.5
    gap_x: float = 0.0
    gap_y: float = 0.0
    start: int = 0
    marks: bool = True
    folded: bool = False
    largest: float = 30.0
    floor: float = 14.0
    language: str = "en"
    shown: tuple[str, ...] = ()
    line: str = ""
    signed_by: str = ""

    @property
    def is_single(self) -> bool:
        return self.sheet == Sheet.SINGLE

    @property
    def card_height(self) -> float:
        return self.height * (2 if self.folded else 1)

    @property
    def per_sheet(self) -> int:
        return 1 if self.kind == BadgeKind.CERTIFICATE or self.is_single else self.columns * self.rows

    def pages_for(self, cards: int, start: int = 0) -> int:
        return -(-(cards + (start if self.per_sheet > 1 else 0)) // self.per_sheet) if cards else 0

    def shows(self, field: str) -> bool:
        return field in self.shown

    def digest(self) -> str:
        """Of everything that changes a card; where on the first sheet one began does not."""
        told = {name: value for name, value in self.stored().items() if name != "start"}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]

    def stored(self) -> dict[str, Any]:
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items() if name != "kind"}

    def as_shape(self, start: int) -> CardLayout:
        """For the template. A single card is a sheet of one, with room for the marks around it."""
        if self.is_single:
            around = MARK_SPACE if self.marks else 0.0
            page = (self.width + 2 * around, self.card_height + 2 * around)
            grid: dict[str, Any] = {
                "columns": 1,
                "rows": 1,
                "left": around,
                "top": around,
                "gap_x": 0.0,
                "gap_y": 0.0,
                "start": 0,
            }
        else:
            page = PAGES[Sheet(self.sheet)]
            grid = {name: getattr(self, name) for name in ("columns", "rows", "left", "top", "gap_x", "gap_y")}
            grid["start"] = min(start, self.per_sheet - 1)
        return CardLayout(
            width=self.width, height=self.height, page_width=page[0], page_height=page[1], marks=self.marks,
            folded=self.folded, largest=self.largest, floor=self.floor, **grid,
        )  # fmt: skip


DEFAULTS = {
    BadgeKind.BADGE: Layout(BadgeKind.BADGE, shown=("other", "position", "department", "event", "organization", "qr")),
    BadgeKind.TENT: Layout(
        BadgeKind.TENT, width=180.0, height=70.0, columns=1, rows=2, left=15.0, top=8.5, folded=True, largest=72.0,
        floor=28.0, shown=("other", "position", "event"),
    ),
    BadgeKind.TABLE: Layout(
        BadgeKind.TABLE, width=180.0, height=70.0, columns=1, rows=2, left=15.0, top=8.5, folded=True, largest=72.0,
        floor=28.0, shown=("event",),
    ),
    BadgeKind.CERTIFICATE: Layout(
        BadgeKind.CERTIFICATE, sheet=Sheet.SINGLE, marks=False, shown=("other", "position", "half_days")
    ),
}  # fmt: skip


def read_layout(kind: BadgeKind, settings: dict[str, Any] | None, *, language: str = "en") -> Layout:
    """The stored settings over the defaults of the kind; what is stored and no longer known is passed over."""
    known = {each.name for each in fields(Layout)} - {"kind"}
    told = {name: value for name, value in (settings or {}).items() if name in known}
    if "shown" in told:
        told["shown"] = tuple(each for each in FIELDS[kind] if each in told["shown"])
    values: dict[str, Any] = {"language": language, **told}
    return replace(DEFAULTS[kind], **values)


def check_fits(layout: Layout) -> None:
    """Refuses a grid that is larger than its sheet, and a floor above the largest size."""
    if layout.kind == BadgeKind.CERTIFICATE:
        return
    if layout.floor > layout.largest:
        raise Refused(_("The smallest size cannot be above the largest."), field="floor")
    if layout.is_single:
        return
    width, height = PAGES[Sheet(layout.sheet)]
    wide = layout.left + layout.columns * layout.width + (layout.columns - 1) * layout.gap_x
    high = layout.top + layout.rows * layout.card_height + (layout.rows - 1) * layout.gap_y
    if wide > width + 0.01:
        raise Refused(
            _(
                "So many cards do not fit side by side: they need %(wide)s mm, the sheet has %(width)s mm.",
                wide=f"{wide:g}", width=f"{width:g}",
            ),
            field="columns",
        )  # fmt: skip
    if high > height + 0.01:
        raise Refused(
            _(
                "So many cards do not fit above each other: they need %(high)s mm, the sheet has %(height)s mm.",
                high=f"{high:g}", height=f"{height:g}",
            ),
            field="rows",
        )  # fmt: skip
    if layout.start >= layout.per_sheet:
        raise Refused(_("A sheet has %(places)d places.", places=layout.per_sheet), field="start")
