"""What can be done with a mailing: write, approve, send, take back, drop."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import Actor
from app.events.models import Event
from app.mail import services as mail
from app.mailings import placeholders, policy, queries, writing
from app.mailings.errors import MailingRefused
from app.mailings.models import Mailing, MailingState
from app.mailings.queries import STANDING_LABELS, Receiver
from app.people.directory import Directory
from app.people.models import Department, Person
from app.people.queries import person_of
from app.registration.queries import find_own, find_plan

KIND = "mailing"
MOST = 10_000


def write(
    event: Event,
    *,
    actor: Actor,
    subject: str,
    text: str,
    subject_local: str | None = None,
    text_local: str | None = None,
    standing: Collection[str] = (),
    departments: Collection[Department] = (),
    people: Collection[Person] = (),
) -> Mailing:
    """A new draft. The text stands in English, and in Chinese for those who read it."""
    require(policy.may_write(actor, event))
    values = _checked(subject, text, subject_local, text_local, standing, departments, people)
    made = Mailing(event=event, by_id=actor.id, by_name=actor.name, sent_to=[], left_out=[], **values)
    made.state = MailingState.DRAFT
    db.session.add(made)
    db.session.flush()
    audit.record(actor, "mailing.written", made)
    return made


def change(
    mailing: Mailing,
    *,
    actor: Actor,
    version: int | None,
    subject: str,
    text: str,
    subject_local: str | None = None,
    text_local: str | None = None,
    standing: Collection[str] = (),
    departments: Collection[Department] = (),
    people: Collection[Person] = (),
) -> None:
    """Another text or another audience: an approval was of the earlier one, so the mailing is a draft again."""
    require(policy.may_write(actor, mailing.event))
    _refuse_gone(mailing)
    values = _checked(subject, text, subject_local, text_local, standing, departments, people)
    changed = edit(mailing, version=version, **values)
    if not changed:
        return
    was = mailing.state
    mailing.state, mailing.approved_by_name, mailing.approved_at = MailingState.DRAFT, None, None
    mailing.by_id, mailing.by_name = actor.id, actor.name
    audit.record(actor, "mailing.changed", mailing, changed=changed, was=str(was))


def _checked(
    subject: str,
    text: str,
    subject_local: str | None,
    text_local: str | None,
    standing: Collection[str],
    departments: Collection[Department],
    people: Collection[Person],
) -> dict[str, Any]:
    fields = {
        "subject": subject,
        "text": text,
        "subject_local": subject_local or None,
        "text_local": text_local or None,
    }
    for name, words in fields.items():
        placeholders.check(words, name)
    if bool(subject_local) != bool(text_local):
        missing = "text_local" if subject_local else "subject_local"
        raise MailingRefused(_("Please write both the subject and the text in Chinese, or neither."), field=missing)
    unknown = set(standing) - set(STANDING_LABELS)
    if unknown:
        raise MailingRefused(_("One of these choices is not offered any more."), field="standing")
    if not standing and not departments and not people:
        raise MailingRefused(_("Choose for whom this is."), field="standing")
    audience = {
        "standing": [each for each in STANDING_LABELS if each in standing],
        "departments": sorted(each.ref for each in departments),
        "people": sorted(each.ref for each in people),
    }
    return {**fields, "audience": audience}


def people_of_lines(lines: Sequence[str]) -> list[Person]:
    """The people that pasted lines mean; refuses a line that means nobody, or several."""
    wanted = [each for line in lines if (each := line.strip())]
    if not wanted:
        return []
    directory, found = Directory(), {}
    for line in wanted:
        people = directory.in_line(line)
        if len(people) != 1:
            sentence = (
                _("Several people fit “%(line)s”. Give a number or an address.", line=line[:80])
                if people
                else _("The directory knows nobody like “%(line)s”.", line=line[:80])
            )
            raise MailingRefused(sentence, field="people")
        found[people[0].id] = people[0]
    return list(found.values())


def send_test(mailing: Mailing, *, actor: Actor) -> str:
    """Send it to oneself, as a receiver would have it; the address it went to."""
    require(policy.may_write(actor, mailing.event))
    person = person_of(actor)
    if person is None or not person.email:
        raise MailingRefused(_("The directory knows no address of yours."))
    own = Receiver(person, find_own(mailing.event, person))
    written = writing.write(mailing, own, find_plan(mailing.event))
    mail.queue_mail(
        written.to, "mailings/mail/test", kind="mailing_test", scope=mailing.event.ref, subject=written.subject,
        text=written.text,
    )  # fmt: skip
    audit.record(actor, "mailing.tested", mailing)
    return person.email


def approve(mailing: Mailing, *, actor: Actor, version: int | None) -> None:
    """Let it go. A second organizer does, who has read this very version; the writer only where there is none."""
    alone = policy.is_writer(actor, mailing) and queries.is_alone(mailing.event, actor)
    require(policy.may_write(actor, mailing.event))
    if not policy.may_approve(actor, mailing, alone=alone):
        raise MailingRefused(_("You wrote this yourself. Another organizer approves it."))
    if mailing.state != MailingState.DRAFT:
        raise MailingRefused(_("Only a draft is approved."))
    edit(mailing, version=version, state=MailingState.APPROVED, approved_by_name=actor.name, approved_at=clock.now())
    audit.record(actor, "mailing.approved", mailing, alone=alone)


def send(mailing: Mailing, *, actor: Actor, digest: str, at: datetime | None = None) -> int:
    """Put a mail to each receiver into the outbox, in one transaction; how many there are.

    They leave at `at`, else after the hold. `digest` is that of the list of receivers that was looked at.
    """
    require(policy.may_write(actor, mailing.event))
    event, now = mailing.event, clock.now()
    db.session.refresh(mailing, with_for_update=True)
    if mailing.state != MailingState.APPROVED:
        raise MailingRefused(_("This is not approved."))
    if event.is_draft:
        raise MailingRefused(_("Publish the event first: its readers could not open it yet."))
    if at is not None and at <= now:
        raise MailingRefused(_("This time has passed already. Choose a later one, or none."), field="at")
    audience = queries.resolve(event, mailing.audience)
    if not audience.receivers:
        raise MailingRefused(_("Nobody would receive this."))
    if len(audience.receivers) > MOST:
        raise MailingRefused(_("A mailing has at most %(most)d receivers.", most=MOST))
    if audience.digest != digest:
        raise MailingRefused(_("The receivers have changed since you looked. Look at the list again, then send."))
    letters = writing.write_all(mailing, audience.receivers, find_plan(event))
    number = mail.queue_many(letters, kind=KIND, scope=event.ref, bundle=mailing.ref, due_at=at)
    mailing.state, mailing.sent_at, mailing.due_at = MailingState.SENT, now, at
    mailing.version += 1
    mailing.sent_to = [{"person": each.person.ref, "name": each.person.name} for each in audience.receivers]
    mailing.left_out = [{"person": each.ref, "name": each.name, "why": str(why)} for each, why in audience.left_out]
    audit.record(
        actor, "mailing.sent", mailing, receivers=number, left_out=len(mailing.left_out),
        at=at.isoformat() if at else None,
    )  # fmt: skip
    return number


def take_back(mailing: Mailing, *, actor: Actor) -> int:
    """Cancel every mail of it that has not left; how many. When none has left, the mailing is dropped."""
    require(policy.may_write(actor, mailing.event))
    db.session.refresh(mailing, with_for_update=True)
    if mailing.state != MailingState.SENT:
        raise MailingRefused(_("This was not sent."))
    number = mail.take_back_many(mailing.ref, actor=actor, scope=mailing.event)
    if not number:
        raise MailingRefused(_("All mails of this have left already."))
    if number == len(mailing.sent_to):
        mailing.state = MailingState.CANCELLED
    mailing.version += 1
    audit.record(actor, "mailing.taken_back", mailing, mails=number)
    return number


def send_failed_again(mailing: Mailing, *, actor: Actor) -> int:
    """Queue the failed mails of it again; how many."""
    require(policy.may_write(actor, mailing.event))
    number = mail.send_failed_again(mailing.ref, actor=actor, scope=mailing.event)
    if not number:
        raise Refused(_("No mail of this has failed."))
    audit.record(actor, "mailing.sent_again", mailing, mails=number)
    return number


def drop(mailing: Mailing, *, actor: Actor) -> None:
    """Put it aside unsent. It stays on the list, and can be written anew from there."""
    require(policy.may_write(actor, mailing.event))
    _refuse_gone(mailing)
    edit(mailing, version=None, state=MailingState.CANCELLED)
    audit.record(actor, "mailing.dropped", mailing)


def _refuse_gone(mailing: Mailing) -> None:
    if mailing.state not in (MailingState.DRAFT, MailingState.APPROVED):
        raise MailingRefused(_("This was sent or dropped already. Write it anew from the list."))
