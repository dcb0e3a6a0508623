"""Minutes are written section by section: by several at once, with nothing lost."""

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select

from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused, Stale
from app.events.models import ParticipantGroup
from app.minutes import bound, services
from app.minutes.earlier import list_earlier, list_removed
from app.minutes.errors import SectionGone, SectionTaken, TextIsFixed
from app.minutes.models import EarlierText, Minutes, Section
from app.people.models import Clearance
from tests.cast import Cast, load
from tests.conftest import Visitor
from tests.factories.minutes import make_approved, make_draft

TEXT = "## Opening\n\nIt began.\n\n## Course\n\nFirst.\n\nSecond.\n\n- third\n- fourth\n\n## End\n\nIt ended."


def drafted(cast: Cast, **values: Any) -> Minutes:
    with unit_of_work():
        return make_draft(cast, **{"text": TEXT, **values})


def refused(kind: type[Exception], act: Callable[[], Any], minutes: Minutes) -> str:
    """The act is refused, and the text stays as it was."""
    before = [(each.ref, each.heading, each.source, each.clearance) for each in minutes.newest.sections]
    with pytest.raises(kind) as said, unit_of_work():
        act()
    assert [(each.ref, each.heading, each.source, each.clearance) for each in minutes.newest.sections] == before
    return str(said.value)


def headings(minutes: Minutes) -> list[str]:
    return [each.heading for each in sorted(minutes.newest.sections, key=lambda each: each.position)]


def entries(action: str) -> int:
    return db.session.query(AuditEntry).filter_by(action=action).count()


def test_sections_are_added_moved_classified_split_and_taken_away(cast: Cast) -> None:
    minutes = drafted(cast)
    opening, course, end = minutes.newest.sections
    with unit_of_work():
        made = services.add_section(minutes, actor=cast.sara, heading="Announcements", after=course)
        services.move_section(end, actor=cast.sara, by=-1)
        services.move_section(opening, actor=cast.sara, by=-1)  # at the top already
        services.write_section(made, actor=cast.sara, source="None.", clearance=Clearance.SECRET)
    assert headings(minutes) == ["Opening", "Course", "End", "Announcements"]
    assert [each.position for each in minutes.newest.sections] == [1, 2, 3, 4]
    assert made.clearance == Clearance.SECRET
    with unit_of_work():
        services.write_section(course, actor=cast.sara, source=course.source, clearance=Clearance.RESTRICTED)
        rest = services.split_section(course, actor=cast.sara, at=3, heading="Lists", version=course.version)
    assert (course.source, rest.source) == ("First.\n\nSecond.", "- third\n- fourth")
    assert rest.clearance == Clearance.RESTRICTED
    assert rest.origin != course.origin
    assert headings(minutes) == ["Opening", "Course", "Lists", "End", "Announcements"]
    with unit_of_work():
        services.remove_section(rest, actor=cast.sara, version=rest.version)
    assert headings(minutes) == ["Opening", "Course", "End", "Announcements"]
    (kept,) = list_removed(minutes.newest, list_earlier(minutes.newest))
    assert (kept.heading, kept.source, kept.clearance) == ("Lists", "- third\n- fourth", Clearance.RESTRICTED)
    with unit_of_work():
        back = services.put_back(kept, actor=cast.olaf)
    assert headings(minutes) == ["Opening", "Course", "Lists", "End", "Announcements"]
    assert (back.origin, back.clearance) == (kept.origin, Clearance.RESTRICTED)
    assert list_removed(minutes.newest, list_earlier(minutes.newest)) == []
    assert cast.olaf.ref in minutes.newest.writers


def test_guard_only_those_who_record_write_and_only_what_is_not_approved(cast: Cast) -> None:
    minutes = drafted(cast)
    section = minutes.newest.sections[0]
    acts: list[Callable[[Any], Any]] = [
        lambda actor: services.add_section(minutes, actor=actor, heading="x"),
        lambda actor: services.move_section(section, actor=actor, by=1),
        lambda actor: services.remove_section(section, actor=actor),
        lambda actor: services.split_section(section, actor=actor, at=2),
        lambda actor: services.write_section(section, actor=actor, source="x"),
        lambda actor: services.write_heads(minutes, actor=actor, title="x"),
        lambda actor: services.take_section(section, actor=actor),
        lambda actor: services.leave_section(section, actor=actor),
        lambda actor: services.compile_notes(minutes, actor=actor),
    ]
    for act in acts:
        for name in ("petra", "li_wei", "aude", "sven"):
            refused(Forbidden, lambda act=act, name=name: act(getattr(cast, name)), minutes)
    with unit_of_work():
        signed = make_approved(cast, text=TEXT)
    section = signed.newest.sections[0]
    for write in (
        lambda: services.add_section(signed, actor=cast.olaf, heading="x"),
        lambda: services.move_section(section, actor=cast.olaf, by=1),
        lambda: services.remove_section(section, actor=cast.olaf),
        lambda: services.write_section(section, actor=cast.olaf, source="x"),
        lambda: services.write_heads(signed, actor=cast.olaf, title="x"),
    ):
        refused(TextIsFixed, write, signed)


