"""The pages of pledges, and the page on which they are signed."""

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import services as accounts
from app.core.config import settings_now
from app.core.db import unit_of_work
from app.core.errors import Forbidden, Refused, require
from app.core.forms import filled, press
from app.core.guards import public
from app.core.i18n import _
from app.documents.markdown import to_html
from app.documents.qr import qr_svg
from app.events.models import Event
from app.events.pages import open_event
from app.people.queries import person_of
from app.pledges import deed, papers, policy, queries, services
from app.pledges.errors import WrongPassword
from app.pledges.forms import AssessForm, DeclineForm, PledgeForm, RoundForm, SignForm, SlotForm, VoidForm
from app.pledges.models import PLEDGE_STATE_LABELS, Pledge, PledgeState, PledgeVerdict, SignatureSlot
from app.provenance import queries as provenance
from app.signing import queries as signing
from app.signing.canonical import fingerprint, short
from app.speeches.queries import list_possible_speakers

blueprint = Blueprint("pledges", __name__)

STATE_KINDS = {
    PledgeState.DRAFT: "none",
    PledgeState.OPEN: "live",
    PledgeState.IN_FORCE: "kept",
    PledgeState.REFUSED: "late",
    PledgeState.VOID: "late",
    PledgeState.ASSESSED: "kept",
}
VERDICT_KINDS = {"kept": "kept", "partly_kept": "risk", "missed": "late", "released": "none"}


@blueprint.app_context_processor
def supply() -> dict[str, object]:
    return {"pledge_kind": kind_of}


def kind_of(pledge: Pledge) -> str:
    """The colour and icon of its state."""
    return VERDICT_KINDS[pledge.verdict] if pledge.verdict else STATE_KINDS[PledgeState(pledge.state)]


def url_of(pledge: Pledge) -> str:
    return url_for("pledges.show", event_ref=pledge.event.ref, pledge_ref=pledge.ref)


def find_pledge(event: Event, pledge_ref: str) -> Pledge:
    return queries.find_visible(current_user, event, pledge_ref) or abort(404)


def own_slot(pledge: Pledge) -> SignatureSlot:
    """The visitor's own place among the signatories; whoever has none may read, not sign."""
    slot = policy.slot_of(current_user, pledge)
    if slot is None:
        raise Forbidden
    return slot


# --- lists --------------------------------------------------------------------------------------------------------


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
    )  # fmt: skip


@blueprint.route("/my/pledges")
def mine() -> ResponseReturnValue:
    person = person_of(current_user)
    waiting = {slot.pledge_id for slot in queries.needs_of(person)}
    seen = queries.visible_event_ids(current_user)
    pledges = [each for each in queries.list_of_person(person) if each.event_id in seen]
    return render_template("pledges/mine.html", person=person, waiting=waiting, pledges=pledges)


@blueprint.route("/what-a-signature-proves")
@public
def proof() -> ResponseReturnValue:
    return render_template("pledges/proof.html")


# --- one pledge ---------------------------------------------------------------------------------------------------


@blueprint.route("/events/<ref:event_ref>/pledges/<ref:pledge_ref>")
def show(event_ref: str, pledge_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    pledge = find_pledge(event, pledge_ref)
    form = SlotForm(list_possible_speakers(event)) if may_change(pledge) else None
    return show_pledge(event, pledge, form), 200


def may_change(pledge: Pledge) -> bool:
    return pledge.state == PledgeState.DRAFT and policy.may_prepare(current_user, pledge.event)


def show_pledge(event: Event, pledge: Pledge, form: SlotForm | None) -> str:
    document = pledge.document
    address = settings_now().base_url.rstrip("/") + url_for("signing.verify", code=document.code) if document else ""
    notes = provenance.notes_of(event.ref) if event.source_id else {}
    return render_template(
        "pledges/show.html", event=event, pledge=pledge, form=form, mine=policy.slot_of(current_user, pledge),
        check=signing.check(document.code) if document else None, short=short, document=document,
        qr=qr_svg(address, title=_("Code for checking this pledge")) if document else None,
        may_prepare=policy.may_prepare(current_user, event), may_void=policy.may_void(current_user, event),
        verdicts=possible_verdicts(pledge), successor=queries.find_successor(pledge),
        may_see_evidence=lambda slot: policy.may_see_evidence(current_user, slot),
        note=lambda name: provenance.note(notes, pledge, name), **deed_context(pledge),
    )  # fmt: skip


def deed_context(pledge: Pledge) -> dict[str, object]:
    """What the deed shows: the frozen content where there is one, never the columns beside it."""
    content = pledge.content or deed.content_of(pledge)
    return {
        "content": content,
        "shown_hash": fingerprint(content),
        "text": to_html(content.get("text") or ""),
        "reward": to_html(content.get("reward") or ""),
        "penalty": to_html(content.get("penalty") or ""),
        "deadline": deed.deadline_of(content),
        "signatories": deed.signatories_of(pledge, content),
        "seal_words": deed.seal_words(content),
        "means_label": deed.means_label,
    }


def possible_verdicts(pledge: Pledge) -> list[PledgeVerdict]:
    """What this visitor could say of the pledge now."""
    if pledge.state != PledgeState.IN_FORCE:
        return []
    judged = [PledgeVerdict.KEPT, PledgeVerdict.PARTLY_KEPT, PledgeVerdict.MISSED]
    may = policy.may_assess(current_user, pledge) and deed.due_for_assessment(pledge)
    return (judged if may else []) + ([PledgeVerdict.RELEASED] if policy.may_release(current_user, pledge) else [])


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


# --- preparing ----------------------------------------------------------------------------------------------------


@blueprint.route("/events/<ref:event_ref>/pledge-rounds/new", methods=["GET", "POST"])
def new_round(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_prepare(current_user, event))
    form = RoundForm(data={"year": event.starts_on.year})
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_round(event, actor=current_user, **form.values()),
            then=lambda made: url_for("pledges.list_pledges", event_ref=event.ref, round=made.ref),
            said=_("The round is there. Draft its pledges now."),
        )
        if answer is not None:
            return answer
    return render_template("pledges/round.html", event=event, form=form, round=None), form.status


