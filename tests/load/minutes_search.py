"""What the library's search costs with 2,000 minutes of 20 kB, in both databases, beside the database's own bare query.

python -m tests.load.minutes_search
"""

import random
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import cache
from itertools import accumulate
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import text

from tests.load.processes import postgres
from tests.load.product import PASSWORD, Product, address

MINUTES, SIGNS, GATHERINGS = 2_000, 20_000, 40
QUESTIONS = {
    "a rare word": "zephyr",
    "a word that half of them say": "harbour",
    "two Chinese characters": "泵房",
    "a Chinese phrase": "泵房检修记录",
    "two words": "harbour zephyr",
    "a Chinese and an English word": "泵房 harbour",
    "a word that nobody says": "quokka",
}
BARE = {
    "sqlite": "SELECT rowid FROM search_fts WHERE search_fts MATCH :asked ORDER BY rank LIMIT 25",
    "postgresql": "SELECT id FROM search_entry WHERE search_fts @@ to_tsquery('simple', :asked) "
    "ORDER BY ts_rank(search_fts, to_tsquery('simple', :asked)) DESC LIMIT 25",
}


def report(say: Callable[[str], None] = print, *, many: int = MINUTES, times: int = 11) -> None:
    with tempfile.TemporaryDirectory(prefix="hufu-minutes-") as folder, postgres() as server:
        for database in (f"sqlite:///{folder}/search.db", server.create("minutes_search")):
            _measure(database, Path(folder), say, many=many, times=times)


def _measure(database: str, folder: Path, say: Callable[[str], None], *, many: int, times: int) -> None:
    from app.core.db import db

    product = Product()
    product.prepare(database, folder, [100_000])
    app = product.app()
    with app.app_context():
        began = time.perf_counter()
        fill(many)
        kind = db.engine.dialect.name
        if kind == "postgresql":
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as line:
                line.execute(text("VACUUM ANALYZE"))
        say(f"{kind}: {many:,} minutes of {SIGNS // 1000} kB filed in {time.perf_counter() - began:.0f} s")
    browser = app.test_client()
    form = browser.get("/sign-in").text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    browser.post("/sign-in", data={**hidden, "email": address(0), "password": PASSWORD})
    browser.get("/minutes")
    for words, asked in {"the library, nothing asked": "", **QUESTIONS}.items():
        with app.app_context(), counted(db.engine) as told:
            page = _median(times, lambda asked=asked: _open(browser, asked))
            statements = len(told) // times
            within = 1000 * sum(each for _statement, each in told) / times
        if not asked:
            say(f"{kind}: {words}: {statements} statements, {within:.1f} ms in the database, page {page:.1f} ms")
            continue
        with app.app_context():
            hits, find = _median_of_find(asked, times)
            bare = _bare(kind, asked, times)
        say(
            f"{kind}: {words} ({hits:,} hits): page {statements} statements, {within:.1f} ms in the database, "
            f"{page:.1f} ms in all; find {find:.1f} ms, bare query {bare:.1f} ms, ratio {find / bare:.1f}"
        )
    with app.app_context():
        db.engine.dispose()


def _open(browser: Any, asked: str) -> None:
    answer = browser.get("/minutes", query_string={"q": asked} if asked else {})
    if answer.status_code != 200:
        raise RuntimeError(f"the library answered {answer.status_code}")


def _median(times: int, act: Callable[[], Any]) -> float:
    taken = []
    for _each in range(times):
        began = time.perf_counter()
        act()
        taken.append(1000 * (time.perf_counter() - began))
    return median(taken)


def _median_of_find(asked: str, times: int) -> tuple[int, float]:
    from app.core.db import db
    from app.core.roles import SYSTEM
    from app.events.queries import select_visible_ids
    from app.search.queries import find

    found: list[int] = []

    def once() -> None:
        entries, total = find(
            asked, visible_events=select_visible_ids(SYSTEM), clearance=3, kinds=["minutes"], per_page=25
        )
        found.append(total)
        if bool(entries) != bool(total):
            raise RuntimeError("hits without entries")
        db.session.expunge_all()

    taken = _median(times, once)
    return found[-1], taken


def _bare(kind: str, asked: str, times: int) -> float:
    from app.core.db import db
    from app.search.tokens import fts_query, ts_query

    query = (fts_query if kind == "sqlite" else ts_query)(asked)
    return _median(times, lambda: db.session.execute(text(BARE[kind]), {"asked": query}).all())


