"""What a circular says, as data that is frozen when it is published: every name in both languages, days in ISO 8601."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from app.circulars.models import Circular
from app.circulars.queries import covered
from app.core import clock
from app.events.models import Event
from app.figures import numbers
from app.figures.numbers import Against, Case, Period, Unit
from app.figures.queries import cases_within
from app.people.models import Organization
from app.people.queries import own_organization
from app.requirements.models import AssignmentState

FORM = "hufu-circular-1"
SECTIONS = ("late", "open", "closed", "handed_back", "cancelled")


def compose(circular: Circular, **published: Any) -> dict[str, Any]:
    """Where things stand at this moment. `published` adds who published it, and under which number."""
    event = circular.event
    zone = event.time_zone if event is not None else "UTC"
    now = clock.now()
    period = Period(circular.from_on, circular.to_on)
    cases = cases_within(covered(event))
    own = (event.host if event is not None else None) or own_organization()
    return {
        "form": FORM,
        "title": circular.title,
        "title_local": circular.title_local,
        "remarks": circular.remarks,
        "remarks_local": circular.remarks_local,
        "from": circular.from_on.isoformat(),
        "to": circular.to_on.isoformat(),
        "at": now.isoformat(),
        "on": now.astimezone(ZoneInfo(zone)).date().isoformat(),
        "zone": zone,
        "organization": _organization(own),
        "gathering": _gathering(event),
        "figures": figures(cases, period),
        "departments": departments(cases, period),
        "readers": [_names(each.person.name, each.person.name_local) for each in circular.readers],
        **published,
    }


def figures(cases: Sequence[Case], period: Period) -> dict[str, Any]:
    """The numbers over some assignments; the pair as [on time, due]."""
    rates = {each: numbers.on_time_closure(cases, each, period) for each in Against}
    return {
        **{str(each): [rate.part, rate.whole] for each, rate in rates.items()},
        **{section: sum(_sections(period)[section](each) for each in cases) for section in SECTIONS},
        "strictly_late": sum(_is_strictly_late(each) for each in cases),
        "carried": len(numbers.carried(cases, 1)),
        "silent": len(numbers.silent(cases)),
    }


def departments(cases: Sequence[Case], period: Period) -> list[dict[str, Any]]:
    """By department in the order of their names, those without one last; only what has something to say."""
    units = {each.unit.ref if each.unit else "": each.unit for each in cases}
    told = []
    for unit in sorted(units.values(), key=lambda each: (each is None, each.name if each else "")):
        own = [each for each in cases if each.unit == unit]
        lists = {
            section: [_item(each) for each in own if belongs(each)] for section, belongs in _sections(period).items()
        }
        if any(lists.values()):
            told.append({**_unit(unit), "figures": figures(own, period), **lists})
    return told


def _sections(period: Period) -> dict[str, Callable[[Case], bool]]:
    """Every assignment that was handed over stands in at most one of them; ended ones in the period of their end."""
    return {
        "late": _is_late,
        "open": lambda each: each.is_open and not _is_late(each),
        "closed": lambda each: each.closed_on is not None and each.closed_on in period,
        "handed_back": lambda each: each.state == AssignmentState.DECLINED,
        "cancelled": lambda each: (
            each.cancelled_on is not None and each.cancelled_on in period and each.handed_over_at is not None
        ),
    }


def _is_late(case: Case) -> bool:
    """Open beyond the agreed date. Whose evidence came by then and waits to be judged is not told to all as late."""
    return case.is_late and (case.proven_on is None or case.proven_on > case.due_on)


def _is_strictly_late(case: Case) -> bool:
    """The same against the date that was first set, whatever was agreed since."""
    waits = case.is_open and case.state != AssignmentState.VERIFIED and case.original_on < case.event.today
    return waits and (case.proven_on is None or case.proven_on > case.original_on)


def _item(case: Case) -> dict[str, Any]:
    until = case.proven_on or case.event.today
    return {
        "label": case.label,
        "ref": case.ref,
        "event": case.event.ref,
        "gathering": case.event.title,
        "gathering_local": case.event.title_local,
        "heading": case.heading,
        "heading_local": case.heading_local,
        "responsible": case.responsible,
        "responsible_local": case.responsible_local,
        "state": str(case.state),
        "original_on": case.original_on.isoformat(),
        "agreed_on": case.due_on.isoformat(),
        "closed_on": _iso(case.closed_on),
        "proven_on": _iso(case.proven_on),
        "days_late": _days(case.due_on, until),
        "days_late_strictly": _days(case.original_on, until),
        "carried": case.carried,
        "is_silent": case.is_silent,
    }


def _days(due: date, until: date) -> int:
    return max(0, (until - due).days)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _unit(unit: Unit | None) -> dict[str, Any]:
    if unit is None:
        return {"ref": None, "name": None, "name_local": None}
    return {"ref": unit.ref, "name": unit.name, "name_local": unit.name_local}


def _names(name: str, name_local: str | None) -> dict[str, str | None]:
    return {"name": name, "name_local": name_local}


def _organization(own: Organization | None) -> dict[str, str | None] | None:
    return _names(own.name, own.name_local) if own is not None else None


def _gathering(event: Event | None) -> dict[str, str | None] | None:
    return {"ref": event.ref, "title": event.title, "title_local": event.title_local} if event is not None else None
