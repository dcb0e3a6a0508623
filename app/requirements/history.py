"""What happened to a requirement or an assignment, in words, from the audit log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.core.audit import AuditEntry
from app.core.db import db
from app.core.i18n import _, _l

DEEDS = {
    "requirement.recorded": _l("Recorded"),
    "requirement.changed": _l("Wording mended"),
    "requirement.addressee_resolved": _l("An addressee was resolved"),
    "requirement.tracking_set": _l("It was decided how it is followed"),
    "requirement.reviewed": _l("Reviewed"),
    "requirement.reworded": _l("Reworded"),
    "requirement.linked": _l("Joined to an earlier one"),
    "requirement.unlinked": _l("Parted from an earlier one"),
    "requirement.withdrawn": _l("Withdrawn"),
    "requirement.closed": _l("Closed"),
    "assignment.proposed": _l("Proposed"),
    "assignment.changed": _l("The proposal was changed"),
    "assignment.handed_over": _l("Handed over"),
    "assignment.accepted": _l("Accepted"),
    "assignment.handed_back": _l("Handed back"),
    "assignment.countered": _l("Another proposal was made"),
    "assignment.agreed": _l("Agreed"),
    "assignment.decided": _l("The leader decided"),
    "assignment.transferred": _l("Transferred to somebody else"),
    "assignment.verifier_replaced": _l("Another verifier was named"),
    "assignment.extension_asked": _l("More time was asked for"),
    "assignment.extension_granted": _l("More time was granted"),
    "assignment.extension_refused": _l("More time was refused"),
    "assignment.reported": _l("Reported"),
    "assignment.part_reported": _l("Reported on a part of it"),
    "assignment.cadence_set": _l("How often to report was set"),
    "assignment.help_added": _l("Somebody was named to help"),
    "assignment.help_removed": _l("Somebody helps no more"),
    "assignment.lead_changed": _l("The leading department was changed"),
    "assignment.escalated": _l("It was told to whoever follows it up"),
    "assignment.carried_over": _l("Taken to the next session"),
    "assignment.left_out": _l("Left out of the next session"),
    "requirement.split": _l("Split into parts"),
    "assignment.evidence_added": _l("Evidence added"),
    "assignment.submitted": _l("Submitted for verification"),
    "assignment.verified": _l("Verified"),
    "assignment.returned": _l("Returned"),
    "assignment.closed": _l("Closed"),
    "assignment.cancelled": _l("Cancelled"),
}

# What a deed is called where its details say more: of which kind it was, or that it was about a department.
DEEDS_OF = {
    ("assignment.help_added", "department"): _l("A department was named to help"),
    ("assignment.help_removed", "department"): _l("A department helps no more"),
    ("assignment.escalated", "head"): _l("The head of the department was told"),
    ("assignment.escalated", "supervisor"): _l("The supervisor was told"),
}


@dataclass(frozen=True)
class Deed:
    at: datetime
    by: str
    words: str
    label: str
    reason: str | None


def _who(entry: AuditEntry) -> str:
    if entry.on_behalf_of:
        return _("%(name)s for %(principal)s", name=entry.actor_name, principal=entry.on_behalf_of)
    return entry.actor_name


def words_of(entry: AuditEntry) -> str:
    """What was done, in words."""
    which = "department" if "department" in entry.details else str(entry.details.get("kind", ""))
    return str(DEEDS_OF.get((entry.action, which)) or DEEDS.get(entry.action, entry.action))


def list_deeds(records: Sequence[object]) -> list[Deed]:
    """What was done to these records, newest first."""
    refs = [getattr(each, "ref", "") for each in records]
    entries = select(AuditEntry).where(
        AuditEntry.subject_type.in_(("Requirement", "Assignment")), AuditEntry.subject_ref.in_(refs)
    )
    return [
        Deed(each.at, _who(each), words_of(each), each.subject_label, each.reason)
        for each in db.session.scalars(entries.order_by(AuditEntry.seq.desc()))
    ]
