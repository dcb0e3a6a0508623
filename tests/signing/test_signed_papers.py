"""What the page says of signed papers: by their hash, by the file, and by what is printed on them."""

import hashlib
import io
import re
import ssl
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select, update

from app.core import clock, jobs
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.ledger import keys
from app.ledger import queries as ledger
from app.pledges import papers, services
from app.pledges.models import Pledge
from app.signing.canonical import canonical
from app.signing.models import IssuedDocument
from app.signing.queries import list_heads
from tests import cast as the_cast
from tests.factories import make_event, sealing
from tests.factories.clocks import make_stamper
from tests.factories.pledges import make_trio, sign_by
from tests.ledger.test_checkpoints import by_hand, rewrite_from
from tests.seals.test_judging import write_on_the_page


@pytest.fixture
def states(app: Flask) -> dict[str, bytes]:
    """The code of a pledge, and its file after each signature, by the number of signatures; `whole` at the end."""
    with app.app_context():
        cast = the_cast.load()
        with unit_of_work():
            pledge = make_trio(make_event(), cast, title="Clear Water")
        found = {"code": pledge.document.code.encode(), "frozen": papers.read_paper(pledge.document)}
        for name in ("petra", "tom", "li_wei"):
            with unit_of_work():
                sign_by(pledge, cast, name)
            jobs.run_now("seal_pledge", document_ref=pledge.document.ref)
        for revision in papers.list_revisions(pledge.document):
            found[str(revision.number)] = papers.read_revision(revision)
        found["whole"] = papers.read_paper(pledge.document)
        found["ref"] = pledge.ref.encode()
        return found


def hashed(app: Flask, file: bytes, code: str = "") -> str:
    told = hashlib.sha256(file).hexdigest()
    return app.test_client().get(f"/verify{'/' + code if code else ''}?sha256={told}").text


def sent(app: Flask, file: bytes, code: str = "") -> str:
    client = app.test_client()
    address = f"/verify{'/' + code if code else ''}"
    token = client.get(address).text.split('name="csrf_token" value="')[1].split('"')[0]
    data = {"csrf_token": token, "file": (io.BytesIO(file), "a.pdf")}
    return client.post(address, data=data, content_type="multipart/form-data").text


def verdict(text: str) -> str:
    return text.split('class="verdict')[1].split("<h2>")[1].split("</h2>")[0]


def test_the_hash_alone_tells_each_state_of_a_paper(app: Flask, states: dict[str, bytes]) -> None:
    assert verdict(hashed(app, states["whole"])) == "Complete and unchanged"
    text = hashed(app, states["1"])
    assert (verdict(text), "Not signed yet: Tom" in text, "Petra" in text) == ("Unchanged but incomplete", True, False)
    text = hashed(app, states["3"])
    assert (verdict(text), "seal, which closes it" in text) == ("Unchanged but incomplete", True)
    text = hashed(app, states["whole"] + b"x")
    assert (verdict(text), "No file with this fingerprint" in text) == ("Cannot tell", True)
    assert "Try another code" not in text
    text = hashed(app, states["whole"] + b"x", states["code"].decode())
    assert (verdict(text), "belongs to another code" in text) == ("Changed", True)


def test_byte_flip_incremental_edit_and_look_alike_are_told_of_a_file_that_is_sent(
    app: Flask, states: dict[str, bytes]
) -> None:
    whole = states["whole"]
    assert verdict(sent(app, whole)) == "Complete and unchanged"
    assert verdict(sent(app, whole, states["code"].decode())) == "Complete and unchanged"
    at = whole.index(b"/Title") + 3
    assert (
        verdict(sent(app, whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :], states["code"].decode())) == "Changed"
    )
    text = sent(app, write_on_the_page(whole))
    assert (verdict(text), "Something was changed after the signature of" in text) == ("Changed", True)
    for unsigned in (sealing.draw(canonical(sealing.pledge_data())), b"%PDF-1.7 nothing", b"PK"):
        text = sent(app, unsigned)
        assert (verdict(text), "holds no signature that could tell more" in text) == ("Cannot tell", True)
        assert "is seen in the file itself" not in text
    double = sealing.the_double()
    forged = sealing.sign_all(sealing.freeze_for(double, sealing.pledge_data()), double)
    text = sent(app, forged)
    assert (verdict(text), "does not end at the company" in text) == ("Signed by someone unknown", True)


