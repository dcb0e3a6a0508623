"""The pages of circulars."""

from urllib.parse import quote

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.audiences import queries as audiences
from app.audiences.models import RuleKind
from app.audiences.queries import people_of
from app.circulars import (
    content,
    paper,
    policy,
    queries,
    services,
)
from app.circulars.forms import CircularForm, ReadersForm
from app.circulars.models import Circular, CircularState
from app.core import clock
from app.core.errors import require
from app.core.forms import filled, press, record_options
from app.core.i18n import _, language_tag, listed, ngettext
from app.core.text import one_line
from app.documents.errors import DocumentFailed
from app.events.models import Event
from app.events.pages import open_event
from app.people import queries as people
from app.people.models import Person
from app.sheets.answers import sheet_answer

blueprint = Blueprint("circulars", __name__)

PATH = "/circulars/<ref:circular_ref>"


@blueprint.route("/circulars")
def list_circulars() -> ResponseReturnValue:
    """Of the whole house, or of the gathering that the address names."""
    event = _event_asked()
    return render_template(
        "circulars/list.html",
        event=event,
        circulars=queries.list_readable(current_user, event=event),
        may_prepare=policy.may_prepare(current_user, event),
    )


@blueprint.route("/circulars/new", methods=["GET", "POST"])
def prepare() -> ResponseReturnValue:
    event = _event_asked()
    require(policy.may_prepare(current_user, event))
    form = CircularForm()
    if not form.is_submitted():
        today = clock.today(event.time_zone) if event is not None else clock.today()
        form.from_on.data, form.to_on.data = today.replace(day=1), today
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.prepare_circular(actor=current_user, event=event, **_told(form)),
            then=page_of,
            said=_("The draft is ready. Look at what it would say, and name who receives it."),
        )
        if answer is not None:
            return answer
    return render_template("circulars/edit.html", form=form, event=event, circular=None), form.status


@blueprint.route(PATH)
def show(circular_ref: str) -> ResponseReturnValue:
    """What a draft would say now, or what a published one says for good."""
    circular = _open(circular_ref)
    is_draft = circular.state == CircularState.DRAFT
    told = content.compose(circular) if is_draft else circular.content
    prepares = is_draft and policy.may_prepare(current_user, circular.event)
    return render_template(
        "circulars/show.html",
        circular=circular,
        event=circular.event,
        told=told,
        paper=paper,
        is_draft=is_draft,
        prepares=prepares,
        stranded=queries.list_stranded(circular.event) if prepares else [],
        is_blocking=services.is_dissolved,
        readers_form=_readers_form() if prepares else None,
    )


@blueprint.route(f"{PATH}/edit", methods=["GET", "POST"])
def edit(circular_ref: str) -> ResponseReturnValue:
    circular = _open(circular_ref)
    require(policy.may_prepare(current_user, circular.event))
    form = CircularForm(obj=circular)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.change_circular(circular, actor=current_user, version=form.opened_version, **_told(form)),
            then=page_of(circular),
            said=_("The draft is changed."),
        )
        if answer is not None:
            return answer
    return render_template("circulars/edit.html", form=form, event=circular.event, circular=circular), form.status


@blueprint.route(f"{PATH}/readers", methods=["POST"])
def add_readers(circular_ref: str) -> ResponseReturnValue:
    circular = _open(circular_ref)
    require(policy.may_prepare(current_user, circular.event))
    form = _readers_form()
    if not form.validate_on_submit():
        flash(_("Please choose from the lists."), "refused")
        return redirect(page_of(circular), 303)
    chosen = _chosen(form)
    if not chosen:
        flash(_("Please choose a person, a department or a group."), "refused")
        return redirect(page_of(circular), 303)
    left_out: list[Person] = []

    def act() -> None:
        left_out.extend(services.add_readers(circular, chosen, actor=current_user)[1])

    answer = press(act, f"{page_of(circular)}#readers", _("The distribution list is changed."))
    if left_out:
        flash(
            ngettext(
                "%(num)s person was left out (%(names)s): they have left, cannot sign in, or may not see the gathering.",
                "%(num)s people were left out (%(names)s): they have left, cannot sign in, or may not see the gathering.",
                len(left_out),
                names=listed(each.display_name for each in left_out[:5]),
            ),
            "info",
        )
    return answer


