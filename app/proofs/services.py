"""Keeping passkeys and time codes, and judging what was given as a proof.

What fails here says nothing of why to whoever guesses; wrong passwords and codes are counted by the page that asks
(`app.proofs.asking`), since a refused act leaves nothing behind.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import select

from app.accounts import services as accounts
from app.accounts.models import Account
from app.core import audit, clock
from app.core.config import secret_key, settings_now
from app.core.db import db
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.mail.services import Recipient, queue_mail
from app.packs.passkeys import key_fingerprint
from app.proofs import policy, queries, webauthn_rules
from app.proofs.errors import NotProven, ProofUsedUp
from app.proofs.models import Challenge, Means, Passkey, TimeCode

CHALLENGE_LASTS = timedelta(minutes=10)
STEP = 30  # seconds of one time code
MOST_PASSKEYS = 20
possible_means = queries.possible_means


@dataclass(frozen=True)
class Proof:
    """Who sits there was proven by `means`; `evidence` is what can be shown of it later."""

    means: Means
    evidence: dict[str, Any] = field(default_factory=dict)


# --- passkeys -----------------------------------------------------------------------------------------------------


def begin_registration(account: Account, *, actor: Actor) -> tuple[Challenge, dict[str, Any]]:
    """Ask a device for a new key: the challenge, and the options for the browser."""
    import webauthn
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.cose import COSEAlgorithmIdentifier
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    require(policy.may_keep(actor, account))
    held = queries.list_passkeys(account)
    if len(held) >= MOST_PASSKEYS:
        raise NotProven(_("You have enough passkeys. Remove one that you no longer use first."))
    challenge = _ask(account, "register", secrets.token_bytes(32).hex(), None, {})
    options = webauthn.generate_registration_options(
        rp_id=webauthn_rules.party(),
        rp_name="Hufu",
        user_id=hashlib.sha256(account.ref.encode()).digest(),
        user_name=account.email,
        user_display_name=account.name,
        challenge=bytes.fromhex(challenge.digest),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(each.credential)) for each in held],
        supported_pub_key_algs=[COSEAlgorithmIdentifier(each) for each in webauthn_rules.ALGORITHMS],
    )
    return challenge, webauthn_rules.as_json(options)


def add_passkey(account: Account, *, actor: Actor, challenge_ref: str, given: str, name: str) -> Passkey:
    """Keep the public half of the key that the device has made for this challenge."""
    import webauthn
    from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
    from webauthn.helpers.cose import COSEAlgorithmIdentifier
    from webauthn.helpers.exceptions import WebAuthnException

    require(policy.may_keep(actor, account))
    challenge = _spend(account, "register", challenge_ref, None)
    credential = webauthn_rules.parsed(given)
    if credential is None:
        raise NotProven(_("Your browser gave no usable passkey. Please try again."))
    try:
        origin = webauthn_rules.origin_of(base64url_to_bytes(credential["response"]["clientDataJSON"]))
        found = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=bytes.fromhex(challenge.digest),
            expected_rp_id=webauthn_rules.party(),
            expected_origin=origin or "",
            require_user_verification=True,
            supported_pub_key_algs=[COSEAlgorithmIdentifier(each) for each in webauthn_rules.ALGORITHMS],
        )
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotProven(_("Your browser gave no usable passkey. Please try again.")) from error
    ways = credential["response"].get("transports")
    passkey = Passkey(
        account_id=account.id,
        name=name,
        credential=bytes_to_base64url(found.credential_id),
        public_key=bytes_to_base64url(found.credential_public_key),
        sign_count=found.sign_count,
        transports=[each for each in ways if isinstance(each, str)][:8] if isinstance(ways, list) else [],
        is_synced=found.credential_backed_up,
    )
    if len(passkey.credential) > 1400 or queries.find_credential(account, passkey.credential) is not None:
        raise NotProven(_("This passkey is kept already, or it cannot be kept."))
    db.session.add(passkey)
    db.session.flush()
    # The log binds the key to the account: what it signs later can be traced to this moment without our tables.
    audit.record(actor, "passkey.added", passkey, key=key_fingerprint(passkey.public_key), synced=passkey.is_synced)
    _tell(account, "passkey_added", passkey=passkey)
    return passkey


def remove_passkey(passkey: Passkey, *, actor: Actor) -> None:
    """Forget a key. What it signed stays signed: the signature keeps the public half."""
    require(policy.may_keep(actor, passkey.account))
    audit.record(actor, "passkey.removed", passkey, key=key_fingerprint(passkey.public_key))
    _tell(passkey.account, "passkey_removed", passkey=passkey)
    db.session.delete(passkey)


def begin_passkey(
    account: Account, *, subject: str, digest: str, values: dict[str, Any] | None = None
) -> tuple[Challenge, dict[str, Any]]:
    """Ask a device to sign `digest` (64 hexadecimal digits), which is the challenge itself; `values` come back with it."""
    import webauthn
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement

    held = queries.list_passkeys(account)
    if not held:
        raise NotProven(_("You have no passkey here yet."))
    challenge = _ask(account, "sign", digest, subject, values or {})
    options = webauthn.generate_authentication_options(
        rp_id=webauthn_rules.party(),
        challenge=bytes.fromhex(digest),
        allow_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(each.credential)) for each in held],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return challenge, webauthn_rules.as_json(options)


def find_asked(account: Account, challenge_ref: str, *, subject: str) -> Challenge:
    """The challenge that a browser answers to, for what it puts forward; used up or old it is refused."""
    return _usable(account, "sign", challenge_ref, subject)


def _judge_passkey(account: Account, given: dict[str, str], subject: str, digest: str) -> Proof:
    import webauthn
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.exceptions import WebAuthnException

    wrong = _("The passkey did not prove that it is you. Nothing was signed. Please try again.")
    challenge = _spend(account, "sign", given.get("challenge", ""), subject)
    assertion = webauthn_rules.parsed(given.get("assertion", ""))
    if assertion is None or not hmac.compare_digest(challenge.digest, digest):
        raise NotProven(wrong)
    passkey = queries.find_credential(account, assertion["id"])
    if passkey is None:
        raise NotProven(wrong)
    try:
        origin = webauthn_rules.origin_of(base64url_to_bytes(assertion["response"]["clientDataJSON"]))
        found = webauthn.verify_authentication_response(
            credential=assertion,
            expected_challenge=bytes.fromhex(digest),
            expected_rp_id=webauthn_rules.party(),
            expected_origin=origin or "",
            credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotProven(wrong) from error
    passkey.sign_count, passkey.last_used_at = found.new_sign_count, clock.now()
    return Proof(
        Means.PASSKEY,
        {
            "credential": passkey.credential,
            "public_key": passkey.public_key,
            "client_data": assertion["response"]["clientDataJSON"],
            "authenticator_data": assertion["response"]["authenticatorData"],
            "signature": assertion["response"]["signature"],
            "rp_id": webauthn_rules.party(),
            "origin": origin,
            "kept_since": passkey.created_at.isoformat(),
        },
    )


# --- challenges ---------------------------------------------------------------------------------------------------


def _ask(account: Account, purpose: str, digest: str, subject: str | None, values: dict[str, Any]) -> Challenge:
    challenge = Challenge(
        account_id=account.id, purpose=purpose, subject=subject, digest=digest, values=values,
        expires_at=clock.now() + CHALLENGE_LASTS,
    )  # fmt: skip
    db.session.add(challenge)
    db.session.flush()
    return challenge


def _usable(account: Account, purpose: str, ref: str, subject: str | None) -> Challenge:
    challenge = queries.find_challenge(account, purpose, ref)
    if challenge is None or challenge.subject != subject:
        raise NotProven(_("Your browser answered a question that was not asked here. Please try again."))
    if challenge.used_at is not None or clock.now() >= challenge.expires_at:
        raise ProofUsedUp(_("This proof was used before, or too much time has passed. Please try again."))
    return challenge


def _spend(account: Account, purpose: str, ref: str, subject: str | None) -> Challenge:
    challenge = _usable(account, purpose, ref, subject)
    challenge.used_at = clock.now()
    return challenge


# --- time codes ---------------------------------------------------------------------------------------------------


def begin_time_code(account: Account, *, actor: Actor) -> TimeCode:
    """A new secret, which counts once a code of it was given. One that is in use stays until it is removed."""
    import pyotp

    require(policy.may_keep(actor, account))
    present = queries.find_time_code(account)
    if present is not None and present.confirmed_at is not None:
        raise NotProven(_("You have time codes already. Remove them first, then set them up anew."))
    if present is not None and secret_of(present) is not None:
        return present
    if present is not None:  # encrypted by a key that this installation no longer has
        db.session.delete(present)
        db.session.flush()
    code = TimeCode(account_id=account.id, secret=_vault().encrypt(pyotp.random_base32().encode()).decode())
    db.session.add(code)
    db.session.flush()
    return code


def confirm_time_code(account: Account, given: str, *, actor: Actor) -> TimeCode:
    """The first right code shows that the device has the secret."""
    require(policy.may_keep(actor, account))
    code = _held_time_code(account)
    if code is None:
        raise NotProven(_("Set the time codes up first."), field="code")
    if code.confirmed_at is not None:
        raise NotProven(_("You have time codes already. Remove them first, then set them up anew."))
    step = _step_of(code, given)
    if step is None:
        raise NotProven(_("This is not the code of this moment. Check the clock of your device."), field="code")
    code.confirmed_at, code.last_step = clock.now(), step
    audit.record(actor, "time_code.added", code)
    _tell(account, "time_code_added")
    return code


def remove_time_code(code: TimeCode, *, actor: Actor) -> None:
    require(policy.may_keep(actor, code.account))
    if code.confirmed_at is not None:
        audit.record(actor, "time_code.removed", code)
        _tell(code.account, "time_code_removed")
    db.session.delete(code)


def secret_of(code: TimeCode) -> str | None:
    """The shared secret in the clear, for the QR code at its setting up; None when the installation's key was changed."""
    try:
        return _vault().decrypt(code.secret.encode()).decode()
    except InvalidToken:
        return None


