"""What can be done with pledges: drafting, opening for signature, signing, declining, voiding, assessing."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.campaigns.models import Campaign
from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import require
from app.core.i18n import _
from app.core.jobs import later
from app.core.roles import Actor
from app.documents.markdown import plain_text
from app.events import policy as event_policy
from app.events.models import Audience, Event
from app.events.services import add_part
from app.people.models import Person, Team
from app.pledges import deed, policy, queries, telling
from app.pledges.errors import (
    HasARoleAlready,
    NotOfThisEvent,
    NotPossibleNow,
    NotReady,
    ScoreMissing,
    SignedAlready,
    TextHasChanged,
    TextIsFrozen,
)
from app.pledges.models import (
    Pledge,
    PledgeRound,
    PledgeState,
    PledgeVerdict,
    Signature,
    SignatureSlot,
    SlotRole,
)
from app.search import services as search
from app.signing import services as signing
from app.signing.canonical import fingerprint

TRIES_FOR_A_NUMBER = 5


def add_round(event: Event, *, actor: Actor, year: int, title: str, title_local: str | None = None) -> PledgeRound:
    """A year's signing under one title, such as "Pledges of 2027"."""
    require(policy.may_prepare(actor, event))
    _refuse_when_cancelled(event)
    round_ = PledgeRound(event=event, year=year, title=title, title_local=title_local)
    db.session.add(round_)
    db.session.flush()
    audit.record(actor, "pledge_round.added", round_)
    return round_


def edit_round(round_: PledgeRound, *, actor: Actor, version: int | None = None, **values: Any) -> PledgeRound:
    require(policy.may_prepare(actor, round_.event))
    changes = edit(round_, version=version, **values)
    if changes:
        audit.record(actor, "pledge_round.changed", round_, fields=sorted(changes))
    return round_


def draft_pledge(
    event: Event,
    *,
    actor: Actor,
    title: str,
    text: str | None = None,
    language: str = "en",
    targets: list[dict[str, Any]] | None = None,
    deadline: date | None = None,
    reward: str | None = None,
    penalty: str | None = None,
    round: PledgeRound | None = None,
    team: Team | None = None,
    campaign: Campaign | None = None,
) -> Pledge:
    """Begin a pledge. `targets` are rows of target, from, to, by, all texts; `text` is Markdown.

    Its number counts within the year of its round, or of the event.
    """
    require(policy.may_prepare(actor, event))
    _refuse_when_cancelled(event)
    _belongs(event, round)
    pledge = Pledge(
        event=event, round=round, title=title, text=text, language=deed.language_of(language), targets=targets or [],
        deadline=deadline, reward=reward, penalty=penalty, team=team, campaign=campaign,
    )  # fmt: skip
    _number(pledge, round.year if round else event.starts_on.year)
    audit.record(actor, "pledge.drafted", pledge)
    return pledge


def _number(pledge: Pledge, year: int) -> None:
    """Give the next free number; of two drafts at the same moment the second takes the one after."""
    for _try in range(TRIES_FOR_A_NUMBER):
        pledge.label = f"PL-{year}-{queries.newest_number(year) + 1:03}"
        try:
            with db.session.begin_nested():
                db.session.add(pledge)
                db.session.flush()
        except IntegrityError:
            continue
        return
    raise NotPossibleNow(_("Several pledges are being drafted at this moment. Please try again."))


def edit_pledge(pledge: Pledge, *, actor: Actor, version: int | None = None, **values: Any) -> Pledge:
    """Change a draft. New words of reward or penalty have to be checked again."""
    require(policy.may_prepare(actor, pledge.event))
    _hold_draft(pledge)
    if "round" in values:
        _belongs(pledge.event, values["round"])
    if "language" in values:
        values["language"] = deed.language_of(values["language"])
    changes = edit(pledge, version=version, **values)
    if {"reward", "penalty"} & set(changes):
        pledge.wording_checked_at, pledge.wording_checked_by_id = None, None
    if changes:
        audit.record(actor, "pledge.changed", pledge, fields=sorted(changes))
    return pledge


