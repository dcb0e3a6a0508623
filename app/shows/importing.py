"""A table from elsewhere, or from another evening: all of its rows come in, or none."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.core import audit
from app.core.errors import Refused, require
from app.core.forms import at_wall_time
from app.core.i18n import _, force_locale, ngettext, said_in_both
from app.core.roles import Actor
from app.core.text import fold, one_line, tidy
from app.people.models import Person
from app.sheets.mapping import guess
from app.sheets.reading import Row, Table
from app.shows import policy
from app.shows.errors import RowsRefused, TooManyCues
from app.shows.models import CUE_KIND_LABELS, Cue, CueKind, Show
from app.shows.rows import FIELD_LABELS, TELLING, WORKING, blotted, winners_of
from app.shows.services import MOST_CUES, MOST_MINUTES, hold, put_in, settle

ALSO_CALLED = {
    "number": "no|number|cue no|cue number|nr|序号|编号|节点号",
    "block": "block|part|section|板块|段落|环节组",
    "start": "start|begins|time|start time|at|开始|开始时间|时间",
    "minutes": "minutes|duration|min|length|时长|分钟|分钟数|时长 分钟",
    "fixed": "fixed start|fixed|hard start|hard stop|固定开始|固定时间|硬时间",
    "kind": "kind|type|cue kind|类型|种类|节点类型",
    "title": "cue|item|title|what|节点|环节|内容|项目|标题",
    "title_local": "cue in chinese|chinese title|title in chinese|节点 中文|中文标题|节点中文名",
    "on_stage": "on stage|who|people|上台人员|台上人员|人员",
    "stage_position": "position|stage position|mark|站位|位置|台上位置",
    "script": "script|text|mc script|台词|主持词|串词",
    "script_local": "script in chinese|台词 中文|中文台词|中文主持词",
    "sound": "sound|audio|music|音响|音乐|音频",
    "light": "light|lights|lighting|灯光",
    "screen": "screen|video|display|大屏|屏幕|视频",
    "props": "props|property|道具",
    "owner": "owner|responsible|in charge|负责人|责任人",
    "pronunciation": "pronunciation|say|读音|发音",
    "can_be_cut": "can be cut|cut|optional|可删减|可省略",
}
AS_IN_ROWS = {"start": "starts_at", "fixed": "fixed_at"}
FIELDS = {name: FIELD_LABELS[AS_IN_ROWS.get(name, name)] for name in ALSO_CALLED}
LONG = ("on_stage", "script", "script_local", "sound", "light", "screen", "props")
SHORT = ("title_local", "stage_position", "pronunciation")
YES = {"yes", "y", "true", "1", "x", "✓", "是", "可"}
CLOCK = re.compile(r"(?:\d{4}-\d{2}-\d{2}[ T])?(\d{1,2})[:：](\d{2})(?:[:：]\d{2})?")


def columns_of(table: Table) -> dict[str, int]:
    return guess(ALSO_CALLED, table.columns)


def unread(table: Table) -> list[str]:
    """The headings that nothing was known to do with."""
    known = set(columns_of(table).values())
    return [heading for at, heading in enumerate(table.columns) if at not in known and heading]


def import_rows(show: Show, table: Table, *, actor: Actor, people: Sequence[Person]) -> list[Cue]:
    """Behind what is there already, in blocks of their own. A length that is not given is the time to the next start.

    Raises RowsRefused with a sentence for each row that cannot be read; then nothing came in.
    """
    require(policy.may_plan(actor, show.event))
    hold(show)
    columns = columns_of(table)
    if "title" not in columns:
        raise Refused(_("No column of this table says what happens. Call one of them “Cue”."), field="file")
    if not table.rows:
        raise Refused(_("This table has a heading but no rows."), field="file")
    if len(show.cues) + len(table.rows) > MOST_CUES:
        raise TooManyCues(_("A table has at most %(most)s cues.", most=MOST_CUES), field="file")
    known = _by_name(people)
    wrong: list[tuple[int, str]] = []
    read: list[dict[str, Any]] = []
    last = show.starts_at
    for row in table.rows:
        try:
            values = _values(show, {name: row.cells[at].strip() for name, at in columns.items()}, last, known)
        except Refused as refusal:
            wrong.append((row.number, str(refusal.sentence)))
        else:
            last = values["start"] or last
            read.append(values)
    wrong += _lengthen(read, table.rows) if not wrong else []
    if wrong:
        raise RowsRefused(
            ngettext("One row cannot be read; nothing came in.", "%(num)s rows cannot be read; nothing came in.", len(wrong)),
            rows=wrong,
        )  # fmt: skip
    cues = _put(show, read)
    audit.record(actor, "show.imported", show, cues=len(cues))
    return cues


def _by_name(people: Sequence[Person]) -> dict[str, Person | None]:
    """By each of their names; None where two people bear one."""
    known: dict[str, Person | None] = {}
    for person in people:
        for name in {fold(each) for each in (person.name, person.name_local) if each}:
            known[name] = None if name in known else person
    return known


def _values(show: Show, cells: dict[str, str], last: datetime, known: dict[str, Person | None]) -> dict[str, Any]:
    title = one_line(cells.get("title", ""))[:200]
    if not title:
        raise Refused(_("It does not say what happens."))
    values: dict[str, Any] = {"title": title, "kind": _kind(cells.get("kind", ""))}
    values |= {name: tidy(cells[name]).strip()[:20_000] or None for name in LONG if name in cells}
    values |= {name: one_line(cells[name])[:200] or None for name in SHORT if name in cells}
    values["start"] = _start(show, cells.get("start", ""), last)
    values["minutes"] = _minutes(cells.get("minutes", ""))
    values["block"] = _block(cells)
    values["can_be_cut"] = fold(cells.get("can_be_cut", "")) in YES
    if fold(cells.get("fixed", "")) in YES:
        if values["start"] is None:
            raise Refused(_("It has a fixed start and does not say when."))
        values["fixed_at"] = values["start"]
    owner = one_line(cells.get("owner", ""))[:200]
    if owner:
        person = known.get(fold(owner))
        values |= {"owner": person} if person is not None else {"owner_name": owner}
    return values


def _kind(words: str) -> CueKind:
    if not words:
        return CueKind.OTHER
    for language in ("en", "zh_Hans_CN"):
        with force_locale(language):
            for kind, label in CUE_KIND_LABELS.items():
                if fold(words) in (fold(str(label)), kind.value):
                    return kind
    raise Refused(_("“%(words)s” is no kind of cue.", words=words[:60]))


def _start(show: Show, words: str, last: datetime) -> datetime | None:
    """A clock of the evening; one that is before the row above is taken for the next day."""
    if not words:
        return None
    found = CLOCK.fullmatch(words)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise Refused(_("“%(words)s” is no time. Write it as 19:30.", words=words[:60]))
    zone = show.event.time_zone
    before = last.astimezone(ZoneInfo(zone)).replace(tzinfo=None, second=0, microsecond=0)
    wall = before.replace(hour=int(found[1]), minute=int(found[2]))
    if before - wall > timedelta(hours=12):
        wall += timedelta(days=1)
    moment = at_wall_time(wall, zone)
    if moment < last.replace(second=0, microsecond=0):
        raise Refused(_("It begins before the row above it."))
    return moment


def _minutes(words: str) -> int | None:
    if not words:
        return None
    hours = re.fullmatch(r"(\d{1,2}):(\d{2})(?::\d{2})?", words)
    if hours:
        minutes = int(hours[1]) * 60 + int(hours[2])
    elif re.fullmatch(r"\d{1,4}", words):
        minutes = int(words)
    else:
        raise Refused(_("“%(words)s” is no number of minutes.", words=words[:60]))
    if minutes > MOST_MINUTES:
        raise Refused(_("Please give a length between 0 and %(most)s minutes.", most=MOST_MINUTES))
    return minutes


def _block(cells: dict[str, str]) -> int | None:
    """As it is said, else the hundreds of the number: 203 stands in block 2."""
    words = cells.get("block", "")
    if re.fullmatch(r"\d{1,3}", words):
        return int(words)
    number = re.fullmatch(r"(\d{1,3})\d{2}[a-z]*", cells.get("number", ""))
    return int(number[1]) if number else None


def _lengthen(read: list[dict[str, Any]], rows: Sequence[Row]) -> list[tuple[int, str]]:
    wrong = []
    for at, values in enumerate(read):
        if values["minutes"] is not None:
            continue
        after = read[at + 1]["start"] if at + 1 < len(read) else None
        values["minutes"] = 1
        if values["start"] is not None and after is not None:
            values["minutes"] = (after - values["start"]) // timedelta(minutes=1)
        if values["minutes"] > MOST_MINUTES:
            wrong.append((rows[at].number, _("More than %(most)s minutes pass until the next row.", most=MOST_MINUTES)))
    return wrong


def _put(show: Show, read: list[dict[str, Any]]) -> list[Cue]:
    """The blocks that the rows name, behind the blocks of the table, in the order in which they come."""
    base = max((each.block for each in show.cues), default=0)
    blocks: dict[int, int] = {}
    cues: list[Cue] = []
    named = 0
    for values in read:
        values.pop("start")
        named = values.pop("block") or named
        block = blocks.setdefault(named, base + len(blocks) + 1)
        cues.append(put_in(show, block=block, **values))
    settle(show)
    return cues


# --- from another evening -----------------------------------------------------------------------------------------

COPIED = (
    "kind", "title", "title_local", "minutes", "on_stage", "stage_position", "script", "script_local", "sound", "light",
    "screen", "props", "owner", "owner_name", "pronunciation", "can_be_cut",
)  # fmt: skip


def copy_rows(show: Show, source: Show, *, actor: Actor) -> list[Cue]:
    """All rows of another evening behind those that are there: words, lengths and blocks. What they stood for, pledges,
    tallies and awards, stays there, and so does what happened."""
    require(policy.may_plan(actor, show.event) and policy.may_plan(actor, source.event))
    hold(show)
    if source.id == show.id:
        raise Refused(_("Choose another evening."), field="source_ref")
    if len(show.cues) + len(source.cues) > MOST_CUES:
        raise TooManyCues(_("A table has at most %(most)s cues.", most=MOST_CUES), field="source_ref")
    base = max((each.block for each in show.cues), default=0)
    later = show.starts_at - source.starts_at
    cues = []
    for each in list(source.cues):
        values = {name: getattr(each, name) for name in COPIED}
        if each.award is not None and not each.award.is_conferred:  # without its award nothing would hide a name in it
            title, title_local = said_in_both(lambda kind=each.kind: str(CUE_KIND_LABELS[CueKind(kind)]))
            names = [name for both_names in winners_of(each.award) for name in both_names if name]
            values |= dict.fromkeys(TELLING) | {"title": title, "title_local": title_local}
            values |= {name: blotted(values[name], names) for name in WORKING}
        fixed = each.fixed_at + later if each.fixed_at else None
        cues.append(put_in(show, block=base + each.block, fixed_at=fixed, **values))
    settle(show)
    audit.record(actor, "show.copied", show, source=source.ref, cues=len(cues))
    return cues
