"""What becomes of a pledge: void, released, assessed on evidence, appealed against once."""

from typing import BinaryIO

from app.core import audit, clock
from app.core.db import db
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.files import services as files
from app.files.models import StoredFile
from app.pledges import deed, policy, telling
from app.pledges.errors import (
    AppealedAlready,
    DeadlinePassed,
    EvidenceMissing,
    NotPossibleNow,
    ScoreMissing,
)
from app.pledges.models import Pledge, PledgeEvidence, PledgeState, PledgeVerdict
from app.pledges.services.stages import hold, move
from app.requirements.services.carrying_out import link_of
from app.search import services as search
from app.signing import services as signing

SETTLED = (PledgeState.VOID, PledgeState.ASSESSED, PledgeState.APPEALED, PledgeState.SUPERSEDED)


def void(pledge: Pledge, *, actor: Actor, reason: str) -> None:
    """Recall it before everybody has signed, or take it out of the world while its deadline lies ahead. It stays
    readable, with the reason, and its number is never given again."""
    require(policy.may_void(actor, pledge.event))
    hold(pledge)
    if pledge.state in SETTLED:
        raise NotPossibleNow(_("This pledge is settled: it was assessed, replaced or declared void before."))
    if pledge.state == PledgeState.IN_FORCE and deed.deadline_has_passed(pledge):
        raise DeadlinePassed(_("The deadline has passed. What became of the pledge is assessed; it is not void."))
    end(pledge, actor=actor, reason=reason, deed_name="recalled" if pledge.state == PledgeState.OPEN else "void")


def end(pledge: Pledge, *, actor: Actor, reason: str, deed_name: str) -> None:
    """Make it void, whoever or whatever brought that about."""
    was_asked = pledge.state != PledgeState.DRAFT
    pledge.void_reason = reason
    move(pledge, PledgeState.VOID)
    audit.record(actor, f"pledge.{deed_name}", pledge, reason=reason)
    signing.withdraw(pledge.ref)
    search.drop("pledge", pledge.ref)
    if was_asked:
        telling.tell_void(pledge)


# --- evidence -----------------------------------------------------------------------------------------------------


def add_evidence(
    pledge: Pledge,
    *,
    actor: Actor,
    words: str,
    figure: str | None = None,
    url: str | None = None,
    file: tuple[BinaryIO, str] | None = None,
) -> PledgeEvidence:
    """Bring what shows how far it was kept: a figure, a link, a file, or what somebody saw. `file` is a stream and a name."""
    require(policy.may_prove(actor, pledge))
    upload = files.checked(*file) if file else None
    hold(pledge)
    if pledge.state not in (PledgeState.IN_FORCE, PledgeState.APPEALED):
        raise NotPossibleNow(_("Evidence is brought while the pledge is in force, or under appeal."))
    stored = files.store(*upload, actor=actor) if upload else None
    return _keep(pledge, actor, words, figure, link_of(url) if url else None, stored)


def _keep(
    pledge: Pledge, actor: Actor, words: str, figure: str | None, url: str | None, file: StoredFile | None
) -> PledgeEvidence:
    piece = PledgeEvidence(
        pledge=pledge, words=words, figure=figure, url=url, file=file, by_id=actor.id, by_name=actor.name
    )
    db.session.add(piece)
    db.session.flush()
    audit.record(
        actor, "pledge.evidence_added", pledge, evidence=piece, figure=figure, sha256=file.sha256 if file else None
    )
    return piece


# --- the verdict --------------------------------------------------------------------------------------------------


def assess(
    pledge: Pledge,
    *,
    actor: Actor,
    verdict: PledgeVerdict | str,
    reason: str,
    score: int | None = None,
    evidence: str | None = None,
) -> None:
    """Say after the deadline, on evidence, what became of it; of what was partly kept also how much, as `score` of 100.
    Never by a pledger. `evidence` in words is kept with what was brought before. Released is another act: `release`."""
    verdict = PledgeVerdict(verdict)
    if verdict == PledgeVerdict.RELEASED:
        release(pledge, actor=actor, reason=reason)
        return
    require(policy.may_assess(actor, pledge))
    hold(pledge)
    if pledge.state != PledgeState.IN_FORCE:
        raise NotPossibleNow(_("Only a pledge that is in force can be assessed."))
    if not deed.due_for_assessment(pledge):
        raise NotPossibleNow(_("The deadline has not passed yet. Until then nobody can say what became of it."))
    _refuse_without_score(verdict, score)
    _bring(pledge, actor, evidence)
    pledge.verdict, pledge.verdict_reason, pledge.score = verdict, reason, _score(verdict, score)
    _settle(pledge, actor)
    audit.record(actor, "pledge.assessed", pledge, reason=reason, verdict=verdict, score=pledge.score)
    telling.tell_assessed(pledge)


