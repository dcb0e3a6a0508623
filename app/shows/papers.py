"""The table on paper and as a workbook. Each sheet names its version in the header of every page."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from app.core.i18n import _, _l, _lp, format_day, format_days, format_moment, format_time, pgettext
from app.documents.labels import list_labels
from app.documents.shapes import Column, Fact, ListDocument
from app.sheets.writing import Cell, write_xlsx
from app.shows.importing import FIELDS
from app.shows.models import Show, ShowVersion
from app.shows.rows import FIELD_LABELS, Row

WHOLE = "whole"
OWNER = "owner"
DEPARTMENTS = {
    WHOLE: _l("Whole table"),
    "sound": _lp("cue", "Sound"),
    "light": _lp("cue", "Light"),
    "screen": _lp("cue", "Screen"),
    "props": _l("Props"),
    "script": _lp("cue", "Script"),
    OWNER: _l("By owner"),
}


@dataclass(frozen=True)
class Print:
    """What is printed: rows as its readers may see them, of which version, for which department."""

    show: Show
    rows: Sequence[Row]
    version: ShowVersion | None  # None: as it stands at this moment
    made_at: datetime
    department: str = WHOLE
    owner: str = ""  # only what is theirs
    names: bool = False  # with names that are under embargo

    @property
    def zone(self) -> str:
        return self.show.event.time_zone

    @property
    def words(self) -> str:
        """Which version this is; in the header of every page."""
        if self.version is None:
            return _("Working copy of %(moment)s, not published", moment=format_moment(self.made_at, self.zone))
        return _(
            "Version %(number)s of %(moment)s",
            number=self.version.number,
            moment=format_moment(self.version.created_at, self.zone),
        )

    @property
    def header(self) -> str:
        words = _(
            "%(department)s · %(version)s", department=self.owner or DEPARTMENTS[self.department], version=self.words
        )
        return _("%(words)s · with names under embargo, do not hand on", words=words) if self.names else words

    def clock(self, moment: datetime) -> str:
        return format_time(moment, self.zone)

    @property
    def chosen(self) -> list[Row]:
        return [each for each in self.rows if not self.owner or self.owner in (each.owner, each.owner_local)]

    @property
    def groups(self) -> list[tuple[str, list[Row]]]:
        """By owner on the owners' sheet, else by block."""
        if self.department == OWNER:
            owners = list(dict.fromkeys(each.display_owner for each in self.chosen))
            owners.sort(key=lambda each: not each)  # what nobody owns comes last
            return [
                (each or _("nobody yet"), [row for row in self.chosen if row.display_owner == each]) for each in owners
            ]
        blocks = list(dict.fromkeys(each.block for each in self.chosen))
        return [
            (_("Block %(number)s", number=block), [row for row in self.chosen if row.block == block])
            for block in blocks
        ]


Told = tuple[str, float | None, Callable[[Print, Row], str]]


def columns(print_: Print) -> list[Told]:
    """Heading, share of the page's width (None: as it needs), and what stands there."""
    first: list[Told] = [
        (_label("number"), None, lambda _print, row: row.number),
        (_label("starts_at"), None, lambda made, row: made.clock(row.starts_at) + ("!" if row.fixed_at else "")),
        (pgettext("cue", "Min."), None, lambda _print, row: str(row.minutes)),
        (_label("title"), 2.0, lambda _print, row: row.display_title),
        (_label("on_stage"), 2.4, lambda _print, row: _stage(row)),
    ]
    script: Told = (_label("script"), 1.8, lambda _print, row: _script(row))
    working = {name: _plain(name) for name in ("sound", "light", "screen", "props")}
    if print_.department in working:
        label, _width, tell = working[print_.department]
        return [*first, (label, 2.0, tell)]
    if print_.department == "script":
        return [*first, script]
    if print_.department == OWNER:
        return [*first, (_("All departments"), 3.0, lambda _print, row: _everything(row))]
    owner: Told = (_label("owner"), 1.0, lambda _print, row: row.display_owner)
    return [*first, script, *working.values(), owner]


def _label(name: str) -> str:
    return str(FIELD_LABELS[name])


def _plain(name: str) -> Told:
    return (_label(name), 1.4, lambda _print, row: getattr(row, name) or "")


def _stage(row: Row) -> str:
    said = f"[{row.pronunciation}]" if row.pronunciation else None
    return "\n".join(each for each in (row.display_on_stage, said, row.stage_position) if each)


def _script(row: Row) -> str:
    return _("under embargo") if row.is_masked else row.display_script


def _everything(row: Row) -> str:
    told = ((_label(name), getattr(row, name)) for name in ("sound", "light", "screen", "props"))
    return "\n".join(_("%(label)s: %(value)s", label=label, value=value) for label, value in told if value)


def sheet(print_: Print) -> ListDocument:
    """For the typesetter; the header of each page holds department and version."""
    event, told = print_.show.event, columns(print_)
    rows: list[list[str]] = []
    for heading, group in print_.groups:
        rows.append([heading])
        rows += [[tell(print_, row) for _label, _width, tell in told] for row in group]
    wanted: list[Column] = []
    for label, width, _tell in told:
        wanted.append({"label": label} if width is None else {"label": label, "width": width})
    starts = print_.show.starts_at
    facts: list[Fact] = [
        {"label": _("Event"), "value": event.display_title},
        {"label": _("When"), "value": format_moment(starts, print_.zone)},
        {"label": _("Time zone"), "value": print_.zone},
    ]
    return {
        "document": {"title": print_.show.display_title, "dated": event.day_at(print_.made_at).isoformat()},
        "organization": event.host.display_name if event.host else event.display_title,
        "classification": print_.header,
        "labels": list_labels(),
        "subtitle": print_.words,
        "facts": facts,
        "columns": wanted,
        "rows": rows,
        "note": _("An exclamation mark stands behind a start that is fixed. Times in %(zone)s.", zone=print_.zone),
        "landscape": True,
        "verification": None,
    }  # fmt: skip


# --- workbook -----------------------------------------------------------------------------------------------------


def workbook(print_: Print) -> bytes:
    """With the headings that the import reads; the last column names the version in every row."""
    headings = [*(str(label) for label in FIELDS.values()), _("Version")]
    return write_xlsx(headings, _cells(print_), title=print_.show.display_title)


def _cells(print_: Print) -> Iterator[list[Cell]]:
    zone = ZoneInfo(print_.zone)
    for row in print_.rows:
        yield [
            row.number,
            row.block,
            f"{row.starts_at.astimezone(zone):%H:%M}",
            row.minutes,
            _("yes") if row.fixed_at else "",
            row.kind_label,
            row.display_title if row.is_masked else row.title,
            row.title_local,
            row.display_on_stage,
            row.stage_position,
            _("under embargo") if row.is_masked else row.script,
            row.script_local,
            row.sound,
            row.light,
            row.screen,
            row.props,
            row.display_owner,
            row.pronunciation,
            _("yes") if row.can_be_cut else "",
            print_.words,
        ]


def days_of(show: Show) -> str:
    """The day of the evening, and the next where it goes on after midnight."""
    zone = ZoneInfo(show.event.time_zone)
    first = show.starts_at.astimezone(zone).date()
    last = show.ends_at.astimezone(zone).date() if show.ends_at else first
    return format_days(first, last) if last != first else format_day(first)
