"""The web server: waitress, in one process or several, with nothing in front of it.

docs/decisions/0002-server.md tells why this one, with the measurements.
"""

import logging
import os
import resource
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask

from app.core.listening import CannotServe, Listening
from app.core.sharing import Doorkeeper, Loads
from app.core.worker import DRAIN_SECONDS, Beside, stop_by_signal, work

log = logging.getLogger(__name__)

EARLY_DEATHS = 5  # workers that die young in a row before the supervisor gives up
YOUNG_SECONDS = 2.0
# Threads of one process share one processor; more than hide its waiting for the database only make all of them late.
THREADS_ALONE = 8
THREADS_EACH = 3  # of several processes: docs/decisions/0004-measured.md
MOST_UNDER_WAY = 64  # requests of all processes: fewer are no crowd, however slow the machine
CANNOT_START = 3  # exit status of a worker whose application could not be made


def serve(
    make_app: Callable[[], Flask],
    *,
    listening: Listening,
    workers: int = 1,
    threads: int | None = None,
    beside: Beside | None = None,
    ready: Callable[[], None] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, then finish the requests under way and return. Raises CannotServe.

    `make_app` is called in each process that serves, after the fork: keep no database connection open when calling
    this. `threads` are those of each process. `beside` is entered in the first process alone and left at the stop,
    after the last answer: the place for the background jobs. `ready` is called once, when all processes answer.
    """
    _allow_many_descriptors()
    threads = threads or (THREADS_ALONE if workers == 1 else THREADS_EACH)
    # A queue of more than no request is no reason to warn; each warning would be a line of log under load.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    if workers == 1:
        work(make_app, listening.sockets, threads=threads, most=MOST_UNDER_WAY, beside=beside, ready=ready)
    else:
        _supervise(make_app, listening, workers, threads=threads, beside=beside, ready=ready)


def _allow_many_descriptors() -> None:
    """Debian allows 1024 files by default, too few for CONNECTIONS sockets and the database beside them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4096 if hard == resource.RLIM_INFINITY else min(4096, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@dataclass
class _Worker:
    number: int
    process: int
    began: float
    status: int | None = None

    @property
    def has_ended(self) -> bool:
        if self.status is None:
            process, status = os.waitpid(self.process, os.WNOHANG)
            if process:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is not None


def _supervise(
    make_app: Callable[[], Flask],
    listening: Listening,
    how_many: int,
    *,
    threads: int,
    beside: Beside | None,
    ready: Callable[[], None] | None,
) -> None:
    """Keep so many workers on the same sockets; a worker that dies gets a successor, and the others go on meanwhile."""
    heard, tell = os.pipe()
    loads = Loads(how_many)

    def answer() -> None:
        os.write(tell, b".")

    def start(number: int) -> _Worker:
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        process = os.fork()
        if process == 0:
            status = 1
            try:
                status = _live(
                    make_app,
                    listening,
                    Doorkeeper(loads, number),
                    threads=threads,
                    most=MOST_UNDER_WAY // how_many,
                    beside=beside if number == 0 else None,
                    ready=answer,
                    parent=parent,
                )
            finally:
                os._exit(status)  # nothing of the parent's stack may run in the child
        return _Worker(number, process, time.monotonic())

    with stop_by_signal() as stop:
        workers = [start(number) for number in range(how_many)]
        answers = young = 0
        failure = ""
        while not (stop.asked or failure):
            if select.select([heard], [], [], 0.25)[0]:
                answers += len(os.read(heard, 64))
                if answers == len(workers) and ready:
                    ready()
                    ready = None
            for worker in [each for each in workers if each.has_ended]:
                loads.leave(worker.number)
                young = young + 1 if time.monotonic() - worker.began < YOUNG_SECONDS else 0
                if worker.status == CANNOT_START:
                    failure = "The workers cannot start."
                elif young >= EARLY_DEATHS:
                    failure = "The workers keep dying as soon as they start."
                else:
                    log.warning("Worker %s ended (status %s); another takes its place.", worker.number, worker.status)
                    workers[workers.index(worker)] = start(worker.number)
        listening.close()
        _stop_all(workers)
    os.close(heard)
    os.close(tell)
    if failure:
        raise CannotServe(failure)


def _live(
    make_app: Callable[[], Flask],
    listening: Listening,
    doorkeeper: Doorkeeper,
    *,
    threads: int,
    most: int,
    beside: Beside | None,
    ready: Callable[[], None],
    parent: int,
) -> int:
    """The life of one worker; its exit status."""

    def make() -> Flask:
        try:
            return make_app()
        except Exception as error:
            if error.__class__.__module__.startswith("app."):
                sys.stderr.write(f"{error}\n")  # in one piece: two workers may fail at once
                sys.stderr.flush()
            else:
                traceback.print_exc()
            raise SystemExit(CANNOT_START) from None

    try:
        work(
            make,
            listening.sockets,
            threads=threads,
            most=most,
            beside=beside,
            ready=ready,
            parent=parent,
            doorkeeper=doorkeeper,
        )
    except SystemExit as end:
        return int(end.code or 0)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _stop_all(workers: list[_Worker]) -> None:
    """Ask each to finish; end those that have not when a worker's own time for it is well over."""
    waiting = [each for each in workers if not each.has_ended]
    deadline = time.monotonic() + DRAIN_SECONDS + 2
    while waiting and time.monotonic() < deadline:
        for worker in waiting:
            os.kill(worker.process, signal.SIGTERM)  # again and again: one just born may have missed the first
        time.sleep(0.1)
        waiting = [each for each in waiting if not each.has_ended]
    for worker in waiting:
        log.warning("Worker %s did not stop in time and is ended.", worker.number)
        os.kill(worker.process, signal.SIGKILL)
        os.waitpid(worker.process, 0)
