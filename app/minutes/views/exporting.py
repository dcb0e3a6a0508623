"""Minutes on paper and in files."""

from urllib.parse import quote

from flask import Response, abort, flash, redirect
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core.i18n import pgettext
from app.documents.errors import DocumentFailed
from app.events.pages import open_event
from app.minutes import paper, policy, queries
from app.minutes.models import Minutes, MinutesVersion
from app.minutes.views.frame import PATH, blueprint, find, page_of


@blueprint.route(f"{PATH}/pdf")
def pdf(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    minutes = find(open_event(event_ref), minutes_ref)
    return printed(minutes, queries.version_for(current_user, minutes) or abort(404))


@blueprint.route(f"{PATH}/versions/<ref:version_ref>/pdf")
def version_pdf(event_ref: str, minutes_ref: str, version_ref: str) -> ResponseReturnValue:
    minutes = find(open_event(event_ref), minutes_ref)
    return printed(minutes, queries.find_version(current_user, minutes, version_ref) or abort(404))


def printed(minutes: Minutes, version: MinutesVersion) -> ResponseReturnValue:
    try:
        data = paper.pdf_of(version, policy.clearance_of(current_user, minutes.event))
    except DocumentFailed as failure:
        flash(str(failure.sentence), "refused")
        return redirect(page_of(minutes))
    response = Response(data, mimetype="application/pdf")
    number = f" {minutes.label}" if minutes.number else ""
    name = pgettext("document", "Minutes") + f"{number} v{version.number}.pdf"
    plain = f"minutes-v{version.number}.pdf"  # a header holds no Chinese: the whole name stands beside it, quoted
    response.headers["Content-Disposition"] = f"attachment; filename={plain}; filename*=UTF-8''{quote(name, safe='')}"
    return response
