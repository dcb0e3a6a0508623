"""Acts of registration: who may, when, what is told and remembered."""

from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import func, select

from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused, Stale
from app.events.models import Audience, Event, Participation, Status
from app.events.queries import find_visible
from app.mail.models import MailMessage
from app.registration import queries, services
from app.registration.errors import AlreadyRegistered, NotRegistered, RegistrationClosed
from app.registration.models import Registration
from tests.cast import Cast
from tests.factories import make_event
from tests.factories.registration import make_open_event, register


def acts(event: Event) -> list[str]:
    rows = db.session.scalars(select(AuditEntry.action).where(AuditEntry.scope == event.ref).order_by(AuditEntry.seq))
    return list(rows)


def mails(event: Event) -> list[MailMessage]:
    return list(db.session.scalars(select(MailMessage).where(MailMessage.scope == event.ref).order_by(MailMessage.id)))


def sign_up(event: Event, cast: Cast, who: str, **more: Any) -> Registration:
    with unit_of_work():
        return services.register_person(event, cast.people[who], actor=cast.accounts[who], **more)


def test_registering_remembers_and_tells(cast: Cast) -> None:
    event = make_open_event(capacity=1, title="Annual gathering")
    before = len(acts(event))
    mine = sign_up(event, cast, "petra", note="Vegan")
    assert acts(event)[before:] == ["registration.made"]
    (mail,) = mails(event)
    assert mail.kind == "registration_confirmed"
    assert mail.subject == "You have a place: Annual gathering"
    assert mail.to_address == "petra@hufu.example"
    assert mine.door_code in mail.text
    assert (mine.note, mine.by_id) == ("Vegan", cast.petra.id)
    roles = db.session.scalars(select(Participation.role).where(Participation.event_id == event.id)).all()
    assert roles == ["registered"]


def test_nobody_registers_somebody_else_but_the_organizer(cast: Cast) -> None:
    event = make_open_event()
    with pytest.raises(Forbidden), unit_of_work():
        services.register_person(event, cast.people["tom"], actor=cast.petra)
    with pytest.raises(Forbidden), unit_of_work():
        services.register_person(event, cast.people["aude"], actor=cast.aude)
    assert db.session.scalar(select(func.count(Registration.id))) == 0
    with unit_of_work():
        services.register_person(event, cast.people["tom"], actor=cast.olaf)
    assert db.session.scalar(select(func.count(Registration.id))) == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("close", "Registration is closed."),
        ("closing time", "The time to register has passed."),
        ("draft", "Registration opens only for a published event."),
        ("over", "The event is over."),
        ("invited only", "Registration is for invited people only."),
    ],
)
def test_registration_that_is_not_open_refuses_with_the_reason(cast: Cast, change: str, sentence: str) -> None:
    event = make_open_event()
    with unit_of_work():
        plan = queries.find_plan(event)
        assert plan is not None
        if change == "close":
            services.close_registration(plan, actor=cast.olaf)
        elif change == "closing time":
            plan.closes_at = clock.now() - timedelta(minutes=1)
        elif change == "draft":
            event.status = Status.DRAFT
        elif change == "over":
            event.starts_on = event.ends_on = clock.today() - timedelta(days=3)
        else:
            plan.invited_only = True
    with pytest.raises(RegistrationClosed) as refused:
        sign_up(event, cast, "petra")
    assert str(refused.value) == sentence
    assert str(queries.standing_of(event, cast.people["petra"]).why_not) == sentence
    assert db.session.scalar(select(func.count(Registration.id))) == 0


def test_the_organizer_registers_people_also_when_it_is_closed_to_others(cast: Cast) -> None:
    event = make_open_event()
    with unit_of_work():
        services.close_registration(queries.find_plan(event), actor=cast.olaf)
    with unit_of_work():
        assert services.register_person(event, cast.people["tom"], actor=cast.olaf).state == "confirmed"


def test_one_person_registers_once(cast: Cast) -> None:
    event = make_open_event()
    sign_up(event, cast, "petra")
    with pytest.raises(AlreadyRegistered):
        sign_up(event, cast, "petra")
    assert len(mails(event)) == 1


def test_withdrawing_twice_is_refused(cast: Cast) -> None:
    event = make_open_event()
    mine = sign_up(event, cast, "petra")
    for expected in (None, NotRegistered):
        if expected is None:
            with unit_of_work():
                services.withdraw(mine, actor=cast.petra, reason="ill")
        else:
            with pytest.raises(expected), unit_of_work():
                services.withdraw(mine, actor=cast.petra)
    assert mine.withdraw_reason == "ill"
    assert acts(event)[-1] == "registration.withdrawn"


def test_withdrawing_from_an_old_page_is_stale(cast: Cast) -> None:
    event = make_open_event()
    mine = sign_up(event, cast, "petra")
    with pytest.raises(Stale), unit_of_work():
        services.withdraw(mine, actor=cast.petra, version=mine.version + 1)
    db.session.refresh(mine)
    assert mine.state == "confirmed"


def test_a_stranger_withdraws_nobody(cast: Cast) -> None:
    event = make_open_event()
    mine = sign_up(event, cast, "petra")
    for who in ("tom", "rita", "aude", "xaver"):
        with pytest.raises(Forbidden), unit_of_work():
            services.withdraw(mine, actor=cast.accounts[who])
    assert mine.state == "confirmed"


