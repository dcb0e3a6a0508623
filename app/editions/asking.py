"""The form of a registration in an outline: its deadlines and nights count from the first day, its years move along."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import UTC, time, timedelta
from typing import Any

from app.core.relative import RelativeDate
from app.events.models import Event
from app.questions.phases import until_of
from app.questions.schema import day_of, questions_of

TEXTS = ("title", "title_local", "label", "label_local", "help", "help_local", "terms", "terms_local")
NIGHTS = {"first_on": "first_day", "last_on": "last_day"}


def told_form(schema: Mapping[str, Any], event: Event, write: Callable[[str, int], str]) -> dict[str, Any]:
    """A form as an outline tells it; `write` puts placeholders in the place of years."""
    made = _with_texts(schema, lambda text: write(text, event.starts_on.year))
    for question in questions_of(made):
        mine: Any = question  # our own copy
        mine.pop("terms_version", None)
        until = until_of(question)
        if until is not None:
            relative = RelativeDate.of(until, event.starts_on, event.time_zone)
            mine["until"] = {
                "days_before": -relative.days,
                "at": relative.at.isoformat("seconds" if relative.at.second else "minutes"),
            }
        for name, relative_name in NIGHTS.items():
            if name in mine:
                mine[relative_name] = (day_of(mine.pop(name)) - event.starts_on).days + 1
    return made


def form_for(told: Mapping[str, Any], event: Event, read: Callable[[str, int], str]) -> dict[str, Any]:
    """The form for an event on its own days; `read` puts the years back. Raises ValueError, KeyError or TypeError where nothing can be made of it."""
    made = _with_texts(told, lambda text: read(text, event.starts_on.year))
    for question in questions_of(made):
        mine: Any = question
        if isinstance(mine.get("until"), Mapping):
            days, at = -int(mine["until"]["days_before"]), time.fromisoformat(mine["until"]["at"])
            mine["until"] = RelativeDate(days, at).moment(event.starts_on, event.time_zone).astimezone(UTC).isoformat()
        for name, relative_name in NIGHTS.items():
            if relative_name in mine:
                mine[name] = (event.starts_on + timedelta(days=int(mine.pop(relative_name)) - 1)).isoformat()
    return made


def _with_texts(schema: Mapping[str, Any], change: Any) -> dict[str, Any]:
    """A copy in which what people read is changed, and nothing else."""
    made = deepcopy(dict(schema))
    for section in made["sections"]:
        for thing in (
            section,
            *section["questions"],
            *(c for q in section["questions"] for c in q.get("choices") or ()),
        ):
            for name in TEXTS:
                if thing.get(name):
                    thing[name] = change(thing[name])
    return made
