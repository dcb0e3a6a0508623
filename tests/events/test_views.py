"""The pages of gatherings."""

import gzip
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.accounts.models import RoleGrant
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.roles import Role
from app.events.models import Audience, Event, ParticipantGroup, Participation, Status
from app.mail.models import MailMessage
from app.registration import services as registration
from tests import cast as the_cast
from tests.factories import make_event, make_item, make_part, make_room, make_session

DAY = (clock.today() + timedelta(days=30)).isoformat()
NEW = {
    "title": "Strategy day",
    "kind": "strategy_session",
    "starts_on": DAY,
    "ends_on": "",
    "city": "Foshan",
    "audience": "internal",
}
HOSTILE = "<script>alert(1)</script>\r\nBcc: x@y\u202e=1+1 ../../etc"


@pytest.fixture
def made(app):
    """Make records in a unit of work, outside any request, and give their refs."""

    def make(build):
        with app.app_context(), unit_of_work():
            return build()

    return make


@pytest.fixture
def ask(app):
    """Ask the database something, outside any request."""

    def asking(question):
        with app.app_context():
            return question()

    return asking


def find(model, ref):
    return db.session.scalar(select(model).where(model.ref == ref))


def stored(event: Event) -> dict[str, str]:
    """What the settings form would send back unchanged."""
    return {
        "version": str(event.version), "title": event.title, "kind": event.kind, "audience": event.audience,
        "starts_on": event.starts_on.isoformat(), "ends_on": event.ends_on.isoformat(), "time_zone": event.time_zone,
        "city": event.city or "", "host": "", "previous": "",
    }  # fmt: skip


def test_an_organizer_makes_a_draft_from_six_fields(as_, ask):
    answer = as_("olaf").post("/events/new", NEW)
    assert answer.status_code == 303
    event = ask(lambda: db.session.scalars(select(Event)).one())
    assert answer.location == f"/events/{event.ref}"
    assert (event.title, event.status, event.time_zone, event.ends_on) == (
        "Strategy day",
        "draft",
        "Asia/Shanghai",
        event.starts_on,
    )


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title": ""}, "Please fill this in."),
        ({"title": "   \u202e "}, "Please fill this in."),
        ({"title": "x" * 201}, "Please keep this to 200 characters."),
        ({"starts_on": ""}, "Please choose a day."),
        ({"starts_on": "2027-02-30"}, "This is not a day of the calendar. Write it as 2027-01-14."),
        ({"starts_on": "soon"}, "This is not a day of the calendar. Write it as 2027-01-14."),
        ({"starts_on": "0001-01-01"}, "Please choose a day between the years 1900 and 2200."),
        ({"ends_on": "1999-01-01"}, "The last day cannot lie before the first."),
        ({"ends_on": "2150-01-01"}, "An event lasts at most 60 days. Is the year right?"),
        ({"kind": "coup"}, "Not a valid choice."),
        ({"audience": "everybody"}, "Not a valid choice."),
        ({"city": "x" * 101}, "Please keep this to 100 characters."),
    ],
)
def test_bad_input_is_said_beside_the_field_and_makes_nothing(as_, ask, wrong, sentence):
    answer = as_("olaf").post("/events/new", {**NEW, **wrong})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f"<span>{sentence}" in page
    assert ask(lambda: db.session.scalar(select(func.count(Event.id)))) == 0


