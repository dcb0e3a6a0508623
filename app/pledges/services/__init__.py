"""What can be done with pledges: drafting, opening for signature, signing, declining, voiding, assessing."""

from app.pledges import asking
from app.pledges.services import bulk, reminding, templates
from app.pledges.services.drafting import (
    add_round,
    add_slot,
    check_wording,
    draft_pledge,
    edit_pledge,
    edit_round,
    remove_slot,
)
from app.pledges.services.outcome import add_evidence, appeal, assess, decide_appeal, release, void
from app.pledges.services.signing import ask_passkey, decline, enter_room, erase_evidence, open_pledge, reach_end, sign
from app.pledges.services.stages import index_pledge
from app.pledges.services.statements import Presence
from app.pledges.services.versions import draft_new_edition

__all__ = [
    "Presence",
    "add_evidence",
    "add_round",
    "add_slot",
    "appeal",
    "ask_passkey",
    "asking",
    "assess",
    "bulk",
    "check_wording",
    "decide_appeal",
    "decline",
    "draft_new_edition",
    "draft_pledge",
    "edit_pledge",
    "edit_round",
    "enter_room",
    "erase_evidence",
    "index_pledge",
    "open_pledge",
    "reach_end",
    "release",
    "reminding",
    "remove_slot",
    "sign",
    "templates",
    "void",
]
