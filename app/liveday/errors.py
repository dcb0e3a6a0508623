"""How acts on the live day are refused."""

from app.core.errors import Refused


class NotToday(Refused):
    """The item stands on another day, or the event is not taking place."""


class SomebodyWasFaster(Refused):
    """The item is no longer as the operator saw it."""

    status = 409


class NothingLeft(Refused):
    """Nothing of today is still to come."""


class BreaksSomething(Refused):
    """What would follow cannot be, unless somebody says why it has to."""
