"""Putting signatures into a PDF: pure functions from bytes to bytes, no database.

A paper is frozen once: all its fields exist before the company's seal certifies it, permitting to fill forms only. Each
later signature is appended into its field and leaves every earlier byte as it was (PAdES, ETSI EN 319 142-1).
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from app.seals.errors import SealingFailed

if TYPE_CHECKING:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.timestamps import TimeStamper

Box = tuple[float, float, float, float]  # left, bottom, right, top in points from the lower left of the page
DATA = "pledge-data.json"  # the attachment with the canonical data
SEAL = "seal"  # the field of the certifying signature
CLOSING = "closing"  # the field of the company's seal when everybody has signed


class Level(StrEnum):
    """What a signature reached of the PAdES baseline levels. LTA is never made here."""

    B = "B-B"  # who and what
    T = "B-T"  # and when, by somebody else's clock
    LT = "B-LT"  # and everything needed to check it later


@dataclass(frozen=True)
class Field:
    """A place for a signature; without a `box` it shows nothing."""

    name: str
    page: int = 0  # the first is 0
    box: Box | None = None
    label: str = ""  # what a screen reader says


@dataclass(frozen=True)
class Signer:
    """A certificate (DER), its private key (PKCS #8, DER, open), the authorities above it up to the root, and their
    present lists of what was revoked."""

    certificate: bytes
    key: bytes
    chain: tuple[bytes, ...]
    crls: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Stamping:
    """Somebody else's clock. With `roots` and `crls` (DER) of that authority the level B-LT is reached."""

    stamper: "TimeStamper"
    roots: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Sealed:
    pdf: bytes
    level: Level


def time_stamper(url: str, *, patience: int = 10) -> "TimeStamper":
    """A time-stamp authority that is asked over the network (RFC 3161)."""
    from pyhanko.sign.timestamps import HTTPTimeStamper

    return HTTPTimeStamper(url, timeout=patience)


def der(data: bytes) -> bytes:
    """A certificate or a list as DER, given as DER or PEM."""
    from asn1crypto import pem

    if not pem.detect(data):
        return data
    _kind, _headers, found = cast("tuple[str, dict[str, str], bytes]", pem.unarmor(data))
    return found


def freeze(
    pdf: bytes, *, data: bytes, fields: Sequence[Field], signer: Signer, name: str, reason: str, at: datetime,
    stamping: Stamping | None = None,
) -> Sealed:  # fmt: skip
    """Add all fields and certify the PDF, to which `data` is attached already, permitting only that forms are filled.

    Raises SealingFailed, so also when the attachment is missing or other than `data`.
    """
    if attachment(pdf) != data:
        raise SealingFailed(f"The PDF does not carry {DATA} as it was given.")
    with _refusing():
        from pyhanko.sign.fields import InvisSigSettings, MDPPerm, SigFieldSpec, append_signature_field

        writer = _writer(pdf)
        # What is invisible still prints, and is not hidden: PDF/A wants it so of every field.
        unseen = InvisSigSettings(set_print_flag=True, set_hidden_flag=False, box_out_of_bounds=False)
        for each in (Field(SEAL, label=name), *fields):
            append_signature_field(
                writer,
                SigFieldSpec(
                    each.name, on_page=each.page, box=_whole(each.box), readable_field_name=each.label or None,
                    invis_sig_settings=unseen,
                ),
            )  # fmt: skip
        extra = {"certify": True, "docmdp_permissions": MDPPerm.FILL_FORMS}
        return _signed(writer, SEAL, signer, name, reason, at, None, stamping, **extra)


def sign(
    pdf: bytes, *, field: str, signer: Signer, name: str, reason: str, at: datetime, picture: bytes | None = None,
    stamping: Stamping | None = None,
) -> Sealed:  # fmt: skip
    """Append a signature into its empty field. `picture` is a PDF whose first page is shown there.

    Raises SealingFailed, so also when there is no such field, when it is signed already, or when the certificate was
    revoked or is not valid at `at`.
    """
    with _refusing():
        return _signed(_writer(pdf), field, signer, name, reason, at, picture, stamping)


def attachment(pdf: bytes, name: str = DATA) -> bytes | None:
    """The bytes of an attached file, None when there is none of this name or the PDF cannot be read."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        root = PdfFileReader(io.BytesIO(pdf), strict=False).root
        for spec in _named_files(root):
            if str(spec.get("/UF") or spec.get("/F")) == name:
                return spec["/EF"]["/F"].data
    except Exception:  # a broken PDF breaks the reader in any way there is
        return None
    return None


def boxes(pdf: bytes) -> dict[str, Box]:
    """Where the fields for signatures are. Raises SealingFailed when the PDF cannot be read."""
    with _refusing():
        from pyhanko.pdf_utils.reader import PdfFileReader
        from pyhanko.sign.fields import enumerate_sig_fields

        found: Any = enumerate_sig_fields(PdfFileReader(io.BytesIO(pdf)), with_name=None)
        return {name: _rectangle(ref.get_object()["/Rect"]) for name, _value, ref in found}
    raise AssertionError("unreachable")


def _rectangle(found: Any) -> Box:
    left, bottom, right, top = (float(each) for each in found)
    return left, bottom, right, top


def _named_files(root: Any) -> Iterable[Any]:
    """The file specifications in the catalog's tree of names."""
    waiting = [root["/Names"]["/EmbeddedFiles"]] if "/Names" in root and "/EmbeddedFiles" in root["/Names"] else []
    while waiting:
        node = waiting.pop()
        waiting += [kid.get_object() for kid in node.get("/Kids", [])]
        pairs = node.get("/Names", [])
        yield from (pairs[at].get_object() for at in range(1, len(pairs), 2))


class _refusing:
    """Whatever goes wrong inside the library is one kind of failure outside."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Exception) and not isinstance(error, SealingFailed):
            raise SealingFailed(f"{type(error).__name__}: {error}") from error


def _whole(box: Box | None) -> Any:
    return None if box is None else tuple(round(each) for each in box)


def _writer(pdf: bytes) -> "IncrementalPdfFileWriter":
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    return IncrementalPdfFileWriter(io.BytesIO(pdf))


def _signed(
    writer: "IncrementalPdfFileWriter", field: str, signer: Signer, name: str, reason: str, at: datetime,
    picture: bytes | None, stamping: Stamping | None, **extra: Any,
) -> Sealed:  # fmt: skip
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata

    from app.seals.machinery import DSS, make_signer, make_stamp_style, run, strict_context

    level = reachable(signer, at=at, stamping=stamping)
    meta = PdfSignatureMetadata(
        field_name=field,
        name=name,
        reason=reason,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        # The certificate is checked before it signs, and with it the lists that prove it go into the file.
        validation_context=strict_context(signer, at, stamping if level is Level.LT else None),
        dss_settings=DSS,
        **extra,
    )
    stamper = stamping.stamper if stamping is not None else None
    pdf = run(writer, meta, make_signer(signer), make_stamp_style(picture), stamper, at, level)
    return Sealed(pdf, level)


def reachable(signer: Signer, *, at: datetime, stamping: Stamping | None = None) -> Level:
    """The level that a signature of now will honestly have: without somebody else's clock never more than B-B."""
    if stamping is None:
        return Level.B
    from app.seals.machinery import is_checkable

    return Level.LT if is_checkable(stamping, at) else Level.T
