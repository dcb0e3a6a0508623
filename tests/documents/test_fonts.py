from pathlib import Path

import pytest

from app.documents import fonts
from app.documents.fonts import characters_of, font_folders, missing_glyphs


def test_what_no_font_can_print_is_named_once_in_order() -> None:
    assert missing_glyphs("赵𠮷א𠮷\u202e😀") == ["𠮷", "א", "\u202e", "😀"]


def test_rare_names_of_both_worlds_can_be_printed() -> None:
    assert (
        missing_glyphs("龘㛃䶮犇喆堃 Erdős Żółć Nguyễn Thị Hương Ærø Дмитрий Ωμέγα محمد الأحمدي “”‘’—…·№①✓→\n\t") == []
    )


def test_control_signs_are_missing() -> None:
    assert missing_glyphs("a\x00\x07") == ["\x00", "\x07"]


def test_the_vendored_fonts_are_read_completely() -> None:
    counts = {path.name: len(characters_of(path)) for folder in fonts.VENDORED for path in folder.glob("*.ttf")}
    assert counts == {
        "NotoSansSC-Regular.ttf": 30890,
        "NotoSansSC-Bold-GB2312.ttf": 7658,
        "NotoSerifSC-SemiBold-GB2312.ttf": 7658,
        "SourceSans3-Regular.ttf": 1615,
        "SourceSans3-Italic.ttf": 1615,
        "SourceSans3-Bold.ttf": 1615,
        "SourceSerif4-SemiBold.ttf": 918,
        "NotoSansArabic-Regular.ttf": 1561,
        "NotoSansArabic-Bold.ttf": 1561,
    }


def test_every_font_lies_beside_its_licence_and_version() -> None:
    for folder in fonts.VENDORED:
        assert "SIL OPEN FONT LICENSE Version 1.1" in (folder / "OFL.txt").read_text()
        assert (folder / "VERSION.txt").read_text()


def test_the_operator_can_add_fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUFU_INSTANCE", str(tmp_path))
    assert font_folders() == fonts.VENDORED
    (tmp_path / "fonts").mkdir()
    assert font_folders() == [*fonts.VENDORED, tmp_path / "fonts"]
