"""Tables from elsewhere: all rows or none, refusals beside their rows, our own workbook read back, rows of another evening."""

import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.core.i18n import force_locale
from app.sheets.reading import Table, read_table
from app.shows import importing, papers, queries
from app.shows.errors import RowsRefused
from app.shows.models import Cue, Show
from tests.cast import Cast, load
from tests.factories import make_event, make_person
from tests.factories.rites import make_award
from tests.factories.shows import make_cue, make_show, minutes

RUNDOWN = """No.,Start,Cue,Duration,Type,Audio,Lights,Owner,Fixed,Weather
101,19:30,Doors,,Walk-in,Music low,Warm,Tom Ashworth,,fine
102,19:45,Welcome,5,Speech,Mic 1,,Nobody Known,yes,
201,23:55,Fireworks,20,,,,,,
202,00:15,End,,Other,,,,,
"""


def table(text: str = RUNDOWN) -> Table:
    return read_table("rundown.csv", text.encode())


def test_a_rundown_comes_in_with_blocks_lengths_owners_and_the_day_after_midnight(cast: Cast) -> None:
    with unit_of_work():
        show = make_show(make_event())
        make_cue(show, title="There already", minutes=0)
        tom = make_person(name="Tom Ashworth")
        made = importing.import_rows(show, table(), actor=cast.olaf, people=[tom])
    assert [each.number for each in made] == ["201", "202", "301", "302"]
    assert [each.minutes for each in made] == [15, 5, 20, 1]
    assert [each.kind for each in made] == ["walk_in", "speech", "other", "other"]
    assert (made[0].owner, made[1].owner_name, made[0].sound, made[0].light) == (
        tom,
        "Nobody Known",
        "Music low",
        "Warm",
    )
    assert made[1].fixed_at == show.starts_at + minutes(15)
    assert importing.unread(table()) == ["Weather"]


def test_chinese_headings_and_kinds_are_read(cast: Cast) -> None:
    with unit_of_work():
        show = make_show(make_event())
        text = "序号,开始时间,环节,时长,类型,灯光\n101,19:30,开场,5,休息,全亮\n"
        (made,) = importing.import_rows(show, table(text), actor=cast.olaf, people=[])
    assert (made.title, made.minutes, made.kind, made.light) == ("开场", 5, "break", "全亮")


def test_one_bad_row_keeps_all_out_and_each_is_told(cast: Cast) -> None:
    with unit_of_work():
        show = make_show(make_event())
    text = "Cue,Start,Minutes,Kind\nGood,19:30,5,\n,19:35,5,\nBad clock,25:10,5,\nBad kind,19:40,5,Juggling\nBad length,19:45,ten,\n"
    with pytest.raises(RowsRefused) as refusal, unit_of_work():
        importing.import_rows(show, table(text), actor=cast.olaf, people=[])
    assert [number for number, _sentence in refusal.value.rows] == [3, 4, 5, 6]
    with pytest.raises(Refused), unit_of_work():
        importing.import_rows(show, table("Weather\nfine\n"), actor=cast.olaf, people=[])
    with pytest.raises(Forbidden), unit_of_work():
        importing.import_rows(show, table(), actor=cast.ada, people=[])
    assert not queries.list_cues(show)


@pytest.mark.parametrize("language", ["en", "zh_Hans_CN"])
def test_every_heading_of_our_own_workbook_is_known(app: Flask, language: str) -> None:
    with app.app_context(), force_locale(language):
        headings = [str(each) for each in importing.FIELDS.values()]
        assert importing.columns_of(Table(tuple(headings), ())) == {
            name: at for at, name in enumerate(importing.FIELDS)
        }


def test_our_own_workbook_is_read_back_as_it_was(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        show, other = make_show(event), make_show(event)
        make_cue(show, title="Doors", minutes=10, sound="=Music", owner=cast.people["tom"], kind="walk_in")
        make_cue(
            show, title="Welcome", block=2, fixed_at=show.starts_at + minutes(12), can_be_cut=True, pronunciation="well"
        )
        rows = queries.rows_for(queries.list_cues(show), queries.sight_of_paper(event))
        book = papers.workbook(papers.Print(show, rows, None, clock.now()))
        importing.import_rows(other, read_table("show.xlsx", book), actor=cast.olaf, people=list(cast.people.values()))
    compared = ("number", "title", "kind", "minutes", "starts_at", "fixed_at", "sound", "owner_id", "can_be_cut", "pronunciation")  # fmt: skip
    one, two = ([tuple(getattr(each, name) for name in compared) for each in queries.list_cues(each)] for each in (show, other))  # fmt: skip
    assert one == two


def test_rows_of_another_evening_come_without_what_they_stood_for(cast: Cast) -> None:
    with unit_of_work():
        event, other = make_event(), make_event()
        source, show = make_show(event), make_show(other)
        source.starts_at -= timedelta(days=7)
        cue = make_cue(
            source,
            title="Conferral",
            award=make_award(event),
            script="It is Tom",
            fixed_at=source.starts_at + minutes(5),
        )
        make_cue(source, title="Song", block=2)
        cue.rehearsed_at = clock.now()
        made = importing.copy_rows(show, source, actor=cast.olaf)
    assert [(each.number, each.title, each.script, each.award_id, each.rehearsed_at) for each in made] == [
        ("101", "Other", None, None, None),
        ("201", "Song", None, None, None),
    ]
    assert made[0].fixed_at == show.starts_at + minutes(5)
    with pytest.raises(Refused), unit_of_work():
        importing.copy_rows(show, show, actor=cast.olaf)


def test_the_page_tells_which_rows_are_wrong_and_takes_a_good_file(app: Flask, as_: Any) -> None:
    with app.app_context(), unit_of_work():
        show = make_show(make_event())
        base = f"/events/{show.event.ref}/shows/{show.ref}"
    olaf = as_("olaf")

    def send(text: str, name: str = "rundown.csv") -> Any:
        return olaf.post(
            f"{base}/import", {"file": (io.BytesIO(text.encode()), name)}, content_type="multipart/form-data"
        )

    bad = send("Cue,Start\nDoors,nine\n")
    assert bad.status_code == 422
    assert "is no time. Write it as 19:30." in bad.get_data(as_text=True)
    assert send("rubbish", "rundown.exe").status_code == 422
    good = send(RUNDOWN)
    assert good.status_code == 303, good.get_data(as_text=True)
    page = olaf.get(base).get_data(as_text=True)
    assert "4 rows came in. Nothing was read from these columns: Weather." in page
    with app.app_context():
        assert db.session.query(Cue).count() == 4
        assert db.session.query(Show).one().number == 0
        assert load().people["tom"].name
