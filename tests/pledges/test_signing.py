"""Signing: by the person named, once, over the very text shown, and what comes of the last signature."""

import hashlib
import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.core import clock, jobs
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden
from app.core.roles import SYSTEM
from app.mail.models import MailMessage
from app.pledges import papers, queries, services
from app.pledges.errors import NotPossibleNow, SignedAlready, TextHasChanged
from app.pledges.models import Pledge, PledgeState, Signature, SignatureSlot
from app.search.models import SearchEntry
from app.signing import queries as signing
from app.signing.canonical import fingerprint
from app.signing.models import IssuedDocument
from tests.cast import Cast, load
from tests.factories import make_event
from tests.factories.pledges import make_draft, make_open, make_trio, sign_by


@pytest.fixture
def pledge(cast: Cast) -> Pledge:
    with unit_of_work():
        return make_trio(make_event(), cast, title="Clear Water")


def slot_of(pledge: Pledge, cast: Cast, name: str) -> SignatureSlot:
    return next(each for each in pledge.slots if each.person_id == cast.people[name].id)


def count_signatures() -> int:
    return db.session.scalar(select(func.count(Signature.id))) or 0


def test_nobody_signs_for_somebody_else(pledge: Pledge, cast: Cast) -> None:
    for name in ("tom", "olaf", "ada", "mei", "aude"):
        with pytest.raises(Forbidden), unit_of_work():
            services.sign(
                slot_of(pledge, cast, "petra"), actor=cast.accounts[name], shown_hash=pledge.content_hash or ""
            )
    assert count_signatures() == 0


def test_a_witness_signs_as_witness_and_not_as_pledger(pledge: Pledge, cast: Cast) -> None:
    with unit_of_work():
        sign_by(pledge, cast, "tom")
    statements = [each.signature.statement["role"] for each in pledge.slots if each.signature]
    assert statements == ["witness"]


def test_a_signature_means_one_statement_with_its_own_fingerprint(pledge: Pledge, cast: Cast) -> None:
    at = clock.now() + timedelta(hours=1)
    with clock.at(at), unit_of_work():
        sign_by(pledge, cast, "petra")
    signature = slot_of(pledge, cast, "petra").signature
    assert signature is not None
    nonce = signature.statement["nonce"]
    intent = "I have read this pledge to its end. I give my word for it, of my own free will."
    assert signature.statement == {
        "document": "signature",
        "pledge": pledge.ref,
        "edition": 1,
        "content_hash": pledge.content_hash,
        "pdf_hash": papers.frozen(pledge.document).pdf_hash,
        "place": 1,
        "role": "pledger",
        "person": cast.people["petra"].ref,
        "name": "Petra Lindqvist",
        "position": slot_of(pledge, cast, "petra").position_title,
        "department": "Works",
        "account": {"ref": cast.petra.ref, "made_by": "Hufu", "made_at": cast.petra.created_at.isoformat()},
        "session": None,
        "deputy": None,
        "consent": None,
        "intent": intent,
        "intent_hash": hashlib.sha256(intent.encode()).hexdigest(),
        "means": "password",
        "presented_at": None,
        "reached_end_at": None,
        "mark": None,
        "mark_printed": False,
        "cue": None,
        "clock": "forward",
        "commitments": {},
        "nonce": nonce,
        "at": at.isoformat(),
    }
    assert len(nonce) == 32
    assert signature.statement_hash == fingerprint(signature.statement)


def test_nobody_signs_twice(pledge: Pledge, cast: Cast) -> None:
    with unit_of_work():
        sign_by(pledge, cast, "petra")
    with pytest.raises(SignedAlready), unit_of_work():
        sign_by(pledge, cast, "petra")
    assert count_signatures() == 1


def test_another_text_than_the_one_shown_is_not_signed(pledge: Pledge, cast: Cast) -> None:
    with pytest.raises(TextHasChanged) as caught, unit_of_work():
        services.sign(slot_of(pledge, cast, "petra"), actor=cast.petra, shown_hash="0" * 64)
    assert str(caught.value).startswith("The text has changed")
    assert count_signatures() == 0


