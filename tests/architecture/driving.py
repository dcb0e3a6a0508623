"""Every form of every page, found by reading the pages, and a way to send each and to compare what it left behind."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from werkzeug.datastructures import MultiDict
from werkzeug.test import encode_multipart

from app.core import clock
from app.core.db import repeatable_refs
from tests.architecture.test_access import MEMBERS, MOVING, Walk, read_table
from tests.conftest import PASSWORD

# Each form is driven by the first of these who sees it. The administrator sees event B too, where Olaf does not.
DRIVERS = ("olaf", "ada", "li_wei", "petra", "mei", "tom", "rita", "nobody")
REF = re.compile("[0-9a-hj-km-np-tv-z]{16}")
NOT_TYPED = ("hidden", "submit", "file")
TEXTS = ("text", "textarea", "search", "email")


@dataclass
class Form:
    action: str = ""
    method: str = "get"
    member: str = ""
    page: str = ""
    fields: dict[str, str] = field(default_factory=dict)  # name → kind
    values: dict[str, str] = field(default_factory=dict)
    options: dict[str, list[str]] = field(default_factory=dict)
    marks: dict[str, dict[str, str]] = field(default_factory=dict)  # name → the attributes of its control
    presses: dict[str, str] = field(default_factory=dict)  # the names of its buttons

    @property
    def shape(self) -> str:
        return f"{REF.sub('', self.action.split('?')[0])} {sorted(self.fields)}"

    def __str__(self) -> str:
        return f"{self.member} {self.action}"

    def of_kind(self, *kinds: str) -> list[str]:
        return [name for name, kind in self.fields.items() if kind in kinds]

    @property
    def typed(self) -> list[str]:
        return [name for name, kind in self.fields.items() if kind not in NOT_TYPED]

    def as_it_stands(self) -> dict[str, Any]:
        """What a browser sends of it, with the first button pressed."""
        return self.values | ({} if "" in self.presses else dict(list(self.presses.items())[:1]))

    def filled(self) -> dict[str, Any]:
        """What stands in the form, and something plausible where nothing does."""
        sent = self.as_it_stands()
        for name, kind in self.fields.items():
            if kind == "file" or kind == "checkbox" and "checked" not in self.marks[name] and name != "criteria":
                sent.pop(name, None)
            elif kind == "password":
                sent[name] = PASSWORD if name != "password" or len(self.of_kind("password")) == 1 else f"{PASSWORD} and"
            elif not sent.get(name) or kind == "radio":
                sent[name] = self.guess(name, kind)
        return sent

    def guess(self, name: str, kind: str) -> str:
        needed = "required" in self.marks[name] or kind == "radio"
        if "url" in name:
            return "https://papers.example/1"
        if "email" in name:
            return "somebody.new@hufu.example"
        if kind in TEXTS:
            return "Some words"
        if kind == "select" and not needed and "multiple" not in self.marks[name]:
            return next(iter(self.options.get(name, ())), "")  # as a browser does
        if not needed or kind in ("hidden", "datetime-local"):
            return ""
        if kind in ("select", "radio"):
            return next((value for value in self.options.get(name, ()) if value), "")
        return "2026-03-04" if kind == "date" else str(max(1, int(self.marks[name].get("min") or 2026)))


class Forms(HTMLParser):
    """The forms of a page with their fields."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.here: Form | None = None
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.here = Form(given.get("action", ""), given.get("method", "get").lower())
            self.found.append(self.here)
        elif self.here is None:
            return
        elif tag == "option":
            self.option(given)
        elif tag == "button" and not given.get("name"):
            self.here.presses[""] = ""
        elif given.get("name"):
            self.control(tag, given["name"], given)

    def control(self, tag: str, name: str, given: dict[str, str]) -> None:
        assert self.here is not None
        form = self.here
        if tag == "input":
            kind = given.get("type", "text")
            if kind in ("checkbox", "radio"):
                form.options.setdefault(name, []).append(given.get("value", ""))
                if name in form.values and "checked" not in given:
                    return
            form.fields[name], form.marks[name] = kind, given
            form.values[name] = given.get("value", "")
        elif tag in ("textarea", "select"):
            form.fields[name], form.marks[name] = tag, given
            form.values[name] = ""
            self.inside = name
        elif tag == "button":
            form.presses.setdefault(name, given.get("value", ""))

    def option(self, given: dict[str, str]) -> None:
        if self.here is not None and self.inside:
            self.here.options.setdefault(self.inside, []).append(given.get("value", ""))
            if "selected" in given:
                self.here.values[self.inside] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self.here is not None and self.here.fields.get(self.inside) == "textarea":
            self.here.values[self.inside] += data.replace("\r\n", "\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.here = None
        if tag in ("textarea", "select") and self.inside:
            if self.here is not None and tag == "textarea":  # a browser drops the first line end
                self.here.values[self.inside] = self.here.values[self.inside].removeprefix("\n")
            self.inside = ""


def forms_of(page: str) -> list[Form]:
    parser = Forms()
    parser.feed(page)
    return [form for form in parser.found if form.method == "post"]


class Drive:
    """The walked world and each different form in it, with one who may send it."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.forms: list[Form] = list(self._find())
        walk.restore()  # looking at some pages is written down
        self.moment = clock.now()

    def _find(self) -> Iterator[Form]:
        table, seen = read_table(), set()
        for member in DRIVERS:
            column = MEMBERS.index(member)
            for verb, rule in self.walk.rules():
                signs = table.get((verb, rule.rule.replace(" ", "")), "+" * len(MEMBERS))
                if verb != "GET" or signs[column] != "+" or rule.rule.endswith("/pdf"):
                    continue
                url = self.walk.url(rule, self.walk.scenes["a"])
                answer = self.walk.ask(member, "GET", url)
                if answer.status_code == 200 and answer.mimetype == "text/html":
                    for form in forms_of(answer.get_data(as_text=True)):
                        form.action, form.member, form.page = form.action or url, member, url
                        if form.shape not in seen and not form.action.startswith("/sign-out"):
                            seen.add(form.shape)
                            yield form

    def forms_of(self, member: str) -> list[Form]:
        return [form for form in self.forms if form.member == member]

    def send(self, form: Form, sent: dict[str, Any], *, intent: str, member: str = "") -> Any:
        """As the member who found it, or another; the proof of origin is filled in."""
        who = member or form.member
        data = {**sent, "csrf_token": self.walk.tokens[who], "intent": intent}
        if not form.of_kind("file"):
            return self.walk.clients[who].post(form.action, data=data)
        told = {
            name: value.decode(errors="replace") if isinstance(value, bytes) else value for name, value in data.items()
        }
        boundary, body = encode_multipart(MultiDict(told))  # the client itself would leave a temporary file open
        kind = f"multipart/form-data; boundary={boundary}"
        return self.walk.clients[who].post(form.action, data=body, content_type=kind)

    @contextmanager
    def still(self, seed: str = "the same") -> Iterator[None]:
        """The clock stands and the refs repeat, so that the same request leaves the same rows."""
        with clock.at(self.moment), repeatable_refs(seed):
            yield

    def rows(self, *masked: str) -> dict[str, list[tuple[Any, ...]]]:
        """All rows of all tables, but those that move by being read; without the masked columns."""
        connection = sqlite3.connect(self.walk.file)
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        found = {}
        for table in tables:
            if table in MOVING - {"audit_entry"}:
                continue
            result = connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            told = [
                number
                for number, (name, *_more) in enumerate(result.description)
                if name not in masked and f"{table}.{name}" not in masked
            ]
            found[table] = sorted((tuple(row[number] for number in told) for row in result), key=repr)
        connection.close()
        return found

    def counter(self) -> "Counter":
        return Counter(self.walk)


class Counter:
    """Tells cheaply whether anything at all was stored since it was asked last."""

    def __init__(self, walk: Walk) -> None:
        self.connection = sqlite3.connect(walk.file)
        self.last = self.read()

    def read(self) -> int:
        return self.connection.execute("PRAGMA data_version").fetchone()[0]

    def moved(self) -> bool:
        before, self.last = self.last, self.read()
        return before != self.last

    def close(self) -> None:
        self.connection.close()
