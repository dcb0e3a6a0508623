"""What can be said of a signed document: seven verdicts, the same for the page, the command and the evidence pack."""

from enum import StrEnum

from app.core.i18n import _l, _lp


class Verdict(StrEnum):
    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    OLDER = "older"
    CHANGED = "changed"
    STRANGER = "stranger"
    UNCLEAR = "unclear"
    VOID = "void"


TITLES = {
    Verdict.COMPLETE: _l("Complete and unchanged"),
    Verdict.INCOMPLETE: _l("Unchanged but incomplete"),
    Verdict.OLDER: _l("An older version"),
    Verdict.CHANGED: _lp("verdict", "Changed"),
    Verdict.STRANGER: _l("Signed by someone unknown"),
    Verdict.UNCLEAR: _l("Cannot tell"),
    Verdict.VOID: _l("Withdrawn"),
}
# One whole sentence each. What was found in particular is told after it.
SENTENCES = {
    Verdict.COMPLETE: _l(
        "Everybody who has to sign has signed, nothing was changed since, and the log of the company holds this very file."
    ),
    Verdict.INCOMPLETE: _l("The text is unchanged, but not everybody who has to sign it has signed."),
    Verdict.OLDER: _l("This version was valid and is unchanged; a newer one has taken its place."),
    Verdict.CHANGED: _l("This is not what was signed: it was changed afterwards. Do not rely on it."),
    Verdict.STRANGER: _l(
        "A signature does not come from this company: its certificate does not end at the company's root."
    ),
    Verdict.UNCLEAR: _l("Whether this document is complete and unchanged cannot be told here."),
    Verdict.VOID: _l("This document was issued and was withdrawn later. It is no longer in force."),
}
# What `hufu verify` leaves behind for other programs; 1 and 2 mean that it could not begin.
EXIT_CODES = {
    Verdict.COMPLETE: 0,
    Verdict.INCOMPLETE: 10,
    Verdict.OLDER: 11,
    Verdict.CHANGED: 12,
    Verdict.STRANGER: 13,
    Verdict.UNCLEAR: 14,
    Verdict.VOID: 15,
}
