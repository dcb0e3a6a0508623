"""How a document can fail. The sentences are for people; `detail` is for the log."""

from app.core.errors import Refused
from app.core.i18n import _


class DocumentFailed(Refused):
    """No document was made. `detail` holds what the typesetter said; it may quote the data, so do not show it."""

    def __init__(self, sentence: str = "", *, detail: str = "") -> None:
        super().__init__(sentence or _("The document could not be made. Please try again or tell the administrator."))
        self.detail = detail


class GlyphsMissing(DocumentFailed):
    """A character would have vanished from the paper. `characters` names each one once."""

    def __init__(self, characters: list[str]) -> None:
        listed = " ".join(f"{character} (U+{ord(character):04X})" for character in characters[:20])
        sentence = _("The document fonts have no picture for these characters: %(characters)s", characters=listed)
        super().__init__(sentence, detail=listed)
        self.characters = characters


class TooLarge(DocumentFailed):
    """More than the typesetter has memory for; a workbook or several documents are the way out."""

    def __init__(self, detail: str) -> None:
        super().__init__(_("The document is too large to be printed in one piece."), detail=detail)


class TextTooLong(DocumentFailed):
    """Longer than this part of the system reads."""

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(
            _("The text has %(length)s characters; at most %(limit)s are possible.", length=length, limit=limit)
        )
