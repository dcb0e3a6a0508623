"""The pages of tallies: from casting to the return, as each of them sees it."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from app.campaigns import services as campaigns
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.roles import SYSTEM
from app.custody import queries as custody
from app.events.models import Event
from app.tallies import services
from app.tallies.models import Tally
from tests.cast import Cast, load
from tests.factories import make_event
from tests.factories.campaigns import SCORES, make_campaign
from tests.factories.tallies import make_tally

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)


@dataclass
class Told:
    """A conferred tally, in addresses: pages hold no records of the test."""

    event: str
    zone: str
    one: str
    label: str
    halves: dict[str, str]


def conferred_in(event: Event, cast: Cast) -> Tally:
    campaign = make_campaign(event, commander=cast.people["petra"])
    campaigns.assess_campaign(campaign, actor=SYSTEM, assessor=cast.people["rita"], **SCORES)
    return services.confer(
        make_tally(campaign), actor=cast.olaf, outside="No evening this year.", by=cast.people["li_wei"]
    )


@pytest.fixture
def told(app: Flask) -> Told:
    with app.app_context(), unit_of_work():
        event = make_event()
        tally = conferred_in(event, load())
        return Told(
            f"/events/{event.ref}", event.time_zone, f"/events/{event.ref}/tallies/{tally.ref}", tally.label,
            {each.side: each.ref for each in tally.halves},
        )  # fmt: skip


@pytest.fixture
def waiting(app: Flask) -> Callable[[str], str]:
    """The address of the change of hands of a half that waits for a confirmation."""

    def find(half_ref: str) -> str:
        with app.app_context():
            found = custody.find_open("tally_half", half_ref)
            assert found is not None
            return f"/custody/{found.ref}"

    return find


def test_a_tally_is_cast_and_conferred_and_only_then_seen_by_all(app: Flask, as_: Any) -> None:
    with app.app_context(), unit_of_work():
        cast = load()
        event = make_event()
        campaign = make_campaign(event, commander=cast.people["petra"], needs_tally=True)
        campaigns.assess_campaign(campaign, actor=SYSTEM, assessor=cast.people["rita"], **SCORES)
        here, today, leader = f"/events/{event.ref}", clock.today(event.time_zone), cast.people["li_wei"].ref
        battle = f"{here}/campaigns/{campaign.ref}"
        given = {
            "campaign_ref": campaign.ref, "inscription": "Right with the ruler", "inscription_local": "右在君",
            "scope": "Sixty people", "scope_local": "", "threshold": "50 people", "valid_from": today.isoformat(),
            "valid_to": (today + timedelta(days=90)).isoformat(), "ceremony_ref": "",
        }  # fmt: skip
    olaf, petra = as_("olaf"), as_("petra")
    wrong = olaf.post(f"{here}/tallies/new", {**given, "valid_to": (today - timedelta(days=1)).isoformat()})
    assert wrong.status_code == 422
    assert "The last day lies before the first." in wrong.text
    assert "Right with the ruler" in wrong.text
    made = olaf.post(f"{here}/tallies/new", given)
    assert made.status_code == 303
    one = made.headers["Location"]
    assert "HF-2027-001" in olaf.get(one).text
    assert petra.get(one).status_code == 404
    for url in (f"{here}/tallies", "/tallies", "/tallies.csv", battle, "/search?q=ruler"):
        assert "HF-2027-001" not in petra.get(url).text
    assert "It needs a tally before it can start" in petra.get(battle).text
    started = olaf.post(f"{battle}/start", follow_redirects=True)
    assert "confer its tally on the commander first" in started.text

    assert olaf.post(f"{one}/confer", {"outside": "", "by_ref": "", "on": today.isoformat()}).status_code == 422
    paper = {"outside": "No evening this year.", "by_ref": leader, "on": today.isoformat()}
    assert petra.post(f"{one}/confer", paper).status_code == 404
    assert olaf.post(f"{one}/confer", paper).status_code == 303
    assert [olaf.get(f"{one}/{old}").location for old in ("edit", "confer")] == [one, one]  # old bookmarks
    assert olaf.post(f"{battle}/start").status_code == 303
    for url in (f"{here}/tallies", "/tallies", "/tallies.csv", battle, "/search?q=ruler"):
        assert "HF-2027-001" in petra.get(url).text
    assert "it counts when both have confirmed it" in petra.get(one).text
    assert "Conferred outside a ceremony: No evening this year." in petra.get(one).text


def test_both_halves_find_their_holders_and_the_return_counts_when_the_leader_has_confirmed_it(
    as_: Any, told: Told, waiting: Callable[[str], str]
) -> None:
    left, right = waiting(told.halves["left"]), waiting(told.halves["right"])
    petra, leader, tom = as_("petra"), as_("li_wei"), as_("tom")
    assert "Please confirm" not in petra.get(left).text
    assert "Yes, it was so" in petra.get(left).text
    assert f'href="{left}"' in petra.get(told.one).text
    assert "/custody/" not in tom.get(told.one).text  # who only sees the event reads who has it, and no more
    assert petra.get(right).status_code == 404
    assert tom.post(f"{left}/confirm").status_code == 404
    assert leader.post(f"{left}/confirm").status_code == 403  # the leader sees it, but it is not theirs
    assert petra.post(f"{left}/confirm").status_code == 303
    assert leader.post(f"{right}/confirm").status_code == 303
    assert "With you now" in petra.get("/custody").text
    rita = as_("rita")
    assert told.label in rita.get("/tallies?q=lindqvist").text
    assert "No tally matches" in rita.get("/tallies?q=lindqvist&state=broken").text

    old = {"condition": "A scratch", "at": "2020-01-01T10:00", "place": "Office"}
    assert petra.post(f"{told.one}/return", {**old, "condition": ""}).status_code == 422
    assert "At that time it had not come to where it is given from." in petra.post(f"{told.one}/return", old).text
    at = (clock.now() + timedelta(minutes=1)).astimezone(ZoneInfo(told.zone)).strftime("%Y-%m-%dT%H:%M")
    fresh = {**old, "at": at}
    bad = petra.post(f"{told.one}/return", {**fresh, "file": (io.BytesIO(b"no picture"), "x.png")})
    assert "This picture cannot be read" in bad.text
    assert petra.post(f"{told.one}/return", {**fresh, "file": (io.BytesIO(PNG), "x.png")}).status_code == 303
    back = waiting(told.halves["left"])
    assert leader.get(f"{back}/photo").data == PNG
    assert tom.get(f"{back}/photo").status_code == 404
    assert leader.post(f"{back}/confirm").status_code == 303
    assert "It lends no authority any more. The left half was given back." in rita.get(told.one).text


def test_what_waits_stands_on_the_home_page_until_it_is_confirmed_and_given_back(
    as_: Any, told: Told, waiting: Callable[[str], str]
) -> None:
    left = waiting(told.halves["left"])
    petra = as_("petra")
    assert f'href="{left}"' in petra.get("/").text
    assert f'href="{left}"' not in as_("tom").get("/").text
    assert petra.post(f"{left}/confirm").status_code == 303
    assert f'href="{left}"' not in petra.get("/").text
    assert "Give back a half" not in petra.get("/").text
    assert as_("li_wei").post(f"{told.one}/retire", {"reason": "Not needed."}).status_code == 303
    assert "Give back a half of a tally that has ended" in petra.get("/").text


def test_a_party_says_that_it_was_not_so_and_the_half_stays_where_it_was(
    as_: Any, told: Told, waiting: Callable[[str], str]
) -> None:
    left = waiting(told.halves["left"])
    petra = as_("petra")
    assert petra.post(f"{left}/withdrawal", {"reason": ""}).status_code == 422
    assert petra.post(f"{left}/withdrawal", {"reason": "I was not there."}).status_code == 303
    assert "I was not there." in as_("olaf").get(left).text
    assert "In the office" in petra.get(told.one).text


def test_the_lists_ask_the_same_number_of_statements_for_one_tally_and_for_thirty(
    app: Flask, as_: Any, told: Told, count_statements: Any
) -> None:
    leader = as_("li_wei")
    urls = ("/tallies", f"{told.event}/tallies", "/custody")
    counts: list[list[int]] = []
    for more in (0, 29):
        with app.app_context():
            cast = load()
            event = db.session.scalars(select(Event)).one()
            for _number in range(more):
                with unit_of_work():
                    conferred_in(event, cast)
        counts.append([])
        for url in urls:
            leader.get(url)
            with count_statements() as said:
                assert told.label in leader.get(url).text
            counts[-1].append(len(said))
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 12


def test_the_register_is_exported_as_it_is_shown_and_the_certificate_is_a_pdf(app: Flask, as_: Any, told: Told) -> None:
    with app.app_context(), unit_of_work():
        make_tally(make_campaign(make_event(), name="Secret one"))
    rita = as_("rita")
    for kind, begins in (("xlsx", b"PK"), ("pdf", b"%PDF"), ("csv", b"\xef\xbb\xbf")):
        assert rita.get(f"{told.event}/tallies.{kind}").data.startswith(begins)
    table = rita.get("/tallies.csv").text
    assert told.label in table
    assert "Secret one" not in table
    assert "Secret one" in as_("olaf").get("/tallies.csv").text
    assert rita.get(f"{told.one}/certificate.pdf").data.startswith(b"%PDF")


def test_wrong_addresses_are_not_found_and_each_act_is_for_whom_it_is(app: Flask, as_: Any, told: Told) -> None:
    with app.app_context(), unit_of_work():
        other = make_event().ref
    olaf, leader, tom = as_("olaf"), as_("li_wei"), as_("tom")
    assert olaf.get(f"{told.one}/middle/loss").status_code == 404
    assert olaf.get(told.one.replace(told.event, f"/events/{other}")).status_code == 404
    assert olaf.get("/tallies?q=%00&state=%27").status_code == 200
    for url in ("left/loss", "right/hand-on"):
        assert olaf.get(f"{told.one}/{url}").status_code == 200
        assert tom.get(f"{told.one}/{url}").status_code == 403
    assert tom.post(f"{told.one}/suspend").status_code == 403
    assert leader.post(f"{told.one}/suspend", {"reason": "Looked at again."}).status_code == 303
    assert "Suspended: its holder orders nothing now. Looked at again." in tom.get(told.one).text
    assert leader.post(f"{told.one}/resume").status_code == 303
    lost = {"reason": "In a train", "place": "", "at": "2020-01-01T10:00"}
    assert olaf.post(f"{told.one}/left/loss", lost).status_code == 303
    recast = olaf.post(f"{told.one}/recast").headers["Location"]
    assert recast != told.one
    assert "HF-2027-002" in olaf.get(recast).text
