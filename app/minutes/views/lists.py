"""Which minutes there are: of one gathering, and in the library."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core.paging import asked_page, paged
from app.events.pages import open_event
from app.minutes import policy, queries
from app.minutes.models import MINUTES_STATE_LABELS
from app.minutes.views.frame import blueprint


@blueprint.route("/minutes")
def library() -> ResponseReturnValue:
    """Everything published that this person may read, by year and event."""
    raw, event_ref = request.args.get("year", ""), request.args.get("event", "")
    year = int(raw) if raw.isascii() and raw.isdecimal() and len(raw) == 4 else None
    page, per_page = asked_page(request.args)
    years, gatherings = queries.shelves(current_user)
    listed = queries.select_library(current_user, year=year, event_ref=event_ref or None)
    return render_template(
        "minutes/library.html",
        minutes=paged(listed, page=page, per_page=per_page),
        years=years,
        gatherings=gatherings,
        year=year,
        event_ref=event_ref,
    )


@blueprint.route("/events/<ref:event_ref>/minutes")
def list_minutes(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    return render_template(
        "minutes/list.html",
        event=event,
        listed=queries.list_minutes(current_user, event),
        labels=MINUTES_STATE_LABELS,
        may_record=policy.may_record(current_user, event),
    )