def test_who_writes_has_the_section_until_nothing_is_heard_of_them(cast: Cast) -> None:
    minutes = drafted(cast)
    section, other = minutes.newest.sections[:2]
    now = clock.now()
    with clock.at(now), unit_of_work():
        services.take_section(section, actor=cast.sara)
    with clock.at(now + timedelta(minutes=1)):
        said = refused(SectionTaken, lambda: services.write_section(section, actor=cast.olaf, source="x"), minutes)
        assert cast.sara.name in said
        refused(SectionTaken, lambda: services.take_section(section, actor=cast.olaf), minutes)
        refused(SectionTaken, lambda: services.remove_section(section, actor=cast.olaf), minutes)
        refused(SectionTaken, lambda: services.write(minutes, actor=cast.olaf, text="x"), minutes)
        with unit_of_work():
            services.write_section(other, actor=cast.olaf, source="Two write at once.")
            services.write_section(section, actor=cast.sara, source="Sara goes on.", hold=True)
    with clock.at(now + timedelta(minutes=3, seconds=30)):  # what she saved has renewed it
        refused(SectionTaken, lambda: services.write_section(section, actor=cast.olaf, source="x"), minutes)
    with clock.at(now + timedelta(minutes=5)), unit_of_work():
        services.write_section(section, actor=cast.olaf, source="Olaf's turn.", hold=True)
    with clock.at(now + timedelta(minutes=6)):
        with unit_of_work():
            services.take_section(section, actor=cast.sara, over=True)
        assert section.holder_at(clock.now()) == cast.sara
        with unit_of_work():
            services.leave_section(section, actor=cast.olaf)  # no longer his
        assert section.holder_at(clock.now()) == cast.sara
        with unit_of_work():
            services.leave_section(section, actor=cast.sara)
        assert section.holder_at(clock.now()) is None
    assert entries("minutes.section_taken_over") == 1


def test_a_stale_save_is_refused_and_what_is_written_over_is_kept(cast: Cast) -> None:
    minutes = drafted(cast)
    section = minutes.newest.sections[0]
    opened = section.version
    with unit_of_work():
        services.write_section(section, actor=cast.sara, source="Sara's.", version=opened)
    with pytest.raises(Stale) as stale, unit_of_work():
        services.write_section(section, actor=cast.olaf, source="Olaf's.", version=opened)
    assert stale.value.theirs is section
    assert section.source == "Sara's."
    with unit_of_work():
        services.write_section(section, actor=cast.olaf, source="Olaf's.", version=section.version)
    kept = list_earlier(minutes.newest, origin=section.origin)
    assert [(each.source, each.by_name) for each in kept] == [("Sara's.", cast.sara.name), ("It began.", None)]
    with unit_of_work():
        services.put_back(kept[0], actor=cast.olaf)
    assert section.source == "Sara's."
    with unit_of_work():
        services.write_section(section, actor=cast.sara, source="In confidence.", clearance=Clearance.SECRET)
        services.write_section(section, actor=cast.olaf, source="For all.", clearance=Clearance.INTERNAL)
        services.put_back(list_earlier(minutes.newest)[0], actor=cast.olaf)
    assert (section.source, section.clearance) == ("In confidence.", Clearance.SECRET)


def test_saving_every_few_seconds_fills_neither_the_log_nor_the_earlier_texts(cast: Cast) -> None:
    minutes = drafted(cast)
    section = minutes.newest.sections[0]
    now = clock.now()
    for second in range(0, 60, 5):
        with clock.at(now + timedelta(seconds=second)), unit_of_work():
            services.write_section(section, actor=cast.sara, source=f"After {second}.", hold=True)
    assert entries("minutes.section_written") == 1
    assert [each.source for each in list_earlier(minutes.newest)] == ["It began."]
    with clock.at(now + timedelta(seconds=61)), unit_of_work():
        services.write_section(section, actor=cast.sara, source="After 55.", clearance=Clearance.SECRET, hold=True)
    assert entries("minutes.section_written") == 2  # a classification is told each time
    with clock.at(now + timedelta(minutes=20)), unit_of_work():
        services.write_section(section, actor=cast.sara, source="Later.", hold=True)
    assert [each.source for each in list_earlier(minutes.newest)] == ["After 55.", "It began."]


