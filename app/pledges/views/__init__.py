"""The pages of pledges, and the page on which they are signed."""

from app.pledges.views import bulk, drafting, evidence, ledger, outcome, reading, signing, templating
from app.pledges.views.frame import blueprint

__all__ = ["blueprint", "bulk", "drafting", "evidence", "ledger", "outcome", "reading", "signing", "templating"]
