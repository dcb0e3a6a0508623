"""What this house knows of a document that somebody holds: by its code, by a file's hash, or by the file itself."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import select

from app.core.db import db
from app.core.i18n import _, listed
from app.packs.reading import Finding, Outcome, Rank, judge_paper, notes_of, signatories_of, weigh
from app.packs.verdicts import Verdict
from app.seals.judging import Report, Trust, judge
from app.signing import queries as signing
from app.signing.models import IssuedDocument, Revision


@dataclass(frozen=True)
class Authority:
    """Against what a file is judged: the roots of the house, that in use first, and the lists of what was revoked."""

    root_pems: tuple[str, ...]
    crls: tuple[bytes, ...] = ()
    stamp_roots: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Answer:
    outcome: Outcome
    document: IssuedDocument | None = None
    is_known_file: bool = False  # the very file that is asked about was issued
    is_in_log: bool = False  # and the log tells its hash


OF_FINDING = {
    signing.Finding.COMPLETE: Verdict.COMPLETE,
    signing.Finding.INCOMPLETE: Verdict.INCOMPLETE,
    signing.Finding.OLDER: Verdict.OLDER,
    signing.Finding.CHANGED: Verdict.CHANGED,
    signing.Finding.WITHDRAWN: Verdict.VOID,
    signing.Finding.UNKNOWN: Verdict.UNCLEAR,
}


def answer_code(code: str, *, printed_hash: str = "", printed_head: str = "") -> Answer:
    """By the code alone: what is kept here. `printed_…` stand on the paper beside it, in its square code."""
    check = signing.check(code)
    document = check.document
    if document is None:
        sentence = _("No document was issued here under this code. Look whether every sign is right.")
        return Answer(Outcome(Verdict.UNCLEAR, [sentence]))
    findings = []
    if check.finding is signing.Finding.CHANGED:
        findings.append(
            _(
                "What is kept of this document no longer fits its fingerprint or the log. Do not rely on it, and tell the company."
            )
        )
    elif printed_hash and document.content_hash != printed_hash:
        findings.append(_("The fingerprint on your paper is not the one that is kept here."))
    elif printed_head and not document.audit_head.startswith(printed_head):
        findings.append(_("The head of the log on your paper is not the one that is kept here."))
    if findings:
        return Answer(Outcome(Verdict.CHANGED, findings, code=document.code), document)
    return Answer(Outcome(OF_FINDING[check.finding], _why(check, document), code=document.code), document)


def answer_hash(pdf_hash: str, *, code: str = "") -> Answer:
    """By the hash of a file, which itself stays where it is."""
    document = signing.find_by_hash(pdf_hash)
    revision = _revision(pdf_hash)
    if document is None and revision is not None:
        document = revision.document
    asked = signing.find_document(code) if code else None
    if document is None or (asked is not None and asked.id != document.id):
        return _unknown_file(asked)
    known = answer_code(document.code)
    if known.outcome.verdict is Verdict.CHANGED:
        return known
    if revision is None or pdf_hash == document.pdf_hash:
        held = signing.log_holds_file(document)
        if held is False:
            return Answer(
                Outcome(Verdict.CHANGED, [_("The log does not hold this file.")], code=document.code), document
            )
        return Answer(known.outcome, document, is_known_file=True, is_in_log=held is True)
    lacking = _lacking(document, revision)
    heavier = known.outcome.verdict in (Verdict.VOID, Verdict.OLDER)
    verdict = known.outcome.verdict if heavier else Verdict.INCOMPLETE
    return Answer(Outcome(verdict, lacking, code=document.code), document, is_known_file=True)


def answer_file(pdf: bytes, authority: Authority | None, *, code: str = "") -> Answer:
    """By the file itself: known by its hash, or else each of its signatures is judged. Nothing of it is kept."""
    answer = answer_hash(hashlib.sha256(pdf).hexdigest(), code=code)
    if answer.is_known_file or authority is None:
        return answer
    if answer.document is not None and answer.document.file_id is None and _newest(answer.document) is None:
        return answer
    report = _judged(pdf, authority)
    if report.problem or not report.seals:
        return answer if answer.document is not None else Answer(Outcome(Verdict.UNCLEAR, [_nothing_inside()]))
    findings = [*judge_paper(report, _signatories(report.data))]
    same = _of_content(report.data)
    if same is None:
        findings.append(Finding(Rank.UNCLEAR, _("What it says was not issued here.")))
    elif code and (asked := signing.find_document(code)) is not None and asked.id != same.id:
        findings.append(Finding(Rank.CHANGED, _("This is the file of another code.")))
    else:
        findings.append(Finding(Rank.CHANGED, _("The log does not hold this file.")))
    outcome = weigh(findings, notes=[*notes_of(report)])
    return Answer(outcome, answer.document or same)


def _judged(pdf: bytes, authority: Authority) -> Report:
    """Against the root under which it was signed; where it was under none, against that in use."""
    reports = [
        judge(pdf, root_pem=each, crls=authority.crls, stamp_roots=authority.stamp_roots)
        for each in authority.root_pems
    ]
    ours = (each for each in reports if any(seal.trust is not Trust.STRANGER for seal in each.seals))
    return next(ours, reports[0])


def _nothing_inside() -> str:
    return _("No file with this fingerprint was issued here, and it holds no signature that could tell more.")


def _unknown_file(asked: IssuedDocument | None) -> Answer:
    if asked is None:
        sentence = _(
            "No file with this fingerprint was issued here. Whether its signatures hold is seen in the file itself."
        )
        return Answer(Outcome(Verdict.UNCLEAR, [sentence]))
    if asked.pdf_hash is None and _newest(asked) is None:
        return Answer(Outcome(Verdict.UNCLEAR, [_("The PDF is still being made. Please compare in a minute.")]), asked)
    sentence = _(
        "The file that you chose is not the one that was issued under this code: it was changed, or belongs to another code."
    )
    return Answer(Outcome(Verdict.CHANGED, [sentence], code=asked.code), asked)


def _why(check: signing.Check, document: IssuedDocument) -> list[str]:
    """Which version holds now, or how many have signed. Not who: whoever has the code alone need not hold the paper."""
    if check.finding is signing.Finding.OLDER:
        by = signing.replaced_by(document)
        return [_("Version %(number)s has taken its place.", number=by)] if by else []
    newest = None if document.is_complete else _newest(document)
    if newest is None:
        return []
    people = document.content.get("signatories") or []
    signed = len(people) - len(_missing(document, newest))
    return [_("Signed by %(count)s of %(all)s.", count=signed, all=len(people))]


def _lacking(document: IssuedDocument, revision: Revision) -> list[str]:
    """Who is not in this state of the file yet."""
    missing = _missing(document, revision)
    if missing:
        return [_("Not signed yet: %(names)s.", names=listed(missing))]
    return [_("The company's seal, which closes it after the last signature, is missing.")]


def _missing(document: IssuedDocument, revision: Revision) -> list[str]:
    until = select(Revision.field).where(Revision.document_id == document.id, Revision.number <= revision.number)
    present = set(db.session.scalars(until))
    return [each["name"] for each in document.content.get("signatories") or [] if each.get("field") not in present]


def _newest(document: IssuedDocument) -> Revision | None:
    mine = select(Revision).where(Revision.document_id == document.id)
    return db.session.scalar(mine.order_by(Revision.number.desc()).limit(1))


def _revision(pdf_hash: str) -> Revision | None:
    return db.session.scalar(select(Revision).where(Revision.pdf_hash == pdf_hash).limit(1))


def _of_content(data: bytes | None) -> IssuedDocument | None:
    told = hashlib.sha256(data).hexdigest() if data is not None else ""
    return db.session.scalar(select(IssuedDocument).where(IssuedDocument.content_hash == told).limit(1))


def _signatories(data: bytes | None) -> list[dict[str, str]]:
    try:
        return signatories_of(data)
    except ValueError:
        return []
