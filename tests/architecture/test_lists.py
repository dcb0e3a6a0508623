"""No list tells of a gathering that its reader may not see (AZ11): what comes back is within what find_visible says."""

import re
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from app.accounts.models import RoleGrant
from app.core.db import db, unit_of_work
from app.core.roles import NOBODY, Role
from app.events import queries as events
from app.events.models import Audience, Event, Participation, Status
from tests.architecture.driving import Drive
from tests.architecture.test_access import MEMBERS
from tests.cast import PEOPLE, load
from tests.world import CANARY

LISTS = (
    "/", "/events", "/events?when=past", "/events?kind=&status=", "/minutes", "/minutes?year=&event=", "/requirements",
    "/requirements?view=everything&event=", "/my/commitments", "/campaigns", "/search?q=canary", "/search?q=", "/search?q=%25",
)  # fmt: skip
EVENT = re.compile(r"/events/([0-9a-z]{16})")
ROLES = (Role.ORGANIZER, Role.SECRETARY, Role.SUPERVISOR, Role.PRESIDING_LEADER, Role.DOOR)
PEOPLE_OF = st.sets(st.sampled_from(sorted(PEOPLE)), max_size=3)
GATHERING = st.fixed_dictionaries(
    {
        "audience": st.sampled_from(list(Audience)),
        "status": st.sampled_from(
            [Status.DRAFT, Status.PUBLISHED, Status.PUBLISHED, Status.CONCLUDED, Status.CANCELLED]
        ),
        "parts": PEOPLE_OF,
        "grants": st.dictionaries(st.sampled_from(sorted(PEOPLE)), st.sampled_from(ROLES), max_size=2),
    }
)


def arrange(gatherings: dict[str, dict[str, Any]], refs: dict[str, str]) -> None:
    """The walked world, with other audiences, other states, and other people in other parts."""
    cast = load()
    for letter, told in gatherings.items():
        event = db.session.scalars(select(Event).where(Event.ref == refs[letter])).one()
        event.audience, event.status = told["audience"], told["status"]
        db.session.execute(delete(Participation).where(Participation.event_id == event.id))
        db.session.execute(delete(RoleGrant).where(RoleGrant.event_id == event.id))
        db.session.add_all(
            Participation(event=event, person=cast.people[name], role="invited") for name in told["parts"]
        )
        db.session.add_all(
            RoleGrant(account_id=cast.accounts[name].id, role=role, event_id=event.id)
            for name, role in told["grants"].items()
        )


def test_every_list_stays_within_what_its_reader_may_see(drive: Drive) -> None:
    walk = drive.walk
    refs = {letter: scene["event_ref"] for letter, scene in walk.scenes.items()}
    met = {True: 0, False: 0}

    @settings(max_examples=14, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(
        st.fixed_dictionaries({letter: GATHERING for letter in refs}),
        st.sampled_from(MEMBERS),
        st.sampled_from(MEMBERS),
    )
    def look(gatherings: dict[str, dict[str, Any]], one: str, two: str) -> None:
        walk.restore()
        with walk.app.app_context(), unit_of_work():
            arrange(gatherings, refs)
        for name in {one, two}:
            with walk.app.app_context():
                actor = NOBODY if name == "nobody" else load().accounts[name]
                seen = {letter for letter, ref in refs.items() if events.find_visible(actor, ref) is not None}
                db.session.remove()
            for url in LISTS:
                page = walk.clients[name].get(url).get_data(as_text=True)
                linked = {letter for letter, ref in refs.items() if ref in EVENT.findall(page)}
                named = {letter for letter in refs if f"{CANARY}{letter}" in page}
                assert linked | named <= seen, f"{name} reads of {sorted((linked | named) - seen)} on {url}"
                met[bool(linked or named)] += 1

    look()
    walk.restore()
    assert min(met.values()) > 20, f"lists with something and with nothing of them: {met}"
