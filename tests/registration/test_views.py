"""The pages of registration: who may open them, what they refuse, what a press does."""

import csv
import io
import threading
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import func, select

from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.events.models import Audience, Event
from app.invitations import invitees
from app.mail.models import MailMessage
from app.registration import queries, services
from app.registration.models import Registration, RegistrationPlan
from tests import cast as the_cast
from tests.factories import make_session
from tests.factories.registration import make_open_event, make_people, register


@dataclass(frozen=True)
class Scene:
    """Refs alone, so that no app context stays open while browsers visit."""

    event: str
    tom: str
    session: str
    invitation: str

    def url(self, path: str) -> str:
        return f"/events/{self.event}/{path}"


@pytest.fixture
def scene(app: Flask) -> Scene:
    """An event with three places and a session of one; Tom has registered, Mei is invited."""
    with app.app_context():
        cast = the_cast.load()
        event = make_open_event(capacity=3, sessions=1, places=1, title="Annual gathering")
        tom = register(event, cast.people["tom"])
        with unit_of_work():
            (invitation,) = invitees.send_invitations(event, actor=cast.olaf, people=[cast.people["mei"]])
        session = queries.list_sessions_with_places(event)[0].session
        return Scene(event.ref, tom.ref, session.ref, invitation.ref)


def find_event(scene: Scene) -> Event:
    return db.session.scalars(select(Event).where(Event.ref == scene.event)).one()


WHO = ("ada", "olaf", "sara", "sven", "li_wei", "dora", "petra", "rita", "aude", "xaver")
PLANNERS = {"ada", "olaf"}


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("registrations", PLANNERS | {"aude"}),
        ("registrations.csv", PLANNERS | {"aude"}),
        ("registrations.xlsx", PLANNERS | {"aude"}),
        ("registrations/new", PLANNERS),
        ("registrations/{tom}/withdrawal", PLANNERS),
        ("registration/settings", PLANNERS),
        ("registration/sessions/{session}", PLANNERS),
        ("invitations", PLANNERS | {"aude"}),
        ("invitations/new", PLANNERS),
        ("registration", set(WHO)),
    ],
)
def test_who_may_open_what(scene: Scene, as_: Any, path: str, allowed: set[str]) -> None:
    url = scene.url(path.format(tom=scene.tom, session=scene.session))
    got = {who: as_(who).get(url).status_code for who in WHO}
    assert got == {who: 200 if who in allowed else 403 for who in WHO}
    assert as_("nobody").get(url).status_code == 302


@pytest.mark.parametrize(
    "path",
    [
        "registrations/new",
        "registrations/{tom}/withdrawal",
        "registration/settings",
        "registration/closing",
        "registration/opening",
        "registration/sessions/{session}",
        "invitees/sending",
        "invitations/reminder",
        "invitations/{invitation}/revocation",
    ],
)
def test_whoever_may_not_plan_changes_nothing(app: Flask, scene: Scene, as_: Any, path: str) -> None:
    url = scene.url(path.format(tom=scene.tom, session=scene.session, invitation=scene.invitation))
    with app.app_context():
        before = db.session.scalar(select(func.count(AuditEntry.seq)).where(AuditEntry.scope == scene.event))
    for who in ("petra", "rita", "aude", "sara", "dora"):
        assert as_(who).post(url, {"reason": "x", "capacity": "1"}).status_code == 403
    assert as_("nobody").post(url, {"reason": "x"}).status_code == 401
    with app.app_context():
        assert db.session.scalar(select(func.count(AuditEntry.seq)).where(AuditEntry.scope == scene.event)) == before


def test_things_of_another_event_are_not_there(app: Flask, scene: Scene, as_: Any) -> None:
    with app.app_context():
        other = make_open_event().ref
    olaf = as_("olaf")
    for path in (f"registrations/{scene.tom}/withdrawal", f"registration/sessions/{scene.session}"):
        assert olaf.get(f"/events/{other}/{path}").status_code == 404
    assert olaf.post(f"/events/{other}/invitations/{scene.invitation}/revocation").status_code == 404


