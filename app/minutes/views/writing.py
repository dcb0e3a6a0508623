"""Drafting and writing, section by section."""

from flask import Response, abort, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from app.accounts.models import Account
from app.core import clock
from app.core.errors import require
from app.core.forms import options, press, record_options
from app.core.i18n import _, _lp, ngettext
from app.core.text import one_line
from app.documents import markdown
from app.documents.diff import drawn as difference
from app.events.pages import open_event
from app.minutes import bound, extracts, insertable, marked, paragraphs, policy, services, templates
from app.minutes.earlier import list_earlier, list_removed, load_writers
from app.minutes.forms import MOST, ApprovalForm, DraftForm, HeadsForm, SectionForm, SplitForm
from app.minutes.models import Minutes, MinutesVersion, Section
from app.minutes.views.frame import PATH, blueprint, find, page_of, under_work_or_404
from app.notes import lines
from app.notes import queries as notes
from app.notes.forms import ActionForm
from app.notes.models import NOTE_KIND_LABELS, NoteKind
from app.people import queries as people
from app.people.models import CLEARANCE_LABELS, Clearance
from app.programme.queries import list_sessions


@blueprint.route("/events/<ref:event_ref>/minutes/new", methods=["GET", "POST"])
def draft(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_record(current_user, event))
    sessions = {each.ref: each for each in list_sessions(event)}
    form = DraftForm(session_ref=request.args.get("session"), language=_own_language())
    form.session_ref.choices = options({ref: each.display_title for ref, each in sessions.items()})
    known = {each.ref: each for each in templates.list_templates()}
    form.template_ref.choices = options(
        {
            "": _lp("template", "The usual one for this kind of session"),
            **{ref: each.name for ref, each in known.items()},
        }
    )
    if form.validate_on_submit():
        session = sessions[form.session_ref.data]
        template = known.get(form.template_ref.data or "")
        answer = form.attempt(
            lambda: services.draft_minutes(session, actor=current_user, language=form.language.data, template=template),
            lambda made: page_of(made, "write"),
            _("The draft is made from what was recorded. Read it through and complete it."),
        )
        if answer is not None:
            return answer
    page = render_template(
        "minutes/new.html", event=event, form=form, sessions=sessions,
        keeps_templates=policy.may_keep_templates(current_user),
    )  # fmt: skip
    return page, form.status


def _own_language() -> str:
    return getattr(current_user, "language", None) or "en"


@blueprint.route(f"{PATH}/text", methods=["GET", "POST"])
def write(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    """The text under work, section by section; what is posted here stands over it: title and lists of people."""
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    require(policy.may_record(current_user, event))
    if request.method == "GET" and minutes.under_work is None:
        return redirect(page_of(minutes))
    if request.method == "GET" and minutes.newest.frozen_at is not None:
        return redirect(page_of(minutes, "amend"))
    form = HeadsForm(obj=services.Heads(minutes, minutes.newest))
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.write_heads(
                minutes, actor=current_user, title=form.title.data, attendance=form.attendance,
                version=form.opened_version,
            ),
            page_of(minutes, "write"),
            _("The title and the lists are stored."),
        )  # fmt: skip
        if answer is not None:
            return answer
    return _outline(minutes, form)


def _outline(minutes: Minutes, form: HeadsForm, adding: SectionForm | None = None) -> ResponseReturnValue:
    version, event = minutes.newest, minutes.event
    writers = load_writers(version)  # so that the page asks for them once, not section by section
    status = form.status if adding is None else adding.status
    if adding is None:
        level = int(policy.usual_clearance(event))
        adding = SectionForm(None, clearance=level, after=request.args.get("after", ""))
    adding.after.choices = options({each.ref: _place(each) for each in version.sections}, nothing=_("At the end"))
    kept = list_earlier(version)
    page = render_template(
        "minutes/write.html",
        event=event, minutes=minutes, version=version, form=form, adding=adding,
        rows=[(each.section, markdown.to_html(each.text)) for each in extracts.parts_of(minutes, version.sections)],
        removed=list_removed(version, kept),
        with_earlier={each.origin for each in kept},
        holders=_holders(version),
        labels=CLEARANCE_LABELS, writers=writers,
        pending=notes.count_pending(minutes.session, minutes.ref),
    )  # fmt: skip
    return page, status


def _place(section: Section) -> str:
    return _("Behind %(section)s", section=section.heading or f"§ {section.position}")


