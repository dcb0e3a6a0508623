import re
import time
from html.parser import HTMLParser

import nh3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.documents.errors import TextTooLong
from app.documents.markdown import ATTRIBUTES, DEEPEST, LIMIT, TAGS, plain_text, sanitised, to_html, to_typst_blocks

PLACES = [
    "{}",
    "# {}",
    "* {}",
    "> {}",
    "`{}`",
    "```\n{}\n```",
    "| a |\n|---|\n| {} |",
    "**{}**",
    "[x]({})",
    "![x]({})",
    "<{}>",
]
PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<iframe src=javascript:alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<div hx-get=/admin hx-trigger=load>x</div>",
    "<b data-hx-post=/x id=main class=top style=position:fixed>x</b>",
    "<form action=/x><input name=y autofocus onfocus=alert(1)></form>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<link rel=stylesheet href=//evil.example>",
    "<style>*{background:url(//evil.example)}</style>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?>",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "javascript&colon;alert(1)",
    "&#106;avascript:alert(1)",
    "\x01javascript:alert(1)",
    "vbscript:msgbox(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:image/svg+xml;base64,PHN2Zz4=",
    "file:///etc/passwd",
    "//evil.example",
    "/\\evil.example",
    "https:evil.example",
    'https://x.example/" onmouseover="alert(1)',
    "https://x.example/' style='x",
    "https://x.example/`onerror`",
    "mailto:a@b.example?subject=<script>",
    'https://x.example "t" onclick="alert(1)"',
    "x](javascript:alert(1)) [y",
    '"><img src=x onerror=alert(1)>',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "{{ 7*7 }} ${7*7} #{7*7}",
    "<x onclick=alert(1)>click",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)>",
    "<select><noembed></select><script>alert(1)</script>",
    "\u202egnp.exe",
    "<a\u2028href=javascript:alert(1)>",
    "\ud800<script>",
    "\x00<script>alert(1)</script>",
]


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    handle_startendtag = handle_starttag

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(data)

    handle_decl = handle_pi = handle_comment = unknown_decl


def assert_within_the_allow_list(html: str) -> None:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.tags - TAGS == set()
    assert html.count("<a ") == html.count(' rel="noopener nofollow"')
    for tag, name, value in reader.attributes:
        if (tag, name) == ("a", "rel"):
            assert value == "noopener nofollow"
        elif name == "href":
            assert re.match(r"(?i)(https?://|mailto:)", value or "")
        else:
            assert name in ATTRIBUTES.get(tag, set())


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_text_stays_within_the_allow_list(payload: str, place: str) -> None:
    text = place.format(payload)
    html = to_html(text)
    assert_within_the_allow_list(html)
    assert not re.search(r"(?i)href=\"\s*(javascript|data|vbscript|file)", html)
    plain_text(text)


MARKS = st.text(alphabet=st.sampled_from(list("[]()!*_`<>\"'=#|-\\&;:/ \n\tahrefscipt中：“”\u202e\x00")), max_size=200)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MARKS | st.text(max_size=200))
def test_any_text_stays_within_the_allow_list_and_a_second_pass_changes_nothing(text: str) -> None:
    html = to_html(text)
    assert_within_the_allow_list(html)
    again = nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, link_rel="noopener nofollow")
    assert again == html


def test_markdown_becomes_the_html_one_expects() -> None:
    text = "# Year\n\nIt **went** *well*, [see](https://a.example/?b=1&c=2).\n\n3. x\n4. y\n"
    assert to_html(text) == (
        "<h2>Year</h2>\n<p>It <strong>went</strong> <em>well</em>, "
        '<a href="https://a.example/?b=1&amp;c=2" rel="noopener nofollow">see</a>.</p>\n'
        '<ol start="3">\n<li>x</li>\n<li>y</li>\n</ol>\n'
    )


def test_html_is_shown_as_text() -> None:
    assert to_html("<b onclick=x>bold</b>") == "<p>&lt;b onclick=x&gt;bold&lt;/b&gt;</p>\n"
    assert plain_text("<b>bold</b>") == "<b>bold</b>"


def test_the_sanitiser_alone_would_hold_too() -> None:
    hostile = (
        '<p id="main" class="top" style="x" hx-get="/a" data-hx-post="/b" onclick="c()" title="t">'
        '<a href="javascript:alert(1)">a</a><a href="//evil.example">b</a><a href="/sign-out">c</a>'
        '<a href="HTTPS://ok.example" target="_top" rel="opener">d</a><script>e()</script><img src="x"></p>'
    )
    assert sanitised(hostile) == (
        '<p><a rel="noopener nofollow">a</a><a rel="noopener nofollow">b</a><a rel="noopener nofollow">c</a>'
        '<a href="HTTPS://ok.example" rel="noopener nofollow">d</a></p>'
    )


