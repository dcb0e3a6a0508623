"""Changes of hands: what I hold, what waits for my word, and one record with both confirmations."""

from flask import Blueprint, Response, abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core.errors import require
from app.core.i18n import _
from app.custody import policy, queries, services
from app.custody.forms import ConfirmForm, WithdrawForm
from app.custody.models import AWARD, TALLY_HALF, CustodyEvent, Party
from app.files import services as files
from app.files.models import StoredFile
from app.people.queries import person_of
from app.tallies import queries as tallies
from app.workflows import confirm_custody

blueprint = Blueprint("custody", __name__)

PATH = "/custody/<ref:custody_ref>"


def find(custody_ref: str) -> CustodyEvent:
    return queries.find_visible(current_user, custody_ref) or abort(404)


def thing_url(custody: CustodyEvent) -> str | None:
    """The page of the thing that changed hands."""
    if custody.object_kind == TALLY_HALF:
        half = tallies.find_half(custody.object_ref)
        if half is None:
            return None
        return url_for("tallies.show", event_ref=custody.event.ref, tally_ref=half.tally.ref)
    if custody.object_kind == AWARD:
        return url_for("awards.show", event_ref=custody.event.ref, award_ref=custody.object_ref)
    return None


def open_sides(custody: CustodyEvent) -> list[Party]:
    """The sides for which this visitor may still confirm."""
    if not custody.is_open:
        return []
    mine = [each for each in Party if policy.may_confirm(current_user, custody, each)]
    return [each for each in mine if custody.confirmed_at(each) is None]


@blueprint.route("/custody")
def mine() -> ResponseReturnValue:
    """What I hold, what waits for my confirmation, and what I gave and took."""
    person = person_of(current_user)
    return render_template(
        "custody/mine.html", held=queries.list_held_by(person) if person else [],
        waiting=queries.list_waiting_for(current_user, person), story=queries.list_of_person(person) if person else [],
    )  # fmt: skip


@blueprint.route(PATH, methods=["GET"])
def show(custody_ref: str) -> ResponseReturnValue:
    return _page(find(custody_ref), ConfirmForm())


def _page(custody: CustodyEvent, form: ConfirmForm) -> ResponseReturnValue:
    sides = open_sides(custody)
    party = sides[0] if sides else None
    person = custody.person_of(party) if party else None
    return render_template(
        "custody/show.html", custody=custody, form=form, party=party, thing_url=thing_url(custody),
        is_own=policy.is_person(current_user, person),
        needs_receipt=person is not None and not policy.can_sign_in(person),
        may_withdraw=policy.may_withdraw(current_user, custody) and not custody.is_confirmed and not custody.withdrawn_at,
    ), form.status  # fmt: skip


@blueprint.route(f"{PATH}/confirm", methods=["POST"])
def confirm(custody_ref: str) -> ResponseReturnValue:
    custody = find(custody_ref)
    require(any(policy.may_confirm(current_user, custody, each) for each in Party))
    form = ConfirmForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: confirm_custody.confirm(custody, actor=current_user, photo=_photo(form)),
            then=url_for("custody.show", custody_ref=custody.ref),
            said=lambda record: _("Confirmed by both.") if record.is_settled else _("Confirmed."),
        )
        if answer is not None:
            return answer
    return _page(custody, form)


def _photo(form: ConfirmForm) -> StoredFile | None:
    upload = form.file.data
    if not upload:
        return None
    upload.stream.seek(0)
    return services.keep_photo(upload.stream, actor=current_user)


@blueprint.route(f"{PATH}/withdrawal", methods=["GET", "POST"])
def withdraw(custody_ref: str) -> ResponseReturnValue:
    custody = find(custody_ref)
    require(policy.may_withdraw(current_user, custody))
    form = WithdrawForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: confirm_custody.withdraw(custody, actor=current_user, reason=form.reason.data),
            then=url_for("custody.show", custody_ref=custody.ref),
            said=_("Taken back."),
        )
        if answer is not None:
            return answer
    return render_template("custody/withdraw.html", custody=custody, form=form), form.status


@blueprint.route(f"{PATH}/photo")
def photo(custody_ref: str) -> ResponseReturnValue:
    custody = find(custody_ref)
    if custody.photo is None:
        abort(404)
    response = Response(files.read(custody.photo), content_type=custody.photo.media_type)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
