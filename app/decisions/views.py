"""The URLs of what a session decided, and of what was announced in it."""

from typing import Any

from flask import Blueprint, abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core.errors import require
from app.core.forms import HufuForm, filled, options, press, record_options
from app.core.i18n import _, _l
from app.decisions import policy, queries, services
from app.decisions.forms import AnnouncementForm, DecisionForm, HandOutForm, WithdrawDecisionForm
from app.decisions.models import MEANS_LABELS, Announcement, Decision
from app.events.models import Event
from app.events.pages import open_event
from app.events.policy import usual_clearance
from app.people import queries as people
from app.people.models import CLEARANCE_LABELS, Person
from app.programme import queries as programme
from app.programme.models import Session
from app.requirements import policy as requirements
from app.requirements.models import ASSIGNMENT_STATE_LABELS

blueprint = Blueprint("decisions", __name__)
PAGE = "/events/<ref:event_ref>/sessions/<ref:session_ref>/decisions"
DECISION = f"{PAGE}/<ref:decision_ref>"
ANNOUNCEMENT = "/events/<ref:event_ref>/sessions/<ref:session_ref>/announcements"


def page_of(session: Session, endpoint: str = "list_decisions", **more: Any) -> str:
    return url_for(f"decisions.{endpoint}", event_ref=session.event.ref, session_ref=session.ref, **more)


def _session(event: Event, ref: str) -> Session:
    """For those who follow what is decided; to everybody else this place is not there."""
    if not policy.may_follow(current_user, event):
        abort(404)
    return programme.find_session(event, ref) or abort(404)


def _writable(event_ref: str, session_ref: str) -> Session:
    event = open_event(event_ref)
    session = _session(event, session_ref)
    require(policy.may_record(current_user, event))
    return session


def _decision(event_ref: str, session_ref: str, ref: str) -> Decision:
    event = open_event(event_ref)
    session = _session(event, session_ref)
    found = queries.find_decision(current_user, session, ref) or abort(404)
    require(policy.may_record(current_user, event))
    return found


@blueprint.route(PAGE)
def list_decisions(event_ref: str, session_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    session = _session(event, session_ref)
    return render_template(
        "decisions/list.html",
        event=event,
        session=session,
        decisions=queries.list_decisions(current_user, session),
        announcements=queries.list_announcements(current_user, session),
        means=MEANS_LABELS,
        levels=CLEARANCE_LABELS,
        states=ASSIGNMENT_STATE_LABELS,
        may_record=policy.may_record(current_user, event),
        usual=usual_clearance(event),
    )


@blueprint.route(f"{PAGE}/new", methods=["GET", "POST"])
def record_decision(event_ref: str, session_ref: str) -> ResponseReturnValue:
    session = _writable(event_ref, session_ref)
    form = DecisionForm(clearance=int(usual_clearance(session.event)))
    known = _offering(form, session)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.record_decision(session, actor=current_user, **_told(form, known)),
            page_of(session),
            _("The decision is recorded."),
        )
        if answer is not None:
            return answer
    return _form_page(session, form, _("Record a decision")), form.status


@blueprint.route(DECISION, methods=["GET", "POST"])
def change_decision(event_ref: str, session_ref: str, decision_ref: str) -> ResponseReturnValue:
    decision = _decision(event_ref, session_ref, decision_ref)
    session = decision.session
    form = DecisionForm(
        obj=decision,
        item_ref=decision.item.ref if decision.item else "",
        mover_ref=decision.mover.ref if decision.mover else "",
        mover_name=None if decision.mover else decision.mover_name,
    )
    known = _offering(form, session, decision.mover)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.change_decision(
                decision, actor=current_user, version=form.opened_version, **_told(form, known)
            ),
            page_of(session),
            _("The record is put right."),
        )
        if answer is not None:
            return answer
    return _form_page(session, form, _("Put the decision right"), decision), form.status


def _offering(form: DecisionForm, session: Session, also: Person | None = None) -> dict[str, Any]:
    """Put the choices into the form; gives the records behind them by their refs."""
    items = programme.list_items(session.event, current_user, session=session)
    known = _people(also)
    form.item_ref.choices = options({"": _("None of them"), **{each.ref: each.display_title for each in items}})
    form.mover_ref.choices = record_options(known.values(), nothing=_l("Not stated"))
    return {**known, **{each.ref: each for each in items}}


def _people(also: Person | None = None) -> dict[str, Person]:
    found = {each.ref: each for each in people.list_choosable_people()}
    return {**found, **({also.ref: also} if also is not None else {})}


def _told(form: DecisionForm, known: dict[str, Any]) -> dict[str, Any]:
    """The form's fields as the act takes them. A name that was typed goes before a person that was chosen."""
    values = form.values("item_ref", "mover_ref")
    mover = None if form.mover_name.data else known.get(form.mover_ref.data or "")
    return {**values, "item": known.get(form.item_ref.data or ""), "mover": mover}


