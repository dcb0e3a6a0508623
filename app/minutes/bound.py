"""The marks in a text that stand for records, and the sentences that they say.

A mark such as {{assignment 3kq…}} stands in the source of a section. As long as the text is under work it says what is
recorded now; at the sign-off the sentence is frozen, and a record that changes later is reported as a mismatch. In an
amendment the sentence of the approved text stays until somebody takes over what is recorded now.

A mark whose record is not there, or is classified higher than its section, says nothing.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.core.i18n import force_locale
from app.minutes import phrases
from app.minutes.models import LISTS, Minutes, MinutesVersion, Section
from app.minutes.records import LOADERS, Fact, Records
from app.people.models import Clearance

MARK = re.compile(r"\{\{([a-z_]+)(?: ([0-9a-z]{16}))?\}\}")
NOTHING_BUT_A_BULLET = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])?[ \t]*")
Key = tuple[str, str]


@dataclass(frozen=True)
class Resolved:
    """What a section says: Markdown, and which sentence stands for which record.

    A binding is {kind, ref, sentence, facts}; `facts` is the digest of what was recorded.
    """

    text: str
    bindings: list[dict[str, str]] = field(default_factory=list)


def resolved(minutes: Minutes, sections: Sequence[Section]) -> list[Resolved]:
    """The sections as they read now, in the language of the minutes. Constant statements, however long they are."""
    if all(each.text is not None or not MARK.search(each.source) for each in sections):
        return [Resolved(each.said, list(each.bindings or ())) for each in sections]
    with force_locale(minutes.language):
        teller = Teller(minutes, sections[0].minutes_version)
        return [
            Resolved(each.text, list(each.bindings or ())) if each.text is not None else teller.read(each)
            for each in sections
        ]


def people(version: MinutesVersion, recorded: dict[str, list[str]] | None = None) -> dict[str, list[str]]:
    """Who was there, by the names of LISTS. Until the sign-off a list that nobody wrote by hand follows the record, which
    is read here unless the caller has read it."""
    stored = {name: list(version.attendance.get(name, [])) for name in LISTS}
    if version.frozen_at is not None or set(version.lists_by_hand) >= set(LISTS):
        return stored
    return {
        name: stored[name] if name in version.lists_by_hand else names
        for name, names in (recorded or recorded_people(version.minutes)).items()
    }


def recorded_people(minutes: Minutes) -> dict[str, list[str]]:
    with force_locale(minutes.language):
        return Records(minutes.session, minutes.recorder).lists


class Teller:
    """What the marks of one version say now. Made with the language of the minutes in force."""

    def __init__(self, minutes: Minutes, version: MinutesVersion | None) -> None:
        self.minutes = minutes
        self.records = Records(minutes.session, minutes.recorder)
        self.kept = kept_sentences(version) if version is not None else {}

    def read(self, section: Section) -> Resolved:
        bindings: list[dict[str, str]] = []
        level = (
            Clearance.SECRET if section.clearance is None else section.clearance
        )  # of a section that is only looked at
        lines = [self._line(each, level, bindings) for each in section.source.split("\n")]
        text = "\n".join(each for each in lines if each is not None)
        return Resolved(re.sub(r"\n{3,}", "\n\n", text).strip("\n"), bindings)

    def _line(self, line: str, level: int, bindings: list[dict[str, str]]) -> str | None:
        """The line with its sentences; None of one that held nothing but marks that say nothing."""
        if not MARK.search(line):
            return line
        said = MARK.sub(lambda found: self._said(found, level, bindings), line)
        return None if NOTHING_BUT_A_BULLET.fullmatch(said) else said

    def _said(self, found: re.Match[str], level: int, bindings: list[dict[str, str]]) -> str:
        key = (found[1], found[2] or "")
        if key[0] not in LOADERS:
            return found[0]  # words that somebody put into braces
        told = self.tell(key, level)
        if told is None:
            return ""
        bindings.append(told)
        return told["sentence"]

    def tell(self, key: Key, level: int) -> dict[str, str] | None:
        """The binding of a mark in a section of this classification; None where it says nothing."""
        fact = self.records.find(*key)
        if fact is not None and fact.clearance > level:
            return None
        if key in self.kept:
            before = self.kept[key]
            return {**before} if int(before.get("clearance", "0")) <= level else None
        return binding_of(fact, self.minutes.tradition) if fact is not None else None


def binding_of(fact: Fact, tradition: str) -> dict[str, str]:
    return {
        "kind": fact.kind,
        "ref": fact.ref,
        "sentence": phrases.sentence(fact, tradition),
        "facts": fact.digest,
        "clearance": str(int(fact.clearance)),
    }


def kept_sentences(version: MinutesVersion) -> dict[Key, dict[str, str]]:
    """The sentences of the version that was approved before this one, which stay in an amendment until they are let go."""
    approved = [
        each for each in version.minutes.versions if each.number < version.number and each.frozen_at is not None
    ]
    if version.frozen_at is not None or not approved:
        return {}
    released = set(version.taken_over)
    found = {}
    for section in approved[-1].sections:
        for each in section.bindings:
            if name_of((each["kind"], each["ref"])) not in released:
                found[each["kind"], each["ref"]] = each
    return found


def name_of(key: Key) -> str:
    return " ".join(key).strip()


def marks_in(source: str) -> list[Key]:
    """The records that a text has marks for, in its order."""
    return [(found[1], found[2] or "") for found in MARK.finditer(source) if found[1] in LOADERS]


# --- texts and records that have parted ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Mismatch:
    """A sentence that no longer says what is recorded. `now` is None where there is no such record any more."""

    section: Section
    kind: str
    ref: str
    said: str
    now: str | None

    @property
    def name(self) -> str:
        return name_of((self.kind, self.ref))


@dataclass(frozen=True)
class Stray:
    """A mark that says nothing. `is_classified`: its record is there, and stands in too low a section."""

    section: Section
    kind: str
    ref: str
    is_classified: bool

    @property
    def name(self) -> str:
        return name_of((self.kind, self.ref))


@dataclass(frozen=True)
class Untold:
    """A record of the session that no section tells."""

    fact: Fact
    sentence: str


@dataclass(frozen=True)
class Report:
    """How a version stands to what is recorded now."""

    mismatches: list[Mismatch]
    strays: list[Stray]
    untold: list[Untold]
    lists: dict[
        str, tuple[list[str], list[str]]
    ]  # of people: who is missing in the text, who is in it without a record

    @property
    def count(self) -> int:
        return len(self.mismatches) + len(self.strays) + len(self.untold) + len(self.lists)


def report(version: MinutesVersion) -> Report:
    """Compare a version with its records. Constant statements."""
    minutes = version.minutes
    with force_locale(minutes.language):
        teller = Teller(minutes, version)
        bound = {each["kind"] for section in version.sections for each in section.bindings}
        told = {key for section in version.sections for key in marks_in(section.source)}
        told |= {(each["kind"], each["ref"]) for section in version.sections for each in section.bindings}
        return Report(
            mismatches=_mismatches(version, teller) if bound or teller.kept else [],
            strays=_strays(version, teller) if version.frozen_at is None else [],
            untold=_untold(teller, told) if told else [],
            lists=_lists(version, teller) if told else {},
        )


def _mismatches(version: MinutesVersion, teller: Teller) -> list[Mismatch]:
    found = []
    for section in version.sections:
        for each in _frozen_in(section, teller):
            fact = teller.records.find(each["kind"], each["ref"])
            if fact is None or fact.digest != each["facts"]:
                now = phrases.sentence(fact, version.minutes.tradition) if fact else None
                found.append(Mismatch(section, each["kind"], each["ref"], each["sentence"], now))
    return found


def _frozen_in(section: Section, teller: Teller) -> Iterable[Mapping[str, Any]]:
    """The sentences of a section that do not follow their records."""
    if section.text is not None:
        return section.bindings
    return [teller.kept[key] for key in dict.fromkeys(marks_in(section.source)) if key in teller.kept]


def _strays(version: MinutesVersion, teller: Teller) -> list[Stray]:
    return [
        Stray(section, *key, is_classified=teller.records.find(*key) is not None)
        for section in version.sections
        for key in dict.fromkeys(marks_in(section.source))
        if teller.tell(key, section.clearance) is None
    ]


def _untold(teller: Teller, told: set[Key]) -> list[Untold]:
    """What was recorded and is not told, in the order in which a draft tells it."""
    found = []
    for kind in RECORDED:
        for fact in teller.records.of(kind):
            if fact.key not in told:
                found.append(Untold(fact, phrases.sentence(fact, teller.minutes.tradition)))
    return found


# What the minutes of a session should not leave out; the frame of the meeting is the writer's to choose.
RECORDED = (
    "adoption", "item", "speech", "requirement", "reviewed", "assessed", "decision", "assignment", "pledge", "award",
    "tally",
    "statement", "announcement",
)  # fmt: skip


def _lists(version: MinutesVersion, teller: Teller) -> dict[str, tuple[list[str], list[str]]]:
    """What was signed or written by hand and is not what is recorded. Where nobody was registered or seen there is nothing to
    differ from."""
    lists, differing = teller.records.lists, {}
    if not (lists["present"] or lists["excused"]):
        return differing
    told_now = people(version, lists)
    for name, recorded in lists.items():
        told = told_now[name]
        missing = [each for each in recorded if each not in told]
        unknown = [each for each in told if each not in recorded]
        if missing or unknown:
            differing[name] = (missing, unknown)
    return differing
