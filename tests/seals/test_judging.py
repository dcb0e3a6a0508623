"""What the signatures of a PDF prove, and how each way of cheating shows."""

import io
import itertools
import random
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields as pyhanko_fields
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

from app.certificates import making
from app.seals import machinery
from app.seals.judging import Report, Trust, judge
from app.seals.waiting import to_the_end
from app.signing.canonical import canonical
from tests.conftest import require_or_skip
from tests.factories import sealing
from tests.factories.sealing import FROZEN_AT, ROLES, YEARS, add_signature, make_frozen, make_signed, pledge_data
from tests.factories.strangers import sign_as_stranger

LATER = FROZEN_AT + YEARS


def look(pdf: bytes, *, house: sealing.House | None = None, **more) -> Report:
    house = house or sealing.the_house()
    return judge(pdf, **{"root_pem": house.root.pem, "crls": house.crls, "at": LATER, **more})


def write_on_the_page(pdf: bytes) -> bytes:
    """An incremental update that puts more words on the first page, as an editor of PDFs does."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    more = writer.add_object(
        generic.StreamObject(stream_data=b"BT /F1 12 Tf 72 72 Td (and a bonus of 1,000,000) Tj ET")
    )
    page = writer.root["/Pages"]["/Kids"][0]
    old = page.raw_get("/Contents")
    page["/Contents"] = generic.ArrayObject([*(old if isinstance(old, generic.ArrayObject) else [old]), more])
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_all_signatures_of_an_untouched_pledge_hold() -> None:
    report = look(make_signed())
    assert [each.field for each in report.seals] == ["seal", "pledger-1", "witness-2", "countersigner-3", "closing"]
    assert all(each.is_good for each in report.seals)
    assert (report.is_certified, report.has_tail, report.problem, list(report.empty_fields)) == (True, False, "", [])
    assert report.data == canonical(pledge_data())
    assert [each.name for each in report.people] == ["沈岚", "Tomás Ruiz", "李巍"]
    assert [each.serial_number for each in report.people] == [sealing.person_ref(role) for role in ROLES]


@pytest.mark.parametrize("order", list(itertools.permutations(ROLES)))
def test_the_order_of_signing_does_not_matter(order: tuple[str, ...]) -> None:
    report = look(make_signed(order))
    assert [each.field for each in report.people] == [sealing.field_name(role) for role in order]
    assert all(each.is_good for each in report.seals)


@pytest.mark.parametrize("seed", range(8))
def test_byte_flip(seed: int) -> None:
    """One byte of what the company's seal covers breaks every signature."""
    pdf = make_signed()
    end = look(make_frozen()).seals[0].end
    at = random.Random(seed).randrange(20, end - 8000)
    flipped = pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :]
    report = look(flipped)
    assert report.problem or not any(each.is_good for each in report.seals)


def test_incremental_edit() -> None:
    """Words added as an update leave each signature's own bytes whole: only the analysis of the differences tells."""
    report = look(write_on_the_page(make_signed()))
    assert all(each.is_intact for each in report.seals)
    assert not any(each.is_untouched for each in report.seals)
    assert report.changed_after == report.seals[-1]


def test_incremental_edit_between_two_signatures_is_placed() -> None:
    house = sealing.the_house()
    pdf = add_signature(write_on_the_page(add_signature(make_frozen(), house, "pledger")), house, "witness")
    report = look(pdf)
    assert report.changed_after == report.by_field("pledger-1")
    assert report.by_field("witness-2").is_untouched


def test_truncation() -> None:
    """The last signatures cut off: what is left holds, so that only the list of signatories and the log tell."""
    pdf = make_signed()
    end = look(pdf).by_field("witness-2").end
    report = look(pdf[:end])
    assert all(each.is_good for each in report.seals)
    assert sorted(report.empty_fields) == ["closing", "countersigner-3"]


