"""What can be done in a negotiation: propose otherwise, agree, decide."""

from datetime import date
from typing import Any

from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import require
from app.core.i18n import _, ngettext
from app.core.roles import Actor
from app.negotiations import policy, queries
from app.negotiations.errors import BallElsewhere, DateIsNotNegotiable, NothingOtherOffered
from app.negotiations.models import CounterProposal, ProposalState
from app.requirements import policy as requirements
from app.requirements.errors import PartTooLate
from app.requirements.models import Assignment, AssignmentState
from app.requirements.parting import end_pending, on_parting
from app.requirements.services.answering import take_on
from app.requirements.services.handing_over import still_to_come
from app.requirements.services.telling import tell, tell_supervisor
from app.speeches.holding import hold

MOST_ROUNDS = 3  # proposals between two people before somebody agrees or the leader decides
TERMS = ("deliverable", "criteria", "due_on", "resources")


def propose_otherwise(
    assignment: Assignment,
    *,
    actor: Actor,
    deliverable: str,
    criteria: str,
    due_on: date,
    resources: str | None = None,
    words: str | None = None,
    version: int | None = None,
) -> CounterProposal:
    """Offer other words, another date or other resources than what is on the table, and say why in `words`.

    The responsible person begins while it waits for their answer; then whoever did not speak last.
    """
    require(policy.may_take_part(actor, assignment))
    hold(assignment)
    require(policy.may_take_part(actor, assignment))
    before = queries.find_open(assignment)
    by_responsible = requirements.may_answer(actor, assignment)
    _has_the_ball(assignment, before, by_responsible=by_responsible)
    offered = {
        "deliverable": deliverable, "criteria": _lines(criteria), "due_on": due_on, "resources": resources or None,
    }  # fmt: skip
    table = terms_of(before or assignment)
    if offered == {**table, "criteria": _lines(str(table["criteria"]))}:
        raise NothingOtherOffered(
            _("Please offer something else: other words, another date or other resources."), field="deliverable"
        )
    if due_on != table["due_on"]:
        _date_is_negotiable(assignment, due_on)
    _play(assignment, version)
    if by_responsible:
        actor = requirements.in_whose_name(actor, assignment)
    if before is not None:
        _answered(before, ProposalState.ANSWERED, actor, None)
        db.session.flush()  # one open proposal at a time
    made = CounterProposal(
        assignment=assignment, round=len(queries.list_of(assignment)) + 1, by_responsible=by_responsible,
        by_name=actor.name, words=words or None, was=_kept(table), **offered,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    audit.record(
        actor, "assignment.countered", assignment, reason=words or None, round=made.round, fields=made.differing
    )
    if by_responsible:
        tell_supervisor(assignment, "negotiations/mail/countered", proposal=made)
    else:
        tell(assignment.responsible, "negotiations/mail/countered", assignment, proposal=made)
    return made


def agree(proposal: CounterProposal, *, actor: Actor) -> Assignment:
    """Take the other side's proposal: it is accepted with these words and this date, and both texts stay in the record.

    Since nobody had accepted it, the agreed date is its original one.
    """
    assignment = proposal.assignment
    require(policy.may_answer(actor, proposal))
    hold(assignment)
    hold(proposal)
    require(policy.may_answer(actor, proposal))
    _is_open(proposal)
    if proposal.due_on != assignment.due_on:
        _date_is_negotiable(assignment, proposal.due_on)
    if not proposal.by_responsible:
        actor = requirements.in_whose_name(actor, assignment)
    _answered(proposal, ProposalState.AGREED, actor, None)
    changes = _write(assignment, terms_of(proposal), actor)
    take_on(assignment)
    db.session.flush()
    audit.record(actor, "assignment.agreed", assignment, round=proposal.round, **changes)
    if proposal.by_responsible:
        tell(assignment.responsible, "negotiations/mail/agreed", assignment, proposal=proposal)
    else:
        tell_supervisor(assignment, "negotiations/mail/agreed", proposal=proposal)
    return assignment


def decide(
    assignment: Assignment,
    *,
    actor: Actor,
    deliverable: str,
    criteria: str,
    due_on: date,
    resources: str | None = None,
    words: str | None = None,
    version: int | None = None,
) -> Assignment:
    """The leader says what holds. The ball game is over: the responsible person accepts it or hands it back."""
    require(policy.may_decide(actor, assignment))
    hold(assignment)
    require(policy.may_decide(actor, assignment))
    proposal = queries.find_open(assignment)
    if assignment.state != AssignmentState.NEGOTIATING or proposal is None:
        raise BallElsewhere(_("Nothing is being negotiated now."))
    holds = {"deliverable": deliverable, "criteria": _lines(criteria), "due_on": due_on, "resources": resources or None}
    if due_on != assignment.due_on:
        _date_is_negotiable(assignment, due_on)
    _play(assignment, version)
    _answered(proposal, ProposalState.DECIDED, actor, words)
    changes = _write(assignment, holds, actor)
    edit(assignment, version=None, state=AssignmentState.ASSIGNED)
    db.session.flush()
    audit.record(actor, "assignment.decided", assignment, reason=words or None, round=proposal.round, **changes)
    tell(assignment.responsible, "negotiations/mail/decided", assignment, proposal=proposal)
    tell_supervisor(assignment, "negotiations/mail/decided", proposal=proposal)
    return assignment


def terms_of(record: Assignment | CounterProposal) -> dict[str, Any]:
    """What can be negotiated about an assignment, as it stands there or as it was proposed."""
    return {name: getattr(record, name) for name in TERMS}


def is_date_open(assignment: Assignment) -> bool:
    """Whether another date can be agreed: nobody accepted one before, and it was spoken of before it had passed."""
    if assignment.accepted_at is not None:
        return False
    present = queries.list_present(assignment)
    spoken = present[0].created_at if present else clock.now()
    return assignment.event.day_at(spoken) <= assignment.due_on


def may_begin(assignment: Assignment) -> bool:
    """Whether something else can still be proposed to what waits for an answer: not once the leader has decided."""
    decided = any(each.state == ProposalState.DECIDED for each in queries.list_present(assignment))
    return assignment.state == AssignmentState.ASSIGNED and not decided


def rounds_left(assignment: Assignment) -> int:
    return max(0, MOST_ROUNDS - len(queries.list_present(assignment)))


@on_parting
def _end(assignment: Assignment, actor: Actor) -> None:
    """A proposal about what has gone to somebody else, or has ended, waits for nobody."""
    proposal = queries.find_open(assignment)
    if proposal is not None and assignment.state == AssignmentState.NEGOTIATING:
        _answered(proposal, ProposalState.ENDED, actor, None)
        db.session.flush()


def _has_the_ball(assignment: Assignment, before: CounterProposal | None, *, by_responsible: bool) -> None:
    if assignment.state == AssignmentState.ASSIGNED:
        if not by_responsible:
            raise BallElsewhere(_("%(name)s has to answer first.", name=assignment.responsible.display_name))
        if not may_begin(assignment):
            raise BallElsewhere(_("The leader has decided what holds. Accept it, or hand it back."))
        return
    if assignment.state != AssignmentState.NEGOTIATING or before is None:
        raise BallElsewhere(_("This can be negotiated only before it is accepted."))
    if before.by_responsible == by_responsible:
        raise BallElsewhere(_("Your proposal waits for an answer. It is the other side's turn."))
    if not rounds_left(assignment):
        raise BallElsewhere(
            ngettext(
                "One proposal was made. Now one side agrees, or the leader decides.",
                "%(num)s proposals were made. Now one side agrees, or the leader decides.",
                MOST_ROUNDS,
            )
        )


def _date_is_negotiable(assignment: Assignment, due_on: date) -> None:
    if assignment.accepted_at is not None:
        raise DateIsNotNegotiable(
            _("The date was accepted once and stands. Ask for more time instead."), field="due_on"
        )
    if not is_date_open(assignment):
        raise DateIsNotNegotiable(
            _("The date had passed before anybody spoke of it, so it stands. Ask for a day to look at it again."),
            field="due_on",
        )
    still_to_come(assignment.requirement, due_on)
    if assignment.parent is not None and due_on > assignment.parent.due_on:
        raise PartTooLate(_("A part cannot be due later than the whole."), field="due_on")


def _is_open(proposal: CounterProposal) -> None:
    if proposal.state != ProposalState.OPEN:
        by = proposal.answered_by_name
        raise BallElsewhere(
            _("%(name)s has answered this proposal already.", name=by) if by else _("This proposal waits no longer.")
        )
    if proposal.assignment.state != AssignmentState.NEGOTIATING:
        raise BallElsewhere(_("This proposal waits no longer."))


def _play(assignment: Assignment, version: int | None) -> None:
    """Move the ball: pages that were opened before are stale from now on, also when the state is the same."""
    if not edit(assignment, version=version, state=AssignmentState.NEGOTIATING):
        assignment.version += 1


def _write(assignment: Assignment, terms: dict[str, Any], actor: Actor) -> dict[str, Any]:
    dates: dict[str, Any] = {}
    if terms["due_on"] != assignment.due_on:
        end_pending(assignment, actor)  # nobody waits for more time against the old one
        dates = {"original_due_on": terms["due_on"], "due_on": terms["due_on"]}
    texts = {name: terms[name] for name in TERMS if name != "due_on"}
    return edit(assignment, version=None, **texts, **dates)


def _answered(proposal: CounterProposal, state: ProposalState, actor: Actor, words: str | None) -> None:
    edit(
        proposal, version=None, state=state, answered_at=clock.now(), answered_by_name=actor.name, answer=words or None
    )


def _lines(criteria: str) -> str:
    """One criterion a line, without what only looks different."""
    return "\n".join(line.strip() for line in criteria.splitlines() if line.strip())


def _kept(terms: dict[str, Any]) -> dict[str, Any]:
    return {**terms, "due_on": terms["due_on"].isoformat()}
