"""How sealing a PDF can fail."""


class SealingFailed(Exception):
    """The PDF was not signed; nothing of it may be used. The message is for the operator."""
