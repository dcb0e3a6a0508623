"""The pages of the record."""

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.attendance import roomcode, services
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.roles import SYSTEM
from app.door.models import CheckIn
from app.door.services import arrival_of
from app.events.models import Event
from app.registration import services as registration
from app.signing.models import IssuedDocument
from tests import cast as the_cast
from tests.factories.liveday import at, make_day
from tests.factories.registration import make_people, register


@pytest.fixture
def day(app) -> dict[str, str]:
    """A published day with Petra let in and Tom expected, in plain words."""
    with app.app_context(), clock.at(at("8:40")):
        cast = the_cast.load()
        with unit_of_work():
            event = make_day().event
            event.status = "published"
            registration.open_registration(event, actor=SYSTEM)
        for name in ("petra", "tom"):
            register(event, cast.people[name])
        with unit_of_work():
            point = arrival_of(event)
            db.session.add(
                CheckIn(event=event, point=point, person=cast.people["petra"], at=at("8:50"), by_name="Dora", means="code")
            )  # fmt: skip
        return {"url": f"/events/{event.ref}", "point": point.ref, "petra": cast.people["petra"].ref,
                "tom": cast.people["tom"].ref, "event": event.ref}  # fmt: skip


@pytest.fixture
def enter(as_):
    def sign_in(name: str):
        with clock.at(at("12:00")):
            return as_(name)

    return sign_in


def words(answer) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))).split())


def test_the_record_is_read_by_half_day_corrected_and_exported(enter, day) -> None:
    olaf = enter("olaf")
    with clock.at(at("12:30")):
        page = words(olaf.get(f"{day['url']}/attendance"))
        assert "1 Present" in page
        assert "1 Absent" in page
        one = f"{day['url']}/attendance/people/{day['tom']}"
        assert "Had a place, and was not seen." in words(olaf.get(one))
        refused = olaf.post(one, {"mark": "remote", "reason": ""})
        assert refused.status_code == 422
        assert olaf.post(one, {"mark": "remote", "reason": "By telephone"}).status_code == 303
        after = words(olaf.get(one))
        assert "Remote corrected" in after
        assert "By telephone" in after
        table = olaf.get(f"{day['url']}/attendance.csv").get_data(as_text=True)
        assert "Remote" in table
        only = words(olaf.get(f"{day['url']}/attendance?status=present&q="))
        assert only.count("Present") >= 1
        assert olaf.post(f"{one}/taking-back?span=2027-01-14/am").status_code == 303
        assert "Remote corrected" not in words(olaf.get(one))
        many = f"{day['url']}/attendance/marks?span=2027-01-14/am"
        assert olaf.post(many, {"mark": "remote", "reason": "", "person": [day["tom"]]}).status_code == 422
        assert olaf.post(many, {"mark": "remote", "reason": "x"}).status_code == 422
        assert olaf.post(many, {"mark": "remote", "reason": "By telephone", "person": [day["tom"]]}).status_code == 303
        assert "1 Remote" in words(olaf.get(f"{day['url']}/attendance"))


def test_a_sheet_is_printed_and_given_back(enter, day) -> None:
    olaf = enter("olaf")
    with clock.at(at("12:30")):
        made = olaf.post(f"{day['url']}/attendance/sheets?span=2027-01-14/am")
        assert made.status_code == 303
        sheet = made.headers["Location"]
        assert "/attendance/sheets/" in sheet
        pdf = olaf.get(f"{sheet}.pdf")
        assert (pdf.mimetype, pdf.data[:5]) == ("application/pdf", b"%PDF-")
        assert olaf.post(sheet, {"lines": "1-x"}).status_code == 422
        page = words(olaf.get(sheet))
        assert "Sheet 1" in page
        assert olaf.post(sheet, {"lines": "1-2"}).status_code == 303
        assert "2 Present" in words(olaf.get(f"{day['url']}/attendance"))


def test_the_rooms_code_leads_to_a_button_and_looking_changes_nothing(app, enter, day) -> None:
    olaf, tom = enter("olaf"), enter("tom")
    with app.app_context():
        event = db.session.query(Event).filter_by(ref=day["event"]).one()
        point = arrival_of(event)
        code = roomcode.code_at(point, at("9:00"))
    here = f"{day['url']}/points/{day['point']}/here"
    with clock.at(at("9:00")):
        screen = olaf.get(f"{day['url']}/points/{day['point']}/code")
        assert "<svg" in screen.get_data(as_text=True)
        assert int(screen.headers["Refresh"]) <= 31
        assert tom.get(f"{here}?code=WRONG").status_code == 410
        page = tom.get(f"{here}?code={code}").get_data(as_text=True)
        ticket = re.search(r'name="ticket" value="([^"]+)"', page).group(1)
    with app.app_context():
        assert db.session.query(CheckIn).count() == 1
    with clock.at(at("9:03")):
        assert tom.post(here, {"ticket": ticket + "x"}).status_code == 422
        assert tom.post(here, {"ticket": ticket}).status_code == 303
        assert "You are checked in." in words(tom.get(f"{here}?done=1"))
    with app.app_context():
        assert db.session.query(CheckIn).count() == 2


def test_the_record_asks_the_same_few_questions_for_two_people_and_for_forty(app, enter, day, count_statements) -> None:
    olaf = enter("olaf")

    def asked() -> int:
        with clock.at(at("12:30")), count_statements() as said:
            assert olaf.get(f"{day['url']}/attendance").status_code == 200
        return len(said)

    asked()  # the first one opens the browser's session
    few = asked()
    with app.app_context(), clock.at(at("8:45")):
        event = db.session.query(Event).filter_by(ref=day["event"]).one()
        for each in make_people(38):
            register(event, each)
    assert asked() == few
    assert few <= 13


def test_who_was_there_gets_a_certificate_when_it_is_over_and_nobody_else(app, enter, as_, day) -> None:
    petra, tom, olaf = enter("petra"), enter("tom"), enter("olaf")
    mine = f"{day['url']}/attendance/certificate"
    with clock.at(at("12:30")):
        refused = petra.post(mine)
        assert refused.headers["Location"].endswith("/registration/mine")
        assert "when the event is over" in words(petra.get(f"{day['url']}/registration/mine"))
        assert olaf.post(f"{day['url']}/attendance/certificates").status_code == 303
    with clock.at(at("12:30") + timedelta(days=3)):
        petra, tom = as_("petra"), as_("tom")
        assert "Certificate of attendance" in words(petra.get(f"{day['url']}/registration/mine"))
        made = petra.post(mine)
        pdf = petra.get(made.headers["Location"])
        assert (pdf.mimetype, pdf.data[:5]) == ("application/pdf", b"%PDF-")
        assert tom.get(made.headers["Location"]).status_code == 403
        assert tom.post(mine).headers["Location"].endswith("/registration/mine")
        with app.app_context():
            issued = db.session.scalars(select(IssuedDocument)).all()
            assert [each.content["half_days"] for each in issued] == [["2027-01-14/am"]]
            services.issue_all_certificates(day["event"])
            assert db.session.scalars(select(IssuedDocument)).all() == issued  # Tom was not seen; Petra has hers
