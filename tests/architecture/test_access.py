"""Who reaches what: every route × every member of the cast × every verb, against one reviewed table.

`access.txt` holds a line per route and verb and a sign per member: `+` let in (also when the form is refused), `F` forbidden (403),
`N` nothing there (404), `S` sent to sign in. A new route without a line turns this red;
`python -m tests.architecture.test_access` prints the lines that are missing or differ, to be judged and put in by hand.
"""

import hashlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from app.core import logs
from app.core.db import db, unit_of_work
from tests import cast as the_cast
from tests import world as the_world
from tests.conftest import PASSWORD, Visitor, build
from tests.world import CANARY, MARKUP, World

TABLE = Path(__file__).with_name("access.txt")
MEMBERS = ("nobody", *the_cast.PEOPLE)
SIGNS = {401: "S", 403: "F", 404: "N"}
# Set up by walking each other's tables; these move on by being read.
MOVING = {"browser_session", "sign_in_failure", "audit_entry", "audit_head"}


class Walk:
    """The world on disk, one signed-in browser per member, and a way back to the beginning after each deed."""

    def __init__(self, folder: Path) -> None:
        self.app: Flask = build(folder / "instance")
        self.file = folder / "instance" / "hufu.db"
        self.saved = folder / "saved.db"
        with self.app.app_context():
            db.create_all()
            with unit_of_work():
                the_cast.settle()
            with unit_of_work():
                self.world: World = the_world.build()
                the_world.add_directory(self.world)
            self.scenes = {name: dict(getattr(self.world, name).refs) for name in ("a", "b", "p")}
            db.session.remove()
        self.clients = {name: self.sign_in(name) for name in MEMBERS}
        self.tokens = {name: Visitor(client).token() for name, client in self.clients.items()}
        self.settle()
        shutil.copy(self.file, self.saved)

    def sign_in(self, name: str) -> FlaskClient:
        client = self.app.test_client()
        if name != "nobody":
            email = f"{name.replace('_', '.')}@hufu.example"
            answer = Visitor(client).post("/sign-in", {"email": email, "password": PASSWORD})
            assert answer.status_code == 303
        return client

    def settle(self) -> None:
        with self.app.app_context():
            db.session.remove()
            with db.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            db.engine.dispose()

    def restore(self) -> None:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        for tail in ("-wal", "-shm"):
            self.file.with_name(self.file.name + tail).unlink(missing_ok=True)
        shutil.copy(self.saved, self.file)

    def rules(self) -> Iterator[tuple[str, Rule]]:
        for rule in sorted(self.app.url_map.iter_rules(), key=lambda rule: rule.rule):
            if rule.endpoint != "static":
                for verb in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                    yield verb, rule

    def url(self, rule: Rule, refs: dict[str, str]) -> str:
        missing = set(rule.arguments) - set(refs)
        assert not missing, f"tests/world.py has nothing for {missing} of {rule.rule}"
        with self.app.test_request_context():
            return self.app.url_map.bind("localhost").build(
                rule.endpoint, {name: refs[name] for name in rule.arguments}, method=next(iter(rule.methods or {"GET"}))
            )

    def ask(self, name: str, verb: str, url: str) -> Any:
        client = self.clients[name]
        with_proof = {
            "csrf_token": self.tokens[name],
            "intent": f"walk-{hashlib.sha256(url.encode()).hexdigest()[:12]}",
        }
        return client.open(url, method=verb, data=None if verb == "GET" else with_proof)

    def sign(self, answer: Any) -> str:
        if answer.status_code in (302, 303) and "/sign-in" in answer.headers["Location"]:
            return "S" if answer.status_code == 302 else "+"
        assert answer.status_code < 500, answer.get_data(as_text=True)[:3000]
        return SIGNS.get(answer.status_code, "+")


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    return Walk(tmp_path_factory.mktemp("walk"))


def read_table() -> dict[tuple[str, str], str]:
    rows = {}
    for line in TABLE.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            verb, rule, signs = line.split()
            rows[verb, rule] = signs
    return rows


