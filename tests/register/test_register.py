"""The register as people search it: each operator against data that has exactly one of everything."""

import re
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from app.core import clock
from app.core.db import db, unit_of_work
from app.events.models import Audience
from app.register import queries
from app.register.language import read
from app.requirements import services
from app.requirements.models import Assignment, AssignmentState, Requirement
from tests import cast as the_cast
from tests.factories import make_department, make_event, make_session
from tests.factories.requirements import in_days, make_assignment, record_requirement, record_speech


@pytest.fixture
def stage(app):
    @contextmanager
    def telling():
        with app.app_context(), unit_of_work():
            yield the_cast.load()

    return telling


def confirm(cast, *requirements) -> None:
    services.confirm_speech(requirements[0].speech, actor=cast.li_wei)


def force(assignment: Assignment, **values) -> None:
    """What years of work would bring about."""
    for name, value in values.items():
        setattr(assignment, name, value)


@pytest.fixture
def world(cast):
    with unit_of_work():
        return build(cast)


@pytest.fixture
def either_world(either_app):
    """The same on SQLite and on PostgreSQL."""
    with either_app.app_context():
        with unit_of_work():
            made = build(the_cast.load())
        yield made
        db.session.rollback()


@pytest.fixture
def told(stage):
    """The same for pages: refs alone, since a context that stays open leaks who is in."""
    with stage() as cast:
        made = build(cast)
        return SimpleNamespace(
            page=f"/events/{made.event.ref}/requirements", refs={name: each.ref for name, each in made.asked.items()}
        )


def build(cast):
    """Two gatherings, two speeches in the first; each requirement is called after what it shows."""
    now = clock.now()
    buying = make_department(name="Purchasing", name_local="采购部", code="BUY")
    tools = make_department(name="Tool purchasing", name_local="工具采购组", code="BUY-T", parent=buying)
    gone = make_department(name="Old works", code="OLD", valid_to=in_days(-3))
    event = make_event(title="Review 2026", title_local="二〇二六年复盘会")
    session = make_session(event)
    first = record_speech(cast, event=event, session=session, title="Opening speech", title_local="开幕讲话")
    second = record_speech(cast, event=event, session=session, title="Three demands", speaker=cast.people["mei"])
    asked = {}
    for name in ("late", "silent", "blocked", "unsure", "stranded", "proposed", "submitted", "carried", "closed",
                 "declined", "bare", "plain"):  # fmt: skip
        asked[name] = record_requirement(cast, first, heading=name)
    asked["principle"] = record_requirement(
        cast,
        second,
        heading="principle",
        kind="principle",
        heading_local="战略规划原则",
        topics=["安全", "Safety rules"],
    )
    asked["recorded"] = record_requirement(cast, second, heading="recorded", kind="method_rule")
    confirm(cast, asked["late"])
    services.confirm_speech(second, actor=cast.accounts["li_wei"])
    for name in asked:
        how = {"principle": "periodic", "recorded": "recorded"}.get(name, "assigned")
        services.set_tracking(asked[name], how, actor=cast.sven)
    given = {
        name: make_assignment(cast, state, asked[name], due_on=in_days(60))
        for name, state in (("late", "in_progress"), ("blocked", "in_progress"), ("unsure", "in_progress"),
                            ("stranded", "accepted"), ("proposed", "proposed"), ("submitted", "submitted"),
                            ("carried", "in_progress"), ("closed", "closed"), ("declined", "assigned"), ("plain", "assigned"))
    }  # fmt: skip
    with clock.at(now - timedelta(days=50)):
        given["silent"] = make_assignment(
            cast, "accepted", asked["silent"], due_on=(now + timedelta(days=60)).date(), department=buying
        )
    services.hand_back(given["declined"], actor=cast.petra, reason="Not ours.")
    force(given["late"], due_on=in_days(-5), department=tools)
    force(given["blocked"], blocked_by="No steel")
    force(given["unsure"], confidence=2)
    force(given["stranded"], department=gone)
    force(given["carried"], carry_count=2)
    other = make_event(title="Another house", starts_on=event.starts_on - timedelta(days=800),
                       ends_on=event.starts_on - timedelta(days=799))  # fmt: skip
    far = record_requirement(cast, record_speech(cast, event=other, title="Elsewhere"), heading="elsewhere")
    # one that is late in Tom's hands, and Petra's not late
    both = make_assignment(cast, "assigned", asked["plain"], responsible=cast.people["tom"], verifier=cast.people["mei"],
                           due_on=in_days(60))  # fmt: skip
    force(both, due_on=in_days(-1))
    return SimpleNamespace(event=event, other=other, cast=cast, given=given, asked=asked, far=far)


