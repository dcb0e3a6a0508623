"""The pages of the consent to sign electronically."""

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.consents import policy, queries, services
from app.consents.forms import GiveForm, TextForm
from app.consents.models import ConsentText
from app.core.errors import Forbidden, require
from app.core.forms import press
from app.core.guards import local_target
from app.core.i18n import _, choose_language, in_language
from app.documents.markdown import to_html
from app.people.models import Person
from app.people.queries import person_of
from app.signing.canonical import short

blueprint = Blueprint("consents", __name__)


def me() -> Person:
    person = person_of(current_user)
    if person is None:
        raise Forbidden
    return person


def words(text: ConsentText) -> object:
    return to_html(in_language(text.text_local, text.text))


@blueprint.route("/account/consent", methods=["GET", "POST"])
def mine() -> ResponseReturnValue:
    """The words, and the button that agrees to them."""
    person = person_of(current_user)
    text = queries.present_text()
    form = GiveForm()
    if form.is_submitted() and person is None:
        raise Forbidden
    if person is not None and form.validate_on_submit():
        answer = form.attempt(
            lambda: services.give(
                person, actor=current_user, shown_hash=form.text_hash.data or "", language=choose_language()
            ),
            then=local_target(form.next.data, url_for("consents.mine")),
            said=_("You have agreed to sign electronically."),
        )
        if answer is not None:
            return answer
        text = queries.present_text()
    form.text_hash.data = text.content_hash
    form.next.data = local_target(form.next.data or request.args.get("next"), "")
    return render_template(
        "consents/mine.html", form=form, person=person, text=text, words=words(text), short=short,
        standing=queries.standing_of(person) if person else None, may_see_all=policy.may_see_all(current_user),
        given=queries.list_of_person(person) if person else [],
    ), form.status  # fmt: skip


@blueprint.route("/account/consent/withdrawal", methods=["POST"])
def withdraw() -> ResponseReturnValue:
    person = me()
    return press(
        lambda: services.withdraw(person, actor=current_user),
        url_for("consents.mine"),
        _("Your consent is withdrawn. What you signed before stays signed."),
    )


@blueprint.route("/consents/<int:number>")
def show(number: int) -> ResponseReturnValue:
    """One version as it stood, to be read and printed."""
    text = (queries.find_text(number) if 0 < number < 1_000_000 else None) or abort(404)
    return render_template("consents/show.html", text=text, words=words(text), short=short)


@blueprint.route("/consents", methods=["GET", "POST"])
def manage() -> ResponseReturnValue:
    require(policy.may_see_all(current_user))
    present = queries.present_text()
    form = TextForm(data={"text": present.text, "text_local": present.text_local})
    if form.is_submitted():
        require(policy.may_publish(current_user))
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.publish(
                text=form.text.data or "", text_local=form.text_local.data or "", actor=current_user
            ),
            then=url_for("consents.manage"),
            said=_("The new version is published. Everybody is asked for it before their next signature."),
        )
        if answer is not None:
            return answer
    return render_template(
        "consents/manage.html", form=form, texts=queries.list_texts(), may_publish=policy.may_publish(current_user)
    ), form.status
