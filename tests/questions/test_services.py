"""Building, answering, places of options, and changes after the deadline."""

import io
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, true

from app.assistants import services as assistants
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused, Stale
from app.core.roles import SYSTEM
from app.mail.models import MailMessage
from app.questions import queries, services
from app.questions.errors import Decided, FormChanged, NotAnswered, OptionFull, Problem, TooLate
from app.questions.models import AnswerFile, AnswerSheet, ChangeRequest
from app.registration import places
from app.registration import services as registrations
from app.registration.models import PlaceCounter, Registration, State
from tests.cast import Cast
from tests.factories.questions import ask, publish
from tests.factories.registration import make_open_event, make_people, register

DINNER = ask("dinner", "choice", choices=[("vegan", 1), "meat"])
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\nIDATx\x9cc\x00\x01\x00\x00\x05\x00\x01\r\n-\xb4\x00\x00\x00\x00IEND\xaeB`\x82"
)


def enrol(event: Any, person: Any, actor: Any = SYSTEM, **values: Any) -> Registration:
    with unit_of_work():
        return services.register(event, person, actor=actor, values=values)


def taken(event: Any, option: str) -> tuple[int | None, int]:
    counter = db.session.scalars(
        select(PlaceCounter)
        .where(PlaceCounter.event_id == event.id, PlaceCounter.option == option)
        .execution_options(populate_existing=True)
    ).one()
    return counter.capacity, counter.taken


def test_answers_and_place_are_one_unit_of_work(cast: Cast) -> None:
    event = make_open_event(capacity=5)
    publish(event, ask("comes", "yes_no", required=True), DINNER)
    with pytest.raises(NotAnswered, match=r"Please answer this\.") as refused, unit_of_work():
        services.register(event, cast.people["petra"], actor=cast.petra, values={"dinner": "vegan"})
    assert refused.value.field == "q_comes"
    assert db.session.scalar(select(func.count(Registration.id))) == 0
    mine = enrol(event, cast.people["petra"], cast.petra, comes="yes", dinner="vegan")
    assert mine.state == State.CONFIRMED
    sheet = queries.sheet_of(mine)
    assert sheet is not None
    assert (sheet.form.number, sheet.values) == (1, {"comes": True, "dinner": "vegan"})
    assert taken(event, "dinner/vegan") == (1, 1)
    assert places.reconcile(event) == []


def test_a_full_option_is_refused_beside_its_question_and_nobody_is_half_registered(cast: Cast) -> None:
    event = make_open_event(capacity=5)
    publish(event, DINNER)
    enrol(event, cast.people["tom"], dinner="vegan")
    with pytest.raises(OptionFull, match="“Vegan” is full") as refused, unit_of_work():
        services.register(event, cast.people["petra"], actor=cast.petra, values={"dinner": "vegan"})
    assert refused.value.field == "q_dinner"
    assert [each.person_id for each in db.session.scalars(select(Registration))] == [cast.people["tom"].id]
    assert taken(event, "dinner/vegan") == (1, 1)
    enrol(event, cast.people["petra"], dinner="meat")


def test_another_answer_moves_the_place_of_its_option(cast: Cast) -> None:
    event = make_open_event(capacity=5)
    publish(event, ask("dinner", "choice", choices=[("vegan", 1), ("meat", 2)]))
    mine = enrol(event, cast.people["petra"], dinner="vegan")
    other = enrol(event, cast.people["tom"], dinner="meat")
    with pytest.raises(OptionFull), unit_of_work():
        services.answer(other, actor=cast.tom, values={"dinner": "vegan"})
    assert (taken(event, "dinner/vegan"), taken(event, "dinner/meat")) == ((1, 1), (2, 1))
    with unit_of_work():
        services.answer(mine, actor=cast.petra, values={"dinner": "meat"})
    assert (taken(event, "dinner/vegan"), taken(event, "dinner/meat")) == ((1, 0), (2, 2))
    with unit_of_work():
        services.answer(other, actor=cast.tom, values={"dinner": "vegan"})
    with unit_of_work():
        registrations.withdraw(other, actor=cast.tom)
    assert (taken(event, "dinner/vegan"), taken(event, "dinner/meat")) == ((1, 0), (2, 1))
    assert places.reconcile(event) == []


def test_a_limit_that_comes_later_counts_those_who_chose_before(cast: Cast) -> None:
    event = make_open_event(capacity=9)
    publish(event, ask("dinner", "choice", choices=["vegan", "meat"]))
    for person in make_people(3):
        enrol(event, person, dinner="vegan")
    with pytest.raises(Refused, match="With a reason"):
        publish(event, DINNER)
    assert queries.find_published(event).number == 1  # type: ignore[union-attr]
    with unit_of_work():
        services.replace_schema(event, {"sections": [{"key": "all", "title": "", "questions": [DINNER]}]}, actor=SYSTEM)
        services.publish(event, actor=SYSTEM, reason="The kitchen is small")
    assert taken(event, "dinner/vegan") == (1, 3)
    assert places.reconcile(event) == []
    with pytest.raises(OptionFull):
        enrol(event, cast.people["tom"], dinner="vegan")


def test_old_answers_keep_their_questions_and_new_ones_are_open(cast: Cast) -> None:
    event = make_open_event(capacity=5)
    publish(event, ask("tie", "choice", choices=["red", "blue"]), ask("terms", "consent", terms="One."))
    mine = enrol(event, cast.people["petra"], tie="red", terms=True)
    second = publish(
        event, ask("terms", "consent", terms="Another."), ask("bus", "yes_no"),
        ask("stop", show_if={"question": "bus", "is": "=", "value": True}),
    )  # fmt: skip
    assert [each.get("terms_version") for each in second.schema["sections"][0]["questions"]] == [2, None, None]
    asked = queries.asked_of(mine)
    assert asked is not None
    assert [each["key"] for each in asked.open] == ["bus"]  # a changed text that need not be agreed to is not urged
    assert asked.sheet is not None
    assert asked.sheet.form.number == 1
    answers = queries.list_answers(event, queries.AnswerView(), sees=lambda _question: True)
    assert [each["key"] for each in answers.columns] == ["terms", "bus", "stop", "tie"]
    assert answers.page.rows[0].cells == {"terms": "Agreed to version 1", "bus": "", "stop": "", "tie": "Red"}


def test_a_form_that_changed_meanwhile_is_refused(cast: Cast) -> None:
    event = make_open_event(capacity=5)
    publish(event, ask("a"))
    publish(event, ask("b"))
    with pytest.raises(FormChanged, match="The questions changed"), unit_of_work():
        services.register(event, cast.people["petra"], actor=cast.petra, values={"a": "x"}, form_number=1)
    assert db.session.scalar(select(func.count(Registration.id))) == 0


def test_the_log_tells_before_and_after_but_never_what_somebody_cannot_eat(cast: Cast) -> None:
    event = make_open_event(capacity=5)
    publish(event, ask("shirt"), ask("eats", "diet"))
    mine = enrol(event, cast.people["petra"], shirt="M", eats={"choices": ["nuts"], "text": "severe"})
    with unit_of_work():
        services.answer(mine, actor=cast.petra, values={"shirt": "L", "eats": {"choices": [], "text": ""}})
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "answers.given").order_by(AuditEntry.seq.desc())
    ).first()
    assert entry is not None
    assert entry.details == {"form": 1, "changed": {"shirt": ["M", "L"]}, "changed_unseen": ["eats"]}
    assert "severe" not in "".join(str(each.details) for each in db.session.scalars(select(AuditEntry)))


def test_who_comes_back_is_asked_anew(cast: Cast) -> None:
    event = make_open_event(capacity=5)
    publish(event, ask("shirt"))
    mine = enrol(event, cast.people["petra"], shirt="M")
    with unit_of_work():
        registrations.withdraw(mine, actor=cast.petra)
    with clock.at(clock.now() + timedelta(minutes=1)):
        again = register(event, cast.people["petra"])
        assert queries.sheet_of(again) is None
        assert [each["key"] for each in queries.asked_of(again).open] == ["shirt"]  # type: ignore[union-attr]
        with unit_of_work():
            services.answer(again, actor=cast.petra, values={"shirt": "L"})
        assert queries.sheet_of(again).values == {"shirt": "L"}  # type: ignore[union-attr]


def test_only_the_person_and_the_organizer_answer(cast: Cast) -> None:
    event = make_open_event(capacity=5)
    publish(event, ask("shirt"))
    mine = enrol(event, cast.people["petra"])
    for actor in (cast.tom, cast.aude, cast.dora, cast.sara):
        with pytest.raises(Forbidden), unit_of_work():
            services.answer(mine, actor=actor, values={"shirt": "S"})
        with pytest.raises(Forbidden), unit_of_work():
            services.publish(event, actor=actor)
    with unit_of_work():
        services.answer(mine, actor=cast.olaf, values={"shirt": "S"})


def test_somebody_who_left_cannot_be_named_and_stays_named_where_they_were(cast: Cast) -> None:
    event = make_open_event(capacity=5)
    publish(event, ask("host", "person"), ask("shirt"))
    tom = cast.people["tom"]
    mine = enrol(event, cast.people["petra"], host=tom.ref)
    with unit_of_work():
        tom.left_on = clock.today() - timedelta(days=1)
    with unit_of_work():
        services.answer(mine, actor=cast.petra, values={"host": tom.ref, "shirt": "M"})
    with pytest.raises(NotAnswered, match="Please choose a person of the list"):
        enrol(event, cast.people["mei"], host=tom.ref)
    with pytest.raises(NotAnswered, match="Please choose a person of the list"):
        enrol(event, cast.people["mei"], host="0" * 16)


def test_a_file_is_kept_checked_and_replaced(cast: Cast) -> None:
    event = make_open_event(capacity=5)
    publish(event, ask("picture", "photo"), ask("paper", "file"))
    for key, content, name, sentence in [
        ("picture", b"%PDF-1.7", "me.pdf", "This has to be one of: JPG, JPEG, PNG."),
        ("picture", b"MZ not a picture", "me.png", "This picture cannot be read."),
        ("paper", b"MZ not a paper", "plan.pdf", "The content of this file is not what its name says."),
        ("paper", b"MZ", "setup.exe", "Files of this type are not taken."),
        ("paper", b"", "plan.pdf", "This file is empty."),
        ("paper", b"%PDF-" + b"0" * (10 * 1024 * 1024), "plan.pdf", "This file is larger than 10 MB."),
    ]:
        with pytest.raises(NotAnswered) as refused, unit_of_work():
            services.register(event, cast.people["petra"], actor=cast.petra, uploads={key: (io.BytesIO(content), name)})
        assert (refused.value.field, sentence in str(refused.value.sentence)) == (f"q_{key}", True)
    with unit_of_work():
        mine = services.register(
            event, cast.people["petra"], actor=cast.petra, uploads={"picture": (io.BytesIO(PNG), "me.png")}
        )
    first = queries.sheet_of(mine).values["picture"]  # type: ignore[union-attr]
    with unit_of_work():
        services.answer(
            mine, actor=cast.petra, values={"picture": first}, uploads={"paper": (io.BytesIO(b"%PDF-1"), "a.pdf")}
        )
    with unit_of_work():
        services.answer(mine, actor=cast.petra, values={}, uploads={"picture": (io.BytesIO(PNG), "new.png")})
    names = [each.file.name for each in db.session.scalars(select(AnswerFile))]
    assert names == ["new.png"]
    other = enrol(event, cast.people["tom"])
    with pytest.raises(NotAnswered, match="not here any more"), unit_of_work():
        services.answer(other, actor=cast.tom, values={"picture": queries.sheet_of(mine).values["picture"]})  # type: ignore[union-attr]


# --- after the deadline


def late_event(cast: Cast) -> tuple[Any, Registration, Registration]:
    event = make_open_event(capacity=5)
    publish(event, ask("dinner", "choice", choices=[("vegan", 1), ("meat", 2)]), ask("shirt"))
    mine = enrol(event, cast.people["petra"], dinner="meat", shirt="M")
    other = enrol(event, cast.people["tom"], dinner="vegan")
    with unit_of_work():
        plan = registrations.queries.find_plan(event)
        assert plan is not None
        plan.changes_until = clock.now() - timedelta(hours=1)
    return event, mine, other


def wish(registration: Registration, actor: Any, **values: Any) -> ChangeRequest:
    with unit_of_work():
        return services.ask_change(registration, actor=actor, values=values, reason="My doctor says so")


def test_after_the_deadline_a_change_is_asked_for_and_accepted_once(cast: Cast) -> None:
    event, mine, other = late_event(cast)
    with pytest.raises(TooLate), unit_of_work():
        services.answer(mine, actor=cast.petra, values={"shirt": "L"})
    asked = wish(mine, cast.petra, dinner="vegan", shirt="M")
    assert asked.wanted == {"dinner": ["meat", "vegan"]}
    with pytest.raises(Refused, match="You have asked for a change already"):
        wish(mine, cast.petra, dinner="vegan")
    with pytest.raises(OptionFull), unit_of_work():
        services.accept_change(asked, actor=cast.olaf)
    assert (asked.state, queries.sheet_of(mine).values["dinner"]) == ("open", "meat")  # type: ignore[union-attr]
    with unit_of_work():
        services.answer(other, actor=cast.olaf, values={"dinner": "meat"})
    version = asked.version
    with unit_of_work():
        services.accept_change(asked, actor=cast.olaf, comment="Of course", version=version)
    assert queries.sheet_of(mine).values == {"dinner": "vegan", "shirt": "M"}  # type: ignore[union-attr]
    assert (taken(event, "dinner/vegan"), taken(event, "dinner/meat")) == ((1, 1), (2, 1))
    for act in (services.accept_change, services.refuse_change):
        with pytest.raises(Decided), unit_of_work():
            act(asked, actor=cast.olaf, comment="No", version=version)
    mails = db.session.scalars(select(MailMessage).where(MailMessage.kind == "answers_change_accepted")).all()
    assert len(mails) == 1


def test_a_refused_change_leaves_everything_and_says_why(cast: Cast) -> None:
    event, mine, _other = late_event(cast)
    asked = wish(mine, cast.petra, dinner="meat", shirt="XXL")
    with pytest.raises(Refused, match="Please say why"), unit_of_work():
        services.refuse_change(asked, actor=cast.olaf, comment=None)
    with pytest.raises(Forbidden), unit_of_work():
        services.refuse_change(asked, actor=cast.petra, comment="No")
    with unit_of_work():
        services.refuse_change(asked, actor=cast.olaf, comment="The shirts are printed")
    assert (asked.state, asked.decided_by_name) == ("refused", cast.olaf.name)
    assert queries.sheet_of(mine).values["shirt"] == "M"  # type: ignore[union-attr]
    mail = db.session.scalars(
        select(MailMessage).where(MailMessage.scope == event.ref).order_by(MailMessage.id.desc())
    ).first()
    assert mail is not None
    assert "The shirts are printed" in mail.text


def test_a_stale_decision_changes_nothing(cast: Cast) -> None:
    _event, mine, _other = late_event(cast)
    asked = wish(mine, cast.petra, shirt="L", dinner="meat")
    with pytest.raises(Stale), unit_of_work():
        services.accept_change(asked, actor=cast.olaf, version=asked.version + 1)
    assert queries.sheet_of(mine).values["shirt"] == "M"  # type: ignore[union-attr]
    with unit_of_work():
        services.take_change_back(asked, actor=cast.petra)
    with pytest.raises(Decided), unit_of_work():
        services.accept_change(asked, actor=cast.olaf)


def test_the_first_answers_are_taken_after_the_deadline_too(cast: Cast) -> None:
    event, _mine, _other = late_event(cast)
    new = register(event, cast.people["mei"])
    with unit_of_work():
        services.answer(new, actor=cast.mei, values={"shirt": "S"})
    assert db.session.scalar(select(func.count(AnswerSheet.id))) == 3


# --- building


def test_questions_are_added_moved_and_removed_while_the_form_holds_together(cast: Cast) -> None:
    event = make_open_event()
    with unit_of_work():
        first = services.add_question(event, "", {"kind": "yes_no", "label": "Do you come by bus?"}, actor=cast.olaf)
        section = services.add_section(event, actor=cast.olaf, title="Travel", title_local="交通")
        stop = {"kind": "text", "label": "Which stop?", "show_if": {"question": first, "is": "=", "value": True}}
        second = services.add_question(event, section, stop, actor=cast.olaf)
    form = queries.find_form(event)
    assert form is not None
    assert [each["key"] for each in form.schema["sections"]] == ["section_1", "section_2"]
    assert (first, second) == ("question_1", "question_2")
    for act in (
        lambda: services.remove_question(event, first, actor=cast.olaf),
        lambda: services.move_section(event, "section_1", actor=cast.olaf, up=False),
        lambda: services.remove_section(event, "section_1", actor=cast.olaf),
    ):
        with pytest.raises(Problem), unit_of_work():
            act()
    with unit_of_work():
        services.move_question(event, second, actor=cast.olaf, up=True)
    assert [len(each["questions"]) for each in queries.find_form(event).schema["sections"]] == [2, 0]  # type: ignore[union-attr]
    with pytest.raises(Problem, match="has to stand after it"), unit_of_work():
        services.move_question(event, second, actor=cast.olaf, up=True)
    with pytest.raises(Stale), unit_of_work():
        services.change_question(event, first, "", {"kind": "text", "label": "?"}, actor=cast.olaf, version=1)
    empty = make_open_event()
    with pytest.raises(Refused, match="There is no question yet"), unit_of_work():
        services.publish(empty, actor=cast.olaf)


def test_an_assistant_answers_and_the_log_reads_a_for_b(cast: Cast) -> None:
    event = make_open_event(capacity=5)
    publish(event, ask("shirt"))
    mine = enrol(event, cast.people["petra"])
    with pytest.raises(Forbidden), unit_of_work():
        services.answer(mine, actor=cast.rita, values={"shirt": "S"})
    with unit_of_work():
        assistants.name_assistant(cast.people["petra"], cast.people["rita"], actor=cast.petra, from_on=None, to_on=None)
    with unit_of_work():
        services.answer(mine, actor=cast.rita, values={"shirt": "S"})
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "answers.given").order_by(AuditEntry.seq.desc())
    ).first()
    assert entry is not None
    assert (entry.actor_name, entry.on_behalf_of) == ("Rita Sommer", "Petra Lindqvist")


def test_home_tells_what_is_open_and_what_is_to_be_decided(cast: Cast) -> None:
    event = make_open_event(capacity=5)
    publish(event, ask("shirt"), ask("hat"))
    mine = register(event, cast.people["petra"])
    now = clock.now()
    assert [(each.ref, number) for each, number in queries.list_unanswered(cast.people["petra"], now)] == [
        (event.ref, 2)
    ]
    with unit_of_work():
        services.answer(mine, actor=cast.petra, values={"shirt": "S"})
    assert queries.list_unanswered(cast.people["petra"], now) == []
    publish(event, ask("shirt"), ask("hat"), ask("shoes"))
    assert [number for _event, number in queries.list_unanswered(cast.people["petra"], now)] == [1]
    assert queries.count_wanted(true()) == []
    wish(mine, cast.petra, shirt="L")
    assert [(each.ref, number) for each, number in queries.count_wanted(true())] == [(event.ref, 1)]
