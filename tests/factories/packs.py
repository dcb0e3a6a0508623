"""Evidence packs made without a database: a company's log, its checkpoint, and a signed pledge with its records."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.core import audit
from app.ledger import signed
from app.packs.writing import Parts, as_entry, write
from app.signing.canonical import canonical, fingerprint
from tests.factories import sealing
from tests.factories.sealing import FROZEN_AT, NAMES, ROLES, House, field_name, person_ref, pledge_data

DOCUMENT, PLEDGE = "document00000001", "pledge0000000001"
LOG_KEY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"log").digest())


@dataclass
class Device:
    """A passkey, as a device in somebody's pocket holds it."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    rp_id: str = "hufu.example"

    def public_key(self) -> str:
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        return _b64(cbor2.dumps(cose))

    def answer(self, challenge: bytes, *, verified: bool = True) -> dict[str, Any]:
        client = json.dumps(
            {"type": "webauthn.get", "challenge": _b64(challenge), "origin": f"https://{self.rp_id}"}
        ).encode()  # fmt: skip
        flags = 0x01 | (0x04 if verified else 0)
        data = hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + (7).to_bytes(4, "big")
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return {
            "credential": "Y3JlZA", "public_key": self.public_key(), "client_data": _b64(client),
            "authenticator_data": _b64(data), "signature": _b64(signature), "rp_id": self.rp_id,
        }  # fmt: skip


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def key_of(device: Device) -> str:
    """The fingerprint of a device's key, as the log tells it."""
    key = device.public_key()
    return hashlib.sha256(base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))).hexdigest()


@cache
def the_device() -> Device:
    return Device()


@dataclass
class Case:
    """Everything of which a pack is made; changed before it is written it gives what a forger would."""

    house: House
    data: dict[str, Any]
    frozen: bytes
    pdf: bytes
    records: list[dict[str, Any]]
    rows: list[dict[str, Any]] = field(default_factory=list)
    checkpoints: list[dict[str, Any]] = field(default_factory=list)
    parts: Parts | None = None

    def log(self, action: str, subject_ref: str, *, actor: int = 1, **details: Any) -> None:
        previous = self.rows[-1]["hash"] if self.rows else "0" * 64
        at = (FROZEN_AT + timedelta(minutes=len(self.rows))).isoformat()
        row = {
            "seq": len(self.rows) + 1, "at": at, "recorded_at": at, "actor_id": actor, "actor_name": "Hufu",
            "on_behalf_of": None, "action": action, "subject_type": "Pledge", "subject_ref": subject_ref,
            "subject_label": "PL-2027-001", "scope": None, "reason": None, "details": details, "request_id": None,
            "previous": previous,
        }  # fmt: skip
        self.rows.append(row | {"hash": audit.digest(row)})

    def made(self) -> Parts:
        """The parts, with the log closed by a checkpoint."""
        rows = self.rows
        facts = {
            "seq": len(rows), "since": 1, "head": rows[-1]["hash"], "tree": signed.tree_root([r["hash"] for r in rows]),
            "made_at": FROZEN_AT.isoformat(),
        }  # fmt: skip
        public = LOG_KEY.public_key().public_bytes_raw()
        checkpoint = {
            **facts, "key_id": signed.key_id(public), "signature": LOG_KEY.sign(signed.statement(**facts)).hex(),
        }  # fmt: skip
        leaves = [row["hash"] for row in rows]
        proofs = [{"checkpoint": len(rows), "path": signed.proof_of(leaves, at)} for at in range(len(rows))]
        return Parts(
            code="7Q2M-0XKD-9FAT-C3VZ", kind="pledge", title="PL-2027-001 营收军令状", pdf=self.pdf,
            data=canonical(self.data), made_at=FROZEN_AT + timedelta(days=1), address="https://hufu.example/verify/X",
            root_pem=self.house.root.pem, seal_pem=self.house.seal.pem, sign=signing_with(self.house),
            other_pems=[self.house.issuing.pem], crls=self.house.crls, records=self.records,
            entries=[as_entry(row, proof) for row, proof in zip(rows, proofs, strict=True)], checkpoints=[checkpoint],
            log_key=public,
        )  # fmt: skip

    def written(self, **changes: Any) -> bytes:
        return write(replace(self.made(), **changes))


def signing_with(house: House) -> Callable[[bytes], bytes]:
    return lambda content: house.seal.key.sign(content, ec.ECDSA(hashes.SHA256()))


def statement_of(case_data: Mapping[str, Any], frozen: bytes, role: str, **more: Any) -> dict[str, Any]:
    return {
        "document": "signature", "pledge": PLEDGE, "edition": 1, "content_hash": fingerprint(case_data),
        "pdf_hash": hashlib.sha256(frozen).hexdigest(), "role": role, "person": person_ref(role), "name": NAMES[role],
        "deputy": None, "intent": "I give my word.", "means": "passkey" if role == "pledger" else "password",
        "nonce": role, "at": FROZEN_AT.isoformat(), **more,
    }  # fmt: skip


def record_of(statement: dict[str, Any], *, device: Device | None = None, field: str | None = None) -> dict[str, Any]:
    told = fingerprint(statement)
    evidence = (device or the_device()).answer(bytes.fromhex(told)) if statement["means"] == "passkey" else {}
    return {
        "field": field or field_name(statement["role"]), "role": statement["role"], "person": statement["person"],
        "statement": statement, "statement_hash": told, "means": statement["means"], "evidence": evidence,
        "signed_at": statement["at"],
    }  # fmt: skip


def make_case(
    *, house: House | None = None, roles: tuple[str, ...] = ROLES, closed: bool = True, pdf: bytes | None = None,
    more: tuple[tuple[str, str], ...] = (), statements: Mapping[str, dict[str, Any]] | None = None,
) -> Case:  # fmt: skip
    """A pledge that these roles have signed; `more` are further deeds of the log and what they are about."""
    house = house or sealing.the_house()
    data = pledge_data()
    frozen = sealing.make_frozen() if house is sealing.the_house() else sealing.freeze_for(house, data)
    if pdf is None:
        same = house is sealing.the_house()
        pdf = (
            sealing.make_signed(roles, closed=closed) if same else sealing.sign_all(frozen, house, roles, closed=closed)
        )
    statements = statements or {}
    records = [record_of(statement_of(data, frozen, role, **statements.get(role, {}))) for role in roles]
    case = Case(house, data, frozen, pdf, records)
    case.log("event.published", "event00000000001", secret="canary")
    case.log("passkey.added", "passkey000000001", key=key_of(the_device()))
    case.log("document.issued", DOCUMENT, content_hash=fingerprint(data))
    case.log("pledge.frozen", PLEDGE, document=DOCUMENT, pdf_hash=hashlib.sha256(frozen).hexdigest())
    for record in records:
        case.log("pledge.signed", "slot000000000001", pledge=PLEDGE, statement_hash=record["statement_hash"])
    deed = "document.completed" if closed and set(roles) == set(ROLES) else "pledge.signature_sealed"
    case.log(deed, DOCUMENT, pdf_hash=hashlib.sha256(pdf).hexdigest(), content_hash=fingerprint(data))
    for action, subject in more:
        case.log(action, subject)
    return case
