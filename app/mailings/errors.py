"""How writing to many can be refused."""

from app.core.errors import Refused


class BadPlaceholder(Refused):
    """Something stands in braces that is no placeholder."""


class MailingRefused(Refused):
    """The mailing cannot be changed, approved or sent as it stands."""
