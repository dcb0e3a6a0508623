"""Templates of the house: how minutes begin, of one kind of session or of all, and the Word file they are written into."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused, Stale
from app.minutes import extracts, services
from app.minutes.models import Minutes, MinutesTemplate, Tradition
from app.minutes.services import templating
from app.people.models import Clearance
from tests.cast import Cast, load
from tests.conftest import Visitor
from tests.factories import make_event, make_session

As = Callable[[str], Visitor]
OUTLINE = [
    {"key": "", "heading": "Declaration", "level": None, "source": "All of this is ours."},
    {"key": "opening", "heading": "How it began", "level": "0", "source": ""},
    {"key": "decisions", "heading": "Decided", "level": None, "source": ""},
    {"key": "", "heading": "For the board", "level": "3", "source": ""},
]


def word() -> bytes:
    from docx import Document

    made = io.BytesIO()
    document = Document()
    document.add_paragraph("{{text}}")
    document.save(made)
    return made.getvalue()


def added(cast: Cast, **values: Any) -> MinutesTemplate:
    given = {"name": "Ours", "language": "en", "tradition": "assembly", "outline": OUTLINE, **values}
    return templating.add_template(actor=cast.sara, **given)


def test_minutes_begin_with_the_sections_of_their_template(cast: Cast) -> None:
    with unit_of_work():
        template = added(cast)
        minutes = services.draft_minutes(make_session(make_event(), title="Open"), actor=cast.sara)
    assert minutes.template is template
    told = [(each.key, each.heading, each.clearance) for each in minutes.newest.sections]
    assert told == [
        ("", "Declaration", Clearance.INTERNAL),
        ("opening", "How it began", Clearance.PUBLIC),
        ("", "For the board", Clearance.SECRET),
    ]  # nothing was decided, and what is written by hand stays
    assert extracts.read(minutes.newest, Clearance.SECRET).markdown.startswith("## Declaration\n\nAll of this is ours.")


def test_the_template_for_a_kind_of_session_goes_before_that_of_the_house(cast: Cast) -> None:
    with unit_of_work():
        house = added(cast)
        board = added(cast, session_kind="board")
        chinese = added(cast, language="zh_Hans_CN", tradition="summary", session_kind="board")
        away = added(cast, session_kind="town_hall")
        templating.put_away(away, actor=cast.sara)
        event = make_event()
        found = {
            kind: services.draft_minutes(make_session(event, kind=kind), actor=cast.sara).template
            for kind in ("board", "strategy", "town_hall")
        }
        session = make_session(event, kind="board")
        translated = services.draft_minutes(session, actor=cast.sara, language="zh").template
        chosen = services.draft_minutes(session, actor=cast.sara, template=house).template
    assert found == {"board": board, "strategy": house, "town_hall": house}
    assert (translated, chosen) == (chinese, house)
    with pytest.raises(Refused), unit_of_work():
        services.draft_minutes(make_session(event), actor=cast.sara, template=chinese)
    assert db.session.query(Minutes).count() == 5


def test_only_those_who_organize_record_or_administer_keep_templates(cast: Cast) -> None:
    with unit_of_work():
        template = added(cast)
    for name in ("sven", "li_wei", "petra", "aude"):
        for act in (
            lambda actor: templating.add_template(
                actor=actor, name="x", language="en", tradition="assembly", outline=OUTLINE
            ),
            lambda actor: templating.change_template(
                template, actor=actor, name="x", language="en", tradition="assembly", outline=OUTLINE
            ),
            lambda actor: templating.put_away(template, actor=actor),
            lambda actor: templating.take_out(template, actor=actor),
        ):
            with pytest.raises(Forbidden), unit_of_work():
                act(cast.accounts[name])
    assert db.session.query(MinutesTemplate).one().name == "Ours"


def test_an_outline_that_cannot_be_drafted_is_refused(cast: Cast) -> None:
    row = OUTLINE[1]
    for outline, words in (
        ([], "at least one section"),
        ([{**row, "heading": ""}], "needs a heading"),
        ([row, row], "in two sections"),
        ([{**row, "key": "secrets"}], "no such records"),
        ([{"key": "", "heading": str(number)} for number in range(41)], "40 sections at most"),
    ):
        with pytest.raises(Refused, match=words), unit_of_work():
            added(cast, outline=outline)
    with unit_of_work():
        template = added(cast)
    with pytest.raises(Stale), unit_of_work():
        templating.change_template(
            template, actor=cast.sara, version=0, name="Late", language="en", tradition="assembly", outline=OUTLINE
        )
    assert db.session.query(MinutesTemplate).one().name == "Ours"


def test_a_template_is_kept_from_its_page_with_its_word_file(app: Flask, as_: As) -> None:
    sara = as_("sara")
    fresh = sara.get("/minutes/templates/new?tradition=summary&language=zh_Hans_CN").text
    assert "会议决定" in fresh
    given = {
        "name": "Board", "language": "en", "session_kind": "board", "tradition": "assembly", "paper_heading": "Qinglan",
        "rows-0-place": "20", "rows-0-heading": "Second", "rows-0-key": "decisions",
        "rows-0-level": "", "rows-1-key": "",
        "rows-1-place": "10", "rows-1-heading": "First", "rows-1-level": "2", "rows-1-source": "Words of {{chair}}",
        "rows-2-place": "30", "rows-2-heading": "", "rows-2-key": "",
    }  # fmt: skip
    broken = sara.post("/minutes/templates/new", {**given, "word": (io.BytesIO(b"PK\x03\x04 no"), "ours.docx")})
    assert broken.status_code == 422
    assert "Words of {{chair}}" in broken.text
    other = sara.post("/minutes/templates/new", {**given, "word": (io.BytesIO(b"%PDF-1.7"), "ours.pdf")})
    assert "Please give a Word document (.docx)." in other.text
    kept = sara.post("/minutes/templates/new", {**given, "word": (io.BytesIO(word()), "ours.docx")})
    assert kept.status_code == 303
    with app.app_context():
        template = db.session.query(MinutesTemplate).one()
        assert [(each["heading"], each["key"], each["level"]) for each in template.outline] == [
            ("First", "", 2), ("Second", "decisions", None),
        ]  # fmt: skip
        assert (template.session_kind, template.tradition, template.paper_heading) == (
            "board",
            Tradition.ASSEMBLY,
            "Qinglan",
        )
        url = f"/minutes/templates/{template.ref}"
    assert "ours.docx" in sara.get("/minutes/templates").text
    page = sara.get(url).text
    assert 'value="First"' in page
    assert sara.get(f"{url}/word").data.startswith(b"PK")
    changed = {**given, "name": "Board of ours", "without_word": "y", "version": "1"}
    assert sara.post(url, changed).status_code == 303
    assert sara.post(url, {**changed, "name": "Late"}).status_code == 409
    assert sara.get(f"{url}/word").status_code == 404
    assert sara.post(f"{url}/archiving", {}).status_code == 303
    assert "Put away" in sara.get("/minutes/templates").text
    assert sara.post(f"{url}/return", {}).status_code == 303
    for tail in ("", "/word"):
        assert as_("petra").get(url + tail).status_code == 403
    assert sara.get(f"/minutes/templates/{'0' * 16}").status_code == 404


def test_the_draft_is_begun_with_the_chosen_template(app: Flask, as_: As) -> None:
    with app.app_context():
        with unit_of_work():
            template = added(load(), session_kind="board")
            session = make_session(make_event(status="published"), kind="strategy")
        url, ref, own = f"/events/{session.event.ref}/minutes/new", session.ref, template.ref
        db.session.rollback()
    sara = as_("sara")
    assert sara.post(url, {"session_ref": ref, "language": "zh_Hans_CN", "template_ref": own}).status_code == 422
    assert sara.post(url, {"session_ref": ref, "language": "en", "template_ref": own}).status_code == 303
    with app.app_context():
        template = db.session.query(Minutes).one().template
        assert template is not None
        assert template.ref == own
