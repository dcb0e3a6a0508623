"""The URLs of gatherings."""

from collections.abc import Sequence
from itertools import groupby

from flask import Blueprint, abort, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_sqlalchemy.pagination import Pagination

from app.batches import policy as policies_of_groups
from app.batches.queries import list_led
from app.core import clock
from app.core.config import settings_now
from app.core.errors import Busy, require
from app.core.forms import PressForm, filled, options, press, record_options
from app.core.guards import public
from app.core.i18n import _, ngettext
from app.core.roles import ROLE_LABELS, Role, holds
from app.editions import queries as editions
from app.editions.template import Template, shipped
from app.events import policy, queries, services
from app.events.forms import (
    PART_LABELS,
    CancellationForm,
    GroupForm,
    NewEventForm,
    PartForm,
    RehearsalForm,
    RoleForm,
    SettingsForm,
)
from app.events.models import AUDIENCE_LABELS, KIND_LABELS, STATUS_LABELS, Event, Kind, Status
from app.events.pages import open_event
from app.people import queries as people_queries
from app.people.models import Person
from app.programme import printed
from app.programme import queries as programme
from app.programme.models import Session
from app.provenance.queries import find_source, note, notes_of
from app.registration import queries as registration
from app.releases import queries as releases
from app.workflows import cancel_event as cancelling
from app.workflows import rehearse
from app.workflows.move_event import Changed, change_and_move
from app.workflows.publish_event import publish_when_ready
from app.workflows.readiness import by_level, find_findings, look_at

blueprint = Blueprint("events", __name__)

HERE = "events.show"
MOST_EARLIER = 50


@blueprint.route("/events")
@public
def list_events() -> ResponseReturnValue:
    kind = request.args.get("kind") if request.args.get("kind") in set(Kind) else None
    status = request.args.get("status") if request.args.get("status") in set(Status) else None
    today = clock.today(settings_now().default_zone)
    upcoming = queries.list_upcoming(current_user, today, kind=kind, status=status)
    past = queries.list_past(current_user, today, kind=kind, status=status)
    page = PageOfEvents(list(past))
    by_year = [(year, list(row)) for year, row in groupby(page.items, key=lambda event: event.starts_on.year)]
    shown = {each.kind for each in (*upcoming, *past)}
    return render_template(
        "events/list.html",
        upcoming=upcoming,
        by_year=by_year,
        page=page,
        now=clock.now(),
        kind=kind,
        status=status,
        kind_labels=KIND_LABELS,
        kinds={each: label for each, label in KIND_LABELS.items() if each in shown or each == kind},
        statuses=STATUS_LABELS,
        audiences=AUDIENCE_LABELS,
        may_create=policy.may_create(current_user),
        plans=holds(current_user, Role.ORGANIZER, Role.ADMINISTRATOR, Role.AUDITOR),
    )


class PageOfEvents(Pagination):
    """Rows that are here already, a page at a time."""

    def __init__(self, rows: list[Event]) -> None:
        self._rows = rows
        super().__init__(max_per_page=100, error_out=False)

    def _query_items(self) -> list[Event]:
        return self._rows[self._query_offset : self._query_offset + self.per_page]

    def _query_count(self) -> int:
        return len(self._rows)


@blueprint.route("/events/new", methods=["GET", "POST"])
def create() -> ResponseReturnValue:
    require(policy.may_create(current_user))
    form = NewEventForm()
    zone = settings_now().default_zone
    if form.validate_on_submit():
        host = people_queries.own_organization()
        answer = form.attempt(
            lambda: services.create_event(actor=current_user, time_zone=zone, host=host, **form.values()),
            then=lambda event: url_for(HERE, event_ref=event.ref),
            said=_("The event is a draft. Only you and others who plan it see it."),
        )
        if answer is not None:
            return answer
    way = request.args.get("way") if request.args.get("way") in ("earlier", "template", "series") else "empty"
    earlier: Sequence[Event] = []
    templates = {}
    if way == "earlier":
        earlier = editions.list_clonable(current_user, queries.list_visible(current_user))[:MOST_EARLIER]
    elif way == "template":
        templates = {each.ref: Template(each.content) for each in editions.list_kept()} | shipped()
    return render_template(
        "events/new.html", form=form, zone=zone, way=way, earlier=earlier, templates=templates
    ), form.status


