"""How choosing people can be refused."""

from app.core.errors import Refused


class LineRefused(Refused):
    """This line cannot stand on the list of an event."""


class GroupRefused(Refused):
    """This cannot be done with a saved group."""


class ListRefused(Refused):
    """This text is no list that we can read."""
