"""Opening a pledge for signature, reading it, signing it, declining, and erasing what evidence is past its time."""

from typing import Any, cast

from app.accounts.models import Account
from app.consents import queries as consents
from app.consents.models import Consent
from app.core import audit, clock
from app.core.db import db
from app.core.errors import require
from app.core.i18n import _
from app.core.jobs import later
from app.core.logs import log
from app.core.roles import Actor
from app.delegations.models import Delegation
from app.events.models import Audience
from app.events.services import add_part
from app.people.models import Person
from app.pledges import deed, papers, policy, queries, signers, telling
from app.pledges.errors import (
    ConsentMissing,
    HasARoleAlready,
    NotPossibleNow,
    NotReadToTheEnd,
    NotReady,
    NotYourTurn,
    SignedAlready,
    TextHasChanged,
)
from app.pledges.models import (
    Pledge,
    PledgeState,
    Signature,
    SignatureSlot,
    SlotRole,
)
from app.pledges.services.stages import (
    hold,
    hold_draft,
    index_pledge,
    move,
    refuse_unless_roles_are_named,
    refuse_unless_signable_in_time,
    refuse_when_cancelled,
)
from app.pledges.services.statements import PERSONAL, Draft, Presence, compose, means_the_same
from app.pledges.services.versions import refuse_unless_replaceable, supersede_replaced
from app.proofs import services as proofs
from app.proofs.models import Means
from app.signing import services as documents
from app.signing.canonical import fingerprint

NOWHERE = Presence()


def open_pledge(pledge: Pledge, *, actor: Actor) -> Pledge:
    """Freeze the text with the list of its signatories, take its fingerprint, draw and seal the paper with all its fields,
    and ask everybody to sign."""
    require(policy.may_prepare(actor, pledge.event))
    hold_draft(pledge)
    _refuse_unless_ready(pledge)
    now = clock.now()
    for slot in pledge.slots:
        held = slot.person.position_on(pledge.event.day_at(now))
        slot.name, slot.position_title = deed.name_in(slot.person, pledge.language), _title(held, pledge.language)
    pledge.content = deed.content_of(pledge, now)
    pledge.content_hash = fingerprint(pledge.content)
    pledge.opened_at, pledge.opened_by_id = now, actor.id
    papers.freeze(pledge)
    move(pledge, PledgeState.OPEN)
    audit.record(actor, "pledge.opened", pledge, content_hash=pledge.content_hash, signatories=len(pledge.slots))
    deputies = telling.deputies_of(pledge.slots)
    if pledge.event.audience == Audience.RESTRICTED:
        for person in [slot.person for slot in pledge.slots] + [deputy for _slot, deputy in deputies]:
            add_part(pledge.event, person, "guest", actor=actor)
    telling.ask_to_sign(pledge, deputies)
    return pledge


def _title(position: Any, language: str) -> str | None:
    if position is None:
        return None
    return (position.title_local or position.title) if language != "en" else position.title


def _refuse_unless_ready(pledge: Pledge) -> None:
    if pledge.event.is_draft:
        raise NotReady(_("The event is a draft that nobody sees. Publish it before you ask people to sign."))
    refuse_when_cancelled(pledge.event)
    if not pledge.text:
        raise NotReady(_("There is no text yet to sign."))
    if not any(slot.role == SlotRole.PLEDGER for slot in pledge.slots):
        raise NotReady(_("A pledge needs somebody who gives it. Name at least one pledger."))
    refuse_unless_roles_are_named(pledge)
    refuse_unless_signable_in_time(pledge)
    refuse_unless_replaceable(pledge.replaces)
    if (pledge.reward or pledge.penalty) and pledge.wording_checked_at is None:
        raise NotReady(
            _("Reward and penalty have to be seen by HR or a lawyer first. Confirm that they were, then open it.")
        )
    if pledge.deadline is not None and pledge.deadline < clock.today(pledge.event.time_zone):
        raise NotReady(_("The deadline lies in the past. Nobody can promise that any more."))


