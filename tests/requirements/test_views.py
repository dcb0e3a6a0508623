"""The pages, as members of the cast find them."""

import io
import re
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from app.core import audit
from app.core.db import db, unit_of_work
from app.events.models import Audience, Status
from app.requirements import services
from app.requirements.models import Addressee, Assignment, Evidence, Report, Requirement
from tests import cast as the_cast
from tests.factories import make_department, make_event, make_part, make_session
from tests.factories.requirements import (
    confirmed_requirement,
    in_days,
    make_assignment,
    record_requirement,
    record_speech,
)


def urls_of(assignment: Assignment) -> dict[str, str]:
    event = assignment.event
    requirement = f"/events/{event.ref}/requirements/{assignment.requirement.ref}"
    own = f"/events/{event.ref}/assignments/{assignment.ref}"
    return {"event": f"/events/{event.ref}", "requirement": requirement, "assignment": own}


@pytest.fixture
def stage(app):
    """`with stage() as cast:` stores what is told inside, in an app context of its own (else it leaks who is in)."""

    @contextmanager
    def telling():
        with app.app_context(), unit_of_work():
            yield the_cast.load()

    return telling


@pytest.fixture
def look(app):
    """`with look():` reads what is stored now."""
    return app.app_context


@pytest.fixture
def given(stage):
    """One assignment in the state that a test asks for, and its addresses."""

    def make(state: str = "in_progress", **values):
        with stage() as cast:
            assignment = make_assignment(cast, state, **values)
            facts = SimpleNamespace(
                id=assignment.id,
                requirement_ref=assignment.requirement.ref,
                ref=assignment.ref,
                event_ref=assignment.event.ref,
                responsible_ref=assignment.responsible.ref,
                verifier_ref=assignment.verifier.ref,
            )
            return facts, urls_of(assignment)

    return make


def test_every_page_opens_for_whoever_it_is_for(given, look, as_):
    _assignment, url = given("submitted")
    olaf, petra, tom = as_("olaf"), as_("petra"), as_("tom")
    for page in ("/requirements", f"{url['event']}/requirements", url["requirement"], f"{url['requirement']}/tracking",
                 f"{url['requirement']}/assignments/new", url["assignment"], f"{url['event']}/requirements?q=is:late"):  # fmt: skip
        assert olaf.get(page).status_code == 200, page
    assert petra.get("/my/commitments").status_code == 200
    assert "Five plans that can be produced" in petra.get("/my/commitments").get_data(as_text=True)
    assert tom.get(f"{url['assignment']}/verification").status_code == 200
    assert as_("li_wei").get(f"{url['requirement']}/withdrawal").status_code == 200


def test_an_assignment_goes_its_whole_way_in_the_browser(stage, look, as_):
    with stage() as cast:
        requirement = confirmed_requirement(cast, tracking="")
        requirement_id, page = requirement.id, f"/events/{requirement.event.ref}/requirements/{requirement.ref}"
        petra, tom = cast.people["petra"].ref, cast.people["tom"].ref
    sven, petras, toms = as_("sven"), as_("petra"), as_("tom")
    assert (
        sven.post(
            f"{page}/tracking", {"tracking": "assigned", "version": version(sven, f"{page}/tracking")}
        ).status_code
        == 303
    )
    answer = sven.post(f"{page}/assignments/new", {
        "responsible_ref": petra, "verifier_ref": tom, "deliverable": "Five plans", "criteria": "On paper",
        "due_on": in_days(20).isoformat(),
    })  # fmt: skip
    assert answer.status_code == 303
    own = answer.location
    assert sven.post(f"{own}/handing-over").status_code == 303
    assert petras.post(f"{own}/acceptance").status_code == 303
    assert petras.post(f"{own}/reports/new", {"text": "Begun.", "confidence": "7"}).status_code == 303
    sent = {"described_as": "The plans", "file": (io.BytesIO(b"%PDF-1.7 plans"), "五个 方案.pdf"), "url": ""}
    assert petras.post(f"{own}/evidence/new", sent, content_type="multipart/form-data").status_code == 303
    assert petras.post(f"{own}/submission").status_code == 303
    assert toms.post(f"{own}/return", {"reason": "Only four."}).status_code == 303
    assert petras.post(f"{own}/submission").status_code == 303
    assert toms.post(f"{own}/verification", {"reason": "All five."}).status_code == 303
    leader = as_("li_wei")
    sent = {"note": "All five.", "quality": "good", "version": version(leader, f"{own}/closure")}
    assert leader.post(f"{own}/closure", sent).status_code == 303
    with look():
        assert db.session.get(Requirement, requirement_id).state == "closed"
    shown = as_("rita").get(page).get_data(as_text=True)
    assert "Closed on time" in shown


