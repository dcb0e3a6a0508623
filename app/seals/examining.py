"""What judging asks of pyHanko. Imported late: the library is large and most requests judge nothing."""

import hashlib
import io
import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from asn1crypto import crl as asn1_crl
from asn1crypto import pem
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel, SuspiciousModification
from pyhanko.sign.fields import MDPPerm, enumerate_sig_fields
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, PathValidationError
from pyhanko_certvalidator.path import ValidationPath

from app.seals.judging import MOST_SIGNATURES, Report, Seal, Trust
from app.seals.sealing import SEAL
from app.seals.waiting import to_the_end

# What is wrong with a file is told in the report; the libraries would print it too, with their own insides.
for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)

MOST_CERTIFICATES = 16  # three are ours, and a time stamp brings as many
MOST_OF_A_NAME = 2  # a name has another certificate after a renewal
ALLOWED = (ModificationLevel.NONE, ModificationLevel.LTA_UPDATES, ModificationLevel.FORM_FILLING)


def certificate_of(pem_or_der: str | bytes) -> asn1_x509.Certificate:
    """Raises ValueError when this is no certificate."""
    raw = pem_or_der.encode() if isinstance(pem_or_der, str) else pem_or_der
    if pem.detect(raw):
        _kind, _headers, raw = pem.unarmor(raw)
    found = asn1_x509.Certificate.load(raw, strict=True)
    _ = found.native  # reads all of it
    return found


def ends_at(der: bytes, root: asn1_x509.Certificate, others: Sequence[bytes]) -> bool:
    """Whether a certificate ends at the root, in its own time."""
    try:
        certificate = asn1_x509.Certificate.load(der, strict=True)
        moment = certificate.not_valid_before
        store = [asn1_x509.Certificate.load(each) for each in others]
        if _is_maze(store):
            return False
        context = ValidationContext(trust_roots=[root], other_certs=store, moment=moment, allow_fetching=False)
        validator = CertificateValidator(certificate, intermediate_certs=store, validation_context=context)
        to_the_end(validator.async_validate_usage({"non_repudiation"}))
    except (PathBuildingError, PathValidationError, ValueError, TypeError):
        return False
    return True


@dataclass(frozen=True)
class Examination:
    root: asn1_x509.Certificate
    crls: tuple[bytes, ...]
    other: tuple[bytes, ...]
    stamp_roots: tuple[bytes, ...]
    at: datetime

    def report(self, pdf: bytes, data: bytes | None) -> Report:
        return to_the_end(self._report(pdf, data))

    async def _report(self, pdf: bytes, data: bytes | None) -> Report:
        reader = PdfFileReader(io.BytesIO(pdf))
        found = sorted(reader.embedded_regular_signatures, key=lambda each: each.signed_revision)
        if len(found) > MOST_SIGNATURES:
            return Report(problem="There are too many signatures.")
        if any(_is_maze([*_certificates_in(each), *map(asn1_x509.Certificate.load, self.other)]) for each in found):
            return Report(problem="There are too many certificates.")
        revoked = [*self.crls, *_lists_inside(reader)]
        seals: list[Seal] = []
        covered_at: datetime | None = None  # a stamp is over everything before it too: it was there by then
        for each in reversed(found):
            seals.insert(0, await self._seal(each, revoked, covered_at))
            if seals[0].is_intact and seals[0].stamped_at:
                covered_at = seals[0].stamped_at
        last = max((each.signed_revision for each in found), default=-1)
        end = max((each.end for each in seals), default=len(pdf))
        return Report(
            seals=seals,
            empty_fields=[name for name, value, _ref in enumerate_sig_fields(reader, filled_status=False)],
            data=data,
            has_tail=bool(seals) and last == reader.xrefs.total_revisions - 1 and bool(pdf[end:].strip()),
            is_certified=bool(found) and found[0].field_name == SEAL and found[0].docmdp_level is MDPPerm.FILL_FORMS,
        )

    async def _seal(
        self, embedded: EmbeddedPdfSignature, revoked: Sequence[bytes], covered_at: datetime | None
    ) -> Seal:
        status = await async_validate_pdf_signature(
            embedded, self._context(self.at), self._stamp_context() if self.stamp_roots else self._context(self.at)
        )
        certificate = embedded.signer_cert
        stamp = status.timestamp_validity
        stamped_at = stamp.timestamp if self.stamp_roots and stamp and stamp.valid and stamp.trusted else None
        signed_at = stamped_at or embedded.self_reported_timestamp
        trust, path = await self._trust(embedded, certificate, stamped_at or covered_at)
        revoked_at = _when_revoked(path, revoked) if path else None
        if trust is Trust.KNOWN and revoked_at is not None and (signed_at is None or revoked_at <= signed_at):
            trust = Trust.REVOKED
        name = certificate.subject.native
        return Seal(
            field=embedded.field_name,
            name=str(name.get("common_name") or certificate.subject.human_friendly),
            serial_number=name.get("serial_number"),
            fingerprint=hashlib.sha256(certificate.dump()).hexdigest(),
            certificate=certificate.dump(),
            is_intact=bool(status.intact and status.valid) and embedded.coverage is not None,
            is_untouched=_is_untouched(status) and not _has_late_field(embedded),
            trust=trust,
            claimed_at=embedded.self_reported_timestamp,
            stamped_at=stamped_at,
            revoked_at=revoked_at,
            end=_end(embedded),
        )

    async def _trust(
        self, embedded: EmbeddedPdfSignature, certificate: asn1_x509.Certificate, stamped_at: datetime | None
    ) -> tuple[Trust, ValidationPath | None]:
        """Whether the certificate ends at the root, at the moment of judging or else at a trusted time of signing, its own
        or that of a later signature over it."""
        for moment in (self.at, *((stamped_at,) if stamped_at else ())):
            path = await self._path(embedded, certificate, moment)
            if path is not None:
                return Trust.KNOWN, path
        # In its own time it may have been good: then it is known, and only the time is not.
        path = await self._path(embedded, certificate, certificate.not_valid_before)
        if path is None:
            path = await self._path(embedded, certificate, certificate.not_valid_after)
        return (Trust.STRANGER, None) if path is None else (Trust.EXPIRED, path)

    async def _path(
        self, embedded: EmbeddedPdfSignature, certificate: asn1_x509.Certificate, moment: datetime
    ) -> ValidationPath | None:
        validator = CertificateValidator(
            certificate,
            intermediate_certs=[*embedded.other_embedded_certs, *map(asn1_x509.Certificate.load, self.other)],
            validation_context=self._context(moment),
        )
        try:
            return await validator.async_validate_usage({"non_repudiation"})
        except (PathBuildingError, PathValidationError, ValueError):
            return None

    def _context(self, moment: datetime) -> ValidationContext:
        """Trusts the root alone and asks nobody. What was revoked is looked up by ourselves: lists that are out of date
        still say what they say."""
        return ValidationContext(
            trust_roots=[self.root],
            other_certs=[asn1_x509.Certificate.load(each) for each in self.other],
            moment=moment,
            allow_fetching=False,
            revocation_mode="soft-fail",
        )

    def _stamp_context(self) -> ValidationContext:
        return ValidationContext(
            trust_roots=[asn1_x509.Certificate.load(each) for each in self.stamp_roots],
            allow_fetching=False,
            revocation_mode="soft-fail",
            moment=self.at,
            retroactive_revinfo=True,
        )


