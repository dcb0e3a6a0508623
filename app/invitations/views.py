"""Inviting, and answering an invitation."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.audiences.choosing import LEFT_OUT_HEADS
from app.audiences.models import RULE_LABELS
from app.audiences.policy import may_see_groups
from app.core import clock
from app.core.errors import require
from app.core.forms import press
from app.core.guards import public
from app.core.i18n import _, pgettext
from app.core.paging import asked_page
from app.core.roles import Role, holds
from app.events.models import Event
from app.events.pages import open_event
from app.invitations import invitees, reminders, services
from app.invitations import policy as board_policy
from app.invitations import queries as invited
from app.invitations.forms import ConfirmAgainForm, RemindersForm
from app.invitations.pages import answer_form
from app.invitations.units import Units, read_units
from app.people.queries import find_person, person_of
from app.registration import policy, queries
from app.registration.models import (
    ANSWER_LABELS,
    EXCUSE_LABELS,
    GONE,
    Answer,
    Excuse,
    Invitation,
)
from app.sheets.answers import sheet_answer

blueprint = Blueprint("invitations", __name__)


@blueprint.route("/events/<ref:event_ref>/invitation", methods=["GET", "POST"])
def respond(event_ref: str) -> ResponseReturnValue:
    """Answer an invitation, signed in: one's own, or with `for` that of somebody in whose name one may act."""
    event = open_event(event_ref)
    own = person_of(current_user)
    asked = request.args.get("for")
    person = find_person(asked) if asked else own
    if person is not None and asked and not policy.may_act_for(current_user, event, person):
        abort(404)  # nobody is told who else is invited
    invitation = queries.find_invitation(event, person) or abort(404)
    require(policy.may_act_for(current_user, event, invitation.person))
    is_own = own is not None and own.id == invitation.person_id
    form, standing = answer_form(invitation)
    if is_own and standing.mine is not None and request.args.get("says") == Answer.DELEGATED:
        return redirect(url_for("substitutions.ask", event_ref=event.ref))
    if is_own and standing.mine is None:
        then = url_for("registration.register", event_ref=event.ref)
    elif is_own:
        then = url_for("registration.mine", event_ref=event.ref)
    else:
        then = url_for("invitations.respond", event_ref=event.ref, **{"for": invitation.person.ref})
    if form.validate_on_submit():
        answered = form.attempt(
            lambda: services.answer(invitation, form.reply, actor=current_user),
            then=then,
            said=_("Your answer is recorded.") if is_own else _("The answer is recorded."),
        )
        if answered is not None:
            return answered
    colleagues = invited.list_colleagues(event, standing.plan, invitation.person)
    form.colleague.render_kw = {**(form.colleague.render_kw or {}), "list": "colleagues"}
    return render_template(
        "invitations/respond.html",
        event=event, invitation=invitation, form=form, standing=standing, is_own=is_own, colleagues=colleagues,
    ), form.status  # fmt: skip


@blueprint.route("/answer/<token>", methods=["GET", "POST"])
@public
def answer(token: str) -> ResponseReturnValue:
    """The link in an invitation: looking changes nothing, since mail programs look too; the button answers."""
    invitation = queries.find_by_token(token, clock.now())
    if invitation is None:
        return render_template("invitations/link_ended.html"), 404, NO_TRACE
    if not services.may_use_link(invitation, current_user):
        return render_template("invitations/not_yours.html", person=invitation.person), 403, NO_TRACE
    form, standing = answer_form(invitation)
    if form.validate_on_submit():
        answered = form.attempt(
            lambda: services.answer_by_link(token, form.reply, visitor=current_user),
            then=url_for("invitations.answer", token=token),
            said=_("Your answer is recorded."),
        )
        if answered is not None:
            response = make_response(answered)
            response.headers.update(NO_TRACE)
            return response
    page = render_template(
        "invitations/answer.html", event=invitation.event, invitation=invitation, form=form, standing=standing
    )
    return page, form.status, NO_TRACE


@blueprint.route("/confirmation/<token>", methods=["GET", "POST"])
@public
def confirm_by_link(token: str) -> ResponseReturnValue:
    """The link in the mail about a new time: looking changes nothing, the button confirms or gives the place back."""
    registration = invited.find_by_reconfirm_link(token, clock.now())
    if registration is None:
        return render_template("invitations/link_ended.html"), 404, NO_TRACE
    event, person = registration.event, registration.person
    if current_user.is_authenticated and not policy.may_act_for(current_user, event, person):
        return render_template("invitations/not_yours.html", person=person), 403, NO_TRACE
    form = ConfirmAgainForm(data={"answer": request.args.get("says")})
    if form.validate_on_submit():
        answered = form.attempt(
            lambda: services.answer_again_by_link(
                token, says_yes=form.answer.data == "yes", reason=form.reason.data, visitor=current_user
            ),
            then=url_for("invitations.confirm_by_link", token=token),
            said=_("Your answer is recorded."),
        )
        if answered is not None:
            response = make_response(answered)
            response.headers.update(NO_TRACE)
            return response
    page = render_template(
        "invitations/confirm_again.html",
        event=event, registration=registration, form=form, is_gone=registration.state in GONE,
    )  # fmt: skip
    return page, form.status, NO_TRACE


