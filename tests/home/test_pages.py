"""Home, search, the log and the outbox: who may open them, what they hold, what they cost."""

import re
from datetime import timedelta

from sqlalchemy import select

from app.accounts import services as accounts
from app.core import audit, clock
from app.core.db import db, unit_of_work
from app.core.roles import SYSTEM, Role
from app.events.models import Audience
from app.mail.models import MailMessage, MailState
from app.mail.services import Recipient, queue_mail
from app.requirements.models import Assignment, AssignmentState
from app.search.services import put
from tests import cast as the_cast
from tests import world
from tests.factories import make_event

TEMPLATE = "accounts/mail/password_changed"


def test_home_begins_with_nothing_to_do(as_) -> None:
    page = as_("petra").get("/")
    assert page.status_code == 200
    for words in ("Nothing waits for you.", "Nothing in the last two weeks.", "No gathering ahead"):
        assert words in page.text


def test_home_tells_no_deed_of_a_gathering_that_one_may_not_see(app, as_) -> None:
    with app.app_context(), unit_of_work():
        for title, audience in (("Open house", Audience.INTERNAL), ("Canary meeting", Audience.RESTRICTED)):
            event = make_event(title=title, audience=audience)
            audit.record(SYSTEM, "event.published", event, scope=event)
    assert ("Open house" in as_("petra").get("/").text, "Canary" in as_("petra").get("/").text) == (True, False)
    assert "Canary meeting" in as_("ada").get("/").text


def test_home_asks_as_much_for_thirty_changes_as_for_one(app, as_, count_statements) -> None:
    def fill(number: int) -> None:
        with app.app_context(), unit_of_work():
            for _ in range(number):
                event = make_event()
                audit.record(SYSTEM, "event.published", event, scope=event)

    petra = as_("petra")
    fill(1)
    with count_statements() as first:
        petra.get("/")
    fill(30)
    with count_statements() as second:
        petra.get("/")
    assert len(first) == len(second) <= 20


def test_search_counts_only_what_may_be_seen_and_ends_at_its_last_page(app, as_) -> None:
    with app.app_context(), unit_of_work():
        for number, audience in enumerate((Audience.INTERNAL, Audience.RESTRICTED)):
            event = make_event(audience=audience)
            put("speech", f"s{number}", url=f"/s{number}", title=f"战略 {audience}", body="", event_id=event.id)
    text = as_("petra").get("/search?q=战略").text
    assert ("1 result" in text, "restricted" in text) == (True, False)
    assert "1 result" in as_("petra").get("/search?q=战略&page=99").text
    assert "Nothing found" in as_("petra").get("/search?q=战略&kind=minutes").text


def test_the_log_is_for_those_who_plan_and_audit(app, as_) -> None:
    with app.app_context(), unit_of_work():
        event = make_event()
        audit.record(SYSTEM, "event.published", event, scope=event, reason="<b>canary</b>")
        ref = event.ref
    assert [as_(name).get(f"/events/{ref}/log").status_code for name in ("olaf", "aude", "ada", "petra", "sara")] == [
        200,
        200,
        200,
        403,
        403,
    ]
    assert [as_(name).get("/log").status_code for name in ("aude", "ada", "olaf", "petra")] == [200, 200, 403, 403]
    linked = ['href="/log"' in as_(name).get("/").text for name in ("aude", "ada", "olaf", "petra")]
    assert linked == [True, True, False, False]
    text = as_("olaf").get(f"/events/{ref}/log?action=event.%25").text
    assert "Nothing yet" in text
    assert "&lt;b&gt;canary" in as_("olaf").get(f"/events/{ref}/log").text


def outbox(app, **more) -> tuple[str, str]:
    with app.app_context():
        with unit_of_work():
            event = make_event()
            mail = queue_mail(Recipient("Tom 100%", "tom@hufu.example"), TEMPLATE, kind="x", scope=event.ref, **more)
        return event.ref, mail.ref


def test_the_outbox_is_for_those_who_plan_and_hides_what_acts(app, as_) -> None:
    event, mail = outbox(app, holds_secret=True)
    for url in (f"/events/{event}/mail", f"/events/{event}/mail/{mail}"):
        assert [as_(name).get(url).status_code for name in ("olaf", "aude", "petra")] == [200, 200, 403]
    text = as_("olaf").get(f"/events/{event}/mail/{mail}").text
    assert ("This mail holds a link" in text, "Dear Tom" in text) == (True, False)
    other, _ = outbox(app)
    assert as_("olaf").get(f"/events/{other}/mail/{mail}").status_code == 404


