"""How spreading a requirement over many can be refused."""

from app.core.errors import Refused


class NothingChosen(Refused):
    """No part was named, or no department chosen."""


class RowsRefused(Refused):
    """Some of many cannot be: none of them is made, and each of those says why."""


class HelpsAlready(Refused):
    """Somebody helps who helps already, leads it or answers for it."""
