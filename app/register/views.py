"""The URLs of the register, of kept views, and of what is asked of one person."""

import re
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core import clock
from app.core.errors import require
from app.core.forms import press
from app.core.i18n import _, language_tag, ngettext
from app.core.text import one_line
from app.events.models import Event
from app.events.pages import open_event
from app.events.queries import find_visible
from app.people import queries as people
from app.register import exports, policy, queries, services, wording
from app.register.forms import ViewForm
from app.register.language import MOST_SIGNS, Question, Term, read
from app.register.models import SavedView
from app.requirements import policy as rights
from app.requirements import queries as requirements
from app.requirements import standing
from app.requirements.models import UNDER_WAY, Assignment, AssignmentState, Requirement
from app.sheets.writing import CSV_TYPE, XLSX_TYPE, write_csv, write_xlsx

blueprint = Blueprint("register", __name__)

PDF_TYPE = "application/pdf"
SHOWN_MISTAKES = 5


# --- the register -------------------------------------------------------------------------------------------------


@blueprint.route("/events/<ref:event_ref>/requirements")
def show(event_ref: str) -> ResponseReturnValue:
    return _page(open_event(event_ref))


@blueprint.route("/requirements")
def everything() -> ResponseReturnValue:
    return _page(None)


@blueprint.route("/events/<ref:event_ref>/requirements.<any(csv, xlsx, pdf):kind>")
def export(event_ref: str, kind: str) -> ResponseReturnValue:
    return _export(open_event(event_ref), kind)


@blueprint.route("/requirements.<any(csv, xlsx, pdf):kind>")
def export_everything(kind: str) -> ResponseReturnValue:
    return _export(None, kind)


def _question() -> Question:
    """What the address asks for. Beyond what is read one sign is left, so that the reader tells of it."""
    return read(one_line(request.args.get("q", "")[: 4 * MOST_SIGNS])[: MOST_SIGNS + 1])


def _number(name: str, otherwise: int, most: int) -> int:
    raw = request.args.get(name, "")
    return min(max(int(raw), 1), most) if raw.isascii() and raw.isdecimal() and len(raw) < 7 else otherwise


def _page(event: Event | None) -> ResponseReturnValue:
    now = clock.now()
    question = _question()
    rows = queries.find_rows(
        current_user, question, event=event, page=_number("page", 1, 100_000), per_page=_number("per_page", 50, 100)
    )
    chooses = policy.may_choose(current_user, event)
    return render_template(
        "register/show.html",
        event=event,
        here=_address(event),
        question=question,
        text=" ".join(each.text for each in question.terms),
        mistakes=[wording.sentence_of(each) for each in question.mistakes[:SHOWN_MISTAKES]],
        rows=rows,
        groups=_groups(rows.items, question.group),
        chips=_chips(event, question, chooses=chooses),
        departments=[(each, Term("dept", each.code or each.name))
                     for each in queries.list_departments_in(current_user, event=event)],
        in_department=next((each for each in question.terms if each.key == "dept" and not each.is_not), None),
        by_department=Term("group", "dept"),
        help=wording.operators(),
        views=queries.list_views(current_user),
        chooses=chooses,
        standings={each.id: standing.of_requirement(each, now) for each in rows.items},
        foremost={each.id: standing.foremost_of(each, now) for each in rows.items},
    )  # fmt: skip


def _address(event: Event | None, **values: Any) -> str:
    if event is not None:
        return url_for("register.show", event_ref=event.ref, **values)
    return url_for("register.everything", **values)


def _groups(rows: Sequence[Requirement], by: str) -> list[tuple[Any, list[Requirement]]]:
    """The rows under their headings: speeches, or departments (None: nobody is named)."""
    if by == "dept":
        of_row = queries.departments_of(rows)
        return [(found, list(group)) for found, group in groupby(rows, key=lambda each: of_row[each.id])]
    return [(speech, list(group)) for speech, group in groupby(rows, key=lambda each: each.speech)]


