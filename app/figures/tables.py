"""The columns of the lists behind the numbers: the same on the page and in the file."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import url_for

from app.core.i18n import _, format_day
from app.core.text import one_line
from app.figures.numbers import Check, Document, Fate, RequestKind
from app.requirements.models import ASSIGNMENT_STATE_LABELS


@dataclass(frozen=True)
class Column:
    """`value` of a row is words, a number or a day; the one with a `url` is what a row is called by."""

    name: str
    value: Callable[[Any], Any]
    url: Callable[[Any], str] | None = None
    cls: str = ""


def event_column() -> Column:
    return Column(_("Event"), lambda each: each.event.display_title)


def of_cases() -> list[Column]:
    return [
        Column(_("Label"), lambda each: each.label, cls="num quiet"),
        Column(
            _("Requirement"),
            lambda each: each.display_heading,
            lambda each: url_for("requirements.show_assignment", event_ref=each.event.ref, assignment_ref=each.ref),
        ),
        event_column(),
        Column(_("Department"), lambda each: each.unit.display_name if each.unit else ""),
        Column(_("Responsible"), lambda each: each.display_responsible),
        Column(_("Originally due"), lambda each: each.original_on),
        Column(_("Due"), lambda each: each.agreed_on),
        Column(_("State"), lambda each: str(ASSIGNMENT_STATE_LABELS[each.state])),
        Column(_("Sessions crossed"), lambda each: each.carried, cls="num"),
    ]


def of_directives() -> list[Column]:
    return [
        Column(_("Label"), lambda each: each.label, cls="num quiet"),
        Column(
            _("Requirement"),
            lambda each: each.display_heading,
            lambda each: url_for("requirements.show", event_ref=each.event.ref, requirement_ref=each.ref),
        ),
        event_column(),
        Column(_("Confirmed"), lambda each: each.confirmed_on),
    ]


def of_promises() -> list[Column]:
    return [
        Column(_("Label"), lambda each: each.label, cls="num quiet"),
        Column(
            _("Pledge"),
            lambda each: each.title,
            lambda each: url_for("pledges.show", event_ref=each.event.ref, pledge_ref=each.ref),
        ),
        event_column(),
        Column(_("Given by"), lambda each: each.givers),
        Column(_("What became of it"), lambda each: fate_words(each.fate)),
        Column(_("Counts, of 100"), lambda each: "" if each.fate in UNCOUNTED else each.points, cls="num"),
        Column(_("Said on"), lambda each: each.on),
    ]


UNCOUNTED = (Fate.RELEASED, Fate.SUPERSEDED, Fate.VOID)


def fate_words(fate: Fate) -> str:
    return {
        Fate.KEPT: _("Kept"),
        Fate.PARTLY_KEPT: _("Partly kept"),
        Fate.MISSED: _("Missed"),
        Fate.RELEASED: _("Released"),
        Fate.SUPERSEDED: _("Replaced by a newer version"),
        Fate.VOID: _("Void"),
    }[fate]


def of_documents() -> list[Column]:
    return [
        Column(_("Label"), lambda each: each.label, cls="num quiet"),
        Column(_("Title"), lambda each: each.title, _minutes_url),
        event_column(),
        Column(_("Confirmed"), lambda each: each.read.part, cls="num"),
        Column(_("Asked to confirm"), lambda each: each.read.whole, cls="num"),
    ]


def _minutes_url(document: Document) -> str:
    return url_for("minutes.show", event_ref=document.event.ref, minutes_ref=document.ref)


def of_requests() -> list[Column]:
    return [
        Column(_("Person"), lambda each: each.display_person),
        Column(_("Asked for"), lambda each: request_words(each.kind)),
        Column(_("About"), lambda each: each.about, lambda each: each.path),
        event_column(),
        Column(_("On"), lambda each: each.on),
    ]


def request_words(kind: RequestKind) -> str:
    return {
        RequestKind.ACKNOWLEDGE: _("Confirm that the minutes were read"),
        RequestKind.ASSIGNMENT: _("Take an assignment on"),
        RequestKind.REMINDER: _("Heed a reminder"),
        RequestKind.PLEDGE: _("Sign a pledge, or decline"),
    }[kind]


def shown(value: Any) -> str:
    """A value as it stands on the page."""
    return format_day(value) if hasattr(value, "isoformat") else str(value)


def of_charters() -> list[Column]:
    return [
        Column(
            _("Campaign"),
            lambda each: each.name,
            lambda each: url_for("campaigns.show", event_ref=each.event.ref, campaign_ref=each.ref),
        ),
        event_column(),
        Column(_("Checks passed"), lambda each: len(each.passed), cls="num"),
        Column(_("Of"), lambda each: len(Check), cls="num"),
        Column(_("What is missing"), lambda each: " · ".join(check_words(one) for one in each.failed)),
    ]


def check_words(check: Check) -> str:
    """What a campaign needs, as it is named where it is missing."""
    return {
        Check.OBJECTIVE: _("the objective"),
        Check.MEASURE: _("what is measured, from which figure to which"),
        Check.COMMANDER: _("a commander"),
        Check.DEPUTY: _("a deputy"),
        Check.DAYS: _("the first and the last day"),
        Check.ASSESSED: _("an assessment from outside in all five dimensions"),
        Check.MAP: _("tasks on the combat map"),
        Check.OWNED: _("a person for every task"),
        Check.WHOLE: _("department, person, day and deliverable of every task"),
        Check.RISKS: _("risks, each with somebody who watches it"),
        Check.SUPPORT: _("what is needed of the departments behind"),
    }[check]


def of_support() -> list[Column]:
    return [
        Column(
            _("What is needed"),
            lambda each: one_line(each.what),
            lambda each: url_for(
                "campaigns.show_support", event_ref=each.event.ref, campaign_ref=each.campaign_ref, request_ref=each.ref
            ),
        ),
        event_column(),
        Column(_("Department"), lambda each: each.display_department),
        Column(_("Needed by"), lambda each: each.needed_by),
        Column(_("Delivered"), lambda each: each.delivered_on or _("not yet")),
    ]