def walk_member(walk: Walk, name: str) -> dict[tuple[str, str], str]:
    """The signs of one member over all routes of event A, and a look at every answer on the way."""
    found = {}
    refs = walk.scenes["a"]
    client = walk.clients[name]
    cookies = dict(client._cookies)  # signing out and its like end the browser's session: each route begins anew
    for verb, rule in walk.rules():
        client._cookies = dict(cookies)
        answer = walk.ask(name, verb, walk.url(rule, refs))
        found[verb, rule.rule.replace(" ", "")] = sign = walk.sign(answer)
        look_at(walk, name, verb, rule, answer, sign)
        if verb != "GET":
            walk.restore()
    return found


def look_at(walk: Walk, name: str, verb: str, rule: Rule, answer: Any, sign: str) -> None:
    """No leak, and the headers that every answer carries."""
    words = answer.get_data()
    where = f"{name} {verb} {rule.rule}"
    if answer.mimetype in ("text/html", "image/svg+xml"):
        assert MARKUP.encode() not in words, f"{where}: a stored text is markup"
    sees_everything = name in ("ada", "aude")
    if not sees_everything:
        assert f"{CANARY}b".encode() not in words, where
    if name in ("nobody", "xaver") and "token" not in rule.arguments:
        assert f"{CANARY}a".encode() not in words, where
    if sign in "FNS":
        assert f"{CANARY}a".encode() not in words, where
    assert answer.headers["X-Content-Type-Options"] == "nosniff", where
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"], where
    # The scanner reads codes with WebAssembly where the browser has no reader of its own; no other page may.
    may_read = "'wasm-unsafe-eval'" if rule.rule == "/door/<ref:event_ref>" else ""
    assert "unsafe" not in answer.headers["Content-Security-Policy"].replace(may_read, ""), where
    assert answer.headers["Referrer-Policy"] in ("same-origin", "no-referrer"), where
    if rule.rule not in ("/healthz", "/readyz") and "calendar" not in answer.mimetype:
        assert "no-store" in answer.headers["Cache-Control"], where
    for cookie in answer.headers.getlist("Set-Cookie"):
        assert "HttpOnly" in cookie, where
        assert "SameSite=Lax" in cookie, where


@pytest.mark.parametrize("name", MEMBERS)
def test_every_route_lets_in_exactly_whom_the_table_says(walk: Walk, name: str) -> None:
    walk.restore()
    expected = {key: signs[MEMBERS.index(name)] for key, signs in read_table().items()}
    assert walk_member(walk, name) == expected


def test_an_object_is_found_through_its_own_event_only(walk: Walk) -> None:
    """Event A's address with event B's object names nothing, also for somebody who may see both (AZ4)."""
    walk.restore()
    a, b = walk.scenes["a"], walk.scenes["b"]
    cells = 0
    for verb, rule in walk.rules():
        children = {name for name in rule.arguments if name.endswith("_ref")} - {"event_ref"} - the_shared()
        if "event_ref" in rule.arguments and children:
            refs = {**a, **{name: b[name] for name in children}}
            answer = walk.ask("ada", verb, walk.url(rule, refs))
            assert answer.status_code in (403, 404), f"{verb} {rule.rule}: {answer.status_code}"
            assert f"{CANARY}b".encode() not in answer.get_data(), rule.rule
            cells += 1
            if verb != "GET":
                walk.restore()
    assert cells > 40


def the_shared() -> set[str]:
    """Parameters whose records belong to no event."""
    return {"person_ref", "speaker_ref", "department_ref", "team_ref", "account_ref"}


def test_a_foreign_id_and_an_impossible_one_are_answered_alike(walk: Walk) -> None:
    walk.restore()
    a = walk.scenes["a"]
    for verb, rule in walk.rules():
        if verb == "GET" and "event_ref" in rule.arguments:
            foreign = walk.ask("xaver", verb, walk.url(rule, a))
            nowhere = walk.ask("xaver", verb, walk.url(rule, {**a, "event_ref": "0" * 16}))
            assert foreign.status_code == nowhere.status_code == 404, rule.rule
            assert without_numbers(foreign) == without_numbers(nowhere), rule.rule


