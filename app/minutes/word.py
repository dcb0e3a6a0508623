"""Minutes as a Word document, in the company's own template where there is one."""

import io
from typing import Any

from app.certificates.printed import root_of_house
from app.core.i18n import _, force_locale, pgettext
from app.documents.markdown import to_typst_blocks
from app.documents.qr import make_code
from app.documents.word_writer import WordPaper
from app.files import services as files
from app.minutes import paper
from app.minutes.models import Minutes, Tradition
from app.minutes.paper import Paper
from app.signing.printed import code_of, head_of

# What a template may name in double braces, in both languages.
NAMES = {
    "title": "标题", "number": "编号", "date": "日期", "organization": "单位", "classification": "密级",
    "gathering": "会议活动", "session": "专题会", "recorder": "记录人", "edition": "版本", "text": "正文",
}  # fmt: skip


def template_of(minutes: Minutes) -> bytes | None:
    """The company's Word file that these minutes are written into."""
    template = minutes.template
    return files.read(template.docx) if template is not None and template.docx is not None else None


def to_word(sheet: Paper, template: bytes | None) -> bytes:
    """The whole paper of one reader. Raises DocumentFailed for a template that cannot be used."""
    with force_locale(sheet.content["language"]):
        return _written(sheet, template)


def facts_of(content: dict[str, Any]) -> dict[str, str]:
    """What stands for each name of a template, in the language in force."""
    values = {
        "title": content["title"],
        "number": paper.number_words(content),
        "date": paper.issued_words(content),
        "organization": content["organization"],
        "classification": paper.classification_of(content),
        "gathering": content["gathering"],
        "session": content["session"],
        "recorder": content["recorder"] or _("not stated"),
        "edition": str(content["edition"]),
    }
    return values | {NAMES[name]: words for name, words in values.items()}


def _written(sheet: Paper, template: bytes | None) -> bytes:
    content = sheet.content
    word = WordPaper(template)
    facts = facts_of(content)
    place = word.place_for_text("text", NAMES["text"])
    named = word.fill(facts)
    word.mark_every_page(facts["classification"], but_where=facts["classification"])
    since = word.parts
    _head(word, sheet, named)
    _attendance(word, content)
    for each, level in zip(paper.sections_of(content), paper.classifications_of(content), strict=True):
        if each["heading"]:
            word.heading(each["heading"], 1, beside=level)
        word.blocks(to_typst_blocks(each["text"]), under=1)
    if attached := paper.attachments_of(content):
        word.heading(pgettext("minutes", "Attachments"), 1)
        word.blocks(attached)
    _close(word, sheet)
    if place is not None:
        word.move_to(place, since)
    core = word.document.core_properties
    core.title, core.author, core.comments = content["title"][:255], "Hufu", ""
    return word.saved()


def _head(word: WordPaper, sheet: Paper, named: set[str]) -> None:
    """What the template does not say already."""
    content = sheet.content
    over = content.get("paper_heading") or content["organization"]
    if over and word.is_blank:
        word.paragraph(over, bold=True)
    lines = [paper.number_words(content), paper.issued_words(content)]
    summary = content.get("layout") == Tradition.SUMMARY
    if summary:
        _say_number(word, lines, named)
    if not named & {"title", NAMES["title"]}:
        word.heading(content["title"], 0)
    if not summary:
        _say_number(word, lines, named)
    if sheet.document is None:
        word.paragraph(_("Draft, not approved"), bold=True)
    for fact in paper.overview_of(content):
        word.fact(fact["label"], fact["value"])


def _say_number(word: WordPaper, lines: list[str], named: set[str]) -> None:
    if not named & {"number", NAMES["number"]} and any(lines):
        word.paragraph("   ".join(line for line in lines if line))


def _attendance(word: WordPaper, content: dict[str, Any]) -> None:
    word.heading(pgettext("document", "Attendance"), 1)
    for name, label in paper.list_labels().items():
        word.fact(label, paper.names(content["attendance"][name]))


def _close(word: WordPaper, sheet: Paper) -> None:
    document = sheet.document
    if document is None:
        return
    signed = paper.sign_off_of(sheet.content)
    word.heading(pgettext("document", "Approved for issue"), 1)
    word.fact(signed["role"], "  ".join(each for each in (signed["name"], signed["position"]) if each))
    word.paragraph(signed["signed_at"])
    word.paragraph(_("This Word document is a copy to work with. What was signed off is the PDF."))
    word.paragraph(paper.how_to_check(document))
    drawn = io.BytesIO()
    make_code(code_of(document)).save(drawn, kind="png", scale=6, border=2)
    word.picture(drawn.getvalue(), millimetres=24, said=_("QR code"))
    word.fact(pgettext("document", "Fingerprint"), document.content_hash)
    word.fact(pgettext("document", "Head of the log"), head_of(document))
    if root := root_of_house():
        word.fact(pgettext("document", "Root certificate of the company"), root)
