"""A wording that a reviewer proposes for one paragraph, and the section as it would be with it.

Reviewers read sentences where marks stand for records. A paragraph that is replaced keeps its marks: what is said of a
record is put right in the record.
"""

import re

from app.core.i18n import _, force_locale
from app.minutes import bound, paragraphs
from app.minutes.errors import CutLoose, ParagraphGone
from app.minutes.models import Minutes, Section

BULLET = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])[ \t]+")


def bare(paragraph: str) -> str:
    """The words of an item of a list without what makes it one."""
    bullet = BULLET.match(paragraph)
    if bullet is None:
        return paragraph
    width = bullet.end()
    first, *others = paragraph[width:].split("\n")
    return "\n".join([first, *(each[width:] if not each[:width].strip() else each for each in others)])


def dressed(paragraph: str, proposed: str) -> str:
    """The proposed words in the place of the paragraph: an item of a list stays one."""
    bullet = BULLET.match(paragraph)
    if bullet is None or BULLET.match(proposed):
        return proposed
    indent = " " * bullet.end()
    first, *others = proposed.split("\n")
    return "\n".join([bullet.group() + first, *(indent + each if each.strip() else each for each in others)])


def applied(minutes: Minutes, section: Section, *, quoted: str, number: int | None, proposed: str) -> str:
    """The source of the section with the proposed words instead of the paragraph that was read as `quoted`.

    Where the same words stand several times it is the paragraph nearest to `number`. Raises ParagraphGone, CutLoose.
    """
    written = paragraphs.split(section.source)
    with force_locale(minutes.language):
        teller = bound.Teller(minutes, section.minutes_version)
        read = [teller.read(_alone(section, each)) for each in written]
    found, passed = [], 0
    for at, said in enumerate(read):
        pieces = paragraphs.split(said.text)
        found += [(passed + place, at) for place, each in enumerate(pieces, 1) if each == quoted]
        passed += len(pieces)
    if not found:
        raise gone()
    _place, at = min(found, key=lambda each: abs(each[0] - (number or each[0])))
    words = read[at].text.replace(quoted, dressed(quoted, proposed), 1)
    return _with(section.source, written, at, _marked(words, written[at], read[at].bindings))


def gone() -> ParagraphGone:
    return ParagraphGone(
        _(
            "This paragraph was changed or taken out meanwhile. The comment stays as it is: look at the text as it stands."
        )
    )


def _alone(section: Section, source: str) -> Section:
    return Section(source=source, key=section.key, heading=section.heading, clearance=section.clearance)


def _marked(words: str, source: str, bindings: list[dict[str, str]]) -> str:
    """The words with the marks of the paragraph again, each in the place of its sentence."""
    before = [each.group() for each in bound.MARK.finditer(source)]
    for each in bindings if before else ():
        mark = f"{{{{{bound.name_of((each['kind'], each['ref']))}}}}}"
        if each["sentence"].strip():
            words = words.replace(each["sentence"].strip(), mark, 1)
    if sorted(each.group() for each in bound.MARK.finditer(words)) != sorted(before):
        raise CutLoose(
            _(
                "This paragraph follows a record. Put the record right, and the text says so by itself; or change the "
                "paragraph by hand."
            )
        )
    return words


def _with(source: str, written: list[str], number: int, words: str) -> str:
    """The source with one of its paragraphs replaced."""
    begins = ends = 0
    for each in written[: number + 1]:
        begins = source.find(each, ends)
        if begins < 0:
            raise gone()
        ends = begins + len(each)
    return source[:begins] + words + source[ends:]
