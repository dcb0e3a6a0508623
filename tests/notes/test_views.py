"""The page of live notes."""

import re
from collections.abc import Callable

from flask import Flask

from app.core.db import db, unit_of_work
from app.notes.models import Note
from tests.cast import load
from tests.conftest import Visitor
from tests.factories import make_event, make_item, make_session

As = Callable[[str], Visitor]
JSON = {"Accept": "application/json"}


def page_of_notes(app: Flask) -> tuple[str, str]:
    with app.app_context():
        with unit_of_work():
            session = make_session(make_event(), title="The long look")
            item = make_item(session.event, session=session, title="The plan")
        url = f"/events/{session.event.ref}/sessions/{session.ref}/notes"
        ref = item.ref
        db.session.remove()
    return url, ref


def test_notes_are_seen_by_those_who_record_and_the_auditor_alone(app: Flask, as_: As) -> None:
    url, item = page_of_notes(app)
    given = {"line": "canary-words", "item_ref": item, "clearance": "1"}
    assert as_("sara").post(f"{url}/lines", given).status_code == 303
    seen = {
        name: as_(name).get(url).status_code for name in ("sara", "olaf", "aude", "petra", "li_wei", "sven", "dora")
    }
    assert seen == {"sara": 200, "olaf": 200, "aude": 200, "petra": 403, "li_wei": 403, "sven": 403, "dora": 403}
    assert "canary-words" in as_("aude").get(url).text
    assert 'name="line"' not in as_("aude").get(url).text
    for page in ("/search?q=canary-words", "/", url.rpartition("/")[0]):
        assert "canary-words<" not in as_("petra").get(page).text


def test_a_line_works_without_a_script_and_is_kept_once(app: Flask, as_: As) -> None:
    url, item = page_of_notes(app)
    sara = as_("sara")
    entry = re.search(r'name="entry"[^>]*value="([0-9a-f-]{36})"', sara.get(url).text)
    assert entry
    given = {"line": "!d The <b>plan</b> stands.", "item_ref": item, "clearance": "1", "entry": entry.group(1)}
    assert sara.post(f"{url}/lines", given).status_code == 303
    assert sara.post(f"{url}/lines", given).status_code == 303
    page = sara.get(url).text
    assert page.count("The &lt;b&gt;plan&lt;/b&gt; stands.") == 1
    told = sara.post(f"{url}/lines", {**given, "line": "Next.", "entry": "abcdef0123456789"}, headers=JSON).json
    assert told["page"] == item
    assert "Next." in told["html"]
    refused = sara.post(f"{url}/lines", {**given, "line": "!d ", "entry": "abcdef01234567ff"}, headers=JSON)
    assert (refused.status_code, refused.json) == (422, {"sentence": "Write down what is to be noted."})
    back = sara.post(f"{url}/lines", {**given, "line": "!a  ", "entry": ""})
    assert (back.status_code, "Write down what is to be noted." in back.text) == (422, True)
    for hostile in ({"entry": "\x00" * 20}, {"noted": "9" * 60}, {"item_ref": "0" * 16}, {"clearance": "7"}):
        assert sara.post(f"{url}/lines", {**given, "line": "x", "entry": "", **hostile}).status_code in (303, 422)
    with app.app_context():
        ref = db.session.query(Note).order_by(Note.id).first().ref
        db.session.remove()
    form = sara.get(f"{url}/{ref}").text
    assert 'value="!decision The &lt;b&gt;plan&lt;/b&gt; stands."' in form
    stale = sara.post(f"{url}/{ref}", {"line": "!d Other.", "item_ref": item, "clearance": "1", "version": "99"})
    assert stale.status_code == 409
    assert "!d Other." in stale.text


def test_names_are_completed_for_those_who_record(app: Flask, as_: As) -> None:
    url, _item = page_of_notes(app)
    names = f"{url.split('/sessions')[0]}/notes/names"
    with app.app_context():
        petra = load().people["petra"].name
        db.session.remove()
    found = as_("sara").get(f"{names}?q={petra[:3].lower()}").json["names"]
    assert petra in [each["name"] for each in found]
    assert as_("sara").get(f"{names}?q=%00%25_").json == {"names": []}
    assert as_("sara").get(names).json == {"names": []}
    assert as_("petra").get(f"{names}?q=a").status_code == 403


def test_the_page_asks_the_same_for_one_note_and_for_thirty(app: Flask, as_: As, count_statements) -> None:
    asked = []
    for number in (1, 30):
        url, item = page_of_notes(app)
        sara = as_("sara")
        for each in range(number):
            line = {"line": f"!d Number {each}.", "item_ref": item, "clearance": "1"}
            assert sara.post(f"{url}/lines", line).status_code == 303
        with count_statements() as said:
            assert sara.get(url).status_code == 200
        asked.append(len(said))
    assert asked[0] == asked[1]
    assert asked[0] <= 14
