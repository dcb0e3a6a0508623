"""`hufu` at breakfast: browser tests take place from 07:07 in Shanghai on, whatever the clock on the wall says.

The demo has a day that is on today. Near midnight it would be over before the tests come to it.
"""

import os
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.core import clock

ZONE = ZoneInfo("Asia/Shanghai")
VARIABLE = "HUFU_TEST_SHIFT"  # seconds; so that every process of one run is off by the same time


_wall = clock.now


def _to_breakfast() -> timedelta:
    wall = _wall()
    return datetime.combine(wall.astimezone(ZONE).date(), time(7, 7), ZONE) - wall


SHIFT = timedelta(seconds=float(os.environ[VARIABLE])) if VARIABLE in os.environ else _to_breakfast()


def now() -> datetime:
    """This moment of the tests, in UTC, with its zone."""
    return _wall() + SHIFT


def main() -> None:
    clock.now = lambda: clock._told.get() or now()
    from app import cli

    cli.main()


if __name__ == "__main__":
    main()
