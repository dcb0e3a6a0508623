"""The pages of the numbers."""

from datetime import date
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core.errors import require
from app.core.i18n import _, format_day, format_short_day, pgettext
from app.core.paging import Page, asked_page
from app.core.text import one_line
from app.door.models import Point
from app.events.pages import open_event
from app.registration.models import ANSWER_LABELS, STATE_LABELS, State
from app.sheets.answers import sheet_answer
from app.turnout import plots, policy, queries
from app.turnout.queries import Somebody, Turnout

blueprint = Blueprint("turnout", __name__)

NUMBERS = "/events/<ref:event_ref>/numbers"
WIDE, NARROW = 720.0, 340.0  # the same plot for a desk and for a phone
ASKED = ("of", "department", "day", "answer", "point", "slot", "session")  # what names a list in an address
UNIT_COLUMNS = ("invited", "yes", "no", "maybe", "delegated", "silent", "place", "came", "no_show")


@blueprint.route(NUMBERS)
def show(event_ref: str) -> ResponseReturnValue:
    """How people answered, who came when, who did not, and how full the sessions were."""
    event = open_event(event_ref)
    require(policy.may_see_numbers(current_user, event))
    previous = event.previous
    if previous is not None and not policy.may_see_numbers(current_user, previous):
        previous = None
    found = queries.turnout_of(event, previous=previous)
    point = _point(found)
    days = found.days_at(point) if point is not None else []
    day = _day(request.args.get("day", ""), days)
    slots = found.arrivals(point, day) if point is not None and day is not None else []
    curve = found.curve()
    return render_template(
        "turnout/show.html",
        event=event,
        turnout=found,
        totals={of: found.count(of) for of in (*UNIT_COLUMNS, "waiting", "unexpected", "waited", "moved_up")},
        curve=curve,
        previous=previous if found.earlier else None,
        curves=_curves(curve, found),
        units=found.by_unit(UNIT_COLUMNS),
        columns=column_labels(),
        point=point,
        days=days,
        day=day,
        slots=slots,
        columns_of_arrivals=_arrivals(point, slots),
        sessions=found.session_rows(),
        answers=ANSWER_LABELS,
    )


@blueprint.route(f"{NUMBERS}/people")
def people(event_ref: str) -> ResponseReturnValue:
    """The list behind one number."""
    event = open_event(event_ref)
    require(policy.may_see_numbers(current_user, event))
    found = queries.turnout_of(event)
    title, rows = _asked(found)
    words = request.args.get("q", "")[:100]
    rows = queries.named(rows, words) if words else rows
    return render_template(
        "turnout/people.html",
        event=event,
        turnout=found,
        title=title,
        words=words,
        page=_page(rows),
        keep={key: value for key, value in request.args.items() if key in ASKED},
        answers=ANSWER_LABELS,
        states=STATE_LABELS,
    )


@blueprint.route(f"{NUMBERS}/people.<any(csv, xlsx):kind>")
def export(event_ref: str, kind: str) -> ResponseReturnValue:
    """The same list as a table, with the same search."""
    event = open_event(event_ref)
    require(policy.may_see_numbers(current_user, event))
    found = queries.turnout_of(event)
    title, rows = _asked(found)
    rows = queries.named(rows, request.args.get("q", "")[:100])
    columns = [
        pgettext("person", "Name"), _("Department"), pgettext("invitation", "Answer"), pgettext("registration", "State"),
        _("Came at"),
    ]  # fmt: skip
    cells = [
        [
            each.display_name, each.unit.display_name if each.unit else "", _label(ANSWER_LABELS, each.answer),
            _label(STATE_LABELS, each.state), _came_at(found, each),
        ]
        for each in rows
    ]  # fmt: skip
    return sheet_answer(kind, columns, cells, title=title, name=f"numbers-{event.ref}")


# --- pieces ---------------------------------------------------------------------------------------------------------


def column_labels() -> dict[str, str]:
    """The lists that can be counted for each department, as their columns are headed."""
    return {
        "invited": _("Invited"),
        "yes": pgettext("invitation", "Yes"),
        "no": pgettext("invitation", "No"),
        "maybe": pgettext("invitation", "Maybe"),
        "delegated": pgettext("invitation", "Sends somebody else"),
        "silent": _("Silent"),
        "place": _("Has a place"),
        "came": pgettext("turnout", "Came"),
        "no_show": pgettext("turnout", "Did not come"),
    }


