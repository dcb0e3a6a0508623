"""Putting signatures into a PDF: what is refused, which level is reached, and what the archive asks of the file."""

import asyncio
import io
import threading
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore

from app.certificates import making
from app.certificates.making import Made
from app.seals import sealing
from app.seals.errors import SealingFailed
from app.seals.sealing import Field, Level, Stamping
from app.signing.canonical import canonical
from tests.factories.sealing import (
    CRL_URL,
    FROZEN_AT,
    NAMES,
    YEARS,
    House,
    add_signature,
    draw,
    field_name,
    make_frozen,
    make_house,
    make_signed,
    pledge_data,
    the_house,
)

WHEN = FROZEN_AT + timedelta(hours=1)


def sign_with(stamping: Stamping | None = None, *, house: House | None = None, **more: Any) -> sealing.Sealed:
    house = house or the_house()
    given = {"field": field_name("pledger"), "signer": house.signer(house.people["pledger"]), "at": WHEN, **more}
    return sealing.sign(make_frozen(), name=NAMES["pledger"], reason="My word", stamping=stamping, **given)


def make_clock(*, with_lists: bool = True) -> Stamping:
    """A time-stamp authority under a root of its own, as somebody else's would be."""
    valid = {"valid_from": FROZEN_AT - YEARS, "valid_to": FROZEN_AT + 20 * YEARS}
    root: Made = making.make_root("Clock Root", "Somebody Else", **valid)
    key = rsa.generate_private_key(65537, 2048)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A clock")]))
        .issuer_name(root.certificate.subject)
        .public_key(key.public_key())
        .serial_number(77)
        .not_valid_before(valid["valid_from"])
        .not_valid_after(valid["valid_to"])
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root.key.public_key()), critical=False)
        .sign(root.key, hashes.SHA256())
    )
    stamper = DummyTimeStamper(
        tsa_cert=asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER)),
        tsa_key=keys.PrivateKeyInfo.load(
            key.private_bytes(
                serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        ),
        fixed_dt=WHEN,
    )
    crl = making.make_crl(root, [], number=1, made_at=FROZEN_AT - YEARS, next_at=FROZEN_AT + YEARS)
    return Stamping(stamper, roots=(making.der_of(root.pem),), crls=(crl,) if with_lists else ())


def stamped_at(pdf: bytes) -> datetime | None:
    """What the time-stamp token in the last signature says."""
    found = PdfFileReader(io.BytesIO(pdf)).embedded_signatures[-1].signer_info["unsigned_attrs"]
    tokens = [each for each in found if each["type"].native == "signature_time_stamp_token"] if found else []
    return (
        tokens[0]["values"][0]["content"]["encap_content_info"]["content"].parsed["gen_time"].native if tokens else None
    )


def listed_by(pdf: bytes) -> set[str]:
    """Whose lists of what was revoked the file holds."""
    store = DocumentSecurityStore.read_dss(PdfFileReader(io.BytesIO(pdf)))
    lists = (x509.load_der_x509_crl(each.get_object().data) for each in store.crls)
    return {str(each.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value) for each in lists}


def test_without_somebody_elses_clock_the_level_is_b_although_the_lists_are_inside() -> None:
    sealed = sign_with()
    assert sealed.level == Level.B
    assert stamped_at(sealed.pdf) is None
    assert listed_by(sealed.pdf) == {"Qinglan Root", "Qinglan Issuing"}


def test_with_a_clock_the_level_is_t_and_with_its_root_and_lists_lt() -> None:
    strange = make_clock(with_lists=False)
    dated = sign_with(strange)
    assert (dated.level, stamped_at(dated.pdf)) == (Level.T, WHEN)
    sealed = sign_with(make_clock())
    assert sealed.level == Level.LT
    assert stamped_at(sealed.pdf) == WHEN
    assert listed_by(sealed.pdf) == {"Qinglan Root", "Qinglan Issuing", "Clock Root"}


def test_a_list_of_the_clock_that_is_out_of_date_makes_no_lt() -> None:
    clock = make_clock()
    later = FROZEN_AT + 2 * YEARS
    assert sealing.reachable(the_house().signer(the_house().seal), at=later, stamping=clock) == Level.T


def test_a_clock_that_does_not_answer_is_waited_for_and_never_done_without() -> None:
    silent = Stamping(sealing.time_stamper("http://127.0.0.1:9/", patience=1))
    with pytest.raises(SealingFailed):
        sign_with(silent)


def test_a_clock_is_asked_over_the_network_and_only_for_a_hash() -> None:
    clock, asked = make_clock(), []

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append(request["message_imprint"]["hashed_message"].native)
            answer = asyncio.run(clock.stamper.async_request_tsa_response(request)).dump()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_words: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            stamper = sealing.time_stamper(f"http://127.0.0.1:{server.server_port}/")
            sealed = sign_with(Stamping(stamper, clock.roots, clock.crls))
        finally:
            server.shutdown()
    assert (sealed.level, stamped_at(sealed.pdf)) == (Level.LT, WHEN)
    assert {len(each) for each in asked} == {32}


def test_a_revoked_and_an_expired_certificate_sign_nothing() -> None:
    house = make_house("Short", years=1)
    with pytest.raises(SealingFailed):
        sign_with(house=house, at=FROZEN_AT + 2 * YEARS)
    house.revoked.append((house.people["pledger"].certificate.serial_number, FROZEN_AT))
    with pytest.raises(SealingFailed):
        sign_with(house=house)


def test_without_a_list_in_date_nothing_is_signed() -> None:
    house = the_house()
    signer = house.signer(house.people["pledger"])
    with pytest.raises(SealingFailed):
        sign_with(signer=sealing.Signer(signer.certificate, signer.key, signer.chain, ()))


def test_no_field_is_signed_twice_and_none_is_made_late() -> None:
    house, signed = the_house(), make_signed(("pledger",), closed=False)
    for field in (field_name("pledger"), "another-4"):
        with pytest.raises(SealingFailed):
            sealing.sign(
                signed, field=field, signer=house.signer(house.people["pledger"]), name="x", reason="x", at=WHEN
            )


def test_a_paper_without_its_data_or_with_other_data_is_not_frozen() -> None:
    house, data = the_house(), canonical(pledge_data())
    given = {"fields": [], "signer": house.signer(house.seal), "name": "x", "reason": "x", "at": FROZEN_AT}
    with pytest.raises(SealingFailed):
        sealing.freeze(draw(data), data=data + b" ", **given)
    with pytest.raises(SealingFailed):
        sealing.freeze(b"%PDF-1.7 nothing", data=data, **given)


def test_a_frozen_paper_cannot_be_certified_again() -> None:
    house, data = the_house(), canonical(pledge_data())
    with pytest.raises(SealingFailed):
        sealing.freeze(
            make_frozen(), data=data, fields=[Field("one-more")], signer=house.signer(house.seal), name="x", reason="x",
            at=FROZEN_AT,
        )  # fmt: skip


def test_each_signature_is_one_revision_after_which_every_earlier_byte_stands() -> None:
    pdf = make_frozen()
    for role in ("witness", "pledger"):
        before, pdf = pdf, add_signature(pdf, the_house(), role)
        assert pdf.startswith(before)
        revisions = [PdfFileReader(io.BytesIO(each)).xrefs.total_revisions for each in (before, pdf)]
        assert revisions[1] == revisions[0] + 1


def test_certificates_name_where_their_list_is() -> None:
    points = the_house().seal.certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert points[0].full_name is not None
    assert points[0].full_name[0].value == CRL_URL
