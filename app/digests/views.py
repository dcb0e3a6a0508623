"""The URLs of digests."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core import clock
from app.core.config import settings_now
from app.core.errors import require
from app.core.i18n import _
from app.digests import policy, queries, services
from app.digests.forms import NewsForm, UrgingForm
from app.events.models import Event
from app.events.pages import open_event
from app.people.queries import person_of

blueprint = Blueprint("digests", __name__)


@blueprint.app_context_processor
def supply() -> dict[str, object]:
    return {"plans_reminders": plans_reminders}


def plans_reminders(event: Event | None) -> bool:
    """Whether the side of the reminders is offered: to whoever supervises this event."""
    return event is not None and policy.may_urge(current_user, event)


@blueprint.route("/events/<ref:event_ref>/urging", methods=["GET", "POST"])
def plan_urging(event_ref: str) -> ResponseReturnValue:
    """When somebody is reminded of what they owe this event, and who hears of what is late."""
    event = open_event(event_ref)
    require(policy.may_urge(current_user, event))
    stored = queries.find_plan(event)
    form = UrgingForm(obj=stored or queries.default_plan())
    if form.validate_on_submit():
        version = form.opened_version if stored else None
        answer = form.attempt(
            lambda: services.set_plan(event, actor=current_user, version=version, **form.values()),
            then=url_for("digests.plan_urging", event_ref=event.ref),
            said=_("The plan of reminders is saved."),
        )
        if answer is not None:
            return answer
    return render_template("digests/plan.html", event=event, form=form, is_default=stored is None), form.status


@blueprint.route("/my/mail", methods=["GET", "POST"])
def my_digest() -> ResponseReturnValue:
    """What the next daily mail would say, and whether it tells news too."""
    person = person_of(current_user)
    form = NewsForm(obj=person)
    if person is not None and form.validate_on_submit():
        answer = form.attempt(
            lambda: services.want_news(person, form.wants_news.data, actor=current_user),
            then=url_for("digests.my_digest"),
            said=_("Your choice is saved."),
        )
        if answer is not None:
            return answer
    now = clock.now()
    zone = settings_now().default_zone
    told, next_at = None, services.next_morning(zone, now)
    if person is not None:
        told = services.told_to(person, next_at, queries.list_concerning(person, next_at.date()))
    return render_template(
        "digests/mine.html", form=form, person=person, told=told, next_at=next_at, zone=zone
    ), form.status
