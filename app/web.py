"""The app: the one module that knows every blueprint."""

import hashlib
import importlib
from functools import cache
from typing import Any

from flask import Flask, Response, flash, g, jsonify, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from markupsafe import Markup
from sqlalchemy import exc, text
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix

from app.accounts import housekeeping as _housekeeping  # noqa: F401 — names its job
from app.accounts import passwords
from app.accounts.cookies import load_account
from app.accounts.policy import may_audit
from app.core import clock, crowding, guards, headers, i18n, intents, jobs, logs
from app.core import db as database
from app.core.config import ROOT, Settings, read_settings, secret_key
from app.core.db import db, leftovers
from app.core.errors import Busy, Forbidden, Refused
from app.core.forms import led_before
from app.core.i18n import _, _l, language_tag
from app.core.rendering import HufuEnvironment, print_parts
from app.core.roles import NOBODY
from app.home import places
from app.mail import delivery as _delivery  # noqa: F401 — names its job

FEATURES = (
    "accounts", "people", "assistants", "events", "programme", "speakers", "audiences", "registration",
    "invitations", "releases", "timetable", "liveday", "handouts", "approvals", "questions", "substitutions",
    "batches", "badges", "mailings", "door", "attendance", "turnout", "speeches", "requirements", "negotiations",
    "extensions", "cascades", "figures", "register", "digests", "lineage", "circulars", "campaigns", "carryovers",
    "certificates", "proofs", "consents", "delegations", "custody", "nominations", "tallies", "pledges", "awards",
    "decisions", "notes", "minutes", "shows", "stage", "ceremonies", "publications",
    "editions", "diary", "mail", "signing", "progress", "ledger", "home",
)  # fmt: skip


NEIGHBOURS = ("files", "search", "provenance")

WITHOUT_TABLES = (
    "home",
    "liveday",
    "handouts",
    "invitations",
    "approvals",
    "turnout",
    "cascades",
    "figures",
    "lineage",
)

for feature in (*FEATURES, *NEIGHBOURS):
    if feature not in WITHOUT_TABLES:
        importlib.import_module(f"app.{feature}.models")  # every table is known before the first query


def create_app(settings: Settings | None = None, **overrides: Any) -> Flask:
    """The Flask app for these settings, or for those of the environment."""
    settings = settings or read_settings(**overrides)
    app = Flask(
        __name__,
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
        instance_path=str(settings.folder.resolve()),
    )
    app.extensions["hufu_settings"] = settings
    app.config.update(
        SECRET_KEY=secret_key(settings),
        SESSION_COOKIE_NAME="__Host-hufu" if settings.is_https else "hufu_session",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=2
        * settings.upload_mb
        * 1024
        * 1024,  # what is above the file's own limit is told in the form
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,  # lives as long as the session: nothing typed is lost because a form stood open
        WTF_CSRF_SSL_STRICT=False,  # the origin is checked by Sec-Fetch-Site in core/guards.py
        TRUSTED_HOSTS=settings.hosts,
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.jinja_environment = HufuEnvironment
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)
    passwords.set_cost(time=settings.password_cost, memory=8 if settings.password_cost == 1 else 64 * 1024)
    logs.init_app(app)
    database.init_app(app, settings)
    i18n.init_app(app)
    jobs.init_app(app, str(settings.folder / "jobs.db"))
    app.before_request(guards.check_body)  # before anything reads the form
    crowding.init_app(app)  # before anything costs anything
    CSRFProtect(app)
    sign_in(app)
    guards.init_app(app, only_https=settings.base_url if settings.is_https and settings.proxies else "")
    headers.init_app(app, https=settings.is_https)
    frame(app)
    errors(app)
    health(app)
    for name in FEATURES:
        app.register_blueprint(importlib.import_module(f"app.{name}.views").blueprint)
    return app


def sign_in(app: Flask) -> None:
    manager = LoginManager(app)
    manager.anonymous_user = lambda: NOBODY  # pyrefly: ignore[bad-assignment] — a callable is all it asks for
    manager.session_protection = None  # pyrefly: ignore[bad-assignment] — the session itself is kept, checked and ended on the server
    manager.user_loader(load_account)


@cache
def asset_version(path: str) -> str:
    file = ROOT / "static" / path
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else "0"


