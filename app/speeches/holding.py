"""Having a record to oneself until the end of the unit of work."""

from typing import Any

from app.core.db import db


def hold(record: Any) -> None:
    """Lock the row and read it again, so that of two people who act at once the second sees what the first did."""
    db.session.flush()  # refreshing forgets what is not written yet
    db.session.refresh(record, with_for_update=True)
