"""The whole record of one gathering as JSON; docs/export.md tells its shape.

A value that was stated, or entered by people, stands as it is. One that was inferred or left open by the source stands
in a frame: {"value", "provenance", "basis"}.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from app.awards.models import Award, Recipient
from app.campaigns.models import Assessment, Campaign, EventCampaign, Review, SupportRequest
from app.campaigns.queries import list_support
from app.carryovers.models import CarryOver
from app.ceremonies.models import Ceremony
from app.core.db import db
from app.custody.models import AWARD, TALLY_HALF, CustodyEvent
from app.custody.queries import history, history_of
from app.door.queries import count_arrived
from app.events.models import Event, ParticipantGroup, Participation
from app.extensions.models import Extension
from app.minutes.bound import people as people_of
from app.minutes.extracts import attached
from app.minutes.models import Acknowledgement, Minutes
from app.negotiations.models import CounterProposal
from app.people.models import Organization, Person, Position, Team
from app.pledges.models import Pledge
from app.programme.models import AgendaItem, Session
from app.provenance.models import Provenance, Source
from app.provenance.queries import find_source, note, notes_of
from app.publications.models import Release
from app.registration.models import PlaceCounter, Registration
from app.requirements.models import Assignment, Requirement, RequirementLink
from app.speeches.models import Passage, Speech, Statement
from app.tallies.models import Tally
from app.tallies.queries import find_document

FORMAT = "hufu-event"
VERSION = 1

Shape = dict[str, Any]


def export_event(event: Event) -> Shape:
    """Everything that is recorded of one event. Whoever calls this may see all of it."""
    return Export(event).whole()


class Export:
    """One event, with the notes on where its values come from."""

    def __init__(self, event: Event) -> None:
        self.event = event
        self.notes = notes_of(event.ref) if event.source_id else {}

    def whole(self) -> Shape:
        return {
            "format": FORMAT,
            "format_version": VERSION,
            "event": self.of_event(),
            "source": self.of_source(find_source(self.event.source_id)),
            "sessions": [self.of_session(each) for each in self.rows(Session, Session.position)],
            "items": [self.of_item(each) for each in self.items(None)],
            "people": self.people(),
            "groups": [self.of_group(each) for each in self.rows(ParticipantGroup)],
            "teams": [self.of_team(each) for each in self.teams()],
            "registration": self.registration(),
            "speeches": [self.of_speech(each) for each in self.rows(Speech, Speech.position)],
            "carried_over": [
                self.of_carry_over(each)
                for each in db.session.scalars(
                    select(CarryOver).where(CarryOver.to_event_id == self.event.id).order_by(CarryOver.id)
                )
            ],
            "campaigns": [self.of_campaign(each) for each in self.rows(Campaign, Campaign.year, Campaign.ordinal)],
            "ceremonies": [self.of_ceremony(each) for each in self.rows(Ceremony, Ceremony.position)],
            "pledges": [self.of_pledge(each) for each in self.rows(Pledge, Pledge.label)],
            "awards": [self.of_award(each) for each in self.awards()],
            "tallies": [self.of_tally(each) for each in self.rows(Tally, Tally.label) if each.is_conferred],
            "statements": [self.of_statement(each) for each in self.rows(Statement, Statement.position)],
            "minutes": [self.of_minutes(each) for each in self.rows(Minutes)],
            "publications": [self.of_release(each) for each in self.rows(Release)],
        }

    # --- values

    def rows(self, model: Any, *order: Any) -> Sequence[Any]:
        """The event's own records of a kind."""
        return db.session.scalars(select(model).where(model.event_id == self.event.id).order_by(*order, model.id)).all()

    def told(self, record: Any, name: str, value: Any = None) -> Any:
        """A value, framed with its provenance where the source does not simply state it.

        What the source left open and somebody has told since is entered.
        """
        found = note(self.notes, record, name)
        shown = _plain(value)
        if found is None or found.provenance == Provenance.STATED:
            return shown
        if found.provenance != Provenance.UNKNOWN:
            return {"value": shown, "provenance": found.provenance, "basis": found.basis}
        if shown:
            return {"value": shown, "provenance": str(Provenance.ENTERED), "basis": None}
        return {"value": None, "provenance": found.provenance, "basis": found.basis}

    def ours(self, value: Any) -> Any:
        """What happened here and not in the source: when a record was published or closed."""
        if self.event.source_id is None or value is None:
            return _plain(value)
        return {"value": _plain(value), "provenance": str(Provenance.ENTERED), "basis": None}

    def values(self, record: Any, *names: str) -> Shape:
        return {name: self.told(record, name, getattr(record, name)) for name in names}

    # --- the gathering

    def of_event(self) -> Shape:
        event = self.event
        came = count_arrived([event.id]).get(event.id, 0)
        return {
            "ref": event.ref,
            **self.values(
                event, "title", "title_local", "kind", "status", "audience", "starts_on", "ends_on", "time_zone",
                "city", "city_local", "venue", "venue_local", "description", "description_local", "cancelled_at",
                "cancel_reason",
            ),
            "published_at": self.ours(event.published_at),
            "concluded_at": self.ours(event.concluded_at),
            "days": (event.ends_on - event.starts_on).days + 1,
            "attendance_count": self.told(event, "attendance_count", came),
            "organization": self.of_organization(event.host) if event.host else None,
            "previous": event.previous.ref if event.previous else None,
        }  # fmt: skip

    def of_organization(self, organization: Organization) -> Shape:
        return {"ref": organization.ref, **self.values(organization, "name", "name_local")}

    def of_source(self, source: Source | None) -> Shape | None:
        if source is None:
            return None
        return {
            "title": source.title,
            "publisher": source.publisher,
            "released_on": _plain(source.released_on),
            "language": source.language,
            "is_translation": self.told(source, "is_translation", source.is_translation),
            "sha256": source.sha256,
            "characters": source.length,
            "text_kept": False,
            "remarks": source.remarks,
        }

    def of_session(self, session: Session) -> Shape:
        return {
            "ref": session.ref,
            **self.values(
                session, "title", "title_local", "kind", "covers_year", "theme", "theme_local", "purpose",
                "purpose_local", "day", "starts_at", "ends_at",
            ),
            "room": self.told(session, "room", session.room.name if session.room else None),
            "chair": self.told(session, "chair", _named(session.chair)),
            "reviewed_campaigns": self.campaigns_in(session, "reviewed"),
            "assessed_campaigns": self.campaigns_in(session, "assessed"),
            "items": [self.of_item(each) for each in self.items(session)],
        }  # fmt: skip

    def campaigns_in(self, session: Session, purpose: str) -> list[str]:
        """Refs of campaigns that a session dealt with, also of those that another event set."""
        linked = select(EventCampaign.campaign_id).where(
            EventCampaign.session_id == session.id, EventCampaign.purpose == purpose
        )
        model = Review if purpose == "reviewed" else Assessment
        recorded = select(model.campaign_id).where(model.session_id == session.id)
        campaigns = select(Campaign).where(Campaign.id.in_(linked) | Campaign.id.in_(recorded))
        found = db.session.scalars(campaigns.order_by(Campaign.year, Campaign.ordinal))
        return [each.ref for each in found]

    def items(self, session: Session | None) -> Sequence[AgendaItem]:
        mine = AgendaItem.session_id == session.id if session else AgendaItem.session_id.is_(None)
        return db.session.scalars(
            select(AgendaItem)
            .where(AgendaItem.event_id == self.event.id, mine)
            .order_by(AgendaItem.starts_at, AgendaItem.position, AgendaItem.id)
        ).all()

    def of_item(self, item: AgendaItem) -> Shape:
        return {
            "ref": item.ref,
            **self.values(
                item, "kind", "title", "title_local", "summary", "summary_local", "starts_at", "ends_at", "is_internal"
            ),
            "room": self.told(item, "room", item.room.name if item.room else None),
            "speakers": [_named(each.person or each.team) for each in item.speakers],
            "cancelled": item.cancelled_at is not None,
        }

    # --- people

    def people(self) -> list[Shape]:
        """Named people with their parts, in the order in which they were named."""
        parts: dict[Person, list[Participation]] = {}
        for each in self.rows(Participation):
            parts.setdefault(each.person, []).append(each)
        return [self.of_person(person, own) for person, own in parts.items()]

    def of_person(self, person: Person, parts: list[Participation]) -> Shape:
        held = [each for each in person.positions if each.is_held_on(self.event.starts_on)]
        return {
            "ref": person.ref,
            **self.values(person, "name", "name_local"),
            "roles": sorted(each.role for each in parts),
            "positions": [self.of_position(each) for each in held],
        }

    def of_position(self, position: Position) -> Shape:
        organization = db.session.get(Organization, position.organization_id) if position.organization_id else None
        return {
            **self.values(position, "title", "title_local"),
            "organization": organization.name if organization else None,
            "from": self.told(position, "from_on", position.from_on),
            "to": self.told(position, "to_on", position.to_on),
        }

    def of_group(self, group: ParticipantGroup) -> Shape:
        return {"ref": group.ref, **self.values(group, "category", "category_local", "headcount")}

    def teams(self) -> list[Team]:
        """The teams that spoke, that carry a campaign of this event, or that were awarded here."""
        speaking = [each.team for item in self.rows(AgendaItem) for each in item.speakers]
        stating = [each.team for each in self.rows(Statement)]
        carrying = [each.team for each in self.rows(Campaign)]
        awarded = [each.team for award in self.awards() for each in award.recipients]
        met = {each.id: each for each in [*speaking, *stating, *carrying, *awarded] if each is not None}
        return [met[key] for key in sorted(met)]

    def of_team(self, team: Team) -> Shape:
        return {
            "ref": team.ref,
            **self.values(team, "name", "name_local", "place", "year"),
            "members": self.told(
                team,
                "members",
                [{**_named(each.person), "role": each.role} for each in sorted(team.members, key=lambda each: each.id)],
            ),
        }

    def registration(self) -> list[Shape]:
        """Places by counter: the event's own first, then those of sessions."""
        counters = self.rows(PlaceCounter)
        states = select(Registration.state, func.count()).where(Registration.event_id == self.event.id)
        counted = {state: number for state, number in db.session.execute(states.group_by(Registration.state))}
        return [
            {
                "session": each.session.ref if each.session else None,
                **({"option": each.option} if each.option else {}),
                "capacity": each.capacity,
                "taken": each.taken,
                "waiting": each.waiting,
                **({"registrations": counted} if each.session is None and each.option is None else {}),
            }
            for each in counters
        ]

    # --- what was said

    def of_speech(self, speech: Speech) -> Shape:
        wholes = select(Requirement).where(Requirement.speech_id == speech.id, Requirement.parent_id.is_(None))
        return {
            "ref": speech.ref,
            "session": speech.session.ref,
            **self.headed(speech, "title"),
            "speaker": {"ref": speech.speaker.ref, "name": speech.speaker_name},
            "position_at_time": self.told(speech, "position_title", speech.position_title),
            "language": speech.language,
            "held_at": self.told(speech, "held_at", speech.held_at),
            **self.values(speech, "audience", "audience_local"),
            "announced_requirement_count": self.told(speech, "announced_count", speech.announced_count),
            "announced_count_word": self.told(speech, "announced_words", speech.announced_words),
            "confirmed_at": _plain(speech.confirmed_at),
            "passages": [self.of_passage(each) for each in speech.passages],
            "requirements": [
                self.of_requirement(each)
                for each in db.session.scalars(wholes.order_by(Requirement.number, Requirement.id))
            ],
        }

    def headed(self, record: Any, name: str) -> Shape:
        """A title with its twin; where the source gives none, the one that we show stands beside it."""
        local = f"{name}_local"
        found = note(self.notes, record, name)
        if found is None or found.provenance != Provenance.UNKNOWN:
            return self.values(record, name, local)
        return {
            name: self.told(record, name, None),
            f"{name}_shown": getattr(record, name),
            f"{name}_shown_local": getattr(record, local),
        }

    def of_passage(self, passage: Passage) -> Shape:
        return {
            "ref": passage.ref,
            **self.values(passage, "kind", "summary", "summary_local"),
            **_wording(passage),
        }

    def of_requirement(self, requirement: Requirement) -> Shape:
        return {
            "ref": requirement.ref,
            "label": requirement.label,
            "number": requirement.number,
            **self.headed(requirement, "heading"),
            **self.values(
                requirement, "summary", "summary_local", "kind", "second_kind", "topics", "state", "tracking"
            ),
            **_wording(requirement),
            "passage": requirement.passage.ref if requirement.passage else None,
            "addressees": self.told(
                requirement,
                "addressees",
                [
                    {**self.values(each, "words", "words_local"), "department": _named(each.department)}
                    for each in requirement.addressees
                ],
            ),
            "review_due_on": _plain(requirement.review_due_on),
            "wordings": [
                {
                    "at": _plain(each.created_at),
                    **_fields(
                        each,
                        "edition",
                        "heading",
                        "heading_local",
                        "verbatim",
                        "summary",
                        "summary_local",
                        "reason",
                        "by_name",
                    ),
                }
                for each in requirement.wordings
            ],
            "reviews": [
                {
                    "at": _plain(each.created_at),
                    "session": each.session.ref if each.session else None,
                    **_fields(each, "reviewed_on", "finding", "by_name"),
                }
                for each in requirement.reviews
            ],
            "continues": [each.earlier.ref for each in self.links(requirement)],
            "assignments": [self.of_assignment(each) for each in requirement.assignments],
            "children": [
                {**self.of_requirement(each), "display_number": each.display_number} for each in requirement.children
            ],
        }

    def links(self, requirement: Requirement) -> Sequence[RequirementLink]:
        found = select(RequirementLink).where(RequirementLink.later_id == requirement.id)
        return db.session.scalars(found.order_by(RequirementLink.id)).all()

    def about(self, model: Any, assignment: Assignment) -> Sequence[Any]:
        """What was said of one assignment, in the order in which it was."""
        return db.session.scalars(select(model).where(model.assignment_id == assignment.id).order_by(model.id)).all()

    def of_carry_over(self, carried: CarryOver) -> Shape:
        """What came from an earlier edition: put on the agenda, left out with the reason, or to be decided."""
        about = carried.assignment or carried.requirement or carried.campaign
        return {
            "from": carried.from_event.ref,
            "about": about.ref if about else None,
            "item": carried.item.ref if carried.item else None,
            **_fields(carried, "age", "state", "reason", "decided_at", "decided_by_name"),
        }

    def of_assignment(self, assignment: Assignment) -> Shape:
        return {
            "ref": assignment.ref,
            "label": assignment.label,
            "responsible": _named(assignment.responsible),
            "verifier": _named(assignment.verifier),
            "department": _named(assignment.department),
            "part_of": assignment.parent.ref if assignment.parent else None,
            "supporting_departments": [_named(each.department) for each in assignment.support],
            "contributors": [_named(each.person) for each in assignment.contributors],
            "criteria": assignment.criteria_list,
            **_fields(
                assignment, "deliverable", "resources", "state", "original_due_on", "due_on", "follow_up_on",
                "cadence_days", "handed_over_at", "accepted_at", "submitted_at", "verified_at", "closed_at",
                "closed_by_name", "quality", "closing_note", "decline_reason", "cancel_reason", "cancelled_at", "returns",
                "carry_count",
            ),
            "counter_proposals": [
                {"at": _plain(each.created_at), "was": each.was, **_fields(each, "round", "by_name", "words",
                 "deliverable", "criteria", "due_on", "resources", "state", "answered_at", "answered_by_name", "answer")}
                for each in self.about(CounterProposal, assignment)
            ],
            "extensions": [
                {"at": _plain(each.created_at), **_fields(each, "asked_by_name", "asked_on", "was_due_on", "new_due_on",
                 "reason", "state", "decided_at", "decided_by_name", "decision_reason", "is_in_time")}
                for each in self.about(Extension, assignment)
            ],
            "transfers": [
                {"at": _plain(each.created_at), **_fields(each, "from_name", "to_name", "reason", "by_name")}
                for each in assignment.transfers
            ],
            "reports": [
                {"at": _plain(each.created_at), **_fields(each, "text", "confidence", "percent", "blocked_by",
                 "help_needed", "by_name")}
                for each in assignment.reports
            ],
            "evidence": [
                {"at": _plain(each.created_at), "file": each.file.name if each.file else None,
                 **_fields(each, "described_as", "url", "figure", "by_name"), "criteria": each.criteria}
                for each in assignment.evidence
            ],
            "verdicts": [
                {"at": _plain(each.created_at), **_fields(each, "is_accepted", "reason", "by_name")}
                for each in assignment.verdicts
            ],
        }  # fmt: skip

    def of_statement(self, statement: Statement) -> Shape:
        return {
            "ref": statement.ref,
            "team": _named(statement.team),
            "speaker": self.told(statement, "speaker", _named(statement.speaker)),
            "session": self.told(statement, "session", statement.session.ref if statement.session else None),
            **self.values(statement, "occasion", "occasion_local", "summary", "summary_local"),
            **_wording(statement),
        }

    # --- campaigns, ceremonies, pledges, awards

    def of_campaign(self, campaign: Campaign) -> Shape:
        return {
            "ref": campaign.ref,
            "year": campaign.year,
            "ordinal": campaign.ordinal,
            "of": campaign.of_total,
            **self.values(campaign, "name", "name_local", "objective", "objective_local"),
            **_fields(campaign, "metric", "baseline", "target", "needs_tally"),
            "commander": self.told(campaign, "commander", _named(campaign.commander)),
            "deputy": _named(campaign.deputy),
            "team": self.told(campaign, "team", _named(campaign.team)),
            **self.values(campaign, "starts_on", "ends_on", "state", "outcome"),
            "tasks": [
                {
                    "ref": each.ref,
                    **_fields(each, "phase", "name", "deliverable", "due_on"),
                    "department": _named(each.department),
                    "responsible": _named(each.responsible),
                }
                for each in campaign.tasks
            ],
            "risks": [
                {"ref": each.ref, **_fields(each, "name", "response"), "owner": _named(each.owner)}
                for each in campaign.risks
            ],
            "support": [self.of_support(each) for each in list_support(campaign)],
            "assessments": [self.of_assessment(each) for each in campaign.assessments],
            "reviews": [self.of_review(each) for each in campaign.reviews],
        }

    def of_support(self, support: SupportRequest) -> Shape:
        return {
            "ref": support.ref,
            "to_department": _named(support.to_department),
            "at": _plain(support.created_at),
            **_fields(
                support, "asked_by_name", "what", "needed_by", "priority", "state", "acknowledged_at", "committed_for",
                "delivered_at", "confirmed_at", "confirmed_by_name", "refusal", "escalated_at", "ended_at", "decision",
                "decided_at", "decided_by_name",
            ),
        }  # fmt: skip

    def of_assessment(self, assessment: Assessment) -> Shape:
        return {
            "ref": assessment.ref,
            "kind": "ex_ante",
            "session": assessment.session.ref if assessment.session else None,
            "assessor": self.told(assessment, "assessor", _named(assessment.assessor)),
            **self.values(assessment, "clarity", "resources", "map", "risk", "team", "verdict", "verdict_local"),
        }

    def of_review(self, review: Review) -> Shape:
        """Findings by kind; one that the source leaves open is framed and holds no value."""
        findings = {
            kind: [{"text": each.text, "text_local": each.text_local} for each in review.findings if each.kind == kind]
            for kind in ("cause_of_failure", "experience_of_success")
        }
        return {
            "ref": review.ref,
            "kind": "ex_post",
            "session": review.session.ref if review.session else None,
            **self.values(
                review, "intended", "intended_local", "actual", "actual_local", "company_view", "company_view_local"
            ),
            "causes_of_failure": self.told(review, "causes_of_failure", findings["cause_of_failure"]),
            "experiences_of_success": self.told(review, "experiences_of_success", findings["experience_of_success"]),
            "concluded_at": _plain(review.concluded_at),
        }

    def of_ceremony(self, ceremony: Ceremony) -> Shape:
        return {
            "ref": ceremony.ref,
            "session": self.told(ceremony, "session", ceremony.session.ref if ceremony.session else None),
            "item": ceremony.item.ref if ceremony.item else None,
            **self.values(ceremony, "kind", "title", "title_local"),
            "position": self.told(ceremony, "place_in_programme", ceremony.place_in_programme),
            "account": ceremony.account_of,
            "account_local": ceremony.account_of_local,
        }

    def of_pledge(self, pledge: Pledge) -> Shape:
        signed = [each.signature for each in pledge.slots if each.signature]
        return {
            "ref": pledge.ref,
            "label": pledge.label,
            "round": pledge.round.title if pledge.round else None,
            "year": pledge.round.year if pledge.round else None,
            **self.values(pledge, "title", "language", "text", "targets", "deadline", "reward", "penalty", "state"),
            "team": self.told(pledge, "team", _named(pledge.team)),
            "campaign": self.told(pledge, "campaign", pledge.campaign.ref if pledge.campaign else None),
            "signatories": self.told(
                pledge,
                "signatories",
                [
                    {
                        "person": each.person.ref,
                        **_fields(each, "role", "name", "position_title", "refused_at"),
                        "signed_at": _plain(each.signature.signed_at) if each.signature else None,
                    }
                    for each in pledge.slots
                ],
            ),
            "signatures": len(signed),
            **_fields(
                pledge,
                "content_hash",
                "sign_by",
                "is_ordered",
                "opened_at",
                "in_force_at",
                "superseded_at",
                "void_reason",
                "verdict",
                "score",
                "verdict_reason",
                "assessed_at",
                "appealed_at",
                "appeal_reason",
                "appeal_decided_at",
                "first_verdict",
                "first_score",
                "first_verdict_reason",
            ),
            "replaces": pledge.replaces.ref if pledge.replaces else None,
            "assignment": pledge.assignment.ref if pledge.assignment else None,
            "evidence": [_fields(each, "words", "figure", "url", "by_name") for each in pledge.evidence],
            "document": pledge.document.code if pledge.document else None,
        }

    def of_award(self, award: Award) -> Shape:
        return {
            "ref": award.ref,
            "ceremony": self.ceremony_of(award),
            **self.values(award, "kind", "title", "title_local", "citation", "citation_local", "recipients_known"),
            "recipients": self.told(award, "recipients", [_recipient(each) for each in award.recipients]),
            "recipients_count": award.recipients_count,
            "conferred": award.is_conferred,
            "ended": {**_fields(award, "end", "ended_at"), "reason": award.end_reason} if award.end else None,
            "code": award.document.code if award.document else None,
            "custody": [_change_of_hands(each) for each in history(AWARD, award.ref)],
            **_fields(award, "conferred_outside"),
            **self.values(award, "conferred_on"),
            "conferred_by": self.told(award, "conferred_by", _named(award.conferred_by)),
        }

    def awards(self) -> list[Award]:
        """What was conferred. What is under embargo leaves the house in no file, not even as a number (rule 31)."""
        return [each for each in self.rows(Award) if each.is_conferred]

    def ceremony_of(self, award: Award) -> str | None:
        found = db.session.get(Ceremony, award.ceremony_id) if award.ceremony_id else None
        return found.ref if found else None

    def of_tally(self, tally: Tally) -> Shape:
        """What it lent to whom; its halves with who held them when. What is cast and not conferred is not told (rule 31)."""
        story = history_of(TALLY_HALF, [each.ref for each in tally.halves])
        document = find_document(tally)
        ceremony = db.session.get(Ceremony, tally.ceremony_id) if tally.ceremony_id else None
        return {
            "ref": tally.ref,
            "label": tally.label,
            "campaign": tally.campaign.ref,
            "ceremony": ceremony.ref if ceremony else None,
            **_fields(
                tally, "inscription", "inscription_local", "scope", "scope_local", "threshold", "valid_from", "valid_to",
                "state", "conferred_at", "conferred_by_name", "conferred_outside", "state_reason", "settled_at",
            ),
            "recast_of": tally.recast_of.label if tally.recast_of else None,
            "document": document.code if document else None,
            "halves": [
                {
                    "side": half.side,
                    "holder": _named(half.holder),
                    **_fields(half, "holder_title", "lost_at"),
                    "custody": [_change_of_hands(each) for each in story if each.object_ref == half.ref],
                }
                for half in tally.halves
            ],
        }  # fmt: skip

    # --- minutes, publications

    def of_minutes(self, minutes: Minutes) -> Shape:
        read = select(func.count()).where(
            Acknowledgement.minutes_id == minutes.id, Acknowledgement.read_at.is_not(None)
        )
        asked = select(func.count()).where(Acknowledgement.minutes_id == minutes.id, Acknowledgement.is_copy.is_(False))
        return {
            "ref": minutes.ref,
            "label": minutes.label,
            "session": minutes.session.ref,
            **_fields(minutes, "language", "title", "year", "number", "state", "approved_at", "approved_by_name"),
            "recorder": _named(minutes.recorder),
            "versions": [
                {
                    **_fields(each, "number", "change_note", "is_editorial", "frozen_at", "content_hash"),
                    "attendance": people_of(each),
                    "sections": [_fields(one, "heading", "said", "clearance") for one in each.sections],
                    "attachments": [
                        {**_fields(one, "title", "clearance"), "sha256": one.file.sha256} for one in attached(each)
                    ],
                }
                for each in minutes.versions
            ],
            "asked_to_read": db.session.scalar(asked),
            "have_read": db.session.scalar(read),
            "distribution": minutes.distribution,
        }

    def of_release(self, release: Release) -> Shape:
        return {
            "ref": release.ref,
            **self.values(release, "title", "title_local", "released_on"),
            "released_at": self.told(release, "released_at", None if self.event.source_id else release.published_at),
            **self.values(release, "is_public", "state", "body", "body_local", "summary", "summary_local"),
            "withdrawn_reason": release.withdrawn_reason,
            "closing": [
                {"position": each.position, **self.values(each, "kind", "summary", "summary_local"), **_wording(each)}
                for each in release.closing
            ],
        }


