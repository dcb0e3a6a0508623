"""How long a review of a principle holds."""

from calendar import monthrange
from datetime import date

from sqlalchemy import ColumnElement, and_

from app.requirements.models import Requirement, RequirementState

SHORTEST, LONGEST = 1, 60  # months


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or its last one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def unreviewed(today: date) -> ColumnElement[bool]:
    """What `Requirement.is_unreviewed_on` says of one, in SQL: a period passed without a review (rule 9)."""
    return and_(Requirement.state == RequirementState.PERIODIC, Requirement.review_due_on < today)
