"""Templates: what comes with Hufu, what a company keeps, and what is refused at the door."""

import json
import random
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import func, select

from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden
from app.core.text import one_line
from app.editions.errors import BadTemplate
from app.editions.models import EventTemplate, PlannedDeliverable
from app.editions.outline import outline_of, with_placeholders, with_years
from app.editions.services import create_from_template, import_template, keep_as_template
from app.editions.template import Template, as_document, check, read, shipped, written
from app.events.models import Event
from app.programme import queries as programme
from app.programme.clashes import Level
from app.programme.models import AgendaItem, Colour, HardStop, ItemKind, Room, Session, SessionKind, Track, Window
from app.programme.services import change_item
from app.registration import services as registration
from app.speakers.services import expect_of_all
from app.workflows.readiness import look_at
from tests.factories import make_event, make_item

KEYS = ["annual-operation-review", "board-meeting", "signing-ceremony", "strategy-session", "town-hall"]


def make(template: Template, cast, *, starts_on=date(2033, 3, 10), zone="Asia/Shanghai", **more) -> Event:
    with unit_of_work():
        made = create_from_template(template, actor=cast.olaf, starts_on=starts_on, time_zone=zone, **more)
    assert made.told == []
    return made.event


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
def test_what_is_made_from_a_template_and_written_out_again_is_the_same(cast, key, zone):
    template = shipped()[key]
    event = make(template, cast, zone=zone)
    header = {name: value for name, value in template.document.items() if name != "event"}
    assert {**header, "event": outline_of(event)} == template.document
    assert read(written({**header, "event": outline_of(event)})) == template
    assert "{" not in f"{event.title}{event.title_local}{event.description}"
    found = programme.clashes_in(
        event, cast.olaf, programme.list_sessions(event), programme.list_items(event, cast.olaf)
    )
    assert [each.code for each in found if each.level == Level.ERROR] == []
    assert event.made_from == f"template:{key}@1"


def test_the_five_are_there_in_two_languages():
    assert sorted(shipped()) == KEYS
    for template in shipped().values():
        texts = json.dumps(template.document, ensure_ascii=False)
        assert texts.count('"en"') == texts.count('"zh"')
        assert len(template.outline["sessions"]) >= 1


@pytest.mark.parametrize("seed", range(8))
def test_a_gathering_of_any_shape_comes_back_as_it_was(cast, seed):
    """Written out, made on another day in another year and zone, and written out again."""
    chance = random.Random(seed)
    with unit_of_work():
        source = anything(chance, cast)
    first = as_document(outline_of(source), name="Anything")
    event = make(check(json.loads(json.dumps(first))), cast, starts_on=date(2043, 5, 5), zone="America/Sao_Paulo")
    assert as_document(outline_of(event), name="Anything") == first


