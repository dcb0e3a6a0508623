"""The numbers of pledges, of minutes and of what was asked of people, computed by hand and told by the page."""

import re
from datetime import UTC, date, datetime, timedelta

from app.core import clock, jobs
from app.core.db import db, unit_of_work
from app.core.roles import SYSTEM
from app.events.models import Event
from app.figures import numbers
from app.figures.numbers import Fate, Gathering, Load, Period, Promise, Rate, Request, RequestKind, Score
from app.figures.queries import assignments_asked, gatherings_within
from app.minutes import figures as minutes_figures
from app.minutes import services as minutes
from app.minutes.models import Acknowledgement, Minutes
from app.pledges import services as pledges
from app.requirements import services as requirements
from app.requirements.models import Assignment
from tests import cast as the_cast
from tests.cast import Cast
from tests.factories import make_event, make_session
from tests.factories.minutes import make_published, put_in_review
from tests.factories.pledges import make_in_force, make_trio
from tests.factories.requirements import confirmed_requirement, make_assignment, record_speech

HERE = Gathering("e", "Winter", None, "Asia/Shanghai", date(2027, 5, 3))
MONDAY = datetime(2027, 1, 11, 1, 0, tzinfo=UTC)  # nine o'clock in Shanghai


def on(day: int):
    """So many days later."""
    return clock.at(MONDAY + timedelta(days=day))


