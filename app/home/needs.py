"""What needs a person now, what is next, what changed, what was promised: gathered from all features for the home page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import url_for
from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from app.approvals import queries as approvals
from app.assistants import queries as assistants
from app.campaigns import queries as campaigns
from app.campaigns.models import SupportState
from app.certificates import policy as certificate_policy
from app.certificates import queries as certificates
from app.core.audit import AuditEntry
from app.core.db import db
from app.core.forms import filled
from app.core.i18n import _, ngettext
from app.core.roles import Actor, Role, holds
from app.core.text import one_line
from app.custody import queries as custody
from app.events import queries as events
from app.events.models import Event, Status
from app.events.policy import may_create, may_plan, may_preside, may_supervise
from app.invitations import queries as invitations
from app.minutes import queries as minutes
from app.minutes.models import Minutes
from app.nominations import queries as nominations
from app.people.models import Person
from app.people.policy import may_keep_directory
from app.pledges import queries as pledges
from app.pledges.deed import assessed_from
from app.pledges.models import PledgeState
from app.questions import queries as questions
from app.register import commitments
from app.registration.models import GONE, Invitation, Registration, State
from app.registration.principals import list_affairs
from app.requirements import queries as requirements
from app.requirements.models import Assignment, AssignmentState, Requirement, RequirementState
from app.speakers import queries as speakers
from app.speakers.models import DELIVERABLE_LABELS
from app.speeches.models import Speech
from app.substitutions import queries as substitutions
from app.tallies import queries as tallies

SHOWN_CHANGES = 12
CERTIFICATES_AHEAD = timedelta(days=90)
DECIDING = (Role.SUPERVISOR, Role.ORGANIZER, Role.PRESIDING_LEADER)
LATE_VERDICT = 14  # so many days after the deadline a pledge still waits for its assessment
SILENCE = timedelta(days=3)  # that long somebody may think before the head of the unit hears of it
WORKING = ("item.changed", "item.moved", "item.cancelled")  # not told once a programme is released


@dataclass(frozen=True)
class Need:
    """One thing to do: what, about what, and one address with one button. The first of a kind is the primary one."""

    title: str
    about: str
    url: str
    button: str
    due: date | None = None
    is_late: bool = False


def list_needs(actor: Actor, person: Person | None, now: datetime) -> list[Need]:
    """Everything that waits for this person, the late and the near first."""
    if person is None:
        return []
    found = [
        *_beginnings(actor),
        *_certificates(actor, now),
        *_doors(actor, now),
        *_invitations(actor, person, now),
        *_new_times(actor, person, now),
        *_silent_units(actor, person, now),
        *_substitutions(person, now),
        *_for_principals(actor, now),
        *_speaking(actor, person, now),
        *_refused_parts(actor, now),
        *_approvals(actor, person, now),
        *_questions(actor, person, now),
        *_assignments(actor, person, now),
        *_of_ceremonies(actor, person),
        *_verdicts(actor, now),
        *_minutes(person),
        *_wordings(actor, person),
        *_supervised(actor, now),
        *_decisions(actor),
        *_support(actor, person, now),
    ]
    return sorted(found, key=lambda need: (not need.is_late, need.due is None, need.due or date.max))


def _beginnings(actor: Actor) -> Iterator[Need]:
    """What an empty installation needs first."""
    if may_create(actor) and db.session.scalar(select(Event.id).limit(1)) is None:
        yield Need(
            _("Plan the first gathering"),
            _("A title, the days and a place are enough to begin with."),
            url_for("events.create"),
            _("Begin"),
        )
        if may_keep_directory(actor):
            yield Need(
                _("Bring your people in"),
                _("From a CSV file or a workbook, with a look at each row before anything is stored."),
                url_for("people.upload"),
                _("Import"),
            )


def _certificates(actor: Actor, now: datetime) -> Iterator[Need]:
    """What of the certificate authority ends, ahead of time: after it nothing is sealed any more."""
    if not certificate_policy.may_run(actor):
        return
    ends = [(each.subject, each.valid_to) for each in certificates.list_expiring(CERTIFICATES_AHEAD)]
    ends += [(each.issuer.subject, each.next_at) for each in certificates.list_ending_lists(CERTIFICATES_AHEAD)]
    for name, end in ends:
        yield Need(
            _("Renew a part of the certificate authority"), name, url_for("certificates.list_certificates"), _("Look at it"),
            due=end.date(), is_late=end <= now,
        )  # fmt: skip


def _doors(actor: Actor, now: datetime) -> Iterator[Need]:
    """The doors that are open today to whoever keeps them."""
    kept = [grant.event_id for grant in getattr(actor, "grants", []) if grant.role == Role.DOOR and grant.event_id]
    if not kept:
        return
    open_today = select(Event).where(Event.id.in_(kept), Event.status == Status.PUBLISHED).order_by(Event.starts_on)
    for event in db.session.scalars(open_today):
        if event.is_on_at(now):
            yield Need(
                _("Keep the door"),
                event.display_title,
                url_for("door.show", event_ref=event.ref),
                _("Open the door"),
                due=event.day_at(now),
            )


def _substitutions(person: Person, now: datetime) -> Iterator[Need]:
    """To come instead of somebody, or to agree that somebody else comes."""
    for each in substitutions.list_waiting_for(person, now=now):
        sender, comes = each.registration.person.display_name, each.to_person.display_name
        is_asked = each.to_person_id == person.id
        yield Need(
            _("Come instead of %(name)s?", name=sender)
            if is_asked
            else _("Agree that %(other)s comes instead of %(name)s?", other=comes, name=sender),
            each.event.display_title,
            url_for("substitutions.answer", substitution_ref=each.ref),
            _("Answer"),
            due=each.event.starts_on,
        )


def _for_principals(actor: Actor, now: datetime) -> Iterator[Need]:
    """Invitations that wait for an answer of those for whom this account acts."""
    principals = [each.principal for each in assistants.list_principals(actor)]
    affairs = list_affairs(principals, now=now)
    for principal in principals:
        for each in affairs.get(principal.id, []):
            if each.waits_for_answer:
                yield Need(
                    _("Answer an invitation for %(name)s", name=principal.display_name),
                    each.event.display_title,
                    url_for("assistants.affair", person_ref=principal.ref, event_ref=each.event.ref),
                    _("Answer"),
                    due=each.event.starts_on,
                )


def _supervised(actor: Actor, now: datetime) -> Iterator[Need]:
    """What supervisor and leader follow up, a line per gathering: what is late, what waits to be closed, what came back."""
    if not any(grant.role in DECIDING for grant in getattr(actor, "grants", [])):
        return
    rows = db.session.execute(
        select(
            Event,
            func.count().filter(Assignment.state == AssignmentState.VERIFIED),
            func.count().filter(Assignment.state == AssignmentState.DECLINED),
            func.count().filter(requirements.is_late(now.date())),
        )
        .join(Requirement, Requirement.event_id == Event.id)
        .join(Assignment, Assignment.requirement_id == Requirement.id)
        .where(events.visible(actor))
        .group_by(Event.id)
        .order_by(Event.starts_on.desc())
    ).all()
    for event, verified, declined, late in rows:
        supervises = may_supervise(actor, event)
        if not supervises and not may_preside(actor, event):
            continue
        register = url_for("register.show", event_ref=event.ref)
        if verified:
            words = ngettext("%(num)s requirement is verified", "%(num)s requirements are verified", verified)
            yield Need(
                _("Close what is done"),
                _("%(event)s: %(words)s", event=event.display_title, words=words),
                f"{register}?q=is:verified",
                _("Open"),
            )
        if declined and supervises:
            words = ngettext("%(num)s requirement was handed back", "%(num)s requirements were handed back", declined)
            yield Need(
                _("Hand over anew what came back"),
                _("%(event)s: %(words)s", event=event.display_title, words=words),
                f"{register}?q=is:handed-back",
                _("Open"),
            )
        if late and supervises:
            words = ngettext("%(num)s requirement is late", "%(num)s requirements are late", late)
            yield Need(
                _("Follow up what is late"),
                _("%(event)s: %(words)s", event=event.display_title, words=words),
                f"{register}?q=is:late",
                _("Open"),
            )


def _decisions(actor: Actor) -> Iterator[Need]:
    """Other words, another date or more time that somebody waits for, a line per gathering."""
    if not any(grant.role in DECIDING for grant in getattr(actor, "grants", [])):
        return
    waiting = [each.assignment.event for each in commitments.list_to_decide(actor)]
    for event in dict.fromkeys(waiting):
        number = waiting.count(event)
        words = ngettext("%(num)s decision waits", "%(num)s decisions wait", number)
        yield Need(
            _("Decide what was proposed or asked for"),
            _("%(event)s: %(words)s", event=event.display_title, words=words),
            url_for("register.mine"),
            _("Decide"),
        )


def _judging(actor: Actor, person: Person) -> Iterator[Need]:
    """Nominations that a juror has still to score, a line per category; nobody is named here."""
    for each in nominations.list_to_score(person, actor):
        category = each.category
        words = ngettext("%(num)s nomination", "%(num)s nominations", each.number)
        yield Need(
            _("Judge nominations"),
            _("%(event)s: %(words)s", event=category.display_title, words=words),
            url_for("nominations.category", event_ref=category.event.ref, category_ref=category.ref),
            _("Judge"),
        )


def _support(actor: Actor, person: Person, now: datetime) -> Iterator[Need]:
    """What a campaign asked of the department that this person heads, what came for theirs, what was refused to them."""
    words = {
        SupportState.DELIVERED: (_("Confirm what was delivered"), _("Look")),
        SupportState.REFUSED: (_("Decide about a refusal"), _("Decide")),
        SupportState.ACKNOWLEDGED: (_("Deliver what your department promised"), _("Open")),
        SupportState.ASKED: (_("Answer a request for support"), _("Answer")),
    }
    for each in campaigns.list_support_waiting(actor, person):
        title, button = words[SupportState(each.state)]
        yield Need(
            title,
            f"{each.campaign.display_name}: {one_line(each.what)}",
            url_for(
                "campaigns.show_support", event_ref=each.event.ref, campaign_ref=each.campaign.ref, request_ref=each.ref
            ),
            button,
            due=each.needed_by,
            is_late=each.is_overdue_on(each.event.day_at(now)),
        )


def _invitations(actor: Actor, person: Person, now: datetime) -> Iterator[Need]:
    unanswered = (
        select(Invitation)
        .join(Event, Event.id == Invitation.event_id)
        .outerjoin(
            Registration,
            (Registration.event_id == Invitation.event_id) & (Registration.person_id == Invitation.person_id),
        )
        .where(
            Invitation.person_id == person.id,
            Invitation.sent_at.is_not(None),
            Invitation.answer.is_(None),
            Invitation.revoked_at.is_(None),
            or_(Registration.id.is_(None), Registration.state.in_(GONE)),
            Event.status == Status.PUBLISHED,
            Event.ends_on >= now.date(),
            events.visible(actor),
        )
        .options(joinedload(Invitation.event))
        .order_by(Event.starts_on)
    )
    for each in db.session.scalars(unanswered):
        event = each.event
        yield Need(
            _("Answer an invitation"),
            event.display_title,
            url_for("registration.register", event_ref=event.ref),
            _("Answer"),
            due=event.starts_on,
        )


def _new_times(actor: Actor, person: Person, now: datetime) -> Iterator[Need]:
    """Places that are kept until somebody says that they come at the new time of a gathering."""
    asked = (
        select(Registration)
        .join(Event, Event.id == Registration.event_id)
        .where(
            Registration.person_id == person.id,
            Registration.state == State.CONFIRMED,
            Registration.reconfirm_until > now,
            Event.status == Status.PUBLISHED,
            events.visible(actor),
        )
        .options(joinedload(Registration.event))
        .order_by(Registration.reconfirm_until)
    )
    for each in db.session.scalars(asked):
        yield Need(
            _("Confirm that you come at the new time"),
            each.event.display_title,
            url_for("registration.mine", event_ref=each.event.ref),
            _("Open"),
            due=each.event.day_at(filled(each.reconfirm_until)),
        )


def _silent_units(actor: Actor, person: Person, now: datetime) -> Iterator[Need]:
    """To the head of a unit: who of it has kept silent for some days."""
    for event, silent in invitations.list_silent_below(person, now - SILENCE, events.visible(actor)):
        if event.has_begun_at(now):
            continue
        words = ngettext(
            "%(num)s person of your unit has not answered", "%(num)s people of your unit have not answered", silent
        )
        yield Need(
            _("Ask your people to answer"),
            _("%(event)s: %(words)s", event=event.display_title, words=words),
            url_for("invitations.board", event_ref=event.ref),
            _("Open"),
            due=event.starts_on,
        )


def _speaking(actor: Actor, person: Person, now: datetime) -> Iterator[Need]:
    """Where they are asked to speak, and what was sent back or is missing of what they bring in."""
    for part in speakers.list_unanswered(person, now):
        event = part.item.event
        yield Need(
            _("You are asked to speak in “%(item)s”", item=part.item.display_title),
            event.display_title,
            url_for("speakers.answer", speaking_ref=part.ref),
            _("Answer"),
            due=event.starts_on,
        )
    for each in speakers.list_own_missing(person, now, events.visible(actor)):
        due = speakers.due_on(each)
        yield Need(
            _("Bring in: %(kind)s", kind=DELIVERABLE_LABELS[each.kind]),
            each.item.display_title,
            url_for("speakers.show_deliverable", event_ref=each.event.ref, deliverable_ref=each.ref),
            _("Open"),
            due=due,
            is_late=due < each.event.day_at(now),
        )


def _refused_parts(actor: Actor, now: datetime) -> Iterator[Need]:
    """Speakers who said no and still stand in a programme that this person plans, a line per gathering."""
    if not any(grant.role == Role.ORGANIZER for grant in getattr(actor, "grants", [])):
        return
    for event, refused in speakers.list_refusals(now, events.visible(actor)):
        if may_plan(actor, event):
            words = ngettext("%(num)s speaker has declined", "%(num)s speakers have declined", refused)
            yield Need(
                _("Find another speaker"),
                _("%(event)s: %(words)s", event=event.display_title, words=words),
                url_for("speakers.list_speakers", event_ref=event.ref, which="declined"),
                _("Open"),
                due=event.starts_on,
            )


def _approvals(actor: Actor, person: Person, now: datetime) -> Iterator[Need]:
    """Requests of one's own people, and those that wait for the organizers, a line per gathering."""
    asked = approvals.list_asked(person, now)
    if asked:
        first = asked[0]
        yield Need(
            _("Decide who may come"),
            ngettext("%(num)s request of your people", "%(num)s requests of your people", len(asked)),
            url_for("approvals.mine"),
            _("Decide"),
            due=first.event.day_at(first.due_at) if first.due_at else None,
            is_late=first.due_at is not None and first.due_at <= now,
        )
    if not any(grant.role == Role.ORGANIZER for grant in getattr(actor, "grants", [])):
        return
    for event, number in approvals.count_for_organizers(events.visible(actor)):
        if may_plan(actor, event) and not event.has_ended_at(now):
            words = ngettext("%(num)s request to come", "%(num)s requests to come", number)
            yield Need(
                _("Decide who may come"),
                _("%(event)s: %(words)s", event=event.display_title, words=words),
                url_for("approvals.list_open", event_ref=event.ref),
                _("Decide"),
                due=event.starts_on,
            )


