"""The paper of a pledge: frozen with its data and its fields, sealed in the order of signing, closed once, fit for the
archive."""

import hashlib
import io
import json
import re
import shutil
import subprocess
import threading
import unicodedata
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import func, select

from app.certificates import services as certificates
from app.certificates.models import Certificate, CertificateKind
from app.core import clock, jobs
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.documents.errors import GlyphsMissing
from app.files import services as files
from app.people.models import Person
from app.pledges import papers, services
from app.pledges.models import Pledge, PledgeState, Signature
from app.seals import sealing
from app.seals.judging import Report, judge
from app.signing.canonical import canonical
from app.signing.models import IssuedDocument, Revision
from tests.cast import Cast
from tests.conftest import require_or_skip
from tests.factories import make_event, save
from tests.factories.pledges import make_draft, make_in_force, make_open, make_trio, sign_by

TEXT = "我等郑重承诺：全年营收一千二百万元。\n\nWe give our *word* on 1,200, with 龘 and all."


@pytest.fixture
def pledge(cast: Cast) -> Pledge:
    with unit_of_work():
        return make_trio(make_event(), cast, title="清水军令状 Clear Water", text=TEXT)


def seal(pledge: Pledge) -> None:
    jobs.run_now("seal_pledge", document_ref=document_of(pledge).ref)


def document_of(pledge: Pledge) -> IssuedDocument:
    assert pledge.document is not None
    return pledge.document


def fields_of(pledge: Pledge) -> list[str]:
    return [each.field for each in papers.list_revisions(document_of(pledge))]


def path_of(pledge: Pledge) -> Path:
    revision = papers.newest(document_of(pledge))
    assert revision is not None
    return files.path_of(revision.pdf_hash)


def look(pdf: bytes) -> Report:
    return judge(pdf, root_pem=certificates.root_pem(), crls=certificates.current_crls())


def words_of(pdf: bytes) -> str:
    read = PdfReader(io.BytesIO(pdf))
    return re.sub(r"[\s\u200b]", "", "".join(page.extract_text() for page in read.pages))


def test_what_is_frozen_carries_its_data_and_an_empty_place_for_everybody(pledge: Pledge) -> None:
    document = document_of(pledge)
    revision = papers.frozen(document)
    assert revision is not None
    pdf = papers.read_revision(revision)
    assert (revision.number, revision.field, revision.level) == (0, "seal", "B-B")
    assert revision.pdf_hash == hashlib.sha256(pdf).hexdigest()
    assert (document.is_complete, document.file_id, document.pdf_hash) == (False, None, None)
    data = sealing.attachment(pdf)
    assert data == canonical(pledge.content)
    assert hashlib.sha256(data or b"").hexdigest() == pledge.content_hash == document.content_hash
    signatories = json.loads(data or b"")["signatories"]
    assert [each["field"] for each in signatories] == ["pledger-1", "witness-2", "countersigner-3"]
    report = look(pdf)
    assert report.is_certified
    assert [each.field for each in report.seals if each.is_good] == ["seal"]
    assert set(report.empty_fields) == {"pledger-1", "witness-2", "countersigner-3", "closing"}
    boxes = sealing.boxes(pdf)
    for name in report.empty_fields:
        left, bottom, right, top = boxes[name]
        assert 60 < left < right < 540, name
        assert 50 < bottom < top < 800, name
        assert top - bottom > 55, name


def test_the_log_holds_the_frozen_file(pledge: Pledge) -> None:
    row = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "pledge.frozen")).one()
    revision = papers.frozen(document_of(pledge))
    assert revision is not None
    assert row.details == {"document": document_of(pledge).ref, "pdf_hash": revision.pdf_hash}


