"""The pages of ceremonies: what took place, with the pledges or the awards of the moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.awards import queries as awards
from app.ceremonies import photographs, policy, queries, services
from app.ceremonies.forms import PLACES, CeremonyForm, PhotographForm, PhotographsForm
from app.ceremonies.models import CEREMONY_KIND_LABELS, Ceremony, CeremonyKind, Photograph
from app.core import clock
from app.core.errors import require
from app.core.forms import press
from app.core.i18n import _, ngettext
from app.documents.markdown import to_html
from app.events.models import Event
from app.events.pages import open_event
from app.files import services as files
from app.pledges import deed
from app.pledges import queries as pledges
from app.pledges.models import Pledge, PledgeState
from app.programme.policy import may_see_internal
from app.provenance import queries as provenance
from app.shows import queries as shows
from app.shows.policy import may_read as may_read_shows
from app.speeches import queries as speeches
from app.tallies import queries as tallies

blueprint = Blueprint("ceremonies", __name__)


def find(event: Event, ceremony_ref: str) -> Ceremony:
    return queries.find_ceremony(event, ceremony_ref) or abort(404)


@blueprint.route("/events/<ref:event_ref>/ceremonies")
def list_ceremonies(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    return render_template(
        "ceremonies/list.html", event=event, ceremonies=queries.list_ceremonies(event), kinds=CEREMONY_KIND_LABELS,
        places=PLACES, notes=provenance.notes_of(event.ref) if event.source_id else {}, note=provenance.note,
        may_record=policy.may_record(current_user, event), may_see_internal=may_see_internal(current_user, event),
        reads_shows=may_read_shows(current_user, event) or bool(shows.list_readable(current_user, event)),
    )  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/ceremonies/new", methods=["GET", "POST"])
def new_ceremony(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_record(current_user, event))
    form = CeremonyForm(event, current_user)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_ceremony(event, actor=current_user, **form.act_values()),
            then=lambda made: url_for("ceremonies.show", event_ref=event.ref, ceremony_ref=made.ref),
            said=_("The ceremony is in the programme."),
        )
        if answer is not None:
            return answer
    return render_template("ceremonies/edit.html", event=event, form=form, ceremony=None), form.status


@dataclass(frozen=True)
class Anniversary:
    """The day that brings the assessment of a pledge, or what has been said of it since."""

    pledge: Pledge
    on: date | None
    is_assessed: bool
    is_due: bool


def anniversaries(event: Event, signed: Sequence[Pledge]) -> list[Anniversary]:
    """Of what came into force here, the next first; what was assessed comes last."""
    today = clock.today(event.time_zone)
    told = []
    for each in signed:
        if each.in_force_at is None or each.state in (PledgeState.SUPERSEDED, PledgeState.VOID):
            continue
        on = deed.assessed_from(each)
        done = each.verdict is not None
        told.append(Anniversary(each, on, done, not done and on is not None and on <= today))
    return sorted(told, key=lambda each: (each.is_assessed, each.on or date.max, each.pledge.label))


@blueprint.route("/events/<ref:event_ref>/ceremonies/<ref:ceremony_ref>")
def show(event_ref: str, ceremony_ref: str) -> ResponseReturnValue:
    """What is remembered of it: what was signed, conferred and said, the pictures, and what it brings in time."""
    event = open_event(event_ref)
    ceremony = find(event, ceremony_ref)
    notes = provenance.notes_of(event.ref) if event.source_id else {}
    signing = ceremony.kind == CeremonyKind.PLEDGE_SIGNING
    signed = pledges.list_visible(current_user, event, round_=ceremony.round) if signing and ceremony.round else []
    said = [each for each in speeches.list_statements(event) if each.session_id == ceremony.session_id]
    spoken = ceremony.session_id is not None and ceremony.kind != CeremonyKind.AWARDING  # with a word or a tally
    return render_template(
        "ceremonies/show.html", event=event, ceremony=ceremony, kinds=CEREMONY_KIND_LABELS, places=PLACES,
        pledges=signed, anniversaries=anniversaries(event, signed),
        awards=awards.list_visible(current_user, event, ceremony=ceremony), account=to_html(ceremony.display_account),
        tallies=tallies.list_visible(current_user, event, ceremony=ceremony),
        statements=said if spoken else [],
        photographs=queries.list_photographs(ceremony),
        may_record=policy.may_record(current_user, event), may_see_internal=may_see_internal(current_user, event),
        note=lambda record, name: provenance.note(notes, record, name),
    )  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/ceremonies/<ref:ceremony_ref>/edit", methods=["GET", "POST"])
def edit_ceremony(event_ref: str, ceremony_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    ceremony = find(event, ceremony_ref)
    require(policy.may_record(current_user, event))
    form = CeremonyForm(event, current_user, ceremony)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.edit_ceremony(
                ceremony, actor=current_user, version=form.opened_version, **form.act_values()
            ),
            then=url_for("ceremonies.show", event_ref=event.ref, ceremony_ref=ceremony.ref),
            said=_("Saved."),
        )
        if answer is not None:
            return answer
    return render_template("ceremonies/edit.html", event=event, form=form, ceremony=ceremony), form.status


# --- photographs --------------------------------------------------------------------------------------------------

PHOTOGRAPHS = "/events/<ref:event_ref>/ceremonies/<ref:ceremony_ref>/photographs"
PHOTOGRAPH = f"{PHOTOGRAPHS}/<ref:photograph_ref>"


def _photograph(event_ref: str, ceremony_ref: str, photograph_ref: str) -> Photograph:
    ceremony = find(open_event(event_ref), ceremony_ref)
    return queries.find_photograph(ceremony, photograph_ref) or abort(404)


def _recorded(event_ref: str, ceremony_ref: str, photograph_ref: str) -> Photograph:
    photograph = _photograph(event_ref, ceremony_ref, photograph_ref)
    require(policy.may_record(current_user, photograph.event))
    return photograph


def page_of(ceremony: Ceremony, endpoint: str = "show") -> str:
    return url_for(f"ceremonies.{endpoint}", event_ref=ceremony.event.ref, ceremony_ref=ceremony.ref)


@blueprint.route(PHOTOGRAPHS, methods=["GET", "POST"])
def edit_photographs(event_ref: str, ceremony_ref: str) -> ResponseReturnValue:
    """Add pictures, say what they show, put them in order."""
    event = open_event(event_ref)
    ceremony = find(event, ceremony_ref)
    require(policy.may_record(current_user, event))
    form = PhotographsForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: [
                photographs.add_photograph(
                    ceremony, each.stream, each.filename or "", actor=current_user,
                    caption=form.caption.data, caption_local=form.caption_local.data,
                )
                for each in form.files.data
            ],
            then=page_of(ceremony, "edit_photographs"),
            said=lambda made: ngettext("The photograph is added.", "%(num)s photographs are added.", len(made)),
        )  # fmt: skip
        if answer is not None:
            return answer
    return render_template(
        "ceremonies/photographs.html", event=event, ceremony=ceremony, form=form,
        photographs=queries.list_photographs(ceremony),
    ), form.status  # fmt: skip


@blueprint.route(PHOTOGRAPH)
def photograph(event_ref: str, ceremony_ref: str, photograph_ref: str) -> ResponseReturnValue:
    """The picture itself, for whoever sees the ceremony."""
    found = _photograph(event_ref, ceremony_ref, photograph_ref)
    response = Response(files.read(found.file), content_type=found.file.media_type)
    response.headers["Content-Disposition"] = "inline"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@blueprint.route(f"{PHOTOGRAPH}/caption", methods=["GET", "POST"])
def edit_photograph(event_ref: str, ceremony_ref: str, photograph_ref: str) -> ResponseReturnValue:
    found = _recorded(event_ref, ceremony_ref, photograph_ref)
    form = PhotographForm(obj=found)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: photographs.edit_photograph(
                found, actor=current_user, version=form.opened_version, **form.values()
            ),
            then=page_of(found.ceremony, "edit_photographs"),
            said=_("Saved."),
        )
        if answer is not None:
            return answer
    return render_template(
        "ceremonies/photograph.html", event=found.event, ceremony=found.ceremony, photograph=found, form=form
    ), form.status


@blueprint.route(f"{PHOTOGRAPH}/earlier", methods=["POST"])
def move_earlier(event_ref: str, ceremony_ref: str, photograph_ref: str) -> ResponseReturnValue:
    return _move(_recorded(event_ref, ceremony_ref, photograph_ref), down=False)


@blueprint.route(f"{PHOTOGRAPH}/later", methods=["POST"])
def move_later(event_ref: str, ceremony_ref: str, photograph_ref: str) -> ResponseReturnValue:
    return _move(_recorded(event_ref, ceremony_ref, photograph_ref), down=True)


def _move(found: Photograph, *, down: bool) -> ResponseReturnValue:
    return press(
        lambda: photographs.move_photograph(found, actor=current_user, down=down),
        page_of(found.ceremony, "edit_photographs"),
    )


@blueprint.route(f"{PHOTOGRAPH}/removal", methods=["POST"])
def remove_photograph(event_ref: str, ceremony_ref: str, photograph_ref: str) -> ResponseReturnValue:
    found = _recorded(event_ref, ceremony_ref, photograph_ref)
    return press(
        lambda: photographs.remove_photograph(found, actor=current_user),
        page_of(found.ceremony, "edit_photographs"),
        _("The photograph is removed."),
    )