def frame(app: Flask) -> None:
    """What the layouts read."""

    @app.url_defaults
    def fingerprint(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "filename" in values and "v" not in values:
            values["v"] = asset_version(values["filename"])

    @app.context_processor
    def supply() -> dict[str, Any]:
        inside = places.places_in(g.event) if g.get("event") is not None else ()
        return {
            "nav": places.addresses(audits=may_audit(current_user)),
            "current_event": g.get("event"),
            "top_places": places.top(),
            "event_places": inside,
            "event_counts": g.get("event_counts", {}),
            "dock_places": places.dock(),
            "demo_banner": app.extensions.get("hufu_demo", False),
            "theme": getattr(current_user, "theme", None) or session.get("theme", "auto"),
        }

    def url_with(**changes: Any) -> str:
        """This page's address with other query arguments; None takes one away."""
        arguments: dict[str, Any] = {**request.args.to_dict(flat=False), **{k: [v] for k, v in changes.items()}}
        arguments = {k: v for k, v in arguments.items() if v != [None]}
        return url_for(request.endpoint or "home.show", **{**(request.view_args or {}), **arguments})  # pyrefly: ignore

    print_parts(app)
    globals_: dict[str, Any] = app.jinja_env.globals
    icons = "base/icons.svg"  # its address is made once, not for each of a page's icons
    globals_["sprite_url"] = f"{app.static_url_path}/{icons}?v={asset_version(icons)}"
    globals_.update(new_intent=intents.new_intent, url_with=url_with, language_tag=language_tag, this_moment=clock.now)


TITLES = {
    400: (_l("That request was not understood"), _l("Something in it is missing or damaged. Go back, reload the page and try again.")),
    401: (_l("Please sign in again"), _l("Your sign-in has ended. Sign in and repeat what you did.")),
    403: (_l("This is not yours to do"), _l("You may see this, but not do that. Ask the organizer if you think you should.")),
    404: (_l("There is nothing here"), _l("The address is wrong, the page was removed, or it is not meant for you.")),
    405: (_l("This cannot be done here"), _l("The page is there, but it does not take this kind of request.")),
    409: (_l("Somebody was faster"), _l("The record was changed in the meantime. Reload the page to see how it stands.")),
    422: (_l("Not possible now"), _l("Nothing was changed. The reason stands above.")),
    413: (_l("That is too large"), _l("The file or text is larger than what is taken here.")),
    429: (_l("Too many tries"), _l("Please wait a little before you try again.")),
    500: (_l("Something broke on our side"), _l("It was written down under the number below. Nothing was half done.")),
    503: (_l("Busy for a moment"), _l("The database is taken. Nothing was lost: wait a few seconds and send it again.")),
}  # fmt: skip


def errors(app: Flask) -> None:
    def page(code: int) -> Response:
        db.session.rollback()
        title, words = TITLES.get(code, TITLES[400 if code < 500 else 500])
        if isinstance(request.routing_exception, SecurityError):  # a foreign Host: no address can be built from it
            return bare(code, title, words)
        try:
            body = render_template(
                "errors/error.html", code=code, title=title, text=words, request_id=logs.request_id(),
                action=(_("Home"), url_for("home.show")),
            )  # fmt: skip
        except Exception:
            logs.log.error("error page failed", exc_info=True, request_id=logs.request_id())
            return bare(code, title, words)
        return Response(body, status=code, mimetype="text/html")

    def bare(code: int, title: Any, words: Any) -> Response:
        said = Markup("<!doctype html><title>{}</title><h1>{}</h1><p>{}</p><p>{}</p>")
        return Response(said.format(code, title, words, logs.request_id()), status=code, mimetype="text/html")

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> ResponseReturnValue:
        if error.response is not None:
            return error.response  # type: ignore[return-value]
        code = error.code or 500
        again = led_before() if code in (403, 404) else None
        if again is not None:
            return again
        response = page(code)
        if code == 405 and getattr(error, "valid_methods", None):
            response.headers["Allow"] = ", ".join(error.valid_methods)  # type: ignore[attr-defined]
        return response

    @app.errorhandler(CSRFError)
    def no_proof(error: CSRFError) -> ResponseReturnValue:
        flash(_("This form was opened in another sign-in. Please send it again."), "refused")
        return page(400)

    @app.errorhandler(Forbidden)
    def forbidden(error: Forbidden) -> ResponseReturnValue:
        return led_before() or page(403)

    @app.errorhandler(Refused)
    def refused(error: Refused) -> ResponseReturnValue:
        flash(str(error.sentence), "refused")
        return page(error.status)

    @app.errorhandler(Busy)
    def busy(error: Exception) -> ResponseReturnValue:
        cause = getattr(error.__cause__ or error, "orig", None)
        logs.log.warning("busy", error=type(cause or error).__name__, request_id=logs.request_id())
        return page(503)

    @app.errorhandler(exc.SQLAlchemyError)
    def database_trouble(error: exc.SQLAlchemyError) -> ResponseReturnValue:
        return busy(error) if database.is_busy(error) else broken(error)

    @app.errorhandler(Exception)
    def broken(error: Exception) -> ResponseReturnValue:
        if app.testing:
            raise error
        logs.log.error("broken", exc_info=error, request_id=logs.request_id())
        return page(500)

    if app.config.get("HUFU_WATCH"):

        @app.teardown_request
        def nothing_left(error: BaseException | None) -> None:
            assert error is not None or not leftovers(), f"{request.endpoint} left work that nobody committed"


def health(app: Flask) -> None:
    @app.route("/healthz")
    @guards.public
    def healthz() -> ResponseReturnValue:
        return jsonify(ok=True)

    @app.route("/readyz")
    @guards.public
    def readyz() -> ResponseReturnValue:
        try:
            db.session.execute(text("SELECT 1 FROM audit_head"))
        except exc.SQLAlchemyError:
            return jsonify(ok=False), 503
        return jsonify(ok=True)
