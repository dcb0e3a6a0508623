"""Who needs a card and why, what a print notes, and certificates that anybody can check."""

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select

from app.badges import printing, queries, services
from app.badges.errors import NothingToPrint, TooManyPrints
from app.badges.layouts import DEFAULTS, FIELDS, Layout, Sheet
from app.badges.models import BadgeKind, Printed, PrintRun
from app.badges.queries import Need, standing_of
from app.core import clock, jobs
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused, Stale
from app.events.models import Event
from app.files import services as files
from app.files.models import StoredFile
from app.people.models import Person
from app.registration import services as registration
from app.registration.queries import find_by_code
from app.signing import keeping
from app.signing import queries as signing
from app.signing.printed import head_of
from app.signing.queries import Finding
from app.signing.tokens import new_admission_code
from tests.cast import Cast
from tests.factories.registration import make_crowd, make_open_event, register

BADGE = BadgeKind.BADGE


def needs(event: Event) -> dict[str, Need]:
    return {each.label: each.need for each in standing_of(event, BADGE).needed if each.need}


def print_all(event: Event, cast: Cast, who: str = "needed", **more: object) -> PrintRun:
    with unit_of_work():
        (run,) = services.order(event, BADGE, actor=cast.olaf, who=who, **more)  # type: ignore[arg-type]
    printing.print_cards(run.ref)
    return run


def test_only_what_reads_differently_is_printed_again(cast: Cast) -> None:
    event = make_open_event()
    petra, tom = register(event, cast.people["petra"]), register(event, cast.people["tom"])
    assert needs(event) == {"Petra Lindqvist": Need.NEW, "Tom Okafor": Need.NEW}
    run = print_all(event, cast)
    assert (run.pages, run.failed, len(run.wanted)) == (1, None, 2)
    assert run.file is not None
    assert len(PdfReader(io.BytesIO(files.read(run.file))).pages) == 1
    assert needs(event) == {}

    with unit_of_work():
        cast.people["petra"].name = "Petra Lindqvist-Berg"
    assert needs(event) == {"Petra Lindqvist-Berg": Need.NAME}
    print_all(event, cast)

    with unit_of_work():
        tom.door_code = new_admission_code()
        cast.people["petra"].positions[-1].title = "Programme lead"
    assert needs(event) == {"Petra Lindqvist-Berg": Need.TEXT, "Tom Okafor": Need.CODE}
    print_all(event, cast)

    with unit_of_work():
        services.change_layout(event, replace(DEFAULTS[BADGE], width=85.0), actor=cast.olaf)
    assert set(needs(event).values()) == {Need.LAYOUT}
    with unit_of_work():
        services.change_layout(event, replace(DEFAULTS[BADGE], start=4), actor=cast.olaf, version=None)
    assert needs(event) == {}, "where on a sheet one begins changes no card"
    prints = {each.ref: each.prints for each in standing_of(event, BADGE).cards}
    assert prints == {petra.ref: 3, tom.ref: 2}


def test_a_substitute_needs_a_card_and_the_old_one_is_void(cast: Cast) -> None:
    event = make_open_event()
    petra = register(event, cast.people["petra"])
    print_all(event, cast)
    with unit_of_work():
        registration.withdraw(petra, actor=cast.olaf)
    mei = register(event, cast.people["mei"])
    with unit_of_work():
        mei.instead_of = cast.people["petra"]
    standing = standing_of(event, BADGE)
    assert [(each.label, each.need, each.instead_of) for each in standing.needed] == [
        ("Mei Zhao", Need.SUBSTITUTE, "Petra Lindqvist")
    ]
    assert [each.label for each in standing.void] == ["Petra Lindqvist"]


def test_a_field_that_is_not_shown_changes_no_card(cast: Cast) -> None:
    event = make_open_event()
    tom = register(event, cast.people["tom"])
    with unit_of_work():
        services.change_layout(event, replace(DEFAULTS[BADGE], shown=("event",)), actor=cast.olaf)
    print_all(event, cast)
    with unit_of_work():
        tom.door_code = new_admission_code()
        cast.people["tom"].positions[-1].title = "Buyer"
    assert needs(event) == {}


