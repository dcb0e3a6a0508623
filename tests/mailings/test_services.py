"""Writing to many: named placeholders only, a second pair of eyes, one mail to each, and back again while it lies there."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.accounts import services as accounts
from app.core import clock, jobs
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused, Stale
from app.core.roles import Role
from app.door import services as door
from app.events.models import Event, Status
from app.invitations import invitees
from app.invitations import services as invitations
from app.mail.delivery import claim
from app.mail.models import MailMessage, MailState
from app.mail.services import hold_back
from app.mailings import queries, services
from app.mailings.errors import BadPlaceholder, MailingRefused
from app.mailings.models import Mailing
from app.mailings.placeholders import check, fill
from app.people.models import Person
from app.registration.queries import find_own
from app.registration.telling import tell_promoted
from tests.cast import Cast
from tests.factories.registration import make_crowd, make_open_event, register

TEXT = "Dear {name},\n\n{event}: {days}, {place|we tell you soon}.\n{link}"


@pytest.fixture
def gathering(cast: Cast) -> Event:
    """Petra and Rita have the two places, Xaver waits; Tom is silent, Mei said no."""
    event = make_open_event(capacity=2, title="Annual gathering", title_local="年度大会")
    for name in ("petra", "rita", "xaver"):
        register(event, cast.people[name])
    with unit_of_work():
        sent = invitees.send_invitations(event, actor=cast.olaf, people=[cast.people["tom"], cast.people["mei"]])
        mei = next(each for each in sent if each.person is cast.people["mei"])
        invitations.decline(mei, actor=cast.mei)
        cast.people["rita"].language = "zh_Hans_CN"
        for mail in db.session.scalars(select(MailMessage)):
            db.session.delete(mail)
    return event


def write(event: Event, cast: Cast, **more: Any) -> Mailing:
    values = {"subject": "News of {event}", "text": TEXT, "standing": ["confirmed"], **more}
    with unit_of_work():
        return services.write(event, actor=values.pop("actor", cast.olaf), **values)


def approve(mailing: Mailing, cast: Cast, actor: str = "ada") -> None:
    with unit_of_work():
        services.approve(mailing, actor=cast.accounts[actor], version=mailing.version)


def send(mailing: Mailing, cast: Cast, **more: Any) -> int:
    digest = more.pop("digest", None) or queries.resolve(mailing.event, mailing.audience).digest
    with unit_of_work():
        return services.send(mailing, actor=cast.olaf, digest=digest, **more)


def mails(event: Event) -> list[MailMessage]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(MailMessage).where(MailMessage.scope == event.ref).order_by(MailMessage.id)))


def names(event: Event, **audience: Any) -> tuple[list[str], list[tuple[str, str]]]:
    found = queries.resolve(event, audience)
    return [each.person.name for each in found.receivers], [(each.name, str(why)) for each, why in found.left_out]


# --- placeholders -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{nmae}", "{nmae}"), ("{name.email}", "{name.email}"), ("{name!r}", "{name!r}"), ("{name:>9}", "{name:>9}"),
        ("{0}", "{0}"), ("{}", "{}"), ("{{ name }}", "{ name }"), ("{__class__}", "{__class__}"), ("{ name }", "{ name }"),
        ("{name[0]}", "{name[0]}"), ("{NAME}", "{NAME}"), ("{名字}", "{名字}"), ("{name|a|b}", "{name|a|b}"),
        ("{event.secret|x}", "{event.secret|x}"), ("{%x%}", "{%x%}"),
    ],
)  # fmt: skip
def test_an_unknown_placeholder_is_named_beside_its_field(cast: Cast, text: str, named: str) -> None:
    event = make_open_event()
    with pytest.raises(BadPlaceholder, match="There is no placeholder") as refusal:
        write(event, cast, text=f"Dear {text}")
    assert named in str(refusal.value.sentence)
    assert refusal.value.field == "text"
    assert db.session.scalar(select(func.count(Mailing.id))) == 0


@pytest.mark.parametrize("text", ["{name", "name}", "}{", "a { b", "{{name}}"])
def test_a_brace_alone_is_refused(text: str) -> None:
    with pytest.raises(BadPlaceholder):
        check(text, "subject")


def test_values_are_put_in_once_and_stay_what_they_are() -> None:
    values = {"name": "{code} {event|x} {{7*7}} %(name)s", "event": "<script>alert(1)</script>", "place": None}
    filled = fill("{name} / {event} / {place|to be told} / {department} / {name}", values)
    assert filled.text == (
        "{code} {event|x} {{7*7}} %(name)s / <script>alert(1)</script> / to be told / your department / "
        "{code} {event|x} {{7*7}} %(name)s"
    )
    assert filled.missing == {"place", "department"}
    assert fill("{name}", {"name": "Petra\r\nBcc: evil@hufu.example\u202e"}).text == "Petra Bcc: evil@hufu.example"


def test_a_subject_made_of_values_adds_no_line_and_no_header(cast: Cast, gathering: Event) -> None:
    with unit_of_work():
        cast.people["petra"].name = "Petra\r\nBcc: evil@hufu.example"
        gathering.title = "مرحبا <script>alert(1)</script>"
    mailing = write(gathering, cast, subject="{name}: {event}", text="{event}")
    approve(mailing, cast)
    send(mailing, cast)
    mail = next(each for each in mails(gathering) if each.to_address == "petra@hufu.example")
    assert mail.subject == "Petra Bcc: evil@hufu.example: مرحبا <script>alert(1)</script>"
    assert mail.text.startswith("مرحبا <script>alert(1)</script>\n")
    assert mail.html is None


# --- the audience -------------------------------------------------------------------------------------------------


def test_everybody_meant_is_in_once_or_left_out_with_the_reason(cast: Cast, gathering: Event) -> None:
    with unit_of_work():
        cast.people["xaver"].email = None
        cast.people["sven"].left_on = gathering.starts_on - timedelta(days=1)
    assert names(gathering, standing=["confirmed"]) == (["Petra Lindqvist", "Rita Sommer"], [])
    assert names(gathering, standing=["waiting"]) == ([], [("Xaver Huber", "no_address")])
    assert names(gathering, standing=["silent"]) == (["Tom Okafor"], [])
    assert names(gathering, standing=["declined"]) == (["Mei Zhao"], [])
    assert names(gathering, standing=["maybe"]) == ([], [])
    assert names(gathering, standing=["invited"]) == (["Mei Zhao", "Tom Okafor"], [])
    assert names(gathering, standing=["confirmed", "invited"], people=[cast.people[n].ref for n in ("petra", "sven")]) == (
        ["Mei Zhao", "Petra Lindqvist", "Rita Sommer", "Tom Okafor"], [("Sven Lund", "left")]
    )  # fmt: skip
    works = cast.people["petra"].department
    assert works is not None
    assert names(gathering, departments=[works.ref]) == (
        ["Mei Zhao", "Petra Lindqvist"], [("Xaver Huber", "no_address")]
    )  # fmt: skip


def test_who_has_not_come_in_yet_is_told_from_who_has(cast: Cast, gathering: Event) -> None:
    mine = find_own(gathering, cast.people["petra"])
    assert mine is not None
    morning = datetime.combine(gathering.starts_on, time(1), UTC)
    with clock.at(morning), unit_of_work():
        door.check_in_by_name(gathering, mine, actor=cast.olaf)
    assert names(gathering, standing=["not_here"]) == (["Rita Sommer"], [])


# --- approving and sending ----------------------------------------------------------------------------------------


def test_each_reads_it_in_their_language_and_receives_it_once(cast: Cast, gathering: Event) -> None:
    mailing = write(gathering, cast, subject_local="{event}的消息", text_local="{name}：{place}")
    with pytest.raises(MailingRefused, match="not approved"):
        send(mailing, cast)
    approve(mailing, cast)
    assert send(mailing, cast) == 2
    petra, rita = mails(gathering)
    assert (petra.to_address, petra.subject) == ("petra@hufu.example", "News of Annual gathering")
    assert petra.text.startswith("Dear Petra Lindqvist,\n\nAnnual gathering: ")
    assert ", Foshan.\n" in petra.text
    assert f"/events/{gathering.ref}/registration/mine" in petra.text
    assert (rita.subject, rita.language) == ("年度大会的消息", "zh_Hans_CN")
    assert rita.text.startswith("Rita Sommer：")
    assert {each.bundle for each in (petra, rita)} == {mailing.ref}
    assert (mailing.state, [each["name"] for each in mailing.sent_to]) == ("sent", ["Petra Lindqvist", "Rita Sommer"])
    with pytest.raises(MailingRefused, match="not approved"):
        send(mailing, cast)
    with pytest.raises(MailingRefused, match="sent or dropped already"), unit_of_work():
        services.drop(mailing, actor=cast.olaf)
    assert len(mails(gathering)) == 2


def test_a_second_organizer_approves_and_the_writer_only_when_alone(cast: Cast, gathering: Event) -> None:
    mailing = write(gathering, cast)
    with unit_of_work():
        accounts.grant_role(cast.sara, Role.ORGANIZER, actor=cast.ada)
    with pytest.raises(MailingRefused, match="wrote this yourself"):
        approve(mailing, cast, "olaf")
    with pytest.raises(Forbidden):
        approve(mailing, cast, "petra")
    approve(mailing, cast, "sara")
    assert (mailing.state, mailing.approved_by_name) == ("approved", "Sara Novák")
    with unit_of_work():
        services.change(
            mailing, actor=cast.sara, version=mailing.version, subject="Other", text=TEXT, standing=["confirmed"]
        )
    assert (mailing.state, mailing.approved_by_name, mailing.by_name) == ("draft", None, "Sara Novák")
    with pytest.raises(MailingRefused, match="wrote this yourself"):
        approve(mailing, cast, "sara")
    with unit_of_work():
        cast.sara.disabled_at = clock.now()
    own = write(gathering, cast)
    approve(own, cast, "olaf")
    last = db.session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert last is not None
    assert (last.action, last.details["alone"]) == ("mailing.approved", True)


def test_what_is_approved_is_what_was_read(cast: Cast, gathering: Event) -> None:
    mailing = write(gathering, cast)
    with unit_of_work():
        services.change(mailing, actor=cast.olaf, version=1, subject="Other", text=TEXT, standing=["confirmed"])
    with pytest.raises(Stale), unit_of_work():
        services.approve(mailing, actor=cast.ada, version=1)
    assert mailing.state == "draft"


def test_receivers_who_changed_since_the_look_are_looked_at_again(cast: Cast, gathering: Event) -> None:
    mailing = write(gathering, cast)
    approve(mailing, cast)
    seen = queries.resolve(gathering, mailing.audience).digest
    with unit_of_work():
        cast.people["rita"].email = None
    with pytest.raises(MailingRefused, match="have changed since you looked"):
        send(mailing, cast, digest=seen)
    assert mails(gathering) == []


def test_a_mailing_lies_in_the_outbox_until_its_time_and_can_be_taken_back_whole(cast: Cast, gathering: Event) -> None:
    mailing = write(gathering, cast)
    approve(mailing, cast)
    with pytest.raises(MailingRefused, match="passed already"):
        send(mailing, cast, at=clock.now())
    at = clock.now() + timedelta(days=2)
    send(mailing, cast, at=at)
    assert {each.due_at for each in mails(gathering)} == {at}
    jobs.run_now("deliver_mail")
    assert {each.state for each in mails(gathering)} == {MailState.QUEUED}
    with unit_of_work():
        assert services.take_back(mailing, actor=cast.olaf) == 2
    assert mailing.state == "cancelled"
    with clock.at(at + timedelta(hours=1)):
        jobs.run_now("deliver_mail")
    assert {each.state for each in mails(gathering)} == {MailState.CANCELLED}
    with pytest.raises(MailingRefused, match="was not sent"), unit_of_work():
        services.take_back(mailing, actor=cast.olaf)


def test_what_has_left_stays_and_the_rest_is_taken_back(cast: Cast, gathering: Event) -> None:
    mailing = write(gathering, cast)
    approve(mailing, cast)
    send(mailing, cast)
    first, second = mails(gathering)
    with unit_of_work():
        first.state, second.state = MailState.SENT, MailState.FAILED
    with pytest.raises(MailingRefused, match="left already"), unit_of_work():
        services.take_back(mailing, actor=cast.olaf)
    with unit_of_work():
        assert services.send_failed_again(mailing, actor=cast.olaf) == 1
    assert [each.state for each in mails(gathering)] == [MailState.SENT, MailState.QUEUED]
    with unit_of_work():
        assert services.take_back(mailing, actor=cast.olaf) == 1
    assert mailing.state == "sent"
    with pytest.raises(Refused, match="No mail of this has failed"), unit_of_work():
        services.send_failed_again(mailing, actor=cast.olaf)


def test_a_test_goes_to_oneself_alone(cast: Cast, gathering: Event) -> None:
    mailing = write(gathering, cast)
    with unit_of_work():
        services.send_test(mailing, actor=cast.olaf)
    (mail,) = mails(gathering)
    assert (mail.to_address, mail.subject) == ("olaf@hufu.example", "Test: News of Annual gathering")
    assert "Dear Olaf Brandt," in mail.text
    assert mailing.state == "draft"


def test_nothing_is_sent_to_nobody_of_a_draft_or_without_words(cast: Cast, gathering: Event) -> None:
    for more, sentence in (
        ({"standing": []}, "Choose for whom"),
        ({"standing": ["everybody"]}, "not offered any more"),
        ({"text_local": "只有正文"}, "both the subject and the text in Chinese"),
    ):
        with pytest.raises(MailingRefused, match=sentence):
            write(gathering, cast, **more)
    with pytest.raises(Forbidden):
        write(gathering, cast, actor=cast.petra)
    nobody = write(gathering, cast, standing=["maybe"])
    approve(nobody, cast)
    with pytest.raises(MailingRefused, match="Nobody would receive this"):
        send(nobody, cast)
    mailing = write(gathering, cast)
    approve(mailing, cast)
    with unit_of_work():
        gathering.status = Status.DRAFT
    with pytest.raises(MailingRefused, match="Publish the event first"):
        send(mailing, cast)
    assert mails(gathering) == []


def test_pasted_people_are_found_or_their_line_is_named(cast: Cast) -> None:
    found = services.people_of_lines(["Petra Lindqvist", "", "tom@hufu.example", "petra@hufu.example"])
    assert found == [cast.people["petra"], cast.people["tom"]]
    with pytest.raises(MailingRefused, match="nobody like “Somebody Else”") as refusal:
        services.people_of_lines(["Somebody Else"])
    assert refusal.value.field == "people"


def test_mails_of_a_rehearsal_are_held(cast: Cast, gathering: Event) -> None:
    mailing = write(gathering, cast)
    approve(mailing, cast)
    with unit_of_work():
        hold_back(gathering.ref)
    send(mailing, cast)
    assert {each.state for each in mails(gathering)} == {MailState.HELD}


def test_a_confirmation_leaves_before_the_mails_of_a_mailing(cast: Cast, gathering: Event) -> None:
    mailing = write(gathering, cast)
    approve(mailing, cast)
    send(mailing, cast)
    with clock.at(clock.now() + timedelta(seconds=5)):
        with unit_of_work():
            mine = find_own(gathering, cast.people["xaver"])
            assert mine is not None
            tell_promoted(mine, gathering)
        (chosen,) = claim(1, deliverable=True)
    assert db.session.get_one(MailMessage, chosen).kind == "registration_promoted"


def test_five_thousand_receivers_cost_as_many_statements_as_two(cast: Cast, count_statements) -> None:
    said = {}
    for number in (2, 5000):
        event = make_open_event()
        make_crowd(event, number)
        with unit_of_work():
            db.session.execute(
                update(Person).where(Person.email.is_(None)).values(email=Person.name_key.concat("@hufu.example"))
            )
        mailing = write(event, cast)
        approve(mailing, cast)
        digest = queries.resolve(event, mailing.audience).digest
        db.session.rollback()
        with count_statements() as statements, unit_of_work():
            assert services.send(mailing, actor=cast.olaf, digest=digest) == number
        said[number] = len(statements)
    assert said[2] == said[5000] <= 20