def test_a_section_that_was_taken_away_is_not_written_any_more(cast: Cast) -> None:
    minutes = drafted(cast)
    section = minutes.newest.sections[0]
    with unit_of_work():
        services.remove_section(section, actor=cast.sara)
    refused(SectionGone, lambda: services.write_section(section, actor=cast.olaf, source="x"), minutes)
    other = minutes.newest.sections[0]
    with unit_of_work():  # behind the back of this page
        db.session.execute(delete(Section).where(Section.id == other.id).execution_options(synchronize_session=False))
    for act in (services.take_section, services.remove_section, services.leave_section):
        with pytest.raises(SectionGone), unit_of_work():
            act(other, actor=cast.olaf)


def test_what_somebody_changed_meanwhile_is_neither_taken_away_nor_split_unread(cast: Cast) -> None:
    minutes = drafted(cast)
    section = minutes.newest.sections[1]
    opened = section.version
    with unit_of_work():
        services.write_section(section, actor=cast.sara, source="One.\n\nTwo.")
    refused(Stale, lambda: services.remove_section(section, actor=cast.olaf, version=opened), minutes)
    refused(Stale, lambda: services.split_section(section, actor=cast.olaf, at=2, version=opened), minutes)
    refused(Refused, lambda: services.split_section(section, actor=cast.olaf, at=1), minutes)
    refused(Refused, lambda: services.split_section(section, actor=cast.olaf, at=9), minutes)


def test_the_page_of_all_sections_asks_the_same_for_two_sections_and_for_sixty(
    app: Flask, as_: Callable[[str], Visitor], count_statements: Any
) -> None:
    asked = []
    for sections in (2, 60):
        with app.app_context():
            text = "\n\n".join(f"## Section {number}\n\nWords." for number in range(sections))
            minutes = drafted(load(), text=text)
            with unit_of_work():
                services.take_section(minutes.newest.sections[0], actor=load().olaf)
                services.write_section(minutes.newest.sections[1], actor=load().olaf, source="By Olaf.")
            url = f"/events/{minutes.event.ref}/minutes/{minutes.ref}/text"
            db.session.remove()
        sara = as_("sara")
        with count_statements() as said:
            page = sara.get(url)
        assert page.status_code == 200
        assert "Olaf Brandt is writing" in page.text
        assert "Olaf Brandt wrote here last" in page.text
        asked.append(len(said))
    assert asked[0] == asked[1]
    assert asked[0] <= 21, "seven of them ask who was there"


def test_words_typed_into_a_section_that_is_gone_come_back_with_a_way_to_keep_them(
    app: Flask, as_: Callable[[str], Visitor]
) -> None:
    with app.app_context():
        minutes = drafted(load())
        section = minutes.newest.sections[0]
        base = f"/events/{minutes.event.ref}/minutes/{minutes.ref}/text"
        url = f"{base}/{section.ref}"
        with unit_of_work():
            services.remove_section(section, actor=load().olaf)
        db.session.remove()
    sara = as_("sara")
    given = {"heading": "Opening", "clearance": "1", "source": "Typed for an hour.", "version": "1"}
    answer = sara.post(url, given)
    assert answer.status_code == 409
    assert "Typed for an hour." in answer.text
    assert "Keep it as a new section" in answer.text
    assert sara.get(url).status_code == 404
    for tail in ("hold", "release", "place", "removal", "parts"):
        assert sara.post(f"{url}/{tail}", {}).status_code == 404
    assert sara.post(f"{base}/sections", given).status_code == 303
    assert "Typed for an hour." in sara.get(base).text


