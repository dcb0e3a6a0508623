"""Questions that were asked of devices are forgotten after a day."""

from app.core.housekeeping import days_ago, forget
from app.core.jobs import every_minute
from app.proofs.models import Challenge


@every_minute
def forget_old_challenges() -> None:
    forget(Challenge, Challenge.expires_at < days_ago(1))
