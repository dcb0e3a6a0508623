"""The files of minutes over the web: who gets which, under what name, what it costs, and what the log keeps of it."""

import io
from datetime import date
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook

from app.core import jobs
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.decisions import services as decisions
from app.minutes import paper, services, tables
from app.minutes.models import Minutes
from app.people.models import Clearance
from app.progress.models import Progress
from tests.cast import Cast, load
from tests.factories import make_event, make_session
from tests.factories.minutes import make_draft, make_published, put_in_review

FILES = ("pdf", "word", "markdown", "text", "decisions")
TEXT = "## Open\n\nFor all.\n\n## Closed\n\nCanary of the few."


def classify(minutes: Minutes, heading: str, level: int) -> None:
    next(each for each in minutes.newest.sections if each.heading == heading).clearance = level


def published(
    app: Flask, text: str = TEXT, level: int = Clearance.RESTRICTED, title: str = "Minutes of the year"
) -> str:
    """The address of the newest version of published minutes with a closed section."""
    with app.app_context():
        cast = load()
        with unit_of_work():
            minutes = make_draft(cast, text=text, title=title, session=make_session(make_event(audience="internal")))
            classify(minutes, "Closed", level)
            put_in_review(cast, minutes)
            services.approve(minutes, actor=cast.li_wei)
            services.publish(minutes, actor=cast.sara, participants=False)
        return f"/events/{minutes.event.ref}/minutes/{minutes.ref}/versions/{minutes.newest.ref}"


@pytest.mark.parametrize("form", FILES)
def test_a_reader_gets_each_file_under_its_own_name_and_no_more_than_they_read(app: Flask, as_, form: str) -> None:
    place = published(app)
    answer = as_("petra").get(f"{place}/{form}")
    assert answer.status_code == 200
    ending = {"word": "docx", "markdown": "md", "text": "txt", "decisions": "xlsx"}.get(form, form)
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith(f"attachment; filename=minutes-v1.{ending}; filename*=UTF-8''Minutes%20")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert b"Canary" not in answer.data
    with app.app_context():
        assert db.session.query(AuditEntry).filter_by(action="minutes.taken_along").count() == 0
    whole = as_("sara").get(f"{place}/{form}")
    assert whole.status_code == 200
    assert (b"Canary" in whole.data) == (form in ("markdown", "text"))
    with app.app_context():
        kept = db.session.query(AuditEntry).filter_by(action="minutes.taken_along").all()
        assert [each.details["form"] for each in kept] == [ending]


@pytest.mark.parametrize("form", FILES)
def test_there_is_no_file_for_whom_there_is_no_text(app: Flask, as_, form: str) -> None:
    place = published(app, "## Closed\n\nCanary of the few.")
    assert as_("petra").get(f"{place}/{form}").status_code == 404
    assert as_("nobody").get(f"{place}/{form}").status_code == 302
    assert as_("aude").get(f"{place}/{form}").status_code == 200
    draft = _draft(app)
    assert as_("petra").get(f"{draft}/{form}").status_code == 404
    assert as_("sara").get(f"{draft}/{form}").status_code == 200


def _draft(app: Flask) -> str:
    with app.app_context():
        cast = load()
        with unit_of_work():
            minutes = make_draft(cast, text=TEXT)
        return f"/events/{minutes.event.ref}/minutes/{minutes.ref}/versions/{minutes.newest.ref}"


def test_withdrawn_minutes_leave_no_file_for_readers(app: Flask, as_) -> None:
    place = published(app)
    with app.app_context():
        cast = load()
        with unit_of_work():
            services.withdraw(db.session.query(Minutes).one(), actor=cast.sara, reason="Wrong year.")
    petra = as_("petra")
    for form in FILES:
        assert petra.get(f"{place}/{form}").status_code == 404, form
    assert petra.get(place.partition("/versions")[0] + "/pdf").status_code == 404


def test_a_long_paper_is_made_while_its_reader_waits_and_only_theirs(app: Flask, as_) -> None:
    words = "The works reported a scrap rate of 4.6 per cent, above the plan of the year. " * 20
    place = published(app, "## Closed\n\nCanary.\n\n## Open\n\n" + "\n\n".join([words] * 50))
    petra = as_("petra")
    waiting = petra.get(f"{place}/pdf")
    assert waiting.status_code == 303
    assert waiting.location.startswith("/progress/")
    assert petra.get(f"{place}/pdf").location == waiting.location, "asked twice, made once"
    page = petra.get(waiting.location)
    assert "The PDF is being made" in page.text
    with app.app_context():
        asked = db.session.query(Progress).one()
        jobs.run_now(asked.job, progress_ref=asked.ref)
        assert asked.failure is None
    ready = petra.get(waiting.location)
    assert (ready.status_code, ready.location) == (303, f"{place}/pdf")
    answer = petra.get(ready.location)
    assert answer.data.startswith(b"%PDF-")
    document = petra.get(f"{place}/word")
    assert "The Word document is being made" in petra.get(document.location).text
    with app.app_context():
        asked = db.session.query(Progress).filter(Progress.key.like("minutes-docx%")).one()
        jobs.run_now(asked.job, progress_ref=asked.ref)
    made = petra.get(f"{place}/word")
    assert (made.status_code, made.data[:2]) == (200, b"PK")
    assert as_("rita").get(f"{place}/pdf").status_code == 303, "nobody gets what was made for others"
    with app.app_context():
        for each in db.session.query(Minutes).one().newest.extracts:
            jobs.run_now("keep_paper", document_ref=each.document.ref)
    assert as_("rita").get(f"{place}/pdf").data == answer.data, "the kept one is at hand at once, and is the same"


