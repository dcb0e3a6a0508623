"""How acts on gatherings are refused."""

from app.core.errors import Refused


class EndsBeforeStart(Refused):
    """The last day lies before the first."""


class TooLong(Refused):
    """Nobody meets for that many days: most likely a wrong year."""


class UnknownZone(Refused):
    """Not an IANA time zone."""


class WrongStatus(Refused):
    """The gathering is not in the state that this act needs."""


class PreviousEditionLoop(Refused):
    """An edition cannot come before itself."""


class AlreadyNamed(Refused):
    """The person has this part, or the event this group, already."""


class ReasonMissing(Refused):
    """Those who planned to come are owed a reason."""


class NoAccount(Refused):
    """A role needs somebody who can sign in."""
