"""The page that reads like paper: links to its paragraphs, marked words, what changed since it was read."""

from typing import Any

from flask import Flask
from sqlalchemy import select

from app.core.db import db, unit_of_work
from app.minutes import services
from app.minutes.models import Minutes, Reading
from app.people.models import Clearance
from tests.cast import load
from tests.factories.minutes import let_all_stand, make_in_review, make_published, put_in_review


def address(minutes: Minutes) -> str:
    return f"/events/{minutes.event.ref}/minutes/{minutes.ref}"


def stored(app: Flask, **values: Any) -> tuple[str, str, str]:
    """Published minutes: the address, the origin of their first section, the ref of their version."""
    with app.app_context():
        with unit_of_work():
            minutes = make_published(load(), **values)
        told = address(minutes), minutes.newest.sections[0].origin, minutes.newest.ref
        db.session.rollback()
    return told


def amended(app: Flask, url: str, source: str, *, secret: str | None = None) -> str:
    """Version 2 is published; gives its ref."""
    with app.app_context():
        cast = load()
        with unit_of_work():
            minutes = db.session.scalars(select(Minutes).where(Minutes.ref == url.rpartition("/")[2])).one()
            services.amend(minutes, actor=cast.sara, change_note="Put right.")
            minutes.newest.sections[0].source = source
            if secret is not None:
                minutes.newest.sections[-1].source = secret
            db.session.flush()
            put_in_review(cast, minutes)
            services.approve(minutes, actor=cast.li_wei)
            services.publish(minutes, actor=cast.sara, participants=False)
            ref = minutes.newest.ref
        db.session.rollback()
    return ref


def test_every_paragraph_has_a_place_and_the_words_looked_for_are_marked(app: Flask, as_: Any) -> None:
    url, origin, _version = stored(app, text="The **pump** stood still.\n\n- 水泵停了\n- Nothing else.")
    page = as_("tom").get(f"{url}?words=pump 水泵").text
    for number in (1, 2, 3):
        assert f'id="{origin}-{number}"' in page
    assert "<strong><mark>pump</mark></strong>" in page
    assert "<mark>水泵</mark>停了" in page
    assert "<mark>" not in as_("tom").get(url).text
    for words in ("%00", "<script>", "战" * 400, "%", "'"):
        answer = as_("tom").get(url, query_string={"words": words})
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text


def test_a_reader_is_told_what_changed_since_they_read(app: Flask, as_: Any) -> None:
    url, _origin, first = stored(app, text="The pump stood still.")
    tom, rita = as_("tom"), as_("rita")
    assert "Remember that I read this" in tom.get(url).text
    assert tom.post(f"{url}/versions/{first}/reading").status_code == 303
    page = tom.get(url).text
    assert "Remember that I read this" not in page
    assert "You last read" not in page
    second = amended(app, url, "The pump ran.")
    page = tom.get(url).text
    assert "You last read version 1. Something has changed since." in page
    assert f"old={first}&amp;new={second}" in page
    assert "changed since you read it" in tom.get("/minutes").text
    assert "You last read" not in rita.get(url).text
    assert "changed since you read it" not in rita.get("/minutes").text
    compared = tom.get(f"{url}/compare").text
    assert "Version 1 and version 2" in compared
    assert "<del>" in compared
    assert tom.post(f"{url}/versions/{second}/reading").status_code == 303
    assert "You last read version 1. Something has changed since." in tom.get(url).text
    assert "changed since you read it" not in tom.get("/minutes").text
    assert "No minutes here" in tom.get("/minutes?changed=1").text


def test_a_change_in_what_is_not_theirs_changed_nothing_for_a_reader(app: Flask, as_: Any) -> None:
    with app.app_context():
        cast = load()
        with unit_of_work():
            minutes = make_in_review(cast, text="## One\n\nThe pump.\n\n## Two\n\nThe merger.")
            minutes.newest.sections[1].clearance = Clearance.SECRET
            db.session.flush()
            let_all_stand(cast, minutes)
            services.approve(minutes, actor=cast.li_wei)
            services.publish(minutes, actor=cast.sara, participants=False)
            url, first = address(minutes), minutes.newest.ref
        db.session.rollback()
    tom = as_("tom")
    tom.post(f"{url}/versions/{first}/reading")
    amended(app, url, "The pump.", secret="The merger is off.")
    page = tom.get(url).text
    assert "You last read version 1. This one says the same to you." in page
    assert "changed since you read it" not in tom.get("/minutes").text
    assert "To you both versions say the same." in tom.get(f"{url}/compare").text
    assert "merger" not in tom.get(f"{url}/compare").text


def test_only_ones_own_reading_is_noted_and_of_the_text_in_force_alone(app: Flask, as_: Any) -> None:
    url, _origin, first = stored(app, text="The pump stood still.")
    second = amended(app, url, "The pump ran.")
    assert as_("aude").post(f"{url}/versions/{first}/reading").status_code == 403
    assert as_("tom").post(f"{url}/versions/{first}/reading").status_code == 303
    with app.app_context():
        assert db.session.scalars(select(Reading)).all() == []
    for _twice in range(2):
        as_("tom").post(f"{url}/versions/{second}/reading")
    assert as_("tom").post(f"{url}/versions/{'0' * 16}/reading").status_code == 404
    with app.app_context():
        noted = db.session.scalars(select(Reading)).one()
        assert (noted.account_id, noted.before_id) == (load().tom.id, None)


def test_three_hundred_paragraphs_ask_as_many_statements_as_one(app: Flask, as_: Any, count_statements: Any) -> None:
    short = stored(app, text="One paragraph.")[0]
    long = stored(
        app,
        text="\n\n".join(
            f"## Item {at}\n\n" + "\n\n".join(f"Paragraph {at}.{n}" for n in range(10)) for at in range(30)
        ),
    )[0]
    tom, asked = as_("tom"), []
    tom.get(short)
    for url in (short, long):
        with count_statements() as told:
            page = tom.get(url).text
        asked.append(len(told))
    assert page.count('class="paragraph"') == 300
    assert page.count('<li><a href="#') >= 30
    assert asked[0] == asked[1] <= 16


def test_minutes_are_filed_by_subject_at_any_time(app: Flask, as_: Any) -> None:
    url, _origin, _version = stored(app, text="The pump stood still.")
    sara, tom = as_("sara"), as_("tom")
    assert "Name subjects" in sara.get(url).text
    assert tom.get(f"{url}/subjects").status_code == tom.post(f"{url}/subjects", {"subjects": "x"}).status_code == 403
    assert sara.post(f"{url}/subjects", {"subjects": "Pumps, 安全生产\nPUMPS"}).status_code == 303
    page = tom.get(url).text
    assert 'href="/minutes?subject=pumps"' in page
    assert "安全生产" in page
    assert "Minutes of the year" in tom.get("/minutes?subject=安全生产").text
    assert sara.post(f"{url}/withdrawal", {"reason": "Wrong."}).status_code == 303
    assert "withdrawn and stand in no library" in sara.post(f"{url}/subjects", {"subjects": "x"}).text
