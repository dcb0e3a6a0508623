"""What stands in somebody's own calendar, with the names that the invitations by mail use."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from app.calendars.entries import CalendarEntry, EntryStatus
from app.calendars.writer import calendar_file
from app.core.i18n import _, force_locale
from app.diary import queries
from app.diary.queries import Part, Reader
from app.events.models import Event, Status
from app.people.models import Person
from app.programme.calendar import event_entry, session_entry
from app.programme.models import Session
from app.registration.models import State
from app.releases.calendar import uid_of
from app.releases.content import FrozenSession
from app.requirements.models import DONE, Assignment, AssignmentState
from app.speakers.calendar import speaker_entry

ENDED_FOR_THEM = (*DONE, AssignmentState.VERIFIED, AssignmentState.DECLINED)
UNANSWERED = (AssignmentState.ASSIGNED, AssignmentState.NEGOTIATING)


def own_calendar(reader: Reader, today: date, *, base_url: str) -> bytes:
    """Everything that is theirs: places, invitations, what they speak in and chair. Six statements."""
    with force_locale(reader.language):
        entries = list(_own(reader, reader.person, today, base_url)) if reader.person is not None else []
        return calendar_file(entries, name=_("My events"))


def whole_calendar(reader: Reader, today: date, *, base_url: str) -> bytes:
    """All events that they may see. One statement."""
    with force_locale(reader.language):
        entries = [event_entry(each, base_url=base_url) for each in queries.list_all(reader, today)]
        return calendar_file(entries, name=_("All events"))


def due_dates(reader: Reader, today: date, *, base_url: str) -> bytes:
    """The days by which their own assignments are due, as agreed: one day each. One statement.

    What has ended is told as cancelled for a while, so that calendars which keep what they once read take it out.
    """
    with force_locale(reader.language):
        found = queries.list_due(reader, today) if reader.person is not None else []
        return calendar_file([_due_entry(each, base_url) for each in found], name=_("What I have to deliver"))


def _due_entry(assignment: Assignment, base_url: str) -> CalendarEntry:
    event, requirement = assignment.event, assignment.requirement
    ended = assignment.state in ENDED_FOR_THEM
    return CalendarEntry(
        uid=f"assignment-{assignment.ref}@hufu.invalid",
        summary=_("Due: %(heading)s", heading=requirement.display_heading),
        stamped_at=assignment.changed_at,
        # Each change of the record counts: of two readings the later one has at least the number of the earlier.
        sequence=assignment.version,
        starts_on=assignment.due_on,
        description="\n".join([assignment.deliverable, f"{event.display_title} · {assignment.label}"]),
        url=f"{base_url}/events/{event.ref}/assignments/{assignment.ref}",
        status="CANCELLED" if ended else "TENTATIVE" if assignment.state in UNANSWERED else "CONFIRMED",
        busy=False,
        updated_at=assignment.changed_at,
    )


def _open_words(state: str) -> str:
    """What stands in the entry of somebody whose place is not sure; empty when it is."""
    return {
        State.WAITING: _("You are on the waiting list."),
        State.PENDING: _("Your registration waits for approval."),
        State.OFFERED: _("A place is offered to you. Take it before the offer ends."),
    }.get(State(state), "")


def _own(reader: Reader, person: Person, today: date, base_url: str) -> Iterator[CalendarEntry]:
    for registration in queries.list_registrations(reader, today):
        event = registration.event
        open_words = _open_words(registration.state)
        entry = event_entry(event, base_url=base_url)
        yield replace(
            entry,
            uid=f"registration-{registration.ref}@hufu.invalid",
            sequence=registration.calendar_sequence + event.calendar_sequence,
            description=open_words,
            status=_open(event) if open_words else entry.status,
        )
    for invitation in queries.list_open_invitations(reader, today):
        yield replace(
            event_entry(invitation.event, base_url=base_url),
            uid=f"invitation-{invitation.ref}@hufu.invalid",
            description=_("You are invited and have not answered yet."),
            status=_open(invitation.event),
        )
    for part in queries.list_parts(reader, today):
        entry = _part_entry(part, person, base_url)
        if entry is not None:
            yield entry


def _part_entry(part: Part, person: Person, base_url: str) -> CalendarEntry | None:
    event, thing = part.event, part.thing
    if isinstance(thing, Session | FrozenSession):
        entry = session_entry(event, thing, base_url=base_url)  # type: ignore[arg-type]  # reads like the record
        uid, cancelled = uid_of("session", thing.ref, person), False
    else:
        entry = speaker_entry(event, thing, person, stamped_at=thing.changed_at)
        uid, cancelled = uid_of("item", thing.ref, person), thing.cancelled_at is not None
    if entry is None:
        return None
    return replace(
        entry,
        uid=uid,
        sequence=thing.calendar_sequence + event.calendar_sequence + part.extra,
        status="CANCELLED" if cancelled or event.status == Status.CANCELLED else "CONFIRMED",
        description=event.display_title,
        updated_at=thing.changed_at,
    )


def _open(event: Event) -> EntryStatus:
    """Of what is asked and not decided yet."""
    return "CANCELLED" if event.status == Status.CANCELLED else "TENTATIVE"