def release(pledge: Pledge, *, actor: Actor, reason: str) -> None:
    """Give the word back, by whoever accepted it, before its deadline. After that it can only be assessed: else a word
    that was not kept would leave the count."""
    require(policy.may_release(actor, pledge))
    hold(pledge)
    if pledge.state != PledgeState.IN_FORCE:
        raise NotPossibleNow(_("Only a pledge that is in force can be released."))
    if deed.deadline_has_passed(pledge):
        raise DeadlinePassed(
            _("The deadline has passed. A word is given back before it; now what became of it is assessed.")
        )
    pledge.verdict, pledge.verdict_reason, pledge.score = PledgeVerdict.RELEASED, reason, None
    _settle(pledge, actor)
    audit.record(actor, "pledge.released", pledge, reason=reason)
    telling.tell_assessed(pledge)


def _settle(pledge: Pledge, actor: Actor) -> None:
    pledge.assessed_at, pledge.assessed_by_name, pledge.assessed_by_id = clock.now(), actor.name, actor.id
    move(pledge, PledgeState.ASSESSED)


def _refuse_without_score(verdict: PledgeVerdict, score: int | None) -> None:
    if verdict == PledgeVerdict.PARTLY_KEPT and (score is None or not 0 <= score <= 100):
        raise ScoreMissing(_("Say how much of it was kept: a number from 0 to 100."), field="score")


def _score(verdict: PledgeVerdict, score: int | None) -> int | None:
    return score if verdict == PledgeVerdict.PARTLY_KEPT else None


def _bring(pledge: Pledge, actor: Actor, evidence: str | None) -> None:
    db.session.expire(pledge, ["evidence"])
    if evidence:
        _keep(pledge, actor, evidence, None, None, None)
    elif not pledge.evidence:
        raise EvidenceMissing(
            _("Say what the verdict rests on, or bring a file, a link or a figure."), field="evidence"
        )


# --- the appeal ---------------------------------------------------------------------------------------------------


def appeal(pledge: Pledge, *, actor: Actor, reason: str) -> None:
    """Ask once for the verdict to be looked at by somebody else. It stands until that is done."""
    require(policy.may_appeal(actor, pledge))
    hold(pledge)
    if pledge.appealed_at is not None:
        raise AppealedAlready(_("The verdict was appealed against before. That is possible once."))
    if pledge.state != PledgeState.ASSESSED or pledge.verdict == PledgeVerdict.RELEASED:
        raise NotPossibleNow(_("There is no verdict that could be appealed against."))
    pledge.appealed_at, pledge.appeal_reason, pledge.appealed_by_name = clock.now(), reason, actor.name
    move(pledge, PledgeState.APPEALED)
    audit.record(actor, "pledge.appealed", pledge, reason=reason)
    telling.tell_appealed(pledge)


def decide_appeal(
    pledge: Pledge, *, actor: Actor, verdict: PledgeVerdict | str, reason: str, score: int | None = None
) -> None:
    """Uphold the verdict or give another, by somebody who has neither given the word nor assessed it. The first verdict
    stays beside it."""
    verdict = PledgeVerdict(verdict)
    require(policy.may_decide_appeal(actor, pledge))
    hold(pledge)
    if pledge.state != PledgeState.APPEALED:
        raise NotPossibleNow(_("There is no appeal to be decided."))
    if verdict == PledgeVerdict.RELEASED:
        raise DeadlinePassed(
            _("The deadline has passed. A word is given back before it; now what became of it is assessed.")
        )
    _refuse_without_score(verdict, score)
    pledge.first_verdict, pledge.first_score = pledge.verdict, pledge.score
    pledge.first_verdict_reason = pledge.verdict_reason
    pledge.verdict, pledge.verdict_reason, pledge.score = verdict, reason, _score(verdict, score)
    pledge.appeal_decided_at, pledge.appeal_decided_by_name = clock.now(), actor.name
    move(pledge, PledgeState.ASSESSED)
    audit.record(
        actor, "pledge.appeal_decided", pledge, reason=reason, verdict=verdict, score=pledge.score,
        first=pledge.first_verdict,
    )  # fmt: skip
    telling.tell_appeal_decided(pledge)
