"""The paper of a pledge: frozen when it is opened for signature, and sealed revision by revision as people sign.

A person's signature is the record in the database, made at once. The PDF follows in a job, one signature after another;
what a job missed is caught up every minute.
"""

import hashlib
from datetime import datetime

from sqlalchemy import ColumnElement, exists, or_, select

from app.certificates import services as certificates
from app.core import audit, clock
from app.core.config import settings_now
from app.core.db import db, unit_of_work
from app.core.errors import Refused
from app.core.i18n import _, force_locale
from app.core.jobs import every_minute, job, later, one_by_one
from app.core.logs import log
from app.core.roles import SYSTEM
from app.documents.render import render_form, render_pdf, render_stamp, unprintable
from app.documents.shapes import Stamp
from app.files import services as files
from app.files.models import StoredFile
from app.pledges import deed
from app.pledges.errors import NotReady
from app.pledges.models import Pledge, PledgeState, Signature, SignatureSlot
from app.seals import sealing
from app.seals.clocks import stamping_now
from app.seals.errors import SealingFailed
from app.seals.sealing import CLOSING, SEAL, Box, Field, Level, Sealed
from app.signing import keeping
from app.signing import services as documents
from app.signing.canonical import canonical
from app.signing.models import IssuedDocument, Revision

MISSING = "〓"  # stands in Chinese print for a character that the type case lacks


# --- reading -----------------------------------------------------------------------------------------------------------


def read_paper(document: IssuedDocument) -> bytes:
    """The PDF as it stands now: the complete one, else the newest revision; of papers from before there were any the
    kept one, or the same bytes made now. Raises a refusal when it cannot be."""
    if document.file_id is None:
        revision = newest(document)
        return read_revision(revision) if revision is not None else draw(document)
    stored = db.session.get(StoredFile, document.file_id)
    return files.read(stored) if stored is not None else draw(document)


def read_revision(revision: Revision) -> bytes:
    return files.read(db.session.get_one(StoredFile, revision.file_id))


def frozen(document: IssuedDocument) -> Revision | None:
    """The paper that is shown to the signatories, whose hash every statement names."""
    return db.session.scalar(select(Revision).where(Revision.document_id == document.id, Revision.number == 0))


def newest(document: IssuedDocument) -> Revision | None:
    mine = select(Revision).where(Revision.document_id == document.id)
    return db.session.scalar(mine.order_by(Revision.number.desc()).limit(1))


def list_revisions(document: IssuedDocument) -> list[Revision]:
    mine = select(Revision).where(Revision.document_id == document.id)
    return list(db.session.scalars(mine.order_by(Revision.number)))


def list_unsealed() -> list[str]:
    """The labels of pledges whose paper is not complete and may still be."""
    going_on = Pledge.state.in_((PledgeState.OPEN, PledgeState.IN_FORCE))
    labels = (
        select(Pledge.label)
        .join(IssuedDocument, IssuedDocument.subject_ref == Pledge.ref)
        .where(going_on, IssuedDocument.is_complete.is_(False))
    )
    return list(db.session.scalars(labels.order_by(Pledge.label)))


def draw(document: IssuedDocument) -> bytes:
    """The paper of a pledge that was signed before papers had fields."""
    data, language = deed.paper_of(document)
    return render_pdf("pledge", data, lang=language)


def file_name(document: IssuedDocument) -> str:
    return f"{document.content.get('label') or document.code}.pdf"


# --- freezing ----------------------------------------------------------------------------------------------------------


