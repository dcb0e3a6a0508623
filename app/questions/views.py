"""Building a form, answering it, reading the answers, deciding about changes."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core.errors import Refused, require
from app.core.forms import HufuForm, press
from app.core.i18n import _, pgettext
from app.core.paging import SIZES
from app.events.models import Event
from app.events.pages import open_event
from app.files import services as files
from app.people.models import Person
from app.people.queries import person_of
from app.questions import phases, policy, queries, services
from app.questions import schema as schemas
from app.questions.forms import AskForm, DecideForm, PublishForm, SectionForm, asking, rows_of
from app.questions.models import REQUEST_LABELS, FormVersion, RequestState
from app.questions.pages import answer_page, change_rows
from app.questions.queries import AnswerView
from app.registration.models import GONE, STATE_LABELS, State
from app.registration.queries import find_own, find_registration
from app.sheets.answers import sheet_answer

blueprint = Blueprint("questions", __name__)

FORM = "/events/<ref:event_ref>/form"
ANSWERS = "/events/<ref:event_ref>/answers"
CHANGES = "/events/<ref:event_ref>/changes"


# --- the builder --------------------------------------------------------------------------------------------------


def _built(event_ref: str) -> Event:
    event = open_event(event_ref)
    require(policy.may_build(current_user, event))
    return event


@blueprint.route(FORM)
def build(event_ref: str) -> ResponseReturnValue:
    """The form as it is edited: sections and questions, each with what can be done to it."""
    event = _built(event_ref)
    form, published = queries.find_form(event), queries.find_published(event)
    schema = form.schema if form is not None else queries.NO_SECTIONS
    return render_template(
        "questions/build.html",
        event=event,
        schema=schema,
        published=published,
        is_changed=published is None or published.schema != schema,
        left=queries.places_left(event),
        schemas=schemas,
        kinds=schemas.KIND_LABELS,
        phases=phases,
    )


def _here(event: Event, anchor: str = "") -> str:
    return url_for("questions.build", event_ref=event.ref, _anchor=anchor or None)


@blueprint.route(f"{FORM}/sections/new", methods=["GET", "POST"])
def add_section(event_ref: str) -> ResponseReturnValue:
    event = _built(event_ref)
    form = SectionForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_section(
                event, actor=current_user, title=form.title.data or "", title_local=form.title_local.data
            ),
            then=_here(event),
            said=_("The section is there."),
        )
        if answer is not None:
            return answer
    return render_template("questions/section.html", event=event, form=form, section=None), form.status


@blueprint.route(f"{FORM}/sections/<section_key>", methods=["GET", "POST"])
def change_section(event_ref: str, section_key: str) -> ResponseReturnValue:
    event = _built(event_ref)
    stored = queries.find_form(event) or abort(404)
    section = schemas.find_section(stored.schema, section_key) or abort(404)
    form = SectionForm(obj=stored)
    if not form.is_submitted():
        form.title.data, form.title_local.data = section["title"], section.get("title_local")
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.change_section(
                event, section_key, actor=current_user, version=form.opened_version, title=form.title.data or "",
                title_local=form.title_local.data,
            ),
            then=_here(event, section_key),
            said=_("Saved."),
        )  # fmt: skip
        if answer is not None:
            return answer
    return render_template("questions/section.html", event=event, form=form, section=section), form.status


@blueprint.route(f"{FORM}/sections/<section_key>/<any(up, down):way>", methods=["POST"])
def move_section(event_ref: str, section_key: str, way: str) -> ResponseReturnValue:
    event = _built(event_ref)
    act = lambda: services.move_section(event, section_key, actor=current_user, up=way == "up")  # noqa: E731
    return press(act, _here(event, section_key))


@blueprint.route(f"{FORM}/sections/<section_key>/removal", methods=["POST"])
def remove_section(event_ref: str, section_key: str) -> ResponseReturnValue:
    event = _built(event_ref)
    act = lambda: services.remove_section(event, section_key, actor=current_user)  # noqa: E731
    return press(act, _here(event), _("The section is removed."))


@blueprint.route(f"{FORM}/questions/new", methods=["GET", "POST"])
def add_question(event_ref: str) -> ResponseReturnValue:
    event = _built(event_ref)
    stored = queries.find_form(event)
    schema = stored.schema if stored is not None else queries.NO_SECTIONS
    form = AskForm()
    form.zone = event.time_zone
    if not form.is_submitted():
        sections = schemas.sections_of(schema)
        form.section.data = request.args.get("section") or (sections[-1]["key"] if sections else "")
        form.first_on.data, form.last_on.data = event.starts_on - timedelta(days=1), event.ends_on
    return _question_page(
        event, form, schema, None,
        lambda made: services.add_question(event, form.section.data or "", made, actor=current_user),
    )  # fmt: skip


@blueprint.route(f"{FORM}/questions/<question_key>", methods=["GET", "POST"])
def change_question(event_ref: str, question_key: str) -> ResponseReturnValue:
    event = _built(event_ref)
    stored = queries.find_form(event) or abort(404)
    question = schemas.find_question(stored.schema, question_key) or abort(404)
    home = next(each for each in schemas.sections_of(stored.schema) if question in each["questions"])
    form = AskForm(version=str(stored.version))
    form.zone = event.time_zone
    if not form.is_submitted():
        form.show(question, home["key"], stored.schema)
    if rows_beyond(question):
        form.kept_condition = question["show_if"]
    return _question_page(
        event, form, stored.schema, question,
        lambda made: services.change_question(
            event, question_key, form.section.data or "", made, actor=current_user, version=form.opened_version
        ),
    )  # fmt: skip


def rows_beyond(question: schemas.Question) -> bool:
    """Whether the condition is more than the rows of the builder can show: it stays unless others are given."""
    return rows_of(question.get("show_if")) is None


def _question_page(event: Event, form: AskForm, schema: Any, question: Any, act: Any) -> ResponseReturnValue:
    form.prepare(schema, question["key"] if question else None)
    if form.validate_on_submit():
        try:
            made = form.question(schema)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            answer = form.attempt(
                lambda: act(made),
                then=lambda done: _here(event, done if isinstance(done, str) else question["key"]),
                said=_("The question is saved. People see it when you publish the form."),
            )
            if answer is not None:
                return answer
    page = render_template(
        "questions/question.html", event=event, form=form, question=question, schema=schema, schemas=schemas
    )
    return page, form.status


@blueprint.route(f"{FORM}/questions/<question_key>/<any(up, down):way>", methods=["POST"])
def move_question(event_ref: str, question_key: str, way: str) -> ResponseReturnValue:
    event = _built(event_ref)
    act = lambda: services.move_question(event, question_key, actor=current_user, up=way == "up")  # noqa: E731
    return press(act, _here(event, question_key))


@blueprint.route(f"{FORM}/questions/<question_key>/removal", methods=["POST"])
def remove_question(event_ref: str, question_key: str) -> ResponseReturnValue:
    event = _built(event_ref)
    act = lambda: services.remove_question(event, question_key, actor=current_user)  # noqa: E731
    return press(act, _here(event), _("The question is removed. What was answered to it stays."))


@blueprint.route(f"{FORM}/preview")
def preview(event_ref: str) -> ResponseReturnValue:
    """The form as people will see it; nothing that is typed here is kept."""
    event = _built(event_ref)
    stored = queries.find_form(event)
    schema = stored.schema if stored is not None else queries.NO_SECTIONS
    return _look(event, schema, None)


@blueprint.route(f"{FORM}/versions/<int:form_number>")
def show_version(event_ref: str, form_number: int) -> ResponseReturnValue:
    """A version as it was published."""
    event = _built(event_ref)
    version = queries.find_version(event, form_number) or abort(404)
    return _look(event, version.schema, version)


def _look(event: Event, schema: Any, version: FormVersion | None) -> ResponseReturnValue:
    shape = asking(
        HufuForm, schema, 0, choosable=queries.choosable(current_user, schema), left=queries.places_left(event)
    )
    return render_template(
        "questions/preview.html", event=event, form=shape(), version=version, schemas=schemas,
        versions=queries.list_versions(event),
    )  # fmt: skip


@blueprint.route(f"{FORM}/publication", methods=["GET", "POST"])
def publish(event_ref: str) -> ResponseReturnValue:
    """What the new version changes, then the button."""
    event = _built(event_ref)
    stored = queries.find_form(event) or abort(404)
    published = queries.find_published(event)
    form = PublishForm(obj=stored)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.publish(event, actor=current_user, version=form.opened_version, reason=form.reason.data),
            then=_here(event),
            said=_("The form is published. Whoever registers answers it from now on."),
        )
        if answer is not None:
            return answer
    changes = differences(published.schema if published else {}, stored.schema)
    return render_template(
        "questions/publish.html", event=event, form=form, changes=changes, published=published, schemas=schemas,
        has_places=any(schemas.limited(stored.schema)),
    ), form.status  # fmt: skip


def differences(before: Any, after: Any) -> dict[str, list[str]]:
    """The questions that a publication adds, changes and takes away, by their labels."""
    old = {each["key"]: each for each in schemas.questions_of(before)}
    new = {each["key"]: each for each in schemas.questions_of(after)}
    return {
        "added": [schemas.words(each) for key, each in new.items() if key not in old],
        "changed": [schemas.words(each) for key, each in new.items() if key in old and old[key] != each],
        "removed": [schemas.words(each) for key, each in old.items() if key not in new],
    }


# --- answering ----------------------------------------------------------------------------------------------------


@blueprint.route("/events/<ref:event_ref>/registration/mine/answers", methods=["GET", "POST"])
def answer_mine(event_ref: str) -> ResponseReturnValue:
    """My answers, after registering: free until the deadline, by request afterwards."""
    event = open_event(event_ref)
    registration = find_own(event, person_of(current_user))
    if registration is None or registration.state in GONE:
        abort(404)
    require(policy.may_answer_for(current_user, event, registration.person))
    return answer_page(event, registration, url_for("registration.mine", event_ref=event.ref), actor=current_user)


@blueprint.route(f"{ANSWERS}/<ref:registration_ref>", methods=["GET", "POST"])
def answer_other(event_ref: str, registration_ref: str) -> ResponseReturnValue:
    """Somebody else's answers: for the organizer, and for an assistant of theirs."""
    event = open_event(event_ref)
    registration = find_registration(event, registration_ref) or abort(404)
    require(policy.may_answer_for(current_user, event, registration.person))
    if registration.state in GONE:
        abort(404)
    here = url_for("questions.answer_other", event_ref=event.ref, registration_ref=registration.ref)
    reads_all = policy.may_read_answers(current_user, event)
    back = url_for("questions.list_answers", event_ref=event.ref) if reads_all else here
    return answer_page(event, registration, back, actor=current_user)


