"""The draft out of the records: everything that was recorded, nothing that was not, in the words of each tradition."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.awards.models import Award, Recipient
from app.campaigns.models import Assessment, Campaign, Review
from app.ceremonies.models import Ceremony
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.i18n import format_day
from app.decisions import services as decisions
from app.documents.markdown import plain_text, to_html
from app.door.models import CheckIn
from app.door.services import arrival_of
from app.events.models import ParticipantGroup
from app.minutes import bound, extracts, services
from app.minutes.models import MinutesTemplate, Tradition
from app.minutes.paragraphs import listed
from app.people.models import Clearance
from app.pledges.models import Pledge, PledgeState, SignatureSlot
from app.programme.models import Session
from app.registration.models import Registration, State
from app.requirements.models import Assignment, AssignmentState, Requirement
from app.speeches.models import Statement
from app.tallies.models import Tally
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
    won.commander = people["mei"]
    for label, conferred_at in (("HF-2027-001", clock.now()), ("HF-2027-002", None)):
        save(
            Tally(
                event=event,
                campaign=won,
                label=label,
                inscription="Two halves",
                scope="Sixty people",
                valid_from=date(2027, 1, 14),
                valid_to=date(2027, 12, 31),
                conferred_at=conferred_at,
            )
        )
    other = save(
        Ceremony(
            event=event,
            session=make_session(event, title="The day after", day=date(2027, 1, 15)),
            kind="awarding",
            title="Elsewhere",
        )
    )
    save(Award(event=event, title="Given elsewhere", conferred_on=date(2027, 1, 15), ceremony_id=other.id))
    save(Statement(event=event, session=session, team=make_team(name="Shift C"), summary="We count."))
    return session


def decided(cast: Cast, session: Session) -> None:
    """Three decisions, one of them secret and one handed out, and an announcement."""
    people = cast.people
    weighed = decisions.record_decision(
        session, actor=cast.sara, text="Each shift counts its scrap.", mover=people["mei"], means="vote", votes_for=7,
        votes_against=1, abstained=0,
    )  # fmt: skip
    decisions.hand_out(
        weighed, actor=cast.sara, responsible=people["petra"], verifier=people["tom"], deliverable="A form for it",
        criteria="It fits on one page", due_on=clock.today() + timedelta(days=30),
    )  # fmt: skip
    decisions.record_decision(session, actor=cast.sara, text="Sell the canary works.", clearance=Clearance.SECRET)
    decisions.record_decision(
        session, actor=cast.sara, text="Two shifts.", means="vote", is_carried=False, votes_for=1, votes_against=7
    )
    decisions.announce(session, actor=cast.sara, text="The gate closes at six.", by=people["li_wei"])


def test_the_draft_tells_everything_that_was_recorded(cast: Cast) -> None:
    with unit_of_work():
        session = full(cast)
        decided(cast, session)
        minutes = services.draft_minutes(session, actor=cast.sara)
    assert minutes.newest.attendance == {
        "present": ["Li Wei", "Petra Lindqvist", "Directors of the works"],
        "excused": ["Tom Okafor"],
        "in_attendance": ["Mei Zhao", "Sara Novák"],
    }
    due = format_day(clock.today() + timedelta(days=30))
    assert (
        extracts.read(minutes.newest, Clearance.SECRET).markdown
        == f"""\
## Opening

Strategy session “Looking ahead” of “Autumn gathering”.

- Time: Thu 14 Jan 2027 09:00–12:00 (Asia/Shanghai)
- Place: Hall 2, Foshan
- In the chair: Li Wei, President
- Recorded by: Sara Novák
- Attendance: 3 present, 1 excused, 2 in attendance; the names stand in the lists
- Theme: One ship

## Order of business

1. 09:00 Opening words (Speech): Li Wei

## Addresses

Li Wei, President, addressed the meeting: **Six words**

- (1) **Count honestly**: At the kiln door.

## Campaigns reviewed

- **Dry Feet**: Won

## Campaigns assessed

- **Half a Percent**

## Motions and decisions

On the motion of Mei Zhao it was decided by vote (7 for, 1 against, 0 abstaining): Each shift counts its scrap.

- **Petra Lindqvist**, by {due}: A form for it

The motion was lost (1 for, 7 against): Two shifts.

## Motions and decisions (Secret)

It was decided by consensus: Sell the canary works.

## Who answers for what

- **Petra Lindqvist**, by Wed 31 Mar 2027: A sheet each day