def test_a_list_that_nobody_touched_on_the_page_is_not_taken_for_one_written_by_hand(
    app: Flask, as_: Callable[[str], Visitor]
) -> None:
    with app.app_context():
        minutes = drafted(load(), attendance={"in_attendance": ["Sara Novák"]})
        ref, url = minutes.ref, f"/events/{minutes.event.ref}/minutes/{minutes.ref}/text"
        before = bound.people(minutes.newest)
        db.session.remove()
    sara = as_("sara")
    opened = re.search(r'name="shown"[^>]*value="([^"]+)"', sara.get(url).text)
    assert opened is not None
    with app.app_context():
        minutes = db.session.scalars(select(Minutes).filter_by(ref=ref)).one()
        with unit_of_work():
            db.session.add(ParticipantGroup(event=minutes.event, category="Directors"))
        assert bound.people(minutes.newest)["present"] != before["present"], "the record has moved on"
        db.session.remove()
    sent = {name: "\n".join(names) for name, names in before.items()}
    answer = sara.post(url, {**sent, "shown": opened[1], "title": "Another title", "excused": "Tom, by telephone"})
    assert answer.status_code == 303
    with app.app_context():
        newest = db.session.scalars(select(Minutes).filter_by(ref=ref)).one().newest
        assert newest.minutes.title == "Another title"
        assert newest.lists_by_hand == ["excused"]
        assert "Directors" in bound.people(newest)["present"]


def test_a_script_is_told_why_its_save_was_not_taken(app: Flask, as_: Callable[[str], Visitor]) -> None:
    with app.app_context():
        minutes = drafted(load())
        section = minutes.newest.sections[0]
        url = f"/events/{minutes.event.ref}/minutes/{minutes.ref}/text/{section.ref}"
        with unit_of_work():
            services.write_section(section, actor=load().olaf, source="Olaf <b>sang</b>.")
        db.session.remove()
    sara, json = as_("sara"), {"Accept": "application/json"}
    given = {"heading": "Opening", "clearance": "1", "source": "Sara sang.", "version": "1"}
    stale = sara.post(url, given, headers=json)
    assert (stale.status_code, stale.json["kind"], stale.json["version"]) == (409, "stale", 2)
    assert stale.json["source"] == "Olaf <b>sang</b>."
    assert "<b>" not in stale.json["html"]
    assert sara.post(url, {**given, "version": "2"}, headers=json).json == {"version": 3}
    taken = as_("olaf").post(url, {**given, "version": "3"}, headers=json)
    assert (taken.status_code, taken.json["kind"]) == (409, "taken")
    assert "Sara Novák is writing in this section." in taken.json["sentence"]
    long = sara.post(url, {**given, "source": "x" * 100_001, "version": "3"}, headers=json)
    assert (long.status_code, long.json["kind"]) == (422, "refused")
    assert long.json["sentence"] == "Please keep this to 100000 characters."
    assert "csrf" in sara.get(url, headers=json).json
    hostile = {"heading": "\x00" * 3, "clearance": "9" * 30, "source": "\x00", "version": "9" * 40, "insert": "}}x"}
    assert sara.post(url, hostile).status_code in (200, 409, 422)
    assert sara.post(url, {**hostile, "insert": ""}).status_code in (409, 422)


def test_eight_editors_of_one_section_with_fifty_saves_each_lose_nothing(app: Flask) -> None:
    """R6: each reads, adds a sentence of its own and saves; who was slower reads again. Versions are successes."""
    with app.app_context():
        minutes = drafted(load(), text="Start.")
        ref, opened = minutes.newest.sections[0].ref, minutes.newest.sections[0].version
        db.session.remove()
    troubles: list[str] = []
    stale = threading.Event()

    def edit(editor: int) -> None:
        with app.app_context():
            actor = getattr(load(), "sara" if editor % 2 else "olaf")
            for number in range(50):
                for _try in range(2000):
                    section = db.session.query(Section).filter_by(ref=ref).one()
                    text, version = f"{section.source}\nSentence {editor}/{number}.", section.version
                    try:
                        with unit_of_work(wait=60):
                            services.write_section(section, actor=actor, source=text, version=version)
                        break
                    except Stale:
                        stale.set()
                    except Exception as trouble:
                        troubles.append(repr(trouble))
                        return
                else:
                    troubles.append("never taken")
            db.session.remove()

    threads = [threading.Thread(target=edit, args=(each,)) for each in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=240)
    assert troubles == []
    assert stale.is_set()
    with app.app_context():
        section = db.session.query(Section).filter_by(ref=ref).one()
        said = section.source.split("\n")
        assert sorted(said) == sorted(["Start.", *(f"Sentence {e}/{n}." for e in range(8) for n in range(50))])
        assert section.version == opened + 400
        assert {each.by_name for each in db.session.query(EarlierText)} == {None, "Sara Novák", "Olaf Brandt"}
        db.session.remove()
