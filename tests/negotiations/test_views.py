"""The pages of negotiation, of more time and of handing on to somebody else, as members of the cast find them."""

import re
from contextlib import contextmanager

import pytest
from sqlalchemy import select

from app.assistants import services as assistants
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.roles import SYSTEM
from app.extensions.models import Extension
from app.extensions.services import ask
from app.negotiations.models import CounterProposal
from app.negotiations.services import propose_otherwise, terms_of
from app.requirements.models import Assignment, Transfer
from tests import cast as the_cast
from tests.factories import make_event
from tests.factories.requirements import in_days, make_assignment


@pytest.fixture
def stage(app):
    """`with stage() as cast:` stores what is told inside, in an app context of its own."""

    @contextmanager
    def telling():
        with app.app_context(), unit_of_work():
            yield the_cast.load()

    return telling


@pytest.fixture
def given(stage):
    """The address of one assignment, and its id."""

    def make(state: str = "assigned", **values) -> tuple[str, int]:
        with stage() as cast:
            made = make_assignment(cast, state, **values)
            return f"/events/{made.event.ref}/assignments/{made.ref}", made.id

    return make


def version(visitor, page: str) -> str:
    found = re.search(r'name="version"[^>]*value="([^"]*)"', visitor.get(page).get_data(as_text=True))
    assert found
    return found.group(1)


def terms(**other) -> dict[str, str]:
    said = {"deliverable": "Five plans on paper", "criteria": "Five plans\nEach names what stands in the way",
            "due_on": in_days(30).isoformat(), "resources": "", "words": ""}  # fmt: skip
    return {**said, **other}


