"""Answering: yes, no, maybe, somebody else; by the link and in the portal; and what the organizer and a head see."""

import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden
from app.events.models import Event
from app.events.queries import find_visible
from app.invitations import queries as invited
from app.invitations import services as invitations
from app.invitations.errors import NobodyToRemind, NobodyToSend, NotNow
from app.invitations.services import Reply
from app.invitations.units import read_units
from app.mail.models import MailMessage
from app.people.models import Department, Person
from app.registration import places, queries
from app.registration.errors import LinkEnded, RegistrationClosed
from app.registration.models import Answer, Excuse, Invitation, InvitationAnswer, Registration
from tests import cast as the_cast
from tests.cast import Cast
from tests.conftest import Visitor
from tests.factories import make_department, make_person
from tests.factories.registration import make_open_event, register

YES, NO = Reply(Answer.YES), Reply(Answer.NO)


def ask(event: Event, person: Person) -> tuple[Invitation, str]:
    """Somebody is invited; returns the secret of their link too."""
    with unit_of_work():
        invitation = Invitation(event=event, person=person, via="person")
        db.session.add(invitation)
        invitations.services.add_part(event, person, "invited")
        db.session.flush()
        invitations.send_link(invitation, event, None)
    return invitation, links_to(person)[-1]


def mails_to(person: Person, kind: str | None = None) -> list[MailMessage]:
    found = select(MailMessage).where(MailMessage.to_address == person.email).order_by(MailMessage.id)
    return list(db.session.scalars(found.where(MailMessage.kind == kind) if kind else found))


def links_to(person: Person) -> list[str]:
    """The secrets of all links to answer that were mailed, the newest last, each once."""
    found = [re.findall(r"/answer/([\w-]+)", mail.text) for mail in mails_to(person)]
    return list(dict.fromkeys(each for links in found for each in links))


def by_link(token: str, reply: Reply) -> Invitation:
    with unit_of_work():
        return invitations.answer_by_link(token, reply)


def history(invitation: Invitation) -> list[tuple[str, str]]:
    return [
        (each.answer, each.means)
        for each in db.session.scalars(
            select(InvitationAnswer)
            .where(InvitationAnswer.invitation_id == invitation.id)
            .order_by(InvitationAnswer.id)
        )
    ]


def test_all_answers_are_kept_and_the_last_one_counts(cast: Cast) -> None:
    event = make_open_event(capacity=1)
    petra = cast.people["petra"]
    invitation, token = ask(event, petra)
    day = event.starts_on - timedelta(days=5)
    by_link(token, YES)
    by_link(token, YES)  # the same again is no other answer
    by_link(token, Reply(Answer.MAYBE, maybe_until=day, reason="dropped"))
    assert (invitation.answer, invitation.maybe_until, invitation.reason) == ("maybe", day, None)
    assert queries.find_own(event, petra).state == "withdrawn"  # maybe holds no place
    with unit_of_work():
        invitations.answer(invitation, Reply(Answer.NO, reason="Kiln", excuse=Excuse.CLASH), actor=cast.petra)
    with unit_of_work():
        invitations.answer(invitation, YES, actor=cast.olaf)
    assert history(invitation) == [
        ("yes", "link"), ("maybe", "link"), ("no", "page"), ("yes", "organizer"),
    ]  # fmt: skip
    assert (invitation.answer, invitation.reason, invitation.excuse) == ("yes", None, None)
    assert queries.find_own(event, petra).state == "confirmed"
    with unit_of_work():
        invitations.services.withdraw(queries.find_own(event, petra), actor=cast.petra, reason="Ill")
    assert history(invitation)[-1] == ("no", "page")
    assert invitation.reason == "Ill"
    assert places.reconcile() == []
    told = db.session.scalars(select(AuditEntry.details).where(AuditEntry.action == "invitation.answered")).all()
    assert [each["answer"] for each in told] == ["yes", "maybe", "no", "yes"]


