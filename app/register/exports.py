"""The register as a table: exactly the rows that a page shows, for other programs."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from app.core.i18n import _, format_day, listed
from app.documents.labels import frame_labels
from app.documents.render import render_pdf
from app.documents.shapes import Column
from app.people.models import Department
from app.requirements import standing
from app.requirements.models import REQUIREMENT_KIND_LABELS, Requirement
from app.sheets.writing import Cell
from app.speeches.models import Speech

Groups = Sequence[tuple[Speech | Department | None, Sequence[Requirement]]]


def columns() -> list[str]:
    return [
        _("Label"), _("Event"), _("Speech"), _("Speaker"), _("No."), _("Requirement"), _("Wording"), _("Summary"),
        _("Kind"), _("Addressed to"), _("Department"), _("Responsible"), _("Due"), _("Originally due"), _("State"),
    ]  # fmt: skip


def table(requirements: Sequence[Requirement], now: datetime) -> list[list[Cell]]:
    return [_row(each, now) for each in requirements]


def _row(requirement: Requirement, now: datetime) -> list[Cell]:
    first = standing.foremost_of(requirement, now)
    return [
        requirement.label,
        requirement.event.display_title,
        requirement.speech.display_title,
        requirement.speech.display_speaker,
        requirement.display_number,
        requirement.display_heading,
        requirement.verbatim,
        requirement.display_summary,
        str(REQUIREMENT_KIND_LABELS[requirement.kind]),  # type: ignore[index]  # kept as text
        listed(each.display_name for each in requirement.addressees) or requirement.display_audience,
        first.department.display_name if first and first.department else None,
        first.responsible.display_name if first else None,
        first.due_on if first else None,
        first.original_due_on if first else None,
        standing.of_requirement(requirement, now).all_words,
    ]


def paper(
    groups: Groups,
    now: datetime,
    *,
    title: str,
    subtitle: str,
    search: str,
    organization: str,
    lang: str,
) -> bytes:
    """The same rows as a printed list, under the same headings; `search` says which rows they are."""
    return render_pdf(
        "list",
        {
            "document": {"title": title, "dated": now.date().isoformat()},
            "organization": organization,
            "classification": _("Internal"),
            "labels": {**frame_labels(), "empty": _("No requirement matches.")},
            "subtitle": subtitle,
            "facts": [
                {"label": _("As of"), "value": format_day(now.date())},
                *([{"label": _("Search"), "value": search}] if search else []),
            ],
            "columns": _paper_columns(),
            "rows": list(_paper_rows(groups, now)),
            "note": "",
            "landscape": True,
            "verification": None,
        },
        lang=lang,
    )


def _paper_columns() -> list[Column]:
    return [
        {"label": _("No.")},
        {"label": _("Requirement"), "width": 3},
        {"label": _("Addressed to"), "width": 2},
        {"label": _("Responsible"), "width": 1.4},
        {"label": _("Due"), "width": 1.2},
        {"label": _("State"), "width": 1.6},
    ]


def _paper_rows(groups: Groups, now: datetime) -> Iterator[list[str]]:
    """The rows, and before those of a group its heading as a row of one cell."""
    for heading, each in _with_headings(groups):
        if heading:
            yield [heading]
        first = standing.foremost_of(each, now)
        yield [
            each.display_number,
            each.display_heading,
            listed(one.display_name for one in each.addressees) or each.display_audience,
            first.responsible.display_name if first else "",
            format_day(first.due_on) if first else "",
            standing.of_requirement(each, now).all_words,
        ]


def _with_headings(
    groups: Groups,
) -> Iterator[tuple[str, Requirement]]:
    """Each row with the heading that stands above it, if one does."""
    for under, requirements in groups:
        heading = under.display_name if isinstance(under, Department) else _("No department is named")
        if isinstance(under, Speech):
            heading = f"{under.display_title} · {under.display_speaker}"
        for each in requirements:
            yield heading, each
            heading = ""
