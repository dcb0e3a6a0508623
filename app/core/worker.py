"""One serving process: waitress with our limits, and a stop that finishes what is under way.

Added to waitress: an end for requests that never arrive whole, and answers for those that have arrived when it stops.
"""

import gc
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import FrameType
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer, create_server
from waitress.task import ThreadedTaskDispatcher, WSGITask

from app.core.crowding import FULL
from app.core.sharing import Doorkeeper

Beside = Callable[[Flask], AbstractContextManager[Any]]

CONNECTIONS = 1000  # open sockets per process; slow clients cost a socket each, never a thread
IDLE_SECONDS = 60  # a connection on which nothing happens is closed
HEADER_SECONDS = 30  # a header must be whole by then, however busily it drips
REQUEST_SECONDS = 600  # and the body by then: a 20 MB file over a line of 300 kbit/s
LONG_SECONDS = 0.4  # that a request may wait for a thread before a full worker turns away whoever comes anew
DRAIN_SECONDS = 8  # for requests under way when asked to stop; container hosts kill after 10
HEADER_BYTES = 32 * 1024


class Stop:
    """Whether somebody asked to stop."""

    def __init__(self) -> None:
        self.asked = False
        self.wake: Callable[[], object] = bool

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True
        self.wake()


@contextmanager
def stop_by_signal() -> Iterator[Stop]:
    stop = Stop()
    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Parser(HTTPRequestParser):
    """A request that knows when it began to arrive."""

    def __init__(self, adj: Any) -> None:
        super().__init__(adj)
        self.began = time.monotonic()

    @property
    def age(self) -> float:
        return time.monotonic() - self.began

    @property
    def is_overdue(self) -> bool:
        return self.age > (REQUEST_SECONDS if self.headers_finished else HEADER_SECONDS)


class _Task(WSGITask):
    """One request, which says whether it is turned away."""

    def get_environment(self) -> dict[str, Any]:
        environ, channel = super().get_environment(), self.channel
        if isinstance(channel, _Channel) and channel.is_turned_away:
            environ[FULL] = True
        return environ


class _Channel(HTTPChannel):
    """One connection."""

    parser_class = _Parser
    task_class = _Task
    is_new = True  # nothing was answered on it yet
    is_turned_away = False
    queued_at = 0.0

    def service(self) -> None:
        queue = self.server.task_dispatcher
        if isinstance(queue, _Queue) and not self.is_turned_away:
            queue.waited = time.monotonic() - self.queued_at
        self.is_new = False
        super().service()

    @property
    def arriving(self) -> _Parser | None:
        """The request that has begun to arrive and is not yet whole."""
        return self.request if isinstance(self.request, _Parser) else None

    @property
    def is_busy(self) -> bool:
        """Work under way, or an answer not yet sent, or a request of which the rest may be a moment away."""
        return bool(self.requests or self.total_outbufs_len or (self.arriving and self.arriving.age < 1))


class _Queue(ThreadedTaskDispatcher):
    """The requests of this worker, first come, first served.

    With `most` under way or waiting, and the last one begun after LONG_SECONDS of waiting, whoever comes anew is turned
    away at once, by a thread kept for it. Who is inside stays: further requests of a connection are served, also of one
    that was turned away before.
    """

    def __init__(self, threads: int, most: int) -> None:
        super().__init__()
        self.most = most
        self.waited = 0.0  # seconds, the request that was begun last
        self._turning_away = ThreadedTaskDispatcher()
        self.set_thread_count(threads)
        self._turning_away.set_thread_count(1)

    @property
    def load(self) -> int:
        return len(self.queue) + self.active_count

    def add_task(self, task: Any) -> None:
        task.queued_at = time.monotonic()
        task.is_turned_away = task.is_new and self.load >= self.most and self.waited > LONG_SECONDS
        if task.is_turned_away:
            self._turning_away.add_task(task)
        else:
            super().add_task(task)

    def shutdown(self, cancel_pending: bool = True, timeout: int = 5) -> bool:
        self._turning_away.shutdown(cancel_pending, timeout)
        return super().shutdown(cancel_pending, timeout)


