"""How moves on the timetable are refused."""

from app.core.errors import Refused


class MovedSince(Refused):
    """Somebody else has moved the item meanwhile: one's own step is not taken back over theirs."""

    status = 409


class NotNext(Refused):
    """Steps are taken back one after the other, the last one first."""

    status = 409