# --- reading ------------------------------------------------------------------------------------------------------


def enter_room(slot: SignatureSlot, *, actor: Actor) -> None:
    """The paper lies before the signatory for the first time. It signs nothing."""
    require(signers.may_act_in(actor, slot))
    db.session.refresh(slot, ["first_opened_at"])
    if slot.first_opened_at is None:
        slot.first_opened_at = clock.now()
        audit.record(actor, "pledge.presented", slot, pledge=slot.pledge, role=slot.role)


def reach_end(slot: SignatureSlot, *, actor: Actor, room: str, seconds: int = 0) -> None:
    """The signatory says at its end that the text was read, in the browser session `room`, after so many seconds; these
    are recorded and judged by nobody."""
    _hold_for(actor, slot)
    _refuse_unless_signable(slot)
    now = clock.now()
    slot.first_opened_at = slot.first_opened_at or now
    slot.reached_end_at, slot.reached_end_in = now, room
    slot.seconds_read += max(0, min(seconds, 86_400))
    audit.record(actor, "pledge.read_to_the_end", slot, pledge=slot.pledge, role=slot.role)


# --- signing ------------------------------------------------------------------------------------------------------


def ask_passkey(
    slot: SignatureSlot, *, account: Account, shown_hash: str, presence: Presence
) -> tuple[str, dict[str, Any]]:
    """Put the statement together and ask the signatory's device to sign its hash, which is the challenge. Gives the
    challenge's ref, and the options for the browser."""
    delegation = _hold_for(account, slot)
    draft = _draft(slot, account, delegation, Means.PASSKEY, shown_hash, presence)
    challenge, options = proofs.begin_passkey(
        account, subject=slot.ref, digest=fingerprint(draft.statement), values=draft.kept()
    )
    return challenge.ref, options


def sign(
    slot: SignatureSlot,
    *,
    actor: Actor,
    shown_hash: str,
    means: Means | str = Means.PASSWORD,
    given: dict[str, str] | None = None,
    presence: Presence = NOWHERE,
) -> Signature:
    """Sign in one's own role, or with a delegation as the deputy of whose role it is.

    `shown_hash` is the fingerprint of the text that the signatory saw. `given` is what proves who it is: `challenge` and
    `assertion` of a passkey, or the `code`; without it the caller has just proved it by `means`, as pages do with the
    password, which is slow to judge. The last signature puts the pledge in force.
    """
    means = Means(means)
    delegation = _hold_for(actor, slot)
    draft = _draft(slot, actor, delegation, means, shown_hash, presence)
    pledge, signer = slot.pledge, _signer(slot, delegation)
    evidence: dict[str, Any] = {}
    if given is not None:
        if means == Means.PASSKEY:
            draft = _as_asked(slot, actor, given, draft)
        proof = proofs.judge(
            cast("Account", actor), means=means, given=given, subject=slot.ref, digest=fingerprint(draft.statement)
        )
        evidence["assertion" if means == Means.PASSKEY else "proof"] = proof.evidence
    now = clock.now()
    signature = Signature(
        slot=slot, statement=draft.statement, statement_hash=fingerprint(draft.statement), signed_at=now, means=means,
        person=signer, delegation=delegation, consent=_consent_of(signer, presence), salt=draft.salt,
        address=draft.personal.get("address"), browser=draft.personal.get("browser"),
        evidence={**evidence, **{k: v for k, v in draft.personal.items() if k not in ("address", "browser")}},
        mark_text=draft.mark_text, cue_ref=presence.cue_ref,
    )  # fmt: skip
    db.session.add(signature)
    db.session.flush()
    if draft.statement["clock"] == "behind":
        log.warning("clock put back", pledge=pledge.label, at=now.isoformat())
    audit.record(
        actor, "pledge.signed", slot, pledge=pledge, role=slot.role, content_hash=pledge.content_hash,
        pdf_hash=draft.statement["pdf_hash"], statement_hash=signature.statement_hash, means=str(means),
        clock=draft.statement["clock"], delegation=delegation,
        on_behalf_of=slot.name if delegation is not None else None,
    )  # fmt: skip
    signed, needed = queries.count_slots(pledge)
    if signed == needed:
        _enter_into_force(pledge, actor)
    if pledge.document is not None:
        later("seal_pledge", document_ref=pledge.document.ref)
    return signature


