"""The pages of the numbers, for those who follow the work of others."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from app.core import clock
from app.core.errors import require
from app.core.i18n import _, pgettext
from app.core.paging import Page, asked_page
from app.core.text import one_line
from app.events.models import Event
from app.events.pages import open_event
from app.figures import lists, numbers, policy, queries
from app.figures.numbers import Against, Case, Directive, Period, Rate, Unit
from app.figures.queries import Figures
from app.pledges import queries as pledges
from app.requirements.models import ASSIGNMENT_STATE_LABELS
from app.sheets.answers import sheet_answer
from app.turnout import plots

blueprint = Blueprint("figures", __name__)

HERE = "/events/<ref:event_ref>/promises"
EVERYWHERE = "/promises"
NOBODYS = "none"  # the department of what no department leads, in addresses
SMALL = (300.0, 130.0)
MOST_DRAWN = 12


@dataclass(frozen=True)
class Row:
    """What the numbers say of one department."""

    key: str
    unit: Unit | None
    agreed: Rate
    strict: Rate
    coverage: Rate
    returns: Rate
    late: int
    silent: int
    carried_often: int
    years: list[tuple[int, Rate, Rate]]


@blueprint.app_context_processor
def supply() -> dict[str, object]:
    return {"sees_figures": sees_figures}


def sees_figures(event: Event | None) -> bool:
    return policy.may_see_figures(current_user, event) if event else policy.may_see_any(current_user)


@blueprint.route(EVERYWHERE)
def everywhere() -> ResponseReturnValue:
    """Of every gathering whose work the visitor follows."""
    require(policy.may_see_any(current_user))
    return _page(None)


@blueprint.route(HERE)
def show(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_see_figures(current_user, event))
    return _page(event)


@blueprint.route(f"{EVERYWHERE}/list")
def list_everywhere() -> ResponseReturnValue:
    """The list behind one number."""
    require(policy.may_see_any(current_user))
    return _list(None)


@blueprint.route(f"{HERE}/list")
def list_here(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_see_figures(current_user, event))
    return _list(event)


@blueprint.route(f"{EVERYWHERE}/list.<any(csv, xlsx):kind>")
def export_everywhere(kind: str) -> ResponseReturnValue:
    require(policy.may_see_any(current_user))
    return _export(None, kind)


@blueprint.route(f"{HERE}/list.<any(csv, xlsx):kind>")
def export_here(event_ref: str, kind: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_see_figures(current_user, event))
    return _export(event, kind)


# --- pieces -------------------------------------------------------------------------------------------------------


def _page(event: Event | None) -> ResponseReturnValue:
    told = queries.figures_of(current_user, event=event)
    years = _years(told)
    year = _year(years)
    period = Period.of_year(year)
    rows = [_row(told, unit, period, years) for unit in told.units]
    return render_template(
        "figures/show.html",
        event=event,
        told=told,
        years=years,
        year=year,
        counts={of: len(found(told, period)) for of, found in {**lists.CASES, **lists.DIRECTIVES}.items()},
        agreed=numbers.on_time_closure(told.cases, Against.AGREED, period),
        strict=numbers.on_time_closure(told.cases, Against.STRICT, period),
        coverage=numbers.coverage(lists.confirmed(told, period)),
        returns=numbers.return_rate(told.judgements, period),
        hours=numbers.response_hours(told.cases, period),
        pledges=_pledges(event, period),
        rows=rows,
        multiples=_multiples(rows),
        keep={"year": request.args["year"]} if request.args.get("year") else {},
    )


def _list(event: Event | None) -> ResponseReturnValue:
    title, rows = _asked(event)
    page, per_page = asked_page(request.args)
    page = min(page, max(1, -(-len(rows) // per_page)))
    shown: Page[Any] = Page(rows[(page - 1) * per_page : page * per_page], page, per_page, len(rows))
    return render_template(
        "figures/list.html",
        event=event,
        title=title,
        page=shown,
        are_directives=request.args.get("of") in lists.DIRECTIVES,
        states=ASSIGNMENT_STATE_LABELS,
        in_the_register=lists.IN_THE_REGISTER.get(request.args.get("of", "")),
        keep={key: value for key, value in request.args.items() if key in ("of", "year", "department")},
    )


def _export(event: Event | None, kind: str) -> ResponseReturnValue:
    title, rows = _asked(event)
    if request.args.get("of") in lists.DIRECTIVES:
        columns = [_("Label"), _("Requirement"), _("Event")]
        cells: list[list[Any]] = [[each.label, each.display_heading, each.event.display_title] for each in rows]
    else:
        columns = [
            _("Label"), _("Requirement"), _("Event"), _("Department"), _("Responsible"), _("Originally due"), _("Due"),
            _("State"), _("Sessions crossed"),
        ]  # fmt: skip
        cells = [
            [
                each.label, each.display_heading, each.event.display_title,
                each.unit.display_name if each.unit else "", each.display_responsible, each.original_on, each.agreed_on,
                str(ASSIGNMENT_STATE_LABELS[each.state]), each.carried,
            ]
            for each in rows
        ]  # fmt: skip
    return sheet_answer(kind, columns, cells, title=title, name="promises")


def titles() -> dict[str, str]:
    """How each list is headed."""
    return {
        "agreed": _("On time as agreed"),
        "agreed_missed": _("Not on time as agreed"),
        "agreed_due": _("Due, by the agreed date"),
        "strict": _("On time by the original date"),
        "strict_missed": _("Not on time by the original date"),
        "strict_due": _("Due, by the original date"),
        "late": pgettext("figures", "Late now"),
        "unanswered": _("Never answered, date passed"),
        "silent": pgettext("figures", "Silent"),
        "carried": pgettext("figures", "Carried over"),
        "carried_often": _("Carried over twice or more"),
        "answered": _("Accepted or countered"),
        "judged": _("Verifications"),
        "returned": _("Returned by the verifier"),
        "confirmed": _("Confirmed directives"),
        "covered": _("Directives that somebody has accepted"),
        "uncovered": _("Directives that nobody has accepted"),
    }


def _asked(event: Event | None) -> tuple[str, list[Any]]:
    """The list that the address names, with its title; an unknown name leads nowhere."""
    of = request.args.get("of", "")
    title = titles().get(of) or abort(404)
    told = queries.figures_of(current_user, event=event)
    key = one_line(request.args.get("department", ""))
    if key:
        unit = next((each for each in told.units if each is not None and each.ref == key), None)
        told = told.of_unit("" if key == NOBODYS else key)
        name = unit.display_name if unit else _("Without a department")
        title = _("%(list)s: %(department)s", list=title, department=name)
    year = None if of in lists.NOW else _year([])
    period = Period.of_year(year)
    rows: list[Case] | list[Directive]
    rows = lists.CASES[of](told, period) if of in lists.CASES else lists.DIRECTIVES[of](told, period)
    if year is not None:
        title = _("%(list)s, %(year)s", list=title, year=year)
    return title, list(rows)


def _years(told: Figures) -> list[int]:
    """The years in which something was due, and this one, the newest first."""
    days = {
        day.year for case in told.cases if case.accepted_at for day in (case.agreed_on, case.original_on)
        if day < case.event.today
    }  # fmt: skip
    return sorted({*days, clock.today().year}, reverse=True)


def _year(years: list[int]) -> int | None:
    """The year that the address names; none is all of them."""
    raw = request.args.get("year", "")
    year = int(raw) if raw.isascii() and raw.isdecimal() and len(raw) == 4 else None
    return year if year is not None and (not years or year in years) and year >= 1 else None


def _row(told: Figures, unit: Unit | None, period: Period, years: list[int]) -> Row:
    own = told.of_unit(unit.ref if unit else "")
    return Row(
        key=unit.ref if unit else NOBODYS,
        unit=unit,
        agreed=numbers.on_time_closure(own.cases, Against.AGREED, period),
        strict=numbers.on_time_closure(own.cases, Against.STRICT, period),
        coverage=numbers.coverage(lists.confirmed(own, period)),
        returns=numbers.return_rate(own.judgements, period),
        late=len(numbers.late(own.cases)),
        silent=len(numbers.silent(own.cases)),
        carried_often=len(numbers.carried(own.cases)),
        years=[
            (
                year,
                numbers.on_time_closure(own.cases, Against.AGREED, Period.of_year(year)),
                numbers.on_time_closure(own.cases, Against.STRICT, Period.of_year(year)),
            )
            for year in reversed(years)
        ],
    )


def _multiples(rows: list[Row]) -> list[tuple[Row, plots.Plot]]:
    """A small drawing for each department with something due, all on one scale: due, and on time both ways."""
    drawn = [row for row in rows if any(agreed.whole or strict.whole for _year, agreed, strict in row.years)]
    drawn = sorted(sorted(drawn, key=_size, reverse=True)[:MOST_DRAWN], key=lambda row: rows.index(row))
    most = max((max(agreed.whole, strict.whole) for row in drawn for _year, agreed, strict in row.years), default=0)
    width, height = SMALL
    return [
        (
            row,
            plots.curves(
                [str(year) for year, _agreed, _strict in row.years],
                [
                    ("due", [agreed.whole for _year, agreed, _strict in row.years]),
                    ("agreed", [agreed.part for _year, agreed, _strict in row.years]),
                    ("strict", [strict.part for _year, _agreed, strict in row.years]),
                ],
                width,
                most=most,
                height=height,
            ),
        )
        for row in drawn
    ]


def _size(row: Row) -> int:
    return sum(agreed.whole for _year, agreed, _strict in row.years)


def _pledges(event: Event | None, period: Period) -> pledges.Standing:
    """What became of the pledges that were assessed in the period, in whole days of UTC."""
    mine = select(Event.id).where(Event.id == event.id if event is not None else policy.followed(current_user))
    return pledges.standing_of_assessed(
        current_user, mine, since=_midnight(period.first), until=_midnight(period.last, days=1)
    )


def _midnight(day: date | None, days: int = 0) -> datetime | None:
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=days)