def version(visitor, page: str) -> str:
    found = re.search(r'name="version"[^>]*value="([^"]*)"', visitor.get(page).get_data(as_text=True))
    assert found
    return found.group(1)


CANNOT = [
    ("sara", "requirement", "/tracking"), ("petra", "requirement", "/tracking"), ("aude", "requirement", "/tracking"),
    ("ada", "requirement", "/tracking"), ("petra", "requirement", "/assignments/new"), ("sven", "requirement", "/withdrawal"),
    ("olaf", "requirement", "/withdrawal"), ("petra", "requirement", "/parts/new"), ("rita", "requirement", "/review"),
    ("olaf", "assignment", "/reports/new"), ("tom", "assignment", "/evidence/new"), ("mei", "assignment", "/handing-back"),
    ("petra", "assignment", "/verification"), ("olaf", "assignment", "/verification"), ("li_wei", "assignment", "/return"),
    ("petra", "assignment", "/closure"), ("tom", "assignment", "/closure"), ("sven", "assignment", "/cancellation"),
    ("petra", "assignment", "/cancellation"), ("petra", "assignment", "/edit"), ("aude", "assignment", "/edit"),
]  # fmt: skip


def test_what_is_not_yours_to_do_is_forbidden_before_the_form_is_read(given, as_):
    _assignment, url = given("submitted")
    visitors = {who: as_(who) for who, _what, _page in CANNOT}
    for who, what, page in CANNOT:
        assert visitors[who].get(url[what] + page).status_code == 403, (who, page)
        assert visitors[who].post(url[what] + page, {"reason": ""}).status_code == 403, (who, page)


def test_pressing_for_somebody_else_is_forbidden(given, look, as_):
    assignment, url = given("assigned")
    for who, press in (("petra", "handing-over"), ("olaf", "acceptance"), ("olaf", "submission")):
        assert as_(who).post(f"{url['assignment']}/{press}").status_code == 403
    with look():
        assert db.session.get(Assignment, assignment.id).state == "assigned"


def test_a_stranger_is_asked_to_sign_in_and_an_outsider_finds_nothing(stage, look, as_):
    with stage() as cast:
        event = make_event(audience=Audience.RESTRICTED)
        for name in ("petra", "tom"):
            make_part(event, cast.people[name])
        speech = record_speech(cast, event=event, session=make_session(event))
        url = urls_of(make_assignment(cast, "submitted", confirmed_requirement(cast, speech)))
    assert as_("nobody").get(url["assignment"]).status_code == 302
    outside = as_("xaver")
    for page in (url["requirement"], url["assignment"], f"{url['event']}/requirements", f"{url['event']}/requirements.csv",
                 f"{url['assignment']}/reports/new"):  # fmt: skip
        assert outside.get(page).status_code == 404, page
    assert outside.post(f"{url['assignment']}/acceptance").status_code == 404
    assert "RQ-" not in outside.get("/requirements").get_data(as_text=True)
    assert "RQ-" not in outside.get("/requirements.csv").get_data(as_text=True)
    assert "Five plans" in as_("petra").get("/requirements").get_data(as_text=True)