def _questions(actor: Actor, person: Person, now: datetime) -> Iterator[Need]:
    """What one has not answered yet, and late changes that wait for the organizers, a line per gathering."""
    for event, number in questions.list_unanswered(person, now):
        yield Need(
            ngettext("%(num)d question is open.", "%(num)d questions are open.", number),
            event.display_title,
            url_for("questions.answer_mine", event_ref=event.ref),
            _("Answer the questions"),
            due=event.starts_on,
        )
    if not any(grant.role == Role.ORGANIZER for grant in getattr(actor, "grants", [])):
        return
    for event, number in questions.count_wanted(events.visible(actor)):
        if may_plan(actor, event) and not event.has_ended_at(now):
            words = ngettext("%(num)d change is asked for", "%(num)d changes are asked for", number)
            yield Need(
                _("Decide about changes of answers"),
                _("%(event)s: %(words)s", event=event.display_title, words=words),
                url_for("questions.list_requests", event_ref=event.ref),
                _("Decide"),
                due=event.starts_on,
            )


def _seen(actor: Actor, ids: set[int]) -> set[int]:
    """Those of the events that the actor may see: what is asked elsewhere leads nowhere and is not told."""
    return set(db.session.scalars(events.select_visible_ids(actor).where(Event.id.in_(ids)))) if ids else set()


