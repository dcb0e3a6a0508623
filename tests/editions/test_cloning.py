"""Next year's gathering from this year's: everything that shapes it, and nothing that happened in it."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from app.accounts.models import RoleGrant
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import Base, db, unit_of_work
from app.core.errors import Forbidden
from app.core.relative import Landing, RelativeDate
from app.core.roles import Role
from app.door import points
from app.door.models import Point
from app.door.services import arrival_of
from app.editions.building import Parts
from app.editions.models import PlannedDeliverable
from app.editions.outline import outline_of
from app.editions.services import clone_event, create_from_template
from app.editions.template import as_document, check
from app.events.models import Event, Participation
from app.programme.models import AgendaItem, AgendaSpeaker, HardStop, NeededPerson, Session, Track, Window
from app.questions.models import QuestionForm
from app.registration import places
from app.registration import services as registration
from app.registration.models import RegistrationPlan
from app.speakers.models import Deliverable, SpeakerProfile
from tests import cast as the_cast
from tests import world
from tests.factories import make_event, make_item, make_room, make_session
from tests.factories.questions import ask, publish
from tests.factories.registration import make_open_event

# What shapes an event comes over, row by row; what happened in it, or says something of people, never does. A new table
# has to be put into one of these lists.
CONFIGURATION = {
    "event", "room", "track", "availability_window", "hard_stop", "session", "agenda_item", "agenda_speaker",
    "needed_person", "registration_plan", "place_counter", "deliverable", "planned_deliverable", "role_grant",
    "search_entry", "question_form", "door_point",
}  # fmt: skip
PERSONAL = {
    "participation", "participant_group", "registration", "reservation", "invitation", "check_in", "speaker_profile",
    "deliverable_version", "programme_release", "programme_step", "speech", "passage", "closing_passage", "statement",
    "requirement", "addressee", "assignment", "progress_report", "verdict", "evidence", "campaign", "session_campaign",
    "assessment", "campaign_review", "finding", "pledge_round", "pledge", "signature_slot", "signature", "award",
    "award_recipient", "ceremony", "minutes", "minutes_version", "minutes_comment", "acknowledgement", "release",
    "mail_message", "mail_attachment", "mail_hold", "stored_file", "issued_document",
    "invitation_answer", "reminder_plan", "invitee_rule", "ended_code", "approval", "substitution",
    "form_version", "answer_sheet", "answer_file", "change_request", "batch", "batch_member", "mailing", "badge_layout",
    "printed", "print_run", "door_device", "refused_scan", "attendance_mark", "sign_in_sheet",
    "assignment_support", "carry_over", "circular", "circular_reader", "contributor", "counter_proposal", "extension", "principle_review", "requirement_link", "transfer", "urge", "wording",
    "map_task", "risk_point", "support_request",
    "decision", "announcement", "live_note", "minutes_section", "minutes_extract", "minutes_attachment",
    "minutes_mention", "minutes_round", "minutes_reviewer", "minutes_override", "minutes_reading", "minutes_adoption",
    "minutes_earlier_text",
    "custody_event", "tally", "tally_half", "award_category", "nomination", "nomination_evidence", "juror", "recusal",
    "juror_score", "run_of_show", "show_version", "cue", "stage", "reveal", "cue_mark", "pledge_evidence", "delegation",
    "ceremony_photograph", "document_revision",
}  # fmt: skip
OF_THE_HOUSE = {
    "account", "account_link", "browser_session", "sign_in_failure", "audit_entry", "audit_head", "intent",
    "organization", "department", "person", "position", "team", "team_member", "directory_import", "event_series",
    "event_template", "calendar_feed", "source", "value_note", "assistantship", "person_group", "group_member",
    "digest", "digest_round", "saved_view", "urging_plan", "minutes_template", "progress",
    "pledge_template", "certificate", "revocation_list", "checkpoint", "passkey", "time_code", "proof_challenge",
    "consent_text", "consent",
}  # fmt: skip


def counted() -> dict[str, int]:
    """Rows of every table."""
    return {
        name: db.session.scalar(select(func.count()).select_from(table)) for name, table in Base.metadata.tables.items()
    }


def full_event() -> Event:
    """An event of the world with something in every table that shapes one."""
    event = world.build().a.event
    db.session.flush()
    hall = db.session.scalars(select(AgendaItem).where(AgendaItem.event_id == event.id)).one().room
    item = db.session.scalars(select(AgendaItem).where(AgendaItem.event_id == event.id)).one()
    mei = the_cast.load().people["mei"]
    item.track = Track(event=event, name="Strategy", colour="blue")
    begins, ends = item.starts_at, item.starts_at + timedelta(hours=8)
    db.session.add_all(
        [
            Window(event=event, room=hall, starts_at=begins, ends_at=ends, is_free=True),
            HardStop(event=event, at=ends, reason="The hall is handed back"),
            NeededPerson(item=item, person=mei),
            Deliverable(item=item, person=mei, kind="slides", days_before=3, review="accepted"),
            SpeakerProfile(event=event, person=mei, bio="Knows kilns"),
            PlannedDeliverable(event=event, item_kind="speech", kind="script", days_before=7),
        ]
    )
    plan = db.session.scalars(select(RegistrationPlan).where(RegistrationPlan.event_id == event.id)).one()
    plan.closes_at = begins - timedelta(days=3)
    registration.set_capacity(event, item.session, 40, actor=the_cast.load().ada)
    return event


def test_a_clone_has_every_row_that_shapes_an_event_and_none_of_what_happened_in_it(cast):
    with unit_of_work():
        source = full_event()
        source_id = source.id
    before = counted()
    own = {name: rows_of(name, source_id) for name in CONFIGURATION}
    assert all(own.values()), own
    with unit_of_work():
        made = clone_event(source, actor=cast.ada, title="Next", starts_on=source.starts_on + timedelta(weeks=52))
    assert made.told == []
    more = {name: number - before[name] for name, number in counted().items()}
    assert set(more) <= CONFIGURATION | PERSONAL | OF_THE_HOUSE, "say of a new table what a clone does"
    own["role_grant"] += 1  # of the one who made it
    of_rooms = select(func.count(Window.id)).where(Window.event_id == source_id, Window.room_id.is_not(None))
    own["availability_window"] = db.session.scalar(of_rooms)  # when people can be had is asked again
    own["search_entry"] = 2  # the session and the item; the draft itself is not found
    assert {name: number for name, number in more.items() if name in CONFIGURATION} == own
    named = db.session.scalars(select(Participation).where(Participation.event_id == made.event.id)).all()
    assert {each.role for each in named} == {"speaker"}  # which opens a restricted event to whoever speaks in it
    assert {name: n for name, n in more.items() if name in PERSONAL and n} == {"participation": len(named)}
    assert {name: n for name, n in more.items() if name in OF_THE_HOUSE and n}.keys() <= {"audit_entry", "event_series"}
    assert places.reconcile() == []


def rows_of(name: str, event_id: int) -> int:
    table = Base.metadata.tables[name]
    if name == "event":
        return 1
    if "event_id" in table.c:
        column = table.c.event_id == event_id
    else:
        items = select(AgendaItem.id).where(AgendaItem.event_id == event_id)
        column = table.c.item_id.in_(items)
    return db.session.scalar(select(func.count()).select_from(table).where(column))


def test_a_clone_begins_anew_and_knows_where_it_comes_from(cast):
    with unit_of_work():
        source = full_event()
        made = clone_event(
            source, actor=cast.ada, title="2027 Gathering", starts_on=source.starts_on + timedelta(weeks=52)
        )
    event = made.event
    assert (event.status, event.previous_id, event.series_id) == ("draft", source.id, source.series_id)
    assert event.series_id is not None
    assert event.made_from == f"event:{source.ref}"
    shift = timedelta(weeks=52)
    old, new = (
        db.session.scalars(select(AgendaItem).where(AgendaItem.event_id == one.id)).one() for one in (source, event)
    )
    assert (new.starts_at, new.ends_at) == (old.starts_at + shift, old.ends_at + shift)
    assert [(each.consent, each.secret_hash) for each in new.speakers] == [("named", None)]
    owed = db.session.scalars(
        select(Deliverable).where(Deliverable.item_id == new.id, Deliverable.days_before == 3)
    ).one()
    assert (owed.person_id, owed.kind, owed.review) == (cast.people["mei"].id, "slides", "missing")
    plan = db.session.scalars(select(RegistrationPlan).where(RegistrationPlan.event_id == event.id)).one()
    assert plan.closes_at == new.starts_at - timedelta(days=3)
    assert {
        each.taken
        for each in db.session.scalars(select(places.PlaceCounter).where(places.PlaceCounter.event_id == event.id))
    } == {0}
    roles = {each.role for each in db.session.scalars(select(RoleGrant).where(RoleGrant.event_id == event.id))}
    assert roles >= {Role.ORGANIZER, Role.SECRETARY, Role.SUPERVISOR, Role.PRESIDING_LEADER, Role.DOOR}
    done = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "event.cloned")).one()
    assert (done.scope, done.details["source"]) == (event.ref, source.ref)


def test_each_part_can_be_left_out(cast):
    with unit_of_work():
        source = full_event()
        nothing = Parts(*([False] * 8))
        made = clone_event(
            source, actor=cast.ada, title="Bare", starts_on=date(2040, 1, 4), parts=nothing, is_next=False
        )
        without = clone_event(
            source, actor=cast.ada, title="Nobody", starts_on=date(2041, 1, 3), parts=Parts(speakers=False)
        )
    event = made.event
    for model in (Session, AgendaItem, Track, Window, RegistrationPlan, PlannedDeliverable, HardStop):
        assert db.session.scalar(select(func.count()).where(model.event_id == event.id)) == 0, model
    assert (event.city, event.description, event.previous_id, event.series_id) == (None, None, None, None)
    assert db.session.scalar(select(func.count()).where(RoleGrant.event_id == event.id)) == 1
    items = select(AgendaItem.id).where(AgendaItem.event_id == without.event.id)
    for model in (AgendaSpeaker, NeededPerson, Deliverable):
        assert db.session.scalar(select(func.count()).where(model.item_id.in_(items))) == 0
    assert db.session.scalar(select(func.count()).where(Participation.event_id == without.event.id)) == 0


def test_years_in_titles_move_along(cast):
    with unit_of_work():
        source = make_event(title="2026 Review", starts_on=date(2026, 1, 14))
        make_session(source, title="What 2025 taught us {really}", covers_year=2025)
        make_item(source, title="Plan 2030", starts_at=None, ends_at=None)
        event = clone_event(source, actor=cast.olaf, title="x", starts_on=date(2027, 1, 13)).event
    session = db.session.scalars(select(Session).where(Session.event_id == event.id)).one()
    assert (session.title, session.covers_year) == ("What 2026 taught us {really}", 2026)
    assert db.session.scalars(select(AgendaItem.title).where(AgendaItem.event_id == event.id)).all() == ["Plan 2030"]
    assert event.series.title == "Review"


@pytest.mark.parametrize(
    ("zone", "gap", "overlap"),
    [
        ("Europe/Berlin", date(2027, 3, 28), date(2027, 10, 31)),
        ("America/New_York", date(2027, 3, 14), date(2027, 11, 7)),
    ],
)
def test_the_hour_on_the_wall_stays_and_one_that_is_skipped_or_doubled_is_told(cast, zone, gap, overlap):
    there = ZoneInfo(zone)

    def at(hour, minute=30):
        return datetime.combine(date(2027, 1, 15), time(hour, minute), there).astimezone(UTC)

    with unit_of_work():
        source = make_event(starts_on=date(2027, 1, 15), ends_on=date(2027, 1, 15), time_zone=zone)
        hall = make_room(source)
        overlapping = 1 if zone == "America/New_York" else 2
        make_item(source, title="Night", room=hall, starts_at=at(2), ends_at=at(3))
        make_item(source, title="Twice", room=hall, starts_at=at(overlapping), ends_at=at(overlapping, 45))
        make_item(source, title="Day", room=hall, starts_at=at(9), ends_at=at(10))
        summer = clone_event(source, actor=cast.olaf, title="Gap", starts_on=gap)
        autumn = clone_event(source, actor=cast.olaf, title="Overlap", starts_on=overlap)

    def items(event):
        found = db.session.scalars(select(AgendaItem).where(AgendaItem.event_id == event.id).order_by(AgendaItem.id))
        return {each.title: each for each in found}

    skipped = items(summer.event)
    assert (skipped["Night"].starts_at, skipped["Night"].ends_at, skipped["Night"].minutes) == (None, None, 60)
    assert any("“Night” has no time now" in each for each in summer.told)
    day = skipped["Day"]
    assert (day.starts_at.astimezone(there).time(), day.ends_at - day.starts_at) == (time(9, 30), timedelta(hours=1))
    doubled = items(autumn.event)["Twice"]
    assert any("“Twice”" in each and "comes twice" in each for each in autumn.told)
    assert doubled.starts_at == datetime.combine(overlap, time(overlapping, 30), there).astimezone(UTC)  # the first
    assert doubled.ends_at - doubled.starts_at == timedelta(minutes=15)


def test_a_relative_date_stays_where_it_was_on_the_wall():
    kept = RelativeDate.of(datetime(2027, 3, 26, 17, 0, tzinfo=UTC), date(2027, 3, 29), "Europe/Berlin")
    assert kept == RelativeDate(-3, time(18, 0))
    assert kept.moment(date(2027, 4, 5), "Europe/Berlin") == datetime(2027, 4, 2, 16, 0, tzinfo=UTC)
    late = RelativeDate(0, time(2, 30))
    assert late.landing(date(2027, 3, 28), "Europe/Berlin") == Landing.NEVER
    assert late.landing(date(2027, 10, 31), "Europe/Berlin") == Landing.TWICE
    assert late.landing(date(2027, 3, 29), "Europe/Berlin") == Landing.ONCE


def test_who_has_left_is_not_named_again(cast):
    with unit_of_work():
        source = make_event(starts_on=date(2027, 1, 14))
        make_item(source, speakers=[cast.people["tom"], cast.people["mei"]])
        cast.people["tom"].left_on = date(2027, 6, 30)
        made = clone_event(source, actor=cast.olaf, title="Next", starts_on=date(2028, 1, 13))
    item = db.session.scalars(select(AgendaItem).where(AgendaItem.event_id == made.event.id)).one()
    assert [each.person.name for each in item.speakers] == ["Mei Zhao"]
    assert made.told == ["Tom Okafor has left the company and is not named again."]


@pytest.mark.parametrize("name", ["petra", "sara", "sven", "li_wei", "aude", "tom"])
def test_only_who_creates_and_plans_may_clone(cast, name):
    with unit_of_work():
        source = make_event()
    with pytest.raises(Forbidden), unit_of_work():
        clone_event(source, actor=getattr(cast, name), title="Mine", starts_on=date(2028, 1, 13))
    assert db.session.scalar(select(func.count(Event.id))) == 1


def test_a_clone_and_a_template_carry_the_form_the_rules_and_the_doors_on_their_new_days(cast):
    asked = [
        ask("nights", "nights", first_on="2027-01-13", last_on="2027-01-15"),
        ask("bus", label="Bus 2027 {early}", until="2027-01-10T04:00:00+00:00", when="accepted", seen_by=["door"]),
        ask("dinner", "choice", choices=[("vegan", 5)]),
    ]
    with clock.at(datetime(2026, 11, 1, tzinfo=UTC)):
        source = make_open_event(starts_on=date(2027, 1, 14), ends_on=date(2027, 1, 15), sessions=1, title="Kilns 2027")
        publish(source, *asked)
        with unit_of_work():
            plan = db.session.scalars(select(RegistrationPlan).where(RegistrationPlan.event_id == source.id)).one()
            plan.offer_hours, plan.substitutes, plan.pending_holds = 24, "anybody", False
            plan.changes_until = datetime(2027, 1, 9, 16, tzinfo=UTC)
            session = db.session.scalars(select(Session).where(Session.event_id == source.id)).one()
            arrival_of(source).takes_walk_ins = True
            points.make_point(source, actor=cast.ada, kind="session", name=None, session=session, chosen_only=True)
            made = clone_event(source, actor=cast.ada, title="Kilns 2028", starts_on=date(2028, 1, 13))
            document = as_document(outline_of(source, people=False), name="Kilns")
            again = create_from_template(
                check(document), actor=cast.ada, starts_on=date(2028, 1, 13), time_zone=source.time_zone
            )
        assert (made.told, again.told) == ([], [])
        for event in (made.event, again.event):
            form = db.session.scalars(select(QuestionForm).where(QuestionForm.event_id == event.id)).one()
            nights, bus, dinner = form.schema["sections"][0]["questions"]
            assert (form.number, nights["first_on"], nights["last_on"]) == (0, "2028-01-12", "2028-01-14")
            assert (bus["label"], bus["until"]) == ("Bus 2028 {early}", "2028-01-09T04:00:00+00:00")
            assert dinner["choices"][0]["places"] == 5
            new = db.session.scalars(select(RegistrationPlan).where(RegistrationPlan.event_id == event.id)).one()
            assert (new.offer_hours, new.substitutes, new.pending_holds) == (24, "anybody", False)
            assert new.changes_until == datetime(2028, 1, 8, 16, tzinfo=UTC)
            doors = db.session.scalars(select(Point).where(Point.event_id == event.id).order_by(Point.position)).all()
            assert [(each.kind, each.takes_walk_ins, each.chosen_only) for each in doors] == [
                ("arrival", True, False), ("session", False, True),
            ]  # fmt: skip
            assert doors[1].session is not None
            assert doors[1].session.event_id == event.id
        assert as_document(outline_of(again.event, people=False), name="Kilns") == document
