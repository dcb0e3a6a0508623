"""Old minutes become a draft that somebody accepts: nothing of it is reviewed, signed or read before."""

import io
from typing import Any

import pytest
from docx import Document
from flask import Flask

from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden
from app.events.models import Event
from app.files import services as files
from app.files.models import StoredFile
from app.minutes import extracts, importing, paper, plain, services
from app.minutes.errors import AlreadyThere, WrongStage
from app.minutes.models import Minutes, MinutesState
from app.minutes.services import importing as acts
from app.people.models import Clearance
from app.programme.models import Session
from tests.cast import Cast, load
from tests.factories import make_event, make_session
from tests.factories.minutes import make_draft, make_published, put_in_review

TEXT = "# Minutes of 2019\n\nNo. 2019-07\n\n## Opening\n\nAt nine.\n\n## Decided\n\nTo go on. {{meeting}}\n"


def read_paper(cast: Cast, text: str = TEXT, name: str = "old.md", **values: Any) -> Minutes:
    return acts.read_in(make_session(make_event()), importing.read_file(text.encode(), name), actor=cast.sara, **values)


def test_a_paper_becomes_a_draft_with_its_file_and_its_number(cast: Cast) -> None:
    with unit_of_work():
        minutes = read_paper(cast, clearance=Clearance.RESTRICTED)
    version = minutes.newest
    assert (minutes.title, minutes.earlier_number, minutes.state) == ("Minutes of 2019", "2019-07", MinutesState.DRAFT)
    assert [each.heading for each in version.sections] == ["", "Opening", "Decided"]
    assert {each.clearance for each in version.sections} == {Clearance.RESTRICTED}
    assert version.needs_acceptance
    assert files.read(version.source_file) == TEXT.encode()
    assert (minutes.recorder, minutes.recorder_account_id) == (None, cast.sara.id)
    assert "{{meeting}}" in paper.content_of(extracts.read(version, Clearance.SECRET))["sections"][2]["text"].replace(
        "\\", ""
    )
    assert extracts.read(version, Clearance.SECRET).parts[2].bindings == []


def test_rule_37_what_was_read_in_waits_for_somebody_to_accept_it(cast: Cast) -> None:
    with unit_of_work():
        minutes = read_paper(cast)
        with pytest.raises(WrongStage, match="read in from a paper"):
            services.send_to_review(minutes, actor=cast.sara)
        acts.accept_paper(minutes, actor=cast.sara)
        with pytest.raises(WrongStage, match="does not wait"):
            acts.accept_paper(minutes, actor=cast.sara)
        put_in_review(cast, minutes)
        services.approve(minutes, actor=cast.li_wei)
    assert minutes.number is not None
    assert minutes.earlier_number == "2019-07"
    assert not minutes.newest.needs_acceptance


def test_what_was_read_in_wrongly_is_thrown_away_with_its_file_and_can_be_read_in_again(cast: Cast) -> None:
    with unit_of_work():
        minutes = read_paper(cast)
        session, path = minutes.session, files.path_of(minutes.newest.source_file.sha256)
    with unit_of_work():
        acts.discard_paper(minutes, actor=cast.sara)
    assert db.session.query(Minutes).count() == 0
    assert db.session.query(StoredFile).count() == 0
    assert not path.exists()
    with unit_of_work():
        again = acts.read_in(session, importing.read_file(TEXT.encode(), "old.md"), actor=cast.sara)
        acts.accept_paper(again, actor=cast.sara)
        with pytest.raises(WrongStage):
            acts.discard_paper(again, actor=cast.sara)
    assert [each.action for each in db.session.query(AuditEntry).filter(AuditEntry.action.like("minutes.%"))] == [
        "minutes.read_in", "minutes.paper_discarded", "minutes.read_in", "minutes.paper_accepted",
    ]  # fmt: skip


def test_nothing_but_an_unaccepted_paper_is_thrown_away(cast: Cast) -> None:
    with unit_of_work():
        for made in (make_draft(cast), make_published(cast)):
            with pytest.raises(WrongStage, match="does not wait"):
                acts.discard_paper(made, actor=cast.sara)
        with pytest.raises(AlreadyThere):
            acts.read_in(made.session, importing.read_file(TEXT.encode(), "a.md"), actor=cast.sara)
        minutes = read_paper(cast)
        for name in ("petra", "li_wei", "aude", "ada"):
            actor = cast.accounts[name]
            with pytest.raises(Forbidden):
                acts.accept_paper(minutes, actor=actor)
            with pytest.raises(Forbidden):
                acts.discard_paper(minutes, actor=actor)
            with pytest.raises(Forbidden):
                acts.read_in(make_session(make_event()), importing.read_file(b"x", "a.md"), actor=actor)


