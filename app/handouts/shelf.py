"""Made files, kept in this process until the programme changes: a printed page costs a hundred times a read one."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable

from app.core import clock
from app.core.i18n import language_tag
from app.events.models import Event

KEPT = 40
MINUTES = 10  # what is told of people may have changed in the directory meanwhile

_bodies: OrderedDict[str, bytes] = OrderedDict()
_making = threading.Lock()


def key_of(event: Event, *what: object) -> str:
    """By everything that the file is made from."""
    told = (event.ref, event.version, event.programme_version, event.release_number, language_tag(), *what)
    slot = int(clock.now().timestamp()) // (60 * MINUTES)
    return hashlib.sha256(repr((slot, told)).encode()).hexdigest()[:32]


def find(key: str, make: Callable[[], bytes]) -> bytes:
    """The kept file, else a new one. They are made one after the other, so that visitors cannot take all the processor."""
    kept = _bodies.get(key)
    if kept is not None:
        return kept
    with _making:
        kept = _bodies.get(key) or make()
        _bodies[key] = kept
        while len(_bodies) > KEPT:
            _bodies.popitem(last=False)
    return kept