def test_records_of_another_event_are_not_found_through_this_one(given, stage, look, as_):
    assignment, _url = given("accepted")
    with stage():
        other = make_event().ref
    olaf = as_("olaf")
    for page in (f"requirements/{assignment.requirement_ref}", f"assignments/{assignment.ref}"):
        assert olaf.get(f"/events/{other}/{page}").status_code == 404
        assert olaf.get(f"/events/{assignment.event_ref}/{page}").status_code == 200
    assert olaf.post(f"/events/{other}/assignments/{assignment.ref}/handing-over").status_code == 404


def test_reports_and_evidence_are_shown_to_those_concerned_only(given, look, as_):
    _assignment, url = given("submitted")
    for who, sees in (("petra", True), ("tom", True), ("mei", True), ("sven", True), ("aude", True), ("rita", False)):
        shown = as_(who).get(url["assignment"]).get_data(as_text=True)
        assert ("https://wiki.hufu.example/plans" in shown) is sees, who
        assert ("Two of five are drawn." in shown) is sees, who


def test_a_file_is_served_to_those_concerned_as_a_download_that_can_do_nothing(given, stage, look, as_):
    assignment, url = given("in_progress")
    petra = as_("petra")
    sent = {"described_as": "方案", "file": (io.BytesIO(b"%PDF-1.7 x"), "五个 方案;.pdf"), "url": ""}
    assert petra.post(f"{url['assignment']}/evidence/new", sent, content_type="multipart/form-data").status_code == 303
    with look():
        piece = db.session.scalar(select(Evidence).where(Evidence.assignment_id == assignment.id))
        page = f"{url['assignment']}/evidence/{piece.ref}/file"
    answer = petra.get(page)
    assert (answer.status_code, answer.data) == (200, b"%PDF-1.7 x")
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "filename*=UTF-8''%E4%BA%94%E4%B8%AA" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert as_("tom").get(page).status_code == 200
    assert as_("rita").get(page).status_code == 403
    assert as_("nobody").get(page).status_code == 302


BAD_FILES = [
    ("plans.exe", b"MZ"), ("plans.svg", b"<svg/>"), ("plans.png", b"<html>"), ("plans.pdf.html", b"%PDF-"),
    ("plans.txt", b"<script>"), ("empty.pdf", b""),
]  # fmt: skip


def test_a_file_that_is_not_what_it_says_is_refused_beside_its_field(given, look, as_):
    assignment, url = given("in_progress")
    petra = as_("petra")
    for name, content in BAD_FILES:
        sent = {"described_as": "x", "file": (io.BytesIO(content), name), "url": ""}
        answer = petra.post(f"{url['assignment']}/evidence/new", sent, content_type="multipart/form-data")
        assert answer.status_code == 422, name
        assert 'id="file-wrong"' in answer.get_data(as_text=True), name
    with look():
        assert db.session.scalars(select(Evidence).where(Evidence.assignment_id == assignment.id)).all() == []


BAD_LINKS = ["javascript:alert(1)", "data:text/html,x", "//evil.example", "ftp://a.example/x",
                                 "http://", "https://a.example/\"onload", "http://user@evil.example", "http://[::1"]  # fmt: skip


def test_only_http_and_https_are_links(given, look, as_):
    assignment, urls = given("in_progress")
    petra = as_("petra")
    for url in BAD_LINKS:
        answer = petra.post(f"{urls['assignment']}/evidence/new", {"described_as": "x", "url": url})
        assert answer.status_code == 422, url
        assert "Please give an address that begins with http:// or https://." in answer.get_data(as_text=True), url
    with look():
        assert db.session.scalars(select(Evidence).where(Evidence.assignment_id == assignment.id)).all() == []


def test_a_press_sent_twice_has_one_effect(given, look, as_):
    assignment, url = given("accepted")
    petra = as_("petra")
    sent = {"text": "Begun.", "confidence": "7", "intent": "the-same-press"}
    first, second = (
        petra.post(f"{url['assignment']}/reports/new", sent),
        petra.post(f"{url['assignment']}/reports/new", sent),
    )
    assert (first.status_code, second.status_code, first.location) == (303, 303, second.location)
    with look():
        assert len(db.session.scalars(select(Report).where(Report.assignment_id == assignment.id)).all()) == 1


