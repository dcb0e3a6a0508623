"""Every form of every page, driven with what it should not be given: no 500, no raw markup, a sentence, nothing lost."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest

from tests.architecture.test_access import Walk

SCRIPT = "<script>alert('hufu')</script>\"'><img src=x onerror=alert(1)>"
HOSTILE = {
    "empty": "",
    "blank": "  \t ",
    "long": "a" * 30_000,
    "script": SCRIPT,
    "formula": '=HYPERLINK("http://evil.example")',
    "header": "Subject\r\nBcc: evil@evil.example\x00\u2028x",
    "path": "../../../../etc/passwd",
    "bidi": "\u202egnp.exe\u2066 \u200f名",
    "surrogate": b"\xed\xa0\x80\xff\xfe",
    "number": "99999999999999999999",
    "negative": "-1",
    "template": "{{1103*7}} %(x)s %s {0.__class__} ${7*7}",
    "chinese": "会议纪要𠮷👩‍👩‍👧",
    "quote": "' OR 1=1 -- \\",
}


@dataclass
class Form:
    action: str = ""
    method: str = "get"
    fields: dict[str, str] = field(default_factory=dict)  # name → kind
    values: dict[str, str] = field(default_factory=dict)


class Forms(HTMLParser):
    """The forms of a page with their fields."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.here: Form | None = None
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.here = Form(given.get("action", ""), given.get("method", "get").lower())
            self.found.append(self.here)
        elif self.here is not None and given.get("name"):
            name = given["name"]
            if tag == "input":
                kind = given.get("type", "text")
                if kind in ("checkbox", "radio") and name in self.here.values:
                    return
                self.here.fields[name] = kind
                self.here.values[name] = given.get("value", "")
            elif tag in ("textarea", "select"):
                self.here.fields[name] = tag
                self.here.values[name] = ""
                self.select = name
            elif tag == "button":
                self.here.values.setdefault(name, given.get("value", ""))
        elif tag == "option" and self.here is not None and self.select and "selected" in given:
            self.here.values[self.select] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.here = None


def forms_of(page: str) -> list[Form]:
    parser = Forms()
    parser.feed(page)
    return [form for form in parser.found if form.method == "post"]


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    return Walk(tmp_path_factory.mktemp("forms"))


def all_forms(walk: Walk, name: str) -> dict[tuple[str, frozenset[str]], Form]:
    """Each different form that this member can see on the pages of event A."""
    found = {}
    for verb, rule in walk.rules():
        if verb != "GET":
            continue
        url = walk.url(rule, walk.scenes["a"])
        answer = walk.ask(name, "GET", url)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            for form in forms_of(answer.get_data(as_text=True)):
                form.action = form.action or url
                shape = re.sub("[0-9a-z]{16}", "", form.action.split("?")[0])
                found.setdefault((shape, frozenset(form.fields)), form)
    return found


NEVER = ("/sign-out",)


@pytest.mark.parametrize("name", ["olaf", "li_wei", "petra", "ada", "dora", "nobody"])
def test_hostile_input_breaks_no_form(walk: Walk, name: str) -> None:
    walk.restore()
    driven = 0
    for form in all_forms(walk, name).values():
        typed = [field for field, kind in form.fields.items() if kind not in ("hidden", "submit", "file")]
        if not typed or form.action.startswith(NEVER):
            continue
        for what, value in HOSTILE.items():
            sent = {**form.values, **dict.fromkeys(typed, value), "csrf_token": walk.tokens[name]}
            sent["intent"] = f"{what}-{driven}"
            answer = walk.clients[name].post(form.action, data=sent)
            where = f"{name} {form.action} {what}"
            assert answer.status_code < 500, f"{where}: {answer.status_code}"
            page = answer.get_data(as_text=True)
            assert "<script>alert" not in page, where
            assert "<img src=x" not in page, where
            assert "7721" not in page, where
            if answer.status_code == 422:
                assert 'class="error' in page or 'role="alert"' in page, f"{where}: refused without a sentence"
            driven += 1
        walk.restore()
    assert driven > 0


@pytest.mark.parametrize("name", ["olaf", "li_wei", "petra", "ada"])
def test_every_single_field_takes_hostile_text_alone(walk: Walk, name: str) -> None:
    """One bad value among good ones: where it is refused, what was typed in the other fields comes back."""
    walk.restore()
    for form in all_forms(walk, name).values():
        texts = [f for f, kind in form.fields.items() if kind in ("text", "textarea", "search", "email")]
        for bad in texts:
            sent = {**form.values, "csrf_token": walk.tokens[name], "intent": f"one-{bad}"}
            sent |= {each: f"kept words {each}" for each in texts if each != bad}
            sent[bad] = "x" * 30_000
            answer = walk.clients[name].post(form.action, data=sent)
            assert answer.status_code < 500, f"{name} {form.action} {bad}"
            if answer.status_code == 422:
                page = answer.get_data(as_text=True)
                for each in texts:
                    if each != bad and form.fields[each] in ("text", "textarea"):
                        assert f"kept words {each}" in page, f"{form.action}: {each} was lost"
        walk.restore()
