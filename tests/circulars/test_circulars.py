"""A circular from the draft to its readers: frozen, numbered without gaps, blocked by what is stranded."""

import io
import re
import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from app.accounts.models import RoleGrant
from app.circulars import content, paper, policy, services
from app.circulars.errors import NobodyToRead, PeriodUnclear, PublishedAlready, Stranded
from app.circulars.models import Circular
from app.core import clock, jobs
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden
from app.core.i18n import force_locale
from app.events.models import Audience, Event
from app.mail.models import MailMessage
from app.requirements import services as requirements
from app.requirements.models import Assignment
from app.signing.models import IssuedDocument
from app.signing.printed import head_of
from tests import cast as the_cast
from tests.cast import Cast
from tests.factories import make_department, make_event, make_part, make_session
from tests.factories.requirements import confirmed_requirement, make_assignment, record_speech

BEGUN = datetime(2027, 1, 11, 1, 0, tzinfo=UTC)  # nine o'clock in Shanghai
TOLD = BEGUN + timedelta(days=40)


def on(day: int):
    return clock.at(BEGUN + timedelta(days=day))


def a_gathering(cast: Cast, **values) -> Event:
    """Due ten days after it began: one closed in time, one late, one that was given back, one that is not due yet."""
    due = (BEGUN + timedelta(days=10)).date()
    with on(0), unit_of_work():
        event = make_event(starts_on=BEGUN.date(), title="Winter Session", title_local="冬季会议", **values)
        speech = record_speech(cast, event=event, session=make_session(event))
        requirement = confirmed_requirement(cast, speech, heading_local="五个可投产的方案")
        purchasing = make_department(name="Purchasing", name_local="采购部")
        for name in ("petra", "tom"):
            make_part(event, cast.people[name])
        make_assignment(cast, "accepted", requirement, due_on=due, department=purchasing)
        back = make_assignment(cast, "assigned", requirement, due_on=due, department=purchasing)
        make_assignment(cast, "accepted", requirement, due_on=due + timedelta(days=90))
        make_assignment(cast, "closed", requirement, due_on=due)
    with on(1), unit_of_work():
        requirements.hand_back(back, actor=cast.petra, reason="Not ours.")
    return event


def drafted(cast: Cast, event: Event | None, *readers: str, **values) -> Circular:
    given = {
        "title": "Where things stand", "title_local": "督办通报", "from_on": date(2027, 1, 1), "to_on": date(2027, 2, 19),
    }  # fmt: skip
    with unit_of_work():
        circular = services.prepare_circular(actor=cast.sven, event=event, **{**given, **values})
        services.add_readers(circular, [cast.people[each] for each in readers], actor=cast.sven)
    return circular


def published(cast: Cast, event: Event | None, *readers: str, **values) -> Circular:
    circular = drafted(cast, event, *(readers or ("petra",)), **values)
    with unit_of_work():
        return services.publish_circular(circular, actor=cast.sven)


def test_rule_39_what_is_published_does_not_change_with_the_data(cast):
    event = a_gathering(cast)
    with clock.at(TOLD):
        circular = published(cast, event, "petra", "rita")
        before = dict(circular.content)
        assert before["figures"] == {
            "agreed": [1, 2], "strict": [1, 2], "late": 1, "open": 1, "closed": 1, "handed_back": 1, "cancelled": 0,
            "strictly_late": 1, "carried": 0, "silent": 2,
        }  # fmt: skip
        assert [each["name"] for each in before["departments"]] == ["Purchasing", "Works"]
        paper_before = paper.render(before, document=circular.document, language="en")
    with clock.at(TOLD + timedelta(days=5)), unit_of_work():
        late = db.session.scalar(select(Assignment).where(Assignment.state == "accepted").order_by(Assignment.due_on))
        requirements.cancel_assignment(late, actor=cast.li_wei, reason="No longer wanted.")
        event.title = "Another name"
        cast.people["petra"].name = "Petra Renamed"
    db.session.expire_all()
    circular = db.session.scalar(select(Circular))
    assert circular.content == before
    assert paper.render(circular.content, document=circular.document, language="en") == paper_before
    for act in (
        lambda: services.change_circular(
            circular, actor=cast.sven, title="x", from_on=date(2027, 1, 1), to_on=date(2027, 1, 2)
        ),
        lambda: services.add_readers(circular, [cast.people["tom"]], actor=cast.sven),
        lambda: services.remove_reader(circular.readers[0], actor=cast.sven),
        lambda: services.discard_circular(circular, actor=cast.sven),
        lambda: services.publish_circular(circular, actor=cast.sven),
    ):
        with pytest.raises(PublishedAlready), unit_of_work():
            act()
    assert circular.content == before
    assert len(circular.readers) == 2


