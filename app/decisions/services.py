"""Recording what a session decided, putting it right, taking it back, and giving it to somebody to do; and what was
announced."""

from datetime import date, datetime
from typing import Any

from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import Refused, require
from app.core.i18n import _, force_locale
from app.core.roles import Actor
from app.core.text import one_line
from app.decisions import policy, queries
from app.decisions.errors import (
    NotCarried,
    NothingDecided,
    NotOfThisSession,
    VotesDoNotFit,
    WasHandedOut,
    WasWithdrawn,
)
from app.decisions.models import Announcement, Decision, Means
from app.events.policy import usual_clearance
from app.people.models import Clearance, Person
from app.programme.models import AgendaItem, Session
from app.requirements import services as requirements
from app.requirements.models import Assignment, Requirement
from app.speeches.holding import hold

HEADING = 120
MOST_VOTES = 1_000_000


def record_decision(
    session: Session,
    *,
    actor: Actor,
    text: str,
    text_local: str | None = None,
    item: AgendaItem | None = None,
    mover: Person | None = None,
    mover_name: str | None = None,
    means: Means | str = Means.CONSENSUS,
    is_carried: bool = True,
    votes_for: int | None = None,
    votes_against: int | None = None,
    abstained: int | None = None,
    clearance: int | None = None,
    decided_at: datetime | None = None,
) -> Decision:
    """Note what the session decided, in its own words, with the next number of the session.

    Without `clearance` it is classified as everything of the gathering is. `mover_name` is for somebody who is not in the
    directory, and is kept as it stood then.
    """
    require(policy.may_record(actor, session.event))
    hold(session)  # numbers are given one after another
    values = _fitting(
        session, text=text, text_local=text_local, item=item, mover=mover, mover_name=mover_name, means=means,
        is_carried=is_carried, votes_for=votes_for, votes_against=votes_against, abstained=abstained,
        clearance=usual_clearance(session.event) if clearance is None else clearance,
    )  # fmt: skip
    decision = Decision(
        event=session.event, session=session, number=queries.next_number(session),
        decided_at=decided_at or clock.now(), **values,
    )  # fmt: skip
    db.session.add(decision)
    db.session.flush()
    audit.record(actor, "decision.recorded", decision, number=decision.number, clearance=int(decision.clearance))
    return decision


def change_decision(decision: Decision, *, actor: Actor, version: int | None = None, **values: Any) -> Decision:
    """Put a record right; takes what `record_decision` takes. Words by which somebody works already stay."""
    require(policy.may_record(actor, decision.event))
    hold(decision)
    _refuse_withdrawn(decision)
    given = {name: values.get(name, getattr(decision, name)) for name in (*RECORDED, "mover_name")}
    if "mover" in values and "mover_name" not in values:
        given["mover_name"] = None
    fresh = _fitting(decision.session, **given)
    if decision.requirement is not None:
        _keep_words(decision, fresh)
    if "decided_at" in values:
        fresh["decided_at"] = values["decided_at"] or decision.decided_at
    changes = edit(decision, version=version, **fresh)
    if changes:
        audit.record(actor, "decision.changed", decision, fields=sorted(changes), clearance=int(decision.clearance))
    return decision


RECORDED = (
    "text", "text_local", "item", "mover", "means", "is_carried", "votes_for", "votes_against", "abstained", "clearance",
)  # fmt: skip


def _keep_words(decision: Decision, fresh: dict[str, Any]) -> None:
    same = (fresh["text"], fresh["text_local"]) == (decision.text, decision.text_local)
    if not same or not fresh["is_carried"]:
        raise WasHandedOut(
            _("This decision was handed out already. Withdraw it and record another one instead."), field="text"
        )
    if fresh["clearance"] > decision.clearance and _is_open(decision.clearance, decision.session):
        raise WasHandedOut(
            _("These words stand among the requirements since the decision was handed out, where many read them."),
            field="clearance",
        )


def withdraw_decision(decision: Decision, *, actor: Actor, reason: str, version: int | None = None) -> Decision:
    """Say that it does not hold. Number and words stay; the minutes do not tell it."""
    require(policy.may_record(actor, decision.event))
    hold(decision)
    _refuse_withdrawn(decision)
    if not reason.strip():
        raise Refused(_("Please say why."), field="reason")
    edit(decision, version=version, withdrawn_at=clock.now(), withdrawn_reason=reason.strip())
    audit.record(actor, "decision.withdrawn", decision, number=decision.number)
    return decision


def hand_out(
    decision: Decision,
    *,
    actor: Actor,
    responsible: Person,
    verifier: Person,
    deliverable: str,
    criteria: str,
    due_on: date,
) -> Assignment:
    """Give it, or a part of it, to one person to do. It becomes a requirement of the chair's with its first assignment.

    Requirements are read by everybody who may see the gathering: of a decision that is classified higher than that, nothing
    but that there is one stands there, and `deliverable` is what the person is told.
    """
    require(policy.may_record(actor, decision.event))
    hold(decision.session)
    hold(decision)
    _refuse_withdrawn(decision)
    if not decision.is_carried:
        raise NotCarried(_("This motion was lost, so there is nothing to hand out."))
    if decision.requirement is None:
        edit(decision, version=None, requirement=_requirement_of(decision, actor))
    assert decision.requirement is not None
    assignment = requirements.hand_out_decided(
        decision.requirement, actor=actor, responsible=responsible, verifier=verifier, deliverable=deliverable,
        criteria=criteria, due_on=due_on,
    )  # fmt: skip
    audit.record(actor, "decision.handed_out", decision, assignment=assignment)
    return assignment


