"""The minute of a ceremony in which everybody signs: is a signature lost, and how long does each take?

    python -m tests.load.signatures                          200 signatures, four workers, SQLite and PostgreSQL
    python -m tests.load.signatures --on sqlite --signatures 30 --seconds 10

Each person signs with a passkey in a browser of their own: the page, the question for the device, the signature. What
goes before (signing in, reading to the end, agreeing once) is done before the minute begins. Afterwards every answer that
said yes must be a record with its row in the log, the chain must hold, every pledge must be in force, and every PDF must
be sealed to its end. The exit status is 1 when one of these does not hold. Times are told, not judged.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select

from tests.factories.proofs import Device
from tests.load.bench import percentile
from tests.load.browser import Browser, read_form
from tests.load.processes import free_port, postgres, running
from tests.load.product import Product

ROLES = ("pledger", "witness", "countersigner")
ABREAST = 24  # browsers at the same moment
PATIENCE = 900.0  # seconds for the papers to be sealed


@dataclass
class Signer:
    """One person before one document, with the device that holds their passkey."""

    person: int
    path: str
    device: Device
    browser: Browser | None = None
    asked: float = 0.0
    taken: float = 0.0
    answer: float = 0.0
    trouble: str = ""


@dataclass
class Outcome:
    faults: list[str] = field(default_factory=list)


def prepare(side: Product, signatures: int) -> list[Signer]:
    """As many pledges as there are signatures for, each open for three people who have a passkey."""
    from app.accounts.models import Account
    from app.core.db import db, unit_of_work
    from app.core.roles import SYSTEM
    from app.events.models import Event
    from app.people.models import Person
    from app.pledges import services
    from tests.factories.proofs import make_passkey
    from tests.load.product import address

    signers = []
    with side.app().app_context():
        event_ref = side.events[-1]
        for first in range(0, signatures, len(ROLES)):
            numbers = range(first, min(first + len(ROLES), signatures))
            devices = {}
            for number in numbers:
                account = db.session.scalar(select(Account).where(Account.email == address(number + 1)))
                devices[number] = make_passkey(account)[1]
            with unit_of_work():
                event = db.session.scalar(select(Event).where(Event.ref == event_ref))
                pledge = services.draft_pledge(
                    event, actor=SYSTEM, title=f"Word of line {first // 3 + 1}", text="We keep our *word*. 说到做到。"
                )
                for number, role in zip(numbers, ROLES, strict=False):
                    person = db.session.scalar(select(Person).where(Person.email == address(number + 1)))
                    services.add_slot(pledge, person, role, actor=SYSTEM)
                services.open_pledge(pledge, actor=SYSTEM)
                path = f"/events/{event_ref}/pledges/{pledge.ref}/sign"
            signers += [Signer(number + 1, path, devices[number]) for number in numbers]
        db.session.remove()
        db.engine.dispose()
    return signers


def come_in(side: Product, port: int, signer: Signer) -> None:
    """Sign in, read to the end, agree once."""
    signer.browser = browser = side.browser(port, signer.person)
    signer.device.origin = f"http://localhost:{port}"
    answer = browser.send(read_form(browser.get(signer.path), ending="/reading"))
    assert answer.status == 303, answer.body[:300]
    answer = browser.send(read_form(browser.get("/account/consent"), ending="/account/consent"))
    assert answer.status == 303, answer.body[:300]
    browser.close()  # nobody keeps a line open until it is their turn


def sign(signer: Signer, at: float) -> None:
    browser = signer.browser
    assert browser is not None
    time.sleep(max(0.0, at - time.monotonic()))
    begun = time.monotonic()
    try:
        form = read_form(browser.get(signer.path), ending="/sign")
        told = browser.post(signer.path + "/question", form.hidden)
        asked = json.loads(told.body)
        signer.asked = told.seconds
        answer = browser.send(
            form, means="passkey", challenge=asked["challenge"], assertion=signer.device.use(asked["options"])
        )
        signer.answer = answer.seconds
        if answer.status != 303:
            signer.trouble = f"{answer.status}"
    except Exception as error:
        signer.trouble = repr(error)[:200]
    signer.taken = time.monotonic() - begun
    browser.close()


def report(
    side: Product, workers: int, signatures: int, seconds: float, say: Callable[[str], None]
) -> Outcome:  # fmt: skip
    outcome, port = Outcome(), free_port()
    begun = time.monotonic()
    signers = prepare(side, signatures)
    papers = -(-signatures // len(ROLES))
    say(f"{papers} pledges drawn, sealed and opened: {(time.monotonic() - begun) / papers:.2f} s each")
    with running(side.command(port, workers), port=port, environment=side.environment, log=side.folder / "log"):
        with ThreadPoolExecutor(8) as some:
            list(some.map(lambda each: come_in(side, port, each), signers))
        start = time.monotonic() + 1
        with ThreadPoolExecutor(ABREAST) as all_at_once:
            turns = [start + seconds * n / len(signers) for n in range(len(signers))]
            list(all_at_once.map(sign, signers, turns))
        took = time.monotonic() - start
        accepted = [each for each in signers if not each.trouble]
        outcome.faults += [f"person {each.person}: {each.trouble}" for each in signers if each.trouble]
        for words, values in (
            ("a signature, answered", [each.answer for each in accepted]),
            ("page, question and signature", [each.taken for each in accepted]),
        ):
            middle, late = percentile(values, 50), percentile(values, 99)
            say(f"{len(values)} in {took:.0f} s: {words}: median {middle:.3f} s, 99 of 100 within {late:.3f} s")
        begun = time.monotonic()
        sealed = wait_until_sealed(side, papers)
        all_sealed = time.monotonic() - start
        if sealed < papers:
            outcome.faults.append(f"{papers - sealed} papers are not sealed after {time.monotonic() - begun:.0f} s")
        seals = signatures + papers
        say(
            f"{seals} seals in {sealed} papers, {all_sealed:.0f} s after the first signature: {all_sealed / seals:.2f} s each"
        )
    outcome.faults += check(side, len(accepted), papers, say)
    return outcome


def wait_until_sealed(side: Product, papers: int) -> int:
    """Until every paper is complete, or patience is at its end; how many are."""
    from app.core.db import db
    from app.signing.models import IssuedDocument

    until, sealed = time.monotonic() + PATIENCE, 0
    with side.app().app_context():
        while sealed < papers and time.monotonic() < until:
            time.sleep(1)
            db.session.rollback()
            sealed = db.session.scalar(select(func.count()).where(IssuedDocument.is_complete)) or 0
        db.session.remove()
        db.engine.dispose()
    return sealed


def check(side: Product, accepted: int, papers: int, say: Callable[[str], None]) -> list[str]:
    """Against what was answered."""
    from app.core import audit
    from app.core.audit import AuditEntry
    from app.core.db import db
    from app.pledges.models import Pledge, PledgeState, Signature

    faults = []
    with side.app().app_context():
        kept = db.session.scalar(select(func.count(Signature.id))) or 0
        told = db.session.scalar(select(func.count()).where(AuditEntry.action == "pledge.signed")) or 0
        in_force = db.session.scalar(select(func.count()).where(Pledge.state == PledgeState.IN_FORCE)) or 0
        if not kept == told == accepted:
            faults.append(f"{accepted} were answered yes, {kept} are recorded, {told} stand in the log")
        if in_force != papers:
            faults.append(f"{in_force} of {papers} pledges are in force")
        begun = time.monotonic()
        verdict = audit.verify()
        say(f"chain of {verdict.rows:,} rows verified in {time.monotonic() - begun:.1f} s")
        if verdict.broken_at is not None:
            faults.append(f"the chain is broken at row {verdict.broken_at}: {verdict.why}")
        db.session.remove()
        db.engine.dispose()
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description="The minute of a ceremony in which everybody signs.")
    parser.add_argument("--on", nargs="+", choices=["sqlite", "postgres"], default=["sqlite", "postgres"])
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--signatures", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0)
    asked = parser.parse_args()
    faults: list[str] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hufu-signatures-")))
        server = stack.enter_context(postgres()) if "postgres" in asked.on else None
        for kind in asked.on:
            home = folder / kind
            home.mkdir()
            url = server.create("signatures") if kind == "postgres" and server else f"sqlite:///{home / 'hufu.db'}"
            side = Product()
            side.prepare(url, home, [100_000])
            found = report(
                side,
                asked.workers,
                asked.signatures,
                asked.seconds,
                lambda words, kind=kind: print(kind, words, flush=True),
            )
            faults += [f"{kind}: {each}" for each in found.faults]
    for each in faults:
        print("FAULT", each)
    print("nothing was lost" if not faults else f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
