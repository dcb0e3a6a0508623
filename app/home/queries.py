"""Questions that span features: the log of an event and of the house."""

from sqlalchemy import select

from app.core.audit import AuditEntry
from app.core.paging import Page, paged


def list_log(*, scope: str | None, action: str, page: int, per_page: int) -> Page[AuditEntry]:
    """The log, newest first: of one event, or of everything when `scope` is None."""
    entries = select(AuditEntry).order_by(AuditEntry.seq.desc())
    if scope is not None:
        entries = entries.where(AuditEntry.scope == scope)
    if action:
        entries = entries.where(AuditEntry.action.startswith(action, autoescape=True))
    return paged(entries, page=page, per_page=per_page)
