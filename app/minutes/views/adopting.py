"""Earlier minutes on the agenda of a session, and what the session made of them."""

from dataclasses import dataclass
from typing import Any

from flask import abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core.errors import require
from app.core.forms import options, press
from app.core.i18n import _, phrased
from app.events import policy as events
from app.events.models import Event
from app.events.pages import open_event
from app.minutes import adoptions, policy, services
from app.minutes.forms import OutcomeForm, ProposalForm
from app.minutes.models import OUTCOME_LABELS, Adoption, Minutes
from app.minutes.views.frame import blueprint
from app.programme import policy as programme
from app.programme.queries import list_sessions

LIST = "/events/<ref:event_ref>/minutes/earlier"


@blueprint.route(LIST, methods=["GET", "POST"])
def list_adoptions(event_ref: str) -> ResponseReturnValue:
    """Which earlier minutes the sessions of this gathering have to adopt, and which could be put before them."""
    event = open_event(event_ref)
    require(policy.may_record(current_user, event))
    waiting = {each.ref: each for each in adoptions.list_candidates(current_user, event)}
    sessions = {each.ref: each for each in list_sessions(event)}
    form = ProposalForm()
    form.minutes_ref.choices = options({ref: _named(each) for ref, each in waiting.items()})
    form.session_ref.choices = options({ref: each.display_title for ref, each in sessions.items()})
    if form.validate_on_submit():
        minutes, session = waiting[form.minutes_ref.data], sessions[form.session_ref.data]
        answer = form.attempt(
            lambda: services.propose_adoption(minutes, session, actor=current_user),
            url_for("minutes.list_adoptions", event_ref=event.ref),
            lambda made: _("It is on the agenda.") if made.item else _("It waits for whoever plans the programme."),
        )
        if answer is not None:
            return answer
    page = render_template(
        "minutes/adoptions.html",
        event=event,
        form=form,
        waiting=waiting,
        sessions=sessions,
        adoptions=adoptions.list_adoptions(current_user, event),
        may_plan=programme.may_change(current_user, event),
        labels=OUTCOME_LABELS,
    )
    return page, form.status


def _named(minutes: Minutes) -> str:
    number = minutes.label if minutes.number else minutes.earlier_number
    return phrased([number, minutes.title])


def _adoption(event: Event, ref: str) -> Adoption:
    return adoptions.find_adoption(current_user, event, ref) or abort(404)


@blueprint.route(f"{LIST}/<ref:adoption_ref>", methods=["GET", "POST"])
def decide_adoption(event_ref: str, adoption_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_record(current_user, event))
    adoption = _adoption(event, adoption_ref)
    form = OutcomeForm(obj=adoption)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.decide_adoption(
                adoption, actor=current_user, outcome=form.outcome.data, corrections=form.corrections.data,
                version=form.opened_version,
            ),
            url_for("minutes.list_adoptions", event_ref=event.ref),
            _("What the session did is recorded."),
        )  # fmt: skip
        if answer is not None:
            return answer
    return render_template("minutes/adoption.html", event=event, adoption=adoption, form=form), form.status


@blueprint.route(f"{LIST}/<ref:adoption_ref>/agenda", methods=["POST"])
def put_on_agenda(event_ref: str, adoption_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_record(current_user, event))
    adoption = _adoption(event, adoption_ref)
    return press(
        lambda: services.put_on_agenda(adoption, actor=current_user),
        url_for("minutes.list_adoptions", event_ref=event.ref),
        _("It is on the agenda."),
    )


@blueprint.route(f"{LIST}/<ref:adoption_ref>/removal", methods=["POST"])
def drop_adoption(event_ref: str, adoption_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_record(current_user, event))
    adoption = _adoption(event, adoption_ref)
    return press(
        lambda: services.drop_adoption(adoption, actor=current_user),
        url_for("minutes.list_adoptions", event_ref=event.ref),
        _("It is not to be adopted there any more."),
    )


# --- on the page of minutes ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """An adoption as the page of one of its two sides tells it: what was done, with the way to the other side."""

    adoption: Adoption
    other: Minutes | None


def of_adoption(minutes: Minutes, *, shown: bool) -> dict[str, Any]:
    """Which session adopted these minutes, and which earlier ones their own session adopted: what the reader may know."""
    around = adoptions.list_around(minutes) if shown else []
    by, of = [], []
    for each in around:
        if each.minutes_id == minutes.id and events.is_surely_visible(current_user, each.event):
            by.append(Told(each, adoptions.minutes_of(current_user, each.session)))
        elif each.session_id == minutes.session_id and _may_know(each.minutes):
            of.append(Told(each, each.minutes))
    return {"adopted_by": by, "has_adopted": of, "outcomes": OUTCOME_LABELS}


def _may_know(minutes: Minutes) -> bool:
    return events.is_surely_visible(current_user, minutes.event) and policy.may_see(current_user, minutes)
