"""JSON log lines with a request id; nothing that a person typed, no address, no token (OP9, IN18)."""

import logging
import secrets
import sys
import time
import traceback

import structlog
from flask import Flask, Response, g, has_request_context, request

log = structlog.get_logger("hufu")


def request_id() -> str | None:
    return getattr(g, "request_id", None) if has_request_context() else None


def where_it_broke(exc_info: structlog.typing.ExcInfo) -> str:
    """Kinds of errors and the lines they came from. Their messages stay out: they quote what people typed (OP9)."""
    parts = []
    error: BaseException | None = exc_info[1]
    while error is not None and len(parts) < 5:
        parts.append("".join(traceback.format_tb(error.__traceback__)) + type(error).__qualname__)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\ncaused by\n".join(parts)


def configure(level: str) -> None:
    """One JSON object a line on stderr, UTC, also for what libraries log."""
    shared = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.ExceptionRenderer(where_it_broke),
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    logging.getLogger("waitress.queue").setLevel("ERROR")
    logging.getLogger("huey").setLevel("WARNING")
    logging.getLogger("alembic").setLevel("WARNING")


def init_app(app: Flask) -> None:
    @app.before_request
    def begin() -> None:
        g.request_id = secrets.token_hex(8)
        g.started = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-Id"] = request_id() or ""
        if request.endpoint != "static":
            log.info(
                "request",
                request_id=request_id(),
                method=request.method,
                endpoint=request.endpoint or "none",
                status=response.status_code,
                ms=round((time.perf_counter() - g.started) * 1000, 1) if "started" in g else None,
                actor=getattr(g, "actor_id", None),
            )
        return response
