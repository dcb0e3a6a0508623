"""Every form of every page, driven with what it should not be given: no 500, no raw markup, a sentence, nothing lost."""

import io
import re
import zipfile
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import FileStorage

from app.core.text import one_line, tidy
from tests.architecture.driving import DRIVERS, TEXTS, Drive, Form, forms_of

SCRIPT = "<script>alert('hufu')</script>\"'><img src=x onerror=alert(1)>"
HOSTILE = {
    "empty": "",
    "blank": "  \t ",
    "long": "a" * 30_000,
    "script": SCRIPT,
    "formula": '=HYPERLINK("http://evil.example")',
    "header": "Subject\r\nBcc: evil@evil.example\x00\u2028x",
    "path": "../../../../etc/passwd",
    "bidi": "\u202egnp.exe\u2066 \u200f名",
    "surrogate": b"\xed\xa0\x80\xff\xfe",
    "number": "99999999999999999999",
    "negative": "-1",
    "template": "{{1103*7}} %(x)s %s {0.__class__} ${7*7}",
    "chinese": "会议纪要𠮷👩‍👩‍👧",
    "quote": "' OR 1=1 -- \\",
}


def look_at(answer: Any, where: str) -> str:
    """What every answer to a form holds, whatever was sent. Gives the page."""
    assert answer.status_code < 500, f"{where}: {answer.status_code}"
    page = answer.get_data(as_text=True)
    assert "<script>alert" not in page, where
    assert "<img src=x" not in page, where
    assert "7721" not in page, where
    if answer.status_code == 422:
        assert '-wrong"' in page or 'role="alert"' in page, f"{where}: refused without a sentence"
    return page


@pytest.mark.parametrize("name", DRIVERS)
def test_hostile_input_breaks_no_form(drive: Drive, name: str) -> None:
    driven = 0
    for form in drive.forms_of(name):
        if not form.typed:
            continue
        for what, value in HOSTILE.items():
            sent = {**form.as_it_stands(), **dict.fromkeys(form.typed, value)}
            look_at(drive.send(form, sent, intent=f"{what}-{driven}"), f"{form} {what}")
            driven += 1
        drive.walk.restore()
    assert driven > 0 or name == "rita"  # who has one button of her own


def test_every_single_field_takes_hostile_text_alone(drive: Drive) -> None:
    """One bad value among good ones: where it is refused, what was typed in the other fields comes back."""
    for form in drive.forms:
        texts = form.of_kind(*TEXTS)
        for bad in texts:
            sent = {**form.as_it_stands(), **{each: f"kept words {each}" for each in texts}, bad: "x" * 30_000}
            answer = drive.send(form, sent, intent=f"one-{bad}")
            page = look_at(answer, f"{form} {bad}")
            if answer.status_code == 422:
                for each in texts:
                    if each != bad and form.fields[each] in ("text", "textarea"):
                        assert f"kept words {each}" in page, f"{form}: {each} was lost"
        if texts:
            drive.walk.restore()


ANYTHING = st.text(alphabet=st.characters(codec=None), max_size=40)
NEAR = st.sampled_from(
    ["0", "-0", "1e9", "٣", "2027-02-30", "2027-03-28T02:30", "0000-00-00", "0" * 16, "y", "true", "\x00", "é"]
)


@pytest.mark.parametrize("name", DRIVERS)
def test_no_text_whatever_breaks_a_form_or_is_half_done_or_lost(drive: Drive, name: str) -> None:
    """Anything that can be typed, in all fields of a form at once. A refusal stores nothing and gives back what was typed."""
    before = drive.rows()
    for form in drive.forms_of(name):
        if form.typed:
            try_texts(drive, form, before)


def try_texts(drive: Drive, form: Form, before: dict[str, Any]) -> None:
    number = 0

    @settings(max_examples=3, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.fixed_dictionaries({name: ANYTHING | NEAR for name in form.typed}))
    def attempt(typed: dict[str, str]) -> None:
        nonlocal number
        number += 1
        sent = {each: value.encode("utf-8", "surrogatepass") for each, value in typed.items()}
        counter = drive.counter()
        answer = drive.send(form, {**form.as_it_stands(), **sent}, intent=f"anything-{number}")
        moved = counter.moved()
        counter.close()
        page = look_at(answer, f"{form} {typed}")
        refused = answer.status_code == 422
        if refused:
            check_that_it_stays(form, typed, page)
        if refused and not form.of_kind("password"):  # a wrong password is counted, and told in the log
            assert not moved or drive.rows() == before, f"{form}: a refusal stored something of {typed}"
        elif moved:
            drive.walk.restore()

    attempt()