def test_maybe_needs_a_day_before_the_deadline(cast: Cast) -> None:
    event = make_open_event(closes_at=clock.now() + timedelta(days=3))
    invitation, token = ask(event, cast.people["petra"])
    today = event.day_at(clock.now())
    for wrong in (None, today, today + timedelta(days=9)):
        with pytest.raises(NotNow) as refused:
            by_link(token, Reply(Answer.MAYBE, maybe_until=wrong))
        assert refused.value.field == "maybe_until"
    assert history(invitation) == []
    by_link(token, Reply(Answer.MAYBE, maybe_until=today + timedelta(days=1)))
    assert invitation.answer == "maybe"
    assert queries.find_own(event, cast.people["petra"]) is None


def test_after_the_deadline_only_a_no_is_heard(cast: Cast) -> None:
    event = make_open_event(closes_at=clock.now() + timedelta(hours=1))
    invitation, token = ask(event, cast.people["petra"])
    day = event.starts_on - timedelta(days=1)
    with clock.at(clock.now() + timedelta(hours=2)):
        for reply in (YES, Reply(Answer.MAYBE, maybe_until=day), Reply(Answer.DELEGATED, colleague="tom@hufu.example")):
            with pytest.raises(RegistrationClosed) as refused:
                by_link(token, reply)
            assert str(refused.value) == "The time to register has passed."
        assert history(invitation) == []
        by_link(token, NO)
    assert history(invitation) == [("no", "link")]


def test_the_link_of_a_revoked_invitation_and_an_older_one_answer_nothing(cast: Cast) -> None:
    event = make_open_event()
    invitation, old = ask(event, cast.people["petra"])
    with unit_of_work():
        assert invitations.remind_silent(event, actor=cast.olaf) == [invitation]
    new = links_to(cast.people["petra"])[-1]
    assert new != old
    with pytest.raises(LinkEnded):
        by_link(old, YES)
    with unit_of_work():
        invitations.revoke(invitation, actor=cast.olaf)
    for reply in (YES, NO):
        with pytest.raises(LinkEnded):
            by_link(new, reply)
    assert history(invitation) == []
    assert db.session.scalars(select(Registration)).all() == []


def test_nobody_answers_for_somebody_else_by_a_link_unless_they_may(cast: Cast) -> None:
    event = make_open_event()
    invitation, token = ask(event, cast.people["petra"])
    for who in ("tom", "aude", "rita"):
        with pytest.raises(Forbidden), unit_of_work():
            invitations.answer_by_link(token, YES, visitor=cast.accounts[who])
        with pytest.raises(Forbidden), unit_of_work():
            invitations.answer(invitation, YES, actor=cast.accounts[who])
    assert history(invitation) == []
    with unit_of_work():
        invitations.answer_by_link(token, NO, visitor=cast.petra)
    assert history(invitation) == [("no", "link")]


# --- somebody else ------------------------------------------------------------------------------------------------


@pytest.fixture
def office(cast: Cast) -> tuple[Person, Person]:
    """Two colleagues of one department."""
    with unit_of_work():
        department = make_department()
        return make_person(name="Ann", department=department), make_person(name="Bob", department=department)


def test_an_invitation_is_handed_on_to_a_colleague_who_is_asked_in_turn(
    cast: Cast, office: tuple[Person, Person]
) -> None:
    ann, bob = office
    event = make_open_event(invited_only=True, capacity=5)
    invitation, token = ask(event, ann)
    by_link(token, Reply(Answer.DELEGATED, colleague=f" {bob.email.upper()} ", reason="Kiln"))
    assert (invitation.answer, invitation.reason) == ("delegated", "Kiln")
    handed = queries.find_invitation(event, bob)
    assert (handed.instead_of, handed.answer) == (ann, None)
    (mail,) = mails_to(bob)
    assert "Ann cannot come" in mail.text
    by_link(token, Reply(Answer.DELEGATED, colleague=bob.email))  # twice is once
    assert len(mails_to(bob)) == 1
    by_link(links_to(bob)[-1], YES)
    assert queries.find_own(event, bob).state == "confirmed"
    with pytest.raises(NotNow) as refused:
        by_link(token, YES)
    assert str(refused.value) == "Bob comes in your place already."
    assert queries.find_own(event, ann) is None
    assert history(invitation) == [("delegated", "link")]


