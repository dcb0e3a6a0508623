"""One page that checks every document, without signing in."""

import hashlib

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core.forms import HufuForm, LineField, UploadField
from app.core.guards import public
from app.core.i18n import _, _l
from app.signing import queries
from app.signing.canonical import short
from app.signing.tokens import normalise

blueprint = Blueprint("signing", __name__)


class CodeForm(HufuForm):
    code = LineField(_l("Code on the document"), required=True, most=40)


class FileForm(HufuForm):
    file = UploadField(_l("The PDF that you hold"))


def told(content_hash: str) -> str:
    """The fingerprint for people to compare; a dash for a stored one that was tampered with beyond reading."""
    try:
        return short(content_hash)
    except ValueError:
        return "–"


@blueprint.route("/verify", methods=["GET", "POST"])
@public
def ask() -> ResponseReturnValue:
    form = CodeForm()
    if form.validate_on_submit():
        return redirect(url_for("signing.verify", code=normalise(form.code.data or "") or "0"), 303)
    return render_template("signing/ask.html", form=form), form.status


@blueprint.route("/verify/<code>", methods=["GET", "POST"])
@public
def verify(code: str) -> ResponseReturnValue:
    """What is known of the code; with a file, whether that very file was issued. The file is only hashed, not kept."""
    form = FileForm()
    file_hash = None
    if form.validate_on_submit():
        upload = request.files.get("file")
        data = upload.read() if upload else b""
        if data:
            file_hash = hashlib.sha256(data).hexdigest()
        else:
            form.file.errors = [*form.file.errors, _l("Please choose the PDF first.")]
    found = queries.check(code, file_hash=file_hash)
    if file_hash and found.document is not None and not found.file_checked:
        form.file.errors = [*form.file.errors, _("The PDF is still being made. Please compare in a minute.")]
    status = 404 if found.finding is queries.Finding.UNKNOWN else form.status
    return render_template("signing/verify.html", form=form, found=found, short=told), status
