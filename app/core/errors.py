"""How an act can be refused. Every refusal is a sentence that a person can act upon."""

from typing import Any


class Refused(Exception):
    """An act that is not possible now. `field` names the form field that mends it, if one does."""

    status = 422

    def __init__(self, sentence: Any, *, field: str | None = None) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence
        self.field = field


class Stale(Refused):
    """Somebody else changed the record since this page was opened. `theirs` is the record as it stands."""

    status = 409

    def __init__(self, sentence: Any, *, theirs: object) -> None:
        super().__init__(sentence)
        self.theirs = theirs


class Forbidden(Exception):
    """The actor may know of the thing but may not do this to it (403)."""


class Busy(Exception):
    """The database is locked or gone; trying again in a moment helps (503 with Retry-After)."""


def require(permitted: bool) -> None:
    """The first beat of an act: raises Forbidden unless the policy said yes."""
    if not permitted:
        raise Forbidden
