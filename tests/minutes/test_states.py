"""Every act in every state of minutes: allowed, or refused and nothing changed. And the numbers, two at a time."""

import threading
from collections.abc import Callable
from datetime import timedelta

from flask import Flask

from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.mail.models import MailMessage
from app.minutes import checks, services
from app.minutes.models import Minutes, ReviewComment
from tests.cast import Cast, load
from tests.factories import make_event, make_session
from tests.factories.minutes import let_all_stand, make_draft, make_in_review

TEXT = "## Opening\n\nThe pump ran."
STATES = (
    "draft", "in review", "approved", "published", "amendment", "amendment in review", "amendment approved", "withdrawn",
    "withdrawn in review",
)  # fmt: skip
# What may be done where; everywhere else it is refused.
ALLOWED = {
    "write": "draft, in review, amendment, amendment in review",
    "write a section": "draft, in review, amendment, amendment in review",
    "draft again": "draft, in review, amendment, amendment in review",
    "send to review": "draft, amendment",
    "ask further reviewers": "",  # while those who were asked have time
    "agree as a reviewer": "in review, amendment in review",
    "comment": "in review, amendment in review",
    "take over a wording": "draft, in review, amendment, amendment in review",
    "decline a comment": "draft, in review, amendment, amendment in review",
    "send back": "in review, amendment in review",
    "object to a finding": "draft, in review, amendment, amendment in review",
    "sign off": "in review, amendment in review",
    "publish": "approved, amendment approved",
    "confirm reading": "published, amendment, amendment in review, amendment approved",
    "amend": "approved, published, amendment approved",
    "put before a session": "in review, approved, published, amendment, amendment in review, amendment approved",
    "withdraw": "draft, in review, approved, published, amendment, amendment in review, amendment approved",
}


class Undo(Exception):
    """Takes back what an act has done, so that the next one finds the state as it was."""


def put(cast: Cast, state: str) -> Minutes:
    """Minutes in that state, by the acts, each with an open comment and a finding that may stand."""
    minutes = make_draft(cast, text=TEXT)
    steps: dict[str, Callable[[], object]] = {
        "draft": lambda: let_all_stand(cast, minutes),
        "in review": lambda: review(cast, minutes),
        "approved": lambda: services.approve(minutes, actor=cast.li_wei),
        "published": lambda: services.publish(minutes, actor=cast.sara, people=[cast.people["rita"]]),
        "amendment": lambda: (
            services.amend(minutes, actor=cast.sara, change_note="A name."),
            let_all_stand(cast, minutes),
        ),
        "amendment in review": lambda: review(cast, minutes),
        "amendment approved": lambda: services.approve(minutes, actor=cast.li_wei),
    }
    if state.startswith("withdrawn"):
        for name in ("in review",) if state.endswith("review") else ("in review", "approved", "published"):
            steps[name]()
        services.withdraw(minutes, actor=cast.sara, reason="A name was wrong.")
    else:
        for name, step in steps.items():
            step()
            if name == state:
                break
    section = minutes.newest.sections[0]
    said = ReviewComment(
        minutes=minutes,
        by_name="Mei Zhao",
        text="",
        section_origin=section.origin,
        quoted="The pump ran.",
        proposed="It stood.",
    )
    db.session.add(said)
    if minutes.newest.frozen_at is None and not state.startswith("withdrawn"):
        let_all_stand(cast, minutes)
    return minutes


def review(cast: Cast, minutes: Minutes) -> None:
    services.send_to_review(
        minutes, actor=cast.sara, reviewers=[cast.people["petra"]], due_on=minutes.event.day_at(clock.now())
    )
    let_all_stand(cast, minutes)


