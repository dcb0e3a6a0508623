"""Live notes: taken once each, put right, made records of, and compiled in order into the minutes."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.decisions.models import Decision
from app.minutes import services as minutes_services
from app.minutes.errors import NothingWritten
from app.minutes.marked import list_marked
from app.notes import queries, services
from app.notes.errors import IsRecorded, NothingNoted, NotOfThisSession, WasRemoved
from app.notes.models import Note, NoteKind
from app.people.models import Clearance
from app.programme.models import Session
from tests.cast import Cast
from tests.factories import make_event, make_item, make_session
from tests.factories.minutes import make_draft


def sitting(cast: Cast) -> Session:
    with unit_of_work():
        session = make_session(make_event())
        session.chair = cast.people["li_wei"]
        return session


def note(session: Session, cast: Cast, typed: str, entry: str = "e1", **values: Any) -> Note:
    with unit_of_work():
        return services.take_note(session, actor=cast.sara, typed=typed, entry=entry, **values)


def refused(kind: type[Exception], act: Callable[[], Any]) -> None:
    def stored() -> list[Any]:
        return [(each.text, each.kind, each.removed_at) for each in db.session.query(Note).order_by(Note.id)]

    before = stored()
    with pytest.raises(kind), unit_of_work():
        act()
    assert stored() == before


def test_a_line_that_comes_twice_is_kept_once_and_says_when_it_was_typed(cast: Cast) -> None:
    session = sitting(cast)
    typed_at = clock.now() - timedelta(minutes=20)
    first = note(session, cast, "The pump stood still.", noted_at=typed_at)
    assert note(session, cast, "The pump stood still.", noted_at=typed_at) == first
    assert (first.noted_at, first.by_name, first.kind) == (typed_at, cast.sara.name, NoteKind.NOTE)
    wrong = note(session, cast, "A clock ahead.", "e2", noted_at=clock.now() + timedelta(days=3))
    assert wrong.noted_at <= clock.now()
    assert [each.text for each in queries.list_notes(session)] == ["The pump stood still.", "A clock ahead."]


def test_a_marked_decision_is_recorded_and_its_words_change_with_the_line(cast: Cast) -> None:
    session = sitting(cast)
    made = note(session, cast, "决定：预算不变。", clearance=Clearance.RESTRICTED)
    assert made.decision is not None
    assert (made.decision.text, made.decision.clearance, made.decision.number) == (
        "预算不变。",
        Clearance.RESTRICTED,
        1,
    )
    with unit_of_work():
        services.change_note(made, actor=cast.sara, typed="!d 预算照旧。")
    assert (made.text, made.decision.text) == ("预算照旧。", "预算照旧。")
    refused(IsRecorded, lambda: services.change_note(made, actor=cast.sara, typed="no decision"))
    with unit_of_work():
        services.remove_note(made, actor=cast.sara)
        services.remove_note(made, actor=cast.sara)
    assert (queries.list_notes(session), db.session.query(Decision).count()) == ([], 1)
    refused(WasRemoved, lambda: services.change_note(made, actor=cast.sara, typed="!d x"))
    with unit_of_work():
        services.put_note_back(made, actor=cast.sara)
    assert queries.list_notes(session) == [made]


def test_an_action_knows_its_person_and_day_and_is_handed_out_once(cast: Cast) -> None:
    session = sitting(cast)
    due = clock.today() + timedelta(days=60)
    petra = cast.people["petra"]
    made = note(session, cast, f"!action @{petra.name} {due.isoformat()} Send the figures to all.")
    assert (made.person, made.due_on, made.text) == (petra, due, "Send the figures to all.")
    assert queries.is_open_action(made)
    given = dict(
        responsible=petra,
        verifier=cast.people["sven"],
        deliverable="The figures",
        criteria="All have them.",
        due_on=due,
    )
    with unit_of_work():
        assignment = services.hand_out(made, actor=cast.sara, **given)
    assert (assignment.responsible, made.assignment, made.decision.text) == (petra, assignment, made.text)
    assert not queries.is_open_action(made)
    refused(IsRecorded, lambda: services.hand_out(made, actor=cast.sara, **given))
    nobody = note(session, cast, "!action @Somebody Unknown does it", "e2")
    assert (nobody.person, nobody.text) == (None, "@Somebody Unknown does it")


def test_guard_only_those_who_record_take_notes_and_none_is_empty(cast: Cast) -> None:
    session = sitting(cast)
    made = note(session, cast, "Kept.")
    foreign = make_item(make_event())
    for name in ("petra", "li_wei", "aude", "sven", "dora"):
        actor = getattr(cast, name)
        refused(Forbidden, lambda actor=actor: services.take_note(session, actor=actor, typed="x", entry="e9"))
        refused(Forbidden, lambda actor=actor: services.change_note(made, actor=actor, typed="x"))
        refused(Forbidden, lambda actor=actor: services.remove_note(made, actor=actor))
    refused(NothingNoted, lambda: services.take_note(session, actor=cast.sara, typed="!decision  ", entry="e9"))
    refused(NotOfThisSession, lambda: services.take_note(session, actor=cast.sara, typed="x", entry="e9", item=foreign))
    refused(Refused, lambda: services.take_note(session, actor=cast.sara, typed=" ", entry="e9"))


def test_notes_are_compiled_in_the_order_of_business_each_level_for_itself(cast: Cast) -> None:
    session = sitting(cast)
    with unit_of_work():
        first = make_item(session.event, session=session, title="The year", position=1)
        second = make_item(session.event, session=session, title="The plan", position=2)
        minutes = make_draft(cast, session=session, text="## Opening\n\nIt began.")
    note(session, cast, "Said of the plan.", "e1", item=second)
    note(session, cast, "Said of *the year*.", "e2", item=first)
    note(session, cast, "!d The plan stands.", "e3", item=second)
    note(session, cast, "Between us.", "e4", item=second, clearance=Clearance.SECRET)
    note(session, cast, "!a Send it.", "e5")
    gone = note(session, cast, "Not this.", "e6")
    with unit_of_work():
        services.remove_note(gone, actor=cast.sara)
    assert queries.count_pending(session, minutes.ref) == 5
    with unit_of_work():
        assert minutes_services.compile_notes(minutes, actor=cast.sara) == 5
    opening, course, secret = minutes.newest.sections
    decision = db.session.query(Decision).one()
    assert course.source == (
        "### The year\n\n- Said of \\*the year\\*.\n\n### The plan\n\n- Said of the plan.\n"
        f"- {{{{decision {decision.ref}}}}}\n\n- !action Send it."
    )
    assert (secret.source, secret.clearance) == ("### The plan\n\n- Between us.", Clearance.SECRET)
    assert opening.source == "It began."
    assert queries.count_pending(session, minutes.ref) == 0
    with pytest.raises(NothingWritten), unit_of_work():
        minutes_services.compile_notes(minutes, actor=cast.sara)
    note(session, cast, "One more.", "e7")
    told = note(session, cast, "!d Told already.", "e8")
    with unit_of_work():
        source = f"{opening.source}\n\n{{{{decision {told.decision.ref}}}}}"
        minutes_services.write_section(opening, actor=cast.sara, source=source)
        assert minutes_services.compile_notes(minutes, actor=cast.sara) == 2
    assert course.source.endswith("- !action Send it.\n\n- One more.")  # and no decision twice
    assert len(minutes.newest.sections) == 3


def test_what_is_marked_in_a_text_becomes_a_record_in_its_place(cast: Cast) -> None:
    session = sitting(cast)
    petra = cast.people["petra"]
    text = f"Said.\n\n1. !decision The plan stands.\n- 任务：@{petra.name} 2099年3月1日 Send it.\n\nEnd."
    with unit_of_work():
        minutes = make_draft(cast, session=session, text=text)
    section = minutes.newest.sections[0]
    decided, action = list_marked(section.source)
    assert [each.kind for each in (decided, action)] == [NoteKind.DECISION, NoteKind.ACTION]
    with unit_of_work():
        minutes_services.record_decision(section, actor=cast.sara, key=decided.key)
        assignment = minutes_services.hand_out_marked(
            section, actor=cast.sara, key=action.key, text="Send it.", responsible=petra,
            verifier=cast.people["sven"], deliverable="It", criteria="It came.", due_on=date(2099, 3, 1),
        )  # fmt: skip
    stands = db.session.query(Decision).order_by(Decision.number).first()
    assert (stands.text, stands.clearance) == ("The plan stands.", section.clearance)
    assert section.source == f"Said.\n\n1. {{{{decision {stands.ref}}}}}\n- {{{{assignment {assignment.ref}}}}}\n\nEnd."
    with pytest.raises(Refused), unit_of_work():
        minutes_services.record_decision(section, actor=cast.sara, key=decided.key)
    assert db.session.query(Decision).count() == 2


def test_the_log_holds_no_word_of_a_note(cast: Cast) -> None:
    session = sitting(cast)
    made = note(session, cast, "!d hidden-words", clearance=Clearance.SECRET)
    with unit_of_work():
        services.change_note(made, actor=cast.sara, typed="!d hidden-other", clearance=Clearance.SECRET)
    assert [each for each in db.session.query(AuditEntry) if "hidden" in f"{each.subject_label}{each.details}"] == []
