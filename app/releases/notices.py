"""Who is told of a release, and what: one mail a person, however much concerns them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from app.core import clock
from app.core.config import settings_now
from app.core.db import db
from app.core.i18n import _, force_locale, in_language
from app.core.rendering import render
from app.events.models import Event, Status
from app.mail.services import Recipient, queue_mail
from app.people.models import Person
from app.programme.models import AgendaItem, AgendaSpeaker, Consent, Session
from app.registration.models import PlaceCounter, Registration, Reservation, State
from app.releases import calendar
from app.releases.content import Content, for_readers
from app.releases.diff import Change, ChangeKind, counts, diff, people_in
from app.releases.wording import session_titles, words_of

TEMPLATE = "releases/mail/released"
CHANGE = "releases/mail/change.txt"
MOST_LINES = 60
# What changes somebody's day. Words alone are told to those who speak them.
LOUD = {ChangeKind.NEW, ChangeKind.MOVED, ChangeKind.CANCELLED, ChangeKind.REMOVED, ChangeKind.RESTORED}
Key = tuple[str, str]  # noun and ref


@dataclass
class Notice:
    """What one person is told. `own` are the changes in which they have a part themselves."""

    person: Person
    own: list[Change] = field(default_factory=list)
    others: list[Change] = field(default_factory=list)
    messages: list[calendar.Message] = field(default_factory=list)


@dataclass
class Plan:
    """A release before it is made: what would change, who would be told, and who would not, with the reason."""

    event: Event
    before: Content | None
    after: Content
    changes: list[Change]
    for_readers: list[Change]
    notices: list[Notice]
    left_out: list[tuple[str, str]]
    sent: calendar.Sent

    @property
    def is_first(self) -> bool:
        return self.before is None

    @property
    def counts(self) -> dict[str, int]:
        return counts(self.changes)


def plan(event: Event, before: Content | None, sent: calendar.Sent, after: Content) -> Plan:
    """Compare, and find everybody whom it concerns. Five statements, however many they are."""
    changes = diff(before, after)
    seen = diff(for_readers(before) if before else None, for_readers(after))
    answers = _answers(event)
    declined = [key for key, (consent, _extra) in answers.items() if consent == Consent.DECLINED]
    now_sent, messages = calendar.next_messages(
        sent, before, after, declined=declined, extra={key: extra for key, (_consent, extra) in answers.items()}
    )
    found = Plan(event, before, after, changes, seen, [], [], now_sent)
    if event.status == Status.CONCLUDED:  # it is history that is put right: nobody's day changes any more
        found.sent = sent
        return found
    notices = _of_parts(changes, before, after, messages)
    for person, loud in _of_registered(event, [each for each in seen if each.kind in LOUD]):
        notice = notices.setdefault(person.ref, Notice(person))
        mine = {(each.noun, each.ref) for each in notice.own}
        notice.others = [each for each in loud if (each.noun, each.ref) not in mine]
    _sort_out(found, notices.values())
    found.left_out += _teams(changes)
    return found


def _answers(event: Event) -> dict[tuple[str, str], tuple[str, int]]:
    """What each speaker said, and what it adds to the sequence of their entry, by the refs of item and person."""
    rows = db.session.execute(
        select(AgendaItem.ref, Person.ref, AgendaSpeaker.consent, AgendaSpeaker.calendar_sequence)
        .join(AgendaItem, AgendaItem.id == AgendaSpeaker.item_id)
        .join(Person, Person.id == AgendaSpeaker.person_id)
        .where(AgendaItem.event_id == event.id)
    )
    return {(item, person): (consent, extra) for item, person, consent, extra in rows}


def _of_parts(
    changes: Sequence[Change], before: Content | None, after: Content, messages: Sequence[calendar.Message]
) -> dict[str, Notice]:
    """Those who speak, chair or have to be there, in what has changed; by their refs."""
    chairs = {**_chairs(before), **_chairs(after)}
    concerned: dict[str, list[Change]] = {}
    for change in changes:
        refs: set[str] = set()
        for thing in (change.before, change.after):
            if thing is not None:
                refs |= people_in(thing, "speakers", "needed", "chair")
                if change.noun == "item" and thing["session"] in chairs:
                    refs.add(chairs[thing["session"]])
        for ref in refs:
            concerned.setdefault(ref, []).append(change)
    refs = {*concerned, *(each.person for each in messages)}
    people = db.session.scalars(select(Person).where(Person.ref.in_(refs)).order_by(Person.name)).all() if refs else []
    notices = {each.ref: Notice(each, own=concerned.get(each.ref, [])) for each in people}
    for message in messages:
        notices[message.person].messages.append(message)
    return notices


def _chairs(content: Content | None) -> dict[str, str]:
    sessions = content["sessions"] if content else []
    return {each["ref"]: each["chair"]["person"] for each in sessions if each["chair"]}


def _of_registered(event: Event, loud: Sequence[Change]) -> Iterable[tuple[Person, list[Change]]]:
    """Those who have a place, with what concerns them: of a session with places of its own only who has one there."""
    if not loud:
        return
    people = db.session.scalars(
        select(Person)
        .join(Registration, Registration.person_id == Person.id)
        .where(Registration.event_id == event.id, Registration.state == State.CONFIRMED)
        .order_by(Person.name, Person.id)
    ).all()
    if not people:
        return
    rows = db.session.execute(
        select(Session.ref, Registration.person_id)
        .join(PlaceCounter, PlaceCounter.session_id == Session.id)
        .outerjoin(Reservation, (Reservation.counter_id == PlaceCounter.id) & Reservation.is_held)
        .outerjoin(Registration, Registration.id == Reservation.registration_id)
        .where(PlaceCounter.event_id == event.id, PlaceCounter.capacity.is_not(None))
    )
    places: dict[str, set[int]] = {}
    for session_ref, person_id in rows:
        places.setdefault(session_ref, set()).add(person_id)
    open_to_all = [each for each in loud if not _session_refs(each) & places.keys()]
    for person in people:
        mine = (
            [each for each in loud if all(person.id in places.get(ref, {person.id}) for ref in _session_refs(each))]
            if places
            else open_to_all
        )
        if mine:
            yield person, mine


def _session_refs(change: Change) -> set[str]:
    if change.noun == "session":
        return {change.ref}
    return {thing["session"] for thing in (change.before, change.after) if thing and thing["session"]}


def _sort_out(found: Plan, notices: Iterable[Notice]) -> None:
    today = found.event.day_at(clock.now())
    for notice in notices:
        person = notice.person
        if not (notice.own or notice.others or notice.messages):
            continue
        if person.left_on is not None and person.left_on < today:
            found.left_out.append((person.display_name, _("has left")))
        elif not person.email:
            found.left_out.append((person.display_name, _("no mail address is known")))
        else:
            found.notices.append(notice)
    found.notices.sort(key=lambda each: (not each.own, each.person.name, each.person.id))


def _teams(changes: Iterable[Change]) -> list[tuple[str, str]]:
    teams = {
        each["team"]: in_language(each["name_local"], each["name"])
        for change in changes
        for each in change.thing.get("speakers") or ()
        if "team" in each
    }
    return [(name, _("a team has no mail address of its own")) for name in teams.values()]


# --- the mail -----------------------------------------------------------------------------------------------------


class Writer:
    """Writes the mails of one release. Changes are put into words once for each language."""

    def __init__(self, plan: Plan, *, number: int, name: str, message: str | None) -> None:
        self.plan, self.number, self.name, self.message = plan, number, name, message
        self._words: dict[tuple[str, bool], Mapping[Key, str]] = {}

    def queue(self, notice: Notice) -> None:
        """One mail, with an iTIP message for each entry that has to change in this person's calendar."""
        files = [
            file
            for n, each in enumerate(notice.messages, 1)
            if (file := calendar.attachment(each, notice.person, self.plan.event, n)) is not None
        ]
        alone = files[0].content if len(files) == 1 else None
        queue_mail(
            self._recipient(notice.person),
            TEMPLATE,
            kind="programme_released",
            scope=self.plan.event.ref,
            calendar=alone,
            calendar_method=notice.messages[0].method if alone else None,
            attachments=files,
            **self._context(notice),
        )

    def preview(self, notice: Notice) -> tuple[str, str]:
        """The subject and the text of this person's mail, word for word."""
        to = self._recipient(notice.person)
        with force_locale(to.language):
            text = render(
                f"{TEMPLATE}.txt", to=to, base_url=settings_now().base_url.rstrip("/"), **self._context(notice)
            )
        subject, _blank, body = text.strip().partition("\n")
        return subject, body.strip()

    def _recipient(self, person: Person) -> Recipient:
        with force_locale(person.language):
            return Recipient(name=person.display_name, address=person.email, language=person.language)

    def _context(self, notice: Notice) -> dict[str, Any]:
        language = notice.person.language
        own = self._in_words(language, of_readers=False)
        others = {} if self.plan.is_first else self._in_words(language, of_readers=True)
        with force_locale(language):
            told = [(own[each.noun, each.ref], part_in(each, notice.person.ref)) for each in notice.own]
        told += [(others[each.noun, each.ref], "") for each in notice.others if others]
        return {
            "event": self.plan.event,
            "number": self.number,
            "name": self.name,
            "message": self.message,
            "is_first": self.plan.is_first,
            "told": told[:MOST_LINES],
            "more": max(0, len(told) - MOST_LINES),
            "entries": len(notice.messages),
        }

    def _in_words(self, language: str, *, of_readers: bool) -> Mapping[Key, str]:
        known = self._words.get((language, of_readers))
        if known is None:
            changes = self.plan.for_readers if of_readers else self.plan.changes
            zone, is_first = self.plan.event.time_zone, self.plan.is_first
            with force_locale(language):
                titles = session_titles(self.plan.before, self.plan.after)
                known = {
                    (each.noun, each.ref): render(
                        CHANGE, words=words_of(each, zone, titles), zone=zone, is_first=is_first
                    ).strip()
                    for each in changes
                }
            self._words[language, of_readers] = known
        return known


def part_in(change: Change, person: str) -> str:
    """What the person has to do with it, in a sentence."""
    then, now = (_parts(thing, person) for thing in (change.before, change.after))
    if "chair" in now:
        return _("You chair this session.")
    if "speakers" in now:
        return _("You speak here.") if change.before is None or "speakers" in then else _("You speak here now.")
    if "speakers" in then:
        return _("You spoke here.") if change.after is None else _("You do not speak here any more.")
    if "chair" in then:
        return _("You do not chair this session any more.")
    if "needed" in now:
        return _("You have to be there.")
    if "needed" in then:
        return _("You do not have to be there any more.")
    return _("It belongs to a session that you chair.")


def _parts(thing: Content | None, person: str) -> set[str]:
    names = ("chair", "speakers", "needed")
    return {name for name in names if thing is not None and person in people_in(thing, name)}
