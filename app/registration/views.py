"""Registering, withdrawing, answering; and the organizer's lists."""

from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core import clock
from app.core.errors import require
from app.core.forms import PressForm, filled, press, record_options
from app.core.guards import public
from app.core.i18n import _, is_chinese, language_tag, pgettext
from app.documents.qr import qr_svg
from app.documents.render import render_pdf
from app.events.models import Event
from app.events.pages import open_event
from app.people.models import Person
from app.people.queries import find_person, person_of
from app.questions import services as questions
from app.questions.forms import Asking
from app.questions.pages import answering_form, ready
from app.questions.queries import asked_of, find_published
from app.registration import asking, cards, offers, policy, queries, services
from app.registration import sweeping as _sweeping  # noqa: F401 — names its job
from app.registration.forms import (
    ArrangeForm,
    CapacityForm,
    OfferForm,
    RegisterForm,
    RegisterOtherForm,
    RemoveForm,
    WithdrawForm,
)
from app.registration.models import GONE, STATE_LABELS, Registration, State
from app.registration.pages import sessions_page
from app.registration.queries import ListView
from app.releases.choosing import as_told, offered
from app.sheets.answers import sheet_answer
from app.substitutions import queries as substitutions

blueprint = Blueprint("registration", __name__)


# --- for oneself --------------------------------------------------------------------------------------------------