def test_a_restricted_event_is_not_there_for_those_who_are_not_invited(app: Flask, as_: Any) -> None:
    with app.app_context():
        event = make_open_event(audience=Audience.RESTRICTED)
        register(event, the_cast.load().people["tom"])
        ref = event.ref
    assert as_("petra").get(f"/events/{ref}/registration").status_code == 404
    assert as_("petra").post(f"/events/{ref}/registration").status_code == 404
    assert as_("tom").get(f"/events/{ref}/registration/mine").status_code == 200


# --- registering --------------------------------------------------------------------------------------------------


def test_one_press_registers_and_shows_the_card(app: Flask, scene: Scene, as_: Any) -> None:
    petra = as_("petra")
    form = petra.get(scene.url("registration")).get_data(as_text=True)
    assert "2 places of 3 are left." in form
    answer = petra.post(scene.url("registration"), {"note": "Vegan", "sessions": [scene.session]})
    assert (answer.status_code, answer.location) == (303, scene.url("registration/mine"))
    page = petra.get(answer.location).get_data(as_text=True)
    with app.app_context():
        mine = queries.find_own(find_event(scene), the_cast.load().people["petra"])
        assert mine is not None
        assert (mine.state, mine.note) == ("confirmed", "Vegan")
        assert [each.ref for each in queries.list_chosen_sessions(mine)] == [scene.session]
        assert mine.door_code in page
    picture = petra.get(scene.url("registration/mine/code.svg"))
    assert ElementTree.fromstring(picture.text).tag == "{http://www.w3.org/2000/svg}svg"
    assert (picture.status_code, picture.mimetype) == (200, "image/svg+xml")
    assert petra.get(scene.url("registration")).location == scene.url("registration/mine")


def test_the_card_is_mine_alone(scene: Scene, as_: Any) -> None:
    for path in ("registration/mine/code.svg", "registration/mine/card.pdf", "registration/mine/withdrawal"):
        assert as_("petra").get(scene.url(path)).status_code == 404
    card = as_("tom").get(scene.url("registration/mine/card.pdf"))
    assert card.status_code == 200
    assert card.data[:5] == b"%PDF-"
    assert card.headers["Content-Disposition"] == f'attachment; filename="admission-{scene.event}.pdf"'


def test_when_all_is_taken_one_waits_and_sees_the_place_in_line(app: Flask, scene: Scene, as_: Any) -> None:
    with app.app_context():
        for person in make_people(3):
            register(find_event(scene), person)
    petra = as_("petra")
    assert "Join the waiting list" in petra.get(scene.url("registration")).get_data(as_text=True)
    page = petra.get(petra.post(scene.url("registration")).location).get_data(as_text=True)
    assert "You are number 2 of 2." in page
    assert petra.get(scene.url("registration/mine/code.svg")).status_code == 404


def test_withdrawing_asks_first_and_then_gives_the_place_back(app: Flask, scene: Scene, as_: Any) -> None:
    tom = as_("tom")
    assert tom.get(scene.url("registration/mine/withdrawal")).status_code == 200
    with app.app_context():
        version = db.session.scalars(select(Registration.version)).one()
    stale = tom.post(scene.url("registration/mine/withdrawal"), {"version": version + 1})
    assert stale.status_code == 409
    answer = tom.post(scene.url("registration/mine/withdrawal"), {"version": version, "reason": "Ill"})
    assert (answer.status_code, answer.location) == (303, scene.url("registration"))
    assert tom.get(answer.location).status_code == 200
    with app.app_context():
        mine = db.session.scalars(select(Registration)).one()
        assert (mine.state, mine.withdraw_reason) == ("withdrawn", "Ill")


def test_an_invited_person_says_no(app: Flask, scene: Scene, as_: Any) -> None:
    mei = as_("mei")
    assert "I cannot come" in mei.get(scene.url("registration")).get_data(as_text=True)
    assert mei.get(scene.url("invitation?says=no")).status_code == 200
    assert mei.post(scene.url("invitation"), {"answer": "no", "reason": "On leave"}).status_code == 303
    assert as_("petra").get(scene.url("invitation")).status_code == 404
    with app.app_context():
        invitation = queries.find_invitation_by_ref(find_event(scene), scene.invitation)
        assert invitation is not None
        assert (invitation.answer, invitation.reason) == ("no", "On leave")


# --- one press, one effect ----------------------------------------------------------------------------------------