def _assignments(actor: Actor, person: Person, now: datetime) -> Iterator[Need]:
    words = {
        "accept": (_("Accept a requirement"), _("Read and answer")),
        "verify": (_("Verify the evidence"), _("Verify")),
        "report": (_("Report how it stands"), _("Report")),
    }
    waiting = requirements.needs_of(person)
    seen = _seen(actor, {each.assignment.event.id for each in waiting})
    for each in waiting:
        title, button = words[each.kind]
        assignment = each.assignment
        event = assignment.event
        if event.id not in seen:
            continue
        yield Need(
            title,
            assignment.requirement.display_heading,
            url_for("requirements.show_assignment", event_ref=event.ref, assignment_ref=assignment.ref),
            button,
            due=assignment.due_on,
            is_late=assignment.is_late_on(event.day_at(now)),
        )


def _signatures(actor: Actor, person: Person) -> Iterator[Need]:
    for slot in pledges.needs_of(actor):
        pledge = slot.pledge
        own = slot.person_id == person.id
        yield Need(
            _("Read a pledge, and sign it or decline")
            if own
            else _("Read a pledge; sign or decline in the place of %(name)s", name=slot.person.display_name),
            pledge.title,
            url_for("pledges.show", event_ref=pledge.event.ref, pledge_ref=pledge.ref),
            _("Open"),
            due=pledge.sign_by,
        )


