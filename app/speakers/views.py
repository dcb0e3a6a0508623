"""The URLs of speakers."""

import re
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core import clock
from app.core.errors import Forbidden, require
from app.core.forms import HufuForm, filled, options, press
from app.core.guards import public
from app.core.i18n import _, ngettext
from app.events.models import Event
from app.events.pages import open_event
from app.events.queries import visible
from app.files import services as stored_files
from app.files.models import StoredFile
from app.people.models import Person
from app.people.queries import find_person, person_of
from app.programme.models import CONSENT_LABELS, AgendaItem, AgendaSpeaker
from app.releases.queries import told
from app.speakers import files, policy, queries, services
from app.speakers.forms import (
    AbsenceForm,
    AnswerForm,
    AskForm,
    DeliverableForm,
    DeliverableSettingsForm,
    ExpectForm,
    FileForm,
    JudgeForm,
    ProfileForm,
)
from app.speakers.models import DELIVERABLE_LABELS, REVIEW_LABELS, Deliverable, Review, SpeakerProfile

blueprint = Blueprint("speakers", __name__)

SPEAKERS = "/events/<ref:event_ref>/speakers"
PERSON = f"{SPEAKERS}/<ref:speaker_ref>"
DELIVERABLES = "/events/<ref:event_ref>/deliverables"
DELIVERABLE = f"{DELIVERABLES}/<ref:deliverable_ref>"
NO_TRACE = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
FILTERS = ("named", "asked", "declined", "again", "missing")


# --- the organizer's list -----------------------------------------------------------------------------------------


@blueprint.route(SPEAKERS)
def list_speakers(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_see_list(current_user, event))
    rows = queries.list_speakers(event)
    which = request.args.get("which", "")
    which = which if which in FILTERS else ""
    return render_template(
        "speakers/list.html",
        event=event,
        rows=[each for each in rows if not which or each.has(which)],
        counts={"": len(rows), **{each: sum(row.has(each) for row in rows) for each in FILTERS}},
        which=which,
        may_organize=policy.may_organize(current_user, event),
        standing_of=queries.standing_of,
        labels=CONSENT_LABELS,
        kinds=DELIVERABLE_LABELS,
    )


@blueprint.route(f"{SPEAKERS}/asking", methods=["GET", "POST"])
def ask(event_ref: str) -> ResponseReturnValue:
    """Look who is asked, then send: everybody who is due, or `?part=` alone."""
    event = open_event(event_ref)
    require(policy.may_organize(current_user, event))
    part = None
    if request.args.get("part"):
        part = queries.find_part(event, request.args["part"]) or abort(404)
    form = AskForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.ask(event, actor=current_user, part=part, message=form.message.data),
            then=url_for("speakers.list_speakers", event_ref=event.ref),
            said=lambda asking: ngettext("%(num)d mail is on its way.", "%(num)d mails are on their way.", len(asking.asked)),
        )  # fmt: skip
        if answer is not None:
            return answer
    page = render_template("speakers/ask.html", event=event, form=form, asking=services.choose(event, part))
    return page, form.status


@blueprint.route(f"{SPEAKERS}/<ref:speaker_ref>/answers/<ref:speaking_ref>", methods=["GET", "POST"])
def record_answer(event_ref: str, speaker_ref: str, speaking_ref: str) -> ResponseReturnValue:
    """What a speaker has told the organizers by other ways."""
    event = open_event(event_ref)
    require(policy.may_organize(current_user, event))
    part = queries.find_part(event, speaking_ref)
    if part is None or part.person is None or part.person.ref != speaker_ref:
        abort(404)
    return _answer_page(part, url_for("speakers.list_speakers", event_ref=event.ref), event=event)


def _answer_page(part: AgendaSpeaker, then: str, *, event: Event | None) -> ResponseReturnValue:
    form = AnswerForm(data={"answer": request.args.get("says")})
    if form.validate_on_submit():
        says_yes = form.answer.data == "yes"
        answer = form.attempt(
            lambda: services.answer(part, actor=current_user, says_yes=says_yes, note=form.note.data),
            then=then,
            said=_("The answer is recorded."),
        )
        if answer is not None:
            return answer
    page = render_template(
        "speakers/answer.html",
        part=part,
        form=form,
        event=event,
        back=then,
        own=policy.is_own(current_user, part.person),
        labels=CONSENT_LABELS,
    )
    return page, form.status


# --- the speaker's own pages --------------------------------------------------------------------------------------