def anything(chance: random.Random, cast) -> Event:
    def words(most=40):
        return one_line("".join(chance.choice("abc {}%“年会é<&\"'") for _each in range(chance.randint(1, most)))) or "x"

    def maybe(value):
        return value if chance.random() < 0.6 else None

    day, length = date(2029, 2, 27), chance.randint(1, 4)

    def moment():
        return datetime.combine(day + timedelta(days=chance.randint(-1, length)), time(chance.randint(0, 20), 5), UTC)

    event = make_event(
        title="2029 " + words(), title_local=maybe(words()), description=maybe("since 2028\n" + words()), starts_on=day,
        ends_on=day + timedelta(days=length - 1), kind="other", time_zone="Asia/Shanghai",
    )  # fmt: skip
    rooms = [
        Room(event=event, name=f"Room {n} {words()}", name_local=maybe(words()), seats=maybe(n + 1)) for n in range(3)
    ]
    tracks = [Track(event=event, name=f"Track {n}", colour=chance.choice(list(Colour)), position=n) for n in range(2)]
    db.session.add_all([*rooms, *tracks])
    sessions = []
    for position in range(chance.randint(0, 4)):
        begins = maybe(moment())
        sessions.append(
            Session(
                event=event, position=position, title=words(), title_local=maybe(words()), theme=maybe(words()),
                kind=chance.choice(list(SessionKind)), covers_year=maybe(2028), room=maybe(rooms[0]), starts_at=begins,
                ends_at=begins and maybe(begins + timedelta(hours=3)), purpose_local=maybe(words()),
                day=begins.astimezone(programme.ZoneInfo("Asia/Shanghai")).date() if begins else maybe(day),
            )
        )  # fmt: skip
    for position in range(chance.randint(0, 12)):
        begins = maybe(moment())
        make_item(
            event, position=position, title=words(), title_local=maybe(words()), kind=chance.choice(list(ItemKind)),
            session=maybe(chance.choice(sessions)) if sessions else None, room=maybe(rooms[1]), track=maybe(tracks[1]),
            starts_at=begins, ends_at=begins and begins + timedelta(minutes=chance.randint(5, 300)),
            is_internal=chance.random() < 0.3, minutes=maybe(30), expected=maybe(12), summary=maybe(words()),
        )  # fmt: skip
    db.session.add_all([*sessions, HardStop(event=event, at=moment(), reason=words())])
    opens = moment()
    db.session.add(
        Window(event=event, room=rooms[0], starts_at=opens, ends_at=opens + timedelta(hours=2), is_free=False)
    )
    db.session.add(PlannedDeliverable(event=event, item_kind="speech", kind="slides", days_before=0))
    db.session.flush()
    registration.arrange(
        event, actor=cast.ada, version=None, is_open=chance.random() < 0.5, capacity=maybe(0), closes_at=maybe(moment()),
        has_waiting_list=chance.random() < 0.5, invited_only=chance.random() < 0.5,
    )  # fmt: skip
    for each in sessions:
        if chance.random() < 0.5:
            registration.set_capacity(event, each, 9, actor=cast.ada)
    return event


def test_years_stand_as_placeholders_and_braces_stay_braces():
    text = "{year} of 2026, after 2025, before 2027; 12026 and 20261 pieces {"
    kept = with_placeholders(text, 2026)
    assert kept == "{{year}} of {year}, after {last_year}, before {next_year}; 12026 and 20261 pieces {{"
    assert with_years(kept, 2026) == text
    assert with_years(kept, 2031) == "{year} of 2031, after 2030, before 2032; 12026 and 20261 pieces {"


def test_a_company_keeps_the_shape_of_any_event_in_editions_and_none_of_its_people(cast):
    with unit_of_work():
        event = make_event(title="2026 Supplier day", starts_on=date(2026, 5, 5))
        make_item(event, title="Welcome", speakers=[cast.people["tom"]])
        first = keep_as_template(event, actor=cast.olaf, name="Supplier day", name_local="供应商大会")
    with unit_of_work():
        second = keep_as_template(event, actor=cast.olaf, name="Supplier day")
    assert [(each.name, each.edition, each.content["edition"]) for each in (first, second)] == [
        ("Supplier day", 1, 1),
        ("Supplier day", 2, 2),
    ]
    assert "Tom" not in json.dumps(first.content)
    with unit_of_work():
        third = import_template(json.loads(written(first.content)), actor=cast.ada)
    assert (third.edition, third.name_local, third.content["event"]) == (3, "供应商大会", first.content["event"])
    made = make(Template(third.content), cast, title="Our day", starts_on=date(2028, 5, 5))
    assert (made.title, made.made_from) == ("Our day", "template:Supplier day@3")
    assert db.session.scalars(select(AgendaItem.title).where(AgendaItem.event_id == made.id)).all() == ["Welcome"]
    assert (
        db.session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("template.%"))).all()
        == ["template.kept"] * 3
    )


GOOD = {
    "schema": 1, "edition": 1, "name": {"en": "X"},
    "event": {"kind": "other", "audience": "internal", "days": 1, "title": {"en": "T"}, "rooms": [{"name": {"en": "Hall"}}]},
}  # fmt: skip


def bad(**event):
    return {**GOOD, "event": {**GOOD["event"], **event}}


