"""The office looks at what was submitted: is it eligible, and does it come before the jury?"""

from app.core import audit
from app.core.db import db
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import Actor
from app.nominations import policy
from app.nominations.errors import NotInThatState
from app.nominations.models import Nomination, NominationState
from app.nominations.services.jury import hold_undecided, settle_recusals

SIFTED = (NominationState.SUBMITTED, NominationState.ELIGIBLE, NominationState.INELIGIBLE)


def find_eligible(nomination: Nomination, *, actor: Actor, eligible: bool, reason: str | None = None) -> Nomination:
    """Whether it meets what the category asks for. A no needs a reason; nobody judges what they proposed."""
    _hold(nomination, actor, SIFTED)
    if not eligible and not reason:
        raise Refused(_("Say why it is not eligible: whoever proposed it reads this."), field="reason")
    nomination.state = NominationState.ELIGIBLE if eligible else NominationState.INELIGIBLE
    nomination.state_reason = None if eligible else reason
    nomination.version += 1
    db.session.flush()
    audit.record(actor, f"nomination.{nomination.state}", nomination)
    return nomination


def shortlist(nomination: Nomination, *, actor: Actor) -> Nomination:
    """Put it before the jury. Jurors who stand near are kept out from the first moment."""
    _hold(nomination, actor, (NominationState.ELIGIBLE,))
    nomination.state = NominationState.SHORTLISTED
    nomination.version += 1
    db.session.flush()
    audit.record(actor, "nomination.shortlisted", nomination)
    settle_recusals(nomination.category)
    return nomination


def take_off(nomination: Nomination, *, actor: Actor) -> Nomination:
    """Off the short list again, while nobody has scored it."""
    _hold(nomination, actor, (NominationState.SHORTLISTED, NominationState.SCORED))
    if nomination.scores:
        raise NotInThatState(_("The jury has begun to score this nomination. It stays before the jury."))
    nomination.state = NominationState.ELIGIBLE
    nomination.version += 1
    db.session.flush()
    audit.record(actor, "nomination.taken_off", nomination)
    return nomination


def _hold(nomination: Nomination, actor: Actor, states: tuple[NominationState, ...]) -> None:
    require(policy.may_run(actor, nomination.event) and not policy.is_own(actor, nomination))
    hold_undecided(nomination.category)
    db.session.refresh(nomination, with_for_update=True)
    if nomination.state not in states:
        raise NotInThatState(_("This nomination stands elsewhere by now. Look at it again."))