def test_numbers_of_a_year_have_no_gaps_and_a_refusal_takes_none(cast):
    event = a_gathering(cast)
    with clock.at(TOLD):
        first = published(cast, event)
        empty = drafted(cast, event)
        with pytest.raises(NobodyToRead), unit_of_work():
            services.publish_circular(empty, actor=cast.sven)
        second = published(cast, None)
        assert (first.label, second.label) == ("2027-01", "2027-02")
    with clock.at(TOLD + timedelta(days=365)):
        assert published(cast, event, to_on=date(2027, 12, 31)).label == "2028-01"


def test_two_at_once_have_two_numbers(app):
    with app.app_context():
        cast = the_cast.load()
        event = a_gathering(cast)
        with clock.at(TOLD):
            refs = [drafted(cast, event, "petra").ref for _n in range(2)]
    failures: list[Exception] = []

    def publish(ref: str) -> None:
        try:
            with app.app_context(), clock.at(TOLD):
                sven = the_cast.load().sven
                circular = db.session.scalar(select(Circular).where(Circular.ref == ref))
                with unit_of_work():
                    services.publish_circular(circular, actor=sven)
        except Exception as failure:
            failures.append(failure)

    threads = [threading.Thread(target=publish, args=(ref,)) for ref in refs]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not failures
    with app.app_context():
        assert sorted(db.session.scalars(select(Circular.number))) == [1, 2]


def test_rule_40_an_assignment_of_a_dissolved_department_is_transferred_before_the_next_circular(cast, as_):
    event = a_gathering(cast)
    with clock.at(TOLD):
        circular = drafted(cast, event, "petra")
        ref = circular.ref
        late = db.session.scalar(select(Assignment).where(Assignment.state == "accepted").order_by(Assignment.due_on))
        with unit_of_work():
            late.department.valid_to = (TOLD - timedelta(days=1)).date()
        with pytest.raises(Stranded, match=late.label), unit_of_work():
            services.publish_circular(circular, actor=cast.sven)
        assert db.session.scalar(select(Circular.number)) is None
        with unit_of_work():
            for each in db.session.scalars(select(Assignment).where(Assignment.department_id == late.department_id)):
                requirements.transfer(each, actor=cast.sven, to=cast.people["rita"], reason="Purchasing is dissolved.")
        with unit_of_work():
            services.publish_circular(circular, actor=cast.sven)
        assert db.session.scalar(select(Circular.number).where(Circular.ref == ref)) == 1


def test_who_prepares_and_who_reads(cast):
    event = a_gathering(cast)
    with clock.at(TOLD):
        for name in ("sara", "petra", "aude", "li_wei"):
            with pytest.raises(Forbidden), unit_of_work():
                services.prepare_circular(
                    actor=getattr(cast, name), event=event, title="x", from_on=date(2027, 1, 1), to_on=date(2027, 1, 2)
                )
        circular = drafted(cast, event, "petra")
        assert [name for name in cast.accounts if policy.may_read(getattr(cast, name), circular)] == ["olaf", "sven"]
        with unit_of_work():
            services.publish_circular(circular, actor=cast.sven)
        reads = {name for name in cast.accounts if policy.may_read(getattr(cast, name), circular)}
        assert reads == {"ada", "olaf", "sara", "sven", "li_wei", "petra", "aude"}
        entry = db.session.scalar(select(AuditEntry).where(AuditEntry.action == "circular.published"))
        assert entry.details["on_time_agreed"] == [1, 2]
        assert entry.scope == event.ref


def test_a_period_that_is_none_is_refused(cast):
    event = a_gathering(cast)
    with clock.at(TOLD):
        for first, last in ((date(2027, 2, 2), date(2027, 2, 1)), (date(2027, 2, 2), date(2027, 2, 28))):
            with pytest.raises(PeriodUnclear), unit_of_work():
                services.prepare_circular(actor=cast.sven, event=event, title="x", from_on=first, to_on=last)
        assert db.session.scalar(select(Circular)) is None


def test_a_circular_of_the_house_keeps_silent_about_restricted_gatherings(cast):
    a_gathering(cast, audience=Audience.RESTRICTED)
    with clock.at(TOLD):
        assert published(cast, None).content["departments"] == []


