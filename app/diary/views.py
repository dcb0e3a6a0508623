"""The URLs of the calendar of all events, and of everybody's own."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.calendars.writer import CONTENT_TYPE
from app.core import clock
from app.core.config import settings_now
from app.core.db import unit_of_work
from app.core.errors import Busy
from app.core.forms import press
from app.core.guards import public
from app.core.i18n import _, _lp, format_day, format_days, pgettext
from app.diary import entries, grid, queries, services, wording
from app.diary.secrets import token_of
from app.events.models import KIND_LABELS, STATUS_LABELS, Audience, Event, Kind

blueprint = Blueprint("diary", __name__)

DAY = timedelta(days=1)
FIRST, LAST = 1900, 2200
LIST = "diary.show_list"
AUDIENCES = {
    Audience.PUBLIC: _lp("audience", "Public"),
    Audience.INTERNAL: _lp("audience", "Internal"),
    Audience.RESTRICTED: _lp("audience", "Restricted"),
}


@dataclass(frozen=True)
class Asked:
    """What the address asks for beside the days; every link of the page carries it on."""

    kind: str | None
    audience: str | None

    def url(self, endpoint: str, **values: Any) -> str:
        return url_for(endpoint, kind=self.kind, audience=self.audience, **values)


@dataclass(frozen=True)
class Frame:
    """What stands around every view: its name, where it leads to, and the other views of the same days."""

    title: str
    view: str
    previous: str | None
    following: str | None
    today: str
    tabs: list[tuple[str, str, bool]]


@blueprint.route("/calendar")
@public
def show() -> ResponseReturnValue:
    today = _today()
    return _month(today.replace(day=1), today)


@blueprint.route("/calendar/<int:year>/<int:month>")
@public
def show_month(year: int, month: int) -> ResponseReturnValue:
    return _month(_day(year, month, 1), _today())


def _month(first: date, today: date) -> ResponseReturnValue:
    asked = _asked()
    last = grid.last_of_month(first)
    monday = grid.monday_of(first)
    found = _list(asked, monday, grid.monday_of(last) + 6 * DAY)
    before, after = first - DAY, last + DAY
    frame = _frame(
        asked, wording.month(first), "month", first if today < first or today > last else today,
        previous=_month_url(asked, before), following=_month_url(asked, after), today=asked.url("diary.show"),
    )  # fmt: skip
    return _page(
        "diary/month.html",
        asked,
        frame,
        today,
        first=first,
        weeks=grid.weeks_of(first, found),
        weekdays=wording.weekdays(),
        events=[each for each in found if each.starts_on <= last and each.ends_on >= first],
    )


@blueprint.route("/calendar/<int:year>/week/<int:week>")
@public
def show_week(year: int, week: int) -> ResponseReturnValue:
    """A week of ISO 8601: the first of a year is the one with its first Thursday."""
    asked, today = _asked(), _today()
    try:
        monday = date.fromisocalendar(_year(year), week, 1)
    except ValueError:
        abort(404)
    days = [monday + n * DAY for n in range(7)]
    found = _list(asked, days[0], days[-1])
    frame = _frame(
        asked, wording.week(monday), "week", today if today in days else monday,
        previous=_week_url(asked, monday - DAY), following=_week_url(asked, monday + 7 * DAY),
        today=_week_url(asked, today) or "",
    )  # fmt: skip
    rows = [(day, [each for each in found if each.starts_on <= day <= each.ends_on]) for day in days]
    return _page("diary/week.html", asked, frame, today, rows=rows, lead=format_days(days[0], days[-1]))


@blueprint.route("/calendar/<int:year>/<int:month>/<int:day>")
@public
def show_day(year: int, month: int, day: int) -> ResponseReturnValue:
    asked, today = _asked(), _today()
    on = _day(year, month, day)
    frame = _frame(
        asked, format_day(on), "day", on,
        previous=_day_url(asked, on - DAY), following=_day_url(asked, on + DAY), today=_day_url(asked, today) or "",
    )  # fmt: skip
    return _page("diary/day.html", asked, frame, today, on=on, events=_list(asked, on, on))


@blueprint.route("/calendar/<int:year>")
@public
def show_year(year: int) -> ResponseReturnValue:
    asked, today = _asked(), _today()
    first = date(_year(year), 1, 1)
    found = _list(asked, first, date(year, 12, 31))
    frame = _frame(
        asked, str(year), "year", today if today.year == year else first,
        previous=asked.url("diary.show_year", year=year - 1) if year > FIRST else None,
        following=asked.url("diary.show_year", year=year + 1) if year < LAST else None,
        today=asked.url("diary.show_year", year=today.year),
    )  # fmt: skip
    months = [
        (
            start := date(year, n, 1),
            wording.month(start),
            [each for each in found if each.starts_on <= grid.last_of_month(start) and each.ends_on >= start],
        )
        for n in range(1, 13)
    ]
    return _page("diary/year.html", asked, frame, today, months=months)


@blueprint.route("/calendar/list")
@public
def show_list() -> ResponseReturnValue:
    """What is on and to come; with `?year=` all of a year."""
    asked, today = _asked(), _today()
    year = request.args.get("year", type=int)
    year = year if year and FIRST <= year <= LAST else None
    first, last = (date(year, 1, 1), date(year, 12, 31)) if year else (today, date(LAST, 12, 31))
    frame = _frame(
        asked, str(year) if year else _("To come"), "list", today if not year or today.year == year else first,
        previous=asked.url(LIST, year=(year or today.year + 1) - 1) if (year or LAST) > FIRST else None,
        following=asked.url(LIST, year=year + 1) if year and year < LAST else None, today=asked.url(LIST),
    )  # fmt: skip
    return _page("diary/list.html", asked, frame, today, events=_list(asked, first, last))


def _asked() -> Asked:
    kind, audience = request.args.get("kind"), request.args.get("audience")
    return Asked(kind if kind in set(Kind) else None, audience if audience in set(Audience) else None)


def _list(asked: Asked, first: date, last: date) -> Sequence[Event]:
    return queries.list_between(current_user, first, last, kind=asked.kind, audience=asked.audience)


def _frame(
    asked: Asked, title: str, view: str, around: date, *, previous: str | None, following: str | None, today: str
) -> Frame:
    """`around` is the day that the other views show too."""
    tabs = [
        (pgettext("calendar", "Month"), _month_url(asked, around) or "", view == "month"),
        (pgettext("calendar", "Week"), _week_url(asked, around) or "", view == "week"),
        (pgettext("calendar", "Day"), _day_url(asked, around) or "", view == "day"),
        (pgettext("calendar", "List"), asked.url(LIST), view == "list"),
        (pgettext("calendar", "Year"), asked.url("diary.show_year", year=around.year), view == "year"),
    ]
    return Frame(title, view, previous, following, today, tabs)


def _page(template: str, asked: Asked, frame: Frame, today: date, **more: Any) -> ResponseReturnValue:
    return render_template(
        template,
        asked=asked,
        frame=frame,
        today=today,
        now=clock.now(),
        kind_labels=KIND_LABELS,
        status_labels=STATUS_LABELS,
        audiences=AUDIENCES if current_user.is_authenticated else {},
        **more,
    )


def _today() -> date:
    return clock.today(settings_now().default_zone)


def _year(year: int) -> int:
    return year if FIRST <= year <= LAST else abort(404)


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(_year(year), month, day)
    except ValueError:
        abort(404)


def _month_url(asked: Asked, day: date) -> str | None:
    return asked.url("diary.show_month", year=day.year, month=day.month) if FIRST <= day.year <= LAST else None


def _week_url(asked: Asked, day: date) -> str | None:
    number = day.isocalendar()
    if not FIRST <= number.year <= LAST:
        return None
    return asked.url("diary.show_week", year=number.year, week=number.week)


def _day_url(asked: Asked, day: date) -> str | None:
    if not FIRST <= day.year <= LAST:
        return None
    return asked.url("diary.show_day", year=day.year, month=day.month, day=day.day)


# --- everybody's own ----------------------------------------------------------------------------------------------


@blueprint.route("/feeds/<token>.ics")
@public
def feed(token: str) -> ResponseReturnValue:
    """For calendar programs: whoever knows the address reads, nobody signs in. `?all=1`: all events they may see.

    `?due=1`: the days by which they have to deliver.
    """
    today = _today()
    reader = queries.find_reader(token, today)
    if reader is None:
        return Response("", 404, mimetype="text/plain")
    base_url = settings_now().base_url.rstrip("/")
    make = entries.own_calendar
    if request.args.get("due") == "1":
        make = entries.due_dates
    elif request.args.get("all") == "1":
        make = entries.whole_calendar
    body = make(reader, today, base_url=base_url)
    _note(reader)
    response = Response(body)
    response.headers["Content-Type"] = CONTENT_TYPE
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    response.set_etag(hashlib.sha256(body).hexdigest()[:32])
    return response.make_conditional(request)


def _note(reader: queries.Reader) -> None:
    if queries.is_worth_noting(reader.feed.read_at, clock.now()):
        try:
            with unit_of_work(wait=0.5):
                services.note_read(reader.feed)
        except Busy:
            pass  # the next reading notes it


@blueprint.route("/my/calendar")
def mine() -> ResponseReturnValue:
    """The address of one's own calendar, and what can be done with it."""
    own = queries.find_feed(current_user)
    token = token_of(own) if own is not None and own.ended_at is None else None
    address = f"{settings_now().base_url.rstrip('/')}/feeds/{token}.ics" if token else None
    return render_template("diary/mine.html", feed=own, address=address, zone=settings_now().default_zone)


@blueprint.route("/my/calendar", methods=["POST"])
def make() -> ResponseReturnValue:
    return press(lambda: services.make_feed(actor=current_user), url_for("diary.mine"), _("This is your address."))


@blueprint.route("/my/calendar/renewal", methods=["POST"])
def renew() -> ResponseReturnValue:
    return press(
        lambda: services.renew_feed(actor=current_user),
        url_for("diary.mine"),
        _("This is your new address. The old one is dead."),
    )


@blueprint.route("/my/calendar/end", methods=["POST"])
def end() -> ResponseReturnValue:
    return press(
        lambda: services.end_feed(actor=current_user),
        url_for("diary.mine"),
        _("Your address is dead. Calendars that read it find nothing there any more."),
    )
