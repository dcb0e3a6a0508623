"""Sessions, tries and links that have ended are forgotten."""

from app.accounts.models import ABSOLUTE, AccountLink, BrowserSession, SignInFailure
from app.core import clock
from app.core.housekeeping import days_ago, forget
from app.core.jobs import every_minute


@every_minute
def forget_old_proofs() -> None:
    forget(BrowserSession, BrowserSession.created_at < clock.now() - ABSOLUTE)
    forget(SignInFailure, SignInFailure.created_at < days_ago(1))
    forget(AccountLink, AccountLink.expires_at < days_ago(30))