def _of_ceremonies(actor: Actor, person: Person) -> Iterator[Need]:
    """What ceremonies leave to be done. Most people have nothing of it: one question for all of its kinds comes first."""
    kinds = (
        (pledges.select_asked_of(actor, person), _signatures),
        (custody.select_waiting_for(actor, person), _custody),
        (tallies.select_owed_by(person), _owed),
        (nominations.select_to_score(person, actor), _judging),
    )
    there = db.session.execute(select(*(waiting.exists() for waiting, _tell in kinds))).one()
    for (_waiting, tell), is_there in zip(kinds, there, strict=True):
        if is_there:
            yield from tell(actor, person)


def _custody(actor: Actor, person: Person) -> Iterator[Need]:
    """Halves of tallies and trophies that were given or taken, until both parties have said so."""
    for each in custody.list_waiting_for(actor, person):
        yield Need(
            _("Confirm that it changed hands"),
            each.display_object,
            url_for("custody.show", custody_ref=each.ref),
            _("Confirm"),
        )


def _owed(actor: Actor, person: Person) -> Iterator[Need]:
    """Halves that somebody still has though their tally has ended."""
    owed = tallies.list_owed_by(person)
    seen = _seen(actor, {each.tally.event_id for each in owed})
    for each in owed:
        if each.tally.event_id in seen:
            yield Need(
                _("Give back a half of a tally that has ended"),
                each.display_name,
                url_for("tallies.show", event_ref=each.tally.event.ref, tally_ref=each.tally.ref),
                _("Open"),
            )


