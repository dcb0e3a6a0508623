"""Evenings that are on, for tests, made by their own acts."""

import itertools
from datetime import datetime
from typing import Any

from app.core.roles import SYSTEM
from app.shows.models import Cue, Show
from app.stage import links, marks, services
from app.stage.models import Stage

_number = itertools.count(1)


def begin(show: Show, *, rehearsal: bool = False) -> Stage:
    return services.begin(show, actor=SYSTEM, rehearsal=rehearsal)


def make_stage(show: Show) -> Stage:
    """Not begun, with a link for its screen."""
    return services.make_link(show, actor=SYSTEM)


def press(stage: Stage, cue: Cue, kind: str, at: datetime | None = None, **values: Any) -> None:
    """A mark as the system's own console makes it."""
    marks.mark(stage, cue, actor=SYSTEM, entry=f"entry-{next(_number)}", kind=kind, at=at, values=values)


def screen_path(stage: Stage) -> str:
    """The address of the hall's screen, with a link made for it."""
    services.make_link(stage.show, actor=SYSTEM)
    return f"/screen/{links.token_of(stage)}"
