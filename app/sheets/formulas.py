"""Text that a spreadsheet would take for a formula (CSV injection), made text and back again.

A cell is dangerous when it begins with = + - @ or their full-width forms, also behind quotation marks and white
space; so is a tab or a line break there. One apostrophe before it makes it text. As every text
that begins with an apostrophe and goes on dangerously is dangerous itself, taking the apostrophe away
again always gives exactly what was there.
"""

import re

DANGEROUS = re.compile("['\"‘’“”`\\s\ufeff\u200b]*[=+\\-@＝＋－＠﹢﹣﹦﹫−\t\r\n]")


def is_dangerous(text: str) -> bool:
    """Whether a spreadsheet might calculate with this text."""
    return DANGEROUS.match(text) is not None


def as_text(text: str) -> str:
    """The text as it is written into a CSV cell."""
    return f"'{text}" if is_dangerous(text) else text


def as_typed(cell: str) -> str:
    """The text a CSV or XLSX cell stood for before `as_text`; other cells are left alone."""
    return cell[1:] if cell.startswith("'") and is_dangerous(cell[1:]) else cell
