"""What anybody learns who holds a code, a copy, or a forgery."""

import hashlib
import io
import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import audit
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.roles import SYSTEM
from app.files import services as files
from app.signing import services
from app.signing.canonical import fingerprint
from app.signing.models import IssuedDocument
from app.signing.queries import Finding, check
from tests.factories import make_event
from tests.tampering import change_by_hand

PDF = b"%PDF-1.7 canary"


def issue(**values: Any) -> IssuedDocument:
    given = {
        "title": "Canary title",
        "subject_ref": "subject000000000",
        "edition": 1,
        "content": {"text": "We promise.", "n": 7},
    }
    with unit_of_work():
        document = services.issue("pledge", **{**given, **values})
        services.attach_pdf(document, files.store(PDF, "a.pdf", "application/pdf", actor=SYSTEM))
    return document


def by_hand(app: Flask, statement: str) -> None:
    with app.app_context():
        db.session.remove()
        change_by_hand(db.engine.url.database, statement)


@pytest.fixture
def document(app: Flask) -> str:
    """The code of an issued document."""
    with app.app_context():
        return issue().code


def ask(app: Flask, code: str, file: bytes | None = None, language: str = "en") -> tuple[int, str]:
    client = app.test_client()
    headers = {"Accept-Language": language}
    page = client.get(f"/verify/{code}", headers=headers)
    if file is not None:
        token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
        page = client.post(
            f"/verify/{code}", data={"csrf_token": token, "file": (io.BytesIO(file), "a.pdf")}, headers=headers,
            content_type="multipart/form-data",
        )  # fmt: skip
    return page.status_code, page.text


def test_an_issued_document_is_complete_and_its_title_stays_inside(app: Flask, document: str) -> None:
    status, text = ask(app, document)
    assert (status, "<h2>Complete and unchanged</h2>" in text) == (200, True)
    assert "Whether your copy says the same is told by its file" in text  # the code alone can stand on a forged paper
    assert "Canary" not in text
    assert "We promise" not in text


def test_a_title_is_told_where_it_is_public(app: Flask) -> None:
    with app.app_context():
        code = issue(is_title_public=True).code
    assert "Canary title" in ask(app, code)[1]


def test_the_page_speaks_chinese(app: Flask, document: str) -> None:
    assert "<h2>完整且未经改动</h2>" in ask(app, document, language="zh-CN")[1]


def test_what_not_all_have_signed_is_incomplete(app: Flask) -> None:
    with app.app_context():
        code = issue(is_complete=False).code
    assert "Unchanged but incomplete" in ask(app, code)[1]


def test_a_newer_edition_makes_the_first_an_older_one(app: Flask, document: str) -> None:
    with app.app_context():
        newer = issue(edition=2).code
    text = ask(app, document)[1]
    assert ("An older version" in text, "Version 2 has taken its place." in text) == (True, True)
    assert "Complete and unchanged" in ask(app, newer)[1]


def test_a_withdrawn_document_says_so_in_all_editions(app: Flask, document: str) -> None:
    with app.app_context():
        newer = issue(edition=2).code
        with unit_of_work():
            services.withdraw("subject000000000")
    for code in (document, newer):
        assert "<h2>Withdrawn</h2>" in ask(app, code)[1]


@pytest.mark.parametrize("code", ["0000-0000-0000-0000", "x", "%00", "%E6%88%98", "a" * 3000, "' OR 1=1 --"])
def test_an_unknown_code_is_unknown(app: Flask, document: str, code: str) -> None:
    status, text = ask(app, code)
    assert (status, "No document was issued here under this code." in text) == (404, True)


@pytest.mark.parametrize(
    "change",
    [
        "content = '{\"n\": 8, \"text\": \"We promise.\"}'", "content = '{\"n\": 7.5}'", "content_hash = 'x'", "audit_head = 'f00'",
        "content = '{\"n\": 7, \"text\": \"We  promise.\"}'",
    ],
)  # fmt: skip
def test_a_row_that_was_changed_is_told_as_changed(app: Flask, change: str) -> None:
    with app.app_context():
        with unit_of_work():
            audit.record(SYSTEM, "x.y", make_event())
        code = issue().code
    by_hand(app, f"UPDATE issued_document SET {change}")
    status, text = ask(app, code)
    assert (status, "<h2>Changed</h2>" in text) == (200, True)
    assert "Canary" not in text


def test_a_file_is_compared_byte_for_byte(app: Flask, document: str) -> None:
    status, text = ask(app, document, PDF)
    assert (status, "exactly the one that was issued" in text) == (200, True)
    for forged in (PDF + b"\n", PDF.replace(b"canary", b"canarz"), b"x"):
        status, text = ask(app, document, forged)
        assert (status, "is not the one that was issued under this code" in text) == (200, True)


def test_a_file_under_another_documents_code_is_not_the_one(app: Flask, document: str) -> None:
    with app.app_context():
        with unit_of_work():
            other = services.issue("pledge", title="T", subject_ref="other00000000000", edition=1, content={"a": 1})
            services.attach_pdf(other, files.store(b"%PDF-other", "b.pdf", "application/pdf", actor=SYSTEM))
        code = other.code
    assert "is not the one that was issued" in ask(app, code, PDF)[1]


