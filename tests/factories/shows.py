"""Runs of show for tests, made by their own acts."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from app.core.roles import SYSTEM
from app.events.models import Event
from app.shows import services
from app.shows.models import Cue, Show

_number = itertools.count(1)


def make_show(event: Event, **values: Any) -> Show:
    """An evening that begins at 19:30 (Shanghai) on the first day, with no cue yet."""
    day = event.starts_on
    starts = datetime(day.year, day.month, day.day, 11, 30, tzinfo=UTC)
    given = {"title": f"Evening {next(_number)}", "starts_at": starts}
    return services.add_show(event, actor=SYSTEM, **{**given, **values})


def make_cue(show: Show, **values: Any) -> Cue:
    given = {"title": f"Cue {next(_number)}", "minutes": 5}
    return services.add_cue(show, actor=SYSTEM, **{**given, **values})


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)
