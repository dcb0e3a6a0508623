"""How signing in and the care of accounts can be refused."""

from app.core.errors import Refused


class WrongCredentials(Refused):
    """Deliberately the same sentence for an unknown address, a wrong password and a disabled account (AN6)."""


class TooManyTries(Refused):
    """Guessing is slowed; `retry_after` in seconds."""

    status = 429

    def __init__(self, sentence: object, *, retry_after: int) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


class WeakPassword(Refused):
    """Too short, or on the list of those that are guessed first."""


class LinkUsedUp(Refused):
    """A single-use link that was used, has ended, or was replaced by a newer one."""


class LastAdministrator(Refused):
    """Somebody must be able to give roles back."""