def test_each_file_costs_the_same_statements_however_long_the_minutes_are(app: Flask, as_, count_statements) -> None:
    counts: dict[str, list[int]] = {form: [] for form in FILES}
    for number in (1, 40):
        sections = "\n\n".join(f"## Part {each}\n\nWords." for each in range(number))
        place = published(app, f"## Closed\n\nCanary.\n\n{sections}", title=f"With {number}")
        petra = as_("petra")
        petra.get(place)
        for form in FILES:
            with count_statements() as said:
                assert petra.get(f"{place}/{form}").status_code == 200
            counts[form].append(len(said))
    for form, (one, many) in counts.items():
        assert one == many, form
        assert many <= 20, form


# --- decisions and actions ----------------------------------------------------------------------------------------


def rows_of(data: bytes) -> list[tuple[Any, ...]]:
    return list(load_workbook(io.BytesIO(data)).active.iter_rows(min_row=2, values_only=True))


def with_decisions(cast: Cast) -> tuple[Minutes, list[Any]]:
    session = make_session(make_event(), chair=cast.people["li_wei"])
    open_one = decisions.record_decision(
        session, actor=cast.sara, text="=Buy the kiln", mover=cast.people["petra"], means="vote", votes_for=7,
        votes_against=2, abstained=0,
    )  # fmt: skip
    closed = decisions.record_decision(session, actor=cast.sara, text="Canary", clearance=Clearance.RESTRICTED)
    handed = decisions.hand_out(
        open_one, actor=cast.sara, responsible=cast.people["tom"], verifier=cast.people["sven"],
        deliverable="A kiln that runs", criteria="It runs.", due_on=date(2027, 3, 1),
    )  # fmt: skip
    text = (
        f"## Open\n\n- {{{{decision {open_one.ref}}}}}\n- {{{{assignment {handed.ref}}}}}\n\n"
        f"## Closed\n\n{{{{decision {closed.ref}}}}}\n"
    )
    minutes = make_draft(cast, session=session, text=text)
    classify(minutes, "Closed", Clearance.RESTRICTED)
    return minutes, [open_one, handed, closed]


def test_the_workbook_of_decisions_and_actions_goes_by_the_extract(cast: Cast) -> None:
    with unit_of_work():
        minutes, _records = with_decisions(cast)
        put_in_review(cast, minutes)
        services.approve(minutes, actor=cast.li_wei)
    part, whole = (rows_of(tables.decisions(minutes.newest, level)) for level in (Clearance.INTERNAL, Clearance.SECRET))
    assert part == whole[:2]
    decided, action = part
    assert decided[0:2] == (1, "Decision")
    assert "=Buy the kiln" in decided[2]
    assert decided[3:9] == ("Open", cast.people["petra"].name, "By vote", 7, 2, 0)
    assert action[1] == "Action"
    assert action[9] == cast.people["tom"].name
    assert action[10].date() == date(2027, 3, 1)
    assert "Canary" in whole[2][2]
    assert "Canary" not in str(part)
    assert rows_of(tables.decisions(minutes.newest, Clearance.PUBLIC)) == []


def test_a_record_that_changed_since_gives_nothing_but_the_sentence(cast: Cast) -> None:
    with unit_of_work():
        minutes, (open_one, _handed, _closed) = with_decisions(cast)
        put_in_review(cast, minutes)
        services.approve(minutes, actor=cast.li_wei)
        open_one.votes_for, open_one.clearance = 8, Clearance.SECRET
    decided = rows_of(tables.decisions(minutes.newest, Clearance.INTERNAL))[0]
    assert "=Buy the kiln" in decided[2]
    assert decided[4:9] == (None,) * 5
    assert decided[11] == "The record was changed since; the sentence is that of the minutes."


def test_minutes_without_decisions_make_an_empty_table(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_published(cast)
    assert rows_of(tables.decisions(minutes.newest, Clearance.SECRET)) == []
    assert paper.paper_for(minutes.newest, Clearance.SECRET) is not None