def add_slot(pledge: Pledge, person: Person, role: SlotRole | str, *, actor: Actor) -> SignatureSlot:
    """Name somebody who has to sign. One person holds at most one role in one pledge."""
    require(policy.may_prepare(actor, pledge.event))
    _hold_draft(pledge)
    if any(slot.person_id == person.id for slot in pledge.slots):
        raise HasARoleAlready(
            _("%(name)s has a role in this pledge already. Nobody signs in two.", name=person.display_name),
            field="person_ref",
        )
    position = max((slot.position for slot in pledge.slots), default=0) + 1
    slot = SignatureSlot(pledge=pledge, person=person, role=SlotRole(role), position=position, name=person.name)
    db.session.add(slot)
    pledge.version += 1
    db.session.flush()
    audit.record(actor, "pledge.signatory_named", slot, pledge=pledge, person=person, role=slot.role)
    return slot


def remove_slot(slot: SignatureSlot, *, actor: Actor) -> None:
    """Take a signatory off a draft."""
    pledge = slot.pledge
    require(policy.may_prepare(actor, pledge.event))
    _hold_draft(pledge)
    audit.record(
        actor, "pledge.signatory_removed", slot, scope=pledge.event, pledge=pledge, person=slot.person, role=slot.role
    )
    pledge.slots.remove(slot)
    pledge.version += 1
    db.session.flush()


def check_wording(pledge: Pledge, *, actor: Actor) -> None:
    """Say that reward and penalty were seen by somebody who knows the law (rule 25). Any new word undoes it."""
    require(policy.may_prepare(actor, pledge.event))
    _hold_draft(pledge)
    if pledge.wording_checked_at is not None:
        return
    pledge.wording_checked_at, pledge.wording_checked_by_id = clock.now(), actor.id
    pledge.version += 1
    audit.record(actor, "pledge.wording_checked", pledge)


def open_pledge(pledge: Pledge, *, actor: Actor) -> Pledge:
    """Freeze the text with the list of its signatories, take its fingerprint, and ask everybody to sign."""
    require(policy.may_prepare(actor, pledge.event))
    _hold_draft(pledge)
    _refuse_unless_ready(pledge)
    now = clock.now()
    for slot in pledge.slots:
        held = slot.person.position_on(pledge.event.day_at(now))
        slot.name, slot.position_title = slot.person.name, _title(held, pledge.language)
        if pledge.event.audience == Audience.RESTRICTED:
            add_part(pledge.event, slot.person, "guest", actor=actor)
    pledge.content = deed.content_of(pledge, now)
    pledge.content_hash = fingerprint(pledge.content)
    pledge.opened_at, pledge.opened_by_id = now, actor.id
    _move(pledge, PledgeState.OPEN)
    audit.record(actor, "pledge.opened", pledge, content_hash=pledge.content_hash, signatories=len(pledge.slots))
    telling.ask_to_sign(pledge)
    return pledge


def _title(position: Any, language: str) -> str | None:
    if position is None:
        return None
    return (position.title_local or position.title) if language != "en" else position.title


def _refuse_unless_ready(pledge: Pledge) -> None:
    if pledge.event.is_draft:
        raise NotReady(_("The event is a draft that nobody sees. Publish it before you ask people to sign."))
    _refuse_when_cancelled(pledge.event)
    if not pledge.text:
        raise NotReady(_("There is no text yet to sign."))
    if not any(slot.role == SlotRole.PLEDGER for slot in pledge.slots):
        raise NotReady(_("A pledge needs somebody who gives it. Name at least one pledger."))
    if (pledge.reward or pledge.penalty) and pledge.wording_checked_at is None:
        raise NotReady(
            _("Reward and penalty have to be seen by HR or a lawyer first. Confirm that they were, then open it.")
        )
    if pledge.deadline is not None and pledge.deadline < clock.today(pledge.event.time_zone):
        raise NotReady(_("The deadline lies in the past. Nobody can promise that any more."))


