"""Groups and tables of registrations."""

from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.batches import policy, queries, services
from app.batches.forms import GroupForm, TableForm
from app.batches.models import Batch
from app.batches.verdicts import FIELDS, VERDICT_LABELS, make_plan
from app.core import clock
from app.core.errors import Refused, require
from app.core.forms import press
from app.core.i18n import _, ngettext
from app.core.paging import Page, asked_page
from app.events.models import Event
from app.events.pages import open_event
from app.people.models import Person
from app.people.queries import list_choosable_departments
from app.registration import queries as registrations
from app.registration.models import STATE_LABELS
from app.registration.policy import may_organize, may_see_list
from app.registration.services import Placed
from app.sheets.answers import sheet_answer
from app.sheets.errors import SheetRefused
from app.sheets.mapping import column_number
from app.sheets.reading import read_table

blueprint = Blueprint("batches", __name__)
MOST_FOUND = 100


@blueprint.route("/events/<ref:event_ref>/registration/groups")
def list_batches(event_ref: str) -> ResponseReturnValue:
    """All of them for organizers, the own ones for the head of a department."""
    event = open_event(event_ref)
    sees_all, may_group = may_see_list(current_user, event), may_open_group(event)
    require(sees_all or may_group)
    return render_template(
        "batches/list.html",
        event=event,
        batches=queries.list_batches(event, by=None if sees_all else current_user),
        counts=queries.count_members(event),
        sees_all=sees_all,
        may_group=may_group,
        may_table=policy.may_register_tables(current_user, event),
        plan=registrations.find_plan(event),
    )


def may_open_group(event: Event) -> bool:
    if may_organize(current_user, event):
        return True
    leads = queries.is_head(current_user, event.starts_on)
    return policy.may_register_groups(current_user, event, leads=leads)


# --- a group ------------------------------------------------------------------------------------------------------


@blueprint.route("/events/<ref:event_ref>/registration/groups/new", methods=["GET", "POST"])
def open_group(event_ref: str) -> ResponseReturnValue:
    """Choose people by searching, by department, or from a pasted list; then look at the dry run."""
    event = open_event(event_ref)
    require(may_open_group(event))
    organizes = may_organize(current_user, event)
    departments = list_choosable_departments() if organizes else queries.list_led(current_user, event.starts_on)
    form = GroupForm()
    form.offer(departments, registrations.list_limited_sessions(event))
    own = None if organizes else queries.own_people(current_user, event)
    chosen = chosen_people(own)
    found: list[Person] = []
    if form.validate_on_submit():
        if request.form.get("do") in ("search", "all"):
            department = next((each for each in departments if each.ref == form.department.data), None)
            found = queries.find_to_choose(
                event, form.q.data or "", department, among=own,
                most=services.MOST_IN_GROUP if request.form.get("do") == "all" else MOST_FOUND,
            )  # fmt: skip
            if request.form.get("do") == "all":
                chosen, found = [*chosen, *(each for each in found if each not in chosen)], []
        else:
            answer = form.attempt(
                lambda: services.open_group(
                    event, actor=current_user, people=chosen, lines=(form.lines.data or "").splitlines(),
                    sessions=registrations.find_sessions(event, form.sessions.data or []), name=form.name.data,
                ),
                then=lambda made: url_for("batches.show", event_ref=event.ref, batch_ref=made.ref),
            )  # fmt: skip
            if answer is not None:
                return answer
    return render_template(
        "batches/group.html",
        event=event, form=form, chosen=chosen, found=[each for each in found if each not in chosen],
        searched=form.is_submitted() and request.form.get("do") == "search", organizes=organizes, most_found=MOST_FOUND,
    ), form.status  # fmt: skip


def chosen_people(own: dict[int, Person] | None) -> list[Person]:
    """Those whose boxes are checked; a head's choice holds nobody else's people."""
    people = registrations.find_people(request.form.getlist("person"))
    return [each for each in people if own is None or each.id in own]


# --- a table ------------------------------------------------------------------------------------------------------


@blueprint.route("/events/<ref:event_ref>/registration/groups/import", methods=["GET", "POST"])
def upload(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_register_tables(current_user, event))
    form = TableForm()
    if form.validate_on_submit():
        file = form.file.data
        try:
            table = read_table(file.filename, file.read())  # outside the unit of work: reading takes its time
            answer = form.attempt(
                lambda: services.open_table(event, file.filename, table, actor=current_user),
                then=lambda made: url_for("batches.show", event_ref=event.ref, batch_ref=made.ref),
            )
            if answer is not None:
                return answer
        except SheetRefused as refusal:
            form.refuse(Refused(refusal.sentence, field="file"))
    return render_template(
        "batches/upload.html", event=event, form=form, fields=FIELDS, most=services.MOST_ROWS
    ), form.status


# --- the dry run, and what became of it ---------------------------------------------------------------------------


def find_batch(event: Event, ref: str) -> Batch:
    batch = queries.find_batch(event, ref) or abort(404)
    if not policy.may_see(current_user, batch):
        abort(404)
    return batch