def test_all_signatures_go_in_in_the_order_of_signing_and_the_seal_closes_after_the_last(
    pledge: Pledge, cast: Cast
) -> None:
    document, before = document_of(pledge), papers.read_paper(document_of(pledge))
    for number, name in enumerate(("tom", "li_wei")):
        with clock.at(clock.now() + timedelta(minutes=number + 1)), unit_of_work():
            sign_by(pledge, cast, name)
    seal(pledge)
    assert fields_of(pledge) == ["seal", "witness-2", "countersigner-3"]
    assert not document.is_complete
    with unit_of_work():
        sign_by(pledge, cast, "petra")
    assert not document.is_complete, "in force at once; the paper follows"
    seal(pledge)
    seal(pledge)
    assert fields_of(pledge) == ["seal", "witness-2", "countersigner-3", "pledger-1", "closing"]
    complete = papers.read_paper(document)
    assert complete.startswith(before)
    assert document.is_complete
    assert document.pdf_hash == hashlib.sha256(complete).hexdigest()
    assert document.file_id == papers.list_revisions(document)[-1].file_id
    row = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "document.completed")).one()
    assert row.details["pdf_hash"] == document.pdf_hash
    assert document.content == pledge.content, "what was frozen is what is issued"
    report = look(complete)
    assert [each.name for each in report.people] == ["Tom Okafor", "Li Wei", "Petra Lindqvist"]
    assert all(each.is_good for each in report.seals)
    assert not report.empty_fields
    printed = words_of(complete)
    assert "清水军令状" in printed
    assert re.sub(r"[\s*]", "", TEXT) in printed
    reasons = [each["/V"]["/Reason"] for each in (PdfReader(io.BytesIO(complete)).get_fields() or {}).values()]
    for slot in pledge.slots:
        assert slot.signature is not None
        assert any(slot.signature.statement_hash in each for each in reasons)


def test_chinese_text_extracted_from_the_pdf_equals_the_canonical_data(cast: Cast) -> None:
    with unit_of_work():
        event = make_event(title="Autumn gathering", title_local="秋季会议")
        pledge = make_draft(
            event, title="七号窑降噪军令状", language="zh-Hans", deadline=event.ends_on + timedelta(days=90),
            text="我等郑重承诺：年底之前，七号窑噪声降到 85 分贝以下。\n\n说到做到，龘、䶮二人作证；不推诿、不拖延。",
            reward="年休假五天。", penalty="在全员大会上说明原因。",
            targets=[{"target": "窑边噪声", "metric": "每日实测", "from": "97", "to": "85", "unit": "分贝", "by": "2027-12-31"}],
        )  # fmt: skip
        services.check_wording(pledge, actor=cast.olaf, note="看过。")
        for name, role in (("petra", "pledger"), ("tom", "witness"), ("li_wei", "countersigner")):
            cast.people[name].name = {"petra": "彭楚月", "tom": "唐睦", "li_wei": "李伟"}[name]
            services.add_slot(pledge, cast.people[name], role, actor=cast.olaf)
        services.open_pledge(pledge, actor=cast.olaf)
        sign_by(pledge, cast, "petra", "tom", "li_wei")
    seal(pledge)
    paper = papers.read_paper(document_of(pledge))
    data, printed = json.loads(sealing.attachment(paper) or b""), words_of(paper)
    said = [data["title"], data["label"], *data["text"].split(), data["reward"], data["penalty"]]
    said += [data["targets"][0][key] for key in ("target", "metric")] + ["97 分贝", "85 分贝", "2027年12月31日"]
    said += [each["name"] for each in data["signatories"]]
    assert [each for each in said if re.sub(r"\s", "", each) not in printed] == []
    assert re.sub(r"\s", "", data["text"]) in printed, "in one piece and in its order"
    assert data == pledge.content
    assert printed == unicodedata.normalize("NFC", printed), "no look-alike forms of another block"


