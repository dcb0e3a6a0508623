"""Nobody learns anything of a section above their clearance, through no door of the house (rule 26).

In every section stands a word of its own level, in its heading, its text, its attachment, the decision that it tells, and
the comments on it. Each door is opened by everybody; what comes out is searched for these words. A door must also let
through what is theirs: a test that sees nothing would prove nothing.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from app.core import clock
from app.core.db import db, unit_of_work
from app.decisions.services import record_decision
from app.editions.queries import numbers_of
from app.home.needs import list_changes
from app.mail.models import MailMessage
from app.minutes import queries, services
from app.minutes.models import Minutes, MinutesVersion, ReviewComment, Section
from app.minutes.readers import Addressees
from app.people.models import Clearance
from app.search.models import SearchEntry
from tests.cast import Cast, load
from tests.conftest import PASSWORD, Visitor, build
from tests.factories import make_event, make_session
from tests.factories.minutes import make_draft, put_in_review

LEVELS = [int(each) for each in Clearance]
DIRECTORY = {"tom": Clearance.RESTRICTED, "sven": Clearance.RESTRICTED, "mei": Clearance.SECRET}
BY_ROLE = ("sara", "olaf", "li_wei", "aude")  # they record, preside or audit, and read everything there
EVERYBODY = ("nobody", "xaver", "petra", "rita", "dora", "ada", "tom", "sven", "mei", *BY_ROLE)
READERS = EVERYBODY[1:]
IN_REVIEW = ("sven", *BY_ROLE)  # see a text before it is published


def clearance_of(name: str) -> int:
    if name == "nobody":
        return Clearance.PUBLIC
    return Clearance.SECRET if name in BY_ROLE else DIRECTORY.get(name, Clearance.INTERNAL)


def theirs(name: str) -> set[int]:
    """The levels of which they may know."""
    return {level for level in LEVELS if level <= clearance_of(name)}


def levels_in(text: str, noun: str = "[a-z]+") -> set[int]:
    return {int(level) for level in re.findall(rf"canary{noun}(\d)", unescape(text))}


@dataclass
class World:
    """One set of minutes with a section of each level: version 1, version 2 in force, version 3 in review; and another
    set that is secret as a whole."""

    app: Flask
    event: str = ""
    session: str = ""
    ref: str = ""
    versions: list[str] = field(default_factory=list)
    files: dict[int, str] = field(default_factory=dict)
    decisions: dict[int, str] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    hidden: str = ""
    visitors: dict[str, Visitor] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"/events/{self.event}/minutes/{self.ref}"

    def version(self, number: int, tail: str = "") -> str:
        return f"{self.url}/versions/{self.versions[number - 1]}{tail}"

    def get(self, name: str, url: str) -> Any:
        """What the door gives to somebody; nobody is sent to sign in again and again."""
        if name not in self.visitors:
            visitor = Visitor(self.app.test_client())
            if name != "nobody":
                email = f"{name.replace('_', '.')}@hufu.example"
                assert visitor.post("/sign-in", {"email": email, "password": PASSWORD}).status_code == 303
            self.visitors[name] = visitor
        return self.visitors[name].get(url)


@pytest.fixture(scope="module")
def world(ready_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Made once: no test of this file changes anything."""
    import shutil

    folder = tmp_path_factory.mktemp("leaks") / "instance"
    shutil.copytree(ready_folder, folder)
    app = build(folder)
    made = World(app)
    with app.app_context(), unit_of_work():
        _settle(made, load())
    yield made
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _settle(world: World, cast: Cast) -> None:
    for name, level in DIRECTORY.items():
        cast.people[name].clearance = level
    session = make_session(make_event())
    world.event, world.session = session.event.ref, session.ref
    decided = {
        level: record_decision(session, actor=cast.sara, text=f"Buy canarydecision{level} at once.", clearance=level)
        for level in LEVELS
    }
    world.decisions = {level: each.ref for level, each in decided.items()}
    minutes = make_draft(cast, session=session)
    world.ref = minutes.ref
    minutes.newest.sections = [
        Section(
            origin=f"{level:016d}", position=level + 1, heading=f"Of canaryheading{level}", clearance=level,
            source=f"Beside the pump canarysection{level}.\n\n{{{{decision {decided[level].ref}}}}}",
        )
        for level in LEVELS
    ]  # fmt: skip
    db.session.flush()
    for level, section in zip(LEVELS, list(minutes.newest.sections), strict=True):
        attached = services.attach(
            minutes, io.BytesIO(f"canaryinside{level}".encode()), f"canaryname{level}.txt", actor=cast.sara,
            title=f"The canaryfile{level}", clearance=Clearance.PUBLIC, section=section,
        )  # fmt: skip
        attached.clearance = Clearance.PUBLIC  # its section was classified afterwards, and is what keeps it
        world.files[level] = attached.ref
    _publish(cast, minutes, copies=Addressees(people=[cast.people["xaver"]]))
    _amend(cast, minutes, "canarynote3", {3: "canarylater3"})
    _publish(cast, minutes)
    _amend(cast, minutes, "Small things.", {level: f"canarydraft{level}" for level in LEVELS})
    put_in_review(cast, minutes)
    for section in minutes.newest.sections:
        level = section.clearance
        comment = ReviewComment(
            minutes=minutes, section_origin=section.origin, clearance=level, by_name="Li Wei", paragraph=1,
            text=f"What of canarycomment{level}?", quoted=f"Beside the pump canarysection{level}.",
            proposed=f"Beside the canaryproposed{level}.",
        )  # fmt: skip
        db.session.add(comment)
    world.versions = [each.ref for each in minutes.versions]
    world.codes = [each.document.code for version in minutes.versions for each in version.extracts]
    world.hidden = _secret_as_a_whole(cast, session.event).ref
    db.session.flush()


