"""Before its conferral nobody learns through any door of the house who wins (rule 31).

One evening with two awards: of one the winner's name stands nowhere else in the house, the other was decided by a jury
among nominees whom many may know. Every page that can be opened is opened by those who do not prepare it. After the
conferral the same doors must tell: a test that sees nothing would prove nothing.
"""

import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, url_for
from pypdf import PdfReader
from sqlalchemy import select

from app.awards import services
from app.awards.models import Award
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.roles import SYSTEM
from app.files.models import StoredFile
from app.home.export import export_event
from app.home.needs import list_changes
from app.mail.models import MailMessage
from app.nominations import services as nominations
from app.nominations.models import Category, Nomination
from app.search.models import SearchEntry
from app.shows import blocks
from app.shows.services import publish
from app.signing.models import IssuedDocument
from tests.cast import Cast, load
from tests.conftest import PASSWORD, Visitor, build
from tests.factories import make_event, make_person, make_team
from tests.factories.nominations import make_category, make_nomination, make_scored, put_before_jury
from tests.factories.rites import make_award, make_ceremony
from tests.factories.shows import make_show
from tests.factories.stages import begin, screen_path

CANARY = "canarina"
OUTSIDERS = ("nobody", "mei", "dora", "sven", "li_wei", "ada")  # mei wins; dora proposed; sven judges
DAY = date(2026, 1, 15)


@dataclass
class World:
    app: Flask
    event: str = ""
    refs: dict[str, str] = field(default_factory=dict)
    visitors: dict[str, Visitor] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"/events/{self.event}"

    def visitor(self, name: str) -> Visitor:
        if name not in self.visitors:
            visitor = Visitor(self.app.test_client())
            if name != "nobody":
                email = f"{name.replace('_', '.')}@hufu.example"
                assert visitor.post("/sign-in", {"email": email, "password": PASSWORD}).status_code == 303
            self.visitors[name] = visitor
        return self.visitors[name]

    def get(self, name: str, url: str) -> Any:
        return self.visitor(name).get(url)

    def doors(self) -> list[str]:
        """Every address that can be made of what stands in this gathering."""
        with self.app.test_request_context():
            found = []
            for rule in self.app.url_map.iter_rules():
                needed = {each: self.refs.get(each, "") for each in rule.arguments}
                if "GET" in (rule.methods or ()) and rule.endpoint != "static" and all(needed.values()):
                    found.append(url_for(rule.endpoint, **needed))
        return sorted(set(found) - {"/sign-out"})


def said(answer: Any) -> str:
    """Everything that a door gives, also what stands inside a paper or a workbook."""
    if answer.status_code != 200:
        return answer.get_data(as_text=True) if answer.mimetype.startswith("text/") else ""
    if answer.mimetype == "application/pdf":
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages)
    if answer.data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(answer.data)) as parts:
            return "\n".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())
    return answer.get_data(as_text=True)


def tells(answer: Any) -> bool:
    return CANARY in unescape(said(answer)).lower().replace("-\n", "")


