"""pyHanko speaks asyncio; what asks it here does not."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Answer = TypeVar("Answer")


def to_the_end(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Run it and give its answer; where a loop runs in this thread already, in a thread of its own."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(asyncio.run, work).result()