def _holders(version: MinutesVersion) -> dict[int, Account]:
    """Who else is writing in which section now."""
    now = clock.now()
    held = {each.id: each.holder_at(now) for each in version.sections if each.locked_until}
    return {key: holder for key, holder in held.items() if holder is not None and holder.id != current_user.id}


@blueprint.route(f"{PATH}/text/sections", methods=["POST"])
def add_section(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    require(policy.may_record(current_user, event))
    form = SectionForm()
    after = {each.ref: each for each in minutes.newest.sections}
    form.after.choices = options({ref: _place(each) for ref, each in after.items()}, nothing=_("At the end"))
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_section(
                minutes, actor=current_user, heading=form.heading.data or "", source=form.source.data or "",
                clearance=form.clearance.data, after=after.get(form.after.data or ""),
            ),
            lambda made: page_of(minutes, "write_section", section_ref=made.ref),
        )  # fmt: skip
        if answer is not None:
            return answer
    return _outline(minutes, HeadsForm(None, obj=services.Heads(minutes, minutes.newest)), form)


SECTION = f"{PATH}/text/<ref:section_ref>"


def _opened(event_ref: str, minutes_ref: str, section_ref: str) -> tuple[Minutes, Section | None]:
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    require(policy.may_record(current_user, event))
    return minutes, next((each for each in minutes.newest.sections if each.ref == section_ref), None)


def _open(event_ref: str, minutes_ref: str, section_ref: str) -> tuple[Minutes, Section]:
    minutes, section = _opened(event_ref, minutes_ref, section_ref)
    return minutes, section or abort(404)


@blueprint.route(SECTION, methods=["GET", "POST"])
def write_section(event_ref: str, minutes_ref: str, section_ref: str) -> ResponseReturnValue:
    """The editor of one section. A script saves every few seconds and asks for JSON; `preview` and `insert` are the
    buttons that work without one."""
    minutes, section = _opened(event_ref, minutes_ref, section_ref)
    wants_json = request.accept_mimetypes.best == "application/json"
    if request.method == "GET" and wants_json:
        return jsonify(csrf=generate_csrf())
    if section is None:
        return _gone(minutes, wants_json=wants_json)
    if request.method == "GET" and minutes.under_work is None:
        return redirect(page_of(minutes))
    if request.method == "GET" and minutes.newest.frozen_at is not None:
        return redirect(page_of(minutes, "amend"))
    form = SectionForm(obj=section)
    parts, shown_now = [], None
    if request.method == "POST" and request.form.get("insert"):
        form.source.data = _inserted(form.source.data or "", request.form["insert"])
    elif request.method == "POST" and "preview" in request.form:
        shown_now = rendered(minutes, form.source.data or "", form.clearance.data)
    elif form.validate_on_submit():
        answer = form.attempt(
            lambda: services.write_section(
                section, actor=current_user, source=form.source.data or "", heading=form.heading.data or "",
                clearance=form.clearance.data, version=form.opened_version, hold=wants_json,
            ),
            page_of(minutes, "write", _anchor=f"s-{section.ref}"),
            None if wants_json else _("The section is stored."),
        )  # fmt: skip
        if answer is not None:
            return jsonify(version=section.version) if wants_json else answer
        if form.theirs or form.status == 409:
            parts = difference(section.source, form.source.data or "")
    holder = _holders(minutes.newest).get(section.id)
    if wants_json:
        return _not_stored(section, form, parts, holder)
    page = render_template(
        "minutes/write_section.html",
        event=minutes.event, minutes=minutes, section=section, form=form, parts=parts, holder=holder,
        preview=shown_now if shown_now is not None else rendered(minutes, form.source.data or "", form.clearance.data),
        records=insertable.list_records(minutes),
        marked=marked.list_marked(section.source), note_kinds=NOTE_KIND_LABELS,
    )  # fmt: skip
    return page, form.status


def _inserted(source: str, mark: str) -> str:
    """The text with the mark of a record on a line of its own at its end."""
    return f"{source.rstrip()}\n\n{{{{{mark}}}}}".strip() if bound.MARK.fullmatch(f"{{{{{mark}}}}}") else source