def test_truncation_in_the_middle_of_a_signature() -> None:
    pdf = make_signed()
    report = look(pdf[: look(pdf).by_field("witness-2").end - 300])
    assert report.problem or report.has_tail or not all(each.is_good for each in report.seals)


def test_late_field() -> None:
    """A signatory added after the seal needs a new version: the seal no longer holds."""
    writer = IncrementalPdfFileWriter(io.BytesIO(make_signed()))
    pyhanko_fields.append_signature_field(writer, pyhanko_fields.SigFieldSpec("another-4"))
    out = io.BytesIO()
    writer.write(out)
    report = look(add_signature(out.getvalue(), sealing.the_house(), "witness", field="another-4"))
    assert not report.seals[0].is_untouched


def test_look_alike_root() -> None:
    """The same names under another root: whole in itself, and not the company's."""
    double = sealing.the_double()
    forged = sealing.sign_all(sealing.freeze_for(double, pledge_data()), double)
    assert all(each.is_good for each in look(forged, house=double).seals)
    report = look(forged)
    assert {each.trust for each in report.seals} == {Trust.STRANGER}
    assert {each.name for each in report.people} == {each.name for each in look(make_signed()).people}


def test_one_stranger_among_the_signatories_is_named() -> None:
    house, double = sealing.the_house(), sealing.the_double()
    pdf = make_frozen()
    style, signer = machinery.make_stamp_style(None), machinery.make_signer(double.signer(double.people["pledger"]))
    meta = PdfSignatureMetadata(field_name="pledger-1", name="沈岚", md_algorithm="sha256")
    out = to_the_end(
        PdfSigner(meta, signer, stamp_style=style).async_sign_pdf(
            IncrementalPdfFileWriter(io.BytesIO(pdf)), existing_fields_only=True
        )
    )
    report = look(add_signature(out.getvalue(), house, "witness"))
    assert report.by_field("pledger-1").trust is Trust.STRANGER
    assert report.by_field("witness-2").is_good


def test_certificates_of_one_name_are_no_maze_in_which_the_judge_is_lost() -> None:
    """Each of them might have issued each other one: a dozen would be tried in half a billion orders."""
    years = {"valid_from": FROZEN_AT - YEARS, "valid_to": FROZEN_AT + YEARS}
    twins = [making.make_root("Nobody", "Nobody", **years) for _ in range(3)]
    pdf = sign_as_stranger(make_frozen(), "pledger-1", twins[0], beside=twins)
    assert look(pdf).problem == "There are too many certificates."
    few = sign_as_stranger(make_frozen(), "pledger-1", twins[0], beside=twins[:2])
    assert "too many" not in look(few).problem


def test_expired_certificate_without_timestamp() -> None:
    house = sealing.make_house("Kurz", years=1)
    pdf = sealing.sign_all(sealing.freeze_for(house, pledge_data()), house)
    assert all(each.is_good for each in look(pdf, house=house, at=FROZEN_AT + timedelta(days=30)).seals)
    report = look(pdf, house=house, at=FROZEN_AT + 3 * YEARS)
    assert {each.trust for each in report.seals} == {Trust.EXPIRED}


def test_expired_certificate_with_timestamp() -> None:
    from tests.factories.clocks import make_stamper

    house = sealing.make_house("Kurz", years=1)
    pdf, root = make_frozen_and_stamped(house, make_stamper)
    report = look(pdf, house=house, at=FROZEN_AT + 3 * YEARS, stamp_roots=[root])
    assert {each.trust for each in report.seals} == {Trust.KNOWN}
    assert report.seals[0].stamped_at == FROZEN_AT
    assert {each.trust for each in look(pdf, house=house, at=FROZEN_AT + 3 * YEARS).seals} == {Trust.EXPIRED}


def make_frozen_and_stamped(house, make_stamper) -> tuple[bytes, bytes]:
    raw = canonical(pledge_data())
    stamping, root = make_stamper(FROZEN_AT)
    return sealing.freeze(
        sealing.draw(raw), data=raw, fields=[], signer=house.signer(house.seal), name="Kurz", reason="Final",
        at=FROZEN_AT, stamping=stamping,
    ).pdf, root  # fmt: skip


