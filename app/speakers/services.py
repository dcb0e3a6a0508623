"""What can be done about speakers: ask, answer, tell of them, say what they owe, bring it in, judge it, remind."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from sqlalchemy import select

from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import Actor, Nobody
from app.events import policy as events_policy
from app.events.models import Event, Status
from app.people.models import Person
from app.programme import queries as programme
from app.programme.models import AgendaItem, AgendaSpeaker, Consent, Window
from app.signing import tokens
from app.speakers import files, policy, queries, telling
from app.speakers.errors import IllegalStep, LinkEnded, NobodyToAsk, OwnWork
from app.speakers.models import Deliverable, DeliverableKind, DeliverableVersion, SpeakerProfile
from app.speakers.steps import Handling, Step, next_consent, next_review

LONGEST_LEAD = 365


class LinkHolder(Nobody):
    """Whoever came by the link in a mail: answers in the name of the person who was asked, and holds no role."""

    is_authenticated = False

    def __init__(self, person: Person) -> None:
        self.name = person.name


# --- asking -------------------------------------------------------------------------------------------------------


@dataclass
class Asking:
    """Whom a mail would reach, each with the items they are asked for, and whom it would not, each with why not."""

    asked: list[tuple[Person, list[AgendaSpeaker]]] = field(default_factory=list)
    left_out: list[tuple[AgendaSpeaker, str]] = field(default_factory=list)


def choose(event: Event, part: AgendaSpeaker | None = None) -> Asking:
    """Everybody who has not been asked yet or agreed to another time; or the one part alone, whatever it stands at."""
    asking = Asking()
    mails: dict[int, tuple[Person, list[AgendaSpeaker]]] = {}
    parts = queries.list_parts(event) if part is None else [part]
    for each in parts:
        if part is None and queries.standing_of(each) not in (Consent.NAMED, "again", "team"):
            continue
        why_not = _why_not(each)
        if why_not or each.person is None:
            asking.left_out.append((each, why_not))
        else:
            mails.setdefault(each.person.id, (each.person, []))[1].append(each)
    asking.asked = sorted(mails.values(), key=lambda mail: mail[0].name)
    return asking


def _why_not(part: AgendaSpeaker) -> str:
    person = part.person
    if person is None:
        return _("is a team: ask its people")
    if part.item.cancelled_at is not None:
        return _("the item is cancelled")
    if person.left_on is not None and person.left_on < part.item.event.starts_on:
        return _("has left the company")
    if not person.email:
        return _("has no e-mail address")
    return ""


def ask(event: Event, *, actor: Actor, part: AgendaSpeaker | None = None, message: str | None = None) -> Asking:
    """Ask for a yes or no, by one mail a person. An earlier link ends; the new one takes its place."""
    require(policy.may_organize(actor, event))
    if event.status == Status.CANCELLED:
        raise Refused(_("This event was cancelled and stays as it was."))
    if event.has_ended_at(clock.now()):
        raise Refused(_("The event is over."))
    asking = choose(event, part)
    for _person, parts in asking.asked:
        for each in parts:
            next_consent(each, Step.ASK)
    if not asking.asked:
        raise NobodyToAsk(_("There is nobody to ask in this choice."))
    now = clock.now()
    for person, parts in asking.asked:
        again = any(each.consent != Consent.NAMED for each in parts)
        links = []
        for each in parts:
            token, each.secret_hash = tokens.new_token()
            _stand(each, next_consent(each, Step.ASK))
            each.asked_at = now
            links.append((each, token))
            audit.record(actor, "speaker.asked", each, scope=event, item=each.item, again=again)
        telling.tell_asked(event, person, links, message, again=again)
    db.session.flush()
    return asking


def _stand(part: AgendaSpeaker, consent: Consent) -> None:
    part.consent = consent
    if consent == Consent.ASKED:
        part.answered_at = part.answer_note = part.agreed_start = part.agreed_end = None


# --- answering ----------------------------------------------------------------------------------------------------


def answer_by_link(token: str, *, says_yes: bool, note: str | None = None) -> AgendaSpeaker:
    """Answer in the name of the person who was asked; the link proves it once, and opens nothing else."""
    part = queries.find_by_token(token)
    if part is None or part.person is None or queries.is_over(part, clock.now()):
        raise LinkEnded(_("This link has ended: it was replaced by a newer one, or the item is over or cancelled."))
    if part.consent != Consent.ASKED:
        raise IllegalStep(_("This link was used already. To change your answer sign in, or write to the organizers."))
    _answer(part, LinkHolder(part.person), says_yes=says_yes, note=note, means="link")
    return part


def answer(part: AgendaSpeaker, *, actor: Actor, says_yes: bool, note: str | None = None) -> None:
    """Answer for oneself, or as the organizer in the name of a speaker who has told it otherwise."""
    require(policy.may_speak_for(actor, part.item.event, part.person))
    if queries.is_over(part, clock.now()):
        raise LinkEnded(_("The item is over or cancelled: there is nothing left to answer."))
    _answer(part, actor, says_yes=says_yes, note=note, means="page")


def _answer(part: AgendaSpeaker, actor: Actor, *, says_yes: bool, note: str | None, means: str) -> None:
    to = next_consent(part, Step.ACCEPT if says_yes else Step.DECLINE)
    had_accepted = part.consent == Consent.ACCEPTED
    part.consent, part.answered_at, part.answer_note = to, clock.now(), note
    part.agreed_start, part.agreed_end = (part.item.starts_at, part.item.ends_at) if says_yes else (None, None)
    if had_accepted:
        part.calendar_sequence += 1
    db.session.flush()
    own = isinstance(actor, LinkHolder) or policy.is_own(actor, part.person)
    audit.record(
        actor, "speaker.accepted" if says_yes else "speaker.declined", part, scope=part.item.event, reason=note,
        item=part.item, means=means, on_behalf_of=None if own or part.person is None else part.person.name,
    )  # fmt: skip
    telling.tell_answered(part, had_accepted=had_accepted)


# --- profiles -----------------------------------------------------------------------------------------------------


def change_profile(
    event: Event,
    person: Person,
    *,
    actor: Actor,
    version: int | None,
    bio: str | None,
    bio_local: str | None,
    photo: tuple[BinaryIO, str] | None = None,
) -> SpeakerProfile:
    """What the programme of this event tells of a speaker; `photo` None leaves the picture as it is."""
    require(policy.may_speak_for(actor, event, person))
    _check_open(event)
    profile = queries.find_profile(event, person)
    if profile is None:
        profile = SpeakerProfile(event=event, person=person)
        db.session.add(profile)
        db.session.flush()
        version = None
    changes = edit(profile, version=version, bio=bio, bio_local=bio_local)
    if photo is not None:
        stream, name = photo
        changes |= edit(profile, version=None, photo=files.keep_portrait(stream, name, actor=actor))
    db.session.flush()
    audit.record(actor, "speaker.profile_changed", profile, person=person, changed=sorted(changes))
    return profile


def remove_photo(profile: SpeakerProfile, *, actor: Actor) -> None:
    require(policy.may_speak_for(actor, profile.event, profile.person))
    _check_open(profile.event)
    edit(profile, version=None, photo=None)
    audit.record(actor, "speaker.photo_removed", profile, person=profile.person)


def _check_open(event: Event) -> None:
    if not events_policy.is_open_to_change(event):
        raise Refused(_("This event was cancelled and stays as it was."))


# --- what is owed -------------------------------------------------------------------------------------------------


def add_deliverable(
    part: AgendaSpeaker, *, actor: Actor, kind: str, days_before: int, note: str | None = None
) -> Deliverable:
    """One speaker owes one item something of this kind, so many days before the day of the item."""
    event = part.item.event
    require(policy.may_organize(actor, event))
    _check_open(event)
    _check_lead(days_before)
    if part.person is None:
        raise Refused(_("A team owes nothing: choose one of its people."), field="part")
    there = select(Deliverable.id).where(
        Deliverable.item_id == part.item_id, Deliverable.person_id == part.person_id, Deliverable.kind == kind
    )
    if db.session.scalar(there) is not None:
        raise Refused(_("This is expected of them already."), field="kind")
    deliverable = Deliverable(
        item=part.item, person=part.person, kind=DeliverableKind(kind), days_before=days_before, note=note
    )
    db.session.add(deliverable)
    db.session.flush()
    audit.record(actor, "deliverable.expected", deliverable, kind=deliverable.kind, days_before=days_before)
    return deliverable


def expect_of_all(event: Event, *, actor: Actor, item_kind: str, kind: str, days_before: int) -> int:
    """Every speaker of every such item owes this from now on; what is expected already stays as it is. How many are new."""
    require(policy.may_organize(actor, event))
    _check_open(event)
    _check_lead(days_before)
    kind = DeliverableKind(kind)
    there = {
        (item_id, person_id)
        for item_id, person_id in db.session.execute(
            select(Deliverable.item_id, Deliverable.person_id)
            .join(Deliverable.item)
            .where(AgendaItem.event_id == event.id, Deliverable.kind == kind)
        )
    }
    parts = [
        part
        for part in queries.list_parts(event)
        if part.person is not None
        and part.consent != Consent.DECLINED
        and item_kind in ("", part.item.kind)
        and (part.item_id, part.person_id) not in there
    ]
    if not parts:
        raise NobodyToAsk(_("There is no speaker of such an item of whom this is not expected already."))
    for part in parts:
        db.session.add(Deliverable(item=part.item, person=part.person, kind=kind, days_before=days_before))
    db.session.flush()
    audit.record(
        actor, "deliverable.expected_of_all", event, kind=kind, days_before=days_before, items=item_kind or "all",
        number=len(parts),
    )  # fmt: skip
    return len(parts)


def change_deliverable(
    deliverable: Deliverable, *, actor: Actor, version: int | None, days_before: int, note: str | None
) -> None:
    require(policy.may_organize(actor, deliverable.event))
    _check_open(deliverable.event)
    _check_lead(days_before)
    changes = edit(deliverable, version=version, days_before=days_before, note=note)
    audit.record(actor, "deliverable.changed", deliverable, changes=changes)


def remove_deliverable(deliverable: Deliverable, *, actor: Actor) -> None:
    """Only while nothing was brought in: what somebody has sent is not thrown away."""
    require(policy.may_organize(actor, deliverable.event))
    _check_open(deliverable.event)
    if deliverable.versions:
        raise IllegalStep(_("Something was brought in already. It stays."))
    audit.record(actor, "deliverable.dropped", deliverable, scope=deliverable.event, kind=deliverable.kind)
    db.session.flush()
    db.session.delete(deliverable)


def _check_lead(days_before: int) -> None:
    if not 0 <= days_before <= LONGEST_LEAD:
        raise Refused(_("Please give a number of days from 0 to 365."), field="days_before")


# --- bringing in, judging -----------------------------------------------------------------------------------------


def bring_in(
    deliverable: Deliverable, *, actor: Actor, stream: BinaryIO, name: str, note: str | None = None
) -> DeliverableVersion:
    """A new version; earlier ones stay. What was accepted before is to be looked at again."""
    event = deliverable.event
    require(policy.may_speak_for(actor, event, deliverable.person))
    _check_open(event)
    to = next_review(deliverable, Handling.BRING)
    number = max((each.number for each in deliverable.versions), default=0) + 1
    version = DeliverableVersion(
        deliverable=deliverable,
        number=number,
        file=files.keep(deliverable.kind, stream, name, actor=actor),
        note=note,
        by_id=actor.id,
    )
    db.session.add(version)
    edit(deliverable, version=None, review=to)
    db.session.flush()
    audit.record(actor, "deliverable.brought_in", deliverable, kind=deliverable.kind, number=number)
    return version


def judge(
    deliverable: Deliverable, *, actor: Actor, version: int | None, accepts: bool, words: str | None = None
) -> None:
    """Accept the newest version, or send it back with words, which the speaker gets by mail."""
    require(policy.may_judge(actor, deliverable))
    _check_open(deliverable.event)
    if policy.is_own(actor, deliverable.person):
        raise OwnWork(_("Nobody judges what they owe themselves. Please leave it to somebody else."))
    to = next_review(deliverable, Handling.ACCEPT if accepts else Handling.RETURN)
    if not accepts and not words:
        raise Refused(_("Please say what is still missing."), field="words")
    newest = deliverable.versions[-1]
    edit(deliverable, version=version, review=to)
    newest.is_accepted, newest.verdict, newest.judged_at = accepts, words, clock.now()
    db.session.flush()
    audit.record(
        actor, "deliverable.accepted" if accepts else "deliverable.returned", deliverable, reason=words,
        kind=deliverable.kind, number=newest.number,
    )  # fmt: skip
    if not accepts:
        telling.tell_returned(deliverable, newest)


# --- reminding ----------------------------------------------------------------------------------------------------


@dataclass
class Reminding:
    """Who would be reminded of what, and what is missing of people who would not be, each with why not."""

    reminded: list[tuple[Person, list[Deliverable]]] = field(default_factory=list)
    left_out: list[tuple[Deliverable, str]] = field(default_factory=list)


def choose_missing(event: Event, kind: str | None = None) -> Reminding:
    """Exactly what is missing of this kind (or at all), by person."""
    reminding = Reminding()
    mails: dict[int, tuple[Person, list[Deliverable]]] = {}
    today = event.day_at(clock.now())
    for each in queries.list_missing(event, kind):
        if not each.person.email:
            reminding.left_out.append((each, _("has no e-mail address")))
        elif each.reminded_at is not None and event.day_at(each.reminded_at) == today:
            reminding.left_out.append((each, _("was reminded today")))
        else:
            mails.setdefault(each.person.id, (each.person, []))[1].append(each)
    reminding.reminded = sorted(mails.values(), key=lambda mail: mail[0].name)
    return reminding


def remind(event: Event, *, actor: Actor, kind: str | None = None) -> Reminding:
    """One mail a person, with all that is missing of them."""
    require(policy.may_organize(actor, event))
    if event.status != Status.PUBLISHED:
        raise Refused(_("Publish the event first: speakers could not open the page to which the mail leads."))
    reminding = choose_missing(event, kind)
    if not reminding.reminded:
        raise NobodyToAsk(_("There is nobody to remind."))
    now = clock.now()
    for person, missing in reminding.reminded:
        for each in missing:
            each.reminded_at = now
            audit.record(actor, "deliverable.reminded", each, kind=each.kind)
        telling.tell_missing(event, person, missing)
    db.session.flush()
    return reminding


# --- when somebody cannot come ------------------------------------------------------------------------------------


def tell_absence(
    event: Event, person: Person, *, actor: Actor, starts_at: datetime, ends_at: datetime, note: str | None = None
) -> Window:
    """A time at which a speaker cannot be had. Planners are warned of it at once."""
    require(policy.may_speak_for(actor, event, person))
    _check_open(event)
    if ends_at <= starts_at:
        raise Refused(_("The end must lie after the start."), field="ends_at")
    first, last = programme.bounds(event)
    if ends_at <= first or starts_at >= last:
        raise Refused(_("This lies outside the days of the event: nobody asks for you then."), field="starts_at")
    window = Window(
        event=event, person=person, starts_at=starts_at, ends_at=ends_at, is_free=False, note=(note or None)
    )
    db.session.add(window)
    db.session.flush()
    audit.record(actor, "availability.told", window, person=person)
    return window


def take_absence_back(window: Window, *, actor: Actor) -> None:
    require(policy.may_speak_for(actor, window.event, window.person))
    _check_open(window.event)
    audit.record(actor, "availability.taken_back", window, scope=window.event)
    db.session.flush()
    db.session.delete(window)