def sign(
    slot: SignatureSlot,
    *,
    actor: Actor,
    shown_hash: str,
    means: str = "password",
    address: str | None = None,
    browser: str | None = None,
) -> Signature:
    """Sign in one's own role. Whoever calls this has just proved the signatory's identity anew by `means`.

    `shown_hash` is the fingerprint of the text that the signatory saw. The last signature puts the pledge in force.
    """
    pledge = slot.pledge
    require(policy.may_sign(actor, slot))
    _hold(pledge)
    _refuse_unless_signable(slot)
    if shown_hash != pledge.content_hash or fingerprint(pledge.content) != pledge.content_hash:
        raise TextHasChanged(
            _("The text has changed since it was shown to you. Nothing was signed. Read it again before you decide.")
        )
    now = clock.now()
    statement = {
        "pledge": pledge.ref,
        "edition": pledge.edition,
        "content_hash": pledge.content_hash,
        "role": slot.role,
        "person": slot.person.ref,
        "intent": deed.intent_sentence(slot.role, pledge.language),
        "at": now.isoformat(),
    }
    signature = Signature(
        slot=slot, statement=statement, statement_hash=fingerprint(statement), signed_at=now, means=means,
        address=address[:60] if address else None, browser=browser[:200] if browser else None,
    )  # fmt: skip
    db.session.add(signature)
    db.session.flush()
    audit.record(
        actor, "pledge.signed", slot, pledge=pledge, role=slot.role, content_hash=pledge.content_hash,
        statement_hash=signature.statement_hash, means=means,
    )  # fmt: skip
    signed, needed = queries.count_slots(pledge)
    if signed == needed:
        _enter_into_force(pledge, actor)
    return signature


def _refuse_unless_signable(slot: SignatureSlot) -> None:
    db.session.refresh(slot, ["refused_at"])
    if queries.has_signed(slot):
        raise SignedAlready(_("You have signed this pledge already."))
    if slot.refused_at is not None:
        raise SignedAlready(_("You have declined to sign this pledge."))
    if slot.pledge.state != PledgeState.OPEN:
        raise NotPossibleNow(_("This pledge is not open for signature."))


def _enter_into_force(pledge: Pledge, actor: Actor) -> None:
    """All have signed: issue the document in the same transaction, and tell everybody."""
    db.session.expire(pledge, ["slots"])
    pledge.in_force_at = clock.now()
    _move(pledge, PledgeState.IN_FORCE)
    pledge.document = document = signing.issue(
        "pledge",
        title=f"{pledge.label} {pledge.title}",
        subject_ref=pledge.ref,
        edition=pledge.edition,
        content=deed.issued_content(pledge),
    )
    audit.record(actor, "pledge.in_force", pledge, content_hash=pledge.content_hash, code=document.code)
    index_pledge(pledge)
    telling.tell_in_force(pledge)
    later("make_pledge_paper", document_ref=document.ref)


def decline(slot: SignatureSlot, *, actor: Actor, reason: str | None = None) -> None:
    """Say no. A reason is welcome and not needed; the pledge is refused, and whoever asked is told."""
    pledge = slot.pledge
    require(policy.may_sign(actor, slot))
    _hold(pledge)
    _refuse_unless_signable(slot)
    slot.refused_at, slot.refuse_reason = clock.now(), reason
    _move(pledge, PledgeState.REFUSED)
    audit.record(actor, "pledge.declined", slot, pledge=pledge, role=slot.role, reason=reason)
    telling.tell_declined(slot)


def void(pledge: Pledge, *, actor: Actor, reason: str) -> None:
    """Take a pledge out of the world: before it is complete, or after. It stays readable, with the reason."""
    require(policy.may_void(actor, pledge.event))
    _hold(pledge)
    if pledge.state in (PledgeState.VOID, PledgeState.ASSESSED):
        raise NotPossibleNow(_("This pledge is settled: it was assessed or declared void before."))
    was_asked = pledge.state != PledgeState.DRAFT
    pledge.void_reason = reason
    _move(pledge, PledgeState.VOID)
    audit.record(actor, "pledge.void", pledge, reason=reason)
    signing.withdraw(pledge.ref)
    search.drop("pledge", pledge.ref)
    if was_asked:
        telling.tell_void(pledge)


