"""The URLs of lineage."""

from collections.abc import Iterator

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.carryovers import queries as carryovers
from app.carryovers.models import CarryState
from app.core.i18n import _, ngettext
from app.events.pages import open_event
from app.events.policy import is_surely_visible
from app.lineage import queries, telling
from app.lineage.telling import Entry
from app.requirements import policy

blueprint = Blueprint("lineage", __name__)


@blueprint.route("/events/<ref:event_ref>/requirements/<ref:requirement_ref>/lineage")
def show(event_ref: str, requirement_ref: str) -> ResponseReturnValue:
    """From the spoken passage to next year's requirement."""
    event = open_event(event_ref)
    requirement = queries.find(event, requirement_ref) or abort(404)
    line = queries.line_of(requirement, current_user)
    return render_template(
        "lineage/show.html",
        event=event, requirement=requirement, line=line, entries=telling.timeline(line, list(_carried(line))),
        graph=telling.graph(line), closed=[each for each in line.assignments if each.closed_at],
    )  # fmt: skip


def _carried(line: queries.Line) -> Iterator[Entry]:
    """Through which later sessions it went, for those who follow the later gathering."""
    known = {each.id: each for each in line.assignments}
    for row in carryovers.list_of_assignments(list(known)):
        if row.decided_at is None or row.assignment_id is None or not is_surely_visible(current_user, row.to_event):
            continue
        about = known[row.assignment_id].requirement
        url = f"/events/{row.to_event.ref}/programme"
        if row.state == CarryState.TAKEN:
            what = ngettext(
                "Carried over to “%(event)s”, for the first time",
                "Carried over to “%(event)s”, open across %(num)s sessions",
                row.age,
                event=row.to_event.display_title,
            )
            yield Entry(
                about.event.day_at(row.decided_at), row.decided_at, what, about, "", "", url, _("Programme"), "repeat"
            )
        elif row.state == CarryState.LEFT_OUT and policy.may_read_history(current_user, row.to_event):
            what = _("Left out of “%(event)s”", event=row.to_event.display_title)
            by = row.decided_by_name or ""
            yield Entry(
                about.event.day_at(row.decided_at),
                row.decided_at,
                what,
                about,
                row.reason or "",
                by,
                url,
                _("Programme"),
                "x",
            )
