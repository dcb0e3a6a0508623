"""Signatures of those who are nobody of ours: made without the product's own checks, which would refuse them."""

import io
from collections.abc import Iterable

from asn1crypto import keys
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from app.certificates import making
from app.certificates.making import Made
from app.seals.waiting import to_the_end


def sign_as_stranger(pdf: bytes, field: str, made: Made, beside: Iterable[Made] = ()) -> bytes:
    """Put a signature into a field with any certificate; others may lie `beside` it."""
    store = SimpleCertificateStore()
    store.register_multiple([asn1_x509.Certificate.load(making.der_of(each.pem)) for each in beside])
    signer = SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(making.der_of(made.pem)),
        signing_key=keys.PrivateKeyInfo.load(making.der_of_key(made.key)),
        cert_registry=store,
    )
    meta = PdfSignatureMetadata(field_name=field, name=made.certificate.subject.rfc4514_string(), md_algorithm="sha256")
    file = IncrementalPdfFileWriter(io.BytesIO(pdf))
    return to_the_end(PdfSigner(meta, signer).async_sign_pdf(file, existing_fields_only=True)).getvalue()