def test_whoever_answers_anew_takes_back_what_was_handed_on(cast: Cast, office: tuple[Person, Person]) -> None:
    ann, bob = office
    event = make_open_event()
    invitation, token = ask(event, ann)
    by_link(token, Reply(Answer.DELEGATED, colleague=bob.email))
    theirs = links_to(bob)[-1]
    by_link(token, YES)
    assert queries.find_invitation(event, bob) is None
    with pytest.raises(LinkEnded):
        by_link(theirs, YES)
    assert [each.kind for each in mails_to(bob)] == ["invitation", "invitation_called_back"]
    with pytest.raises(NotNow) as refused:
        by_link(token, Reply(Answer.DELEGATED, colleague=bob.email))
    assert str(refused.value) == "You have a place already. Hand it over on the page of your registration."
    by_link(token, NO)
    by_link(token, Reply(Answer.DELEGATED, colleague=bob.email))  # once more, after all
    assert queries.find_invitation(event, bob).revoked_at is None
    assert history(invitation)[-1] == ("delegated", "link")


@pytest.mark.parametrize("rule", ["nobody", "department", "anybody"])
def test_the_plan_says_whom_one_may_send(cast: Cast, office: tuple[Person, Person], rule: str) -> None:
    ann, bob = office
    event = make_open_event()
    with unit_of_work():
        queries.find_plan(event).substitutes = rule
        silent = make_person(department=ann.department, email=None, email_key=None, employee_no="X-1")
        gone = make_person(department=ann.department, left_on=event.starts_on - timedelta(days=1))
    invitation, token = ask(event, ann)
    allowed = {"nobody": set(), "department": {bob}, "anybody": {bob, cast.people["tom"]}}[rule]
    for colleague in (silent, gone, ann, cast.people["tom"], bob):
        words = colleague.email or colleague.employee_no
        if colleague in allowed:
            by_link(token, Reply(Answer.DELEGATED, colleague=words))
            by_link(token, NO)
            with unit_of_work():
                invitations.revoke(queries.find_invitation(event, colleague), actor=cast.olaf)
        else:
            with pytest.raises(NobodyToSend) as refused:
                by_link(token, Reply(Answer.DELEGATED, colleague=words))
            assert str(refused.value) == "There is no colleague by this address whom you could send to this event."
            assert queries.find_invitation(event, colleague) in (None, invitation)
    assert {each.email for each in invited.list_colleagues(event, queries.find_plan(event), ann)} >= {
        each.email for each in allowed
    }


def test_nobody_is_sent_who_is_asked_or_comes_already(cast: Cast, office: tuple[Person, Person]) -> None:
    ann, bob = office
    event = make_open_event()
    invitation, token = ask(event, ann)
    register(event, bob)
    with pytest.raises(NobodyToSend) as refused:
        by_link(token, Reply(Answer.DELEGATED, colleague=bob.email))
    assert str(refused.value) == "Bob is registered already."
    with unit_of_work():
        carl = make_person(name="Carl", department=ann.department)
    ask(event, carl)
    with pytest.raises(NobodyToSend) as refused:
        by_link(token, Reply(Answer.DELEGATED, colleague=carl.email))
    assert str(refused.value) == "Carl is invited already."
    assert history(invitation) == []


# --- pages --------------------------------------------------------------------------------------------------------


def asked_scene(app: Flask, **plan: Any) -> tuple[str, str, str]:
    """Event, secret, and invitation of Petra."""
    with app.app_context():
        event = make_open_event(**plan)
        invitation, token = ask(event, the_cast.load().people["petra"])
        return event.ref, token, invitation.ref


