"""Inviting, and answering an invitation."""

from flask import Blueprint, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core import clock
from app.core.errors import require
from app.core.forms import press
from app.core.guards import public
from app.core.i18n import _
from app.events.pages import open_event
from app.invitations import invitees, services
from app.invitations.forms import AnswerForm, SendInvitationsForm
from app.people.queries import list_choosable_departments, list_choosable_people, person_of
from app.registration import policy, queries
from app.registration.forms import WithdrawForm

blueprint = Blueprint("invitations", __name__)


@blueprint.route("/events/<ref:event_ref>/registration/refusal", methods=["GET", "POST"])
def decline(event_ref: str) -> ResponseReturnValue:
    """Say no to an invitation, signed in."""
    event = open_event(event_ref)
    person = person_of(current_user)
    invitation = queries.find_invitation(event, person) or abort(404)
    require(policy.may_act_for(current_user, event, invitation.person))
    form = WithdrawForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.decline(invitation, actor=current_user, reason=form.reason.data),
            then=url_for("registration.register", event_ref=event.ref),
            said=_("Thank you for telling us."),
        )
        if answer is not None:
            return answer
    return render_template("invitations/decline.html", event=event, form=form), form.status


@blueprint.route("/answer/<token>", methods=["GET", "POST"])
@public
def answer(token: str) -> ResponseReturnValue:
    """The link in an invitation: looking changes nothing, since mail programs look too; the button answers."""
    invitation = queries.find_by_token(token, clock.now())
    if invitation is None:
        return render_template("invitations/link_ended.html"), 404, NO_TRACE
    form = AnswerForm(data={"answer": invitation.answer or request.args.get("says")})
    if form.validate_on_submit():
        says_yes = form.answer.data == "yes"
        answered = form.attempt(
            lambda: services.answer_by_link(token, says_yes=says_yes, reason=form.reason.data),
            then=url_for("invitations.answer", token=token),
            said=_("Your answer is recorded."),
        )
        if answered is not None:
            response = make_response(answered)
            response.headers.update(NO_TRACE)
            return response
    page = render_template(
        "invitations/answer.html",
        event=invitation.event, invitation=invitation, form=form,
        standing=queries.standing_of(invitation.event, invitation.person),
    )  # fmt: skip
    return page, form.status, NO_TRACE


NO_TRACE = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}


# --- invitations --------------------------------------------------------------------------------------------------


@blueprint.route("/events/<ref:event_ref>/invitations")
def list_invitations(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_see_list(current_user, event))
    everybody = queries.list_invitations(event)
    standing = [each for each in everybody if each.revoked_at is None]
    groups = {
        "": standing,
        "yes": [each for each in standing if each.answer == "yes"],
        "no": [each for each in standing if each.answer == "no"],
        "silent": [each for each in standing if each.answer is None],
        "revoked": [each for each in everybody if each.revoked_at is not None],
    }
    which = request.args.get("answer", "")
    return render_template(
        "invitations/list.html",
        event=event, groups=groups, which=which if which in groups else "",
        may_organize=policy.may_organize(current_user, event),
    )  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/invitations/new", methods=["GET", "POST"])
def invite(event_ref: str) -> ResponseReturnValue:
    """Choose first, by the address; see who would be asked and who not; then send."""
    event = open_event(event_ref)
    require(policy.may_organize(current_user, event))
    chosen_people = queries.find_people(request.args.getlist("person"))
    chosen_departments = queries.find_departments(request.args.getlist("department"))
    below = request.args.get("below", "1") != "0"
    form = SendInvitationsForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: invitees.send_invitations(
                event, actor=current_user, people=chosen_people, departments=chosen_departments, below=below,
                message=form.message.data,
            ),
            then=url_for("invitations.list_invitations", event_ref=event.ref),
            said=lambda sent: _("Invitations sent: %(number)d.", number=len(sent)),
        )  # fmt: skip
        if answer is not None:
            return answer
    choice = None
    if chosen_people or chosen_departments:
        choice = invitees.choose(event, people=chosen_people, departments=chosen_departments, below=below)
    return render_template(
        "invitations/invite.html",
        event=event, form=form, choice=choice, below=below,
        people=list_choosable_people(), departments=list_choosable_departments(),
        chosen={each.ref for each in [*chosen_people, *chosen_departments]},
    ), form.status  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/invitations/reminder", methods=["POST"])
def remind(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_organize(current_user, event))
    return press(
        lambda: services.remind_silent(event, actor=current_user),
        url_for("invitations.list_invitations", event_ref=event.ref),
        lambda sent: _("Reminders sent: %(number)d.", number=len(sent)),
    )


@blueprint.route("/events/<ref:event_ref>/invitations/<ref:invitation_ref>/revocation", methods=["POST"])
def revoke(event_ref: str, invitation_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_organize(current_user, event))
    invitation = queries.find_invitation_by_ref(event, invitation_ref) or abort(404)
    return press(
        lambda: services.revoke(invitation, actor=current_user),
        url_for("invitations.list_invitations", event_ref=event.ref),
        _("The invitation of %(name)s is taken back.", name=invitation.person.display_name),
    )
