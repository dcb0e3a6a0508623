"""Invitations: who is asked, and what the link in the mail can do."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.events.models import Audience, Event
from app.events.queries import find_visible
from app.invitations import invitees
from app.invitations import services as invitations
from app.invitations.services import Reply
from app.mail.models import MailMessage
from app.people.models import Department
from app.registration import queries, services
from app.registration.errors import LinkEnded, NobodyToInvite
from app.registration.models import Answer, Invitation, Registration
from tests import cast as the_cast
from tests.cast import Cast
from tests.factories import make_department, make_event, make_person
from tests.factories.registration import make_open_event, register

YES, NO = Reply(Answer.YES), Reply(Answer.NO)


def invite(event: Event, cast: Cast, *who: str, message: str | None = None) -> list[Invitation]:
    with unit_of_work():
        people = [cast.people[each] for each in who]
        return invitees.send_invitations(event, actor=cast.olaf, people=people, message=message)


def token_of(event: Event) -> str:
    """The secret in the newest invitation mail of the event."""
    mail = db.session.scalars(
        select(MailMessage)
        .where(MailMessage.scope == event.ref, MailMessage.kind.in_(("invitation", "invitation_reminder")))
        .order_by(MailMessage.id.desc())
    ).first()
    assert mail is not None
    found = re.search(r"http://localhost:8000/answer/([\w-]+)", mail.text)
    assert found is not None, mail.text
    return found.group(1)


def test_a_department_is_asked_with_those_below_it_or_without(cast: Cast) -> None:
    event = make_open_event()
    with unit_of_work():
        top = make_department()
        middle = make_department(parent=top)
        low = make_department(parent=middle)
        one, two, three = (make_person(department=each) for each in (top, middle, low))
        gone = make_person(department=low, left_on=event.starts_on - timedelta(days=1))
        silent = make_person(department=low, email=None, email_key=None)
    whole = invitees.choose(event, departments=[top])
    assert [person for person, _via in whole.invited] == sorted([one, two, three], key=lambda each: each.name)
    assert whole.left_out == [(silent, "has no e-mail address")]
    assert gone not in [person for person, _why in whole.left_out]
    alone = invitees.choose(event, departments=[top], below=False)
    assert alone.invited == [(one, top.name)]


def test_each_is_asked_once_and_who_is_left_out_is_told_with_the_reason(cast: Cast) -> None:
    event = make_open_event()
    register(event, cast.people["tom"])
    invite(event, cast, "petra")
    office = db.session.scalars(select(Department).where(Department.code == "WRK")).one()
    choice = invitees.choose(
        event, people=[cast.people["petra"], cast.people["tom"], cast.people["mei"]], departments=[office]
    )
    assert [(person.name, via) for person, via in choice.invited] == [("Mei Zhao", "person"), ("Xaver Huber", "Works")]
    assert [(person.name, why) for person, why in choice.left_out] == [
        ("Petra Lindqvist", "is invited already"),
        ("Tom Okafor", "is registered already"),
    ]


def test_an_invitation_opens_a_restricted_event_and_taking_it_back_closes_it(cast: Cast) -> None:
    event = make_open_event(audience=Audience.RESTRICTED)
    with unit_of_work():
        (invitation,) = invitees.send_invitations(event, actor=cast.ada, people=[cast.people["petra"]])
    assert find_visible(cast.petra, event.ref) is not None
    with unit_of_work():
        invitations.revoke(invitation, actor=cast.ada)
    assert find_visible(cast.petra, event.ref) is None


def test_only_the_organizer_invites_and_only_when_people_can_answer(cast: Cast) -> None:
    event = make_open_event()
    for who in ("petra", "sara", "aude", "rita"):
        with pytest.raises(Forbidden), unit_of_work():
            invitees.send_invitations(event, actor=cast.accounts[who], people=[cast.people["tom"]])
    with unit_of_work():
        without_plan = make_event()
    with pytest.raises(Refused) as refused, unit_of_work():
        invitees.send_invitations(without_plan, actor=cast.olaf, people=[cast.people["tom"]])
    assert str(refused.value) == "Open registration first: invited people could not answer yet."
    with pytest.raises(NobodyToInvite), unit_of_work():
        invitees.send_invitations(event, actor=cast.olaf)
    assert db.session.scalars(select(Invitation)).all() == []
    assert db.session.scalars(select(MailMessage)).all() == []


def test_only_the_hash_of_the_secret_is_kept_and_each_has_another(cast: Cast) -> None:
    event = make_open_event()
    sent = invite(event, cast, "petra", "tom", "mei", message="Bring your plans.")
    mails = db.session.scalars(select(MailMessage).where(MailMessage.kind == "invitation")).all()
    tokens = {re.search(r"/answer/([\w-]+)", each.text).group(1) for each in mails}  # type: ignore[union-attr]
    assert len(tokens) == 3
    assert all(len(each) >= 32 for each in tokens)
    assert all(each.holds_secret and "Bring your plans." in each.text for each in mails)
    kept = repr([[each.token_hash, each.ref, each.via] for each in sent]) + repr(
        db.session.scalars(select(AuditEntry.details)).all()
    )
    assert not any(each in kept for each in tokens)


def test_yes_by_link_registers_and_no_gives_the_place_back(cast: Cast) -> None:
    event = make_open_event(capacity=1)
    (invitation,) = invite(event, cast, "petra")
    token = token_of(event)
    with unit_of_work():
        invitations.answer_by_link(token, YES)
    mine = queries.find_own(event, cast.people["petra"])
    assert mine is not None
    assert (mine.state, invitation.answer) == ("confirmed", "yes")
    with unit_of_work():
        invitations.answer_by_link(token, Reply(Answer.NO, reason="On leave"))
    assert (mine.state, invitation.answer, invitation.reason) == ("withdrawn", "no", "On leave")
    answers = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "invitation.answered").order_by(AuditEntry.seq)
    ).all()
    assert [(each.details["answer"], each.details["means"], each.reason) for each in answers] == [
        ("yes", "link", None),
        ("no", "link", "On leave"),
    ]


def test_registering_signed_in_answers_the_invitation_too(cast: Cast) -> None:
    event = make_open_event(invited_only=True)
    (invitation,) = invite(event, cast, "petra")
    with unit_of_work():
        services.register_person(event, cast.people["petra"], actor=cast.petra)
    assert invitation.answer == "yes"
    with unit_of_work():
        invitations.decline(invitation, actor=cast.petra, reason="Ill")
    assert (invitation.answer, invitation.reason) == ("no", "Ill")


def test_a_reminder_goes_to_the_silent_alone_and_ends_the_older_link(cast: Cast) -> None:
    event = make_open_event()
    invite(event, cast, "petra")
    old = token_of(event)
    invite(event, cast, "tom")
    with unit_of_work():
        invitations.answer_by_link(token_of(event), NO)
    with unit_of_work():
        reminded = invitations.remind_silent(event, actor=cast.olaf)
    assert [each.person.name for each in reminded] == ["Petra Lindqvist"]
    with pytest.raises(LinkEnded), unit_of_work():
        invitations.answer_by_link(old, YES)
    assert queries.find_by_token(token_of(event), clock.now()) == reminded[0]


@pytest.mark.parametrize("end", ["revoked", "over", "cancelled", "another"])
def test_a_link_that_has_ended_answers_nothing(cast: Cast, end: str) -> None:
    event = make_open_event()
    (invitation,) = invite(event, cast, "petra")
    token = token_of(event)
    with unit_of_work():
        if end == "revoked":
            invitations.revoke(invitation, actor=cast.olaf)
        elif end == "over":
            event.starts_on = event.ends_on = clock.today() - timedelta(days=3)
        elif end == "cancelled":
            event.status = "cancelled"
        else:
            token = token[:-1] + ("A" if token[-1] != "A" else "B")
    with pytest.raises(LinkEnded), unit_of_work():
        invitations.answer_by_link(token, YES)
    assert db.session.scalars(select(Registration)).all() == []


def invited(app: Flask) -> tuple[str, str]:
    """The event and the secret in Petra's mail; no app context stays open."""
    with app.app_context():
        event = make_open_event()
        invite(event, the_cast.load(), "petra")
        return event.ref, token_of(event)