@blueprint.route("/events/<ref:event_ref>/pledge-rounds/<ref:round_ref>/edit", methods=["GET", "POST"])
def edit_round(event_ref: str, round_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    round_ = queries.find_round(event, round_ref) or abort(404)
    require(policy.may_prepare(current_user, event))
    form = RoundForm(obj=round_)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.edit_round(round_, actor=current_user, version=form.opened_version, **form.values()),
            then=url_for("pledges.list_pledges", event_ref=event.ref, round=round_.ref),
            said=_("Saved."),
        )
        if answer is not None:
            return answer
    return render_template("pledges/round.html", event=event, form=form, round=round_), form.status


@blueprint.route("/events/<ref:event_ref>/pledges/new", methods=["GET", "POST"])
def new_pledge(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_prepare(current_user, event))
    form = PledgeForm(event)
    if not form.is_submitted():
        form.round_ref.data = request.args.get("round", "")
        form.campaign_ref.data = request.args.get("campaign", "")
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.draft_pledge(event, actor=current_user, **form.act_values()),
            then=url_of,
            said=_("The draft is there. Name those who sign it, then open it for signature."),
        )
        if answer is not None:
            return answer
    return render_template("pledges/edit.html", event=event, form=form, pledge=None), form.status


@blueprint.route("/events/<ref:event_ref>/pledges/<ref:pledge_ref>/edit", methods=["GET", "POST"])
def edit_pledge(event_ref: str, pledge_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    pledge = find_pledge(event, pledge_ref)
    require(policy.may_prepare(current_user, event))
    form = PledgeForm(event, pledge)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.edit_pledge(pledge, actor=current_user, version=form.opened_version, **form.act_values()),
            then=url_of(pledge),
            said=_("Saved."),
        )
        if answer is not None:
            return answer
    return render_template("pledges/edit.html", event=event, form=form, pledge=pledge), form.status


@blueprint.route("/events/<ref:event_ref>/pledges/<ref:pledge_ref>/signatories", methods=["POST"])
def add_slot(event_ref: str, pledge_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    pledge = find_pledge(event, pledge_ref)
    require(policy.may_prepare(current_user, event))
    form = SlotForm(list_possible_speakers(event))
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_slot(pledge, form.people[form.person_ref.data], form.role.data, actor=current_user),
            then=url_of(pledge),
        )
        if answer is not None:
            return answer
    return show_pledge(event, pledge, form), form.status


