"""What can be done with requests to come: approve, refuse, hand on to the organizers."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.approvals import policy, queries
from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import SYSTEM, Actor
from app.registration import asking, leaving, places, services, telling
from app.registration.errors import AlreadyDecided, LinkEnded
from app.registration.links import LinkHolder
from app.registration.models import Approval, ApprovalState, State
from app.registration.queries import find_plan, list_chosen_sessions


@dataclass(frozen=True)
class Decided:
    """What became of one of several requests: decided, or why not."""

    approval: Approval
    refusal: Refused | None = None


def decide(
    approval: Approval, *, actor: Actor, approves: bool, comment: str | None = None, version: int | None = None
) -> Approval:
    """Approve or refuse; whoever comes second is told who was first, and has no effect.

    Where no place is left the person waits in line, or without a waiting list NoPlaceLeft is raised and it stays open.
    """
    require(policy.may_decide(actor, approval))
    return _decide(approval, actor=actor, approves=approves, comment=comment, version=version, means="page")


def decide_many(
    approvals: Sequence[Approval], *, actor: Actor, approves: bool, comment: str | None = None
) -> list[Decided]:
    """Each in the order given; what cannot be decided is left open, with the reason, and the rest goes on."""
    if not approvals:
        raise Refused(_("Please choose at least one person."))
    for each in approvals:
        require(policy.may_decide(actor, each))
    return [_try(each, actor=actor, approves=approves, comment=comment) for each in approvals]


def _try(approval: Approval, *, actor: Actor, approves: bool, comment: str | None) -> Decided:
    try:
        _decide(approval, actor=actor, approves=approves, comment=comment, version=None, means="page")
    except Refused as refusal:
        return Decided(approval, refusal)
    return Decided(approval)


def decide_by_link(token: str, *, approves: bool, comment: str | None = None) -> Approval:
    """In the name of the approver; the link alone proves it, and opens nothing else."""
    approval = queries.find_by_token(token)
    if approval is None or approval.approver is None:
        raise LinkEnded(_("This link has ended. Sign in, or ask the organizer."))
    actor = LinkHolder(approval.approver)
    return _decide(approval, actor=actor, approves=approves, comment=comment, version=None, means="link")


def _decide(
    approval: Approval, *, actor: Actor, approves: bool, comment: str | None, version: int | None, means: str
) -> Approval:
    now = clock.now()
    registration, event = approval.registration, approval.event
    counters = places.lock(event)
    db.session.refresh(approval)
    db.session.refresh(registration)
    _check_open(approval)
    if event.has_ended_at(now):
        raise Refused(_("The event is over."))
    said = ApprovalState.APPROVED if approves else ApprovalState.REFUSED
    if approves:
        plan = find_plan(event)
        places.confirm(registration, counters, may_wait=plan is not None and plan.has_waiting_list, now=now)
        promoted = []
    else:
        registration.withdraw_reason = comment
        promoted = places.release(registration, counters, now=now, state=State.REFUSED)
        services.give_up_part(event, registration.person, stays=True)
    registration.version += 1
    edit(
        approval, version=version, state=said, comment=comment, decided_at=now, decided_by_id=actor.id,
        decided_by_name=actor.name,
    )  # fmt: skip
    audit.record(
        actor, f"registration.{said}", registration, scope=event, reason=comment, means=means,
        state=str(registration.state),
    )  # fmt: skip
    if approves:
        telling.tell_registered(registration, event, list_chosen_sessions(registration))
    else:
        leaving.tell_left([registration], actor)
        telling.tell_refused(registration, event, comment)
    services.welcome(promoted, event, actor)
    return approval


def _check_open(approval: Approval) -> None:
    name = approval.registration.person.display_name
    who = approval.decided_by_name or ""
    if approval.state == ApprovalState.APPROVED:
        raise AlreadyDecided(_("%(who)s has approved the request of %(name)s already.", who=who, name=name))
    if approval.state == ApprovalState.REFUSED:
        raise AlreadyDecided(_("%(who)s has refused the request of %(name)s already.", who=who, name=name))
    if approval.state == ApprovalState.LAPSED or approval.registration.state != State.PENDING:
        raise AlreadyDecided(_("The request of %(name)s need not be decided any more.", name=name))


def hand_on(approval: Approval) -> Approval | None:
    """What a manager has not decided in time is asked of the organizers; None where it was decided meanwhile."""
    now = clock.now()
    registration, event = approval.registration, approval.event
    places.lock(event)
    db.session.refresh(approval)
    db.session.refresh(registration)
    late = approval.due_at is not None and approval.due_at <= now
    if approval.state != ApprovalState.OPEN or registration.state != State.PENDING or not late:
        return None
    asking.lapse(registration)
    db.session.flush()
    asked = asking.put(registration, event, None, due_at=None)
    audit.record(SYSTEM, "registration.approval_handed_on", registration, scope=event)
    return asked