def freeze(pledge: Pledge) -> IssuedDocument:
    """Issue the document of a pledge whose content is frozen: its PDF with the data inside, a field for everybody who has
    to sign, certified by the company's seal. Part of the act that opens it; raises a refusal when it cannot be printed."""
    content = pledge.content or {}
    document = documents.issue(
        "pledge", title=f"{pledge.label} {pledge.title}", subject_ref=pledge.ref, edition=pledge.edition, content=content,
        is_complete=False,
    )  # fmt: skip
    authority = certificates.authority()
    planned = Level.T if settings_now().tsa_url else Level.B
    paper, language = deed.paper_of(document, level=planned, root=authority.root.fingerprint)
    data = canonical(content)
    pdf, told = render_form("pledge", paper, lang=language, attached=data)
    with force_locale(language):
        reason = _("Frozen for signature: from here on only signatures are added.")
    try:
        # Nobody else's clock is asked here, in the middle of an act; the signatures that follow are dated, and cover it.
        sealed = sealing.freeze(
            pdf, data=data, fields=_fields(told, content), signer=certificates.signer_of(authority.seal),
            name=authority.seal.subject, reason=reason, at=certificates.moment(),
        )  # fmt: skip
    except SealingFailed as failure:
        log.error("pledge not frozen", pledge=pledge.label, why=str(failure))
        raise NotReady(_("The paper could not be sealed. Please tell the administrator.")) from failure
    revision = _keep(document, 0, sealed, field=SEAL, subject_ref=None, certificate=authority.seal.fingerprint)
    pledge.document = document
    audit.record(SYSTEM, "pledge.frozen", pledge, document=document, pdf_hash=revision.pdf_hash)
    return document


def _fields(told: list[dict[str, object]], content: deed.Content) -> list[Field]:
    """The places that the template told of, by name; one for each signatory and one for the seal at the end."""
    names = {each["field"]: f"{each['name']}: {each['role']}" for each in content["signatories"]} | {CLOSING: "Seal"}
    places = {str(each["field"]): each for each in told}
    if missing := names.keys() - places.keys():
        raise SealingFailed(f"no place for {sorted(missing)}")
    return [_field(name, places[name], label) for name, label in names.items()]


def _field(name: str, place: dict[str, object], label: str) -> Field:
    left, top, width, height, paper = (float(str(place[key])) for key in ("left", "top", "width", "height", "paper"))
    box = (left, paper - top - height, left + width, paper - top)
    return Field(name, page=int(str(place["page"])) - 1, box=box, label=label)


def _keep(
    document: IssuedDocument, number: int, sealed: Sealed, *, field: str, subject_ref: str | None, certificate: str
) -> Revision:
    stored = files.store(sealed.pdf, file_name(document), "application/pdf", actor=SYSTEM)
    revision = Revision(
        document=document, number=number, file_id=stored.id, pdf_hash=stored.sha256, field=field, subject_ref=subject_ref,
        level=sealed.level, certificate=certificate, audit_head=audit.head(),
    )  # fmt: skip
    db.session.add(revision)
    db.session.flush()
    return revision


# --- sealing -----------------------------------------------------------------------------------------------------------


@job
def seal_pledge(document_ref: str) -> None:
    """Put every signature that is recorded into the PDF, in the order of signing, and close it after the last. Doing it
    twice changes nothing, and of two at once one does it."""
    try:
        _seal(document_ref)
    except (SealingFailed, Refused) as failure:  # the minute's round tries again
        log.error("pledge not sealed", document=document_ref, why=str(failure))


def _seal(document_ref: str) -> None:
    while _seal_next(document_ref):
        pass


def _seal_next(document_ref: str) -> bool:
    """One more revision; whether there was anything to do."""
    document = db.session.scalar(select(IssuedDocument).where(IssuedDocument.ref == document_ref))
    last = newest(document) if document is not None else None
    if document is None or last is None or document.file_id is not None:
        return False
    pledge = db.session.scalar(select(Pledge).where(Pledge.ref == document.subject_ref))
    if pledge is None:
        return False
    signature = _next_signature(pledge, document)
    if signature is not None:
        return _add_signature(document, last, signature)
    if pledge.in_force_at is not None and all(slot.is_signed for slot in pledge.slots):
        return _close(document, last)
    return False


def _next_signature(pledge: Pledge, document: IssuedDocument) -> Signature | None:
    """The first one made that is not in the PDF yet."""
    sealed = select(Revision.id).where(Revision.document_id == document.id, Revision.subject_ref == Signature.ref)
    waiting = select(Signature).join(SignatureSlot).where(SignatureSlot.pledge_id == pledge.id, ~sealed.exists())
    return db.session.scalar(waiting.order_by(Signature.signed_at, Signature.id).limit(1))


