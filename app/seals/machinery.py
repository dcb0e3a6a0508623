"""What sealing asks of pyHanko. Imported late: the library is large and most requests never sign."""

import io
from datetime import datetime
from typing import Any

from asn1crypto import keys, x509
from pyhanko.pdf_utils import layout
from pyhanko.pdf_utils.content import PdfContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, SigDSSPlacementPreference
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, PathValidationError
from pyhanko_certvalidator.registry import SimpleCertificateStore

from app.seals.sealing import Level, Signer, Stamping
from app.seals.waiting import to_the_end

# The lists of what was revoked go into the revision of the signature itself: each signature is one revision, and the
# last one signs the whole file.
DSS = DSSContentSettings(include_vri=False, placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE)


class Signing(PdfSigner):
    """Declares what PAdES needs and no more: pyHanko would raise the paper to PDF 2.0 for an elliptic curve, which
    PDF/A-3 is not."""

    def register_extensions(self, pdf_out: BasePdfFileWriter, *, md_algorithm: str) -> None:
        pdf_out.ensure_output_version(version=(1, 7))
        pdf_out.register_extension(ESIC_EXTENSION_1)


class Picture(PdfContent):
    """The first page of a PDF in memory, drawn as the look of a signature."""

    def __init__(self, pdf: bytes) -> None:
        super().__init__()
        self.pdf = pdf

    def render(self) -> bytes:
        page: Any = self._ensure_writer.import_page_as_xobject(PdfFileReader(io.BytesIO(self.pdf)))
        self.resources.xobject["/Picture"] = page
        left, bottom, right, top = page.get_object()["/BBox"]
        self.box = BoxConstraints(width=abs(right - left), height=abs(top - bottom))
        return b"/Picture Do"


def make_stamp_style(picture: bytes | None) -> StaticStampStyle:
    """The picture fills its box; without one the field shows nothing."""
    filling = layout.SimpleBoxLayoutRule(
        x_align=layout.AxisAlignment.ALIGN_MID,
        y_align=layout.AxisAlignment.ALIGN_MID,
        margins=layout.Margins.uniform(0),
    )
    shown = None if picture is None else Picture(picture)
    return StaticStampStyle(border_width=0, background=shown, background_layout=filling, background_opacity=1.0)


def make_signer(signer: Signer) -> SimpleSigner:
    store = SimpleCertificateStore()
    store.register_multiple([certificate(each) for each in signer.chain])
    return SimpleSigner(
        signing_cert=certificate(signer.certificate),
        signing_key=keys.PrivateKeyInfo.load(signer.key),
        cert_registry=store,
        embed_roots=True,
    )


def strict_context(signer: Signer, at: datetime, stamping: Stamping | None) -> ValidationContext:
    """Trusts the given roots alone, asks nobody, and wants a list for every certificate below a root."""
    roots, crls = (stamping.roots, stamping.crls) if stamping is not None else ((), ())
    return ValidationContext(
        trust_roots=[certificate(each) for each in (signer.chain[-1], *roots)],
        other_certs=[certificate(each) for each in signer.chain],
        crls=[*signer.crls, *crls],
        moment=at,
        allow_fetching=False,
        revocation_mode="require",
    )


def certificate(der: bytes) -> x509.Certificate:
    return x509.Certificate.load(der)


def is_checkable(stamping: Stamping, at: datetime) -> bool:
    """Whether the time-stamp authority's certificates lead to a root that we were given, with lists that are in date."""
    if not stamping.roots or not stamping.crls:
        return False
    context = ValidationContext(
        trust_roots=[certificate(each) for each in stamping.roots],
        crls=list(stamping.crls),
        moment=at,
        allow_fetching=False,
        revocation_mode="require",
    )

    async def check() -> None:
        async for _path in stamping.stamper.validation_paths(context):
            pass

    try:
        to_the_end(check())
    except (PathBuildingError, PathValidationError):
        return False
    return True


def run(
    writer: IncrementalPdfFileWriter, meta: PdfSignatureMetadata, signer: SimpleSigner, style: StaticStampStyle,
    stamper: TimeStamper | None, at: datetime, level: Level,
) -> bytes:  # fmt: skip
    """Sign in the steps of `PdfSigner.async_sign_pdf`, at the moment `at` instead of the clock's."""
    return to_the_end(_run(writer, meta, signer, style, stamper, at, level))


async def _run(
    writer: IncrementalPdfFileWriter, meta: PdfSignatureMetadata, signer: SimpleSigner, style: StaticStampStyle,
    stamper: TimeStamper | None, at: datetime, level: Level,
) -> bytes:  # fmt: skip
    session = Signing(meta, signer, timestamper=stamper, stamp_style=style).init_signing_session(
        writer, existing_fields_only=True
    )
    session.system_time = at
    # A foreign clock whose certificates nobody gave us a root for is asked for its time, and not vouched for.
    session.timestamper = stamper if level is Level.LT else None
    checked = await session.perform_presign_validation(writer)
    session.timestamper = stamper
    room = await session.estimate_signature_container_size(checked)
    prepared = session.prepare_tbs_document(checked, room)
    digest, output = prepared.digest_tbs_document()
    await prepared.perform_signature(
        document_digest=digest.document_digest, pdf_cms_signed_attrs=PdfCMSSignedAttributes(signing_time=at)
    )
    return _bytes(output)


def _bytes(output: Any) -> bytes:
    output.seek(0)
    return output.read()
