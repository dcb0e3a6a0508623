"""Signing in and out, passwords, one's own settings."""

from flask import Blueprint, abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import cookies, queries, services
from app.accounts.errors import TooManyTries
from app.accounts.forms import (
    ChangePasswordForm,
    FirstAdministratorForm,
    ForgottenForm,
    NewPasswordForm,
    SettingsForm,
    SignInForm,
)
from app.core.db import unit_of_work
from app.core.errors import Refused
from app.core.forms import filled, press
from app.core.guards import local_target, public
from app.core.i18n import LANGUAGES, _
from app.workflows.found_company import found_company

blueprint = Blueprint("accounts", __name__)


def address() -> str:
    return request.remote_addr or "unknown"


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    form = SignInForm()
    going_to = local_target(form.next.data or request.args.get("next"), url_for("home.show"))
    if current_user.is_authenticated and request.method == "GET" and "again" not in request.args:
        return redirect(going_to)
    if form.validate_on_submit():
        email, password = filled(form.email.data), filled(form.password.data)
        try:
            services.check_tries(email, address())
            account = services.proves(email, password)
            if account is None:
                with unit_of_work():
                    services.record_failure(email, address())
                raise Refused(_("The address or the password is not right."))
            with unit_of_work():
                token = services.open_session(
                    account, password=password, browser=request.user_agent.string, address=address()
                )
            cookies.begin(account, token)
            return redirect(going_to, 303)
        except TooManyTries as refusal:
            form.refuse(refusal)
            page = render_template("accounts/sign_in.html", form=form, demo_accounts=demo_accounts())
            return page, 429, {"Retry-After": str(refusal.retry_after)}
        except Refused as refusal:
            form.refuse(refusal)
    form.next.data = request.args.get("next") or form.next.data
    status = 422 if form.is_submitted() else 200
    return render_template("accounts/sign_in.html", form=form, demo_accounts=demo_accounts()), status


def demo_accounts():
    return queries.list_demo_accounts() if current_app.extensions.get("hufu_demo") else []


@blueprint.route("/sign-out", methods=["POST"])
@public
def sign_out() -> ResponseReturnValue:
    found = cookies.current_session() if current_user.is_authenticated else None
    if found is not None:
        with unit_of_work():
            services.close_session(found, actor=current_user)
    cookies.end()
    answer = redirect(url_for("accounts.sign_in"), 303)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@blueprint.route("/language", methods=["POST"])
@public
def set_language() -> ResponseReturnValue:
    language = request.form.get("language", "")
    if language in LANGUAGES:
        session["language"] = language
        if current_user.is_authenticated:
            with unit_of_work():
                services.change_settings(current_user, actor=current_user, version=None, language=language)
    return redirect(local_target(request.form.get("next"), url_for("home.show")), 303)


@blueprint.route("/forgotten", methods=["GET", "POST"])
@public
def forgotten() -> ResponseReturnValue:
    form = ForgottenForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.ask_for_new_password(filled(form.email.data)),
            url_for("accounts.sign_in"),
            _("If there is an account with this address, a link is on its way. It lasts 30 minutes."),
        )
        if answer is not None:
            return answer
    return render_template("accounts/forgotten.html", form=form), form.status


@blueprint.route("/password/<token>", methods=["GET", "POST"])
@public
def new_password(token: str) -> ResponseReturnValue:
    form = NewPasswordForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.set_password_by_link(token, filled(form.password.data)),
            url_for("accounts.sign_in"),
            _("The password is set. Please sign in with it."),
        )
        if answer is not None:
            return answer
    return render_template("accounts/new_password.html", form=form), form.status


@blueprint.route("/first/<token>", methods=["GET", "POST"])
@public
def first_administrator(token: str) -> ResponseReturnValue:
    if queries.has_accounts() or queries.find_link(token, "first_administrator") is None:
        abort(404)
    form = FirstAdministratorForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: found_company(
                token,
                company=filled(form.organization.data),
                name=filled(form.name.data),
                email=filled(form.email.data),
                password=filled(form.password.data),
            ),
            url_for("accounts.sign_in"),
            _("Hufu is yours. Sign in to invite people and plan the first gathering."),
        )
        if answer is not None:
            return answer
    return render_template("accounts/first_administrator.html", form=form), form.status


@blueprint.route("/settings", methods=["GET", "POST"])
def settings() -> ResponseReturnValue:
    form = SettingsForm(obj=current_user)
    if form.validate_on_submit():
        values = form.values()
        answer = form.attempt(
            lambda: services.change_settings(current_user, actor=current_user, version=form.opened_version, **values),
            url_for("accounts.settings"),
            _("Your settings are saved."),
        )
        if answer is not None:
            return answer
    sessions = queries.list_sessions(current_user)
    return render_template(
        "accounts/settings.html", form=form, sessions=sessions, mine=cookies.current_session()
    ), form.status


@blueprint.route("/settings/password", methods=["GET", "POST"])
def change_password() -> ResponseReturnValue:
    form = ChangePasswordForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.change_password(
                current_user,
                old=filled(form.old_password.data),
                new=filled(form.password.data),
                actor=current_user,
                token=current_user.session_token,
            ),
            url_for("accounts.settings"),
            _("Your password is changed. All other sessions have ended."),
        )
        if answer is not None:
            return answer
    return render_template("accounts/change_password.html", form=form), form.status


@blueprint.route("/settings/sessions/<ref:session_ref>/end", methods=["POST"])
def end_session(session_ref: str) -> ResponseReturnValue:
    mine = [each for each in queries.list_sessions(current_user) if each.ref == session_ref]
    if not mine:
        abort(404)
    return press(
        lambda: services.close_session(mine[0], actor=current_user),
        url_for("accounts.settings"),
        _("That session has ended."),
    )


@blueprint.route("/settings/sessions/end", methods=["POST"])
def end_all_sessions() -> ResponseReturnValue:
    return press(
        lambda: services.close_all_sessions(current_user, actor=current_user, except_token=current_user.session_token),
        url_for("accounts.settings"),
        _("You are signed out everywhere else."),
    )
