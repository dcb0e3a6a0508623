"""The URLs of requirements and assignments."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.cascades import queries as cascades
from app.cascades.services import OPEN_TO_HELP, may_split
from app.core import clock
from app.core.errors import require
from app.core.forms import HufuForm, filled, led_before, options, press, record_options
from app.core.i18n import _, format_day, ngettext
from app.core.text import tidy
from app.documents.diff import drawn
from app.events.models import Event
from app.events.pages import open_event
from app.extensions import queries as extensions
from app.extensions.models import EXTENSION_STATE_LABELS, Extension
from app.files.services import read
from app.negotiations import policy as negotiating
from app.negotiations import queries as negotiations
from app.negotiations.models import PROPOSAL_STATE_LABELS, CounterProposal, ProposalState
from app.negotiations.services import may_begin
from app.people import queries as people
from app.people.models import Person
from app.provenance.queries import find_source, notes_of
from app.requirements import history, links, policy, queries, services, standing
from app.requirements.flags import FLAG_LABELS
from app.requirements.forms import (
    AssignmentForm,
    CadenceForm,
    ClosingForm,
    EvidenceForm,
    OpenPartsForm,
    PartForm,
    ReasonForm,
    RemarkForm,
    ReportForm,
    ResolutionForm,
    ReviewForm,
    RewordingForm,
    TrackingForm,
    TransferForm,
    VerifierForm,
)
from app.requirements.models import (
    ASSIGNMENT_STATE_LABELS,
    QUALITY_LABELS,
    REQUIREMENT_KIND_LABELS,
    UNDER_WAY,
    Assignment,
    AssignmentState,
    Evidence,
    Requirement,
    RequirementState,
    Wording,
)
from app.requirements.services import To
from app.requirements.services.carrying_out import is_open_part, missing_evidence, proofs
from app.requirements.services.handing_over import OPEN_TO_CHANGE

blueprint = Blueprint("requirements", __name__)

ASSIGNMENT = "/events/<ref:event_ref>/assignments/<ref:assignment_ref>"
REQUIREMENT = "/events/<ref:event_ref>/requirements/<ref:requirement_ref>"


def _number(name: str, otherwise: int, most: int) -> int:
    raw = request.args.get(name, "")
    return min(max(int(raw), 1), most) if raw.isascii() and raw.isdecimal() and len(raw) < 7 else otherwise


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


# --- one requirement ----------------------------------------------------------------------------------------------


@blueprint.route(REQUIREMENT)
def show(event_ref: str, requirement_ref: str) -> ResponseReturnValue:
    event, requirement = _open_requirement(event_ref, requirement_ref)
    now = clock.now()
    parts = [requirement, *requirement.children]
    follows = policy.may_supervise(current_user, event) or policy.may_withdraw(current_user, requirement)
    sees_history = follows or policy.may_read_history(current_user, event)
    continues, continued = links.list_visible(current_user, requirement)
    is_open = requirement.state not in (RequirementState.CLOSED, RequirementState.WITHDRAWN)
    is_confirmed = requirement.state != RequirementState.STATED
    return render_template(
        "requirements/show.html",
        event=event,
        requirement=requirement,
        standing=standing.of_requirement(requirement, now),
        standings={each.id: standing.of_requirement(each, now) for each in parts},
        assignments={each.id: standing.of_assignment(each, now) for each in requirement.assignments},
        kinds=REQUIREMENT_KIND_LABELS,
        roll=cascades.roll_up(cascades.list_under(requirement), now),
        state_labels=ASSIGNMENT_STATE_LABELS,
        flag_labels=FLAG_LABELS,
        may_split=may_split(current_user, requirement),
        is_open=is_open,
        is_unreviewed=requirement.is_unreviewed_on(event.day_at(now)),
        reviews=queries.list_reviews(requirement),
        continues=continues,
        continued=continued,
        may_supervise=policy.may_supervise(current_user, event),
        may_resolve=policy.may_resolve(current_user, event),
        may_record=policy.may_record(current_user, event) and not requirement.speech.is_confirmed,
        may_withdraw=policy.may_withdraw(current_user, requirement),
        may_reword=is_open and is_confirmed and policy.may_reword(current_user, requirement),
        deeds=history.list_deeds([*parts, *requirement.assignments]) if sees_history else [],
        notes=notes_of(event.ref) if event.source_id else {},
        source=find_source(event.source_id),
    )


@blueprint.route(f"{REQUIREMENT}/rewording", methods=["GET", "POST"])
def reword(event_ref: str, requirement_ref: str) -> ResponseReturnValue:
    _event, requirement = _open_requirement(event_ref, requirement_ref)
    require(policy.may_reword(current_user, requirement))
    form = RewordingForm(obj=requirement)
    return _ask(
        form,
        _("Say it in other words"),
        lambda: services.reword(requirement, actor=current_user, version=form.opened_version, **form.values()),
        _("This is a new edition of it. Everybody to whom it was given is told."),
        requirement=requirement,
        button=_("Keep this wording"),
        lead=_("What was said in the speech stays as it was said. Every edition stays readable, with its reason."),
        then=lambda _edition: _page_of_editions(requirement),
    )


@blueprint.route(f"{REQUIREMENT}/editions")
def editions(event_ref: str, requirement_ref: str) -> ResponseReturnValue:
    """The editions of its wording, and what differs between any two."""
    event, requirement = _open_requirement(event_ref, requirement_ref)
    kept = queries.list_editions(requirement)
    numbers = [each.edition for each in kept]
    newest = numbers[-1] if numbers else 1
    first, last = _number("from", max(newest - 1, 1), newest), _number("to", newest, newest)
    old, new = (next((each for each in kept if each.edition == wanted), None) for wanted in (first, last))
    return render_template(
        "requirements/editions.html",
        event=event,
        requirement=requirement,
        editions=kept,
        old=old,
        new=new,
        differences=_differences(old, new) if old and new and old is not new else [],
        may_reword=policy.may_reword(current_user, requirement),
    )


def _differences(old: Wording, new: Wording) -> list[tuple[str, str | None, list[tuple[str, str]]]]:
    """What changed, by field: its name, its language where that is known, and the pieces."""
    spoken = old.requirement.speech.language
    fields = (
        ("heading", _("Heading"), None), ("heading_local", _("Heading in Chinese"), "zh-Hans"),
        ("verbatim", _("Wording"), "zh-Hans" if spoken.startswith("zh") else spoken),
        ("summary", _("Summary"), None), ("summary_local", _("Summary in Chinese"), "zh-Hans"),
    )  # fmt: skip
    pairs = ((label, lang, getattr(old, name), getattr(new, name)) for name, label, lang in fields)
    return [(label, lang, drawn(before, after)) for label, lang, before, after in pairs if before != after]


@blueprint.route(f"{REQUIREMENT}/earlier", methods=["GET", "POST"])
def link_to_earlier(event_ref: str, requirement_ref: str) -> ResponseReturnValue:
    """Search what was asked before, and say that this continues it."""
    event, requirement = _open_requirement(event_ref, requirement_ref)
    require(policy.may_supervise(current_user, event))
    if request.method == "POST":
        earlier = links.find_candidate(current_user, request.form.get("earlier_ref", "")[:40]) or abort(404)
        return press(
            lambda: services.link_to_earlier(requirement, earlier, actor=current_user),
            _page_of_requirement(requirement),
            _("It continues %(label)s.", label=earlier.label),
        )
    words = tidy(request.args.get("q", "")).strip()[:100]
    return render_template(
        "requirements/earlier.html",
        event=event,
        requirement=requirement,
        words=words,
        found=links.find_candidates(current_user, requirement, words),
    )


@blueprint.route(f"{REQUIREMENT}/earlier/<ref:link_ref>/removal", methods=["POST"])
def unlink(event_ref: str, requirement_ref: str, link_ref: str) -> ResponseReturnValue:
    event, requirement = _open_requirement(event_ref, requirement_ref)
    require(policy.may_supervise(current_user, event))
    link = links.find_by_ref(requirement, link_ref)
    if link is None:
        abort(led_before() or 404)
    return press(
        lambda: services.unlink(link, actor=current_user), _page_of_requirement(requirement), _("The link is removed.")
    )


@blueprint.route(f"{REQUIREMENT}/tracking", methods=["GET", "POST"])
def track(event_ref: str, requirement_ref: str) -> ResponseReturnValue:
    event, requirement = _open_requirement(event_ref, requirement_ref)
    require(policy.may_supervise(current_user, event))
    form = TrackingForm(obj=requirement)
    return _ask(
        form,
        _("How is this followed?"),
        lambda: services.set_tracking(
            requirement, form.tracking.data, actor=current_user, review_months=form.review_months.data,
            version=form.opened_version,
        ),
        _("It is decided how this is followed."),
        requirement=requirement,
        button=_("Save"),
        lead=_("Not every sentence is a task. To be assigned, every addressee must be resolved to a department."),
    )  # fmt: skip


@blueprint.route(f"{REQUIREMENT}/review", methods=["GET", "POST"])
def review(event_ref: str, requirement_ref: str) -> ResponseReturnValue:
    event, requirement = _open_requirement(event_ref, requirement_ref)
    require(policy.may_supervise(current_user, event))
    form = ReviewForm()
    sessions = queries.list_reviewing_sessions(current_user, requirement)
    form.session_ref.choices = options(
        {each.ref: f"{each.display_title} · {each.event.display_title}" for each in sessions}, nothing=_("none")
    )
    if not form.is_submitted():
        form.reviewed_on.data, form.version.data = clock.today(event.time_zone), str(requirement.version)
    return _ask(
        form,
        _("How is this principle lived?"),
        lambda: services.record_review(
            requirement, actor=current_user, on=filled(form.reviewed_on.data), finding=form.finding.data,
            session=next((each for each in sessions if each.ref == form.session_ref.data), None),
            version=form.opened_version,
        ),
        _("The review is noted."),
        requirement=requirement,
        button=_("Save"),
    )  # fmt: skip


@blueprint.route(f"{REQUIREMENT}/withdrawal", methods=["GET", "POST"])
def withdraw(event_ref: str, requirement_ref: str) -> ResponseReturnValue:
    _event, requirement = _open_requirement(event_ref, requirement_ref)
    require(policy.may_withdraw(current_user, requirement))
    form = ReasonForm(obj=requirement)
    return _ask(
        form,
        _("Withdraw this requirement"),
        lambda: services.withdraw_requirement(
            requirement, actor=current_user, reason=form.reason.data, version=form.opened_version
        ),
        _("The requirement is withdrawn. Everybody to whom it was given is told."),
        requirement=requirement,
        button=_("Withdraw"),
        weighty=True,
        lead=_("Its parts and its assignments end with it. What was recorded stays readable."),
    )


@blueprint.route(f"{REQUIREMENT}/addressees/<ref:addressee_ref>/department", methods=["GET", "POST"])
def resolve(event_ref: str, requirement_ref: str, addressee_ref: str) -> ResponseReturnValue:
    event, requirement = _open_requirement(event_ref, requirement_ref)
    addressee = queries.find_addressee(requirement, addressee_ref) or abort(404)
    require(policy.may_resolve(current_user, event))
    form = ResolutionForm()
    form.department_ref.choices = record_options(people.list_choosable_departments(), nothing=_("Choose a department"))
    if addressee.department and not form.is_submitted():
        form.department_ref.data = addressee.department.ref
    return _ask(
        form,
        _("Which department is meant by “%(words)s”?", words=addressee.display_name),
        lambda: services.resolve_addressee(
            addressee, people.find_department(form.department_ref.data) or abort(404), actor=current_user
        ),
        _("The addressee is resolved."),
        requirement=requirement,
        button=_("Save"),
    )


@blueprint.route(f"{REQUIREMENT}/parts/new", methods=["GET", "POST"])
def add_part(event_ref: str, requirement_ref: str) -> ResponseReturnValue:
    event, requirement = _open_requirement(event_ref, requirement_ref)
    require(policy.may_record(current_user, event))
    form = PartForm()
    if not form.is_submitted():
        form.kind.data = requirement.kind
    return _ask(
        form,
        _("Add a part of requirement %(number)s", number=requirement.display_number),
        lambda: services.add_requirement(
            requirement.speech,
            actor=current_user,
            parent=requirement,
            sub=form.sub.data or "",
            addressees=[To(form.addressee.data)] if form.addressee.data else [],
            **form.values("sub", "addressee"),
        ),
        _("The part is recorded."),
        requirement=requirement,
        button=_("Save"),
    )


@blueprint.route(f"{REQUIREMENT}/assignments/new", methods=["GET", "POST"])
def propose(event_ref: str, requirement_ref: str) -> ResponseReturnValue:
    event, requirement = _open_requirement(event_ref, requirement_ref)
    require(policy.may_supervise(current_user, event))
    form = _offering(AssignmentForm())
    return _ask(
        form,
        _("Hand this to one person"),
        lambda: services.propose_assignment(requirement, actor=current_user, **_told(form)),
        _("The assignment is prepared. Look at it once more, then hand it over."),
        requirement=requirement,
        button=_("Prepare"),
        then=_page_of_assignment,
    )


# --- one assignment -----------------------------------------------------------------------------------------------


@blueprint.route(ASSIGNMENT)
def show_assignment(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    event, assignment = _open_assignment(event_ref, assignment_ref)
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
    event, assignment = _open_assignment(event_ref, assignment_ref)
    require(policy.may_supervise(current_user, event))
    form = _offering(AssignmentForm(obj=assignment), assignment)
    return _ask(
        form,
        _("Change the assignment"),
        lambda: services.edit_assignment(assignment, actor=current_user, version=form.opened_version, **_told(form)),
        _("The assignment is changed."),
        assignment=assignment,
        button=_("Save"),
    )


@blueprint.route(f"{ASSIGNMENT}/handing-over", methods=["POST"])
def hand_over(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    event, assignment = _open_assignment(event_ref, assignment_ref)
    require(policy.may_supervise(current_user, event))
    return press(
        lambda: services.hand_over(assignment, actor=current_user),
        _page_of_assignment(assignment),
        _("It is handed over. %(name)s is told by mail.", name=assignment.responsible.display_name),
    )


@blueprint.route(f"{ASSIGNMENT}/acceptance", methods=["POST"])
def accept(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    _event, assignment = _open_assignment(event_ref, assignment_ref)
    require(policy.may_answer(current_user, assignment))
    return press(
        lambda: services.accept(assignment, actor=current_user),
        _page_of_assignment(assignment),
        _("You have accepted it."),
    )


@blueprint.route(f"{ASSIGNMENT}/handing-back", methods=["GET", "POST"])
def hand_back(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    _event, assignment = _open_assignment(event_ref, assignment_ref)
    require(policy.may_answer(current_user, assignment))
    form = ReasonForm()
    return _ask(
        form,
        _("Hand it back"),
        lambda: services.hand_back(assignment, actor=current_user, reason=form.reason.data),
        _("It is handed back to the supervisor."),
        assignment=assignment,
        button=_("Hand back"),
        lead=_("Say what stands against it. The supervisor decides how it goes on."),
    )


@blueprint.route(f"{ASSIGNMENT}/reports/new", methods=["GET", "POST"])
def report(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    _event, assignment = _open_assignment(event_ref, assignment_ref)
    require(policy.may_report(current_user, assignment))
    last = queries.last_report_by(assignment, current_user)
    form = ReportForm(obj=last)  # never asked twice: what was said last stands there (rule 30)
    answers_for_it = policy.may_carry(current_user, assignment)
    if not answers_for_it:
        form.is_of_a_part()
    return _ask(
        form,
        _("Report how it goes") if answers_for_it else _("Report on your part"),
        lambda: services.report(assignment, actor=current_user, **form.values()),
        _("Your report is there."),
        assignment=assignment,
        button=_("Report"),
        lead=_("What you reported on %(day)s stands below. Change what is different now.",
               day=format_day(assignment.event.day_at(last.created_at))) if last else None,
    )  # fmt: skip


@blueprint.route(f"{ASSIGNMENT}/cadence", methods=["GET", "POST"])
def set_cadence(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    _event, assignment = _open_assignment(event_ref, assignment_ref)
    require(policy.may_set_cadence(current_user, assignment))
    form = CadenceForm(obj=assignment)
    return _ask(
        form,
        _("How often to report"),
        lambda: services.set_cadence(
            assignment, actor=current_user, days=filled(form.cadence_days.data), version=form.opened_version
        ),
        _("It is set how often to report."),
        assignment=assignment,
        button=_("Save"),
    )


@blueprint.route(f"{ASSIGNMENT}/evidence/new", methods=["GET", "POST"])
def add_evidence(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    _event, assignment = _open_assignment(event_ref, assignment_ref)
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
    return _ask(
        form,
        _("Add evidence"),
        lambda: _keep(form, assignment, earlier),
        _("The evidence is added."),
        assignment=assignment,
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
    _event, assignment = _open_assignment(event_ref, assignment_ref)
    piece = next((each for each in assignment.evidence if each.ref == evidence_ref), None)
    if piece is None or piece.file is None:
        abort(404)
    require(policy.may_follow(current_user, assignment))
    return _download(read(piece.file), piece.file.media_type, piece.file.name)


@blueprint.route(f"{ASSIGNMENT}/submission", methods=["POST"])
def submit(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    _event, assignment = _open_assignment(event_ref, assignment_ref)
    require(policy.may_carry(current_user, assignment))
    return press(
        lambda: services.submit(assignment, actor=current_user),
        _page_of_assignment(assignment),
        _("Your evidence is with %(name)s now.", name=assignment.verifier.display_name),
    )


@blueprint.route(f"{ASSIGNMENT}/submission-with-open-parts", methods=["GET", "POST"])
def submit_with_open_parts(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    _event, assignment = _open_assignment(event_ref, assignment_ref)
    require(policy.may_carry(current_user, assignment))
    form = OpenPartsForm()
    still_open = len(queries.list_open_parts(assignment))
    return _ask(
        form,
        _("Submit while parts are open"),
        lambda: services.submit(assignment, actor=current_user, reason=form.reason.data),
        _("Your evidence is with %(name)s now.", name=assignment.verifier.display_name),
        assignment=assignment,
        button=_("Submit"),
        lead=ngettext(
            "What you handed on to %(num)s person is still open.",
            "What you handed on to %(num)s people is still open.",
            still_open,
        ),
    )


@blueprint.route(f"{ASSIGNMENT}/verification", methods=["GET", "POST"])
def verify(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    _event, assignment = _open_assignment(event_ref, assignment_ref)
    require(policy.may_verify(current_user, assignment))
    form = RemarkForm()
    return _ask(
        form,
        _("Verify the evidence"),
        lambda: services.verify(assignment, actor=current_user, reason=form.reason.data),
        _("It is verified."),
        assignment=assignment,
        button=_("Verify"),
    )


@blueprint.route(f"{ASSIGNMENT}/return", methods=["GET", "POST"])
def send_back(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    _event, assignment = _open_assignment(event_ref, assignment_ref)
    require(policy.may_verify(current_user, assignment))
    form = ReasonForm()
    return _ask(
        form,
        _("Return the evidence"),
        lambda: services.send_back(assignment, actor=current_user, reason=form.reason.data),
        _("It is returned."),
        assignment=assignment,
        button=_("Return"),
        lead=_("Say what is missing, so that it can be mended."),
    )


@blueprint.route(f"{ASSIGNMENT}/closure", methods=["GET", "POST"])
def close(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    _event, assignment = _open_assignment(event_ref, assignment_ref)
    require(policy.may_close(current_user, assignment))
    form = ClosingForm(obj=assignment)
    return _ask(
        form,
        _("Close the assignment"),
        lambda: services.close_assignment(assignment, actor=current_user, version=form.opened_version, **form.values()),
        _("It is closed."),
        assignment=assignment,
        button=_("Close"),
        lead=_("Whether it was on time is counted from the day on which the evidence came. Say how good it is."),
    )


@blueprint.route(f"{ASSIGNMENT}/transfer", methods=["GET", "POST"])
def transfer(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    _event, assignment = _open_assignment(event_ref, assignment_ref)
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
    return _ask(
        form,
        _("Transfer to somebody else"),
        lambda: services.transfer(
            assignment, actor=current_user, to=_chosen(form.responsible_ref.data),
            verifier=_chosen(form.verifier_ref.data), reason=form.reason.data, version=form.opened_version,
            department=people.find_department(form.department_ref.data) if form.department_ref.data else None,
        ),
        _("It is transferred. Both are told by mail."),
        assignment=assignment,
        button=_("Transfer"),
        lead=_("The new person accepts it anew. What was done so far stays with it, and no date moves."),
    )  # fmt: skip


@blueprint.route(f"{ASSIGNMENT}/verifier", methods=["GET", "POST"])
def replace_verifier(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    _event, assignment = _open_assignment(event_ref, assignment_ref)
    require(policy.may_settle(current_user, assignment))
    form = VerifierForm()
    taken = (assignment.responsible, assignment.verifier)
    form.verifier_ref.choices = record_options(
        [each for each in _people_to_choose(assignment) if each not in taken], nothing=_("Choose a person")
    )
    if not form.is_submitted():
        form.version.data = str(assignment.version)
    return _ask(
        form,
        _("Name another verifier"),
        lambda: services.replace_verifier(
            assignment, actor=current_user, verifier=_chosen(form.verifier_ref.data), reason=form.reason.data,
            version=form.opened_version,
        ),
        _("%(name)s verifies it no longer.", name=assignment.verifier.display_name),
        assignment=assignment,
        button=_("Save"),
    )  # fmt: skip


def _people_to_choose(assignment: Assignment) -> list[Person]:
    choosable = list(people.list_choosable_people())
    return choosable + [each for each in (assignment.responsible, assignment.verifier) if each not in choosable]


def _chosen(ref: str) -> Person:
    return people.find_person(ref) or abort(404)


@blueprint.route(f"{ASSIGNMENT}/cancellation", methods=["GET", "POST"])
def cancel(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    _event, assignment = _open_assignment(event_ref, assignment_ref)
    require(policy.may_cancel(current_user, assignment))
    form = ReasonForm()
    return _ask(
        form,
        _("Cancel the assignment"),
        lambda: services.cancel_assignment(assignment, actor=current_user, reason=form.reason.data),
        _("It is cancelled."),
        assignment=assignment,
        button=_("Cancel the assignment"),
        weighty=True,
    )


# --- shared by the pages above ------------------------------------------------------------------------------------


def _open_requirement(event_ref: str, ref: str) -> tuple[Event, Requirement]:
    event = open_event(event_ref)
    return event, queries.find(event, ref) or abort(404)


def _open_assignment(event_ref: str, ref: str) -> tuple[Event, Assignment]:
    event = open_event(event_ref)
    return event, queries.find_assignment(event, ref) or abort(404)


def _page_of_assignment(assignment: Assignment) -> str:
    return url_for("requirements.show_assignment", event_ref=assignment.event.ref, assignment_ref=assignment.ref)


def _page_of_editions(requirement: Requirement) -> str:
    return url_for("requirements.editions", event_ref=requirement.event.ref, requirement_ref=requirement.ref)


def _page_of_requirement(requirement: Requirement) -> str:
    return url_for("requirements.show", event_ref=requirement.event.ref, requirement_ref=requirement.ref)


def _ask(
    form: HufuForm,
    title: str,
    act: Callable[[], Any],
    said: str,
    *,
    button: str,
    requirement: Requirement | None = None,
    assignment: Assignment | None = None,
    lead: str | None = None,
    weighty: bool = False,
    multipart: bool = False,
    then: Callable[[Any], str] | None = None,
) -> ResponseReturnValue:
    """A page with one form about a requirement or an assignment; `weighty` marks what cannot be undone."""
    if assignment is not None:
        subject, back = assignment.requirement, _page_of_assignment(assignment)
    else:
        assert requirement is not None
        subject, back = requirement, _page_of_requirement(requirement)
    if form.validate_on_submit():
        answer = form.attempt(act, then=then or back, said=said)
        if answer is not None:
            return answer
    return (
        render_template(
            "requirements/ask.html", form=form, title=title, lead=lead, button=button, weighty=weighty,
            multipart=multipart, requirement=subject, assignment=assignment, event=subject.event, back=back,
        ),
        form.status,
    )  # fmt: skip


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
