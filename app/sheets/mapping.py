"""Which column of somebody's table holds which of our fields: guessed from the headings, corrected by people."""

from collections.abc import Mapping, Sequence

from app.core.i18n import _
from app.core.text import fold
from app.sheets.errors import SheetRefused
from app.sheets.limits import MOST_COLUMNS


def bare(heading: str) -> str:
    """The words of a heading, folded and without signs between them: `E-Mail` is `e mail`."""
    return " ".join("".join(sign if sign.isalnum() else " " for sign in fold(heading)).split())


def guess(called: Mapping[str, str], columns: Sequence[str]) -> dict[str, int]:
    """Which column holds which field. `called` are the headings of each field, bare, with `|` between them.

    No column is taken twice; of two fields that are called the same, the first one has it.
    """
    found: dict[str, int] = {}
    bared = [bare(heading) for heading in columns]
    for name, words in called.items():
        known = set(words.split("|"))
        for at, heading in enumerate(bared):
            if at not in found.values() and heading in known:
                found[name] = at
                break
    return found


def chosen(mapping: Mapping[str, int | None], columns: Sequence[str]) -> dict[str, int]:
    """The fields for which a column was chosen. Refuses one column for two fields."""
    kept = {name: at for name, at in mapping.items() if at is not None and 0 <= at < len(columns)}
    for name, at in kept.items():
        if list(kept.values()).count(at) > 1:
            raise SheetRefused(_("One column cannot be two things. Choose another one here."), field=name)
    return kept


def column_number(raw: str) -> int | None:
    """The number of a column as a form sends it, whatever stands there."""
    at = int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 5 else None
    return at if at is not None and at < MOST_COLUMNS else None
