"""The subjects under which minutes stand in the library."""

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core.errors import require
from app.core.forms import HufuForm, TextField
from app.core.i18n import _, _lp
from app.events.pages import open_event
from app.minutes import policy
from app.minutes.services.filing import file_by_subject
from app.minutes.views.frame import PATH, blueprint, find, page_of


class SubjectsForm(HufuForm):
    subjects = TextField(_lp("minutes", "Subjects"), most=2_000)


@blueprint.route(f"{PATH}/subjects", methods=["GET", "POST"])
def subjects(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    require(policy.may_record(current_user, event))
    form = SubjectsForm(data={"subjects": "\n".join(minutes.subjects)})
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: file_by_subject(minutes, actor=current_user, subjects=(form.subjects.data or "").split("\n")),
            page_of(minutes),
            _("The subjects are noted."),
        )
        if answer is not None:
            return answer
    return render_template("minutes/subjects.html", event=event, minutes=minutes, form=form), form.status
