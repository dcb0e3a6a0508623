"""X.509 as bytes (RFC 5280): keys on the curve P-256, certificates, and lists of what was revoked. No database."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID, ObjectIdentifier

DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336
LONGEST_NAME = 64  # of a common name; in bytes of UTF-8, for so the library counts

Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Made:
    """A certificate with its key, as objects; the caller keeps them."""

    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()


def new_key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def make_root(name: str, organization: str, *, valid_from: datetime, valid_to: datetime) -> Made:
    key = new_key()
    subject = _name(name, organization)
    builder = _begin(subject, subject, key, valid_from, valid_to)
    builder = _as_authority(builder, path_length=1)
    return Made(builder.sign(key, hashes.SHA256()), key)


def make_issuing(
    name: str, organization: str, *, root: Made, valid_from: datetime, valid_to: datetime, crl_url: str
) -> Made:
    key = new_key()
    builder = _begin(_name(name, organization), root.certificate.subject, key, valid_from, valid_to)
    builder = _below(_as_authority(builder, path_length=0), root, crl_url)
    return Made(builder.sign(root.key, hashes.SHA256()), key)


def make_signer(
    name: str, organization: str, *, serial_number: str | None, issuing: Made, valid_from: datetime, valid_to: datetime,
    crl_url: str,
) -> Made:  # fmt: skip
    """For a person or the company's seal. `serial_number` tells two people of one name apart."""
    key = new_key()
    subject = _name(name, organization, serial_number)
    builder = (
        _begin(subject, issuing.certificate.subject, key, valid_from, valid_to)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True, content_commitment=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([DOCUMENT_SIGNING]), critical=False)
    )
    return Made(_below(builder, issuing, crl_url).sign(issuing.key, hashes.SHA256()), key)


def make_crl(
    issuer: Made, revoked: Sequence[tuple[int, datetime]], *, number: int, made_at: datetime, next_at: datetime
) -> bytes:
    """The DER of a list of serial numbers and when each was revoked."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(made_at)
        .next_update(next_at)
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(_key_above(issuer), critical=False)
    )
    for serial, at in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def wrap(key: Key, passphrase: str) -> str:
    """PKCS #8 in PEM, encrypted."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase.encode()),
    ).decode()


def unwrap(pem: str, passphrase: str) -> Key:
    """Raises ValueError when the passphrase is another one, or this is no such key."""
    try:
        key = serialization.load_pem_private_key(pem.encode(), passphrase.encode())
    except TypeError as error:  # it is not encrypted
        raise ValueError(str(error)) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("this is no key of ours")
    return key


def der_of_key(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def der_of(pem: str) -> bytes:
    return read(pem).public_bytes(serialization.Encoding.DER)


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the DER as 64 lower-case hexadecimal digits."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def read(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())


def common_name(name: str, ending: str = "") -> str:
    """As much of the name as there is room for, never half a character, and the whole `ending`."""
    room = LONGEST_NAME - len(ending.encode())
    return name.encode()[:room].decode(errors="ignore") + ending


def _name(name: str, organization: str, serial_number: str | None = None) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common_name(name))]
    if organization:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization[:LONGEST_NAME]))
    if serial_number:
        parts.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, serial_number))
    return x509.Name(parts)


def _begin(
    subject: x509.Name, issuer: x509.Name, key: Key, valid_from: datetime, valid_to: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(uuid.uuid4().int)
        .not_valid_before(valid_from)
        .not_valid_after(valid_to)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _as_authority(builder: x509.CertificateBuilder, path_length: int) -> x509.CertificateBuilder:
    return builder.add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True).add_extension(
        _usage(key_cert_sign=True, crl_sign=True), critical=True
    )


def _below(builder: x509.CertificateBuilder, issuer: Made, crl_url: str) -> x509.CertificateBuilder:
    where = x509.DistributionPoint([x509.UniformResourceIdentifier(crl_url)], None, None, None)
    return builder.add_extension(_key_above(issuer), critical=False).add_extension(
        x509.CRLDistributionPoints([where]), critical=False
    )


def _key_above(issuer: Made) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())


def _usage(**wanted: bool) -> x509.KeyUsage:
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: wanted.get(name, False) for name in names})
