"""What somebody might try against the signing of a pledge, each by its name."""

import hashlib
import json
import re
import threading
import time
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError
from webauthn.helpers import decode_credential_public_key, decoded_public_key_to_cryptography

from app.consents import services as consents
from app.core import audit, clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden
from app.core.roles import SYSTEM
from app.delegations import services as delegations
from app.delegations.models import Delegation
from app.events.models import Event
from app.pledges import papers, services
from app.pledges.errors import (
    ConsentMissing,
    HasARoleAlready,
    NotReadToTheEnd,
    NotYourTurn,
    SignedAlready,
    TextHasChanged,
)
from app.pledges.models import Pledge, PledgeState, Signature, SignatureSlot
from app.pledges.services.stages import hold
from app.proofs.errors import NotProven, ProofUsedUp
from app.proofs.models import Challenge
from app.signing.canonical import fingerprint
from tests.cast import PASSWORD, Cast, load
from tests.conftest import Visitor
from tests.factories import make_event
from tests.factories.pledges import make_draft, make_open, make_trio
from tests.factories.proofs import Device, make_passkey, make_time_code, packed, unpacked
from tests.factories.signing import ROOM, agree, enter, presence, read, sign_in_room, slot_of


@pytest.fixture
def pledge(cast: Cast) -> Pledge:
    with unit_of_work():
        return make_trio(make_event(), cast, title="Clear Water")


def count_signatures() -> int:
    return db.session.scalar(select(func.count(Signature.id))) or 0


def ready(pledge: Pledge, cast: Cast, name: str) -> SignatureSlot:
    agree(cast, name)
    slot = slot_of(pledge, cast, name)
    read(slot, cast, name)
    return slot


def asked(slot: SignatureSlot, cast: Cast, name: str, **more: Any) -> tuple[str, dict[str, Any]]:
    with unit_of_work():
        return services.ask_passkey(
            slot, account=cast.accounts[name], shown_hash=slot.pledge.content_hash or "", presence=presence(**more)
        )


def sign(slot: SignatureSlot, cast: Cast, name: str, **more: Any) -> Signature:
    given = {"shown_hash": slot.pledge.content_hash or "", "presence": presence(), **more}
    with unit_of_work():
        return services.sign(slot, actor=cast.accounts[name], **given)


# --- the proof ----------------------------------------------------------------------------------------------------


def test_a_passkey_signs_the_statement_itself(pledge: Pledge, cast: Cast) -> None:
    passkey, device = make_passkey(cast.petra)
    slot = ready(pledge, cast, "petra")
    challenge, options = asked(slot, cast, "petra")
    given = {"challenge": challenge, "assertion": device.use(options)}
    signature = sign(slot, cast, "petra", means="passkey", given=given)
    assert signature.statement_hash == fingerprint(signature.statement)
    assert signature.statement["pdf_hash"] == papers.frozen(pledge.document).pdf_hash
    assert signature.statement["consent"]["version"] == 1
    assert (signature.means, signature.statement["means"]) == ("passkey", "passkey")
    assertion = signature.evidence["assertion"]
    assert (assertion["credential"], assertion["public_key"]) == (passkey.credential, passkey.public_key)
    assert verified(signature)


def verified(signature: Signature) -> bool:
    """By the records alone, without our tables of passkeys."""
    given = signature.evidence["assertion"]
    told = json.loads(unpacked(given["client_data"]))
    key: Any = decoded_public_key_to_cryptography(decode_credential_public_key(unpacked(given["public_key"])))
    signed = unpacked(given["authenticator_data"]) + hashlib.sha256(unpacked(given["client_data"])).digest()
    key.verify(unpacked(given["signature"]), signed, ec.ECDSA(hashes.SHA256()))
    return told["challenge"] == packed(bytes.fromhex(signature.statement_hash))


