"""A mailing as one person reads it: in their language, with their values."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from app.core.config import settings_now
from app.core.i18n import force_locale, format_days, format_moment
from app.core.rendering import render
from app.core.text import one_line
from app.events.models import Event
from app.mail.services import Letter, Recipient
from app.mailings.models import Mailing
from app.mailings.placeholders import fill
from app.mailings.queries import Receiver
from app.registration.models import RegistrationPlan
from app.registration.telling import recipient

TEMPLATE = "mailings/mail/mailing.txt"


@dataclass(frozen=True)
class Written:
    """The mail to one person, and for which placeholders nothing was known of them."""

    to: Recipient
    subject: str
    text: str
    missing: frozenset[str]


def values_for(receiver: Receiver, mailing: Mailing, plan: RegistrationPlan | None) -> dict[str, str | None]:
    """What is known of one person, in the language that is set."""
    event, person = mailing.event, receiver.person
    return {
        "name": person.display_name,
        "department": person.department.display_name if person.department else None,
        "event": event.display_title,
        "days": format_days(event.starts_on, event.ends_on),
        "place": event.display_place,
        "link": link_of(receiver, event),
        "answer_by": format_moment(plan.closes_at, event.time_zone) if plan and plan.closes_at else None,
        "code": receiver.code,
        "sender": mailing.by_name,
    }


def link_of(receiver: Receiver, event: Event) -> str:
    """The receiver's own page: their registration, else where they can register."""
    page = "/registration/mine" if receiver.registration is not None else "/registration"
    return f"{settings_now().base_url.rstrip('/')}/events/{event.ref}{page}"


def write(mailing: Mailing, receiver: Receiver, plan: RegistrationPlan | None) -> Written:
    """The mail to one person."""
    with force_locale(receiver.person.language):
        return _write(mailing, receiver, plan)


def write_all(mailing: Mailing, receivers: Sequence[Receiver], plan: RegistrationPlan | None) -> list[Letter]:
    """The mails to all of them, one language after the other."""
    by_language: defaultdict[str, list[Receiver]] = defaultdict(list)
    for each in receivers:
        by_language[each.person.language].append(each)
    letters = []
    for language, some in by_language.items():
        with force_locale(language):
            for each in some:
                written = _write(mailing, each, plan)
                key = f"mailing/{mailing.ref}/{each.person.ref}"
                letters.append(Letter(written.to, written.subject, written.text, key))
    return letters


def _write(mailing: Mailing, receiver: Receiver, plan: RegistrationPlan | None) -> Written:
    chinese = receiver.person.language.startswith("zh")
    subject = mailing.subject_local if chinese and mailing.subject_local else mailing.subject
    text = mailing.text_local if chinese and mailing.text_local else mailing.text
    values = values_for(receiver, mailing, plan)
    head, body = fill(subject, values), fill(text, values)
    # The first line of the template is the subject; a subject of nothing but empty values must not swallow the text.
    whole = render(TEMPLATE, subject=one_line(head.text) or mailing.event.display_title, text=body.text)
    first, _blank, rest = whole.strip().partition("\n")
    return Written(
        recipient(receiver.person), one_line(first), rest.strip() + "\n", frozenset(head.missing | body.missing)
    )
