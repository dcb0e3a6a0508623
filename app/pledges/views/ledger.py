"""The ledger of promises, of all teams and of one."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core.errors import require
from app.core.i18n import _, format_day
from app.figures.numbers import Fate, Period
from app.people.policy import may_see_directory
from app.people.queries import find_team
from app.pledges import ledger
from app.pledges.models import PLEDGE_STATE_LABELS, PledgeState
from app.pledges.views.frame import blueprint
from app.sheets.answers import sheet_answer

# In the order of the columns: what the rate counts, what it leaves out, what has not ended.
COUNTED = (Fate.KEPT, Fate.PARTLY_KEPT, Fate.MISSED)
LISTED = (Fate.RELEASED, Fate.SUPERSEDED, Fate.VOID, PledgeState.REFUSED)
STANDING = (PledgeState.IN_FORCE, PledgeState.OPEN)


def column_labels() -> dict[str, str]:
    fates = {
        Fate.KEPT: _("Kept"),
        Fate.PARTLY_KEPT: _("Partly kept"),
        Fate.MISSED: _("Missed"),
        Fate.RELEASED: _("Released"),
        Fate.SUPERSEDED: _("Superseded"),
        Fate.VOID: _("Void"),
    }
    states = {each: PLEDGE_STATE_LABELS[each] for each in (PledgeState.REFUSED, *STANDING)}
    return {str(key): str(label) for key, label in {**fates, **states}.items()}


def asked_year(years: list[int]) -> int | None:
    asked = request.args.get("year", "")
    return next((each for each in years if str(each) == asked), None)


@blueprint.route("/pledges/ledger")
def show_ledger() -> ResponseReturnValue:
    accounts = ledger.list_accounts(current_user)
    years = ledger.years_of(accounts)
    year = asked_year(years)
    return render_template(
        "pledges/ledger.html", accounts=ledger.in_period(accounts, Period.of_year(year)), years=years, year=year,
        labels=column_labels(), columns=[*COUNTED, *LISTED, *STANDING],
    )  # fmt: skip


@blueprint.route("/pledges/ledger.<any(csv,xlsx):kind>")
def export_ledger(kind: str) -> ResponseReturnValue:
    """Every pledge that the ledger counts or lists, a row each."""
    accounts = ledger.list_accounts(current_user)
    year = asked_year(ledger.years_of(accounts))
    labels = column_labels()
    columns = [
        _("Team"), _("Label"), _("Pledge"), _("Event"), _("Deadline"), _("What became of it"),
        _("Counts, of 100"), _("Said on"), _("Reason"),
    ]  # fmt: skip
    rows = [
        row_of(account, line, labels)
        for account in ledger.in_period(accounts, Period.of_year(year))
        for line in account.lines
    ]
    return sheet_answer(kind, columns, rows, title=_("Kept promises"), name="kept-promises")


def row_of(account: ledger.Account, line: ledger.Line, labels: dict[str, str]) -> list[str | int | None]:
    pledge, promise = line.pledge, line.promise
    refused = "; ".join(slot.refuse_reason or "" for slot in pledge.slots if slot.refused_at)
    return [
        account.team.display_name,
        pledge.label,
        pledge.title,
        pledge.event.display_title,
        format_day(pledge.deadline) if pledge.deadline else None,
        labels[line.outcome],
        promise.points if promise is not None and promise.fate in COUNTED else None,
        format_day(promise.on) if promise is not None else None,
        pledge.verdict_reason or pledge.void_reason or refused or None,
    ]


@blueprint.route("/teams/<ref:team_ref>/pledges")
def show_team_ledger(team_ref: str) -> ResponseReturnValue:
    require(may_see_directory(current_user))
    team = find_team(team_ref) or abort(404)
    (account,) = ledger.list_accounts(current_user, team=team)
    years = ledger.years_of([account])
    year = asked_year(years)
    kept = ledger.in_period([account], Period.of_year(year))
    return render_template(
        "pledges/team_ledger.html", team=team, account=kept[0] if kept else ledger.Account(team), years=years, year=year,
        labels=column_labels(), counted=COUNTED, listed=LISTED, standing=STANDING,
    )  # fmt: skip
