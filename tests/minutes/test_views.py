"""The pages of minutes: who reaches them, what they show, what they keep to themselves."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.core.db import db, unit_of_work
from app.events.models import Audience
from app.minutes import services
from app.minutes.models import Minutes, MinutesState
from app.people.models import Clearance
from app.search.models import SearchEntry
from tests.cast import Cast, load
from tests.conftest import Visitor
from tests.factories import make_event, make_part, make_session
from tests.factories.minutes import make_approved, make_draft, make_in_review, make_published, put_in_review

CANARY = "canary-in-the-draft"
WORDS = "beside the pump"  # a search page says again what was asked for, so what else stands there is looked for
As = Callable[[str], Visitor]


class Place:
    """The addresses of one document."""

    def __init__(self, minutes: Minutes) -> None:
        self.ref, self.event = minutes.ref, minutes.event.ref
        self.list = f"/events/{self.event}/minutes"
        self.url = f"{self.list}/{self.ref}"
        self.newest = f"{self.url}/versions/{minutes.newest.ref}"
        self.section = f"{self.url}/text/{minutes.newest.sections[0].ref}"

    def at(self, tail: str) -> str:
        return f"{self.url}/{tail}"


def stored(app: Flask, make: Callable[..., Minutes], **values: Any) -> Place:
    with app.app_context():
        cast: Cast = load()
        with unit_of_work():
            minutes = make(cast, **values)
        place = Place(minutes)
        db.session.rollback()
    return place


def state_of(app: Flask, place: Place) -> tuple[str, int, str]:
    with app.app_context():
        minutes = db.session.query(Minutes).filter_by(ref=place.ref).one()
        return minutes.state, len(minutes.versions), minutes.newest.whole


def version_in(page: str) -> str:
    found = re.search(r'name="version"[^>]*value="(\d+)"', page) or re.search(r'value="(\d+)"[^>]*name="version"', page)
    assert found
    return found.group(1)


def typed(**more: str) -> dict[str, str]:
    return {"title": "Minutes of the year", "present": "Li Wei", "excused": "", "in_attendance": "Sara Novák", **more}


def section(**more: str) -> dict[str, str]:
    return {"heading": "", "clearance": "1", **more}


PAGES = ["", "text", "new-draft", "amendment", "withdrawal", "publication", "approval", "readers", "compare", "pdf"]


@pytest.mark.parametrize("name", ["petra", "rita", "tom", "dora", "ada", "xaver"])
@pytest.mark.parametrize("make", [make_draft, make_in_review, make_approved])
def test_nothing_of_an_unpublished_text_is_there_for_others(app: Flask, as_: As, name: str, make: Any) -> None:
    place = stored(app, make, text=f"{CANARY} {WORDS}", title=f"{CANARY} {WORDS}")
    visitor = as_(name)
    for tail in [*PAGES, "comments"]:
        answer = visitor.get(place.at(tail).rstrip("/"))
        assert answer.status_code == 404, tail
        assert WORDS not in answer.text
    for url in (place.newest, place.newest + "/pdf"):
        assert visitor.get(url).status_code == 404
    for tail in ("review", "comments", "approval", "publication", "text", "preview", "acknowledgement", "withdrawal"):
        assert visitor.post(place.at(tail), {"text": "x", "reason": "x"}).status_code == 404, tail
    for url in (place.list, "/minutes", "/", f"/events/{place.event}", f"/search?q={CANARY}"):
        assert WORDS not in visitor.get(url).text, url
    assert "No minutes yet" in visitor.get(place.list).text
    with app.app_context():
        assert db.session.query(SearchEntry).filter(SearchEntry.body.contains(CANARY)).count() == 0


def test_a_draft_is_seen_by_those_who_record_the_leader_and_the_auditor(app: Flask, as_: As) -> None:
    place = stored(app, make_draft, text=CANARY)
    seen = {name: as_(name).get(place.url).status_code for name in ("sara", "olaf", "li_wei", "aude", "sven")}
    assert seen == {"sara": 200, "olaf": 200, "li_wei": 200, "aude": 200, "sven": 404}


def test_in_review_the_supervisor_sees_it_too_and_may_comment(app: Flask, as_: As) -> None:
    place = stored(app, make_in_review, text=CANARY)
    sven = as_("sven")
    assert CANARY in sven.get(place.url).text
    assert sven.post(place.at("comments"), {"text": "It took fifty minutes."}).status_code == 303
    assert "It took fifty minutes." in as_("sara").get(place.url).text


def test_the_auditor_reads_and_changes_nothing(app: Flask, as_: As) -> None:
    place = stored(app, make_in_review)
    aude = as_("aude")
    for tail in ("text", "comments", "approval", "publication", "withdrawal", "amendment", "review", "new-draft"):
        assert aude.post(place.at(tail), {"text": "x", "reason": "x", "change_note": "x"}).status_code == 403, tail
    assert state_of(app, place) == (MinutesState.IN_REVIEW, 1, "Nothing was left out.")


def test_published_minutes_are_read_by_everybody_who_may_see_the_event(app: Flask, as_: As) -> None:
    place = stored(app, make_published, text="# The year\n\nAll was **done**.", readers=("rita",))
    for name in ("petra", "rita", "xaver", "sara", "olaf", "li_wei", "aude", "ada"):
        page = as_(name).get(place.url)
        assert page.status_code == 200, name
        assert "All was <strong>done</strong>." in page.text
    for tail in ("text", "amendment", "withdrawal", "publication", "approval", "readers", "new-draft"):
        assert as_("petra").get(place.at(tail)).status_code == 403, tail
    assert as_("nobody").get(place.url).status_code == 302


def test_minutes_of_a_restricted_event_do_not_exist_for_outsiders(app: Flask, as_: As) -> None:
    with app.app_context(), unit_of_work():
        cast = load()
        event = make_event(audience=Audience.RESTRICTED)
        make_part(event, cast.people["petra"])
        place = Place(make_published(cast, session=make_session(event), text=CANARY, readers=("petra",)))
    assert as_("petra").get(place.url).status_code == 200
    for url in (place.url, place.list, place.newest, place.newest + "/pdf"):
        assert as_("xaver").get(url).status_code == 404
    assert CANARY not in as_("xaver").get("/minutes").text
    assert "Minutes of the year" not in as_("xaver").get("/minutes").text


def test_minutes_are_found_under_their_own_event_only(app: Flask, as_: As) -> None:
    place = stored(app, make_published)
    other = stored(app, make_published)
    assert as_("sara").get(f"/events/{other.event}/minutes/{place.ref}").status_code == 404
    version = place.newest.rsplit("/", 1)[-1]
    assert as_("sara").get(f"{other.url}/versions/{version}").status_code == 404


def test_a_draft_is_made_from_the_page(app: Flask, as_: As) -> None:
    with app.app_context(), unit_of_work():
        sitting = make_session(make_event(), title="The long look ahead")
        event_ref, session_ref = sitting.event.ref, sitting.ref
    sara = as_("sara")
    url = f"/events/{event_ref}/minutes/new"
    assert sara.get(url).status_code == 200
    assert as_("petra").get(url).status_code == 403
    made = sara.post(url, {"session_ref": session_ref, "language": "en"})
    assert made.status_code == 303
    assert "Strategy session “The long look ahead”" in sara.get(made.location).text
    again = sara.post(url, {"session_ref": session_ref, "language": "en"})
    assert again.status_code == 422
    assert "This session has minutes in this language already." in again.text
    assert sara.post(url, {"session_ref": "0" * 16, "language": "en"}).status_code == 422


def test_two_who_save_the_same_text_lose_nothing(app: Flask, as_: As) -> None:
    place = stored(app, make_draft, text="The pump stood still.")
    sara, olaf = as_("sara"), as_("olaf")
    opened = version_in(sara.get(place.section).text)
    assert version_in(olaf.get(place.section).text) == opened
    first = sara.post(place.section, section(source="The pump ran.", version=opened))
    assert first.status_code == 303
    second = olaf.post(place.section, section(source="The pump <b>sang</b>.", version=opened))
    assert second.status_code == 409
    assert state_of(app, place)[2] == "The pump ran."
    assert "The pump &lt;b&gt;sang&lt;/b&gt;." in second.text
    assert "The pump ran." in second.text
    assert "<b>sang</b>" not in second.text
    assert "Theirs and yours, word by word" in second.text
    third = olaf.post(place.section, section(source="The pump ran and sang.", version=version_in(second.text)))
    assert third.status_code == 303
    assert state_of(app, place)[2] == "The pump ran and sang."


def test_the_preview_stores_nothing_and_keeps_what_was_typed(app: Flask, as_: As) -> None:
    place = stored(app, make_draft, text="As it was.")
    sara = as_("sara")
    page = sara.post(place.section, section(source="**loud**", preview="1", version="1"))
    assert page.status_code == 200
    assert "<strong>loud</strong>" in page.text
    assert "**loud**" in page.text
    assert state_of(app, place)[2] == "As it was."
    fragment = sara.post(place.at("preview"), {"text": "**loud**"})
    assert fragment.text == "<p><strong>loud</strong></p>\n"
    assert as_("petra").post(place.at("preview"), {"text": "x"}).status_code == 404


def test_an_empty_title_is_refused_beside_its_field(app: Flask, as_: As) -> None:
    place = stored(app, make_draft, text="As it was.")
    answer = as_("sara").post(place.at("text"), typed(title="  ", present="Somebody new", version="1"))
    assert answer.status_code == 422
    assert "Please fill this in." in answer.text
    assert "Somebody new" in answer.text
    assert state_of(app, place)[2] == "As it was."


HOSTILE = (
    "<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1)) "
    '<a href="x" data-hx-get="/" style="color:red" id="top">y</a> <svg onload=alert(1)>'
)


def attacks_in(page: str) -> list[str]:
    return re.findall(r"<(?:script>alert|img src=x|svg onload|a href=\"x\")|href=\"javascript", page)


def test_hostile_text_is_text_on_every_page(app: Flask, as_: As) -> None:
    with app.app_context():
        cast = load()
        with unit_of_work():
            minutes = make_published(cast, text=HOSTILE, title=f"Minutes {HOSTILE}"[:200], readers=("rita",))
            services.amend(minutes, actor=cast.sara, change_note=HOSTILE)
            services.write(minutes, actor=cast.sara, text=HOSTILE + " more", attendance={"present": [HOSTILE]})
            put_in_review(cast, minutes)
            services.comment(minutes, actor=cast.sara, text=HOSTILE)
            services.resolve(minutes_comment(minutes), actor=cast.sara)
        place = Place(minutes)
    sara, li_wei = as_("sara"), as_("li_wei")
    pages = [sara.get(url) for url in (place.url, place.newest, place.at("compare"), place.at("text"), place.list)]
    pages += [sara.get(place.at("readers")), sara.get(place.at("new-draft")), sara.get("/minutes")]
    pages += [li_wei.get(place.at("approval")), sara.post(place.at("preview"), {"text": HOSTILE})]
    pages += [sara.get(place.section), sara.get(f"{place.section}/earlier")]
    pages.append(sara.post(place.section, section(source=HOSTILE + "!", version="99")))
    pages.append(sara.post(place.at("text"), typed(present=HOSTILE, version="99")))
    assert [page.status_code for page in pages] == [200] * 12 + [409] * 2
    assert [attacks_in(page.text) for page in pages] == [[]] * 14


def minutes_comment(minutes: Minutes):
    from app.minutes import reviews

    return reviews.list_comments(minutes, Clearance.SECRET)[0]


def test_the_leader_signs_off_what_was_shown(app: Flask, as_: As) -> None:
    place = stored(app, make_in_review)
    li_wei, sara = as_("li_wei"), as_("sara")
    page = li_wei.get(place.at("approval"))
    assert page.status_code == 200
    opened = version_in(page.text)
    assert sara.get(place.at("approval")).status_code == 403
    assert sara.post(place.section, section(source="Changed meanwhile.", version="1")).status_code == 303
    stale = li_wei.post(place.at("approval"), {"version": opened})
    assert stale.status_code == 409
    assert "Changed meanwhile." in stale.text
    assert state_of(app, place)[0] == MinutesState.IN_REVIEW
    done = li_wei.post(place.at("approval"), {"version": version_in(stale.text)})
    assert done.status_code == 303
    assert state_of(app, place)[0] == MinutesState.APPROVED


def test_an_approved_text_is_not_edited(app: Flask, as_: As) -> None:
    place = stored(app, make_approved)
    sara = as_("sara")
    assert sara.get(place.at("text")).location.endswith("/amendment")
    assert sara.get(place.section).location.endswith("/amendment")
    answer = sara.post(place.section, section(source="Other words.", version="1"))
    assert answer.status_code == 422
    assert "This text is approved and does not change any more." in answer.text
    assert "Other words." in answer.text
    assert state_of(app, place)[2] == "Nothing was left out."


def test_publishing_asks_the_chosen_and_they_confirm_for_themselves(app: Flask, as_: As) -> None:
    place = stored(app, make_approved)
    with app.app_context():
        rita = load().people["rita"].ref
    sara = as_("sara")
    assert sara.post(place.at("publication"), {"people": [rita]}).status_code == 303
    page = as_("rita").get(place.url).text
    assert "I have read version 1" in page
    found = re.search(r'name="version_hash" value="([0-9a-f]{64})"', page)
    assert found
    petra = as_("petra")
    assert "I have read version" not in petra.get(place.url).text
    given = {"version_hash": found.group(1)}
    assert petra.post(place.at("acknowledgement"), given).status_code == 403
    reader = as_("rita")
    wrong = reader.post(place.at("acknowledgement"), {"version_hash": "0" * 64}, follow_redirects=True)
    assert "A newer version was published meanwhile." in wrong.text
    assert "I have read version 1" in wrong.text
    assert reader.post(place.at("acknowledgement"), given).status_code == 303
    assert "You have confirmed reading this" in reader.get(place.url).text


def test_who_has_read_is_for_the_owner_and_the_manager(app: Flask, as_: As) -> None:
    place = stored(app, make_published, readers=("petra", "rita"))
    url = place.at("readers")
    allowed = {
        name: as_(name).get(url).status_code for name in ("sara", "olaf", "mei", "aude", "petra", "rita", "li_wei")
    }
    assert allowed == {"sara": 200, "olaf": 200, "mei": 200, "aude": 200, "petra": 403, "rita": 403, "li_wei": 403}
    whole, mine = as_("sara").get(url).text, as_("mei").get(url).text
    assert "Rita Sommer" in whole
    assert "Petra Lindqvist" in whole
    assert "Petra Lindqvist" in mine
    assert "Rita Sommer" not in mine
    assert "0 of 2 have confirmed" not in as_("petra").get(place.url).text


def test_reminding_is_done_once_a_day(app: Flask, as_: As) -> None:
    place = stored(app, make_published, readers=("petra", "rita"))
    sara = as_("sara")
    first = sara.post(place.at("readers/reminder"), follow_redirects=True)
    assert "2 reminders are on their way." in first.text
    second = sara.post(place.at("readers/reminder"), follow_redirects=True)
    assert "Nobody is to be reminded" in second.text
    assert as_("rita").post(place.at("readers/reminder")).status_code == 403


def test_withdrawn_minutes_leave_a_page_that_says_why(app: Flask, as_: As) -> None:
    place = stored(app, make_published, text=CANARY)
    assert as_("sara").post(place.at("withdrawal"), {"reason": "A name was wrong."}).status_code == 303
    page = as_("petra").get(place.url)
    assert page.status_code == 410
    assert "A name was wrong." in page.text
    assert CANARY not in page.text
    for url in (place.newest, place.newest + "/pdf", place.at("pdf")):
        assert as_("petra").get(url).status_code == 404
    assert "Minutes of the year" not in as_("petra").get("/minutes").text
    assert CANARY in as_("sara").get(place.newest).text


def test_versions_are_compared_word_by_word_in_chinese_too(app: Flask, as_: As) -> None:
    with app.app_context():
        cast = load()
        with unit_of_work():
            minutes = make_published(cast, text="差额为百分之二。")
            services.amend(minutes, actor=cast.sara, change_note="数字更正")
            services.write(minutes, actor=cast.sara, text="差额为百分之三。")
        place = Place(minutes)
    page = as_("sara").get(place.at("compare")).text
    shown = re.sub(r'<span class="visually-hidden">[^<]*</span>', "", page)
    assert "差额为百分之<del>二</del><ins>三</ins>。" in shown
    assert as_("petra").get(place.at("compare")).status_code == 404


def test_the_pdf_comes_as_a_file(app: Flask, as_: As) -> None:
    place = stored(app, make_published)
    answer = as_("petra").get(place.at("pdf"))
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    answer.headers["Content-Disposition"].encode("latin-1")
    assert answer.data.startswith(b"%PDF-")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_chinese_reader_gets_the_pdf_under_its_chinese_name(app: Flask, as_: As) -> None:
    place = stored(app, make_published)
    visitor = as_("petra")
    visitor.post("/language", {"language": "zh_Hans_CN"})
    name = visitor.get(place.at("pdf")).headers["Content-Disposition"]
    name.encode("latin-1")  # what a server sends; anything else is a 500
    assert name.startswith("attachment; filename=minutes-v1.pdf; filename*=UTF-8''%E4%BC%9A%E8%AE%AE%E7%BA%AA%E8%A6%81")


def many(app: Flask, number: int) -> str:
    with app.app_context():
        cast = load()
        with unit_of_work():
            event = make_event()
            for _each in range(number):
                make_published(cast, session=make_session(event), readers=("rita", "petra"))
            ref = event.ref
        db.session.rollback()
    return ref


@pytest.mark.parametrize("name", ["petra", "sara"])
def test_lists_ask_the_same_number_of_questions_for_one_and_for_many(
    app: Flask, as_: As, count_statements, name
) -> None:
    visitor = as_(name)
    counted = []
    for number in (1, 12):
        ref = many(app, number)
        with count_statements() as listing:
            assert visitor.get(f"/events/{ref}/minutes").status_code == 200
        with count_statements() as library:
            assert visitor.get("/minutes?per_page=100").status_code == 200
        counted.append((len(listing), len(library)))
    assert counted[0] == counted[1]
    assert max(counted[0]) <= 10


def test_the_page_itself_asks_few_questions(app: Flask, as_: As, count_statements) -> None:
    place = stored(app, make_published, readers=("rita", "petra", "tom", "mei"))
    for name in ("rita", "sara"):
        visitor = as_(name)
        with count_statements() as said:
            assert visitor.get(place.url).status_code == 200
        assert len(said) <= 12, "\n".join(said)


def test_the_library_is_chosen_by_year_and_event(app: Flask, as_: As) -> None:
    place = stored(app, make_published, title="Of the kiln")
    other = stored(app, make_published, title="Of the harbour")
    page = as_("petra").get(f"/minutes?event={place.event}").text
    assert "Of the kiln" in page
    assert "Of the harbour" not in page
    assert "Of the kiln" not in as_("petra").get("/minutes?year=1999").text
    assert as_("petra").get("/minutes?year=x&page=-1&event=%00").status_code == 200
    assert other