@blueprint.route("/my/speaking")
def mine() -> ResponseReturnValue:
    """Where I was asked to speak, and what I still have to bring in: in every gathering to come."""
    now = clock.now()
    person = person_of(current_user)
    parts = queries.list_own_parts(person, now)
    owed = queries.list_own_deliverables(person, now, visible(current_user))
    return render_template(
        "speakers/mine.html",
        parts=parts,
        owed=[(each, queries.due_on(each), queries.is_late(each, each.event.day_at(now))) for each in owed],
        events=list(dict.fromkeys(each.item.event for each in parts if not each.item.event.is_draft)),
        person=person,
        labels=CONSENT_LABELS,
        kinds=DELIVERABLE_LABELS,
        reviews=REVIEW_LABELS,
    )


@blueprint.route("/my/speaking/<ref:speaking_ref>", methods=["GET", "POST"])
def answer(speaking_ref: str) -> ResponseReturnValue:
    """The same answer as by the link in the mail, signed in."""
    part = queries.find_own_part(person_of(current_user), speaking_ref) or abort(404)
    require(policy.acts_for_self(current_user, part.person))
    return _answer_page(part, url_for("speakers.mine"), event=None)


@blueprint.route("/speaking/<token>", methods=["GET", "POST"])
@public
def answer_by_link(token: str) -> ResponseReturnValue:
    """The link in a mail: looking changes nothing, since mail programs look too; the button answers."""
    part = queries.find_by_token(token)
    if part is None or part.person is None or queries.is_over(part, clock.now()):
        return render_template("speakers/link_ended.html"), 404 if part is None else 410, NO_TRACE
    me = person_of(current_user)
    if me is not None and me.id != part.person_id:
        return render_template("speakers/link_of_another.html", part=part, me=me), 403, NO_TRACE
    form = AnswerForm(data={"answer": request.args.get("says")})
    if form.validate_on_submit():
        says_yes = form.answer.data == "yes"
        answered = form.attempt(
            lambda: services.answer_by_link(token, says_yes=says_yes, note=form.note.data),
            then=url_for("speakers.answer_by_link", token=token),
            said=_("Your answer is recorded. Thank you."),
        )
        if answered is not None:
            response = make_response(answered)
            response.headers.update(NO_TRACE)
            return response
    page = render_template(
        "speakers/link.html",
        part=part,
        event=part.item.event,
        form=form,
        labels=CONSENT_LABELS,
        signed_in=me is not None,
    )
    return page, form.status, NO_TRACE


@blueprint.route("/events/<ref:event_ref>/speaking/times", methods=["GET", "POST"])
def absences(event_ref: str) -> ResponseReturnValue:
    """When I cannot come: for whoever speaks here, about themselves."""
    event, person = _speaking_here(event_ref)
    form = AbsenceForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.tell_absence(
                event,
                person,
                actor=current_user,
                starts_at=filled(form.starts_at.moment(event.time_zone)),
                ends_at=filled(form.ends_at.moment(event.time_zone)),
                note=form.note.data,
            ),
            then=url_for("speakers.absences", event_ref=event.ref),
            said=_("The organizers know now."),
        )
        if answer is not None:
            return answer
    page = render_template(
        "speakers/absences.html", event=event, form=form, windows=queries.list_absences(event, person)
    )
    return page, form.status


@blueprint.route("/events/<ref:event_ref>/speaking/times/<ref:window_ref>/removal", methods=["POST"])
def take_absence_back(event_ref: str, window_ref: str) -> ResponseReturnValue:
    event, person = _speaking_here(event_ref)
    window = queries.find_absence(event, person, window_ref) or abort(404)
    return press(
        lambda: services.take_absence_back(window, actor=current_user),
        url_for("speakers.absences", event_ref=event.ref),
        _("That is taken back."),
    )


def _speaking_here(event_ref: str) -> tuple[Event, Person]:
    event = open_event(event_ref)
    person = person_of(current_user)
    if person is None or not queries.speaks_in(event, current_user):
        raise Forbidden
    require(policy.acts_for_self(current_user, person))
    return event, person


# --- what the programme tells of a speaker ------------------------------------------------------------------------


@blueprint.route(PERSON)
@public
def show(event_ref: str, speaker_ref: str) -> ResponseReturnValue:
    event, person, items = _speaker_of(event_ref, speaker_ref)
    profile = queries.find_profile(event, person)
    return render_template(
        "speakers/show.html",
        event=event,
        person=person,
        profile=profile,
        position=person.position_on(event.starts_on),
        items=items,
        may_edit=policy.may_speak_for(current_user, event, person) and event.status != "cancelled",
    )


