"""The evidence pack, for whoever has a part in a pledge or audits it."""

from flask import Response, abort
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core.db import db
from app.core.errors import require
from app.events.pages import open_event
from app.files import services as files
from app.files.models import StoredFile
from app.pledges import packing, policy
from app.pledges.views.frame import blueprint, find_pledge


@blueprint.route("/events/<ref:event_ref>/pledges/<ref:pledge_ref>/evidence.zip")
def download_pack(event_ref: str, pledge_ref: str) -> ResponseReturnValue:
    """Everything that proves it, to be checked without us."""
    event = open_event(event_ref)
    pledge = find_pledge(event, pledge_ref)
    require(policy.may_take_pack(current_user, pledge))
    document = pledge.document
    stored = db.session.get(StoredFile, document.pack_id) if document is not None and document.pack_id else None
    if document is None or stored is None:
        abort(404)
    name = packing.file_name(document)
    return Response(
        files.read(stored), mimetype="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip
