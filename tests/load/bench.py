"""Measure every side in one run and print what it costs as a multiple of the floor.

    python -m tests.load.bench                              SQLite
    python -m tests.load.bench --on sqlite postgres         both
    python -m tests.load.bench --requests 400 --rounds 5    more exact

A ratio compares processor time, of the server's processes and of PostgreSQL's together, for the same requests in
turns: it stays the same when other programs load the machine. Times on the clock are told for scale; nothing here
fails on them.
"""

import argparse
import gzip
import json
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from itertools import cycle, islice
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urljoin

from tests.load import clashes, lists
from tests.load.browser import Answer, Browser
from tests.load.processes import Postgres, free_port, memory_mb, postgres, processor_seconds, running
from tests.load.sides import BENCH_PAGES, FOR_ORGANIZERS, SIDES, Side

REGISTRATION = "registration"
AIMS = {
    "event home": 2.5,
    "home, first": 2.5,
    "programme": 1.6,
    "calendar, first": 1.7,
    "calendar, again": 1.7,
    "registrations": 2.2,
    REGISTRATION: 2.0,
}
EVENTS = 31  # the first warms up and repeats; the other homes and calendars are each asked for once
MEMBER = 900  # has not registered, and speaks nowhere
NEWCOMERS = 100  # register in a round
FIRST_NEWCOMER = 501  # the people before it are registered already


@dataclass
class Measured:
    """One measurement of one side; a figure for each round, medians told."""

    processor_ms: list[float] = field(default_factory=list)
    clock_ms: list[float] = field(default_factory=list)
    busy_ms: list[float] = field(default_factory=list)  # with several in flight
    compressed_bytes: int = 0
    sent_bytes: int = 0


@dataclass
class Served:
    """A side that is up."""

    side: Side
    port: int
    processes: list[int]
    member: Browser
    organizer: Browser
    ready_at: float  # on the performance counter

    def browser(self, page: str) -> Browser:
        """Most people who look at an event organize nothing."""
        return self.organizer if page in FOR_ORGANIZERS else self.member

    def processor_seconds(self) -> float:
        return sum(processor_seconds(each) for each in self.processes)


def percentile(values: Sequence[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else values[0]


@contextmanager
def served(side: Side, *, workers: int, folder: Path, database_process: int | None) -> Iterator[Served]:
    port = free_port()
    log = folder / f"{side.name}.log"
    with running(side.command(port, workers), port=port, environment=side.environment, log=log) as server:
        first = Browser(port)
        first.get("/readyz")  # answered by the floor as well, with 404 or 500: it has no such page
        first.close()
        ready_at = time.perf_counter()
        processes = [server.process, *([database_process] if database_process else [])]
        member, organizer = side.browser(port, MEMBER), side.browser(port, 0)
        yield Served(side, port, processes, member, organizer, ready_at)
        member.close()
        organizer.close()


def measure(up: Served, into: Measured, act: Callable[[], list[Answer]]) -> None:
    """Run the act and note what one answerable unit of it cost: a page, or a whole registration."""
    before = up.processor_seconds()
    answers = act()
    into.processor_ms.append(1000 * (up.processor_seconds() - before) / len(answers))
    bad = [answer for answer in answers if answer.status != 200]
    if bad:
        raise RuntimeError(f"{up.side.name}: {bad[0].path} answered {bad[0].status}\n{bad[0].body[:500]!r}")
    into.clock_ms += [1000 * answer.seconds for answer in answers]
    into.compressed_bytes = answers[0].compressed_size
    into.sent_bytes = len(answers[0].body)


def ask_in_turn(browser: Browser, paths: list[str], number: int) -> list[Answer]:
    return [browser.get(path) for path in islice(cycle(paths), number)]


def ask_at_once(as_who: Browser, path: str, number: int, in_flight: int) -> list[float]:
    """Milliseconds of each answer when so many are always under way."""

    def one(browser: Browser) -> list[float]:
        taken = [1000 * browser.get(path).seconds for _ in range(number // in_flight)]
        browser.close()
        return taken

    browsers = [Browser(as_who.port, dict(as_who.cookies), dict(as_who.headers)) for _ in range(in_flight)]
    with ThreadPoolExecutor(in_flight) as pool:
        return [each for taken in pool.map(one, browsers) for each in taken]


def weigh_first_visit(browser: Browser, path: str) -> tuple[int, int]:
    """Bytes over the line and requests of a page with all that it loads: styles, scripts and what they import."""
    wanted, seen, weight = [path], set(), 0
    while wanted:
        each = wanted.pop()
        if each in seen:
            continue
        seen.add(each)
        answer = browser.get(each, **{"Accept-Encoding": "gzip"})
        weight += len(answer.body)
        body = gzip.decompress(answer.body) if answer.headers["Content-Encoding"] == "gzip" else answer.body
        wanted += [urljoin(each, found) for found in LOADED.findall(body.decode(errors="replace"))]
    return weight, len(seen)


# A sheet, script or icon that a page names, the sprite that its icons stand in, a module or font that those import.
LOADED = re.compile(r'(?:(?:src|<link[^>]*? href|<use href)="|from "|import "|url\("?)(/static/[^"#)]+|\./[^"#)]+)')


def register(side: Side, browser: Browser, event: int) -> Answer:
    """The whole of it: the form, the post, the confirmation. `seconds` is the time of the three."""
    begun = time.perf_counter()
    form = side.open_form(browser, event)
    last = browser.follow(browser.send(form))
    return Answer(last.status, last.body, last.headers, time.perf_counter() - begun, last.path)


def measure_round(
    ups: list[Served], results: dict[str, dict[str, Measured]], turn: int, requests: int, newcomers: int
) -> None:
    asked = results[ups[0].side.name]
    pages = {up.side.name: up.side.pages() for up in ups}
    for up in ups:
        for name in asked.keys() & BENCH_PAGES:
            ask_in_turn(up.browser(name), pages[up.side.name][name][:1], 5)
    for name in (each for each in BENCH_PAGES if each in asked):
        for up in ups:
            paths = pages[up.side.name][name]
            into = results[up.side.name][name]
            browser = up.browser(name)
            if len(paths) > 1:
                measure(up, into, lambda browser=browser, paths=paths: ask_in_turn(browser, paths[1:], len(paths) - 1))
            else:
                # The kernel counts in hundredths of a second, too coarse for few of the cheapest.
                number = requests * 5 if name == "calendar, again" else requests
                measure(
                    up, into, lambda browser=browser, paths=paths, number=number: ask_in_turn(browser, paths, number)
                )
                into.busy_ms += ask_at_once(browser, paths[0], requests, 16)
    if REGISTRATION not in asked:
        return
    people = range(FIRST_NEWCOMER + turn * newcomers, FIRST_NEWCOMER + (turn + 1) * newcomers)
    for up in ups:
        browsers = [up.side.browser(up.port, person) for person in people]
        warm = browsers.pop()
        register(up.side, warm, 1)
        warm.close()
        into = results[up.side.name][REGISTRATION]
        measure(up, into, lambda up=up, browsers=browsers: [register(up.side, each, 1) for each in browsers])
        for each in browsers:
            each.close()


def bench(
    database: str,
    sides: list[Side],
    *,
    only: Sequence[str],
    requests: int,
    rounds: int,
    workers: int,
    folder: Path,
    events: int = EVENTS,
    newcomers: int = NEWCOMERS,
) -> dict[str, object]:
    """Measure on one database, `sqlite` or `postgres`, and print the table."""
    results = {side.name: {name: Measured() for name in AIMS if name in only} for side in sides}
    memory: dict[str, float] = {}
    started: dict[str, float] = {}
    visits: dict[str, tuple[int, int]] = {}
    with ExitStack() as stack:
        server: Postgres | None = stack.enter_context(postgres()) if database == "postgres" else None
        for side in sides:
            own = folder / f"{database}-{side.name}"
            own.mkdir()
            url = server.create(side.name) if server else f"sqlite:///{own / 'bench.db'}"
            side.prepare(url, own, [100_000] * events)
        for turn in range(rounds):
            with ExitStack() as up:
                process = server.process if server else None
                ups = []
                for side in sides:
                    begun = time.perf_counter()
                    ups.append(up.enter_context(served(side, workers=workers, folder=folder, database_process=process)))
                    started[side.name] = ups[-1].ready_at - begun
                measure_round(ups, results, turn, requests, newcomers)
                visits = {
                    each.side.name: weigh_first_visit(each.member, each.side.pages()["event home"][0]) for each in ups
                }
                memory = {each.side.name: memory_mb(each.processes[0]) for each in ups}
    print_table(database, sides, results, memory)
    print("From start to the first answer: " + ", ".join(f"{name} {each:.1f} s" for name, each in started.items()))
    for name, (weight, requests_) in visits.items():
        print(f"First visit of the event home, {name}: {weight / 1000:.1f} kB in {requests_} requests")
    return {
        "database": database,
        "memory_mb": memory,
        "started_seconds": started,
        "first_visit": visits,
        "measured": {side: {name: asdict(each) for name, each in pages.items()} for side, pages in results.items()},
    }


def print_table(
    database: str, sides: list[Side], results: dict[str, dict[str, Measured]], memory: dict[str, float]
) -> None:
    base = results[sides[0].name]
    print(f"\n{database}: processor time per request, as a multiple of the {sides[0].name}")
    print(
        f"{'':17}{'':12}{'cpu ms':>8}{'ratio':>7}{'aim':>6}{'p50':>8}{'p95':>8}{'p99':>8}{'p99 of 16':>11}{'gzip kB':>9}"
    )
    for name in base:
        for side in sides:
            one = results[side.name][name]
            cost = median(one.processor_ms)
            least = median(base[name].processor_ms)
            ratio = f"{cost / least:.2f}" if least and side is not sides[0] else ""
            aim = f"{AIMS[name]:.1f}" if ratio else ""
            clock = "".join(f"{percentile(one.clock_ms, each):8.1f}" for each in (50, 95, 99))
            busy = f"{percentile(one.busy_ms, 99):11.0f}" if one.busy_ms else f"{'':11}"
            print(
                f"{name:17}{side.name:12}{cost:8.2f}{ratio:>7}{aim:>6}{clock}{busy}{one.compressed_bytes / 1000:9.1f}"
            )
    print("Memory after the run: " + ", ".join(f"{name} {used:.0f} MB" for name, used in memory.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--on", nargs="+", choices=["sqlite", "postgres"], default=["sqlite"])
    parser.add_argument("--sides", nargs="+", choices=list(SIDES), default=list(SIDES))
    parser.add_argument("--only", nargs="+", choices=list(AIMS), default=list(AIMS), help="measure these alone")
    parser.add_argument("--requests", type=int, default=160)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write every figure here")
    given = parser.parse_args()
    # The floor comes first, as it is what the others are divided by.
    sides = [SIDES[name] for name in SIDES if name in given.sides]
    with tempfile.TemporaryDirectory(prefix="hufu-bench-") as folder:
        figures = [
            bench(
                each,
                sides,
                only=given.only,
                requests=given.requests,
                rounds=given.rounds,
                workers=given.workers,
                folder=Path(folder),
            )
            for each in given.on
        ]
    clashes.report()
    lists.report()
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