def test_a_stale_page_changes_nothing_and_shows_both_versions(given, look, as_):
    assignment, url = given("proposed")
    sven = as_("sven")
    page = f"{url['assignment']}/edit"
    opened = version(sven, page)
    sent = {"responsible_ref": assignment.responsible_ref, "verifier_ref": assignment.verifier_ref, "criteria": "One",
            "due_on": in_days(9).isoformat(), "version": opened}  # fmt: skip
    assert sven.post(page, {**sent, "deliverable": "First"}).status_code == 303
    answer = sven.post(page, {**sent, "deliverable": "Second"})
    assert answer.status_code == 409
    shown = answer.get_data(as_text=True)
    assert "First" in shown
    assert "Second" in shown
    with look():
        assert db.session.get(Assignment, assignment.id).deliverable == "First"


HOSTILE = [
    "<script>alert(1)</script>",
    '=HYPERLINK("http://x")',
    "a\r\nBcc: x@y.example",
    "../../etc/passwd",
    "\u202egnp.exe",
    "x" * 30_000,
]


def test_hostile_words_stay_words(given, as_):
    _assignment, url = given("accepted")
    petra = as_("petra")
    for text in HOSTILE:
        answer = petra.post(f"{url['assignment']}/reports/new", {"text": text, "confidence": "5"})
        assert answer.status_code == (422 if len(text) > 4000 else 303), text[:40]
    shown = petra.get(url["assignment"]).get_data(as_text=True)
    assert "<script>alert" not in shown
    assert "\u202e" not in shown


def test_a_confidence_that_is_none_is_refused(given, look, as_):
    assignment, url = given("accepted")
    petra = as_("petra")
    for confidence in ("", "0", "11", "-1", "many", "9" * 400, "5.5"):
        answer = petra.post(f"{url['assignment']}/reports/new", {"text": "Kept words", "confidence": confidence})
        assert answer.status_code == 422, confidence
        assert "Kept words" in answer.get_data(as_text=True)
    with look():
        assert db.session.get(Assignment, assignment.id).state == "accepted"


def test_people_and_days_from_nowhere_are_refused(stage, look, as_):
    with stage() as cast:
        requirement = confirmed_requirement(cast)
        page = f"/events/{requirement.event.ref}/requirements/{requirement.ref}/assignments/new"
    for sent in (
        {},
        {"responsible_ref": "nobody", "verifier_ref": "0" * 16, "due_on": "2027-02-30", "deliverable": "x"},
    ):
        answer = as_("sven").post(page, sent)
        assert answer.status_code == 422
    with look():
        assert db.session.scalars(select(Assignment)).all() == []


def test_the_register_filters_by_its_address(stage, look, as_):
    with stage() as cast:
        department = make_department(name="Purchasing")
        speech = record_speech(cast)
        one = record_requirement(cast, speech, heading="Written rules for purchasing")
        two = record_requirement(cast, speech, heading="No shipment without a release", verbatim="No shipment 100%.")
        confirm(cast, one, two)
        make_assignment(cast, "accepted", one, department=department)
        page = f"/events/{speech.event.ref}/requirements"
    petra, rita = as_("petra"), as_("rita")

    def headings(visitor, address: str) -> list[str]:
        return re.findall(r'requirements/[0-9a-z]{16}">([^<]+)</a><div', visitor.get(address).get_data(as_text=True))

    both = ["Written rules for purchasing", "No shipment without a release"]
    assert headings(rita, page) == both
    assert headings(petra, f"{page}?q=owner:me") == both[:1]
    assert headings(rita, f"{page}?q=owner:me") == []
    assert headings(rita, f"{page}?q=is:late") == []
    assert headings(rita, f"{page}?q=dept:purchasing") == both[:1]
    assert headings(rita, f"{page}?q=shipment") == both[1:]
    assert headings(rita, f"{page}?q=%25") == both[1:]
    assert headings(rita, f"{page}?q=_") == []
    assert headings(rita, f"{page}?view=nonsense&department=x&page=-4&per_page=99999999999") == both
    assert headings(rita, "/requirements") == both


