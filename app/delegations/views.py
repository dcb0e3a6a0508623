"""The pages of delegations: who may sign in whose place."""

from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core import clock
from app.core.db import db
from app.core.errors import Forbidden, Refused, require
from app.core.forms import filled, press
from app.core.i18n import _
from app.delegations import policy, queries, services
from app.delegations.forms import DelegationForm
from app.delegations.models import Delegation
from app.events import queries as events
from app.events.models import Event
from app.events.pages import open_event
from app.files import services as files
from app.files.models import StoredFile
from app.people.models import Person
from app.people.queries import list_choosable_people, person_of

blueprint = Blueprint("delegations", __name__)


def attached() -> Any:
    upload = request.files.get("file")
    return (upload.stream, upload.filename or "") if upload is not None and upload.filename else None


def granted(form: DelegationForm, principal: Person, event: Event | None) -> Delegation:
    deputy = form.people.get(form.deputy_ref.data)
    if deputy is None:
        raise Refused(_("Please choose somebody."), field="deputy_ref")
    return services.grant(
        principal, deputy, actor=current_user, event=event, reason=filled(form.reason.data),
        from_on=filled(form.from_on.data), to_on=filled(form.to_on.data), paper=attached(),
    )  # fmt: skip


@blueprint.route("/account/delegations", methods=["GET", "POST"])
def mine() -> ResponseReturnValue:
    """Who may sign for me, and for whom I may sign."""
    person = person_of(current_user)
    form = None
    if person is not None:
        coming = events.list_upcoming(current_user, clock.today())
        form = DelegationForm(list_choosable_people(), principal=person, events=coming)
    elif request.method == "POST":
        raise Forbidden
    if person is not None and form is not None and form.validate_on_submit():
        answer = form.attempt(
            lambda: granted(form, person, form.events.get(form.event_ref.data)),
            then=url_for("delegations.mine"),
            said=lambda made: _("%(name)s may sign in your place.", name=made.deputy.display_name),
        )
        if answer is not None:
            return answer
    return render_template(
        "delegations/mine.html", form=form, person=person, today=clock.today(),
        given=queries.list_of_principal(person) if person else [],
        held=queries.list_of_deputy(person) if person else [],
    ), form.status if form else 200  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/delegations", methods=["GET", "POST"])
def of_event(event_ref: str) -> ResponseReturnValue:
    """Delegations on paper, entered by those who prepare what is signed at this gathering."""
    event = open_event(event_ref)
    require(policy.may_list(current_user, event))
    may_enter = policy.may_enter(current_user, event)
    form = DelegationForm(list_choosable_people())
    if form.is_submitted():
        require(may_enter)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: entered(form, event),
            then=url_for("delegations.of_event", event_ref=event.ref),
            said=_("The delegation is entered, and both are told."),
        )
        if answer is not None:
            return answer
    return render_template(
        "delegations/event.html", event=event, form=form, may_enter=may_enter, today=clock.today(event.time_zone),
        delegations=queries.list_of_event(event),
    ), form.status  # fmt: skip


def entered(form: DelegationForm, event: Event) -> Delegation:
    principal = form.people.get(form.principal_ref.data)
    if principal is None:
        raise Refused(_("Please choose somebody."), field="principal_ref")
    return granted(form, principal, event)


def find(ref: str) -> Delegation:
    found = queries.find_delegation(ref)
    if found is None or not policy.may_see(current_user, found):
        abort(404)
    return found


@blueprint.route("/delegations/<ref:delegation_ref>/revocation", methods=["POST"])
def revoke(delegation_ref: str) -> ResponseReturnValue:
    delegation = find(delegation_ref)
    require(policy.may_revoke(current_user, delegation))
    ours = policy.is_self(current_user, delegation.principal) or policy.is_self(current_user, delegation.deputy)
    event = delegation.event
    there = (
        url_for("delegations.mine") if ours or event is None else url_for("delegations.of_event", event_ref=event.ref)
    )
    return press(lambda: services.revoke(delegation, actor=current_user), there, _("The delegation has ended."))


@blueprint.route("/delegations/<ref:delegation_ref>/paper")
def paper(delegation_ref: str) -> ResponseReturnValue:
    delegation = find(delegation_ref)
    stored = db.session.get(StoredFile, delegation.file_id) if delegation.file_id else None
    if stored is None:
        abort(404)
    return Response(files.read(stored), mimetype=stored.media_type, headers={"Content-Disposition": "attachment"})
