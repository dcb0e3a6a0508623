"""What people are told about their registration: mails, and the entry in their calendar."""

from collections.abc import Collection
from email.utils import parseaddr
from typing import Any

from app.accounts.queries import list_event_grants
from app.assistants.queries import assistants_of
from app.calendars import writer
from app.calendars.entries import Attendee, CalendarEntry, Organizer
from app.core import clock
from app.core.config import settings_now
from app.core.i18n import force_locale, in_language
from app.core.roles import Role
from app.events.models import Event
from app.mail.services import Recipient, queue_mail
from app.people.models import Person
from app.programme.models import Session
from app.registration.links import link_of
from app.registration.models import Approval, Invitation, Registration, State


def recipient(person: Person) -> Recipient:
    return Recipient(name=person.display_name, address=person.email, language=person.language)


def tell(
    person: Person,
    template: str,
    *,
    kind: str,
    event: Event,
    calendar: bytes | None = None,
    calendar_method: str | None = None,
    **context: Any,
) -> None:
    """One mail to a person about their part in an event, and the same words to everybody who acts for them.

    The entry for the calendar goes to the person alone. For what holds a secret of the person's own use
    `tell_assistants` with other words.
    """
    queue_mail(
        recipient(person), template, kind=kind, scope=event.ref, calendar=calendar, calendar_method=calendar_method,
        event=event, **context,
    )  # fmt: skip
    tell_assistants(person, template, kind=kind, event=event, **context)


def tell_assistants(person: Person, template: str, *, kind: str, event: Event, **context: Any) -> None:
    """What was written to a person, or what stands in its place, to those who act for them today."""
    for each in assistants_of(person):
        queue_mail(
            recipient(each), template, kind=f"{kind}_for", scope=event.ref, written_to=recipient(person),
            principal=person, event=event, **context,
        )  # fmt: skip


def tell_registered(registration: Registration, event: Event, sessions: Collection[Session] = ()) -> None:
    if registration.state in (State.WAITING, State.PENDING):
        _tell(registration, event, str(registration.state))
    else:
        _tell(registration, event, "confirmed", method="REQUEST", sessions=sessions)


def tell_promoted(registration: Registration, event: Event) -> None:
    """Up from the waiting list: into a place, or to the offer of one, whose link acts without signing in."""
    if registration.state == State.OFFERED:
        _tell_offered(registration, event)
    else:
        _tell(registration, event, "promoted", method="REQUEST")


def _tell_offered(registration: Registration, event: Event) -> None:
    words: dict[str, Any] = {"kind": "registration_offered", "event": event, "registration": registration}
    template = "registration/mail/offered"
    queue_mail(
        recipient(registration.person),
        template,
        scope=event.ref,
        holds_secret=True,
        token=link_of(registration),
        **words,
    )
    tell_assistants(registration.person, template, token="", **words)


def tell_offer_ended(registration: Registration, event: Event) -> None:
    _tell(registration, event, "offer_ended")


def tell_renewed(registration: Registration, event: Event) -> None:
    _tell(registration, event, "renewed")


def tell_asked(approval: Approval, event: Event, token: str | None) -> None:
    """The approver's link decides without signing in; the organizers find the request in their list."""
    for each in [recipient(approval.approver)] if approval.approver else _organizers(event):
        queue_mail(
            each,
            "registration/mail/asked",
            kind="approval_asked",
            scope=event.ref,
            holds_secret=token is not None,
            event=event,
            approval=approval,
            person=approval.registration.person,
            token=token,
        )


def tell_refused(registration: Registration, event: Event, comment: str | None) -> None:
    _tell(registration, event, "refused", comment=comment)


def _organizers(event: Event) -> list[Recipient]:
    return [
        Recipient(name=grant.account.name, address=grant.account.email, language=grant.account.language or "en")
        for grant in list_event_grants(event.id)
        if grant.role == Role.ORGANIZER
    ]


def tell_instead(registration: Registration, event: Event, sessions: Collection[Session] = ()) -> None:
    """To a substitute who has a place now: with an entry for their calendar."""
    _tell(registration, event, "instead", method="REQUEST", sessions=sessions)


def tell_replaced(registration: Registration, event: Event, substitute: Person) -> None:
    """To whoever is substituted: the entry goes out of their calendar, and their code has ended."""
    calendar = calendar_message(registration, event, "CANCEL")
    tell(
        registration.person,
        "registration/mail/replaced",
        kind="registration_replaced",
        event=event,
        calendar=calendar,
        calendar_method="CANCEL" if calendar else None,
        registration=registration,
        substitute=substitute,
    )


def tell_withdrawn(registration: Registration, event: Event, *, was_confirmed: bool, means: str = "page") -> None:
    _tell(registration, event, "withdrawn", method="CANCEL" if was_confirmed else None, means=means)


def tell_invited(
    invitation: Invitation, event: Event, token: str, message: str | None, instead_of: Person | None = None
) -> None:
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
        instead_of=instead_of,
    )
    tell_assistants(
        invitation.person, "registration/mail/principal_invited", kind="invitation", event=event, message=message
    )


def _tell(
    registration: Registration,
    event: Event,
    kind: str,
    *,
    method: str | None = None,
    sessions: Collection[Session] = (),
    means: str = "page",
    comment: str | None = None,
) -> None:
    calendar = calendar_message(registration, event, method) if method else None
    tell(
        registration.person,
        f"registration/mail/{kind}",
        kind=f"registration_{kind}",
        event=event,
        calendar=calendar,
        calendar_method=method if calendar else None,
        registration=registration,
        sessions=sessions,
        means=means,
        comment=comment,
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