@blueprint.route("/events/<ref:event_ref>/registration/groups/<ref:batch_ref>")
def show(event_ref: str, batch_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    batch = find_batch(event, batch_ref)
    return dry_run(event, batch) if batch.applied_at is None else outcome(event, batch)


def dry_run(event: Event, batch: Batch) -> ResponseReturnValue:
    plan = make_plan(batch, actor=current_user)
    verdict = request.args.get("verdict", "")
    rows = [row for row in plan.rows if not verdict or row.verdict == verdict]
    return render_template(
        "batches/dry_run.html",
        event=event, batch=batch, plan=plan, rows=one_page(rows), verdict=verdict, fields=FIELDS, labels=VERDICT_LABELS,
        may_work=policy.may_work_on(current_user, batch),
    )  # fmt: skip


def one_page(rows: list[Any]) -> Page[Any]:
    number, per_page = asked_page(request.args)
    number = min(number, max(1, -(-len(rows) // per_page)))
    return Page(rows[(number - 1) * per_page : number * per_page], number, per_page, len(rows))


def outcome(event: Event, batch: Batch) -> ResponseReturnValue:
    members = list(queries.list_members_of(batch))
    by_person = {each.registration.person.ref: each for each in members}
    left_out = [row for row in batch.rows if row.get("person") not in by_person]
    people = {each.ref: each for each in registrations.find_people(str(row.get("person", "")) for row in left_out)}
    now = clock.now()
    return render_template(
        "batches/outcome.html",
        event=event, batch=batch, members=one_page(members), left_out=left_out, people=people,
        labels=VERDICT_LABELS, states=STATE_LABELS,
        untouched=sum(services.is_untouched(each) for each in members),
        changed=[each for each in members if not services.is_untouched(each)],
        may_undo=policy.may_work_on(current_user, batch) and services.may_be_undone_at(batch, now),
        undo_until=batch.applied_at + services.UNDO if batch.applied_at else None,
    )  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/registration/groups/<ref:batch_ref>/columns", methods=["POST"])
def choose_columns(event_ref: str, batch_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    batch = find_batch(event, batch_ref)
    require(policy.may_work_on(current_user, batch))
    chosen = {name: column_number(request.form.get(f"column_{name}", "")) for name in FIELDS}
    return press(
        lambda: services.choose_columns(batch, chosen, actor=current_user),
        url_for("batches.show", event_ref=event.ref, batch_ref=batch.ref),
        _("The columns are chosen. The dry run below follows them."),
    )


@blueprint.route("/events/<ref:event_ref>/registration/groups/<ref:batch_ref>/apply", methods=["POST"])
def apply(event_ref: str, batch_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    batch = find_batch(event, batch_ref)
    require(policy.may_work_on(current_user, batch))
    return press(
        lambda: services.apply(
            batch, digest=request.form.get("digest", ""), as_fits=request.form.get("as_fits") == "yes",
            actor=current_user,
        ),
        url_for("batches.show", event_ref=event.ref, batch_ref=batch.ref),
        applied_words,
    )  # fmt: skip


def applied_words(placed: list[Placed]) -> str:
    made = sum(each.registration is not None for each in placed)
    return ngettext("%(num)d person was registered.", "%(num)d people were registered.", made)


@blueprint.route("/events/<ref:event_ref>/registration/groups/<ref:batch_ref>/drop", methods=["POST"])
def drop(event_ref: str, batch_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    batch = find_batch(event, batch_ref)
    require(policy.may_work_on(current_user, batch))
    return press(
        lambda: services.drop(batch, actor=current_user),
        url_for("batches.list_batches", event_ref=event.ref),
        _("It is dropped. Nobody was registered."),
    )


@blueprint.route("/events/<ref:event_ref>/registration/groups/<ref:batch_ref>/undo", methods=["POST"])
def undo(event_ref: str, batch_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    batch = find_batch(event, batch_ref)
    require(policy.may_work_on(current_user, batch))
    return press(
        lambda: services.undo(batch, actor=current_user),
        url_for("batches.show", event_ref=event.ref, batch_ref=batch.ref),
        lambda done: ngettext(
            "%(num)d registration was taken back.", "%(num)d registrations were taken back.", done[0]
        ),
    )


@blueprint.route("/events/<ref:event_ref>/registration/groups/<ref:batch_ref>/export.<any(csv, xlsx):kind>")
def export(event_ref: str, batch_ref: str, kind: str) -> Response:
    """The dry run as a table: which rows to mend, and why."""
    event = open_event(event_ref)
    batch = find_batch(event, batch_ref)
    if batch.applied_at is not None:
        abort(404)
    plan = make_plan(batch, actor=current_user)
    return sheet_answer(
        kind,
        [_("Row"), _("Name"), _("Verdict"), _("Why")],
        [(row.number, row.label, str(VERDICT_LABELS[row.verdict]), row.sentence) for row in plan.rows],
        title=_("Dry run"),
        name="dry-run",
    )
