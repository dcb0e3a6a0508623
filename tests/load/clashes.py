"""What finding clashes costs: 5,000 items, printed, not asserted.

python -m tests.load.clashes
"""

import gc
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median

from app.programme.clashes import Around, Named, Place, Slot, Stop, Window, find_clashes

NINE = datetime(2027, 1, 14, 1, tzinfo=UTC)
ITEMS, ROOMS, PEOPLE, SLOTS_A_DAY = 5000, 12, 400, 20


def usual() -> tuple[list[Slot], Around]:
    """12 rooms, 21 days, two speakers and one needed person each, windows, stops, tracks, half-hour items; few clashes."""
    rooms = [Place(f"r{n}", f"Room {n}", 40 + n, f"Building {n % 2}") for n in range(ROOMS)]
    people = [Named(f"p{n}", f"Person {n}") for n in range(PEOPLE)]
    tracks = [Named(f"t{n}", f"Track {n}") for n in range(6)]
    slots = []
    for n in range(ITEMS):
        turn, room = divmod(n, ROOMS)
        day, place = divmod(turn, SLOTS_A_DAY)
        start = NINE + timedelta(days=day, minutes=30 * place)
        slots.append(
            Slot(
                key=f"i{n:05}",
                title=f"Item {n}",
                starts_at=start,
                ends_at=start + timedelta(minutes=31 if n % 500 == 0 else 30),
                room=rooms[room],
                people=(people[n % PEOPLE], people[(n * 7 + 200) % PEOPLE]),
                answers=("accepted", "accepted"),
                needed=(people[(n + 100) % PEOPLE],),
                track=tracks[room % 6],
                pause=place % 4 == 3,
                expected=30,
            )
        )
    days = range(ITEMS // ROOMS // SLOTS_A_DAY + 1)
    windows = [
        Window(
            who=person,
            starts_at=NINE + timedelta(days=day, hours=-1),
            ends_at=NINE + timedelta(days=day, hours=11),
            is_free=True,
        )
        for person in people[::4]
        for day in days
    ]
    stops = [
        Stop(
            at=NINE + timedelta(days=day, hours=10),
            until=NINE + timedelta(days=day, hours=15),
            reason="the hall closes",
        )
        for day in days
    ]
    return slots, Around(
        opens_at=NINE - timedelta(hours=9), closes_at=NINE + timedelta(days=60), windows=windows, stops=stops, crowd=300
    )


def pathological(items: int) -> tuple[list[Slot], Around]:
    """Everything at once in one room: every pair is a clash, so that the answer itself is quadratic."""
    hall = Place("hall", "Hall")
    ends_at = NINE + timedelta(hours=1)
    return [
        Slot(key=f"i{n:05}", title=f"Item {n}", starts_at=NINE, ends_at=ends_at, room=hall) for n in range(items)
    ], Around()


def milliseconds(plan: tuple[list[Slot], Around], times: int = 9) -> tuple[float, int]:
    """The median of some runs, in processor time of this thread, and how many clashes there are."""
    taken, found = [], 0
    for _each in range(times):
        gc.collect()
        began = time.thread_time()
        found = len(find_clashes(*plan))
        taken.append(1000 * (time.thread_time() - began))
    return median(taken), found


def report(say: Callable[[str], None] = print) -> None:
    for words, plan in ((f"{ITEMS:,} items as planned", usual()), ("300 items all at once", pathological(300))):
        taken, found = milliseconds(plan)
        say(f"clashes: {words}: {taken:.1f} ms, {found:,} clashes")


if __name__ == "__main__":
    report()