def test_three_messages_about_one_registration_carry_one_uid_and_rising_sequences(cast: Cast) -> None:
    event = make_open_event(title="Review; plan, act")
    mine = sign_up(event, cast, "petra")
    with unit_of_work():
        services.withdraw(mine, actor=cast.petra)
    sign_up(event, cast, "petra")
    sent = mails(event)
    assert [(each.kind, each.calendar_method) for each in sent] == [
        ("registration_confirmed", "REQUEST"),
        ("registration_withdrawn", "CANCEL"),
        ("registration_confirmed", "REQUEST"),
    ]
    entries = [next(iter(Calendar.from_ical(each.calendar).walk("VEVENT"))) for each in sent]
    assert len({str(each["UID"]) for each in entries}) == 1
    assert [int(each["SEQUENCE"]) for each in entries] == [0, 1, 2]
    assert [str(each["STATUS"]) for each in entries] == ["CONFIRMED", "CANCELLED", "CONFIRMED"]
    assert str(entries[0]["SUMMARY"]) == "Review; plan, act"
    assert entries[0]["DTSTART"].dt == event.starts_on
    assert entries[0]["DTEND"].dt == event.ends_on + timedelta(days=1)
    assert str(entries[0]["ATTENDEE"]) == "mailto:petra@hufu.example"
    assert mine.door_code not in str(sent[0].calendar)


def test_who_waits_gets_no_calendar_entry(cast: Cast) -> None:
    event = make_open_event(capacity=0)
    sign_up(event, cast, "petra")
    assert [(each.kind, each.calendar) for each in mails(event)] == [("registration_waiting", None)]


def test_a_name_with_line_breaks_adds_no_header_and_no_property(cast: Cast) -> None:
    event = make_open_event(title="Plan\r\nBCC: all@example.org\u2028ATTENDEE:mailto:x@example.org")
    sign_up(event, cast, "petra")
    (mail,) = mails(event)
    assert "\n" not in mail.subject
    assert "\u2028" not in mail.subject
    names = [name for name, _value in next(iter(Calendar.from_ical(mail.calendar).walk("VEVENT"))).property_items()]
    assert names.count("ATTENDEE") == 1
    assert "BCC" not in names


def test_mail_speaks_the_language_of_the_person(cast: Cast) -> None:
    event = make_open_event(title="Gathering", title_local="年度大会")
    with unit_of_work():
        cast.people["mei"].language = "zh_Hans_CN"
    sign_up(event, cast, "mei")
    (mail,) = mails(event)
    assert "年度大会" in mail.subject
    assert mail.language == "zh_Hans_CN"


def test_registering_opens_a_restricted_event_and_withdrawing_oneself_leaves_the_way_back(cast: Cast) -> None:
    event = make_open_event(audience=Audience.RESTRICTED)
    assert find_visible(cast.petra, event.ref) is None
    mine = register(event, cast.people["petra"])
    assert find_visible(cast.petra, event.ref) is not None
    with unit_of_work():
        services.withdraw(mine, actor=cast.petra)
    assert find_visible(cast.petra, event.ref) is not None
    sign_up(event, cast, "petra")


def test_who_is_taken_off_by_the_organizer_no_longer_sees_a_restricted_event(cast: Cast) -> None:
    event = make_open_event(audience=Audience.RESTRICTED)
    mine = register(event, cast.people["petra"])
    with unit_of_work():
        services.withdraw(mine, actor=cast.ada, reason="Moved to another team")
    assert find_visible(cast.petra, event.ref) is None


def test_an_event_without_a_plan_takes_nobody(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
    with pytest.raises(RegistrationClosed):
        sign_up(event, cast, "petra")
    assert str(queries.standing_of(event, None).why_not) == "There is no registration for this event."


def test_only_the_organizer_arranges(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
    for who in ("petra", "sara", "rita", "aude", "dora"):
        with pytest.raises(Forbidden), unit_of_work():
            services.open_registration(event, actor=cast.accounts[who])
    assert queries.find_plan(event) is None


def test_registration_cannot_be_opened_until_a_moment_that_has_passed(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
    with pytest.raises(Refused) as refused, unit_of_work():
        services.open_registration(event, actor=cast.olaf, closes_at=clock.now() - timedelta(hours=1))
    assert refused.value.field == "closes_at"
    assert queries.find_plan(event) is None


def test_the_standing_costs_one_statement_and_two_for_somebody_who_waits(cast: Cast, count_statements: Any) -> None:
    event = make_open_event(capacity=1)
    sign_up(event, cast, "tom")
    sign_up(event, cast, "petra")
    tom, petra, xaver = (cast.people[each] for each in ("tom", "petra", "xaver"))
    ids = [each.id for each in (event, tom, petra, xaver)]
    assert ids
    with count_statements() as said:
        standing = queries.standing_of(event, xaver)
    assert len(said) == 1
    assert (standing.left, standing.waiting, standing.mine, standing.may_register) == (0, 1, None, True)
    with count_statements() as said:
        standing = queries.standing_of(event, petra)
    assert len(said) == 2
    assert (standing.position, standing.may_register, str(standing.why_not)) == (1, False, "You are registered.")
    assert queries.standing_of(event, None).may_register is False
