"""Minutes as Markdown, which any editor opens, and as the plain text of a mail."""

from app.core.i18n import _, force_locale, pgettext
from app.documents.markdown import to_typst_blocks
from app.documents.markdown_writer import escaped, to_markdown
from app.documents.plain_writer import to_plain, underlined, wrapped
from app.minutes import paper
from app.minutes.paper import Paper


def to_markdown_text(sheet: Paper) -> str:
    """The whole paper of one reader. It can be read in again: the sections stand under headings of the second level."""
    content = sheet.content
    with force_locale(content["language"]):
        parts = [f"# {_heading(content['title'])}", _list(_facts(sheet))]
        parts += [_under(pgettext("document", "Attendance")), _list(_attendance(sheet))]
        for each, level in zip(paper.sections_of(content), paper.classifications_of(content), strict=True):
            heading = f"{each['heading']} [{level}]" if level else each["heading"]
            parts += [_under(heading) if heading else "", to_markdown(to_typst_blocks(each["text"]))]
        if attached := paper.attachments_of(content):
            parts += [_under(pgettext("minutes", "Attachments")), to_markdown(attached)]
        if sheet.document is not None:
            parts += [_under(pgettext("document", "Approved for issue")), _list(_signed(sheet))]
            parts += [escaped(paper.how_to_check(sheet.document))]
    return "\n\n".join(part for part in parts if part) + "\n"


def to_mail_text(sheet: Paper) -> str:
    """The same for a mail."""
    content = sheet.content
    with force_locale(content["language"]):
        parts = [underlined(content["title"], "="), _lines(_facts(sheet))]
        parts += [underlined(pgettext("document", "Attendance")), _lines(_attendance(sheet))]
        for each, level in zip(paper.sections_of(content), paper.classifications_of(content), strict=True):
            heading = f"{each['heading']} [{level}]" if level else each["heading"]
            parts += [underlined(heading) if heading else "", to_plain(to_typst_blocks(each["text"]))]
        if attached := paper.attachments_of(content):
            parts += [underlined(pgettext("minutes", "Attachments")), to_plain(attached)]
        if sheet.document is not None:
            parts += [underlined(pgettext("document", "Approved for issue")), _lines(_signed(sheet))]
            parts += [paper.how_to_check(sheet.document)]
    return "\n\n".join(part for part in parts if part) + "\n"


Told = list[tuple[str, str]]


def _facts(sheet: Paper) -> Told:
    content = sheet.content
    told = [
        (pgettext("document", "No."), content["number"]),
        (pgettext("minutes", "Classification"), paper.classification_of(content)),
        (pgettext("minutes", "Issued"), paper.issued_day(content)),
        *((each["label"], each["value"]) for each in paper.overview_of(content)),
    ]
    if sheet.document is None:
        told.append((pgettext("minutes", "State"), _("Draft, not approved")))
    return [(label, value) for label, value in told if value]


def _attendance(sheet: Paper) -> Told:
    lists = sheet.content["attendance"]
    return [(label, paper.names(lists[name])) for name, label in paper.list_labels().items()]


def _signed(sheet: Paper) -> Told:
    assert sheet.document is not None
    signed = paper.sign_off_of(sheet.content)
    who = "  ".join(each for each in (signed["name"], signed["position"]) if each)
    return [
        (signed["role"], who),
        (pgettext("minutes", "Signed off"), signed["signed_at"]),
        (pgettext("document", "Fingerprint"), sheet.document.content_hash),
    ]


def _said(label: str, value: str) -> str:
    return _("%(label)s: %(value)s", label=label, value=" ".join(value.split()))


def _list(told: Told) -> str:
    return "\n".join(f"- {escaped(_said(label, value))}" for label, value in told)


def _lines(told: Told) -> str:
    return "\n".join(line for label, value in told for line in wrapped(_said(label, value)))


def _heading(words: str) -> str:
    return escaped(words).replace("#", "\\#").replace("\\\\#", "\\#")


def _under(heading: str) -> str:
    return f"## {_heading(heading)}"
