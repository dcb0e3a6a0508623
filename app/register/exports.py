"""The register as a table: exactly the rows that a page shows, for other programs."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from app.core.i18n import _, format_day, listed
from app.documents.render import render_pdf
from app.people.models import Department
from app.requirements import standing
from app.requirements.models import REQUIREMENT_KIND_LABELS, Requirement
from app.sheets.writing import Cell
from app.speeches.models import Speech


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
    groups: Sequence[tuple[Speech | Department | None, Sequence[Requirement]]],
    now: datetime,
    *,
    title: str,
    subtitle: str,
    search: str,
    organization: str,
    lang: str,
) -> bytes:
    """The same rows as a printed list, under the same headings; `search` says which rows they are."""
    rows: list[list[str]] = []
    for heading, each in _with_headings(groups):
        if heading:
            rows.append([heading])
        first = standing.foremost_of(each, now)
        rows.append(
            [
                each.display_number,
                each.display_heading,
                listed(one.display_name for one in each.addressees) or each.display_audience,
                first.responsible.display_name if first else "",
                format_day(first.due_on) if first else "",
                standing.of_requirement(each, now).all_words,
            ]
        )
    return render_pdf(
        "list",
        {
            "document": {"title": title, "dated": now.date().isoformat()},
            "organization": organization,
            "classification": _("Internal"),
            "labels": {
                "page_of": _("Page %(page)s of %(pages)s", page="%(page)s", pages="%(pages)s"),
                "fingerprint": _("Fingerprint"),
                "code": _("Code"),
                "empty": _("No requirement matches."),
            },
            "subtitle": subtitle,
            "facts": [
                {"label": _("As of"), "value": format_day(now.date())},
                *([{"label": _("Search"), "value": search}] if search else []),
            ],
            "columns": [
                {"label": _("No.")},
                {"label": _("Requirement"), "width": 3},
                {"label": _("Addressed to"), "width": 2},
                {"label": _("Responsible"), "width": 1.4},
                {"label": _("Due"), "width": 1.2},
                {"label": _("State"), "width": 1.6},
            ],
            "rows": rows,
            "note": "",
            "landscape": True,
            "verification": None,
        },
        lang=lang,
    )


def _with_headings(
    groups: Sequence[tuple[Speech | Department | None, Sequence[Requirement]]],
) -> Iterator[tuple[str, Requirement]]:
    """Each row with the heading that stands above it, if one does."""
    for under, requirements in groups:
        heading = under.display_name if isinstance(under, Department) else _("No department is named")
        if isinstance(under, Speech):
            heading = f"{under.display_title} · {under.display_speaker}"
        for each in requirements:
            yield heading, each
            heading = ""
