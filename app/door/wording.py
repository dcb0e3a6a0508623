"""What the door says, in one tone, one line and a half: the page and the phone say the same."""

from dataclasses import dataclass
from datetime import datetime

from app.core import clock
from app.core.i18n import _, format_moment, format_time, pgettext
from app.door.models import Outcome
from app.door.services import Answer
from app.events.models import Event

TONES = {Outcome.ADMITTED: "kept", Outcome.ALREADY: "risk", Outcome.WAITING: "risk", Outcome.NOT_APPROVED: "risk"}


@dataclass(frozen=True)
class Told:
    """`tone` is kept, risk or late, and names colour, icon and sound; `title` is the word, `detail` what to do."""

    tone: str
    title: str
    name: str
    detail: str


def tell(answer: Answer, event: Event) -> Told:
    title, detail = _words(answer, event)
    name = answer.person.display_name if answer.person is not None else ""
    return Told(TONES.get(answer.outcome, "late"), title, name, detail)


def _words(answer: Answer, event: Event) -> tuple[str, str]:
    is_out = answer.direction == "out"
    send = _("Send this person to the organizer.")
    match answer.outcome:
        case Outcome.ADMITTED:
            return _("Goodbye: checked out") if is_out else _("Welcome: checked in"), ""
        case Outcome.ALREADY:
            return pgettext("door", "Already out") if is_out else _("Already in"), _before(answer, event)
        case Outcome.WAITING:
            return _("On the waiting list: no place"), send
        case Outcome.WITHDRAWN:
            return _("Not registered: withdrawn"), send
        case Outcome.REPLACED if answer.instead is not None:
            name = answer.instead.display_name
            return _("Replaced by %(name)s", name=name), _("The place went to %(name)s, who has a code.", name=name)
        case Outcome.REPLACED:
            return _("An old code"), _("There is a newer one. Ask for it, or look for the name.")
        case Outcome.NOT_APPROVED:
            return _("Not approved"), send
        case Outcome.NOT_CHOSEN:
            return _("Not for this session"), _("Has a place in the event, but not here.")
        case Outcome.CLOSED:
            return _("This point is closed"), _("Nobody is let in here now.")
        case _:
            return _("Not registered"), _("This code does not belong to this event. Look for the name.")


def _before(answer: Answer, event: Event) -> str:
    if answer.check_in is None:
        return ""
    check_in = answer.check_in
    return _("Since %(time)s, let in by %(name)s", time=since(check_in.at, event), name=check_in.by_name)


def since(moment: datetime, event: Event) -> str:
    """The time in the event's zone, with the day unless it is today."""
    today = event.day_at(moment) == event.day_at(clock.now())
    return format_time(moment, event.time_zone) if today else format_moment(moment, event.time_zone)
