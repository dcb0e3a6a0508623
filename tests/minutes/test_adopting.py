"""Earlier minutes on the agenda of a later session: adopted, adopted as corrected, or deferred."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused, Stale
from app.events.models import Audience, Event
from app.mail.models import MailMessage
from app.minutes import adoptions, reviews, services
from app.minutes.errors import AlreadyThere, DecidedAlready, WrongStage
from app.minutes.models import Adoption, Minutes, MinutesState, Outcome
from app.people.models import Clearance
from app.programme.models import AgendaItem, Session
from tests.cast import Cast, load
from tests.conftest import Visitor
from tests.factories import make_event, make_session
from tests.factories.minutes import make_draft, make_in_review, make_published


def next_session(minutes: Minutes, **values: Any) -> Session:
    """A session of the edition after the one of these minutes."""
    starts = minutes.event.starts_on + timedelta(days=30)
    return make_session(make_event(previous_id=minutes.event_id, starts_on=starts, **values), title="The next one")


def refused(kind: type[BaseException], act: Callable[[], object]) -> str:
    def told() -> list[object]:
        db.session.expire_all()
        return [
            [(each.outcome, each.corrections, each.version) for each in db.session.query(Adoption)],
            [(each.state, len(each.versions)) for each in db.session.query(Minutes)],
            db.session.query(AgendaItem).count(),
            db.session.query(AuditEntry).count(),
        ]

    before = told()
    with pytest.raises(kind) as caught, unit_of_work():
        act()
    assert told() == before
    return str(caught.value)


def test_the_next_edition_is_offered_what_waits_and_puts_it_on_its_agenda(cast: Cast) -> None:
    with unit_of_work():
        minutes, draft = make_published(cast), make_draft(cast)
        session = next_session(minutes)
        elsewhere = make_event()
    event = session.event
    assert adoptions.list_candidates(cast.sara, event) == [minutes]
    assert adoptions.list_candidates(cast.sara, elsewhere) == []
    for name in ("petra", "sven", "li_wei", "aude", "ada"):
        refused(Forbidden, lambda n=name: services.propose_adoption(minutes, session, actor=getattr(cast, n)))
    refused(WrongStage, lambda: services.propose_adoption(draft, session, actor=cast.olaf))
    refused(Refused, lambda: services.propose_adoption(minutes, minutes.session, actor=cast.olaf))
    with unit_of_work():
        before = make_session(make_event(starts_on=minutes.event.starts_on - timedelta(days=9)))
    refused(Refused, lambda: services.propose_adoption(minutes, before, actor=cast.olaf))
    with unit_of_work():
        adoption = services.propose_adoption(minutes, session, actor=cast.olaf)
    assert (adoption.item.title, adoption.item.title_local, adoption.item.session) == (
        f"Adoption of the minutes {minutes.label}",
        f"通过会议纪要{minutes.label}",
        session,
    )
    assert adoption.item.is_internal is False
    assert adoptions.list_candidates(cast.sara, event) == []
    refused(AlreadyThere, lambda: services.propose_adoption(minutes, session, actor=cast.olaf))


def test_who_records_without_planning_proposes_and_who_plans_puts_it_on_the_agenda(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_published(cast)
        adoption = services.propose_adoption(minutes, next_session(minutes), actor=cast.sara)
    assert adoption.item is None
    refused(Forbidden, lambda: services.put_on_agenda(adoption, actor=cast.sara))
    with unit_of_work():
        services.put_on_agenda(adoption, actor=cast.olaf)
    refused(AlreadyThere, lambda: services.put_on_agenda(adoption, actor=cast.olaf))
    refused(Forbidden, lambda: services.drop_adoption(adoption, actor=cast.sara))
    item = adoption.item
    with unit_of_work():
        services.drop_adoption(adoption, actor=cast.olaf)
    assert item.cancelled_at is not None  # the event is published: people know of it
    assert db.session.query(Adoption).count() == 0


@pytest.mark.parametrize(("audience", "level"), [(Audience.RESTRICTED, 1), (Audience.INTERNAL, 2)])
def test_the_agenda_names_no_minutes_to_more_people_than_may_know_of_them(
    cast: Cast, audience: str, level: int
) -> None:
    with unit_of_work():
        minutes = make_published(cast, session=make_session(make_event(audience=audience)))
        minutes.least_clearance = Clearance(level)
        adoption = services.propose_adoption(minutes, next_session(minutes), actor=cast.olaf)
    assert adoption.item.is_internal is True


def test_adopted_as_they_stand_they_are_done_with(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_published(cast)
        session = next_session(minutes)
        adoption = services.propose_adoption(minutes, session, actor=cast.olaf)
    refused(Forbidden, lambda: services.decide_adoption(adoption, actor=cast.li_wei, outcome="adopted"))
    refused(Refused, lambda: services.decide_adoption(adoption, actor=cast.sara, outcome="praised"))
    opened = adoption.version
    with unit_of_work():
        services.decide_adoption(adoption, actor=cast.sara, outcome="adopted", version=opened)
    assert (adoption.outcome, adoption.by_name) == (Outcome.ADOPTED, "Sara Novák")
    refused(Stale, lambda: services.decide_adoption(adoption, actor=cast.olaf, outcome="deferred", version=opened))
    refused(DecidedAlready, lambda: services.drop_adoption(adoption, actor=cast.olaf))
    with unit_of_work():
        later = next_session(minutes)
    refused(DecidedAlready, lambda: services.propose_adoption(minutes, later, actor=cast.olaf))
    assert len(minutes.versions) == 1


def test_deferred_they_are_offered_to_the_session_after(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_published(cast)
        first, second = next_session(minutes), next_session(minutes)
        adoption = services.propose_adoption(minutes, first, actor=cast.olaf)
        services.decide_adoption(adoption, actor=cast.sara, outcome="deferred")
    assert adoptions.list_candidates(cast.sara, second.event) == [minutes]
    with unit_of_work():
        services.propose_adoption(minutes, second, actor=cast.olaf)
    assert db.session.query(Adoption).count() == 2


def test_what_a_session_corrects_becomes_an_amendment(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_published(cast)
        adoption = services.propose_adoption(minutes, next_session(minutes), actor=cast.olaf)
    refused(Refused, lambda: services.decide_adoption(adoption, actor=cast.olaf, outcome="corrected", corrections=" "))
    with unit_of_work():
        services.decide_adoption(adoption, actor=cast.olaf, outcome="corrected", corrections="Three kilns, not two.")
    assert (minutes.state, len(minutes.versions)) == (MinutesState.PUBLISHED, 2)
    assert minutes.newest.change_note == "As corrected by the session “The next one”: Three kilns, not two."
    assert [each.to_name for each in db.session.query(MailMessage).filter_by(kind="minutes_corrected")] == [
        "Sara Novák"
    ]
    refused(DecidedAlready, lambda: services.decide_adoption(adoption, actor=cast.sara, outcome="adopted"))


def test_what_a_session_corrects_in_a_text_under_review_becomes_a_comment(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_in_review(cast)
        adoption = services.propose_adoption(minutes, next_session(minutes), actor=cast.olaf)
        services.decide_adoption(adoption, actor=cast.olaf, outcome="corrected", corrections="Three kilns.")
    (said,) = reviews.list_comments(minutes, Clearance.SECRET)
    assert (said.text, len(minutes.versions)) == ("As corrected by the session “The next one”: Three kilns.", 1)


def test_withdrawn_minutes_are_not_adopted(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_published(cast)
        adoption = services.propose_adoption(minutes, next_session(minutes), actor=cast.olaf)
        services.withdraw(minutes, actor=cast.sara, reason="A name was wrong.")
    refused(WrongStage, lambda: services.decide_adoption(adoption, actor=cast.sara, outcome="adopted"))


# --- the pages ----------------------------------------------------------------------------------------------------

As = Callable[[str], Visitor]


def test_both_minutes_lead_to_each_other(app: Flask, as_: As) -> None:
    with app.app_context():
        cast = load()
        with unit_of_work():
            minutes = make_published(cast, title="Of the kilns")
            session = next_session(minutes)
            hidden = make_published(
                cast, title="Of the harbour", session=make_session(make_event(audience=Audience.RESTRICTED))
            )
            session.event.series_id = None
            later = make_published(cast, session=session, title="Of the next one")
        event: Event = session.event
        earlier_url = f"/events/{minutes.event.ref}/minutes/{minutes.ref}"
        later_url = f"/events/{event.ref}/minutes/{later.ref}"
        place, chosen = f"/events/{event.ref}/minutes/earlier", {"minutes_ref": minutes.ref, "session_ref": session.ref}
        refs = hidden.ref, event.ref, session.ref
        db.session.rollback()
    olaf, petra = as_("olaf"), as_("petra")
    assert "Of the kilns" in olaf.get(place).text
    assert "Earlier minutes" in olaf.get(f"/events/{event_ref(refs)}/minutes").text
    assert [as_(name).get(place).status_code for name in ("sara", "petra", "li_wei", "aude")] == [200, 403, 403, 403]
    assert olaf.post(place, {**chosen, "minutes_ref": refs[0]}).status_code == 422
    assert olaf.post(place, chosen).status_code == 303
    page = olaf.get(place).text
    assert "on the agenda" in page
    decision = next(part.split('"')[0] for part in page.split('href="') if part.startswith(f"{place}/"))
    assert as_("petra").get(decision).status_code == 403
    blank = olaf.post(decision, {"outcome": "corrected", "corrections": ""})
    assert (blank.status_code, "Say what the session corrected." in blank.text) == (422, True)
    assert olaf.post(decision, {"outcome": "adopted", "corrections": "", "version": "9"}).status_code == 409
    version = olaf.get(decision).text.split('name="version"')[1].split('value="')[1].split('"')[0]
    assert olaf.post(decision, {"outcome": "adopted", "version": version}).status_code == 303
    told = petra.get(earlier_url).text
    assert "Adopted as they stand" in told
    assert later_url in told
    assert f"/sessions/{refs[2]}" in told
    back = petra.get(later_url).text
    assert earlier_url in back
    assert "by this session" in back


def event_ref(refs: tuple[str, str, str]) -> str:
    return refs[1]
