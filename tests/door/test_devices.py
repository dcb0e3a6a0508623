"""Phones without an account: paired once, held to their own door, ended at once; and what the scanner asks for."""

import re
import shutil
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.core.roles import SYSTEM
from app.door import devices, points, queries, services
from app.door.errors import NotPaired
from app.door.models import CheckIn, Device, PointKind, Profile
from app.events.models import Event
from app.people.models import Person
from app.registration.models import Registration
from tests import cast as the_cast
from tests.architecture.test_access import Walk, read_table
from tests.cast import Cast
from tests.conftest import Visitor
from tests.factories.registration import make_open_event, make_people, register

COOKIE = "hufu_door"


@dataclass
class Phone:
    """A paired phone in front of the door of an event: plain words, so that no app context stays open."""

    client: Any
    event: str
    device: str
    code: str
    proof: str = ""

    def get(self, path: str) -> Any:
        return self.client.get(f"/door/{self.event}{path}")

    def post(self, path: str, sent: Any) -> Any:
        proof = self.proof or self.get("/state").get_json()["csrf"]
        self.proof = proof
        return self.client.post(f"/door/{self.event}{path}", json=sent, headers={"X-CSRFToken": proof})

    def scan(self, *codes: str, **more: Any) -> list[dict[str, Any]]:
        scans = [{"id": f"scan-{code[-20:]}", "point": "", "code": code, "at": 0, **more} for code in codes]
        answer = self.post("/scans", {"sent": 0, "scans": scans})
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()["verdicts"]


def pair_phone(app: Flask, *, profile: str = Profile.SCAN, **event: Any) -> Phone:
    """Olaf makes a device; a phone opens its link and presses the button."""
    with app.app_context():
        made = make_open_event(**event)
        mine = register(made, the_cast.load().people["petra"])
        with unit_of_work():
            device = devices.make_device(
                made, actor=SYSTEM, name="Main entrance", profile=profile, expires_at=clock.now() + timedelta(days=1)
            )
        code, known = devices.pairing_code(device), (made.ref, device.ref, mine.door_code)
    client = app.test_client()
    page = client.get(f"/door/pairing?code={code}").get_data(as_text=True)
    proof = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert proof is not None
    with app.app_context():
        assert db.session.scalars(select(Device)).one().token_hash is None  # looking changes nothing
    answer = client.post("/door/pairing", data={"code": code, "csrf_token": proof.group(1)})
    assert (answer.status_code, answer.location) == (303, f"/door/{known[0]}")
    return Phone(client, *known)


@pytest.fixture
def phone(app: Flask) -> Phone:
    return pair_phone(app)


def test_a_phone_is_paired_by_a_code_that_works_once(app: Flask, phone: Phone) -> None:
    cookie = phone.client.get_cookie(COOKIE, path="/door/")
    assert (cookie.http_only, cookie.same_site, cookie.path) == (True, "Lax", "/door/")
    assert phone.get("").status_code == 200
    with app.app_context():
        device = db.session.scalars(select(Device)).one()
        assert cookie.value not in (device.token_hash, device.pairing_hash)
        assert device.pairing_hash is None
        assert db.session.scalar(
            select(func.count(AuditEntry.seq)).where(AuditEntry.action == "door.device_paired")
        ) == 1  # fmt: skip


def test_a_code_ends_after_ten_minutes_and_with_the_next_one(cast: Cast) -> None:
    event, now = make_open_event(), clock.now()
    with unit_of_work():
        device = devices.make_device(event, actor=cast.olaf, name="A", expires_at=now + timedelta(days=1))
    first = devices.pairing_code(device)
    with clock.at(now + timedelta(minutes=3)), unit_of_work():
        devices.offer_again(device, actor=cast.olaf)
    second = devices.pairing_code(device)
    for code, after in ((first, 4), (second, 14), ("", 4), ("0000-0000", 4), ("' OR 1=1", 4)):
        with clock.at(now + timedelta(minutes=after)), pytest.raises(NotPaired), unit_of_work():
            devices.pair(code)
    with clock.at(now + timedelta(minutes=4)), unit_of_work():
        assert devices.pair(second.lower().replace("-", " "))[0] == device
    with pytest.raises(NotPaired), unit_of_work():
        devices.pair(second)
    for wrong in (now - timedelta(hours=1), now + timedelta(days=900)):
        with pytest.raises(Refused), unit_of_work():
            devices.make_device(event, actor=cast.olaf, name="B", expires_at=wrong)
    with pytest.raises(Forbidden), unit_of_work():
        devices.make_device(event, actor=cast.dora, name="B", expires_at=now + timedelta(days=1))


