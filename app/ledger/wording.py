"""What is wrong with the log, in words."""

from app.core.i18n import _l
from app.ledger.queries import CUT, FOREIGN, REWRITTEN

# The walk itself speaks plain English, for the operator; here is the same for a page.
WHY = {
    "the row cannot be read": _l("The row cannot be read."),
    "a row is missing": _l("A row is missing."),
    "the row does not continue the one before": _l("The row does not continue the one before."),
    "the row was changed": _l("The row was changed."),
    "rows are missing at the end": _l("Rows are missing at the end."),
    "the last row was not written by Hufu": _l("The last row was not written by Hufu."),
    REWRITTEN: _l("The rows since were written anew: a signed head is another."),
    CUT: _l("Rows are missing at the end: a signed head lies behind it."),
    FOREIGN: _l("A document that was issued carries a head that is not in the log."),
}