def _secret_as_a_whole(cast: Cast, event: Any) -> Minutes:
    minutes = make_draft(cast, session=make_session(event, title="Another sitting"), title="The canarytitle3")
    for each in minutes.newest.sections:
        each.clearance = Clearance.SECRET
    _publish(cast, minutes, people=[cast.people["mei"]])
    return minutes


def _publish(cast: Cast, minutes: Minutes, **chosen: Any) -> None:
    if minutes.newest.stage == "draft":
        put_in_review(cast, minutes)
    services.approve(minutes, actor=cast.li_wei)
    people = [cast.people[name] for name in ("petra", "tom", "mei", "rita")]
    services.publish(minutes, actor=cast.sara, **{"participants": False, "people": people, **chosen})


def _amend(cast: Cast, minutes: Minutes, note: str, words: dict[int, str]) -> MinutesVersion:
    version = services.amend(minutes, actor=cast.sara, change_note=note)
    for section in version.sections:
        if section.clearance in words:
            section.source += f"\n\n{words[section.clearance]}"
    db.session.flush()
    return version


# --- the doors: each gives what comes out of it as text ------------------------------------------------------------


def _text(answer: Any) -> str:
    return answer.get_data(as_text=True) if answer.status_code == 200 and answer.mimetype.startswith("text/") else ""


def _pdf(answer: Any) -> str:
    if answer.status_code != 200:
        return ""
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages)


def _packed(answer: Any) -> str:
    """Everything that is inside a Word document or a workbook, also where nobody looks."""
    if answer.status_code != 200:
        return ""
    with zipfile.ZipFile(io.BytesIO(answer.data)) as parts:
        return "\n".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())


Door = tuple[Callable[[World], str], Callable[[Any], str], str]

# What opens it, how it is read, and the noun that everybody must find there up to their own level.
DOORS: dict[str, Door] = {
    "page": (lambda w: w.url, _text, "section"),
    "headings on the page": (lambda w: w.url, _text, "heading"),
    "list of attachments": (lambda w: w.url, _text, "file"),
    "decisions told on the page": (lambda w: w.url, _text, "decision"),
    "page of a version": (lambda w: w.version(2), _text, "section"),
    "earlier version": (lambda w: w.version(1), _text, "section"),
    "paper": (lambda w: w.version(2, "/pdf"), _pdf, "section"),
    "paper in force": (lambda w: f"{w.url}/pdf", _pdf, "section"),
    "Word document": (lambda w: w.version(2, "/word"), _packed, "section"),
    "Markdown": (lambda w: w.version(2, "/markdown"), _text, "section"),
    "text of a mail": (lambda w: w.version(2, "/text"), _text, "section"),
    "table of decisions": (lambda w: w.version(2, "/decisions"), _packed, "decision"),
    "comparison": (lambda w: f"{w.url}/compare?old={w.versions[0]}&new={w.versions[1]}", _text, "later"),
    "search of the house": (lambda w: "/search?q=beside+the+pump", _text, ""),
    "search of the library": (lambda w: "/minutes?q=beside+the+pump", _text, ""),
    "library": (lambda w: "/minutes", _text, "title"),
    "minutes of the gathering": (lambda w: f"/events/{w.event}/minutes", _text, "title"),
    "the other minutes": (lambda w: f"/events/{w.event}/minutes/{w.hidden}", _text, "title"),
    "home": (lambda w: "/", _text, ""),
    "gathering": (lambda w: f"/events/{w.event}", _text, ""),
    "session": (lambda w: f"/events/{w.event}/sessions/{w.session}", _text, ""),
    "board of readers": (lambda w: f"{w.url}/readers", _text, ""),
    "log of the gathering": (lambda w: f"/events/{w.event}/log?per_page=100", _text, ""),
    "log of the house": (lambda w: "/log?per_page=100", _text, ""),
    "issued papers in the log": (lambda w: "/log?per_page=100&action=document.issued", _text, ""),
    "outbox": (lambda w: f"/events/{w.event}/mail?per_page=100", _text, ""),
    "register of requirements": (lambda w: "/requirements", _text, ""),
    "publication": (lambda w: f"{w.url}/publication", _text, ""),
    "figures": (lambda w: "/figures", _text, ""),
}
ONLY_WHERE_IT_STANDS = {"later": {3}, "title": {3}}  # these words are of one level alone


