"""The URLs of one requirement."""

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.cascades import queries as cascades
from app.cascades.services import may_split
from app.core import clock
from app.core.errors import require
from app.core.forms import filled, led_before, options, press, record_options
from app.core.i18n import _
from app.core.text import tidy
from app.documents.diff import drawn
from app.people import queries as people
from app.provenance.queries import find_source, notes_of
from app.requirements import history, links, pages, policy, queries, services, standing
from app.requirements.flags import FLAG_LABELS
from app.requirements.forms import (
    PartForm,
    ReasonForm,
    ResolutionForm,
    ReviewForm,
    RewordingForm,
    TrackingForm,
)
from app.requirements.models import (
    ASSIGNMENT_STATE_LABELS,
    REQUIREMENT_KIND_LABELS,
    Requirement,
    RequirementState,
    Wording,
)
from app.requirements.pages import REQUIREMENT, blueprint
from app.requirements.services import To


@blueprint.route(REQUIREMENT)
def show(event_ref: str, requirement_ref: str) -> ResponseReturnValue:
    requirement = pages.open_requirement(event_ref, requirement_ref)
    event = requirement.event
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
    requirement = pages.open_requirement(event_ref, requirement_ref)
    require(policy.may_reword(current_user, requirement))
    form = RewordingForm(obj=requirement)
    return pages.ask(
        form,
        _("Say it in other words"),
        lambda: services.reword(requirement, actor=current_user, version=form.opened_version, **form.values()),
        _("This is a new edition of it. Everybody to whom it was given is told."),
        about=requirement,
        button=_("Keep this wording"),
        lead=_("What was said in the speech stays as it was said. Every edition stays readable, with its reason."),
        then=lambda _edition: _page_of_editions(requirement),
    )


