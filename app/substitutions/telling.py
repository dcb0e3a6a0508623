"""What is written while a place is about to change hands."""

from typing import Any

from app.accounts.queries import list_event_grants
from app.core.roles import Role
from app.mail.services import Recipient, queue_mail
from app.people.models import Person
from app.registration.telling import recipient, tell, tell_assistants
from app.substitutions.models import Substitution


def tell_asked(substitution: Substitution, token: str) -> None:
    """To whoever is asked: the link answers without signing in, so the outbox page hides the text.

    Those who act for them are told without it: they sign in, and both names stand beside the answer.
    """
    asked = substitution.to_person
    _write(recipient(asked), "asked", substitution, holds_secret=True, token=token)
    tell_assistants(
        asked, "substitutions/mail/principal_asked", kind="substitution_asked", event=substitution.event,
        substitution=substitution,
    )  # fmt: skip


def tell_approver(substitution: Substitution) -> None:
    """To the line manager; to the organizers where there is none."""
    to = [recipient(substitution.approver)] if substitution.approver else list_organizers(substitution)
    for each in to:
        _write(each, "agree", substitution)


def tell_ended(substitution: Substitution, what: str) -> None:
    """Nothing comes of it: `declined` or `refused`, to the one who wanted to send somebody."""
    sender = substitution.registration.person
    tell(
        sender, f"substitutions/mail/{what}", kind=f"substitution_{what}", event=substitution.event,
        substitution=substitution,
    )  # fmt: skip


def tell_waits(substitution: Substitution) -> None:
    """The substitute has said yes, and the line manager is asked: to the one who sends."""
    tell(
        substitution.registration.person, "substitutions/mail/accepted", kind="substitution_accepted",
        event=substitution.event, substitution=substitution,
    )  # fmt: skip


def tell_not_needed(substitution: Substitution, *people: Person | None) -> None:
    """The question is taken back or has lapsed: to those to whom it was put."""
    for each in people:
        if each is not None:
            _write(recipient(each), "not_needed", substitution)


def list_organizers(substitution: Substitution) -> list[Recipient]:
    return [
        Recipient(name=grant.account.name, address=grant.account.email, language=grant.account.language or "en")
        for grant in list_event_grants(substitution.event_id)
        if grant.role == Role.ORGANIZER
    ]


def _write(to: Recipient, what: str, substitution: Substitution, **more: Any) -> None:
    queue_mail(
        to, f"substitutions/mail/{what}", kind=f"substitution_{what}", scope=substitution.event.ref,
        event=substitution.event, substitution=substitution, **more,
    )  # fmt: skip
