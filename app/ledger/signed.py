"""Checkpoints and single rows of the log as anybody can check them: no database, no settings.

A checkpoint signs the head of the chain and the root of a tree over the rows since the one before. The tree is that of
RFC 9162 (certificate transparency): a row is proven by its neighbours' hashes, so that nobody else's rows are shown.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

KIND = "hufu-log-checkpoint/1"
FIELDS = ("seq", "since", "head", "tree", "made_at")
Proof = list[str]


def statement(*, seq: int, since: int, head: str, tree: str, made_at: str) -> bytes:
    """What the key signs."""
    return rfc8785.dumps(
        {"kind": KIND, "seq": seq, "since": since, "head": head, "tree": tree, "made_at": made_at}
    )  # fmt: skip


def key_id(public_key: bytes) -> str:
    return hashlib.sha256(public_key).hexdigest()


def is_signed(checkpoint: dict[str, Any], public_key: bytes) -> bool:
    """Whether the key (32 bytes) signed the checkpoint, a mapping of its fields and `signature` in hexadecimal."""
    try:
        words = statement(**{name: checkpoint[name] for name in FIELDS})
        Ed25519PublicKey.from_public_bytes(public_key).verify(bytes.fromhex(checkpoint["signature"]), words)
    except (InvalidSignature, KeyError, TypeError, ValueError):
        return False
    return True


def tree_root(leaves: Sequence[str]) -> str:
    """The root over hashes of rows (hexadecimal); of none it is the hash of nothing."""
    if not leaves:
        return hashlib.sha256().hexdigest()
    return _root([_leaf(each) for each in leaves]).hex()


def proof_of(leaves: Sequence[str], at: int) -> Proof:
    """The hashes that lead from the leaf at `at` to the root."""
    return [each.hex() for each in _path([_leaf(each) for each in leaves], at)]


def leads_to(leaf: str, at: int, size: int, proof: Proof, root: str) -> bool:
    """Whether the proof leads from the leaf at `at`, of `size` leaves, to the root."""
    if not 0 <= at < size:
        return False
    try:
        found, waiting = _leaf(leaf), [bytes.fromhex(each) for each in proof]
    except (TypeError, ValueError):
        return False
    last = size - 1
    for each in waiting:
        if last == 0:
            return False
        if at % 2 or at == last:
            found = _node(each, found)
            while at % 2 == 0 and at:
                at, last = at // 2, last // 2
        else:
            found = _node(found, each)
        at, last = at // 2, last // 2
    return last == 0 and found.hex() == root


def _leaf(row: str) -> bytes:
    return hashlib.sha256(b"\x00" + bytes.fromhex(row)).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _split(size: int) -> int:
    """The largest power of two below the size."""
    return 1 << (size - 1).bit_length() - 1


def _root(nodes: Sequence[bytes]) -> bytes:
    """From the bottom up; a node without a partner goes up as it is, which is the tree of RFC 9162."""
    level = list(nodes)
    while len(level) > 1:
        pairs = [_node(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0]


def _path(nodes: Sequence[bytes], at: int) -> list[bytes]:
    if len(nodes) == 1:
        return []
    middle = _split(len(nodes))
    if at < middle:
        return [*_path(nodes[:middle], at), _root(nodes[middle:])]
    return [*_path(nodes[middle:], at - middle), _root(nodes[:middle])]