def test_pdfsig_agrees_with_us(pledge: Pledge, cast: Cast, tmp_path: Path) -> None:
    if shutil.which("pdfsig") is None:
        require_or_skip("pdfsig", "poppler's pdfsig is not installed (apt-get install poppler-utils)")
    with unit_of_work():
        sign_by(pledge, cast, "li_wei", "petra", "tom")
    seal(pledge)
    path = tmp_path / "pledge.pdf"
    path.write_bytes(papers.read_paper(document_of(pledge)))
    said = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False).stdout
    assert said.count("Signature is Valid") == 5
    assert said.count("Total document signed") == 1
    listed = subprocess.run(["pdfdetach", "-list", str(path)], capture_output=True, text=True, check=False).stdout
    assert sealing.DATA in listed


def test_the_paper_is_fit_for_the_archive_before_and_after_signing(pledge: Pledge, cast: Cast) -> None:
    frozen = papers.read_paper(document_of(pledge))
    with unit_of_work():
        sign_by(pledge, cast, "petra", "tom", "li_wei")
    seal(pledge)
    for pdf in (frozen, papers.read_paper(document_of(pledge))):
        check_archive(PdfReader(io.BytesIO(pdf)))
        assert pdf.startswith(b"%PDF-1.7")


def check_archive(reader: PdfReader) -> None:
    """What ISO 19005-3 asks of what we add: the claim, fonts inside, data as associated file, fields that print."""
    catalog = reader.trailer["/Root"].get_object()
    facts = catalog["/Metadata"].get_data().decode()
    assert re.search(r"pdfaid:part[>=\"]+3", facts)
    assert re.search(r"pdfaid:conformance[>=\"]+B", facts)
    assert [each.get_object()["/S"] for each in catalog["/OutputIntents"]] == ["/GTS_PDFA1"]
    assert len(reader.trailer["/ID"]) == 2
    assert not reader.is_encrypted
    attached = [each.get_object() for each in catalog["/AF"]]
    assert [(each["/UF"], each["/AFRelationship"]) for each in attached] == [(sealing.DATA, "/Data")]
    assert attached[0]["/EF"]["/F"]["/Subtype"] == "/application/json"
    form = catalog["/AcroForm"].get_object()
    assert not form.get("/NeedAppearances")
    assert "/XFA" not in form
    for field in (each.get_object() for each in form["/Fields"]):
        assert int(field["/F"]) & 0b111 == 0b100, "printed, neither hidden nor invisible"
        assert not {"/A", "/AA"} & set(field)
        if field["/T"] != "seal":
            assert field["/AP"]["/N"].get_object() is not None
            for font in fonts_in(field["/AP"]["/N"].get_object()):
                assert is_inside(font), font["/BaseFont"]
    for page in reader.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            assert is_inside(font.get_object())


def fonts_in(form: Any) -> list[Any]:
    """Of an appearance, and of what it is made of."""
    resources = form.get("/Resources", {})
    resources = resources.get_object() if hasattr(resources, "get_object") else resources
    found = [each.get_object() for each in resources.get("/Font", {}).values()]
    for each in resources.get("/XObject", {}).values():
        found += fonts_in(each.get_object())
    return found


def is_inside(font: Any) -> bool:
    inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
    return bool({"/FontFile", "/FontFile2", "/FontFile3"} & set(inner["/FontDescriptor"].get_object()))


