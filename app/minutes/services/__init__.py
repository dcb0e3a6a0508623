"""What can be done with minutes: drafted (drafting), written (writing), reviewed, signed off, published, confirmed, amended."""

from app.minutes.services.drafting import draft_again, draft_minutes, redraft, take_over, take_over_lists, tell
from app.minutes.services.publishing import acknowledge, publish, remind
from app.minutes.services.reviewing import comment, resolve, send_to_review
from app.minutes.services.signing_off import amend, approve, withdraw
from app.minutes.services.writing import write, write_section

__all__ = [
    "acknowledge",
    "amend",
    "approve",
    "comment",
    "draft_again",
    "draft_minutes",
    "publish",
    "redraft",
    "remind",
    "resolve",
    "send_to_review",
    "take_over",
    "take_over_lists",
    "tell",
    "withdraw",
    "write",
    "write_section",
]
