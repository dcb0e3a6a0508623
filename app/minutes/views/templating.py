"""The templates of the house: for whoever organizes or records anywhere, or administers."""

from urllib.parse import quote

from flask import Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core.errors import require
from app.core.forms import press
from app.core.i18n import _, force_locale
from app.files import services as files
from app.minutes import drafting, policy, templates
from app.minutes.forms import LANGUAGES
from app.minutes.models import TRADITION_LABELS, MinutesTemplate, Tradition
from app.minutes.services import templating as services
from app.minutes.template_forms import TemplateForm, rows_of
from app.minutes.views.frame import blueprint
from app.programme.models import SESSION_KIND_LABELS

TEMPLATE = "/minutes/templates/<ref:template_ref>"


@blueprint.route("/minutes/templates")
def list_templates() -> ResponseReturnValue:
    require(policy.may_keep_templates(current_user))
    return render_template(
        "minutes/templates.html",
        templates=templates.list_templates(),
        put_away=templates.list_templates(archived=True),
        languages=LANGUAGES,
        kinds=SESSION_KIND_LABELS,
        traditions=TRADITION_LABELS,
    )


@blueprint.route("/minutes/templates/new", methods=["GET", "POST"])
def add_template() -> ResponseReturnValue:
    """Begins with the usual sections of a tradition, in a language: `?tradition=summary&language=zh_Hans_CN`."""
    require(policy.may_keep_templates(current_user))
    asked = request.args.get("language")
    language = asked if asked in LANGUAGES else "en"
    wanted = request.args.get("tradition")
    tradition = wanted if wanted in list(Tradition) else Tradition.SUMMARY if language != "en" else Tradition.ASSEMBLY
    with force_locale(language):
        outline = drafting.usual_outline(str(tradition))
    form = TemplateForm(language=language, tradition=str(tradition), rows=rows_of(outline))
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_template(actor=current_user, **form.told()),
            url_for("minutes.list_templates"),
            _("The template is kept."),
        )
        if answer is not None:
            return answer
    return render_template("minutes/template.html", form=form, template=None), form.status


def _open(ref: str) -> MinutesTemplate:
    require(policy.may_keep_templates(current_user))
    return templates.find_template(ref) or abort(404)


@blueprint.route(TEMPLATE, methods=["GET", "POST"])
def change_template(template_ref: str) -> ResponseReturnValue:
    template = _open(template_ref)
    form = TemplateForm(obj=template, session_kind=template.session_kind or "", rows=rows_of(template.outline))
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.change_template(
                template, actor=current_user, version=form.opened_version, without_word=bool(form.without_word.data),
                **form.told(),
            ),
            url_for("minutes.list_templates"),
            _("The template is changed. Minutes that were begun with it stay as they are."),
        )  # fmt: skip
        if answer is not None:
            return answer
    return render_template("minutes/template.html", form=form, template=template), form.status


@blueprint.route(f"{TEMPLATE}/word")
def template_word(template_ref: str) -> ResponseReturnValue:
    docx = _open(template_ref).docx or abort(404)
    response = Response(files.read(docx), content_type=docx.media_type)
    name = quote(docx.name, safe="")
    response.headers["Content-Disposition"] = f"attachment; filename=template.docx; filename*=UTF-8''{name}"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@blueprint.route(f"{TEMPLATE}/archiving", methods=["POST"])
def put_template_away(template_ref: str) -> ResponseReturnValue:
    template = _open(template_ref)
    return press(
        lambda: services.put_away(template, actor=current_user),
        url_for("minutes.list_templates"),
        _("The template is put away. Nothing is begun with it any more."),
    )


@blueprint.route(f"{TEMPLATE}/return", methods=["POST"])
def take_template_out(template_ref: str) -> ResponseReturnValue:
    template = _open(template_ref)
    return press(
        lambda: services.take_out(template, actor=current_user),
        url_for("minutes.list_templates"),
        _("The template is in use again."),
    )
