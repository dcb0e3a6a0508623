"""How answering can refuse."""

from app.core.errors import Refused


class NotNow(Refused):
    """The answer is no longer, or not yet, one that can be given."""


class NobodyToSend(Refused):
    """The named colleague cannot be sent."""


class NobodyToRemind(Refused):
    """Everybody has answered, or was reminded within the last day."""
