"""The people of the fictional company, its departments and teams."""

from typing import Any

from app.accounts import services as accounts
from app.core.db import db
from app.core.i18n import force_locale
from app.core.roles import SYSTEM, Role
from app.demo.notes import NOTES
from app.demo.world import World, read
from app.people import services as people

Told = dict[str, Any]

# Given for each event to those who keep its door.
NOT_EVERYWHERE = ("door_staff", "member")


def tell(world: World, password_hash: str) -> None:
    """The directory as it is taken over on the first day; what it says of earlier years comes with it."""
    told = read("qinglan_people")
    thread = world.story.thread()
    thread.tell(world.beginning, lambda: _settle_company(world, told))
    thread.tell(world.beginning, lambda: _settle_people(world, told, password_hash))
    thread.tell(world.beginning, lambda: _settle_teams(world, told))


def _settle_company(world: World, told: Told) -> None:
    company = told["organization"]
    world.organization = people.add_organization(
        name=company["name"], name_local=company["name_zh"], is_own=True, actor=SYSTEM
    )
    for each in told["departments"]:
        world.departments[each["key"]] = people.add_department(
            actor=SYSTEM,
            name=each["name"],
            name_local=each["name_zh"],
            code=each["key"],
            parent=world.departments[each["parent"]] if each["parent"] else None,
            valid_from=world.calendar.maybe_day(each["valid_from"]),
            valid_to=world.calendar.maybe_day(each["valid_to"]),
        )


def _settle_people(world: World, told: Told, password_hash: str) -> None:
    _open_accounts(world, told, password_hash)
    waiting = list(told["people"])
    while waiting:  # managers before those who report to them
        each = waiting.pop(0)
        if each["manager"] and each["manager"] not in world.people:
            waiting.append(each)
            continue
        _settle_person(world, each)
    for each in told["departments"]:
        if each["head"]:
            people.change_department(world.departments[each["key"]], actor=SYSTEM, head=world.people[each["head"]])


def _settle_person(world: World, each: Told) -> None:
    department = world.departments[each["department"]]
    person = world.people[each["key"]] = people.add_person(
        actor=SYSTEM,
        name=each["name"],
        name_local=each["name_zh"],
        email=each["email"],
        language=_reads(each),
        department=department,
        manager=world.people[each["manager"]] if each["manager"] else None,
        account=world.accounts[each["key"]],
    )
    for earlier in each.get("earlier_positions", []):
        people.give_position(
            person,
            actor=SYSTEM,
            title=earlier["position"],
            title_local=earlier["position_zh"],
            department=world.departments[earlier["department"]],
            from_on=world.calendar.maybe_day(earlier["from"]),
            to_on=world.calendar.maybe_day(earlier["to"]),
        )
    people.give_position(
        person,
        actor=SYSTEM,
        title=each["position"],
        title_local=each["position_zh"],
        department=department,
        from_on=world.calendar.day(each["since"]),
        beside=True,
    )


def _reads(each: Told) -> str:
    """Who goes by family name and given name reads Chinese; the data tell no more."""
    return "zh_Hans_CN" if each["key"] == each["name"].replace(" ", "").lower() else "en"


def _open_accounts(world: World, told: Told, password_hash: str) -> None:
    """Everybody has an account; those who play a part in the demo come first and share its password."""
    people_by_key = {each["key"]: each for each in told["people"]}
    plays = {each["person"]: each["roles"] for each in told["accounts"]}
    for key in [*plays, *(key for key in people_by_key if key not in plays)]:
        each = people_by_key[key]
        account = world.accounts[key] = accounts.create_account(
            email=each["email"], name=each["name"], actor=SYSTEM, is_demo=True
        )
        if key not in plays:
            account.language = _reads(each)
            continue
        account.password_hash = password_hash  # hashed once for all: fourteen times would take seconds
        with force_locale("en"):  # the page that shows it translates it
            account.demo_note = str(NOTES[key])
        for role in plays[key]:
            if role not in NOT_EVERYWHERE:
                accounts.grant_role(account, Role(role), actor=SYSTEM)


def _settle_teams(world: World, told: Told) -> None:
    for each in told["teams"]:
        team = world.teams[each["key"]] = people.add_team(actor=SYSTEM, name=each["name"], name_local=each["name_zh"])
        for member in each["members"]:
            role = "commander" if member == each["lead"] else "member"
            people.add_member(team, world.people[member], actor=SYSTEM, role=role)
    db.session.flush()
