"""Home, search, the log."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts.policy import may_audit
from app.core import audit, clock
from app.core.errors import require
from app.core.guards import public
from app.core.i18n import _l, _lp
from app.core.paging import Page, asked_page
from app.core.text import one_line
from app.events import policy as events_policy
from app.events import queries as events
from app.events.pages import open_event
from app.home import needs, queries
from app.minutes.policy import clearance_anywhere
from app.people.queries import person_of
from app.search import queries as search_queries
from app.search.places import places
from app.search.tokens import snippet

blueprint = Blueprint("home", __name__)

SEARCH_KINDS = {
    "event": _l("Events"),
    "session": _l("Sessions"),
    "item": _l("Agenda"),
    "speech": _l("Speeches"),
    "requirement": _l("Requirements"),
    "campaign": _l("Campaigns"),
    "pledge": _l("Pledges"),
    "ceremony": _l("Ceremonies"),
    "award": _l("Awards"),
    "tally": _l("Tallies"),
    "statement": _l("Statements"),
    "minutes": _lp("document", "Minutes"),
    "release": _l("Publications"),
    "person": _l("People"),
}


@blueprint.route("/")
@public
def show() -> ResponseReturnValue:
    """Begins with what needs this person. A stranger sees the public gatherings."""
    if not current_user.is_authenticated:
        return redirect(
            url_for("events.list_events") if events.list_visible(current_user) else url_for("accounts.sign_in")
        )
    person = person_of(current_user)
    now = clock.now()
    return render_template(
        "home/show.html",
        needs=needs.list_needs(current_user, person, now),
        next_up=needs.next_up(current_user, person, now),
        changes=needs.list_changes(current_user, since=now - needs.FORTNIGHT),
        kept=needs.promises_of(person, current_user),
        now=now,
    )


@blueprint.route("/search")
def search() -> ResponseReturnValue:
    """What one may see that holds the words, in English or Chinese."""
    words = one_line(request.args.get("q", ""))[:200]
    kind = request.args.get("kind", "")
    page, per_page = asked_page(request.args)
    rows, total = [], 0
    if words:
        rows, total = search_queries.find(
            words,
            visible_events=events.select_visible_ids(current_user),
            clearance=clearance_anywhere(current_user),
            kinds=[kind] if kind in SEARCH_KINDS else [],
            page=page,
            per_page=per_page,
        )
    hits = [(row, snippet(row.title, words, 200), places(row, words)[0]) for row in rows]
    return render_template(
        "home/search.html",
        words=words,
        kind=kind,
        kinds=SEARCH_KINDS,
        hits=hits,
        page=Page(rows, min(page, max(1, -(-total // per_page))), per_page, total),
    )


@blueprint.route("/events/<ref:event_ref>/log")
def event_log(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(events_policy.may_read_log(current_user, event))
    return log_page(scope=event.ref, zone=event.time_zone, event=event)


@blueprint.route("/log")
def whole_log() -> ResponseReturnValue:
    """The log of the house, for the auditor and the administrator."""
    require(may_audit(current_user))
    return log_page(scope=None, zone="UTC", event=None)


def log_page(*, scope: str | None, zone: str, event: object) -> ResponseReturnValue:
    page, per_page = asked_page(request.args)
    action = one_line(request.args.get("action", ""))[:40]
    return render_template(
        "home/log.html",
        event=event,
        zone=zone,
        action=action,
        entries=queries.list_log(scope=scope, action=action, page=page, per_page=per_page),
        newest=audit.head(),
    )
