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


class OfferEnded(Refused):
    """An offered place that was taken, declined, withdrawn, or whose time is over."""

    status = 410


class AlreadyDecided(Refused):
    """A request that somebody else has approved or refused, or that is not asked any more."""

    status = 409
