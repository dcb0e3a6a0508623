"""What can be done with awards: preparing or deciding them in silence, conferring them, and ending them."""

from app.awards.services.conferring import confer, index_award, issue_certificate
from app.awards.services.deciding import decide
from app.awards.services.ending import decline, revoke, withdraw
from app.awards.services.keeping import hand_over, leave_for_good
from app.awards.services.preparing import add_award, add_recipient, edit_award, remove_recipient
from app.nominations.services.proposing import Outside

__all__ = [
    "Outside",
    "add_award",
    "add_recipient",
    "confer",
    "decide",
    "decline",
    "edit_award",
    "hand_over",
    "index_award",
    "issue_certificate",
    "leave_for_good",
    "remove_recipient",
    "revoke",
    "withdraw",
]
