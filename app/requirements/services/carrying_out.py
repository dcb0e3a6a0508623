"""What the responsible person does, and nobody does for them."""

from collections.abc import Sequence
from typing import BinaryIO
from urllib.parse import urlsplit

from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.files.models import StoredFile
from app.files.services import store_upload
from app.requirements import policy
from app.requirements.errors import EvidenceMissing, NotALink, ReasonMissing, WrongMoment
from app.requirements.models import UNDER_WAY, Assignment, AssignmentState, Evidence, Report, RequirementState
from app.speeches.holding import hold

SUREST = 10


def accept(assignment: Assignment, *, actor: Actor) -> Assignment:
    """Take it on. From here the original due date stands (rule 2)."""
    require(policy.may_carry(actor, assignment))
    hold(assignment)
    _waits_for_an_answer(assignment)
    now = clock.now()
    edit(
        assignment, version=None, state=AssignmentState.ACCEPTED, accepted_at=now,
        silent_from=assignment.next_word_by(now),
    )  # fmt: skip
    audit.record(actor, "assignment.accepted", assignment, due_on=assignment.original_due_on)
    return assignment


def hand_back(assignment: Assignment, *, actor: Actor, reason: str | None) -> Assignment:
    """Decline with a reason. It goes back to the supervisor and is not dropped."""
    require(policy.may_carry(actor, assignment))
    hold(assignment)
    _waits_for_an_answer(assignment)
    if not reason:
        raise ReasonMissing(_("Please say why."), field="reason")
    edit(assignment, version=None, state=AssignmentState.DECLINED, decline_reason=reason)
    audit.record(actor, "assignment.handed_back", assignment, reason=reason)
    return assignment


def report(
    assignment: Assignment, *, actor: Actor, text: str, confidence: int, blocked_by: str | None = None
) -> Report:
    """Tell how it goes and, apart from that, how sure one is of the due date, 1 to 10 (rule 12). Only added to."""
    require(policy.may_carry(actor, assignment))
    hold(assignment)
    _is_under_way(assignment)
    if not 1 <= confidence <= SUREST:
        raise WrongMoment(_("Please give a number from 1 to 10."), field="confidence")
    now = clock.now()
    told = Report(
        assignment=assignment,
        text=text,
        confidence=confidence,
        blocked_by=blocked_by,
        by_name=actor.name,
        created_at=now,
    )
    db.session.add(told)
    edit(
        assignment, version=None, state=AssignmentState.IN_PROGRESS, confidence=confidence, last_report_at=now,
        silent_from=assignment.next_word_by(now),
    )  # fmt: skip
    db.session.flush()
    audit.record(actor, "assignment.reported", assignment, confidence=confidence, is_blocked=blocked_by is not None)
    return told


def add_link(
    assignment: Assignment, *, actor: Actor, url: str, described_as: str, criteria: Sequence[str] = ()
) -> Evidence:
    """Name an http or https address as evidence for some of the criteria, or for all."""
    require(policy.may_carry(actor, assignment))
    hold(assignment)
    _is_under_way(assignment)
    return _add(assignment, actor, described_as, criteria, url=_link(url))


def add_file(
    assignment: Assignment,
    *,
    actor: Actor,
    stream: BinaryIO,
    name: str,
    described_as: str,
    criteria: Sequence[str] = (),
) -> Evidence:
    """Keep a file as evidence. Refuses what is not on the list of types, and content that belies its name."""
    require(policy.may_carry(actor, assignment))
    hold(assignment)
    _is_under_way(assignment)
    return _add(assignment, actor, described_as, criteria, file=store_upload(stream, name, actor=actor))


def submit(assignment: Assignment, *, actor: Actor) -> Assignment:
    """Ask the verifier to look. Every acceptance criterion needs evidence; one piece may serve several (rule 13)."""
    require(policy.may_carry(actor, assignment))
    hold(assignment)
    _is_under_way(assignment)
    missing = missing_evidence(assignment)
    if missing:
        raise EvidenceMissing(_("There is no evidence yet for “%(criterion)s”.", criterion=missing[0]))
    edit(assignment, version=None, state=AssignmentState.SUBMITTED, submitted_at=clock.now())
    audit.record(actor, "assignment.submitted", assignment, pieces=len(assignment.evidence))
    return assignment


def missing_evidence(assignment: Assignment) -> list[str]:
    """The criteria that nothing proves yet."""
    proven: set[str] = set()
    for piece in assignment.evidence:
        proven.update(piece.criteria or assignment.criteria_list)
    return [criterion for criterion in assignment.criteria_list if criterion not in proven]


def _add(
    assignment: Assignment,
    actor: Actor,
    described_as: str,
    criteria: Sequence[str],
    *,
    url: str | None = None,
    file: StoredFile | None = None,
) -> Evidence:
    piece = Evidence(
        assignment=assignment,
        described_as=described_as,
        criteria=[each for each in criteria if each in assignment.criteria_list],
        by_name=actor.name,
        url=url,
        file=file,
    )
    db.session.add(piece)
    db.session.flush()
    audit.record(actor, "assignment.evidence_added", assignment, evidence=piece)
    return piece


def _link(url: str) -> str:
    """The address as it is kept. What could be anything else than a page of the web is no evidence (IN3)."""
    try:
        parts = urlsplit(url.strip())
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        named, parts = False, None
    broken = any(sign.isspace() or sign in "\\<>\"'" for sign in url.strip())
    if parts is None or parts.scheme not in ("http", "https") or not named or broken or "@" in parts.netloc:
        raise NotALink(_("Please give an address that begins with http:// or https://."), field="url")
    return url.strip()


def _waits_for_an_answer(assignment: Assignment) -> None:
    if assignment.state != AssignmentState.ASSIGNED:
        raise WrongMoment(_("This is not waiting for your answer."))


def _is_under_way(assignment: Assignment) -> None:
    if assignment.requirement.state == RequirementState.WITHDRAWN:
        raise WrongMoment(_("This requirement was withdrawn."))
    if assignment.state == AssignmentState.ASSIGNED:
        raise WrongMoment(_("Please accept it first, or hand it back."))
    if assignment.state not in UNDER_WAY:
        raise WrongMoment(_("This is not in your hands now."))
