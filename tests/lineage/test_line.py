"""From the spoken passage to next year's requirement."""

import re
from contextlib import contextmanager
from datetime import timedelta

import pytest

from app.carryovers import services as carryovers
from app.core import clock
from app.core.db import db, unit_of_work
from app.events.models import Audience
from app.lineage import queries, telling
from app.requirements.models import Requirement, RequirementLink
from tests import cast as the_cast
from tests.cast import Cast
from tests.factories import make_event, make_session, save
from tests.factories.requirements import confirmed_requirement, make_assignment, record_speech


def years(cast: Cast, number: int = 3, state: str = "closed") -> list[Requirement]:
    """A requirement of each year that continues the one of the year before, each with an assignment of Petra's."""
    today = clock.today("Asia/Shanghai")
    found: list[Requirement] = []
    for n in range(number):
        event = make_event(title=f"Year {n}", starts_on=today - timedelta(days=400 * (number - n)))
        requirement = confirmed_requirement(cast, record_speech(cast, event=event), heading=f"Plans of year {n}")
        make_assignment(cast, state, requirement)
        if found:
            save(RequirementLink(earlier=found[-1], later=requirement, by_name="Sven Lund"))
        found.append(requirement)
    return found


def whole(line: queries.Line) -> list[str]:
    return [each.heading for each in line.requirements]


def test_the_line_goes_back_and_forth_and_leaves_cousins_out(cast: Cast) -> None:
    with unit_of_work():
        first, second, third = years(cast)
        cousin = confirmed_requirement(cast, record_speech(cast, event=third.event), heading="A cousin")
        save(RequirementLink(earlier=first, later=cousin, by_name="Sven Lund"))
    assert whole(queries.line_of(second, cast.olaf)) == ["Plans of year 0", "Plans of year 1", "Plans of year 2"]
    assert "A cousin" in whole(queries.line_of(first, cast.olaf))
    assert whole(queries.line_of(cousin, cast.olaf)) == ["Plans of year 0", "A cousin"]


def test_a_circle_ends_where_it_began(cast: Cast) -> None:
    with unit_of_work():
        first, _second, third = years(cast)
        save(RequirementLink(earlier=third, later=first, by_name="an import"))
    assert len(queries.line_of(first, cast.olaf).requirements) == 3


def test_parts_belong_to_the_line_of_their_whole(cast: Cast) -> None:
    with unit_of_work():
        (only,) = years(cast, 1)
        part = save(
            Requirement(
                event=only.event, speech=only.speech, parent=only, label="RQ-2020-999", number=only.number, sub="a",
                heading="A part", kind="directive",
            )
        )  # fmt: skip
    assert (
        whole(queries.line_of(part, cast.olaf))
        == whole(queries.line_of(only, cast.olaf))
        == ["Plans of year 0", "A part"]
    )


def test_what_one_may_not_see_is_not_told(cast: Cast) -> None:
    with unit_of_work():
        first, second, _third = years(cast)
        first.event.audience = Audience.RESTRICTED
    line = queries.line_of(second, cast.rita)
    assert whole(line) == ["Plans of year 1", "Plans of year 2"]
    assert line.assignments
    assert (line.followed, line.reports, line.evidence, line.verdicts) == (frozenset(), [], [], [])
    assert len(line.links) == 1
    for reader in (cast.petra, cast.tom, cast.mei, cast.sven):
        assert len(queries.line_of(second, reader).evidence) >= 2


def test_the_timeline_tells_everything_in_its_order(cast: Cast) -> None:
    with unit_of_work():
        (only,) = years(cast, 1)
    told = [each.what for each in telling.timeline(queries.line_of(only, cast.sven))]
    assert told[0] == "Said in “Where we stand”"
    wanted = [
        "Wording confirmed",
        "Handed to Petra Lindqvist",
        "Accepted",
        "Reported",
        "Evidence",
        "Verified",
        "Closed, on time",
    ]
    assert [each for each in told if each in wanted] == wanted