def test_what_went_out_as_markdown_comes_in_as_the_same_sections(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_published(cast, text="## One\n\nA **b** [c](https://example.org).\n\n## Two\n\n1. d\n2. e")
    sheet = paper.paper_for(minutes.newest, Clearance.SECRET)
    again = importing.read_file(plain.to_markdown_text(sheet).encode(), "out.md")
    assert again.title == minutes.title
    assert again.number == minutes.label
    assert again.attendance == minutes.newest.attendance
    texts = {each.heading: each.text for each in again.sections}
    assert texts["One"] == "A **b** [c](<https://example.org>)."
    assert texts["Two"] == "1. d\n2. e"


# --- pages --------------------------------------------------------------------------------------------------------


def place(app: Flask) -> tuple[str, str]:
    with app.app_context():
        load()
        with unit_of_work():
            session = make_session(make_event())
        return f"/events/{session.event.ref}/minutes", session.ref


def upload(session_ref: str, data: bytes, name: str, **more: str) -> dict[str, Any]:
    return {"session_ref": session_ref, "language": "en", "clearance": "1", "file": (io.BytesIO(data), name), **more}


def test_the_pages_lead_from_the_file_to_the_accepted_draft(app: Flask, as_) -> None:
    base, session_ref = place(app)
    document = Document()
    document.add_heading("Old minutes", 1)
    document.add_paragraph("Words of then.")
    out = io.BytesIO()
    document.save(out)
    sara = as_("sara")
    assert "Read in old minutes" in sara.get(base).text
    made = sara.post(f"{base}/import", upload(session_ref, out.getvalue(), "旧纪要.docx", earlier_number="2001/3"))
    assert made.status_code == 303
    page = sara.get(made.location)
    for words in ("Words of then.", "2001/3", "旧纪要.docx", "Read in rightly"):
        assert words in page.text
    raw = sara.get(f"{made.location}/file")
    assert raw.data == out.getvalue()
    assert raw.headers["Content-Disposition"].startswith("attachment; filename=paper.docx; filename*=UTF-8''%E6%97%A7")
    assert "sandbox" in raw.headers["Content-Security-Policy"]
    minutes_url = made.location.removesuffix("/paper")
    assert "not accepted yet" in sara.get(minutes_url).text
    for name in ("petra", "rita", "xaver"):
        reader = as_(name)
        for url in (made.location, f"{made.location}/file"):
            assert reader.get(url).status_code == 404, name
    assert as_("li_wei").get(f"{made.location}/file").status_code == 403
    assert sara.post(f"{made.location}/acceptance").status_code == 303
    assert "not accepted yet" not in sara.get(minutes_url).text
    assert "read in rightly" in sara.get(made.location).text


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (b"", "a.md", "Please choose a file.|This file is empty."),
        (b"<script>", "a.html", "Please give a Word document"),
        (b"PK\x03\x04", "a.docx", "cannot be read"),
        (b"word " * 45_000, "a.txt", "too long"),
    ],
)
def test_a_file_that_is_not_read_in_is_refused_beside_the_field_and_keeps_what_was_typed(
    app: Flask, as_, data: bytes, name: str, sentence: str
) -> None:
    base, session_ref = place(app)
    answer = as_("sara").post(f"{base}/import", upload(session_ref, data, name, earlier_number="typed-17"))
    assert answer.status_code == 422
    assert any(each in answer.text for each in sentence.split("|"))
    assert "typed-17" in answer.text
    with app.app_context():
        assert db.session.query(Minutes).count() == 0
        assert db.session.query(StoredFile).count() == 0


def test_a_session_of_another_gathering_is_not_written_about(app: Flask, as_) -> None:
    base, _session_ref = place(app)
    _other, elsewhere = place(app)
    answer = as_("sara").post(f"{base}/import", upload(elsewhere, TEXT.encode(), "a.md"))
    assert answer.status_code == 422
    with app.app_context():
        assert db.session.query(Minutes).count() == 0
        assert db.session.query(Session).count() == 2
        assert db.session.query(Event).count() == 2
