"""The page on which somebody waits for long work, with and without JavaScript."""

from flask import Blueprint, abort, jsonify, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.progress import queries
from app.progress.models import Progress

blueprint = Blueprint("progress", __name__)
PATH = "/progress/<ref:progress_ref>"


def find(ref: str) -> Progress:
    return queries.find_own(current_user, ref) or abort(404)


@blueprint.route(PATH)
def show(progress_ref: str) -> ResponseReturnValue:
    """How far it is; on to the page that is waiting for it as soon as it is made."""
    progress = find(progress_ref)
    if progress.file_id is not None:
        return redirect(progress.then, 303)
    return render_template("progress/show.html", progress=progress)


@blueprint.route(f"{PATH}/state")
def state(progress_ref: str) -> ResponseReturnValue:
    """The same for the page's script."""
    progress = find(progress_ref)
    return jsonify(
        done=progress.done,
        total=progress.total,
        step=progress.step,
        is_under_way=progress.is_under_way,
        is_made=progress.file_id is not None,
    )
