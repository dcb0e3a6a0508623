"""Many people register at once, against real server processes: is a place ever given twice, is anybody turned away?

    python -m tests.load.storm                            SQLite and PostgreSQL, full size
    python -m tests.load.storm --on sqlite --sides floor
    python -m tests.load.storm --sides hufu --workers 4 --only mixed --attempts 2000 --rounds 20
    python -m tests.load.storm --on postgres --sides hufu --workers 4 --only mixed --attempts 300 --rounds 1

Five storms: the last place contested by 8 at once, 50 times; 600 for 200 places; 32 always under way; the rush (T15),
where people come at 1.5 times the pace measured just before, answered or not; and the mixed one, where people of 100 places register, withdraw and come back, many at once, on an event of its own in each round
(`--attempts` is the number of acts in a round, `--rounds` how often this and the first two are repeated). Before them
the control: a gate that counts and then inserts must give a contested place twice, or the storm is too mild to tell.
The exit status is 1 when a place was given twice, somebody was lost, or an answer was 5xx. Times are told, not judged.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from http.client import HTTPException
from itertools import count
from pathlib import Path
from threading import Barrier

from tests.load.bench import percentile, register
from tests.load.browser import Browser, Form
from tests.load.processes import free_port, memory_mb, postgres, running
from tests.load.sides import SIDES, Floor, Side

NO_ANSWER = 599
EVERYBODY = 100_000
LAST_PERSON = 1200  # storms nowhere


@dataclass(frozen=True)
class Size:
    """How hard it blows. The first event of the sides is full of rows and takes no part."""

    rounds: int = 50
    rivals: int = 8
    crowds: int = 1
    crowd: int = 600
    crowd_abreast: int = 0  # so many of the crowd press at the same moment, the next as soon as one is answered; 0: all
    places: int = 200
    steady: int = 640
    in_flight: int = 32
    mixed_rounds: int = 2
    attempts: int = 400
    mixed_places: int = 100
    rushing: int = 450
    rush_places: int = 300

    @property
    def capacities(self) -> list[int]:
        mixed = [self.mixed_places] * self.mixed_rounds
        return [EVERYBODY, *[1] * self.rounds, *[self.places] * self.crowds, EVERYBODY, *mixed, self.rush_places]

    @property
    def crowded_events(self) -> range:
        return range(self.rounds + 1, self.rounds + 1 + self.crowds)

    @property
    def steady_event(self) -> int:
        return self.crowded_events.stop

    @property
    def mixed_events(self) -> range:
        return range(self.steady_event + 1, self.steady_event + 1 + self.mixed_rounds)

    @property
    def rush_event(self) -> int:
        return self.mixed_events.stop


SMALL = Size(
    rounds=2,
    rivals=6,
    crowd=40,
    places=15,
    steady=32,
    in_flight=16,
    mixed_rounds=1,
    attempts=60,
    mixed_places=10,
    rushing=45,
    rush_places=30,
)


@dataclass
class Outcome:
    """What a storm left behind."""

    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @property
    def failures(self) -> int:
        return sum(number for status, number in self.statuses.items() if status >= 500)


@dataclass(frozen=True)
class Answered:
    """What one person got: the worse of the two statuses, seconds to the answer, and until the confirmation is read."""

    status: int
    answer: float
    whole: float
    again: int = 0  # how often they were asked to come again, and did


def at_once(browsers: list[Browser], forms: list[Form], abreast: int = 0) -> tuple[list[Answered], float]:
    """Everybody sends at the same moment and then looks at the confirmation; with it, the seconds in all.

    With `abreast` so many send at the same moment, and the next whenever one has been answered.
    """
    start = Barrier((abreast or len(browsers)) + 1)
    waits = deque([True] * (abreast or len(browsers)))

    def one(browser: Browser, form: Form) -> Answered:
        if waits and waits.pop():
            start.wait()
        begun = time.perf_counter()
        taken, again = 0.0, 0
        try:
            answer = browser.send(form)
            while answer.status == 503 and answer.headers["Retry-After"] and again < 10:
                time.sleep(int(answer.headers["Retry-After"]) * random.uniform(1, 2))  # as the page does by itself
                answer, again = browser.send(form), again + 1
            taken = time.perf_counter() - begun
            status = max(answer.status, browser.follow(answer).status)
        except (OSError, HTTPException):
            status = NO_ANSWER
        finally:
            browser.close()
        whole = time.perf_counter() - begun
        return Answered(status, taken or whole, whole, again)

    with ThreadPoolExecutor(abreast or len(browsers)) as pool:
        sent = [pool.submit(one, browser, form) for browser, form in zip(browsers, forms, strict=True)]
        start.wait()
        begun = time.perf_counter()
        answers = [each.result() for each in sent]
        whole = time.perf_counter() - begun
    return answers, whole


def sign_in(side: Side, port: int, people: list[int]) -> list[Browser]:
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda person: browser_of(side, port, person), people))


def open_forms(side: Side, browsers: list[Browser], event: int) -> list[Form]:
    """Everybody has the form open before them."""

    def one(browser: Browser) -> Form:
        form = side.open_form(browser, event)
        browser.close()  # until all are there the server would close the idle ones itself
        return form

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(one, browsers))


def gather(side: Side, port: int, people: list[int], event: int) -> tuple[list[Browser], list[Form]]:
    """People with the form open before them."""
    browsers = sign_in(side, port, people)
    return browsers, open_forms(side, browsers, event)


def judge(outcome: Outcome, side: Side, event: int, people: int, places: int) -> bool:
    """Whether exactly the places were given, and everybody else waits."""
    standing = side.standing(event)
    held = min(people, places)
    if (standing.counted, standing.held, standing.waiting) != (held, held, people - held):
        outcome.faults.append(f"event {event}: {standing} with {people} people and {places} places")
        return False
    return True


def contest(side: Side, port: int, size: Size) -> Outcome:
    outcome, fair = Outcome(), 0
    for event in range(1, size.rounds + 1):
        first = 1 + (event - 1) * size.rivals
        answers, _ = at_once(*gather(side, port, list(range(first, first + size.rivals)), event))
        outcome.statuses.update(each.status for each in answers)
        fair += judge(outcome, side, event, size.rivals, 1)
    outcome.told.append(f"last place, {size.rivals} at once: exactly one got it in {fair} of {size.rounds} rounds")
    return outcome


def crowd(side: Side, port: int, size: Size) -> Outcome:
    outcome, fair = Outcome(), 0
    answers, rounds = [], []
    browsers = sign_in(side, port, list(range(1, size.crowd + 1)))
    for event in size.crowded_events:
        got, taken = at_once(browsers, open_forms(side, browsers, event), size.crowd_abreast)
        fair += judge(outcome, side, event, size.crowd, size.places)
        answers += got
        rounds.append(taken)
    outcome.statuses.update(each.status for each in answers)
    seconds, wholes = [each.answer for each in answers], [each.whole for each in answers]
    outcome.told.append(
        f"{size.crowd} for {size.places} places, {size.crowd_abreast or 'all'} abreast: right in {fair} of {size.crowds} rounds, {max(rounds):.1f} s in all at "
        f"most, p50 {percentile(seconds, 50):.2f} s, p95 {percentile(seconds, 95):.2f} s, p99 {percentile(seconds, 99):.2f} s; "
        f"with the confirmation p50 {percentile(wholes, 50):.2f} s, p95 {percentile(wholes, 95):.2f} s; {sum(each.again for each in answers)} times somebody was asked to come again"
    )
    return outcome


def steady(side: Side, port: int, size: Size) -> Outcome:
    """So many always under way, each a whole registration; the time of the post alone is what a writer waits."""
    outcome = Outcome()
    numbers = count(1)
    people = [[next(numbers) for _ in range(size.steady // size.in_flight)] for _ in range(size.in_flight)]
    browsers = [[side.browser(port, person) for person in own] for own in people]
    for each in (browser for own in browsers for browser in own):
        each.close()
    wholes: list[float] = []
    posts: list[float] = []

    def one(own: list[Browser]) -> None:
        for browser in own:
            begun = time.perf_counter()
            try:
                answer = browser.send(side.open_form(browser, size.steady_event))
                posts.append(answer.seconds)
                outcome.statuses[max(answer.status, browser.follow(answer).status)] += 1
            except (OSError, HTTPException):
                outcome.statuses[NO_ANSWER] += 1
            wholes.append(time.perf_counter() - begun)
            browser.close()

    with ThreadPoolExecutor(size.in_flight) as pool:
        list(pool.map(one, browsers))
    judge(outcome, side, size.steady_event, size.in_flight * (size.steady // size.in_flight), EVERYBODY)
    outcome.told.append(
        f"{size.in_flight} under way: p50 {percentile(posts, 50):.3f} s, p99 {percentile(posts, 99):.3f} s, "
        f"slowest {max(posts):.3f} s for the post; p99 {percentile(wholes, 99):.3f} s for the whole registration"
    )
    return outcome


def rush(side: Side, port: int, size: Size) -> Outcome:
    """A third at once tells the pace; the others come by the clock, half as fast again. Who is told to come again later
    (503 with Retry-After) has no place and no row; everybody else has an answer, and nobody who came later than a
    second after the first who found nothing has a place."""
    outcome = Outcome()
    people = list(range(1, size.rushing + 1))
    browsers, forms = gather(side, port, people, size.rush_event)
    third = size.rushing // 3
    first, whole = at_once(browsers[:third], forms[:third])
    pace = 1.5 * third / whole
    start = time.perf_counter() + 0.2

    def one(number: int, browser: Browser, form: Form) -> tuple[float, float, int, bool]:
        comes = number / pace
        time.sleep(max(0.0, start + comes - time.perf_counter()))
        try:
            answer = browser.send(form)
            seconds = time.perf_counter() - start - comes  # from when they came, not from when we got round to sending
            if answer.status == 503 and answer.headers["Retry-After"]:
                return comes, seconds, 503, False
            page = browser.follow(answer)
            return comes, seconds, max(answer.status, page.status), b"You have a place" in page.body
        except (OSError, HTTPException):
            return comes, time.perf_counter() - start - comes, NO_ANSWER, False
        finally:
            browser.close()

    rest = range(size.rushing - third)
    with ThreadPoolExecutor(len(rest)) as pool:
        came = list(pool.map(one, rest, browsers[third:], forms[third:]))
    again = sum(status == 503 for _comes, _seconds, status, _in in came)
    outcome.statuses.update(
        [*(each.status for each in first), *(status for _comes, _seconds, status, _in in came if status != 503)]
    )
    judge(outcome, side, size.rush_event, size.rushing - again, size.rush_places)
    inside = [comes for comes, _seconds, _status, is_in in came if is_in]
    outside = [comes for comes, _seconds, status, is_in in came if not is_in and status < 400]
    late = max(inside) - min(outside) if inside and outside else 0.0
    seconds = [each for _comes, each, _status, _in in came]
    outcome.told.append(
        f"rush of {len(came)} at {pace:.0f}/s: p50 {percentile(seconds, 50):.2f} s, p95 {percentile(seconds, 95):.2f} s, "
        f"{again} asked to come again, the last place taken {max(0.0, late):.2f} s after the first who found none"
    )
    return outcome


def mixed(side: Side, port: int, size: Size) -> Outcome:
    """Every act at once: each person registers, withdraws, comes back, so that places fall free while others come.

    With 2,000 acts of 800 people nearly half are withdrawals. Afterwards whoever stayed has a place or waits for one.
    """
    outcome, fair = Outcome(), 0
    if not side.leaves:
        return outcome
    people = max(size.in_flight, size.attempts * 2 // 5)
    chosen = [browser_of(side, port, person) for person in range(1, people + 1)]
    posts: list[float] = []
    begun = time.perf_counter()
    for event in size.mixed_events:
        shares = [chosen[each :: size.in_flight] for each in range(size.in_flight)]
        acts = deque(range(size.attempts))  # taken by whoever is free; a deque is safe among threads
        staying: set[int] = set()

        def one(own: list[Browser], event: int = event, acts: deque[int] = acts, staying: set[int] = staying) -> None:
            inside: dict[int, bool] = {}
            for turn in count():
                try:
                    acts.popleft()
                except IndexError:
                    break
                browser = own[turn % len(own)]
                here = inside.get(id(browser), False)
                try:
                    form = (side.leave_form if here else side.open_form)(browser, event)
                    answer = browser.send(form)
                    posts.append(answer.seconds)
                    outcome.statuses[max(answer.status, browser.follow(answer).status)] += 1
                    inside[id(browser)] = not here if answer.status == 303 else is_inside(side, browser, event)
                except (OSError, HTTPException):
                    outcome.statuses[NO_ANSWER] += 1
                    inside[id(browser)] = is_inside(side, browser, event)
                finally:
                    browser.close()
            staying.update(each for each, there in inside.items() if there)

        with ThreadPoolExecutor(size.in_flight) as pool:
            list(pool.map(one, shares))
        fair += judge(outcome, side, event, len(staying), size.mixed_places)
    taken = time.perf_counter() - begun
    outcome.told.append(
        f"{size.attempts} acts mixed, {size.in_flight} under way: right in {fair} of {size.mixed_rounds} rounds, "
        f"{taken:.0f} s in all, p50 {percentile(posts, 50):.3f} s, p99 {percentile(posts, 99):.3f} s for the post"
    )
    return outcome


def is_inside(side: Side, browser: Browser, event: int) -> bool:
    """Whether the person stands in the list, after an answer that did not come or did not say so."""
    browser.close()
    try:
        side.leave_form(browser, event)
    except (LookupError, OSError, HTTPException):
        return False
    return True


def browser_of(side: Side, port: int, person: int) -> Browser:
    browser = side.browser(port, person)
    browser.close()
    return browser


STORMS: tuple[Callable[[Side, int, Size], Outcome], ...] = (contest, crowd, steady, rush, mixed)


def blow(
    side: Side,
    database: str,
    *,
    folder: Path,
    size: Size,
    workers: int,
    storms: tuple[Callable[[Side, int, Size], Outcome], ...] = STORMS,
) -> list[Outcome]:
    """All the storms over one side, on the database with this URL, which is empty."""
    side.prepare(database, folder, size.capacities)
    port = free_port()
    command, log = side.command(port, workers), folder / "server.log"
    with running(command, port=port, environment=side.environment, log=log) as server:
        # One registration warms every path, so that no storm measures the first import.
        first = side.browser(port, LAST_PERSON)
        register(side, first, 0)
        first.close()
        outcomes = [storm(side, port, size) for storm in storms]
        if outcomes:
            outcomes[-1].told.append(f"memory afterwards: {memory_mb(server.process):.0f} MB in {workers} processes")
    return outcomes


def report(title: str, outcomes: list[Outcome]) -> bool:
    """Print the outcomes; whether all is well."""
    print(f"\n{title}")
    for outcome in outcomes:
        for line in outcome.told:
            print(f"  {line}")
        print(f"  answers: {dict(sorted(outcome.statuses.items()))}")
        for fault in outcome.faults[:5]:
            print(f"  FAULT {fault}")
    return not any(outcome.faults or outcome.failures for outcome in outcomes)


def sized(size: Size, given: argparse.Namespace) -> Size:
    """The size with what was asked for on the command line."""
    asked = {
        "rounds": given.rounds, "mixed_rounds": given.rounds, "crowds": given.rounds, "attempts": given.attempts, "rivals": given.rivals,
        "in_flight": given.in_flight, "crowd_abreast": given.abreast,
    }  # fmt: skip
    made = replace(size, **{name: number for name, number in asked.items() if number is not None})
    if made.rounds * made.rivals >= LAST_PERSON or made.attempts > 3000:
        raise SystemExit(f"There are {LAST_PERSON} people: fewer rounds, rivals or attempts, please.")
    return made


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--on", nargs="+", choices=["sqlite", "postgres"], default=["sqlite", "postgres"])
    parser.add_argument("--sides", nargs="+", choices=list(SIDES), default=list(SIDES))
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--small", action="store_true", help="the size that the test suite uses")
    parser.add_argument("--only", nargs="+", choices=[each.__name__ for each in STORMS], help="these storms alone")
    parser.add_argument(
        "--rounds", type=int, help="how often the last place is contested, the crowd comes and the mixed storm blows"
    )
    parser.add_argument("--attempts", type=int, help="acts in a round of the mixed storm, 3,000 at the most")
    parser.add_argument("--rivals", type=int, help="people for the last place, in each round")
    parser.add_argument("--in-flight", type=int, help="people always under way")
    parser.add_argument("--abreast", type=int, help="how many of the crowd press at the same moment; else all of them")
    given = parser.parse_args()
    size = sized(SMALL if given.small else Size(), given)
    storms = tuple(each for each in STORMS if given.only is None or each.__name__ in given.only)
    well = True
    with tempfile.TemporaryDirectory(prefix="hufu-storm-") as top, ExitStack() as stack:
        server = stack.enter_context(postgres()) if "postgres" in given.on else None
        numbers = count(1)

        def fresh(kind: str) -> tuple[str, Path]:
            name = f"storm{next(numbers)}"
            folder = Path(top) / name
            folder.mkdir()
            url = server.create(name) if server and kind == "postgres" else f"sqlite:///{folder / 'storm.db'}"
            return url, folder

        for kind in given.on:
            url, folder = fresh(kind)
            mild = replace(size, crowds=min(size.crowds, 2))  # a crowd or two tell as much as twenty
            control = blow(Floor("naive"), url, folder=folder, size=mild, workers=2, storms=(contest, crowd))
            oversold = sum(len(each.faults) for each in control)
            print(f"\ncontrol on {kind}: a gate that counts and then inserts gave out too many in {oversold} events")
            well = well and oversold > 0
            for name in given.sides:
                for workers in given.workers:
                    url, folder = fresh(kind)
                    outcomes = blow(SIDES[name], url, folder=folder, size=size, workers=workers, storms=storms)
                    well = report(f"{name} on {kind}, {workers} server process(es)", outcomes) and well
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
