import base64
import re

import pytest

from app.documents.errors import DocumentFailed
from app.documents.qr import make_code, qr_png_data_uri, qr_svg


def test_a_short_text_becomes_a_full_qr_code_and_not_a_micro_one() -> None:
    code = make_code("EMS:abc123")
    assert not code.is_micro
    assert code.designator == "1-Q"  # at least M; a better grade where it costs no room


def test_the_drawing_has_no_style_no_script_and_an_escaped_title() -> None:
    drawing = qr_svg("https://hufu.example/v/1", title="<b>&\"'")
    assert not re.search(r"style|script|\bon\w+=", drawing)
    assert drawing.startswith('<svg role="img" viewBox="0 0 ')
    assert "<b>" not in drawing
    assert "<title>&lt;b&gt;&amp;" in drawing


def test_the_drawing_is_scaled_as_a_whole_and_never_cut() -> None:
    drawing = qr_svg("https://hufu.example/v/1", scale=4)
    width = re.search(r'width="(\d+)"', drawing)
    assert width is not None
    assert f'viewBox="0 0 {width.group(1)} {width.group(1)}"' in drawing


def test_the_same_text_gives_the_same_drawing_and_another_text_another() -> None:
    assert qr_svg("a") == qr_svg("a")
    assert qr_svg("a") != qr_svg("b")


def test_the_picture_is_a_png() -> None:
    head, body = qr_png_data_uri("中文").split(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(body).startswith(b"\x89PNG")


def test_too_long_a_text_is_refused() -> None:
    with pytest.raises(DocumentFailed, match="too long for a QR code"):
        qr_svg("a" * 3000)