def test_waiting_people_get_no_card(cast: Cast) -> None:
    event = make_open_event(capacity=1)
    register(event, cast.people["petra"])
    register(event, cast.people["tom"])
    assert [each.label for each in standing_of(event, BADGE).cards] == ["Petra Lindqvist"]


def test_printing_is_an_act_in_the_log_and_the_job_does_it_once(cast: Cast) -> None:
    event = make_open_event()
    register(event, cast.people["petra"])
    run = print_all(event, cast, who="all")
    jobs.run_now("print_cards", run_ref=run.ref)
    assert db.session.scalar(select(func.count(Printed.id))) == 1
    said = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "badges.printed")).one()
    assert (said.actor_name, said.scope, said.details["cards"], said.details["who"]) == (
        "Olaf Brandt", event.ref, 1, "all",
    )  # fmt: skip


def test_a_name_without_a_picture_is_left_out_and_the_others_are_printed(cast: Cast) -> None:
    event = make_open_event()
    with unit_of_work():
        odd = Person(name="Odd 😀 One", name_key="odd")
        db.session.add(odd)
    register(event, odd)
    with pytest.raises(NothingToPrint), unit_of_work():
        services.order(event, BADGE, actor=cast.olaf, who="all")
    register(event, cast.people["petra"])
    run = print_all(event, cast, who="all")
    assert (len(run.wanted), run.failed) == (1, None)
    assert needs(event) == {"Odd 😀 One": Need.NEW}


def test_who_may_not_print_changes_nothing(cast: Cast) -> None:
    event = make_open_event()
    mine = register(event, cast.people["petra"])
    for who in ("petra", "sara", "sven", "li_wei", "dora", "rita", "aude", "xaver"):
        actor = cast.accounts[who]
        with pytest.raises(Forbidden), unit_of_work():
            services.order(event, BADGE, actor=actor)
        with pytest.raises(Forbidden), unit_of_work():
            services.change_layout(event, DEFAULTS[BADGE], actor=actor)
        with pytest.raises(Forbidden), unit_of_work():
            services.order_tables(event, 1, 2, actor=actor)
        with pytest.raises(Forbidden), unit_of_work():
            services.certificate(mine, half_days=["2027-01-12/am"], actor=actor)
    assert db.session.scalar(select(func.count(PrintRun.id))) == 0


def test_a_crowd_comes_in_files_of_a_thousand_and_after_the_answer(cast: Cast) -> None:
    event = make_open_event()
    make_crowd(event, 2300)
    with unit_of_work():
        runs = services.order(event, BADGE, actor=cast.olaf, who="all", start=4)
    assert [(len(each.wanted), each.start) for each in runs] == [(1000, 4), (1000, 0), (300, 0)]
    assert len({ref for each in runs for ref in each.wanted}) == 2300


def test_the_seventh_file_in_a_minute_waits(cast: Cast) -> None:
    event = make_open_event()
    for _each in range(services.PER_MINUTE):
        with unit_of_work():
            services.order_tables(event, 1, 3, actor=cast.olaf)
    with pytest.raises(TooManyPrints), unit_of_work():
        services.order_tables(event, 1, 3, actor=cast.olaf)
    with clock.at(clock.now() + timedelta(seconds=61)), unit_of_work():
        assert services.order_tables(event, 1, 3, actor=cast.olaf)


def test_tables_are_numbered_from_one_to_the_other(cast: Cast) -> None:
    event = make_open_event()
    for first, last, field in ((5, 4, "last"), (1, 501, "last")):
        with pytest.raises(Refused) as refusal, unit_of_work():
            services.order_tables(event, first, last, actor=cast.olaf)
        assert refusal.value.field == field
    with unit_of_work():
        (run,) = services.order_tables(event, 9, 12, actor=cast.olaf)
    printing.print_cards(run.ref)
    assert run.file is not None
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(files.read(run.file))).pages]
    assert len(pages) == run.pages == 2
    assert [number for number in ("9", "10", "11", "12") if number in "".join(pages).split()] == ["9", "10", "11", "12"]


