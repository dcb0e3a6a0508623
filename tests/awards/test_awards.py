"""Awards and tallies: silence until the conferral, then everybody; what was conferred stays as it was."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.awards import queries, services
from app.awards.errors import ConferredAlready, EventIsCancelled, NamedAlready, NotOfThisEvent, RecipientsMissing
from app.awards.models import Award
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Stale
from app.core.roles import SYSTEM
from app.events.models import Event, Status
from app.events.queries import select_visible_ids
from app.search.models import SearchEntry
from app.search.queries import find as search
from tests.cast import Cast, load
from tests.factories import make_event, make_team
from tests.factories.rites import make_award, make_ceremony

DAY = date(2026, 1, 15)
SECRET = "Zanzibarprize"


@pytest.mark.parametrize("name", ["petra", "ada", "li_wei", "sven", "aude", "dora"])
def test_only_those_who_record_prepare_change_and_confer(cast: Cast, name: str) -> None:
    actor = cast.accounts[name]
    with unit_of_work():
        event = make_event()
        award = make_award(event, title="Prize", recipients=[cast.people["rita"]])
    for act in (
        lambda: services.add_award(event, actor=actor, kind="award", title="Mine"),
        lambda: services.edit_award(award, actor=actor, title="Mine"),
        lambda: services.add_recipient(award, cast.people["petra"], actor=actor),
        lambda: services.remove_recipient(award.recipients[0], actor=actor),
        lambda: services.confer(award, actor=actor, on=DAY),
    ):
        with pytest.raises(Forbidden), unit_of_work():
            act()
    db.session.refresh(award)
    assert (award.title, award.conferred_on, len(award.recipients)) == ("Prize", None, 1)
    assert db.session.scalar(select(func.count(Award.id))) == 1


def test_before_the_conferral_it_is_in_no_list_no_search_and_no_count_of_others(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        ceremony = make_ceremony(event)
        award = make_award(event, title=SECRET, recipients=[cast.people["rita"]], ceremony=ceremony)
    for name in ("rita", "petra", "li_wei", "ada", "sven"):
        actor = cast.accounts[name]
        assert list(queries.list_visible(actor, event)) == [], name
        assert list(queries.list_visible(actor, event, ceremony=ceremony)) == [], name
        assert queries.find_visible(actor, event, award.ref) is None, name
        assert list(queries.list_of_person(cast.people["rita"], actor)) == [], name
    for name in ("olaf", "sara", "aude"):
        assert queries.find_visible(cast.accounts[name], event, award.ref) is award, name
    assert search(SECRET, visible_events=select_visible_ids(SYSTEM)) == ([], 0)
    assert db.session.scalar(select(func.count(SearchEntry.id)).where(SearchEntry.kind == "award")) == 0


def test_after_the_conferral_everybody_who_sees_the_event_sees_and_finds_it(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        award = make_award(event, title=SECRET, recipients=[cast.people["rita"]])
    with unit_of_work():
        services.confer(award, actor=cast.sara, on=DAY, by=cast.people["li_wei"])
    assert list(queries.list_visible(cast.petra, event)) == [award]
    assert list(queries.list_of_person(cast.people["rita"], cast.petra)) == [award]
    found, total = search(SECRET, visible_events=select_visible_ids(cast.petra))
    assert (total, found[0].url) == (1, f"/events/{event.ref}/awards/{award.ref}")


def test_an_award_of_an_event_one_may_not_see_is_not_listed_for_its_recipient(cast: Cast) -> None:
    with unit_of_work():
        award = make_award(make_event(audience="restricted"), recipients=[cast.people["rita"]])
        services.confer(award, actor=SYSTEM, on=DAY)
    assert list(queries.list_of_person(cast.people["rita"], cast.petra)) == []


def test_positions_are_those_of_the_day_of_conferral(cast: Cast) -> None:
    rita = cast.people["rita"]
    with unit_of_work():
        award = make_award(make_event(), recipients=[rita])
        services.confer(award, actor=SYSTEM, on=DAY)
    with unit_of_work():
        rita.positions[0].title = "Head of finance"
    assert [each.position_title for each in award.recipients] == ["Controller"]


def test_what_was_conferred_does_not_change(cast: Cast) -> None:
    with unit_of_work():
        award = make_award(make_event(), title="The Good Question", recipients=[cast.people["rita"]])
        services.confer(award, actor=SYSTEM, on=DAY)
    for act in (
        lambda: services.edit_award(award, actor=cast.olaf, title="Another"),
        lambda: services.add_recipient(award, cast.people["tom"], actor=cast.olaf),
        lambda: services.remove_recipient(award.recipients[0], actor=cast.olaf),
        lambda: services.confer(award, actor=cast.olaf, on=date(2026, 2, 1)),
    ):
        with pytest.raises(ConferredAlready), unit_of_work():
            act()
    db.session.refresh(award)
    assert (award.title, award.conferred_on, len(award.recipients)) == ("The Good Question", DAY, 1)


def test_named_recipients_are_needed_only_where_they_are_known(cast: Cast) -> None:
    with unit_of_work():
        named = make_award(make_event())
        counted = make_award(make_event(), recipients_known="counted", recipients_count=11)
        untold = make_award(make_event(), recipients_known="not_stated", kind="tally", recipients_count=3)
    assert (counted.recipients_count, untold.recipients_count) == (11, None)
    with pytest.raises(RecipientsMissing), unit_of_work():
        services.confer(named, actor=cast.olaf, on=DAY)
    with pytest.raises(RecipientsMissing), unit_of_work():
        services.add_recipient(untold, cast.people["rita"], actor=cast.olaf)
    with pytest.raises(RecipientsMissing), unit_of_work():
        make_award(make_event(), recipients_known="counted")
    with unit_of_work():
        services.confer(counted, actor=cast.olaf, on=DAY)
        services.confer(untold, actor=cast.olaf, on=DAY)
    db.session.refresh(named)
    assert [each.is_conferred for each in (named, counted, untold)] == [False, True, True]


def test_people_and_teams_receive_once(cast: Cast) -> None:
    with unit_of_work():
        team = make_team()
        award = make_award(make_event(), recipients=[team, cast.people["rita"]])
    for who in (team, cast.people["rita"]):
        with pytest.raises(NamedAlready), unit_of_work():
            services.add_recipient(award, who, actor=cast.olaf)
    assert len(award.recipients) == 2


def test_a_ceremony_of_another_event_and_a_cancelled_event_are_refused(cast: Cast) -> None:
    with unit_of_work():
        event, foreign = make_event(), make_ceremony(make_event())
        cancelled = make_event(status=Status.CANCELLED)
    with pytest.raises(NotOfThisEvent), unit_of_work():
        services.add_award(event, actor=cast.olaf, kind="award", title="Astray", ceremony=foreign)
    with pytest.raises(EventIsCancelled), unit_of_work():
        services.add_award(cancelled, actor=cast.olaf, kind="award", title="Too late")
    assert db.session.scalar(select(func.count(Award.id))) == 0


def test_a_stale_page_is_told(cast: Cast) -> None:
    with unit_of_work():
        award = make_award(make_event(), title="The Good Question")
    opened_on = award.version
    with unit_of_work():
        services.edit_award(award, actor=cast.olaf, version=opened_on, title="The Better Question")
    with pytest.raises(Stale), unit_of_work():
        services.edit_award(award, actor=cast.sara, version=opened_on, title="The Best Question")


# --- pages --------------------------------------------------------------------------------------------------------


@pytest.fixture
def event_url(app: Flask) -> str:
    with app.app_context(), unit_of_work():
        return f"/events/{make_event().ref}"


def test_the_way_of_an_award_through_the_pages(app: Flask, as_: Any, event_url: str) -> None:
    olaf, rita = as_("olaf"), as_("rita")
    sent = {"title": SECRET, "recipients_known": "named", "ceremony_ref": ""}
    answer = olaf.post(f"{event_url}/awards/new", sent)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    url = answer.headers["Location"]
    assert rita.get(url).status_code == 404
    assert SECRET not in rita.get(f"{event_url}/awards").get_data(as_text=True)
    for tail in ("confer", "edit", "recipients"):
        assert rita.post(f"{url}/{tail}").status_code == 404
    with app.app_context():
        person = load().people["rita"].ref
    assert olaf.post(f"{url}/recipients", {"who": person}).status_code == 303
    assert olaf.post(f"{url}/confer", {"on": "2026-01-15", "by_ref": "", "outside": "Over lunch."}).status_code == 303
    page = rita.get(url).get_data(as_text=True)
    assert SECRET in page
    assert "Rita Sommer" in page
    assert "Controller" in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "x" * 201),
        ("recipients_known", "everybody"),
        ("recipients_count", "many"),
        ("recipients_count", "-1"),
        ("recipients_count", "99999999999999999999"),
        ("ceremony_ref", "0" * 16),
        ("citation", "x" * 4001),
    ],
)
def test_bad_input_gets_a_sentence_and_nothing_is_stored(
    app: Flask, as_: Any, event_url: str, field: str, value: str
) -> None:
    sent = {
        "title": "Prize",
        "recipients_known": "named",
        "ceremony_ref": "",
        "citation_local": "好问题",
    }
    answer = as_("olaf").post(f"{event_url}/awards/new", {**sent, field: value})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'role="alert"' in page
    assert "好问题" in page
    with app.app_context():
        assert db.session.scalar(select(func.count(Award.id))) == 0


def test_the_register_takes_the_same_statements_for_one_award_and_for_thirty(
    app: Flask, as_: Any, count_statements: Callable[[], Any], event_url: str
) -> None:
    def fill(times: int) -> None:
        with app.app_context(), unit_of_work():
            event = db.session.scalar(select(Event))
            people = load().people
            for _n in range(times):
                award = make_award(event, recipients=[people["rita"], people["tom"]])
                services.confer(award, actor=SYSTEM, on=DAY, by=people["li_wei"])

    rita = as_("rita")
    fill(1)
    with count_statements() as few:
        rita.get(f"{event_url}/awards")
    fill(29)
    with count_statements() as many:
        assert rita.get(f"{event_url}/awards").get_data(as_text=True).count("title-link") == 30
    assert len(many) == len(few) <= 10


def test_an_old_bookmark_of_a_conferred_award_leads_to_its_page(app: Flask, as_: Any, event_url: str) -> None:
    with app.app_context(), unit_of_work():
        people = load().people
        award = make_award(db.session.scalar(select(Event)), recipients=[people["tom"]])
        page = f"{event_url}/awards/{award.ref}"
        services.confer(award, actor=SYSTEM, on=DAY, by=people["li_wei"])
    for form in ("edit", "confer"):
        answer = as_("olaf").get(f"{page}/{form}")
        assert (answer.status_code, answer.location) == (302, page)


def test_the_page_of_an_award_takes_the_same_statements_for_one_recipient_and_for_six(
    app: Flask, as_: Any, count_statements: Callable[[], Any], event_url: str
) -> None:
    with app.app_context(), unit_of_work():
        event = db.session.scalar(select(Event))
        people = load().people
        names = [people[each] for each in ("rita", "tom", "petra", "sara", "olaf", "li_wei")]
        one, six = make_award(event, recipients=names[:1]), make_award(event, recipients=names)
        for award in (one, six):
            services.confer(award, actor=SYSTEM, on=DAY, by=people["li_wei"])
        pages = [f"{event_url}/awards/{each.ref}" for each in (one, six)]
    olaf = as_("olaf")
    olaf.get(pages[0])
    said = []
    for page in pages:
        with count_statements() as statements:
            assert olaf.get(page).status_code == 200
        said.append(len(statements))
    assert said[0] == said[1]
