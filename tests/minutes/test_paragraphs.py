"""A section in its paragraphs: what each says, how it is named, what comes from records."""

from app.minutes import paragraphs
from app.search.tokens import hits

TEXT = """# The year

First *line*
and second.

- one
  - inside one
- two

  more of two

3. three

| a | b |
|---|---|
| 1 | 2 |

{{assignment 3kq0000000000001}}"""


def test_a_text_is_split_into_blocks_and_the_items_of_its_lists() -> None:
    assert paragraphs.split(TEXT) == [
        "# The year",
        "First *line*\nand second.",
        "- one\n  - inside one",
        "- two\n\n  more of two",
        "3. three",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "{{assignment 3kq0000000000001}}",
    ]
    assert paragraphs.split("") == paragraphs.split("\n\n") == []


def test_each_paragraph_has_a_name_and_the_lists_stay_lists() -> None:
    html = str(paragraphs.html("abc", TEXT))
    assert [f'id="abc-{n}"' in html for n in range(1, 9)] == [True] * 7 + [False]
    assert "<h2>The year</h2>" in html
    assert html.count("<ul>") == 2
    assert '<ol start="3"><li id="abc-5" class="paragraph">three' in html
    assert '<a class="here no-print" href="#abc-2"' in html


def test_what_comes_from_records_is_marked() -> None:
    bound = [{"kind": "assignment", "ref": "3kq0000000000001", "sentence": "Tom repairs the pump."}]
    html = str(
        paragraphs.html("abc", "Free words.\n\n- Tom repairs the pump.\n\n{{assignment 3kq0000000000001}}", bound)
    )
    assert 'id="abc-1" class="paragraph"' in html
    assert 'id="abc-2" class="paragraph recorded"' in html
    assert 'id="abc-3" class="paragraph recorded"' in html
    assert paragraphs.listed("abc", "a\n\n- Tom repairs the pump.", bound)[1].records == ("Tom repairs the pump.",)


def test_the_words_that_somebody_looks_for_are_marked() -> None:
    html = str(
        paragraphs.html(
            "abc", "水泵停了 **and** pumps [pump](https://a.example/pump)", hits=lambda t: hits(t, "水泵 pump")
        )
    )
    assert html.count("<mark>") == 3
    assert "<mark>水泵</mark>停了" in html
    assert "<mark>pumps</mark>" in html
    assert 'href="https://a.example/pump"' in html


def test_hostile_text_stays_text() -> None:
    hostile = '<script>alert(1)</script>\n\n[x](javascript:alert(1))\n\n- <img src=x onerror=y>\n\n<div id="abc-1">'
    html = str(paragraphs.html("abc", hostile, hits=lambda t: hits(t, "script alert"))).lower()
    for sign in ("<script", "<img", 'href="javascript', '<div id="abc-1">'):
        assert sign not in html
    deep = "> " * 500 + "x\n\n" + "- " * 500 + "y\n\n" + "[" * 20_000
    assert paragraphs.html("abc", deep)
