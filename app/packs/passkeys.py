"""The answer of a person's own device (WebAuthn), checked again years later: pure, no database."""

import base64
import hashlib
import json
from typing import Any

NEEDED = ("public_key", "client_data", "authenticator_data", "signature", "rp_id")


def signed_by_device(evidence: dict[str, Any], challenge: bytes) -> bool:
    """Whether the device that holds the key answered exactly this challenge, and made sure who held it."""
    from webauthn.helpers import decode_credential_public_key, parse_authenticator_data
    from webauthn.helpers.decoded_public_key_to_cryptography import decoded_public_key_to_cryptography
    from webauthn.helpers.verify_signature import verify_signature

    try:
        raw = {name: _bytes(evidence[name]) for name in NEEDED if name != "rp_id"}
        client = json.loads(raw["client_data"])
        data = parse_authenticator_data(raw["authenticator_data"])
        right = (
            client["type"] == "webauthn.get"
            and _bytes(client["challenge"]) == challenge
            and data.flags.up
            and data.flags.uv
            and data.rp_id_hash == hashlib.sha256(evidence["rp_id"].encode()).digest()
        )
        key = decoded_public_key_to_cryptography(decode_credential_public_key(raw["public_key"]))
        verify_signature(
            public_key=key,
            signature_alg=decode_credential_public_key(raw["public_key"]).alg,
            signature=raw["signature"],
            data=raw["authenticator_data"] + hashlib.sha256(raw["client_data"]).digest(),
        )
    except Exception:  # evidence of any shape comes here; what cannot be checked proves nothing
        return False
    return right


def key_fingerprint(public_key: str) -> str:
    """SHA-256 of a public key (COSE in base64url), as the log tells it of a key that somebody adds."""
    return hashlib.sha256(_bytes(public_key)).hexdigest()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
