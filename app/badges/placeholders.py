"""The words in braces that an organizer may write into a layout. They are replaced by name; nothing is ever evaluated."""

import re
from collections.abc import Iterable, Mapping

from app.core.i18n import _, listed

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def wrong_ones(text: str, known: Iterable[str]) -> list[str]:
    """What stands in braces and is none of the known names; a lone brace too."""
    names = set(known)
    wrong = [f"{{{name}}}" for name in PLACEHOLDER.findall(text) if name not in names]
    return wrong + sorted(set(re.findall(r"[{}]", PLACEHOLDER.sub("", text))))


def refusal(text: str, known: Iterable[str]) -> str:
    """The sentence for a text that cannot be saved; empty for one that can."""
    wrong = wrong_ones(text, known)
    if not wrong:
        return ""
    names = listed(f"{{{name}}}" for name in known)
    return _("%(wrong)s is not known here. These can be used: %(names)s.", wrong=listed(wrong), names=names)


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with the values in their places. A value is text: braces in it stay what they are."""
    return PLACEHOLDER.sub(lambda found: values.get(found.group(1), ""), text)