def test_forgotten_files_are_made_and_old_ones_removed(cast: Cast) -> None:
    event = make_open_event()
    register(event, cast.people["petra"])
    with unit_of_work():
        (run,) = services.order(event, BADGE, actor=cast.olaf)
    jobs.run_now("print_forgotten_cards")
    assert run.made_at is None, "it was only just ordered"
    later = clock.now() + timedelta(minutes=3)
    with clock.at(later):
        jobs.run_now("print_forgotten_cards")
    assert run.file is not None
    path: Path = files.path_of(run.file.sha256)
    assert path.exists()
    with clock.at(later + timedelta(days=3)):
        jobs.run_now("forget_printed_files")
    assert (run.file, run.pages) == (None, 1)
    assert db.session.scalar(select(func.count(StoredFile.id))) == 0
    assert not path.exists()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"columns": 3}, "columns"), ({"rows": 6}, "rows"), ({"left": 40.0}, "columns"), ({"start": 10}, "start"),
        ({"floor": 31.0}, "floor"), ({"sheet": Sheet.A4_LANDSCAPE}, "rows"), ({"line": "{nobody}"}, "line"),
        ({"line": "{name.__class__}"}, "line"), ({"line": "{0}"}, "line"), ({"line": "{name!r}"}, "line"),
        ({"line": "{name:>9999999}"}, "line"), ({"line": "Hall 😀"}, "line"), ({"line": "a } b"}, "line"), ({"folded": True}, "rows"),
    ],
)  # fmt: skip
def test_a_layout_that_cannot_be_is_refused_beside_its_field(
    cast: Cast, changed: dict[str, object], field: str
) -> None:
    event = make_open_event()
    with pytest.raises(Refused) as refusal, unit_of_work():
        services.change_layout(event, replace(DEFAULTS[BADGE], **changed), actor=cast.olaf)
    assert refusal.value.field == field
    assert queries.find_record(event, BADGE) is None


def test_two_who_change_a_layout_at_once(cast: Cast) -> None:
    event = make_open_event()
    with unit_of_work():
        record = services.change_layout(event, DEFAULTS[BADGE], actor=cast.olaf)
    opened = record.version
    with unit_of_work():
        services.change_layout(event, replace(DEFAULTS[BADGE], width=80.0), actor=cast.olaf, version=opened)
    with pytest.raises(Stale), unit_of_work():
        services.change_layout(event, replace(DEFAULTS[BADGE], width=70.0), actor=cast.olaf, version=opened)
    assert queries.layout_of(event, BADGE).width == 80.0


def test_words_in_braces_are_replaced_by_name_and_a_name_with_braces_stays_a_name(cast: Cast) -> None:
    event = make_open_event(title="Winter Session")
    with unit_of_work():
        cast.people["tom"].name = "Tom {event} Okafor"
        services.change_layout(event, replace(DEFAULTS[BADGE], line="{name} · {position}, {event}"), actor=cast.olaf)
    register(event, cast.people["tom"])
    (card,) = standing_of(event, BADGE).cards
    assert card.line == "Tom {event} Okafor · Head of purchasing, Winter Session"


def test_a_chinese_layout_sets_the_chinese_name_large(cast: Cast) -> None:
    event = make_open_event(title="Winter Session", title_local="冬季战略会")
    register(event, cast.people["li_wei"])
    (card,) = standing_of(event, BADGE).cards
    assert (card.name, card.other, card.event, card.label) == ("李薇", "Li Wei", "冬季战略会", "Li Wei")
    assert "总经理办公室" in card.lines


