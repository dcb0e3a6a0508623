"""What stands on every issued paper so that it can be checked, and so that the log is anchored outside of the house."""

from app.core.config import settings_now
from app.signing.canonical import short
from app.signing.models import IssuedDocument

HEAD_SIGNS = 16  # of the log's head: 64 bits, as printed


def address_of(document: IssuedDocument) -> str:
    """Where anybody can check it."""
    return f"{settings_now().base_url.rstrip('/')}/verify/{document.code}"


def code_of(document: IssuedDocument) -> str:
    """What the square code holds: the address, and behind it the fingerprint and the head of the log, which the browser
    gives to the page. So a code that leads somewhere else, or a log that was written anew, shows."""
    return f"{address_of(document)}#f={document.content_hash}&h={document.audit_head[:HEAD_SIGNS]}"


def head_of(document: IssuedDocument) -> str:
    """The head of the log when it was issued, for people to compare."""
    return short(document.audit_head)