@blueprint.route("/events/<ref:event_ref>")
@public
def show(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    now = clock.now()
    may_plan = policy.may_plan(current_user, event)
    notes = notes_of(event.ref) if event.source_id else {}
    met: list[Person | None] = []  # the visitor's person, when it came along with the sessions

    def sessions() -> Sequence[Session]:
        rows, person = programme.list_sessions_and_person(event, current_user)
        met.append(person)
        return rows

    standing, findings = None, None
    if event.source_id or (event.is_draft and may_plan):
        known, items = releases.told(event, current_user)
        rows = printed.draw("events/days.html", event, current_user, now, known, items, notes=notes)
        if event.is_draft and may_plan:
            findings = by_level(find_findings(event, current_user, known, items))
    else:
        working = releases.sees_working(current_user, event)
        rows = printed.rows(
            "events/days.html",
            event,
            current_user,
            now,
            told=lambda: (
                (sessions(), programme.list_items(event, current_user))
                if working
                else releases.told(event, current_user)
            ),
            working=working,
        )
    neighbours = None
    if event.series_id is not None:
        neighbours = editions.neighbours_of(event, queries.list_editions(current_user, event.series_id))
    if event.status == Status.PUBLISHED and not event.has_ended_at(now):
        person = met[0] if met else people_queries.person_of(current_user)
        standing = registration.standing_of(event, person)
    leads = (
        standing is not None
        and standing.plan is not None
        and policies_of_groups.may_register_groups(
            current_user, event, leads=not may_plan and bool(list_led(current_user, event.starts_on))
        )
    )
    return render_template(
        "events/show.html",
        event=event,
        now=now,
        rows=rows.strip(),
        standing=standing,
        leads=leads and not may_plan,
        findings=findings,
        notes=notes,
        note=note,
        neighbours=neighbours,
        previous=_previous_of(event) if neighbours is None else None,
        may_begin=policy.may_create(current_user),
        may_plan=may_plan,
        kinds=KIND_LABELS,
    )


def _saved(changed: Changed) -> str:
    for sentence in changed.lost:
        flash(sentence, "warning")
    if not changed.told:
        return _("The settings are saved.")
    return ngettext(
        "The settings are saved. One person with a place is told by mail.",
        "The settings are saved. %(num)s people with a place are told by mail.",
        changed.told,
    )


def _previous_of(event: Event) -> Event | None:
    """The edition before, for those who may know of it."""
    previous = event.previous
    return previous if previous and policy.is_surely_visible(current_user, previous) else None


@blueprint.route("/events/<ref:event_ref>/settings", methods=["GET", "POST"])
def settings(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_plan(current_user, event))
    hosts = {each.ref: each for each in queries.list_hosts()}
    editions = {each.ref: each for each in queries.list_visible(current_user) if each.id != event.id}
    names = {ref: f"{each.display_title} ({each.starts_on.year})" for ref, each in editions.items()}
    if event.previous is not None and event.previous.ref not in editions:
        editions[event.previous.ref] = event.previous  # chosen by somebody who may see it: it stays, unnamed
        names[event.previous.ref] = _("An event that you may not see")
    form = SettingsForm(obj=event)
    form.host.choices = record_options(hosts.values(), nothing=_("not stated"))
    form.previous.choices = options(names, nothing=_("none"))
    if not form.is_submitted():
        form.host.data = event.host.ref if event.host else ""
        form.previous.data = event.previous.ref if event.previous else ""
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: change_and_move(
                event,
                actor=current_user,
                version=form.opened_version,
                moves_along=bool(form.moves_along.data),
                host=hosts.get(form.host.data or ""),
                previous=editions.get(form.previous.data or ""),
                **form.values("host", "previous", "moves_along"),
            ),
            then=url_for(HERE, event_ref=event.ref),
            said=_saved,
        )
        if answer is not None:
            return answer
    zones = sorted(services.known_zones())
    return render_template("events/settings.html", form=form, event=event, zones=zones), form.status


# --- published, concluded, cancelled ------------------------------------------------------------------------------


@blueprint.route("/events/<ref:event_ref>/readiness")
def readiness(event_ref: str) -> ResponseReturnValue:
    """What keeps the event from being published and what is worth a look; for machines where they ask for JSON."""
    event = open_event(event_ref)
    require(policy.may_plan(current_user, event))
    return _readiness(event)


@blueprint.route("/events/<ref:event_ref>/readiness.json")
def readiness_for_machines(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_plan(current_user, event))
    return _readiness(event, as_json=True)


