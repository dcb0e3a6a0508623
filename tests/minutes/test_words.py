"""Minutes are a document here, never a unit of time."""

from babel.messages.pofile import read_po

from app.core.config import ROOT


def test_no_word_of_the_document_is_the_unit_of_time() -> None:
    with (ROOT / "translations" / "zh_Hans_CN" / "minutes.po").open("rb") as file:
        catalog = read_po(file, locale="zh_Hans_CN")
    words = {(message.context, str(message.id)): str(message.string) for message in catalog if message.id}
    assert [key for key, word in words.items() if "分钟" in word] == []
    assert words["document", "Minutes"] == "会议纪要"
