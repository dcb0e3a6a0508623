"""Asking, answering, agreeing, taking back: until all have said yes the place stays where it was."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.core.roles import SYSTEM
from app.events.models import Event
from app.mail.models import MailMessage
from app.questions import services as questions
from app.questions.queries import sheet_of
from app.registration import places, queries
from app.registration import services as registration
from app.registration.models import RegistrationPlan, State
from app.substitutions import services
from app.substitutions.errors import AskedAlready, NoLongerAsked, NotAllowed
from app.substitutions.models import Substitution, SubstitutionState
from app.substitutions.queries import list_candidates
from tests.cast import Cast
from tests.factories.questions import ask as question
from tests.factories.questions import publish
from tests.factories.registration import make_open_event, register
from tests.factories.substitutions import ask, token_in_mail


def plan(event: Event, **values: object) -> None:
    with unit_of_work():
        found = db.session.scalars(select(RegistrationPlan).where(RegistrationPlan.event_id == event.id)).one()
        for name, value in values.items():
            setattr(found, name, value)


def holders(event: Event) -> list[str]:
    """Who has a place, by name."""
    db.session.expire_all()
    assert places.reconcile(event) == []
    rows = queries.list_rows(event, queries.ListView(state="confirmed", sort="name"))
    return [each.name for each in rows]


def mails(kind: str) -> list[tuple[str, str]]:
    found = select(MailMessage).where(MailMessage.kind == kind).order_by(MailMessage.id)
    return [(each.to_address, each.subject) for each in db.session.scalars(found)]


def test_a_colleague_says_yes_by_the_link_and_has_the_place(cast: Cast) -> None:
    event = make_open_event(capacity=1)
    petra = register(event, cast.people["petra"])
    asked = ask(petra, cast.people["mei"], actor=cast.petra, reason="Ill")
    assert holders(event) == ["Petra Lindqvist"]
    assert mails("substitution_asked") == [
        ("mei@hufu.example", f"Do you come instead of Petra Lindqvist? {event.title}")
    ]
    with unit_of_work():
        services.accept_by_link(token_in_mail("mei@hufu.example"), asked)
    assert holders(event) == ["Mei Zhao"]
    assert (asked.state, petra.state) == (SubstitutionState.DONE, State.REPLACED)
    entries = db.session.execute(
        select(AuditEntry.action, AuditEntry.actor_name).where(AuditEntry.action.contains("substitut"))
    ).all()
    assert [tuple(each) for each in entries] == [
        ("substitution.asked", "Petra Lindqvist"),
        ("substitution.accepted", "Mei Zhao"),
        ("registration.substituted", "Mei Zhao"),
    ]
    with pytest.raises(NoLongerAsked) as refused, unit_of_work():
        services.accept_by_link(token_in_mail("mei@hufu.example"), asked)
    assert str(refused.value.sentence) == "Mei Zhao comes instead of Petra Lindqvist; this is settled."


def test_declining_refusing_and_taking_back_leave_everything_as_it_was(cast: Cast) -> None:
    event = make_open_event(capacity=1)
    plan(event, substitutes_approved=True, substitutes="anybody")
    petra = register(event, cast.people["petra"])
    code = petra.door_code

    declined = ask(petra, cast.people["tom"], actor=cast.petra)
    with unit_of_work():
        services.decline(declined, actor=cast.tom, comment="On leave")
    taken = ask(petra, cast.people["tom"], actor=cast.petra)
    with unit_of_work():
        services.take_back(taken, actor=cast.petra)
    refused = ask(petra, cast.people["tom"], actor=cast.petra)
    with unit_of_work():
        services.accept(refused, actor=cast.tom)
    with unit_of_work():
        services.refuse(refused, actor=cast.mei, comment="Please come yourself")

    assert [each.state for each in (declined, taken, refused)] == ["declined", "taken_back", "refused"]
    assert holders(event) == ["Petra Lindqvist"]
    assert (petra.state, petra.door_code) == (State.CONFIRMED, code)
    assert mails("substitution_declined") == [
        ("petra@hufu.example", f"Tom Okafor cannot come instead of you: {event.title}")
    ]
    assert [each[0] for each in mails("substitution_not_needed")] == ["tom@hufu.example", "tom@hufu.example"]
    for act in (
        lambda: services.accept(declined, actor=cast.tom),
        lambda: services.take_back(taken, actor=cast.petra),
        lambda: services.agree(refused, actor=cast.mei),
    ):
        with pytest.raises(NoLongerAsked), unit_of_work():
            act()
    assert holders(event) == ["Petra Lindqvist"]


def test_the_line_manager_of_the_one_who_sends_agrees_first(cast: Cast) -> None:
    event = make_open_event(capacity=1)
    plan(event, substitutes_approved=True, substitutes="anybody")
    petra = register(event, cast.people["petra"])
    asked = ask(petra, cast.people["tom"], actor=cast.petra)
    with pytest.raises(NoLongerAsked) as early, unit_of_work():
        services.agree(asked, actor=cast.mei)
    assert str(early.value.sentence) == "Tom Okafor has not answered yet."
    with unit_of_work():
        services.accept(asked, actor=cast.tom)
    assert (asked.state, holders(event)) == (SubstitutionState.ACCEPTED, ["Petra Lindqvist"])
    assert mails("substitution_agree") == [
        ("mei@hufu.example", f"Do you agree? Tom Okafor instead of Petra Lindqvist: {event.title}")
    ]
    for stranger in (cast.tom, cast.petra, cast.rita, cast.aude):
        with pytest.raises(Forbidden), unit_of_work():
            services.agree(asked, actor=stranger)
    with unit_of_work():
        services.agree(asked, actor=cast.mei)
    assert holders(event) == ["Tom Okafor"]


def test_a_manager_who_comes_in_person_has_agreed_and_organizers_agree_where_there_is_no_manager(cast: Cast) -> None:
    event = make_open_event(capacity=2)
    plan(event, substitutes_approved=True, substitutes="anybody")
    petra, rita = register(event, cast.people["petra"]), register(event, cast.people["rita"])
    by_manager = ask(petra, cast.people["mei"], actor=cast.petra)
    with unit_of_work():
        services.accept(by_manager, actor=cast.mei)
    assert holders(event) == ["Mei Zhao", "Rita Sommer"]
    without = ask(rita, cast.people["tom"], actor=cast.rita)
    with unit_of_work():
        services.accept(without, actor=cast.tom)
    assert (without.approver, without.state) == (None, SubstitutionState.ACCEPTED)
    with unit_of_work():
        services.agree(without, actor=cast.olaf)
    assert holders(event) == ["Mei Zhao", "Tom Okafor"]


def test_withdrawing_or_being_sent_away_ends_the_question(cast: Cast) -> None:
    event = make_open_event(capacity=1)
    petra = register(event, cast.people["petra"])
    rita = register(event, cast.people["rita"])
    asked = ask(petra, cast.people["mei"], actor=cast.petra)
    with unit_of_work():
        registration.withdraw(petra, actor=cast.petra)
    assert (asked.state, holders(event)) == (SubstitutionState.TAKEN_BACK, ["Rita Sommer"])
    with pytest.raises(NoLongerAsked) as refused, unit_of_work():
        services.accept(asked, actor=cast.mei)
    assert str(refused.value.sentence) == "This question was taken back: Petra Lindqvist sends nobody."
    db.session.refresh(rita)
    again = ask(rita, cast.people["sara"], actor=cast.rita)
    with unit_of_work():
        services.send(rita, cast.people["tom"], actor=cast.olaf, reason="As agreed by telephone")
    assert (again.state, holders(event)) == (SubstitutionState.TAKEN_BACK, ["Tom Okafor"])
    assert db.session.scalars(select(Substitution.state).order_by(Substitution.id)).all() == [
        "taken_back", "taken_back", "done",
    ]  # fmt: skip


REFUSALS: list[tuple[str, Callable[[Cast, Event], object], type[Refused], str]] = [
    ("department", lambda cast, event: cast.people["tom"], NotAllowed,
     "Only somebody of the same department can come instead."),
    ("nobody", lambda cast, event: cast.people["mei"], NotAllowed, "Nobody can be sent instead to this event."),
    ("anybody", lambda cast, event: cast.people["petra"], Refused, "Please choose somebody else."),
    ("anybody", lambda cast, event: cast.people["rita"], Refused, "Rita Sommer is registered already."),
]  # fmt: skip


def test_who_may_not_be_sent_is_refused_in_words(cast: Cast) -> None:
    event = make_open_event(capacity=3)
    petra = register(event, cast.people["petra"])
    register(event, cast.people["rita"])
    for rule, whom, error, sentence in REFUSALS:
        plan(event, substitutes=rule)
        with pytest.raises(error) as refused:
            ask(petra, whom(cast, event), actor=cast.petra)
        assert str(refused.value.sentence) == sentence
    with unit_of_work():
        cast.people["tom"].left_on = event.starts_on - timedelta(days=1)
        cast.people["sven"].email = None
    for name, sentence in (("tom", "Tom Okafor has left the company."), ("sven", "Sven Lund has no e-mail address.")):
        with pytest.raises(Refused) as refused:
            ask(petra, cast.people[name], actor=cast.petra)
        assert str(refused.value.sentence) == sentence
    for stranger in (cast.tom, cast.aude):
        with pytest.raises(Forbidden):
            ask(petra, cast.people["mei"], actor=stranger)
    ask(petra, cast.people["mei"], actor=cast.petra)
    with pytest.raises(AskedAlready):
        ask(petra, cast.people["sara"], actor=cast.petra)
    assert db.session.scalars(select(Substitution.to_person_id)).all() == [cast.people["mei"].id]


def test_only_those_who_may_come_are_offered(cast: Cast) -> None:
    event = make_open_event()
    petra = register(event, cast.people["petra"])
    register(event, cast.people["xaver"])
    assert [each.name for each in list_candidates(petra, "")] == ["Mei Zhao"]
    plan(event, substitutes="nobody")
    assert list_candidates(petra, "") == []
    assert [each.name for each in list_candidates(petra, "okaf", free=True)] == ["Tom Okafor"]
    plan(event, substitutes="anybody")
    assert "Tom Okafor" in [each.name for each in list_candidates(petra, "")]
    chosen = cast.people["rita"].ref
    assert [each.name for each in list_candidates(petra, "okaf", chosen=chosen)] == ["Tom Okafor", "Rita Sommer"]


def test_nothing_is_handed_over_once_the_event_is_over_or_the_place_is_gone(cast: Cast) -> None:
    event = make_open_event(capacity=2)
    petra = register(event, cast.people["petra"])
    asked = ask(petra, cast.people["mei"], actor=cast.petra)
    with clock.at(clock.now() + timedelta(days=60)), pytest.raises(Refused) as over, unit_of_work():
        services.accept(asked, actor=cast.mei)
    assert str(over.value.sentence) == "The event is over."
    register(event, cast.people["mei"])
    with pytest.raises(Refused) as there, unit_of_work():
        services.accept(asked, actor=cast.mei)
    assert str(there.value.sentence) == "Mei Zhao is registered already."
    assert holders(event) == ["Mei Zhao", "Petra Lindqvist"]
    assert asked.state == SubstitutionState.ASKED
    with unit_of_work():
        services.take_back(asked, actor=SYSTEM)


def test_whoever_comes_back_in_anothers_place_is_asked_anew_what_they_eat(cast: Cast) -> None:
    event = make_open_event(capacity=1)
    publish(event, question("eats", "text"))
    with unit_of_work():
        petra = questions.register(event, cast.people["petra"], actor=cast.petra, values={"eats": "No nuts"})
    with unit_of_work():
        mei = services.send(petra, cast.people["mei"], actor=cast.olaf, reason="Ill")
    assert sheet_of(mei) is None
    with unit_of_work():
        back = services.send(mei, cast.people["petra"], actor=cast.olaf, reason="Well again")
    assert (back.id, sheet_of(back)) == (petra.id, None)
