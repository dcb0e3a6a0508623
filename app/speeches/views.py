"""The URLs of speeches and statements."""

from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, abort, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from app.core import clock
from app.core.errors import require
from app.core.forms import HufuForm, led_before, options, press, record_options
from app.core.i18n import _
from app.events.models import Event
from app.events.pages import open_event
from app.people import queries as people
from app.provenance.queries import find_source, notes_of
from app.requirements import margin, standing
from app.requirements import queries as requirements
from app.requirements import services as requirement_services
from app.requirements.models import REQUIREMENT_KIND_LABELS
from app.requirements.services import To
from app.requirements.services.capturing import in_order
from app.speeches import lines, policy, queries, services
from app.speeches.forms import (
    LANGUAGE_LABELS,
    CaptureForm,
    CaptureLineForm,
    ConfirmationForm,
    DelegateForm,
    MendLineForm,
    PassageForm,
    SpeechForm,
    StatementForm,
    TranslationForm,
    field_of,
)
from app.speeches.models import Passage, Speech, Statement

blueprint = Blueprint("speeches", __name__)

SPEECH = "/events/<ref:event_ref>/speeches/<ref:speech_ref>"
PASSAGE = f"{SPEECH}/passages/<ref:passage_ref>"
STATEMENT = "/events/<ref:event_ref>/statements/<ref:statement_ref>"
TEXTS = ("original", "both", "translation")


@blueprint.route("/events/<ref:event_ref>/speeches")
def list_speeches(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    return render_template(
        "speeches/list.html",
        event=event,
        speeches=queries.list_speeches(event),
        recorded=requirements.count_by_speech(event),
        statements=queries.list_statements(event),
        may_record=policy.may_record(current_user, event),
        notes=notes_of(event.ref) if event.source_id else {},
        source=find_source(event.source_id),
    )


@blueprint.route("/events/<ref:event_ref>/speeches/new", methods=["GET", "POST"])
def add(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_record(current_user, event))
    form = _offering(SpeechForm(), event)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_speech(event, actor=current_user, **_told(form, event)),
            then=_page_of,
            said=_("The speech is there. Add what was said, passage by passage."),
        )
        if answer is not None:
            return answer
    return render_template("speeches/edit.html", form=form, event=event, speech=None), form.status


