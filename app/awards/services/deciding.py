"""From scores to winners. What is decided is under embargo until it is conferred (rule 31)."""

from collections.abc import Sequence

from sqlalchemy import func, select

from app.awards import policy
from app.awards.errors import DecidesForOthers, DecisionUnexplained, TooManyWinners
from app.awards.models import Award, AwardKind, RecipientsKnown
from app.awards.services.preparing import name_recipient
from app.core import audit, clock
from app.core.db import db
from app.core.errors import Refused, require
from app.core.i18n import _, ngettext
from app.core.roles import Actor
from app.nominations import policy as nominations
from app.nominations import queries
from app.nominations.errors import TooFewScores
from app.nominations.models import TO_SCORE, Category, Nomination, NominationState
from app.nominations.queries import Standing
from app.nominations.services import Outside, settle_recusals
from app.nominations.services.jury import hold_results, refuse_decided


def decide(
    category: Category, winners: Sequence[Nomination], *, actor: Actor, reason: str | None = None
) -> list[Award]:
    """Choose the winners of a category and prepare an award for each, seen by nobody else until it is conferred.

    Every nomination before the jury needs the quorum of unconflicted jurors; whoever chooses others than the first by
    score says why; nobody decides who proposed a nominee, is one, belongs to their team or keeps out as a juror.
    A place that fell free before the conferral is given by the scores there are: the jury is not asked again, since whom
    it could not judge any more would be known as a winner.
    """
    event = category.event
    require(policy.may_record(actor, event))
    hold_results(category)
    anew = category.decided_at is not None
    if not anew:
        settle_recusals(category)  # somebody may have changed department since
    standings = [each for each in queries.list_standings(category) if each.nomination.state in TO_SCORE]
    if not policy.is_to_decide(category, len(standings)):
        refuse_decided()
    if any(nominations.is_near(actor, each.nomination, each.kept_out) for each in standings):
        raise DecidesForOthers(
            _(
                "You proposed a nominee of this category, are one of them, or keep out of one as a juror. Somebody else decides it."
            )
        )
    if not anew:  # it was met, and nobody can score any more
        _check_quorum(category, standings)
    _check_winners(category, winners, standings, reason)
    awards = [_award(category, each, actor) for each in winners]
    for each in standings:
        won = each.nomination in winners
        each.nomination.state = NominationState.WON if won else NominationState.NOT_WON
        each.nomination.version += 1
    category.decided_at, category.decision_reason = clock.now(), reason
    category.version += 1
    db.session.flush()
    audit.record(actor, "category.decided", category, winners=len(winners))
    return awards


def _check_quorum(category: Category, standings: Sequence[Standing]) -> None:
    if not standings:
        raise TooFewScores(_("No nomination of this category is before the jury."))
    short = [each for each in standings if not each.has_quorum]
    if short:
        raise TooFewScores(
            ngettext(
                "One nomination was scored by fewer than %(quorum)s jurors who may judge it.",
                "%(num)s nominations were scored by fewer than %(quorum)s jurors who may judge them.",
                len(short),
                quorum=category.quorum,
            )
        )


def _check_winners(
    category: Category, winners: Sequence[Nomination], standings: Sequence[Standing], reason: str | None
) -> None:
    before_jury = [each.nomination for each in standings]
    if any(each not in before_jury for each in winners):
        raise Refused(_("Only what the jury has scored can win."), field="winners")
    left = category.winners_most - count_standing(category)
    if not winners or len(winners) > left:
        raise TooManyWinners(
            ngettext("Choose one winner at most, and not nobody.", "Choose one to %(num)s winners.", left),
            field="winners",
        )
    chosen = [each.mean for each in standings if each.nomination in winners]
    others = [each.mean for each in standings if each.nomination not in winners]
    passed_over = any(other is not None and (one is None or one < other) for one in chosen for other in others)
    if passed_over and not reason:
        raise DecisionUnexplained(
            _("The jury gave more to somebody whom you did not choose. Say why; it is kept with the decision."),
            field="reason",
        )


def count_standing(category: Category) -> int:
    """How many awards of this category were decided and have not ended."""
    return (
        db.session.scalar(select(func.count(Award.id)).where(Award.category_id == category.id, Award.end.is_(None)))
        or 0
    )


def _award(category: Category, nomination: Nomination, actor: Actor) -> Award:
    award = Award(
        event=category.event, category=category, nomination=nomination, kind=AwardKind.AWARD, title=category.title,
        title_local=category.title_local, recipients_known=RecipientsKnown.NAMED, decided_at=clock.now(),
        decided_by_name=actor.name,
    )  # fmt: skip
    db.session.add(award)
    db.session.flush()
    audit.record(actor, "award.prepared", award, kind=award.kind)
    outside = Outside(nomination.outside_name or "", nomination.outside_name_local, nomination.outside_organization)
    name_recipient(award, nomination.person or nomination.team or outside, actor=actor)
    return award
