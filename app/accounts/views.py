"""Signing in and out, passwords, one's own settings."""

from collections.abc import Sequence

from flask import Blueprint, abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms.widgets import PasswordInput

from app.accounts import cookies, policy, proof, queries, services
from app.accounts.errors import TooManyTries, WrongCredentials
from app.accounts.forms import (
    AddressForm,
    ChangePasswordForm,
    ConfirmForm,
    DisableForm,
    FirstAdministratorForm,
    ForgottenForm,
    NewAccountForm,
    NewPasswordForm,
    RoleForm,
    SettingsForm,
    SignInForm,
)
from app.accounts.models import Account
from app.accounts.queries import AccountFilter
from app.core.db import unit_of_work
from app.core.errors import Refused, require
from app.core.forms import filled, press, record_options
from app.core.guards import local_target, public
from app.core.i18n import LANGUAGES, _, choose_language
from app.core.paging import asked_page
from app.core.roles import ROLE_LABELS, Role
from app.core.text import one_line
from app.events import queries as events
from app.people import queries as people
from app.workflows.found_company import found_company
from app.workflows.open_account import open_account
from app.workflows.take_new_address import take_new_address

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
            with unit_of_work():
                tries = services.begin_try(email, address())
            account = services.proves(email, password)
            if account is None:
                with unit_of_work():
                    services.record_failure(email)
                raise WrongCredentials(_("The address or the password is not right."))
            with unit_of_work():
                token = services.open_session(
                    account, password=password, browser=request.user_agent.string, address=address(), tries=tries
                )
            cookies.begin(account, token)
            return redirect(going_to, 303)
        except TooManyTries as refusal:
            form.refuse(refusal)
            return sign_in_page(form), 429, {"Retry-After": str(refusal.retry_after)}
        except Refused as refusal:
            form.refuse(refusal)
    form.next.data = request.args.get("next") or form.next.data
    return sign_in_page(form), 422 if form.is_submitted() else 200


def sign_in_page(form: SignInForm) -> str:
    """With the accounts of the demo where there are any; `?as=` fills in one of them without JavaScript."""
    shown, password = demo_accounts()
    chosen = next((each for each in shown if each.email == request.args.get("as")), None)
    if chosen is not None and not form.is_submitted():
        form.email.data, form.password.data = chosen.email, password
        form.password.widget = PasswordInput(hide_value=False)
    return render_template("accounts/sign_in.html", form=form, demo_accounts=shown, demo_password=password)


def demo_accounts() -> tuple[Sequence[Account], str]:
    if not current_app.extensions.get("hufu_demo"):
        return [], ""
    from app.demo.loader import PASSWORD  # only where the demo is loaded

    return queries.list_demo_accounts(), PASSWORD


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
                services.change_settings(cookies.me(), actor=current_user, version=None, language=language)
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
            lambda: services.set_password_by_link(token, filled(form.password.data), about=people.house_words()),
            url_for("accounts.sign_in"),
            _("The password is set. Please sign in with it."),
        )
        if answer is not None:
            return answer
    return render_template("accounts/new_password.html", form=form, usable=queries.is_password_link(token)), form.status


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
    if not form.is_submitted():
        form.language.data = choose_language()
    if form.validate_on_submit():
        values = form.values()
        answer = form.attempt(
            lambda: services.change_settings(cookies.me(), actor=current_user, version=form.opened_version, **values),
            url_for("accounts.settings"),
            _("Your settings are saved."),
        )
        if answer is not None:
            session.pop("language", None)  # what was chosen for this browser gives way
            return answer
    sessions = queries.list_sessions(cookies.me())
    return render_template(
        "accounts/settings.html", form=form, sessions=sessions, mine=cookies.current_session()
    ), form.status


@blueprint.route("/settings/password", methods=["GET", "POST"])
def change_password() -> ResponseReturnValue:
    form = ChangePasswordForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.change_password(
                cookies.me(),
                old=filled(form.old_password.data),
                new=filled(form.password.data),
                actor=current_user,
                token=current_user.session_token,
                about=people.house_words(),
            ),
            url_for("accounts.settings"),
            _("Your password is changed. All other sessions have ended."),
        )
        if answer is not None:
            return answer
    return render_template("accounts/change_password.html", form=form), form.status