@blueprint.route("/events/<ref:event_ref>/registration/mine/confirmation", methods=["POST"])
def confirm_mine(event_ref: str) -> ResponseReturnValue:
    """I come at the new time as well."""
    event = open_event(event_ref)
    mine = queries.find_own(event, person_of(current_user)) or abort(404)
    require(policy.may_act_for(current_user, event, mine.person))
    return press(
        lambda: services.confirm_again(mine, actor=current_user),
        url_for("registration.mine", event_ref=event.ref),
        _("Thank you: your place stays yours."),
    )


NO_TRACE = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}


# --- what was answered --------------------------------------------------------------------------------------------


def _seen_units(event: Event) -> tuple[Units, frozenset[int] | None]:
    """The departments, and which of them this reader may look into: None for all. 403 for whoever may see none."""
    units = read_units(person_of(current_user))
    if policy.may_see_list(current_user, event):
        return units, None
    require(board_policy.may_see_board(current_user, event, units))
    return units, units.headed


@blueprint.route("/events/<ref:event_ref>/invitations/board")
def board(event_ref: str) -> ResponseReturnValue:
    """How each department answers; a head sees their own with those below it."""
    event = open_event(event_ref)
    units, only = _seen_units(event)
    may_organize = policy.may_organize(current_user, event)
    may_nudge = may_organize or (only is not None and not holds(current_user, Role.AUDITOR))
    plan = queries.find_plan(event)
    return render_template(
        "invitations/board.html",
        event=event, board=invited.read_board(event, units, only), whole=only is None, may_organize=may_organize,
        may_nudge=may_nudge and plan is not None and plan.takes_registrations_at(clock.now()), plan=plan,
        again=invited.count_reconfirmations(event) if only is None else None,
    )  # fmt: skip


def _list_view(units: Units) -> invited.ListView:
    """What the address asks for; nonsense in it counts as not said."""
    which, unit = request.args.get("answer", ""), request.args.get("department", "")
    return invited.ListView(
        which=which if which in invited.WHICH else "",
        words=request.args.get("q", "")[:200],
        unit=units.find(unit),
        without_unit=unit == invited.NO_UNIT,
    )


