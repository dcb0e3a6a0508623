"""The URLs of the register, of kept views, and of what is asked of one person."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.assistants import queries as assistants
from app.core import clock
from app.core.errors import require
from app.core.forms import HufuForm, PressForm, led_before, press
from app.core.i18n import _, language_tag, ngettext
from app.core.roles import Role, holds
from app.core.text import one_line
from app.events.models import Event
from app.events.pages import open_event
from app.events.queries import find_visible
from app.negotiations import queries as negotiations
from app.people import queries as people
from app.people.models import Person
from app.pledges import queries as pledges
from app.register import commitments, exports, policy, queries, services, wording
from app.register.forms import ViewForm
from app.register.language import MOST_SIGNS, Question, Term, read
from app.register.models import SavedView
from app.requirements import policy as rights
from app.requirements import queries as requirements
from app.requirements import services as deeds
from app.requirements import standing
from app.requirements.forms import ReasonForm, RemarkForm, ReportForm
from app.requirements.models import UNDER_WAY, Assignment, AssignmentState, Requirement
from app.requirements.services.carrying_out import missing_evidence
from app.sheets.writing import CSV_TYPE, XLSX_TYPE, write_csv, write_xlsx

blueprint = Blueprint("register", __name__)

PDF_TYPE = "application/pdf"
SHOWN_MISTAKES = 5
SHOWN_ENDED = 20
FIRST_LOOK = timedelta(days=7)


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
    """Each adds its operator to the search, or takes it away; its number is how many rows there are with it."""
    shown = [
        (_("Asked of me"), queries.MINE),
        (_("Late"), queries.LATE),
        (_("Silent"), queries.SILENT),
        (_("Blocked"), queries.BLOCKED),
        (_("Carried over"), queries.CARRIED),
    ]
    if chooses:
        shown.append((_("To hand over"), queries.PROPOSED))
    texts = ["", *(question.text_with(term) for _label, term in shown)]
    counts = queries.count_each(current_user, [read(each) for each in texts], event=event)
    chips = [{"label": _("All"), "url": _address(event), "current": not question.asked, "count": counts[0]}]
    for (label, term), count in zip(shown, counts[1:], strict=True):
        is_on = question.has(term)
        text = question.text_without(term) if is_on else question.text_with(term)
        url = _address(event, q=text or None, per_page=request.args.get("per_page"))
        chips.append({"label": label, "url": url, "current": is_on, "count": count})
    return chips


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


OPENED = (
    "/my/commitments/<ref:assignment_ref>/<any(acceptance, refusal, report, submission, verification, rejection):act>"
)
SESSION_KEY, A_VISIT = "commitments", timedelta(minutes=30)
FORMS = {"refusal": ReasonForm, "report": ReportForm, "verification": RemarkForm, "rejection": ReasonForm}


@blueprint.route("/my/commitments")
def mine() -> ResponseReturnValue:
    return _commitments()


@blueprint.route(OPENED, methods=["GET", "POST"])
def answer_here(assignment_ref: str, act: str) -> ResponseReturnValue:
    """One act of one row, on the page itself: what was typed stays in its row when it is refused."""
    own = _own_commitments()
    assignment = next((each for each in own if each.ref == assignment_ref), None) or led_before() or abort(404)
    if not isinstance(assignment, Assignment):
        return assignment
    require(_may(act, assignment))
    if act == "report" and not rights.may_carry(current_user, assignment):
        abort(403)
    form = FORMS.get(act, PressForm)()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: _act(act, assignment, form),
            then=url_for("register.mine", _anchor=f"a-{assignment.ref}"),
            said=_said(act, assignment),
        )
        if answer is not None:
            return answer
    return _commitments(own, opened=(assignment, act, form)), form.status


def _own_commitments() -> Sequence[Assignment]:
    return commitments.list_commitments(current_user, _principals())


def _principals() -> list[Person]:
    """For whom one acts. An auditor writes nothing in another's name."""
    if holds(current_user, Role.AUDITOR):
        return []
    return [each.principal for each in assistants.list_principals(current_user)]


def _may(act: str, assignment: Assignment) -> bool:
    if act in ("acceptance", "refusal"):
        return rights.may_answer(current_user, assignment)
    if act in ("verification", "rejection"):
        return rights.may_verify(current_user, assignment)
    return rights.may_carry(current_user, assignment)


def _act(act: str, assignment: Assignment, form: Any) -> Any:
    acts: dict[str, Callable[[], Any]] = {
        "acceptance": lambda: deeds.accept(assignment, actor=current_user),
        "refusal": lambda: deeds.hand_back(assignment, actor=current_user, reason=form.reason.data),
        "report": lambda: deeds.report(assignment, actor=current_user, **form.values()),
        "submission": lambda: deeds.submit(assignment, actor=current_user),
        "verification": lambda: deeds.verify(assignment, actor=current_user, reason=form.reason.data),
        "rejection": lambda: deeds.send_back(assignment, actor=current_user, reason=form.reason.data),
    }
    return acts[act]()


def _said(act: str, assignment: Assignment) -> str:
    name = assignment.verifier.display_name
    return {
        "acceptance": _("%(label)s is accepted.", label=assignment.label),
        "refusal": _("%(label)s is handed back to the supervisor.", label=assignment.label),
        "report": _("Your report on %(label)s is there.", label=assignment.label),
        "submission": _("The evidence of %(label)s is with %(name)s now.", label=assignment.label, name=name),
        "verification": _("%(label)s is verified.", label=assignment.label),
        "rejection": _("%(label)s is returned.", label=assignment.label),
    }[act]