def work(
    make_app: Callable[[], Flask],
    sockets: list[socket.socket],
    *,
    threads: int,
    most: int,
    beside: Beside | None,
    ready: Callable[[], None] | None,
    parent: int | None = None,
    doorkeeper: Doorkeeper | None = None,
) -> None:
    """Serve on these sockets until a signal asks to stop, or until `parent` is gone.

    With `most` requests under way newcomers are turned away when it takes long. With a `doorkeeper` the sockets are
    shared with other workers, and it says when to let in the next.
    """
    with stop_by_signal() as stop:
        app = make_app()
        connections: dict[int, Any] = {}
        queue = _Queue(threads, most)
        create_server(app, map=connections, _dispatcher=queue, **_adjustments(app, sockets))
        doors = [each for each in connections.values() if isinstance(each, BaseWSGIServer)]
        for door in doors:
            door.channel_class = _Channel
        stop.wake = doors[0].pull_trigger
        with beside(app) if beside else nullcontext():
            gc.collect()
            gc.freeze()  # what was made at the start stays to the end: no collection walks through it again
            if ready:
                ready()
            next_look = 0.0
            turns = _Turns(doorkeeper, queue, doors, connections) if doorkeeper else None
            while not stop.asked and (parent is None or os.getppid() == parent):
                pause = turns.take() if turns else 1.0
                wasyncore.loop(timeout=pause, use_poll=True, map=connections, count=1)
                if time.monotonic() > next_look:
                    next_look = time.monotonic() + 5
                    _close_overdue(connections)
            _drain(doors, connections)
            queue.shutdown(timeout=1)


class _Turns:
    """Opens and closes the doors of this worker by what its doorkeeper says."""

    def __init__(self, doorkeeper: Doorkeeper, queue: _Queue, doors: list[Any], connections: dict[int, Any]) -> None:
        self._doorkeeper, self._queue, self._doors, self._connections = doorkeeper, queue, doors, connections
        self._before = len(connections)

    def take(self) -> float:
        """Before each look at the sockets; for how many seconds to look, since a change of others' loads wakes nobody."""
        just_let_in = max(0, len(self._connections) - self._before)  # their requests are not read yet
        self._before = len(self._connections)
        if len(self._connections) >= CONNECTIONS:
            self._doorkeeper.is_full()
            return 0.05  # waitress itself lets nobody in above its limit
        opens_for = self._doorkeeper.opens_for(self._queue.load + just_let_in)
        for door in self._doors:
            door.accepting = opens_for is not None
        return 0.005 if opens_for is None else opens_for


def _adjustments(app: Flask, sockets: list[socket.socket]) -> dict[str, Any]:
    largest = app.config.get("MAX_CONTENT_LENGTH") or 0
    limits = {"max_request_body_size": largest + 1024 * 1024} if largest else {}
    return limits | {
        "sockets": sockets,
        "connection_limit": CONNECTIONS,
        "channel_timeout": IDLE_SECONDS,
        "cleanup_interval": 10,
        "backlog": 1024,
        "asyncore_use_poll": True,  # select() fails from the 1024th descriptor on
        "max_request_header_size": HEADER_BYTES,
        "ident": "",  # tells no name
        # The application believes forwarded headers or not, by HUFU_PROXIES; waitress would remove them always.
        "clear_untrusted_proxy_headers": False,
    }


def _channels(connections: dict[int, Any]) -> list[_Channel]:
    return [each for each in connections.values() if isinstance(each, _Channel)]


def _close_overdue(connections: dict[int, Any]) -> None:
    """waitress asks only whether anything arrived lately, which a byte a second satisfies for ever."""
    for channel in _channels(connections):
        if channel.arriving and channel.arriving.is_overdue:
            channel.will_close = True


def _drain(doors: list[Any], connections: dict[int, Any]) -> None:
    for door in doors:
        door.accepting = True
    for _ in range(64):  # those who have knocked already are let in
        wasyncore.loop(timeout=0, use_poll=True, map=connections, count=1)
    for door in doors:
        wasyncore.dispatcher.close(door)
    deadline = time.monotonic() + DRAIN_SECONDS
    while (channels := _channels(connections)) and time.monotonic() < deadline:
        for channel in channels:
            if not channel.is_busy:
                channel.will_close = True
        wasyncore.loop(timeout=0.05, use_poll=True, map=connections, count=1)
