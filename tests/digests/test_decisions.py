"""Who is asked when something waits for a decision: whoever has the ball, and nobody else; and the mail as it arrives."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import select

from app.cascades import services as cascades
from app.core import clock, jobs
from app.core.db import db, unit_of_work
from app.extensions import services as extensions
from app.mail.models import MailMessage
from app.negotiations import queries as negotiating
from app.negotiations import services as negotiations
from app.people.models import Department
from app.requirements import services as requirements
from app.requirements.models import Assignment
from tests.cast import Cast
from tests.digests.test_round import PETRA, local, make, names, run, text_of
from tests.mail.test_delivery import Sink, free_port, settings

SVEN, LI_WEI, TOM, MEI = "Sven Lund", "Li Wei", "Tom Okafor", "Mei Zhao"


def counter(assignment: Assignment, actor, day: int, due: int) -> None:
    with clock.at(local(day, 15)), unit_of_work():
        negotiations.propose_otherwise(
            assignment, actor=actor, deliverable="Three plans", criteria="Three plans", due_on=date(2027, 3, due)
        )


def test_of_a_negotiation_the_side_that_has_to_answer_is_asked_and_at_its_end_the_leader_too(cast: Cast) -> None:
    assignment = make(cast, "assigned", due_on=date(2027, 9, 15))
    assert names(local(2)) == [PETRA]
    counter(assignment, cast.petra, 2, 25)
    assert names(local(3)) == [SVEN, TOM]  # Tom verifies it: for him it is news
    assert "Petra Lindqvist proposes something else. Please answer." in text_of(SVEN)
    assert "Please" not in text_of(TOM)
    counter(assignment, cast.sven, 3, 26)
    assert PETRA in (told := names(local(4)))
    assert (SVEN in told, LI_WEI in told) == (False, False)
    assert "Sven Lund proposes something else. Please answer." in text_of(PETRA)
    counter(assignment, cast.petra, 4, 29)
    assert {SVEN, LI_WEI} <= set(told := names(local(5)))
    assert PETRA not in told
    assert "Petra Lindqvist proposes something else. Please answer." in text_of(SVEN)
    assert "nobody may propose any more. Please say what holds." in text_of(LI_WEI)
    with clock.at(local(5, 15)), unit_of_work():
        negotiations.agree(negotiating.find_open(assignment), actor=cast.sven)
    assert SVEN not in (told := names(local(8)))
    assert LI_WEI not in told


def test_more_time_that_is_asked_for_is_the_supervisors_to_decide(cast: Cast) -> None:
    assignment = make(cast, due_on=date(2027, 9, 15))
    run(local(2))
    with clock.at(local(2, 15)), unit_of_work():
        extensions.ask(assignment, actor=cast.petra, new_due_on=date(2027, 10, 15), reason="It takes longer.")
    assert SVEN in (told := names(local(3)))
    assert LI_WEI not in told
    assert PETRA not in told
    assert "Petra Lindqvist asks to have until" in text_of(SVEN)
    assert "Please grant or refuse it." in text_of(SVEN)
    assert names(local(4)) == []  # asked once; until something is new there is no other mail
    with clock.at(local(4, 15)), unit_of_work():
        extensions.grant(extensions.queries.find_open(assignment), actor=cast.sven)
    run(local(5))
    assert "Please grant" not in text_of(PETRA)


def test_what_is_verified_waits_for_supervisor_and_leader_and_what_came_back_for_the_supervisor(cast: Cast) -> None:
    make(cast, "verified")
    returned = make(cast, "assigned")
    with clock.at(local(1, 15)), unit_of_work():
        requirements.hand_back(returned, actor=cast.petra, reason="Not mine.")
    assert {SVEN, LI_WEI} <= set(names(local(2)))
    assert "Verified by Tom Okafor. Please close it." in text_of(SVEN)
    assert "Petra Lindqvist handed it back. Please hand it over anew, or cancel it." in text_of(SVEN)
    assert "Please close it." in text_of(LI_WEI)
    assert "handed it back. Please" not in text_of(LI_WEI)
    late = local(31) + timedelta(days=7)  # long after both dates: neither is late with anybody
    assert (SVEN in (told := names(late)), PETRA in told) == (False, False)


def test_the_head_who_handed_on_a_part_decides_about_it(cast: Cast) -> None:
    with unit_of_work():
        db.session.scalar(select(Department).where(Department.code == "WRK")).head = cast.people["mei"]
    meis = make(cast, "assigned", responsible=cast.people["mei"], due_on=date(2027, 9, 15))
    with clock.at(local(1, 10)), unit_of_work():
        requirements.accept(meis, actor=cast.mei)
        [part] = cascades.hand_on(
            meis, [cast.people["petra"]], actor=cast.mei, deliverable="One plan", criteria="One plan",
            due_on=date(2027, 8, 15),
        )  # fmt: skip
    run(local(2))
    counter(part, cast.petra, 2, 25)
    assert MEI in (told := names(local(3)))
    assert SVEN not in told
    assert "Petra Lindqvist proposes something else. Please answer." in text_of(MEI)


def test_nobody_decides_about_their_own_nor_about_a_gathering_that_they_may_not_open(cast: Cast) -> None:
    own = make(cast, "assigned", responsible=cast.people["sven"], due_on=date(2027, 9, 15))
    hidden = make(cast, "assigned", due_on=date(2027, 9, 15))
    counter(own, cast.sven, 1, 25)
    counter(hidden, cast.petra, 1, 25)
    with unit_of_work():
        hidden.event.audience = "restricted"
    assert SVEN not in names(local(2))
    with unit_of_work():
        hidden.event.audience = "internal"
    assert SVEN in names(local(3))
    assert text_of(SVEN).count("proposes something else. Please answer.") == 1


# --- as it arrives ------------------------------------------------------------------------------------------------


@pytest.fixture
def sink() -> Iterator[Sink]:
    found = Sink(port=free_port())
    server = Controller(found, hostname="127.0.0.1", port=found.port, enable_SMTPUTF8=False)
    server.start()
    yield found
    server.stop()


def test_the_mail_of_a_day_arrives_once_in_the_language_of_its_reader(app: Flask, cast: Cast, sink: Sink) -> None:
    settings(app, smtp_url=f"smtp://127.0.0.1:{sink.port}")
    with unit_of_work():
        cast.petra.language = "zh_Hans_CN"
    late = make(cast)
    asked = make(cast, "assigned", due_on=date(2027, 9, 15))
    before = set(db.session.scalars(select(MailMessage.id)))
    for minute in (0, 1, 2):
        with clock.at(local(18, 9, minute)):
            jobs.run_now("send_digests")
            jobs.run_now("deliver_mail")
            db.session.rollback()
            db.session.expire_all()
    arrived = [each for each in sink.mails() if each["To"].endswith("<petra@hufu.example>")]
    [got] = [each for each in arrived if "/my/mail" in each.get_content()]
    text = got.get_content()
    assert got["Subject"] == "有 2 件事项待您办理"
    assert "最紧急" in text
    assert "已逾期 1 天" in text
    for each in (late, asked):
        assert text.count(f"/assignments/{each.ref}\n") + text.count(f"/assignments/{each.ref}\r\n") == 1
    assert "Please" not in text
    digests = select(MailMessage).where(MailMessage.kind == "digest", MailMessage.to_address == "petra@hufu.example")
    [kept] = [each for each in db.session.scalars(digests) if each.id not in before]
    assert got["Message-ID"] == kept.message_id