@blueprint.route(SPEECH)
def show(event_ref: str, speech_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    return _page(event, _find(event, speech_ref))


def _page(
    event: Event, speech: Speech, *, capturing: CaptureLineForm | None = None, mending: MendLineForm | None = None,
    mended: Passage | None = None,
) -> ResponseReturnValue:  # fmt: skip
    """The speech; while its wording is open, with the line to capture on, or with one passage to mend in its place."""
    wished = request.args.get("text", "")
    translated = speech.translation_language and any(each.translation for each in speech.passages)
    shown = _shown(event, speech, text=(wished if wished in TEXTS else "both") if translated else "original")
    if shown["may_edit"] and capturing is None:
        capturing = CaptureLineForm()
        capturing.line_id.data = str(uuid4())
    form = mending or capturing
    return render_template(
        "speeches/show.html",
        **shown,
        loose=margin.loose(shown["demands"]),
        capturing=None if mending else capturing,
        mending=mending,
        mended=mended,
        disordered=shown["may_edit"] and _is_disordered(shown["demands"]),
        texts=TEXTS if translated else (),
        may_confirm=policy.may_confirm(current_user, speech) and not speech.is_confirmed,
        may_take_back=policy.may_take_back(current_user, speech),
        notes=notes_of(event.ref) if event.source_id else {},
        source=find_source(event.source_id),
    ), form.status if form else 200


def _shown(event: Event, speech: Speech, *, text: str = "both") -> dict[str, Any]:
    """What a passage with its glosses needs to be drawn."""
    demands = requirements.list_of_speech(speech)
    now = clock.now()
    may_record = policy.may_record(current_user, event)
    return {
        "event": event,
        "speech": speech,
        "demands": demands,
        "lines": margin.read(speech, demands),
        "recorded": sum(each.parent_id is None for each in demands),
        "standings": {each.id: standing.of_requirement(each, now) for each in demands},
        "foremost": {each.id: standing.foremost_of(each, now) for each in demands},
        "requirement_kinds": REQUIREMENT_KIND_LABELS,
        "ours": {
            each.id for each in demands if each.verbatim and each.heading == lines.heading_of(each.verbatim)
        },
        "may_record": may_record,
        "may_edit": may_record and not speech.is_confirmed,
        "text": text,
    }  # fmt: skip


def _is_disordered(demands: Any) -> bool:
    return any((each.number, each.sub) != place for each, place in in_order(demands))


@blueprint.route("/events/<ref:event_ref>/speeches/<ref:speech_ref>/edit", methods=["GET", "POST"])
def edit(event_ref: str, speech_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    speech = _find(event, speech_ref)
    require(policy.may_record(current_user, event))
    form = _offering(SpeechForm(obj=speech), event, speech)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.edit_speech(speech, actor=current_user, version=form.opened_version, **_told(form, event)),
            then=_page_of,
            said=_("The speech is changed."),
        )
        if answer is not None:
            return answer
    return render_template("speeches/edit.html", form=form, event=event, speech=speech), form.status


@blueprint.route(f"{SPEECH}/lines", methods=["GET", "POST"])
def capture_line(event_ref: str, speech_ref: str) -> ResponseReturnValue:
    """One line, Enter, next. A script asks for JSON and gets the line as it stands on the page."""
    event = open_event(event_ref)
    speech = _find(event, speech_ref)
    require(policy.may_record(current_user, event))
    wants_json = request.accept_mimetypes.best == "application/json"
    if request.method == "GET":
        return jsonify(csrf=generate_csrf()) if wants_json else _page(event, speech)
    form = CaptureLineForm()
    if form.validate_on_submit():
        line_id = form.line_id.data or str(uuid4())
        answer = form.attempt(
            lambda: requirement_services.capture_line(
                speech, lines.read(form.line.data or ""), actor=current_user, kind=form.kind.data, line_id=line_id
            ),
            then=lambda _passage: f"{_page_of(speech)}#capture",
        )
        if answer is not None:
            return _told_line(event, speech, line_id) if wants_json else answer
    if wants_json:
        return jsonify(sentence=form.sentence()), form.status
    return _page(event, speech, capturing=form)


def _told_line(event: Event, speech: Speech, line_id: str) -> Response:
    """The captured line as the page shows it, the whole that it is a part of, and the counter."""
    speech = _find(event, speech.ref)
    shown = _shown(event, speech)
    line = next((each for each in shown["lines"] if each.passage.line_id == line_id), None)
    if line is None:  # sent twice, and removed in between
        return jsonify(html="", whole="", count=render_template("speeches/count.html", **shown))
    wholes = [each.parent for each in line.subs]
    return jsonify(
        ref=line.passage.ref,
        html=render_template("speeches/line.html", line=line, **shown),
        whole=wholes[0].ref if wholes else "",
        gloss=render_template("speeches/one_gloss.html", requirement=wholes[0], **shown) if wholes else "",
        count=render_template("speeches/count.html", **shown),
    )


@blueprint.route(f"{PASSAGE}/line", methods=["GET", "POST"])
def mend_line(event_ref: str, speech_ref: str, passage_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    speech = _find(event, speech_ref)
    passage = _find_passage(speech, passage_ref)
    require(policy.may_record(current_user, event))
    form = MendLineForm(obj=passage)
    requirement = requirements.find_captured(passage)
    if requirement is not None and not form.is_submitted():
        form.number.data, form.heading.data = requirement.number, requirement.heading
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: requirement_services.mend_line(
                passage, actor=current_user, version=form.opened_version, **form.values()
            ),
            then=f"{_page_of(speech)}#p-{passage.ref}",
        )
        if answer is not None:
            return answer
    return _page(event, speech, mending=form, mended=passage)


@blueprint.route(f"{PASSAGE}/place", methods=["POST"])
def move_passage(event_ref: str, speech_ref: str, passage_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    speech = _find(event, speech_ref)
    passage = _find_passage(speech, passage_ref)
    require(policy.may_record(current_user, event))
    by = -1 if request.form.get("way") == "up" else 1
    return press(
        lambda: requirement_services.move_passage(passage, actor=current_user, by=by),
        f"{_page_of(speech)}#p-{passage.ref}",
    )


@blueprint.route(f"{SPEECH}/numbers", methods=["POST"])
def renumber(event_ref: str, speech_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    speech = _find(event, speech_ref)
    require(policy.may_record(current_user, event))
    return press(
        lambda: requirement_services.renumber(speech, actor=current_user),
        _page_of(speech),
        _("The requirements are numbered in the order in which they were said."),
    )


@blueprint.route(f"{SPEECH}/translation", methods=["GET", "POST"])
def translate(event_ref: str, speech_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    speech = _find(event, speech_ref)
    require(policy.may_record(current_user, event))
    form = TranslationForm.for_speech(speech)
    others = {tag: label for tag, label in LANGUAGE_LABELS.items() if tag != speech.language}
    form.translation_language.choices = options(others, nothing=_("not translated"))
    if not form.is_submitted() and not speech.translation_language:
        form.translation_language.data = next(iter(others))
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.translate(
                speech, actor=current_user, language=form.translation_language.data,
                translations=form.translations(speech), version=form.opened_version,
            ),
            then=_page_of,
            said=_("The translation is kept beside the original."),
        )  # fmt: skip
        if answer is not None:
            return answer
    return (
        render_template("speeches/translate.html", form=form, event=event, speech=speech, field_of=field_of),
        form.status,
    )


@blueprint.route(f"{SPEECH}/delegate", methods=["GET", "POST"])
def name_delegate(event_ref: str, speech_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    speech = _find(event, speech_ref)
    require(policy.may_take_back(current_user, speech))
    form = DelegateForm(obj=speech)
    choosable = [each for each in queries.list_possible_delegates(event) if each.id != speech.speaker_id]
    if speech.delegate is not None and speech.delegate not in choosable:
        choosable.append(speech.delegate)
    form.delegate_ref.choices = record_options(choosable, nothing=_("nobody but the speaker and the presiding leader"))
    if not form.is_submitted():
        form.delegate_ref.data = speech.delegate.ref if speech.delegate else ""
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.name_delegate(
                speech, _chosen(choosable, form.delegate_ref.data), actor=current_user, version=form.opened_version
            ),
            then=_page_of,
            said=_("It is recorded who may confirm for the speaker."),
        )
        if answer is not None:
            return answer
    return _form_page(
        form,
        event,
        speech,
        title=_("Who may confirm for the speaker"),
        lead=_("Whoever is named may confirm the wording, and reword it later. It is not enough to be an assistant."),
    )


@blueprint.route(f"{SPEECH}/confirmation-request", methods=["POST"])
def ask_for_confirmation(event_ref: str, speech_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    speech = _find(event, speech_ref)
    require(policy.may_record(current_user, event))
    return press(
        lambda: services.ask_for_confirmation(speech, actor=current_user),
        _page_of(speech),
        _("A mail asks for the confirmation."),
    )


@blueprint.route("/events/<ref:event_ref>/speeches/<ref:speech_ref>/passages/new", methods=["GET", "POST"])
def capture(event_ref: str, speech_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    speech = _find(event, speech_ref)
    require(policy.may_record(current_user, event))
    form = CaptureForm()
    form.second_kind.choices = options(REQUIREMENT_KIND_LABELS, nothing=_("nothing else"))
    if not form.is_submitted():
        form.number.data = requirements.next_number(speech)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: requirement_services.capture(speech, actor=current_user, addressees=_aimed(form), **form.values()),
            then=lambda passage: f"{_page_of(speech)}#p-{passage.ref}",
            said=_("The passage is recorded."),
        )
        if answer is not None:
            return answer
    return (
        render_template("speeches/passage.html", form=form, event=event, speech=speech, passage=None, demands=True),
        form.status,
    )


@blueprint.route(
    "/events/<ref:event_ref>/speeches/<ref:speech_ref>/passages/<ref:passage_ref>/edit", methods=["GET", "POST"]
)
def edit_passage(event_ref: str, speech_ref: str, passage_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    speech = _find(event, speech_ref)
    passage = _find_passage(speech, passage_ref)
    require(policy.may_record(current_user, event))
    form = PassageForm(obj=passage)
    form.second_kind.choices = options(REQUIREMENT_KIND_LABELS, nothing=_("nothing else"))
    requirement = requirements.find_captured(passage)
    if requirement is not None and not form.is_submitted():
        _show_requirement(form, requirement, passage)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: requirement_services.amend(
                passage, actor=current_user, version=form.opened_version, addressees=_aimed(form), **form.values()
            ),
            then=lambda _passage: f"{_page_of(speech)}#p-{passage.ref}",
            said=_("The passage is changed."),
        )
        if answer is not None:
            return answer
    return (
        render_template(
            "speeches/passage.html",
            form=form,
            event=event,
            speech=speech,
            passage=passage,
            demands=requirement is not None,
        ),
        form.status,
    )


@blueprint.route(
    "/events/<ref:event_ref>/speeches/<ref:speech_ref>/passages/<ref:passage_ref>/removal", methods=["POST"]
)
def remove_passage(event_ref: str, speech_ref: str, passage_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    speech = _find(event, speech_ref)
    passage = _find_passage(speech, passage_ref)
    require(policy.may_record(current_user, event))
    return press(
        lambda: requirement_services.discard(passage, actor=current_user),
        _page_of(speech),
        _("The passage is removed."),
    )


@blueprint.route("/events/<ref:event_ref>/speeches/<ref:speech_ref>/confirmation", methods=["GET", "POST"])
def confirm(event_ref: str, speech_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    speech = _find(event, speech_ref)
    require(policy.may_confirm(current_user, speech))
    form = ConfirmationForm(obj=speech)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: requirement_services.confirm_speech(
                speech, actor=current_user, version=form.opened_version, **form.values()
            ),
            then=_page_of,
            said=_("The wording is confirmed. It does not change any more."),
        )
        if answer is not None:
            return answer
    recorded = requirements.count_recorded(speech)
    return (
        render_template("speeches/confirm.html", form=form, event=event, speech=speech, recorded=recorded),
        form.status,
    )


@blueprint.route("/events/<ref:event_ref>/statements/new", methods=["GET", "POST"])
def add_statement(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_record(current_user, event))
    form = _offering_statement(StatementForm(), event)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_statement(event, actor=current_user, **_told_statement(form, event)),
            then=_statements_of(event),
            said=_("The statement is recorded."),
        )
        if answer is not None:
            return answer
    return render_template("speeches/statement.html", form=form, event=event, statement=None), form.status


@blueprint.route(f"{STATEMENT}/edit", methods=["GET", "POST"])
def edit_statement(event_ref: str, statement_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    statement = queries.find_statement(event, statement_ref) or abort(404)
    require(policy.may_record(current_user, event))
    form = _offering_statement(StatementForm(obj=statement), event, statement)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.edit_statement(
                statement, actor=current_user, version=form.opened_version, **_told_statement(form, event, statement)
            ),
            then=_statements_of(event),
            said=_("The statement is changed."),
        )
        if answer is not None:
            return answer
    return render_template("speeches/statement.html", form=form, event=event, statement=statement), form.status


@blueprint.route(f"{STATEMENT}/removal", methods=["POST"])
def remove_statement(event_ref: str, statement_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    statement = queries.find_statement(event, statement_ref)
    require(policy.may_record(current_user, event))
    if statement is None:
        abort(led_before() or 404)
    return press(
        lambda: services.remove_statement(statement, actor=current_user),
        _statements_of(event),
        _("The statement is removed."),
    )


def _statements_of(event: Event) -> str:
    return url_for("speeches.list_speeches", event_ref=event.ref) + "#statements"


def _offering_statement(form: StatementForm, event: Event, statement: Statement | None = None) -> StatementForm:
    """The form with its choices; a team or a speaker of before stays choosable in an old statement."""
    teams, speakers = list(people.list_choosable_teams()), list(queries.list_possible_speakers(event))
    if statement is not None:
        teams += [statement.team] if statement.team not in teams else []
        speakers += [statement.speaker] if statement.speaker and statement.speaker not in speakers else []
    form.team_ref.choices = record_options(teams, nothing=_("Choose a team"))
    form.session_ref.choices = _sessions(event, _("not stated"))
    form.speaker_ref.choices = record_options(speakers, nothing=_("not stated"))
    if statement is not None and not form.is_submitted():
        form.team_ref.data = statement.team.ref
        form.session_ref.data = statement.session.ref if statement.session else ""
        form.speaker_ref.data = statement.speaker.ref if statement.speaker else ""
    return form


def _told_statement(form: StatementForm, event: Event, statement: Statement | None = None) -> dict[str, Any]:
    speakers = [*queries.list_possible_speakers(event), *([statement.speaker] if statement else [])]
    return {
        **form.values("team_ref", "session_ref", "speaker_ref"),
        "team": people.find_team(form.team_ref.data) or abort(404),
        "session": _chosen(queries.list_sessions(event), form.session_ref.data),
        "speaker": _chosen([each for each in speakers if each], form.speaker_ref.data),
    }


def _form_page(form: HufuForm, event: Event, speech: Speech, *, title: str, lead: str) -> ResponseReturnValue:
    return render_template(
        "speeches/ask.html", form=form, event=event, speech=speech, title=title, lead=lead
    ), form.status


def _find(event: Event, ref: str) -> Speech:
    return queries.find_speech(event, ref) or abort(404)


def _find_passage(speech: Speech, ref: str) -> Passage:
    return queries.find_passage(speech, ref) or abort(404)


def _page_of(speech: Speech) -> str:
    return url_for("speeches.show", event_ref=speech.event.ref, speech_ref=speech.ref)


def _sessions(event: Event, nothing: str):
    return options({each.ref: each.display_title for each in queries.list_sessions(event)}, nothing=nothing)


def _offering(form: SpeechForm, event: Event, speech: Speech | None = None) -> SpeechForm:
    """The form with its choices; a speaker who has left since stays choosable in an old speech."""
    speakers = list(queries.list_possible_speakers(event))
    if speech is not None and speech.speaker not in speakers:
        speakers.append(speech.speaker)
    items = {each.ref: each.display_title for each in queries.list_items(event)}
    form.session_ref.choices = _sessions(event, _("Choose a session"))
    form.item_ref.choices = options(items, nothing=_("none"))
    form.speaker_ref.choices = record_options(speakers, nothing=_("Choose a person"))
    if speech is not None and not form.is_submitted():
        form.session_ref.data, form.speaker_ref.data = speech.session.ref, speech.speaker.ref
        form.item_ref.data = speech.item.ref if speech.item else ""
        form.held.show(speech.held_at, event.time_zone)
    return form


def _told(form: SpeechForm, event: Event) -> dict[str, Any]:
    """The form as arguments for the acts."""
    speaker = people.find_person(form.speaker_ref.data)
    return {
        **form.values("session_ref", "item_ref", "speaker_ref", "held"),
        "session": _chosen(queries.list_sessions(event), form.session_ref.data),
        "item": _chosen(queries.list_items(event), form.item_ref.data),
        "speaker": speaker,
        "held_at": form.held.moment(event.time_zone),
    }


def _chosen(records: Any, ref: str | None) -> Any:
    return next((each for each in records if each.ref == ref), None)


def _aimed(form: PassageForm) -> list[To]:
    return [To(words, local) for words, local in form.addressee_lines()]


def _show_requirement(form: PassageForm, requirement: Any, passage: Passage) -> None:
    form.number.data = requirement.number
    form.heading.data, form.heading_local.data = requirement.heading, requirement.heading_local
    form.demand.data = requirement.verbatim if requirement.verbatim != passage.verbatim else None
    form.second_kind.data = requirement.second_kind or ""
    lines = [" | ".join(part for part in (each.words, each.words_local) if part) for each in requirement.addressees]
    form.addressees.data = "\n".join(lines)
    form.topics.data = ", ".join(requirement.topics)
