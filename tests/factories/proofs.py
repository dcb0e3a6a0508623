"""A device that makes passkeys and signs with them, in software: what a browser would send, built by hand."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from app.accounts.models import Account
from app.core.db import unit_of_work
from app.proofs import services
from app.proofs.models import Passkey

ORIGIN = "http://localhost:8000"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Device:
    """One authenticator with one key. `verifies` is whether it asks for a finger or a PIN."""

    origin: str = ORIGIN
    party: str = "localhost"
    verifies: bool = True
    count: int = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _authenticator_data(self, attested: bytes = b"") -> bytes:
        self.count += 1
        flags = PRESENT | (VERIFIED if self.verifies else 0) | (ATTESTED if attested else 0)
        return hashlib.sha256(self.party.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big") + attested

    def make(self, options: dict[str, Any]) -> str:
        """The answer to `navigator.credentials.create`."""
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + cbor2.dumps(public)
        statement = {"fmt": "none", "attStmt": {}, "authData": self._authenticator_data(attested)}
        return self._answer(
            clientDataJSON=self.client_data("webauthn.create", options["challenge"]),
            attestationObject=cbor2.dumps(statement),
        )

    def use(self, options: dict[str, Any]) -> str:
        """The answer to `navigator.credentials.get`."""
        told = self.client_data("webauthn.get", options["challenge"])
        data = self._authenticator_data()
        signature = self.key.sign(data + hashlib.sha256(told).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(clientDataJSON=told, authenticatorData=data, signature=signature)

    def _answer(self, **response: bytes) -> str:
        name = packed(self.credential)
        given = {key: packed(value) for key, value in response.items()}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": given})


def make_passkey(account: Account, device: Device | None = None, name: str = "My phone") -> tuple[Passkey, Device]:
    """A passkey of this account, kept by its own acts, and the device that holds it."""
    device = device or Device()
    with unit_of_work():
        challenge, options = services.begin_registration(account, actor=account)
    with unit_of_work():
        passkey = services.add_passkey(
            account, actor=account, challenge_ref=challenge.ref, given=device.make(options), name=name
        )
    return passkey, device


def make_time_code(account: Account) -> str:
    """Time codes of this account, set up; the shared secret."""
    import pyotp

    with unit_of_work():
        code = services.begin_time_code(account, actor=account)
    secret = services.secret_of(code) or ""
    with unit_of_work():
        services.confirm_time_code(account, pyotp.TOTP(secret).now(), actor=account)
    return secret