def _readiness(event: Event, *, as_json: bool = False, status: int = 200) -> ResponseReturnValue:
    found = by_level(look_at(event, current_user))
    wanted = request.accept_mimetypes.best_match(["text/html", "application/json"])
    if as_json or wanted == "application/json":
        base_url = settings_now().base_url.rstrip("/")
        response = jsonify(
            event=event.ref,
            status=event.status,
            ready=not found.blockers,
            blockers=len(found.blockers),
            warnings=len(found.warnings),
            findings=[each.as_json(base_url) for row in found for each in row],
        )
    else:
        response = make_response(render_template("events/readiness.html", event=event, found=found))
    response.status_code = status
    response.vary.add("Accept")
    return response


@blueprint.route("/events/<ref:event_ref>/publication", methods=["POST"])
def publish(event_ref: str) -> ResponseReturnValue:
    """A refusal answers with everything that stands in the way, each with the link to what mends it."""
    event = open_event(event_ref)
    require(policy.may_plan(current_user, event))
    form, home = PressForm(), url_for(HERE, event_ref=event.ref)
    if form.validate_on_submit():
        said = _("The event is published. Its audience sees it now.")
        answer = form.attempt(lambda: publish_when_ready(event, actor=current_user), home, said)
        if answer is not None:
            return answer
        if form.status == 503:
            raise Busy
        if form.status == 409:
            return _readiness(event, status=409)
    flash(form.refusal or _("That did not work. Please try again."), "refused")
    return redirect(home, 303)


# --- rehearsal ----------------------------------------------------------------------------------------------------


@blueprint.route("/events/<ref:event_ref>/rehearsal", methods=["GET", "POST"])
def rehearsal(event_ref: str) -> ResponseReturnValue:
    """What a rehearsal is, and how it begins or ends. The mails that are chosen leave when it ends."""
    event = open_event(event_ref)
    require(policy.may_plan(current_user, event))
    form = RehearsalForm()
    effect = rehearse.effect_of_end(event) if event.is_rehearsal else None
    held = {each.ref: each for each in effect.mails} if effect else {}
    form.let_go.choices = options({ref: f"{each.to_name} · {each.subject}" for ref, each in held.items()})
    if effect and form.validate_on_submit():
        chosen = [held[ref] for ref in form.let_go.data or []]
        answer = form.attempt(
            lambda: rehearse.end_rehearsal(event, actor=current_user, let_go=chosen),
            then=url_for("events.settings", event_ref=event.ref),
            said=lambda done: ngettext(
                "The rehearsal is over. One registration is removed.",
                "The rehearsal is over. %(num)s registrations are removed.",
                done.registrations,
            ),
        )
        if answer is not None:
            return answer
    return render_template("events/rehearsal.html", form=form, event=event, effect=effect), form.status


@blueprint.route("/events/<ref:event_ref>/rehearsal/beginning", methods=["POST"])
def begin_rehearsal(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_plan(current_user, event))
    return press(
        lambda: rehearse.begin_rehearsal(event, actor=current_user),
        url_for("events.rehearsal", event_ref=event.ref),
        _("The rehearsal has begun. No mail leaves, and who registers now is marked."),
    )


@blueprint.route("/events/<ref:event_ref>/conclusion", methods=["POST"])
def conclude(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_plan(current_user, event))
    return press(
        lambda: services.conclude_event(event, actor=current_user),
        url_for(HERE, event_ref=event.ref),
        _("The event is concluded."),
    )


@blueprint.route("/events/<ref:event_ref>/cancellation", methods=["GET", "POST"])
def cancel(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_plan(current_user, event))
    form = CancellationForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: cancelling.cancel_event(event, actor=current_user, reason=form.reason.data),
            then=url_for(HERE, event_ref=event.ref),
            said=lambda effect: ngettext(
                "The event is cancelled. One person is told by mail.",
                "The event is cancelled. %(num)s people are told by mail.",
                effect.told,
            ),
        )
        if answer is not None:
            return answer
    effect = cancelling.effect_of(event)
    return render_template("events/cancel.html", form=form, event=event, effect=effect), form.status


# --- people -------------------------------------------------------------------------------------------------------


