"""What one reader gets of a text: the sections up to their clearance, as if there were no others (rule 26).

Everything that leaves the house goes through `read`: page, paper, mail, search, comparison, attachments and counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.minutes import bound
from app.minutes.models import Attachment, Extract, Minutes, MinutesVersion, Section, joined
from app.people.models import Clearance
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
    people: dict[str, list[str]]  # by the names of LISTS
    files: list[Attachment] = field(default_factory=list)

    @property
    def markdown(self) -> str:
        return joined((each.heading, each.text) for each in self.parts)

    @property
    def says(self) -> dict[str, Any]:
        """What is said, without number, edition and sign-off: the same words have the same fingerprint."""
        said: dict[str, Any] = {
            "title": self.version.minutes.title,
            "attendance": self.people,
            "sections": [{"heading": each.heading, "text": each.text} for each in self.parts],
        }
        if self.files:
            said["attachments"] = [{"title": each.title, "sha256": each.file.sha256} for each in self.files]
        return said

    @property
    def text_hash(self) -> str:
        return fingerprint(self.says)

    @property
    def change_note(self) -> str | None:
        """What changed since the version before; None for whom nothing did: the note would tell of what they do not read."""
        number, note = self.version.number, self.version.change_note
        before = next((each for each in self.version.minutes.versions if each.number == number - 1), None)
        if not note or before is None:
            return note
        return note if read(before, self.clearance).text_hash != self.text_hash else None


def read(version: MinutesVersion, clearance: int) -> Text:
    """The text for somebody of this clearance."""
    mine = [each for each in version.sections if each.clearance <= clearance]
    people = bound.people(version)
    return Text(version, clearance, parts_of(version.minutes, mine), people, _files_of(version, mine, clearance))


def attached(version: MinutesVersion) -> list[Attachment]:
    """All files of a version, for those who keep them."""
    number = version.number
    return [
        each
        for each in version.minutes.attachments
        if each.from_number <= number and (each.until_number is None or number < each.until_number)
    ]


def _files_of(version: MinutesVersion, sections: Sequence[Section], clearance: int) -> list[Attachment]:
    """A file of a section is met with that section. Where the section has gone only those who read all of it meet it."""
    mine, all_of_them = ({each.origin for each in some} for some in (sections, version.sections))
    return [
        each
        for each in attached(version)
        if each.clearance <= clearance
        and (
            each.section_origin is None
            or each.section_origin in mine
            or (each.section_origin not in all_of_them and clearance >= Clearance.SECRET)
        )
    ]


def parts_of(minutes: Minutes, sections: Sequence[Section]) -> list[Part]:
    said = bound.resolved(minutes, sections)
    return [Part(each, each.heading, one.text, one.bindings) for each, one in zip(sections, said, strict=True)]


def levels(version: MinutesVersion) -> list[int]:
    """The clearances at which the text grows, from the least: for each there is one extract.

    A file alone makes nobody find minutes of which they read no section.
    """
    of_sections = {each.clearance for each in version.sections}
    least = min(of_sections, default=Clearance.PUBLIC)
    placed = {each.origin: each.clearance for each in version.sections}
    of_files = {
        max(each.clearance, least, placed.get(each.section_origin, Clearance.SECRET) if each.section_origin else least)
        for each in attached(version)
    }
    return sorted(of_sections | of_files)


def find_extract(version: MinutesVersion, clearance: int) -> Extract | None:
    """The frozen extract for somebody of this clearance; None before the sign-off, and for whom there is nothing."""
    return next((each for each in reversed(version.extracts) if each.clearance <= clearance), None)
