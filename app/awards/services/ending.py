"""The three ways out: withdrawn before the conferral, declined by whom it was meant for, revoked after it."""

from sqlalchemy import select

from app.awards import policy
from app.awards.errors import AwardIsOver, NotYetConferred
from app.awards.models import Award, AwardEnd
from app.awards.services.conferring import index_award, reveal
from app.awards.services.preparing import hold_unconferred
from app.core import audit, clock
from app.core.db import db
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import Actor
from app.nominations.models import Category, Nomination, NominationState
from app.nominations.services.jury import hold_results
from app.signing import services as signing


def withdraw(award: Award, *, actor: Actor, reason: str) -> Award:
    """Take back what was prepared or decided, while nobody else knows of it. The jury's category can be decided anew."""
    require(policy.may_record(actor, award.event))
    hold_unconferred(award)
    return _end(award, AwardEnd.WITHDRAWN, actor, reason)


def decline(award: Award, *, actor: Actor, reason: str) -> Award:
    """Whoever it was meant for does not want it: told to the office before the conferral, or said afterwards."""
    require(policy.may_decline(actor, award))
    _hold_standing(award)
    return _end(award, AwardEnd.DECLINED, actor, reason)


def revoke(award: Award, *, actor: Actor, reason: str) -> Award:
    """Take back what was conferred. It stays listed as revoked, and its certificate says that it is void."""
    require(policy.may_revoke(actor, award.event))
    _hold_standing(award)
    if not award.is_conferred:
        raise NotYetConferred(_("This was not conferred. Withdraw it instead."))
    return _end(award, AwardEnd.REVOKED, actor, reason)


def _hold_standing(award: Award) -> None:
    db.session.execute(select(Award.id).where(Award.id == award.id).with_for_update())
    db.session.refresh(award)
    if award.end is not None:
        raise AwardIsOver(_("This award was withdrawn, declined or revoked already."))


def _end(award: Award, end: AwardEnd, actor: Actor, reason: str) -> Award:
    if not reason:
        raise Refused(_("Please say why."), field="reason")
    award.end, award.ended_at, award.end_reason = end, clock.now(), reason
    award.version += 1
    db.session.flush()
    # A reason may name the winner: before the conferral it stays with the award, which fewer people see than the log.
    audit.record(actor, f"award.{end}", award, reason=reason if award.is_conferred else None)
    if award.is_conferred:
        signing.withdraw(award.ref)
        index_award(award)
    elif award.category is not None and award.nomination is not None:
        _open_again(award.category, award.nomination)
    return award


def _open_again(category: Category, dropped: Nomination) -> None:
    """Somebody else may win: the jury's other nominations stand where they stood before the decision. For everybody but
    those who decide the category stays decided: who could be judged again, and who not, would tell who won."""
    hold_results(category)
    over = set(db.session.scalars(select(Award.nomination_id).where(Award.category_id == category.id)))
    dropped.state = NominationState.NOT_WON
    others = [each for each in category.nominations if each.state == NominationState.NOT_WON and each.id not in over]
    for each in others:
        each.state = NominationState.SCORED
    db.session.flush()
    reveal(category)