def check_that_it_stays(form: Form, typed: dict[str, str], page: str) -> None:
    """Cleaned as text is on its way in, but whole; a password is the one thing that does not come back."""
    there = forms_of(page)
    same = [each for each in there if each.action == form.action] or there  # a page may hold a form for each row
    shown = {name: value for each in same for name, value in each.values.items()}
    for name in form.of_kind("text", "textarea"):
        clean = tidy(typed[name]).strip() if form.fields[name] == "textarea" else one_line(typed[name])
        assert shown.get(name, "").strip() in (clean, typed[name].strip()), f"{form}: {name} was lost"


# --- files


def archive(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;&b;&b;&b;</x>'
FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "report.pdf"),
    "wrong type": (b"MZ\x90\x00 not a paper", "setup.exe"),
    "belied": (b"MZ\x90\x00 not a paper", "report.pdf"),
    "page": (b"<html><script>alert('hufu')</script>", "page.html"),
    "picture with a script": (b"<svg onload=alert(1)>", "drawing.svg"),
    "hostile name": (b"\x00\x01", "../../\x00etc/<img src=x onerror=alert(1)>\u202efdp.exe"),
    "no name to speak of": (b"\x00\x01", "." * 300),
    "broken sheet": (b"PK\x03\x04 and no more", "people.xlsx"),
    "sheet without a book": (archive(readme=b"nothing"), "people.xlsx"),
    "bomb": (
        archive(xl__workbook_xml=b"\x00" * 60_000_000, xl__worksheets__sheet1_xml=b"\x00" * 60_000_000),
        "people.xlsx",
    ),
    "entities": (archive(xl__workbook_xml=ENTITIES, xl__worksheets__sheet1_xml=ENTITIES), "people.xlsx"),
    "no text": (b"\xff\xfe\x00\xd8" * 9, "people.csv"),
    "endless line": (b"a," * 400_000, "people.csv"),
    "too large": (b"%PDF-" + b"0" * (21 * 1024 * 1024), "report.pdf"),
}


def test_a_hostile_file_is_refused_with_a_sentence_and_leaves_nothing(drive: Drive) -> None:
    """UP1 to UP8 in every form that takes a file. Where a file is only compared and not kept, anything may be compared."""
    folder = drive.walk.file.parent / "files"
    before, kept = drive.rows(), sorted(folder.rglob("*"))
    takers = [form for form in drive.forms if form.of_kind("file")]
    assert len(takers) >= 3
    for form in takers:
        (name,) = form.of_kind("file")
        others = ("url", "figure")  # what may be given instead of a file
        words = {
            each: f"kept words {each}"
            for each in form.of_kind("text", "textarea")
            if not any(other in each for other in others)
        }
        for what, (content, file_name) in FILES.items():
            sent = {
                **form.filled(),
                **dict.fromkeys(form.of_kind("text"), ""),
                **words,
                name: FileStorage(io.BytesIO(content), file_name),
            }
            answer = drive.send(form, sent, intent=f"file-{what}")
            page = look_at(answer, f"{form} {what}")
            if file_name.endswith((".xlsx", ".csv")) and form.action.endswith(("/delegations", "/evidence/new")):
                # Kept as it is and never opened here, or something else than the file is refused.
                drive.walk.restore()
                kept = sorted(folder.rglob("*"))
                continue
            if not form.action.startswith("/verify"):
                assert answer.status_code == 422, f"{form} {what}: {answer.status_code}"
            if answer.status_code == 422:
                assert f'id="{name}-wrong"' in page, (
                    f"{form} {what}: no sentence beside the field {re.findall('-wrong.{0,200}', page)}"
                )
                for each in words:
                    assert f"kept words {each}" in page, f"{form} {what}: {each} was lost"
            assert drive.rows() == before, f"{form} {what}: something was stored"
            assert sorted(folder.rglob("*")) == kept, f"{form} {what}: a file was left"
