"""What one signature says: the statement that is signed, and the evidence that it commits to.

The statement never changes. What tells from where and with what somebody signed may be erased after its time: of it the
statement holds only commitments, HMAC of a salt and the value, which tell nothing once the salt is gone.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.accounts import queries as accounts
from app.accounts.models import Account
from app.consents.models import Consent
from app.core import clock
from app.core.roles import Actor
from app.delegations.models import Delegation
from app.people.models import Person
from app.pledges import deed, papers
from app.pledges.models import Pledge, SignatureSlot
from app.proofs.models import Means
from app.signing.canonical import canonical

# What may be erased, and is committed to. The rest of the evidence is the proof itself.
PERSONAL = ("address", "proxies", "browser", "language", "strokes")
FLEETING = ("nonce", "at", "commitments", "clock")  # what differs between two statements that mean the same


@dataclass(frozen=True)
class Presence:
    """What the page knows of the act. `room` is the browser session in which the text has to be read and signed; without
    one a caller vouches for reading and consent, as an import does, and the statement says that neither is known."""

    room: str | None = None
    address: str | None = None
    proxies: tuple[str, ...] = ()
    browser: str | None = None
    language: str | None = None
    mark_text: str | None = None
    strokes: tuple[tuple[int, ...], ...] = ()  # of a drawn mark: x and y by turns, in thousandths of its width
    prints_mark: bool = False  # the drawn mark too, into the field of the paper
    cue_ref: str | None = None
    signed_in_at: datetime | None = None  # this browser, with the password

    def personal(self) -> dict[str, Any]:
        """What of it is there and may be erased one day."""
        told = {
            "address": self.address[:60] if self.address else None,
            "proxies": [each[:60] for each in self.proxies[:10]],
            "browser": self.browser[:200] if self.browser else None,
            "language": self.language,
            "strokes": [list(each) for each in self.strokes],
        }
        return {name: value for name, value in told.items() if value}


@dataclass(frozen=True)
class Draft:
    """A statement before it is signed, with what it commits to."""

    statement: dict[str, Any]
    salt: str
    personal: dict[str, Any]
    mark_text: str | None = None

    def kept(self) -> dict[str, Any]:
        """As a challenge keeps it until the device has answered."""
        return {
            "statement": self.statement,
            "salt": self.salt,
            "personal": self.personal,
            "mark_text": self.mark_text,
        }


def compose(
    slot: SignatureSlot, *, actor: Actor, signer: Person, delegation: Delegation | None, consent: Consent | None,
    means: Means, presence: Presence, newest: datetime | None,
) -> Draft:  # fmt: skip
    """Put the statement together. `newest` is the latest moment that is recorded of this pledge: a clock that stands
    before it was put back, and the statement says so."""
    pledge, now = slot.pledge, clock.now()
    intent = deed.intent_sentence(slot.role, pledge.language)
    salt, personal = secrets.token_hex(32), presence.personal()
    statement = {
        "document": "signature",
        "pledge": pledge.ref,
        "edition": pledge.edition,
        "content_hash": pledge.content_hash,
        "pdf_hash": pdf_hash_of(pledge),
        "place": slot.position,
        "role": slot.role,
        "person": slot.person.ref,
        "name": slot.name,
        "position": slot.position_title,
        "department": slot.person.department.name if slot.person.department else None,
        "account": _account(actor),
        "session": {"means": str(Means.PASSWORD), "since": _iso(presence.signed_in_at)}
        if presence.signed_in_at
        else None,
        "deputy": _deputy(signer, delegation, pledge.language),
        "consent": _consent(consent),
        "intent": intent,
        "intent_hash": hashlib.sha256(intent.encode()).hexdigest(),
        "means": str(means),
        "presented_at": _iso(slot.first_opened_at) if presence.room else None,
        "reached_end_at": _iso(slot.reached_end_at) if presence.room else None,
        "mark": presence.mark_text,
        "mark_printed": bool(presence.prints_mark and presence.strokes),
        "cue": presence.cue_ref,
        "clock": "behind" if newest is not None and now < newest else "forward",
        "commitments": {name: commitment(salt, name, value) for name, value in personal.items()},
        "nonce": secrets.token_hex(16),
        "at": now.isoformat(),
    }
    return Draft(statement, salt, personal, presence.mark_text)


def means_the_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two statements of one signatory say the same, whenever they were put together."""
    return {k: v for k, v in one.items() if k not in FLEETING} == {k: v for k, v in other.items() if k not in FLEETING}


def commitment(salt: str, name: str, value: Any) -> str:
    """What binds a statement to a value without telling it."""
    return hmac.new(bytes.fromhex(salt), f"{name}\0".encode() + canonical(value), hashlib.sha256).hexdigest()


def pdf_hash_of(pledge: Pledge) -> str | None:
    """The hash of the very file that is shown to the signatories."""
    revision = papers.frozen(pledge.document) if pledge.document is not None else None
    return revision.pdf_hash if revision is not None else None


def _account(actor: Actor) -> dict[str, Any] | None:
    """Which account signed, and who let this person in, and when."""
    if not isinstance(actor, Account):
        return None
    made_by = accounts.name_of_maker(actor)
    return {"ref": actor.ref, "made_by": made_by, "made_at": _iso(actor.created_at)}


def _consent(consent: Consent | None) -> dict[str, Any] | None:
    if consent is None:
        return None
    text = consent.text
    return {"version": text.number, "hash": text.content_hash, "given_at": _iso(consent.given_at)}


def _deputy(signer: Person, delegation: Delegation | None, language: str) -> dict[str, Any] | None:
    if delegation is None:
        return None
    return {
        "person": signer.ref,
        "name": deed.name_in(signer, language),
        "delegation": delegation.ref,
        "paper": delegation.file.sha256 if delegation.file else None,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
