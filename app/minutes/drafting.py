"""The first draft of minutes out of what was recorded: sections whose paragraphs are marks, each a sentence of a record.

What is drafted where, and under which heading, is an outline: that of a template, else the usual one of the tradition.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.i18n import _, _lp
from app.minutes.models import Tradition
from app.minutes.records import Fact, Records
from app.people.models import CLEARANCE_LABELS, Clearance

LONGEST_HEADING = 200


@dataclass(frozen=True)
class Told:
    """One paragraph of a draft: `source` is Markdown of marks, `clearance` the least that a reader of it needs."""

    source: str
    clearance: int
    is_item: bool = False  # of a list, and so on the line after the one before


@dataclass(frozen=True)
class Drafted:
    """A section as it is drafted."""

    key: str
    heading: str
    clearance: int
    source: str


def title_of(session: str) -> str:
    return _("Minutes of the session “%(session)s”", session=session)


HEADINGS = {
    "opening": _lp("minutes", "Opening"),
    "earlier": _lp("minutes", "Earlier minutes"),
    "business": _lp("minutes", "Order of business"),
    "addresses": _lp("minutes", "Addresses"),
    "reviewed": _lp("minutes", "Campaigns reviewed"),
    "assessed": _lp("minutes", "Campaigns assessed"),
    "decisions": _lp("minutes", "Motions and decisions"),
    "actions": _lp("minutes", "Who answers for what"),
    "pledges": _lp("minutes", "Pledges in force"),
    "awards": _lp("minutes", "Conferred"),
    "statements": _lp("minutes", "Statements of teams"),
    "announcements": _lp("minutes", "Announcements"),
    "next": _lp("minutes", "Next meeting"),
}
SUMMARY_HEADINGS = {
    **HEADINGS,
    "opening": _lp("meeting summary", "Overview of the meeting"),
    "business": _lp("meeting summary", "What the meeting heard"),
    "addresses": _lp("meeting summary", "What the meeting required"),
    "decisions": _lp("meeting summary", "What the meeting decided"),
    "actions": _lp("meeting summary", "What the meeting made clear"),
}
KEYS = tuple(HEADINGS)
# A summary tells first what was decided and made clear; an assembly's minutes follow the order of business.
ORDER = {
    Tradition.ASSEMBLY: KEYS,
    Tradition.SUMMARY: (
        "opening", "earlier", "business", "decisions", "addresses", "actions", "reviewed", "assessed", "pledges",
        "awards", "statements", "announcements", "next",
    ),
}  # fmt: skip


def heading_of(key: str, tradition: str) -> str:
    headings = SUMMARY_HEADINGS if tradition == Tradition.SUMMARY else HEADINGS
    return str(headings[key])


def usual_outline(tradition: str) -> list[dict[str, Any]]:
    """With which sections minutes begin where no template says otherwise."""
    return [
        {"key": key, "heading": heading_of(key, tradition), "level": None, "source": ""}
        for key in ORDER[Tradition(tradition)]
    ]


def draft(records: Records, outline: Sequence[dict[str, Any]], tradition: str, usual: int) -> list[Drafted]:
    """The sections of an outline with what was recorded for them. The same records give the same draft.

    What is classified higher than its section stands in one of that classification right after it. A section for which
    there is nothing is left out, unless it is to be written by hand.
    """
    sections = []
    for entry in outline:
        key, heading, source = entry.get("key") or "", entry.get("heading") or "", entry.get("source") or ""
        level = usual if entry.get("level") is None else int(entry["level"])
        told = list(told_in(key, records, tradition))
        mine = [each for each in told if each.clearance <= level]
        if mine or source or not key:
            text = "\n\n".join(part for part in (source.strip("\n"), joined(mine)) if part)
            sections.append(Drafted(key, heading[:LONGEST_HEADING], level, text))
        for higher in sorted({each.clearance for each in told if each.clearance > level}):
            theirs = joined([each for each in told if each.clearance == higher])
            sections.append(Drafted(key, classified(heading, higher), higher, theirs))
    return sections


def classified(heading: str, clearance: int) -> str:
    label = str(CLEARANCE_LABELS[Clearance(clearance)])
    return _("%(heading)s (%(classification)s)", heading=heading, classification=label)[:LONGEST_HEADING]


def joined(told: Sequence[Told]) -> str:
    """Paragraphs with an empty line between them, items of a list each on its line."""
    text = ""
    for before, each in zip([None, *told], told, strict=False):
        if before is not None:
            text += "\n" if each.is_item and before.is_item else "\n\n"
        text += each.source
    return text


def told_in(key: str, records: Records, tradition: str) -> Iterator[Told]:
    """What is drafted under one key."""
    teller = TELLERS.get(key)
    if teller is not None:
        yield from teller(records, tradition)


def _opening(records: Records, tradition: str) -> Iterator[Told]:
    summed_up = tradition == Tradition.SUMMARY
    meeting = records.of("meeting")[0]
    yield Told(meeting.mark, meeting.clearance)
    known = summed_up and meeting.values["time"] and meeting.values["place"]
    kinds = ("chair", "recorder", "attendance", "held", "theme")
    for kind in kinds if known else ("time", "place", *kinds):
        yield from _items_of(kind, records)


def _items_of(kind: str, records: Records, bullet: str = "-") -> Iterator[Told]:
    for each in records.of(kind):
        yield Told(f"{bullet} {each.mark}", each.clearance, is_item=True)


def _list_of(*kinds: str, bullet: str = "-") -> Callable[[Records, str], Iterator[Told]]:
    return lambda records, _tradition: (each for kind in kinds for each in _items_of(kind, records, bullet))


def _addresses(records: Records, _tradition: str) -> Iterator[Told]:
    demands = _below(records.of("requirement"))
    for speech in records.of("speech"):
        yield Told(speech.mark, speech.clearance)
        for each in demands.get(speech.ref, []):
            yield Told(f"- {each.mark}", each.clearance, is_item=True)


def _decisions(records: Records, tradition: str) -> Iterator[Told]:
    """Each with the people who answer for it: in a summary as one numbered matter, else below the motion."""
    tasks = _below(records.of("assignment"))
    for decision in records.of("decision"):
        mine = tasks.get(decision.ref, [])
        if tradition == Tradition.SUMMARY:
            marks = " ".join([decision.mark, *(each.mark for each in mine)])
            yield Told(f"1. {marks}", decision.clearance, is_item=True)
            continue
        yield Told(decision.mark, decision.clearance)
        for each in mine:
            yield Told(f"- {each.mark}", decision.clearance, is_item=True)


def _actions(records: Records, _tradition: str) -> Iterator[Told]:
    decided = {each.ref for each in records.of("decision")}
    for each in records.of("assignment"):
        if each.under not in decided:
            yield Told(f"- {each.mark}", each.clearance, is_item=True)


def line_of(fact: Fact, tradition: str) -> str:
    """The mark on a line of its own, as a draft has it."""
    if fact.kind == "speech" or (fact.kind == "decision" and tradition == Tradition.ASSEMBLY):
        return fact.mark
    return f"1. {fact.mark}" if fact.kind in ("item", "decision") else f"- {fact.mark}"


def _below(facts: Sequence[Fact]) -> dict[str, list[Fact]]:
    grouped: dict[str, list[Fact]] = {}
    for each in facts:
        grouped.setdefault(each.under, []).append(each)
    return grouped


TELLERS: dict[str, Callable[[Records, str], Iterator[Told]]] = {
    "opening": _opening,
    "earlier": _list_of("adoption"),
    "business": _list_of("item", bullet="1."),
    "addresses": _addresses,
    "reviewed": _list_of("reviewed"),
    "assessed": _list_of("assessed"),
    "decisions": _decisions,
    "actions": _actions,
    "pledges": _list_of("pledge"),
    "awards": _list_of("award", "tally"),
    "statements": _list_of("statement"),
    "announcements": _list_of("announcement"),
    "next": _list_of("next_meeting"),
}
# Under which key a record of a kind is told; the kinds of the opening are told there.
KEY_OF = {
    "adoption": "earlier", "item": "business", "speech": "addresses", "requirement": "addresses",
    "reviewed": "reviewed", "assessed": "assessed", "decision": "decisions", "assignment": "actions",
    "pledge": "pledges", "award": "awards", "tally": "awards", "statement": "statements", "announcement": "announcements",
    "next_meeting": "next",
}  # fmt: skip