def told(page: str) -> str:
    """The page as words alone."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


# --- pledges ------------------------------------------------------------------------------------------------------


def promise(fate: Fate, score: int | None = None, day: date = date(2027, 3, 1)) -> Promise:
    return Promise("p", "PL-2027-001", "Title", HERE, "Petra", fate, score, day)


def test_kept_promises_count_wholly_partly_kept_ones_by_their_score_released_and_void_ones_not_at_all():
    judged = [*[promise(Fate.KEPT)] * 3, promise(Fate.PARTLY_KEPT, 50), promise(Fate.PARTLY_KEPT, 25)]
    judged += [promise(Fate.MISSED), promise(Fate.RELEASED), promise(Fate.RELEASED), promise(Fate.VOID)]
    rate = numbers.kept_promise_rate(judged)
    assert rate == Score(375, 6)  # 3 × 100 + 50 + 25 of six
    assert rate.percent == 63  # 62.5, rounded
    elsewhen = promise(Fate.KEPT, day=date(2026, 12, 31))
    assert numbers.kept_promise_rate([*judged, elsewhen], Period.of_year(2027)) == Score(375, 6)
    assert numbers.kept_promise_rate([*judged, elsewhen]) == Score(475, 7)


def test_of_fewer_than_five_pledges_there_is_no_percentage_and_it_never_flatters():
    assert numbers.kept_promise_rate([promise(Fate.KEPT)] * 4).percent is None
    almost = numbers.kept_promise_rate([*[promise(Fate.KEPT)] * 4, promise(Fate.PARTLY_KEPT, 99)])
    assert (almost.points, almost.percent) == (499, 99)
    assert numbers.kept_promise_rate([*[promise(Fate.MISSED)] * 5, promise(Fate.PARTLY_KEPT, 1)]).percent == 1
    assert numbers.kept_promise_rate([promise(Fate.MISSED)] * 5).percent == 0
    assert numbers.kept_promise_rate([promise(Fate.PARTLY_KEPT, None)] * 5).points == 0  # from before there were scores


def test_the_page_tells_the_rate_and_each_count_leads_to_its_list(app, as_):
    with app.app_context():
        cast = the_cast.load()
        with on(0), unit_of_work():
            event = make_event(starts_on=MONDAY.date())
            ref = event.ref
            made = [make_in_force(event, cast, title=f"Word {n}") for n in range(7)]
        fates = ["kept", "kept", "partly_kept", "missed", "missed", "released"]
        with on(5), unit_of_work():
            for pledge, verdict in zip(made, fates, strict=False):
                score = 40 if verdict == "partly_kept" else None
                who = cast.li_wei if verdict == "released" else SYSTEM
                pledges.assess(pledge, actor=who, verdict=verdict, reason="Counted.", score=score, evidence="Seen.")
            pledges.void(made[6], actor=cast.olaf, reason="The gate was moved.")
    with on(6):
        sven = as_("sven")
        page = sven.get(f"/events/{ref}/promises").text
        assert "48% 2 kept, 1 partly, 2 missed" in told(page)  # 240 of 500
        for of, rows in {"promises": 5, "kept": 2, "partly_kept": 1, "missed": 2, "released": 1, "void": 1}.items():
            listed = sven.get(f"/events/{ref}/promises/list?of={of}").text
            assert f"{rows} row" in listed, of
            assert listed.count("Word ") == rows, of
        for of in ("promises", "released", "void"):
            assert f"/events/{ref}/promises/list?of={of}" in page, of
        assert "2026" not in sven.get(f"/events/{ref}/promises/list?of=kept").text
        assert "0 rows" in sven.get(f"/events/{ref}/promises/list?of=kept&year=2026").text
        assert sven.get(f"/events/{ref}/promises/list.xlsx?of=promises").status_code == 200


# --- minutes ------------------------------------------------------------------------------------------------------


def test_an_acknowledgement_counts_for_the_version_in_force_and_through_editorial_changes_only(cast: Cast):
    readers = ("petra", "tom", "mei", "rita", "xaver")
    with unit_of_work():
        event = make_event()
        document = make_published(cast, session=make_session(event), readers=readers, text="The figure is 4.")

    def rate(actor=cast.sven) -> Rate:
        db.session.expire_all()
        within = Event.id == event.id
        return numbers.acknowledgement_rate(minutes_figures.list_readerships(actor, within, gatherings_within(within)))

    def read(*names: str) -> None:
        for name in names:
            with unit_of_work():
                minutes.acknowledge(db.session.get(Minutes, document.id), actor=cast.accounts[name])

    assert rate() == Rate(0, 5)
    read("petra", "tom", "mei")
    assert rate() == Rate(3, 5)
    assert rate().percent == 60
    next_version(cast, document, "The figure is 4, indeed.", editorial=True)
    assert rate() == Rate(3, 5)
    next_version(cast, document, "The figure is 5.", editorial=False)
    assert rate() == Rate(0, 5)
    read("rita")
    with unit_of_work():
        mine = Acknowledgement.person_id == cast.people["xaver"].id
        db.session.query(Acknowledgement).filter(mine).one().is_copy = True
    assert rate() == Rate(1, 4)  # a copy for information asks for nothing
    with unit_of_work():
        db.session.get(Minutes, document.id).least_clearance = 3
    assert rate(cast.ada) == Rate(0, 0)  # who may not know of them counts them nowhere
    assert rate(cast.sara) == Rate(1, 4)


def next_version(cast: Cast, document: Minutes, text: str, *, editorial: bool) -> None:
    with unit_of_work():
        found = db.session.get(Minutes, document.id)
        minutes.amend(found, actor=cast.sara, change_note="Put right.", editorial=editorial)
        minutes.write(found, actor=cast.sara, text=text)
        put_in_review(cast, found)
        minutes.approve(found, actor=cast.li_wei)
        minutes.publish(found, actor=cast.sara, participants=False)


def test_the_page_tells_how_far_the_minutes_are_read_and_names_nobody(app, as_):
    with app.app_context():
        cast = the_cast.load()
        with unit_of_work():
            event = make_event()
            both = [
                make_published(cast, session=make_session(event), readers=names, title=title)
                for title, names in (("First minutes", ("petra", "tom", "mei")), ("Second minutes", ("petra", "rita")))
            ]
            for document, name in zip((both[0], both[0], both[1]), ("petra", "tom", "petra"), strict=True):
                minutes.acknowledge(document, actor=cast.accounts[name])
            ref = event.ref
    sven = as_("sven")
    assert "60% 3 of 5" in told(sven.get(f"/events/{ref}/promises").text)
    listed = sven.get(f"/events/{ref}/promises/list?of=readers").text
    assert "2 rows" in listed
    cells = re.findall(r'<td class="num" data-label="[^"]*">(\d+)</td>', listed)
    assert sorted(zip(cells[::2], cells[1::2], strict=True)) == [("1", "2"), ("2", "3")]
    assert "Okafor" not in listed


# --- what was asked of people -------------------------------------------------------------------------------------


def request(person: str, day: date, kind: RequestKind = RequestKind.REMINDER) -> Request:
    return Request(kind, person, person, None, HERE, "AS-1", "/x", day)


def test_the_load_is_requests_to_a_person_in_a_week_in_which_they_were_asked():
    monday, sunday, next_monday = date(2027, 1, 11), date(2027, 1, 17), date(2027, 1, 18)
    asked = [request("petra", monday), request("petra", sunday), request("petra", sunday), request("tom", monday)]
    asked += [request("petra", next_monday), request("mei", next_monday), request("rita", next_monday)]
    assert numbers.reading_load(asked) == Load(requests=7, people=4, weeks=5, most=3)
    assert numbers.reading_load(asked).each == 7 / 5
    assert numbers.loads_by_week(asked) == [(next_monday, Load(3, 3, 3, 1)), (monday, Load(4, 2, 2, 3))]
    assert numbers.reading_load(asked[:6]).each is None  # four weeks of people: a count, no average
    assert numbers.reading_load([]) == Load(0, 0, 0, 0)


def test_what_was_handed_over_asked_whom_it_went_to_and_a_transfer_asks_the_next(cast: Cast):
    with on(0), unit_of_work():
        event = make_event(starts_on=MONDAY.date())
        requirement = confirmed_requirement(cast, record_speech(cast, event=event))
        make_assignment(cast, "proposed", requirement)  # nobody was asked yet
        make_assignment(cast, "assigned", requirement, responsible=cast.people["mei"])
        moved = make_assignment(cast, "accepted", requirement)
    with on(9), unit_of_work():
        for name in ("rita", "xaver"):
            requirements.transfer(
                db.session.get(Assignment, moved.id), actor=cast.sven, to=cast.people[name], reason="Moved."
            )

    def asked(since: datetime) -> list[tuple[str, date]]:
        within = Event.id == event.id
        found = assignments_asked(within, gatherings_within(within), since)
        return sorted((each.person, each.on) for each in found)

    first, later = date(2027, 1, 11), date(2027, 1, 20)
    assert asked(MONDAY - timedelta(days=1)) == [
        ("Mei Zhao", first), ("Petra Lindqvist", first), ("Rita Sommer", later), ("Xaver Huber", later),
    ]  # fmt: skip
    assert asked(MONDAY + timedelta(days=1)) == [("Rita Sommer", later), ("Xaver Huber", later)]


def test_the_page_counts_all_four_kinds_and_each_week_leads_to_its_list(app, as_):
    with app.app_context():
        cast = the_cast.load()
        with on(0), unit_of_work():
            event = make_event(starts_on=MONDAY.date())
            requirement = confirmed_requirement(cast, record_speech(cast, event=event))
            make_assignment(cast, "accepted", requirement, due_on=date(2027, 1, 20))  # asks Petra
            make_trio(event, cast)  # asks Petra, Tom and Li Wei
            ref = event.ref
        with on(8), unit_of_work():
            make_published(cast, session=make_session(event), readers=("petra", "rita"))
        with on(9):
            jobs.run_now("send_digests")  # reminds Petra: it is due today
    week = "2027-01-18"
    with on(10):
        olaf, sven = as_("olaf"), as_("sven")
        page = told(olaf.get(f"/events/{ref}/promises").text)
        assert (
            "1.4 requests a week to each person who was asked at all; the most to one person in one week was 2." in page
        )
        listed = olaf.get(f"/events/{ref}/promises/list?of=requests").text
        assert "7 rows" in listed
        for words in (
            "Confirm that the minutes were read",
            "Take an assignment on",
            "Heed a reminder",
            "Sign a pledge",
        ):
            assert words in listed, words
        assert "3 rows" in olaf.get(f"/events/{ref}/promises/list?of=requests&week={week}").text
        # a pledge that is open for signature is seen by those who prepare it alone
        assert "4 rows" in sven.get(f"/events/{ref}/promises/list?of=requests").text
        for strange in ("%00", "2027-13-01", "٢٠٢٧-٠١-١٨", "9" * 40):
            assert "7 rows" in olaf.get(f"/events/{ref}/promises/list?of=requests&week={strange}").text, strange
    with on(9 * 7):
        assert "in the last eight weeks" not in as_("olaf").get(f"/events/{ref}/promises").text