def test_attack_replay_of_an_assertion(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        first, second = (make_trio(event, cast, title=title) for title in ("One", "Two"))
    _passkey, device = make_passkey(cast.petra)
    slot, other = ready(first, cast, "petra"), slot_of(second, cast, "petra")
    read(other, cast, "petra")
    challenge, options = asked(slot, cast, "petra")
    given = {"challenge": challenge, "assertion": device.use(options)}
    with pytest.raises(NotProven):  # for another pledge
        sign(other, cast, "petra", means="passkey", given=given)
    sign(slot, cast, "petra", means="passkey", given=given)
    with pytest.raises(SignedAlready):  # for the same one
        sign(slot, cast, "petra", means="passkey", given=given)
    mine, _options = asked(other, cast, "petra")
    with pytest.raises(NotProven):  # in answer to another question
        sign(other, cast, "petra", means="passkey", given={**given, "challenge": mine})
    assert count_signatures() == 1


def test_attack_replay_after_the_signature_was_deleted_in_the_database(pledge: Pledge, cast: Cast) -> None:
    _passkey, device = make_passkey(cast.petra)
    slot = ready(pledge, cast, "petra")
    challenge, options = asked(slot, cast, "petra")
    given = {"challenge": challenge, "assertion": device.use(options)}
    signature = sign(slot, cast, "petra", means="passkey", given=given)
    with unit_of_work():
        db.session.delete(signature)
    with pytest.raises(ProofUsedUp):
        sign(slot, cast, "petra", means="passkey", given=given)


def test_attack_replay_of_a_time_code(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        pledges = [make_trio(event, cast, title=title) for title in ("One", "Two")]
    secret = make_time_code(cast.petra)
    slots = [ready(pledge, cast, "petra") for pledge in pledges]
    later = clock.now() + timedelta(minutes=1)
    given = {"code": pyotp.TOTP(secret).at(later)}
    with clock.at(later):
        assert sign(slots[0], cast, "petra", means="time_code", given=given).means == "time_code"
        with pytest.raises(NotProven):
            sign(slots[1], cast, "petra", means="time_code", given=given)
    assert count_signatures() == 1


@pytest.mark.parametrize("change", ["role", "person", "pdf_hash", "content_hash", "intent", "consent"])
def test_attack_a_statement_of_something_else_is_put_before_the_device(pledge: Pledge, cast: Cast, change: str) -> None:
    """Whoever could write into the stored question would have another sentence signed: it is compared with what is so."""
    _passkey, device = make_passkey(cast.petra)
    slot = ready(pledge, cast, "petra")
    ref, _options = asked(slot, cast, "petra")
    with unit_of_work():
        challenge = db.session.scalar(select(Challenge).where(Challenge.ref == ref))
        altered = {**challenge.values["statement"], change: "something else"}
        challenge.values = {**challenge.values, "statement": altered}
        challenge.digest = fingerprint(altered)
    assertion = device.use({"challenge": packed(bytes.fromhex(fingerprint(altered)))})
    with pytest.raises(TextHasChanged):
        sign(slot, cast, "petra", means="passkey", given={"challenge": ref, "assertion": assertion})
    assert count_signatures() == 0


def test_attack_a_device_that_asks_for_no_finger(pledge: Pledge, cast: Cast) -> None:
    _passkey, device = make_passkey(cast.petra)
    slot = ready(pledge, cast, "petra")
    challenge, options = asked(slot, cast, "petra")
    device.verifies = False
    with pytest.raises(NotProven):
        sign(slot, cast, "petra", means="passkey", given={"challenge": challenge, "assertion": device.use(options)})
    assert count_signatures() == 0


def test_attack_somebody_elses_passkey(pledge: Pledge, cast: Cast) -> None:
    make_passkey(cast.petra)
    _theirs, device = make_passkey(cast.tom, Device())
    slot = ready(pledge, cast, "petra")
    challenge, options = asked(slot, cast, "petra")
    with pytest.raises(NotProven):
        sign(slot, cast, "petra", means="passkey", given={"challenge": challenge, "assertion": device.use(options)})
    with pytest.raises(Forbidden):
        sign(slot, cast, "tom", means="passkey", given={"challenge": challenge, "assertion": device.use(options)})
    assert count_signatures() == 0


# --- who, and in which role ---------------------------------------------------------------------------------------


def test_attack_the_same_person_twice_as_witness_and_pledger(cast: Cast) -> None:
    with unit_of_work():
        pledge = make_open(make_event(), {cast.people["petra"]: "pledger", cast.people["tom"]: "witness"})
    with pytest.raises(IntegrityError), unit_of_work():
        slot = SignatureSlot(pledge=pledge, person=cast.people["petra"], role="witness", position=9, name="Petra")
        db.session.add(slot)


def delegated(cast: Cast, deputy: str, principal: str = "petra", **more: Any) -> Any:
    with unit_of_work():
        return delegations.grant(
            cast.people[principal], cast.people[deputy], actor=cast.accounts[principal], reason="Away.",
            from_on=clock.today(), to_on=clock.today() + timedelta(days=2), **more,
        )  # fmt: skip


def test_attack_deputy_without_delegation(pledge: Pledge, cast: Cast) -> None:
    slot = slot_of(pledge, cast, "petra")
    for name in ("mei", "tom", "olaf", "ada"):
        with pytest.raises(Forbidden):
            sign(slot, cast, name)
        with pytest.raises(Forbidden), unit_of_work():
            services.reach_end(slot, actor=cast.accounts[name], room=ROOM)
        with pytest.raises(Forbidden), unit_of_work():
            services.decline(slot, actor=cast.accounts[name])
    assert count_signatures() == 0


@pytest.mark.parametrize("why", ["ended", "over", "not yet", "elsewhere"])
def test_attack_deputy_with_a_delegation_that_does_not_hold(pledge: Pledge, cast: Cast, why: str) -> None:
    delegation = delegated(cast, "mei")
    with unit_of_work():
        if why == "ended":
            delegations.revoke(delegation, actor=cast.petra)
        elif why == "elsewhere":
            delegation.event = make_event()
        else:
            days = timedelta(days=-3 if why == "over" else 30)
            delegation.from_on, delegation.to_on = delegation.from_on + days, delegation.to_on + days
    with pytest.raises(Forbidden):
        sign(slot_of(pledge, cast, "petra"), cast, "mei")
    assert count_signatures() == 0


@pytest.mark.postgres
@pytest.mark.parametrize("act", ["sign", "read", "decline"])
def test_attack_deputy_whose_delegation_is_revoked_while_they_wait(postgres_app: Flask, act: str) -> None:
    """Somebody else has the pledge to themselves meanwhile: asked before the lock alone, the deputy would get through."""
    outcomes = []
    with postgres_app.app_context():
        cast = load()
        with unit_of_work():
            pledge = make_trio(make_event(), cast)
        delegation_id, pledge_id = delegated(cast, "mei").id, pledge.id

    def act_as_deputy() -> None:
        with postgres_app.app_context():
            cast, pledge = load(), db.session.get_one(Pledge, pledge_id)
            slot, shown = slot_of(pledge, cast, "petra"), pledge.content_hash or ""
            acts = {
                "sign": lambda: services.sign(slot, actor=cast.mei, shown_hash=shown),
                "read": lambda: services.reach_end(slot, actor=cast.mei, room=ROOM),
                "decline": lambda: services.decline(slot, actor=cast.mei),
            }
            try:
                with unit_of_work():
                    acts[act]()
                outcomes.append("done")
            except Forbidden:
                outcomes.append("forbidden")
            db.session.remove()

    waiting = threading.Thread(target=act_as_deputy)
    with postgres_app.app_context():
        with unit_of_work():
            hold(db.session.get_one(Pledge, pledge_id))
            waiting.start()
            wait_until_somebody_waits()
            with db.engine.begin() as other:
                other.execute(update(Delegation).where(Delegation.id == delegation_id).values(revoked_at=clock.now()))
        waiting.join(10)
        assert outcomes == ["forbidden"]
        assert count_signatures() == 0
        assert db.session.get_one(Pledge, pledge_id).state == PledgeState.OPEN
        db.session.remove()


def wait_until_somebody_waits() -> None:
    """For a lock, in PostgreSQL."""
    for _turn in range(100):
        with db.engine.connect() as other:
            if other.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar():
                return
        time.sleep(0.05)
    pytest.fail("nobody waits")


def test_a_deputy_signs_as_deputy_with_the_delegation_beside_it(pledge: Pledge, cast: Cast) -> None:
    delegation = delegated(cast, "mei")
    slot = slot_of(pledge, cast, "petra")
    agree(cast, "mei")
    read(slot, cast, "mei")
    signature = sign(slot, cast, "mei")
    assert signature.statement["deputy"] == {
        "person": cast.people["mei"].ref, "name": "Mei Zhao", "delegation": delegation.ref, "paper": None,
    }  # fmt: skip
    assert (signature.person, signature.delegation) == (cast.people["mei"], delegation)
    assert signature.statement["person"] == cast.people["petra"].ref
    entry = db.session.scalar(select(AuditEntry).where(AuditEntry.action == "pledge.signed"))
    assert (entry.actor_name, entry.on_behalf_of) == ("Mei Zhao", "Petra Lindqvist")


def test_a_deputy_holds_no_second_role_in_the_same_pledge(pledge: Pledge, cast: Cast) -> None:
    delegated(cast, "tom")  # Tom is the witness himself
    with pytest.raises(HasARoleAlready):
        sign(ready_as(pledge, cast, "petra", "tom"), cast, "tom")
    delegated(cast, "mei")
    delegated(cast, "mei", principal="li_wei")
    sign(ready_as(pledge, cast, "petra", "mei"), cast, "mei")
    with pytest.raises(HasARoleAlready):
        sign(ready_as(pledge, cast, "li_wei", "mei"), cast, "mei")
    assert count_signatures() == 1


def ready_as(pledge: Pledge, cast: Cast, principal: str, deputy: str) -> SignatureSlot:
    agree(cast, deputy)
    slot = slot_of(pledge, cast, principal)
    read(slot, cast, deputy)
    return slot


def test_where_the_order_matters_nobody_signs_out_of_turn(cast: Cast) -> None:
    with unit_of_work():
        pledge = make_draft(make_event())
        pledge.is_ordered = True
        for name, role in (("petra", "pledger"), ("tom", "witness"), ("li_wei", "countersigner")):
            services.add_slot(pledge, cast.people[name], role, actor=SYSTEM)
        services.open_pledge(pledge, actor=SYSTEM)
    for name in ("tom", "li_wei"):
        with pytest.raises(NotYourTurn):
            sign(ready(pledge, cast, name), cast, name)
    for name in ("petra", "tom", "li_wei"):
        sign(ready(pledge, cast, name), cast, name)
    assert pledge.state == PledgeState.IN_FORCE


# --- reading and consent ------------------------------------------------------------------------------------------


def test_rule_23_nobody_signs_what_was_not_read_to_its_end_in_the_same_session(pledge: Pledge, cast: Cast) -> None:
    agree(cast, "petra")
    slot = slot_of(pledge, cast, "petra")
    with pytest.raises(NotReadToTheEnd):
        sign(slot, cast, "petra")
    read(slot, cast, "petra", room="s" * 16)
    with pytest.raises(NotReadToTheEnd):
        sign(slot, cast, "petra")
    read(slot, cast, "petra")
    signature = sign(slot, cast, "petra")
    assert signature.statement["reached_end_at"] == slot.reached_end_at.isoformat()
    assert slot.seconds_read == 6


def test_nobody_signs_without_having_agreed_to_sign_electronically(pledge: Pledge, cast: Cast) -> None:
    slot = slot_of(pledge, cast, "petra")
    read(slot, cast, "petra")
    with pytest.raises(ConsentMissing):
        sign(slot, cast, "petra")
    agree(cast, "petra")
    with unit_of_work():
        consents.withdraw(cast.people["petra"], actor=cast.petra)
    with pytest.raises(ConsentMissing):
        sign(slot, cast, "petra")
    agree(cast, "petra")
    with unit_of_work():
        consents.publish(text="New words.", text_local="新文字。", actor=cast.accounts["ada"])
    with pytest.raises(ConsentMissing):
        sign(slot, cast, "petra")
    agree(cast, "petra")
    assert sign(slot, cast, "petra").statement["consent"]["version"] == 2


def test_who_changes_the_name_later_changes_no_record(pledge: Pledge, cast: Cast) -> None:
    signature = sign(ready(pledge, cast, "petra"), cast, "petra")
    with unit_of_work():
        cast.people["petra"].name = "Petra Somebody-Else"
    assert (signature.statement["name"], signature.slot.name) == ("Petra Lindqvist", "Petra Lindqvist")
    assert signature.statement_hash == fingerprint(signature.statement)


def test_a_pledge_in_chinese_names_its_people_in_chinese(cast: Cast) -> None:
    with unit_of_work():
        cast.people["petra"].name_local, cast.people["mei"].name_local = "林佩", "赵梅"
        pledge = make_trio(make_event(), cast, title="清水", language="zh_Hans_CN")
        delegations.grant(
            cast.people["tom"], cast.people["mei"], actor=cast.tom, reason="Away.", from_on=clock.today(),
            to_on=clock.today() + timedelta(days=1),
        )  # fmt: skip
    assert [each["name"] for each in pledge.content["signatories"]] == ["林佩", "Tom Okafor", "李薇"]
    assert sign(ready(pledge, cast, "petra"), cast, "petra").statement["name"] == "林佩"
    agree(cast, "mei")
    slot = slot_of(pledge, cast, "tom")
    read(slot, cast, "mei")
    statement = sign(slot, cast, "mei").statement
    assert (statement["name"], statement["deputy"]["name"]) == ("Tom Okafor", "赵梅")


def test_who_changes_the_name_between_freezing_and_signing_signs_what_was_frozen(pledge: Pledge, cast: Cast) -> None:
    frozen = pledge.content_hash
    with unit_of_work():
        cast.people["petra"].name = "Petra Somebody-Else"
    signature = sign(ready(pledge, cast, "petra"), cast, "petra")
    assert (signature.statement["name"], signature.slot.name) == ("Petra Lindqvist", "Petra Lindqvist")
    assert signature.statement["person"] == cast.people["petra"].ref
    assert (pledge.content_hash, fingerprint(pledge.content)) == (frozen, frozen)
    assert "Petra Lindqvist" in [each["name"] for each in pledge.content["signatories"]]
    papers.seal_pledge(pledge.document.ref)
    assert papers.newest(pledge.document).number == 1, "the paper takes the signature"


# --- time ---------------------------------------------------------------------------------------------------------


def test_attack_clock_put_backwards_the_sequence_keeps_the_order(pledge: Pledge, cast: Cast) -> None:
    began = clock.now()
    with clock.at(began + timedelta(hours=2)):
        sign_in_room(pledge, cast, "petra")
    with clock.at(began + timedelta(hours=1)):
        signature = sign_in_room(pledge, cast, "tom")
    assert signature.statement["clock"] == "behind"
    rows = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "pledge.signed").order_by(AuditEntry.seq)
    ).all()
    assert [each.details["clock"] for each in rows] == ["forward", "behind"]
    assert rows[0].at > rows[1].at
    assert audit.verify().broken_at is None


