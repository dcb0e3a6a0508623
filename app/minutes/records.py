"""What was recorded of one session, fact by fact, as words in the language in force.

A fact says everything that a sentence of the minutes tells of one record, and nothing else: as long as its values stay
the same, so does what was recorded.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.attendance import queries as attendance
from app.awards.models import Award, Recipient
from app.campaigns.models import OUTCOME_LABELS, Assessment, Campaign, EventCampaign, Outcome, Review
from app.ceremonies.models import Ceremony
from app.core.db import db
from app.core.i18n import _, format_day, format_span, format_time, in_language, listed, phrased
from app.core.roles import NOBODY
from app.decisions import queries as decisions
from app.decisions.models import Decision
from app.events.models import Audience, Event, ParticipantGroup, Participation, Status
from app.minutes.models import Adoption, Minutes
from app.people.models import Clearance, Person
from app.pledges.models import Pledge, PledgeState, SignatureSlot, SlotRole
from app.programme import queries as programme
from app.programme.models import ITEM_KIND_LABELS, SESSION_KIND_LABELS, AgendaItem, ItemKind, Session, SessionKind
from app.requirements.models import Assignment, AssignmentState, Requirement, RequirementState
from app.signing.canonical import fingerprint
from app.speeches.models import Speech, Statement
from app.tallies.models import Tally

NOT_GIVEN = (AssignmentState.PROPOSED, AssignmentState.DECLINED, AssignmentState.CANCELLED)
NOT_DECIDED = (
    AssignmentState.DECLINED,
    AssignmentState.CANCELLED,
)  # the session named the person, whoever tells them when

Values = dict[str, str]


@dataclass(frozen=True)
class Fact:
    """One record as the minutes tell it. `ref` is empty for what is told of the session itself.

    `clearance`: whoever reads less is not told. `under`: the record below which this one is told.
    """

    kind: str
    ref: str
    values: Values = field(default_factory=dict)
    clearance: int = Clearance.PUBLIC
    under: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.ref

    @property
    def mark(self) -> str:
        return "{{" + f"{self.kind} {self.ref}".strip() + "}}"

    @property
    def digest(self) -> str:
        """Of what is recorded, however it is worded."""
        return fingerprint(self.values)[:16]


class Records:
    """The facts of a session, each kind read when it is asked for: a constant number of statements for each."""

    def __init__(self, session: Session, recorder: Person | None) -> None:
        self.session, self.recorder = session, recorder
        self._read: dict[str, list[Fact]] = {}

    def of(self, kind: str) -> list[Fact]:
        """The facts of one kind, in the order in which they are told; none of a kind that there is not."""
        if kind not in self._read:
            loader = LOADERS.get(kind)
            self._read[kind] = loader(self) if loader else []
        return self._read[kind]

    def find(self, kind: str, ref: str) -> Fact | None:
        return next((each for each in self.of(kind) if each.ref == ref), None)

    # --- shared between kinds ------------------------------------------------------------------------------------

    @cached_property
    def lists(self) -> dict[str, list[str]]:
        return attendance_of(self.session, self.recorder)

    @cached_property
    def items(self) -> list[AgendaItem]:
        found = programme.list_items(self.session.event, NOBODY, session=self.session)
        return [each for each in found if not each.cancelled_at]

    @cached_property
    def decisions(self) -> Sequence[Decision]:
        return decisions.list_standing(self.session)

    @cached_property
    def requirements(self) -> list[Requirement]:
        """What was demanded in speeches; what is handed out of decisions is told there."""
        decided = select(Decision.requirement_id).where(
            Decision.session_id == self.session.id, Decision.requirement_id.is_not(None)
        )
        found = db.session.scalars(
            select(Requirement)
            .join(Speech, Speech.id == Requirement.speech_id)
            .where(
                Speech.session_id == self.session.id,
                Requirement.state != RequirementState.WITHDRAWN,
                Requirement.id.not_in(decided),
            )
            .options(joinedload(Requirement.speech), selectinload(Requirement.addressees))
            .order_by(Speech.position, Speech.id, Requirement.number, Requirement.sub)
        )
        return list(found)

    @cached_property
    def campaigns(self) -> tuple[dict[str, Values], dict[str, Values]]:
        return _campaigns(self.session)

    def time(self) -> str:
        session = self.session
        if session.starts_at is None:
            return format_day(session.day)
        zone = session.event.time_zone
        day = session.day or session.event.day_at(session.starts_at)
        return f"{format_day(day)} {format_span(session.starts_at, session.ends_at, zone)} ({zone})"

    def place(self) -> str:
        return place_of(self.session)


def place_of(session: Session) -> str:
    return phrased([session.room.display_name if session.room else "", session.event.display_place])


# --- the session itself -------------------------------------------------------------------------------------------


def _meeting(records: Records) -> list[Fact]:
    session = records.session
    values = {
        "kind": str(SESSION_KIND_LABELS[SessionKind(session.kind)]),
        "session": session.display_title,
        "gathering": session.event.display_title,
        "time": records.time(),
        "place": records.place(),
    }
    return [Fact("meeting", "", values)]


def _time(records: Records) -> list[Fact]:
    return [Fact("time", "", {"time": records.time()})]


def _place(records: Records) -> list[Fact]:
    return [Fact("place", "", {"place": records.place()})]


def _chair(records: Records) -> list[Fact]:
    session = records.session
    if session.chair is None:
        return [Fact("chair", "", {"name": ""})]
    moment = session.starts_at
    day = session.day or (session.event.day_at(moment) if moment else session.event.starts_on)
    position = session.chair.position_on(day)
    return [
        Fact("chair", "", {"name": phrased([session.chair.display_name, position.display_title if position else None])})
    ]


def _recorder(records: Records) -> list[Fact]:
    return [Fact("recorder", "", {"name": records.recorder.display_name if records.recorder else ""})]


def _attendance(records: Records) -> list[Fact]:
    return [Fact("attendance", "", {name: str(len(people)) for name, people in records.lists.items()})]


def _theme(records: Records) -> list[Fact]:
    theme = records.session.display_theme
    return [Fact("theme", "", {"theme": theme})] if theme else []


def _held(records: Records) -> list[Fact]:
    """When it really began and ended, as far as the day was followed."""
    zone = records.session.event.time_zone
    begun = [each.began_at for each in records.items if each.began_at]
    if not begun:
        return []
    ended = [each.finished_at for each in records.items if each.finished_at]
    over = all(each.finished_at for each in records.items if each.began_at)
    end = format_time(max(ended), zone) if ended and over else ""
    return [Fact("held", "", {"begin": format_time(min(begun), zone), "end": end})]


def _next_meeting(records: Records) -> list[Fact]:
    """The next session of the gathering, else the first one of the edition that follows, once that may be known of."""
    following = _following(records.session)
    if following is None:
        return []
    told = Records(following, None)
    return [
        Fact(
            "next_meeting", "",
            {"session": following.display_title, "gathering": following.event.display_title, "time": told.time(),
             "place": told.place()},
        )
    ]  # fmt: skip


# Of which gatherings everybody may know who may see one with this audience.
OPEN_TO = {
    Audience.PUBLIC: (Audience.PUBLIC,),
    Audience.INTERNAL: (Audience.PUBLIC, Audience.INTERNAL),
    Audience.RESTRICTED: (Audience.PUBLIC, Audience.INTERNAL),
}


def _when(session: Session) -> tuple[date, bool, float]:
    """The order in which sessions take place, as far as it is known."""
    moment = session.starts_at
    day = session.day or (session.event.day_at(moment) if moment else date.max)
    return day, moment is None, moment.timestamp() if moment else 0.0


def _following(session: Session) -> Session | None:
    event = session.event
    rows = sorted(programme.list_sessions(event), key=_when)  # those of no known day come last, in their order
    after = rows[rows.index(session) + 1 :] if session in rows else []
    if after:
        return after[0]
    same = Event.previous_id == event.id
    if event.series_id is not None:
        same = or_(same, Event.series_id == event.series_id)
    found = db.session.scalar(
        select(Event)
        .where(
            same,
            Event.starts_on > event.ends_on,
            Event.status.not_in((Status.DRAFT, Status.CANCELLED)),
            Event.audience.in_(OPEN_TO[Audience(event.audience)]),
            Event.is_rehearsal.is_(False),
        )
        .order_by(Event.starts_on, Event.id)
        .limit(1)
    )
    if found is None:
        return None
    return next(iter(programme.list_sessions(found)), None)


# --- its records --------------------------------------------------------------------------------------------------


def _items(records: Records) -> list[Fact]:
    zone = records.session.event.time_zone
    told = []
    for each in records.items:
        planned = format_time(each.starts_at, zone)
        actual = format_span(each.began_at, each.finished_at, zone)
        values = {
            "title": each.display_title,
            "kind": str(ITEM_KIND_LABELS[ItemKind(each.kind)]),
            "names": listed(speaker.display_name for speaker in each.speakers),
            "time": actual or planned,
            "planned": planned if actual and not actual.startswith(planned or "-") else "",
        }
        told.append(Fact("item", each.ref, values))
    return told


def _speeches(records: Records) -> list[Fact]:
    decided = (
        select(Requirement.speech_id)
        .join(Decision, Decision.requirement_id == Requirement.id)
        .where(Decision.session_id == records.session.id)
    )
    found = db.session.scalars(
        select(Speech)
        .where(Speech.session_id == records.session.id, Speech.id.not_in(decided))
        .options(joinedload(Speech.speaker))
        .order_by(Speech.position, Speech.id)
    )
    return [
        Fact(
            "speech",
            each.ref,
            {"title": each.display_title, "name": each.display_speaker, "position": each.display_position},
        )
        for each in found
    ]


def _requirements(records: Records) -> list[Fact]:
    return [
        Fact(
            "requirement",
            each.ref,
            {
                "number": each.display_number,
                "heading": each.display_heading,
                "text": each.display_summary or each.verbatim or "",
                "addressees": listed(one.display_name for one in each.addressees),
            },
            under=each.speech.ref,
        )
        for each in records.requirements
    ]


def _decisions(records: Records) -> list[Fact]:
    return [Fact("decision", each.ref, _decision(each), each.clearance) for each in records.decisions]


def _decision(each: Decision) -> Values:
    return {
        "text": each.display_text,
        "mover": in_language(each.mover.name_local if each.mover else None, each.mover_name),
        "means": each.means,
        "carried": "yes" if each.is_carried else "",
        "for": _count(each.votes_for),
        "against": _count(each.votes_against),
        "abstained": _count(each.abstained),
    }


def _count(votes: int | None) -> str:
    return "" if votes is None else str(votes)


def _assignments(records: Records) -> list[Fact]:
    """What was given to people: because of a decision as soon as the session named them, else once it was handed over."""
    of_decision = {each.requirement_id: each for each in records.decisions if each.requirement_id}
    ids = [*of_decision, *(each.id for each in records.requirements)]
    if not ids:
        return []
    found = db.session.scalars(
        select(Assignment)
        .where(Assignment.requirement_id.in_(ids), Assignment.parent_id.is_(None))
        .options(joinedload(Assignment.responsible), joinedload(Assignment.requirement))
        .order_by(Assignment.id)
    )
    told = []
    for each in found:
        decision = of_decision.get(each.requirement_id)
        if each.state in (NOT_DECIDED if decision else NOT_GIVEN):
            continue
        values = {
            "text": each.deliverable, "name": each.responsible.display_name, "day": format_day(each.original_due_on),
        }  # fmt: skip
        under = decision.ref if decision else each.requirement.ref
        told.append(Fact("assignment", each.ref, values, decision.clearance if decision else Clearance.PUBLIC, under))
    return told


def _reviewed(records: Records) -> list[Fact]:
    return [Fact("reviewed", ref, values) for ref, values in records.campaigns[0].items()]


def _assessed(records: Records) -> list[Fact]:
    return [Fact("assessed", ref, values) for ref, values in records.campaigns[1].items()]


def _campaigns(session: Session) -> tuple[dict[str, Values], dict[str, Values]]:
    """Reviewed and assessed ones: by their review or assessment, else because the programme says so."""
    reviews = db.session.scalars(
        select(Review).where(Review.session_id == session.id).options(joinedload(Review.campaign)).order_by(Review.id)
    ).all()
    judgements = db.session.scalars(
        select(Assessment)
        .where(Assessment.session_id == session.id)
        .options(joinedload(Assessment.campaign))
        .order_by(Assessment.id)
    ).all()
    links = db.session.scalars(
        select(EventCampaign)
        .where(EventCampaign.session_id == session.id)
        .options(joinedload(EventCampaign.campaign))
        .order_by(EventCampaign.id)
    ).all()
    reviewed = {each.campaign.ref: _campaign(each.campaign, _outcome(each.campaign)) for each in reviews}
    assessed = {each.campaign.ref: _campaign(each.campaign, each.display_verdict) for each in judgements}
    for link in links:
        into, words = (reviewed, _outcome(link.campaign)) if link.purpose == "reviewed" else (assessed, "")
        into.setdefault(link.campaign.ref, _campaign(link.campaign, words))
    return reviewed, assessed


def _campaign(campaign: Campaign, verdict: str) -> Values:
    return {"name": campaign.display_name, "verdict": verdict}


def _outcome(campaign: Campaign) -> str:
    return str(OUTCOME_LABELS[Outcome(campaign.outcome)]) if campaign.outcome else ""


def _pledges(records: Records) -> list[Fact]:
    """Those in force, unless they were signed at a ceremony of another session. Names as they were signed."""
    session = records.session
    elsewhere = select(Ceremony.id).where(
        Ceremony.round_id == Pledge.round_id, Ceremony.session_id.is_not(None), Ceremony.session_id != session.id
    )
    found = db.session.scalars(
        select(Pledge)
        .where(
            Pledge.event_id == session.event_id,
            Pledge.state.in_((PledgeState.IN_FORCE, PledgeState.ASSESSED)),
            ~elsewhere.exists(),
        )
        .options(selectinload(Pledge.slots).joinedload(SignatureSlot.person))
        .order_by(Pledge.label)
    )
    return [
        Fact(
            "pledge",
            each.ref,
            {
                "label": each.label,
                "title": each.title,
                "pledgers": listed(slot.name for slot in each.slots if slot.role == SlotRole.PLEDGER),
                "others": listed(
                    phrased([slot.name, slot.role_label.lower()])
                    for slot in each.slots
                    if slot.role != SlotRole.PLEDGER
                ),
            },
        )
        for each in found
    ]


def _awards(records: Records) -> list[Fact]:
    """What is not conferred yet is not told (rule 31)."""
    session = records.session
    found = db.session.scalars(
        select(Award)
        .outerjoin(Ceremony, Ceremony.id == Award.ceremony_id)
        .where(
            Award.event_id == session.event_id,
            Award.conferred_on.is_not(None),
            or_(Ceremony.session_id.is_(None), Ceremony.session_id == session.id),
        )
        .options(
            selectinload(Award.recipients).joinedload(Recipient.person),
            selectinload(Award.recipients).joinedload(Recipient.team),
        )
        .order_by(Award.id)
    )
    return [
        Fact(
            "award",
            each.ref,
            {
                "title": each.display_title,
                "names": listed(one.display_name for one in each.recipients),
                "count": str(each.recipients_count or ""),
            },
        )
        for each in found
    ]


def _tallies(records: Records) -> list[Fact]:
    session = records.session
    found = db.session.scalars(
        select(Tally)
        .outerjoin(Ceremony, Ceremony.id == Tally.ceremony_id)
        .where(
            Tally.event_id == session.event_id,
            Tally.conferred_at.is_not(None),
            or_(Ceremony.session_id.is_(None), Ceremony.session_id == session.id),
        )
        .options(joinedload(Tally.campaign).joinedload(Campaign.commander))
        .order_by(Tally.id)
    )
    return [
        Fact(
            "tally",
            each.ref,
            {
                "number": each.label,
                "campaign": each.campaign.display_name,
                "name": each.campaign.commander.display_name if each.campaign.commander else "",
            },
        )
        for each in found
    ]


def _statements(records: Records) -> list[Fact]:
    session = records.session
    found = db.session.scalars(
        select(Statement)
        .where(
            Statement.event_id == session.event_id,
            or_(Statement.session_id == session.id, Statement.session_id.is_(None)),
        )
        .options(joinedload(Statement.team))
        .order_by(Statement.position, Statement.id)
    )
    return [
        Fact(
            "statement",
            each.ref,
            {"team": each.team.display_name, "words": each.display_summary or each.verbatim or ""},
        )
        for each in found
    ]


def _announcements(records: Records) -> list[Fact]:
    return [
        Fact("announcement", each.ref, {"name": each.display_speaker, "text": each.display_text}, each.clearance)
        for each in decisions.list_announced(records.session)
    ]


def _adoptions(records: Records) -> list[Fact]:
    """Earlier minutes that this session looked at. Who may not read them is not told of them."""
    found = db.session.scalars(
        select(Adoption)
        .join(Minutes, Minutes.id == Adoption.minutes_id)
        .where(Adoption.session_id == records.session.id, Adoption.outcome.is_not(None))
        .options(joinedload(Adoption.minutes).joinedload(Minutes.session))
        .order_by(Adoption.id)
    )
    return [
        Fact(
            "adoption",
            each.ref,
            {
                "number": each.minutes.label if each.minutes.number else each.minutes.earlier_number or "",
                "title": each.minutes.title,
                "outcome": each.outcome or "",
                "corrections": each.corrections or "",
            },
            each.minutes.least_clearance,
        )
        for each in found
    ]


LOADERS: dict[str, Callable[[Records], list[Fact]]] = {
    "meeting": _meeting,
    "time": _time,
    "place": _place,
    "chair": _chair,
    "recorder": _recorder,
    "attendance": _attendance,
    "held": _held,
    "theme": _theme,
    "adoption": _adoptions,
    "item": _items,
    "speech": _speeches,
    "requirement": _requirements,
    "reviewed": _reviewed,
    "assessed": _assessed,
    "decision": _decisions,
    "assignment": _assignments,
    "pledge": _pledges,
    "award": _awards,
    "tally": _tallies,
    "statement": _statements,
    "announcement": _announcements,
    "next_meeting": _next_meeting,
}


def attendance_of(session: Session, recorder: Person | None) -> dict[str, list[str]]:
    """Who was there, from the record of attendance. Present: there during the session. Excused: withdrew, declined or is
    represented, and was not seen. In attendance: guests, recorder."""
    event = session.event
    guests = {
        each.id: each
        for each in db.session.scalars(
            select(Person)
            .join(Participation, Participation.person_id == Person.id)
            .where(Participation.event_id == event.id, Participation.role == "guest")
            .order_by(Person.name, Person.id)
        )
    }
    beside = {**guests, **({recorder.id: recorder} if recorder else {})}
    whole = attendance.record(event)
    spans = attendance.spans_during(whole.spans, session)
    others = [each for each in whole.people if each.person.id not in beside]
    groups = db.session.scalars(
        select(ParticipantGroup).where(ParticipantGroup.event_id == event.id).order_by(ParticipantGroup.id)
    )
    return {
        "present": [
            *(_named(each) for each in others if each.was_there(spans)),
            *(each.display_name for each in groups),
        ],
        "excused": [each.person.display_name for each in others if each.is_excused(spans)],
        "in_attendance": [each.display_name for each in beside.values()],
    }


def _named(attendee: attendance.Attendee) -> str:
    name = attendee.person.display_name
    return _("%(name)s (for %(other)s)", name=name, other=attendee.instead_of) if attendee.instead_of else name
