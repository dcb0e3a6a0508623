"""The pages of awards and tallies. Before its conferral an award answers 404 to whoever does not prepare it."""

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.awards import policy, queries, services
from app.awards.forms import KNOWN, AwardForm, ConferForm, RecipientForm
from app.awards.models import AWARD_KIND_LABELS, Award, RecipientsKnown
from app.ceremonies import queries as ceremonies
from app.core import clock
from app.core.errors import require
from app.core.forms import filled, press
from app.core.i18n import _
from app.documents.markdown import to_html
from app.events.models import Event
from app.events.pages import open_event
from app.people.queries import list_choosable_teams
from app.provenance import queries as provenance
from app.speeches.queries import list_possible_speakers

blueprint = Blueprint("awards", __name__)


def find(event: Event, award_ref: str) -> Award:
    return queries.find_visible(current_user, event, award_ref) or abort(404)


def url_of(award: Award) -> str:
    return url_for("awards.show", event_ref=award.event.ref, award_ref=award.ref)


@blueprint.route("/events/<ref:event_ref>/awards")
def list_awards(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    notes = provenance.notes_of(event.ref) if event.source_id else {}
    return render_template(
        "awards/list.html", event=event, awards=queries.list_visible(current_user, event), kinds=AWARD_KIND_LABELS,
        may_record=policy.may_record(current_user, event), note=lambda record, name: provenance.note(notes, record, name),
    )  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/awards/new", methods=["GET", "POST"])
def new_award(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_record(current_user, event))
    form = AwardForm(ceremonies.list_ceremonies(event))
    if not form.is_submitted():
        form.ceremony_ref.data = request.args.get("ceremony", "")
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_award(event, actor=current_user, **form.act_values()),
            then=url_of,
            said=_("It is prepared. Nobody else sees it until it is conferred."),
        )
        if answer is not None:
            return answer
    return render_template("awards/edit.html", event=event, form=form, award=None), form.status


@blueprint.route("/events/<ref:event_ref>/awards/<ref:award_ref>")
def show(event_ref: str, award_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    award = find(event, award_ref)
    return show_award(event, award, recipient_form(event, award)), 200


def recipient_form(event: Event, award: Award) -> RecipientForm | None:
    """The chooser of recipients, while there is something to choose and the visitor may."""
    named = award.recipients_known == RecipientsKnown.NAMED
    if award.is_conferred or not named or not policy.may_record(current_user, event):
        return None
    return RecipientForm(list_possible_speakers(event), list_choosable_teams())


def show_award(event: Event, award: Award, form: RecipientForm | None) -> str:
    notes = provenance.notes_of(event.ref) if event.source_id else {}
    return render_template(
        "awards/show.html", event=event, award=award, form=form, kinds=AWARD_KIND_LABELS, known=KNOWN,
        ceremony=ceremonies.find_of_id(event, award.ceremony_id), citation=to_html(award.display_citation),
        may_record=policy.may_record(current_user, event), note=lambda name: provenance.note(notes, award, name),
    )  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/awards/<ref:award_ref>/edit", methods=["GET", "POST"])
def edit_award(event_ref: str, award_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    award = find(event, award_ref)
    require(policy.may_record(current_user, event))
    form = AwardForm(ceremonies.list_ceremonies(event), award)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.edit_award(award, actor=current_user, version=form.opened_version, **form.act_values()),
            then=url_of(award),
            said=_("Saved."),
        )
        if answer is not None:
            return answer
    return render_template("awards/edit.html", event=event, form=form, award=award), form.status


@blueprint.route("/events/<ref:event_ref>/awards/<ref:award_ref>/recipients", methods=["POST"])
def add_recipient(event_ref: str, award_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    award = find(event, award_ref)
    require(policy.may_record(current_user, event))
    form = RecipientForm(list_possible_speakers(event), list_choosable_teams())
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_recipient(award, form.records[form.who.data], actor=current_user), url_of(award)
        )
        if answer is not None:
            return answer
    return show_award(event, award, form), form.status


@blueprint.route(
    "/events/<ref:event_ref>/awards/<ref:award_ref>/recipients/<ref:recipient_ref>/remove", methods=["POST"]
)
def remove_recipient(event_ref: str, award_ref: str, recipient_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    award = find(event, award_ref)
    recipient = queries.find_recipient(award, recipient_ref) or abort(404)
    require(policy.may_record(current_user, event))
    return press(lambda: services.remove_recipient(recipient, actor=current_user), url_of(award))


@blueprint.route("/events/<ref:event_ref>/awards/<ref:award_ref>/confer", methods=["GET", "POST"])
def confer(event_ref: str, award_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    award = find(event, award_ref)
    require(policy.may_record(current_user, event))
    today = clock.today(event.time_zone)
    form = ConferForm(list_possible_speakers(event), min(max(today, event.starts_on), event.ends_on))
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.confer(
                award, actor=current_user, on=filled(form.on.data), by=form.people.get(form.by_ref.data)
            ),
            then=url_of(award),
            said=_("Conferred. Everybody who sees the event sees it now."),
        )
        if answer is not None:
            return answer
    return render_template("awards/confer.html", event=event, award=award, form=form), form.status