def _form_page(session: Session, form: HufuForm, title: str, decision: Decision | None = None) -> str:
    return render_template(
        "decisions/record.html", event=session.event, session=session, form=form, title=title, decision=decision
    )


@blueprint.route(f"{DECISION}/withdrawal", methods=["GET", "POST"])
def withdraw_decision(event_ref: str, session_ref: str, decision_ref: str) -> ResponseReturnValue:
    decision = _decision(event_ref, session_ref, decision_ref)
    form = WithdrawDecisionForm(obj=decision)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.withdraw_decision(
                decision, actor=current_user, reason=form.reason.data or "", version=form.opened_version
            ),
            page_of(decision.session),
            _("The decision is withdrawn. Its number stays taken."),
        )
        if answer is not None:
            return answer
    page = render_template(
        "decisions/withdraw.html", event=decision.event, session=decision.session, decision=decision, form=form
    )
    return page, form.status


@blueprint.route(f"{DECISION}/assignments/new", methods=["GET", "POST"])
def hand_out(event_ref: str, session_ref: str, decision_ref: str) -> ResponseReturnValue:
    decision = _decision(event_ref, session_ref, decision_ref)
    form = HandOutForm()
    known = _people()
    form.responsible_ref.choices = record_options(known.values(), nothing=_l("Please choose"))
    form.verifier_ref.choices = record_options(known.values(), nothing=_l("Please choose"))
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.hand_out(
                decision, actor=current_user, responsible=known[form.responsible_ref.data],
                verifier=known[form.verifier_ref.data], deliverable=form.deliverable.data or "",
                criteria=form.criteria.data or "", due_on=filled(form.due_on.data),
            ),
            page_of(decision.session),
            lambda made: _("Handed over to %(name)s.", name=made.responsible.display_name)
            if made.is_handed_over
            else _("Prepared for %(name)s. The supervisor hands it over.", name=made.responsible.display_name),
        )  # fmt: skip
        if answer is not None:
            return answer
    page = render_template(
        "decisions/hand_out.html",
        event=decision.event,
        session=decision.session,
        decision=decision,
        form=form,
        hands_over=requirements.may_supervise(current_user, decision.event),
        is_classified=decision.clearance > usual_clearance(decision.event),
    )
    return page, form.status


# --- announcements ------------------------------------------------------------------------------------------------


def _announcement(event_ref: str, session_ref: str, ref: str) -> Announcement:
    event = open_event(event_ref)
    found = queries.find_announcement(current_user, _session(event, session_ref), ref) or abort(404)
    require(policy.may_record(current_user, event))
    return found


@blueprint.route(f"{ANNOUNCEMENT}/new", methods=["GET", "POST"])
def announce(event_ref: str, session_ref: str) -> ResponseReturnValue:
    session = _writable(event_ref, session_ref)
    form = AnnouncementForm(clearance=int(usual_clearance(session.event)))
    known = _people()
    form.by_ref.choices = record_options(known.values(), nothing=_l("Not stated"))
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.announce(session, actor=current_user, **_said(form, known)),
            page_of(session),
            _("The announcement is recorded."),
        )
        if answer is not None:
            return answer
    return _announcement_page(session, form), form.status


@blueprint.route(f"{ANNOUNCEMENT}/<ref:announcement_ref>", methods=["GET", "POST"])
def change_announcement(event_ref: str, session_ref: str, announcement_ref: str) -> ResponseReturnValue:
    said = _announcement(event_ref, session_ref, announcement_ref)
    form = AnnouncementForm(obj=said, by_ref=said.by.ref if said.by else "", by_name=None if said.by else said.by_name)
    known = _people(said.by)
    form.by_ref.choices = record_options(known.values(), nothing=_l("Not stated"))
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.change_announcement(
                said, actor=current_user, version=form.opened_version, **_said(form, known)
            ),
            page_of(said.session),
            _("The record is put right."),
        )
        if answer is not None:
            return answer
    return _announcement_page(said.session, form, said), form.status


def _said(form: AnnouncementForm, known: dict[str, Person]) -> dict[str, Any]:
    by = None if form.by_name.data else known.get(form.by_ref.data or "")
    return {**form.values("by_ref"), "by": by}


def _announcement_page(session: Session, form: HufuForm, said: Announcement | None = None) -> str:
    return render_template("decisions/announce.html", event=session.event, session=session, form=form, said=said)


@blueprint.route(f"{ANNOUNCEMENT}/<ref:announcement_ref>/withdrawal", methods=["POST"])
def take_back_announcement(event_ref: str, session_ref: str, announcement_ref: str) -> ResponseReturnValue:
    said = _announcement(event_ref, session_ref, announcement_ref)
    return press(
        lambda: services.take_back_announcement(said, actor=current_user),
        page_of(said.session),
        _("The announcement is taken back."),
    )
