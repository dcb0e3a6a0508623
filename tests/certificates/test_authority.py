"""The certificate authority: made at first need, issuing, revoking, rotating; the root's key can be carried away."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from sqlalchemy import func, select

from app.certificates import keys, making, queries, services
from app.certificates.errors import NotPossibleNow, RootKeyMissing, WrongPassphrase
from app.certificates.models import Certificate, CertificateKind
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.core.roles import SYSTEM
from app.people.queries import own_organization
from tests.cast import Cast


def test_the_first_need_makes_root_issuing_authority_and_seal_once(cast: Cast) -> None:
    with unit_of_work():
        first = services.authority()
    with unit_of_work():
        again = services.authority()
    assert (again.root.id, again.issuing.id, again.seal.id) == (first.root.id, first.issuing.id, first.seal.id)
    assert db.session.scalar(select(func.count(Certificate.id))) == 3
    assert services.root_fingerprint() == first.root.fingerprint == making.fingerprint(making.read(services.root_pem()))
    actions = db.session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("certificate.%"))).all()
    assert list(actions) == ["certificate.authority_founded", "certificate.issued", "certificate.issued"]


def test_each_certificate_is_signed_by_the_one_above_and_says_what_it_may(cast: Cast) -> None:
    with unit_of_work():
        made = services.authority()
        petra = services.certificate_of(cast.people["petra"], checked="in person, by Sara")
    root, issuing, person = (making.read(each.pem) for each in (made.root, made.issuing, petra))
    issuing.verify_directly_issued_by(root)
    person.verify_directly_issued_by(issuing)
    usage = person.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.content_commitment
    assert not usage.key_cert_sign
    assert issuing.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0
    points = person.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert points[0].full_name is not None
    assert points[0].full_name[0].value == f"http://localhost:8000/ca/{made.issuing.id}.crl"
    assert petra.identity_checked == "in person, by Sara"


def test_keys_are_encrypted_and_the_secrets_are_files_that_nobody_else_reads(cast: Cast) -> None:
    with unit_of_work():
        made = services.authority()
        petra = services.certificate_of(cast.people["petra"])
    assert made.root.key is None
    for each in (made.issuing, made.seal, petra):
        assert each.key is not None
        assert each.key.startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
        with pytest.raises(WrongPassphrase):
            keys.open_key(each.key, "another")
    for path in (keys.root_key_file(), keys.folder() / "passphrase"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(keys.folder().stat().st_mode) == 0o700


def test_a_person_has_one_certificate_in_their_present_name(cast: Cast) -> None:
    petra = cast.people["petra"]
    with unit_of_work():
        first = services.certificate_of(petra)
        assert services.certificate_of(petra).id == first.id
        petra.name = "Petra Newname"
        second = services.certificate_of(petra)
    assert second.id != first.id
    assert first.revoked_at is None


def test_what_was_revoked_stands_on_the_next_list_and_signs_no_more(cast: Cast) -> None:
    with unit_of_work():
        petra = services.certificate_of(cast.people["petra"])
    number = queries.find_list(petra.issuer_id or 0).number  # type: ignore[union-attr]
    with unit_of_work():
        services.revoke(petra, actor=cast.ada, reason="Her device was stolen")
    listed = queries.find_list(petra.issuer_id or 0)
    assert listed is not None
    assert listed.number == number + 1
    crl = x509.load_der_x509_crl(listed.der)
    assert crl.get_revoked_certificate_by_serial_number(int(petra.serial, 16)) is not None
    assert crl.is_signature_valid(making.read(petra.issuer.pem).public_key())  # type: ignore[union-attr]
    assert listed.der in services.current_crls()
    with unit_of_work():
        assert services.certificate_of(cast.people["petra"]).id != petra.id
    with pytest.raises(NotPossibleNow), unit_of_work():
        services.revoke(petra, actor=cast.ada, reason="Once more")


def test_only_an_administrator_revokes_and_with_a_reason_and_never_the_root(cast: Cast) -> None:
    with unit_of_work():
        made = services.authority()
    for name in ("aude", "olaf", "li_wei", "petra"):
        with pytest.raises(Forbidden), unit_of_work():
            services.revoke(made.seal, actor=cast.accounts[name], reason="No")
    with pytest.raises(Refused) as refusal, unit_of_work():
        services.revoke(made.seal, actor=cast.ada, reason="  ")
    assert refusal.value.field == "reason"
    with pytest.raises(NotPossibleNow), unit_of_work():
        services.revoke(made.root, actor=cast.ada, reason="No")
    assert made.seal.revoked_at is None


def test_after_rotation_the_new_authority_signs_and_the_old_one_still_stands(cast: Cast) -> None:
    with unit_of_work():
        old = services.authority()
        before = services.certificate_of(cast.people["petra"])
    with unit_of_work():
        new = services.rotate(actor=cast.ada)
        after = services.certificate_of(cast.people["petra"])
    assert new.root.id == old.root.id
    assert new.issuing.id != old.issuing.id
    assert new.seal.issuer_id == new.issuing.id
    assert (before.issuer_id, after.issuer_id) == (old.issuing.id, new.issuing.id)
    assert old.issuing.revoked_at is None
    assert len(services.current_crls()) == 3
    row = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "certificate.rotated")).one()
    assert (row.actor_name, row.subject_ref) == (cast.ada.name, new.issuing.ref)


def test_lists_of_an_authority_that_issues_no_more_are_renewed_too(cast: Cast) -> None:
    """Its address stands in every certificate that it issued."""
    with unit_of_work():
        old = services.authority()
    with unit_of_work():
        services.rotate(actor=cast.ada)
    with clock.at(clock.now() + timedelta(days=20)):
        services.renew_revocation_lists()
        assert queries.find_list(old.issuing.id, clock.now()) is not None


def test_a_new_root_takes_the_place_of_one_that_is_lost(cast: Cast, tmp_path: Path) -> None:
    with unit_of_work():
        old = services.authority()
        before = services.certificate_of(cast.people["petra"])
    with pytest.raises(NotPossibleNow), unit_of_work():
        services.found(actor=SYSTEM, anew=True)  # the former key lies there
    medium = tmp_path / "root.key"
    with unit_of_work():
        new = services.found(actor=cast.ada, root_key=medium, words="two know it", anew=True)
        after = services.certificate_of(cast.people["petra"])
    assert services.root_fingerprint() == new.root.fingerprint != old.root.fingerprint
    assert [each.id for each in queries.list_roots()] == [new.root.id, old.root.id]
    assert (after.issuer_id, services.authority().seal.id) == (new.issuing.id, new.seal.id)
    row = db.session.scalars(select(AuditEntry).where(AuditEntry.subject_ref == new.root.ref)).one()
    assert (row.action, row.details["former"]) == ("certificate.authority_founded", old.root.fingerprint)
    assert services.authority_over([before.fingerprint]).seal.id == old.seal.id
    assert services.authority_over([after.fingerprint]) == services.authority_over([]) == services.authority()
    for key, words, root in ((None, None, old.root), (medium, "two know it", new.root)):
        with unit_of_work():
            made = services.renew_lists(actor=cast.ada, root_key=key, words=words)
        assert [each.issuer_id for each in made] == [old.issuing.id, new.issuing.id, root.id]
    pems = services.root_pem()
    assert [making.fingerprint(each) for each in x509.load_pem_x509_certificates(pems.encode())] == [
        new.root.fingerprint, old.root.fingerprint,
    ]  # fmt: skip


def test_with_the_root_key_elsewhere_everything_goes_on_but_rotation(cast: Cast, tmp_path: Path) -> None:
    safe = tmp_path / "safe" / "root.key"
    with unit_of_work():
        services.found(actor=SYSTEM, root_key=safe, words="two people know this")
    assert not keys.root_key_file().exists()
    with unit_of_work():
        services.certificate_of(cast.people["petra"])
        services.seal_signer()
    with pytest.raises(RootKeyMissing), unit_of_work():
        services.rotate(actor=cast.ada)
    with pytest.raises(WrongPassphrase), unit_of_work():
        services.rotate(actor=cast.ada, root_key=safe, words="wrong")
    with unit_of_work():
        services.rotate(actor=cast.ada, root_key=safe, words="two people know this")
    assert db.session.scalar(select(func.count()).where(Certificate.kind == CertificateKind.ISSUING)) == 2


def test_the_key_of_another_root_is_refused(cast: Cast, tmp_path: Path) -> None:
    with unit_of_work():
        services.authority()
    keys.keep_root_key(making.new_key(), tmp_path / "other.key", "words")
    with pytest.raises(RootKeyMissing), unit_of_work():
        services.rotate(actor=cast.ada, root_key=tmp_path / "other.key", words="words")


def test_there_is_one_authority_and_a_key_file_is_never_written_over(cast: Cast, tmp_path: Path) -> None:
    (tmp_path / "root.key").write_text("something")
    with pytest.raises(NotPossibleNow), unit_of_work():
        services.found(actor=SYSTEM, root_key=tmp_path / "root.key", words="words")
    with unit_of_work():
        services.found(actor=SYSTEM)
    with pytest.raises(NotPossibleNow), unit_of_work():
        services.found(actor=SYSTEM)
    assert (tmp_path / "root.key").read_text() == "something"


def test_the_key_of_a_root_that_was_never_stored_makes_way_and_is_kept(cast: Cast) -> None:
    with pytest.raises(ZeroDivisionError), unit_of_work():
        services.authority()
        raise ZeroDivisionError
    left = keys.root_key_file().read_text()
    with unit_of_work():
        made = services.authority()
    assert keys.has_root_key(made.root.pem)
    (aside,) = keys.folder().glob("root.key.*")
    assert (aside.read_text(), stat.S_IMODE(aside.stat().st_mode)) == (left, 0o600)


def test_a_chinese_name_of_any_length_gets_its_certificates(cast: Cast) -> None:
    petra = cast.people["petra"]
    with unit_of_work():
        own_organization().name = "青" * 200  # type: ignore[union-attr]
        petra.name = "a" + "虎" * 30
        made = services.authority()
        person = services.certificate_of(petra)
        assert services.certificate_of(petra).id == person.id

    def called(each: Certificate) -> str:
        return str(making.read(each.pem).subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)

    assert [called(each) for each in (made.root, made.issuing, made.seal, person)] == [
        "青" * 19 + " Root", "青" * 18 + " Issuing 1", "青" * 21, "a" + "虎" * 21,
    ]  # fmt: skip


def test_lists_are_renewed_before_they_end(cast: Cast) -> None:
    with unit_of_work():
        made = services.authority()
    later = clock.now() + timedelta(days=8)
    with clock.at(later):
        services.renew_revocation_lists()
        newest = queries.find_list(made.issuing.id)
        assert newest is not None
        assert (newest.number, newest.made_at) == (2, later)
        services.renew_revocation_lists()
        assert queries.find_list(made.issuing.id) == newest


def test_what_ends_soon_is_told_ahead(cast: Cast) -> None:
    with unit_of_work():
        made = services.authority()
    assert services.list_expiring(timedelta(days=90)) == []
    with clock.at(made.seal.valid_to - timedelta(days=80)):
        assert services.list_expiring(timedelta(days=90)) == [made.seal]
    with clock.at(clock.now() + timedelta(days=700)):
        assert queries.list_ending_lists(timedelta(days=60)) == []  # it is renewed by itself
        keys.root_key_file().unlink()
        assert [each.issuer_id for each in queries.list_ending_lists(timedelta(days=60))] == [made.root.id]
