"""Good and tampered evidence packs, each with the one right verdict."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields as pyhanko_fields

from app.certificates import making
from app.core import audit
from app.ledger import signed
from app.packs.reading import Outcome, verify
from app.packs.verdicts import EXIT_CODES, Verdict
from app.signing.canonical import canonical, fingerprint, grouped
from tests.factories import packs, sealing
from tests.factories.clocks import make_stamper
from tests.factories.packs import DOCUMENT, PLEDGE, Case, Device, make_case, record_of, signing_with, statement_of
from tests.factories.sealing import FROZEN_AT, ROLES, YEARS, add_signature, close, field_name, make_frozen, make_signed
from tests.seals.test_judging import write_on_the_page

LATER = FROZEN_AT + 200 * timedelta(days=1)
COMPLETE, INCOMPLETE, OLDER, CHANGED = Verdict.COMPLETE, Verdict.INCOMPLETE, Verdict.OLDER, Verdict.CHANGED
STRANGER, UNCLEAR, VOID = Verdict.STRANGER, Verdict.UNCLEAR, Verdict.VOID


@dataclass(frozen=True)
class Sample:
    name: str
    make: Callable[[], bytes]
    verdict: Verdict
    told: str = ""  # part of a sentence that says why
    at: datetime = LATER
    root: str | None = "its own"  # with whose fingerprint the pack is compared: as if read on paper of its own house


def house() -> sealing.House:
    return sealing.the_house()


def root() -> str:
    return hashlib.sha256(making.der_of(house().root.pem)).hexdigest()


def root_in(pack: bytes) -> str:
    """Of the very pack; where it holds none, the house's."""
    try:
        pem = files_of(pack)["certificates/root.pem"].decode()
        return hashlib.sha256(making.der_of(pem)).hexdigest()
    except (zipfile.BadZipFile, KeyError, ValueError):
        return root()


def files_of(pack: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(pack)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return out.getvalue()


def altered(name: str, change: Callable[[bytes], bytes], *, resealed: sealing.House | None = None) -> bytes:
    """One file changed in the pack, as somebody without any key does; or with a manifest sealed anew."""
    files = files_of(make_case().written())
    files[name] = change(files[name])
    return sealed_anew(files, resealed) if resealed else zipped(files)


def sealed_anew(files: dict[str, bytes], by: sealing.House) -> bytes:
    manifest = json.loads(files["manifest.json"])
    inside = {name: content for name, content in files.items() if not name.startswith("manifest.")}
    manifest["files"] = {name: hashlib.sha256(content).hexdigest() for name, content in inside.items()}
    files["manifest.json"] = canonical(manifest)
    files["manifest.sig"] = signing_with(by)(files["manifest.json"])
    return zipped(files)


def with_json(name: str, change: Callable[[Any], Any], *, resealed: bool = True) -> bytes:
    """As the company itself could do it, seal and all: a change inside one of the JSON files."""

    def changed(raw: bytes) -> bytes:
        found = json.loads(raw)
        given = change(found)
        return canonical(given if isinstance(given, list) else found)

    return altered(name, changed, resealed=house() if resealed else None)


def flip(raw: bytes) -> bytes:
    middle = len(raw) // 3
    return raw[:middle] + bytes([raw[middle] ^ 1]) + raw[middle + 1 :]


def case_with_pdf(pdf: bytes, **more: Any) -> bytes:
    """The pack tells of `pdf`, and so does everything in it but the log of the genuine one."""
    return make_case(**more).written(pdf=pdf)


def set_in(*path: Any, to: Any) -> Callable[[Any], None]:
    def change(found: Any) -> None:
        for step in path[:-1]:
            found = found[step]
        found[path[-1]] = to

    return change


def with_late_field() -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(make_signed()))
    pyhanko_fields.append_signature_field(writer, pyhanko_fields.SigFieldSpec("another-4"))
    out = io.BytesIO()
    writer.write(out)
    return add_signature(out.getvalue(), house(), "witness", field="another-4")


def until(field: str) -> bytes:
    from app.seals.judging import judge

    pdf = make_signed()
    seal = judge(pdf, root_pem=house().root.pem, at=LATER).by_field(field)
    assert seal is not None
    return pdf[: seal.end]


