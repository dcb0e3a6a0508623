"""The evidence pack of a pledge: made when its paper is complete, and anew when something became of it."""

from collections.abc import Iterable, Sequence
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_private_key
from sqlalchemy import or_, select

from app.certificates import services as certificates
from app.certificates.models import Certificate
from app.certificates.services import Authority
from app.core import clock
from app.core.audit import AuditEntry
from app.core.config import settings_now
from app.core.db import db, unit_of_work
from app.core.jobs import every_minute, job, one_by_one
from app.core.roles import SYSTEM
from app.files import services as files
from app.files.models import StoredFile
from app.ledger import keys as log_keys
from app.ledger import queries as ledger
from app.ledger import services as checkpoints
from app.packs.passkeys import key_fingerprint
from app.packs.writing import Parts, as_entry, write
from app.pledges import papers
from app.pledges.models import Pledge, Signature, SignatureSlot
from app.seals import clocks
from app.seals.sealing import Signer
from app.signing.canonical import canonical
from app.signing.models import IssuedDocument, Revision

# What is told of a proof. From where and with what somebody signed is not: the statement commits to it.
SHOWN = (
    "credential", "public_key", "client_data", "authenticator_data", "signature", "rp_id", "origin", "kept_since",
)  # fmt: skip
DEEDS = (
    "document.issued", "document.completed", "document.superseded", "document.withdrawn", "pledge.frozen", "pledge.opened",
    "pledge.signed", "pledge.signature_sealed", "pledge.in_force", "pledge.superseded", "pledge.void", "pledge.recalled",
)  # fmt: skip


def file_name(document: IssuedDocument) -> str:
    return f"{document.content.get('label') or document.code}-evidence.zip"


@job
def make_evidence_pack(document_ref: str) -> None:
    """Make the pack of a complete paper and keep it in place of an earlier one. Doing it twice changes nothing but the
    time on it."""
    document = db.session.scalar(select(IssuedDocument).where(IssuedDocument.ref == document_ref))
    if document is None or document.file_id is None or papers.newest(document) is None:
        return
    pack = pack_of(document)
    with unit_of_work():
        db.session.refresh(document)
        old = db.session.get(StoredFile, document.pack_id) if document.pack_id else None
        stored = files.store(pack, file_name(document), "application/zip", actor=SYSTEM)
        document.pack_id = stored.id
        db.session.flush()
        if old is not None and old.id != stored.id:
            files.drop(old)


@every_minute
def make_missing_evidence_packs() -> None:
    """What was completed while no job could run."""
    missing = (
        select(IssuedDocument.ref)
        .where(
            IssuedDocument.kind == "pledge",
            IssuedDocument.pack_id.is_(None),
            IssuedDocument.file_id.is_not(None),
            select(Revision.id).where(Revision.document_id == IssuedDocument.id).exists(),
        )
        .order_by(IssuedDocument.id)
    )
    one_by_one(make_evidence_pack, db.session.scalars(missing).all())


def pack_of(document: IssuedDocument) -> bytes:
    """The pack as of now, whatever state the paper is in. The log is closed by a checkpoint for it first."""
    with unit_of_work():
        revisions = papers.list_revisions(document)
        house = certificates.authority_over([each.certificate for each in revisions])
        signer, seal_pem, root_pem = certificates.signer_of(house.seal), house.seal.pem, house.root.pem
        checkpoints.make_checkpoint()
    pledge = db.session.scalar(select(Pledge).where(Pledge.ref == document.subject_ref))
    signatures = _signatures(pledge) if pledge is not None else []
    entries = _entries(document, pledge, signatures)
    wanted = {each["proof"]["checkpoint"] for each in entries if each["proof"]}
    return write(
        Parts(
            code=document.code,
            kind=document.kind,
            title=document.title,
            pdf=papers.read_paper(document),
            data=canonical(document.content),
            made_at=clock.now(),
            address=f"{settings_now().base_url.rstrip('/')}/verify/{document.code}",
            root_pem=root_pem,
            seal_pem=seal_pem,
            sign=lambda content: _sign(signer, content),
            other_pems=_authorities(house, revisions),
            crls=certificates.current_crls(),
            stamp_roots=clocks.trusted_roots(),
            records=[_record(document, each) for each in signatures],
            revisions=[
                {
                    "number": each.number, "field": each.field, "pdf_hash": each.pdf_hash, "level": each.level,
                    "certificate": each.certificate, "audit_head": each.audit_head,
                }
                for each in revisions
            ],
            entries=entries,
            checkpoints=[each for each in ledger.list_signed() if each["seq"] in wanted],
            log_key=log_keys.public_of(log_keys.signing_key()),
        )
    )  # fmt: skip


def _signatures(pledge: Pledge) -> Sequence[Signature]:
    mine = select(Signature).join(SignatureSlot).where(SignatureSlot.pledge_id == pledge.id)
    return db.session.scalars(mine.order_by(SignatureSlot.position)).all()


def _record(document: IssuedDocument, signature: Signature) -> dict[str, Any]:
    slot = signature.slot
    fields = {each["person"]: each.get("field") for each in document.content.get("signatories", [])}
    return {
        "place": slot.position,
        "field": fields.get(slot.person.ref),
        "role": slot.role,
        "person": slot.person.ref,
        "name": slot.name,
        "statement": signature.statement,
        "statement_hash": signature.statement_hash,
        "signed_at": signature.signed_at.isoformat(),
        "means": signature.means,
        "evidence": {name: value for name, value in _answer_of(signature).items() if name in SHOWN},
    }


def _entries(document: IssuedDocument, pledge: Pledge | None, signatures: Iterable[Signature]) -> list[dict[str, Any]]:
    """The rows of the log about this document, each with its own proof; nobody else's."""
    refs = [document.ref, document.subject_ref, *(slot.ref for slot in pledge.slots)] if pledge else [document.ref]
    about = AuditEntry.action.in_(DEEDS) & AuditEntry.subject_ref.in_(refs)
    devices = [each for each in (_passkey_of(signature) for signature in signatures) if each]
    added = (AuditEntry.action == "passkey.added") & AuditEntry.details["key"].as_string().in_(devices)
    rows = select(AuditEntry.__table__).where(or_(about, added) if devices else about).order_by(AuditEntry.seq)
    found = [{str(name): value for name, value in row.items()} for row in db.session.execute(rows).mappings()]
    return [as_entry(row, ledger.proof_of(row)) for row in found]


def _answer_of(signature: Signature) -> dict[str, Any]:
    """What the device answered; nothing when somebody proved otherwise who they are."""
    return signature.evidence.get("assertion") or {}


def _passkey_of(signature: Signature) -> str | None:
    key = _answer_of(signature).get("public_key")
    return key_fingerprint(key) if isinstance(key, str) else None


def _authorities(house: Authority, revisions: Sequence[Revision]) -> list[str]:
    """The certificates between the root and those that signed, the seal of this pack among them."""
    signed = select(Certificate).where(Certificate.fingerprint.in_([each.certificate for each in revisions]))
    issuers = {each.issuer.id: each.issuer for each in db.session.scalars(signed) if each.issuer is not None}
    issuers[house.issuing.id] = house.issuing
    return [each.pem for key, each in sorted(issuers.items()) if key != house.root.id]


def _sign(signer: Signer, content: bytes) -> bytes:
    key = load_der_private_key(signer.key, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key.sign(content, ec.ECDSA(hashes.SHA256()))
