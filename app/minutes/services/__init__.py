"""What can be done with minutes: drafted (drafting), written (writing), reviewed, signed off, published, confirmed, amended."""

from app.minutes.services.attaching import attach, detach
from app.minutes.services.compiling import compile_notes, hand_out_marked, record_decision
from app.minutes.services.drafting import draft_again, draft_minutes, redraft, take_over, take_over_lists, tell
from app.minutes.services.publishing import acknowledge, publish, remind
from app.minutes.services.reviewing import comment, resolve, send_to_review
from app.minutes.services.signing_off import amend, approve, withdraw
from app.minutes.services.writing import (
    Heads,
    add_section,
    leave_section,
    move_section,
    put_back,
    remove_section,
    split_section,
    take_section,
    write,
    write_heads,
    write_section,
)

__all__ = [
    "Heads",
    "acknowledge",
    "add_section",
    "amend",
    "approve",
    "attach",
    "comment",
    "compile_notes",
    "detach",
    "draft_again",
    "draft_minutes",
    "hand_out_marked",
    "leave_section",
    "move_section",
    "publish",
    "put_back",
    "record_decision",
    "redraft",
    "remind",
    "remove_section",
    "resolve",
    "send_to_review",
    "split_section",
    "take_over",
    "take_over_lists",
    "take_section",
    "tell",
    "withdraw",
    "write",
    "write_heads",
    "write_section",
]