def deputy_case(*, told: bool = True, signs: str = "witness") -> bytes:
    """Somebody else's certificate in the countersigner's place; `told` when the statement names them as deputy."""
    pdf = make_frozen()
    for role in ("pledger", "witness"):
        pdf = add_signature(pdf, house(), role)
    deputy = making.make_signer(
        "Ma Deputy", "Qinglan", serial_number="persondeputy0000", issuing=house().issuing, crl_url=sealing.CRL_URL,
        valid_from=FROZEN_AT - YEARS, valid_to=FROZEN_AT + YEARS * 9,
    )  # fmt: skip
    pdf = close(add_signature(pdf, house(), "countersigner", made=deputy), house())
    told_by = (
        {"countersigner": {"deputy": {"person": "persondeputy0000", "name": "Ma", "delegation": "d"}}} if told else {}
    )
    return make_case(pdf=pdf, statements=told_by).written()


def short_house(*, stamped: bool) -> bytes:
    """Certificates of one year; with a time stamp they stay good."""
    own = sealing.make_house("Kurz", years=1)
    stamping, clock_root = make_stamper(FROZEN_AT)
    more = {"stamping": stamping} if stamped else {}
    data = sealing.pledge_data()
    raw = canonical(data)
    fields = [sealing.Field(field_name(role)) for role in ROLES]
    frozen = sealing.freeze(
        sealing.draw(raw), data=raw, fields=[*fields, sealing.Field(sealing.CLOSING)], signer=own.signer(own.seal),
        name="Kurz", reason="Final", at=FROZEN_AT,  # as a pledge is opened: the stamps of the signatures cover it
    ).pdf  # fmt: skip
    pdf = frozen
    for role in ROLES:
        pdf = add_signature(pdf, own, role, at=FROZEN_AT, **more)
    pdf = close(pdf, own, **more)
    case = make_case(house=own, pdf=pdf)
    case.frozen = frozen
    case.records = [record_of(statement_of(data, frozen, role)) for role in ROLES]
    fresh = Case(own, data, frozen, pdf, case.records)
    told(fresh, pdf)
    return fresh.written(stamp_roots=[clock_root] if stamped else [])


def told(case: Case, pdf: bytes) -> None:
    """The log of a case, from its issue to its end."""
    case.log("passkey.added", "passkey000000001", key=packs.key_of(packs.the_device()))
    case.log("document.issued", DOCUMENT, content_hash=fingerprint(case.data))
    for record in case.records:
        case.log("pledge.signed", "slot000000000001", pledge=PLEDGE, statement_hash=record["statement_hash"])
    case.log(
        "document.completed", DOCUMENT, pdf_hash=hashlib.sha256(pdf).hexdigest(), content_hash=fingerprint(case.data)
    )


def revoked(days: int) -> bytes:
    when = FROZEN_AT + timedelta(days=days)
    serial = house().people["witness"].certificate.serial_number
    listed = making.make_crl(house().issuing, [(serial, when)], number=9, made_at=when, next_at=when + YEARS)
    return make_case().written(crls=[listed])


def of_the_double(**more: Any) -> bytes:
    return make_case(house=sealing.the_double()).written(**more)


def stranger_inside() -> bytes:
    """One place signed under a look-alike root; the log, records and manifest all tell of that file."""
    from tests.factories.strangers import sign_as_stranger

    pdf = sign_as_stranger(make_frozen(), field_name("pledger"), sealing.the_double().people["pledger"])
    for role in ("witness", "countersigner"):
        pdf = add_signature(pdf, house(), role)
    return make_case(pdf=close(pdf, house())).written()


def other_statement(**changes: Any) -> bytes:
    """The pledger's statement says something else, with a hash that fits and the device's answer to it."""
    case = make_case()
    case.records[0] = record_of(statement_of(case.data, case.frozen, "pledger") | changes, field=field_name("pledger"))
    return case.written()


def other_proof(change: Callable[[dict[str, Any]], dict[str, Any]]) -> bytes:
    case = make_case()
    case.records[0] = case.records[0] | {"evidence": change(case.records[0]["evidence"])}
    return case.written()