def _hold_for(actor: Actor, slot: SignatureSlot) -> Delegation | None:
    """Have the pledge to oneself for an act in this place, and by what delegation; None in the own place. Asked again
    behind the lock: while one waited for it the delegation may have been revoked."""
    require(signers.may_act_in(actor, slot))
    hold(slot.pledge)
    db.session.refresh(slot.person, ["account_id"])
    delegation = signers.delegation_of(actor, slot)
    require(delegation is not None or policy.may_sign(actor, slot))
    return delegation


def _draft(
    slot: SignatureSlot, actor: Actor, delegation: Delegation | None, means: Means, shown_hash: str, presence: Presence
) -> Draft:
    """The statement as it would be signed now, once nothing speaks against it. The pledge is held."""
    pledge, signer = slot.pledge, _signer(slot, delegation)
    _refuse_unless_signable(slot)
    _refuse_second_role(slot, signer)
    _refuse_out_of_turn(slot)
    if shown_hash != pledge.content_hash or fingerprint(pledge.content) != pledge.content_hash:
        raise TextHasChanged(
            _("The text has changed since it was shown to you. Nothing was signed. Read it again before you decide.")
        )
    consent = _consent_of(signer, presence)
    if presence.room is not None:
        if slot.reached_end_at is None or slot.reached_end_in != presence.room:
            raise NotReadToTheEnd(_("Read the text to its end first. There is a button below its last line."))
        if consent is None:
            raise ConsentMissing(
                _("Nobody signs here without having agreed to sign electronically. Read that text first.")
            )
    return compose(
        slot, actor=actor, signer=signer, delegation=delegation, consent=consent, means=means, presence=presence,
        newest=signers.newest_moment(pledge),
    )  # fmt: skip


def _as_asked(slot: SignatureSlot, actor: Actor, given: dict[str, str], present: Draft) -> Draft:
    """The statement that was put before the device, as long as it still says what is so now."""
    asked = proofs.find_asked(cast("Account", actor), given.get("challenge", ""), subject=slot.ref)
    kept = Draft(
        asked.values["statement"], asked.values["salt"], asked.values["personal"], asked.values.get("mark_text")
    )
    # What was shown and marked is that of the moment at which the device was asked; all else has to be so still.
    still = {**present.statement, **{name: kept.statement[name] for name in ("mark", "mark_printed", "cue")}}
    if not means_the_same(kept.statement, still):
        raise TextHasChanged(
            _("Something has changed since your device was asked. Nothing was signed. Read it again before you decide.")
        )
    return kept


def _signer(slot: SignatureSlot, delegation: Delegation | None) -> Person:
    return slot.person if delegation is None else delegation.deputy


def _consent_of(signer: Person, presence: Presence) -> Consent | None:
    return consents.standing_of(signer) if presence.room is not None else None


def _refuse_unless_signable(slot: SignatureSlot) -> None:
    db.session.refresh(slot, ["refused_at", "reached_end_at", "reached_end_in", "first_opened_at"])
    if queries.has_signed(slot):
        raise SignedAlready(_("You have signed this pledge already."))
    if slot.refused_at is not None:
        raise SignedAlready(_("You have declined to sign this pledge."))
    if slot.pledge.state != PledgeState.OPEN:
        raise NotPossibleNow(_("This pledge is not open for signature."))
    refuse_unless_replaceable(slot.pledge.replaces)