@blueprint.route("/events/<ref:event_ref>/people")
def people(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    parts = [each for each in queries.list_parts(event) if each.role in PART_LABELS]
    sees_roles = policy.has_role_here(current_user, event)
    return render_template(
        "events/people.html",
        event=event,
        parts={role: [each for each in parts if each.role == role] for role in PART_LABELS},
        part_labels=PART_LABELS,
        groups=queries.list_groups(event),
        grants=queries.list_grants(event) if sees_roles else [],
        role_labels=ROLE_LABELS,
        sees_roles=sees_roles,
        may_name=policy.may_name_people(current_user, event),
        may_give=policy.may_give_roles(current_user, event),
        may_take_out=policy.may_take_out,
        notes=notes_of(event.ref) if event.source_id else {},
        note=note,
        source=find_source(event.source_id),
    )


@blueprint.route("/events/<ref:event_ref>/people/new", methods=["GET", "POST"])
def add_part(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_name_people(current_user, event))
    known = {each.ref: each for each in people_queries.list_choosable_people()}
    form = PartForm()
    form.person.choices = record_options(known.values(), nothing=_("Choose somebody"))
    if form.validate_on_submit():
        person = known[filled(form.person.data)]
        answer = form.attempt(
            lambda: services.name_person(event, person, actor=current_user, **form.values("person")),
            then=url_for("events.people", event_ref=event.ref),
            said=_("%(name)s is named.", name=person.display_name),
        )
        if answer is not None:
            return answer
    return render_template("events/add_part.html", form=form, event=event), form.status


@blueprint.route("/events/<ref:event_ref>/people/<ref:part_ref>/removal", methods=["POST"])
def remove_part(event_ref: str, part_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    part = queries.find_part(event, part_ref) or abort(404)
    require(policy.may_take_out(current_user, event, part))
    return press(
        lambda: services.remove_part(part, actor=current_user),
        url_for("events.people", event_ref=event.ref),
        _("The part is taken back."),
    )


@blueprint.route("/events/<ref:event_ref>/groups/new", methods=["GET", "POST"])
def add_group(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_name_people(current_user, event))
    form = GroupForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_group(event, actor=current_user, **form.values()),
            then=url_for("events.people", event_ref=event.ref),
            said=_("The group is noted."),
        )
        if answer is not None:
            return answer
    return render_template("events/group.html", form=form, event=event, group=None), form.status


@blueprint.route("/events/<ref:event_ref>/groups/<ref:group_ref>", methods=["GET", "POST"])
def change_group(event_ref: str, group_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    group = queries.find_group(event, group_ref) or abort(404)
    require(policy.may_name_people(current_user, event))
    form = GroupForm(obj=group)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.change_group(group, actor=current_user, **form.values()),
            then=url_for("events.people", event_ref=event.ref),
            said=_("The group is saved."),
        )
        if answer is not None:
            return answer
    return render_template("events/group.html", form=form, event=event, group=group), form.status


@blueprint.route("/events/<ref:event_ref>/groups/<ref:group_ref>/removal", methods=["POST"])
def remove_group(event_ref: str, group_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    group = queries.find_group(event, group_ref) or abort(404)
    require(policy.may_name_people(current_user, event))
    return press(
        lambda: services.remove_group(group, actor=current_user),
        url_for("events.people", event_ref=event.ref),
        _("The group is removed."),
    )


@blueprint.route("/events/<ref:event_ref>/roles/new", methods=["GET", "POST"])
def give_role(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_give_roles(current_user, event))
    holders = {each.ref: each for each in queries.list_account_holders()}
    form = RoleForm()
    form.person.choices = record_options(holders.values(), nothing=_("Choose somebody"))
    if form.validate_on_submit():
        person = holders[filled(form.person.data)]
        answer = form.attempt(
            lambda: services.give_role(event, queries.find_account(person), filled(form.role.data), actor=current_user),
            then=url_for("events.people", event_ref=event.ref),
            said=_("%(name)s holds the role in this event.", name=person.display_name),
        )
        if answer is not None:
            return answer
    return render_template("events/give_role.html", form=form, event=event), form.status


@blueprint.route("/events/<ref:event_ref>/roles/<ref:grant_ref>/withdrawal", methods=["POST"])
def withdraw_role(event_ref: str, grant_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_give_roles(current_user, event))
    grant = queries.find_grant(event, grant_ref) or abort(404)
    return press(
        lambda: services.withdraw_role(event, grant, actor=current_user),
        url_for("events.people", event_ref=event.ref),
        _("The role is taken back."),
    )
