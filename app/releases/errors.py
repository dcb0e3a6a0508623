"""How acts on releases are refused."""

from app.core.errors import Refused


class NotPublished(Refused):
    """A draft is told to nobody, and what was called off stays as it was told."""

    status = 409


class NothingChanged(Refused):
    """Everybody has read this already."""

    status = 409


class LookAgain(Refused):
    """The programme or its releases are not what the preview has shown."""

    status = 409


class HasClashes(Refused):
    """Something cannot take place as it is written, and nobody has said why it is told all the same."""

    status = 409
