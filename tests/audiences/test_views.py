"""The organizer's way from an empty list to sent invitations, without a browser; and who is kept out."""

import io
import re
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook
from sqlalchemy import select

from app.audiences import meanings, services
from app.audiences.models import InviteeRule, PersonGroup
from app.core import clock
from app.core.db import db, unit_of_work
from app.events.models import Event
from app.invitations import invitees
from app.mail.models import MailMessage
from app.people.models import Department
from app.registration.models import Invitation, RegistrationPlan
from tests import cast as the_cast
from tests.factories import make_department, make_person
from tests.factories.registration import make_open_event


@dataclass(frozen=True)
class Scene:
    """Refs alone, so that no app context stays open while browsers visit."""

    event: str
    works: str
    rule: str
    elsewhere: str

    def url(self, path: str) -> str:
        return f"/events/{self.event}/{path}"


@pytest.fixture
def scene(app: Flask) -> Scene:
    """An event that invites nobody yet, and another one with one line."""
    with app.app_context():
        cast = the_cast.load()
        event, other = make_open_event(title="Annual gathering"), make_open_event()
        works = db.session.scalars(select(Department).where(Department.code == "WRK")).one()
        with unit_of_work():
            elsewhere = services.add_line(other, meanings.of_department(works), actor=cast.olaf)
            rule = services.add_line(event, meanings.of_person(cast.people["tom"]), actor=cast.olaf)
        return Scene(event.ref, works.ref, rule.ref, elsewhere.ref)


def text_of(answer: Any) -> str:
    """What a page says, without its markup."""
    page = answer.get_data(as_text=True)
    return " ".join(unescape(re.sub("<[^>]+>", " ", page[page.index("<main") :])).split())