def _chips(event: Event | None, question: Question, *, chooses: bool) -> list[dict[str, Any]]:
    """Each adds its operator to the search, or takes it away; its number is what it leads to."""
    shown = [
        (_("Asked of me"), queries.MINE),
        (_("Late"), queries.LATE),
        (_("Silent"), queries.SILENT),
        (_("Blocked"), queries.BLOCKED),
        (_("Carried over"), queries.CARRIED),
    ]
    if chooses:
        shown.append((_("To hand over"), queries.PROPOSED))
    texts = ["", *(_toggled(question, term) for _label, term in shown)]
    counts = queries.count_each(current_user, [read(each) for each in texts], event=event)
    chips = [{"label": _("All"), "url": _address(event), "current": not question.asked, "count": counts[0]}]
    for (label, term), text, count in zip(shown, texts[1:], counts[1:], strict=True):
        url = _address(event, q=text or None, per_page=request.args.get("per_page"))
        chips.append({"label": label, "url": url, "current": question.has(term), "count": count})
    return chips


def _toggled(question: Question, term: Term) -> str:
    return question.text_without(term) if question.has(term) else question.text_with(term)


def _export(event: Event | None, kind: str) -> ResponseReturnValue:
    now = clock.now()
    question = _question()
    found = queries.find_whole_register(current_user, question, event=event)
    title = _("Requirements")
    if kind == "csv":
        return _download(write_csv(exports.columns(), exports.table(found, now)), CSV_TYPE, "requirements.csv")
    if kind == "xlsx":
        book = write_xlsx(exports.columns(), exports.table(found, now), title=title)
        return _download(book, XLSX_TYPE, "requirements.xlsx")
    own = (event.host if event else None) or people.own_organization()
    paper = exports.paper(
        _groups(found, question.group),
        now,
        title=title,
        subtitle=event.display_title if event else _("All gatherings"),
        search=" ".join(each.text for each in question.asked),
        organization=own.display_name if own else "",
        lang=language_tag(),
    )
    return _download(paper, PDF_TYPE, "requirements.pdf")


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


# --- what is asked of one person -------------------------------------------------------------------------------------


@blueprint.route("/my/commitments")
def mine() -> ResponseReturnValue:
    now = clock.now()
    assignments = requirements.list_mine(current_user)
    return render_template(
        "register/mine.html",
        groups=_my_groups(list(assignments)),
        standings={each.id: standing.of_assignment(each, now) for each in assignments},
        is_empty=not assignments,
    )


def _my_groups(assignments: list[Assignment]) -> list[tuple[str, str, list[Assignment]]]:
    """What waits for me, then what I carry, then what I verify, then what has ended."""

    def chosen(condition: Callable[[Assignment], bool]) -> list[Assignment]:
        return [each for each in assignments if condition(each)]

    def carried(each: Assignment) -> bool:
        return rights.may_carry(current_user, each)

    def finished(each: Assignment) -> bool:
        return each.is_done or each.state in (AssignmentState.DECLINED, AssignmentState.VERIFIED)

    return [
        ("accept", _("To accept"), chosen(lambda e: carried(e) and e.state == AssignmentState.ASSIGNED)),
        ("verify", _("To verify"), chosen(lambda e: not carried(e) and e.state == AssignmentState.SUBMITTED)),
        ("carry", _("In your hands"), chosen(lambda e: carried(e) and e.state in UNDER_WAY)),
        ("wait", _("With the verifier"), chosen(lambda e: carried(e) and e.state == AssignmentState.SUBMITTED)),
        (
            "watch",
            _("You will verify"),
            chosen(lambda e: not carried(e) and not finished(e) and e.state != AssignmentState.SUBMITTED),
        ),
        ("done", _("Behind you"), chosen(finished)),
    ]


# --- many at once -------------------------------------------------------------------------------------------------