def _add_signature(document: IssuedDocument, last: Revision, signature: Signature) -> bool:
    slot = signature.slot
    person = signature.person or slot.person
    with force_locale(deed.language_of(document.content.get("language") or "en")):
        checked = _("Hufu account, proof given anew at signing: %(means)s", means=deed.means_label(signature.means))
    with unit_of_work():
        certificate = certificates.certificate_of(person, checked=checked)
        signer, fingerprint = certificates.signer_of(certificate), certificate.fingerprint
    pdf, stamping, field = _unchanged(last), stamping_now(), deed.field_of(slot)
    level = sealing.reachable(signer, at=certificates.moment(), stamping=stamping)
    sealed = sealing.sign(
        pdf, field=field, signer=signer, name=person.name, at=certificates.moment(), stamping=stamping,
        reason=f"{signature.statement.get('intent', '')} [SHA-256 {signature.statement_hash}]".strip(),
        picture=_draw_stamp(document, signature, sealing.boxes(pdf)[field], level),
    )  # fmt: skip
    with unit_of_work():
        if not _is_still_newest(document, last):
            return True  # somebody else was faster: look again
        revision = _keep(
            document, last.number + 1, sealed, field=field, subject_ref=signature.ref, certificate=fingerprint
        )
        audit.record(
            SYSTEM, "pledge.signature_sealed", slot, pdf_hash=revision.pdf_hash, level=revision.level, document=document
        )
    return True


def _unchanged(revision: Revision) -> bytes:
    """The file as it was written: nothing is signed on top of what somebody changed on the disk."""
    pdf = read_revision(revision)
    if hashlib.sha256(pdf).hexdigest() != revision.pdf_hash:
        raise SealingFailed(f"revision {revision.number} was changed on the disk")
    return pdf


def _close(document: IssuedDocument, last: Revision) -> bool:
    """The company's seal over everything: this file is the complete one, and the log holds its hash."""
    with unit_of_work():
        seal = certificates.authority().seal
        signer, name, fingerprint = certificates.signer_of(seal), seal.subject, seal.fingerprint
    pdf = _unchanged(last)
    with force_locale(deed.language_of(document.content.get("language") or "en")):
        reason = _("Everybody named in it has signed.")
    sealed = sealing.sign(
        pdf, field=CLOSING, signer=signer, name=name, reason=reason, at=certificates.moment(), stamping=stamping_now(),
        picture=_draw_seal(document, sealing.boxes(pdf)[CLOSING]),
    )  # fmt: skip
    with unit_of_work():
        if not _is_still_newest(document, last):
            return True
        revision = _keep(document, last.number + 1, sealed, field=CLOSING, subject_ref=None, certificate=fingerprint)
        document.file_id, document.pdf_hash, document.is_complete = revision.file_id, revision.pdf_hash, True
        audit.record(
            SYSTEM, "document.completed", document, pdf_hash=revision.pdf_hash, level=revision.level,
            content_hash=document.content_hash,
        )  # fmt: skip
        later("make_evidence_pack", document_ref=document.ref)
    return True


def _is_still_newest(document: IssuedDocument, last: Revision) -> bool:
    db.session.execute(select(IssuedDocument.id).where(IssuedDocument.id == document.id).with_for_update())
    return (
        db.session.scalar(
            select(Revision.number).where(Revision.document_id == document.id).order_by(Revision.number.desc()).limit(1)
        )
        == last.number
    )


def _draw_stamp(document: IssuedDocument, signature: Signature, box: Box, level: Level) -> bytes:
    slot, language = signature.slot, deed.language_of(document.content.get("language") or "en")
    zone = (document.content.get("event") or {}).get("time_zone") or "UTC"
    signer = signature.person if signature.person_id != slot.person_id else None
    name = deed.name_in(signer, language) if signer is not None else slot.name
    # A drawn mark is evidence, and printed only by whoever drew it so.
    strokes = (signature.evidence or {}).get("strokes") if signature.statement.get("mark_printed") else None
    mark = draw_mark(strokes or [])
    with force_locale(language):
        lines = deed.stamp_lines(signature, zone, level)
    if mark or signature.mark_text:
        lines = [name, *lines]
    return _stamp(
        box, language, signature.signed_at, name=name, mark_text=signature.mark_text or "", lines=lines,
        mark=mark,
    )  # fmt: skip


