"""Closed by default: every URL asks for a signed-in person unless it says `@public`."""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import Forbidden as HttpForbidden
from werkzeug.exceptions import HTTPException, LengthRequired, RequestEntityTooLarge, Unauthorized
from werkzeug.routing import BaseConverter

MOST_FORM_BYTES = 2 * 1024 * 1024
MOST_FIELDS = 10_000

View = TypeVar("View", bound=Callable[..., Any])


class RefConverter(BaseConverter):
    """The random name of a record in an outside URL."""

    regex = "[0-9a-z]{16}"


def public(view: View) -> View:
    """Mark a view that asks nobody to sign in. The architecture tests list these by name."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def is_public(app: Flask, endpoint: str) -> bool:
    return endpoint == "static" or getattr(app.view_functions.get(endpoint), "is_public", False)


def local_target(raw: str | None, otherwise: str) -> str:
    """A path of our own to go on to, rebuilt from its parts; anything else becomes `otherwise` (IN15)."""
    if not raw or "\\" in raw or not raw.startswith("/") or raw.startswith("//"):
        return otherwise
    parts = urlsplit(raw)
    if parts.scheme or parts.netloc or any(ord(sign) < 33 for sign in raw):
        return otherwise
    adapter = current_app.url_map.bind("localhost")
    try:
        adapter.match(parts.path, method="GET")
    except HTTPException:
        return otherwise
    return parts.path + (f"?{parts.query}" if parts.query else "")


def sends_from_elsewhere() -> bool:
    """Whether another site has the browser send us something (CB1)."""
    return request.method not in ("GET", "HEAD", "OPTIONS") and request.headers.get("Sec-Fetch-Site") in (
        "cross-site",
        "same-site",
    )


def check_body() -> None:
    """Refuse bodies that are costly to read before anything reads them (UP7, UP8)."""
    if request.content_length is None and request.environ.get("HTTP_TRANSFER_ENCODING"):
        raise LengthRequired  # a body of unknown length would be cut at the limit, and the view would run
    if request.mimetype == "application/x-www-form-urlencoded":
        request.max_content_length = MOST_FORM_BYTES
        if request.get_data().count(b"&") >= MOST_FIELDS:
            raise RequestEntityTooLarge


def init_app(app: Flask, *, only_https: str = "") -> None:
    """`only_https`: the outside address, where a proxy tells which requests came over plain HTTP (CB10)."""
    app.url_map.converters["ref"] = RefConverter

    if only_https:

        @app.before_request
        def ask_for_https() -> ResponseReturnValue | None:
            if request.is_secure or request.endpoint in ("healthz", "readyz"):
                return None
            if request.method in ("GET", "HEAD"):
                return redirect(only_https.rstrip("/") + request.full_path.rstrip("?"), 308)
            raise HttpForbidden("plain http")

    @app.before_request
    def ask_who() -> ResponseReturnValue | None:
        if sends_from_elsewhere():
            raise HttpForbidden("cross-site request")
        if request.endpoint is None or is_public(app, request.endpoint):
            return None
        if current_user.is_authenticated:
            g.actor_id = current_user.id
            return None
        if request.method in ("GET", "HEAD") and not request.is_json:
            return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
        raise Unauthorized