def test_the_list_asks_the_same_of_the_database_for_one_and_for_thousands(cast: Cast, count_statements) -> None:
    event = make_open_event()
    make_crowd(event, 1)
    with count_statements() as few:
        standing_of(event, BADGE)
    make_crowd(event, 5000)
    with count_statements() as many:
        assert len(standing_of(event, BADGE).cards) == 5001
    assert len(few) == len(many) <= 5


def test_codes_of_either_length_open_the_door(cast: Cast) -> None:
    event = make_open_event()
    mine = register(event, cast.people["petra"])
    assert len(mine.door_code.replace("-", "")) == 28
    typed = mine.door_code.lower().replace("-", "").replace("0", "o").replace("1", "l")
    assert find_by_code(event, typed) is mine
    with unit_of_work():
        mine.door_code = "7Q2M-0XKD-9FAT-C3VZ"
    assert find_by_code(event, "7q2m 0xkd 9fat c3vz") is mine


# --- certificates ---------------------------------------------------------------------------------------------------

HALF_DAYS = ["2027-01-12/am", "2027-01-12/pm"]


def test_a_certificate_can_be_checked_and_a_better_one_supersedes_it(cast: Cast) -> None:
    event = make_open_event(title="Winter Session")
    mine = register(event, cast.people["petra"])
    with unit_of_work():
        first = services.certificate(mine, half_days=HALF_DAYS, actor=cast.olaf)
        again = services.certificate(mine, half_days=HALF_DAYS, actor=cast.olaf)
    assert first is again
    assert first.content["parts"] == ["Tue 12 Jan 2027, morning", "Tue 12 Jan 2027, afternoon"]
    jobs.run_now("keep_missing_papers")
    paper = keeping.read(first)
    printed = "".join(PdfReader(io.BytesIO(paper)).pages[0].extract_text().split())
    for words in (
        "Petra Lindqvist",
        "Winter Session",
        head_of(first),
        first.code,
        f"/verify/{first.code}",
        "12 Jan 2027, morning",
    ):
        assert words.replace(" ", "") in printed
    assert signing.check(first.code, file_hash=first.pdf_hash).finding == Finding.COMPLETE

    with unit_of_work():
        second = services.certificate(mine, half_days=HALF_DAYS[:1], actor=cast.olaf)
    assert (second.edition, signing.check(first.code).finding) == (2, Finding.OLDER)
    assert queries.find_certificate(mine) is second
    with unit_of_work():
        services.withdraw_certificate(mine, actor=cast.olaf, reason="Somebody else was there")
    assert signing.check(second.code).finding == Finding.WITHDRAWN
    assert queries.find_certificate(mine) is None


def test_who_was_not_there_gets_no_certificate(cast: Cast) -> None:
    mine = register(make_open_event(), cast.people["petra"])
    with pytest.raises(Refused), unit_of_work():
        services.certificate(mine, half_days=[], actor=cast.olaf)
    with pytest.raises(Refused), unit_of_work():
        services.withdraw_certificate(mine, actor=cast.olaf, reason="no")


def test_certificates_are_printed_together_and_anew_when_they_were_issued_anew(cast: Cast) -> None:
    event = make_open_event()
    people = [register(event, cast.people[name]) for name in ("petra", "tom", "mei")]
    with unit_of_work():
        for each in people[:2]:
            services.certificate(each, half_days=HALF_DAYS, actor=cast.olaf)
        (run,) = services.order(event, BadgeKind.CERTIFICATE, actor=cast.olaf)
    printing.print_cards(run.ref)
    assert (run.pages, len(run.wanted)) == (2, 2)
    assert standing_of(event, BadgeKind.CERTIFICATE).needed == []
    with unit_of_work():
        services.certificate(people[0], half_days=HALF_DAYS[:1], actor=cast.olaf)
    assert [each.label for each in standing_of(event, BadgeKind.CERTIFICATE).needed] == ["Petra Lindqvist"]


def test_every_kind_offers_its_own_fields() -> None:
    for kind, layout in DEFAULTS.items():
        assert isinstance(layout, Layout)
        assert set(layout.shown) <= set(FIELDS[kind])
