"""Releases for tests, made by their own act, and what was sent because of them."""

from icalendar import Calendar
from sqlalchemy import select

from app.core.db import db
from app.core.roles import SYSTEM, Actor
from app.events.models import Event
from app.mail.models import MailMessage
from app.releases import services
from app.releases.models import ProgrammeRelease


def make_release(event: Event, *, actor: Actor = SYSTEM, name: str = "As told", **more) -> ProgrammeRelease:
    return services.release(event, actor=actor, name=name, **more)


def mails_of(event: Event, kind: str = "programme_released") -> list[MailMessage]:
    """The mails of releases, the oldest first."""
    asked = select(MailMessage).where(MailMessage.scope == event.ref, MailMessage.kind == kind)
    return list(db.session.scalars(asked.order_by(MailMessage.id)))


def entries_in(mail: MailMessage) -> list[tuple[str, dict]]:
    """What a calendar program reads in the files of a mail: (method, entry)."""
    found = []
    for each in mail.attachments:
        calendar = Calendar.from_ical(each.content)
        events = calendar.walk("VEVENT")
        assert len(events) == 1  # RFC 5546 §3.2.2
        found.append((str(calendar["METHOD"]), events[0]))
    return found
