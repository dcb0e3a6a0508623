"""Writing an evidence pack: a ZIP with everything that proves one document, so that it can be checked without us."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from string import Template
from typing import Any

from app.signing.canonical import canonical, grouped

FORMAT = "hufu-pack/1"
DOCUMENT, DATA, RECORDS, REVISIONS, LOG = "document.pdf", "data.json", "records.json", "revisions.json", "log.json"
MANIFEST, SIGNATURE, README, ROOT, SEAL = (
    "manifest.json", "manifest.sig", "README.txt", "certificates/root.pem", "certificates/seal.pem",
)  # fmt: skip
WORDS = Path(__file__).with_name("readme.txt")
# The same facts always give the same bytes.
EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Parts:
    """What goes into a pack. `entries` are rows of the log with their hash and the proof of it, `checkpoints` those that
    sign them, `log_key` the public key of these; `sign` signs with the company's seal (ECDSA, SHA-256, DER)."""

    code: str
    kind: str
    title: str
    pdf: bytes
    data: bytes
    made_at: datetime
    address: str  # where the same can be asked online
    root_pem: str
    seal_pem: str
    sign: Callable[[bytes], bytes]
    other_pems: Sequence[str] = ()
    crls: Sequence[bytes] = ()
    stamp_roots: Sequence[bytes] = ()
    records: Sequence[Mapping[str, Any]] = ()
    revisions: Sequence[Mapping[str, Any]] = ()
    entries: Sequence[Mapping[str, Any]] = ()
    checkpoints: Sequence[Mapping[str, Any]] = ()
    log_key: bytes = b""
    more: Mapping[str, bytes] = field(default_factory=dict)  # such as the delegation's paper, by name


def write(parts: Parts) -> bytes:
    """The pack. The same parts give the same files; only the signature over them differs each time."""
    files = {
        DOCUMENT: parts.pdf,
        DATA: parts.data,
        RECORDS: canonical(list(parts.records)),
        REVISIONS: canonical(list(parts.revisions)),
        LOG: canonical({"entries": list(parts.entries), "checkpoints": list(parts.checkpoints)}),
        ROOT: parts.root_pem.encode(),
        SEAL: parts.seal_pem.encode(),
        **{f"certificates/{number}.pem": each.encode() for number, each in enumerate(parts.other_pems, 1)},
        **{f"certificates/{number}.crl": each for number, each in enumerate(parts.crls, 1)},
        **{f"certificates/clock-{number}.der": each for number, each in enumerate(parts.stamp_roots, 1)},
        **{f"more/{name}": each for name, each in parts.more.items()},
    }
    files[README] = _readme(parts)
    manifest = canonical(
        {
            "format": FORMAT,
            "code": parts.code,
            "kind": parts.kind,
            "title": parts.title,
            "address": parts.address,
            "made_at": parts.made_at.isoformat(),
            "log_key": parts.log_key.hex(),
            "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        }
    )
    return _zip({README: files.pop(README), MANIFEST: manifest, SIGNATURE: parts.sign(manifest), **files})


def _readme(parts: Parts) -> bytes:
    from app.seals.examining import certificate_of

    root = certificate_of(parts.root_pem).sha256.hex()
    shown = "".join(sign for sign in parts.title if sign.isprintable())
    words = Template(WORDS.read_text(encoding="utf-8")).substitute(
        title=shown, code=parts.code, address=parts.address, made=f"{parts.made_at:%Y-%m-%d %H:%M} UTC",
        root=grouped(root), pdf=hashlib.sha256(parts.pdf).hexdigest(),
    )  # fmt: skip
    return words.encode()


def _zip(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            pack.writestr(entry, content)
    return out.getvalue()


def as_entry(row: Mapping[str, Any], proof: Mapping[str, Any] | None) -> dict[str, Any]:
    """A row of the log as it stands in a pack: moments as text, with the proof that the log holds it."""
    told = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
    return {**json.loads(json.dumps(told)), "proof": dict(proof) if proof else None}
