"""Publishing, who is asked to confirm reading, and who has."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core.errors import require
from app.core.forms import press, record_options
from app.core.i18n import _, ngettext
from app.events.pages import open_event
from app.minutes import policy, queries, services
from app.minutes.forms import PublicationForm, multiple
from app.minutes.models import MinutesState
from app.minutes.views.frame import PATH, blueprint, find, page_of
from app.people import queries as people


@blueprint.route(f"{PATH}/publication", methods=["GET", "POST"])
def publish(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    """Choose who is asked to confirm reading."""
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    require(policy.may_record(current_user, event))
    departments = {each.ref: each for each in people.list_choosable_departments()}
    everybody = {each.ref: each for each in people.list_choosable_people()}
    form = PublicationForm()
    form.departments.choices = record_options(departments.values())
    form.people.choices = record_options(everybody.values())
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.publish(
                minutes, actor=current_user, participants=form.participants.data,
                departments=multiple(form.departments, departments), people=multiple(form.people, everybody),
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
    )
    return page, form.status


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


@blueprint.route(f"{PATH}/readers")
def readers(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    """Who has read: all for those who record, one's own reports for a manager, nobody else (rule 29)."""
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    whole = policy.may_see_readers(current_user, minutes)
    person = people.person_of(current_user)
    require(whole or queries.has_reports_among_readers(minutes, person))
    rows = queries.list_readers(minutes, of_manager=None if whole else person)
    told = [(each, queries.counts(each, minutes)) for each in rows]
    return render_template(
        "minutes/readers.html",
        event=event,
        minutes=minutes,
        rows=sorted(told, key=lambda pair: pair[1]),
        confirmed=sum(1 for _row, done in told if done),
        whole=whole,
        may_remind=policy.may_record(current_user, event) and minutes.state == MinutesState.PUBLISHED,
    )


@blueprint.route(f"{PATH}/readers/reminder", methods=["POST"])
def remind(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    minutes = find(open_event(event_ref), minutes_ref)
    require(policy.may_record(current_user, minutes.event))
    return press(
        lambda: services.remind(minutes, actor=current_user),
        page_of(minutes, "readers"),
        lambda count: ngettext("%(num)s reminder is on its way.", "%(num)s reminders are on their way.", count),
    )
