"""What every page inside an event begins with."""

from flask import abort, g, make_response, render_template, request, url_for
from flask_login import current_user

from app.core.i18n import _
from app.core.logs import request_id
from app.events import queries
from app.events.models import Event


def open_event(ref: str) -> Event:
    """The event of this page, if the visitor may see it; else 404. The frame reads it from `g.event`.

    Whoever is not signed in is offered to, whether there is such an event or not: a link in a mail leads on.
    """
    event = queries.find_visible(current_user, ref)
    if event is None:
        abort(404) if current_user.is_authenticated else abort(make_response(_unknown(), 404))
    g.event = event
    return event


def _unknown() -> str:
    return render_template(
        "errors/error.html",
        code=404,
        title=_("There is nothing here for visitors"),
        text=_("The address is wrong, or it is meant for people who sign in."),
        request_id=request_id(),
        action=(_("Sign in"), url_for("accounts.sign_in", next=request.full_path.rstrip("?"))),
    )