@blueprint.route(f"{PERSON}/photo")
@public
def photo(event_ref: str, speaker_ref: str) -> ResponseReturnValue:
    event, person, _items = _speaker_of(event_ref, speaker_ref)
    profile = queries.find_profile(event, person)
    if profile is None or profile.photo is None:
        abort(404)
    response = _file(profile.photo)
    response.headers["Content-Disposition"] = "inline"
    return response


def _speaker_of(event_ref: str, speaker_ref: str) -> tuple[Event, Person, list[AgendaItem]]:
    """A speaker of an item that this reader is told of; else there is nobody here."""
    event = open_event(event_ref)
    items = [
        each
        for each in told(event, current_user).items
        if any(speaker.person is not None and speaker.person.ref == speaker_ref for speaker in each.speakers)
    ]
    person = find_person(speaker_ref) if items else queries.find_speaking_person(event, speaker_ref)
    if person is None or not (items or policy.may_speak_for(current_user, event, person)):
        abort(404)
    return event, person, items


@blueprint.route(f"{PERSON}/profile", methods=["GET", "POST"])
def change_profile(event_ref: str, speaker_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    person = queries.find_speaking_person(event, speaker_ref) or abort(404)
    require(policy.may_speak_for(current_user, event, person))
    profile = queries.find_profile(event, person)
    form = ProfileForm(obj=profile)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.change_profile(
                event,
                person,
                actor=current_user,
                version=form.opened_version if profile else None,
                bio=form.bio.data,
                bio_local=form.bio_local.data,
                photo=_rewound(form.upload),
            ),
            then=url_for("speakers.show", event_ref=event.ref, speaker_ref=person.ref),
            said=_("The profile is saved."),
        )
        if answer is not None:
            return answer
    return render_template("speakers/profile.html", event=event, person=person, profile=profile, form=form), form.status


@blueprint.route(f"{PERSON}/photo/removal", methods=["POST"])
def remove_photo(event_ref: str, speaker_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    person = queries.find_speaking_person(event, speaker_ref) or abort(404)
    require(policy.may_speak_for(current_user, event, person))
    profile: SpeakerProfile = queries.find_profile(event, person) or abort(404)
    return press(
        lambda: services.remove_photo(profile, actor=current_user),
        url_for("speakers.change_profile", event_ref=event.ref, speaker_ref=person.ref),
        _("The photo is removed."),
    )


def _rewound(upload: Any) -> tuple[Any, str] | None:
    if upload is None:
        return None
    upload.stream.seek(0)  # the unit of work may be tried again
    return upload.stream, upload.filename or ""


# --- deliverables -------------------------------------------------------------------------------------------------


@blueprint.route(DELIVERABLES)
def list_deliverables(event_ref: str) -> ResponseReturnValue:
    """What is missing, what waits to be looked at, what is accepted."""
    event = open_event(event_ref)
    require(policy.may_see_list(current_user, event))
    everything = queries.list_deliverables(event)
    missing = {each.ref for each in queries.list_missing(event)}
    today = event.day_at(clock.now())
    kind = request.args.get("kind", "")
    kind = kind if kind in DELIVERABLE_LABELS else ""
    state = request.args.get("state", "")
    state = state if state in list(Review) else ""
    shown = [each for each in everything if (not kind or each.kind == kind) and _is_in(each, state, missing)]
    return render_template(
        "speakers/deliverables.html",
        event=event,
        shown=[(each, queries.due_on(each), each.ref in missing and queries.due_on(each) < today) for each in shown],
        total=len(everything),
        counts={each: sum(_is_in(one, each, missing) for one in everything) for each in ("", *Review)},
        missing_by_kind={
            each: number
            for each in DELIVERABLE_LABELS
            if (number := sum(one.kind == each and one.ref in missing for one in everything))
        },
        missing=missing,
        kind=kind,
        state=state,
        may_organize=policy.may_organize(current_user, event),
        kinds=DELIVERABLE_LABELS,
        reviews=REVIEW_LABELS,
    )


def _is_in(deliverable: Deliverable, state: str, missing: set[str]) -> bool:
    """Under *missing* stands what a reminder would reach: also what was sent back."""
    if state == Review.MISSING:
        return deliverable.ref in missing
    return not state or deliverable.review == state


@blueprint.route(f"{DELIVERABLES}/new", methods=["GET", "POST"])
def add_deliverable(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_organize(current_user, event))
    parts = {each.ref: each for each in queries.list_parts(event) if each.person is not None}
    form = DeliverableForm()
    form.part.choices = options(
        {ref: _("%(name)s: %(item)s", name=each.display_name, item=each.item.display_title) for ref, each in parts.items()}
    )  # fmt: skip
    if not form.is_submitted() and request.args.get("part") in parts:
        form.part.data = request.args["part"]
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_deliverable(
                parts[form.part.data], actor=current_user, kind=form.kind.data,
                days_before=filled(form.days_before.data), note=form.note.data,
            ),
            then=url_for("speakers.list_deliverables", event_ref=event.ref),
            said=_("It is expected from now on."),
        )  # fmt: skip
        if answer is not None:
            return answer
    return _ask_page(event, form, _("Expect something"), _("Expect it"))