def value_of(answer: Any, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', answer.get_data(as_text=True))
    assert found is not None
    return found.group(1)


def count(app: Flask, model: Any) -> int:
    with app.app_context():
        return len(db.session.scalars(select(model.id)).all())


def test_from_lines_and_a_pasted_list_to_sent_invitations(app: Flask, scene: Scene, as_: Any) -> None:
    olaf = as_("olaf")
    choose = scene.url(f"invitees/lines/new?kind=department&choice={scene.works}&below=1")
    page = text_of(olaf.get(choose))
    assert "Means 3 people" in page
    assert "1, then 4" in page
    assert olaf.post(choose).location == scene.url("invitations/new")
    assert "stands on the list already" in text_of(olaf.post(choose))
    pasted = "Petra Lindqvist\nrita@hufu.example\nNobody Ever\nSara Novák\n"
    shown = olaf.post(scene.url("invitees/lists/new"), {"text": pasted, "name": "From the works", "act": "look"})
    assert shown.status_code == 200
    said = text_of(shown)
    assert "3 people found" in said
    assert "One line needs a look." in said
    assert re.search(r"3 Nobody Ever Not found", said)
    assert "Nobody Ever\nSara Novák" in shown.get_data(as_text=True)
    assert count(app, InviteeRule) == 3
    done = olaf.post(
        scene.url("invitees/lists/new"),
        {"text": pasted, "name": "From the works", "act": "add", "seen": value_of(shown, "seen")},
    )
    assert done.location == scene.url("invitations/new")
    page = text_of(olaf.get(scene.url("invitations/new")))
    assert "Look and send to 6 people" in page
    assert "The lines overlap once: nobody gets two mails." in page
    assert count(app, Invitation) == 0
    look = olaf.post(scene.url("invitees/sending"), {"message": "Bring your plans.", "act": "look"})
    said = text_of(look)
    assert "6 people are asked" in said
    assert "The mail, as Mei Zhao gets it" in said
    assert "Bring your plans." in said
    assert count(app, MailMessage) == 0
    sent = olaf.post(scene.url("invitees/sending"), {"message": "Bring your plans.", "seen": value_of(look, "seen")})
    assert sent.location == scene.url("invitations")
    with app.app_context():
        found = db.session.scalars(select(Invitation)).all()
        assert sorted((each.person.name, each.via) for each in found) == [
            ("Mei Zhao", "Works"), ("Petra Lindqvist", "Works"), ("Rita Sommer", "From the works"),
            ("Sara Novák", "From the works"), ("Tom Okafor", "person"), ("Xaver Huber", "Works"),
        ]  # fmt: skip
        assert count(app, MailMessage) == 6
        with unit_of_work():
            works = db.session.scalars(select(Department).where(Department.code == "WRK")).one()
            joined = make_person(name="New One", department=works)
            line = db.session.scalars(select(InviteeRule.ref).where(InviteeRule.said == "Works")).all()[-1]
        joined_ref = joined.ref
    page = text_of(olaf.get(scene.url("invitations/new")))
    assert "1 new, not invited" in page
    assert "Invite 1 more" in page
    assert "Look and send" not in page
    listed = olaf.get(scene.url(f"invitees?line={line}&standing=new")).get_data(as_text=True)
    assert joined_ref in listed
    late = olaf.get(scene.url(f"invitees/sending?line={line}"))
    assert "1 person is asked" in text_of(late)
    olaf.post(scene.url(f"invitees/sending?line={line}"), {"seen": value_of(late, "seen")})
    assert count(app, Invitation) == 7


def test_a_table_comes_into_the_text_and_only_what_was_shown_is_added(app: Flask, scene: Scene, as_: Any) -> None:
    olaf = as_("olaf")
    book = Workbook()
    for row in (
        ["Department", "Name", "E-mail"],
        ["Works", "Mei", "mei@hufu.example"],
        ["Works", "Ann", "ann@x.example"],
    ):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    shown = olaf.post(
        scene.url("invitees/lists/new"), {"act": "add", "file": (io.BytesIO(file.getvalue()), "guests.xlsx")},
        content_type="multipart/form-data",
    )  # fmt: skip
    assert shown.status_code == 422
    page = shown.get_data(as_text=True)
    assert "mei@hufu.example\tMei\nann@x.example\tAnn" in page
    assert value_of(shown, "name") == "guests.xlsx"
    assert "One person found" in text_of(shown)
    text = "mei@hufu.example\tMei\nTom Okafor"
    changed = olaf.post(scene.url("invitees/lists/new"), {"text": text, "act": "add", "seen": value_of(shown, "seen")})
    assert changed.status_code == 422
    assert "means others than what you looked at" in text_of(changed)
    assert count(app, InviteeRule) == 2
    for bad in ({"act": "look"}, {"act": "add", "text": ""}):
        assert "Please paste a list" in text_of(olaf.post(scene.url("invitees/lists/new"), bad))
    broken = olaf.post(
        scene.url("invitees/lists/new"), {"text": "Tom Okafor", "file": (io.BytesIO(b"PK\x03\x04"), "guests.xlsx")},
        content_type="multipart/form-data",
    )  # fmt: skip
    assert broken.status_code == 422
    assert "Tom Okafor" in broken.get_data(as_text=True)


def test_people_are_found_by_parts_of_their_names(app: Flask, scene: Scene, as_: Any) -> None:
    olaf = as_("olaf")
    address = scene.url("invitees/lines/new?kind=person&q=tom")
    assert "on the list already" in text_of(olaf.get(address))
    address = scene.url("invitees/lines/new?kind=person&q=mei")
    with app.app_context():
        mei = the_cast.load().people["mei"].ref
    assert mei in olaf.get(address).get_data(as_text=True)
    assert olaf.post(address).status_code == 422
    assert olaf.post(address, {"person": mei}).status_code == 303
    with app.app_context():
        assert [each.said for each in db.session.scalars(select(InviteeRule)).all()] == [
            "Works",
            "Tom Okafor",
            "Mei Zhao",
        ]


def test_removing_a_line_says_first_that_nothing_is_taken_back(app: Flask, scene: Scene, as_: Any) -> None:
    with app.app_context():
        event = db.session.scalars(select(Event).where(Event.ref == scene.event)).one()
        with unit_of_work():
            invitees.send(event, actor=the_cast.load().olaf)
    olaf = as_("olaf")
    address = scene.url(f"invitees/lines/{scene.rule}/removal")
    said = text_of(olaf.get(address))
    assert "Nothing is taken back" in said
    assert "1 person who would be off the list holds an invitation." in said
    assert olaf.post(address).status_code == 303
    with app.app_context():
        assert db.session.scalars(select(Invitation)).one().revoked_at is None
    assert olaf.get(address).status_code == 404
    assert "1 person is invited whom no line means." in text_of(olaf.get(scene.url("invitations/new")))


def test_lines_of_another_event_and_lists_without_a_right_are_not_to_be_had(app: Flask, scene: Scene, as_: Any) -> None:
    olaf = as_("olaf")
    for path in (f"invitees/lines/{scene.elsewhere}/removal", f"invitees/sending?line={scene.elsewhere}"):
        assert olaf.get(scene.url(path)).status_code == 404
        assert olaf.post(scene.url(path)).status_code == 404
    assert olaf.get(scene.url("invitees/lines/new?kind=nonsense")).status_code == 404
    odd = "invitees/lines/new?kind=department&choice=%00%ED%A0%80&below=9"
    assert olaf.get(scene.url(odd)).status_code == 200
    assert olaf.post(scene.url(odd)).status_code == 422
    assert olaf.get(scene.url("invitees?line=%00&standing=x&page=-1")).status_code == 200
    for who in ("petra", "sara", "aude", "dora"):
        visitor = as_(who)
        for path in (
            "invitees",
            "invitees.csv",
            "invitees/sending",
            "invitees/lists/new",
            f"invitees/lines/{scene.rule}/removal",
        ):
            assert visitor.get(scene.url(path)).status_code == 403
        assert visitor.post(scene.url("invitees/lists/new"), {"text": "Tom Okafor", "act": "add"}).status_code == 403
    assert count(app, InviteeRule) == 2


def test_sending_is_refused_while_registration_is_closed_and_keeps_what_was_typed(
    app: Flask, scene: Scene, as_: Any
) -> None:
    with app.app_context(), unit_of_work():
        for plan in db.session.scalars(select(RegistrationPlan)):
            plan.closes_at = clock.now() - timedelta(hours=1)
    olaf = as_("olaf")
    look = olaf.get(scene.url("invitees/sending"))
    answer = olaf.post(scene.url("invitees/sending"), {"message": "Come early.", "seen": value_of(look, "seen")})
    assert answer.status_code == 422
    assert "Open registration first" in text_of(answer)
    assert "Come early." in text_of(answer)
    assert count(app, Invitation) == 0


def test_a_group_is_made_filled_and_chosen(app: Flask, scene: Scene, as_: Any) -> None:
    olaf = as_("olaf")
    made = olaf.post("/groups/new", {"name": "Directors", "name_local": "总监", "note": ""})
    assert made.status_code == 303
    with app.app_context():
        ref = db.session.scalars(select(PersonGroup.ref)).one()
    shown = olaf.post(f"/groups/{ref}/members/new", {"text": "Mei Zhao\nTom Okafor\nWho", "act": "look"})
    assert "2 people found" in text_of(shown)
    sent = {"text": "Mei Zhao\nTom Okafor\nWho", "act": "add", "seen": value_of(shown, "seen")}
    assert olaf.post(f"/groups/{ref}/members/new", sent).status_code == 303
    assert "Mei Zhao" in text_of(olaf.get(f"/groups/{ref}"))
    assert "2 people" in text_of(olaf.get("/groups"))
    page = text_of(olaf.get(scene.url(f"invitees/lines/new?kind=group&choice={ref}")))
    assert "1, then 2" in page
    for who, status in (("aude", 200), ("petra", 403), ("sara", 403)):
        assert as_(who).get(f"/groups/{ref}").status_code == status
        assert as_(who).post(f"/groups/{ref}/removal").status_code == 403
    assert olaf.get("/groups/nonsense00000000").status_code == 404


def test_the_list_pages_ask_the_same_number_of_questions_for_few_and_for_many(
    app: Flask, scene: Scene, as_: Any, count_statements: Any
) -> None:
    olaf = as_("olaf")
    counts = []
    for number in (1, 30):
        with app.app_context(), unit_of_work():
            cast = the_cast.load()
            event = db.session.scalars(select(Event).where(Event.ref == scene.event)).one()
            for _each in range(number):
                department = make_department()
                make_person(department=department)
                services.add_line(event, meanings.of_department(department), actor=cast.olaf)
        for path in ("invitations/new", "invitees", "invitees/sending"):
            with count_statements() as said:
                assert olaf.get(scene.url(path)).status_code == 200
            counts.append(len(said))
    assert counts[:3] == counts[3:]
    assert max(counts) <= 12
