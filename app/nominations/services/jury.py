"""Judging: each juror gives 0 to 10, sees their own scores only, and keeps out of what stands near."""

from typing import NoReturn

from sqlalchemy import select

from app.core import audit
from app.core.db import db, edit
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import SYSTEM, Actor
from app.nominations import policy, queries
from app.nominations.errors import CategoryIsDecided, KeptOut, NotInThatState
from app.nominations.models import (
    CONFLICT_LABELS,
    TO_SCORE,
    Category,
    Juror,
    JurorScore,
    Nomination,
    NominationState,
    Recusal,
)


def hold_undecided(category: Category) -> None:
    """The row lock that puts scoring and deciding in one line; refuses what was decided meanwhile."""
    hold(category)
    if category.decided_at is not None:
        refuse_decided()


def hold(category: Category) -> None:
    """The same lock, for what happens to a category that is decided too."""
    db.session.execute(select(Category.id).where(Category.id == category.id).with_for_update())
    db.session.refresh(category, ["decided_at"])


def hold_results(category: Category) -> None:
    """The same lock, and where each of its nominations stands by now."""
    hold(category)
    mine = select(Nomination).where(Nomination.category_id == category.id)
    db.session.scalars(mine.execution_options(populate_existing=True)).all()


def refuse_decided() -> NoReturn:
    raise CategoryIsDecided(_("This category is decided. Nothing in it changes any more."))


def score(
    nomination: Nomination, *, actor: Actor, score: int, comment: str | None = None, version: int | None = None
) -> JurorScore:
    """Give a nomination 0 to 10, or change what one gave. One's own only, and only until it is decided."""
    juror = _open_juror(nomination, actor)
    if not 0 <= score <= 10:
        raise Refused(_("A score is a whole number from 0 to 10."), field="score")
    _keep_out(juror, nomination)
    given = db.session.scalar(
        select(JurorScore).where(JurorScore.juror_id == juror.id, JurorScore.nomination_id == nomination.id)
    )
    if given is None:
        given = JurorScore(juror=juror, nomination=nomination, score=score, comment=comment)
        db.session.add(given)
    else:
        edit(given, version=version, score=score, comment=comment)
    db.session.flush()
    audit.record(actor, "nomination.judged", nomination)  # that, not what: the log is read by more people
    settle_scored(nomination.category)
    return given


def recuse(nomination: Nomination, *, actor: Actor, reason: str) -> Recusal:
    """Keep out of one nomination for a reason that the product does not know. A score given before is void."""
    juror = _open_juror(nomination, actor)
    _keep_out(juror, nomination)
    given = queries.score_of(juror, nomination)
    if given is not None:
        nomination.scores.remove(given)
    recusal = Recusal(juror=juror, nomination=nomination, reason=reason)
    db.session.add(recusal)
    db.session.flush()
    audit.record(actor, "juror.recused", nomination)
    settle_scored(nomination.category)
    return recusal


def _open_juror(nomination: Nomination, actor: Actor) -> Juror:
    category = nomination.category
    juror = policy.juror_of(actor, category)
    require(juror is not None)
    hold_undecided(category)
    db.session.refresh(nomination)
    if nomination.state not in TO_SCORE:
        raise NotInThatState(_("This nomination is not before the jury."))
    assert juror is not None
    return juror


def _keep_out(juror: Juror, nomination: Nomination) -> None:
    found = select(Recusal).where(Recusal.juror_id == juror.id, Recusal.nomination_id == nomination.id)
    if db.session.scalar(found) is not None:
        raise KeptOut(_("You keep out of this nomination."))
    conflict = queries.conflict_of(juror.person, nomination)
    if conflict is not None:
        raise KeptOut(_("You keep out of this nomination: %(why)s.", why=str(CONFLICT_LABELS[conflict])))


def settle_recusals(category: Category) -> None:
    """Keep each juror out of what they proposed or stand near, as things stand now. Doing it twice changes nothing."""
    nominations = queries.list_judged(category)
    known = queries.list_recusals(nominations)
    for juror in category.jurors:
        for nomination in nominations:
            conflict = queries.conflict_of(juror.person, nomination)
            if conflict is None or (juror.id, nomination.id) in known:
                continue
            db.session.add(Recusal(juror=juror, nomination=nomination, reason=conflict, is_automatic=True))
            audit.record(SYSTEM, "juror.kept_out", nomination)
    db.session.flush()
    settle_scored(category)


def settle_scored(category: Category) -> None:
    """A nomination is scored when every juror who may judge it has done so."""
    for each in queries.list_standings(category):
        if each.nomination.state in TO_SCORE:
            done = bool(each.scores) and not each.waiting
            each.nomination.state = NominationState.SCORED if done else NominationState.SHORTLISTED
    db.session.flush()