@pytest.mark.parametrize(("days", "trust"), [(-1, Trust.REVOKED), (30, Trust.KNOWN)])
def test_a_revoked_certificate_is_told(days: int, trust: Trust) -> None:
    house = sealing.the_house()
    pdf = make_signed()
    when = FROZEN_AT + timedelta(days=days)
    listed = making.make_crl(
        house.issuing, [(house.people["pledger"].certificate.serial_number, when)], number=3, made_at=when,
        next_at=when + YEARS,
    )  # fmt: skip
    report = look(pdf, crls=[listed])
    pledger = report.by_field("pledger-1")
    assert (pledger.trust, pledger.revoked_at) == (trust, when)
    assert report.by_field("witness-2").revoked_at is None
    forged = making.make_crl(
        sealing.the_double().issuing, [(house.people["pledger"].certificate.serial_number, when)], number=3,
        made_at=when, next_at=when + YEARS,
    )  # fmt: skip
    assert look(pdf, crls=[forged]).by_field("pledger-1").revoked_at is None


@pytest.mark.parametrize("tail", [b"%PDF", b"\n<script>", b"x" * 5000])
def test_bytes_behind_the_end_are_seen(tail: bytes) -> None:
    report = look(make_signed() + tail)
    assert report.problem or report.has_tail or not all(each.is_good for each in report.seals)


NOISE = [
    b"",
    b"%PDF-1.7",
    b"\x00" * 4000,
    b"%PDF-1.7\nstartxref\n99999999\n%%EOF",
    b"<html></html>",
    b"%PDF-1.7\n%%EOF" * 300,
]


@pytest.mark.parametrize("noise", NOISE)
def test_what_is_no_pdf_is_told_and_breaks_nothing(noise: bytes) -> None:
    report = look(noise)
    assert (report.problem != "", list(report.seals)) == (True, [])


def test_any_broken_copy_breaks_nothing() -> None:
    chance, pdf = random.Random(7), make_signed()
    for _each in range(25):
        one, other = sorted(chance.sample(range(len(pdf)), 2))
        report = look(chance.choice([pdf[:one], pdf[one:], pdf[:one] + pdf[other:], pdf[:one] + pdf[one:other] * 2]))
        assert (
            report.problem or not report.is_certified or not all(e.is_good for e in report.seals) or report.empty_fields
        )


def test_a_pdf_without_signatures_has_none() -> None:
    report = look(sealing.draw(canonical(pledge_data())))
    assert (list(report.seals), report.is_certified, report.problem) == ([], False, "")


def test_what_is_no_root_is_refused() -> None:
    for each in ("", "x", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        with pytest.raises(ValueError):
            judge(b"", root_pem=each)


def test_pdfsig_agrees(tmp_path: Path) -> None:
    """An independent checker (poppler) finds the same signatures whole, and the byte flip."""
    if shutil.which("pdfsig") is None:
        require_or_skip("pdfsig", "poppler's pdfsig is not installed (apt-get install poppler-utils)")
    pdf = make_signed()
    assert said_by_pdfsig(pdf, tmp_path) == (5, 5)
    at = pdf.index(b"/Title")
    assert said_by_pdfsig(pdf[:at] + pdf[at:].replace(b"/Title", b"/Titlf", 1), tmp_path) == (5, 0)


def said_by_pdfsig(pdf: bytes, folder: Path) -> tuple[int, int]:
    """How many signatures, and how many of them valid."""
    path = folder / "a.pdf"
    path.write_bytes(pdf)
    said = subprocess.run(
        ["pdfsig", "-nocert", str(path)], capture_output=True, text=True, timeout=60, check=False
    ).stdout  # fmt: skip
    return said.count("Signature Field Name"), said.count("Signature is Valid")
