"""Judging the signatures inside a PDF: pure functions from bytes to facts, no database and no network.

Each signature is asked four things: does it fit the bytes it covers, does its certificate end at the pinned root, was
nothing but forms filled after it, and when was that. What the file says of itself (names, times) proves nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.core import clock
from app.seals.sealing import CLOSING, DATA, SEAL, attachment

MOST_SIGNATURES = 60


class Trust(StrEnum):
    KNOWN = "known"  # ends at the root
    STRANGER = "stranger"  # does not
    EXPIRED = "expired"  # ends at the root, but is out of date and no clock that we trust says when it signed
    REVOKED = "revoked"  # before it signed


@dataclass(frozen=True)
class Seal:
    """One signature of a PDF, in the order in which they were made."""

    field: str
    name: str  # of the certificate's owner, as the certificate says
    serial_number: str | None  # in the owner's name: tells two people of one name apart
    fingerprint: str  # SHA-256 of the certificate
    certificate: bytes  # DER
    is_intact: bool  # the bytes that it covers are the signed ones
    is_untouched: bool  # after it nothing but forms was filled
    trust: Trust
    claimed_at: datetime | None  # by the signer's own clock
    stamped_at: datetime | None  # by a time-stamp authority that we trust
    revoked_at: datetime | None
    end: int  # the bytes until here are the revision that it made

    @property
    def signed_at(self) -> datetime | None:
        return self.stamped_at or self.claimed_at

    @property
    def is_good(self) -> bool:
        return self.is_intact and self.is_untouched and self.trust is Trust.KNOWN


@dataclass(frozen=True)
class Report:
    """What a PDF shows. `problem` is set when it cannot be read at all; then the rest is empty."""

    seals: Sequence[Seal] = ()
    empty_fields: Sequence[str] = ()
    data: bytes | None = None  # the attached canonical data
    has_tail: bool = False  # bytes after the end that belong to nothing
    is_certified: bool = False  # the first signature is the company's, and permits filling forms only
    problem: str = ""
    notes: Sequence[str] = field(default_factory=tuple)

    def by_field(self, name: str) -> Seal | None:
        return next((each for each in self.seals if each.field == name), None)

    @property
    def people(self) -> list[Seal]:
        """The signatures of people: all but the company's own."""
        return [each for each in self.seals if each.field not in (SEAL, CLOSING)]

    @property
    def changed_after(self) -> Seal | None:
        """The signature after which something was changed that may not be: the last of those that no longer hold."""
        return next((each for each in reversed(self.seals) if not each.is_untouched), None)

    @property
    def broken(self) -> Seal | None:
        """The first signature whose own bytes were changed."""
        return next((each for each in self.seals if not each.is_intact), None)


def judge(
    pdf: bytes, *, root_pem: str | bytes, crls: Iterable[bytes] = (), other_certificates: Iterable[bytes] = (),
    stamp_roots: Iterable[bytes] = (), at: datetime | None = None,
) -> Report:  # fmt: skip
    """Judge every signature against the root alone. `crls` are lists of what was revoked (DER), `stamp_roots` the roots
    of time-stamp authorities that are trusted (DER), `at` the moment of judging. Raises nothing for any `pdf`.

    Raises ValueError when `root_pem` holds no certificate.
    """
    from app.seals.examining import Examination, certificate_of

    examination = Examination(
        root=certificate_of(root_pem), crls=tuple(crls), other=tuple(other_certificates), stamp_roots=tuple(stamp_roots),
        at=at or clock.now(),
    )  # fmt: skip
    try:
        return examination.report(pdf, attachment(pdf, DATA))
    except Exception as error:  # a forged PDF breaks the reader in any way there is
        return Report(problem=f"{type(error).__name__}: {error}"[:300])