def _commitments(
    own: Sequence[Assignment] | None = None, *, opened: tuple[Assignment, str, HufuForm] | None = None
) -> str:
    """Everything that is asked of one person. `opened` is the form of a row that was just sent or asked for."""
    now = clock.now()
    person = people.person_of(current_user)
    own = _own_commitments() if own is None else own
    groups = _my_groups(own)
    offered = {each.id: _offered(kind, each) for kind, _title, rows in groups for each in rows}
    since = _last_visit(now)
    return render_template(
        "register/mine.html",
        groups=groups,
        offered=offered,
        forms=_forms(own, offered, opened),
        opened=(opened[0].id, opened[1]) if opened else None,
        refusal=opened[2].refusal if opened and opened[1] not in offered.get(opened[0].id, ()) else None,
        missing={each.id: missing_evidence(each) for each in own if each.state in UNDER_WAY},
        standings={each.id: standing.of_assignment(each, now) for each in own},
        to_answer=negotiations.list_waiting_for(person) if person else [],
        to_decide=commitments.list_to_decide(current_user),
        to_sign=pledges.needs_of(current_user),
        news=commitments.list_news(own, since=since, actor=current_user),
        is_empty=not own,
    )


def _my_groups(own: Sequence[Assignment]) -> list[tuple[str, str, list[Assignment]]]:
    """What waits for an answer first, then what one carries, then what waits for others, then what has ended."""
    actor = current_user
    carried = {each.id for each in own if rights.may_carry(actor, each)}
    verified = {each.id for each in own if rights.may_verify(actor, each)}
    ended = (AssignmentState.DECLINED, AssignmentState.VERIFIED)

    def kind_of(each: Assignment) -> str:
        if each.id not in carried and each.id not in verified:
            return "for" if each.state == AssignmentState.ASSIGNED else ""
        if each.is_done or each.state in ended:
            return "done"
        if each.id in carried:
            waits = {
                AssignmentState.ASSIGNED: "accept",
                AssignmentState.SUBMITTED: "wait",
                AssignmentState.NEGOTIATING: "talk",
            }
            return waits.get(AssignmentState(each.state), "carry")
        return "verify" if each.state == AssignmentState.SUBMITTED else "watch"

    titles = {
        "accept": _("To answer"),
        "for": _("To answer for others"),
        "verify": _("To verify"),
        "carry": _("In your hands"),
        "talk": _("In negotiation"),
        "wait": _("With the verifier"),
        "watch": _("You will verify"),
        "done": _("Behind you"),
    }
    found: dict[str, list[Assignment]] = {kind: [] for kind in titles}
    for each in own:
        kind = kind_of(each)
        if kind:
            found[kind].append(each)
    found["done"] = found["done"][::-1][:SHOWN_ENDED]
    return [(kind, title, found[kind]) for kind, title in titles.items() if found[kind]]


def _offered(kind: str, assignment: Assignment) -> tuple[str, ...]:
    """What can be done with a row on the page itself."""
    if kind in ("accept", "for"):
        return ("acceptance", "refusal")
    if kind == "verify":
        return ("verification", "rejection")
    if kind == "carry":
        return ("report",) if missing_evidence(assignment) else ("report", "submission")
    return ()


def _forms(
    own: Sequence[Assignment], offered: dict[int, tuple[str, ...]], opened: tuple[Assignment, str, HufuForm] | None
) -> dict[tuple[int, str], HufuForm]:
    """The forms of the rows, each with names of its own for its fields; reports begin with what was said last (rule 30)."""
    said = requirements.last_reports([each for each in own if "report" in offered.get(each.id, ())])
    forms: dict[tuple[int, str], HufuForm] = {}
    for each in own:
        for act in offered.get(each.id, ()):
            if act not in FORMS:
                continue
            is_opened = opened is not None and (opened[0].id, opened[1]) == (each.id, act)
            if is_opened and opened is not None and opened[2].is_submitted():
                form = opened[2]
            else:
                form = FORMS[act](formdata=None, obj=said.get(each.id) if act == "report" else None)
            for field in form:
                field.id = f"{field.short_name}-{each.ref}-{act}"
                field.label.field_id = field.id
            forms[each.id, act] = form
    return forms


def _last_visit(now: datetime) -> datetime:
    """When this browser showed the page before; what happens within half an hour is one visit."""
    before, last = (_moment(each) for each in [*session.get(SESSION_KEY, []), None, None][:2])
    if last is None or now - last > A_VISIT:
        before = last or now - FIRST_LOOK
    session[SESSION_KEY] = [(before or now - FIRST_LOOK).isoformat(), now.isoformat()]
    return before or now - FIRST_LOOK


def _moment(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except (TypeError, ValueError):
        return None


# --- many at once -------------------------------------------------------------------------------------------------


@blueprint.route("/requirements/handing-over", methods=["GET", "POST"])
def hand_over() -> ResponseReturnValue:
    """What becomes of each chosen row, before it is done and after."""
    refs = [each for each in request.values.getlist("chosen") if len(each) < 60][: queries.MOST_CHOSEN]
    if request.method == "POST":
        if not queries.list_chosen(current_user, refs):
            abort(404)
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
    del form.event_ref  # a kept view stays with its register
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
