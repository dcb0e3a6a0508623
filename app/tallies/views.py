"""The pages of tallies: the register of holders, casting, conferral, the halves and their end."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.campaigns import queries as campaigns
from app.campaigns.models import CampaignState
from app.ceremonies import queries as ceremonies
from app.core import clock
from app.core.errors import require
from app.core.forms import HufuForm, filled, press
from app.core.i18n import _, in_language, language_tag
from app.core.text import one_line
from app.custody import queries as custody
from app.custody import services as custody_services
from app.custody.models import TALLY_HALF, CustodyEvent
from app.events.models import Event
from app.events.pages import open_event
from app.files.models import StoredFile
from app.people.models import Person
from app.people.queries import own_organization
from app.sheets.answers import sheet_answer
from app.signing import keeping
from app.tallies import (
    exports,
    policy,
    queries,
    services,
)
from app.tallies.forms import ConferForm, HandOnForm, LossForm, ReasonForm, ReturnForm, TallyForm
from app.tallies.models import LIVE_STATES, TALLY_STATE_LABELS, Side, Tally, TallyHalf, TallyState

blueprint = Blueprint("tallies", __name__)

LIST = "/events/<ref:event_ref>/tallies"
ONE = f"{LIST}/<ref:tally_ref>"
HALF = f"{ONE}/<any(left, right):side>"
LONGEST_SEARCH = 200


def open_tally(event_ref: str, tally_ref: str) -> tuple[Event, Tally]:
    event = open_event(event_ref)
    return event, queries.find_visible(current_user, event, tally_ref) or abort(404)


def open_half(event_ref: str, tally_ref: str, side: str) -> tuple[Event, Tally, TallyHalf]:
    event, tally = open_tally(event_ref, tally_ref)
    return event, tally, queries.half_of(tally, side) or abort(404)


def url_of(tally: Tally) -> str:
    return url_for("tallies.show", event_ref=tally.event.ref, tally_ref=tally.ref)


# --- the register ---------------------------------------------------------------------------------------------------


def _asked() -> tuple[str, str]:
    """What the address asks for: words, and a state."""
    words = one_line(request.args.get("q", ""))[:LONGEST_SEARCH]
    state = request.args.get("state", "")
    return words, state if state in set(TallyState) else ""


def _waiting(tallies: Sequence[Tally]) -> dict[str, CustodyEvent]:
    """The change of hands that waits for a confirmation, by half."""
    refs = [half.ref for each in tallies for half in each.halves]
    return {each.object_ref: each for each in custody.history_of(TALLY_HALF, refs) if each.is_open} if refs else {}


@blueprint.route("/tallies")
def everything() -> ResponseReturnValue:
    words, state = _asked()
    found = queries.list_anywhere(current_user, words=words, state=state)
    return render_template(
        "tallies/everything.html", tallies=found, waiting=_waiting(found), words=words, state=state,
        states=TALLY_STATE_LABELS,
    )  # fmt: skip


@blueprint.route("/tallies.<any(csv, xlsx, pdf):kind>")
def everything_file(kind: str) -> ResponseReturnValue:
    words, state = _asked()
    return _file(kind, queries.list_anywhere(current_user, words=words, state=state), words, None)


@blueprint.route(LIST)
def list_tallies(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    words, _state = _asked()
    found = queries.list_visible(current_user, event, words=words)
    return render_template(
        "tallies/list.html", event=event, tallies=found, waiting=_waiting(found), words=words,
        may_cast=policy.may_cast(current_user, event),
    )  # fmt: skip


@blueprint.route(f"{LIST}.<any(csv, xlsx, pdf):kind>")
def list_file(event_ref: str, kind: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    words, _state = _asked()
    return _file(kind, queries.list_visible(current_user, event, words=words), words, event)


def _file(kind: str, found: Sequence[Tally], words: str, event: Event | None) -> Response:
    if kind != "pdf":
        return sheet_answer(
            kind, exports.columns(), exports.table(found), title=_("Register of tallies"), name="tallies"
        )
    own = (event.host if event else None) or own_organization()
    paper = exports.paper(
        found, clock.today(event.time_zone if event else "UTC"), search=words,
        subtitle=event.display_title if event else _("All gatherings"), organization=own.display_name if own else "",
        lang=language_tag(),
    )  # fmt: skip
    return _pdf(paper, "tallies")


def _pdf(body: bytes, name: str) -> Response:
    """Kept by the browser, and powerless if opened; `name` is of letters, digits and dashes."""
    response = Response(body, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


# --- casting --------------------------------------------------------------------------------------------------------


@blueprint.route(f"{LIST}/new", methods=["GET", "POST"])
def new_tally(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_cast(current_user, event))
    free = [each for each in campaigns.list_campaigns(event) if each.state != CampaignState.CONCLUDED]
    asked = next((each for each in free if each.ref == request.args.get("campaign")), None)
    today = clock.today(event.time_zone)
    given = {
        "campaign_ref": asked.ref if asked else None, "valid_from": (asked and asked.starts_on) or today,
        "valid_to": asked.ends_on if asked else None,
    }  # fmt: skip
    form = TallyForm(free, ceremonies.list_ceremonies(event), data=given)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.cast(form.campaigns[form.campaign_ref.data], actor=current_user, **form.act_values()),
            then=url_of,
            said=_("The tally is cast. Until it is conferred only those who prepare it see it."),
        )
        if answer is not None:
            return answer
    return render_template("tallies/edit.html", event=event, form=form, tally=None, campaigns=free), form.status


@blueprint.route(ONE)
def show(event_ref: str, tally_ref: str) -> ResponseReturnValue:
    event, tally = open_tally(event_ref, tally_ref)
    story = custody.history_of(TALLY_HALF, [each.ref for each in tally.halves])
    person = current_user.id
    sees_all = policy.sees_custody(current_user, event)
    document = queries.find_document(tally)
    conferred_by = (document.content["conferred_by"] if document else None) or {"name": tally.conferred_by_name}
    return render_template(
        "tallies/show.html", event=event, tally=tally, ceremony=ceremonies.find_of_id(event, tally.ceremony_id),
        story=[each for each in story if sees_all or person in _accounts(each)],
        waiting={each.object_ref: each for each in story if each.is_open},
        halves_by_ref={each.ref: each for each in tally.halves}, document=document,
        conferred_by=in_language(conferred_by.get("name_local"), conferred_by["name"]),
        may_cast=policy.may_cast(current_user, event), may_command=policy.may_command(current_user, event),
        may_retire=policy.may_retire(current_user, tally), recast=queries.find_recast(tally),
        may_hand_on={each.side: policy.may_hand_on(current_user, event, each.holder) for each in tally.halves},
        is_live=tally.state in LIVE_STATES,
    )  # fmt: skip


def _accounts(record: CustodyEvent) -> set[int | None]:
    return {
        each.account_id for each in (record.giver, record.taker) if each is not None and each.account_id is not None
    }


@blueprint.route(f"{ONE}/edit", methods=["GET", "POST"])
def edit_tally(event_ref: str, tally_ref: str) -> ResponseReturnValue:
    event, tally = open_tally(event_ref, tally_ref)
    require(policy.may_cast(current_user, event))
    if request.method == "GET" and tally.state != TallyState.CAST:
        return redirect(url_of(tally))  # an old bookmark: the tally's page says what became of it
    form = TallyForm([], ceremonies.list_ceremonies(event), tally)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.edit_tally(tally, actor=current_user, version=form.opened_version, **form.act_values()),
            then=url_of(tally),
            said=_("Saved."),
        )
        if answer is not None:
            return answer
    return render_template("tallies/edit.html", event=event, form=form, tally=tally, campaigns=[]), form.status


# --- conferral, suspension, end -------------------------------------------------------------------------------------


@blueprint.route(f"{ONE}/confer", methods=["GET", "POST"])
def confer(event_ref: str, tally_ref: str) -> ResponseReturnValue:
    """Outside a ceremony, with the reason. On stage the console does it by the cue."""
    event, tally = open_tally(event_ref, tally_ref)
    require(policy.may_cast(current_user, event))
    if request.method == "GET" and tally.state != TallyState.CAST:
        return redirect(url_of(tally))
    form = ConferForm(campaigns.list_leaders(event), clock.today(event.time_zone))
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.confer(
                tally, actor=current_user, outside=form.outside.data, by=form.leaders.get(form.by_ref.data),
                on=filled(form.on.data),
            ),
            then=url_of(tally),
            said=_("Conferred. Both who take a half are asked to confirm it."),
        )  # fmt: skip
        if answer is not None:
            return answer
    return render_template("tallies/confer.html", event=event, tally=tally, form=form), form.status


@blueprint.route(f"{ONE}/activate", methods=["POST"])
def activate(event_ref: str, tally_ref: str) -> ResponseReturnValue:
    event, tally = open_tally(event_ref, tally_ref)
    require(policy.may_cast(current_user, event) or policy.may_command(current_user, event))
    return press(
        lambda: services.activate(tally, actor=current_user), url_of(tally), _("The tally lends authority from now on.")
    )


@blueprint.route(f"{ONE}/suspend", methods=["GET", "POST"])
def suspend(event_ref: str, tally_ref: str) -> ResponseReturnValue:
    event, tally = open_tally(event_ref, tally_ref)
    require(policy.may_command(current_user, event))
    return _with_reason(
        event, tally, services.suspend, _("Suspend the tally"),
        _("Its holder orders nothing until the suspension is lifted. The halves stay where they are."), _("Suspended."),
    )  # fmt: skip


@blueprint.route(f"{ONE}/resume", methods=["POST"])
def resume(event_ref: str, tally_ref: str) -> ResponseReturnValue:
    event, tally = open_tally(event_ref, tally_ref)
    require(policy.may_command(current_user, event))
    return press(lambda: services.resume(tally, actor=current_user), url_of(tally), _("The suspension is lifted."))


@blueprint.route(f"{ONE}/retire", methods=["GET", "POST"])
def retire(event_ref: str, tally_ref: str) -> ResponseReturnValue:
    event, tally = open_tally(event_ref, tally_ref)
    require(policy.may_retire(current_user, tally))
    return _with_reason(
        event, tally, services.retire, _("End the tally"),
        _("It lends no authority any more, for good. Halves that are out are still to be given back."), _("Ended."),
    )  # fmt: skip


def _with_reason(
    event: Event, tally: Tally, act: Callable[..., Any], title: str, lead: str, said: str
) -> ResponseReturnValue:
    form = ReasonForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: act(tally, actor=current_user, reason=form.reason.data), then=url_of(tally), said=said
        )
        if answer is not None:
            return answer
    return _form_page(event, tally, form, title, lead, title)


def _form_page(
    event: Event, tally: Tally, form: HufuForm, title: str, lead: str, button: str, *, multipart: bool = False
) -> ResponseReturnValue:
    return render_template(
        "tallies/act.html", event=event, tally=tally, form=form, title=title, lead=lead, button=button,
        multipart=multipart,
    ), form.status  # fmt: skip


@blueprint.route(f"{ONE}/recast", methods=["POST"])
def recast(event_ref: str, tally_ref: str) -> ResponseReturnValue:
    event, tally = open_tally(event_ref, tally_ref)
    require(policy.may_cast(current_user, event))
    return press(
        lambda: services.recast(tally, actor=current_user), url_of, _("Cast anew, under another number."),
        refused=url_of(tally),
    )  # fmt: skip


@blueprint.route(f"{ONE}/certificate.pdf")
def certificate(event_ref: str, tally_ref: str) -> ResponseReturnValue:
    _event, tally = open_tally(event_ref, tally_ref)
    document = queries.find_document(tally) or abort(404)
    return _pdf(keeping.read(document), tally.label)


# --- the halves -----------------------------------------------------------------------------------------------------


@blueprint.route(f"{HALF}/hand-on", methods=["GET", "POST"])
def hand_on(event_ref: str, tally_ref: str, side: str) -> ResponseReturnValue:
    event, tally, half = open_half(event_ref, tally_ref, side)
    require(policy.may_hand_on(current_user, event, half.holder))
    form = HandOnForm(_takers(half), clock.now(), event.time_zone)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.hand_on(
                half, actor=current_user, taker=form.takers.get(form.taker_ref.data), at=form.at.moment(event.time_zone),
                place=form.place.data, condition=form.condition.data, photo=_photo(form),
            ),
            then=url_of(tally),
            said=_("Recorded. It counts when both have confirmed it."),
        )  # fmt: skip
        if answer is not None:
            return answer
    return _form_page(
        event, tally, form, _("Hand on: %(half)s", half=half.side_label),
        _("It is with %(name)s now. The change of hands counts when both parties have confirmed it.", name=half.kept_by),
        _("Record"), multipart=True,
    )  # fmt: skip


def _takers(half: TallyHalf) -> list[Person]:
    """To whom a half may go, besides the office."""
    tally = half.tally
    if not tally.is_live:
        return []
    campaign = tally.campaign
    possible = (campaign.commander, campaign.deputy) if half.side == Side.LEFT else campaigns.list_leaders(tally.event)
    return [each for each in possible if each is not None and each not in (half.holder, half.other.holder)]


@blueprint.route(f"{ONE}/return", methods=["GET", "POST"])
def give_back(event_ref: str, tally_ref: str) -> ResponseReturnValue:
    event, tally = open_tally(event_ref, tally_ref)
    require(policy.may_hand_on(current_user, event, tally.left.holder))
    form = ReturnForm(clock.now(), event.time_zone)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.give_back(
                tally, actor=current_user, condition=form.condition.data, at=form.at.moment(event.time_zone),
                place=form.place.data, photo=_photo(form),
            ),
            then=url_of(tally),
            said=_("Recorded. The tally is returned when both have confirmed it."),
        )  # fmt: skip
        if answer is not None:
            return answer
    return _form_page(
        event, tally, form, _("Give the tally back"),
        _("The left half goes from %(giver)s to %(taker)s. When both have confirmed it, the authority ends.",
          giver=tally.left.kept_by, taker=tally.right.kept_by),
        _("Record the return"), multipart=True,
    )  # fmt: skip


@blueprint.route(f"{HALF}/loss", methods=["GET", "POST"])
def report_loss(event_ref: str, tally_ref: str, side: str) -> ResponseReturnValue:
    event, tally, half = open_half(event_ref, tally_ref, side)
    require(policy.may_hand_on(current_user, event, half.holder))
    form = LossForm(clock.now(), event.time_zone)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.report_loss(
                half,
                actor=current_user,
                reason=form.reason.data,
                at=form.at.moment(event.time_zone),
                place=form.place.data,
            ),
            then=url_of(tally),
            said=_("Told. Both halves are void from now on."),
        )
        if answer is not None:
            return answer
    return _form_page(
        event, tally, form, _("Report a loss: %(half)s", half=half.side_label),
        _("A lost half breaks both: the tally is void at once and for good, and is cast anew under another number."),
        _("Report the loss"),
    )  # fmt: skip


def _photo(form: HandOnForm | ReturnForm) -> StoredFile | None:
    upload = form.file.data
    if not upload:
        return None
    upload.stream.seek(0)
    return custody_services.keep_photo(upload.stream, actor=current_user)