def primaries(shown: str) -> list[str]:
    """What stands out in the head of a page."""
    shown = shown.partition('<header class="head">')[2].partition("</header>")[0]
    found = re.findall(r'class="btn primary"[^>]*>(.*?)</(?:a|button)>', shown, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", each).strip() for each in found]


def test_a_negotiation_goes_its_way_in_the_browser(app, given, as_):
    page, key = given()
    petra, sven, leader = as_("petra"), as_("sven"), as_("li_wei")
    new = f"{page}/negotiation/proposals/new"
    opened = version(petra, new)
    same = petra.post(new, terms(version=opened))
    assert same.status_code == 422
    assert 'id="deliverable-wrong"' in same.get_data(as_text=True)
    offer = terms(deliverable="三个方案 on paper", due_on=in_days(40).isoformat(), words="Two are far.", version=opened)
    assert petra.post(new, offer).status_code == 303
    shown = sven.get(f"{page}/negotiation").get_data(as_text=True)
    for words in ("<del>", "<ins>", "三个方案", "Two are far.", "As it stood", "As proposed"):
        assert words in shown
    assert primaries(shown) == ["Agree"]
    assert primaries(sven.get(page).get_data(as_text=True)) == ["Answer the proposal"]
    assert "proposes something else" in petra.get(page).get_data(as_text=True)
    assert primaries(petra.get(page).get_data(as_text=True)) == []
    stale = sven.post(new, terms(deliverable="Four", version=opened))
    assert stale.status_code == 409
    assert "三个方案" in stale.get_data(as_text=True)
    assert "Four" in stale.get_data(as_text=True)
    press = re.search(r'action="([^"]+/agreement)"', shown).group(1)
    decision = f"{page}/negotiation/decision"
    assert leader.post(decision, terms(deliverable="Four", version=version(leader, decision))).status_code == 303
    late = sven.post(press, follow_redirects=True).get_data(as_text=True)
    assert "Li Wei has answered this proposal already." in late
    with app.app_context():
        assignment = db.session.get(Assignment, key)
        assert (assignment.state, assignment.deliverable) == ("assigned", "Four")
    shown = petra.get(page).get_data(as_text=True)
    assert primaries(shown) == ["Accept"]
    assert "Propose something else" not in shown
    assert petra.post(f"{page}/acceptance").status_code == 303


def test_more_time_goes_its_way_in_the_browser(app, given, as_):
    page, key = given("in_progress")
    petra, sven = as_("petra"), as_("sven")
    sent = {"new_due_on": in_days(45).isoformat(), "reason": "The kiln is late.", "intent": "the-same-press",
            "original_due_on": in_days(90).isoformat(), "due_on": in_days(90).isoformat()}  # fmt: skip
    first, second = (petra.post(f"{page}/extensions/new", sent) for _each in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    again = petra.post(f"{page}/extensions/new", {**sent, "intent": "another-press"})
    assert (again.status_code, "You have asked for more time already." in again.get_data(as_text=True)) == (422, True)
    with app.app_context():
        asked = db.session.scalars(select(Extension)).one()
        grant, refuse = f"{page}/extensions/{asked.ref}/grant", f"{page}/extensions/{asked.ref}/refusal"
    shown = sven.get(page).get_data(as_text=True)
    assert "The kiln is late." in shown
    assert primaries(shown) == ["Give more time"]
    assert petra.get(grant).status_code == 403
    assert sven.post(refuse, {"reason": ""}).status_code == 422
    assert sven.post(grant, {"reason": "Once.", "original_due_on": in_days(90).isoformat()}).status_code == 303
    refused = as_("li_wei").post(refuse, {"reason": "No."})
    assert "Sven Lund has decided this already." in refused.get_data(as_text=True)
    with app.app_context():
        assignment = db.session.get(Assignment, key)
        assert (assignment.original_due_on, assignment.due_on) == (in_days(30), in_days(45))
    shown = petra.get(page).get_data(as_text=True)
    for words in ("Due as agreed", "Originally due", in_days(30).isoformat(), in_days(45).isoformat()):
        assert words in shown


def test_a_transfer_and_a_deputy_in_the_browser(app, given, stage, as_):
    page, key = given("in_progress")
    with stage() as cast:
        rita, tom = cast.people["rita"].ref, cast.people["tom"].ref
        assistants.name_assistant(cast.people["rita"], cast.people["xaver"], actor=SYSTEM)
    sven, xaver = as_("sven"), as_("xaver")
    opened = version(sven, f"{page}/transfer")
    sent = {"responsible_ref": rita, "verifier_ref": rita, "reason": "She knows the plants.", "version": opened}
    wrong = sven.post(f"{page}/transfer", sent)
    assert (wrong.status_code, 'id="verifier_ref-wrong"' in wrong.get_data(as_text=True)) == (422, True)
    assert sven.post(f"{page}/transfer", {**sent, "verifier_ref": tom}).status_code == 303
    assert as_("petra").post(f"{page}/acceptance").status_code == 403
    shown = xaver.get(page).get_data(as_text=True)
    assert "You act for Rita Sommer here." in shown
    assert primaries(shown) == ["Accept"]
    assert "from Petra Lindqvist to Rita Sommer" in shown
    assert xaver.post(f"{page}/acceptance").status_code == 303
    assert "Xaver Huber for Rita Sommer" in sven.get(page).get_data(as_text=True)
    with app.app_context():
        assert len(db.session.scalars(select(Transfer)).all()) == 1
        row = db.session.scalar(select(AuditEntry).order_by(AuditEntry.seq.desc()))
        assert (row.action, row.on_behalf_of) == ("assignment.accepted", "Rita Sommer")


def test_a_returned_item_is_not_closed_from_a_stale_page(app, given, stage, as_):
    """Opened when it was verified; since then it went to somebody else, was proven and verified once more."""
    page, key = given("verified")
    leader, sven = as_("li_wei"), as_("sven")
    opened = version(leader, f"{page}/closure")
    with stage() as cast:
        rita, tom = cast.people["rita"].ref, cast.people["tom"].ref
    sent = {"responsible_ref": rita, "verifier_ref": tom, "reason": "x", "version": version(sven, f"{page}/transfer")}
    assert sven.post(f"{page}/transfer", sent).status_code == 303
    closing = {"quality": "good", "note": "All five.", "version": opened}
    refused = leader.post(f"{page}/closure", closing)
    assert (refused.status_code, "Only what was verified can be closed." in refused.get_data(as_text=True)) == (
        422,
        True,
    )
    assert "All five." in refused.get_data(as_text=True)
    ritas = as_("rita")
    assert ritas.post(f"{page}/acceptance").status_code == 303
    assert ritas.post(f"{page}/submission").status_code == 303
    assert as_("tom").post(f"{page}/verification", {"reason": ""}).status_code == 303
    assert leader.post(f"{page}/closure", closing).status_code == 409
    with app.app_context():
        assert db.session.get(Assignment, key).state == "verified"
    assert leader.post(f"{page}/closure", {**closing, "version": version(leader, f"{page}/closure")}).status_code == 303


def test_what_is_not_yours_is_forbidden_and_what_is_of_another_event_is_not_found(app, given, stage, as_):
    page, key = given("assigned")
    with stage() as cast:
        other = make_event().ref
        assignment = db.session.get(Assignment, key)
        asked = ask(assignment, actor=cast.petra, new_due_on=in_days(50), reason="x").ref
        made = propose_otherwise(assignment, actor=cast.petra, **{**terms_of(assignment), "deliverable": "x"}).ref
    elsewhere = re.sub(r"/events/[^/]+", f"/events/{other}", page)
    paths = ("/negotiation", "/negotiation/proposals/new", "/negotiation/decision", f"/negotiation/proposals/{made}/agreement",
             "/extensions/new", f"/extensions/{asked}/grant", f"/extensions/{asked}/refusal", "/transfer", "/verifier")  # fmt: skip
    olaf, rita, leader = as_("olaf"), as_("rita"), as_("li_wei")
    for path in paths:
        assert olaf.post(elsewhere + path).status_code in (404, 405), path
        assert rita.post(page + path, {"reason": "x"}).status_code in (403, 405), path
    assert rita.get(f"{page}/negotiation").status_code == 403
    assert olaf.get(f"{elsewhere}/negotiation").status_code == 404
    unknown = "0" * 16
    assert leader.get(f"{page}/extensions/{unknown}/grant").status_code == 404
    assert leader.post(f"{page}/negotiation/proposals/{unknown}/agreement").status_code == 404
    with app.app_context():
        assert db.session.scalars(select(CounterProposal)).one().state == "open"
        assert db.session.scalars(select(Extension)).one().state == "asked"
        assert db.session.get(Assignment, key).state == "negotiating"


def test_words_and_days_that_are_none_are_refused_and_nothing_typed_is_lost(given, as_):
    page, _key = given("assigned")
    petra = as_("petra")
    opened = version(petra, f"{page}/negotiation/proposals/new")
    for bad in ({"due_on": "2027-02-30"}, {"due_on": ""}, {"deliverable": ""}, {"criteria": "x\n" * 13}, {"words": "x" * 3000},
                {"due_on": in_days(-1).isoformat()}):  # fmt: skip
        answer = petra.post(f"{page}/negotiation/proposals/new", terms(resources="Kept words", version=opened, **bad))
        assert answer.status_code == 422, bad
        assert "Kept words" in answer.get_data(as_text=True)
    for day in ("", "tomorrow", "9" * 400, in_days(30).isoformat()):
        answer = petra.post(f"{page}/extensions/new", {"new_due_on": day, "reason": "Kept words"})
        assert answer.status_code == 422, day
        assert "Kept words" in answer.get_data(as_text=True)
