"""For whom minutes are: lists of people, mails that hold one reader's extract, and who is asked to confirm again."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.audiences import services as audiences
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden
from app.core.roles import SYSTEM
from app.mail.models import MailMessage
from app.minutes import extracts, queries, readers, services
from app.minutes.errors import MayNotSee, TextIsFixed
from app.minutes.models import Acknowledgement, Attachment, Minutes, Section
from app.minutes.readers import Addressees
from app.people.models import Clearance
from tests.cast import Cast, load
from tests.conftest import Visitor
from tests.factories import make_department, make_event, make_person, make_session
from tests.factories.minutes import make_approved, make_draft, make_published, put_in_review
from tests.minutes.test_views import Place

As = Callable[[str], Visitor]
LEVELS = {"of all": Clearance.INTERNAL, "of few": Clearance.RESTRICTED, "of very few": Clearance.SECRET}


def in_sections(minutes: Minutes, levels: dict[str, int]) -> Minutes:
    """The draft in one section for each level, which says its name."""
    version = minutes.newest
    version.sections = [
        Section(origin=f"{number:016d}", position=number, heading=f"Section {number}", clearance=level, source=f"Words {said}.")
        for number, (said, level) in enumerate(levels.items(), 1)
    ]  # fmt: skip
    db.session.flush()
    return minutes


def through(cast: Cast, minutes: Minutes, **chosen: Any) -> Minutes:
    """Reviewed, signed off and published."""
    put_in_review(cast, minutes)
    services.approve(minutes, actor=cast.li_wei)
    services.publish(minutes, actor=cast.sara, **{"participants": False, **chosen})
    return minutes


def classified(cast: Cast, names: tuple[str, ...], levels: dict[str, int] = LEVELS, **chosen: Any) -> Minutes:
    minutes = in_sections(make_draft(cast), levels)
    return through(cast, minutes, people=[cast.people[each] for each in names], **chosen)


def again(cast: Cast, minutes: Minutes, number: int, *, editorial: bool = False, **chosen: Any) -> Minutes:
    """A new version in which one section says more."""
    services.amend(minutes, actor=cast.sara, change_note="The bonus was wrong.", editorial=editorial)
    section = minutes.newest.sections[number]
    services.write_section(section, actor=cast.sara, source=section.source + " And more.")
    return through(cast, minutes, **chosen)


def mails(kind: str) -> dict[str, str]:
    """The newest mail of a kind to each person, by the first part of the address."""
    found = db.session.scalars(select(MailMessage).where(MailMessage.kind == kind).order_by(MailMessage.id))
    return {each.to_address.partition("@")[0]: each.text for each in found}


def standings(minutes: Minutes) -> dict[str, str]:
    return {each.person.name.split()[0]: str(each.standing) for each in readers.board_of(minutes).rows}


def test_lists_hold_people_departments_with_those_below_and_saved_groups(cast: Cast) -> None:
    with unit_of_work():
        top = make_department()
        make_person(name="Deep Down", department=make_department(parent_id=top.id))
        group = audiences.add_group("The inner circle", actor=cast.olaf)
        audiences.add_members(group, [cast.people["tom"], cast.people["petra"]], actor=cast.olaf)
        minutes = make_approved(cast)
        copies = Addressees(groups=[group], people=[cast.people["rita"]])
        main = [cast.people["petra"]]
        asked = services.publish(
            minutes, actor=cast.sara, participants=False, departments=[top], people=main, copies=copies
        )
    assert sorted(each.name for each in asked) == ["Deep Down", "Petra Lindqvist"]
    assert sorted(mails("minutes_copy")) == ["rita", "tom"]
    assert "petra" in mails("minutes_published")
    assert [(each["kind"], each["said"], each["copy"]) for each in minutes.distribution] == [
        ("department", top.name, False), ("person", "Petra Lindqvist", False),
        ("group", "The inner circle", True), ("person", "Rita Sommer", True),
    ]  # fmt: skip
    assert queries.needs_of(cast.people["rita"]) == []
    with pytest.raises(Forbidden), unit_of_work():
        services.acknowledge(minutes, actor=cast.rita)


def test_each_mail_holds_the_extract_of_its_reader(cast: Cast) -> None:
    with unit_of_work():
        cast.people["tom"].clearance = Clearance.RESTRICTED
        cast.people["mei"].clearance = Clearance.SECRET
        minutes = classified(cast, ("petra", "tom", "mei"))
    said = mails("minutes_published")
    told = {name: [word for word in LEVELS if f"Words {word}." in said[name]] for name in ("petra", "tom", "mei")}
    # What is secret does not travel; who may read it is told that the page says more.
    assert told == {"petra": ["of all"], "tom": ["of all", "of few"], "mei": ["of all", "of few"]}
    assert {name: "There is more to read on the page." in said[name] for name in told} == {
        "petra": False, "tom": False, "mei": True,
    }  # fmt: skip
    assert minutes.least_clearance == Clearance.INTERNAL


def test_an_administrator_does_not_read_classified_mails_in_the_outbox(app: Flask, as_: As) -> None:
    with app.app_context():
        cast = load()
        with unit_of_work():
            cast.people["tom"].clearance = Clearance.RESTRICTED
            minutes = classified(cast, ("petra", "tom"))
        event = minutes.event.ref
        refs = {
            each.to_name: each.ref
            for each in db.session.scalars(select(MailMessage))
            if each.kind.endswith("published")
        }
    ada, olaf = as_("ada"), as_("olaf")
    secret, open_one = (f"/events/{event}/mail/{refs[name]}" for name in ("Tom Okafor", "Petra Lindqvist"))
    assert "Words of few." not in ada.get(secret).text
    assert "The text of this mail is classified." in ada.get(secret).text
    assert "Words of all." in ada.get(open_one).text
    assert "Words of few." in olaf.get(secret).text


def test_who_reads_none_of_it_is_left_out_of_lists_and_refused_by_name(cast: Cast) -> None:
    with unit_of_work():
        team = make_department()
        cast.people["tom"].department = cast.people["rita"].department = team
        cast.people["tom"].clearance = Clearance.RESTRICTED
        minutes = in_sections(make_draft(cast, title="The merger"), {"of few": Clearance.RESTRICTED})
        put_in_review(cast, minutes)
        services.approve(minutes, actor=cast.li_wei)
    with pytest.raises(MayNotSee, match="Rita Sommer"), unit_of_work():
        services.publish(minutes, actor=cast.sara, participants=False, people=[cast.people["rita"]])
    with unit_of_work():
        asked = services.publish(minutes, actor=cast.sara, participants=False, departments=[team])
    assert [each.name for each in asked] == ["Tom Okafor"]
    [mail] = db.session.scalars(select(MailMessage).where(MailMessage.kind == "minutes_published"))
    assert "merger" not in mail.subject
    assert mail.least_clearance == Clearance.RESTRICTED


def test_only_those_are_asked_again_for_whom_something_changed(cast: Cast) -> None:
    with unit_of_work():
        cast.people["tom"].clearance = Clearance.RESTRICTED
        minutes = classified(cast, ("petra", "tom", "rita"))
        for name in ("petra", "tom"):
            services.acknowledge(minutes, actor=getattr(cast, name))
        db.session.query(MailMessage).delete()
        again(cast, minutes, 1)
    assert list(mails("minutes_published")) == ["tom"]
    assert "What changed: The bonus was wrong." in mails("minutes_published")["tom"]
    assert standings(minutes) == {"Rita": "open", "Tom": "earlier", "Petra": "confirmed"}
    assert [each.kind for each in queries.needs_of(cast.people["petra"])] == []
    assert [each.kind for each in queries.needs_of(cast.people["tom"])] == ["read"]
    assert extracts.read(minutes.newest, Clearance.INTERNAL).change_note is None
    with unit_of_work():
        db.session.query(MailMessage).delete()
        again(cast, minutes, 0)
    assert sorted(mails("minutes_published")) == ["petra", "rita", "tom"]
    deeds = db.session.scalars(
        select(AuditEntry.action).where(AuditEntry.action.startswith("minutes.published")).order_by(AuditEntry.seq)
    )
    assert list(deeds) == ["minutes.published", "minutes.published_again", "minutes.published"]


def test_an_editorial_change_asks_nobody_who_has_confirmed(cast: Cast) -> None:
    with unit_of_work():
        minutes = classified(cast, ("petra", "rita"), copies=Addressees(people=[cast.people["xaver"]]))
        services.acknowledge(minutes, actor=cast.petra)
        db.session.query(MailMessage).delete()
        again(cast, minutes, 0, editorial=True)
    assert (list(mails("minutes_published")), mails("minutes_copy")) == (["rita"], {})
    assert standings(minutes) == {"Rita": "open", "Petra": "confirmed", "Xaver": "copy"}


def test_a_confirmation_is_bound_to_the_extract_that_was_read(cast: Cast) -> None:
    with unit_of_work():
        minutes = classified(cast, ("petra",))
        row = services.acknowledge(minutes, actor=cast.petra)
        papers = [each.document.content_hash for each in minutes.current.extracts]
    assert (row.version_hash, row.clearance) == (papers[0], Clearance.INTERNAL)
    assert len(set(papers)) == 3
    with unit_of_work():
        cast.people["petra"].clearance = Clearance.SECRET
    assert standings(minutes) == {"Petra": "earlier"}  # there is more before her now than she has read
    with unit_of_work():
        services.acknowledge(minutes, actor=cast.petra, version_hash=papers[2])
    assert (row.version_hash, standings(minutes)) == (papers[2], {"Petra": "confirmed"})


def test_who_lost_everything_is_neither_asked_nor_reminded(cast: Cast) -> None:
    with unit_of_work():
        minutes = classified(cast, ("petra", "rita"), {"of all": Clearance.INTERNAL})
        services.amend(minutes, actor=cast.sara, change_note="Not for everybody.")
        for each in minutes.newest.sections:
            each.clearance = Clearance.RESTRICTED
        db.session.query(MailMessage).delete()
        through(cast, minutes)
    assert mails("minutes_published") == {}
    assert standings(minutes) == {"Petra": "nothing", "Rita": "nothing"}
    assert queries.needs_of(cast.people["petra"]) == []


def test_a_superior_nudges_their_own_people_and_nobody_else(app: Flask, as_: As) -> None:
    with app.app_context():
        cast = load()
        with unit_of_work():
            minutes = make_published(cast, readers=("petra", "rita"))
        place = Place(minutes)
        refs = {name: cast.people[name].ref for name in ("petra", "rita", "tom")}
    mei, sara, nudge = as_("mei"), as_("sara"), place.at("readers/reminder")
    assert mei.post(nudge, {"reader_ref": refs["rita"]}).status_code == 403
    assert "1 reminder is on its way." in mei.post(nudge, follow_redirects=True).text
    assert sara.post(nudge, {"reader_ref": refs["tom"]}).status_code == 403
    assert sara.post(nudge, {"reader_ref": "0" * 16}).status_code == 404
    assert "Nobody is to be reminded" in sara.post(nudge, {"reader_ref": refs["petra"]}, follow_redirects=True).text
    assert "1 reminder is on its way." in sara.post(nudge, {"reader_ref": refs["rita"]}, follow_redirects=True).text
    for name in ("petra", "rita", "aude"):
        assert as_(name).post(nudge).status_code == 403, name


def test_the_choice_of_before_stands_in_the_form_again(app: Flask, as_: As) -> None:
    with app.app_context():
        cast = load()
        with unit_of_work():
            group = audiences.add_group("The inner circle", actor=SYSTEM)
            audiences.add_members(group, [cast.people["tom"]], actor=SYSTEM)
            minutes = make_approved(cast)
        place, ref, rita = Place(minutes), group.ref, cast.people["rita"].ref
    sara = as_("sara")
    assert "The inner circle" in sara.get(place.at("publication")).text
    assert sara.post(place.at("publication"), {"groups": [ref], "copy_people": [rita]}).status_code == 303
    board = sara.get(place.at("readers")).text
    assert "The inner circle" in board
    assert "0 of 1 have confirmed" in board
    with app.app_context():
        cast = load()
        with unit_of_work():
            minutes = db.session.query(Minutes).one()
            services.amend(minutes, actor=cast.sara, change_note="x")
            put_in_review(cast, minutes)
            services.approve(minutes, actor=cast.li_wei)
    page = sara.get(place.at("publication")).text
    assert re.search(rf'<option selected value="{ref}">', page)
    assert re.search(rf'<option selected value="{rita}">', page)
    assert "2 people have an earlier version" in page


# --- attachments --------------------------------------------------------------------------------------------------

PDF = b"%PDF-1.4 plan"


def send(visitor: Visitor, place: Place, name: str = "plan.pdf", data: bytes = PDF, **more: str):
    sent = {"file": (io.BytesIO(data), name), "clearance": "1", "section": "", **more}
    return visitor.post(place.at("attachments/new"), sent, content_type="multipart/form-data")


def test_files_are_signed_with_the_text_and_kept_by_the_versions_that_had_them(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_draft(cast)
        plan = services.attach(minutes, io.BytesIO(PDF), "plan.pdf", actor=cast.sara)
        through(cast, minutes, people=[cast.people["petra"]])
        services.acknowledge(minutes, actor=cast.petra)
        first = minutes.current
    assert [each.title for each in extracts.read(first, Clearance.INTERNAL).files] == ["plan.pdf"]
    assert first.extracts[0].document.content["attachments"] == [{"title": "plan.pdf", "sha256": plan.file.sha256}]
    with pytest.raises(TextIsFixed), unit_of_work():
        services.attach(minutes, io.BytesIO(PDF), "late.pdf", actor=cast.sara)
    with pytest.raises(TextIsFixed), unit_of_work():
        services.detach(plan, actor=cast.sara)
    with unit_of_work():
        services.amend(minutes, actor=cast.sara, change_note="The plan was the wrong one.")
        services.detach(plan, actor=cast.sara)
        wrong = services.attach(minutes, io.BytesIO(b"%PDF-wrong"), "wrong.pdf", actor=cast.sara)
        services.detach(wrong, actor=cast.sara)
        through(cast, minutes)
    files = [[each.title for each in extracts.read(version, 3).files] for version in minutes.versions]
    assert files == [["plan.pdf"], []]
    assert db.session.query(Attachment).count() == 1
    assert standings(minutes) == {"Petra": "earlier"}


def test_a_file_of_a_section_is_at_least_as_confidential_as_it(cast: Cast) -> None:
    with unit_of_work():
        minutes = in_sections(make_draft(cast), LEVELS)
        secret = minutes.newest.sections[2]
        made = services.attach(minutes, io.BytesIO(PDF), "a.pdf", actor=cast.sara, clearance=0, section=secret)
        services.attach(minutes, io.BytesIO(PDF), "b.pdf", actor=cast.sara, clearance=2)
    assert made.clearance == Clearance.SECRET
    files = {level: [each.title for each in extracts.read(minutes.newest, level).files] for level in Clearance}
    assert files == {0: [], 1: [], 2: ["b.pdf"], 3: ["a.pdf", "b.pdf"]}
    with unit_of_work():
        minutes.newest.sections.remove(secret)
    assert [each.title for each in extracts.read(minutes.newest, Clearance.RESTRICTED).files] == ["b.pdf"]
    assert extracts.levels(minutes.newest) == [1, 2, 3]


def test_a_file_alone_opens_nothing(cast: Cast) -> None:
    with unit_of_work():
        minutes = in_sections(make_draft(cast), {"of few": Clearance.RESTRICTED})
        services.attach(minutes, io.BytesIO(PDF), "a.pdf", actor=cast.sara, clearance=Clearance.PUBLIC)
        through(cast, minutes)
    assert minutes.least_clearance == Clearance.RESTRICTED
    assert queries.find_minutes(cast.petra, minutes.event, minutes.ref) is None


def test_files_come_and_go_on_the_page(app: Flask, as_: As) -> None:
    with app.app_context():
        cast = load()
        with unit_of_work():
            minutes = in_sections(make_draft(cast, session=make_session(make_event())), LEVELS)
        place, section = Place(minutes), minutes.newest.sections[1].ref
    sara, petra = as_("sara"), as_("petra")
    assert sara.get(place.at("attachments/new")).status_code == 200
    assert petra.get(place.at("attachments/new")).status_code == 404
    assert send(sara, place, "page.html", b"<p>hello").status_code == 422
    assert send(sara, place, "plan.pdf", b"no pdf").status_code == 422
    assert send(sara, place, clearance="7").status_code == 422
    assert send(sara, place, "计划.pdf", title="The plan", section=section).status_code == 303
    page = sara.get(place.newest).text
    link = re.search(r'href="([^"]+/attachments/[0-9a-z]{16})">The plan<', page)
    assert link
    answer = sara.get(link.group(1))
    assert (answer.status_code, answer.data, answer.mimetype) == (200, PDF, "application/pdf")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=_.pdf; filename*=UTF-8''%E8%AE%A1")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert petra.get(link.group(1)).status_code == 404
    assert petra.post(link.group(1) + "/removal").status_code == 404
    assert sara.post(link.group(1) + "/removal").status_code == 303
    assert sara.get(link.group(1)).status_code == 404
    assert "The plan" not in sara.get(place.newest).text


def test_the_board_asks_as_much_for_few_readers_as_for_many(app: Flask, as_: As, count_statements) -> None:
    sara, counted = as_("sara"), []
    for names in (("petra",), ("petra", "rita", "tom", "mei", "xaver", "dora", "sven", "olaf")):
        with app.app_context():
            with unit_of_work():
                place = Place(make_published(load(), readers=names))
            db.session.rollback()
        with count_statements() as said:
            assert sara.get(place.at("readers")).status_code == 200
        counted.append(len(said))
    assert counted[0] == counted[1] <= 12
    with app.app_context():
        assert db.session.query(Acknowledgement).count() == 9