@blueprint.route(f"{REQUIREMENT}/editions")
def editions(event_ref: str, requirement_ref: str) -> ResponseReturnValue:
    """The editions of its wording, and what differs between any two."""
    requirement = pages.open_requirement(event_ref, requirement_ref)
    kept = queries.list_editions(requirement)
    numbers = [each.edition for each in kept]
    newest = numbers[-1] if numbers else 1
    first, last = _number("from", max(newest - 1, 1), newest), _number("to", newest, newest)
    old, new = (next((each for each in kept if each.edition == wanted), None) for wanted in (first, last))
    return render_template(
        "requirements/editions.html",
        event=requirement.event,
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
    requirement = pages.open_requirement(event_ref, requirement_ref)
    require(policy.may_supervise(current_user, requirement.event))
    if request.method == "POST":
        earlier = links.find_candidate(current_user, request.form.get("earlier_ref", "")[:40]) or abort(404)
        return press(
            lambda: services.link_to_earlier(requirement, earlier, actor=current_user),
            pages.page_of(requirement),
            _("It continues %(label)s.", label=earlier.label),
        )
    words = tidy(request.args.get("q", "")).strip()[:100]
    return render_template(
        "requirements/earlier.html",
        event=requirement.event,
        requirement=requirement,
        words=words,
        found=links.find_candidates(current_user, requirement, words),
    )


@blueprint.route(f"{REQUIREMENT}/earlier/<ref:link_ref>/removal", methods=["POST"])
def unlink(event_ref: str, requirement_ref: str, link_ref: str) -> ResponseReturnValue:
    requirement = pages.open_requirement(event_ref, requirement_ref)
    require(policy.may_supervise(current_user, requirement.event))
    link = links.find_by_ref(requirement, link_ref)
    if link is None:
        abort(led_before() or 404)
    return press(
        lambda: services.unlink(link, actor=current_user), pages.page_of(requirement), _("The link is removed.")
    )


@blueprint.route(f"{REQUIREMENT}/tracking", methods=["GET", "POST"])
def track(event_ref: str, requirement_ref: str) -> ResponseReturnValue:
    requirement = pages.open_requirement(event_ref, requirement_ref)
    require(policy.may_supervise(current_user, requirement.event))
    form = TrackingForm(obj=requirement)
    return pages.ask(
        form,
        _("How is this followed?"),
        lambda: services.set_tracking(
            requirement, form.tracking.data, actor=current_user, review_months=form.review_months.data,
            version=form.opened_version,
        ),
        _("It is decided how this is followed."),
        about=requirement,
        button=_("Save"),
        lead=_("Not every sentence is a task. To be assigned, every addressee must be resolved to a department."),
    )  # fmt: skip


@blueprint.route(f"{REQUIREMENT}/review", methods=["GET", "POST"])
def review(event_ref: str, requirement_ref: str) -> ResponseReturnValue:
    requirement = pages.open_requirement(event_ref, requirement_ref)
    require(policy.may_supervise(current_user, requirement.event))
    form = ReviewForm()
    sessions = queries.list_reviewing_sessions(current_user, requirement)
    form.session_ref.choices = options(
        {each.ref: f"{each.display_title} · {each.event.display_title}" for each in sessions}, nothing=_("none")
    )
    if not form.is_submitted():
        form.reviewed_on.data, form.version.data = clock.today(requirement.event.time_zone), str(requirement.version)
    return pages.ask(
        form,
        _("How is this principle lived?"),
        lambda: services.record_review(
            requirement, actor=current_user, on=filled(form.reviewed_on.data), finding=form.finding.data,
            session=next((each for each in sessions if each.ref == form.session_ref.data), None),
            version=form.opened_version,
        ),
        _("The review is noted."),
        about=requirement,
        button=_("Save"),
    )  # fmt: skip


@blueprint.route(f"{REQUIREMENT}/withdrawal", methods=["GET", "POST"])
def withdraw(event_ref: str, requirement_ref: str) -> ResponseReturnValue:
    requirement = pages.open_requirement(event_ref, requirement_ref)
    require(policy.may_withdraw(current_user, requirement))
    form = ReasonForm(obj=requirement)
    return pages.ask(
        form,
        _("Withdraw this requirement"),
        lambda: services.withdraw_requirement(
            requirement, actor=current_user, reason=form.reason.data, version=form.opened_version
        ),
        _("The requirement is withdrawn. Everybody to whom it was given is told."),
        about=requirement,
        button=_("Withdraw"),
        weighty=True,
        lead=_("Its parts and its assignments end with it. What was recorded stays readable."),
    )


@blueprint.route(f"{REQUIREMENT}/addressees/<ref:addressee_ref>/department", methods=["GET", "POST"])
def resolve(event_ref: str, requirement_ref: str, addressee_ref: str) -> ResponseReturnValue:
    requirement = pages.open_requirement(event_ref, requirement_ref)
    addressee = queries.find_addressee(requirement, addressee_ref) or abort(404)
    require(policy.may_resolve(current_user, requirement.event))
    form = ResolutionForm()
    form.department_ref.choices = record_options(people.list_choosable_departments(), nothing=_("Choose a department"))
    if addressee.department and not form.is_submitted():
        form.department_ref.data = addressee.department.ref
    return pages.ask(
        form,
        _("Which department is meant by “%(words)s”?", words=addressee.display_name),
        lambda: services.resolve_addressee(
            addressee, people.find_department(form.department_ref.data) or abort(404), actor=current_user
        ),
        _("The addressee is resolved."),
        about=requirement,
        button=_("Save"),
    )


@blueprint.route(f"{REQUIREMENT}/parts/new", methods=["GET", "POST"])
def add_part(event_ref: str, requirement_ref: str) -> ResponseReturnValue:
    requirement = pages.open_requirement(event_ref, requirement_ref)
    require(policy.may_record(current_user, requirement.event))
    form = PartForm()
    if not form.is_submitted():
        form.kind.data = requirement.kind
    return pages.ask(
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
        about=requirement,
        button=_("Save"),
    )


def _number(name: str, otherwise: int, most: int) -> int:
    raw = request.args.get(name, "")
    return min(max(int(raw), 1), most) if raw.isascii() and raw.isdecimal() and len(raw) < 7 else otherwise


def _page_of_editions(requirement: Requirement) -> str:
    return url_for("requirements.editions", event_ref=requirement.event.ref, requirement_ref=requirement.ref)
