"""Rule 31 in the table of the evening: before the conferral no door of it names the winner to whoever may not know.

The winner's name stands in every column of the award's rows, typed by a planner who knows. Each door is opened by
everybody; what comes out is searched for it.
"""

import io
import re
import zipfile
from datetime import date
from html import unescape
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader

from app.awards import services as awards
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Refused
from app.core.roles import SYSTEM
from app.mail.models import MailMessage
from app.people.models import Person
from app.search.models import SearchEntry
from app.shows import blocks, importing, queries, services
from app.shows.models import Cue, Show
from tests.cast import load
from tests.factories import make_event, make_person
from tests.factories.rites import make_award
from tests.factories.shows import make_cue, make_show

WINNER = "Canarina Zhou"
LOCAL = "金丝雀"
KNOWING = ("olaf", "sara", "aude")
READING = ("olaf", "sara", "aude", "ada", "li_wei", "petra")  # petra owns a cue of the evening
DEPARTMENTS = ("whole", "sound", "light", "screen", "props", "script", "owner")


@pytest.fixture
def evening(app: Flask) -> str:
    with app.app_context(), unit_of_work():
        cast = load()
        event = make_event()
        winner = make_person(name=WINNER, name_local=LOCAL)
        award = make_award(event, title="Prize of the year", recipients=[winner])
        show = make_show(event)
        make_cue(show, title="Doors", owner=cast.people["petra"])
        made = blocks.add_award_block(show, actor=cast.olaf, award=award)
        for name in ("title", "title_local", "on_stage", "stage_position", "script", "script_local", "sound", "light", "screen", "props", "pronunciation"):  # fmt: skip
            words = (
                f"{name} of {WINNER}"
                if name != "light"
                else f"spot on {WINNER.upper()} {LOCAL}, follow Canarina's hand"
            )
            services.edit_cue(made[1], actor=cast.olaf, **{name: words})
        loose = make_cue(show, title=f"Reveal {WINNER}", kind="reveal")
        services.publish(show, actor=cast.olaf)
        services.edit_cue(loose, actor=cast.olaf, minutes=9, script=f"And it is {WINNER}")
        services.publish(show, actor=cast.olaf, note="Longer")
        return f"/events/{event.ref}/shows/{show.ref}"


def told(body: bytes, path: str) -> str:
    """All words of an answer, whatever it is packed in."""
    if ".pdf" in path:
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)
    if ".xlsx" in path:
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            return "\n".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    return unescape(body.decode())


def names_winner(text: str) -> bool:
    flat = re.sub(r"\s+", " ", text).casefold()
    return "canarina" in flat or LOCAL in flat


def doors(base: str) -> list[str]:
    pages = [base, f"{base}/versions/2", f"{base}/comparison?from=1&to=2", f"{base}/comparison", base.rsplit("/", 1)[0]]
    pages += [f"{base}/print?department={each}&names=1" for each in DEPARTMENTS]
    return [
        *pages,
        f"{base}/versions/1",
        f"{base}/table.xlsx?names=1",
        f"{base}/print?version=working",
        f"{base}?rehearse=1",
    ]


def test_rule_31_no_page_names_the_winner_to_whoever_may_not_know(as_: Any, evening: str) -> None:
    for name in ("nobody", "xaver", "tom", "rita", "sven", "dora", *READING):
        visitor = as_(name)
        seen = 0
        for path in doors(evening):
            answer = visitor.get(path)
            if name in KNOWING:
                seen += names_winner(told(answer.data, path))
            else:
                assert not (answer.status_code == 200 and names_winner(told(answer.data, path))), (name, path)
        assert bool(seen) is (name in KNOWING), name
        if name in READING:
            assert visitor.get(evening).status_code == 200, name


def test_rule_31_what_is_handed_round_names_nobody_whoever_prints_it(as_: Any, evening: str) -> None:
    olaf = as_("olaf")
    for path in (
        f"{evening}/script.pdf",
        f"{evening}/light.pdf?version=working",
        f"{evening}/table.xlsx",
        f"{evening}/print",
    ):
        answer = olaf.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["Cache-Control"] == "private, no-store" or path.endswith("print")
        assert not names_winner(told(answer.data, path)), path
    card = told(olaf.get(f"{evening}/script.pdf?names=1").data, "card.pdf")
    assert names_winner(card)
    assert "do not hand on" in re.sub(r"\s+", " ", card)
    ada = told(as_("ada").get(f"{evening}/script.pdf?names=1").data, "card.pdf")
    assert not names_winner(ada)
    assert "do not hand on" not in re.sub(r"\s+", " ", ada)


def test_rule_31_neither_log_nor_search_nor_a_copy_names_the_winner(app: Flask, evening: str) -> None:
    with app.app_context():
        entries = db.session.query(AuditEntry).filter(
            AuditEntry.action.like("cue.%") | AuditEntry.action.like("show.%")
        )
        assert entries.count() > 10
        assert not any(names_winner(f"{each.subject_label} {each.details} {each.reason}") for each in entries)
        assert not any(
            names_winner(f"{each.title} {each.body}") for each in db.session.query(SearchEntry) if each.kind != "person"
        )
        with unit_of_work():
            source = db.session.query(Show).one()
            copy = make_show(source.event)
            importing.copy_rows(copy, source, actor=load().olaf)
        sight = queries.sight_of_paper(source.event)
        assert not any(names_winner(str(each)) for each in queries.rows_for(queries.list_cues(copy), sight))


def test_rule_31_the_mail_of_a_new_version_names_nobody(app: Flask, evening: str) -> None:
    """It goes to Petra, who owns the row of the winner by now, and is read by whoever looks after the outbox."""
    with app.app_context():
        cast, show = load(), db.session.query(Show).one()
        secret = [each for each in show.cues if each.is_secret]
        with unit_of_work():
            for cue in secret:
                services.edit_cue(cue, actor=cast.olaf, owner=cast.people["petra"], script=f"Now {WINNER}!", minutes=4)
        for note in (f"More for {WINNER.upper()}", f"{LOCAL}上台"):
            with pytest.raises(Refused), unit_of_work():
                services.publish(show, actor=cast.olaf, note=note)
        with unit_of_work():
            services.publish(show, actor=cast.olaf, note="Four minutes each")
        mails = db.session.query(MailMessage).filter_by(kind="show_published").order_by(MailMessage.id).all()
    assert [each.to_name for each in mails] == [cast.people["petra"].name] * 3
    assert not any(names_winner(f"{each.subject} {each.text}") for each in mails)
    assert mails[-1].text.count("Script: under embargo") == len(secret)
    assert mails[-1].text.count("Minutes: ") == len(secret)


def test_after_the_conferral_everybody_who_reads_the_table_knows(app: Flask, as_: Any, evening: str) -> None:
    with app.app_context(), unit_of_work():
        cue = db.session.query(Cue).filter(Cue.award_id.is_not(None)).first()
        assert db.session.query(Person).filter_by(name=WINNER).one()
        awards.confer(cue.award, actor=SYSTEM, on=date(2026, 1, 15))
    for name in ("ada", "li_wei", "petra"):
        assert names_winner(as_(name).get(evening).get_data(as_text=True)), name
    assert names_winner(told(as_("petra").get(f"{evening}/script.pdf").data, "x.pdf"))
