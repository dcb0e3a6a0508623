"""Reading in the minutes of before: the file, what was understood of it, and saying that it is right."""

import os

from flask import abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.file import FileRequired
from wtforms import SelectField

from app.core.errors import Refused, require
from app.core.forms import HufuForm, LineField, UploadField, options, press
from app.core.i18n import _, _l, _lp, is_chinese
from app.documents import markdown
from app.events.models import Event
from app.events.pages import open_event
from app.files import services as files
from app.minutes import extracts, importing, paper, policy
from app.minutes.forms import LANGUAGES
from app.minutes.models import Minutes, MinutesVersion
from app.minutes.services import importing as acts
from app.minutes.views.exporting import as_file
from app.minutes.views.frame import PATH, blueprint, find, page_of
from app.people.models import CLEARANCE_LABELS
from app.programme.queries import list_sessions


class PaperForm(HufuForm):
    session_ref = SelectField(_lp("minutes", "Session"))
    language = SelectField(_l("Language"), choices=options(LANGUAGES))
    clearance = SelectField(
        _lp("classification", "Who may read it"), coerce=int, choices=options(CLEARANCE_LABELS),
        description=_l("For all sections; afterwards each can have its own."),
    )  # fmt: skip
    file = UploadField(
        _lp("minutes", "File"), validators=[FileRequired(_l("Please choose a file."))],
        description=_l("A Word document (DOCX), Markdown or plain text. It is kept beside the minutes."),
    )  # fmt: skip
    earlier_number = LineField(
        _l("Number on the paper"), most=60,
        description=_l("Leave it empty, and it is looked for in the text. The sign-off gives a number of its own."),
    )  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/minutes/import", methods=["GET", "POST"])
def read_in(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_record(current_user, event))
    sessions = {each.ref: each for each in list_sessions(event)}
    form = PaperForm(language="zh_Hans_CN" if is_chinese() else "en", clearance=int(policy.usual_clearance(event)))
    form.session_ref.choices = options({ref: each.display_title for ref, each in sessions.items()})
    if form.validate_on_submit():
        found = _read(form)
        if found is not None:
            answer = form.attempt(
                lambda: acts.read_in(
                    sessions[form.session_ref.data], found, actor=current_user, language=form.language.data,
                    earlier_number=form.earlier_number.data, clearance=form.clearance.data,
                ),
                lambda made: page_of(made, "read_paper"),
                " ".join([_("The paper is read in. Look whether it was understood."), *found.remarks]),
            )  # fmt: skip
            if answer is not None:
                return answer
    return render_template("minutes/import.html", event=event, form=form, sessions=sessions), form.status


def _read(form: PaperForm) -> importing.ReadPaper | None:
    """Before the unit of work: reading a Word document takes its time, and nobody shall wait for it."""
    upload = form.file.data
    try:
        return importing.read_file(upload.stream.read(), upload.filename or "")
    except Refused as refusal:
        form.refuse(refusal)
        return None


@blueprint.route(f"{PATH}/paper")
def read_paper(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    """What was understood of the paper, section by section, to be compared with it."""
    event = open_event(event_ref)
    minutes, version = waiting(event, minutes_ref)
    people = [(label, version.attendance.get(name, [])) for name, label in paper.list_labels().items()]
    text = extracts.read(version, policy.clearance_of(current_user, event))
    return render_template(
        "minutes/paper.html",
        event=event,
        minutes=minutes,
        version=version,
        people=people,
        parts=[(each.heading, markdown.to_html(each.text)) for each in text.parts],
    )


def waiting(event: Event, minutes_ref: str) -> tuple[Minutes, MinutesVersion]:
    minutes = find(event, minutes_ref)
    require(policy.may_record(current_user, event))
    version = next((each for each in minutes.versions if each.source_file is not None), None) or abort(404)
    return minutes, version


@blueprint.route(f"{PATH}/paper/file")
def paper_file(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    """The file as it came. It holds the whole text, so only those who record may have it."""
    _minutes, version = waiting(open_event(event_ref), minutes_ref)
    kept = version.source_file
    assert kept is not None
    return as_file(files.read(kept), kept.media_type, kept.name, "paper" + os.path.splitext(kept.name)[1].lower())


@blueprint.route(f"{PATH}/paper/acceptance", methods=["POST"])
def accept_paper(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    minutes, _version = waiting(open_event(event_ref), minutes_ref)
    return press(
        lambda: acts.accept_paper(minutes, actor=current_user),
        page_of(minutes),
        _("It is noted that the paper was read in rightly. It can go to review."),
    )


@blueprint.route(f"{PATH}/paper/removal", methods=["POST"])
def discard_paper(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    minutes, _version = waiting(event, minutes_ref)
    return press(
        lambda: acts.discard_paper(minutes, actor=current_user),
        url_for("minutes.list_minutes", event_ref=event.ref),
        _("What was read in is thrown away."),
    )
