"""Questions about certificates."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app.certificates import keys
from app.certificates.models import Certificate, CertificateKind, RevocationList
from app.core import clock
from app.core.db import db
from app.people.models import Person

AUTHORITIES = (CertificateKind.ROOT, CertificateKind.ISSUING)


def _usable(kind: CertificateKind, now: datetime) -> Select[Certificate]:
    return (
        select(Certificate)
        .where(
            Certificate.kind == kind,
            Certificate.revoked_at.is_(None),
            Certificate.valid_from <= now,
            Certificate.valid_to > now,
        )
        .order_by(Certificate.id.desc())
        .limit(1)
    )


def find_usable(kind: CertificateKind, now: datetime) -> Certificate | None:
    """The newest of a kind that may sign at this moment."""
    return db.session.scalar(_usable(kind, now).options(joinedload(Certificate.issuer)))


def find_usable_of(person: Person, subject: str, issuer: Certificate, now: datetime) -> Certificate | None:
    """A person's own, in the name that they bear now, from the authority in use."""
    mine = _usable(CertificateKind.PERSON, now).where(
        Certificate.person_id == person.id, Certificate.subject == subject, Certificate.issuer_id == issuer.id
    )
    return db.session.scalar(mine)


def find_root() -> Certificate | None:
    return db.session.scalar(
        select(Certificate).where(Certificate.kind == CertificateKind.ROOT).order_by(Certificate.id.desc()).limit(1)
    )


def list_roots() -> Sequence[Certificate]:
    """The one in use first, then the former ones."""
    return db.session.scalars(
        select(Certificate).where(Certificate.kind == CertificateKind.ROOT).order_by(Certificate.id.desc())
    ).all()


def roots_over(fingerprints: Sequence[str]) -> list[Certificate]:
    """The roots at which these certificates end, without doubles."""
    signed = db.session.scalars(select(Certificate).where(Certificate.fingerprint.in_(fingerprints))).all()
    issuers = {each.issuer for each in signed if each.issuer is not None}
    return list({each.issuer for each in issuers if each.issuer is not None})


def find_seal_under(root: Certificate) -> Certificate | None:
    """The newest seal of the house that ends at this root."""
    below = select(Certificate.id).where(Certificate.issuer_id == root.id)
    seals = select(Certificate).where(Certificate.kind == CertificateKind.SEAL, Certificate.issuer_id.in_(below))
    return db.session.scalar(seals.order_by(Certificate.id.desc()).limit(1))


def find(ref: str) -> Certificate | None:
    return db.session.scalar(select(Certificate).where(Certificate.ref == ref))


def find_by_start(digits: str) -> Certificate | None:
    """By the first digits of the serial number or of the fingerprint; None when they do not tell one from another."""
    start = digits.replace(" ", "").replace(":", "").lower()
    if not start or not start.isalnum():
        return None
    fits = select(Certificate).where(Certificate.serial.startswith(start) | Certificate.fingerprint.startswith(start))
    found = db.session.scalars(fits.limit(2)).all()
    return found[0] if len(found) == 1 else None


def list_all() -> Sequence[Certificate]:
    """Authorities first, then the seal's, then people's; the newest first among each."""
    found = db.session.scalars(
        select(Certificate).options(joinedload(Certificate.person), joinedload(Certificate.issuer))
    ).all()
    order = list(CertificateKind)
    return sorted(found, key=lambda each: (order.index(CertificateKind(each.kind)), -each.id))


def list_authorities() -> Sequence[Certificate]:
    return db.session.scalars(
        select(Certificate).where(Certificate.kind.in_(AUTHORITIES)).order_by(Certificate.id)
    ).all()


def list_revoked_by(issuer: Certificate) -> Sequence[Certificate]:
    gone = select(Certificate).where(Certificate.issuer_id == issuer.id, Certificate.revoked_at.is_not(None))
    return db.session.scalars(gone.order_by(Certificate.revoked_at, Certificate.id)).all()


def find_list(issuer_id: int, now: datetime | None = None) -> RevocationList | None:
    """The newest published list of an authority; with `now` only one that is in date then."""
    lists = select(RevocationList).where(RevocationList.issuer_id == issuer_id)
    if now is not None:
        lists = lists.where(RevocationList.made_at <= now, RevocationList.next_at > now)
    return db.session.scalar(lists.order_by(RevocationList.number.desc()).limit(1))


def newest_lists() -> dict[int, RevocationList]:
    """The newest published list of each authority, by its id."""
    newest = select(func.max(RevocationList.id)).group_by(RevocationList.issuer_id)
    return {
        each.issuer_id: each for each in db.session.scalars(select(RevocationList).where(RevocationList.id.in_(newest)))
    }


def list_expiring(within: timedelta) -> Sequence[Certificate]:
    """Of those in use (the newest of root, issuing authority and seal), which end so soon, or have ended."""
    until = clock.now() + within
    found = (find_newest(kind) for kind in (CertificateKind.ROOT, CertificateKind.ISSUING, CertificateKind.SEAL))
    return [each for each in found if each is not None and each.valid_to <= until]


def find_newest(kind: CertificateKind) -> Certificate | None:
    """That was not revoked, whatever its time."""
    return db.session.scalar(
        select(Certificate)
        .where(Certificate.kind == kind, Certificate.revoked_at.is_(None))
        .order_by(Certificate.id.desc())
        .limit(1)
    )


def list_ending_lists(within: timedelta) -> Sequence[RevocationList]:
    """The root's list is renewed by hand where its key lies elsewhere: which ends so soon."""
    root = find_root()
    newest = find_list(root.id) if root else None
    if root is None or newest is None or newest.next_at > clock.now() + within or keys.has_root_key(root.pem):
        return []
    return [newest]
