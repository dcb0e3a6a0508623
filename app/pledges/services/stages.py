"""What every act on a pledge shares: having it to oneself, moving it on, and finding it again."""

from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.core.i18n import _
from app.documents.markdown import plain_text
from app.events import policy as event_policy
from app.events.models import Event
from app.pledges.errors import (
    NotOfThisEvent,
    NotPossibleNow,
    NotReady,
    TextIsFrozen,
)
from app.pledges.models import (
    SLOT_ROLE_LABELS,
    Pledge,
    PledgeRound,
    PledgeState,
    SlotRole,
)
from app.search import services as search


def hold(pledge: Pledge) -> None:
    """Have the pledge to oneself until the end of the act, and see it as it stands now."""
    db.session.execute(select(Pledge.id).where(Pledge.id == pledge.id).with_for_update())
    db.session.refresh(pledge)
    db.session.expire(pledge, ["slots"])


def hold_draft(pledge: Pledge) -> None:
    hold(pledge)
    if pledge.state != PledgeState.DRAFT:
        raise TextIsFrozen(
            _(
                "This pledge was opened for signature and does not change any more. Declare it void to begin a new version."
            )
        )


def move(pledge: Pledge, state: PledgeState) -> None:
    pledge.state = state
    pledge.version += 1


def belongs(event: Event, round_: PledgeRound | None) -> None:
    if round_ is not None and round_.event_id != event.id:
        raise NotOfThisEvent(_("This round belongs to another event."), field="round_ref")


def refuse_when_cancelled(event: Event) -> None:
    if not event_policy.is_open_to_change(event):
        raise NotPossibleNow(_("This event is cancelled; nothing new is pledged in it."))


def refuse_unless_roles_are_named(pledge: Pledge) -> None:
    """Somebody stands in each role that its template asks for."""
    named = {slot.role for slot in pledge.slots}
    missing = [each for each in (pledge.template.roles if pledge.template else []) if each not in named]
    if missing:
        role = str(SLOT_ROLE_LABELS[SlotRole(missing[0])])
        raise NotReady(_("The template of this pledge asks for somebody in the role: %(role)s.", role=role))


def refuse_unless_signable_in_time(pledge: Pledge) -> None:
    if pledge.sign_by is not None and pledge.sign_by < clock.today(pledge.event.time_zone):
        raise NotReady(_("The last day to sign it has passed. Choose a later one."), field="sign_by")


def index_pledge(pledge: Pledge) -> None:
    """What came into force can be found by everybody who sees the event."""
    names = dict.fromkeys(name for slot in pledge.slots for name in (slot.name, slot.person.name))
    parts = [pledge.text and plain_text(pledge.text), *names]
    parts += [f"{each.get('target', '')} {each.get('to', '')}" for each in pledge.targets]
    search.put(
        "pledge",
        pledge.ref,
        url=f"/events/{pledge.event.ref}/pledges/{pledge.ref}",
        title=f"{pledge.label} {pledge.title}",
        body="\n".join(part for part in parts if part),
        event_id=pledge.event_id,
        on=pledge.in_force_at.date() if pledge.in_force_at else None,
    )
