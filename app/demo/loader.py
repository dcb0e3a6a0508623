"""The demo: the real gathering of the release, and a fictional company beside it.

What happened is told through the acts of the features, each at its own time, so that states, log and documents are
what they would be if people had done it. Two loads on the same day give the same records, secrets apart.
"""

from datetime import timedelta

from sqlalchemy import or_, select

from app.accounts.models import Account
from app.accounts.passwords import check, hash_password
from app.core import clock
from app.core.db import db, repeatable_refs, unit_of_work
from app.demo import (
    qinglan_assignments,
    qinglan_campaigns,
    qinglan_evening,
    qinglan_events,
    qinglan_minutes,
    qinglan_months,
    qinglan_people,
    qinglan_programme,
    qinglan_promises,
    qinglan_registration,
    qinglan_speeches,
    source_gathering,
)
from app.demo.dates import Calendar
from app.demo.story import Story
from app.demo.world import World, read
from app.events.models import Event
from app.mail.models import MailMessage, MailState

PASSWORD = "two halves of one tiger"  # noqa: S105 - told to everybody on purpose
KEPT_MAIL = timedelta(days=7)


class CannotLoad(Exception):
    """The demo cannot be loaded here; the message is one line for the operator."""


def load() -> None:
    """Fill an empty database, all or nothing. Raises CannotLoad when it holds anything."""
    check(PASSWORD)
    now = clock.now()
    password_hash = hash_password(PASSWORD)
    calendar = Calendar(now, _upcoming())
    with clock.at(now), repeatable_refs(f"hufu {calendar.today}"), unit_of_work():
        _refuse_unless_empty()
        world = World(calendar, Story(now))
        qinglan_people.tell(world, password_hash)
        source_gathering.tell(world)
        qinglan_events.tell(world)
        qinglan_programme.tell(world)
        qinglan_registration.tell(world)
        qinglan_speeches.tell(world)
        qinglan_assignments.tell(world)
        qinglan_promises.tell(world)
        qinglan_campaigns.tell(world)
        qinglan_evening.tell(world)
        qinglan_minutes.tell(world)
        qinglan_months.tell(world)
        world.story.happen()
        _settle_mail()


def _upcoming() -> dict[str, int]:
    return next(each["starts"] for each in read("qinglan_events")["events"] if each["key"] == "annual-3")


def _refuse_unless_empty() -> None:
    if db.session.scalar(select(Account.id).where(Account.is_demo).limit(1)) is not None:
        raise CannotLoad("The demo is loaded already.")
    if db.session.scalar(select(or_(select(Account.id).exists(), select(Event.id).exists()))):
        raise CannotLoad(
            "This database holds real data. Load the demo into an empty one: HUFU_INSTANCE=/another/folder"
        )


def _settle_mail() -> None:
    """No mail of the demo ever leaves: its people are invented, and a mail server may be set.

    What was told long ago would have been delivered and forgotten, so it is taken out rather than shown as sent,
    which it never was. The mail of the last days stays in the outboxes, marked undelivered, which is true.
    """
    recent = clock.now() - KEPT_MAIL
    for mail in db.session.scalars(select(MailMessage)):
        if mail.created_at < recent:
            db.session.delete(mail)
        else:
            mail.state = MailState.UNDELIVERED
