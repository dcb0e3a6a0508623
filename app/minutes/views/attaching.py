"""The files that go with minutes: each reader meets those that are theirs to read, and no trace of the others."""

import re
from urllib.parse import quote

from flask import Response, abort, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core.errors import require
from app.core.forms import options, press
from app.core.i18n import _
from app.events.models import Event
from app.events.pages import open_event
from app.files import services as files
from app.files.models import StoredFile
from app.minutes import extracts, policy, queries, services
from app.minutes.forms import AttachmentForm
from app.minutes.models import Attachment, Minutes
from app.minutes.views.frame import PATH, blueprint, find, page_of, under_work_or_404


@blueprint.route(f"{PATH}/attachments/new", methods=["GET", "POST"])
def attach(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    require(policy.may_record(current_user, event))
    version = under_work_or_404(minutes)
    sections = {each.ref: each for each in version.sections}
    form = AttachmentForm(clearance=policy.usual_clearance(event))
    headings = {ref: each.heading or _("Section %(number)s", number=each.position) for ref, each in sections.items()}
    form.section.choices = options(headings, nothing=_("with the minutes as a whole"))
    if form.validate_on_submit():
        upload = form.file.data
        answer = form.attempt(
            lambda: services.attach(
                minutes, upload.stream, upload.filename or "", actor=current_user, title=form.title.data,
                clearance=form.clearance.data, section=sections.get(form.section.data or ""),
            ),
            page_of(minutes, "show_version", version_ref=version.ref) + "#files",
            _("The file is with the minutes now."),
        )  # fmt: skip
        if answer is not None:
            return answer
    return render_template("minutes/attach.html", event=event, minutes=minutes, form=form), form.status


@blueprint.route(f"{PATH}/attachments/<ref:attachment_ref>")
def download(event_ref: str, minutes_ref: str, attachment_ref: str) -> ResponseReturnValue:
    """The file, for whom a version that they may see holds it."""
    event = open_event(event_ref)
    found = met(event, find(event, minutes_ref), attachment_ref) or abort(404)
    return as_file(found.file)


def met(event: Event, minutes: Minutes, ref: str) -> Attachment | None:
    """The attachment of this name, if it goes with what the visitor reads of any version that they may see."""
    clearance = policy.clearance_of(current_user, event)
    theirs = (extracts.read(each, clearance).files for each in queries.seen_versions(current_user, minutes))
    return next((each for some in theirs for each in some if each.ref == ref), None)


def as_file(stored: StoredFile) -> Response:
    """A file that is never shown in our own place: kept by the browser, and powerless if opened.

    The name is told twice as RFC 6266 wants: once plain, once with all its signs.
    """
    response = Response(files.read(stored), content_type=stored.media_type)
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", stored.name) or "file"
    name = quote(stored.name, safe="")
    response.headers["Content-Disposition"] = f"attachment; filename={plain}; filename*=UTF-8''{name}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@blueprint.route(f"{PATH}/attachments/<ref:attachment_ref>/removal", methods=["POST"])
def detach(event_ref: str, minutes_ref: str, attachment_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    require(policy.may_record(current_user, event))
    version = under_work_or_404(minutes)
    found = next((each for each in extracts.attached(version) if each.ref == attachment_ref), None) or abort(404)
    return press(
        lambda: services.detach(found, actor=current_user),
        page_of(minutes, "show_version", version_ref=version.ref) + "#files",
        _("The file is taken away. Versions that were approved with it keep it."),
    )