def found(world, typed: str, *, actor=None, event=...) -> set[str]:
    question = read(typed)
    assert question.mistakes == (), typed
    where = world.event if event is ... else event
    rows = queries.find_rows(actor or world.cast.petra, question, event=where)
    assert rows.total == len(rows.items)
    return {each.heading for each in rows.items}


ALL = {"late", "silent", "blocked", "unsure", "stranded", "proposed", "submitted", "carried", "closed", "declined", "bare",
       "plain", "principle", "recorded"}  # fmt: skip


def test_each_operator_finds_what_it_says(either_world):
    soon = in_days(59).isoformat()
    month = in_days(60).strftime("%Y-%m")
    year = either_world.event.starts_on.year
    for typed, expected in {
        "": ALL,
        "is:late": {"late", "plain"},
        "是:逾期": {"late", "plain"},
        "is:silent": {"silent"},
        "is:blocked": {"blocked"},
        "is:risk": {"unsure"},
        "is:stranded": {"stranded"},
        "is:proposed": {"proposed"},
        "is:handed-back": {"declined"},
        "is:submitted": {"submitted"},
        "is:waiting owner:me": {"plain"},
        "is:carried": {"carried"},
        "carry:>1": {"carried"},
        "carry:>2": set(),
        "is:closed": {"closed"},
        "is:open": ALL - {"closed"},
        "is:unassigned": {"proposed", "declined", "bare"},
        "is:confirmed": ALL,
        "is:stated": set(),
        "is:unreviewed": set(),
        "owner:me": ALL - {"bare", "principle", "recorded"},
        "owner:tom": {"plain"},
        "-owner:me": {"bare", "principle", "recorded"},
        # one and the same assignment: Tom's is late, Petra's is not
        "is:late owner:tom": {"plain"},
        "is:late owner:me": {"late"},
        "is:late -owner:tom": {"late"},
        "verifier:mei": {"plain"},
        "verifier:me": set(),
        "dept:BUY": {"late", "silent"},
        "dept:采购": {"late", "silent"},
        "dept:tool": {"late"},
        "dept:buy is:silent": {"silent"},
        "-dept:buy": ALL - {"late", "silent"},
        "dept:%": set(),
        "due:<today": {"late", "plain"},
        f"due:{month} is:silent": {"silent"},
        f"due:<={soon}": {"late", "plain"},
        "due:<14d is:late": {"late", "plain"},
        "silent:>30": {"silent"},
        "silent:>60": set(),
        "silent:": {"silent"},
        "from:opening": ALL - {"principle", "recorded"},
        "from:开幕": ALL - {"principle", "recorded"},
        "from:mei": {"principle", "recorded"},
        'from:"three demands"': {"principle", "recorded"},
        "kind:principle": {"principle"},
        "kind:method": {"recorded"},
        "-kind:directive": {"principle", "recorded"},
        "topic:安全": {"principle"},
        "topic:safety": {"principle"},
        "topic:%": set(),
        "战略": {"principle"},
        "规划": {"principle"},
        "-战略": ALL - {"principle"},
        "silen": {"silent"},
        '"five plans"': ALL,
        "event:复盘": ALL,
        f"year:{year}": ALL,
        f"-year:{year}": set(),
        "%": set(),
        "_": set(),
        "group:dept is:blocked": {"blocked"},
    }.items():
        assert found(either_world, typed) == expected, typed


