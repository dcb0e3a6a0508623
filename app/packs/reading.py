"""Judging an evidence pack: everything it needs lies in it. No database, no settings, no network."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any

from app.core.audit import HASHED
from app.core.i18n import _, listed
from app.ledger import signed as ledger
from app.packs.opening import NoPack, Pack, open_pack, strict_json
from app.packs.passkeys import key_fingerprint, signed_by_device
from app.packs.verdicts import EXIT_CODES, SENTENCES, TITLES, Verdict
from app.packs.writing import DATA, DOCUMENT, FORMAT, MANIFEST, ROOT, SEAL, SIGNATURE
from app.seals.judging import Report, Trust, judge
from app.seals.judging import Seal as Sealed
from app.seals.sealing import CLOSING
from app.signing.canonical import PRINTED, NotCanonical, canonical, fingerprint, grouped


class Rank(IntEnum):
    """Which finding outweighs which, the heaviest first."""

    BROKEN = 0  # the signed bytes themselves
    STRANGER = 1
    CHANGED = 2
    UNCOMPARED = 3  # the root itself: whatever is lighter would be the word of somebody unknown
    VOID = 4
    UNCLEAR = 5
    OLDER = 6
    INCOMPLETE = 7


VERDICTS = {
    Rank.BROKEN: Verdict.CHANGED,
    Rank.STRANGER: Verdict.STRANGER,
    Rank.CHANGED: Verdict.CHANGED,
    Rank.UNCOMPARED: Verdict.UNCLEAR,
    Rank.VOID: Verdict.VOID,
    Rank.UNCLEAR: Verdict.UNCLEAR,
    Rank.OLDER: Verdict.OLDER,
    Rank.INCOMPLETE: Verdict.INCOMPLETE,
}


# What a pack tells in its own favour, or its maker's: worth as much as its root.
OWN_WORD = (Verdict.COMPLETE, Verdict.INCOMPLETE, Verdict.OLDER, Verdict.VOID)


@dataclass(frozen=True)
class Finding:
    rank: Rank
    sentence: str


@dataclass(frozen=True)
class Outcome:
    """The verdict, and why: its own sentence first, then what was found. `notes` are true whatever the verdict."""

    verdict: Verdict
    findings: Sequence[str] = ()
    notes: Sequence[str] = ()
    title: str = ""
    code: str = ""
    root: str = ""  # fingerprint of the root that was trusted
    signatories: Sequence[str] = field(default_factory=tuple)

    @property
    def heading(self) -> str:
        return str(TITLES[self.verdict])

    @property
    def sentences(self) -> list[str]:
        return [str(SENTENCES[self.verdict]), *self.findings]

    @property
    def exit_code(self) -> int:
        return EXIT_CODES[self.verdict]


def weigh(findings: Sequence[Finding], **facts: Any) -> Outcome:
    """The verdict of the heaviest finding; each sentence is told once, in order of weight."""
    told = sorted(findings, key=lambda each: each.rank)
    verdict = VERDICTS[told[0].rank] if told else Verdict.COMPLETE
    return Outcome(verdict, list(dict.fromkeys(each.sentence for each in told)), **facts)


def verify(data: bytes, *, root: str | None = None, at: datetime | None = None) -> Outcome:
    """Judge a pack. `root` is the fingerprint of the company's root, from elsewhere, or its beginning as papers print it;
    without it a pack is compared with itself alone, and what it says of itself cannot be told to be true. Raises nothing
    for any `data`."""
    try:
        return _Reading(open_pack(data), root, at).outcome()
    except NoPack as refusal:
        return Outcome(Verdict.UNCLEAR, [str(refusal)])
    except Exception:  # bytes from anywhere: whatever breaks us is no proof of anything
        return Outcome(Verdict.UNCLEAR, [_("This evidence pack cannot be read.")])


def judge_paper(report: Report, signatories: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """What the signatures of a PDF show, against the signed list of those who have to sign."""
    if report.problem or not report.seals:
        yield Finding(Rank.BROKEN, _("The PDF cannot be read, or carries no signature any more."))
        return
    if not report.is_certified:
        yield Finding(Rank.CHANGED, _("The PDF was not closed by a seal that permits nothing but signatures."))
    if report.broken is not None:
        yield Finding(Rank.BROKEN, _("What “%(name)s” signed is not what stands here.", name=report.broken.name))
    if report.changed_after is not None:
        yield Finding(
            Rank.CHANGED, _("Something was changed after the signature of %(name)s.", name=report.changed_after.name)
        )
    if report.has_tail:
        yield Finding(Rank.CHANGED, _("Something was added behind the end of the PDF."))
    for each in report.seals:
        yield from _trust(each)
    missing = [str(each["name"]) for each in signatories if report.by_field(str(each["field"])) is None]
    if missing:
        yield Finding(Rank.INCOMPLETE, _("Not signed yet: %(names)s.", names=listed(missing)))
    elif CLOSING in report.empty_fields:
        yield Finding(Rank.INCOMPLETE, _("The company's seal, which closes it after the last signature, is missing."))


def _trust(seal: Sealed) -> Iterator[Finding]:
    match seal.trust:
        case Trust.STRANGER if seal.is_intact:
            yield Finding(
                Rank.STRANGER, _("The certificate of “%(name)s” does not end at the company's root.", name=seal.name)
            )
        case Trust.EXPIRED:
            sentence = _(
                "The certificate of %(name)s is out of date, and no time stamp that is trusted tells when it signed.",
                name=seal.name,
            )
            yield Finding(Rank.UNCLEAR, sentence)
        case Trust.REVOKED:
            yield Finding(
                Rank.UNCLEAR, _("The certificate of %(name)s had been revoked when it signed.", name=seal.name)
            )


def notes_of(report: Report) -> Iterator[str]:
    for each in report.seals:
        if each.trust is Trust.KNOWN and each.revoked_at is not None:
            yield _(
                "The certificate of %(name)s was revoked on %(day)s, after it had signed by the company's own clock.",
                name=each.name, day=each.revoked_at.date().isoformat(),
            )  # fmt: skip
    if report.seals and not any(each.stamped_at for each in report.seals):
        yield _("No time stamp of somebody else is in it: the times are those of the company's own clock.")


def signatories_of(data: bytes | None) -> list[dict[str, Any]]:
    """The list of those who have to sign, out of the signed data itself. Raises ValueError when there is none."""
    content = strict_json(data or b"")
    found = content.get("signatories") if isinstance(content, dict) else None
    if not isinstance(found, list) or not found:
        raise ValueError("no signatories")
    for each in found:
        if not isinstance(each, dict) or not all(
            isinstance(each.get(name), str) for name in ("role", "person", "name")
        ):
            raise ValueError("a signatory without a name")
        each.setdefault("field", f"{each['role']}-{each.get('place')}")
    return found


class _Reading:
    """One pack being judged. Each step finds what it can, whatever the others found."""

    def __init__(self, pack: Pack, root: str | None, at: datetime | None) -> None:
        from app.seals.examining import certificate_of

        self.pack, self.at = pack, at
        self.pinned = "".join((root or "").lower().split())
        try:
            self.root = certificate_of(pack.files[ROOT])
        except ValueError:
            raise NoPack(_("%(name)s cannot be read.", name=ROOT)) from None
        self.root_pem = pack.files[ROOT]
        self.pdf, self.data = pack.files[DOCUMENT], pack.files[DATA]
        self.content_hash = hashlib.sha256(self.data).hexdigest()
        self.pdf_hash = hashlib.sha256(self.pdf).hexdigest()
        self.signatories: list[dict[str, Any]] = []
        self.rows: list[dict[str, Any]] = []  # of the log, those that hold
        self.log_speaks = False  # whether a checkpoint binds any of it
        self.notes: list[str] = []

    def outcome(self) -> Outcome:
        findings = [*self._signed_data()]
        clocks = [each for name, each in self.pack.files.items() if name.startswith("certificates/clock-")]
        self.report = judge(
            self.pdf, root_pem=self.root_pem, crls=self.pack.all_of(".crl"), at=self.at,
            other_certificates=[*map(_der, self.pack.all_of(".pem"))], stamp_roots=clocks,
        )  # fmt: skip
        if any(each.stamped_at for each in self.report.seals):
            self.notes += map(_clock, clocks)
        findings += judge_paper(self.report, self.signatories)
        if self.report.seals and self.report.data != self.data:
            findings.append(Finding(Rank.CHANGED, _("The data is not the one that is attached to the PDF.")))
        for step in (self._log, self._records, self._final, self._standing, self._manifest):
            findings += step()
        findings += self._root(weigh(findings))
        return weigh(
            findings, notes=[*self.notes, *notes_of(self.report)], title=_text(self.pack.manifest.get("title")),
            code=_text(self.pack.manifest.get("code")), root=self.root.sha256.hex(),
            signatories=[each["name"] for each in self.signatories],
        )  # fmt: skip

    # --- whom it comes from ---

    def _root(self, inside: Outcome) -> Iterator[Finding]:
        """Names prove nothing: anybody makes a root under any name, and with it a pack that agrees with itself."""
        own = self.root.sha256.hex()
        if not self.pinned:
            yield Finding(
                Rank.UNCOMPARED,
                _(
                    "Nobody compared the root: it came with the pack itself, and anybody can make one under this name. "
                    "Take its fingerprint from a paper of the company, and give it with --root."
                ),
            )
            if inside.verdict in OWN_WORD:
                answer = _(
                    "If the root %(root)s is the company's, the answer is: %(verdict)s.",
                    root=grouped(own[:PRINTED]), verdict=inside.heading,
                )  # fmt: skip
                yield Finding(Rank.UNCOMPARED, answer)
        elif len(self.pinned) < PRINTED or not own.startswith(self.pinned):
            yield Finding(Rank.STRANGER, _("The root in this pack is not the one whose fingerprint you gave."))

    def _signed_data(self) -> Iterator[Finding]:
        try:
            if canonical(strict_json(self.data)) != self.data:
                yield Finding(Rank.CHANGED, _("The data is not in the form in which it was signed."))
            self.signatories = signatories_of(self.data)
        except (ValueError, NotCanonical):
            yield Finding(Rank.CHANGED, _("The data does not tell who has to sign."))

    # --- the log ---

    def _log(self) -> Iterator[Finding]:
        key = self._log_key()
        good = {each["seq"]: each for each in self.pack.checkpoints if key and ledger.is_signed(each, key)}
        if not good:
            yield Finding(Rank.UNCLEAR, _("No checkpoint of the log is in it, so that the log binds nothing."))
        self.log_speaks = bool(good)
        for row in self.pack.entries:
            trouble = _trouble(row, good)
            if trouble:
                yield Finding(Rank.CHANGED, trouble)
            elif row.get("proof"):
                self.rows.append(row)
            elif good:
                yield Finding(
                    Rank.UNCLEAR, _("Row %(number)s of the log is not bound by a checkpoint.", number=_text(row["seq"]))
                )
        if self.rows and good:
            newest = max(good)
            self.notes.append(
                _(
                    "The log is bound by its checkpoint of row %(seq)s, made %(at)s. What happened later is not in this pack.",
                    seq=newest, at=_text(good[newest].get("made_at"))[:16].replace("T", " ") + " UTC",
                )
            )  # fmt: skip

    def _log_key(self) -> bytes:
        try:
            return bytes.fromhex(str(self.pack.manifest.get("log_key", "")))
        except ValueError:
            return b""

    def _said(self, action: str, **details: str) -> list[dict[str, Any]]:
        """The rows of this kind of deed that tell these details."""
        return [
            row
            for row in self.rows
            if row["action"] == action and all(row["details"].get(name) == value for name, value in details.items())
        ]

    def _documents(self) -> set[str]:
        """The refs under which the log knows this very text."""
        return {row["subject_ref"] for row in self._said("document.issued", content_hash=self.content_hash)}

    # --- the people ---

    def _records(self) -> Iterator[Finding]:
        by_field = {_text(each.get("field")): each for each in self.pack.records}
        for signatory in self.signatories:
            seal = self.report.by_field(signatory["field"])
            record = by_field.get(signatory["field"])
            if seal is None:
                continue
            if record is None:
                yield Finding(Rank.UNCLEAR, _("What %(name)s confirmed is not in it.", name=signatory["name"]))
                continue
            if not self._fits(record, signatory, seal):
                yield Finding(
                    Rank.CHANGED, _("What %(name)s confirmed does not fit this document.", name=signatory["name"])
                )
            elif self.log_speaks and not self._is_logged(record):
                yield Finding(Rank.CHANGED, _("The log does not hold what %(name)s confirmed.", name=signatory["name"]))
            yield from self._proof(record, signatory)
            yield from self._signer(record, signatory, seal)

    def _fits(self, record: dict[str, Any], signatory: Mapping[str, Any], seal: Sealed) -> bool:
        """The statement is of this text, this file, this place and this person."""
        statement = record.get("statement")
        if not isinstance(statement, dict) or not _is_hash_of(statement, record.get("statement_hash")):
            return False
        frozen = hashlib.sha256(self.pdf[: self.report.seals[0].end]).hexdigest()
        return (
            statement.get("content_hash") == self.content_hash
            and statement.get("pdf_hash") == frozen
            and statement.get("person") == signatory["person"]
            and statement.get("role") == signatory["role"]
        )

    def _is_logged(self, record: Mapping[str, Any]) -> bool:
        return bool(self._said("pledge.signed", statement_hash=_text(record.get("statement_hash"))))

    def _proof(self, record: Mapping[str, Any], signatory: Mapping[str, Any]) -> Iterator[Finding]:
        name, statement = signatory["name"], record.get("statement")
        means = statement.get("means") if isinstance(statement, dict) else None
        if means != record.get("means"):
            yield Finding(
                Rank.CHANGED, _("How %(name)s proved who they are is told in two ways.", name=name)
            )  # fmt: skip
        if means != "passkey":
            self.notes.append(_("%(name)s signed without a passkey: weaker, and told so.", name=name))
            return
        evidence = record.get("evidence")
        challenge = _text(record.get("statement_hash"))
        if not isinstance(evidence, dict) or not signed_by_device(evidence, _unhex(challenge)):
            yield Finding(
                Rank.CHANGED, _("The answer of %(name)s's device does not fit what was confirmed.", name=name)
            )
        elif self.log_speaks and not self._is_own_device(key_fingerprint(evidence["public_key"]), challenge):
            yield Finding(
                Rank.UNCLEAR,
                _("The log does not tell that the device which answered for %(name)s is theirs.", name=name),
            )
        else:
            self.notes.append(_("%(name)s's own device signed what was confirmed.", name=name))

    def _is_own_device(self, key: str, statement_hash: str) -> bool:
        """The account that signed had taken this device's key before: any key at all fits its own answers."""
        return any(
            added["actor_id"] == signed["actor_id"] and added["seq"] < signed["seq"]
            for added in self._said("passkey.added", key=key)
            for signed in self._said("pledge.signed", statement_hash=statement_hash)
        )

    def _signer(self, record: Mapping[str, Any], signatory: Mapping[str, Any], seal: Sealed) -> Iterator[Finding]:
        statement = record.get("statement")
        deputy = statement.get("deputy") if isinstance(statement, dict) else None
        person = deputy.get("person") if isinstance(deputy, dict) else signatory["person"]
        if seal.serial_number != person:
            sentence = _(
                "In the place of %(name)s stands the signature of “%(other)s”.", name=signatory["name"], other=seal.name
            )
            yield Finding(Rank.STRANGER, sentence)
        elif isinstance(deputy, dict):
            self.notes.append(_("%(deputy)s signed as deputy of %(name)s.", deputy=seal.name, name=signatory["name"]))

    # --- the file as a whole ---

    def _final(self) -> Iterator[Finding]:
        """The file is one that the log holds; once everybody has signed it is the last one."""
        if not self.log_speaks:
            return
        documents = self._documents()
        if not documents:
            yield Finding(Rank.CHANGED, _("The log does not hold this text."))
            return
        if not [row for row in self.rows if row["details"].get("pdf_hash") == self.pdf_hash]:
            yield Finding(Rank.CHANGED, _("The log does not hold this file."))
        final = [
            row["details"].get("pdf_hash") for row in self._said("document.completed", content_hash=self.content_hash)
        ]
        if final and self.pdf_hash not in final:
            yield Finding(
                Rank.INCOMPLETE, _("A later state of this document is complete; signatures were taken off this one.")
            )
        elif not final and not any(each["field"] in self.report.empty_fields for each in self.signatories):
            yield Finding(Rank.INCOMPLETE, _("The log does not say yet that it is complete."))

    def _standing(self) -> Iterator[Finding]:
        documents = self._documents()
        for row in self.rows:
            if row["subject_ref"] in documents and row["action"] == "document.withdrawn":
                yield Finding(Rank.VOID, _("It was withdrawn on %(day)s.", day=_text(row["at"])[:10]))
            if row["subject_ref"] in documents and row["action"] == "document.superseded":
                by, day = row["details"].get("by"), _text(row["at"])[:10]
                told = (
                    _("Version %(number)s took its place on %(day)s.", number=_text(by), day=day)
                    if by
                    else _("A newer version took its place on %(day)s.", day=day)
                )
                yield Finding(Rank.OLDER, told)

    def _manifest(self) -> Iterator[Finding]:
        told = self.pack.manifest["files"]
        files = {name: content for name, content in self.pack.files.items() if name not in (MANIFEST, SIGNATURE)}
        for name in sorted(files.keys() | told.keys()):
            if name not in files:
                yield Finding(Rank.CHANGED, _("%(name)s was taken out of the pack.", name=_text(name)))
            elif hashlib.sha256(files[name]).hexdigest() != told.get(name):
                yield Finding(Rank.CHANGED, _("%(name)s is not as it was put into the pack.", name=_text(name)))
        if self.pack.manifest.get("format") != FORMAT:
            yield Finding(Rank.UNCLEAR, _("This pack is of a kind that this program does not know."))
        seal = _der(self.pack.files[SEAL])
        ours = {each.certificate for each in self.report.seals if each.trust is not Trust.STRANGER}
        if not _is_signed(self.pack.files[MANIFEST], self.pack.files[SIGNATURE], seal):
            yield Finding(Rank.CHANGED, _("The list of the files was not signed by the seal that lies beside it."))
        elif seal not in ours and not self._ends_at_root(seal):
            yield Finding(Rank.STRANGER, _("The seal of this pack does not end at the company's root."))

    def _ends_at_root(self, der: bytes) -> bool:
        from app.seals.examining import ends_at

        return ends_at(der, self.root, [*map(_der, self.pack.all_of(".pem"))])