@blueprint.route(f"{DELIVERABLES}/everybody", methods=["GET", "POST"])
def expect_of_all(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_organize(current_user, event))
    asked = {name: request.args[name] for name in ("item_kind", "kind") if name in request.args}  # by a plan
    form = ExpectForm(
        data={"item_kind": "speech", **asked, "days_before": request.args.get("days_before", 7, type=int)}
    )
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.expect_of_all(
                event, actor=current_user, item_kind=form.item_kind.data or "", kind=form.kind.data,
                days_before=filled(form.days_before.data),
            ),
            then=url_for("speakers.list_deliverables", event_ref=event.ref),
            said=lambda number: ngettext(
                "One more thing is expected.", "%(num)s more things are expected.", number
            ),
        )  # fmt: skip
        if answer is not None:
            return answer
    lead = _("The day it is due is counted back from the day of the item, and moves with it.")
    return _ask_page(event, form, _("Expect the same of all"), _("Expect it of all"), lead=lead)


@blueprint.route(f"{DELIVERABLES}/reminder", methods=["GET", "POST"])
def remind(event_ref: str) -> ResponseReturnValue:
    """Look who is reminded of what, then send."""
    event = open_event(event_ref)
    require(policy.may_organize(current_user, event))
    kind = request.args.get("kind", "")
    only = kind if kind in DELIVERABLE_LABELS else None
    form = HufuForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.remind(event, actor=current_user, kind=only),
            then=url_for("speakers.list_deliverables", event_ref=event.ref),
            said=lambda done: ngettext("%(num)d mail is on its way.", "%(num)d mails are on their way.", len(done.reminded)),
        )  # fmt: skip
        if answer is not None:
            return answer
    page = render_template(
        "speakers/remind.html",
        event=event,
        form=form,
        reminding=services.choose_missing(event, only),
        kind=only,
        kinds=DELIVERABLE_LABELS,
        due_on=queries.due_on,
    )
    return page, form.status


def _ask_page(event: Event, form: HufuForm, title: str, button: str, *, lead: str = "") -> ResponseReturnValue:
    page = render_template(
        "speakers/ask_page.html", event=event, form=form, title=title, button=button, lead=lead,
        back=url_for("speakers.list_deliverables", event_ref=event.ref),
    )  # fmt: skip
    return page, form.status


@blueprint.route(DELIVERABLE)
def show_deliverable(event_ref: str, deliverable_ref: str) -> ResponseReturnValue:
    event, deliverable = _open_deliverable(event_ref, deliverable_ref)
    return _deliverable_page(event, deliverable, FileForm(), JudgeForm())


def _deliverable_page(event: Event, deliverable: Deliverable, form: FileForm, judging: JudgeForm) -> tuple[str, int]:
    today = event.day_at(clock.now())
    may_judge = policy.may_judge(current_user, deliverable) and not policy.is_own(current_user, deliverable.person)
    page = render_template(
        "speakers/deliverable.html",
        event=event,
        deliverable=deliverable,
        due=queries.due_on(deliverable),
        is_late=queries.is_late(deliverable, today),
        form=form,
        judging=judging,
        may_bring=policy.may_speak_for(current_user, event, deliverable.person),
        may_judge=may_judge and deliverable.review == Review.SUBMITTED,
        may_organize=policy.may_organize(current_user, event),
        may_list=policy.may_see_list(current_user, event),
        kinds=DELIVERABLE_LABELS,
        reviews=REVIEW_LABELS,
        types=[each.removeprefix(".").upper() for each in files.types_of(deliverable.kind)],
        most=files.most_megabytes(deliverable.kind),
    )
    return page, judging.status if form.status == 200 else form.status


