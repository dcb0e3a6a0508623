"""Reporting and proving in the browser: nothing asked twice, nothing typed lost."""

import io
import re
from contextlib import contextmanager

import pytest
from sqlalchemy import select

from app.core.db import db, unit_of_work
from app.requirements import services
from app.requirements.models import Assignment, Contributor, Evidence, Report
from tests import cast as the_cast
from tests.factories.requirements import make_assignment


@pytest.fixture
def stage(app):
    @contextmanager
    def telling():
        with app.app_context(), unit_of_work():
            yield the_cast.load()

    return telling


def page_of(assignment) -> str:
    return f"/events/{assignment.event.ref}/assignments/{assignment.ref}"


def test_rule_30_the_form_of_a_report_holds_what_was_said_last(stage, app, as_):
    with stage() as cast:
        assignment = make_assignment(cast, "in_progress")
        db.session.add(Contributor(assignment=assignment, person=cast.people["xaver"]))
        services.report(
            assignment, actor=cast.petra, text="Three drawn.", confidence=7, percent=60, blocked_by="No crane",
            help_needed="A crane",
        )  # fmt: skip
        page = page_of(assignment)
    petra = as_("petra")
    text = petra.get(f"{page}/reports/new").get_data(as_text=True)
    for said in ("Three drawn.", 'value="7"', 'value="60"', 'value="No crane"', 'value="A crane"'):
        assert said in text
    sent = petra.post(
        f"{page}/reports/new", {"text": "Four drawn.", "confidence": "8", "percent": "", "blocked_by": ""}
    )
    assert sent.status_code == 303
    wrong = petra.post(f"{page}/reports/new", {"text": "Kept words", "confidence": "11", "percent": "101"})
    assert (wrong.status_code, "Kept words" in wrong.get_data(as_text=True)) == (422, True)
    xaver = as_("xaver").get(f"{page}/reports/new").get_data(as_text=True)
    assert "Report on your part" in xaver
    assert 'name="confidence"' not in xaver
    assert "Three drawn." not in xaver.split("<main", 1)[1]  # what another said is not put into one's mouth
    assert as_("xaver").post(f"{page}/reports/new", {"text": "My part.", "confidence": "10"}).status_code == 303
    assert as_("rita").get(f"{page}/reports/new").status_code == 403
    shown = as_("sven").get(page).get_data(as_text=True)
    assert "on their part" in shown
    with app.app_context():
        kept = db.session.scalars(select(Report).order_by(Report.id)).all()
        assert [(each.confidence, each.percent, each.blocked_by) for each in kept[-2:]] == [
            (8, None, None), (None, None, None),
        ]  # fmt: skip
        assert db.session.scalar(select(Assignment)).confidence == 8


def test_evidence_is_given_as_a_file_a_figure_or_again_and_stands_beside_its_criterion(stage, app, as_):
    with stage() as cast:
        first = make_assignment(cast, "in_progress", criteria="42 t\nA report")
        second = make_assignment(cast, "in_progress", first.requirement, criteria="A report\nA picture")
        pages = page_of(first), page_of(second)
    petra = as_("petra")
    new = f"{pages[0]}/evidence/new"
    chosen = re.search(
        r'value="A report"[^>]*checked|checked[^>]*value="A report"', petra.get(f"{new}?for=1").get_data(as_text=True)
    )
    assert chosen
    for address in (f"{new}?for=99", f"{new}?for=x", f"{new}?for=%00"):
        assert petra.get(address).status_code == 200
    assert (
        petra.post(new, {"described_as": "Weighed", "figure": "43.1 t of 42 t", "criteria": "42 t"}).status_code == 303
    )
    file = {"described_as": "Acceptance", "criteria": "A report", "file": (io.BytesIO(b"%PDF-1.7 x"), "r.pdf")}
    assert petra.post(new, file, content_type="multipart/form-data").status_code == 303
    text = petra.get(pages[0]).get_data(as_text=True)
    criterion = text.index("<div>42 t</div>")
    assert criterion < text.index("43.1 t of 42 t") < text.index("<div>A report</div>") < text.index("r.pdf")
    with app.app_context():
        earlier = db.session.scalar(select(Evidence).where(Evidence.file_id.is_not(None))).ref
    again = petra.post(f"{pages[1]}/evidence/new", {"earlier_ref": earlier, "criteria": "A report"})
    assert again.status_code == 303
    text = petra.get(pages[1]).get_data(as_text=True)
    assert "given before, used again" in text
    assert "nothing proves it yet" in text  # the picture
    with app.app_context():
        found = db.session.scalars(select(Evidence).order_by(Evidence.id)).all()
        assert found[2].file_id == found[1].file_id


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"file": (b"MZ\x90\x00", "report.pdf")}, "The content of this file is not what its name says."),
        ({"file": (b"MZ\x90\x00", "setup.exe")}, "Files of this type are not taken."),
        ({"url": "javascript:alert(1)"}, "Please give an address that begins with"),
        ({"figure": "a lot"}, "Please give a number, and say what it counts."),
        ({}, "Please give one of these"),
        ({"figure": "3 t", "url": "https://x.hufu.example/"}, "Please give one of these"),
        ({"earlier_ref": "0123456789abcdef"}, "choice"),
    ],
)
def test_refused_evidence_says_why_and_loses_nothing_typed(stage, app, as_, sent, said):
    with stage() as cast:
        page = page_of(make_assignment(cast, "in_progress", criteria="42 t\nA report"))
    data = {name: (io.BytesIO(each[0]), each[1]) if name == "file" else each for name, each in sent.items()}
    answer = as_("petra").post(
        f"{page}/evidence/new", {"described_as": "What I typed", "criteria": "A report", **data},
        content_type="multipart/form-data",
    )  # fmt: skip
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in text
    assert "What I typed" in text
    assert re.search(r'value="A report"[^>]*checked|checked[^>]*value="A report"', text)
    with app.app_context():
        assert db.session.scalars(select(Evidence)).all() == []


def test_of_a_file_of_two_gigabytes_nothing_is_read(stage, as_):
    with stage() as cast:
        page = page_of(make_assignment(cast, "in_progress"))
    petra = as_("petra")
    answer = petra.client.post(
        f"{page}/evidence/new", environ_overrides={"CONTENT_LENGTH": str(2 * 1024**3)},
        content_type="multipart/form-data; boundary=x",
    )  # fmt: skip
    assert answer.status_code == 413
    assert "The file or text is larger than what is taken here." in answer.get_data(as_text=True)
    assert 'data-most-mb="20"' in petra.get(f"{page}/evidence/new").get_data(as_text=True)  # told before it is sent


def test_the_supervisor_sets_the_cadence_on_a_page_that_may_be_stale(stage, app, as_):
    with stage() as cast:
        page = f"{page_of(make_assignment(cast, 'accepted'))}/cadence"
    sven = as_("sven")
    version = re.search(r'name="version"[^>]*value="(\d+)"', sven.get(page).get_data(as_text=True)).group(1)
    assert sven.post(page, {"cadence_days": "7", "version": version}).status_code == 303
    stale = sven.post(page, {"cadence_days": "9", "version": version})
    assert (stale.status_code, "Stored now" in stale.get_data(as_text=True)) == (409, True)
    assert sven.post(page, {"cadence_days": "9" * 40, "version": "2"}).status_code == 422
    assert as_("petra").get(page).status_code == 403
    with app.app_context():
        assert db.session.scalar(select(Assignment)).cadence_days == 7
