"""Who wants to know when what was under way about an assignment ends with it: features above, unknown here by name."""

from collections.abc import Callable

from app.core.roles import Actor
from app.requirements.models import Assignment

Listener = Callable[[Assignment, Actor], None]
_listeners: list[Listener] = []


def on_parting(listener: Listener) -> Listener:
    """Have `listener` run, in the same unit of work, whenever an assignment is transferred, ends, or has a new date."""
    _listeners.append(listener)
    return listener


def end_pending(assignment: Assignment, actor: Actor) -> None:
    """End what waits for an answer about it: a counter-proposal, a request for more time."""
    for each in _listeners:
        each(assignment, actor)
