"""The outbox of an event."""

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts.policy import may_audit
from app.core.errors import require
from app.core.forms import press
from app.core.i18n import _
from app.core.paging import asked_page
from app.core.text import one_line
from app.events.models import Event
from app.events.pages import open_event
from app.mail import policy, queries, services
from app.mail.models import MAIL_STATE_LABELS, MailMessage
from app.mail.queries import OutboxFilter
from app.mailings.models import MAILING_LABELS
from app.mailings.queries import find_mailing, list_mailings
from app.minutes.policy import clearance_anywhere, clearance_of

blueprint = Blueprint("mail", __name__)


def find(event: Event, ref: str) -> MailMessage:
    return queries.find_mail(event.ref, ref) or abort(404)


@blueprint.route("/events/<ref:event_ref>/mail")
def outbox(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_read_outbox(current_user, event.id))
    return outbox_page(event)


@blueprint.route("/admin/mail")
def house_outbox() -> ResponseReturnValue:
    """The mails of no event: links for passwords, notices about accounts."""
    require(may_audit(current_user))
    return outbox_page(None)


def outbox_page(event: Event | None) -> ResponseReturnValue:
    scope = event.ref if event else None
    state = request.args.get("state", "")
    asked = OutboxFilter(
        state=state if state in MAIL_STATE_LABELS else "",
        words=one_line(request.args.get("q", ""))[:100],
        bundle=one_line(request.args.get("mailing", ""))[:16],
    )
    page, per_page = asked_page(request.args)
    clearance = clearance_of(current_user, event) if event else clearance_anywhere(current_user)
    return render_template(
        "mail/outbox.html",
        event=event,
        clearance=clearance,
        asked=asked,
        mails=queries.list_mails(scope, asked, page=page, per_page=per_page, clearance=clearance),
        counts=queries.count_by_state(scope, asked.bundle),
        mailings={each.ref: each for each in list_mailings(event)} if event else {},
        mailing_labels=MAILING_LABELS,
        labels=MAIL_STATE_LABELS,
    )


@blueprint.route("/events/<ref:event_ref>/mail/<ref:mail_ref>")
def show(event_ref: str, mail_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_read_outbox(current_user, event.id))
    mail = find(event, mail_ref)
    return render_template(
        "mail/show.html",
        event=event,
        mail=mail,
        is_above=mail.least_clearance > clearance_of(current_user, event),
        mailing=find_mailing(event, mail.bundle) if mail.bundle else None,
        labels=MAIL_STATE_LABELS,
        may_steer=policy.may_steer_outbox(current_user, event.id),
    )


@blueprint.route("/events/<ref:event_ref>/mail/<ref:mail_ref>/take-back", methods=["POST"])
def take_back(event_ref: str, mail_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_steer_outbox(current_user, event.id))
    mail = find(event, mail_ref)
    back = url_for("mail.outbox", event_ref=event.ref)
    return press(lambda: services.take_back(mail, actor=current_user, scope=event), back, _("The mail is taken back."))


@blueprint.route("/events/<ref:event_ref>/mail/<ref:mail_ref>/send-again", methods=["POST"])
def send_again(event_ref: str, mail_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_steer_outbox(current_user, event.id))
    mail = find(event, mail_ref)
    back = url_for("mail.outbox", event_ref=event.ref)
    return press(
        lambda: services.send_again(mail, actor=current_user, scope=event), back, _("The mail is queued again.")
    )
