"""How handouts are refused."""

from app.core.errors import Refused


class NothingToPrint(Refused):
    """No room has anything in it, or nobody speaks: an empty sheet helps nobody."""

    status = 404
