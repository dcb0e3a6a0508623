"""Ceremonies and awards for tests, made by their own acts."""

import itertools
from typing import Any

from app.awards import services as awards
from app.awards.models import Award
from app.ceremonies import services as ceremonies
from app.ceremonies.models import Ceremony
from app.core.roles import SYSTEM
from app.events.models import Event

_number = itertools.count(1)


def make_ceremony(event: Event, **values: Any) -> Ceremony:
    given = {"kind": "awarding", "title": f"Ceremony {next(_number)}"}
    return ceremonies.add_ceremony(event, actor=SYSTEM, **{**given, **values})


def make_award(event: Event, **values: Any) -> Award:
    """Prepared and not conferred."""
    given = {"kind": "award", "title": f"Award {next(_number)}"}
    return awards.add_award(event, actor=SYSTEM, **{**given, **values})