@blueprint.route(f"{DELIVERABLE}/versions", methods=["POST"])
def bring_in(event_ref: str, deliverable_ref: str) -> ResponseReturnValue:
    event, deliverable = _open_deliverable(event_ref, deliverable_ref)
    require(policy.may_speak_for(current_user, event, deliverable.person))
    form = FileForm()
    if form.validate_on_submit():
        stream, name = filled(_rewound(form.file.data))
        answer = form.attempt(
            lambda: services.bring_in(
                deliverable, actor=current_user, stream=_again(stream), name=name, note=form.note.data
            ),
            then=url_for("speakers.show_deliverable", event_ref=event.ref, deliverable_ref=deliverable.ref),
            said=_("It is brought in. The organizers will look at it."),
        )
        if answer is not None:
            return answer
    return _deliverable_page(event, deliverable, form, JudgeForm(formdata=None))


def _again(stream: Any) -> Any:
    stream.seek(0)
    return stream


@blueprint.route(f"{DELIVERABLE}/verdict", methods=["POST"])
def judge(event_ref: str, deliverable_ref: str) -> ResponseReturnValue:
    event, deliverable = _open_deliverable(event_ref, deliverable_ref)
    require(policy.may_judge(current_user, deliverable))
    form = JudgeForm(obj=deliverable)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.judge(
                deliverable, actor=current_user, version=form.opened_version, accepts=form.verdict.data == "accept",
                words=form.words.data,
            ),
            then=url_for("speakers.show_deliverable", event_ref=event.ref, deliverable_ref=deliverable.ref),
            said=_("The verdict is recorded."),
        )  # fmt: skip
        if answer is not None:
            return answer
    return _deliverable_page(event, deliverable, FileForm(formdata=None), form)


@blueprint.route(f"{DELIVERABLE}/versions/<ref:brought_ref>/file")
def fetch(event_ref: str, deliverable_ref: str, brought_ref: str) -> ResponseReturnValue:
    _event, deliverable = _open_deliverable(event_ref, deliverable_ref)
    version = next((each for each in deliverable.versions if each.ref == brought_ref), None)
    return _file(version.file) if version is not None else abort(404)


@blueprint.route(f"{DELIVERABLE}/settings", methods=["GET", "POST"])
def change_deliverable(event_ref: str, deliverable_ref: str) -> ResponseReturnValue:
    event, deliverable = _open_deliverable(event_ref, deliverable_ref)
    require(policy.may_organize(current_user, event))
    form = DeliverableSettingsForm(obj=deliverable)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.change_deliverable(
                deliverable, actor=current_user, version=form.opened_version,
                days_before=filled(form.days_before.data), note=form.note.data,
            ),
            then=url_for("speakers.show_deliverable", event_ref=event.ref, deliverable_ref=deliverable.ref),
            said=_("It is saved."),
        )  # fmt: skip
        if answer is not None:
            return answer
    title = _("%(kind)s of %(name)s", kind=DELIVERABLE_LABELS[deliverable.kind], name=deliverable.person.display_name)
    return _ask_page(event, form, title, _("Save"))


@blueprint.route(f"{DELIVERABLE}/removal", methods=["POST"])
def remove_deliverable(event_ref: str, deliverable_ref: str) -> ResponseReturnValue:
    event, deliverable = _open_deliverable(event_ref, deliverable_ref)
    require(policy.may_organize(current_user, event))
    return press(
        lambda: services.remove_deliverable(deliverable, actor=current_user),
        url_for("speakers.list_deliverables", event_ref=event.ref),
        _("It is no longer expected."),
        refused=url_for("speakers.show_deliverable", event_ref=event.ref, deliverable_ref=deliverable.ref),
    )


def _open_deliverable(event_ref: str, ref: str) -> tuple[Event, Deliverable]:
    """What somebody else owes is not known to those who may not see it."""
    event = open_event(event_ref)
    deliverable = queries.find_deliverable(event, ref)
    if deliverable is None or not policy.may_see(current_user, deliverable):
        abort(404)
    return event, deliverable


def _file(stored: StoredFile) -> Response:
    """Kept by the browser and powerless if opened; the name is told as RFC 6266 wants, plain and with all its signs."""
    response = Response(stored_files.read(stored), content_type=stored.media_type)
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", stored.name) or "file"
    response.headers["Content-Disposition"] = (
        f"attachment; filename={plain}; filename*=UTF-8''{quote(stored.name, safe='')}"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