@contextmanager
def counted(engine: Any) -> Iterator[list[tuple[str, float]]]:
    """Each statement with the seconds that the database took for it."""
    told: list[tuple[str, float]] = []
    begun: list[float] = []

    def before(*_more: Any) -> None:
        begun.append(time.perf_counter())

    def after(_line: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        taken = time.perf_counter() - begun.pop()
        if not statement.startswith(("BEGIN", "PRAGMA")):
            told.append((statement, taken))

    sqlalchemy_event.listen(engine, "before_cursor_execute", before)
    sqlalchemy_event.listen(engine, "after_cursor_execute", after)
    try:
        yield told
    finally:
        sqlalchemy_event.remove(engine, "before_cursor_execute", before)
        sqlalchemy_event.remove(engine, "after_cursor_execute", after)


# --- what is searched ---------------------------------------------------------------------------------------------


def fill(many: int) -> None:
    """Published minutes in sections of three levels; rows are stored without the acts, and filed as acts file them."""
    from sqlalchemy import select

    from app.core import clock
    from app.core.db import db, new_ref, unit_of_work
    from app.events.models import Audience, Event, Status
    from app.minutes import library
    from app.minutes.models import Minutes, MinutesState, MinutesVersion, Section
    from app.people.models import Person
    from app.programme.models import Session

    chance, now = random.Random(20270114), clock.now()
    with unit_of_work():
        people = list(db.session.scalars(select(Person).order_by(Person.id).limit(GATHERINGS)))
        for number in range(GATHERINGS):
            day = date(now.year, 1, 14) - timedelta(days=90 * number)
            event = Event(title=f"Review {number}", starts_on=day, ends_on=day, time_zone="Asia/Shanghai", city="Foshan",
                          audience=Audience.INTERNAL, status=Status.PUBLISHED, published_at=now)  # fmt: skip
            event.host = people[0].organization
            db.session.add(event)
            for each in range(many // GATHERINGS):
                session = Session(event=event, title=f"Session {each}", kind="board", position=each, day=day)
                minutes = Minutes(event=event, session=session, title=f"Minutes {number}-{each}", recorder=people[number % len(people)],
                                  year=day.year, number=number * 1000 + each, state=MinutesState.PUBLISHED, published_at=now,
                                  least_clearance=0, subjects=[f"Subject {each % 30}"])  # fmt: skip
                version = MinutesVersion(minutes=minutes, number=1, published_at=now, frozen_at=now, attendance={})
                version.sections = [
                    Section(
                        origin=new_ref(), position=at, heading=f"Item {at}", clearance=level, source=said, text=said
                    )
                    for at, (level, said) in enumerate(zip((0, 1, 2), told(chance), strict=True), 1)
                ]
                db.session.add(version)
                db.session.flush()
                minutes.current = version
                library.file_under(minutes)
            db.session.flush()
            db.session.expunge_all()
            people = list(db.session.scalars(select(Person).order_by(Person.id).limit(GATHERINGS)))


def told(chance: random.Random) -> list[str]:
    """20 kB of paragraphs, two thirds English and one third Chinese, in three sections."""
    words, weights = _vocabulary()
    paragraphs = []
    for _each in range(28):
        paragraphs.append(" ".join(chance.choices(words, cum_weights=weights, k=80)) + ".")
    for _each in range(14):
        paragraphs.append("".join(chr(0x4E00 + int(chance.paretovariate(0.9)) % 1_800) for _sign in range(160)) + "。")
    if chance.random() < 0.5:
        paragraphs[3] += " The harbour was closed."
    if chance.random() < 0.01:
        paragraphs[5] += " A zephyr blew."
    if chance.random() < 0.2:
        paragraphs[30] += "泵房检修记录已核对。"
    chance.shuffle(paragraphs)
    return ["\n\n".join(paragraphs[at::3]) for at in range(3)]


@cache
def _vocabulary() -> tuple[list[str], list[float]]:
    """Words, and how often they are said: the second half as often as the first, and so on."""
    words = [_word(random.Random(number)) for number in range(3_000)]
    return words, list(accumulate(1 / rank for rank in range(1, 3_001)))


def _word(chance: random.Random) -> str:
    return "".join(chance.choice("bdfgklmnprst") + chance.choice("aeiou") for _each in range(chance.randint(1, 4)))


if __name__ == "__main__":
    report()
