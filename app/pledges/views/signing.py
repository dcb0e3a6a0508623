"""The signing room: one person, one document, one decision. Reading it, opening it or following its link signs nothing."""

from typing import Any

from flask import Response, abort, jsonify, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import cookies
from app.consents import queries as consents
from app.core import clock
from app.core.db import unit_of_work
from app.core.errors import Busy, Forbidden, Refused, require
from app.core.forms import filled
from app.core.headers import POLICY
from app.core.i18n import _, choose_language
from app.events.models import Event
from app.events.pages import open_event
from app.people.queries import person_of
from app.pledges import copies as _copies  # noqa: F401 — names its job
from app.pledges import deed, papers, policy, queries, services, signers
from app.pledges.models import Pledge, PledgeState, SignatureSlot
from app.pledges.signing_forms import DeclineForm, EraseForm, ReadForm, SignForm
from app.pledges.views.frame import blueprint, deed_context, find_pledge, url_of
from app.proofs import asking
from app.proofs import queries as proofs
from app.proofs.errors import NotProven
from app.proofs.models import Means
from app.signing.canonical import short
from app.stage.queries import is_called_for

PLEDGE = "/events/<ref:event_ref>/pledges/<ref:pledge_ref>"
# The frozen PDF is shown inside this page, by the browser's own reader.
SHOWS_PAPER = f"{POLICY}; object-src 'self'; frame-src 'self'"
IS_SHOWN = POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")


def place_of(pledge: Pledge) -> SignatureSlot:
    """Where the visitor decides: the place that is named, else their own, else that of whom they are a deputy."""
    mine = signers.slots_for(current_user, pledge)
    named = request.values.get("place")
    found = [slot for slot in mine if slot.ref == named] if named else sorted(mine, key=lambda slot: not can_sign(slot))
    own = [slot for slot in mine if policy.may_sign(current_user, slot)]
    chosen = (found if named else own or found)[:1]
    if not chosen:
        raise Forbidden
    return chosen[0]


def room() -> str:
    """The browser session in which the text has to be read and signed."""
    found = cookies.current_session()
    return found.ref if found is not None else ""


def presence(form: SignForm, slot: SignatureSlot) -> services.Presence:
    """A cue counts only where it was called for this pledge: nobody says of themselves that they sign on stage."""
    cue, browser = form.cue.data or "", cookies.current_session()
    return services.Presence(
        room=room(), address=request.remote_addr, proxies=tuple(request.access_route[:-1]),
        browser=request.user_agent.string, language=choose_language(), mark_text=form.mark_text.data or None,
        strokes=form.drawn(), prints_mark=bool(form.prints_mark.data), cue_ref=cue if cue and is_called_for(slot, cue) else None,
        signed_in_at=browser.created_at if browser is not None else None,
    )  # fmt: skip


def room_url(pledge: Pledge, slot: SignatureSlot, anchor: str | None = None) -> str:
    own = policy.may_sign(current_user, slot)
    cue = request.values.get("cue") or None
    return url_for(
        "pledges.sign", event_ref=pledge.event.ref, pledge_ref=pledge.ref, place=None if own else slot.ref, cue=cue,
        _anchor=anchor,
    )  # fmt: skip


@blueprint.route(f"{PLEDGE}/sign", methods=["GET", "POST"])
def sign(event_ref: str, pledge_ref: str) -> ResponseReturnValue:
    """Shows the very paper and the very text, and asks for a proof every time. Opening this page signs nothing."""
    event = open_event(event_ref)
    pledge = find_pledge(event, pledge_ref)
    slot = place_of(pledge)
    if request.method != "POST":
        if not can_sign(slot):
            return redirect(url_of(pledge))
        note_opening(slot)
    form = SignForm(proofs.possible_means(cookies.me()))
    if form.validate_on_submit():
        try:
            means = form.chosen
            if means is None:
                raise NotProven(_("Please choose how you prove that it is you."), field="means")
            asking.admit(cookies.me(), means, form.given())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            # The password was judged just now, outside of the act; the others are judged and used up in it.
            given = None if means == Means.PASSWORD else form.given()
            answer = form.attempt(
                lambda: services.sign(
                    slot, actor=cookies.me(), shown_hash=form.content_hash.data or "", means=means, given=given,
                    presence=presence(form, slot),
                ),
                then=url_of(pledge),
                said=_("You have signed."),
            )  # fmt: skip
            if answer is not None:
                return answer
    return room_page(event, pledge, slot, form, DeclineForm(formdata=None))


def note_opening(slot: SignatureSlot) -> None:
    """When the paper lay before the signatory first; and this time, from when on the reading is counted."""
    opened = session.setdefault("reading", {})
    opened[slot.ref] = int(clock.now().timestamp())
    session["reading"] = dict(list(opened.items())[-20:])
    if slot.first_opened_at is None:
        try:
            with unit_of_work(wait=0.2):  # reading a page waits for nobody
                services.enter_room(slot, actor=current_user)
        except Busy:
            pass  # reaching its end writes it down


