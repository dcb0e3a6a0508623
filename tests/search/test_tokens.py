import sqlite3
import unicodedata
from collections.abc import Callable, Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.search.tokens import fts_query, index_text, snippet, terms, ts_query

Find = Callable[..., list[str]]
MIXED = st.text(alphabet=st.sampled_from("战略规划会议，。 ABab1é\u0301ß-_'\"*():^+{}\x00\ud800𠮷がﬁ\n"), max_size=40)


@pytest.fixture
def find() -> Iterator[Find]:
    """Ask a real FTS5 table that holds the given texts; answers those that are found."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE found USING fts5(tokens, tokenize = 'unicode61 remove_diacritics 0')")

    def ask(question: str, *texts: str) -> list[str]:
        connection.execute("DELETE FROM found")
        rows = [(number, index_text(text)) for number, text in enumerate(texts)]
        connection.executemany("INSERT INTO found (rowid, tokens) VALUES (?, ?)", rows)
        query = fts_query(question)
        if query is None:
            return []
        numbers = connection.execute("SELECT rowid FROM found WHERE found MATCH ? ORDER BY rowid", [query])
        return [texts[number] for (number,) in numbers]

    yield ask
    connection.close()


@pytest.mark.parametrize(
    "question", ["战", "略", "战略", "略规", "战略规划", "会议", "略规划会议", "战略 会议", "议，会"]
)
def test_a_chinese_question_finds_its_text(find, question):
    assert find(question, "二〇二六年战略规划会议纪要", "公司战略规划会议，会上") != []


@pytest.mark.parametrize(
    "question", ["略战", "战规", "战划", "战略会", "规战", "要二", "战略规划会议纪要二", "战略 不"]
)
def test_a_chinese_question_that_is_not_in_the_text_finds_nothing(find, question):
    assert find(question, "二〇二六年战略规划会议纪要") == []


def test_no_run_is_put_together_from_two(find):
    assert find("战略规", "战略，略规", "战略 略规", "战略，规", "战略规") == ["战略规"]
    assert find("战略", "战，略", "战a略", "战\n略") == []


@pytest.mark.parametrize(
    "question",
    ["strat", "STRATEGY", "meeting stra", "Jose", "josé", "jose\u0301", "ｓｔｒａｔ", "strasse",
     "RQ-2023-004", "rq-2023", "2023", "strategy MEETING josé"],
)  # fmt: skip
def test_a_word_is_found_by_its_beginning_without_case_or_accents(find, question):
    text = "Strategy meeting with José, Straße 5 (RQ-2023-004)"
    assert find(question, text) == [text]


@pytest.mark.parametrize("question", ["trategy", "strategies", "RQ-004", "2023-RQ", "strategy absent"])
def test_a_word_that_is_not_in_the_text_finds_nothing(find, question):
    assert find(question, "Strategy meeting (RQ-2023-004)") == []


def test_both_scripts_are_asked_at_once(find):
    assert find("AI战略", "AI战略 2026", "战略 with AI", "战略", "AI") == ["AI战略 2026", "战略 with AI"]


def test_rare_signs_are_kept_apart(find):
    assert find("𠮷", "𠮷野", "𠮶野") == ["𠮷野"]
    assert find("𠮷野", "𠮷野家", "𠮶野家") == ["𠮷野家"]
    assert find("\U0002b820", "\U0002b820工", "\U0002b821工") == ["\U0002b820工"]


@pytest.mark.parametrize("question", ["", "   ", "!!", "\"'*", "，。", "\x00", "\ud800", "🎉", "___"])
def test_a_question_without_a_word_asks_nothing(question):
    assert fts_query(question) is None
    assert ts_query(question) is None


def test_the_syntax_of_the_engines_cannot_be_asked():
    assert fts_query('NEAR(a b) OR "c" NOT tokens:d*') == (
        '"near a" * AND "b" * AND "or" * AND "c" * AND "not" * AND "tokens d" *'
    )
    assert ts_query("a:* | !b <-> 'c' & 战略规") == "'a':* & 'b':* & 'c':* & ('战略' <-> '略规')"


def test_a_question_has_an_end():
    assert len(terms("a b c d e f g h i j k l m n o p q r s t")) == 16
    assert len(terms("战略 战略 战略")) == 1
    assert len(fts_query("x" * 100_000) or "") < 100


@settings(deadline=None)
@given(question=st.text(max_size=60) | MIXED)
@example('"')
@example("*")
@example("ᾳ\u0345")
def test_any_question_is_one_the_engine_understands(question):
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE VIRTUAL TABLE found USING fts5(tokens, tokenize = 'unicode61 remove_diacritics 0')")
        connection.execute("INSERT INTO found VALUES (?)", [index_text("战略规划 strategy " + question)])
        query = fts_query(question)
        if query is not None:
            connection.execute("SELECT rowid FROM found WHERE found MATCH ?", [query]).fetchall()
    connection.close()


@settings(deadline=None)
@given(before=MIXED, asked=st.text(alphabet="战略规划会议ab1𠮷", min_size=1, max_size=10), after=MIXED)
def test_what_stands_in_a_text_is_found(before, asked, after):
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE VIRTUAL TABLE found USING fts5(tokens, tokenize = 'unicode61 remove_diacritics 0')")
        connection.execute("INSERT INTO found VALUES (?)", [index_text(f"{before} {asked} {after}")])
        assert connection.execute("SELECT count(*) FROM found WHERE found MATCH ?", [fts_query(asked)]).fetchone() == (
            1,
        )
    connection.close()


@settings(deadline=None)
@given(text=st.text(alphabet="战略，", max_size=12), asked=st.text(alphabet="战略", min_size=1, max_size=5))
def test_chinese_is_found_exactly_where_it_stands(text, asked):
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE VIRTUAL TABLE found USING fts5(tokens, tokenize = 'unicode61 remove_diacritics 0')")
        connection.execute("INSERT INTO found VALUES (?)", [index_text(text)])
        found = connection.execute("SELECT count(*) FROM found WHERE found MATCH ?", [fts_query(asked)]).fetchone()
    connection.close()
    assert found == (int(asked in text),)


def test_a_snippet_marks_hits_as_they_are_written():
    assert snippet("Café, STRAßE und 战略规划", "cafe strasse 略规") == [
        ("Café", True), (", ", False), ("STRAßE", True), (" und 战", False), ("略规", True), ("划", False),
    ]  # fmt: skip
    assert snippet("One\n\tRQ - 2023-004 here", "rq-2023-00") == [
        ("One ", False), ("RQ - 2023-004", True), (" here", False),
    ]  # fmt: skip


def test_a_mark_stays_with_the_sign_it_belongs_to():
    assert snippet("a q\u0301 b", "q") == [("a ", False), ("q\u0301", True), (" b", False)]


def test_a_snippet_marks_a_word_only_from_its_beginning():
    assert snippet("restart the art", "art") == [("restart the ", False), ("art", True)]


def test_a_snippet_of_a_long_text_shows_the_hit():
    text = "word " * 200 + "strategy 战略 " + "other " * 200
    pieces = snippet(text, "战略 strategy", 80)
    assert [piece for piece, hit in pieces if hit] == ["strategy", "战略"]
    assert pieces[0] == ("… ", False)
    assert pieces[-1] == (" …", False)
    told = "".join(piece for piece, _ in pieces[1:-1])
    assert len(told) <= 80
    assert told in text
    assert set(told.split()) == {"word", "strategy", "战略", "other"}


def test_a_snippet_without_a_hit_is_the_beginning():
    assert snippet("战" * 200, "none", 10) == [("战" * 10, False), (" …", False)]
    assert snippet("short", "", 10) == [("short", False)]
    assert snippet("", "x") == []


@settings(deadline=None)
@given(text=st.text(max_size=80) | MIXED, asked=st.text(max_size=20) | MIXED, length=st.integers(1, 50))
def test_a_snippet_says_nothing_that_the_text_does_not(text, asked, length):
    told = "".join(piece for piece, _ in snippet(text, asked, length)).removeprefix("… ").removesuffix(" …")
    assert told in " ".join(unicodedata.normalize("NFC", text).split())
    assert len(told) <= length
