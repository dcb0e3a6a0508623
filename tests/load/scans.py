"""From scan to verdict with 5,000 people: phones that keep a door of a real server, each as fast as it can.

    python -m tests.load.scans [--phones 4] [--scans 1000] [--postgres] [--lists]

Every tenth scan is of somebody who is in already, every fiftieth of a code that never was. Besides, each phone looks
for a name now and then, half of them mistyped. Printed, not asserted.
"""

import argparse
import http.client
import json
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from sqlalchemy import select, update

from tests.load import lists
from tests.load.processes import free_port, postgres, running
from tests.load.product import Product

MANY = 5_000
SEARCH_EVERY = 25
WORDS = ("lindkvist", "crowd 4999", "zhagn wei", "li wei", "person 12", "liwei")


@dataclass
class Door:
    """An event with its people, and the tokens of the phones that let them in."""

    event: str
    codes: list[str]
    tokens: list[str]


@dataclass
class Phone:
    """One phone: a connection that stays, a cookie, a proof of origin."""

    port: int
    event: str
    token: str
    taken: dict[str, list[float]] = field(default_factory=lambda: {"scan": [], "search": []})
    said: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        self.headers = {"Cookie": f"hufu_door={self.token}", "Content-Type": "application/json"}
        answer, body = self._ask("GET", "state")
        cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]
        self.headers |= {"X-CSRFToken": body["csrf"], "Cookie": f"hufu_door={self.token}; {cookie}"}

    def _ask(self, verb: str, path: str, sent: object = None) -> tuple[http.client.HTTPResponse, dict]:
        self.line.request(verb, f"/door/{self.event}/{path}", json.dumps(sent) if sent else None, self.headers)
        answer = self.line.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}: {body[:300]!r}")
        return answer, json.loads(body)

    def scan(self, code: str) -> None:
        began = time.perf_counter()
        scans = [{"id": str(uuid4()), "point": "", "code": code, "at": 0}]
        _answer, body = self._ask("POST", "scans", {"sent": 0, "scans": scans})
        self.taken["scan"].append(time.perf_counter() - began)
        self.said[body["verdicts"][0]["outcome"]] += 1

    def search(self, words: str) -> None:
        began = time.perf_counter()
        self._ask("GET", f"people?q={words.replace(' ', '+')}")
        self.taken["search"].append(time.perf_counter() - began)

    def keep(self, codes: Sequence[str]) -> None:
        for number, code in enumerate(codes):
            self.scan(code)
            if number % SEARCH_EVERY == 0:
                self.search(WORDS[number // SEARCH_EVERY % len(WORDS)])


def make_door(product: Product, phones: int) -> Door:
    from app.core import clock
    from app.core.db import db, unit_of_work
    from app.core.roles import SYSTEM
    from app.door.models import Device, Profile
    from app.events.queries import select_visible
    from app.registration.models import Registration
    from app.signing import tokens
    from tests.factories.registration import make_crowd

    app, secrets = product.app(), [str(uuid4()) for _each in range(phones)]
    with app.app_context():
        event = db.session.scalars(select_visible(SYSTEM)).one()
        make_crowd(event, MANY - 500)
        with unit_of_work():
            ids = db.session.scalars(select(Registration.id).where(Registration.event_id == event.id)).all()
            codes = [tokens.new_admission_code() for _each in ids]
            rows = [{"id": each, "door_code": code} for each, code in zip(ids, codes, strict=True)]
            db.session.execute(update(Registration), rows)
            for number, secret in enumerate(secrets):
                device = Device(event=event, name=f"Phone {number}", profile=Profile.SEARCH, paired_at=clock.now())
                device.token_hash, device.expires_at = tokens.digest(secret), clock.now() + timedelta(days=1)
                db.session.add(device)
        ref = event.ref
        db.session.remove()
        db.engine.dispose()
    return Door(ref, codes, secrets)


def mixed(codes: Sequence[str], number: int) -> list[str]:
    """As many codes, some of them shown before and some that never were."""
    shown: list[str] = []
    fresh = iter(codes)
    for at in range(number):
        if at % 50 == 49:
            shown.append("0000-0000-0000-0000")
        elif at % 10 == 9:
            shown.append(shown[-5])
        else:
            shown.append(next(fresh))
    return shown


def measure(phones: Sequence[Phone], codes: Sequence[Sequence[str]]) -> float:
    threads = [threading.Thread(target=phone.keep, args=(own,)) for phone, own in zip(phones, codes, strict=True)]
    began = time.perf_counter()
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return time.perf_counter() - began


def percentile(taken: Sequence[float], part: float) -> float:
    return 1000 * sorted(taken)[min(len(taken) - 1, int(part * len(taken)))]


def report(
    say: Callable[[str], None] = print, *, phones: int = 4, scans: int = 1000, database: str = "", folder: str = ""
) -> None:
    product = Product()
    product.prepare(database or f"sqlite:///{folder}/scans.db", Path(folder), [100_000])
    door = make_door(product, phones)
    each = scans // phones
    shares = [mixed(door.codes[n * each : (n + 1) * each], each) for n in range(phones)]
    port = free_port()
    log = Path(folder) / "server.log"
    with running(product.command(port, 1), port=port, environment=product.environment, log=log):
        keepers = [Phone(port, door.event, token) for token in door.tokens]
        seconds = measure(keepers, shares)
    said = sum((phone.said for phone in keepers), Counter())
    for kind, words in (("scan", "scan to verdict"), ("search", "a name, half of them mistyped")):
        taken = [one for phone in keepers for one in phone.taken[kind]]
        found = ", ".join(f"p{round(100 * part)} {percentile(taken, part):.0f} ms" for part in (0.5, 0.95, 0.99))
        say(f"{MANY:,} people, {phones} phones: {words}: {found} ({len(taken)} times)")
    say(f"{scans / seconds:.0f} scans a second; {dict(said)}")


def main() -> None:
    given = argparse.ArgumentParser()
    given.add_argument("--phones", type=int, default=4)
    given.add_argument("--scans", type=int, default=1000)
    given.add_argument("--postgres", action="store_true")
    given.add_argument("--lists", action="store_true", help="also what the lists cost with 10,000 people, on SQLite")
    asked = given.parse_args()
    base = postgres() if asked.postgres else nullcontext()
    with tempfile.TemporaryDirectory(prefix="hufu-scans-") as folder, base as server:
        database = server.create("scans") if server else ""
        try:
            report(phones=asked.phones, scans=asked.scans, database=database, folder=folder)
            if asked.lists:
                lists.report()
        except (RuntimeError, OSError) as error:
            sys.exit(str(error))


if __name__ == "__main__":
    main()
