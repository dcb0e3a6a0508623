"""The states of a speaker's consent and of a deliverable, each in one table: what is not in it is refused."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from app.core.i18n import _
from app.programme.models import AgendaSpeaker, Consent
from app.speakers.errors import IllegalStep
from app.speakers.models import Deliverable, Review


class Step(StrEnum):
    ASK = "ask"
    ACCEPT = "accept"
    DECLINE = "decline"


class Handling(StrEnum):
    BRING = "bring"
    ACCEPT = "accept"
    RETURN = "return"


# Whoever has accepted may still take it back; whoever has declined is asked again before they can accept.
CONSENT: Mapping[tuple[str, str], Consent] = {
    (Consent.NAMED, Step.ASK): Consent.ASKED,
    (Consent.ASKED, Step.ASK): Consent.ASKED,
    (Consent.DECLINED, Step.ASK): Consent.ASKED,
    (Consent.ASKED, Step.ACCEPT): Consent.ACCEPTED,
    (Consent.ASKED, Step.DECLINE): Consent.DECLINED,
    (Consent.ACCEPTED, Step.DECLINE): Consent.DECLINED,
}
REVIEW: Mapping[tuple[str, str], Review] = {
    (Review.MISSING, Handling.BRING): Review.SUBMITTED,
    (Review.SUBMITTED, Handling.BRING): Review.SUBMITTED,
    (Review.RETURNED, Handling.BRING): Review.SUBMITTED,
    (Review.ACCEPTED, Handling.BRING): Review.SUBMITTED,
    (Review.SUBMITTED, Handling.ACCEPT): Review.ACCEPTED,
    (Review.SUBMITTED, Handling.RETURN): Review.RETURNED,
}

State = TypeVar("State")


def next_consent(speaker: AgendaSpeaker, step: Step) -> Consent:
    """Where the step leads. Somebody who agreed to another time may be asked again. Raises IllegalStep."""
    if step is Step.ASK and speaker.agreed_to_another_time:
        return Consent.ASKED
    to = CONSENT.get((speaker.consent, step))
    if to is None:
        raise IllegalStep(_why_not(speaker.consent, step))
    return to


def next_review(deliverable: Deliverable, handling: Handling) -> Review:
    to = REVIEW.get((deliverable.review, handling))
    if to is None:
        raise IllegalStep(
            _("Nothing has been brought in yet that could be judged.")
            if deliverable.review == Review.MISSING
            else _("This version has been judged already.")
        )
    return to


def _why_not(consent: str, step: Step) -> str:
    if consent == Consent.NAMED:
        return _("You have not been asked yet. The organizers will write to you.")
    if step is Step.ASK:
        return _("This speaker has accepted already.")
    if consent == Consent.ACCEPTED:
        return _("You have accepted already.")
    return _("You have declined already. If you can come after all, ask the organizers to write to you again.")
