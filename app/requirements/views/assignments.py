"""The URLs of one assignment."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.cascades import queries as cascades
from app.cascades.services import OPEN_TO_HELP
from app.core import clock
from app.core.errors import require
from app.core.forms import filled, options, press, record_options
from app.core.i18n import _, format_day, ngettext, pgettext
from app.extensions import queries as extensions
from app.extensions.models import EXTENSION_STATE_LABELS, Extension
from app.files.services import read
from app.negotiations import policy as negotiating
from app.negotiations import queries as negotiations
from app.negotiations.models import PROPOSAL_STATE_LABELS, CounterProposal, ProposalState
from app.negotiations.services import may_begin
from app.people import queries as people
from app.people.models import Person
from app.requirements import history, pages, policy, queries, services, standing
from app.requirements.flags import FLAG_LABELS
from app.requirements.forms import (
    AssignmentForm,
    CadenceForm,
    ClosingForm,
    EvidenceForm,
    OpenPartsForm,
    ReasonForm,
    RemarkForm,
    ReportForm,
    TransferForm,
    VerifierForm,
)
from app.requirements.models import (
    ASSIGNMENT_STATE_LABELS,
    QUALITY_LABELS,
    UNDER_WAY,
    Assignment,
    AssignmentState,
    Evidence,
)
from app.requirements.pages import ASSIGNMENT, REQUIREMENT, blueprint
from app.requirements.services.carrying_out import is_open_part, missing_evidence, proofs
from app.requirements.services.handing_over import OPEN_TO_CHANGE


@blueprint.route(f"{REQUIREMENT}/assignments/new", methods=["GET", "POST"])
def propose(event_ref: str, requirement_ref: str) -> ResponseReturnValue:
    requirement = pages.open_requirement(event_ref, requirement_ref)
    require(policy.may_supervise(current_user, requirement.event))
    form = _offering(AssignmentForm())
    return pages.ask(
        form,
        _("Hand this to one person"),
        lambda: services.propose_assignment(requirement, actor=current_user, **_told(form)),
        _("The assignment is prepared. Look at it once more, then hand it over."),
        about=requirement,
        button=_("Prepare"),
        then=pages.page_of,
    )


@blueprint.route(ASSIGNMENT)
def show_assignment(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    assignment = pages.open_assignment(event_ref, assignment_ref)
    event = assignment.event
    now = clock.now()
    follows = policy.may_follow(current_user, assignment)
    work = _work(assignment)
    proposals, asked = negotiations.list_of(assignment), extensions.find_open(assignment)
    table = next((each for each in proposals if each.state == ProposalState.OPEN), None)
    return render_template(
        "requirements/assignment.html",
        event=event,
        assignment=assignment,
        requirement=assignment.requirement,
        standing=standing.of_assignment(assignment, now),
        follows=follows,
        work=work,
        may=_may(assignment, work, table, asked),
        missing=missing_evidence(assignment),
        stranded=assignment.why_stranded_on(event.day_at(now)),
        proposals=proposals,
        table=table,
        asked=asked,
        extensions=extensions.list_of(assignment) if follows else [],
        proposal_states=PROPOSAL_STATE_LABELS,
        extension_states=EXTENSION_STATE_LABELS,
        qualities=QUALITY_LABELS,
        deeds=history.list_deeds([assignment]) if follows else [],
    )


def _may(
    assignment: Assignment, work: dict[str, Any], table: CounterProposal | None, asked: Extension | None
) -> dict[str, bool]:
    """What the reader can do now with this assignment: each act for whom it is, in the states that it fits."""
    state = assignment.state
    carries = policy.may_carry(current_user, assignment)
    answers = policy.may_answer(current_user, assignment)
    settles = policy.may_settle(current_user, assignment)
    works = carries and state in UNDER_WAY
    may = {
        "change": state in OPEN_TO_CHANGE and policy.may_hand_over(current_user, assignment),
        "accept": answers and state == AssignmentState.ASSIGNED,
        "answer_proposal": table is not None and negotiating.may_answer(current_user, table),
        "decide": table is not None and negotiating.may_decide(current_user, assignment),
        "submit": works and bool(assignment.evidence) and not missing_evidence(assignment),
        "prove": works,
        "judge": state == AssignmentState.SUBMITTED and policy.may_verify(current_user, assignment),
        "close": state == AssignmentState.VERIFIED and policy.may_close(current_user, assignment),
        "grant": asked is not None and settles,
        "ask_time": answers and assignment.is_handed_over and asked is None,
        "transfer": settles and not assignment.is_done and state != AssignmentState.PROPOSED,
        "replace_verifier": settles and assignment.is_handed_over and state != AssignmentState.VERIFIED,
        "cancel": not assignment.is_done and policy.may_cancel(current_user, assignment),
    }
    may["counter"] = may["accept"] and may_begin(assignment)
    may["in_name_of"] = answers and not carries and not assignment.is_done
    rare = ("ask_time", "transfer", "replace_verifier", "cancel")
    may["in_menu"] = any(may[each] for each in rare) or any(
        work[each] for each in ("hands_on", "adds_help", "sets_cadence")
    )
    return may


def _work(assignment: Assignment) -> dict[str, Any]:
    """What is done for an assignment and by whom: its proofs, those who help, and what was handed on from it."""
    now, is_under_way = clock.now(), assignment.state in UNDER_WAY
    below = cascades.list_below(assignment)
    supervises = policy.may_supervise(current_user, assignment.event)
    return {
        "proofs": proofs(assignment),
        "reports": is_under_way and policy.may_report(current_user, assignment),
        "sets_cadence": is_under_way and policy.may_set_cadence(current_user, assignment),
        "adds_help": assignment.state in OPEN_TO_HELP and policy.may_add_help(current_user, assignment),
        "hands_on": is_under_way and (supervises or policy.may_hand_on(current_user, assignment)),
        "open_parts": any(each.depth == 1 and is_open_part(each.assignment) for each in below),
        "below": below,
        "standings": {each.assignment.id: standing.of_assignment(each.assignment, now) for each in below},
        "roll": cascades.roll_up((each.assignment for each in below), now),
        "state_labels": ASSIGNMENT_STATE_LABELS,
        "flag_labels": FLAG_LABELS,
    }


@blueprint.route(f"{ASSIGNMENT}/edit", methods=["GET", "POST"])
def edit_assignment(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    assignment = pages.open_assignment(event_ref, assignment_ref)
    require(policy.may_supervise(current_user, assignment.event))
    form = _offering(AssignmentForm(obj=assignment), assignment)
    return pages.ask(
        form,
        _("Change the assignment"),
        lambda: services.edit_assignment(assignment, actor=current_user, version=form.opened_version, **_told(form)),
        _("The assignment is changed."),
        about=assignment,
        button=_("Save"),
    )


@blueprint.route(f"{ASSIGNMENT}/handing-over", methods=["POST"])
def hand_over(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    assignment = pages.open_assignment(event_ref, assignment_ref)
    require(policy.may_supervise(current_user, assignment.event))
    return press(
        lambda: services.hand_over(assignment, actor=current_user),
        pages.page_of(assignment),
        _("It is handed over. %(name)s is told by mail.", name=assignment.responsible.display_name),
    )


@blueprint.route(f"{ASSIGNMENT}/acceptance", methods=["POST"])
def accept(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    assignment = pages.open_assignment(event_ref, assignment_ref)
    require(policy.may_answer(current_user, assignment))
    return press(
        lambda: services.accept(assignment, actor=current_user),
        pages.page_of(assignment),
        _("You have accepted it."),
    )


@blueprint.route(f"{ASSIGNMENT}/handing-back", methods=["GET", "POST"])
def hand_back(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    assignment = pages.open_assignment(event_ref, assignment_ref)
    require(policy.may_answer(current_user, assignment))
    form = ReasonForm()
    return pages.ask(
        form,
        _("Hand it back"),
        lambda: services.hand_back(assignment, actor=current_user, reason=form.reason.data),
        _("It is handed back to the supervisor."),
        about=assignment,
        button=_("Hand back"),
        lead=_("Say what stands against it. The supervisor decides how it goes on."),
    )


@blueprint.route(f"{ASSIGNMENT}/reports/new", methods=["GET", "POST"])
def report(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    assignment = pages.open_assignment(event_ref, assignment_ref)
    require(policy.may_report(current_user, assignment))
    last = queries.last_report_by(assignment, current_user)
    form = ReportForm(obj=last)  # never asked twice: what was said last stands there (rule 30)
    answers_for_it = policy.may_carry(current_user, assignment)
    if not answers_for_it:
        form.is_of_a_part()
    return pages.ask(
        form,
        _("Report how it goes") if answers_for_it else _("Report on your part"),
        lambda: services.report(assignment, actor=current_user, **form.values()),
        _("Your report is there."),
        about=assignment,
        button=_("Report"),
        lead=_("What you reported on %(day)s stands below. Change what is different now.",
               day=format_day(assignment.event.day_at(last.created_at))) if last else None,
    )  # fmt: skip


@blueprint.route(f"{ASSIGNMENT}/cadence", methods=["GET", "POST"])
def set_cadence(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    assignment = pages.open_assignment(event_ref, assignment_ref)
    require(policy.may_set_cadence(current_user, assignment))
    form = CadenceForm(obj=assignment)
    return pages.ask(
        form,
        _("How often to report"),
        lambda: services.set_cadence(
            assignment, actor=current_user, days=filled(form.cadence_days.data), version=form.opened_version
        ),
        _("It is set how often to report."),
        about=assignment,
        button=_("Save"),
    )


@blueprint.route(f"{ASSIGNMENT}/evidence/new", methods=["GET", "POST"])
def add_evidence(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    assignment = pages.open_assignment(event_ref, assignment_ref)
    require(policy.may_carry(current_user, assignment))
    form = EvidenceForm()
    form.criteria.choices = [(each, each) for each in assignment.criteria_list]
    earlier = {each.ref: each for each in queries.list_own_evidence(current_user)}
    form.earlier_ref.choices = options(
        {ref: f"{each.described_as} ({each.assignment.label})" for ref, each in earlier.items()}, nothing=_("Nothing")
    )
    if not form.is_submitted() and request.args.get("for", "").isdecimal():
        asked = int(request.args["for"][:4])
        form.criteria.data = assignment.criteria_list[asked : asked + 1]
    return pages.ask(
        form,
        _("Add evidence"),
        lambda: _keep(form, assignment, earlier),
        _("The evidence is added."),
        about=assignment,
        button=_("Add"),
        multipart=True,
    )


def _keep(form: EvidenceForm, assignment: Assignment, earlier: Mapping[str, Evidence]) -> Evidence:
    described_as, criteria = form.described_as.data or "", form.criteria.data or []
    if form.earlier_ref.data:
        return services.use_again(assignment, earlier[form.earlier_ref.data], actor=current_user, criteria=criteria)
    if form.figure.data:
        return services.add_figure(
            assignment, actor=current_user, figure=form.figure.data, described_as=described_as, criteria=criteria
        )
    if form.upload is None:
        return services.add_link(
            assignment, actor=current_user, url=form.url.data or "", described_as=described_as, criteria=criteria
        )
    form.upload.stream.seek(0)  # the unit of work may be tried again
    return services.add_file(
        assignment, actor=current_user, stream=form.upload.stream, name=form.upload.filename,
        described_as=described_as, criteria=criteria,
    )  # fmt: skip


@blueprint.route(f"{ASSIGNMENT}/evidence/<ref:evidence_ref>/file")
def download(event_ref: str, assignment_ref: str, evidence_ref: str) -> ResponseReturnValue:
    assignment = pages.open_assignment(event_ref, assignment_ref)
    piece = next((each for each in assignment.evidence if each.ref == evidence_ref), None)
    if piece is None or piece.file is None:
        abort(404)
    require(policy.may_follow(current_user, assignment))
    return _download(read(piece.file), piece.file.media_type, piece.file.name)


@blueprint.route(f"{ASSIGNMENT}/submission", methods=["POST"])
def submit(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    assignment = pages.open_assignment(event_ref, assignment_ref)
    require(policy.may_carry(current_user, assignment))
    return press(
        lambda: services.submit(assignment, actor=current_user),
        pages.page_of(assignment),
        _("Your evidence is with %(name)s now.", name=assignment.verifier.display_name),
    )


@blueprint.route(f"{ASSIGNMENT}/submission-with-open-parts", methods=["GET", "POST"])
def submit_with_open_parts(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    assignment = pages.open_assignment(event_ref, assignment_ref)
    require(policy.may_carry(current_user, assignment))
    form = OpenPartsForm()
    still_open = len(queries.list_open_parts(assignment))
    return pages.ask(
        form,
        _("Submit while parts are open"),
        lambda: services.submit(assignment, actor=current_user, reason=form.reason.data),
        _("Your evidence is with %(name)s now.", name=assignment.verifier.display_name),
        about=assignment,
        button=_("Submit"),
        lead=ngettext(
            "What you handed on to %(num)s person is still open.",
            "What you handed on to %(num)s people is still open.",
            still_open,
        ),
    )


@blueprint.route(f"{ASSIGNMENT}/verification", methods=["GET", "POST"])
def verify(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    assignment = pages.open_assignment(event_ref, assignment_ref)
    require(policy.may_verify(current_user, assignment))
    form = RemarkForm()
    return pages.ask(
        form,
        _("Verify the evidence"),
        lambda: services.verify(assignment, actor=current_user, reason=form.reason.data),
        _("It is verified."),
        about=assignment,
        button=_("Verify"),
    )


@blueprint.route(f"{ASSIGNMENT}/return", methods=["GET", "POST"])
def send_back(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    assignment = pages.open_assignment(event_ref, assignment_ref)
    require(policy.may_verify(current_user, assignment))
    form = ReasonForm()
    return pages.ask(
        form,
        _("Return the evidence"),
        lambda: services.send_back(assignment, actor=current_user, reason=form.reason.data),
        _("It is returned."),
        about=assignment,
        button=_("Return"),
        lead=_("Say what is missing, so that it can be mended."),
    )


@blueprint.route(f"{ASSIGNMENT}/closure", methods=["GET", "POST"])
def close(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    assignment = pages.open_assignment(event_ref, assignment_ref)
    require(policy.may_close(current_user, assignment))
    form = ClosingForm(obj=assignment)
    return pages.ask(
        form,
        _("Close the assignment"),
        lambda: services.close_assignment(assignment, actor=current_user, version=form.opened_version, **form.values()),
        _("It is closed."),
        about=assignment,
        button=pgettext("assignment", "Close"),
        lead=_("Whether it was on time is counted from the day on which the evidence came. Say how good it is."),
    )


@blueprint.route(f"{ASSIGNMENT}/transfer", methods=["GET", "POST"])
def transfer(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    assignment = pages.open_assignment(event_ref, assignment_ref)
    require(policy.may_settle(current_user, assignment))
    form = TransferForm()
    choosable = _people_to_choose(assignment)
    form.responsible_ref.choices = record_options(
        [each for each in choosable if each is not assignment.responsible], nothing=_("Choose a person")
    )
    form.verifier_ref.choices = record_options(choosable, nothing=_("Choose a person"))
    form.department_ref.choices = record_options(people.list_choosable_departments(), nothing=_("the person's own"))
    if not form.is_submitted():
        form.verifier_ref.data, form.version.data = assignment.verifier.ref, str(assignment.version)
    return pages.ask(
        form,
        _("Transfer to somebody else"),
        lambda: services.transfer(
            assignment, actor=current_user, to=_chosen(form.responsible_ref.data),
            verifier=_chosen(form.verifier_ref.data), reason=form.reason.data, version=form.opened_version,
            department=people.find_department(form.department_ref.data) if form.department_ref.data else None,
        ),
        _("It is transferred. Both are told by mail."),
        about=assignment,
        button=_("Transfer"),
        lead=_("The new person accepts it anew. What was done so far stays with it, and no date moves."),
    )  # fmt: skip


@blueprint.route(f"{ASSIGNMENT}/verifier", methods=["GET", "POST"])
def replace_verifier(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    assignment = pages.open_assignment(event_ref, assignment_ref)
    require(policy.may_settle(current_user, assignment))
    form = VerifierForm()
    taken = (assignment.responsible, assignment.verifier)
    form.verifier_ref.choices = record_options(
        [each for each in _people_to_choose(assignment) if each not in taken], nothing=_("Choose a person")
    )
    if not form.is_submitted():
        form.version.data = str(assignment.version)
    return pages.ask(
        form,
        _("Name another verifier"),
        lambda: services.replace_verifier(
            assignment, actor=current_user, verifier=_chosen(form.verifier_ref.data), reason=form.reason.data,
            version=form.opened_version,
        ),
        _("%(name)s verifies it no longer.", name=assignment.verifier.display_name),
        about=assignment,
        button=_("Save"),
    )  # fmt: skip


def _people_to_choose(assignment: Assignment) -> list[Person]:
    choosable = list(people.list_choosable_people())
    return choosable + [each for each in (assignment.responsible, assignment.verifier) if each not in choosable]


def _chosen(ref: str) -> Person:
    return people.find_person(ref) or abort(404)


@blueprint.route(f"{ASSIGNMENT}/cancellation", methods=["GET", "POST"])
def cancel(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    assignment = pages.open_assignment(event_ref, assignment_ref)
    require(policy.may_cancel(current_user, assignment))
    form = ReasonForm()
    return pages.ask(
        form,
        _("Cancel the assignment"),
        lambda: services.cancel_assignment(assignment, actor=current_user, reason=form.reason.data),
        _("It is cancelled."),
        about=assignment,
        button=_("Cancel the assignment"),
        weighty=True,
    )


def _download(body: bytes, media_type: str, name: str) -> Response:
    """A file that is never shown in our own place: kept by the browser, and powerless if opened.

    The name is told twice as RFC 6266 wants: once plain, once with all its signs (UP3, UP4).
    """
    response = Response(body, content_type=media_type)
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name) or "file"
    response.headers["Content-Disposition"] = f"attachment; filename={plain}; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _offering(form: AssignmentForm, assignment: Assignment | None = None) -> AssignmentForm:
    choosable = list(people.list_choosable_people())
    if assignment is not None:
        choosable += [each for each in (assignment.responsible, assignment.verifier) if each not in choosable]
    form.responsible_ref.choices = record_options(choosable, nothing=_("Choose a person"))
    form.verifier_ref.choices = record_options(choosable, nothing=_("Choose a person"))
    departments = list(people.list_choosable_departments())
    if assignment is not None and assignment.department and assignment.department not in departments:
        departments.append(assignment.department)
    form.department_ref.choices = record_options(departments, nothing=_("the person's own"))
    if assignment is not None and not form.is_submitted():
        form.responsible_ref.data, form.verifier_ref.data = assignment.responsible.ref, assignment.verifier.ref
        form.department_ref.data = assignment.department.ref if assignment.department else ""
    return form


def _told(form: AssignmentForm) -> dict[str, Any]:
    return {
        **form.values("responsible_ref", "verifier_ref", "department_ref"),
        "responsible": people.find_person(form.responsible_ref.data),
        "verifier": people.find_person(form.verifier_ref.data),
        "department": people.find_department(form.department_ref.data) if form.department_ref.data else None,
    }