def _trouble(row: Mapping[str, Any], checkpoints: Mapping[int, Mapping[str, Any]]) -> str:
    """Why a row of the log proves nothing; empty when it does."""
    number = _text(row.get("seq"))
    try:
        told = {name: row[name] for name in HASHED}
        whole = hashlib.sha256(_row_bytes(told)).hexdigest() == row["hash"] and isinstance(row["details"], dict)
    except (KeyError, TypeError, ValueError):
        whole = False
    if not whole:
        return _("Row %(number)s of the log was changed.", number=number)
    proof = row.get("proof")
    try:
        if not proof or not checkpoints:
            return ""  # nothing binds it, which is told elsewhere
        checkpoint = checkpoints[proof["checkpoint"]]
        since, size = checkpoint["since"], checkpoint["seq"] - checkpoint["since"] + 1
        fits = ledger.leads_to(row["hash"], row["seq"] - since, size, list(proof["path"]), checkpoint["tree"])
    except (KeyError, TypeError):
        fits = False
    return "" if fits else _("Row %(number)s is not in the log that was signed.", number=number)


def _row_bytes(told: Mapping[str, Any]) -> bytes:
    import rfc8785

    try:
        return rfc8785.dumps(dict(told))
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        raise ValueError(str(error)) from error


def _is_hash_of(statement: Mapping[str, Any], told: object) -> bool:
    try:
        return fingerprint(statement) == told
    except NotCanonical:
        return False


def _is_signed(content: bytes, signature: bytes, der: bytes) -> bool:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        key = x509.load_der_x509_certificate(der).public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        key.verify(signature, content, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError, AssertionError):
        return False
    return True


def _der(pem: bytes) -> bytes:
    from app.seals.examining import certificate_of

    try:
        return certificate_of(pem).dump()
    except ValueError:
        return b""


def _clock(root: bytes) -> str:
    """Somebody else's clock is believed because the company, which is compared, names it."""
    from app.seals.examining import certificate_of

    found = certificate_of(root)
    return _(
        "Times were given by a clock that the company trusts: “%(name)s”, root SHA-256 %(mark)s.",
        name=_text(found.subject.human_friendly), mark=grouped(found.sha256.hex()),
    )  # fmt: skip


def _unhex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _text(value: object) -> str:
    """What a pack says of itself, for print: short, and without signs that move the cursor."""
    return "".join(sign for sign in str(value if value is not None else "") if sign.isprintable())[:300]
