"""How the workers of one server share those who knock: the least busy lets in the next.

All workers listen on the same sockets. Left alone, whichever wakes first takes a whole burst; with sockets of their own
the kernel deals people out blindly, and whoever falls to a worker with twelve waits longer than who falls to one with
four. So each worker writes how many requests it has in a byte that all of them see, and looks before it lets in another.
"""

import mmap
import time

AWAY = 255  # not there, or full: nobody leaves anything to it
MOST = 254
PATIENCE = 0.05  # seconds that somebody may stand at the door for the sake of a worker that does not come


class Loads:
    """How many requests each worker has, in memory that the processes share. Make it before the fork."""

    def __init__(self, workers: int) -> None:
        self._bytes = mmap.mmap(-1, workers)
        for worker in range(workers):
            self.leave(worker)

    def tell(self, worker: int, load: int) -> None:
        self._bytes[worker] = min(load, MOST)

    def leave(self, worker: int) -> None:
        """The worker takes nobody: it is starting, has ended, or is full."""
        self._bytes[worker] = AWAY

    def is_least(self, worker: int) -> bool:
        return self._bytes[worker] <= min(self._bytes[:])


class Doorkeeper:
    """When this worker lets in the next one."""

    def __init__(self, loads: Loads, worker: int) -> None:
        self._loads, self._worker = loads, worker
        self._closed_since: float | None = None

    def opens_for(self, load: int) -> float | None:
        """Tell the others how many requests there are here; for how many seconds the door stands open now, None: not.

        A worker without work opens always, another while nobody has fewer. After PATIENCE it opens all the same for
        one who is standing there already: the less busy worker may hang.
        """
        self._loads.tell(self._worker, load)
        if load == 0 or self._loads.is_least(self._worker):
            self._closed_since = None
            return 0.01 if load else 1.0
        now = time.monotonic()
        if self._closed_since is None:
            self._closed_since = now
        if now - self._closed_since < PATIENCE:
            return None
        self._closed_since = now
        return 0.0

    def is_full(self) -> None:
        self._loads.leave(self._worker)