@blueprint.route(f"{PATH}/readers/<ref:reader_ref>/removal", methods=["POST"])
def remove_reader(circular_ref: str, reader_ref: str) -> ResponseReturnValue:
    circular = _open(circular_ref)
    require(policy.may_prepare(current_user, circular.event))
    reader = queries.find_reader(circular, reader_ref) or abort(404)
    return press(
        lambda: services.remove_reader(reader, actor=current_user),
        f"{page_of(circular)}#readers",
        _("The distribution list is changed."),
    )


@blueprint.route(f"{PATH}/publication", methods=["POST"])
def publish(circular_ref: str) -> ResponseReturnValue:
    circular = _open(circular_ref)
    require(policy.may_prepare(current_user, circular.event))
    language, looked_at = language_tag(), request.form.get("version", "")
    version = int(looked_at) if looked_at.isascii() and looked_at.isdecimal() and len(looked_at) < 10 else None
    return press(
        lambda: services.publish_circular(circular, actor=current_user, language=language, version=version),
        page_of(circular),
        _("The circular is published. Its readers are told by mail."),
    )


@blueprint.route(f"{PATH}/discard", methods=["POST"])
def discard(circular_ref: str) -> ResponseReturnValue:
    circular = _open(circular_ref)
    require(policy.may_prepare(current_user, circular.event))
    then = url_for("circulars.list_circulars", event=circular.event.ref if circular.event else None)
    return press(lambda: services.discard_circular(circular, actor=current_user), then, _("The draft is thrown away."))


@blueprint.route(f"{PATH}.pdf")
def pdf(circular_ref: str) -> ResponseReturnValue:
    circular = _open(circular_ref)
    try:
        if circular.state == CircularState.DRAFT:
            data = paper.render(content.compose(circular), document=None, language=language_tag())
        else:
            data = paper.pdf_of(circular)
    except DocumentFailed as failure:
        flash(str(failure.sentence), "refused")
        return redirect(page_of(circular), 303)
    response = Response(data, mimetype="application/pdf")
    name = f"{circular.display_title} {circular.label if circular.number else ''}".strip() + ".pdf"
    response.headers["Content-Disposition"] = (
        f"attachment; filename={_plain(circular)}.pdf; filename*=UTF-8''{quote(name, safe='')}"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@blueprint.route(f"{PATH}.xlsx")
def extract(circular_ref: str) -> ResponseReturnValue:
    circular = _open(circular_ref)
    told = content.compose(circular) if circular.state == CircularState.DRAFT else circular.content
    return sheet_answer("xlsx", paper.columns(), paper.table(told), title=circular.display_title, name=_plain(circular))


def page_of(circular: Circular) -> str:
    return url_for("circulars.show", circular_ref=circular.ref)


def _plain(circular: Circular) -> str:
    """A header holds no Chinese."""
    return f"circular-{circular.label}" if circular.number else "circular-draft"


def _event_asked() -> Event | None:
    ref = one_line(request.args.get("event", ""))
    return open_event(ref) if ref else None


def _open(ref: str) -> Circular:
    """Inside its gathering when it is of one; what may not be read is not there."""
    circular = queries.find_readable(current_user, ref) or abort(404)
    if circular.event is not None:
        open_event(circular.event.ref)
    return circular


def _told(form: CircularForm) -> dict:
    return {**form.values(), "from_on": filled(form.from_on.data), "to_on": filled(form.to_on.data)}


def _readers_form() -> ReadersForm:
    form = ReadersForm()
    form.person_ref.choices = record_options(people.list_choosable_people(), nothing=_("Nobody in particular"))
    form.department_ref.choices = record_options(queries.list_departments(), nothing=_("No department"))
    form.group_ref.choices = [
        ("", _("No group")), *((each.ref, each.name) for each in audiences.list_groups())
    ]  # fmt: skip
    return form


class _Line:
    """A line as the invitee lists read it."""

    def __init__(self, kind: str, **value: object) -> None:
        self.kind, self.value = kind, value


def _chosen(form: ReadersForm) -> list[Person]:
    lines = []
    if form.person_ref.data:
        lines.append(_Line(RuleKind.PERSON, ref=form.person_ref.data))
    if form.department_ref.data:
        lines.append(_Line(RuleKind.DEPARTMENT, ref=form.department_ref.data, below=form.below.data))
    if form.group_ref.data:
        lines.append(_Line(RuleKind.GROUP, ref=form.group_ref.data))
    return list(people_of({person for found in audiences.resolve_all(lines, on=clock.today()) for person in found}))