def test_looking_at_the_link_changes_nothing_and_the_button_answers(app: Flask, as_: Any) -> None:
    event, token = invited(app)
    nobody = as_("nobody")
    for _look in range(3):
        page = nobody.get(f"/answer/{token}")
        assert page.status_code == 200
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert token not in page.get_data(as_text=True).replace(f'value="/answer/{token}"', "")
    with app.app_context():
        assert db.session.scalars(select(Registration)).all() == []
    answer = nobody.post(f"/answer/{token}", {"answer": "yes", "reason": ""})
    assert (answer.status_code, answer.location) == (303, f"/answer/{token}")
    with app.app_context():
        assert db.session.scalars(select(Registration)).one().person.name == "Petra Lindqvist"
    assert "You have a place" in nobody.get(f"/answer/{token}").get_data(as_text=True)


def test_the_link_answers_and_opens_nothing_else(app: Flask, as_: Any) -> None:
    event, token = invited(app)
    nobody = as_("nobody")
    nobody.post(f"/answer/{token}", {"answer": "yes"})
    for path in ("", "/registration/mine", "/registration", "/registrations"):
        assert nobody.get(f"/events/{event}{path}").status_code in (302, 404)


def test_a_link_without_a_choice_is_refused_beside_the_field(app: Flask, as_: Any) -> None:
    _event, token = invited(app)
    nobody = as_("nobody")
    answer = nobody.post(f"/answer/{token}", {"answer": "perhaps", "reason": "x" * 600})
    assert answer.status_code == 422
    assert nobody.get("/answer/nothing-of-ours").status_code == 404
    assert nobody.post("/answer/nothing-of-ours", {"answer": "yes"}).status_code == 404
    with app.app_context():
        assert db.session.scalars(select(Registration)).all() == []