def test_two_sealers_at_once_put_each_signature_in_once(pledge: Pledge, cast: Cast, app: Flask) -> None:
    with unit_of_work():
        sign_by(pledge, cast, "petra", "tom", "li_wei")
    document_ref, begun = document_of(pledge).ref, threading.Barrier(2)

    def work() -> None:
        with app.app_context():
            begun.wait(10)
            jobs.run_now("seal_pledge", document_ref=document_ref)
            db.session.remove()

    threads = [threading.Thread(target=work) for _each in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    db.session.rollback()
    db.session.expire_all()
    assert sorted(fields_of(pledge)) == ["closing", "countersigner-3", "pledger-1", "seal", "witness-2"]
    assert all(each.is_good for each in look(papers.read_paper(document_of(pledge))).seals)


def test_what_was_missed_is_sealed_in_the_next_minute(pledge: Pledge, cast: Cast) -> None:
    jobs.run_now("seal_missed_pledges")
    assert fields_of(pledge) == ["seal"]
    with unit_of_work():
        sign_by(pledge, cast, "petra")
    jobs.run_now("seal_missed_pledges")
    assert fields_of(pledge) == ["seal", "pledger-1"]
    with unit_of_work():
        sign_by(pledge, cast, "tom", "li_wei")
    jobs.run_now("seal_missed_pledges")
    assert document_of(pledge).is_complete
    count = db.session.scalar(select(func.count(Revision.id)))
    jobs.run_now("seal_missed_pledges")
    assert db.session.scalar(select(func.count(Revision.id))) == count


def test_one_paper_that_is_lost_keeps_no_other_from_being_sealed(pledge: Pledge, cast: Cast) -> None:
    with unit_of_work():
        other = make_trio(make_event(), cast)
        for each in (pledge, other):
            sign_by(each, cast, "petra")
    path_of(pledge).unlink()
    jobs.run_now("seal_missed_pledges")
    assert (fields_of(pledge), fields_of(other)) == (["seal"], ["seal", "pledger-1"])


def test_one_old_pledge_that_cannot_be_drawn_keeps_no_other_from_its_paper(pledge: Pledge, cast: Cast) -> None:
    with unit_of_work():
        other = make_trio(make_event(), cast)
        for each in (pledge, other):  # as it was before papers had fields
            db.session.delete(papers.frozen(document_of(each)))
            document_of(each).is_complete = True
        document_of(pledge).content = {"signatories": 1}
    jobs.run_now("make_missing_pledge_papers")
    assert (document_of(pledge).file_id, document_of(other).file_id is None) == (None, False)


def test_a_refused_pledge_keeps_its_signatures_and_is_never_closed(pledge: Pledge, cast: Cast) -> None:
    with unit_of_work():
        sign_by(pledge, cast, "tom")
        slot = next(each for each in pledge.slots if each.person_id == cast.people["petra"].id)
        services.decline(slot, actor=cast.petra, reason="Not this number")
    seal(pledge)
    assert pledge.state == PledgeState.REFUSED
    assert fields_of(pledge) == ["seal", "witness-2"]
    assert not document_of(pledge).is_complete


def test_everybody_has_one_certificate_over_all_their_pledges(cast: Cast) -> None:
    for _number in range(2):
        with unit_of_work():
            pledge = make_in_force(make_event(), cast)
        seal(pledge)
    people = select(func.count(Certificate.id)).where(Certificate.kind == CertificateKind.PERSON)
    assert db.session.scalar(people) == 3
    checked = select(Certificate.identity_checked).where(Certificate.kind == CertificateKind.PERSON)
    assert all("password" in str(each) for each in db.session.scalars(checked))


def test_after_the_certificate_was_revoked_a_new_one_signs(pledge: Pledge, cast: Cast) -> None:
    with unit_of_work():
        old = certificates.certificate_of(cast.people["petra"])
        certificates.revoke(old, actor=cast.ada, reason="A stolen device")
    with unit_of_work():
        sign_by(pledge, cast, "petra")
    seal(pledge)
    revision = papers.newest(document_of(pledge))
    assert revision is not None
    assert revision.field == "pledger-1"
    assert revision.certificate != old.fingerprint


def test_a_mark_is_drawn_into_the_place_and_what_no_font_has_is_held(pledge: Pledge, cast: Cast) -> None:
    with unit_of_work():
        sign_by(pledge, cast, "petra", "tom")
        marks = db.session.scalars(select(Signature).order_by(Signature.id)).all()
        marks[0].evidence = {"strokes": [[100, 100, 300, 220, 500, 90], [120, 300, 480, 310]]}
        marks[0].statement = {**marks[0].statement, "mark_printed": True}
        marks[1].mark_text = "Tom \U0001f9ff"
    seal(pledge)
    printed = words_of(papers.read_paper(document_of(pledge)))
    assert fields_of(pledge)[1:] == ["pledger-1", "witness-2"]
    assert "PetraLindqvist" in printed


def test_marks_become_lines_and_nothing_else() -> None:
    assert papers.draw_mark([]) == ""
    assert papers.draw_mark([[]]) == ""
    drawn = papers.draw_mark([[0, 0, 10, 20], [5]])
    assert 'points="0,0 10,20"' in drawn
    assert 'viewBox="-20 -20 50 60"' in drawn


def test_what_no_font_can_print_is_not_opened(cast: Cast) -> None:
    event = make_event()
    with unit_of_work():
        draft = make_draft(event, title="A \U0001f9ff pledge")
        services.add_slot(draft, cast.people["petra"], "pledger", actor=cast.olaf)
    with pytest.raises(GlyphsMissing), unit_of_work():
        services.open_pledge(draft, actor=cast.olaf)
    db.session.refresh(draft)
    assert draft.state == PledgeState.DRAFT
    assert db.session.scalar(select(func.count(IssuedDocument.id))) == 0
    assert db.session.scalar(select(func.count(Certificate.id))) == 0


def test_after_a_refused_first_pledge_the_next_one_is_opened(cast: Cast) -> None:
    with pytest.raises(GlyphsMissing), unit_of_work():
        make_trio(make_event(), cast, title="A \U0001f9ff pledge")
    with unit_of_work():
        pledge = make_trio(make_event(), cast)
    assert fields_of(pledge) == ["seal"]


def test_many_signatories_have_each_their_place_over_several_pages(cast: Cast) -> None:
    event = make_event()
    with unit_of_work():
        roles = {
            save(Person(name=f"Pledger Number {number}", name_key=f"p{number}")): "pledger" for number in range(24)
        }
        pledge = make_open(event, roles)
    pdf = papers.read_paper(document_of(pledge))
    assert len(PdfReader(io.BytesIO(pdf)).pages) > 1
    boxes = sealing.boxes(pdf)
    assert len(boxes) == 26
    assert all(bottom > 50 for name, (_left, bottom, _right, _top) in boxes.items() if name != "seal")


def test_with_a_time_stamp_authority_that_is_silent_people_sign_and_sealing_waits(
    pledge: Pledge, cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    with unit_of_work():
        sign_by(pledge, cast, "petra")
    settings = app.extensions["hufu_settings"]
    monkeypatch.setitem(app.extensions, "hufu_settings", replace(settings, tsa_url="http://127.0.0.1:9/"))
    seal(pledge)
    assert fields_of(pledge) == ["seal"]
    monkeypatch.setitem(app.extensions, "hufu_settings", settings)
    seal(pledge)
    assert fields_of(pledge) == ["seal", "pledger-1"]


def test_a_clock_that_was_put_back_keeps_no_seal_off_a_paper(pledge: Pledge, cast: Cast) -> None:
    with unit_of_work():
        began = certificates.authority().issuing.valid_from
    with clock.at(began - timedelta(days=400)):
        with unit_of_work():
            earlier = make_in_force(make_event(), cast)
        seal(earlier)
        report = look(papers.read_paper(document_of(earlier)))
    assert document_of(earlier).is_complete
    assert all(each.is_intact and each.is_untouched for each in report.seals)
    assert {each.claimed_at for each in report.seals} == {began.replace(microsecond=0)}


def test_a_file_that_was_changed_on_the_disk_is_not_sealed_on(pledge: Pledge, cast: Cast) -> None:
    with unit_of_work():
        sign_by(pledge, cast, "petra")
    revision = papers.frozen(document_of(pledge))
    assert revision is not None
    path = files.path_of(revision.pdf_hash)
    path.write_bytes(path.read_bytes().replace(b"%PDF-1.7", b"%PDF-1.6", 1))
    seal(pledge)
    assert fields_of(pledge) == ["seal"]
