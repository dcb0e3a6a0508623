"""A tiny application behind the real server, started by test_server.py in a process of its own."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, request

from app.core import server, worker
from app.core.crowding import FULL
from app.core.listening import CannotServe, listen_on
from app.core.server import serve


def make_app() -> Flask:
    if os.environ.get("BROKEN"):
        raise CannotServe("The key is too short.")
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 100_000

    @app.before_request
    def turn_away() -> tuple[str, int] | None:
        return ("come again", 503) if FULL in request.environ else None

    @app.get("/process")
    def process() -> str:
        return str(os.getpid())

    @app.get("/slow")
    def slow() -> str:
        time.sleep(1)
        return "finished"

    @app.get("/slow-process")
    def slow_process() -> str:
        time.sleep(0.5)
        return str(os.getpid())

    @app.post("/length")
    def length() -> str:
        return str(len(request.get_data()))

    @app.get("/forwarded")
    def forwarded() -> str:
        return request.headers.get("X-Forwarded-For", "")

    return app


@contextmanager
def jobs(_app: Flask) -> Iterator[None]:
    print("jobs begin", flush=True)
    yield
    print("jobs end", flush=True)


def main() -> int:
    port, workers = (int(each) for each in sys.argv[1:])
    worker.HEADER_SECONDS = int(os.environ.get("HEADER_SECONDS", worker.HEADER_SECONDS))
    server.MOST_UNDER_WAY = int(os.environ.get("MOST_UNDER_WAY", server.MOST_UNDER_WAY))
    try:
        listening = listen_on("localhost", port)
        serve(
            make_app,
            listening=listening,
            workers=workers,
            beside=jobs,
            ready=lambda: print(listening.address, flush=True),
        )
    except CannotServe as refusal:
        print(refusal, file=sys.stderr)
        return 1
    print("stopped", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
