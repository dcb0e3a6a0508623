"""What became of the assignments on the way: another proposal, more time, other hands, help, what continues what, what
went over into the next gathering, and the circulars."""

from datetime import date, timedelta
from typing import Any

from app.carryovers import services as carryovers
from app.cascades import services as cascades
from app.circulars import services as circulars
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
    for each in told["carry_overs"]:
        _at(world, _decided_on(world, each), "14:30", lambda each=each: _carry(world, each))
    for each in told["circulars"]:
        _tell(world, each["on"], "17:30", lambda each=each: _circulate(world, each))


def first_hands(key: str) -> Told | None:
    """Who carried an assignment before it went to the person whom the data file names."""
    return next((each for each in read("qinglan_promises")["transfers"] if each["assignment"] == key), None)


def _decided_on(world: World, each: Told) -> date:
    if "on" in each:
        return world.calendar.day(each["on"])
    event = next(one for one in read("qinglan_events")["events"] if one["key"] == each["event"])
    return world.calendar.day(event["starts"]) - timedelta(days=each["days_before"])


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


def _carry(world: World, each: Told) -> None:
    event, actor = world.events[each["event"]], world.accounts[each["by"]]
    if each.get("take") == "all":
        carryovers.take(event, None, session=world.sessions[each["session"]], actor=actor)
        return
    keys = [f"assignment-{world.assignments[key].ref}" for key in each.get("take") or each["leave"]]
    if "take" in each:
        carryovers.take(event, keys, session=world.sessions[each["session"]], actor=actor)
    else:
        carryovers.leave_out(event, keys, reason=world.text(each, "reason"), actor=actor)


def _circulate(world: World, each: Told) -> None:
    actor = world.accounts[each["by"]]
    circular = circulars.prepare_circular(
        actor=actor, from_on=world.calendar.day(each["from"]), to_on=world.calendar.day(each["to"]),
        **world.both(each, "title", "remarks"),
    )  # fmt: skip
    heads = [head for code in each["departments"] if (head := world.departments[code].head)]
    circulars.add_readers(circular, heads, actor=actor)
    if each["publish"]:
        circulars.publish_circular(circular, actor=actor)
