"""What proves anew who somebody is: each proof counts once, for one thing, and only its owner keeps it."""

import hashlib
import json
import threading
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.mail.models import MailMessage
from app.proofs import queries, services, webauthn_rules
from app.proofs.errors import NotProven, ProofUsedUp
from app.proofs.models import Means, Passkey, TimeCode
from tests.cast import Cast, load
from tests.factories.proofs import Device, make_passkey, make_time_code, packed

DEEP = packed(b"[" * 10_000)
DIGEST = hashlib.sha256(b"a statement").hexdigest()
SUBJECT = "a" * 16


def asked(cast: Cast, digest: str = DIGEST, subject: str = SUBJECT) -> tuple[str, dict[str, Any]]:
    with unit_of_work():
        challenge, options = services.begin_passkey(cast.petra, subject=subject, digest=digest)
    return challenge.ref, options


def judged(cast: Cast, challenge: str, assertion: str, **more: Any) -> services.Proof:
    given = {"challenge": challenge, "assertion": assertion}
    with unit_of_work():
        return services.judge(
            more.get("account", cast.petra), means=Means.PASSKEY, given=given,
            subject=more.get("subject", SUBJECT), digest=more.get("digest", DIGEST),
        )  # fmt: skip


def test_a_passkey_is_kept_told_and_written_into_the_log(cast: Cast) -> None:
    passkey, _device = make_passkey(cast.petra, name="My phone")
    assert queries.possible_means(cast.petra) == [Means.PASSKEY, Means.PASSWORD]
    entry = db.session.scalar(select(AuditEntry).where(AuditEntry.action == "passkey.added"))
    assert entry.details["key"] == services.key_fingerprint(passkey.public_key)
    mail = db.session.scalar(select(MailMessage).where(MailMessage.kind == "passkey_added"))
    assert (mail.to_address, "My phone" in mail.text) == ("petra@hufu.example", True)


def test_the_challenge_of_a_passkey_is_the_digest_of_the_statement(cast: Cast) -> None:
    _passkey, device = make_passkey(cast.petra)
    challenge, options = asked(cast)
    assert options["challenge"] == packed(bytes.fromhex(DIGEST))
    assert options["userVerification"] == "required"
    proof = judged(cast, challenge, device.use(options))
    assert proof.means == Means.PASSKEY
    told = json.loads(__import__("base64").urlsafe_b64decode(proof.evidence["client_data"] + "=="))
    assert told["challenge"] == packed(bytes.fromhex(DIGEST))


def test_replay_of_an_assertion_is_refused(cast: Cast) -> None:
    _passkey, device = make_passkey(cast.petra)
    challenge, options = asked(cast)
    assertion = device.use(options)
    judged(cast, challenge, assertion)
    with pytest.raises(ProofUsedUp):
        judged(cast, challenge, assertion)
    other = hashlib.sha256(b"another statement").hexdigest()
    second, _options = asked(cast, digest=other)
    with pytest.raises(NotProven):
        judged(cast, second, assertion, digest=other)


def test_an_assertion_for_one_thing_does_not_serve_for_another_or_for_somebody_else(cast: Cast) -> None:
    _passkey, device = make_passkey(cast.petra)
    challenge, options = asked(cast)
    assertion = device.use(options)
    with pytest.raises(NotProven):
        judged(cast, challenge, assertion, subject="b" * 16)
    with pytest.raises(NotProven):
        judged(cast, challenge, assertion, digest="0" * 64)
    with pytest.raises(NotProven):
        judged(cast, challenge, assertion, account=cast.tom)
    assert judged(cast, challenge, assertion).means == Means.PASSKEY


def test_a_challenge_is_answered_within_ten_minutes(cast: Cast) -> None:
    _passkey, device = make_passkey(cast.petra)
    challenge, options = asked(cast)
    assertion = device.use(options)
    with clock.at(clock.now() + timedelta(minutes=11)), pytest.raises(ProofUsedUp):
        judged(cast, challenge, assertion)


