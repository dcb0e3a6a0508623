"""Work after the answer: one queue, JSON only, its own file beside the database.

`job` names a function that can be run later with JSON arguments; `later` asks for it once this unit of work is stored.
A job runs inside an app context, may run twice, and must have its effect once.
"""

import json
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from flask import Flask, current_app
from huey import SqliteHuey, crontab
from huey.consumer import Consumer
from huey.registry import Message
from huey.serializer import Serializer

from app.core.db import after_commit, db
from app.core.errors import Busy, Refused
from app.core.logs import log

ROUND = 20  # seconds after which a round of catching up begins nothing new

_known: dict[str, Callable[..., None]] = {}
_every_minute: list[str] = []


class JsonSerializer(Serializer):
    """The default would be pickle, which runs whatever is in the file (IN21)."""

    def _serialize(self, data: Any) -> bytes:
        return json.dumps(data, default=lambda value: {"at": value.isoformat()}).encode()

    def _deserialize(self, data: bytes) -> Any:
        found = json.loads(bytes(data))
        if isinstance(found, list):
            fields = [
                datetime.fromisoformat(x["at"]) if isinstance(x, dict) and list(x) == ["at"] else x for x in found
            ]
            return Message(*fields)
        return found


class QuietConsumer(Consumer):
    """Runs as threads of the web process; signals are the server's own business."""

    def _set_signal_handlers(self) -> None:
        pass


def job(function: Callable[..., None]) -> Callable[..., None]:
    _known[function.__name__] = function
    return function


def every_minute(function: Callable[..., None]) -> Callable[..., None]:
    """A job that also runs once a minute by itself: what was missed is caught up."""
    _every_minute.append(function.__name__)
    return job(function)


def later(name: str, *, delay: int = 0, least: int | None = None, **arguments: Any) -> None:
    """Run a job when this unit of work is safely stored, after `delay` seconds. Asking twice runs it once.

    With `least` a run that another act has asked for will do, if it comes no sooner than after so many seconds.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    key = f"job:{name}:{json.dumps(arguments, sort_keys=True)}"
    after_commit(key, lambda: _enqueue(app, key, name, delay, least, arguments))


def _enqueue(app: Flask, key: str, name: str, delay: int, least: int | None, arguments: dict[str, Any]) -> None:
    if app.testing:
        return  # tests run jobs by hand: run_now("name")
    asked, now = app.extensions["hufu_asked"], time.monotonic()
    if least is not None and asked.get(key, 0.0) >= now + least:
        return
    try:
        app.extensions["hufu_run"].schedule((name, arguments), delay=delay)
    except Exception:
        log.error("job not queued", job=name, exc_info=True)  # the minute's round catches it up
        return
    if least is not None:
        asked[key] = now + delay


def run_now(name: str, **arguments: Any) -> None:
    """Run a job here and now, inside the present app context."""
    _known[name](**arguments)


def one_by_one(act: Callable[[str], None], refs: Iterable[str]) -> None:
    """A round of catching up: `act` on each, and what one of them fails at keeps no other from its turn.

    What failed last comes last in the next round, so that slow failures do not use up the time of all the others.
    """
    failed, until = current_app.extensions["hufu_failed"], time.monotonic() + ROUND
    for ref in sorted(refs, key=lambda ref: failed.get((act.__name__, ref), 0.0)):
        failed[act.__name__, ref] = time.monotonic()
        try:
            act(ref)
        except Busy:
            raise
        except Refused as refusal:
            db.session.rollback()
            log.warning("not done in this round", act=act.__name__, of=ref, why=str(refusal.sentence))
        except Exception:
            db.session.rollback()
            log.error("not done in this round", act=act.__name__, of=ref, exc_info=True)
        else:
            del failed[act.__name__, ref]
        if time.monotonic() >= until:
            return  # the other jobs of this minute have their turn too


def init_app(app: Flask, file: str) -> None:
    queue = SqliteHuey(
        "hufu",
        filename=file,
        serializer=JsonSerializer(),
        results=False,
        store_none=False,
        utc=True,
        timeout=10,
        cache_mb=1,
    )
    app.extensions["hufu_jobs"] = queue
    app.extensions["hufu_asked"] = {}  # when the runs of `later(…, least=…)` come, on the monotonic clock
    app.extensions["hufu_failed"] = {}  # when `one_by_one` last failed at what, likewise

    @queue.task(retries=3, retry_delay=20)
    def run(name: str, arguments: dict[str, Any]) -> None:
        with app.app_context():
            try:
                _known[name](**arguments)
            except Busy:
                log.warning("job found the database busy", job=name)
                raise
            finally:
                db.session.remove()

    app.extensions["hufu_run"] = run

    @queue.periodic_task(crontab(minute="*"))
    def minute() -> None:
        for name in _every_minute:
            with app.app_context():
                try:
                    _known[name]()
                except Busy:
                    log.warning("job found the database busy", job=name)
                except Exception:  # the others of this minute have their turn all the same
                    log.error("job failed", job=name, exc_info=True)
                finally:
                    db.session.remove()


def start(app: Flask) -> Consumer:
    """Begin to work off the queue, in threads of this process. `stop(graceful=True)` on what is returned ends it."""
    consumer = QuietConsumer(
        app.extensions["hufu_jobs"], workers=1, initial_delay=0.2, max_delay=2.0, check_worker_health=False
    )
    consumer.start()
    return consumer