def _certificates_in(embedded: EmbeddedPdfSignature) -> list[asn1_x509.Certificate]:
    """What came with a signature, and with its time stamp."""
    stamps = [each for signed in (True, False) for each in extract_tst_data_iter(embedded.signer_info, signed=signed)]
    beside = [each.chosen for stamp in stamps for each in stamp["certificates"] if each.name == "certificate"]
    return [embedded.signer_cert, *embedded.other_embedded_certs, *beside]


def _is_maze(certificates: Iterable[asn1_x509.Certificate]) -> bool:
    """Whether a way to the root would be looked for without end: certificates of one name are tried in every order, so
    that a dozen of them keep a processor busy for a day."""
    distinct = {each.dump(): each for each in certificates}
    names = Counter(each.subject.hashable for each in distinct.values())
    return len(distinct) > MOST_CERTIFICATES or max(names.values(), default=0) > MOST_OF_A_NAME


def _is_untouched(status: PdfSignatureStatus) -> bool:
    """Only forms were filled since, and the whole revision is covered (pyHanko's analysis of the differences)."""
    if status.coverage not in (SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION):
        return False
    if isinstance(status.diff_result, SuspiciousModification) or not status.docmdp_ok:
        return False
    return status.modification_level in ALLOWED


def _has_late_field(embedded: EmbeddedPdfSignature) -> bool:
    """Whether a place for a signature came after this one. pyHanko lets invisible ones pass; here all exist from the
    first revision on, so that nobody is added to those who sign. A document's time stamp is nobody."""
    then = embedded.reader.get_historical_resolver(embedded.signed_revision)
    known = {name for name, _value, _ref in enumerate_sig_fields(then)}
    return any(
        name not in known and (value is None or value.get_object().get("/Type") != "/DocTimeStamp")
        for name, value, _ref in enumerate_sig_fields(embedded.reader)
    )


def _end(embedded: EmbeddedPdfSignature) -> int:
    covered: Any = embedded.byte_range
    return int(covered[2]) + int(covered[3])


def _lists_inside(reader: PdfFileReader) -> list[bytes]:
    """The lists of what was revoked that came with the signatures."""
    try:
        return [each.get_object().data for each in reader.root["/DSS"]["/CRLs"]]
    except Exception:  # there are none, or they cannot be read: then they prove nothing
        return []


def _when_revoked(path: ValidationPath, lists: Sequence[bytes]) -> datetime | None:
    """When the first certificate below the root was revoked, by a list that its issuer signed."""
    certificates = list(path.iter_certs(include_root=True))
    moments = [
        moment
        for issuer, certificate in pairwise(certificates)
        for raw in lists
        if (moment := _revoked_in(raw, issuer, certificate)) is not None
    ]
    return min(moments, default=None)


def _revoked_in(raw: bytes, issuer: Any, certificate: Any) -> datetime | None:
    try:
        listed = asn1_crl.CertificateList.load(raw, strict=True)
        if listed.issuer != issuer.subject or not _is_signed_by(raw, issuer):
            return None
        for each in listed["tbs_cert_list"]["revoked_certificates"] or ():
            if each["user_certificate"].native == certificate.serial_number:
                return each["revocation_date"].native
    except Exception:  # a list that cannot be read says nothing
        return None
    return None


def _is_signed_by(raw: bytes, issuer: Any) -> bool:
    found = x509.load_der_x509_crl(raw)
    key = x509.load_der_x509_certificate(issuer.dump()).public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        return False
    return found.is_signature_valid(key)
