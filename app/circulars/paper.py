"""A circular in words, of one language at a time: for the page, the paper and the table. All of it comes from the frozen
content, so that it reads the same whenever it is opened."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from app.certificates.printed import checks
from app.circulars.models import Circular
from app.core.i18n import (
    _,
    force_locale,
    format_day,
    format_days,
    format_moment,
    in_language,
    language_tag,
    ngettext,
    pgettext,
)
from app.documents.fonts import missing_glyphs
from app.documents.labels import frame_labels
from app.documents.render import render_pdf
from app.documents.shapes import (
    CircularDocument,
    CircularItem,
    CircularLabels,
    CircularUnit,
    Fact,
    Verification,
)
from app.figures.numbers import Rate
from app.requirements.models import ASSIGNMENT_STATE_LABELS, AssignmentState
from app.sheets.writing import Cell
from app.signing import keeping
from app.signing.models import IssuedDocument
from app.signing.printed import address_of

Content = dict[str, Any]


def word(told: Content | None, name: str) -> str:
    """A value of the content in the language of now."""
    return in_language(told.get(f"{name}_local"), told.get(name)) or "" if told else ""


def unit_name(unit: Content) -> str:
    return word(unit, "name") or _("Without a department")


def section_titles() -> dict[str, str]:
    return {
        "late": pgettext("circular", "Late"),
        "open": pgettext("circular", "Open"),
        "closed": pgettext("circular", "Closed in the period"),
        "handed_back": pgettext("circular", "Handed back"),
        "cancelled": pgettext("circular", "Cancelled in the period"),
    }


def counts_of(told: Content) -> list[tuple[str, int]]:
    """The counts of a circular, or of one of its departments, with their labels."""
    figures = told["figures"]
    return [
        *((title, figures[section]) for section, title in section_titles().items()),
        (pgettext("circular", "Open beyond the first date"), figures["strictly_late"]),
        (pgettext("circular", "Carried over"), figures["carried"]),
        (pgettext("circular", "Silent"), figures["silent"]),
    ]


def rate_words(pair: list[int]) -> str:
    """A half of the pair: a percentage from five cases on, with the counts beside it."""
    rate = Rate(*pair)
    if not rate.whole:
        return _("nothing was due")
    counts = _("%(part)d of %(whole)d", part=rate.part, whole=rate.whole)
    if rate.percent is None:
        return counts
    return _("%(percent)d%% (%(counts)s)", percent=rate.percent, counts=counts)


def lateness(item: Content) -> str:
    """How late, as agreed and strictly, side by side where they differ."""
    agreed, strict = item["days_late"], item["days_late_strictly"]
    if agreed == strict:
        return _days(agreed) if agreed else ""
    if not agreed:
        return _("as agreed in time, strictly %(days)s", days=_days(strict))
    return _("as agreed %(agreed)s, strictly %(strict)s", agreed=_days(agreed), strict=_days(strict))


def _days(number: int) -> str:
    return ngettext("%(num)d day late", "%(num)d days late", number)


def standing(item: Content) -> str:
    """Where one item stands."""
    state = AssignmentState(item["state"])
    words = [str(ASSIGNMENT_STATE_LABELS[state])]
    if state == AssignmentState.CLOSED:
        words = [_("Closed on %(day)s", day=_day(item["closed_on"]))]
        if not item["days_late_strictly"]:
            words.append(pgettext("circular", "on time"))
    # What was given back or ended is not late any more: nobody has it.
    if state not in (AssignmentState.DECLINED, AssignmentState.CANCELLED) and lateness(item):
        words.append(lateness(item))
    if item["is_silent"]:
        words.append(pgettext("circular", "silent"))
    if item["carried"]:
        words.append(ngettext("carried over once", "carried over %(num)d times", item["carried"]))
    return " · ".join(words)


def dates(item: Content) -> str:
    """The agreed date, and the first one where it is another."""
    if item["agreed_on"] == item["original_on"]:
        return _day(item["agreed_on"])
    return _("%(agreed)s (first %(original)s)", agreed=_day(item["agreed_on"]), original=_day(item["original_on"]))


def _day(words: str | None) -> str:
    return format_day(date.fromisoformat(words)) if words else ""


def period_words(told: Content) -> str:
    return format_days(date.fromisoformat(told["from"]), date.fromisoformat(told["to"]))


def as_of(told: Content) -> str:
    """The moment that it tells of, with the name of the zone."""
    return f"{format_moment(datetime.fromisoformat(told['at']), told['zone'])} ({told['zone']})"


# --- as a table -----------------------------------------------------------------------------------------------------


def columns() -> list[str]:
    return [
        _("Department"), _("Section"), _("Label"), _("Requirement"), _("Event"), _("Responsible"), _("Originally due"),
        _("Due"), _("Closed on"), _("State"), _("Days late as agreed"), _("Days late strictly"), _("Sessions crossed"),
        pgettext("circular", "Silent"),
    ]  # fmt: skip


def table(told: Content) -> Iterator[list[Cell]]:
    titles = section_titles()
    for unit in told["departments"]:
        for section, title in titles.items():
            for item in unit[section]:
                yield [
                    unit_name(unit), title, item["label"], word(item, "heading"), word(item, "gathering"),
                    word(item, "responsible"), date.fromisoformat(item["original_on"]),
                    date.fromisoformat(item["agreed_on"]),
                    date.fromisoformat(item["closed_on"]) if item["closed_on"] else None,
                    str(ASSIGNMENT_STATE_LABELS[AssignmentState(item["state"])]), item["days_late"],
                    item["days_late_strictly"], item["carried"], _("yes") if item["is_silent"] else "",
                ]  # fmt: skip


# --- as paper -------------------------------------------------------------------------------------------------------


def unprintable(told: Content) -> list[str]:
    """The characters for which the fonts of the paper have no picture."""
    return missing_glyphs("".join(_texts(told)))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value.replace("\n", "").replace("\r", "").replace("\t", "")
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def render(told: Content, *, document: IssuedDocument | None, language: str) -> bytes:
    """The PDF; without a document it is marked as a draft. Raises DocumentFailed."""
    with force_locale(language):
        return render_pdf("circular", _shape(told, document), lang=language)


@keeping.draws("circular", name=keeping.named_by_number)
def draw(document: IssuedDocument) -> bytes:
    return render(document.content, document=document, language=document.content["language"])


def pdf_of(circular: Circular) -> bytes:
    """In the reader's language. The one in the language of its publication is the kept file."""
    told, document, language = circular.content, circular.document, language_tag()
    same = language.startswith("zh") == str(told["language"]).startswith("zh")
    if same and document is not None:
        return keeping.read(document)
    return render(told, document=document, language=told["language"] if same else language)


