"""Which minutes there are: of one gathering, and in the library."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core.i18n import _
from app.core.paging import asked_page
from app.core.text import one_line
from app.events.pages import open_event
from app.minutes import policy, queries, shelves
from app.minutes.models import MINUTES_STATE_LABELS
from app.minutes.shelves import Library, Question
from app.minutes.views.frame import blueprint

MOST_SIGNS = 200


@blueprint.route("/minutes")
def library() -> ResponseReturnValue:
    """Everything published that this person may read; the filters stand in the address."""
    asked = _asked()
    page, per_page = asked_page(request.args)
    found = shelves.look(current_user, asked, page=page, per_page=per_page)
    return render_template(
        "minutes/library.html",
        asked=asked,
        library=found,
        chosen=_chosen(asked, found),
        keeps_templates=policy.may_keep_templates(current_user),
    )


def _asked() -> Question:
    given = {"words": "q"}
    return Question(
        **{
            name: one_line(request.args.get(given.get(name, name), ""))[:MOST_SIGNS]
            for name in Question.__dataclass_fields__
        }
    )


def _chosen(asked: Question, found: Library) -> list[dict[str, Any]]:
    """What narrows the view besides the chips, each with its name and a way to take it away."""
    names = {
        "series": _("Series"),
        "host": _("Host"),
        "event": _("Event"),
        "person": _("Person"),
        "subject": _("Subject"),
    }
    chosen = []
    for name, label in names.items():
        if key := getattr(asked, name):
            known = next((each.label for each in found.choices[name] if each.key == key), _("not known"))
            chosen.append({"name": name, "label": label, "value": known})
    return chosen


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
