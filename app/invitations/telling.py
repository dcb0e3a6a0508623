"""What invited people are told."""

from collections.abc import Sequence

from app.mail.services import queue_mail
from app.people.models import Person
from app.registration.models import Invitation
from app.registration.telling import recipient


def tell_reminded(person: Person, asked: Sequence[tuple[Invitation, str]], *, by: str | None = None) -> None:
    """One mail about everything that somebody has not answered, each with its own link. `by` names who nudges."""
    nearest = min(asked, key=lambda each: each[0].event.starts_on)[0].event
    queue_mail(
        recipient(person),
        "invitations/mail/reminder",
        kind="invitation_reminder",
        scope=nearest.ref,
        holds_secret=True,
        asked=[(invitation.event, invitation, token) for invitation, token in asked],
        by=by,
    )


def tell_called_back(handed: Invitation, person: Person) -> None:
    """To the colleague: whoever sent them answers again."""
    queue_mail(
        recipient(handed.person),
        "invitations/mail/called_back",
        kind="invitation_called_back",
        scope=handed.event.ref,
        event=handed.event,
        person=person,
    )
