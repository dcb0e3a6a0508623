"""The pages of printing, from the first card to the file."""

import io
import re
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import func, select

from app.badges import printing, services
from app.badges.models import Printed, PrintRun
from app.core.db import db, unit_of_work
from app.events.models import Event
from app.registration.models import Registration
from tests import cast as the_cast
from tests.factories.registration import make_crowd, make_open_event, register


@dataclass(frozen=True)
class Desk:
    """An event with Petra and Tom expected; the registration of Petra, and one of another event."""

    ref: str
    petra: str
    tom: str
    elsewhere: str

    def url(self, path: str = "") -> str:
        return f"/events/{self.ref}/badges{path}"


@pytest.fixture
def desk(app: Flask) -> Desk:
    with app.app_context():
        cast = the_cast.load()
        event, other = make_open_event(title="Winter Session"), make_open_event()
        petra, tom = (register(event, cast.people[name]) for name in ("petra", "tom"))
        return Desk(event.ref, petra.ref, tom.ref, register(other, cast.people["mei"]).ref)


def numbers(app: Flask) -> tuple[int, int]:
    with app.app_context():
        return tuple(db.session.scalar(select(func.count(each.id))) for each in (PrintRun, Printed))  # type: ignore


def test_the_organizer_prints_what_is_needed_and_fetches_the_file(app: Flask, desk: Desk, as_: Any) -> None:
    olaf = as_("olaf")
    page = olaf.get(desk.url()).get_data(as_text=True)
    assert "Needs printing: 2 cards." in page
    look = olaf.get(desk.url("/badge/print?who=needed")).get_data(as_text=True)
    assert "2 cards on 1 sheet." in look
    picture = olaf.get(desk.url("/badge/preview.png?who=needed"))
    assert (picture.mimetype, picture.data[:4]) == ("image/png", b"\x89PNG")

    sent = {"start": "0", "intent": "one-press"}
    first, second = (olaf.post(desk.url("/badge/print?who=needed"), sent) for _each in range(2))
    assert (first.status_code, first.location) == (303, second.location)
    assert numbers(app) == (1, 2)
    page = olaf.get(first.location).get_data(as_text=True)
    assert "The file is ready." in page
    paper = olaf.get(re.search(r'href="([^"]+cards\.pdf)"', page)[1])  # type: ignore[index]
    assert paper.mimetype == "application/pdf"
    assert paper.headers["Content-Disposition"].startswith("attachment; ")
    printed = PdfReader(io.BytesIO(paper.data)).pages[0].extract_text()
    assert "Petra Lindqvist" in printed
    assert "Tom Okafor" in printed

    page = olaf.get(desk.url()).get_data(as_text=True)
    assert "Everything that is needed is printed." in page
    everybody = olaf.get(desk.url("?view=all")).get_data(as_text=True)
    assert everybody.count("Printed</span>") == 2


def test_one_person_or_some_are_printed_again(app: Flask, desk: Desk, as_: Any) -> None:
    olaf = as_("olaf")
    look = olaf.get(desk.url(f"/badge/print?registration={desk.tom}")).get_data(as_text=True)
    assert "1 card on 1 sheet." in look
    assert desk.tom in look.split("<form", 1)[1]
    answer = olaf.post(desk.url(f"/badge/print?registration={desk.tom}"), {"start": "3"})
    assert answer.status_code == 303
    with app.app_context():
        run = db.session.scalars(select(PrintRun)).one()
        assert (run.wanted, run.start) == ([desk.tom], 3)
        assert db.session.scalars(select(Printed.registration_id)).all() == [
            db.session.scalar(select(Registration.id).where(Registration.ref == desk.tom))
        ]


def test_a_registration_of_elsewhere_is_not_there(app: Flask, desk: Desk, as_: Any) -> None:
    olaf = as_("olaf")
    for path in (f"/badge/print?registration={desk.elsewhere}", f"/badge/preview.png?registration={desk.elsewhere}"):
        assert olaf.get(desk.url(path)).status_code == 404
    mixed = f"/badge/print?registration={desk.tom}&registration={desk.elsewhere}"
    assert olaf.post(desk.url(mixed), {"start": "0"}).status_code == 404
    assert numbers(app) == (0, 0)
    with app.app_context():
        other = db.session.scalars(select(Event).where(Event.ref != desk.ref)).one()
        with unit_of_work():
            (run,) = services.order_tables(other, 1, 2, actor=the_cast.load().olaf)
        ref = run.ref
    for path in (f"/runs/{ref}", f"/runs/{ref}/cards.pdf"):
        assert olaf.get(desk.url(path)).status_code == 404


def test_the_layout_is_set_with_a_picture_and_its_mistakes_stand_beside_the_fields(desk: Desk, as_: Any) -> None:
    olaf = as_("olaf")
    form = olaf.get(desk.url("/badge/layout")).get_data(as_text=True)
    version = re.search(r'name="version"[^>]*value="(\d*)"', form)[1]  # type: ignore[index]
    sent = {
        "version": version, "language": "en", "shown": ["event", "qr"], "line": "{position}", "width": "85,6", "height": "54",
        "largest": "28", "floor": "12", "sheet": "a4", "columns": "2", "rows": "5", "left": "10", "top": "13.5", "gap_x": "0",
        "gap_y": "0", "start": "0",
    }  # fmt: skip
    for wrong, field in (
        ({"columns": "9"}, "columns"), ({"width": "nan"}, "width"), ({"width": "wide"}, "width"), ({"width": ""}, "width"),
        ({"rows": "-1"}, "rows"), ({"line": "{password}"}, "line"), ({"sheet": "a0"}, "sheet"), ({"shown": "phone"}, "shown"),
    ):  # fmt: skip
        answer = olaf.post(desk.url("/badge/layout"), {**sent, **wrong})
        assert answer.status_code == 422, wrong
        page = answer.get_data(as_text=True)
        assert f'id="{field}-wrong"' in page, wrong
    assert olaf.post(desk.url("/badge/layout"), sent).status_code == 303
    form = olaf.get(desk.url("/badge/layout")).get_data(as_text=True)
    assert 'value="85.6"' in form
    for paper in ("tent", "table", "certificate"):
        assert olaf.get(desk.url(f"/{paper}/layout")).status_code == 200
        assert olaf.get(desk.url(f"/{paper}/preview.png?who=all")).data[:4] == b"\x89PNG"


