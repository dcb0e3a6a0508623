"""A section in its paragraphs, each of which can be linked to, commented on and found.

A paragraph is a block of the outermost level of the Markdown, and each item of an outermost list. Its name on the page is
`<origin of the section>-<its number>`, from 1.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from app.core.i18n import _
from app.documents import markdown
from app.minutes.bound import MARK


@dataclass(frozen=True)
class Paragraph:
    """`records`: the sentences in it that stand for records, and so change with them as long as it is under work."""

    anchor: str
    source: str
    records: tuple[str, ...] = ()


def split(source: str) -> list[str]:
    """The paragraphs of a Markdown text as they are written there, marks and all."""
    return [each.source for each in markdown.pieces(source)]


def anchor(origin: str, number: int) -> str:
    return f"{origin}-{number}"


def listed(origin: str, text: str, bindings: Iterable[Mapping[str, str]] = ()) -> list[Paragraph]:
    """The paragraphs of a section that has been read, with what in them comes from records."""
    sentences = _sentences(bindings)
    return [
        Paragraph(anchor(origin, number), each, _within(each, sentences)) for number, each in enumerate(split(text), 1)
    ]


def html(
    origin: str, text: str, bindings: Iterable[Mapping[str, str]] = (), hits: markdown.Hits | None = None,
    beside: Callable[[int, str], Markup] | None = None, says_free: bool = False,
) -> Markup:  # fmt: skip
    """A section for a page: every paragraph with its name and a link to itself, those from records marked as such.

    With `says_free` the others say that they are free text. `hits` are marked in the text. `beside` gives what stands at
    the end of a paragraph, by its number and source.
    """
    sentences = _sentences(bindings)
    drawn = []
    for number, piece in enumerate(markdown.pieces(text, hits), 1):
        name = anchor(origin, number)
        bound = bool(_within(piece.source, sentences) or MARK.search(piece.source))
        more = beside(number, piece.source) if beside else Markup("")
        if says_free and not bound and piece.source.strip() and not piece.source.startswith("#"):
            more = FREE.format(words=_("free text")) + more
        drawn.append(_placed(piece, name, more, bound=bound))
    return Markup("").join(drawn)


def _sentences(bindings: Iterable[Mapping[str, str]]) -> list[str]:
    return [each["sentence"].strip() for each in bindings if each.get("sentence", "").strip()]


def _within(source: str, sentences: Iterable[str]) -> tuple[str, ...]:
    return tuple(each for each in sentences if each in source)


LINK = Markup('<a class="here no-print" href="#{name}" aria-hidden="true" tabindex="-1">¶</a>')
BLOCK = Markup('<div id="{name}" class="{kind}">{html}{link}{more}</div>')
ITEM = Markup('<li id="{name}" class="{kind}">{html}{link}{more}</li>')
FREE = Markup('<span class="free-text no-print">{words}</span>')
LISTS = {"ul": (Markup("<ul>"), Markup("</ul>")), "ol": (Markup('<ol start="{number}">'), Markup("</ol>"))}


def _placed(piece: markdown.Piece, name: str, more: Markup, *, bound: bool) -> Markup:
    kind = "paragraph recorded" if bound else "paragraph"
    drawn = (ITEM if piece.list_tag else BLOCK).format(
        name=name, kind=kind, html=piece.html, link=LINK.format(name=name), more=more
    )
    if not piece.list_tag:
        return drawn
    opening, closing = LISTS[piece.list_tag]
    begins = opening.format(number=piece.list_number) if piece.begins else Markup("")
    return begins + drawn + (closing if piece.ends else Markup(""))
