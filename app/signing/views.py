"""One page that checks every document, without signing in."""

import re

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.certificates import queries as authorities
from app.certificates import services as certificates
from app.core.forms import HufuForm, LineField, UploadField
from app.core.guards import public
from app.core.i18n import _, _l
from app.packs import queries
from app.packs.queries import Answer, Authority
from app.packs.verdicts import SENTENCES, TITLES, Verdict
from app.seals.clocks import trusted_roots
from app.signing.canonical import grouped, short
from app.signing.throttle import Throttle
from app.signing.tokens import normalise

blueprint = Blueprint("signing", __name__)
HASH = re.compile("[0-9a-f]{64}")
HEAD = re.compile("[0-9a-f]{12,64}")
ASKED = 240  # a minute from one address, which may be that of a whole hall
JUDGED = 20  # files: each takes a moment of work
LOOKS = {Verdict.COMPLETE: "kept", Verdict.INCOMPLETE: "risk", Verdict.OLDER: "risk", Verdict.UNCLEAR: "risk"}


class CodeForm(HufuForm):
    code = LineField(_l("Code on the document"), required=True, most=40)


class FileForm(HufuForm):
    file = UploadField(_l("The PDF that you hold"))


@blueprint.record_once
def _begin(state: object) -> None:
    app = state.app  # type: ignore[attr-defined]
    app.extensions["hufu_verify"] = (Throttle(ASKED), Throttle(JUDGED))


def told(content_hash: str) -> str:
    """The fingerprint for people to compare; a dash for a stored one that was tampered with beyond reading."""
    try:
        return short(content_hash)
    except ValueError:
        return "–"


def _let_in(*, judging: bool) -> None:
    throttle = current_app.extensions["hufu_verify"][1 if judging else 0]
    if not throttle.lets_in(request.remote_addr or "unknown"):
        abort(429)


@blueprint.route("/verify", methods=["GET", "POST"])
@public
def ask() -> ResponseReturnValue:
    """Ask by code, by the hash that the browser has made of a file, or by the file itself."""
    _let_in(judging=request.method == "POST" and bool(request.files))
    asked = request.args.get("sha256", "")
    if request.method == "GET" and HASH.fullmatch(asked):
        return _shown(queries.answer_hash(asked), FileForm(), sha256=asked)
    form, files = CodeForm(), FileForm()
    if request.files and files.validate_on_submit():
        data = _read(files)
        if data:
            return _shown(queries.answer_file(data, _authority()), FileForm(formdata=None), was_sent=True)
    elif not request.files and form.validate_on_submit():
        return redirect(url_for("signing.verify", code=normalise(form.code.data or "") or "0"), 303)
    status = files.status if request.files else form.status
    return render_template("signing/ask.html", form=form, files=files, roots=_roots()), status


@blueprint.route("/verify/<code>", methods=["GET", "POST"])
@public
def verify(code: str) -> ResponseReturnValue:
    """What is known of the code; with a file, whether that very file was issued. The file is only looked at, not kept."""
    _let_in(judging=request.method == "POST")
    form, asked = FileForm(), request.args.get("sha256", "")
    if form.validate_on_submit():
        data = _read(form)
        if data:
            return _shown(queries.answer_file(data, _authority(), code=code), form, code=code, was_sent=True)
    elif HASH.fullmatch(asked):
        return _shown(queries.answer_hash(asked, code=code), form, code=code, sha256=asked)
    answer = queries.answer_code(
        code, printed_hash=_printed("f", HASH), printed_head=_printed("h", HEAD)
    )  # fmt: skip
    return _shown(answer, form, code=code)


def _printed(name: str, shape: re.Pattern[str]) -> str:
    """What the square code of the paper says beside the address; nothing when it is of another shape."""
    given = request.args.get(name, "").lower()
    return given if shape.fullmatch(given) else ""


def _read(form: FileForm) -> bytes:
    upload = request.files.get("file")
    data = upload.read() if upload else b""
    if not data:
        form.file.errors = [*form.file.errors, _l("Please choose the PDF first.")]
    return data


def _roots() -> list[str]:
    """Their fingerprints as papers print them, that in use first."""
    return [grouped(each.fingerprint) for each in authorities.list_roots()]


def _authority() -> Authority | None:
    roots = tuple(each.pem for each in authorities.list_roots())
    return Authority(roots, tuple(certificates.current_crls()), trusted_roots()) if roots else None


def _shown(
    answer: Answer, form: FileForm, *, code: str = "", sha256: str = "", was_sent: bool = False
) -> ResponseReturnValue:
    status = 404 if code and answer.document is None else form.status
    return render_template(
        "signing/verify.html", form=form, code=code, answer=answer, verdict=answer.outcome.verdict, document=answer.document,
        look=LOOKS.get(answer.outcome.verdict, "late"), title=TITLES[answer.outcome.verdict],
        sentences=_sentences(answer), short=told, sha256=sha256, was_sent=was_sent,
        roots=_roots(),
    ), status  # fmt: skip


def _sentences(answer: Answer) -> list[str]:
    if answer.outcome.verdict is not Verdict.COMPLETE:
        return [str(SENTENCES[answer.outcome.verdict])]
    exactly, kept = (
        _("The file that you chose is exactly the one that was issued."),
        _("This document was issued here, and what is kept of it has not changed."),
    )
    if answer.is_known_file:
        return [exactly, str(SENTENCES[Verdict.COMPLETE]) if answer.is_in_log else kept]
    if _printed("f", HASH):
        return [kept, _("Your paper carries the same fingerprint.")]
    return [kept, _("Whether your copy says the same is told by its file, or by the fingerprint printed on it.")]
