"""What can be done with the record of attendance: correct it, mark many, print a sheet and tick it, check oneself in."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from app.attendance import policy, queries, roomcode
from app.attendance.errors import CodeEnded, NotExpected, NothingTicked
from app.attendance.models import Mark, MarkStatus, SignInSheet, Source
from app.attendance.queries import Attendee, Record
from app.attendance.spans import Span
from app.badges import services as badges
from app.core import audit, clock
from app.core.db import db, edit, unit_of_work
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.jobs import job, later
from app.core.roles import SYSTEM, Actor
from app.door import services as door
from app.door.models import CheckIn, Point
from app.events.models import Event
from app.people.models import Person
from app.people.queries import person_of
from app.registration.models import Registration, State
from app.registration.queries import find_own
from app.signing.models import IssuedDocument

EARLY = timedelta(hours=2)  # before the first item the room's code admits already


def correct(
    event: Event, person: Person, span: Span, status: MarkStatus, *, actor: Actor, reason: str,
    minutes: int | None = None, source: Source = Source.MANUAL, evidence: str | None = None,
) -> Mark:  # fmt: skip
    """Say how somebody attended, against what the door tells. The reason stays with the mark and in the log."""
    require(policy.may_correct(actor, event))
    if not reason.strip():
        raise Refused(_("Please say why: the record keeps it."), field="reason")
    _check_begun(event)
    return _mark(event, person, span, status, actor=actor, reason=reason, minutes=minutes, source=source,
                 evidence=evidence)  # fmt: skip


def mark_many(
    event: Event, people: Collection[Person], span: Span, status: MarkStatus, *, actor: Actor, reason: str
) -> list[Mark]:
    """`correct` for several people at once, such as those who joined by telephone."""
    if not people:
        raise Refused(_("Please choose at least one person."))
    return [correct(event, each, span, status, actor=actor, reason=reason) for each in people]


def take_back(mark: Mark, *, actor: Actor) -> None:
    """What the door and the answers tell counts again."""
    require(policy.may_correct(actor, mark.event))
    audit.record(
        actor, "attendance.mark_taken_back", mark, scope=mark.event, person=mark.person.ref, span=mark.span,
        status=mark.status,
    )  # fmt: skip
    db.session.delete(mark)


def _check_begun(event: Event) -> None:
    if not event.has_begun_at(clock.now()):
        raise Refused(_("The event has not begun: nobody can have attended it."))


def _mark(
    event: Event, person: Person, span: Span, status: MarkStatus, *, actor: Actor, reason: str | None,
    minutes: int | None, source: Source, evidence: str | None,
) -> Mark:  # fmt: skip
    values = {
        "status": str(status),
        "minutes": minutes if status in (MarkStatus.LATE, MarkStatus.LEFT_EARLY) else None,
        "source": str(source), "evidence": evidence, "reason": reason, "by_id": actor.id, "by_name": actor.name,
    }  # fmt: skip
    db.session.execute(select(Event.id).where(Event.id == event.id).with_for_update())
    mark = queries.find_mark(event, person, span.key)
    if mark is None:
        mark = Mark(
            event=event, person=person, span=span.key, on=span.day,
            session_id=span.session.id if span.session else None, **values,
        )  # fmt: skip
        db.session.add(mark)
        db.session.flush()
        was = None
    else:
        was = mark.status
        edit(mark, version=None, **values)
    audit.record(
        actor, "attendance.marked", mark, scope=event, reason=reason, person=person.ref, span=span.key,
        status=[was, str(status)], source=str(source),
    )  # fmt: skip
    return mark


# --- sheets of paper ----------------------------------------------------------------------------------------------


def print_sheet(event: Event, span: Span, *, actor: Actor) -> SignInSheet:
    """A sheet to sign, with a line for everybody who has a place now. Its lines are kept under its number."""
    require(policy.may_correct(actor, event))
    people = [each.person.ref for each in queries.record(event).people if each.has_place]
    if not people:
        raise Refused(_("Nobody has a place yet: the sheet would be empty."))
    db.session.execute(select(Event.id).where(Event.id == event.id).with_for_update())
    sheet = SignInSheet(
        event=event, number=queries.last_number(event) + 1, span=span.key, people=people, by_name=actor.name
    )
    db.session.add(sheet)
    db.session.flush()
    audit.record(actor, "attendance.sheet_made", sheet, scope=event, number=sheet.number, span=span.key)
    return sheet


def tick(sheet: SignInSheet, lines: Collection[int], *, actor: Actor) -> list[Mark]:
    """Record the signatures of these lines, counted from 1. Lines that are not signed say nothing.

    Who is told as late or gone early by the door stays so: a signature has no time.
    """
    event = sheet.event
    require(policy.may_correct(actor, event))
    _check_begun(event)
    whole = queries.record(event)
    span = whole.find_span(sheet.span)
    if span is None:
        raise Refused(_("The programme no longer holds the half-day of this sheet."))
    if not lines:
        raise NothingTicked(_("Please tick the lines that are signed, or type their numbers."), field="lines")
    beyond = [each for each in lines if not 1 <= each <= len(sheet.people)]
    if beyond:
        raise Refused(
            _("Line %(line)d is not on this sheet: it has %(number)d.", line=beyond[0], number=len(sheet.people)),
            field="lines",
        )
    known = {each.person.ref: each for each in whole.people}
    marks = []
    for line in sorted(lines):
        attendee = known.get(sheet.people[line - 1])
        if attendee is None or attendee.cells[span.key].was_there:
            continue
        marks.append(
            _mark(
                event, attendee.person, span, MarkStatus.PRESENT, actor=actor, reason=None, minutes=None,
                source=Source.SHEET, evidence=f"{sheet.number}/{line}",
            )
        )  # fmt: skip
    sheet.ticked_at = clock.now()
    audit.record(actor, "attendance.sheet_ticked", sheet, scope=event, number=sheet.number, lines=len(lines))
    return marks


def lines_in(text: str) -> list[int]:
    """Numbers as people type them: `1-30, 33 35`. Raises Refused for anything else."""
    found: set[int] = set()
    for part in text.replace("–", "-").replace("，", ",").replace("、", ",").replace(",", " ").split():
        first, dash, last = part.partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()) or len(part) > 11:
            raise Refused(_("“%(part)s” is no number of a line.", part=part[:20]), field="lines")
        begin, end = int(first), int(last) if dash else int(first)
        if end < begin or end - begin > 5000:
            raise Refused(_("“%(part)s” is no number of a line.", part=part[:20]), field="lines")
        found.update(range(begin, end + 1))
    return sorted(found)


# --- the room's code ----------------------------------------------------------------------------------------------


def check_oneself_in(event: Event, point: Point, ticket: str, *, actor: Actor) -> CheckIn:
    """Whoever scanned the room's code within the last five minutes is present. Twice is once.

    Raises CodeEnded without a valid ticket, NotExpected for people without a place.
    """
    now = clock.now()
    require(actor.id is not None)
    if not roomcode.is_ticket(ticket, point, actor.id, now):
        raise CodeEnded(_("This code has ended. Please scan the one on the screen again."))
    person = person_of(actor)
    registration = find_own(event, person)
    if person is None or registration is None or registration.state != State.CONFIRMED:
        raise NotExpected(_("You have no place at this event. Please ask at the door."))
    check_time(queries.list_spans(event), now)
    answer = door.admit_oneself(point, registration, actor)
    if answer.check_in is None:
        raise NotExpected(_("You cannot be checked in here. Please ask at the door."))
    return answer.check_in


def check_time(spans: Sequence[Span], now: datetime) -> None:
    """Refuses outside the hours of the event, from two hours before its first item of the day."""
    if not any(each.starts_at - EARLY <= now <= each.ends_at for each in spans):
        raise Refused(_("The event is not on now."))


# --- certificates -------------------------------------------------------------------------------------------------

AT_ONCE = 50  # certificates in one unit of work: each writes into the log, which others wait for


def attended_half_days(whole: Record, attendee: Attendee) -> list[str]:
    """The half-days that a certificate of attendance names: present, late, gone early or remote."""
    return [
        each.key
        for each in whole.spans
        if each.session is None and attendee.cells[each.key].was_there and attendee.has_place
    ]


def own_certificate(registration: Registration, *, actor: Actor) -> IssuedDocument:
    """The certificate of the person behind this account, issued when they ask for it, after the event."""
    event = registration.event
    require(registration.person.account_id == actor.id and actor.id is not None)
    _check_over(event)
    whole = queries.record(event, person=registration.person)
    own = [each for each in whole.people if each.person.id == registration.person_id]
    return badges.certificate(registration, half_days=attended_half_days(whole, own[0]) if own else [], actor=SYSTEM)


def issue_certificates(event: Event, *, actor: Actor) -> None:
    """Issue one for everybody who was there, as a job; what is issued already and still true stays as it is."""
    require(policy.may_correct(actor, event))
    _check_over(event)
    audit.record(actor, "attendance.certificates_asked", event, scope=event)
    later("issue_all_certificates", event_ref=event.ref)


def _check_over(event: Event) -> None:
    if not event.has_ended_at(clock.now()):
        raise Refused(_("Certificates are issued when the event is over."))


@job
def issue_all_certificates(event_ref: str) -> None:
    event = db.session.scalar(select(Event).where(Event.ref == event_ref))
    if event is None:
        return
    whole = queries.record(event)
    days = {each.person.id: attended_half_days(whole, each) for each in whole.people}
    due = [person_id for person_id, own in days.items() if own]
    for start in range(0, len(due), AT_ONCE):
        with unit_of_work():
            for registration in db.session.scalars(
                select(Registration).where(
                    Registration.event_id == event.id,
                    Registration.state == State.CONFIRMED,
                    Registration.person_id.in_(due[start : start + AT_ONCE]),
                )
            ):
                badges.certificate(registration, half_days=days[registration.person_id], actor=SYSTEM)