@pytest.mark.parametrize(
    "device",
    [Device(verifies=False), Device(origin="https://evil.example"), Device(origin="http://localhost.evil:8000"),
     Device(party="evil.example")],
    ids=["without user verification", "another site", "a look-alike host", "another party"],
)  # fmt: skip
def test_a_device_that_does_not_verify_or_speaks_for_another_site_is_not_believed(cast: Cast, device: Device) -> None:
    with pytest.raises(NotProven):
        make_passkey(cast.petra, device)
    honest = Device()
    make_passkey(cast.petra, honest)
    device.key, device.credential, device.count = honest.key, honest.credential, 5
    challenge, options = asked(cast)
    with pytest.raises(NotProven):
        judged(cast, challenge, device.use(options))


def test_a_passkey_whose_counter_goes_back_is_not_believed(cast: Cast) -> None:
    _passkey, device = make_passkey(cast.petra)
    device.count = 40
    challenge, options = asked(cast)
    judged(cast, challenge, device.use(options))
    device.count = 7
    challenge, options = asked(cast, digest="1" * 64)
    with pytest.raises(NotProven):
        judged(cast, challenge, device.use(options), digest="1" * 64)


@pytest.mark.parametrize(
    "rubbish",
    ["", "null", "[]", "{}", '{"id": 1}', '{"id":"x","response":{}}', '{"id":"x","response":{"clientDataJSON":"%%"}}',
     '{"id":"x","rawId":"x","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"e30","signature":"e30"}}',
     "x" * 30_000, "[" * 15_000, '{"id":"\\ud800","response":{"clientDataJSON":"e30"}}',
     '{"id":"a\\u0000","response":{"clientDataJSON":"e30"}}', f'{{"id":"x","response":{{"clientDataJSON":"{DEEP}"}}}}'],
)  # fmt: skip
def test_rubbish_is_refused_with_a_sentence(cast: Cast, rubbish: str) -> None:
    _passkey, _device = make_passkey(cast.petra)
    challenge, _options = asked(cast)
    with pytest.raises(NotProven):
        judged(cast, challenge, rubbish)
    with unit_of_work():
        question, _options = services.begin_registration(cast.petra, actor=cast.petra)
    with pytest.raises(Refused), unit_of_work():
        services.add_passkey(cast.petra, actor=cast.petra, challenge_ref=question.ref, given=rubbish, name="x")


def test_a_known_key_with_client_data_that_nobody_can_read_is_refused_with_a_sentence(cast: Cast) -> None:
    _passkey, device = make_passkey(cast.petra)
    challenge, options = asked(cast)
    told = json.loads(device.use(options))
    told["response"]["clientDataJSON"] = DEEP
    with pytest.raises(NotProven):
        judged(cast, challenge, json.dumps(told))


@pytest.mark.parametrize("ways", [5, "usb", [1, "usb"]])
def test_what_a_browser_says_of_the_ways_to_a_key_is_a_list_of_words_or_nothing(cast: Cast, ways: Any) -> None:
    with unit_of_work():
        challenge, options = services.begin_registration(cast.petra, actor=cast.petra)
    told = json.loads(Device().make(options))
    told["response"]["transports"] = ways
    with unit_of_work():
        passkey = services.add_passkey(
            cast.petra, actor=cast.petra, challenge_ref=challenge.ref, given=json.dumps(told), name="My phone"
        )
    assert passkey.transports == (["usb"] if isinstance(ways, list) else [])


@pytest.mark.parametrize("name", ["a\0", "é", "\ud800", None, 5])
def test_a_credential_whose_name_no_database_can_look_for_is_none(name: Any) -> None:
    assert webauthn_rules.parsed(json.dumps({"id": "abc", "response": {"clientDataJSON": "e30"}}))
    assert webauthn_rules.parsed(json.dumps({"id": name, "response": {"clientDataJSON": "e30"}})) is None