def _requirement_of(decision: Decision, actor: Actor) -> Requirement:
    session = decision.session
    words: dict[str, Any]
    if _is_open(decision.clearance, session):
        words = {
            "heading": _shortened(decision.text), "words": decision.text,
            "heading_local": _shortened(decision.text_local) if decision.text_local else None,
            "words_local": decision.text_local,
        }  # fmt: skip
    else:
        words = {"heading": _unnamed("en"), "heading_local": _unnamed("zh_Hans_CN")}
    return requirements.add_decided(session, actor=actor, speech=queries.find_speech(session), **words)


def _is_open(clearance: int, session: Session) -> bool:
    """Whether whoever may see the gathering may read it."""
    return clearance <= usual_clearance(session.event)


def _unnamed(language: str) -> str:
    with force_locale(language):
        return _("A decision of the session")


def _shortened(words: str) -> str:
    line = one_line(words)
    return line if len(line) <= HEADING else line[: HEADING - 1].rstrip() + "…"


def _refuse_withdrawn(decision: Decision) -> None:
    if decision.withdrawn_at is not None:
        raise WasWithdrawn(_("This decision was withdrawn. It stays as it was."))


def _fitting(
    session: Session, *, text: str, text_local: str | None, item: AgendaItem | None, mover: Person | None,
    mover_name: str | None, means: Means | str, is_carried: bool, votes_for: int | None, votes_against: int | None,
    abstained: int | None, clearance: int,
) -> dict[str, Any]:  # fmt: skip
    """The values of a decision, once they fit each other."""
    if not text.strip():
        raise NothingDecided(_("Write down what was decided."), field="text")
    _belongs(session, item)
    means = Means(means)
    _votes_fit(means, is_carried, votes_for, votes_against, abstained)
    return {
        "text": text.strip(),
        "text_local": (text_local or "").strip() or None,
        "item": item,
        "mover": mover,
        "mover_name": (mover_name or "").strip()[:200] or (mover.name if mover else None),
        "means": means,
        "is_carried": is_carried,
        "votes_for": votes_for,
        "votes_against": votes_against,
        "abstained": abstained,
        "clearance": int(Clearance(clearance)),
    }


def _votes_fit(
    means: Means, is_carried: bool, votes_for: int | None, votes_against: int | None, abstained: int | None
) -> None:
    counts = {"votes_for": votes_for, "votes_against": votes_against, "abstained": abstained}
    for field, count in counts.items():
        if count is None:
            continue
        if not 0 <= count <= MOST_VOTES:
            raise VotesDoNotFit(_("A number of votes is zero or more."), field=field)
        if means != Means.VOTE:
            raise VotesDoNotFit(_("There are numbers only where a vote was taken."), field=field)
    if is_carried and (votes_for or 0) < (votes_against or 0):
        raise VotesDoNotFit(
            _("More were against it than for it. Say that the motion was lost, or mend the numbers."), field="votes_for"
        )


def _belongs(session: Session, item: AgendaItem | None) -> None:
    if item is not None and (item.event_id != session.event_id or item.session_id not in (None, session.id)):
        raise NotOfThisSession(_("This agenda item belongs to another session."), field="item_ref")


# --- announcements ------------------------------------------------------------------------------------------------


def announce(
    session: Session,
    *,
    actor: Actor,
    text: str,
    text_local: str | None = None,
    item: AgendaItem | None = None,
    by: Person | None = None,
    by_name: str | None = None,
    clearance: int | None = None,
    announced_at: datetime | None = None,
) -> Announcement:
    """Note what was made known in the session. Takes persons and classification as `record_decision` does."""
    require(policy.may_record(actor, session.event))
    values = _announced(
        session, text=text, text_local=text_local, item=item, by=by, by_name=by_name,
        clearance=usual_clearance(session.event) if clearance is None else clearance,
    )  # fmt: skip
    said = Announcement(event=session.event, session=session, announced_at=announced_at or clock.now(), **values)
    db.session.add(said)
    db.session.flush()
    audit.record(actor, "announcement.recorded", said, clearance=said.clearance)
    return said


def change_announcement(
    said: Announcement, *, actor: Actor, text: str, text_local: str | None = None, by: Person | None = None,
    by_name: str | None = None, clearance: int | None = None, version: int | None = None,
) -> Announcement:  # fmt: skip
    require(policy.may_record(actor, said.event))
    hold(said)
    if said.withdrawn_at is not None:
        raise WasWithdrawn(_("This announcement was taken back."))
    values = _announced(
        said.session, text=text, text_local=text_local, item=said.item, by=by, by_name=by_name,
        clearance=said.clearance if clearance is None else clearance,
    )  # fmt: skip
    changes = edit(said, version=version, **values)
    if changes:
        audit.record(actor, "announcement.changed", said, fields=sorted(changes), clearance=said.clearance)
    return said


def take_back_announcement(said: Announcement, *, actor: Actor) -> None:
    """Say that it was recorded by mistake. Doing it twice changes nothing."""
    require(policy.may_record(actor, said.event))
    hold(said)
    if said.withdrawn_at is None:
        edit(said, version=None, withdrawn_at=clock.now())
        audit.record(actor, "announcement.taken_back", said)


def _announced(
    session: Session, *, text: str, text_local: str | None, item: AgendaItem | None, by: Person | None,
    by_name: str | None, clearance: int,
) -> dict[str, Any]:  # fmt: skip
    if not text.strip():
        raise NothingDecided(_("Write down what was announced."), field="text")
    _belongs(session, item)
    return {
        "text": text.strip(),
        "text_local": (text_local or "").strip() or None,
        "item": item,
        "by": by,
        "by_name": (by_name or "").strip()[:200] or (by.name if by else None),
        "clearance": int(Clearance(clearance)),
    }