def _verdicts(actor: Actor, now: datetime) -> Iterator[Need]:
    """Pledges whose deadline or anniversary brought their assessment, and verdicts that somebody appealed against."""
    if not any(grant.role in (Role.ORGANIZER, Role.PRESIDING_LEADER) for grant in getattr(actor, "grants", [])):
        return
    for pledge in pledges.list_to_assess(actor, now):
        appealed = pledge.state == PledgeState.APPEALED
        brought = assessed_from(pledge)
        yield Need(
            _("Decide about an appeal") if appealed else _("Say what became of a pledge"),
            _("%(pledge)s: %(event)s", pledge=pledge.title, event=pledge.event.display_title),
            url_for(
                "pledges.decide_appeal" if appealed else "pledges.assess",
                event_ref=pledge.event.ref, pledge_ref=pledge.ref,
            ),
            _("Decide") if appealed else _("Assess"),
            due=brought,
            is_late=brought is not None and (pledge.event.day_at(now) - brought).days >= LATE_VERDICT,
        )  # fmt: skip


def _minutes(person: Person) -> Iterator[Need]:
    words = {
        "read": (_("Confirm that you have read the minutes"), _("Read")),
        "review": (_("Read the minutes in review and answer"), _("Read")),
        "sign_off": (_("Sign off the minutes"), _("Read and sign off")),
        "answer": (_("Answer the comments on the minutes"), _("Open")),
        "publish": (_("Publish the minutes"), _("Publish")),
    }
    for each in minutes.needs_of(person):
        title, button = words[each.kind]
        yield Need(title, each.minutes.title, each.url, button)


