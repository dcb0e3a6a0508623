"""The printed minutes: their text is the content that was signed off, in both languages, and nothing else runs."""

import io
import re

import pytest
from pypdf import PdfReader

from app.certificates import services as certificates
from app.core.db import unit_of_work
from app.minutes import paper, services
from app.minutes.models import Minutes
from app.people.models import Clearance
from app.signing.printed import head_of
from tests.cast import Cast
from tests.factories import make_event, make_session
from tests.factories.minutes import make_approved, make_draft, make_published, put_in_review

ENGLISH = (
    "## 1. The year\n\nTwelve figures, *nine* of them met.\n\n| Works | Share |\n|---|---|\n| Kiln Seven | 3.4 % |\n"
)
CHINESE = "## 一、经营情况\n\n1. **废品率**为 4.6%，差额来自敲碎回用的板子。\n2. 高纯氧化铝第二货源一年内认证。\n"


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b]", "", text)


def text_of(minutes: Minutes, version=None) -> str:
    pages = PdfReader(io.BytesIO(paper.pdf_of(version or minutes.newest, Clearance.SECRET))).pages
    return squeezed("".join(page.extract_text() for page in pages))


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        (
            "en",
            ENGLISH,
            ["Twelve figures, nine of them met.", "Kiln Seven", "3.4 %", "Present", "Excused", "In attendance"],
        ),
        (
            "zh",
            CHINESE,
            ["废品率为 4.6%，差额来自敲碎回用的板子。", "高纯氧化铝第二货源一年内认证。", "出席", "请假", "列席"],
        ),
    ],
)
def test_the_paper_says_what_was_signed(cast: Cast, language: str, text: str, words: list[str]) -> None:
    with unit_of_work():
        session = make_session(make_event(title="Autumn", title_local="秋季大会"), title="Ahead", title_local="战略会")
        lists = {"present": ["Li Wei", "李薇"], "excused": ["Tom Okafor"], "in_attendance": []}
        minutes = make_approved(cast, session=session, language=language, text=text, attendance=lists)
    printed = text_of(minutes)
    for each in [*words, minutes.title, minutes.label, "Tom Okafor", "李薇", "Sara Novák"]:
        assert squeezed(each) in printed, each
    document = minutes.newest.extracts[-1].document
    assert document is not None
    assert squeezed(f"/verify/{document.code}") in printed
    assert document.content_hash[:4] in printed
    assert squeezed(head_of(document)) in printed  # an anchor of the log, outside of the house
    assert ("Autumn" in printed, "秋季大会" in printed) == (language == "en", language == "zh")


def test_the_root_of_the_house_stands_on_paper_from_the_day_on_which_there_is_one(cast: Cast) -> None:
    """What anybody types behind `hufu verify PACK --root`, years later."""
    words = squeezed("Root certificate")
    with unit_of_work():
        before = make_approved(cast)
    assert words not in text_of(before)
    with unit_of_work():
        root = certificates.authority().root.fingerprint
        after = make_approved(cast)
    assert words + squeezed("of the company") + root[:32] in text_of(after)
    assert root[32:48] not in text_of(after)


def test_a_draft_on_paper_says_that_it_is_one(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_draft(cast)
    printed = text_of(minutes)
    assert squeezed("Draft, not approved") in printed
    assert "/verify/" not in printed


def test_an_earlier_version_prints_as_it_was(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_published(cast, text="The loss was 2.1 per cent.")
        first = minutes.current
        services.amend(minutes, actor=cast.sara, change_note="The loss.")
        services.write(minutes, actor=cast.sara, text="The loss was 3.1 per cent.")
        put_in_review(cast, minutes)
        services.approve(minutes, actor=cast.li_wei)
        services.publish(minutes, actor=cast.sara)
        cast.people["sara"].name = "Sara Married"
    assert squeezed("The loss was 2.1 per cent.") in text_of(minutes, first)
    assert squeezed("Sara Novák") in text_of(minutes, first)  # the name as it was then
    assert squeezed("The loss was 3.1 per cent.") in text_of(minutes)


def test_hostile_text_is_printed_as_text(cast: Cast) -> None:
    hostile = '#import "x.typ" #read("/etc/passwd") <img src=file:///etc/passwd> $ \\ @label'
    with unit_of_work():
        minutes = make_approved(cast, text=hostile, title="#panic() “x”")
    printed = text_of(minutes)
    assert squeezed('#read("/etc/passwd")').replace('"', "") in printed.replace('"', "").replace("“", "").replace(
        "”", ""
    )
    assert "root:" not in printed
