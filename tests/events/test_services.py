"""What can be done with a gathering."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.accounts.models import RoleGrant
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused, Stale
from app.core.roles import NOBODY, Role
from app.events import errors, queries, services
from app.events.models import Audience, Event, ParticipantGroup, Participation, Status
from app.search.models import SearchEntry
from tests.factories import make_event, make_part

DAY = clock.today() + timedelta(days=30)


def create(actor, **more):
    given = {"title": "Strategy day", "starts_on": DAY, "time_zone": "Asia/Shanghai", "actor": actor}
    with unit_of_work():
        return services.create_event(**{**given, **more})


def actions() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq)))


def test_a_new_event_is_a_draft_of_one_day_and_its_maker_organizes_it(cast):
    event = create(cast.olaf)
    assert (event.status, event.starts_on, event.ends_on) == (Status.DRAFT, DAY, DAY)
    grants = db.session.scalars(select(RoleGrant).where(RoleGrant.event_id == event.id)).all()
    assert [(each.account_id, each.role) for each in grants] == [(cast.olaf.id, Role.ORGANIZER)]
    assert actions()[-1] == "event.created"


@pytest.mark.parametrize("name", ["petra", "sara", "li_wei", "aude", "xaver"])
def test_only_organizers_and_administrators_create(cast, name):
    with pytest.raises(Forbidden), unit_of_work():
        services.create_event(title="Mine", starts_on=DAY, time_zone="Asia/Shanghai", actor=getattr(cast, name))
    assert db.session.scalar(select(func.count(Event.id))) == 0


def test_an_event_does_not_end_before_it_starts(cast):
    with pytest.raises(errors.EndsBeforeStart) as refusal:
        create(cast.olaf, ends_on=DAY - timedelta(days=1))
    assert refusal.value.field == "ends_on"
    assert db.session.scalar(select(func.count(Event.id))) == 0


def test_an_event_of_many_weeks_is_taken_for_a_wrong_year(cast):
    with pytest.raises(errors.TooLong):
        create(cast.olaf, ends_on=DAY + timedelta(days=365))


@pytest.mark.parametrize("zone", ["Foshan", "", "../../etc/passwd", "Factory", "Asia"])
def test_a_zone_must_be_a_known_one(cast, zone):
    with pytest.raises(errors.UnknownZone):
        create(cast.olaf, time_zone=zone)


def test_a_draft_is_seen_by_those_who_plan_and_by_nobody_else(cast):
    event = create(cast.olaf)
    seen = [name for name in cast.accounts if queries.find_visible(getattr(cast, name), event.ref)]
    assert seen == ["ada", "olaf", "sara", "sven", "li_wei", "aude"]
    assert queries.find_visible(NOBODY, event.ref) is None


def test_a_published_event_is_seen_by_its_audience(cast):
    with unit_of_work():
        public = make_event(audience=Audience.PUBLIC)
        internal = make_event(audience=Audience.INTERNAL)
        restricted = make_event(audience=Audience.RESTRICTED)
        make_part(restricted, cast.people["petra"])
    assert [each.id for each in queries.list_visible(NOBODY)] == [public.id]
    assert {each.id for each in queries.list_visible(cast.xaver)} == {public.id, internal.id}
    assert {each.id for each in queries.list_visible(cast.petra)} == {public.id, internal.id, restricted.id}
    assert {each.id for each in queries.list_visible(cast.olaf)} == {public.id, internal.id}
    assert {each.id for each in queries.list_visible(cast.aude)} == {public.id, internal.id, restricted.id}


def test_a_role_in_a_restricted_event_opens_it_and_taking_it_back_closes_it(cast):
    event = create(cast.olaf, audience=Audience.RESTRICTED)
    with unit_of_work():
        services.publish_event(event, actor=cast.olaf)
        grant = services.give_role(event, cast.dora, Role.DOOR, actor=cast.olaf)
    assert queries.find_visible(cast.dora, event.ref) is event
    with unit_of_work():
        services.withdraw_role(event, grant, actor=cast.olaf)
    assert queries.find_visible(cast.dora, event.ref) is None


def test_the_last_organizer_of_a_restricted_event_stays(cast):
    event = create(cast.olaf, audience=Audience.RESTRICTED)
    grant = queries.list_grants(event)[0]
    with pytest.raises(Refused), unit_of_work():
        services.withdraw_role(event, grant, actor=cast.olaf)
    assert [each.id for each in queries.list_grants(event)] == [grant.id]


def test_whoever_restricts_an_event_does_not_lose_sight_of_it(cast):
    with unit_of_work():
        event = make_event()
    with unit_of_work():
        services.change_event(event, actor=cast.olaf, version=1, audience=Audience.RESTRICTED)
    assert queries.find_visible(cast.olaf, event.ref) is event
    assert queries.find_visible(cast.sara, event.ref) is None


def test_a_change_on_a_stale_page_is_refused_and_changes_nothing(cast):
    event = create(cast.olaf)
    with unit_of_work():
        services.change_event(event, actor=cast.olaf, version=1, title="First")
    with pytest.raises(Stale), unit_of_work():
        services.change_event(event, actor=cast.ada, version=1, title="Second")
    assert (event.title, event.version) == ("First", 2)


def test_a_new_day_raises_the_calendar_sequence_and_a_new_title_does_not(cast):
    event = create(cast.olaf)
    with unit_of_work():
        services.change_event(event, actor=cast.olaf, version=None, title="Other")
    assert event.calendar_sequence == 0
    with unit_of_work():
        services.change_event(event, actor=cast.olaf, version=None, ends_on=DAY + timedelta(days=1))
    assert event.calendar_sequence == 1


def test_an_edition_cannot_come_before_itself(cast):
    first, second = create(cast.olaf), create(cast.olaf)
    with unit_of_work():
        services.change_event(second, actor=cast.olaf, version=None, previous=first)
    with pytest.raises(errors.PreviousEditionLoop), unit_of_work():
        services.change_event(first, actor=cast.olaf, version=None, previous=second)
    assert first.previous_id is None


def test_a_draft_is_not_found_and_a_published_event_is_told_as_it_stands(cast):
    event = create(cast.olaf, city="Foshan")
    assert db.session.scalars(select(SearchEntry)).all() == []
    with unit_of_work():
        services.publish_event(event, actor=cast.olaf)
    with unit_of_work():
        services.change_event(event, actor=cast.olaf, version=None, title="Renamed", title_local="改名")
    entry = db.session.scalars(select(SearchEntry)).one()
    assert (entry.title, entry.body, entry.url, entry.event_id) == (
        "Renamed",
        "改名\nFoshan",
        f"/events/{event.ref}",
        event.id,
    )


def test_the_way_of_an_event_goes_one_way(cast):
    with unit_of_work():
        event = make_event(status=Status.DRAFT, starts_on=clock.today("Asia/Shanghai"))
    with pytest.raises(errors.WrongStatus), unit_of_work():
        services.conclude_event(event, actor=cast.olaf)
    with unit_of_work():
        services.publish_event(event, actor=cast.olaf)
    with pytest.raises(errors.WrongStatus), unit_of_work():
        services.publish_event(event, actor=cast.olaf)
    with unit_of_work():
        services.conclude_event(event, actor=cast.olaf)
    with pytest.raises(errors.WrongStatus), unit_of_work():
        services.cancel_event(event, actor=cast.olaf, reason="Too late")
    assert event.status == Status.CONCLUDED
    assert [each for each in actions() if each.startswith("event.")] == ["event.published", "event.concluded"]


def test_what_has_not_begun_is_not_concluded(cast):
    with unit_of_work():
        event = make_event()
    with pytest.raises(errors.WrongStatus), unit_of_work():
        services.conclude_event(event, actor=cast.olaf)
    assert event.status == Status.PUBLISHED


@pytest.mark.parametrize("reason", [None, "", "  ", "\u202e"])
def test_a_cancellation_needs_a_reason(cast, reason):
    with unit_of_work():
        event = make_event()
    with pytest.raises(errors.ReasonMissing), unit_of_work():
        services.cancel_event(event, actor=cast.olaf, reason=reason)
    assert (event.status, event.cancelled_at) == (Status.PUBLISHED, None)


def test_a_cancelled_event_stays_as_it_was(cast):
    with unit_of_work():
        event = make_event()
        services.cancel_event(event, actor=cast.olaf, reason="Snow")
    title = event.title
    with pytest.raises(errors.WrongStatus), unit_of_work():
        services.change_event(event, actor=cast.olaf, version=None, title="Other")
    with pytest.raises(errors.WrongStatus), unit_of_work():
        services.add_part(event, cast.people["tom"], "guest", actor=cast.olaf)
    assert (event.title, db.session.scalar(select(func.count(Participation.id)))) == (title, 0)


def test_a_part_keeps_the_position_of_that_time_and_is_named_once(cast):
    with unit_of_work():
        event = make_event()
        part = services.name_person(event, cast.people["li_wei"], "presiding_leader", actor=cast.sara)
    assert part.position_title == "President"
    with pytest.raises(errors.AlreadyNamed), unit_of_work():
        services.name_person(event, cast.people["li_wei"], "presiding_leader", actor=cast.sara)
    assert db.session.scalar(select(func.count(Participation.id))) == 1
    with unit_of_work():
        services.remove_part(part, actor=cast.sara)
    assert db.session.scalar(select(func.count(Participation.id))) == 0


def test_an_invitation_is_not_taken_back_here(cast):
    with unit_of_work():
        event = make_event()
        part = make_part(event, cast.people["petra"], "invited")
    with pytest.raises(Forbidden), unit_of_work():
        services.remove_part(part, actor=cast.olaf)
    assert db.session.scalar(select(func.count(Participation.id))) == 1


def test_a_group_may_have_no_head_count_and_never_a_negative_one(cast):
    with unit_of_work():
        event = make_event()
        group = services.add_group(event, "Department directors", actor=cast.sara)
    assert group.headcount is None
    with pytest.raises(Refused), unit_of_work():
        services.change_group(group, actor=cast.sara, category="X", category_local=None, headcount=-1)
    assert db.session.scalars(select(ParticipantGroup.category)).all() == ["Department directors"]


@pytest.mark.parametrize("name", ["petra", "sara", "sven", "li_wei", "aude", "tom"])
def test_only_planners_change_publish_cancel_and_give_roles(cast, name):
    actor = getattr(cast, name)
    with unit_of_work():
        event = make_event(status=Status.DRAFT)
    version = event.version
    for act in (
        lambda: services.change_event(event, actor=actor, version=None, title="Other"),
        lambda: services.publish_event(event, actor=actor),
        lambda: services.cancel_event(event, actor=actor, reason="No"),
        lambda: services.conclude_event(event, actor=actor),
        lambda: services.give_role(event, cast.tom, Role.DOOR, actor=actor),
    ):
        with pytest.raises(Forbidden), unit_of_work():
            act()
    assert (event.version, event.status) == (version, Status.DRAFT)
    assert db.session.scalar(select(func.count(RoleGrant.id)).where(RoleGrant.event_id == event.id)) == 0