def _not_stored(
    section: Section, form: SectionForm, parts: list[tuple[str, str]], holder: Account | None
) -> ResponseReturnValue:
    """Why a save of the script was not taken, with what stands there instead."""
    kind = "taken" if holder is not None else "stale" if parts or form.theirs else "refused"
    sentence = form.refusal or " ".join(str(each) for found in form.errors.values() for each in found)
    collision = render_template("minutes/_collision.html", section=section, parts=parts) if kind == "stale" else ""
    answer = jsonify(
        kind=kind, sentence=str(sentence), html=collision, version=section.version,
        source=section.source, heading=section.heading, clearance=section.clearance,
    )  # fmt: skip
    return answer, form.status if form.status != 200 else 422


def _gone(minutes: Minutes, *, wants_json: bool) -> ResponseReturnValue:
    """The section is no longer there: what was typed is kept, and can become a section of its own."""
    sentence = _("This section was taken away meanwhile, or the text was drafted again.")
    if request.method == "GET" or "source" not in request.form:
        abort(404)
    if wants_json:
        return jsonify(kind="gone", sentence=sentence), 409
    form = SectionForm()
    return render_template("minutes/write_gone.html", event=minutes.event, minutes=minutes, form=form), 409


@blueprint.route(f"{SECTION}/hold", methods=["POST"])
def take_section(event_ref: str, minutes_ref: str, section_ref: str) -> ResponseReturnValue:
    """Have the section for oneself and go to its editor; `over` also when somebody else is writing there."""
    minutes, section = _open(event_ref, minutes_ref, section_ref)
    return press(
        lambda: services.take_section(section, actor=current_user, over=bool(request.form.get("over"))),
        page_of(minutes, "write_section", section_ref=section.ref),
        refused=page_of(minutes, "write", _anchor=f"s-{section.ref}"),
    )


@blueprint.route(f"{SECTION}/release", methods=["POST"])
def leave_section(event_ref: str, minutes_ref: str, section_ref: str) -> ResponseReturnValue:
    """Sent by a page that is closed, which reads no answer."""
    minutes, section = _open(event_ref, minutes_ref, section_ref)
    press(lambda: services.leave_section(section, actor=current_user), page_of(minutes, "write"))
    return "", 204


@blueprint.route(f"{SECTION}/place", methods=["POST"])
def move_section(event_ref: str, minutes_ref: str, section_ref: str) -> ResponseReturnValue:
    minutes, section = _open(event_ref, minutes_ref, section_ref)
    by = -1 if request.form.get("by") == "-1" else 1
    back = page_of(minutes, "write", _anchor=f"s-{section.ref}")
    return press(lambda: services.move_section(section, actor=current_user, by=by), back)


@blueprint.route(f"{SECTION}/removal", methods=["POST"])
def remove_section(event_ref: str, minutes_ref: str, section_ref: str) -> ResponseReturnValue:
    """Bound to the text on the page: one that somebody wrote meanwhile is not taken away unread."""
    minutes, section = _open(event_ref, minutes_ref, section_ref)
    raw = request.form.get("version", "")
    version = int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 10 else -1
    return press(
        lambda: services.remove_section(section, actor=current_user, version=version),
        page_of(minutes, "write"),
        _("The section is taken away. It can be put back at the end of this page."),
    )


@blueprint.route(f"{SECTION}/parts", methods=["GET", "POST"])
def split_section(event_ref: str, minutes_ref: str, section_ref: str) -> ResponseReturnValue:
    """Choose the paragraph with which the new section begins."""
    minutes, section = _open(event_ref, minutes_ref, section_ref)
    form = SplitForm(obj=section, heading="")
    pieces = list(enumerate(paragraphs.split(section.source), 1))[1:]
    form.at.choices = options({number: one_line(piece)[:120] for number, piece in pieces})
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.split_section(
                section, actor=current_user, at=form.at.data, heading=form.heading.data or "",
                version=form.opened_version,
            ),
            lambda made: page_of(minutes, "write", _anchor=f"s-{made.ref}"),
            _("Here are two sections now."),
        )  # fmt: skip
        if answer is not None:
            return answer
    page = render_template("minutes/write_split.html", event=minutes.event, minutes=minutes, section=section, form=form)
    return page, form.status


@blueprint.route(f"{SECTION}/earlier")
def earlier_texts(event_ref: str, minutes_ref: str, section_ref: str) -> ResponseReturnValue:
    """What stood in this section before, each compared with what stands there now."""
    minutes, section = _open(event_ref, minutes_ref, section_ref)
    kept = list_earlier(minutes.newest, origin=section.origin)
    return render_template(
        "minutes/write_earlier.html",
        event=minutes.event,
        minutes=minutes,
        section=section,
        rows=[(each, difference(each.source, section.source)) for each in kept[:20]],
        labels=CLEARANCE_LABELS,
    )