def test_the_outbox_finds_signs_of_a_pattern_as_themselves(app, as_) -> None:
    event, _ = outbox(app)
    olaf = as_("olaf")
    for words, found in (("100%25", True), ("%25", True), ("1%25%25", False), ("t_m", False), ("TOM@", True)):
        assert ("tom@hufu.example" in olaf.get(f"/events/{event}/mail?q={words}").text) == found, words


def test_a_mail_is_taken_back_once_and_sent_again(app, as_) -> None:
    event, mail = outbox(app)
    olaf, url = as_("olaf"), f"/events/{event}/mail/{mail}"
    assert as_("aude").post(f"{url}/take-back").status_code == 403
    olaf.post(f"{url}/take-back")
    assert state(app) == MailState.CANCELLED
    olaf.post(f"{url}/take-back")
    assert "This mail has left already." in olaf.get(url).text
    olaf.post(f"{url}/send-again")
    assert state(app) == MailState.QUEUED


def state(app) -> str:
    with app.app_context():
        return db.session.scalars(select(MailMessage.state)).one()


def test_the_frame_shows_only_places_that_open(app, as_) -> None:
    with app.app_context(), unit_of_work():
        ref = make_event(audience=Audience.PUBLIC).ref
    for name in ("olaf", "petra", "aude"):
        visitor = as_(name)
        page = visitor.get(f"/events/{ref}/programme").text
        rail = page.split('<nav class="rail"')[1].split("</nav>")[0]
        for url in re.findall(r'href="([^"]+)"', rail):
            assert visitor.get(url).status_code == 200, (name, url)


def test_an_empty_installation_says_what_to_do_first(as_) -> None:
    page = as_("olaf").get("/").text
    assert "Plan the first gathering" in page
    assert "Plan the first gathering" not in as_("petra").get("/").text


def test_whoever_keeps_the_door_today_is_sent_there(app, as_) -> None:
    with app.app_context(), unit_of_work():
        cast = the_cast.load()
        today = make_event(starts_on=clock.today("Asia/Shanghai"))
        later = make_event()
        for event in (today, later):
            accounts.grant_role(cast.dora, Role.DOOR, actor=SYSTEM, scope=event.id, event=event)
        door, other = f"/events/{today.ref}/door", f"/events/{later.ref}/door"
    page = as_("dora").get("/").text
    assert "Keep the door" in page
    assert page.count("Open the door") == 1
    assert door in page or f"/events/{today.ref}/attendance" in page
    assert other not in page


def test_a_supervisor_is_told_what_is_late_and_what_waits_to_be_closed(app, as_) -> None:
    with app.app_context(), unit_of_work():
        walked = world.build()
        cast = the_cast.load()
        accounts.grant_role(cast.sven, Role.SUPERVISOR, actor=SYSTEM, scope=walked.b.event.id, event=walked.b.event)
        late = db.session.scalar(select(Assignment).where(Assignment.ref == walked.a.refs["assignment_ref"]))
        done = db.session.scalar(select(Assignment).where(Assignment.ref == walked.b.refs["assignment_ref"]))
        assert late is not None
        assert done is not None
        late.due_on = clock.today() - timedelta(days=3)
        done.state = AssignmentState.VERIFIED
    page = as_("sven").get("/").text
    assert re.search(r"canary-of-a\S+ src=x onerror=alert\(1\)&gt; gathering: 1 requirement is late", page)
    assert re.search(r"canary-of-b\S+ src=x onerror=alert\(1\)&gt; gathering: 1 requirement is verified", page)
    assert "requirement is late" not in as_("petra").get("/").text


def test_mails_about_accounts_are_listed_for_the_administrator_without_their_links(app, as_) -> None:
    as_("nobody").post("/forgotten", {"email": "rita@hufu.example"})
    page = as_("ada").get("/admin/mail").text
    assert "rita@hufu.example" in page
    with app.app_context():
        mail = db.session.scalar(select(MailMessage).where(MailMessage.to_address == "rita@hufu.example"))
        assert mail is not None
        link = re.search(r"/password/\S+", mail.text)
    assert link is not None
    assert link.group() not in page
    assert as_("rita").get("/admin/mail").status_code == 403