def test_the_register_of_all_gatherings_holds_what_one_may_see(world):
    assert found(world, "event:another", event=None) == {"elsewhere"}
    assert found(world, f"year:<{world.event.starts_on.year}", event=None) == {"elsewhere"}
    assert found(world, "", event=None) == ALL | {"elsewhere"}
    with unit_of_work():
        world.other.audience = Audience.RESTRICTED
    assert found(world, "elsewhere", event=None, actor=world.cast.rita) == set()


def test_the_number_on_a_chip_is_the_length_of_the_list_that_it_leads_to(world, count_statements):
    typed = ["", "is:late", "is:silent", "owner:me", "is:carried owner:me", "dept:buy", "-is:late"]
    with count_statements() as statements:
        counts = queries.count_each(world.cast.petra, [read(each) for each in typed], event=world.event)
    assert len(statements) == 1
    assert counts == [len(found(world, each)) for each in typed]


def test_rows_stand_once_under_their_department(either_world):
    world = either_world
    rows = queries.find_rows(world.cast.petra, read("group:dept"), event=world.event)
    of_row = queries.departments_of(rows.items)
    names = [of_row[each.id].name if of_row[each.id] else None for each in rows.items]
    assert len(rows.items) == len(ALL)
    known = [name for name in names if name is not None]
    assert known == sorted(known)
    assert names[len(known) :] == [None] * (len(names) - len(known))
    assert {each.heading for each, name in zip(rows.items, names, strict=True) if name == "Tool purchasing"} == {"late"}


def test_a_page_beyond_the_end_is_the_last_one(world):
    rows = queries.find_rows(world.cast.petra, read(""), event=world.event, page=999, per_page=10)
    assert (rows.page, len(rows.items), rows.total) == (2, 4, 14)


# --- the page -----------------------------------------------------------------------------------------------------


def requirement_of(told, name: str) -> Requirement:
    return db.session.scalars(select(Requirement).where(Requirement.ref == told.refs[name])).one()


def headings(answer) -> list[str]:
    return re.findall(r'requirements/[0-9a-z]{16}">([^<]+)</a><div', answer.get_data(as_text=True))


def test_the_page_is_what_its_address_says_and_tells_what_it_did_not_understand(told, as_):
    rita = as_("rita")
    page = told.page
    assert headings(rita.get(f"{page}?q=is:blocked")) == ["blocked"]
    answer = rita.get(f"{page}?q=is:blocked+ownr:tom+due:soon")
    text = answer.get_data(as_text=True)
    assert headings(answer) == ["blocked"]
    assert "“ownr:” is not known. Did you mean “owner:”?" in text
    assert "“due:soon” names no day." in text
    assert 'value="is:blocked ownr:tom due:soon"' in text
    chip = re.search(r'href="([^"]+)">Late <span', rita.get(f"{page}?q=silen").get_data(as_text=True)).group(1)
    assert headings(rita.get(chip.replace("&amp;", "&"))) == []
    grouped = rita.get(f"{page}?q=group:dept").get_data(as_text=True)
    assert "Tool purchasing" in grouped
    assert "No department is named" in grouped


@pytest.mark.parametrize("typed", ["%00", "%22" * 300, "is:" * 200, "-" * 900, "due:%3E9999-99-99", "a" * 3000, "%ED%A0%80",
                                   "carry:9999", "silent:9999", "due:-999d", "year:0000", "dept:%5C", "topic:%22%5Cu"])  # fmt: skip
def test_nothing_that_is_typed_breaks_the_page(as_, typed):
    rita = as_("rita")
    assert rita.get(f"/requirements?q={typed}&page=-1&per_page=99999999999").status_code == 200
    assert rita.get(f"/requirements.csv?q={typed}").status_code == 200


