"""What speakers are told: that they are asked, what is now in their calendar, what is missing, what was sent back."""

from collections.abc import Sequence

from app.events.models import Event
from app.mail.services import Recipient, queue_mail
from app.people.models import Person
from app.programme.models import AgendaSpeaker
from app.speakers.calendar import speaker_message
from app.speakers.models import DELIVERABLE_LABELS, Deliverable, DeliverableVersion
from app.speakers.queries import due_on


def recipient(person: Person) -> Recipient:
    return Recipient(name=person.display_name, address=person.email, language=person.language)


def tell_asked(
    event: Event, person: Person, asked: Sequence[tuple[AgendaSpeaker, str]], message: str | None, *, again: bool
) -> None:
    """One mail a person, with a link for each of their items. The links act, so the outbox page hides the text."""
    queue_mail(
        recipient(person),
        "speakers/mail/asked",
        kind="speaker_asked",
        scope=event.ref,
        holds_secret=True,
        event=event,
        asked=asked,
        message=message,
        again=again,
    )


def tell_answered(part: AgendaSpeaker, *, had_accepted: bool) -> None:
    """What the speaker has said, with the entry for the calendar; after a withdrawal what takes it out again."""
    person, event = part.person, part.item.event
    assert person is not None
    method = "REQUEST" if part.consent == "accepted" else "CANCEL" if had_accepted else None
    calendar = speaker_message(part, method) if method else None
    queue_mail(
        recipient(person),
        f"speakers/mail/{part.consent}",
        kind=f"speaker_{part.consent}",
        scope=event.ref,
        calendar=calendar,
        calendar_method=method if calendar else None,
        event=event,
        part=part,
    )


def tell_missing(event: Event, person: Person, missing: Sequence[Deliverable]) -> None:
    queue_mail(
        recipient(person),
        "speakers/mail/missing",
        kind="deliverables_missing",
        scope=event.ref,
        event=event,
        missing=[(each, due_on(each)) for each in missing],
        kinds=DELIVERABLE_LABELS,
    )


def tell_returned(deliverable: Deliverable, version: DeliverableVersion) -> None:
    queue_mail(
        recipient(deliverable.person),
        "speakers/mail/returned",
        kind="deliverable_returned",
        scope=deliverable.event.ref,
        event=deliverable.event,
        deliverable=deliverable,
        version=version,
        kinds=DELIVERABLE_LABELS,
    )
