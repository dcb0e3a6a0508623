"""Signs that neither a workbook nor our own records can hold."""

import re

UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def writable(text: str) -> str:
    """The text without control signs and lone surrogates; tabs and line ends stay as they are."""
    return UNWRITABLE.sub("", text)
