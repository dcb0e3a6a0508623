"""Publishing, who is asked to confirm reading, and who has."""

from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.audiences.models import RuleKind
from app.audiences.queries import list_groups
from app.core.errors import require
from app.core.forms import press, record_options
from app.core.i18n import _, ngettext
from app.events.pages import open_event
from app.minutes import policy, queries, readers, services
from app.minutes.forms import PublicationForm, multiple
from app.minutes.models import Minutes, MinutesState
from app.minutes.readers import Addressees
from app.minutes.views.frame import PATH, blueprint, find, page_of
from app.people import queries as people


@blueprint.route(f"{PATH}/publication", methods=["GET", "POST"])
def publish(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    """Choose for whom the minutes are: who is asked to confirm reading, and who gets a copy."""
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    require(policy.may_record(current_user, event))
    choices = Choices()
    form = PublicationForm(data=before(minutes))
    choices.offer(form)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.publish(
                minutes, actor=current_user, participants=form.participants.data,
                departments=multiple(form.departments, choices.departments),
                groups=multiple(form.groups, choices.groups), people=multiple(form.people, choices.people),
                copies=Addressees(
                    departments=multiple(form.copy_departments, choices.departments),
                    groups=multiple(form.copy_groups, choices.groups),
                    people=multiple(form.copy_people, choices.people),
                ),
            ),
            page_of(minutes),
            lambda asked: ngettext(
                "Published. %(num)s person is asked to confirm.", "Published. %(num)s people are asked to confirm.", len(asked)
            ),
        )  # fmt: skip
        if answer is not None:
            return answer
    page = render_template(
        "minutes/publish.html",
        event=event,
        minutes=minutes,
        form=form,
        participants=len(queries.list_participants(event)),
        known=len(queries.list_readers(minutes)),
    )
    return page, form.status


class Choices:
    """Whom one can choose, by their refs."""

    def __init__(self) -> None:
        self.departments = {each.ref: each for each in people.list_choosable_departments()}
        self.groups = {each.ref: each for each in list_groups()}
        self.people = {each.ref: each for each in people.list_choosable_people()}

    def offer(self, form: PublicationForm) -> None:
        form.departments.choices = form.copy_departments.choices = record_options(self.departments.values())
        form.groups.choices = form.copy_groups.choices = record_options(self.groups.values())
        form.people.choices = form.copy_people.choices = record_options(self.people.values())


FIELDS = {RuleKind.DEPARTMENT: "departments", RuleKind.GROUP: "groups", RuleKind.PERSON: "people"}


def before(minutes: Minutes) -> dict[str, Any]:
    """What was chosen for the version before, to begin with."""
    chosen: dict[str, Any] = {
        ("copy_" if copies else "") + field: [
            each["ref"] for each in readers.lines_of(minutes, copies=copies) if each["kind"] == kind
        ]
        for copies in (False, True)
        for kind, field in FIELDS.items()
    }
    if minutes.was_published:
        lines = readers.lines_of(minutes, copies=False)
        chosen["participants"] = any(each["kind"] == readers.PARTICIPANTS for each in lines)
    return chosen


@blueprint.route(f"{PATH}/acknowledgement", methods=["POST"])
def acknowledge(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    minutes = find(open_event(event_ref), minutes_ref)
    asked = queries.find_reader(minutes, people.person_of(current_user))
    require(policy.may_acknowledge(current_user, asked))
    given = request.form.get("version_hash", "")
    return press(
        lambda: services.acknowledge(minutes, actor=current_user, version_hash=given),
        page_of(minutes),
        _("Thank you. It is noted that you have read this version."),
    )


@blueprint.route(f"{PATH}/readers", endpoint="readers")
def readers_page(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    """Who has read: all for those who record, one's own reports for a manager, nobody else (rule 29)."""
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    whole = policy.may_see_readers(current_user, minutes)
    person = people.person_of(current_user)
    require(whole or queries.has_reports_among_readers(minutes, person))
    board = readers.board_of(minutes, of_manager=None if whole else person)
    return render_template(
        "minutes/readers.html",
        event=event,
        minutes=minutes,
        board=board,
        whole=whole,
        main=readers.lines_of(minutes, copies=False) if whole else [],
        copies=readers.lines_of(minutes, copies=True) if whole else [],
        said=readers.said,
        may_remind=minutes.state == MinutesState.PUBLISHED and (policy.may_record(current_user, event) or not whole),
    )


@blueprint.route(f"{PATH}/readers/reminder", methods=["POST"])
def remind(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    """A nudge to all who are silent, or to one of them."""
    minutes = find(open_event(event_ref), minutes_ref)
    own = people.person_of(current_user)
    require(policy.may_record(current_user, minutes.event) or queries.has_reports_among_readers(minutes, own))
    ref = request.form.get("reader_ref")
    person = None if ref is None else people.find_person(ref) or abort(404)
    return press(
        lambda: services.remind(minutes, actor=current_user, person=person),
        page_of(minutes, "readers"),
        lambda count: ngettext("%(num)s reminder is on its way.", "%(num)s reminders are on their way.", count),
    )