@blueprint.route("/events/<ref:event_ref>/registration", methods=["GET", "POST"])
def register(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    # What was opened without questions is sent without: whatever is asked since then stays open on one's own page.
    is_asked = request.method == "GET" or "form_number" in request.form
    asked = find_published(event) if is_asked else None
    form = answering_form(RegisterForm, event, asked) if asked is not None else RegisterForm()
    person = person_of(current_user) if form.is_submitted() else None
    if person is not None:
        require(policy.may_act_for(current_user, event, person))
        if form.sessions.data:
            form.offer(offered(event))
        answer = _sign_up(form, event, person, then=_mine(event), said=_own_words)
        if answer is not None:
            return answer
    standing = queries.own_standing(event, current_user)
    if standing.mine is not None and not form.is_submitted():
        return redirect(_mine(event))
    if standing.has_limited_sessions:
        form.offer(offered(event))
    return render_template(
        "registration/register.html", event=event, form=form, person=standing.person, standing=standing
    ), form.status


def _sign_up(form: RegisterForm, event: Event, person: Person, *, then: str, said) -> ResponseReturnValue | None:
    asked = isinstance(form, Asking)
    if not (ready(form, event) if asked else form.validate_on_submit()):
        return None
    chosen = queries.find_sessions(event, form.sessions.data) if form.sessions.data else []
    given = {"actor": current_user, "sessions": chosen, "note": form.note.data}
    if not asked:
        return form.attempt(lambda: services.register_person(event, person, **given), then=then, said=said)
    return form.attempt(
        lambda: questions.register(
            event, person, values=form.raw(), uploads=form.uploads(), form_number=form.opened_number(), **given
        ),
        then=then,
        said=said,
    )


def _mine(event: Event) -> str:
    return url_for("registration.mine", event_ref=event.ref)


def _own_words(registration: Registration) -> str:
    if registration.state == State.PENDING:
        return _("Your registration waits for approval. We write to you as soon as it is decided.")
    if registration.state == State.WAITING:
        return _("All places are taken. You are on the waiting list, and move up by yourself.")
    return _("You have a place.")


@blueprint.route("/events/<ref:event_ref>/registration/mine")
def mine(event_ref: str) -> ResponseReturnValue:
    """My registration: the confirmation, the way to the admission card, the way out."""
    event = open_event(event_ref)
    standing = queries.own_standing(event, current_user)
    if standing.mine is None:
        return redirect(url_for("registration.register", event_ref=event.ref))
    sessions = queries.list_chosen_sessions(standing.mine) if standing.has_limited_sessions else []
    approval = asking.find_open(standing.mine) if standing.mine.state == State.PENDING else None
    return render_template(
        "registration/mine.html",
        event=event,
        standing=standing,
        registration=standing.mine,
        sessions=as_told(event, sessions),
        why_skipped=queries.why_skipped(event, standing.mine),
        approver=approval.approver if approval else None,
        substitution=substitutions.find_standing(standing.mine),
        may_send=substitutions.may_send(standing.plan),
        asked=asked_of(standing.mine),
    )


@blueprint.route("/events/<ref:event_ref>/registration/mine/place", methods=["POST"])
def take_offer(event_ref: str) -> ResponseReturnValue:
    """Take the place that is offered; an old page takes no newer offer."""
    event = open_event(event_ref)
    registration = _own(event)
    require(policy.may_act_for(current_user, event, registration.person))
    version = PressForm().opened_version
    return press(
        lambda: offers.accept(registration, actor=current_user, version=version), _mine(event), _("You have a place.")
    )


@blueprint.route("/events/<ref:event_ref>/registration/mine/code", methods=["POST"])
def renew_code(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    registration = _own(event)
    require(policy.may_act_for(current_user, event, registration.person))
    version = PressForm().opened_version
    return press(
        lambda: services.renew_code(registration, actor=current_user, version=version),
        _mine(event),
        _("You have another admission code. The former one admits nobody any more."),
    )


@blueprint.route("/events/<ref:event_ref>/registration/mine/sessions", methods=["GET", "POST"])
def choose_sessions(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    registration = _own(event)
    require(policy.may_act_for(current_user, event, registration.person))
    return sessions_page(registration, offered(event), actor=current_user, back=_mine(event))


@blueprint.route("/offer/<token>", methods=["GET", "POST"])
@public
def answer_offer(token: str) -> ResponseReturnValue:
    """The link in the mail about an offered place: looking changes nothing, since mail programs look too."""
    registration = offers.find_by_token(token)
    if registration is None:
        return render_template("registration/offer_ended.html"), 404, NO_TRACE
    event, form = registration.event, OfferForm()
    if form.validate_on_submit():
        says_yes = form.answer.data == "yes"
        answered = form.attempt(
            lambda: offers.answer_by_link(token, says_yes=says_yes, reason=form.reason.data),
            then=url_for("registration.answer_offer", token=token),
            said=_("Your answer is recorded."),
        )
        if answered is not None:
            response = make_response(answered)
            response.headers.update(NO_TRACE)
            return response
    page = render_template(
        "registration/offer.html", event=event, registration=registration, form=form,
        is_over=offers.is_over(registration),
    )  # fmt: skip
    return page, form.status, NO_TRACE


NO_TRACE = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}


def _own(event: Event) -> Registration:
    """My registration, unless withdrawn; else 404."""
    registration = queries.find_own(event, person_of(current_user))
    if registration is None or registration.state in GONE:
        abort(404)
    return registration


@blueprint.route("/events/<ref:event_ref>/registration/mine/code.svg")
def code(event_ref: str) -> ResponseReturnValue:
    """What the door scans, as a picture."""
    registration = _own(open_event(event_ref))
    if registration.state != State.CONFIRMED:
        abort(404)
    drawing = qr_svg(registration.door_code, title=_("Admission code"))
    # str: the replace of a Markup would escape the new tag
    drawing = str(drawing).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return Response(drawing, mimetype="image/svg+xml")


@blueprint.route("/events/<ref:event_ref>/registration/mine/card.pdf")
def card(event_ref: str) -> ResponseReturnValue:
    """The admission card to print."""
    event = open_event(event_ref)
    registration = _own(event)
    if registration.state != State.CONFIRMED:
        abort(404)
    data = cards.admission(event, [registration])
    pdf = render_pdf("admission", data, lang=language_tag())
    return Response(
        pdf, mimetype="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="admission-{event.ref}.pdf"'},
    )  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/registration/mine/withdrawal", methods=["GET", "POST"])
def withdraw(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    registration = _own(event)
    require(policy.may_act_for(current_user, event, registration.person))
    form = WithdrawForm(obj=registration)
    give_up = offers.decline if registration.state == State.OFFERED else services.withdraw
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: give_up(registration, actor=current_user, reason=form.reason.data, version=form.opened_version),
            then=url_for("registration.register", event_ref=event.ref),
            said=_("You are no longer registered."),
        )
        if answer is not None:
            return answer
    return render_template("registration/withdraw.html", event=event, form=form, registration=registration), form.status


# --- the organizer's list -----------------------------------------------------------------------------------------


def _list_view() -> ListView:
    """What the address asks for; nonsense in it counts as not said."""
    state = request.args.get("state", "")
    sort = request.args.get("sort", "")
    size = request.args.get("per_page", 0, type=int)
    return ListView(
        words=request.args.get("q", "")[:200],
        state=state if state in list(State) else "",
        sort=sort if sort.removeprefix("-") in queries.SORTS else "joined",
        page=min(max(1, request.args.get("page", 1, type=int)), 100_000),
        per_page=size if size in queries.SIZES else 50,
    )


ALWAYS_TOLD = (State.CONFIRMED, State.WAITING, State.WITHDRAWN)


@blueprint.route("/events/<ref:event_ref>/registrations")
def list_registrations(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_see_list(current_user, event))
    view = _list_view()
    page = queries.list_page(event, view)
    standing = queries.standing_of(event, None)
    limited = queries.sessions_by_registration(event, page.rows)
    return render_template(
        "registration/list.html",
        event=event, view=view, page=page, standing=standing, sessions=limited, remarks=queries.remarks(event, page.rows),
        gone=GONE, states=[each for each in State if each in ALWAYS_TOLD or page.counts.get(each)],
        labels={state: str(label) for state, label in STATE_LABELS.items()}, chinese=is_chinese(),
        may_organize=policy.may_organize(current_user, event), zone=ZoneInfo(event.time_zone), now=clock.now(),
    )  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/registrations.<any(csv, xlsx):kind>")
def export(event_ref: str, kind: str) -> ResponseReturnValue:
    """Exactly the rows and columns of the list as it is shown, on all its pages."""
    event = open_event(event_ref)
    require(policy.may_see_list(current_user, event))
    rows = queries.list_rows(event, _list_view())
    sessions = queries.sessions_by_registration(event, rows)
    remarks = queries.remarks(event, rows)
    chinese, zone = is_chinese(), ZoneInfo(event.time_zone)
    columns = [
        pgettext("person", "Name"),
        _("Department"),
        _("E-mail"),
        _("State"),
        _("Since"),
        _("Sessions"),
        _("A word to the organizer"),
        _("Remark"),
    ]
    lines = (
        [
            (each.name_local or each.name) if chinese else each.name,
            (each.department_local or each.department) if chinese else each.department,
            each.email,
            str(STATE_LABELS[State(each.state)]),
            each.joined_at.astimezone(zone),
            "; ".join(sessions.get(each.id, [])),
            each.note,
            remarks.get(each.id),
        ]
        for each in rows
    )
    return sheet_answer(kind, columns, lines, title=_("Registrations"), name=f"registrations-{event.ref}")


@blueprint.route("/events/<ref:event_ref>/registrations/new", methods=["GET", "POST"])
def register_other(event_ref: str) -> ResponseReturnValue:
    """The organizer registers somebody: the same gate, also when registration is closed to others."""
    event = open_event(event_ref)
    require(policy.may_organize(current_user, event))
    form = RegisterOtherForm()
    form.offer(queries.list_limited_sessions(event))
    form.person.choices = record_options(queries.list_registrable(event), nothing=_("Choose a person"))
    if form.validate_on_submit():
        person = find_person(filled(form.person.data)) or abort(404)
        there = url_for("registration.list_registrations", event_ref=event.ref)
        answer = _sign_up(form, event, person, then=there, said=_other_words)
        if answer is not None:
            return answer
    return render_template("registration/register_other.html", event=event, form=form), form.status


def _other_words(registration: Registration) -> str:
    name = registration.person.display_name
    if registration.state == State.WAITING:
        return _("All places are taken: %(name)s is on the waiting list.", name=name)
    return _("%(name)s has a place.", name=name)


@blueprint.route("/events/<ref:event_ref>/registrations/<ref:registration_ref>/withdrawal", methods=["GET", "POST"])
def withdraw_other(event_ref: str, registration_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_organize(current_user, event))
    registration = queries.find_registration(event, registration_ref) or abort(404)
    form = RemoveForm(obj=registration)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.withdraw(
                registration, actor=current_user, reason=form.reason.data, version=form.opened_version
            ),
            then=url_for("registration.list_registrations", event_ref=event.ref),
            said=_("%(name)s is no longer registered.", name=registration.person.display_name),
        )
        if answer is not None:
            return answer
    return render_template(
        "registration/withdraw_other.html", event=event, form=form, registration=registration
    ), form.status


# --- how registration works ---------------------------------------------------------------------------------------


@blueprint.route("/events/<ref:event_ref>/registration/settings", methods=["GET", "POST"])
def arrange(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_organize(current_user, event))
    standing = queries.standing_of(event, None)
    form = ArrangeForm(obj=standing.plan)
    moments = (form.opens_at, form.closes_at, form.changes_until)
    if not form.is_submitted():
        form.capacity.data = standing.capacity
        form.is_open.data = standing.plan.is_open if standing.plan else True
        for field in moments:
            field.show(getattr(standing.plan, field.short_name, None), event.time_zone)
    if form.validate_on_submit():
        version = form.opened_version if standing.plan else None
        given: dict[str, Any] = form.values(*(each.short_name for each in moments))

        def act() -> Any:
            at: dict[str, Any] = {each.short_name: each.moment(event.time_zone) for each in moments}
            return services.arrange(event, actor=current_user, version=version, **at, **given)

        answer = form.attempt(
            act,
            then=url_for("registration.list_registrations", event_ref=event.ref),
            said=_("Registration is set up."),
        )
        if answer is not None:
            return answer
    sessions = queries.list_sessions_with_places(event) if standing.plan else []
    return render_template(
        "registration/settings.html", event=event, form=form, standing=standing, sessions=sessions
    ), form.status


@blueprint.route("/events/<ref:event_ref>/registration/closing", methods=["POST"])
def close(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_organize(current_user, event))
    plan = queries.find_plan(event) or abort(404)
    there = url_for("registration.list_registrations", event_ref=event.ref)
    return press(lambda: services.close_registration(plan, actor=current_user), there, _("Registration is closed."))


@blueprint.route("/events/<ref:event_ref>/registration/opening", methods=["POST"])
def reopen(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_organize(current_user, event))
    plan = queries.find_plan(event) or abort(404)
    there = url_for("registration.list_registrations", event_ref=event.ref)
    return press(lambda: services.reopen_registration(plan, actor=current_user), there, _("Registration is open."))


@blueprint.route("/events/<ref:event_ref>/registration/sessions/<ref:session_ref>", methods=["GET", "POST"])
def session_places(event_ref: str, session_ref: str) -> ResponseReturnValue:
    """How many places one session has."""
    event = open_event(event_ref)
    require(policy.may_organize(current_user, event))
    session = queries.find_session(event, session_ref) or abort(404)
    form = CapacityForm()
    now = next(each for each in queries.list_sessions_with_places(event) if each.session.id == session.id)
    if not form.is_submitted():
        form.capacity.data = now.capacity
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.set_capacity(
                event, session, form.capacity.data, actor=current_user, reason=form.reason.data
            ),
            then=url_for("registration.arrange", event_ref=event.ref),
            said=_("The number of places is set."),
        )
        if answer is not None:
            return answer
    return render_template(
        "registration/session_places.html", event=event, form=form, session=session, limits=now
    ), form.status