# --- the database -------------------------------------------------------------------------------------------------


def test_attack_a_text_edited_by_sql_between_showing_and_signing(pledge: Pledge, cast: Cast) -> None:
    shown = pledge.content_hash or ""
    slot = ready(pledge, cast, "petra")
    with unit_of_work():
        altered = {**pledge.content, "text": "Somebody else's words."}
        values = {"content": altered, "content_hash": fingerprint(altered)}
        db.session.execute(update(Pledge).where(Pledge.id == pledge.id).values(**values))
    with pytest.raises(TextHasChanged):
        sign(slot, cast, "petra", shown_hash=shown)
    assert count_signatures() == 0


# --- pages --------------------------------------------------------------------------------------------------------


@pytest.fixture
def place(app: Flask) -> str:
    with app.app_context(), unit_of_work():
        event: Event = make_event()
        pledge = make_trio(event, load(), title="Clear Water")
        return f"/events/{event.ref}/pledges/{pledge.ref}"


def shown(page: str) -> str:
    found = re.search(r'name="content_hash"[^>]*value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


def signed(app: Flask) -> int:
    with app.app_context():
        return count_signatures()


def test_attack_signing_by_get(app: Flask, as_: Any, place: str) -> None:
    petra = as_("petra")
    page = enter(petra, place)
    asked_for = {"content_hash": shown(page), "password": PASSWORD, "means": "password", "intent": "x"}
    for path in ("sign", "sign/question", "sign/reading", "decline"):
        for method in ("get", "head", "options"):
            answer = getattr(petra.client, method)(f"{place}/{path}", query_string=asked_for)
            assert answer.status_code in (200, 302, 405)
    assert signed(app) == 0
    with app.app_context():
        assert db.session.scalar(select(Pledge.state)) == PledgeState.OPEN


def test_attack_signing_without_proof_of_origin(app: Flask, as_: Any, place: str) -> None:
    petra = as_("petra")
    page = enter(petra, place)
    sent = {"content_hash": shown(page), "password": PASSWORD, "csrf_token": "forged"}
    for path in ("sign", "sign/question", "sign/reading", "decline"):
        assert petra.post(f"{place}/{path}", sent).status_code == 400
        good = {**sent, "csrf_token": petra.token()}
        there = petra.client.post(f"{place}/{path}", data=good, headers={"Sec-Fetch-Site": "cross-site"})
        assert there.status_code == 403
    assert signed(app) == 0


def test_attack_double_click(app: Flask, as_: Any, place: str) -> None:
    petra = as_("petra")
    page = enter(petra, place)
    sent = {"password": PASSWORD, "content_hash": shown(page), "intent": "one-press"}
    answers = [petra.post(f"{place}/sign", sent) for _click in range(2)]
    assert [each.headers.get("Location") for each in answers] == [place] * 2
    assert signed(app) == 1


def test_attack_an_unlocked_session_without_the_password(app: Flask, as_: Any, place: str) -> None:
    petra = as_("petra")
    page = enter(petra, place)
    for sent in (
        {},
        {"password": ""},
        {"password": "wrong"},
        {"means": "passkey"},
        {"means": "time_code", "code": "123456"},
    ):
        answer = petra.post(f"{place}/sign", {"content_hash": shown(page), **sent})
        assert answer.status_code == 422, sent
    assert signed(app) == 0


def test_attack_a_link_from_a_mail_signs_nothing_and_asks_to_sign_in(app: Flask, as_: Any, place: str) -> None:
    answer = as_("nobody").get(f"{place}/sign")
    assert (answer.status_code, "/sign-in" in answer.headers["Location"]) == (302, True)
    assert as_("nobody").post(f"{place}/sign", {"password": PASSWORD}).status_code in (401, 404)
    assert signed(app) == 0


@pytest.mark.parametrize(
    "strokes", ["[[0,0,1000,1000]]", "[[1,2,3]]", "[[1.5,2]]", '[["a",1]]', "{", "[[-1,5]]", "x" * 70_000, "[" * 15_000]
)
def test_a_drawn_mark_is_strokes_or_nothing(app: Flask, as_: Any, place: str, strokes: str) -> None:
    petra = as_("petra")
    page = enter(petra, place)
    sent = {"password": PASSWORD, "content_hash": shown(page), "strokes": strokes, "mark_text": "P. Lindqvist"}
    assert petra.post(f"{place}/sign", sent).status_code == 303
    with app.app_context():
        signature = db.session.scalar(select(Signature))
        good = strokes == "[[0,0,1000,1000]]"
        assert signature.evidence.get("strokes") == ([[0, 0, 1000, 1000]] if good else None)
        assert ("strokes" in signature.statement["commitments"]) is good
        assert signature.statement["mark"] == "P. Lindqvist"


@pytest.mark.postgres
def test_a_cue_or_a_question_that_is_none_breaks_nothing_on_postgresql(postgres_app: Flask) -> None:
    with postgres_app.app_context():
        cast = load()
        with unit_of_work():
            pledge = make_trio(make_event(), cast)
        make_passkey(cast.petra)
        there = f"/events/{pledge.event.ref}/pledges/{pledge.ref}"
    petra = Visitor(postgres_app.test_client())
    petra.post("/sign-in", {"email": "petra@hufu.example", "password": PASSWORD})
    sent = {"content_hash": shown(enter(petra, there)), "cue": "\0"}
    assert petra.post(f"{there}/sign/question", sent).status_code == 200
    answer = petra.post(f"{there}/sign", {**sent, "means": "passkey", "challenge": "\0", "assertion": "{}"})
    assert answer.status_code == 422
    assert petra.post(f"{there}/sign", {**sent, "means": "password", "password": PASSWORD}).status_code == 303
