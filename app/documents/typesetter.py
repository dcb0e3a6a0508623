"""The child process that sets one document: a job as JSON on stdin, the PDF on stdout, or a picture, or what it tells.

Run by `app.documents.render`, never by hand and never inside the web process: what a hostile text could make the
typesetter do ends here, with limits on memory, time and files, no network address in reach and no secrets to read.
"""

import base64
import json
import sys
from datetime import UTC, datetime
from typing import Any

MEMORY = 1024 * 1024 * 1024
SECONDS = 30
# PDF/A-2a for the archive, PDF/UA-1 for screen readers. PDF/A also refuses a character without a picture.
STANDARDS: list[Any] = ["a-2a", "ua-1"]
# A form to be signed carries its data with it, which A-2 forbids. Fields are added to it later that no tag tells of, so
# it claims the letter and not the structure; the structure of the text is there all the same.
FORM_STANDARDS: list[Any] = ["a-3b"]


PICTURE = 110.0  # dots per inch of a picture for the screen


def limit_resources() -> None:
    try:
        import resource  # not on Windows; there the parent's time limit has to do
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def set_document(job: dict[str, Any]) -> bytes:
    """The same job gives the same bytes: fonts, date and identifiers come from the job alone."""
    import typst

    dated = datetime.fromisoformat(job["data"]["document"]["dated"]).replace(tzinfo=UTC)
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=job["fonts"])
    inputs = {
        "data": json.dumps(job["data"], ensure_ascii=False),
        "codes": json.dumps({} if job["output"] == "told" else draw_codes(job["data"]), ensure_ascii=False),
        "language": job["language"],
        "attached": job.get("attached", ""),
    }
    paper = typst.Compiler(
        f"{job['templates']}/{job['template']}.typ",
        root=job["templates"],
        font_paths=fonts,
        sys_inputs=inputs,
        package_path=job["templates"],
        package_cache_path=job["templates"],
    )
    if job["output"] == "told":
        return paper.query("<told>", field="value").encode()
    if job["output"] == "picture":
        pages: Any = paper.compile(format="png", ppi=PICTURE)
        return pages[0] if isinstance(pages, list) else pages
    at: Any = {"timestamp": int(dated.timestamp())}
    if job["output"] == "form":
        form: Any = paper.compile(**at, pdf_standards=FORM_STANDARDS)
        told = json.loads(paper.query("<told>", field="value"))
        return json.dumps({"pdf": base64.b64encode(form).decode(), "told": told}).encode()
    if job["output"] == "stamp":  # it becomes part of a page of somebody else's, where its tags would point nowhere
        stamp: Any = paper.compile(**at, pdf_standards=FORM_STANDARDS, pdf_tags=False)
        return stamp
    pdf: Any = paper.compile(**at, pdf_standards=STANDARDS)
    return pdf


def draw_codes(data: dict[str, Any]) -> dict[str, str]:
    """A drawing for every text that stands under a key `qr`, anywhere in the data; the paper is the quiet zone."""
    import segno

    return {
        text: segno.make_qr(text, error="m").svg_inline(border=1, dark="#1d1b18", light="#fff")
        for text in sorted(texts_of_codes(data))
    }


def texts_of_codes(value: object) -> set[str]:
    if isinstance(value, list):
        return {text for each in value for text in texts_of_codes(each)}
    if not isinstance(value, dict):
        return set()
    own = value.get("qr")
    found = {own} if isinstance(own, str) and own else set()
    return found | {text for each in value.values() for text in texts_of_codes(each)}


def main() -> int:
    limit_resources()
    try:
        paper = set_document(json.load(sys.stdin.buffer))
    except Exception as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n{getattr(error, 'diagnostic', '')}")
        return 1
    sys.stdout.buffer.write(paper)
    return 0


if __name__ == "__main__":
    sys.exit(main())
