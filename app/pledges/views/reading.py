"""Lists of pledges, the pledge itself, its paper, and what a signature proves."""

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core import clock
from app.core.errors import Refused
from app.core.guards import public
from app.delegations import policy as delegations
from app.events.pages import open_event
from app.people.queries import person_of
from app.pledges import papers, policy, queries
from app.pledges.forms import SlotForm
from app.pledges.models import PLEDGE_STATE_LABELS
from app.pledges.views.frame import blueprint, find_pledge, may_change, show_pledge
from app.speeches.queries import list_possible_speakers


@blueprint.route("/events/<ref:event_ref>/pledges")
def list_pledges(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    everything = queries.list_visible(current_user, event)
    rounds = queries.list_rounds(event)
    chosen = next((each for each in rounds if each.ref == request.args.get("round")), None)
    state = request.args.get("state", "")
    shown = [
        each
        for each in everything
        if (chosen is None or each.round_id == chosen.id) and (state not in PLEDGE_STATE_LABELS or each.state == state)
    ]
    return render_template(
        "pledges/list.html", event=event, rounds=rounds, chosen=chosen, pledges=shown, everything=everything, state=state,
        state_labels=PLEDGE_STATE_LABELS, standing=queries.standing_of_pledges(everything),
        may_prepare=policy.may_prepare(current_user, event),
        may_keep_templates=policy.may_keep_templates(current_user),
        may_list_delegations=delegations.may_list(current_user, event),
    )  # fmt: skip


@blueprint.route("/my/pledges")
def mine() -> ResponseReturnValue:
    person = person_of(current_user)
    seen = queries.visible_event_ids(current_user)
    asked = queries.needs_of(current_user)
    pledges = [each for each in queries.list_of_person(person) if each.event_id in seen]
    return render_template(
        "pledges/mine.html", person=person, pledges=pledges,
        waiting={slot.pledge_id for slot in asked if person and slot.person_id == person.id},
        as_deputy=[slot for slot in asked if person and slot.person_id != person.id],
        to_assess=queries.list_to_assess(current_user, clock.now()),
    )  # fmt: skip


@blueprint.route("/what-a-signature-proves")
@public
def proof() -> ResponseReturnValue:
    return render_template("pledges/proof.html")


@blueprint.route("/events/<ref:event_ref>/pledges/<ref:pledge_ref>")
def show(event_ref: str, pledge_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    pledge = find_pledge(event, pledge_ref)
    form = SlotForm(list_possible_speakers(event)) if may_change(pledge) else None
    return show_pledge(event, pledge, form), 200


@blueprint.route("/events/<ref:event_ref>/pledges/<ref:pledge_ref>/document.pdf")
def download(event_ref: str, pledge_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    document = find_pledge(event, pledge_ref).document
    if document is None or "signatories" not in document.content:
        abort(404)
    try:
        paper = papers.read_paper(document)
    except Refused as refusal:
        return render_template("pledges/unprintable.html", event=event, refusal=refusal), 422
    name = papers.file_name(document)
    return Response(
        paper, mimetype="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
