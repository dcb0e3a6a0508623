"""A year's pledges at once: looked at row by row, then all or none."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden
from app.events.models import Event
from app.people.models import Team, TeamMember
from app.people.queries import own_organization
from app.pledges import services
from app.pledges.errors import SomeRowsRefused
from app.pledges.models import Pledge, PledgeRound
from app.pledges.services import bulk
from tests.cast import Cast, load
from tests.factories import make_event, save
from tests.factories.campaigns import make_campaign
from tests.factories.pledges import make_round, make_template


def make_own_team(cast: Cast, name: str, *people: str, year: int | None = 2027) -> Team:
    """A team of the house; the first of its people commands it."""
    team = save(Team(name=name, organization=own_organization(), year=year))
    for number, each in enumerate(people):
        save(TeamMember(team=team, person=cast.people[each], role="member" if number else "commander"))
    return team


class Scene:
    def __init__(self, cast: Cast) -> None:
        self.event: Event = make_event()
        self.round: PledgeRound = make_round(self.event, year=2027)
        self.template = make_template()
        self.teams = [make_own_team(cast, "Clear Water", "petra", "tom"), make_own_team(cast, "Dark Water", "mei")]
        self.campaign = make_campaign(
            self.event, year=2027, team=self.teams[1], commander=cast.people["tom"], objective="Less loss",
            metric="Loss", baseline="9 %", target="4 %",
        )  # fmt: skip

    def common(self, cast: Cast, **values: Any) -> bulk.Common:
        given = {"witness": cast.people["mei"], "countersigner": cast.people["li_wei"]}
        day = clock.today() + timedelta(days=90)
        return bulk.Common(self.round, self.template, deadline=day, **{**given, **values})

    def rows(self) -> list[bulk.Row]:
        candidates = bulk.list_candidates(self.event, self.round)
        return [bulk.Row(each.team, each.title, next(iter(each.people), None), each.campaign) for each in candidates]


@pytest.fixture
def scene(cast: Cast) -> Scene:
    with unit_of_work():
        return Scene(cast)


def count() -> int:
    return db.session.scalar(select(func.count(Pledge.id))) or 0


def test_the_teams_of_the_year_are_proposed_with_whoever_leads_them(scene: Scene, cast: Cast) -> None:
    with unit_of_work():
        make_own_team(cast, "Of yesterday", "rita", year=2026)
        make_own_team(cast, "Always there")
        make_campaign(make_event(audience="restricted"), year=2027, team=scene.teams[0], commander=cast.people["rita"])
    found = bulk.list_candidates(scene.event, scene.round)
    assert [(each.team.name, [one.name for one in each.people], each.campaign) for each in found] == [
        ("Always there", [], None),
        ("Clear Water", ["Petra Lindqvist", "Tom Okafor"], None),
        ("Dark Water", ["Tom Okafor", "Mei Zhao"], scene.campaign),
    ]


def test_all_are_drafted_at_once_with_words_people_and_the_objective_of_the_campaign(scene: Scene, cast: Cast) -> None:
    with unit_of_work():
        made = services.bulk.draft_many(scene.event, scene.common(cast), scene.rows(), actor=cast.olaf)
    assert [each.label for each in made] == ["PL-2027-001", "PL-2027-002"]
    first, second = made
    assert "I, Petra Lindqvist, pledge for Clear Water until " in first.text
    assert [(each.role, each.person.name) for each in first.slots] == [
        ("pledger", "Petra Lindqvist"), ("countersigner", "Li Wei"), ("witness", "Mei Zhao"),
    ]  # fmt: skip
    assert (first.template, first.round, first.is_ordered) == (scene.template, scene.round, True)
    (objective,) = second.targets
    assert {key: objective[key] for key in ("target", "metric", "from", "to", "kind")} == {
        "target": "Less loss", "metric": "Loss", "from": "9 %", "to": "4 %", "kind": "committed",
    }  # fmt: skip
    assert second.campaign == scene.campaign


def test_what_stands_against_a_row_is_said_beside_it_and_then_nothing_is_drafted(scene: Scene, cast: Cast) -> None:
    with unit_of_work():
        make_own_team(cast, "Nobody's")
        services.draft_pledge(scene.event, actor=cast.olaf, title="Was first", team=scene.teams[0], round=scene.round)
    common = scene.common(cast, witness=cast.people["tom"])
    looked = {row.team.name: row.refusals for row in bulk.look(scene.event, common, scene.rows())}
    assert looked == {
        "Clear Water": ["It has PL-2027-001 in this round already."],
        "Dark Water": ["Tom Okafor has a role in this pledge already. Nobody signs in two."],
        "Nobody's": ["Nobody is named who gives the word of this team."],
    }
    with pytest.raises(SomeRowsRefused), unit_of_work():
        bulk.draft_many(scene.event, common, scene.rows(), actor=cast.olaf)
    with pytest.raises(SomeRowsRefused), unit_of_work():
        bulk.draft_many(scene.event, common, [], actor=cast.olaf)
    with pytest.raises(Forbidden), unit_of_work():
        bulk.draft_many(scene.event, scene.common(cast), scene.rows(), actor=cast.petra)
    assert count() == 1


def test_the_page_looks_first_and_drafts_after_that(app: Flask, as_: Any) -> None:
    with app.app_context():
        with unit_of_work():
            cast = load()
            scene = Scene(cast)
        url = f"/events/{scene.event.ref}/pledge-rounds/{scene.round.ref}/drafts"
        refs = {name: cast.people[name].ref for name in ("petra", "tom", "mei", "li_wei")}
        teams, template = [each.ref for each in scene.teams], scene.template.ref
    olaf = as_("olaf")
    assert as_("petra").get(url).status_code == 403
    page = olaf.get(url).text
    assert "Clear Water" in page
    assert "Draft 2 pledges" not in page
    sent = {
        "template_ref": template, "language": "en", "witness_ref": refs["tom"], "countersigner_ref": refs["li_wei"],
        "team": teams, f"title-{teams[0]}": "Word of Clear Water", f"title-{teams[1]}": "Word of Dark Water",
        f"pledger-{teams[0]}": refs["petra"], f"pledger-{teams[1]}": refs["tom"], "do": "look",
    }  # fmt: skip
    looked = olaf.post(url, sent).text
    assert "Tom Okafor has a role in this pledge already." in looked
    assert "Draft 2 pledges" not in looked
    refused = olaf.post(url, {**sent, "do": "draft"})
    assert refused.status_code == 422
    assert "Word of Dark Water" in refused.text
    good = {**sent, f"pledger-{teams[1]}": refs["mei"]}
    assert "Draft 2 pledges" in olaf.post(url, good).text
    with app.app_context():
        assert count() == 0
    assert olaf.post(url, {**good, "do": "draft"}).status_code == 303
    with app.app_context():
        titles = db.session.scalars(select(Pledge.title).order_by(Pledge.label)).all()
        assert titles == ["Word of Clear Water", "Word of Dark Water"]
    for strange in ({"team": ["x" * 16]}, {"template_ref": "x" * 16}, {"language": "tlh"}):
        assert olaf.post(url, {**good, **strange, "do": "draft"}).status_code == 422, strange