def test_hostile_text_is_kept_as_text(as_, ask):
    olaf = as_("olaf")
    answer = olaf.post("/events/new", {**NEW, "title": HOSTILE})
    event = ask(lambda: db.session.scalars(select(Event)).one())
    assert event.title == "<script>alert(1)</script> Bcc: x@y=1+1 ../../etc"
    page = olaf.get(answer.location).get_data(as_text=True)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_pressing_twice_makes_one_event(as_, ask):
    olaf = as_("olaf")
    answers = [olaf.post("/events/new", {**NEW, "intent": "the-same-press"}) for _twice in range(2)]
    assert [each.status_code for each in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert ask(lambda: db.session.scalar(select(func.count(Event.id)))) == 1


AUDIENCES = {
    "draft": {"ada", "olaf", "sara", "sven", "li_wei", "aude"},
    "public": {*the_cast.PEOPLE, "nobody"},
    "internal": {*the_cast.PEOPLE},
    "restricted": {"ada", "aude", "petra", "dora"},
}


@pytest.mark.parametrize("name", [*the_cast.PEOPLE, "nobody"])
def test_every_page_is_open_to_its_audience_and_unknown_to_all_others(as_, made, name):
    def build():
        refs = {}
        for kind in AUDIENCES:
            audience = kind if kind in set(Audience) else Audience.INTERNAL
            event = make_event(audience=audience, status=Status.DRAFT if kind == "draft" else Status.PUBLISHED)
            session, item = make_session(event), make_item(event)
            if kind == "restricted":
                people = the_cast.load()
                make_part(event, people.people["petra"])
                db.session.add(RoleGrant(account=people.dora, role=Role.DOOR, event_id=event.id))
            refs[kind] = (event.ref, session.ref, item.ref)
        return refs

    refs = made(build)
    visitor = as_(name)
    for kind, (event, session, item) in refs.items():
        for path in ("", "/programme", "/now", "/calendar.ics", f"/sessions/{session}"):
            expected = 200 if name in AUDIENCES[kind] else 404
            assert visitor.get(f"/events/{event}{path}").status_code == expected, (kind, path)
        plans = name in ("olaf", "ada")
        for path in ("/settings", "/cancellation", "/roles/new", "/rooms", "/sessions/new", "/items/new",
                     f"/items/{item}", f"/items/{item}/place", f"/sessions/{session}/settings"):  # fmt: skip
            expected = 302 if name == "nobody" else 404 if name not in AUDIENCES[kind] else 200 if plans else 403
            assert visitor.get(f"/events/{event}{path}").status_code == expected, (kind, path)


def test_an_unseen_event_leaves_no_trace_in_lists(as_, made):
    title = "Quiet merger"
    made(lambda: make_event(title=title, audience=Audience.RESTRICTED))
    made(lambda: make_event(title=title, status=Status.DRAFT))
    for name in ("petra", "nobody"):
        assert title not in as_(name).get("/events").get_data(as_text=True)


def test_the_answer_to_a_stranger_is_the_same_for_what_is_secret_and_what_is_not_there(as_, made):
    secret = made(lambda: make_event(audience=Audience.RESTRICTED).ref)
    nobody = as_("nobody")

    def said(ref):
        answer = nobody.get(f"/events/{ref}")
        return answer.status_code, re.sub(r"[0-9a-f]{16}|[0-9a-z]{16}", "…", answer.get_data(as_text=True))

    assert said(secret) == said("0" * 16)
    assert said(secret)[0] == 404
    page = nobody.get(f"/events/{secret}/programme").get_data(as_text=True)
    assert f'href="/sign-in?next=/events/{secret}/programme"' in page  # a link in a mail leads on


def test_posting_is_refused_to_those_who_may_not(as_, made, ask):
    ref = made(lambda: make_event(status=Status.PUBLISHED).ref)
    for path in ("settings", "publication", "conclusion", "cancellation", "people/new", "groups/new", "roles/new",
                 "rooms", "sessions/new", "items/new"):  # fmt: skip
        assert as_("petra").post(f"/events/{ref}/{path}", {"reason": "x", "title": "x"}).status_code == 403
        assert as_("aude").post(f"/events/{ref}/{path}", {"reason": "x", "title": "x"}).status_code == 403
    event = ask(lambda: find(Event, ref))
    assert (event.status, event.version) == ("published", 1)


def test_a_stale_page_shows_both_versions_and_keeps_what_was_typed(as_, made, ask):
    ref = made(lambda: make_event(title="Old").ref)
    form = ask(lambda: stored(find(Event, ref)))
    assert as_("ada").post(f"/events/{ref}/settings", {**form, "title": "Hers"}).status_code == 303
    olaf = as_("olaf")
    answer = olaf.post(f"/events/{ref}/settings", {**form, "title": "His"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert 'value="His"' in page
    assert '<div class="kept-lines">Hers</div>' in page
    assert ask(lambda: find(Event, ref).title) == "Hers"
    version = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert version
    assert olaf.post(f"/events/{ref}/settings", {**form, "title": "His", "version": version[1]}).status_code == 303
    assert ask(lambda: find(Event, ref).title) == "His"


def test_an_event_that_one_may_not_see_cannot_be_named_as_the_previous_edition(as_, made, ask):
    secret, ref = made(lambda: (make_event(audience=Audience.RESTRICTED).ref, make_event().ref))
    form = ask(lambda: stored(find(Event, ref)))
    answer = as_("olaf").post(f"/events/{ref}/settings", {**form, "previous": secret})
    assert answer.status_code == 422
    assert ask(lambda: find(Event, ref).previous_id) is None


def test_a_previous_edition_is_named_only_to_those_who_may_see_it(as_, made):
    def build():
        before = make_event(title="Closed circle", audience=Audience.RESTRICTED)
        return make_event(previous=before).ref

    ref = made(build)
    assert "Closed circle" in as_("aude").get(f"/events/{ref}").get_data(as_text=True)
    assert "Closed circle" not in as_("petra").get(f"/events/{ref}").get_data(as_text=True)
    assert "Closed circle" not in as_("olaf").get(f"/events/{ref}/settings").get_data(as_text=True)


def test_publishing_waits_for_what_is_impossible_to_be_mended(as_, made, ask):
    def build():
        event = make_event(status=Status.DRAFT)
        room = make_room(event, name="Great Hall")
        make_item(event, title="First", room=room)
        return event.ref, make_item(event, title="Second", room=room).ref

    ref, second = made(build)
    olaf = as_("olaf")
    page = olaf.get(f"/events/{ref}").get_data(as_text=True)
    assert "Great Hall is taken twice" in page
    assert f'href="/events/{ref}/items/' in page
    olaf.post(f"/events/{ref}/publication")
    assert ask(lambda: find(Event, ref).status) == "draft"
    olaf.post(f"/events/{ref}/items/{second}/cancellation")
    olaf.post(f"/events/{ref}/publication")
    assert ask(lambda: find(Event, ref).status) == "published"


def test_cancelling_shows_whom_it_reaches_needs_a_reason_and_tells_each_once(as_, made, ask):
    def build():
        people = the_cast.load()
        event = make_event(title="Supplier day")
        registration.open_registration(event, actor=people.olaf, capacity=1)
        registration.register_person(event, people.people["petra"], actor=people.olaf)
        registration.register_person(event, people.people["tom"], actor=people.olaf)
        make_part(event, people.people["petra"], "speaker")
        make_part(event, people.people["li_wei"], "presiding_leader")
        make_part(event, people.people["mei"], "invited")
        db.session.flush()
        return event.ref

    ref = made(build)
    before = ask(lambda: db.session.scalar(select(func.count(MailMessage.id))))
    olaf = as_("olaf")
    assert "4 mails will be sent" in olaf.get(f"/events/{ref}/cancellation").get_data(as_text=True)
    answer = olaf.post(f"/events/{ref}/cancellation", {"reason": ""})
    assert (answer.status_code, ask(lambda: find(Event, ref).status)) == (422, "published")
    olaf.post(f"/events/{ref}/cancellation", {"reason": "The river rose."})
    assert ask(lambda: find(Event, ref).status) == "cancelled"
    mails = ask(lambda: db.session.scalars(select(MailMessage).order_by(MailMessage.id).offset(before)).all())
    assert {each.to_name for each in mails} == {"Petra Lindqvist", "Tom Okafor", "Mei Zhao", "Li Wei"}
    assert len(mails) == 4
    assert {each.to_name: each.calendar_method for each in mails}["Petra Lindqvist"] == "CANCEL"
    assert {each.calendar_method for each in mails if each.to_name != "Petra Lindqvist"} == {None}
    assert all("The river rose." in each.text for each in mails)
    assert "The river rose." in as_("petra").get(f"/events/{ref}").get_data(as_text=True)


def test_the_big_button_is_what_this_person_can_do_now(as_, made):
    def build():
        people = the_cast.load()
        event = make_event()
        registration.open_registration(event, actor=people.olaf, capacity=1)
        registration.register_person(event, people.people["petra"], actor=people.olaf)
        return event.ref

    ref = made(build)

    def button(name):
        page = as_(name).get(f"/events/{ref}").get_data(as_text=True)
        place = page[page.index('class="panel place"') :]
        return re.sub(
            r"<svg.*?</svg>", "", re.search(r'class="btn primary"[^>]*>(.*?)</(?:a|button)>', place, re.S)[1]
        ).strip()

    assert button("petra") == "My registration"
    assert button("tom") == "Join the waiting list"


def test_a_group_of_another_event_cannot_be_reached(as_, made, ask):
    def build():
        one, other = make_event(), make_event()
        group = ParticipantGroup(event=other, category="Guests")
        part = make_part(other, the_cast.load().people["tom"], "guest")
        db.session.add(group)
        db.session.flush()
        return one.ref, group.ref, part.ref

    ref, group, part = made(build)
    olaf = as_("olaf")
    assert olaf.get(f"/events/{ref}/groups/{group}").status_code == 404
    assert olaf.post(f"/events/{ref}/groups/{group}/removal").status_code == 404
    assert olaf.post(f"/events/{ref}/people/{part}/removal").status_code == 404
    assert ask(lambda: (find(ParticipantGroup, group).category, find(Participation, part).role)) == ("Guests", "guest")


def test_people_groups_and_roles_are_named_and_taken_back(as_, made, ask):
    ref = made(lambda: make_event().ref)
    tom = ask(lambda: the_cast.load().people["tom"].ref)
    olaf = as_("olaf")
    assert olaf.post(f"/events/{ref}/people/new", {"person": tom, "role": "guest"}).status_code == 303
    assert olaf.post(f"/events/{ref}/people/new", {"person": tom, "role": "guest"}).status_code == 422
    assert olaf.post(f"/events/{ref}/people/new", {"person": "", "role": "guest"}).status_code == 422
    assert olaf.post(f"/events/{ref}/people/new", {"person": tom, "role": "invited"}).status_code == 422
    assert olaf.post(f"/events/{ref}/groups/new", {"category": "Directors", "headcount": "many"}).status_code == 422
    assert olaf.post(f"/events/{ref}/groups/new", {"category": "Directors", "headcount": ""}).status_code == 303
    assert olaf.post(f"/events/{ref}/roles/new", {"person": tom, "role": "administrator"}).status_code == 422
    assert olaf.post(f"/events/{ref}/roles/new", {"person": tom, "role": "door"}).status_code == 303
    page = as_("petra").get(f"/events/{ref}/people").get_data(as_text=True)
    assert "Tom Okafor" in page
    assert "head-count:" in page
    assert "Roles in this event" not in page
    grant = ask(lambda: db.session.scalars(select(RoleGrant).where(RoleGrant.event_id.is_not(None))).one().ref)
    assert olaf.post(f"/events/{ref}/roles/{grant}/withdrawal").status_code == 303
    assert ask(lambda: db.session.scalar(select(func.count(RoleGrant.id)).where(RoleGrant.event_id.is_not(None)))) == 0


def test_a_number_that_is_too_large_is_refused_in_words(as_, made):
    ref = made(lambda: make_event().ref)
    for number in ("99999999999999999999", "1e9", "-5", "٣", "1.5"):
        answer = as_("olaf").post(f"/events/{ref}/groups/new", {"category": "X", "headcount": number})
        assert answer.status_code == 422, number


def fill(event: Event, rows: int) -> None:
    people = the_cast.load().people
    hall = make_room(event)
    for _each in range(rows):
        session = make_session(event, chair=people["li_wei"], room=hall, day=event.starts_on)
        make_item(event, session=session, room=hall, speakers=[people["tom"], people["mei"]])


@pytest.mark.parametrize("name", ["nobody", "petra", "tom", "olaf", "aude"])
@pytest.mark.parametrize("status", [Status.DRAFT, Status.PUBLISHED, Status.CONCLUDED])
def test_an_event_home_asks_the_same_few_questions_for_one_row_and_for_thirty(
    as_, made, count_statements, name, status
):
    def build(rows):
        people = the_cast.load()
        event = make_event(audience=Audience.PUBLIC, status=Status.PUBLISHED)
        fill(event, rows)
        registration.open_registration(event, actor=people.olaf, capacity=1)
        registration.register_person(event, people.people["petra"], actor=people.olaf)
        registration.register_person(event, people.people["tom"], actor=people.olaf)
        event.status = status
        return event.ref

    one, thirty = made(lambda: build(1)), made(lambda: build(30))
    visitor = as_(name)
    counts = []
    for ref in (one, thirty):
        visitor.get(f"/events/{ref}")
        with count_statements() as said:
            visitor.get(f"/events/{ref}")
        counts.append(len(said))
    assert counts[0] == counts[1]
    told_what_is_missing = status == Status.DRAFT and name == "olaf"  # whose draft it is also hears of clashes
    assert counts[0] <= (10 if told_what_is_missing else 8), "\n".join(said)


@pytest.mark.parametrize("name", ["nobody", "petra", "olaf"])
def test_the_list_asks_the_same_few_questions_for_one_event_and_for_thirty(as_, made, count_statements, name):
    made(lambda: make_event(audience=Audience.PUBLIC))
    visitor = as_(name)
    counts = []
    for more in (0, 29):
        made(lambda more=more: [make_event(audience=Audience.PUBLIC, city=f"City {n}") for n in range(more)])
        visitor.get("/events")
        with count_statements() as said:
            visitor.get("/events")
        counts.append(len(said))
    assert counts[0] == counts[1]
    assert counts[0] <= 10


def test_the_list_tells_upcoming_events_first_and_past_ones_by_year(as_, made):
    today = clock.today()

    def build():
        make_event(title="Later", starts_on=today + timedelta(days=60))
        make_event(title="Sooner", starts_on=today + timedelta(days=6), kind="town_hall")
        make_event(title="Long ago", starts_on=today - timedelta(days=800), status=Status.CONCLUDED)
        make_event(title="Last year", starts_on=today - timedelta(days=400), status=Status.CONCLUDED)

    made(build)
    petra = as_("petra")
    page = petra.get("/events").get_data(as_text=True)
    order = [page.index(title) for title in ("Sooner", "Later", "Last year", "Long ago")]
    assert order == sorted(order)
    filtered = petra.get("/events?kind=town_hall").get_data(as_text=True)
    assert "Sooner" in filtered
    assert "Later" not in filtered
    assert petra.get("/events?kind=<script>&status=%27&page=-1&per_page=x").status_code == 200


def test_an_event_home_of_sixty_items_is_light(as_, made):
    def build():
        event = make_event(description="A long evening. " * 40)
        fill(event, 60)
        return event.ref

    ref = made(build)
    page = as_("petra").get(f"/events/{ref}").get_data()
    assert len(gzip.compress(page)) < 40_000
