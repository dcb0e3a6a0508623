"""Who acts for whom; and the pages on which an assistant acts in a principal's name."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.assistants import policy, queries, services
from app.assistants.acting import ActingFor
from app.assistants.forms import AssistantForm
from app.core import clock
from app.core.errors import require
from app.core.forms import PressForm, filled, press
from app.core.i18n import _
from app.core.text import one_line
from app.events.models import Event
from app.invitations import services as invitations
from app.invitations.pages import answer_form
from app.people.models import Person
from app.people.queries import find_person, person_of
from app.questions import services as questions
from app.questions.pages import answer_page, answering_form, ready
from app.questions.queries import asked_of, find_published
from app.registration import offers
from app.registration import principals as affairs
from app.registration import queries as registrations
from app.registration import services as registration
from app.registration.forms import RegisterForm, WithdrawForm
from app.registration.models import ANSWER_LABELS, GONE, STATE_LABELS, Registration, State
from app.registration.pages import sessions_page
from app.releases.choosing import as_told, offered
from app.substitutions import queries as substitutions
from app.substitutions.pages import ask_page, back_page, come_page

blueprint = Blueprint("assistants", __name__)
WORDS = {
    "labels": STATE_LABELS,
    "answers": ANSWER_LABELS,
    "kinds": {State.CONFIRMED: "kept", State.WAITING: "risk", State.PENDING: "risk", State.OFFERED: "risk"},
}


# --- who acts for whom --------------------------------------------------------------------------------------------


@blueprint.route("/my/assistants", methods=["GET", "POST"])
def mine() -> ResponseReturnValue:
    person = person_of(current_user)
    if person is None:
        return render_template("assistants/no_person.html", title=_("Who acts for me"))
    return _named_page(person, mine=True, then=url_for("assistants.mine"))


@blueprint.route("/people/<ref:person_ref>/assistants", methods=["GET", "POST"])
def of_person(person_ref: str) -> ResponseReturnValue:
    """The same for somebody else, by those who keep the directory."""
    person = find_person(person_ref) or abort(404)
    require(policy.may_see(current_user, person))
    return _named_page(person, mine=False, then=url_for("assistants.of_person", person_ref=person.ref))


def _named_page(person: Person, *, mine: bool, then: str) -> ResponseReturnValue:
    may_name = policy.may_name(current_user, person)
    form = AssistantForm()
    if not mine:
        form.assistant.label.text = _("Who acts for %(name)s", name=person.display_name)
    words = one_line(request.args.get("q", ""))[:100]
    if form.is_submitted():
        require(may_name)
    form.assistant.offer(queries.list_candidates(person, words, chosen=form.assistant.data) if may_name else [])
    if form.validate_on_submit():
        assistant = filled(form.assistant.person)
        answer = form.attempt(
            lambda: services.name_assistant(
                person, assistant, actor=current_user, from_on=form.from_on.data, to_on=form.to_on.data
            ),
            then=then,
            said=lambda made: _("%(name)s is an assistant now.", name=made.assistant.display_name),
        )
        if answer is not None:
            return answer
    return render_template(
        "assistants/named_page.html",
        person=person, mine=mine, form=form, words=words, may_name=may_name, today=queries.today(),
        assistantships=queries.list_assistantships(person),
    ), form.status  # fmt: skip


@blueprint.route("/assistantships/<ref:assistantship_ref>/ending", methods=["POST"])
def end(assistantship_ref: str) -> ResponseReturnValue:
    """By the principal, the assistant, or who keeps the directory; to everybody else there is none."""
    assistantship = queries.find_assistantship(assistantship_ref)
    if assistantship is None or not policy.may_end(current_user, assistantship):
        abort(404)
    if policy.is_self(current_user, assistantship.principal):
        there = url_for("assistants.mine")
    elif policy.is_self(current_user, assistantship.assistant):
        there = url_for("assistants.principals")
    else:
        there = url_for("assistants.of_person", person_ref=assistantship.principal.ref)
    return press(lambda: services.end(assistantship, actor=current_user), there, _("This has ended."))


# --- in a principal's name ----------------------------------------------------------------------------------------


@blueprint.route("/my/principals")
def principals() -> ResponseReturnValue:
    """Everybody for whom I act today, with what concerns them."""
    acting = queries.list_principals(current_user)
    return render_template(
        "assistants/principals.html",
        assistantships=acting,
        affairs=affairs.list_affairs([each.principal for each in acting], now=clock.now()),
        asked=substitutions.list_asked([each.principal for each in acting], now=clock.now()),
        **WORDS,
    )


def _open(person_ref: str, event_ref: str) -> tuple[Person, Event]:
    """The principal and the event, as far as they concern one another and I act for them today; else 404."""
    principal = queries.find_principal(current_user, person_ref) or abort(404)
    event = affairs.find_event(principal, event_ref) or abort(404)
    return principal, event


def _acting(principal: Person) -> ActingFor:
    return ActingFor(current_user, principal)


def _affair(principal: Person, event: Event) -> str:
    return url_for("assistants.affair", person_ref=principal.ref, event_ref=event.ref)


AFFAIR = "/my/principals/<ref:person_ref>/events/<ref:event_ref>"


@blueprint.route(AFFAIR)
def affair(person_ref: str, event_ref: str) -> ResponseReturnValue:
    principal, event = _open(person_ref, event_ref)
    standing = registrations.standing_of(event, principal)
    mine = standing.mine
    return render_template(
        "assistants/affair.html",
        principal=principal, event=event, standing=standing, is_over=event.has_ended_at(clock.now()),
        sessions=as_told(event, registrations.list_chosen_sessions(mine))
        if mine and standing.has_limited_sessions
        else [],
        substitution=substitutions.find_standing(mine) if mine else None,
        asked=asked_of(mine) if mine else None,
        may_send=substitutions.may_send(standing.plan), **WORDS,
    )  # fmt: skip


@blueprint.route(f"{AFFAIR}/registration", methods=["GET", "POST"])
def register(person_ref: str, event_ref: str) -> ResponseReturnValue:
    principal, event = _open(person_ref, event_ref)
    asked = find_published(event) if request.method == "GET" or "form_number" in request.form else None
    form: Any = answering_form(RegisterForm, event, asked) if asked is not None else RegisterForm()
    form.offer(offered(event))
    if form.is_submitted() and (ready(form, event) if asked is not None else form.validate_on_submit()):
        chosen = registrations.find_sessions(event, form.sessions.data) if form.sessions.data else []
        given: dict[str, Any] = {"actor": _acting(principal), "sessions": chosen, "note": form.note.data}
        enter = registration.register_person
        if asked is not None:
            given |= {"values": form.raw(), "uploads": form.uploads(), "form_number": form.opened_number()}
            enter = questions.register
        answer = form.attempt(
            lambda: enter(event, principal, **given), then=_affair(principal, event), said=_register_words
        )
        if answer is not None:
            return answer
    standing = registrations.standing_of(event, principal)
    if standing.mine is not None and not form.is_submitted():
        return redirect(_affair(principal, event))
    return render_template(
        "assistants/register.html", principal=principal, event=event, form=form, standing=standing
    ), form.status


def _register_words(made: Registration) -> str:
    name = made.person.display_name
    if made.state == State.CONFIRMED:
        return _("%(name)s has a place.", name=name)
    if made.state == State.WAITING:
        return _("All places are taken: %(name)s is on the waiting list.", name=name)
    return _("%(name)s is registered; somebody has to agree first.", name=name)


@blueprint.route(f"{AFFAIR}/answers", methods=["GET", "POST"])
def change_answers(person_ref: str, event_ref: str) -> ResponseReturnValue:
    """What the principal answered in the form: freely until the deadline, by request afterwards."""
    principal, event = _open(person_ref, event_ref)
    mine = _standing_of(principal, event)
    return answer_page(event, mine, _affair(principal, event), actor=_acting(principal), principal=principal)


@blueprint.route(f"{AFFAIR}/invitation", methods=["GET", "POST"])
def answer(person_ref: str, event_ref: str) -> ResponseReturnValue:
    """Answer an invitation: yes, no, maybe, or hand it on."""
    principal, event = _open(person_ref, event_ref)
    invitation = registrations.find_invitation(event, principal) or abort(404)
    form, _standing = answer_form(invitation)
    if form.validate_on_submit():
        answered = form.attempt(
            lambda: invitations.answer(invitation, form.reply, actor=_acting(principal)),
            then=_affair(principal, event),
            said=_("The answer is recorded."),
        )
        if answered is not None:
            return answered
    return render_template("assistants/answer.html", principal=principal, event=event, form=form), form.status


@blueprint.route(f"{AFFAIR}/withdrawal", methods=["GET", "POST"])
def withdraw(person_ref: str, event_ref: str) -> ResponseReturnValue:
    principal, event = _open(person_ref, event_ref)
    mine = _standing_of(principal, event)
    form = WithdrawForm(obj=mine)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: registration.withdraw(
                mine, actor=_acting(principal), reason=form.reason.data, version=form.opened_version
            ),
            then=url_for("assistants.principals"),
            said=_("%(name)s is no longer registered.", name=principal.display_name),
        )
        if answer is not None:
            return answer
    return render_template(
        "assistants/withdraw.html", principal=principal, event=event, form=form, registration=mine
    ), form.status


def _standing_of(principal: Person, event: Event) -> Registration:
    mine = registrations.find_own(event, principal)
    if mine is None or mine.state in GONE:
        abort(404)
    return mine


@blueprint.route(f"{AFFAIR}/place", methods=["POST"])
def take_offer(person_ref: str, event_ref: str) -> ResponseReturnValue:
    """Take the place that is offered; an old page takes no newer offer."""
    principal, event = _open(person_ref, event_ref)
    mine, version = _standing_of(principal, event), PressForm().opened_version
    return press(
        lambda: offers.accept(mine, actor=_acting(principal), version=version),
        _affair(principal, event),
        _("%(name)s has a place.", name=principal.display_name),
    )


@blueprint.route(f"{AFFAIR}/new-time", methods=["POST"])
def confirm_again(person_ref: str, event_ref: str) -> ResponseReturnValue:
    """After a change of time: the principal comes all the same."""
    principal, event = _open(person_ref, event_ref)
    mine = _standing_of(principal, event)
    return press(
        lambda: invitations.confirm_again(mine, actor=_acting(principal)),
        _affair(principal, event),
        _("%(name)s comes at the new time as well.", name=principal.display_name),
    )


@blueprint.route(f"{AFFAIR}/sessions", methods=["GET", "POST"])
def choose_sessions(person_ref: str, event_ref: str) -> ResponseReturnValue:
    principal, event = _open(person_ref, event_ref)
    return sessions_page(
        _standing_of(principal, event),
        offered(event),
        actor=_acting(principal),
        back=_affair(principal, event),
        principal=principal,
    )


@blueprint.route("/my/principals/<ref:person_ref>/substitutions/<ref:substitution_ref>", methods=["GET", "POST"])
def come_instead(person_ref: str, substitution_ref: str) -> ResponseReturnValue:
    """Whether the principal comes instead of somebody who asks them to."""
    principal = queries.find_principal(current_user, person_ref) or abort(404)
    asked = substitutions.find_for(principal, substitution_ref)
    if asked is None or asked.to_person_id != principal.id:
        abort(404)  # to agree as a line manager is not for an assistant
    here = url_for("assistants.come_instead", person_ref=principal.ref, substitution_ref=asked.ref)
    return come_page(asked, actor=_acting(principal), here=here, principal=principal)


@blueprint.route(f"{AFFAIR}/substitution", methods=["GET", "POST"])
def substitute(person_ref: str, event_ref: str) -> ResponseReturnValue:
    principal, event = _open(person_ref, event_ref)
    return ask_page(
        _standing_of(principal, event),
        actor=_acting(principal),
        here=url_for("assistants.substitute", person_ref=principal.ref, event_ref=event.ref),
        back=_affair(principal, event),
        principal=principal,
    )


@blueprint.route(f"{AFFAIR}/substitution/taking-back", methods=["POST"])
def take_back(person_ref: str, event_ref: str) -> ResponseReturnValue:
    principal, event = _open(person_ref, event_ref)
    return back_page(_standing_of(principal, event), actor=_acting(principal), back=_affair(principal, event))