@blueprint.route(f"{PATH}/text/earlier/<ref:earlier_ref>", methods=["POST"])
def put_back(event_ref: str, minutes_ref: str, earlier_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    require(policy.may_record(current_user, event))
    kept = next((each for each in list_earlier(minutes.newest) if each.ref == earlier_ref), None) or abort(404)
    return press(
        lambda: services.put_back(kept, actor=current_user),
        lambda section: page_of(minutes, "write", _anchor=f"s-{section.ref}"),
        _("The earlier text stands again."),
        refused=page_of(minutes, "write"),
    )


@blueprint.route(f"{PATH}/text/notes", methods=["POST"])
def compile_notes(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    require(policy.may_record(current_user, event))
    return press(
        lambda: services.compile_notes(minutes, actor=current_user),
        page_of(minutes, "write"),
        lambda count: ngettext("%(num)s line stands in the text now.", "%(num)s lines stand in the text now.", count),
    )


@blueprint.route(f"{SECTION}/marked/<ref:key>", methods=["GET", "POST"])
def record_marked(event_ref: str, minutes_ref: str, section_ref: str, key: str) -> ResponseReturnValue:
    """Make a record of a marked line: a decision by one press, an action with who verifies it."""
    minutes, section = _open(event_ref, minutes_ref, section_ref)
    back = page_of(minutes, "write_section", section_ref=section.ref)
    found = marked.find_marked(section.source, key) or abort(404)
    if found.kind == NoteKind.DECISION:
        if request.method == "GET":
            return redirect(back)
        return press(
            lambda: services.record_decision(section, actor=current_user, key=key), back, _("The decision is recorded.")
        )
    line = lines.read(found.typed, minutes.event.day_at(clock.now()))
    named = notes.find_named(line.names)
    words = lines.without(line.words, named[1]) if named else line.words
    form = ActionForm(
        text=words, deliverable=words[:500], due_on=line.due, responsible_ref=named[0].ref if named else None
    )
    everybody = {each.ref: each for each in people.list_choosable_people()}
    form.responsible_ref.choices = record_options(everybody.values(), nothing="")
    form.verifier_ref.choices = record_options(everybody.values(), nothing="")
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.hand_out_marked(
                section, actor=current_user, key=key, responsible=everybody[form.responsible_ref.data],
                verifier=everybody[form.verifier_ref.data], **form.values("responsible_ref", "verifier_ref"),
            ),
            back,
            _("The action is recorded as a decision and given to one person."),
        )  # fmt: skip
        if answer is not None:
            return answer
    page = render_template("notes/action.html", event=minutes.event, form=form, back=back, said=found.typed)
    return page, form.status


@blueprint.route(f"{PATH}/preview", methods=["POST"])
def preview(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    """What is typed as it will look, for the editor to show beside it."""
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    require(policy.may_record(current_user, event))
    raw = request.form.get("clearance", "")
    level = int(raw) if raw in ("0", "1", "2", "3") else None
    return Response(str(rendered(minutes, request.form.get("text", ""), level)), mimetype="text/html")


def rendered(minutes: Minutes, text: str, clearance: int | None = None) -> Markup:
    """With the sentences of the records in place of their marks, as far as a section of this classification tells them."""
    looked_at = Section(source=text[:MOST], clearance=clearance, bindings=[])
    return markdown.to_html(bound.resolved(minutes, [looked_at])[0].text[: 2 * MOST])


@blueprint.route(f"{PATH}/new-draft", methods=["GET", "POST"])
def redraft(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    """Ask first, and show what would be lost."""
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    require(policy.may_record(current_user, event))
    version = under_work_or_404(minutes)
    form = ApprovalForm(obj=version)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.redraft(minutes, actor=current_user, version=form.opened_version),
            page_of(minutes, "write"),
            _("The text was drafted again."),
        )
        if answer is not None:
            return answer
    fresh, _lists = services.draft_again(minutes)
    parts = difference(extracts.read(version, Clearance.SECRET).markdown, fresh)
    page = render_template("minutes/redraft.html", event=event, minutes=minutes, form=form, parts=parts)
    return page, form.status