def strange_device(added_by: int | None = None) -> bytes:
    """Answered by a key that fits itself, and that the log does not know, or knows of another account."""
    case, device = make_case(), Device()
    told = case.records[0]["statement_hash"]
    case.records[0]["evidence"] = device.answer(bytes.fromhex(told))
    if added_by is not None:
        rows, case.rows = case.rows, []
        for row in rows:
            if row["action"] == "document.issued":
                case.log("passkey.added", "passkey000000002", actor=added_by, key=packs.key_of(device))
            case.log(row["action"], row["subject_ref"], **row["details"])
    return case.written()


def rewritten_log(change: Callable[[dict[str, Any]], None]) -> bytes:
    """A row changed with its hash and all later ones made to fit, but no key to sign the checkpoint."""
    case = make_case()
    genuine = case.made()
    change(case.rows[4])
    previous = case.rows[3]["hash"]
    for row in case.rows[4:]:
        row["previous"] = previous
        previous = row["hash"] = audit.digest(row)
    return case.written(checkpoints=genuine.checkpoints)


def signed_by_another_key() -> bytes:
    case, key = make_case(), Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    made = case.made().checkpoints[0]
    facts = {name: made[name] for name in signed.FIELDS}
    return case.written(checkpoints=[made | {"signature": key.sign(signed.statement(**facts)).hex()}])


def other_data() -> bytes:
    """The data beside the PDF names a kinder target; the PDF is the genuine one."""
    case = make_case()
    return case.written(data=canonical(case.data | {"text": "I promise 12."}))


def without(name: str) -> bytes:
    files = files_of(make_case().written())
    del files[name]
    return zipped(files)


