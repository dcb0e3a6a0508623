"""The company's certificate authority: a root that can be kept elsewhere, an issuing key, one certificate per signer."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Kept, Model
from app.core.i18n import _lp
from app.people.models import Person


class CertificateKind(StrEnum):
    ROOT = "root"
    ISSUING = "issuing"
    SEAL = "seal"
    PERSON = "person"


CERTIFICATE_KIND_LABELS = {
    CertificateKind.ROOT: _lp("certificate", "Root"),
    CertificateKind.ISSUING: _lp("certificate", "Issuing authority"),
    CertificateKind.SEAL: _lp("certificate", "Seal of the company"),
    CertificateKind.PERSON: _lp("certificate", "Person"),
}


class Certificate(Kept, Model):
    """One X.509 certificate (RFC 5280). `key` is its private key, encrypted by a passphrase that is not in the database;
    the root's key is a file and never here."""

    __tablename__ = "certificate"

    kind: Mapped[str] = mapped_column(String(8), index=True)
    serial: Mapped[str] = mapped_column(String(40), unique=True)  # hexadecimal
    subject: Mapped[str] = mapped_column(String(300))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    issuer_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"))
    pem: Mapped[str]
    key: Mapped[str | None]  # PKCS #8, encrypted
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of the DER
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoke_reason: Mapped[str | None] = mapped_column(String(200))
    identity_checked: Mapped[str | None] = mapped_column(String(300))  # how and by whom, when it was issued

    person: Mapped[Person | None] = relationship()
    issuer: Mapped["Certificate | None"] = relationship(remote_side="Certificate.id")

    @property
    def label(self) -> str:
        return self.subject

    def is_usable_at(self, now: datetime) -> bool:
        return self.revoked_at is None and self.valid_from <= now < self.valid_to


class RevocationList(Kept, Model):
    """A published list of what was revoked, signed by the authority with this certificate."""

    __tablename__ = "revocation_list"

    issuer_id: Mapped[int] = mapped_column(ForeignKey("certificate.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    der: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
    next_at: Mapped[datetime]

    issuer: Mapped[Certificate] = relationship()

    @property
    def label(self) -> str:
        return str(self.number)
