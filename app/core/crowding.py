"""When more knock than can be answered in good time: those who come anew are turned away at once, with their words in
hand, instead of waiting behind everybody else.

The worker marks such a request; the answer is 503 with `Retry-After`, touches no database and costs a tenth of a page.
"""

from flask import Flask, Response, g, render_template, request

from app.core.guards import sends_from_elsewhere
from app.core.roles import NOBODY

FULL = "hufu.full"  # in the environment of a request that is turned away
SECONDS = 3  # until the page sends itself again
MOST_CARRIED = 64 * 1024  # bytes of a form that the page carries back
SECRETS = ("password", "code", "token")
ALWAYS = ("static", "healthz", "readyz")


def init_app(app: Flask) -> None:
    @app.before_request
    def turn_away() -> Response | None:
        if FULL not in request.environ or request.endpoint in ALWAYS or sends_from_elsewhere():
            return None  # what another site sends is refused as ever: our page must not send it again as our own
        g._login_user = NOBODY  # nobody is looked up: that would be the work which is too much now
        body = render_template("errors/full.html", fields=carried(), seconds=SECONDS)
        return Response(body, status=503, headers={"Retry-After": str(SECONDS)})


def carried() -> list[tuple[str, str]] | None:
    """The fields of the form that was sent, to be sent again; None when it holds a secret, a file or too much."""
    if request.mimetype != "application/x-www-form-urlencoded" or (request.content_length or 0) > MOST_CARRIED:
        return None
    fields = list(request.form.items(multi=True))
    if any(secret in name for name, _value in fields for secret in SECRETS if name != "csrf_token"):
        return None
    return fields
