"""The pages of the numbers: each number is the length of the list that it leads to, for those who follow the work."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

from app.core import clock
from app.core.db import unit_of_work
from app.core.roles import SYSTEM
from app.events.models import Audience, Event
from app.figures.numbers import Rate
from app.pledges import services as pledges
from app.requirements import services
from tests import cast as the_cast
from tests.cast import Cast
from tests.factories import make_department, make_event, make_session
from tests.factories.campaigns import make_campaign
from tests.factories.minutes import make_published
from tests.factories.pledges import make_in_force
from tests.factories.requirements import confirmed_requirement, make_assignment, record_speech

BEGUN = datetime(2027, 1, 11, 1, 0, tzinfo=UTC)  # nine o'clock in Shanghai


def on(day: int):
    """So many days later."""
    return clock.at(BEGUN + timedelta(days=day))


def a_year(cast: Cast, **values) -> Event:
    """Six assignments of two departments: two on time, one too late, one late and open, one silent, one unanswered."""
    due = (BEGUN + timedelta(days=10)).date()
    with on(0), unit_of_work():
        event = make_event(starts_on=BEGUN.date(), title="Winter Session", **values)
        speech = record_speech(cast, event=event, session=make_session(event))
        requirement = confirmed_requirement(cast, speech)
        other = make_department(name="Purchasing", name_local="采购部")
        for _n in range(2):
            make_assignment(cast, "verified", requirement, due_on=due)
        tardy = make_assignment(cast, "in_progress", requirement, due_on=due, department=other)
        make_assignment(cast, "accepted", requirement, due_on=due, department=other)
        make_assignment(cast, "accepted", requirement, due_on=due + timedelta(days=90), department=other)
        make_assignment(cast, "assigned", requirement, due_on=due)
    with on(12), unit_of_work():
        petra = cast.accounts["petra"]
        services.add_link(tardy, actor=petra, url="https://wiki.hufu.example/x", described_as="The plan")
        services.submit(tardy, actor=petra)
    return event


def _links(page: str) -> set[str]:
    """The addresses of the lists."""
    return {unescape(each) for each in re.findall(r'href="(/[^"]*promises/list\?[^"]*)"', page)}


def test_each_number_is_the_length_of_its_list(app, as_):
    with app.app_context():
        event = a_year(the_cast.load())
        ref = event.ref
    with on(40):
        sven = as_("sven")
        page = sven.get(f"/events/{ref}/promises").get_data(as_text=True)
        assert page.count("2 of 4") >= 2  # agreed and strict
        found = _links(page)
        assert found
        for url in found:
            listed = sven.get(url)
            assert listed.status_code == 200, url
            number = re.search(r'class="lead">(\d+) row', listed.get_data(as_text=True))
            said = re.search(
                re.escape(url.replace("&", "&amp;")) + r'"(?: aria-label="[^"]*?(\d+)(?: of \d+)?")?', page
            )
            if said and said.group(1):
                assert number, url
                assert number.group(1) == said.group(1), url
            assert sven.get(url.replace("/list?", "/list.xlsx?")).status_code == 200
        everywhere = sven.get("/promises").get_data(as_text=True)
        assert "2 of 4" in everywhere


def test_who_follows_reads_them_and_only_of_what_they_see(app, as_):
    with app.app_context():
        cast = the_cast.load()
        ref = a_year(cast).ref
        with unit_of_work():
            hidden = make_event(audience=Audience.RESTRICTED).ref
    with on(40):
        for name in ("sven", "olaf", "sara", "li_wei", "aude", "ada"):
            assert as_(name).get(f"/events/{ref}/promises").status_code == 200, name
            assert as_(name).get("/promises").status_code == 200, name
        for name in ("petra", "tom", "rita"):
            assert as_(name).get(f"/events/{ref}/promises").status_code == 403, name
            assert as_(name).get("/promises/list?of=late").status_code == 403, name
        sven = as_("sven")
        assert sven.get(f"/events/{hidden}/promises").status_code == 404
        for strange in ("?of=%00", "", "?of=nothing"):
            assert sven.get(f"/promises/list{strange}").status_code == 404
        for strange in ("?year=%00", "?year=99999999999", "?year=0000", "?year=٢٠٢٧", "?page=-1"):
            assert sven.get(f"/promises{strange}").status_code == 200
            assert sven.get(f"/promises/list{strange}&of=late&department=%00").status_code == 200


def test_the_page_asks_as_much_for_one_assignment_pledge_and_minutes_as_for_many(app, as_, count_statements):
    def beside(cast: Cast, event: Event) -> None:
        make_published(cast, session=make_session(event), readers=("petra", "tom"))
        pledges.assess(make_in_force(event, cast), actor=SYSTEM, verdict="kept", reason="Counted.", evidence="The log.")
        campaign = make_campaign(event)
        make_in_force(event, cast, campaign=campaign)

    with app.app_context():
        cast = the_cast.load()
        with on(0), unit_of_work():
            event = make_event(starts_on=BEGUN.date())
            requirement = confirmed_requirement(cast, record_speech(cast, event=event, session=make_session(event)))
            make_assignment(cast, "accepted", requirement)
            beside(cast, event)
    with on(13):
        sven = as_("sven")
        sven.get("/promises")
        with count_statements() as few:
            sven.get("/promises")
        with app.app_context():
            cast = the_cast.load()
            event = a_year(cast)
            with on(12), unit_of_work():
                for _n in range(3):
                    beside(cast, event)
        with count_statements() as many:
            assert sven.get("/promises").status_code == 200
    assert len(few) == len(many) <= 26


def test_fewer_than_five_cases_are_counts_and_a_percentage_never_flatters():
    assert Rate(3, 4).percent is None
    assert [Rate(*each).percent for each in ((0, 5), (4, 5), (5, 5), (399, 400), (1, 400))] == [0, 80, 100, 99, 1]
