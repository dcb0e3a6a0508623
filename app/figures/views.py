"""The pages of the numbers, for those who follow the work of others."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import ColumnElement

from app.campaigns import figures as campaigns
from app.core import clock
from app.core.errors import require
from app.core.i18n import _, pgettext
from app.core.paging import Page, asked_page
from app.core.text import one_line
from app.digests import figures as digests
from app.events.models import Event
from app.events.pages import open_event
from app.figures import lists, numbers, policy, queries, tables
from app.figures.numbers import (
    Against,
    Charter,
    Fate,
    Gathering,
    Period,
    Promise,
    Rate,
    Readership,
    Request,
    Support,
    Unit,
)
from app.figures.queries import Figures
from app.figures.tables import Column
from app.minutes import figures as minutes
from app.pledges import figures as pledges
from app.sheets.answers import sheet_answer
from app.turnout import plots

blueprint = Blueprint("figures", __name__)

HERE = "/events/<ref:event_ref>/promises"
EVERYWHERE = "/promises"
NOBODYS = "none"  # the department of what no department leads, in addresses
SMALL = (300.0, 130.0)
MOST_DRAWN = 12
# The lists of pledges: all that the rate counts, and each fate by itself.
PROMISES: dict[str, tuple[Fate, ...]] = {"promises": numbers.JUDGED, **{str(each): (each,) for each in Fate}}
SUPPORTS: dict[str, Callable[[Support], bool]] = {
    "support": lambda each: each.is_punctual,
    "support_late": lambda each: not each.is_punctual,
}


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


class Sources:
    """What the numbers of one event, or of all whose work the visitor follows, are told: each read when it is wanted."""

    def __init__(self, event: Event | None) -> None:
        self.event = event
        self.within: ColumnElement[bool] = Event.id == event.id if event else policy.followed(current_user)

    @cached_property
    def told(self) -> Figures:
        return queries.figures_of(current_user, event=self.event)

    @cached_property
    def gatherings(self) -> dict[int, Gathering]:
        return queries.gatherings_within(self.within)

    @cached_property
    def promises(self) -> list[Promise]:
        return pledges.list_promises(self.within, self.gatherings)

    @cached_property
    def charters(self) -> list[Charter]:
        return campaigns.list_charters(self.within, self.gatherings)

    @cached_property
    def support(self) -> list[Support]:
        return campaigns.list_support(self.within, self.gatherings)

    @cached_property
    def readers(self) -> list[Readership]:
        return minutes.list_readerships(current_user, self.within, self.gatherings)

    @property
    def are_empty(self) -> bool:
        told = (self.told.cases, self.told.directives, self.promises, self.readers, self.requests, self.charters)
        return not any((*told, self.support))

    @cached_property
    def requests(self) -> list[Request]:
        """What was asked of people in the last weeks, the newest first, by name."""
        first = numbers.monday_of(clock.today()) - timedelta(weeks=numbers.WEEKS - 1)
        since = datetime.combine(first - timedelta(days=1), time(), UTC)  # it may be the day itself already elsewhere
        found = [
            *queries.assignments_asked(self.within, self.gatherings, since),
            *digests.reminders_sent(self.within, self.gatherings, first),
            *pledges.signatures_asked(current_user, self.within, self.gatherings, since),
            *minutes.acknowledgements_asked(current_user, self.within, self.gatherings, since),
        ]
        kept = sorted((each for each in found if each.on >= first), key=lambda each: (each.display_person, each.about))
        return sorted(kept, key=lambda each: each.on, reverse=True)


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
    sources = Sources(event)
    told = sources.told
    years = _years(sources)
    year = _year(years)
    period = Period.of_year(year)
    rows = [_row(told, unit, period, years) for unit in told.units]
    return render_template(
        "figures/show.html",
        event=event,
        is_empty=sources.are_empty,
        years=years,
        year=year,
        counts={of: len(found(told, period)) for of, found in {**lists.CASES, **lists.DIRECTIVES}.items()},
        agreed=numbers.on_time_closure(told.cases, Against.AGREED, period),
        strict=numbers.on_time_closure(told.cases, Against.STRICT, period),
        coverage=numbers.coverage(lists.confirmed(told, period)),
        returns=numbers.return_rate(told.judgements, period),
        hours=numbers.response_hours(told.cases, period),
        kept=numbers.kept_promise_rate(sources.promises, period),
        fates={each: len(numbers.with_fate(sources.promises, each, period=period)) for each in Fate},
        readers=numbers.acknowledgement_rate(sources.readers),
        readiness=numbers.campaign_readiness(sources.charters),
        punctual=numbers.support_punctuality(sources.support, period),
        load=numbers.reading_load(sources.requests),
        weeks=numbers.loads_by_week(sources.requests),
        rows=rows,
        multiples=_multiples(rows),
        keep={"year": request.args["year"]} if request.args.get("year") else {},
    )


@dataclass(frozen=True)
class Listed:
    """The list that an address names."""

    of: str
    title: str
    columns: list[Column]
    rows: list[Any]


def _list(event: Event | None) -> ResponseReturnValue:
    listed = _asked(event)
    page, per_page = asked_page(request.args)
    page = min(page, max(1, -(-len(listed.rows) // per_page)))
    shown: Page[Any] = Page(listed.rows[(page - 1) * per_page : page * per_page], page, per_page, len(listed.rows))
    return render_template(
        "figures/list.html",
        event=event,
        title=listed.title,
        columns=[each for each in listed.columns if event is None or each.name != tables.event_column().name],
        page=shown,
        shown=tables.shown,
        in_the_register=lists.IN_THE_REGISTER.get(listed.of),
        keep={key: value for key, value in request.args.items() if key in ("of", "year", "department", "week")},
    )


def _export(event: Event | None, kind: str) -> ResponseReturnValue:
    listed = _asked(event)
    cells = [[column.value(each) for column in listed.columns] for each in listed.rows]
    return sheet_answer(kind, [each.name for each in listed.columns], cells, title=listed.title, name="promises")


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
        "promises": _("Pledges assessed"),
        **{str(each): _("Pledges: %(fate)s", fate=tables.fate_words(each)) for each in Fate},
        "campaigns": _("How ready the campaigns are"),
        "support": _("Support delivered in time"),
        "support_late": _("Support not delivered in time"),
        "readers": _("Minutes in force, and how far they are read"),
        "requests": _("What was asked of people"),
    }


def _asked(event: Event | None) -> Listed:
    """The list that the address names, with its title; an unknown name leads nowhere."""
    of = request.args.get("of", "")
    title = titles().get(of) or abort(404)
    sources = Sources(event)
    found = _beside(of, sources)
    if found is not None:
        columns, rows = found
        year = _year([]) if of in PROMISES or of in SUPPORTS else None
    else:
        year = None if of in lists.NOW else _year([])
        title, told = _of_department(title, sources.told)
        columns = tables.of_cases() if of in lists.CASES else tables.of_directives()
        rows = list({**lists.CASES, **lists.DIRECTIVES}[of](told, Period.of_year(year)))
    if year is not None:
        title = _("%(list)s, %(year)s", list=title, year=year)
    return Listed(of, title, columns, rows)


def _of_department(title: str, told: Figures) -> tuple[str, Figures]:
    """Of the department that the address names, if it names one."""
    key = one_line(request.args.get("department", ""))
    if not key:
        return title, told
    unit = next((each for each in told.units if each is not None and each.ref == key), None)
    name = unit.display_name if unit else _("Without a department")
    return (
        _("%(list)s: %(department)s", list=title, department=name),
        told.of_unit("" if key == NOBODYS else key),
    )


def _beside(of: str, sources: Sources) -> tuple[list[Column], list[Any]] | None:
    """The lists that are not of assignments or directives."""
    if of in PROMISES:
        return tables.of_promises(), numbers.with_fate(
            sources.promises, *PROMISES[of], period=Period.of_year(_year([]))
        )
    if of in SUPPORTS:
        return tables.of_support(), [
            each for each in numbers.due_support(sources.support, Period.of_year(_year([]))) if SUPPORTS[of](each)
        ]
    others: dict[str, Callable[[], tuple[list[Column], list[Any]]]] = {
        "readers": lambda: (tables.of_documents(), numbers.by_document(sources.readers)),
        "campaigns": lambda: (tables.of_charters(), sources.charters),
        "requests": lambda: (tables.of_requests(), _of_week(sources.requests)),
    }
    return others[of]() if of in others else None


def _of_week(requests: list[Request]) -> list[Request]:
    """Those of the week that the address names by its Monday, if it names one."""
    raw = request.args.get("week", "")
    try:
        week = date.fromisoformat(raw) if len(raw) == len("2027-01-11") else None
    except ValueError:
        week = None
    return requests if week is None else [each for each in requests if each.week == week]


def _years(sources: Sources) -> list[int]:
    """The years in which something was due or assessed, and this one, the newest first."""
    days = {
        day.year for case in sources.told.cases if case.accepted_at for day in (case.agreed_on, case.original_on)
        if day < case.event.today
    }  # fmt: skip
    said = {each.on.year for each in sources.promises}
    return sorted({*days, *said, clock.today().year}, reverse=True)


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
