"""What stands in the calendars of those who speak or chair, and what has to be sent so that it is right (iTIP).

Each entry is told apart by the thing and the person. Its SEQUENCE rises when its time or its place changes, when it is
taken out and when it comes back, never for words alone; it never falls below what the speaker was sent outside of
releases. What was sent last is kept with the release, so that the next one knows it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any, Literal

from app.calendars import writer
from app.calendars.entries import Attendee, CalendarEntry, Organizer
from app.core import clock
from app.core.config import settings_now
from app.core.i18n import force_locale, in_language, phrased
from app.events.models import Event
from app.mail.services import Attachment
from app.people.models import Person
from app.releases.content import Content, moment
from app.releases.wording import name_of

Method = Literal["REQUEST", "CANCEL"]
# {"item-<ref>": {"<ref of a person>": {"method", "sequence", "where", "words"}}}
Sent = dict[str, dict[str, dict[str, Any]]]


@dataclass(frozen=True)
class Message:
    """One iTIP message: about a session or an item, to one person."""

    person: str
    noun: str
    thing: Content
    method: Method
    sequence: int
    is_new: bool = False


def engagements(content: Content, declined: Iterable[tuple[str, str]] = ()) -> dict[tuple[str, str], Content]:
    """Who has what in the calendar: {("item-<ref>", person): item}. Speakers their items; a chair the session.

    A session without a time of its own is told by its items. Whoever declined an item does not have it.
    """
    without = set(declined)
    found: dict[tuple[str, str], Content] = {}
    chairs: dict[str, str] = {}
    for session in content["sessions"]:
        chair = session["chair"]["person"] if session["chair"] else None
        if chair and session["starts_at"]:
            found[f"session-{session['ref']}", chair] = session
        elif chair:
            chairs[session["ref"]] = chair
    for item in content["items"]:
        if not item["starts_at"] or item["cancelled_at"]:
            continue
        people = [each["person"] for each in item["speakers"] if "person" in each]
        people += [chairs[item["session"]]] if item["session"] in chairs else []
        for person in people:
            if (item["ref"], person) not in without:
                found[f"item-{item['ref']}", person] = item
    return found


def next_messages(
    sent: Sent,
    before: Content | None,
    after: Content,
    *,
    declined: Iterable[tuple[str, str]] = (),
    extra: Mapping[tuple[str, str], int] | None = None,
) -> tuple[Sent, list[Message]]:
    """What has to be sent after a release, and what will have been sent then.

    `extra` is what a speaker's own sequence adds to the item's, by the refs of item and person.
    """
    wanted = engagements(after, declined)
    now: Sent = {key: dict(people) for key, people in sent.items()}
    messages: list[Message] = []
    for (key, person), thing in wanted.items():
        last = sent.get(key, {}).get(person)
        least = thing["sequence"] + after["event"]["sequence"] + (extra or {}).get((thing["ref"], person), 0)
        where, words = _where(thing, after), [thing["title"], thing["title_local"]]
        if last is None:
            sequence = least
        elif last["method"] == "CANCEL" or last["where"] != where:
            sequence = max(least, last["sequence"] + 1)
        elif last["words"] != words:
            sequence = last["sequence"]
        else:
            continue
        now.setdefault(key, {})[person] = {"method": "REQUEST", "sequence": sequence, "where": where, "words": words}
        is_new = last is None or last["method"] == "CANCEL"
        messages.append(Message(person, key.partition("-")[0], thing, "REQUEST", sequence, is_new))
    for key, person, last in _standing(sent):
        if (key, person) in wanted:
            continue
        thing = _find(key, after) or _find(key, before)
        if thing is None:
            continue
        sequence = max(last["sequence"] + 1, thing["sequence"] + after["event"]["sequence"])
        now[key][person] = {**last, "method": "CANCEL", "sequence": sequence}
        # A calendar finds what it takes out by its uid, and shows when it was.
        shown = thing if thing["starts_at"] else (_find(key, before) or thing)
        messages.append(Message(person, key.partition("-")[0], shown, "CANCEL", sequence))
    return now, messages


def cancellations(sent: Sent, content: Content) -> list[Message]:
    """What takes everything out again, when the event itself is called off."""
    return [
        Message(person, key.partition("-")[0], thing, "CANCEL", last["sequence"] + 1)
        for key, person, last in _standing(sent)
        if (thing := _find(key, content)) is not None and thing["starts_at"]
    ]


def attachment(message: Message, person: Person, event: Event, number: int) -> Attachment | None:
    """The message as a file of a mail (RFC 6047), one thing each (RFC 5546 §3.2.2); None if an address forbids it."""
    name, address = parseaddr(settings_now().mail_from)
    with force_locale(person.language):
        entry = _entry(message, person, event)
        try:
            body = writer.invitation(
                entry,
                method=message.method,
                organizer=Organizer(email=address, name=name),
                attendee=Attendee(
                    email=person.email or "",
                    name=person.display_name,
                    participation="ACCEPTED",
                    part="CHAIR" if message.noun == "session" else "REQ-PARTICIPANT",
                    answer_wanted=False,
                ),
                sequence=message.sequence,
            )
        except ValueError:
            return None
    return Attachment(f"{message.noun}-{number}.ics", writer.invitation_content_type(message.method), body)


def _entry(message: Message, person: Person, event: Event) -> CalendarEntry:
    thing = message.thing
    path = f"sessions/{thing['ref']}" if message.noun == "session" else f"programme#item-{thing['ref']}"
    return CalendarEntry(
        uid=uid_of(message.noun, thing["ref"], person),
        summary=in_language(thing["title_local"], thing["title"]),
        stamped_at=clock.now(),
        starts_at=moment(thing["starts_at"]),
        ends_at=moment(thing["ends_at"]),
        zone=event.time_zone,
        location=phrased((name_of(thing["room"]), event.display_place)),
        description=event.display_title,
        url=f"{settings_now().base_url.rstrip('/')}/events/{event.ref}/{path}",
    )


def uid_of(noun: str, ref: str, person: Person) -> str:
    """The same for good; `app/speakers/calendar.py` names an item's entry alike."""
    return f"{noun}-{ref}-{person.ref}@hufu.invalid"


def _where(thing: Content, content: Content) -> list[Any]:
    """What a new SEQUENCE is for: time, length, and place."""
    event, room = content["event"], thing["room"]
    names = [room["name"], room["name_local"]] if room else []
    return [thing["starts_at"], thing["ends_at"], names, event["venue"], event["city"]]


def _standing(sent: Sent) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for key, people in sent.items():
        for person, last in people.items():
            if last["method"] == "REQUEST":
                yield key, person, last


def _find(key: str, content: Content | None) -> Content | None:
    noun, _dash, ref = key.partition("-")
    return next((each for each in (content or {}).get(f"{noun}s", ()) if each["ref"] == ref), None)
