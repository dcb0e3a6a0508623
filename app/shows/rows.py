"""A cue as it is read, printed, frozen and compared: one shape for the table of now and for every version of it.

The names of winners stand apart from the words, and rows that could tell of them are masked for whoever may not know.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from app.awards.models import Award
from app.core.i18n import _, _l, _lp, format_time, in_both, in_language, said_in_both
from app.shows.models import CUE_KIND_LABELS, Cue, CueKind, CueStatus

# What can hold a name; hidden as a whole where the row is under embargo.
TELLING = ("title", "title_local", "on_stage", "script", "script_local", "screen", "props", "pronunciation")
WORKING = ("sound", "light", "stage_position")  # engineers need these; a winner's name in them is blotted out
BLOT = "[…]"
# What two versions are compared by, beside the times.
COMPARED = (
    "number", "block", "kind", "title", "title_local", "starts_at", "minutes", "fixed_at", "on_stage",
    "stage_position", "script", "script_local", "sound", "light", "screen", "props", "owner", "pronunciation",
    "can_be_cut",
)  # fmt: skip
FROZEN = ("ref", *COMPARED, "owner_local", "owner_ref", "award", "is_secret")

# The words of an award's ready block, which name nobody: they are shown also where the row is masked.
HARMLESS = {
    "criteria": _l("The category and its criteria are read"),
    "reveal": _l("The winner is revealed"),
    "recipients": _l("An usher leads the recipients up"),
    "trays": _l("Attendants bring the trays, in order"),
    "presenters": _l("An usher leads the presenters up"),
    "hand_over": _l("Attendants hand over and leave"),
    "confer": _l("The presenters confer"),
    "photograph": _l("Photograph of all"),
    "led_off": _l("Everybody is led off"),
    "props": _l("Trays with trophies and certificates"),
    "screen": _l("Winner with the citation"),
}

FIELD_LABELS = {
    "number": _lp("cue", "No."),
    "block": _l("Block"),
    "kind": _lp("cue", "Kind"),
    "title": _l("Cue"),
    "title_local": _l("Cue in Chinese"),
    "starts_at": _lp("cue", "Start"),
    "minutes": _l("Minutes"),
    "fixed_at": _l("Fixed start"),
    "on_stage": _l("On stage"),
    "stage_position": _lp("cue", "Position"),
    "script": _lp("cue", "Script"),
    "script_local": _lp("cue", "Script in Chinese"),
    "sound": _lp("cue", "Sound"),
    "light": _lp("cue", "Light"),
    "screen": _lp("cue", "Screen"),
    "props": _l("Props"),
    "owner": _lp("cue", "Owner"),
    "pronunciation": _l("Pronunciation"),
    "can_be_cut": _l("Can be cut"),
}


@dataclass(frozen=True, slots=True)
class Row:
    ref: str
    number: str
    block: int
    kind: str
    starts_at: datetime
    minutes: int
    title: str = ""
    title_local: str | None = None
    fixed_at: datetime | None = None
    on_stage: str | None = None
    stage_position: str | None = None
    script: str | None = None
    script_local: str | None = None
    sound: str | None = None
    light: str | None = None
    screen: str | None = None
    props: str | None = None
    owner: str | None = None
    owner_local: str | None = None
    owner_ref: str | None = None  # of somebody who is listed
    pronunciation: str | None = None
    can_be_cut: bool = False
    award: str | None = None  # ref
    is_secret: bool = False  # tells of a winner, until that is conferred
    names: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # of winners: name, and in Chinese
    is_masked: bool = False

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def kind_label(self) -> str:
        return str(CUE_KIND_LABELS[CueKind(self.kind)])

    @property
    def display_title(self) -> str:
        return in_language(self.title_local, self.title) or self.kind_label

    @property
    def display_script(self) -> str:
        return in_language(self.script_local, self.script)

    @property
    def display_owner(self) -> str:
        return in_language(self.owner_local, self.owner)

    @property
    def display_on_stage(self) -> str:
        """Who comes up: as it is written, else the winners by name; for others that it is under embargo."""
        if self.is_masked:
            return _("under embargo")
        return self.on_stage or "\n".join(in_language(local, name) for name, local in self.names)


def row_of(cue: Cue) -> Row:
    return Row(
        ref=cue.ref,
        number=cue.number,
        block=cue.block,
        kind=cue.kind,
        starts_at=cue.starts_at,
        minutes=cue.minutes,
        title=cue.title,
        title_local=cue.title_local,
        fixed_at=cue.fixed_at,
        on_stage=cue.on_stage,
        stage_position=cue.stage_position,
        script=cue.script,
        script_local=cue.script_local,
        sound=cue.sound,
        light=cue.light,
        screen=cue.screen,
        props=cue.props,
        owner=cue.owner.name if cue.owner else cue.owner_name,
        owner_local=cue.owner.name_local if cue.owner else None,
        owner_ref=cue.owner.ref if cue.owner else None,
        pronunciation=cue.pronunciation,
        can_be_cut=cue.can_be_cut,
        award=cue.award.ref if cue.award else None,
        is_secret=cue.is_secret,
        names=tuple(winners_of(cue.award)) if cue.award else (),
    )


def is_secret(cue: Cue) -> bool:
    """Whether its words could tell of a winner."""
    return cue.is_secret


def winners_of(award: Award) -> list[tuple[str, str]]:
    return [_both(each) for each in award.recipients]


def _both(recipient: Any) -> tuple[str, str]:
    inside = recipient.person or recipient.team
    if inside is not None:
        return inside.name, inside.name_local or ""
    return recipient.outside_name or "", recipient.outside_name_local or ""


# --- frozen -------------------------------------------------------------------------------------------------------


def frozen(row: Row) -> dict[str, Any]:
    """As a version keeps it: in no reader's language."""
    kept = {name: getattr(row, name) for name in FROZEN}
    kept |= {name: kept[name].isoformat() for name in ("starts_at", "fixed_at") if kept[name] is not None}
    return {**kept, "names": [list(each) for each in row.names]}


