"""The URLs of the live notes of a session."""

from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, abort, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from app.core.errors import require
from app.core.forms import options, press, record_options
from app.core.i18n import _
from app.events.models import Event
from app.events.pages import open_event
from app.events.policy import usual_clearance
from app.notes import lines, policy, queries, services
from app.notes.forms import ActionForm, NoteForm
from app.notes.models import NOTE_KIND_LABELS, Note, NoteKind
from app.people import queries as people
from app.people.models import CLEARANCE_LABELS
from app.programme import queries as programme
from app.programme.models import AgendaItem, Session

blueprint = Blueprint("notes", __name__)
NOTES = "/events/<ref:event_ref>/sessions/<ref:session_ref>/notes"
NOTE = f"{NOTES}/<ref:note_ref>"


def _find(event: Event, ref: str) -> Session:
    return programme.find_session(event, ref) or abort(404)


def _open(event_ref: str, session_ref: str, note_ref: str) -> Note:
    event = open_event(event_ref)
    session = _find(event, session_ref)
    require(policy.may_note(current_user, event))
    return queries.find_note(session, note_ref) or abort(404)


def page_of(session: Session, endpoint: str = "show", **more: Any) -> str:
    return url_for(f"notes.{endpoint}", event_ref=session.event.ref, session_ref=session.ref, **more)


def _items(session: Session) -> list[AgendaItem]:
    return [
        each for each in programme.list_items(session.event, current_user, session=session) if not each.cancelled_at
    ]


@blueprint.route(NOTES)
def show(event_ref: str, session_ref: str) -> ResponseReturnValue:
    """What was noted, agenda item by agenda item, with the line on which the next is written."""
    event = open_event(event_ref)
    session = _find(event, session_ref)
    require(policy.may_read(current_user, event))
    return _page(session)


def _page(session: Session, form: NoteForm | None = None) -> ResponseReturnValue:
    items = _items(session)
    if form is None:
        form = NoteForm(clearance=int(usual_clearance(session.event)), item_ref=_present(items), entry=str(uuid4()))
        form.item_ref.choices = _item_choices(items)
    pages = queries.by_item(items, queries.list_notes(session))
    page = render_template(
        "notes/show.html",
        event=session.event, session=session, pages=pages, form=form,
        removed=queries.list_notes(session, removed=True),
        may_note=policy.may_note(current_user, session.event),
        count=sum(len(each.notes) for each in pages),
        **_words(),
    )  # fmt: skip
    return page, form.status


def _words() -> dict[str, Any]:
    return {"kinds": NOTE_KIND_LABELS, "labels": CLEARANCE_LABELS, "is_open_action": queries.is_open_action}


def _item_choices(items: list[AgendaItem]) -> list[Any]:
    return options({**{each.ref: each.display_title for each in items}, "": _("None of them")})


def _present(items: list[AgendaItem]) -> str:
    """The item that was asked for, else the one that runs, else the first that has not ended."""
    asked = request.args.get("item")
    if asked in [each.ref for each in items]:
        return asked
    running = [each for each in items if each.began_at and not each.finished_at]
    ahead = [each for each in items if not each.finished_at]
    return next((each.ref for each in (*running, *ahead)), "")


@blueprint.route(f"{NOTES}/lines", methods=["GET", "POST"])
def take_note(event_ref: str, session_ref: str) -> ResponseReturnValue:
    """One line, Enter, next. A script asks for JSON and gets the line as it stands on the page."""
    event = open_event(event_ref)
    session = _find(event, session_ref)
    require(policy.may_note(current_user, event))
    wants_json = request.accept_mimetypes.best == "application/json"
    if request.method == "GET":
        return jsonify(csrf=generate_csrf()) if wants_json else _page(session)
    items = _items(session)
    form = NoteForm()
    form.item_ref.choices = _item_choices(items)
    if form.validate_on_submit():
        entry = form.entry.data or str(uuid4())
        item = next((each for each in items if each.ref == form.item_ref.data), None)
        answer = form.attempt(
            lambda: services.take_note(
                session, actor=current_user, typed=form.line.data or "", entry=entry, item=item,
                clearance=form.clearance.data, noted_at=form.noted_at,
            ),
            lambda _note: f"{page_of(session, item=item.ref if item else None)}#capture",
        )  # fmt: skip
        if answer is not None:
            return _told(session, entry) if wants_json else answer
    if wants_json:
        return jsonify(sentence=form.sentence()), form.status
    return _page(session, form)