PRINTED_ROOT = root()[:32]
CORPUS = [
    # good ones
    Sample("signed by all, closed", lambda: make_case().written(), COMPLETE),
    Sample("against the root as papers print it", lambda: make_case().written(), COMPLETE, root=PRINTED_ROOT),
    Sample("signed in another order", lambda: make_case(pdf=make_signed(ROLES[::-1])).written(), COMPLETE),
    Sample("countersigned by a deputy with a delegation", deputy_case, COMPLETE),
    Sample("expired certificate with timestamp", lambda: short_house(stamped=True), COMPLETE, at=FROZEN_AT + 5 * YEARS),
    Sample("revoked after it signed", lambda: revoked(30), COMPLETE),
    Sample("nine years later", lambda: make_case().written(), COMPLETE, at=FROZEN_AT + 9 * YEARS),
    Sample("nobody but the pledger", lambda: make_case(roles=("pledger",), closed=False).written(), INCOMPLETE,
           "Not signed yet: Tomás Ruiz, 李巍."),
    Sample("the countersigner is missing", lambda: make_case(roles=ROLES[:2], closed=False).written(), INCOMPLETE,
           "Not signed yet: 李巍."),
    Sample("nobody yet", lambda: make_case(roles=(), closed=False).written(), INCOMPLETE, "沈岚"),
    Sample("not closed yet", lambda: make_case(closed=False).written(), INCOMPLETE, "company's seal"),
    Sample("superseded", lambda: make_case(more=(("document.superseded", DOCUMENT),)).written(), OLDER, "newer version"),
    Sample("superseded by the third version", lambda: superseded_by(3), OLDER, "Version 3 took its place"),
    Sample("withdrawn", lambda: make_case(more=(("document.withdrawn", DOCUMENT),)).written(), VOID, "withdrawn on"),
    Sample("superseded, then withdrawn",
           lambda: make_case(more=(("document.superseded", DOCUMENT), ("document.withdrawn", DOCUMENT))).written(), VOID),
    Sample("another document withdrawn",
           lambda: make_case(more=(("document.withdrawn", "document00000002"),)).written(), COMPLETE),
    Sample("expired certificate without timestamp", lambda: short_house(stamped=False), UNCLEAR, "out of date",
           at=FROZEN_AT + 5 * YEARS),
    Sample("the log is not there", lambda: make_case().written(entries=[], checkpoints=[]), UNCLEAR, "No checkpoint"),
    # the PDF
    Sample("byte flip", lambda: case_with_pdf(flip(make_signed())), CHANGED),
    Sample("byte flip in the last signature", lambda: case_with_pdf(make_signed()[:-2000] + flip(make_signed()[-2000:])),
           CHANGED),
    Sample("incremental edit", lambda: case_with_pdf(write_on_the_page(make_signed())), CHANGED, "after the signature of"),
    Sample("incremental edit that the log knows of", lambda: make_case(pdf=write_on_the_page(make_signed())).written(),
           CHANGED, "after the signature of Seal of Qinglan"),
    Sample("edit between two signatures", lambda: make_case(pdf=sealing.close(
        add_signature(write_on_the_page(make_signed(ROLES[:2], closed=False)), house(), "countersigner"), house()
    )).written(), CHANGED, "after the signature of Tomás Ruiz"),
    Sample("truncation: the closing seal is off", lambda: case_with_pdf(until("countersigner-3")), CHANGED),
    Sample("truncation that the log knows of", lambda: truncated("countersigner-3"), INCOMPLETE, "taken off"),
    Sample("truncation by one signatory", lambda: truncated("witness-2"), INCOMPLETE, "Not signed yet: 李巍."),
    Sample("cut in the middle", lambda: case_with_pdf(make_signed()[:-3000]), CHANGED),
    Sample("late field", lambda: make_case(pdf=with_late_field()).written(), CHANGED, "after the signature of"),
    Sample("bytes behind the end", lambda: make_case(pdf=make_signed() + b"%extra words").written(), CHANGED),
    Sample("no signature at all", lambda: make_case(pdf=sealing.draw(canonical(sealing.pledge_data()))).written(), CHANGED),
    Sample("no PDF at all", lambda: make_case(pdf=b"%PDF-1.7 nothing").written(), CHANGED),
    # who
    Sample("look-alike root", lambda: of_the_double(), STRANGER, "fingerprint you gave", root=PRINTED_ROOT),
    Sample("look-alike root that nobody compared", lambda: of_the_double(), UNCLEAR, "Nobody compared the root", root=None),
    Sample("good, but nobody compared the root", lambda: make_case().written(), UNCLEAR,
           "the answer is: Complete and unchanged.", root=None),
    Sample("withdrawn by a root that nobody compared", lambda: make_case(more=(("document.withdrawn", DOCUMENT),)).written(),
           UNCLEAR, "the answer is: Withdrawn.", root=None),
    Sample("changed, and nobody compared the root", lambda: make_case(pdf=write_on_the_page(make_signed())).written(),
           CHANGED, "after the signature of", root=None),
    Sample("a root of which too little is given", lambda: make_case().written(), STRANGER, root=PRINTED_ROOT[:16]),
    Sample("look-alike root beside the genuine name", lambda: of_the_double(root_pem=house().root.pem), STRANGER,
           "does not end at the company's root"),
    Sample("one stranger among the signatories", stranger_inside, STRANGER, "“沈岚” does not end"),
    Sample("deputy without delegation", lambda: deputy_case(told=False), STRANGER, "In the place of 李巍"),
    Sample("sealed by another house's seal", lambda: make_case().written(
        seal_pem=sealing.the_double().seal.pem, sign=signing_with(sealing.the_double())), STRANGER, "seal of this pack"),
    Sample("revoked before it signed", lambda: revoked(-1), UNCLEAR, "had been revoked"),
    # data and records
    Sample("other data beside the PDF", other_data, CHANGED, "attached to the PDF"),
    Sample("data in another form", lambda: altered("data.json", lambda raw: raw + b"\n", resealed=house()), CHANGED),
    Sample("data without signatories", lambda: altered("data.json", lambda _: b"{}", resealed=house()), CHANGED,
           "who has to sign"),
    Sample("statement about another text", lambda: other_statement(content_hash="0" * 64), CHANGED, "does not fit"),
    Sample("statement about another file", lambda: other_statement(pdf_hash="0" * 64), CHANGED, "does not fit"),
    Sample("statement in another role", lambda: other_statement(role="witness", person="x"), CHANGED),
    Sample("statement that the log does not hold", lambda: other_statement(nonce="again"), CHANGED, "log does not hold"),
    Sample("statement whose hash does not fit", lambda: with_json(
        "records.json", set_in(0, "statement", "intent", to="I promise nothing.")), CHANGED, "does not fit"),
    Sample("record taken out", lambda: with_json("records.json", lambda found: found[1:]), UNCLEAR, "is not in it"),
    Sample("passkey of another device", lambda: other_proof(
        lambda e: Device().answer(b"x" * 32) | {"public_key": e["public_key"]}), CHANGED, "device"),
    Sample("replayed answer of the device", lambda: other_proof(lambda e: packs.the_device().answer(b"x" * 32)), CHANGED,
           "device"),
    Sample("device without user verification", lambda: unverified(), CHANGED, "device"),
    Sample("no answer of the device", lambda: other_proof(lambda e: {}), CHANGED, "device"),
    Sample("a key that nobody had added", strange_device, UNCLEAR, "is theirs"),
    Sample("a key that somebody else had added", lambda: strange_device(added_by=2), UNCLEAR, "is theirs"),
    Sample("a weaker proof told as a passkey", lambda: with_json("records.json", set_in(1, "means", to="passkey")), CHANGED,
           "two ways"),
    # the log
    Sample("row edited by SQL", lambda: with_json("log.json", set_in("entries", 4, "details", "statement_hash", to="0" * 64)),
           CHANGED, "Row 5 of the log was changed"),
    Sample("chain rewritten by SQL", lambda: rewritten_log(lambda row: row.update(reason="nothing")), CHANGED,
           "not in the log that was signed"),
    Sample("row of the end taken out", lambda: with_json("log.json", lambda log: log["entries"].pop()), CHANGED,
           "does not hold this file"),
    Sample("row of the issue taken out", lambda: with_json("log.json", lambda log: log["entries"].pop(2)), CHANGED,
           "does not hold this text"),
    Sample("rows swapped", lambda: with_json("log.json", lambda log: log["entries"][4].update(
        proof=log["entries"][5]["proof"])), CHANGED, "not in the log"),
    Sample("checkpoint of another key", signed_by_another_key, UNCLEAR, "No checkpoint"),
    Sample("checkpoint moved", lambda: with_json("log.json", set_in("checkpoints", 0, "made_at", to="2020-01-01")), UNCLEAR),
    Sample("row without a checkpoint", lambda: with_json("log.json", set_in("entries", 0, "proof", to=None)), UNCLEAR,
           "not bound"),
    # the pack
    Sample("PDF of another pledge", lambda: altered("document.pdf", lambda _: make_signed(ROLES[::-1])), CHANGED,
           "is not as it was put"),
    Sample("README changed", lambda: altered("README.txt", lambda raw: raw.replace(b"root", b"r00t")), CHANGED, "README.txt"),
    Sample("list of the files changed", lambda: altered(
        "manifest.json", lambda raw: raw.replace(b"PL-2027-001", b"PL-2027-002")), CHANGED, "list of the files"),
    Sample("a file added", lambda: zipped(files_of(make_case().written()) | {"more/bonus.txt": b"1,000,000"}), CHANGED,
           "bonus.txt"),
    Sample("a list of revocations taken out", lambda: without("certificates/1.crl"), CHANGED, "taken out"),
    Sample("signature over the files of noise", lambda: altered("manifest.sig", lambda _: b"noise"), CHANGED),
    Sample("root of noise", lambda: altered("certificates/root.pem", lambda _: b"noise"), UNCLEAR, "cannot be read"),
    Sample("PDF taken out", lambda: without("document.pdf"), UNCLEAR, "document.pdf"),
    Sample("log taken out", lambda: without("log.json"), UNCLEAR, "log.json"),
    Sample("records of noise", lambda: altered("records.json", lambda _: b"{"), UNCLEAR),
    Sample("a key stands twice", lambda: altered("log.json", lambda raw: b'{"entries":[],' + raw[1:]), UNCLEAR),
    Sample("deep JSON", lambda: altered("records.json", lambda _: b"[" * 100_000), UNCLEAR),
    Sample("half a pack", lambda: make_case().written()[:9000], UNCLEAR),
    Sample("no pack", lambda: b"not a pack", UNCLEAR),
    Sample("nothing", lambda: b"", UNCLEAR),
    Sample("a name that climbs", lambda: zipped(files_of(make_case().written()) | {"../evil": b"x"}), UNCLEAR),
    Sample("a kind of later days", lambda: with_json("manifest.json", set_in("format", to="hufu-pack/9")), UNCLEAR),
]  # fmt: skip


