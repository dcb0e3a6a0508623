"""The evidence pack of a pledge that was signed here, judged by somebody who has nothing but the pack."""

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from app.certificates import services as certificates
from app.certificates.queries import list_roots
from app.core import clock, jobs
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.files import services as files
from app.files.models import StoredFile
from app.packs.queries import Authority, answer_file
from app.packs.reading import Outcome, verify
from app.packs.verdicts import Verdict
from app.pledges import packing, papers, services
from app.pledges.models import Pledge, PledgeTemplate
from app.seals.judging import judge
from app.signing.canonical import fingerprint
from app.signing.printed import head_of
from tests.cast import Cast
from tests.factories import make_event
from tests.factories.pledges import make_template, make_trio, sign_by
from tests.factories.proofs import make_passkey
from tests.factories.signing import agree, presence, read, sign_in_room, slot_of


def judged(pack: bytes) -> Outcome:
    """By somebody who has the root's fingerprint on paper."""
    return verify(pack, root=certificates.root_fingerprint())


@pytest.fixture
def pledge(cast: Cast) -> Pledge:
    with unit_of_work():
        return make_trio(
            make_event(title="Secret gathering"), cast, title="Clear Water", language="zh-Hans", text="我承诺。"
        )


def seal(pledge: Pledge) -> None:
    jobs.run_now("seal_pledge", document_ref=pledge.document.ref)


def signed(pledge: Pledge, cast: Cast) -> bytes:
    with unit_of_work():
        sign_by(pledge, cast, "petra", "tom", "li_wei")
    seal(pledge)
    jobs.run_now("make_missing_evidence_packs")
    return stored_pack(pledge)


def stored_pack(pledge: Pledge) -> bytes:
    db.session.expire_all()
    return files.read(db.session.get_one(StoredFile, pledge.document.pack_id))


def content_of(pack: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(pack)) as opened:
        return opened.read(name)


def test_a_sealed_pledge_has_a_pack_that_proves_it(pledge: Pledge, cast: Cast) -> None:
    pack = signed(pledge, cast)
    outcome = judged(pack)
    assert (outcome.verdict, list(outcome.findings)) == (Verdict.COMPLETE, [])
    assert outcome.title == f"{pledge.label} Clear Water"
    assert len(outcome.signatories) == 3
    assert verify(pack, root="0" * 64).verdict is Verdict.STRANGER


def test_a_pack_proves_what_was_signed_with_a_passkey_and_whose_it_was(pledge: Pledge, cast: Cast) -> None:
    _passkey, device = make_passkey(cast.petra)
    agree(cast, "petra")
    slot = slot_of(pledge, cast, "petra")
    read(slot, cast, "petra")
    seen = {"shown_hash": pledge.content_hash or "", "presence": presence()}
    with unit_of_work():
        challenge, options = services.ask_passkey(slot, account=cast.petra, **seen)
    with unit_of_work():
        given = {"challenge": challenge, "assertion": device.use(options)}
        services.sign(slot, actor=cast.petra, means="passkey", given=given, **seen)
        sign_by(pledge, cast, "tom", "li_wei")
    seal(pledge)
    jobs.run_now("make_missing_evidence_packs")
    outcome = judged(stored_pack(pledge))
    assert (outcome.verdict, list(outcome.findings)) == (Verdict.COMPLETE, [])
    assert f"{cast.people['petra'].name}'s own device signed what was confirmed." in outcome.notes


def test_a_pack_tells_nobody_elses_deeds_and_not_from_where_somebody_signed(pledge: Pledge, cast: Cast) -> None:
    with unit_of_work():
        make_trio(make_event(), cast, title="Another pledge")
    rows = json.loads(content_of(signed(pledge, cast), "log.json"))["entries"]
    mine = {pledge.ref, pledge.document.ref, *(slot.ref for slot in pledge.slots)}
    assert {each["subject_ref"] for each in rows} <= mine
    assert {each["action"] for each in rows} >= {
        "document.issued",
        "pledge.frozen",
        "pledge.signed",
        "document.completed",
    }
    records = json.loads(content_of(stored_pack(pledge), "records.json"))
    assert [set(each["evidence"]) & {"address", "browser", "strokes"} for each in records] == [set()] * 3


def test_before_everybody_has_signed_a_pack_is_unchanged_but_incomplete(pledge: Pledge, cast: Cast) -> None:
    outcome = judged(packing.pack_of(pledge.document))
    assert (outcome.verdict, len(outcome.findings)) == (Verdict.INCOMPLETE, 1)
    with unit_of_work():
        sign_by(pledge, cast, "tom")
    seal(pledge)
    outcome = judged(packing.pack_of(pledge.document))
    assert outcome.verdict is Verdict.INCOMPLETE
    assert cast.people["tom"].name not in outcome.findings[0]
    assert cast.people["petra"].name in outcome.findings[0]


def test_a_pack_is_made_once_and_anew_when_the_pledge_is_void(pledge: Pledge, cast: Cast) -> None:
    first = signed(pledge, cast)
    jobs.run_now("make_missing_evidence_packs")
    assert stored_pack(pledge) == first
    with unit_of_work():
        services.void(pledge, actor=cast.li_wei, reason="The market is gone.")
    assert "document.withdrawn" in db.session.scalars(select(AuditEntry.action)).all()
    jobs.run_now("make_evidence_pack", document_ref=pledge.document.ref)
    assert judged(first).verdict is Verdict.COMPLETE  # as of then, and it says until when
    assert judged(stored_pack(pledge)).verdict is Verdict.VOID