@blueprint.route("/settings/address", methods=["GET", "POST"])
def change_address() -> ResponseReturnValue:
    if (page := proof.missing()) is not None:
        return page
    form = AddressForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.ask_for_new_address(cookies.me(), filled(form.email.data), actor=current_user),
            url_for("accounts.settings"),
            _("A link is on its way to the new address. Until you open it, nothing changes."),
        )
        if answer is not None:
            return answer
    return render_template("accounts/change_address.html", form=form), form.status


@blueprint.route("/address/<token>", methods=["GET", "POST"])
@public
def confirm_address(token: str) -> ResponseReturnValue:
    form = ConfirmForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: take_new_address(token),
            url_for("home.show"),
            _("Your new address is confirmed. Sign in with it from now on."),
        )
        if answer is not None:
            return answer
    return render_template("accounts/confirm_address.html", form=form), form.status


@blueprint.route("/theme", methods=["POST"])
@public
def set_theme() -> ResponseReturnValue:
    theme = request.form.get("theme", "")
    if theme in ("auto", "light", "dark"):
        session["theme"] = theme
        if current_user.is_authenticated:
            with unit_of_work():
                services.change_settings(cookies.me(), actor=current_user, version=None, theme=theme)
    return redirect(local_target(request.form.get("next"), url_for("home.show")), 303)


@blueprint.route("/prove", methods=["POST"])
def prove() -> ResponseReturnValue:
    """The password once more, before a page or a file that asks for it."""
    going_to = local_target(request.form.get("next"), url_for("home.show"))
    wrong = proof.give(request.form.get("proof", ""))
    return proof.ask(wrong, going_to) if wrong else redirect(going_to, 303)


@blueprint.route("/settings/sessions/<ref:session_ref>/end", methods=["POST"])
def end_session(session_ref: str) -> ResponseReturnValue:
    mine = [each for each in queries.list_sessions(cookies.me()) if each.ref == session_ref]
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
        lambda: services.close_all_sessions(cookies.me(), actor=current_user, except_token=current_user.session_token),
        url_for("accounts.settings"),
        _("You are signed out everywhere else."),
    )


# --- administrators -----------------------------------------------------------------------------------------------


@blueprint.route("/admin/accounts")
def list_accounts() -> ResponseReturnValue:
    require(policy.may_audit(current_user))
    role = request.args.get("role", "")
    asked = AccountFilter(
        words=one_line(request.args.get("q", ""))[:100],
        role=role if role in ROLE_LABELS else "",
        disabled=request.args.get("state") == "disabled",
    )
    page, per_page = asked_page(request.args)
    active, disabled = queries.count_accounts()
    accounts = queries.list_accounts(asked, page=page, per_page=per_page)
    return render_template(
        "accounts/list.html",
        asked=asked,
        accounts=accounts,
        active=active,
        disabled=disabled,
        labels=ROLE_LABELS,
        may_administer=policy.may_administer(current_user),
    )


@blueprint.route("/admin/accounts/new", methods=["GET", "POST"])
def add_account() -> ResponseReturnValue:
    require(policy.may_administer(current_user))
    form = NewAccountForm()
    waiting = people.list_people_without_account()
    form.person.choices = record_options(waiting, nothing=_("Somebody who is not in the directory yet"))
    if not form.is_submitted():
        form.person.data = request.args.get("person", "")
    if form.validate_on_submit():
        person = next((each for each in waiting if each.ref == form.person.data), None)
        answer = form.attempt(
            lambda: open_account(
                person=person,
                name=form.name.data,
                email=form.email.data,
                language=form.language.data,
                actor=current_user,
            ),
            lambda account: url_for("accounts.show_account", account_ref=account.ref),
            _("The account is made, and a link to set a password is on its way."),
        )
        if answer is not None:
            return answer
    return render_template("accounts/new.html", form=form), form.status