def test_guessing_at_pairing_codes_is_slowed(app: Flask) -> None:
    client = app.test_client()
    page = client.get("/door/pairing").get_data(as_text=True)
    proof = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)[-1]
    codes = [
        client.post("/door/pairing", data={"code": f"AAAA-{n:04}", "csrf_token": proof}).status_code for n in range(22)
    ]
    assert codes == [422] * 20 + [429] * 2


def test_the_phone_scans_and_is_named_in_the_log(app: Flask, phone: Phone) -> None:
    first, unknown = phone.scan(phone.code), phone.scan("AAAA-AAAA-AAAA-AAAA")
    assert (first[0]["outcome"], first[0]["tone"], first[0]["name"]) == ("admitted", "kept", "Petra Lindqvist")
    assert (unknown[0]["outcome"], unknown[0]["name"]) == ("unknown", "")
    again = phone.post("/scans", {"sent": 5, "scans": [{"id": "another-1", "code": phone.code, "at": 5}]}).get_json()
    assert "let in by Main entrance" in again["verdicts"][0]["detail"]
    undone = phone.post("/undoing", {"check_in": first[0]["undo"]})
    assert undone.get_json()["title"] == "Taken back: not checked in"
    with app.app_context():
        check_in = db.session.scalars(select(CheckIn)).one()
        assert (check_in.by_name, check_in.by_id, check_in.device_id is not None) == ("Main entrance", None, True)
        said = db.session.execute(
            select(AuditEntry.action, AuditEntry.actor_name).order_by(AuditEntry.seq.desc()).limit(2)
        )
        assert list(said) == [("door.undone", "Main entrance"), ("door.admitted", "Main entrance")]


def test_a_phone_tells_a_name_a_state_and_a_time_and_nothing_else(app: Flask) -> None:
    """AZ13."""
    phone = pair_phone(app, profile=Profile.SEARCH)
    with app.app_context(), unit_of_work():
        db.session.scalars(select(Registration)).one().note = "Allergic to nuts"
    answers = [
        phone.get(""), phone.get("/state"), phone.get("/people?q=petra"), phone.get("/people?q=lindkvist"),
        phone.post("/scans", {"sent": 0, "scans": [{"id": "scan-0001", "code": phone.code, "at": 0}]}),
    ]  # fmt: skip
    assert [each.status_code for each in answers] == [200] * 5
    assert answers[2].get_json() == {
        "people": answers[3].get_json()["people"],
        "others": [],
    }
    assert set(answers[2].get_json()["people"][0]) == {"ref", "name", "state", "has_place", "since", "inside"}
    for secret in ("petra@hufu.example", "Allergic", "Works", "Project lead", phone.code):
        assert all(secret not in each.get_data(as_text=True) for each in answers), secret


def test_a_phone_that_only_scans_may_not_search(app: Flask, phone: Phone) -> None:
    assert phone.get("/people?q=petra").status_code == 403
    with app.app_context():
        tom = db.session.scalars(select(Person).where(Person.name == "Tom Okafor")).one().ref
    assert phone.post("/walk-ins", {"id": "walk-in-1", "who": tom}).status_code == 403
    assert phone.get("").get_data(as_text=True).count('id="search"') == 0


def test_a_phone_registers_walk_ins_where_they_are_taken(app: Flask) -> None:
    phone = pair_phone(app, profile=Profile.SEARCH)
    assert phone.get("/people?q=okafor").get_json() == {"people": [], "others": []}
    with app.app_context():
        event = db.session.scalars(select(Event).where(Event.ref == phone.event)).one()
        with unit_of_work():
            door = services.arrival_of(event)
            points.change_point(door, actor=SYSTEM, version=None, takes_walk_ins=True)
        ref = door.ref
    found = phone.get(f"/people?q=okaffor&point={ref}").get_json()["others"]
    assert [each["name"] for each in found] == ["Tom Okafor"]
    assert found[0]["department"] == ""  # it stands only where two have one name
    verdict = phone.post("/walk-ins", {"id": "walk-in-1", "point": ref, "who": found[0]["ref"]}).get_json()
    assert (verdict["outcome"], verdict["name"]) == ("admitted", "Tom Okafor")
    assert phone.post("/walk-ins", {"id": "walk-in-2", "point": ref, "who": "0" * 16}).status_code == 404
    assert phone.get("/state").get_json()["points"][0]["people"] == 1


