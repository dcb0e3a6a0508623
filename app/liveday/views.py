"""The URLs of the live day: the operator's."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core import clock
from app.core.errors import require
from app.core.forms import press
from app.core.i18n import _, ngettext
from app.events.models import Event, Status
from app.events.pages import open_event
from app.liveday import policy, queries, services
from app.liveday.forms import PutOffForm
from app.programme import queries as programme
from app.programme.wording import sentence

blueprint = Blueprint("liveday", __name__)

LIVE = "/events/<ref:event_ref>/live"
STEPS = (5, 10)  # minutes by one press


@blueprint.route(LIVE)
def operate(event_ref: str) -> ResponseReturnValue:
    """For one thumb: what runs, what is next, how late we are, what must not be run over."""
    event = open_event(event_ref)
    require(policy.may_operate(current_user, event))
    now = clock.now()
    items = queries.list_working(event, current_user)
    rows = queries.rows_of(event, items, now)
    chosen = next((each for each in rows if each.key == request.args.get("room")), None)
    row = chosen or next((each for each in rows if each.running or each.ahead), rows[0] if rows else None)
    page = render_template(
        "liveday/operate.html",
        event=event,
        now=now,
        rows=rows,
        row=row,
        stop=queries.next_stop(event, items, queries.list_stops(event), now, row.key) if row else None,
        steps=STEPS,
        can=event.status == Status.PUBLISHED or event.is_rehearsal,
    )
    response = make_response(page)
    response.headers["Refresh"] = "15"  # so that two operators see what the other has pressed
    return response


@blueprint.route(f"{LIVE}/<ref:item_ref>/beginning", methods=["POST"])
def begin(event_ref: str, item_ref: str) -> ResponseReturnValue:
    return _act(event_ref, item_ref, services.begin_item)


@blueprint.route(f"{LIVE}/<ref:item_ref>/end", methods=["POST"])
def finish(event_ref: str, item_ref: str) -> ResponseReturnValue:
    return _act(event_ref, item_ref, services.finish_item)


@blueprint.route(f"{LIVE}/<ref:item_ref>/beginning/removal", methods=["POST"])
def take_back_beginning(event_ref: str, item_ref: str) -> ResponseReturnValue:
    return _act(event_ref, item_ref, services.take_back_beginning)


@blueprint.route(f"{LIVE}/<ref:item_ref>/end/removal", methods=["POST"])
def take_back_end(event_ref: str, item_ref: str) -> ResponseReturnValue:
    return _act(event_ref, item_ref, services.take_back_end)


def _act(event_ref: str, item_ref: str, act: Callable[..., None]) -> ResponseReturnValue:
    event = open_event(event_ref)
    item = programme.find_item(event, current_user, item_ref) or abort(404)
    require(policy.may_operate(current_user, event))
    version = _number(request.form.get("version"))
    return press(lambda: act(item, actor=current_user, version=version), _to_row(event, queries.row_of(item)))


def _to_row(event: Event, row: str | None) -> str:
    return url_for("liveday.operate", event_ref=event.ref, room=row)


@blueprint.route(f"{LIVE}/delay", methods=["GET", "POST"])
def put_off(event_ref: str) -> ResponseReturnValue:
    """The rest of the day so many minutes later: first what that would do, then the act."""
    event = open_event(event_ref)
    require(policy.may_operate(current_user, event))
    now = clock.now()
    items = queries.list_working(event, current_user)
    rows = {each.key: each for each in queries.rows_of(event, items, now)}
    form = PutOffForm()
    if not form.is_submitted():
        form.minutes.data = _asked_minutes()
        form.room.data = request.args.get("room", "")
        form.cut.data = request.args.get("cut") == "1"
        form.seen.data = str(event.programme_version)
    row = form.room.data or None
    if row is not None and row not in rows:
        abort(404)  # of another event, or with nothing on today
    if form.validate_on_submit() and request.form.get("look") is None:
        answer = form.attempt(
            lambda: services.put_off_rest(
                event,
                actor=current_user,
                minutes=form.minutes.data or 0,
                row=row,
                cut=bool(form.cut.data),
                programme_version=_number(form.seen.data),
                reason=form.reason.data,
            ),
            then=_to_row(event, row),
            said=lambda moved: ngettext("One item has a new expected time.", "%(num)s items have a new expected time.", moved),
        )  # fmt: skip
        if answer is not None:
            return answer
        items = queries.list_working(event, current_user)  # the refused act has forgotten what was read before it
    form.seen.data = str(event.programme_version)
    minutes = form.minutes.data
    ahead = None
    if minutes and abs(minutes) <= services.FARTHEST:
        ahead = services.outlook_for(
            event, current_user, items, now=now, minutes=minutes, row=row, cut=bool(form.cut.data)
        )
    page = render_template(
        "liveday/put_off.html",
        form=form,
        event=event,
        row=rows.get(row or ""),
        ahead=ahead,
        words=[(each, sentence(each, event.time_zone)) for each in ahead.broken] if ahead else [],
    )
    return page, form.status


def _asked_minutes() -> int | None:
    raw: Any = request.args.get("minutes", type=int)
    return raw if raw is None or abs(raw) <= services.FARTHEST else None


def _number(raw: str | None) -> int:
    """A version as the page has sent it; -1, which nothing has, for anything else."""
    return int(raw) if raw and raw.isdecimal() and len(raw) < 10 else -1


@blueprint.route(f"{LIVE}/plan", methods=["POST"])
def return_to_plan(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_operate(current_user, event))
    row = request.form.get("room") or None
    return press(
        lambda: services.return_to_plan(event, actor=current_user, row=row),
        _to_row(event, row),
        _("What is still to come stands as planned again."),
    )
