"""How acts on tallies can be refused."""

from app.core.errors import Refused


class NotPossibleNow(Refused):
    """The state of the tally or of its campaign does not allow this."""


class CastAlready(Refused):
    """The campaign has a tally that still holds."""


class WrongDays(Refused):
    """The last day lies before the first, or has passed."""


class NotOfThisEvent(Refused):
    """A ceremony of another event was named."""


class NotChartered(Refused):
    """A tally lends no authority for a campaign that is not at least chartered."""


class CommanderMissing(Refused):
    """Nobody commands the campaign, so that nobody can take the left half."""


class NeitherStageNorReason(Refused):
    """A conferral happens by a cue of a ceremony, or says why it does not."""


class BothHalvesInOneHand(Refused):
    """The halves are kept by two people: otherwise nothing has to match."""


class WrongHolder(Refused):
    """The left half belongs to who commands, the right one to who presides."""


class ReasonMissing(Refused):
    """It is told with its reason."""


class ConditionMissing(Refused):
    """What is given back is given back in some condition."""


class RecastAlready(Refused):
    """One broken tally is cast anew once."""
