"""The invitee list: what its lines mean now and meant when they were sent, and asking everybody at once."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.audiences import meanings
from app.audiences import services as audiences
from app.audiences.choosing import LeftOut
from app.audiences.models import InviteeRule
from app.audiences.services import add_line, remove_line
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.events.models import Event, Participation
from app.invitations import invitees, services
from app.invitations.invitees import invitee_list
from app.mail.models import MailMessage
from app.people.models import Department, Person
from app.registration.errors import NobodyToInvite
from app.registration.models import Invitation
from tests import cast as the_cast
from tests.cast import Cast
from tests.factories import make_department, make_event, make_person
from tests.factories.registration import make_open_event, register


def put(event: Event, cast: Cast, *lines: meanings.Meaning) -> list[InviteeRule]:
    with unit_of_work():
        return [add_line(event, each, actor=cast.olaf) for each in lines]


def make_unit(number: int) -> tuple[Department, list[Person]]:
    with unit_of_work():
        department = make_department()
        return department, [make_person(name=f"Worker {n:04}", department=department) for n in range(number)]


def test_the_list_counts_everybody_once_and_says_what_each_line_adds(cast: Cast) -> None:
    event = make_open_event()
    department, workers = make_unit(4)
    with unit_of_work():
        workers[3].email = None
    register(event, workers[2])
    put(event, cast, meanings.of_department(department), meanings.of_list("List", [workers[0], cast.people["tom"]]))
    whole = invitee_list(event)
    assert [(len(each.meant), each.adds, each.is_sent) for each in whole.lines] == [(4, 4, False), (2, 1, False)]
    assert (len(whole.people), whole.doubles) == (5, 1)
    assert [each.name for each in whole.waiting] == ["Tom Okafor", "Worker 0000", "Worker 0001"]
    assert {why: [each.name for each in people] for why, people in whole.left_out().items()} == {
        LeftOut.REGISTERED: ["Worker 0002"],
        LeftOut.NO_ADDRESS: ["Worker 0003"],
    }


def test_what_a_line_would_change_is_told_before_it_is_added_and_before_it_is_removed(cast: Cast) -> None:
    event = make_open_event()
    department, workers = make_unit(3)
    put(event, cast, meanings.of_person(workers[0]))
    effect = invitees.effect_of(event, meanings.of_department(department))
    assert (len(effect.meant), len(effect.new), effect.there, effect.before, effect.after) == (3, 2, 1, 1, 3)
    [rule] = put(event, cast, meanings.of_department(department))
    with unit_of_work():
        invitees.send(event, actor=cast.olaf)
    effect = invitees.effect_of(event, without=rule)
    assert (len(effect.meant), len(effect.new), effect.invited, effect.before) == (3, 2, 2, 1)
    with unit_of_work():
        remove_line(rule, actor=cast.olaf)
    standing = db.session.scalars(select(Invitation).where(Invitation.revoked_at.is_(None))).all()
    assert len(standing) == 3
    assert invitee_list(event).others == 2


def test_sending_freezes_the_lines_and_who_joins_later_is_new_and_not_invited(cast: Cast) -> None:
    event = make_open_event()
    department, workers = make_unit(3)
    with unit_of_work():
        workers[2].email = None
    [rule] = put(event, cast, meanings.of_department(department))
    seen = invitees.look(event).digest
    with unit_of_work():
        sent = invitees.send(event, actor=cast.olaf, seen=seen, message="Bring your plans.")
    assert sorted(each.person.name for each in sent) == ["Worker 0000", "Worker 0001"]
    assert {each.via for each in sent} == {department.name}
    assert rule.members == sorted(each.ref for each in workers)
    assert rule.sent_at is not None
    with unit_of_work():
        joined = make_person(name="New One", department=department)
        workers[0].department = None
        workers[2].email = "worker2@hufu.example"
    [line] = invitee_list(event).lines
    assert (line.new, line.could_not, line.fallen) == ({joined.id}, {workers[2].id}, 1)
    assert invitee_list(event).waiting == []
    with pytest.raises(NobodyToInvite), unit_of_work():
        invitees.send(event, actor=cast.olaf)
    assert len(db.session.scalars(select(Invitation)).all()) == 2
    with unit_of_work():
        late = invitees.send(event, actor=cast.olaf, rule=rule)
    assert [each.person.name for each in late] == ["New One", "Worker 0002"]
    [line] = invitee_list(event).lines
    assert (line.late, line.fallen) == (set(), 0)
    mails = db.session.scalars(select(MailMessage).where(MailMessage.kind == "invitation")).all()
    assert Counter(each.to_name for each in mails) == {
        "Worker 0000": 1, "Worker 0001": 1, "New One": 1, "Worker 0002": 1,
    }  # fmt: skip


def test_an_invitation_that_was_taken_back_is_no_later_joiner(cast: Cast) -> None:
    event = make_open_event()
    department, workers = make_unit(2)
    put(event, cast, meanings.of_department(department))
    with unit_of_work():
        first, _second = invitees.send(event, actor=cast.olaf)
    with unit_of_work():
        services.revoke(first, actor=cast.olaf)
    assert invitee_list(event).lines[0].late == set()
    put(event, cast, meanings.of_person(first.person))
    [(again, _via)] = invitees.look(event).receivers
    assert (again.id, again.was_taken_back) == (first.person_id, True)


def test_a_list_that_changed_since_it_was_looked_at_is_not_sent(cast: Cast) -> None:
    event = make_open_event()
    department, _workers = make_unit(2)
    put(event, cast, meanings.of_department(department))
    seen = invitees.look(event).digest
    with unit_of_work():
        make_person(department=department)
    with pytest.raises(NobodyToInvite, match="has changed since you looked"), unit_of_work():
        invitees.send(event, actor=cast.olaf, seen=seen)
    assert db.session.scalars(select(Invitation)).all() == []
    assert db.session.scalars(select(MailMessage)).all() == []


def test_nobody_is_asked_by_others_than_organizers_or_while_nobody_could_answer(cast: Cast) -> None:
    event = make_open_event()
    put(event, cast, meanings.of_person(cast.people["tom"]))
    for who in ("petra", "sara", "aude", "rita"):
        with pytest.raises(Forbidden), unit_of_work():
            invitees.send(event, actor=cast.accounts[who])
    with unit_of_work():
        closed = make_event()
    put(closed, cast, meanings.of_person(cast.people["tom"]))
    with pytest.raises(Refused, match="Open registration first"), unit_of_work():
        invitees.send(closed, actor=cast.olaf)
    with unit_of_work():
        event.starts_on = event.ends_on = clock.today() - timedelta(days=3)
    with pytest.raises(Refused, match="is over"), unit_of_work():
        invitees.send(event, actor=cast.olaf)
    assert db.session.scalars(select(Invitation)).all() == []


def test_the_number_of_statements_does_not_grow_with_the_number_of_people(cast: Cast, count_statements) -> None:
    asked, looked = [], []
    for number in (3, 300):
        event = make_open_event()
        department, _workers = make_unit(number)
        put(event, cast, meanings.of_department(department))
        db.session.expire_all()
        with count_statements() as said:
            invitee_list(event)
        looked.append(len(said))
        with count_statements() as said, unit_of_work():
            assert len(invitees.send(event, actor=cast.olaf)) == number
        asked.append(len(said))
    assert looked[0] == looked[1] <= 6
    assert asked[0] == asked[1] <= 30


def test_two_who_send_at_once_ask_everybody_once(either_app: Flask) -> None:
    with either_app.app_context():
        cast = the_cast.load()
        event = make_open_event()
        department, workers = make_unit(40)
        with unit_of_work():
            group = audiences.add_group("Directors", actor=cast.olaf)
            audiences.add_members(group, workers[:5], actor=cast.olaf)
        put(
            event, cast, meanings.of_department(department), meanings.of_group(group), meanings.of_position("Secretary")
        )
        ref = event.ref
        db.session.remove()
    starting, told = threading.Barrier(2), []

    def press() -> None:
        with either_app.app_context():
            event = db.session.scalars(select(Event).where(Event.ref == ref)).one()
            actor = the_cast.load().olaf
            starting.wait()
            try:
                with unit_of_work():
                    told.append(len(invitees.send(event, actor=actor)))
            except NobodyToInvite:
                told.append(0)
            finally:
                db.session.remove()

    both = [threading.Thread(target=press) for _each in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted(told) == [0, 41]
    with either_app.app_context():
        assert len(db.session.scalars(select(Invitation.id)).all()) == 41
        assert len(db.session.scalars(select(MailMessage.id)).all()) == 41


def test_two_thousand_are_asked_in_one_transaction_and_more_are_refused(cast: Cast) -> None:
    event = make_open_event()
    department, _workers = make_unit(2001)
    put(event, cast, meanings.of_department(department))
    with pytest.raises(NobodyToInvite, match="at most 2000"), unit_of_work():
        invitees.send(event, actor=cast.olaf)
    assert db.session.scalars(select(Participation)).all() == []
    with unit_of_work():
        _workers[0].department = None
    with unit_of_work():
        sent = invitees.send(event, actor=cast.olaf)
    assert len(sent) == len({each.token_hash for each in sent}) == 2000
    assert len(db.session.scalars(select(MailMessage.id).where(MailMessage.kind == "invitation")).all()) == 2000
    entries = db.session.scalars(select(AuditEntry.seq).where(AuditEntry.action == "invitation.sent")).all()
    assert len(entries) == 2000
