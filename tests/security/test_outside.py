"""Four worker processes of the real server, looked at from outside over HTTP: what one has decided, all hold to."""

import http.client
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import pytest
from alembic import command
from sqlalchemy import select

from app.accounts import services as accounts
from app.accounts.models import RoleGrant
from app.core import schema
from app.core.db import db, unit_of_work
from app.core.roles import Role
from tests import cast as the_cast
from tests.architecture.test_access import MEMBERS, Walk, read_table
from tests.conftest import PASSWORD
from tests.load.processes import free_port, processor_seconds, running, tree
from tests.world import CANARY

pytestmark = pytest.mark.load
WORKERS = 4


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")


@dataclass
class Outside:
    walk: Walk
    port: int
    process: int

    def cookie(self, name: str) -> str:
        client = self.walk.clients[name]
        return "; ".join(f"{each.key}={each.value}" for each in client._cookies.values())

    def ask(
        self, path: str, verb: str = "GET", *, name: str = "", body: str = "", source: str = "127.0.0.1", **headers: str
    ) -> Answer:
        """On a connection of its own, with the path exactly as it is written."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30, source_address=(source, 0))
        connection._validate_path = lambda _path: None  # type: ignore[attr-defined]
        try:
            connection.putrequest(verb, path, skip_host=True, skip_accept_encoding=True)
            sent = {
                "Host": f"localhost:{self.port}",
                **{key.replace("_", "-"): value for key, value in headers.items()},
            }
            if name:
                sent["Cookie"] = self.cookie(name)
            if body or verb == "POST":
                sent |= {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
            for key, value in sent.items():
                connection.putheader(key, value)
            connection.endheaders(body.encode())
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    folder = tmp_path_factory.mktemp("outside")
    walk = Walk(folder)
    with walk.app.app_context():
        command.stamp(schema.alembic(), "head")
        db.session.remove()
        db.engine.dispose()
    port = free_port()
    serve = [sys.executable, "-m", "app.cli", "serve", "--port", str(port), "--workers", str(WORKERS)]
    environment = {
        "HUFU_INSTANCE": str(folder / "instance"),
        "HUFU_SECRET_KEY": "t" * 40,
        "HUFU_PASSWORD_COST": "1",
        "HUFU_LOG_LEVEL": "ERROR",
    }
    with running(serve, port=port, environment=environment, log=folder / "log") as server:
        yield Outside(walk, server.port, server.process)


# --- AZ2


def spellings(path: str) -> list[str]:
    last = path.rsplit("/", 1)[-1]
    return [
        f"/{path}", f"//{path}", path.replace("/", "//"), f"{path}/", f"{path}//", f"{path}/.", f"{path}/..", f"{path}/%2e",
        f"/.{path}", f"/./{path}", f"/x/..{path}", f"/x/%2e%2e{path}", f"/static/..{path}", f"/static/%2e%2e{path}",
        f"/static/..%2f{path[1:]}", f"/healthz/..{path}", f"/healthz/%2e%2e{path}", f"/healthz;{path}", f"{path};x", f"{path};.css",
        f"{path}.", f"{path}.json", f"{path}.css", f"{path}%00", f"{path}%20", f"{path}%09", f"{path}%2f", f"{path}%23", f"{path}%3f",
        f"{path}%3Bx", path.upper(), path.replace("/", "%2f"), path.replace("/", "%252f"), path.replace("/", "\\"),
        path.removesuffix(last) + "".join(f"%{ord(sign):02x}" for sign in last), f"http://localhost{path}", f"http://evil.example{path}",
        f"{path}?_method=GET&next=/", f"{path}?format=json", f"{path}/index.html", f"/en{path}", f"/api{path}",
    ]  # fmt: skip


HEADERS: list[dict[str, str]] = [
    {"HX_Request": "true"}, {"HX_Request": "true", "HX_Boosted": "true"}, {"X_Requested_With": "XMLHttpRequest"},
    {"X_HTTP_Method_Override": "POST"}, {"X_HTTP_Method_Override": "HEAD"}, {"X_Forwarded_For": "127.0.0.1"},
    {"X_Forwarded_Host": "localhost", "X_Forwarded_Proto": "https"}, {"X_Forwarded_User": "ada@hufu.example"},
    {"X_Remote_User": "ada@hufu.example"}, {"Remote_User": "ada@hufu.example"}, {"X_Real_IP": "::1"}, {"Forwarded": "for=127.0.0.1"},
    {"Authorization": "Basic YWRhOmFkYQ=="}, {"Accept": "application/json"}, {"Content_Type": "application/json"},
    {"Range": "bytes=0-99"}, {"If_None_Match": "*"}, {"Sec_Fetch_Site": "same-origin"}, {"X_Script_Name": "/static"},
    {"Cookie": "hufu_session=; session=1; remember_token=1"}, {"Upgrade": "h2c", "Connection": "Upgrade"},
]  # fmt: skip
POINTING = ("X_Original_URL", "X_Rewrite_URL", "X_Forwarded_Path", "X_Forwarded_Prefix", "X_Script_Name", "X_Path_Info")


def closed_paths(walk: Walk) -> list[str]:
    """One in eighteen of the pages that a stranger may not read."""
    table, column = read_table(), MEMBERS.index("nobody")
    found = [
        walk.url(rule, walk.scenes["a"])
        for verb, rule in walk.rules()
        if verb == "GET" and table.get((verb, rule.rule.replace(" ", "")), "+" * 99)[column] in "SN"
    ]
    return found[::18]


def test_no_spelling_of_an_address_and_no_header_lets_a_stranger_further_in(outside: Outside) -> None:
    """AZ2: whatever is asked for, the answer is the way to sign in, nothing there, or not understood."""
    paths = closed_paths(outside.walk)
    assert len(paths) > 4
    for path in paths:
        answers = {f"GET {each}": outside.ask(each) for each in spellings(path)}
        answers |= {f"GET {path} {each}": outside.ask(path, **each) for each in HEADERS}
        answers |= {
            f"{verb} {path}": outside.ask(path, verb)
            for verb in ("HEAD", "POST", "PUT", "DELETE", "PROPFIND", "TRACE", "FOO")
        }
        for what, answer in answers.items():
            assert answer.status in (301, 302, 308, 400, 401, 403, 404, 405, 501), f"{what}: {answer.status}"
            assert CANARY.encode() not in answer.body, what
            if answer.location:
                to = urlsplit(answer.location)
                assert to.netloc in ("", f"localhost:{outside.port}", "localhost"), f"{what}: to {answer.location}"
                assert to.path == "/sign-in" or answer.status == 308, f"{what}: to {answer.location}"
        for header in POINTING:
            pointed = outside.ask("/verify", **{header: path})
            assert (pointed.status, CANARY.encode() in pointed.body) == (200, False), f"{header}: {path}"


# --- AN5


def try_to_sign_in(outside: Outside, password: str, number: int, source: str = "127.0.0.1") -> Answer:
    body = urlencode(
        {
            "csrf_token": outside.walk.tokens["nobody"],
            "intent": f"try-{password}-{number}",
            "email": "tom@hufu.example",
            "password": password,
        }
    )
    forged = {"X_Forwarded_For": f"203.0.113.{number}", "X_Real_IP": f"203.0.113.{number}"}
    return outside.ask("/sign-in", "POST", name="nobody", body=body, source=source, **forged)


def test_four_processes_count_wrong_passwords_together(outside: Outside) -> None:
    """AN5: ten tries in all, however many processes there are and whatever a header says; the owner is not locked out."""
    with ThreadPoolExecutor(6) as guessers:
        answers = list(guessers.map(lambda number: try_to_sign_in(outside, "a wrong password", number), range(24)))
    told = [answer for answer in answers if answer.status == 429]
    assert sorted(answer.status for answer in answers) == [422] * 10 + [429] * 14
    assert all(int(answer.headers["Retry-After"]) <= 900 for answer in told)
    assert try_to_sign_in(outside, PASSWORD, 99).status == 429
    assert try_to_sign_in(outside, PASSWORD, 99, source="127.0.0.2").status == 303, "the owner gets in from elsewhere"
    assert outside.ask("/", name="tom").status == 200, "and a session that is under way goes on"


# --- AN16


def test_a_role_that_is_taken_back_is_gone_in_every_process_at_once(outside: Outside) -> None:
    """AN16: forty requests on fresh connections, and none of them is served any more."""
    event = outside.walk.scenes["a"]["event_ref"]
    page = f"/events/{event}/registrations"
    assert {outside.ask(page, name="olaf").status for _ in range(16)} == {200}
    with outside.walk.app.app_context():
        cast = the_cast.load()
        grant = db.session.scalars(
            select(RoleGrant).where(RoleGrant.account_id == cast.olaf.id, RoleGrant.role == Role.ORGANIZER)
        ).one()
        with unit_of_work():
            accounts.withdraw_role(grant, actor=cast.ada)
        db.session.remove()
    assert {outside.ask(page, name="olaf").status for _ in range(40)} <= {403, 404}


def test_an_account_that_is_closed_is_out_in_every_process_at_once(outside: Outside) -> None:
    assert {outside.ask("/settings", name="petra").status for _ in range(16)} == {200}
    with outside.walk.app.app_context():
        cast = the_cast.load()
        with unit_of_work():
            accounts.disable(cast.petra, reason="left", actor=cast.ada)
        db.session.remove()
    answers = [outside.ask("/settings", name="petra") for _ in range(40)]
    assert {answer.status for answer in answers} == {302}
    assert all(answer.location.startswith("/sign-in") for answer in answers)


def test_more_than_one_process_answers(outside: Outside) -> None:
    """The control: connections that all went to one process would prove nothing above."""
    workers = tree(outside.process)[1:]
    before = {worker: processor_seconds(worker) for worker in workers}
    for _ in range(60):
        outside.ask("/sign-in")
    assert len(workers) == WORKERS
    assert sum(processor_seconds(worker) > before[worker] for worker in workers) >= 2
