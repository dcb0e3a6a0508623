"""The marks in a text that stand for records, and the sentences that they say.

A mark such as {{assignment 3kq…}} stands in the source of a section. As long as the text is under work it says what is
recorded now; at the sign-off the sentence is frozen, and a record that changes later is reported as a mismatch.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.minutes.models import Minutes, Section

MARK = re.compile(r"\{\{([a-z_]+)(?: ([0-9a-z]{16}))?\}\}")


@dataclass(frozen=True)
class Resolved:
    """What a section says: Markdown, and which sentence stands for which record ({kind, ref, sentence})."""

    text: str
    bindings: list[dict[str, str]] = field(default_factory=list)


def resolved(minutes: Minutes, sections: Sequence[Section]) -> list[Resolved]:
    """The sections as they read now, in the language of the minutes. Constant statements, however long they are."""
    return [Resolved(each.said) for each in sections]