def _refuse_second_role(slot: SignatureSlot, signer: Person) -> None:
    """One person holds at most one role in one pledge, as deputy neither (rule 21)."""
    if signer.id == slot.person_id:
        taken = signers.has_signed_for_another(slot, signer)
    else:
        taken = any(each.person_id == signer.id for each in slot.pledge.slots)
        taken = taken or signers.has_signed_for_another(slot, signer)
    if taken:
        raise HasARoleAlready(_("You have another role in this pledge. Nobody signs in two, as deputy neither."))


def _refuse_out_of_turn(slot: SignatureSlot) -> None:
    if not slot.pledge.is_ordered:
        return
    first = next((each for each in slot.pledge.slots if not queries.has_signed(each)), slot)
    if first.id != slot.id:
        raise NotYourTurn(_("This pledge is signed in the order of its places: %(name)s is first.", name=first.name))


def _enter_into_force(pledge: Pledge, actor: Actor) -> None:
    """All have signed: it counts from now on, and everybody is told. Its paper is sealed by the job that follows."""
    db.session.expire(pledge, ["slots"])
    pledge.in_force_at = clock.now()
    move(pledge, PledgeState.IN_FORCE)
    supersede_replaced(pledge, actor=actor)
    if pledge.document is None:
        _issue_without_fields(pledge)
    code = pledge.document.code if pledge.document else None
    audit.record(actor, "pledge.in_force", pledge, content_hash=pledge.content_hash, code=code)
    index_pledge(pledge)
    telling.tell_in_force(pledge)


def _issue_without_fields(pledge: Pledge) -> None:
    """For one that was opened before papers were frozen: its document is issued with the last signature."""
    signatures = [
        {
            "place": slot.position,
            "role": slot.role,
            "person": slot.person.ref,
            "name": slot.name,
            "signed_at": slot.signature.signed_at.isoformat(),
            "means": slot.signature.means,
            "statement_hash": slot.signature.statement_hash,
        }
        for slot in pledge.slots
        if slot.signature is not None
    ]
    pledge.document = document = documents.issue(
        "pledge", title=f"{pledge.label} {pledge.title}", subject_ref=pledge.ref, edition=pledge.edition,
        content={**(pledge.content or {}), "content_hash": pledge.content_hash, "signatures": signatures},
    )  # fmt: skip
    later("make_pledge_paper", document_ref=document.ref)


def decline(slot: SignatureSlot, *, actor: Actor, reason: str | None = None) -> None:
    """Say no. A reason is welcome and not needed; the pledge is refused, and whoever asked is told."""
    pledge = slot.pledge
    delegation = _hold_for(actor, slot)
    _refuse_unless_signable(slot)
    slot.refused_at, slot.refuse_reason = clock.now(), reason
    move(pledge, PledgeState.REFUSED)
    audit.record(
        actor, "pledge.declined", slot, pledge=pledge, role=slot.role, reason=reason, delegation=delegation,
        on_behalf_of=slot.name if delegation is not None else None,
    )  # fmt: skip
    telling.tell_declined(slot, deputy=delegation.deputy if delegation is not None else None)


# --- privacy ------------------------------------------------------------------------------------------------------


def erase_evidence(signature: Signature, *, actor: Actor, reason: str | None = None) -> None:
    """Forget from where and with what somebody signed, and the salt, so that nothing can be guessed from what is left.

    The statement, its hash and the proof of a passkey stay: the signature verifies as before.
    """
    require(policy.may_erase_evidence(actor))
    if signature.salt is None:
        return
    signature.address = signature.browser = signature.salt = None
    signature.evidence = {name: value for name, value in signature.evidence.items() if name not in PERSONAL}
    audit.record(
        actor, "pledge.evidence_erased", signature.slot, reason=reason, statement_hash=signature.statement_hash
    )
