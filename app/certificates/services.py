"""The certificate authority: made at first need or deliberately, issuing, revoking, rotating."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from app.certificates import keys, making, policy, queries
from app.certificates.errors import NotPossibleNow, RootKeyMissing, WrongPassphrase
from app.certificates.models import Certificate, CertificateKind, RevocationList
from app.certificates.queries import list_expiring
from app.core import audit, clock
from app.core.config import settings_now
from app.core.db import db, unit_of_work
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.jobs import every_minute
from app.core.logs import log
from app.core.roles import SYSTEM, Actor
from app.people.models import Person
from app.people.queries import own_organization
from app.seals.sealing import Signer

YEAR = timedelta(days=365)
ROOT_LASTS, ISSUING_LASTS, SIGNER_LASTS = 25 * YEAR, 15 * YEAR, 10 * YEAR
# The lists of what was revoked: the root's is renewed by hand where its key lies elsewhere, so it lasts longer.
ROOT_LIST_LASTS, LIST_LASTS, LIST_RENEWED = 2 * YEAR, timedelta(days=14), timedelta(days=7)
LOCK = 7285191

__all__ = [
    "Authority",
    "authority",
    "authority_over",
    "certificate_of",
    "current_crls",
    "found",
    "list_expiring",
    "moment",
    "renew_lists",
    "revoke",
    "root_fingerprint",
    "root_pem",
    "rotate",
    "seal_signer",
    "signer_of",
]


@dataclass(frozen=True)
class Authority:
    root: Certificate
    issuing: Certificate
    seal: Certificate


def authority() -> Authority:
    """The authority in use. Where there is none yet it is made, inside the present unit of work, with its root's key in
    a file of the instance folder; `hufu ca init` does so deliberately."""
    if queries.find_root() is None:
        _alone()
        if queries.find_root() is None:
            found(actor=SYSTEM)
    now = moment()
    root, issuing = queries.find_root(), queries.find_usable(CertificateKind.ISSUING, now)
    if root is None or issuing is None:
        raise NotPossibleNow(_("The issuing authority has ended or was revoked. Run: hufu ca rotate"))
    _renew(issuing, now)
    _renew_root(root, now)
    seal = queries.find_usable(CertificateKind.SEAL, now)
    if seal is None or seal.issuer_id != issuing.id:
        seal = _issue_seal(issuing, now, SYSTEM)
    return Authority(root, issuing, seal)


def moment() -> datetime:
    """Now, but never before the authority in use began: a clock that was put back must not keep a seal off a paper."""
    now, issuing = clock.now(), queries.find_newest(CertificateKind.ISSUING)
    return max(now, issuing.valid_from) if issuing is not None else now


def found(
    *, actor: Actor, root_key: Path | None = None, words: str | None = None, anew: bool = False
) -> Authority:  # fmt: skip
    """Make the root, the issuing authority and the company's seal. `root_key` is the file for the root's key and `words`
    its own passphrase; without them both are those of the instance folder. `anew` makes one in place of a root that is
    lost or near its end: what was signed under that one is judged by it as before."""
    require(policy.may_run(actor))
    _alone()
    former = queries.find_root()
    if former is not None and not anew:
        raise NotPossibleNow(_("There is a certificate authority already. Its root stays what it is."))
    now = clock.now()
    name = _organization()
    called = making.common_name(name or "Hufu", " Root")
    made = making.make_root(called, name, valid_from=now, valid_to=now + ROOT_LASTS)
    path = root_key or keys.root_key_file()
    if root_key is None and former is None:
        keys.set_aside(path)
    if path.exists():
        raise NotPossibleNow(_("There is a file at %(path)s already. A root's key is never written over.", path=path))
    keys.keep_root_key(made.key, path, words or keys.passphrase())
    root = _keep(made, CertificateKind.ROOT, called, now, now + ROOT_LASTS, issuer=None, key=False)
    audit.record(
        actor, "certificate.authority_founded", root, fingerprint=root.fingerprint,
        former=former.fingerprint if former else None,
    )  # fmt: skip
    _publish(root, made, now, ROOT_LIST_LASTS)
    issuing = _issue_authority(root, made, now, actor)
    return Authority(root, issuing, _issue_seal(issuing, now, actor))


def rotate(*, actor: Actor, root_key: Path | None = None, words: str | None = None) -> Authority:
    """A new issuing authority and a new seal under the same root. What the old ones signed stays valid."""
    require(policy.may_run(actor))
    root = queries.find_root()
    if root is None:
        raise NotPossibleNow(_("There is no certificate authority yet. Run: hufu ca init"))
    now = clock.now()
    made = _opened_root(root, root_key, words)
    _publish(root, made, now, ROOT_LIST_LASTS)
    issuing = _issue_authority(root, made, now, actor)
    audit.record(actor, "certificate.rotated", issuing)
    return Authority(root, issuing, _issue_seal(issuing, now, actor))


def certificate_of(person: Person, *, checked: str | None = None, actor: Actor = SYSTEM) -> Certificate:
    """The person's signing certificate, in the name they bear now; issued at first need. `checked` tells how and by
    whom it was made sure who they are."""
    issuing, now = authority().issuing, moment()
    subject = _subject(person.name, _house_of(person))
    mine = queries.find_usable_of(person, subject, issuing, now)
    return mine or issue(person, checked=checked, actor=actor)


def issue(person: Person, *, checked: str | None = None, actor: Actor) -> Certificate:
    """A new certificate, whatever the person has already."""
    require(policy.may_run(actor))
    issuing, now = authority().issuing, moment()
    valid_to = min(now + SIGNER_LASTS, issuing.valid_to)
    made = making.make_signer(
        person.name, _house_of(person), serial_number=person.ref, issuing=_opened(issuing), valid_from=now,
        valid_to=valid_to, crl_url=list_url(issuing),
    )  # fmt: skip
    subject = _subject(person.name, _house_of(person))
    kept = _keep(made, CertificateKind.PERSON, subject, now, valid_to, issuer=issuing, person=person, checked=checked)
    audit.record(actor, "certificate.issued", kept, person=person, fingerprint=kept.fingerprint, checked=checked)
    return kept


def revoke(
    certificate: Certificate, *, actor: Actor, reason: str, root_key: Path | None = None, words: str | None = None
) -> None:
    """From now on it signs nothing, and the new list says so. What it signed before stays signed."""
    require(policy.may_run(actor))
    if certificate.kind == CertificateKind.ROOT:
        raise NotPossibleNow(
            _("A root cannot be revoked: there is nobody above it. Tell everybody to trust it no more.")
        )
    if certificate.revoked_at is not None:
        raise NotPossibleNow(_("This certificate was revoked before."))
    if not reason.strip():
        raise Refused(_("Please give the reason."), field="reason")
    now, issuer = clock.now(), certificate.issuer
    assert issuer is not None
    opened = _opened_root(issuer, root_key, words) if issuer.kind == CertificateKind.ROOT else _opened(issuer)
    certificate.revoked_at, certificate.revoke_reason = now, reason.strip()[:200]
    db.session.flush()
    audit.record(actor, "certificate.revoked", certificate, reason=reason, fingerprint=certificate.fingerprint)
    _publish(issuer, opened, now, ROOT_LIST_LASTS if issuer.kind == CertificateKind.ROOT else LIST_LASTS)


def renew_lists(*, actor: Actor, root_key: Path | None = None, words: str | None = None) -> list[RevocationList]:
    """New lists now. The root's too where its key is at hand or given."""
    require(policy.may_run(actor))
    now = clock.now()
    authorities = [each for each in queries.list_authorities() if each.is_usable_at(now)]
    made = [_publish(each, _opened(each), now, LIST_LASTS) for each in authorities if each.issuer is not None]
    if root_key is not None or keys.root_key_file().exists():
        root = _root_of_key([each for each in authorities if each.issuer is None], root_key, words)
        made.append(_publish(root, _opened_root(root, root_key, words), now, ROOT_LIST_LASTS))
    for each in made:
        audit.record(actor, "certificate.list_published", each, number=each.number)
    return made


