"""Where a person keeps what proves them: passkeys and time codes. Each change asks for the password first (AN13)."""

from flask import Blueprint, abort, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import cookies, proof
from app.core import clock
from app.core.db import unit_of_work
from app.core.errors import Refused
from app.core.forms import filled, press
from app.core.i18n import _
from app.documents.qr import qr_svg
from app.proofs import housekeeping as _housekeeping  # noqa: F401 — names its job
from app.proofs import queries, services
from app.proofs.forms import CodeForm, PasskeyForm

blueprint = Blueprint("proofs", __name__)


@blueprint.route("/account/proofs")
def show() -> ResponseReturnValue:
    return page(PasskeyForm())


def page(form: PasskeyForm) -> ResponseReturnValue:
    found = cookies.current_session()
    return render_template(
        "proofs/show.html",
        form=form,
        passkeys=queries.list_passkeys(cookies.me()),
        code=queries.find_time_code(cookies.me()),
        is_proven=found is not None and found.is_proven_at(clock.now()),
    ), form.status


@blueprint.route("/account/proofs/passkeys/question", methods=["POST"])
def question() -> ResponseReturnValue:
    """What the browser asks its device: the options of a new key. Only soon after the password was given."""
    if proof.missing() is not None:
        return jsonify(refusal=_("Please give your password first: reload this page.")), 403
    try:
        with unit_of_work():
            challenge, options = services.begin_registration(cookies.me(), actor=current_user)
    except Refused as refusal:
        return jsonify(refusal=str(refusal.sentence)), refusal.status
    return jsonify(challenge=challenge.ref, options=options)


@blueprint.route("/account/proofs/passkeys", methods=["GET", "POST"])
def add_passkey() -> ResponseReturnValue:
    if (asked := proof.missing()) is not None:
        return asked
    form = PasskeyForm()
    if not form.is_submitted():
        return redirect(url_for("proofs.show"))  # the password was asked for on the way here
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_passkey(
                cookies.me(), actor=current_user, challenge_ref=form.challenge.data or "",
                given=form.credential.data or "", name=filled(form.name.data),
            ),
            then=url_for("proofs.show"),
            said=_("The passkey is kept. Sign your next pledge with it."),
        )  # fmt: skip
        if answer is not None:
            return answer
    return page(form)


@blueprint.route("/account/proofs/passkeys/<ref:passkey_ref>/removal", methods=["POST"])
def remove_passkey(passkey_ref: str) -> ResponseReturnValue:
    passkey = queries.find_passkey(cookies.me(), passkey_ref) or abort(404)
    if (asked := proof.missing()) is not None:
        return asked
    return press(
        lambda: services.remove_passkey(passkey, actor=current_user),
        url_for("proofs.show"),
        _("The passkey is removed. What it signed stays signed."),
    )


@blueprint.route("/account/proofs/time-code/beginning", methods=["POST"])
def begin_time_code() -> ResponseReturnValue:
    if (asked := proof.missing()) is not None:
        return asked
    return press(
        lambda: services.begin_time_code(cookies.me(), actor=current_user),
        url_for("proofs.time_code"),
        refused=url_for("proofs.show"),
    )


@blueprint.route("/account/proofs/time-code", methods=["GET", "POST"])
def time_code() -> ResponseReturnValue:
    """Set time codes up: the secret as a square code and as letters, then a first code to see that it works."""
    if (asked := proof.missing()) is not None:
        return asked
    form = CodeForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.confirm_time_code(cookies.me(), filled(form.code.data), actor=current_user),
            then=url_for("proofs.show"),
            said=_("Time codes are set up."),
        )
        if answer is not None:
            return answer
    code = queries.find_time_code(cookies.me())
    if code is None or code.confirmed_at is not None or services.secret_of(code) is None:
        return redirect(url_for("proofs.show"))  # of a code that is in use nobody is shown the secret again
    return render_template(
        "proofs/time_code.html",
        form=form,
        qr=qr_svg(services.address_of(code), title=_("Code for your authenticator app")),
        secret=services.secret_of(code) or "",
    ), form.status


@blueprint.route("/account/proofs/time-code/removal", methods=["POST"])
def remove_time_code() -> ResponseReturnValue:
    code = queries.find_time_code(cookies.me()) or abort(404)
    if (asked := proof.missing()) is not None:
        return asked
    return press(
        lambda: services.remove_time_code(code, actor=current_user),
        url_for("proofs.show"),
        _("The time codes are removed. The entry in your app is of no use any more."),
    )
