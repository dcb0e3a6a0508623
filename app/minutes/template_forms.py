"""What a browser may send about templates of minutes."""

from typing import Any

from wtforms import BooleanField, FieldList, Form, FormField, SelectField
from wtforms.validators import Optional

from app.core.forms import HufuForm, LineField, TextField, UploadField, options
from app.core.i18n import _l, _lp
from app.minutes.drafting import HEADINGS, LONGEST_HEADING
from app.minutes.forms import LANGUAGES
from app.minutes.models import TRADITION_LABELS
from app.minutes.services.templating import MOST_SECTIONS
from app.people.models import CLEARANCE_LABELS
from app.programme.models import SESSION_KIND_LABELS
from app.speeches.forms import SmallNumberField

SPARE_ROWS = 3


class SectionRow(Form):
    """One section: its place, what is drafted there, its heading, who may read it, what always stands in it."""

    place = SmallNumberField(_lp("section", "Place"), 1, 999)
    key = SelectField(
        _lp("section", "Drafted there"), validators=[Optional()],
        choices=options({"": _lp("section", "Written by hand"), **HEADINGS}),
    )  # fmt: skip
    heading = LineField(_lp("minutes", "Heading"), most=LONGEST_HEADING)
    level = SelectField(
        _lp("classification", "Who may read it"), validators=[Optional()],
        choices=options(CLEARANCE_LABELS, nothing=_lp("classification", "As usual")),
    )  # fmt: skip
    source = TextField(_lp("section", "What always stands there"), most=20_000)

    @property
    def is_empty(self) -> bool:
        return not (self.key.data or self.heading.data or self.source.data)

    def told(self) -> dict[str, Any]:
        return {
            "key": self.key.data or "", "heading": self.heading.data or "", "level": self.level.data or None,
            "source": self.source.data or "",
        }  # fmt: skip


class TemplateForm(HufuForm):
    name = LineField(_lp("template", "Name"), required=True)
    language = SelectField(_l("Language"), choices=options(LANGUAGES))
    session_kind = SelectField(
        _lp("template", "For which sessions"), validators=[Optional()],
        choices=options(SESSION_KIND_LABELS, nothing=_lp("template", "All, as the template of the house")),
    )  # fmt: skip
    tradition = SelectField(_lp("template", "Tradition"), choices=options(TRADITION_LABELS))
    paper_heading = LineField(
        _lp("template", "Over the title on paper"), description=_l("Such as the name of the company.")
    )
    rows = FieldList(FormField(SectionRow), max_entries=MOST_SECTIONS + SPARE_ROWS)
    word = UploadField(
        _lp("template", "Word template"),
        description=_l("A .docx in which {{text}} or {{正文}} stands where the text goes; {{title}}, {{number}} and {{date}} too."),
    )  # fmt: skip
    without_word = BooleanField(_lp("template", "Use no Word template any more"))

    def outline(self) -> list[dict[str, Any]]:
        """The sections in the order of their numbers; those without one after the others, as they stand."""
        filled = [row.form for row in self.rows if not row.form.is_empty]
        return [each.told() for each in sorted(filled, key=lambda row: row.place.data or 1_000)]

    def told(self) -> dict[str, Any]:
        """The fields as the acts take them."""
        upload = self.word.data
        return {
            **self.values("rows", "word", "without_word"),
            "session_kind": self.session_kind.data or None,
            "outline": self.outline(),
            "word": (upload.stream, upload.filename or "") if upload else None,
        }


def rows_of(outline: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """An outline as rows, with some to spare."""
    told = [
        {**each, "place": number * 10, "level": "" if each.get("level") is None else str(each["level"])}
        for number, each in enumerate(outline, 1)
    ]
    return [*told, *({} for _spare in range(SPARE_ROWS))]
