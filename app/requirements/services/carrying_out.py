"""What the responsible person does, and nobody does for them; those who help report on their own part."""

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
from app.requirements import policy, queries
from app.requirements.errors import EvidenceMissing, NotALink, NotYours, PartsOpen, WrongMoment
from app.requirements.models import DONE, UNDER_WAY, Assignment, AssignmentState, Evidence, Report, RequirementState
from app.speeches.holding import hold

SUREST, WHOLE = 10, 100
LONGEST_CADENCE = 366


def report(
    assignment: Assignment,
    *,
    actor: Actor,
    text: str,
    confidence: int | None = None,
    percent: int | None = None,
    blocked_by: str | None = None,
    help_needed: str | None = None,
) -> Report:
    """Tell how it goes and, apart from that, how sure one is of the due date, 1 to 10 (rule 12). Only added to.

    What the responsible person says last stands on the assignment and ends its silence. Those who help report on their
    own part: that is kept beside it, says nothing of the whole, and is no word of whoever answers for it.
    """
    require(policy.may_report(actor, assignment))
    hold(assignment)
    _is_under_way(assignment)
    answers_for_it = policy.may_carry(actor, assignment)
    if answers_for_it and (confidence is None or not 1 <= confidence <= SUREST):
        raise WrongMoment(_("Please give a number from 1 to 10."), field="confidence")
    if not answers_for_it and confidence is not None:
        raise NotYours(_("Only the responsible person says how sure the due date is."), field="confidence")
    if percent is not None and not 0 <= percent <= WHOLE:
        raise WrongMoment(_("Please give a number from 0 to 100."), field="percent")
    now = clock.now()
    told = Report(
        assignment=assignment,
        text=text,
        confidence=confidence,
        percent=percent,
        blocked_by=blocked_by or None,
        help_needed=help_needed or None,
        by_name=actor.name,
        created_at=now,
    )
    db.session.add(told)
    if answers_for_it:
        edit(
            assignment, version=None, state=AssignmentState.IN_PROGRESS, confidence=confidence, percent=percent,
            blocked_by=told.blocked_by, help_needed=told.help_needed, last_report_at=now,
            silent_from=assignment.next_word_by(now),
        )  # fmt: skip
    db.session.flush()
    audit.record(
        actor, "assignment.reported" if answers_for_it else "assignment.part_reported", assignment,
        confidence=confidence, percent=percent, is_blocked=told.blocked_by is not None,
    )  # fmt: skip
    return told


def set_cadence(assignment: Assignment, *, actor: Actor, days: int, version: int | None = None) -> Assignment:
    """Say after how many days without a report it counts as silent (rule 11). Counted from the last word heard."""
    require(policy.may_set_cadence(actor, assignment))
    hold(assignment)
    if assignment.state in (*DONE, AssignmentState.VERIFIED):
        raise WrongMoment(_("Nothing has to be reported any more."))
    if not 1 <= days <= LONGEST_CADENCE:
        raise WrongMoment(_("Please give a number from 1 to %(most)s.", most=LONGEST_CADENCE), field="cadence_days")
    changes = edit(assignment, version=version, cadence_days=days)
    if changes:
        heard = assignment.last_report_at or assignment.accepted_at
        assignment.silent_from = assignment.next_word_by(heard) if heard else None
        audit.record(actor, "assignment.cadence_set", assignment, days=changes["cadence_days"])
    return assignment


def add_link(
    assignment: Assignment, *, actor: Actor, url: str, described_as: str, criteria: Sequence[str] = ()
) -> Evidence:
    """Name an http or https address as evidence for some of the criteria, or for all."""
    _may_add(assignment, actor)
    return _add(assignment, actor, described_as, criteria, url=link_of(url))


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
    _may_add(assignment, actor)
    return _add(assignment, actor, described_as, criteria, file=store_upload(stream, name, actor=actor))


def add_figure(
    assignment: Assignment, *, actor: Actor, figure: str, described_as: str, criteria: Sequence[str] = ()
) -> Evidence:
    """Give a number as evidence: how many, and of what. It is shown beside the criterion that it proves."""
    _may_add(assignment, actor)
    if not any(sign.isdigit() for sign in figure):
        raise WrongMoment(_("Please give a number, and say what it counts."), field="figure")
    return _add(assignment, actor, described_as, criteria, figure=figure)


