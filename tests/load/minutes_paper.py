"""What minutes cost on paper and in files, by their length, in both languages; what reading one in costs; what a bomb does.

python -m tests.load.minutes_paper
"""

import io
import os
import resource
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

ENGLISH = (
    "The works reported a scrap rate of 4.6 per cent, above the plan of the year, and named the reasons in order. " * 4
)
CHINESE = "各部门要按照年度计划推进降本增效工作，明确责任人和完成时限，形成闭环管理，并于每月末上报进展情况。" * 8
LENGTHS = (5, 20, 60, 120)  # pages, about


def content(language: str, signs: int) -> dict[str, Any]:
    """Minutes of so many signs: sections of ten paragraphs, a list and a table each."""
    paragraph = ENGLISH if language == "en" else CHINESE
    section = "\n\n".join([paragraph] * 10) + "\n\n1. One\n2. Two\n\n| A | B |\n|---|---|\n| 1 | 2 |"
    number = max(1, round(signs / len(section)))
    return {
        "language": language, "title": "Minutes of a measurement", "clearance": 1, "levels": [1] * number,
        "attendance": {"present": ["Li Wei"] * 30, "excused": [], "in_attendance": []},
        "sections": [{"heading": f"Section {each}", "text": section} for each in range(number)],
        "number": "2026-01", "edition": 1, "layout": "assembly" if language == "en" else "summary", "paper_heading": "",
        "gathering": "Autumn", "session": "Ahead", "organization": "The works", "recorder": "Sara", "change_note": None,
        "zone": "UTC",
    }  # fmt: skip


def report(say: Callable[[str], None] = print, *, lengths: tuple[int, ...] = LENGTHS, times: int = 5) -> None:
    from app.core.config import read_settings
    from app.web import create_app

    with tempfile.TemporaryDirectory(prefix="hufu-papers-") as folder:
        os.environ["HUFU_INSTANCE"] = folder
        app = create_app(read_settings())
        with app.app_context():
            for language in ("en", "zh_Hans_CN"):
                for pages in lengths:
                    _measure_out(language, pages, say, times)
            _measure_in(say, times)
            _measure_bomb(say, Path(folder))
            _measure_comparison(say, times)


def _measure_out(language: str, pages: int, say: Callable[[str], None], times: int) -> None:
    from pypdf import PdfReader

    from app.minutes import paper, plain, word
    from app.minutes.paper import Paper

    sheet = Paper(content(language, pages * (4_200 if language == "en" else 1_650)), None)
    made = paper.render(sheet.content, document=None)
    counted = len(PdfReader(io.BytesIO(made)).pages)
    forms: dict[str, Callable[[], Any]] = {
        "PDF": lambda: paper.render(sheet.content, document=None),
        "Word": lambda: word.to_word(sheet, None),
        "Markdown": lambda: plain.to_markdown_text(sheet),
        "mail": lambda: plain.to_mail_text(sheet),
    }
    told = ", ".join(f"{name} {_median(make, times):.0f} ms" for name, make in forms.items())
    bare = _median(lambda: _bare(sheet.content), times)
    say(
        f"{language}, {counted} pages, {sheet.length:,} signs, {len(made) // 1000} kB: {told}; the typesetter alone {bare:.0f} ms"
    )


def _bare(content: dict[str, Any]) -> bytes:
    """The same text set by the same typesetter in this process, with nothing of ours around it."""
    import typst

    from app.documents.fonts import font_folders

    words = "\n\n".join(each["text"].split("\n\n1. ")[0] for each in content["sections"])
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(each) for each in font_folders()]
    )
    source = '#set text(font: ("Source Sans 3", "Noto Sans SC"), size: 10.5pt)\n' + words
    made: Any = typst.Compiler(source.encode(), font_paths=fonts).compile(pdf_standards=["a-2a"])
    return made


def _measure_in(say: Callable[[str], None], times: int) -> None:
    from app.minutes import importing, word
    from app.minutes.paper import Paper

    document = word.to_word(Paper(content("en", 60_000), None), None)
    taken = _median(lambda: importing.read_file(document, "a.docx"), times)
    bare = _median(lambda: _bare_reading(document), times)
    say(f"reading in a Word document of {len(document) // 1000} kB: {taken:.0f} ms; mammoth alone {bare:.0f} ms")
    text = "\n\n".join(
        f"## {each['heading']}\n\n{each['text']}" for each in content("en", 150_000)["sections"]
    ).encode()
    say(
        f"reading in {len(text) // 1000} kB of Markdown: {_median(lambda: importing.read_file(text, 'a.md'), times):.0f} ms"
    )


def _bare_reading(document: bytes) -> str:
    import mammoth

    return mammoth.convert_to_html(io.BytesIO(document)).value


def _measure_bomb(say: Callable[[str], None], folder: Path) -> None:
    from app.core.errors import Refused
    from app.minutes import importing

    file = folder / "bomb.docx"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr("word/document.xml", b"<w>" + b" " * 200_000_000)
    data = file.read_bytes()
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    try:
        importing.read_file(data, "bomb.docx")
    except Refused as refusal:
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        took = 1000 * (time.perf_counter() - began)
        say(
            f"200 MB in {len(data) // 1000} kB: refused after {took:.0f} ms, memory +{grown:.0f} MB: {refusal.sentence}"
        )
    else:
        raise RuntimeError("the bomb went through")


def _measure_comparison(say: Callable[[str], None], times: int) -> None:
    from app.documents.diff import compare

    for name, paragraph in (("English", ENGLISH), ("Chinese", CHINESE)):
        lines = [f"{number}. {paragraph}" for number in range(40_000 // len(paragraph))]
        other = [
            each.replace("责任人", "负责人").replace("plan", "budget") if at % 2 else each
            for at, each in enumerate(lines)
        ]
        old, new = "\n\n".join(lines), "\n\n".join(other)
        taken = _median(lambda old=old, new=new: compare(old, new), times)
        say(f"comparing two {name} texts of {len(old):,} signs, every second paragraph changed: {taken:.0f} ms")


def _median(act: Callable[[], Any], times: int) -> float:
    taken = []
    for _each in range(times):
        began = time.perf_counter()
        act()
        taken.append(1000 * (time.perf_counter() - began))
    return median(taken)


if __name__ == "__main__":
    report()