def thawed(kept: dict[str, Any]) -> Row:
    values: dict[str, Any] = {name: kept.get(name) for name in FROZEN}
    values["starts_at"] = datetime.fromisoformat(kept["starts_at"])
    values["fixed_at"] = datetime.fromisoformat(kept["fixed_at"]) if kept["fixed_at"] else None
    return Row(**values, names=tuple((each[0], each[1]) for each in kept.get("names", [])))


# --- under embargo ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sight:
    """What one reader may know: everything, or of secret rows those whose award is given or whose cue is done."""

    sees_all: bool = False
    given: frozenset[str] = frozenset()  # refs of awards
    done: frozenset[str] = frozenset()  # refs of cues without an award

    def is_hidden(self, row: Row) -> bool:
        if self.sees_all or not row.is_secret:
            return False
        return row.award not in self.given if row.award else row.ref not in self.done


def seen(rows: Iterable[Row], sight: Sight) -> list[Row]:
    return [masked(each) if sight.is_hidden(each) else each for each in rows]


@cache
def harmless() -> frozenset[str]:
    """In either language, and in both."""
    words: set[str] = set()
    for each in HARMLESS.values():
        words |= {*said_in_both(each.__str__), in_both(each.__str__)}
    return frozenset(words)


def masked(row: Row) -> Row:
    hidden: dict[str, Any] = {name: each if (each := getattr(row, name)) in harmless() else None for name in TELLING}
    hidden["title"] = hidden["title"] or ""
    names = [name for both in row.names for name in both if name]
    # Where no award says who it is, nobody knows what to blot out.
    hidden |= {name: blotted(getattr(row, name), names) if row.award else None for name in WORKING}
    return replace(row, **hidden, names=(), is_masked=True)


def hidden_names(rows: Iterable[Row], sight: Sight) -> set[str]:
    """Of winners whom these rows hide."""
    return {name for each in rows if sight.is_hidden(each) for both in each.names for name in both if name}


def blotted(text: str | None, names: Collection[str]) -> str | None:
    """The text without these names, and without what people are called by for short: one word of a name, or in Chinese
    the given name alone. A harmless word may go with it."""
    short = {word for name in names for word in name.split() if len(word) > 1}
    short |= {name[1:] for name in names if re.fullmatch("[\u4e00-\u9fff]{3}", name)}
    for name in sorted({*names, *short}, key=len, reverse=True):
        edge = r"\b" if name.isascii() else ""
        text = re.sub(edge + re.escape(name) + edge, BLOT, text, flags=re.IGNORECASE) if text else text
    return text


def given_by(cues: Iterable[Cue]) -> Sight:
    """What anybody may know, from the table as it stands."""
    given = {each.award.ref for each in cues if each.award is not None and each.award.is_conferred}
    return Sight(False, frozenset(given), frozenset(each.ref for each in cues if each.status == CueStatus.DONE))


# --- compared -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """One cue in two versions. `fields` are those whose value differs; without one side it came or went."""

    old: Row | None
    new: Row | None
    fields: tuple[str, ...] = ()


def compare(old: Sequence[Row], new: Sequence[Row]) -> list[Difference]:
    """In the order of the newer one; what went comes last."""
    before = {each.ref: each for each in old}
    after = {each.ref for each in new}
    found = []
    for row in new:
        other = before.get(row.ref)
        fields = () if other is None else tuple(each for each in COMPARED if getattr(other, each) != getattr(row, each))
        if other is None or fields:
            found.append(Difference(other, row, fields))
    return found + [Difference(each, None) for each in old if each.ref not in after]


def value_words(row: Row, name: str, zone: str) -> str:
    """A value as people read it."""
    value = getattr(row, name)
    if isinstance(value, datetime):
        return format_time(value, zone)
    if name == "kind":
        return row.kind_label
    if name == "owner":
        return row.display_owner
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "" if value is None else str(value)