def draw_mark(strokes: list[list[int]]) -> str:
    """A drawn mark as SVG. Each stroke is x and y by turns, in thousandths of the width of the place that it was drawn in."""
    lines = [list(zip(each[::2], each[1::2], strict=False)) for each in strokes]
    points = [point for line in lines for point in line]
    if not points:
        return ""
    left, top = (min(point[axis] for point in points) - 20 for axis in (0, 1))
    wide, tall = (max(point[axis] for point in points) - least + 20 for axis, least in ((0, left), (1, top)))
    paths = "".join(f'<polyline points="{" ".join(f"{x},{y}" for x, y in line)}"/>' for line in lines)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left} {top} {wide} {tall}" fill="none" stroke="#1d1b18" '
        f'stroke-width="8" stroke-linecap="round" stroke-linejoin="round">{paths}</svg>'
    )


def _draw_seal(document: IssuedDocument, box: Box) -> bytes:
    language = deed.language_of(document.content.get("language") or "en")
    with force_locale(language):
        upper, lower = deed.seal_words(document.content)
    words = {"upper": _printable(upper), "lower": _printable(lower)}
    return _stamp(box, language, clock.now(), seal=words)


def _stamp(box: Box, language: str, at: datetime, **values: object) -> bytes:
    left, bottom, right, top = box
    stamp: Stamp = {
        "document": {"title": "-", "dated": at.date().isoformat()}, "width": right - left, "height": top - bottom,
        "name": "", "mark_text": "", "mark": "", "lines": [], "seal": None,
    }  # fmt: skip
    for name, value in values.items():
        stamp[name] = [_printable(each) for each in value] if name == "lines" else value  # type: ignore[literal-required, attr-defined]
    stamp["name"], stamp["mark_text"] = _printable(stamp["name"]), _printable(stamp["mark_text"])
    return render_stamp("stamp", stamp, lang=language)


def _printable(text: str) -> str:
    """A character that no font has must not keep a signature out of the paper; the record holds it as it is."""
    for character in unprintable(text):
        text = text.replace(character, MISSING)
    return text


# --- catching up -------------------------------------------------------------------------------------------------------


@every_minute
def seal_missed_pledges() -> None:
    """What was signed while no job could run, or failed since."""
    open_papers = (
        select(IssuedDocument.ref)
        .join(Pledge, Pledge.ref == IssuedDocument.subject_ref)
        .where(
            IssuedDocument.kind == "pledge",
            IssuedDocument.file_id.is_(None),
            exists().where(Revision.document_id == IssuedDocument.id),
            or_(Pledge.in_force_at.is_not(None), _has_waiting_signature()),
        )
    )
    one_by_one(_seal, db.session.scalars(open_papers.order_by(IssuedDocument.id)).all())


def _has_waiting_signature() -> ColumnElement[bool]:
    sealed = select(Revision.id).where(Revision.document_id == IssuedDocument.id, Revision.subject_ref == Signature.ref)
    return (
        select(Signature.id)
        .join(SignatureSlot)
        .where(SignatureSlot.pledge_id == Pledge.id, ~sealed.correlate(IssuedDocument, Signature).exists())
        .correlate(IssuedDocument, Pledge)
        .exists()
    )


@job
def make_pledge_paper(document_ref: str) -> None:
    """Draw and keep the PDF of a pledge from before papers had fields. Doing it twice changes nothing."""
    try:
        _make_paper(document_ref)
    except Refused as refusal:
        log.warning("pledge not printed", document=document_ref, why=str(refusal.sentence))


def _make_paper(document_ref: str) -> None:
    document = db.session.scalar(select(IssuedDocument).where(IssuedDocument.ref == document_ref))
    if document is None or document.file_id is not None or newest(document) is not None:
        return
    keeping.keep(document, draw(document), file_name(document))


@every_minute
def make_missing_pledge_papers() -> None:
    """What was not drawn after the last signature, because the process ended or was busy."""
    missing = select(IssuedDocument.ref).where(
        IssuedDocument.kind == "pledge",
        IssuedDocument.file_id.is_(None),
        IssuedDocument.is_complete,
        ~exists().where(Revision.document_id == IssuedDocument.id),
    )
    one_by_one(_make_paper, db.session.scalars(missing.order_by(IssuedDocument.id)).all())