def _wordings(actor: Actor, person: Person) -> Iterator[Need]:
    """Speeches whose requirements wait for the speaker, their delegate or the presiding leader to confirm the wording."""
    presides = any(grant.role == Role.PRESIDING_LEADER for grant in getattr(actor, "grants", []))
    own = or_(Speech.speaker_id == person.id, Speech.delegate_id == person.id)
    waiting = (
        select(Speech)
        .join(Event, Event.id == Speech.event_id)
        .join(Requirement, Requirement.speech_id == Speech.id)
        .where(
            Speech.confirmed_at.is_(None),
            Requirement.state == RequirementState.STATED,
            Event.status.in_((Status.PUBLISHED, Status.CONCLUDED)),
            Event.source_id.is_(None),
            events.visible(actor),
            *([] if presides else [own]),
        )
        .options(joinedload(Speech.event))
        .order_by(Speech.id)
        .distinct()
    )
    for speech in db.session.scalars(waiting):
        named = person.id in (speech.speaker_id, speech.delegate_id)
        if named or holds(actor, Role.PRESIDING_LEADER, scope=speech.event_id):
            yield Need(
                _("Confirm the wording of what was required"),
                speech.display_title,
                url_for("speeches.show", event_ref=speech.event.ref, speech_ref=speech.ref),
                _("Read"),
            )


@dataclass(frozen=True)
class NextUp:
    """The gathering that comes next for this person, and how they stand there."""

    event: Event
    registration: Registration | None
    days: int  # until it begins; 0 or less while it is on


def next_up(actor: Actor, person: Person | None, now: datetime) -> NextUp | None:
    """One they have a place in before any other that they may see."""
    upcoming = (
        select(Event, Registration)
        .outerjoin(
            Registration,
            (Registration.event_id == Event.id)
            & (Registration.person_id == (person.id if person else None))
            & (Registration.state.not_in(GONE)),
        )
        .where(Event.status == Status.PUBLISHED, Event.ends_on >= now.date(), events.visible(actor))
        .order_by(Registration.id.is_(None), Event.starts_on, Event.id)
        .limit(1)
    )
    row = db.session.execute(upcoming).first()
    if row is None:
        return None
    event, registration = row
    return NextUp(event, registration, (event.starts_on - event.day_at(now)).days)


@dataclass(frozen=True)
class Change:
    at: datetime
    words: str
    event: Event


def list_changes(actor: Actor, *, since: datetime) -> list[Change]:
    """What happened lately in the gatherings that this person may see, in words."""
    words = _told()
    theirs = select(Minutes.id).where(Minutes.ref == AuditEntry.subject_ref, minutes.visible(actor))
    rows = db.session.execute(
        select(AuditEntry, Event)
        .join(Event, Event.ref == AuditEntry.scope)
        .where(
            AuditEntry.at > since,
            AuditEntry.action.in_(list(words)),
            or_(Event.release_number == 0, AuditEntry.action.not_in(WORKING)),
            or_(AuditEntry.action != "minutes.published", theirs.exists()),
            events.visible(actor),
        )
        .order_by(AuditEntry.seq.desc())
        .limit(SHOWN_CHANGES)
    )
    return [Change(entry.at, str(words[entry.action]), event) for entry, event in rows]


def _told() -> dict[str, str]:
    """Deeds that everybody who sees the gathering may hear of."""
    return {
        "event.published": _("The gathering is published"),
        "event.concluded": _("The gathering is concluded"),
        "event.cancelled": _("The gathering is cancelled"),
        "item.changed": _("The programme has changed"),
        "item.moved": _("The programme has changed"),
        "item.cancelled": _("An item of the programme is cancelled"),
        "programme.released": _("The programme is released"),
        "registration.opened": _("Registration is open"),
        "registration.closed": _("Registration is closed"),
        "speech.confirmed": _("The wording of a speech is confirmed"),
        "assignment.closed": _("A requirement is closed"),
        "pledge.in_force": _("A pledge is in force"),
        "award.conferred": _("An award is conferred"),
        "tally.conferred": _("A tally is conferred"),
        "minutes.published": _("Minutes are published"),
        "release.published": _("A release is published"),
    }


def promises_of(person: Person | None, actor: Actor) -> pledges.Standing | None:
    """Counts of what this person pledged; None when there is nothing yet."""
    if person is None:
        return None
    standing = pledges.standing_of_person(person, actor)
    told = standing.kept + standing.partly_kept + standing.missed + standing.released + standing.in_force
    return standing if told else None


FORTNIGHT = timedelta(days=14)
