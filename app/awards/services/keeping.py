"""The trophy itself: who has it. Each change of hands counts when both parties have confirmed it (rule 33)."""

from datetime import datetime
from typing import Any

from app.awards import policy
from app.awards.errors import NotYetConferred, NotYetHeld
from app.awards.models import Award
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.custody import policy as custody_policy
from app.custody import services as custody
from app.custody.models import AWARD, CustodyEvent, CustodyKind
from app.people.models import Person

OBJECT = AWARD


def hand_over(
    award: Award,
    *,
    actor: Actor,
    taker: Person | None,
    at: datetime | None = None,
    place: str | None = None,
    condition: str | None = None,
) -> CustodyEvent:
    """The trophy goes from whoever holds it to somebody else, or back to the office (nobody), with its condition."""
    kind = CustodyKind.RETURN if taker is None else CustodyKind.HANDOVER
    holder = custody.holder_now(OBJECT, award.ref).person
    return _record(award, kind, actor=actor, giver=holder, taker=taker, at=at, place=place, condition=condition)


def leave_for_good(award: Award, *, actor: Actor, condition: str | None = None) -> CustodyEvent:
    """The office asks for the trophy no more: it stays with whoever holds it, who confirms that."""
    holder = custody.holder_now(OBJECT, award.ref).person
    if holder is None:
        raise NotYetHeld(_("It is with the office. Hand it over first."), field="taker_ref")
    return _record(award, CustodyKind.KEPT, actor=actor, giver=None, taker=holder, condition=condition)


def _record(award: Award, kind: CustodyKind, *, actor: Actor, giver: Person | None, **told: Any) -> CustodyEvent:
    require(policy.may_see(actor, award) and custody_policy.may_hand_over(actor, award.event, giver))
    if not award.is_conferred:
        raise NotYetConferred(_("A trophy changes hands when the award is conferred, not before."))
    return custody.hand_over(
        award.event, OBJECT, award.ref, actor=actor, named=award.title, named_local=award.title_local, kind=kind,
        giver=giver, **told,
    )  # fmt: skip
