"""The URLs of speeches and statements."""

from typing import Any

from flask import Blueprint, abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core import clock
from app.core.errors import require
from app.core.forms import options, press, record_options
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
from app.speeches import policy, queries, services
from app.speeches.forms import CaptureForm, ConfirmationForm, PassageForm, SpeechForm, StatementForm
from app.speeches.models import Passage, Speech

blueprint = Blueprint("speeches", __name__)


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


@blueprint.route("/events/<ref:event_ref>/speeches/<ref:speech_ref>")
def show(event_ref: str, speech_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    speech = _find(event, speech_ref)
    demands = requirements.list_of_speech(speech)
    now = clock.now()
    may_record = policy.may_record(current_user, event)
    return render_template(
        "speeches/show.html",
        event=event,
        speech=speech,
        lines=margin.read(speech, demands),
        loose=margin.loose(demands),
        recorded=sum(each.parent_id is None for each in demands),
        standings={each.id: standing.of_requirement(each, now) for each in demands},
        requirement_kinds=REQUIREMENT_KIND_LABELS,
        foremost={each.id: standing.foremost_of(each, now) for each in demands},
        may_edit=may_record and not speech.is_confirmed,
        may_confirm=policy.may_confirm(current_user, speech) and not speech.is_confirmed,
        notes=notes_of(event.ref) if event.source_id else {},
        source=find_source(event.source_id),
    )


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
    form = StatementForm()
    form.team_ref.choices = record_options(people.list_choosable_teams(), nothing=_("Choose a team"))
    form.session_ref.choices = _sessions(event, _("not stated"))
    form.speaker_ref.choices = record_options(queries.list_possible_speakers(event), nothing=_("not stated"))
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_statement(
                event,
                actor=current_user,
                team=people.find_team(form.team_ref.data) or abort(404),
                session=_chosen(queries.list_sessions(event), form.session_ref.data),
                speaker=_chosen(queries.list_possible_speakers(event), form.speaker_ref.data),
                **form.values("team_ref", "session_ref", "speaker_ref"),
            ),
            then=url_for("speeches.list_speeches", event_ref=event.ref),
            said=_("The statement is recorded."),
        )
        if answer is not None:
            return answer
    return render_template("speeches/statement.html", form=form, event=event), form.status


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