## Pledges in force

- The pledge PL-2027-001 “Half the scrap” was signed by Mei Zhao.

## Conferred

- **Steady Hands** was conferred on: Tom Okafor
- The tally **HF-2027-001** of the campaign “Dry Feet” was conferred on: Mei Zhao

## Statements of teams

- **Shift C**: We count.

## Announcements

- Li Wei announced: The gate closes at six.

## Next meeting

- The next meeting is “The day after” of “Autumn gathering”: Fri 15 Jan 2027, Foshan"""
    )


def test_at_least_nine_of_ten_paragraphs_of_a_draft_stand_for_a_record(cast: Cast) -> None:
    with unit_of_work():
        session = full(cast)
        decided(cast, session)
    for language in ("en", "zh"):
        with unit_of_work():
            minutes = services.draft_minutes(session, actor=cast.sara, language=language)
        parts = extracts.read(minutes.newest, Clearance.SECRET).parts
        paragraphs = [
            paragraph for part in parts for paragraph in listed(part.section.origin, part.text, part.bindings)
        ]
        bound = [each for each in paragraphs if each.records]
        assert len(paragraphs) > 15
        assert len(bound) / len(paragraphs) >= 0.9


def test_the_classified_decision_stands_in_a_section_of_its_classification_alone(cast: Cast) -> None:
    with unit_of_work():
        session = full(cast)
        decided(cast, session)
        minutes = services.draft_minutes(session, actor=cast.sara)
    levels = {each.heading: each.clearance for each in minutes.newest.sections}
    assert levels["Motions and decisions (Secret)"] == Clearance.SECRET
    assert {level for heading, level in levels.items() if "Secret" not in heading} == {Clearance.INTERNAL}
    lower = extracts.read(minutes.newest, Clearance.RESTRICTED)
    assert "canary" not in lower.markdown
    assert [each.heading for each in lower.parts].count("Motions and decisions") == 1
    assert bound.report(minutes.newest).strays == []


def test_what_is_not_known_is_said_to_be_not_stated(cast: Cast) -> None:
    with unit_of_work():
        minutes = services.draft_minutes(
            make_session(make_event(title="Autumn", city=None), title="Open"), actor=cast.sara
        )
        minutes.recorder = None
    with unit_of_work():
        services.redraft(minutes, actor=cast.sara)
    assert (
        extracts.read(minutes.newest, Clearance.SECRET).markdown
        == """\
## Opening

Strategy session “Open” of “Autumn”.