@pytest.mark.parametrize("door", DOORS)
def test_through_a_door_comes_what_is_theirs_and_nothing_else(world: World, door: str) -> None:
    address, read, noun = DOORS[door]
    for name in EVERYBODY:
        said = read(world.get(name, address(world)))
        beyond = levels_in(said) - theirs(name)
        assert not beyond, f"{name} learns of level {beyond} through: {door}"
        if noun and name != "nobody":
            expected = theirs(name) & ONLY_WHERE_IT_STANDS.get(noun, set(LEVELS))
            assert levels_in(said, noun) == expected, f"{name} finds less than is theirs through: {door}"


@pytest.mark.parametrize("level", LEVELS)
def test_an_attachment_is_fetched_by_those_who_read_its_section(world: World, level: int) -> None:
    for name in READERS:
        answer = world.get(name, f"{world.url}/attachments/{world.files[level]}")
        assert answer.status_code == (200 if level in theirs(name) else 404), name
        assert levels_in(_text(answer), "inside") == ({level} if level in theirs(name) else set())
    assert world.get("nobody", f"{world.url}/attachments/{world.files[level]}").status_code == 302


WORDS = [f"canary{noun}{level}" for noun in ("section", "heading", "decision") for level in LEVELS]


@pytest.mark.parametrize("place", ["/search", "/minutes"])
@pytest.mark.parametrize("word", [*WORDS, "canarylater3", "canarytitle3", "canarydraft1", "canarycomment0"])
def test_a_word_is_found_by_those_who_may_read_it(world: World, place: str, word: str) -> None:
    level, is_published = int(word[-1]), not word.startswith(("canarydraft", "canarycomment"))
    target = f"/minutes/{world.hidden if 'title' in word else world.ref}"
    for name in READERS:
        page = _text(world.get(name, f"{place}?q={word}"))
        # Before somebody is given a role in a gathering the search of the house goes by what the directory says.
        by_directory = DIRECTORY.get(name, Clearance.INTERNAL)
        if level > clearance_of(name) or not is_published:
            assert target not in page, f"{name} finds {word}"
        elif level <= by_directory:
            assert target in page, f"{name} does not find {word}"


def test_a_text_in_review_is_met_by_its_reviewers_as_far_as_they_read(world: World) -> None:
    for name in READERS:
        answer = world.get(name, world.version(3))
        said = _text(answer)
        assert answer.status_code == (200 if name in IN_REVIEW else 404), name
        for noun in ("draft", "comment", "proposed"):
            assert levels_in(said, noun) == (theirs(name) if name in IN_REVIEW else set()), (name, noun)
        assert levels_in(said) <= theirs(name), name
        for tail in ("/pdf", "/word", "/markdown", "/text", "/decisions"):
            answer = world.get(name, world.version(3, tail))
            assert answer.status_code == (200 if name in IN_REVIEW else 404), (name, tail)
            read = _pdf if tail == "/pdf" else _packed if tail in ("/word", "/decisions") else _text
            assert levels_in(read(answer)) <= theirs(name), (name, tail)


@pytest.mark.parametrize("level", LEVELS)
def test_a_decision_has_a_page_for_those_who_may_know_it(world: World, level: int) -> None:
    base = f"/events/{world.event}/sessions/{world.session}/decisions"
    for name in READERS:
        for url in (base, f"{base}/{world.decisions[level]}"):
            assert levels_in(_text(world.get(name, url))) <= theirs(name), (name, url)
    assert levels_in(_text(world.get("sven", base)), "decision") == theirs("sven")


