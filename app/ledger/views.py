"""Whether the log is whole, for the auditor. Asking changes nothing."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts.policy import may_audit
from app.core import audit
from app.core.errors import require
from app.core.forms import HufuForm, LineField
from app.core.i18n import _, _l
from app.ledger import keys, queries
from app.ledger.queries import LOST
from app.ledger.wording import WHY
from app.signing.canonical import short
from app.signing.queries import list_heads

blueprint = Blueprint("ledger", __name__)


class HeadForm(HufuForm):
    head = LineField(_l("A head from a printed document"), most=100)


@blueprint.route("/log/integrity", methods=["GET", "POST"])
def integrity() -> ResponseReturnValue:
    """The checkpoints, and on asking a walk along the whole log."""
    require(may_audit(current_user))
    form, found = HeadForm(), None
    if form.validate_on_submit():
        try:
            found = queries.examine(against=form.head.data or None, anchors=list_heads())
        except ValueError:
            form.head.errors = [*form.head.errors, _("A head is at least twelve hexadecimal digits.")]
    status = 422 if form.head.errors else 200
    return render_template(
        "ledger/integrity.html", form=form, found=found, is_lost=found is not None and found.why == LOST, why=WHY.get(found.why, found.why) if found else "",
        checkpoints=queries.list_checkpoints(50), newest=audit.head(), short=short, known=keys.known_keys(),
    ), status  # fmt: skip
