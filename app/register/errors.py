"""What can be wrong with a kept view."""

from app.core.errors import Refused


class NameTaken(Refused):
    """Somebody has a view of this name already."""


class TooManyViews(Refused):
    """More than anybody finds again."""


class NothingAsked(Refused):
    """A view without a question is the register itself."""
