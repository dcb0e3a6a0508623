"""How acts on consents can be refused."""

from app.core.errors import Refused


class WordsHaveChanged(Refused):
    """What was shown is not what is asked for now."""

    status = 409


class NoConsent(Refused):
    """Nobody signs electronically without having agreed to that."""