def test_the_graph_joins_the_years_and_is_cut_when_it_grows_too_long(cast: Cast) -> None:
    with unit_of_work():
        first, *_more = years(cast)
    drawn = telling.graph(queries.line_of(first, cast.sven))
    assert [each.kind for each in drawn.nodes].count("here") == 1
    assert len(drawn.nodes) == 3 * 4
    assert len(drawn.edges) == 3 * 3 + 2
    assert not drawn.is_cut


# --- the page -----------------------------------------------------------------------------------------------------


@pytest.fixture
def stage(app):
    @contextmanager
    def telling():
        with app.app_context(), unit_of_work():
            yield the_cast.load()

    return telling


def url_of(requirement: Requirement) -> str:
    return f"/events/{requirement.event.ref}/requirements/{requirement.ref}/lineage"


def test_from_a_closed_assignment_to_the_spoken_passage_in_at_most_three_clicks(as_, stage):
    with stage() as cast:
        (only,) = years(cast, 1)
        assignment = only.assignments[0]
        here = f"/events/{only.event.ref}/assignments/{assignment.ref}"
        passage, words = f"p-{only.passage.ref}", only.verbatim
    for name in ("olaf", "petra", "rita"):
        reader, page, clicks = as_(name), here, 0
        for pattern in (r'href="([^"]+/lineage)"', rf'href="([^"]+#{passage})"'):
            found = re.search(pattern, reader.get(page).text)
            assert found, (name, page, pattern)
            page, clicks = found[1], clicks + 1
        assert clicks <= 3
        speech = reader.get(page.partition("#")[0]).text
        assert f'id="{passage}"' in speech
        assert words in speech


def test_the_page_shows_the_years_the_carrying_over_and_links_that_open(as_, stage):
    with stage() as cast:
        first, second = years(cast, 2, "in_progress")
        following = make_event(title="The next one", previous=second.event)
        carryovers.take(following, None, session=make_session(following), actor=cast.olaf)
        url = url_of(first)
    olaf = as_("olaf")
    page = olaf.get(url).text
    assert "Carried over to “The next one”, for the first time" in page
    assert "Linked: it continues" in page
    assert page.index("Said in") < page.index("Handed to") < page.index("Carried over to")
    main = page[page.index("<main") :]
    for link in sorted({each.partition("#")[0] for each in re.findall(r'href="(/events/[^"]+)"', main)}):
        assert olaf.get(link).status_code == 200, link
    assert olaf.get(f"{url}?q=%00").status_code == 200
    assert olaf.get("/events/0000000000000000/requirements/0000000000000000/lineage").status_code == 404


def test_a_requirement_of_another_event_is_not_found_and_strangers_see_nothing(as_, stage):
    with stage() as cast:
        first, second = years(cast, 2)
        url, wrong = url_of(first), f"/events/{second.event.ref}/requirements/{first.ref}/lineage"
    assert as_("olaf").get(wrong).status_code == 404
    assert "/sign-in" in as_("nobody").get(url).location
    page = as_("rita").get(url).text
    assert "Reports and evidence are shown to those whom they concern." in page
    assert "Two of five are drawn." not in page
    assert "Two of five are drawn." in as_("mei").get(url).text


def test_the_page_asks_as_much_for_one_year_as_for_many(as_, stage, count_statements):
    with stage() as cast:
        (only,) = years(cast, 1)
        url, ref = url_of(only), only.ref
    for name in ("olaf", "petra"):
        reader = as_(name)
        reader.get(url)
        with count_statements() as one:
            reader.get(url)
        with stage() as cast:
            first = db.session.query(Requirement).filter_by(ref=ref).one()
            for later in years(cast, 4):
                save(RequirementLink(earlier=first, later=later, by_name="Sven Lund"))
        with count_statements() as many:
            reader.get(url)
        assert len(one) == len(many) <= 20