def test_an_empty_choice_asks_for_the_file(app: Flask, document: str) -> None:
    status, text = ask(app, document, b"")
    assert (status, "Please choose the PDF first." in text) == (422, True)


def test_before_the_pdf_is_made_a_file_is_neither_right_nor_wrong(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        code = services.issue("pledge", title="T", subject_ref="s", edition=1, content={"a": 1}).code
    status, text = ask(app, code, PDF)
    assert (status, "The PDF is still being made." in text, "<h2>Cannot tell</h2>" in text) == (200, True, True)


def test_nothing_that_is_uploaded_is_kept(app: Flask, document: str) -> None:
    ask(app, document, b"somebody else's letter")
    with app.app_context():
        assert [path.read_bytes() for path in files.folder().rglob("*") if path.is_file()] == [PDF]


def test_a_code_is_taken_as_people_type_it(app: Flask, document: str) -> None:
    client = app.test_client()
    token = client.get("/verify").text.split('name="csrf_token" value="')[1].split('"')[0]
    plain = document.replace("-", "")
    typed = [
        document,
        plain.lower(),
        f"  {plain[:8]} {plain[8:]} ",
        plain.replace("0", "O").replace("1", "l"),
        plain.replace("0", "o"),
    ]
    for each in typed:
        answer = client.post("/verify", data={"csrf_token": token, "code": each})
        assert (answer.status_code, answer.location) == (303, f"/verify/{document}")
    assert client.post("/verify", data={"csrf_token": token, "code": "//evil.example"}).location == "/verify/0"
    assert client.post("/verify", data={"csrf_token": token, "code": ""}).status_code == 422


def test_the_pdf_is_attached_once(app: Flask, document: str) -> None:
    with app.app_context():
        found = check(document).document
        assert found
        with unit_of_work():
            services.attach_pdf(found, files.store(b"%PDF-other", "b.pdf", "application/pdf", actor=SYSTEM))
        assert check(document, file_hash=found.pdf_hash).finding == Finding.COMPLETE


def test_content_rewritten_together_with_its_fingerprint_is_told_as_changed(app: Flask, document: str) -> None:
    """Whoever can write the table still cannot make the log agree."""
    content = {"n": 7, "text": "We promise nothing."}
    with app.app_context():
        assert check(document).finding is Finding.COMPLETE
    by_hand(
        app,
        f"UPDATE issued_document SET content = '{json.dumps(content)}', content_hash = '{fingerprint(content)}'",
    )
    with app.app_context():
        assert check(document).finding is Finding.CHANGED


def test_a_log_row_rewritten_to_fit_is_told_as_changed(app: Flask, document: str) -> None:
    content = {"n": 7, "text": "We promise nothing."}
    details = json.dumps({"content_hash": fingerprint(content)})
    by_hand(
        app,
        f"UPDATE issued_document SET content = '{json.dumps(content)}', content_hash = '{fingerprint(content)}'",
    )
    by_hand(app, f"UPDATE audit_entry SET details = '{details}' WHERE action = 'document.issued'")
    with app.app_context():
        assert check(document).finding is Finding.CHANGED


def test_attack_a_file_put_in_place_of_the_issued_one_by_sql_is_told_as_changed(app: Flask, document: str) -> None:
    """Whoever writes the hash of a forged file into the database does not write it into the log."""
    forged = b"%PDF-1.7 a kinder promise"
    by_hand(app, f"UPDATE issued_document SET pdf_hash = '{hashlib.sha256(forged).hexdigest()}'")
    text = ask(app, document, forged)[1]
    assert ("<h2>Changed</h2>" in text, "The log does not hold this file." in text) == (True, True)


@pytest.mark.parametrize(("deed", "verdict"), [("withdrawn", "Withdrawn"), ("superseded", "An older version")])
def test_attack_what_has_ended_is_not_revived_by_an_emptied_column(
    app: Flask, document: str, deed: str, verdict: str
) -> None:
    with app.app_context(), unit_of_work():
        found = db.session.scalars(select(IssuedDocument)).one()
        services.withdraw(found.subject_ref) if deed == "withdrawn" else services.supersede(found.subject_ref, by=2)
    before = ask(app, document, PDF)[1]
    by_hand(app, f"UPDATE issued_document SET {deed}_at = NULL")
    for text in (ask(app, document)[1], ask(app, document, PDF)[1]):
        assert (f"<h2>{verdict}</h2>" in text, "Complete and unchanged" in text) == (True, False)
        assert ("Version 2 has taken its place." in text) == (deed == "superseded")
    assert f"<h2>{verdict}</h2>" in before


def test_of_a_file_of_which_the_log_never_told_the_page_claims_no_more_than_it_knows(app: Flask, document: str) -> None:
    with app.app_context(), unit_of_work():
        found = db.session.scalars(select(IssuedDocument)).one()
        row = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "document.printed")).one()
        assert row.details == {"pdf_hash": found.pdf_hash}
    assert "the log of the company holds this very file" in ask(app, document, PDF)[1]
    by_hand(app, "UPDATE audit_entry SET action = 'document.other' WHERE action = 'document.printed'")
    text = ask(app, document, PDF)[1]
    assert ("exactly the one that was issued" in text, "holds this very file" in text) == (True, False)