def acts(cast: Cast, minutes: Minutes) -> dict[str, Callable[[], object]]:
    newest = minutes.newest
    section = newest.sections[0]
    said = db.session.query(ReviewComment).filter_by(minutes_id=minutes.id).one()
    later_event = make_event(starts_on=minutes.event.starts_on + timedelta(days=30))
    mei, sara = cast.people["mei"], cast.sara
    due_on = minutes.event.day_at(clock.now())
    return {
        "write": lambda: services.write(minutes, actor=sara, text="Other words."),
        "write a section": lambda: services.write_section(section, actor=sara, source="Other words."),
        "draft again": lambda: services.redraft(minutes, actor=sara),
        "send to review": lambda: services.send_to_review(minutes, actor=sara),
        "ask further reviewers": lambda: services.ask_again(minutes, actor=sara, reviewers=[mei], due_on=due_on),
        "agree as a reviewer": lambda: services.answer(minutes, actor=cast.petra, agrees=True),
        "comment": lambda: services.comment(minutes, actor=cast.sven, text="Fifty minutes."),
        "take over a wording": lambda: services.accept(said, actor=sara),
        "decline a comment": lambda: services.decline(said, actor=sara, reason="It ran."),
        "send back": lambda: services.send_back(minutes, actor=cast.li_wei, reason="Once more."),
        "object to a finding": lambda: services.object_again(checks.overrides(newest)[0], actor=sara),
        "sign off": lambda: services.approve(minutes, actor=cast.li_wei),
        "publish": lambda: services.publish(minutes, actor=sara, people=[cast.people["rita"]]),
        "confirm reading": lambda: services.acknowledge(minutes, actor=cast.rita),
        "amend": lambda: services.amend(minutes, actor=sara, change_note="Another name."),
        "put before a session": lambda: services.propose_adoption(minutes, make_session(later_event), actor=cast.olaf),
        "withdraw": lambda: services.withdraw(minutes, actor=sara, reason="A name was wrong."),
    }


def told(minutes: Minutes) -> list[object]:
    db.session.expire_all()
    return [
        (minutes.state, minutes.year, minutes.number, minutes.current_id, minutes.withdrawn_reason, minutes.version),
        [
            (each.number, each.whole, each.frozen_at, each.stage, each.writers, each.version)
            for each in minutes.versions
        ],
        [[one.closed_at for one in each.rounds] for each in minutes.versions],
        [(each.state, each.answer) for each in db.session.query(ReviewComment).order_by(ReviewComment.id)],
        [each.key for version in minutes.versions for each in checks.overrides(version)],
        db.session.query(MailMessage).count(),
        db.session.query(AuditEntry).count(),
    ]


def test_every_act_is_allowed_where_it_may_be_and_refused_everywhere_else_with_nothing_changed(cast: Cast) -> None:
    done: dict[str, list[str]] = {name: [] for name in ALLOWED}
    sentences: set[str] = set()
    for state in STATES:
        with unit_of_work():
            minutes = put(cast, state)
        before = told(minutes)
        for name in ALLOWED:
            try:
                with unit_of_work():
                    acts(cast, minutes)[name]()
                    db.session.flush()
                    raise Undo
            except Undo:
                done[name].append(state)
            except Forbidden:
                pass
            except Refused as refusal:
                sentences.add(str(refusal.sentence))
            assert told(minutes) == before, (state, name)
    assert {name: ", ".join(states) for name, states in done.items()} == ALLOWED
    assert [each for each in sentences if not each.endswith(".")] == []


# --- numbers ------------------------------------------------------------------------------------------------------


def test_of_two_who_sign_at_once_one_may_fail_and_leaves_no_gap(either_app: Flask) -> None:
    """One of them takes a number and then loses its work; the other waits, and gets that very number (both databases)."""
    with either_app.app_context():
        with unit_of_work():
            lost, kept = make_in_review(load()).ref, make_in_review(load()).ref
        db.session.remove()
    begun, troubles = threading.Event(), []

    def sign(ref: str, *, fails: bool) -> None:
        with either_app.app_context():
            try:
                if not fails:
                    begun.wait(timeout=20)
                with unit_of_work():
                    services.approve(db.session.query(Minutes).filter_by(ref=ref).one(), actor=load().li_wei)
                    db.session.flush()
                    begun.set()
                    if fails:
                        raise Undo
            except Undo:
                pass
            except Exception as trouble:
                troubles.append(repr(trouble))
            finally:
                db.session.remove()

    threads = [threading.Thread(target=sign, args=(lost,), kwargs={"fails": True})]
    threads += [threading.Thread(target=sign, args=(kept,), kwargs={"fails": False})]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert troubles == []
    with either_app.app_context():
        given = {ref: number for ref, number in db.session.query(Minutes.ref, Minutes.number)}
        assert (given[lost], given[kept]) == (None, 1)
        with unit_of_work():
            services.approve(db.session.query(Minutes).filter_by(ref=lost).one(), actor=load().li_wei)
        assert db.session.query(Minutes.number).filter_by(ref=lost).scalar() == 2
        db.session.remove()
