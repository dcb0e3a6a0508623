"""Deciding who may come: the organizer's list, one's own people, and the link in a mail."""

from flask import Blueprint, abort, flash, make_response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.approvals import overdue as _overdue  # noqa: F401 — names its job
from app.approvals import queries, services
from app.approvals.forms import DecisionForm, ManyForm
from app.approvals.policy import may_decide_some
from app.core import clock
from app.core.errors import require
from app.core.guards import public
from app.core.i18n import _, ngettext
from app.events.pages import open_event
from app.people.queries import person_of
from app.registration import policy
from app.registration.models import APPROVAL_LABELS, Approval, ApprovalState
from app.registration.queries import standing_of

blueprint = Blueprint("approvals", __name__)

NO_TRACE = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}


@blueprint.route("/events/<ref:event_ref>/approvals")
def list_open(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_see_list(current_user, event))
    return _show_list(event, ManyForm())


def _show_list(event, form: ManyForm) -> ResponseReturnValue:
    return render_template(
        "approvals/list.html",
        event=event, form=form, waiting=queries.list_open(event), decided=queries.list_decided(event),
        labels=APPROVAL_LABELS, standing=standing_of(event, None), now=clock.now(), State=ApprovalState,
        may_organize=policy.may_organize(current_user, event),
    ), form.status  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/approvals/decision", methods=["POST"])
def decide(event_ref: str) -> ResponseReturnValue:
    """The chosen ones, all with the same decision and the same word."""
    event = open_event(event_ref)
    require(policy.may_organize(current_user, event))
    form = ManyForm()
    chosen = queries.find_many(form.approval.data or [], event=event)
    return _decide(form, chosen, url_for("approvals.list_open", event_ref=event.ref)) or _show_list(event, form)


@blueprint.route("/my/approvals")
def mine() -> ResponseReturnValue:
    """Requests of one's own people."""
    return _show_mine(ManyForm())


def _show_mine(form: ManyForm) -> ResponseReturnValue:
    now = clock.now()
    return render_template(
        "approvals/mine.html", form=form, waiting=queries.list_asked(person_of(current_user), now), now=now
    ), form.status


@blueprint.route("/my/approvals/decision", methods=["POST"])
def decide_mine() -> ResponseReturnValue:
    require(may_decide_some(current_user))
    form = ManyForm()
    person = person_of(current_user) or abort(403)
    chosen = queries.find_many(form.approval.data or [], approver=person)
    return _decide(form, chosen, url_for("approvals.mine")) or _show_mine(form)


def _decide(form: ManyForm, chosen: list[Approval], then: str) -> ResponseReturnValue | None:
    if not form.validate_on_submit():
        return None
    left: list[services.Decided] = []

    def act() -> None:
        decided = services.decide_many(
            chosen, actor=current_user, approves=form.decision.data == "approve", comment=form.comment.data
        )
        left.extend(each for each in decided if each.refusal is not None)

    answer = form.attempt(act, then=then)
    if answer is not None:
        done = len(chosen) - len(left)
        if done:
            flash(ngettext("%(num)d request is decided.", "%(num)d requests are decided.", done), "done")
        for each in left:
            name = each.approval.registration.person.display_name
            flash(_("%(name)s: %(why)s", name=name, why=each.refusal.sentence if each.refusal else ""), "refused")
    return answer


@blueprint.route("/approvals/<token>", methods=["GET", "POST"])
@public
def answer(token: str) -> ResponseReturnValue:
    """The link in the approver's mail: looking changes nothing, since mail programs look too; the button decides."""
    approval = queries.find_by_token(token)
    if approval is None:
        return render_template("approvals/link_ended.html"), 404, NO_TRACE
    form = DecisionForm()
    if form.validate_on_submit():
        decided = form.attempt(
            lambda: services.decide_by_link(token, approves=form.decision.data == "approve", comment=form.comment.data),
            then=url_for("approvals.answer", token=token),
            said=_("Your decision is recorded."),
        )
        if decided is not None:
            response = make_response(decided)
            response.headers.update(NO_TRACE)
            return response
    page = render_template(
        "approvals/answer.html", approval=approval, event=approval.event, person=approval.registration.person, form=form,
        is_open=approval.state == ApprovalState.OPEN, labels=APPROVAL_LABELS,
    )  # fmt: skip
    return page, form.status, NO_TRACE