@blueprint.route("/events/<ref:event_ref>/pledges/<ref:pledge_ref>/signatories/<ref:slot_ref>/remove", methods=["POST"])
def remove_slot(event_ref: str, pledge_ref: str, slot_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    pledge = find_pledge(event, pledge_ref)
    slot = queries.find_slot(pledge, slot_ref) or abort(404)
    require(policy.may_prepare(current_user, event))
    return press(lambda: services.remove_slot(slot, actor=current_user), url_of(pledge))


@blueprint.route("/events/<ref:event_ref>/pledges/<ref:pledge_ref>/wording", methods=["POST"])
def check_wording(event_ref: str, pledge_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    pledge = find_pledge(event, pledge_ref)
    require(policy.may_prepare(current_user, event))
    return press(lambda: services.check_wording(pledge, actor=current_user), url_of(pledge), _("The check is noted."))


@blueprint.route("/events/<ref:event_ref>/pledges/<ref:pledge_ref>/open", methods=["POST"])
def open_for_signature(event_ref: str, pledge_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    pledge = find_pledge(event, pledge_ref)
    require(policy.may_prepare(current_user, event))
    return press(
        lambda: services.open_pledge(pledge, actor=current_user),
        url_of(pledge),
        _("The pledge is open for signature. Everybody named has a mail with the link."),
    )


# --- signing ------------------------------------------------------------------------------------------------------


@blueprint.route("/events/<ref:event_ref>/pledges/<ref:pledge_ref>/sign", methods=["GET", "POST"])
def sign(event_ref: str, pledge_ref: str) -> ResponseReturnValue:
    """Shows the very text; signing asks for the password every time. Opening this page signs nothing."""
    event = open_event(event_ref)
    pledge = find_pledge(event, pledge_ref)
    slot = own_slot(pledge)
    if request.method == "GET" and not can_sign(slot):
        return redirect(url_of(pledge))
    form = SignForm()
    if form.validate_on_submit():
        try:
            prove_again(filled(form.password.data))
        except Refused as refusal:
            form.refuse(refusal)
        else:
            answer = form.attempt(
                lambda: services.sign(
                    slot, actor=current_user, shown_hash=form.content_hash.data or "", address=request.remote_addr,
                    browser=request.user_agent.string,
                ),
                then=url_of(pledge),
                said=_("You have signed."),
            )  # fmt: skip
            if answer is not None:
                return answer
    return signing_page(event, pledge, slot, form, DeclineForm(formdata=None)), form.status


def prove_again(password: str) -> None:
    """Whoever sits here has to be the one who signed in. Slow, and outside of any unit of work; wrong tries count."""
    email, address = current_user.email, request.remote_addr or "unknown"
    with unit_of_work():
        tries = accounts.begin_try(email, address)
    if accounts.proves(email, password) is None:
        with unit_of_work():
            accounts.record_failure(email)
        raise WrongPassword(_("This is not your password. Nothing was signed."), field="password")
    with unit_of_work():
        accounts.forgive(tries)


def can_sign(slot: SignatureSlot) -> bool:
    return slot.pledge.state == PledgeState.OPEN and slot.refused_at is None and not slot.is_signed


def signing_page(event: Event, pledge: Pledge, slot: SignatureSlot, form: SignForm, decline_form: DeclineForm) -> str:
    context = deed_context(pledge)
    form.content_hash.data = str(context["shown_hash"])
    return render_template(
        "pledges/sign.html", event=event, pledge=pledge, mine=slot, form=form, decline_form=decline_form, short=short,
        intent=deed.intent_sentence(slot.role, pledge.language), can_sign=can_sign(slot), **context,
    )  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/pledges/<ref:pledge_ref>/decline", methods=["POST"])
def decline(event_ref: str, pledge_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    pledge = find_pledge(event, pledge_ref)
    slot = own_slot(pledge)
    form = DeclineForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.decline(slot, actor=current_user, reason=form.reason.data),
            then=url_of(pledge),
            said=_("You have declined. Whoever asked you is told."),
        )
        if answer is not None:
            return answer
    return signing_page(event, pledge, slot, SignForm(formdata=None), form), form.status


# --- afterwards ---------------------------------------------------------------------------------------------------


@blueprint.route("/events/<ref:event_ref>/pledges/<ref:pledge_ref>/void", methods=["GET", "POST"])
def void(event_ref: str, pledge_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    pledge = find_pledge(event, pledge_ref)
    require(policy.may_void(current_user, event))
    form = VoidForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.void(pledge, actor=current_user, reason=filled(form.reason.data)),
            then=url_of(pledge),
            said=_("The pledge is void."),
        )
        if answer is not None:
            return answer
    return render_template("pledges/void.html", event=event, pledge=pledge, form=form), form.status


@blueprint.route("/events/<ref:event_ref>/pledges/<ref:pledge_ref>/edition", methods=["POST"])
def new_edition(event_ref: str, pledge_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    pledge = find_pledge(event, pledge_ref)
    require(policy.may_prepare(current_user, event))
    return press(
        lambda: services.draft_new_edition(pledge, actor=current_user),
        url_of,
        _("This is the new version. Nobody has signed it yet."),
        refused=url_of(pledge),
    )


@blueprint.route("/events/<ref:event_ref>/pledges/<ref:pledge_ref>/assess", methods=["GET", "POST"])
def assess(event_ref: str, pledge_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    pledge = find_pledge(event, pledge_ref)
    require(policy.may_release(current_user, pledge))
    verdicts = possible_verdicts(pledge)
    if not verdicts:
        return redirect(url_of(pledge), 303)
    form = AssessForm(verdicts)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.assess(
                pledge,
                actor=current_user,
                verdict=form.verdict.data,
                reason=filled(form.reason.data),
                score=form.score.data if form.score else None,
            ),
            then=url_of(pledge),
            said=_("The assessment stands."),
        )
        if answer is not None:
            return answer
    return render_template("pledges/assess.html", event=event, pledge=pledge, form=form), form.status
