"""Two people decide about one thing at the same moment: one is first, the other is told."""

import threading
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Refused
from app.extensions import services as extensions
from app.extensions.models import Extension
from app.negotiations import services as negotiations
from app.negotiations.models import CounterProposal
from app.requirements import services as requirements
from app.requirements.models import Assignment
from tests.cast import load
from tests.factories.requirements import in_days, make_assignment


def together(app: Flask, *acts: Any) -> list[str]:
    """Begin at once, each with a connection of its own: the sentences with which some were refused."""
    start, said, troubles = threading.Barrier(len(acts)), [], []

    def run(act: Any) -> None:
        with app.app_context():
            try:
                cast = load()
                start.wait(20)
                with unit_of_work():
                    act(cast)
            except Refused as refusal:
                said.append(str(refusal))
            except BaseException as trouble:
                troubles.append(trouble)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert troubles == []
    return said


def test_one_grants_and_one_refuses_at_once(either_app: Flask) -> None:
    with either_app.app_context():
        with unit_of_work():
            cast = load()
            assignment = make_assignment(cast, "accepted")
            asked = extensions.ask(assignment, actor=cast.petra, new_due_on=in_days(40), reason="x")
        ids = assignment.id, asked.id
        db.session.remove()
    said = together(
        either_app,
        lambda cast: extensions.grant(db.session.get_one(Extension, ids[1]), actor=cast.sven),
        lambda cast: extensions.refuse(db.session.get_one(Extension, ids[1]), actor=cast.li_wei, reason="No."),
    )
    assert len(said) == 1
    with either_app.app_context():
        asked, assignment = db.session.get_one(Extension, ids[1]), db.session.get_one(Assignment, ids[0])
        assert said == [f"{asked.decided_by_name} has decided this already. Look at what holds now."]
        assert assignment.due_on == (in_days(40) if asked.state == "granted" else in_days(30))
        rows = db.session.scalars(
            select(AuditEntry.action).where(AuditEntry.action.like("assignment.extension_%"))
        ).all()
        assert sorted(rows) == sorted(["assignment.extension_asked", f"assignment.extension_{asked.state}"])
        db.session.remove()


def test_one_agrees_while_the_leader_decides(either_app: Flask) -> None:
    with either_app.app_context():
        with unit_of_work():
            cast = load()
            assignment = make_assignment(cast, "assigned")
            terms = {**negotiations.terms_of(assignment), "deliverable": "Three"}
            made = negotiations.propose_otherwise(assignment, actor=cast.petra, **terms)
        ids = assignment.id, made.id
        db.session.remove()
    said = together(
        either_app,
        lambda cast: negotiations.agree(db.session.get_one(CounterProposal, ids[1]), actor=cast.sven),
        lambda cast: negotiations.decide(
            db.session.get_one(Assignment, ids[0]), actor=cast.li_wei, **{**terms, "deliverable": "Four"}
        ),
    )
    assert len(said) == 1
    with either_app.app_context():
        made, assignment = db.session.get_one(CounterProposal, ids[1]), db.session.get_one(Assignment, ids[0])
        assert (made.state, assignment.state, assignment.deliverable) in (
            ("agreed", "accepted", "Three"),
            ("decided", "assigned", "Four"),
        )
        db.session.remove()


def test_one_accepts_while_it_is_given_to_somebody_else(either_app: Flask) -> None:
    """Whoever comes second finds it as the first has left it: Rita has to accept it anew in either case."""
    with either_app.app_context():
        with unit_of_work():
            assignment_id = make_assignment(load(), "assigned").id
        db.session.remove()

    def accept(cast: Any) -> None:
        try:
            requirements.accept(db.session.get_one(Assignment, assignment_id), actor=cast.petra)
        except Exception as refusal:
            raise Refused(type(refusal).__name__) from refusal

    said = together(
        either_app,
        accept,
        lambda cast: requirements.transfer(
            db.session.get_one(Assignment, assignment_id), actor=cast.sven, to=cast.people["rita"], reason="x"
        ),
    )
    assert said in ([], ["Forbidden"])
    with either_app.app_context():
        assignment = db.session.get_one(Assignment, assignment_id)
        assert (assignment.state, assignment.responsible.name) == ("assigned", "Rita Sommer")
        assert (assignment.accepted_at is None) is bool(said)
        db.session.remove()
