"""Drafting pledges: rounds, texts, the people who have to sign."""

from datetime import date
from typing import Any

from sqlalchemy.exc import IntegrityError

from app.campaigns.models import Campaign
from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.events.models import Event
from app.people.models import Person, Team
from app.pledges import deed, policy, queries
from app.pledges.errors import (
    HasARoleAlready,
    NotOfThisEvent,
    NotPossibleNow,
    NotReady,
)
from app.pledges.models import (
    Pledge,
    PledgeRound,
    PledgeTemplate,
    SignatureSlot,
    SlotRole,
)
from app.pledges.services.stages import belongs, hold_draft, refuse_when_cancelled
from app.requirements.models import Assignment

TRIES_FOR_A_NUMBER = 5


def add_round(event: Event, *, actor: Actor, year: int, title: str, title_local: str | None = None) -> PledgeRound:
    """A year's signing under one title, such as "Pledges of 2027"."""
    require(policy.may_prepare(actor, event))
    refuse_when_cancelled(event)
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
    assignment: Assignment | None = None,
    sign_by: date | None = None,
    template: PledgeTemplate | None = None,
) -> Pledge:
    """Begin a pledge. `targets` are rows of target, metric, from, to, unit, by, kind, all texts; `text` is Markdown.

    Its number counts within the year of its round, or of the event. A template only says who has to sign: its words are
    laid into the text by `templates.words_of`.
    """
    require(policy.may_prepare(actor, event))
    refuse_when_cancelled(event)
    belongs(event, round)
    _belongs_here(event, assignment)
    _refuse_late_signing(sign_by, deadline)
    pledge = Pledge(
        event=event, round=round, title=title, text=text, language=deed.language_of(language), targets=targets or [],
        deadline=deadline, reward=reward, penalty=penalty, team=team, campaign=campaign, assignment=assignment,
        sign_by=sign_by, template=template, is_ordered=template is not None and template.is_ordered,
    )  # fmt: skip
    _number(pledge, round.year if round else event.starts_on.year)
    audit.record(actor, "pledge.drafted", pledge, template=template)
    return pledge


def _belongs_here(event: Event, assignment: Assignment | None) -> None:
    if assignment is not None and assignment.event.id != event.id:
        raise NotOfThisEvent(_("This requirement belongs to another event."), field="assignment_ref")


def _refuse_late_signing(sign_by: date | None, deadline: date | None) -> None:
    if sign_by is not None and deadline is not None and sign_by > deadline:
        raise NotReady(_("It has to be signed before its deadline."), field="sign_by")


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
    hold_draft(pledge)
    if "round" in values:
        belongs(pledge.event, values["round"])
    _belongs_here(pledge.event, values.get("assignment"))
    _refuse_late_signing(values.get("sign_by", pledge.sign_by), values.get("deadline", pledge.deadline))
    if "language" in values:
        values["language"] = deed.language_of(values["language"])
    changes = edit(pledge, version=version, **values)
    if {"reward", "penalty"} & set(changes):
        pledge.wording_checked_at, pledge.wording_checked_by_id, pledge.wording_note = None, None, None
    if changes:
        audit.record(actor, "pledge.changed", pledge, fields=sorted(changes))
    return pledge


def add_slot(pledge: Pledge, person: Person, role: SlotRole | str, *, actor: Actor) -> SignatureSlot:
    """Name somebody who has to sign. One person holds at most one role in one pledge."""
    require(policy.may_prepare(actor, pledge.event))
    hold_draft(pledge)
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
    hold_draft(pledge)
    audit.record(
        actor, "pledge.signatory_removed", slot, scope=pledge.event, pledge=pledge, person=slot.person, role=slot.role
    )
    pledge.slots.remove(slot)
    pledge.version += 1
    db.session.flush()


def check_wording(pledge: Pledge, *, actor: Actor, note: str | None = None) -> None:
    """Say that reward and penalty were seen by somebody who knows the law (rule 25), who that was and what they said in
    the `note`. Any new word undoes it."""
    require(policy.may_prepare(actor, pledge.event))
    hold_draft(pledge)
    if pledge.wording_checked_at is not None:
        return
    pledge.wording_checked_at, pledge.wording_checked_by_id = clock.now(), actor.id
    pledge.wording_note = note
    pledge.version += 1
    audit.record(actor, "pledge.wording_checked", pledge, note=note)