@blueprint.route(f"{PLEDGE}/sign/reading", methods=["POST"])
def read_to_the_end(event_ref: str, pledge_ref: str) -> ResponseReturnValue:
    """The button at the end of the text (rule 23). It needs no script and measures nothing but the time, which is
    recorded and judged by nobody."""
    event = open_event(event_ref)
    pledge = find_pledge(event, pledge_ref)
    slot = place_of(pledge)
    form = ReadForm()
    begun = session.get("reading", {}).get(slot.ref)
    seconds = int(clock.now().timestamp()) - begun if isinstance(begun, int) else 0
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.reach_end(slot, actor=current_user, room=room(), seconds=seconds),
            then=room_url(pledge, slot, "decide"),
        )
        if answer is not None:
            return answer
    fresh = SignForm(proofs.possible_means(cookies.me()), formdata=None)
    fresh.refusal = form.refusal
    return room_page(event, pledge, slot, fresh, DeclineForm(formdata=None), form.status)


@blueprint.route(f"{PLEDGE}/sign/question", methods=["POST"])
def question(event_ref: str, pledge_ref: str) -> ResponseReturnValue:
    """What the browser puts before a passkey: the hash of the statement is the challenge. It signs nothing."""
    event = open_event(event_ref)
    pledge = find_pledge(event, pledge_ref)
    slot = place_of(pledge)
    form = SignForm([Means.PASSKEY])
    try:
        with unit_of_work():
            challenge, options = services.ask_passkey(
                slot, account=cookies.me(), shown_hash=form.content_hash.data or "", presence=presence(form, slot)
            )
    except Refused as refusal:
        return jsonify(refusal=str(refusal.sentence)), refusal.status
    return jsonify(challenge=challenge, options=options)


@blueprint.route(f"{PLEDGE}/sign/paper.pdf")
def frozen_paper(event_ref: str, pledge_ref: str) -> ResponseReturnValue:
    """The very file whose hash is signed: as it was frozen, with its empty fields."""
    pledge = find_pledge(open_event(event_ref), pledge_ref)
    if not policy.sees_all(current_user, pledge.event):
        require(bool(signers.slots_for(current_user, pledge)))
    revision = papers.frozen(pledge.document) if pledge.document is not None else None
    if pledge.document is None or revision is None:
        abort(404)
    response = Response(papers.read_revision(revision), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{papers.file_name(pledge.document)}"'
    response.headers["Content-Security-Policy"] = IS_SHOWN
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def can_sign(slot: SignatureSlot) -> bool:
    return slot.pledge.state == PledgeState.OPEN and slot.refused_at is None and not slot.is_signed


def room_page(
    event: Event, pledge: Pledge, slot: SignatureSlot, form: SignForm, decline_form: DeclineForm, status: int = 200
) -> ResponseReturnValue:
    context: dict[str, Any] = deed_context(pledge)
    form.content_hash.data = str(context["shown_hash"])
    own = policy.may_sign(current_user, slot)
    form.place.data = decline_form.place.data = "" if own else slot.ref
    form.cue.data = request.values.get("cue", "")[:16]
    read_form = ReadForm(formdata=None)
    read_form.place.data, read_form.cue.data = form.place.data, form.cue.data
    signer = slot.person if own else person_of(current_user)
    revision = papers.frozen(pledge.document) if pledge.document is not None else None
    waiting_for = first_in_turn(slot)
    page = render_template(
        "pledges/sign.html", event=event, pledge=pledge, mine=slot, form=form, decline_form=decline_form,
        read_form=read_form, short=short, intent=deed.intent_sentence(slot.role, pledge.language),
        can_sign=can_sign(slot), own=own, revision=revision, here=room_url(pledge, slot),
        has_read=slot.reached_end_at is not None and slot.reached_end_in == room(),
        consent=consents.standing_of(signer) if signer else None, waiting_for=waiting_for, **context,
    )  # fmt: skip
    response = make_response(page, max(form.status, decline_form.status, status))
    response.headers["Content-Security-Policy"] = SHOWS_PAPER
    return response


def first_in_turn(slot: SignatureSlot) -> SignatureSlot | None:
    """Who signs first where the order matters, if it is not this one."""
    if not slot.pledge.is_ordered:
        return None
    first = next((each for each in slot.pledge.slots if not each.is_signed), slot)
    return first if first.id != slot.id else None


@blueprint.route(f"{PLEDGE}/decline", methods=["POST"])
def decline(event_ref: str, pledge_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    pledge = find_pledge(event, pledge_ref)
    slot = place_of(pledge)
    form = DeclineForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.decline(slot, actor=current_user, reason=form.reason.data),
            then=url_of(pledge),
            said=_("You have declined. Whoever asked you is told."),
        )
        if answer is not None:
            return answer
    return room_page(event, pledge, slot, SignForm(proofs.possible_means(cookies.me()), formdata=None), form)


@blueprint.route(f"{PLEDGE}/signatures/<ref:slot_ref>/erasure", methods=["GET", "POST"])
def erase_evidence(event_ref: str, pledge_ref: str, slot_ref: str) -> ResponseReturnValue:
    """From where and with what somebody signed is forgotten; the signature stays and verifies as before."""
    event = open_event(event_ref)
    pledge = find_pledge(event, pledge_ref)
    slot = queries.find_slot(pledge, slot_ref)
    if slot is None or slot.signature is None:
        abort(404)
    require(policy.may_erase_evidence(current_user))
    signature, form = slot.signature, EraseForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.erase_evidence(signature, actor=current_user, reason=filled(form.reason.data)),
            then=url_of(pledge),
            said=_("The evidence is erased. The signature stays and can be checked as before."),
        )
        if answer is not None:
            return answer
    return render_template("pledges/erase.html", event=event, pledge=pledge, slot=slot, form=form), form.status
