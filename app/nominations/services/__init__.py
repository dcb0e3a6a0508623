"""What can be done with categories, nominations and scores, one file per act of the story."""

from app.nominations.services.categories import add_category, add_juror, drop_category, edit_category, remove_juror
from app.nominations.services.jury import recuse, score, settle_recusals
from app.nominations.services.proposing import (
    Outside,
    add_evidence,
    change,
    discard,
    propose,
    remove_evidence,
    submit,
    take_back,
)
from app.nominations.services.sifting import find_eligible, shortlist, take_off

__all__ = [
    "Outside",
    "add_category",
    "add_evidence",
    "add_juror",
    "change",
    "discard",
    "drop_category",
    "edit_category",
    "find_eligible",
    "propose",
    "recuse",
    "remove_evidence",
    "remove_juror",
    "score",
    "settle_recusals",
    "shortlist",
    "submit",
    "take_back",
    "take_off",
]