def _asked(found: Turnout) -> tuple[str, list[Somebody]]:
    """The list that the address names, with its title. What makes no sense names an empty list."""
    of = request.args.get("of", "")
    day = _day(request.args.get("day", ""))
    session = queries.find_session(found, one_line(request.args.get("session", "")))
    if session is not None:
        titles = {
            "held": _("With a place in %(session)s", session=session.display_title),
            "waits": _("Waiting for %(session)s", session=session.display_title),
            "came": _("Came to %(session)s", session=session.display_title),
        }
        return titles.get(of, session.display_title), found.in_session(session.id, of)
    if of == "arrived":
        point = _point(found)
        slot = one_line(request.args.get("slot", ""))[:16]
        if point is None or len(slot) < len("2027-01-14"):
            return _("Came in"), []
        when = f"{format_day(_day(slot[:10]))} {slot[11:]}".strip()
        words = _("%(point)s: came in, %(when)s", point=point.display_name, when=when)
        return words, found.arrived_in(point, slot)
    if of == "answered" and day is not None:
        answer = request.args.get("answer", "")
        if answer in ANSWER_LABELS:
            words = _("Answered “%(answer)s” on %(day)s", answer=ANSWER_LABELS[answer], day=format_day(day))
            return words, found.answered_on(day, answer)
        return _("Answered on %(day)s", day=format_day(day)), found.answered_on(day)
    if of == "registered" and day is not None:
        return _("Registered on %(day)s", day=format_day(day)), found.registered_on(day)
    labels = {
        **column_labels(),
        "waiting": str(STATE_LABELS[State.WAITING]),
        "withdrawn": str(STATE_LABELS[State.WITHDRAWN]),
        "unexpected": pgettext("turnout", "Came without a place"),
        "waited": pgettext("turnout", "Have waited for a place"),
        "moved_up": pgettext("turnout", "Moved up from the waiting list"),
    }
    unit = one_line(request.args.get("department", ""))
    rows = found.listed(of, unit)
    name = next((each.unit.display_name for each in found.people if each.unit and each.unit.ref == unit), "")
    if unit == queries.WITHOUT:
        name = _("Without a department")
    title = labels.get(of, _("Numbers"))
    return (_("%(list)s: %(department)s", list=title, department=name) if name else title), rows


def _curves(curve: list[queries.DayOfAnswers], found: Turnout) -> list[tuple[str, plots.Plot]]:
    """The curve, for a desk and for a phone."""
    if not curve:
        return []
    words = [_short_day(each.day) for each in curve]
    series: list[tuple[str, list[int]]] = [("registered", [each.registered_so_far for each in curve])]
    if any(each.answered_so_far for each in curve):
        series.insert(0, ("answered", [each.answered_so_far for each in curve]))
    if found.earlier:
        series.append(("earlier", [each.earlier_so_far for each in curve]))
    most = found.count("invited")
    return [(name, plots.curves(words, series, width, most=most)) for name, width in SIZES]


SIZES = (("not-phone", WIDE), ("only-phone", NARROW))


def _arrivals(point: Point | None, slots: list[queries.Slot]) -> list[tuple[str, plots.Plot]]:
    if point is None or not slots:
        return []
    values = [(f"{each.starts_at:%H:%M}", each.number) for each in slots]
    return [(name, plots.columns(values, width)) for name, width in SIZES]


def _short_day(day: date) -> str:
    return format_short_day(day)


def _day(word: str, among: list[date] | None = None) -> date | None:
    """A day of the address; of several that can be chosen, the first where it names none of them."""
    try:
        day = date.fromisoformat(word[:10])
    except ValueError:
        day = None
    if among is None:
        return day
    return day if day in among else (among[0] if among else None)


def _point(found: Turnout) -> Point | None:
    asked = request.args.get("point")
    return next((each for each in found.points if each.ref == asked), None) or found.arrival


def _label(labels: Any, value: str | None) -> str:
    return str(labels[value]) if value else ""


def _came_at(found: Turnout, person: Somebody) -> Any:
    moments = person.passes.get(found.arrival.id, ()) if found.arrival is not None else ()
    return min(moments).astimezone(found.zone) if moments else None


def _page(rows: list[Somebody]) -> Page[Somebody]:
    page, per_page = asked_page(request.args)
    page = min(page, max(1, -(-len(rows) // per_page)))
    return Page(rows[(page - 1) * per_page : page * per_page], page, per_page, len(rows))
