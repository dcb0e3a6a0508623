"""Forms and answers, in as few words as possible."""

from typing import Any

from app.core.db import unit_of_work
from app.core.roles import SYSTEM
from app.events.models import Event
from app.questions import services
from app.questions.models import FormVersion


def ask(key: str, kind: str = "text", **more: Any) -> dict[str, Any]:
    """One question; `choices` may be words alone or (word, places)."""
    given = {"key": key, "kind": kind, "label": more.pop("label", key.capitalize()), **more}
    if kind == "nights":
        given = {"first_on": "2027-01-13", "last_on": "2027-01-15", **given}
    if kind == "consent":
        given = {"terms": "I agree.", **given}
    if "choices" in given:
        pairs = [each if isinstance(each, tuple) else (each, None) for each in given["choices"]]
        given["choices"] = [{"key": word, "label": word.capitalize(), "places": number} for word, number in pairs]
    return given


def form_of(*questions: dict[str, Any]) -> dict[str, Any]:
    return {"sections": [{"key": "all", "title": "All", "title_local": None, "questions": list(questions)}]}


def publish(event: Event, *questions: dict[str, Any], **more: Any) -> FormVersion:
    with unit_of_work():
        services.replace_schema(event, form_of(*questions), actor=SYSTEM)
        return services.publish(event, actor=SYSTEM, **more)