def _told(session: Session, entry: str) -> Response:
    note = queries.find_entry(session, entry)
    if note is None or note.removed_at is not None:  # sent twice, and taken away in between
        return jsonify(html="")
    html = render_template(
        "notes/line.html", note=note, session=session, event=session.event, may_note=True, **_words()
    )
    return jsonify(ref=note.ref, page=note.item.ref if note.item else "none", html=html)


@blueprint.route(NOTE, methods=["GET", "POST"])
def change_note(event_ref: str, session_ref: str, note_ref: str) -> ResponseReturnValue:
    note = _open(event_ref, session_ref, note_ref)
    items = _items(note.session)
    form = NoteForm(obj=note, line=_typed(note), item_ref=note.item.ref if note.item else "")
    form.item_ref.choices = _item_choices(items)
    if form.validate_on_submit():
        item = next((each for each in items if each.ref == form.item_ref.data), None)
        answer = form.attempt(
            lambda: services.change_note(
                note, actor=current_user, typed=form.line.data or "", item=item, clearance=form.clearance.data,
                version=form.opened_version,
            ),
            f"{page_of(note.session)}#n-{note.ref}",
            _("The line is changed."),
        )  # fmt: skip
        if answer is not None:
            return answer
    page = render_template("notes/change.html", event=note.event, session=note.session, note=note, form=form)
    return page, form.status


def _typed(note: Note) -> str:
    """The line as it would be typed again."""
    person = f"@{note.person.name} " if note.person else ""
    due = f"{note.due_on.isoformat()} " if note.due_on else ""
    return f"{lines.SIGNS[NoteKind(note.kind)]}{person}{due}{note.text}"


@blueprint.route(f"{NOTE}/removal", methods=["POST"])
def remove_note(event_ref: str, session_ref: str, note_ref: str) -> ResponseReturnValue:
    note = _open(event_ref, session_ref, note_ref)
    return press(
        lambda: services.remove_note(note, actor=current_user), page_of(note.session), _("The line is taken away.")
    )


@blueprint.route(f"{NOTE}/return", methods=["POST"])
def put_note_back(event_ref: str, session_ref: str, note_ref: str) -> ResponseReturnValue:
    note = _open(event_ref, session_ref, note_ref)
    return press(
        lambda: services.put_note_back(note, actor=current_user),
        f"{page_of(note.session)}#n-{note.ref}",
        _("The line stands again."),
    )


@blueprint.route(f"{NOTE}/assignment", methods=["GET", "POST"])
def hand_out(event_ref: str, session_ref: str, note_ref: str) -> ResponseReturnValue:
    """Give an action to somebody, with who verifies it."""
    note = _open(event_ref, session_ref, note_ref)
    everybody = {each.ref: each for each in people.list_choosable_people()}
    chair = note.session.chair.ref if note.session.chair else None
    form = ActionForm(
        text=note.text, deliverable=note.text[:500], due_on=note.due_on, verifier_ref=chair,
        responsible_ref=note.person.ref if note.person else None,
    )  # fmt: skip
    form.responsible_ref.choices = record_options(everybody.values(), nothing="")
    form.verifier_ref.choices = record_options(everybody.values(), nothing="")
    back = f"{page_of(note.session)}#n-{note.ref}"
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.hand_out(
                note, actor=current_user, responsible=everybody[form.responsible_ref.data],
                verifier=everybody[form.verifier_ref.data],
                **form.values("text", "responsible_ref", "verifier_ref"),
            ),
            back,
            _("The action is recorded as a decision and given to one person."),
        )  # fmt: skip
        if answer is not None:
            return answer
    return render_template("notes/action.html", event=note.event, form=form, back=back, said=_typed(note)), form.status


@blueprint.route("/events/<ref:event_ref>/notes/names")
def names(event_ref: str) -> ResponseReturnValue:
    """People whose name has this in it, for who types a name."""
    event = open_event(event_ref)
    require(policy.may_note(current_user, event))
    found = queries.complete(request.args.get("q", "")[:60])
    return jsonify(
        names=[
            {
                "name": each.name,
                "local": each.name_local or "",
                "words": each.department.display_name if each.department else "",
            }
            for each in found
        ]
    )
