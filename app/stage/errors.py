"""How acts of the console can be refused."""

from app.core.errors import Refused


class NotOn(Refused):
    """Neither the evening nor a rehearsal of it is on, or another one is."""


class OtherShow(Refused):
    """A cue of another run of show was named."""


class NothingToReveal(Refused):
    """The cue holds no award that waits for its moment, or it was shown already."""


class SecondNeeded(Refused):
    """Whoever asked for a reveal cannot confirm it."""


class AskedNoMore(Refused):
    """The request was taken back, confirmed already, or is too old."""


class NothingToConfer(Refused):
    """The cue holds no tally that waits for its moment."""