- Time: not stated
- Place: not stated
- In the chair: not stated
- Recorded by: not stated
- Attendance: not stated"""
    )


def test_the_same_records_give_the_same_text(cast: Cast) -> None:
    with unit_of_work():
        minutes = services.draft_minutes(full(cast), actor=cast.sara)
    first, lists = services.draft_again(minutes)
    assert services.draft_again(minutes) == (first, lists)
    assert extracts.read(minutes.newest, Clearance.SECRET).markdown == first


def test_the_chinese_draft_is_a_summary_in_its_formula_verbs(cast: Cast) -> None:
    with unit_of_work():
        session = full(cast)
        decided(cast, session)
        minutes = services.draft_minutes(session, actor=cast.sara, language="zh")
    assert (minutes.tradition, minutes.language) == (Tradition.SUMMARY, "zh_Hans_CN")
    text = extracts.read(minutes.newest, Clearance.SECRET).markdown
    for words in (
        "## 会议概况",
        "“秋季大会”之战略会“战略研讨会”在Hall 2，Foshan召开。",
        "- 主持：李薇，President",
        "1. 会议决定（表决：赞成 7 票，反对 1 票，弃权 0 票；提议人：赵梅）：Each shift counts its scrap. 会议明确：由**Petra Lindqvist**负责",
        "1. 会议未通过以下提议（表决：赞成 1 票，反对 7 票）：Two shifts.",
        "- 会议要求（1）：**Count honestly**：At the kiln door.",
        "- 会议明确：由**Petra Lindqvist**负责，于2027年3月31日 周三前完成：A sheet each day",
        "- 李薇宣布：The gate closes at six.",
    ):
        assert words in text, words
    assert "分钟" not in text
    headings = [each.heading for each in minutes.newest.sections]
    assert headings.index("会议决定") < headings.index("会议要求") < headings.index("会议明确")
    assert minutes.newest.attendance["in_attendance"] == ["赵梅", "Sara Novák"]


@pytest.mark.parametrize(("language", "tradition", "words"), [
    ("en", Tradition.SUMMARY, "1. The meeting decided (by vote: 7 for, 1 against, 0 abstaining; moved by Mei Zhao): Each"),
    ("zh", Tradition.ASSEMBLY, "经赵梅提议，表决通过（赞成 7 票，反对 1 票，弃权 0 票）：Each"),
])  # fmt: skip
def test_both_traditions_speak_both_languages(cast: Cast, language: str, tradition: str, words: str) -> None:
    with unit_of_work():
        session = full(cast)
        decided(cast, session)
        template = save(
            MinutesTemplate(name="Ours", language="zh_Hans_CN" if language == "zh" else "en", tradition=tradition)
        )
        minutes = services.draft_minutes(session, actor=cast.sara, language=language)
    assert (minutes.template, minutes.tradition) == (template, tradition)
    assert words in extracts.read(minutes.newest, Clearance.SECRET).markdown


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
        "{{chair}}",
    ],
)
def test_recorded_words_stay_themselves(cast: Cast, hostile: str) -> None:
    with unit_of_work():
        session = make_session(make_event(), chair=cast.people["li_wei"], theme=hostile)
        decisions.record_decision(session, actor=cast.sara, text=hostile, mover_name=hostile)
        minutes = services.draft_minutes(session, actor=cast.sara)
    text = extracts.read(minutes.newest, Clearance.SECRET).markdown
    shown = " ".join(hostile.split())
    assert f"Theme: {shown}" in plain_text(text)
    assert f"On the motion of {shown} it was decided by consensus: {shown}" in plain_text(text)
    html = str(to_html(text))
    assert "<b>" not in html
    assert "<strong>loud" not in html
    assert "href" not in html
    assert "<code>" not in html


def test_actual_times_stand_before_the_planned_ones(cast: Cast) -> None:
    with unit_of_work():
        event = make_event(starts_on=date(2027, 1, 14))
        session = make_session(event)
        late = make_item(
            event, session=session, title="Late", starts_at=datetime(2027, 1, 14, 1, tzinfo=UTC), ends_at=None
        )
        make_item(
            event, session=session, title="As planned", starts_at=datetime(2027, 1, 14, 2, tzinfo=UTC), ends_at=None
        )
        late.began_at = datetime(2027, 1, 14, 1, 12, tzinfo=UTC)
        late.finished_at = datetime(2027, 1, 14, 1, 50, tzinfo=UTC)
        minutes = services.draft_minutes(session, actor=cast.sara)
    text = extracts.read(minutes.newest, Clearance.SECRET).markdown
    assert "- Called to order at 09:12, closed at 09:50" in text
    assert "1. 09:12–09:50 (planned for 09:00) Late (" in text
    assert "1. 10:00 As planned (" in text


def test_the_next_meeting_is_told_only_of_gatherings_that_every_reader_may_know_of(cast: Cast) -> None:
    with unit_of_work():
        event = make_event(starts_on=date(2027, 1, 14), audience="internal", status="published")
        session = make_session(event)
        values = {"previous_id": event.id, "starts_on": date(2028, 1, 14)}
        for hidden in ({"status": "draft"}, {"audience": "restricted", "status": "published"}):
            make_session(make_event(**values, **hidden), title="Hidden")
        minutes = services.draft_minutes(session, actor=cast.sara)
        assert "Next meeting" not in extracts.read(minutes.newest, Clearance.SECRET).markdown
        make_session(make_event(title="Spring", status="published", **values), title="Open", day=date(2028, 1, 14))
        services.redraft(minutes, actor=cast.sara)
    text = extracts.read(minutes.newest, Clearance.SECRET).markdown
    assert "The next meeting is “Open” of “Spring”: Fri 14 Jan 2028" in text


def test_a_draft_carries_title_language_and_recorder(cast: Cast) -> None:
    with unit_of_work():
        minutes = services.draft_minutes(make_session(make_event(), title="Looking ahead"), actor=cast.sara)
    assert (minutes.title, minutes.language) == ("Minutes of the session “Looking ahead”", "en")
    assert (minutes.tradition, minutes.template) == (Tradition.ASSEMBLY, None)
    assert (minutes.recorder, minutes.recorder_account_id) == (cast.people["sara"], cast.sara.id)
    assert minutes.newest.writers == [cast.sara.ref]
    assert db.session.query(Assignment).count() == 0
