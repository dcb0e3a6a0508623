"""The entry of one item in its speaker's own calendar: what it is told apart by, and what has been told of it."""

from datetime import datetime
from email.utils import parseaddr
from typing import Any, Literal

from app.calendars import writer
from app.calendars.entries import Attendee, CalendarEntry, Organizer
from app.core import clock
from app.core.config import settings_now
from app.core.i18n import force_locale, phrased
from app.events.models import Event
from app.people.models import Person
from app.programme.models import AgendaSpeaker


def uid_of(item: Any, person: Person) -> str:
    """The same for as long as there is the item, whoever tells of it."""
    return f"item-{item.ref}-{person.ref}@hufu.invalid"


def sequence_of(speaker: AgendaSpeaker) -> int:
    """Rises when the item's time or place changes, when it is cancelled, and when the speaker leaves it."""
    item = speaker.item
    return item.calendar_sequence + speaker.calendar_sequence + item.event.calendar_sequence


def speaker_entry(event: Event, item: Any, person: Person, *, stamped_at: datetime) -> CalendarEntry | None:
    """An item as its speaker has it in the calendar; None while it has no time. `item` may be a released one."""
    if item.starts_at is None:
        return None
    return CalendarEntry(
        uid=uid_of(item, person),
        summary=item.display_title,
        stamped_at=stamped_at,
        starts_at=item.starts_at,
        ends_at=item.ends_at,
        zone=event.time_zone,
        location=phrased((item.room.display_name if item.room else "", event.display_place)),
        description=event.display_title,
        url=f"{settings_now().base_url.rstrip('/')}/events/{event.ref}/programme#item-{item.ref}",
    )


def speaker_message(speaker: AgendaSpeaker, method: Literal["REQUEST", "CANCEL"]) -> bytes | None:
    """The iTIP message about the item as it stands; None without a time, or with an address that no calendar takes."""
    person, item = speaker.person, speaker.item
    if person is None:
        return None
    name, address = parseaddr(settings_now().mail_from)
    with force_locale(person.language):
        entry = speaker_entry(item.event, item, person, stamped_at=clock.now())
        if entry is None:
            return None
        attendee = Attendee(
            email=person.email or "", name=person.display_name, participation="ACCEPTED", answer_wanted=False
        )
        try:
            return writer.invitation(
                entry,
                method=method,
                organizer=Organizer(email=address, name=name),
                attendee=attendee,
                sequence=sequence_of(speaker),
            )
        except ValueError:
            return None