def test_a_name_that_comes_out_small_and_one_that_cannot_be_printed_are_named_before(
    app: Flask, desk: Desk, as_: Any
) -> None:
    with app.app_context(), unit_of_work():
        people = the_cast.load().people
        people["petra"].name = "W" * 60
        people["tom"].name = "Tom <b>😀</b>"
    page = as_("olaf").get(desk.url("/badge/print?who=all")).get_data(as_text=True)
    assert "On 1 card a text is set smaller than the layout wants" in page
    assert "1 card is left out" in page
    assert "Tom &lt;b&gt;😀&lt;/b&gt;: <b>😀</b>" in page
    with app.app_context(), unit_of_work():
        mine = db.session.scalars(select(Registration).where(Registration.ref == desk.petra)).one()
        services.certificate(mine, half_days=["2027-01-12/am"], actor=the_cast.load().olaf)
    page = as_("olaf").get(desk.url("/certificate/print?who=all")).get_data(as_text=True)
    assert "On 1 card a text is set smaller than the layout wants" in page


def test_a_browser_that_prints_without_end_waits_a_minute(app: Flask, desk: Desk, as_: Any) -> None:
    olaf = as_("olaf")
    answers = [olaf.post(desk.url("/table/print"), {"first": "1", "last": "2", "start": "0"}) for _each in range(8)]
    assert [each.status_code for each in answers] == [303] * 6 + [429] * 2
    assert answers[-1].headers["Retry-After"] == "60"
    assert numbers(app)[0] == 6


def test_a_large_file_is_made_after_the_answer(app: Flask, desk: Desk, as_: Any) -> None:
    with app.app_context():
        event = db.session.scalars(select(Event).where(Event.ref == desk.ref)).one()
        make_crowd(event, services.SMALL)
    olaf = as_("olaf")
    answer = olaf.post(desk.url("/badge/print?who=all"), {"start": "0"})
    assert answer.status_code == 303
    page = olaf.get(answer.location)
    assert "The file is being made." in page.get_data(as_text=True)
    assert page.headers["Refresh"] == "3"
    assert olaf.get(answer.location + "/cards.pdf").status_code == 303
    with app.app_context():
        printing.print_cards(answer.location.rsplit("/", 1)[1])
    page = olaf.get(answer.location)
    assert "The file is ready." in page.get_data(as_text=True)
    assert "Refresh" not in page.headers


def test_who_reaches_printing(desk: Desk, as_: Any) -> None:
    for who in ("sara", "sven", "li_wei", "dora", "petra", "rita", "aude", "xaver"):
        visitor = as_(who)
        for path in ("", "/badge/layout", "/badge/preview.png", "/badge/print?who=all"):
            assert visitor.get(desk.url(path)).status_code == 403, (who, path)
    assert as_("nobody").get(desk.url()).status_code == 302


def test_a_certificate_is_fetched_by_whom_it_names(app: Flask, desk: Desk, as_: Any) -> None:
    url = f"/events/{desk.ref}/registrations/{desk.petra}/certificate.pdf"
    assert as_("petra").get(url).status_code == 404
    with app.app_context(), unit_of_work():
        mine = db.session.scalars(select(Registration).where(Registration.ref == desk.petra)).one()
        code = services.certificate(mine, half_days=["2027-01-12/am"], actor=the_cast.load().olaf).code
    for who, status in (("petra", 200), ("olaf", 200), ("tom", 403), ("sara", 403), ("dora", 403)):
        assert as_(who).get(url).status_code == status
    assert as_("olaf").get(f"/events/{desk.ref}/registrations/{desk.elsewhere}/certificate.pdf").status_code == 404
    page = as_("nobody").get(f"/verify/{code}").get_data(as_text=True)
    assert "Complete and unchanged" in page
    assert "Certificate of attendance" in page
    assert "Petra" not in page


def test_the_page_asks_the_same_of_the_database_for_two_and_for_thousands(
    app: Flask, desk: Desk, as_: Any, count_statements: Any
) -> None:
    olaf = as_("olaf")
    olaf.get(desk.url("?view=all"))
    with count_statements() as few:
        olaf.get(desk.url("?view=all"))
    with app.app_context():
        make_crowd(db.session.scalars(select(Event).where(Event.ref == desk.ref)).one(), 3000)
    with count_statements() as many:
        page = olaf.get(desk.url("?view=all&per_page=100")).get_data(as_text=True)
    assert page.count("<tr>") == 101
    assert len(few) == len(many) <= 12


def test_a_title_with_a_sign_that_no_font_has_spoils_neither_the_picture_nor_the_print(app: Flask, as_: Any) -> None:
    with app.app_context():
        event = make_open_event(title="Summer \U0001f389 Session")
        register(event, the_cast.load().people["petra"])
        base = f"/events/{event.ref}/badges"
    olaf = as_("olaf")
    for paper in ("badge", "certificate"):
        assert olaf.get(f"{base}/{paper}/preview.png?who=all").data[:4] == b"\x89PNG", paper
    assert olaf.post(f"{base}/badge/print?who=needed", {"start": "0"}).status_code == 303
