"""The pages of ceremonies: what took place, with the pledges or the awards of the moment."""

from flask import Blueprint, abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.awards import queries as awards
from app.ceremonies import policy, queries, services
from app.ceremonies.forms import PLACES, CeremonyForm
from app.ceremonies.models import CEREMONY_KIND_LABELS, Ceremony, CeremonyKind
from app.core.errors import require
from app.core.i18n import _
from app.documents.markdown import to_html
from app.events.models import Event
from app.events.pages import open_event
from app.pledges import queries as pledges
from app.programme.policy import may_see_internal
from app.provenance import queries as provenance

blueprint = Blueprint("ceremonies", __name__)


def find(event: Event, ceremony_ref: str) -> Ceremony:
    return queries.find_ceremony(event, ceremony_ref) or abort(404)


@blueprint.route("/events/<ref:event_ref>/ceremonies")
def list_ceremonies(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    return render_template(
        "ceremonies/list.html", event=event, ceremonies=queries.list_ceremonies(event), kinds=CEREMONY_KIND_LABELS,
        places=PLACES, notes=provenance.notes_of(event.ref) if event.source_id else {}, note=provenance.note,
        may_record=policy.may_record(current_user, event), may_see_internal=may_see_internal(current_user, event),
    )  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/ceremonies/new", methods=["GET", "POST"])
def new_ceremony(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_record(current_user, event))
    form = CeremonyForm(event, current_user)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_ceremony(event, actor=current_user, **form.act_values()),
            then=lambda made: url_for("ceremonies.show", event_ref=event.ref, ceremony_ref=made.ref),
            said=_("The ceremony is in the programme."),
        )
        if answer is not None:
            return answer
    return render_template("ceremonies/edit.html", event=event, form=form, ceremony=None), form.status


@blueprint.route("/events/<ref:event_ref>/ceremonies/<ref:ceremony_ref>")
def show(event_ref: str, ceremony_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    ceremony = find(event, ceremony_ref)
    notes = provenance.notes_of(event.ref) if event.source_id else {}
    signing = ceremony.kind == CeremonyKind.PLEDGE_SIGNING
    return render_template(
        "ceremonies/show.html", event=event, ceremony=ceremony, kinds=CEREMONY_KIND_LABELS, places=PLACES,
        pledges=pledges.list_visible(current_user, event, round_=ceremony.round) if signing and ceremony.round else [],
        awards=awards.list_visible(current_user, event, ceremony=ceremony), account=to_html(ceremony.display_account),
        may_record=policy.may_record(current_user, event), may_see_internal=may_see_internal(current_user, event),
        note=lambda record, name: provenance.note(notes, record, name),
    )  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/ceremonies/<ref:ceremony_ref>/edit", methods=["GET", "POST"])
def edit_ceremony(event_ref: str, ceremony_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    ceremony = find(event, ceremony_ref)
    require(policy.may_record(current_user, event))
    form = CeremonyForm(event, current_user, ceremony)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.edit_ceremony(
                ceremony, actor=current_user, version=form.opened_version, **form.act_values()
            ),
            then=url_for("ceremonies.show", event_ref=event.ref, ceremony_ref=ceremony.ref),
            said=_("Saved."),
        )
        if answer is not None:
            return answer
    return render_template("ceremonies/edit.html", event=event, form=form, ceremony=ceremony), form.status
