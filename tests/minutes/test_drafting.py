"""The draft out of the records: everything that was recorded, nothing that was not, in the words of each tradition."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from app.awards.models import Award, Recipient
from app.campaigns.models import Assessment, Campaign, Review
from app.ceremonies.models import Ceremony
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.i18n import force_locale
from app.documents.markdown import plain_text, to_html
from app.door.models import CheckIn
from app.door.services import arrival_of
from app.events.models import ParticipantGroup
from app.minutes import drafting, services
from app.minutes.records import gather
from app.pledges.models import Pledge, PledgeState, SignatureSlot
from app.programme.models import Session
from app.registration.models import Registration, State
from app.requirements.models import Assignment, AssignmentState, Requirement
from app.speeches.models import Statement
from tests.cast import Cast
from tests.factories import make_event, make_item, make_part, make_room, make_session, make_speech, make_team, save

EMPTY = drafting.Records(
    gathering="Autumn", session="Looking ahead", kind="Strategy session", time="", place="", chair="", recorder=""
)


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


def drafted(cast: Cast, language: str = "en") -> tuple[str, dict[str, list[str]]]:
    with unit_of_work():
        session = full(cast)
    with force_locale(language):
        records = gather(session, cast.people["sara"])
        return drafting.to_markdown(records), records.attendance


def test_the_draft_tells_everything_that_was_recorded(cast: Cast) -> None:
    text, attendance = drafted(cast)
    assert attendance == {
        "present": ["Li Wei", "Petra Lindqvist", "Directors of the works"],
        "excused": ["Tom Okafor"],
        "in_attendance": ["Mei Zhao", "Sara Novák"],
    }
    assert (
        text
        == """\
## Opening

Strategy session “Looking ahead” of “Autumn gathering”.

- Time: Thu 14 Jan 2027 09:00–12:00 (Asia/Shanghai)
- Place: Hall 2, Foshan
- In the chair: Li Wei
- Recorded by: Sara Novák
- Attendance: 3 present, 1 excused, 2 in attendance; the names stand in the lists
- Theme: One ship

## Order of business

1. 09:00 Opening words (Speech): Li Wei

## Addresses

### Six words

Li Wei, President spoke.

It was required:

1. **Count honestly**: At the kiln door.

## Campaigns reviewed

- **Dry Feet**: Won

## Campaigns assessed

- **Half a Percent**

## Decided

It was decided:

| No. | Matter | Responsible | Due |
|---|---|---|---|
| 1 | A sheet each day | Petra Lindqvist | Wed 31 Mar 2027 |

## Pledges in force

- PL-2027-001 Half the scrap (Mei Zhao)

## Conferred

- **Steady Hands**: Tom Okafor

## Statements of teams

- **Shift C**: We count.
"""
    )


def test_what_is_not_known_is_said_to_be_not_stated(cast: Cast) -> None:
    assert (
        drafting.to_markdown(EMPTY)
        == """\
## Opening

Strategy session “Looking ahead” of “Autumn”.

- Time: not stated
- Place: not stated
- In the chair: not stated
- Recorded by: not stated
- Attendance: not stated

## Decided

No matter was handed to a responsible person.
"""
    )


def test_the_same_records_give_the_same_text(cast: Cast) -> None:
    with unit_of_work():
        session = full(cast)
    assert drafting.to_markdown(gather(session, None)) == drafting.to_markdown(gather(session, None))


def test_the_chinese_draft_uses_the_words_of_its_tradition(cast: Cast) -> None:
    text, attendance = drafted(cast, "zh_Hans_CN")
    for words in (
        "会议概况",
        "战略研讨会",
        "秋季大会",
        "会议要求：",
        "会议决定：",
        "责任人",
        "2027年3月31日",
        "主持：李薇",
    ):
        assert words in text, words
    assert "分钟" not in text
    assert attendance["in_attendance"] == ["赵梅", "Sara Novák"]


@pytest.mark.parametrize(
    "hostile",
    [
        "a | b",
        "# not a heading",
        "1. not a list",
        "**loud**",
        "<b>x</b>",
        "[x](javascript:alert(1))",
        "two\nlines",
        "`c`",
        "a\\",
    ],
)
def test_recorded_words_stay_themselves(cast: Cast, hostile: str) -> None:
    given: dict[str, Any] = {
        **EMPTY.__dict__,
        "chair": hostile,
        "decisions": [drafting.Decision(hostile, hostile, "1 May")],
    }
    text = drafting.to_markdown(drafting.Records(**given))
    shown = " ".join(hostile.split())
    plain = plain_text(text)
    assert f"In the chair: {shown}" in plain
    assert f"1\t{shown}\t{shown}\t1 May" in plain
    html = str(to_html(text))
    assert "<b>" not in html
    assert "<strong>loud" not in html
    assert "href" not in html
    assert "<code>" not in html


def test_a_draft_carries_title_language_and_recorder(cast: Cast) -> None:
    with unit_of_work():
        minutes = services.draft_minutes(make_session(make_event(), title="Looking ahead"), actor=cast.sara)
    assert (minutes.title, minutes.language) == ("Minutes of the session “Looking ahead”", "en")
    assert (minutes.recorder, minutes.recorder_account_id) == (cast.people["sara"], cast.sara.id)
    assert minutes.newest.writers == [cast.sara.ref]
    assert db.session.query(Assignment).count() == 0
