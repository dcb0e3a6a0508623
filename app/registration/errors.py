"""How registration can refuse."""

from app.core.errors import Refused


class RegistrationClosed(Refused):
    """Registration has not begun, is closed, or is for invited people only."""


class AlreadyRegistered(Refused):
    """One registration per person and event."""


class NotRegistered(Refused):
    """There is nothing to withdraw."""


class NoPlaceLeft(Refused):
    """Every place is taken and there is no waiting list."""


class BelowUse(Refused):
    """More people hold a place than the new capacity allows, and no reason was given."""


class LinkEnded(Refused):
    """A link to answer by that was revoked, replaced, or whose event is over."""

    status = 410


class NobodyToInvite(Refused):
    """The choice holds nobody who can be asked."""