@blueprint.route("/admin/accounts/<ref:account_ref>")
def show_account(account_ref: str) -> ResponseReturnValue:
    require(policy.may_audit(current_user))
    return account_page(find_account(account_ref), RoleForm(), DisableForm())


def find_account(ref: str) -> Account:
    return queries.find_by_ref(ref) or abort(404)


def account_page(account: Account, role_form: RoleForm, disable_form: DisableForm) -> ResponseReturnValue:
    page = render_template(
        "accounts/show.html",
        account=account,
        person=people.person_of(account),
        role_form=role_form,
        disable_form=disable_form,
        sessions=queries.list_sessions(account),
        events={each.id: each for each in events.list_visible(current_user)},
        labels=ROLE_LABELS,
        may_administer=policy.may_administer(current_user),
    )
    return page, max(role_form.status, disable_form.status)


@blueprint.route("/admin/accounts/<ref:account_ref>/roles", methods=["POST"])
def give_role(account_ref: str) -> ResponseReturnValue:
    require(policy.may_administer(current_user))
    account = find_account(account_ref)
    if (page := proof.missing()) is not None:
        return page
    form = RoleForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.grant_role(account, Role(form.role.data), actor=current_user),
            url_for("accounts.show_account", account_ref=account.ref),
            _("The role is given. It counts from the next page that they open."),
        )
        if answer is not None:
            return answer
    return account_page(account, form, DisableForm(formdata=None))


@blueprint.route("/admin/accounts/<ref:account_ref>/roles/<ref:grant_ref>/withdraw", methods=["POST"])
def withdraw_role(account_ref: str, grant_ref: str) -> ResponseReturnValue:
    require(policy.may_administer(current_user))
    account = find_account(account_ref)
    grant = next((each for each in account.grants if each.ref == grant_ref and each.event_id is None), None)
    if grant is None:
        abort(404)
    if (page := proof.missing()) is not None:
        return page
    return press(
        lambda: services.withdraw_role(grant, actor=current_user),
        url_for("accounts.show_account", account_ref=account.ref),
        _("The role is withdrawn."),
    )


@blueprint.route("/admin/accounts/<ref:account_ref>/disable", methods=["POST"])
def disable(account_ref: str) -> ResponseReturnValue:
    require(policy.may_administer(current_user))
    account = find_account(account_ref)
    if (page := proof.missing()) is not None:
        return page
    form = DisableForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.disable(account, actor=current_user, reason=filled(form.reason.data)),
            url_for("accounts.show_account", account_ref=account.ref),
            _("The account is disabled and signed out everywhere."),
        )
        if answer is not None:
            return answer
    return account_page(account, RoleForm(formdata=None), form)


@blueprint.route("/admin/accounts/<ref:account_ref>/enable", methods=["POST"])
def enable(account_ref: str) -> ResponseReturnValue:
    require(policy.may_administer(current_user))
    account = find_account(account_ref)
    if (page := proof.missing()) is not None:
        return page
    return press(
        lambda: services.enable(account, actor=current_user),
        url_for("accounts.show_account", account_ref=account.ref),
        _("The person can sign in again."),
    )


@blueprint.route("/admin/accounts/<ref:account_ref>/sign-out", methods=["POST"])
def sign_out_account(account_ref: str) -> ResponseReturnValue:
    require(policy.may_administer(current_user))
    account = find_account(account_ref)
    kept = current_user.session_token if account.id == current_user.id else None
    return press(
        lambda: services.close_all_sessions(account, actor=current_user, except_token=kept),
        url_for("accounts.show_account", account_ref=account.ref),
        _("They are signed out everywhere."),
    )


@blueprint.route("/admin/accounts/<ref:account_ref>/link", methods=["POST"])
def send_link(account_ref: str) -> ResponseReturnValue:
    require(policy.may_administer(current_user))
    account = find_account(account_ref)
    return press(
        lambda: services.send_welcome_link(account, actor=current_user),
        url_for("accounts.show_account", account_ref=account.ref),
        _("A link to set a password is on its way. It lasts seven days; earlier links are void."),
    )