def answers_in(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        return [(each.answer, each.means) for each in db.session.scalars(select(InvitationAnswer))]


def test_looking_at_every_link_of_the_mail_changes_nothing_and_chooses_the_answer(app: Flask, as_: Any) -> None:
    _event, token, _ref = asked_scene(app)
    with app.app_context():
        (mail,) = mails_to(the_cast.load().people["petra"])
        links = re.findall(r"http://localhost:8000(/answer/\S+)", mail.text)
    assert [each.rpartition("=")[2] for each in links] == ["yes", "no", "maybe"]
    nobody = as_("nobody")
    for link in links:
        page = nobody.get(link)
        assert page.status_code == 200
        assert nobody.client.head(link).status_code == 200
        chosen = re.findall(r'<input[^>]*checked[^>]*name="answer"[^>]*value="(\w+)"', page.text)
        assert chosen == [link.rpartition("=")[2]]
    assert answers_in(app) == []
    page = nobody.get(f"/answer/{token}?says=delegated")
    sent = {"answer": "maybe", "maybe_until": re.search(r'name="maybe_until"[^>]*value="([^"]+)"', page.text)[1]}
    intent = {"intent": "one-press-of-this-form", **sent}
    for _press in range(2):
        answer = nobody.post(f"/answer/{token}?says=maybe", intent)
        assert (answer.status_code, answer.location) == (303, f"/answer/{token}")
    assert answers_in(app) == [("maybe", "link")]
    assert "You said maybe" in nobody.get(f"/answer/{token}").text


def test_a_link_opened_by_somebody_else_who_is_signed_in_says_so(app: Flask, as_: Any) -> None:
    _event, token, _ref = asked_scene(app)
    tom = as_("tom")
    for answer in (tom.get(f"/answer/{token}"), tom.post(f"/answer/{token}", {"answer": "yes"})):
        assert answer.status_code == 403
        assert "It was sent to Petra Lindqvist, and you are signed in as Tom Okafor." in answer.text
    assert as_("petra").get(f"/answer/{token}").status_code == 200
    assert answers_in(app) == []


def test_the_portal_answers_for_oneself_and_the_organizer_for_others(app: Flask, as_: Any) -> None:
    event, _token, ref = asked_scene(app)
    petra, page = as_("petra"), f"/events/{event}/invitation"
    assert "Answer an invitation" in petra.get("/").text
    assert "I send somebody else" in petra.get(f"/events/{event}/registration").text
    assert petra.get(f"{page}?says=no").status_code == 200
    assert petra.post(page, {"answer": "maybe", "maybe_until": ""}).status_code == 422
    assert petra.post(page, {"answer": "no", "excuse": "leave", "reason": "Sea"}).status_code == 303
    assert "Answer an invitation" not in petra.get("/").text
    assert "You said that you cannot come" in petra.get(f"/events/{event}/registration").text
    with app.app_context():
        person = the_cast.load().people["petra"].ref
    for stranger in ("tom", "aude"):
        assert as_(stranger).get(f"{page}?for={person}").status_code == 404
        assert as_(stranger).get(page).status_code == 404
    olaf = as_("olaf")
    assert olaf.post(f"{page}?for={person}", {"answer": "yes"}).status_code == 303
    assert answers_in(app) == [("no", "page"), ("yes", "organizer")]
    shown = olaf.get(f"/events/{event}/invitations/{ref}").text
    assert "recorded by the organizer" in shown
    assert "On leave · Sea" in shown
    assert petra.get(f"/events/{event}/invitations/{ref}").status_code == 403


def test_two_answers_at_once_leave_one_that_counts_and_a_place_that_fits_it(either_app: Flask) -> None:
    with either_app.app_context():
        event = make_open_event(capacity=3)
        invitation, token = ask(event, the_cast.load().people["petra"])
        event_ref, ref = event.ref, invitation.ref
        db.session.remove()
    start, codes = threading.Barrier(4), []

    def press(says: str) -> None:
        visitor = Visitor(either_app.test_client())
        visitor.token()
        start.wait()
        codes.append(visitor.post(f"/answer/{token}", {"answer": says}).status_code)

    threads = [threading.Thread(target=press, args=(says,)) for says in ("yes", "no", "yes", "no")]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert codes == [303] * 4
    with either_app.app_context():
        counted = db.session.scalars(select(Invitation).where(Invitation.ref == ref)).one()
        kept = history(counted)
        assert kept[-1][0] == counted.answer
        assert all(one != other for (one, _), (other, _) in zip(kept, kept[1:], strict=False))
        mine = queries.find_own(find_visible(the_cast.load().olaf, event_ref), counted.person)
        assert (mine is not None and mine.state == "confirmed") == (counted.answer == "yes")
        assert places.reconcile() == []


# --- the board ----------------------------------------------------------------------------------------------------


@pytest.fixture
def house(cast: Cast) -> tuple[Event, Department, Department]:
    """Mei heads a department with one below it: one yes, one no, two silent; and one silent elsewhere."""
    event = make_open_event()
    with unit_of_work():
        top = make_department(name="Kilns", head=cast.people["mei"])
        low = make_department(name="Kiln Seven", parent=top)
        inside = [make_person(department=top), *(make_person(department=low) for _each in range(3))]
        outside = make_person(name="Zora")
    tokens = [ask(event, each)[1] for each in [*inside, outside]]
    by_link(tokens[0], YES)
    by_link(tokens[1], NO)
    return event, top, low


def test_the_board_counts_each_department_with_those_below_it(cast: Cast, house: Any) -> None:
    event, top, low = house
    units = read_units(cast.people["mei"])
    whole = invited.read_board(event, units, None)
    assert (whole.total.invited, whole.total.answered, whole.total.percent) == (5, 2, 40)
    rows = {row.unit.name if row.unit else None: row.tally.counts for row in whole.rows}
    assert rows == {
        "Kilns": {"yes": 1, "no": 1, "silent": 2}, "Kiln Seven": {"no": 1, "silent": 2}, None: {"silent": 1},
    }  # fmt: skip
    assert units.headed == {top.id, low.id}
    own = invited.read_board(event, units, units.headed)
    assert [(row.unit.name, row.depth) for row in own.rows] == [("Kilns", 0), ("Kiln Seven", 1)]
    assert own.total.invited == 4


def test_a_head_nudges_the_silent_of_the_own_unit_once_a_day(cast: Cast, house: Any) -> None:
    event, _top, low = house
    units = read_units(cast.people["mei"])
    unit = units.find(low.ref)
    for who in ("tom", "aude"):
        with pytest.raises(Forbidden), unit_of_work():
            invitations.nudge(event, unit, units=read_units(cast.people[who]), actor=cast.accounts[who])
    with unit_of_work():
        assert len(invitations.nudge(event, unit, units=units, actor=cast.mei)) == 2
    mails = db.session.scalars(select(MailMessage).where(MailMessage.kind == "invitation_reminder")).all()
    assert len(mails) == 2
    assert all("Mei Zhao reminds you" in each.text and each.holds_secret for each in mails)
    with pytest.raises(NobodyToRemind), unit_of_work():
        invitations.nudge(event, unit, units=units, actor=cast.mei)
    with unit_of_work():
        assert [each.person.name for each in invitations.remind_silent(event, actor=cast.olaf)] == ["Zora"]
    with clock.at(clock.now() + timedelta(days=1, minutes=1)), unit_of_work():
        assert len(invitations.nudge(event, unit, units=units, actor=cast.mei)) == 2


def test_what_a_head_sees_and_what_an_outsider(app: Flask, as_: Any) -> None:
    with app.app_context():
        cast = the_cast.load()
        event = make_open_event()
        with unit_of_work():
            unit = make_department(name="Kilns", head=cast.people["mei"])
            inside, outside = make_person(name="Inka", department=unit), make_person(name="Otto")
        ask(event, inside)
        theirs, _token = ask(event, outside)
        base, of_unit, of_other = f"/events/{event.ref}/invitations", unit.ref, theirs.ref
    mei, olaf, tom = as_("mei"), as_("olaf"), as_("tom")
    for path in ("/board", "", ".csv"):
        seen = mei.get(f"{base}{path}")
        assert seen.status_code == 200
        assert "Otto" not in seen.text
        assert tom.get(f"{base}{path}").status_code == 403
        assert as_("aude").get(f"{base}{path}").status_code == 200
    assert "Inka" in mei.get(f"{base}?department={of_unit}&answer=silent").text
    assert "Otto" in olaf.get(f"{base}?department=none").text
    assert "Inka" not in olaf.get(f"{base}?department=none").text
    assert mei.get(f"{base}/{of_other}").status_code == 404
    assert f"{base}?department={of_unit}&amp;answer=silent" in olaf.get(f"{base}/board").text
    assert tom.post(f"{base}/nudges/{of_unit}").status_code == 403
    assert mei.post(f"{base}/nudges/{of_unit}").status_code == 303
    with app.app_context():
        assert [each.to_name for each in db.session.scalars(select(MailMessage)) if "reminder" in each.kind] == ["Inka"]


def test_the_board_and_the_list_ask_as_much_for_five_thousand_as_for_one(
    app: Flask, as_: Any, count_statements: Any
) -> None:
    with app.app_context():
        event = make_open_event()
        ask(event, the_cast.load().people["petra"])
        pages = [
            f"/events/{event.ref}/invitations{each}" for each in ("/board", "", "?answer=silent&q=crowd", "/reminders")
        ]
    olaf = as_("olaf")

    def look() -> list[int]:
        asked = []
        for page in pages:
            with count_statements() as said:
                assert olaf.get(page).status_code == 200
            asked.append(len(said))
        return asked

    few = look()
    with app.app_context():
        make_asked(event.ref, 5_000)
    assert look() == few
    assert max(few) <= 12


def make_asked(event_ref: str, number: int) -> None:
    """So many silent people of ten departments, written as rows."""
    from sqlalchemy import func, insert

    from app.people.models import Organization

    with unit_of_work():
        event_id = db.session.scalar(select(Event.id).where(Event.ref == event_ref))
        company = db.session.scalar(select(Organization.id).where(Organization.is_own))
        last = db.session.scalar(select(func.max(Person.id)))
        units = [make_department().id for _each in range(10)]
        ids = range(last + 1, last + number + 1)
        db.session.execute(
            insert(Person),
            [
                {
                    "id": each, "organization_id": company, "department_id": units[each % 10], "name": f"Crowd {each}",
                    "name_key": f"crowd {each}", "email": f"c{each}@hufu.example",
                }
                for each in ids
            ],
        )  # fmt: skip
        db.session.execute(
            insert(Invitation),
            [
                {"event_id": event_id, "person_id": each, "via": "x", "sent_at": clock.now(), "reminders": 0}
                for each in ids
            ],
        )


def test_a_head_hears_at_home_of_silence_in_the_unit_after_some_days(app: Flask, as_: Any) -> None:
    with app.app_context():
        cast = the_cast.load()
        event = make_open_event()
        with unit_of_work():
            top = make_department(head=cast.people["mei"])
            below = make_department(parent=top)
            people = [make_person(department=each) for each in (top, below, below)]
        tokens = [ask(event, each)[1] for each in people]
        by_link(tokens[0], NO)
        title = event.title
    words = "2 people of your unit have not answered"
    assert words not in as_("mei").get("/").text
    with clock.at(clock.now() + timedelta(days=4)):
        page = as_("mei").get("/").text
        assert words in page
        assert title in page
        assert words not in as_("petra").get("/").text
