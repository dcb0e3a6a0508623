"""Files are kept whole, under their content's name, and only of the kinds that are taken (UP1, UP2)."""

import io

import pytest

from app.core.db import unit_of_work
from app.core.errors import Refused
from app.files import services


def upload(cast, data: bytes, name: str):
    with unit_of_work():
        return services.store_upload(io.BytesIO(data), name, actor=cast.petra)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "a.pdf"), (b"<html>", "a.png"), (b"%PDF-", "a.html"), (b"%PDF-", "a.pdf.exe"), (b"<script>", "a.txt"), (b"a\0b", "a.csv"),
        (b" \n<svg", "a.txt"), (b"\xef\xbb\xbf<html>", "a.txt"), (b"%PDF-", ""), (b"PK\x03\x04", "a.pdf"), (b"MZ", "a.docx"),
    ],
)  # fmt: skip
def test_what_is_not_what_it_says_is_refused_and_not_kept(cast, data: bytes, name: str) -> None:
    with pytest.raises(Refused):
        upload(cast, data, name)
    assert not services.folder().exists()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("会议纪要 2027.pdf", "会议纪要 2027.pdf"), ("../../etc/passwd.pdf", "passwd.pdf"), ("C:\\a\\b.PDF", "b.PDF"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie: x.pdf"), ("gnp\u202e.pdf", "gnp.pdf"), ("x" * 400 + ".pdf", "x" * 196 + ".pdf"),
    ],
)  # fmt: skip
def test_a_name_is_only_shown(cast, given: str, kept: str) -> None:
    stored = upload(cast, b"%PDF-1", given)
    assert stored.name == kept
    assert services.path_of(stored.sha256).relative_to(services.folder()).parts == (stored.sha256[:2], stored.sha256)
    assert services.read(stored) == b"%PDF-1"


def test_the_same_content_is_kept_once(cast) -> None:
    first, second = upload(cast, b"%PDF-1", "a.pdf"), upload(cast, b"%PDF-1", "b.pdf")
    assert (first.ref == second.ref, first.sha256 == second.sha256) == (False, True)
    assert len([path for path in services.folder().rglob("*") if path.is_file()]) == 1