def use_again(assignment: Assignment, piece: Evidence, *, actor: Actor, criteria: Sequence[str] = ()) -> Evidence:
    """Let a piece that was given elsewhere prove something here too (rules 13 and 30): nothing is uploaded twice."""
    _may_add(assignment, actor)
    if not policy.may_carry(actor, piece.assignment):
        raise NotYours(_("This evidence is not yours to use again."), field="earlier_ref")
    return _add(
        assignment, actor, piece.described_as, criteria, url=piece.url, file=piece.file, figure=piece.figure,
        reused_from_id=piece.reused_from_id or piece.id,
    )  # fmt: skip


def submit(assignment: Assignment, *, actor: Actor, reason: str | None = None) -> Assignment:
    """Ask the verifier to look. Every acceptance criterion needs evidence; one piece may serve several (rule 13).

    While something that was handed on is open, it needs a reason why the whole is done without it.
    """
    require(policy.may_carry(actor, assignment))
    hold(assignment)
    _is_under_way(assignment)
    missing = missing_evidence(assignment)
    if missing:
        raise EvidenceMissing(_("There is no evidence yet for “%(criterion)s”.", criterion=missing[0]))
    open_parts = queries.list_open_parts(assignment)
    if open_parts and not reason:
        raise PartsOpen(
            _(
                "%(label)s of %(name)s is still open. Wait for it, or say why this is done without it.",
                label=open_parts[0].label,
                name=open_parts[0].responsible.display_name,
            ),
            field="reason",
        )
    edit(assignment, version=None, state=AssignmentState.SUBMITTED, submitted_at=clock.now())
    audit.record(
        actor, "assignment.submitted", assignment, reason=reason if open_parts else None,
        pieces=len(assignment.evidence), open_parts=len(open_parts),
    )  # fmt: skip
    return assignment


def missing_evidence(assignment: Assignment) -> list[str]:
    """The criteria that nothing proves yet."""
    return [criterion for criterion, pieces in proofs(assignment) if not pieces]


def proofs(assignment: Assignment) -> list[tuple[str, list[Evidence]]]:
    """Each criterion with what proves it. A piece that names no criterion proves all of them."""
    return [
        (criterion, [piece for piece in assignment.evidence if not piece.criteria or criterion in piece.criteria])
        for criterion in assignment.criteria_list
    ]


def is_open_part(part: Assignment) -> bool:
    """Handed on, and neither proven nor ended: the whole waits for it. `queries.list_open_parts` finds the same."""
    return part.state not in (*DONE, AssignmentState.VERIFIED)


def _may_add(assignment: Assignment, actor: Actor) -> None:
    require(policy.may_carry(actor, assignment))
    hold(assignment)
    _is_under_way(assignment)


def _add(
    assignment: Assignment,
    actor: Actor,
    described_as: str,
    criteria: Sequence[str],
    *,
    url: str | None = None,
    file: StoredFile | None = None,
    figure: str | None = None,
    reused_from_id: int | None = None,
) -> Evidence:
    piece = Evidence(
        assignment=assignment,
        described_as=described_as,
        criteria=[each for each in criteria if each in assignment.criteria_list],
        by_name=actor.name,
        url=url,
        file=file,
        figure=figure,
        reused_from_id=reused_from_id,
    )
    db.session.add(piece)
    db.session.flush()
    audit.record(actor, "assignment.evidence_added", assignment, evidence=piece)
    return piece


def link_of(url: str) -> str:
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


def _is_under_way(assignment: Assignment) -> None:
    if assignment.requirement.state == RequirementState.WITHDRAWN:
        raise WrongMoment(_("This requirement was withdrawn."))
    if assignment.state == AssignmentState.ASSIGNED:
        raise WrongMoment(_("Please accept it first, or hand it back."))
    if assignment.state == AssignmentState.NEGOTIATING:
        raise WrongMoment(_("This is still being negotiated. It can begin once both sides agree."))
    if assignment.state not in UNDER_WAY:
        raise WrongMoment(_("This is not in your hands now."))