def test_a_text_that_was_changed_in_the_database_is_not_signed(pledge: Pledge, cast: Cast) -> None:
    shown = pledge.content_hash or ""
    with unit_of_work():
        altered = {**pledge.content, "text": "Somebody else's words."}
        db.session.execute(update(Pledge).where(Pledge.id == pledge.id).values(content=altered))
    with pytest.raises(TextHasChanged), unit_of_work():
        services.sign(slot_of(pledge, cast, "petra"), actor=cast.petra, shown_hash=shown)
    assert count_signatures() == 0


@pytest.mark.parametrize("order", [("petra", "tom", "li_wei"), ("li_wei", "petra", "tom"), ("tom", "li_wei", "petra")])
def test_the_last_signature_puts_it_in_force_in_any_order(pledge: Pledge, cast: Cast, order: tuple[str, ...]) -> None:
    for n, name in enumerate(order, 1):
        assert pledge.state == PledgeState.OPEN
        with unit_of_work():
            sign_by(pledge, cast, name)
        assert queries.count_slots(pledge) == (n, 3)
    assert pledge.state == PledgeState.IN_FORCE
    assert pledge.in_force_at is not None


def test_one_signature_alone_is_not_enough(pledge: Pledge, cast: Cast) -> None:
    with unit_of_work():
        sign_by(pledge, cast, "petra", "tom")
    jobs.run_now("seal_pledge", document_ref=pledge.document.ref)
    assert (pledge.state, signing.check(pledge.document.code).finding) == (
        PledgeState.OPEN, signing.Finding.INCOMPLETE,
    )  # fmt: skip
    assert db.session.scalar(select(SearchEntry).where(SearchEntry.kind == "pledge")) is None


def test_a_complete_pledge_is_sealed_with_its_signatures_and_verifies(pledge: Pledge, cast: Cast) -> None:
    with unit_of_work():
        sign_by(pledge, cast, "petra", "tom", "li_wei")
    deeds = db.session.scalars(
        select(AuditEntry.action).where(AuditEntry.action.like("pledge.%")).order_by(AuditEntry.seq)
    )
    assert deeds.all()[-2:] == ["pledge.signed", "pledge.in_force"]
    jobs.run_now("seal_pledge", document_ref=pledge.document.ref)
    document = db.session.scalar(select(IssuedDocument))
    check = signing.check(document.code, file_hash=document.pdf_hash)
    assert check.finding == signing.Finding.COMPLETE
    assert [each["role"] for each in document.content["signatories"]] == ["pledger", "witness", "countersigner"]
    assert document.content == pledge.content
    assert len(papers.list_revisions(document)) == 5


def test_everybody_is_told_with_the_code_when_it_is_in_force(pledge: Pledge, cast: Cast) -> None:
    with unit_of_work():
        sign_by(pledge, cast, "petra", "tom", "li_wei")
    mails = db.session.scalars(select(MailMessage).where(MailMessage.kind == "pledge_in_force")).all()
    assert sorted(each.to_address for each in mails) == [
        "li.wei@hufu.example",
        "petra@hufu.example",
        "tom@hufu.example",
    ]
    assert all(f"/verify/{pledge.document.code}" in each.text for each in mails)


def test_a_paper_that_was_not_sealed_is_caught_up(pledge: Pledge, cast: Cast) -> None:
    with unit_of_work():
        sign_by(pledge, cast, "petra", "tom", "li_wei")
    jobs.run_now("seal_missed_pledges")
    assert db.session.scalar(select(IssuedDocument.pdf_hash)) is not None


def test_declining_refuses_the_pledge_and_tells_whoever_asked(cast: Cast) -> None:
    with unit_of_work():
        pledge = make_draft(make_event(), title="Clear Water")
        for name, role in (("petra", "pledger"), ("tom", "witness")):
            services.add_slot(pledge, cast.people[name], role, actor=cast.olaf)
        services.open_pledge(pledge, actor=cast.olaf)
    with unit_of_work():
        sign_by(pledge, cast, "petra")
    with unit_of_work():
        services.decline(slot_of(pledge, cast, "tom"), actor=cast.tom, reason="I was not there.")
    assert pledge.state == PledgeState.REFUSED
    mail = db.session.scalar(select(MailMessage).where(MailMessage.kind == "pledge_declined"))
    assert (mail.to_address, mail.subject) == ("olaf@hufu.example", "Declined: Clear Water")
    assert "I was not there." in mail.text
    with pytest.raises(SignedAlready), unit_of_work():
        sign_by(pledge, cast, "tom")