@blueprint.route("/requirements/handing-over", methods=["GET", "POST"])
def hand_over() -> ResponseReturnValue:
    """What becomes of each chosen row, before it is done and after."""
    refs = [each for each in request.values.getlist("chosen") if len(each) < 60][: queries.MOST_CHOSEN]
    if request.method == "POST":
        address = url_for("register.hand_over", chosen=refs)
        return press(
            lambda: services.hand_over_chosen(queries.list_chosen(current_user, refs), actor=current_user),
            address,
            _told_of_handing_over,
        )
    chosen = queries.list_chosen(current_user, refs)
    verdicts = services.look_at(chosen, actor=current_user)
    of_events = {each.event_id: each.event for each in chosen}
    now = clock.now()
    return render_template(
        "register/hand_over.html",
        verdicts=verdicts,
        ready=sum(not each.why_not for each in verdicts),
        refs=refs,
        standings={
            each.assignment.id: standing.of_assignment(each.assignment, now) for each in verdicts if each.assignment
        },
        back=_address(next(iter(of_events.values())) if len(of_events) == 1 else None),
    )


def _told_of_handing_over(verdicts: Sequence[services.Verdict]) -> str:
    went = sum(not each.why_not for each in verdicts)
    stayed = len(verdicts) - went
    if not went:
        return _("Nothing was handed over. Each row says why.")
    told = ngettext("%(num)s assignment is handed over.", "%(num)s assignments are handed over.", went)
    if not stayed:
        return told
    rest = ngettext(
        "%(num)s row stayed as it was and says why.", "%(num)s rows stayed as they were and say why.", stayed
    )
    return _("%(told)s %(rest)s", told=told, rest=rest)


# --- views that somebody keeps ------------------------------------------------------------------------------------


@blueprint.route("/my/views")
def list_views() -> ResponseReturnValue:
    require(policy.may_keep_views(current_user))
    return render_template(
        "register/views.html",
        views=[(each, _address_of_view(each)) for each in queries.list_views(current_user)],
        most=services.MOST_VIEWS,
    )


@blueprint.route("/my/views/new", methods=["GET", "POST"])
def save_view() -> ResponseReturnValue:
    """Keep the search that one comes from under a name."""
    require(policy.may_keep_views(current_user))
    form = ViewForm()
    if not form.is_submitted():
        form.query.data = one_line(request.args.get("q", ""))[:MOST_SIGNS]
        form.event_ref.data = request.args.get("event", "")[:60]
    event = find_visible(current_user, form.event_ref.data) if form.event_ref.data else None
    if form.event_ref.data and event is None:
        abort(404)
    return _view_form(
        form,
        _("Save this view"),
        lambda: services.save_view(
            actor=current_user, name=form.name.data or "", query=form.query.data or "", event=event
        ),
        _("The view is saved."),
    )


@blueprint.route("/my/views/<ref:view_ref>/edit", methods=["GET", "POST"])
def edit_view(view_ref: str) -> ResponseReturnValue:
    view = queries.find_view(current_user, view_ref) or abort(404)
    form = ViewForm(obj=view)
    return _view_form(
        form,
        _("Change the view"),
        lambda: services.change_view(
            view, actor=current_user, name=form.name.data or "", query=form.query.data or "",
            version=form.opened_version,
        ),
        _("The view is changed."),
    )  # fmt: skip


@blueprint.route("/my/views/<ref:view_ref>/removal", methods=["POST"])
def remove_view(view_ref: str) -> ResponseReturnValue:
    view = queries.find_view(current_user, view_ref) or abort(404)
    return press(
        lambda: services.remove_view(view, actor=current_user),
        url_for("register.list_views"),
        _("The view is removed."),
    )


def _view_form(form: ViewForm, title: str, act: Any, said: str) -> ResponseReturnValue:
    if form.validate_on_submit():
        answer = form.attempt(act, then=_address_of_view, said=said)
        if answer is not None:
            return answer
    return render_template("register/view.html", form=form, title=title, help=wording.operators()), form.status


def _address_of_view(view: SavedView) -> str:
    return _address(view.event, q=view.query)
