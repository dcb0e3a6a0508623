"""Markdown written from the tree reads as the same tree, and no text in it becomes a mark."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.documents.markdown import plain_text, to_html, to_typst_blocks
from app.documents.markdown_writer import escaped, to_markdown

TEXTS = [
    "## 经营情况\n\n1. **废品率**为 4.6%。\n2. 第二货源一年内认证。\n\n**注意：**请各部门*于五日内*回复。",
    "# One\n\n## Two\n\nA *b* **c** `d|e` [f](https://example.org/a_(b)?c=1&copy=2) g\\\nh",
    "- a\n  - b\n    - c\n- d\n\n  second paragraph\n\n  ```\n  code ``` here\n  ```\n",
    "- a\n- b\n\n* c\n* d\n\n3. e\n4. f\n\n3) g",
    "> quoted\n>\n> - list\n> - in it\n",
    "| A | B | C |\n|:--|--:|:-:|\n| a \\| b | **x** | `y` |\n| only |\n",
    "***both*** **a** *b* *a*__b__",
    "one\n\n---\n\n    indented code\n\n````\n```\n````\n",
    "1. a\n\n   5. b\n   6. c\n\n2. d",
    "Hello!\\\n[link](mailto:a@example.org)",
]


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_written_reads_as_the_same_tree(text: str) -> None:
    blocks = to_typst_blocks(text)
    assert to_typst_blocks(to_markdown(blocks)) == blocks


def test_weight_goes_before_a_word_does() -> None:
    """Marks that would not count between such neighbours are left out; marks next to each other change their sign."""
    strong = {"type": "strong", "children": [{"type": "text", "text": "“x”"}]}
    beside = [{"type": "text", "text": "a"}, strong, {"type": "text", "text": "b"}]
    assert to_markdown([{"type": "paragraph", "inline": beside}]) == "a“x”b"
    emph = {"type": "emph", "children": [{"type": "text", "text": "y"}]}
    assert to_markdown([{"type": "paragraph", "inline": [strong, emph, strong]}]) == "**“x”**_y_**“x”**"


signs = st.text(st.sampled_from(list("ab 12.)(*_[]<>!|`~#+-=&;\\:/x重、（） \n\t")), min_size=1, max_size=40)


@settings(max_examples=400, deadline=None)
@given(signs)
def test_a_text_is_itself_whatever_signs_it_has(words: str) -> None:
    once = " ".join(words.split())
    assert plain_text(escaped(words)) == once
    assert plain_text("## " + escaped(words).replace("#", "\\#").replace("\\\\#", "\\#")).strip() == once


@settings(max_examples=400, deadline=None)
@given(signs)
def test_writing_again_changes_nothing_and_keeps_every_word(text: str) -> None:
    blocks = to_typst_blocks(text)
    written = to_markdown(blocks)
    assert plain_text(written).split() == plain_text(text).split()
    assert to_markdown(to_typst_blocks(written)) == written


def test_what_is_hostile_stays_text_for_every_reader_of_markdown() -> None:
    hostile = (
        "<script>alert(1)</script> [x](javascript:alert(1)) ![p](data:image/png;base64,AAAA) <img src=x onerror=y>"
    )
    written = to_markdown(to_typst_blocks(hostile))
    assert "\\<script>" in written
    assert "](javascript" not in written.replace("\\]", "")
    assert "<script" not in to_html(written)
