"""What can be done with minutes: drafted (drafting), written (writing), reviewed, signed off, published, confirmed, amended."""

from app.minutes.services.adopting import decide_adoption, drop_adoption, propose_adoption, put_on_agenda
from app.minutes.services.attaching import attach, detach
from app.minutes.services.checking import let_stand, object_again
from app.minutes.services.compiling import compile_notes, hand_out_marked, record_decision
from app.minutes.services.drafting import draft_again, draft_minutes, redraft, take_over, take_over_lists, tell
from app.minutes.services.publishing import acknowledge, publish, remind
from app.minutes.services.reviewing import (
    accept,
    answer,
    ask_again,
    close_reviews,
    comment,
    decline,
    resolve,
    send_back,
    send_to_review,
)
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
    "accept",
    "acknowledge",
    "add_section",
    "amend",
    "answer",
    "approve",
    "ask_again",
    "attach",
    "close_reviews",
    "comment",
    "compile_notes",
    "decide_adoption",
    "decline",
    "detach",
    "draft_again",
    "draft_minutes",
    "drop_adoption",
    "hand_out_marked",
    "leave_section",
    "let_stand",
    "move_section",
    "object_again",
    "propose_adoption",
    "publish",
    "put_back",
    "put_on_agenda",
    "record_decision",
    "redraft",
    "remind",
    "remove_section",
    "resolve",
    "send_back",
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