@blueprint.route("/events/<ref:event_ref>/invitations")
def list_invitations(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    units, only = _seen_units(event)
    view = _list_view(units)
    page, per_page = asked_page(request.args)
    return render_template(
        "invitations/list.html",
        event=event, view=view, page=invited.list_page(event, view, units, only, page=page, per_page=per_page),
        counts=invited.count_answers(event, view, units, only), labels=ANSWER_LABELS, excuses=EXCUSE_LABELS,
        whole=only is None, may_organize=policy.may_organize(current_user, event),
    )  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/invitations.<any(csv, xlsx):kind>")
def export(event_ref: str, kind: str) -> ResponseReturnValue:
    """Exactly the rows and columns of the list as it is shown, on all its pages."""
    event = open_event(event_ref)
    units, only = _seen_units(event)
    zone = ZoneInfo(event.time_zone)
    columns = [
        pgettext("person", "Name"), _("Department"), _("E-mail"), _("Invited with"), _("Sent"), _("Answer"),
        _("Answered"), _("Until"), _("Reason"), _("Reminders"),
    ]  # fmt: skip

    def local(moment: datetime | None) -> datetime | None:
        return moment.astimezone(zone) if moment else None

    lines = (
        [
            each.person.display_name,
            each.person.department.display_name if each.person.department else None,
            each.person.email,
            via_words(each),
            local(each.sent_at),
            answer_words(each),
            local(each.answered_at),
            each.maybe_until,
            " · ".join(filter(None, [str(EXCUSE_LABELS[Excuse(each.excuse)]) if each.excuse else None, each.reason])),
            each.reminders,
        ]
        for each in invited.list_all(event, _list_view(units), units, only)
    )
    return sheet_answer(kind, columns, lines, title=_("Invitations"), name=f"invitations-{event.ref}")


def via_words(invitation: Invitation) -> str:
    """How somebody came onto the list."""
    if invitation.instead_of is not None:
        return _("instead of %(name)s", name=invitation.instead_of.display_name)
    return _("by name") if invitation.via == "person" else invitation.via


def answer_words(invitation: Invitation) -> str:
    if invitation.revoked_at is not None:
        return _("Taken back")
    return str(ANSWER_LABELS[Answer(invitation.answer)]) if invitation.answer else _("Silent")


@blueprint.route("/events/<ref:event_ref>/invitations/<ref:invitation_ref>")
def show(event_ref: str, invitation_ref: str) -> ResponseReturnValue:
    """All that one person answered."""
    event = open_event(event_ref)
    _units, only = _seen_units(event)
    invitation = invited.find_with_answers(event, invitation_ref) or abort(404)
    if only is not None and invitation.person.department_id not in only:
        abort(404)
    return render_template(
        "invitations/show.html",
        event=event, invitation=invitation, via=via_words(invitation), labels=ANSWER_LABELS, excuses=EXCUSE_LABELS,
        handed=invited.find_handed_on(event, invitation.person) if invitation.answer == Answer.DELEGATED else None,
        may_organize=policy.may_organize(current_user, event),
    )  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/invitations/nudges/<ref:department_ref>", methods=["POST"])
def nudge(event_ref: str, department_ref: str) -> ResponseReturnValue:
    """The head of a department, or the organizer, asks its silent members again."""
    event = open_event(event_ref)
    units, _only = _seen_units(event)
    unit = units.find(department_ref) or abort(404)
    require(board_policy.may_nudge(current_user, event, units, unit.id))
    return press(
        lambda: services.nudge(event, unit, units=units, actor=current_user),
        url_for("invitations.board", event_ref=event.ref),
        lambda sent: _("Reminders sent: %(number)d.", number=len(sent)),
    )


@blueprint.route("/events/<ref:event_ref>/invitations/reminders", methods=["GET", "POST"])
def plan_reminders(event_ref: str) -> ResponseReturnValue:
    """When the silent are reminded by themselves, and who that would be now."""
    event = open_event(event_ref)
    require(policy.may_organize(current_user, event))
    stored = invited.find_reminder_plan(event)
    form = RemindersForm(obj=stored)
    if form.validate_on_submit():
        version = form.opened_version if stored else None
        answered = form.attempt(
            lambda: reminders.set_plan(event, actor=current_user, version=version, **form.values()),
            then=url_for("invitations.plan_reminders", event_ref=event.ref),
            said=_("The plan of reminders is saved."),
        )
        if answered is not None:
            return answered
    plan = queries.find_plan(event)
    return render_template(
        "invitations/reminders.html",
        event=event, form=form, plan=plan, steps=reminders.steps_of(event, plan, stored), now=clock.now(),
        deadline=reminders.deadline_of(event, plan), silent=reminders.list_silent(event, most=100), number=reminders.count_silent(event),
    ), form.status  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/registrations/confirmations")
def list_confirmations(event_ref: str) -> ResponseReturnValue:
    """After a change of time: who has not said yet whether they come all the same, and whose place was given back."""
    event = open_event(event_ref)
    require(policy.may_see_list(current_user, event))
    lapsed = request.args.get("which") == "lapsed"
    page, per_page = asked_page(request.args)
    return render_template(
        "invitations/confirmations.html",
        event=event, lapsed=lapsed, counts=invited.count_reconfirmations(event),
        page=invited.list_reconfirmations(event, lapsed=lapsed, page=page, per_page=per_page),
        may_organize=policy.may_organize(current_user, event),
    )  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/registrations/<ref:registration_ref>/confirmation", methods=["POST"])
def confirm_other(event_ref: str, registration_ref: str) -> ResponseReturnValue:
    """The organizer heard it by telephone."""
    event = open_event(event_ref)
    require(policy.may_organize(current_user, event))
    registration = queries.find_registration(event, registration_ref) or abort(404)
    return press(
        lambda: services.confirm_again(registration, actor=current_user),
        url_for("invitations.list_confirmations", event_ref=event.ref),
        _("%(name)s comes at the new time.", name=registration.person.display_name),
    )


# --- invitations --------------------------------------------------------------------------------------------------


@blueprint.route("/events/<ref:event_ref>/invitations/new")
def invite(event_ref: str) -> ResponseReturnValue:
    """The invitee list: its lines, whom they mean now, and what has changed since they were sent."""
    event = open_event(event_ref)
    require(policy.may_organize(current_user, event))
    return render_template(
        "audiences/list.html",
        event=event, whole=invitees.invitee_list(event), kinds=RULE_LABELS, heads=LEFT_OUT_HEADS,
        sees_groups=may_see_groups(current_user),
    )  # fmt: skip


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
