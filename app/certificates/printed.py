"""The foot of every issued paper: how it is checked, and the two anchors that it carries out of the house."""

from app.certificates import queries
from app.documents.shapes import Verification
from app.signing.canonical import PRINTED, grouped
from app.signing.models import IssuedDocument
from app.signing.printed import address_of, code_of, head_of


def checks(document: IssuedDocument, sentence: str) -> Verification:
    """`sentence` tells how to check. The root stands there from the day on which there is an authority."""
    made: Verification = {
        "sentence": sentence, "fingerprint": document.content_hash, "qr": code_of(document),
        "address": address_of(document), "head": head_of(document),
    }  # fmt: skip
    root = root_of_house()
    return {**made, "root": root} if root else made


def root_of_house() -> str:
    """The beginning of the root's fingerprint, for people to compare and to type; empty where there is none."""
    root = queries.find_root()
    return grouped(root.fingerprint[:PRINTED]) if root else ""
