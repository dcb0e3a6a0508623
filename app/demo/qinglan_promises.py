"""What became of the assignments on the way: another proposal, more time, other hands, help, and what continues what."""

from datetime import date, timedelta
from typing import Any

from app.cascades import services as cascades
from app.demo.dates import moment
from app.demo.world import World, read
from app.extensions import services as extensions
from app.negotiations import services as negotiations
from app.requirements import services as requirements

Told = dict[str, Any]


def tell(world: World) -> None:
    told = read("qinglan_promises")
    for each in told["negotiations"]:
        _tell(world, each["on"], "15:30", lambda each=each: _propose(world, each))
    for each in told["extensions"]:
        _tell(world, each["on"], "16:30", lambda each=each: _ask(world, each))
        if each["decided"]:
            _tell(world, each["decided"], "09:30", lambda each=each: _decide(world, each))
    for each in told["help"]:
        handed_over = _commission(each["assignment"])["handed_over"]
        _at(world, world.calendar.day(handed_over) + timedelta(days=1), "09:00", lambda each=each: _help(world, each))
    for each in told["links"]:
        speech = next(one for one in read("qinglan_assignments")["assignments"] if one["requirement"] == each["later"])
        _tell(world, speech["handed_over"], "09:45", lambda each=each: _link(world, each))


def first_hands(key: str) -> Told | None:
    """Who carried an assignment before it went to the person whom the data file names."""
    return next((each for each in read("qinglan_promises")["transfers"] if each["assignment"] == key), None)


def _commission(key: str) -> Told:
    return next(each for each in read("qinglan_assignments")["assignments"] if each["key"] == key)


def _tell(world: World, day: Told, clock_time: str, act: Any) -> None:
    _at(world, world.calendar.day(day), clock_time, act)


def _at(world: World, day: date, clock_time: str, act: Any) -> None:
    world.story.tell(moment(day, clock_time), act)


def _supervisor(world: World, key: str) -> Any:
    speech = _commission(key)["requirement"].split("/")[0]
    told = next(each for each in read("qinglan_speeches")["speeches"] if each["key"] == speech)
    return world.supervisor(told["event"])


def _propose(world: World, each: Told) -> None:
    assignment = world.assignments[each["assignment"]]
    negotiations.propose_otherwise(
        assignment,
        actor=world.accounts[_commission(each["assignment"])["responsible"]],
        deliverable=assignment.deliverable,
        criteria=assignment.criteria,
        due_on=world.calendar.day(each["due"]),
        resources=world.text(each, "resources"),
        words=world.text(each, "words"),
    )


def _ask(world: World, each: Told) -> None:
    world.extensions[each["assignment"]] = extensions.ask(
        world.assignments[each["assignment"]],
        actor=world.accounts[_commission(each["assignment"])["responsible"]],
        new_due_on=world.calendar.day(each["to"]),
        reason=world.text(each, "reason"),
    )


def _decide(world: World, each: Told) -> None:
    decide = extensions.grant if each["granted"] else extensions.refuse
    decide(
        world.extensions[each["assignment"]],
        actor=_supervisor(world, each["assignment"]),
        reason=world.text(each, "answer"),
    )


def _help(world: World, each: Told) -> None:
    assignment, actor = world.assignments[each["assignment"]], _supervisor(world, each["assignment"])
    for code in each["departments"]:
        cascades.add_support(assignment, world.departments[code], actor=actor)
    for key in each["people"]:
        cascades.add_contributor(assignment, world.people[key], actor=actor)


def _link(world: World, each: Told) -> None:
    requirements.link_to_earlier(
        world.requirements[each["later"]], world.requirements[each["earlier"]], actor=world.accounts["sven"]
    )