def test_a_withdrawn_pledge_is_withdrawn_whichever_state_is_shown(app: Flask, states: dict[str, bytes]) -> None:

    with app.app_context(), unit_of_work():
        pledge = db.session.scalar(select(Pledge).where(Pledge.ref == states["ref"].decode()))
        assert pledge is not None
        services.void(pledge, actor=the_cast.load().li_wei, reason="Over.")
    for name in ("whole", "2"):
        assert verdict(hashed(app, states[name])) == "Withdrawn"


def test_attack_a_paper_is_not_completed_by_an_edited_column(app: Flask) -> None:
    """Nobody has signed; whoever has the database says that all have, keeps the frozen file as the whole one, and lets
    the states of the file vanish. The log never told of a complete one."""
    with app.app_context():
        with unit_of_work():
            document = make_trio(make_event(), the_cast.load(), title="Clear Water").document
        code, frozen = document.code, papers.read_paper(document)
    assert verdict(hashed(app, frozen)) == "Unchanged but incomplete"
    told = hashlib.sha256(frozen).hexdigest()
    for statement in (
        f"UPDATE issued_document SET is_complete = 1, pdf_hash = '{told}'",
        "DELETE FROM document_revision",
    ):
        with app.app_context():
            by_hand(statement)
        for text in (hashed(app, frozen), hashed(app, frozen, code), app.test_client().get(f"/verify/{code}").text):
            assert (verdict(text), "exactly the one that was issued" in text) == ("Changed", False)
            assert "no longer fits its fingerprint or the log" in text


def test_attack_a_signed_state_is_not_passed_off_as_the_whole_paper(app: Flask, states: dict[str, bytes]) -> None:
    """The log told of the complete one: another hash in its place does not fit, whether or not the file is at hand."""
    told = hashlib.sha256(states["2"]).hexdigest()
    with app.app_context():
        by_hand(f"UPDATE issued_document SET pdf_hash = '{told}'")
    assert verdict(hashed(app, states["2"])) == "Changed"
    assert verdict(app.test_client().get(f"/verify/{states['code'].decode()}").text) == "Changed"


def test_what_is_printed_on_the_paper_is_compared(app: Flask, states: dict[str, bytes]) -> None:
    """Chain rewritten by SQL, found by an anchor in an issued PDF: the head on paper is not the one kept any more."""
    code = states["code"].decode()
    with app.app_context():
        document = db.session.scalar(db.select(IssuedDocument).where(IssuedDocument.code == code))
        assert document is not None
        told, head = document.content_hash, document.audit_head
        assert told == hashlib.sha256(canonical(document.content)).hexdigest()
    client = app.test_client()
    text = client.get(f"/verify/{code}?f={told}&h={head[:16]}").text
    assert (verdict(text), "Your paper carries the same fingerprint." in text) == ("Complete and unchanged", True)
    text = client.get(f"/verify/{code}?f={told}&h={'0' * 16}").text
    assert (verdict(text), "head of the log on your paper" in text) == ("Changed", True)
    assert verdict(client.get(f"/verify/{code}?f={'0' * 64}").text) == "Changed"
    for odd in ("f=%00", "f=x&h=<b>", "h=" + "f" * 5000, "sha256=zz"):
        assert verdict(client.get(f"/verify/{code}?{odd}").text) == "Complete and unchanged"
    with app.app_context(), unit_of_work():
        db.session.execute(update(IssuedDocument).where(IssuedDocument.code == code).values(audit_head="0" * 64))
    assert verdict(client.get(f"/verify/{code}?f={told}&h={head[:16]}").text) == "Changed"