def press_at_once(app: Flask, browser: Any, url: str, sent: dict[str, str], times: int) -> list[tuple[int, str]]:
    """The same press from one browser several times at the same moment."""
    jar = {each.key: each.value for each in browser.client._cookies.values()}
    start, answers = threading.Barrier(times), []

    def go() -> None:
        client = app.test_client()
        for key, value in jar.items():
            client.set_cookie(key, value)
        start.wait(20)
        answer = client.post(url, data=sent)
        answers.append((answer.status_code, answer.location))

    threads = [threading.Thread(target=go) for _each in range(times)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    return answers


def test_the_same_press_at_once_and_after_a_lost_answer_registers_once(either_app: Flask) -> None:
    """T6: one row, one mail, the same answer each time; another body under the same intent is refused."""
    from tests.conftest import PASSWORD, Visitor

    with either_app.app_context():
        url = f"/events/{make_open_event(capacity=5).ref}/registration"
    petra = Visitor(either_app.test_client())
    petra.post("/sign-in", {"email": "petra@hufu.example", "password": PASSWORD})
    sent = {"note": "Vegan", "intent": "one-press", "csrf_token": petra.token()}
    answers = press_at_once(either_app, petra, url, sent, 6)
    assert answers == [(303, f"{url}/mine")] * 6
    again = petra.client.post(url, data=sent)
    assert (again.status_code, again.location) == (303, f"{url}/mine")
    other = petra.client.post(url, data={**sent, "note": "No nuts"})
    assert other.status_code == 422
    with either_app.app_context():
        assert db.session.scalars(select(Registration.note)).all() == ["Vegan"]
        assert db.session.scalar(select(func.count(MailMessage.id))) == 1


# --- bad input ----------------------------------------------------------------------------------------------------

HOSTILE = ("<script>alert(1)</script>", "=1+1", "a\r\nBcc: x@example.org", "../../etc/passwd", "\u202eevil", "\x00")


@pytest.mark.parametrize("capacity", ["-1", "1.5", "ten", "9" * 30, "1000001", "１０", "0x10", " ", "\u0661"])
def test_a_number_of_places_is_a_number(app: Flask, scene: Scene, as_: Any, capacity: str) -> None:
    answer = as_("olaf").post(scene.url(f"registration/sessions/{scene.session}"), {"capacity": capacity})
    good = capacity in (" ", "１０", "\u0661")
    assert answer.status_code == (303 if good else 422)
    if not good:
        assert 'id="capacity-wrong"' in answer.get_data(as_text=True)
        with app.app_context():
            assert queries.list_limited_sessions(find_event(scene))[0].capacity == 1


def test_what_was_typed_stays_when_it_is_refused(app: Flask, scene: Scene, as_: Any) -> None:
    olaf = as_("olaf")
    sent = {"is_open": "y", "capacity": "0", "closes_at": "", "has_waiting_list": "y", "version": "1"}
    answer = olaf.post(scene.url("registration/settings"), sent)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "1 place is taken already. With a reason you can go below; nobody loses a place." in page
    assert 'value="0"' in page
    for closes_at in ("soon", "2001-01-01T10:00", "2027-13-45T10:00", "9999-01-01T00:00"):
        answer = olaf.post(scene.url("registration/settings"), {**sent, "capacity": "3", "closes_at": closes_at})
        assert answer.status_code == 422, closes_at
        assert 'id="closes_at-wrong"' in answer.get_data(as_text=True)
    with app.app_context():
        plan = db.session.scalars(select(RegistrationPlan)).one()
        assert (plan.version, plan.closes_at) == (1, None)
        assert queries.standing_of(plan.event, None).capacity == 3


def test_a_stale_settings_page_shows_both_versions(app: Flask, scene: Scene, as_: Any) -> None:
    olaf = as_("olaf")
    sent = {"is_open": "y", "capacity": "3", "closes_at": "", "has_waiting_list": "y", "version": "1"}
    assert olaf.post(scene.url("registration/settings"), {**sent, "invited_only": "y"}).status_code == 303
    late = olaf.post(scene.url("registration/settings"), sent)
    assert late.status_code == 409
    with app.app_context():
        assert db.session.scalars(select(RegistrationPlan.invited_only)).one() is True


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_notes_are_kept_as_text_and_shown_as_text(app: Flask, scene: Scene, as_: Any, text: str) -> None:
    petra = as_("petra")
    assert petra.post(scene.url("registration"), {"note": text}).status_code == 303
    page = petra.get(scene.url("registration/mine")).get_data(as_text=True)
    assert "<script>alert" not in page
    assert "\u202e" not in page
    table = as_("olaf").get(scene.url("registrations.csv")).get_data(as_text=True)
    cells = [cell for row in csv.reader(io.StringIO(table.lstrip("\ufeff"))) for cell in row]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)


