"""The register of holders as a table: exactly the rows that a page shows."""

from collections.abc import Sequence
from datetime import date

from app.core.i18n import _, format_day, format_days, pgettext
from app.documents.labels import list_labels
from app.documents.render import render_pdf
from app.sheets.writing import Cell
from app.tallies.models import Tally


def columns() -> list[str]:
    return [
        _("No."), _("Campaign"), _("Event"), _("Inscription"), _("What its holder may order"), _("Threshold"),
        _("Left half with"), _("Right half with"), _("Valid from"), _("Valid until"), _("State"), _("Conferred on"),
        _("Conferred by"), _("Ended on"), _("Reason"),
    ]  # fmt: skip


def table(tallies: Sequence[Tally]) -> list[list[Cell]]:
    return [_row(each) for each in tallies]


def _row(tally: Tally) -> list[Cell]:
    event = tally.event
    return [
        tally.label,
        tally.campaign.display_name,
        event.display_title,
        tally.display_inscription,
        tally.display_scope,
        tally.threshold,
        tally.left.kept_by,
        tally.right.kept_by,
        tally.valid_from,
        tally.valid_to,
        tally.state_label,
        event.day_at(tally.conferred_at) if tally.conferred_at else None,
        tally.conferred_by_name,
        event.day_at(tally.settled_at) if tally.settled_at else None,
        tally.display_reason or None,
    ]


def paper(tallies: Sequence[Tally], today: date, *, subtitle: str, search: str, organization: str, lang: str) -> bytes:
    """The same rows as a printed list; `search` says which rows they are."""
    facts = [{"label": _("As of"), "value": format_day(today)}]
    if search:
        facts.append({"label": _("Search"), "value": search})
    return render_pdf(
        "list",
        {
            "document": {"title": _("Register of tallies"), "dated": today.isoformat()},
            "organization": organization,
            "classification": _("Internal"),
            "labels": list_labels(),
            "subtitle": subtitle,
            "facts": facts,
            "columns": [
                {"label": _("No."), "width": 1.2},
                {"label": _("Campaign"), "width": 2.4},
                {"label": _("Left half with"), "width": 1.6},
                {"label": _("Right half with"), "width": 1.6},
                {"label": pgettext("tally", "Valid"), "width": 1.8},
                {"label": _("State"), "width": 1.2},
            ],
            "rows": [
                [
                    each.label,
                    each.campaign.display_name,
                    each.left.kept_by,
                    each.right.kept_by,
                    format_days(each.valid_from, each.valid_to),
                    each.state_label,
                ]
                for each in tallies
            ],
            "note": "",
            "landscape": True,
            "verification": None,
        },
        lang=lang,
    )