def _wording(record: Any) -> Shape:
    """The words as they were said; where they are withheld, the span says where they stand in the source."""
    span = [record.span_start, record.span_end] if record.span_start is not None else None
    return {
        "verbatim": record.verbatim,
        "verbatim_withheld": record.verbatim is None and span is not None,
        "span": span,
    }


def _named(record: Any) -> Any:
    return {"ref": record.ref, "name": record.name} if record is not None else None


def _change_of_hands(record: CustodyEvent) -> Shape:
    return {
        **_fields(
            record, "kind", "from_name", "to_name", "at", "place", "condition", "from_confirmed_at", "to_confirmed_at",
            "withdrawn_at", "withdrawn_reason",
        ),
        "recorded_at": _plain(record.created_at),
    }  # fmt: skip


def _recipient(each: Recipient) -> Any:
    if each.outside_name is None:
        return _named(each.person or each.team)
    return {"ref": None, "name": each.outside_name, "organization": each.outside_organization}


def _fields(record: Any, *names: str) -> Shape:
    return {name: _plain(getattr(record, name)) for name in names}


def _plain(value: Any) -> Any:
    """A value as JSON has it: days and moments as ISO 8601 text, moments in UTC."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Iterable) and not isinstance(value, dict):
        return [_plain(each) for each in value]
    return value