def test_a_phone_of_one_point_is_never_elsewhere(app: Flask, phone: Phone) -> None:
    with app.app_context():
        event = db.session.scalars(select(Event).where(Event.ref == phone.event)).one()
        with unit_of_work():
            lunch = points.make_point(event, actor=SYSTEM, kind=PointKind.MEAL, name="Lunch")
            db.session.scalars(select(Device)).one().point = lunch
        arrival = queries.find_arrival(event)
        assert arrival is not None
        ref = arrival.ref
    assert [each["name"] for each in phone.get("/state").get_json()["points"]] == ["Lunch"]
    assert phone.scan(phone.code, point=ref)[0]["outcome"] == "admitted"
    with app.app_context():
        assert db.session.scalars(select(CheckIn)).one().point.name == "Lunch"


@pytest.mark.parametrize("end", ["revoked", "expired"])
def test_an_ended_phone_is_a_stranger_at_its_next_request(app: Flask, phone: Phone, as_: Any, end: str) -> None:
    phone.scan(phone.code)
    if end == "revoked":
        assert as_("olaf").post(f"/events/{phone.event}/door/devices/{phone.device}/ending").status_code == 303
    else:
        with app.app_context(), unit_of_work():
            db.session.scalars(select(Device)).one().expires_at = clock.now() - timedelta(seconds=1)
    answers = [phone.get("/state"), phone.get("/people?q=petra"), phone.post("/scans", {"sent": 0, "scans": []})]
    assert [each.status_code for each in answers] == [401] * 3
    assert phone.get("").location.startswith("/sign-in")


def test_nonsense_is_refused_and_changes_nothing(app: Flask, phone: Phone) -> None:
    good = {"id": "scan-0001", "code": phone.code, "at": 0}
    for wrong in (
        None, [], "x", {}, {"scans": []}, {"scans": [good] * 51, "sent": 0}, {"scans": ["x"], "sent": 0},
        {"scans": [{**good, "id": "short"}], "sent": 0}, {"scans": [{**good, "id": "x" * 41}], "sent": 0},
        {"scans": [{**good, "at": "soon"}], "sent": 0}, {"scans": [{**good, "at": 1}], "sent": None},
    ):  # fmt: skip
        assert phone.post("/scans", wrong).status_code == 400, wrong
    without_proof = phone.client.post(f"/door/{phone.event}/scans", json={"sent": 0, "scans": [good]})
    assert without_proof.status_code == 400
    for code in ("", "\x00", "x" * 5000, "零" * 28, "' OR 1=1 --"):
        sent = {"sent": 0, "scans": [{**good, "id": "scan-0002", "code": code}]}
        assert phone.post("/scans", sent).get_json()["verdicts"][0]["outcome"] == "unknown"
    elsewhere = phone.post("/scans", {"sent": 0, "scans": [{**good, "point": "0" * 16}]}).get_json()
    assert elsewhere["verdicts"][0]["outcome"] == "closed"
    with app.app_context():
        assert db.session.scalar(select(func.count(CheckIn.id))) == 0


def test_the_phones_clock_may_be_wrong(app: Flask, phone: Phone) -> None:
    """Only how long ago it was counts: 90 seconds before it was sent, by a clock that stands in 1970."""
    sent = {"sent": 100_000, "scans": [{"id": "scan-0001", "code": phone.code, "at": 10_000, "late": True}]}
    assert phone.post("/scans", sent).get_json()["verdicts"][0]["outcome"] == "admitted"
    with app.app_context():
        age = clock.now() - db.session.scalars(select(CheckIn)).one().at
        assert timedelta(seconds=89) < age < timedelta(seconds=150)


def test_only_the_scanner_may_use_the_camera_and_the_reader(phone: Phone) -> None:
    scanner, other = phone.get(""), phone.client.get("/door/pairing")
    assert "camera=(self)" in scanner.headers["Permissions-Policy"]
    assert "script-src 'self' 'wasm-unsafe-eval';" in scanner.headers["Content-Security-Policy"]
    assert "camera=()" in other.headers["Permissions-Policy"]
    assert "unsafe" not in other.headers["Content-Security-Policy"]


