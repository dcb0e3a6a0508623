"""Who wants to know when a place is given up: features above registration, which it does not know by name."""

from collections.abc import Callable, Sequence

from app.core.roles import Actor
from app.registration.models import Registration

Listener = Callable[[Sequence[Registration], Actor], None]
_listeners: list[Listener] = []


def on_leaving(listener: Listener) -> Listener:
    """Have `listener` run, in the same unit of work, whenever people no longer have or ask for a place."""
    _listeners.append(listener)
    return listener


def tell_left(registrations: Sequence[Registration], actor: Actor) -> None:
    for each in _listeners:
        each(registrations, actor)
