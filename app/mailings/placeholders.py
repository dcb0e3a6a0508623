"""What may stand in braces in a mailing, and what takes its place (IN7).

A placeholder is one of the names below, perhaps with words for those of whom nothing is known: `{place|to be told}`.
Values are put in once, as plain text: what a value holds is never read again, so that nobody's name is a placeholder,
an attribute or a template.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.core.i18n import _, _l
from app.core.text import one_line, tidy
from app.mailings.errors import BadPlaceholder

BRACED = re.compile(r"\{([^{}]*)\}")
NAMED = re.compile(r"([a-z_]+)(?:\|([^{}|\n]*))?")


@dataclass(frozen=True)
class Placeholder:
    """`missing` stands where there is no value and the text gives no words of its own."""

    label: Any
    missing: Any


PLACEHOLDERS = {
    "name": Placeholder(_l("the receiver's name"), _l("colleague")),
    "department": Placeholder(_l("the receiver's department"), _l("your department")),
    "event": Placeholder(_l("the title of the event"), _l("our event")),
    "days": Placeholder(_l("its days"), _l("a day to be told")),
    "place": Placeholder(_l("its place"), _l("a place to be told")),
    "link": Placeholder(_l("the receiver's page of the event"), _l("the page of the event")),
    "answer_by": Placeholder(_l("until when people can register"), _l("as soon as you can")),
    "code": Placeholder(_l("the receiver's admission code"), _l("the code that you receive with your place")),
    "sender": Placeholder(_l("whoever wrote this"), _l("the organizers")),
}


@dataclass
class Filled:
    """A text with its values, and the names of the placeholders that had none."""

    text: str
    missing: set[str] = field(default_factory=set)


def check(text: str | None, field: str) -> None:
    """Refuse, beside its field, a text with braces around anything but a placeholder."""
    for inside in BRACED.findall(text or ""):
        known = NAMED.fullmatch(inside)
        if known is None or known.group(1) not in PLACEHOLDERS:
            raise BadPlaceholder(
                _(
                    "There is no placeholder {%(name)s}. Choose one of those beside the text.",
                    name=" ".join(tidy(inside).splitlines())[:60],
                ),
                field=field,
            )
    if re.search("[{}]", BRACED.sub("", text or "")):
        raise BadPlaceholder(_("A brace stands alone. Braces are for placeholders only, such as {name}."), field=field)


def names_in(*texts: str | None) -> set[str]:
    return {found.group(1) for text in texts for each in BRACED.findall(text or "") if (found := NAMED.fullmatch(each))}


def fill(text: str, values: Mapping[str, str | None]) -> Filled:
    """The text with its placeholders filled, in the language that is set. Each place is filled once."""
    filled = Filled("")

    def value(found: re.Match[str]) -> str:
        named = NAMED.fullmatch(found.group(1))
        if named is None or named.group(1) not in PLACEHOLDERS:
            return found.group(0)
        name, words = named.groups()
        known = one_line(values.get(name) or "")
        if known:
            return known
        filled.missing.add(name)
        return one_line(words) if words else str(PLACEHOLDERS[name].missing)

    filled.text = BRACED.sub(value, text)
    return filled
