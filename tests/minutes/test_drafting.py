"""The draft out of the records: everything that was recorded, nothing that was not, in the words of each tradition."""

from datetime import UTC, date, datetime

from app.awards.models import Award, Recipient
from app.campaigns.models import Assessment, Campaign, Review
from app.ceremonies.models import Ceremony
from app.core import clock
from app.core.db import unit_of_work
from app.door.models import CheckIn
from app.door.services import arrival_of
from app.events.models import ParticipantGroup
from app.minutes import extracts, services
from app.minutes.models import Tradition
from app.people.models import Clearance
from app.pledges.models import Pledge, PledgeState, SignatureSlot
from app.programme.models import Session
from app.registration.models import Registration, State
from app.requirements.models import Assignment, AssignmentState, Requirement
from app.speeches.models import Statement
from tests.cast import Cast
from tests.factories import make_event, make_item, make_part, make_room, make_session, make_speech, make_team, save


def full(cast: Cast) -> Session:
    """A session with one record of each kind."""
    people = cast.people
    event = make_event(title="Autumn gathering", title_local="秋季大会", starts_on=date(2027, 1, 14), city="Foshan")
    session = make_session(
        event, title="Looking ahead", title_local="战略研讨会", chair=people["li_wei"], room=make_room(event, name="Hall 2"),
        starts_at=datetime(2027, 1, 14, 1, tzinfo=UTC), ends_at=datetime(2027, 1, 14, 4, tzinfo=UTC), theme="One ship",
    )  # fmt: skip
    make_item(event, session=session, title="Opening words", kind="speech", speakers=[people["li_wei"]])
    make_item(event, session=session, title="Fire drill", is_internal=True)
    make_item(event, session=session, title="Called off", cancelled_at=clock.now())
    now = clock.now()
    for name in ("li_wei", "petra"):
        save(CheckIn(event=event, point=arrival_of(event), person=people[name], at=now, by_name="Dora", means="name"))
    save(
        CheckIn(
            event=event,
            point=arrival_of(event),
            person=people["xaver"],
            at=now,
            by_name="Dora",
            means="name",
            undone_at=now,
        )
    )
    withdrawn = {"state": State.WITHDRAWN, "joined_at": now, "confirmed_at": now, "withdrawn_at": now}
    save(Registration(event=event, person=people["tom"], door_code="A", **withdrawn))
    save(Registration(event=event, person=people["petra"], door_code="B", **withdrawn))
    make_part(event, people["mei"], "guest")
    save(ParticipantGroup(event=event, category="Directors of the works"))
    speech = make_speech(session, people["li_wei"], title="Six words", position_title="President")
    numbered = {"event": event, "speech": speech, "kind": "directive", "topics": []}
    kept = save(Requirement(label="RQ-1", number=1, heading="Count honestly", summary="At the kiln door.", **numbered))
    save(Requirement(label="RQ-2", number=2, heading="Taken back", state="withdrawn", **numbered))
    due = {"original_due_on": date(2027, 3, 31), "due_on": date(2027, 3, 31), "criteria": "x"}
    whom = {"requirement": kept, "responsible": people["petra"], "verifier": people["tom"]}
    save(Assignment(label="AS-1", deliverable="A sheet each day", state=AssignmentState.ACCEPTED, **whom, **due))
    save(Assignment(label="AS-2", deliverable="Handed back", state=AssignmentState.DECLINED, **whom, **due))
    save(Assignment(label="AS-3", deliverable="Only proposed", state=AssignmentState.PROPOSED, **whom, **due))
    won = save(Campaign(event=event, year=2026, ordinal=1, name="Dry Feet", outcome="won"))
    save(Review(campaign=won, session=session))
    save(Assessment(campaign=save(Campaign(event=event, year=2027, ordinal=1, name="Half a Percent")), session=session))
    pledge = save(
        Pledge(event=event, label="PL-2027-001", title="Half the scrap", state=PledgeState.IN_FORCE, targets=[])
    )
    save(SignatureSlot(pledge=pledge, person=people["mei"], role="pledger", position=1, name="Mei Zhao"))
    save(Pledge(event=event, label="PL-2027-002", title="Still open", state=PledgeState.OPEN, targets=[]))
    award = save(Award(event=event, title="Steady Hands", conferred_on=date(2027, 1, 14)))
    save(Recipient(award=award, person=people["tom"]))
    save(Award(event=event, title="Embargoed"))
    other = save(Ceremony(event=event, session=make_session(event), kind="awarding", title="Elsewhere"))
    save(Award(event=event, title="Given elsewhere", conferred_on=date(2027, 1, 15), ceremony_id=other.id))
    save(Statement(event=event, session=session, team=make_team(name="Shift C"), summary="We count."))
    return session


def drafted(cast: Cast, language: str = "en", tradition: str = Tradition.ASSEMBLY) -> str:
    """What the draft of a full session reads like."""
    with unit_of_work():
        minutes = services.draft_minutes(full(cast), actor=cast.sara, language=language)
        minutes.tradition = tradition
        services.redraft(minutes, actor=cast.sara)
    return extracts.read(minutes.newest, Clearance.SECRET).markdown
