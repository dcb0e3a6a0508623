"""Templates of pledges: clauses in both languages, laid into drafts."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Stale
from app.pledges import queries, services
from app.pledges.errors import NotPossibleNow, NotReady
from app.pledges.models import Pledge, PledgeTemplate
from app.pledges.services import templates
from app.pledges.services.templates import words_of
from tests.cast import Cast, load
from tests.factories import make_event
from tests.factories.pledges import make_template


def test_templates_are_kept_by_those_who_organize_record_or_administer(cast: Cast) -> None:
    values: dict[str, Any] = {"name": "Order", "clauses": [{"text": "We give our word."}], "roles": ["pledger"]}
    for name in ("petra", "sven", "li_wei", "aude", "rita"):
        with pytest.raises(Forbidden), unit_of_work():
            templates.add_template(actor=cast.accounts[name], **values)
    for name in ("olaf", "sara", "ada"):
        with unit_of_work():
            templates.add_template(actor=cast.accounts[name], **values)
    assert db.session.scalar(select(func.count(PledgeTemplate.id))) == 3


def test_a_template_has_a_clause_and_somebody_who_gives_the_word(cast: Cast) -> None:
    with pytest.raises(NotReady), unit_of_work():
        templates.add_template(
            actor=cast.olaf, name="Empty", clauses=[{"heading": "Only a heading"}], roles=["pledger"]
        )
    with pytest.raises(NotReady) as caught, unit_of_work():
        templates.add_template(actor=cast.olaf, name="Mute", clauses=[{"text": "Word."}], roles=["witness"])
    assert caught.value.field == "roles"
    assert db.session.scalar(select(func.count(PledgeTemplate.id))) == 0


def test_its_words_are_told_in_either_language_with_the_places_filled(cast: Cast) -> None:
    with unit_of_work():
        template = make_template()
    told = words_of(
        template, "en", team="Clear Water", year=2027, deadline=date(2027, 9, 30), pledger="Petra Lindqvist"
    )
    assert (
        told["text"]
        == "## Word\n\nI, Petra Lindqvist, pledge for Clear Water until Thu 30 Sep 2027.\n\nNobody is left out."
    )
    local = words_of(template, "zh-Hans", team="清水队", year=2027)
    assert local["text"] == "## 誓言\n\n我 {pledger} 代表清水队立此军令状。\n\nNobody is left out."
    assert (told["reward"], local["reward"]) == ("Five days of leave in 2027.", "2027年休假五天。")
    assert local["penalty"] is None


def test_no_place_reaches_further_than_its_name(cast: Cast) -> None:
    with unit_of_work():
        template = make_template(clauses=[{"text": "{team.__class__} {0} {unknown} {team!r} {team}"}])
    assert (
        words_of(template, "en", team="{year}", year=2027)["text"] == "{team.__class__} {0} {unknown} {team!r} {year}"
    )


def test_what_was_drafted_keeps_its_words_when_the_template_changes(cast: Cast) -> None:
    with unit_of_work():
        template = make_template()
        words = words_of(template, "en", team="Clear Water")
        pledge = services.draft_pledge(make_event(), actor=cast.olaf, title="Clear Water", template=template, **words)
    opened_on = template.version
    with unit_of_work():
        templates.change_template(template, actor=cast.sara, version=opened_on, clauses=[{"text": "Other words."}])
    with pytest.raises(Stale), unit_of_work():
        templates.change_template(template, actor=cast.olaf, version=opened_on, name="Mine")
    db.session.refresh(pledge)
    assert "for Clear Water until {deadline}" in pledge.text
    assert (pledge.template, pledge.is_ordered) == (template, True)


def test_guard_each_role_of_the_template_is_named_before_opening(cast: Cast) -> None:
    with unit_of_work():
        template = make_template(reward=None, reward_local=None)
        words = words_of(template, "en")
        pledge = services.draft_pledge(make_event(), actor=cast.olaf, title="Water", template=template, **words)
        services.add_slot(pledge, cast.people["petra"], "pledger", actor=cast.olaf)
    with pytest.raises(NotReady) as caught, unit_of_work():
        services.open_pledge(pledge, actor=cast.olaf)
    assert str(caught.value) == "The template of this pledge asks for somebody in the role: Countersigner."


def test_what_is_put_away_begins_nothing_and_comes_back(cast: Cast) -> None:
    with unit_of_work():
        template = make_template()
        templates.put_away(template, actor=cast.olaf)
    assert (queries.list_templates(), queries.list_templates(put_away=True)) == ([], [template])
    with pytest.raises(NotPossibleNow), unit_of_work():
        templates.put_away(template, actor=cast.olaf)
    with unit_of_work():
        templates.take_out(template, actor=cast.olaf)
    assert queries.list_templates() == [template]


def test_the_pages_keep_change_and_lay_in_a_template(app: Flask, as_: Any) -> None:
    olaf, sent = as_("olaf"), {
        "name": "Military order", "name_local": "军令状", "clauses-0-heading": "Word", "clauses-0-text": "We pledge it.",
        "clauses-0-text_local": "我们立状。", "clauses-1-text": "", "reward": "Leave.", "roles": ["pledger", "countersigner"],
        "is_ordered": "y", "evidence_months": "24",
    }  # fmt: skip
    assert as_("petra").get("/pledge-templates").status_code == 403
    refused = olaf.post("/pledge-templates/new", {**sent, "clauses-0-text": "", "clauses-0-text_local": ""})
    assert refused.status_code == 422
    assert "A template needs at least one clause." in refused.text
    assert "Military order" in refused.text
    for months in ("0", "-3", "1201", "some", "9" * 30):
        refused = olaf.post("/pledge-templates/new", {**sent, "evidence_months": months})
        assert refused.status_code == 422, months
    assert olaf.post("/pledge-templates/new", sent).status_code == 303
    with app.app_context():
        template = db.session.scalars(select(PledgeTemplate)).one()
        ref = template.ref
        assert template.clauses == [
            {"heading": "Word", "heading_local": "", "text": "We pledge it.", "text_local": "我们立状。"}
        ]
        assert (template.roles, template.is_ordered) == (["pledger", "countersigner"], True)
        assert template.evidence_months == 24
        with unit_of_work():
            event = make_event()
            url = f"/events/{event.ref}/pledges"
    assert "We pledge it." in olaf.get(f"/pledge-templates/{ref}").text
    assert olaf.post(f"/pledge-templates/{ref}", {**sent, "version": "1", "name": "Order"}).status_code == 303
    page = olaf.get(f"{url}/new?template={ref}&language=zh_Hans_CN").text
    assert "我们立状。" in page
    drafted = {
        "title": "Clear Water", "language": "en", "text": "We pledge it.", "template_ref": ref, "round_ref": "",
        "team_ref": "", "campaign_ref": "", "assignment_ref": "", "sign_by": (clock.today() + timedelta(days=5)).isoformat(),
        "target_rows-0-target": "Water", "target_rows-0-metric": "Loss", "target_rows-0-start": "61",
        "target_rows-0-goal": "85", "target_rows-0-unit": "%", "target_rows-0-by": "2027-09-30",
        "target_rows-0-kind": "aspirational",
    }  # fmt: skip
    made = olaf.post(f"{url}/new", drafted)
    assert made.status_code == 303
    shown = olaf.get(made.headers["Location"]).text
    assert "Thu 30 Sep 2027" in shown
    assert "61 %" in shown
    assert "An aspiration: it is no part of what is kept or missed." in shown
    with app.app_context():
        pledge = db.session.scalars(select(Pledge)).one()
        assert (pledge.template.ref, pledge.is_ordered) == (ref, True)
        assert pledge.targets == [
            {
                "target": "Water",
                "metric": "Loss",
                "from": "61",
                "to": "85",
                "unit": "%",
                "by": "2027-09-30",
                "kind": "aspirational",
            }
        ]
        load()
    for path in ("archiving", "return"):
        assert olaf.post(f"/pledge-templates/{ref}/{path}").status_code == 303
