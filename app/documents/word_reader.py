"""The child process that reads one Word document: the file on stdin, its text as JSON on stdout.

Run by `app.documents.word`, never by hand and never inside the web process: what a hostile file could make the reader
do ends here, under the same limits as the typesetter.
"""

import io
import json
import sys
from typing import Any

from app.documents.typesetter import limit_resources

TAGS = {
    *("p", "br", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "strong", "em", "ul", "ol", "li"),
    *("table", "thead", "tbody", "tr", "th", "td", "a"),
}


def read(data: bytes) -> dict[str, Any]:
    """Blocks of the text, and how many pictures were left out."""
    import mammoth
    import nh3

    from app.documents.html_reader import read_html

    pictures = 0

    def leave_out(_image: object) -> list[object]:
        nonlocal pictures
        pictures += 1
        return []

    said = mammoth.convert_to_html(io.BytesIO(data), convert_image=leave_out, ignore_empty_paragraphs=True)
    html = nh3.clean(
        said.value, tags=TAGS, attributes={"a": {"href"}, "td": {"colspan"}, "th": {"colspan"}},
        url_schemes={"http", "https", "mailto"},
    )  # fmt: skip
    return {"blocks": read_html(html), "pictures": pictures}


def main() -> int:
    limit_resources()
    try:
        found = read(sys.stdin.buffer.read())
        answer = json.dumps(found, ensure_ascii=False).encode()
    except Exception as error:
        sys.stderr.write(f"{type(error).__name__}: {error}"[:1000])
        return 1
    sys.stdout.buffer.write(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
