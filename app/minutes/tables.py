"""What the minutes say was decided, and who does what until when, as a table."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import select

from app.core.db import db
from app.core.i18n import _, force_locale, pgettext
from app.decisions.models import MEANS_LABELS, Decision, Means
from app.documents.markdown import plain_text
from app.minutes import extracts
from app.minutes.extracts import Part
from app.minutes.models import MinutesVersion
from app.minutes.records import Fact, Records
from app.requirements.models import Assignment
from app.sheets.writing import Cell, write_xlsx

KINDS = ("decision", "assignment")


def decisions(version: MinutesVersion, clearance: int) -> bytes:
    """A workbook of the decisions and actions in the sections that one reader reads.

    The sentence is that of the minutes. What else is recorded of it stands beside as long as it is still so; a record
    that was changed since, or is classified higher by now, gives nothing but the sentence.
    """
    minutes = version.minutes
    with force_locale(minutes.language):
        parts = extracts.read(version, clearance).parts
        columns = (
            pgettext("document", "No."), pgettext("minutes", "Kind"), pgettext("minutes", "As the minutes say it"),
            pgettext("minutes", "Section"), pgettext("decision", "Moved by"), pgettext("decision", "How it was decided"),
            pgettext("vote", "For"), pgettext("vote", "Against"), pgettext("vote", "Abstained"),
            pgettext("document", "Responsible"), pgettext("document", "Due"), pgettext("minutes", "Remark"),
        )  # fmt: skip
        return write_xlsx(columns, list(_rows(version, parts)), title=_("Decisions and actions"))


def _rows(version: MinutesVersion, parts: list[Part]) -> Iterator[list[Cell]]:
    told = [(part, each) for part in parts for each in part.bindings if each["kind"] in KINDS]
    records = Records(version.minutes.session, version.minutes.recorder)
    beside = _beside([each["ref"] for _part, each in told])
    for part, each in told:
        fact = records.find(each["kind"], each["ref"])
        known = fact is not None and fact.digest == each.get("facts") and fact.clearance <= part.section.clearance
        yield _row(part, each, fact if known else None, beside)


def _row(part: Part, binding: dict[str, str], fact: Fact | None, beside: dict[str, int | date]) -> list[Cell]:
    is_decision = binding["kind"] == "decision"
    told = fact.values if fact is not None else {}
    more = beside.get(binding["ref"]) if fact is not None else None
    votes = [int(told[name]) if told.get(name) else None for name in ("for", "against", "abstained")]
    return [
        more if is_decision else None,
        pgettext("minutes", "Decision") if is_decision else pgettext("minutes", "Action"),
        " ".join(plain_text(binding["sentence"]).split()),
        part.heading,
        told.get("mover"),
        str(MEANS_LABELS[Means(told["means"])]) if told.get("means") else None,
        *votes,
        told.get("name"),
        None if is_decision else more,
        None if fact is not None else _("The record was changed since; the sentence is that of the minutes."),
    ]


def _beside(refs: list[str]) -> dict[str, int | date]:
    """The numbers of the decisions, and the days by which the assignments are due as they were decided."""
    if not refs:
        return {}
    numbers = select(Decision.ref, Decision.number).where(Decision.ref.in_(refs))
    days = select(Assignment.ref, Assignment.original_due_on).where(Assignment.ref.in_(refs))
    return {ref: told for found in (numbers, days) for ref, told in db.session.execute(found)}
