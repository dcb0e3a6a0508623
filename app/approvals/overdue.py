"""What a manager does not decide in time goes to the organizers, by itself."""

from app.approvals import queries, services
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.jobs import every_minute
from app.registration.models import Approval


@every_minute
def hand_on_overdue_approvals() -> None:
    """Each in a unit of work of its own; doing it again does nothing more."""
    for approval_id in [each.id for each in queries.list_overdue(clock.now())]:
        with unit_of_work():
            services.hand_on(db.session.get_one(Approval, approval_id))