def draft_new_edition(pledge: Pledge, *, actor: Actor) -> Pledge:
    """A new version of a void or refused pledge, with the same words and people to begin with. Nobody has signed it."""
    require(policy.may_prepare(actor, pledge.event))
    _hold(pledge)
    if pledge.state not in (PledgeState.VOID, PledgeState.REFUSED):
        raise NotPossibleNow(_("A new version begins when the present one is void or refused."))
    if queries.find_successor(pledge) is not None:
        raise NotPossibleNow(_("There is a newer version of this pledge already."))
    edition = pledge.edition + 1
    root = pledge.label.partition("-v")[0]
    successor = Pledge(
        event=pledge.event, round=pledge.round, label=f"{root}-v{edition}", title=pledge.title, text=pledge.text,
        language=pledge.language, targets=[dict(each) for each in pledge.targets], deadline=pledge.deadline,
        reward=pledge.reward, penalty=pledge.penalty, team=pledge.team, campaign=pledge.campaign, edition=edition,
        replaces=pledge,
    )  # fmt: skip
    successor.slots = [
        SignatureSlot(person=slot.person, role=slot.role, position=slot.position, name=slot.person.name)
        for slot in pledge.slots
    ]
    db.session.add(successor)
    db.session.flush()
    audit.record(actor, "pledge.drafted", successor, replaces=pledge)
    return successor


def assess(
    pledge: Pledge, *, actor: Actor, verdict: PledgeVerdict | str, reason: str, score: int | None = None
) -> None:
    """Say after the deadline what became of it; of what was partly kept also how much, as `score` of 100. Released is said
    by whoever accepted it, at any time; never by a pledger."""
    verdict = PledgeVerdict(verdict)
    released = verdict == PledgeVerdict.RELEASED
    require(policy.may_release(actor, pledge) if released else policy.may_assess(actor, pledge))
    _hold(pledge)
    if pledge.state != PledgeState.IN_FORCE:
        raise NotPossibleNow(_("Only a pledge that is in force can be assessed."))
    if not released and not deed.due_for_assessment(pledge):
        raise NotPossibleNow(_("The deadline has not passed yet. Until then nobody can say what became of it."))
    partly = verdict == PledgeVerdict.PARTLY_KEPT
    if partly and (score is None or not 0 <= score <= 100):
        raise ScoreMissing(_("Say how much of it was kept: a number from 0 to 100."), field="score")
    pledge.verdict, pledge.verdict_reason, pledge.score = verdict, reason, score if partly else None
    pledge.assessed_at, pledge.assessed_by_name = clock.now(), actor.name
    _move(pledge, PledgeState.ASSESSED)
    audit.record(actor, "pledge.assessed", pledge, reason=reason, verdict=verdict, score=pledge.score)
    telling.tell_assessed(pledge)


def index_pledge(pledge: Pledge) -> None:
    """What came into force can be found by everybody who sees the event."""
    parts = [pledge.text and plain_text(pledge.text), *(slot.name for slot in pledge.slots)]
    parts += [f"{each.get('target', '')} {each.get('to', '')}" for each in pledge.targets]
    search.put(
        "pledge",
        pledge.ref,
        url=f"/events/{pledge.event.ref}/pledges/{pledge.ref}",
        title=f"{pledge.label} {pledge.title}",
        body="\n".join(part for part in parts if part),
        event_id=pledge.event_id,
        on=pledge.in_force_at.date() if pledge.in_force_at else None,
    )


def _hold(pledge: Pledge) -> None:
    """Have the pledge to oneself until the end of the act, and see it as it stands now."""
    db.session.execute(select(Pledge.id).where(Pledge.id == pledge.id).with_for_update())
    db.session.refresh(pledge)
    db.session.expire(pledge, ["slots"])


def _hold_draft(pledge: Pledge) -> None:
    _hold(pledge)
    if pledge.state != PledgeState.DRAFT:
        raise TextIsFrozen(
            _(
                "This pledge was opened for signature and does not change any more. Declare it void to begin a new version."
            )
        )


def _move(pledge: Pledge, state: PledgeState) -> None:
    pledge.state = state
    pledge.version += 1


def _belongs(event: Event, round_: PledgeRound | None) -> None:
    if round_ is not None and round_.event_id != event.id:
        raise NotOfThisEvent(_("This round belongs to another event."), field="round_ref")


def _refuse_when_cancelled(event: Event) -> None:
    if not event_policy.is_open_to_change(event):
        raise NotPossibleNow(_("This event is cancelled; nothing new is pledged in it."))
