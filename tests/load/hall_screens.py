"""How old the picture in the hall is while 500 screens ask for it, each a second after its last answer.

    python -m tests.load.hall_screens [--screens 500] [--workers 2] [--changes 20] [--postgres]

An operator calls a cue every two seconds. A screen's age is the time from the commit of that mark to the last byte of the
answer that shows it. Printed, not asserted.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.load.browser import Browser
from tests.load.processes import free_port, postgres, processor_seconds, running
from tests.load.product import Product
from tests.load.scans import percentile

EVERY = 1.0  # seconds that a screen waits after an answer, as static/stage/hall.js does
APART = 2.0  # seconds from one call to the next


@dataclass
class Evening:
    """What the operator and the screens need to know of it."""

    show: str
    path: str


@dataclass
class Seen:
    """What all screens were told, and when."""

    ages: list[float] = field(default_factory=list)
    taken: list[float] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    lost: int = 0


@dataclass
class Called:
    """The number of the cue that the hall should see, and since when it is stored."""

    number: int = -1
    at: float = 0.0


def make_evening(product: Product, cues: int) -> Evening:
    from app.core.db import db, unit_of_work
    from app.core.roles import SYSTEM
    from app.events.queries import select_visible
    from tests.factories.shows import make_cue, make_show
    from tests.factories.stages import begin, screen_path

    with product.app().app_context():
        with unit_of_work():
            show = make_show(db.session.scalars(select_visible(SYSTEM)).one(), title="The evening")
            for number in range(cues):
                make_cue(show, kind="speech", title=f"Speech {number:04}", minutes=1)
            path = screen_path(begin(show))
        made = Evening(show.ref, f"{path}/picture")
        db.session.remove()
        db.engine.dispose()
    return made


async def operate(product: Product, evening: Evening, called: Called, changes: int) -> None:
    """Call one cue after the other, in a thread: it writes to the database as the console's request does."""
    from sqlalchemy import select

    from app.core.db import db, unit_of_work
    from app.shows.models import Show
    from app.stage import queries
    from tests.factories.stages import press

    app = product.app()

    def call(number: int) -> None:
        with app.app_context():
            show = db.session.scalars(select(Show).where(Show.ref == evening.show)).one()
            stage = queries.find_stage(show)
            assert stage is not None
            with unit_of_work():
                press(stage, show.cues[number], "called")
            called.number, called.at = number, time.perf_counter()
            db.session.remove()

    for number in range(changes):
        await asyncio.to_thread(call, number)
        await asyncio.sleep(APART)


async def watch(port: int, path: str, called: Called, seen: Seen, delay: float) -> None:
    """One screen, until it is cancelled."""
    await asyncio.sleep(delay)
    tag, shown = "", -1
    reader = writer = None
    while True:
        began = time.perf_counter()
        try:
            if writer is None or reader is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nIf-None-Match: {tag}\r\n\r\n".encode())
            status, headers, body = await answer_of(reader)
        except (OSError, asyncio.IncompleteReadError):
            seen.lost += 1
            reader = writer = None
            await asyncio.sleep(EVERY)
            continue
        now = time.perf_counter()
        seen.taken.append(now - began)
        seen.answers[status] += 1
        if status == 200:
            tag = headers["etag"]
            at = body.find(b"Speech ")
            number = int(body[at + 7 : at + 11]) if at >= 0 else -1
            if number > shown and number == called.number:
                seen.ages.append(now - called.at)
            shown = number
        if headers.get("connection") == "close":
            writer.close()
            reader = writer = None
        await asyncio.sleep(EVERY)


async def answer_of(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {
        name.lower(): value.strip() for name, _colon, value in (line.partition(":") for line in head[1:]) if name
    }
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return int(head[0].split()[1]), headers, body


async def measure(product: Product, evening: Evening, port: int, screens: int, changes: int) -> Seen:
    called, seen = Called(), Seen()
    path = urlsplit(evening.path).path
    tasks = [
        asyncio.create_task(watch(port, path, called, seen, EVERY * number / screens)) for number in range(screens)
    ]
    await asyncio.sleep(2 * EVERY)
    await operate(product, evening, called, changes)
    await asyncio.sleep(2 * EVERY)
    for each in tasks:
        each.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return seen


def warm(port: int, path: str) -> None:
    """Every worker has answered before the screens come: what it imports at its first answer is not theirs."""
    until = time.monotonic() + 60
    quick = 0
    while quick < 40 and time.monotonic() < until:
        browser = Browser(port)
        answer = browser.get(path)
        browser.close()
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")
        quick = quick + 1 if answer.seconds < 0.3 else 0


def report(
    say: Callable[[str], None] = print,
    *,
    screens: int = 500,
    workers: int = 2,
    changes: int = 20,
    database: str = "",
    folder: str = "",
) -> None:
    product = Product()
    product.prepare(database or f"sqlite:///{folder}/hall.db", Path(folder), [100_000])
    evening = make_evening(product, changes)
    port = free_port()
    log = Path(folder) / "server.log"
    with running(product.command(port, workers), port=port, environment=product.environment, log=log) as server:
        warm(port, evening.path)
        began, spent = time.perf_counter(), processor_seconds(server.process)
        seen = asyncio.run(measure(product, evening, port, screens, changes))
        seconds = time.perf_counter() - began
        spent = processor_seconds(server.process) - spent
    found = ", ".join(f"p{round(100 * part)} {percentile(seen.ages, part):.0f} ms" for part in (0.5, 0.95, 0.99))
    say(f"{screens} screens, {workers} workers: age of a new picture {found}, oldest {1000 * max(seen.ages):.0f} ms")
    asked = sum(seen.answers.values())
    told = ", ".join(f"p{round(100 * part)} {percentile(seen.taken, part):.0f} ms" for part in (0.5, 0.95, 0.99))
    say(f"{asked / seconds:.0f} questions a second, answered in {told}; {dict(seen.answers)}, {seen.lost} lost")
    say(
        f"{1000 * spent / asked:.2f} ms of processor a question; {len(seen.ages)} of {screens * changes} changes seen first"
    )


def main() -> None:
    given = argparse.ArgumentParser()
    given.add_argument("--screens", type=int, default=500)
    given.add_argument("--workers", type=int, default=2)
    given.add_argument("--changes", type=int, default=20)
    given.add_argument("--postgres", action="store_true")
    asked = given.parse_args()
    base = postgres() if asked.postgres else nullcontext()
    with tempfile.TemporaryDirectory(prefix="hufu-hall-") as folder, base as server:
        database = server.create("hall") if server else ""
        try:
            report(
                screens=asked.screens, workers=asked.workers, changes=asked.changes, database=database, folder=folder
            )
        except (RuntimeError, OSError) as error:
            sys.exit(str(error))


if __name__ == "__main__":
    main()
