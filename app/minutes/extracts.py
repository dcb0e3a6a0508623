"""What one reader gets of a text: the sections up to their clearance, as if there were no others (rule 26).

Everything that leaves the house goes through `read`: page, paper, mail, search, comparison, attachments and counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.minutes import bound
from app.minutes.models import Extract, Minutes, MinutesVersion, Section, joined
from app.signing.canonical import fingerprint


@dataclass(frozen=True)
class Part:
    """One section as it reads: Markdown with no mark left."""

    section: Section
    heading: str
    text: str
    bindings: list[dict[str, str]]

    @property
    def anchor(self) -> str:
        """The name of its place on the page, which stays the same through all versions."""
        return self.section.origin


@dataclass(frozen=True)
class Text:
    """One version as it reads up to a clearance."""

    version: MinutesVersion
    clearance: int
    parts: list[Part]

    @property
    def markdown(self) -> str:
        return joined((each.heading, each.text) for each in self.parts)

    @property
    def says(self) -> dict[str, Any]:
        """What is said, without number, edition and sign-off: the same words have the same fingerprint."""
        lists = {name: list(self.version.attendance.get(name, [])) for name in ("present", "excused", "in_attendance")}
        return {
            "title": self.version.minutes.title,
            "attendance": lists,
            "sections": [{"heading": each.heading, "text": each.text} for each in self.parts],
        }

    @property
    def text_hash(self) -> str:
        return fingerprint(self.says)


def read(version: MinutesVersion, clearance: int) -> Text:
    """The text for somebody of this clearance."""
    mine = [each for each in version.sections if each.clearance <= clearance]
    return Text(version, clearance, parts_of(version.minutes, mine))


def parts_of(minutes: Minutes, sections: Sequence[Section]) -> list[Part]:
    said = bound.resolved(minutes, sections)
    return [Part(each, each.heading, one.text, one.bindings) for each, one in zip(sections, said, strict=True)]


def levels(version: MinutesVersion) -> list[int]:
    """The clearances at which the text grows, from the least: for each there is one extract."""
    return sorted({each.clearance for each in version.sections})


def find_extract(version: MinutesVersion, clearance: int) -> Extract | None:
    """The frozen extract for somebody of this clearance; None before the sign-off, and for whom there is nothing."""
    return next((each for each in reversed(version.extracts) if each.clearance <= clearance), None)
