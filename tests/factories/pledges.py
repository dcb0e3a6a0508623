"""Pledges for tests, made by their own acts."""

import itertools
from typing import Any

from app.core.roles import SYSTEM
from app.events.models import Event
from app.people.models import Person
from app.pledges import services
from app.pledges.models import Pledge, PledgeRound, PledgeTemplate
from tests.cast import Cast
from tests.factories import save

_number = itertools.count(1)


def make_round(event: Event, **values: Any) -> PledgeRound:
    return save(PledgeRound(**{"event": event, "year": 2027, "title": f"Round {next(_number)}", **values}))


def make_template(**values: Any) -> PledgeTemplate:
    given: dict[str, Any] = {
        "name": "Military order",
        "name_local": "军令状",
        "clauses": [
            {
                "heading": "Word",
                "heading_local": "誓言",
                "text": "I, {pledger}, pledge for {team} until {deadline}.",
                "text_local": "我 {pledger} 代表{team}立此军令状。",
            },
            {"text": "Nobody is left out."},
        ],
        "reward": "Five days of leave in {year}.",
        "reward_local": "{year}年休假五天。",
        "roles": ["pledger", "countersigner"],
        "is_ordered": True,
    }
    return save(PledgeTemplate(**{**given, **values}))


def make_draft(event: Event, **values: Any) -> Pledge:
    given = {"title": f"Pledge {next(_number)}", "text": "We give our *word*."}
    return services.draft_pledge(event, actor=SYSTEM, **{**given, **values})


def make_open(event: Event, people: dict[Person, str], **values: Any) -> Pledge:
    """A pledge that is open for signature by these people in these roles."""
    pledge = make_draft(event, **values)
    for person, role in people.items():
        services.add_slot(pledge, person, role, actor=SYSTEM)
    return services.open_pledge(pledge, actor=SYSTEM)


def make_trio(event: Event, cast: Cast, **values: Any) -> Pledge:
    """Open for Petra as pledger, Tom as witness, Li Wei as countersigner."""
    people = cast.people
    roles = {people["petra"]: "pledger", people["tom"]: "witness", people["li_wei"]: "countersigner"}
    return make_open(event, roles, **values)


def sign_by(pledge: Pledge, cast: Cast, *names: str) -> None:
    """These members of the cast sign what is shown to them."""
    for name in names:
        slot = next(each for each in pledge.slots if each.person_id == cast.people[name].id)
        services.sign(slot, actor=cast.accounts[name], shown_hash=pledge.content_hash or "")


def make_in_force(event: Event, cast: Cast, **values: Any) -> Pledge:
    pledge = make_trio(event, cast, **values)
    sign_by(pledge, cast, "petra", "tom", "li_wei")
    return pledge
