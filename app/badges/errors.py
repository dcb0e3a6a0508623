"""How printing can be refused."""

from app.core.errors import Refused


class NothingToPrint(Refused):
    """Nobody of those asked for has a card that can be printed."""


class TooManyPrints(Refused):
    """So many files were made that others have to wait for theirs; in a minute it goes on."""

    status = 429
    retry_after = 60
