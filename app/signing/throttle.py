"""A limit on how often one address may ask what anybody may ask, kept in memory: nothing is written for a question.

Each process counts for itself, so that the limit is per process; it is there against loops, not against knowledge.
"""

import threading
import time
from collections import OrderedDict, deque

MOST_ADDRESSES = 10_000
SPAN = 60.0


class Throttle:
    """At most `most` tries a minute from one address."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def lets_in(self, address: str) -> bool:
        now = time.monotonic()
        with self._lock:
            tries = self._seen.setdefault(address, deque())
            self._seen.move_to_end(address)
            while tries and tries[0] < now - SPAN:
                tries.popleft()
            while len(self._seen) > MOST_ADDRESSES:
                self._seen.popitem(last=False)
            if len(tries) >= self.most:
                return False
            tries.append(now)
            return True
