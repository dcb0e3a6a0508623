"""The URLs of carry-overs."""

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.carryovers import policy, queries, services
from app.carryovers.forms import DecisionForm
from app.core import clock
from app.core.errors import require
from app.core.forms import options, press
from app.core.i18n import _, ngettext
from app.events.models import Event
from app.events.pages import open_event
from app.programme.queries import list_sessions

blueprint = Blueprint("carryovers", __name__)


@blueprint.app_context_processor
def supply() -> dict[str, object]:
    return {"sees_carry_over": sees_carry_over}


def sees_carry_over(event: Event | None) -> bool:
    """Whether the sides of the register lead to what came from the edition before."""
    return event is not None and event.previous_id is not None and policy.may_look(current_user, event)


@blueprint.route("/events/<ref:event_ref>/carry-over", methods=["GET", "POST"])
def decide(event_ref: str) -> ResponseReturnValue:
    """What is still open of the editions before: on the agenda of this one, or left out with a reason."""
    event = open_event(event_ref)
    require(policy.may_look(current_user, event))
    sessions = {each.ref: each for each in list_sessions(event)}
    form = DecisionForm()
    form.session.choices = options(
        {ref: each.display_title for ref, each in sessions.items()}, nothing=_("Choose a session")
    )
    if len(sessions) == 1 and not form.is_submitted():
        form.session.data = next(iter(sessions))
    if request.method == "POST":
        require(policy.may_decide(current_user, event))
    if form.validate_on_submit():
        answer = _answer(event, form, sessions)
        if answer is not None:
            return answer
    matters = queries.list_matters(event, current_user)
    undecided = [each for each in matters if not each.is_decided]
    return render_template(
        "carryovers/decide.html",
        event=event, form=form, undecided=undecided, decided=[each for each in matters if each.is_decided],
        hidden=max(0, queries.count_undecided(event) - len(undecided)), became=queries.became_of_last(event, current_user),
        may_decide=policy.may_decide(current_user, event), sessions=sessions, today=clock.today(event.time_zone),
    ), form.status  # fmt: skip


def _answer(event: Event, form: DecisionForm, sessions: dict) -> ResponseReturnValue | None:
    act = request.form.get("act")
    keys = None if act == "take_all" else set(form.chosen.data or ())
    then = url_for("carryovers.decide", event_ref=event.ref)
    if act == "leave_out":
        return form.attempt(
            lambda: services.leave_out(event, keys, reason=form.reason.data, actor=current_user),
            then=then,
            said=lambda number: ngettext("One item is left out.", "%(num)s items are left out.", number),
        )
    session = sessions.get(form.session.data)
    return form.attempt(
        lambda: services.take(event, keys, session=session, actor=current_user),
        then=then,
        said=lambda number: ngettext("One item is on the agenda now.", "%(num)s items are on the agenda now.", number),
    )


@blueprint.route("/events/<ref:event_ref>/carry-over/<ref:carry_over_ref>/reconsideration", methods=["POST"])
def reconsider(event_ref: str, carry_over_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_decide(current_user, event))
    row = queries.find_row(event, carry_over_ref) or abort(404)
    return press(
        lambda: services.reconsider(row, actor=current_user),
        url_for("carryovers.decide", event_ref=event.ref),
        _("It is to be decided again."),
    )
