"""Writing to many people of an event."""

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.audiences.choosing import LEFT_OUT_LABELS
from app.core.config import settings_now
from app.core.errors import require
from app.core.forms import filled, press
from app.core.i18n import _, ngettext
from app.core.paging import Page, asked_page
from app.events.models import Event
from app.events.pages import open_event
from app.mail.models import MAIL_STATE_LABELS, MailState
from app.mail.queries import count_by_bundle, count_by_state
from app.mailings import policy, queries, services, writing
from app.mailings.forms import MailingForm, SendForm
from app.mailings.models import MAILING_LABELS, Mailing, MailingState
from app.mailings.placeholders import PLACEHOLDERS, names_in
from app.mailings.queries import STANDING_LABELS, Audience
from app.people.queries import list_choosable_departments
from app.registration.queries import find_departments, find_plan

blueprint = Blueprint("mailings", __name__)
LOOKED_AT = 500  # receivers for whom it is found out how many lack a value


def find(event: Event, ref: str) -> Mailing:
    return queries.find_mailing(event, ref) or abort(404)


@blueprint.route("/events/<ref:event_ref>/mailings")
def list_mailings(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_read(current_user, event))
    return render_template(
        "mailings/list.html",
        event=event, mailings=queries.list_mailings(event), counts=count_by_bundle(event.ref), labels=MAILING_LABELS,
        may_write=policy.may_write(current_user, event),
    )  # fmt: skip


# --- the text and its audience ------------------------------------------------------------------------------------


@blueprint.route("/events/<ref:event_ref>/mailings/new", methods=["GET", "POST"])
def write(event_ref: str) -> ResponseReturnValue:
    """A new one; with `?from=` another one's words to begin with, with `?standing=` for whom it is."""
    event = open_event(event_ref)
    require(policy.may_write(current_user, event))
    earlier = queries.find_mailing(event, request.args.get("from", ""))
    form = MailingForm(obj=earlier)
    form.offer(list_choosable_departments())
    if not form.is_submitted():
        form.version.data = ""
        form.standing.data = [each for each in request.args.getlist("standing") if each in STANDING_LABELS]
        if earlier is not None:
            form.show(earlier, queries.people_named(earlier.audience.get("people", ())))
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.write(event, actor=current_user, **told(form)),
            then=lambda made: url_for("mailings.show", event_ref=event.ref, mailing_ref=made.ref),
            said=_("The draft is kept. Look at it as a receiver will."),
        )
        if answer is not None:
            return answer
    return render_template("mailings/write.html", event=event, form=form, mailing=None, known=PLACEHOLDERS), form.status


@blueprint.route("/events/<ref:event_ref>/mailings/<ref:mailing_ref>/edit", methods=["GET", "POST"])
def change(event_ref: str, mailing_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_write(current_user, event))
    mailing = find(event, mailing_ref)
    form = MailingForm(obj=mailing)
    form.offer(list_choosable_departments())
    if not form.is_submitted():
        form.show(mailing, queries.people_named(mailing.audience.get("people", ())))
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.change(mailing, actor=current_user, version=form.opened_version, **told(form)),
            then=url_for("mailings.show", event_ref=event.ref, mailing_ref=mailing.ref),
            said=_("Changed. It is a draft until somebody approves it."),
        )
        if answer is not None:
            return answer
    return render_template(
        "mailings/write.html", event=event, form=form, mailing=mailing, known=PLACEHOLDERS
    ), form.status


def told(form: MailingForm) -> dict[str, Any]:
    """The fields as the acts take them: records instead of refs and lines. Called inside the attempt."""
    return {
        "subject": filled(form.subject.data),
        "text": filled(form.text.data),
        "subject_local": form.subject_local.data,
        "text_local": form.text_local.data,
        "standing": form.standing.data or [],
        "departments": find_departments(form.departments.data or []),
        "people": services.people_of_lines((form.people.data or "").splitlines()),
    }


# --- looking, approving, sending ----------------------------------------------------------------------------------


@blueprint.route("/events/<ref:event_ref>/mailings/<ref:mailing_ref>")
def show(event_ref: str, mailing_ref: str) -> ResponseReturnValue:
    """Before it is sent: the mail to a real person, who receives it and who does not. Afterwards: what became of it."""
    event = open_event(event_ref)
    require(policy.may_read(current_user, event))
    mailing = find(event, mailing_ref)
    if mailing.state == MailingState.SENT or mailing.sent_at is not None:
        return outcome(event, mailing)
    audience = queries.resolve(event, mailing.audience)
    chosen = audience.find(request.args.get("person", "")) or next(iter(audience.receivers), None)
    plan = find_plan(event)
    alone = policy.is_writer(current_user, mailing) and queries.is_alone(event, current_user)
    return render_template(
        "mailings/show.html",
        event=event, mailing=mailing, audience=audience, chosen=chosen, labels=MAILING_LABELS, why=LEFT_OUT_LABELS,
        written=writing.write(mailing, chosen, plan) if chosen else None, lacking=lacking(mailing, audience),
        receivers=one_page(audience.receivers), known=PLACEHOLDERS, minutes=minutes_for(len(audience.receivers)),
        may_write=policy.may_write(current_user, event), alone=alone, for_whom=for_whom(mailing),
        may_approve=policy.may_approve(current_user, mailing, alone=alone),
    )  # fmt: skip