def test_a_time_code_counts_once_and_is_kept_encrypted(cast: Cast) -> None:
    secret = make_time_code(cast.petra)
    stored = db.session.scalar(select(TimeCode.secret))
    assert secret not in stored
    assert queries.possible_means(cast.petra) == [Means.TIME_CODE, Means.PASSWORD]
    later = clock.now() + timedelta(minutes=2)
    given = {"code": pyotp.TOTP(secret).at(later)}
    with clock.at(later):
        assert services.is_right_code(cast.petra, given["code"])
        with unit_of_work():
            proof = services.judge(cast.petra, means="time_code", given=given, subject=SUBJECT, digest=DIGEST)
        assert proof.means == Means.TIME_CODE
        with pytest.raises(NotProven), unit_of_work():
            services.judge(cast.petra, means="time_code", given=given, subject=SUBJECT, digest=DIGEST)
    with clock.at(later + timedelta(minutes=2)), pytest.raises(NotProven), unit_of_work():
        services.judge(cast.petra, means="time_code", given=given, subject=SUBJECT, digest=DIGEST)


@pytest.mark.postgres
def test_of_two_who_give_one_code_at_once_one_is_believed(postgres_app: Flask) -> None:
    """The second waits for the first, and sees then that the code was used."""
    with postgres_app.app_context():
        secret, outcomes = make_time_code(load().petra), []
        later = clock.now() + timedelta(minutes=2)
        given = {"code": pyotp.TOTP(secret).at(later)}

        def judge() -> None:
            with postgres_app.app_context(), clock.at(later):
                petra = load().petra
                try:
                    with unit_of_work():
                        services.judge(petra, means="time_code", given=given, subject=SUBJECT, digest=DIGEST)
                    outcomes.append("believed")
                except NotProven:
                    outcomes.append("refused")
                db.session.remove()

        other = threading.Thread(target=judge)
        with clock.at(later), unit_of_work():
            services.judge(load().petra, means="time_code", given=given, subject=SUBJECT, digest=DIGEST)
            other.start()
            other.join(1)
        other.join(10)
    assert outcomes == ["refused"]


def test_codes_that_are_in_use_are_not_confirmed_anew(cast: Cast) -> None:
    secret = make_time_code(cast.petra)
    later = clock.now() + timedelta(minutes=2)
    code = db.session.scalar(select(TimeCode))
    before = (code.confirmed_at, code.last_step)
    with clock.at(later), pytest.raises(NotProven), unit_of_work():
        services.confirm_time_code(cast.petra, pyotp.TOTP(secret).at(later), actor=cast.petra)
    assert (code.confirmed_at, code.last_step) == before


@pytest.mark.parametrize("wrong", ["", "000000", "12345", "１２３４５６", "abcdef", "1234567"])
def test_a_wrong_code_proves_nothing(cast: Cast, wrong: str) -> None:
    make_time_code(cast.petra)
    assert not services.is_right_code(cast.petra, wrong) or wrong == "000000"
    with pytest.raises(NotProven), unit_of_work():
        services.judge(cast.tom, means="time_code", given={"code": wrong}, subject=SUBJECT, digest=DIGEST)


def test_codes_of_another_installation_key_are_set_up_anew(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    make_time_code(cast.petra)
    monkeypatch.setattr(services, "secret_key", lambda _settings: "k" * 40)
    assert not services.is_right_code(cast.petra, "123456")


def test_nobody_keeps_proofs_for_somebody_else(cast: Cast) -> None:
    passkey, _device = make_passkey(cast.petra)
    for act in (
        lambda: services.remove_passkey(passkey, actor=cast.accounts["ada"]),
        lambda: services.begin_registration(cast.petra, actor=cast.accounts["ada"]),
        lambda: services.begin_time_code(cast.petra, actor=cast.tom),
    ):
        with pytest.raises(Forbidden), unit_of_work():
            act()
    assert db.session.scalar(select(func.count(Passkey.id))) == 1