def address_of(code: TimeCode) -> str:
    """What the QR code of the setting up holds."""
    import pyotp

    return pyotp.TOTP(secret_of(code) or "").provisioning_uri(name=code.account.email, issuer_name="Hufu")


def is_right_code(account: Account, given: str) -> bool:
    """Whether this is a code of now that was not used yet. Uses nothing up."""
    code = queries.find_time_code(account)
    return code is not None and code.confirmed_at is not None and _step_of(code, given) is not None


def _step_of(code: TimeCode, given: str) -> int | None:
    """Which half minute the code belongs to, of the present one and its neighbours that come after the last one used."""
    import pyotp

    secret = secret_of(code)
    digits = "".join(sign for sign in given if sign.isdecimal() and sign.isascii())
    if secret is None or len(digits) != 6:
        return None
    present = int(clock.now().timestamp()) // STEP
    totp = pyotp.TOTP(secret)
    steps = [step for step in (present - 1, present, present + 1) if step > (code.last_step or -1)]
    right = [step for step in steps if hmac.compare_digest(totp.generate_otp(step), digits)]
    return right[0] if right else None


def _judge_time_code(account: Account, given: dict[str, str]) -> Proof:
    code = _held_time_code(account)
    step = _step_of(code, given.get("code", "")) if code is not None and code.confirmed_at is not None else None
    if code is None or step is None:
        raise NotProven(_("This code is not right, or it was used before. Wait for the next one."), field="code")
    code.last_step = step
    return Proof(Means.TIME_CODE, {"step": step})


