"""Opening an evidence pack that somebody hands us: nothing in it is believed, and nothing of it is written anywhere."""

import io
import json
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.core.i18n import _
from app.packs.writing import DATA, DOCUMENT, LOG, MANIFEST, README, RECORDS, REVISIONS, ROOT, SEAL, SIGNATURE

MOST_BYTES = 80_000_000
MOST_FILES = 400
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
NEEDED = (DOCUMENT, DATA, RECORDS, REVISIONS, LOG, MANIFEST, SIGNATURE, README, ROOT, SEAL)


class NoPack(Exception):
    """This is no evidence pack that can be read; the message is a sentence for whoever holds it."""


@dataclass(frozen=True)
class Pack:
    files: dict[str, bytes]
    manifest: dict[str, Any]
    records: list[dict[str, Any]]
    entries: list[dict[str, Any]]
    checkpoints: list[dict[str, Any]]

    def all_of(self, ending: str) -> list[bytes]:
        return [content for name, content in self.files.items() if name.endswith(ending)]


def open_pack(data: bytes) -> Pack:
    """The files of a pack and what its JSON says, of the right shape and nothing more. Raises NoPack."""
    files = _unzip(data)
    missing = [name for name in NEEDED if name not in files]
    if missing:
        raise NoPack(_("It lacks %(name)s, so that it proves nothing by itself.", name=missing[0]))
    manifest, log = _read(files, MANIFEST, dict), _read(files, LOG, dict)
    if not isinstance(manifest.get("files"), dict):
        raise NoPack(_("%(name)s cannot be read.", name=MANIFEST))
    return Pack(
        files, manifest, _mappings(_read(files, RECORDS, list)), _mappings(log.get("entries")),
        _mappings(log.get("checkpoints")),
    )  # fmt: skip


def _unzip(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as pack:
            entries = [each for each in pack.infolist() if not each.is_dir()]
            names = [each.filename for each in entries]
            if len(entries) > MOST_FILES or sum(each.file_size for each in entries) > MOST_BYTES:
                raise NoPack(_("It is larger than any evidence pack."))
            if len(set(names)) != len(names) or not all(NAME.fullmatch(name) and ".." not in name for name in names):
                raise NoPack(_("It holds files whose names no evidence pack has."))
            return {each.filename: _content(pack, each) for each in entries}
    except NoPack:
        raise
    except Exception:  # damaged, encrypted, or what one of the decompressors calls an error of its own
        raise NoPack(_("This is no evidence pack, or it was damaged on its way.")) from None


def _content(pack: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """No more than it says of itself: what a bomb says is counted above."""
    with pack.open(entry) as file:
        content = file.read(entry.file_size + 1)
    if len(content) != entry.file_size:
        raise zipfile.BadZipFile
    return content


def _read(files: dict[str, bytes], name: str, kind: type) -> Any:
    try:
        found = strict_json(files[name])
    except ValueError:
        raise NoPack(_("%(name)s cannot be read.", name=name)) from None
    if not isinstance(found, kind):
        raise NoPack(_("%(name)s cannot be read.", name=name))
    return found


def strict_json(raw: bytes) -> Any:
    """JSON with one meaning: no key twice, no number that is not whole. Raises ValueError."""
    if raw.count(b"[") + raw.count(b"{") > 200_000:
        raise ValueError("too much")
    try:
        return json.loads(raw.decode("utf-8"), object_pairs_hook=_unique, parse_float=_refuse, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("too deep") from None


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse(_text: str) -> Any:
    raise ValueError("a number that is not whole")


def _mappings(found: object) -> list[dict[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise NoPack(_("%(name)s cannot be read.", name=LOG))
    return found