def test_each_export_holds_exactly_the_rows_that_are_shown(told, stage, as_):
    with stage():
        requirement_of(told, "blocked").heading = "=cmd()"
    rita = as_("rita")
    for where in (told.page, "/requirements"):
        table = rita.get(f"{where}.csv?q=is:blocked").get_data(as_text=True)
        assert table.count("\r\n") == 2
        assert '"\'=cmd()"' in table
        sheet = load_workbook(BytesIO(rita.get(f"{where}.xlsx?q=is:blocked").data)).active
        cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row]
        assert sheet.max_row == 2
        assert [cell.data_type for cell in cells if cell.value == "=cmd()"] == ["s"]
        paper = rita.get(f"{where}.pdf?q=group:dept+is:blocked")
        assert (paper.status_code, paper.data[:5]) == (200, b"%PDF-")
        assert paper.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


def fill(app, rows: int) -> str:
    with app.app_context(), unit_of_work():
        cast = the_cast.load()
        speech = record_speech(cast, event=make_event(title=f"With {rows}"))
        requirements = [
            record_requirement(cast, speech, heading=f"Number {n}", verbatim=f"Do {n}.") for n in range(rows)
        ]
        confirm(cast, *requirements)
        for each in requirements:
            services.set_tracking(each, "assigned", actor=cast.sven)
            make_assignment(cast, "assigned", each)
        return f"/events/{speech.event.ref}/requirements"


def test_the_page_asks_the_same_number_of_statements_for_one_row_and_for_sixty(app, as_, count_statements):
    one, many = fill(app, 1), fill(app, 60)
    sven = as_("sven")
    for query in ("", "?q=is:open+owner:petra+group:dept&per_page=100"):
        numbers = []
        for page in (one, many):
            sven.get(page)
            with count_statements() as statements:
                assert sven.get(page + query).status_code == 200
            numbers.append(len(statements))
        assert numbers[0] == numbers[1] <= 14, query
        with count_statements() as statements:
            sven.get(f"{many}.csv{query}")
        assert len(statements) <= 12


# --- many at once -------------------------------------------------------------------------------------------------


def test_many_are_handed_over_in_one_act_and_each_row_says_what_became_of_it(told, stage, as_, app):
    with stage() as cast:
        ready = make_assignment(cast, "proposed", requirement_of(told, "bare"))
        gone = make_assignment(cast, "proposed", requirement_of(told, "late"))
        cast.people["mei"].left_on = in_days(-1)
        gone.verifier = cast.people["mei"]
        names = ("bare", "proposed", "late", "declined", "principle", "closed")
        refs = [told.refs[name] for name in names]
        ready_id, gone_id = ready.id, gone.id
    asked = "&".join(f"chosen={ref}" for ref in [*refs, "0" * 16, "x" * 500])
    sven, petra = as_("sven"), as_("petra")
    before = sven.get(f"/requirements/handing-over?{asked}").get_data(as_text=True)
    assert "Hand over 2 assignments" in before
    for why in (
        "has left the company.",
        "It was handed back.",
        "It is not followed by assignments.",
        "This requirement is closed.",
    ):
        assert why in before
    assert (
        petra.get(f"/requirements/handing-over?{asked}").get_data(as_text=True).count("Handing this over is not yours")
        == 4
    )
    refused = petra.post("/requirements/handing-over", {"chosen": refs}, follow_redirects=True).get_data(as_text=True)
    assert "Nothing was handed over. Each row says why." in refused
    after = sven.post("/requirements/handing-over", {"chosen": refs}, follow_redirects=True).get_data(as_text=True)
    assert "2 assignments are handed over." in after
    assert "4 rows stayed as they were and say why." in after
    assert "Hand over 2 assignments" not in after
    assert "Waiting to be accepted" in after
    with app.app_context():
        assert db.session.get(Assignment, ready_id).state == AssignmentState.ASSIGNED
        assert db.session.get(Assignment, gone_id).state == AssignmentState.PROPOSED


def test_only_whoever_hands_over_is_offered_to_choose_rows(told, as_):
    page = told.page
    assert 'name="chosen"' in as_("sven").get(page).get_data(as_text=True)
    assert 'name="chosen"' not in as_("petra").get(page).get_data(as_text=True)
    assert 'name="chosen"' not in as_("petra").get("/requirements").get_data(as_text=True)
    assert "No row is chosen" in as_("rita").get("/requirements/handing-over").get_data(as_text=True)
