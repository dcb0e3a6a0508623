"""Who acts for whom, from a day to a day; what that opens, and what an ended or coming one does not."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.assistants import queries, services
from app.assistants.acting import ActingFor
from app.assistants.errors import AlreadyEnded
from app.assistants.models import Assistantship
from app.core import audit, clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.mail.models import MailMessage
from app.registration import services as registration
from app.registration.models import Registration, State
from app.substitutions import services as substitutions
from tests.cast import Cast
from tests.factories.registration import make_open_event, register
from tests.factories.substitutions import make_assistant


def day(number: int) -> date:
    return clock.today("Asia/Shanghai") + timedelta(days=number)  # the company zone of the tests


def mails(to: str) -> list[tuple[str, str, str | None]]:
    found = select(MailMessage).where(MailMessage.to_address == to).order_by(MailMessage.id)
    return [(each.kind, each.subject, each.calendar_method) for each in db.session.scalars(found)]


def test_an_assistant_registers_and_withdraws_and_the_log_says_a_for_b(cast: Cast) -> None:
    event = make_open_event(capacity=1)
    petra, tom = cast.people["petra"], cast.people["tom"]
    make_assistant(petra, tom, from_on=day(0), to_on=day(0))
    with unit_of_work():
        mine = registration.register_person(event, petra, actor=cast.tom)
    assert (mine.state, mine.by_id) == (State.CONFIRMED, cast.tom.id)
    with unit_of_work():
        registration.withdraw(mine, actor=ActingFor(cast.tom, petra))
    entries = db.session.execute(
        select(AuditEntry.action, AuditEntry.actor_name, AuditEntry.on_behalf_of).where(AuditEntry.scope == event.ref)
        .where(AuditEntry.action.in_(("registration.made", "registration.withdrawn"))).order_by(AuditEntry.seq)
    ).all()  # fmt: skip
    assert [tuple(each) for each in entries] == [
        ("registration.made", "Tom Okafor", "Petra Lindqvist"),
        ("registration.withdrawn", "Tom Okafor", "Petra Lindqvist"),
    ]
    assert audit.verify().broken_at is None


def test_both_get_the_mails_and_only_the_principal_the_entry_for_the_calendar(cast: Cast) -> None:
    event = make_open_event(capacity=1, title="Spring gathering")
    petra = cast.people["petra"]
    make_assistant(petra, cast.people["tom"])
    make_assistant(petra, cast.people["rita"], from_on=day(1))
    register(event, petra)
    assert mails("petra@hufu.example")[-1] == (
        "registration_confirmed", "You have a place: Spring gathering", "REQUEST",
    )  # fmt: skip
    assert mails("tom@hufu.example") == [
        ("assistant_named", "You act for Petra Lindqvist", None),
        ("registration_confirmed_for", "For Petra Lindqvist: You have a place: Spring gathering", None),
    ]
    copy = db.session.scalars(select(MailMessage).where(MailMessage.kind == "registration_confirmed_for")).one()
    assert copy.text.startswith("You act for Petra Lindqvist. This was written to them:\n\nDear Petra Lindqvist,")
    assert f"/my/principals/{petra.ref}/events/{event.ref}" in copy.text
    assert "/registration/mine" not in copy.text
    assert [each[0] for each in mails("rita@hufu.example")] == ["assistant_named"], "not yet begun"


@pytest.mark.parametrize(
    ("from_on", "to_on", "ended"),
    [(day(1), None, False), (None, day(-1), False), (day(-9), day(9), True)],
    ids=["not yet begun", "over", "ended"],
)
def test_an_assistantship_that_does_not_stand_opens_nothing(
    cast: Cast, from_on: date | None, to_on: date | None, ended: bool
) -> None:
    event = make_open_event(capacity=2)
    petra, tom = cast.people["petra"], cast.people["tom"]
    mine = register(event, petra)
    with unit_of_work():
        one = Assistantship(principal=petra, assistant=tom, from_on=from_on, to_on=to_on)
        db.session.add(one)
        petra.has_assistants = True
    if ended:
        with unit_of_work():
            services.end(one, actor=cast.petra)
    assert queries.list_principals(cast.tom) == []
    assert list(queries.assistants_of(petra)) == []
    acting = ActingFor(cast.tom, petra)
    for actor in (cast.tom, acting):
        for act in (
            lambda actor=actor: registration.withdraw(mine, actor=actor),
            lambda actor=actor: registration.register_person(event, petra, actor=actor),
            lambda actor=actor: registration.renew_code(mine, actor=actor),
            lambda actor=actor: registration.change_choices(mine, actor=actor),
            lambda actor=actor: substitutions.ask(mine, cast.people["mei"], actor=actor),
        ):
            with pytest.raises(Forbidden), unit_of_work():
                act()
    assert db.session.scalars(select(Registration.state)).all() == ["confirmed"]


def test_own_roles_do_not_help_somebody_who_acts_for_another(cast: Cast) -> None:
    closed = make_open_event(capacity=1)
    with unit_of_work():
        registration.close_registration(registration.queries.find_plan(closed), actor=cast.olaf)
    make_assistant(cast.people["petra"], cast.people["olaf"])
    make_assistant(cast.people["petra"], cast.people["aude"])
    with pytest.raises(Refused) as refused, unit_of_work():
        registration.register_person(closed, cast.people["petra"], actor=ActingFor(cast.olaf, cast.people["petra"]))
    assert str(refused.value.sentence) == "Registration is closed."
    with pytest.raises(Forbidden), unit_of_work():
        registration.register_person(closed, cast.people["petra"], actor=ActingFor(cast.aude, cast.people["petra"]))


def test_who_may_name_and_end_and_who_not(cast: Cast) -> None:
    petra, tom = cast.people["petra"], cast.people["tom"]
    for stranger in (cast.mei, cast.tom, cast.sara, cast.aude):
        with pytest.raises(Forbidden), unit_of_work():
            services.name_assistant(petra, tom, actor=stranger)
    for namer in (cast.petra, cast.ada, cast.olaf):
        with unit_of_work():
            made = services.name_assistant(petra, tom, actor=namer)
        with pytest.raises(Forbidden), unit_of_work():
            services.end(made, actor=cast.mei)
        with unit_of_work():
            services.end(made, actor=cast.tom if namer is cast.petra else namer)
    with pytest.raises(AlreadyEnded), unit_of_work():
        services.end(made, actor=cast.petra)
    assert [each[0] for each in mails("petra@hufu.example")] == [
        "assistant_ended", "assistant_named", "assistant_ended", "assistant_named", "assistant_ended",
    ]  # fmt: skip
    told = select(AuditEntry.action).where(AuditEntry.action.startswith("assistant.")).order_by(AuditEntry.seq)
    assert db.session.scalars(told).all() == ["assistant.named", "assistant.ended"] * 3


def test_who_cannot_be_an_assistant_is_refused_in_words(cast: Cast) -> None:
    petra, tom = cast.people["petra"], cast.people["tom"]
    make_assistant(petra, tom, from_on=day(2), to_on=day(5))
    with unit_of_work():
        cast.people["rita"].left_on = day(-1)
        cast.people["sven"].account_id = None
    for assistant, days, sentence in (
        (petra, {}, "Please choose somebody else."),
        (cast.people["rita"], {}, "Rita Sommer has left the company."),
        (cast.people["sven"], {}, "Sven Lund has no account, and so cannot act for anybody."),
        (tom, {"from_on": day(5)}, "Tom Okafor is an assistant in these days already."),
        (tom, {}, "Tom Okafor is an assistant in these days already."),
        (cast.people["mei"], {"from_on": day(3), "to_on": day(2)}, "The last day lies before the first."),
        (cast.people["mei"], {"to_on": day(-1)}, "This day has passed already."),
    ):
        with pytest.raises(Refused) as refused:
            make_assistant(petra, assistant, **days)
        assert str(refused.value.sentence) == sentence
    assert len(db.session.scalars(select(Assistantship)).all()) == 1
    make_assistant(petra, tom, from_on=day(6))


def test_somebody_without_assistants_costs_no_statement(cast: Cast, count_statements) -> None:
    petra = cast.people["petra"]
    with count_statements() as said:
        assert list(queries.assistants_of(petra)) == []
    assert said == []