@pytest.fixture(scope="module")
def world(ready_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("embargo") / "instance"
    shutil.copytree(ready_folder, folder)
    app = build(folder)
    made = World(app)
    with app.app_context(), unit_of_work():
        settle(made, load())
    yield made
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def settle(world: World, cast: Cast) -> None:
    event = make_event(starts_on=clock.today() + timedelta(days=3))
    ceremony = make_ceremony(event)
    secret = make_award(
        event, title="Kiln prize canarina", citation="To Canarina, for the kiln.", ceremony=ceremony,
        recipients=[services.Outside("Canarina Zhou", "金丝雀", "Canarina Works")],
    )  # fmt: skip
    rival = make_team(name="Team Loss")
    mei, other = make_scored(cast, event, cast.people["mei"], rival, scores=[9, 4], title="Best save")
    mei.category.closes_on = clock.today() - timedelta(days=1)
    show = make_show(event)
    for cue in blocks.add_award_block(show, actor=cast.olaf, award=secret):
        cue.on_stage = cue.script = cue.screen = cue.pronunciation = cue.title = "Canarina Zhou"
    publish(show, actor=cast.olaf, note="First")
    stage = begin(show)
    make_person(name="Canarless")
    world.event = event.ref
    world.refs = {
        "event_ref": event.ref, "ceremony_ref": ceremony.ref, "award_ref": secret.ref, "show_ref": show.ref,
        "category_ref": mei.category.ref, "nomination_ref": mei.ref, "recipient_ref": secret.recipients[0].ref,
        "person_ref": cast.people["mei"].ref, "team_ref": rival.ref, "department": "whole", "number": "1",
        "losing_ref": other.ref, "cue_ref": show.cues[0].ref, "token": screen_path(stage).rsplit("/", 1)[-1],
    }  # fmt: skip


def test_no_door_tells_the_winner_before_the_conferral_and_no_cache_keeps_one(world: World) -> None:
    doors = world.doors()
    assert len(doors) > 90
    opened, leaks = dict.fromkeys(OUTSIDERS, 0), []
    for name in OUTSIDERS:
        for url in doors:
            if name in ("dora", "li_wei") and not re.search("award|nomination|ceremon|show|screen", url):
                continue  # what is no page of an evening they see as mei does
            answer = world.get(name, url)
            assert answer.status_code < 500, (name, url)
            leaks += [(name, url)] if tells(answer) else []
            opened[name] += answer.status_code == 200
            if "/awards" in url or "/nominations" in url:
                assert answer.headers["Cache-Control"] == "no-store", url
    assert leaks == []
    assert opened["mei"] > 30, opened
    assert opened["ada"] > 50, opened
    # Those who prepare the evening do see it.
    assert sum(tells(world.get("olaf", url)) for url in doors) > 5


@pytest.mark.parametrize("tail", ["", "/edit", "/confer", "/withdraw", "/decline", "/revoke", "/certificate.pdf"])
def test_an_award_under_embargo_answers_like_one_that_does_not_exist(world: World, tail: str) -> None:
    hidden, unknown = world.refs["award_ref"], "0" * 16
    for name in ("petra", "li_wei", "ada", "sven"):
        for verb in ("get", "post"):
            if verb == "post" and tail in ("", "/certificate.pdf"):
                continue
            pages = []
            for ref in (hidden, unknown):
                answer = getattr(world.visitor(name), verb)(f"{world.url}/awards/{ref}{tail}")
                pages.append((answer.status_code, plain(answer, ref)))
            assert pages[0] == pages[1], (name, verb, tail)
            assert pages[0][0] == 404


def plain(answer: Any, *refs: str) -> str:
    """A page without what differs each time: proofs of origin, intents, nonces, the number of the request."""
    text = unescape(answer.get_data(as_text=True))
    for ref in refs:
        text = text.replace(ref, "REF")
    text = re.sub(r'(name="(?:csrf_token|intent)" value=|nonce=|content=|data-csrf=)"[^"]*"', r"\1", text)
    return re.sub(r"\b[0-9a-f]{16,64}\b", "HEX", text)


def test_search_finds_nothing_of_it(world: World) -> None:
    for name in OUTSIDERS[1:]:
        page = world.get(name, f"/search?q={CANARY}").text
        assert "Nothing found" in page, name
    with world.app.app_context():
        entries = db.session.scalars(select(SearchEntry)).all()
        assert not [each for each in entries if CANARY in f"{each.title} {each.body} {each.tokens}".lower()]


def test_mails_files_papers_the_log_and_the_export_hold_nothing_of_it(world: World) -> None:
    with world.app.app_context():
        mails = db.session.scalars(select(MailMessage)).all()
        assert mails
        assert not [each for each in mails if CANARY in f"{each.subject} {each.text} {each.html}".lower()]
        assert not db.session.scalars(select(IssuedDocument).where(IssuedDocument.kind == "award")).all()
        assert not [each for each in db.session.scalars(select(StoredFile)) if CANARY in each.name.lower()]
        log = [
            json.dumps([each.subject_label, each.reason, each.details])
            for each in db.session.scalars(select(AuditEntry))
        ]
        assert not [each for each in log if CANARY in each.lower()]
        cast = load()
        event = db.session.scalars(select(Award)).first().event  # type: ignore[union-attr]
        winner = cast.people["mei"].ref
        assert not [each for each in log if winner in each and "nomination" in each]
        told = export_event(event)
        assert (told["awards"], CANARY in json.dumps(told).lower()) == ([], False)
        since = clock.now() - timedelta(days=1)
        for name in OUTSIDERS[1:]:
            changes = [each.words for each in list_changes(getattr(cast, name), since=since)]
            assert "An award is conferred" not in changes, name


def snapshot(world: World, name: str) -> dict[str, str]:
    """What somebody reads wherever a decision might be felt, the numbers of the rail and of home among it."""
    doors = [
        "/", "/events", world.url, f"{world.url}/awards", f"{world.url}/ceremonies", f"{world.url}/nominations",
        f"{world.url}/ceremonies/{world.refs['ceremony_ref']}", f"{world.url}/shows",
        f"{world.url}/nominations/categories/{world.refs['category_ref']}",
        f"{world.url}/nominations/{world.refs['nomination_ref']}", f"{world.url}/nominations/{world.refs['losing_ref']}",
        "/search?q=save", f"/people/{world.refs['person_ref']}", f"/teams/{world.refs['team_ref']}",
    ]  # fmt: skip
    return {url: plain(world.get(name, url)) for url in doors}


WATCHING = ("petra", "mei", "dora", "li_wei")


def test_the_decision_of_a_jury_changes_no_page_of_anybody_else_until_it_is_conferred(world: World) -> None:
    before = {name: snapshot(world, name) for name in WATCHING}
    with world.app.app_context(), unit_of_work():
        cast = load()
        category = db.session.scalars(select(Category)).one()
        winner, loser = db.session.scalars(select(Nomination).order_by(Nomination.id))
        (award,) = services.decide(category, [winner], actor=cast.olaf)
        award.citation = "Canarina saved the night."
        ref = award.ref
    for name in WATCHING:
        for url, page in snapshot(world, name).items():
            assert page == before[name][url], f"{name} feels the decision at {url}"
    # The jury sees that judging is over, and of the winner what it sees of the others.
    won, lost = (
        plain(world.get("sven", f"{world.url}/nominations/{world.refs[each]}"), world.refs[each])
        for each in ("nomination_ref", "losing_ref")
    )
    ours, theirs = won.replace("Mei Zhao", "NAME"), lost.replace("Team Loss", "NAME")
    assert re.sub(r'(?<=class="num">)\d+', "N", ours) == re.sub(r'(?<=class="num">)\d+', "N", theirs)
    assert "Won" not in won
    with world.app.app_context(), unit_of_work():
        award = db.session.scalars(select(Award).where(Award.ref == ref)).one()
        services.confer(award, actor=SYSTEM, on=DAY, cue_ref="c" * 16)
    assert "Won" in world.get("dora", f"{world.url}/nominations/{world.refs['nomination_ref']}").text
    assert "Not won" in world.get("dora", f"{world.url}/nominations/{world.refs['losing_ref']}").text
    assert "Canarina saved the night." in world.get("petra", f"{world.url}/awards/{ref}").text


def test_with_the_conferral_the_same_doors_tell(world: World) -> None:
    with world.app.app_context(), unit_of_work():
        award = db.session.scalars(select(Award).where(Award.ref == world.refs["award_ref"])).one()
        services.confer(award, actor=SYSTEM, on=DAY, outside="At the kiln.")
        code = award.document.code if award.document else ""
    page = f"{world.url}/awards/{world.refs['award_ref']}"
    for url in (page, f"{page}/certificate.pdf", f"{world.url}/awards", "/search?q=canarina"):
        assert tells(world.get("petra", url)), url
    assert not tells(world.get("nobody", page))
    answer = world.get("nobody", f"/verify/{code}")
    assert (answer.status_code, "Complete and unchanged" in answer.text or "unchanged" in answer.text) == (200, True)
    with world.app.app_context():
        told = export_event(db.session.scalars(select(Award)).first().event)  # type: ignore[union-attr]
        assert [each["recipients"][0]["name"] for each in told["awards"]] == ["Canarina Zhou", "Mei Zhao"]


def test_of_two_winners_the_one_who_stands_is_not_told_to_the_jury_when_the_other_is_withdrawn(world: World) -> None:
    """Whom the jury could judge no more, among others whom it could, would be known as a winner."""
    names = ("Xenia Bay", "Yorick Bay", "Zora Bay", "Wanda Bay")
    with world.app.app_context(), unit_of_work():
        cast = load()
        category = make_category(
            db.session.scalars(select(Award)).first().event,  # type: ignore[union-attr]
            jurors=[cast.people["sven"], cast.people["tom"]], quorum=1, winners_most=2, title="Best pair",
            closes_on=clock.today() + timedelta(days=5),
        )  # fmt: skip
        made = [put_before_jury(make_nomination(category, services.Outside(each), by=cast.dora)) for each in names]
        for each, points in zip(made, (9, 9, 7, 5), strict=True):
            nominations.score(each, actor=cast.sven, score=points)  # Tom has given nothing yet
        pages = [f"{world.url}/nominations/{each.ref}" for each in made]
        refs = [each.ref for each in made]
        chosen = [made[0], made[1]]
        dropped, standing = (each.ref for each in services.decide(category, chosen, actor=cast.olaf))
        home = f"{world.url}/nominations/categories/{category.ref}"
    doors = ["/", f"{world.url}/nominations", f"{world.url}/awards", home, *pages]
    before = {name: {url: plain(world.get(name, url)) for url in doors} for name in ("sven", "tom", "dora", "petra")}
    with world.app.app_context(), unit_of_work():
        award = db.session.scalars(select(Award).where(Award.ref == dropped)).one()
        services.withdraw(award, actor=load().olaf, reason="A slip.")
    for name, seen in before.items():
        for url, page in seen.items():
            assert plain(world.get(name, url)) == page, f"{name} feels the withdrawal at {url}"
    for juror in ("sven", "tom"):
        alike = {
            re.sub(r'(?<=class="num">)\d+', "N", before[juror][url].replace(name, "NAME").replace(ref, "REF"))
            for url, name, ref in zip(pages, names, refs, strict=True)
        }
        assert len(alike) == 1
    for act, sent in (("score", {"score": "3"}), ("recusal", {"reason": "We are related."})):
        answers = {
            (answer.status_code, plain(answer, ref).count("This category is decided."))
            for url, ref in zip(pages, refs, strict=True)
            for answer in [world.visitor("tom").post(f"{url}/{act}", sent)]
        }
        assert answers == {(422, 1)}, act
    # The office gives the place that fell free by the scores there are, and nobody may be told of it before.
    decision = f"{home}/decision"
    assert "One winner is left to choose." in world.get("olaf", decision).text
    assert world.visitor("olaf").post(decision, {"winners": refs[2]}).status_code == 303
    assert "left to choose" not in world.get("olaf", decision).text
    with world.app.app_context(), unit_of_work():
        won = {each.nomination_id: each for each in db.session.scalars(select(Award).where(Award.end.is_(None)))}
        by_ref = {each.ref: each for each in db.session.scalars(select(Nomination).where(Nomination.ref.in_(refs)))}
        states = [by_ref[ref].state for ref in refs]
        assert states == ["not_won", "won", "won", "not_won"]
        assert won[by_ref[refs[1]].id].ref == standing
