"""How acts of the certificate authority can be refused."""

from app.core.errors import Refused


class RootKeyMissing(Refused):
    """The root's key lies elsewhere, or the file is not it."""


class WrongPassphrase(Refused):
    """The passphrase does not open this key."""


class NotPossibleNow(Refused):
    """What stands already does not allow this."""
