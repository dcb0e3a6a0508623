"""What was recorded of one session, gathered for a draft, in the language in force."""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.attendance import queries as attendance
from app.awards.models import Award, Recipient
from app.campaigns.models import OUTCOME_LABELS, Assessment, Campaign, EventCampaign, Outcome, Review
from app.ceremonies.models import Ceremony
from app.core.db import db
from app.core.i18n import _, format_day, format_span, format_time, phrased
from app.core.roles import NOBODY
from app.events.models import ParticipantGroup, Participation
from app.minutes import queries
from app.minutes.drafting import Battle, Conferred, Decision, Declared, Item, Point, Records, Said
from app.people.models import Person
from app.pledges.models import Pledge, PledgeState, SignatureSlot
from app.programme import queries as programme
from app.programme.models import ITEM_KIND_LABELS, SESSION_KIND_LABELS, AgendaItem, ItemKind, Session, SessionKind
from app.requirements.models import Requirement, RequirementState
from app.speeches.models import Speech, Statement


def gather(session: Session, recorder: Person | None) -> Records:
    """Everything that a draft of these minutes tells. What is not conferred yet is not in it (rule 31)."""
    event = session.event
    requirements = _requirements(session)
    present, excused, in_attendance = _people(session, recorder)
    reviewed, assessed = _campaigns(session)
    return Records(
        gathering=event.display_title,
        session=session.display_title,
        kind=str(SESSION_KIND_LABELS[SessionKind(session.kind)]),
        time=_time(session),
        place=_place(session),
        chair=session.chair.display_name if session.chair else "",
        recorder=recorder.display_name if recorder else "",
        theme=session.display_theme,
        present=present,
        excused=excused,
        in_attendance=in_attendance,
        agenda=[_item(each) for each in programme.list_items(event, NOBODY, session=session) if not each.cancelled_at],
        speeches=_speeches(session, requirements),
        decisions=[
            Decision(each.deliverable, each.responsible.display_name, format_day(each.due_on))
            for each in queries.list_assignments(session, requirements)
        ],
        reviewed=reviewed,
        assessed=assessed,
        pledges=_pledges(session),
        conferred=_conferred(session),
        statements=_statements(session),
    )


def _time(session: Session) -> str:
    if session.starts_at is None:
        return format_day(session.day)
    zone = session.event.time_zone
    day = session.day or session.event.day_at(session.starts_at)
    return f"{format_day(day)} {format_span(session.starts_at, session.ends_at, zone)} ({zone})"


def _place(session: Session) -> str:
    parts = [session.room.display_name if session.room else "", session.event.display_place]
    return phrased(parts)


def _item(item: AgendaItem) -> Item:
    speakers = [each.display_name for each in item.speakers]
    kind = str(ITEM_KIND_LABELS[ItemKind(item.kind)])
    return Item(item.display_title, kind, speakers, format_time(item.starts_at, item.event.time_zone))


def _people(session: Session, recorder: Person | None) -> tuple[list[str], list[str], list[str]]:
    """From the record of attendance. Present: there during the session. Excused: withdrew, declined or is represented,
    and was not seen. In attendance: guests, recorder."""
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
    present = [_named(each) for each in others if each.was_there(spans)]
    excused = [each.person.display_name for each in others if each.is_excused(spans)]
    names = [each.display_name for each in beside.values()]
    return [*present, *(each.display_name for each in groups)], excused, names


def _named(attendee: attendance.Attendee) -> str:
    name = attendee.person.display_name
    return _("%(name)s (for %(other)s)", name=name, other=attendee.instead_of) if attendee.instead_of else name


def _requirements(session: Session) -> Sequence[Requirement]:
    return db.session.scalars(
        select(Requirement)
        .join(Speech, Speech.id == Requirement.speech_id)
        .where(Speech.session_id == session.id, Requirement.state != RequirementState.WITHDRAWN)
        .order_by(Speech.position, Speech.id, Requirement.number, Requirement.sub)
    ).all()


def _speeches(session: Session, requirements: Sequence[Requirement]) -> list[Said]:
    found = db.session.scalars(
        select(Speech)
        .where(Speech.session_id == session.id)
        .options(joinedload(Speech.speaker))
        .order_by(Speech.position, Speech.id)
    ).all()
    return [
        Said(
            each.display_title,
            each.display_speaker,
            each.display_position,
            [
                Point(one.display_number, one.display_heading, one.display_summary or one.verbatim or "")
                for one in requirements
                if one.speech_id == each.id
            ],
        )
        for each in found
    ]


def _campaigns(session: Session) -> tuple[list[Battle], list[Battle]]:
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
    reviewed = {each.campaign_id: Battle(each.campaign.display_name, _outcome(each.campaign)) for each in reviews}
    assessed = {each.campaign_id: Battle(each.campaign.display_name, each.display_verdict) for each in judgements}
    for link in links:
        into, words = (reviewed, _outcome(link.campaign)) if link.purpose == "reviewed" else (assessed, "")
        into.setdefault(link.campaign_id, Battle(link.campaign.display_name, words))
    return list(reviewed.values()), list(assessed.values())


def _outcome(campaign: Campaign) -> str:
    return str(OUTCOME_LABELS[Outcome(campaign.outcome)]) if campaign.outcome else ""


def _pledges(session: Session) -> list[str]:
    """Those in force, unless they were signed at a ceremony of another session."""
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
    ).all()
    told = []
    for each in found:
        signed = ", ".join(slot.name for slot in each.slots)
        told.append(f"{each.label} {each.title}" + (f" ({signed})" if signed else ""))
    return told


def _conferred(session: Session) -> list[Conferred]:
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
    ).all()
    return [
        Conferred(each.display_title, [one.display_name for one in each.recipients], each.recipients_count)
        for each in found
    ]


def _statements(session: Session) -> list[Declared]:
    found = db.session.scalars(
        select(Statement)
        .where(
            Statement.event_id == session.event_id,
            or_(Statement.session_id == session.id, Statement.session_id.is_(None)),
        )
        .options(joinedload(Statement.team))
        .order_by(Statement.position, Statement.id)
    ).all()
    return [Declared(each.team.display_name, each.display_summary or each.verbatim or "") for each in found]
