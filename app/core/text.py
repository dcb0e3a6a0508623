"""Text from outside, made safe to keep (IN20)."""

import re
import unicodedata

# Signs that reorder what stands around them; harmless as marks of one word, dangerous in names and file names.
BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
BREAKS = re.compile("[\r\n\u2028\u2029\x85]+")


def tidy(text: str) -> str:
    """NFC, without control signs, lone surrogates and reordering marks; line ends become a newline."""
    text = CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return unicodedata.normalize("NFC", BIDI.sub("", text))


def one_line(text: str) -> str:
    """The same on one line, for names, titles and mail headers."""
    return " ".join(BREAKS.sub(" ", tidy(text)).split())


def fold(text: str) -> str:
    """The form in which addresses and names are compared for being the same."""
    return unicodedata.normalize("NFKC", one_line(text)).casefold()


def initials(name: str) -> str:
    """Two letters for a Latin name; the last two characters of a Chinese one's given part, else the first."""
    parts = [part for part in name.replace("-", " ").split() if part]
    if not parts:
        return "·"
    if any("\u4e00" <= sign <= "\u9fff" for sign in parts[0]):
        return parts[0][-2:] if len(parts[0]) > 2 else parts[0][-1]
    return (parts[0][0] + (parts[-1][0] if len(parts) > 1 else "")).upper()
