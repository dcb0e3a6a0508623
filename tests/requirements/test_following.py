"""How a requirement is followed: assigned, reviewed once a period, or recorded only; and what it continues."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden
from app.events.models import Audience
from app.requirements import links, queries, services
from app.requirements.errors import AddresseeUnresolved, WrongMoment
from app.requirements.models import PrincipleReview, Requirement, RequirementLink
from app.requirements.periods import months_after, unreviewed
from app.requirements.services import To
from app.search.models import SearchEntry
from app.speeches.errors import NotPartOfThis
from tests import cast as the_cast
from tests.factories import make_department, make_event, make_session
from tests.factories.requirements import (
    confirmed_requirement,
    in_days,
    make_assignment,
    record_requirement,
    record_speech,
)


def principle(cast, days_ago: int = 400, **values) -> Requirement:
    day = in_days(-days_ago)
    speech = record_speech(cast, event=make_event(starts_on=day, ends_on=day + timedelta(days=1)))
    return confirmed_requirement(cast, speech, tracking="", kind="principle", **values)


def test_a_period_ends_on_the_same_day_of_a_later_month():
    assert months_after(date(2027, 1, 31), 1) == date(2027, 2, 28)
    assert months_after(date(2027, 11, 15), 12) == date(2028, 11, 15)
    assert months_after(date(2027, 12, 1), 1) == date(2028, 1, 1)


def flagged(requirement: Requirement, day: date) -> bool:
    in_sql = (
        db.session.scalar(select(Requirement.id).where(Requirement.id == requirement.id, unreviewed(day))) is not None
    )
    assert in_sql == requirement.is_unreviewed_on(day), day
    return in_sql


def test_rule_9_a_principle_is_flagged_when_its_period_passes_without_a_review(cast):
    with unit_of_work():
        requirement = principle(cast, 400)
    today, said_on = clock.today(), requirement.speech.day
    assert not flagged(requirement, today)  # nobody has decided yet that it is reviewed
    with unit_of_work():
        services.set_tracking(requirement, "periodic", actor=cast.sven, review_months=12)
    assert (requirement.assignments, requirement.review_due_on) == ([], months_after(said_on, 12))
    assert flagged(requirement, today)
    with unit_of_work():
        services.record_review(requirement, actor=cast.sven, on=in_days(-10), finding="Half of us learn.", session=None)
    assert not flagged(requirement, today)
    assert not flagged(requirement, months_after(in_days(-10), 12))
    assert flagged(requirement, months_after(in_days(-10), 12) + timedelta(days=1))
    with unit_of_work():
        services.set_tracking(requirement, "periodic", actor=cast.sven, review_months=1)
        services.record_review(requirement, actor=cast.sven, on=in_days(-50), finding="An older one.")
    assert requirement.reviewed_on == in_days(-10)  # the newest day counts, whenever it is recorded
    assert [each.finding for each in queries.list_reviews(requirement)] == ["Half of us learn.", "An older one."]
    for months in (-1, 61):
        with pytest.raises(WrongMoment), unit_of_work():
            services.set_tracking(requirement, "periodic", actor=cast.sven, review_months=months)
    with unit_of_work():
        services.set_tracking(requirement, "recorded", actor=cast.sven)
    assert not flagged(requirement, in_days(9000))


def test_a_review_names_a_session_that_its_recorder_may_see(cast):
    with unit_of_work():
        requirement = principle(cast)
        services.set_tracking(requirement, "periodic", actor=cast.sven)
        hidden = make_session(make_event(audience=Audience.RESTRICTED))
    with pytest.raises(NotPartOfThis), unit_of_work():
        services.record_review(requirement, actor=cast.sven, on=in_days(-1), finding="x", session=hidden)
    assert hidden not in queries.list_reviewing_sessions(cast.sven, requirement)
    with unit_of_work():
        services.record_review(
            requirement, actor=cast.sven, on=in_days(-1), finding="Well.", session=requirement.speech.session
        )
    review = db.session.scalar(select(PrincipleReview))
    assert (review.session, review.by_name) == (requirement.speech.session, cast.sven.name)


def test_guard_assigned_needs_every_addressee_resolved_and_begins_with_the_first_handing_over(cast):
    with unit_of_work():
        department = make_department()
        requirement = confirmed_requirement(cast, tracking="", addressees=[To("the works"), To(department.name)])
    with pytest.raises(AddresseeUnresolved) as refused, unit_of_work():
        services.set_tracking(requirement, "assigned", actor=cast.sven)
    assert "the works" in str(refused.value.sentence)
    with unit_of_work():
        services.resolve_addressee(requirement.addressees[0], department, actor=cast.sven)
        services.set_tracking(requirement, "assigned", actor=cast.sven)
    assert requirement.state == "confirmed"  # nobody has it yet
    with unit_of_work():
        make_assignment(cast, "assigned", requirement)
    assert requirement.state == "assigned"


def test_rule_10_an_exhortation_is_in_no_list_of_what_is_due_late_or_unreviewed(cast):
    with unit_of_work():
        day = in_days(-900)
        speech = record_speech(cast, event=make_event(starts_on=day, ends_on=day))
        services.capture(speech, actor=cast.sara, kind="exhortation", verbatim="Give it everything you have.")
        services.capture(speech, actor=cast.sara, kind="context", verbatim="It was a hard year.")
        services.confirm_speech(speech, actor=cast.li_wei)
    assert db.session.scalars(select(Requirement)).all() == []
    assert db.session.scalars(select(Requirement).where(unreviewed(in_days(0)))).all() == []
    assert queries.open_for(speech.event) == []
    for who in ("petra", "sven", "li_wei"):
        assert queries.needs_of(cast.people[who]) == []
        assert queries.list_mine(cast.accounts[who]) == []
    found = db.session.scalar(select(SearchEntry).where(SearchEntry.subject_ref == speech.ref))
    assert "Give it everything you have." in found.body  # and yet it can be found and quoted


# --- what it continues --------------------------------------------------------------------------------------------


def asked(cast, days_ago: int, heading: str, **values) -> Requirement:
    day = in_days(-days_ago)
    event = make_event(starts_on=day, ends_on=day, **values)
    return record_requirement(cast, record_speech(cast, event=event), heading=heading)


def test_a_requirement_continues_one_that_was_asked_before_it(cast):
    with unit_of_work():
        first, second = asked(cast, 400, "Five plans"), asked(cast, 30, "The plans go on")
        sibling = record_requirement(cast, second.speech, heading="Another")
    for who in ("sara", "petra", "li_wei", "aude"):
        with pytest.raises(Forbidden), unit_of_work():
            services.link_to_earlier(second, first, actor=cast.accounts[who])
    for later, earlier in ((first, second), (second, second), (second, sibling)):  # no circle can come about
        with pytest.raises(WrongMoment), unit_of_work():
            services.link_to_earlier(later, earlier, actor=cast.sven)
    for _time in range(2):
        with unit_of_work():
            services.link_to_earlier(second, first, actor=cast.sven)
    (link,) = db.session.scalars(select(RequirementLink)).all()
    assert links.list_visible(cast.rita, second) == ([link], [])
    assert links.list_visible(cast.rita, first) == ([], [link])
    with unit_of_work():
        services.unlink(link, actor=cast.sven)
    assert db.session.scalars(select(RequirementLink)).all() == []


def test_what_is_hidden_is_neither_found_nor_told(cast):
    with unit_of_work():
        hidden = asked(cast, 400, "Secret plans", audience=Audience.RESTRICTED)
        shown, later = asked(cast, 300, "Open plans"), asked(cast, 30, "The plans go on")
        db.session.add(RequirementLink(earlier=hidden, later=later, by_name="x"))
    assert [each.heading for each in links.find_candidates(cast.sven, later, "plans")] == ["Open plans"]
    assert [each.heading for each in links.find_candidates(cast.sven, later, shown.label)] == ["Open plans"]
    assert links.find_candidates(cast.sven, later, "% '") == []
    assert links.find_candidate(cast.sven, hidden.ref) is None
    with pytest.raises(NotPartOfThis), unit_of_work():
        services.link_to_earlier(later, hidden, actor=cast.sven)
    assert links.list_visible(cast.sven, later) == ([], [])
    assert len(links.list_visible(cast.aude, later)[0]) == 1


def test_reviews_periods_and_links_in_the_browser(app, as_):
    with app.app_context(), unit_of_work():
        cast = the_cast.load()
        requirement, before = principle(cast, 400), asked(cast, 800, "Learn something")
        page = f"/events/{requirement.event.ref}/requirements/{requirement.ref}"
        label, ref = before.label, before.ref
        earlier = f"/events/{before.event.ref}/requirements/{before.ref}"
    sven, rita = as_("sven"), as_("rita")

    def version() -> str:
        shown = sven.get(f"{page}/tracking").get_data(as_text=True)
        return shown.split('name="version"')[1].split('value="')[1].split('"')[0]

    refused = sven.post(f"{page}/tracking", {"tracking": "periodic", "review_months": "999", "version": version()})
    assert refused.status_code == 422
    sent = {"tracking": "periodic", "review_months": "6", "version": version()}
    assert sven.post(f"{page}/tracking", sent).status_code == 303
    shown = rita.get(page).get_data(as_text=True)
    assert "Reviewed every 6 months" in shown
    assert "Principle not reviewed" in shown
    assert (
        sven.post(f"{page}/review", {"reviewed_on": in_days(-1).isoformat(), "version": version()}).status_code == 422
    )
    sent = {
        "reviewed_on": in_days(-1).isoformat(),
        "finding": "Half of us learn.",
        "session_ref": "",
        "version": version(),
    }
    assert sven.post(f"{page}/review", sent).status_code == 303
    shown = rita.get(page).get_data(as_text=True)
    assert "Half of us learn." in shown
    assert "Principle not reviewed" not in shown
    assert label in sven.get(f"{page}/earlier?q=something").get_data(as_text=True)
    assert sven.get(f"{page}/earlier?q=%00%25").status_code == 200
    for who in ("rita", "sara", "li_wei"):
        assert as_(who).get(f"{page}/earlier").status_code == 403
    assert sven.post(f"{page}/earlier", {"earlier_ref": "0" * 16}).status_code == 404
    assert sven.post(f"{page}/earlier", {"earlier_ref": ref}).status_code == 303
    assert f"{label} Learn something" in rita.get(page).get_data(as_text=True)
    assert "Continued by" in rita.get(earlier).get_data(as_text=True)
    own = sven.get(page).get_data(as_text=True).split(f"{page}/earlier/")[1].split("/")[0]
    assert rita.post(f"{page}/earlier/{own}/removal").status_code == 403
    assert sven.post(f"{page}/earlier/{own}/removal").status_code == 303
    assert label not in rita.get(page).get_data(as_text=True)
