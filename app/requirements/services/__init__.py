"""What can be done with requirements (wording), with assignments (handing_over, carrying_out, judging)."""

from app.requirements.services.answering import accept, hand_back
from app.requirements.services.capturing import capture_line, mend_line, move_passage, renumber
from app.requirements.services.carrying_out import (
    add_figure,
    add_file,
    add_link,
    report,
    set_cadence,
    submit,
    use_again,
)
from app.requirements.services.deciding import add_decided, hand_out_decided
from app.requirements.services.handing_over import edit_assignment, hand_over, propose_assignment, refuse_hand_over
from app.requirements.services.judging import cancel_assignment, close_assignment, send_back, verify
from app.requirements.services.linking import link_to_earlier, unlink
from app.requirements.services.rewording import reword
from app.requirements.services.tracking import (
    record_review,
    resolve_addressee,
    set_tracking,
    withdraw_requirement,
)
from app.requirements.services.transferring import replace_verifier, transfer
from app.requirements.services.wording import (
    To,
    add_requirement,
    amend,
    capture,
    confirm_speech,
    discard,
    index_event,
)

__all__ = [
    "To",
    "accept",
    "add_decided",
    "add_figure",
    "add_file",
    "add_link",
    "add_requirement",
    "amend",
    "cancel_assignment",
    "capture",
    "capture_line",
    "close_assignment",
    "confirm_speech",
    "discard",
    "edit_assignment",
    "hand_back",
    "hand_out_decided",
    "hand_over",
    "index_event",
    "link_to_earlier",
    "mend_line",
    "move_passage",
    "propose_assignment",
    "record_review",
    "refuse_hand_over",
    "renumber",
    "replace_verifier",
    "report",
    "resolve_addressee",
    "reword",
    "send_back",
    "set_cadence",
    "set_tracking",
    "submit",
    "transfer",
    "unlink",
    "use_again",
    "verify",
    "withdraw_requirement",
]