def one_page(rows: list[Any]) -> Page[Any]:
    number, per_page = asked_page(request.args)
    number = min(number, max(1, -(-len(rows) // per_page)))
    return Page(rows[(number - 1) * per_page : number * per_page], number, per_page, len(rows))


def for_whom(mailing: Mailing) -> list[str]:
    """The audience in words."""
    wanted = mailing.audience
    words = [str(STANDING_LABELS[each]) for each in wanted.get("standing", ()) if each in STANDING_LABELS]
    words += [each.display_name for each in find_departments(wanted.get("departments", ()))]
    named = len(wanted.get("people", ()))
    if named:
        words.append(ngettext("%(num)d named person", "%(num)d named people", named))
    return words


def lacking(mailing: Mailing, audience: Audience) -> dict[str, int]:
    """For how many receivers a placeholder of the text has no value, so that its other words stand there."""
    used = names_in(mailing.subject, mailing.text, mailing.subject_local, mailing.text_local)
    plan, found = find_plan(mailing.event), dict.fromkeys(PLACEHOLDERS, 0)
    for each in audience.receivers[:LOOKED_AT]:
        values = writing.values_for(each, mailing, plan)
        for name in used:
            found[name] += not values[name]
    return {name: number for name, number in found.items() if number}


def minutes_for(mails: int) -> int:
    return -(-mails // settings_now().mail_rate)


def outcome(event: Event, mailing: Mailing) -> ResponseReturnValue:
    counts = count_by_state(event.ref, mailing.ref)
    still_here = sum(counts.get(each, 0) for each in (MailState.QUEUED, MailState.RETRY, MailState.HELD))
    failed = sum(counts.get(each, 0) for each in (MailState.FAILED, MailState.UNDELIVERED))
    return render_template(
        "mailings/outcome.html",
        event=event, mailing=mailing, counts=counts, still_here=still_here, failed=failed, labels=MAILING_LABELS,
        states=MAIL_STATE_LABELS, why=LEFT_OUT_LABELS, receivers=one_page(mailing.sent_to), for_whom=for_whom(mailing),
        may_write=policy.may_write(current_user, event),
    )  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/mailings/<ref:mailing_ref>/test", methods=["POST"])
def send_test(event_ref: str, mailing_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_write(current_user, event))
    mailing = find(event, mailing_ref)
    return press(
        lambda: services.send_test(mailing, actor=current_user),
        url_for("mailings.show", event_ref=event.ref, mailing_ref=mailing.ref),
        lambda address: _("A test is on its way to %(address)s.", address=address),
    )


@blueprint.route("/events/<ref:event_ref>/mailings/<ref:mailing_ref>/approval", methods=["POST"])
def approve(event_ref: str, mailing_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_write(current_user, event))
    mailing = find(event, mailing_ref)
    raw = request.form.get("version", "")
    seen = int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 10 else -1
    return press(
        lambda: services.approve(mailing, actor=current_user, version=seen),
        url_for("mailings.show", event_ref=event.ref, mailing_ref=mailing.ref),
        _("Approved. Now it can be sent."),
    )


@blueprint.route("/events/<ref:event_ref>/mailings/<ref:mailing_ref>/send", methods=["GET", "POST"])
def send(event_ref: str, mailing_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_write(current_user, event))
    mailing = find(event, mailing_ref)
    form = SendForm()
    audience = queries.resolve(event, mailing.audience)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.send(
                mailing, actor=current_user, digest=form.digest.data or "", at=form.at.moment(event.time_zone)
            ),
            then=url_for("mailings.show", event_ref=event.ref, mailing_ref=mailing.ref),
            said=lambda number: sent_words(number, mailing.due_at),
        )
        if answer is not None:
            return answer
    form.digest.data = audience.digest
    return render_template(
        "mailings/send.html",
        event=event, mailing=mailing, form=form, audience=audience, hold=settings_now().mail_hold,
        minutes=minutes_for(len(audience.receivers)), rate=settings_now().mail_rate,
    ), form.status  # fmt: skip


def sent_words(number: int, at: datetime | None) -> str:
    if at is not None:
        return ngettext(
            "%(num)d mail lies in the outbox until its time.",
            "%(num)d mails lie in the outbox until their time.",
            number,
        )
    return ngettext(
        "%(num)d mail is in the outbox. For a moment it can be taken back.",
        "%(num)d mails are in the outbox. For a moment they can be taken back.",
        number,
    )


@blueprint.route("/events/<ref:event_ref>/mailings/<ref:mailing_ref>/take-back", methods=["POST"])
def take_back(event_ref: str, mailing_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_write(current_user, event))
    mailing = find(event, mailing_ref)
    return press(
        lambda: services.take_back(mailing, actor=current_user),
        url_for("mailings.show", event_ref=event.ref, mailing_ref=mailing.ref),
        lambda number: ngettext("%(num)d mail is taken back.", "%(num)d mails are taken back.", number),
    )


@blueprint.route("/events/<ref:event_ref>/mailings/<ref:mailing_ref>/send-again", methods=["POST"])
def send_again(event_ref: str, mailing_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_write(current_user, event))
    mailing = find(event, mailing_ref)
    return press(
        lambda: services.send_failed_again(mailing, actor=current_user),
        url_for("mailings.show", event_ref=event.ref, mailing_ref=mailing.ref),
        lambda number: ngettext("%(num)d mail is queued again.", "%(num)d mails are queued again.", number),
    )


@blueprint.route("/events/<ref:event_ref>/mailings/<ref:mailing_ref>/drop", methods=["POST"])
def drop(event_ref: str, mailing_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_write(current_user, event))
    mailing = find(event, mailing_ref)
    return press(
        lambda: services.drop(mailing, actor=current_user),
        url_for("mailings.list_mailings", event_ref=event.ref),
        _("Dropped. It can be written anew from here."),
    )