def signer_of(certificate: Certificate) -> Signer:
    """With the private key in the open: to be used at once and forgotten."""
    issuer = certificate.issuer
    if certificate.key is None or issuer is None:
        raise NotPossibleNow(_("The key of this certificate is not here."))
    above = [issuer] if issuer.issuer is None else [issuer, issuer.issuer]
    return Signer(
        certificate=making.der_of(certificate.pem),
        key=making.der_of_key(keys.open_key(certificate.key)),
        chain=tuple(making.der_of(each.pem) for each in above),
        crls=tuple(current_crls()),
    )


def authority_over(fingerprints: Sequence[str]) -> Authority:
    """The root under which these certificates signed, with its newest seal: that in use, but for papers of a former one."""
    present, roots = authority(), queries.roots_over(fingerprints)
    former = next((each for each in roots if each.id != present.root.id), None)
    seal = queries.find_seal_under(former) if former is not None else None
    if former is None or seal is None or seal.issuer is None:
        return present
    return Authority(former, seal.issuer, seal)


def seal_signer() -> Signer:
    """The company's own seal."""
    return signer_of(authority().seal)


def current_crls() -> list[bytes]:
    """The lists of what was revoked that are in date now, one of each authority."""
    now = moment()
    lists = (queries.find_list(each.id, now) for each in queries.list_authorities())
    return [each.der for each in lists if each is not None]


def root_pem() -> str:
    """The trust anchors, that in use first; empty where nothing was ever sealed."""
    return "".join(each.pem for each in queries.list_roots())


def root_fingerprint() -> str:
    """SHA-256 of the root in use, for people to compare; empty where there is none."""
    root = queries.find_root()
    return root.fingerprint if root else ""


def list_url(issuer: Certificate) -> str:
    return f"{settings_now().base_url.rstrip('/')}/ca/{issuer.id}.crl"


