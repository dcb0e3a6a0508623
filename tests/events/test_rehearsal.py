"""Trying an event out leaves nothing behind."""

import pytest
from sqlalchemy import delete, func, select

from app.core.audit import AuditEntry
from app.core.db import Base, db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.door import services as door
from app.door.models import CheckIn
from app.events.models import Event
from app.mail import delivery
from app.mail import services as mail
from app.mail.models import MailHold, MailMessage, MailState
from app.registration import places
from app.registration import services as registration
from app.registration.models import Invitation, Registration, State
from app.workflows import rehearse
from app.workflows.rehearse import begin_rehearsal, effect_of_end, end_rehearsal
from tests.factories import make_event, make_session
from tests.factories.registration import make_open_event, make_people, register

LOGS = {"audit_entry", "audit_head", "event", "mail_hold", "intent"}


def counted() -> dict[str, int]:
    """The number of rows of every table but the logs."""
    tables = [each for each in Base.metadata.tables.values() if each.name not in LOGS]
    return {each.name: db.session.scalar(select(func.count()).select_from(each)) for each in tables}


def states() -> list[str]:
    return list(db.session.scalars(select(MailMessage.state).order_by(MailMessage.id)))


def test_a_rehearsal_leaves_as_many_rows_as_there_were_and_no_mail_leaves(cast, monkeypatch):
    event = make_open_event(capacity=3, sessions=1, places=1)
    true, *tried = make_people(5)
    register(event, true)
    with unit_of_work():
        for each in db.session.scalars(select(MailMessage)):
            each.state = MailState.SENT
        door.arrival_of(event)
    before = counted()
    with unit_of_work():
        begin_rehearsal(event, actor=cast.olaf)
    session = db.session.scalar(select(registration.Session).where(registration.Session.event_id == event.id))
    for each in tried:
        register(event, each, [session])  # one has the place of the session, the others wait
    with unit_of_work():
        door.check_in_by_name(
            event,
            db.session.scalars(select(Registration).where(Registration.state == State.CONFIRMED)).all()[-1],
            actor=cast.olaf,
        )
    assert states() == [MailState.SENT] + [MailState.HELD] * 4
    left: list[int] = []
    monkeypatch.setattr(delivery, "connect", lambda url: left.append(1))
    delivery.deliver_mail()
    assert (left, states().count(MailState.HELD)) == ([], 4)
    effect = effect_of_end(event)
    assert (effect.confirmed, effect.waiting, effect.check_ins, len(effect.mails)) == (1, 3, 1, 4)
    with unit_of_work():
        end_rehearsal(event, actor=cast.olaf)
    assert counted() == before
    assert places.reconcile(event) == []
    assert [each.person_id for each in db.session.scalars(select(Registration))] == [true.id]
    assert (event.is_rehearsal, db.session.scalar(select(func.count(MailHold.id)))) == (False, 0)
    last = db.session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert last.action == "rehearsal.ended"
    assert last.details == {"registrations": 4, "check_ins": 1, "mails_gone": 4, "mails_sent": 0}


def test_the_chosen_mails_leave_and_whoever_waits_in_earnest_moves_up(cast):
    event = make_open_event(capacity=1)
    tried, true = make_people(2)
    with unit_of_work():
        begin_rehearsal(event, actor=cast.olaf)
    register(event, tried)
    waiting = register(event, true)
    with unit_of_work():
        waiting.is_rehearsal = False  # as if they had asked before it began
        chosen = db.session.scalars(select(MailMessage).where(MailMessage.to_name == true.name)).all()
    with unit_of_work():
        end_rehearsal(event, actor=cast.olaf, let_go=chosen)
    assert db.session.scalars(select(Registration.state)).all() == [State.CONFIRMED]
    told = [(each.to_name, each.kind, each.state) for each in db.session.scalars(select(MailMessage))]
    assert told == [
        (true.name, "registration_waiting", MailState.QUEUED),
        (true.name, "registration_promoted", MailState.QUEUED),
    ]


