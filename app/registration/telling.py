"""What people are told about their registration: mails, and the entry in their calendar."""

from collections.abc import Collection
from email.utils import parseaddr

from app.calendars import writer
from app.calendars.entries import Attendee, CalendarEntry, Organizer
from app.core import clock
from app.core.config import settings_now
from app.core.i18n import force_locale, in_language
from app.events.models import Event
from app.mail.services import Recipient, queue_mail
from app.people.models import Person
from app.programme.models import Session
from app.registration.models import Invitation, Registration, State


def recipient(person: Person) -> Recipient:
    return Recipient(name=person.display_name, address=person.email, language=person.language)


def tell_registered(registration: Registration, event: Event, sessions: Collection[Session] = ()) -> None:
    if registration.state == State.WAITING:
        _tell(registration, event, "waiting")
    else:
        _tell(registration, event, "confirmed", method="REQUEST", sessions=sessions)


def tell_promoted(registration: Registration, event: Event) -> None:
    _tell(registration, event, "promoted", method="REQUEST")


def tell_withdrawn(registration: Registration, event: Event, *, was_confirmed: bool) -> None:
    _tell(registration, event, "withdrawn", method="CANCEL" if was_confirmed else None)


def tell_invited(invitation: Invitation, event: Event, token: str, message: str | None) -> None:
    """The link in this mail acts without signing in, so the outbox page hides the text."""
    queue_mail(
        recipient(invitation.person),
        "registration/mail/invitation",
        kind="invitation",
        scope=event.ref,
        holds_secret=True,
        event=event,
        token=token,
        message=message,
    )


def _tell(
    registration: Registration,
    event: Event,
    kind: str,
    *,
    method: str | None = None,
    sessions: Collection[Session] = (),
) -> None:
    calendar = calendar_message(registration, event, method) if method else None
    queue_mail(
        recipient(registration.person),
        f"registration/mail/{kind}",
        kind=f"registration_{kind}",
        scope=event.ref,
        calendar=calendar,
        calendar_method=method if calendar else None,
        event=event,
        registration=registration,
        sessions=sessions,
    )


def calendar_message(registration: Registration, event: Event, method: str) -> bytes | None:
    """The iTIP message about this registration; None when an address cannot stand in a calendar.

    The uid stays the same for good, and the sequence only rises: with each change of the event's time or place, and
    with each withdrawal and return.
    """
    person = registration.person
    sender, address = parseaddr(settings_now().mail_from)
    try:
        with force_locale(person.language):
            return writer.invitation(
                _entry(registration, event),
                method="CANCEL" if method == "CANCEL" else "REQUEST",
                organizer=Organizer(email=address, name=sender),
                attendee=Attendee(
                    email=person.email or "", name=person.display_name, participation="ACCEPTED", answer_wanted=False
                ),
                sequence=registration.calendar_sequence + event.calendar_sequence,
            )
    except ValueError:
        return None


def _entry(registration: Registration, event: Event) -> CalendarEntry:
    return CalendarEntry(
        uid=f"registration-{registration.ref}@hufu.invalid",
        summary=in_language(event.title_local, event.title),
        stamped_at=clock.now(),
        starts_on=event.starts_on,
        ends_on=event.ends_on,
        location=event.display_place,
        url=f"{settings_now().base_url.rstrip('/')}/events/{event.ref}",
    )