def without_numbers(answer: Any) -> bytes:
    import re

    page = re.sub(rb'(csrf_token|intent)" value="[^"]*"|[0-9a-f]{16}|[0-9a-z]{16}', b"", answer.get_data())
    return re.sub(rb'name="next" value="[^"]*"', b"", page)


def test_reading_changes_nothing(walk: Walk) -> None:
    """The digest of all tables is the same before and after every GET of every member (CB3)."""
    walk.restore()
    before = digest(walk)
    for name in ("nobody", "ada", "olaf", "li_wei", "petra", "rita"):
        for verb, rule in walk.rules():
            if verb == "GET":
                walk.ask(name, verb, walk.url(rule, walk.scenes["a"]))
    assert digest(walk) == before


def digest(walk: Walk) -> dict[str, str]:
    with walk.app.app_context():
        found = {
            table.name: hashlib.sha256(
                repr(sorted(map(repr, db.session.execute(table.select()).all()))).encode()
            ).hexdigest()
            for table in db.metadata.sorted_tables
            if table.name not in MOVING
        }
        db.session.remove()
        return found


def test_no_act_works_without_proof_of_origin(walk: Walk) -> None:
    """CB1: every unsafe request without this session's token is refused before anything is read or written."""
    walk.restore()
    before = digest(walk)
    for verb, rule in walk.rules():
        if verb != "GET":
            answer = walk.clients["olaf"].open(walk.url(rule, walk.scenes["a"]), method=verb, data={"x": "1"})
            assert answer.status_code in (400, 403, 404), f"{rule.rule}: {answer.status_code}"
    assert digest(walk) == before


def test_a_request_from_another_site_is_refused(walk: Walk) -> None:
    walk.restore()
    url = f"/events/{walk.scenes['a']['event_ref']}/settings"
    answer = walk.clients["olaf"].post(
        url, data={"csrf_token": walk.tokens["olaf"]}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403


def test_a_stranger_sees_of_a_public_event_only_what_is_public(walk: Walk) -> None:
    walk.restore()
    refs = walk.scenes["p"]
    let_in = {
        rule.rule
        for verb, rule in walk.rules()
        if verb == "GET"
        and "event_ref" in rule.arguments
        and walk.sign(walk.ask("nobody", "GET", walk.url(rule, refs))) == "+"
    }
    assert let_in == PUBLIC_IN_PUBLIC_EVENTS


EVENT = "/events/<ref:event_ref>"
PUBLIC_IN_PUBLIC_EVENTS = {
    EVENT,
    f"{EVENT}/calendar.ics",
    f"{EVENT}/handouts",
    f"{EVENT}/handouts/booklet.pdf",
    f"{EVENT}/handouts/doors.pdf",
    f"{EVENT}/handouts/print",
    f"{EVENT}/handouts/programme.docx",
    f"{EVENT}/handouts/programme.json",
    f"{EVENT}/handouts/programme.xlsx",
    f"{EVENT}/now",
    f"{EVENT}/programme",
    f"{EVENT}/publications",
    f"{EVENT}/publications/<ref:release_ref>",
    f"{EVENT}/releases",
    f"{EVENT}/releases/<int:number>",
    f"{EVENT}/releases/compare",
    f"{EVENT}/sessions/<ref:session_ref>",
    f"{EVENT}/sessions/<ref:session_ref>/calendar.ics",
    f"{EVENT}/speakers/<ref:speaker_ref>",
    f"{EVENT}/speakers/<ref:speaker_ref>/photo",
}


def main() -> None:
    """Print the lines of the table that are missing or differ."""
    known = read_table() if TABLE.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        logs.configure("ERROR")
        walk = Walk(Path(folder))
        columns = {}
        for name in MEMBERS:
            walk.restore()
            columns[name] = walk_member(walk, name)
        for key in columns["nobody"]:
            signs = "".join(columns[name][key] for name in MEMBERS)
            if known.get(key) != signs:
                print(
                    f"{key[0]:5} {key[1].replace(' ', ''):96} {signs}   {'was ' + known[key] if key in known else ''}".rstrip()
                )
        for key in set(known) - set(columns["nobody"]):
            print(f"gone: {key}")


if __name__ == "__main__":
    sys.exit(main())
