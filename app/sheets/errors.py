"""How a table can be refused."""

from app.core.errors import Refused


class SheetRefused(Refused):
    """The uploaded file is no table that we take; the sentence tells why and what helps."""