def test_the_scanner_can_be_installed_and_kept(phone: Phone) -> None:
    manifest = phone.client.get("/door/manifest.webmanifest").get_json()
    assert (manifest["scope"], manifest["start_url"], manifest["display"]) == ("/door/", "/door/", "standalone")
    assert phone.client.get("/door/").location == f"/door/{phone.event}"
    worker = phone.client.get("/door/worker.js")
    assert worker.mimetype == "text/javascript"
    kept = re.findall(r'"(/static/[^"]+)"', worker.get_data(as_text=True))
    assert len(kept) == 11
    assert {phone.client.get(each).status_code for each in [*kept, *(icon["src"] for icon in manifest["icons"])]} == {
        200
    }


def test_a_phone_may_call_nothing_but_its_own_door(tmp_path_factory: pytest.TempPathFactory) -> None:
    """G57: everything else answers it exactly as it answers a stranger, with the cookie sent everywhere."""
    walk = Walk(tmp_path_factory.mktemp("phone"))
    with walk.app.app_context(), unit_of_work():
        device = db.session.scalars(select(Device).where(Device.event_id == walk.world.a.event.id)).one()
        device.token_hash, device.profile = devices.tokens.digest("the-token"), Profile.SEARCH
    walk.settle()
    shutil.copy(walk.file, walk.saved)
    phone = walk.app.test_client()
    phone.set_cookie(COOKIE, "the-token", path="/")
    walk.clients["phone"], walk.tokens["phone"] = phone, Visitor(phone).token()
    strangers, opened = {key: signs[0] for key, signs in read_table().items()}, set()
    for scene in ("a", "b"):
        for verb, rule in walk.rules():
            sign = strangers.get((verb, rule.rule.replace(" ", "")))  # a rule that has none is asked for by the table
            if sign and (scene == "a" or rule.rule.startswith("/door")) and sign_of(walk, verb, rule, scene) != sign:
                opened.add((scene, rule.rule))
    own = {f"/door/<ref:event_ref>{path}" for path in ("", "/state", "/people", "/scans", "/walk-ins", "/undoing")}
    assert opened == {("a", rule) for rule in own}


def sign_of(walk: Walk, verb: str, rule: Any, scene: str) -> str:
    phone = walk.clients["phone"]
    cookies = dict(phone._cookies)
    answer = walk.ask("phone", verb, walk.url(rule, walk.scenes[scene]))
    phone._cookies = cookies
    if verb != "GET":
        walk.restore()
    return walk.sign(answer)


def test_pages_and_verdicts_cost_the_same_for_one_and_for_thirty(
    app: Flask, phone: Phone, as_: Any, count_statements: Any
) -> None:
    olaf, counts = as_("olaf"), []
    phone.scan(phone.code)
    for more in (0, 29):
        with app.app_context():
            event = db.session.scalars(select(Event).where(Event.ref == phone.event)).one()
            codes = [register(event, person).door_code for person in make_people(more + 1)]
            for number in range(more):
                with unit_of_work():
                    points.make_point(event, actor=SYSTEM, kind=PointKind.MEAL, name=f"Lunch {number}")
                    devices.make_device(
                        event, actor=SYSTEM, name=f"Phone {number}", expires_at=clock.now() + timedelta(days=1)
                    )
        for code in codes[:-1]:
            phone.scan(code, late=True)
            phone.post("/scans", {"sent": 0, "scans": [{"id": f"late-{code}", "code": code, "at": 0, "late": True}]})
        for ask in (
            lambda: olaf.get(f"/events/{phone.event}/door/points"), lambda: olaf.get(f"/events/{phone.event}/door/devices"),
            lambda: olaf.get(f"/events/{phone.event}/door/doubles"), lambda: phone.get("/state"), lambda: phone.get(""),
            lambda code=codes[-1]: phone.post("/scans", {"sent": 0, "scans": [{"id": f"x-{code}", "code": code, "at": 0}]}),
        ):  # fmt: skip
            with count_statements() as said:
                assert ask().status_code == 200
            counts.append(len(said))
    assert counts[:6] == counts[6:]
    assert max(counts[:5]) <= 12
    assert counts[5] <= 16