def truncated(field: str) -> bytes:
    """Signatures taken off by somebody who has the genuine log, in which each state of the file stands."""
    pdf = until(field)
    case = make_case()
    case.log("pledge.signature_sealed", "slot", pdf_hash=hashlib.sha256(pdf).hexdigest())
    roles = ROLES[: 1 + [field_name(role) for role in ROLES].index(field)]
    return case.written(pdf=pdf, records=[each for each in case.records if each["role"] in roles])


def superseded_by(edition: int) -> bytes:
    case = make_case()
    case.log("document.superseded", DOCUMENT, by=edition)
    return case.written()


def unverified() -> bytes:
    case = make_case()
    told_hash = bytes.fromhex(case.records[0]["statement_hash"])
    case.records[0] = case.records[0] | {"evidence": packs.the_device().answer(told_hash, verified=False)}
    return case.written()


def judge(sample: Sample) -> Outcome:
    pack = sample.make()
    return verify(pack, root=root_in(pack) if sample.root == "its own" else sample.root, at=sample.at)


@pytest.mark.parametrize("sample", CORPUS, ids=lambda sample: sample.name)
def test_the_verdict_is_right(sample: Sample) -> None:
    outcome = judge(sample)
    assert (outcome.verdict, [each for each in outcome.findings if sample.told in each] != [] or not sample.told) == (
        sample.verdict, True,
    ), outcome  # fmt: skip
    assert outcome.exit_code == EXIT_CODES[sample.verdict]