def test_a_link_title_and_a_picture_leave_no_trace_of_an_address() -> None:
    assert to_html('[a](https://a.example "click me")') == (
        '<p><a href="https://a.example" rel="noopener nofollow">a</a></p>\n'
    )
    assert to_html("![the *plan* & map](https://spy.example/1.png)") == "<p>the plan &amp; map</p>\n"


def test_bold_works_beside_chinese_signs_and_lines_join_without_a_space() -> None:
    assert to_html("**注意：**请看\n下一行") == "<p><strong>注意：</strong>请看下一行</p>\n"
    assert to_html("他说**“好”**了 and\nmore") == "<p>他说<strong>“好”</strong>了 and\nmore</p>\n"


def test_snake_case_words_and_lone_stars_stay_as_typed() -> None:
    assert to_html("a_b_c 2 * 3 * 4") == "<p>a_b_c 2 * 3 * 4</p>\n"


def test_plain_text_keeps_the_words_and_drops_the_marks() -> None:
    text = (
        "# A\n\n- **b** `c`\n- [d](https://x.example)\n\n| e | f |\n|---|---|\n| g | h |\n\n```\ncode\n```\n> 中\n> 文"
    )
    assert plain_text(text) == "A\nb c\nd\ne\tf\ng\th\ncode\n中文"


def test_the_tree_for_paper_is_plain_data() -> None:
    assert to_typst_blocks("### H\n\na *b*  \nc\n\n9. [x](mailto:a@b.example)\n\n|q|r|\n|-:|-|\n|1|2|\n\n---\n") == [
        {"type": "heading", "level": 1, "inline": [{"type": "text", "text": "H"}]},
        {
            "type": "paragraph",
            "inline": [
                {"type": "text", "text": "a "},
                {"type": "emph", "children": [{"type": "text", "text": "b"}]},
                {"type": "break"},
                {"type": "text", "text": "c"},
            ],
        },
        {
            "type": "list",
            "ordered": True,
            "start": 9,
            "children": [
                {
                    "type": "item",
                    "children": [
                        {
                            "type": "paragraph",
                            "inline": [
                                {
                                    "type": "link",
                                    "address": "mailto:a@b.example",
                                    "children": [{"type": "text", "text": "x"}],
                                }
                            ],
                        }
                    ],
                }
            ],
        },
        {
            "type": "table",
            "children": [
                {
                    "type": "row",
                    "children": [
                        {"type": "cell", "head": True, "align": "right", "inline": [{"type": "text", "text": "q"}]},
                        {"type": "cell", "head": True, "align": "left", "inline": [{"type": "text", "text": "r"}]},
                    ],
                },
                {
                    "type": "row",
                    "children": [
                        {"type": "cell", "head": False, "align": "right", "inline": [{"type": "text", "text": "1"}]},
                        {"type": "cell", "head": False, "align": "left", "inline": [{"type": "text", "text": "2"}]},
                    ],
                },
            ],
        },
        {"type": "rule"},
    ]


def depth_of(blocks: list) -> int:
    return 1 + max((depth_of(block.get("children", block.get("inline", []))) for block in blocks), default=0)


@pytest.mark.parametrize(
    "text", ["*a **b " * 500 + "c** d*" * 500, "> " * 500 + "x", "- " * 500 + "x", "1. " * 300 + "x"]
)
def test_deep_nesting_is_flattened(text: str) -> None:
    assert depth_of(to_typst_blocks(text)) <= 3 * DEEPEST + 4


@pytest.mark.parametrize(
    "piece",
    ["a", "(", "[", ".", "@", " ", "![", "*", "_", "`", "``a`", "<", "> ", "- ", "|", "\\", "&", "[a](", "![](", "a\n"]
    + ["|a\n|-\n", "- a\n", "*_", "<![CDATA[", "<!--", "**a *b ", "中**", "[a]: b\n", "a|b\n", "\t", "~~~\n"],
)
def test_four_times_the_repeats_take_about_four_times_as_long(piece: str) -> None:
    def cost(signs: int) -> float:
        text = (piece * signs)[:signs]
        before = time.process_time()
        for convert in (to_html, to_typst_blocks, plain_text):
            convert(text)
        return time.process_time() - before

    cost(1_000)  # what is made once
    growth = (cost(100_000) / max(cost(25_000), 0.02) for _try in range(5))  # sixteen where every pair is looked at
    assert any(each < 10 for each in growth)


def test_a_text_beyond_the_limit_is_refused() -> None:
    assert plain_text("a" * LIMIT) == "a" * LIMIT
    for convert in (to_html, to_typst_blocks, plain_text):
        with pytest.raises(TextTooLong, match="200001"):
            convert("a" * (LIMIT + 1))
