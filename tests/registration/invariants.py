"""What must hold after every step, whatever happened: I1 to I6 of the gate."""

from sqlalchemy import func, select

from app.core.db import db
from app.events.models import Event
from app.mail.models import MailMessage
from app.registration import places
from app.registration.models import PlaceCounter, Registration, Reservation, State

YOU_ARE_IN = ("registration_confirmed", "registration_promoted")
HOLDS: dict[str, tuple[bool | None, ...]] = {
    State.CONFIRMED: (True,),
    State.OFFERED: (True,),
    State.PENDING: (True, False),  # as the plan says, and as long as there is room
    State.WAITING: (False,),
    State.WITHDRAWN: (None,),
    State.REPLACED: (None,),
    State.REFUSED: (None,),
}


def assert_sound(event: Event, *, full: bool | None = None) -> None:
    """Counters equal rows and never exceed what is allowed; nobody has half of what they chose.

    `full` also asks that no place of the event is left while somebody waits for it (or that one is).
    """
    db.session.rollback()
    assert places.reconcile(event) == []
    counters = db.session.scalars(select(PlaceCounter).where(PlaceCounter.event_id == event.id)).all()
    for each in counters:
        assert each.capacity is None or each.taken <= each.capacity + each.allowed_over
        assert each.allowed_over == each.over
    states = dict(
        db.session.execute(
            select(Registration.state, func.count()).where(Registration.event_id == event.id).group_by("state")
        ).all()
    )
    own = next(each for each in counters if each.session_id is None and each.option is None)
    assert states.get(State.WAITING, 0) == own.waiting
    kept = db.session.execute(
        select(Registration.id, Registration.state, Reservation.is_held, func.count())
        .outerjoin(Reservation, Reservation.registration_id == Registration.id)
        .where(Registration.event_id == event.id)
        .group_by(Registration.id, Registration.state, Reservation.is_held)
    ).all()
    assert len(kept) == len({each.id for each in kept}), "somebody holds a part and waits for another"
    for _id, state, is_held, _number in kept:
        assert is_held in HOLDS[state], state
    assert sum(is_held is True for _id, _state, is_held, _number in kept) == own.taken
    if full is True:
        assert own.left == 0
    if own.left and not any(each.capacity is not None for each in counters if each is not own):
        assert own.waiting == 0, "somebody waits although a place is free"


def count_rows(event: Event, state: State) -> int:
    db.session.rollback()
    return db.session.scalar(
        select(func.count()).where(Registration.event_id == event.id, Registration.state == state)
    ) or 0  # fmt: skip


def count_mails(event: Event, *kinds: str) -> int:
    return db.session.scalar(
        select(func.count()).where(MailMessage.scope == event.ref, MailMessage.kind.in_(kinds or YOU_ARE_IN))
    ) or 0  # fmt: skip