def test_the_corpus_is_large_and_holds_every_verdict() -> None:
    assert len(CORPUS) >= 70
    assert len({each.name for each in CORPUS}) == len(CORPUS)
    assert {each.verdict for each in CORPUS} == set(Verdict)


def test_a_pack_shows_no_row_of_somebody_elses_deeds_but_the_ones_it_was_given() -> None:
    """Rows are proven one by one: a pack may leave out the others, and each that is left still holds."""
    pack = with_json("log.json", lambda log: log["entries"].pop(0))
    assert b"canary" not in b"".join(files_of(pack).values())
    assert verify(pack, root=root(), at=LATER).verdict is COMPLETE


def test_any_byte_flipped_anywhere_is_never_complete_with_other_files() -> None:
    """Whatever is damaged, no file of a pack that is called complete differs from the genuine one."""
    pack = make_case().written()
    genuine = files_of(pack)
    for at in range(0, len(pack), len(pack) // 40):
        damaged = pack[:at] + bytes([pack[at] ^ 0x55]) + pack[at + 1 :]
        if verify(damaged, root=root(), at=LATER).verdict is COMPLETE:
            assert files_of(damaged) == genuine


def test_the_clock_that_is_believed_is_named() -> None:
    pack = short_house(stamped=True)
    _stamping, clock_root = make_stamper(FROZEN_AT)
    mark = grouped(hashlib.sha256(clock_root).hexdigest())
    told = f"Times were given by a clock that the company trusts: “Common Name: A clock”, root SHA-256 {mark}."
    notes = verify(pack, root=root_in(pack), at=LATER).notes
    assert told in notes
    assert not [each for each in notes if "No time stamp of somebody else" in each]


def test_a_bomb_is_not_opened() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("document.pdf", b"\0" * 90_000_000)
    outcome = verify(out.getvalue())
    assert (outcome.verdict, outcome.findings) == (UNCLEAR, ["It is larger than any evidence pack."])


def test_the_readme_names_the_root_and_how_to_check() -> None:
    readme = files_of(make_case().written())["README.txt"].decode()
    assert root() in readme.replace(" ", "")
    assert "hufu verify PACK --root FINGERPRINT" in readme
    assert "营收军令状" in readme
    assert "$" not in readme
