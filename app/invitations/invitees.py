"""Whom an event invites: the lines of its list, whom they mean now, whom they meant when they were sent; and asking them."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, insert, select

from app.audiences.choosing import LEFT_OUT_LABELS, LeftOut, left_out
from app.audiences.meanings import of_department, of_person
from app.audiences.models import InviteeRule, RuleKind
from app.audiences.queries import Meant, list_rules, people_of, resolve_all
from app.audiences.services import freeze
from app.core import audit, clock
from app.core.config import settings_now
from app.core.db import db
from app.core.errors import Refused, require
from app.core.i18n import _, force_locale, in_language
from app.core.rendering import render
from app.core.roles import Actor
from app.events.models import Event, Participation
from app.invitations import services
from app.people.models import Department, Person
from app.registration import policy, queries, telling
from app.registration.errors import NobodyToInvite
from app.registration.models import GONE, Answer, Invitation, Registration
from app.signing import tokens

MOST_AT_ONCE = 2000
MAIL = "registration/mail/invitation"
BY_NAME = "person"  # what Invitation.via says of somebody who was chosen by name

# --- who is meant, and how they stand -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Invitee:
    """One person whom the list means, as far as the list tells of them."""

    id: int
    ref: str
    name: str
    name_local: str | None
    email: str | None
    left_on: date | None
    department: str | None
    department_local: str | None
    state: str | None  # of the registration
    answer: str | None
    invited_at: datetime | None
    revoked_at: datetime | None

    @property
    def display_name(self) -> str:
        return in_language(self.name_local, self.name)

    @property
    def display_department(self) -> str:
        return in_language(self.department_local, self.department or "")

    @property
    def is_registered(self) -> bool:
        return self.state is not None and self.state not in GONE

    @property
    def is_invited(self) -> bool:
        return self.invited_at is not None and self.revoked_at is None

    @property
    def was_taken_back(self) -> bool:
        return self.revoked_at is not None


@dataclass
class Line:
    """One line of the list: whom it means now, and, once sent, whom it had meant."""

    rule: InviteeRule
    meant: set[int]
    adds: int = 0  # people whom no line above means
    new: set[int] = field(default_factory=set)  # of a sent line: joined since, not invited, and can be asked
    could_not: set[int] = field(default_factory=set)  # of a sent line: could not be asked then, and can be now
    fallen: int = 0  # of a sent line: meant then and no more; they stay invited

    @property
    def is_sent(self) -> bool:
        return self.rule.sent_at is not None

    @property
    def late(self) -> set[int]:
        return self.new | self.could_not


@dataclass
class InviteeList:
    lines: list[Line]
    people: dict[int, Invitee]  # everybody whom a line means, by name
    why: dict[int, LeftOut]
    others: int  # standing invitations of people whom no line means

    @property
    def doubles(self) -> int:
        return sum(len(each.meant) for each in self.lines) - len(self.people)

    @property
    def waiting(self) -> list[Invitee]:
        """Those who are asked when the lines that are not sent yet are sent."""
        return self.askable(each for each in self.lines if not each.is_sent)

    @property
    def late(self) -> list[Invitee]:
        """Those who joined a line after it was sent, and are on no line that is still to be sent."""
        waiting = {each.id for each in self.waiting}
        late = {person for line in self.lines for person in line.late} - waiting
        return [each for each in self.people.values() if each.id in late]

    def askable(self, lines: Iterable[Line]) -> list[Invitee]:
        meant = {person for line in lines for person in line.meant}
        return [each for each in self.people.values() if each.id in meant and each.id not in self.why]

    def left_out(self, ids: Collection[int] | None = None) -> dict[LeftOut, list[Invitee]]:
        """Who cannot be asked, by the reason."""
        found: dict[LeftOut, list[Invitee]] = {why: [] for why in LeftOut}
        for each in self.people.values():
            if each.id in self.why and (ids is None or each.id in ids):
                found[self.why[each.id]].append(each)
        return {why: people for why, people in found.items() if people}

    def lines_of(self, person: Invitee) -> list[Line]:
        return [each for each in self.lines if person.id in each.meant]


def invitee_list(event: Event) -> InviteeList:
    """The whole list as it stands now, in five statements whatever its length."""
    rules = list_rules(event)
    meant = resolve_all(rules, on=event.starts_on)
    people = _invitees(event, set().union(*meant))
    why = why_not(event, people.values())
    lines = [Line(rule, ids & people.keys()) for rule, ids in zip(rules, meant, strict=True)]
    seen: set[int] = set()
    for line in lines:
        line.adds = len(line.meant - seen)
        seen |= line.meant
        if line.is_sent:
            _compare(line, people, why)
    return InviteeList(lines, people, why, _count_others(event, people.values()))


def _compare(line: Line, people: dict[int, Invitee], why: dict[int, LeftOut]) -> None:
    """What has changed since this line was sent. Whoever had an invitation, or gave a place back, is not new."""
    then = set(line.rule.members)
    for each in line.meant:
        person = people[each]
        if each in why or person.invited_at is not None:
            continue
        if person.ref not in then:
            line.new.add(each)
        elif person.state is None:
            line.could_not.add(each)
    line.fallen = len(then - {people[each].ref for each in line.meant})


def why_not(event: Event, people: Iterable[Invitee]) -> dict[int, LeftOut]:
    """Why each of these who cannot be asked is left out."""
    people = list(people)
    return left_out(
        people,
        on=event.starts_on,
        registered={each.id for each in people if each.is_registered},
        declined={each.id for each in people if each.is_invited and each.answer == Answer.NO},
        invited={each.id for each in people if each.is_invited},
    )


def _invitees(event: Event, ids: Collection[int]) -> dict[int, Invitee]:
    """These people with what is known of their invitation and registration, by name; one statement."""
    if not ids:
        return {}
    rows: Iterable[Any] = db.session.execute(
        select(
            Person.id, Person.ref, Person.name, Person.name_local, Person.email, Person.left_on,
            Department.name, Department.name_local, Registration.state,
            Invitation.answer, Invitation.created_at, Invitation.revoked_at,
        )
        .select_from(Person)
        .outerjoin(Department, Department.id == Person.department_id)
        .outerjoin(Registration, and_(Registration.person_id == Person.id, Registration.event_id == event.id))
        .outerjoin(Invitation, and_(Invitation.person_id == Person.id, Invitation.event_id == event.id))
        .where(Person.id.in_(ids) if len(ids) <= 10_000 else Person.id.is_not(None))
        .order_by(Person.name, Person.id)
    )  # fmt: skip
    return {row[0]: Invitee(*row) for row in rows if row[0] in ids}


def _count_others(event: Event, people: Iterable[Invitee]) -> int:
    standing = select(func.count(Invitation.id)).where(Invitation.event_id == event.id, Invitation.revoked_at.is_(None))
    return (db.session.scalar(standing) or 0) - sum(each.is_invited for each in people)


# --- what a change would do ---------------------------------------------------------------------------------------


@dataclass
class Effect:
    """What a line does, or would do, to the list."""

    meant: list[Invitee]
    new: list[Invitee]  # on the list through this line alone
    why: dict[int, LeftOut]
    before: int  # how many the list means without it

    @property
    def after(self) -> int:
        return self.before + len(self.new)

    @property
    def there(self) -> int:
        return len(self.meant) - len(self.new)

    @property
    def askable(self) -> int:
        return sum(each.id not in self.why for each in self.new)

    @property
    def invited(self) -> int:
        """How many of those whom nothing else means hold an invitation."""
        return sum(each.is_invited for each in self.new)

    @property
    def reasons(self) -> dict[LeftOut, int]:
        found = [self.why[each.id] for each in self.new if each.id in self.why]
        return {why: found.count(why) for why in LeftOut if why in found}


def effect_of(event: Event, *meanings: Meant, without: InviteeRule | None = None) -> Effect:
    """What the list would gain by these; or, of a line that is on it, what it would lose without."""
    rules = [each for each in list_rules(event) if each is not without]
    asked: Sequence[Meant] = [without] if without is not None else meanings
    resolved = resolve_all([*rules, *asked], on=event.starts_on)
    standing, last = resolved[: len(rules)], set().union(*resolved[len(rules) :])
    there: set[int] = set().union(*standing)
    meant = list(_invitees(event, last).values())
    return Effect(meant, [each for each in meant if each.id not in there], why_not(event, meant), len(there))


# --- asking -------------------------------------------------------------------------------------------------------


@dataclass
class Sending:
    """What sending would do now: who gets a mail and through which line, and who does not."""

    whole: InviteeList
    lines: list[Line]
    receivers: list[tuple[Invitee, str]]

    @property
    def left_out(self) -> dict[LeftOut, list[Invitee]]:
        """Of a line that is sent again for those who are new, its own people who got theirs are not left out."""
        meant = {person for line in self.lines for person in (line.meant if not line.is_sent else line.new)}
        return self.whole.left_out(meant)

    @property
    def digest(self) -> str:
        """Changes when somebody else would be asked."""
        return hashlib.sha256(repr([each.ref for each, _via in self.receivers]).encode()).hexdigest()[:32]


def look(event: Event, rule: InviteeRule | None = None) -> Sending:
    """Who would be asked: through all lines that are not sent yet, or through one; of a sent one those who are new."""
    whole = invitee_list(event)
    if rule is None:
        lines = [each for each in whole.lines if not each.is_sent]
        people = whole.waiting
    else:
        lines = [each for each in whole.lines if each.rule is rule]
        late = {person for line in lines for person in (line.late if line.is_sent else line.meant)}
        people = [each for each in whole.people.values() if each.id in late and each.id not in whole.why]
    return Sending(whole, lines, [(each, _via(each, lines)) for each in people])


def _via(person: Invitee, lines: Sequence[Line]) -> str:
    line = next(each for each in lines if person.id in each.meant)
    return BY_NAME if line.rule.kind == RuleKind.PERSON else line.rule.said


def send(
    event: Event, *, actor: Actor, rule: InviteeRule | None = None, seen: str | None = None, message: str | None = None
) -> list[Invitation]:
    """Ask everybody of the lines that are not sent yet, or of one line, each by a mail with a link of their own.

    From then on these lines are frozen: who joins them later is shown as new and not asked. `seen` is the digest of
    the list that the sender has looked at; another one is refused.
    """
    require(policy.may_organize(actor, event))
    services.check_can_invite(event)
    # Two who press at once ask in turn: the second finds nobody left to be asked.
    db.session.execute(select(Event.id).where(Event.id == event.id).with_for_update(key_share=True))
    sending = look(event, rule)
    if not sending.receivers:
        raise NobodyToInvite(_("There is nobody to invite in this choice."))
    if seen is not None and seen != sending.digest:
        raise NobodyToInvite(_("The list has changed since you looked at it. Look again who is asked, then send."))
    people = {each.id: each for each in people_of(each.id for each, _name in sending.receivers)}
    sent = _ask(event, [(people[each.id], via) for each, via in sending.receivers], message, actor)
    names = sending.whole.people
    freeze([each.rule for each in sending.lines], [{names[one].ref for one in each.meant} for each in sending.lines])
    return sent


def why_not_yet(event: Event) -> object:
    """Why nobody can be asked now, as a sentence; None when people can."""
    try:
        services.check_can_invite(event)
    except Refused as refusal:
        return refusal.sentence
    return None


def _ask(event: Event, chosen: Collection[tuple[Person, str]], message: str | None, actor: Actor) -> list[Invitation]:
    """Write the invitations of all at once, and then their mails."""
    if len(chosen) > MOST_AT_ONCE:
        raise NobodyToInvite(_("Please invite at most %(number)d people at once.", number=MOST_AT_ONCE))
    earlier = queries.invitations_by_person(event)
    parts = set(
        db.session.scalars(
            select(Participation.person_id).where(Participation.event_id == event.id, Participation.role == "invited")
        )
    )
    now = clock.now()
    sent: list[tuple[Invitation, str]] = []
    for person, via in chosen:
        invitation = earlier.get(person.id)
        if invitation is None:
            invitation = Invitation(event=event, person=person)
            db.session.add(invitation)
        else:
            invitation.version += 1
        _begin_anew(invitation)
        invitation.via, invitation.sent_at = via[:200], now
        token, invitation.token_hash = tokens.new_token()
        sent.append((invitation, token))
    db.session.flush()
    new = [
        {"event_id": event.id, "person_id": person.id, "role": "invited"}
        for person, _via in chosen
        if person.id not in parts
    ]
    if new:  # rows alone: as records, thousands of them cost as much as the invitations
        db.session.execute(insert(Participation), new)
    for invitation, token in sent:
        telling.tell_invited(invitation, event, token, message)
        audit.record(actor, "invitation.sent", invitation, scope=event, via=invitation.via)
    return [invitation for invitation, _token in sent]


def _begin_anew(invitation: Invitation) -> None:
    """An invitation that was taken back is asked again as if for the first time; its answers stay as history."""
    invitation.revoked_at = invitation.answer = invitation.answered_at = invitation.reason = None
    invitation.excuse = invitation.maybe_until = invitation.instead_of = invitation.reminded_at = None
    invitation.reminders = 0


def preview(event: Event, person: Invitee, message: str | None) -> tuple[str, str]:
    """Subject and text of the mail that somebody would get, in their language; with a link that opens nothing."""
    to = telling.recipient(db.session.get_one(Person, person.id))
    with force_locale(to.language):
        subject, _blank, text = (
            render(
                f"{MAIL}.txt",
                event=event,
                to=to,
                token="…",  # noqa: S106 — none at all: the preview opens nothing
                message=message,
                instead_of=None,
                base_url=settings_now().base_url.rstrip("/"),
            )
            .strip()
            .partition("\n")
        )
    return subject, text.strip()


# --- asking without a list ----------------------------------------------------------------------------------------


@dataclass
class Choice:
    """Who would be asked, each with the reason why they are on the list, and who would not, each with why not."""

    invited: list[tuple[Person, str]] = field(default_factory=list)
    left_out: list[tuple[Person, str]] = field(default_factory=list)


def choose(
    event: Event, *, people: Collection[Person] = (), departments: Collection[Department] = (), below: bool = True
) -> Choice:
    """Who is meant by a choice of people and departments, as the directory stands now. Everybody at most once."""
    meanings = [*map(of_person, people), *(of_department(each, below=below) for each in departments)]
    meant = resolve_all(meanings, on=event.starts_on)
    vias = [*[BY_NAME] * len(people), *(each.name for each in departments)]
    known = _invitees(event, set().union(*meant))
    why = why_not(event, known.values())
    choice = Choice()
    for person in people_of(known):
        if person.id in why:
            choice.left_out.append((person, str(LEFT_OUT_LABELS[why[person.id]])))
        else:
            via = next(via for via, ids in zip(vias, meant, strict=True) if person.id in ids)
            choice.invited.append((person, via))
    return choice


def send_invitations(
    event: Event,
    *,
    actor: Actor,
    people: Collection[Person] = (),
    departments: Collection[Department] = (),
    below: bool = True,
    message: str | None = None,
) -> list[Invitation]:
    """Ask everybody of this choice who can be asked, without a line on the event's list."""
    require(policy.may_organize(actor, event))
    services.check_can_invite(event)
    choice = choose(event, people=people, departments=departments, below=below)
    if not choice.invited:
        raise NobodyToInvite(_("There is nobody to invite in this choice."))
    return _ask(event, choice.invited, message, actor)
