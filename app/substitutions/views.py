"""Sending somebody else: asking, answering, agreeing; and the organizer's list."""

from flask import Blueprint, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core import clock
from app.core.errors import require
from app.core.forms import filled, press
from app.core.guards import public
from app.core.i18n import _
from app.core.text import one_line
from app.events.models import Event, Status
from app.events.pages import open_event
from app.people.queries import person_of
from app.registration import policy as registration_policy
from app.registration import queries as registrations
from app.registration.models import GONE, Registration
from app.substitutions import policy, queries, services
from app.substitutions.forms import AgreeForm, ComeForm, SendForm
from app.substitutions.models import SUBSTITUTION_LABELS, Substitution, SubstitutionState
from app.substitutions.pages import ask_page, back_page, come_page

blueprint = Blueprint("substitutions", __name__)
NO_TRACE = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}


# --- for oneself --------------------------------------------------------------------------------------------------


def _own(event: Event) -> Registration:
    mine = registrations.find_own(event, person_of(current_user))
    if mine is None or mine.state in GONE:
        abort(404)
    return mine


@blueprint.route("/events/<ref:event_ref>/registration/mine/substitution", methods=["GET", "POST"])
def ask(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    mine = _own(event)
    require(registration_policy.may_act_for(current_user, event, mine.person))
    return ask_page(
        mine,
        actor=current_user,
        here=url_for("substitutions.ask", event_ref=event.ref),
        back=url_for("registration.mine", event_ref=event.ref),
    )


@blueprint.route("/events/<ref:event_ref>/registration/mine/substitution/taking-back", methods=["POST"])
def take_back(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    mine = _own(event)
    require(registration_policy.may_act_for(current_user, event, mine.person))
    return back_page(mine, actor=current_user, back=url_for("registration.mine", event_ref=event.ref))


# --- for whoever is asked -----------------------------------------------------------------------------------------


@blueprint.route("/instead/<token>", methods=["GET", "POST"])
@public
def answer_by_link(token: str) -> ResponseReturnValue:
    """The link in the mail: looking changes nothing, since mail programs look too; the button answers."""
    asked = queries.find_by_token(token)
    if asked is None or asked.event.status != Status.PUBLISHED or asked.event.has_ended_at(clock.now()):
        return render_template("substitutions/link_ended.html"), 404, NO_TRACE
    if _is_of_another(asked):
        return render_template("substitutions/not_for_you.html", name=current_user.name), 403, NO_TRACE
    form = ComeForm()
    if form.validate_on_submit():
        answered = form.attempt(
            lambda: _answer_by_link(token, asked, form), then=url_for("substitutions.answer_by_link", token=token)
        )
        if answered is not None:
            response = make_response(answered)
            response.headers.update(NO_TRACE)
            return response
    page = render_template(
        "substitutions/answer.html",
        layout="layouts/plain.html", asked=asked, event=asked.event, form=form,
        is_open=asked.state == SubstitutionState.ASKED, why_over=services.why_over(asked),
        sessions=registrations.list_chosen_sessions(asked.registration),
    )  # fmt: skip
    return page, form.status, NO_TRACE


def _is_of_another(asked: Substitution) -> bool:
    """Somebody else is signed in in this browser: the link was passed on, or opened on a shared machine."""
    return current_user.is_authenticated and asked.to_person.account_id != current_user.id


def _answer_by_link(token: str, asked: Substitution, form: ComeForm) -> None:
    if form.answer.data == "yes":
        services.accept_by_link(token, asked)
    else:
        services.decline_by_link(token, asked, comment=form.comment.data)


@blueprint.route("/my/substitutions/<ref:substitution_ref>", methods=["GET", "POST"])
def answer(substitution_ref: str) -> ResponseReturnValue:
    """Signed in: the one who is asked says yes or no, and the line manager agrees or not."""
    asked = queries.find_for(person_of(current_user), substitution_ref) or abort(404)
    if registration_policy.is_own(current_user, asked.to_person) and policy.may_answer(current_user, asked):
        here = url_for("substitutions.answer", substitution_ref=asked.ref)
        return come_page(asked, actor=current_user, here=here)
    if asked.state == SubstitutionState.ASKED:
        abort(404)  # whoever has to agree is asked after the substitute has said yes
    return _agree_page(asked)


def _agree_page(asked: Substitution) -> ResponseReturnValue:
    require(policy.may_agree(current_user, asked))
    form = AgreeForm()
    if form.validate_on_submit():
        answered = form.attempt(
            lambda: _decide(asked, form), then=url_for("substitutions.answer", substitution_ref=asked.ref)
        )
        if answered is not None:
            return answered
    return render_template(
        "substitutions/agree.html",
        asked=asked, event=asked.event, form=form, why_over=services.why_over(asked),
        is_open=asked.state == SubstitutionState.ACCEPTED and not asked.event.has_ended_at(clock.now()),
    ), form.status  # fmt: skip


def _decide(asked: Substitution, form: AgreeForm) -> None:
    if form.answer.data == "yes":
        services.agree(asked, actor=current_user)
    else:
        services.refuse(asked, actor=current_user, comment=form.comment.data)


# --- for the organizer --------------------------------------------------------------------------------------------


@blueprint.route("/events/<ref:event_ref>/substitutions")
def list_substitutions(event_ref: str) -> ResponseReturnValue:
    """Who was asked to come instead of whom, and what became of it."""
    event = open_event(event_ref)
    require(registration_policy.may_see_list(current_user, event))
    return render_template(
        "substitutions/list.html",
        event=event, substitutions=queries.list_of_event(event), labels=SUBSTITUTION_LABELS,
        may_organize=registration_policy.may_organize(current_user, event), here="substitutions.list_substitutions",
    )  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/substitutions/<ref:substitution_ref>/approval", methods=["POST"])
def agree(event_ref: str, substitution_ref: str) -> ResponseReturnValue:
    """An organizer agrees in the line manager's place."""
    event = open_event(event_ref)
    require(registration_policy.may_organize(current_user, event))
    asked = queries.find_of_event(event, substitution_ref) or abort(404)
    there = url_for("substitutions.list_substitutions", event_ref=event.ref)
    return press(lambda: services.agree(asked, actor=current_user), there, _("The place has changed hands."))


@blueprint.route("/events/<ref:event_ref>/substitutions/<ref:substitution_ref>/refusal", methods=["POST"])
def refuse(event_ref: str, substitution_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(registration_policy.may_organize(current_user, event))
    asked = queries.find_of_event(event, substitution_ref) or abort(404)
    there = url_for("substitutions.list_substitutions", event_ref=event.ref)
    return press(lambda: services.refuse(asked, actor=current_user), there, _("It is not approved."))


@blueprint.route("/events/<ref:event_ref>/registrations/<ref:registration_ref>/substitution", methods=["GET", "POST"])
def send(event_ref: str, registration_ref: str) -> ResponseReturnValue:
    """The organizer sends somebody else directly, and says why."""
    event = open_event(event_ref)
    require(registration_policy.may_organize(current_user, event))
    registration = registrations.find_registration(event, registration_ref) or abort(404)
    form = SendForm()
    words = one_line(request.args.get("q", ""))[:100]
    form.person.offer(queries.list_candidates(registration, words, free=True, chosen=form.person.data))
    if form.validate_on_submit():
        colleague = filled(form.person.person)
        answered = form.attempt(
            lambda: services.send(registration, colleague, actor=current_user, reason=form.reason.data),
            then=url_for("registration.list_registrations", event_ref=event.ref),
            said=_(
                "%(other)s comes instead of %(name)s.",
                other=colleague.display_name, name=registration.person.display_name,
            ),
        )  # fmt: skip
        if answered is not None:
            return answered
    return render_template(
        "substitutions/send.html", event=event, registration=registration, form=form, words=words
    ), form.status