def test_attack_chain_rewritten_by_sql_is_found_by_an_anchor_in_an_issued_pdf(
    app: Flask, states: dict[str, bytes]
) -> None:
    """Somebody with the whole database makes every row, every head that is kept of a paper and the checkpoints fit anew,
    and the notes outside are gone too: what is printed on the paper in a drawer still tells."""
    pages = PdfReader(io.BytesIO(states["whole"])).pages
    words = " ".join("".join(page.extract_text() for page in pages).replace("\u200b", "").split())
    found = re.search(r"Head of the log ([0-9a-f]{4} [0-9a-f]{4} · [0-9a-f]{4} [0-9a-f]{4})", words)
    assert found is not None, words
    with app.app_context():
        anchored = db.session.scalars(select(IssuedDocument.audit_head)).one()
        seq = db.session.scalars(select(AuditEntry.seq).where(AuditEntry.hash == anchored)).one()
        assert ledger.examine(against=found[1], anchors=list_heads()).is_whole
        rewrite_from(seq, reason="it was otherwise")
        heads = list(db.session.scalars(select(AuditEntry.hash)))
        by_hand(
            f"UPDATE issued_document SET audit_head = '{heads[-1]}'",
            f"UPDATE document_revision SET audit_head = '{heads[-1]}'", "DELETE FROM checkpoint",
        )  # fmt: skip
        (keys.folder() / keys.NOTES).unlink(missing_ok=True)
        assert ledger.examine(anchors=list_heads()).is_whole  # nothing that is left inside can tell
        told = ledger.examine(against=found[1], anchors=list_heads())
        assert (told.is_whole, told.why) == (False, ledger.LOST)
    text = (
        app.test_client().get(f"/verify/{states['code'].decode()}?h={''.join(found[1].split()).replace('·', '')}").text
    )
    assert (verdict(text), "head of the log on your paper" in text) == ("Changed", True)


def test_a_file_is_judged_by_the_clock_that_the_house_trusts(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Expired certificate with and without timestamp, on the page: a copy that the log does not know is judged by itself."""
    stamping, clock_root = make_stamper(clock.now() + timedelta(hours=1))
    monkeypatch.setattr("app.seals.clocks.time_stamper", lambda _url: stamping.stamper)
    (tmp_path / "clock.pem").write_bytes(ssl.DER_cert_to_PEM_cert(clock_root).encode())
    settings = replace(app.extensions["hufu_settings"], tsa_url="https://clock.example")
    monkeypatch.setitem(app.extensions, "hufu_settings", settings)
    with app.app_context():
        cast = the_cast.load()
        with unit_of_work():
            pledge = make_trio(make_event(), cast, title="Clear Water")
        for name in ("petra", "tom", "li_wei"):
            with unit_of_work():
                sign_by(pledge, cast, name)
        jobs.run_now("seal_pledge", document_ref=pledge.document.ref)
        copy = papers.read_paper(pledge.document) + b"\n"
    with clock.at(clock.now() + timedelta(days=11 * 365)):
        assert "no time stamp that is trusted" in sent(app, copy)
        monkeypatch.setitem(app.extensions, "hufu_settings", replace(settings, tsa_trust=str(tmp_path)))
        text = sent(app, copy)
    assert "no time stamp that is trusted" not in text
    assert (verdict(text), "The log does not hold this file." in text) == ("Changed", True)


def test_whoever_has_the_code_alone_learns_how_many_have_signed_and_not_who(app: Flask) -> None:
    with app.app_context():
        cast = the_cast.load()
        with unit_of_work():
            pledge = make_trio(make_event(), cast, title="Clear Water")
        with unit_of_work():
            sign_by(pledge, cast, "petra")
        jobs.run_now("seal_pledge", document_ref=pledge.document.ref)
        code = pledge.document.code
    text = app.test_client().get(f"/verify/{code}").text
    assert (verdict(text), "Signed by 1 of 3." in text, "Petra" in text) == ("Unchanged but incomplete", True, False)


def test_files_are_judged_twenty_times_a_minute_from_one_address(app: Flask) -> None:
    client = app.test_client()
    token = client.get("/verify").text.split('name="csrf_token" value="')[1].split('"')[0]

    def send() -> int:
        data = {"csrf_token": token, "file": (io.BytesIO(b"x"), "a.pdf")}
        return client.post("/verify", data=data, content_type="multipart/form-data").status_code

    assert [send() for _each in range(21)] == [200] * 20 + [429]
    assert client.get("/verify").status_code == 200