def test_a_too_long_note_and_a_session_that_is_not_offered_are_refused(app: Flask, scene: Scene, as_: Any) -> None:
    with app.app_context(), unit_of_work():
        free = make_session(find_event(scene)).ref
    petra = as_("petra")
    for sent in ({"note": "x" * 501}, {"sessions": [free]}, {"sessions": ["nonsense", scene.session]}):
        answer = petra.post(scene.url("registration"), sent)
        assert answer.status_code == 422, sent
    with app.app_context():
        assert db.session.scalar(select(func.count(Registration.id))) == 1


def test_an_unknown_person_cannot_be_registered(scene: Scene, as_: Any) -> None:
    for person in ("", "0000000000000000", "nonsense"):
        answer = as_("olaf").post(scene.url("registrations/new"), {"person": person})
        assert answer.status_code == 422


def test_nonsense_in_the_address_of_the_list_counts_as_not_said(scene: Scene, as_: Any) -> None:
    olaf = as_("olaf")
    for query in ("page=-3", "page=9999999999999", "page=x", "per_page=100000", "sort=password", "state=king",
                  "q=%00%25_%27", "q=" + "x" * 3000):  # fmt: skip
        assert olaf.get(scene.url(f"registrations?{query}")).status_code == 200, query


# --- the list -----------------------------------------------------------------------------------------------------


def test_the_list_and_its_exports_show_the_same_rows(app: Flask, scene: Scene, as_: Any) -> None:
    with app.app_context():
        event = find_event(scene)
        for person in make_people(4):
            register(event, person)
    olaf = as_("olaf")
    page = olaf.get(scene.url("registrations?state=waiting&sort=name")).get_data(as_text=True)
    table = olaf.get(scene.url("registrations.csv?state=waiting&sort=name")).get_data(as_text=True).lstrip("\ufeff")
    rows = list(csv.reader(io.StringIO(table)))
    assert rows[0] == [
        "Name",
        "Department",
        "E-mail",
        "State",
        "Since",
        "Sessions",
        "A word to the organizer",
        "Remark",
    ]
    assert len(rows) == 3
    assert [each[3] for each in rows[1:]] == ["On the waiting list"] * 2
    assert all(each[0] in page for each in rows[1:])
    book = load_workbook(io.BytesIO(olaf.get(scene.url("registrations.xlsx?state=waiting&sort=name")).data))
    names = [row[0].value for row in book.active.iter_rows(min_row=2)]
    assert names == [each[0] for each in rows[1:]]
    assert "tom@hufu.example" in olaf.get(scene.url("registrations?q=okafor")).get_data(as_text=True)
    assert "Nobody found" in olaf.get(scene.url("registrations?q=nobody-of-that-name")).get_data(as_text=True)


def test_the_pages_cost_the_same_for_one_row_and_for_many(
    app: Flask, scene: Scene, as_: Any, count_statements: Any
) -> None:
    olaf, petra = as_("olaf"), as_("petra")
    paths = ("registrations?per_page=500", "registrations.csv", "invitations", "registrations/new", "registration")
    counts = []
    for more in (0, 60):
        with app.app_context():
            event = find_event(scene)
            with unit_of_work():
                services.set_capacity(event, None, 40, actor=the_cast.load().olaf)
            for person in make_people(more):
                register(event, person)
        for path in paths:
            with count_statements() as said:
                assert (petra if path == "registration" else olaf).get(scene.url(path)).status_code == 200
            counts.append(len(said))
    assert counts[: len(paths)] == counts[len(paths) :]
    assert max(counts) <= 10


def test_closing_and_opening_are_one_press_each(app: Flask, scene: Scene, as_: Any) -> None:
    olaf = as_("olaf")
    for path, expected in (("closing", False), ("closing", False), ("opening", True)):
        assert olaf.post(scene.url(f"registration/{path}")).status_code == 303
        with app.app_context():
            assert db.session.scalars(select(RegistrationPlan.is_open)).one() is expected