@blueprint.route(f"{ANSWERS}/<ref:registration_ref>/files/<ref:answer_ref>")
def fetch_file(event_ref: str, registration_ref: str, answer_ref: str) -> ResponseReturnValue:
    """A file that somebody gave, to save: for themselves, their assistant and the organizer."""
    event = open_event(event_ref)
    registration = find_registration(event, registration_ref) or abort(404)
    require(policy.may_fetch_file(current_user, event, registration.person))
    kept = queries.find_file(registration, answer_ref) or abort(404)
    return Response(
        files.read(kept.file),
        mimetype=kept.file.media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(kept.file.name)}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


# --- what was answered --------------------------------------------------------------------------------------------


def _view() -> AnswerView:
    """What the address asks for; nonsense in it counts as not said."""
    size = request.args.get("per_page", 0, type=int)
    return AnswerView(
        question=request.args.get("question", "")[:40],
        choice=request.args.get("choice", "")[:100],
        words=request.args.get("q", "")[:200],
        page=min(max(1, request.args.get("page", 1, type=int)), 100_000),
        per_page=size if size in SIZES else 50,
    )


@blueprint.route(ANSWERS)
def list_answers(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(queries.may_read(current_user, event))
    view = _view()
    answers = queries.list_answers(event, view, sees=queries.sees_of(current_user, event))
    return render_template(
        "questions/answers.html", event=event, view=view, answers=answers, schemas=schemas, no_answer=queries.NO_ANSWER,
        labels={state: str(label) for state, label in STATE_LABELS.items()},
        may_build=policy.may_build(current_user, event), filtered=_told_filter(view, answers),
    )  # fmt: skip


def _told_filter(view: AnswerView, answers: queries.Answers) -> str:
    """What the list is narrowed to, in words; empty for everybody."""
    for total in answers.totals:
        if total.question["key"] == view.question:
            label = next((label for key, label, _number in total.choices if key == view.choice), view.choice)
            said = _("no answer") if view.choice == queries.NO_ANSWER else label
            return _("%(question)s: %(answer)s", question=schemas.words(total.question), answer=said)
    return ""


@blueprint.route(f"{ANSWERS}.<any(csv, xlsx):kind>")
def export_answers(event_ref: str, kind: str) -> ResponseReturnValue:
    """Exactly the rows and columns of the list as it is shown, on all its pages."""
    event = open_event(event_ref)
    require(queries.may_read(current_user, event))
    answers = queries.list_answers(event, _view(), sees=queries.sees_of(current_user, event), all_rows=True)
    zone = ZoneInfo(event.time_zone)
    columns = [pgettext("person", "Name"), _("Department"), _("E-mail"), _("State"), _("Answered on")]
    lines = (
        [*_who(row, zone), *(row.cells[each["key"]] or None for each in answers.columns)] for row in answers.page.rows
    )
    return sheet_answer(
        kind, [*columns, *(schemas.words(each) for each in answers.columns)], lines, title=_("Answers"),
        name=f"answers-{event.ref}",
    )  # fmt: skip


def _who(row: queries.Row, zone: ZoneInfo) -> list[Any]:
    person: Person = row.registration.person
    return [
        person.display_name,
        person.department.display_name if person.department else None,
        person.email,
        str(STATE_LABELS[State(row.registration.state)]),
        row.sheet.answered_at.astimezone(zone) if row.sheet is not None else None,
    ]


# --- changes that somebody asks for -------------------------------------------------------------------------------


@blueprint.route(CHANGES)
def list_requests(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_read_answers(current_user, event))
    state = request.args.get("state", "")
    state = state if state in list(RequestState) else RequestState.OPEN
    return render_template(
        "questions/requests.html", event=event, state=state, requests=queries.list_requests(event, state),
        counts=queries.count_requests(event), labels=REQUEST_LABELS,
        may_build=policy.may_build(current_user, event),
    )  # fmt: skip


@blueprint.route(f"{CHANGES}/<ref:change_ref>", methods=["GET", "POST"])
def decide(event_ref: str, change_ref: str) -> ResponseReturnValue:
    """What is answered and what is wanted, side by side; accept, or refuse with a word."""
    event = _built(event_ref)
    asked = queries.find_request(event, change_ref) or abort(404)
    form = DecideForm(obj=asked)
    if form.validate_on_submit():
        accepts = request.form.get("decision") == "accept"
        act = services.accept_change if accepts else services.refuse_change
        answer = form.attempt(
            lambda: act(asked, actor=current_user, comment=form.comment.data, version=form.opened_version),
            then=url_for("questions.list_requests", event_ref=event.ref),
            said=_("The change is accepted.") if accepts else _("The change is refused."),
        )
        if answer is not None:
            return answer
    page = render_template(
        "questions/decide.html", event=event, form=form, request_=asked, labels=REQUEST_LABELS,
        rows=change_rows(asked, asked.registration),
    )  # fmt: skip
    return page, form.status


@blueprint.route(f"{CHANGES}/<ref:change_ref>/taking-back", methods=["POST"])
def take_back(event_ref: str, change_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    asked = queries.find_request(event, change_ref) or abort(404)
    require(policy.may_answer_for(current_user, event, asked.registration.person))
    own = asked.registration.person.account_id == current_user.id
    back = (
        url_for("registration.mine", event_ref=event.ref)
        if own
        else url_for("questions.answer_other", event_ref=event.ref, registration_ref=asked.registration.ref)
    )
    act = lambda: services.take_change_back(asked, actor=current_user)  # noqa: E731
    return press(act, back, _("You have taken your request back."))
