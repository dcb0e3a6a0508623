"""What a session itself decided, as a requirement: its words are the decision's, so there is nobody to confirm them."""

from datetime import date

from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import Refused, require
from app.core.i18n import _, force_locale
from app.core.roles import Actor
from app.people.models import Person
from app.programme.models import Session
from app.requirements import policy
from app.requirements.errors import WrongMoment
from app.requirements.labels import next_label, year_of
from app.requirements.models import Assignment, Requirement, RequirementKind, RequirementState, Tracking
from app.requirements.services.handing_over import hand_over, prepare, refuse_hand_over
from app.requirements.services.wording import edition_of, index_requirement, numbered
from app.speeches import services as speeches
from app.speeches.models import Speech

CHINESE = "zh_Hans_CN"


def add_decided(
    session: Session, *, actor: Actor, speech: Speech | None, heading: str, heading_local: str | None = None,
    words: str | None = None, words_local: str | None = None,
) -> Requirement:  # fmt: skip
    """Record what a session decided as a directive of its chair, to be assigned to a person.

    `speech` holds what the session decided before; without it one is made in the name of the chair. It is confirmed from
    the beginning: the session stands for these words, and nobody adds others to them.
    """
    require(policy.may_record(actor, session.event))
    speech = speech or _speech_of(session, actor)
    number, sub = numbered(speech, None, "", None)
    requirement = Requirement(
        event=session.event, speech=speech, label=next_label("RQ", year_of(speech)), number=number, sub=sub,
        heading=heading, heading_local=heading_local, verbatim=words, summary_local=words_local, topics=[],
        kind=RequirementKind.DIRECTIVE, tracking=Tracking.ASSIGNED, state=RequirementState.CONFIRMED,
    )  # fmt: skip
    db.session.add(requirement)
    db.session.flush()
    db.session.add(edition_of(requirement, by_name=_stands_for_it(session)))
    audit.record(actor, "requirement.recorded", requirement, number=requirement.display_number)
    index_requirement(requirement)
    return requirement


def _speech_of(session: Session, actor: Actor) -> Speech:
    if session.chair is None:
        raise WrongMoment(_("Say first who is in the chair: what the session decided is handed out in their name."))
    with force_locale("en"):
        title = _("Decisions of the session")
    with force_locale(CHINESE):
        title_local = _("Decisions of the session")
    speech = speeches.add_speech(
        session.event, actor=actor, session=session, speaker=session.chair, title=title, title_local=title_local
    )
    edit(speech, version=None, confirmed_at=clock.now(), confirmed_by_name=_stands_for_it(session))
    return speech


def _stands_for_it(session: Session) -> str:
    return session.title[:200]


def hand_out_decided(
    requirement: Requirement, *, actor: Actor, responsible: Person, verifier: Person, deliverable: str, criteria: str,
    due_on: date,
) -> Assignment:  # fmt: skip
    """Prepare what somebody is to do because of a decision. Whoever may hand over does so in the same breath; else, and
    where nobody could answer, it waits for the supervisor."""
    require(policy.may_record(actor, requirement.event))
    assignment = prepare(
        requirement, actor=actor, responsible=responsible, verifier=verifier, deliverable=deliverable,
        criteria=criteria, due_on=due_on,
    )  # fmt: skip
    if policy.may_hand_over(actor, assignment) and _can_go_out(assignment):
        hand_over(assignment, actor=actor)
    return assignment


def _can_go_out(assignment: Assignment) -> bool:
    try:
        refuse_hand_over(assignment)
    except Refused:
        return False
    return True