REFUSED = {
    "another form": ({**GOOD, "schema": 2}, "written in form 2"),
    "a form that is no number": ({**GOOD, "schema": "1.0"}, "written in form 1.0"),
    "a yes for a form": ({**GOOD, "schema": True}, "written in form True"),
    "no form": ({"edition": 1}, "does not say in which form"),
    "no object": ([1], "does not say in which form"),
    "no name": ({name: value for name, value in GOOD.items() if name != "name"}, "/: “name” is missing."),
    "something unknown": (bad(speakers=["Li Wei"]), "event: “speakers” is not known here."),
    "a kind that is none": (bad(kind="party"), "event/kind: one of these is expected"),
    "too many days": (bad(days=61), "event/days: this is more than 60."),
    "no days": (bad(days=0), "event/days: this is less than 1."),
    "words for a number": (bad(days="two"), "event/days: this is of another kind"),
    "a long title": (bad(title={"en": "x" * 10_000}), "event/title/en: this is more than 200."),
    "a time that is none": (bad(items=[{"title": {"en": "A"}, "kind": "free", "day": 1, "starts": "25:00"}]),
                            "event/items/1/starts: “25:00” is not written"),
    "an end without a start": (bad(items=[{"title": {"en": "A"}, "kind": "free", "ends": "10:00"}]),
                               "event/items/1: “starts” is missing."),
    "an end before the start": (
        bad(items=[{"title": {"en": "A"}, "kind": "free", "day": 1, "starts": "10:00", "ends": "09:00"}]),
        "event/items/1: the end must lie after the start"),
    "a room that is not there": (bad(items=[{"title": {"en": "A"}, "kind": "free", "room": "Attic"}]),
                                 "event/items/1: there is no room “Attic”."),
    "two rooms of one name": (bad(rooms=[{"name": {"en": "Hall"}}] * 2), "rooms: “Hall” is named twice."),
    "a placeholder that stands for nothing": (bad(title={"en": "{years} T"}), "event/title/en: “{years}” stands for"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_template_that_is_not_in_order_is_refused_with_the_place(cast, case):
    content, words = REFUSED[case]
    with pytest.raises(BadTemplate) as refused, unit_of_work():
        import_template(content, actor=cast.olaf)
    assert words in "\n".join([str(refused.value.sentence), *refused.value.problems])
    assert db.session.scalar(select(func.count(EventTemplate.id))) == 0


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"\xff\xfe{}", b"[" * 200_000, b"NaN", b'{"schema": ' + b"9" * 5000 + b"}", b"x" * 600_000],
    ids=["empty", "words", "no UTF-8", "deep", "no number", "a long number", "large"],
)
def test_a_file_that_is_no_json_is_refused_in_a_sentence(app, data):
    with app.app_context(), pytest.raises(BadTemplate):
        read(data)


@pytest.mark.parametrize("name", ["petra", "sara", "aude", "li_wei"])
def test_only_organizers_begin_from_templates_and_keep_them(cast, name):
    actor = getattr(cast, name)
    with unit_of_work():
        event = make_event()
    for act in (
        lambda: keep_as_template(event, actor=actor, name="Mine"),
        lambda: import_template(GOOD, actor=actor),
        lambda: create_from_template(
            shipped()["town-hall"], actor=actor, starts_on=date(2030, 1, 1), time_zone="Asia/Shanghai"
        ),
    ):
        with pytest.raises(Forbidden), unit_of_work():
            act()
    assert db.session.scalar(select(func.count(EventTemplate.id))) == 0
    assert db.session.scalar(select(func.count(Event.id))) == 1


def test_what_a_template_plans_of_speakers_is_asked_for_once_they_are_named(cast):
    event = make(shipped()["town-hall"], cast)
    review = db.session.scalars(select(AgendaItem).where(AgendaItem.kind == "review")).one()

    def found():
        return [each for each in look_at(event, cast.olaf) if each.code == "deliverable_not_expected"]

    assert found() == []  # nobody is named yet
    with unit_of_work():
        change_item(review, actor=cast.olaf, version=None, speakers=[cast.people["mei"], cast.people["tom"]])
    (finding,) = found()
    assert "It is not expected of 2 speakers yet." in finding.text
    assert finding.url.endswith("/deliverables/everybody?item_kind=review&kind=slides&days_before=2#kind")
    with unit_of_work():
        expect_of_all(event, actor=cast.olaf, item_kind="review", kind="slides", days_before=2)
    assert found() == []
