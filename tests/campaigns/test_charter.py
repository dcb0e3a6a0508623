"""The charter of a campaign: its map and its risks, what is missing of it, and what keeps it from starting."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.campaigns import figures, services
from app.campaigns.errors import DeputyIsCommander, NotPossibleNow, Unowned
from app.campaigns.models import Campaign, CampaignState, MapTask, RiskPoint
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Stale
from app.events.models import Event
from app.figures import numbers
from app.figures.numbers import Charter, Check, Gathering, Rate
from app.people.models import Department
from app.provenance.services import add_source
from tests.cast import Cast, load
from tests.factories import make_event
from tests.factories.campaigns import SCORES, make_campaign, make_running

DAY = date(2027, 5, 1)


@pytest.fixture
def event(cast: Cast) -> Event:
    with unit_of_work():
        return make_event(starts_on=date(2027, 1, 14))


def works() -> Department:
    found = db.session.scalar(select(Department).where(Department.code == "WRK"))
    assert found is not None
    return found


# --- the map and the risks ----------------------------------------------------------------------------------------


def test_commander_deputy_and_who_records_draw_the_map_and_nobody_else(event: Event, cast: Cast) -> None:
    with unit_of_work():
        campaign = make_campaign(event, commander=cast.people["tom"], deputy=cast.people["rita"])
    for name in ("tom", "rita", "olaf", "sara"):
        with unit_of_work():
            task = services.add_task(campaign, actor=cast.accounts[name], name=f"Task of {name}")
            services.edit_task(task, actor=cast.accounts[name], phase="First")
            risk = services.add_risk(campaign, actor=cast.accounts[name], name=f"Risk of {name}")
            services.edit_risk(risk, actor=cast.accounts[name], owner=cast.people["petra"])
    for name in ("petra", "sven", "li_wei", "ada", "aude"):
        actor = cast.accounts[name]
        for act in (
            lambda actor=actor: services.add_task(campaign, actor=actor, name="Mine"),
            lambda actor=actor: services.remove_task(task, actor=actor),
            lambda actor=actor: services.add_risk(campaign, actor=actor, name="Mine"),
            lambda actor=actor: services.remove_risk(risk, actor=actor),
        ):
            with pytest.raises(Forbidden), unit_of_work():
                act()
    with unit_of_work():
        services.remove_task(task, actor=cast.tom)
        services.remove_risk(risk, actor=cast.tom)
    assert db.session.scalar(select(func.count(MapTask.id))) == 3
    assert db.session.scalar(select(func.count(RiskPoint.id))) == 3


def test_what_was_fought_stays_as_it_was(event: Event, cast: Cast) -> None:
    with unit_of_work():
        campaign = make_running(event, cast.people["tom"], commander=cast.people["mei"])
        task = services.add_task(campaign, actor=cast.mei, name="Build")
        risk = services.add_risk(campaign, actor=cast.mei, name="Rain")
    with unit_of_work():
        services.add_review(campaign, actor=cast.olaf)
    for act in (
        lambda: services.add_task(campaign, actor=cast.mei, name="More"),
        lambda: services.edit_task(task, actor=cast.mei, name="Other"),
        lambda: services.remove_task(task, actor=cast.mei),
        lambda: services.add_risk(campaign, actor=cast.mei, name="More"),
        lambda: services.edit_risk(risk, actor=cast.mei, name="Other"),
        lambda: services.remove_risk(risk, actor=cast.mei),
    ):
        with pytest.raises(NotPossibleNow), unit_of_work():
            act()


def test_a_stale_task_is_told_and_the_deputy_is_somebody_else(event: Event, cast: Cast) -> None:
    with unit_of_work():
        campaign = make_campaign(event, commander=cast.people["tom"])
        task = services.add_task(campaign, actor=cast.tom, name="Build")
    opened = task.version
    with unit_of_work():
        services.edit_task(task, actor=cast.olaf, version=opened, name="Build it")
    with pytest.raises(Stale), unit_of_work():
        services.edit_task(task, actor=cast.tom, version=opened, name="Rebuild")
    with pytest.raises(DeputyIsCommander) as caught, unit_of_work():
        services.edit_campaign(campaign, actor=cast.olaf, deputy=cast.people["tom"])
    assert caught.value.field == "deputy_ref"


def test_rule_14_a_campaign_does_not_start_with_a_task_that_nobody_answers_for(event: Event, cast: Cast) -> None:
    with unit_of_work():
        campaign = make_campaign(event, commander=cast.people["tom"])
        services.assess_campaign(campaign, actor=cast.olaf, assessor=cast.people["mei"], **SCORES)
        services.add_task(campaign, actor=cast.tom, name="Owned", responsible=cast.people["petra"])
        loose = services.add_task(campaign, actor=cast.tom, name="Unowned")
    with pytest.raises(Unowned) as caught, unit_of_work():
        services.start(campaign, actor=cast.olaf)
    assert "1 task on the combat map has nobody who answers for it: Unowned." in str(caught.value)
    db.session.refresh(campaign)
    assert campaign.state == CampaignState.ASSESSED
    with unit_of_work():
        services.edit_task(loose, actor=cast.tom, responsible=cast.people["rita"])
        services.start(campaign, actor=cast.olaf)
    assert campaign.state == CampaignState.RUNNING


# --- readiness ----------------------------------------------------------------------------------------------------


def test_each_check_passes_by_what_is_recorded_and_by_nothing_else(event: Event, cast: Cast) -> None:
    with unit_of_work():
        campaign = make_campaign(event)

    def passed() -> set[Check]:
        db.session.expire_all()
        asked = bool(figures_of(event)[0].passed & {Check.SUPPORT})
        found = figures.passed_by(db.session.get(Campaign, campaign.id), has_support=asked)
        assert found == figures_of(event)[0].passed
        return set(found)

    def now(**values: Any) -> set[Check]:
        with unit_of_work():
            services.edit_campaign(campaign, actor=cast.olaf, **values)
        return passed()

    told = {Check.OBJECTIVE}
    assert passed() == told
    assert now(metric="Scrap", baseline="4.6 %") == told
    assert now(target="4.1 %") == (told := told | {Check.MEASURE})
    assert now(commander=cast.people["tom"]) == (told := told | {Check.COMMANDER})
    assert now(deputy=cast.people["rita"]) == (told := told | {Check.DEPUTY})
    assert now(starts_on=DAY) == told
    assert now(ends_on=DAY) == (told := told | {Check.DAYS})
    with unit_of_work():
        services.assess_campaign(campaign, actor=cast.olaf, assessor=cast.people["mei"], **SCORES)
    assert passed() == (told := told | {Check.ASSESSED})
    with unit_of_work():
        task = services.add_task(campaign, actor=cast.tom, name="Build")
    assert passed() == (told := told | {Check.MAP})
    with unit_of_work():
        services.edit_task(task, actor=cast.tom, responsible=cast.people["petra"])
    assert passed() == (told := told | {Check.OWNED})
    with unit_of_work():
        services.edit_task(task, actor=cast.tom, department=works(), due_on=DAY, deliverable="A line")
    assert passed() == (told := told | {Check.WHOLE})
    with unit_of_work():
        risk = services.add_risk(campaign, actor=cast.tom, name="Rain")
    assert passed() == told
    with unit_of_work():
        services.edit_risk(risk, actor=cast.tom, owner=cast.people["petra"])
    assert passed() == (told := told | {Check.RISKS})
    with unit_of_work():
        services.ask_support(campaign, actor=cast.tom, to_department=works(), what="Ten people", needed_by=far_away())
    assert passed() == set(Check)
    with unit_of_work():
        services.add_task(campaign, actor=cast.tom, name="One more")
    assert passed() == set(Check) - {Check.OWNED, Check.WHOLE}


def far_away() -> date:
    return date(2199, 1, 1)


def figures_of(event: Event) -> list[Charter]:
    from app.figures.queries import gatherings_within

    within = Event.id == event.id
    return figures.list_charters(within, gatherings_within(within))


def test_readiness_is_passed_checks_of_all_checks_over_all_campaigns() -> None:
    here = Gathering("e", "Winter", None, "UTC", DAY)
    ready = Charter("a", "A", here, frozenset(Check))
    begun = Charter("b", "B", here, frozenset({Check.OBJECTIVE, Check.COMMANDER}))
    assert numbers.campaign_readiness([ready, begun]) == Rate(13, 22)
    assert numbers.campaign_readiness([ready, begun]).percent == 59
    assert len(begun.failed) == 9
    assert numbers.campaign_readiness([]) == Rate(0, 0)


def test_the_pages_tell_what_is_missing_with_a_way_to_mend_it(app: Flask, as_: Any) -> None:
    with app.app_context(), unit_of_work():
        event, cast = make_event(), load()
        campaign = make_campaign(event, commander=cast.people["tom"], name="Clear Water")
        make_campaign(event, name="Long over", state="in_review")
        make_campaign(make_event(source_id=add_source(title="R", sha256="0" * 64, length=1, language="en").id))
        refs = {name: person.ref for name, person in cast.people.items()}
        department = works().ref
        base, url = f"/events/{event.ref}", f"/events/{event.ref}/campaigns/{campaign.ref}"
    tom, rita = as_("tom"), as_("rita")
    page = tom.get(url).text
    assert "2 of 11 checks passed" in page
    assert f'href="{url}/tasks/new"' in page
    assert "tasks on the combat map" in page
    assert f'href="{url}/tasks/new"' not in rita.get(url).text
    sent = {"name": "Build", "department_ref": department, "responsible_ref": "", "due_on": "2027-05-01"}
    assert rita.post(f"{url}/tasks/new", sent).status_code == 403
    assert tom.post(f"{url}/tasks/new", {**sent, "name": ""}).status_code == 422
    assert tom.post(f"{url}/tasks/new", {**sent, "due_on": "soon"}).status_code == 422
    assert tom.post(f"{url}/tasks/new", {**sent, "responsible_ref": "0" * 16}).status_code == 422
    assert tom.post(f"{url}/tasks/new", sent).status_code == 303
    with app.app_context():
        task = db.session.scalar(select(MapTask.ref))
    assert f'href="{url}/tasks/{task}"' in tom.get(url).text
    owned = {**sent, "responsible_ref": refs["petra"], "deliverable": "A line", "version": "1"}
    assert tom.post(f"{url}/tasks/{task}", owned).status_code == 303
    assert tom.post(f"{url}/tasks/{task}", {**owned, "name": "Late"}).status_code == 409
    assert tom.post(f"{url}/risks/new", {"name": "Rain", "owner_ref": refs["petra"]}).status_code == 303
    with app.app_context():
        risk = db.session.scalar(select(RiskPoint.ref))
    assert tom.post(f"{url}/risks/{risk}", {"name": "Snow", "owner_ref": "", "version": "1"}).status_code == 303
    assert tom.get(f"{url}/tasks/{'0' * 16}").status_code == 404
    page = as_("sven").get(f"{base}/promises").text
    assert "5 of 11" in page
    assert "1 row" in as_("sven").get("/promises/list?of=campaigns").text  # nor what only a document tells of
    listed = as_("sven").get(f"{base}/promises/list?of=campaigns").text
    assert "1 row" in listed
    assert "Clear Water" in listed
    assert "a deputy" in listed
    assert "a commander" not in listed
    assert tom.post(f"{url}/tasks/{task}/remove").status_code == 303
    assert tom.post(f"{url}/risks/{risk}/remove").status_code == 303
    assert "2 of 11 checks passed" in tom.get(url).text