def test_who_withdrew_before_and_came_back_for_the_rehearsal_has_withdrawn_again(cast):
    event = make_open_event(capacity=5)
    (person,) = make_people(1)
    mine = register(event, person)
    with unit_of_work():
        registration.withdraw(mine, actor=cast.olaf)
        db.session.execute(delete(MailMessage))
    with unit_of_work():
        begin_rehearsal(event, actor=cast.olaf)
    register(event, person)
    with unit_of_work():
        end_rehearsal(event, actor=cast.olaf)
    assert [(each.state, each.is_rehearsal) for each in db.session.scalars(select(Registration))] == [
        (State.WITHDRAWN, False)
    ]
    assert places.reconcile(event) == []


def test_an_invitation_that_was_answered_by_registering_is_open_again(cast):
    event = make_open_event()
    (person,) = make_people(1)
    with unit_of_work():
        db.session.add(Invitation(event=event, person=person, via="person"))
    with unit_of_work():
        begin_rehearsal(event, actor=cast.olaf)
    register(event, person)
    assert db.session.scalars(select(Invitation.answer)).all() == ["yes"]
    with unit_of_work():
        end_rehearsal(event, actor=cast.olaf)
    assert db.session.scalars(select(Invitation.answer)).all() == [None]


def test_a_mail_is_held_whatever_queues_it_and_one_that_is_sent_again_too(cast):
    with unit_of_work():
        event, other = make_event(), make_event()
        begin_rehearsal(event, actor=cast.olaf)
        to = mail.Recipient(name="Petra", address="petra@hufu.example")
        for scope in (event.ref, other.ref, None):
            mail.queue_mail(to, "events/mail/cancelled", kind="x", scope=scope, event=event)
    assert states() == [MailState.HELD, MailState.QUEUED, MailState.QUEUED]
    held = db.session.scalars(select(MailMessage).where(MailMessage.scope == event.ref)).one()
    with unit_of_work():
        mail.take_back(held, actor=cast.olaf, scope=event)
        mail.send_again(held, actor=cast.olaf, scope=event)
    assert states() == [MailState.HELD, MailState.QUEUED, MailState.QUEUED]


@pytest.mark.parametrize("name", ["petra", "sara", "sven", "li_wei", "aude"])
def test_only_planners_begin_and_end_a_rehearsal(cast, name):
    with unit_of_work():
        event = make_event()
    for act in (begin_rehearsal, end_rehearsal):
        with pytest.raises(Forbidden), unit_of_work():
            act(event, actor=getattr(cast, name))
    assert not event.is_rehearsal


def test_a_rehearsal_is_begun_once_and_ended_once(cast):
    with unit_of_work():
        event = make_event()
        make_session(event)
    with pytest.raises(Refused), unit_of_work():
        end_rehearsal(event, actor=cast.olaf)
    with unit_of_work():
        begin_rehearsal(event, actor=cast.olaf)
    with pytest.raises(Refused), unit_of_work():
        begin_rehearsal(event, actor=cast.olaf)
    assert db.session.scalar(select(Event.version).where(Event.id == event.id)) == 2
    assert rehearse.effect_of_end(event).registrations == 0
    assert db.session.scalar(select(func.count(CheckIn.id))) == 0


def test_many_mails_of_one_act_are_held_and_cost_one_question(cast, count_statements):
    to = mail.Recipient(name="Petra", address="petra@hufu.example")

    def many(event, number):
        for _each in range(number):
            mail.queue_mail(to, "events/mail/cancelled", kind="x", scope=event.ref, event=event)

    with unit_of_work():
        event = make_event()
    counts = []
    for number in (1, 2, 30):
        with count_statements() as said, unit_of_work():
            many(event, number)
        counts.append(sum("mail_hold" in each and each.startswith("SELECT") for each in said))
    assert counts == [0, 1, 1]
    with unit_of_work():
        many(event, 2)
        begin_rehearsal(event, actor=cast.olaf)
        many(event, 3)
        end_rehearsal(event, actor=cast.olaf)
        many(event, 2)
    assert states() == [MailState.QUEUED] * 37
    with unit_of_work():
        begin_rehearsal(event, actor=cast.olaf)
        many(event, 3)
    with unit_of_work():
        many(event, 1)
    assert states() == [MailState.QUEUED] * 37 + [MailState.HELD] * 4