def _held_time_code(account: Account) -> TimeCode | None:
    """To oneself until the end of the act, and as it stands then: of two acts at once only one uses a code."""
    mine = select(TimeCode).where(TimeCode.account_id == account.id).with_for_update()
    return db.session.scalar(mine.execution_options(populate_existing=True))


def _vault() -> Fernet:
    """Encrypts by a key that comes from the installation's own and is used for nothing else."""
    key = hmac.digest(secret_key(settings_now()).encode(), b"hufu time codes", "sha256")
    return Fernet(base64.urlsafe_b64encode(key))


# --- judging ------------------------------------------------------------------------------------------------------


def judge(account: Account, *, means: Means | str, given: dict[str, str], subject: str, digest: str) -> Proof:
    """Judge what was given, and use it up. Raises NotProven or ProofUsedUp.

    A passkey signs `digest` for `subject`. A password is judged slowly: pages do so before their unit of work and hand
    on `proven_by_password()`.
    """
    means = Means(means)
    if means == Means.PASSKEY:
        return _judge_passkey(account, given, subject, digest)
    if means == Means.TIME_CODE:
        return _judge_time_code(account, given)
    if accounts.proves(account.email, given.get("password", "")) is None:
        raise NotProven(_("This is not your password."), field="password")
    return proven_by_password()


def proven_by_password() -> Proof:
    """For callers who have judged the password just now."""
    return Proof(Means.PASSWORD)


def _tell(account: Account, what: str, **more: Any) -> None:
    """Whoever did not do this themselves has to hear of it."""
    to = Recipient(account.name, account.email, account.language or "en")
    queue_mail(to, f"proofs/mail/{what}", kind=what, account=account, **more)