def test_what_was_signed_under_a_former_root_is_judged_by_it(pledge: Pledge, cast: Cast, tmp_path: Path) -> None:
    former = certificates.root_fingerprint()
    assert papers.list_unsealed() == [pledge.label]
    paper = papers.read_paper(pledge.document)
    signed(pledge, cast)
    assert papers.list_unsealed() == []
    with unit_of_work():
        certificates.found(actor=cast.ada, root_key=tmp_path / "root.key", words="two know it", anew=True)
    pack = packing.pack_of(pledge.document)
    assert verify(pack, root=former).verdict is Verdict.COMPLETE
    assert verify(pack, root=certificates.root_fingerprint()).verdict is Verdict.STRANGER
    roots = tuple(each.pem for each in list_roots())
    answer = answer_file(paper + b"\n", Authority(roots))
    assert (answer.outcome.verdict, answer.outcome.findings[0]) == (Verdict.CHANGED, "The log does not hold this file.")
    with unit_of_work():
        fresh = make_trio(make_event(), cast, title="Cleaner Water")
    assert verify(packing.pack_of(fresh.document), root=certificates.root_fingerprint()).verdict is Verdict.INCOMPLETE


def test_the_paper_carries_the_head_of_the_log(pledge: Pledge) -> None:
    """Each copy is an anchor of the log outside of the house."""
    pages = PdfReader(io.BytesIO(papers.read_paper(pledge.document))).pages
    printed = "".join("".join(page.extract_text().split()) for page in pages).replace("\u200b", "")
    assert "".join(head_of(pledge.document).split()) in printed
    assert f"/verify/{pledge.document.code}" in printed


def test_the_pack_of_one_signed_twice_over_in_the_database_is_found_out(pledge: Pledge, cast: Cast) -> None:
    """Whoever holds the database puts another sentence into a signature's record, with a hash that fits."""
    signed(pledge, cast)
    from app.signing.canonical import fingerprint

    signature = pledge.slots[0].signature
    forged = {**signature.statement, "intent": "I promise nothing."}
    with unit_of_work():
        signature.statement, signature.statement_hash = forged, fingerprint(forged)
    outcome = judged(packing.pack_of(pledge.document))
    assert outcome.verdict is Verdict.CHANGED
    assert "The log does not hold what" in outcome.findings[0]


def kept_for(pledge: Pledge, months: int | None) -> PledgeTemplate:
    with unit_of_work():
        pledge.template = make_template(evidence_months=months)
    return pledge.template


def has_evidence(pledge: Pledge) -> list[bool]:
    db.session.expire_all()
    return [slot.signature.address is not None for slot in pledge.slots if slot.signature]


def after(days: int) -> None:
    with clock.at(clock.now() + timedelta(days=days)):
        jobs.run_now("erase_old_evidence")


def test_evidence_is_erased_after_the_months_of_its_template_and_pack_and_paper_verify_as_before(
    pledge: Pledge, cast: Cast
) -> None:
    for name in ("petra", "tom", "li_wei"):
        sign_in_room(pledge, cast, name, strokes=((0, 0, 9, 9),))
    seal(pledge)
    jobs.run_now("make_missing_evidence_packs")
    kept_for(pledge, 6)
    after(days=3000)
    assert has_evidence(pledge) == [True] * 3, "what is in force is still proven by it"
    with unit_of_work():
        services.assess(pledge, actor=cast.accounts["olaf"], verdict="kept", reason="Measured.", evidence="A meter.")
    after(days=178)
    assert has_evidence(pledge) == [True] * 3
    after(days=185)
    assert has_evidence(pledge) == [False] * 3
    for slot in pledge.slots:
        left = slot.signature
        assert (left.address, left.browser, left.salt, left.evidence) == (None, None, None, {})
        assert set(left.statement["commitments"]) == {"address", "browser", "language", "strokes"}
        assert fingerprint(left.statement) == left.statement_hash
    erased = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "pledge.evidence_erased")).all()
    assert [(each.actor_name, each.reason) for each in erased] == [("Hufu", "其模板规定保留 6 个月。")] * 3
    after(days=185)
    assert db.session.scalars(select(AuditEntry).where(AuditEntry.action == "pledge.evidence_erased")).all() == erased
    anew = packing.pack_of(pledge.document)
    assert verify(anew, root=certificates.root_fingerprint()).verdict is Verdict.COMPLETE
    report = judge(
        papers.read_paper(pledge.document), root_pem=certificates.root_pem(), crls=certificates.current_crls()
    )
    assert all(each.is_good for each in report.seals)


@pytest.mark.parametrize("end", ["refused", "void"])
def test_evidence_of_what_nobody_can_sign_any_more_goes_too(pledge: Pledge, cast: Cast, end: str) -> None:
    sign_in_room(pledge, cast, "petra")
    kept_for(pledge, 1)
    with unit_of_work():
        if end == "refused":
            services.decline(pledge.slots[1], actor=cast.accounts["tom"])
        else:
            services.void(pledge, actor=cast.olaf, reason="Off.")
    after(days=27)
    assert has_evidence(pledge) == [True]
    after(days=32)
    assert has_evidence(pledge) == [False]


def test_without_a_time_in_its_template_evidence_stays_until_somebody_erases_it(pledge: Pledge, cast: Cast) -> None:
    sign_in_room(pledge, cast, "petra")
    with unit_of_work():
        services.void(pledge, actor=cast.olaf, reason="Off.")
    after(days=3000)
    kept_for(pledge, None)
    after(days=3000)
    assert has_evidence(pledge) == [True]