def _shape(told: Content, document: IssuedDocument | None) -> CircularDocument:
    shape: CircularDocument = {
        "document": {"title": word(told, "title"), "dated": told["on"]},
        "organization": word(told["organization"], "name"),
        "classification": _("Internal"),
        "labels": _labels(),
        "issue_number": _("No. %(number)s", number=told["number"]) if told.get("number") else "",
        "dated_words": _("As of %(moment)s", moment=as_of(told)),
        "facts": _facts(told),
        "remarks": word(told, "remarks"),
        "agreed": rate_words(told["figures"]["agreed"]),
        "strict": rate_words(told["figures"]["strict"]),
        "explained": _(
            "As agreed: against the date with extensions that were asked for before it passed. Strictly: against the "
            "date that was first set. What is late and still open counts against both."
        ),
        "counts": [{"label": label, "value": str(number)} for label, number in counts_of(told)],
        "departments": [_department(each, told) for each in told["departments"]],
        "readers": [word(each, "name") for each in told["readers"]],
        "verification": _verification(document) if document is not None else None,
    }
    if document is None:
        shape["state_note"] = _("Draft, not published")
    return shape


def _labels() -> CircularLabels:
    return {
        **frame_labels(),
        "numbers": pgettext("circular", "In numbers"),
        "agreed": _("Closed on time, as agreed"),
        "strict": _("Closed on time, strictly"),
        "requirement": _("Requirement"),
        "responsible": _("Responsible"),
        "due": pgettext("circular", "Due"),
        "standing": pgettext("circular", "Standing"),
        "distribution": _("Distribution list"),
        "empty": _("There was nothing to tell."),
    }


def _facts(told: Content) -> list[Fact]:
    facts: list[Fact] = [
        {"label": pgettext("circular", "Period"), "value": period_words(told)},
        {"label": pgettext("circular", "Tells of"), "value": word(told["gathering"], "title") or _("All gatherings")},
    ]
    if told.get("published_by"):
        facts.append({"label": pgettext("circular", "Published by"), "value": told["published_by"]})
    return facts


def _department(unit: Content, told: Content) -> CircularUnit:
    return {
        "name": unit_name(unit),
        "agreed": rate_words(unit["figures"]["agreed"]),
        "strict": rate_words(unit["figures"]["strict"]),
        "sections": [
            {"heading": title, "items": [_line(each, told) for each in unit[section]]}
            for section, title in section_titles().items()
            if unit[section]
        ],
    }


def _verification(document: IssuedDocument) -> Verification:
    address = address_of(document)
    return checks(document, _("Anyone can check this paper at %(address)s, without an account.", address=address))


def _line(item: Content, told: Content) -> CircularItem:
    where = [item["label"]]
    if told["gathering"] is None:
        where.append(word(item, "gathering"))
    return {
        "heading": word(item, "heading"),
        "where": " · ".join(where),
        "responsible": word(item, "responsible"),
        "due": dates(item),
        "standing": standing(item),
    }