def test_declining_needs_no_reason(pledge: Pledge, cast: Cast) -> None:
    with unit_of_work():
        services.decline(slot_of(pledge, cast, "tom"), actor=cast.tom)
    assert (pledge.state, slot_of(pledge, cast, "tom").refuse_reason) == (PledgeState.REFUSED, None)


def test_nobody_declines_for_somebody_else_or_after_signing(pledge: Pledge, cast: Cast) -> None:
    with unit_of_work():
        sign_by(pledge, cast, "petra")
    with pytest.raises(Forbidden), unit_of_work():
        services.decline(slot_of(pledge, cast, "tom"), actor=cast.olaf)
    with pytest.raises(SignedAlready), unit_of_work():
        services.decline(slot_of(pledge, cast, "petra"), actor=cast.petra)
    db.session.refresh(pledge)
    assert pledge.state == PledgeState.OPEN


@pytest.mark.parametrize("state", [PledgeState.DRAFT, PledgeState.REFUSED, PledgeState.VOID, PledgeState.IN_FORCE])
def test_only_an_open_pledge_is_signed(pledge: Pledge, cast: Cast, state: PledgeState) -> None:
    with unit_of_work():
        db.session.get(Pledge, pledge.id).state = state
    with pytest.raises(NotPossibleNow), unit_of_work():
        sign_by(pledge, cast, "petra")
    assert count_signatures() == 0


def test_needs_name_what_waits_for_a_person(pledge: Pledge, cast: Cast) -> None:
    assert [each.pledge for each in queries.needs_of(cast.petra)] == [pledge]
    assert list(queries.needs_of(cast.mei)) == []
    assert list(queries.needs_of(SYSTEM)) == []
    with unit_of_work():
        sign_by(pledge, cast, "petra")
    assert list(queries.needs_of(cast.petra)) == []
    assert [each.role for each in queries.needs_of(cast.tom)] == ["witness"]
    with unit_of_work():
        services.decline(slot_of(pledge, cast, "tom"), actor=cast.tom)
    assert list(queries.needs_of(cast.li_wei)) == []


def two_at_once(app, pledge_id: int, names: tuple[str, str]) -> list[str]:
    """Both press at the same moment, each in a thread with a session of its own; what became of them."""
    gate, outcomes = threading.Barrier(2), []

    def press(name: str) -> None:
        with app.app_context():
            cast = load()
            pledge = db.session.get(Pledge, pledge_id)
            shown = pledge.content_hash
            slot = slot_of(pledge, cast, name)
            gate.wait()
            try:
                with unit_of_work():
                    services.sign(slot, actor=cast.accounts[name], shown_hash=shown)
                outcomes.append("signed")
            except SignedAlready:
                outcomes.append("refused")
            db.session.remove()

    threads = [threading.Thread(target=press, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def open_for_two(app) -> int:
    with app.app_context(), unit_of_work():
        cast = load()
        pledge = make_open(make_event(), {cast.people["petra"]: "pledger", cast.people["tom"]: "witness"})
        return pledge.id


def test_two_signers_at_once_both_survive_and_the_pledge_comes_into_force_once(either_app) -> None:
    pledge_id = open_for_two(either_app)
    assert two_at_once(either_app, pledge_id, ("petra", "tom")) == ["signed", "signed"]
    with either_app.app_context():
        assert db.session.get(Pledge, pledge_id).state == PledgeState.IN_FORCE
        assert db.session.scalar(select(func.count(IssuedDocument.id))) == 1
        assert db.session.scalar(select(func.count(AuditEntry.seq)).where(AuditEntry.action == "pledge.in_force")) == 1


def test_the_same_signer_twice_at_once_leaves_one_signature(either_app) -> None:
    pledge_id = open_for_two(either_app)
    assert two_at_once(either_app, pledge_id, ("petra", "petra")) == ["refused", "signed"]
    with either_app.app_context():
        assert count_signatures() == 1
        assert db.session.get(Pledge, pledge_id).state == PledgeState.OPEN