def test_people_who_could_not_open_it_stay_off_the_list(cast):
    with on(0), unit_of_work():
        event = make_event(starts_on=BEGUN.date(), audience=Audience.RESTRICTED)
        make_part(event, cast.people["petra"])
        db.session.add(RoleGrant(account=cast.sven, role="supervisor", event_id=event.id))
    with clock.at(TOLD), unit_of_work():
        circular = services.prepare_circular(
            actor=cast.sven, event=event, title="x", from_on=date(2027, 1, 1), to_on=date(2027, 1, 2)
        )
        wanted = [cast.people[name] for name in ("petra", "tom", "aude")]
        added, left_out = services.add_readers(circular, wanted, actor=cast.sven)
    assert [each.name for each in added] == ["Petra Lindqvist", "Aude Martin"]
    assert [each.name for each in left_out] == ["Tom Okafor"]


def test_the_supervisor_prepares_looks_publishes_and_the_readers_open_it(app, as_):
    with app.app_context():
        event = a_gathering(the_cast.load())
        ref, works = event.ref, the_cast.load().people["petra"].department.ref
    with clock.at(TOLD):
        sven = as_("sven")
        wrong = sven.post(
            f"/circulars/new?event={ref}", {"title": "Typed", "from_on": "2027-02-02", "to_on": "2027-02-01"}
        )
        assert wrong.status_code == 422
        assert "The period ends before it begins." in wrong.get_data(as_text=True)
        assert "Typed" in wrong.get_data(as_text=True)
        made = sven.post(
            f"/circulars/new?event={ref}",
            {"title": "Where things stand", "title_local": "督办通报", "from_on": "2027-01-01", "to_on": "2027-02-19",
             "remarks": "Purchasing is late.", "remarks_local": ""},
        )  # fmt: skip
        assert made.status_code == 303
        url = made.headers["Location"]
        assert sven.post(f"{url}/publication").status_code == 303
        assert "Nobody is on the distribution list yet" in sven.get(url).get_data(as_text=True)
        sven.post(f"{url}/readers", {"person_ref": "", "department_ref": works, "below": "y", "group_ref": ""})
        page = sven.get(url).get_data(as_text=True)
        assert "Mei Zhao" in page
        assert "1 of 2" in page
        assert "30 days late" in page
        assert as_("petra").get(url).status_code == 404  # a draft
        sven.post(f"{url}/publication", {"version": "99"})  # looked at before somebody changed it
        assert as_("petra").get(url).status_code == 404
        assert sven.post(f"{url}/publication").headers["Location"].endswith(url)
        petra = as_("petra")
        read = petra.get(url).get_data(as_text=True)
        assert "Circular 2027-01" in read
        assert "Publish" not in re.sub("Published", "", read)
        assert as_("tom").get(url).status_code == 404
        assert as_("rita").get(f"{url}.pdf").status_code == 404
        assert petra.post(f"{url}/publication").status_code == 403
        assert petra.get(f"{url}.pdf").data.startswith(b"%PDF-")
        assert petra.get(f"{url}.xlsx").status_code == 200
        assert "2027-01" in petra.get("/circulars").get_data(as_text=True)
        assert "2027-01" not in as_("tom").get("/circulars").get_data(as_text=True)
        for strange in ("/circulars?event=%00", "/circulars?event=nz7nn5yvj9ctx7y3", "/circulars/nz7nn5yvj9ctx7y3"):
            assert sven.get(strange).status_code in (200, 404)
    with app.app_context():
        mails = db.session.scalars(select(MailMessage).where(MailMessage.kind == "circular.published")).all()
        assert {each.to_address for each in mails} == {"mei@hufu.example", "petra@hufu.example", "xaver@hufu.example"}
        assert mails[0].subject == "Circular 2027-01: Where things stand"
        document = db.session.scalar(select(IssuedDocument))
        jobs.run_now("keep_paper", document_ref=document.ref)
        assert document.pdf_hash
        kept = paper.pdf_of(db.session.scalar(select(Circular)))
        assert kept.startswith(b"%PDF-")
        printed = "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(kept)).pages)
        assert "".join(head_of(document).split()) in printed  # an anchor of the log, outside of the house
        with force_locale("zh_Hans_CN"):
            told = document.content
            assert paper.unit_name(told["departments"][0]) == "采购部"
            assert tuple(paper.section_titles()) == content.SECTIONS