@every_minute
def renew_revocation_lists() -> None:
    """Lists end; new ones are published in time, also of authorities that issue no more: what they signed is asked about."""
    now = clock.now()
    due = [each for each in queries.list_authorities() if each.issuer and each.is_usable_at(now) and _is_due(each, now)]
    if not due:
        return
    with unit_of_work():
        for each in due:
            try:
                _renew(each, now)
            except WrongPassphrase:  # the others have their turn all the same
                log.error("list not renewed", authority=each.subject, exc_info=True)
        if root := queries.find_root():
            _renew_root(root, now)


# --- making ------------------------------------------------------------------------------------------------------------


def _issue_authority(root: Certificate, opened: making.Made, now: datetime, actor: Actor) -> Certificate:
    name = _organization()
    count = sum(each.kind == CertificateKind.ISSUING for each in queries.list_authorities()) + 1
    called = making.common_name(name or "Hufu", f" Issuing {count}")
    valid_to = min(now + ISSUING_LASTS, root.valid_to)
    made = making.make_issuing(called, name, root=opened, valid_from=now, valid_to=valid_to, crl_url=list_url(root))
    issuing = _keep(made, CertificateKind.ISSUING, called, now, valid_to, issuer=root)
    audit.record(actor, "certificate.issued", issuing, fingerprint=issuing.fingerprint)
    _publish(issuing, made, now, LIST_LASTS)
    return issuing


def _issue_seal(issuing: Certificate, now: datetime, actor: Actor) -> Certificate:
    name = _organization()
    valid_to = min(now + SIGNER_LASTS, issuing.valid_to)
    made = making.make_signer(
        name or "Hufu", name, serial_number=None, issuing=_opened(issuing), valid_from=now, valid_to=valid_to,
        crl_url=list_url(issuing),
    )  # fmt: skip
    seal = _keep(made, CertificateKind.SEAL, name or "Hufu", now, valid_to, issuer=issuing)
    audit.record(actor, "certificate.issued", seal, fingerprint=seal.fingerprint)
    return seal


def _keep(
    made: making.Made, kind: CertificateKind, subject: str, valid_from: datetime, valid_to: datetime, *,
    issuer: Certificate | None, person: Person | None = None, checked: str | None = None, key: bool = True,
) -> Certificate:  # fmt: skip
    kept = Certificate(
        kind=kind, serial=f"{made.certificate.serial_number:x}", subject=subject[:300], person=person, issuer=issuer,
        pem=made.pem, key=making.wrap(made.key, keys.passphrase()) if key else None,
        fingerprint=making.fingerprint(made.certificate), valid_from=valid_from, valid_to=valid_to,
        identity_checked=checked[:300] if checked else None,
    )  # fmt: skip
    db.session.add(kept)
    db.session.flush()
    return kept


def _publish(issuer: Certificate, opened: making.Made, now: datetime, lasts: timedelta) -> RevocationList:
    before = queries.find_list(issuer.id)
    number = before.number + 1 if before else 1
    revoked = [(int(each.serial, 16), each.revoked_at) for each in queries.list_revoked_by(issuer) if each.revoked_at]
    next_at = min(now + lasts, issuer.valid_to)
    der = making.make_crl(opened, revoked, number=number, made_at=now, next_at=next_at)
    published = RevocationList(issuer=issuer, number=number, der=der, made_at=now, next_at=next_at)
    db.session.add(published)
    db.session.flush()
    return published


def _is_due(issuer: Certificate, now: datetime) -> bool:
    newest = queries.find_list(issuer.id, now)
    return newest is None or newest.next_at - now < LIST_RENEWED


def _renew(issuing: Certificate, now: datetime) -> None:
    if _is_due(issuing, now):
        _publish(issuing, _opened(issuing), now, LIST_LASTS)


def _renew_root(root: Certificate, now: datetime) -> None:
    """By itself only while its key lies in the instance folder under its passphrase; else the administrator is warned."""
    if not _is_due(root, now) or not keys.root_key_file().exists():
        return
    try:
        _publish(root, _opened_root(root, None, None), now, ROOT_LIST_LASTS)
    except (RootKeyMissing, WrongPassphrase):
        return


def _opened(issuing: Certificate) -> making.Made:
    if issuing.key is None:
        raise NotPossibleNow(_("The key of this certificate is not here."))
    return making.Made(making.read(issuing.pem), keys.open_key(issuing.key))


def _opened_root(root: Certificate, path: Path | None, words: str | None) -> making.Made:
    key = keys.read_root_key(path, words)
    opened = making.read(root.pem)
    if opened.public_key() != key.public_key():
        raise RootKeyMissing(_("This file holds the key of another root."))
    return making.Made(opened, key)


def _root_of_key(roots: Sequence[Certificate], path: Path | None, words: str | None) -> Certificate:
    """Of several roots the one whose key this is."""
    public = keys.read_root_key(path, words).public_key()
    found = [each for each in roots if making.read(each.pem).public_key() == public]
    if not found:
        raise RootKeyMissing(_("This file holds the key of another root."))
    return found[0]


def _alone() -> None:
    """Two first needs at once make one authority."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(LOCK)))


def _organization() -> str:
    own = own_organization()
    return own.name if own else ""


def _house_of(person: Person) -> str:
    return person.organization.name if person.organization else _organization()


def _subject(name: str, organization: str) -> str:
    return f"{name}, {organization}" if organization else name