def test_each_mail_holds_no_more_than_its_reader_reads(world: World) -> None:
    with world.app.app_context():
        mails = [
            (each.to_address.partition("@")[0].replace(".", "_"), each.kind, f"{each.subject}\n{each.text}")
            for each in db.session.scalars(select(MailMessage))
        ]
    told: dict[str, set[int]] = {}
    for name, kind, text in mails:
        assert levels_in(text) <= theirs(name), (name, kind)
        assert "canarytitle3" not in text or name in ("mei", *BY_ROLE)
        told[name] = told.get(name, set()) | levels_in(text, "section")
    # What is secret does not travel by mail at all.
    assert {name: told[name] for name in ("petra", "tom", "mei", "xaver")} == {
        "petra": {0, 1}, "tom": {0, 1, 2}, "mei": {0, 1, 2}, "xaver": {0, 1},
    }  # fmt: skip
    assert not any("canarysection3" in text for _name, _kind, text in mails)
    # The second version said something new to those alone who read the secret section.
    assert sorted(name for name, kind, _text_ in mails if kind == "minutes_published") == [
        "mei", "mei", "mei", "petra", "rita", "tom",
    ]  # fmt: skip


def test_the_outbox_shows_a_mail_to_those_who_may_read_it(world: World) -> None:
    with world.app.app_context():
        refs = [(each.ref, each.kind) for each in db.session.scalars(select(MailMessage))]
    for name in ("ada", "olaf", "aude"):
        seen = [_text(world.get(name, f"/events/{world.event}/mail/{ref}")) for ref, _kind in refs]
        assert set().union(*map(levels_in, seen)) <= theirs(name), name
    assert any(levels_in(_text(world.get("olaf", f"/events/{world.event}/mail/{ref}"))) for ref, _kind in refs)


def test_whoever_checks_a_paper_learns_no_word_of_it(world: World) -> None:
    assert len(world.codes) == 8
    for code in world.codes:
        answer = world.get("nobody", f"/verify/{code}")
        assert answer.status_code == 200
        assert levels_in(_text(answer)) == set()


def test_what_is_hidden_is_not_counted(world: World) -> None:
    with world.app.app_context():
        cast = load()
        minutes = db.session.scalars(select(Minutes).where(Minutes.ref == world.ref)).one()
        event, since = minutes.event, clock.now() - timedelta(days=1)
        counted = {}
        for name in READERS:
            actor = getattr(cast, name)
            told = [each.words for each in list_changes(actor, since=since)]
            counted[name] = (
                numbers_of([event], actor)[event.id].minutes,
                len(queries.list_minutes(actor, event)),
                told.count("Minutes are published"),
                len([each for each in queries.needs_of(cast.people[name]) if each.minutes.ref == world.hidden]),
            )
        db.session.rollback()
    for name, (in_edition, listed, changes, needs) in counted.items():
        number = 2 if clearance_of(name) == Clearance.SECRET else 1
        assert (listed, changes, needs) == (number, number, int(name == "mei")), name
        # Beside the editions of a series the auditor and the planners are told as the directory clears them.
        assert in_edition == number, name
        rail = re.search(
            r'href="/events/\w+/minutes"[^>]*>.*?</a>', _text(world.get(name, f"/events/{world.event}")), re.S
        )
        assert rail, name
        assert re.findall(r">\s*(\d+)\s*<", rail.group()) in ([str(number)], []), name


def test_the_index_holds_of_each_level_its_own_words(world: World) -> None:
    with world.app.app_context():
        for each in db.session.scalars(select(SearchEntry).where(SearchEntry.kind == "minutes")):
            words = levels_in(f"{each.title} {each.body} {each.tokens}")
            assert words, each.part
            assert max(words) <= each.least_clearance, each.part


def _links(page: str) -> set[str]:
    found = {urlsplit(unescape(each)) for each in re.findall(r'href="(/[^"#]*)', page)}
    skipped = ("/static", "/sign-out", "/door", "/language", "/admin")
    return {each.path for each in found if not each.path.startswith(skipped)}


@pytest.mark.parametrize("name", ["petra", "ada", "sven", "tom"])
def test_whoever_follows_every_link_meets_nothing_beyond_their_level(world: World, name: str) -> None:
    waiting = ["/", f"/events/{world.event}", world.url, world.version(1), "/minutes", f"{world.url}/readers"]
    seen: set[str] = set()
    while waiting and len(seen) < 90:
        url = waiting.pop(0)
        if url in seen:
            continue
        seen.add(url)
        page = _text(world.get(name, url))
        assert levels_in(page) <= theirs(name), f"{name} learns of {levels_in(page)} at {url}"
        waiting += sorted(_links(page) - seen)
    assert world.url in seen
    assert len(seen) > 20