def confirm(cast, *requirements: Requirement) -> None:
    services.confirm_speech(requirements[0].speech, actor=cast.li_wei)
    for each in requirements:
        services.set_tracking(each, "assigned", actor=cast.sven)


def test_an_export_holds_exactly_what_the_page_shows(stage, look, as_):
    with stage() as cast:
        speech = record_speech(cast)
        for words in ("=cmd()", "Plain"):
            record_requirement(cast, speech, heading=words)
        page = f"/events/{speech.event.ref}/requirements"
    rita = as_("rita")
    table = rita.get(f"{page}.csv").get_data(as_text=True)
    assert table.count("\r\n") == 3
    assert '"\'=cmd()"' in table
    assert rita.get(f"{page}.csv?q=plain").get_data(as_text=True).count("\r\n") == 2
    book = rita.get(f"{page}.xlsx")
    assert book.data[:2] == b"PK"
    assert (
        book.headers["Content-Disposition"]
        == "attachment; filename=requirements.xlsx; filename*=UTF-8''requirements.xlsx"
    )
    assert rita.get(f"{page}.pdf").data[:5] == b"%PDF-"
    assert rita.get("/requirements.csv").status_code == 200


def fill(cast, rows: int):
    speech = record_speech(cast)
    found = [record_requirement(cast, speech, heading=f"Heading {n}", number=n) for n in range(1, rows + 1)]
    confirm(cast, *found)
    for each in found:
        make_assignment(cast, "in_progress", each)
    return speech.event


@pytest.mark.parametrize("rows", [1, 30])
def test_lists_ask_at_most_thirteen_questions_whatever_their_length(stage, look, as_, count_statements, rows):
    with stage() as cast:
        event = fill(cast, rows).ref
    petra = as_("petra")
    petra.get("/my/commitments")
    for page in (f"/events/{event}/requirements", "/requirements", "/my/commitments"):
        with count_statements() as said:
            assert petra.get(page).status_code == 200
        assert len(said) <= 13, "\n".join(said)


def test_drafts_are_found_by_nobody_outside(stage, look, as_):
    with stage() as cast:
        event = make_event(status=Status.DRAFT)
        requirement = record_requirement(cast, record_speech(cast, event=event))
        page = f"/events/{event.ref}/requirements/{requirement.ref}"
    assert as_("rita").get(page).status_code == 404
    assert as_("olaf").get(page).status_code == 200


def test_every_act_leaves_its_row_in_the_log(stage, look):
    with stage() as cast:
        make_assignment(cast, "closed")
    with look():
        actions = [row.action for row in db.session.scalars(select(audit.AuditEntry).order_by(audit.AuditEntry.seq))][
            -14:
        ]
        assert actions == [
            "speech.recorded", "passage.recorded", "requirement.recorded", "speech.confirmed", "requirement.tracking_set",
            "assignment.proposed", "assignment.handed_over", "assignment.accepted", "assignment.reported",
            "assignment.evidence_added", "assignment.submitted", "assignment.verified", "assignment.closed",
            "requirement.closed",
        ]  # fmt: skip


def test_parts_and_addressees_are_kept_in_the_browser(stage, look, as_):
    with stage() as cast:
        requirement = record_requirement(cast)
        page = f"/events/{requirement.event.ref}/requirements/{requirement.ref}"
        department = make_department(name="Research").ref
    sara = as_("sara")
    sent = {"heading": "Research and development", "kind": "directive", "addressee": "Institutes"}
    assert sara.post(f"{page}/parts/new", sent).status_code == 303
    with look():
        part = db.session.scalar(select(Requirement).where(Requirement.sub == "a"))
        assert part.display_number == "1a"
        addressee = part.addressees[0]
        target = f"/events/{part.event.ref}/requirements/{part.ref}/addressees/{addressee.ref}/department"
    assert sara.get(target).status_code == 200
    assert sara.post(target, {"department_ref": department}).status_code == 303
    assert as_("rita").post(target, {"department_ref": department}).status_code == 403
    with look():
        assert db.session.scalar(select(Addressee)).department.name == "Research"
