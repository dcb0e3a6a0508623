"""The templates of the house."""

from flask import abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core.errors import require
from app.core.forms import press
from app.core.i18n import _
from app.pledges import policy, queries
from app.pledges.forms import TemplateForm
from app.pledges.models import PledgeTemplate
from app.pledges.services import templates as services
from app.pledges.views.frame import blueprint

TEMPLATE = "/pledge-templates/<ref:pledge_template_ref>"


@blueprint.route("/pledge-templates")
def list_templates() -> ResponseReturnValue:
    require(policy.may_keep_templates(current_user))
    return render_template(
        "pledges/templates.html", templates=queries.list_templates(), put_away=queries.list_templates(put_away=True)
    )


@blueprint.route("/pledge-templates/new", methods=["GET", "POST"])
def add_template() -> ResponseReturnValue:
    require(policy.may_keep_templates(current_user))
    form = TemplateForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_template(actor=current_user, **form.act_values()),
            url_for("pledges.list_templates"),
            _("The template is kept."),
        )
        if answer is not None:
            return answer
    return _page(form, None), form.status


def _open(ref: str) -> PledgeTemplate:
    require(policy.may_keep_templates(current_user))
    return queries.find_template(ref) or abort(404)


@blueprint.route(TEMPLATE, methods=["GET", "POST"])
def change_template(pledge_template_ref: str) -> ResponseReturnValue:
    template = _open(pledge_template_ref)
    form = TemplateForm(template)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.change_template(
                template, actor=current_user, version=form.opened_version, **form.act_values()
            ),
            url_for("pledges.list_templates"),
            _("The template is changed. What was drafted with it stays as it is."),
        )
        if answer is not None:
            return answer
    return _page(form, template), form.status


def _page(form: TemplateForm, template: PledgeTemplate | None) -> str:
    return render_template("pledges/template.html", form=form, template=template, places=services.PLACES)


@blueprint.route(f"{TEMPLATE}/archiving", methods=["POST"])
def put_template_away(pledge_template_ref: str) -> ResponseReturnValue:
    template = _open(pledge_template_ref)
    return press(
        lambda: services.put_away(template, actor=current_user),
        url_for("pledges.list_templates"),
        _("The template is put away. Nothing is drafted with it any more."),
    )


@blueprint.route(f"{TEMPLATE}/return", methods=["POST"])
def take_template_out(pledge_template_ref: str) -> ResponseReturnValue:
    template = _open(pledge_template_ref)
    return press(
        lambda: services.take_out(template, actor=current_user),
        url_for("pledges.list_templates"),
        _("The template is in use again."),
    )
